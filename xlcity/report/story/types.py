"""Findings on types of cities and on how parts of the index are related (kinds 22 to 28)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np

from xlcity.assess.regression import compare_with_size
from xlcity.errors import XlcityError
from xlcity.figures.contents import Label, pair_name
from xlcity.functions.cluster import cut_tree, merge_rows
from xlcity.functions.rounding import is_above
from xlcity.model.dataset import FloatArray
from xlcity.report.story.basis import Basis
from xlcity.report.story.tiers import find_tiers
from xlcity.report.story.writing import Phrase, phrase
from xlcity.report.tables import measures_of_size
from xlcity.report.wording import indicator

#: Mean beyond which a class is high or low; up to it each city of a class is close to the mean.
_FAR_MEAN = 0.5
#: Spread of scores, beside the largest one, that is but rounding.
_NOISE = 1e-12
#: Cities of one type that are all named; of those strong in one dimension, and of all-round ones.
_NAMED = 8
_NAMED_ONE = 4
_NAMED_ALL = 12
#: First cities that are named of a type with more.
_TOP = 10
#: Cities of a quadrant that are all named; of a larger one some are.
_QUADRANT = 6
_SOME = 3
#: Cities from which on correlations are stated; coefficients below it show no relation.
_MANY = 20
_UNRELATED = 0.2
#: Numbers of classes that are tried; cities of a class that is named.
_CLASSES = range(3, 7)
_SMALLEST = 3
_LARGEST = 8
#: Classes that are told of.
_TOLD = 2
#: Least share of variance that an outside variable explains; residual in standard errors.
_EXPLAINS = 0.2
_FAR = 2.0


class Strength(NamedTuple):
    """A city's ranks in all dimensions, and in which of them it is strong."""

    row: int
    ranks: tuple[int, ...]
    strong: tuple[int, ...]


class CityTypes:
    """Sorts the ranked cities by the dimensions that they are strong in."""

    def __init__(self, basis: Basis) -> None:
        self.basis = basis
        self.rankings = [basis.ranking(code) for code in basis.dimensions]
        self.limit = basis.overall.strong

    @cached_property
    def strengths(self) -> list[Strength]:
        """The cities with a rank in every dimension, the first one first."""
        every = []
        for row in self.basis.overall.rows:
            if all(row in ranking.rank_of for ranking in self.rankings):
                ranks = tuple(ranking.rank_of[row] for ranking in self.rankings)
                strong = tuple(n for n, rank in enumerate(ranks) if rank <= self.limit)
                every.append(Strength(row, ranks, strong))
        return every

    @cached_property
    def all_round(self) -> list[Strength]:
        """The cities that are strong in every dimension."""
        return [own for own in self.strengths if len(own.strong) == len(self.rankings)]

    @cached_property
    def even(self) -> list[Strength]:
        """The other cities whose ranks are close together and not low."""
        n = self.basis.overall.n
        return [
            own
            for own in self.strengths
            if own not in self.all_round
            and max(own.ranks) - min(own.ranks) <= n / 4
            and max(own.ranks) <= 2 * n / 3
        ]

    def wings(self, strong: int) -> list[Strength]:
        """Return the rest of the cities that are strong in so many dimensions."""
        taken = {own.row for own in (*self.all_round, *self.even)}
        return [
            own
            for own in self.strengths
            if own.row not in taken and len(own.strong) == strong
        ]


def types(basis: Basis) -> list[Phrase]:
    """State which cities are strong in all, in several or in one dimension (kinds 22 and 23)."""
    if not len(basis.dimensions) > 2:
        return []
    own = CityTypes(basis)
    k = len(basis.dimensions)
    found = [phrase("strong", limit=own.limit, **_all_round_words(own))]
    if own.all_round:
        key = "all_round" if len(own.all_round) <= _NAMED_ALL else "all_round_many"
        found.append(phrase(key, **_all_round_words(own)))
    if own.even:
        found.append(_even(basis, own.even, k))
    three = own.wings(k - 1) if k > 3 else []
    if three:
        found.append(_nearly_all(basis, own, three, k - 1))
    found += _all_wings(basis, own, is_further=bool(three))
    return found + _in_first_tier(basis, own)


