"""Ranges that begin at one cell and end in each row below, as in ``COUNTIF(A$9:A12, A12)``."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from xlcity.errors import CellValue
from xlcity.recalc.engines.compiled.blocks import CellArea
from xlcity.recalc.engines.compiled.references import AreaSpec
from xlcity.recalc.engines.compiled.values import DoubtError, key_of
from xlcity.xlsx.formulas.number_texts import in_15_digits

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
