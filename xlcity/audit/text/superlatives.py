"""Superlatives of a sentence about an index all of whose numbers are known: whose they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from xlcity.audit.text.outcome import ClaimOutcome, verdict
from xlcity.audit.text.patterns import subjects, whole_number
from xlcity.audit.text.sentence_facts import SentenceFacts

#: Numbers by city, signed so that the superlative's own is the largest.
_Signed = Mapping[str, float]


def check_superlatives(facts: SentenceFacts) -> Iterator[tuple[str, str, str, ClaimOutcome]]:
    """Yield kind, words, node and outcome of the superlatives that are another city's."""
    return _SuperlativeCheck(facts).wrong_claims()


@dataclass(frozen=True)
class _SuperlativeCheck:
    facts: SentenceFacts

    def wrong_claims(self) -> Iterator[tuple[str, str, str, ClaimOutcome]]:
        facts = self.facts
        if facts.has("negated"):
            return
        of_moves = [*facts.patterns["most_moved"].finditer(facts.text)]
        for match in of_moves:
            yield from self._hold_against(match, self._owners(match), self._changes(match))
        of_levels = [
            match
            for match in facts.patterns["superlative"].finditer(facts.text)
            if not any(m.start() < match.end() and match.start() < m.end() for m in of_moves)
        ]
        subject_lists = [*subjects().finditer(facts.text)]
        has_each_its_subject = len(subject_lists) == len(of_levels)
        code = ""
        for position, match in enumerate(of_levels):
            code = self._node_of(match, code)
            subject = subject_lists[position] if has_each_its_subject else None
            owners = self._owners(match, subject)
            yield from self._hold_against(match, owners, self._levels(match, code), code)

    def _owners(self, match: re.Match[str], subject: re.Match[str] | None = None) -> list[str]:
        """Return the cities that a superlative is said of, empty where it may be another."""
        facts = self.facts
        if after := facts.patterns["owner_after"].match(facts.text, match.end()):
            return facts.sentence.cities(after[0])
        start, _ = facts.clause(match.start())
        in_clause = [*subjects().finditer(facts.text, start, match.start())]
        chosen = subject or (in_clause[-1] if len(in_clause) == 1 else None)
        return facts.sentence.cities(chosen[0]) if chosen else []

    def _node_of(self, match: re.Match[str], node_before: str) -> str:
        """Return the node of a superlative: that of its clause, or of the one before it."""
        facts = self.facts
        start, end = facts.clause(match.start())
        in_clause = facts.sentence.nodes(facts.text[start:end])
        if len(in_clause) == 1 and len(in_clause[0]) == 1:
            return in_clause[0][0]
        is_elliptic = facts.patterns["elliptic"].match(facts.text, match.end()) is not None
        if in_clause or not (is_elliptic or facts.has("score")):
            return ""
        if facts.has("score") and not facts.nodes:
            return facts.evidence.root
        return node_before or (facts.nodes[0] if len(set(facts.nodes)) == 1 else "")

    def _levels(self, match: re.Match[str], code: str) -> list[_Signed]:
        """Return the values of a node, or its scores, or both where either may be meant."""
        facts, exact = self.facts, self.facts.evidence.exact
        is_low = facts.patterns["low"].search(match[0]) is not None
        series = ["values" if code in exact["values"] else "scores"]
        if facts.has("score") or facts.patterns["good"].search(match[0]):
            series.append("scores")
        numbers = (exact[name].get(code, {}) for name in series)
        return [
            {u: -x if is_low else x for u, x in by_unit.items()} for by_unit in numbers if by_unit
        ]

    def _changes(self, match: re.Match[str]) -> list[_Signed]:
        """Return what ranks, scores and values gained since the previous edition."""
        facts, evidence = self.facts, self.facts.evidence
        changes: list[_Signed] = []
        for code in facts.nodes or [evidence.root]:
            is_ranked = code in evidence.nodes and not facts.has("score")
            changes += evidence.places_gained(code) if is_ranked else []
            for series in ("scores", "values"):
                now, before = (
                    evidence.exact[name].get(code, {}) for name in (series, f"earlier {series}")
                )
                gains = {unit: x - before[unit] for unit, x in now.items() if unit in before}
                changes += [gains, {u: x / before[u] for u, x in gains.items() if before[u]}]
        is_fall = facts.patterns["fell"].search(match[0]) is not None
        return [{unit: -x if is_fall else x for unit, x in gains.items()} for gains in changes]

    def _hold_against(
        self, match: re.Match[str], units: Sequence[str], numbers: Sequence[_Signed], code: str = ""
    ) -> Iterator[tuple[str, str, str, ClaimOutcome]]:
        """Yield the claim if the cities are not the first ones of any group of the sentence."""
        words = match.groupdict()
        place = whole_number(words.get("nth") or words.get("nth2") or "1") or 1
        owners: list[str] = []
        for by_unit, group in product(numbers, self.facts.groups if units else ()):
            members = self.facts.evidence.members(group)
            of_group = {unit: by_unit[unit] for unit in members if unit in by_unit}
            if of_group:
                order = sorted(of_group.values(), reverse=True)
                limit = order[min(max(place, len(units)), len(order)) - 1]
                down_to = [unit for unit, x in of_group.items() if x >= limit - 1e-9]
                at_limit = [unit for unit in down_to if of_group[unit] <= limit + 1e-9]
                if {*units} <= {*(down_to if place == 1 else at_limit)}:
                    return
                owners = owners or at_limit
        if owners:
            outcome = verdict(False, "most", unit=units[0], cities=owners[:4])
            yield "superlative", self.facts.sentence.words(match[0]), code, outcome
