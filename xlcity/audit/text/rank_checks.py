"""Checks of claims that need ranks: one function per kind, each for one node and one group."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain, product
from typing import NamedTuple

from xlcity.audit.text.claims import TextClaim
from xlcity.audit.text.evidence import Group, SourcedNumber, TextEvidence
from xlcity.audit.text.outcome import TRUE, UNKNOWN, ClaimOutcome, ClaimScope, verdict
from xlcity.audit.text.patterns import WORDS, place_numbers

#: Cities that are named where more or fewer than stated are in a group, at most.
_MOST_NAMED = 20


def check_rank(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check places of cities."""
    who = list(claim.who)
    places = _stated_places(claim)
    if len(who) == len(places) == 1:
        wrong = _check_direction(claim, scope, who[0], places[0])
        if wrong:
            return wrong
    if len(places) == 1 and WORDS.tied.search(claim.span):
        if len(who) == 1 and scope.at(places[0]) == who:
            table = scope.table(who[0])
            return verdict(False, "alone", table=table, city=who[0], rank=places[0])
        places = places * len(who)
    if len(places) != len(who):
        return UNKNOWN
    return _check_each_place(scope, [*zip(who, places, strict=True)])


def _stated_places(claim: TextClaim) -> list[int]:
    """Return the places that a claim states, or its words mean."""
    wanted = claim.options.get("place")
    if wanted:
        return [wanted]
    return place_numbers(claim.first("places") or claim.first("placed"))


def _check_each_place(
    scope: ClaimScope, stated: Iterable[tuple[str, int]]
) -> ClaimOutcome:
    """Check the place of each of some cities."""
    for unit, written in stated:
        is_within = scope.is_within(unit, written, written)
        if is_within is None:
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
    return _judge_move(False, scope, unit, before=before, now=written)


def _judge_move(
    holds: bool, scope: ClaimScope, unit: str, before: SourcedNumber, now: int
) -> ClaimOutcome:
    """Return an outcome with the ranks that a city had and has."""
    return verdict(
        holds,
        "moved",
        table=before.table,
        city=unit,
        node=scope.node,
        a=int(before.text),
        b=now,
    )


class _Move(NamedTuple):
    """How a rank moved, as a claim states it.

    Attributes
    ----------
    is_rise
        Whether it is said to have become better.
    start, end, by
        The ranks before and after, and the places between; None where they are not stated.
    """

    is_rise: bool
    start: int | None
    end: int | None
    by: int | None

    @classmethod
    def of(cls, claim: TextClaim) -> _Move:
        """Return the move that a claim states."""
        return cls(
            claim.has("rise") or claim.has("better"),
            start=claim.number("from"),
            end=claim.number("to"),
            by=claim.number("by"),
        )

    def contradict(self, unit: str) -> ClaimOutcome | None:
        """Return what is wrong if its own numbers contradict each other."""
        if self.start is None or self.end is None:
            return None
        steps = abs(self.start - self.end)
        tell = partial(verdict, False, unit=unit, a=self.start, b=self.end)
        if (self.end < self.start) != self.is_rise:
            return tell("way")
        if self.by not in (None, steps):
            return tell("steps", n=steps)
        return None

    def agrees(self, before: int, now: int) -> bool:
        """Tell whether the rank moved so from one edition to the other."""
        gained = before - now if self.is_rise else now - before
        return self.start in (None, before) and self.by in (None, gained)


