"""A workbook's formulas as a program: shapes, where their cells stand, and in which order."""

from __future__ import annotations

import marshal
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from xlcity.recalc.engines.compiled.code import UntranslatableError
from xlcity.recalc.engines.compiled.order import Batch, Cells, batches_of, levels, ranges
from xlcity.recalc.engines.compiled.references import (
    FormulaRows,
    FormulaTable,
    References,
    RowCut,
    area_columns,
    places_of,
)
from xlcity.recalc.engines.compiled.translate import Translator, parameters, source
from xlcity.xlsx.address import Range, parse_area, parse_range
from xlcity.xlsx.cells import Position, ReadBook, Sheet
from xlcity.xlsx.formulas.syntax import in_brackets, parse
from xlcity.xlsx.formulas.tokens import find_references, normalise_formula

#: Cells that all ranges may have together; a workbook with more would need more memory than time.
_MOST_READ = 30_000_000
#: Cells that a grid may have; a workbook that needs more has cells far from each other.
_MOST_CELLS = 1 << 24

#: The shape of formulas that cannot be translated.
_NONE = -1


@dataclass(slots=True)
class Shape:
    """Formulas with the same code.

    Attributes
    ----------
    code
        The source of their function.
    position
        Whether it needs the addresses of the cells.
    wide
        For each reference whether its code takes an area rather than a cell.
    """

    code: str
    position: bool
    wide: tuple[bool, ...]


@dataclass(slots=True)
class SheetGrid:
    """Where the cells of a sheet stand among the values of all: column by column."""

    offset: int
    rows: int
    columns: int

    def place(self, row: int, column: int) -> int:
        """Return where a cell stands; 0, which is blank, for those outside."""
        if row > self.rows or column > self.columns:
            return 0
        return self.offset + (column - 1) * self.rows + row - 1


@dataclass(slots=True)
class Program:
    """What computes a workbook.

    Attributes
    ----------
    size
        How many values there are; the first is blank.
    grids
        Sheet -> where its cells stand.
    names
        Name -> the number of its cell or area.
    areas
        Start, step, rows and columns of each area.
    codes
        The functions' sources.
    batches
        Which function computes which cells, in order, and the areas that nothing reads afterwards.
    columns
        For each function what its cells are: a line for each of its parameters.
    outputs
        Sheet -> where the values of its computed cells stand.
    missing
        Places of formulas that are not computed, and of those that read them.
    levels
        How many batches come before the end of each level; those of one do not read each other.
    """

    size: int
    grids: dict[str, tuple[int, int, int]]
    names: dict[str, int]
    areas: list[tuple[int, int, int, int]]
    codes: list[str]
    batches: list[Batch]
    columns: list[Any]
    outputs: dict[str, Any] = field(default_factory=dict)
    missing: frozenset[int] = frozenset()
    levels: list[int] = field(default_factory=list)

    def cells(self, batch: Batch) -> Cells:
        """Return the cells that a batch computes."""
        shape, first, end, _ = batch
        return zip(*self.columns[shape][:, first:end].tolist(), strict=True)

    def content(self) -> bytes:
        """Return what is kept: the fields in order."""
        stored: dict[str, Any] = {
            record_field.name: getattr(self, record_field.name) for record_field in fields(self)
        }
        stored["columns"] = [columns.tobytes() for columns in self.columns]
        stored["outputs"] = {sheet: places.tobytes() for sheet, places in self.outputs.items()}
        return marshal.dumps(list(stored.values()))

    @classmethod
    def read(cls, content: Iterable[Any]) -> Program:
        """Return what was kept."""
        program = cls(*content)
        program.columns = [
            np.frombuffer(data, np.int32).reshape(len(parameters(code)), -1)
            for code, data in zip(program.codes, program.columns, strict=True)
        ]
        program.outputs = {
            name: np.frombuffer(data, np.int32) for name, data in program.outputs.items()
        }
        return program


