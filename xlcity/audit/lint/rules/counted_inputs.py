"""Numbers that vanished, and zeros for gaps, by counts that were recorded with the values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from xlcity.audit.lint.finding import Finding
from xlcity.model.dataset import State
from xlcity.workbook.reading.recorded_values import Flags, Recorded

if TYPE_CHECKING:
    from xlcity.audit.lint.rules.former_inputs import FormerInputs


class CountedInputs:
    """The inputs beside how many numbers and gaps there were when the values were written last.

    Parameters
    ----------
    inputs
        The inputs; what was reported of them is not reported again.
    recorded
        What the book recorded.
    changed
        Rows whose recorded sum is another one.
    """

    def __init__(
        self, inputs: FormerInputs, recorded: Recorded, changed: set[int]
    ) -> None:
        self.inputs = inputs
        self.changed = changed
        scored = {u.id for u in inputs.template.dataset.units if u.population}
        present = {unit: row for row, unit in enumerate(inputs.units) if unit in scored}
        self.rows = {
            unit: row for unit, row in present.items() if unit in recorded.by_city
        }
        self.recorded = recorded
        is_wrong = inputs.find_wrong_cells()
        #: What cannot be used counts as a number: it is named for itself.
        self.numbers = ~np.isnan(inputs.values) | is_wrong
        self.gaps = (inputs.states == State.MISSING) & ~is_wrong
        #: Row or column -> how many numbers are lost, and how many gaps are filled.
        self.lost_by_row: dict[int, int] = {}
        self.filled_by_row: dict[int, int] = {}
        self.lost_by_column: dict[int, int] = {}
        self.filled_by_column: dict[int, int] = {}
        if recorded.by_input.keys() == {*inputs.codes}:
            self._count_rows()
            # Without all cities columns cannot be compared.
            if recorded.by_city.keys() <= present.keys():
                self._count_columns()

    def _count_rows(self) -> None:
        for unit, row in self.rows.items():
            before = self.recorded.by_city[unit]
            self.lost_by_row[row] = before.numbers - int(self.numbers[row].sum())
            self.filled_by_row[row] = before.gaps - int(self.gaps[row].sum())

    def _count_columns(self) -> None:
        known = [*self.rows.values()]
        for column, code in enumerate(self.inputs.codes):
            before = self.recorded.by_input[code]
            numbers = int(self.numbers[known, column].sum())
            gaps = int(self.gaps[known, column].sum())
            self.lost_by_column[column] = before.numbers - numbers
            self.filled_by_column[column] = before.gaps - gaps

    def findings(self) -> Iterator[Finding]:
        """Yield W43 where numbers are fewer than they were, and W44 where 0 stands for a gap."""
        yield from self._zeros_for_gaps()
        inputs = self.inputs
        is_open = ~self.numbers & ~inputs.reported
        explained: set[int] = set()
        for unit, row in self.rows.items():
            already = int((inputs.reported[row] & ~self.numbers[row]).sum())
            lost = self.lost_by_row.get(row, 0)
            if lost <= already or inputs.moved[row].any():
                continue
            columns = [
                c for c, n in self.lost_by_column.items() if n > 0 and is_open[row, c]
            ]
            columns = columns or np.flatnonzero(is_open[row]).tolist()
            before = self.recorded.by_city[unit].numbers
            cells = [(row, column) for column in columns]
            if cells:
                name = inputs.template.city_name(unit)
                yield inputs.fewer_numbers(name, before - lost, before, cells)
                explained.update(columns)
        yield from self._shorter_columns(is_open, explained)

    def _shorter_columns(
        self, is_open: Flags, explained: set[int]
    ) -> Iterator[Finding]:
        """Yield the columns with fewer numbers of which no row shows anything.

        In a row where a number and a gap changed places there are as many as before.
        """
        inputs = self.inputs
        for column, lost in self.lost_by_column.items():
            is_gone = ~self.numbers[:, column]
            already = int((inputs.reported[:, column] & is_gone).sum())
            if lost <= already or column in explained or inputs.moved[:, column].any():
                continue
            rows = np.flatnonzero(is_open[:, column]).tolist()
            rows = [row for row in rows if row in self.changed] or rows
            code = inputs.codes[column]
            before = self.recorded.by_input[code].numbers
            if rows:
                cells = [(row, column) for row in rows]
                yield inputs.fewer_numbers(code, before - lost, before, cells)

    def _zeros_for_gaps(self) -> Iterator[Finding]:
        """Yield W44 for cities and columns with fewer gaps, where 0 stands."""
        inputs = self.inputs
        zeros = inputs.open_zeros
        filled = [column for column, n in self.filled_by_column.items() if n > 0]
        for row in self.rows.values():
            if self.filled_by_row.get(row, 0) <= 0 and row not in self.changed:
                continue
            cells = [(row, column) for column in filled if zeros[row, column]]
            if cells:
                yield inputs.zero_for_gap(cells)
