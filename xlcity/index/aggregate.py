"""The step *aggregate* for one node in one population."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xlcity.errors import CellError
from xlcity.functions.aggregate import weighted_index
from xlcity.functions.block import NA, Block, block
from xlcity.functions.combine import contributions, copeland_score, min_index, mpi_index
from xlcity.functions.noise import without_noise
from xlcity.model.dataset import FloatArray, State, StateArray
from xlcity.model.framework import Framework
from xlcity.model.recipe import Step

#: Methods that take no weights: none are looked for.
UNWEIGHTED = ("minimum", "mpi", "none")


@dataclass(frozen=True, slots=True, eq=False)
class Aggregated:
    """Means of one node; `errors` holds (row, error) of rows that have no such mean."""

    values: FloatArray
    states: StateArray
    errors: tuple[tuple[int, CellError], ...]


def child_weights(framework: Framework, code: str, step: Step) -> list[float]:
    """Return the weights of a node's children: the framework's, or their numbers of indicators."""
    children = framework.children(code)
    if step.get("weights", "given") == "leaves":
        return [float(len(framework.leaves_below(child.code))) for child in children]
    return [child.weight for child in children]


def aggregate(
    values: FloatArray, states: StateArray, weights: list[float], step: Step
) -> Aggregated:
    """Aggregate (n, children) scores; a blank leaves its row blank, a gap follows the step.

    Under `refuse` one of either stops all rows.
    """
    missing = str(step.get("missing", "na"))
    made = _METHODS.get(step.method, _mean)(values, states, weights, missing, step)
    scores = made.values[:, 0].copy()
    found = np.where(np.isnan(scores), State.MISSING, State.VALUE).astype(np.uint8)
    failed = [
        (int(row), error)
        for row in np.flatnonzero(np.isnan(scores) & (made.errors[:, 0] != NA))
        if (error := made.error(int(row), 0)) is not None
    ]
    found[[row for row, _ in failed]] = State.BLANK
    found[(states == State.BLANK).any(axis=1)] = State.BLANK
    short = _too_few(states, step)
    scores[short], found[short] = np.nan, State.MISSING
    if missing == "refuse" and (states == State.BLANK).any():
        found[:] = State.BLANK
    return Aggregated(scores, found, tuple(failed))


def _too_few(states: StateArray, step: Step) -> np.ndarray:
    """Tell which rows have fewer children than the step's threshold asks for; no blank does."""
    there = (states == State.VALUE).mean(axis=1)
    blank = (states == State.BLANK).any(axis=1)
    return np.asarray((there < step.number("threshold", 0.0) - 1e-12) & ~blank)


def _mean(
    values: FloatArray, states: StateArray, weights: list[float], missing: str, step: Step
) -> Block:
    power = step.number("power", 1.0)
    return weighted_index(values, weights, step.method, missing, power, states=states)


def _minimum(
    values: FloatArray, states: StateArray, weights: list[float], missing: str, step: Step
) -> Block:
    return min_index(values, missing, states=states)


def _mpi(
    values: FloatArray, states: StateArray, weights: list[float], missing: str, step: Step
) -> Block:
    return mpi_index(values, str(step.get("penalty", "minus")), missing, states=states)


def _copeland(
    values: FloatArray, states: StateArray, weights: list[float], missing: str, step: Step
) -> Block:
    return copeland_score(values, weights, missing, states=states)


def _sum(
    values: FloatArray, states: StateArray, weights: list[float], missing: str, step: Step
) -> Block:
    rule = "zero" if missing == "zero" else "na"
    parts = contributions(values, weights, rule, states=states)
    # Contributions are those to a mean: its total weight makes a sum of them.
    mean = parts.values.sum(axis=1)
    largest = np.where(states == State.VALUE, np.abs(values), 0.0).max(axis=1, initial=0.0)
    total = without_noise(mean, largest)[:, None] * sum(weights)
    return block(total, parts.errors[:, :1].copy())


def _nothing(
    values: FloatArray, states: StateArray, weights: list[float], missing: str, step: Step
) -> Block:
    return Block(np.full((len(values), 1), np.nan), np.full((len(values), 1), NA, dtype=np.uint8))


_METHODS: dict[str, Callable[[FloatArray, StateArray, list[float], str, Step], Block]] = {
    "minimum": _minimum,
    "sum": _sum,
    "none": _nothing,
    "mpi": _mpi,
    "copeland": _copeland,
}
