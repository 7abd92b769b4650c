"""The checked entry of the library: cells in, a block of results out, or the error of the call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xlcity.errors import CellError, CellValue, FunctionError
from xlcity.functions.block import Block, Matrix, State, States
from xlcity.functions.declare import Argument, Function, Kind
from xlcity.functions.missing import is_missing_code
from xlcity.functions.options import (
    Rows,
    is_blank,
    read_cells,
    read_labels,
    read_numbers,
    read_option,
    read_weights,
)


def read_values(rows: Rows) -> tuple[Matrix, States]:
    """Return the numbers of a block of cells, NaN where there is none, and the state of each cell.

    Raises
    ------
    FunctionError
        If the rows differ in length or there is no cell.
    """
    if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        raise FunctionError("a block of values has rows of equal length")
    states = np.array([[state_of(cell) for cell in row] for row in rows], dtype=np.uint8)
    numbers = np.full(states.shape, np.nan)
    known = states == State.NUMBER
    numbers[known] = [cell for row in rows for cell in row if state_of(cell) is State.NUMBER]
    return numbers, states


def state_of(cell: CellValue) -> State:
    """Return what a cell holds, as far as a function is concerned."""
    if is_blank(cell):
        return State.BLANK
    if isinstance(cell, str):
        return State.MISSING if is_missing_code(cell) else State.TEXT
    return State.TEXT if isinstance(cell, (bool, CellError)) else State.NUMBER


def evaluate(function: Function, arguments: Sequence[Rows | None]) -> Block:
    """Compute a function on cells.

    Parameters
    ----------
    function
        The entry of the registry.
    arguments
        A block of cells per argument, in order; None = omitted, as are those at the end.

    Returns
    -------
    Block
        (n, k) or (n, 1) results.

    Raises
    ------
    FunctionError
        The error of the whole call: an error among the arguments (the first, by argument and
        row), a bad option, or a bad shape. Its `value` is what a cell shows.
    """
    declared = function.arguments
    if len(arguments) > len(declared):
        raise FunctionError(f"{function.name} takes {len(declared)} arguments at most")
    given = dict(zip((a.name for a in declared), arguments, strict=False))
    for rows in given.values():
        for cell in (cell for row in rows or () for cell in row):
            if isinstance(cell, CellError):
                raise FunctionError(f"an argument holds {cell}", cell)
    required = [a for a in declared if not a.optional]
    for argument in required:
        if given.get(argument.name) is None:
            raise FunctionError(f"{function.name} needs {argument.name}")
    first = declared[0]
    rows = given[first.name] or ()
    options: dict[str, Any] = {}
    lead: Any
    columns = len(rows[0]) if rows else 0
    if first.kind is Kind.CELLS:
        lead = read_cells(first, rows)
    else:
        lead, options["states"] = read_values(rows)
    for argument in declared[1:]:
        options |= _read(argument, given.get(argument.name), len(rows), columns)
    if function.check and (error := function.check({first.keyword: lead, **options})):
        raise FunctionError(f"{function.name}: these options exclude each other", error)
    return function.core(lead, **options)


def _read(argument: Argument, rows: Rows | None, height: int, columns: int) -> dict[str, Any]:
    """Return an argument as its core takes it, by keyword."""
    if argument.kind is Kind.OPTION:
        return {argument.keyword: read_option(argument, rows, columns)}
    if rows is None or (argument.optional and all(is_blank(cell) for row in rows for cell in row)):
        return {argument.keyword: None}
    if argument.kind is Kind.BLOCK:
        values, states = read_values(rows)
        if values.shape[0] != height or values.shape[1] not in (1, columns):
            shape = f"{values.shape[0]} x {values.shape[1]}"
            raise FunctionError(f"{argument.name} is {shape} beside values of {height} rows")
        return {argument.keyword: values, f"{argument.keyword}_states": states}
    if argument.kind is Kind.WEIGHTS:
        return {argument.keyword: read_weights(argument, rows, columns)}
    if argument.kind is Kind.LABELS:
        return {argument.keyword: read_labels(argument, rows, columns)}
    if argument.kind is Kind.NUMBERS:
        return {argument.keyword: read_numbers(argument, rows)}
    return {argument.keyword: read_cells(argument, rows)}
