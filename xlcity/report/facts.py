"""Facts of a node, and the sentences that state them in both languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations, starmap

import numpy as np

from xlcity.assess.statistics import correlate
from xlcity.figures.contents import Label, inside, pair_name
from xlcity.functions.rounding import is_above
from xlcity.grouping import grouped
from xlcity.index.analysis import is_rescaled, scale_factors
from xlcity.index.steps import child_weights
from xlcity.model.dataset import FloatArray
from xlcity.report.contents import (
    NOTHING,
    ReportTable,
    Sentence,
    bound,
    points,
    rounded,
)
from xlcity.report.notes import gap_facts
from xlcity.report.source import ReportSource
from xlcity.report.texts import filled, head, report_texts, say
from xlcity.report.wording import (
    FIGURES,
    all_list,
    and_list,
    aspects,
    clause_list,
    count,
    dimension,
    drop_repeated_verbs,
    extremes,
    figure_place,
    in_text,
    indicator,
    opened,
    percent,
    place_words,
)

#: Cities that are named together; more say nothing of each.
NAMED = 3
#: Places to which distances and ties are stated.
_TOP = 10
_TIED = 5
#: Cities from which on quartiles and correlations are stated.
_MANY = 20
#: Differences of sums of floats.
_NOISE = 1e-6
#: Shares of the standard deviation of scores that are a clear and a small distance.
CLEAR = 0.5
_SMALL = 0.1
#: A distance is a drop from this multiple of the median one on.
_DROP = 3.0
#: Coefficients below it show no relation.
_UNRELATED = 0.2
#: Cities from which on the share of those above the mean is stated.
_SHARED = 30
#: Shares of cities above the mean beyond which it is lopsided, and as good as a half.
_FEW = 0.4
_NEAR_HALF = 0.01
#: Leaders of parts of a node that one sentence names.
_CLAUSES = 4
#: Share of the indicators from which on a city does not have only so many of them.
_NEARLY_ALL = 0.8


class Facts:
    """States facts about one node and one group of cities.

    Parameters
    ----------
    source
        The index.
    code
        A composite node.
    population
        The group of cities; the first one, unless it is named.
    """

    def __init__(self, source: ReportSource, code: str, population: str = "") -> None:
        self.source, self.code, self.population = (
            source,
            code,
            population or source.population,
        )
        self.rows = source.order(code, population)
        self.scores = source.scores(code)[self.rows]
        self.ranks = source.ranks(self.rows, code)
        self.keys = source.result.keys[
            self.rows, source.result.node_codes.index(code)
        ].tolist()
        self.decimals = source.text_decimals
        is_root = code == source.root
        self.name = source.titles(code)["node"]
        node = source.node(code)
        word = (
            "overall" if is_root else "at_field" if node.zh.endswith("领域") else "at"
        )
        #: Where a section begins, Chinese says what it is about.
        self.at = part(word, node=node)
        self.sd = float(self.scores.std(ddof=1)) if len(self.rows) > 1 else 0.0

    def state(self, fact: str, /, **values: object) -> Sentence:
        """Return the sentence of a fact.

        Values may have `as_printed`: whether numbers are printed ones, whatever the index is of.
        """
        as_printed = values.pop("as_printed", False)
        text = opened(
            filled(report_texts("sentences")[fact], {"node": self.name, **values})
        )
        # Which cities there are is invented nowhere.
        if self.source.synthetic and fact != "sizes":
            mark = say("printed_short" if as_printed else "synthetic_short")
            text = Label(mark.zh + text.zh, mark.en + text.en)
        return Sentence(fact, self.code, text, values)

    def stated(self, *statements: Callable[[], Iterable[Sentence]]) -> list[Sentence]:
        """Return sentences, and after them what the marks of gaps in them mean."""
        sentences = [sentence for state in statements for sentence in state()]
        text = "".join(sentence.text.en for sentence in sentences)
        return [*sentences, *map(self.state, gap_facts(text))]

    def points(self, score: float) -> str:
        """Return a score in this node as texts print it."""
        return points(score, self.decimals)

    def distance(self, high: float, low: float) -> str:
        """Return by how much a score is higher: the difference of the scores, rounded once.

        A difference of rounded scores can be a whole unit of its last decimal away.
        """
        return self.points(high - low)

    def city(self, row: int) -> Label:
        """Return the name of a city, with a mark where its score in the node rests on gaps."""
        return self.source.marked_city(row, self.code)

    def cities(self, rows: Iterable[int]) -> Label:
        """Return such names in a row."""
        return and_list([*map(self.city, rows)])

    def leader(self) -> Iterator[Sentence]:
        """State who is first, by how much, and on what the lead rests."""
        if len(self.rows) < 2 or self.sd == 0:
            return
        score = self.points(self.scores[0])
        tied, *behind = grouped(zip(self.keys, self.rows, strict=True)).values()
        values: dict[str, object] = {
            "at": self.at,
            "score": score,
            "city": self.city(tied[0]),
        }
        if len(tied) > 1:
            if len(tied) <= NAMED:
                yield self.state("joint", cities=self.cities(tied), **values)
            return
        if self.source.gaps.signs(tied[0], self.code):
            yield self._first_on_gaps(values)
            return
        second = behind[0]
        lead = float(self.scores[0] - self.scores[1])
        alone = len(second) == 1
        gap = self.distance(self.scores[0], self.scores[1])
        rests = self._find_basis_of_lead(tied[0], second[0], gap) if alone else None
        # Beside a part that takes from the lead, the points of another say less than they seem to.
        is_within = (
            rests
            and rests["behind"] == NOTHING
            and float(str(rests["points"])) < float(gap)
        )
        if lead >= CLEAR * self.sd and len(second) <= NAMED:
            basis = part("of_lead", **rests) if rests and is_within else NOTHING
            yield self.state(
                "clear", second=self.cities(second), gap=gap, rests=basis, **values
            )
            if rests and not is_within:
                yield self.state("rests_gap", **rests)
            return
        elif lead < _SMALL * self.sd and len(second) <= NAMED:
            fact = "close" if float(gap) else "level"
            yield self.state(fact, second=self.cities(second), gap=gap, **values)
            return
        else:
            others = (
                [second[0], *behind[1]] if alone and len(behind) > 1 else second[:NAMED]
            )
            others = others if len(others) <= 2 or not alone else second
            yield self.state(
                "followed", others=self._scored(others, alone=alone), **values
            )
            # Readers subtract the two scores of this sentence, which have fewer decimals.
            stated = rounded(self.scores[0], self.decimals) - rounded(
                self.scores[1], self.decimals
            )
            is_within = is_within and self.points(stated) == gap
        if rests:
            yield self.state("rests" if is_within else "rests_alone", **rests)

    def _scored(self, rows: Sequence[int], *, alone: bool) -> Label:
        """Return cities with their scores, which may be the same."""
        scores = [
            self.points(float(self.source.scores(self.code)[row])) for row in rows
        ]
        if not alone:
            return part("scored_each", cities=self.cities(rows), score=scores[0])
        pairs = zip(map(self.city, rows), scores, strict=True)
        return and_list(
            [part("scored", city=city, score=score) for city, score in pairs]
        )

    def _first_on_gaps(self, values: Mapping[str, object]) -> Sentence:
        """State the first city, on how many indicators, and the first one without a gap."""
        gaps = self.source.gaps
        code = self.code
        leader = self.rows[0]
        n = len(self.source.result.framework.leaves_below(code))
        missing = gaps.missing_count(leader, code)
        estimated = gaps.estimated_count(leader, code)
        only = Label("", " only" * (n - missing <= _NEARLY_ALL * n))
        basis = part(
            "lacking", n=count(n), k=count(n - missing), missing=missing, only=only
        )
        if not missing:
            basis = part("guessed", n=count(n), estimated=count(estimated))
        complete = next((row for row in self.rows if not gaps.signs(row, code)), None)
        rest = NOTHING
        if complete is not None:
            score = self.points(float(self.source.scores(code)[complete]))
            rest = part("complete", city=self.source.city(complete), score=score)
        return self.state("on_gaps", basis=basis, rest=rest, **values)

    def _find_basis_of_lead(
        self, first: int, second: int, gap: str
    ) -> dict[str, object] | None:
        """Return the part that gives at least half of a lead, and where the second is ahead."""
        parts = self._points_of(first) - self._points_of(second)
        lead = float(self.scores[0] - self.scores[1])
        children = self.source.children(self.code)
        # Where a score is not the mean of its parts, these do not add up to the lead.
        is_sum = abs(parts.sum() - lead) < _NOISE and parts.max(initial=0.0) >= lead / 2
        is_scored = {*children} <= {*self.source.result.node_codes}
        if self.source.synthetic or not is_sum or not is_scored or len(children) == 1:
            return None
        names = [*map(self.part_name, children)]
        behind = NOTHING
        best = int(parts.argmax())
        if lost := [
            n for n in np.argsort(parts, kind="stable").tolist() if parts[n] < 0
        ]:
            city = self.source.marked_city(second, *(children[n] for n in lost))
            parts_lost = and_list(
                [names[n] for n in (lost if len(lost) <= NAMED else lost[:1])]
            )
            form = "behind" if len(lost) <= NAMED else "behind_many"
            behind = part(form, part=parts_lost, city=city, n=count(len(lost)))
        cities = {"city": self.city(first), "second": self.city(second), "gap": gap}
        points = self.points(float(parts[best]))
        return {**cities, "part": names[best], "points": points, "behind": behind}

    def part_name(self, code: str) -> Label:
        """Return the name of a node below this one, as running text has it."""
        write = (
            dimension if child_kind(self.source, self.code) == "dimensions" else in_text
        )
        return write(self.source.scored(code))

    def drop_kind(self, name: Label) -> Label:
        """Return the name of a node below; Chinese has said the word domain before."""
        if child_kind(self.source, self.code) != "domains":
            return name
        return Label(name.zh.removesuffix("领域"), name.en)

    @cached_property
    def shares(self) -> FloatArray:
        """The shares of the children in a score that is their mean; none without all of them."""
        result = self.source.result
        children = self.source.children(self.code)
        step = result.recipe.step_for("aggregate", self.code)
        if step is None or len(children) < len(result.framework.children(self.code)):
            return np.zeros(0)
        weights = np.array(child_weights(result.framework, self.code, step))
        return np.asarray(weights / weights.sum())

    def parts_of(self, row: int) -> FloatArray:
        """Return the points that each child adds to a city's score, if it is their mean."""
        children = self.source.children(self.code)[: len(self.shares)]
        scores = np.array([self.source.scores(child)[row] for child in children])
        return np.asarray(scores * self.shares)

    def _points_of(self, row: int) -> FloatArray:
        """Return the points that each child adds to a score, on the scale of the score."""
        result = self.source.result
        if not len(self.shares) or not is_rescaled(result, self.code):
            return self.parts_of(row)
        children = self.source.children(self.code)
        aggregates = np.array([result.aggregate(child)[row] for child in children])
        factor = scale_factors(result, self.code)[row]
        return np.asarray(factor * self.shares * aggregates)

    def top_five(self) -> Iterator[Sentence]:
        """State who else is among the first five, where no place is shared."""
        if len(self.rows) < 2 * _TOP or len({*self.keys[:6]}) < 6:
            return
        # Who leads on gaps is named with the first city without.
        lead = self.scores[0] - self.scores[1]
        named = 3 if _SMALL * self.sd <= lead < CLEAR * self.sd else 2
        if not self.source.gaps.signs(self.rows[0], self.code):
            places = "4、5" if named > 2 else "3至5"
            yield self.state(
                "top_five", cities=self.cities(self.rows[named:5]), places=places
            )

    def parts_led(self) -> Iterator[Sentence]:
        """State who is first in the nodes below."""
        source = self.source
        children = source.children(self.code)
        leaders = {code: self.leaders(code) for code in children}
        led = grouped(
            (rows, code) for code, rows in leaders.items() if 0 < len(rows) <= NAMED
        )
        if len(children) < 2 or not led:
            return
        kind = child_kind(source, self.code)
        words: dict[str, object] = {"n": count(len(children)), "kind": part(kind)}
        (rows, codes), *_ = led.items()
        is_plain = not any(map(source.is_reverse, codes)) and len(rows) == 1
        if is_plain and len(codes) == len(children) > 2:
            city = source.marked_city(rows[0], *codes)
            text = part("all_of", **words)
            yield self.state("all_led", city=city, all=text, **words)
        elif len(led) <= _CLAUSES:
            clauses = [
                clause
                for rows, codes in led.items()
                for clause in self._led(rows, codes)
            ]
            if len(clauses) <= _CLAUSES:
                said = clause_list(drop_repeated_verbs(clauses))
                yield self.state("led", parts=said, by=part(f"by_{kind}"))
        is_alone = len(self.keys) > 1 and self.keys[0] != self.keys[1]
        is_known = (
            sum(map(len, led.values())) == len(children) > 2
            and self.code == source.root
        )
        if is_alone and is_known and not any(self.rows[0] in rows for rows in led):
            yield self.state("none_led", city=self.city(self.rows[0]), **words)

    def leaders(self, code: str) -> tuple[int, ...]:
        """Return who is first in a node, if that can be stated: scores may be limited."""
        ranks = self.source.ranked(code, self.population)
        lowest = min(ranks.values(), default=0)
        places = dict(zip(self.rows, self.ranks, strict=True))
        first = tuple(
            sorted(
                (row for row, rank in ranks.items() if rank == lowest),
                key=lambda row: places.get(row, len(ranks)),
            )
        )
        if first and self.source.is_reverse(code):
            values = self.source.result.raw[
                :, self.source.result.leaf_codes.index(code)
            ]
            is_lowest = (values[list(first)] == np.nanmin(values[[*ranks]])).all()
            return first if is_lowest else ()
        return first

    def _led(self, rows: Sequence[int], codes: Sequence[str]) -> list[Label]:
        """Return clauses on what some cities are first in; of reverse indicators behind others."""
        source = self.source
        clauses = list[Label]()
        last_city = NOTHING
        for is_reverse in (False, True):
            chosen = [code for code in codes if source.is_reverse(code) == is_reverse]
            if not chosen:
                continue
            of_one = "first_in"
            of_several = "first_joint_for"
            write = indicator
            if is_reverse:
                of_one = "lowest"
                of_several = "lowest_joint"
                write = inside
            elif {*chosen} <= {*source.result.node_codes}:
                of_one = "leads"
                of_several = "first_joint"
                write = in_text
            labels = [write(self.drop_kind(source.short_node(code))) for code in chosen]
            kind = of_several if len(rows) > 1 else of_one
            most, lowest = extremes(labels, [*map(source.uom, chosen)])
            is_plain = is_reverse or kind == "first_in"
            names = all_list(labels) if is_plain else aspects(labels)
            words = {"lowest": lowest, "most": most}
            city = and_list([source.marked_city(row, *chosen) for row in rows])
            if city == last_city:
                added = part(kind, city=NOTHING, parts=names, **words)
                clauses = [
                    Label(f"{c.zh}，{added.zh}", f"{c.en} and{added.en}")
                    for c in clauses
                ]
            else:
                clauses.append(part(kind, city=city, parts=names, **words))
            last_city = city
        return clauses

    def above_mean(self) -> Iterator[Sentence]:
        """State the mean, how many are above it, and where the middle half lies."""
        if len(self.rows) <= NAMED:
            return
        # The mean of z-scores is 0 for every index.
        if not round(float(self.scores.mean()), self.decimals):
            return
        n = len(self.rows)
        k = int(is_above(self.scores, self.scores.mean()).sum())
        fact = "few_above" if k / n <= _FEW else "above_mean"
        fact = (
            "half_above" if abs(k / n - 0.5) <= _NEAR_HALF else fact if k else "alike"
        )
        mean = self.points(float(self.scores.mean()))
        # Of few cities a share says what the count says.
        share = part("of_all", share=percent(k, n)) if n >= _SHARED else NOTHING
        exceed = Label("", "exceeds" if k == 1 else "exceed")
        yield self.state(
            fact, n=count(n), k=count(k), share=share, mean=mean, exceed=exceed
        )
        if n >= _MANY:
            low, high = map(self.points, np.percentile(self.scores, (25, 75)).tolist())
            yield self.state("middle", low=low, high=high)

    def drop(self) -> Iterator[Sentence]:
        """State where scores drop among the first cities, and how close the next ones are."""
        steps = -np.diff(self.scores)
        if len(steps) < _MANY - 1 or not (steps[1 : _TOP - 1] > 0).any():
            return
        index = 1 + int(steps[1 : _TOP - 1].argmax())
        below = self.scores[index + 1 :]
        ranks = self.ranks
        near = int((below >= below[0] - steps[index] / 2).sum())
        is_shared = (
            ranks[index] == ranks[index - 1] or ranks[index + 1] == ranks[index + 2]
        )
        is_steep = steps[index] >= _DROP * float(np.median(steps))
        if is_steep and NAMED <= near <= _TOP and not is_shared:
            write = place_words if ranks[index + near] < FIGURES else figure_place
            yield self.state(
                "drop",
                city=self.city(self.rows[index]),
                next=self.city(self.rows[index + 1]),
                i=place_words(ranks[index]),
                j=write(ranks[index + 1]),
                last=write(ranks[index + near]),
                gap=self.distance(float(self.scores[index]), float(below[0])),
                within=bound(float(below[0] - below[near - 1]), self.decimals),
            )

    def ties(self) -> Iterator[Sentence]:
        """State who shares a rank among the first; a first place is the leaders'."""
        for rank, many in sorted(Counter(self.ranks).items()):
            # A shared second place is named with the leader.
            if (
                1 < many <= NAMED
                and self.ranks[0] < rank <= _TIED
                and rank != self.ranks[1]
            ):
                start = self.ranks.index(rank)
                cities = self.cities(self.rows[start : start + many])
                yield self.state("ties", cities=cities, rank=place_words(rank))

    def relations(self) -> Iterator[Sentence]:
        """State which parts are unrelated; a whole is related to its own parts in any case."""
        source = self.source
        codes = self.source.children(self.code)
        if len(self.rows) < _MANY or len(codes) < 2:
            return
        with np.errstate(all="ignore"):
            every = correlate(source.result, codes, self.population)
        r = np.nan_to_num(every.r)
        pairs = combinations(range(len(codes)), 2)
        # A part without a range has no coefficient, here 0.
        a, b = min(pairs, key=lambda pair: abs(r[pair]) or 1.0)
        if 0 < abs(r[a, b]) < _UNRELATED:
            names = {
                "a": self.part_name(codes[a]),
                "b": self.part_name(codes[b]),
            }
            yield self.state("unrelated", r=points(float(r[a, b])), **names)

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """The lowest and highest rank of the first cities in 90 % of simulations; none without."""
        units = self.source.units
        ranges = self.source.rank_ranges
        first = [
            ends for row in self.rows[:_TOP] if (ends := ranges.get(units[row].id))
        ]
        is_whole = self.code == self.source.root and len(first) == len(self.rows[:_TOP])
        return first if is_whole else []

    def unsettled(self) -> tuple[int, int] | None:
        """Return the ends of the longest run of first ranks that every city in it may have."""
        ends = self.ranges
        runs = [
            (first, last)
            for first in range(len(ends))
            for last in range(first + 1, len(ends))
            if all(
                low <= self.ranks[first] and self.ranks[last] <= high
                for low, high in ends[first : last + 1]
            )
        ]
        first, last = max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
        return (self.ranks[first], self.ranks[last]) if runs else None

    def certainty(self) -> Iterator[Sentence]:
        """State whether the first place is certain, and which neighbours change places."""
        if self.ranges[:1] == [(1, 1)]:
            yield self.state(
                "settled", city=self.city(self.rows[0]), n=self.source.simulations
            )
        if (run := self.unsettled()) is not None:
            first, last = map(place_words, run)
            chosen = zip(self.rows[:_TOP], self.ranks, strict=False)
            n = self.source.simulations
            cities = self.cities(
                row for row, rank in chosen if run[0] <= rank <= run[1]
            )
            yield self.state("unsettled", first=first, last=last, cities=cities, n=n)

    def top_pairs(self) -> Iterator[Sentence]:
        """State the strongest links between cities."""
        rows = self.source.first_pairs(self.code, NAMED)
        pairs = self.source.result.pairs
        if pairs is not None and len(rows) == NAMED:
            first, *others = starmap(pair_name, map(self.source.pair, rows))
            yield self.state(
                "top_pair", n=len(pairs.pairs), pair=first, others=and_list(others)
            )


