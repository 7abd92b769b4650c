"""Whether a value is above, about or below the mean: 1, 0 or -1."""

from __future__ import annotations

from xlcity.functions.distance import above_mean
from xlcity.methods.normalise.record import Column, Normalisation, Scored
from xlcity.methods.record import Parameter, Settings, Word


def _above_mean(column: Column, settings: Settings) -> Scored:
    threshold, states = settings.number("threshold"), column.states
    return Scored(above_mean(column.values, threshold, column.direction, states=states))


ABOVE_MEAN = Normalisation(
    name="above_mean",
    parameters=(Parameter("threshold", default=0.0),),
    words=(Word("above_mean", ("threshold",)),),
    function="ABOVE_MEAN",
    kernel=_above_mean,
)
