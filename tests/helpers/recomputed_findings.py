"""Recomputes every number that findings of a chapter state, kind by kind, from a table alone.

Nothing of `xlcity.report` is used. A finding is a key with values by word, its parts below it; a
rule by key says what each number has to be. A number without a rule is counted as unchecked.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from tests.helpers.plain_index import Column, PlainIndex, ranks

Words = Mapping[str, object]
Rule = Callable[["Known", "Words"], Mapping[str, object]]
_RULES: dict[str, Rule] = {}
_SMALL = 1e-6
_NUMBERS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
]
_MARKS = str.maketrans("", "", "†‡")


def rule(*keys: str) -> Callable[[Rule], Rule]:
    """Name the findings that a rule is for."""

    def register(own: Rule) -> Rule:
        _RULES.update(dict.fromkeys(keys, own))
        return own

    return register


@dataclass(frozen=True)
class Known:
    """What is known of an index: scores by node, values by indicator, groups by name.

    `kinds` has the word of each city by what sorts cities into groups; `groups` the cities of a
    group by all names that it may have.
    """

    plain: PlainIndex
    scores: Mapping[str, Column]
    cities: Sequence[str]
    decimals: int
    groups: Mapping[str, frozenset[int]]
    kinds: Mapping[str, Sequence[str]]
    declared: Sequence[int] = ()
    before: Known | None = None
    printed: tuple[Mapping[int, int], Mapping[int, int]] | None = None
    outside: Mapping[str, Column] = field(default_factory=dict)
    differing: tuple[int, int] = (0, 0)
    #: Scores of pairs of cities by their names.
    links: Mapping[str, float] = field(default_factory=dict)
    #: What was printed: shares of variance by node, values of the last edition by city and code.
    published: Mapping[str, float] = field(default_factory=dict)
    printed_values: Mapping[tuple[str, str], float] = field(default_factory=dict)
    #: Quantities beside the scores by name, and how many of something each city has.
    extra: Mapping[str, Column] = field(default_factory=dict)
    counted: Column = field(default_factory=lambda: np.zeros(0))
    #: Columns of one quantity in several fields; quantities that are compared, by name.
    fields: Sequence[Column] = ()
    flows: Mapping[str, Column] = field(default_factory=dict)
    #: Scores by node of cities that are ranked apart.
    apart: Mapping[str, Column] = field(default_factory=dict)
    #: What was worked out before.
    _orders: dict[str, list[int]] = field(default_factory=dict)
    _ranks: dict[str, Column] = field(default_factory=dict)

    # Names

    def row(self, label: object) -> int:
        """Return the row of a city by its Chinese name."""
        return self.cities.index(text_of(label).translate(_MARKS))

    def code(self, label: object) -> str:
        """Return the code of a node by its Chinese name."""
        name = text_of(label)
        names = {code: node.names[0] for code, node in self.plain.nodes.items()}
        exact = [code for code, own in names.items() if own == name]
        return (exact or [code for code, own in names.items() if name in own])[0]

    def group(self, label: object) -> frozenset[int]:
        """Return the cities of a group by its Chinese name."""
        return self.groups[text_of(label)]

    def city(self, words: Words) -> int:
        """Return the row of the city that a finding, or one that it is part of, is about."""
        every = getattr(words, "maps", [words])
        names = [own["city"] for own in every if "city" in own]
        own = [name for name in names if text_of(name).translate(_MARKS) in self.cities]
        return self.row(own[0])

    def members(self, words: Words) -> frozenset[int]:
        """Return the cities of the group that a finding is about."""
        return self.group(words["group"] if "group" in words else words["cities"])

    # Scores

    @property
    def root(self) -> str:
        """The code of the whole index."""
        return self.plain.root

    @property
    def parts(self) -> list[str]:
        """The dimensions."""
        return [c for c in self.plain.children(self.root) if c not in self.plain.values]

    def order(self, code: str) -> list[int]:
        """Return the ranked cities, the first one first."""
        if code not in self._orders:
            own = self.scores[code]
            rows = np.flatnonzero(np.isfinite(own)).tolist()
            rows.sort(key=lambda row: (self.rank(code, row), -own[row]))
            self._orders[code] = rows
        return self._orders[code]

    def sorted(self, code: str) -> Column:
        """Return the scores in the order of the ranks."""
        return self.scores[code][self.order(code)]

    def sd(self, code: str) -> float:
        """Return the standard deviation of the scores."""
        return float(np.nanstd(self.scores[code], ddof=1))

    def mean(
        self, code: str, rows: Sequence[int] | frozenset[int] | None = None
    ) -> float:
        """Return the mean score of some cities, or of all."""
        own = self.scores[code]
        return float(np.nanmean(own if rows is None else own[[*rows]]))

    def rank(self, code: str, row: int) -> int:
        """Return a city's rank in a node or on an indicator."""
        if code in self.plain.values:
            own = self.plain.nodes[code].direction * self.plain.values[code]
            return int(np.sum(own > own[row] + 1e-9)) + 1
        if code not in self._ranks:
            self._ranks[code] = ranks(self.scores[code], self.decimals)
        return int(self._ranks[code][row])

    def leaves(self, code: str) -> list[str]:
        """Return the indicators below a node."""
        below = [own for own in self.plain.nodes.values() if own.parent == code]
        own = [code] if code in self.plain.values else []
        return own + [leaf for node in below for leaf in self.leaves(node.code)]

    def inside(self, code: str, rows: frozenset[int]) -> list[int]:
        """Return those of some cities that have a rank in a node."""
        return [row for row in self.order(code) if row in rows]

    def above(self, code: str, rows: frozenset[int] | None = None) -> int:
        """Return how many of some cities are above the mean of all."""
        mean = self.mean(code)
        own = self.order(code) if rows is None else self.inside(code, rows)
        return int(sum(self.scores[code][row] > mean + 1e-9 for row in own))

    def lead(self, first: int, second: int, part: str) -> float:
        """Return by how many points of the whole one city is ahead of another in a part."""
        gap = self.scores[part][first] - self.scores[part][second]
        return float(self.plain.shares(self.root)[part] * gap * self.stretch)

    @property
    def adds_up(self) -> bool:
        """Whether scores are the weighted sums of those of the dimensions, but for a constant."""
        shares = self.plain.shares(self.root)
        total = sum(share * self.scores[part] for part, share in shares.items())
        rows = self.order(self.root)
        left = self.scores[self.root][rows] - self.stretch * total[rows]
        return bool(np.ptp(left) < _SMALL)

    @property
    def stretch(self) -> float:
        """How many points of the whole a point of its weighted parts is."""
        shares = self.plain.shares(self.root)
        total = sum(share * self.scores[part] for part, share in shares.items())
        rows = self.order(self.root)
        reach = float(np.ptp(total[rows]))
        factor = float(np.ptp(self.scores[self.root][rows])) / reach
        left = self.scores[self.root][rows] - factor * total[rows]
        return factor if np.ptp(left) < _SMALL else 1.0

    def ends(self) -> list[int]:
        """Return after how many cities tiers end: as declared, else at drops."""
        if self.declared:
            return [*self.declared]
        drops = -np.diff(self.sorted(self.root))
        n = len(drops) + 1
        cuts: list[int] = []
        for at in np.argsort(-drops, kind="stable").tolist():
            if n < 20 or drops[at] < self.sd(self.root) / 5 or len(cuts) == 3:
                break
            sizes = np.diff([0, *sorted([*cuts, at + 1]), n])
            others = [*itertools.dropwhile(lambda size: size < 3, sizes)]
            are_large = min(others, default=0) > 2 and sizes[-1] >= n / 5
            if are_large and n - sum(others) < 3:
                cuts.append(at + 1)
        return [*sorted(cuts), n] if cuts else []

    def first_tiers(self) -> list[int]:
        """Return the cities of the first tiers, of so many that five cities are in them."""
        ends = self.ends()
        large = [end for end in ends[:-2] if end >= 5]
        return self.order(self.root)[: [*large, ends[-2]][0]]

    def first_count(self) -> int:
        """Return how many tiers these are."""
        return self.ends().index(len(self.first_tiers())) + 1


