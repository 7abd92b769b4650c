"""No aggregation: a node is not computed from its children."""

from __future__ import annotations

import numpy as np

from xlcity.functions.block import CellArray, ErrorCode, Matrix, States
from xlcity.methods.aggregate.record import Aggregation, NativeAggregation, Weights
from xlcity.methods.record import Settings, Word


def _give_none(
    values: Matrix, states: States, weights: Weights, settings: Settings
) -> CellArray:
    """Return (n, 1) #N/A: the node is not computed from its children.

    `values` and `states` are (n, children): scores, and what each cell holds.
    """
    return CellArray(
        np.full((len(values), 1), np.nan),
        np.full((len(values), 1), ErrorCode.NA, dtype=np.uint8),
    )


NONE = Aggregation(
    name="none",
    words=(Word("none"),),
    idle=True,
    kernel=_give_none,
    weighted=False,
    between=False,
    whole_sample=True,
    scale_free=True,
    native=NativeAggregation(formula=lambda cells: '"NA"'),
)
