"""Understands the columns of a workbook: from each one's inputs up to the total."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from xlcity.errors import EngineError
from xlcity.methods.aggregate.means import ARITHMETIC, GEOMETRIC, HARMONIC
from xlcity.methods.aggregate.topsis import TOPSIS
from xlcity.methods.normalise.minmax import MINMAX
from xlcity.methods.normalise.none import NONE
from xlcity.methods.normalise.zscore import ZSCORE
from xlcity.methods.rescale.linear import LINEAR
from xlcity.model.dataset import FloatArray
from xlcity.proof.bands import find_bands
from xlcity.proof.cities import CitySeries
from xlcity.proof.columns import TeamColumns
from xlcity.proof.cores import (
    Draw,
    Line,
    MethodFit,
    ScoreShape,
    find_fits,
    fit_line,
    shape_without_step,
    shapes,
)
from xlcity.proof.meanings import (
    Child,
    Given,
    Made,
    Meaning,
    NotTurnedError,
    Rescale,
    Scored,
    TreeNode,
    Values,
    as_score,
    weighted_node,
)
from xlcity.proof.nearness import NearnessDraw, find_nearness
from xlcity.proof.numbers import SAME, linear, plain, size_of
from xlcity.proof.probe import ColumnProbe, Invented

#: Seconds of processor after which no further column is measured.
_MOST_SECONDS = 10.0
#: How often inputs that are not understood together are replaced by theirs.
_MOST_EXPANDED = 6
#: Years over which growth is taken, less than.
_MOST_YEARS = 21
#: Columns that one column is measured against, at most.
_MOST_INPUTS = 120
#: Columns of invented values for several inputs, at least.
_DRAWS = 4
#: And of those of which all results are numbers, at least.
_FEWEST_DRAWS = 2
#: How far a value is moved to see what follows it, as a share of the range.
_NUDGE = 1e-3
#: Methods by which a node may be rescaled.
_RESCALES = {MINMAX.name: ("base", "scale"), ZSCORE.name: ("mean", "sd", "ddof")}


class _PowerMean(NamedTuple):
    """A mean of powers of the parts, of logarithms for the power 0."""

    method: str
    power: float
    params: Mapping[str, float] = {}

    def inward(self, x: FloatArray) -> FloatArray:
        """Return the numbers of which the plain mean is taken."""
        powers: FloatArray = x**self.power if self.power else np.log(x)
        return powers


#: Exponents of power means that are tried.
_POWERS = (2.0, 0.5, 3.0, -0.5, -2.0)
_PLAIN_MEAN = _PowerMean(ARITHMETIC.name, 1.0)
#: Means but for the plain one.
_MEANS = (
    _PowerMean(GEOMETRIC.name, 0.0),
    _PowerMean(HARMONIC.name, -1.0),
    *(_PowerMean("power", power, {"power": power}) for power in _POWERS),
)

Inputs = dict[CitySeries, FloatArray]


class Understanding:
    """The meaning of each column, found when it is asked for."""

    def __init__(self, columns: TeamColumns) -> None:
        self.columns = columns
        self._meanings: dict[CitySeries, Meaning] = {}
        self._open: set[CitySeries] = set()
        self._invented = Invented()
        self._deadline = time.process_time() + _MOST_SECONDS

    def meaning(self, series: CitySeries) -> Meaning:
        """Return what a column is."""
        if series not in self._meanings:
            if series in self._open:
                return Given(series, "unread.circle")
            if time.process_time() > self._deadline:
                return Given(series, "unread.too_long")
            self._open.add(series)
            try:
                self._meanings[series] = self._find(series)
            except EngineError:
                self._meanings[series] = Given(series, "unread.not_computed")
            found = self._meanings[series]
            if isinstance(found, Made):
                self.columns.made[series] = found
            self._open.discard(series)
        return self._meanings[series]

    def inputs(self, series: CitySeries) -> list[CitySeries]:
        """Return the columns that a column reads."""
        pattern = self.columns[series].pattern
        return [] if pattern is None else [*self.columns.inputs(pattern).series]

    def _find(self, series: CitySeries) -> Meaning:
        if self.columns[series].is_typed:
            return Values(series)
        inputs = self.inputs(series)
        reason = self._obstacle(series, inputs)
        if reason:
            return Given(series, reason)
        meanings = [self.meaning(one) for one in inputs]
        bases = frozenset().union(*(meaning.bases for meaning in meanings))
        if len(bases) == 1:
            return self._of_one(series, next(iter(bases)))
        if len(inputs) == 1:
            return self._of_one(series, meanings[0].series)
        return self._combined(series, inputs)

    def _obstacle(self, series: CitySeries, inputs: list[CitySeries]) -> str:
        """Return why a column of formulas cannot be measured, "" where it can."""
        column = self.columns[series]
        if column.pattern is None:
            return "unread.not_understood"
        if column.mixed:
            return "unread.mixed"
        if not inputs:
            return "unread.no_inputs"
        return "unread.circle" if series in inputs else ""

    # -- one column ------------------------------------------------------------------------------
    def _draws(self, series: CitySeries, base: CitySeries) -> list[Draw]:
        """Return invented values of one column with what another one makes of them."""
        probe = ColumnProbe(self.columns, [series], [base])
        stored = self.columns.usual(base)
        columns = self._invented.draws(stored)
        made = self._meanings.get(base)
        if isinstance(made, Given) or (isinstance(made, Made) and made.constant):
            # Values that are computed may fall below 0, such as growth.
            columns.append(self._invented.below_zero(stored))
        return [Draw(x, probe.run_one({base: x})) for x in columns]

    def _gap(self, series: CitySeries, base: CitySeries) -> Draw:
        """Return a draw in which one city has no value."""
        probe = ColumnProbe(self.columns, [series], [base])
        x = self._invented.plain(self.columns.usual(base))
        x[1] = np.nan
        try:
            return Draw(x, probe.run_one({base: x}))
        except EngineError:
            return Draw(x, np.full(len(x), np.nan))

    def _of_one(self, series: CitySeries, base: CitySeries) -> Meaning:
        """Return what a column makes of one other column, or of a node."""
        draws = self._draws(series, base)
        node = self._meanings.get(base)
        line = fit_line(shapes()[0].compute, draws)
        if isinstance(node, TreeNode) and line is not None:
            return self._stretched(series, node, line.slope, line.constant)
        gap = self._gap(series, base)
        whole_gap = gap if np.isfinite(gap.y).any() else None
        fits = find_fits(draws, whole_gap) or self._banded(series, base)
        if not fits:
            return Given(series, shape_without_step(draws))
        if isinstance(node, TreeNode):
            return self._rescaled(series, node, fits[0])
        has_gaps = not np.isfinite(gap.y[1])
        return self._as_indicator(Scored(series, base, fits[0], has_gaps))

    def _as_indicator(self, scored: Scored) -> Meaning:
        """Return an indicator, or what it is if no recipe can say it."""
        fit = scored.fit
        if fit.method == NONE.name and fit.direction > 0 and not fit.treat:
            return self.meaning(scored.base)
        lacks = ~np.isfinite(self.columns.stored(scored.base))
        if lacks.any() and not scored.has_gaps and fit.method != NONE.name:
            return Given(scored.series, "unread.blank_counts")
        return scored

    def _banded(self, series: CitySeries, base: CitySeries) -> list[MethodFit]:
        probe = ColumnProbe(self.columns, [series], [base])
        usual = self.columns.usual(base)
        with suppress(EngineError):
            fit = find_bands(lambda x: probe.run_one({base: x}), usual)
            return [] if fit is None else [fit]
        return []

    def _rescaled(self, series: CitySeries, below: TreeNode, fit: MethodFit) -> Meaning:
        """Return a node whose mean another column puts on another scale."""
        rescale = _as_rescale(fit)
        if rescale is None:
            if not self._is_made(below):
                return Given(series, "unread.rescaled")
            self._meanings[below.series] = Given(below.series, "unread.made")
            return Scored(series, below.series, fit)
        if below.rescale is None or below.rescale.method == LINEAR.name:
            # A line before it changes nothing.
            return replace(below, series=series, rescale=rescale)
        return TreeNode(series, (Child(below, 1.0),), rescale=rescale)

    def _is_made(self, node: TreeNode) -> bool:
        """Tell whether a node is made of typed values alone."""
        if node.method != ARITHMETIC.name:
            return False
        fits = (child.meaning for child in node.children)
        return all(isinstance(m, Scored) and m.fit.method == NONE.name for m in fits)

    def _stretched(
        self, series: CitySeries, node: TreeNode, slope: float, constant: float
    ) -> TreeNode:
        """Return a node times a factor plus a shift."""
        factor = plain(slope)
        shift = plain(constant, slope)
        if node.rescale is not None:
            return replace(
                node, series=series, rescale=node.rescale.then(factor, shift)
            )
        if factor == 1 and shift == 0:
            return node
        rescale = Rescale(LINEAR.name, {"factor": factor, "shift": shift})
        return replace(node, series=series, rescale=rescale)

    # -- several columns -------------------------------------------------------------------------
    def _combined(self, series: CitySeries, inputs: list[CitySeries]) -> Meaning:
        """Return what a column makes of several others, of theirs if need be."""
        current = inputs
        for _ in range(_MOST_EXPANDED):
            if len(current) > _MOST_INPUTS:
                break
            found = _Combination(self, series, current).find()
            if found is not None:
                return found
            expanded = self._expand(current)
            if expanded == current:
                break
            if len(expanded) == 1:
                return self._of_one(series, expanded[0])
            current = expanded
        return Given(series, "unread.unknown")

    def _expand(self, inputs: list[CitySeries]) -> list[CitySeries]:
        """Return columns with those that are computed replaced by what they read."""
        expanded: dict[CitySeries, None] = {}
        for one in inputs:
            deeper = [] if self.is_known(one) else self.inputs(one)
            expanded.update(dict.fromkeys(deeper or [one]))
        return [*expanded]

    def is_known(self, series: CitySeries) -> bool:
        """Tell whether a column is data, or a score of data, that a recipe can say."""
        meaning = self._meanings.get(series)
        if isinstance(meaning, Scored) and meaning.base != series:
            return self.is_known(meaning.base)
        return isinstance(meaning, (Values, Made, Scored))


def _as_rescale(fit: MethodFit) -> Rescale | None:
    """Return what a method does to a node, None if none does that."""
    names = _RESCALES.get(fit.method, ())
    is_same = {*fit.params} == {*names} and fit.direction > 0
    if not names or not is_same or fit.treat:
        return None
    params = {name: float(fit.params[name]) for name in names}  # type: ignore[arg-type]
    return Rescale(fit.method, params)


class _Combination:
    """What a column makes of several others."""

    def __init__(
        self, whole: Understanding, series: CitySeries, inputs: list[CitySeries]
    ) -> None:
        self.whole = whole
        self.series = series
        self.inputs = inputs
        self.invented = Invented(len(inputs))
        self.probe = ColumnProbe(whole.columns, [series], inputs)
        self.stored = {one: whole.columns.usual(one) for one in inputs}
        # Enough invented values to tell the inputs apart.
        count = _DRAWS + 2 * len(inputs) // len(whole.columns.cities.names)
        self.draws: list[Inputs] = []
        self.results: list[FloatArray] = []
        plain_ways = [self.invented.plain] * (count - 1)
        for way in (self.invented.wide, *plain_ways):
            draw = {one: way(like) for one, like in self.stored.items()}
            result = self.probe.run_one(draw)
            if np.isfinite(result).all():
                self.draws.append(draw)
                self.results.append(result)

    @property
    def meanings(self) -> list[Meaning]:
        """The meanings of the inputs."""
        return [self.whole.meaning(one) for one in self.inputs]

    def find(self) -> Meaning | None:
        """Return the first meaning that gives all values."""
        if len(self.draws) < _FEWEST_DRAWS:
            return None
        ways: list[Callable[[], Meaning | None]] = [
            self._weighted_mean,
            self._ratio,
            *(partial(self._mean, mean) for mean in _MEANS),
            self._minimum,
            self._nearness,
            self._sum_of_shapes,
        ]
        for way in ways:
            with np.errstate(all="ignore"):
                found = way()
            if found is not None:
                return found
        return None

    def _matrix(self) -> tuple[FloatArray, FloatArray]:
        """Return all invented values, a column an input, and all results."""
        rows = [np.column_stack([*draw.values()]) for draw in self.draws]
        return np.vstack(rows), np.concatenate(self.results)

    def _node(self, children: list[Child], constant: float, missing: str) -> Meaning:
        has_parts = np.isfinite([*self.stored.values()]).any(axis=0)
        own = self.whole.columns.stored(self.series)
        if np.isfinite(own[~has_parts]).any():
            return Given(self.series, "unread.value_without_parts")
        try:
            return weighted_node(self.series, children, constant, missing)
        except NotTurnedError:
            is_data = all(isinstance(c.meaning, (Values, Made)) for c in children)
            return Given(
                self.series, "unread.made" if is_data else "unread.negative_weight"
            )

    def _first_gap(self) -> CitySeries | None:
        """Return the first input that may have no value, and says so."""
        for one, meaning in zip(self.inputs, self.meanings, strict=True):
            is_said = isinstance(meaning, (Values, Made, Given))
            if isinstance(meaning, TreeNode):
                is_said = meaning.missing != "na"
            if isinstance(meaning, Scored):
                is_said = meaning.has_gaps
            if is_said:
                return one
        return None

    def _missing_rule(
        self, weights: FloatArray, constant: float, mean: _PowerMean = _PLAIN_MEAN
    ) -> str:
        """Return what the column does where an input has no value."""
        one = self._first_gap()
        if one is None:
            return "na"
        draw = self.draws[-1]
        own = self.inputs.index(one)
        first = np.array([draw[each][0] for each in self.inputs])
        terms = weights * mean.inward(first)
        rest = terms.sum() - terms[own]
        result = mean.inward(np.array(self._with_gap(one)))
        ratio = (float(result) - constant) / rest
        whole = weights.sum()
        if abs(ratio - whole / (whole - weights[own])) <= SAME:
            return "renormalise"
        return "zero" if abs(ratio - 1) <= SAME else "na"

    def _with_gap(self, one: CitySeries) -> float:
        """Return what the column gives for the first city without one input."""
        draw: dict[CitySeries, Any] = {**self.draws[-1]}
        values = draw[one].tolist()
        values[0] = None if self.whole.columns[one].is_typed else ""
        draw[one] = values
        return float(self.probe.run_one(draw)[0])

    def _ratio(self) -> Meaning | None:
        """Return values per others: per head, growth over some years or in each of them."""
        is_data = all(isinstance(m, (Values, Made)) for m in self.meanings)
        if len(self.inputs) != 2 or not is_data:
            return None
        x, y = self._matrix()
        orders = ((0, 1), (1, 0))
        for (above, below), years in product(orders, range(1, _MOST_YEARS)):
            ratio = x[:, above] / x[:, below]
            found = linear(ratio[:, None] ** (1 / years), y)
            if found is not None:
                times = float(found[1][0])
                return Made(
                    self.series,
                    numerator=self.inputs[above],
                    denominator=self.inputs[below],
                    times=plain(times),
                    constant=plain(found[0], abs(times)),
                    years=years,
                )
        return None

    def _weighted_mean(self) -> Meaning | None:
        """Return a constant plus parts times weights."""
        found = linear(*self._matrix())
        if found is None or np.count_nonzero(found[1]) < 2:
            return None
        constant, weights = found
        children = [*map(Child, self.meanings, weights.tolist())]
        missing = self._missing_rule(weights, constant)
        counted = [child for child in children if child.weight]
        return self._node(counted, constant, missing)

    def _mean(self, mean: _PowerMean) -> Meaning | None:
        """Return a mean of powers: positive weights whose sum is 1."""
        x, y = self._matrix()
        if min(x.min(), y.min()) <= 0:
            return None
        found = linear(mean.inward(x), mean.inward(y))
        if found is None or found[1].min() <= 0:
            return None
        constant, weights = found
        children = [*map(Child, self.meanings, weights.tolist())]
        missing = self._missing_rule(weights, constant, mean)
        node = weighted_node(self.series, children, constant, missing)
        if node.rescale is not None:
            return None
        return replace(node, method=mean.method, params=mean.params)

    def _nearness(self) -> Meaning | None:
        """Return TOPSIS of columns of values, or of scores."""
        parts = [as_score(meaning) for meaning in self.meanings]
        if not all(map(self.whole.is_known, self.inputs)):
            return None
        signs = self._signs()
        draws = [
            NearnessDraw(np.column_stack([*draw.values()]) * signs, y)
            for draw, y in zip(self.draws, self.results, strict=True)
        ]
        found = find_nearness(draws)
        if found is None:
            return None
        weights = (signs * found.weights).tolist()
        children = [*map(Child, parts, weights)]
        node = weighted_node(self.series, children, 0.0)
        params = {"vector": found.vector}
        return replace(node, method=TOPSIS.name, params=params, rescale=None)

    def _signs(self) -> FloatArray:
        """Return for each input whether the column rises (1) or falls (-1) with it."""
        draw = self.draws[-1]
        before = self.results[-1]
        signs = []
        for one, values in draw.items():
            city = int(np.argsort(values)[len(values) // 2])
            moved = values.copy()
            moved[city] += _NUDGE * np.ptp(values)
            after = self.probe.run_one({**draw, one: moved})
            signs.append(-1.0 if after[city] < before[city] else 1.0)
        return np.array(signs)

    def _minimum(self) -> Meaning | None:
        x, y = self._matrix()
        if not np.array_equal(x.min(axis=1), y):
            return None
        children = [Child(meaning, 1.0) for meaning in self.meanings]
        one = self._first_gap()
        draw = self.draws[-1]
        others = [draw[each][0] for each in self.inputs if each != one]
        is_left_out = one is not None and self._with_gap(one) == min(others)
        missing = "renormalise" if is_left_out else "na"
        node = weighted_node(self.series, children, 0.0, missing)
        return replace(node, method="minimum", rescale=None)

    def _sum_of_shapes(self) -> Meaning | None:
        """Return a node whose parts are normalised inside its own formula."""
        children = []
        rests = [*self.results]
        for one in self.inputs:
            term = self._term(one)
            if term is None:
                return None
            child, shape = term
            children.append(child)
            for number, draw in enumerate(self.draws):
                rests[number] = rests[number] - child.weight * shape.compute(draw[one])
        rest = np.concatenate(rests)
        size = size_of(np.concatenate(self.results))
        if np.ptp(rest) > SAME * size:
            return None
        constant = float(rest.mean())
        constant = 0.0 if abs(constant) <= SAME * size else constant
        return self._node(children, constant, "na")

    def _term(self, one: CitySeries) -> tuple[Child, ScoreShape] | None:
        """Return what one input adds: a part with its weight, and its shape."""
        basis = self.draws[-1]
        columns = self.invented.draws(self.stored[one])
        results = [self.probe.run_one({**basis, one: x}) for x in columns]
        y = np.concatenate([result - self.results[-1] for result in results])
        for shape in shapes():
            before = shape.compute(basis[one])
            moved = [shape.compute(x) - before for x in columns]
            found = linear(np.concatenate(moved)[:, None], y)
            if found is None or found[0] or not found[1][0]:
                continue
            weight = float(found[1][0])
            part = self._part(one, shape, weight)
            if part is not None:
                return Child(part, weight), shape
        return None

    def _part(
        self, one: CitySeries, shape: ScoreShape, weight: float
    ) -> Meaning | None:
        """Return an input in a shape; only the input itself may count negatively."""
        meaning = self.whole.meaning(one)
        if shape == shapes()[0]:
            return meaning
        fit = shape.fit(Line(0.0, 1.0)) if weight > 0 else None
        if fit is None:
            return None
        if isinstance(meaning, (Values, Made, Given)):
            return Scored(one, one, fit)
        rescale = _as_rescale(fit)
        if not isinstance(meaning, TreeNode) or rescale is None:
            return None
        return replace(meaning, rescale=rescale)
