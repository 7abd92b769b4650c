"""No normalisation: values are the scores, turned where less is better."""

from __future__ import annotations

import numpy as np

from xlcity.functions.block import CellArray, ErrorCode, as_matrix
from xlcity.methods.normalise.record import (
    Indicator,
    NativeNormalisation,
    Normalisation,
    ScoredColumn,
)
from xlcity.methods.record import Settings, Word


def _keep_values(column: Indicator, settings: Settings) -> ScoredColumn:
    """Return an indicator's values as its scores, negative where less is better."""
    values = as_matrix(column.values * column.direction)
    return ScoredColumn(CellArray(values, np.isnan(values) * ErrorCode.NA))


NONE = Normalisation(
    name="none",
    words=(Word("none"),),
    idle=True,
    scores_alone=True,
    kernel=_keep_values,
    signed=True,
    native=NativeNormalisation(lambda cells: f"{cells.sign}{cells.x}"),
)
