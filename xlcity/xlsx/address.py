"""Addresses: column letters, cells, ranges and quoted sheet names."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

from xlcity.messages import Message

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})\Z")
# Sheet names need no quotes only when they read as one word of Latin letters or Chinese characters
# and not as a cell or a number.
_PLAIN_SHEET = re.compile(r"[A-Za-z_\u4e00-\u9fff][\w.\u4e00-\u9fff]*\Z", re.ASCII)
_LOOKS_LIKE_CELL = re.compile(
    r"([A-Za-z]{1,3}\d+|[Rr]\d*([Cc]\d*)?|[Cc]\d*|TRUE|FALSE)\Z", re.IGNORECASE
)
_SHEET_PREFIX = re.compile(
    r"\s*(?:'((?:[^']|'')+)'|([^'!\[\](),:]+))!(.*)\Z", re.DOTALL
)


@cache
def column_number(letters: str) -> int:
    """Return the number of a column: ``A`` is 1, ``XFD`` is 16384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


@cache
def column_letters(number: int) -> str:
    """Return the letters of a column: 1 is ``A``."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """Return the A1 name of a cell by its row and column, both from 1: (2, 3) is "C2"."""
    return f"{column_letters(column)}{row}"


def parse_cell(text: str) -> tuple[int, int]:
    """Return (row, column) of an A1 name, with or without dollar signs.

    Raises
    ------
    ValueError
        If the text is not a cell inside the grid.
    """
    if (match := _CELL.match(text.strip())) is None:
        raise ValueError(Message("address.no_cell", text=text))
    row = int(match[2])
    column = column_number(match[1])
    if row > MAX_ROWS or column > MAX_COLUMNS:
        raise ValueError(Message("address.outside", text=text))
    return row, column


def parse_range(text: str) -> tuple[int, int, int, int]:
    """Return (first row, first column, last row, last column) of ``A1`` or ``A1:B2``.

    Raises
    ------
    ValueError
        If the text is not a single range of cells.
    """
    first, _, last = text.partition(":")
    r1, c1 = parse_cell(first)
    r2, c2 = parse_cell(last) if last else (r1, c1)
    top, bottom = sorted((r1, r2))
    left, right = sorted((c1, c2))
    return top, left, bottom, right


@cache
def quote_sheet(name: str) -> str:
    """Return a sheet name as formulas write it, in quotes where it could be misread."""
    if _PLAIN_SHEET.match(name) and not _LOOKS_LIKE_CELL.match(name):
        return name
    return "'" + name.replace("'", "''") + "'"


def full_address(sheet: str, position: tuple[int, int]) -> str:
    """Return the address of a cell, (row, column), as formulas write it: "'A b'!C2"."""
    return f"{quote_sheet(sheet)}!{cell_name(*position)}"


@dataclass(frozen=True, slots=True)
class Range:
    """One rectangle of cells on one sheet, 1-based, both ends included."""

    sheet: str
    r1: int
    c1: int
    r2: int
    c2: int

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.r2 - self.r1 + 1

    @property
    def columns(self) -> int:
        """Number of columns."""
        return self.c2 - self.c1 + 1

    @property
    def row_numbers(self) -> range:
        """The rows, from the first to the last."""
        return range(self.r1, self.r2 + 1)

    @property
    def column_numbers(self) -> range:
        """The columns, from the first to the last."""
        return range(self.c1, self.c2 + 1)

    @property
    def positions(self) -> Iterator[tuple[int, int]]:
        """Row and column of its cells, row by row."""
        return product(self.row_numbers, self.column_numbers)

    def holds(self, sheet: str, position: tuple[int, int]) -> bool:
        """Return whether it contains a cell: the name of its sheet, and (row, column)."""
        row, column = position
        is_inside = self.r1 <= row <= self.r2 and self.c1 <= column <= self.c2
        return is_inside and self.sheet == sheet

    def contains(self, other: Range) -> bool:
        """Return whether it contains all cells of another range."""
        corners = (other.r1, other.c1), (other.r2, other.c2)
        return all(self.holds(other.sheet, corner) for corner in corners)

    def meets(self, other: Range) -> bool:
        """Return whether two ranges have a cell in common."""
        share_rows = self.r1 <= other.r2 and other.r1 <= self.r2
        share_columns = self.c1 <= other.c2 and other.c1 <= self.c2
        return share_rows and share_columns and self.sheet == other.sheet

    def __str__(self) -> str:
        """Return the address as formulas write it, such as "'A b'!B2:C3"."""
        text = cell_name(self.r1, self.c1)
        if (self.r1, self.c1) != (self.r2, self.c2):
            text += ":" + cell_name(self.r2, self.c2)
        return f"{quote_sheet(self.sheet)}!{text}"


def ranges_text(positions: Iterable[tuple[int, int]]) -> str:
    """Return cells (row, column) of one sheet as a text of ranges, such as "B2:C3, E5"."""
    remaining = dict.fromkeys(sorted(positions))
    ranges = []
    while remaining:
        first = next(iter(remaining))
        last = _find_last(first, remaining)
        rows = range(first[0], last[0] + 1)
        columns = range(first[1], last[1] + 1)
        for position in product(rows, columns):
            del remaining[position]
        text = cell_name(*last)
        ranges.append(text if first == last else f"{cell_name(*first)}:{text}")
    return ", ".join(ranges)


def _find_last(
    first: tuple[int, int], cells: Container[tuple[int, int]]
) -> tuple[int, int]:
    """Return the last cell of a range of cells from its first one.

    It is as wide as the first row goes, then as high as rows below are as wide.
    """
    row, column = first
    last_column = column
    while (row, last_column + 1) in cells:
        last_column += 1
    columns = range(column, last_column + 1)
    last_row = row
    while all((last_row + 1, number) in cells for number in columns):
        last_row += 1
    return last_row, last_column


def split_sheet(text: str) -> tuple[str | None, str]:
    """Return sheet name without quotes (None if there is none) and cells of ``'A b'!C1``."""
    if (match := _SHEET_PREFIX.match(text)) is None:
        return None, text.strip()
    quoted = match[1]
    cells = match[3].strip()
    if quoted is None:
        return match[2].strip(), cells
    return quoted.replace("''", "'"), cells


def parse_area(text: str) -> Range | None:
    """Return the range of ``Sheet!$A$1:$B$9``; None for anything that is not one range."""
    sheet, cells = split_sheet(text.strip().removeprefix("="))
    if sheet is None:
        return None
    try:
        return Range(sheet, *parse_range(cells))
    except ValueError:
        return None


def find_runs(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return whole numbers, such as those of rows, in order as runs without gaps: (first, last).

    >>> find_runs([7, 2, 3, 4])
    ((2, 4), (7, 7))
    """
    runs: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return tuple(runs)
