"""Blocks of values: ranges of cells, and arrays that formulas make of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

import numpy as np

from xlcity.errors import CellError, CellValue
from xlcity.recalc.engines.compiled.values import (
    BINARY,
    Value,
    comparison_key,
    has_near_number,
    negative,
    percent,
)

_T = TypeVar("_T")
#: A `CellBlock`, or a single `Value` of `values`.
Operand = Any
#: Things made of one block up to which those made with a text are cached, each by its text.
_MOST_CACHED = 100


class CellBlock:
    """An array: its values row by row.

    Parameters
    ----------
    rows, columns
        Its size.
    flat
        The values; None where `numbers` has them.
    numbers
        The values as an array of numpy, if they are at hand as such.

    Attributes
    ----------
    numbers
        The values in an array, if all are numbers or all are logicals; else ``None``.
    cache
        What was made of it, by name.
    """

    __slots__ = ("_flat", "_kinds", "_numbers", "cache", "columns", "rows")

    def __init__(
        self, rows: int, columns: int, flat: list[CellValue] | None, numbers: Any = None
    ) -> None:
        self.rows = rows
        self.columns = columns
        self._flat = flat
        self._numbers = numbers
        self._kinds: set[type] | None = (
            None if numbers is None else {type(numbers.item(0))}
        )
        self.cache: dict[object, Any] = {}

    @property
    def flat(self) -> list[CellValue]:
        """The values, row by row."""
        if self._flat is None:
            self._flat = self._numbers.tolist()
        return self._flat

    def cached(self, key: object, make: Callable[[CellBlock], _T]) -> _T:
        """Return ``make(self)``, computed once; the block's cache has it by `key`."""
        cached: _T | None = self.cache.get(key)
        if cached is None:
            cached = self.cache[key] = make(self)
        return cached

    def cached_with(
        self,
        key: object,
        other: object,
        make: Callable[[], Any],
    ) -> Any:
        """Return ``make()``, which uses another operand, made once as long as that is the same.

        Neighbouring formulas often have the same operands, or look for one of a few texts.
        """
        has_room = len(self.cache) < _MOST_CACHED
        if other.__class__ is str and (has_room or (key, other) in self.cache):
            return self.cached((key, other), lambda _: make())
        cached = self.cache.get(key)  # the other operand, and the result
        if cached is None or cached[0] is not other:
            cached = self.cache[key] = other, make()
        return cached[1]

    @property
    def kinds(self) -> set[type]:
        """The Python types of the block's values, such as float, str or CellError."""
        if self._kinds is None:
            self._kinds = set(map(type, self.flat))
        return self._kinds

    @property
    def numbers(self) -> Any:
        """All values as an array of numbers or of logicals, if they are that; else ``None``."""
        if self._numbers is None and self.kinds in ({float}, {bool}):
            self._numbers = np.array(self.flat)
        return self._numbers

    @property
    def floats(self) -> list[float]:
        """The block's numbers, row by row; logicals, texts, errors and blanks are left out."""
        if self.kinds == {float}:
            return self.flat  # type: ignore[return-value]
        return self.cached("floats", _list_floats)

    @property
    def ascending(self) -> list[float]:
        """The block's numbers in ascending order."""
        return self.cached("ascending", lambda block: sorted(block.floats))

    @property
    def error(self) -> CellError | None:
        """The first error among the block's values, None if there is none."""
        if CellError not in self.kinds:
            return None
        return next(v for v in self.flat if v.__class__ is CellError)

    @property
    def numbers_or_zero(self) -> Any:
        """An array of the block's numbers, row by row, with 0 for all else."""
        return self.cached("numbers_or_zero", _floats_or_zero)

    @property
    def numbers_or_nan(self) -> Any:
        """An array of the block's numbers, row by row, with NaN for all else."""
        return self.cached("numbers_or_nan", _floats_or_nan)

    @property
    def comparable_numbers(self) -> Any:
        """An array of the numbers, row by row, with 0 for blanks and NaN for all else."""
        return self.cached("comparable_numbers", _floats_with_blanks)

    @property
    def numbers_beside_blanks(self) -> Any:
        """As `numbers`, also of a block with numbers and blanks, which are 0."""
        if self.kinds == {float, type(None)}:
            return self.comparable_numbers
        return self.numbers

    @property
    def numbers_beside_gaps(self) -> Any:
        """As `comparable_numbers`; None for other texts or errors than "" and #VALUE!."""
        return self.comparable_numbers if self.cached("gaps", _has_only_gaps) else None

    @property
    def empty_marks(self) -> Any:
        """An array of which cells are blank or hold the empty text, row by row."""
        return self.cached("empty_marks", _mark_empty)

    @property
    def numbers_or_error(self) -> Any:
        """The block's first error; without one an array of its numbers, with 0 for all else."""
        return self.cached("numbers_or_error", _numbers_or_error)

    @property
    def distinct_keys(self) -> set[object]:
        """All `comparison_keys` of the block."""
        return self.cached("distinct_keys", lambda block: set(block.comparison_keys))

    @property
    def comparison_keys(self) -> list[object]:
        """For each value of the block what it is compared by, such as a text in small letters."""
        return self.cached("comparison_keys", _list_comparison_keys)

    @property
    def key_counts(self) -> Counter[object]:
        """How often each of the `comparison_keys` comes."""
        return self.cached("key_counts", lambda block: Counter(block.comparison_keys))

    def value_at(self, row: int, column: int) -> CellValue:
        """Return one value; row and column are counted from 0."""
        return self.flat[row * self.columns + column]


