"""What functions take and give: blocks of numbers, the state of each cell, errors, spellings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlcity.errors import CellError

Matrix = NDArray[np.float64]
States = NDArray[np.uint8]
Codes = NDArray[np.uint8]
#: A number for all columns, or one number per column.
PerColumn = float | Sequence[float] | NDArray[np.float64]
#: A word for all columns, or one word per column.
WordPerColumn = str | Sequence[str]


class CellState(np.uint8, Enum):
    """What an input cell holds, as far as a function is concerned."""

    NUMBER = 0
    #: Not filled yet: no option ever acts on it.
    BLANK = 1
    #: Confirmed missing: options such as `lowest` or `renormalise` act on it.
    MISSING = 2
    #: Text that is no missing code, or a logical.
    TEXT = 3


class ErrorCode(np.uint8, Enum):
    """Errors by the numbers that Excel's ERROR.TYPE gives them."""

    NONE = 0
    DIV0 = 2
    VALUE = 3
    NUM = 6
    NA = 7


#: Errors by their number; `CellError` has them in the order of ERROR.TYPE.
_ERROR_BY_NUMBER: tuple[CellError | None, ...] = (None, *CellError)


@dataclass(frozen=True, slots=True, eq=False)
class CellArray:
    """The result of a function: a number or an error in every cell, never a silent NaN.

    Parameters
    ----------
    values
        (n, m) numbers; NaN exactly where `errors` is not 0.
    errors
        (n, m) error of each cell, numbered as Excel's ERROR.TYPE does; 0 where there is a number.
    """

    values: Matrix
    errors: Codes

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.values.shape[0], self.values.shape[1]

    def error(self, row: int, column: int) -> CellError | None:
        """Return the error of one cell, or None where there is a number."""
        return _ERROR_BY_NUMBER[int(self.errors[row, column])]

    def failures(self) -> list[tuple[int, CellError]]:
        """Return the rows whose first cell has an error other than #N/A, and the error."""
        errors = (
            (row, self.error(row, 0))
            for row in np.flatnonzero(self.errors[:, 0]).tolist()
        )
        return [
            (row, error) for row, error in errors if error and error is not CellError.NA
        ]

    def cells(self) -> list[list[float | CellError]]:
        """Return the block as rows of numbers and errors, as a sheet would show it."""
        numbers = self.values.tolist()
        codes = self.errors.tolist()
        return list(map(_shown_cells, numbers, codes))


def _shown_cells(numbers: list[float], codes: list[int]) -> list[float | CellError]:
    """Return the cells of a row: the error of each, its number where there is none."""
    return [
        _ERROR_BY_NUMBER[code] or number
        for number, code in zip(numbers, codes, strict=True)
    ]


def make_column(values: Matrix, errors: Codes) -> CellArray:
    """Make a `CellArray` of one column from (n,) numbers and errors; see `make_block`."""
    return make_block(values[:, None], errors[:, None])


def make_cell(value: float, error: ErrorCode) -> CellArray:
    """Make a `CellArray` of a single cell from its number and its error; see `make_block`."""
    errors = np.array([error], dtype=np.uint8)
    return make_column(np.array([value]), errors)


def make_block(values: Matrix, errors: Codes, *, overwrite: bool = False) -> CellArray:
    """Make a consistent `CellArray`: NaN under errors, #NUM! where arithmetic overflowed, no -0.

    Parameters
    ----------
    values, errors
        See `CellArray`.
    overwrite
        Nothing else uses the values, so they may be changed: large blocks are not copied.
    """
    if not errors.any():
        if all_finite(values):
            # Adding zero turns -0.0 into 0.0: a cell must not show "-0".
            return CellArray(
                np.add(values, 0.0, out=values if overwrite else None), errors
            )
        errors = np.zeros(values.shape, dtype=np.uint8)
    failed = errors != ErrorCode.NONE
    overflowed = ~(np.isfinite(values) | failed)
    if overflowed.any():
        errors = np.where(overflowed, ErrorCode.NUM, errors)
        failed |= overflowed
    numbers = np.add(values, 0.0, out=values if overwrite else None)
    np.copyto(numbers, np.nan, where=failed)
    return CellArray(numbers, errors)


def vector_or_ones(numbers: ArrayLike | None, count: int) -> Matrix:
    """Return numbers as a vector; where none are given, as many ones as are needed."""
    if numbers is None:
        return np.ones(count)
    return np.asarray(numbers, dtype=np.float64).ravel()


def all_finite(values: Matrix) -> bool:
    """Tell whether numbers hold neither NaN nor infinity."""
    return bool(np.isfinite(values).all())


