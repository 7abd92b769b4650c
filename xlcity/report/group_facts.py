"""Facts of the groups of an attribute, and the sentences that state them in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from xlcity.figures.contents import Label
from xlcity.report.contents import NOTHING, Sentence
from xlcity.report.facts import CLEAR, NAMED, Facts, part, with_gaps
from xlcity.report.source import ReportSource
from xlcity.report.wording import (
    cities_of,
    clause_list,
    count,
    figure_place,
    opening_count,
)
from xlcity.reports.report import Group, GroupType

#: First places of which groups are counted: of few and of many cities.
_TOP, _LONG_TOP, _LONG = 10, 20, 60
#: A group is over-represented from this multiple of its share on, if it is no larger than this.
_OVER, _SMALL = 1.5, 1 / 3
#: Groups of what is left over have no name for running text.
_REST = ("other", "others", "其他", "其它")
#: Cities of a group from which on one of them is called its highest.
_LARGE = 5
#: Groups whose highest cities one sentence names; share of a lead that one city is named for.
_CLAUSES, _QUARTER = 3, 0.25


class GroupFacts(Facts):
    """States facts about the groups of an attribute."""

    def __init__(self, source: ReportSource, code: str, population: str, kind: GroupType) -> None:
        super().__init__(source, code, population)
        self.kind = kind

    @cached_property
    def members(self) -> list[tuple[Group, list[int]]]:
        """The groups of at least three cities that no earlier attribute has, with their cities."""
        source = self.source
        groups = [
            (group, source.members(self.kind, group, self.code, self.population))
            for group in self.kind.groups
            if not source.is_repeated(self.kind, group) and group.value not in _REST
        ]
        return [(group, rows) for group, rows in groups if len(rows) >= NAMED]

    @property
    def _wanted(self) -> int:
        """How many first places groups are counted in: at most half of all."""
        return min(_LONG_TOP if len(self.rows) > _LONG else _TOP, len(self.rows) // 2)

    def sizes(self) -> Iterator[Sentence]:
        """State how many cities are in the first of two groups that all cities are in."""
        if len(self.members) == len(self.kind.groups) == 2:
            (first, rows), (second, others) = self.members
            if len(rows) + len(others) == len(self.rows):
                # Of two groups side by side Chinese names only what differs.
                names = [cities_of(group).zh.removesuffix("城市") for group in (first, second)]
                what = cities_of(first).en.removesuffix(" cities")
                words = {"open": opening_count(len(rows)), "cities": Label("", what)}
                counts: dict[str, object] = {"n": len(self.rows), "k": len(rows)}
                counts |= {"rest": len(others), "first": names[0], "second": names[1]}
                yield self.state("sizes", (), **counts, **words)

    def composition(self) -> Iterator[Sentence]:
        """State the group that is over-represented among the first cities, or is not among them."""
        n = len(self.rows)
        if self._wanted < _LARGE:
            return
        last = self.ranks[self._wanted - 1]
        first = [row for row, rank in zip(self.rows, self.ranks, strict=True) if rank <= last]
        top = count(len(first)) if len(first) != _TOP else Label(str(_TOP), "ten")
        shares = [
            (len({*rows} & {*first}) / len(first) / (len(rows) / n), group, rows)
            for group, rows in self.members
        ]
        over, group, rows = max(shares, key=lambda share: share[0], default=(0.0, None, []))
        if group and over >= _OVER and len(rows) <= _SMALL * n and len({*rows} & {*first}) >= NAMED:
            inside = {*rows} & {*first}
            words = {"top": top, "cities": cities_of(group), "n": count(len(rows))}
            cells = self.cells(row for row in first if row in inside)
            k, opening = len(inside), opening_count(len(inside))
            fact = "all_in" if k == len(rows) else "over"
            yield self.state(fact, cells, k=k, open=opening, **words)
        for share, group, rows in shares:
            if not share and len(rows) / n * len(first) >= _OVER:
                ranks = dict(zip(self.rows, self.ranks, strict=True))
                city, rank = self.source.marked_city(rows[0], self.code), ranks[rows[0]]
                words = {"top": top, "cities": cities_of(group), "n": count(len(rows))}
                rank_words = {"city": city, "rank": figure_place(rank)}
                yield self.state("none_in", self.cells(rows[:1]), **rank_words, **words)

    def upper_half(self) -> Iterator[Sentence]:
        """State the groups whose cities are all in the upper half."""
        for group, rows in self.members:
            worst = self.ranks[self.rows.index(rows[-1])]
            is_told = worst <= self.ranks[self._wanted - 1] if self._wanted else True
            if not is_told and self.source.is_among_half(rows[-1], self.code, upper=True):
                words = {"n": count(len(rows)), "cities": cities_of(group)}
                yield self.state("upper", self.cells(rows), **words)

    def mean(self) -> Iterator[Sentence]:
        """State the group whose mean is clearly above all, and on whom that rests."""
        means = {
            position: (float(self.source.scores(self.code)[rows].mean()), group, rows)
            for position, (group, rows) in enumerate(self.members)
        }
        if not means:
            return
        mean, group, rows = max(means.values(), key=lambda member: member[0])
        overall = float(self.scores.mean())
        if mean - overall < CLEAR * self.sd:
            return
        others = self.source.scores(self.code)[rows[1:]]
        rest, without = float(others.mean()), NOTHING
        if mean - rest >= _QUARTER * (mean - overall):
            city = self.source.marked_city(rows[0], self.code)
            without = part("without", city=city, mean=self.points(rest))
        mark = self.source.gaps.mark(rows, self.code)
        words = {"mean": f"{self.points(mean)}{mark}", "gap": self.distance(mean, overall)}
        cells = self.cells(rows, "score")
        yield self.state("group_mean", cells, cities=cities_of(group), without=without, **words)

    def first_of_each(self) -> Iterator[Sentence]:
        """State the highest cities of the large groups that do not lead overall."""
        large = [(group, rows) for group, rows in self.members if len(rows) >= _LARGE]
        ranks = dict(zip(self.rows, self.ranks, strict=True))
        behind = [(group, rows[0]) for group, rows in large if ranks[rows[0]] > self.ranks[0]]
        behind.sort(key=lambda member: ranks[member[1]])
        clauses = [
            part(
                "group_next" if number else "group_top",
                cities=cities_of(group),
                city=self.source.marked_city(row, self.code),
                rank=figure_place(ranks[row]),
            )
            for number, (group, row) in enumerate(behind[:_CLAUSES])
        ]
        if clauses:
            cells = self.cells(row for _, row in behind[:_CLAUSES])
            yield self.state("group_first", cells, parts=clause_list(clauses))


def group_sentences(source: ReportSource, kind: GroupType) -> list[Sentence]:
    """Return what is stated of the groups of an attribute; nothing of one that only sorts data."""
    if not kind.is_reported:
        return []
    facts = GroupFacts(source, source.root, source.result.populations[0], kind)
    every = (facts.sizes, facts.composition, facts.upper_half, facts.mean, facts.first_of_each)
    return with_gaps(facts, [sentence for state in every for sentence in state()])
