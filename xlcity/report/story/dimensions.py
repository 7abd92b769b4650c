"""Findings on a dimension: leaders, indicators, cities off their rank, spread (kinds 17 to 21)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from xlcity.figures.contents import Label
from xlcity.grouping import grouped
from xlcity.report.contents import rounded
from xlcity.report.story import groups
from xlcity.report.story.basis import NAMED, NOISE, Basis, NodeRanking
from xlcity.report.story.overall import SMALL_LEAD, joint_leaders, leader, scored
from xlcity.report.story.tiers import group_words
from xlcity.report.story.writing import Both, Phrase, RankPlace, phrase

#: Indicator -> who has its best value.
Leaders = Mapping[str, list[int]]
#: Share of the cities that a city's ranks are apart, at least, to be off its rank.
_OFF = 0.25
#: Shares of cities above the mean that are few and many; up to which they are but few.
_FEW = 0.42
_MANY = 0.6
_ONLY = 1 / 3
#: Cities from which on they are counted.
_LEAST = 10
#: Ratio of the largest to the smallest standard deviation, at least.
_UNLIKE = 1.25
#: What is said of few cities of a group -> the same of those among few cities.
_AMONG = {"few_above": "few_among", "few_above_named": "few_among_named"}
#: Chinese prepositions that an indicator's name may begin with.
_GO_ON = ("到", "在", "对", "向", "由", "从")
#: Indicators whose leaders one section names, the heaviest.
_INDICATORS = 6
#: Indicators whose leaders one sentence names.
_MOST_TOLD = 3


def leaders(basis: Basis, code: str) -> list[Phrase]:
    """State who leads a dimension, by how much, and who follows (kind 17)."""
    ranking = basis.ranking(code)
    if own := leader(basis, ranking):
        return [own]
    if ranking.n < NAMED or ranking.sd == 0 or len(joint_leaders(ranking)) > 1:
        return []
    gap = float(ranking.scores[0] - ranking.scores[1])
    limit = SMALL_LEAD * ranking.sd
    names = {
        "gap": gap,
        "second": basis.city(ranking.rows[1], code),
        "followers": scored(basis, list(ranking.rows[1:3]), ranking),
        "third": scored(basis, list(ranking.rows[2:3]), ranking),
        "place": ranking.place(ranking.rows[2]),
    }
    is_close = gap < limit
    are_close = _first_three(ranking) < limit
    chinese = "lead_only" if is_close and not are_close else "lead_followed"
    english = "lead_only" if is_close else "lead_clear"
    tied = _second_ones(ranking)
    if 1 < len(tied) <= NAMED:
        chinese = english = "lead_tied"
        cities = basis.cities(tied, code)
        place = ranking.place(tied[0])
        names = {"gap": gap, "cities": cities, "x": ranking.scores[1], "place": place}
    lead = Both(phrase(chinese, **names), phrase(english, **names))
    city = basis.city(ranking.rows[0], code)
    leads = phrase("part_leads", city=city, score=ranking.scores[0], lead=lead)
    return [leads._replace(variant=variant_of(basis, code))]


def variant_of(basis: Basis, code: str) -> int:
    """Return which variant of a wording a dimension has: no two in a row have the same."""
    return basis.dimensions.index(code) if code in basis.dimensions else 0


def _second_ones(ranking: NodeRanking) -> list[int]:
    """Return the cities in second place."""
    pairs = zip(ranking.rows, ranking.keys, strict=True)
    return [row for row, key in pairs if key == ranking.keys[1]]


def _first_three(ranking: NodeRanking) -> float:
    return float(ranking.scores[0] - ranking.scores[2])


def indicator_leaders(basis: Basis, code: str) -> list[Phrase]:
    """State who has the best value of each indicator, with the average (kind 18)."""
    leaves = basis.indicators(code)
    is_named = [text.key for text in leaders(basis, code)] == ["part_leads"]
    if len(leaves) == 1 and is_named:
        return _only_indicator(basis, code, leaves[0])
    led = _led(basis, code)
    if len(led) <= _MOST_TOLD:
        return [_led_text(basis, code, led)] if led else []
    # So many that one sentence would not end are told in two, those of one city together.
    by_city = grouped((tuple(rows), leaf) for leaf, rows in led.items())
    first: Leaders = {}
    for rows, own in by_city.items():
        if 2 * len(first) < len(led):
            first = {**first, **{leaf: list(rows) for leaf in own}}
    rest = {leaf: rows for leaf, rows in led.items() if leaf not in first}
    return [_led_text(basis, code, own) for own in (first, rest) if own]


def _only_indicator(basis: Basis, code: str, leaf: str) -> list[Phrase]:
    """State the value on which the score of the leader rests alone."""
    rows = basis.leaders(leaf)
    first = [*basis.ranking(code).rows[:1]]
    if len(rows) != 1 or rows != first:
        return []
    words = {
        "part": basis.part(code),
        "city": basis.source.city(rows[0]),
        "indicator": basis.least(leaf),
    }
    return [phrase("best_only", **words, **_values(basis, rows, leaf))]


def _led_text(basis: Basis, code: str, led: Leaders) -> Phrase:
    """Return who has the best value of some indicators."""
    first = basis.ranking(code).rows[:1]
    chinese = []
    before: list[int] = []
    for leaf, rows in led.items():
        chinese.append(_best(basis, rows, leaf, is_again=rows == before))
        before = rows
    alike: dict[tuple[tuple[int, ...], bool], list[str]] = {}
    for leaf, rows in led.items():
        has_word = bool(basis.superlative(leaf).en)
        alike.setdefault((tuple(rows), has_word), []).append(leaf)
    ordered = sorted(
        alike.items(),
        key=lambda item: item[0][0] != tuple(first),
    )
    named = [(), *(cities for (cities, _), _ in ordered)]
    variant = variant_of(basis, code)
    english: list[Phrase] = []
    for ((cities, _), leaves), last in zip(ordered, named, strict=False):
        text = _best_of_several(basis, cities, leaves, last)._replace(variant=variant)
        english.append(_without_verb(text, english[-1:]))
    return phrase("best", best=Both(chinese, english))


def _without_verb(text: Phrase, last: Sequence[Phrase]) -> Phrase:
    """Return who is first on something, without the verb where the clause before has the same."""
    has_verb = text.values["cities"] == "it" or text.key.endswith("_joint")
    if has_verb or not last or last[0].key.removesuffix("_also") != text.key:
        return text
    return text._replace(key=f"{text.key}_also")


def _led(basis: Basis, code: str) -> dict[str, list[int]]:
    """Return indicator -> who has its best value, where at most three have it."""
    leaves = basis.indicators(code)
    heaviest = sorted(leaves, key=lambda leaf: -basis.weight_in(leaf, code))[
        :_INDICATORS
    ]
    every = {leaf: basis.leaders(leaf) for leaf in leaves if leaf in heaviest}
    return {leaf: rows for leaf, rows in every.items() if 0 < len(rows) <= NAMED}


def _best(basis: Basis, rows: Sequence[int], leaf: str, *, is_again: bool) -> Phrase:
    key = "best_joint" if len(rows) > 1 else "best_one"
    best = basis.superlative(leaf)
    # 租金最低 has the name of the indicator in it.
    has_name = not best.zh.startswith(("最", "居"))
    name = "" if has_name else basis.indicator(leaf)
    if is_again and len(rows) == 1:
        key = "best_also"
    elif best.zh == "居首":
        key = f"{key}_first"
    # 芜湖到各市的时间: what begins so goes on from the name.
    goes_on = bool(name) and str(basis.indicator(leaf).zh).startswith(_GO_ON)
    return phrase(
        key,
        cities=_plain(basis, rows),
        of=None if goes_on else phrase("of_city"),
        indicator=name,
        best=best,
        **_values(basis, rows, leaf),
    )


def _plain(basis: Basis, rows: Iterable[int]) -> list[Label]:
    """Return names of cities; a value has no mark."""
    return [basis.source.city(row) for row in rows]


def _values(basis: Basis, rows: Sequence[int], leaf: str) -> dict[str, object]:
    value = basis.value(rows[0], leaf)
    return {"value": value, "average": basis.average(leaf)._replace(beside=value.value)}


def _best_of_several(
    basis: Basis, rows: Sequence[int], leaves: Sequence[str], before: Sequence[int]
) -> Phrase:
    """Return what the same cities are first on, or have the lowest of.

    `before` are those that were named just before: one city is not named twice.
    """
    has_word = bool(basis.superlative(leaves[0]).en)
    each = [
        phrase(
            "best_low" if has_word else "best_high",
            indicator=basis.least(leaf) if has_word else basis.indicator(leaf),
            best=basis.superlative(leaf),
            **_values(basis, rows, leaf),
        )
        for leaf in leaves
    ]
    is_it = len(rows) == 1 and tuple(rows) == tuple(before)
    cities: object = "it" if is_it else _plain(basis, rows)
    key = "best_has" if has_word else "best_is"
    return phrase(f"{key}{'_joint' * (len(rows) > 1)}", cities=cities, each=each)


def off_rank(basis: Basis, code: str) -> list[Phrase]:
    """State which cities are far from their overall rank in a dimension (kind 19)."""
    chosen = off_rank_cities(basis, code)
    if not chosen:
        return []
    texts = [_off_text(basis, code, row, is_up=is_up) for row, is_up in chosen]
    # Where they are is said once, and so is an indicator.
    first, *others = texts
    texts[0] = first._replace(values={**first.values, "here": phrase("here")})
    texts[1:] = [_on_same_indicator(own, first) for own in others]
    return [phrase("off_rank", cities=texts)]


def _on_same_indicator(text: Phrase, before: Phrase) -> Phrase:
    """Return what is told of a city without the name of an indicator that was named before."""
    on = text.values.get("on")
    is_same = text.values.get("indicator") == before.values.get("indicator")
    if not isinstance(on, Phrase) or not is_same:
        return text
    again = on._replace(key="on_the_same")
    return text._replace(values={**text.values, "on": again})


def off_rank_cities(basis: Basis, code: str) -> list[tuple[int, bool]]:
    """Return the cities furthest above and below their overall rank, and whether above."""
    ranking = basis.ranking(code)
    overall = basis.overall
    named = _named_before(basis, code)
    moves = {
        row: overall.rank_of[row] - ranking.rank_of[row]
        for row in overall.rows
        if row in ranking.rank_of and row not in named
    }
    up = {
        row: move
        for row, move in moves.items()
        if ranking.rank_of[row] <= ranking.strong
    }
    half = overall.rows[: overall.n // 2]
    down = {row: -move for row, move in moves.items() if row in half}
    return [
        *((row, True) for row in _furthest(basis, up)),
        *((row, False) for row in _furthest(basis, down)),
    ]


def _furthest(basis: Basis, moves: dict[int, int]) -> list[int]:
    """Return the city that is furthest away, where one is; of two the one without a mark."""
    signs = basis.source.gaps.signs
    far = [row for row, move in moves.items() if move >= _OFF * basis.overall.n]
    if not far:
        return []
    return [max(far, key=lambda row: (not signs(row, basis.root), moves[row]))]


def _named_before(basis: Basis, code: str) -> set[int]:
    """Return the cities that the sentence on the leaders of a dimension names."""
    return {*basis.ranking(code).rows[:3]}


def _off_text(basis: Basis, code: str, row: int, *, is_up: bool) -> Phrase:
    words = {
        "city": basis.city(row, code),
        "overall": basis.overall.place(row),
        "place": basis.ranking(code).place(row),
        "part": basis.part(code),
        "here": None,
    }
    ranked = [
        leaf for leaf in basis.indicators(code) if row in basis.ranking(leaf).rank_of
    ]
    ranks = {leaf: basis.ranking(leaf).rank_of[row] for leaf in ranked}
    # The only indicator of a dimension has the rank of the dimension.
    if len(ranks) < 2:
        return phrase("off_bare" if is_up else "off_bare_down", **words)
    choose = min if is_up else max
    leaf = choose(ranks, key=ranks.__getitem__)
    text = phrase(
        "off" if is_up else "off_down",
        indicator=basis.indicator(leaf),
        value=basis.value(row, leaf),
        rank=_rank_zh(basis, row, leaf),
        on=_on(basis, row, leaf, basis.ranking(code).place(row)),
        **words,
    )
    return text._replace(variant=variant_of(basis, code))


def _rank_zh(basis: Basis, row: int, leaf: str) -> Phrase:
    """Return in Chinese how a city ranks on an indicator; of the first one what it is: 最低."""
    place = ranked_on(basis, row, leaf)
    best = basis.superlative(leaf).zh
    if place.number > 1 or not best.startswith("最"):
        return phrase("rank_listed", place=place)
    joint = phrase("joint") if place.is_joint else None
    return phrase("rank_first", joint=joint, best=best)


def ranked_on(basis: Basis, row: int, leaf: str) -> RankPlace:
    """Return a city's rank on an indicator."""
    return basis.ranking(leaf).place(row)


