"""Says in one line what a parameter takes from many cities: minimum of 108 cities: 3.2, Perth."""

from __future__ import annotations

import math
import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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


@dataclass(frozen=True, slots=True)
class _Sample:
    """Numbers of many cells that formulas take together; statistics of them are kept."""

    members: tuple[TraceStep, ...]
    statistics: dict[str, float] = field(default_factory=dict)

    def statistic(self, name: str) -> float:
        if name not in self.statistics:
            numbers = [float(member.value) for member in self.members]  # type: ignore[arg-type]
            self.statistics[name] = _STATISTICS[name][0](numbers)
        return self.statistics[name]

    @property
    def cities(self) -> bool:
        units = {member.description.unit for member in self.members}
        return len(units) == len(self.members) and "" not in units


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
        self._summaries: dict[str, Summary | None] = {}
        self._samples: dict[tuple[str, ...], tuple[_Sample, ...]] = {}
        #: Key of a long range -> its numbers; of a short one -> city -> text.
        self._long: dict[str, _Sample | None] = {}
        self._groups: dict[str, dict[str, str]] = {}

    def of(self, step: TraceStep) -> Summary | None:
        """Return what a formula takes from many cells, or None where that is not one statistic.

        The function stands in the formula and gives the value of the cell from the stored values of
        the range, or of the cities in it that share a text in another range (a group).
        """
        if step.key not in self._summaries:
            self._summaries[step.key] = self._summary(step)
        return self._summaries[step.key]

    def _summary(self, step: TraceStep) -> Summary | None:
        if step.formula is None or isinstance(step.value, bool):
            return None
        if not isinstance(step.value, (int, float)):
            return None
        called = list(dict.fromkeys(_CALLED.findall(step.formula)))[::-1]
        if not called:
            return None
        ranges = (read.key for read in step.inputs if read.role == "value")
        for sample in self._samples_in(
            tuple(key for key in ranges if self.steps[key].kind == "range")
        ):
            for name in called:
                if math.isclose(sample.statistic(name), step.value, rel_tol=_NEAR, abs_tol=1e-12):
                    members = sample.members
                    extremes = () if name not in ("MIN", "MAX") else _having(step.value, members)
                    return Summary(name, len(members), sample.cities, extremes)
        return None

    def _samples_in(self, ranges: tuple[str, ...]) -> tuple[_Sample, ...]:
        """Return the numbers of each long range, then those of one group."""
        if ranges not in self._samples:
            self._samples[ranges] = tuple(self._new_samples(ranges))
        return self._samples[ranges]

    def _new_samples(self, ranges: tuple[str, ...]) -> Iterator[_Sample]:
        groups: dict[str, str] = {}
        long = []
        for key in ranges:
            if (sample := self._numbers(key)) is not None:
                long.append(sample)
            else:
                groups |= self._groups[key]
        yield from long
        for sample in long if groups else ():
            parts: dict[str, list[TraceStep]] = defaultdict(list)
            for member in sample.members:
                parts[groups.get(member.description.unit, "")].append(member)
            for group, part in parts.items():
                if group and len(part) >= _MANY:
                    yield _Sample(tuple(part))

    def _numbers(self, key: str) -> _Sample | None:
        """Return the numbers of a range, if they are many; else its texts are kept as groups."""
        if key not in self._long:
            members = [
                self.steps[member.key]
                for member in self.steps[key].inputs
                if member.key in self.steps
            ]
            numbers = tuple(member for member in members if _is_number(member))
            is_long = len(numbers) >= _MANY
            self._long[key] = _Sample(numbers) if is_long else None
            if not is_long:
                self._groups[key] = {
                    member.description.unit: member.value
                    for member in members
                    if isinstance(member.value, str)
                }
        return self._long[key]


def _having(value: float, members: Sequence[TraceStep]) -> tuple[TraceStep, ...]:
    return tuple(member for member in members if member.value == value)


def _is_number(step: TraceStep) -> bool:
    return isinstance(step.value, (int, float)) and not isinstance(step.value, bool)
