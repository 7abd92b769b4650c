"""Facts of an index, and the sentences that state them in both languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np

from xlcity.figures.contents import Label
from xlcity.functions.rounding import is_above
from xlcity.index.compute import rank_among
from xlcity.report.contents import NOTHING, Field, Reference, ReportTable, Sentence, points, rounded
from xlcity.report.notes import gap_facts
from xlcity.report.source import ReportSource
from xlcity.report.texts import filled, inside, listed, report_texts, say, with_article
from xlcity.reports.report import Group, GroupType

#: Leaders that are named, places to which ties are stated, movers, nodes of a profile.
_LEADERS, _TIED, _MOVERS, PARTS = 10, 20, 5, 3


class Facts:
    """States facts about one node and one group of cities.

    Parameters
    ----------
    source
        The index.
    code
        A composite node.
    population
        The group of cities.
    """

    def __init__(self, source: ReportSource, code: str, population: str) -> None:
        self.source, self.code, self.population = source, code, population
        self.rows = source.order(code, population)
        self.scores = source.scores(code)[self.rows]
        self.ranks = [source.rank(row, code) or 0 for row in self.rows]
        self.keys = source.result.keys[self.rows, source.result.node_codes.index(code)].tolist()
        self.name = with_article(source.node(code))

    def state(
        self, fact: str, cells: Iterable[tuple[int, str, str]] = (), **values: object
    ) -> Sentence:
        """Return the sentence of a fact; `cells` are row, node and what of it."""
        return self.sentence(fact, cells, values)

    def sentence(
        self,
        fact: str,
        cells: Iterable[tuple[int, str, str]],
        values: Mapping[str, object],
        *,
        as_printed: bool = False,
    ) -> Sentence:
        """Return the same; `as_printed`: its numbers are printed ones, whatever the index is of."""
        text = filled(report_texts("sentences")[fact], {"node": self.name, **values})
        if self.source.synthetic:
            mark = say("printed_short" if as_printed else "synthetic_short")
            text = Label(mark.zh + text.zh, mark.en + text.en)
        units = self.source.units
        places = tuple(Reference(units[row].id, code, what) for row, code, what in cells)
        return Sentence(fact, self.code, text, places, values)

    def points(self, score: float) -> str:
        """Return a score in this node as texts print it."""
        return self.source.points(score, self.code)

    def cells(self, rows: Iterable[int], what: str = "rank") -> list[tuple[int, str, str]]:
        """Return the places of this node's numbers of some cities."""
        return [(row, self.code, what) for row in rows]

    def cities(self, rows: Iterable[int], code: str = "") -> Label:
        """Return the names of cities in a row, with marks where scores in a node rest on gaps."""
        names = (self.source.marked_city(row, code or self.code) for row in rows)
        return listed(names, last=" and ")

    def leaders(self, most: int = _LEADERS) -> Iterator[Sentence]:
        """State the first cities; with ties at the last place, as many as share it."""
        k = min(most, len(self.rows) - 1)
        if k < 3:
            return
        first = self._through(k)
        yield self.state("leaders", self.cells(first), k=len(first), names=self.cities(first))

    def _through(self, count: int) -> list[int]:
        """Return the cities to a place of the table, with all that share the rank of the last."""
        last = self.ranks[count - 1]
        return [row for row, rank in zip(self.rows, self.ranks, strict=True) if rank <= last]

    def first(self) -> Iterator[Sentence]:
        """State the first city and its lead; none where it shares its place."""
        if len(self.rows) > 1 and self.keys[0] != self.keys[1]:
            if self.source.gaps.mark(self.rows[0], self.code):
                yield self._first_on_gaps()
                return
            score, second = (float(value) for value in self.scores[:2])
            # Who shares the second place is named too, where the distance is the same.
            near = [
                row for row, rank, value in zip(self.rows, self.ranks, self.scores, strict=True)
                if rank == self.ranks[1] and self.points(float(value)) == self.points(second)
            ]  # fmt: skip
            near = near if len(near) <= PARTS else near[:1]
            yield self.state(
                "first",
                self.cells(self.rows[:2], "score"),
                city=self.source.city(self.rows[0]),
                second=self.cities(near),
                score=self.points(score),
                # As a reader subtracts the printed scores.
                gap=self.points(float(self.points(score)) - float(self.points(second))),
            )

    def _first_on_gaps(self) -> Sentence:
        """State the first city, on how many indicators, and the first one without a gap."""
        gaps, code, leader = self.source.gaps, self.code, self.rows[0]
        n = len(self.source.result.framework.leaves_below(code))
        missing, estimated = gaps.missing(leader, code), gaps.estimated(leader, code)
        basis = part("lacking", n=n, k=n - missing, missing=missing)
        if not missing:
            basis = part("estimated", n=n, estimated=estimated)
        complete = next((row for row in self.rows if not gaps.mark(row, code)), None)
        rest, cells = NOTHING, [leader]
        if complete is not None:
            score = self.points(float(self.source.scores(code)[complete]))
            rest = part("complete", city=self.source.city(complete), score=score)
            cells.append(complete)
        return self.state(
            "first_on_gaps",
            self.cells(cells, "score"),
            city=self.source.marked_city(leader, code),
            score=self.points(float(self.scores[0])),
            basis=basis,
            rest=rest,
        )

    def above_mean(self) -> Iterator[Sentence]:
        """State the mean, and how many are above it."""
        if len(self.rows) > 2:
            count, n = int(is_above(self.scores, self.scores.mean()).sum()), len(self.rows)
            mean, share = points(float(self.scores.mean())), f"{rounded(100 * count / n, 1):.1f}"
            cells = self.cells(self.rows, "score")
            yield self.state("above_mean", cells, n=n, mean=mean, count=count, share=share)

    def range(self) -> Iterator[Sentence]:
        """State the highest and the lowest score; none where several share one of them."""
        keys = self.keys
        if len(self.rows) > 2 and keys[0] != keys[1] and keys[-1] != keys[-2]:
            ends = self.rows[0], self.rows[-1]
            yield self.state(
                "range",
                self.cells(ends, "score"),
                high=self.points(float(self.scores[0])),
                low=self.points(float(self.scores[-1])),
                high_city=self.source.marked_city(ends[0], self.code),
                low_city=self.source.marked_city(ends[1], self.code),
                sd=points(float(self.scores.std(ddof=1))),
            )

    def ties(self) -> Iterator[Sentence]:
        """State who shares a rank among the first."""
        for rank, count in sorted(Counter(self.ranks).items()):
            if count > 1 and rank <= _TIED:
                start = self.ranks.index(rank)
                rows = self.rows[start : start + count]
                if count <= _LEADERS:
                    yield self.state("ties", self.cells(rows), names=self.cities(rows), rank=rank)

    def tiers(self, kind: GroupType | None = None) -> Iterator[Sentence]:
        """State the first cities of each tier of all cities, or of each group of an attribute."""
        groups = {group.value: group for group in kind.groups} if kind else {"all": None}
        for rule in self.source.spec.tiers:
            if rule.group_type != (kind.attribute if kind else "all") or rule.group not in groups:
                continue
            group = groups[rule.group]
            rows, ranks = self._ranked_in(kind, group)
            rows = [
                row
                for row, rank in zip(rows, ranks, strict=True)
                if rule.rank_from <= rank <= rule.rank_to
            ]
            if len(rows) > PARTS:
                first = self.cities(rows[:PARTS])
                values: dict[str, object] = {"tier": rule.tier, "n": len(rows), "names": first}
                values |= {"low": rule.rank_from, "high": rule.rank_to}
                if kind and group:
                    values["group"] = quoted_group(self.source, kind, group)
                fact = "group_tier" if group else "tier"
                yield self.state(fact, self.cells(rows), **values)

    def _ranked_in(
        self, kind: GroupType | None, group: Group | None
    ) -> tuple[list[int], list[int]]:
        """Return the cities of a group, the first one first, and their ranks inside it."""
        if kind is None or group is None:
            return self.rows, self.ranks
        rows = self.source.members(kind, group, self.code, self.population)
        return rows, rank_among(self.source.result, self.code, rows)

    def child_leaders(self) -> Iterator[Sentence]:
        """State the first city of each node below."""
        source, parts, cells = self.source, [], []
        for child in source.children(self.code):
            ranks = {row: rank for row in self.rows if (rank := source.rank(row, child.code))}
            rows = [row for row, rank in ranks.items() if rank == min(ranks.values())]
            if 0 < len(rows) <= PARTS:
                parts.append(self._child_leader(child.code, rows))
                cells += [(row, child.code, "rank") for row in rows]
        if len(parts) > 1:
            joined = Label("；".join(p.zh for p in parts), "; ".join(p.en for p in parts))
            yield self.state("child_leaders", cells, parts=joined)

    def _child_leader(self, code: str, rows: Sequence[int]) -> Label:
        """Return the first cities of a node; of a reverse indicator those with the lowest value."""
        source, name, cities = self.source, self.source.node(code), self.cities(rows, code)
        if not source.is_reverse(code):
            return part("city", name=name, city=cities)
        values = source.result.raw[:, source.result.leaf_codes.index(code)]
        # Scores may be limited: then a first place is not the lowest value.
        if (values[list(rows)] == np.nanmin(values[self.rows])).all():
            return part("city_lowest", name=inside(name), city=cities)
        return part("city", name=part("scored_reverse", name=name), city=cities)

    def closest(self) -> Iterator[Sentence]:
        """State which node below correlates most strongly."""
        children = self.source.children(self.code)
        correlations = []
        for child in children:
            values = self.source.scores(child.code)[self.rows]
            both = np.isfinite(values) & np.isfinite(self.scores)
            if both.sum() > 2 and values[both].std() > 0 and self.scores[both].std() > 0:
                r = float(np.corrcoef(values[both], self.scores[both])[0, 1])
                correlations.append((r, child.code))
        correlations.sort(key=lambda pair: -abs(pair[0]))
        # Where two are equally strong, none is the strongest.
        if len(correlations) > 1 and is_above(abs(correlations[0][0]), abs(correlations[1][0])):
            best = correlations[0]
            cells = [(row, best[1], "score") for row in self.rows]
            strength = f"{rounded(best[0], 2):.2f}".replace("-", "−")
            name = self.source.node(best[1])
            if self.source.is_reverse(best[1]):
                name = part("reverse_score", name=name)
            yield self.state("closest", cells, child=name, r=strength)

    def movers(self) -> Iterator[Sentence]:
        """State who gained and who lost most places, and how many did neither."""
        source = self.source
        changes = [
            (row, c)
            for row in self.rows
            if (c := source.editions.change(row, self.code)) is not None
        ]
        if not changes:
            return
        last, as_printed = source.earlier[0].label, source.editions.is_beside_print(self.code)
        for fact, sign in (("risers", 1), ("fallers", -1)):
            moved = sorted(
                (pair for pair in changes if sign * pair[1] > 0), key=lambda p: -sign * p[1]
            )
            if moved:
                least = sign * moved[min(_MOVERS, len(moved)) - 1][1]
                shown = [pair for pair in moved if sign * pair[1] >= least]
                if len(shown) > 2 * _MOVERS:
                    # Too many to name moved alike: those before them, if any, are named.
                    shown = [pair for pair in moved if sign * pair[1] > least]
                if not shown:
                    continue
                # Printed ranks do not rest on the gaps of these scores.
                names = [
                    source.city(row) if as_printed else source.marked_city(row, self.code)
                    for row, _ in shown
                ]
                parts = [
                    part(fact, name=name, by=abs(by))
                    for name, (_, by) in zip(names, shown, strict=True)
                ]
                cells = self.cells((row for row, _ in shown), "change")
                phrase = listed(parts, last=" and ")
                values = {"last": last, "names": phrase, "n": len(changes)}
                yield self.sentence(fact, cells, values, as_printed=as_printed)
        among = source.editions.changes_among(self.code, self.rows)
        for fact, moves in (("kept", dict(changes)), ("kept_among", among)):
            if moves:
                values = {"n": len(moves), "parts": _counted_moves([*moves.values()])}
                cells = self.cells(moves, "change")
                yield self.sentence(fact, cells, values, as_printed=as_printed)

    def new(self) -> Iterator[Sentence]:
        """State which cities are new."""
        rows = [row for row in self.rows if self.source.editions.is_new(row)]
        if rows:
            names = listed(map(self.source.city, rows), last=" and ")
            yield self.state("new", self.cells(rows), n=len(rows), names=names)

    def top_pairs(self) -> Iterator[Sentence]:
        """State the strongest links between cities."""
        if (pairs := self.source.result.pairs) is None:
            return
        rows = self.source.first_pairs(self.code, _MOVERS)
        ends = map(self.source.pair, rows)
        names = listed((part("pair", a=a, b=b) for a, b in ends), last=" and ")
        yield self.state("top_pairs", n=len(pairs.pairs), k=len(rows), names=names)


