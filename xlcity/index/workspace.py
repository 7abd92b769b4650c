"""What a computation works with: layers of values, and a log of marks, failures and remarks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from xlcity.errors import Problem, Where
from xlcity.index.result import Mark
from xlcity.messages import Message
from xlcity.methods.normalise.record import FAILS, SAME
from xlcity.model.dataset import FloatArray, State, StateArray, Unit, as_slice


class Layer:
    """(units, columns) values and states, blank at first; columns lie together in memory."""

    def __init__(self, shape: tuple[int, int]) -> None:
        """Make a blank layer of (units, columns); order F keeps columns together in memory."""
        self.values: FloatArray = np.full(shape, np.nan, order="F")
        states = np.full(shape, State.BLANK, dtype=np.uint8, order="F")
        self.states: StateArray = states
        self._copies: dict[tuple[int, ...], tuple[FloatArray, StateArray]] = {}

    def write(
        self, rows: np.ndarray, column: int, values: FloatArray, states: StateArray
    ) -> None:
        """Set values and states of one column in some rows."""
        row_index = as_slice(rows)
        self.values[row_index, column] = values
        self.states[row_index, column] = states

    def read(self, rows: np.ndarray, column: int) -> tuple[FloatArray, StateArray]:
        """Return values and states of one column in some rows, to be read only."""
        row_index = as_slice(rows)
        return self.values[row_index, column], self.states[row_index, column]

    def copy(self) -> Layer:
        """Return a layer of its own with the same content."""
        copied = Layer((0, 0))
        copied.values = self.values.copy()
        copied.states = self.states.copy()
        return copied

    def _take(self, columns: Sequence[int]) -> tuple[FloatArray, StateArray]:
        """Return values and states of some columns: views of neighbours, else a copy.

        They lie in memory as the layer does: whole columns are copied much faster than rows.
        """
        chosen = list(columns)
        first = chosen[0] if chosen else 0
        end = first + len(chosen)
        if chosen and chosen == list(range(first, end)):
            return self.values[:, first:end], self.states[:, first:end]
        return self.values.T[chosen].T, self.states.T[chosen].T

    def columns(self, columns: Sequence[int]) -> tuple[FloatArray, StateArray]:
        """Return values and states of some columns of a finished layer, at most one copy for all.

        They are to be read only.
        """
        key = tuple(columns)
        if key not in self._copies:
            self._copies[key] = self._take(key)
        return self._copies[key]

    def view_block(
        self, rows: np.ndarray, columns: Sequence[int]
    ) -> tuple[FloatArray, StateArray]:
        """Return (rows, columns) values and states, to be read only."""
        values, states = self._take(columns)
        row_index = as_slice(rows)
        return _read_only(values[row_index]), _read_only(states[row_index])

    def read_block(
        self, rows: np.ndarray, columns: Sequence[int]
    ) -> tuple[FloatArray, StateArray]:
        """Return (rows, columns) values and states as arrays of their own."""
        values, states = self._take(columns)
        row_index = as_slice(rows)
        return values[row_index].copy(order="K"), states[row_index].copy(order="K")


def _read_only(array: np.ndarray) -> np.ndarray:
    """Return a view that cannot be written to."""
    view = array.view()
    view.flags.writeable = False
    return view


class ComputationLog:
    """Collects marks, failures and notes.

    In its methods `rows` are those of a group in the dataset, and `row` is a position among them.
    """

    def __init__(self, units: Sequence[Unit]) -> None:
        self._units = units
        self.marks: list[Mark] = []
        self.failures: list[Problem] = []
        self.notes: list[Problem] = []

    def unit_id(self, rows: np.ndarray, row: int) -> str:
        """Return the id of a unit by its place among the rows of a group."""
        return self._units[int(rows[row])].id

    def mark(
        self, kind: str, rows: np.ndarray, row: int, *, code: str, detail: str
    ) -> None:
        """Record that a rule changed a cell.

        Parameters
        ----------
        kind
            What was done, as in `Mark`.
        rows, row
            Positions of a group's units in the dataset, and which of these it is.
        code, detail
            The node or indicator, and what to say of the change.
        """
        self.marks.append(Mark(kind, self.unit_id(rows, row), code, detail))

    def mark_direct(
        self, rows: np.ndarray, code: str, has_own_value: np.ndarray
    ) -> None:
        """Record the units of a group that have a value of their own for a computed node."""
        for row in np.flatnonzero(has_own_value):
            self.mark("direct", rows, int(row), code=code, detail="a value of its own")

    def note_constant(self, code: str, method: str, equal: Message, kind: str) -> None:
        """Record a constant column: as a failure or as a note, by what it does to the method.

        Parameters
        ----------
        equal
            Says which values are equal.
        kind
            FAILS: the method has no result; SAME: it has.
        """
        where = Where(indicator=code)
        if kind == FAILS:
            self.failures.append(
                Problem.of("XC350.constant", where, equal=equal, method=method)
            )
        elif kind == SAME:
            self.notes.append(Problem.of("XC351.constant", where, equal=equal))


def gap_marks(
    children: Sequence[str],
    missing: str,
    states: StateArray,
    weights: FloatArray,
    scored: np.ndarray,
) -> Iterator[tuple[int, str, str]]:
    """Yield (row, kind, detail) of scores that were computed though a child is missing.

    One that weighs nothing is not missed.

    Parameters
    ----------
    missing
        The node's rule for missing children, the step's parameter `missing`.
    states, scored
        (n, children) states of the children, and (n,) which rows have a score.
    weights
        (children,) their weights.
    """
    is_missing = (states == State.MISSING) & (weights != 0)
    kind = "renormalised" if missing == "renormalise" else "zero"
    detail_of_pattern: dict[bytes, str] = {}
    for row in np.flatnonzero(scored & is_missing.any(axis=1)).tolist():
        # Many units lack the same children: one text serves them all.
        pattern = is_missing[row].tobytes()
        if pattern not in detail_of_pattern:
            names = ", ".join(
                c for c, lacks in zip(children, is_missing[row], strict=True) if lacks
            )
            detail_of_pattern[pattern] = f"missing: {names}"
        yield row, kind, detail_of_pattern[pattern]
