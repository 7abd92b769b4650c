"""Arguments of functions: annotations that say what they are, checks, and reading out of cells."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlcity.errors import CellError, CellValue, FunctionError
from xlcity.functions.block import (
    DIRECTIONS,
    CellArray,
    CellState,
    ErrorCode,
    Matrix,
    PerColumn,
    States,
    WordPerColumn,
    is_missing_code,
)
from xlcity.functions.declare import Accepts, Argument, Kind

#: One number per column of the values, in a row or a column.
Weights = Annotated[ArrayLike, Argument(kind=Kind.WEIGHTS)]
#: A row or a column of numbers, as many as there are.
NumberList = Annotated[ArrayLike, Argument(kind=Kind.NUMBERS)]
#: One text per column of the values, in a row or a column.
LabelPerColumn = Annotated[Sequence[str], Argument(kind=Kind.LABELS)]
#: A column of cells of any kind.
CellColumn = Annotated[Sequence[CellValue], Argument(kind=Kind.CELLS)]
#: One cell per row that names the row's group; an empty one leaves the row out.
Groups = Annotated[Sequence[CellValue] | None, Argument(kind=Kind.CELLS)]
#: A block of cells of any kind.
CellTable = Annotated[Sequence[Sequence[CellValue]], Argument(kind=Kind.TABLE)]


def accept_numbers(
    minimum: float | None = None,
    maximum: float | None = None,
    *,
    integer: bool = False,
    open_minimum: bool = False,
    per_column: bool = True,
) -> Argument:
    """Declare an option of a function that takes numbers.

    Parameters
    ----------
    minimum, maximum
        Limits, None for none; an `open_minimum` may itself not be taken.
    integer
        Whether it takes whole numbers only.
    per_column
        Whether it may be given once per column of the values.
    """
    accepts = Accepts.INTEGER if integer else Accepts.NUMBER
    return Argument(
        accepts=accepts,
        minimum=minimum,
        maximum=maximum,
        open_minimum=open_minimum,
        per_column=per_column,
    )


#: As `accept_numbers`, for an option that is given once.
accept_one_number = partial(accept_numbers, per_column=False)


def one_of(*words: str) -> Argument:
    """Declare an option of a function that is one of some words, such as "mean" or "median"."""
    return Argument(accepts=Accepts.CHOICE, choices=words, per_column=False)


def each_of(*words: str) -> Argument:
    """Declare an option that is one of some words, given once or once per column of the values."""
    return Argument(accepts=Accepts.CHOICE, choices=words)


#: Options that are given once or once per column.
Number = Annotated[PerColumn, accept_numbers()]
AtLeastZero = Annotated[PerColumn, accept_numbers(0.0)]
Positive = Annotated[PerColumn, accept_numbers(0.0, open_minimum=True)]
Percent = Annotated[PerColumn, accept_numbers(0.0, 100.0)]
#: Whole numbers: from 0, from 1, and decimals of a printed number.
WholeNumber = Annotated[PerColumn, accept_numbers(0.0, integer=True)]
Count = Annotated[PerColumn, accept_numbers(1.0, integer=True)]
Decimals = Annotated[PerColumn, accept_numbers(0.0, 12.0, integer=True)]
#: 1 or -1, or a word for one of them.
Direction = Annotated[PerColumn, Argument(accepts=Accepts.DIRECTION)]
#: How equal values share ranks.
Ties = Annotated[WordPerColumn, each_of("min", "average", "max")]
#: What a missing code does.
Missing = Annotated[str, one_of("na", "renormalise", "zero", "refuse")]
YesNo = Annotated[str, one_of("yes", "no")]


def check_groups(options: Mapping[str, Any]) -> CellError | None:
    """Return #VALUE! where a column of cells does not have one for each row, else None.

    The columns are groups, pools (the group that a row is measured by) and members. `options` maps
    keywords of the call to what was given, `states` to the states of the values.
    """
    rows = len(options["states"])
    given_columns = [options.get(name) for name in ("groups", "pools", "members")]
    is_wrong = any(cells is not None and len(cells) != rows for cells in given_columns)
    return CellError.VALUE if is_wrong else None


def check_bounds(options: Mapping[str, Any]) -> CellError | None:
    """Return #NUM! where both bounds of a column are given and low >= high, else None.

    `options` maps keywords of the call to what was given; `low` and `high` are (k,) or one number.
    A bound that is not given is NaN, and no comparison with NaN is true.
    """
    return (
        CellError.NUM
        if np.any(np.greater_equal(options["low"], options["high"]))
        else None
    )


def check_bounds_and_groups(options: Mapping[str, Any]) -> CellError | None:
    """Return #NUM! for equal bounds of a column, #VALUE! for a wrong number of groups, else None.

    `options` maps keywords of the call to what was given; a bound that is not given is NaN.
    """
    are_equal = np.any(np.equal(options["low"], options["high"]))
    return CellError.NUM if are_equal else check_groups(options)


Rows = Sequence[Sequence[CellValue]]


def is_blank(cell: CellValue) -> bool:
    """Tell whether a cell is blank; an empty text is."""
    return cell is None or cell == ""


def read_option(argument: Argument, rows: Rows | None, columns: int) -> Any:
    """Return the value of an option as its core takes it.

    That is a number or a word, or an array of numbers or a tuple of words with one per column.

    Parameters
    ----------
    argument
        The option.
    rows
        Its cells: one value, or a row or a column with one per column of the values; None =
        omitted.
    columns
        Columns of the values.

    Raises
    ------
    FunctionError
        #VALUE! for a wrong shape, a word that is none of the choices, or anything but a number
        where one is needed; #NUM! for a number outside the limits.
    """
    cells: Sequence[CellValue] = (None,)
    if rows:
        cells = _read_row_or_column(argument, rows)
    counts = {1, columns} if argument.per_column else {1}
    if len(cells) not in counts:
        allowed = f"1 or {columns}" if argument.per_column else "1"
        raise FunctionError(f"{argument.name} has {len(cells)} values: give {allowed}")
    values = [_read_cell(argument, cell) for cell in cells]
    if len(values) == 1:
        return values[0]
    if argument.accepts is Accepts.CHOICE:
        return tuple(values)
    return np.array(values, dtype=np.float64)


def read_weights(argument: Argument, rows: Rows, columns: int) -> Matrix:
    """Return (k,) weights from the cells of an argument, a row or a column.

    `columns` is the number of columns of the values: there must be as many weights.

    Raises
    ------
    FunctionError
        #VALUE! for a wrong number of weights or text; #N/A for a blank or a missing code; #NUM!
        for a negative weight; #DIV/0! if they sum to 0.
    """
    if (count := len(_read_row_or_column(argument, rows))) != columns:
        raise FunctionError(f"{count} weights for {columns} columns")
    weights = read_numbers(argument, rows)
    if weights.min() < 0:
        raise FunctionError(f"negative weight {weights.min()}", CellError.NUM)
    if weights.sum() == 0:
        raise FunctionError("the weights sum to 0", CellError.DIV0)
    return weights


def read_numbers(argument: Argument, rows: Rows) -> Matrix:
    """Return the numbers of an argument that is a row or a column.

    Raises
    ------
    FunctionError
        #VALUE! for text; #N/A for a blank or a missing code.
    """
    numbers: list[float] = []
    for cell in _read_row_or_column(argument, rows):
        if is_blank(cell) or (isinstance(cell, str) and is_missing_code(cell)):
            raise FunctionError(f"{argument.name} has a gap", CellError.NA)
        numbers.append(_read_number(argument, cell))
    return np.array(numbers, dtype=np.float64)


def read_labels(argument: Argument, rows: Rows, columns: int) -> tuple[str, ...]:
    """Return texts from the cells of an argument, a row or a column, such as names of groups.

    `columns` is the number of columns of the values: there must be as many texts.

    Raises
    ------
    FunctionError
        #VALUE! for a wrong number of texts.
    """
    cells = _read_row_or_column(argument, rows)
    if len(cells) != columns:
        raise FunctionError(f"{len(cells)} labels for {columns} columns")
    return tuple(map(as_label, cells))


def read_cells(argument: Argument, rows: Rows) -> tuple[CellValue, ...]:
    """Return the cells that were passed for an argument, a column or a row: `rows` flattened.

    Blanks, texts and errors stay as they are; `argument` gives the name for the error.

    Raises
    ------
    FunctionError
        #VALUE! for a block.
    """
    return tuple(_read_row_or_column(argument, rows))


def read_table(argument: Argument, rows: Rows) -> tuple[tuple[CellValue, ...], ...]:
    """Return the cells of an argument that is a block as they are, row by row.

    Raises
    ------
    FunctionError
        #VALUE! if there is no cell or rows differ in length.
    """
    if not is_rectangle(rows):
        raise FunctionError(f"{argument.name} is not a block of cells")
    return tuple(tuple(row) for row in rows)


def is_rectangle(rows: Rows) -> bool:
    """Tell whether there is a cell, and rows are of equal length."""
    widths = set(map(len, rows))
    return len(widths) == 1 and widths != {0}


def as_label(cell: CellValue) -> str:
    """Return a cell as a label: without outer spaces, a whole number without its point."""
    if is_blank(cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip(" ")


def _read_row_or_column(argument: Argument, rows: Rows) -> list[CellValue]:
    """Return the cells of an argument that is one row or one column, in order.

    Raises
    ------
    FunctionError
        #VALUE! for a block, or no cell.
    """
    is_row = len(rows) == 1
    is_column = set(map(len, rows)) == {1}
    if not is_row and not is_column:
        raise FunctionError(f"{argument.name} is a block: give one row or one column")
    return list(chain.from_iterable(rows))


def _read_cell(argument: Argument, cell: CellValue) -> float | str | None:
    """Return one cell of an option as a number, or as one of its words in small letters.

    A blank has the default; of a number without a default it is NaN.

    Raises
    ------
    FunctionError
        #VALUE! for what is neither a number nor one of the words; #NUM! for a number out of range.
    """
    if argument.accepts is Accepts.CHOICE:
        return argument.default if is_blank(cell) else _read_word(argument, cell)
    if is_blank(cell):
        return math.nan if argument.default is None else argument.default
    if argument.accepts is Accepts.DIRECTION:
        return _read_direction(argument, cell)
    return _read_limited_number(argument, cell)


def _read_word(argument: Argument, cell: CellValue) -> str:
    """Return a cell as one of an option's words in small letters; raise #VALUE! for another."""
    word = cell.strip(" ").casefold() if isinstance(cell, str) else cell
    if word not in argument.choices:
        raise FunctionError(
            f"{argument.name} is {cell!r}: give {', '.join(argument.choices)}"
        )
    return str(word)


