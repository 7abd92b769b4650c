"""What ranks depend on: shares of their variance by choice, nodes left out, single data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from xlcity.assess.batch import rank_batch
from xlcity.assess.choices import Choice, Variation, remove_node
from xlcity.assess.draws import SECOND_SAMPLE_START, Draws, Spread
from xlcity.assess.plan import Plan, Sample, draw_sample
from xlcity.assess.uncertainty import Progress, Span, chunk_of, run_spans, spans_of
from xlcity.errors import FrameworkError, XlcityError
from xlcity.functions.block import Matrix
from xlcity.index.compute import compute
from xlcity.index.steps import child_weights, overall_reading
from xlcity.methods.aggregate.record import Aggregation
from xlcity.methods.registry import find_method
from xlcity.methods.rescale.record import MEAN_OF_SCALED
from xlcity.model.dataset import State
from xlcity.model.framework import Framework

#: Most cities of which each is left out in turn.
MOST_CITIES_LEFT_OUT = 200
#: Resamplings for the intervals of indices.
_BOOTSTRAPS = 200
#: Weights that are not negative move by less than all of themselves.
_GREATEST_SHARE = 1 - 1e-9
#: How often the interval of a margin is halved: to 12 digits.
_HALVINGS = 40


@dataclass(frozen=True, slots=True, eq=False)
class SobolIndices:
    """Shares of the variance of one result.

    Attributes
    ----------
    first, total
        (choices,) share that a choice explains alone, and with all that it interacts with.
    first_interval, total_interval
        (choices, 2) their 5th and 95th percentile by bootstrap.
    """

    first: Matrix
    total: Matrix
    first_interval: Matrix
    total_interval: Matrix


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How ranks move where a node is left out: mean and largest shift, and Kendall's tau-b."""

    node: str
    mean_shift: float
    max_shift: int
    kendall: float


@dataclass(frozen=True, slots=True)
class Reversal:
    """How many pairs of other cities change their order where a city leaves."""

    unit: str
    pairs: int


@dataclass(frozen=True, slots=True)
class Datum:
    """How ranks move where one value is at an end of its error."""

    unit: str
    indicator: str
    low: float
    high: float
    mean_shift: float
    max_shift: int


def sobol_indices(
    first: Matrix, second: Matrix, mixed: Matrix, seed: int = 0
) -> SobolIndices:
    """Return first and total order Sobol indices: how much choices explain of one result.

    Parameters
    ----------
    first, second
        (n,) the result, such as a rank, in the n replicates of two independent samples.
    mixed
        (choices, n) the result in the first sample with one choice taken from the second.
    seed
        Seed of the bootstrap.

    Notes
    -----
    Jansen's estimators: ``1 - E(second - mixed)**2 / 2V`` and ``E(first - mixed)**2 / 2V``.

    References
    ----------
    Saltelli et al. (2010), Variance based sensitivity analysis of model output, Computer Physics
    Communications 181; Jansen (1999), Computer Physics Communications 117.
    """
    n = len(first)
    both = np.stack([first, second])
    first_terms = (second - mixed) ** 2 / 2
    total_terms = (first - mixed) ** 2 / 2
    terms = np.concatenate([first_terms, total_terms])
    resamples, counts = _resample(n, seed)
    if all(map(_are_whole, (first, second, mixed))):
        moments = _moments_of_whole(terms, both, counts)
    else:
        means = [terms[:, resample].mean(axis=1) for resample in resamples]
        variances = both[:, resamples].var(axis=(0, 2))
        moments = _Moments(np.stack(means), variances)
    # What does not vary has no shares.
    variance = np.var(both) or np.nan
    varying = np.where(moments.variances, moments.variances, np.nan)
    shares = moments.means / varying[:, None]
    first_resampled, total_resampled = np.hsplit(shares, 2)
    return SobolIndices(
        1 - first_terms.mean(axis=1) / variance,
        total_terms.mean(axis=1) / variance,
        np.quantile(1 - first_resampled, [0.05, 0.95], axis=0).T,
        np.quantile(total_resampled, [0.05, 0.95], axis=0).T,
    )


class _Moments(NamedTuple):
    """What resamples of replicates have."""

    #: (resamples, terms) means.
    means: Matrix
    #: (resamples,) variances of the results themselves.
    variances: Matrix


def _are_whole(numbers: Matrix) -> bool:
    return bool((numbers == np.rint(numbers)).all())


