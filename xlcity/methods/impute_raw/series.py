"""Gaps closed from other editions of the same panel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.gaps import impute_series
from xlcity.methods.impute_raw.record import RawImputation
from xlcity.methods.record import Parameter, Settings, Word


def _series(
    values: Matrix, states: States, times: Sequence[float], settings: Settings
) -> CellArray:
    most = settings.optional("most") if "most" in settings.method.names else None
    farthest = np.nan if most is None else most
    return impute_series(values, settings.method.name, times, farthest, states=states)


LATEST = RawImputation(
    name="latest",
    # How far a value may be taken from, in the units of the editions' times.
    parameters=(Parameter("most"),),
    words=(Word("latest", ("most",)),),
    function="IMPUTE_SERIES",
    series=_series,
)
LINEAR, CONSTANT = (
    RawImputation(name=name, words=(Word(name),), function="IMPUTE_SERIES", series=_series)
    for name in ("linear", "constant")
)
