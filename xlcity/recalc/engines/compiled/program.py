"""A workbook's formulas as a program: their shapes, the indices of their cells, their order."""

from __future__ import annotations

import marshal
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from functools import cache
from types import CodeType
from typing import Any, NamedTuple

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
from xlcity.xlsx.formulas.tokens import (
    NormalisedFormula,
    Ref,
    Token,
    normalise_formula,
)

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


class _ValueLayout(NamedTuple):
    """Where the cells of all sheets stand in the list of all values.

    Attributes
    ----------
    grids
        Sheet -> its grid.
    size
        How many values there are.
    offsets, steps
        Of each sheet the index of its first cell, and the step to the next column.
    """

    grids: dict[str, SheetGrid]
    size: int
    offsets: IntArray
    steps: IntArray


class _Targets(NamedTuple):
    """What the references of all formulas mean.

    Attributes
    ----------
    firsts
        The first reference of each formula.
    of_references
        Of each reference the index of the cell or the number of the area.
    """

    firsts: IntArray
    of_references: IntArray

    def of(self, formulas: IntArray, number: int) -> IntArray:
        """Return for each of some formulas what its reference of a number means."""
        targets: IntArray = self.of_references[self.firsts[formulas] + number]
        return targets


class _FormulaText(NamedTuple):
    """A formula as it is read.

    Attributes
    ----------
    text, position
        The formula, and the row and column of its cell.
    is_array
        Whether it is an array formula.
    naming_sheet
        Its sheet if that has names of its own, else "".
    """

    text: str
    position: Position
    is_array: bool
    naming_sheet: str


class _CutKind(NamedTuple):
    """What formulas have in common that are cut and computed alike: numbers of shape and cut."""

    shape: int
    cut_number: int
    cut: ReferenceCut


class _Dependencies(NamedTuple):
    """What reads what, formulas and areas being nodes: see `find_levels`."""

    read: IntArray
    reader: IntArray
    shorter: IntArray


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


def _are_cut_alike(
    cut: ReferenceCut, formula: _FormulaText, refs: Iterable[Ref]
) -> bool:
    """Return whether the pattern of a cut and the tokeniser see the same references."""
    areas = [ref.area("", *formula.position) for ref in refs]
    corners = [column_number(letters) for letters in cut.columns(formula.text)]
    columns = [
        sorted((corners[first], corners[last])) for _, first, last in cut.references
    ]
    return [[area.c1, area.c2] for area in areas] == columns


def _to_bytes(numbers: Sequence[Any]) -> bytes:
    """Return numbers as 32-bit ones in bytes; of several columns, row by row."""
    return np.array(numbers, dtype=np.int32).T.tobytes()


