"""The checked entry of the library: cells in, a block of results out, or the error of the call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xlcity.errors import CellError, CellValue, FunctionError
from xlcity.functions.arguments import (
    Rows,
    is_blank,
    is_rectangle,
    read_cells,
    read_labels,
    read_numbers,
    read_option,
    read_table,
    read_weights,
)
from xlcity.functions.block import (
    CellArray,
    CellState,
    Matrix,
    States,
    all_finite,
    as_matrix,
    is_missing_code,
)
from xlcity.functions.declare import Argument, Function, Kind

#: An argument: rows of cells, or an array of numbers.
Given = Rows | NDArray[np.float64]


def read_values(rows: Rows) -> tuple[Matrix, States]:
    """Return the numbers of a block of cells, NaN where there is none, and the state of each cell.

    Raises
    ------
    FunctionError
        If the rows differ in length or there is no cell.
    """
    if not is_rectangle(rows):
        raise FunctionError("a block of values has rows of equal length")
    cells = list(chain.from_iterable(rows))
    number = CellState.NUMBER
    # Most cells are numbers. NaN differs from itself, so that finding it needs no call.
    kinds = [
        number if type(cell) is float and cell == cell else state_of(cell)
        for cell in cells
    ]
    shape = (len(rows), len(rows[0]))
    states = np.array(kinds, dtype=np.uint8).reshape(shape)
    numbers = np.full(shape, np.nan)
    numbers[states == number] = [
        cell for cell, kind in zip(cells, kinds, strict=True) if kind is number
    ]
    return numbers, states


def state_of(cell: CellValue) -> CellState:
    """Return whether a cell is blank, a missing code (or #N/A), a number, or else text."""
    if is_blank(cell):
        return CellState.BLANK
    if isinstance(cell, str):
        return CellState.MISSING if is_missing_code(cell) else CellState.TEXT
    if cell is CellError.NA:
        # People mark gaps with NA(), so that charts leave them out.
        return CellState.MISSING
    return CellState.TEXT if isinstance(cell, (bool, CellError)) else CellState.NUMBER


def read_array(values: NDArray[np.float64]) -> tuple[Matrix, States]:
    """Return an array as `read_values` returns cells: NaN is a blank.

    Raises
    ------
    FunctionError
        #NUM! for an infinite number, as a cell would show it; #VALUE! for no block.
    """
    if values.ndim > 2 or values.size == 0:
        raise FunctionError("values are a block of at least one cell")
    numbers = as_matrix(values)
    states = np.zeros(numbers.shape, dtype=np.uint8)
    if not all_finite(numbers):
        if np.isinf(numbers).any():
            raise FunctionError("values hold an infinite number", CellError.NUM)
        states[np.isnan(numbers)] = CellState.BLANK
    return numbers, states


def _as_rows(argument: Argument, given: Given) -> Rows:
    """Return what was given for an argument as rows of cells.

    It is not for blocks of numbers. NaN in an array is a blank. A plain vector is one column where
    the argument is a column of cells, else one row.
    """
    if not isinstance(given, np.ndarray):
        return given
    is_upright = argument.kind is Kind.CELLS and given.ndim == 1
    shaped = np.atleast_2d(given).T if is_upright else np.atleast_2d(given)
    return list(map(_blank_for_nan, shaped.tolist()))


def _blank_for_nan(numbers: list[float]) -> list[CellValue]:
    """Return numbers as cells: a blank for NaN, which differs from itself."""
    return [None if number != number else number for number in numbers]


def _read_block(given: Given) -> tuple[Matrix, States]:
    """Return the numbers of a block, NaN where a cell holds none, and the state of each cell.

    `given` is an array of numbers, or rows of cells.
    """
    return read_array(given) if isinstance(given, np.ndarray) else read_values(given)


@np.errstate(all="ignore")  # what overflows is #NUM! in its cell; no warning is printed
def evaluate(function: Function, arguments: Sequence[Given | None]) -> CellArray:
    """Compute a function on cells, or on arrays.

    Parameters
    ----------
    function
        The entry of the registry.
    arguments
        A block of cells per argument, in order; None = omitted, as are those at the end. An array
        of floats stands for a block of cells in which NaN is a blank.

    Returns
    -------
    Block
        (n, k) or (n, 1) results.

    Raises
    ------
    FunctionError
        The error of the whole call: an error among the arguments (the first, by argument and
        row), a bad option, or a bad shape. Its `value` is what a cell shows. #N/A among numbers is
        none: it is a missing code.

    Notes
    -----
    A function that looks along columns (`Function.series`) takes a single row of several cells as
    one column that lies down, and gives a row, unless an option or the groups come with one cell
    per column or for one row.
    """
    declared = function.arguments
    if len(arguments) > len(declared):
        raise FunctionError(f"{function.name} takes {len(declared)} arguments at most")
    names = [argument.name for argument in declared]
    given = dict(zip(names, arguments, strict=False))
    _check_given(function, given)
    first = _read_first(function, given)
    options: dict[str, Any] = {}
    if first.states is not None:
        options["states"] = first.states
    for argument in declared[1:]:
        value = given.get(argument.name)
        options |= _read_argument(argument, value, first.height, first.columns)
    if function.check:
        error = function.check({declared[0].keyword: first.values, **options})
        if error:
            raise FunctionError(
                f"{function.name}: these options exclude each other", error
            )
    result = function.core(first.values, **options)
    assert isinstance(result, CellArray)
    if first.is_turned:
        return CellArray(result.values.T, result.errors.T)
    return result


def _check_given(function: Function, given: Mapping[str, Given | None]) -> None:
    """Raise the first error among the cells given by name, or #VALUE! where an argument lacks."""
    declared = function.arguments
    for argument in declared:
        value = given.get(argument.name)
        _refuse_errors(argument, value, is_first=argument is declared[0])
    for argument in declared:
        if not argument.optional and given.get(argument.name) is None:
            raise FunctionError(f"{function.name} needs {argument.name}")


class _First(NamedTuple):
    """The first argument of a call, as the core takes it."""

    values: Any
    #: What each cell holds; None for a column of cells of any kind.
    states: States | None
    height: int
    columns: int
    #: Whether one column was given lying in a row: the result is laid down again.
    is_turned: bool = False


def _read_first(function: Function, given: Mapping[str, Given | None]) -> _First:
    """Return the first argument of a call as the core takes it.

    Parameters
    ----------
    given
        What was given for each argument, by name.
    """
    declared = function.arguments
    argument = declared[0]
    given_first = given[argument.name]
    assert given_first is not None, "the first argument is never optional"
    if argument.kind is Kind.CELLS:
        cells = read_cells(argument, _as_rows(argument, given_first))
        return _First(cells, None, height=len(cells), columns=1)
    values, states = _read_block(given_first)
    is_turned = function.series and _is_series_in_row(values, declared, given)
    if is_turned:
        values = values.T
        states = states.T
    height, columns = values.shape
    return _First(values, states, height, columns=columns, is_turned=is_turned)


def _refuse_errors(argument: Argument, given: Given | None, *, is_first: bool) -> None:
    """Raise the first error among the cells given for an argument, as a sheet would show it.

    #N/A in a block of numbers is a gap, and not raised; arrays hold no errors.

    Parameters
    ----------
    is_first
        Whether it is the function's first argument, the values.
    """
    if given is None or isinstance(given, np.ndarray):
        return
    allows_missing = argument.kind is Kind.BLOCK or (
        is_first and argument.kind is not Kind.CELLS
    )
    if CellError not in set(map(type, chain.from_iterable(given))):
        return
    for cell in chain.from_iterable(given):
        if isinstance(cell, CellError) and not (
            allows_missing and cell is CellError.NA
        ):
            raise FunctionError(f"an argument holds {cell}", cell)


def _is_series_in_row(
    first_values: Matrix,
    declared: Sequence[Argument],
    given: Mapping[str, Given | None],
) -> bool:
    """Tell whether values in one row are one column laid flat, not a row of several columns.

    They are where every option is a single value, and groups, if given, are one for each cell.

    Parameters
    ----------
    first_values
        The first argument, the values.
    declared, given
        All arguments, and what was passed for each by name.
    """
    if first_values.shape[0] != 1 or first_values.shape[1] == 1:
        return False
    for argument in declared[1:]:
        option = given.get(argument.name)
        if argument.kind is Kind.NUMBERS or option is None:
            continue
        if _is_omitted(argument, option):
            continue
        rows = _as_rows(argument, option)
        cell_count = len(rows) * len(rows[0])
        if cell_count != (first_values.shape[1] if argument.kind is Kind.CELLS else 1):
            return False
    return True


def _read_argument(
    argument: Argument, given: Given | None, height: int, columns: int
) -> dict[str, Any]:
    """Return what was given for an argument as the core takes it: keyword -> value.

    A block of numbers comes with the states of its cells, under a second keyword.

    Parameters
    ----------
    given
        Rows of cells, an array of numbers, or None = omitted.
    height, columns
        Shape of the function's first argument, the values.

    Raises
    ------
    FunctionError
        #VALUE! for a wrong shape, and what the reader of its kind raises.
    """
    keyword = argument.keyword
    if argument.kind is Kind.OPTION:
        option_rows = None if given is None else _as_rows(argument, given)
        return {keyword: read_option(argument, option_rows, columns)}
    if given is None or _is_omitted(argument, given):
        return {keyword: None}
    if argument.kind is Kind.BLOCK:
        return _read_further_block(argument, given, height, columns)
    rows = _as_rows(argument, given)
    match argument.kind:
        case Kind.WEIGHTS:
            return {keyword: read_weights(argument, rows, columns)}
        case Kind.LABELS:
            return {keyword: read_labels(argument, rows, columns)}
        case Kind.NUMBERS:
            return {keyword: read_numbers(argument, rows)}
        case Kind.TABLE:
            return {keyword: read_table(argument, rows)}
    return {keyword: read_cells(argument, rows)}


def _read_further_block(
    argument: Argument, given: Given, height: int, columns: int
) -> dict[str, Any]:
    """Return a further block of numbers and the states of its cells, by keyword.

    It has the rows of the values, and their columns or a single one: else #VALUE! is raised.
    """
    values, states = _read_block(given)
    if values.shape[0] != height or values.shape[1] not in (1, columns):
        shape = f"{values.shape[0]} x {values.shape[1]}"
        raise FunctionError(
            f"{argument.name} is {shape} beside values of {height} rows"
        )
    return {argument.keyword: values, f"{argument.keyword}_states": states}


def _is_omitted(argument: Argument, given: Given) -> bool:
    """Tell whether nothing but blanks was given for an optional argument: then it is left out."""
    if not argument.optional:
        return False
    if isinstance(given, np.ndarray):
        return bool(np.isnan(given).all())
    return all(map(is_blank, chain.from_iterable(given)))
