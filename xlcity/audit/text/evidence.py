"""What is known of cities as it is printed: scores, ranks, values, groups, each with its table.

Claims of texts are checked against it. What a report prints is read from its tables.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import numpy as np

from xlcity.audit.tables.printed_numbers import RANK, SCORE, Series, decimals_of
from xlcity.audit.tables.reproduction import printed_of
from xlcity.functions.rank import ascending_ranks, rank_competition
from xlcity.grouping import grouped
from xlcity.model.dataset import Unit
from xlcity.model.framework import Framework
from xlcity.reports.report import GroupType, Report, TierRule

#: What sorts cities: attribute -> value. Empty: all cities.
Group = tuple[tuple[str, str], ...]
#: In the place of an attribute: the cities that a sentence lists, one a line.
LISTED = ""
#: What may stand between a number and its measure: a word that is no size.
_SIZE = r"\s*(?:(?!\w*illion|thousand)[a-z]+\s)?"
#: What follows the first word of a measure.
_UNIT_TAIL = re.compile(r"(?<=.)(?<!illion)(?<!housand)(?=[\s/·（(]|per ).*$")


@dataclass(frozen=True, slots=True)
class SourcedNumber:
    """A number of a table as printed, and the table."""

    text: str
    table: str

    @property
    def value(self) -> float:
        """The number."""
        return float(self.text)

    @classmethod
    def written(cls, text: str) -> SourcedNumber:
        """Return a number that a sentence states."""
        return cls(text.replace(",", ""), "")

    @property
    def decimals(self) -> int:
        """How many decimals it has."""
        return decimals_of(self.text)

    @property
    def half(self) -> float:
        """Half a unit of its last digit."""
        return float(0.5 * 10.0**-self.decimals)

    @property
    def reach(self) -> float:
        """How far rounding may have moved it; small whole numbers are taken for exact."""
        return self.half if self.decimals or self.value >= 1000 else 0.0


#: (Node, city) -> cell.
Cells = Mapping[tuple[str, str], SourcedNumber]


@dataclass(frozen=True)
class TextEvidence:
    """The tables of a report or a workbook.

    Attributes
    ----------
    name
        What they are the tables of.
    scores, ranks, earlier
        Scores, ranks, and ranks of the previous edition.
    ties
        The rule for ties.
    titles
        What the index is called, besides the name of its root.
    beside
        Ranks that are compared with earlier ones in the place of `ranks`: printed ones, where
        those of the index rest on invented values.
    exact
        "scores", "values", "earlier scores" or "earlier values" -> node -> city -> number, not
        rounded; empty where the tables do not have all of them.
    invented
        Nodes of a report whose numbers rest on invented values: nothing is false because of these.
    stated
        Returns the sentences that the report on the index makes, without references: what is read
        in them as a claim that the tables contradict was read wrongly.
    """

    name: str
    framework: Framework
    units: tuple[Unit, ...]
    group_types: tuple[GroupType, ...] = ()
    tiers: tuple[TierRule, ...] = ()
    scores: Cells = field(default_factory=dict)
    ranks: Cells = field(default_factory=dict)
    earlier: Cells = field(default_factory=dict)
    ties: str = "min"
    titles: tuple[str, ...] = ()
    beside: Cells = field(default_factory=dict)
    exact: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    invented: frozenset[str] = frozenset()
    stated: Callable[[], frozenset[str]] = frozenset

    @property
    def computed(self) -> bool:
        """Whether all numbers are known: a city without a score has none that is not printed."""
        return bool(self.exact)

    @property
    def has_earlier(self) -> bool:
        """Whether numbers of an earlier edition are known."""
        series = ("earlier scores", "earlier values")
        return bool(self.earlier) or any(map(self.exact.get, series))

    def numbers(self, series: str, code: str) -> Mapping[str, float]:
        """Return the scores or values of a node by city; empty where it has none."""
        return self.exact.get(series, {}).get(code, {})

    @cached_property
    def indicators(self) -> tuple[str, ...]:
        """The nodes whose values are known."""
        return tuple(self.exact.get("values", {}))

    @cached_property
    def measures(self) -> list[tuple[str, re.Pattern[str]]]:
        """The indicators, and what stands behind their values."""
        measures = []
        for code in self.indicators:
            node = self.framework[code]
            units = [uom for uom in (node.uom, node.uom_zh) if not uom.startswith("%")]
            heads = {_UNIT_TAIL.sub("", uom).strip().removesuffix("s") for uom in units}
            names = sorted({*heads, *units} - {""}, key=len, reverse=True)
            if names:
                words = "|".join(map(re.escape, names))
                pattern = rf"{_SIZE}(?:{words})(?![a-z]{{2}})"
                measures.append((code, re.compile(pattern, re.IGNORECASE)))
        return measures

    @property
    def root(self) -> str:
        """Code of the root."""
        return self.framework.root.code

    @cached_property
    def unit(self) -> dict[str, Unit]:
        """Cities by id."""
        return {unit.id: unit for unit in self.units}

    @cached_property
    def _places(self) -> dict[tuple[str, str], SourcedNumber]:
        """Printed ranks, else ranks of the printed scores, by node and city."""
        rank_cells = dict(self.ranks)
        ranked = {(code, self.unit[unit].population) for code, unit in self.ranks}
        scores = grouped(
            ((code, self.unit[unit].population), (unit, cell))
            for (code, unit), cell in self.scores.items()
        )
        for code, population in scores.keys() - ranked:
            cells = scores[code, population]
            values = [cell.value for _, cell in cells]
            places = rank_competition(values, ties=self.ties, digits=9).values.ravel()
            for (unit, cell), rank in zip(cells, places, strict=True):
                rank_cells[code, unit] = SourcedNumber(str(int(rank)), cell.table)
        return rank_cells

    def place(self, code: str, unit: str) -> SourcedNumber | None:
        """Return the rank of a city among all of its population."""
        return self._places.get((code, unit))

    def is_in(self, unit: str, group: Group) -> bool:
        """Tell whether a city belongs to a group."""
        for key, value in group:
            if key == LISTED:
                is_part = unit in value.split("\n")
            else:
                is_part = self.unit[unit].attributes.get(key) == value
            if not is_part:
                return False
        return True

    def members(self, group: Group, population: str = "main") -> tuple[str, ...]:
        """Return the cities of a group."""
        units = (unit.id for unit in self.units if unit.population == population)
        return tuple(unit for unit in units if self.is_in(unit, group))

    def order(
        self, code: str, group: Group = (), population: str = "main"
    ) -> list[str]:
        """Return the ranked cities of a group, the first one first."""
        members = self.members(group, population)
        ranked = [unit for unit in members if self.place(code, unit)]
        return sorted(ranked, key=lambda unit: int(self._places[code, unit].text))

    def depth(self, code: str, population: str = "main") -> int:
        """Return down to which place the ranks of a node are known without a gap."""
        cells = [self.place(code, unit) for unit in self.members((), population)]
        places = sorted(int(cell.text) for cell in cells if cell)
        if len(places) == len(cells):
            return len(cells)
        for number, place in enumerate(places):
            # A shared rank may be the last of its places.
            is_last = self.ties == "max"
            end = bisect_right(places, place) if is_last else number + 1
            if place > end:
                return number
        return len(places)

    @cached_property
    def _ranked(self) -> dict[tuple[str, Group, str], dict[str, int]]:
        return {}

    def ranks_in(
        self, code: str, group: Group = (), population: str = "main"
    ) -> dict[str, int]:
        """Return ranks inside a group, as far as they are known; equal places stay equal."""
        key = code, group, population
        if key not in self._ranked:
            order = self.order(*key)
            places = {unit: int(self._places[code, unit].text) for unit in order}
            if group:
                depth = self.depth(code, population)
                listed = [unit for unit in order if places[unit] <= depth]
                known = np.array([float(places[unit]) for unit in listed])
                inside = ascending_ranks(known, self.ties)
                places = dict(zip(listed, map(int, inside.tolist()), strict=True))
            self._ranked[key] = places
        return self._ranked[key]

    def knows_first(
        self, code: str, k: int, group: Group = (), population: str = "main"
    ) -> bool:
        """Tell whether the first k cities of a group are known."""
        k = min(k, len(self.members(group, population)))
        complete = len(self.ranks_in(code, group, population)) >= k
        return complete and (bool(group) or self.depth(code, population) >= k)

    def groups_of(self, unit: str) -> list[Group]:
        """Return every group of a city, and every pair of its groups."""
        single = []
        for kind in self.group_types:
            own = self.unit[unit].attributes.get(kind.attribute)
            parts = [(kind.attribute, group.value) for group in kind.groups]
            single += [part for part in parts if part[1] == own]
        return [(), *((part,) for part in single), *combinations(single, 2)]

    def has_printed_moves(self, code: str) -> bool:
        """Tell whether the moves in a node are those of printed ranks."""
        return any(node == code for node, _ in self.beside)

    def places_gained(self, code: str) -> list[dict[str, float]]:
        """Return the places that cities gained: in full, and among those in both editions."""
        beside = self._ranks_beside(code)
        ranks = beside or self.ranks_in(code)
        continuing = [unit for unit in ranks if (code, unit) in self.earlier]
        before = {unit: int(self.earlier[code, unit].text) for unit in continuing}
        now = {unit: ranks[unit] for unit in continuing}
        return [
            _subtract(before, now),
            _subtract(_count_ahead(before), _count_ahead(now)),
        ]

    def _ranks_beside(self, code: str) -> dict[str, int]:
        """Return the ranks of a node that earlier ones are compared with instead of its own."""
        cells = self.beside.items()
        return {unit: int(cell.text) for (node, unit), cell in cells if node == code}

    def table(self, code: str, units: Iterable[str] = ()) -> str:
        """Return the table that holds a node."""
        cells = (self.place(code, unit) for unit in (*units, *self.unit))
        return next((cell.table for cell in cells if cell), "")


def _count_ahead(places: Mapping[str, int]) -> dict[str, int]:
    """Return how many of some cities have a better place than each."""
    taken = sorted(places.values())
    return {unit: bisect_left(taken, place) for unit, place in places.items()}


def _subtract(
    a: Mapping[str, int],
    b: Mapping[str, int],
) -> dict[str, float]:
    return {unit: float(a[unit] - b[unit]) for unit in a}


def printed_evidence(report: Report) -> TextEvidence:
    """Return the scores and the ranks that a report prints of its cities."""
    cells = _PrintedCells(report)
    # Of earlier editions the last one counts.
    by_edition = sorted(cells.book.series, key=lambda one: one.edition, reverse=True)
    for series in by_edition:
        if series.node in report.framework:
            cells.add(series)
    for value in report.previous:
        if value.rank is not None:
            number = SourcedNumber(str(value.rank), "previous")
            cells.earlier.setdefault((value.code, value.unit), number)
    return TextEvidence(
        name=report.id,
        framework=report.framework,
        units=report.dataset.units,
        group_types=report.group_types,
        tiers=report.tier_rules,
        scores=cells.scores,
        ranks=cells.ranks,
        earlier=cells.earlier,
        titles=(report.name_zh, report.name_en),
    )


class _PrintedCells:
    """The scores and ranks of a report's printed tables, by node and city."""

    def __init__(self, report: Report) -> None:
        self.book = printed_of(report)[1].book
        self.edition = report.edition
        self.populations = {unit.id: unit.population for unit in report.dataset.units}
        self.composites = {node.code for node in report.framework.composites}
        self.scores: dict[tuple[str, str], SourcedNumber] = {}
        self.ranks: dict[tuple[str, str], SourcedNumber] = {}
        self.earlier: dict[tuple[str, str], SourcedNumber] = {}

    def add(self, series: Series) -> None:
        """Add the numbers of a series; what an earlier one has stays."""
        kept = self._kept(series)
        if kept is None:
            return
        for unit, cells in self.book.series[series].items():
            if unit not in self.populations:
                continue
            if series.group not in ("", self.populations[unit]):
                continue
            number = SourcedNumber(str(cells[0].value), cells[0].table)
            kept.setdefault((series.node, unit), number)

    def _kept(self, series: Series) -> dict[tuple[str, str], SourcedNumber] | None:
        """Return where the numbers of a series go: those of an indicator that has gaps nowhere."""
        if series.quantity == RANK:
            is_now = series.edition in ("", self.edition)
            return self.ranks if is_now else self.earlier
        units = self.book.series[series].keys()
        is_whole = series.node in self.composites or units >= self.populations.keys()
        is_score = series.quantity == SCORE and is_whole
        return self.scores if is_score else None
