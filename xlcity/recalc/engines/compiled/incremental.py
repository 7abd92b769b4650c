"""A computed workbook that is kept, so that after a change only what reads it is computed.

Formulas are visited level by level, as the program has them. A formula is computed again where a
cell or an area that it reads holds another value than before; where its own value comes out the
same, nothing behind it is computed for its sake.
"""

from __future__ import annotations

import math
import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xlcity.errors import CellValue
from xlcity.recalc.engines.compiled.blocks import make_areas
from xlcity.recalc.engines.compiled.engine import (
    Compiled,
    calculating,
    compiled_function,
    program_of,
    require_finite,
    require_in_limits,
    typed_values,
)
from xlcity.recalc.engines.compiled.order import Batch, Cell, IntArray
from xlcity.recalc.engines.compiled.program import Program
from xlcity.recalc.engines.compiled.references import columns_of
from xlcity.recalc.engines.compiled.translate import parameters
from xlcity.recalc.engines.protocol import Task, Values, late_error
from xlcity.xlsx.cells import Position


class LoadedProgram:
    """A workbook that the compiled engine has computed.

    Parameters
    ----------
    task
        The workbook; its time limit is that of one calculation.
    values
        What the engine has computed for it.

    Attributes
    ----------
    changed
        The formula cells whose value the last change has changed, with their new value.
    """

    def __init__(self, task: Task, values: Values) -> None:
        self._task, self._formula_values = task, values
        self.changed: Values = {}
        self._program = program = program_of(task.book)
        self._values = typed_values(program, task.book)
        for sheet, indices in program.outputs.items():
            computed = values.get(sheet, {}).values()
            for index, value in zip(indices.tolist(), computed, strict=True):
                self._values[index] = value
        self._areas = make_areas(program.areas, self._values)
        self._functions = [compiled_function(code) for code in program.codes]
        shapes = [_ShapeReadings.of(code, program.names) for code in program.codes]
        self._spilled = [shape.spilled for shape in shapes]
        self._levels = [*_make_levels(program, shapes)]
        self._grids = sorted((*grid, name) for name, grid in program.grids.items())

    def values(self, changes: Mapping[tuple[str, Position], CellValue]) -> Values:
        """Change typed values for good and return the value of every formula cell.

        Sheets without a change are the same objects as before.

        Raises
        ------
        EngineError
            If it takes too long, or a value is in doubt; the object cannot be used afterwards.
        """
        with calculating(self._task):
            indices = self._recompute_readers([*self._enter_values(changes)])
            require_finite([self._values[index] for index in indices])
            self.changed = self._values_by_sheet(indices)
            values = self._formula_values
            changed_sheets = {s: {**values[s], **cells} for s, cells in self.changed.items()}
            self._formula_values = {**values, **changed_sheets}
            return self._formula_values

    def _enter_values(self, changes: Mapping[tuple[str, Position], CellValue]) -> Iterator[int]:
        """Store typed values; yield the indices of those that formulas may read."""
        for (sheet, (row, column)), value in changes.items():
            offset, rows, columns = self._program.grids[sheet]
            if row <= rows and column <= columns:
                require_in_limits((value,))
                index = offset + (column - 1) * rows + row - 1
                self._values[index] = value
                yield index

    def _recompute_readers(self, indices: list[int]) -> list[int]:
        """Recompute all that reads changed cells; return the cells whose value changes by it.

        Cells are given and returned as indices.
        """
        deadline = time.monotonic() + self._task.timeout
        changed = np.zeros(self._program.size, dtype=bool)
        changed[indices] = True
        changed_areas = np.zeros(len(self._areas), dtype=bool)
        changed_indices: list[int] = []
        sources = np.array(sorted(indices), dtype=np.int64)
        for level in self._levels:
            changed_in_level: list[int] = []
            level.mark_changed_areas(sources, changed_areas)
            for shape, formulas in level.readers(changed, changed_areas):
                cells = [*zip(*self._program.columns[shape][:, formulas].tolist(), strict=True)]
                changed_in_level += self._recompute(shape, cells)
            if changed_in_level:
                changed[changed_in_level] = True
                changed_indices += changed_in_level
                sources = np.sort(np.concatenate((sources, np.array(changed_in_level))))
            for *_, unused_areas in level.batches:
                for area in unused_areas:
                    self._areas[area].forget_values()
            if time.monotonic() > deadline:
                raise late_error(self._task, Compiled.name)
        return changed_indices

    def _recompute(self, shape: int, cells: list[Cell]) -> list[int]:
        """Recompute formulas of one shape; return the indices of cells whose value changes."""
        values, spilled = self._values, self._spilled[shape]
        if spilled:
            indices = [index for cell in cells for index in _array_range_indices(cell, spilled)]
        else:
            indices = [cell[0] for cell in cells]
        before = [values[index] for index in indices]
        self._functions[shape](values, self._areas, self._program.names, cells)
        pairs = zip(indices, before, strict=True)
        return [index for index, old in pairs if not _is_same(old, values[index])]

    def _values_by_sheet(self, indices: list[int]) -> Values:
        """Return the values at some indices by sheet and position."""
        values_by_sheet: Values = {}
        for index in indices:
            offset, rows, _, sheet = self._grids[bisect_right(self._grids, (index + 1,)) - 1]
            column, row = divmod(index - offset, rows)
            values_by_sheet.setdefault(sheet, {})[row + 1, column + 1] = self._values[index]
        return values_by_sheet