def _counted_moves(changes: Sequence[int]) -> Label:
    """Return how many cities moved up, moved down and did neither."""
    up, down = (sum(sign * change > 0 for change in changes) for sign in (1, -1))
    counts = {"up": up, "down": down, "same": len(changes) - up - down}
    moves = listed((part(name, n=n) for name, n in counts.items() if n), last=" and ")
    return Label(moves.zh.replace("、", "，"), moves.en)


#: What is stated of every main node, of each attribute, of the change, and of the root alone.
_OF_NODE: Sequence[Callable[[Facts], Iterator[Sentence]]] = (
    Facts.leaders, Facts.first, Facts.above_mean, Facts.range, Facts.ties, Facts.tiers,
    Facts.child_leaders, Facts.closest,
)  # fmt: skip


def node_sentences(source: ReportSource, code: str, population: str) -> list[Sentence]:
    """Return what is stated of a node."""
    facts = Facts(source, code, population)
    return with_gaps(facts, [sentence for state in _OF_NODE for sentence in state(facts)])


def change_sentences(source: ReportSource) -> list[Sentence]:
    """Return what is stated of the change since the previous edition."""
    every = [Facts(source, code, source.result.populations[0]) for code in source.main_nodes]
    moved = (sentence for facts in every for sentence in facts.movers())
    return with_gaps(every[0], [*every[0].new(), *moved])