def _on(basis: Basis, row: int, leaf: str, here: RankPlace) -> Phrase:
    """Return in English how a city ranks on an indicator, with its value."""
    place = ranked_on(basis, row, leaf)
    return phrase(
        "on_indicator",
        indicator=basis.indicator(leaf),
        place=place,
        value=basis.value(row, leaf),
        also=phrase("also") if place == here else None,
    )


def spread(basis: Basis, code: str) -> list[Phrase]:
    """State that scores differ most, or least, of all dimensions (kind 20)."""
    every = [basis.ranking(other).sd for other in basis.dimensions]
    if len(every) < 2 or max(every) < _UNLIKE * min(every):
        return []
    ranking = basis.ranking(code)
    sd = ranking.sd
    if sd not in (max(every), min(every)) or _have_same_ends(basis):
        return []
    # A leader far ahead is no sign of scores that are close.
    if sd == min(every) and ranking.drops[:1].sum() >= sd:
        return []
    key = "spread_most" if sd == max(every) else "spread_least"
    part = basis.part(code)
    return [phrase(key, x=sd, n=len(every), part=part)]


def _have_same_ends(basis: Basis) -> bool:
    """Tell whether the first and the last city of every dimension have the same scores.

    Each is stretched by its own cities then: what is spread more is not told by that.
    """
    scores = [basis.ranking(code).scores for code in basis.dimensions]
    ends = np.array([own[[0, -1]] for own in scores if len(own)])
    return bool((np.ptp(ends, axis=0) < NOISE).all())


