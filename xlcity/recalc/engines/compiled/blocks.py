"""Blocks of values: ranges of cells, and arrays that formulas make of them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence, Set
from functools import partial
from typing import Any

import numpy as np

from xlcity.errors import CellError, CellValue
from xlcity.recalc.engines.compiled.references import AreaSpec
from xlcity.recalc.engines.compiled.values import DoubtError, key_of
from xlcity.xlsx.formulas.number_texts import in_15_digits

#: Kinds of values that count as numbers in arrays.
_NUMERIC = ({float}, {bool})
#: Kinds of values that an operator counts with only after a closer look, or not at all.
NO_NUMBERS = frozenset((type(None), str, bool, CellError))
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

    def kept(self, key: object, make: Callable[[CellBlock], Any]) -> Any:
        """Return what is made of the block, once."""
        if (cached := self.cache.get(key)) is None:
            cached = self.cache[key] = make(self)
        return cached

    def kept_with(self, key: object, other: object, make: Callable[[], Any]) -> Any:
        """Return what is made of the block and another operand, once as long as that is the same.

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
    def floats(self) -> Any:
        """Its numbers; logicals, texts and blanks are left out."""
        kinds = self.kinds
        return self.flat if len(kinds) == 1 and float in kinds else self.kept("floats", _floats)

    @property
    def error(self) -> CellError | None:
        """The first error in it."""
        if CellError not in self.kinds:
            return None
        return next(v for v in self.flat if v.__class__ is CellError)

    @property
    def zeroed(self) -> Any:
        """Its numbers in a line, with 0 for all else."""
        return self.kept("zeroed", _zeroed)

    @property
    def factor(self) -> Any:
        """Its first error; else `zeroed`."""
        return self.kept("factor", _factor)

    @property
    def keys(self) -> list[object]:
        """What its values are compared by: see `key_of`."""
        keys: list[object] = self.kept("keys", lambda block: list(map(key_of, block.flat)))
        return keys

    def places(self, kinds: frozenset[type]) -> Set[int]:
        """Return where values of some kinds stand."""
        if kinds.isdisjoint(self.kinds):
            return NOWHERE
        indices: Set[int] = self.kept(
            kinds, lambda _: {n for n, value in enumerate(self.flat) if value.__class__ in kinds}
        )
        return indices

    @property
    def ordered(self) -> Any:
        """Numbers to be compared with numbers: texts and logicals come after all of them."""
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

    def cell(self, row: int, column: int) -> CellValue:
        """Return one value, counted from 0."""
        return self._values[self.start + row + column * self.step]

    def forget(self) -> None:
        """Let go of what is known of the values."""
        self._flat = self._numbers = self._kinds = None
        self.cache = {}

    def part(self, row: int, column: int, rows: int, columns: int) -> CellArea:
        """Return a part, counted from 0."""
        start = self.start + row + column * self.step
        return CellArea(self._values, start, self.step, rows, columns)


def _floats(block: CellBlock) -> list[float]:
    return [value for value in block.flat if value.__class__ is float]


def _factor(block: CellBlock) -> Any:
    return block.zeroed if block.error is None else block.error


def _zeroed(block: CellBlock) -> Any:
    if block.numbers is not None and block.numbers.dtype == float:
        return block.numbers
    return np.array([v if v.__class__ is float else 0.0 for v in block.flat])


#: Errors are compared one by one.
_AFTER = {str: np.inf, bool: np.inf, type(None): 0.0, CellError: 0.0}


def _ordered(block: CellBlock) -> Any:
    if block.numbers is not None and block.numbers.dtype == float:
        return block.numbers
    return np.array([v if v.__class__ is float else _AFTER[v.__class__] for v in block.flat])


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
        else CellError.NA
        for i in range(rows)
        for j in range(columns)
    ]


def size_of(*blocks: object) -> tuple[int, int]:
    """Return the rows and columns that arrays have together."""
    rows = columns = 1
    for block in blocks:
        if isinstance(block, CellBlock):
            rows, columns = max(rows, block.rows), max(columns, block.columns)
    return rows, columns


