"""Says in one line what a parameter takes from many cities: minimum of 108 cities: 3.2, Perth."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from xlcity.audit.lint.subject import is_number
from xlcity.audit.trace.steps import TraceStep, Words

#: Fewer cells than this are listed, not summarised.
_MANY = 8
#: How near a statistic of the stored values must be to the value of the cell.
_NEAR = 1e-9
_STATISTICS: dict[str, tuple[Callable[[Sequence[float]], float], Words]] = {
    "MIN": (min, Words("最小值", "minimum")),
    "MAX": (max, Words("最大值", "maximum")),
    "AVERAGE": (statistics.fmean, Words("平均值", "mean")),
    "STDEV.P": (statistics.pstdev, Words("标准差（总体）", "standard deviation (population)")),
    "STDEV.S": (statistics.stdev, Words("标准差（样本）", "standard deviation (sample)")),
    "MEDIAN": (statistics.median, Words("中位数", "median")),
    "SUM": (math.fsum, Words("合计", "sum")),
    "COUNT": (len, Words("个数", "number")),
}
_CALLED = re.compile(rf"\b({'|'.join(map(re.escape, _STATISTICS))})(?:IFS?)?\(")


@dataclass(frozen=True, slots=True)
class Summary:
    """A statistic of many cells.

    Attributes
    ----------
    statistic
        The function of the formula.
    count
        How many numbers it takes.
    cities
        Whether each of them belongs to a city of its own.
    at
        Of a minimum or maximum, the cells that have it.
    """

    statistic: str
    count: int
    cities: bool
    at: tuple[TraceStep, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "statistic": self.statistic,
            "count": self.count,
            "cells": [step.key for step in self.at],
            "units": [step.description.unit for step in self.at if step.description.unit],
        }

    def text(self, value: str, language: int) -> str:
        """Return the line for people: in Chinese (0) or in English (1)."""
        what = _STATISTICS[self.statistic][1].alone()[language]
        of = ("个城市" if self.cities else "个单元格", " cities" if self.cities else " cells")
        if self.statistic == "COUNT":
            return f"{value}{of[language]}" if language else f"{value} {of[language]}"
        names = [step.description.words[0].alone()[language] for step in self.at[:2]]
        names += ["…"] if len(self.at) > len(names) else []
        if language:
            return f"{what} of {self.count}{of[1]}: {', '.join([value, *names])}"
        return f"{self.count} {of[0]}的{what}：{'，'.join([value, *names])}"


class Summaries:
    """Says of formulas what they take from many cells.

    A range that a thousand formulas read is looked at once.

    Parameters
    ----------
    steps
        Key -> step, of a whole trace.
    """

    def __init__(self, steps: Mapping[str, TraceStep]) -> None:
        self.steps = steps
        self._summary, self._members = cache(self._find_summary), cache(self._find_members)
        self._statistic = cache(self._find_statistic)

    def of(self, step: TraceStep) -> Summary | None:
        """Return what a formula takes from many cells, or None where that is not one statistic.

        The function stands in the formula and gives the value of the cell from the stored values of
        a range.
        """
        return self._summary(step.key)

    def _find_summary(self, key: str) -> Summary | None:
        step = self.steps[key]
        called = list(dict.fromkeys(_CALLED.findall(step.formula or "")))[::-1]
        if not called or not is_number(step.value):
            return None
        reads = (read.key for read in step.inputs if read.role == "value")
        ranges = [key for key in reads if self.steps[key].kind == "range"]
        for range_key, name in product(ranges, called):
            if math.isclose(
                self._statistic(name, range_key), _number(step), rel_tol=_NEAR, abs_tol=1e-12
            ):
                members = self._members(range_key)
                units = {member.description.unit for member in members}
                extremes = [m for m in members if name in ("MIN", "MAX") and m.value == step.value]
                of_cities = len(units) == len(members) and "" not in units
                return Summary(name, len(members), of_cities, tuple(extremes))
        return None

    def _find_statistic(self, name: str, range_key: str) -> float:
        """Return a statistic of a range, NaN of a short one."""
        numbers = [_number(member) for member in self._members(range_key)]
        return _STATISTICS[name][0](numbers) if len(numbers) >= _MANY else math.nan

    def _find_members(self, range_key: str) -> list[TraceStep]:
        """Return the cells of a range that hold numbers."""
        members = (self.steps.get(read.key) for read in self.steps[range_key].inputs)
        return [member for member in members if member is not None and is_number(member.value)]


def _number(step: TraceStep) -> float:
    return float(step.value)  # type: ignore[arg-type]
