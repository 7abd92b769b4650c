"""Numbers of a sentence about an index all of whose numbers are known, and where they come from.

A sentence may be built in any way: a number is false if nothing that the cities, nodes and groups
of the sentence give rounds to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
    Set,
)
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import chain, permutations, product, starmap
from typing import Any, NamedTuple

import numpy as np

from xlcity.audit.text.evidence import Group
from xlcity.audit.text.outcome import JudgedClaim, verdict
from xlcity.audit.text.patterns import WORDS, declarations
from xlcity.audit.text.sentence_conditions import StatedConditions
from xlcity.audit.text.sentence_words import Mention, StatedFacts, StatedNumber, Stretch

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
#: Statistics of which one city's and several cities' numbers make a range.
_OF_RANGE = ("min", "max", "mean")
#: Kinds of numbers that no limit has.
_NO_LIMIT = frozenset(("times", "places", "count"))
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
            right = sources.is_given(stated, candidates)
            yield _judge_number(facts, stated, candidates, right=right)


def _judge_number(
    facts: StatedFacts,
    stated: StatedNumber,
    candidates: Iterable[Candidate],
    *,
    right: bool,
) -> JudgedClaim:
    """Return the claim of a number, with what is nearest to it if it is wrong."""
    sizes = [abs(candidate.value) for candidate in candidates]
    nearest = min(sizes, key=lambda size: abs(size - stated.value))
    decimals = 2
    if stated.kinds & {"count", "places"}:
        decimals = 0
    elif stated.text[0].isdigit():
        decimals = max(len(stated.text.partition(".")[2]), 1)
    start = stated.span.start
    code = facts.find_nodes(start)[0]
    is_of_moves = stated.kinds == {"places"} and facts.evidence.has_printed_moves(code)
    outcome = verdict(
        right,
        "nearest",
        table="printed" if is_of_moves and facts.tells_of_change() else "",
        x=f"{nearest / stated.scale:.{decimals}f}",
    )
    quote = facts.quote(facts.find_clause(start).start, stated.span.end)
    return JudgedClaim("number", quote, code, outcome)


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
            if kind != "range" or statistic in _OF_RANGE:
                alike[kind, *keys[kind]].append(level)
    for several in alike.values():
        yield from permutations(several, 2)


def _pair_editions(
    levels: Iterable[KnownLevel], parties: Collection[Party]
) -> Iterator[LevelPair]:
    """Yield the numbers of some parties, or of all without any, of this edition and the last."""
    own = [level for level in levels if not parties or level.party in parties]
    for now, before in _pair_levels(own, ("editions",)):
        if not now.edition:
            yield now, before


def _list_quotients(
    a: StatedNumber, b: StatedNumber, whole: float
) -> Iterator[Candidate]:
    """Yield the quotient of two numbers, and the growth from one to the other after it."""
    ratio = a.value / b.value * whole
    share = a.half / max(a.value, 1e-9)
    slack = ratio * (share + b.half / b.value)
    yield Candidate(ratio, slack)
    if b.span < a.span:
        growth = ratio * (1 - b.value / a.value) if a.value else 0.0
        yield Candidate(growth, slack)


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
        candidates = []
        for kind in sorted(stated.kinds - {"limit"}):
            of_kind = by_kind[kind](stated)
            if kind == "percent" and stated.kinds == {"percent", "times"}:
                of_kind = [Candidate(0.01 * x, slack) for x, slack in of_kind]
            candidates += of_kind
        return candidates

    def is_given(self, stated: StatedNumber, candidates: Sequence[Candidate]) -> bool:
        """Tell whether one of the candidates is the number, or other numbers of the sentence."""
        # "73.4 thousand" of seats in thousands, or of 73,400 seats.
        scale = stated.scale
        bare = replace(stated, value=stated.value / scale, half=stated.half / scale)
        for form in (stated, bare):
            if any(form.is_met_by(*candidate) for candidate in candidates):
                return True
        is_size = stated.kinds in ({"count"}, {"plain"}) and "." not in stated.text
        if is_size and int(stated.value) in self.conditions.sizes:
            return True
        combined = [] if "count" in stated.kinds else self._combine_others(stated)
        return any(stated.is_met_by(*result) for result in combined)

    def _combine_others(self, stated: StatedNumber) -> Iterator[Candidate]:
        """Yield the differences and quotients of other numbers of the sentence."""
        others = [number for number in self.facts.numbers if number is not stated]
        others = [number for number in others if not number.is_multiple]
        for a, b in permutations(others, 2):
            if a.kinds != b.kinds:
                continue
            if stated.kinds & (a.kinds - {"percent"}):
                yield Candidate(a.value - b.value, a.half + b.half)
            if b.value and stated.kinds & {"percent", "times"}:
                whole = 1 if stated.is_multiple else 100
                yield from _list_quotients(a, b, whole)

    def is_about_others(self, stated: StatedNumber) -> bool:
        """Tell whether a number is about cities that no table has, or about what no word names."""
        facts = self.facts
        if facts.follows_other_count(facts.find_clause(stated.span.start)):
            return True
        if not stated.kinds <= {"percent", "plain", "times"}:
            return False
        names_any = facts.nodes or facts.some_groups or facts.places
        if names_any or facts.has(WORDS.of_index):
            return False
        return not any(number.codes for number in facts.numbers)

    def is_limit(self, stated: StatedNumber) -> bool:
        """Tell whether a number may be a limit that cities are counted or named by."""
        facts = self.facts
        if "limit" in stated.kinds:
            return True
        if stated.bound not in ("over", "under") or stated.kinds & _NO_LIMIT:
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

    def _find_places_meant(self) -> set[int]:
        """Return the places that the sentence names, or means by a range or a second one."""
        facts = self.facts
        places = {stated.place for stated in facts.places}
        if facts.has(WORDS.range):
            places |= {1, -1}
        if facts.has(WORDS.beside_second):
            places.add(2)
        return places

    def _find_ranked_parties(self, code: str) -> list[Party]:
        """Return the cities at places that the sentence names, and the first ones, in a node."""
        facts = self.facts
        places = self._find_places_meant()
        are_next = facts.has(WORDS.beside_next)
        parties = list[Party]()
        for group in facts.groups:
            order = facts.evidence.order(code, group)
            ranked = [n - (n > 0) for n in places]
            ranked = [n for n in ranked if -len(order) <= n < len(order)]
            ranked += self._find_next_places(order) if are_next else []
            parties += [(order[n],) for n in ranked]
            parties += [tuple(order[:count]) for count in facts.top_counts]
        return parties

    def _find_next_places(self, order: Sequence[str]) -> list[int]:
        """Return the numbers of those right behind and before the sentence's cities."""
        cities = self.facts.cities
        own = [number for number, city in enumerate(order) if city in cities]
        beside = [number + step for number, step in product(own, (1, -1))]
        return [number for number in beside if 0 <= number < len(order)]

    def _find_own_parties(self, stated: StatedNumber) -> set[Party]:
        """Return whose number one may be; empty if it may be of any.

        Those right before it or of its clause, else of the clause before and the sentence's first.
        """
        facts = self.facts
        own = self._find_city_in_turn(stated)
        if own:
            return {own}
        mentions = self._find_mentions_before(stated)
        if not mentions:
            return set()
        parties = {*chain(*(mention.parties for mention in mentions))}
        parties.add(tuple(facts.cities_named))
        parties |= {facts.evidence.members(g) for g in facts.groups if len(g) > 1}
        is_of_groups = all(mention.group is not None for mention in mentions)
        if is_of_groups or facts.has(WORDS.mean, facts.find_clause(stated.span.start)):
            parties.add(self._everybody)
        return parties - {()}

    def _find_mentions_before(self, stated: StatedNumber) -> list[Mention]:
        """Return the cities and groups that a number may be of by where it stands."""
        facts = self.facts
        start = stated.span.start
        clause = facts.find_clause(start)
        ahead = [m for m in facts.mentions if m.span.end <= start]
        if not ahead:
            return []
        inside = [m for m in facts.mentions if clause.has(m.span.start)]
        if ahead[-1] in inside:
            is_close = WORDS.close_to.fullmatch(facts.text, ahead[-1].span.end, start)
            return ahead[-1:] if is_close else inside
        last = facts.find_clause(ahead[-1].span.start)
        of_last = [mention for mention in ahead if last.has(mention.span.start)]
        return [*of_last, ahead[0], *inside]

    def _find_part_behind(self, run: Mention, clause: Stretch) -> Stretch:
        """Return the part of a clause behind some cities, up to what is named next."""
        start = max(run.span.end, clause.start)
        named = [m.span.start for m in self.facts.mentions if m.group != ()]
        end = min([clause.end, *(other for other in named if other >= start)])
        return Stretch(start, end)

    def _find_city_in_turn(self, stated: StatedNumber) -> Party:
        """Return the city of a number where both are named in turn, as in "A and B: 2 and 3"."""
        facts = self.facts
        clause = self.facts.find_clause(stated.span.start)
        before = [run for run in facts.runs if run.span.end <= stated.span.start]
        if not before or len(before[-1].cities) < 2:
            return ()
        part = self._find_part_behind(before[-1], clause)
        alike = [number for number in facts.numbers if number.kinds == stated.kinds]
        numbers = [number for number in alike if part.has(number.span.start)]
        cities = before[-1].cities
        is_in_turn = len(numbers) == len(cities) and stated in numbers
        return (cities[numbers.index(stated)],) if is_in_turn else ()

    def _find_single_cities(self, clause: Stretch) -> list[Mention]:
        """Return the cities of a clause that are named alone."""
        single = [run for run in self.facts.runs if len(run.cities) == 1]
        return [run for run in single if clause.has(run.span.start)]

    def _joins_compared(self, stated: StatedNumber, run: Mention) -> bool:
        """Tell whether words between a number and a city compare, with no other number there."""
        between = Stretch(stated.span.end, run.span.start)
        part = self.facts.text[between.start : between.end]
        has_digit = any(char.isdigit() for char in part)
        return not has_digit and self.facts.has(WORDS.compares_two, between)

    def _find_compared_city(self, stated: StatedNumber) -> Party:
        """Return the city beside a number that it is more, less or ahead of; () if none is."""
        facts = self.facts
        clause = self.facts.find_clause(stated.span.start)
        if facts.has(WORDS.mean, clause):
            return ()
        runs = self._find_single_cities(clause)
        behind = [run for run in runs if run.span.start >= stated.span.end]
        if behind and self._joins_compared(stated, behind[0]):
            return behind[0].cities
        ahead = [run for run in runs if run.span.end <= stated.span.start]
        is_compared = ahead and facts.is_compared_with(ahead[-1].span)
        return ahead[-1].cities if is_compared else ()

    def _find_codes(self, stated: StatedNumber) -> list[str]:
        """Return the nodes that a number may be of; every indicator where none is named."""
        facts = self.facts
        codes = facts.find_nodes(stated.span.start)
        if facts.has(WORDS.that_of, facts.find_clause(stated.span.start)):
            codes = [*dict.fromkeys((*codes, *facts.nodes))]
        is_open = codes == [facts.evidence.root] != facts.nodes
        # Scores of which no node is named are those of the index.
        is_of_score = stated.is_multiple and facts.has(WORDS.score_word)
        if is_open and not is_of_score and not stated.kinds & {"points", "count"}:
            return [*facts.evidence.indicators, *codes]
        return codes

    @cached_property
    def _find_levels(self) -> Callable[[str, str], list[KnownLevel]]:
        """What finds the numbers of the sentence's cities and groups in a node, each once."""
        return cache(lambda series, code: [*self._make_levels(series, code)])

    def _name_statistics(self, series: str) -> list[str]:
        """Return what may be stated of several cities together."""
        names = ["mean"]
        if series == "values" or self.facts.has(WORDS.total):
            names.append("sum")
        if self.facts.has(WORDS.range):
            names += ["min", "max"]
        return names

    def _list_parties(self, code: str) -> list[Party]:
        """Return those whose numbers may be stated: named, all, at places, under conditions."""
        meeting = [cities for cities in self.conditions.met if len(cities) > 1]
        parties = [*self._named, self._everybody]
        parties += [tuple(sorted(cities)) for cities in meeting]
        return parties + self._find_ranked_parties(code)

    def _make_levels(self, series: str, code: str) -> Iterator[KnownLevel]:
        facts = self.facts
        names = self._name_statistics(series)
        parties = self._list_parties(code)
        has_earlier = facts.has(WORDS.earlier) or facts.tells_of_change()
        for edition in ("", "earlier ") if has_earlier else ("",):
            by_city = facts.find_numbers(edition + series, code)
            for party in dict.fromkeys(parties):
                numbers = [by_city[city] for city in party if city in by_city]
                statistics = names if len(party) > 1 else [""]
                for name in statistics if numbers else ():
                    value = float(_STATISTICS[name](numbers))
                    yield KnownLevel(
                        party, code, series, edition, statistic=name, value=value
                    )

    def _find_own_levels(
        self, stated: StatedNumber, series: Iterable[str], codes: Iterable[str]
    ) -> tuple[list[KnownLevel], list[KnownLevel]]:
        """Return the numbers of nodes, and those that a number may be itself."""
        facts = self.facts
        clause = self.facts.find_clause(stated.span.start)
        levels = [*chain(*starmap(self._find_levels, product(series, codes)))]
        own_levels = levels
        if not (facts.has(WORDS.earlier, clause) or facts.tells_of_change(clause)):
            own_levels = [level for level in levels if not level.edition]
        own = self._find_own_parties(stated)
        if own:
            of_all = (self._everybody, "sum")
            own_levels = [
                level
                for level in own_levels
                if level.party in own or (level.party, level.statistic) == of_all
            ]
        return levels, own_levels

    def _find_in_series(
        self,
        stated: StatedNumber,
        series: Iterable[str],
        codes: Iterable[str],
        slack: float,
    ) -> list[Candidate]:
        """Return the levels of nodes, and the differences that the sentence may tell of."""
        levels, own_levels = self._find_own_levels(stated, series, codes)
        candidates = [Candidate(level.value, slack) for level in own_levels]
        # Each of the two may have been rounded.
        rounded = 2 * slack + 1.5 * stated.half
        for a, b in self._find_compared(stated, levels):
            candidates.append(Candidate(a.value - b.value, rounded))
        return candidates

    def _find_points(self, stated: StatedNumber) -> list[Candidate]:
        codes = self._find_codes(stated)
        return self._find_in_series(stated, ("scores",), codes, _SCORE_SLACK)

    def _find_values(self, stated: StatedNumber) -> list[Candidate]:
        codes = stated.codes or self._find_codes(stated)
        values = self._find_in_series(stated, ("values",), codes, 0.0)
        # 154,000 people of thousands of people.
        nodes = [self.facts.evidence.framework[code] for code in codes]
        uoms = "\n".join(f"{node.uom or ''}{node.uom_zh or ''}" for node in nodes)
        scales = declarations()["factors"]["scales"]
        sizes = {scales[word] for word in scales if word in uoms}
        scaled = [
            Candidate(x * size, slack * size)
            for size, (x, slack) in product(sizes, values)
        ]
        return values + scaled

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

    def _find_last_motion_words(self, clause: Stretch) -> tuple[bool, bool]:
        """Tell the same of the last clause up to one that has any of these words."""
        clauses = reversed(self.facts.clauses)
        upto = [span for span in clauses if span.start <= clause.start]
        motions = filter(any, map(self._find_motion_words, upto))
        return next(motions, (False, False))

    def _find_compared(
        self, stated: StatedNumber, levels: Sequence[KnownLevel]
    ) -> Iterator[LevelPair]:
        """Yield the numbers that the words around a number compare: editions, cities, nodes."""
        facts = self.facts
        clause = self.facts.find_clause(stated.span.start)
        own = self._find_own_parties(stated)
        moves, compares = self._find_last_motion_words(clause)
        if moves:
            yield from _pair_editions(levels, own)
        if not compares and (moves or not stated.kinds & {"times", "percent"}):
            return
        parties = self._find_comparable(stated, clause)
        target = self._find_compared_city(stated)
        if target:
            parties = {*zip(facts.cities_named)}
            own = {target}
        for a, b in _pair_levels(levels, ("cities", "nodes", "range")):
            both = {a.party, b.party}
            if both <= parties and not (own and own.isdisjoint(both)):
                yield a, b

    def _find_comparable(self, stated: StatedNumber, clause: Stretch) -> set[Party]:
        """Return the parties that a number may compare: the named ones, others if these are few."""
        facts = self.facts
        parties = {*chain(*(mention.parties for mention in facts.mentions))}
        parties |= {*map(facts.evidence.members, facts.some_groups)}
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
        is_of_counts = bool(self.conditions.met) and len(self.facts.groups) > 2
        if is_of_counts or self._is_share(stated):
            return []
        codes = self._find_codes(stated)
        base = self._find_ratio_base(stated)
        levels, own_levels = self._find_own_levels(
            stated, self._find_series(codes), codes
        )
        compared = self._find_compared(stated, levels)
        both = chain(compared, _pair_levels(own_levels, ("editions",)))
        multiples = []
        for a, b in both:
            is_of_base = base in ((), b.party)
            if b.value > 0 and is_of_base:
                multiples.append(Candidate(a.value / b.value))
        return multiples

    def _find_series(self, codes: Sequence[str]) -> tuple[str, ...]:
        """Return what multiples are of: of indicators the values, unless words are of scores."""
        is_of_values = {*codes} <= {*self.facts.evidence.indicators}
        is_of_values = is_of_values and not self.facts.has(WORDS.score_word)
        return ("values",) if is_of_values else ("scores", "values")

    def _find_ratio_base(self, stated: StatedNumber) -> Party:
        """Return the city that a multiple or a share is of: "half that of X", X的三成."""
        text = self.facts.text
        start, end = stated.span
        for run in self.facts.runs:
            is_behind = WORDS.ratio_of.fullmatch(text, end, run.span.start)
            is_before = WORDS.ratio_before.fullmatch(text, run.span.end, start)
            if len(run.cities) == 1 and (is_behind or is_before):
                return run.cities
        return ()

    def _compare_in_percent(
        self, stated: StatedNumber, levels: Sequence[KnownLevel], base: Party
    ) -> Iterator[float]:
        """Yield how many per cent one is of the other, of all that is compared, or of a base."""
        for a, b in self._find_compared(stated, levels):
            if b.value > 0 and base in ((), b.party):
                yield 100 * a.value / b.value

    def _find_percentages(self, stated: StatedNumber) -> list[Candidate]:
        """Return values in per cent, ratios, growth, its mean, and shares of cities."""
        facts = self.facts
        clause = facts.find_clause(stated.span.start)
        base = self._find_ratio_base(stated)
        percentages: Iterable[float] = ()
        if WORDS.of_cities_behind.match(facts.text, stated.span.end):
            percentages = self._find_shares_of_cities()
        elif base or not self._is_share(stated):
            percentages = self._list_percentages(stated, clause, base)
        elif not facts.read_nodes(clause):
            percentages = self._find_shares_of_cities()
        return [*map(Candidate, percentages)]

    def _list_percentages(
        self, stated: StatedNumber, clause: Stretch, base: Party
    ) -> list[float]:
        """Return the values in per cent, ratios, growth and shares that no word calls shares."""
        facts = self.facts
        codes = self._find_codes(stated)
        series = self._find_series(codes)
        levels, own_levels = self._find_own_levels(stated, series, codes)
        percentages = self._find_stated_shares(stated, own_levels)
        moves, compares = self._find_motion_words(clause)
        is_growth = moves or compares or not stated.is_multiple
        for ratio in self._compare_in_percent(stated, levels, base):
            percentages.append(ratio)
            if is_growth and not base:
                percentages.append(ratio - 100)
        if facts.has(WORDS.mean):
            percentages += self._find_mean_growth(codes)
        if not moves and not base:
            percentages += self._find_shares_of_cities()
        return percentages

    def _find_stated_shares(
        self, stated: StatedNumber, levels: Iterable[KnownLevel]
    ) -> list[float]:
        """Return the values in per cent among some levels; as fractions those of nodes named."""
        tree = self.facts.evidence.framework
        shares = [level for level in levels if tree[level.code].is_share]
        if stated.is_multiple:
            shares = [level for level in shares if level.code in self.facts.nodes]
        return [level.value for level in shares if level.series == "values"]

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
        text = self.facts.text
        start, end = stated.span
        behind = WORDS.part_behind if stated.is_multiple else WORDS.share_of
        before = text[self.facts.find_clause(start).start : start]
        return bool(behind.match(text, end) or WORDS.share_before.search(before))

    def _find_shares_of_cities(self) -> Iterator[float]:
        """Yield the shares of cities that meet a condition, are of a group, or are counted."""
        facts = self.facts
        groups = [*map(facts.find_members, facts.groups)]
        order = facts.evidence.order(facts.nodes_meant[0])
        first = [{*order[:count]} for count in facts.top_counts]
        parts = [*groups[1:], *self.conditions.met]
        parts += [{*run.cities} for run in facts.runs]
        parts += first
        single = [group for group in facts.groups if len(group) == 1]
        totals: list[Set[str]] = [*groups, *first]
        if len(single) > 1:
            totals = [*map(facts.find_members, single)]
        if facts.has(WORDS.of_them):
            totals += self.conditions.met
        for part, total in product(parts, totals):
            if total and not total <= part:
                yield 100 * len(total & part) / len(total)
        yield from self._find_shares_of_counts()

    def _find_shares_of_counts(self) -> Iterator[float]:
        """Yield the shares that stated counts are of groups, or of the first so many."""
        facts = self.facts
        counts = [number for number in facts.numbers if "count" in number.kinds]
        sizes = {*self.conditions.sizes, *facts.top_counts}
        for count, size in product({int(number.value) for number in counts}, sizes):
            if count < size:
                yield 100 * count / size

    def _find_moves(self, stated: StatedNumber) -> list[Candidate]:
        """Return by how many places cities moved."""
        facts = self.facts
        if not facts.tells_of_change(facts.find_clause(stated.span.start)):
            return []
        own = {party[0] for party in self._find_own_parties(stated) if len(party) == 1}
        cities = own or facts.cities or self._everybody
        moves = []
        for code in facts.find_nodes(stated.span.start):
            for gained in facts.evidence.places_gained(code):
                moves += [gained[city] for city in cities if city in gained]
        return [*map(Candidate, moves)]

    def _find_counts(self, stated: StatedNumber) -> list[Candidate]:
        """Return what a count of cities may be, empty where nothing says what is counted."""
        facts = self.facts
        text = facts.text
        start, end = stated.span
        clause = facts.find_clause(start)
        met = self.conditions.find_meeting(clause) or self.conditions.met
        beside = WORDS.group_after.match(text, end)
        read_groups = facts.sentence.groups
        counted = read_groups(beside["group"] if beside else text[start - 1 : start])
        if not met:
            counted = self._find_whole_group(clause, start) or counted
        counted_here = counted or read_groups(text[clause.start : clause.end])
        own = [*chain(*counted_here)]
        members = [*map(facts.find_members, own or facts.groups)]
        counts = [len(cities & part) for cities, part in product(met, members)]
        counts += [len(part) for part in members] if met or counted else []
        if counts and not any(own):
            counts += self.conditions.sizes
            counts += [len(run.cities) for run in facts.runs]
            counts.append(len(facts.cities_named))
        return [*map(Candidate, counts)]

    def _find_whole_group(self, clause: Stretch, end: int) -> list[tuple[Group, ...]]:
        """Return the only group of a clause up to a sign, if words are of all of it."""
        text = self.facts.text
        groups = self.facts.sentence.groups(text[clause.start : end])
        is_whole = len(groups) == 1 and WORDS.all_of.search(text[:end])
        return groups if is_whole else []
