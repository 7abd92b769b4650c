"""Methods of the step *treat*: outliers clipped, drawn in, or made less by a transformation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xlcity.functions.block import CellArray, CellState, Matrix, States
from xlcity.functions.treat import (
    KURT_LIMIT,
    MOST_POINTS,
    SKEW_LIMIT,
    clip_percentile,
    clip_sd,
    is_skewed,
    treat_boxcox,
    treat_log,
    winsor_skew,
)
from xlcity.methods.record import Method, Parameter, Settings, Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment(Method):
    """A method to treat outliers by: `kernel` makes a column of values and states.

    None: the column stays as it is. Where `takes_columns`, it makes (n, m) of m replicates as well.
    """

    step: ClassVar[str] = "treat"

    kernel: Callable[[Matrix, States, Settings], CellArray] | None = None
    takes_columns: bool = False


#: When a column is as skewed as to be treated: |skewness| and kurtosis both at these limits.
SKEWED = (Parameter("skew", default=SKEW_LIMIT), Parameter("kurt", default=KURT_LIMIT))
WHEN = Parameter("when", ("always", "skewed"), "always")


def skew_limits(settings: Settings) -> tuple[float, float]:
    """Return the limits of skewness and kurtosis that a step sets."""
    return settings.number("skew"), settings.number("kurt")


def too_skewed(values: Matrix, states: States, settings: Settings) -> bool:
    """Tell whether the numbers of a column are as skewed as to be treated."""
    return is_skewed(np.asarray(values)[states == CellState.NUMBER], *skew_limits(settings))


def _clip_percentiles(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return values clipped at two percentiles."""
    return clip_percentile(values, settings.number("low"), settings.number("high"), states=states)


def _clip_deviations(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return values clipped at a number of standard deviations from the mean."""
    return clip_sd(values, settings.number("limit"), settings.number("ddof"), states=states)


def _check_percentiles(settings: Settings) -> Iterator[str]:
    """Yield a fault where the percentiles are not from 0 to 100 and ascending."""
    low, high = settings.number("low"), settings.number("high")
    if not 0 <= low < high <= 100:
        yield f"percentiles {low:g} and {high:g}"


PERCENTILE = Treatment(
    name="percentile",
    parameters=(
        Parameter("low", default=5.0, limits=(0.0, 100.0)),
        Parameter("high", default=95.0, limits=(0.0, 100.0)),
    ),
    words=(Word("percentile", ("low", "high")),),
    check=_check_percentiles,
    kernel=_clip_percentiles,
    takes_columns=True,
)
CLIP = Treatment(
    name="clip",
    parameters=(Parameter("limit", default=3.0), Parameter("ddof", default=0.0)),
    words=(Word("clip", ("limit",)),),
    kernel=_clip_deviations,
    takes_columns=True,
)
NONE = Treatment(name="none", words=(Word("none"),))


LOG = Parameter("log", ("ct", "ct_orig", "ct_plus", "gii", "ln", "ln1p"), "ct")


def _take_logarithm(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return logarithms of values, of all columns or of skewed ones."""
    kind, when = settings.text("log"), settings.text("when")
    return treat_log(values, kind, when, *skew_limits(settings), states=states)


LOGARITHM = Treatment(
    name="log",
    parameters=(LOG, WHEN, *SKEWED),
    words=(Word("log", ("log",)), Word("log_skewed", ("log",), {"when": "skewed"})),
    kernel=_take_logarithm,
    takes_columns=True,
)


def _winsorise(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return values whose outliers are drawn in until they are not skewed."""
    return winsor_skew(values, settings.number("points"), *skew_limits(settings), states=states)


def _winsorise_or_log(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return values with outliers drawn in; where that is not enough, their logarithms."""
    drawn = _winsorise(values, states, settings)
    if not too_skewed(drawn.values[:, 0], states, settings):
        return drawn
    # Of the untreated column.
    return treat_log(values, settings.text("log"), states=states)


_POINTS = Parameter("points", default=MOST_POINTS)
WINSOR = Treatment(
    name="winsor",
    parameters=(_POINTS, *SKEWED),
    words=(Word("winsor", ("points",)),),
    kernel=_winsorise,
    takes_columns=True,
)
WINSOR_LOG = Treatment(
    name="winsor_log",
    parameters=(_POINTS, LOG, *SKEWED),
    words=(Word("winsor_log", ("points",)),),
    kernel=_winsorise_or_log,
)


def _transform_boxcox(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return Box-Cox transforms of values, of all columns or of skewed ones."""
    if settings.text("when") == "skewed" and not too_skewed(values, states, settings):
        return clip_sd(values, np.inf, states=states)  # as it is
    return treat_boxcox(values, settings.number("power"), settings.text("shift"), states=states)


BOXCOX = Treatment(
    name="boxcox",
    parameters=(
        Parameter("power", default=0.0),
        Parameter("shift", ("no", "yes"), "yes"),
        WHEN,
        *SKEWED,
    ),
    words=(Word("boxcox", ("power",)),),
    kernel=_transform_boxcox,
)