def _even(basis: Basis, even: Sequence[Strength], k: int) -> Phrase:
    """State which cities have similar ranks in all dimensions, with the first and the last."""
    if len(even) > _NAMED:
        cities = _names(basis, even[:_SOME])
        return phrase("even_many", cities=cities, n=len(even), k=k)
    each = [_span(basis, one) for one in even]
    key = "even" if len(even) > 1 else "even_one"
    return phrase(key, cities=_names(basis, even), k=k, each=each)


def _span(basis: Basis, own: Strength) -> Phrase:
    """Return a city with its first and its last rank in the dimensions."""
    low = min(own.ranks)
    high = max(own.ranks)
    key = "even_span" if low < high else "even_place"
    return phrase(key, city=basis.city(own.row), low=low, high=high)


def _all_wings(basis: Basis, own: CityTypes, *, is_further: bool) -> list[Phrase]:
    """State who is strong in two dimensions and in one, or how many where none is named.

    `is_further` says whether cities that are strong in more were counted before.
    """
    n = len(own.wings(2))
    m = len(own.wings(1))
    two = _wings(basis, own, 2, is_further=is_further)
    one = _wings(basis, own, 1, is_further=is_further or two is not None)
    if two and m and not one:
        count = _count(own, m, is_further=True)
        one = phrase("wings_one_count", n=m, count=count, limit=own.limit)
    told = [*filter(None, (two, one))]
    if told or 0 in (n, m):
        return told
    count = _count(own, n, is_further=is_further)
    return [phrase("wings_counts", n=n, m=m, count=count, limit=own.limit)]


def _count(own: CityTypes, n: int, *, is_further: bool = False) -> Phrase:
    """Return how many cities are meant: those with similar ranks, told of before, are not."""
    if not own.even:
        return phrase("count", n=n)
    return phrase("count_further" if is_further else "count_of_others", n=n)


def _all_round_words(own: CityTypes) -> dict[str, object]:
    return {
        "cities": _names(own.basis, own.all_round[:_NAMED_ALL]),
        "first": _names(own.basis, own.all_round[:_SOME]),
        "n": len(own.all_round),
        "k": len(own.rankings),
    }


def _names(basis: Basis, strengths: Sequence[Strength]) -> list[Label]:
    return basis.cities(own.row for own in strengths)


def _nearly_all(
    basis: Basis, own: CityTypes, three: Sequence[Strength], k: int
) -> Phrase:
    """State who is strong in all dimensions but one, with its rank there."""
    if len(three) > _NAMED_ONE:
        words = {
            "n": len(three),
            "k": k,
            "count": _count(own, len(three)),
            "cities": _names(basis, three[:_SOME]),
        }
        return phrase("strong_but_one_many", **words)
    each = []
    for strength in three:
        weak = next(n for n in range(len(own.rankings)) if n not in strength.strong)
        part = basis.part(basis.dimensions[weak])
        place = own.rankings[weak].place(strength.row)
        key = "weak_in" if len(three) > 1 else "weak_in_alone"
        each.append(
            phrase(
                key,
                city=basis.city(strength.row),
                part=part,
                place=place,
            )
        )
    n = len(three)
    words = {"k": k, "n": n, "count": _count(own, n)}
    words["cities"] = _names(basis, three)
    key = "strong_but_one" if len(three) > 1 else "strong_but_one_alone"
    return phrase(key, each=each, **words)


