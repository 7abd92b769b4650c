"""How a page computes an index again where its reader moves the first-level weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from xlcity.functions.aggregate import row_means
from xlcity.index.compute import compute
from xlcity.index.result import IndexResult
from xlcity.index.steps import child_weights, overall_reading, with_weights
from xlcity.methods.aggregate.record import Aggregation
from xlcity.methods.registry import find_method
from xlcity.methods.rescale.record import MEAN_OF_SCALED
from xlcity.methods.weight.given import GIVEN
from xlcity.model.dataset import UNFILLED, FloatArray, State, StateArray
from xlcity.model.recipe import Step
from xlcity.report.source import ReportSource

#: Weights that a page has sliders for, at most.
_MOST = 12
#: How totals are put on their scale, in the order in which it is tried: as they are, by a line,
#: between the ends of the scores, by their mean and standard deviation.
_SCALES = ("same", "line", "ends", "moments")
#: Differences of sums of floats.
_NOISE = 1e-9


@dataclass(frozen=True, eq=False)
class Reweighing:
    """A weighted mean of first-level scores, and how it is put on its scale.

    Attributes
    ----------
    codes, shares
        The nodes below the root and their weights, which sum to 1.
    rows
        The cities, in the order of the data.
    values, states
        (cities, nodes) what is averaged, and what each cell holds.
    power, missing
        The power of the mean, and what a missing score does: see `row_means`.
    scale, numbers
        How means become scores: one of "same", "line", "ends", "moments", and two numbers.
    """

    codes: tuple[str, ...]
    shares: FloatArray
    rows: NDArray[np.int64]
    values: FloatArray
    states: StateArray
    power: float
    missing: str
    scale: str = "same"
    numbers: tuple[float, float] = (0.0, 1.0)

    def means(self, shares: FloatArray) -> FloatArray:
        """Return the mean of each city by some weights, NaN without one."""
        mean = partial(row_means, exponent=self.power, missing=self.missing)
        block = mean(self.values, self.states, shares)
        means = block.values.ravel()
        return np.where(block.errors.ravel(), np.nan, means)

    def scores(self, shares: FloatArray) -> FloatArray:
        """Return the score of each city by some weights, NaN without one."""
        means = self.means(shares)
        first, second = self.numbers
        if self.scale == "ends":
            above = means - np.nanmin(means)
            return np.asarray(first + above / np.nanmax(above) * (second - first))
        if self.scale == "moments":
            means = (means - np.nanmean(means)) / np.nanstd(means)
        return first + means * second

    def on_scale(self, scale: str, scores: FloatArray) -> Reweighing:
        """Return the same means on a scale of a kind on which they are these scores."""
        means = self.means(self.shares)
        numbers = (0.0, 1.0)
        if scale == "line":
            slope = np.nanstd(scores) / np.nanstd(means)
            numbers = (float(np.nanmean(scores - slope * means)), float(slope))
        elif scale == "ends":
            numbers = (float(np.nanmin(scores)), float(np.nanmax(scores)))
        elif scale == "moments":
            numbers = (float(np.nanmean(scores)), float(np.nanstd(scores)))
        return replace(self, scale=scale, numbers=numbers)


def reweighted(result: IndexResult, shares: FloatArray) -> IndexResult:
    """Return an index computed again with other weights of the nodes below the root."""
    tree = with_weights(result.framework, {result.framework.root.code: shares.tolist()})
    # Weights that a step has found are in the framework of the result.
    steps = tuple(
        Step(step.do, GIVEN.name, {}, step.codes) if step.do == "weight" else step
        for step in result.recipe.steps
    )
    return compute(tree, replace(result.recipe, steps=steps), result.dataset)


def reweighing(source: ReportSource) -> Reweighing | str:
    """Return how totals follow from first-level weights, or why they do not, in a word.

    "few", "many": weights; "mean": the total is no weighted mean; "other": what comes behind it is
    none of the known scales. What is returned gives the scores of the index, and those that it has
    with other weights.
    """
    tree = source.result.framework
    codes = tuple(node.code for node in tree.children(source.root))
    if len(codes) < 2:
        return "few"
    if len(codes) > _MOST:
        return "many"
    own = _mean_of(source, codes)
    if own is None:
        return "mean"
    trial = own.shares * np.linspace(1.0, 2.0, len(codes))
    trial /= trial.sum()
    given = source.scores(source.root)[own.rows]
    then = reweighted(source.result, trial).column(source.root)[own.rows]
    with np.errstate(all="ignore"):
        for scale in _SCALES:
            scaled = own.on_scale(scale, given)
            is_now = _are_equal(scaled.scores(own.shares), given)
            if is_now and _are_equal(scaled.scores(trial), then):
                return scaled
    return "other"


def _are_equal(found: FloatArray, wanted: FloatArray) -> bool:
    size = np.nanmax(np.abs(wanted), initial=1.0)
    return np.allclose(found, wanted, rtol=0.0, atol=_NOISE * size, equal_nan=True)


def _mean_of(source: ReportSource, codes: tuple[str, ...]) -> Reweighing | None:
    """Return the mean that the total is, still without a scale; None where it is none."""
    result = source.result
    step = result.recipe.required_step("aggregate", source.root)
    settings = step.settings()
    exponent = find_method(Aggregation, step.method).exponent
    if exponent is None or step.get("weights") == "leaves":
        return None
    rescale = result.recipe.step_for("rescale", source.root)
    reading = overall_reading(rescale)
    is_scored = step.get("children") == "scores" or reading == MEAN_OF_SCALED
    read = result.column if is_scored else result.aggregate
    values = np.column_stack([*map(read, codes)])
    states = np.column_stack([*map(result.states, codes)])
    shares = np.array(child_weights(result.framework, source.root, step))
    in_group = np.array([u.population == source.population for u in source.units])
    is_filled = ~np.isin(states, UNFILLED).any(axis=1)
    is_enough = (states == State.VALUE).mean(axis=1) >= step.number("threshold", 0.0)
    rows = np.flatnonzero(in_group & is_filled & is_enough).astype(np.int64)
    return Reweighing(
        codes,
        shares / shares.sum(),
        rows,
        values=values[rows],
        states=states[rows],
        power=exponent(settings),
        missing=settings.text("missing"),
    )