def above_mean(basis: Basis, code: str, groups_above: Sequence[Phrase]) -> list[Phrase]:
    """State that few cities are above the mean, with the one group that is said of (14 and 21)."""
    own = skew(basis, code)
    if not groups_above or [text.key for text in own] != ["skew_few"]:
        return [*groups_above, *own]
    told = groups_above[0].values["groups"]
    assert isinstance(told, list)
    first, *others = told
    if others or first.key not in _AMONG:
        return [*groups_above, *own]
    among = phrase(_AMONG[first.key], **first.values)
    few = own[0]
    return [few._replace(values={**few.values, "among": among})]


def skew(basis: Basis, code: str) -> list[Phrase]:
    """State that few or many cities are above the mean (kind 21)."""
    ranking = basis.ranking(code)
    above = ranking.above(ranking.rows)
    if ranking.n < _LEAST or _FEW * ranking.n < above < _MANY * ranking.n:
        return []
    if not rounded(ranking.mean, basis.source.text_decimals):
        return []
    key = "skew_few" if above <= _FEW * ranking.n else "skew_many"
    is_other = ranking.n != basis.overall.n
    words = {
        "scored": phrase("scored_here") if is_other else None,
        "only": phrase("only") if above <= _ONLY * ranking.n else None,
        "part": basis.part(code),
        "n": ranking.n,
        "k": above,
        "m": ranking.mean,
    }
    return [phrase(key, among=None, **words)]


