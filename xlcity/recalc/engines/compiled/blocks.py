"""Blocks of values: ranges of cells, and arrays that formulas make of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from xlcity.errors import CellError, CellValue
from xlcity.recalc.engines.compiled.values import BINARY, E, negative, percent

#: Kinds of values that count as numbers in arrays.
_NUMERIC = ({float}, {bool})


class CellBlock:
    """An array: its values row by row.

    Attributes
    ----------
    rows, columns
        Its size.
    flat
        The values.
    numbers
        The same as numbers in an array, if all are numbers or all are logicals; else ``None``.
    """

    __slots__ = ("_cache", "_flat", "_numbers", "columns", "rows")

    def __init__(
        self, rows: int, columns: int, flat: list[CellValue] | None, numbers: Any = None
    ) -> None:
        self.rows, self.columns = rows, columns
        self._flat, self._numbers = flat, numbers
        self._cache: dict[object, Any] = {}

    @property
    def flat(self) -> list[CellValue]:
        """The values, row by row."""
        if self._flat is None:
            self._flat = self._numbers.tolist()
        return self._flat

    def kept(self, key: object, make: Callable[[CellBlock], Any]) -> Any:
        """Return what is made of the block, once."""
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = make(self)
        return found

    @property
    def kinds(self) -> set[type]:
        """The kinds of its values."""
        kinds: set[type] = self.kept("kinds", lambda block: set(map(type, block.flat)))
        return kinds

    @property
    def numbers(self) -> Any:
        """All values as an array of numbers or of logicals, if they are that; else ``None``."""
        if self._numbers is None:
            kinds = self.kinds
            if kinds in _NUMERIC:
                self._numbers = np.array(self.flat)
        return self._numbers

    @property
    def floats(self) -> Any:
        """Its numbers; logicals, texts and blanks are left out."""
        kinds = self.kinds
        if len(kinds) == 1 and float in kinds:
            return self.flat
        return self.kept("floats", _floats)

    @property
    def error(self) -> CellError | None:
        """The first error in it."""
        if CellError not in self.kinds:
            return None
        return next(v for v in self.flat if v.__class__ is CellError)

    @property
    def zeroed(self) -> Any:
        """Its numbers, with 0 for all else that is no error."""
        return self.kept("zeroed", _zeroed)

    @property
    def ordered(self) -> Any:
        """Numbers to be compared with a number: texts and logicals come after all of them."""
        return self.kept("ordered", _ordered)

    def cell(self, row: int, column: int) -> CellValue:
        """Return one value, counted from 0."""
        return self.flat[row * self.columns + column]


class CellArea(CellBlock):
    """A range of cells, whose values are looked at when they are there.

    Parameters
    ----------
    values
        The values of all cells; those of a column stand one after the other.
    start, step
        Where the first cell stands, and how far it is to the next column.
    row, column
        The address of the first cell.
    """

    __slots__ = ("_values", "column", "row", "start", "step")

    def __init__(
        self, values: list[CellValue], start: int, step: int, rows: int, columns: int,
        row: int, column: int,
    ) -> None:  # fmt: skip
        self.rows, self.columns = rows, columns
        self._flat = self._numbers = None
        self._values, self.start, self.step = values, start, step
        self.row, self.column = row, column
        self._cache = {}

    @property
    def flat(self) -> list[CellValue]:
        """The values, row by row."""
        if self._flat is None:
            values, start, step = self._values, self.start, self.step
            if self.columns == 1:
                self._flat = values[start : start + self.rows]
            else:
                width = self.columns * step
                self._flat = [
                    value
                    for row in range(start, start + self.rows)
                    for value in values[row : row + width : step]
                ]
        return self._flat

    def cell(self, row: int, column: int) -> CellValue:
        """Return one value, counted from 0."""
        return self._values[self.start + row + column * self.step]

    def forget(self) -> None:
        """Let go of what is known of the values."""
        self._flat = self._numbers = None
        self._cache = {}

    def part(self, row: int, column: int, rows: int, columns: int) -> CellArea:
        """Return a part, counted from 0."""
        start = self.start + row + column * self.step
        return CellArea(
            self._values, start, self.step, rows, columns, self.row + row, self.column + column
        )


def _floats(block: CellBlock) -> list[float]:
    return [value for value in block.flat if value.__class__ is float]


def _zeroed(block: CellBlock) -> Any:
    if block.numbers is not None and block.numbers.dtype == float:
        return block.numbers
    return np.array([v if v.__class__ is float else 0.0 for v in block.flat])


_AFTER = {str: np.inf, bool: np.inf, type(None): 0.0}


def _ordered(block: CellBlock) -> Any:
    if block.numbers is not None and block.numbers.dtype == float:
        return block.numbers
    return np.array([v if v.__class__ is float else _AFTER[v.__class__] for v in block.flat])


#: Operators between arrays of numbers, and whether they compare.
_FAST: dict[str, tuple[Any, bool]] = {
    "+": (np.add, False), "-": (np.subtract, False), "*": (np.multiply, False),
    "/": (np.divide, False),
    "=": (np.equal, True), "<>": (np.not_equal, True), "<": (np.less, True),
    ">": (np.greater, True), "<=": (np.less_equal, True), ">=": (np.greater_equal, True),
}  # fmt: skip


def _shape(*blocks: object) -> tuple[int, int]:
    rows = columns = 1
    for block in blocks:
        if isinstance(block, CellBlock):
            rows, columns = max(rows, block.rows), max(columns, block.columns)
    return rows, columns


def spread(value: Any, rows: int, columns: int) -> Sequence[CellValue]:
    """Return the values of an operand as an array of a size sees them."""
    if not isinstance(value, CellBlock):
        return [value] * (rows * columns)
    flat, r, c = value.flat, value.rows, value.columns
    if (r, c) == (rows, columns):
        return flat
    if r == 1 and c == 1:
        return flat * (rows * columns)
    if r == 1 and c == columns:
        return flat * rows
    if c == 1 and r == rows:
        return [v for v in flat for _ in range(columns)]
    return [
        flat[(0 if r == 1 else i) * c + (0 if c == 1 else j)]
        if (r == 1 or i < r) and (c == 1 or j < c)
        else E.NA
        for i in range(rows)
        for j in range(columns)
    ]


def _plain(value: Any) -> Any:
    """Return an operand as numpy takes it, if it is made of numbers."""
    if isinstance(value, CellBlock):
        return value.numbers
    return value if value.__class__ is float or value.__class__ is bool else None


def binary(operator: str, a: Any, b: Any) -> Any:
    """Return the value of an operator between operands of which some may be arrays."""
    if not isinstance(a, CellBlock) and not isinstance(b, CellBlock):
        return BINARY[operator](a, b)
    rows, columns = _shape(a, b)
    fast = _FAST.get(operator)
    if fast is not None and (found := _fast(fast, a, b, rows, columns)) is not None:
        return found
    operate = BINARY[operator]
    pairs = zip(spread(a, rows, columns), spread(b, rows, columns), strict=True)
    return CellBlock(rows, columns, [operate(x, y) for x, y in pairs])


def _fast(fast: tuple[Any, bool], a: Any, b: Any, rows: int, columns: int) -> CellBlock | None:
    operate, compares = fast
    if compares:
        # Beside texts, numbers keep their order.
        if b.__class__ is float and isinstance(a, CellBlock):
            if CellError in a.kinds:
                return None
            return CellBlock(rows, columns, None, operate(a.ordered, b))
        x, y = _plain(a), _plain(b)
        if x is None or y is None or _logical(x) != _logical(y):
            return None
    else:
        x, y = _plain(a), _plain(b)
        if x is None or y is None:
            return None
    wide = [block for block in (a, b) if isinstance(block, CellBlock)]
    if any(block.rows * block.columns not in (1, rows * columns) for block in wide):
        return None
    if not compares:
        x, y = x * 1.0, y * 1.0
        if operate is np.divide and not np.all(y):
            return None
    with np.errstate(all="ignore"):
        found = operate(x, y)
    return CellBlock(rows, columns, None, found)


def _logical(value: Any) -> bool:
    return value.__class__ is bool or getattr(value, "dtype", None) == np.bool_


def unary(operator: str, a: Any) -> Any:
    """Return the value of an operator before or behind an operand that may be an array."""
    if operator == "+":
        return a
    operate = percent if operator == "%" else negative
    return lift(operate, a)


def lift(function: Callable[..., CellValue], *args: Any) -> Any:
    """Return the value of a function of single values, for each place of its arrays."""
    if not any(isinstance(arg, CellBlock) for arg in args):
        return function(*args)
    rows, columns = _shape(*args)
    wide = [spread(arg, rows, columns) for arg in args]
    return CellBlock(rows, columns, [function(*values) for values in zip(*wide, strict=True)])
