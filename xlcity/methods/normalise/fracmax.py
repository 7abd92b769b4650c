"""The share of the best value."""

from __future__ import annotations

from xlcity.functions.distance import fraction_max
from xlcity.methods.normalise.distance import NO_CONSTANT
from xlcity.methods.normalise.record import (
    CONSTANT,
    SHARE,
    ColumnCells,
    NativeNormalisation,
    Normalisation,
    make_call,
    score_with,
)
from xlcity.methods.record import Word


def _fraction_formula(cells: ColumnCells) -> str:
    """Return the formula of value / best, or best / value where less is better, times the scale.

    Above the column, `span` is the best value.
    """
    share = (
        f"{cells.x}/{cells.span}" if cells.more_is_better else f"{cells.span}/{cells.x}"
    )
    return f"{share}*{cells.cell_of['scale']}"


def _best_span_formula(cells: ColumnCells) -> str:
    """Return the formula of the best value, "" unless it is above 0."""
    best = cells.maximum if cells.more_is_better else cells.minimum
    return f'IF({cells.n}>0,IF({best}>0,{best},""),"")'


FRACMAX = Normalisation(
    name="fracmax",
    parameters=(SHARE, CONSTANT),
    words=(Word("fracmax", ("scale",)),),
    kernel=score_with(fraction_max, "scale"),
    needs="needs.values_above_zero",
    native=NativeNormalisation(
        score=_fraction_formula,
        call=make_call("FRACTION_MAX", "direction", "scale", unsupported=NO_CONSTANT),
        span=_best_span_formula,
    ),
)
