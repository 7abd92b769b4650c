"""Scores of an index as the columns that statistics are taken of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlcity.functions.block import CellState, States
from xlcity.index import IndexResult
from xlcity.model.dataset import FloatArray, State

_CELL_STATES = {
    State.VALUE: CellState.NUMBER,
    State.BLANK: CellState.BLANK,
    State.MISSING: CellState.MISSING,
}


def default_codes(result: IndexResult) -> tuple[str, ...]:
    """Return the nodes right under the root."""
    return tuple(node.code for node in result.framework.children(result.framework.root.code))


def rows_of(result: IndexResult, population: str) -> np.ndarray:
    """Return the rows of the units of one population."""
    return result.dataset.populations.get(population, np.array([], dtype=np.int64))


def score_block(
    result: IndexResult, codes: Sequence[str], population: str
) -> tuple[FloatArray, States]:
    """Return scores (n, k) of nodes over the units of one population, and what each cell is."""
    rows = rows_of(result, population)
    values = np.column_stack([result.column(code)[rows] for code in codes])
    states = np.column_stack([result.states(code)[rows] for code in codes])
    cell_states = np.full(states.shape, CellState.BLANK, dtype=np.uint8)
    for state, cell_state in _CELL_STATES.items():
        cell_states[states == state] = cell_state
    return values, cell_states
