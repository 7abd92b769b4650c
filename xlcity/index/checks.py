"""What keeps a recipe from being computed on a framework and its data, all of it at once."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.errors import FrameworkError, Problem, RecipeError, Where, did_you_mean
from xlcity.functions.arguments import EVERYONE
from xlcity.index.prepare import denominator_of
from xlcity.index.result import read_ingredients, referred_codes
from xlcity.index.weigh import set_problems
from xlcity.methods.construct import REFERENCE, Construction
from xlcity.methods.normalise.zscore import OWN
from xlcity.methods.registry import STEPS, method_of
from xlcity.methods.weight import Weighting
from xlcity.model.dataset import Dataset
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node
from xlcity.model.recipe import Recipe, Step
from xlcity.model.recipe_toml import code_problems


def refuse_unusable(framework: Framework, recipe: Recipe, dataset: Dataset | None = None) -> None:
    """Raise what a computation could not cope with.

    Raises
    ------
    FrameworkError
        If the recipe takes weights as shares and a group does not sum to 1, or a group's relative
        weights are all 0.
    RecipeError
        If the recipe names codes that are not nodes, leaves an indicator or node without a step,
        has steps out of order, or constructs an indicator from what is not there.
    """
    weights = list(framework.share_problems()) if recipe.weights == "shares" else []
    for node in framework.composites:
        if not any(child.weight for child in framework.children(node.code)):
            where = Where(file=framework.file, indicator=node.code)
            message = f"all weights under {node.code} are 0."
            weights.append(Problem("XC211", message, "Give at least one child a weight.", where))
    if weights:
        raise FrameworkError(weights)
    problems = [
        *code_problems(recipe, framework),
        *_order_problems(recipe),
        *_pool_problems(recipe),
        *_uncovered_nodes(framework, recipe),
    ]
    if not problems:
        problems = list(_construct_problems(framework, recipe))
        if dataset is not None:
            problems += step_problems(framework, recipe, dataset)
    if problems:
        raise RecipeError(problems)


def _uncovered_nodes(framework: Framework, recipe: Recipe) -> Iterator[Problem]:
    """Yield indicators without a step to normalise them, and nodes without one to aggregate."""
    for do, nodes in (("normalise", framework.indicators), ("aggregate", framework.composites)):
        for node in nodes:
            if recipe.step_for(do, node.code) is None:
                message = f"the recipe has no step {do} for {node.code}."
                where = Where(indicator=node.code)
                yield Problem("XC256", message, "Add a step.", where)


def _order_problems(recipe: Recipe) -> Iterator[Problem]:
    """Yield steps that come after a step which they must precede."""
    latest = ""
    for number, step in enumerate(recipe.steps, start=1):
        if latest and STEPS.index(step.do) < STEPS.index(latest):
            message = f"step {number} ({step.do}) must come before the step {latest}."
            yield Problem("XC260", message, f"The order is {', '.join(STEPS)}.")
        else:
            latest = step.do


def _pool_problems(recipe: Recipe) -> Iterator[Problem]:
    """Yield steps whose parameter `pool` names neither a group of the recipe nor a known word."""
    pools = (OWN, EVERYONE, *recipe.populations)
    for number, step in enumerate(recipe.steps, start=1):
        pool = step.get("pool", OWN)
        if pool not in pools:
            message = f"step {number} ({step.do}) has an unknown pool {pool!r}."
            yield Problem("XC253", message, did_you_mean(str(pool), pools))


def _construct_problems(framework: Framework, recipe: Recipe) -> Iterator[Problem]:
    """Yield construct steps that name no indicator, or one that they cannot make."""
    for number, step in enumerate(recipe.steps, start=1):
        if step.do != "construct":
            continue
        if not step.codes:
            message = f"step {number} (construct) names no indicator."
            yield Problem("XC261", message, "Write codes = [...].")
        for code in step.codes:
            for message in _construction_faults(framework, recipe, step, code):
                where = Where(file=framework.file, indicator=code)
                yield Problem(
                    "XC261",
                    f"step {number} ({step.method}) cannot construct {code}: {message}.",
                    "Correct the step or the table of ingredients.",
                    where,
                )


def _construction_faults(
    framework: Framework, recipe: Recipe, step: Step, code: str
) -> Iterator[str]:
    """Yield in words why a step cannot make the indicator `code`, also for a circle."""
    if not framework.is_indicator(code):
        yield "it is not an indicator"
        return
    own_codes = [ingredient.code for ingredient in framework.ingredients_of(code)]
    for ingredient in read_ingredients(code, framework, step):
        if ingredient not in framework.inputs:
            yield f"unknown ingredient {ingredient}"
    yield from method_of(Construction, step.method).check_ingredients(
        step.settings(), len(own_codes)
    )
    for other in referred_codes(step, framework):
        if other not in framework or not framework.is_indicator(other):
            yield f"{REFERENCE}{other} is not an indicator"
        elif code in _reached_codes(framework, recipe, other, frozenset()):
            yield f"it is made from {other}, which is made from it"


def _reached_codes(
    framework: Framework, recipe: Recipe, code: str, seen: frozenset[str]
) -> frozenset[str]:
    """Return an indicator and all that it is made from.

    Parameters
    ----------
    seen
        Codes that were reached on the way, where a circle would end.
    """
    step = recipe.step_for("construct", code)
    reached = seen | {code}
    for other in referred_codes(step, framework) if step is not None else ():
        if other not in reached:
            reached |= _reached_codes(framework, recipe, other, reached)
    return reached


def step_problems(framework: Framework, recipe: Recipe, dataset: Dataset) -> Iterator[Problem]:
    """Yield the steps that cannot be taken, for parameters or nodes that do not fit."""
    for number, step in enumerate(recipe.steps, start=1):
        faults = [*_parameter_faults(step), *_unknown_units(step, dataset)]
        nodes = [
            node
            for node in (framework.composites if step.do == "weight" else framework.indicators)
            if recipe.step_for(step.do, node.code) is step
        ]
        for node in nodes:
            faults += [f"{node.code}: {text}" for text in _node_faults(framework, step, node)]
        if step.do == "weight":
            wrong = [code for code in step.codes if framework.is_indicator(code)]
            faults += [f"{code} is an indicator and weighs nothing" for code in wrong]
            if isinstance(step.record, Weighting) and step.record.named:
                for node in nodes:
                    faults += set_problems(framework, recipe, step, node.code)
        for text in dict.fromkeys(faults):
            yield Problem(
                "XC262",
                f"step {number} ({step.do} {step.method}): {text}.",
                "Correct the recipe.",
                Where(file=framework.file),
            )


def _parameter_faults(step: Step) -> Iterator[str]:
    """Yield in words what is wrong with parameters of a step, whatever the framework."""
    settings = step.settings()
    for parameter in step.record.parameters:
        if parameter.above is not None:
            value = settings.optional(parameter.name)
            if value is not None and value <= parameter.above:
                yield f"{parameter.name} is {value:g}"
    if not step.record.reads_framework:
        yield from step.record.check(settings)


def _unknown_units(step: Step, dataset: Dataset) -> Iterator[str]:
    """Yield in words each city that a step names and the data do not have."""
    unit_ids = {unit.id for unit in dataset.units}
    named: list[object] = [step.get("unit")] if step.do == "normalise" else []
    for name in ("keep", "drop"):
        given = step.get(name)
        named += list(given) if step.do == "screen" and isinstance(given, tuple) else []
    for unit in named:
        if unit is not None and unit not in unit_ids:
            yield f"unknown city {unit!r}"


def _node_faults(framework: Framework, step: Step, node: Node) -> Iterator[str]:
    """Yield in words why a step cannot be taken for one node."""
    settings = step.settings(node)
    if step.do == "denominate":
        name = denominator_of(step, node)
        if step.codes and not name and step.record.names:
            yield "it has no denominator"
        if name and name not in framework.inputs:
            yield f"unknown denominator {name}"
    if step.record.reads_framework:
        yield from step.record.check(settings)
    if isinstance(step.record, Weighting):
        yield from step.record.check_children(settings, len(framework.children(node.code)))