def text_of(label: object) -> str:
    """Return a name in Chinese."""
    return label if isinstance(label, str) else label.zh  # type: ignore[attr-defined]


@dataclass
class Findings:
    """Compares findings with what is known; `false` has the numbers that differ."""

    known: Known
    count: int = 0
    about: object = ""
    false: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)

    def compare(
        self, fact: str, values: Words, node: str, texts: Sequence[str]
    ) -> None:
        """Compare a finding and its texts in both languages."""
        names: list[str] = []
        numbers: list[object] = []
        if "city" in values:
            self.about = values["city"]
        about = {"node": node, "city": self.about}
        self._compare(fact, ChainMap({**values}, about), numbers, names)
        for text in texts:
            self._compare_text(fact, text, numbers, names)

    def _compare(
        self, key: str, words: ChainMap[str, object], numbers: list, names: list
    ) -> None:
        own = words.maps[0]
        expected = _RULES[key](self.known, words) if key in _RULES else {}
        for word, value in own.items():
            for child in _phrases(value):
                self._compare(
                    child.key, words.new_child({**child.values}), numbers, names
                )
            names += [text for label in _labels(value) for text in (label.zh, label.en)]
            stated = _numbers(value)
            numbers += [value] if not isinstance(value, list) else value
            if not stated:
                continue
            if word not in expected:
                self.unchecked.append(f"{key}.{word} = {stated}")
                continue
            self.count += len(stated)
            true = np.ravel(expected[word]).astype(float)
            if len(true) != len(stated) or not np.allclose(stated, true, atol=_SMALL):
                self.false.append(
                    f"{key}.{word}: {stated}, not {true.tolist()} ({own})"
                )

    def _compare_text(
        self, fact: str, text: str, numbers: Sequence[object], names: Sequence[str]
    ) -> None:
        for name in sorted(filter(None, names), key=len, reverse=True):
            text = text.replace(name, " ")
        forms = {form for number in numbers for form in _forms(number)}
        forms |= {"10"} if fact.endswith("_many") else set()
        for found in re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d)", "", text)):
            if found not in forms:
                self.false.append(
                    f"{fact}: {found} in {text!r} is no number of the finding"
                )


