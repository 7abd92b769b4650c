"""What cells and ranges hold: one letter for each sort of value, a column read once."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

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
    if value == 0:
        return "i" if math.copysign(1, value) > 0 else EXTREME
    if not 1e-100 <= abs(value) < 1e15:
        return EXTREME
    if value == int(value):
        return "d" if _FIRST_DAY <= value <= _LAST_DAY else "i"
    return "f" if abs(value) >= 1e-4 and in_15_digits(value) == value else LONG_FRACTION


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
        #: Sheet and column -> letter -> its rows in order.
        self._columns: dict[tuple[str, int], dict[str, list[int]]] = {}
        self._letters: dict[Range, frozenset[str]] = {}
        self._numbers: dict[Range, list[float]] = {}
        #: Sheet and column -> its numbers in ascending order, and their rows.
        self._sorted_columns: dict[tuple[str, int], tuple[list[float], list[int]]] = {}
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
                letters_in_area = frozenset(
                    letter_of(self.value(area.sheet, area.r1, area.c1))
                )
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
        for column in self.book.sheets[area.sheet].cells.columns():
            if area.c1 <= column <= area.c2:
                for letter, rows in self._rows_by_letter(area.sheet, column).items():
                    rows_inside = bisect_right(rows, area.r2) - bisect_left(
                        rows, area.r1
                    )
                    if rows_inside:
                        letters_in_area.add(letter)
                        filled_cells += rows_inside
        if filled_cells < area.rows * area.columns:
            letters_in_area.add(BLANK)
        return letters_in_area

    def _rows_by_letter(self, sheet: str, column: int) -> dict[str, list[int]]:
        """Return letter -> the rows of a column whose values are of that sort, in ascending order.

        Blanks are left out; for the letters see `letter_of`.
        """
        if (rows_by_letter := self._columns.get((sheet, column))) is None:
            rows_by_letter = self._columns[sheet, column] = {}
            read_sheet = self.book.sheets[sheet]
            computed = self._values.get(sheet, {})
            positions = sorted(read_sheet.cells.columns()[column])
            for (row, _), stored in zip(
                positions, read_sheet.values(positions), strict=True
            ):
                value = computed.get((row, column), stored)
                if value is not None:
                    rows_by_letter.setdefault(letter_of(value), []).append(row)
        return rows_by_letter

    def values(self, area: Range) -> Sequence[CellValue]:
        """Return the values of the filled columns of an area, column by column."""
        cells = self.book.sheets[area.sheet].cells
        last_row, last_column = cells.extent()
        filled = cells.columns()
        columns = [
            c for c in range(area.c1, min(area.c2, last_column) + 1) if c in filled
        ]
        rows = range(area.r1, min(area.r2, last_row) + 1)
        return [
            self.value(area.sheet, row, column) for column in columns for row in rows
        ]

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
        for column in self.book.sheets[area.sheet].cells.columns():
            if area.c1 <= column <= area.c2:
                numbers, rows = self._sort_numbers(area.sheet, column)
                low = bisect_left(numbers, number_sought - reach)
                first_equal = bisect_left(numbers, number_sought)
                after_equal = bisect_right(numbers, number_sought)
                high = bisect_right(numbers, number_sought + reach)
                near_rows = rows[low:first_equal] + rows[after_equal:high]
                if any(area.r1 <= row <= area.r2 for row in near_rows):
                    return True
        return False

    def _sort_numbers(self, sheet: str, column: int) -> tuple[list[float], list[int]]:
        """Return the numbers of a column in ascending order, and the row of each."""
        if (sorted_numbers := self._sorted_columns.get((sheet, column))) is None:
            rows = [row for row, _ in self.book.sheets[sheet].cells.columns()[column]]
            valued = ((self.value(sheet, row, column), row) for row in rows)
            pairs = sorted(
                (value, row) for value, row in valued if isinstance(value, float)
            )
            sorted_numbers = [value for value, _ in pairs], [row for _, row in pairs]
            self._sorted_columns[sheet, column] = sorted_numbers
        return sorted_numbers

    def largest_in_columns(self, area: Range) -> float:
        """Return the largest size of a number in the columns of an area, 0 if they have none."""
        columns = [
            c
            for c in self.book.sheets[area.sheet].cells.columns()
            if area.c1 <= c <= area.c2
        ]
        sorted_columns = (
            self._sort_numbers(area.sheet, column)[0] for column in columns
        )
        return max(
            (abs(n) for numbers in sorted_columns for n in numbers[:1] + numbers[-1:]),
            default=0.0,
        )

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
