"""Numbers and superlatives of a sentence about an index all of whose numbers are known.

The patterns of `claims.toml` know how sentences are built. Here a sentence may be built in any way:
a number with a unit is false if nothing that its cities, nodes and groups give rounds to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, permutations, product
from typing import Any

import numpy as np

from xlcity.audit.text.evidence import Group, SourcedNumber, TextEvidence
from xlcity.audit.text.names import MarkedSentence
from xlcity.audit.text.outcome import ClaimOutcome, verdict
from xlcity.audit.text.patterns import number_words, subjects, whole_number

_CLAUSE = re.compile(r"[，；。;]|,\s")
_CITY = re.compile("[\ue000-\uefff]")
#: Nodes and words of sentences before that a number without a node may be about.
_BACK = 3
_PARTS = {"third": 3, "quarter": 4, "fifth": 5}
#: How far a share may be from a fraction in words.
_NEAR = 0.03


@dataclass(frozen=True, slots=True)
class StatedNumber:
    """A number of a sentence: what its unit says that it is, and the indicators that have it."""

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


@dataclass(frozen=True, slots=True)
class KnownNumber:
    """A number that the tables give: of which city or group, and of which series."""

    name: str
    series: str
    number: float


@dataclass(frozen=True)
class NumberSources:
    """What the cities, nodes and groups of a sentence give.

    Attributes
    ----------
    before
        Nodes of the sentences before, for numbers of sentences without any.
    """

    sentence: MarkedSentence
    evidence: TextEvidence
    before: Sequence[str] = ()

    def claims(self) -> Iterator[tuple[str, str, str, ClaimOutcome]]:
        """Yield kind, words, node and outcome of each number, and of wrong superlatives."""
        unit = self.evidence.unit
        is_main = all(unit[city].population == "main" for city in self._cities)
        if self._has("skipped") or not is_main:
            return
        for stated in self._stated:
            if self._words["limit_before"].search(self._text[: stated.start]):
                continue
            numbers, nearest = self._sources(stated)
            if numbers:
                said = self.sentence.words(self._text[self._clause(stated.start)[0] : stated.end])
                outcome = verdict(not nearest, "nearest", x=nearest)
                yield "number", said, self._codes(stated)[0], outcome
        for match in self._words["fraction"].finditer(self._text):
            wanted, shares = _fraction(match), self._shares
            if shares and not any(abs(share - wanted) < _NEAR for share in shares):
                nearest = f"{100 * min(shares, key=lambda share: abs(share - wanted)):.0f}%"
                yield "number", match[0], self.evidence.root, verdict(False, "nearest", x=nearest)
        yield from self._superlatives()

    # ---- what a sentence names ----

    @property
    def _text(self) -> str:
        return self.sentence.text

    @cached_property
    def _words(self) -> Mapping[str, Any]:
        return number_words()

    def _has(self, name: str) -> bool:
        return self._words[name].search(self._text) is not None

    @cached_property
    def _nodes(self) -> list[str]:
        return [code for codes in self.sentence.nodes(self._text) for code in codes]

    @cached_property
    def _groups(self) -> list[Group]:
        """All cities, the groups of the sentence, and what two of them share."""
        named = [*dict.fromkeys(g for several in self.sentence.groups(self._text) for g in several)]
        shared = [(*a, *b) for a, b in combinations(named, 2) if a and b and a[0][0] != b[0][0]]
        return [*dict.fromkeys([(), *named, *shared])]

    @cached_property
    def _tops(self) -> list[int]:
        """How many of the first cities the sentence is about."""
        numbers = [whole_number(m["n"] or m["n2"]) for m in self._words["top"].finditer(self._text)]
        size = len(self.evidence.members(()))
        return [n for n in numbers if n] + ([size // 2] if self._has("half") else [])

    @cached_property
    def _cities(self) -> list[str]:
        """The cities of the sentence, and those of the places that it names."""
        named = self.sentence.cities(self._text)
        places = [
            whole_number(m["n"] or m["n2"]) for m in self._words["place"].finditer(self._text)
        ]
        places += [len(self.evidence.members(()))] if self._has("last") else []
        orders = [self.evidence.order(code, group) for code in (self._nodes or [self.evidence.root])
                  for group in self._groups]  # fmt: skip
        at = [order[n - 1] for order in orders for n in places if n and n <= len(order)]
        return [*dict.fromkeys((*named, *at))]

    # ---- numbers ----

    @cached_property
    def _stated(self) -> list[StatedNumber]:
        """The numbers that have a unit, or the unit of the number that they are joined to."""
        stated: list[StatedNumber] = []
        for match in reversed([*self._words["number"].finditer(self._text)]):
            rest = self._text[match.end() :]
            kind, codes = self._unit(match, rest)
            if (
                not kind
                and stated
                and self._words["joined"].fullmatch(self._text[match.end() : stated[-1].start])
            ):
                kind, codes = stated[-1].kind, stated[-1].codes
            kind = kind or ("plain" if "." in match[0] and not rest.startswith("%") else "")
            stated.append(StatedNumber(match[0], kind, match.start(), match.end(), codes))
        return [one for one in reversed(stated) if one.kind and one.kind != "skip"]

    def _unit(self, match: re.Match[str], rest: str) -> tuple[str, tuple[str, ...]]:
        """Return what a number is by the words around it, and the indicators with its measure."""
        if self._words["not_after"].search(self._text[: match.start()]):
            return "skip", ()
        for kind in ("skip", "change", "percent", "points"):
            if self._words[f"unit_{kind}"].match(rest):
                return kind, ()
        codes = tuple(code for code, unit in self._measures if unit.match(rest))
        named = tuple(code for code in codes if code in self._nodes)
        is_count = not named and self._words["unit_count"].match(rest)
        return ("count", ()) if is_count else ("value" if codes else "", named or codes)

    @cached_property
    def _measures(self) -> list[tuple[str, re.Pattern[str]]]:
        """The indicators, and what stands behind their values."""
        measures = []
        for code in self.evidence.exact["values"]:
            node = self.evidence.framework[code]
            units = [uom for uom in (node.uom, node.uom_zh) if uom and not uom.startswith("%")]
            parts = [re.split(r"(?<=.)(?=[\s/·（(]|per )", uom, maxsplit=1) for uom in units]
            heads = {part.strip().removesuffix("s") for several in parts for part in several}
            if heads:
                words = "|".join(map(re.escape, sorted(heads, key=len, reverse=True)))
                measures.append((code, re.compile(rf"\s*(?:{words})(?![a-z]{{2}})", re.IGNORECASE)))
        return measures

    def _codes(self, stated: StatedNumber) -> list[str]:
        """Return the nodes that a number may be of."""
        if stated.codes:
            return [*stated.codes]
        begin, end = self._clause(stated.start)
        own = [c for codes in self.sentence.nodes(self._text[begin:end]) for c in codes]
        around = self._nodes or [*self.before[-_BACK:]]
        return [*dict.fromkeys(own or (*around, self.evidence.root))]

    def _sources(self, stated: StatedNumber) -> tuple[bool, str]:
        """Return whether a number can be checked, and the nearest one if no other gives it."""
        wanted, is_count = stated.number, stated.kind == "count"
        numbers = self._counts(stated) if is_count else self._numbers(stated)
        slack = 0.0 if is_count else wanted.half + 1e-9
        if not numbers or any(abs(abs(x) - wanted.value) <= slack + by for x, by in numbers):
            return bool(numbers), ""
        nearest = min((abs(x) for x, _ in numbers), key=lambda x: abs(x - wanted.value))
        return True, f"{nearest:.{wanted.decimals}f}"

    def _clause(self, position: int) -> tuple[int, int]:
        """Return where the clause of a position begins and ends."""
        ends = [*_CLAUSE.finditer(self._text)]
        begin = max((m.end() for m in ends if m.end() <= position), default=0)
        return begin, min(
            (m.start() for m in ends if m.start() >= position), default=len(self._text)
        )

    def _numbers(self, stated: StatedNumber) -> list[tuple[float, float]]:
        """Return what a number with a unit may be, each with what printing may have moved it by."""
        codes, slack = self._codes(stated), 1.2 * stated.number.half
        values = self.evidence.exact["values"]
        shares = [code for code in codes if self._is_share(code)]
        numbers: list[tuple[float, float]] = []
        of_scores = stated.kind == "points" or self._has("score") or not {*codes} <= {*values}
        for what, kinds in (("scores", ("points", "plain")), ("values", ("value", "plain"))):
            if stated.kind in kinds and (stated.kind != "plain" or what == "values" or of_scores):
                for known in (self._known(what, code, stated) for code in codes):
                    numbers += [(one.number, 0.006 if what == "scores" else 0.0) for one in known]
                    numbers += [(x, slack) for x in self._changes(known, moved=True)]
        if stated.kind == "change":
            for code in shares or filter(self._is_share, values):
                known = self._known("values", code, stated)
                numbers += [(x, slack) for x in self._changes(known, moved=True)]
        if stated.kind == "percent" and (self._nodes or self._counted):
            for what, code in product(("scores", "values"), self._nodes or [self.evidence.root]):
                known = self._known(what, code, stated)
                numbers += [
                    (one.number, 0.0) for one in known if what == "values" and code in shares
                ]
                numbers += [
                    (x, 0.0) for x in self._changes(known, moved=self._has("moved"), share=True)
                ]
            sizes = [*self._sizes, *self._tops]
            counts = {*self._sizes, *(n for n, _ in self._counts()), *self._counted}
            numbers += [(100 * c / n, 0.0) for c in counts for n in sizes if n and c <= n]
        return numbers

    def _is_share(self, code: str) -> bool:
        node = self.evidence.framework[code]
        return any(uom.lstrip().startswith("%") for uom in (node.uom, node.uom_zh))

    def _editions(self, what: str) -> list[str]:
        """Return the series of numbers: earlier ones where the sentence tells of a change."""
        return [what, f"earlier {what}"] if self._has("moved") or self._has("earlier") else [what]

    def _known(self, what: str, code: str, stated: StatedNumber) -> list[KnownNumber]:
        """Return the numbers of the sentence's cities, and what sums up those of its groups.

        A number in brackets behind a city is that city's.
        """
        attached = self._words["attached"].search(self._text[: stated.start])
        cities = self.sentence.cities(attached[0]) if attached else self._cities
        groups = self._groups if self._has("mean") or not cities else self._groups[1:]
        known: list[KnownNumber] = []
        for series in self._editions(what):
            if not (pool := self.evidence.exact[series].get(code)):
                continue
            sums: dict[str, list[float]] = {unit: [pool[unit]] for unit in cities if unit in pool}
            if not attached:
                of_group = {str(group): self.evidence.members(group) for group in groups}
                sums |= {name: [pool[unit] for unit in units if unit in pool]
                         for name, units in of_group.items()}  # fmt: skip
                first = [pool[unit] for unit in self.evidence.order(code) if unit in pool]
                sums |= {f"first {n}": first[:n] for n in self._tops}
                if self._has("mean"):
                    sums["named"] = [pool[unit] for unit in cities if unit in pool]
            for name, numbers in sums.items():
                if numbers:
                    known.append(KnownNumber(name, series, float(np.mean(numbers))))
                for word, summary in (("extreme", min), ("extreme", max), ("median", np.median)):
                    if len(numbers) > 1 and self._has(word):
                        known.append(
                            KnownNumber(f"{name} {summary}", series, float(summary(numbers)))
                        )
        return known

    @staticmethod
    def _changes(known: Sequence[KnownNumber], *, moved: bool, share: bool = False) -> list[float]:
        """Return differences, or in per cent, of one entity's numbers or of one edition's."""
        pairs = [
            (a.number, b.number)
            for a, b in permutations(known, 2)
            if (a.series == b.series and not (share and moved))
            or (a.name == b.name and moved and (not share or b.series != known[0].series))
        ]
        if not share:
            return [a - b for a, b in pairs if a >= b]
        return [x for a, b in pairs if b > 0 for x in (100 * (a / b - 1), 100 * a / b)]

    # ---- counts ----

    @cached_property
    def _counted(self) -> list[int]:
        return [int(one.number.value) for one in self._stated if one.kind == "count"]

    @cached_property
    def _sizes(self) -> list[int]:
        """Sizes of groups, of the rest, and of those of their cities that are ranked."""
        members = [self.evidence.members(group) for group in self._groups]
        sizes = [len(units) for units in members]
        ranked = self.evidence.ranks_in(self._nodes[0] if self._nodes else self.evidence.root)
        with_rank = [sum(unit in ranked for unit in units) for units in members]
        return [*sizes, *with_rank, *(sizes[0] - size for size in sizes[1:])]

    def _counts(self, stated: StatedNumber | None = None) -> list[tuple[float, float]]:
        """Return how many cities meet what the sentence says, and the sizes of its groups."""
        if stated and self._words["size_before"].search(self._text[: stated.start]):
            return [(n, 0.0) for n in (*self._sizes, *self._tops, *self._listed, *self._conditions)]
        counted = [*self._conditions]
        is_size = len(self._groups) > 1 and self._has("exist")
        if not counted and not is_size:
            return []
        return [(float(n), 0.0) for n in (*counted, *self._sizes, *self._listed)]

    @cached_property
    def _shares(self) -> list[float]:
        """The shares of groups, and of all cities, that meet a condition."""
        several = len(self._groups) > 2
        groups = [{*self.evidence.members(group)} for group in self._groups]
        met, whole = self._sets or groups[1:], groups[1:] if several else groups
        return [len(one & of) / len(of) for one in met for of in whole if of and not of <= one]

    @cached_property
    def _listed(self) -> list[int]:
        return [len(self.sentence.cities(run[0])) for run in subjects().finditer(self._text)]

    @cached_property
    def _conditions(self) -> list[int]:
        """How many cities of each group meet each condition of the sentence."""
        sets = self._sets
        if len(self._groups) > 2 and not sets:
            sets = [{*self.evidence.members(group)} for group in self._groups]
        return [len(one & {*self.evidence.members(g)}) for one in sets for g in self._groups]

    @cached_property
    def _sets(self) -> list[set[str]]:
        """The cities that meet each condition: first ones, above a limit, risen or fallen."""
        evidence, codes = self.evidence, self._nodes or [*self.before[-_BACK:], self.evidence.root]
        sets: list[set[str]] = []
        for code in codes:
            ranks = evidence.ranks_in(code)
            sets += [{unit for unit, rank in ranks.items() if rank <= n} for n in self._tops]
            for what in ("scores", "values"):
                pool = evidence.exact[what].get(code, {})
                earlier = evidence.exact[f"earlier {what}"].get(code, {})
                limits = [
                    one.number.value
                    for one in self._stated
                    if one.kind in ("points", "value", "percent", "plain")
                ]
                limits = limits if self._has("limit") else []
                limits += [float(np.mean([*pool.values()]))] if pool and self._has("mean") else []
                for limit in limits:
                    above = {unit for unit, x in pool.items() if x > limit}
                    sets += [above, {unit for unit, x in pool.items() if x < limit}]
                if self._has("moved"):
                    both = [unit for unit in pool if unit in earlier]
                    sets += [
                        {u for u in both if pool[u] > earlier[u]},
                        {u for u in both if pool[u] < earlier[u]},
                    ]
            for by_unit in self._moves(code):
                sets += [{*by_unit}] if self._has("both") else []
                if self._has("moved"):
                    signs = {u: (by > 0) - (by < 0) for u, by in by_unit.items()}
                    sets += [{u for u, own in signs.items() if own == sign} for sign in (1, 0, -1)]
        return sets

    def _moves(self, code: str) -> list[dict[str, float]]:
        """Return the places that cities gained: in full, and among those that continue."""
        before, beside = self.evidence.earlier, self.evidence.beside
        ranks = {unit: int(cell.text) for (node, unit), cell in beside.items() if node == code}
        ranks = ranks or self.evidence.ranks_in(code)
        both = [unit for unit in ranks if (code, unit) in before]
        then = {unit: int(before[code, unit].text) for unit in both}
        among = [
            {unit: sum(places[other] < places[unit] for other in both) for unit in both}
            for places in (then, ranks)
        ]
        return [
            {unit: float(then[unit] - ranks[unit]) for unit in both},
            {unit: float(among[0][unit] - among[1][unit]) for unit in both},
        ]

    # ---- superlatives ----

    def _superlatives(self) -> Iterator[tuple[str, str, str, ClaimOutcome]]:
        """Yield superlatives that are another city's."""
        if self._has("negated"):
            return
        moved = [*self._words["most_moved"].finditer(self._text)]
        for match in moved:
            yield from self._wrong(match, self._owners(match), self._moved_pools(match))
        plain = [
            match
            for match in self._words["superlative"].finditer(self._text)
            if not any(m.start() < match.end() and match.start() < m.end() for m in moved)
        ]
        runs = [*subjects().finditer(self._text)]
        code = ""
        for n, match in enumerate(plain):
            code = self._node_of(match, code)
            owners = self._owners(match, runs[n] if len(runs) == len(plain) else None)
            yield from self._wrong(match, owners, self._pools_of(match, code), code)

    def _owners(self, match: re.Match[str], run: re.Match[str] | None = None) -> list[str]:
        """Return the cities that a superlative is said of, empty where it may be another."""
        after = self._words["owner_after"].match(self._text, match.end())
        if after:
            return self.sentence.cities(after[0])
        begin, _ = self._clause(match.start())
        inside = [*subjects().finditer(self._text, begin, match.start())]
        chosen = run or (inside[-1] if len(inside) == 1 else None)
        return self.sentence.cities(chosen[0]) if chosen else []

    def _node_of(self, match: re.Match[str], last: str) -> str:
        """Return the node of a superlative: that of its clause, or of the one before it."""
        begin, end = self._clause(match.start())
        own = self.sentence.nodes(self._text[begin:end])
        if len(own) == 1 and len(own[0]) == 1:
            return own[0][0]
        open_end = self._words["elliptic"].match(self._text, match.end()) is not None
        if own or not (open_end or self._has("score")):
            return ""
        named = self._nodes
        if self._has("score") and not named:
            return self.evidence.root
        return last or (named[0] if len(set(named)) == 1 else "")

    def _pools_of(self, match: re.Match[str], code: str) -> list[Mapping[str, float]]:
        """Return signed numbers by city, the superlative's own the largest."""
        is_low = self._words["low"].search(match[0]) is not None
        names = ["scores"] if code not in self.evidence.exact["values"] else ["values"]
        names += ["scores"] if self._has("score") or self._words["good"].search(match[0]) else []
        pools = (self.evidence.exact[what].get(code, {}) for what in names)
        return [{u: -x if is_low else x for u, x in pool.items()} for pool in pools if pool]

    def _moved_pools(self, match: re.Match[str]) -> list[Mapping[str, float]]:
        changes: list[Mapping[str, float]] = []
        for code in self._nodes or [self.evidence.root]:
            ranked = code in self.evidence.nodes and not self._has("score")
            changes += self._moves(code) if ranked else []
            for what in ("scores", "values"):
                now, then = (
                    self.evidence.exact[s].get(code, {}) for s in (what, f"earlier {what}")
                )
                by = {unit: x - then[unit] for unit, x in now.items() if unit in then}
                changes += [by, {u: x / then[u] for u, x in by.items() if then[u]}]
        is_fall = self._words["fell"].search(match[0]) is not None
        return [{unit: -x if is_fall else x for unit, x in by.items()} for by in changes]

    def _wrong(
        self,
        match: re.Match[str],
        units: Sequence[str],
        pools: Sequence[Mapping[str, float]],
        code: str = "",
    ) -> Iterator[tuple[str, str, str, ClaimOutcome]]:
        """Yield that the cities are not the first ones of any group of the sentence."""
        parts = match.groupdict()
        place = whole_number(parts.get("nth") or parts.get("nth2") or "1") or 1
        firsts: list[str] = []
        for pool, group in product(pools, self._groups if units else ()):
            inside = {unit: pool[unit] for unit in self.evidence.members(group) if unit in pool}
            if inside:
                order = sorted(inside.values(), reverse=True)
                limit = order[min(max(place, len(units)), len(order)) - 1]
                first = [unit for unit, x in inside.items() if x >= limit - 1e-9]
                last = [unit for unit in first if inside[unit] <= limit + 1e-9]
                if {*units} <= {*(first if place == 1 else last)}:
                    return
                firsts = firsts or last
        if firsts:
            outcome = verdict(False, "most", unit=units[0], cities=firsts[:4])
            yield "superlative", self.sentence.words(match[0]), code, outcome


def _fraction(match: re.Match[str]) -> float:
    """Return a fraction in words."""
    parts = {name: text.lower() for name, text in match.groupdict().items() if text}
    if "of" not in parts and "of2" not in parts:
        return 0.5
    whole = _PARTS.get(parts.get("of", "").removesuffix("s")) or whole_number(parts["of2"]) or 2
    return (whole_number(parts.get("n") or parts.get("n2") or "1") or 1) / whole
