"""Checks of claims that need ranks: one function per kind, each for one node and one group."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, product

from xlcity.audit.text.claims import TextClaim
from xlcity.audit.text.outcome import (
    TRUE,
    UNKNOWN,
    ClaimOutcome,
    ClaimScope,
    Values,
    verdict,
)
from xlcity.audit.text.patterns import WORDS, place_numbers


def check_rank(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check places of cities."""
    who = list(claim.who)
    wanted = claim.options.get("place")
    stated = claim.first("places") or claim.first("placed")
    places = [wanted] if wanted else place_numbers(stated)
    is_single = len(who) == len(places) == 1
    if is_single and (wrong := _check_direction(claim, scope, who[0], places[0])):
        return wrong
    if len(places) == 1 and WORDS.tied.search(claim.span):
        if len(who) == 1 and scope.at(places[0]) == who:
            table = scope.table(who[0])
            return verdict(False, "alone", table=table, city=who[0], rank=places[0])
        places = places * len(who)
    if len(places) != len(who):
        return UNKNOWN
    for unit, written in zip(who, places, strict=True):
        if (is_within := scope.is_within(unit, written, written)) is None:
            return UNKNOWN
        if not is_within:
            return scope.refuted(unit)
    return TRUE


def _check_direction(
    claim: TextClaim, scope: ClaimScope, unit: str, written: int
) -> ClaimOutcome | None:
    """Return what is wrong with "rose to 4th" if the city fell to it."""
    way = re.search(r"(升|降|滑)(?:至|到|为)第", claim.tail)
    before = scope.evidence.earlier.get((scope.node, unit))
    if not way or not before or scope.group or scope.rank(unit) != written:
        return None
    if (written < int(before.text)) == (way[1] == "升"):
        return None
    a = int(before.text)
    table = before.table
    return verdict(
        False, "moved", table=table, city=unit, node=scope.node, a=a, b=written
    )


def check_move(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check how a rank moved since the previous edition."""
    if len(claim.who) != 1:
        return UNKNOWN
    unit = claim.who[0]
    node = scope.node
    up = claim.has("rise") or claim.has("better")
    start = claim.number("from")
    end = claim.number("to")
    by = claim.number("by")
    if start is not None and end is not None:
        wrong_way = (end < start) != up
        if wrong_way or (by is not None and abs(start - end) != by):
            steps: Values = {} if wrong_way else {"n": abs(start - end)}
            key = "way" if wrong_way else "steps"
            return verdict(False, key, unit=unit, a=start, b=end, **steps)
    if (now := scope.rank(unit)) is None or scope.group:
        return UNKNOWN
    if end is not None and end != now:
        return scope.refuted(unit)
    if (cell := scope.evidence.earlier.get((node, unit))) is None:
        return TRUE if end is not None and start is None and by is None else UNKNOWN
    before = int(cell.text)
    right = start in (None, before) and (
        by is None or before - now == (by if up else -by)
    )
    return verdict(
        right, "moved", table=cell.table, city=unit, node=node, a=before, b=now
    )


def _not_within(
    scope: ClaimScope, who: Sequence[str], low: int, high: int
) -> ClaimOutcome | None:
    """Return what is wrong with cities that should have the places from low to high."""
    unknown = False
    for unit in who:
        if (is_within := scope.is_within(unit, low, high)) is None:
            unknown = True
        elif not is_within:
            return scope.refuted(unit)
    return UNKNOWN if unknown else None


def check_tier(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check cities and size of a tier."""
    count, (kind, value) = (
        claim.number("count"),
        scope.group[0] if scope.group else ("all", "all"),
    )
    named = (kind, value, claim.number("tier"))
    rules = [
        r for r in scope.evidence.tiers if (r.group_type, r.group, r.tier) == named
    ]
    if not rules or len(scope.group) > 1:
        return UNKNOWN
    first = rules[0].rank_from
    last = rules[0].rank_to
    if count not in (None, last - first + 1):
        return verdict(False, "tier", n=last - first + 1, low=first, high=last)
    # Cities that share a place at the edge are in either tier.
    shares = Counter(scope.ranks().values())
    edge = [rank for rank, n in shares.items() if rank < first < rank + n]
    return _not_within(scope, claim.who, min([first, *edge]), last) or TRUE


def check_count(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check how many of the first cities belong to a group."""
    evidence = scope.evidence
    k = claim.number("top") or scope.top
    count = claim.number("count")
    groups = claim.sentence.groups(claim.first("of"))
    if not (k and count is not None and groups and evidence.knows_first(scope.node, k)):
        return UNKNOWN
    ranks = evidence.ranks_in(scope.node)
    first = [unit for unit, rank in ranks.items() if rank <= k]
    # Cities that share the last place may be counted or not.
    last = [
        unit for unit in first if len(first) > k and ranks[unit] == ranks[first[-1]]
    ]
    each = claim.has("each")
    wrong = None
    for union in (
        [(g,) for named in groups for g in named] if each else product(*groups)
    ):
        members = [u for u in first if any(evidence.is_in(u, group) for group in union)]
        least = sum(unit not in last for unit in members)
        if each and len(members) == count:
            continue
        if least <= count <= len(members) and set(claim.who) <= {*members}:
            return TRUE
        outside = next((unit for unit in claim.who if unit not in members), "")
        key = "members" if 0 < len(members) <= 20 else "how_many"
        group = tuple(chain(*union))
        n = len(members)
        values: Values = {
            "node": scope.node,
            "k": k,
            "group": group,
            "n": n,
            "cities": members,
        }
        wrong = wrong or verdict(
            False, key, unit=outside, table=scope.table(*first), **values
        )
    return wrong or TRUE


#: Kind -> its check for one node and group.
RANK_CHECKS: Mapping[str, Callable[[TextClaim, ClaimScope], ClaimOutcome]] = {
    check.__name__.removeprefix("check_"): check
    for check in (
        check_rank,
        check_tier,
        check_count,
        check_move,
    )
}
