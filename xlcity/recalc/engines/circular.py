"""Circles of formulas, as a person can mend them: the shortest loop, and the odd formula in it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterator, Sequence

from xlcity.errors import EngineError, Where, counted
from xlcity.recalc.engines.protocol import CannotComputeError, list_addresses
from xlcity.xlsx.address import Range, cell_name, full_address
from xlcity.xlsx.cells import ReadBook
from xlcity.xlsx.formulas.circles import find_circles
from xlcity.xlsx.formulas.graph import Graph, Place

#: Cells from which a loop is searched; from every one of thousands it would take minutes.
_STARTS = 200
#: A longer loop is shown by its beginning.
_SHOWN = 12


def make_circle_error(book: ReadBook, engine: str, circular: Sequence[Place]) -> EngineError:
    """Return the error for cells that an engine takes for circular.

    Parameters
    ----------
    book
        The workbook.
    engine
        The engine's name.
    circular
        The cells that it names: those of a circle, and all that read them.

    Returns
    -------
    EngineError
        The shortest circle; where there is none (``ROW(A1)`` in A1), that the engine cannot compute
        the workbook.
    """
    graph = Graph(book)
    groups = find_circles(graph)
    if not groups:
        return CannotComputeError(
            f"{engine} takes a formula that names its own cell for a circle: "
            f"{list_addresses(list(circular))}.",
            "Use --engine libreoffice.",
            file=book.file,
        )
    group = min(groups, key=len)
    loop = shortest_loop(graph, group)
    odd_and_neighbour = find_odd_formula(graph, loop) or find_odd_formula(graph, group)
    if odd_and_neighbour is not None and odd_and_neighbour[0] in loop:
        start_of_loop = loop.index(odd_and_neighbour[0])
        loop = [*loop[start_of_loop:], *loop[:start_of_loop]]
    names = [full_address(*formula_cell) for formula_cell in loop]
    shown = [*names, names[0]] if len(loop) <= _SHOWN else [*names[:_SHOWN], "…", names[0]]
    readers = len(set(circular) - set(loop))
    message = f"formulas refer to themselves in a circle: {' → '.join(shown)}"
    if readers:
        message += f"; {counted(readers, 'more cell')} depend{'s' * (readers == 1)} on it"
    if len(groups) > 1:
        message += f"; it is the smallest of {len(groups)} circles"
    hint = "Break the circle at one of these cells."
    if odd_and_neighbour is not None:
        odd, neighbour = (full_address(*cell) for cell in odd_and_neighbour)
        own, others = (_shortened_formula(graph, cell) for cell in odd_and_neighbour)
        hint = (
            f"The formula of {odd} differs from those beside it: it is {own}, "
            f"that of {neighbour} is {others}. Copy the formula of a neighbour into it."
        )
    sheet, position = loop[0]
    return EngineError(f"{message}.", hint, "XC512", Where(book.file, sheet, cell_name(*position)))


def shortest_loop(graph: Graph, group: Collection[Place]) -> list[Place]:
    """Return the shortest way from a cell of a circle to itself, each cell before one it reads."""
    circle = _Circle(graph, group)
    best: list[Place] = []
    for start in sorted(group)[:_STARTS]:
        shorter = _loop_through(circle, start, len(best) or len(group) + 1)
        if shorter and (not best or len(shorter) < len(best)):
            best = shorter
        if len(best) == 1:
            break
    return best or sorted(group)


class _Circle:
    """What the cells of a circle read of each other."""

    def __init__(self, graph: Graph, group: Collection[Place]) -> None:
        self._graph, self._group = graph, sorted(group)
        self._cells_by_area: dict[Range, list[Place]] = {}
        self._read_cells: dict[Place, list[Place]] = {}

    def cells_read_by(self, reader: Place) -> list[Place]:
        """Return the cells of the circle that one of them reads."""
        if (cells_read := self._read_cells.get(reader)) is None:
            cells = (cell for area in self._graph.needs(*reader) for cell in self._cells_in(area))
            cells_read = self._read_cells[reader] = list(dict.fromkeys(cells))
        return cells_read

    def _cells_in(self, area: Range) -> list[Place]:
        if (group_cells := self._cells_by_area.get(area)) is None:
            group_cells = [group_cell for group_cell in self._group if area.holds(*group_cell)]
            self._cells_by_area[area] = group_cells
        return group_cells


def _loop_through(circle: _Circle, start: Place, limit: int) -> list[Place]:
    """Return the shortest loop through a cell, or [] if it is not shorter than a limit."""
    reader_of: dict[Place, Place | None] = {start: None}
    queue = deque([(start, 1)])
    while queue:
        reader, length = queue.popleft()
        if length >= limit:
            return []
        for cell in circle.cells_read_by(reader):
            if cell == start:
                way: list[Place] = []
                step_back: Place | None = reader
                while step_back is not None:
                    way.append(step_back)
                    step_back = reader_of[step_back]
                return way[::-1]
            if cell not in reader_of:
                reader_of[cell] = reader
                queue.append((cell, length + 1))
    return []


def find_odd_formula(graph: Graph, group: Collection[Place]) -> tuple[Place, Place] | None:
    """Return a cell whose formula is not the one its neighbours share, and such a neighbour.

    None where there is no such cell in the group.
    """
    for formula_cell in sorted(group):
        if (own_formula := graph.form(*formula_cell)) is None:
            continue
        for pair in _neighbours(formula_cell):
            keys = {n: near.key for n in pair if (near := graph.form(*n)) is not None}
            common = Counter(keys.values()).most_common(1)
            if common and common[0][1] > 1 and common[0][0] != own_formula.key:
                return formula_cell, next(n for n, key in keys.items() if key == common[0][0])
    return None


def _neighbours(formula_cell: Place) -> Iterator[list[Place]]:
    """Yield the two cells above and below, then the two at each side, within the sheet."""
    sheet, (row, column) = formula_cell
    steps = (-2, -1, 1, 2)
    yield [(sheet, (row + step, column)) for step in steps if row + step > 0]
    yield [(sheet, (row, column + step)) for step in steps if column + step > 0]


def _shortened_formula(graph: Graph, formula_cell: Place) -> str:
    text = graph.book.sheets[formula_cell[0]].cells[formula_cell[1]].formula or ""
    return f"={text if len(text) <= 120 else text[:119] + '…'}"
