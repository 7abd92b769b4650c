"""What is noted while an index is computed: cells that a rule changed, failures and remarks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlcity.errors import Problem, Where
from xlcity.index.result import Mark
from xlcity.methods.normalise.record import FAILS, SAME
from xlcity.model.dataset import State, StateArray, Unit


class ComputationLog:
    """Collects marks, failures and notes; rows are those of the dataset."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self._units = units
        self.marks: list[Mark] = []
        self.failures: list[Problem] = []
        self.notes: list[Problem] = []

    def unit(self, rows: np.ndarray, row: int) -> str:
        """Return the id of a unit by its place among the rows of a group."""
        return self._units[int(rows[row])].id

    def mark(self, kind: str, rows: np.ndarray, row: int, code: str, detail: str) -> None:
        """Note a cell that a rule changed."""
        self.marks.append(Mark(kind, self.unit(rows, row), code, detail))

    def mark_direct(self, rows: np.ndarray, code: str, states: StateArray) -> None:
        """Note the units that have a value of their own for what is otherwise computed."""
        for row in np.flatnonzero(states == State.VALUE):
            self.mark("direct", rows, int(row), code, "a value of its own")

    def fail(self, number: str, message: str, hint: str, code: str, unit: str = "") -> None:
        """Note what could not be computed."""
        where = Where(indicator=code, unit=unit or None)
        self.failures.append(Problem(number, message, hint, where))

    def constant(self, code: str, method: str, same: str, kind: str) -> None:
        """Note a constant column by what it does to the method."""
        if kind == FAILS:
            hint = "Check the data, or set lower or constant in the recipe's step."
            self.fail("XC350", f"{same}: {method} has no result.", hint, code)
        elif kind == SAME:
            where = Where(indicator=code)
            self.notes.append(Problem("XC351", f"{same}.", "It moves no rank.", where))
