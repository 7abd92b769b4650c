"""Findings on types of cities and on how parts of the index are related (kinds 22 to 28)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import chain, combinations
from typing import NamedTuple

import numpy as np

from xlcity.assess.regression import compare_with_size
from xlcity.errors import XlcityError
from xlcity.figures.contents import Label, pair_name
from xlcity.functions.cluster import cut_tree, merge_rows
from xlcity.functions.rounding import is_above
from xlcity.grouping import grouped
from xlcity.model.dataset import FloatArray
from xlcity.report.story.basis import Basis
from xlcity.report.story.tiers import find_tiers
from xlcity.report.story.writing import NUMBERS_ZH, Phrase, phrase
from xlcity.report.tables import measures_of_size
from xlcity.report.texts import as_heading
from xlcity.report.wording import indicator

#: Mean beyond which a class is high or low, in standard deviations.
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
#: Numbers of classes that are tried; cities of a class that are all named.
_CLASSES = range(3, 7)
_CLASS_NAMED = 6
#: Dimensions that a class is told to be high or low in, at most.
_TRAITS = 4
#: Traits of classes that are more than high or low scores.
_MIXED = ("trait_both", "trait_high", "trait_low")
#: Pairs of cities that are told of.
_LINKS = 5
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

    def strong_in(self, number: int) -> list[Strength]:
        """Return the cities that are strong in so many dimensions."""
        return [own for own in self.strengths if len(own.strong) == number]


def types(basis: Basis) -> list[Phrase]:
    """State which cities are strong in all, in several or in one dimension (kinds 22 and 23)."""
    if not len(basis.dimensions) > 2:
        return []
    own = CityTypes(basis)
    k = len(basis.dimensions)
    words = _all_round_words(own)
    found = [phrase("strong", limit=own.limit, all=basis.overall.n, **words)]
    if own.all_round:
        key = "all_round" if len(own.all_round) <= _NAMED_ALL else "all_round_many"
        found.append(phrase(key, **words))
    found += _in_first_tier(basis, own)
    three = own.strong_in(k - 1) if k > 3 else []
    if three:
        found.append(_nearly_all(basis, own, three, k - 1))
    found += _in_several(own) + _all_wings(own)
    x = len(own.strong_in(0))
    return [*found, phrase("none_strong", x=x)] if x else found


def _in_several(own: CityTypes) -> list[Phrase]:
    """State who is strong in more than two dimensions, and lacks more than one."""
    each: list[Phrase] = []
    for number in range(len(own.rankings) - 2, 2, -1):
        strengths = own.strong_in(number)
        if not strengths:
            continue
        key = "strong_in_several" + "_many" * (len(strengths) > _NAMED)
        words = {"cities": _names(own.basis, strengths[:_NAMED]), "n": len(strengths)}
        each.append(phrase(key + "_also" * bool(each), k=number, **words))
    return [phrase("strong_between", each=each)] if each else []


def _all_wings(own: CityTypes) -> list[Phrase]:
    """State who is strong in two dimensions and in one, or how many where none is named."""
    two = _wings(own, 2)
    one = _wings(own, 1)
    if two is None or one is None:
        return [*filter(None, (two, one))]
    if not one.key.endswith("_count"):
        return [two, one]
    m = one.values["n"]
    if not two.key.endswith("_count"):
        rest = phrase("one_only", m=m)
        return [two._replace(values={**two.values, "rest": rest})]
    return [phrase("wings_counts", **{**two.values, "m": m})]


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
            "count": phrase("count", n=len(three)),
            "cities": _names(basis, three[:_SOME]),
        }
        return phrase("strong_but_one_many", **words)
    each = [_weak_one(own, strength) for strength in three]
    n = len(three)
    parts = {str(text.values["part"]) for text in each}
    if len(parts) > 1:
        return phrase("strong_but_one", each=each, n=n, count=phrase("count", n=n))
    places = [text.values["place"] for text in each]
    words = {"cities": _names(basis, three), "part": each[0].values["part"]}
    return phrase("strong_but_same", places=places, n=n, **words)


def _weak_one(own: CityTypes, strength: Strength) -> Phrase:
    """Return a city with its rank in the dimension that it is not strong in."""
    numbers = range(len(own.rankings))
    weak = next(number for number in numbers if number not in strength.strong)
    part = own.basis.part(own.basis.dimensions[weak])
    place = own.rankings[weak].place(strength.row)
    city = own.basis.city(strength.row)
    return phrase("weak_in", city=city, part=part, place=place)


def _wings(own: CityTypes, strong: int) -> Phrase | None:
    """State who is strong in two dimensions, or in one, and in which; the number without names."""
    wings = own.strong_in(strong)
    if not wings:
        return None
    is_named = len(wings) <= (_NAMED if strong == 2 else _NAMED_ONE)
    first = {*own.basis.overall.rows[:_TOP]}
    chosen = [one for one in wings if is_named or one.row in first]
    end = "_count"
    if chosen:
        end = "" if is_named else "_many"
    word = {2: "two", 1: "one"}[strong]
    n = len(wings)
    words = {"n": n, "count": phrase("count", n=n), "limit": own.limit}
    each = _by_parts(own, chosen, f"strong_in_{word}")
    key = f"wings_{word}{end}"
    return phrase(key, each=each, rest=None, j=len(chosen), **words)


def _by_parts(own: CityTypes, strengths: Sequence[Strength], key: str) -> list[Phrase]:
    """Return cities with the dimensions that they are strong in, those with the same together."""
    basis = own.basis
    alike = grouped((one.strong, one) for one in strengths)
    return [
        phrase(
            key,
            cities=_names(basis, cities),
            parts=[basis.part(basis.dimensions[n]) for n in parts],
        )
        for parts, cities in alike.items()
    ]


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
    every = CityTypes(basis).all_round
    if not every:
        return None
    key = "types_title" if len(every) > 1 else "types_title_one"
    city = basis.city(every[0].row)
    return phrase(key, city=city, n=len(every), k=len(basis.dimensions))


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
    names = {"a": basis.part(low.a), "b": basis.part(low.b), "r": low.r}
    weakest = min(pairs, key=lambda pair: abs(pair.r))
    if abs(weakest.r) < _UNRELATED:
        names = {"a": _quoted(basis, weakest.a), "b": _quoted(basis, weakest.b)}
        key = "unrelated" if len(pairs) > 1 else "unrelated_two"
        return [phrase(key, n=len(pairs), r=weakest.r, **names)]
    if len(pairs) < 2 or low.r < 0:
        key = "related" if low.r > 0 else "opposed"
        return [phrase(key, **names)]
    words = {
        "high_a": _quoted(basis, high.a),
        "high_b": _quoted(basis, high.b),
        "high": high.r,
        "a": _quoted(basis, low.a),
        "b": _quoted(basis, low.b),
        "r": low.r,
    }
    return [phrase("correlated", n=len(pairs), **words)]


def _quoted(basis: Basis, code: str) -> Label:
    """Return the name of a dimension as it stands in quotation marks."""
    name = basis.part(code)
    return Label(name.zh, name.en.removeprefix("the "))


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
    """State into which classes cluster analysis sorts the cities (kind 27).

    Classes that are but high, middling and low say what the scores do: nothing is stated then.
    """
    own = CityTypes(basis).strengths
    if len(own) < _MANY or len(basis.dimensions) < 2:
        return []
    rows = [strength.row for strength in own]
    scores = standardised(basis, rows)
    if scores is None:
        return []
    merges = merge_rows(scores, "ward", "sqeuclidean", "none")
    heights = merges[:, 2]
    n = len(rows)
    with np.errstate(all="ignore"):
        ratios = [heights[n - k] / heights[n - k - 1] for k in _CLASSES]
    if np.isnan(ratios).all():
        return []
    labels = cut_tree(merges, _CLASSES[int(np.nanargmax(ratios))]).tolist()
    every = [*grouped(zip(labels, rows, strict=True)).values()]
    traits = [own.trait for own in city_classes(basis, every)]
    return [told_classes(basis, every)] if _are_telling(traits) else []


def _are_telling(traits: Sequence[Phrase]) -> bool:
    """Tell whether traits of classes are more than high, middling and low scores, and not long."""
    keys = [own.key for own in traits]
    mixed = [_told_parts(own) for own in traits if own.key in _MIXED]
    is_short = len(mixed) > 1 and max(mixed) <= _TRAITS
    return is_short and "trait_close" not in keys


def _told_parts(trait: Phrase) -> int:
    """Return in how many dimensions a class is told to be high or low."""
    every = [trait.values.get(word, ()) for word in ("high", "low")]
    return sum(len(own) for own in every if isinstance(own, list))


def standardised(basis: Basis, rows: Sequence[int]) -> FloatArray | None:
    """Return the standardised scores of cities in all dimensions; None where one is constant."""
    block = np.column_stack(
        [basis.source.scores(code)[rows] for code in basis.dimensions]
    )
    # What differs by rounding alone is constant.
    least = _NOISE * np.abs(block).max(axis=0)
    if (block.std(axis=0) <= least).any():
        return None
    spreads = block.std(axis=0, ddof=1)
    return np.asarray((block - block.mean(axis=0)) / spreads)


class CityClass(NamedTuple):
    """Cities of a class, the first one first, and in what they are high or low on average."""

    rows: Sequence[int]
    trait: Phrase


def city_classes(basis: Basis, classes: Sequence[Sequence[int]]) -> list[CityClass]:
    """Return classes with their traits, that of the first city first."""
    place_of = basis.overall.rank_of
    every = [sorted(rows, key=place_of.__getitem__) for rows in classes]
    every.sort(key=lambda rows: place_of[rows[0]])
    scores = standardised(basis, [*chain.from_iterable(every)])
    if scores is None:
        return [CityClass(rows, phrase("trait_close")) for rows in every]
    ends = np.cumsum([len(rows) for rows in every])[:-1]
    blocks = np.split(scores, ends)
    return [
        CityClass(rows, _trait(basis, _common(block)))
        for rows, block in zip(every, blocks, strict=True)
    ]


def _common(scores: FloatArray) -> FloatArray:
    """Return the mean scores of a class; of one that is named, 0 where its cities differ."""
    means = scores.mean(axis=0)
    if len(scores) > _CLASS_NAMED:
        return np.asarray(means)
    are_alike = (np.sign(scores) == np.sign(means)).all(axis=0)
    return np.where(are_alike, means, 0.0)


def told_classes(basis: Basis, classes: Sequence[Sequence[int]]) -> Phrase:
    """Return what classes of cities there are, and in what each is high or low on average."""
    every = city_classes(basis, classes)
    each = [_class_text(basis, own) for own in every]
    words = {"count": NUMBERS_ZH[len(every)], "k": len(every), "each": each}
    return phrase("classes", n=sum(len(own.rows) for own in every), **words)


def _class_text(basis: Basis, own: CityClass) -> Phrase:
    is_all = len(own.rows) <= _CLASS_NAMED
    key = "class_all" if is_all else "class_some"
    cities = basis.cities(own.rows if is_all else own.rows[:_SOME])
    words = {"cities": cities, "n": len(own.rows), "trait": own.trait}
    return phrase(key, m=basis.overall.mean_of(own.rows), **words)


def _trait(basis: Basis, means: FloatArray) -> Phrase:
    """Return in which dimensions a class is high or low; `means` are of standardised scores."""
    high = np.flatnonzero(means > _FAR_MEAN).tolist()
    low = np.flatnonzero(means < -_FAR_MEAN).tolist()
    names = {
        "high": [basis.part(basis.dimensions[n]) for n in high],
        "low": [basis.part(basis.dimensions[n]) for n in low],
    }
    if not high and not low:
        return phrase("trait_close")
    if len(means) in (len(high), len(low)):
        return phrase("trait_high_all" if high else "trait_low_all")
    if high and low:
        return phrase("trait_both", **names)
    return phrase("trait_high" if high else "trait_low", **names)


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
        words["name_open"] = as_heading(name)
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
    rows = basis.source.first_pairs(basis.root, _LINKS)
    if pairs is None or len(rows) < _LINKS:
        return []
    scores = pairs.scores[:, pairs.node_codes.index(basis.root)]
    told = [_link(basis, row, float(scores[row])) for row in rows]
    first, *others = told
    n = len(pairs.pairs)
    return [phrase("links", n=n, others=others, **first.values)]


def _link(basis: Basis, row: int, score: float) -> Phrase:
    """Return the names of a pair of cities with the score of its link."""
    return phrase("scored_link", pair=pair_name(*basis.source.pair(row)), x=score)
