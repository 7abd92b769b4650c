"""Findings on groups of cities: their means, what they are strong in, runs (kinds 11 to 16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from xlcity.figures.contents import Label
from xlcity.report.story.basis import NOISE, Basis, CityGroup, NodeRanking
from xlcity.report.story.tiers import group_words, type_name
from xlcity.report.story.writing import Phrase, phrase
from xlcity.report.texts import as_heading
from xlcity.reports.report import Group

#: Distances of means that are stated, in standard deviations; groups above that are.
_CLEAR = 0.25
_ABOVE = 2
#: Share of a distance that one city is named for.
_MUCH = 0.4
#: Cities of a group from which on its strongest part is stated.
LARGE = 5
#: Ratio of its largest to its smallest distance, at least; share of it that is little.
_UNLIKE = 1.25
_LITTLE = 1 / 3
#: Shares of variance: that of a grouping that separates, and one that hardly does.
_SEPARATES = 0.2
_HARDLY = 0.1
#: Shares of a group that are most and few of it.
_MOST = 0.75
_FEW = 1 / 3
#: By how much the share above the mean is another one than that of all cities, at least.
_UNLIKE_ALL = 0.2
#: Cities above the mean that are named, at most.
_ABOVE_NAMED = 3
#: Dimensions in which one side is ahead that are all told, at most.
_LISTED = 3
#: Pairs of sides that are compared.
_PAIRS = 2
#: Cities in a run that begins with the first.
_RUN = 5
#: Largest share of the sample that a group has whose run is stated.
_RUN_SHARE = 2 / 3


def separation(basis: Basis, groups: Sequence[CityGroup]) -> float:
    """Return the share of the variance of scores that lies between the groups of a grouping."""
    ranking = basis.overall
    kind = groups[0].kind
    words = [
        basis.source.units[row].attributes.get(kind.attribute, "")
        for row in ranking.rows
    ]
    scores = ranking.scores
    total = float(((scores - scores.mean()) ** 2).sum())
    between = 0.0
    for word in {*words}:
        own = scores[[other == word for other in words]]
        between += len(own) * float((own.mean() - scores.mean()) ** 2)
    return between / total if total else 0.0


def by_separation(basis: Basis) -> list[list[CityGroup]]:
    """Return the groupings, the one that separates scores most first."""
    return sorted(basis.groupings, key=lambda groups: -separation(basis, groups))


def means(basis: Basis) -> list[Phrase]:
    """State the groups whose means are clearly above the mean, and what rests on them (11, 12)."""
    found: list[Phrase] = []
    for number, groups in enumerate(by_separation(basis)):
        distances = [_distance(basis, group) for group in groups]
        limit = _CLEAR * basis.overall.sd
        falling = np.argsort(distances)[::-1].tolist()
        high = [n for n in falling if distances[n] >= limit]
        if not high or not limit:
            continue
        texts = list[Phrase]()
        for n in high[:_ABOVE]:
            key = "group_mean_next" if texts else "group_mean"
            counted = not number or bool(texts)
            texts.append(_mean_text(basis, groups[n], key, counted=counted))
        texts += _largest_below(basis, groups)
        found.append(phrase("group_means", groups=texts))
    return found


def with_one_strongest(means: Phrase, *, is_first: bool) -> Phrase:
    """Return means of groups with the strongest part of the first group alone, or of none."""
    every = means.values["groups"]
    assert isinstance(every, list)
    kept = every[:is_first]
    others = [
        own._replace(values={**own.values, "strong": None}) for own in every[is_first:]
    ]
    return phrase(means.key, groups=kept + others)


def _largest_below(basis: Basis, groups: Sequence[CityGroup]) -> list[Phrase]:
    """Return the largest group of a grouping, if its mean is clearly below the mean."""
    low = max(groups, key=lambda group: group.n)
    if _distance(basis, low) > -_CLEAR * basis.overall.sd:
        return []
    return [phrase("group_mean_below", **_mean_words(basis, low))]


def _distance(basis: Basis, group: CityGroup, code: str = "") -> float:
    ranking = basis.ranking(code) if code else basis.overall
    rows = basis.members(group.kind, group.group, code) if code else group.rows
    return ranking.mean_of(rows) - ranking.mean


def _mean_words(basis: Basis, group: CityGroup) -> dict[str, object]:
    """Return the names of a group with its mean and how far it is from that of all."""
    m = basis.overall.mean_of(group.rows)
    words = group_words(group)
    return {**words, "m": m, "x": abs(m - basis.overall.mean)}


def _mean_text(basis: Basis, group: CityGroup, key: str, *, counted: bool) -> Phrase:
    words = _mean_words(basis, group)
    opening = phrase(
        "group_counted" if counted else "group_named", **group_words(group)
    )
    without = _without_first(basis, group)
    strong = _strongest(basis, group)
    return phrase(key, opening=opening, without=without, strong=strong, **words)


def _without_first(basis: Basis, group: CityGroup) -> Phrase | None:
    """Return the mean without the first city, if that takes much of the distance off."""
    rest = basis.overall.mean_of(group.rows[1:])
    distance = _distance(basis, group)
    if basis.overall.mean_of(group.rows) - rest < _MUCH * distance:
        return None
    return phrase("without", city=basis.city(group.rows[0]), y=rest)


def _strongest(basis: Basis, group: CityGroup) -> Phrase | None:
    """Return the dimension in which a group is furthest above the mean (kind 12)."""
    if group.n < LARGE or len(basis.dimensions) < 2:
        return None
    distances = [_distance(basis, group, code) for code in basis.dimensions]
    high = int(np.argmax(distances))
    low = int(np.argmin(distances))
    if distances[high] < _UNLIKE * distances[low]:
        return None
    names = [basis.part(code) for code in basis.dimensions]
    is_little = 0 < distances[low] < _LITTLE * distances[high]
    key = "strongest_only" if is_little else "strongest"
    words = {"part2": names[low], "y": distances[low]} if is_little else {}
    return phrase(key, part=names[high], x=distances[high], **words)


def separates(basis: Basis) -> list[Phrase]:
    """State which of two groupings separates scores more (kind 13)."""
    groupings = by_separation(basis)
    if len(groupings) < 2:
        return []
    first = groupings[0]
    # Beside it the first one that is declared.
    second = next(groups for groups in basis.groupings if groups is not first)
    x = separation(basis, first)
    y = separation(basis, second)
    if x < _SEPARATES:
        return []
    key = "separates_little" if y < _HARDLY else "separates"
    # What only tells two sides apart is no match for what tells several groups apart.
    if len(second) == 2:
        key = "separates_one"
    a = type_name(first[0].kind)
    b = type_name(second[0].kind)
    words = {"a": a, "b": b, "a_open": as_heading(a)}
    return [phrase(key, x=x, y=y, limit=_HARDLY, **words)]


def furthest_groups(basis: Basis) -> list[Phrase]:
    """Ask the author why the two large groups that are furthest apart are (kind 45)."""
    best: tuple[float, CityGroup, CityGroup] | None = None
    for groups in basis.groupings:
        large = [group for group in groups if group.n >= LARGE]
        if len(large) < 2:
            continue
        ordered = sorted(large, key=lambda group: _distance(basis, group))
        x = _distance(basis, ordered[-1]) - _distance(basis, ordered[0])
        if best is None or x > best[0]:
            best = (x, ordered[-1], ordered[0])
    if best is None:
        return []
    x, high, low = best
    a = group_words(high)["cities"]
    b = group_words(low)["cities"]
    assert isinstance(a, Label)
    words = {"a": a, "a_open": as_heading(a), "b": b}
    return [phrase("gap_groups", x=x, **words)]


# In a dimension


@dataclass(frozen=True, eq=False)
class ShareAbove:
    """How many cities of a group are above a dimension's mean."""

    group: CityGroup
    k: int

    @property
    def share(self) -> float:
        """Which share of the group is above."""
        return self.k / self.group.n

    @property
    def are_all(self) -> bool:
        """Whether all of the group are above."""
        return self.k == self.group.n

    @property
    def are_most(self) -> bool:
        """Whether most of a large group are above, not all."""
        return self.group.n >= LARGE and _MOST <= self.share < 1

    @property
    def are_few(self) -> bool:
        """Whether few of a large group are above, not none."""
        return self.group.n >= LARGE and 0 < self.share <= _FEW

    def says_what(self, other: ShareAbove) -> bool:
        """Tell whether another one says the same of the same group."""
        are_alike = (self.are_all, self.are_most) == (other.are_all, other.are_most)
        return _is_same(self.group, other.group) and are_alike


