"""Reading values of units x indicators from CSV, a folder or a workbook, all faults at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from xlcity.errors import DataError, Problem
from xlcity.model.dataset import Dataset, Item, Link, State, Status, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import AlikeIds
from xlcity.model.reading.columns import ColumnRoles
from xlcity.model.reading.floats import FloatCells
from xlcity.model.reading.lines import (
    LineReader,
    LinkTableReader,
    is_item_header,
    is_link_header,
    read_items,
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
    NOT_CALCULATED,
    Conversion,
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
MATCHED_BY_NAME = "column matched by name"


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
    if (
        item_table := open_extra_table(Path(path), "items", is_item_header)
    ) is not None:
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
        instead = f", only {', '.join(others)}" if others else ""
        hint = "Save it as data.xlsx." if others else "Put the table there, or name it."
        message = f"the folder has no data.csv, inputs.csv or data.xlsx{instead}."
        raise DataError(message, hint, "XC324", file=str(path))
    return open_first_table(
        path,
        ("data", "idata", "数据"),
        lambda row: any(as_text(cell) in codes for cell in row),
    )


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
        self._cells: dict[tuple[str, str], DataCell] = {}
        self._floats: FloatCells | None = None
        self._converted: list[Conversion] = []
        self._doubtful: list[Problem] = []
        self._blanks: list[tuple[str, str]] = []
        self._alike = AlikeIds()
        self._unused: tuple[tuple[str, str], ...] = ()
        self._left_out: list[LeftOutRow] = []

    def read_items(self, table: FileTable) -> None:
        """Read the lists behind indicators."""
        units = tuple(self.units.values())
        self.items, problems = read_items(
            table, self.framework, self.recipe, units, self.basis
        )
        self.problems += problems

    def read_links(self, table: FileTable) -> None:
        """Read links between cities."""
        units = tuple(self.units.values())
        reader = LinkTableReader(table, self.framework, self.recipe, units, self.basis)
        self.links = {code: tuple(links) for code, links in reader.links.items()}
        self.problems += reader.problems
        self._doubtful += reader.doubtful
        self._converted += reader.converted

    def read_values(self, table: FileTable) -> None:
        """Read a table of values into the cells read so far.

        Problems, doubts, conversions and columns without a use are collected beside them. Of a
        city that stands twice the first row counts; the others are only checked.
        """
        columns = ColumnRoles(table, self.framework)
        self.problems += columns.problems
        self._unused = tuple(columns.unused)
        if self.matcher is not None:
            # The names of units that are known already are not needed.
            names = (
                table.header[position]
                for position in sorted(columns.names_of_units.values())
            )
            unused = (
                *columns.unused,
                *((name, "the cities are known already") for name in names),
            )
            # (heading, reason) in the order of the columns, of equal headings that of the first.
            order = {
                name: position
                for position, name in reversed([*enumerate(table.header)])
            }
            self._unused = tuple(
                sorted(unused, key=lambda pair: order.get(pair[0], len(order)))
            )
        for column, code in columns.misspelt:
            where = table.where(column=column)
            message = f"the column {table.header[column]!r} is not used, and {code} has no column."
            hint = f"If it holds {code}, head it {code}."
            self._doubtful.append(Problem("XC346", message, hint, where))
        for name, code in columns.renamed:
            where = table.where(indicator=code)
            self._converted.append(Conversion(where, name, code, MATCHED_BY_NAME))
        if columns.problems and not columns.nodes and columns.code_and_value is None:
            return
        lines = LineReader(table, self.recipe.missing_codes, self.matcher, self.basis)
        # Both write into the same lists, so that what is met first is listed first.
        lines.problems, lines.converted = self.problems, self._converted
        if columns.code_and_value is None and table.floats is not None:
            self._floats = FloatCells(
                table, columns.nodes, self.framework.inputs, self.recipe.missing_codes
            )
        first_row_of: dict[str, int] = {}
        for row in range(len(table.rows)):
            is_text = table.sheet is None and table.floats is None
            if is_text and not is_note(lines.text(row, columns.unit)):
                lines.refuse_surplus_cells(row)
            unit_id = self._find_unit(lines, row, columns)
            if unit_id is None:
                continue
            if columns.code_and_value is None and unit_id in first_row_of:
                where = table.where(row, columns.unit, unit=unit_id)
                first_row = first_row_of[unit_id]
                first = table.where(first_row, columns.unit, unit=unit_id)
                address = table.where(first_row).cell
                message = f"duplicate city {unit_id} (first in {address})."
                hint = "Remove one of the rows, or give two cities of one name different names."
                lines.refuse("XC313", message, hint, where, related=first)
                self._check_row(lines, row, unit_id, columns)
                continue
            first_row_of.setdefault(unit_id, row)
            self._read_row(lines, row, unit_id, columns)
        if self.matcher is None:
            self._doubt_names(table, columns.unit, first_row_of)

    def _doubt_names(
        self, table: FileTable, column: int, rows: Mapping[str, int]
    ) -> None:
        """Note units of the table whose names are nearly alike, or numbers.

        Parameters
        ----------
        column
            The column of the units.
        rows
            Unit -> its first row; the table itself introduced these units.
        """
        names = {
            unit: self.units[unit].name_zh or self.units[unit].name_en for unit in rows
        }
        for unit, earlier in find_near_names(names.items()):
            where = table.where(rows[unit], column, unit=unit)
            message = f"{names[unit]!r} and {names[earlier]!r} may be one city; both are ranked."
            hint = "If they are one, use one name in all tables; else leave them."
            self._doubtful.append(Problem("XC332", message, hint, where))
        regions = [unit for unit in rows if is_region(names[unit])]
        for unit in regions if 2 * len(regions) < len(rows) else ():
            message = f"{names[unit]!r} is ranked among the cities."
            where = table.where(rows[unit], column, unit=unit)
            hint = "If it contains some of them, delete the row."
            self._doubtful.append(Problem("XC332", message, hint, where))
        if len(names) > 1 and all(
            (name or unit).isdigit() for unit, name in names.items()
        ):
            message = (
                f"the cities have numbers for names (column {table.header[column]!r})."
            )
            hint = "If their names stand in another column, head it name."
            self._doubtful.append(
                Problem("XC346", message, hint, table.where(column=column))
            )

    def _find_unit(
        self, lines: LineReader, row: int, columns: ColumnRoles
    ) -> str | None:
        """Return the id of the unit that a row is about, None without one.

        A row with values and no unit, or with one that is not known, is refused; a total, a mean
        or a note is left out.

        Parameters
        ----------
        lines
            Reader of the table.
        row
            Position of the row.
        columns
            Which column holds what.
        """
        table = lines.table
        typed = lines.text(row, columns.unit)
        if not typed:
            where = table.where(row, columns.unit)
            texts = [
                *filter(None, (lines.text(row, column) for column in columns.values))
            ]
            if texts and all(map(is_note, texts)):
                self._left_out.append(LeftOutRow(where.cell or "", texts[0]))
            elif texts:
                lines.refuse(
                    "XC310",
                    "values without a city.",
                    "Write the id of the city.",
                    where,
                )
            return None
        if self.matcher is None:
            return self._introduce_unit(lines, row, typed, columns)
        where = table.where(row, columns.unit)
        is_unknown = isinstance(
            self.matcher.match(table.cell(row, columns.unit)), Refusal
        )
        # One text and nothing else is a closing line.
        if is_unknown and (is_total_or_note(typed) or _is_alone(lines, row, columns)):
            self._left_out.append(LeftOutRow(where.cell or "", typed))
            return None
        unit_id = lines.find_city(row, columns.unit)
        for column in columns.names_of_units.values() if unit_id is not None else ():
            match = self.matcher.match(table.cell(row, column))
            if isinstance(match, Match) and match.unit.id != unit_id:
                message = f"the row is of {unit_id}, and names {match.unit.id}."
                hint = "Correct the id or the name."
                lines.refuse(
                    "XC312", message, hint, table.where(row, column, unit=typed)
                )
        if unit_id is None:
            self._check_row(lines, row, typed, columns)
        return unit_id

    def _introduce_unit(
        self, lines: LineReader, row: int, typed: str, columns: ColumnRoles
    ) -> str | None:
        """Return a row's unit where no list names the units: a new name becomes a new unit.

        None for a total or a note, which is left out, and for a formula, which is refused.

        Parameters
        ----------
        typed
            What the row calls its unit.
        """
        table = lines.table
        if is_total_or_note(typed) or (
            is_lone_note(typed) and _is_alone(lines, row, columns)
        ):
            self._left_out.append(
                LeftOutRow(table.where(row, columns.unit).cell or "", typed)
            )
            return None
        if isinstance(table.cell(row, columns.unit), UncalculatedFormula):
            message = f"{typed!r} is not a city."
            lines.refuse(
                "XC334", message, NOT_CALCULATED, table.where(row, columns.unit)
            )
            self._check_row(lines, row, typed, columns)
            return None
        unit_id = close_gaps(typed)
        if unit_id not in self.units:
            where = partial(table.where, row, columns.unit, unit=unit_id)
            self.problems += self._alike.check(unit_id, where)
            names = {
                name: lines.text(row, c) for name, c in columns.names_of_units.items()
            }
            attributes = {
                name: lines.text(row, c) for c, name in columns.attributes.items()
            }
            self.units[unit_id] = make_unit(unit_id, names, attributes=attributes)
        return unit_id

    def _codes_in_row(
        self, lines: LineReader, row: int, unit: str, columns: ColumnRoles
    ) -> list[tuple[int, str]]:
        """Return (column, code) of each value in a row.

        In a wide table that is each column of an indicator, but for what `FloatCells` reads. A line
        of a long table has one at most; a code that is not known is refused.

        Parameters
        ----------
        unit
            The row's unit, for messages.
        """
        if self._floats is not None:
            return self._floats.cells_beside(row)
        if columns.code_and_value is None:
            return [*columns.nodes.items()]
        code_column, value_column = columns.code_and_value
        typed = lines.text(row, code_column)
        if (code := columns.code_of(typed)) is not None:
            return [(value_column, code)]
        where = lines.table.where(row, code_column, unit=unit, indicator=typed)
        hint = "Correct the code or add the indicator to the framework."
        lines.refuse("XC314", f"{typed!r} is not an indicator.", hint, where)
        return []

    def _check_row(
        self, lines: LineReader, row: int, unit: str, columns: ColumnRoles
    ) -> None:
        """Report what else is wrong in a row that is refused for its unit: all faults at once.

        Its values are not used, so that their conversions are dropped.
        """
        conversions_before = len(lines.converted)
        for column, code in self._codes_in_row(lines, row, unit, columns):
            where = lines.table.where(row, column, unit=unit, indicator=code)
            lines.read_value(row, column, self.framework.inputs[code], where)
        del lines.converted[conversions_before:]

    def _read_row(
        self, lines: LineReader, row: int, unit_id: str, columns: ColumnRoles
    ) -> None:
        """Read the values of one row of a wide table, or the one of a long table.

        A row whose status cannot be read is left out; its problem is recorded. A long table may not
        name a city and an indicator twice.

        Parameters
        ----------
        lines, row
            Reader of the table, and position of the row.
        unit_id, columns
            The row's unit, and which column holds what.
        """
        if (status := lines.read_status(row, columns.basis, unit_id)) is None:
            return
        if self._floats is not None:
            self._floats.add_row(row, unit_id, status)
        for column, code in self._codes_in_row(lines, row, unit_id, columns):
            if columns.code_and_value is None or (unit_id, code) not in self._cells:
                self._read_cell(lines, row, column, unit_id, code, status)
                continue
            first = self._cells[unit_id, code].where.cell
            message = f"duplicate value of {unit_id} {code} (first in {first})."
            where = lines.table.where(
                row, columns.code_and_value[0], unit=unit_id, indicator=code
            )
            lines.refuse("XC313", message, "Remove one of the rows.", where)

    def _read_cell(
        self,
        lines: LineReader,
        row: int,
        column: int,
        unit_id: str,
        code: str,
        basis: str,
    ) -> None:
        """Read one value of a unit into the dataset, and note what is doubtful.

        Parameters
        ----------
        lines
            Reader of the table.
        row, column
            Position of the cell.
        basis
            Status of the value: where it comes from.
        """
        table = lines.table
        node = self.framework.inputs[code]
        where = table.where(row, column, unit=unit_id, indicator=code)
        converted = lines.read_value(row, column, node, where)
        if converted is None:
            return
        raw = table.cell(row, column)
        is_value = converted.state is State.VALUE
        is_text = converted.note is None and is_value and isinstance(raw, str)
        if is_text and is_workbook_name(table.file):
            lines.record_conversion(raw, converted, "number stored as text", where)
        if converted.state is State.BLANK:
            self._blanks.append((unit_id, code))
            return
        status = basis if is_value else ""
        self._cells[unit_id, code] = DataCell(
            unit_id, code, converted.value, converted.state, status, where
        )
        if doubt := implausibility_message(converted.value, node):
            self._doubtful.append(
                Problem("XC317", doubt, "Check it against the source.", where)
            )

    def finish(self) -> tuple[Dataset, Notes]:
        """Return the dataset of all that was read, and notes on what a person should know of it.

        Raises
        ------
        DataError
            With all that cannot be used.
        """
        DataError.raise_for(self.problems)
        cells = tuple(self._cells.values())
        floats = self._floats
        codes_with_values = {cell.code for cell in cells}
        codes_with_values.update(
            floats.codes_with_values() if floats is not None else ()
        )
        node_codes = [
            node.code
            for node in self.framework.composites
            if node.code in codes_with_values
        ]
        codes = (*input_codes(self.framework), *node_codes)
        filled = empty_dataset(tuple(self.units.values()), codes)
        if floats is not None:
            floats.write(filled)
        if cells:
            filled = overlay_cells(filled, cells)
        values = [(cell.code, cell.value, cell.where) for cell in cells]
        if floats is not None:
            values += floats.percentages(self.framework.inputs)
            self._blanks += floats.blanks()
            floats.others = cells
        notes = Notes(
            cells=cells if floats is None else floats,
            converted=tuple(self._converted),
            unused=self._unused,
            doubtful=(
                *self._doubtful,
                *fractions_as_percent(self.framework.inputs, values),
            ),
            blanks=tuple(self._blanks),
            left_out=tuple(self._left_out),
        )
        return replace(filled, items=self.items, links=self.links), notes


def _is_alone(lines: LineReader, row: int, columns: ColumnRoles) -> bool:
    """Tell whether a row holds nothing but what it calls its unit."""
    others = (
        column for column in range(len(lines.table.header)) if column != columns.unit
    )
    return not any(lines.text(row, column) for column in others)


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
        np.zeros(shape, dtype="<U12", order="F"),  # "", with room for every `Status`
    )


def overlay_cells(dataset: Dataset, cells: Iterable[DataCell]) -> Dataset:
    """Return a copy of a dataset with cells written over it; all other values stay."""
    values = dataset.values.copy(order="K")
    states = dataset.states.copy(order="K")
    basis = dataset.basis.copy(order="K")
    for cell in cells:
        position = dataset.rows[cell.unit], dataset.columns[cell.code]
        values[position], states[position], basis[position] = (
            cell.value,
            cell.state,
            cell.basis,
        )
    return replace(dataset, values=values, states=states, basis=basis)