def _read_direction(argument: Argument, cell: CellValue) -> float:
    """Return a direction, in words or as a number, as 1 or -1; raise #NUM! for another number."""
    word = cell.strip(" ").casefold() if isinstance(cell, str) else ""
    if word in DIRECTIONS:
        return DIRECTIONS[word]
    number = _read_number(argument, cell)
    if number not in (1.0, -1.0):
        raise FunctionError(f"{argument.name} is {number}: give 1 or -1", CellError.NUM)
    return number


def _read_limited_number(argument: Argument, cell: CellValue) -> float:
    """Return a cell as a number; raise #NUM! outside the limits, or where it is no integer."""
    number = _read_number(argument, cell)
    minimum = -math.inf if argument.minimum is None else argument.minimum
    maximum = math.inf if argument.maximum is None else argument.maximum
    is_at_open_end = argument.open_minimum and number == minimum
    if number < minimum or is_at_open_end or number > maximum:
        raise FunctionError(f"{argument.name} is {number}: out of range", CellError.NUM)
    if argument.accepts is Accepts.INTEGER and number != int(number):
        raise FunctionError(
            f"{argument.name} is {number}: give an integer", CellError.NUM
        )
    return number


def _read_number(argument: Argument, cell: CellValue) -> float:
    """Return a cell as a number; raise #VALUE! for text, a logical or an error.

    `argument` is what the cell belongs to; the message names it.
    """
    if isinstance(cell, bool) or not isinstance(cell, (int, float)):
        raise FunctionError(f"{argument.name} is {cell!r}: give a number")
    return float(cell)


