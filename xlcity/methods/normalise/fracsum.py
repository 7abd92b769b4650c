"""The share of the sum of all values."""

from __future__ import annotations

from xlcity.functions.distance import fraction_sum
from xlcity.methods.normalise.record import (
    SHARE,
    ColumnCells,
    NativeNormalisation,
    Normalisation,
    make_call,
    score_with,
)
from xlcity.methods.record import Word


def _share_formula(cells: ColumnCells) -> str:
    """Return the formula of value / sum, with a minus where less is better, times the scale.

    Above the column, `span` is the sum.
    """
    return f"{cells.sign}{cells.x}/{cells.span}*{cells.cell_of['scale']}"


def _sum_formula(cells: ColumnCells) -> str:
    """Return the formula of the sum, "" unless it is above 0."""
    return f'IF({cells.n}>0,IF({cells.mean}>0,{cells.n}*{cells.mean},""),"")'


FRACSUM = Normalisation(
    name="fracsum",
    parameters=(SHARE,),
    words=(Word("fracsum", ("scale",)),),
    kernel=score_with(fraction_sum, "scale"),
    signed=True,
    needs="needs.sum_above_zero",
    native=NativeNormalisation(
        score=_share_formula,
        call=make_call("FRACTION_SUM", "direction", "scale"),
        span=_sum_formula,
    ),
)
