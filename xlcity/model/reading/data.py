"""Reading values of units x indicators from CSV, a folder or a workbook, all faults at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from xlcity.errors import DataError, Problem, Where
from xlcity.messages import Message
from xlcity.model.dataset import Dataset, Item, Link, State, Status, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import AlikeIds
from xlcity.model.reading.columns import ColumnRoles
from xlcity.model.reading.floats import FloatCells
from xlcity.model.reading.lines import (
    ItemReader,
    KnownLines,
    LineReader,
    LinkTableReader,
    is_item_header,
    is_link_header,
)
from xlcity.model.reading.sheets import (
    open_extra_table,
    open_first_table,
)
from xlcity.model.reading.tables import (
    FileTable,
    as_text,
    read_csv,
)
from xlcity.model.reading.units import (
    Match,
    UnitMatcher,
    close_gaps,
    find_near_names,
    is_lone_note,
    is_note,
    is_region,
    is_total_or_note,
    is_units_header,
    make_unit,
    units_from_table,
)
from xlcity.model.reading.values import (
    Conversion,
    Converted,
    DataCell,
    LeftOutRow,
    Notes,
    Refusal,
    fractions_as_percent,
    implausibility_message,
)
from xlcity.model.recipe import Recipe
from xlcity.xlsx.package import is_workbook_name
from xlcity.xlsx.plain_cells import UncalculatedFormula, read_plain_cells

#: Names of the table of values in a folder.
_VALUE_FILES = ("data.csv", "inputs.csv", "data.xlsx")
#: Note of the conversion of a heading; a person needs the count of these more than the list.
MATCHED_BY_NAME = Message("conversion.by_name")


def read_dataset(
    path: str | Path,
    framework: Framework,
    units: Sequence[Unit] | None = None,
    recipe: Recipe | None = None,
    basis: str = Status.ENTERED,
) -> tuple[Dataset, Notes]:
    """Read a dataset, with the lists and links beside its values.

    They are in `items.csv` and `links.csv` of a folder, or on sheets of these names.

    Parameters
    ----------
    path
        A CSV file, an xlsx file (its sheet `data`, else the first), or a folder with `data.csv`,
        `inputs.csv` or `data.xlsx`. Wide (a row per unit, a column per indicator) or long (columns
        `unit`, `code`, `value`).
    framework, recipe
        Which columns are indicators, in which uom; the missing codes.
    units
        The known units; None takes those of `cities.csv` in the folder or the sheet `cities` of
        the workbook, else the units of the rows themselves.
    basis
        Status of values whose row has no `basis` column.

    Returns
    -------
    Dataset, Notes
        The dataset has all units and, after the indicators and their ingredients, any other node
        that the table gives a value of its own; what is not in the table is blank.

    Raises
    ------
    DataError
        With every cell, unit and column that cannot be used.
    """
    if units is None:
        units = units_beside(path)
    collector = DataCollector(framework, units, recipe, basis)
    link_table = open_extra_table(Path(path), "links", is_link_header)
    if link_table is None and Path(path).suffix.lower() == ".csv":
        # The one table that was given may be that of the links.
        table = read_csv(path)
        if is_link_header(table.header):
            collector.read_links(table)
            return collector.finish()
    # Where every indicator is made from links, a folder needs no table of values.
    if link_table is None or has_values(Path(path)):
        collector.read_values(open_table(Path(path), framework.inputs))
    item_table = open_extra_table(Path(path), "items", is_item_header)
    if item_table is not None:
        collector.read_items(item_table)
    if link_table is not None:
        collector.read_links(link_table)
    return collector.finish()


def units_beside(path: str | Path) -> tuple[Unit, ...] | None:
    """Return the list of units that stands beside a table of values, None if there is none."""
    table = open_extra_table(Path(path), "cities", is_units_header)
    return None if table is None else units_from_table(table)


def has_values(path: Path) -> bool:
    """Tell whether a path has a table of values, not only tables of links and lists.

    It is a folder, a workbook or a text file.
    """
    if path.is_dir():
        return any((path / name).is_file() for name in _VALUE_FILES)
    if not is_workbook_name(path):
        return True
    return any(
        name.lower() not in ("links", "items") for name in read_plain_cells(path)
    )


def read_table(
    table: FileTable,
    framework: Framework,
    units: Sequence[Unit] | None = None,
    recipe: Recipe | None = None,
    basis: str = Status.ENTERED,
) -> tuple[Dataset, Notes]:
    """Read a dataset from a table that is open already; see `read_dataset`."""
    collector = DataCollector(framework, units, recipe, basis)
    collector.read_values(table)
    return collector.finish()


def open_table(path: Path, codes: Collection[str]) -> FileTable:
    """Return the table of values in a file, or in the first of `_VALUE_FILES` in a folder.

    On a sheet the header is the first row with one of `codes`.
    """
    if path.is_dir():
        for name in _VALUE_FILES:
            if (path / name).is_file():
                return open_table(path / name, codes)
        others = [
            file.name
            for file in sorted(path.iterdir())
            if file.stem.lower() in ("data", "inputs")
        ]
        where = Where(file=str(path))
        if others:
            raise DataError.of("XC324.other_files", where, others=others)
        raise DataError.of("XC324.no_table", where)

    def has_code(row: Sequence[object]) -> bool:
        return any(as_text(cell) in codes for cell in row)

    return open_first_table(path, ("data", "idata", "数据"), has_code)


class DataCollector:
    """Gathers cells, conversions and problems of one dataset.

    Parameters
    ----------
    framework
        Says which columns are indicators, in which uom.
    units
        The known units; None takes those of the rows.
    recipe
        For its missing codes.
    basis
        Status of values whose row has no `basis` column.
    """

    def __init__(
        self,
        framework: Framework,
        units: Sequence[Unit] | None,
        recipe: Recipe | None,
        basis: str,
    ) -> None:
        """Begin without values; `units` are the known cities, None takes those of the rows.

        `basis` is the status of values whose row names none, see `Status`.
        """
        self.framework = framework
        self.recipe = recipe or Recipe(id="", steps=())
        self.basis = basis
        self.matcher = UnitMatcher(units) if units is not None else None
        self.units = {unit.id: unit for unit in units or ()}
        self.problems: list[Problem] = []
        self.items: dict[str, tuple[Item, ...]] = {}
        self.links: dict[str, tuple[Link, ...]] = {}
        #: (unit, code) -> its cell.
        self.cells: dict[tuple[str, str], DataCell] = {}
        self.floats: FloatCells | None = None
        self.converted: list[Conversion] = []
        self.doubtful: list[Problem] = []
        self.blanks: list[tuple[str, str]] = []
        self.alike = AlikeIds()
        self.unused: tuple[tuple[str, str], ...] = ()
        self.left_out: list[LeftOutRow] = []

    def read_items(self, table: FileTable) -> None:
        """Read the lists behind indicators."""
        units = tuple(self.units.values())
        known = KnownLines(self.framework, self.recipe, units, self.basis)
        reader = ItemReader(table, known)
        self.items = reader.read()
        self.problems += reader.problems

    def read_links(self, table: FileTable) -> None:
        """Read links between cities."""
        units = tuple(self.units.values())
        known = KnownLines(self.framework, self.recipe, units, self.basis)
        reader = LinkTableReader(table, known)
        self.links = {code: tuple(links) for code, links in reader.links.items()}
        self.problems += reader.problems
        self.doubtful += reader.doubtful
        self.converted += reader.converted

    def read_values(self, table: FileTable) -> None:
        """Read a table of values into the cells read so far.

        Problems, doubts, conversions and columns without a use are collected beside them. Of a
        city that stands twice the first row counts; the others are only checked.
        """
        columns = ColumnRoles(table, self.framework)
        self.problems += columns.problems
        self.unused = self._unused_columns(columns)
        for column, code in columns.misspelt:
            where = table.where(column=column)
            heading = table.header[column]
            self._doubt("XC346.misspelt", where, heading=heading, code=code)
        for name, code in columns.renamed:
            where = table.where(indicator=code)
            self.converted.append(Conversion(where, name, code, MATCHED_BY_NAME))
        if columns.problems and not columns.nodes and columns.code_and_value is None:
            return
        reader = _TableReader(self, table, columns)
        reader.read()
        if self.matcher is None:
            self._doubt_names(reader)

    def _unused_columns(self, columns: ColumnRoles) -> tuple[tuple[str, str], ...]:
        """Return (heading, reason) of columns without a use, in the order of the columns."""
        if self.matcher is None:
            return tuple(columns.unused)
        header = columns.table.header
        unused = [*columns.unused]
        # The names of units that are known already are not needed.
        for position in sorted(columns.names_of_units.values()):
            unused.append((header[position], Message("unused.cities_known")))
        order = {name: header.index(name) for name in header}
        unused.sort(key=lambda column: order.get(column[0], len(header)))
        return tuple(unused)

    def _doubt_names(self, reader: _TableReader) -> None:
        """Note units of a table, which it introduced, whose names are nearly alike, or numbers."""
        rows = reader.first_row_of
        names = {
            unit: self.units[unit].name_zh or self.units[unit].name_en for unit in rows
        }
        self._doubt_likeness(reader, names)
        shown = [name or unit for unit, name in names.items()]
        is_chosen = reader.table.keeps_rows
        if len(shown) > 1 and not is_chosen and all(map(str.isdigit, shown)):
            column = reader.roles.unit
            heading = reader.table.header[column]
            where = reader.table.where(column=column)
            self._doubt("XC346.numbers", where, heading=heading)

    def _doubt(self, key: str, where: Where, /, **values: Any) -> None:
        """Note what may be otherwise than it was read."""
        self.doubtful.append(Problem.of(key, where, **values))

    def _doubt_likeness(self, reader: _TableReader, names: Mapping[str, str]) -> None:
        """Note units whose names are nearly alike, and regions among the cities."""
        rows = reader.first_row_of
        for unit, earlier in find_near_names(names.items()):
            where = reader.city_address(rows[unit], unit)
            both = {"name": names[unit], "earlier": names[earlier]}
            self._doubt("XC332.near_names", where, **both)
        regions = [unit for unit in rows if is_region(names[unit])]
        if 2 * len(regions) < len(rows):
            for unit in regions:
                where = reader.city_address(rows[unit], unit)
                self._doubt("XC332.region", where, name=names[unit])

    def finish(self) -> tuple[Dataset, Notes]:
        """Return the dataset of all that was read, and notes on what a person should know of it.

        Raises
        ------
        DataError
            With all that cannot be used.
        """
        DataError.raise_for(self.problems)
        cells = tuple(self.cells.values())
        values = [(cell.code, cell.value, cell.where) for cell in cells]
        codes = {cell.code for cell in cells}
        codes_read = codes | {code for _, code in self.blanks}
        floats = self.floats
        if floats is not None:
            codes.update(floats.codes_with_values())
            codes_read.update(floats.codes.values())
            values += floats.percentages(self.framework.inputs)
            self.blanks += floats.blanks()
            floats.others = cells
        composites = [node.code for node in self.framework.composites]
        own_codes = [code for code in composites if code in codes]
        columns = (*input_codes(self.framework), *own_codes)
        filled = empty_dataset(tuple(self.units.values()), columns)
        if floats is not None:
            floats.write(filled)
        if cells:
            filled = overlay_cells(filled, cells)
        fractions = fractions_as_percent(self.framework.inputs, values)
        notes = Notes(
            cells=cells if floats is None else floats,
            converted=tuple(self.converted),
            unused=self.unused,
            doubtful=(*self.doubtful, *fractions),
            blanks=tuple(self.blanks),
            left_out=tuple(self.left_out),
            codes=frozenset(codes_read),
        )
        return replace(filled, items=self.items, links=self.links), notes


class _TableReader(LineReader):
    """Reads a table of values, row by row, into a collector.

    Parameters
    ----------
    collector
        Has the cities that are known, and takes what is read.
    table, roles
        The table, and which of its columns holds what.
    """

    def __init__(
        self, collector: DataCollector, table: FileTable, roles: ColumnRoles
    ) -> None:
        codes = collector.recipe.missing_codes
        super().__init__(table, codes, collector.matcher, collector.basis)
        self.collector = collector
        self.roles = roles
        # Both write into the same lists, so that what is met first is listed first.
        self.problems = collector.problems
        self.converted = collector.converted
        self.is_long = roles.code_and_value is not None
        self.is_of_workbook = is_workbook_name(table.file)
        self.floats: FloatCells | None = None
        if table.floats is not None and not self.is_long:
            inputs = collector.framework.inputs
            self.floats = FloatCells(table, roles.nodes, inputs, codes)
            collector.floats = self.floats
        #: Unit -> the first row of it.
        self.first_row_of: dict[str, int] = {}

    def city_address(self, row: int, unit: str = "") -> Where:
        """Return the address of the cell that names the city of a row."""
        return self.table.where(row, self.roles.unit, unit=unit)

    def read(self) -> None:
        """Read all rows."""
        is_text = self.table.sheet is None and self.table.floats is None
        for row in range(len(self.table.rows)):
            if is_text and not is_note(self.text(row, self.roles.unit)):
                self.refuse_surplus_cells(row)
            unit_id = self._find_unit(row)
            if unit_id is None:
                continue
            first_row = self.first_row_of.setdefault(unit_id, row)
            if first_row == row or self.is_long:
                self._read_row(row, unit_id)
            else:
                self._refuse_second_row(row, first_row, unit_id)

    def _refuse_second_row(self, row: int, first_row: int, unit_id: str) -> None:
        address = self.table.where(first_row).cell
        where = self.city_address(row, unit_id)
        first = self.city_address(first_row, unit_id)
        self.refuse("XC313.city", where, related=first, unit=unit_id, address=address)
        self._check_row(row, unit_id)

    def _find_unit(self, row: int) -> str | None:
        """Return the id of the unit that a row is about, None without one.

        A row with values and no unit, or with one that is not known, is refused; a total, a mean
        or a note is left out.
        """
        typed = self.text(row, self.roles.unit)
        if not typed:
            self._refuse_values_without_unit(row)
            return None
        if self.matcher is None:
            return self._introduce_unit(row, typed)
        raw = self.table.cell(row, self.roles.unit)
        is_unknown = isinstance(self.matcher.match(raw), Refusal)
        may_leave_out = is_unknown and not self.table.keeps_rows
        # One text and nothing else is a closing line.
        if may_leave_out and (is_total_or_note(typed) or self._is_alone(row)):
            self._leave_out(row, typed)
            return None
        unit_id = self.find_city(row, self.roles.unit)
        if unit_id is None:
            self._check_row(row, typed)
            return None
        self._refuse_other_names(row, typed, unit_id)
        return unit_id

    def _leave_out(self, row: int, text: str) -> None:
        """Note a row that is not read as a city."""
        cell = self.city_address(row).cell or ""
        self.collector.left_out.append(LeftOutRow(cell, text))

    def _refuse_values_without_unit(self, row: int) -> None:
        """Refuse a row without a city that has values; one of notes is left out."""
        cells = [self.text(row, column) for column in self.roles.values]
        texts = [*filter(None, cells)]
        if texts and all(map(is_note, texts)):
            self._leave_out(row, texts[0])
        elif texts:
            self.refuse("XC310.values_without_city", self.city_address(row))

    def _refuse_other_names(self, row: int, typed: str, unit_id: str) -> None:
        """Refuse names beside an id that are those of another unit."""
        assert self.matcher is not None  # without known units no name is another one's
        for column in self.roles.names_of_units.values():
            match = self.matcher.match(self.table.cell(row, column))
            if isinstance(match, Match) and match.unit.id != unit_id:
                where = self.table.where(row, column, unit=typed)
                other = match.unit.id
                self.refuse("XC312.other_name", where, unit=unit_id, other=other)

    def _introduce_unit(self, row: int, typed: str) -> str | None:
        """Return a row's unit where no list names the units: a new name becomes a new unit.

        None for a total or a note, which is left out, and for a formula, which is refused. `typed`
        is what the row calls its unit.
        """
        if self._is_no_city(row, typed):
            self._leave_out(row, typed)
            return None
        if isinstance(self.table.cell(row, self.roles.unit), UncalculatedFormula):
            where = self.city_address(row)
            hint = Message("hint.not_calculated")
            self.refuse("XC334.formula", where, hint=hint, typed=typed)
            self._check_row(row, typed)
            return None
        unit_id = close_gaps(typed)
        if unit_id not in self.collector.units:
            find_where = partial(self.city_address, row, unit_id)
            self.problems += self.collector.alike.check(unit_id, find_where)
            self.collector.units[unit_id] = self._new_unit(row, unit_id)
        return unit_id

    def _is_no_city(self, row: int, typed: str) -> bool:
        """Tell whether a row that calls itself `typed` is a total or a note, not a city."""
        if self.table.keeps_rows:
            return False
        if is_total_or_note(typed):
            return True
        return is_lone_note(typed) and self._is_alone(row)

    def _new_unit(self, row: int, unit_id: str) -> Unit:
        """Return the unit of a row, with its names and attributes."""
        names = {
            name: self.text(row, column)
            for name, column in self.roles.names_of_units.items()
        }
        attributes = {
            name: self.text(row, column)
            for column, name in self.roles.attributes.items()
        }
        return make_unit(unit_id, names, attributes=attributes)

    def _is_alone(self, row: int) -> bool:
        """Tell whether a row holds nothing but what it calls its unit."""
        columns = range(len(self.table.header))
        return not any(
            self.text(row, column) for column in columns if column != self.roles.unit
        )

    def _codes_in_row(self, row: int, unit: str) -> list[tuple[int, str]]:
        """Return (column, code) of each value in a row; `unit` is for messages.

        In a wide table that is each column of an indicator, but for what `FloatCells` reads. A line
        of a long table has one at most; a code that is not known is refused.
        """
        if self.floats is not None:
            return self.floats.cells_beside(row)
        if self.roles.code_and_value is None:
            return [*self.roles.nodes.items()]
        code_column, value_column = self.roles.code_and_value
        typed = self.text(row, code_column)
        code = self.roles.code_of(typed)
        if code is not None:
            return [(value_column, code)]
        where = self.table.where(row, code_column, unit=unit, indicator=typed)
        self.refuse("XC314.no_indicator", where, typed=typed)
        return []

    def _check_row(self, row: int, unit: str) -> None:
        """Report what else is wrong in a row that is refused for its unit: all faults at once.

        Its values are not used, so that their conversions are dropped.
        """
        conversions_before = len(self.converted)
        for column, code in self._codes_in_row(row, unit):
            where = self.table.where(row, column, unit=unit, indicator=code)
            self.read_value(row, column, self.collector.framework.inputs[code], where)
        del self.converted[conversions_before:]

    def _read_row(self, row: int, unit_id: str) -> None:
        """Read the values of one row of a wide table, or the one of a long table.

        A row whose status cannot be read is left out; its problem is recorded. A long table may not
        name a city and an indicator twice.
        """
        status = self.read_status(row, self.roles.basis, unit_id)
        if status is None:
            return
        if self.floats is not None:
            self.floats.add_row(row, unit_id, status)
        for column, code in self._codes_in_row(row, unit_id):
            where = self.table.where(row, column, unit=unit_id, indicator=code)
            first = self.collector.cells.get((unit_id, code)) if self.is_long else None
            if first is None:
                self._read_cell(row, column, where, status)
            else:
                self._refuse_second_value(row, where, first)

    def _refuse_second_value(self, row: int, value: Where, first: DataCell) -> None:
        """Refuse a line of a long table whose city and indicator an earlier one names."""
        assert self.roles.code_and_value is not None
        place = self.table.where(row, self.roles.code_and_value[0])
        self.refuse(
            "XC313.value",
            replace(value, cell=place.cell),
            unit=first.unit,
            code=first.code,
            address=first.where.cell,
        )

    def _read_cell(self, row: int, column: int, where: Where, basis: str) -> None:
        """Read one value into the dataset, and note what is doubtful.

        Parameters
        ----------
        row, column, where
            Position of the cell, and its address with unit and indicator.
        basis
            Status of the value: where it comes from.
        """
        unit_id = where.unit or ""
        code = where.indicator or ""
        node = self.collector.framework.inputs[code]
        converted = self.read_value(row, column, node, where)
        if converted is None:
            return
        if converted.state is State.BLANK:
            self.collector.blanks.append((unit_id, code))
            return
        is_value = converted.state is State.VALUE
        if is_value and converted.note is None:
            self._note_text(row, column, converted, where)
        self.collector.cells[unit_id, code] = DataCell(
            unit_id,
            code,
            value=converted.value,
            state=converted.state,
            basis=basis if is_value else "",
            where=where,
        )
        if doubt := implausibility_message(converted.value, node):
            problem = Problem("XC317", doubt, Message("hint.source"), where)
            self.collector.doubtful.append(problem)

    def _note_text(
        self, row: int, column: int, converted: Converted, where: Where
    ) -> None:
        """Note a number that a workbook stores as text."""
        raw = self.table.cell(row, column)
        if self.is_of_workbook and isinstance(raw, str):
            note = Message("conversion.stored_as_text")
            self.record_conversion(raw, converted, note, where)


def input_codes(framework: Framework) -> tuple[str, ...]:
    """Return the codes of all columns of data that a framework asks for.

    Indicators, their ingredients, inputs of supplementary indices, and variables outside the tree.
    """
    parts = [
        part.code for part in (*framework.ingredients, *framework.supplementary_inputs)
    ]
    parts += [variable.code for variable in framework.variables]
    return (*(node.code for node in framework.indicators), *parts)


def empty_dataset(units: Sequence[Unit], codes: Sequence[str]) -> Dataset:
    """Return a dataset in which nothing is filled yet: NaN, BLANK and "" everywhere.

    Its columns lie together in memory, since an index is computed column by column.
    """
    shape = (len(units), len(codes))
    return Dataset(
        tuple(units),
        tuple(codes),
        np.full(shape, np.nan, order="F"),
        np.full(shape, State.BLANK, dtype=np.uint8, order="F"),
        basis=np.zeros(
            shape, dtype="<U12", order="F"
        ),  # "", with room for every `Status`
    )


def overlay_cells(dataset: Dataset, cells: Iterable[DataCell]) -> Dataset:
    """Return a copy of a dataset with cells written over it; all other values stay."""
    values = dataset.values.copy(order="K")
    states = dataset.states.copy(order="K")
    basis = dataset.basis.copy(order="K")
    for cell in cells:
        position = dataset.rows[cell.unit], dataset.columns[cell.code]
        values[position] = cell.value
        states[position] = cell.state
        basis[position] = cell.basis
    return replace(dataset, values=values, states=states, basis=basis)