def _find_first_alike(
    columns: Iterable[IntArray], is_range: Sequence[bool]
) -> list[int]:
    """Return for each reference of a shape the number of the first that always means the same.

    `columns` has a row for each reference, with what it means in each formula.
    """
    contents = (column.tobytes() for column in columns)
    first: dict[object, int] = {}
    return [
        first.setdefault(meaning, number)
        for number, meaning in enumerate(zip(contents, is_range, strict=True))
    ]


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
        self._naming_sheets: set[str] = set()
        texts = dict(book.names)
        for (sheet, name), text in book.local_names.items():
            if not name.startswith("_xlnm."):
                self._naming_sheets.add(sheet)
                texts[f"{sheet}!{name}"] = text
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
        layout = self._lay_out(references)
        of_references, specs = references.targets(layout.offsets, layout.steps)
        self._area_numbers = {spec: number for number, spec in enumerate(specs)}
        for name in self._name_is_range:
            self._name_targets[name] = self._name_target(layout.grids, name)
        shapes = np.array(table.shapes)
        firsts = np.searchsorted(references.formulas, np.arange(len(shapes)))
        targets = _Targets(firsts, of_references)
        self._translate_shapes(shapes, targets)
        rows = FormulaRows(cell_indices(layout.offsets, layout.steps, table), shapes)
        is_range = references.is_range
        for readings, chosen in ((rows.cells, ~is_range), (rows.areas, is_range)):
            readings.add(of_references[chosen], references.formulas[chosen])
        self._complete_rows(rows, table, layout.steps)
        level, missing = self._find_levels(rows, layout.size)
        return Program(
            size=layout.size,
            grids={name: astuple(grid) for name, grid in layout.grids.items()},
            names=self._name_targets,
            areas=list(self._area_numbers),
            codes=[compile_code(shape.code) for shape in self._shapes],
            batches=self._make_batches(rows, level, targets),
            outputs=self._find_outputs(layout.grids),
            missing=missing,
            readings=[self._find_readings(shape.code) for shape in self._shapes],
        )

    def _find_outputs(self, grids: dict[str, SheetGrid]) -> dict[str, bytes]:
        """Return the indices of each sheet's computed cells: see `Program.outputs`."""
        outputs = {}
        for name, sheet in self.book.sheets.items():
            index_of = grids[name].index_of
            outputs[name] = _to_bytes([index_of(*p) for p in sheet.cells.computed()])
        return outputs

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
        kinds: dict[tuple[object, ...], _CutKind] = {}
        naming_sheet = sheet.name if sheet.name in self._naming_sheets else ""
        arrays = sheet.arrays()
        texts_and_keys = zip(
            sheet.cells.texts().items(), sheet.cells.cut_keys(), strict=True
        )
        for (position, text), key in texts_and_keys:
            array = arrays.get(position)
            if array is not None:
                table.arrays[len(table.shapes)] = array
            try:
                if key not in cuts:
                    cuts[key] = ReferenceCut(text, sheet.name, self._sheets)
                # What the keys leave open: functions, names, numbers of the formula.
                full_key = key, array is not None, cuts[key].between(text)
                kind = kinds.get(full_key)
                if kind is None:
                    cut = ReferenceCut(text, sheet.name, self._sheets)
                    formula = _FormulaText(
                        text, position, array is not None, naming_sheet
                    )
                    shape = self._shape_number(cut, formula)
                    kind = kinds[full_key] = _CutKind(shape, table.add_cut(cut), cut)
                table.corner_columns.extend(map(column_number, kind.cut.columns(text)))
                table.corner_rows.extend(map(int, kind.cut.rows(text)))
                shape = kind.shape
                cut_number = kind.cut_number
            except UntranslatableError:
                if self.without is None:
                    raise
                shape = _NO_SHAPE
                cut_number = table.add_empty_cut()
            table.positions.extend(position)
            table.sheets.append(sheet_number)
            table.shapes.append(shape)
            table.cuts.append(cut_number)

    def _shape_number(self, cut: ReferenceCut, formula: _FormulaText) -> int:
        """Return the number of a formula's shape, which is read if it is new.

        `cut` is how the formula is cut.
        """
        key = cut.skeleton, formula.is_array, formula.naming_sheet
        if (number := self._shape_numbers.get(key)) is None:
            self._shapes.append(self._read_shape(cut, formula))
            number = self._shape_numbers[key] = len(self._shapes) - 1
        return number

    def _read_shape(self, cut: ReferenceCut, formula: _FormulaText) -> Shape:
        """Return the shape of a formula.

        `cut` is how it is cut; `UntranslatableError` is raised if the engine does not have what it
        uses.
        """
        text = formula.text
        normalised = normalise_formula(text, *formula.position)
        if formula.naming_sheet:
            prefix = f"{formula.naming_sheet.upper()}!"
            tokens = (self._with_own_name(t, prefix) for t in normalised.tokens)
            normalised = NormalisedFormula(tuple(tokens))
        is_cut_alike = _are_cut_alike(cut, formula, normalised.refs)
        if not is_cut_alike or any(ref.book for ref in normalised.refs):
            raise UntranslatableError(f"the references of {text}")
        for name in normalised.names:
            self._note_name(name)
        if (tree := parse(normalised.tokens)) is None:
            raise UntranslatableError(f"the formula {text}")
        return Shape(
            tree,
            normalised.refs,
            is_range=cut.is_range,
            is_array=formula.is_array,
            is_bracketed=tree.kind == "binary" and is_in_brackets(normalised.tokens),
        )

    def _note_name(self, name: str) -> None:
        """Keep whether a name means several cells; `UntranslatableError` if it leads nowhere."""
        area = self._names.get(name)
        if area is None or area.sheet not in self.book.sheets:
            raise UntranslatableError(f"the name {name}")
        self._name_is_range[name] = area.rows * area.columns > 1

    def _with_own_name(self, token: Token, prefix: str) -> Token:
        """Return a token; a name that the sheet of a prefix has of its own gets that."""
        own_name = f"{prefix}{token.text}"
        is_own = token.kind == "name" and own_name in self._names
        return token._replace(text=own_name) if is_own else token

    def _translate_shapes(self, shapes: IntArray, targets: _Targets) -> None:
        """Translate all shapes to code; formulas of those that cannot be are left out.

        Parameters
        ----------
        shapes
            Of each formula the number of its shape, changed to `_NO_SHAPE` for those left out.
        targets
            What the formulas' references mean.
        """
        order = np.argsort(shapes, kind="stable")
        bounds = np.searchsorted(shapes[order], np.arange(len(self._shapes) + 1))
        for shape, start, end in zip(
            self._shapes, bounds[:-1], bounds[1:], strict=True
        ):
            formulas = order[start:end]
            columns = [targets.of(formulas, n) for n in range(len(shape.refs))]
            firsts_alike = _find_first_alike(columns, shape.is_range)
            numbers = zip(firsts_alike, shape.is_range, strict=True)
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
    def _lay_out(self, references: References) -> _ValueLayout:
        """Give each sheet a grid, as far as formulas reach.

        Raises
        ------
        UntranslatableError
            If cells are so far from each other that the grids would be too large.
        """
        grids = {}
        size = 1
        last_rows, last_columns = references.last_rows_and_columns(
            len(self.book.sheets)
        )
        ends = zip(last_rows.tolist(), last_columns.tolist(), strict=True)
        for sheet, (last_row, last_column) in zip(
            self.book.sheets.values(), ends, strict=True
        ):
            corners = [(last_row, last_column), *self._corners_beside_references(sheet)]
            rows = max(row for row, _ in corners)
            columns = max(column for _, column in corners)
            grids[sheet.name] = SheetGrid(size, rows, columns)
            size += rows * columns
        if size > _MOST_GRID_CELLS:
            raise UntranslatableError("cells far from each other")
        offsets = np.array([grid.offset for grid in grids.values()])
        steps = np.array([grid.rows for grid in grids.values()])
        return _ValueLayout(grids, size, offsets, steps)

    def _corners_beside_references(self, sheet: Sheet) -> Iterator[tuple[int, int]]:
        """Yield row and column of a sheet up to which names and formulas reach."""
        for name in self._name_is_range:
            area = self._names[name]
            if area is not None and area.sheet == sheet.name:
                yield area.r2, area.c2
        computed = sheet.cells.computed()
        if computed:
            rows, columns = zip(*computed, strict=True)
            yield max(rows), max(columns)

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

    def _complete_rows(
        self, rows: FormulaRows, table: FormulaTable, steps: IntArray
    ) -> None:
        """Add to the formulas' rows their addresses, what they read by name, and what they fill.

        Formulas that are left out read themselves: so they count as a circle, with all that reads
        them. `steps` has for each sheet the step to the next column in the list of all values.
        """
        rows.numbers["down"], rows.numbers["across"] = table.addresses()
        for number, shape in enumerate(self._shapes):
            for name in self._names_in(shape.code):
                formulas = np.nonzero(rows.shapes == number)[0]
                readings = rows.areas if self._name_is_range[name] else rows.cells
                readings.add_target(self._name_targets[name], formulas)
        for number, array in table.arrays.items():
            r1, c1, r2, c2 = parse_range(array)
            step = steps[table.sheets[number]]
            rows.add_array_range(number, r2 - r1 + 1, c2 - c1 + 1, step)
        is_left_out = rows.shapes == _NO_SHAPE
        if self.without:
            is_left_out |= np.isin(rows.indices, list(self.without))
        left_out = np.nonzero(is_left_out)[0]
        rows.cells.add(rows.indices[left_out], left_out.astype(np.int32))

    def _names_in(self, code: str) -> list[str]:
        """Return the names that a formula's code reads."""
        return [name for name in self._name_is_range if f"K[{name!r}]" in code]

    def _make_batches(
        self, rows: FormulaRows, level: IntArray, targets: _Targets
    ) -> list[tuple[int, int, bytes, list[int]]]:
        """Return the batches of a program: see `Program.batches`.

        Parameters
        ----------
        rows, level
            The formulas, and the level of each.
        targets
            What the formulas' references mean.
        """
        batches = make_batches(rows.shapes, level)
        areas = rows.areas
        last_read = find_areas_last_read(
            batches, len(self._area_numbers), areas.targets(), areas.readers()
        )
        stored_batches = []
        for batch, unused_areas in zip(batches, last_read, strict=True):
            shape = int(rows.shapes[batch[0]])
            columns = []
            for name in parameter_names(self._shapes[shape].code):
                # p0, p1, … are its references, other parameters have a column by name.
                if name[0] == "p":
                    columns.append(targets.of(batch, int(name[1:])))
                else:
                    columns.append(rows.numbers[name][batch])
            stored_batches.append((shape, len(batch), _to_bytes(columns), unused_areas))
        return stored_batches

    def _find_readings(self, code: str) -> tuple[list[int], ...]:
        """Return what formulas with a code read: see `Program.readings`."""
        parameters = parameter_names(code)
        cells: list[int] = []
        areas: list[int] = []
        for column, parameter in enumerate(parameters):
            if parameter[0] == "p":
                is_area = f"A[{parameter}]" in code
                (areas if is_area else cells).append(column)
        named_cells: list[int] = []
        named_areas: list[int] = []
        for name in self._names_in(code):
            is_area = self._name_is_range[name]
            (named_areas if is_area else named_cells).append(self._name_targets[name])
        given = [name for name in ("rows", "columns", "step") if name in parameters]
        sizes = list(map(parameters.index, given))
        return cells, areas, named_cells, named_areas, sizes

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
        nodes = formulas + len(self._area_numbers)
        owner = _find_owners(rows, size)
        graph = self._find_dependencies(rows, owner)
        level = find_levels(nodes, graph.read, graph.reader, graph.shorter)[:formulas]
        is_missing = level < 0
        if not is_missing.any():
            return level, frozenset()
        if self.without is None:
            raise UntranslatableError("a circle of cells")
        missing_cells = owner >= 0
        missing_cells[missing_cells] = is_missing[owner[missing_cells]]
        return level, frozenset(np.nonzero(missing_cells)[0].tolist())

    def _find_dependencies(self, rows: FormulaRows, owner: IntArray) -> _Dependencies:
        """Return what reads what: nodes are the formulas, and then the areas.

        An area reads the formulas in it, a formula reads cells of formulas and areas. `owner` is as
        `_find_owners` gives it.
        """
        formulas = len(rows.indices)
        specs = np.array(list(self._area_numbers), dtype=np.int64)
        columns, shorter = area_columns(specs.reshape(-1, 4))
        starts, heights, areas = columns
        if heights.sum() > _MOST_RANGE_CELLS:
            raise UntranslatableError("ranges of so many cells")
        in_areas = owner[join_ranges(starts, heights)]
        is_computed = in_areas >= 0
        area_nodes = np.repeat(areas, heights)[is_computed] + formulas
        cells = owner[rows.cells.targets()]
        is_formula = cells >= 0
        cell_readers = rows.cells.readers()[is_formula]
        read_areas = rows.areas.targets() + formulas
        shorter_nodes = np.where(shorter < 0, -1, shorter + formulas)
        return _Dependencies(
            read=np.concatenate((in_areas[is_computed], cells[is_formula], read_areas)),
            reader=np.concatenate((area_nodes, cell_readers, rows.areas.readers())),
            shorter=np.concatenate((np.full(formulas, -1), shorter_nodes)),
        )


def _find_owners(rows: FormulaRows, size: int) -> IntArray:
    """Return the number of the formula that gives each cell its value; -1 for none.

    `size` is the number of all values.
    """
    owner = np.full(size, -1, dtype=np.int32)
    owner[rows.indices] = np.arange(len(rows.indices))
    for number, start, height, width, step in rows.spilled:
        for left in range(start, start + width * step, step):
            owner[left : left + height] = number
    return owner
