"""Stored values of ranges, read once: many formulas look into the same range."""

from __future__ import annotations

from xlcity.errors import CellValue
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import ReadBook

#: Cells of a range whose values are listed one by one.
_MOST = 1 << 22


def is_too_large(area: Range) -> bool:
    """Return whether a range has so many cells that its values are not listed."""
    return area.rows * area.columns > _MOST


class Stored:
    """The stored values of a workbook's ranges.

    Parameters
    ----------
    book
        The workbook; it must not change while this is in use.
    """

    def __init__(self, book: ReadBook) -> None:
        self._book = book
        self._values: dict[Range, list[CellValue]] = {}
        self._firsts: dict[Range, dict[tuple[type, CellValue], int]] = {}

    def values(self, area: Range) -> list[CellValue]:
        """Return the values of a range, row by row."""
        if (found := self._values.get(area)) is None:
            sheet = self._book.sheets.get(area.sheet)
            value = (lambda _: None) if sheet is None else sheet.stored()
            columns = range(area.c1, area.c2 + 1)
            rows = range(area.r1, area.r2 + 1)
            found = self._values[area] = [value((r, c)) for r in rows for c in columns]
        return found

    def first(self, area: Range, wanted: CellValue) -> int | None:
        """Return which value of a range, from 1, is the first that equals one in any case."""
        if (firsts := self._firsts.get(area)) is None:
            firsts = self._firsts[area] = {}
            for number, value in enumerate(self.values(area), 1):
                firsts.setdefault((type(value), folded(value)), number)
        return firsts.get((type(wanted), folded(wanted)))


def folded(value: CellValue) -> CellValue:
    """Return a value as comparisons see it: upper and lower case are one."""
    return value.casefold() if isinstance(value, str) else value