def as_matrix(values: ArrayLike) -> Matrix:
    """Return values as (n, k) floats; a plain vector is one column.

    Raises
    ------
    ValueError
        If there are more than two dimensions.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim > 2:
        raise ValueError(f"values have {array.ndim} dimensions: at most 2 make a block")
    return array.reshape(-1, 1) if array.ndim < 2 else array


def as_states(values: Matrix, states: States | None) -> States:
    """Return the given states of cells, in the shape of the values.

    Without them (None) a NaN among the values is a blank, anything else a number.
    """
    if states is not None:
        return np.asarray(states, dtype=np.uint8).reshape(values.shape)
    return np.where(np.isnan(values), CellState.BLANK, CellState.NUMBER)


def as_numbers(values: ArrayLike, states: States | None) -> tuple[Matrix, States]:
    """Return values as (n, k) floats, and the state of each cell.

    Without `states` (None) NaN is a blank; a plain vector is one column.
    """
    numbers = as_matrix(values)
    return numbers, as_states(numbers, states)


def state_errors(states: States) -> Codes:
    """Return the error of each cell by what it holds: text #VALUE!, a gap #N/A, a number none."""
    errors: Codes = (states != CellState.NUMBER) * ErrorCode.NA
    errors[states == CellState.TEXT] = ErrorCode.VALUE
    return errors


def joint_errors(first: Codes, second: Codes) -> Codes:
    """Return the errors of results of two cells each: 0 where neither has an error.

    Of two errors #VALUE! comes before #N/A, as the smaller code: text is what a person has to mend.
    """
    is_lone = (first == ErrorCode.NONE) | (second == ErrorCode.NONE)
    return np.where(
        is_lone, np.maximum(first, second), np.minimum(first, second)
    ).astype(np.uint8)


def per_column(option: PerColumn | None, columns: int) -> Matrix:
    """Return an option that is given once or per column as (k,) numbers, a new array.

    None becomes NaN, which stands for "not given".
    """
    numbers = np.empty(columns)
    numbers[:] = (
        np.nan if option is None else np.asarray(option, dtype=np.float64).ravel()
    )
    return numbers


def words_per_column(option: WordPerColumn, columns: int) -> list[str]:
    """Return an option that is a word, or a word per column, as one word per column."""
    return [option] * columns if isinstance(option, str) else list(option)


def column_bounds(values: Matrix, states: States) -> tuple[Matrix, Matrix]:
    """Return the (k,) minimum and maximum of the numbers of each column; NaN for one without any.

    `values` and `states` are (n, k): numbers, and what each cell holds.
    """
    if not states.any() and len(values):
        return _column_extremes(values, np.minimum), _column_extremes(
            values, np.maximum
        )
    numbers = np.where(states == CellState.NUMBER, values, np.nan)
    low = np.fmin.reduce(numbers, axis=0, initial=np.nan)
    return low, np.fmax.reduce(numbers, axis=0, initial=np.nan)


def _column_extremes(values: Matrix, minimum_or_maximum: np.ufunc) -> Matrix:
    """Return the (k,) minimum or maximum of each column of (n, k) numbers without gaps.

    Numpy compares long rows faster: 64 rows are laid end to end as one, and the 64 extremes that
    each column then has are compared last, with the rows that fill no bundle.

    Parameters
    ----------
    minimum_or_maximum
        `np.minimum` or `np.maximum`.
    """
    rows, columns = values.shape
    bundle = 64
    bundled = rows - rows % bundle
    if not values.flags.c_contiguous or bundled == 0 or columns <= 1:
        return np.asarray(minimum_or_maximum.reduce(values, axis=0))
    bundle_extremes = minimum_or_maximum.reduce(
        values[:bundled].reshape(-1, bundle * columns), axis=0
    )
    extremes = minimum_or_maximum.reduce(
        bundle_extremes.reshape(bundle, columns), axis=0
    )
    return np.asarray(
        minimum_or_maximum.reduce(np.vstack([extremes, values[bundled:]]), axis=0)
    )


#: What counts as "confirmed missing" in a cell, compared without case and outer spaces.
MISSING_CODES = (
    *("NA", "N/A", "n/a", "n.a.", "#N/A", "缺", "缺失", "无数据"),
    *("—", "－", "-", "--", "..", "…"),
)

#: Accepted spellings of a direction, compared without case and outer spaces.
DIRECTIONS: dict[str, float] = {
    **dict.fromkeys(
        ("1", "+1", "+", "benefit", "positive", "max", "正", "正向", "正指标"), 1.0
    ),
    **dict.fromkeys(("正向指标", "越大越好", "效益型"), 1.0),
    **dict.fromkeys(
        ("-1", "−1", "-", "cost", "negative", "min", "负", "负向", "逆向"), -1.0
    ),
    **dict.fromkeys(
        ("负指标", "负向指标", "逆", "逆指标", "逆向指标", "越小越好", "成本型"), -1.0
    ),
}

_FOLDED_CODES = frozenset(code.casefold() for code in MISSING_CODES)


def is_missing_code(text: str) -> bool:
    """Tell whether a text is a missing code.

    Only plain spaces are stripped, as TRIM does in a sheet: formulas must read a cell alike.

    Examples
    --------
    >>> is_missing_code(" na "), is_missing_code(""), is_missing_code("about 12")
    (True, False, False)
    """
    return text.strip(" ").casefold() in _FOLDED_CODES
