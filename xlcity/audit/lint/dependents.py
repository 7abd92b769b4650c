"""Which formulas depend on cells, directly or through others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xlcity.xlsx.address import Range, parse_range
from xlcity.xlsx.formulas.graph import Graph, Place

#: (sheet, column) -> first row, last row and number of blocks.
_Spans = dict[tuple[str, int], list[tuple[int, int, int]]]


class Dependents:
    """The formulas that read cells, directly or through others; copies below one another are one.

    Taken by blocks of copies this takes as long for a sheet of 100 rows as for one of 10,000.
    """

    def __init__(self, graph: Graph) -> None:
        self._blocks: list[Range] = []
        #: Spans of the blocks that are in a column, and of those that read it.
        self._holders: _Spans = {}
        self._readers: _Spans = {}
        for number, (sheet, column, first, last, form) in enumerate(graph.blocks()):
            array = graph.book.sheets[sheet].cells.arrays.get((first, column))
            cells = parse_range(array) if array else (first, column, last, column)
            block = Range(sheet, *cells)
            self._blocks.append(block)
            for held_column in range(block.c1, block.c2 + 1):
                span = block.r1, block.r2, number
                self._holders.setdefault((sheet, held_column), []).append(span)
            for area in graph.reads_of_block(sheet, column, first, last, form):
                right = min(area.c2, graph.extent(area.sheet)[1])
                for read_column in range(area.c1, right + 1):
                    span = area.r1, area.r2, number
                    self._readers.setdefault((area.sheet, read_column), []).append(span)

    def below(self, areas: Iterable[Range]) -> set[int]:
        """Return the blocks that depend on areas, and those in them."""
        waiting = list(areas)
        reached = {number for area in waiting for number in _find_blocks(self._holders, area)}
        while waiting:
            for number in _find_blocks(self._readers, waiting.pop()):
                if number not in reached:
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


def _find_blocks(spans: _Spans, area: Range) -> Iterator[int]:
    """Yield the numbers of the blocks whose spans meet an area."""
    for column in range(area.c1, area.c2 + 1):
        for first, last, number in spans.get((area.sheet, column), ()):
            if first <= area.r2 and area.r1 <= last:
                yield number
