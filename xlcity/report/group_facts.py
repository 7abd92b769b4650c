"""Facts of the groups of an attribute, and the sentences that state them in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from xlcity.figures.contents import Label
from xlcity.report.contents import NOTHING, Sentence
from xlcity.report.facts import CLEAR, NAMED, Facts, part
from xlcity.report.source import ReportSource
from xlcity.report.wording import (
    cities_of,
    clause_list,
    count,
    figure_place,
    is_rest,
    measure,
    opening_count,
)
from xlcity.reports.report import Group, GroupType

#: First places of which groups are counted: of few and of many cities.
_TOP = 10
_LONG_TOP = 20
_LONG = 60
#: A group is over-represented from this multiple of its share on, if it is no larger than this.
_OVER = 1.5
_SMALL = 1 / 3
#: Cities of a group from which on one of them is called its highest.
_LARGE = 5
#: Groups whose highest cities one sentence names; share of a lead that one city is named for.
_CLAUSES = 3
_QUARTER = 0.25
#: Share of the cities of two groups from which on they are as good as one.
_ALIKE = 0.8


class GroupFacts(Facts):
    """States facts about the groups of an attribute."""

    def __init__(self, source: ReportSource, kind: GroupType) -> None:
        super().__init__(source, source.root)
        self.kind = kind
        self._rank = dict(zip(self.rows, self.ranks, strict=True))

    @cached_property
    def members(self) -> list[tuple[Group, list[int]]]:
        """The groups of at least three cities that no earlier attribute has, with their cities."""
        kinds = self.source.group_types
        earlier = kinds[: kinds.index(self.kind)]
        others = [
            rows
            for kind in earlier
            if kind.is_reported
            for _, rows in self._groups(kind)
        ]
        return [
            (group, rows)
            for group, rows in self._groups(self.kind)
            if not any(_are_alike(rows, other) for other in others)
        ]

    def _groups(self, kind: GroupType) -> list[tuple[Group, list[int]]]:
        named = (group for group in kind.groups if not is_rest(group))
        groups = ((g, self.source.members(kind, g, self.code)) for g in named)
        return [(group, rows) for group, rows in groups if len(rows) >= NAMED]

    @property
    def _wanted(self) -> int:
        """How many first places groups are counted in: at most half of all."""
        return min(_LONG_TOP if len(self.rows) > _LONG else _TOP, len(self.rows) // 2)

    @cached_property
    def _first(self) -> set[int]:
        """The cities in these places."""
        last = self.ranks[self._wanted - 1]
        return {row for row, rank in self._rank.items() if rank <= last}

    def _is_behind(self, rows: list[int]) -> bool:
        """Tell whether none of a group is among the first, where its size suggests some."""
        is_large = len(rows) / len(self.rows) * len(self._first) >= _OVER
        return self._wanted >= _LARGE and is_large and not self._first & {*rows}

    def sizes(self) -> Iterator[Sentence]:
        """State how many cities are in the first of two groups that all cities are in."""
        counts = [len(rows) for _, rows in self.members]
        if len(counts) == len(self.kind.groups) == 2 and sum(counts) == len(self.rows):
            # Of two groups side by side Chinese names only what differs.
            names = [cities_of(group) for group, _ in self.members]
            short = [name.zh.removesuffix("城市") for name in names]
            first, second = (
                short if min(map(len, short)) > 1 else (name.zh for name in names)
            )
            yield self.state(
                "sizes",
                n=count(len(self.rows)),
                k=counts[0],
                rest=counts[1],
                first=first,
                second=second,
                open=opening_count(counts[0]),
                cities=names[0],
            )

    def composition(self) -> Iterator[Sentence]:
        """State the group with most of the first cities, those with none, and the upper half's."""
        n = len(self.rows)
        first = self._first
        if self._wanted < _LARGE:
            return
        places = "ten" if len(first) == _TOP else count(len(first)).en
        top = Label(f"前{len(first)}位", f"top {places}")
        # The first nine of 19 are called a half.
        top = (
            Label("前半段", "upper half of the ranking")
            if len(first) == n // 2 < _TOP
            else top
        )
        # How many of a group are among the first, by as many as its size suggests.
        inside = [len(first & {*rows}) for _, rows in self.members]
        expected = [len(rows) / n * len(first) for _, rows in self.members]
        shares = [k / by_size for k, by_size in zip(inside, expected, strict=True)]
        most = int(np.argmax(shares)) if shares else -1
        for number, (group, rows) in enumerate(self.members):
            cities = cities_of(group)
            words = {
                "top": top,
                "cities": cities,
                "n": count(len(rows)),
                "per": measure(cities, group.measure_zh),
            }
            k = inside[number]
            share = shares[number]
            if (
                number == most
                and share >= _OVER
                and len(rows) <= _SMALL * n
                and k >= NAMED
            ):
                fact = "all_in" if k == len(rows) else "over"
                yield self.state(fact, k=k, open=opening_count(k), **words)
            elif self._is_behind(rows):
                rank = figure_place(self._rank[rows[0]])
                yield self.state("none_in", city=self.city(rows[0]), rank=rank, **words)
            elif self.source.is_among_half(rows[-1], self.code, upper=True):
                yield self.state("upper", **words)

    def mean(self) -> Iterator[Sentence]:
        """State the group whose mean is clearly above all, and on whom that rests."""
        scores = self.source.scores(self.code)
        means = [float(scores[rows].mean()) for _, rows in self.members]
        overall = float(self.scores.mean())
        if not means or max(means) - overall < CLEAR * self.sd:
            return
        mean = max(means)
        group, rows = self.members[means.index(mean)]
        rest = float(scores[rows[1:]].mean())
        without = NOTHING
        if mean - rest >= _QUARTER * (mean - overall):
            without = part("without", city=self.city(rows[0]), mean=self.points(rest))
        shown = f"{self.points(mean)}{self.source.gaps.signs(rows, self.code)}"
        gap = self.distance(mean, overall)
        cities = cities_of(group)
        # The mean of z-scores is 0.
        fact = "group_mean" if round(overall, self.decimals) else "group_mean_zero"
        yield self.state(fact, cities=cities, mean=shown, gap=gap, without=without)

    def first_of_each(self) -> Iterator[Sentence]:
        """State the highest cities of the large groups that do not lead overall."""
        large = [
            (group, rows[0])
            for group, rows in self.members
            if len(rows) >= _LARGE and not self._is_behind(rows)
        ]
        behind = [
            (group, row) for group, row in large if self._rank[row] > self.ranks[0]
        ]
        behind.sort(key=lambda member: self._rank[member[1]])
        clauses = [
            part(
                "group_next" if number else "group_top",
                cities=cities_of(group),
                city=self.city(row),
                rank=figure_place(self._rank[row]),
            )
            for number, (group, row) in enumerate(behind[:_CLAUSES])
        ]
        if clauses:
            yield self.state("group_first", parts=clause_list(clauses))


def _are_alike(rows: list[int], others: list[int]) -> bool:
    """Tell whether two groups have so many cities in common that one says what the other does."""
    return len({*rows} & {*others}) >= _ALIKE * len({*rows, *others})


def group_sentences(source: ReportSource, kind: GroupType) -> list[Sentence]:
    """Return what is stated of the groups of an attribute; nothing of one that only sorts data."""
    if not kind.is_reported:
        return []
    facts = GroupFacts(source, kind)
    return facts.stated(facts.sizes, facts.composition, facts.mean, facts.first_of_each)
