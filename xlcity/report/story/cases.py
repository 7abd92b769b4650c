"""Findings on one city: its places, strengths and weaknesses, its change (kinds 38 to 41)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from xlcity.figures.contents import Label
from xlcity.grouping import grouped
from xlcity.report.story.basis import Basis, CityGroup
from xlcity.report.story.change import EditionChanges, Move
from xlcity.report.story.overall import joint_leaders
from xlcity.report.story.tiers import group_words
from xlcity.report.story.types import CityTypes
from xlcity.report.story.writing import Both, Phrase, RankPlace, phrase

#: First cities, of which the one with the widest span of ranks is a case.
_TOP = 10
#: Dimensions, at most, whose ranks one sentence states; first places in groups.
_PARTS = 6
_GROUPS = 2
#: Indicators with a rank from which on the best and the worst are told.
_INDICATORS = 3
#: First places on an indicator whose values are told apart.
_APART = 3
#: Best dimensions that a title names.
_BEST = 2
#: Share of former ranks that is known, at least, for a rise to be a case.
_KNOWN = 0.8


def chosen(basis: Basis, changes: EditionChanges | None) -> list[int]:
    """Return the cities that are told of: the leader, a rise or an all-round one, a wide one."""
    if not basis.overall.n or len(joint_leaders(basis.overall)) > 1:
        return []
    rows = [
        basis.overall.rows[0],
        *_second_case(basis, changes),
        *_widest(basis),
    ]
    return [*dict.fromkeys(rows)]


def chosen_of_few(basis: Basis) -> list[int]:
    """Return the leader, and who leads a dimension with the lowest overall rank of these."""
    if not basis.overall.n or len(joint_leaders(basis.overall)) > 1:
        return []
    first = [basis.ranking(code).rows[:1] for code in basis.dimensions]
    leaders = [own[0] for own in first if own and own[0] in basis.overall.rank_of]
    leaders.sort(key=basis.overall.rank_of.__getitem__)
    rows = [basis.overall.rows[0], *leaders[-1:]]
    return [*dict.fromkeys(rows)]


def _second_case(basis: Basis, changes: EditionChanges | None) -> list[int]:
    """Return the greatest rise without a mark, else the highest other all-round city."""
    risen = _risen(basis, changes)
    if risen:
        return [max(risen, key=lambda move: move.up).row]
    if len(basis.dimensions) < 2:
        return []
    others = [
        own.row
        for own in CityTypes(basis).all_round
        if own.row != basis.overall.rows[0]
    ]
    return others[:1]


def _risen(basis: Basis, changes: EditionChanges | None) -> list[Move]:
    """Return the rises of cities without a mark; none where few former ranks are known."""
    if changes is None or changes.known < _KNOWN or changes.is_printed:
        return []
    signs = basis.source.gaps.signs
    risen = [move for move in changes.moves if move.up > 1]
    return [move for move in risen if not signs(move.row, basis.root)]


def _widest(basis: Basis) -> list[int]:
    """Return the one of the first ten whose ranks in the dimensions are furthest apart."""
    first = {*basis.overall.rows[1:_TOP]}
    spans = [
        (max(own.ranks) - min(own.ranks), own.row)
        for own in CityTypes(basis).strengths
        if own.row in first and len(own.ranks) > 1
    ]
    return [max(spans, key=lambda span: span[0])[1]] if spans else []


def titles(basis: Basis, row: int, changes: EditionChanges | None) -> list[Phrase]:
    """Return a city's name with what is peculiar to it, the fullest title first (kind 38)."""
    city = basis.city(row)
    overall = basis.overall
    if changes is not None and not changes.is_printed:
        then, now = changes.places(row)
        if then.number == now.number == 1:
            return [phrase("case_again", city=city)]
        up = {move.row: move.up for move in changes.moves}.get(row, 0)
        is_risen = up > 1 and now.number < then.number
        if is_risen and row != overall.rows[0]:
            return [phrase("case_rise", city=city, then=then, now=now)]
    return _titles_of_parts(basis, row)


def _titles_of_parts(basis: Basis, row: int) -> list[Phrase]:
    """Return a city's name with what its ranks in the dimensions have in common, or not."""
    city = basis.city(row)
    overall = basis.overall
    ranked = [code for code in basis.dimensions if row in basis.ranking(code).rank_of]
    if len(ranked) < 2:
        return [phrase("case_plain", city=city, place=overall.place(row))]
    places = {code: basis.ranking(code).place(row) for code in ranked}
    low = max(ranked, key=lambda code: places[code].number)
    words = {"city": city, "place": overall.place(row), "n": len(ranked)}
    worst = places[low].number
    k = sum(place.number == 1 for place in places.values())
    if 2 * k > len(ranked) > k:
        return [phrase("case_leads", k=k, **words)]
    if worst <= _TOP:
        return [phrase("case_strong", top=worst, **words)]
    if worst == min(place.number for place in places.values()):
        return [phrase("case_plain", city=city, place=overall.place(row))]
    return _span_titles(basis, row, places)


