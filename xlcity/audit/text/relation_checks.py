"""Checks of claims that compare numbers: of cities and groups, and of two editions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, product

import numpy as np

from xlcity.audit.text.claims import TextClaim
from xlcity.audit.text.outcome import (
    TRUE,
    UNKNOWN,
    ClaimOutcome,
    ClaimScope,
    Telling,
    verdict,
)
from xlcity.audit.text.patterns import declarations, place_numbers, quantity

_TOGETHER = re.compile("together|combined|sum of|合计|之和|总和|加起来|(?<!比)相加")
_PLACES = re.compile("(?i:place|rank|position)|位|名次|排名|排位")
_POINTS = re.compile(r"(?i:\bpoints?|scor)|分(?![之担布])")
#: How far rounding of two numbers may move their difference, in halves of its last digit.
_DIFFERENCE = 2.05
#: Relative reach of "about", and the share of a number that "nearly" begins with.
_ABOUT, _NEARLY = 0.15, 0.8

#: A city or group, what the text says that it has, and its number.
Level = tuple[Telling, float]


def check_compare(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check which of two cities or groups has more, and by how much."""
    levels, other_levels = (
        _find_levels(part, claim, scope) for part in (claim.party, claim.first("other"))
    )
    text = claim.sentence.text
    is_named = scope.node != scope.evidence.root or claim.sentence.nodes(text)
    # "14 more than X" of a sentence that names no node is of an indicator by another name.
    if (
        not levels
        or not other_levels
        or not (is_named or not claim.has("by") or _POINTS.search(text))
    ):
        return UNKNOWN
    sign, by_places = _find_sign(claim, scope), bool(_PLACES.search(claim.first("unit")))
    ranks = [scope.rank(unit) or 0 for unit in (*claim.who[:1], *claim.other[:1])]
    places = abs(ranks[0] - ranks[1]) if len(ranks) > 1 else 0
    if len(ranks) < 2 and (by_places or claim.has("next")):
        return UNKNOWN
    for (first, a), (second, b) in product(levels, other_levels):
        holds = not sign or sign * (a - b) > 0
        if holds and claim.has("by"):
            gap = float(places) if by_places else abs(a - b)
            holds = _is_quantity(claim, gap, a, b, scope)
        holds = holds and (places == 1 or not claim.has("next"))
        if not holds:
            unit = next(iter(claim.who), "")
            return ClaimOutcome(False, (first, second), unit, scope.table())
    return TRUE


