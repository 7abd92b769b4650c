"""Gaps closed from other editions of the same city."""

from __future__ import annotations

from collections.abc import Sequence

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.impute import SERIES_METHODS, impute_series
from xlcity.methods.impute_raw.record import RawImputation
from xlcity.methods.record import Parameter, Settings, Word


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