def _shares_above(basis: Basis, code: str) -> list[ShareAbove]:
    """Return how many of each group are above a dimension's mean."""
    ranking = basis.ranking(code)
    groups = [_ranked_here(basis, group, code) for group in basis.all_groups]
    return [ShareAbove(own, ranking.above(own.rows)) for own in groups if own.n]


def above_mean(basis: Basis, code: str, *, with_none: bool) -> list[Phrase]:
    """State groups all, most or few of whose cities are above a dimension's mean (kind 14)."""
    shares = _shares_above(basis, code)
    texts: list[Phrase] = []
    all_above = [
        own.group
        for own in shares
        if own.are_all and not _is_told_before(basis, code, own)
    ]
    if all_above:
        texts.append(_all_above(all_above))
    most = _most_or_few(basis, code)
    if most and not _is_told_before(basis, code, most):
        text = _so_many_above(basis, most, code)
        if texts:
            text = text._replace(key=f"{text.key}_also")
        texts.append(text)
    none = [own.group for own in shares if not own.k and own.group.n >= LARGE]
    if with_none and none:
        texts.append(_none_above(basis.ranking(code), none[0], texts))
    return [phrase("above_mean", groups=texts)] if texts else []


def _none_above(
    ranking: NodeRanking, group: CityGroup, before: Sequence[Phrase]
) -> Phrase:
    """Return that no city of a group is above the mean, behind what is told of others."""
    key = "none_above" if before else "none_above_alone"
    are_few = any(text.key.startswith("few_above") for text in before)
    but = Label("", "and" if are_few else "but")
    words = {**group_words(group), "below": _below(ranking, group)}
    return phrase(key, but=but, **words)


