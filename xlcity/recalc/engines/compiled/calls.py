"""What compiled formulas call by name."""

from __future__ import annotations

import math
from itertools import chain

from xlcity.errors import CellError, CellValue
from xlcity.hosts.cells import ALREADY_READ, CellRows, call_filled
from xlcity.messages import Message
from xlcity.recalc.engines.compiled import lookup
from xlcity.recalc.engines.compiled.aggregates import AGGREGATES, FIRST_BLOCK, rank
from xlcity.recalc.engines.compiled.blocks import (
    CellBlock,
    Operand,
    apply_binary,
    apply_unary,
    broadcast_values,
    map_places,
)
from xlcity.recalc.engines.compiled.scalars import SCALARS
from xlcity.recalc.engines.compiled.values import (
    BINARY,
    DoubtError,
    final_add,
    final_subtract,
    join,
    negative,
    percent,
    to_logical,
    to_whole_number,
)


def if_array(condition: Operand, yes: Operand, no: Operand) -> Operand:
    """Return IF of operands, each a single value or a block of values: place by place.

    With a single condition it is the whole of `yes` or `no`.
    """
    if not isinstance(condition, CellBlock):
        logical = to_logical(condition)
        if isinstance(logical, CellError):
            return logical
        return yes if logical else no
    return map_places(_choose_by_condition, condition, yes, no)


def _choose_by_condition(
    condition: CellValue, yes: CellValue, no: CellValue
) -> CellValue:
    """Return IF of single values, with 0 for a blank; an error that the condition has or gives."""
    logical = condition if condition.__class__ is bool else to_logical(condition)
    if logical.__class__ is CellError:
        return logical
    chosen = yes if logical else no
    return 0.0 if chosen is None else chosen


def _replace_error(value: CellValue, other: CellValue) -> CellValue:
    """Return IFERROR of single values: `other` for an error; 0 for a blank."""
    chosen = other if value.__class__ is CellError else value
    return 0.0 if chosen is None else chosen


def iferror_array(value: Operand, other: Operand) -> Operand:
    """Return IFERROR of operands, each a single value or a block of values: place by place."""
    if isinstance(value, CellBlock) and value.error is None:
        return value
    if isinstance(value, CellBlock) and other.__class__ is float:
        filled = list(value.flat)
        for index, cell in enumerate(filled):
            if cell.__class__ is CellError:
                filled[index] = other
            elif cell is None:
                filled[index] = 0.0
        return CellBlock(value.rows, value.columns, filled)
    return map_places(_replace_error, value, other)


def top_left_value(value: Operand) -> CellValue:
    """Return what a single cell shows of a result: the first value of a block."""
    return value.value_at(0, 0) if isinstance(value, CellBlock) else value


def fill_array_range(  # noqa: PLR0917 -- generated code calls it by position
    values: list[CellValue],
    start: int,
    rows: int,
    columns: int,
    step: int,
    computed: Operand,
) -> None:
    """Write the result of an array formula into its range.

    A value, a row or a column is repeated; cells beyond another result are #N/A.

    Parameters
    ----------
    values
        The values of all cells; changed.
    start, step
        The index of the first cell of the range, and from there to its next column.
    rows, columns
        The size of the range.
    computed
        The result.
    """
    cells = broadcast_values(computed, rows, columns)
    index = 0
    for row in range(start, start + rows):
        for target in range(row, row + columns * step, step):
            value = cells[index]
            values[target] = 0.0 if value is None else value
            index += 1


def call_library(name: str, *args: Operand) -> CellBlock:
    """Return what a published function such as ``ZSCORE`` gives, blanks as ""."""
    rows = call_filled(name, list(map(_library_argument, args)), ALREADY_READ)
    values = chain.from_iterable(rows)
    flat: list[CellValue] = ["" if value is None else value for value in values]
    return CellBlock(len(rows), len(rows[0]), flat)


def _library_argument(arg: Operand) -> object:
    """Return a block or a single value as a list of rows, as the library takes its arguments."""
    return arg.cached("rows", _block_rows) if isinstance(arg, CellBlock) else [[arg]]


def _block_rows(block: CellBlock) -> CellRows:
    """Return a block as a list of rows; `DoubtError` for numbers that are not finite."""
    if not all(map(math.isfinite, block.floats)):
        raise DoubtError(Message("doubt.beyond_limits"))
    flat = block.flat
    width = block.columns
    return [flat[start : start + width] for start in range(0, len(flat), width)]


def block_of_one(value: CellValue) -> CellBlock:
    """Return a block of one cell with this value, for a function that takes a range."""
    return CellBlock(1, 1, [value])


def name_in_code(name: str) -> str:
    """Return how generated code spells an Excel function: STDEV.P becomes f_STDEV_P."""
    return "f_" + name.replace(".", "_")


#: Names in the code of formulas; F, S, B, E are classes of numbers, texts, logicals and errors.
NAMES_IN_CODE: dict[str, object] = {
    "F": float,
    "S": str,
    "B": bool,
    "E": CellError,
    "True": True,
    "False": False,
    "__builtins__": {},
} | {
    function.__name__: function
    for function in (
        float,
        abs,
        to_logical,
        to_whole_number,
        negative,
        percent,
        apply_binary,
        apply_unary,
        map_places,
        if_array,
        iferror_array,
        top_left_value,
        fill_array_range,
        block_of_one,
        call_library,
        rank,
        lookup.match,
        lookup.index,
        lookup.count_equal,
        lookup.countifs,
        lookup.join_criterion,
        lookup.sumif,
        lookup.sumifs,
        lookup.averageif,
        lookup.averageifs,
    )
}
NAMES_IN_CODE.update(
    countif=lookup.countifs,
    join=join,
    final_add=final_add,
    final_subtract=final_subtract,
)
NAMES_IN_CODE.update(
    (name_in_code(name), function) for name, function in AGGREGATES.items()
)
NAMES_IN_CODE.update(
    (name_in_code(name), function) for name, function in FIRST_BLOCK.items()
)
NAMES_IN_CODE.update(
    (name_in_code(name), function.compute) for name, function in SCALARS.items()
)
#: Operator -> the name of what computes it.
OPERATORS = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "^": "power",
    "=": "equal",
    "<>": "unequal",
    "<": "less",
    ">": "greater",
    "<=": "at_most",
    ">=": "at_least",
}
NAMES_IN_CODE.update((name, BINARY[operator]) for operator, name in OPERATORS.items())
