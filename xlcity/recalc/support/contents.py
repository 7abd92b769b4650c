"""What stands in cells and ranges: one letter for each sort of value, a column read once."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from xlcity.errors import CellValue
from xlcity.recalc.engines.protocol import Values
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import ReadBook
from xlcity.xlsx.formulas.number_texts import in_15_digits, is_decimal, reads_otherwise

#: Whole numbers, those that may be dates, fractions of up to 15 digits, other fractions.
NUMBERS = frozenset("idfl")
#: Text: empty, digits, what a region may read as a number, words in ASCII, other words, words with
#: signs beyond the first plane of Unicode.
TEXTS = frozenset("etrszy")
#: Days that are the same date in all programs: from 1 March 1900.
_FIRST_DAY, _LAST_DAY = 61, 2_958_465
#: Numbers nearer than this are equal in some programs and different in others.
_NEAR = 1e-11


def letter(value: CellValue) -> str:
    """Return the letter of a value.

    `NUMBERS`, `TEXTS`, ``h`` a huge or tiny number or -0, ``b`` blank, ``L`` logical, ``x`` an
    error.
    """
    if value is None:
        return "b"
    if isinstance(value, bool):
        return "L"
    if isinstance(value, str):
        return _text_letter(value)
    if not isinstance(value, float | int):
        return "x"
    if value == 0:
        return "i" if math.copysign(1, value) > 0 else "h"
    if not 1e-100 <= abs(value) < 1e15:
        return "h"
    if value == int(value):
        return "d" if _FIRST_DAY <= value <= _LAST_DAY else "i"
    return "f" if abs(value) >= 1e-4 and in_15_digits(value) == value else "l"


def _text_letter(text: str) -> str:
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
        What formula cells hold.
    """

    def __init__(self, book: ReadBook, values: Values) -> None:
        self.book, self._values = book, values
        #: Sheet and column -> letter -> its rows in order, and all rows that are filled.
        self._columns: dict[tuple[str, int], dict[str, list[int]]] = {}
        self._letters: dict[Range, frozenset[str]] = {}
        self._numbers: dict[Range, list[float]] = {}

    def value(self, sheet: str, row: int, column: int) -> CellValue:
        """Return what a cell holds."""
        computed = self._values.get(sheet)
        if computed is not None and (row, column) in computed:
            return computed[row, column]
        return self.book.value(sheet, row, column)

    def letters(self, area: Range) -> frozenset[str]:
        """Return the letters of what stands in an area."""
        if (letters_in_area := self._letters.get(area)) is None:
            if area.rows == area.columns == 1:
                letters_in_area = frozenset(letter(self.value(area.sheet, area.r1, area.c1)))
            else:
                letters_in_area = frozenset(self._look(area))
            self._letters[area] = letters_in_area
        return letters_in_area

    def _look(self, area: Range) -> set[str]:
        letters_in_area: set[str] = set()
        used = self.book.sheets[area.sheet].cells.columns()
        filled = 0
        for column in used:
            if area.c1 <= column <= area.c2:
                for sort, rows in self._column(area.sheet, column).items():
                    inside = bisect_right(rows, area.r2) - bisect_left(rows, area.r1)
                    if inside:
                        letters_in_area.add(sort)
                        filled += inside
        if filled < area.rows * area.columns:
            letters_in_area.add("b")
        return letters_in_area

    def _column(self, sheet: str, column: int) -> dict[str, list[int]]:
        if (rows_by_letter := self._columns.get((sheet, column))) is None:
            rows_by_letter = self._columns[sheet, column] = {}
            tab, computed = self.book.sheets[sheet], self._values.get(sheet, {})
            positions = sorted(tab.cells.columns()[column])
            for position, stored in zip(positions, tab.values(positions), strict=True):
                value = computed.get(position, stored)
                if value is not None:
                    rows_by_letter.setdefault(letter(value), []).append(position[0])
        return rows_by_letter

    def values(self, area: Range) -> Sequence[CellValue]:
        """Return the values of the filled columns of an area, column by column."""
        used = sorted(c for c in self.book.sheets[area.sheet].cells.columns())
        columns = [c for c in used if area.c1 <= c <= area.c2]
        last = min(area.r2, max((row for row, _ in self.book.sheets[area.sheet].cells), default=0))
        rows = range(area.r1, last + 1)
        return [self.value(area.sheet, row, column) for column in columns for row in rows]

    def numbers(self, area: Range) -> list[float]:
        """Return the numbers of an area in order of size."""
        if (ascending := self._numbers.get(area)) is None:
            values = self.values(area)
            ascending = sorted(
                v for v in values if isinstance(v, float) and not isinstance(v, bool)
            )
            self._numbers[area] = ascending
        return ascending

    def is_crowded(self, area: Range, wanted: float) -> bool:
        """Return whether a number differs from one wanted in its last digits alone."""
        numbers = self.numbers(area)
        reach = _NEAR * max(1.0, abs(wanted))
        low, high = bisect_left(numbers, wanted - reach), bisect_right(numbers, wanted + reach)
        return any(number != wanted for number in numbers[low:high])


def nearly_equal(a: CellValue, b: CellValue) -> bool:
    """Return whether two numbers are unequal in their last digits alone."""
    if not isinstance(a, float) or not isinstance(b, float) or a == b:
        return False
    return abs(a - b) <= _NEAR * max(abs(a), abs(b))
