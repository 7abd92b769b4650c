"""Checks of claims that need ranks: one function per kind, each for one node and one group."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise, product

import numpy as np

from xlcity.audit.text.claims import TextClaim, place_numbers, subjects
from xlcity.audit.text.evidence import SourcedNumber
from xlcity.audit.text.list_checks import (
    check_count,
    check_follow,
    check_parts,
    check_places,
    check_tier,
    check_top,
)
from xlcity.audit.text.scope import UNKNOWN, ClaimOutcome, ClaimScope, Values
from xlcity.functions.rounding import is_above


def check_rank(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check places of cities."""
    wanted = claim.options.get("place")
    if wanted == -1:
        last = max(scope.ranks().values(), default=0)
        population = len(scope.evidence.members(scope.group))
        if len(scope.ranks()) < population and not scope.evidence.computed:
            return UNKNOWN
        places = [last]
    else:
        places = (
            [wanted]
            if wanted
            else place_numbers(claim.parts.get("places") or claim.parts.get("placed", ""))
        )
    who = list(claim.who)
    if len(who) == len(places) == 1 and (wrong := _turned(claim, scope, who[0], places[0])):
        return wrong
    if len(places) == 1 and re.search("并列|(?i:share|joint|tie)", claim.span):
        if len(who) == 1 and scope.at(places[0]) == who:
            expected = (("alone", {"city": who[0], "rank": places[0]}),)
            return ClaimOutcome(False, expected, None, who[0], scope.table(who[0]))
        places = places * len(who)
    if len(places) != len(who):
        return UNKNOWN
    for unit, written in zip(who, places, strict=True):
        if (is_within := scope.is_within(unit, written, written)) is None:
            return UNKNOWN
        if not is_within:
            return ClaimOutcome(
                False, (scope.says(unit),), _rank_slip(claim, scope, unit, written), unit,
                scope.table(unit),
            )  # fmt: skip
    return ClaimOutcome(True)


def _turned(claim: TextClaim, scope: ClaimScope, unit: str, written: int) -> ClaimOutcome | None:
    """Return what is wrong with "rose to 4th" if the city fell to it."""
    way = re.search(r"(升|降|滑)(?:至|到|为)第", claim.tail)
    before = scope.evidence.earlier.get((scope.node, unit))
    if not way or not before or scope.group or scope.rank(unit) != written:
        return None
    if (written < int(before.text)) == (way[1] == "升"):
        return None
    values = {"city": unit, "node": scope.node, "a": int(before.text), "b": written}
    return ClaimOutcome(False, (("moved", values),), None, unit, before.table)


def _rank_slip(
    claim: TextClaim, scope: ClaimScope, unit: str, written: int
) -> tuple[str, Values] | None:
    """Return what probably happened to a rank."""
    evidence, rank = scope.evidence, scope.rank(unit)
    before = evidence.earlier.get((scope.node, unit))
    if before and int(before.text) == written:
        return "last_edition", {"city": unit, "node": scope.node}
    if rank is not None and abs(rank - written) == 1:
        return "neighbour", {"rank": rank}
    if rank is not None and rank > 9 and str(rank)[::-1] == str(written):
        return "digits", {"right": rank}
    for code in evidence.nodes:
        if code != scope.node and evidence.ranks_in(code, scope.group).get(unit) == written:
            return "other_node", {"node": code}
    others = scope.at(written)
    return ("other_city", {"cities": others}) if 0 < len(others) < 4 else None


def check_range(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check the highest and the lowest score and whose they are."""
    if (scores := scope.evidence.known_scores(scope.node, scope.group)) is None:
        return UNKNOWN
    for ends, unit, key in ((max, claim.other[0], "high"), (min, claim.who[0], "low")):
        best = ends(scores, key=lambda city: scores[city].value)
        right = scores[best].value
        mine, written = scores.get(unit), SourcedNumber(claim.parts[key].replace(",", ""), "")
        half = 0.5 * 10.0**-written.decimals + 1e-4
        if mine is None or mine.value != right or abs(written.value - right) > half:
            values = {"city": best, "node": scope.node, "x": scores[best].text}
            return ClaimOutcome(False, (("score", values),), None, unit, scores[best].table)
    return ClaimOutcome(True)


def check_above(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check how many cities are above the mean."""
    evidence, count = scope.evidence, claim.number("count")
    by_city = evidence.known_scores(scope.node, scope.group)
    if count is None or by_city is None:
        return UNKNOWN
    scores = np.array([cell.value for cell in by_city.values()])
    mean = float(scores.mean())
    below = claim.parts.get("side", "").lower() in ("低于", "below")
    ahead = mean - scores if below else scores - mean
    # Scores are rounded: what is within half a digit of the mean may be on either side of it.
    half = np.array([10.0**-cell.decimals / 2 for cell in by_city.values()])
    within = half + half.mean()
    least, most = (int(is_above(ahead + by, 0).sum()) for by in (-within, within))
    values = {"node": scope.node, "n": int(is_above(ahead, 0).sum()), "mean": f"{mean:.2f}"}
    key = "below_mean" if below else "above_mean"
    return ClaimOutcome(least <= count <= most, ((key, values),), None, "", scope.table(*by_city))


def check_chain(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check that cities are named after the highest."""
    text = re.sub(r"[\ue000-\uefff](?=之[前后])", "", claim.parts["rest"])
    rest = [claim.sentence.cities(run[0]) for run in subjects().finditer(text)]
    runs = [[claim.who[0]], *rest]
    places = [*pairwise(runs), *((runs[0], run) for run in runs[2:])]
    return _in_order(scope, (pair for ends in places for pair in product(*ends)))


def _in_order(scope: ClaimScope, pairs: Iterable[tuple[str, str]]) -> ClaimOutcome:
    """Check that the first city of every pair is ahead."""
    for unit, other in pairs:
        if (ahead := _is_ahead(scope, unit, other)) is None:
            return UNKNOWN
        if not ahead:
            pair, right = (scope.says(unit), scope.says(other)), ("direction", {"city": unit})
            return ClaimOutcome(False, pair, right, unit, scope.table(unit, other))
    return ClaimOutcome(True)


def _is_ahead(scope: ClaimScope, unit: str, other: str) -> bool | None:
    """Tell whether the score or the rank of a city is better than another's."""
    cells = [scope.evidence.scores.get((scope.node, city)) for city in (unit, other)]
    if cells[0] and cells[1] and cells[0].value > cells[1].value:
        return True
    mine, its = scope.rank(unit), scope.rank(other)
    return None if mine is None or its is None else mine < its


def check_ahead(claim: TextClaim, scope: ClaimScope) -> ClaimOutcome:
    """Check which of two cities is ahead."""
    pairs = product(claim.who, claim.other)
    return _in_order(scope, (pair[::-1] if claim.kind == "behind" else pair for pair in pairs))


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
    beside = scope.evidence.beside.get((scope.node, unit))
    now = int(beside.text) if beside else scope.rank(unit)
    cell = scope.evidence.earlier.get((scope.node, unit))
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
    check.__name__.removeprefix("check_"): check
    for check in (
        check_rank, check_top, check_places, check_tier, check_follow, check_count, check_parts,
        check_above, check_range, check_chain, check_ahead, check_move,
    )
} | {"behind": check_ahead}  # fmt: skip
