"""The one reader of cell values from any host, and the call that never raises for them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import cast

import numpy as np

from xlcity.errors import CELL_ERRORS, CellError, CellValue, FunctionError
from xlcity.functions.declare import Function, Kind
from xlcity.functions.entry import evaluate
from xlcity.functions.registry import find_function

CellRows = list[list[CellValue]]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a host, a program or engine that calls functions, writes what Python has no value for.

    Parameters
    ----------
    error_texts
        Texts such as "#N/A" are errors. Elsewhere they are text, and "#N/A" a missing code.
    com_errors
        Integers such as -2146826246 are errors, as Excel hands them over through COM; numbers are
        floats there.
    already_read
        Arguments are rows of plain values, none of them a date or an infinite number.
    """

    error_texts: bool = False
    com_errors: bool = False
    already_read: bool = False


PLAIN = Dialect()
ALREADY_READ = Dialect(already_read=True)
#: JSON has no error values: the command line writes them as text.
JSON = Dialect(error_texts=True)
COM = Dialect(com_errors=True)

#: formualizer's names of errors, in small letters.
FORMUALIZER_ERRORS = {
    error.name.lower().removesuffix("0"): error for error in CellError
}
#: Excel's errors as COM hands them over.
COM_ERRORS = {
    -2146828288 + code: error
    for code, error in {
        2000: CellError.NULL,
        2007: CellError.DIV0,
        2015: CellError.VALUE,
        2023: CellError.REF,
        2029: CellError.NAME,
        2036: CellError.NUM,
        2042: CellError.NA,
    }.items()
}
#: The numbers of all errors of COM; those outside the table are newer ones.
_COM_ERROR_NUMBERS = range(-2146826288, -2146826188)
#: Kinds of arguments of which a plain vector is a column; of others it is a row.
_KINDS_WITH_COLUMNS = (Kind.VALUES, Kind.BLOCK, Kind.CELLS, Kind.TABLE)
#: Day 0 of serial dates (for all days after February 1900).
_DAY_ZERO = dt.datetime(1899, 12, 30)
_DAY = dt.timedelta(days=1)


def call(name: str, args: Sequence[object], dialect: Dialect = PLAIN) -> CellRows:
    """Call a function of the library as a cell does.

    Parameters
    ----------
    name
        Name of the function; case does not matter.
    args
        Arguments as the host hands them over: scalars, lists of rows, arrays, data frames. A plain
        vector is one column of values, or one row of weights or options; None is a blank cell.
    dialect
        How the host spells errors.

    Returns
    -------
    list of list
        Rows of numbers and errors. One cell with an error where the whole call fails: an error
        among the arguments, a bad option or shape, an unknown function. User values never raise.
    """
    if (function := find_function(name)) is None:
        return [[CellError.NAME]]
    try:
        result = evaluate(function, read_arguments(function, args, dialect))
    except FunctionError as error:
        return [[error.value]]
    return [list(row) for row in result.cells()]


def call_filled(
    name: str, args: Sequence[object], dialect: Dialect = PLAIN
) -> CellRows:
    """Call a function, as `call`, for a host whose array formulas do not repeat a single result.

    An error of the whole call fills the block that the result would have, as an array formula in
    Excel shows it; otherwise its other cells would stay blank and their dependents would not see
    the error.
    """
    rows = call(name, args, dialect)
    function = find_function(name)
    if function is None or not args or len(rows) != 1 or len(rows[0]) != 1:
        return rows
    if not isinstance(error := rows[0][0], CellError):
        return rows
    try:
        values = read_block(args[0], dialect)
    except FunctionError:
        return rows
    row_count, column_count = function.returns.shape(
        len(values), len(values[0]), _count_nodes(function, args, dialect)
    )
    return [[error] * column_count for _ in range(row_count)]


def _count_nodes(function: Function, args: Sequence[object], dialect: Dialect) -> int:
    """Return how many cells the argument ``nodes`` of a call has; 1 where it is not given.

    The result of a function with that argument has as many columns. `args` are the arguments as
    the host hands them over, `dialect` how it spells errors.
    """
    names = [argument.name for argument in function.arguments]
    if "nodes" not in names or len(args) <= names.index("nodes"):
        return 1
    try:
        nodes = read_block(args[names.index("nodes")], dialect)
    except FunctionError:
        return 1
    return len(nodes) * len(nodes[0])


def read_arguments(
    function: Function, args: Sequence[object], dialect: Dialect = PLAIN
) -> list[CellRows]:
    """Return the arguments that a host hands over, each as rows of cells.

    A plain vector is a column or a row, as the function's argument asks. `dialect` is how the host
    spells errors.

    Raises
    ------
    FunctionError
        If one is not a block of cells.
    """
    are_columns = [a.kind in _KINDS_WITH_COLUMNS for a in function.arguments]
    return [
        read_block(value, dialect, vector_is_column=is_column)
        for value, is_column in zip_longest(
            args, are_columns[: len(args)], fillvalue=False
        )
    ]