def _wings(
    basis: Basis, own: CityTypes, strong: int, *, is_further: bool
) -> Phrase | None:
    """State who is strong in two dimensions, or in one, and in which; None without names."""
    wings = own.wings(strong)
    word = {2: "two", 1: "one"}[strong]
    most = _NAMED if strong == 2 else _NAMED_ONE
    is_named = len(wings) <= most
    first = {*basis.overall.rows[:_TOP]}
    chosen = wings if is_named else [own for own in wings if own.row in first]
    by_parts: dict[tuple[int, ...], list[Strength]] = {}
    for strength in chosen:
        by_parts.setdefault(strength.strong, []).append(strength)
    each = [
        phrase(
            f"strong_in_{word}",
            cities=_names(basis, cities),
            parts=[basis.part(basis.dimensions[n]) for n in parts],
        )
        for parts, cities in by_parts.items()
    ]
    end = "" if is_named else "_many"
    if not each:
        return None
    n = len(wings)
    count = _count(own, n, is_further=is_further)
    return phrase(f"wings_{word}{end}", n=n, count=count, each=each, limit=own.limit)


def _in_first_tier(basis: Basis, own: CityTypes) -> list[Phrase]:
    """State who is in the first declared tier of every dimension."""
    declared = find_tiers(basis)
    if declared is None or not declared.is_declared:
        return []
    end = declared.ends[0]
    cities = [strength for strength in own.strengths if max(strength.ranks) <= end]
    if not 0 < len(cities) <= _NAMED:
        return []
    words = {"cities": _names(basis, cities), "k": len(own.rankings), "end": end}
    return [phrase("first_tier_in_all", **words)]


def title(basis: Basis) -> Phrase | None:
    """Return how many cities are strong in every dimension, as a title (kind 22)."""
    if len(basis.dimensions) < 3:
        return None
    n = len(CityTypes(basis).all_round)
    if not n:
        return None
    key = "types_title" if n > 1 else "types_title_one"
    return phrase(key, n=n, k=len(basis.dimensions))


class PartPair(NamedTuple):
    """Two dimensions, and the correlation of their scores."""

    a: str
    b: str
    r: float


def part_pairs(basis: Basis) -> list[PartPair]:
    """Return all pairs of dimensions with the correlation of their scores, the highest first."""
    pairs = []
    for a, b in combinations(basis.dimensions, 2):
        x, y = _scores_of_both(basis, a, b)
        with np.errstate(all="ignore"):
            r = (
                float(
                    np.corrcoef(
                        x,
                        y,
                    )[0, 1]
                )
                if len(x) > 2
                else np.nan
            )
        if np.isfinite(r):
            pairs.append(PartPair(a, b, r))
    return sorted(pairs, key=lambda pair: -pair.r)


def _rows_of_both(basis: Basis, a: str, b: str) -> list[int]:
    other = basis.ranking(b).rank_of
    return [row for row in basis.ranking(a).rows if row in other]


def _scores_of_both(basis: Basis, a: str, b: str) -> tuple[FloatArray, FloatArray]:
    rows = _rows_of_both(basis, a, b)
    return basis.source.scores(a)[rows], basis.source.scores(b)[rows]


def correlation(basis: Basis) -> list[Phrase]:
    """State which dimensions are related most and least (kind 25)."""
    pairs = part_pairs(basis)
    if basis.overall.n < _MANY or not pairs:
        return []
    high = pairs[0]
    low = pairs[-1]
    names = {
        "a": basis.part(low.a),
        "b": basis.part(low.b),
        "r": low.r,
    }
    weakest = min(pairs, key=lambda pair: abs(pair.r))
    if abs(weakest.r) < _UNRELATED:
        names = {
            "a": basis.part(weakest.a),
            "b": basis.part(weakest.b),
            "r": weakest.r,
        }
        return [phrase("unrelated", **names)]
    if len(pairs) < 2 or low.r < 0:
        key = "related" if low.r > 0 else "opposed"
        return [phrase(key, **names)]
    words = {
        "high_a": basis.part(high.a),
        "high_b": basis.part(high.b),
        "high": high.r,
    }
    return [phrase("correlated", **words, **names)]


