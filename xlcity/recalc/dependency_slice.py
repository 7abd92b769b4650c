"""The part of a workbook that lies between some inputs and some results."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.formulas.graph import areas_read

#: (sheet, position)
Place = tuple[str, Position]


def find_cells_between(
    book: ReadBook, inputs: Collection[Place], outputs: Iterable[Place]
) -> set[Place] | None:
    """Return the formula cells that depend on an input and that an output depends on.

    Returns
    -------
    set or None
        ``None`` where a formula makes its references while calculating, so that it cannot be known.
    """
    graph = _Graph(book)
    order = graph.precedents_first(outputs)
    return None if order is None else graph.affected(order, set(inputs))


class _Graph:
    def __init__(self, book: ReadBook) -> None:
        self.book = book
        self.formulas = {name: dict(sheet.cells.texts()) for name, sheet in book.sheets.items()}
        self.members = {name: sheet.cells.members for name, sheet in book.sheets.items()}
        self._areas: dict[Place, set[Range] | None] = {}
        self._computed: dict[Range, list[Place]] = {}

    def precedents_first(self, outputs: Iterable[Place]) -> list[Place] | None:
        """Return what outputs depend on, each cell after those it reads."""
        done: dict[Place, None] = {}
        begun: set[Place] = set()
        stack = [(cell_read, False) for cell_read in outputs]
        while stack:
            cell_read, finished = stack.pop()
            if finished:
                done[cell_read] = None
                continue
            if cell_read in begun:
                continue
            begun.add(cell_read)
            if (areas := self._reads(cell_read)) is None:
                return None
            stack.append((cell_read, True))
            for area in areas:
                stack += [(cell, False) for cell in self._cells(area) if cell not in begun]
        return list(done)

    def affected(self, order: list[Place], inputs: set[Place]) -> set[Place]:
        """Return those of the cells, precedents first, that depend on an input."""
        dependents: set[Place] = set()
        depends_by_area: dict[Range, bool] = {}
        for formula_cell in order:
            for area in self._reads(formula_cell) or ():
                if (hit := depends_by_area.get(area)) is None:
                    hit = depends_by_area[area] = any(area.holds(*cell) for cell in inputs) or any(
                        cell in dependents for cell in self._cells(area)
                    )
                if hit:
                    dependents.add(formula_cell)
                    break
        return dependents

    def _reads(self, formula_cell: Place) -> set[Range] | None:
        if formula_cell in self._areas:
            return self._areas[formula_cell]
        sheet, position = formula_cell
        areas: set[Range] | None
        if (formula := self.formulas[sheet].get(position)) is not None:
            areas = areas_read(formula, sheet, self.book)
        elif (anchor := self.members[sheet].get(position)) is not None:
            areas = {Range(sheet, *anchor, *anchor)}
        else:
            areas = set()
        self._areas[formula_cell] = areas
        return areas

    def _cells(self, area: Range) -> list[Place]:
        """Return the formula cells of an area."""
        if (formula_cells := self._computed.get(area)) is None:
            formulas, members = self.formulas[area.sheet], self.members[area.sheet]
            if area.rows * area.columns <= len(formulas) + len(members):
                inside: Iterable[Position] = (
                    (row, column)
                    for row in range(area.r1, area.r2 + 1)
                    for column in range(area.c1, area.c2 + 1)
                )
                formula_cells = [(area.sheet, p) for p in inside if p in formulas or p in members]
            else:
                everything = (*formulas, *members)
                formula_cells = [(area.sheet, p) for p in everything if area.holds(area.sheet, p)]
            self._computed[area] = formula_cells
        return formula_cells