class CellArea(CellBlock):
    """A range of cells, whose values are read when they are first used.

    Parameters
    ----------
    values
        The values of all cells; those of a column stand one after the other.
    start, step
        The index of the first cell, and from there to the next column.
    rows, columns
        The size of the range.
    """

    __slots__ = ("_values", "start", "step")

    def __init__(
        self, values: list[CellValue], start: int, step: int, rows: int, columns: int
    ) -> None:
        self.rows = rows
        self.columns = columns
        self._values = values
        self.start = start
        self.step = step
        self.forget_values()

    @property
    def flat(self) -> list[CellValue]:
        """The values, row by row."""
        if self._flat is None:
            values = self._values
            start = self.start
            step = self.step
            if self.columns == 1:
                self._flat = values[start : start + self.rows]
            else:
                width = self.columns * step
                flat: list[CellValue] = []
                for row in range(start, start + self.rows):
                    flat += values[row : row + width : step]
                self._flat = flat
        return self._flat

    def value_at(self, row: int, column: int) -> CellValue:
        """Return one value; row and column are counted from 0."""
        return self._values[self.start + row + column * self.step]

    def forget_values(self) -> None:
        """Drop what was read and cached, to free memory or because cells have changed."""
        self._flat = self._numbers = self._kinds = None
        self.cache = {}


#: What other cells hold of a block of which numbers are computed.
_GAPS = {None, "", CellError.VALUE}
#: What blanks are beside numbers.
_NUMBER_OF_BLANK: dict[CellValue, float] = {None: 0.0}


def _has_only_gaps(block: CellBlock) -> bool:
    """Return whether all cells of a block are numbers, blank, "" or #VALUE!."""
    return {v for v in block.flat if v.__class__ is not float} <= _GAPS


def _list_floats(block: CellBlock) -> list[float]:
    """Return the numbers of a block, row by row."""
    return [v for v in block.flat if isinstance(v, float)]


def _mark_empty(block: CellBlock) -> Any:
    """Return an array of which cells of a block are blank or hold the empty text."""
    return np.array([v is None or v == "" for v in block.flat])


def _numbers_or_error(block: CellBlock) -> Any:
    """Return a block's first error; without one an array of its numbers, with 0 for all else."""
    error = block.error
    return block.numbers_or_zero if error is None else error


def _list_comparison_keys(block: CellBlock) -> list[object]:
    """Return for each value of a block, row by row, what it is compared by."""
    # Most are texts.
    return [v.lower() if v.__class__ is str else comparison_key(v) for v in block.flat]