def _phrases(value: object) -> Iterator[object]:
    if hasattr(value, "key") and hasattr(value, "values"):
        yield value
    elif isinstance(value, list) or hasattr(value, "zh"):
        for item in value if isinstance(value, list) else (value.zh, value.en):
            yield from _phrases(item)


def _labels(value: object) -> Iterator[object]:
    if isinstance(value, list):
        for item in value:
            yield from _labels(item)
    elif hasattr(value, "zh") and isinstance(value.zh, str):
        yield value
    elif hasattr(value, "uom"):
        yield value.uom


def _number(value: object) -> float | None:
    if isinstance(value, bool | str) or value is None:
        return None
    for name in ("number", "value"):
        if hasattr(value, name):
            return float(getattr(value, name))
    return float(value) if isinstance(value, int | float | np.number) else None


def _numbers(value: object) -> list[float]:
    every = value if isinstance(value, list) else [value]
    return [number for item in every if (number := _number(item)) is not None]


def _forms(value: object) -> Iterator[str]:
    """Yield how a number may be written."""
    number = _number(value)
    if number is None or not math.isfinite(number):
        return
    size = abs(number)
    if hasattr(value, "uom"):
        most = _decimals(size)
        yield _fixed(size, min(most, value.decimals))
        if value.is_exact:
            yield _fixed(size, value.decimals)
        if value.beside is not None:
            # What stands behind another value is written as exactly as that.
            fewest = max(min(_decimals(abs(value.beside)), value.decimals), 1)
            yield _fixed(size, min(most, value.decimals, fewest))
        for total in {size * _multiple(value.uom.zh), size * _multiple(value.uom.en)}:
            yield _fixed(total, 0)
            yield from (_fixed(total / scale, 2) for scale in (1e4, 1e8, 1e12))
            yield from (_fixed(total / scale, 1) for scale in (1e6, 1e9, 1e12))
        # What a scale begins and ends with is part of its unit.
        yield from re.findall(r"\d+", str(value.uom.en))
        return
    if abs(size - round(size)) < _SMALL:
        yield f"{size:.0f}"
    yield _fixed(size, 1)
    yield f"{math.ceil(size * 10 - _SMALL) / 10:.1f}"
    if size <= 1:
        yield _fixed(size, 2)
        yield _fixed(100 * size, 0)
        yield _fixed(100 * size, 1)
        yield _fixed(100 * size, 1).removesuffix(".0")


def _decimals(size: float) -> int:
    """Return the decimals of a value of some size, at most."""
    return 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 9


def _multiple(uom: str) -> float:
    """Return how many a unit that begins with a number counts as one."""
    begun = re.match(
        "(百万|千万|万亿|亿|万)|(100 million|million|billion|thousand|10,000|1,000)",
        uom,
    )
    sizes = {"万": 4, "百万": 6, "千万": 7, "亿": 8, "万亿": 12, "100 million": 8}
    sizes |= {"million": 6, "billion": 9, "thousand": 3, "10,000": 4, "1,000": 3}
    return 10.0 ** sizes[begun[0]] if begun else 1.0


def _fixed(value: float, decimals: int) -> str:
    step = 10**decimals
    return f"{math.floor(value * step + 0.5 + 1e-9) / step:.{decimals}f}"


# The whole index


@rule("leaders_joint")
def _joint(known: Known, words: Words) -> dict[str, object]:
    return {"x": np.nanmax(known.scores[words["node"]])}


