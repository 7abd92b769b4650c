"""The sum of the children's scores times their weights."""

from __future__ import annotations

import numpy as np

from xlcity.functions.block import CellArray, CellState, Matrix, States, make_block
from xlcity.functions.combine import weighted_parts
from xlcity.functions.rounding import without_noise
from xlcity.methods.aggregate.record import (
    Aggregation,
    NativeAggregation,
    NodeCells,
    Weights,
    common_parameters,
)
from xlcity.methods.formulas import mean_formula
from xlcity.methods.record import Settings, Word


def _compute_sum(
    values: Matrix, states: States, weights: Weights, settings: Settings
) -> CellArray:
    """Return (n, 1) sums of the children's scores times weights.

    A missing child counts as 0, or leaves no sum, as the parameter `missing` says. `values` and
    `states` are (n, children): scores, and what each cell holds.
    """
    rule = "zero" if settings.text("missing") == "zero" else "na"
    weight = np.asarray(weights, dtype=np.float64)
    points = weighted_parts(values, states, weight, rule)
    numbers = np.where(states == CellState.NUMBER, values, 0.0)
    largest = np.abs(numbers).max(axis=1, initial=0.0)
    mean = without_noise(points.values.sum(axis=1), largest)
    # Not the mean times the weights: whole points add up to whole numbers, as in the cells.
    total = np.where(mean == 0.0, 0.0, (numbers * weight).sum(axis=1))
    return make_block(total[:, None], points.errors[:, :1].copy())


def _sum_formula(cells: NodeCells) -> str:
    """Return the formula of a weighted sum of the children, inside the test for missing ones.

    Where values may cancel, it is the mean times the weights: the mean is 0 for mere rounding.
    """
    total = f"SUMPRODUCT({cells.values},{cells.weights})"
    if cells.cancels:
        weight = f"SUM({cells.weights})"
        total = f"{mean_formula(total, weight, cells.values)}*{weight}"
    return cells.guarded_formula(total)


SUM = Aggregation(
    name="sum",
    parameters=common_parameters("na", "zero"),
    words=(Word("sum", fixed={"missing": "na"}),),
    kernel=_compute_sum,
    between=False,
    native=NativeAggregation(formula=_sum_formula),
)