def quadrants(basis: Basis) -> list[Phrase]:
    """State the four quadrants of the two dimensions that are related least (kind 24)."""
    pairs = part_pairs(basis)
    if not pairs or basis.overall.n < _MANY:
        return []
    a, b, _ = pairs[-1]
    rows = _rows_of_both(basis, a, b)
    x, y = _scores_of_both(basis, a, b)
    is_a = is_above(x, basis.ranking(a).mean)
    is_b = is_above(y, basis.ranking(b).mean)
    only_a = [
        row
        for row, own, other in zip(rows, is_a, is_b, strict=True)
        if own and not other
    ]
    only_b = [
        row
        for row, own, other in zip(rows, is_a, is_b, strict=True)
        if other and not own
    ]
    words = {
        "a": basis.part(a),
        "b": basis.part(b),
        "both": int((is_a & is_b).sum()),
        "neither": int((~is_a & ~is_b).sum()),
        "only_a": _quadrant(basis, only_a, a, b),
        "only_b": _quadrant(basis, only_b, b, a),
    }
    return [phrase("quadrants", **words)]


def _quadrant(basis: Basis, rows: Sequence[int], high: str, low: str) -> Phrase:
    ordered = [row for row in basis.overall.rows if row in rows]
    is_all = 0 < len(ordered) == len(rows) <= _QUADRANT
    key = "quadrant_all" if is_all else "quadrant_some"
    cities = basis.cities(ordered if is_all else ordered[:_SOME])
    if not ordered:
        key = "quadrant_count"
    return phrase(
        key, cities=cities, k=len(rows), high=basis.part(high), low=basis.part(low)
    )


def classes(basis: Basis) -> list[Phrase]:
    """State which cities are alike by cluster analysis (kind 27)."""
    own = CityTypes(basis).strengths
    if len(own) < _MANY or len(basis.dimensions) < 2:
        return []
    rows = [strength.row for strength in own]
    block = np.column_stack(
        [basis.source.scores(code)[rows] for code in basis.dimensions]
    )
    # What differs by rounding alone is constant.
    least = _NOISE * np.abs(block).max(axis=0)
    if (block.std(axis=0) <= least).any():
        return []
    scores = (block - block.mean(axis=0)) / block.std(
        axis=0,
        ddof=1,
    )
    merges = merge_rows(scores, "ward", "euclidean", "none")
    heights = merges[:, 2]
    n = len(rows)
    with np.errstate(all="ignore"):
        ratios = [heights[n - k] / heights[n - k - 1] for k in _CLASSES]
    if np.isnan(ratios).all():
        return []
    labels = cut_tree(merges, _CLASSES[int(np.nanargmax(ratios))])
    found: list[Phrase] = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        lead = "class_also" if found else "class_by"
        of_class = [rows[n] for n in members]
        text = _class_text(basis, of_class, scores[members], lead)
        found += [text] if text else []
    return found[:_TOLD]


def _is_tier(basis: Basis, rows: Sequence[int]) -> bool:
    """Tell whether cities are those of one tier."""
    tiers = find_tiers(basis)
    ends = [0, *tiers.ends] if tiers else []
    members = (sorted(basis.overall.rows[i:j]) for i, j in pairwise(ends))
    return sorted(rows) in members


