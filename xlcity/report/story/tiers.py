"""Findings on tiers of cities, and on groups of cities in the first of them (kinds 7 to 10)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, dropwhile, pairwise

import numpy as np

from xlcity.figures.contents import Label, inside
from xlcity.report.contents import rounded
from xlcity.report.story.basis import Basis, CityGroup, NodeRanking
from xlcity.report.story.writing import NUMBERS_ZH, Both, Phrase, phrase
from xlcity.report.wording import cities_of, measure
from xlcity.reports.report import GroupType, TierRule

#: Cities from which on scores are divided into tiers; drops at most.
_MANY = 20
_DROPS = 3
#: Least drop between tiers, and drop below which declared borders are none, in standard deviations.
_DROP = 0.2
_NO_DROP = 0.1
#: First cities that may be smaller tiers; cities of the others, and share of all in the last one,
#: at least.
_FIRST = 2
_OTHERS = 3
_LAST = 0.2
#: Members of a tier that are all named; of a larger one Chinese names the first ones.
_NAMED = 6
_SOME = 3
#: Share of the cities behind the last drop above which these are no tier of their own.
_HALF = 0.5
#: By how much a group has a larger share of the first tiers than of all cities, for a title.
_OVER = 0.1
#: Cities of the first tiers from which on the next one is not counted with them.
_ENOUGH = 5
#: Numbers of tiers in both languages.
_NUMBERS = "一二三四五六七八九十"
_WORDS = ("one", "two", "three", "four", "five", "six")


@dataclass(frozen=True)
class Tiers:
    """Where tiers end: after how many cities each; their names, and whether they are declared."""

    ends: Sequence[int]
    names: Sequence[Label] = ()
    is_declared: bool = False

    @property
    def counted(self) -> int:
        """How many tiers count as the first: more where these are small, never the last."""
        last = len(self.ends) - 1
        enough = (k for k in range(1, last) if self.ends[k - 1] >= _ENOUGH)
        return next(enough, last)

    @property
    def several(self) -> int:
        """How many cities are in the first tier, or in the first two where the first is one."""
        return self.ends[0] if self.ends[0] > 1 else self.ends[1]

    @property
    def has_rest(self) -> bool:
        """Whether most cities are behind the last drop: they are no tier of their own."""
        rest = self.ends[-1] - self.ends[-2]
        return not self.is_declared and rest > _HALF * self.ends[-1]

    def name(self, n: int) -> Label:
        """Return the name of a tier, counted from 0."""
        if self.has_rest and n == len(self.ends) - 1:
            return Label("其余城市", "other cities")
        own = self.names[n] if self.names else Label("")
        english = f"tier {_WORDS[n]}" if n < len(_WORDS) else f"tier {n + 1}"
        return Label(own.zh or f"第{_NUMBERS[n]}梯队", inside(own).en or english)

    @property
    def word(self) -> str:
        """What tiers are called in Chinese: 方阵, where the first one is 第一方阵."""
        match = re.fullmatch(rf"第[{_NUMBERS}](.+)", self.name(0).zh)
        return match[1] if match else "梯队"

    @property
    def first(self) -> Label:
        """What those are called together that count as the first ones."""
        if self.counted == 1:
            return self.name(0)
        if self.counted == 2:
            return Label(f"前两个{self.word}", "tier one or two")
        number = NUMBERS_ZH[self.counted]
        return Label(
            f"前{number}个{self.word}", f"tiers one to {_WORDS[self.counted - 1]}"
        )


def find_tiers(basis: Basis) -> Tiers | None:
    """Return the tiers that are declared, else those at natural drops; None without any."""
    rules = [rule for rule in basis.source.spec.tiers if rule.group == "all"]
    if rules:
        rules.sort(key=lambda rule: rule.rank_to)
        return _declared_tiers(basis.overall, rules)
    return _natural_tiers(basis.overall)


def _declared_tiers(ranking: NodeRanking, rules: Sequence[TierRule]) -> Tiers | None:
    """Return the tiers that end at the declared ranks; None where one of them has no city."""
    ends = [sum(rank <= rule.rank_to for rank in ranking.ranks) for rule in rules]
    has_every = all(start < end for start, end in pairwise([0, *ends]))
    if len(ends) < 2 or not has_every or ends[-1] != ranking.n:
        return None
    names = [Label(rule.name_zh, rule.name_en) for rule in rules]
    return Tiers(ends, names, is_declared=True)


def _natural_tiers(ranking: NodeRanking) -> Tiers | None:
    """Return the tiers between the largest drops of the scores; None without any."""
    limit = _DROP * ranking.sd
    if ranking.n < _MANY or not limit:
        return None
    cuts: list[int] = []
    for place in np.argsort(-ranking.drops, kind="stable").tolist():
        if ranking.drops[place] < limit or len(cuts) == _DROPS:
            break
        if _are_large(sorted([*cuts, place + 1]), ranking.n):
            cuts.append(place + 1)
    return Tiers([*sorted(cuts), ranking.n]) if cuts else None


def _are_large(cuts: Sequence[int], n: int) -> bool:
    """Tell whether tiers between cuts have enough cities, all but those of the first ones."""
    sizes = [end - start for start, end in pairwise([0, *cuts, n])]
    others = [*dropwhile(_OTHERS.__gt__, sizes)]
    first = n - sum(others)
    are_large = min(others, default=0) >= _OTHERS and sizes[-1] >= _LAST * n
    return are_large and first <= _FIRST


def tiers(basis: Basis) -> list[Phrase]:
    """State the tiers (kinds 7 and 8)."""
    own = find_tiers(basis)
    if own is None:
        return []
    ranking = basis.overall
    spans = [*pairwise([0, *own.ends])]
    if own.is_declared:
        return _declared(basis, own, spans)
    if own.has_rest and len(spans) == 2 and spans[0][1] <= _NAMED:
        return [_set_apart(basis, own)]
    start, end = spans[-1]
    number = len(spans) - 1
    listed = phrase(
        "tier_list_rest" if own.has_rest else "tier_list",
        tiers=[_tier(basis, own, n) for n in range(number)],
        last=own.name(number),
        k=end - start,
        low=ranking.scores[end - 1],
        high=ranking.scores[start],
    )
    return [_opening(basis, own), listed]


def _set_apart(basis: Basis, own: Tiers) -> Phrase:
    """Return which few cities a drop sets apart from most of them."""
    cities = basis.cities(basis.overall.rows[: own.ends[0]])
    return phrase("tier_set_apart", cities=cities, **_borders(basis, own))


def _opening(basis: Basis, own: Tiers) -> Phrase:
    """Return after which ranks the scores drop, and into how many tiers that divides the cities."""
    words = {
        "n": basis.overall.n,
        "k": len(own.ends),
        "count": NUMBERS_ZH[len(own.ends)],
    }
    words |= {"first": own.ends[-2], "borders": len(own.ends) - 1}
    key = "tiers_top" if own.has_rest else "tiers"
    return phrase(key, **words, **_borders(basis, own))


def _borders(basis: Basis, own: Tiers) -> dict[str, object]:
    """Return after which ranks tiers end, the drops there, and how many cities are behind."""
    ranking = basis.overall
    last_ones = [end - 1 for end in own.ends[:-1]]
    return {
        "after": [ranking.place(ranking.rows[at]) for at in last_ones],
        "drops": ranking.drops[last_ones].tolist(),
        "rest": own.ends[-1] - own.ends[-2],
    }


def _span_words(basis: Basis, span: tuple[int, int]) -> dict[str, object]:
    start, end = span
    ranking = basis.overall
    rows = ranking.rows[start:end]
    return {
        "k": end - start,
        "low": ranking.scores[end - 1],
        "high": ranking.scores[start],
        "cities": basis.cities(rows if len(rows) <= _NAMED else rows[:_SOME]),
        "a": basis.city(rows[0]),
        "z": basis.city(rows[-1]),
    }


def _tier(basis: Basis, own: Tiers, n: int) -> Phrase:
    """Return a tier with its members, and its highest and lowest score."""
    start, end = [*pairwise([0, *own.ends])][n]
    key = "tier_all" if end - start <= _NAMED else "tier_some"
    if end - start == 1:
        key = "tier_one"
    name = own.name(n)
    # The first word of the sentence.
    name = Label(name.zh, name.en if n else name.en.capitalize())
    return phrase(key, name=name, **_span_words(basis, (start, end)))


def _declared(
    basis: Basis, own: Tiers, spans: Sequence[tuple[int, int]]
) -> list[Phrase]:
    """State tiers as the report declares them, and where their borders are no drops (kind 8)."""
    ranking = basis.overall
    phrases = []
    for n, span in enumerate(spans[:-1]):
        words = _span_words(basis, span)
        words["cities"] = basis.cities(
            ranking.rows[span[0] : min(span[0] + _SOME, span[1])]
        )
        key = "tier_declared_next" if n else "tier_declared"
        phrases.append(phrase(key, name=own.name(n), **words))
    words = _span_words(basis, spans[-1])
    words["count"] = NUMBERS_ZH[len(spans)] + "个" + own.word
    words["last"] = own.name(len(spans) - 1)
    found = [phrase("tiers_declared", tiers=phrases, n=len(spans), **words)]
    limit = _NO_DROP * ranking.sd
    ends = [span[1] for span in spans[:-1] if ranking.drops[span[1] - 1] < limit]
    if ends:
        found.append(_no_drops(basis, own, ends))
    return found


def _no_drops(basis: Basis, own: Tiers, ends: Sequence[int]) -> Phrase:
    """Return how small the drops at borders are; those that are written alike together."""
    borders = [_border(basis, end) for end in ends]
    drops = basis.overall.drops[np.array(ends) - 1].tolist()
    sizes = {rounded(drop, basis.source.text_decimals) for drop in drops}
    if len(sizes) > 1 or len(ends) < 2 or 0 in sizes:
        return phrase("tier_borders", word=own.word, borders=borders)
    pairs = [own._replace(key="border_pair") for own in borders]
    return phrase("tier_borders_alike", word=own.word, pairs=pairs, x=sizes.pop())


def _border(basis: Basis, end: int) -> Phrase:
    ranking = basis.overall
    x = float(ranking.drops[end - 1])
    decimals = basis.source.text_decimals
    is_small = not rounded(x, decimals)
    key = "tier_border_small" if is_small else "tier_border"
    least = 10.0**-decimals
    words = {"i": ranking.ranks[end - 1], "j": ranking.ranks[end]}
    return phrase(key, x=least if is_small else x, **words)


# Groups in the first tier


@dataclass(frozen=True, eq=False)
class TierShare:
    """How many cities of a group are in the first tiers."""

    group: CityGroup
    rows: Sequence[int]

    @property
    def k(self) -> int:
        """How many cities."""
        return len(self.rows)


def shares_of(basis: Basis, groups: Sequence[CityGroup], own: Tiers) -> list[TierShare]:
    """Return how many of each group are in the first tiers, the most first."""
    inside = basis.overall.rows[: own.ends[own.counted - 1]]
    shares = [
        TierShare(group, [row for row in group.rows if row in inside])
        for group in groups
    ]
    return sorted(shares, key=lambda share: -share.k)


def group_words(group: CityGroup) -> dict[str, object]:
    """Return what a group and its cities are called."""
    cities = cities_of(group.group)
    city = group.group.city_en or _single(cities.en)
    return {
        "group": Label(group.group.name_zh or group.group.value, cities.en),
        "cities": cities,
        "city": city,
        "n": group.n,
        "per": measure(cities, group.group.measure_zh),
    }


def type_name(kind: GroupType) -> Label:
    """Return what sorts cities into groups, as running text has it."""
    return inside(Label(kind.name_zh, kind.name_en))


def _single(cities: str) -> str:
    """Return what one of some cities is called.

    >>> _single("northern cities"), _single("cities of group X"), _single("capitals")
    ('northern city', 'city of group X', 'capital')
    >>> _single("municipalities"), _single("cities that are not capitals")
    ('municipality', 'city that is not capitals')
    """
    if cities.startswith("cities"):
        return re.sub("^cities( that are)?", _one_city, cities)
    one = cities.replace("cities", "city")
    return re.sub("ies$", "y", one) if one.endswith("ies") else one.removesuffix("s")


def _one_city(match: re.Match[str]) -> str:
    return "city that is" if match[1] else "city"


def tier_groups(basis: Basis) -> list[Phrase]:
    """State how many cities of each group are in the first tier, and which have none (9, 10)."""
    own = find_tiers(basis)
    if own is None:
        return []
    every = [shares_of(basis, groups, own) for groups in basis.groupings]
    told = [shares for shares in every if shares[0].k > 1]
    if not told:
        return []
    first, *others = told
    found = [_tier_grouping(basis, own, first, is_first=True)]
    return found + _second_grouping(basis, own, others)


def _second_grouping(
    basis: Basis, own: Tiers, every: Sequence[Sequence[TierShare]]
) -> list[Phrase]:
    """State one grouping more that has all of these cities: if there is, with all in one group."""
    k = own.ends[own.counted - 1]
    whole = [shares for shares in every if _count(shares) == k]
    if not whole:
        return []
    shares = max(whole, key=lambda shares: shares[0].k == k)
    if shares[0].k == k:
        return [_all_of_one(basis, shares)]
    return [_tier_grouping(basis, own, shares, is_first=False)]


def _count(shares: Sequence[TierShare]) -> int:
    """Return how many cities of all groups of a grouping are in the first tiers."""
    return sum(share.k for share in shares)


def _all_of_one(basis: Basis, shares: Sequence[TierShare]) -> Phrase:
    """Return that all cities of the first tiers are of one group."""
    first, *others = shares
    rows = [*chain.from_iterable(share.group.rows for share in others)]
    none = None
    if rows:
        row = min(rows, key=basis.overall.rank_of.__getitem__)
        place = basis.overall.place(row)
        none = phrase("best_placed", closest=basis.city(row), place=place.number)
    return phrase("tier_groups_all", none=none, **group_words(first.group), k=first.k)


def _tier_grouping(
    basis: Basis, own: Tiers, shares: Sequence[TierShare], *, is_first: bool
) -> Phrase:
    many = [share for share in shares if share.k > 1]
    singles = [share for share in shares if share.k == 1]
    k = own.ends[own.counted - 1]
    nones = [share for share in shares if not share.k and _expects(basis, share, k)]
    key = "tiers_named" if own.counted > 1 else "tiers_named1"
    name = phrase(key, k=k, c=own.counted, name=own.first)
    chinese = [_in_tier(share) for share in many]
    chinese[0] = _in_tier(many[0], verb="占")
    english = [_in_tier(share) for share in many + singles]
    _say_cities_once(english)
    again = "tier_groups_pair" if len(shares) == 2 else "tier_groups_again"
    return phrase(
        "tier_groups" if is_first else again,
        tiers=name,
        groups=Both(chinese, english),
        singles=_singles(basis, singles),
        none=_nones(basis, nones),
        k=k,
        type=type_name(shares[0].group.kind),
    )


def _expects(basis: Basis, share: TierShare, k: int) -> bool:
    """Tell whether a group is so large that one of so many cities would be of it by its share."""
    return share.group.n * k >= basis.overall.n


def _say_cities_once(listed: list[Phrase]) -> None:
    """Leave out the word cities of all but the last group, where all have it."""
    names = [str(own.values["cities"].text("en")) for own in listed]  # type: ignore[attr-defined]
    if all(name.startswith("cities in ") for name in names):
        places = [name.removeprefix("cities ") for name in names]
        short = [names[0], *places[1:]]
    elif all(name.endswith(" cities") for name in names):
        groups = [name.removesuffix(" cities") for name in names[:-1]]
        short = [*groups, names[-1]]
    else:
        return
    for n, name in enumerate(short):
        values = {**listed[n].values, "cities": name}
        listed[n] = listed[n]._replace(values=values)


def _in_tier(share: TierShare, verb: str = "") -> Phrase:
    key = "in_tier_all" if share.k == share.group.n else "in_tier"
    return phrase(key, k=share.k, verb=verb, **group_words(share.group))


def _singles(basis: Basis, singles: Sequence[TierShare]) -> Phrase | None:
    """Return the groups of which one city is in the first tiers, with this city."""
    if not singles:
        return None
    groups = [group_words(share.group)["cities"] for share in singles]
    cities = [basis.city(share.rows[0]) for share in singles]
    key = "in_tier_single" if len(singles) > 1 else "in_tier_one"
    return phrase(key, groups=groups, cities=cities)


def _nones(basis: Basis, nones: Sequence[TierShare]) -> Phrase | None:
    """Return the groups of which none is in the first tiers, with their first cities."""
    if not nones:
        return None
    ranking = basis.overall
    first = [share.group.rows[0] for share in nones]
    words = [group_words(share.group) for share in nones]
    each = [
        phrase("no_city", closest=basis.city(row), place=ranking.place(row), **own)
        for row, own in zip(first, words, strict=True)
    ]
    each[1:] = [own._replace(key="no_city_also") for own in each[1:]]
    key = "none_in_tier" if len(nones) > 1 else "none_in_tier_one"
    return phrase(
        key,
        groups=[own["cities"] for own in words],
        best=each,
        closest=basis.cities(first),
        places=[ranking.place(row) for row in first],
        **{name: words[0][name] for name in ("n", "per", "cities")},
    )


def tier_titles(basis: Basis) -> list[Phrase]:
    """Return which groups have most of the first tier, or none, as titles (kinds 9 and 10)."""
    own = find_tiers(basis)
    if own is None or not basis.groupings:
        return []
    every = [shares_of(basis, groups, own) for groups in basis.groupings]
    fullest = max(every, key=lambda shares: _over_share(basis, own, shares[0]))
    first = fullest[0]
    m = own.ends[own.counted - 1]
    if not _is_most(first, m) or not _has_more(basis, own, first):
        return []
    nones = [share.group for share in fullest if not share.k]
    names = group_words(first.group)
    words = {
        "tiers": own.first,
        "m": m,
        "k": first.k,
        "none": group_words(nones[0])["cities"] if nones else "",
        **{name: names[name] for name in ("group", "per", "cities", "n")},
    }
    keys = _title_kinds(len(nones), is_all=first.k == m)
    if first.k == first.group.n < m:
        keys = ("tier_title_whole_group", *keys)
    elif first.group.n < m:
        keys = ("tier_title_of_group", *keys)
    return [phrase(key, **words) for key in keys]


def _is_most(share: TierShare, m: int) -> bool:
    """Tell whether a group has half of the first tiers."""
    return share.k > 1 and 2 * share.k >= m


def _has_more(basis: Basis, own: Tiers, share: TierShare) -> bool:
    """Tell whether a group has clearly more than its share of the first tiers, and high scores."""
    mean = basis.overall.mean_of(share.group.rows)
    return mean > basis.overall.mean and _over_share(basis, own, share) >= _OVER


def _over_share(basis: Basis, own: Tiers, share: TierShare) -> float:
    """Return by how much a group has more of the first tiers than of all cities."""
    inside_share = share.k / own.ends[own.counted - 1]
    return inside_share - share.group.n / basis.overall.n


def _title_kinds(nones: int, *, is_all: bool) -> tuple[str, ...]:
    """Return the titles that tiers may have, the fullest first, by how many groups have none."""
    if is_all:
        return ("tier_title_all",)
    if nones == 1:
        return ("tier_title_both", "tier_title")
    return ("tier_title",)
