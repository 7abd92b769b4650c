"""Blocks of values: ranges of cells, and arrays that formulas make of them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence, Set
from functools import partial
from typing import Any, TypeVar

import numpy as np

from xlcity.errors import CellError, CellValue
from xlcity.recalc.engines.compiled.references import AreaSpec
from xlcity.recalc.engines.compiled.values import DoubtError, key_of
from xlcity.xlsx.formulas.number_texts import in_15_digits

_T = TypeVar("_T")
#: A `CellBlock`, or a single `Value` of `values`.
Operand = Any

#: Kinds of values that count as numbers in arrays.
_NUMERIC = ({float}, {bool})
#: Kinds of values that an operator counts with only after a closer look, or not at all.
NO_NUMBERS = frozenset((type(None), str, bool, CellError))
#: No places.
NOWHERE: Set[int] = frozenset()


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
    cache
        What was made of it, by name.
    """

    __slots__ = ("_flat", "_kinds", "_numbers", "cache", "columns", "rows")

    def __init__(
        self, rows: int, columns: int, flat: list[CellValue] | None, numbers: Any = None
    ) -> None:
        self.rows, self.columns = rows, columns
        self._flat, self._numbers = flat, numbers
        self._kinds: set[type] | None = None
        self.cache: dict[object, Any] = {}

    @property
    def flat(self) -> list[CellValue]:
        """The values, row by row."""
        if self._flat is None:
            self._flat = self._numbers.tolist()
        return self._flat

    def cached(self, key: object, make: Callable[[CellBlock], _T]) -> _T:
        """Return ``make(self)``, made once; the cache has it by `key`."""
        cached: _T | None = self.cache.get(key)
        if cached is None:
            cached = self.cache[key] = make(self)
        return cached

    def cached_with(self, key: object, other: object, make: Callable[[], Any]) -> Any:
        """Return ``make()``, which uses another operand, made once as long as that is the same.

        Neighbouring formulas often have the same operands.
        """
        cached = self.cache.get(key)
        if cached is None or cached[0] is not other:
            cached = self.cache[key] = other, make()
        return cached[1]

    @property
    def kinds(self) -> set[type]:
        """The kinds of its values."""
        if self._kinds is None:
            self._kinds = set(map(type, self.flat))
        return self._kinds

    @property
    def numbers(self) -> Any:
        """All values as an array of numbers or of logicals, if they are that; else ``None``."""
        if self._numbers is None:
            kinds = self.kinds
            if kinds in _NUMERIC:
                self._numbers = np.array(self.flat)
        return self._numbers

    @property
    def floats(self) -> list[float]:
        """Its numbers; logicals, texts and blanks are left out."""
        if self.kinds == {float}:
            return self.flat  # type: ignore[return-value]
        return self.cached("floats", lambda block: [v for v in block.flat if isinstance(v, float)])

    @property
    def ascending(self) -> list[float]:
        """Its numbers, sorted."""
        return self.cached("ascending", lambda block: sorted(block.floats))

    @property
    def error(self) -> CellError | None:
        """The first error in it."""
        if CellError not in self.kinds:
            return None
        return next(v for v in self.flat if v.__class__ is CellError)

    @property
    def zeroed(self) -> Any:
        """An array of its numbers, row by row, with 0 for all else."""
        return self.cached("zeroed", _floats_or_zero)

    @property
    def factor(self) -> Any:
        """Its first error; else `zeroed`."""
        return self.cached(
            "factor", lambda block: block.zeroed if block.error is None else block.error
        )

    @property
    def keys(self) -> list[object]:
        """What its values are compared by: see `key_of`."""
        return self.cached("keys", lambda block: list(map(key_of, block.flat)))

    def indices_of(self, kinds: frozenset[type]) -> Set[int]:
        """Return the indices in `flat` of values of some kinds."""
        if kinds.isdisjoint(self.kinds):
            return NOWHERE
        return self.cached(
            kinds, lambda _: {n for n, value in enumerate(self.flat) if value.__class__ in kinds}
        )

    @property
    def ordered(self) -> Any:
        """An array for comparing with numbers: texts and logicals as infinity, other values 0."""
        return self.cached("ordered", _floats_to_compare)

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
        self.rows, self.columns = rows, columns
        self._flat = self._numbers = self._kinds = None
        self._values, self.start, self.step = values, start, step
        self.cache = {}

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

    def value_at(self, row: int, column: int) -> CellValue:
        """Return one value; row and column are counted from 0."""
        return self._values[self.start + row + column * self.step]

    def forget_values(self) -> None:
        """Drop what was read and cached, to free memory or because cells have changed."""
        self._flat = self._numbers = self._kinds = None
        self.cache = {}

    def subarea(self, row: int, column: int, rows: int, columns: int) -> CellArea:
        """Return a part of a size; its first row and column are counted from 0."""
        start = self.start + row + column * self.step
        return CellArea(self._values, start, self.step, rows, columns)


def _floats_or_zero(block: CellBlock) -> Any:
    if block.numbers is not None and block.numbers.dtype == float:
        return block.numbers
    return np.array([v if v.__class__ is float else 0.0 for v in block.flat])


#: What other values count as beside numbers; errors are compared one by one.
_COMPARED_AS = {str: np.inf, bool: np.inf, type(None): 0.0, CellError: 0.0}