def of_size(value: Any, rows: int, columns: int) -> Any:
    """Return an operand as a value or as a block of a size; ``None`` for blanks and other sizes."""
    if not isinstance(value, CellBlock) or (value.rows == rows and value.columns == columns):
        return value
    if value.rows == value.columns == 1:
        return value.flat[0]
    if value.rows not in (1, rows) or value.columns not in (1, columns):
        return None
    return value.kept((rows, columns), partial(_widened, rows, columns))


def _widened(rows: int, columns: int, block: CellBlock) -> CellBlock:
    """Return a line repeated."""
    if (numbers := block.numbers) is None:
        return CellBlock(rows, columns, list(spread(block, rows, columns)))
    wide = np.tile(numbers, rows) if block.rows == 1 else np.repeat(numbers, columns)
    return CellBlock(rows, columns, None, wide)


#: A text that spells a number.
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z", re.A)
#: Fewer ranges from one cell are looked at one by one.
_FEW = 8


class ValuesAbove:
    """Where each value, or each row of values, stands in columns that are read from the top.

    Parameters
    ----------
    values
        The values of all cells.
    starts
        Where the columns begin.
    """

    def __init__(self, values: list[CellValue], starts: Sequence[int]) -> None:
        self.values, self.starts = values, tuple(starts)
        self.together: dict[tuple[int, ...], ValuesAbove] = {}
        self.forget()

    def forget(self) -> None:
        """Let go of what is known of the values."""
        self._rows = 0
        self._places: dict[object, list[int]] = {}
        #: Whether a text spells a number, and so equals it.
        self.spelled = False
        #: Numbers in 15 digits -> the first that has these.
        self._digits: dict[float, float] = {}
        self.together.clear()

    def count(self, keys: tuple[object, ...], rows: int) -> int:
        """Return in how many of the first rows these values stand."""
        if rows > self._rows:
            self._read(rows)
        return bisect_left(self._places.get(keys, ()), rows)

    def _read(self, rows: int) -> None:
        columns = [self.values[start + self._rows : start + rows] for start in self.starts]
        for row, values in enumerate(zip(*columns, strict=True), self._rows):
            self._places.setdefault(tuple(map(key_of, values)), []).append(row)
            for value in values:
                if value.__class__ is str and NUMBER.match(value.strip()):
                    self.spelled = True
                    if len(values) == 1:
                        self._places.setdefault((float(value),), []).append(row)
                elif (
                    value.__class__ is float
                    and not value.is_integer()
                    and self._digits.setdefault(in_15_digits(value), value) != value
                ):
                    raise DoubtError("numbers that differ in their last digits")
        self._rows = rows


def counted_above(columns: Sequence[ValuesAbove]) -> ValuesAbove:
    """Return several columns as one; it is kept with the first."""
    first, starts = columns[0], tuple(start for column in columns for start in column.starts)
    if (joined := first.together.get(starts)) is None:
        joined = first.together[starts] = ValuesAbove(first.values, starts)
    return joined


class GrowingArea(CellArea):
    """One of many ranges that begin at the same cell.

    Parameters
    ----------
    above
        What they have in common.
    spec
        As for any range.
    """

    __slots__ = ("above",)

    def __init__(self, above: ValuesAbove, values: list[CellValue], *spec: int) -> None:
        super().__init__(values, *spec)
        self.above = above

    def forget(self) -> None:
        """Let go of what is known of the values."""
        super().forget()
        self.above.forget()


def areas_of(specs: Sequence[AreaSpec], values: list[CellValue]) -> list[CellArea]:
    """Return the ranges of a program."""
    often = Counter(spec[0] for spec in specs if spec[3] == 1)
    above: dict[int, ValuesAbove] = {}
    areas: list[CellArea] = []
    for spec in specs:
        start, columns = spec[0], spec[3]
        if columns == 1 and often[start] >= _FEW:
            if start not in above:
                above[start] = ValuesAbove(values, (start,))
            areas.append(GrowingArea(above[start], values, *spec))
        else:
            areas.append(CellArea(values, *spec))
    return areas
