"""A computed workbook that goes on from its values: only what changed cells reach is computed.

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
from typing import Any

import numpy as np

from xlcity.errors import CellValue
from xlcity.recalc.engines.compiled.blocks import areas_of
from xlcity.recalc.engines.compiled.engine import (
    Compiled,
    calculating,
    constants,
    function,
    program_of,
    require_finite,
    require_in_limits,
)
from xlcity.recalc.engines.compiled.order import Batch, Cell
from xlcity.recalc.engines.compiled.program import Program
from xlcity.recalc.engines.compiled.references import columns_of
from xlcity.recalc.engines.compiled.translate import parameters
from xlcity.recalc.engines.protocol import Task, Values, too_long
from xlcity.xlsx.cells import Position


class LoadedProgram:
    """A workbook that the compiled engine has computed.

    Parameters
    ----------
    task
        The workbook; its time limit is that of one calculation.
    values
        What the engine found.

    Attributes
    ----------
    changed
        The formula cells whose value the last change has changed, with their new value.
    """

    def __init__(self, task: Task, values: Values) -> None:
        self._task, self._found = task, values
        self.changed: Values = {}
        self._program = program = program_of(task.book)
        self._values = constants(program, task.book)
        for sheet, places in program.outputs.items():
            computed = values.get(sheet, {}).values()
            for index, value in zip(places.tolist(), computed, strict=True):
                self._values[index] = value
        self._areas = areas_of(program.areas, self._values)
        self._functions = [function(code) for code in program.codes]
        shapes = [_Reading.of(code, program.names) for code in program.codes]
        self._spilled = [shape.spilled for shape in shapes]
        self._levels = [*_levels(program, shapes)]
        self._grids = sorted((*grid, name) for name, grid in program.grids.items())

    def values(self, changes: Mapping[tuple[str, Position], CellValue]) -> Values:
        """Change typed values for good and return the value of every formula cell.

        Sheets without a change are the same objects as before.

        Raises
        ------
        EngineError
            If it takes too long, or a value is in doubt; nothing can be gone on from then.
        """
        with calculating(self._task):
            places = self._reached([*self._entered(changes)])
            require_finite([self._values[index] for index in places])
            self.changed = self._found_at(places)
            self._found = {
                **self._found,
                **{sheet: {**self._found[sheet], **cells} for sheet, cells in self.changed.items()},
            }
            return self._found

    def _entered(self, changes: Mapping[tuple[str, Position], CellValue]) -> Iterator[int]:
        """Take typed values over; yield the places that formulas may read."""
        for (sheet, (row, column)), value in changes.items():
            offset, rows, columns = self._program.grids[sheet]
            if row <= rows and column <= columns:
                require_in_limits((value,))
                index = offset + (column - 1) * rows + row - 1
                self._values[index] = value
                yield index

    def _reached(self, places: list[int]) -> list[int]:
        """Compute what reads some places; return the places whose value is another one now."""
        deadline = time.monotonic() + self._task.timeout
        changed = np.zeros(self._program.size, dtype=bool)
        changed[places] = True
        changed_areas = np.zeros(len(self._areas), dtype=bool)
        changed_places: list[int] = []
        sources = np.array(sorted(places), dtype=np.int64)
        for level in self._levels:
            new: list[int] = []
            level.touch(sources, changed_areas)
            for shape, among in level.readers(changed, changed_areas):
                cells = [*zip(*self._program.columns[shape][:, among].tolist(), strict=True)]
                new += self._compute(shape, cells)
            if new:
                changed[new] = True
                changed_places += new
                sources = np.sort(np.concatenate((sources, np.array(new))))
            for *_, done in level.batches:
                for area in done:
                    self._areas[area].forget()
            if time.monotonic() > deadline:
                raise too_long(self._task, Compiled.name)
        return changed_places

    def _compute(self, shape: int, cells: list[Cell]) -> list[int]:
        """Compute formulas of one shape; return the places whose value is another one."""
        values, spilled = self._values, self._spilled[shape]
        if spilled:
            places = [index for cell in cells for index in _filled(cell, spilled)]
        else:
            places = [cell[0] for cell in cells]
        before = [values[index] for index in places]
        self._functions[shape](values, self._areas, self._program.names, cells)
        pairs = zip(places, before, strict=True)
        return [index for index, old in pairs if not _is_same(old, values[index])]

    def _found_at(self, places: list[int]) -> Values:
        """Return the values of some places by sheet and cell."""
        values_by_sheet: Values = {}
        for index in places:
            offset, rows, _, sheet = self._grids[bisect_right(self._grids, (index + 1,)) - 1]
            column, row = divmod(index - offset, rows)
            values_by_sheet.setdefault(sheet, {})[row + 1, column + 1] = self._values[index]
        return values_by_sheet


def _filled(cell: Cell, spilled: int) -> list[int]:
    """Return the places that an array formula fills."""
    rows, columns, step = cell[spilled : spilled + 3]
    starts = range(cell[0], cell[0] + columns * step, step)
    return [index for start in starts for index in range(start, start + rows)]


def _is_same(old: CellValue, new: CellValue) -> bool:
    if old is new:
        return True
    if old != new or old.__class__ is not new.__class__:
        return False
    return new != 0.0 or math.copysign(1.0, old) == math.copysign(1.0, new)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the formulas of a shape read.

    Attributes
    ----------
    cells, areas
        Which numbers of a cell are places of cells, and which are numbers of areas.
    named_cells, named_areas
        The same of names, which all of them read.
    spilled
        Which number is the first of three that say what an array formula fills; 0 for none.
    """

    cells: list[int]
    areas: list[int]
    named_cells: list[int]
    named_areas: list[int]
    spilled: int

    @classmethod
    def of(cls, code: str, names: Mapping[str, int]) -> _Reading:
        """Return what a code reads."""
        given = parameters(code)
        count = sum(name[0] == "p" for name in given)
        wide = [f"A[p{number}]" in code for number in range(count)]
        return cls(
            [number + 1 for number in range(count) if not wide[number]],
            [number + 1 for number in range(count) if wide[number]],
            [target for name, target in names.items() if f"V[K[{name!r}]]" in code],
            [target for name, target in names.items() if f"A[K[{name!r}]]" in code],
            count + 1 if "rows" in given else 0,
        )


