"""The cities that meet the conditions of a sentence: first ones, above a limit, risen, fallen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice, product

import numpy as np

from xlcity.audit.text.evidence import Group
from xlcity.audit.text.patterns import WORDS
from xlcity.audit.text.sentence_words import StatedFacts, Stretch

_WAYS = {"more": 1, "ahead": 1, "less": -1, "behind": -1}
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
        ranked = [{*evidence.ranks_in(code)} for code in facts.nodes_meant]
        both = [
            {city for city in cities if (code, city) in evidence.earlier}
            for code, cities in zip(facts.nodes_meant, ranked, strict=True)
        ]
        rest = [len(groups[0] - cities) for cities in groups[1:]]
        sizes = [
            len(cities & those) for cities, those in product(groups, [*ranked, *both])
        ]
        return [*map(len, groups), *rest, *sizes]

    def _yield_meeting(self, clause: Stretch) -> Iterator[set[str]]:
        facts = self.facts
        for code in facts.read_nodes(clause) or facts.find_nodes(clause.start):
            counts = facts.top_counts if facts.has(WORDS.first_part, clause) else []
            for group, count in product(self._find_ranked_groups(), counts):
                ranks = facts.evidence.ranks_in(code, group)
                first = {city for city, rank in ranks.items() if rank <= count}
                yield first
                # Of those that share the last place any may be counted.
                edge = max((ranks[city] for city in first), default=0)
                last = {city for city in first if ranks[city] == edge}
                chosen = combinations(sorted(last), max(0, count - len(first - last)))
                yield from (
                    (first - last) | {*some} for some in islice(chosen, _MOST_CHOICES)
                )
            editions = ("", "earlier ") if facts.has(WORDS.earlier, clause) else ("",)
            for series, edition in product(_LIMITS, editions):
                by_city = facts.find_numbers(edition + series, code)
                limits = self._find_limits(code, series, by_city, clause)
                for limit, sign in limits if by_city else ():
                    beyond = {
                        city for city, x in by_city.items() if sign * (x - limit) > 0
                    }
                    yield beyond
                    yield beyond | {city for city, x in by_city.items() if x == limit}
            yield from self._find_moved(code, clause)

    def _find_ranked_groups(self) -> list[Group]:
        """Return all cities, and the groups named before "the first ten"."""
        top = WORDS.first_ones.search(self.facts.text)
        return [
            (),
            *(
                mention.group
                for mention in self.facts.mentions
                if mention.group and top and mention.span.start < top.start()
            ),
        ]

    def _find_limits(
        self, code: str, series: str, by_city: Mapping[str, float], clause: Stretch
    ) -> Iterator[tuple[float, int]]:
        """Yield the limits that a clause sets, and 1 where cities are above it, -1 below."""
        facts = self.facts
        ways = [sign for word, sign in _WAYS.items() if facts.has(WORDS[word], clause)]
        has_number = False
        for stated in facts.numbers:
            is_own = clause.has(stated.span.start) and (
                not stated.codes or code in stated.codes
            )
            if is_own and stated.kinds & _LIMITS[series]:
                has_number = True
                signs = {"over": [1], "under": [-1]}.get(stated.bound, ways)
                yield from product((stated.value, stated.value / stated.scale), signs)
        means = facts.groups if facts.has(WORDS.mean, clause) else []
        for cities in map(facts.find_members, means):
            numbers = [x for city, x in by_city.items() if city in cities]
            yield from ((float(np.mean(numbers)), sign) for sign in ways if numbers)
        # "Only X exceeds 60": X is no limit then.
        named = [
            city
            for run in facts.runs
            for city in run.cities
            if clause.has(run.span.start)
            and (not has_number or facts.is_compared_with(run.span))
        ]
        yield from (
            (by_city[city], sign) for city in named if city in by_city for sign in ways
        )

    def _find_moved(self, code: str, clause: Stretch) -> Iterator[set[str]]:
        """Yield the cities that rose, fell or stayed, as far as a clause tells of it."""
        facts = self.facts
        turned = -1 if facts.evidence.framework[code].direction < 0 else 1
        ways = [
            ("rise", 1),
            ("fall", -1),
            ("better", turned),
            ("worse", -turned),
            ("equal", 0),
        ]
        ways += [("more", 1), ("less", -1)] if facts.has(WORDS.earlier, clause) else []
        signs = {sign for word, sign in ways if facts.has(WORDS[word], clause)}
        # What does not change in print may do so beyond its decimals.
        for change, sign, decimals in product(
            facts.find_changes(code, clause), signs, (9, 2)
        ):
            yield {
                city
                for city, x in change.items()
                if np.sign(round(x, decimals)) == sign
            }