def _floats_or_zero(block: CellBlock) -> Any:
    """Return an array of a block's numbers, row by row, with 0 for all else."""
    if block.numbers is not None and block.numbers.dtype == float:
        return block.numbers
    return np.array([v if v.__class__ is float else 0.0 for v in block.flat])


def _floats_or_nan(block: CellBlock) -> Any:
    """Return an array of a block's numbers, row by row, with NaN for all else."""
    if block.numbers is not None and block.numbers.dtype == float:
        return block.numbers
    return np.array([v if v.__class__ is float else np.nan for v in block.flat])


def _floats_with_blanks(block: CellBlock) -> Any:
    """Return an array of a block's numbers, row by row, with 0 for blanks and NaN for all else."""
    other = _NUMBER_OF_BLANK.get
    numbers = [
        value if value.__class__ is float else other(value, np.nan)
        for value in block.flat
    ]
    return np.array(numbers)


def broadcast_values(value: Operand, rows: int, columns: int) -> Sequence[CellValue]:
    """Return an operand's value for each cell of an array of so many rows and columns, row by row.

    A value, a row or a column is repeated; beyond other blocks there is #N/A.
    """
    if not isinstance(value, CellBlock):
        return [value] * (rows * columns)
    if (value.rows, value.columns) == (rows, columns):
        return value.flat
    if value.rows == 1:
        return _spread_row(value, 0, columns) * rows
    values: list[CellValue] = []
    for row in range(min(rows, value.rows)):
        values += _spread_row(value, row, columns)
    return values + [CellError.NA] * (rows * columns - len(values))


def _spread_row(block: CellBlock, row: int, columns: int) -> list[CellValue]:
    """Return so many values of a row of a block: a single one is repeated; others end in #N/A."""
    width = block.columns
    values = block.flat[row * width : (row + 1) * width]
    if width == 1:
        return values * columns
    return values[:columns] + [CellError.NA] * (columns - width)


class Size(NamedTuple):
    """Rows and columns of an array."""

    rows: int
    columns: int

    def is_filled_by(self, block: CellBlock) -> bool:
        """Return whether a block has this size, or is a value, a row or a column to be repeated."""
        return block.rows in (1, self.rows) and block.columns in (1, self.columns)


def common_size(*blocks: Operand) -> Size:
    """Return the size of the smallest array that holds all operands; (1, 1) for values."""
    rows = 1
    columns = 1
    for block in blocks:
        if isinstance(block, CellBlock):
            rows = max(rows, block.rows)
            columns = max(columns, block.columns)
    return Size(rows, columns)


# -- operators and functions of single values, for each place ------------------------------------
#: What numpy computes of numbers as Excel does.
_NUMPY_ARITHMETIC: dict[str, Any] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.power,
}
_NUMPY_COMPARISONS: dict[str, Any] = {
    "=": np.equal,
    "<>": np.not_equal,
    "<": np.less,
    ">": np.greater,
    "<=": np.less_equal,
    ">=": np.greater_equal,
}


#: A blank and what it equals, as `comparison_key` has them.
_EQUAL_TO_BLANK = {comparison_key(value) for value in (None, 0.0, "", False)}


def apply_binary(operator: str, a: Operand, b: Operand) -> Operand:
    """Return the value of an operator such as "+" or "<=" between two operands.

    Each is a single value or a block of values; with a block the result is a block.
    """
    if isinstance(a, CellBlock):
        return a.cached_with(operator, b, lambda: _operate_on_blocks(operator, a, b))
    if isinstance(b, CellBlock):
        # A key of its own, for the block that is the right operand.
        return b.cached_with(
            f"right {operator}", a, lambda: _operate_on_blocks(operator, a, b)
        )
    return BINARY[operator](a, b)


