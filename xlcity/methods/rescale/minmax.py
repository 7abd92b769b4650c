"""Aggregates from the least one to the greatest."""

from __future__ import annotations

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.normalise import minmax_scale
from xlcity.methods.normalise.record import scale_shares
from xlcity.methods.record import Parameter, Settings
from xlcity.methods.rescale.record import (
    EQUAL_SCORE,
    OVERALL,
    AggregateCells,
    NativeRescaling,
    Rescaling,
)


def _rescale_minmax(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return (n, 1) scores of a node, from the base for the least aggregate to the scale."""
    share = minmax_scale(values, scale=1.0, states=states)
    return scale_shares(share, settings.number("base"), settings.number("scale"))


def _score_formula(cells: AggregateCells) -> str:
    """Return the formula of a score from the base for the least aggregate to the scale."""
    base = cells.cell_of["base"]
    return f"{base}+({cells.cell_of['scale']}-{base})*{cells.above_low}"


def _call(cells: AggregateCells) -> str | None:
    """Return the call that gives the scores once more; it knows no base and no constant."""
    if cells.constant or "base" in cells.nonzero:
        return None
    return f'MINMAX_SCALE({cells.value},"","",{cells.cell_of["scale"]})'


MINMAX = Rescaling(
    name="minmax",
    parameters=(
        Parameter("base", default=0.0),
        Parameter("scale", default=100.0),
        OVERALL,
        EQUAL_SCORE,
    ),
    kernel=_rescale_minmax,
    native=NativeRescaling(score=_score_formula, call=_call),
)
