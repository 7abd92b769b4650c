"""The share of the best value."""

from __future__ import annotations

from xlcity.functions.distance import fraction_max
from xlcity.methods.normalise.record import CONSTANT, Column, Normalisation, Scored
from xlcity.methods.record import Parameter, Settings, Word


def _fracmax(column: Column, settings: Settings) -> Scored:
    scale, states = settings.number("scale"), column.states
    return Scored(fraction_max(column.values, column.direction, scale, states=states))


FRACMAX = Normalisation(
    name="fracmax",
    parameters=(Parameter("scale", default=1.0), CONSTANT),
    words=(Word("fracmax", ("scale",)),),
    function="FRACTION_MAX",
    kernel=_fracmax,
)
