"""MATCH, INDEX and CHOOSE."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from xlcity.errors import CellError
from xlcity.recalc.engines.compiled.blocks import CellArea, CellBlock
from xlcity.recalc.engines.compiled.scalars import pattern_of
from xlcity.recalc.engines.compiled.values import (
    DoubtError,
    Value,
    has_near_number,
    key_of,
    to_whole_number,
)


def _first_places(block: CellBlock) -> dict[object, int]:
    """Return the first place of each value, from 1, by its key: see `key_of`."""
    first_places: dict[object, int] = {}
    for position, key in enumerate(block.keys, 1):
        first_places.setdefault(key, position)
    return first_places


def match(value: Value, block: CellBlock) -> Value:
    """Return MATCH with 0: the place, from 1, of an equal value in a row or column, or #N/A."""
    kind = value.__class__
    if kind is CellError:
        return value
    if value is None:
        value, kind = 0.0, float  # searched as 0
    if block.rows > 1 and block.columns > 1:
        return CellError.NA
    places = block.cached("places", _first_places)
    if kind is float and has_near_number(block.ascending, value):
        raise DoubtError("MATCH beside a number that differs in its last digits")
    if kind is str and ("*" in value or "?" in value or "~" in value):
        pattern = pattern_of(value)
        assert pattern is not None
        hits = (n for key, n in places.items() if key.__class__ is str and pattern.match(key))
        position = min(hits, default=None)
    else:
        position = places.get(key_of(value))
    return CellError.NA if position is None else float(position)


def _ascending_numbers(block: CellBlock) -> tuple[list[float], list[int]]:
    """Return the numbers of a block and their places, from 1; refuse an order that falls."""
    pairs = [(v, n) for n, v in enumerate(block.flat, 1) if v.__class__ is float]
    values = [value for value, _ in pairs]
    if values != sorted(values):
        raise DoubtError("MATCH in values that are not in order")
    return values, [position for _, position in pairs]


def match_ascending(value: Value, block: CellBlock) -> Value:
    """Return MATCH with 1: the place, from 1, of the last number that is not greater, or #N/A."""
    if value.__class__ is CellError:
        return value
    if value.__class__ is not float or (block.rows > 1 and block.columns > 1):
        raise DoubtError("MATCH in the order of texts")
    values, places = block.cached("numbers and places", _ascending_numbers)
    count_not_greater = bisect_right(values, value)
    return float(places[count_not_greater - 1]) if count_not_greater else CellError.NA


#: For arguments that are left out.
_ABSENT: Any = object()


def index(block: CellBlock, row: Value, column: Value = _ABSENT) -> Value:
    """Return INDEX for one cell, rows and columns counted from 1; #REF! outside of the block."""
    if column is _ABSENT:
        if block.columns == 1 and row.__class__ is float and 1.0 <= row < block.rows + 1:
            return block.value_at(int(row) - 1, 0)
    elif (
        row.__class__ is column.__class__ is float
        and 1.0 <= row < block.rows + 1
        and 1.0 <= column < block.columns + 1
    ):
        return block.value_at(int(row) - 1, int(column) - 1)
    down = to_whole_number(row)
    if isinstance(down, CellError):
        return down
    across = 1 if column is _ABSENT else to_whole_number(column)
    if isinstance(across, CellError):
        return across
    if column is _ABSENT and block.rows == 1 and block.columns > 1:
        down, across = 1, down
    if down == 0 or across == 0:
        if (down or block.rows == 1) and (across or block.columns == 1):
            return block.value_at((down or 1) - 1, (across or 1) - 1)
        raise DoubtError("INDEX gives several cells")
    if not (1 <= down <= block.rows and 1 <= across <= block.columns):
        return CellError.REF
    return block.value_at(down - 1, across - 1)


def index_line(block: CellBlock, row: Value, column: Value) -> CellArea | CellError:
    """Return INDEX where `row` or `column` is 0, for all of them: a line, or the block."""
    down, across = to_whole_number(row), to_whole_number(column)
    if isinstance(down, CellError):
        return down
    if isinstance(across, CellError):
        return across
    if not isinstance(block, CellArea):
        raise DoubtError("INDEX of an array")
    if not (0 <= down <= block.rows and 0 <= across <= block.columns):
        return CellError.REF
    rows, top = (1, down - 1) if down else (block.rows, 0)
    columns, left = (1, across - 1) if across else (block.columns, 0)
    return block.subarea(top, left, rows, columns)
