"""Whether native cells can show a recipe at all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from xlcity.errors import Problem, RecipeError, Where, collecting
from xlcity.index.checks import uncovered_nodes
from xlcity.index.compute import rank_settings
from xlcity.messages import Message
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
    looked_up = [
        ("wildcard.id", unit.id, Where(unit=unit.id)) for unit in spec.dataset.units
    ]
    codes = [node.code for node in spec.framework.nodes]
    codes += [ingredient.code for ingredient in spec.framework.ingredients]
    looked_up += [("wildcard.code", code, Where(indicator=code)) for code in codes]
    problems = (wildcard_problem(*text) for text in looked_up)
    yield from (problem for problem in problems if problem)


def _without_cells(spec: TemplateSpec) -> Iterator[Problem]:
    """Yield steps that no cells show, or show for all indicators alone."""
    root = spec.framework.root.code
    has_plain_mean = aggregation_of(spec, root).adds_up and not threshold_of(spec, root)
    if spec.means_of_scaled and not has_plain_mean:
        yield no_native_problem(
            Message("XC259.mean_of_scaled"),
            Message("XC259.mean_of_scaled.hint"),
            root,
        )
    for what in _refused_steps(spec):
        hint = Message("hint.remove_step")
        yield no_native_problem(Message("XC259.cannot", what=what), hint)
    for code, do in _done_by_functions(spec) if spec.cells == NATIVE else ():
        message = Message("XC259.only_functions", do=do, code=code)
        yield no_native_problem(message, Message("hint.cells_both"), code)
    if spec.rescales and spec.direct_nodes:
        names = ", ".join(spec.direct_nodes)
        message = Message("XC259.rescaled_values", names=names)
        yield no_native_problem(message, Message("hint.values_of_indicators"))
    levels = {_imputing_level(spec, node.code) for node in spec.framework.indicators}
    if len(levels) > 1:
        message = Message("XC259.impute_all_or_none")
        hint = Message("hint.remove_codes")
        yield no_native_problem(message, hint)


def _refused_steps(spec: TemplateSpec) -> Iterator[Message]:
    """Yield the steps that cells cannot show: rescaling, models, ranks with ties."""
    if spec.apart:
        for step in spec.recipe.steps_doing("rescale"):
            if not find_method(Rescaling, step.method).native.in_groups:
                yield Message("step.by_method", step=step.do, method=step.method)
    for step in spec.recipe.steps:
        if is_model(step) and not find_method(RawImputation, step.method).function:
            yield Message("step.by_method", step=step.do, method=step.method)
    for step in spec.recipe.steps_doing("rank"):
        rule = step.get("ties")
        if rule in ("max", "dense"):
            yield Message("step.rank_with_ties", rule=rule)


def _imputing_level(spec: TemplateSpec, code: str) -> str | None:
    """Return the level whose scores fill gaps of an indicator; None where nothing does."""
    step = spec.recipe.step_for("impute_scores", code)
    if step is None or step.is_idle:
        return None
    return str(step.get("level", "parent"))


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


def _has_bound_by_rule(step: Step) -> bool:
    """Tell whether a bound of a normalisation follows from a rule."""
    bounds = [name for name in ("low", "high") if name in step.params]
    return any(step.settings().rule(name) for name in bounds)


def _apart(spec: TemplateSpec) -> Iterator[Problem]:
    """Yield what cells cannot show of populations that are scored apart."""
    framework = spec.framework
    steps = spec.recipe.steps_doing("normalise")
    again = any(step.get("again") == "yes" for step in steps)
    pooled = (step for step in steps if POOL.name in step.record.names)
    pools = {step.text(POOL.name) for step in pooled}
    mixed = any(Layout(spec).is_mixed(node.code) for node in framework.composites)
    rules = {
        "groups.denominate_only": {*spec.preparing} <= {"denominate"},
        "groups.no_ranks": not any(
            method.native.counts_places for method in methods_of(spec)
        ),
        "groups.no_own_function": not Layout(spec).scored_by_own,
        "groups.no_bounds_by_rule": not any(map(_has_bound_by_rule, steps)),
        "groups.no_bounds": not any(s.get("bounds") for s in steps),
        "groups.standardised_once": not spec.imputes and not again,
        "groups.rescaled": spec.rescales,
        "groups.children_of_one_kind": not mixed,
        "groups.one_pool": len(pools) < 2,
    }
    hint = Message("hint.one_group")
    for rule, is_followed in rules.items():
        if not is_followed:
            message = Message("XC259.several_groups", rule=Message(rule))
            yield no_native_problem(message, hint)


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
            message = Message("XC257.different_values", name=name)
            hint = Message("XC257.different_values.hint")
            yield Problem("XC257", message, hint)
    ranked = [
        rank_settings(spec.recipe, node.code) for node in spec.framework.composites
    ]
    for name in ("digits", "round_to", "ties"):
        if len({settings.value(name) for settings in ranked}) > 1:
            message = Message("XC257.different_ranking", name=name)
            hint = Message("XC257.different_ranking.hint")
            yield Problem("XC257", message, hint)


def _pairs(spec: TemplateSpec) -> Iterator[Problem]:
    """Yield what keeps pairs of cities from being scored in cells."""
    if not spec.recipe.steps_doing("pairs"):
        return
    layout = Layout(spec)
    steps = {Normalising(layout, node.code).key() for node in spec.framework.indicators}
    by_bounds = all(method.native.by_bounds for method in methods_of(spec))
    if not by_bounds or len(steps) > 1 or spec.rescales:
        message = Message("XC259.pairs_by_bounds")
        yield no_native_problem(message, Message("hint.index_scores_pairs"))
    for node in spec.framework.nodes:
        reason = _reason_against_pairs(layout, node.code)
        if reason:
            fault = Message(reason, code=node.code)
            message = Message("XC259.pairs", fault=fault)
            yield no_native_problem(message, Message("hint.remove_pairs"), node.code)


def _reason_against_pairs(layout: Layout, code: str) -> str:
    """Return why pairs cannot be scored by a node; "" where they can."""
    spec = layout.spec
    if not spec.framework.is_indicator(code):
        return "pairs.two_kinds" if layout.is_mixed(code) else ""
    has_pairs = link_step(spec.recipe, code) and spec.recipe.step_for("pairs", code)
    return "" if has_pairs else "pairs.no_links"