def titles(basis: Basis, code: str) -> list[Phrase]:
    """Return the findings of a dimension that may be its title (kinds 14, 15, 17 and 18)."""
    ranking = basis.ranking(code)
    if ranking.n < NAMED or ranking.sd == 0:
        return []
    own = groups.run(basis, code)
    if own is not None:
        leader = basis.city(ranking.rows[0], code)
        words = {"leader": leader, **group_words(own.group)}
        return [phrase("run_title", k=own.n, **words)]
    first = joint_leaders(ranking)
    if len(first) > 1 or basis.source.gaps.signs(first[0], code):
        return []
    plain = _lead_title(basis, ranking, first)
    both = _lead_with_group(basis, ranking)
    return [plain] if plain.key.startswith("part_title_led") else [*both, plain]


def _lead_with_group(basis: Basis, ranking: NodeRanking) -> list[Phrase]:
    """Return who clearly leads a dimension in which a large group is above the mean."""
    gap = float(ranking.scores[0] - ranking.scores[1])
    if gap < SMALL_LEAD * ranking.sd:
        return []
    words = {"leader": basis.city(ranking.rows[0], ranking.code), "gap": gap}
    large = groups.all_above(basis, ranking.code)
    every = [phrase("part_title_group", **words, **group_words(own)) for own in large]
    return every[-1:]


