"""Findings on how far ranks rest on choices of method, each computed anew (kinds 35 to 37)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from xlcity.assess.plan import without_node
from xlcity.errors import XlcityError
from xlcity.index.compute import compute
from xlcity.index.steps import with_weights
from xlcity.methods.aggregate.means import ARITHMETIC, GEOMETRIC
from xlcity.methods.normalise.minmax import MINMAX
from xlcity.methods.normalise.ranks import RANK
from xlcity.methods.normalise.zscore import ZSCORE
from xlcity.methods.record import ParameterValue
from xlcity.model.dataset import FloatArray
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step
from xlcity.report.story.basis import Basis
from xlcity.report.story.overall import joint_leaders
from xlcity.report.story.tiers import find_tiers
from xlcity.report.story.writing import Phrase, RankPlace, phrase

#: Indicators, at most, each of which is left out once.
_INDICATORS = 30
#: First places that are compared where there are no tiers.
_FIRST = 3
#: Largest share that is told of what is not always so.
_MOST_SHARE = 0.99
#: By how much weights move; ends of what a weight may become, as multiples.
_MOVES = (0.75, 1.25)
_HALF = 0.5
_DOUBLE = 2.0
#: Share of variants below which the first two are not settled.
_SETTLED = 0.6
#: First cities of which one depends most; share of the cities that its ranks span.
_TOP = 10
_SPAN = 1 / 6
#: Points of a weight within which a break-even one has a decimal.
_NEAR = 0.05
#: Least and greatest weight that is written, in per cent.
_NOISE = 1e-9


class Variant(NamedTuple):
    """Ranks of an index that is made in another way; which indicator it leaves out."""

    kind: str
    ranks: Sequence[int]
    omitted: str = ""


@dataclass(frozen=True)
class BreakEven:
    """The weight of a dimension at which the first two change places."""

    code: str
    weight: float
    other: float


class Variants:
    """Computes an index in other ways."""

    def __init__(self, basis: Basis) -> None:
        self.basis = basis
        self.tree = basis.tree
        #: Weights are given as they are, whatever they add up to.
        self.recipe = replace(basis.result.recipe, weights="relative")
        self.dataset = basis.result.dataset

    def all(self) -> list[Variant]:
        """Return all variants that can be computed."""
        every = [*self._omitting(), *self._weighted(), *self._by_methods()]
        return [variant for variant in every if max(variant.ranks, default=0) > 0]

    def _omitting(self) -> Iterator[Variant]:
        leaves = self.basis.indicators(self.basis.root)
        for code in leaves if len(leaves) <= _INDICATORS else ():
            try:
                parts = without_node(self.tree, self.recipe, self.dataset, code)
                ranks = compute(*parts).rank(self.basis.root).tolist()
            except XlcityError:
                continue
            yield Variant("omitted", ranks, code)

    def _weighted(self) -> Iterator[Variant]:
        codes = [child.code for child in self.tree.children(self.basis.root)]
        weights = np.array([self.basis.weights.get(code, 0.0) for code in codes])
        if len(codes) < 2 or self.recipe.step_for("weight", self.basis.root):
            return
        if np.ptp(weights) > _NOISE:
            yield from self._with(np.ones(len(codes)), "equal")
        for n in range(len(codes)):
            for move in _MOVES:
                moved = weights[n] * move
                others = weights * (1 - moved) / (1 - weights[n])
                others[n] = moved
                yield from self._with(others, "moved")

    def _with(self, weights: FloatArray, kind: str) -> Iterator[Variant]:
        tree = with_weights(self.tree, {self.basis.root: weights.tolist()})
        yield from self._computed(tree, self.recipe, kind)

    def _computed(
        self, tree: Framework, recipe: Recipe, kind: str
    ) -> Iterator[Variant]:
        try:
            result = compute(tree, recipe, self.dataset)
        except XlcityError:
            return
        yield Variant(kind, result.rank(self.basis.root).tolist())

    def _by_methods(self) -> Iterator[Variant]:
        steps = self.recipe.steps_doing("normalise")
        are_z = [step.method == ZSCORE.name for step in steps]
        if any(are_z):
            for method in (MINMAX.name, RANK.name):
                yield from self._changed(ZSCORE.name, method, {})
        if any(step.params.get("clip") for step in steps):
            yield from self._changed(ZSCORE.name, ZSCORE.name, {"clip": None})
        if any(step.method == GEOMETRIC.name for step in self.recipe.steps):
            yield from self._changed(GEOMETRIC.name, ARITHMETIC.name, None)

    def _changed(
        self, old: str, new: str, params: dict[str, ParameterValue] | None
    ) -> Iterator[Variant]:
        def change(step: Step) -> Step:
            if step.method != old:
                return step
            kept = step.params if params is None or old == new else {}
            return replace(step, method=new, params={**kept, **(params or {})})

        recipe = replace(self.recipe, steps=tuple(map(change, self.recipe.steps)))
        kind = new if old != new else "unlimited"
        yield from self._computed(self.tree, recipe, kind)


def robustness(basis: Basis) -> list[Phrase]:
    """State how often the first city and the first tier stay, and what reverses them (35 to 37)."""
    source = basis.source
    if (
        basis.overall.n < _TOP
        or source.synthetic
        or len(joint_leaders(basis.overall)) > 1
    ):
        return []
    variants = Variants(basis).all()
    if len(variants) < 2:
        return []
    even = break_even(basis)
    found = [_stays(basis, variants, even)]
    return found + dependent(basis, variants)


def _stays(basis: Basis, variants: Sequence[Variant], even: BreakEven | None) -> Phrase:
    rows = basis.overall.rows
    own = find_tiers(basis)
    size = own.several if own else _FIRST
    first = {*rows[:size]}
    wins = [_first_of(basis, variant.ranks) for variant in variants]
    same = sum(
        {row for row in rows if 0 < variant.ranks[row] <= size} == first
        for variant in variants
    )
    k = wins.count(rows[0])
    words = {
        "variants": len(variants),
        "list": _list_of(basis, variants),
        "city": basis.city(rows[0]),
        "second": basis.city(rows[1]),
        "k": k,
        "other": wins.count(rows[1]),
        "j": size,
        "same": same,
        "even": _even_text(basis, even),
    }
    if k >= _SETTLED * len(variants):
        return phrase(_stays_key(same, len(variants)), **words)
    return _unsettled(basis, wins, words)


def _stays_key(same: int, variants: int) -> str:
    """Return how it is told in how many variants the first tier stays the same."""
    if not same:
        return "stays_first"
    if same == variants:
        return "stays_all"
    return "stays_few" if 2 * same < variants else "stays"


def _unsettled(basis: Basis, wins: list[int], words: dict[str, object]) -> Phrase:
    """Return that first place is not settled, between the first two or others."""
    rows = basis.overall.rows
    others = [row for row in rows[1:] if row in wins]
    rival = max(others, key=wins.count, default=rows[1])
    if rival == rows[1]:
        return phrase("unsettled", **words)
    words |= {"rival": basis.city(rival), "other": wins.count(rival)}
    return phrase("unsettled_other", **words)


def _first_of(basis: Basis, ranks: Sequence[int]) -> int:
    """Return which of the cities is first."""
    ranked = [row for row in basis.overall.rows if ranks[row] > 0]
    return min(ranked, key=lambda row: ranks[row])


def _list_of(basis: Basis, variants: Sequence[Variant]) -> list[Phrase]:
    """Return what the variants are."""
    kinds = [variant.kind for variant in variants]
    n = kinds.count("omitted")
    return [phrase(f"variant_{kind}", n=n) for kind in dict.fromkeys(kinds)]


def break_even(basis: Basis) -> BreakEven | None:
    """Return the weight that reverses the first two with the fewest points, if one does."""
    rows = basis.overall.rows
    weights = np.array([basis.weights.get(code, 0.0) for code in basis.dimensions])
    step = basis.result.recipe.step_for("aggregate", basis.root)
    columns = np.array([basis.source.scores(code) for code in basis.dimensions])
    if step is not None and step.method == GEOMETRIC.name:
        with np.errstate(all="ignore"):
            columns = np.log(columns)
    elif not basis.adds_up:
        return None
    if len(weights) < 2 or not np.isfinite(columns[:, rows[:2]]).all():
        return None
    lead = columns[:, rows[0]] - columns[:, rows[1]]
    if float(weights @ lead) <= 0:
        return None
    best: BreakEven | None = None
    for n, code in enumerate(basis.dimensions):
        weight = float(weights[n])
        rest = (
            (float(weights @ lead) - weight * lead[n]) / (1 - weight)
            if weight < 1
            else 0.0
        )
        if rest == lead[n]:
            continue
        other = rest / (rest - lead[n])
        if not _HALF * weight <= other <= min(_DOUBLE * weight, 1.0):
            continue
        if best is None or abs(other - weight) < abs(best.other - best.weight):
            best = BreakEven(code, weight, float(other))
    return best


def _even_text(basis: Basis, even: BreakEven | None) -> Phrase | None:
    if even is None:
        return None
    is_near = abs(even.other - even.weight) <= _NEAR
    step = 0.1 if is_near else 1.0
    # Away from the present weight.
    away = math.floor if even.other < even.weight else math.ceil
    shown = (
        away(100 * even.other / step + (_NOISE if away is math.floor else -_NOISE))
        * step
        / 100
    )
    key = "even_down" if even.other < even.weight else "even_up"
    rows = basis.overall.rows
    return phrase(
        key,
        part=basis.part(even.code),
        w=even.weight,
        x=shown,
        city=basis.city(rows[0]),
        second=basis.city(rows[1]),
    )


def dependent(basis: Basis, variants: Sequence[Variant]) -> list[Phrase]:
    """State which of the first ten cities' ranks depend most on the variant (kind 37)."""
    ends = {}
    for row in basis.overall.rows[:_TOP]:
        ranks = [variant.ranks[row] for variant in variants if variant.ranks[row] > 0]
        ranks.append(basis.overall.rank_of[row])
        ends[row] = (min(ranks), max(ranks))
    row = max(
        ends,
        key=lambda row: ends[row][1] - ends[row][0],
    )
    low, high = ends[row]
    if high - low < _SPAN * basis.overall.n:
        return []
    words: dict[str, object] = {
        "city": basis.city(row),
        "place": basis.overall.place(row),
        "low": RankPlace(low),
        "high": RankPlace(high),
    }
    return [_most_dependent(basis, variants, row, words)]