def _span_titles(
    basis: Basis, row: int, places: Mapping[str, RankPlace]
) -> list[Phrase]:
    """Return what a city does best, and how far apart its ranks in the dimensions are."""
    low = max(places, key=lambda code: places[code].number)
    first = min(place.number for place in places.values())
    best = [code for code, place in places.items() if place.number == first]
    words = {
        "city": basis.city(row),
        "first": first,
        "last": places[low].number,
        "best": [*map(basis.part, best[:_BEST])],
        "part2": basis.part(low),
    }
    is_low = places[low].number > basis.overall.n / 2
    key = "case_wide" if is_low else "case_best"
    return [phrase(key, **words), phrase("case_range", **words)]


def chain(
    basis: Basis, row: int, variant: int = 0, *, is_case: bool = False
) -> list[Phrase]:
    """State a city's places overall, in its groups and in the dimensions (kind 39)."""
    overall = basis.overall
    ranked = [code for code in basis.dimensions if row in basis.ranking(code).rank_of]
    ranked.sort(key=lambda code: basis.ranking(code).rank_of[row])
    places = [basis.ranking(code).place(row) for code in ranked]
    has_parts = 0 < len(ranked) <= _PARTS
    # The score of the first of all, and its lead, open the chapter that has cases.
    if is_case and has_parts and overall.place(row) == RankPlace(1):
        each = _each_place(basis, ranked, places)
        return [phrase("chain_first", city=basis.city(row), each=each)]
    words = {
        "city": basis.city(row),
        "place": overall.place(row),
        "score": overall.score_of[row],
        "n": overall.n,
        "groups": _in_groups(basis, row),
        "parts": _parts(basis, ranked, places) if has_parts else None,
    }
    return [phrase("chain", **words)._replace(variant=variant)]


def _each_place(
    basis: Basis, codes: Sequence[str], places: Sequence[RankPlace]
) -> list[Phrase]:
    """Return the ranks in the dimensions; those with the same rank together."""
    alike = grouped(zip(places, map(basis.part, codes), strict=True))
    return [
        phrase("place_in_both" if len(parts) > 1 else "place_in", place=p, parts=parts)
        for p, parts in alike.items()
    ]


def _parts(basis: Basis, codes: Sequence[str], places: Sequence[RankPlace]) -> Phrase:
    """Return the ranks in the dimensions as what follows the overall rank."""
    each = _each_place(basis, codes, places)
    alike = {*places}
    if 1 < len(codes) != len(alike):
        return phrase("chain_alike", each=each)
    names = [basis.part(code) for code in codes]
    key = "chain_parts" if len(codes) > 1 else "chain_part"
    ranks = list(places)
    return phrase(key, parts=names, places=ranks, each=Both([], each))


def _in_groups(basis: Basis, row: int) -> Phrase | None:
    """Return the ranks in the groups of a city; those with the same rank together."""
    groups = [group for group in basis.all_groups if row in group.rows][:_GROUPS]
    ranks = [_rank_inside(basis, group, row) for group in groups]
    alike = grouped(zip(ranks, groups, strict=True))
    # Where all cities ahead are of the group, its rank says nothing more.
    alike.pop(basis.overall.place(row), None)
    each = [_in_group(rank, among) for rank, among in alike.items()]
    return phrase("in_groups", each=each) if each else None


def _rank_inside(basis: Basis, group: CityGroup, row: int) -> RankPlace:
    """Return a city's rank in a group, and whether others of it share that."""
    own = basis.overall.place(row)
    places = [basis.overall.place(other) for other in group.rows]
    ahead = sum(place.number < own.number for place in places)
    return RankPlace(ahead + 1, own.is_joint and places.count(own) > 1)


def _in_group(rank: RankPlace, groups: Sequence[CityGroup]) -> Phrase:
    key = "in_groups_alike" if len(groups) > 1 else "in_group"
    names = [phrase("of_group", **group_words(group)) for group in groups]
    return phrase(key, rank=rank, groups=names)


