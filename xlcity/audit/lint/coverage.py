"""Which cells lie in any of many areas: asked of thousands of cells, each column merged once."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable

from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Position


class Coverage:
    """The cells that a number of areas cover together."""

    def __init__(self, areas: Iterable[Range]) -> None:
        self._areas: dict[str, list[Range]] = defaultdict(list)
        for area in areas:
            self._areas[area.sheet].append(area)
        #: (sheet, column) -> first rows and last rows of the stretches covered there.
        self._columns: dict[tuple[str, int], tuple[list[int], list[int]]] = {}

    def holds(self, sheet: str, position: Position) -> bool:
        """Tell whether a cell lies in one of the areas."""
        row, column = position
        found = self._columns.get((sheet, column))
        if found is None:
            found = self._columns[sheet, column] = self._merged(sheet, column)
        firsts, lasts = found
        place = bisect_right(firsts, row) - 1
        return place >= 0 and row <= lasts[place]

    def _merged(self, sheet: str, column: int) -> tuple[list[int], list[int]]:
        spans = {(a.r1, a.r2) for a in self._areas.get(sheet, ()) if a.c1 <= column <= a.c2}
        firsts: list[int] = []
        lasts: list[int] = []
        for first, last in sorted(spans):
            if lasts and first <= lasts[-1] + 1:
                lasts[-1] = max(lasts[-1], last)
            else:
                firsts.append(first)
                lasts.append(last)
        return firsts, lasts