# -- groups of rows that are computed apart -------------------------------------------------------
#: The pool of every row that belongs to a group.
EVERYONE = "all"


def group_names(groups: Groups, rows: int) -> NDArray[np.object_]:
    """Return the (n,) group of each row, "" for none; without groups all are in `EVERYONE`.

    Raises
    ------
    FunctionError
        If there is not one cell per row.
    """
    if groups is None:
        return np.full(rows, EVERYONE, dtype=object)
    if len(groups) != rows:
        raise FunctionError(f"{len(groups)} groups for {rows} rows")
    return np.array([as_label(cell) for cell in groups], dtype=object)


def distinct_groups(names: NDArray[np.object_]) -> list[str]:
    """Return the names of groups, each once, in the order of the rows.

    `names` is (n,) the group of each row, "" for none.
    """
    return [name for name in dict.fromkeys(names.tolist()) if name]


def compute_by_group(
    core: Callable[[Matrix, States], CellArray],
    values: Matrix,
    states: States,
    groups: Groups,
) -> CellArray:
    """Return what a function gives for each group's rows by themselves; rows of no group are #N/A.

    Parameters
    ----------
    core
        The function: takes (m, k) values and states of a group's rows, gives as many cells.
    values, states
        (n, k) values of all rows, and what each cell holds.
    groups
        (n,) cell that names the group of each row, empty for none; None = all are one group.
    """
    if groups is None:
        return core(values, states)
    names = group_names(groups, values.shape[0])
    numbers = np.full(values.shape, np.nan)
    errors = np.full(values.shape, ErrorCode.NA, dtype=np.uint8)
    for name in distinct_groups(names):
        rows = names == name
        group_cells = core(values[rows], states[rows])
        numbers[rows] = group_cells.values
        errors[rows] = group_cells.errors
    return CellArray(numbers, errors)


def pool_masks(
    names: NDArray[np.object_], pools: Groups
) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Return two (n,) masks for each pool: rows measured by it, and rows its statistics are of.

    A pool is the group whose mean and deviation a row is measured by; it need not be its own.

    Parameters
    ----------
    names
        (n,) group of each row, "" for none.
    pools
        (n,) pool of each row, `EVERYONE` for all rows of any group; None or an empty cell is the
        row's own group.
    """
    pool_names = names.copy()
    if pools is not None:
        given_pools = group_names(pools, len(names))
        pool_names = np.where((given_pools != "") & (names != ""), given_pools, names)
    return [
        (pool_names == pool, names != "" if pool == EVERYONE else names == pool)
        for pool in distinct_groups(pool_names)
    ]


def blank_outside_pool(states: States, in_pool: NDArray[np.bool_]) -> States:
    """Return (n, k) states in which rows outside a pool are blank; `in_pool` marks its rows."""
    return np.where(in_pool[:, None], states, CellState.BLANK)
