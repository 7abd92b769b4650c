"""What a program need not compute again: formulas that read nothing that has changed."""

from __future__ import annotations

from itertools import compress
from operator import is_not

import numpy as np

from xlcity.errors import CellValue
from xlcity.recalc.engines.compiled.order import IntArray
from xlcity.recalc.engines.compiled.program import Program

#: The values of all cells, by the indices that a program gives them.
_Values = list[CellValue]


class Changes:
    """Which cells have another value than in an earlier run of the same program.

    Parameters
    ----------
    program
        The program.
    typed
        The typed values now.
    typed_before, before
        The typed values, and all values, of the earlier run.

    Attributes
    ----------
    values
        All values: those typed now, and for formulas those of the earlier run.
    count
        How many typed cells have changed.
    """

    def __init__(
        self, program: Program, typed: _Values, typed_before: _Values, before: _Values
    ) -> None:
        self._program = program
        self._before = before
        self.values = before.copy()
        self._marks = bytearray(program.size)
        self._is_changed = np.frombuffer(self._marks, np.bool_)  # the same memory
        #: For each area whether a cell of it has changed: 1, 0, or -1 if that is not known yet.
        self._area_changes = np.full(len(program.areas), -1, np.int8)
        # Most are the same objects.
        for index in compress(range(len(typed)), map(is_not, typed_before, typed)):
            if _differ(typed_before[index], typed[index]):
                self.values[index] = typed[index]
                self._marks[index] = True
        self.count = int(np.count_nonzero(self._is_changed))

    def find_affected(self, function: int, formulas: IntArray) -> IntArray:
        """Return those formulas of a batch, a row of parameters each, that read what has changed.

        All cells that they read have been computed, and noted, before.
        """
        cell_columns, area_columns, named_cells, named_areas, _ = (
            self._program.readings[function]
        )
        if any(self._marks[cell] for cell in named_cells):
            return formulas
        if named_areas and self._have_changed(np.array(named_areas)).any():
            return formulas
        is_affected = self._is_changed[formulas.T[cell_columns]].any(axis=0)
        if area_columns:
            is_affected |= self._have_changed(formulas.T[area_columns]).any(axis=0)
        return formulas[is_affected]

    def _have_changed(self, areas: IntArray) -> IntArray:
        """Return for each number of an area 1 if a cell of it has changed, else 0."""
        marks = self._marks
        for number in set(areas[self._area_changes[areas] < 0].tolist()):
            start, step, rows, columns = self._program.areas[number]
            end = start + step * (columns - 1) + rows
            changed_cell = marks.find(1, start, end)
            # Those in other rows of the area's columns do not count.
            while changed_cell >= 0 and (changed_cell - start) % step >= rows:
                next_column = changed_cell + step - (changed_cell - start) % step
                changed_cell = marks.find(1, next_column, end)
            self._area_changes[number] = changed_cell >= 0
        return self._area_changes[areas]

    def note_computed(self, function: int, formulas: list[list[int]]) -> None:
        """Note which of the cells of some formulas, computed just now, have changed."""
        size_columns = self._program.readings[function][4]
        for formula in formulas:
            size = [formula[column] for column in size_columns]
            rows, columns, step = size or (1, 1, 1)  # of an array formula, or a cell
            for left in range(formula[0], formula[0] + columns * step, step):
                for cell in range(left, left + rows):
                    self._marks[cell] = _differ(self._before[cell], self.values[cell])


def _differ(old: CellValue, new: CellValue) -> bool:
    """Return whether a value is another one, in any bit: 0 and -0 differ."""
    return (
        old.__class__ is not new.__class__
        or old != new
        or (not new and repr(old) != repr(new))
    )