def child_kind(source: ReportSource, code: str) -> str:
    """Return what the nodes below a node are; those below the root may call themselves domains."""
    children = source.children(code)
    if all(map(source.result.framework.is_indicator, children)):
        return "indicators"
    if code != source.root:
        return "components"
    is_domain = all(
        source.node(child).en.lower().endswith("domain") for child in children
    )
    return "domains" if is_domain else "dimensions"


def node_sentences(source: ReportSource, code: str) -> list[Sentence]:
    """Return what is stated of a node."""
    facts = Facts(source, code)
    if code != source.root:
        # A single dimension has the scores of the whole: who leads is stated there.
        scores = source.scores(code)
        if np.allclose(scores, source.scores(source.root), 1e-9, 1e-9, equal_nan=True):
            return facts.stated(facts.parts_led)
        return facts.stated(facts.leader, facts.ties, facts.parts_led)
    return facts.stated(
        facts.leader,
        facts.top_five,
        facts.ties,
        facts.drop,
        facts.parts_led,
        facts.above_mean,
        facts.relations,
        facts.certainty,
    )


def sentence_table(source: ReportSource, sentences: Sequence[Sentence]) -> ReportTable:
    """Return sentences as a table, each with the node that it is about."""
    rows = [[source.node(sentence.node), sentence.text] for sentence in sentences]
    title = say("sentences.title")
    fields = [head("node"), head("sentence")]
    return ReportTable("sentences", title, fields, rows, synthetic=source.synthetic)


def part(word: str, /, **values: object) -> Label:
    """Return a part of a sentence."""
    return filled(report_texts("sentences")["part"][word], values)