def _moments_of_whole(terms: Matrix, results: Matrix, counts: Matrix) -> _Moments:
    """Return the moments of resamples of whole numbers, by how often each replicate is in them.

    Sums of whole numbers are exact in any order: those of all resamples are one product.
    """
    n = results.shape[1]
    sums = counts @ np.concatenate([terms, results, results**2]).T
    parts = np.hsplit(sums, [len(terms), len(terms) + 2])
    term_sums, value_sums, square_sums = parts
    total = value_sums.sum(axis=1)
    squares = square_sums.sum(axis=1)
    variances = (squares - total**2 / (2 * n)) / (2 * n)
    return _Moments(term_sums / n, variances)


@lru_cache(maxsize=1)
def _resample(n: int, seed: int) -> tuple[np.ndarray, Matrix]:
    """Return (resamples, n) positions drawn for a bootstrap, and how often each of n is drawn."""
    positions = np.random.default_rng(seed).integers(0, n, (_BOOTSTRAPS, n))
    return positions, np.array(
        [np.bincount(row, minlength=n) for row in positions], np.float64
    )


def sobol_of_ranks(
    plan: Plan,
    n: int,
    *,
    chunk: int = 0,
    jobs: int = 1,
    progress: Progress = lambda done: None,
) -> tuple[SobolIndices, dict[str, SobolIndices]]:
    """Return Sobol indices of the mean shift of ranks, and unit -> those of its rank.

    Units that have no rank in the index itself (rank 0) are left out.

    Parameters
    ----------
    n
        Replicates of each of two samples; n times (choices + 2) replicates are computed.
    chunk, jobs
        Replicates in memory at once (0 = as `chunk_of` says), and processes that compute at the
        same time.
    progress
        Called with the number of replicates that were computed since the last call.
    """
    chunk = chunk or chunk_of(plan, jobs)
    # Two samples, and the first with one choice after the other taken from the second.
    parts = range(len(plan.choices) + 2)
    spans: list[Span] = []
    for part in parts:
        spans += spans_of(part, 0, n, chunk)
    ranks_by_part: dict[int, list[np.ndarray]] = {}
    with closing(run_spans(plan, _mixed_ranks, spans, jobs)) as span_ranks:
        for (part, start, end), ranks in zip(spans, span_ranks, strict=True):
            ranks_by_part.setdefault(part, []).append(ranks)
            progress(end - start)
    joined = [np.concatenate(ranks_by_part[part], axis=1) for part in parts]
    ranks = np.stack(joined)
    of_shift = _sobol_of_parts(mean_shift(plan, ranks), plan.seed)
    of_units = {}
    base = plan.base.rank(plan.node)
    for rows in plan.dataset.populations.values():
        for row in rows[base[rows] > 0].tolist():
            unit_ranks = ranks[:, row].astype(np.float64)
            of_units[plan.dataset.units[row].id] = _sobol_of_parts(
                unit_ranks, plan.seed
            )
    return of_shift, of_units


def _sobol_of_parts(results: Matrix, seed: int) -> SobolIndices:
    """Return Sobol indices of (choices + 2, replicates) results: two samples, then the mixed."""
    return sobol_indices(results[0], results[1], results[2:], seed)


def _mixed_ranks(plan: Plan, draws: Draws, span: Span) -> np.ndarray:
    """Return (units, replicates) ranks of a span: part of the work, first replicate, last + 1.

    Part 0 is the first of two independent samples, 1 the second; part 2 + i is the first sample
    with the choice at position i taken from the second.
    """
    part, start, end = span
    replicates = np.arange(start, end)
    numbers = np.tile(replicates, (len(plan.choices), 1))
    if part == 1:
        numbers += SECOND_SAMPLE_START
    elif part:
        numbers[part - 2] += SECOND_SAMPLE_START
    return rank_batch(plan, draw_sample(plan, draws, numbers))


def mean_shift(plan: Plan, ranks: np.ndarray) -> Matrix:
    """Return (…, replicates) the mean absolute shift of ranks from those of the index as it is.

    Over cities that are ranked in both; 0 without any. `ranks` are (…, units, replicates).
    """
    base = plan.base.rank(plan.node)[:, None]
    is_ranked = (ranks > 0) & (base > 0)
    with np.errstate(all="ignore"):
        shifts = np.where(is_ranked, np.abs(ranks - base), 0).sum(
            axis=-2
        ) / is_ranked.sum(axis=-2)
    return np.asarray(np.nan_to_num(shifts))


