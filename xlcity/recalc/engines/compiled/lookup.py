"""MATCH, INDEX and CHOOSE."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from xlcity.errors import CellError
from xlcity.recalc.engines.compiled.blocks import CellArea, CellBlock
from xlcity.recalc.engines.compiled.scalars import pattern_of
from xlcity.recalc.engines.compiled.values import DoubtError, is_crowded, key_of, whole


def _places(block: CellBlock) -> dict[object, int]:
    """Return where each value stands first; texts in small letters."""
    first_places: dict[object, int] = {}
    for position, key in enumerate(block.keys, 1):
        first_places.setdefault(key, position)
    return first_places


def match(value: Any, block: CellBlock) -> Any:
    """Return MATCH for the same value."""
    kind = value.__class__
    if kind is CellError:
        return value
    if value is None:
        value, kind = 0.0, float  # a blank cell is looked for as 0
    if block.rows > 1 and block.columns > 1:
        return CellError.NA
    places = block.kept("places", _places)
    if kind is float and is_crowded(
        block.kept("sorted", lambda cells: sorted(cells.floats)), value
    ):
        raise DoubtError("MATCH beside a number that differs in its last digits")
    if kind is str and ("*" in value or "?" in value or "~" in value):
        pattern = pattern_of(value)
        assert pattern is not None
        hits = (n for key, n in places.items() if key.__class__ is str and pattern.match(key))
        position = min(hits, default=None)
    else:
        position = places.get(key_of(value))
    return CellError.NA if position is None else float(position)


def _numbers_in_order(block: CellBlock) -> tuple[list[float], list[int]]:
    pairs = [(v, n) for n, v in enumerate(block.flat, 1) if v.__class__ is float]
    values = [value for value, _ in pairs]
    if values != sorted(values):
        raise DoubtError("MATCH in values that are not in order")
    return values, [position for _, position in pairs]


def match_ascending(value: Any, block: CellBlock) -> Any:
    """Return MATCH for the last number that is not greater."""
    if value.__class__ is CellError:
        return value
    if value.__class__ is not float or (block.rows > 1 and block.columns > 1):
        raise DoubtError("MATCH in the order of texts")
    values, places = block.kept("ascending", _numbers_in_order)
    count_not_greater = bisect_right(values, value)
    return float(places[count_not_greater - 1]) if count_not_greater else CellError.NA


#: For arguments that are left out.
_ABSENT: Any = object()


def index(block: CellBlock, row: Any, column: Any = _ABSENT) -> Any:
    """Return one value of a block."""
    if column is _ABSENT:
        if block.columns == 1 and row.__class__ is float and 1.0 <= row < block.rows + 1:
            return block.cell(int(row) - 1, 0)
    elif (
        row.__class__ is column.__class__ is float
        and 1.0 <= row < block.rows + 1
        and 1.0 <= column < block.columns + 1
    ):
        return block.cell(int(row) - 1, int(column) - 1)
    down = whole(row)
    if down.__class__ is CellError:
        return down
    across = 1 if column is _ABSENT else whole(column)
    if across.__class__ is CellError:
        return across
    if column is _ABSENT and block.rows == 1 and block.columns > 1:
        down, across = 1, down
    if down == 0 or across == 0:
        if (down or block.rows == 1) and (across or block.columns == 1):
            return block.cell((down or 1) - 1, (across or 1) - 1)
        raise DoubtError("INDEX gives several cells")
    if not (1 <= down <= block.rows and 1 <= across <= block.columns):
        return CellError.REF
    return block.cell(down - 1, across - 1)


def index_line(block: CellBlock, row: Any, column: Any) -> Any:
    """Return a row, a column or all of a block, of which one number at least is 0."""
    down, across = whole(row), whole(column)
    if down.__class__ is CellError:
        return down
    if across.__class__ is CellError:
        return across
    if not isinstance(block, CellArea):
        raise DoubtError("INDEX of an array")
    if not (0 <= down <= block.rows and 0 <= across <= block.columns):
        return CellError.REF
    rows, top = (1, down - 1) if down else (block.rows, 0)
    columns, left = (1, across - 1) if across else (block.columns, 0)
    return block.part(top, left, rows, columns)
