"""Read options and weights out of cells: the checks that the cores trust."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from xlcity.errors import CellError, CellValue, FunctionError
from xlcity.functions.block import Matrix
from xlcity.functions.declare import Accepts, Argument
from xlcity.functions.spellings import DIRECTIONS, is_missing_code

Rows = Sequence[Sequence[CellValue]]


def is_blank(cell: CellValue) -> bool:
    """Tell whether a cell is blank; an empty text is."""
    return cell is None or cell == ""


def read_option(argument: Argument, rows: Rows | None, columns: int) -> Any:
    """Return the value of an option as its core takes it.

    Parameters
    ----------
    argument
        The option.
    rows
        Its cells: one value, or a row with one per column of the values; None = omitted.
    columns
        Columns of the values.

    Raises
    ------
    FunctionError
        #VALUE! for a wrong shape, a word that is none of the choices, or anything but a number
        where one is needed; #NUM! for a number outside the limits.
    """
    cells: Sequence[CellValue] = rows[0] if rows else (None,)
    if rows and len(rows) != 1:
        raise FunctionError(f"{argument.name} has {len(rows)} rows: give one value or one row")
    if len(cells) != 1 and (not argument.per_column or len(cells) != columns):
        allowed = f"1 or {columns}" if argument.per_column else "1"
        raise FunctionError(f"{argument.name} has {len(cells)} values: give {allowed}")
    read = [argument.default if is_blank(cell) else _read(argument, cell) for cell in cells]
    if argument.accepts is Accepts.CHOICE:
        return read[0] if len(read) == 1 else tuple(read)
    numbers = [math.nan if value is None else value for value in read]
    return numbers[0] if len(numbers) == 1 else np.array(numbers, dtype=np.float64)


def read_weights(argument: Argument, rows: Rows, columns: int) -> Matrix:
    """Return weights, given as a row or as a column with one per column of the values.

    Raises
    ------
    FunctionError
        #VALUE! for a wrong number of weights or text; #N/A for a blank or a missing code; #NUM!
        for a negative weight; #DIV/0! if they sum to 0.
    """
    if len(_line(argument, rows)) != columns:
        raise FunctionError(f"{len(_line(argument, rows))} weights for {columns} columns")
    weights = read_numbers(argument, rows)
    if weights.min() < 0:
        raise FunctionError(f"negative weight {weights.min()}", CellError.NUM)
    if weights.sum() == 0:
        raise FunctionError("the weights sum to 0", CellError.DIV0)
    return weights


def read_numbers(argument: Argument, rows: Rows) -> Matrix:
    """Return numbers, given as a row or as a column.

    Raises
    ------
    FunctionError
        #VALUE! for text; #N/A for a blank or a missing code.
    """
    numbers: list[float] = []
    for cell in _line(argument, rows):
        if is_blank(cell) or (isinstance(cell, str) and is_missing_code(cell)):
            raise FunctionError(f"{argument.name} has a gap", CellError.NA)
        numbers.append(_number(argument, cell))
    return np.array(numbers, dtype=np.float64)


def read_labels(argument: Argument, rows: Rows, columns: int) -> tuple[str, ...]:
    """Return texts, given as a row or as a column with one per column of the values.

    Raises
    ------
    FunctionError
        #VALUE! for a wrong number of texts.
    """
    cells = _line(argument, rows)
    if len(cells) != columns:
        raise FunctionError(f"{len(cells)} labels for {columns} columns")
    return tuple(map(as_label, cells))


def read_cells(argument: Argument, rows: Rows) -> tuple[CellValue, ...]:
    """Return a column (or a row) of cells as they are.

    Raises
    ------
    FunctionError
        #VALUE! for a block.
    """
    return tuple(_line(argument, rows))


def read_table(argument: Argument, rows: Rows) -> tuple[tuple[CellValue, ...], ...]:
    """Return a block of cells as they are.

    Raises
    ------
    FunctionError
        #VALUE! if there is no cell or rows differ in length.
    """
    if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        raise FunctionError(f"{argument.name} is not a block of cells")
    return tuple(tuple(row) for row in rows)


def as_label(cell: CellValue) -> str:
    """Return a cell as a label: without outer spaces, a whole number without its point."""
    if is_blank(cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip(" ")


def _line(argument: Argument, rows: Rows) -> list[CellValue]:
    """Return the cells of one row or one column."""
    if not rows or (len(rows) != 1 and set(map(len, rows)) != {1}):
        raise FunctionError(f"{argument.name} is a block: give one row or one column")
    return list(chain.from_iterable(rows))


def _read(argument: Argument, cell: CellValue) -> float | str:
    if argument.accepts is Accepts.CHOICE:
        word = cell.strip(" ").casefold() if isinstance(cell, str) else cell
        if word not in argument.choices:
            raise FunctionError(f"{argument.name} is {cell!r}: give {', '.join(argument.choices)}")
        return str(word)
    if argument.accepts is Accepts.DIRECTION:
        if isinstance(cell, str) and cell.strip(" ").casefold() in DIRECTIONS:
            return DIRECTIONS[cell.strip(" ").casefold()]
        if (number := _number(argument, cell)) not in (1.0, -1.0):
            raise FunctionError(f"{argument.name} is {number}: give 1 or -1", CellError.NUM)
        return number
    number = _number(argument, cell)
    too_low = argument.minimum is not None and (
        number < argument.minimum or (argument.open_minimum and number == argument.minimum)
    )
    too_high = argument.maximum is not None and number > argument.maximum
    if too_low or too_high:
        raise FunctionError(f"{argument.name} is {number}: out of range", CellError.NUM)
    if argument.accepts is Accepts.INTEGER and number != int(number):
        raise FunctionError(f"{argument.name} is {number}: give an integer", CellError.NUM)
    return number


def _number(argument: Argument, cell: CellValue) -> float:
    if isinstance(cell, bool) or not isinstance(cell, (int, float)):
        raise FunctionError(f"{argument.name} is {cell!r}: give a number")
    return float(cell)
