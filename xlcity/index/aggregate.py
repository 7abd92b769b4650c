"""The step *aggregate* for one node in one population."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xlcity.errors import CellError
from xlcity.functions.block import NA, NO_ERROR
from xlcity.methods.aggregate import Aggregation
from xlcity.methods.registry import method_of
from xlcity.model.dataset import FloatArray, State, StateArray
from xlcity.model.framework import Framework
from xlcity.model.recipe import Step


@dataclass(frozen=True, slots=True, eq=False)
class Aggregated:
    """Means of one node; `errors` holds (row, error) of rows that have no such mean."""

    values: FloatArray
    states: StateArray
    errors: tuple[tuple[int, CellError], ...]


def child_weights(framework: Framework, code: str, step: Step) -> list[float]:
    """Return the weights of a node's children: the framework's, or their numbers of indicators."""
    children = framework.children(code)
    if step.get("weights") == "leaves":
        return [float(len(framework.leaves_below(child.code))) for child in children]
    return [child.weight for child in children]


def aggregate(
    values: FloatArray,
    states: StateArray,
    weights: list[float] | FloatArray,
    step: Step,
    *,
    marked: bool = True,
) -> Aggregated:
    """Aggregate (n, children) scores; a blank leaves its row blank, a gap follows the step.

    Weights are one per child, or (n, children) where rows have their own. Under `refuse` one of
    either stops all rows. Errors are only told where they are to be `marked`.
    """
    method, settings = method_of(Aggregation, step.method), step.settings()
    made = method.kernel(values, states, weights, settings)
    scores = made.values[:, 0].copy()
    found = np.where(np.isnan(scores), State.MISSING, State.VALUE).astype(np.uint8)
    lost = np.isnan(scores) & (made.errors[:, 0] != NA) & (made.errors[:, 0] != NO_ERROR)
    found[lost] = State.BLANK
    failed = [
        (int(row), error)
        for row in (np.flatnonzero(lost) if marked else ())
        if (error := made.error(int(row), 0)) is not None
    ]
    found[(states == State.BLANK).any(axis=1)] = State.BLANK
    short = _too_few(states, step)
    scores[short], found[short] = np.nan, State.MISSING
    if step.get("missing") == "refuse" and (states == State.BLANK).any():
        found[:] = State.BLANK
    return Aggregated(scores, found, tuple(failed))


def _too_few(states: StateArray, step: Step) -> np.ndarray:
    """Tell which rows have fewer children than the step's threshold asks for; no blank does."""
    least = step.number("threshold") if step.params.get("threshold") is not None else 0.0
    if least <= 0:
        return np.zeros(len(states), dtype=np.bool_)
    there = (states == State.VALUE).mean(axis=1)
    blank = (states == State.BLANK).any(axis=1)
    return np.asarray((there < least - 1e-12) & ~blank)
