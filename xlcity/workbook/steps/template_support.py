"""Whether native cells can show a recipe at all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from xlcity.errors import Problem, RecipeError, Where, collecting
from xlcity.index.checks import uncovered_nodes
from xlcity.index.compute import rank_settings
from xlcity.methods.impute_raw.record import RawImputation
from xlcity.methods.normalise.record import POOL
from xlcity.methods.record import Parameter
from xlcity.methods.registry import find_method
from xlcity.methods.rescale.record import Rescaling
from xlcity.model.recipe import Step, is_by_links, link_step
from xlcity.workbook.layout import Layout
from xlcity.workbook.methods_in_cells import aggregation_of, native_mean
from xlcity.workbook.preparations import by_function, is_model
from xlcity.workbook.spec import NATIVE, TemplateSpec
from xlcity.workbook.steps.means import check_mean, threshold_of
from xlcity.workbook.steps.method_table import check_parameters, methods_of
from xlcity.workbook.steps.native_support import no_native_problem
from xlcity.workbook.steps.normalising import Normalising
from xlcity.workbook.steps.weigh import weighing_problems, weighted_nodes
from xlcity.workbook.wildcards import wildcard_problem

#: Parameters of steps on links for which a template has one rule.
_OF_ALL_LINKS = ("domestic", "group")


def check_supported(spec: TemplateSpec) -> None:
    """Refuse a specification that native cells cannot show, naming everything at once.

    Raises
    ------
    RecipeError
        With every indicator and node that has no native form, steps that disagree on a parameter
        that has one cell, and a mixture of families.
    """
    RecipeError.raise_for(uncovered_nodes(spec.framework, spec.recipe))
    problems = [
        *_steps(spec),
        *_differing(spec),
        *_without_cells(spec),
        *_not_looked_up(spec),
    ]
    problems += [
        *_pairs(spec),
        *weighing_problems(spec),
        *(_apart(spec) if spec.apart else ()),
    ]
    RecipeError.raise_for(problems)


def _not_looked_up(spec: TemplateSpec) -> Iterator[Problem]:
    """Yield ids of cities and codes by which cells would find others."""
    looked_up = [("id", unit.id, Where(unit=unit.id)) for unit in spec.dataset.units]
    codes = [node.code for node in spec.framework.nodes]
    codes += [ingredient.code for ingredient in spec.framework.ingredients]
    looked_up += [("code", code, Where(indicator=code)) for code in codes]
    problems = (wildcard_problem(*text) for text in looked_up)
    yield from (problem for problem in problems if problem)


def _without_cells(spec: TemplateSpec) -> Iterator[Problem]:
    """Yield steps that no cells show, or show for all indicators alone."""
    root = spec.framework.root.code
    if spec.means_of_scaled and (
        not aggregation_of(spec, root).adds_up or threshold_of(spec, root)
    ):
        yield no_native_problem(
            "templates support the mean of scaled nodes only as an arithmetic mean.",
            'Set children = "scores" in the step that aggregates the root: that is the same mean.',
            root,
        )
    rescale = spec.recipe.steps_doing("rescale") if spec.apart else ()
    without = [
        s for s in rescale if not find_method(Rescaling, s.method).native.in_groups
    ]
    models = (step for step in spec.recipe.steps if is_model(step))
    without += [s for s in models if not find_method(RawImputation, s.method).function]
    refused = [f"{step.do} by {step.method!r}" for step in without]
    ties = (step.get("ties") for step in spec.recipe.steps_doing("rank"))
    refused += [f"rank with ties {rule!r}" for rule in ties if rule in ("max", "dense")]
    for what in refused:
        hint = "Remove the step. `xlcity index` computes it."
        yield no_native_problem(f"templates cannot {what} yet.", hint)
    for code, do in _done_by_functions(spec) if spec.cells == NATIVE else ():
        message = f"templates can {do} {code} only with functions."
        yield no_native_problem(message, "Use --cells both.", code)
    if spec.rescales and spec.direct_nodes:
        names = ", ".join(spec.direct_nodes)
        message = (
            f"{names}: nodes that are rescaled cannot be given a value in a template."
        )
        yield no_native_problem(message, "Give the values of their indicators.")
    imputing = [
        spec.recipe.step_for("impute_scores", n.code) for n in spec.framework.indicators
    ]
    levels = {
        None if step is None or step.is_idle else str(step.get("level", "parent"))
        for step in imputing
    }
    if len(levels) > 1:
        message = "templates impute either all indicators by one method, or none."
        hint = (
            "Remove the codes of the step. `xlcity index` can impute single indicators."
        )
        yield no_native_problem(message, hint)


def needs_functions(spec: TemplateSpec) -> bool:
    """Tell whether the method has steps that only functions of the library can do."""
    by_functions = (
        native_mean(spec, node.code).by_function for node in spec.framework.composites
    )
    return (
        bool(weighted_nodes(spec)) or any(by_functions) or any(_done_by_functions(spec))
    )


def _done_by_functions(spec: TemplateSpec) -> Iterator[tuple[str, str]]:
    """Yield indicators with the steps up to normalising that only functions can do."""
    yield from ((code, "normalise") for code in Layout(spec).scored_by_own)
    for node in spec.framework.indicators:
        yield from (
            (node.code, do) for do in spec.preparing if by_function(spec, do, node.code)
        )


def _steps(spec: TemplateSpec) -> list[Problem]:
    """Return what no cell can show, node by node: indicators first, then composites."""
    layout = Layout(spec)
    problems = list[Problem]()
    checks = ((check_parameters, layout.indicators), (check_mean, layout.composites))
    for check, codes in checks:
        for code in codes:
            with collecting(problems, RecipeError):
                check(spec, code)
    return problems


def _apart(spec: TemplateSpec) -> Iterator[Problem]:
    """Yield what cells cannot show of populations that are scored apart."""
    framework = spec.framework
    steps = spec.recipe.steps_doing("normalise")
    again = any(step.get("again") == "yes" for step in steps)
    pools = {step.text(POOL.name) for step in steps if POOL.name in step.record.names}
    mixed = any(Layout(spec).is_mixed(node.code) for node in framework.composites)
    rules = {
        "of the preparing steps, only denominate is supported": {*spec.preparing}
        <= {"denominate"},
        "normalising by ranks is not supported": not any(
            method.native.counts_places for method in methods_of(spec)
        ),
        "normalising by a function of your own is not supported": not Layout(
            spec
        ).scored_by_own,
        "bounds by rule are not supported": not any(
            s.settings().rule(n)
            for s in steps
            for n in ("low", "high")
            if n in s.params
        ),
        "the parameter bounds is not supported": not any(
            s.get("bounds") for s in steps
        ),
        "neither imputing scores nor a second standardisation is supported": not spec.imputes
        and not again,
        "a step rescale is required": spec.rescales,
        "a node must have either indicators or nodes below it, not both": not mixed,
        "all indicators must use the same pool": len(pools) < 2,
    }
    hint = "Change the recipe, or use one group. `xlcity index` supports any recipe."
    for rule, is_followed in rules.items():
        if not is_followed:
            yield no_native_problem(f"templates with several groups: {rule}.", hint)


def _has_one_cell(step: Step, parameter: Parameter) -> bool:
    """Tell whether a template has one cell or rule for a parameter of all steps."""
    by_links = step.do == "pairs" or is_by_links(step)
    # Without groups of cities all links count.
    matters = by_links and step.get("group") is not None
    return parameter.is_shared or (matters and parameter.name in _OF_ALL_LINKS)


def _differing(spec: TemplateSpec) -> Iterator[Problem]:
    """Yield parameters that steps differ in, where a template has one cell or rule for them."""
    values_of_cell: dict[tuple[str, str], set[object]] = {}
    for step in spec.recipe.steps:
        for parameter in filter(partial(_has_one_cell, step), step.record.parameters):
            key = parameter.defined_name, parameter.name
            value = step.settings().value(parameter.name)
            values_of_cell.setdefault(key, set()).add(value)
    for (_, name), values in values_of_cell.items():
        if len(values - {None}) > 1:
            message = f"the steps have different values of {name}."
            hint = "A template has one cell for this parameter. Use one value."
            yield Problem("XC257", message, hint)
    ranked = [
        rank_settings(spec.recipe, node.code) for node in spec.framework.composites
    ]
    for name in ("digits", "round_to", "ties"):
        if len({settings.value(name) for settings in ranked}) > 1:
            message = f"nodes are ranked by different values of {name}."
            hint = "A template has one rule for ranks. Let one step rank all nodes."
            yield Problem("XC257", message, hint)


def _pairs(spec: TemplateSpec) -> Iterator[Problem]:
    """Yield what keeps pairs of cities from being scored in cells."""
    if not spec.recipe.steps_doing("pairs"):
        return
    framework = spec.framework
    recipe = spec.recipe
    steps = {
        Normalising(Layout(spec), node.code).key() for node in framework.indicators
    }
    by_bounds = all(method.native.by_bounds for method in methods_of(spec))
    if not by_bounds or len(steps) > 1 or spec.rescales:
        message = "templates score pairs of cities by bounds only, without rescaling."
        yield no_native_problem(message, "`xlcity index` scores pairs by any method.")
    for node in framework.nodes:
        linked = link_step(recipe, node.code) and recipe.step_for("pairs", node.code)
        reason = "has children of two kinds" if Layout(spec).is_mixed(node.code) else ""
        if framework.is_indicator(node.code) and not linked:
            reason = "does not use links"
        if reason:
            message = f"pairs cannot be scored in cells: {node.code} {reason}."
            yield no_native_problem(message, "Remove the step pairs.", node.code)
