"""Values as they are, with the sign of the direction."""

from __future__ import annotations

import numpy as np

from xlcity.functions.block import NA, NO_ERROR, CellArray, as_matrix
from xlcity.methods.normalise.native import Native
from xlcity.methods.normalise.record import Indicator, Normalisation, Scored
from xlcity.methods.record import Settings, Word


def _none(column: Indicator, settings: Settings) -> Scored:
    values = as_matrix(column.values * column.direction)
    return Scored(CellArray(values, np.where(np.isnan(values), NA, NO_ERROR).astype(np.uint8)))


NONE = Normalisation(
    name="none",
    words=(Word("none"),),
    kernel=_none,
    signed=True,
    native=Native(lambda c: f"{c.sign}{c.x}"),
)
