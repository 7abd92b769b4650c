"""Aggregates times a factor plus a shift."""

from __future__ import annotations

import numpy as np

from xlcity.functions.block import CellArray, ErrorCode, Matrix, States, as_matrix
from xlcity.methods.record import Parameter, Settings
from xlcity.methods.rescale.record import OVERALL, NativeRescaling, Rescaling


def _rescale_linear(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return (n, 1) aggregates of a node times a factor plus a shift; a gap is #N/A."""
    scaled = as_matrix(values * settings.number("factor") + settings.number("shift"))
    return CellArray(scaled, np.isnan(scaled) * ErrorCode.NA)


LINEAR = Rescaling(
    name="linear",
    parameters=(
        Parameter("factor", default=1.0),
        Parameter("shift", default=0.0),
        OVERALL,
    ),
    kernel=_rescale_linear,
    native=NativeRescaling(
        score=lambda cells: (
            f"{cells.value}*{cells.cell_of['factor']}+{cells.cell_of['shift']}"
        ),
        statistics=(),
    ),
)