def leave_one_out(plan: Plan) -> tuple[LeftOut, ...]:
    """Return how ranks move where one node below the assessed one is left out, for each in turn.

    Nodes come level by level from the top.
    """
    tree = plan.framework
    nodes_below = [
        node
        for node in (*tree.composites, *tree.indicators)
        if _is_below(tree, node.code, plan.node)
    ]
    variations = []
    for node in sorted(nodes_below, key=lambda node: tree.depth(node.code)):
        try:
            remove_node(tree, node.code)
        except FrameworkError:
            continue
        variations.append(Variation(node.code, omit=node.code))
    if not variations:
        return ()
    omission_plan = replace(plan, choices=(Choice("omit", tuple(variations)),))
    ranks = rank_batch(
        omission_plan, Sample(np.arange(len(variations))[:, None], None, None)
    )
    base = plan.base.rank(plan.node)
    left_out = []
    for position, variation in enumerate(variations):
        # A node that stands alone above what is assessed takes it with it.
        if plan.node not in remove_node(tree, variation.omit):
            continue
        left_out.append(
            LeftOut(variation.omit, *_rank_shifts(ranks[:, position], base))
        )
    return tuple(left_out)


def _is_below(tree: Framework, code: str, above: str) -> bool:
    return any(ancestor.code == above for ancestor in tree.path(code)[:-1])


def rank_reversals(plan: Plan) -> tuple[Reversal, ...]:
    """Return the cities that reverse the order of others where they leave, most pairs first.

    Other cities' scores move where bounds, means or outranking rest on the sample. None where
    there are more than `MOST_CITIES_LEFT_OUT` cities, since each is an index of its own.
    """
    dataset = plan.dataset
    base = plan.base.rank(plan.node)
    if len(dataset.units) > MOST_CITIES_LEFT_OUT:
        return ()
    reversals = []
    for group in dataset.populations.values():
        for row in group[base[group] > 0].tolist():
            units = list(dataset.units)
            units[row] = replace(units[row], population="")
            without = replace(dataset, units=tuple(units))
            try:
                ranks = compute(plan.framework, plan.recipe, without).rank(plan.node)
            except XlcityError:
                continue
            rest = group[(base[group] > 0) & (ranks[group] > 0)]
            is_reversed = _pair_order(base[rest]) * _pair_order(ranks[rest]) < 0
            pairs = int(is_reversed.sum()) // 2
            if pairs:
                reversals.append(Reversal(units[row].id, pairs))
    return tuple(sorted(reversals, key=lambda reversal: -reversal.pairs))


def _pair_order(ranks: np.ndarray) -> np.ndarray:
    """Return (n, n) for each pair of cities: -1 where the first is ahead, 1 behind, 0 level."""
    return np.asarray(np.sign(ranks[:, None] - ranks))


