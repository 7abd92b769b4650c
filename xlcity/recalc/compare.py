"""Compares the values of two engines."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

from xlcity.errors import CellError, CellValue
from xlcity.grouping import grouped
from xlcity.recalc.engines.protocol import Values
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.xlsx.address import Range, full_address
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.formulas.graph import Graph, Place
from xlcity.xlsx.table import CellTable

#: What a program that has not loaded the functions stores for their calls.
_ERRORS_OF_UNKNOWN_FUNCTIONS = (CellError.NAME, CellError.REF)


class StaleValue(NamedTuple):
    """A cell whose stored result is not what its formula gives."""

    sheet: str
    position: Position
    stored: CellValue
    fresh: CellValue

    @property
    def place(self) -> Place:
        """Its sheet and position."""
        return self.sheet, self.position


class StaleValues(NamedTuple):
    """The stale results of a workbook.

    Attributes
    ----------
    cells
        In the order of the workbook.
    lacks_functions
        Whether a program without the functions saved the workbook. Their calls, and what differs
        because it reads them, are not among `cells`.
    """

    cells: list[StaleValue]
    lacks_functions: bool


def find_stale_values(book: ReadBook, fresh: Values) -> StaleValues:
    """Return the cells whose stored value differs from that of a fresh calculation.

    `book` has the stored values, `fresh` those that were computed now.
    """
    stale: list[StaleValue] = []
    for sheet, values in fresh.items():
        stale += _find_stale_on_sheet(book.sheets[sheet].cells, sheet, values)
    calls = find_udf_cells(book, library_names()) if stale else {}
    stale_calls = [cell for cell in stale if cell.position in calls.get(cell.sheet, ())]
    if not any(cell.stored in _ERRORS_OF_UNKNOWN_FUNCTIONS for cell in stale_calls):
        return StaleValues(stale, lacks_functions=False)
    # Calls that a program without the functions stored are left out, with all that reads them.
    uncomputed = (*_ERRORS_OF_UNKNOWN_FUNCTIONS, None)
    unloaded = {cell.place for cell in stale_calls if cell.stored in uncomputed}
    unloaded |= _find_stale_readers(book, unloaded, {cell.place for cell in stale})
    remaining = [cell for cell in stale if cell.place not in unloaded]
    return StaleValues(remaining, lacks_functions=True)


def _find_stale_on_sheet(
    table: CellTable, sheet: str, fresh: dict[Position, CellValue]
) -> list[StaleValue]:
    """Return the cells of a sheet whose stored value is not the fresh one."""
    is_whole = list(fresh) == table.computed()
    before = table.results() if is_whole else table.values_at(fresh)
    now = list(fresh.values())
    # Most are the same; the comparison with all its rules is for the others. TRUE equals 1 in
    # Python.
    if before == now and list(map(type, before)) == list(map(type, now)):
        return []
    stale = []
    for position, stored, value in zip(fresh, before, now, strict=True):
        differs = stored != value or type(stored) is not type(value)
        if differs and not is_same_result(stored, value):
            stale.append(StaleValue(sheet, position, stored, value))
    return stale


def _find_stale_readers(
    book: ReadBook, unloaded: set[Place], stale: set[Place]
) -> set[Place]:
    """Return the stale cells that read a call of an unloaded function, directly or not.

    Parameters
    ----------
    unloaded
        Cells with a call, stored by a program that had not loaded the library's functions.
    stale
        All cells whose stored result is not the fresh one.
    """
    graph = Graph(book)
    readers = set[Place]()
    newly_reached = set(unloaded)
    # Of those not reached.
    areas_of_cell = {cell: graph.reads(*cell) for cell in stale - unloaded}
    while newly_reached:
        areas = set(chain.from_iterable(areas_of_cell.values()))
        reached_areas = _find_areas_with(newly_reached, areas)
        newly_reached = {
            cell
            for cell, areas in areas_of_cell.items()
            if not reached_areas.isdisjoint(areas)
        }
        readers |= newly_reached
        for cell in newly_reached:
            del areas_of_cell[cell]
    return readers


def _find_areas_with(cells: Collection[Place], areas: Collection[Range]) -> set[Range]:
    """Return the areas that hold one of some cells."""
    positions = {sheet: set(own) for sheet, own in grouped(cells).items()}
    on_sheets = [area for area in areas if area.sheet in positions]
    return {area for area in on_sheets if _has_position(area, positions[area.sheet])}


def _has_position(area: Range, positions: set[Position]) -> bool:
    """Return whether an area holds one of some positions, (row, column), on its sheet."""
    # Whichever is fewer is gone through: the cells of the area, or the positions.
    if area.rows * area.columns < len(positions):
        return not positions.isdisjoint(area.positions)
    return any(area.holds(area.sheet, position) for position in positions)


#: |a - b| <= TOLERANCE x max(1, |a|, |b|).
TOLERANCE = 1e-9

#: LibreOffice often says #VALUE! where Excel says #NUM!.
_ERRORS_TAKEN_AS_EQUAL = frozenset((CellError.NUM, CellError.VALUE))


@dataclass(frozen=True, slots=True)
class EngineComparison:
    """How far two engines agree.

    Attributes
    ----------
    engine
        The second engine.
    cells
        Formula cells compared.
    max_diff
        Largest |a - b| / max(1, |a|, |b|) over the numbers.
    differing
        Addresses of the cells that differ by more than the tolerance, or in kind.
    """

    engine: str
    cells: int
    max_diff: float
    differing: tuple[str, ...]


def compare_engines(
    first: Values, second: Values, second_engine: str
) -> EngineComparison:
    """Return how far the values of a second engine agree with the first's, cell by cell.

    `first` and `second` are their values, `second_engine` is the name of the second.
    """
    cell_count = 0
    largest = 0.0
    differing = []
    for sheet, values_of_sheet in first.items():
        other_values = second.get(sheet, {})
        for position, value in values_of_sheet.items():
            cell_count += 1
            other = other_values.get(position)
            if (difference := relative_difference(value, other)) is not None:
                largest = max(largest, difference)
            if not agree(value, other):
                differing.append(full_address(sheet, position))
    return EngineComparison(second_engine, cell_count, largest, tuple(differing))


def is_same_typed_value(before: Any, after: Any) -> bool:
    """Return whether typed values are the same: programs store 15 digits, and no empty text.

    LibreOffice may write the 15th digit one higher or lower.

    >>> is_same_typed_value(0.707106781186547, 0.707106781186548)
    True
    >>> is_same_typed_value(0.7071, 0.7072), is_same_typed_value(1.0, True)
    (False, False)
    """
    if isinstance(before, float) and isinstance(after, float):
        largest = max(abs(before), abs(after))
        if before == after or not math.isfinite(largest):
            return before == after
        return abs(before - after) < 1.5 * 10.0 ** (
            math.floor(math.log10(largest)) - 14
        )
    if before in (None, "") and after in (None, ""):
        return True
    return bool(before == after) and isinstance(before, bool) == isinstance(after, bool)


def relative_difference(a: CellValue, b: CellValue) -> float | None:
    """Return |a - b| / max(1, |a|, |b|) of two cells' values if both are numbers, else None."""
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) / max(1.0, abs(a), abs(b))
    return None


