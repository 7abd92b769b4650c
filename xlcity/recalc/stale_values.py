"""Stored results that a fresh calculation does not confirm."""

from __future__ import annotations

from typing import NamedTuple

from xlcity.errors import CellError, CellValue
from xlcity.recalc.compare import is_same_result
from xlcity.recalc.engines.protocol import Values
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.formulas.graph import Graph, Place

#: What a program that has not loaded the functions stores for their calls.
_UNKNOWN = (CellError.NAME, CellError.REF)


class StaleValue(NamedTuple):
    """A cell whose stored result is not what its formula gives."""

    sheet: str
    position: Position
    stored: CellValue
    fresh: CellValue


class StaleValues(NamedTuple):
    """The stale results of a workbook.

    Attributes
    ----------
    cells
        In the order of the workbook.
    is_unloaded
        Whether a program without the functions saved the workbook. Their calls, and what differs
        because it reads them, are not among `cells`.
    """

    cells: list[StaleValue]
    is_unloaded: bool


def stale_values(book: ReadBook, fresh: Values) -> StaleValues:
    """Return the cells whose stored value a fresh calculation does not confirm."""
    stale = [
        StaleValue(sheet, position, stored, value)
        for sheet, values in fresh.items()
        for stored, (position, value) in zip(
            book.sheets[sheet].values(values), values.items(), strict=True
        )
        # Most are the same; the comparison with all its rules is for the others.
        if stored != value and not is_same_result(stored, value)
    ]
    calls = find_udf_cells(book, library_names()) if stale else {}
    lost = [cell for cell in stale if cell.position in calls.get(cell.sheet, ())]
    if not any(cell.stored in _UNKNOWN for cell in lost):
        return StaleValues(stale, is_unloaded=False)
    lost = [cell for cell in lost if cell.stored in (*_UNKNOWN, None)]
    unloaded = {(cell.sheet, cell.position) for cell in lost}
    unloaded |= _followers(book, unloaded, {(cell.sheet, cell.position) for cell in stale})
    return StaleValues([c for c in stale if (c.sheet, c.position) not in unloaded], True)


def _followers(book: ReadBook, lost: set[Place], stale: set[Place]) -> set[Place]:
    """Return the stale cells that read lost ones, directly or through each other."""
    graph, followers, reached = Graph(book), set[Place](), set(lost)
    waiting = {stale_cell: graph.reads(*stale_cell) for stale_cell in stale - lost}
    while reached:
        by_sheet: dict[str, set[Position]] = {}
        for sheet, position in reached:
            by_sheet.setdefault(sheet, set()).add(position)
        areas = {area for read in waiting.values() for area in read if area.sheet in by_sheet}
        touched = {area for area in areas if _touches(area, by_sheet[area.sheet])}
        reached = {
            stale_cell for stale_cell, read in waiting.items() if not touched.isdisjoint(read)
        }
        followers |= reached
        waiting = {
            stale_cell: read for stale_cell, read in waiting.items() if stale_cell not in reached
        }
    return followers


def _touches(area: Range, positions: set[Position]) -> bool:
    if area.rows * area.columns < len(positions):
        return not positions.isdisjoint(area.positions)
    return any(area.holds(area.sheet, position) for position in positions)
