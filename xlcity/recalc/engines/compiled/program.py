"""A workbook's formulas as a program: their shapes, the indices of their cells, their order."""

from __future__ import annotations

import marshal
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from functools import cache
from types import CodeType
from typing import Any

import numpy as np

from xlcity.recalc.engines.compiled.order import (
    IntArray,
    find_areas_last_read,
    find_levels,
    join_ranges,
    make_batches,
)
from xlcity.recalc.engines.compiled.references import (
    FormulaRows,
    FormulaTable,
    ReferenceCut,
    References,
    area_columns,
    cell_indices,
)
from xlcity.recalc.engines.compiled.translate import Translator, parameter_names
from xlcity.recalc.engines.compiled.values import UntranslatableError
from xlcity.xlsx.address import column_number, parse_area, parse_range
from xlcity.xlsx.cells import Position, ReadBook, Sheet
from xlcity.xlsx.formulas.syntax import Expr, is_in_brackets, parse
from xlcity.xlsx.formulas.tokens import NormalisedFormula, Ref, normalise_formula

#: Cells that all ranges may have together; a workbook with more would need more memory than time.
_MOST_RANGE_CELLS = 30_000_000
#: Cells that a grid may have; a workbook that needs more has cells far from each other.
_MOST_GRID_CELLS = 1 << 24

#: What names stand for of which all formulas read the same cells.
_FIXED = re.compile(r".*!\$[A-Z]+\$\d+(:\$[A-Z]+\$\d+)?", re.IGNORECASE | re.DOTALL)
#: The shape of formulas that cannot be translated.
_NO_SHAPE = -1
#: The code of those, which computes nothing.
_NO_CODE = "def formula(V, A, K, cells):\n for o, in cells:\n  pass\n"


@dataclass(slots=True)
class Shape:
    """Formulas that differ in rows and columns only.

    Attributes
    ----------
    tree, refs
        One of them as a tree, and the references in it.
    is_range
        For each reference whether it is a range.
    is_array, is_bracketed
        Whether they are array formulas, and whether one pair of brackets encloses them.
    code
        The code of their function.
    """

    tree: Expr
    refs: tuple[Ref, ...]
    is_range: list[bool]
    is_array: bool
    is_bracketed: bool
    code: str = _NO_CODE