def _operate_on_blocks(operator: str, a: Operand, b: Operand) -> CellBlock:
    """Return the block of an operator's values, of which one operand at least is a block.

    By numpy where it computes as Excel does, else value by value.
    """
    are_blocks = isinstance(a, CellBlock) and isinstance(b, CellBlock)
    if operator in ("=", "<>") and not are_blocks:
        block, value = (a, b) if isinstance(a, CellBlock) else (b, a)
        compared = _compare_with_value(operator, block, value)
        if compared is not None:
            return compared
    size = common_size(a, b)
    numbers = _operate_on_numbers(operator, a, b, size)
    if numbers is None and are_blocks:
        numbers = _compare_beside_texts(operator, a, b, size)
    if numbers is not None:
        return CellBlock(size.rows, size.columns, None, numbers)
    values = _calculate_beside_gaps(operator, a, b, size)
    if values is not None:
        return CellBlock(size.rows, size.columns, values)
    return map_places(BINARY[operator], a, b)  # type: ignore[no-any-return]


def _operate_on_numbers(operator: str, a: Operand, b: Operand, size: Size) -> Any:
    """Return an array of an operator's values, row by row; None where it is not for numpy.

    That is where not all operands are numbers that fill a size, a division by 0, and where unequal
    numbers are compared that are the same in 15 digits.
    """
    left = _numpy_operand(a, size)
    right = _numpy_operand(b, size)
    if left is None or right is None:
        return None
    if _is_for_numpy(operator, right):
        # Logicals become numbers: numpy has no - for them, and its + is another.
        return _NUMPY_ARITHMETIC[operator](left * 1.0, right * 1.0).ravel()
    if operator not in _NUMPY_COMPARISONS or not left.dtype == right.dtype == float:
        return None
    if _find_equal(left, right) is None:
        return None
    return _NUMPY_COMPARISONS[operator](left, right).ravel()


def _is_for_numpy(operator: str, right: Any) -> bool:
    """Return whether numpy calculates as Excel does: +, -, *, / without a 0 below, and squares.

    `right` is the right operand as numpy's array.
    """
    if operator == "^":
        return bool(right.ndim == 0 and right == 2.0)
    return operator in _NUMPY_ARITHMETIC and (operator != "/" or bool(np.all(right)))


def _calculate_beside_gaps(
    operator: str, a: Operand, b: Operand, size: Size
) -> list[CellValue] | None:
    """Return an operator's values, row by row, of cells of which some are "" or #VALUE!.

    There it gives #VALUE!. None for other texts and errors, and as in `_operate_on_numbers`.
    """
    if operator not in _NUMPY_ARITHMETIC:
        return None
    left = _numpy_operand(a, size, "numbers_beside_gaps")
    right = _numpy_operand(b, size, "numbers_beside_gaps")
    if left is None or right is None or not _is_for_numpy(operator, right):
        return None
    values = _NUMPY_ARITHMETIC[operator](left, right).ravel()
    is_gap = np.isnan(left) | np.isnan(right)
    gaps = np.broadcast_to(is_gap, size).ravel()
    if not np.isfinite(values[~gaps]).all():
        return None
    flat: list[CellValue] = values.tolist()
    for gap in np.flatnonzero(gaps).tolist():
        flat[gap] = CellError.VALUE
    return flat


def _compare_with_value(
    operator: str, block: CellBlock, value: Value
) -> CellBlock | None:
    """Return which cells of a block are = or <> a single value.

    None where errors are compared, or numbers that are the same in 15 digits.
    """
    if value.__class__ is CellError or block.error is not None:
        return None
    if value.__class__ is float:
        if value and float not in block.kinds:
            return _nowhere_equal(operator, block)
        if has_near_number(block.ascending, value):
            return None
    key = comparison_key(value)
    equal_keys = {key, None} if key in _EQUAL_TO_BLANK else {key}
    if value is None:
        equal_keys = _EQUAL_TO_BLANK
    if equal_keys.isdisjoint(block.distinct_keys):
        return _nowhere_equal(operator, block)
    is_equal = operator == "="
    compared = [(key in equal_keys) == is_equal for key in block.comparison_keys]
    return CellBlock(block.rows, block.columns, None, np.array(compared))


def _nowhere_equal(operator: str, block: CellBlock) -> CellBlock:
    """Return what = or <> gives of a block and a value that it has not.

    It is one block for all such values, and for what is made of it.
    """
    return block.cached(f"nowhere {operator}", partial(_fill_block, operator == "<>"))


