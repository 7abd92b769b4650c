"""Values and states of units x nodes at one stage of a computation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlcity.model.dataset import FloatArray, State, StateArray

Rows = np.ndarray | slice


def as_slice(rows: np.ndarray) -> Rows:
    """Return rows that follow each other as a slice, which reads and writes without copies.

    Rows are distinct; those of one population ascend.
    """
    if rows.size and rows[-1] - rows[0] + 1 == rows.size:
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


class Layer:
    """Values and states, blank at first; columns lie together in memory."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.values: FloatArray = np.full(shape, np.nan, order="F")
        self.states: StateArray = np.full(shape, State.BLANK, dtype=np.uint8, order="F")

    def put(self, rows: np.ndarray, at: int, values: FloatArray, states: StateArray) -> None:
        """Set one column."""
        place = as_slice(rows)
        self.values[place, at], self.states[place, at] = values, states

    def of(self, rows: np.ndarray, at: int) -> tuple[FloatArray, StateArray]:
        """Return one column, to be read only."""
        place = as_slice(rows)
        return self.values[place, at], self.states[place, at]

    def copy(self) -> Layer:
        """Return a layer of its own with the same content."""
        other = Layer((0, 0))
        other.values, other.states = self.values.copy(), self.states.copy()
        return other

    def block(self, rows: np.ndarray, at: Sequence[int]) -> tuple[FloatArray, StateArray]:
        """Return several columns as arrays of their own, row by row in memory."""
        place, columns = as_slice(rows), np.array(at)
        values, states = self.values[:, columns][place], self.states[:, columns][place]
        return np.ascontiguousarray(values), np.ascontiguousarray(states)


class Leaves:
    """The indicators of a layer, counted from 0 in tree order."""

    def __init__(self, layer: Layer, leaves: Sequence[int]) -> None:
        self._layer, self._leaves = layer, leaves

    def of(self, rows: np.ndarray, at: int) -> tuple[FloatArray, StateArray]:
        """Return one column, to be read only."""
        return self._layer.of(rows, self._leaves[at])

    def put(self, rows: np.ndarray, at: int, values: FloatArray, states: StateArray) -> None:
        """Set one column."""
        self._layer.put(rows, self._leaves[at], values, states)
