"""Circles among formulas, and an order in which each stands behind what it reads.

Copies of a formula that stand below one another are taken as one at first: a workbook has far
fewer of them than cells, and mostly no circle. Only what may be in one is looked at cell by cell.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from typing import Generic, TypeVar

from xlcity.grouping import grouped
from xlcity.xlsx.address import Range
from xlcity.xlsx.formulas.graph import Graph, Place
from xlcity.xlsx.formulas.tokens import NormalisedFormula

_V = TypeVar("_V", bound=Hashable)


def find_circles(graph: Graph) -> list[list[Place]]:
    """Return the groups of formulas that depend on themselves."""
    suspects = _find_suspects(graph)
    cells: _Holders[Place] = _Holders()
    for sheet, (row, column) in suspects:
        cells.add(sheet, column, row, row, (sheet, (row, column)))
    for sheet in {sheet for sheet, _ in suspects}:
        for (row, column), anchor in graph.book.sheets[sheet].cells.members.items():
            if (sheet, anchor) in suspects:
                cells.add(sheet, column, row, row, (sheet, anchor))

    def nearer(vertex: Place | Range) -> Iterable[Place | Range]:
        # Areas are vertices, too, so that a range named by many formulas is followed once.
        return cells.of(vertex) if isinstance(vertex, Range) else graph.needs(*vertex)

    groups = []
    for component in _find_components(suspects, nearer):
        group = [vertex for vertex in component if not isinstance(vertex, Range)]
        reads_itself = group and any(area.holds(*group[0]) for area in graph.needs(*group[0]))
        if len(group) > 1 or reads_itself:
            groups.append(group)
    return groups


def sort_formulas(graph: Graph, formulas: Collection[Place]) -> list[Place]:
    """Return formulas in order of dependence: what one reads stands before it."""
    blocks, nearer = _read_blocks(graph)
    own = {
        number: [(sheet, (row, column)) for row in range(first, last + 1)]
        for number, (sheet, column, first, last, _) in enumerate(blocks)
    }
    wanted = set(formulas)
    starts = [number for number, cells in own.items() if not wanted.isdisjoint(cells)]
    return [
        formula
        for component in _find_components(starts, nearer)
        for vertex in component
        if not isinstance(vertex, Range)
        for formula in own[vertex]
        if formula in wanted
    ]


_Block = tuple[str, int, int, int, NormalisedFormula]


def _read_blocks(
    graph: Graph,
) -> tuple[list[_Block], Callable[[int | Range], Iterable[int | Range]]]:
    """Return the blocks of copies, and what says which areas and blocks one of them reads."""
    blocks = list(graph.blocks())
    holders: _Holders[int] = _Holders()
    anchors = {
        (sheet, anchor): members
        for sheet, tab in graph.book.sheets.items()
        for anchor, members in grouped((a, p) for p, a in tab.cells.members.items()).items()
    }
    for number, (sheet, column, first, last, _) in enumerate(blocks):
        holders.add(sheet, column, first, last, number)
        for row in range(first, last + 1) if anchors else ():
            for below, right in anchors.get((sheet, (row, column)), ()):
                holders.add(sheet, right, below, below, number)

    def nearer(vertex: int | Range) -> Iterable[int | Range]:
        if isinstance(vertex, Range):
            return holders.of(vertex)
        return graph.reads_of_block(*blocks[vertex])

    return blocks, nearer


def _find_suspects(graph: Graph) -> dict[Place, None]:
    """Return the formulas of blocks of copies that depend on themselves."""
    blocks, nearer = _read_blocks(graph)
    suspects: dict[Place, None] = {}
    for component in _find_components(range(len(blocks)), nearer):
        numbers = [vertex for vertex in component if not isinstance(vertex, Range)]
        for number in numbers:
            if len(component) > 1:
                sheet, column, first, last, _ = blocks[number]
                suspects |= {(sheet, (row, column)): None for row in range(first, last + 1)}
    return suspects


class _Holders(Generic[_V]):
    """Who computes the cells of an area."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, int], list[tuple[int, int, _V]]] = {}
        self._sorted: dict[tuple[str, int], list[int]] = {}

    def add(self, sheet: str, column: int, first: int, last: int, vertex: _V) -> None:
        self._columns.setdefault((sheet, column), []).append((first, last, vertex))

    def of(self, area: Range) -> list[_V]:
        return list(dict.fromkeys(self._in(area)))

    def _in(self, area: Range) -> Iterator[_V]:
        for column in range(area.c1, area.c2 + 1):
            key = area.sheet, column
            if (held := self._columns.get(key)) is None:
                continue
            if key not in self._sorted:
                held.sort(key=lambda item: item[:2])
                self._sorted[key] = [first for first, _, _ in held]
            firsts = self._sorted[key]
            index = bisect_right(firsts, area.r1)
            if index and held[index - 1][1] >= area.r1:
                index -= 1
            for first, _, vertex in held[index:]:
                if first > area.r2:
                    break
                yield vertex


def _find_components(
    starts: Iterable[_V], nearer: Callable[[_V | Range], Iterable[_V | Range]]
) -> Iterator[list[_V | Range]]:
    """Yield strongly connected groups (Tarjan's algorithm, without recursion)."""
    order: dict[_V | Range, int] = {}
    low: dict[_V | Range, int] = {}
    stack: list[_V | Range] = []
    on: set[_V | Range] = set()
    work: list[tuple[_V | Range, Iterator[_V | Range]]] = []

    def enter(vertex: _V | Range) -> None:
        order[vertex] = low[vertex] = len(order)
        stack.append(vertex)
        on.add(vertex)
        work.append((vertex, iter(nearer(vertex))))

    for start in starts:
        if start in order:
            continue
        enter(start)
        while work:
            vertex, rest = work[-1]
            for other in rest:
                if other not in order:
                    enter(other)
                    break
                if other in on:
                    low[vertex] = min(low[vertex], order[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[vertex])
                if low[vertex] == order[vertex]:
                    component: list[_V | Range] = []
                    while not component or component[-1] != vertex:
                        component.append(stack.pop())
                    on.difference_update(component)
                    yield component