def decisive_data(
    plan: Plan,
    most: int = 10,
    chunk: int = 0,
) -> tuple[Datum, ...]:
    """Return the single values of the data whose errors move the ranking most.

    Ends are the 5th and 95th percentile of the error that the plan gives to data; without errors
    there are none.

    Parameters
    ----------
    most
        Values that are returned.
    chunk
        Replicates in memory at once; 0 = as `chunk_of` says.
    """
    variation = plan.data_variation
    if variation is None:
        return ()
    cells = _cells_with_errors(plan, variation)
    data_plan = replace(plan, choices=(Choice("data", (variation,)),))
    shifts = np.empty(len(cells))
    largest = np.empty(len(cells), dtype=np.int64)
    # Each cell has two replicates: one at the low end of its error, one at the high end.
    cells_at_once = max((chunk or chunk_of(plan)) // 2, 1)
    for _, start, end in spans_of(0, 0, len(cells), cells_at_once):
        moved = _shifts_of_ends(data_plan, cells[start:end])
        shifts[start:end] = moved.mean
        largest[start:end] = moved.largest
    decisive = []
    for number in np.argsort(-shifts, kind="stable")[:most].tolist():
        cell = cells[number]
        low, high = cell.ends(plan)
        datum = Datum(
            unit=plan.dataset.units[cell.row].id,
            indicator=plan.framework.indicators[cell.position].code,
            low=low,
            high=high,
            mean_shift=float(shifts[number]),
            max_shift=int(largest[number]),
        )
        decisive.append(datum)
    return tuple(decisive)


class _Cell(NamedTuple):
    """A value of the data that has an error."""

    #: Position of its indicator, and of its city.
    position: int
    row: int
    spread: Spread

    def ends(self, plan: Plan) -> list[float]:
        """Return the value at the low end of its error and at the high one."""
        errors = np.array([-self.spread.reach, self.spread.reach])
        value = plan.base.raw[self.row, self.position]
        _, factors = plan.spreads[self.position]
        ends = self.spread.disturb(value, errors, factors[self.row])
        return list(np.sort(ends).tolist())


def _cells_with_errors(plan: Plan, variation: Variation) -> list[_Cell]:
    """Return the values of scored cities, indicator by indicator, that an option gives errors."""
    is_scored = np.array([unit.is_scored for unit in plan.dataset.units])
    has_value = plan.base.raw_states == State.VALUE
    cells: list[_Cell] = []
    for position, node in enumerate(plan.framework.indicators):
        spread = variation.spread_of(node.code)
        if spread is None:
            continue
        rows = np.flatnonzero(has_value[:, position] & is_scored).tolist()
        cells += [_Cell(position, row, spread) for row in rows]
    return cells


class _EndShifts(NamedTuple):
    """How far ranks move where one value is at an end of its error: the farther of the two."""

    mean: Matrix
    largest: np.ndarray


def _shifts_of_ends(data_plan: Plan, cells: Sequence[_Cell]) -> _EndShifts:
    """Return how far each of some cells moves ranks; in the plan nothing but the data varies."""
    shape = (len(data_plan.framework.indicators), len(data_plan.dataset.units))
    errors = np.zeros((*shape, len(cells), 2))
    for number, (position, row, spread) in enumerate(cells):
        errors[position, row, number] = -spread.reach, spread.reach
    options = np.zeros((2 * len(cells), 1), dtype=np.int64)
    sample = Sample(options, None, errors.reshape(*shape, -1))
    ranks = rank_batch(data_plan, sample)
    base = data_plan.base.rank(data_plan.node)[:, None]
    is_ranked = (ranks > 0) & (base > 0)
    unit_shifts = np.where(is_ranked, np.abs(ranks - base), 0)
    largest = unit_shifts.max(axis=0).reshape(-1, 2)
    mean = mean_shift(data_plan, ranks).reshape(-1, 2)
    return _EndShifts(mean.max(axis=1), largest.max(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class RankComparison:
    """Ranks by one variant of the index beside those of the index as it is.

    Attributes
    ----------
    variant
        As it is typed: "normalise=zscore".
    ranks
        (units,) ranks; 0 without a score.
    """

    variant: str
    ranks: np.ndarray
    mean_shift: float
    max_shift: int
    kendall: float


def compare_variants(
    plan: Plan, variants: tuple[Choice, ...]
) -> tuple[RankComparison, ...]:
    """Return the ranks by each option of some choices, one option at a time, beside the index's.

    `variants` are the choices; all that an option does not change is as in the plan's index.
    """
    comparisons = []
    for choice in variants:
        for variation in choice.variations:
            variant_plan = replace(plan, choices=(Choice(choice.name, (variation,)),))
            # One replicate, which takes the only option of the only choice.
            sample = Sample(np.zeros((1, 1), dtype=np.int64), None, None)
            ranks = rank_batch(variant_plan, sample)[:, 0]
            shifts = _rank_shifts(ranks, plan.base.rank(plan.node))
            comparisons.append(
                RankComparison(f"{choice.name}={variation.label}", ranks, *shifts)
            )
    return tuple(comparisons)


def _rank_shifts(ranks: np.ndarray, base: np.ndarray) -> tuple[float, int, float]:
    """Return mean and largest shift and Kendall's tau-b of (units,) ranks against `base`.

    Over cities that are ranked in both; 0 is not a rank.
    """
    from scipy.stats import kendalltau

    is_ranked = (ranks > 0) & (base > 0)
    ranks, base = ranks[is_ranked], base[is_ranked]
    shifts = np.abs(ranks - base)
    tau = float(kendalltau(ranks, base).statistic) if ranks.size > 1 else np.nan
    return (
        float(shifts.mean()) if shifts.size else np.nan,
        int(shifts.max(initial=0)),
        tau,
    )


@dataclass(frozen=True, slots=True)
class Overtaking:
    """The weight of a node from which on a city is level with the next one above it.

    `share` is that weight as a share of all weights of the group, the others unchanged.
    """

    unit: str
    above: str
    node: str
    weight: float
    share: float


def overtakings(plan: Plan) -> tuple[Overtaking, ...]:
    """Return the weights at which each city is level with the one ranked before it.

    One weight changes at a time: that of a child of the assessed node. Empty where that node is not
    an arithmetic mean with weights of the framework.
    """
    scores, weights = _read_mean(plan)
    if weights is None:
        return ()
    crossings: list[Overtaking] = []
    for population in plan.dataset.populations:
        order = plan.base.order(plan.node, population)
        for leader, follower in pairwise(order):
            lead = scores[plan.dataset.row(leader)] - scores[plan.dataset.row(follower)]
            if np.isnan(lead).any():
                continue
            for child, weight, share in _level_weights(plan, lead, weights):
                crossings.append(
                    Overtaking(follower, leader, child, weight, share=share)
                )
    return tuple(crossings)


def _level_weights(
    plan: Plan, lead: Matrix, weights: Matrix
) -> Iterator[tuple[str, float, float]]:
    """Yield child, weight and share at which two cities are level, all other weights as they are.

    Parameters
    ----------
    lead
        (children,) by how much the first leads the second in each.
    weights
        (children,) their weights.
    """
    for position, child in enumerate(plan.framework.children(plan.node)):
        with np.errstate(all="ignore"):
            weight = weights[position] - (weights @ lead) / lead[position]
        if np.isfinite(weight) and weight >= 0:
            share = weight / (weights.sum() - weights[position] + weight)
            yield child.code, float(weight), float(share)


def top_margins(plan: Plan, sizes: tuple[int, ...]) -> dict[int, float]:
    """Return k -> how far the weights may move before other cities are among the first k.

    Each weight of a child of the assessed node may be larger or smaller by less than this share of
    itself, in any combination; all weights further down stay. Infinite where no weights suffice;
    empty as for `overtakings`, and where a city has its score without one of the children.
    `sizes` are the numbers k.
    """
    scores, weights = _read_mean(plan)
    if weights is None or _lacks_parts(plan, scores):
        return {}
    return _margins(plan, _Mean(weights, tuple(scores.T)), sizes)


def all_margins(plan: Plan, sizes: tuple[int, ...]) -> dict[int, float]:
    """Return the same of all weights below the assessed node, at all levels together.

    Empty where a node below is not such a mean in every city with a score, as where some are scored
    without an indicator that they lack: then nothing is known of the weights further down.
    """
    scores, weights = _read_mean(plan)
    if weights is None or _lacks_parts(plan, scores):
        return {}
    is_scored = plan.base.rank(plan.node) > 0
    mean = _mean_below(plan, scores, weights, is_scored)
    if mean is None:
        return {}
    return _margins(plan, mean, sizes)


def _lacks_parts(plan: Plan, scores: Matrix) -> bool:
    """Tell whether a city with a rank lacks a score that others have it from."""
    is_ranked = plan.base.rank(plan.node) > 0
    return bool(np.isnan(scores[is_ranked]).any())


@dataclass(frozen=True, slots=True, eq=False)
class _Mean:
    """A node as the mean of what is below it.

    Attributes
    ----------
    weights
        (parts,) the weights of its children.
    parts
        For each child its (units,) scores, or how these are a mean in turn.
    """

    weights: Matrix
    parts: tuple[Matrix | _Mean, ...]

    def leads(self, first: np.ndarray, second: np.ndarray, share: float) -> Matrix:
        """Return (pairs, parts) the least leads of cities over others in each part.

        `first` and `second` have the rows of both cities of each pair; all weights below the parts
        may be larger or smaller by this share.
        """
        leads = []
        for part in self.parts:
            if isinstance(part, _Mean):
                leads.append(part.least_lead(first, second, share))
            else:
                leads.append(part[first] - part[second])
        return np.column_stack(leads)

    def least_lead(self, first: np.ndarray, second: np.ndarray, share: float) -> Matrix:
        """Return (pairs,) the least leads in the node itself."""
        leads = self.leads(first, second, share)
        # The mean is least where weights of leads below some limit grow and all others shrink.
        order = np.argsort(leads, axis=1)
        ascending = np.take_along_axis(leads, order, axis=1)
        weights = self.weights[order]
        large = weights * (1 + share)
        small = weights * (1 - share)
        gained = large - small
        sums = np.cumsum(gained * ascending, axis=1)
        totals = np.cumsum(gained, axis=1)
        smallest = (small * ascending).sum(axis=1)
        sums += smallest[:, None]
        totals += small.sum(axis=1)[:, None]
        return np.asarray((sums / totals).min(axis=1))

    def loses(
        self,
        first: np.ndarray,
        second: np.ndarray,
        share: float,
    ) -> np.ndarray:
        """Return (pairs,) whether some such weights take the lead from the first city."""
        leads = self.leads(first, second, share)
        margin = share * (np.abs(leads) @ self.weights)
        least = leads @ self.weights - margin
        # Of two cities that are alike in all parts none ever leads.
        differ = (leads != 0).any(axis=1)
        return np.asarray((least <= 0) & differ)


def _margins(
    plan: Plan,
    mean: _Mean,
    sizes: tuple[int, ...],
) -> dict[int, float]:
    """Return k -> the least share by which the weights of a mean change the first k cities."""
    ranks = plan.base.rank(plan.node)
    margins: dict[int, float] = {}
    for k in sizes:
        margin = np.inf
        for rows in plan.dataset.populations.values():
            in_top = rows[(ranks[rows] > 0) & (ranks[rows] <= k)]
            below_top = rows[ranks[rows] > k]
            first = np.repeat(in_top, len(below_top))
            second = np.tile(below_top, len(in_top))
            with np.errstate(all="ignore"):
                margin = min(margin, _least_share(mean, first, second))
        margins[k] = margin
    return margins


def _least_share(mean: _Mean, first: np.ndarray, second: np.ndarray) -> float:
    """Return the least share at which a city of some pair loses its lead; infinite without one."""
    low = 0.0
    high = _GREATEST_SHARE
    loses = mean.loses(first, second, high)
    if not loses.any():
        return np.inf
    for _ in range(_HALVINGS):
        # A lead only shrinks as weights may move further: the other pairs lose theirs later.
        first, second = first[loses], second[loses]
        middle = (low + high) / 2
        loses = mean.loses(first, second, middle)
        if loses.any():
            high = middle
        else:
            low = middle
            loses = np.ones(len(first), dtype=bool)
    return high


def _mean_below(
    plan: Plan, scores: Matrix, weights: Matrix, is_scored: np.ndarray
) -> _Mean | None:
    """Return a node as means at all levels; None where a node below is no such mean.

    `scores` and `weights` are those of its children; `is_scored` tells of which cities it must be.
    """
    parts: list[Matrix | _Mean] = []
    for column, child in enumerate(plan.framework.children(plan.node)):
        if plan.framework.is_indicator(child.code):
            parts.append(scores[:, column])
            continue
        child_plan = replace(plan, node=child.code)
        own_scores, own_weights = _read_mean(child_plan)
        if own_weights is None:
            return None
        # Gaps, values of a node's own and rescaling show in the scores themselves.
        with np.errstate(all="ignore"):
            expected = own_scores @ own_weights / own_weights.sum()
        if not np.allclose(expected[is_scored], scores[is_scored, column]):
            return None
        part = _mean_below(child_plan, own_scores, own_weights, is_scored)
        if part is None:
            return None
        parts.append(part)
    return _Mean(weights, tuple(parts))


def _read_mean(plan: Plan) -> tuple[Matrix, Matrix | None]:
    """Return (units, children) the scores that the assessed node is the mean of, and the weights.

    Scores before or after rescaling, as the recipe reads them; weights are (children,). Where the
    node is not an arithmetic mean with weights of the framework, scores are empty, weights None.
    """
    base = plan.base
    code = plan.node
    step = plan.recipe.step_for("aggregate", code)
    rescale = plan.recipe.step_for("rescale", code)
    adds_up = step is not None and find_method(Aggregation, step.method).adds_up
    if step is None or not adds_up or step.get("weights") == "leaves":
        return np.empty((0, 0)), None
    reads_scores = step.get("children") == "scores"
    if rescale is not None and code == plan.framework.root.code:
        reads_scores |= overall_reading(rescale) == MEAN_OF_SCALED
    columns = []
    for child in plan.framework.children(code):
        reads_aggregates = not reads_scores and child.code in base.node_codes
        columns.append(
            base.aggregates[:, base.node_codes.index(child.code)]
            if reads_aggregates
            else base.column(child.code)
        )
    return np.column_stack(columns), np.array(child_weights(base.framework, code, step))
