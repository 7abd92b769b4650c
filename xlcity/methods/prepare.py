"""Methods for raw values: outliers treated, gaps imputed; and what the index does itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xlcity.functions.block import CellArray, CellState, Matrix, States
from xlcity.functions.impute import SERIES_METHODS, impute_mean, impute_series
from xlcity.functions.impute_model import (
    NEAREST,
    impute_em,
    impute_neighbours,
    impute_normal,
    impute_regression,
)
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
from xlcity.messages import Message
from xlcity.methods.record import (
    TEXT,
    TEXTS,
    BlockKernel,
    Method,
    Parameter,
    Settings,
    Word,
    kernel_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment(Method):
    """A method to treat outliers by.

    Attributes
    ----------
    kernel
        Takes an indicator's (n,) values, their states and the parameters; gives the (n, 1) treated
        values. None: they stay as they are.
    takes_columns
        Whether it takes (n, m) values of m replicates as well, and treats each column.
    by_function
        Whether only a function can treat so in cells.
    """

    step: ClassVar[str] = "treat"

    kernel: BlockKernel | None = None
    takes_columns: bool = False
    by_function: bool = False


#: When a column is as skewed as to be treated: |skewness| and kurtosis both at these limits.
SKEW_PARAMETERS = (
    Parameter("skew", default=SKEW_LIMIT),
    Parameter("kurt", default=KURT_LIMIT),
)
WHEN_PARAMETER = Parameter("when", ("always", "skewed"), "always")


def too_skewed(values: Matrix, states: States, settings: Settings) -> bool:
    """Tell whether |skewness| and kurtosis of a column's numbers are both at a step's limits.

    `values` and `states` are (n,): one per unit.
    """
    numbers = np.asarray(values)[states == CellState.NUMBER]
    return is_skewed(numbers, settings.number("skew"), settings.number("kurt"))


def _check_percentiles(settings: Settings) -> Iterator[str]:
    """Yield a fault where the parameters `low` and `high` are not ascending percentiles."""
    low = settings.number("low")
    high = settings.number("high")
    if not 0 <= low < high <= 100:
        yield Message("method.percentiles", low=low, high=high)


PERCENTILE = Treatment(
    name="percentile",
    parameters=(
        Parameter("low", default=5.0, limits=(0.0, 100.0)),
        Parameter("high", default=95.0, limits=(0.0, 100.0)),
    ),
    words=(Word("percentile", ("low", "high")),),
    check=_check_percentiles,
    kernel=kernel_of(clip_percentile, "low", "high"),
    takes_columns=True,
)
CLIP = Treatment(
    name="clip",
    parameters=(Parameter("limit", default=3.0), Parameter("ddof", default=0.0)),
    words=(Word("clip", ("limit",)),),
    kernel=kernel_of(clip_sd, "limit", "ddof"),
    takes_columns=True,
)
NONE = Treatment(name="none", words=(Word("none"),))


LOG_PARAMETER = Parameter(
    "log", ("ct", "ct_orig", "ct_plus", "gii", "ln", "ln1p"), "ct"
)


LOGARITHM = Treatment(
    name="log",
    parameters=(LOG_PARAMETER, WHEN_PARAMETER, *SKEW_PARAMETERS),
    words=(Word("log", ("log",)), Word("log_skewed", ("log",), {"when": "skewed"})),
    kernel=kernel_of(treat_log, "when", "skew", "kurt", method="log"),
    takes_columns=True,
)


#: Draws the most extreme values in until they are not skewed.
_winsorise = kernel_of(winsor_skew, "points", "skew", "kurt")


def _winsorise_or_log(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return an indicator's values with outliers drawn in; where that is not enough, logarithms.

    `values` and `states` are (n,): one per unit; `settings` are the parameters of the step.
    """
    winsorised = _winsorise(values, states, settings)
    if not too_skewed(winsorised.values[:, 0], states, settings):
        return winsorised
    # Logarithms are those of the original column, not of the one drawn in.
    return treat_log(values, settings.text("log"), states=states)


_POINTS_PARAMETER = Parameter("points", default=MOST_POINTS)
WINSOR = Treatment(
    name="winsor",
    parameters=(_POINTS_PARAMETER, *SKEW_PARAMETERS),
    words=(Word("winsor", ("points",)),),
    kernel=_winsorise,
    takes_columns=True,
    by_function=True,
)
WINSOR_LOG = Treatment(
    name="winsor_log",
    parameters=(_POINTS_PARAMETER, LOG_PARAMETER, *SKEW_PARAMETERS),
    words=(Word("winsor_log", ("points",)),),
    kernel=_winsorise_or_log,
    by_function=True,
)


