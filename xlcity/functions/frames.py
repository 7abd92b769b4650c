"""The library for Python: functions on arrays, lists, Series and frames, labels kept."""

from __future__ import annotations

import inspect
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

import numpy as np

from xlcity.errors import CellError, CellValue, FunctionError
from xlcity.functions.block import CellArray, Matrix
from xlcity.functions.declare import Argument, Function, Kind, Returns
from xlcity.functions.entry import Given, evaluate

#: Arguments of which a plain vector is a column.
_VECTOR_IS_COLUMN = (Kind.VALUES, Kind.BLOCK, Kind.CELLS, Kind.TABLE)
#: Arguments with one row for each row of the first.
_ONE_ROW_EACH = (Kind.BLOCK, Kind.CELLS)
#: Arguments with one entry for each column of the first.
_ONE_COLUMN_EACH = (Kind.WEIGHTS, Kind.LABELS, Kind.OPTION)
#: Results with a row, and with a column, for each column of the values.
_ROW_PER_COLUMN = (Returns.SQUARE, Returns.COEFFICIENTS, Returns.INTERVALS)
_COLUMN_PER_COLUMN = (Returns.BLOCK, Returns.SQUARE)


class FunctionWarning(UserWarning):
    """Some cells of a result are NaN because a spreadsheet would show an error there."""


def callable_of(function: Function) -> Callable[..., Any]:
    """Return a function of the library as a Python function.

    Parameters
    ----------
    function
        The entry of the registry.

    Returns
    -------
    callable
        Takes the arguments of the sheet function by position or by name: scalars, lists, arrays,
        Series or frames. A frame in gives a frame or a Series out, with the labels of the first
        argument; anything else gives an array, or a float where the result is a single cell. A gap
        is NaN. Other errors of a cell are NaN as well, with a `FunctionWarning`. Series and frames
        among the further arguments are put into the order of the first argument's labels.

        It raises a `FunctionError` where a sheet would show an error for the whole call.
    """
    names = [argument.name for argument in function.arguments]

    def call_function(*args: Any, **options: Any) -> Any:
        """Call the function with arguments by position or by name."""
        if len(args) > len(names):
            raise FunctionError(
                f"{function.name} takes {len(names)} arguments at most."
            )
        given = dict(zip(names, args, strict=False))
        for name, value in options.items():
            if name not in names or name in given:
                problem = "is given twice" if name in given else "is not an argument"
                raise FunctionError(f"{name} {problem}: {function.syntax}.")
            given[name] = value
        if not args and names[0] not in given:
            raise FunctionError(f"{function.name} needs {names[0]}.")
        first_argument = given[names[0]]
        cells = [
            _as_block(
                argument,
                _align_argument(argument, given.get(argument.name), first_argument),
            )
            if given.get(argument.name) is not None
            else None
            for argument in function.arguments
        ]
        return _label_values(function, evaluate(function, cells), first_argument)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    empty = inspect.Parameter.empty
    call_function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(a.name, kind, default=a.default if a.optional else empty)
            for a in function.arguments
        ]
    )
    call_function.__name__ = call_function.__qualname__ = function.name.lower()
    call_function.__doc__ = _write_docstring(function)
    return call_function


def _labels_along(value: Any, axis: int) -> Any:
    """Return the labels of a Series or frame along an axis, 0 for rows; None for anything else."""
    axes = getattr(value, "axes", None)
    return axes[axis] if isinstance(axes, list) and axis < len(axes) else None


def _align_argument(argument: Argument, value: Any, first_argument: Any) -> Any:
    """Return a further argument in the order of the first argument's labels.

    Weights, labels and options go by its columns, as do mappings (column -> value); blocks and
    columns of cells go by its rows. Whatever has no labels is returned as it is.

    Parameters
    ----------
    argument
        The further argument.
    value, first_argument
        The argument and the first one: scalars, lists, arrays, Series or frames.

    Raises
    ------
    FunctionError
        If both have labels and these are not the same.
    """
    if argument.kind is Kind.VALUES or value is first_argument:
        return value
    if argument.kind in _ONE_COLUMN_EACH:
        return _align_to_columns(argument, value, first_argument)
    if argument.kind in _ONE_ROW_EACH:
        return _align_to_rows(argument, value, first_argument)
    return value


