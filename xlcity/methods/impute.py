"""Methods of the steps *impute_raw* and *impute_scores*: confirmed gaps closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.impute import SERIES, impute_mean, impute_series
from xlcity.methods.record import TEXT, Method, Parameter, Settings, Word


@dataclass(frozen=True, slots=True, kw_only=True)
class RawImputation(Method):
    """A method to close confirmed gaps among raw values.

    Attributes
    ----------
    kernel
        Makes a column of values, states and the group of each unit.
    series
        Makes (n, editions) of values, states and the times of the editions.
    """

    step: ClassVar[str] = "impute_raw"

    kernel: Callable[[Matrix, States, Sequence[str] | None, Settings], CellArray] | None = None
    series: Callable[[Matrix, States, Sequence[float], Settings], CellArray] | None = None


def _impute_centre(
    values: Matrix, states: States, groups: Sequence[str] | None, settings: Settings
) -> CellArray:
    """Return a column with the mean or median, of all or by group, in its gaps."""
    return impute_mean(values, settings.method.name, groups, states=states)


MEAN, MEDIAN = (
    RawImputation(
        name=name,
        # The attribute of the cities that makes the groups.
        parameters=(Parameter("group", TEXT),),
        words=(Word(name), Word(f"group_{name}", ("group",), required=True)),
        kernel=_impute_centre,
    )
    for name in ("mean", "median")
)
RAW_NONE = RawImputation(name="none")


def _impute_series(
    values: Matrix, states: States, times: Sequence[float], settings: Settings
) -> CellArray:
    """Return (n, editions) values with gaps filled from other editions, at most `most` away."""
    most = settings.optional("most")
    farthest = np.nan if most is None else most
    return impute_series(values, settings.method.name, times, farthest, states=states)


LATEST, LINEAR, CONSTANT, INTERPOLATE = (
    RawImputation(
        name=name,
        # How many editions away a value may be that is taken.
        parameters=(Parameter("most", above=0.0),),
        words=(Word(name, ("most",)),),
        series=_impute_series,
    )
    for name in SERIES
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