def _array_range_indices(cell: Cell, spilled: int) -> list[int]:
    """Return the indices of the cells that an array formula fills.

    `spilled` says which of its parameters are the rows, columns and step of the range.
    """
    rows, columns, step = cell[spilled : spilled + 3]
    starts = range(cell[0], cell[0] + columns * step, step)
    return [index for start in starts for index in range(start, start + rows)]


def _is_same(old: CellValue, new: CellValue) -> bool:
    """Return whether values have the same kind and content; 0.0 and -0.0 differ."""
    if old is new:
        return True
    if old != new or old.__class__ is not new.__class__:
        return False
    return new != 0.0 or math.copysign(1.0, old) == math.copysign(1.0, new)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _ShapeReadings:
    """What the formulas of a shape read.

    Attributes
    ----------
    cells, areas
        Which parameters are indices of cells, and which are numbers of areas.
    named_cells, named_areas
        Indices of cells and numbers of areas that all formulas read by name.
    spilled
        Which parameter is the first of the rows, columns and step of an array formula; 0 for none.
    """

    cells: list[int]
    areas: list[int]
    named_cells: list[int]
    named_areas: list[int]
    spilled: int

    @classmethod
    def of(cls, code: str, names: Mapping[str, int]) -> _ShapeReadings:
        """Return what the code of a shape reads; `names` has the target of each name.

        In code, ``A[p0]`` is the area and ``V[p0]`` the cell of reference 0; see `translate`.
        """
        names_of_parameters = parameters(code)
        count = sum(name[0] == "p" for name in names_of_parameters)
        is_range = [f"A[p{number}]" in code for number in range(count)]
        return cls(
            cells=[number + 1 for number in range(count) if not is_range[number]],
            areas=[number + 1 for number in range(count) if is_range[number]],
            named_cells=[target for name, target in names.items() if f"V[K[{name!r}]]" in code],
            named_areas=[target for name, target in names.items() if f"A[K[{name!r}]]" in code],
            spilled=count + 1 if "rows" in names_of_parameters else 0,
        )