def _align_to_columns(argument: Argument, value: Any, first_argument: Any) -> Any:
    """Return an argument with one entry per column in the order of the columns of the first."""
    columns = _labels_along(first_argument, 1)
    if isinstance(value, Mapping):
        if columns is None:
            raise FunctionError(
                f"{argument.name} names columns, but the values have no names."
            )
        order = _match_labels(argument, list(value), columns)
        return [value[name] for name in order]
    own_labels = _labels_along(value, 0)
    if columns is None or own_labels is None:
        return value
    is_frame = _labels_along(value, 1) is not None
    # pandas only counts where no labels are given.
    is_only_counted = list(own_labels) == list(range(len(own_labels)))
    if is_frame or is_only_counted:
        return value
    return value.loc[_match_labels(argument, own_labels, columns)]


def _align_to_rows(argument: Argument, value: Any, first_argument: Any) -> Any:
    """Return an argument with a row per row in the order of the rows, and columns, of the first."""
    rows = _labels_along(first_argument, 0)
    own_rows = _labels_along(value, 0)
    if rows is None or own_rows is None:
        return value
    aligned = value.loc[_match_labels(argument, own_rows, rows)]
    columns = _labels_along(first_argument, 1)
    own_columns = _labels_along(value, 1)
    if columns is None or own_columns is None or len(own_columns) == 1:
        return aligned
    return aligned[_match_labels(argument, own_columns, columns)]


def _match_labels(argument: Argument, own_labels: Any, value_labels: Any) -> list[Any]:
    """Return the labels of the values as a list; refuse an argument that has others.

    Parameters
    ----------
    argument
        Is named in the message.
    own_labels, value_labels
        Labels of the argument, and of the values: the function's first argument.

    Raises
    ------
    FunctionError
        With what the argument lacks or has beyond them.
    """
    own_list = list(own_labels)
    value_list = list(value_labels)
    if len(own_list) != len(value_list) or set(own_list) != set(value_list):
        lacking = [str(label) for label in value_list if label not in set(own_list)]
        unknown = [str(label) for label in own_list if label not in set(value_list)]
        parts = [f"lacks {', '.join(lacking[:5])}"] if lacking else []
        parts += [f"has {', '.join(unknown[:5])} beyond them"] if unknown else []
        parts = parts or ["has a label twice"]
        raise FunctionError(
            f"{argument.name} does not have the labels of the values: {' and '.join(parts)}."
        )
    return value_list


def _as_block(argument: Argument, value: Any) -> Given:
    """Return a Python value as cells of an argument: an array of numbers, or rows of cells.

    `value` is a scalar, list, array, Series or frame; a vector becomes a column or a row, as the
    kind of the argument needs it.
    """
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    array = value if isinstance(value, np.ndarray) else np.array(value, dtype=object)
    if array.ndim > 2:
        raise FunctionError(
            f"{argument.name} has {array.ndim} dimensions: give 2 at most."
        )
    if array.ndim == 1:
        is_upright = argument.kind in _VECTOR_IS_COLUMN
        array = array.reshape(-1, 1) if is_upright else array.reshape(1, -1)
    if array.dtype.kind in "fiu":
        return np.atleast_2d(array).astype(np.float64)
    return [list(map(_as_cell, row)) for row in np.atleast_2d(array).tolist()]


def _as_cell(value: Any) -> CellValue:
    """Return a value of Python, numpy or pandas as a cell; what is missing is blank."""
    if value is None or value != value or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, (bool, str, CellError)):
        return value
    return float(value) if isinstance(value, (int, float)) else str(value)