@dataclass(slots=True)
class SheetGrid:
    """A sheet's part of the list of all values, column by column.

    Attributes
    ----------
    offset
        The index of its first cell.
    rows, columns
        Its size.
    """

    offset: int
    rows: int
    columns: int

    def index_of(self, row: int, column: int) -> int:
        """Return the index of a cell, counted from A1 = (1, 1); 0, a blank, for those outside."""
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
        Sheet -> offset, rows and columns of its `SheetGrid`.
    names
        Name -> the index of its cell, or the number of its area.
    areas
        Start, step, rows and columns of each area.
    codes
        What defines each function, compiled: sources would take a tenth of a `recalc` to compile.
    batches
        In order: the number of a function, how many formulas it computes, their parameters (32-bit
        numbers, one formula after the other), and the areas that nothing reads afterwards.
    outputs
        Sheet -> the indices of its computed cells, as 32-bit numbers.
    missing
        Indices of formulas that are not computed, and of those that read them.
    readings
        Of each function: the columns of its parameters that are cells, and those that are areas;
        the cells and the areas that it reads by name; the columns of an array formula's size.
    """

    size: int
    grids: dict[str, tuple[int, int, int]]
    names: dict[str, int]
    areas: list[tuple[int, int, int, int]]
    codes: list[CodeType]
    batches: list[tuple[int, int, bytes, list[int]]]
    outputs: dict[str, bytes]
    missing: frozenset[int]
    readings: list[tuple[list[int], ...]]

    def to_bytes(self) -> bytes:
        """Return the fields in order, to be stored; `Program` takes what marshal reads of them."""
        return marshal.dumps([getattr(self, stored.name) for stored in fields(self)])


def read_numbers(data: bytes) -> IntArray:
    """Return 32-bit numbers, which a program stores as bytes, as an array."""
    return np.frombuffer(data, np.int32)


@cache
def compile_code(source: str) -> CodeType:
    """Return the source of a formula's function, compiled.

    Raises
    ------
    UntranslatableError
        If it is nested more deeply than Python can compile.
    """
    try:
        return compile(source, "<formula>", "exec")
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise UntranslatableError("a formula as deep as this") from error


def _to_bytes(numbers: Sequence[Any]) -> bytes:
    """Return numbers as 32-bit ones in bytes; of several columns, row by row."""
    return np.array(numbers, dtype=np.int32).T.tobytes()


def _find_first_alike(columns: IntArray, is_range: Sequence[bool]) -> list[int]:
    """Return for each reference of a shape the number of the first that always means the same.

    `columns` has a row for each reference, with what it means in each formula.
    """
    rows = [
        (column.tobytes(), wide) for column, wide in zip(columns, is_range, strict=True)
    ]
    first: dict[object, int] = {}
    return [first.setdefault(row, number) for number, row in enumerate(rows)]


class Compiler:
    """Makes the program of a workbook.

    Parameters
    ----------
    book
        The workbook.
    functions
        Names of the library's functions.
    without
        Indices of formulas that are left out, with all that reads them; so are those that cannot be
        translated. None: all formulas are wanted.

    Raises
    ------
    UntranslatableError
        If a formula uses what this engine does not have.
    """

    def __init__(
        self,
        book: ReadBook,
        functions: Collection[str],
        without: Collection[int] | None = None,
    ) -> None:
        """Take the workbook and its names; nothing is translated yet."""
        self.book = book
        self.functions = functions
        self.without = without
        self._sheets = {name.upper(): name for name in book.sheets}
        # A sheet that was copied has names of its own; those of what is printed are in no formula.
        local = {
            (sheet, name): text
            for (sheet, name), text in book.local_names.items()
            if not name.startswith("_xlnm.")
        }
        self._naming_sheets = {sheet for sheet, _ in local}
        texts = book.names | {
            f"{sheet}!{name}": text for (sheet, name), text in local.items()
        }
        self._names = {
            name.upper(): parse_area(text) if _FIXED.fullmatch(text) else None
            for name, text in texts.items()
        }
        self._name_targets: dict[str, int] = {}
        self._name_is_range: dict[str, bool] = {}
        self._shape_numbers: dict[tuple[str, bool, str], int] = {}
        self._shapes: list[Shape] = []
        self._area_numbers: dict[tuple[int, int, int, int], int] = {}

    def compile(self) -> Program:
        """Return the program.

        Raises
        ------
        UntranslatableError
            If a formula uses what this engine does not have, or ranges are too large.
        """
        table = FormulaTable(
            {name: number for number, name in enumerate(self.book.sheets)}
        )
        for number, sheet in enumerate(self.book.sheets.values()):
            self._read_formulas(table, number, sheet)
        references = table.references()
        grids, size = self._sheet_grids(references)
        offsets = np.array([grid.offset for grid in grids.values()])
        steps = np.array([grid.rows for grid in grids.values()])
        targets, specs = references.targets(offsets, steps)
        self._area_numbers = {spec: number for number, spec in enumerate(specs)}
        for name in self._name_is_range:
            self._name_targets[name] = self._name_target(grids, name)
        shapes = np.array(table.shapes)
        # The first reference of each formula.
        firsts = np.searchsorted(references.formulas, np.arange(len(shapes)))
        self._translate_shapes(shapes, firsts, targets)
        rows = self._formula_rows(table, references, shapes, targets, offsets, steps)
        level, missing = self._find_levels(rows, size)
        outputs = {
            name: _to_bytes([grids[name].index_of(*p) for p in sheet.cells.computed()])
            for name, sheet in self.book.sheets.items()
        }
        return Program(
            size=size,
            grids={
                name: (grid.offset, grid.rows, grid.columns)
                for name, grid in grids.items()
            },
            names=self._name_targets,
            areas=list(self._area_numbers),
            codes=[compile_code(shape.code) for shape in self._shapes],
            batches=self._make_batches(rows, level, firsts, targets),
            outputs=outputs,
            missing=missing,
            readings=[self._find_readings(shape.code) for shape in self._shapes],
        )

    # -- shapes ----------------------------------------------------------------------------------
    def _read_formulas(
        self, table: FormulaTable, sheet_number: int, sheet: Sheet
    ) -> None:
        """Add the formulas of a sheet to the table of all formulas.

        Copies of a formula differ in rows and columns only: one way to cut these out serves them
        all, and the code of formulas of one shape is translated once. `sheet_number` is the sheet's
        place in the workbook.
        """
        cuts: dict[str, ReferenceCut] = {}
        shapes_by_key: dict[tuple[object, ...], tuple[int, int, ReferenceCut]] = {}
        arrays = sheet.arrays()
        for (position, text), key in zip(
            sheet.cells.texts().items(), sheet.cells.cut_keys(), strict=True
        ):
            array = arrays.get(position) if arrays else None
            if array is not None:
                table.arrays[len(table.shapes)] = array
            try:
                if is_new := key not in cuts:
                    cuts[key] = ReferenceCut(text, sheet.name, self._sheets)
                cut = cuts[key]
                # What the keys leave open: functions, names, numbers of the formula.
                full_key = key, array is not None, cut.between(text)
                if (shape_and_cut := shapes_by_key.get(full_key)) is None:
                    cut = (
                        cut if is_new else ReferenceCut(text, sheet.name, self._sheets)
                    )
                    own = sheet.name if sheet.name in self._naming_sheets else ""
                    shape = self._shape_number(
                        cut, text, position, array is not None, own
                    )
                    cut_number = table.add_cut(cut)
                    shape_and_cut = shapes_by_key[full_key] = shape, cut_number, cut
                shape, cut_number, cut = shape_and_cut
                table.corner_columns.extend(map(column_number, cut.columns(text)))
                table.corner_rows.extend(map(int, cut.rows(text)))
            except UntranslatableError:
                if self.without is None:
                    raise
                shape = _NO_SHAPE
                cut_number = table.add_empty_cut()
            table.positions.extend(position)
            table.sheets.append(sheet_number)
            table.shapes.append(shape)
            table.cuts.append(cut_number)

    def _shape_number(
        self, cut: ReferenceCut, text: str, position: Position, array: bool, sheet: str
    ) -> int:
        """Return the number of a formula's shape, which is read if it is new.

        `cut` is how the formula `text` is cut, `position` its cell's, `array` whether it is an
        array formula, `sheet` its sheet if that has names of its own.
        """
        key = cut.skeleton, array, sheet
        if (number := self._shape_numbers.get(key)) is None:
            self._shapes.append(self._read_shape(cut, text, position, array, sheet))
            number = self._shape_numbers[key] = len(self._shapes) - 1
        return number

    def _read_shape(
        self, cut: ReferenceCut, text: str, position: Position, array: bool, sheet: str
    ) -> Shape:
        """Return the shape of the formula `text` of a cell, which may be an array formula.

        `cut` is how it is cut, `position` the row and column of its cell, `sheet` its sheet if that
        has names of its own; `UntranslatableError` is raised if the engine does not have what it
        uses.
        """
        normalised = normalise_formula(text, *position)
        if sheet:
            own = (
                t._replace(text=f"{sheet.upper()}!{t.text}") for t in normalised.tokens
            )
            pairs = zip(normalised.tokens, own, strict=True)
            tokens = (
                o if t.kind == "name" and o.text in self._names else t for t, o in pairs
            )
            normalised = NormalisedFormula(tuple(tokens))
        areas = [ref.area("", *position) for ref in normalised.refs]
        corners = [column_number(letters) for letters in cut.columns(text)]
        columns = [
            sorted((corners[first], corners[last])) for _, first, last in cut.references
        ]
        # The pattern of the cut and the tokeniser must see the same references.
        is_cut_alike = [[area.c1, area.c2] for area in areas] == columns
        if not is_cut_alike or any(ref.book for ref in normalised.refs):
            raise UntranslatableError(f"the references of {text}")
        for name in normalised.names:
            area = self._names.get(name)
            if area is None or area.sheet not in self.book.sheets:
                raise UntranslatableError(f"the name {name}")
            self._name_is_range[name] = area.rows * area.columns > 1
        if (tree := parse(normalised.tokens)) is None:
            raise UntranslatableError(f"the formula {text}")
        bracketed = tree.kind == "binary" and is_in_brackets(normalised.tokens)
        return Shape(tree, normalised.refs, cut.is_range, array, bracketed)

    def _translate_shapes(
        self, shapes: IntArray, firsts: IntArray, targets: IntArray
    ) -> None:
        """Translate all shapes to code; formulas of those that cannot be are left out.

        Parameters
        ----------
        shapes, firsts
            Of each formula the number of its shape, changed to `_NO_SHAPE` for those left out, and
            its first reference.
        targets
            Of each reference the index of the cell or the number of the area.
        """
        order = np.argsort(shapes, kind="stable")
        bounds = np.searchsorted(shapes[order], np.arange(len(self._shapes) + 1))
        for shape, start, end in zip(
            self._shapes, bounds[:-1], bounds[1:], strict=True
        ):
            formulas = order[start:end]
            count = len(shape.refs)
            columns = targets[firsts[formulas] + np.arange(count).reshape(-1, 1)]
            numbers = zip(
                _find_first_alike(columns, shape.is_range), shape.is_range, strict=True
            )
            slots = dict(zip(map(id, shape.refs), numbers, strict=True))
            translator = Translator(
                slots, self._name_is_range, self.functions, shape.is_array
            )
            try:
                shape.code = translator.translate_formula(
                    shape.tree, bracketed=shape.is_bracketed
                )
            except UntranslatableError:
                if self.without is None:
                    raise
                shapes[formulas] = _NO_SHAPE

    # -- cells -----------------------------------------------------------------------------------
    def _sheet_grids(self, references: References) -> tuple[dict[str, SheetGrid], int]:
        """Return the grid of each sheet, as far as formulas reach, and the size of all together."""
        ends = zip(
            *references.last_rows_and_columns(len(self.book.sheets)), strict=True
        )
        reach = {
            name: [int(row), int(column)]
            for name, (row, column) in zip(self.book.sheets, ends, strict=True)
        }
        areas = [
            area
            for area in map(self._names.get, self._name_is_range)
            if area is not None
        ]
        corners = [(area.sheet, area.r2, area.c2) for area in areas]
        for name, sheet in self.book.sheets.items():
            if computed := sheet.cells.computed():
                formula_rows, formula_columns = zip(*computed, strict=True)
                corners.append((name, max(formula_rows), max(formula_columns)))
        for name, last_row, last_column in corners:
            reach[name] = [
                max(reach[name][0], last_row),
                max(reach[name][1], last_column),
            ]
        grids = {}
        size = 1
        for name, (rows, columns) in reach.items():
            grids[name] = SheetGrid(size, rows, columns)
            size += rows * columns
        if size > _MOST_GRID_CELLS:
            raise UntranslatableError("cells far from each other")
        return grids, size

    def _name_target(self, grids: dict[str, SheetGrid], name: str) -> int:
        """Return the index of the cell, or the number of the area, that a name means.

        `grids` has for each sheet where its cells begin in the list of all values.
        """
        area = self._names[name]
        assert area is not None
        grid = grids[area.sheet]
        start = grid.index_of(area.r1, area.c1)
        if not self._name_is_range[name]:
            return start
        spec = start, grid.rows, area.rows, area.columns
        return self._area_numbers.setdefault(spec, len(self._area_numbers))

    def _formula_rows(
        self,
        table: FormulaTable,
        references: References,
        shapes: IntArray,
        targets: IntArray,
        offsets: IntArray,
        steps: IntArray,
    ) -> FormulaRows:
        """Return for each formula its shape, what it reads, and the cells it fills.

        Formulas that are left out read themselves: so they count as a circle, with all that reads
        them. `shapes` has the number of each formula's shape, `targets` for each reference the
        index of its cell or the number of its area,
        `grids` for each sheet where its cells begin in the list of all values.
        """
        rows = FormulaRows(cell_indices(offsets, steps, table), shapes)
        rows.numbers["down"], rows.numbers["across"] = table.addresses()
        is_range = references.is_range
        for chosen, (targets_read, readers) in (
            (~is_range, rows.cells),
            (is_range, rows.areas),
        ):
            targets_read.append(targets[chosen])
            readers.append(references.formulas[chosen])
        for number, shape in enumerate(self._shapes):
            for name in self._name_is_range:
                if f"K[{name!r}]" in shape.code:
                    formulas = np.nonzero(rows.shapes == number)[0]
                    rows.add_readings(
                        formulas, self._name_targets[name], self._name_is_range[name]
                    )
        for number, array in table.arrays.items():
            r1, c1, r2, c2 = parse_range(array)
            rows.add_array_range(
                number, r2 - r1 + 1, c2 - c1 + 1, steps[table.sheets[number]]
            )
        is_left_out = rows.shapes == _NO_SHAPE
        if self.without:
            is_left_out |= np.isin(rows.indices, list(self.without))
        for formula in np.nonzero(is_left_out)[0]:
            rows.add_readings(np.array([formula]), rows.indices[formula], False)
        return rows

    def _make_batches(
        self, rows: FormulaRows, level: IntArray, firsts: IntArray, targets: IntArray
    ) -> list[tuple[int, int, bytes, list[int]]]:
        """Return the batches of a program: see `Program.batches`.

        Parameters
        ----------
        rows, level
            The formulas, and the level of each.
        firsts, targets
            The first reference of each formula, and of each reference the index of the cell or the
            number of the area.
        """
        batches = make_batches(rows.shapes, level)
        last_read = find_areas_last_read(
            batches, len(self._area_numbers), *rows.readings()[1]
        )
        stored_batches = []
        for batch, unused_areas in zip(batches, last_read, strict=True):
            shape = int(rows.shapes[batch[0]])
            columns = [
                # p0, p1, … are its references, other parameters have a column by name.
                targets[firsts[batch] + int(name[1:])]
                if name[0] == "p"
                else rows.numbers[name][batch]
                for name in parameter_names(self._shapes[shape].code)
            ]
            stored_batches.append((shape, len(batch), _to_bytes(columns), unused_areas))
        return stored_batches

    def _find_readings(self, code: str) -> tuple[list[int], ...]:
        """Return what formulas with a code read: see `Program.readings`."""
        parameters = parameter_names(code)
        references = [
            (n, f"A[{p}]" in code) for n, p in enumerate(parameters) if p[0] == "p"
        ]
        named = [name for name in self._name_is_range if f"K[{name!r}]" in code]
        return (
            *(
                [n for n, is_area in references if is_area == wanted]
                for wanted in (False, True)
            ),
            *(
                [
                    self._name_targets[name]
                    for name in named
                    if self._name_is_range[name] == wanted
                ]
                for wanted in (False, True)
            ),
            [
                parameters.index(name)
                for name in ("rows", "columns", "step")
                if name in parameters
            ],
        )

    def _find_levels(
        self, rows: FormulaRows, size: int
    ) -> tuple[IntArray, frozenset[int]]:
        """Return the level of each formula, and the indices of cells that cannot be computed.

        Areas are nodes of their own. `size` is the number of all values.

        Raises
        ------
        UntranslatableError
            If formulas read each other in a circle and all are wanted, or ranges are too large.
        """
        formulas = len(rows.indices)
        areas = len(self._area_numbers)
        # The number of the formula that gives each cell its value; -1 for none.
        owner = np.full(size, -1, dtype=np.int32)
        owner[rows.indices] = np.arange(formulas)
        for number, start, height, width, step in rows.spilled:
            for left in range(start, start + width * step, step):
                owner[left : left + height] = number
        columns, shorter = area_columns(
            np.array(list(self._area_numbers), dtype=np.int64).reshape(-1, 4)
        )
        starts, heights, areas_of_columns = columns
        if heights.sum() > _MOST_RANGE_CELLS:
            raise UntranslatableError("ranges of so many cells")
        area_cells = owner[join_ranges(starts, heights)]
        area_nodes = np.repeat(areas_of_columns, heights) + formulas
        is_computed = area_cells >= 0
        (read_cells, cell_readers), (read_areas, area_readers) = rows.readings()
        cells = owner[read_cells]
        is_formula = cells >= 0
        # An area reads the formulas in it, a formula reads cells of formulas and areas.
        read = np.concatenate(
            (area_cells[is_computed], cells[is_formula], read_areas + formulas)
        )
        reader = np.concatenate(
            (area_nodes[is_computed], cell_readers[is_formula], area_readers)
        )
        shorter = np.concatenate(
            (np.full(formulas, -1), np.where(shorter < 0, -1, shorter + formulas))
        )
        level = find_levels(formulas + areas, read, reader, shorter)[:formulas]
        is_missing = level < 0
        if not is_missing.any():
            return level, frozenset()
        if self.without is None:
            raise UntranslatableError("a circle of cells")
        missing_cells = owner >= 0
        missing_cells[missing_cells] = is_missing[owner[missing_cells]]
        return level, frozenset(np.nonzero(missing_cells)[0].tolist())
