"""What a sentence about an index names: cities, nodes, groups, and numbers with their units."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from xlcity.audit.text.evidence import Group, SourcedNumber, TextEvidence
from xlcity.audit.text.names import MarkedSentence
from xlcity.audit.text.patterns import number_words, whole_number

_CLAUSE_END = re.compile(r"[，；。;]|,\s")
#: Nodes of the sentences before, at most, that a number without a node may be about.
_NODES_BEFORE = 3
#: Meanings of words that tell of all cities where a sentence names none.
_OF_ALL_CITIES = ("mean", "extreme", "limit", "moved", "fraction")


@dataclass(frozen=True, slots=True)
class StatedNumber:
    """A number of a sentence, what its unit says that it is, and the indicators that have it.

    `kind` is points, value, percent, count or plain.
    """

    text: str
    kind: str
    start: int
    end: int
    codes: tuple[str, ...] = ()

    @property
    def number(self) -> SourcedNumber:
        """The number; one in words has no decimals."""
        plain = self.text if self.text[0].isdigit() else str(whole_number(self.text))
        return SourcedNumber.written(plain)


@dataclass(frozen=True)
class SentenceFacts:
    """What a sentence names, with the evidence that it is held against.

    Attributes
    ----------
    nodes_before
        Nodes of the sentences before, for numbers of sentences without any.
    """

    sentence: MarkedSentence
    evidence: TextEvidence
    nodes_before: Sequence[str] = ()

    @property
    def text(self) -> str:
        """The sentence, with a sign in the place of each name."""
        return self.sentence.text

    @cached_property
    def patterns(self) -> Mapping[str, re.Pattern[str]]:
        """The words around numbers, by what they mean."""
        return number_words()

    def has(self, meaning: str) -> bool:
        """Tell whether the sentence has words of a meaning."""
        return self.patterns[meaning].search(self.text) is not None

    def clause(self, position: int) -> tuple[int, int]:
        """Return where the clause of a position begins and ends."""
        ends = [*_CLAUSE_END.finditer(self.text)]
        start = max((end.end() for end in ends if end.end() <= position), default=0)
        return start, min(
            (end.start() for end in ends if end.start() >= position), default=len(self.text)
        )

    @property
    def can_be_checked(self) -> bool:
        """Whether it is about scores and values of cities of the main group."""
        unit = self.evidence.unit
        is_main = all(unit[city].population == "main" for city in self.cities)
        names_any = bool(self.cities or self.nodes or self.groups[1:] or self.top_counts)
        # A number in a cell of a table, or of a note on the text, is about something else.
        is_about_cities = names_any or any(map(self.has, _OF_ALL_CITIES))
        return is_main and is_about_cities and not self.has("skipped")

    # -- names -----------------------------------------------------------------------------------
    @cached_property
    def nodes(self) -> list[str]:
        """Codes of the nodes that it names."""
        return [code for codes in self.sentence.nodes(self.text) for code in codes]

    @property
    def nodes_meant(self) -> list[str]:
        """Its nodes, else those of the sentences before and the root."""
        return self.nodes or [*self.nodes_before[-_NODES_BEFORE:], self.evidence.root]

    @cached_property
    def groups(self) -> list[Group]:
        """All cities, the groups of the sentence, and what two of them share."""
        named = [*dict.fromkeys(g for several in self.sentence.groups(self.text) for g in several)]
        shared = [(*a, *b) for a, b in combinations(named, 2) if a and b and a[0][0] != b[0][0]]
        return [*dict.fromkeys([(), *named, *shared])]

    @cached_property
    def top_counts(self) -> list[int]:
        """How many of the first cities it is about, such as 10 in "the top ten"."""
        numbers = [
            whole_number(m["n"] or m["n2"]) for m in self.patterns["top"].finditer(self.text)
        ]
        size = len(self.evidence.members(()))
        return [n for n in numbers if n] + ([size // 2] if self.has("half") else [])

    @cached_property
    def cities(self) -> list[str]:
        """The cities that it names, and those at the places that it names."""
        matches = self.patterns["place"].finditer(self.text)
        places = [whole_number(match["n"] or match["n2"]) for match in matches]
        orders = [self.evidence.order(code, group) for code in (self.nodes or [self.evidence.root])
                  for group in self.groups]  # fmt: skip
        at_places = [order[n - 1] for order in orders for n in places if n and n <= len(order)]
        return [*dict.fromkeys((*self.sentence.cities(self.text), *at_places))]

    # -- numbers ---------------------------------------------------------------------------------
    @cached_property
    def stated_numbers(self) -> list[StatedNumber]:
        """The numbers that have a unit, and those with decimals."""
        stated: list[StatedNumber] = []
        for match in self.patterns["number"].finditer(self.text):
            rest = self.text[match.end() :]
            kind, codes = self._unit(match, rest)
            is_plain = "." in match[0] and not self.patterns["unit_scaled"].match(rest)
            kind = kind or ("plain" if is_plain else "")
            stated.append(StatedNumber(match[0], kind, match.start(), match.end(), codes))
        return [number for number in stated if number.kind not in ("", "skip")]

    def _unit(self, match: re.Match[str], rest: str) -> tuple[str, tuple[str, ...]]:
        """Return what a number is by the words around it, and the indicators with its measure."""
        if self.patterns["not_after"].search(self.text[: match.start()]):
            return "skip", ()
        for kind in ("skip", "percent", "points"):
            if self.patterns[f"unit_{kind}"].match(rest):
                return kind, ()
        codes = tuple(code for code, unit in self._measures if unit.match(rest))
        named = tuple(code for code in codes if code in self.nodes)
        is_count = not named and self.patterns["unit_count"].match(rest)
        return ("count", ()) if is_count else ("value" if codes else "", named or codes)

    @cached_property
    def _measures(self) -> list[tuple[str, re.Pattern[str]]]:
        """The indicators, and what stands behind their values."""
        measures = []
        for code in self.evidence.exact["values"]:
            node = self.evidence.framework[code]
            units = [uom for uom in (node.uom, node.uom_zh) if uom and not uom.startswith("%")]
            parts = [
                re.split(r"(?<=.)(?<!illion)(?<!thousand)(?=[\s/·（(]|per )", uom, maxsplit=1)
                for uom in units
            ]
            heads = {part.strip().removesuffix("s") for several in parts for part in several}
            if heads:
                words = "|".join(map(re.escape, sorted(heads, key=len, reverse=True)))
                measures.append((code, re.compile(rf"\s*(?:{words})(?![a-z]{{2}})", re.IGNORECASE)))
        return measures

    def codes_of(self, stated: StatedNumber) -> list[str]:
        """Return the nodes that a number may be of."""
        if stated.codes:
            return [*stated.codes]
        start, end = self.clause(stated.start)
        in_clause = [c for codes in self.sentence.nodes(self.text[start:end]) for c in codes]
        measured = [code for number in self.stated_numbers for code in number.codes]
        around = self.nodes or [*measured, *self.nodes_before[-_NODES_BEFORE:]]
        return [*dict.fromkeys(in_clause or (*around, self.evidence.root))]