def _label_values(function: Function, computed: CellArray, first_argument: Any) -> Any:
    """Return a computed block with the labels of the first argument, if that is a Series or frame.

    Parameters
    ----------
    function, computed
        The entry of the registry, and its result.
    first_argument
        The first argument, as the caller gave it.

    Returns
    -------
    float, ndarray, Series or DataFrame
        As the kind of the first argument and the shape of the result need it; see `callable_of`.
    """
    _warn_of_errors(function, computed)
    if function.returns is Returns.SINGLE:
        return float(computed.values[0, 0])
    if _labels_along(first_argument, 0) is None:
        return _as_array(function, computed.values, first_argument)
    return _as_labelled(function, computed.values, first_argument)


def _as_array(function: Function, values: Matrix, first_argument: Any) -> Matrix:
    """Return computed values as an array; a row, or a column of a vector, as a vector."""
    if function.returns is Returns.ROW:
        return np.asarray(values[0])
    is_vector = np.ndim(first_argument) < 2 or function.returns is Returns.COLUMN
    if is_vector and values.shape[1] == 1:
        return np.asarray(values[:, 0])
    return values


def _as_labelled(function: Function, values: Matrix, first_argument: Any) -> Any:
    """Return computed values as a Series or frame with the labels of the first argument."""
    import pandas as pd

    height, width = values.shape
    shape = function.returns
    name = function.name.lower()
    own_name = getattr(first_argument, "name", None)
    given_columns = _labels_along(first_argument, 1)
    is_series = given_columns is None
    columns = pd.Index([own_name or 0]) if is_series else given_columns
    if shape is Returns.ROW:
        return pd.Series(values[0], index=columns, name=name)
    rows = _labels_along(first_argument, 0)
    row_labels = _row_labels(shape, height, rows=rows, columns=columns)
    if width == 1 and (shape is Returns.COLUMN or is_series):
        return pd.Series(values[:, 0], index=row_labels, name=own_name or name)
    column_labels = _column_labels(shape, width, rows=rows, columns=columns)
    return pd.DataFrame(values, index=row_labels, columns=column_labels)


def _row_labels(shape: Returns, height: int, *, rows: Any, columns: Any) -> Any:
    """Return the labels of a result's rows: those of columns, of its rows, or numbers from 0."""
    if shape in _ROW_PER_COLUMN and height == len(columns):
        return columns
    return rows if len(rows) == height else list(range(height))


def _column_labels(shape: Returns, width: int, *, rows: Any, columns: Any) -> Any:
    """Return the labels of a result's columns: those of its rows, of columns, or numbers from 0."""
    if shape is Returns.PAIRS:
        return rows
    if shape in _COLUMN_PER_COLUMN and width == len(columns):
        return columns
    return list(range(width))


def _warn_of_errors(function: Function, computed: CellArray) -> None:
    """Warn of the errors other than #N/A in a result: how many of each, and when they appear."""
    counts = Counter(
        str(cell)
        for cell in chain.from_iterable(computed.cells())
        if isinstance(cell, CellError) and cell is not CellError.NA
    )
    if counts:
        listed = ", ".join(f"{number} x {error}" for error, number in counts.items())
        reasons = "; ".join(
            f"{error}: {text['en']}"
            for error, text in function.errors.items()
            if str(error) in counts
        )
        message = f"{function.name}: {listed} ({reasons}). These cells are NaN."
        warnings.warn(message, FunctionWarning, stacklevel=4)


def _write_docstring(function: Function) -> str:
    """Return the help of a function for Python: its texts in numpy's sections."""
    lines = [function.summary["en"], "", "Parameters", "----------"]
    for argument in function.arguments:
        default = (
            f", default {argument.default_label('en')}" if argument.optional else ""
        )
        lines += [
            f"{argument.name} : {argument.kind.value}{default}",
            f"    {argument.help['en']}",
        ]
    lines += ["", "Notes", "-----", function.formula["en"]]
    lines += [remark["en"] for remark in function.remarks]
    return "\n".join(lines)
