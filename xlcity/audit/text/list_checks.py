"""Checks of lists and counts: the first cities, tiers, those that follow, members of groups."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import product

from xlcity.audit.text.claims import TextClaim, whole_number
from xlcity.audit.text.scope import UNKNOWN, ClaimOutcome, ClaimScope, Values

#: A group and how many cities it has, in a list.
_PART = re.compile(r"([\uf400-\uf7ff])(?:有|占|:?\s*)?(\d+|[一-龥]+?)(?=座|个|席|,|$)")


def check_top(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check a list of the first cities."""
    who = claim.who
    # "A and B lead in X" names as many of the first as there are.
    k = claim.number("top") if claim.has("top") else len(who)
    if not k:
        return UNKNOWN
    twice = {unit for unit in who if who.count(unit) > 1}
    if twice and not claim.has("etc"):
        return ClaimOutcome(False, (("twice", {"cities": sorted(twice)}),), None, min(twice))
    if len(who) > k and not claim.has("etc"):
        return ClaimOutcome(False, (("names", {"n": len(who), "count": k}),), None, "")
    if (wrong := _not_within(scope, who, 1, k)) is not None:
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
        if (is_within := scope.is_within(unit, low, high)) is None:
            unknown = True
        elif not is_within:
            missing = [u for rank in range(low, high + 1) for u in scope.at(rank) if u not in who]
            expected = [scope.says(unit)]
            slip: tuple[str, Values] | None = None
            if 0 < len(missing) < 4 and len(who) + 3 > high - low:
                slip = ("missing", {"cities": missing})
            return ClaimOutcome(False, tuple(expected), slip, unit, scope.table(unit))
    return UNKNOWN if unknown else None


def check_places(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check the cities of a range of places."""
    low, high, n = claim.number("from"), claim.number("to"), len(claim.who)
    if low is None or high is None or low >= high:
        return UNKNOWN
    if n != high - low + 1:
        return ClaimOutcome(False, (("names", {"n": n, "count": high - low + 1}),))
    wrong = _not_within(scope, claim.who, low, high)
    return wrong if wrong is not None else ClaimOutcome(True)


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
    if count not in (None, size):
        return ClaimOutcome(
            False, (("tier", {"n": size, "low": rule.rank_from, "high": rule.rank_to}),)
        )
    # Cities that share a place at the edge are in either tier.
    shares = Counter(scope.ranks().values())
    edge = [rank for rank, n in shares.items() if rank < rule.rank_from < rank + n]
    low = min([rule.rank_from, *edge])
    wrong = _not_within(scope, claim.who, low, rule.rank_to)
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
        return UNKNOWN  # the leaders do not list the first ones: another claim says so
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
    members_of = {}
    each = [(group,) for named in groups for group in named]
    unions = each if claim.has("each") else [*product(*groups)]
    if claim.has("each"):
        sizes = [sum(scope.evidence.is_in(u, single[0]) for u in first) for single in each]
        if all(size == count for size in sizes):
            return ClaimOutcome(True)
        unions = [single for single, size in zip(each, sizes, strict=True) if size != count]
    for union in unions:
        members = [u for u in first if any(scope.evidence.is_in(u, group) for group in union)]
        least = sum(unit not in last for unit in members)
        if least <= count <= len(members) and set(claim.who) <= {*members}:
            return ClaimOutcome(True)
        members_of[union] = members
    union, members = next(iter(members_of.items()))
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
        members_by_group = {
            group: [unit for unit in first if scope.evidence.is_in(unit, group)]
            for group in claim.sentence.groups(char)[0]
        }
        if whole_number(word) not in {len(cities) for cities in members_by_group.values()}:
            group, members = next(iter(members_by_group.items()))
            values = {"node": scope.node, "k": k, "group": group, "n": len(members)}
            return ClaimOutcome(False, (("how_many", values),), None, "", scope.table(*first))
    return ClaimOutcome(True)