class Compiler:
    """Makes the program of a workbook.

    Parameters
    ----------
    book
        The workbook.
    functions
        The functions of the library.
    without
        Places of formulas that are left out, with all that reads them; so are those that cannot be
        translated. ``None``: all formulas are wanted.

    Raises
    ------
    UntranslatableError
        If a formula uses what this engine does not have.
    """

    def __init__(
        self, book: ReadBook, functions: Collection[str], without: Collection[int] | None = None
    ) -> None:
        self.book, self.functions, self.without = book, functions, without
        self._local = {name.upper() for _, name in book.local_names}
        self._sheets = {name.upper(): name for name in book.sheets}
        self._names = {name.upper(): parse_area(text) for name, text in book.names.items()}
        self._used_names: dict[str, int] = {}
        self._wide: dict[str, bool] = {}
        self._shapes: dict[tuple[str, bool], int] = {}
        self._found: list[Shape] = []
        self._areas: dict[tuple[int, int, int, int], int] = {}

    def program(self) -> Program:
        """Return it."""
        table = FormulaTable({name: number for number, name in enumerate(self.book.sheets)})
        for number, sheet in enumerate(self.book.sheets.values()):
            self._read(table, number, sheet)
        references = table.references()
        grids, size = self._grids(references)
        offsets = np.array([grid.offset for grid in grids.values()])
        steps = np.array([grid.rows for grid in grids.values()])
        targets, specs = references.targets(offsets, steps)
        self._areas = {spec: number for number, spec in enumerate(specs)}
        for name in self._wide:
            area = self._names[name]
            assert area is not None
            self._used_names[name] = self._target(grids, area, self._wide[name])
        rows = self._cells(table, references, targets, grids)
        level, missing = self._levels(rows, size)
        areas = rows.readings()[1]
        batches, ends, order = batches_of(rows.shapes, level, len(self._areas), *areas)
        outputs = {
            name: np.array([grids[name].place(*p) for p in sheet.cells.computed()], np.int32)
            for name, sheet in self.book.sheets.items()
        }
        return Program(
            size,
            {name: (grid.offset, grid.rows, grid.columns) for name, grid in grids.items()},
            self._used_names,
            list(self._areas),
            [shape.code for shape in self._found],
            batches,
            self._columns(rows, order, references.formulas, targets),
            outputs,
            missing,
            ends,
        )

    # -- shapes ----------------------------------------------------------------------------------
    def _read(self, table: FormulaTable, number: int, sheet: Sheet) -> None:
        """Take the formulas of a sheet, each shape translated once."""
        cuts: dict[str, RowCut] = {}
        shapes_by_key: dict[tuple[object, ...], tuple[int, int, RowCut]] = {}
        arrays = sheet.arrays()
        for (position, text), key in zip(sheet.cells.texts(), sheet.cells.alike(), strict=True):
            array = arrays.get(position) if arrays else None
            if array is not None:
                table.arrays[len(table.shapes)] = array
            try:
                if new := key not in cuts:
                    cuts[key] = RowCut(text, sheet.name, self._sheets)
                cut = cuts[key]
                # What the keys leave open: numbers of the formula, and those in names of sheets.
                alike = key, array is not None, cut.between(text)
                if (shape_and_cut := shapes_by_key.get(alike)) is None:
                    cut = cut if new else RowCut(text, sheet.name, self._sheets)
                    shape = self._shape(cut, text, position, array is not None)
                    number_of_cut = table.add_cut(cut, self._found[shape].wide)
                    shape_and_cut = shapes_by_key[alike] = shape, number_of_cut, cut
                shape, number_of_cut, cut = shape_and_cut
                if cut.rows is not None:
                    table.rows.extend(map(int, cut.rows(text)))
            except UntranslatableError:
                if self.without is None:
                    raise
                shape, number_of_cut = _NONE, table.without_references()
            table.positions.extend(position)
            table.sheets.append(number)
            table.shapes.append(shape)
            table.cuts.append(number_of_cut)

    def _shape(self, cut: RowCut, text: str, position: Position, array: bool) -> int:
        if (number := self._shapes.get((cut.skeleton, array))) is None:
            self._found.append(self._translated(cut, text, position, array))
            number = self._shapes[cut.skeleton, array] = len(self._found) - 1
        return number

    def _translated(self, cut: RowCut, text: str, position: Position, array: bool) -> Shape:
        normalised, wide = normalise_formula(text, *position), cut.wide
        columns = [(span.c1, span.c2) for span in find_references(text)]
        if columns != [reference_span[1:3] for reference_span in cut.references] or any(
            ref.book for ref in normalised.refs
        ):
            raise UntranslatableError(f"the references of {text}")
        for name in normalised.names:
            area = self._names.get(name)
            if name in self._local or area is None or area.sheet not in self.book.sheets:
                raise UntranslatableError(f"the name {name}")
            self._wide[name] = area.rows * area.columns > 1
        if (tree := parse(normalised.tokens)) is None:
            raise UntranslatableError(f"the formula {text}")
        slots = {id(ref): pair for ref, pair in zip(normalised.refs, enumerate(wide), strict=True)}
        translator = Translator(slots, self._wide, self.functions, array)
        bracketed = tree.kind == "binary" and in_brackets(normalised.tokens)
        code = source(tree, translator, len(wide), array, bracketed=bracketed)
        areas = (f"A[p{number}]" in code for number in range(len(wide)))
        return Shape(code, translator.position, tuple(areas))

    # -- cells -----------------------------------------------------------------------------------
    def _grids(self, references: References) -> tuple[dict[str, SheetGrid], int]:
        """Return where the cells of each sheet stand: as far as formulas reach."""
        ends = zip(*references.reach(len(self.book.sheets)), strict=True)
        reach = {
            name: [int(row), int(column)]
            for name, (row, column) in zip(self.book.sheets, ends, strict=True)
        }
        areas = [area for area in map(self._names.get, self._wide) if area is not None]
        named = [(area.sheet, area.r2, area.c2) for area in areas]
        for name, sheet in self.book.sheets.items():
            if computed := sheet.cells.computed():
                downs, acrosses = zip(*computed, strict=True)
                named.append((name, max(downs), max(acrosses)))
        for name, last, right in named:
            reach[name] = [max(reach[name][0], last), max(reach[name][1], right)]
        grids, size = {}, 1
        for name, (rows, columns) in reach.items():
            grids[name] = SheetGrid(size, rows, columns)
            size += rows * columns
        if size > _MOST_CELLS:
            raise UntranslatableError("cells far from each other")
        return grids, size

    def _target(self, grids: dict[str, SheetGrid], area: Range, wide: bool) -> int:
        grid = grids[area.sheet]
        if not wide:
            return grid.place(area.r1, area.c1)
        return self._area(grid, area.r1, area.c1, area.r2, area.c2)

    def _area(self, grid: SheetGrid, r1: int, c1: int, r2: int, c2: int) -> int:
        start = grid.offset + (c1 - 1) * grid.rows + r1 - 1
        key = start, grid.rows, r2 - r1 + 1, c2 - c1 + 1
        if (number := self._areas.get(key)) is None:
            number = self._areas[key] = len(self._areas)
        return number

    def _cells(
        self,
        table: FormulaTable,
        references: References,
        targets: Any,
        grids: Mapping[str, SheetGrid],
    ) -> FormulaRows:
        """Return for each formula its shape, what it reads, and the cells it fills."""
        rows = FormulaRows(places_of(grids, table), np.array(table.shapes))
        rows.numbers["down"], rows.numbers["across"] = table.addresses()
        wide = references.wide
        for chosen, (targets_read, by) in ((~wide, rows.cells), (wide, rows.areas)):
            targets_read.append(targets[chosen])
            by.append(references.formulas[chosen])
        for number, shape in enumerate(self._found):
            for name in self._wide:
                if f"K[{name!r}]" in shape.code:
                    readers = np.nonzero(rows.shapes == number)[0]
                    rows.reads(readers, self._used_names[name], self._wide[name])
        steps = [grid.rows for grid in grids.values()]
        for number, array in table.arrays.items():
            r1, c1, r2, c2 = parse_range(array)
            rows.fills(number, r2 - r1 + 1, c2 - c1 + 1, steps[table.sheets[number]])
        never = rows.shapes == _NONE
        if self.without:
            never |= np.isin(rows.places, list(self.without))
        for index in np.nonzero(never)[0]:
            # A circle: it is never ready.
            rows.reads(np.array([index]), rows.places[index], False)
        return rows

    def _columns(self, rows: FormulaRows, order: Any, formulas: Any, targets: Any) -> list[Any]:
        """Return for each shape what its cells are, in order."""
        firsts = np.searchsorted(formulas, order)
        ends = np.searchsorted(rows.shapes[order], np.arange(len(self._found) + 1))
        columns_by_shape = []
        for shape, start, end in zip(self._found, ends, ends[1:], strict=False):
            chosen, first = order[start:end], firsts[start:end]
            columns = [
                targets[first + int(name[1:])] if name[0] == "p" else rows.numbers[name][chosen]
                for name in parameters(shape.code)
            ]
            columns_by_shape.append(np.array(columns, dtype=np.int32))
        return columns_by_shape

    def _levels(self, rows: FormulaRows, size: int) -> tuple[Any, frozenset[int]]:
        """Return the level of each formula, and the places of those that cannot be computed.

        Areas are nodes of their own.
        """
        formulas, areas = len(rows.places), len(self._areas)
        owner = np.full(size, -1, dtype=np.int32)
        owner[rows.places] = np.arange(formulas)
        for number, start, height, width, step in rows.spilled:
            for left in range(start, start + width * step, step):
                owner[left : left + height] = number
        columns, before = area_columns(np.array(list(self._areas), dtype=np.int64).reshape(-1, 4))
        lefts, tall, of_column = columns
        if tall.sum() > _MOST_READ:
            raise UntranslatableError("ranges of so many cells")
        inside = owner[ranges(lefts, tall)]
        of_area = np.repeat(of_column, tall) + formulas
        there = inside >= 0
        (read_cells, cell_readers), (read_areas, area_readers) = rows.readings()
        cells = owner[read_cells]
        is_formula = cells >= 0
        read = np.concatenate((inside[there], cells[is_formula], read_areas + formulas))
        reader = np.concatenate((of_area[there], cell_readers[is_formula], area_readers))
        before = np.concatenate(
            (np.full(formulas, -1), np.where(before < 0, -1, before + formulas))
        )
        level = levels(formulas + areas, read, reader, before)[:formulas]
        never = level < 0
        if not never.any():
            return level, frozenset()
        if self.without is None:
            raise UntranslatableError("a circle of cells")
        there = owner >= 0
        there[there] = never[owner[there]]
        return level, frozenset(np.nonzero(there)[0].tolist())