def _most_dependent(
    basis: Basis, variants: Sequence[Variant], row: int, words: dict[str, object]
) -> Phrase:
    """Return which ranks a city may have, and the indicator that moves it most, if one does."""
    own = basis.overall.place(row)
    omitting = [variant for variant in variants if variant.omitted]
    worst = max(
        omitting, key=lambda variant: abs(variant.ranks[row] - own.number), default=None
    )
    ends = (words["low"], words["high"])
    if worst is None or RankPlace(worst.ranks[row]) not in ends:
        return phrase("dependent", **words)
    now = RankPlace(worst.ranks[row])
    key = "dependent_fall" if now.number > own.number else "dependent_rise"
    return phrase(key, indicator=basis.indicator(worst.omitted), now=now, **words)


def certainty(basis: Basis) -> list[Phrase]:
    """State what simulations say of the first places, where ranks were assessed (kind 35)."""
    ranges = _ranges(basis)
    found = []
    if ranges[:1] == [(1, 1)]:
        words = {
            "city": basis.city(basis.overall.rows[0]),
            "n": basis.source.simulations,
        }
        found.append(phrase("simulated", **words))
    if shares := _shares_of_first(basis):
        words = {"cities": basis.cities(basis.overall.rows[:_FIRST])}
        words |= {"n": basis.source.simulations, "shares": shares}
        found.append(phrase("simulated_shares", **words))
    if (run := uncertain_ranks(basis)) is not None:
        first, last = run
        rows = [
            row
            for row in basis.overall.rows
            if first <= basis.overall.rank_of[row] <= last
        ]
        words = {"cities": basis.cities(rows), "n": basis.source.simulations}
        places = {"first": RankPlace(first), "last": RankPlace(last)}
        found.append(phrase("simulated_apart", **words, **places))
    return found


