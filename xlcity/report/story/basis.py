"""What findings are taken from: rankings of nodes, contributions, groups, values of indicators."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from xlcity.figures.contents import Label, inside
from xlcity.functions.rank import rank_competition
from xlcity.functions.rounding import is_above
from xlcity.index.steps import child_weights
from xlcity.model.dataset import FloatArray
from xlcity.report.source import ReportSource
from xlcity.report.story.amounts import shown_decimals
from xlcity.report.story.writing import Amount, Both, RankPlace, column_decimals
from xlcity.report.wording import (
    greatest,
    in_text,
    indicator,
    is_rest,
    smallest,
    uom_of,
)
from xlcity.reports.report import Group, GroupType

#: Cities that a group has at least.
_LEAST = 3
#: Cities that share a first place and are all named, at most.
NAMED = 3
#: Share of the cities of two groups from which on they are as good as one.
_ALIKE = 0.8
#: Decimals more than usual that a value has, at most, to tell it from others.
_MORE_DECIMALS = 2
#: Differences of sums of floats.
NOISE = 1e-6


@dataclass(frozen=True, eq=False)
class NodeRanking:
    """The ranked cities of a node, the first one first, with their scores and ranks."""

    code: str
    rows: Sequence[int]
    scores: FloatArray
    ranks: Sequence[int]
    #: What cities are ranked by: those with the same one are level, whatever their ranks are.
    keys: Sequence[float]

    @property
    def n(self) -> int:
        """How many cities are ranked."""
        return len(self.rows)

    @cached_property
    def sd(self) -> float:
        """The standard deviation of the scores (n - 1)."""
        return float(self.scores.std(ddof=1)) if self.n > 1 else 0.0

    @cached_property
    def mean(self) -> float:
        """The mean of the scores."""
        return float(self.scores.mean()) if self.n else 0.0

    @cached_property
    def rank_of(self) -> dict[int, int]:
        """Row of a city -> its rank."""
        return dict(zip(self.rows, self.ranks, strict=True))

    @cached_property
    def score_of(self) -> dict[int, float]:
        """Row of a city -> its score."""
        return dict(zip(self.rows, self.scores.tolist(), strict=True))

    @cached_property
    def drops(self) -> FloatArray:
        """By how much each score is above the next one."""
        return -np.diff(self.scores)

    @cached_property
    def strong(self) -> int:
        """The last rank of the first third, rounded up."""
        return -(-self.n // 3)

    def place(self, row: int) -> RankPlace:
        """Return the rank of a city, and whether others share it."""
        key = self.keys[self.rows.index(row)]
        return RankPlace(self.rank_of[row], self.keys.count(key) > 1)

    def above(self, rows: Iterable[int]) -> int:
        """Return how many of some cities are above the mean."""
        scores = [self.score_of[row] for row in rows if row in self.score_of]
        return int(is_above(np.array(scores), self.mean).sum()) if scores else 0

    def mean_of(self, rows: Iterable[int]) -> float:
        """Return the mean score of those of some cities that have one."""
        scores = [self.score_of[row] for row in rows if row in self.score_of]
        return float(np.mean(scores)) if scores else np.nan


@dataclass(frozen=True, eq=False)
class CityGroup:
    """A group of cities: its names and its cities, the first one first."""

    kind: GroupType
    group: Group
    rows: Sequence[int]

    @property
    def n(self) -> int:
        """How many cities it has."""
        return len(self.rows)


class Basis:
    """Gives findings their numbers and names.

    Parameters
    ----------
    source
        The index.
    population
        The group of cities that are scored together; the first one, unless it is named.
    """

    def __init__(self, source: ReportSource, population: str = "") -> None:
        self.source = source
        self.population = population or source.population
        self.result = source.result
        self.tree = source.result.framework
        self.root = source.root
        children = source.children(self.root)
        self.dimensions = [
            code for code in children if not self.tree.is_indicator(code)
        ]
        self.ranking = cache(self._rank)
        self.overall = self.ranking(self.root)

    def _rank(self, code: str) -> NodeRanking:
        source = self.source
        if code in self.result.node_codes:
            rows = source.order(code, self.population)
            column = self.result.node_codes.index(code)
            return NodeRanking(
                code,
                rows,
                scores=source.scores(code)[rows],
                ranks=source.ranks(rows, code),
                keys=self.result.keys[rows, column].tolist(),
            )
        values = np.round(self.direction(code) * self.column(code), 9)
        ranks = rank_competition(values[:, None], ties="min", digits=9).values[:, 0]
        rows = np.flatnonzero(np.isfinite(values)).tolist()
        rows.sort(key=lambda row: -values[row])
        return NodeRanking(
            code,
            rows,
            scores=values[rows],
            ranks=[int(ranks[row]) for row in rows],
            keys=values[rows].tolist(),
        )

    # Names

    def city(self, row: int, code: str = "") -> Label:
        """Return the name of a city, with the marks of gaps in a score."""
        return self.source.marked_city(row, code or self.root)

    def cities(self, rows: Iterable[int], code: str = "") -> list[Label]:
        """Return the names of cities."""
        return [self.city(row, code) for row in rows]

    def part(self, code: str) -> Label:
        """Return the name of a part of the index as running text has it."""
        name = in_text(self.source.node(code))
        return name if name.en.startswith("the ") else inside(name)

    def indicator(self, code: str) -> Label:
        """Return the name of an indicator as running text has it."""
        return indicator(self.source.short_node(code))

    def least(self, code: str) -> Label:
        """Return the name of an indicator behind "the lowest"."""
        return inside(self.source.short_node(code))

    def superlative(self, code: str) -> Label:
        """Return what the best of an indicator is called: as the framework says, else 最高, lowest.

        In English only the lowest needs a word.
        """
        own = self.tree[code]
        if self.direction(code) < 0:
            least = smallest(self.source.node(code), self.source.uom(code))
            english = "shortest" if least == "最短" else "lowest"
            return Label(own.best_zh or least, own.best_en or english)
        chinese = greatest(self.source.node(code), self.source.uom(code))
        return Label(own.best_zh or chinese, own.best_en)

    # Values of indicators

    def indicators(self, code: str) -> list[str]:
        """Return the indicators below a node of which any city has a value."""
        leaves = [leaf.code for leaf in self.tree.leaves_below(code)]
        return [leaf for leaf in leaves if np.isfinite(self.column(leaf)).any()]

    def direction(self, code: str) -> int:
        """Return 1 where more is better, else -1."""
        return -1 if self.source.is_reverse(code) else 1

    def column(self, code: str) -> FloatArray:
        """Return the values of an indicator; NaN without one, or of another group of cities."""
        values = self.result.raw[:, self.result.leaf_codes.index(code)]
        units = self.source.units
        is_own = [unit.population == self.population for unit in units]
        return np.where(is_own, values, np.nan)

    @cached_property
    def weights(self) -> dict[str, float]:
        """Share of each node in its parent."""
        shares: dict[str, float] = {}
        for node in self.tree.composites:
            step = self.result.recipe.step_for("aggregate", node.code)
            if step is None:
                continue
            own = np.array(child_weights(self.tree, node.code, step))
            children = [child.code for child in self.tree.children(node.code)]
            shares |= dict(
                zip(
                    children,
                    (own / own.sum()).tolist(),
                    strict=True,
                )
            )
        return shares

    def weight_in(self, code: str, above: str) -> float:
        """Return the share of a node in a node above it."""
        path = [node.code for node in self.tree.path(code)]
        shares = [
            self.weights.get(
                node,
                0.0,
            )
            for node in path[path.index(above) + 1 :]
        ]
        return float(np.prod(shares))

    def is_score(self, code: str) -> bool:
        """Tell whether the values of an indicator are scores themselves."""
        uom = self.source.uom(code)
        return not uom.en and self.result.recipe.step_for("normalise", code) is None

    def amount(self, code: str, value: float, *, is_mean: bool = False) -> Amount:
        """Return a value of an indicator, or the average of several."""
        if self.is_score(code):
            return Amount(value, self.source.text_decimals, Both("分", ""))
        decimals = column_decimals(self.column(code).tolist())
        return Amount(value, max(decimals, 1) if is_mean else decimals, self._uom(code))

    def _uom(self, code: str) -> Both:
        """Return the unit of measure of an indicator; none that its name holds."""
        uom = uom_of(self.source.uom(code))
        name = self.source.node(code).en.lower()
        is_held = {*uom.en.lower().split()} <= {*name.split()}
        # Both say what it is counted per.
        is_held |= " per " in uom.en and " per " in name
        return Both(uom.zh, "" if is_held else uom.en)

    def value(self, row: int, code: str) -> Amount:
        """Return a city's value of an indicator."""
        return self.amount(code, float(self.column(code)[row]))

    def value_apart(self, row: int, code: str) -> Amount:
        """Return a city's value, with decimals that tell it from all others if these do."""
        own = self.value(row, code)
        column = self.column(code)
        others = column[np.isfinite(column) & (column != own.value)]
        shown = shown_decimals(own.value, own.decimals)
        for decimals in range(shown, shown + _MORE_DECIMALS + 1):
            is_other = np.round(others, decimals) != np.round(own.value, decimals)
            if not is_other.all():
                continue
            if decimals == shown:
                return own
            return own._replace(decimals=decimals, is_exact=True)
        return own

    def average(self, code: str, rows: Sequence[int] | None = None) -> Amount:
        """Return the average of an indicator over all cities with a value, or some."""
        values = self.column(code) if rows is None else self.column(code)[list(rows)]
        return self.amount(code, float(np.nanmean(values)), is_mean=True)

    def leaders(self, code: str) -> list[int]:
        """Return who has the best value of an indicator."""
        values = self.direction(code) * self.column(code)
        if not np.isfinite(values).any():
            return []
        return np.flatnonzero(values == np.nanmax(values)).tolist()

    # Parts of scores

    @cached_property
    def adds_up(self) -> bool:
        """Whether a difference of two scores is the sum of those of its parts."""
        spans = np.abs(self.parts.sum(axis=1) - self.overall.scores)
        return bool(self.parts.size and np.ptp(spans) < NOISE)

    @cached_property
    def parts(self) -> FloatArray:
        """Points that each dimension adds to each ranked city's score, on the score's scale."""
        shares = np.array([self.weights.get(code, 0.0) for code in self.dimensions])
        columns = [
            self.source.scores(code)[list(self.overall.rows)]
            for code in self.dimensions
        ]
        block = np.column_stack(columns) if columns else np.zeros((self.overall.n, 0))
        parts = block * shares
        if not np.isfinite(parts).all():
            return np.zeros((self.overall.n, 0))
        return self._on_scale(parts)

    def _on_scale(self, parts: FloatArray) -> FloatArray:
        """Return parts times what a point of them is on the scale of the score, where linear."""
        total = parts.sum(axis=1)
        scores = self.overall.scores
        reach = float(np.ptp(total))
        factor = float(np.ptp(scores)) / reach if reach else 1.0
        is_linear = np.ptp(scores - factor * total) < NOISE
        return parts * factor if is_linear else parts

    def lead_in_parts(self, first: int, second: int) -> FloatArray:
        """Return by how much one city is ahead of another in each dimension.

        Points of the score where these add up, else the difference of the dimension's scores.
        """
        if self.adds_up:
            places = [self.overall.rows.index(row) for row in (first, second)]
            return np.asarray(self.parts[places[0]] - self.parts[places[1]])
        columns = np.array([self.source.scores(code) for code in self.dimensions])
        return np.asarray(columns[:, first] - columns[:, second])

    # Groups of cities

    @cached_property
    def groupings(self) -> list[list[CityGroup]]:
        """The groups of at least three ranked cities, by what sorts the cities into groups."""
        kinds = [kind for kind in self.source.group_types if kind.is_reported]
        every: list[list[CityGroup]] = []
        for kind in kinds:
            earlier = [group for groups in every for group in groups]
            own = [
                g
                for g in self._groups(kind)
                if not any(_are_alike(g, e) for e in earlier)
            ]
            every += [own] if len(own) > 1 else []
        return every

    def _groups(self, kind: GroupType) -> list[CityGroup]:
        groups = [
            CityGroup(kind, group, self.members(kind, group)) for group in kind.groups
        ]
        return [
            group for group in groups if group.n >= _LEAST and not is_rest(group.group)
        ]

    def members(self, kind: GroupType, group: Group, code: str = "") -> list[int]:
        """Return the ranked cities of a group, the first one first."""
        return self.source.members(kind, group, code or self.root, self.population)

    @property
    def all_groups(self) -> list[CityGroup]:
        """The groups of all groupings."""
        return [group for groups in self.groupings for group in groups]


def _are_alike(group: CityGroup, other: CityGroup) -> bool:
    """Tell whether two groups have so many cities in common that one says what the other does."""
    own = {*group.rows}
    others = {*other.rows}
    return len(own & others) >= _ALIKE * len(own | others)