@rule("leader_gaps")
def _leader_gaps(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    leaves = known.leaves(words["node"])
    k = sum(np.isfinite(known.plain.values[leaf][row]) for leaf in leaves)
    return {"n": len(leaves), "k": k, "missing": len(leaves) - k}


@rule("leads0", "leads1", "leads2", "leads0_drop", "leads1_drop", "leads2_drop")
def _leads(known: Known, words: Words) -> dict[str, object]:
    scores = known.sorted(known.root)
    drops = -np.diff(scores[:10])
    after = int(drops.argmax())
    place = known.rank(known.root, known.order(known.root)[after + 1])
    rows = [
        row for row in known.order(known.root) if known.rank(known.root, row) == place
    ]
    tied = len(rows) if len(rows) <= 3 else 1
    return {"score": scores[0], "gap": drops[after], "place": place, "tied": tied}


@rule("drop_title", "drop_title_many", "drop_title_alone")
def _drop_title(known: Known, words: Words) -> dict[str, object]:
    after = int((-np.diff(known.sorted(known.root)[:10])).argmax()) + 1
    return {**_leads(known, words), "k": after, "others": after - 1}


@rule("ahead_alone", "ahead_of_all", "ahead_as_tier", "ahead_first")
def _ahead(known: Known, words: Words) -> dict[str, object]:
    drops = -np.diff(known.sorted(known.root)[:10])
    return {"gap": drops.max(), "k": int(drops.argmax()) + 1}


@rule("scored")
def _scored(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    own = known.scores[words["node"]][row]
    return {"x": own if np.isfinite(own) else known.apart[words["node"]][row]}


@rule(
    "lead_parts",
    "lead_parts_only",
    "lead_parts_most",
    "lead_parts_most_only",
    "lead_parts_told",
    "lead_parts_most_told",
    "lead_unweighted_told",
    "lead_unweighted",
    "lead_unweighted_only",
)
def _lead(known: Known, words: Words) -> dict[str, object]:
    scores = known.sorted(known.root)
    return {"gap": scores[0] - scores[1]}


@rule("part_more", "part_less")
def _part_more(known: Known, words: Words) -> dict[str, object]:
    first, second = known.order(known.root)[:2]
    return {"x": abs(known.lead(first, second, known.code(words["part"])))}


@rule("part_ahead", "part_short")
def _part_ahead(known: Known, words: Words) -> dict[str, object]:
    first, second = known.order(known.root)[:2]
    scores = known.scores[known.code(words["part"])]
    return {"x": abs(scores[first] - scores[second])}


@rule("parts_behind", "part_behind")
def _parts_behind(known: Known, words: Words) -> dict[str, object]:
    is_added = "losses" in words and known.adds_up
    own = _part_more if is_added else _part_ahead
    return {"losses": [own(known, {"part": part})["x"] for part in words["parts"]]}


@rule("mean")
def _mean(known: Known, words: Words) -> dict[str, object]:
    n = len(known.order(known.root))
    return {"n": n, "m": known.mean(known.root), "k": known.above(known.root)}


@rule("ranks_within", "ranks_within_tied")
def _ranks_within(known: Known, words: Words) -> dict[str, object]:
    scores = known.sorted(known.root)
    half = scores[: len(scores) // 2]
    limit = known.sd(known.root) / 4
    runs = [(int((half >= own - limit).sum()) - n, n) for n, own in enumerate(half)]
    k = max(length for length, _ in runs)
    spans = [(scores[n] - scores[n + k - 1], n) for length, n in runs if length == k]
    x, first = min(spans)
    rows = known.order(known.root)
    ends = [known.rank(known.root, rows[at]) for at in (first, first + k - 1)]
    return {"i": ends[0], "j": ends[1], "k": k, "x": x}


# Tiers and groups


@rule("tiers", "tiers_top", "tier_set_apart")
def _tiers(known: Known, words: Words) -> dict[str, object]:
    ends = known.ends()
    rows = known.order(known.root)
    scores = known.sorted(known.root)
    return {
        "n": len(rows),
        "k": len(ends),
        "after": [known.rank(known.root, rows[end - 1]) for end in ends[:-1]],
        "drops": [scores[end - 1] - scores[end] for end in ends[:-1]],
        "first": ends[-2],
        "borders": len(ends) - 1,
        "rest": ends[-1] - ends[-2],
    }


@rule("tiers_declared")
def _tiers_declared(known: Known, words: Words) -> dict[str, object]:
    ends = known.ends()
    scores = known.sorted(known.root)
    own = {"low": scores[-1], "high": scores[ends[-2]]}
    return {"n": len(ends), "k": ends[-1] - ends[-2], **own}


@rule("tier_list", "tier_list_rest")
def _tier_list(known: Known, words: Words) -> dict[str, object]:
    ends = known.ends()
    scores = known.sorted(known.root)
    k = ends[-1] - ends[-2]
    return {"k": k, "low": scores[-1], "high": scores[ends[-2]]}


@rule("tier_all", "tier_some", "tier_one", "tier_declared", "tier_declared_next")
def _tier(known: Known, words: Words) -> dict[str, object]:
    rows = known.order(known.root)
    start, last = (rows.index(known.row(words[end])) for end in ("a", "z"))
    starts = [0, *known.ends()]
    assert start in starts
    assert last + 1 in starts
    scores = known.sorted(known.root)
    return {"k": last + 1 - start, "low": scores[last], "high": scores[start]}


@rule("tier_border", "tier_border_small", "border_pair")
def _border(known: Known, words: Words) -> dict[str, object]:
    scores = known.sorted(known.root)
    end = next(end for end in known.ends() if end >= words["i"])
    rows = known.order(known.root)
    i, j = (known.rank(known.root, row) for row in rows[end - 1 : end + 1])
    x = scores[end - 1] - scores[end]
    return {"i": i, "j": j, "x": x if x >= 0.05 else 0.1}


@rule("tier_borders_alike")
def _borders_alike(known: Known, words: Words) -> dict[str, object]:
    scores = known.sorted(known.root)
    drops = [float(scores[end - 1] - scores[end]) for end in known.ends()[:-1]]
    own = {round(drop, 1) for drop in drops if drop < known.sd(known.root) / 10}
    (x,) = own
    return {"x": x}


@rule("tiers_named1", "tiers_named")
def _tiers_named(known: Known, words: Words) -> dict[str, object]:
    return {"k": len(known.first_tiers()), "c": known.first_count()}


def _in_first_tiers(known: Known, words: Words) -> dict[str, object]:
    rows = known.inside(known.root, known.members(words))
    k = len({*rows} & {*known.first_tiers()})
    return {"k": k, "n": len(rows)}


_RULES |= dict.fromkeys(("in_tier", "in_tier_all"), _in_first_tiers)


@rule("tier_groups", "tier_groups_again", "tier_groups_pair")
def _tier_groups(known: Known, words: Words) -> dict[str, object]:
    return {"k": len(known.first_tiers())}


@rule("none_in_tier", "none_in_tier_one")
def _none_in_tier(known: Known, words: Words) -> dict[str, object]:
    closest = [known.row(city) for city in words["closest"]]
    places = [known.rank(known.root, row) for row in closest]
    return {"places": places, "n": _in_first_tiers(known, words)["n"]}


@rule("tier_groups_all")
def _tier_groups_all(known: Known, words: Words) -> dict[str, object]:
    own = _in_first_tiers(known, words)
    assert own["k"] == len(known.first_tiers())
    return own


@rule("best_placed")
def _best_placed(known: Known, words: Words) -> dict[str, object]:
    members = known.members(words)
    rows = [row for row in known.order(known.root) if row not in members]
    assert known.row(words["closest"]) == rows[0]
    return {"place": known.rank(known.root, rows[0])}


@rule("no_city", "no_city_also")
def _no_city(known: Known, words: Words) -> dict[str, object]:
    own = _in_first_tiers(known, words)
    assert own["k"] == 0
    row = known.inside(known.root, known.members(words))[0]
    return {"n": own["n"], "place": known.rank(known.root, row)}


@rule(
    "tier_title",
    "tier_title_both",
    "tier_title_all",
    "tier_title_of_group",
    "tier_title_whole_group",
)
def _tier_title(known: Known, words: Words) -> dict[str, object]:
    return {"m": len(known.first_tiers()), **_in_first_tiers(known, words)}


def _distance(known: Known, rows: frozenset[int], code: str) -> float:
    return known.mean(code, known.inside(code, rows)) - known.mean(code)


@rule(
    "group_mean", "group_mean_next", "group_mean_below", "group_counted", "group_named"
)
def _group_mean(known: Known, words: Words) -> dict[str, object]:
    rows = known.inside(known.root, known.members(words))
    x = abs(_distance(known, known.members(words), known.root))
    return {"n": len(rows), "m": known.mean(known.root, rows), "x": x}


@rule("without")
def _without(known: Known, words: Words) -> dict[str, object]:
    rows = known.inside(known.root, known.members(words))
    rows.remove(known.city(words))
    return {"y": known.mean(known.root, rows)}


@rule("strongest", "strongest_only")
def _strongest(known: Known, words: Words) -> dict[str, object]:
    distances = {
        code: _distance(known, known.members(words), code) for code in known.parts
    }
    assert max(distances, key=distances.__getitem__) == known.code(words["part"])
    return {"x": max(distances.values()), "y": min(distances.values())}


@rule("separates", "separates_little", "separates_one")
def _separates(known: Known, words: Words) -> dict[str, object]:
    shares = [_between(known, text_of(words[word])) for word in ("a", "b")]
    return {"x": shares[0], "y": shares[1], "limit": 0.1}


def _between(known: Known, kind: str) -> float:
    """Return the share of the variance of scores that lies between groups."""
    rows = known.order(known.root)
    words = np.array([known.kinds[kind][row] for row in rows])
    scores = known.sorted(known.root)
    own = sum(
        (words == word).sum() * (scores[words == word].mean() - scores.mean()) ** 2
        for word in {*words}
    )
    return float(own / ((scores - scores.mean()) ** 2).sum())


@rule("gap_groups")
def _gap_groups(known: Known, words: Words) -> dict[str, object]:
    a, b = (_distance(known, known.group(words[w]), known.root) for w in ("a", "b"))
    return {"x": a - b}


@rule("side_gap")
def _side_gap(known: Known, words: Words) -> dict[str, object]:
    a, b = (known.group(words[word]) for word in ("a", "b"))
    code = known.code(words["part"])
    return {"x": _distance(known, a, code) - _distance(known, b, code)}


@rule("sides", "sides_all", "sides_listed")
def _sides(known: Known, words: Words) -> dict[str, object]:
    a, b = (known.group(words[word]) for word in ("a", "b"))
    gaps = [_distance(known, a, c) - _distance(known, b, c) for c in known.parts]
    behind = [c for c, gap in zip(known.parts, gaps, strict=True) if gap <= 0]
    assert [*map(known.code, words["others"])] == behind
    return {"k": sum(gap > 0 for gap in gaps), "n": len(gaps), "x": max(gaps)}


# Dimensions


def _above(known: Known, words: Words) -> dict[str, object]:
    node = words["node"]
    rows = known.members(words) & {*known.order(known.root)}
    own = {"n": len(known.inside(node, rows)), "k": known.above(node, rows)}
    return {**own, "m": known.mean(node)}


_RULES |= {
    f"{start}_above{end}": _above
    for start in ("all", "most", "few", "none")
    for end in ("", "_also", "_alone")
}


@rule("all_of_group")
def _all_of_group(known: Known, words: Words) -> dict[str, object]:
    own = _above(known, words)
    assert own["k"] == own["n"]
    return own


_RULES["few_among"] = _above
_RULES["against"] = _above


@rule("few_above_named", "few_above_named_also", "few_among_named")
def _few_above_named(known: Known, words: Words) -> dict[str, object]:
    own = _above(known, words)
    first = known.inside(words["node"], known.members(words))[: own["k"]]
    assert [known.row(city) for city in words["above"]] == first
    return own


@rule("run_first", "run_title")
def _run_first(known: Known, words: Words) -> dict[str, object]:
    rows = known.members(words)
    node = words["node"]
    is_own = [row in rows for row in known.order(node)]
    return {"k": is_own.index(False), "n": len(known.inside(known.root, rows))}


@rule("run_closest")
def _run_closest(known: Known, words: Words) -> dict[str, object]:
    node = words["node"]
    members = known.group(words.parents["run"].values["cities"])
    rows = known.order(node)
    row = next(row for row in rows if row not in members)
    assert row == known.row(words["closest"])
    n = len(known.inside(known.root, known.members(words)))
    return {"place": known.rank(node, row), "n": n}


@rule("group_highest")
def _group_highest(known: Known, words: Words) -> dict[str, object]:
    node = words["node"]
    ranked = known.members(words) & {*known.order(known.root)}
    n = len(known.inside(node, ranked))
    return {"n": n, "x": _distance(known, known.members(words), node)}


@rule("part_leads")
def _part_leads(known: Known, words: Words) -> dict[str, object]:
    return {"score": known.sorted(words["node"])[0]}


@rule("lead_only", "lead_clear", "lead_followed")
def _lead_of_part(known: Known, words: Words) -> dict[str, object]:
    node = words["node"]
    scores = known.sorted(node)
    place = known.rank(node, known.order(node)[2])
    return {"gap": scores[0] - scores[1], "place": place}


@rule("lead_tied")
def _lead_tied(known: Known, words: Words) -> dict[str, object]:
    node = words["node"]
    rows = [row for row in known.order(node) if known.rank(node, row) == 2]
    assert [known.row(city) for city in words["cities"]] == rows
    scores = known.sorted(node)
    return {"gap": scores[0] - scores[1], "x": scores[1], "place": 2}


@rule("part_title", "part_title_close", "part_title_three")
def _part_title(known: Known, words: Words) -> dict[str, object]:
    scores = known.sorted(words["node"])
    return {"gap": scores[0] - scores[1], "x": scores[0] - scores[2]}


@rule("part_title_group")
def _part_title_group(known: Known, words: Words) -> dict[str, object]:
    own = _above(known, words)
    assert own["k"] == own["n"]
    return {"n": own["n"], **_part_title(known, words)}


@rule("part_title_led", "part_title_led_all")
def _part_title_led(known: Known, words: Words) -> dict[str, object]:
    leaves = known.leaves(words["node"])
    first = known.order(words["node"])[0]
    led = [leaf for leaf in leaves if _best_rows(known, leaf) == [first]]
    return {"n": len(leaves), "k": len(led)}


def _best_rows(known: Known, leaf: str) -> list[int]:
    own = known.plain.nodes[leaf].direction * known.plain.values[leaf]
    return np.flatnonzero(own == np.nanmax(own)).tolist()


@rule(
    "best_one",
    "best_also",
    "best_one_first",
    "best_joint",
    "best_joint_first",
    "best_high",
    "best_low",
    "best_only",
)
def _best(known: Known, words: Words) -> dict[str, object]:
    leaf = known.code(words["indicator"])
    own = known.plain.values[leaf]
    rows = _best_rows(known, leaf)
    if isinstance(words.get("cities"), list):
        assert [known.row(city) for city in words["cities"]] == rows
    return {"value": own[rows[0]], "average": np.nanmean(own)}


@rule(
    "off",
    "off_down",
    "off_bare",
    "off_bare_down",
    "gap_behind",
    "gap_leader",
    "on_indicator",
    "on_the_same",
    "rank_listed",
)
def _off(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    node = words["node"]
    own = {
        "overall": known.rank(known.root, row),
        "place": known.rank(node, row),
    }
    if "indicator" in words.maps[0] or "overall" not in words.maps[0]:
        leaf = known.code(words["indicator"])
        place = known.rank(leaf, row)
        own |= {"value": known.plain.values[leaf][row], "rank": place}
        own |= {} if "overall" in words.maps[0] else {"place": place}
    return own


@rule("spread_most", "spread_least")
def _spread(known: Known, words: Words) -> dict[str, object]:
    every = [known.sd(code) for code in known.parts]
    assert known.sd(words["node"]) in (max(every), min(every))
    return {"x": known.sd(words["node"]), "n": len(every)}


@rule("skew_few", "skew_many")
def _skew(known: Known, words: Words) -> dict[str, object]:
    node = words["node"]
    n = len(known.order(node))
    return {"n": n, "k": known.above(node), "m": known.mean(node)}


# Types and relations


def _types(known: Known) -> dict[str, list[int]]:
    """Return the cities with scores in all dimensions by how many they are strong in."""
    rows = known.order(known.root)
    n = len(rows)
    places = {row: [known.rank(code, row) for code in known.parts] for row in rows}
    every = [
        row
        for row in rows
        if all(np.isfinite(known.scores[c][row]) for c in known.parts)
    ]
    strong = {row: sum(own <= -(-n // 3) for own in places[row]) for row in every}
    return {str(k): [row for row in every if strong[row] == k] for k in range(9)}


@rule("strong", "all_round", "all_round_many", "types_title", "types_title_one")
def _all_round(known: Known, words: Words) -> dict[str, object]:
    own = _types(known)[str(len(known.parts))]
    if words.get("cities"):
        assert [known.row(city) for city in words["cities"]] == own[:12]
    limit = -(-len(known.order(known.root)) // 3)
    n = len(known.order(known.root))
    return {"n": len(own), "k": len(known.parts), "limit": limit, "all": n}


@rule("count")
def _count(known: Known, words: Words) -> dict[str, object]:
    return {"n": words.parents["n"]}


@rule("strong_but_one", "strong_but_one_many", "strong_but_same")
def _strong_but_one(known: Known, words: Words) -> dict[str, object]:
    k = len(known.parts) - 1
    rows = _types(known)[str(k)]
    own = {"k": k, "n": len(rows)}
    if "part" in words.maps[0]:
        code = known.code(words["part"])
        own["places"] = [known.rank(code, row) for row in rows]
    return own


@rule(
    "strong_in_several",
    "strong_in_several_also",
    "strong_in_several_many",
    "strong_in_several_many_also",
)
def _strong_in_several(known: Known, words: Words) -> dict[str, object]:
    own = _types(known)[str(words["k"])]
    named = [known.row(city) for city in words["cities"]]
    assert named == own[: len(named)]
    assert 2 < words["k"] < len(known.parts) - 1
    return {"n": len(own), "k": words["k"]}


@rule("none_strong")
def _none_strong(known: Known, words: Words) -> dict[str, object]:
    return {"x": len(_types(known)["0"])}


@rule("weak_in")
def _weak_in(known: Known, words: Words) -> dict[str, object]:
    return {"place": known.rank(known.code(words["part"]), known.city(words))}


def _wings(known: Known, words: Words, strong: str) -> dict[str, object]:
    limit = -(-len(known.order(known.root)) // 3)
    rows = _types(known)[strong]
    own = {"n": len(rows), "limit": limit}
    if "j" in words.maps[0]:
        most = {"2": 8, "1": 4}[strong]
        first = {*known.order(known.root)[:10]}
        own["j"] = len({*rows} & first) if len(rows) > most else len(rows)
    return own


@rule("wings_counts")
def _wings_counts(known: Known, words: Words) -> dict[str, object]:
    return {**_wings(known, words, "2"), "m": len(_types(known)["1"])}


@rule("one_only")
def _one_only(known: Known, words: Words) -> dict[str, object]:
    return {"m": len(_types(known)["1"])}


for _end in ("", "_many", "_count"):
    _RULES[f"wings_two{_end}"] = lambda known, words: _wings(known, words, "2")
    _RULES[f"wings_one{_end}"] = lambda known, words: _wings(known, words, "1")


@rule("strong_in_two", "strong_in_one")
def _strong_in(known: Known, words: Words) -> dict[str, object]:
    parts = [known.code(part) for part in words["parts"]]
    limit = -(-len(known.order(known.root)) // 3)
    for row in map(known.row, words["cities"]):
        assert [c for c in known.parts if known.rank(c, row) <= limit] == parts
    return {}


@rule("first_tier_in_all")
def _first_tier_in_all(known: Known, words: Words) -> dict[str, object]:
    end = known.ends()[0]
    rows = known.order(known.root)
    own = [r for r in rows if all(known.rank(c, r) <= end for c in known.parts)]
    assert [known.row(city) for city in words["cities"]] == own
    return {"k": len(known.parts), "end": end}


def _r(known: Known, a: str, b: str) -> float:
    x, y = known.scores[a], known.scores[b]
    both = np.isfinite(x + y)
    return float(np.corrcoef(x[both], y[both])[0, 1])


@rule("correlated", "related", "opposed", "unrelated", "unrelated_two")
def _correlated(known: Known, words: Words) -> dict[str, object]:
    every = [_r(known, a, b) for a, b in combinations(known.parts, 2)]
    own = _r(known, known.code(words["a"]), known.code(words["b"]))
    assert own == min(every) or abs(own) == min(map(abs, every))
    return {"r": own, "high": max(every), "n": len(every)}


def _halves(known: Known, words: Words) -> tuple[list[int], Column, Column]:
    a, b = (known.code(words[word]) for word in ("a", "b"))
    rows = [row for row in known.order(a) if row in known.order(b)]
    x, y = (known.scores[code][rows] - known.mean(code) for code in (a, b))
    return rows, x > 1e-9, y > 1e-9


@rule("quadrants")
def _quadrants(known: Known, words: Words) -> dict[str, object]:
    _, x, y = _halves(known, words)
    return {"both": (x & y).sum(), "neither": (~x & ~y).sum()}


@rule("quadrant_all", "quadrant_some", "quadrant_count")
def _quadrant(known: Known, words: Words) -> dict[str, object]:
    rows, x, y = _halves(known, {"a": words["high"], "b": words["low"]})
    own = {row for row, a, b in zip(rows, x, y, strict=True) if a and not b}
    assert {known.row(city) for city in words["cities"]} <= own
    return {"k": len(own)}


@rule("outside", "outside_city")
def _outside(known: Known, words: Words) -> dict[str, object]:
    x = known.outside[text_of(words["name"])]
    y = known.scores[known.root]
    both = np.isfinite(x + y)
    line = np.polyfit(x[both], y[both], 1)
    left = y - np.polyval(line, x)
    return {"r2": np.corrcoef(x[both], y[both])[0, 1] ** 2, "y": np.nanmax(left)}


@rule("links")
def _links(known: Known, words: Words) -> dict[str, object]:
    assert text_of(words["pair"]) in known.links
    return {"n": len(known.links), "x": max(known.links.values())}


@rule("scored_link")
def _scored_link(known: Known, words: Words) -> dict[str, object]:
    return {"x": known.links[text_of(words["pair"])]}