def _class_text(
    basis: Basis, rows: list[int], scores: FloatArray, lead: str
) -> Phrase | None:
    """Return what a class of cities has in common; None of a tier, or one of no character.

    `scores` are (cities, dimensions), standardised. What is told is true of each city.
    """
    if not _SMALLEST <= len(rows) <= _LARGEST or _is_tier(basis, rows):
        return None
    means = scores.mean(axis=0)
    are_above = (means > _FAR_MEAN) & (scores > 0).all(axis=0)
    are_below = (means < -_FAR_MEAN) & (scores < 0).all(axis=0)
    high = np.flatnonzero(are_above).tolist()
    low = np.flatnonzero(are_below).tolist()
    if len(means) in (len(high), len(low)) or not (high or low):
        return None
    others = np.flatnonzero(~(are_above | are_below)).tolist()
    is_close = np.abs(scores[:, others]) <= _FAR_MEAN
    are_close = bool(others) and bool(is_close.all())
    parts = [basis.part(basis.dimensions[n]) for n in others]
    rest = phrase("class_close", parts=parts) if are_close else None
    key = "class_high" if high else "class_low"
    if high and low:
        key = "class_both"
    names = {
        "high": [basis.part(basis.dimensions[n]) for n in high],
        "low": [basis.part(basis.dimensions[n]) for n in low],
    }
    cities = basis.cities(sorted(rows, key=basis.overall.rows.index))
    by = phrase(lead, cities=cities)
    return phrase(key, cities=cities, by=by, rest=rest, **names)


def outside(basis: Basis) -> list[Phrase]:
    """State how much of the scores an outside variable explains, and who is above it (kind 26)."""
    found = []
    for size in measures_of_size(basis.source):
        if _is_rank(basis, size):
            continue
        try:
            own = compare_with_size(basis.result, size, basis.population, basis.root)
        except XlcityError:
            continue
        residuals = own.residual
        is_known = np.isfinite(residuals)
        r2 = own.fit.r**2
        if is_known.sum() < _MANY or not r2 >= _EXPLAINS:
            continue
        error = float(np.sqrt((residuals[is_known] ** 2).sum() / (is_known.sum() - 2)))
        best = int(np.nanargmax(residuals))
        name = _size_name(basis, size)
        words = {"name": name, "r2": r2, "y": float(residuals[best])}
        words["name_open"] = Label("", name.en[:1].upper() + name.en[1:])
        row = basis.result.dataset.rows[own.units[best]]
        key = "outside_city" if residuals[best] >= _FAR * error else "outside"
        found.append(phrase(key, city=basis.city(row), **words))
    return found[:1] or _published_regression(basis)


def _is_rank(basis: Basis, size: str) -> bool:
    """Tell whether an outside variable is a rank: it measures nothing."""
    name = _size_name(basis, size)
    words = f"{size} {name.en}".lower().replace("_", " ").split()
    return "rank" in words or "名次" in name.zh


def _published_regression(basis: Basis) -> list[Phrase]:
    """State what the report printed of regressions on an outside variable (kind 26)."""
    table = basis.source.published.get("regression")
    rows = table.rows if table else ()
    shares = {row["node"]: float(row["r_square"]) for row in rows}
    parts = [code for code in basis.dimensions if code in shares]
    if basis.root not in shares or len(parts) < 2:
        return []
    high = max(parts, key=shares.__getitem__)
    low = min(parts, key=shares.__getitem__)
    words = {
        "name": _size_name(basis, rows[0]["predictor"]),
        "r2": shares[basis.root],
        "high": basis.part(high),
        "x": shares[high],
        "low": basis.part(low),
        "y": shares[low],
    }
    return [phrase("outside_published", **words)]


def _size_name(basis: Basis, size: str) -> Label:
    """Return the name of an outside variable, without what explains it in brackets."""
    variables = basis.tree.variables
    names = {own.code: Label(own.name_zh, own.name_en) for own in variables}
    for key, zh, en in basis.source.spec.labels:
        short = Label(zh.partition("（")[0], en.partition(" (")[0])
        names[key.removeprefix("attribute.")] = short
    return indicator(names.get(size, Label(size, size)))


def links(basis: Basis) -> list[Phrase]:
    """State which pairs of cities have the strongest links (kind 26)."""
    pairs = basis.result.pairs
    rows = basis.source.first_pairs(basis.root, _SOME)
    if pairs is None or len(rows) < _SOME:
        return []
    first, *others = [pair_name(*basis.source.pair(row)) for row in rows]
    return [phrase("links", n=len(pairs.pairs), pair=first, others=others)]
