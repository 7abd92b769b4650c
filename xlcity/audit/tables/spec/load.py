"""Reads the printed tables that a spec names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from xlcity.audit.tables.spec.cells import (
    RANK,
    PrintedCell,
    PrintedNumbers,
    Rounding,
    Series,
    digits_of,
    margins,
    rank_of,
    read_number,
)
from xlcity.audit.tables.spec.read import ColumnSpec, Head, Spec, TableSpec
from xlcity.audit.tables.spec.schema import Filter, number, take
from xlcity.errors import DataError, Problem, Where
from xlcity.model.reading.tables import FileTable as File
from xlcity.model.reading.tables import read_csv

#: Names that the column of units may have, where the spec names none.
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
    tree
        Parent -> child -> weight, from the framework.
    """

    book: PrintedNumbers
    files: Mapping[str, tuple[Row, ...]]
    numbers: Mapping[str, tuple[int, ...]]
    unit_columns: Mapping[str, str]
    attributes: Mapping[str, Mapping[str, str]]
    tree: Mapping[str, Mapping[str, Fraction]]


def load(
    spec: Spec, given: Mapping[str, Any], read: Callable[[Any], File] = read_csv
) -> PrintedTables:
    """Read the tables of a spec.

    Parameters
    ----------
    given
        Table -> its CSV file, or what `read` makes rows of.

    Raises
    ------
    DataError
        With every table, column and cell that cannot be used.
    """
    problems: list[Problem] = []
    files: dict[str, File] = {}
    for name in dict.fromkeys(table.name for table in spec.tables):
        if name not in given:
            hint = f"Tables given: {', '.join(sorted(given)) or 'none'}."
            message = f"the table {name!r} is not given."
            problems.append(Problem("XC342", message, hint, Where(file=spec.file)))
            continue
        try:
            files[name] = read(given[name])
        except DataError as error:
            problems += error.problems
    cells: list[PrintedCell] = []
    units: dict[str, str] = {}
    for table in spec.tables:
        if table.name in files:
            file = files[table.name]
            units.setdefault(table.name, _unit_column(spec.head, table, file, problems))
            for cell in _cells(spec, table, file, problems):
                cells.append(_numbered(cell, len(cells)))
    if problems:
        raise DataError(problems)
    return PrintedTables(
        PrintedNumbers(cells),
        {name: tuple(file.records()) for name, file in files.items()},
        {name: file.numbers for name, file in files.items()},
        units,
        _attributes(spec),
        _tree(spec),
    )


def _unit_column(head: Head, table: TableSpec, file: File, problems: list[Problem]) -> str:
    wanted = table.unit or head.unit
    if table.unit_columns:
        return ""
    if wanted:
        if wanted not in file.header:
            problems.append(_no_column(wanted, file))
        return wanted
    return next((name for name in UNIT_COLUMNS if name in file.header), file.header[0])


def _no_column(name: str, file: File) -> Problem:
    hint = f"Columns: {', '.join(file.header)}."
    return Problem("XC342", f"column {name!r} not found.", hint, Where(file=file.file))


def _reads(spec: Spec, table: TableSpec, problems: list[Problem]) -> Iterator[ColumnSpec]:
    for column, node in table.scores.items():
        yield ColumnSpec(column, node)
    for column, node in table.ranks.items():
        yield ColumnSpec(column, node, quantity=RANK, exact=True)
    for position, given in enumerate(table.read, start=1):
        section = f"[[table.read]] {position} of {table.name}"
        read = take(ColumnSpec, section, given, spec.file, problems)
        if read is not None:
            yield read


def selected(row: Row, chosen: Filter) -> bool:
    """Tell whether a row has the words that a filter asks for; "*" stands for anything but ""."""
    return all(
        row.get(column, "") in words or ("*" in words and row.get(column, "") != "")
        for column, words in chosen.items()
    )


def unit_of(row: Row, table: TableSpec, column: str) -> str:
    """Return the unit of a row; several columns make a pair, in the order of the alphabet."""
    if table.unit_columns:
        return "|".join(sorted(row[name] for name in table.unit_columns))
    return row[column]


def _cells(
    spec: Spec, table: TableSpec, file: File, problems: list[Problem]
) -> Iterator[PrintedCell]:
    line = table.line or spec.head.line
    unit_column = _unit_column(spec.head, table, file, [])
    rows = file.records()
    for read in _reads(spec, table, problems):
        used = [read.column, *read.group_columns, *read.where, *table.where, *table.unit_columns]
        used += [read.node_column] if read.node_column else []
        absent = [name for name in dict.fromkeys(used) if name not in file.header]
        problems += [_no_column(name, file) for name in absent]
        if absent:
            continue
        unread: list[Problem] = []
        rounding = Rounding(read.rounding or spec.head.rounding)
        exact = read.exact or read.quantity == RANK
        for index, row in enumerate(rows):
            if not (selected(row, table.where) and selected(row, read.where)):
                continue
            if row[read.column] in read.skip:
                continue
            shown = row[read.column]
            text = rank_of(shown) if read.quantity == RANK else digits_of(shown)
            try:
                value = read_number(text)
            except ValueError:
                column = file.header.index(read.column)
                where = file.where(index, column, unit=row.get(unit_column, ""))
                message = f"{shown!r} in the column {read.column} is not a number."
                hint = "Keep the printed digits only, or leave the row out with `where`."
                unread.append(Problem("XC343", message, hint, where))
                continue
            if value is None:
                continue
            below, above = (Decimal(0), Decimal(0)) if exact else margins(text, rounding)
            group = read.group or " ".join(row[name] for name in read.group_columns)
            series = Series(
                row[read.node_column] if read.node_column else read.node,
                read.quantity,
                group,
                read.edition,
            )
            unit = unit_of(row, table, unit_column)
            yield PrintedCell(
                0,
                table.name,
                file.numbers[index],
                read.column,
                unit,
                series,
                text,
                value,
                below,
                above,
                row.get(line, ""),
                table.as_printed,
            )
        problems += _shortened(unread, file)


def _shortened(problems: list[Problem], file: File) -> list[Problem]:
    """Return the first problems of a column, and how many more there are."""
    if len(problems) <= LISTED + 1:
        return problems
    message = f"{len(problems) - LISTED} more cells of this column are not numbers."
    hint = "A column of other words can be left out of the specification."
    return [*problems[:LISTED], Problem("XC343", message, hint, Where(file=file.file))]


def _numbered(cell: PrintedCell, index: int) -> PrintedCell:
    names = [name for name in PrintedCell.__slots__ if name != "index"]
    return PrintedCell(index, *(getattr(cell, name) for name in names))


def _attributes(spec: Spec) -> dict[str, dict[str, str]]:
    if not spec.head.cities:
        return {}
    table = read_csv(spec.folder / spec.head.cities)
    key = next((name for name in UNIT_COLUMNS if name in table.header), table.header[0])
    return {row[key]: dict(row) for row in table.records()}


def _tree(spec: Spec) -> dict[str, dict[str, Fraction]]:
    if not spec.head.framework:
        return {}
    tree: dict[str, dict[str, Fraction]] = {}
    for row in read_csv(spec.folder / spec.head.framework).records():
        if row["parent"]:
            try:
                weight = number(row.get("weight") or "1")
            except (ValueError, ZeroDivisionError) as error:
                where = Where(file=spec.head.framework, indicator=row["code"])
                message = f"the weight {row['weight']!r} is not a number."
                raise DataError(message, "Write 0.25 or 1/4.", "XC343", where) from error
            tree.setdefault(row["parent"], {})[row["code"]] = weight
    return tree