@dataclass(slots=True)
class _Level:
    """Formulas that do not read each other.

    Attributes
    ----------
    batches
        The batches of the level; its formulas have numbers in this order.
    starts
        The number of the first formula of each batch.
    cells, areas
        Indices of cells and numbers of areas that are read, and which formula reads them.
    new_columns
        The columns of areas that no level before reads: index of the first cell, index after the
        last one, and number of the area.
    """

    batches: list[Batch]
    starts: IntArray
    cells: tuple[IntArray, IntArray]
    areas: tuple[IntArray, IntArray]
    new_columns: tuple[IntArray, IntArray, IntArray]

    def mark_changed_areas(self, changed: IntArray, changed_areas: NDArray[np.bool_]) -> None:
        """Set `changed_areas` for new areas that hold one of the changed cells (sorted indices)."""
        firsts, ends, owners = self.new_columns
        if len(owners):
            has_changed = np.searchsorted(changed, firsts) < np.searchsorted(changed, ends)
            changed_areas[owners[has_changed]] = True

    def readers(
        self, changed: NDArray[np.bool_], changed_areas: NDArray[np.bool_]
    ) -> Iterator[tuple[int, IntArray]]:
        """Yield the formulas that read a changed cell or area: a shape, and numbers within it."""
        cell_readers = self.cells[1][changed[self.cells[0]]]
        area_readers = self.areas[1][changed_areas[self.areas[0]]]
        if not len(cell_readers) and not len(area_readers):
            return
        reader_numbers = np.unique(np.concatenate((cell_readers, area_readers)))
        bounds = np.searchsorted(reader_numbers, self.starts).tolist()
        for number in np.flatnonzero(np.diff(bounds)).tolist():
            shape, first, _, _ = self.batches[number]
            yield (
                shape,
                reader_numbers[bounds[number] : bounds[number + 1]] - self.starts[number] + first,
            )


def _make_levels(program: Program, shapes: list[_ShapeReadings]) -> Iterator[_Level]:
    """Yield the levels of a program, with what their formulas read.

    `shapes` has for each shape of the program which parameters are read.
    """
    specs = np.array(program.areas, dtype=np.int64).reshape(-1, 4)
    read_before = np.zeros(len(specs), dtype=bool)
    start = 0
    for end in program.levels:
        batches = program.batches[start:end]
        sizes = [last - first for _, first, last, _ in batches]
        starts = np.cumsum([0, *sizes])
        cells, areas = _Readings(), _Readings()
        for number, (shape_number, first, last, _) in zip(starts.tolist(), batches, strict=False):
            shape, columns = shapes[shape_number], program.columns[shape_number][:, first:last]
            cells.add(number, columns, shape.cells, shape.named_cells)
            areas.add(number, columns, shape.areas, shape.named_areas)
        read, readers = areas.arrays()
        new_areas = np.unique(read[~read_before[read]])
        read_before[new_areas] = True
        new_columns = _area_columns(specs, new_areas)
        yield _Level(batches, starts, cells.arrays(), (read, readers), new_columns)
        start = end


class _Readings:
    """Collects pairs: what is read, and the formula that reads it."""

    def __init__(self) -> None:
        self._read: list[IntArray] = [np.zeros(0, dtype=np.int32)]
        self._readers: list[IntArray] = [np.zeros(0, dtype=np.int32)]

    def add(self, first: int, columns: IntArray, numbers: list[int], named: list[int]) -> None:
        """Add what formulas of one shape read.

        Parameters
        ----------
        first
            The number of the first formula; the others follow.
        columns
            A row per parameter and a column per formula.
        numbers
            The parameters that are read.
        named
            Targets of names, which all formulas read.
        """
        readers = np.arange(first, first + columns.shape[1], dtype=np.int32)
        for number in numbers:
            self._read.append(columns[number])
            self._readers.append(readers)
        for target in named:
            self._read.append(np.full(len(readers), target, dtype=np.int32))
            self._readers.append(readers)

    def arrays(self) -> tuple[IntArray, IntArray]:
        """Return what is read, and the formulas that read it."""
        return np.concatenate(self._read), np.concatenate(self._readers)


def _area_columns(specs: IntArray, areas: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return the columns of some areas: first index, index after the last, number of the area."""
    firsts, heights, number = columns_of(*specs[areas].T)
    return firsts, firsts + heights, areas[number]
