"""Findings on gaps in the data, on the scale, and on what looks wrong (kinds 42 to 44)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from xlcity.errors import XlcityError
from xlcity.grouping import grouped
from xlcity.index.compute import compute
from xlcity.index.steps import overall_reading
from xlcity.methods.aggregate.means import ARITHMETIC, GEOMETRIC
from xlcity.methods.impute_scores import DIMENSION_MEAN
from xlcity.methods.normalise.goalposts import GOALPOSTS
from xlcity.methods.rescale.efficacy import EFFICACY
from xlcity.methods.rescale.record import MEAN_OF_SCALED
from xlcity.model.dataset import State
from xlcity.report.notes import print_differences
from xlcity.report.story.basis import Basis
from xlcity.report.story.writing import Phrase, RankPlace, phrase

#: Cities, and values, that are all named.
_NAMED = 5
_VALUES = 3
#: Places that a city moves, at least, to be named.
_MOVES = 3


def gaps(basis: Basis) -> list[Phrase]:
    """State how many values are missing, and how they are replaced (kind 42)."""
    result = basis.result
    rows = _rows_with_values(basis)
    states = result.raw_states[rows]
    missing = int((states != State.VALUE).sum())
    words: dict[str, object] = {
        "cities": len(rows),
        "indicators": len(result.leaf_codes),
        "values": states.size,
    }
    if not rows:
        return []
    if not missing:
        return _complete(basis, words)
    signs = basis.source.gaps.signs(list(basis.overall.rows), basis.root)
    mark = phrase("mark_missing") if "†" in signs else None
    words |= {"mark": mark, "by_city": _by_city(basis, rows)}
    found = [phrase("gaps", missing=missing, **words)]
    return found + _replaced(basis, missing) + _unranked(basis, rows)


def _complete(basis: Basis, words: Mapping[str, object]) -> list[Phrase]:
    """State that no value is missing; of those derived from printed scores that says nothing."""
    derived = basis.source.derived_values
    if derived == words["values"]:
        return [phrase("all_derived", **words)]
    return [] if derived else [phrase("no_gaps", **words)]


def _rows_with_values(basis: Basis) -> list[int]:
    """Return the cities that have any value: others have left, or have scores of their own."""
    has_value = (basis.result.raw_states == State.VALUE).any(axis=1)
    units = enumerate(basis.source.units)
    return [
        row
        for row, unit in units
        if unit.population == basis.population and has_value[row]
    ]


def _by_city(basis: Basis, rows: Sequence[int]) -> Phrase | None:
    """Return how many values which cities lack, where these are few."""
    states = basis.result.raw_states != State.VALUE
    lacking = {row: int(states[row].sum()) for row in rows if states[row].any()}
    if len(lacking) > _VALUES:
        return None
    if [*lacking.values()] == [1]:
        (row,) = lacking
        return phrase("gap_of_one", city=basis.source.city(row))
    if len(lacking) > 1 and len({*lacking.values()}) == 1:
        cities = [basis.source.city(row) for row in lacking]
        return phrase("gaps_alike", cities=cities, k=max(lacking.values()))
    each = [
        phrase("gaps_of", city=basis.source.city(row), k=k)
        for row, k in lacking.items()
    ]
    return phrase("gaps_by_city", each=each)


def _replaced(basis: Basis, missing: int) -> list[Phrase]:
    """State what stands in for missing values."""
    recipe = basis.result.recipe
    imputing = [
        step for step in recipe.steps_doing("impute_scores") if not step.is_idle
    ]
    estimated = [
        row
        for row in basis.overall.rows
        if "‡" in basis.source.gaps.signs(row, basis.root)
    ]
    if imputing and imputing[0].method == DIMENSION_MEAN.name:
        key = _imputed_key(len(estimated), missing)
        return [phrase(key, cities=basis.cities(estimated))]
    step = recipe.step_for("aggregate", basis.root)
    if step is not None and step.get("missing") == "renormalise":
        return [phrase("renormalised")]
    return []


def _imputed_key(cities: int, missing: int) -> str:
    """Return how it is told that values of some cities are replaced."""
    if cities == missing == 1:
        return "imputed_one"
    return "imputed" if 0 < cities <= _NAMED else "imputed_many"


def _unranked(basis: Basis, rows: Sequence[int]) -> list[Phrase]:
    """State which cities have no overall rank, and why."""
    out = [row for row in rows if row not in basis.overall.rank_of]
    if len(out) > _NAMED or not out:
        return []
    found = []
    for row in out:
        scores = {code: basis.source.scores(code)[row] for code in basis.dimensions}
        lacking = [basis.part(code) for code in scores if np.isnan(scores[code])]
        others = [basis.part(code) for code in scores if np.isfinite(scores[code])]
        if not lacking:
            continue
        key = "unranked"
        if others:
            key = "unranked_other" if len(others) == 1 else "unranked_others"
        words = {"city": basis.source.city(row), "parts": lacking}
        found.append(phrase(key, other=others[:1], k=len(others), **words))
    return found


class Beyond(NamedTuple):
    """A value beyond a goalpost."""

    row: int
    code: str
    post: float


def scale(basis: Basis) -> list[Phrase]:
    """State what scores mean, and which values are beyond the scale (kinds 28 and 43)."""
    recipe = basis.result.recipe
    found = _rescaled(basis)
    steps = [recipe.step_for("normalise", code) for code in basis.result.leaf_codes]
    are_posts = [step is not None and step.method == GOALPOSTS.name for step in steps]
    if all(are_posts):
        found.append(phrase("fixed_posts"))
        found += _beyond_posts(basis)
    return found + targets(basis) + _arithmetic(basis)


def _rescaled(basis: Basis) -> list[Phrase]:
    """State which cities are at the ends of the scale of dimensions."""
    step = basis.result.recipe.step_for("rescale", basis.root)
    if (
        step is None
        or overall_reading(step) != MEAN_OF_SCALED
        or step.method != EFFICACY.name
    ):
        return []
    omega = step.settings().number("omega")
    # Printed ranks of editions are compared without their scores.
    compares = basis.source.earlier and not basis.source.editions.is_beside_print(
        basis.root
    )
    key = "ends_of_scale_change" if compares else "ends_of_scale"
    return [phrase(key, low=round(100 - omega), high=100)]


def _beyond_posts(basis: Basis) -> list[Phrase]:
    beyond = []
    for code in basis.result.leaf_codes:
        node = basis.tree[code]
        for row, value in enumerate(basis.column(code).tolist()):
            low = node.goalpost_low
            high = node.goalpost_high
            if low is not None and value < low:
                beyond.append(Beyond(row, code, low))
            if high is not None and value > high:
                beyond.append(Beyond(row, code, high))
    if not beyond:
        return []
    each = [
        phrase(
            "beyond",
            city=basis.source.city(own.row),
            indicator=basis.least(own.code),
            value=basis.value(own.row, own.code),
            post=basis.amount(own.code, own.post)._replace(
                decimals=int(own.post % 1 != 0)
            ),
        )
        for own in beyond[:_VALUES]
    ]
    key = "beyond_posts" if len(beyond) <= _VALUES else "beyond_posts_many"
    return [phrase(key, n=len(beyond), each=each)]


def targets(basis: Basis) -> list[Phrase]:
    """State how many cities reach a target of the framework (kind 28)."""
    found = []
    for code in basis.result.leaf_codes:
        target = basis.tree[code].target
        if target is None:
            continue
        values = basis.direction(code) * basis.column(code)
        rows = np.flatnonzero(values >= basis.direction(code) * target).tolist()
        words = {
            "indicator": basis.indicator(code),
            "target": basis.amount(code, target),
        }
        key = "target" if len(rows) > 2 or not rows else "target_named"
        each = [
            phrase(
                "valued",
                city=basis.source.city(row),
                value=basis.value(row, code),
            )
            for row in rows[:2]
        ]
        found.append(phrase(key, k=len(rows), each=each, **words))
    return found[:_VALUES]


def _arithmetic(basis: Basis) -> list[Phrase]:
    """State who would move by three places or more with arithmetic means (kind 43)."""
    recipe = basis.result.recipe
    if not any(step.method == GEOMETRIC.name for step in recipe.steps):
        return []
    steps = [
        replace(step, method=ARITHMETIC.name) if step.method == GEOMETRIC.name else step
        for step in recipe.steps
    ]
    try:
        other = compute(
            basis.tree, replace(recipe, steps=tuple(steps)), basis.result.dataset
        )
    except XlcityError:
        return []
    return _moved(basis, other.rank(basis.root).tolist())


def _moved(basis: Basis, ranks: Sequence[int]) -> list[Phrase]:
    """State which cities are three places away or more where they have these ranks."""
    own = basis.overall.rank_of
    moved = [row for row in own if abs(ranks[row] - own[row]) >= _MOVES]
    if not moved:
        return [phrase("arithmetic_none")]
    each = [
        phrase(
            "would_be",
            city=basis.city(row),
            place=basis.overall.place(row),
            now=RankPlace(ranks[row]),
            would=None,
        )
        for row in moved[:_VALUES]
    ]
    key = "arithmetic_many"
    if len(moved) <= _VALUES:
        key = "arithmetic"
        first = {**each[0].values, "would": phrase("would")}
        each[0] = each[0]._replace(values=first)
    return [phrase(key, n=len(moved), each=each)]


def rounding(basis: Basis) -> list[Phrase]:
    """State that differences are not those of rounded scores (kind 43)."""
    return [phrase("before_rounding")] if basis.overall.n > 2 else []


def suspicious(basis: Basis) -> list[Phrase]:
    """State cities that are equal in all indicators, and what differs from print (kind 44)."""
    found = []
    equal = _equal_cities(basis)
    if equal:
        place = basis.overall.place(equal[0])
        words = {"cities": basis.cities(equal), "k": len(basis.result.leaf_codes)}
        found.append(phrase("equal", place=place, **words))
    kinds = Counter(
        kind
        for code in basis.source.nodes
        for _, kind, *_ in print_differences(basis.source, code)
    )
    if kinds and not basis.source.synthetic:
        (key,) = (
            {f"differ_{kind}s" for kind in kinds} if len(kinds) < 2 else ("differ",)
        )
        found.append(phrase(key, a=kinds["score"], b=kinds["rank"]))
    return found


def _equal_cities(basis: Basis) -> list[int]:
    """Return the first cities that have the same value in every indicator."""
    raw = basis.result.raw
    if raw.shape[1] < 2:
        return []
    rows = [row for row in basis.overall.rows if np.isfinite(raw[row]).all()]
    alike = grouped((tuple(raw[row].tolist()), row) for row in rows)
    return next((several for several in alike.values() if len(several) > 1), [])


def question(basis: Basis) -> list[Phrase]:
    """Ask the author about cities that are equal (kind 45)."""
    equal = _equal_cities(basis)
    if not equal:
        return []
    return [phrase("gap_equal", cities=basis.cities(equal))]
