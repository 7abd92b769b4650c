"""The weighted sum; and no aggregate at all, for a node that only holds its parts together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlcity.functions.block import NA, CellArray, CellState, Matrix, States, block
from xlcity.functions.combine import weighted_parts
from xlcity.functions.noise import without_noise
from xlcity.methods.aggregate.native import NativeAggregation, NodeCells
from xlcity.methods.aggregate.record import Aggregation, common
from xlcity.methods.formulas import settled
from xlcity.methods.record import Settings, Word


def _sum(
    values: Matrix, states: States, weights: Sequence[float] | Matrix, settings: Settings
) -> CellArray:
    rule = "zero" if settings.text("missing") == "zero" else "na"
    weight = np.asarray(weights, dtype=np.float64)
    parts = weighted_parts(values, states, weight, rule)
    # Contributions are those to a mean: its total weight makes a sum of them.
    mean = parts.values.sum(axis=1)
    largest = np.where(states == CellState.NUMBER, np.abs(values), 0.0).max(axis=1, initial=0.0)
    total = without_noise(mean, largest)[:, None] * np.reshape(sum(weight.T), (-1, 1))
    return block(total, parts.errors[:, :1].copy())


def _nothing(
    values: Matrix, states: States, weights: Sequence[float] | Matrix, settings: Settings
) -> CellArray:
    return CellArray(
        np.full((len(values), 1), np.nan), np.full((len(values), 1), NA, dtype=np.uint8)
    )


def _total(c: NodeCells) -> str:
    made = f"SUMPRODUCT({c.values},{c.weights})"
    if c.cancels:
        weight = f"SUM({c.weights})"
        made = f"{settled(made, weight, c.values)}*{weight}"
    return c.of_known(made)


SUM = Aggregation(
    name="sum",
    parameters=common("na", "zero"),
    words=(Word("sum", fixed={"missing": "na"}),),
    kernel=_sum,
    between=False,
    native=NativeAggregation(formula=_total, rules=("na", "zero")),
)
NONE = Aggregation(
    name="none",
    words=(Word("none"),),
    kernel=_nothing,
    weighted=False,
    between=False,
    whole_sample=True,
    scale_free=True,
    native=NativeAggregation(formula=lambda c: '"NA"'),
)