def _below(ranking: NodeRanking, group: CityGroup) -> Phrase:
    """Return that cities none of which is above the mean are below it, where all are."""
    highest = max(map(ranking.score_of.__getitem__, group.rows))
    is_below = highest < ranking.mean - NOISE
    return phrase("all_below" if is_below else "none_higher")


def _so_many_above(basis: Basis, share: ShareAbove, code: str) -> Phrase:
    """Return that most or few of a group are above the mean; very few have their names."""
    words = group_words(share.group)
    words |= {"k": share.k, "m": basis.ranking(code).mean}
    words["part"] = basis.part(code)
    if share.are_most:
        return phrase("most_above", **words)
    words["against"] = _against(basis, share, code)
    if share.k > _ABOVE_NAMED:
        return phrase("few_above", **words)
    above = basis.cities(share.group.rows[: share.k], code)
    return phrase("few_above_named", above=above, **words)


def all_above(basis: Basis, code: str) -> list[CityGroup]:
    """Return the groups of five cities or more that are all above a dimension's mean."""
    ranking = basis.ranking(code)
    groups = (_ranked_here(basis, group, code) for group in basis.all_groups)
    return [own for own in groups if ranking.above(own.rows) == own.n >= LARGE]


def _against(basis: Basis, share: ShareAbove, code: str) -> Phrase | None:
    """Return how many of the other large group are above of which most are."""
    others = [
        own
        for own in _shares_above(basis, code)
        if own.group.kind == share.group.kind and own.group.n >= LARGE
    ]
    most = max(others, key=lambda own: own.share)
    if most.share < 2 * share.share:
        return None
    return phrase("against", k=most.k, **group_words(most.group))