def strengths(basis: Basis, row: int, variant: int = 0) -> list[Phrase]:
    """State a city's best and worst indicators, with values and ranks (kind 40)."""
    codes = basis.indicators(basis.root)
    ranked = [code for code in codes if row in basis.ranking(code).rank_of]
    if len(ranked) < _INDICATORS:
        return _part_strengths(basis, row)
    ranks = {code: basis.ranking(code).rank_of[row] for code in ranked}
    n = basis.overall.n
    by_rank = sorted(
        ranked, key=lambda code: (ranks[code], -basis.weight_in(code, basis.root))
    )
    best = [code for code in by_rank if ranks[code] <= basis.overall.strong][:2]
    worst = [code for code in reversed(by_rank) if ranks[code] > n / 2][:1]
    others = [
        code
        for code in reversed(by_rank)
        if code not in worst and ranks[code] > 2 * n / 3
    ]
    worst += others[:1] if worst else []
    found = []
    if best:
        key = "strengths" if len(best) > 1 else "strength"
        text = _listed(basis, row, best, key, worst)
        found.append(text._replace(variant=variant))
    elif worst:
        found.append(_listed(basis, row, [], "weak_only", worst))
    low = ranks[by_rank[-1]]
    if best and low <= basis.overall.strong:
        found.append(phrase("none_weak", low=low, k=len(ranked)))
    return found


def _part_strengths(basis: Basis, row: int) -> list[Phrase]:
    """State in which dimensions a city is furthest above the mean, and least (kind 40)."""
    ranked = [code for code in basis.dimensions if row in basis.ranking(code).rank_of]
    if len(ranked) < 2:
        return []
    scores = {code: basis.ranking(code).score_of[row] for code in ranked}
    means = {code: basis.ranking(code).mean for code in ranked}
    ahead = {code: scores[code] - means[code] for code in ranked}
    high = max(ranked, key=ahead.__getitem__)
    low = min(ranked, key=ahead.__getitem__)
    if ahead[high] <= 0:
        return []
    words = {
        "part": basis.part(high),
        "x": scores[high],
        "m": means[high],
        "part2": basis.part(low),
        "y": scores[low],
        "m2": means[low],
    }
    key = "part_strengths" if ahead[low] >= 0 else "part_strengths_mixed"
    return [phrase(key, **words)]


def _listed(
    basis: Basis, row: int, best: Sequence[str], key: str, worst: Sequence[str]
) -> Phrase:
    weak = None
    if worst:
        word = "weaknesses" if len(worst) > 1 else "weakness"
        weak = phrase(word, worst=[_ranked_high(basis, row, code) for code in worst])
    each = [_ranked(basis, row, code) for code in best]
    return phrase(key, city=basis.city(row), best=each, weak=weak)


def _ranked(basis: Basis, row: int, code: str) -> Phrase:
    own = _ranked_high(basis, row, code)
    if basis.direction(code) > 0:
        return own
    least = basis.superlative(code).en
    place = basis.ranking(code).place(row)._replace(least=least)
    return phrase("ranked_low", **{**own.values, "place": place})


def _ranked_high(basis: Basis, row: int, code: str) -> Phrase:
    """Return a city's value of an indicator with its rank by number."""
    place = basis.ranking(code).place(row)
    is_first = place.number <= _APART
    value = basis.value_apart(row, code) if is_first else basis.value(row, code)
    words = {"indicator": basis.indicator(code), "value": value, "place": place}
    return phrase("ranked_high", **words)


def changed(basis: Basis, row: int, changes: EditionChanges | None) -> list[Phrase]:
    """State how a city's score changed, in one sentence (kind 41)."""
    if changes is None:
        return []
    gain = changes.gain(row)
    if not np.isfinite(gain) or abs(gain) < 0.05 * basis.overall.sd:
        return []
    parts = changes.parts(row)
    most = None
    if parts is not None and len(parts) > 1:
        best = int((parts / gain).argmax())
        name = basis.part(basis.dimensions[best])
        # A part that gives more than the whole says less than it seems to.
        if 0 < parts[best] / gain < 1:
            q = abs(float(parts[best]))
            most = phrase("case_most", part=name, q=q, p=abs(gain))
    key = "case_up" if gain > 0 else "case_down"
    now = basis.overall.score_of[row]
    words = {"last": changes.label, "city": basis.city(row), "most": most}
    return [phrase(key, then=now - gain, now=now, **words)]


def tell(
    basis: Basis,
    row: int,
    changes: EditionChanges | None,
    variant: int = 0,
    *,
    is_case: bool = False,
) -> list[Phrase]:
    """Return all that is stated of a city, as a case of a chapter or on a page of its own."""
    return [
        *chain(basis, row, variant, is_case=is_case),
        *strengths(basis, row, variant),
        *changed(basis, row, changes),
    ]


def question(basis: Basis, row: int) -> list[Phrase]:
    """Ask the author why a city is first on an indicator (kind 45)."""
    codes = basis.indicators(basis.root)
    first = [code for code in codes if basis.ranking(code).rank_of.get(row) == 1]
    if not first:
        return []
    names: list[Label] = [basis.indicator(code) for code in first[:2]]
    values = [basis.value(row, code) for code in first[:2]]
    each = [
        phrase("first_on", indicator=name, value=value)
        for name, value in zip(names, values, strict=True)
    ]
    return [phrase("gap_case", city=basis.source.city(row), each=each)]