def with_gaps(facts: Facts, sentences: list[Sentence]) -> list[Sentence]:
    """Return sentences, and after them what the marks of gaps in them mean."""
    text = "".join(sentence.text.en for sentence in sentences)
    return [*sentences, *(facts.state(fact) for fact in gap_facts(text))]


def pair_sentences(source: ReportSource) -> list[Sentence]:
    """Return what is stated of links between cities."""
    return [*Facts(source, source.root, source.result.populations[0]).top_pairs()]


def sentence_table(source: ReportSource, sentences: Sequence[Sentence]) -> ReportTable:
    """Return sentences as a table, each with the places of its numbers."""
    rows = []
    for sentence in sentences:
        cells = "; ".join(map(str, sentence.cells))
        rows.append([source.node(sentence.node), sentence.text, Label(cells, cells)])
    fields = [Field(say(f"head.{key}")) for key in ("node", "sentence", "cells")]
    title, note = say("sentences.title"), say("sentences.note")
    return ReportTable("sentences", title, fields, rows, note, synthetic=source.synthetic)


def alike(source: ReportSource, code: str, rows: Sequence[int]) -> Label:
    """Return the first of some cities with those that share its score; of many only how many."""
    scores = np.round(source.scores(code)[list(rows)], 9)
    first = [row for row, score in zip(rows, scores.tolist(), strict=True) if score == scores[0]]
    if len(first) <= PARTS:
        return listed(source.marked_city(row, code) for row in sorted(first))
    return say(
        "alike", city=source.marked_city(min(first), code), n=len(first), more=len(first) - 1
    )


def group_name(group: Group) -> Label:
    """Return the name of a group of cities."""
    return Label(group.name_zh or group.value, group.name_en or group.value)


def group_label(source: ReportSource, kind: GroupType, group: Group) -> Label:
    """Return the name of a group, with its grouping where another has other cities of that name."""
    name = group_name(group)
    if source.is_ambiguous(kind, group):
        return say("group.of", type=Label(kind.name_zh, kind.name_en), group=name)
    return name


def quoted_group(source: ReportSource, kind: GroupType, group: Group) -> Label:
    """Return the same as sentences write it."""
    word = "group_of" if source.is_ambiguous(kind, group) else "group"
    return part(word, type=Label(kind.name_zh, kind.name_en), group=group_name(group))


def part(kind: str, **values: object) -> Label:
    """Return a part of a sentence."""
    return filled(report_texts("sentences")["part"][kind], values)
