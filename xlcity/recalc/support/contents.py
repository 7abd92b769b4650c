"""What cells and ranges hold: one letter for each sort of value, a column read once."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from xlcity.errors import CellValue
from xlcity.recalc.engines.protocol import Values
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import ReadBook
from xlcity.xlsx.formulas.number_texts import in_15_digits, is_decimal, reads_otherwise

#: Whole numbers, those that may be dates, fractions of up to 15 digits; and other fractions.
PLAIN_NUMBERS = frozenset("idf")
LONG_FRACTION = "l"
NUMBERS = PLAIN_NUMBERS | {LONG_FRACTION}
#: Text: empty, digits, words in ASCII, other words, words with signs beyond the first plane of
#: Unicode; and what a region may read as a number.
PLAIN_TEXTS = frozenset("etszy")
TEXTS = PLAIN_TEXTS | {"r"}
#: A huge or tiny number or -0.
EXTREME = "h"
BLANK = "b"
LOGICAL = "L"
ERROR = "x"
#: Days that are the same date in all programs: from 1 March 1900.
_FIRST_DAY = 61
_LAST_DAY = 2_958_465
#: Numbers nearer than this are equal in some programs and different in others.
_NEAR = 1e-11


def letter_of(value: CellValue) -> str:
    """Return the letter for the sort of a value.

    i a whole number, d one that may be a date, f a fraction of up to 15 digits, l one of more, h a
    huge or tiny number or -0, b a blank, L a logical, x an error; of texts see `PLAIN_TEXTS`.
    """
    if value is None:
        return BLANK
    if isinstance(value, bool):
        return LOGICAL
    if isinstance(value, str):
        return _letter_of_text(value)
    if not isinstance(value, float | int):
        return ERROR
    return _letter_of_number(value)


def _letter_of_number(value: float) -> str:
    """Return the letter for the sort of a number: i, d, f, l or h."""
    if value == 0:
        return "i" if math.copysign(1, value) > 0 else EXTREME
    if not 1e-100 <= abs(value) < 1e15:
        return EXTREME
    if value == int(value):
        return "d" if _FIRST_DAY <= value <= _LAST_DAY else "i"
    is_short = abs(value) >= 1e-4 and in_15_digits(value) == value
    return "f" if is_short else LONG_FRACTION


def _letter_of_text(text: str) -> str:
    """Return the letter for the sort of a text.

    e empty, t digits, r what a region may read as a number or a date, s other ASCII, z other words,
    y words with characters beyond Unicode's first plane.
    """
    if text == "":
        return "e"
    if not text.isascii():
        if reads_otherwise(text):
            return "r"
        return "z" if max(text) <= "\uffff" else "y"
    if is_decimal(text):
        return "t"
    return "r" if reads_otherwise(text) else "s"


class _SortedNumbers(NamedTuple):
    """The numbers of a column in ascending order, and the row of each."""

    numbers: list[float]
    rows: list[int]


#: Name of a sheet, and number of a column.
_Column = tuple[str, int]


class Contents:
    """The values of a workbook, computed ones included.

    Parameters
    ----------
    book
        The workbook.
    values
        The values of formula cells.
    """

    def __init__(self, book: ReadBook, values: Values) -> None:
        self.book = book
        self._values = values
        #: Column -> letter -> its rows in order.
        self._columns: dict[_Column, dict[str, list[int]]] = {}
        self._letters: dict[Range, frozenset[str]] = {}
        self._numbers: dict[Range, list[float]] = {}
        self._sorted_columns: dict[tuple[str, int], _SortedNumbers] = {}
        self._ascending: dict[Range, bool] = {}

    def value(self, sheet: str, row: int, column: int) -> CellValue:
        """Return the value of a cell, computed or typed."""
        computed = self._values.get(sheet)
        if computed is not None and (row, column) in computed:
            return computed[row, column]
        return self.book.value(sheet, row, column)

    def letters(self, area: Range) -> frozenset[str]:
        """Return the letters for the sorts of values in an area: see `letter_of`."""
        if (letters_in_area := self._letters.get(area)) is None:
            if area.rows == area.columns == 1:
                value = self.value(area.sheet, area.r1, area.c1)
                letters_in_area = frozenset(letter_of(value))
            else:
                letters_in_area = frozenset(self._collect_letters(area))
            self._letters[area] = letters_in_area
        return letters_in_area

    def _collect_letters(self, area: Range) -> set[str]:
        """Return the letters for the sorts of values in an area: see `letter_of`.

        `BLANK` is among them if fewer values are filled in than the area has cells.
        """
        letters_in_area: set[str] = set()
        filled_cells = 0
        for column in self._filled_columns(area):
            for letter, rows in self._rows_by_letter(area.sheet, column).items():
                first = bisect_left(rows, area.r1)
                rows_inside = bisect_right(rows, area.r2) - first
                if rows_inside:
                    letters_in_area.add(letter)
                    filled_cells += rows_inside
        if filled_cells < area.rows * area.columns:
            letters_in_area.add(BLANK)
        return letters_in_area

    def _filled_columns(self, area: Range) -> list[int]:
        """Return the columns of an area that have cells."""
        filled = self.book.sheets[area.sheet].cells.columns()
        return [column for column in filled if area.c1 <= column <= area.c2]

    def _rows_by_letter(self, sheet: str, column: int) -> dict[str, list[int]]:
        """Return letter -> the rows of a column whose values are of that sort, in ascending order.

        Blanks are left out; for the letters see `letter_of`.
        """
        if (rows_by_letter := self._columns.get((sheet, column))) is None:
            rows_by_letter = self._columns[sheet, column] = {}
            read_sheet = self.book.sheets[sheet]
            computed = self._values.get(sheet, {})
            positions = sorted(read_sheet.cells.columns()[column])
            stored_values = read_sheet.values(positions)
            for (row, _), stored in zip(positions, stored_values, strict=True):
                value = computed.get((row, column), stored)
                if value is not None:
                    rows_by_letter.setdefault(letter_of(value), []).append(row)
        return rows_by_letter

    def values(self, area: Range) -> Sequence[CellValue]:
        """Return the values of the filled columns of an area, column by column."""
        cells = self.book.sheets[area.sheet].cells
        last_row, last_column = cells.extent()
        filled = cells.columns()
        rows = range(area.r1, min(area.r2, last_row) + 1)
        values: list[CellValue] = []
        for column in range(area.c1, min(area.c2, last_column) + 1):
            if column in filled:
                values += [self.value(area.sheet, row, column) for row in rows]
        return values

    def numbers(self, area: Range) -> list[float]:
        """Return the numbers of an area in ascending order."""
        if (ascending := self._numbers.get(area)) is None:
            ascending = sorted(v for v in self.values(area) if isinstance(v, float))
            self._numbers[area] = ascending
        return ascending

    def has_near_number(self, area: Range, number_sought: float) -> bool:
        """Return whether a number in an area differs from `number_sought` in the last digits only.

        Some programs take such numbers for equal, others do not.
        """
        reach = _NEAR * max(1.0, abs(number_sought))
        for column in self._filled_columns(area):
            numbers, rows = self._sort_numbers(area.sheet, column)
            low = bisect_left(numbers, number_sought - reach)
            first_equal = bisect_left(numbers, number_sought)
            after_equal = bisect_right(numbers, number_sought)
            high = bisect_right(numbers, number_sought + reach)
            near_rows = rows[low:first_equal] + rows[after_equal:high]
            if any(area.r1 <= row <= area.r2 for row in near_rows):
                return True
        return False

    def _sort_numbers(self, sheet: str, column: int) -> _SortedNumbers:
        """Return the numbers of a column in ascending order."""
        if (sorted_numbers := self._sorted_columns.get((sheet, column))) is None:
            cells = self.book.sheets[sheet].cells.columns()[column]
            rows = [row for row, _ in cells]
            pairs: list[tuple[float, int]] = []
            for row in rows:
                value = self.value(sheet, row, column)
                if isinstance(value, float):
                    pairs.append((value, row))
            pairs.sort()
            sorted_numbers = _SortedNumbers(
                numbers=[value for value, _ in pairs], rows=[row for _, row in pairs]
            )
            self._sorted_columns[sheet, column] = sorted_numbers
        return sorted_numbers

    def largest_in_columns(self, area: Range) -> float:
        """Return the largest size of a number in the columns of an area, 0 if they have none."""
        largest = 0.0
        for column in self._filled_columns(area):
            numbers = self._sort_numbers(area.sheet, column).numbers
            if numbers:
                largest = max(largest, abs(numbers[0]), abs(numbers[-1]))
        return largest

    def is_ascending(self, area: Range) -> bool:
        """Return whether an area holds numbers alone, in ascending order."""
        if area not in self._ascending:
            values = self.values(area)
            numbers = [value for value in values if type(value) is float]
            is_sorted = all(a <= b for a, b in pairwise(numbers))
            self._ascending[area] = len(numbers) == len(values) and is_sorted
        return self._ascending[area]


def differ_in_last_digits_only(a: CellValue, b: CellValue) -> bool:
    """Return whether two values are numbers that are unequal only in the last of 15 digits."""
    if not isinstance(a, float) or not isinstance(b, float) or a == b:
        return False
    return abs(a - b) <= _NEAR * max(abs(a), abs(b))