@dataclass(slots=True)
class _Level:
    """Formulas that do not read each other.

    Attributes
    ----------
    batches
        What computes the formulas, which have numbers in this order.
    starts
        The number of the first formula of each batch.
    cells, areas
        What the formulas read, and which formula reads it.
    new
        The areas that no level before reads; then the stretches of places that these areas have:
        first, last and one more, and the area.
    """

    batches: list[Batch]
    starts: Any
    cells: tuple[Any, Any]
    areas: tuple[Any, Any]
    new: tuple[Any, Any, Any]

    def touch(self, changed: Any, changed_areas: Any) -> None:
        """Note which of the areas that are new hold one of some places, which are in order."""
        firsts, ends, owners = self.new
        if len(owners):
            touched = np.searchsorted(changed, firsts) < np.searchsorted(changed, ends)
            changed_areas[owners[touched]] = True

    def readers(self, changed: Any, changed_areas: Any) -> Iterator[tuple[int, Any]]:
        """Yield shape and numbers of the formulas that read a cell or an area that has changed."""
        of_cells = self.cells[1][changed[self.cells[0]]]
        of_areas = self.areas[1][changed_areas[self.areas[0]]]
        if not len(of_cells) and not len(of_areas):
            return
        reader_numbers = np.unique(np.concatenate((of_cells, of_areas)))
        bounds = np.searchsorted(reader_numbers, self.starts).tolist()
        for number in np.flatnonzero(np.diff(bounds)).tolist():
            shape, first, _, _ = self.batches[number]
            yield (
                shape,
                reader_numbers[bounds[number] : bounds[number + 1]] - self.starts[number] + first,
            )


def _levels(program: Program, shapes: list[_Reading]) -> Iterator[_Level]:
    """Yield the levels of a program."""
    specs = np.array(program.areas, dtype=np.int64).reshape(-1, 4)
    seen = np.zeros(len(specs), dtype=bool)
    start = 0
    for end in program.levels:
        batches = program.batches[start:end]
        sizes = [last - first for _, first, last, _ in batches]
        starts = np.cumsum([0, *sizes])
        cells, areas = _Pairs(), _Pairs()
        for number, (shape_number, first, last, _) in zip(starts.tolist(), batches, strict=False):
            shape, columns = shapes[shape_number], program.columns[shape_number][:, first:last]
            cells.add(number, columns, shape.cells, shape.named_cells)
            areas.add(number, columns, shape.areas, shape.named_areas)
        read, readers = areas.arrays()
        new = np.unique(read[~seen[read]])
        seen[new] = True
        yield _Level(batches, starts, cells.arrays(), (read, readers), _stretches(specs, new))
        start = end


class _Pairs:
    """What is read, and the formula that reads it."""

    def __init__(self) -> None:
        self._read: list[Any] = [np.zeros(0, dtype=np.int32)]
        self._readers: list[Any] = [np.zeros(0, dtype=np.int32)]

    def add(self, first: int, columns: Any, numbers: list[int], named: list[int]) -> None:
        """Add what formulas read, of which the first has a number."""
        readers = np.arange(first, first + columns.shape[1], dtype=np.int32)
        for number in numbers:
            self._read.append(columns[number])
            self._readers.append(readers)
        for target in named:
            self._read.append(np.full(len(readers), target, dtype=np.int32))
            self._readers.append(readers)

    def arrays(self) -> tuple[Any, Any]:
        """Return both."""
        return np.concatenate(self._read), np.concatenate(self._readers)


def _stretches(specs: Any, areas: Any) -> tuple[Any, Any, Any]:
    """Return the columns of some areas: first place, the one after the last, and the area."""
    firsts, heights, number = columns_of(*specs[areas].T)
    return firsts, firsts + heights, areas[number]
