"""Finds circles among formulas, and sorts formulas so that each comes after what it reads.

Blocks of copies below one another are taken as one vertex at first: a workbook has far fewer of
them than cells, and mostly no circle. Only those in a circle are examined cell by cell.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Collection, Iterable, Iterator

from xlcity.xlsx.address import Range
from xlcity.xlsx.formulas.graph import Graph, Place
from xlcity.xlsx.table import Position

#: Copies of a formula: sheet, column, first and last row.
_Block = tuple[str, int, int, int]
#: First row, last row, and index of the block that computes them.
_Span = tuple[int, int, int]
#: The index of a block, which depends on areas, or an area, which depends on blocks: an area named
#: by many formulas is followed once.
_Vertex = int | Range


def find_circles(graph: Graph) -> list[list[Place]]:
    """Return the groups of formulas that depend on themselves."""
    # Each cell as a block of its own.
    cells = [
        (sheet, column, row, row) for sheet, (row, column) in _find_suspects(graph)
    ]
    places = [(sheet, (row, column)) for sheet, column, row, _ in cells]
    dependencies = _make_dependency_lookup(
        graph, cells, lambda index: graph.needs(*places[index])
    )
    groups = []
    for component in _find_components(range(len(cells)), dependencies):
        group = [places[index] for index in _blocks_in(component)]
        # A group of one formula is a circle only if that names its own cell.
        reads_itself = group and any(
            area.holds(*group[0]) for area in graph.needs(*group[0])
        )
        if len(group) > 1 or reads_itself:
            groups.append(group)
    return groups


def sort_formulas(graph: Graph, formulas: Collection[Place]) -> list[Place]:
    """Return formulas in order of dependence: each comes after those that it reads."""
    blocks, dependencies = _read_blocks(graph)
    cells_by_block = [list(_list_cells(block)) for block in blocks]
    formula_set = set(formulas)
    starts = [
        i for i, cells in enumerate(cells_by_block) if not formula_set.isdisjoint(cells)
    ]
    in_order: list[Place] = []
    for component in _find_components(starts, dependencies):
        for index in _blocks_in(component):
            cells = cells_by_block[index]
            in_order += [formula for formula in cells if formula in formula_set]
    return in_order


def _blocks_in(component: Iterable[_Vertex]) -> list[int]:
    """Return the blocks among vertices, by their indices."""
    return [vertex for vertex in component if not isinstance(vertex, Range)]


def _find_suspects(graph: Graph) -> list[Place]:
    """Return the formulas that may be in a circle: all of blocks of copies that are in one.

    A block is taken as one vertex; whether its cells are in a circle is examined afterwards.
    """
    blocks, dependencies = _read_blocks(graph)
    suspects: list[Place] = []
    for component in _find_components(range(len(blocks)), dependencies):
        if len(component) > 1:
            for index in _blocks_in(component):
                suspects += _list_cells(blocks[index])
    return suspects


def _read_blocks(
    graph: Graph,
) -> tuple[list[_Block], Callable[[_Vertex], Iterable[_Vertex]]]:
    """Return the blocks of copies in a workbook, and a function that gives dependencies.

    The function takes a block, by its index, or an area, and gives the areas that the block reads,
    or the blocks that compute the area.
    """
    blocks = list(graph.blocks())
    places = [block[:4] for block in blocks]
    reads = _make_dependency_lookup(
        graph, places, lambda index: graph.reads_of_block(*blocks[index])
    )
    return places, reads


def _list_cells(block: _Block) -> Iterator[Place]:
    """Yield (sheet, (row, column)) of each cell of a block."""
    sheet, column, first, last = block
    return ((sheet, (row, column)) for row in range(first, last + 1))


def _make_dependency_lookup(
    graph: Graph, blocks: list[_Block], reads: Callable[[int], Iterable[Range]]
) -> Callable[[_Vertex], Iterable[_Vertex]]:
    """Return a function that gives what a vertex depends on.

    A vertex is a block, by its index in `blocks`, which depends on the areas that `reads` gives
    for it, or an area, which depends on the blocks that compute its cells.
    """
    computing = _ComputingBlocks()
    # The first cell of an array formula computes the others.
    members_by_anchor: dict[Place, list[Position]] = {}
    for sheet, read_sheet in graph.book.sheets.items():
        for member, anchor in read_sheet.cells.members.items():
            members_by_anchor.setdefault((sheet, anchor), []).append(member)
    for index, block in enumerate(blocks):
        computing.add(block, index)
        for cell in _list_cells(block) if members_by_anchor else ():
            for row, column in members_by_anchor.get(cell, ()):
                computing.add((block[0], column, row, row), index)

    def find_dependencies(vertex: _Vertex) -> Iterable[_Vertex]:
        if isinstance(vertex, Range):
            return computing.blocks_of(vertex)
        return reads(vertex)

    return find_dependencies


class _ComputingBlocks:
    """Finds the blocks that compute the cells of an area."""

    def __init__(self) -> None:
        #: (sheet, column) -> its spans in order.
        self._spans_by_column: dict[tuple[str, int], list[_Span]] = {}

    def add(self, cells: _Block, index: int) -> None:
        """Note that the block of an index computes cells below one another."""
        sheet, column, first, last = cells
        spans = self._spans_by_column.setdefault((sheet, column), [])
        insort(spans, (first, last, index))

    def blocks_of(self, area: Range) -> Iterator[int]:
        """Yield the indices of the blocks that compute a cell of an area, by column."""
        for column in area.column_numbers:
            spans = self._spans_by_column.get((area.sheet, column), [])
            index = bisect_right(spans, area.r1, key=lambda span: span[0])
            # The part that begins above the area may reach into it.
            if index and spans[index - 1][1] >= area.r1:
                index -= 1
            for first, _, block in spans[index:]:
                if first > area.r2:
                    break
                yield block


def _find_components(
    starts: Iterable[int], dependencies: Callable[[_Vertex], Iterable[_Vertex]]
) -> Iterator[list[_Vertex]]:
    """Yield the strongly connected groups of vertices that can be reached, dependencies first.

    Tarjan's algorithm, without recursion: `order` counts vertices as they are met, `lowest` is the
    lowest order on the stack that a vertex reaches.
    """
    order: dict[_Vertex, int] = {}
    lowest: dict[_Vertex, int] = {}
    stack: list[_Vertex] = []
    on_stack: set[_Vertex] = set()
    open_vertices: list[tuple[_Vertex, Iterator[_Vertex]]] = []

    def enter(vertex: _Vertex) -> None:
        """Begin with a vertex: number it, and put it on both stacks."""
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
                    reader, _ = open_vertices[-1]
                    lowest[reader] = min(lowest[reader], lowest[vertex])
                if lowest[vertex] == order[vertex]:
                    component = _pop_until(stack, vertex)
                    on_stack.difference_update(component)
                    yield component


def _pop_until(stack: list[_Vertex], last: _Vertex) -> list[_Vertex]:
    """Take vertices from the top of a stack, down to one of them, and return them."""
    taken = [stack.pop()]
    while taken[-1] != last:
        taken.append(stack.pop())
    return taken
