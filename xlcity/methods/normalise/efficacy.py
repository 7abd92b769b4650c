"""The efficacy coefficient method: the best city 100, the last one 100 - omega."""

from __future__ import annotations

from xlcity.functions.rescale import efficacy_scale
from xlcity.methods.normalise.record import CONSTANT, Column, Normalisation, Scored
from xlcity.methods.record import Parameter, Settings, Word

#: Points between the best and the last.
OMEGA = Parameter("omega", default=40.0, limits=(0.0, 100.0))


def _efficacy(column: Column, settings: Settings) -> Scored:
    low, high = settings.optional("low"), settings.optional("high")
    values = column.values
    # Bounds that run downward say by themselves that less is better.
    downward = low is not None and high is not None and low > high
    if column.direction < 0 and not downward:
        # Turned round zero, so that the lowest value gets the full score.
        values = -values
        low, high = (None if high is None else -high), (None if low is None else -low)
    block = efficacy_scale(values, settings.number("omega"), low, high, states=column.states)
    return Scored(block, *column.span)


EFFICACY = Normalisation(
    name="efficacy",
    parameters=(OMEGA, Parameter("low"), Parameter("high"), CONSTANT),
    words=(Word("efficacy", ("omega",)),),
    function="EFFICACY_SCALE",
    kernel=_efficacy,
)
