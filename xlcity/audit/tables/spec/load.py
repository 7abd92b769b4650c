"""Reads the printed tables that a specification names."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from xlcity.audit.tables.number_intervals import BRACES
from xlcity.audit.tables.printed_numbers import (
    RANK,
    PrintedCell,
    PrintedNumbers,
    Series,
    digits_of,
    half_unit,
    is_readable,
    rank_of,
    read_number,
    rounding_of_doubles,
)
from xlcity.audit.tables.spec.read import Spec, take
from xlcity.audit.tables.spec.rules import ColumnSpec, Filter, TableSpec
from xlcity.errors import DataError, Problem, Where, collecting
from xlcity.messages import Message
from xlcity.model.reading.tables import UNIT_HEADING, FileTable, as_text, read_csv

#: Names that the column of units may have, where the specification names none.
UNIT_COLUMNS = ("unit", "city_id", "id")
Row = Mapping[str, str]
#: Cells of a column that are listed one by one where they are not numbers.
LISTED = 3


@dataclass(frozen=True, slots=True)
class PrintedTables:
    """Everything an audit reads.

    Parameters
    ----------
    files
        Table -> its rows, as text.
    attributes
        Unit -> attribute -> word, from the list of units.
    """

    book: PrintedNumbers
    files: Mapping[str, tuple[Row, ...]]
    numbers: Mapping[str, tuple[int, ...]]
    unit_columns: Mapping[str, str]
    attributes: Mapping[str, Mapping[str, str]]

    def rows(self, table: str, where: Filter) -> Iterator[Row]:
        """Yield the rows of a table that a filter picks."""
        return (row for row in self.files.get(table, ()) if selected(row, where))


def read_printed(path: str | Path) -> FileTable:
    """Read a CSV file with one row of headings, or a table as it is pasted from a page.

    Of a pasted one, lines of one cell are titles and notes, and the lines above the first one of
    numbers are headings. What stands beside the first of merged cells is blank.
    """
    table = read_csv(path)
    if all(table.header):
        return _with_distinct_names(table)
    lines = _square_lines(table)
    filled = [number for number, line in enumerate(lines) if _count_filled(line) > 1]
    first = next((number for number in filled if _has_numbers(lines[number])), 0)
    above = bisect_left(filled, first)
    if not above:
        return _with_distinct_names(table)
    header = _join_headings([lines[number] for number in filled[:above]])
    below = table.selected([number - 1 for number in filled[above:]])
    return _with_distinct_names(replace(below, header=header))


def _square_lines(table: FileTable) -> list[list[str]]:
    """Return the heading and the rows as texts, all of one length."""
    lines = []
    for row in (table.header, *table.rows):
        lines.append([*map(as_text, row)])
    width = max(map(len, lines))
    return [line + [""] * (width - len(line)) for line in lines]


def _count_filled(line: Sequence[str]) -> int:
    return sum(map(bool, line))


def _join_headings(lines: Sequence[list[str]]) -> tuple[str, ...]:
    """Return the names of columns by several lines of headings; merged cells are filled in."""
    for upper, lower in pairwise(lines):
        for column in range(1, len(upper)):
            if lower[column] and not upper[column]:
                upper[column] = upper[column - 1]
    columns = zip(*lines, strict=True)
    distinct = (dict.fromkeys(filter(None, parts)) for parts in columns)
    return tuple(map(" ".join, distinct))


def _with_distinct_names(table: FileTable) -> FileTable:
    """Return a table whose first column has a name, and no two columns the same."""
    first, *others = table.header
    names = [first or UNIT_HEADING]
    for name in others:
        count = table.header[: len(names)].count(name) if name else 0
        names.append(f"{name} ({count + 1})" if count else name)
    return replace(table, header=tuple(names))


def _has_numbers(line: Sequence[str]) -> bool:
    """Tell whether half of the cells behind the first one are numbers; years may head columns."""
    cells = [digits_of(cell) for cell in line[1:] if cell]
    with_digits = [cell for cell in cells if any(map(str.isdigit, cell))]
    numbers = [*filter(is_readable, with_digits)]
    years = [cell for cell in numbers if re.fullmatch(r"(?:19|20)\d\d", cell)]
    return 2 * len(numbers) >= len(cells) and len(years) < len(numbers)


def load(
    spec: Spec,
    given: Mapping[str, Any],
    read: Callable[[Any], FileTable] = read_printed,
) -> PrintedTables:
    """Read the tables of a specification.

    Parameters
    ----------
    given
        Table -> its CSV file, or what `read` makes rows of.

    Raises
    ------
    DataError
        With every table, column and cell that cannot be used.
    """
    problems = list[Problem]()
    files = _read_files(spec, given, read, problems)
    cells = list[PrintedCell]()
    units = dict[str, str]()
    for table in spec.tables:
        if table.name not in files:
            continue
        section = _Section(spec, table, files[table.name], problems)
        unit = section.unit_column
        if unit and unit not in section.file.header:
            problems.append(_no_column(unit, section.file))
            continue
        units.setdefault(table.name, unit)
        read_columns = {cell.column for cell in cells if cell.table == table.name}
        for column in section.columns(read_columns):
            cells += section.cells(column, len(cells))
    DataError.raise_for(problems)
    rows = {name: tuple(file.records()) for name, file in files.items()}
    numbers = {name: file.numbers for name, file in files.items()}
    return PrintedTables(
        PrintedNumbers(cells),
        rows,
        numbers,
        unit_columns=units,
        attributes=_attributes(spec),
    )


def _read_files(
    spec: Spec,
    given: Mapping[str, Any],
    read: Callable[[Any], FileTable],
    problems: list[Problem],
) -> dict[str, FileTable]:
    """Return the tables of a specification by name; what cannot be read joins the problems."""
    files = dict[str, FileTable]()
    for name in dict.fromkeys(table.name for table in spec.tables):
        if name not in given:
            tables = ", ".join(sorted(given)) or "none"
            where = Where(file=spec.file)
            problem = Problem.of(
                "XC342.table_not_given", where, name=name, tables=tables
            )
            problems.append(problem)
            continue
        with collecting(problems, DataError):
            files[name] = read(given[name])
    return files


def _no_column(name: str, file: FileTable) -> Problem:
    return Problem.of(
        "XC342.no_column", Where(file=file.file), name=name, header=[*file.header]
    )


@dataclass(frozen=True)
class _Section:
    """A section of a specification with its table; what is wrong joins the problems."""

    spec: Spec
    table: TableSpec
    file: FileTable
    problems: list[Problem]

    @cached_property
    def unit_column(self) -> str:
        """The column of units; "" where several columns make a pair."""
        if self.table.unit_columns:
            return ""
        usual = (name for name in UNIT_COLUMNS if name in self.file.header)
        stated = self.table.unit or self.spec.head.unit
        return stated or next(usual, self.file.header[0])

    def columns(self, read_before: set[str]) -> list[ColumnSpec]:
        """Return the columns that it reads, and those of formulas that no section does."""
        table = self.table
        columns = [ColumnSpec(column, node) for column, node in table.scores.items()]
        for column, node in table.ranks.items():
            columns.append(ColumnSpec(column, node, quantity=RANK))
        for position, given in enumerate(table.read, start=1):
            section = f"[[table.read]] {position} of {table.name}"
            read = take(
                ColumnSpec,
                section,
                given,
                file=self.spec.file,
                problems=self.problems,
            )
            columns += [] if read is None else [read]
        read_here = read_before | {column.column for column in columns}
        for column in dict.fromkeys(self._columns_of_formulas()):
            if column not in read_here:
                quantity = f"{column} in {table.name}"
                columns.append(ColumnSpec(column, column, quantity=quantity))
        return columns

    def _columns_of_formulas(self) -> Iterator[str]:
        for rule in self.spec.rules.get("formula", ()):
            if rule.table == self.table.name:
                yield from BRACES.findall(rule.formula)

    def _find_absent(self, read: ColumnSpec) -> list[str]:
        """Return the columns that a reading names and the table does not have."""
        used = [read.column, *read.group_columns, *read.where, *self.table.unit_columns]
        used += filter(None, [read.node_column])
        header = self.file.header
        return [name for name in dict.fromkeys(used) if name not in header]

    def cells(self, read: ColumnSpec, first: int) -> list[PrintedCell]:
        """Return the numbers of one column, numbered from the first on."""
        absent = self._find_absent(read)
        if absent:
            self.problems.extend(_no_column(name, self.file) for name in absent)
            return []
        cells = list[PrintedCell]()
        unread = list[Problem]()
        for index, row in enumerate(self.file.records()):
            shown = row[read.column]
            if not selected(row, read.where) or shown in read.skip:
                continue
            text = rank_of(shown) if read.quantity == RANK else digits_of(shown)
            try:
                value = read_number(text)
            except ValueError:
                unread.append(self._no_number(read, index, row))
                continue
            if value is not None:
                cell = self._cell(read, row, text, value)
                number = self.file.numbers[index]
                cells.append(replace(cell, index=first + len(cells), row=number))
        if len(unread) > LISTED + 1:
            message = Message("XC343.more_cells", number=len(unread) - LISTED)
            hint = Message("hint.leave_column_out")
            where = Where(file=self.file.file)
            unread[LISTED:] = [Problem("XC343", message, hint, where)]
        self.problems.extend(unread)
        return cells

    def _no_number(self, read: ColumnSpec, index: int, row: Row) -> Problem:
        column = self.file.header.index(read.column)
        where = self.file.where(index, column, unit=row.get(self.unit_column, ""))
        shown = row[read.column]
        message = Message("XC343.no_number", shown=shown, column=read.column)
        return Problem("XC343", message, Message("hint.keep_digits"), where)

    def _cell(
        self, read: ColumnSpec, row: Row, text: str, value: Decimal
    ) -> PrintedCell:
        """Return a number of a row, without its own number and that of the row."""
        table = self.table
        is_exact = read.exact or read.quantity == RANK
        half = Decimal(0) if is_exact else half_unit(text)
        # Several columns make a pair, in the order of the alphabet.
        pair = "|".join(sorted(row[name] for name in table.unit_columns))
        series = Series(
            row[read.node_column] if read.node_column else read.node,
            read.quantity,
            group=read.group or " ".join(row[name] for name in read.group_columns),
            edition=read.edition,
        )
        return PrintedCell(
            index=0,
            table=table.name,
            row=0,
            column=read.column,
            unit=pair or row[self.unit_column],
            series=series,
            text=text,
            value=value,
            half=max(half, rounding_of_doubles(value)),
            where=row.get(table.line or self.spec.head.line, ""),
            in_order=table.as_printed,
        )


def selected(row: Row, chosen: Filter) -> bool:
    """Tell whether a row has the words that a filter asks for; "*" stands for anything but ""."""
    for column, words in chosen.items():
        word = row.get(column, "")
        if word not in words and not (word and "*" in words):
            return False
    return True


def _attributes(spec: Spec) -> dict[str, dict[str, str]]:
    if not spec.head.cities:
        return {}
    table = read_csv(spec.folder / spec.head.cities)
    key = next((name for name in UNIT_COLUMNS if name in table.header), table.header[0])
    return {row[key]: dict(row) for row in table.records()}
