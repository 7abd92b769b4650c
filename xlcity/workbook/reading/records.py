"""Tables of a workbook as rows of cells with their addresses, and what is wrong with them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeGuard

import numpy as np

from xlcity.errors import CellValue, Problem, Where, WorkbookError, nearest
from xlcity.functions.arguments import is_blank
from xlcity.messages import Message
from xlcity.model.dataset import State, Status, Unit
from xlcity.model.nodes import Ingredient, Node, spreadsheet_key
from xlcity.model.reading.values import describe_fault
from xlcity.workbook.tab_titles import title_in
from xlcity.xlsx.address import Range, cell_name
from xlcity.xlsx.cells import ReadBook, resolve

#: The day that spreadsheet programs count from, and the numbers that are taken for days.
_DAY_0 = date(1899, 12, 30)
_DAYS = range(30_000, 80_000)


class Record(dict[str, tuple[CellValue, Where]]):
    """A table row: column -> (value, address).

    Parameters
    ----------
    cells
        The row.
    table
        Where the header stands.

    Raises
    ------
    WorkbookError
        When a column is asked for that is not there.
    """

    def __init__(
        self, cells: Mapping[str, tuple[CellValue, Where]], table: Where
    ) -> None:
        super().__init__(cells)
        self.table = table

    def text(self, column: str) -> str:
        """Return the cell of a column as text."""
        value, _ = self[column]
        return plain_text(value)

    def __missing__(self, title: str) -> tuple[CellValue, Where]:
        raise WorkbookError(Problem.of("XC431.no_column", self.table, title=title))


def plain_text(value: CellValue) -> str:
    """Return a cell as text: a whole number without its decimal point, a blank as ""."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def day_text(value: CellValue) -> str:
    """Return a day as text; a number in a column of days is one that programs count as a date."""
    if isinstance(value, float) and int(value) in _DAYS:
        return (_DAY_0 + timedelta(int(value))).isoformat()
    return plain_text(value)


def match_key(value: CellValue) -> tuple[str, str]:
    """Return what two cells have alike when MATCH finds one by the other."""
    return type(value).__name__, spreadsheet_key(plain_text(value))


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a cell holds a number; TRUE is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def number_of(value: CellValue) -> float | None:
    """Return the number that a cell holds; TRUE is none."""
    return float(value) if is_number(value) else None


def lines_below(book: ReadBook, area: Range) -> range:
    """Return the rows right below a list in which people typed more lines."""
    row = area.r2 + 1
    columns = area.column_numbers
    while any(not is_blank(book.value(area.sheet, row, column)) for column in columns):
        row += 1
    return range(area.r2 + 1, row)


def table_lines(book: ReadBook, area: Range) -> list[dict[str, CellValue]]:
    """Return the rows of a table by the codes above them."""
    codes, *rows = book.block(area)
    return [dict(zip(map(plain_text, codes), row, strict=True)) for row in rows]