def check_same(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check that cities have the same number."""
    levels = _find_levels(claim.party, claim, scope)
    if len(levels) < 2:
        return UNKNOWN
    numbers = [x for _, x in levels]
    holds = max(numbers) - min(numbers) <= 5e-3 * max(map(abs, numbers))
    return TRUE if holds else ClaimOutcome(False, tuple(t for t, _ in levels), claim.who[0])


def _find_levels(part: str, claim: TextClaim, scope: ClaimScope) -> list[Level]:
    """Return the numbers of cities, or the means of groups, that a part names; [] if unknown."""
    numbers, evidence = scope.numbers(), scope.evidence
    cities = claim.sentence.cities(part)
    if any(unit not in numbers for unit in cities):
        return []
    levels = [(_tell_level(scope, numbers[unit], city=unit), numbers[unit]) for unit in cities]
    if len(levels) > 1 and _TOGETHER.search(claim.context):
        total = sum(x for _, x in levels)
        return [(_tell_level(scope, total, cities=cities), total)]
    if not levels:
        groups = claim.sentence.groups(part)
        for group in chain(*groups):
            known = [numbers[unit] for unit in evidence.members(group) if unit in numbers]
            if not known:
                return []
            mean = float(np.mean(known))
            levels.append((_tell_level(scope, mean, group=group), mean))
    return levels


def _tell_level(scope: ClaimScope, number: float, **named: object) -> Telling:
    """Return how the number of what is named, a city, some cities or a group, is told."""
    key = f"level_{next(iter(named))}"
    return key, {**named, "node": scope.node, "x": f"{number:.2f}".rstrip("0").rstrip(".")}


def _find_sign(claim: TextClaim, scope: ClaimScope) -> int:
    """Return 1 where the first is said to have more, -1 less, 0 where neither is said."""
    way = claim.has("more") + claim.has("ahead") - claim.has("less") - claim.has("behind")
    way = way or claim.has("rise") + claim.has("better") - claim.has("fall") - claim.has("worse")
    of_merit = any(map(claim.has, ("ahead", "behind", "better", "worse")))
    is_cost = scope.evidence.framework[scope.node].direction < 0
    return -way if of_merit and is_cost else way


def _is_quantity(claim: TextClaim, gap: float, a: float, b: float, scope: ClaimScope) -> bool:
    """Tell whether a difference, a ratio or a change in per cent is what a claim says."""
    wanted, half = quantity(claim.first("by"))
    unit, is_share = claim.first("unit"), scope.evidence.framework[scope.node].is_share
    candidates = [gap]
    if claim.has("times"):
        candidates = [a / b] if b else []
    elif re.match(r"%|per\s?cent(?!age)", unit):
        candidates = [100 * abs(a / b - 1)] if b else []
        candidates += [gap] if is_share else []
    scales = _find_scales(unit)
    return any(_is_about(claim, x / n, wanted, half) for x in candidates for n in scales)


def _find_scales(words: str) -> list[float]:
    """Return what a number may have to be multiplied with; a unit of measure may be "万人"."""
    scales = declarations()["scales"].items()
    return [1.0, *(size for word, size in scales if words.lower().startswith(word))]


def _is_about(claim: TextClaim, x: float, wanted: float, half: float) -> bool:
    """Tell whether a number is the one stated, as "over", "nearly" and "about" widen it."""
    reach = _DIFFERENCE * half + 1e-9
    if claim.has("over"):
        return x > wanted - 1e-9
    if claim.has("under"):
        return x < wanted + 1e-9
    if claim.has("near"):
        return _NEARLY * wanted <= x <= wanted + reach
    return abs(x - wanted) <= (max(reach, _ABOUT * wanted) if claim.has("about") else reach)


# -- two editions --------------------------------------------------------------------------------
def check_change(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check how the number of a city changed since the previous edition."""
    of_scores = bool(_POINTS.search(claim.first("unit") or claim.context))
    now, before = (scope.numbers(of_scores=of_scores, when=when) for when in ("", "earlier "))
    if len(claim.who) != 1 or not {claim.who[0]} <= now.keys() & before.keys():
        return UNKNOWN
    unit = claim.who[0]
    a, b = now[unit], before[unit]
    ends = [(claim.has("from"), "from", b), (claim.has("to"), "to", a)]
    holds = all(_is_number(claim, name, x) for has, name, x in ends if has)
    holds = holds and _find_sign(claim, scope) * (a - b) >= 0
    if holds and claim.has("by"):
        holds = _is_quantity(claim, abs(a - b), a, b, scope)
    before_shown, now_shown = (f"{x:.4g}" if abs(a) < 100 else f"{x:.1f}" for x in (b, a))
    return verdict(holds, "changed", city=unit, node=scope.node, a=before_shown, b=now_shown)


def _is_number(claim: TextClaim, name: str, x: float) -> bool:
    """Tell whether a number is what a claim says, with its scale."""
    stated, about = claim.value(name), claim.has("about")
    return any(
        stated.stands_for(x / scale)
        or (about and _is_about(claim, x / scale, stated.value, stated.half))
        for scale in _find_scales(claim.first("scale"))
    )


def check_most(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check that a city rose or fell more than any other."""
    if len(claim.who) != 1:
        return UNKNOWN
    unit, sign, leaders = claim.who[0], _find_sign(claim, scope), []
    for changes in _find_changes(claim, scope):
        most = max((sign * x for x in changes.values()), default=0.0)
        if most <= 0 or unit not in changes:
            continue
        if sign * changes[unit] >= most - 1e-9:
            return TRUE
        leaders += [city for city, x in changes.items() if sign * x >= most - 1e-9]
    if not leaders:
        return UNKNOWN
    return verdict(False, "most", unit=unit, node=scope.node, cities=[*dict.fromkeys(leaders)])


def _find_changes(claim: TextClaim, scope: ClaimScope) -> Iterator[Mapping[str, float]]:
    """Yield changes of cities, in places and in numbers."""
    context = claim.context
    if not _POINTS.search(context):
        yield from scope.evidence.places_gained(scope.node)
    if not _PLACES.search(context):
        for of_scores in (False, True):
            now, before = (scope.numbers(of_scores=of_scores, when=w) for w in ("", "earlier "))
            both = now.keys() & before.keys()
            yield {unit: now[unit] - before[unit] for unit in both}
            if re.search("%|幅|快|fast|sharp|strong", context):
                yield {unit: now[unit] / before[unit] - 1 for unit in both if before[unit] > 0}


# -- several nodes -------------------------------------------------------------------------------
def check_parts(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check in how many parts of the index a city has a place."""
    tree, evidence = scope.evidence.framework, scope.evidence
    if len(claim.who) != 1 or scope.node != evidence.root:
        return UNKNOWN
    parts = [node.code for node in tree.tree_order if node.parent == evidence.root]
    places = place_numbers(claim.first("places"))
    if len(places) != 1 or claim.number("whole") not in (None, len(parts)):
        return UNKNOWN
    within = [
        code for code in parts
        if (rank := evidence.ranks_in(code).get(claim.who[0]))
        and (rank <= places[0] if claim.has("top") else rank == places[0])
    ]  # fmt: skip
    count = len(parts) if claim.has("all") else claim.number("count")
    return verdict(count == len(within), "parts", city=claim.who[0], n=len(within))


#: Kind -> its check for one node.
RELATION_CHECKS: Mapping[str, Callable[[TextClaim, ClaimScope], ClaimOutcome]] = {
    check.__name__.removeprefix("check_"): check
    for check in (check_compare, check_same, check_change, check_most, check_parts)
}
