"""Composite nodes: weighted means of children."""

from __future__ import annotations

from xlcity.messages import Message
from xlcity.methods.aggregate.record import Aggregation
from xlcity.methods.formulas import (
    ANY_NUMBER,
    mean_formula,
    missing_weight_formula,
    no_blank_condition,
)
from xlcity.methods.normalise.record import Normalisation
from xlcity.methods.registry import find_method
from xlcity.methods.weight.record import Weighting
from xlcity.workbook.methods_in_cells import step_for
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps.native_support import no_native


def missing_rule(spec: TemplateSpec, code: str) -> str:
    """Return what a composite does with missing children: na, renormalise or zero.

    Raises
    ------
    RecipeError
        If its rule has no native form here.
    """
    rule = str(step_for(spec, "aggregate", code).get("missing", "na"))
    if rule not in ("na", "renormalise", "zero") and not (
        rule == "refuse" and spec.apart
    ):
        message = Message("XC259.missing_children", code=code, rule=rule)
        hint = Message("hint.na_renormalise_or_zero")
        raise no_native(code, message, hint)
    return rule


def may_cancel(spec: TemplateSpec, code: str) -> bool:
    """Tell whether values below a node lie on both sides of 0, and so may cancel in a mean."""
    return any(
        find_method(Normalisation, step_for(spec, "normalise", leaf.code).method).signed
        for leaf in spec.framework.leaves_below(code)
    )


def needs_exact_zero(spec: TemplateSpec, code: str) -> bool:
    """Tell whether anything depends on a node or indicator being 0 or of a sign.

    Then a mean of values that cancel must be 0 and not the rounding of their sum.
    """
    if not may_cancel(spec, code):
        return False
    if (parent := spec.framework[code].parent) is None:
        return False
    above, weighed = (
        spec.recipe.step_for(do, parent) for do in ("aggregate", "weight")
    )
    return (above is not None and find_method(Aggregation, above.method).asks_sign) or (
        weighed is not None and find_method(Weighting, weighed.method).reads_scores
    )


def node_native(
    values: str,
    weights: str,
    missing: str = "na",
    *,
    zeros: bool = False,
    cancels: bool = False,
    given: str = "",
    number: str = "",
    total: str = "",
) -> str:
    """Return the formula of one composite cell from its children and the weights above them.

    A blank child leaves the node blank. A missing code among otherwise filled children makes it
    "NA" (`na`) unless its weight is 0, leaves the child out of numerator and weights
    (`renormalise`), or counts as 0. Where weights may be 0 (`zeros`), children that are there and
    weigh nothing leave it blank. Children that may cancel (`cancels`) but for rounding give 0.
    Where `values` are `given` ones turned, which some numbers cannot be, these say what is missing.
    `number` of the children and `total` of the weights are cells, where these stand above the
    column.
    """

    def mean(weight: str) -> str:
        return (
            mean_formula(products, weight, values)
            if cancels
            else f"{products}/{weight}"
        )

    number, total = number or f"COUNT({weights})", total or f"SUM({weights})"
    filled = no_blank_condition(values, number)
    products = f"SUMPRODUCT({values},{weights})"
    if missing == "renormalise":
        # Not "<>NA", by which `formulas` finds no number; nor a single cell for a range in SUMIF.
        weight = f'(({values}<>"NA")*{weights})'
        if ":" in values:
            weight = f"SUMIF({values},{ANY_NUMBER},{weights})"
        lacking = f'IF(COUNT({values}),"","NA")' if zeros else '"NA"'
        return f'IF({filled},IFERROR({mean(weight)},{lacking}),"")'
    if missing == "zero":
        return f'IF({filled},IFERROR({mean(total)},""),"")'
    gaps = missing_weight_formula(values, weights)
    node = mean(total)
    if given:
        node = f'IF({filled},{node},"")'
        filled = no_blank_condition(given, number)
    return f'IF({filled},IF({gaps},"NA",{node}),"")'


def node_udf(
    values: str,
    weights: str,
    missing: str = "na",
    groups: str = "",
) -> str:
    """Return the call that computes a composite column; `refuse` acts on the rows of a group."""
    rule = "" if missing == "na" else f',"arithmetic","{missing}"'
    if missing == "refuse":
        rule += f',"",{groups}'
    return f"WEIGHTED_INDEX({values},{weights}{rule})"


def weighs_by_leaves(spec: TemplateSpec, code: str) -> bool:
    """Tell whether a node's children weigh as much as they have indicators.

    A step that finds weights goes before, as in the index.
    """
    weight_step = spec.recipe.step_for("weight", code)
    if weight_step and find_method(Weighting, weight_step.method).derives:
        return False
    return step_for(spec, "aggregate", code).get("weights") == "leaves"