def _is_same(group: CityGroup, other: CityGroup | None) -> bool:
    return other is not None and group.group is other.group


def _ranked_here(basis: Basis, group: CityGroup, code: str) -> CityGroup:
    """Return a group with those of its ranked cities that have a rank in a dimension."""
    rows = basis.members(group.kind, group.group, code)
    ranked = [row for row in rows if row in basis.overall.rank_of]
    return CityGroup(group.kind, group.group, ranked)


def _all_above(groups: Sequence[CityGroup]) -> Phrase:
    words = [group_words(group) for group in groups]
    if len(groups) == 1:
        return phrase("all_above", **words[0])
    each = [phrase("all_of_group", **own) for own in words]
    return phrase("all_above_several", each=each)


def _most_or_few(basis: Basis, code: str) -> ShareAbove | None:
    """Return the largest group of which most or few are above, of the first grouping with one.

    A group of which about as many are above as of all cities says nothing.
    """
    ranking = basis.ranking(code)
    of_all = ranking.above(ranking.rows) / max(ranking.n, 1)
    chosen = [
        own
        for own in _shares_above(basis, code)
        if (own.are_most or own.are_few) and abs(own.share - of_all) >= _UNLIKE_ALL
    ]
    same_kind = [own for own in chosen if own.group.kind == chosen[0].group.kind]
    return max(same_kind, key=lambda own: own.group.n, default=None)


def _is_told_before(basis: Basis, code: str, own: ShareAbove) -> bool:
    """Tell whether what is so of a group was told of it before, here or in another dimension."""
    if any(own.group.group is group for group in _in_two_sides(basis)):
        return True
    is_high = own.are_most or own.are_all
    if is_high and _is_same(own.group, _highest_group(basis, code)):
        return True
    number = basis.dimensions.index(code) if code in basis.dimensions else 0
    earlier = basis.dimensions[:number]
    others = chain.from_iterable(_worth_telling(basis, other) for other in earlier)
    return any(other.says_what(own) for other in others)


def _worth_telling(basis: Basis, code: str) -> list[ShareAbove]:
    """Return the groups all of which are above a mean, and that of which most or few are."""
    most = _most_or_few(basis, code)
    every = [own for own in _shares_above(basis, code) if own.are_all]
    return every if most is None else [*every, most]


def _in_two_sides(basis: Basis) -> list[Group]:
    """Return the groups of which one is ahead of the other in all dimensions."""
    n = len(basis.dimensions)
    pairs = [pair for pair in _pairs(basis) if _ahead(basis, pair) in (0, n)]
    return [group.group for group in chain.from_iterable(pairs)]


def highest_here(basis: Basis, code: str) -> list[Phrase]:
    """State a group whose mean is the highest in a dimension, though not overall (kind 12)."""
    own = _highest_group(basis, code)
    if own is None:
        return []
    words = {**group_words(own), "type": type_name(own.kind)}
    words["n"] = len(_ranked_here(basis, own, code).rows)
    return [phrase("group_highest", x=_distance(basis, own, code), **words)]


def _highest_group(basis: Basis, code: str) -> CityGroup | None:
    """Return a group that is clearly the highest in a dimension, and neither overall nor told."""
    for groups in basis.groupings:
        own = max(groups, key=lambda group: _distance(basis, group, code))
        overall = max(groups, key=lambda group: _distance(basis, group))
        is_clear = _distance(basis, own, code) >= _CLEAR * basis.ranking(code).sd
        if own is overall or not is_clear or len(groups) < 3:
            continue
        return None if _is_strongest_part(basis, own, code) else own
    return None


def _is_strongest_part(basis: Basis, group: CityGroup, code: str) -> bool:
    """Tell whether the mean of a group was told, and a dimension as its strongest (11, 12)."""
    is_told = _distance(basis, group) >= _CLEAR * basis.overall.sd
    strong = _strongest(basis, group) if is_told else None
    return strong is not None and strong.values["part"] == basis.part(code)


