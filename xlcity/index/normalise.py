"""The step *normalise* for one indicator in one population, by the method its recipe names."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from xlcity.functions.noise import is_flat
from xlcity.methods.normalise.record import CONSTANT, FAILS, SAME, Indicator, Normalisation
from xlcity.methods.registry import method_of
from xlcity.model.dataset import FloatArray, State, StateArray
from xlcity.model.nodes import Node
from xlcity.model.recipe import Step


@dataclass(frozen=True, slots=True, eq=False)
class Normalised:
    """Scores of the column; `marks` holds (row, kind) of cells that a rule changed."""

    values: FloatArray
    states: StateArray
    low: float | FloatArray = math.nan
    high: float | FloatArray = math.nan
    #: FAILS, SAME or "" for a column that varies and has a result.
    constant: str = ""
    marks: tuple[tuple[int, str], ...] = ()


def normalise(column: Indicator, step: Step, node: Node) -> Normalised:
    """Normalise one column, or (n, m) values of m replicates, each by itself.

    A failed column has no result for any unit: were its gaps still gaps, a node that leaves gaps
    out would be computed for just the units that lack the value.

    Raises
    ------
    RecipeError
        If the method is not known.
    """
    method, settings = method_of(Normalisation, step.method), step.settings(node)
    done = method.kernel(column, settings)
    values = done.block.values.reshape(column.values.shape).copy()
    lost = np.isnan(values)
    failed = lost & (column.states == State.VALUE)
    states = column.states.copy()
    np.copyto(states, np.uint8(State.VALUE), where=~lost)
    flat = is_flat(*column.span)
    constant = SAME if flat.all() else ""
    if failed.any():
        stand_in = settings.optional(CONSTANT.name) if method.constant == FAILS else None
        saved = flat & (stand_in is not None)
        values[failed & saved] = np.nan if stand_in is None else stand_in
        lost = failed.any(axis=0) & ~saved
        values[..., lost], states[..., lost] = np.nan, State.BLANK
        constant = FAILS if lost.any() else SAME
    return Normalised(values, states, done.low, done.high, constant, done.marks)


def span_of(values: FloatArray, states: StateArray) -> tuple[float, float]:
    """Return minimum and maximum of the numbers, NaN without any."""
    numbers = values[states == State.VALUE] if states.any() else values
    return (float(numbers.min()), float(numbers.max())) if numbers.size else (math.nan, math.nan)
