"""Which formulas depend on cells, directly or through others."""

from __future__ import annotations

from collections.abc import Iterable

from xlcity.xlsx.address import Range, parse_range
from xlcity.xlsx.formulas.graph import Graph, Place


class Dependents:
    """The formulas that read cells, directly or through others; copies below one another are one.

    Taken by blocks of copies this takes as long for a sheet of 100 rows as for one of 10,000.
    """

    def __init__(self, graph: Graph) -> None:
        self._blocks: list[Range] = []
        #: (sheet, column) -> first row, last row and number of the blocks that read it.
        self._readers: dict[tuple[str, int], list[tuple[int, int, int]]] = {}
        for number, (sheet, column, first, last, form) in enumerate(graph.blocks()):
            array = graph.book.sheets[sheet].array((first, column))
            cells = parse_range(array) if array else (first, column, last, column)
            self._blocks.append(Range(sheet, *cells))
            for area in graph.reads_of_block(sheet, column, first, last, form):
                right = min(area.c2, graph.extent(area.sheet)[1])
                for read_column in range(area.c1, right + 1):
                    span = area.r1, area.r2, number
                    self._readers.setdefault((area.sheet, read_column), []).append(span)

    def below(self, areas: Iterable[Range]) -> set[int]:
        """Return the blocks that depend on areas, and those in them."""
        waiting = list(areas)
        reached = {n for n, block in enumerate(self._blocks) if any(map(block.meets, waiting))}
        while waiting:
            area = waiting.pop()
            for column in range(area.c1, area.c2 + 1):
                for first, last, number in self._readers.get((area.sheet, column), ()):
                    if number not in reached and first <= area.r2 and area.r1 <= last:
                        reached.add(number)
                        waiting.append(self._blocks[number])
        return reached

    def hold(self, reached: set[int], place: Place) -> bool:
        """Tell whether one of some blocks holds a cell."""
        return any(self._blocks[number].holds(*place) for number in reached)

    def count(self, reached: set[int], within: Range | None) -> int:
        """Return how many cells some blocks have; of one area alone, if it is given."""
        total = 0
        for block in (self._blocks[number] for number in reached):
            area = within or block
            if block.meets(area):
                rows = min(block.r2, area.r2) - max(block.r1, area.r1) + 1
                total += rows * (min(block.c2, area.c2) - max(block.c1, area.c1) + 1)
        return total
