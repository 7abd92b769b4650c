"""Facts of a node, and the sentences that state them in both languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from xlcity.figures.contents import Label
from xlcity.functions.rounding import is_above
from xlcity.index.steps import child_weights
from xlcity.model.dataset import FloatArray
from xlcity.report.contents import NOTHING, Field, Reference, ReportTable, Sentence, points, rounded
from xlcity.report.notes import gap_facts
from xlcity.report.source import ReportSource
from xlcity.report.texts import filled, inside, listed, report_texts, say
from xlcity.report.wording import (
    and_list,
    clause_list,
    count,
    in_text,
    opened,
    percent,
    place_words,
)
from xlcity.reports.report import Group, GroupType

#: Cities that are named together; more say nothing of each.
NAMED = 3
#: Places to which ties and distances are stated.
_TOP = 10
#: Cities from which on quartiles and correlations are stated.
_MANY = 20
#: Differences of sums of floats.
_NOISE = 1e-6
#: Shares of the standard deviation of scores that are a clear and a small distance.
CLEAR, _SMALL = 0.5, 0.1
#: Standard deviations of two parts differ by this factor, medians of distances by the other.
_WIDER, _DROP = 1.25, 3.0
#: Coefficients that are ahead of the next by this, and that show no relation.
_AHEAD, _UNRELATED = 0.05, 0.2
#: Shares of cities above the mean beyond which it is lopsided, and as good as a half.
_FEW, _NEAR_HALF = 0.4, 0.01
#: Leaders of parts of a node that one sentence names.
_CLAUSES = 4


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
        self.decimals = source.text_decimals
        is_root = code == source.root
        self.name = part("index") if is_root else in_text(source.node(code))
        #: Where a section begins, Chinese says what it is about.
        self.at = part("overall") if is_root else part("at", node=source.node(code))
        self.sd = float(self.scores.std(ddof=1)) if len(self.rows) > 1 else 0.0

    def state(
        self, fact: str, cells: Iterable[tuple[int, str, str]] = (), /, **values: object
    ) -> Sentence:
        """Return the sentence of a fact; `cells` are row, node and what of it, for each number.

        Values may have `as_printed`: whether numbers are printed ones, whatever the index is of.
        """
        as_printed = values.pop("as_printed", False)
        text = opened(filled(report_texts("sentences")[fact], {"node": self.name, **values}))
        if self.source.synthetic:
            mark = say("printed_short" if as_printed else "synthetic_short")
            text = Label(mark.zh + text.zh, mark.en + text.en)
        units = self.source.units
        references = tuple(Reference(units[row].id, code, what) for row, code, what in cells)
        return Sentence(fact, self.code, text, references, values)

    def points(self, score: float) -> str:
        """Return a score in this node as texts print it."""
        return points(score, self.decimals).replace("-", "−")

    def distance(self, high: float, low: float) -> str:
        """Return by how much a score is higher, as readers subtract what is printed."""
        return self.points(rounded(high, self.decimals) - rounded(low, self.decimals))

    def cells(self, rows: Iterable[int], what: str = "rank") -> list[tuple[int, str, str]]:
        """Return the places of this node's numbers of some cities."""
        return [(row, self.code, what) for row in rows]

    def cities(self, rows: Iterable[int], code: str = "") -> Label:
        """Return the names of cities in a row, with marks where scores in a node rest on gaps."""
        return and_list([self.source.marked_city(row, code or self.code) for row in rows])

    def scored(self, row: int) -> Label:
        """Return a city with its score."""
        score = self.points(float(self.source.scores(self.code)[row]))
        return part("scored", city=self.source.marked_city(row, self.code), score=score)

    def leader(self) -> Iterator[Sentence]:
        """State who is first, by how much, and on what the lead rests."""
        if len(self.rows) < 2 or self.sd == 0:
            return
        first, score = self.rows[0], self.points(float(self.scores[0]))
        values: dict[str, object] = {"at": self.at, "score": score}
        tied = [row for row, key in zip(self.rows, self.keys, strict=True) if key == self.keys[0]]
        if len(tied) > 1:
            if len(tied) <= NAMED:
                yield self.state("joint", self.cells(tied), cities=self.cities(tied), **values)
            return
        values["city"] = self.source.marked_city(first, self.code)
        if self.source.gaps.mark(first, self.code):
            yield self._first_on_gaps(values)
            return
        second = [row for row, key in zip(self.rows, self.keys, strict=True) if key == self.keys[1]]
        lead = float(self.scores[0] - self.scores[1])
        gap = self.distance(float(self.scores[0]), float(self.scores[1]))
        cells = self.cells([first, *second[:NAMED]], "score")
        alone = len(second) == 1
        if lead >= CLEAR * self.sd and len(second) <= NAMED:
            yield self.state("clear", cells, second=self.cities(second), gap=gap, **values)
        elif lead < _SMALL * self.sd and len(second) <= NAMED:
            fact = "close" if float(gap) else "level"
            yield self.state(fact, cells, second=self.cities(second), gap=gap, **values)
            return
        else:
            others = self.rows[1:3] if alone else second[:NAMED]
            if len(self.rows) > 3 and self.ranks[2] == self.ranks[3] and alone:
                others = self.rows[1:2]
            cells = self.cells([first, *others], "score")
            names = and_list([self.scored(row) for row in others])
            if not alone:
                shown = self.points(float(self.scores[1]))
                names = part("scored_each", cities=self.cities(others), score=shown)
            yield self.state("followed", cells, others=names, **values)
        if alone and not self.source.synthetic:
            yield from self._rests(first, second[0], float(gap))

    def _first_on_gaps(self, values: Mapping[str, object]) -> Sentence:
        """State the first city, on how many indicators, and the first one without a gap."""
        gaps, code, leader = self.source.gaps, self.code, self.rows[0]
        n = len(self.source.result.framework.leaves_below(code))
        missing, estimated = gaps.missing(leader, code), gaps.estimated(leader, code)
        basis = part("lacking", n=n, k=n - missing, missing=missing)
        if not missing:
            basis = part("guessed", n=n, estimated=estimated)
        complete = next((row for row in self.rows if not gaps.mark(row, code)), None)
        rest, cells = NOTHING, [leader]
        if complete is not None:
            score = self.points(float(self.source.scores(code)[complete]))
            rest = part("complete", city=self.source.city(complete), score=score)
            cells.append(complete)
        return self.state("on_gaps", self.cells(cells, "score"), basis=basis, rest=rest, **values)

    def _rests(self, first: int, second: int, gap: float) -> Iterator[Sentence]:
        """State the part that gives at least half of a lead, and where the second is ahead."""
        parts = self.parts_of(first) - self.parts_of(second)
        lead = float(self.scores[0] - self.scores[1])
        # Where a score is no mean of its parts they do not add up to the lead.
        if not abs(parts.sum() - lead) < _NOISE or parts.max() < lead / 2:
            return
        children = [child.code for child in self.source.children(self.code)]
        if not {*children} <= {*self.source.result.node_codes}:
            return
        names = [in_text(self.source.node(code)) for code in children]
        behind = NOTHING
        if parts.min() < 0:
            city = self.source.marked_city(second, children[int(parts.argmin())])
            behind = part("behind", part=names[int(parts.argmin())], city=city)
        best = int(parts.argmax())
        shown = self.points(float(parts[best]))
        fact = "rests" if float(shown) <= gap else "rests_alone"
        cells = [(row, children[best], "score") for row in (first, second)]
        yield self.state(fact, cells, part=names[best], points=shown, behind=behind)

    def parts_of(self, row: int) -> FloatArray:
        """Return the points that each child adds to a city's score, if it is their mean."""
        result, children = self.source.result, self.source.children(self.code)
        step = result.recipe.step_for("aggregate", self.code)
        if step is None or len(children) < len(result.framework.children(self.code)):
            return np.empty(0)
        scores = np.array([self.source.scores(child.code)[row] for child in children])
        weights = np.array(child_weights(result.framework, self.code, step))
        return np.asarray(scores * weights / weights.sum())

    def top_five(self) -> Iterator[Sentence]:
        """State who else is among the first five, where nobody shares a place."""
        edition = self.source.earlier[0] if self.source.earlier else None
        if len(self.rows) < 2 * _TOP or len({*self.keys[:6]}) < 6:
            return
        named = 2 if self.scores[0] - self.scores[1] >= CLEAR * self.sd else 3
        # Who leads on gaps is named with the first city without.
        if self.scores[0] - self.scores[1] < _SMALL * self.sd:
            named = 2
        rows = self.rows[named:5]
        if not self.source.gaps.mark(self.rows[0], self.code):
            places = "4、5" if named > 2 else "3至5"
            yield self.state("top_five", self.cells(rows), cities=self.cities(rows), places=places)
        if edition is None or self.keys[_TOP - 1] == self.keys[_TOP]:
            return
        last = {
            unit
            for (unit, code), rank in edition.ranks.items()
            if code == self.code and rank <= _TOP
        }
        first = {self.source.units[row].id for row in self.rows[:_TOP]}
        if first == last and not self.source.editions.is_beside_print(self.code):
            cells = self.cells(self.rows[:_TOP])
            yield self.state("same_top", cells, k=Label(str(_TOP), "ten"), last=edition.label)

    def parts_led(self) -> Iterator[Sentence]:
        """State who is first in the nodes below."""
        children = [child.code for child in self.source.children(self.code)]
        led: dict[tuple[int, ...], list[str]] = {}
        for code in children:
            ranks = {row: rank for row in self.rows if (rank := self.source.rank(row, code))}
            first = tuple(row for row, rank in ranks.items() if rank == min(ranks.values()))
            if 0 < len(first) <= NAMED and self._is_telling(code, first):
                led.setdefault(first, []).append(code)
        if len(children) < 2 or not led:
            return
        kind = child_kind(self.source, self.code)
        words: dict[str, object] = {"n": count(len(children)), "kind": part(kind)}
        most = max(led, key=lambda rows: len(led[rows]))
        cells = [
            (row, code, "rank") for rows, codes in led.items() for row in rows for code in codes
        ]
        is_plain = not any(map(self.source.is_reverse, led[most])) and len(most) == 1
        if is_plain and len(led[most]) == len(children) > 2:
            city = self._marked(most[0], led[most])
            text = part("all_of", **words)
            yield self.state("all_led", cells, city=city, all=text, at=self.at, **words)
        elif len(led) <= _CLAUSES:
            clauses = [clause for rows, codes in led.items() for clause in self._led(rows, codes)]
            if len(clauses) <= _CLAUSES:
                parts, by = clause_list(clauses), part(f"by_{kind}")
                yield self.state("led", cells, parts=parts, by=by)
        elif is_plain and len(led[most]) > 1:
            names = and_list([in_text(self.source.node(code)) for code in led[most]])
            words |= {"city": self._marked(most[0], led[most]), "parts": names}
            cells = [(most[0], code, "rank") for code in led[most]]
            k, by = count(len(led[most])), part(f"by_{kind}")
            yield self.state("most_led", cells, k=k, by=by, **words)
        alone = len(self.keys) > 1 and self.keys[0] != self.keys[1]
        is_first = any(self.rows[0] in rows for rows in led)
        if alone and not is_first and sum(map(len, led.values())) == len(children) > 2:
            city = self.source.marked_city(self.rows[0], self.code)
            if self.code == self.source.root:
                yield self.state("none_led", cells, city=city, **words)

    def _is_telling(self, code: str, first: Sequence[int]) -> bool:
        """Tell whether a first place in a node can be stated: scores may be limited."""
        if not self.source.is_reverse(code):
            return True
        values = self.source.result.raw[:, self.source.result.leaf_codes.index(code)]
        return bool((values[list(first)] == np.nanmin(values[self.rows])).all())

    def _marked(self, row: int, codes: Iterable[str]) -> Label:
        """Return a city with the marks of its scores in several nodes."""
        marks = "".join(sorted({*"".join(self.source.gaps.mark(row, code) for code in codes)}))
        name = self.source.city(row)
        return Label(f"{name.zh}{marks}", f"{name.en}{marks}")

    def _led(self, rows: Sequence[int], codes: Sequence[str]) -> Iterator[Label]:
        """Yield the clauses on what some cities are first in; of reverse indicators apart."""
        source = self.source
        for is_reverse in (False, True):
            chosen = [code for code in codes if source.is_reverse(code) == is_reverse]
            if not chosen:
                continue
            city = and_list([self._marked(row, chosen) for row in rows])
            is_composite = all(code in source.result.node_codes for code in chosen)
            kind = "lowest" if is_reverse else "leads" if is_composite else "first_in"
            if len(rows) > 1:
                kind = "lowest_joint" if is_reverse else "first_joint"
            elif kind == "leads" and len(chosen) == 2:
                kind = "leads_both"
            write = in_text if is_composite else inside
            names = and_list([write(source.short_node(code)) for code in chosen])
            yield part(kind, city=city, parts=names)

    def above_mean(self) -> Iterator[Sentence]:
        """State the mean, and how many are above it."""
        if len(self.rows) <= NAMED:
            return
        n, k = len(self.rows), int(is_above(self.scores, self.scores.mean()).sum())
        share = k / n
        fact = "few_above" if share <= _FEW else "above_mean"
        fact = "half_above" if abs(share - 0.5) <= _NEAR_HALF else fact
        words: dict[str, object] = {"mean": self.points(float(self.scores.mean()))}
        cells = self.cells(self.rows, "score")
        yield self.state(fact, cells, n=count(n), k=count(k), share=percent(share), **words)

    def spread(self) -> Iterator[Sentence]:
        """State in which parts scores differ most and least, and where half of all scores lie."""
        source, spreads = self.source, []
        for child in source.children(self.code):
            values = source.scores(child.code)[self.rows]
            values = values[np.isfinite(values)]
            if child.code in source.result.node_codes and len(values) > NAMED:
                spreads.append((float(values.std(ddof=1)), child.code, values))
        spreads.sort(key=lambda spread: -spread[0])
        if len(spreads) > 1 and spreads[0][0] >= _WIDER * spreads[-1][0] > 0:
            _, widest, values = spreads[0]
            ends = {
                "low": self.points(float(values.min())),
                "high": self.points(float(values.max())),
            }
            names = {
                "part": in_text(source.node(widest)),
                "even": in_text(source.node(spreads[-1][1])),
            }
            cells = [(row, widest, "score") for row in self.rows]
            yield self.state("spread", cells, **ends, **names)
        if len(self.rows) >= _MANY:
            low, high = np.percentile(self.scores, (25, 75))
            ends = {"low": self.points(float(low)), "high": self.points(float(high))}
            yield self.state("middle", self.cells(self.rows, "score"), **ends)

    def drop(self) -> Iterator[Sentence]:
        """State where scores drop among the first cities, and how close the next ones are."""
        steps = -np.diff(self.scores)
        if len(steps) < _MANY - 1 or not (steps[1 : _TOP - 1] > 0).any():
            return
        index = 1 + int(steps[1 : _TOP - 1].argmax())
        below = self.scores[index + 1 :]
        near = int((below >= below[0] - steps[index] / 2).sum())
        if steps[index] < _DROP * float(np.median(steps)) or not NAMED <= near <= _TOP:
            return
        rows = self.rows[index : index + 2]
        if (
            self.ranks[index] == self.ranks[index - 1]
            or self.ranks[index + 1] == self.ranks[index + 2]
        ):
            return
        yield self.state(
            "drop",
            self.cells(rows, "score"),
            city=self.source.marked_city(rows[0], self.code),
            gap=self.distance(float(self.scores[index]), float(below[0])),
            i=self.ranks[index],
            j=self.ranks[index + 1],
            k=count(near),
            within=self.distance(float(below[0]), float(below[near - 1])),
        )

    def ties(self) -> Iterator[Sentence]:
        """State who shares a rank among the first; a first place is the leaders'."""
        for rank, many in sorted(Counter(self.ranks).items()):
            # A shared second place is named with the leader.
            if 1 < many <= NAMED and self.ranks[0] < rank <= _TOP and rank != self.ranks[1]:
                start = self.ranks.index(rank)
                rows = self.rows[start : start + many]
                yield self.state(
                    "ties", self.cells(rows), cities=self.cities(rows), rank=place_words(rank)
                )

    def relations(self) -> Iterator[Sentence]:
        """State which part overall scores follow most closely, and which parts are unrelated."""
        if len(self.rows) < _MANY:
            return
        source = self.source
        codes = [child.code for child in source.children(self.code)]
        scores = {code: source.scores(code)[self.rows] for code in codes}
        strengths = {code: _correlation(values, self.scores) for code, values in scores.items()}
        order = sorted(codes, key=lambda code: -abs(strengths[code]))
        ahead = abs(strengths[order[0]]) - abs(strengths[order[1]]) if len(order) > 1 else 0.0
        if ahead >= _AHEAD and strengths[order[0]] > 0:
            cells = [(row, order[0], "score") for row in self.rows]
            name, r = in_text(source.scored(order[0])), _coefficient(strengths[order[0]])
            yield self.state("closest", cells, part=name, r=r)
        pairs = {pair: _correlation(scores[pair[0]], scores[pair[1]])
                 for pair in combinations(codes, 2)}  # fmt: skip
        if pairs:
            pair = min(pairs, key=lambda codes: abs(pairs[codes]))
            if 0 < abs(pairs[pair]) < _UNRELATED:
                a, b = (in_text(source.scored(code)) for code in pair)
                cells = [(row, code, "score") for row in self.rows for code in pair]
                yield self.state("unrelated", cells, a=a, b=b, r=_coefficient(pairs[pair]))

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """The lowest and highest rank of the first cities in 90 % of simulations; none without."""
        ranges = [
            self.source.rank_ranges.get(self.source.units[row].id) for row in self.rows[:_TOP]
        ]
        return (
            [*filter(None, ranges)] if self.code == self.source.root and None not in ranges else []
        )

    def unsettled(self) -> tuple[int, int] | None:
        """Return the ends of the longest run of first ranks that every city in it may have."""
        ends = self.ranges
        runs = [
            (first, last)
            for first in range(len(ends))
            for last in range(first + 1, len(ends))
            if all(low <= self.ranks[first] and self.ranks[last] <= high
                   for low, high in ends[first : last + 1])
        ]  # fmt: skip
        first, last = max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
        return (self.ranks[first], self.ranks[last]) if runs else None

    def certainty(self) -> Iterator[Sentence]:
        """State whether the first place is certain, and which neighbours change places."""
        if self.ranges[:1] == [(1, 1)]:
            city, n = self.source.marked_city(self.rows[0], self.code), self.source.simulations
            yield self.state("settled", self.cells(self.rows[:1]), city=city, n=n)
        if (run := self.unsettled()) is not None:
            first, last = run
            chosen = zip(self.rows[:_TOP], self.ranks, strict=False)
            rows = [row for row, rank in chosen if first <= rank <= last]
            names = {"cities": self.cities(rows), "n": self.source.simulations}
            yield self.state("unsettled", self.cells(rows), first=first, last=last, **names)

    def top_pairs(self) -> Iterator[Sentence]:
        """State the strongest links between cities."""
        rows = self.source.first_pairs(self.code, NAMED)
        pairs = self.source.result.pairs
        if pairs is None or len(rows) < NAMED:
            return
        names = [part("pair", a=a, b=b) for a, b in map(self.source.pair, rows)]
        yield self.state("top_pair", n=len(pairs.pairs), pair=names[0], others=and_list(names[1:]))