def _shares_of_first(basis: Basis) -> list[float]:
    """Return in which shares of simulations the first three are so; none where all always are."""
    known = basis.source.first_three_shares
    every = basis.source.units
    units = [every[row].id for row in basis.overall.rows[:_FIRST]]
    if not units or not {*units} <= known.keys():
        return []
    # A share below 1 is not told as 100 %.
    shares = [
        min(known[unit], _MOST_SHARE) if known[unit] < 1 else 1.0 for unit in units
    ]
    return shares if min(shares) < 1 else []


def _ranges(basis: Basis) -> list[tuple[int, int]]:
    """Return the ranks of the first cities in 90 % of simulations; none without all of them."""
    units = basis.source.units
    rows = basis.overall.rows[:_TOP]
    ranges = basis.source.rank_ranges
    first = [ranges[units[row].id] for row in rows if units[row].id in ranges]
    return first if len(first) == len(rows) else []


def uncertain_ranks(basis: Basis) -> tuple[int, int] | None:
    """Return the ends of the longest run of first ranks that every city in it may have."""
    ends = _ranges(basis)
    ranks = basis.overall.ranks
    runs = []
    for first in range(len(ends)):
        for last in range(first + 1, len(ends)):
            own = ends[first : last + 1]
            if all(low <= ranks[first] and ranks[last] <= high for low, high in own):
                runs.append((first, last))
    if not runs:
        return None
    first, last = max(runs, key=lambda run: run[1] - run[0])
    return ranks[first], ranks[last]