def _fill_block(value: bool, block: CellBlock) -> CellBlock:
    """Return a block of the size of another, with one logical everywhere."""
    logicals = np.full(block.rows * block.columns, value)
    return CellBlock(block.rows, block.columns, None, logicals)


def _compare_beside_texts(operator: str, a: CellBlock, b: CellBlock, size: Size) -> Any:
    """Return an array of a comparison of two blocks' cells, row by row, which may hold texts.

    None for other operators; where texts are compared with texts or, in an order, with blanks; if
    one holds errors or logicals; and as in `_operate_on_numbers`.
    """
    if operator not in _NUMPY_COMPARISONS:
        return None
    if not size.is_filled_by(a) or not size.is_filled_by(b):
        return None
    if operator in ("=", "<>"):
        return _equal_beside_texts(operator, a, b)
    return _order_beside_texts(operator, a, b)


def _equal_beside_texts(operator: str, a: CellBlock, b: CellBlock) -> Any:
    """Return an array of = or <> of cells: see `_compare_beside_texts`."""
    if not a.kinds | b.kinds <= {float, str, type(None)}:
        return None
    if str in a.kinds & b.kinds:
        return None
    equal_numbers = _find_equal(_as_table(a), _as_table(b))
    if equal_numbers is None:
        return None
    # A blank equals an empty text.
    left_empty = a.empty_marks.reshape(a.rows, -1)
    right_empty = b.empty_marks.reshape(b.rows, -1)
    equal = equal_numbers | (left_empty & right_empty)
    return equal.ravel() if operator == "=" else ~equal.ravel()


def _order_beside_texts(operator: str, a: CellBlock, b: CellBlock) -> Any:
    """Return an array of a comparison of order of cells: see `_compare_beside_texts`."""
    if not a.kinds | b.kinds <= {float, str}:
        return None
    left = _as_table(a)
    right = _as_table(b)
    if _find_equal(left, right) is None:
        return None
    is_left_text = np.isnan(left)
    is_right_text = np.isnan(right)
    if np.any(is_left_text & is_right_text):
        return None
    # Texts come after all numbers.
    left = np.where(is_left_text, np.inf, left)
    right = np.where(is_right_text, np.inf, right)
    return _NUMPY_COMPARISONS[operator](left, right).ravel()


def _as_table(block: CellBlock) -> Any:
    """Return a block's numbers as an array of its rows, with 0 for blanks and NaN for all else."""
    return block.comparable_numbers.reshape(block.rows, -1)


def _find_equal(left: Any, right: Any) -> Any:
    """Return where arrays are equal; None if unequal numbers are the same in 15 digits."""
    equal = left == right
    near = np.abs(left - right) <= 1e-14 * np.abs(left)
    return equal if np.count_nonzero(near) == np.count_nonzero(equal) else None


def _numpy_operand(
    value: Operand, size: Size, which: str = "numbers_beside_blanks"
) -> Any:
    """Return an operand as numpy's array, or None where numpy cannot take it.

    It takes a number, and a block that is repeated to a size: a value, a row or a column. `which`
    is the attribute with the block's numbers.
    """
    if not isinstance(value, CellBlock):
        return np.array(value) if value.__class__ is float else None
    if not size.is_filled_by(value):
        return None
    numbers = getattr(value, which)
    return None if numbers is None else numbers.reshape(value.rows, value.columns)


def apply_unary(operator: str, a: Operand) -> Operand:
    """Return +, - or % of an operand: a single value, or place by place of a block."""
    if operator == "+":
        return a
    return map_places(percent if operator == "%" else negative, a)


def map_places(function: Callable[..., CellValue], *args: Operand) -> Operand:
    """Return the block of a function's values for each place of its arguments.

    The function takes single values. A value, a row or a column is repeated over the largest size;
    without a block among the arguments it is called once, and its value returned.
    """
    if not any(isinstance(arg, CellBlock) for arg in args):
        return function(*args)
    rows, columns = common_size(*args)
    values_of_args = [broadcast_values(arg, rows, columns) for arg in args]
    mapped = [function(*values) for values in zip(*values_of_args, strict=True)]
    return CellBlock(rows, columns, mapped)
