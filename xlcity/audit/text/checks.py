"""Checks of claims that need ranks: one function per kind, each for one node and one group."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import Any

from xlcity.audit.text.claims import TextClaim, place_numbers, subjects, whole_number
from xlcity.audit.text.evidence import Group, TextEvidence

Values = Mapping[str, Any]
#: A group and how many cities it has, in a list.
_PART = re.compile(r"([\uf400-\uf7ff])(?:有|占|:?\s*)?(\d+|[一-龥]+?)(?=座|个|席|,|$)")


@dataclass(frozen=True)
class ClaimOutcome:
    """What the tables say of a claim.

    Attributes
    ----------
    holds
        Whether it is true; None where the tables do not know.
    expected, slip
        Keys and values of the texts that say what the tables hold, and what probably happened.
    unit
        The city that the claim is wrong about.
    """

    holds: bool | None
    expected: tuple[tuple[str, Values], ...] = ()
    slip: tuple[str, Values] | None = None
    unit: str = ""
    table: str = ""


UNKNOWN = ClaimOutcome(None)


@dataclass(frozen=True)
class ClaimScope:
    """A node and a group that a claim may be about, and what is known of them."""

    evidence: TextEvidence
    node: str
    group: Group = ()
    top: int | None = None
    shared: dict[str, dict[str, int]] = field(default_factory=dict, compare=False)

    def ranks(self, population: str = "main") -> dict[str, int]:
        """Return the ranks inside the group."""
        if population not in self.shared:
            found = self.evidence.ranks_in(self.node, self.group, population)
            self.shared[population] = found
        return self.shared[population]

    def rank(self, unit: str) -> int | None:
        """Return the rank of a city inside the group."""
        return self.ranks(self.evidence.unit[unit].population).get(unit)

    def is_within(self, unit: str, low: int, high: int) -> bool | None:
        """Tell whether a city has one of some places; None where that is not known."""
        population = self.evidence.unit[unit].population
        rank = self.rank(unit)
        if rank is not None:
            return low <= rank <= high
        if not self.evidence.is_in(unit, self.group):
            return False
        return False if self.evidence.knows_first(self.node, high, self.group, population) else None

    def at(self, rank: int) -> list[str]:
        """Return the cities of a place."""
        return [unit for unit, place in self.ranks().items() if place == rank]

    def says(self, unit: str) -> tuple[str, Values]:
        """Return the rank of a city as a text."""
        if not self.evidence.is_in(unit, self.group):
            return "outside", {"city": unit, "group": self.group}
        rank = self.rank(unit)
        values = {"city": unit, "node": self.node, "group": self.group, "rank": rank}
        return ("rank" if rank is not None else "unlisted"), values

    def table(self, *units: str) -> str:
        """Return the table of the node."""
        return self.evidence.table(self.node, units)


def check_rank(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check places of cities."""
    wanted = claim.options.get("place")
    if wanted == -1:
        last = max(scope.ranks().values(), default=0)
        population = len(scope.evidence.members(scope.group))
        if len(scope.ranks()) < population:
            return UNKNOWN
        places = [last]
    else:
        places = [wanted] if wanted else place_numbers(claim.parts.get("places", ""))
    who = list(claim.who)
    if len(places) == 1 and len(who) > 1 and re.search("并列|share|joint", claim.span):
        places = places * len(who)
    if len(places) != len(who):
        return UNKNOWN
    for unit, place in zip(who, places, strict=True):
        found = scope.is_within(unit, place, place)
        if found is None:
            return UNKNOWN
        if not found:
            return ClaimOutcome(
                False, (scope.says(unit),), _rank_slip(claim, scope, unit, place), unit,
                scope.table(unit),
            )  # fmt: skip
    return ClaimOutcome(True)


