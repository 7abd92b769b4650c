"""Composite nodes: weighted means of children."""

from __future__ import annotations

from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps.known import no_native, no_step, require_known

#: Ways to aggregate that have native cells.
MEANS = (
    "arithmetic",
    "geometric",
    "harmonic",
    "power",
    "minimum",
    "sum",
    "none",
    "mpi",
    "copeland",
)


def missing_rule(spec: TemplateSpec, code: str) -> str:
    """Return what a composite does with missing children: na, renormalise or zero.

    Raises
    ------
    RecipeError
        If its aggregation has no native form here.
    """
    step = spec.recipe.step_for("aggregate", code)
    if step is None:
        raise no_step(spec, code, "aggregate")
    known = {"missing", "weights", "children", "threshold"}
    more = {"power": {*known, "power"}, "mpi": {*known, "penalty"}, "none": set()}
    require_known(step, {**dict.fromkeys(MEANS, known), **more}, code)
    rule = str(step.get("missing", "na"))
    if rule not in ("na", "renormalise", "zero") and not (rule == "refuse" and spec.apart):
        raise no_native(
            code,
            f"templates cannot treat missing children of {code} by {rule!r} yet.",
            "Say na, renormalise or zero. `xlcity index` knows more rules.",
        )
    return rule


def node_native(values: str, weights: str, missing: str = "na", *, zeros: bool = False) -> str:
    """Return the formula of one composite cell from its children and the weights above them.

    A blank child leaves the node blank. A missing code among otherwise filled children makes it
    "NA" (`na`), leaves the child out of numerator and weights (`renormalise`), or counts as 0.
    Where weights may be 0 (`zeros`), children that are there and weigh nothing leave it blank.
    """
    filled = f'COUNT({values})+COUNTIF({values},"NA")=COUNT({weights})'
    total = f"SUMPRODUCT({values},{weights})"
    if missing == "renormalise":
        # SUMIF takes the weights where there is a number; text is no number to it.
        there = f'SUMIF({values},">=-1E+300",{weights})'
        if zeros and ":" not in values:
            # One child: no engine is known to take a single cell for a range in SUMIF.
            there = f"IF(ISNUMBER({values}),{weights},0)"
        if zeros:
            return f'IF({filled},IF(COUNT({values})=0,"NA",IFERROR({total}/{there},"")),"")'
        return f'IF({filled},IFERROR({total}/{there},"NA"),"")'
    if missing == "zero":
        return f'IF({filled},IFERROR({total}/SUM({weights}),""),"")'
    return f'IF(COUNT({values})=COUNT({weights}),{total}/SUM({weights}),IF({filled},"NA",""))'


def node_udf(values: str, weights: str, missing: str = "na", groups: str = "") -> str:
    """Return the call that computes a composite column; `refuse` acts on the rows of a group."""
    rule = "" if missing == "na" else f',"arithmetic","{missing}"'
    if missing == "refuse":
        rule += f',"",{groups}'
    return f"WEIGHTED_INDEX({values},{weights}{rule})"


def weighs_by_leaves(spec: TemplateSpec, code: str) -> bool:
    """Tell whether a node's children weigh as much as they have indicators."""
    step = spec.recipe.step_for("aggregate", code)
    return step is not None and step.get("weights") == "leaves"
