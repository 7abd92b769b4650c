"""Numbers of a sentence about an index all of whose numbers are known, and where they come from.

The patterns of `claims.toml` know how sentences are built. Here a sentence may be built in any way:
a number with a unit is false if nothing that its cities, nodes and groups give rounds to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, permutations, product
from typing import NamedTuple

import numpy as np

from xlcity.audit.text.outcome import ClaimOutcome, verdict
from xlcity.audit.text.patterns import quantity, subjects
from xlcity.audit.text.sentence_facts import SentenceFacts, StatedNumber

#: How far a share may be from a fraction in words.
_NEAR = 0.03
#: How far a printed score may be from the exact one.
_SCORE_SLACK = 0.006


class Candidate(NamedTuple):
    """What a stated number may be, and what printing may have moved it by beside rounding."""

    value: float
    slack: float = 0.0


@dataclass(frozen=True, slots=True)
class EntityNumber:
    """A number that the tables give: of which city or group, and of which series."""

    entity: str
    series: str
    value: float


def check_numbers(facts: SentenceFacts) -> Iterator[tuple[str, str, str, ClaimOutcome]]:
    """Yield kind, words, node and outcome of each number that can be checked."""
    sources, text = NumberSources(facts), facts.text
    if not facts.can_be_checked:
        return
    for stated in facts.stated_numbers:
        if facts.patterns["limit_before"].search(text[: stated.start]):
            continue
        if candidates := sources.candidates(stated):
            nearest = _nearest(stated, candidates)
            words = facts.sentence.words(text[facts.clause(stated.start)[0] : stated.end])
            outcome = verdict(not nearest, "nearest", x=nearest)
            yield "number", words, facts.codes_of(stated)[0], outcome
    for match in facts.patterns["fraction"].finditer(text):
        fraction, shares = quantity(match[0])[0], sources.shares
        if shares and not any(abs(share - fraction) < _NEAR for share in shares):
            nearest = f"{100 * min(shares, key=lambda share: abs(share - fraction)):.0f}%"
            yield "number", match[0], facts.evidence.root, verdict(False, "nearest", x=nearest)


def _nearest(stated: StatedNumber, candidates: Sequence[Candidate]) -> str:
    """Return the nearest candidate as it would be printed, "" if one gives the number."""
    number = stated.number
    half = 0.0 if stated.kind == "count" else number.half + 1e-9
    if any(abs(abs(x) - number.value) <= half + slack for x, slack in candidates):
        return ""
    nearest = min((abs(x) for x, _ in candidates), key=lambda x: abs(x - number.value))
    return f"{nearest:.{number.decimals}f}"


@dataclass(frozen=True)
class NumberSources:
    """What the cities, nodes and groups of a sentence give."""

    facts: SentenceFacts

    def candidates(self, stated: StatedNumber) -> list[Candidate]:
        """Return what a number may be; empty if it cannot be checked."""
        if stated.kind == "count":
            return self._counts()
        codes = self.facts.codes_of(stated)
        return (self._percentages if stated.kind == "percent" else self._levels)(stated, codes)

    # -- scores, values, changes, percentages ----------------------------------------------------
    def _levels(self, stated: StatedNumber, codes: Sequence[str]) -> list[Candidate]:
        """Return scores and values, and their differences, as far as the unit allows."""
        kind, values = stated.kind, self.facts.evidence.exact["values"]
        may_be_score = kind == "points" or self.facts.has("score") or not {*codes} <= {*values}
        candidates: list[Candidate] = []
        for series, kinds, slack in (
            ("scores", ("points", "plain"), _SCORE_SLACK),
            ("values", ("value", "plain"), 0.0),
        ):
            if kind in kinds and (kind != "plain" or series == "values" or may_be_score):
                for code in codes:
                    numbers = self._numbers_of(series, code)
                    candidates += [Candidate(number.value, slack) for number in numbers]
                    candidates += self._differences(series, code, stated)
        return candidates

    def _differences(self, series: str, code: str, stated: StatedNumber) -> list[Candidate]:
        """Return differences of the numbers of a node; each of the two may have been rounded."""
        pairs = permutations(self._numbers_of(series, code), 2)
        return [
            Candidate(a.value - b.value, 1.5 * stated.number.half) for a, b in pairs
            if a.value >= b.value and (a.series == b.series or a.entity == b.entity)
        ]  # fmt: skip

    def _percentages(self, stated: StatedNumber, codes: Sequence[str]) -> list[Candidate]:
        """Return values in per cent, ratios and growth of numbers, and shares of cities."""
        facts = self.facts
        if not (facts.nodes or self._counted):
            return []
        candidates: list[Candidate] = []
        for series, code in product(("scores", "values"), facts.nodes or [facts.evidence.root]):
            numbers = self._numbers_of(series, code)
            if series == "values" and code in codes and facts.evidence.framework[code].is_share:
                candidates += [Candidate(number.value) for number in numbers]
            # Where the sentence tells of a move, each is divided by what it was before.
            ratios = [
                a.value / b.value for a, b in permutations(numbers, 2)
                if b.value > 0 and (
                    a.entity == b.entity and b.series != series
                    if facts.has("moved") else a.series == b.series
                )
            ]  # fmt: skip
            candidates += [Candidate(100 * (x - base)) for x in ratios for base in (0, 1)]
        counts = {*self._sizes, *(count for count, _ in self._counts()), *self._counted}
        sizes = [*self._sizes, *facts.top_counts]
        return candidates + [
            Candidate(100 * count / size)
            for count in counts for size in sizes if size and count <= size
        ]  # fmt: skip

    def _numbers_of(self, series: str, code: str) -> list[EntityNumber]:
        """Return the numbers of the sentence's cities, and the means of those of its groups.

        Where the sentence tells of a change, those of the previous edition are among them.
        """
        facts, evidence, cities = self.facts, self.facts.evidence, self.facts.cities
        groups = facts.groups if facts.has("mean") or not cities else facts.groups[1:]
        tells_of_change = facts.has("moved") or facts.has("earlier")
        numbers: list[EntityNumber] = []
        for name in [series, f"earlier {series}"] if tells_of_change else [series]:
            if not (by_unit := evidence.exact[name].get(code)):
                continue
            units = [*cities, *(self._followers(code, cities) if facts.has("lead") else ())]
            entities = {unit: [by_unit[unit]] for unit in units if unit in by_unit}
            several = {str(group): evidence.members(group) for group in groups}
            ranked = [unit for unit in evidence.order(code) if unit in by_unit]
            several |= {f"first {n}": ranked[:n] for n in facts.top_counts}
            together = facts.has("together")
            if facts.has("mean") or together:
                several["cities named"] = cities
            entities |= {entity: [by_unit[unit] for unit in units if unit in by_unit]
                         for entity, units in several.items()}  # fmt: skip
            summaries = (np.mean, np.min, np.max) if facts.has("extreme") else (np.mean,)
            summaries = (*summaries, np.sum) if together else summaries
            numbers += [EntityNumber(f"{entity} {summary}", name, float(summary(values)))
                        for entity, values in entities.items() if values
                        for summary in summaries]  # fmt: skip
        return numbers

    def _followers(self, code: str, cities: Sequence[str]) -> Iterator[str]:
        """Yield the cities that come next to some in a ranking of the sentence's groups."""
        for group in self.facts.groups:
            order = self.facts.evidence.order(code, group)
            yield from (after for unit, after in pairwise(order) if unit in cities)

    # -- counts of cities ------------------------------------------------------------------------
    @cached_property
    def _counted(self) -> list[int]:
        """The counts that the sentence states."""
        numbers = self.facts.stated_numbers
        return [int(stated.number.value) for stated in numbers if stated.kind == "count"]

    @cached_property
    def _members(self) -> list[set[str]]:
        """The cities of each group of the sentence; those of all cities first."""
        return [{*self.facts.evidence.members(group)} for group in self.facts.groups]

    @cached_property
    def _sizes(self) -> list[int]:
        """Sizes of groups, of the rest, and of those of their cities that are ranked."""
        evidence, nodes = self.facts.evidence, self.facts.nodes
        sizes = [len(units) for units in self._members]
        ranked = evidence.ranks_in(nodes[0] if nodes else evidence.root).keys()
        with_rank = [len(units & ranked) for units in self._members]
        return [*sizes, *with_rank, *(sizes[0] - size for size in sizes[1:])]

    def _counts(self) -> list[Candidate]:
        """Return how many cities meet what the sentence says, and the sizes of its groups."""
        met, lists = self._counts_meeting, subjects().finditer(self.facts.text)
        named = [len(self.facts.sentence.cities(listed[0])) for listed in lists]
        return [Candidate(n) for n in (*met, *self._sizes, *named)] if met else []

    @cached_property
    def shares(self) -> list[float]:
        """The shares of groups, and of all cities, that meet a condition."""
        of_groups = self._members[1:]
        wholes = of_groups if len(self._members) > 2 else self._members
        parts = self._meeting or of_groups
        return [len(part & whole) / len(whole)
                for part in parts for whole in wholes if whole and not whole <= part]  # fmt: skip

    @cached_property
    def _counts_meeting(self) -> list[int]:
        """How many cities of each group meet each condition of the sentence."""
        parts = self._meeting or (self._members if len(self._members) > 2 else [])
        return [len(part & units) for part in parts for units in self._members]

    @cached_property
    def _meeting(self) -> list[set[str]]:
        """The cities that meet each condition: first ones, above a limit, risen or fallen."""
        facts, evidence = self.facts, self.facts.evidence
        has_moved, meeting = facts.has("moved"), list[set[str]]()
        for code in facts.nodes_meant:
            ranks = evidence.ranks_in(code)
            meeting += [{u for u, rank in ranks.items() if rank <= n} for n in facts.top_counts]
            for series in ("scores", "values"):
                by_unit = evidence.exact[series].get(code, {})
                limits = [dict.fromkeys(by_unit, x) for x in self._limits([*by_unit.values()])]
                if has_moved:
                    limits.append(dict(evidence.exact[f"earlier {series}"].get(code, {})))
                for limit, sign in product(limits, (1, -1)):
                    continuing = by_unit.keys() & limit.keys()
                    meeting.append({u for u in continuing if sign * (by_unit[u] - limit[u]) > 0})
            for gains in evidence.places_gained(code):
                meeting += [{*gains}] if facts.has("both") else []
                for sign in (1, 0, -1) if has_moved else ():
                    meeting.append({u for u, gain in gains.items() if np.sign(gain) == sign})
        return meeting

    def _limits(self, values: Sequence[float]) -> list[float]:
        """Return the limits that the sentence sets: numbers, and the mean of the values."""
        kinds = ("points", "value", "percent", "plain") if self.facts.has("limit") else ()
        numbers = self.facts.stated_numbers
        limits = [stated.number.value for stated in numbers if stated.kind in kinds]
        return limits + ([float(np.mean(values))] if values and self.facts.has("mean") else [])
