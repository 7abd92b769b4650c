"""Numbers of a sentence about an index all of whose numbers are known, and where they come from.

A sentence may be built in any way: a number is false if nothing that the cities, nodes and groups
of the sentence give rounds to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import chain, permutations, product, starmap
from typing import Any, NamedTuple

import numpy as np

from xlcity.audit.text.outcome import JudgedClaim, verdict
from xlcity.audit.text.patterns import WORDS, declarations
from xlcity.audit.text.sentence_conditions import StatedConditions
from xlcity.audit.text.sentence_words import StatedFacts, StatedNumber, Stretch

#: How far a printed score may be from the exact one.
_SCORE_SLACK = 0.006
#: Statistics of several cities; "" of one alone.
_STATISTICS: Mapping[str, Callable[[Sequence[float]], Any]] = {
    "": np.mean,
    "mean": np.mean,
    "sum": np.sum,
    "min": np.min,
    "max": np.max,
}
#: Cities whose number is stated: one, or several by a statistic.
Party = tuple[str, ...]


class Candidate(NamedTuple):
    """What a stated number may be, and what printing may have moved it by beside rounding."""

    value: float
    slack: float = 0.0


class KnownLevel(NamedTuple):
    """A number that the tables give of a city, or a statistic of several."""

    party: Party
    code: str
    series: str
    edition: str
    statistic: str
    value: float


def check_numbers(conditions: StatedConditions) -> Iterator[JudgedClaim]:
    """Yield the numbers of a sentence that can be checked."""
    facts = conditions.facts
    if facts.has(WORDS.weight):
        return  # what a weight is, and what it makes of points
    sources = NumberSources(conditions.facts, conditions)
    for stated in facts.numbers:
        if sources.is_limit(stated) or sources.is_about_others(stated):
            continue
        candidates = sources.find_candidates(stated)
        if candidates:
            nearest = min(
                (abs(x) for x, _ in candidates), key=lambda x: abs(x - stated.value)
            )
            is_word = not stated.text[0].isdigit()
            decimals = 2 if is_word else max(len(stated.text.partition(".")[2]), 1)
            decimals = 0 if stated.kinds & {"count", "places"} else decimals
            shown = f"{nearest / stated.scale:.{decimals}f}"
            quote = facts.quote(
                facts.find_clause(stated.span.start).start, stated.span.end
            )
            code = facts.find_nodes(stated.span.start)[0]
            is_of_print = stated.kinds == {
                "places"
            } and facts.evidence.has_printed_moves(code)
            table = "printed" if is_of_print and facts.tells_of_change() else ""
            right = sources.is_given(stated, candidates)
            outcome = verdict(right, "nearest", table=table, x=shown)
            yield JudgedClaim("number", quote, code, outcome)


#: Two levels that a sentence compares.
LevelPair = tuple[KnownLevel, KnownLevel]


def _pair_levels(
    levels: Iterable[KnownLevel], kinds: Iterable[str]
) -> Iterator[LevelPair]:
    """Yield levels that a sentence may compare: of two cities, editions or nodes, or a range."""
    alike: defaultdict[tuple[object, ...], list[KnownLevel]] = defaultdict(list)
    for level in levels:
        party, code, series, edition, statistic, _ = level
        keys = {
            "cities": (code, series, edition, "" if statistic == "mean" else statistic),
            "editions": (party, code, series, statistic),
            "nodes": (party, series, edition, statistic),
            "range": (party, code, series, edition),
        }
        for kind in kinds:
            if kind != "range" or statistic in ("min", "max", "mean"):
                alike[kind, *keys[kind]].append(level)
    for several in alike.values():
        yield from permutations(several, 2)


@dataclass(frozen=True)
class NumberSources:
    """What the cities, nodes and groups of a sentence give."""

    facts: StatedFacts
    conditions: StatedConditions

    def find_candidates(self, stated: StatedNumber) -> list[Candidate]:
        """Return what a number may be; empty if it cannot be checked."""
        by_kind = {
            "points": self._find_points,
            "value": self._find_values,
            "plain": self._find_plain_numbers,
            "percent": self._find_percentages,
            "times": self._find_ratios,
            "places": self._find_moves,
            "count": self._find_counts,
        }
        part = 0.01 if stated.kinds == {"percent", "times"} else 1.0
        return [
            Candidate(x * (part if kind == "percent" else 1), slack)
            for kind in sorted(stated.kinds - {"limit"})
            for x, slack in by_kind[kind](stated)
        ]

    def is_given(self, stated: StatedNumber, candidates: Sequence[Candidate]) -> bool:
        """Tell whether one of the candidates is the number, or other numbers of the sentence."""
        # "73.4 thousand" of seats in thousands, or of 73,400 seats.
        bare = replace(
            stated, value=stated.value / stated.scale, half=stated.half / stated.scale
        )
        if any(
            form.is_met_by(*candidate)
            for form in (stated, bare)
            for candidate in candidates
        ):
            return True
        is_size = stated.kinds in ({"count"}, {"plain"}) and "." not in stated.text
        if is_size and int(stated.value) in self.conditions.sizes:
            return True
        combined = [] if "count" in stated.kinds else self._combine_others(stated)
        return any(stated.is_met_by(*result) for result in combined)

    def _combine_others(self, stated: StatedNumber) -> Iterator[Candidate]:
        """Yield the differences and quotients of other numbers of the sentence."""
        others = [
            n for n in self.facts.numbers if n is not stated and "times" not in n.kinds
        ]
        for a, b in permutations(others, 2):
            if a.kinds != b.kinds:
                continue
            if stated.kinds & (a.kinds - {"percent"}):
                yield Candidate(a.value - b.value, a.half + b.half)
            if b.value and stated.kinds & {"percent", "times"}:
                ratio = a.value / b.value * (1 if "times" in stated.kinds else 100)
                slack = ratio * (a.half / max(a.value, 1e-9) + b.half / b.value)
                yield Candidate(ratio, slack)
                if b.span < a.span:
                    yield Candidate(
                        ratio * (1 - b.value / a.value) if a.value else 0.0, slack
                    )

    def is_about_others(self, stated: StatedNumber) -> bool:
        """Tell whether a number is about cities that no table has, or about what no word names."""
        facts = self.facts
        clause = self.facts.find_clause(stated.span.start)
        if facts.follows_other_count(clause):
            return True
        is_of_index = (
            facts.nodes or facts.groups[1:] or facts.places or facts.has(WORDS.of_index)
        )
        is_of_index = is_of_index or any(number.codes for number in facts.numbers)
        return stated.kinds <= {"percent", "plain", "times"} and not is_of_index

    def is_limit(self, stated: StatedNumber) -> bool:
        """Tell whether a number may be a limit that cities are counted or named by."""
        facts = self.facts
        if "limit" in stated.kinds:
            return True
        if stated.bound not in ("over", "under") or stated.kinds & {
            "times",
            "places",
            "count",
        }:
            return False
        counts = any(number.kinds & {"count", "times"} for number in facts.numbers)
        return counts or facts.has(WORDS.only)

    # -- whose numbers ---------------------------------------------------------------------------
    @cached_property
    def _everybody(self) -> Party:
        return self.facts.evidence.members(())

    @cached_property
    def _named(self) -> list[Party]:
        """The cities, lists of cities and groups of the sentence."""
        facts = self.facts
        parties = [*chain(*(mention.parties for mention in facts.mentions))]
        parties += [(city,) for city in facts.cities]
        parties += [facts.evidence.members(group) for group in facts.groups if group]
        parties.append(tuple(facts.cities_named))
        return [*dict.fromkeys(filter(None, parties))]

    def _find_ranked_parties(self, code: str) -> list[Party]:
        """Return the cities at places that the sentence names, and the first ones, in a node."""
        facts = self.facts
        parties = list[Party]()
        places = {stated.place for stated in facts.places}
        places |= {1, -1} if facts.has(WORDS.range) else set()
        places |= {2} if facts.has(WORDS.beside_second) else set()
        for group in facts.groups:
            order = facts.evidence.order(code, group)
            ranked = [n - (n > 0) for n in places]
            ranked = [n for n in ranked if -len(order) <= n < len(order)]
            if facts.has(WORDS.beside_next):
                own = [n for n, city in enumerate(order) if city in facts.cities]
                ranked += [
                    n + step
                    for n in own
                    for step in (1, -1)
                    if 0 <= n + step < len(order)
                ]
            parties += [(order[n],) for n in ranked]
            parties += [tuple(order[:count]) for count in facts.top_counts]
        return parties

    def _find_own_parties(self, stated: StatedNumber) -> set[Party]:
        """Return whose number one may be; empty if it may be of any.

        Those right before it or of its clause, else of the clause before and the sentence's first.
        """
        facts = self.facts
        start = stated.span.start
        clause = facts.find_clause(start)
        if own := self._find_city_in_turn(stated):
            return {own}
        ahead = [m for m in facts.mentions if m.span.end <= start]
        inside = [m for m in facts.mentions if clause.has(m.span.start)]
        if ahead and ahead[-1] in inside:
            is_close = WORDS.close_to.fullmatch(facts.text, ahead[-1].span.end, start)
            mentions = ahead[-1:] if is_close else inside
        elif ahead:
            last = facts.find_clause(ahead[-1].span.start)
            mentions = [
                *(m for m in ahead if last.has(m.span.start)),
                ahead[0],
                *inside,
            ]
        else:
            return set()
        parties = {
            *chain(*(mention.parties for mention in mentions)),
            tuple(facts.cities_named),
        }
        parties |= {facts.evidence.members(g) for g in facts.groups if len(g) > 1}
        is_of_groups = all(mention.group is not None for mention in mentions)
        is_of_all = is_of_groups or facts.has(WORDS.mean, clause)
        return (parties | ({self._everybody} if is_of_all else set())) - {()}

    def _find_city_in_turn(self, stated: StatedNumber) -> Party:
        """Return the city of a number where both are named in turn, as in "A and B: 2 and 3"."""
        facts = self.facts
        clause = self.facts.find_clause(stated.span.start)
        before = [run for run in facts.runs if run.span.end <= stated.span.start]
        if not before or len(before[-1].cities) < 2:
            return ()
        start = max(before[-1].span.end, clause.start)
        later = [
            m.span.start
            for m in facts.mentions
            if m.group != () and m.span.start >= start
        ]
        end = min([*later[:1], clause.end])
        numbers = [
            n
            for n in facts.numbers
            if start <= n.span.start < end and n.kinds == stated.kinds
        ]
        cities = before[-1].cities
        is_in_turn = len(numbers) == len(cities) and stated in numbers
        return (cities[numbers.index(stated)],) if is_in_turn else ()

    def _find_compared_city(self, stated: StatedNumber) -> Party:
        """Return the city beside a number that it is more, less or ahead of; () if none is."""
        facts = self.facts
        clause = self.facts.find_clause(stated.span.start)
        runs = [
            run
            for run in facts.runs
            if clause.has(run.span.start) and len(run.cities) == 1
        ]
        ahead = [run for run in runs if run.span.end <= stated.span.start]
        behind = [run for run in runs if run.span.start >= stated.span.end]
        if facts.has(WORDS.mean, clause):
            return ()
        if behind:
            between = Stretch(stated.span.end, behind[0].span.start)
            has_digit = any(
                char.isdigit() for char in facts.text[between.start : between.end]
            )
            if not has_digit and facts.has(WORDS.compares_two, between):
                return behind[0].cities
        is_compared = ahead and facts.is_compared_with(ahead[-1].span)
        return ahead[-1].cities if is_compared else ()

    # -- scores, values, changes -----------------------------------------------------------------
    def _find_codes(self, stated: StatedNumber) -> list[str]:
        """Return the nodes that a number may be of; every indicator where none is named."""
        facts = self.facts
        codes = facts.find_nodes(stated.span.start)
        if facts.has(WORDS.that_of, facts.find_clause(stated.span.start)):
            codes = [*dict.fromkeys((*codes, *facts.nodes))]
        is_open = codes == [facts.evidence.root] != facts.nodes
        # Scores of which no node is named are those of the index.
        is_open = is_open and not (
            "times" in stated.kinds and facts.has(WORDS.score_word)
        )
        if is_open and not stated.kinds & {"points", "count"}:
            return [*facts.evidence.indicators, *codes]
        return codes

    @cached_property
    def _find_levels(self) -> Callable[[str, str], list[KnownLevel]]:
        """What finds the numbers of the sentence's cities and groups in a node, each once."""
        return cache(lambda series, code: [*self._make_levels(series, code)])

    def _make_levels(self, series: str, code: str) -> Iterator[KnownLevel]:
        facts = self.facts
        names = [
            "mean",
            *(["sum"] if series == "values" or facts.has(WORDS.total) else []),
        ]
        names += ["min", "max"] if facts.has(WORDS.range) else []
        meeting = [
            tuple(sorted(cities)) for cities in self.conditions.met if len(cities) > 1
        ]
        parties = [
            *self._named,
            self._everybody,
            *meeting,
            *self._find_ranked_parties(code),
        ]
        has_earlier = facts.has(WORDS.earlier) or facts.tells_of_change()
        for edition in ("", "earlier ") if has_earlier else ("",):
            by_city = facts.find_numbers(edition + series, code)
            for party in dict.fromkeys(parties):
                numbers = [by_city[city] for city in party if city in by_city]
                for name in (names if len(party) > 1 else [""]) if numbers else ():
                    number = float(_STATISTICS[name](numbers))
                    yield KnownLevel(party, code, series, edition, name, number)

    def _find_own_levels(
        self, stated: StatedNumber, series: Iterable[str], codes: Iterable[str]
    ) -> tuple[list[KnownLevel], list[KnownLevel]]:
        """Return the numbers of nodes, and those that a number may be itself."""
        facts = self.facts
        clause = self.facts.find_clause(stated.span.start)
        levels = [*chain(*starmap(self._find_levels, product(series, codes)))]
        is_earlier = facts.has(WORDS.earlier, clause)
        editions = (
            ("", "earlier ")
            if is_earlier or self._find_motion_words(clause)[0]
            else ("",)
        )
        own = self._find_own_parties(stated)
        return levels, [
            level
            for level in levels
            if level.edition in editions
            and (
                not own
                or level.party in own
                or (level.party, level.statistic) == (self._everybody, "sum")
            )
        ]

    def _find_in_series(
        self,
        stated: StatedNumber,
        series: Iterable[str],
        codes: Iterable[str],
        slack: float,
    ) -> list[Candidate]:
        """Return the levels of nodes, and the differences that the sentence may tell of."""
        levels, own_levels = self._find_own_levels(stated, series, codes)
        # Each of the two may have been rounded.
        rounded = 2 * slack + 1.5 * stated.half
        differences = (
            a.value - b.value for a, b in self._find_compared(stated, levels)
        )
        return [
            *(Candidate(level.value, slack) for level in own_levels),
            *(Candidate(x, rounded) for x in differences),
        ]

    def _find_points(self, stated: StatedNumber) -> list[Candidate]:
        codes = self._find_codes(stated)
        return self._find_in_series(stated, ("scores",), codes, _SCORE_SLACK)

    def _find_values(self, stated: StatedNumber) -> list[Candidate]:
        codes = stated.codes or self._find_codes(stated)
        values = self._find_in_series(stated, ("values",), codes, 0.0)
        # 154,000 people of thousands of people.
        nodes = [self.facts.evidence.framework[code] for code in codes]
        sizes = {
            size
            for word, size in declarations()["factors"]["scales"].items()
            for node in nodes
            if word in (node.uom or "") + (node.uom_zh or "")
        }
        return values + [
            Candidate(x * size, slack * size) for size in sizes for x, slack in values
        ]

    def _find_plain_numbers(self, stated: StatedNumber) -> list[Candidate]:
        scores = self._find_in_series(
            stated, ("scores",), self._find_codes(stated), _SCORE_SLACK
        )
        return scores + self._find_values(stated)

    # -- what is compared ------------------------------------------------------------------------
    def _find_motion_words(self, clause: Stretch) -> tuple[bool, bool]:
        """Tell whether a clause has words of a change, and words of a comparison."""
        compares = self.facts.has(WORDS.compares, clause)
        moves = self.facts.tells_of_change(clause)
        return moves, compares

    def _find_compared(
        self, stated: StatedNumber, levels: Sequence[KnownLevel]
    ) -> Iterator[LevelPair]:
        """Yield the numbers that the words around a number compare: editions, cities, nodes."""
        facts = self.facts
        clause = self.facts.find_clause(stated.span.start)
        own = self._find_own_parties(stated)
        upto = [span for span in reversed(facts.clauses) if span.start <= clause.start]
        moves, compares = next(
            filter(any, map(self._find_motion_words, upto)), (False, False)
        )
        if moves:
            mine = [level for level in levels if not own or level.party in own]
            yield from (
                (a, b) for a, b in _pair_levels(mine, ("editions",)) if not a.edition
            )
        if not compares and (moves or not stated.kinds & {"times", "percent"}):
            return
        parties = self._find_comparable(stated, clause)
        if target := self._find_compared_city(stated):
            parties = {(city,) for run in facts.runs for city in run.cities}
            own = {target}
        pairs = [
            (a, b)
            for a, b in _pair_levels(levels, ("cities", "nodes", "range"))
            if {a.party, b.party} <= parties
            and (not own or a.party in own or b.party in own)
        ]
        yield from pairs

    def _find_comparable(self, stated: StatedNumber, clause: Stretch) -> set[Party]:
        """Return the parties that a number may compare: the named ones, others if these are few."""
        facts = self.facts
        parties = {party for mention in facts.mentions for party in mention.parties}
        parties |= {facts.evidence.members(group) for group in facts.groups[1:]}
        is_alone = len(parties - {self._everybody}) < 2
        if facts.has(WORDS.mean) or not parties:
            parties.add(self._everybody)
        has_places = any(clause.has(stated.span.start) for stated in facts.places)
        has_places |= is_alone and facts.has(WORDS.beside_unnamed)
        if has_places or parties == {self._everybody}:
            parties.update(*map(self._find_ranked_parties, self._find_codes(stated)))
        return parties

    # -- ratios, shares, percentages -------------------------------------------------------------
    def _find_ratios(self, stated: StatedNumber) -> list[Candidate]:
        """Return how many times one is the other: of cities, and of editions."""
        is_of_counts = bool(self.conditions.met) and len(self.facts.groups[1:]) > 1
        if is_of_counts or self._is_share(stated):
            return []
        codes = self._find_codes(stated)
        base = self._find_ratio_base(stated)
        levels, own_levels = self._find_own_levels(
            stated, self._find_series(codes), codes
        )
        compared = self._find_compared(stated, levels)
        both = chain(compared, _pair_levels(own_levels, ("editions",)))
        pairs = ((a, b) for a, b in both if base in ((), b.party))
        return [Candidate(a.value / b.value) for a, b in pairs if b.value > 0]

    def _find_series(self, codes: Sequence[str]) -> tuple[str, ...]:
        """Return what multiples are of: of indicators the values, unless words are of scores."""
        is_of_values = {*codes} <= {*self.facts.evidence.indicators}
        is_of_values = is_of_values and not self.facts.has(WORDS.score_word)
        return ("values",) if is_of_values else ("scores", "values")

    def _find_ratio_base(self, stated: StatedNumber) -> Party:
        """Return the city that a multiple or a share is of: "half that of X", X的三成."""
        text, (start, end) = self.facts.text, stated.span
        return next(
            (
                run.cities
                for run in self.facts.runs
                if len(run.cities) == 1
                and (
                    WORDS.ratio_of.fullmatch(text, end, run.span.start)
                    or WORDS.ratio_before.fullmatch(text, run.span.end, start)
                )
            ),
            (),
        )

    def _find_percentages(self, stated: StatedNumber) -> list[Candidate]:
        """Return values in per cent, ratios, growth, its mean, and shares of cities."""
        facts = self.facts
        clause = self.facts.find_clause(stated.span.start)
        tree = facts.evidence.framework
        codes = self._find_codes(stated)
        levels, own_levels = self._find_own_levels(
            stated, self._find_series(codes), codes
        )
        is_word = "times" in stated.kinds
        stated_levels = [x for x in own_levels if not is_word or x.code in facts.nodes]
        percentages = [
            level.value
            for level in stated_levels
            if tree[level.code].is_share and level.series == "values"
        ]
        shares = [*self._find_shares_of_cities()]
        moves, compares = self._find_motion_words(clause)
        if WORDS.of_cities_behind.match(facts.text, stated.span.end):
            return [*map(Candidate, shares)]
        base = self._find_ratio_base(stated)
        if self._is_share(stated) and not base:
            is_of_node = facts.read_nodes(clause)
            return [] if is_of_node else [*map(Candidate, shares)]
        pairs = (
            (a.value, b.value)
            for a, b in self._find_compared(stated, levels)
            if b.value > 0 and base in ((), b.party)
        )
        if base:
            moves = False
            compares = False
            is_word = True
        for ratio in (100 * a / b for a, b in pairs):
            percentages += (
                [ratio, ratio - 100] if moves or compares or not is_word else [ratio]
            )
        if facts.has(WORDS.mean):
            percentages += self._find_mean_growth(codes)
        return [
            *map(Candidate, percentages if moves or base else [*percentages, *shares])
        ]

    def _find_mean_growth(self, codes: Iterable[str]) -> Iterator[float]:
        """Yield the mean growth, in per cent, of the cities with a value in both editions."""
        for code in codes:
            now = self.facts.find_numbers("values", code)
            then = self.facts.find_numbers("earlier values", code)
            both = [city for city in now if then.get(city, 0.0) > 0]
            growth = [100 * (now[city] / then[city] - 1) for city in both]
            if growth:
                yield float(np.mean(growth))

    def _is_share(self, stated: StatedNumber) -> bool:
        """Tell whether the words around a number call it a share of a total."""
        text, (start, end) = self.facts.text, stated.span
        behind = WORDS.part_behind if "times" in stated.kinds else WORDS.share_of
        before = text[self.facts.find_clause(start).start : start]
        return bool(behind.match(text, end) or WORDS.share_before.search(before))

    def _find_shares_of_cities(self) -> Iterator[float]:
        """Yield the shares of cities that meet a condition, are of a group, or are counted."""
        facts = self.facts
        groups = [facts.find_members(group) for group in facts.groups]
        order = facts.evidence.order(facts.nodes_meant[0])
        first = [{*order[:count]} for count in facts.top_counts]
        parts = [
            *groups[1:],
            *self.conditions.met,
            *({*run.cities} for run in facts.runs),
            *first,
        ]
        several = [
            facts.find_members(group) for group in facts.groups if len(group) == 1
        ]
        totals: list[Collection[str]] = [
            *(several if len(several) > 1 else [*groups, *first])
        ]
        totals += self.conditions.met if facts.has(WORDS.of_them) else []
        for part, total in product(parts, totals):
            if total and not {*total} <= {*part}:
                yield 100 * len({*total} & {*part}) / len(total)
        counts = {
            int(number.value) for number in facts.numbers if "count" in number.kinds
        }
        sizes = {*self.conditions.sizes, *facts.top_counts}
        yield from (
            100 * count / size for count, size in product(counts, sizes) if count < size
        )

    # -- places and counts -----------------------------------------------------------------------
    def _find_moves(self, stated: StatedNumber) -> list[Candidate]:
        """Return by how many places cities moved."""
        facts = self.facts
        if not facts.tells_of_change(facts.find_clause(stated.span.start)):
            return []
        own = {party[0] for party in self._find_own_parties(stated) if len(party) == 1}
        cities = own or facts.cities or self._everybody
        return [
            Candidate(gained[city])
            for code in facts.find_nodes(stated.span.start)
            for gained in facts.evidence.places_gained(code)
            for city in cities
            if city in gained
        ]

    def _find_counts(self, stated: StatedNumber) -> list[Candidate]:
        """Return what a count of cities may be, empty where nothing says what is counted."""
        facts, text, (start, end) = self.facts, self.facts.text, stated.span
        clause = facts.find_clause(start)
        met = self.conditions.find_meeting(clause) or self.conditions.met
        beside = WORDS.group_after.match(text, end)
        counted = facts.sentence.groups(
            beside["group"] if beside else text[start - 1 : start]
        )
        in_clause = facts.sentence.groups(text[clause.start : start])
        if not met and len(in_clause) == 1 and WORDS.all_of.search(text[:start]):
            counted = in_clause
        in_clause = facts.sentence.groups(text[clause.start : clause.end])
        own = [*chain(*(counted or in_clause))]
        members = [facts.find_members(group) for group in own or facts.groups]
        counts = [len(cities & part) for cities in met for part in members]
        counts += [len(part) for part in members] if met or counted else []
        if counts and not any(own):
            runs = [run.cities for run in facts.runs]
            counts += [*self.conditions.sizes, *map(len, runs), len({*chain(*runs)})]
        return [*map(Candidate, counts)]