def _floats_to_compare(block: CellBlock) -> Any:
    if block.numbers is not None and block.numbers.dtype == float:
        return block.numbers
    return np.array([v if v.__class__ is float else _COMPARED_AS[v.__class__] for v in block.flat])


def broadcast_values(value: Operand, rows: int, columns: int) -> Sequence[CellValue]:
    """Return an operand's values for each place of an array of a size, row by row.

    A value, a row or a column is repeated; beyond other blocks there is #N/A.
    """
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
        else CellError.NA
        for i in range(rows)
        for j in range(columns)
    ]


def common_size(*blocks: Operand) -> tuple[int, int]:
    """Return the rows and columns that hold all operands; (1, 1) without a block."""
    rows = columns = 1
    for block in blocks:
        if isinstance(block, CellBlock):
            rows, columns = max(rows, block.rows), max(columns, block.columns)
    return rows, columns


def fit_to_size(value: Operand, rows: int, columns: int) -> Operand:
    """Return an operand as a value or, a line being repeated, as a block of a size.

    None for a blank and for blocks that do not fit.
    """
    if not isinstance(value, CellBlock) or (value.rows == rows and value.columns == columns):
        return value
    if value.rows == value.columns == 1:
        return value.flat[0]
    if value.rows not in (1, rows) or value.columns not in (1, columns):
        return None
    return value.cached((rows, columns), partial(_repeat_line, rows, columns))


def _repeat_line(rows: int, columns: int, block: CellBlock) -> CellBlock:
    """Return a block of a size, of which each row or each column is the given one."""
    if (numbers := block.numbers) is None:
        return CellBlock(rows, columns, list(broadcast_values(block, rows, columns)))
    wide = np.tile(numbers, rows) if block.rows == 1 else np.repeat(numbers, columns)
    return CellBlock(rows, columns, None, wide)


#: A text that spells a number.
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z", re.A)
#: From so many ranges on that begin at one cell, their values are counted together.
_LEAST_GROWING = 8


class ValuesAbove:
    """The rows of each value, or each row of values, in columns that are read from the top.

    Parameters
    ----------
    values
        The values of all cells.
    starts
        The indices of the columns' first cells.
    """

    def __init__(self, values: list[CellValue], starts: Sequence[int]) -> None:
        self.values, self.starts = values, tuple(starts)
        self.together: dict[tuple[int, ...], ValuesAbove] = {}
        self.forget_values()

    def forget_values(self) -> None:
        """Drop what was read, because cells have changed."""
        self._rows = 0
        self._rows_by_key: dict[object, list[int]] = {}
        #: Whether a text spells a number, and so equals it.
        self.spelled = False
        #: Numbers in 15 digits -> the first that has these.
        self._number_by_digits: dict[float, float] = {}
        self.together.clear()

    def count_rows(self, keys: tuple[object, ...], rows: int) -> int:
        """Return how many of the first `rows` rows have these keys, one per column."""
        if rows > self._rows:
            self._read_up_to(rows)
        return bisect_left(self._rows_by_key.get(keys, ()), rows)

    def _read_up_to(self, rows: int) -> None:
        """Read the rows not read yet; `DoubtError` where numbers differ in their last digits."""
        columns = [self.values[start + self._rows : start + rows] for start in self.starts]
        for row, values in enumerate(zip(*columns, strict=True), self._rows):
            self._rows_by_key.setdefault(tuple(map(key_of, values)), []).append(row)
            for value in values:
                if value.__class__ is str and NUMBER.match(value.strip()):
                    self.spelled = True
                    if len(values) == 1:
                        self._rows_by_key.setdefault((float(value),), []).append(row)
                elif (
                    value.__class__ is float
                    and not value.is_integer()
                    and self._number_by_digits.setdefault(in_15_digits(value), value) != value
                ):
                    raise DoubtError("numbers that differ in their last digits")
        self._rows = rows


def join_columns(columns: Sequence[ValuesAbove]) -> ValuesAbove:
    """Return one object for several columns, cached with the first."""
    first, starts = columns[0], tuple(start for column in columns for start in column.starts)
    if (joined := first.together.get(starts)) is None:
        joined = first.together[starts] = ValuesAbove(first.values, starts)
    return joined


class GrowingArea(CellArea):
    """One of many ranges that begin at the same cell.

    Parameters
    ----------
    above
        The column that all of them begin.
    values, spec
        As for `CellArea`: start, step, rows and columns.
    """

    __slots__ = ("above",)

    def __init__(self, above: ValuesAbove, values: list[CellValue], *spec: int) -> None:
        super().__init__(values, *spec)
        self.above = above

    def forget_values(self) -> None:
        """Drop what was read and cached, because cells have changed."""
        super().forget_values()
        self.above.forget_values()


def make_areas(specs: Sequence[AreaSpec], values: list[CellValue]) -> list[CellArea]:
    """Return the ranges of a program; columns that begin at one cell share what they count."""
    columns_from = Counter(spec[0] for spec in specs if spec[3] == 1)
    above: dict[int, ValuesAbove] = {}
    areas: list[CellArea] = []
    for spec in specs:
        start, columns = spec[0], spec[3]
        if columns == 1 and columns_from[start] >= _LEAST_GROWING:
            if start not in above:
                above[start] = ValuesAbove(values, (start,))
            areas.append(GrowingArea(above[start], values, *spec))
        else:
            areas.append(CellArea(values, *spec))
    return areas
