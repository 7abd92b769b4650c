"""Understands the columns of a workbook: from each one's inputs up to the total."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from xlcity.errors import EngineError
from xlcity.methods.aggregate.means import ARITHMETIC, GEOMETRIC, HARMONIC
from xlcity.methods.aggregate.topsis import TOPSIS
from xlcity.methods.normalise.minmax import MINMAX
from xlcity.methods.normalise.none import NONE
from xlcity.methods.normalise.ranks import BORDA
from xlcity.methods.normalise.zscore import ZSCORE
from xlcity.methods.rescale.linear import LINEAR
from xlcity.model.dataset import FloatArray
from xlcity.proof.bands import find_bands
from xlcity.proof.cities import CitySeries
from xlcity.proof.columns import TeamColumns
from xlcity.proof.cores import (
    CORES,
    ONE_SIDED,
    Core,
    Draw,
    Line,
    MethodFit,
    capped,
    find_fits,
    fit_line,
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
from xlcity.proof.numbers import SAME, plain, size_of
from xlcity.proof.probe import ColumnProbe, Invented

#: Seconds of processor after which no further column is measured.
_MOST_SECONDS = 10.0
#: How often inputs that are not understood together are replaced by theirs.
_MOST_EXPANDED = 6
#: Columns that one column is measured against, at most.
_MOST_INPUTS = 120
#: Columns of invented values for several inputs, at least.
_DRAWS = 4
#: Exponents of power means that are tried.
_POWERS = (2.0, 0.5, 3.0, -0.5, -2.0)
#: How far a value is moved to see what follows it, as a share of the range.
_NUDGE = 1e-3
#: Methods by which a node may be rescaled.
_RESCALES = {MINMAX.name: ("base", "scale"), ZSCORE.name: ("mean", "sd", "ddof")}

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
            return self._scored(series, next(iter(bases)))
        if len(inputs) == 1:
            return self._rescaled(series, meanings[0])
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
        return [Draw(x, probe.run_one({base: x})) for x in columns]

    def _gap(self, series: CitySeries, base: CitySeries) -> Draw:
        """Return a draw in which one city has no value."""
        probe = ColumnProbe(self.columns, [series], [base])
        x = self._invented.plain(self.columns.usual(base))
        x[1] = np.nan
        return Draw(x, probe.run_one({base: x}))

    def _scored(self, series: CitySeries, base: CitySeries) -> Meaning:
        """Return the indicator that a column makes of one column of values."""
        draws = self._draws(series, base)
        gap = self._gap(series, base)
        has_gaps = not np.isfinite(gap.y[1])
        whole_gap = gap if np.isfinite(gap.y).any() else None
        fits = find_fits(draws, whole_gap)
        if fits and fits[0].reason == ONE_SIDED:
            fits = self._with_negative_values(series, base, draws) or fits
        if not fits:
            fits = self._banded(series, base)
        if not fits:
            return Given(series, "unread.unknown")
        return self._as_indicator(Scored(series, base, fits[0], has_gaps))

    def _as_indicator(self, scored: Scored) -> Meaning:
        """Return an indicator, or what it is if no recipe can say it."""
        fit = scored.fit
        if fit.reason:
            return Given(scored.series, fit.reason)
        if fit.method == NONE.name:
            return scored if fit.treat else self.meaning(scored.base)
        lacks = ~np.isfinite(self.columns.stored(scored.base))
        if lacks.any() and not scored.has_gaps:
            return Given(scored.series, "unread.blank_counts")
        return scored

    def _with_negative_values(
        self, series: CitySeries, base: CitySeries, draws: list[Draw]
    ) -> list[MethodFit]:
        """Look for a lower limit that values of the workbook cannot reach."""
        if np.nanmin(self.columns.usual(base)) < 0:
            return []
        probe = ColumnProbe(self.columns, [series], [base])
        x = self._invented.below_zero(self.columns.usual(base))
        further = Draw(x, probe.run_one({base: x}))
        fits = find_fits([*draws, further])
        if fits and fits[0].reason == ONE_SIDED:
            line = fit_line(CORES[0], draws)
            return [] if line is None else capped(line)
        return fits

    def _banded(self, series: CitySeries, base: CitySeries) -> list[MethodFit]:
        probe = ColumnProbe(self.columns, [series], [base])
        usual = self.columns.usual(base)
        fit = find_bands(lambda x: probe.run_one({base: x}), usual)
        return [] if fit is None else [fit]

    # -- a node rescaled -------------------------------------------------------------------------
    def _rescaled(self, series: CitySeries, below: Meaning) -> Meaning:
        """Return a node whose mean another column puts on another scale."""
        if not isinstance(below, TreeNode):
            return Given(series, "unread.unknown")
        draws = self._draws(series, below.series)
        line = fit_line(CORES[0], draws)
        if line is not None and line.slope > 0 and not line.is_cut:
            return self._stretched(series, below, line.slope, line.constant)
        fits = [fit for fit in find_fits(draws) if not fit.reason]
        if not fits:
            return Given(series, "unread.unknown")
        rescale = _as_rescale(fits[0])
        if rescale is not None:
            return _with_rescale(series, below, rescale)
        if self._is_made(below):
            self._meanings[below.series] = Given(below.series, "unread.made")
            return Scored(series, below.series, fits[0])
        return Given(series, "unread.rescaled")

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
                return self._scored(series, expanded[0])
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


def _with_rescale(series: CitySeries, below: TreeNode, rescale: Rescale) -> TreeNode:
    """Return a node on another scale; a line before it changes nothing."""
    if below.rescale is None or below.rescale.method == LINEAR.name:
        return replace(below, series=series, rescale=rescale)
    return TreeNode(series, (Child(below, 1.0),), rescale=rescale)


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
        self.draws = [*self._draw_all()]
        self.results = [self.probe.run_one(draw) for draw in self.draws]

    def _draw_all(self) -> Iterator[Inputs]:
        """Yield invented values of all inputs: enough of them to tell the inputs apart."""
        cities = len(self.whole.columns.cities.names)
        count = _DRAWS + 2 * len(self.inputs) // cities
        for number in range(count):
            draw = self.invented.plain if number else self.invented.wide
            yield {one: draw(like) for one, like in self.stored.items()}

    @property
    def meanings(self) -> list[Meaning]:
        """The meanings of the inputs."""
        return [self.whole.meaning(one) for one in self.inputs]

    def find(self) -> Meaning | None:
        """Return the first meaning that gives all values."""
        if not all(np.isfinite(y).all() for y in self.results):
            return self._without_outliers()
        ways: Sequence[Callable[[], Meaning | None]] = (
            self._weighted_mean,
            self._ratio,
            partial(self._power_mean, GEOMETRIC.name, np.log, np.exp),
            partial(self._power_mean, HARMONIC.name, np.reciprocal, np.reciprocal),
            *(partial(self._of_power, power) for power in _POWERS),
            self._minimum,
            self._nearness,
            self._sum_of_shapes,
        )
        for way in ways:
            with np.errstate(all="ignore"):
                found = way()
            if found is not None:
                return found
        return None

    def _without_outliers(self) -> Meaning | None:
        """Try again with plain values alone."""
        finite = [bool(np.isfinite(y).all()) for y in self.results]
        kept = [number for number, is_finite in enumerate(finite) if is_finite]
        if len(kept) < 2 or len(kept) == len(self.draws):
            return None
        self.draws = [self.draws[number] for number in kept]
        self.results = [self.results[number] for number in kept]
        return self.find()

    def _matrix(self) -> tuple[FloatArray, FloatArray]:
        """Return all invented values, a column an input, and all results."""
        rows = [np.column_stack([*draw.values()]) for draw in self.draws]
        return np.vstack(rows), np.concatenate(self.results)

    def _weighted_mean(self) -> Meaning | None:
        x, y = self._matrix()
        found = _linear(x, y)
        if found is None:
            return None
        constant, weights = found
        pairs = zip(self.meanings, weights.tolist(), strict=True)
        children = [Child(meaning, weight) for meaning, weight in pairs if weight]
        if len(children) < 2:
            return None
        return self._node(children, constant)

    def _node(self, children: list[Child], constant: float) -> Meaning | None:
        try:
            missing = self._missing_rule(children, constant)
            return weighted_node(self.series, children, constant, missing)
        except NotTurnedError:
            is_data = all(isinstance(c.meaning, (Values, Made)) for c in children)
            return Given(
                self.series, "unread.made" if is_data else "unread.negative_weight"
            )

    def _missing_rule(self, children: list[Child], constant: float) -> str:
        """Return what the column does where a part has no value."""
        gaps = [child for child in children if _may_be_missing(child.meaning)]
        if not gaps or gaps[0].meaning.series not in self.inputs:
            return "na"
        return self._rule_for(gaps[0], children, constant)

    def _rule_for(self, missing: Child, children: list[Child], constant: float) -> str:
        """Return what the column does without one part."""
        others = [child for child in children if child is not missing]
        result = self._with_gap(missing)
        if not np.isfinite(result) or not others:
            return "na"
        total = sum(child.weight * self._first_value(child) for child in others)
        weight = sum(child.weight for child in others)
        whole = weight + missing.weight
        if abs(result - constant - total * whole / weight) <= SAME * abs(result):
            return "renormalise"
        if abs(result - constant - total) <= SAME * abs(result):
            return "zero"
        return "na"

    def _first_value(self, child: Child) -> float:
        """Return what the first city has in a part, in the last draw."""
        return float(self.draws[-1][child.meaning.series][0])

    def _with_gap(self, missing: Child) -> float:
        """Return what the column gives where one part has no value."""
        draw: dict[CitySeries, list[Any]] = {
            series: values.tolist() for series, values in self.draws[-1].items()
        }
        is_typed = isinstance(missing.meaning, Values)
        draw[missing.meaning.series][0] = None if is_typed else ""
        return float(self.probe.run_one(draw)[0])

    def _ratio(self) -> Meaning | None:
        """Return values per others: per head, growth."""
        is_data = all(isinstance(m, (Values, Made)) for m in self.meanings)
        if len(self.inputs) != 2 or not is_data:
            return None
        x, y = self._matrix()
        for numerator, denominator in ((0, 1), (1, 0)):
            ratio = x[:, numerator] / x[:, denominator]
            found = _linear(ratio[:, None], y)
            if found is not None:
                constant, (times,) = found
                return Made(
                    self.series,
                    numerator=self.inputs[numerator],
                    denominator=self.inputs[denominator],
                    times=plain(float(times)),
                    constant=plain(constant, float(abs(times))),
                )
        return None

    def _power_mean(
        self,
        method: str,
        inward: Callable[[FloatArray], FloatArray],
        outward: Callable[[FloatArray], FloatArray],
        params: Mapping[str, float] | None = None,
    ) -> Meaning | None:
        """Return a mean of transformed parts: positive weights whose sum is 1."""
        x, y = self._matrix()
        if (x <= 0).any() or (y <= 0).any():
            return None
        found = _linear(inward(x), inward(y))
        if found is None:
            return None
        constant, weights = found
        is_mean = (weights > 0).all() and abs(weights.sum() - 1) < SAME
        if not is_mean or abs(constant) > SAME:
            return None
        pairs = zip(self.meanings, weights, strict=True)
        children = [Child(meaning, float(weight)) for meaning, weight in pairs]
        plain_node = weighted_node(self.series, children, 0.0)
        if plain_node.rescale is not None:
            return None
        return replace(plain_node, method=method, params=params or {})

    def _of_power(self, power: float) -> Meaning | None:
        inward = partial(_raised, power)
        outward = partial(_raised, 1 / power)
        return self._power_mean("power", inward, outward, {"power": power})

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
        return replace(weighted_node(self.series, children, 0.0), method="minimum")

    def _sum_of_shapes(self) -> Meaning | None:
        """Return a node whose parts are normalised inside its own formula."""
        basis = self.draws[-1]
        start = self.results[-1]
        children = []
        fits = []
        moved = 0.0
        for one in self.inputs:
            draws = []
            for x in self.invented.draws(self.stored[one]):
                y = self.probe.run_one({**basis, one: x})
                draws.append(Draw(x, y - start))
            found = self._shape(one, basis[one], draws)
            if found is None:
                return None
            children.append(found[0])
            fits.append(found[1])
            if _turns_by_one(found[0]):
                # 1 - x stands for -x.
                moved += found[0].weight
        constant = self._constant(fits)
        return None if constant is None else self._node(children, constant - moved)

    def _shape(
        self, one: CitySeries, at: FloatArray, draws: list[Draw]
    ) -> tuple[Child, Callable[[FloatArray], FloatArray]] | None:
        """Return a part with its weight, and the function that it adds."""
        for core in CORES:
            with np.errstate(all="ignore"):
                before = core.compute(at)
                moved = [core.compute(draw.x) - before for draw in draws]
            shift = np.concatenate(moved)
            y = np.concatenate([draw.y for draw in draws])
            slope = _slope_of(shift, y)
            child = self._shaped_child(one, core, slope) if slope else None
            if child is not None:
                return child, partial(_scaled, core, slope)
        return None

    def _shaped_child(self, one: CitySeries, core: Core, slope: float) -> Child | None:
        """Return a part in the shape of a core, with its weight."""
        meaning = self.whole.meaning(one)
        if core is CORES[0]:
            return Child(meaning, slope)
        fit: MethodFit = core.express(Line(0.0, 1.0 if slope > 0 else -1.0))
        if slope < 0 and "base" in fit.params:
            fit = core.express(Line(1.0, -1.0))
        if fit.reason:
            return None
        if isinstance(meaning, (Values, Made, Given)):
            return Child(Scored(one, one, fit), abs(slope))
        rescale = _as_rescale(fit)
        if not isinstance(meaning, TreeNode) or rescale is None:
            return None
        return Child(replace(meaning, rescale=rescale), abs(slope))

    def _constant(
        self, terms: list[Callable[[FloatArray], FloatArray]]
    ) -> float | None:
        """Return what is left without all parts, if it is the same for all values."""
        left = []
        for draw, y in zip(self.draws, self.results, strict=True):
            rest = y
            for term, x in zip(terms, draw.values(), strict=True):
                rest = rest - term(x)
            left.append(rest)
        rest = np.concatenate(left)
        size = size_of(np.concatenate(self.results))
        if np.ptp(rest) > SAME * size:
            return None
        constant = float(rest.mean())
        return 0.0 if abs(constant) <= SAME * size else constant


def _may_be_missing(meaning: Meaning) -> bool:
    """Tell whether a part may have no value, and says so."""
    if isinstance(meaning, Scored):
        return meaning.has_gaps
    if isinstance(meaning, TreeNode):
        return meaning.missing != "na"
    return isinstance(meaning, Values)


def _slope_of(shape: FloatArray, y: FloatArray) -> float:
    """Return by what a shape gives all values, 0 if nothing does."""
    total = float(shape @ shape)
    if not np.isfinite(total) or not np.isfinite(y).all() or total == 0:
        return 0.0
    slope = float(shape @ y) / total
    fits = np.abs(slope * shape - y).max() <= SAME * size_of(y)
    return slope if fits else 0.0


def _scaled(core: Core, slope: float, x: FloatArray) -> FloatArray:
    return slope * core.compute(x)


def _turns_by_one(child: Child) -> bool:
    """Tell whether a part is 1 - x where its node has -x."""
    meaning = child.meaning
    if not isinstance(meaning, Scored) or meaning.fit.direction > 0:
        return False
    return (
        child.weight > 0
        and "base" in meaning.fit.params
        and meaning.fit.method != BORDA.name
    )


def _raised(power: float, x: FloatArray) -> FloatArray:
    raised: FloatArray = x**power
    return raised


def _linear(x: FloatArray, y: FloatArray) -> tuple[float, FloatArray] | None:
    """Return constant and weights with which columns give all values; None if none do."""
    ones = np.ones((len(x), 1))
    size = np.abs(x).max(axis=0)
    size[size == 0] = 1.0
    columns = np.hstack([ones, x / size])
    solution = np.linalg.lstsq(columns, y)[0]
    scale = size_of(y)
    fitted = columns @ solution
    if not np.abs(fitted - y).max() <= SAME * scale:
        return None
    weights = solution[1:] / size
    # Weights that move nothing are none.
    weights[np.abs(weights) * size <= SAME * scale] = 0.0
    constant = float(solution[0])
    return (0.0 if abs(constant) <= SAME * scale else constant), weights
