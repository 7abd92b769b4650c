"""Says in one line what a parameter takes from many cities: minimum of 108 cities: 3.2, Perth."""

from __future__ import annotations

import math
import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlcity.audit.trace.description import Words
from xlcity.audit.trace.steps import TraceStep

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

    def text(self, value: str, language: int | None = None) -> str:
        """Return the line for people: in Chinese (0), in English (1), or in both."""
        if language is None:
            return f"{self.text(value, 0)} {self.text(value, 1)}"
        what = _STATISTICS[self.statistic][1].alone()[language]
        if self.statistic == "COUNT":
            return (
                f"{value} {'cities' if self.cities else 'cells'}"
                if language
                else (f"{value} {'个城市' if self.cities else '个单元格'}")
            )
        names = [step.description.words[0].alone()[language] for step in self.at[:2]]
        names += ["…"] if len(self.at) > len(names) else []
        if language:
            of = "cities" if self.cities else "cells"
            return f"{what} of {self.count} {of}: {', '.join([value, *names])}"
        of = "个城市" if self.cities else "个单元格"
        return f"{self.count} {of}的{what}：{'，'.join([value, *names])}"


def summarise(step: TraceStep, steps: Mapping[str, TraceStep]) -> Summary | None:
    """Return what a formula takes from many cells, or None where that is not one statistic.

    The function stands in the formula and gives the value of the cell from the stored values of
    the range, or of the cities in it that share a text in another range (a group).
    """
    if step.formula is None or isinstance(step.value, bool):
        return None
    if not isinstance(step.value, (int, float)):
        return None
    called = list(dict.fromkeys(_CALLED.findall(step.formula)))[::-1]
    if not called:
        return None
    for members in _samples(step, steps):
        numbers = [float(one.value) for one in members]  # type: ignore[arg-type]
        for name in called:
            if math.isclose(
                _STATISTICS[name][0](numbers), step.value, rel_tol=_NEAR, abs_tol=1e-12
            ):
                units = {one.description.unit for one in members}
                cities = len(units) == len(members) and "" not in units
                at = () if name not in ("MIN", "MAX") else _having(step.value, members)
                return Summary(name, len(members), cities, at)
    return None


def _having(value: float, members: Sequence[TraceStep]) -> tuple[TraceStep, ...]:
    return tuple(one for one in members if one.value == value)


def _samples(step: TraceStep, steps: Mapping[str, TraceStep]) -> Iterator[list[TraceStep]]:
    """Yield the numbers of each long range that is read, then those of one group."""
    ranges = [
        [steps[member.key] for member in steps[read.key].inputs if member.key in steps]
        for read in step.inputs
        if read.role == "value" and steps[read.key].kind == "range"
    ]
    groups: dict[str, str] = {}
    long = []
    for members in ranges:
        numbers = [one for one in members if _is_number(one)]
        if len(numbers) >= _MANY:
            long.append(numbers)
        else:
            groups |= {
                one.description.unit: one.value for one in members if isinstance(one.value, str)
            }
    yield from long
    for numbers in long:
        parts: dict[str, list[TraceStep]] = defaultdict(list)
        for one in numbers:
            parts[groups.get(one.description.unit, "")].append(one)
        yield from (part for group, part in parts.items() if group and len(part) >= _MANY)


def _is_number(step: TraceStep) -> bool:
    return isinstance(step.value, (int, float)) and not isinstance(step.value, bool)