def read_block(
    value: object, dialect: Dialect = PLAIN, *, vector_is_column: bool = True
) -> CellRows:
    """Return an argument, in whatever form a host passed it, as rows of cells.

    Parameters
    ----------
    value
        A scalar, a vector, a list of rows, an array or a data frame.
    dialect
        How the host spells errors.
    vector_is_column
        Whether a plain vector is a column; otherwise it is a row.

    Raises
    ------
    FunctionError
        #VALUE! if there is no cell, rows differ in length, or there are more than two dimensions.
    """
    if dialect.already_read:
        return cast(CellRows, value)
    value = _convert_array(value)
    if not isinstance(value, (list, tuple)):
        return [[read_cell(value, dialect)]]
    rows = [_convert_array(row) for row in value]
    if any(isinstance(row, (list, tuple)) for row in rows):
        block = [_read_row(row, dialect) for row in rows]
    elif vector_is_column:
        block = [[read_cell(cell, dialect)] for cell in rows]
    else:
        block = [_read_row(rows, dialect)]
    widths = {len(row) for row in block}
    if len(widths) != 1 or widths == {0}:
        raise FunctionError("an argument is not a block of cells")
    return block


def _read_row(row: object, dialect: Dialect) -> list[CellValue]:
    """Return the cells of a row; what is no list is a row of one cell."""
    if not isinstance(row, (list, tuple)):
        return [read_cell(row, dialect)]
    is_finite = math.isfinite
    # A call for every cell of a matrix takes longer than the function that gets it.
    return [
        cell if type(cell) is float and is_finite(cell) else read_cell(cell, dialect)
        for cell in row
    ]


def read_cell(value: object, dialect: Dialect = PLAIN) -> CellValue:
    """Return one cell's value in plain terms: number, text, logical, error, or None for a blank.

    Blanks are also NaN and pandas' missing values; dates become serial numbers; all else is a text.
    `dialect` is how the host that the value comes from spells errors.

    Raises
    ------
    FunctionError
        #VALUE! for a list inside a cell.
    """
    if value is None:
        return None
    if type(value) is float and math.isfinite(value):
        return value
    if isinstance(value, np.generic):
        value = _to_python_values(value)
    # pandas' missing values; NaT is an instance of a date.
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    return _read_value(value, dialect)


def _read_value(value: object, dialect: Dialect) -> CellValue:
    """Return a value that is not missing, as `read_cell` does."""
    if isinstance(value, (bool, CellError)):
        return value
    if dialect.com_errors and isinstance(value, int) and value in _COM_ERROR_NUMBERS:
        return COM_ERRORS.get(value, CellError.VALUE)
    # A decimal is a cell in a currency format, where a host does not read its number itself.
    if isinstance(value, (float, int, Decimal)):
        return _finite_number(value)
    if isinstance(value, str):
        return _read_text(value, dialect)
    if isinstance(value, dict):
        return _read_formualizer_value(value, dialect)
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        return _to_serial_number(value)
    if isinstance(value, (list, tuple, np.ndarray)):
        raise FunctionError("a cell holds a list")
    return str(value)


def _convert_array(value: object) -> object:
    """Return an array, a series or a frame as lists of plain values, and all else as it is."""
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    return _to_python_values(value) if isinstance(value, np.ndarray) else value


def _to_python_values(value: np.ndarray | np.generic) -> object:
    """Return numpy's values as Python's, dates as `datetime` whatever their precision."""
    if value.dtype.kind in "mM":
        value = value.astype(f"{value.dtype.kind}8[us]")
    return value.tolist()


def _finite_number(value: float | Decimal) -> CellValue:
    """Return a number as a float: None for NaN, #NUM! for one that is infinite or too large."""
    try:
        number = float(value)
    except OverflowError:
        return CellError.NUM
    if math.isnan(number):
        return None
    return CellError.NUM if math.isinf(number) else number


def _read_text(value: str, dialect: Dialect) -> CellValue:
    """Return a text, the error that it spells in a dialect, or None for a blank of `formulas`."""
    # Errors and empty cells of the package formulas are subclasses of `str` with these names.
    kind = type(value).__name__
    if kind == "XlError":
        return CELL_ERRORS.get(str(value), CellError.NA)
    if kind == "Token":
        return None
    if dialect.error_texts and value in CELL_ERRORS:
        return CELL_ERRORS[value]
    return str(value)


def _read_formualizer_value(value: dict[object, object], dialect: Dialect) -> CellValue:
    """Return a value of formualizer: a dictionary with `type`, and `kind` (of error) or `value`."""
    tag = str(value.get("type", "")).casefold()
    if tag == "error":
        return FORMUALIZER_ERRORS.get(
            str(value.get("kind", "")).casefold(), CellError.VALUE
        )
    if tag == "empty":
        return None
    return read_cell(value["value"], dialect) if "value" in value else str(value)


def _to_serial_number(value: dt.date | dt.time | dt.timedelta) -> CellValue:
    """Return a date or time as a sheet's number of days since 30 December 1899."""
    if isinstance(value, dt.timedelta):
        return value / _DAY
    if isinstance(value, dt.time):
        value = dt.datetime.combine(_DAY_ZERO, value)
    elif not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time())
    return (value.replace(tzinfo=None) - _DAY_ZERO) / _DAY