def _rank_slip(
    claim: TextClaim, scope: ClaimScope, unit: str, place: int
) -> tuple[str, Values] | None:
    """Return what probably happened to a rank."""
    evidence, rank = scope.evidence, scope.rank(unit)
    before = evidence.earlier.get((scope.node, unit))
    if before and int(before.text) == place:
        return "last_edition", {"city": unit, "node": scope.node}
    if rank is not None and abs(rank - place) == 1:
        return "neighbour", {"rank": rank}
    if rank is not None and rank > 9 and str(rank)[::-1] == str(place):
        return "digits", {"right": rank}
    for code in evidence.nodes:
        if code != scope.node and evidence.ranks_in(code, scope.group).get(unit) == place:
            return "other_node", {"node": code}
    others = scope.at(place)
    return ("other_city", {"cities": others}) if 0 < len(others) < 4 else None


def check_top(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check a list of the first cities."""
    k, who = claim.number("top"), claim.who
    if not k:
        return UNKNOWN
    twice = {unit for unit in who if who.count(unit) > 1}
    if twice and not claim.has("etc"):
        return ClaimOutcome(False, (("twice", {"cities": sorted(twice)}),), None, min(twice))
    if len(who) > k and not claim.has("etc"):
        return ClaimOutcome(False, (("names", {"n": len(who), "count": k}),), None, "")
    wrong = _not_within(scope, who, 1, k)
    if wrong is not None:
        return wrong
    ranks = [scope.rank(unit) or 0 for unit in who]
    if ranks == sorted(ranks) or len(who) < k:
        return ClaimOutcome(True)
    right = sorted(who, key=lambda unit: scope.rank(unit) or 0)
    expected = (("in_order", {"cities": right}),)
    # "In order" says so; another list may be in any order, yet an editor wants to know.
    holds = False if claim.parts.get("ordered") == "依次" or "order" in claim.span else None
    return ClaimOutcome(holds, expected, None, who[0], scope.table(who[0]))


def _not_within(scope: ClaimScope, who: Sequence[str], low: int, high: int) -> ClaimOutcome | None:
    """Return what is wrong with cities that should have the places from low to high."""
    unknown = False
    for unit in who:
        found = scope.is_within(unit, low, high)
        if found is None:
            unknown = True
        elif not found:
            missing = [u for place in range(low, high + 1) for u in scope.at(place) if u not in who]
            expected = [scope.says(unit)]
            slip: tuple[str, Values] | None = None
            if 0 < len(missing) < 4 and len(who) + 3 > high - low:
                slip = ("missing", {"cities": missing})
            return ClaimOutcome(False, tuple(expected), slip, unit, scope.table(unit))
    return UNKNOWN if unknown else None


def check_tier(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check cities and size of a tier."""
    count, tier = claim.number("count"), claim.number("tier")
    kind, value = scope.group[0] if scope.group else ("all", "all")
    rule = next(
        (
            rule
            for rule in scope.evidence.tiers
            if (rule.group_type, rule.group, rule.tier) == (kind, value, tier)
        ),
        None,
    )
    if rule is None or len(scope.group) > 1:
        return UNKNOWN
    size = rule.rank_to - rule.rank_from + 1
    if count != size:
        return ClaimOutcome(
            False, (("tier", {"n": size, "low": rule.rank_from, "high": rule.rank_to}),)
        )
    wrong = _not_within(scope, claim.who, rule.rank_from, rule.rank_to)
    return wrong if wrong is not None else ClaimOutcome(True)


def check_follow(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check the cities that follow a list of the first ones."""
    text = claim.sentence.text
    lead = [*dict.fromkeys(claim.sentence.cities(text[: claim.start]))]
    if not lead:
        return UNKNOWN
    count = claim.number("count") or len(claim.who)
    named = [scope.rank(unit) for unit in lead]
    if set(named) - {*range(1, len(lead) + 1)}:
        return UNKNOWN  # what leads is no list of the first: another claim says so
    size = len(scope.evidence.members(scope.group))
    if len(lead) + count > size:
        return ClaimOutcome(False, (("size", {"group": scope.group, "n": size}),))
    wrong = _not_within(scope, claim.who, len(lead) + 1, len(lead) + count)
    if wrong is None and claim.has("count") and scope.group and len(lead) + count < size:
        return ClaimOutcome(None, (("size", {"group": scope.group, "n": size}),))
    return wrong if wrong is not None else ClaimOutcome(True)


def check_count(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check how many of the first cities belong to a group."""
    k = claim.number("top") or scope.top
    count = claim.number("count")
    groups = claim.sentence.groups(claim.parts["of"])
    if not (k and count is not None and groups):
        return UNKNOWN
    if not scope.evidence.knows_first(scope.node, k):
        return UNKNOWN
    ranks = scope.evidence.ranks_in(scope.node)
    first = [unit for unit, rank in ranks.items() if rank <= k]
    # Cities that share the last place may be counted or not.
    last = [unit for unit in first if len(first) > k and ranks[unit] == ranks[first[-1]]]
    found = {}
    each = [(group,) for found in groups for group in found]
    unions = each if claim.has("each") else [*product(*groups)]
    if claim.has("each"):
        sizes = [sum(scope.evidence.is_in(u, one[0]) for u in first) for one in each]
        if all(size == count for size in sizes):
            return ClaimOutcome(True)
        unions = [one for one, size in zip(each, sizes, strict=True) if size != count]
    for union in unions:
        members = [u for u in first if any(scope.evidence.is_in(u, group) for group in union)]
        least = sum(unit not in last for unit in members)
        if least <= count <= len(members) and set(claim.who) <= {*members}:
            return ClaimOutcome(True)
        found[union] = members
    union, members = next(iter(found.items()))
    values = {"node": scope.node, "k": k, "group": union, "n": len(members), "cities": members}
    outside = [unit for unit in claim.who if unit not in members]
    key = "members" if 0 < len(members) <= 20 else "how_many"
    return ClaimOutcome(
        False, ((key, values),), None, outside[0] if outside else "", scope.table(*first)
    )


def check_parts(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check how the first cities divide into groups."""
    k, text = claim.number("top"), claim.parts["parts"]
    if not k or not scope.evidence.knows_first(scope.node, k):
        return UNKNOWN
    ranks = scope.evidence.ranks_in(scope.node)
    first = [unit for unit, rank in ranks.items() if rank <= k]
    if len(first) != k:
        return UNKNOWN
    for char, word in _PART.findall(text):
        found = {
            group: [unit for unit in first if scope.evidence.is_in(unit, group)]
            for group in claim.sentence.groups(char)[0]
        }
        if whole_number(word) not in {len(cities) for cities in found.values()}:
            group, members = next(iter(found.items()))
            values = {"node": scope.node, "k": k, "group": group, "n": len(members)}
            return ClaimOutcome(False, (("how_many", values),), None, "", scope.table(*first))
    return ClaimOutcome(True)


def check_range(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check the highest and the lowest score and whose they are."""
    members = scope.evidence.members(scope.group)
    cells = {unit: scope.evidence.scores.get((scope.node, unit)) for unit in members}
    known = {unit: cell for unit, cell in cells.items() if cell}
    if len(known) < len(members) or not known:
        return UNKNOWN
    for ends, unit, key in ((max, claim.other[0], "high"), (min, claim.who[0], "low")):
        best = ends(known, key=lambda one: known[one].value)
        right = known[best].value
        mine = known.get(unit)
        if mine is None or mine.value != right or abs(float(claim.parts[key]) - right) > 0.0051:
            values = {"city": best, "node": scope.node, "x": known[best].text}
            return ClaimOutcome(False, (("score", values),), None, unit, known[best].table)
    return ClaimOutcome(True)


def check_above(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check how many cities are above the mean."""
    evidence, count = scope.evidence, claim.number("count")
    members = evidence.members(scope.group)
    cells = [evidence.scores.get((scope.node, unit)) for unit in members]
    known = [cell.value for cell in cells if cell]
    if len(known) < len(members) or count is None or not known:
        return UNKNOWN
    mean = sum(known) / len(known)
    below = claim.parts.get("side", "").lower() in ("低于", "below")
    n = sum(value < mean if below else value > mean for value in known)
    values = {"node": scope.node, "n": n, "mean": f"{mean:.2f}"}
    key = "below_mean" if below else "above_mean"
    return ClaimOutcome(n == count, ((key, values),), None, "", scope.table(*members))


def check_chain(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check that cities are named after the highest."""
    text = re.sub(r"[\ue000-\uefff](?=之[前后])", "", claim.parts["rest"])
    rest = [claim.sentence.cities(run[0]) for run in subjects().finditer(text)]
    runs = [[claim.who[0]], *rest]
    for run, later in [*pairwise(runs), *((runs[0], run) for run in runs[2:])]:
        for unit, other in product(run, later):
            ahead = _is_ahead(scope, unit, other)
            if ahead is None:
                return UNKNOWN
            if not ahead:
                return _reversed(scope, unit, other)
    return ClaimOutcome(True)


def _is_ahead(scope: ClaimScope, unit: str, other: str) -> bool | None:
    """Tell whether the score or the rank of a city is better than another's."""
    cells = [scope.evidence.scores.get((scope.node, one)) for one in (unit, other)]
    if cells[0] and cells[1] and cells[0].value > cells[1].value:
        return True
    mine, its = scope.rank(unit), scope.rank(other)
    return None if mine is None or its is None else mine < its


def _reversed(scope: ClaimScope, unit: str, other: str) -> ClaimOutcome:
    pair = scope.says(unit), scope.says(other)
    table = scope.table(unit, other)
    return ClaimOutcome(False, pair, ("direction", {"city": unit}), unit, table)


def check_ahead(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check which of two cities is ahead."""
    for unit in claim.who:
        for other in claim.other:
            pair = (other, unit) if claim.kind == "behind" else (unit, other)
            ahead = _is_ahead(scope, *pair)
            if ahead is None:
                return UNKNOWN
            if not ahead:
                return _reversed(scope, unit, other)
    return ClaimOutcome(True)


_UP = ("+", "提升", "上升", "上涨", "跃升", "升", "rose", "climbed", "gained", "up", "moved up")


def check_move(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check how a rank moved since the previous edition."""
    if len(claim.who) != 1:
        return UNKNOWN
    unit = claim.who[0]
    start, end, by = claim.number("from"), claim.number("to"), claim.number("by")
    up = claim.parts["way"].lower() in _UP
    if start is not None and end is not None:
        if (end < start) != up:
            return ClaimOutcome(False, (("way", {"a": start, "b": end}),), None, unit)
        if by is not None and abs(start - end) != by:
            values = {"a": start, "b": end, "n": abs(start - end)}
            return ClaimOutcome(False, (("steps", values),), None, unit)
    now, cell = scope.rank(unit), scope.evidence.earlier.get((scope.node, unit))
    if now is None or scope.group:
        return UNKNOWN
    before = int(cell.text) if cell else None
    if end is not None and end != now:
        slip = _rank_slip(claim, scope, unit, end)
        return ClaimOutcome(False, (scope.says(unit),), slip, unit, scope.table(unit))
    if before is None:
        return ClaimOutcome(True) if end is not None and start is None and by is None else UNKNOWN
    moved = ("moved", {"city": unit, "node": scope.node, "a": before, "b": now})
    if start is not None and start != before:
        return ClaimOutcome(False, (moved,), None, unit, cell.table if cell else "")
    if by is not None and before - now != (by if up else -by):
        return ClaimOutcome(False, (moved,), None, unit, cell.table if cell else "")
    return ClaimOutcome(True)


#: Kind -> its check for one node and group.
RANK_CHECKS: Mapping[str, Callable[[TextClaim, ClaimScope], ClaimOutcome]] = {
    "rank": check_rank,
    "top": check_top,
    "tier": check_tier,
    "follow": check_follow,
    "count": check_count,
    "parts": check_parts,
    "above": check_above,
    "range": check_range,
    "chain": check_chain,
    "ahead": check_ahead,
    "behind": check_ahead,
    "move": check_move,
}