def is_same_result(stored: CellValue, fresh: CellValue) -> bool:
    """Return whether a stored result is the fresh one, as programs store it.

    They trim texts when they open a file, and some store 1 for TRUE, or an error as a text.

    >>> is_same_result("share rank", "share rank "), is_same_result("a b", "ab")
    (True, False)
    >>> is_same_result(1.0, True), is_same_result(False, 0.0), is_same_result(2.0, True)
    (True, True, False)
    """
    if isinstance(stored, str) and isinstance(fresh, str):
        return stored.strip() == fresh.strip()
    kinds = {type(stored), type(fresh)}
    if kinds == {bool, float}:
        return stored == fresh  # TRUE equals 1 in Python
    if kinds == {CellError, str}:
        return str(stored) == str(fresh)
    return agree(stored, fresh)


def agree(a: CellValue, b: CellValue) -> bool:
    """Return whether two engines give a cell the same value.

    Numbers are the same within `TOLERANCE`, some errors as `_ERRORS_TAKEN_AS_EQUAL` says.
    """
    if (difference := relative_difference(a, b)) is not None:
        return difference <= TOLERANCE
    if a in _ERRORS_TAKEN_AS_EQUAL and b in _ERRORS_TAKEN_AS_EQUAL:
        return True
    # No program stores an empty text and a blank apart in a formula's result.
    empty = ("", None)
    if a in empty and b in empty:
        return True
    return type(a) is type(b) and a == b
