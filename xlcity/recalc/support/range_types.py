"""What sorts of values stand in the ranges that formulas name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import product

from xlcity.errors import CellValue
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Position, ReadBook

#: Sorts of values in a column -> the rows that hold them; blank cells are in none.
_Column = dict[str, set[int]]


class RangeTypes:
    """The sorts of values in cells, each column and each range looked at once.

    Parameters
    ----------
    book
        The workbook.
    values
        Sheet -> position -> value, where a cell holds something else than the file says.
    """

    def __init__(
        self, book: ReadBook, values: Mapping[str, Mapping[Position, CellValue]] | None = None
    ) -> None:
        self.book, self.values = book, values or {}
        self._known: dict[Range, frozenset[str]] = {}
        self._columns: dict[tuple[str, int], _Column] = {}
        self._filled: dict[tuple[str, int], frozenset[int]] = {}
        self._doubts: dict[tuple[str, int, int], frozenset[str]] = {}

    def sorts(self, area: Range) -> frozenset[str]:
        """Return the letters of what stands in an area."""
        if (found := self._known.get(area)) is None:
            found = self._known[area] = frozenset(self._look(area))
        return found

    def may_hold(self, sheet: str, first: int, last: int, sorts: Collection[str]) -> bool:
        """Return whether some of these may stand in some columns: a quick look at whole ones."""
        if "b" in sorts:
            return True
        if (held := self._doubts.get((sheet, first, last))) is None:
            columns = self.book.sheets[sheet].cells.columns()
            within = range(first, last + 1) if last - first < len(columns) else columns
            found = (self.column(sheet, column) for column in within if column in columns)
            held = self._doubts[sheet, first, last] = frozenset().union(*found)
        return not held.isdisjoint(sorts)

    def filled(self, sheet: str, column: int) -> frozenset[int]:
        """Return the rows of a column that are not blank."""
        if (found := self._filled.get((sheet, column))) is None:
            rows = self.column(sheet, column).values()
            found = self._filled[sheet, column] = frozenset().union(*rows)
        return found

    def column(self, sheet: str, column: int) -> _Column:
        """Return the rows in which each sort of values stands; blank cells are left out."""
        if (found := self._columns.get((sheet, column))) is None:
            found = self._columns[sheet, column] = {}
            for position, value in self._values(sheet, column):
                letter = "n" if type(value) is float else content_letter(value)
                if letter in found:
                    found[letter].add(position[0])
                elif letter != "b":
                    found[letter] = {position[0]}
        return found

    def _values(self, sheet: str, column: int) -> Iterable[tuple[Position, CellValue]]:
        tab, computed = self.book.sheets[sheet], self.values.get(sheet)
        positions = tab.cells.columns().get(column, [])
        stored = tab.values(positions)
        if computed is not None:
            pairs = zip(positions, stored, strict=True)
            stored = [computed.get(position, old) for position, old in pairs]
        return zip(positions, stored, strict=True)

    def _look(self, area: Range) -> set[str]:
        cells = self.book.sheets[area.sheet].cells
        found = set()
        if area.rows * area.columns <= len(cells):
            inside = list(product(range(area.r1, area.r2 + 1), range(area.c1, area.c2 + 1)))
        else:
            found.add("b")
            inside = [
                (r, c) for r, c in cells if area.r1 <= r <= area.r2 and area.c1 <= c <= area.c2
            ]
        stored, computed = self.book.sheets[area.sheet].stored(), self.values.get(area.sheet, {})
        for position in inside:
            value = computed[position] if position in computed else stored(position)
            found.add(content_letter(value))
        return found


def content_letter(value: object) -> str:
    """Return what a value is to a function.

    ``n`` a number, ``b`` blank, ``s`` text, ``d`` text that reads as a number, ``e`` empty text,
    ``l`` a truth value, ``x`` an error.
    """
    if value is None:
        return "b"
    if isinstance(value, bool):
        return "l"
    if isinstance(value, float | int):
        return "n"
    if not isinstance(value, str):
        return "x"
    if value == "":
        return "e"
    return "d" if value[:1] in "+-.0123456789" and _reads_as_number(value) else "s"


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
