"""What calls of the library gave last, stored beside them for programs that have no library.

A workbook names the calls, and the cells that hold what they gave: one column more, with the ids
of the cities before.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

from xlcity.errors import CellValue
from xlcity.xlsx.address import Range, parse_area
from xlcity.xlsx.cells import Position, ReadBook

HELD_CALLS = "xl_held_calls"
HELD = "xl_held"
#: Held for a city without a result: an empty cell would be read as 0.
NONE_HELD = "NA"
#: The ids of the cities, in the rows of the calls.
_IDS = "out_units"
#: What a call shows where it was not computed.
_NOT_COMPUTED = "#NAME?"


def find_held_cells(
    book: ReadBook, block: Callable[[Range], list[list[CellValue]]]
) -> dict[str, dict[Position, CellValue]]:
    """Return the held cells that change, by sheet, after the calls were computed.

    `block` returns the values of an area, as computed. Where calls could not be, nothing changes.
    """
    names = (HELD_CALLS, HELD, _IDS)
    texts = (book.names.get(name, "") for name in names)
    areas = list(filter(None, map(parse_area, texts)))
    if len(areas) < len(names):
        return {}
    calls, held, ids = areas
    results = block(calls)
    if _NOT_COMPUTED in map(str, chain.from_iterable(results)):
        return {}
    lines = zip(block(ids), results, strict=True)
    new = [_held_line(unit, numbers) for (unit, *_), numbers in lines]
    old = chain.from_iterable(book.block(held))
    values = zip(held.positions, chain.from_iterable(new), old, strict=True)
    changed = {place: now for place, now, before in values if now != before}
    return {held.sheet: changed} if changed else {}


def _held_line(unit: CellValue, results: list[CellValue]) -> list[CellValue]:
    """Return what is held of a city; a row without one is empty."""
    if unit is None or unit == "":
        return [None] * (len(results) + 1)
    numbers = (value if type(value) is float else NONE_HELD for value in results)
    return [unit, *numbers]
