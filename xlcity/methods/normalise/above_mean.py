"""Whether a value is above, about or below the mean: 1, 0 or -1."""

from __future__ import annotations

from xlcity.functions.distance import above_mean
from xlcity.methods.formulas import varies
from xlcity.methods.normalise.native import ColumnCells, Native, call
from xlcity.methods.normalise.record import Indicator, Normalisation, Scored
from xlcity.methods.record import MethodCell, Parameter, Settings, Word


def _above_mean(column: Indicator, settings: Settings) -> Scored:
    threshold, states = settings.number("threshold"), column.states
    return Scored(above_mean(column.values, threshold, column.direction, states=states))


def _score(c: ColumnCells) -> str:
    # A value that meets the band but for rounding is inside it.
    band = f"{c.at['a']}*ABS({c.mean})+1E-10*({c.most}-{c.least})"
    side = f"{c.sign}(IF({c.x}>{c.mean}+({band}),1,0)-IF({c.x}<{c.mean}-({band}),1,0))"
    # Values that are equal but for rounding are all at their mean.
    return f"IF({varies(c.least, c.most)},{side},0)"


ABOVE_MEAN = Normalisation(
    name="above_mean",
    parameters=(Parameter("threshold", default=0.0, cell=MethodCell("a")),),
    words=(Word("above_mean", ("threshold",)),),
    kernel=_above_mean,
    signed=True,
    native=Native(score=_score, call=call("ABOVE_MEAN", "a", "direction")),
)
