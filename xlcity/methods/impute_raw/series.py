"""Gaps closed from other editions of the same panel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.gaps import SERIES, impute_series
from xlcity.methods.impute_raw.record import RawImputation
from xlcity.methods.record import Parameter, Settings, Word


def _series(
    values: Matrix, states: States, times: Sequence[float], settings: Settings
) -> CellArray:
    most = settings.optional("most")
    farthest = np.nan if most is None else most
    return impute_series(values, settings.method.name, times, farthest, states=states)


LATEST, LINEAR, CONSTANT, INTERPOLATE = (
    RawImputation(
        name=name,
        # How many editions away a value may be that is taken.
        parameters=(Parameter("most", above=0.0),),
        words=(Word(name, ("most",)),),
        series=_series,
    )
    for name in SERIES
)