def _correlation(a: FloatArray, b: FloatArray) -> float:
    """Return Pearson's coefficient of two columns; 0 where they have none."""
    both = np.isfinite(a) & np.isfinite(b)
    if both.sum() <= 2 or a[both].std() == 0 or b[both].std() == 0:
        return 0.0
    return float(np.corrcoef(a[both], b[both])[0, 1])


def _coefficient(r: float) -> str:
    return f"{rounded(r, 2):.2f}".replace("-", "−")


def child_kind(source: ReportSource, code: str) -> str:
    """Return what the nodes below a node are: dimensions below the root, components, indicators."""
    if all(source.result.framework.is_indicator(child.code) for child in source.children(code)):
        return "indicators"
    return "dimensions" if code == source.root else "components"


#: What is stated of every main node, and of the root beside.
_OF_NODE: Sequence[Callable[[Facts], Iterator[Sentence]]] = (
    Facts.leader, Facts.parts_led, Facts.ties,
)  # fmt: skip
_OF_ROOT: Sequence[Callable[[Facts], Iterator[Sentence]]] = (
    Facts.leader, Facts.top_five, Facts.ties, Facts.drop, Facts.parts_led, Facts.above_mean,
    Facts.spread, Facts.relations, Facts.certainty,
)  # fmt: skip


def node_sentences(source: ReportSource, code: str, population: str) -> list[Sentence]:
    """Return what is stated of a node."""
    facts = Facts(source, code, population)
    every = _OF_ROOT if code == source.root else _OF_NODE
    return with_gaps(facts, [sentence for state in every for sentence in state(facts)])


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
    if len(first) <= NAMED:
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


def part(word: str, /, **values: object) -> Label:
    """Return a part of a sentence."""
    return filled(report_texts("sentences")["part"][word], values)