class CellReader:
    """Reads cells by the names of the contract and gathers what is wrong with them."""

    def __init__(self, book: ReadBook, file: str) -> None:
        self.book = book
        self.file = file
        self.problems: list[Problem] = []
        #: Key of a cell -> id of a city.
        self.ids: dict[tuple[str, str], str] = {}
        #: Name or alias of a city -> its id.
        self.id_by_name: dict[str, str] = {}

    def one(self, name: str) -> str:
        """Return the text of a one-cell name."""
        return plain_text(self.book.block(resolve(self.book, name))[0][0])

    def at(self, area: Range, down: int = 0, right: int = 0) -> Where:
        """Return the address of a cell of a range."""
        name = cell_name(area.r1 + down, area.c1 + right)
        return Where(self.file, area.sheet, name)

    def cell(self, name: str) -> tuple[CellValue, Where] | None:
        """Return value and address of a one-cell name, None where it is absent."""
        if name not in self.book.names:
            return None
        area = resolve(self.book, name)
        return self.book.block(area)[0][0], self.at(area)

    def records(self, name: str, rows_below: int = 0) -> list[Record]:
        """Return the rows below a header row, each cell with its address; none without the name.

        `rows_below` rows below the range belong to it, too.
        """
        if name not in self.book.names:
            return []
        area = resolve(self.book, name)
        area = replace(area, r2=area.r2 + rows_below)
        header, *rows = self.book.block(area)
        records = []
        heads = [plain_text(head) for head in header]
        for down, row in enumerate(rows, 1):
            places = (self.at(area, down, right) for right in range(len(row)))
            cells = zip(heads, zip(row, places, strict=True), strict=True)
            records.append(Record(dict(cells), self.at(area)))
        return records

    def city(self, value: CellValue, where: Where, code: str) -> str | None:
        """Return the id of the city that a line of an indicator names; another one is wrong."""
        if (unit := self.ids.get(match_key(value))) is None:
            message = self.describe_unknown_city(plain_text(value))
            self.wrong(
                "XC311", message, Message("hint.write_city"), where, indicator=code
            )
        return unit

    def describe_unknown_city(self, typed: str) -> str:
        """Return that a text is not the id of a city, and which city it may mean."""
        cities = title_in(self.book, "Cities")
        meant = self.id_by_name.get(typed) or nearest(typed, self.ids.values())
        if meant:
            key = "XC311.not_on_sheet_but"
            return Message(key, typed=typed, cities=cities, meant=meant)
        return Message("XC311.not_on_sheet", typed=typed, cities=cities)

    def wrong(
        self, code: str, message: str, hint: str, where: Where, **about: str
    ) -> None:
        """Note a problem."""
        self.problems.append(Problem(code, message, hint, replace(where, **about)))

    def value(
        self,
        value: CellValue,
        node: Node | Ingredient,
        missing: Collection[str],
        where: Where,
    ) -> tuple[State, float]:
        """Read an input cell as the sheet's own formulas do: text is never converted.

        `missing` are the codes of a missing value in lower case. What is neither is a problem.
        """
        if (number := number_of(value)) is not None:
            if node.no_data is None or number != node.no_data:
                return State.VALUE, number
            message = Message("XC305.means_missing", number=number, node=node.code)
            hint = Message("hint.na_or_blank")
            self.wrong("XC305", message, hint, where)
            return State.UNUSABLE, math.nan
        if value is None or value == "":
            return State.BLANK, math.nan
        if isinstance(value, str) and value.casefold() in missing:
            return State.MISSING, math.nan
        self.wrong("XC301", *describe_fault(value), where)
        return State.UNUSABLE, math.nan

    def values(
        self,
        units: Sequence[Unit],
        rows: Mapping[str, int],
        columns: Mapping[str, int],
        nodes: Mapping[str, Node | Ingredient],
        missing: Collection[str],
        sheet: str,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Read a table of inputs: values, states and statuses, a row per unit.

        Parameters
        ----------
        units
            The cities; those without a row are blank.
        rows, columns
            Unit -> row, code -> column (0 for a code without one).
        nodes
            Code -> what a column holds.
        missing
            Codes of a missing value in lower case.
        sheet
            The sheet.
        """
        shape = (len(units), len(columns))
        values = np.full(shape, np.nan)
        states = np.full(shape, State.BLANK, dtype=np.uint8)
        present = [
            (c, *column) for c, column in enumerate(columns.items()) if column[1]
        ]
        positions = [c for c, *_ in present]
        cells_of = self.book.sheets[sheet].values
        for r, unit in enumerate(units):
            row = rows.get(unit.id)
            if row is None:
                continue
            cells = cells_of((row, column) for *_, column in present)
            read: list[tuple[State, float]] = []
            for typed, (_, code, column) in zip(cells, present, strict=True):
                node = nodes[code]
                if type(typed) is float and node.no_data is None:
                    read.append((State.VALUE, typed))
                    continue
                cell = cell_name(row, column)
                where = Where(self.file, sheet, cell, code, unit=unit.id)
                read.append(self.value(typed, node, missing, where))
            if read:
                states[r, positions], values[r, positions] = zip(*read, strict=True)
        basis = np.where(states == State.VALUE, Status.ENTERED.value, "").astype("<U12")
        return values, states, basis
