"""The cities that meet the conditions of a sentence: first ones, above a limit, risen, fallen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice, product

import numpy as np

from xlcity.audit.text.evidence import Group
from xlcity.audit.text.patterns import WORDS
from xlcity.audit.text.sentence_words import StatedFacts, StatedNumber, Stretch

_WAYS = {"more": 1, "ahead": 1, "less": -1, "behind": -1}
_SIGNS = {"over": [1], "under": [-1]}
#: Kinds of numbers that scores and values may be above or below.
_LIMITS = {
    "scores": {"points", "plain", "limit"},
    "values": {"value", "percent", "plain", "limit"},
}


#: Choices among cities that share the last of the first places.
_MOST_CHOICES = 100


@dataclass(frozen=True)
class StatedConditions:
    """The conditions of a sentence."""

    facts: StatedFacts

    @cached_property
    def met(self) -> list[frozenset[str]]:
        """The cities that meet each condition of the sentence."""
        return self.find_meeting(Stretch(0, len(self.facts.text)))

    def find_meeting(self, clause: Stretch) -> list[frozenset[str]]:
        """Return the cities that meet each condition of a clause."""
        return [*dict.fromkeys(map(frozenset, self._yield_meeting(clause)))]

    def has_limit(self, clause: Stretch) -> bool:
        """Tell whether a clause says of what cities are above or below, or that none are."""
        facts = self.facts
        if not facts.has(WORDS.amounts, clause):
            return True
        numbers = [
            n
            for n in facts.numbers
            if clause.has(n.span.start) and n.kinds != {"count"}
        ]
        return bool(numbers) or facts.has(WORDS.other_level, clause)

    @cached_property
    def sizes(self) -> list[int]:
        """Sizes of the sentence's groups: in all, with a rank, in both editions; of the rest."""
        facts = self.facts
        evidence = self.facts.evidence
        groups = [facts.find_members(group) for group in facts.groups]
        ranked = []
        in_both = []
        for code in facts.nodes_meant:
            cities = {*evidence.ranks_in(code)}
            ranked.append(cities)
            in_both.append(
                {city for city in cities if (code, city) in evidence.earlier}
            )
        sizes = [*map(len, groups)]
        sizes += [len(groups[0] - cities) for cities in groups[1:]]
        parts = product(groups, [*ranked, *in_both])
        return sizes + [len(cities & those) for cities, those in parts]

    def _yield_meeting(self, clause: Stretch) -> Iterator[set[str]]:
        facts = self.facts
        for code in facts.read_nodes(clause) or facts.find_nodes(clause.start):
            if facts.has(WORDS.first_part, clause):
                yield from self._find_first(code)
            editions = ("", "earlier ") if facts.has(WORDS.earlier, clause) else ("",)
            for series, edition in product(_LIMITS, editions):
                by_city = facts.find_numbers(edition + series, code)
                limits = self._find_limits(code, series, by_city, clause)
                for limit, sign in limits if by_city else ():
                    beyond = _find_beyond(by_city, limit, sign)
                    yield beyond
                    yield beyond | {city for city, x in by_city.items() if x == limit}
            yield from self._find_moved(code, clause)

    def _find_first(self, code: str) -> Iterator[set[str]]:
        """Yield the first cities of a node in each group: as many as the sentence says."""
        facts = self.facts
        for group, count in product(self._find_ranked_groups(), facts.top_counts):
            ranks = facts.evidence.ranks_in(code, group)
            first = {city for city, rank in ranks.items() if rank <= count}
            yield first
            # Of those that share the last place any may be counted.
            edge = max((ranks[city] for city in first), default=0)
            last = {city for city in first if ranks[city] == edge}
            chosen = combinations(sorted(last), max(0, count - len(first - last)))
            for some in islice(chosen, _MOST_CHOICES):
                yield (first - last) | {*some}

    def _find_ranked_groups(self) -> list[Group]:
        """Return all cities, and the groups named before "the first ten"."""
        top = WORDS.first_ones.search(self.facts.text)
        if top is None:
            return [()]
        ahead = [m for m in self.facts.mentions if m.span.start < top.start()]
        return [(), *(mention.group for mention in ahead if mention.group)]

    def _find_limits(
        self,
        code: str,
        series: str,
        by_city: Mapping[str, float],
        clause: Stretch,
    ) -> Iterator[tuple[float, int]]:
        """Yield the limits that a clause sets, and 1 where cities are above it, -1 below."""
        facts = self.facts
        has = facts.has
        ways = [sign for word, sign in _WAYS.items() if has(WORDS[word], clause)]
        numbers = self._find_limiting_numbers(code, series, clause)
        for stated in numbers:
            signs = _SIGNS.get(stated.bound, ways)
            yield from product((stated.value, stated.value / stated.scale), signs)
        limits = self._find_means(by_city, clause)
        # "Only X exceeds 60": X is no limit then.
        for run in facts.runs:
            is_limit = not numbers or facts.is_compared_with(run.span)
            if is_limit and clause.has(run.span.start):
                limits += [by_city[city] for city in run.cities if city in by_city]
        yield from product(limits, ways)

    def _find_limiting_numbers(
        self, code: str, series: str, clause: Stretch
    ) -> list[StatedNumber]:
        """Return the numbers of a clause that scores or values of a node may be held against."""
        inside = [n for n in self.facts.numbers if clause.has(n.span.start)]
        own = [number for number in inside if not number.codes or code in number.codes]
        return [number for number in own if number.kinds & _LIMITS[series]]

    def _find_means(self, by_city: Mapping[str, float], clause: Stretch) -> list[float]:
        """Return the means of the sentence's groups, where a clause is about such."""
        facts = self.facts
        means = []
        for group in facts.groups if facts.has(WORDS.mean, clause) else []:
            cities = facts.find_members(group)
            numbers = [x for city, x in by_city.items() if city in cities]
            means += [float(np.mean(numbers))] if numbers else []
        return means

    def _find_moved(self, code: str, clause: Stretch) -> Iterator[set[str]]:
        """Yield the cities that rose, fell or stayed, as far as a clause tells of it."""
        facts = self.facts
        turned = -1 if facts.evidence.framework[code].direction < 0 else 1
        ways = {"rise": 1, "fall": -1, "better": turned, "worse": -turned, "equal": 0}
        if facts.has(WORDS.earlier, clause):
            ways |= {"more": 1, "less": -1}
        has = facts.has
        signs = {sign for word, sign in ways.items() if has(WORDS[word], clause)}
        # What does not change in print may do so beyond its decimals.
        changes = facts.find_changes(code, clause)
        for change, sign, decimals in product(changes, signs, (9, 2)):
            rounded = {city: round(x, decimals) for city, x in change.items()}
            yield {city for city, x in rounded.items() if np.sign(x) == sign}


def _find_beyond(
    by_city: Mapping[str, float],
    limit: float,
    sign: int,
) -> set[str]:
    """Return the cities whose number is above a limit, or below it if the sign is -1."""
    return {city for city, x in by_city.items() if sign * (x - limit) > 0}