def _lead_title(basis: Basis, ranking: NodeRanking, first: list[int]) -> Phrase:
    """Return by how much the first city of a dimension leads, as a title."""
    code = ranking.code
    tied = _second_ones(ranking)
    words = {
        "city": basis.city(first[0], code),
        "seconds": basis.cities(tied if len(tied) <= NAMED else tied[:1], code),
    }
    led = [rows for rows in _led(basis, code).values() if rows == first]
    n = len(basis.indicators(code))
    gap = float(ranking.scores[0] - ranking.scores[1])
    limit = SMALL_LEAD * ranking.sd
    if gap >= limit and 2 * len(led) > n > 2:
        key = "part_title_led_all" if len(led) == n else "part_title_led"
        return phrase(key, k=len(led), n=n, **words)
    if _first_three(ranking) < limit:
        return phrase("part_title_three", x=_first_three(ranking), gap=gap, **words)
    return phrase("part_title_close" if gap < limit else "part_title", gap=gap, **words)


def off_rank_gap(basis: Basis, code: str) -> list[Phrase]:
    """Ask the author why a leading city is far behind, or the leader of a dimension (kind 45)."""
    ranking = basis.ranking(code)
    overall = basis.overall
    first = ranking.rows[0]
    for row in overall.rows[:10]:
        rank = ranking.rank_of.get(row)
        if rank is not None and rank - overall.rank_of[row] >= overall.n / 2:
            words = {"city": basis.city(row), "overall": overall.place(row)}
            text = phrase(
                "gap_behind", part=basis.part(code), place=ranking.place(row), **words
            )
            return [text]
    if first in overall.rank_of and overall.rank_of[first] - 1 >= overall.n / 3:
        words = {"city": basis.city(first), "overall": overall.place(first)}
        return [phrase("gap_leader", part=basis.part(code), **words)]
    return []