class GroupRun(NamedTuple):
    """A group whose cities have the first ranks, and how many these are."""

    group: CityGroup
    n: int


def run(basis: Basis, code: str) -> GroupRun | None:
    """Return a group whose cities have the first ranks, five or more (kind 15)."""
    ranking = basis.ranking(code)
    for group in basis.all_groups:
        rows = {*basis.members(group.kind, group.group, code)}
        is_own = [row in rows for row in ranking.rows]
        length = is_own.index(False) if False in is_own else 0
        if length >= _RUN and len(rows) < _RUN_SHARE * ranking.n:
            return GroupRun(group, length)
    return None


def successive(basis: Basis, code: str) -> list[Phrase]:
    """State that the first ranks are those of one group (kind 15)."""
    own = run(basis, code)
    if own is None:
        return []
    text = phrase("run_first", k=own.n, **group_words(own.group))
    return [phrase("run", run=text, closest=_closest(basis, code, own))]


def _closest(basis: Basis, code: str, own: GroupRun) -> Phrase | None:
    """Return the city behind a run from the first rank on: the first one of no such group."""
    ranking = basis.ranking(code)
    if own.n >= ranking.n:
        return None
    row = ranking.rows[own.n]
    words = {"closest": basis.city(row, code), "place": ranking.place(row)}
    return phrase("run_closest", **words, **group_words(own.group))


def two_sides(basis: Basis) -> list[Phrase]:
    """State in how many dimensions one of two groups is ahead of the other (kind 16)."""
    if len(basis.dimensions) < 2:
        return []
    return [
        _sides(basis, pair)
        for pair in _pairs(basis)
        if 2 * _ahead(basis, pair) != len(basis.dimensions)
    ]


def _ahead(basis: Basis, pair: Sequence[CityGroup]) -> int:
    """Return in how many dimensions the first of two sides is ahead.

    Where that is half of them, it says nothing of either.
    """
    return sum(_side_gap(basis, pair, code) > 0 for code in basis.dimensions)


def _pairs(basis: Basis) -> list[list[CityGroup]]:
    """Return the first groupings of two sides."""
    pairs = [groups for groups in basis.groupings if _are_sides(basis, groups)]
    return pairs[:_PAIRS]


def _sides(basis: Basis, pair: Sequence[CityGroup]) -> Phrase:
    gaps = [_side_gap(basis, pair, code) for code in basis.dimensions]
    ahead = _ahead(basis, pair)
    a, b = pair
    if 2 * ahead < len(gaps):
        a, b = b, a
        gaps = [-gap for gap in gaps]
        ahead = len(gaps) - ahead
    most = int(np.argmax(gaps))
    words = {
        "a": group_words(a)["cities"],
        "b": group_words(b)["cities"],
        "k": ahead,
        "n": len(gaps),
        "part": basis.part(basis.dimensions[most]),
        "x": gaps[most],
        "others": [
            basis.part(code)
            for code, gap in zip(basis.dimensions, gaps, strict=True)
            if gap <= 0
        ],
    }
    if ahead == len(gaps):
        return phrase("sides_all", **words)
    if ahead > _LISTED:
        return phrase("sides", **words)
    each = [
        phrase("side_gap", part=basis.part(code), x=gap)
        for code, gap in zip(basis.dimensions, gaps, strict=True)
        if gap > 0
    ]
    return phrase("sides_listed", each=each, **words)


def _are_sides(basis: Basis, groups: Sequence[CityGroup]) -> bool:
    """Tell whether two large groups have most of the cities between them."""
    covers = sum(group.n for group in groups) >= _MOST * basis.overall.n
    return len(groups) == 2 and covers and min(group.n for group in groups) >= LARGE


def _side_gap(basis: Basis, pair: Sequence[CityGroup], code: str) -> float:
    return _distance(basis, pair[0], code) - _distance(basis, pair[1], code)
