"""Winsorise: draw the outermost values in until the column is not skewed any more."""

from __future__ import annotations

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.treat import MOST_POINTS, treat_log, winsor_skew
from xlcity.methods.record import Parameter, Settings, Word
from xlcity.methods.treat.logarithm import LOG
from xlcity.methods.treat.record import SKEWED, Treatment, limits, too_skewed


def _winsor(values: Matrix, states: States, settings: Settings) -> CellArray:
    return winsor_skew(values, settings.number("points"), *limits(settings), states=states)


def _winsor_log(values: Matrix, states: States, settings: Settings) -> CellArray:
    drawn = _winsor(values, states, settings)
    if not too_skewed(drawn.values[:, 0], states, settings):
        return drawn
    # Where that is not enough, the logarithm of the untreated column.
    return treat_log(values, settings.text("log"), states=states)


_POINTS = Parameter("points", default=MOST_POINTS)
WINSOR = Treatment(
    name="winsor",
    parameters=(_POINTS, *SKEWED),
    words=(Word("winsor", ("points",)),),
    kernel=_winsor,
    takes_columns=True,
)
WINSOR_LOG = Treatment(
    name="winsor_log",
    parameters=(_POINTS, LOG, *SKEWED),
    words=(Word("winsor_log", ("points",)),),
    kernel=_winsor_log,
)
