"""What compiled formulas call by name."""

from __future__ import annotations

import math
from typing import Any

from xlcity.errors import CellError, CellValue
from xlcity.hosts.cells import READ, CellRows, call_filled
from xlcity.recalc.engines.compiled import criteria, lookup
from xlcity.recalc.engines.compiled.aggregates import AGGREGATES, FIRST_BLOCK, place_among, rank
from xlcity.recalc.engines.compiled.arrays import binary, lift, unary
from xlcity.recalc.engines.compiled.blocks import CellBlock, size_of, spread
from xlcity.recalc.engines.compiled.scalars import SCALARS
from xlcity.recalc.engines.compiled.values import (
    BINARY,
    DoubtError,
    join,
    last_add,
    last_subtract,
    negative,
    percent,
    truth,
    whole,
)


def if_array(condition: Any, yes: Any, no: Any) -> Any:
    """Return IF for every place of an array of conditions."""
    if not isinstance(condition, CellBlock):
        holds = truth(condition)
        return holds if holds.__class__ is CellError else yes if holds else no
    rows, columns = condition.rows, condition.columns
    if condition.kinds != {bool} or size_of(condition, yes, no) != (rows, columns):
        return lift(_if, condition, yes, no)
    pairs = zip(condition.flat, spread(yes, rows, columns), spread(no, rows, columns), strict=True)
    return _filled(CellBlock(rows, columns, [x if holds else y for holds, x, y in pairs]))


def _filled(block: CellBlock) -> CellBlock:
    """Return a block with 0 for blanks."""
    if type(None) not in block.kinds:
        return block
    return CellBlock(block.rows, block.columns, [0.0 if v is None else v for v in block.flat])


def _if(condition: CellValue, yes: CellValue, no: CellValue) -> CellValue:
    holds = condition if condition.__class__ is bool else truth(condition)
    if holds.__class__ is CellError:
        return holds
    chosen = yes if holds else no
    return 0.0 if chosen is None else chosen


def _iferror(value: CellValue, other: CellValue) -> CellValue:
    chosen = other if value.__class__ is CellError else value
    return 0.0 if chosen is None else chosen


def iferror_array(value: Any, other: Any) -> Any:
    """Return IFERROR for every place of an array."""
    if isinstance(value, CellBlock) and value.error is None:
        return value
    if isinstance(value, CellBlock) and not isinstance(other, CellBlock):
        mended_values = [other if v.__class__ is CellError else v for v in value.flat]
        return _filled(CellBlock(value.rows, value.columns, mended_values))
    return lift(_iferror, value, other)


def first(value: Any) -> CellValue:
    """Return what a single cell shows of a result."""
    return value.cell(0, 0) if isinstance(value, CellBlock) else value


def spill(
    values: list[CellValue], start: int, rows: int, columns: int, step: int, result: Any
) -> None:
    """Fill the range of an array formula: a line is repeated, what is left over is #N/A."""
    cells = spread(_cut(result, rows, columns), rows, columns)
    index = 0
    for row in range(start, start + rows):
        for target in range(row, row + columns * step, step):
            value = cells[index]
            values[target] = 0.0 if value is None else value
            index += 1


def _cut(block: Any, rows: int, columns: int) -> Any:
    """Return a result without the rows and columns for which there is no room."""
    if not isinstance(block, CellBlock) or (block.rows <= rows and block.columns <= columns):
        return block
    part = [
        block.flat[i * block.columns + j]
        for i in range(min(rows, block.rows))
        for j in range(min(columns, block.columns))
    ]
    return CellBlock(min(rows, block.rows), min(columns, block.columns), part)


def library(name: str, *args: Any) -> CellBlock:
    """Return what a function of the library gives."""
    rows = call_filled(name, list(map(_rows, args)), READ)
    flat: list[CellValue] = ["" if value is None else value for row in rows for value in row]
    return CellBlock(len(rows), len(rows[0]), flat)


def _rows(arg: Any) -> object:
    return arg.kept("rows", _split) if isinstance(arg, CellBlock) else [[arg]]


def _split(block: CellBlock) -> CellRows:
    if not all(map(math.isfinite, block.floats)):
        raise DoubtError("numbers beyond the limits")
    flat, width = block.flat, block.columns
    if width == 1:
        return [[value] for value in flat]
    return [flat[start : start + width] for start in range(0, len(flat), width)]


def one_cell(value: CellValue) -> CellBlock:
    """Return a block of one cell, for a function that takes a range."""
    return CellBlock(1, 1, [value])


def function_name(name: str) -> str:
    """Return how the code of formulas spells a function."""
    return "f_" + name.replace(".", "_")


#: Names in the code of formulas.
NAMES: dict[str, object] = {
    "F": float, "S": str, "E": CellError, "truth": truth, "join": join, "negative": negative,
    "percent": percent, "binary": binary, "unary": unary, "lift": lift, "whole_number": whole,
    "if_array": if_array, "iferror_array": iferror_array, "first": first, "spill": spill,
    "library": library, "rank": rank, "match": lookup.match, "float": float, "abs": abs, "len": len,
    "match_ascending": lookup.match_ascending, "index": lookup.index, "max": max, "min": min,
    "index_line": lookup.index_line, "countif": criteria.countif, "countifs": criteria.countifs,
    "sign": criteria.sign, "sumif": criteria.sumif, "sumifs": criteria.sumifs, "True": True,
    "averageif": criteria.averageif, "averageifs": criteria.averageifs, "False": False,
    "place_among": place_among, "one_cell": one_cell,
    "last_add": last_add, "last_subtract": last_subtract,
    "__builtins__": {},
}  # fmt: skip
NAMES.update((function_name(name), entry[0]) for name, entry in SCALARS.items())
NAMES.update((function_name(name), entry) for name, entry in AGGREGATES.items())
NAMES.update((function_name(name), entry[0]) for name, entry in FIRST_BLOCK.items())
#: Operator -> the name of what computes it.
OPERATORS = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "^": "power", "=": "equal",
    "<>": "unequal", "<": "less", ">": "greater", "<=": "at_most", ">=": "at_least",
}  # fmt: skip
NAMES.update((name, BINARY[operator]) for operator, name in OPERATORS.items())
