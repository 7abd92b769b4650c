"""Reads the printed tables that a specification names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
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
    lines = [[*map(as_text, row)] for row in (table.header, *table.rows)]
    width = max(map(len, lines))
    lines = [line + [""] * (width - len(line)) for line in lines]
    filled = [n for n, line in enumerate(lines) if sum(map(bool, line)) > 1]
    first = next((n for n in filled if _has_numbers(lines[n])), 0)
    headings = [lines[n] for n in filled if n < first]
    if not headings:
        return _with_distinct_names(table)
    for upper, lower in pairwise(headings):
        for column in range(1, width):
            if lower[column] and not upper[column]:
                upper[column] = upper[column - 1]
    names = (
        " ".join(dict.fromkeys(filter(None, parts)))
        for parts in zip(*headings, strict=True)
    )
    below = table.selected([n - 1 for n in filled if n >= first])
    return _with_distinct_names(replace(below, header=tuple(names)))


def _with_distinct_names(table: FileTable) -> FileTable:
    """Return a table whose first column has a name, and no two columns the same."""
    first, *others = table.header
    names = [first or UNIT_HEADING]
    for name in others:
        count = (
            sum(name == other for other in table.header[: len(names)]) if name else 0
        )
        names.append(f"{name} ({count + 1})" if count else name)
    return replace(table, header=tuple(names))


def _has_numbers(line: Sequence[str]) -> bool:
    """Tell whether half of the cells behind the first one are numbers; years may head columns."""
    cells = [digits_of(cell) for cell in line[1:] if cell]
    numbers = [
        cell for cell in cells if any(map(str.isdigit, cell)) and is_readable(cell)
    ]
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
    files = dict[str, FileTable]()
    for name in dict.fromkeys(table.name for table in spec.tables):
        if name not in given:
            problems.append(
                Problem.of(
                    "XC342.table_not_given",
                    Where(file=spec.file),
                    name=name,
                    tables=", ".join(sorted(given)) or "none",
                )
            )
            continue
        with collecting(problems, DataError):
            files[name] = read(given[name])
    cells = list[PrintedCell]()
    units = dict[str, str]()
    for table in (table for table in spec.tables if table.name in files):
        file = files[table.name]
        unit = _unit_column(spec, table, file)
        if unit and unit not in file.header:
            problems.append(_no_column(unit, file))
            continue
        units.setdefault(table.name, unit)
        read_columns = {cell.column for cell in cells if cell.table == table.name}
        for column in _columns(spec, table, read_columns, problems):
            cells += _cells(spec, table, column, file, unit, len(cells), problems)
    DataError.raise_for(problems)
    rows = {name: tuple(file.records()) for name, file in files.items()}
    numbers = {name: file.numbers for name, file in files.items()}
    return PrintedTables(PrintedNumbers(cells), rows, numbers, units, _attributes(spec))


def _unit_column(spec: Spec, table: TableSpec, file: FileTable) -> str:
    if table.unit_columns:
        return ""
    usual = (name for name in UNIT_COLUMNS if name in file.header)
    return table.unit or spec.head.unit or next(usual, file.header[0])


def _no_column(name: str, file: FileTable) -> Problem:
    return Problem.of(
        "XC342.no_column", Where(file=file.file), name=name, header=[*file.header]
    )


def _columns(
    spec: Spec, table: TableSpec, read_before: set[str], problems: list[Problem]
) -> list[ColumnSpec]:
    """Return the columns that a section reads, and those of formulas that no section does."""
    columns = [ColumnSpec(column, node) for column, node in table.scores.items()]
    columns += [
        ColumnSpec(column, node, quantity=RANK) for column, node in table.ranks.items()
    ]
    for position, given in enumerate(table.read, start=1):
        section = f"[[table.read]] {position} of {table.name}"
        read = take(ColumnSpec, section, given, spec.file, problems)
        columns += [] if read is None else [read]
    read_here = read_before | {read.column for read in columns}
    formulas = (
        rule.formula
        for rule in spec.rules.get("formula", ())
        if rule.table == table.name
    )
    unread = [
        c
        for c in dict.fromkeys(BRACES.findall(" ".join(formulas)))
        if c not in read_here
    ]
    return columns + [ColumnSpec(c, c, quantity=f"{c} in {table.name}") for c in unread]


def selected(row: Row, chosen: Filter) -> bool:
    """Tell whether a row has the words that a filter asks for; "*" stands for anything but ""."""
    return all(
        row.get(column, "") in words or ("*" in words and row.get(column, "") != "")
        for column, words in chosen.items()
    )


def _cells(
    spec: Spec,
    table: TableSpec,
    read: ColumnSpec,
    file: FileTable,
    unit_column: str,
    first: int,
    problems: list[Problem],
) -> list[PrintedCell]:
    """Return the numbers of one column, numbered from the first on."""
    used = [read.column, *read.group_columns, *read.where, *table.unit_columns]
    used += [read.node_column] if read.node_column else []
    absent = [name for name in dict.fromkeys(used) if name not in file.header]
    problems += [_no_column(name, file) for name in absent]
    if absent:
        return []
    cells = list[PrintedCell]()
    unread = list[Problem]()
    for index, row in enumerate(file.records()):
        shown = row[read.column]
        if not selected(row, read.where) or shown in read.skip:
            continue
        text = rank_of(shown) if read.quantity == RANK else digits_of(shown)
        try:
            value = read_number(text)
        except ValueError:
            column = file.header.index(read.column)
            where = file.where(index, column, unit=row.get(unit_column, ""))
            message = Message("XC343.no_number", shown=shown, column=read.column)
            hint = Message("hint.keep_digits")
            unread.append(Problem("XC343", message, hint, where))
            continue
        if value is None:
            continue
        half = Decimal(0) if read.exact or read.quantity == RANK else half_unit(text)
        # Several columns make a pair, in the order of the alphabet.
        pair = "|".join(sorted(row[name] for name in table.unit_columns))
        cell = PrintedCell(
            index=first + len(cells),
            table=table.name,
            row=file.numbers[index],
            column=read.column,
            unit=pair or row[unit_column],
            series=Series(
                row[read.node_column] if read.node_column else read.node,
                read.quantity,
                read.group or " ".join(row[name] for name in read.group_columns),
                read.edition,
            ),
            text=text,
            value=value,
            half=max(half, rounding_of_doubles(value)),
            where=row.get(table.line or spec.head.line, ""),
            in_order=table.as_printed,
        )
        cells.append(cell)
    if len(unread) > LISTED + 1:
        message = Message("XC343.more_cells", number=len(unread) - LISTED)
        hint = Message("hint.leave_column_out")
        unread[LISTED:] = [Problem("XC343", message, hint, Where(file=file.file))]
    problems += unread
    return cells


def _attributes(spec: Spec) -> dict[str, dict[str, str]]:
    if not spec.head.cities:
        return {}
    table = read_csv(spec.folder / spec.head.cities)
    key = next((name for name in UNIT_COLUMNS if name in table.header), table.header[0])
    return {row[key]: dict(row) for row in table.records()}
