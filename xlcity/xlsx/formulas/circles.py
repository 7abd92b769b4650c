"""Finds circles among formulas, and sorts formulas so that each comes after what it reads.

Blocks of copies below one another are taken as one vertex at first: a workbook has far fewer of
them than cells, and mostly no circle. Only those in a circle are examined cell by cell.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from typing import Generic, TypeVar

from xlcity.grouping import grouped
from xlcity.xlsx.address import Range
from xlcity.xlsx.formulas.graph import Graph, Place
from xlcity.xlsx.formulas.tokens import NormalisedFormula

_Vertex = TypeVar("_Vertex", bound=Hashable)


def find_circles(graph: Graph) -> list[list[Place]]:
    """Return the groups of formulas that depend on themselves."""
    suspects = _find_suspects(graph)
    cells: _ComputingVertices[Place] = _ComputingVertices()
    for sheet, (row, column) in suspects:
        cells.add(sheet, column, row, row, (sheet, (row, column)))
    for sheet in {sheet for sheet, _ in suspects}:
        for (row, column), anchor in graph.book.sheets[sheet].cells.members.items():
            if (sheet, anchor) in suspects:
                cells.add(sheet, column, row, row, (sheet, anchor))

    def dependencies(vertex: Place | Range) -> Iterable[Place | Range]:
        # Areas are vertices, too, so that a range named by many formulas is followed once.
        return cells.vertices_of(vertex) if isinstance(vertex, Range) else graph.needs(*vertex)

    groups = []
    for component in _find_components(suspects, dependencies):
        group = [vertex for vertex in component if not isinstance(vertex, Range)]
        reads_itself = group and any(area.holds(*group[0]) for area in graph.needs(*group[0]))
        if len(group) > 1 or reads_itself:
            groups.append(group)
    return groups


def sort_formulas(graph: Graph, formulas: Collection[Place]) -> list[Place]:
    """Return formulas in order of dependence: each comes after those that it reads."""
    blocks, dependencies = _read_blocks(graph)
    cells_by_block = {
        number: [(sheet, (row, column)) for row in range(first, last + 1)]
        for number, (sheet, column, first, last, _) in enumerate(blocks)
    }
    formula_set = set(formulas)
    starts = [n for n, cells in cells_by_block.items() if not formula_set.isdisjoint(cells)]
    return [
        formula
        for component in _find_components(starts, dependencies)
        for vertex in component
        if not isinstance(vertex, Range)
        for formula in cells_by_block[vertex]
        if formula in formula_set
    ]


#: Copies of a formula: sheet, column, first and last row, the formula.
_Block = tuple[str, int, int, int, NormalisedFormula]


def _read_blocks(
    graph: Graph,
) -> tuple[list[_Block], Callable[[int | Range], Iterable[int | Range]]]:
    """Return the blocks of copies, and a function that gives the dependencies of a vertex.

    A vertex is the number of a block, which depends on areas, or an area, which depends on blocks.
    """
    blocks = list(graph.blocks())
    computing: _ComputingVertices[int] = _ComputingVertices()
    anchors = {
        (sheet, anchor): members
        for sheet, tab in graph.book.sheets.items()
        for anchor, members in grouped((a, p) for p, a in tab.cells.members.items()).items()
    }
    for number, (sheet, column, first, last, _) in enumerate(blocks):
        computing.add(sheet, column, first, last, number)
        for row in range(first, last + 1) if anchors else ():
            for member_row, member_column in anchors.get((sheet, (row, column)), ()):
                computing.add(sheet, member_column, member_row, member_row, number)

    def dependencies(vertex: int | Range) -> Iterable[int | Range]:
        if isinstance(vertex, Range):
            return computing.vertices_of(vertex)
        return graph.reads_of_block(*blocks[vertex])

    return blocks, dependencies


def _find_suspects(graph: Graph) -> dict[Place, None]:
    """Return the formulas of blocks that, taken as one, depend on themselves."""
    blocks, dependencies = _read_blocks(graph)
    suspects: dict[Place, None] = {}
    for component in _find_components(range(len(blocks)), dependencies):
        if len(component) == 1:  # blocks read through areas: a circle has several vertices
            continue
        for number in (vertex for vertex in component if not isinstance(vertex, Range)):
            sheet, column, first, last, _ = blocks[number]
            suspects |= {(sheet, (row, column)): None for row in range(first, last + 1)}
    return suspects


class _ComputingVertices(Generic[_Vertex]):
    """Finds the vertices that compute the cells of an area."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, int], list[tuple[int, int, _Vertex]]] = {}
        self._sorted: dict[tuple[str, int], list[int]] = {}

    def add(self, sheet: str, column: int, first: int, last: int, vertex: _Vertex) -> None:
        """Note that a vertex computes the rows of a column from the first to the last."""
        self._columns.setdefault((sheet, column), []).append((first, last, vertex))

    def vertices_of(self, area: Range) -> list[_Vertex]:
        """Return the vertices that compute a cell of an area, each once."""
        return list(dict.fromkeys(self._find_in_columns(area)))

    def _find_in_columns(self, area: Range) -> Iterator[_Vertex]:
        """Yield the vertices that compute a cell of an area, column by column."""
        for column in range(area.c1, area.c2 + 1):
            key = area.sheet, column
            if (spans := self._columns.get(key)) is None:
                continue
            if key not in self._sorted:
                spans.sort(key=lambda span: span[:2])
                self._sorted[key] = [first for first, _, _ in spans]
            firsts = self._sorted[key]
            index = bisect_right(firsts, area.r1)
            if index and spans[index - 1][1] >= area.r1:  # it begins above and reaches the area
                index -= 1
            for first, _, vertex in spans[index:]:
                if first > area.r2:
                    break
                yield vertex


def _find_components(
    starts: Iterable[_Vertex], dependencies: Callable[[_Vertex | Range], Iterable[_Vertex | Range]]
) -> Iterator[list[_Vertex | Range]]:
    """Yield the strongly connected groups of vertices that can be reached, dependencies first.

    Tarjan's algorithm, without recursion: `order` counts vertices as they are met; `lowest` is the
    lowest order on the stack that a vertex reaches.
    """
    order: dict[_Vertex | Range, int] = {}
    lowest: dict[_Vertex | Range, int] = {}
    stack: list[_Vertex | Range] = []
    on_stack: set[_Vertex | Range] = set()
    open_vertices: list[tuple[_Vertex | Range, Iterator[_Vertex | Range]]] = []

    def enter(vertex: _Vertex | Range) -> None:
        order[vertex] = lowest[vertex] = len(order)
        stack.append(vertex)
        on_stack.add(vertex)
        open_vertices.append((vertex, iter(dependencies(vertex))))

    for start in starts:
        if start in order:
            continue
        enter(start)
        while open_vertices:
            vertex, unvisited = open_vertices[-1]
            for other in unvisited:
                if other not in order:
                    enter(other)
                    break
                if other in on_stack:
                    lowest[vertex] = min(lowest[vertex], order[other])
            else:
                open_vertices.pop()
                if open_vertices:
                    lowest[open_vertices[-1][0]] = min(lowest[open_vertices[-1][0]], lowest[vertex])
                if lowest[vertex] == order[vertex]:
                    component: list[_Vertex | Range] = []
                    while not component or component[-1] != vertex:
                        component.append(stack.pop())
                    on_stack.difference_update(component)
                    yield component
