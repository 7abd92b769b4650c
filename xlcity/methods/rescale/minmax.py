"""Aggregates from the least one to the greatest."""

from __future__ import annotations

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.normalise import minmax_scale
from xlcity.methods.normalise.record import CONSTANT, scale_shares
from xlcity.methods.record import Parameter, Settings
from xlcity.methods.rescale.record import OVERALL, Rescaling


def _rescale_minmax(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return (n, 1) scores of a node, from the base for the least aggregate to the scale."""
    share = minmax_scale(values, scale=1.0, states=states)
    return scale_shares(share, settings.number("base"), settings.number("scale"))


MINMAX = Rescaling(
    name="minmax",
    parameters=(
        Parameter("base", default=0.0),
        Parameter("scale", default=100.0),
        OVERALL,
        CONSTANT,
    ),
    kernel=_rescale_minmax,
)