def _transform_boxcox(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return Box-Cox transforms of an indicator's values, or of skewed ones only.

    The parameter `when` says whether unskewed values are left as they are.
    """
    if settings.text("when") == "skewed" and not too_skewed(values, states, settings):
        return clip_sd(
            values, np.inf, states=states
        )  # unchanged: a limit that clips nothing
    return treat_boxcox(
        values, settings.number("power"), settings.text("shift"), states=states
    )


BOXCOX = Treatment(
    name="boxcox",
    parameters=(
        Parameter("power", default=0.0),
        Parameter("shift", ("no", "yes"), "yes"),
        WHEN_PARAMETER,
        *SKEW_PARAMETERS,
    ),
    words=(Word("boxcox", ("power",)),),
    kernel=_transform_boxcox,
)


# -- confirmed gaps: the steps impute_raw and impute_scores ----------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class RawImputation(Method):
    """A method to close confirmed gaps among raw values.

    Attributes
    ----------
    kernel
        Takes an indicator's values, their states, the group of each unit (None: all are one) and
        the parameters; gives the column with its gaps closed.
    series
        Takes (n, editions) values of an indicator, their states, the times of the editions and the
        parameters; gives them with gaps closed from other editions.
    model
        Takes (n, k) values of several indicators, their states, the position of the one whose gaps
        are closed, and the parameters; gives its (n, 1) column.
    function
        The function that does so in cells; "" for none.
    needs_complete
        Whether the model predicts from indicators without a gap, where no predictor is named.
    """

    step: ClassVar[str] = "impute_raw"

    kernel: (
        Callable[[Matrix, States, Sequence[str] | None, Settings], CellArray] | None
    ) = None
    series: Callable[[Matrix, States, Sequence[float], Settings], CellArray] | None = (
        None
    )
    model: Callable[[Matrix, States, int, Settings], CellArray] | None = None
    function: str = ""
    needs_complete: bool = False


MEAN, MEDIAN = (
    RawImputation(
        name=name,
        # The attribute of the cities that makes the groups.
        parameters=(Parameter("group", TEXT),),
        words=(Word(name), Word(f"group_{name}", ("group",), required=True)),
        kernel=lambda values, states, groups, settings: impute_mean(
            values, settings.method.name, groups, states=states
        ),
    )
    for name in ("mean", "median")
)
RAW_NONE = RawImputation(name="none")


def _impute_series(
    values: Matrix, states: States, times: Sequence[float], settings: Settings
) -> CellArray:
    """Return (n, editions) values with gaps filled from other editions of the same city.

    The method's name says how; `times` are the times of the editions. The parameter `most` limits
    how many editions away a value may be.
    """
    most = settings.optional("most")
    return impute_series(values, settings.method.name, times, most, states=states)


LATEST, LINEAR, CONSTANT, INTERPOLATE = (
    RawImputation(
        name=name,
        # How many editions away a value may be that is taken.
        parameters=(Parameter("most", above=0.0),),
        words=(Word(name, ("most",)),),
        series=_impute_series,
    )
    for name in SERIES_METHODS
)


# -- gaps closed by what other indicators say ------------------------------------------------------
#: Among which indicators a model looks: all, those of the pillar, or those below the same parent.
LEVELS = ("all", "pillar", "parent")
_LEVEL = Parameter("level", LEVELS, "all")


def _check_level_and_counts(settings: Settings) -> Iterator[str]:
    """Yield a fault where the parameter `level` is none of its words, or a count is not whole."""
    if (level := settings.value("level")) not in LEVELS:
        yield Message("method.no_level", level=level, levels=LEVELS)
    for name in [
        n for n in ("nearest", "number", "seed") if n in settings.method.names
    ]:
        if settings.number(name) % 1:
            yield Message("method.not_whole", name=name, value=settings.number(name))


def _regress(
    values: Matrix, states: States, position: int, settings: Settings
) -> CellArray:
    """Return the (n, 1) column at a position, gaps predicted by the others or by a named one.

    `values` and `states` are (n, k); the named predictor is the column behind.
    """
    predictor = position + 2 if settings.text("predictor") else None
    return impute_regression(values, position + 1, predictor, states=states)


REGRESSION = RawImputation(
    name="regression",
    parameters=(Parameter("predictor", TEXT), _LEVEL),
    words=(
        Word("regression", ("level",)),
        Word("regression_on", ("predictor",), required=True),
    ),
    check=_check_level_and_counts,
    model=_regress,
    needs_complete=True,
    function="IMPUTE_REGRESSION",
)


NEIGHBOURS = RawImputation(
    name="neighbours",
    parameters=(Parameter("nearest", default=float(NEAREST), above=0.0), _LEVEL),
    words=(Word("neighbours", ("nearest", "level")),),
    check=_check_level_and_counts,
    model=lambda values, states, position, settings: impute_neighbours(
        values, position + 1, settings.number("nearest"), states=states
    ),
    function="IMPUTE_NEIGHBOURS",
)
EM = RawImputation(
    name="em",
    parameters=(_LEVEL,),
    words=(Word("em", ("level",)),),
    check=_check_level_and_counts,
    model=lambda values, states, position, _: impute_em(
        values, position + 1, states=states
    ),
    function="IMPUTE_EM",
)


def _draw(
    values: Matrix, states: States, position: int, settings: Settings
) -> CellArray:
    """Return the (n, 1) column at a position, gaps drawn at random from the normal model.

    `values` and `states` are (n, k); the parameters say which draw it is.
    """
    draw = int(settings.number("seed")), int(settings.number("number"))
    return impute_normal(values, states, position, draw)


#: One of the draws of a multiple imputation.
DRAW = RawImputation(
    name="draw",
    parameters=(
        Parameter("number", default=1.0, above=0.0),
        Parameter("seed", default=0.0, above=-1.0),
        _LEVEL,
    ),
    words=(Word("draw", ("number", "seed", "level")),),
    check=_check_level_and_counts,
    model=_draw,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreImputation(Method):
    """A method to impute scores by."""

    step: ClassVar[str] = "impute_scores"


DIMENSION_MEAN = ScoreImputation(
    name="dimension_mean",
    # The parent first and the pillar where it has nothing, or the pillar at once.
    parameters=(Parameter("level", ("parent", "pillar"), "parent"),),
    words=(Word("row_mean"), Word("dimension")),
)
SCORES_NONE = ScoreImputation(name="none", words=(Word("none"),))


# -- steps that the index carries out itself: denominate, screen, rank -----------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Denominating(Method):
    """A method to divide by."""

    step: ClassVar[str] = "denominate"


BY = Denominating(
    name="by",
    parameters=(
        Parameter("denominator", TEXT, column="denominator"),
        Parameter("scale", default=1.0),
    ),
    words=(Word("given"), Word("by", ("denominator", "scale"))),
)
UNDIVIDED = Denominating(name="none", words=(Word("none"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening(Method):
    """A method to leave units out by.

    A step that names nodes looks at the indicators under each of them by themselves.
    """

    step: ClassVar[str] = "screen"


def _check_shares(settings: Settings) -> Iterator[str]:
    """Yield faults of the parameters: shares not from 0 to 1, or units both kept and dropped."""
    for name in ("data", "nonzero"):
        if not 0 <= settings.number(name) <= 1:
            yield Message("method.no_share", name=name, value=settings.number(name))
    for unit in {*settings.texts("keep")} & {*settings.texts("drop")}:
        yield Message("method.kept_and_dropped", unit=unit)


AVAILABILITY = Screening(
    name="availability",
    parameters=(
        # Least shares of values, and of values other than 0, that a unit must have.
        Parameter("data", default=2 / 3, limits=(0.0, 1.0)),
        Parameter("nonzero", default=0.0, limits=(0.0, 1.0)),
        Parameter("keep", TEXTS),
        Parameter("drop", TEXTS),
    ),
    words=(Word("availability", ("data", "nonzero")),),
    check=_check_shares,
)
UNSCREENED = Screening(name="none", words=(Word("none"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking(Method):
    """A method to rank by."""

    step: ClassVar[str] = "rank"


COMPETITION = Ranking(
    name="competition",
    parameters=(
        # Digits of the key that ranks are taken from, and those of a coarser second rounding.
        Parameter("digits", default=9.0),
        Parameter("round_to"),
        # Tied units share the first or last of their places (min, max), the next rank in a count
        # without gaps (dense), or are numbered in the order of the units (ordinal).
        Parameter("ties", ("min", "max", "dense", "ordinal"), "min"),
    ),
)
