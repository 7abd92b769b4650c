"""What sorts of values stand in the ranges that formulas name."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import product

from xlcity.errors import CellValue
from xlcity.recalc.uses import content_letter
from xlcity.xlsx.address import Area
from xlcity.xlsx.cells import Book

#: (sheet, row, column) -> value.
Lookup = Callable[[str, int, int], CellValue]


class Contents:
    """The sorts of values in ranges, each range looked at once.

    Parameters
    ----------
    book
        The workbook.
    lookup
        Gives the values of its cells.
    """

    def __init__(self, book: Book, lookup: Lookup) -> None:
        self.book, self.lookup = book, lookup
        self._known: dict[Area, frozenset[str]] = {}
        self._columns: dict[str, dict[int, set[str]]] = {}

    def sort(self, sheet: str, row: int, column: int) -> str:
        """Return the letter of what stands in a cell."""
        value = self.lookup(sheet, row, column)
        return "n" if type(value) is float else content_letter(value)

    def sorts(self, area: Area) -> frozenset[str]:
        """Return the letters of what stands in an area."""
        found = self._known.get(area)
        if found is None:
            found = self._known[area] = frozenset(self._look(area))
        return found

    def may_hold(self, sheet: str, first: int, last: int, sorts: Collection[str]) -> bool:
        """Return whether some of these may stand in some columns: a quick look at whole ones."""
        if "b" in sorts:
            return True
        columns = self._of_columns(sheet)
        if last - first > len(columns):
            return any(not held.isdisjoint(sorts) for held in columns.values())
        return any(
            column in columns and not columns[column].isdisjoint(sorts)
            for column in range(first, last + 1)
        )

    def _of_columns(self, sheet: str) -> dict[int, set[str]]:
        found = self._columns.get(sheet)
        if found is None:
            found = self._columns[sheet] = {}
            lookup = self.lookup
            for row, column in self.book.sheets[sheet].cells:
                value = lookup(sheet, row, column)
                letter = "n" if type(value) is float else content_letter(value)
                if column in found:
                    found[column].add(letter)
                else:
                    found[column] = {letter}
        return found

    def _look(self, area: Area) -> set[str]:
        cells = self.book.sheets[area.sheet].cells
        found = set()
        if area.rows * area.columns <= len(cells):
            inside = list(product(range(area.r1, area.r2 + 1), range(area.c1, area.c2 + 1)))
        else:
            found.add("b")
            inside = [
                (r, c) for r, c in cells if area.r1 <= r <= area.r2 and area.c1 <= c <= area.c2
            ]
        for r, c in inside:
            found.add(content_letter(self.lookup(area.sheet, r, c)))
        return found
