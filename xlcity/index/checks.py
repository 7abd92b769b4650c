"""What keeps a recipe from being computed on a framework and its data, all of it at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from xlcity.errors import (
    DataError,
    FrameworkError,
    Problem,
    RecipeError,
    Where,
    did_you_mean,
    first_of,
)
from xlcity.functions.arguments import EVERYONE
from xlcity.index.prepare import denominator_of
from xlcity.index.rating import rating_problems
from xlcity.index.result import Bounds, ingredient_codes, referred_codes
from xlcity.index.steps import weight_set_faults
from xlcity.messages import Message
from xlcity.methods.aggregate.record import Aggregation
from xlcity.methods.construct.record import REFERENCE, Construction
from xlcity.methods.normalise.record import OWN, Normalisation
from xlcity.methods.registry import STEPS, find_method
from xlcity.methods.weight.record import Weighting
from xlcity.model.dataset import Dataset, FloatArray
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node, name_notes
from xlcity.model.reading.values import Notes
from xlcity.model.recipe import Recipe, Step
from xlcity.model.recipe_toml import code_problems


def refuse_unusable(
    framework: Framework, recipe: Recipe, dataset: Dataset | None = None
) -> None:
    """Refuse what a computation could not cope with.

    Without a dataset, parameters that depend on the data are not checked.

    Raises
    ------
    FrameworkError
        If the recipe takes weights as shares and a group does not sum to 1, or a group's relative
        weights are all 0.
    RecipeError
        If the recipe names codes that are not nodes, leaves an indicator or node without a step,
        has steps out of order, or constructs an indicator from missing inputs.
    """
    weight_problems = (
        list(framework.share_problems()) if recipe.weights == "shares" else []
    )
    for node in framework.composites:
        if not any(child.weight for child in framework.children(node.code)):
            where = Where(file=framework.file, indicator=node.code)
            weight_problems.append(
                Problem.of("XC211.all_weights_zero", where, node=node.code)
            )
    FrameworkError.raise_for(weight_problems)
    problems = [
        *code_problems(recipe, framework),
        *_order_problems(recipe),
        *_pool_problems(recipe),
        *uncovered_nodes(framework, recipe),
    ]
    if not problems:
        problems = [
            *_construct_problems(framework, recipe),
            *rating_problems(framework, recipe),
        ]
        if dataset is not None:
            problems += step_problems(framework, recipe, dataset)
    RecipeError.raise_for(problems)


def uncovered_nodes(framework: Framework, recipe: Recipe) -> Iterator[Problem]:
    """Yield indicators without a step to normalise them, and nodes without one to aggregate."""
    for do, nodes in (
        ("normalise", framework.indicators),
        ("aggregate", framework.composites),
    ):
        for node in nodes:
            if recipe.step_for(do, node.code) is None:
                where = Where(indicator=node.code)
                yield Problem.of("XC256.no_step", where, do=do, node=node.code)


def _order_problems(recipe: Recipe) -> Iterator[Problem]:
    """Yield steps that come after a step which they must precede."""
    latest = ""
    for number, step in enumerate(recipe.steps, start=1):
        if latest and STEPS.index(step.do) < STEPS.index(latest):
            yield Problem.of(
                "XC260.before", number=number, step=step.do, latest=latest, order=STEPS
            )
        else:
            latest = step.do


def _pool_problems(recipe: Recipe) -> Iterator[Problem]:
    """Yield steps whose parameter `pool` is unknown.

    It says by which cities' statistics a group is normalised: its own, those of all, or those of
    another group by name.
    """
    pools = (OWN, EVERYONE, *recipe.populations)
    for number, step in enumerate(recipe.steps, start=1):
        pool = step.get("pool", OWN)
        if pool not in pools:
            hint = did_you_mean(str(pool), pools)
            yield Problem.of(
                "XC253.pool", hint=hint, number=number, step=step.do, pool=pool
            )


def _construct_problems(framework: Framework, recipe: Recipe) -> Iterator[Problem]:
    """Yield construct steps that name no indicator, or one that they cannot make."""
    for number, step in enumerate(recipe.steps, start=1):
        if step.do != "construct":
            continue
        if not step.codes:
            yield Problem.of("XC261.no_indicator", number=number)
        for code in step.codes:
            for fault in _construction_faults(framework, recipe, step, code):
                yield Problem.of(
                    "XC261.fault",
                    Where(file=framework.file, indicator=code),
                    number=number,
                    method=step.method,
                    code=code,
                    fault=fault,
                )


def _construction_faults(
    framework: Framework, recipe: Recipe, step: Step, code: str
) -> Iterator[str]:
    """Yield in words why a step cannot construct the indicator `code`.

    It may lack inputs, or be constructed from an indicator that is constructed from it.
    """
    if not framework.is_indicator(code):
        yield Message("fault.no_indicator")
        return
    own_codes = [ingredient.code for ingredient in framework.ingredients_of(code)]
    for ingredient in ingredient_codes(code, framework, step):
        if ingredient not in framework.inputs:
            yield Message("fault.unknown_ingredient", ingredient=ingredient)
    yield from find_method(Construction, step.method).check_ingredients(
        step.settings(), len(own_codes)
    )
    for referred in referred_codes(step, framework):
        if referred not in framework or not framework.is_indicator(referred):
            named = f"{REFERENCE}{referred}"
            yield Message("fault.reference_not_indicator", code=named)
        elif code in _reached_codes(framework, recipe, referred, frozenset()):
            yield Message("fault.made_from_each_other", code=referred)


def _reached_codes(
    framework: Framework, recipe: Recipe, code: str, visited: frozenset[str]
) -> frozenset[str]:
    """Return an indicator and all indicators that it is constructed from, directly or not.

    Parameters
    ----------
    visited
        Codes that were reached already; they are part of the answer and not followed again.
    """
    step = recipe.step_for("construct", code)
    reached = visited | {code}
    for referred in referred_codes(step, framework) if step is not None else ():
        if referred not in reached:
            reached |= _reached_codes(framework, recipe, referred, reached)
    return reached


def step_problems(
    framework: Framework, recipe: Recipe, dataset: Dataset
) -> Iterator[Problem]:
    """Yield a problem for each fault of a recipe's steps.

    Parameters out of range, cities that the data do not have, nodes that a step does not fit.
    """
    for number, step in enumerate(recipe.steps, start=1):
        faults = [*_parameter_faults(step), *_unknown_units(step, dataset)]
        predictor = str(step.get("predictor") or "")
        if predictor and not (
            predictor in framework and framework.is_indicator(predictor)
        ):
            faults.append(Message("fault.predictor", predictor=predictor))
        nodes = _nodes_of(framework, recipe, step)
        for node in nodes:
            faults += [
                Message("fault.of_node", code=node.code, fault=fault)
                for fault in _node_faults(framework, step, node)
            ]
        if step.do == "weight":
            faults += _weight_faults(framework, recipe, step, nodes)
        for fault in dict.fromkeys(faults):
            yield Problem.of(
                "XC262.fault",
                Where(file=framework.file),
                number=number,
                step=step.do,
                method=step.method,
                fault=fault,
            )


def _nodes_of(framework: Framework, recipe: Recipe, step: Step) -> list[Node]:
    """Return the nodes that a step acts on: those that it weighs, else indicators."""
    nodes = framework.composites if step.do == "weight" else framework.indicators
    return [node for node in nodes if recipe.step_for(step.do, node.code) is step]


def _weight_faults(
    framework: Framework, recipe: Recipe, step: Step, nodes: Sequence[Node]
) -> Iterator[str]:
    """Yield what is wrong with a step that weighs the children of some nodes."""
    indicators = [code for code in step.codes if framework.is_indicator(code)]
    for code in indicators:
        yield Message("fault.indicator_weighs", code=code)
    if not isinstance(step.record, Weighting) or not step.record.named:
        return
    for node in nodes:
        yield from weight_set_faults(framework, recipe, step, node.code)


def _parameter_faults(step: Step) -> Iterator[str]:
    """Yield in words what is wrong with parameters of a step, whatever the framework."""
    settings = step.settings()
    for parameter in step.record.parameters:
        if parameter.above is not None:
            value = settings.optional(parameter.name)
            if value is not None and value <= parameter.above:
                yield Message("fault.value", name=parameter.name, value=value)
    if not step.record.reads_framework:
        yield from step.record.check(settings)


def _unknown_units(step: Step, dataset: Dataset) -> Iterator[str]:
    """Yield in words each city that a step names and the data do not have."""
    named_units: list[object] = [step.get("unit")] if step.do == "normalise" else []
    for name in ("keep", "drop") if step.do == "screen" else ():
        listed_units = step.get(name)
        named_units += listed_units if isinstance(listed_units, tuple) else ()
    for unit in named_units:
        if unit is not None and unit not in dataset.rows:
            yield Message("fault.unknown_city", unit=unit)


def _node_faults(framework: Framework, step: Step, node: Node) -> Iterator[str]:
    """Yield in words why a step of a recipe does not fit one of its nodes or indicators."""
    settings = step.settings(node)
    if step.do == "denominate":
        name = denominator_of(step, node)
        if step.codes and not name and step.record.names:
            yield Message("fault.no_denominator")
        if name and name not in framework.inputs:
            yield Message("fault.unknown_denominator", name=name)
    if step.record.reads_framework:
        yield from step.record.check(settings)
    if isinstance(step.record, Weighting):
        yield from step.record.check_children(
            settings, len(framework.children(node.code))
        )


# -- what was probably not meant so: it is computed, and noted -------------------------------------
#: How many times as wide as the smallest the widest scale of siblings may be.
MOST_SCALE_RATIO = 10


def add_unused_variables(
    framework: Framework, recipe: Recipe, datasets: Sequence[Dataset], notes: Notes
) -> Notes:
    """Return a reader's notes with the variables added that were read but divide nothing.

    A variable is a column that indicators are divided by. `datasets` are the editions that were
    read, or the one there is; `notes` lists columns that are not used, and why.

    Raises
    ------
    DataError
        If indicators with values are divided by something that has none.
    """
    indicators_by_denominator = _indicators_by_denominator(framework, recipe)
    problems = []
    for code, indicators in indicators_by_denominator.items():
        if code not in framework.inputs or _has_values(datasets, code):
            continue
        if any(_has_values(datasets, indicator) for indicator in indicators):
            problems.append(
                Problem.of(
                    "XC333.no_values",
                    Where(indicator=code),
                    indicators=first_of(indicators),
                    number=len(indicators),
                    code=code,
                )
            )
    DataError.raise_for(problems)
    listed = {heading for heading, _ in notes.unused} | indicators_by_denominator.keys()
    unlisted = [
        (variable.code, Message("unused.not_divided_by"))
        for variable in framework.variables
        if variable.code not in listed and _has_values(datasets, variable.code)
    ]
    return replace(notes, unused=(*notes.unused, *unlisted))


def _indicators_by_denominator(
    framework: Framework, recipe: Recipe
) -> dict[str, list[str]]:
    """Return the code of each column that indicators are divided by -> their codes."""
    indicators: dict[str, list[str]] = {}
    for node in framework.indicators:
        step = recipe.step_for("denominate", node.code)
        if denominator := denominator_of(step, node):
            indicators.setdefault(denominator, []).append(node.code)
    return indicators


def note_methods(
    framework: Framework,
    recipe: Recipe,
    bounds: tuple[Bounds, ...],
    scores: dict[str, FloatArray],
) -> Iterator[Problem]:
    """Yield what looks like a slip in a method; it is computed as it stands.

    Parameters
    ----------
    framework, recipe
        What was computed, and how.
    bounds
        Extremes of every indicator before it was normalised.
    scores
        Indicator -> its normalised values, NaN where it has none.
    """
    yield from _note_directions(framework)
    for step in recipe.steps:
        yield from _note_limits(step)
    for extremes in bounds:
        normalising = recipe.required_step("normalise", extremes.code)
        settings = normalising.settings(framework[extremes.code])
        advice = find_method(Normalisation, normalising.method).advice
        yield from advice(extremes, scores[extremes.code], settings)
    yield from _note_scales(framework, recipe, scores)


def note_odd_names(framework: Framework, dataset: Dataset) -> Iterator[Problem]:
    """Yield names of nodes and cities with characters that are invisible or look like others."""
    for node in (*framework.nodes, *framework.variables):
        where = Where(framework.file, indicator=node.code)
        yield from name_notes(where, node.name_zh, node.name_en)
    if dataset.has_odd_names:
        for unit in dataset.units:
            yield from name_notes(
                Where(unit=unit.id), unit.id, unit.name_zh, unit.name_en
            )


def _note_scales(
    framework: Framework, recipe: Recipe, scores: dict[str, FloatArray]
) -> Iterator[Problem]:
    """Yield nodes of which one indicator is scored out of 1 and another out of 100, say.

    Parameters
    ----------
    scores
        Indicator -> its normalised values.
    """
    for node in framework.composites:
        step = recipe.required_step("aggregate", node.code)
        if find_method(Aggregation, step.method).scale_free:
            continue
        widths = _score_widths(framework, recipe, node, scores)
        widest = max(widths, key=lambda code: widths[code][1], default="")
        narrow = [
            code
            for code in widths
            if widths[code][1] * MOST_SCALE_RATIO < widths[widest][1]
        ]
        if narrow:
            method, width = widths[narrow[0]]
            widest_method, greatest_width = widths[widest]
            yield Problem.of(
                "XC358.narrow",
                Where(indicator=node.code),
                narrow=first_of(narrow),
                node=node.code,
                method=method,
                width=width,
                widest=widest,
                widest_method=widest_method,
                greatest_width=greatest_width,
            )


def _score_widths(
    framework: Framework, recipe: Recipe, node: Node, scores: Mapping[str, FloatArray]
) -> dict[str, tuple[str, float]]:
    """Return child of a node -> the method that normalises it, and the width of its scores.

    Children that are not normalised, or have no width, are left out.
    """
    widths = {}
    for child in framework.children(node.code):
        step = recipe.step_for("normalise", child.code)
        if child.code not in scores or step is None or step.is_idle:
            continue
        width = _score_width(step, child, scores[child.code])
        if width:
            widths[child.code] = step.method, width
    return widths


def _score_width(step: Step, node: Node, scores: FloatArray) -> float:
    """Return the width of an indicator's scores; 0 if all are equal.

    A method with the parameter `scale` says it; of others it is the range of the scores.

    Parameters
    ----------
    step
        The step that normalises it.
    scores
        (units,) its scores.
    """
    settings = step.settings(node)
    names = settings.method.names
    if "scale" in names:
        return settings.number("scale") - (
            settings.number("base") if "base" in names else 0.0
        )
    numbers = scores[np.isfinite(scores)]
    return float(np.ptp(numbers)) if numbers.size else 0.0


def _note_directions(framework: Framework) -> Iterator[Problem]:
    """Yield a note on indicators whose direction the framework does not state, if there are any."""
    if framework.undirected:
        size = len(framework.undirected)
        total = len(framework.indicators)
        yield Problem.of(
            "XC216.no_direction",
            Where(file=framework.file),
            size=size,
            total=total,
            undirected=first_of(framework.undirected),
        )


def _note_limits(step: Step) -> Iterator[Problem]:
    """Yield notes on parameters of a step: fractions given as per cent, and the reverse."""
    for parameter in step.record.parameters:
        value = step.get(parameter.name)
        limits = parameter.limits
        if limits is None or not isinstance(value, (int, float)):
            continue
        name = f"{step.do} {step.method}: {parameter.name}"
        highest = limits[1]
        if highest == 100 and 0 < value <= 1:
            yield Problem.of(
                "XC358.fraction", name=name, value=value, percent=value * 100
            )
        elif highest == 1 and value > 1:
            yield Problem.of("XC358.percent", name=name, value=value, share=value / 100)


def _has_values(datasets: Sequence[Dataset], code: str) -> bool:
    """Tell whether a code has a value, an item or a link in any of the datasets."""
    return any(
        code in dataset.items
        or code in dataset.links
        or (
            code in dataset.codes
            and not np.isnan(dataset.values[:, dataset.column(code)]).all()
        )
        for dataset in datasets
    )
