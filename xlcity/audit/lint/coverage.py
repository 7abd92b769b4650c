"""Which cells lie in any of many areas: asked of thousands of cells, each column merged once."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable

from xlcity.xlsx.address import Range, join_spans
from xlcity.xlsx.cells import Position


def merged(areas: Iterable[Range]) -> list[tuple[str, int, int, int, int]]:
    """Return the sides of areas that cover the same cells: those of the same columns joined."""
    spans: dict[tuple[str, int, int], list[tuple[int, int]]] = defaultdict(list)
    for area in areas:
        spans[area.sheet, area.c1, area.c2].append((area.r1, area.r2))
    return [
        (sheet, r1, c1, r2, c2)
        for (sheet, c1, c2), rows in sorted(spans.items())
        for r1, r2 in join_spans(rows)
    ]


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
        joined = join_spans(spans)
        return [first for first, _ in joined], [last for _, last in joined]