def check_move(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check how a rank moved since the previous edition."""
    if len(claim.who) != 1:
        return UNKNOWN
    unit = claim.who[0]
    move = _Move.of(claim)
    contradiction = move.contradict(unit)
    if contradiction is not None:
        return contradiction
    now = scope.rank(unit)
    if now is None or scope.group:
        return UNKNOWN
    if move.end not in (None, now):
        return scope.refuted(unit)
    before = scope.evidence.earlier.get((scope.node, unit))
    if before is not None:
        return _judge_move(
            move.agrees(int(before.text), now), scope, unit, before=before, now=now
        )
    is_of_end_alone = move.start is None and move.by is None
    return TRUE if move.end is not None and is_of_end_alone else UNKNOWN


def _not_within(
    scope: ClaimScope, who: Sequence[str], low: int, high: int
) -> ClaimOutcome | None:
    """Return what is wrong with cities that should have the places from low to high."""
    unknown = False
    for unit in who:
        is_within = scope.is_within(unit, low, high)
        if is_within is None:
            unknown = True
        elif not is_within:
            return scope.refuted(unit)
    return UNKNOWN if unknown else None


def check_tier(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check cities and size of a tier."""
    kind, value = scope.group[0] if scope.group else ("all", "all")
    named = (kind, value, claim.number("tier"))
    tiers = scope.evidence.tiers
    rules = [r for r in tiers if (r.group_type, r.group, r.tier) == named]
    if not rules or len(scope.group) > 1:
        return UNKNOWN
    first = rules[0].rank_from
    last = rules[0].rank_to
    size = last - first + 1
    if claim.number("count") not in (None, size):
        return verdict(False, "tier", n=size, low=first, high=last)
    # Cities that share a place at the edge are in either tier.
    shares = Counter(scope.ranks().values())
    edge = [rank for rank, n in shares.items() if rank < first < rank + n]
    return _not_within(scope, claim.who, min([first, *edge]), last) or TRUE


def _find_members(
    evidence: TextEvidence, units: Iterable[str], union: Sequence[Group]
) -> list[str]:
    """Return those of some cities that are in one of several groups."""
    in_any = []
    for unit in units:
        if any(evidence.is_in(unit, group) for group in union):
            in_any.append(unit)
    return in_any


def check_count(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check how many of the first cities belong to a group."""
    k = claim.number("top") or scope.top
    count = claim.number("count")
    groups = claim.sentence.groups(claim.first("of"))
    if not k or count is None or not groups:
        return UNKNOWN
    if not scope.evidence.knows_first(scope.node, k):
        return UNKNOWN
    return _judge_count(claim, _FirstCities.of(scope, k), count, groups)


class _FirstCities(NamedTuple):
    """The first k cities, and those of them that share the last place: they may count or not."""

    scope: ClaimScope
    k: int
    cities: list[str]
    edge: set[str]

    @classmethod
    def of(cls, scope: ClaimScope, k: int) -> _FirstCities:
        """Return the first k cities of a node."""
        ranks = scope.evidence.ranks_in(scope.node)
        first = [unit for unit, rank in ranks.items() if rank <= k]
        edge = set[str]()
        if len(first) > k:
            edge = {unit for unit in first if ranks[unit] == ranks[first[-1]]}
        return cls(scope, k, first, edge)

    def may_be(self, count: int, members: Collection[str]) -> bool:
        """Tell whether so many of them may be among some of the first ones."""
        least = len({*members} - self.edge)
        return least <= count <= len(members)


def _judge_count(
    claim: TextClaim,
    first: _FirstCities,
    count: int,
    groups: Sequence[Sequence[Group]],
) -> ClaimOutcome:
    """Check a count of the first cities that is stated of each of some groups, or of all."""
    is_each = claim.has("each")
    unions: Iterable[Sequence[Group]] = product(*groups)
    if is_each:
        unions = zip(chain(*groups))
    wrong = None
    for union in unions:
        members = _find_members(first.scope.evidence, first.cities, union)
        if is_each and len(members) == count:
            continue
        if first.may_be(count, members) and {*claim.who} <= {*members}:
            return TRUE
        wrong = wrong or _refuse_count(claim, first, union, members)
    return wrong or TRUE


def _refuse_count(
    claim: TextClaim, first: _FirstCities, union: Sequence[Group], members: list[str]
) -> ClaimOutcome:
    """Return how many of the first cities are in one of several groups instead."""
    return verdict(
        False,
        "members" if 0 < len(members) <= _MOST_NAMED else "how_many",
        unit=next((unit for unit in claim.who if unit not in members), ""),
        table=first.scope.table(*first.cities),
        node=first.scope.node,
        k=first.k,
        group=tuple(chain(*union)),
        n=len(members),
        cities=members,
    )


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
