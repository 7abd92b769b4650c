"""What ranks depend on: shares of their variance by choice, nodes left out, single data."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from xlcity.assess.batch import rank_batch
from xlcity.assess.choices import Choice, Variation, remove_node
from xlcity.assess.draws import SECOND_SAMPLE_START, Draws, Spread
from xlcity.assess.plan import Plan, Sample, draw_sample, error_factors
from xlcity.assess.uncertainty import CHUNK, Progress, Span, run_spans, spans_of
from xlcity.errors import FrameworkError
from xlcity.functions.block import Matrix
from xlcity.index.steps import child_weights, overall_reading
from xlcity.methods.aggregate import MEAN_OF_SCALED
from xlcity.model.dataset import State

#: Resamplings for the intervals of indices.
_BOOTSTRAPS = 200


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
class Datum:
    """How ranks move where one value is at an end of its error."""

    unit: str
    indicator: str
    low: float
    high: float
    mean_shift: float
    max_shift: int


def sobol_indices(first: Matrix, second: Matrix, mixed: Matrix, seed: int = 0) -> SobolIndices:
    """Return first and total order indices of one result.

    Parameters
    ----------
    first, second
        (n,) results of two independent samples.
    mixed
        (choices, n) results of the first sample with one choice taken from the second.
    seed
        For the bootstrap.

    Notes
    -----
    Jansen's estimators: ``1 - E(second - mixed)**2 / 2V`` and ``E(first - mixed)**2 / 2V``.

    References
    ----------
    Saltelli et al. (2010), Variance based sensitivity analysis of model output, Computer Physics
    Communications 181; Jansen (1999), Computer Physics Communications 117.
    """
    n = len(first)
    first_terms, total_terms = (second - mixed) ** 2 / 2, (first - mixed) ** 2 / 2
    rows = np.random.default_rng(seed).integers(0, n, (_BOOTSTRAPS, n))

    def shares(sample: np.ndarray | slice) -> tuple[Matrix, Matrix]:
        """Return (choices,) first and total shares over some rows of the samples."""
        # What does not vary has no shares.
        variance = np.var(np.concatenate([first[sample], second[sample]])) or np.nan
        first_shares = 1 - first_terms[:, sample].mean(axis=1) / variance
        return np.asarray(first_shares), np.asarray(total_terms[:, sample].mean(axis=1) / variance)

    first_shares, total = shares(slice(None))
    bootstraps = [shares(row) for row in rows]
    first_interval, total_interval = (
        np.quantile([resampled[order] for resampled in bootstraps], [0.05, 0.95], axis=0)
        for order in (0, 1)
    )
    return SobolIndices(first_shares, total, first_interval.T, total_interval.T)


def sobol_of_ranks(
    plan: Plan,
    n: int,
    *,
    chunk: int = CHUNK,
    jobs: int = 1,
    progress: Progress = lambda done: None,
) -> tuple[SobolIndices, dict[str, SobolIndices]]:
    """Return the indices of the mean shift of ranks, and of the rank of each city.

    Parameters
    ----------
    n
        Replicates of each of the two samples; computed are n times the choices + 2.
    chunk, jobs
        Replicates in memory at once, and processes that compute at the same time.
    progress
        Called with the number of replicates that were computed since.
    """
    count = len(plan.choices)
    spans = [span for part in range(count + 2) for span in spans_of(part, 0, n, chunk)]
    ranks_by_part: dict[int, list[np.ndarray]] = {}
    with closing(run_spans(plan, _mixed_ranks, spans, jobs)) as span_ranks:
        for (part, start, end), ranks in zip(spans, span_ranks, strict=True):
            ranks_by_part.setdefault(part, []).append(ranks)
            progress(end - start)
    ranks = np.stack([np.concatenate(ranks_by_part[part], axis=1) for part in range(count + 2)])
    shifts = mean_shift(plan, ranks)
    units = plan.dataset.units
    of_units = {
        units[row].id: sobol_indices(*_split_samples(ranks[:, row].astype(np.float64)), plan.seed)
        for rows in plan.dataset.populations.values()
        for row in rows.tolist()
        if plan.base.rank(plan.node)[row]
    }
    return sobol_indices(*_split_samples(shifts), plan.seed), of_units


def _split_samples(results: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """Return results of the first sample, of the second, and with each choice exchanged.

    `results` are (2 + choices, replicates), part by part as `_mixed_ranks` counts them.
    """
    return results[0], results[1], results[2:]


def _mixed_ranks(plan: Plan, draws: Draws, span: Span) -> np.ndarray:
    """Return (units, replicates) ranks of one span, whose part says of which sample.

    0 is the first sample, 1 the second, others the first with choice part - 2 from the second.
    """
    part, start, end = span
    numbers = np.tile(np.arange(start, end), (len(plan.choices), 1))
    if part == 1:
        numbers += SECOND_SAMPLE_START
    elif part:
        numbers[part - 2] += SECOND_SAMPLE_START
    return rank_batch(plan, draw_sample(plan, draws, numbers))


def mean_shift(plan: Plan, ranks: np.ndarray) -> Matrix:
    """Return the mean absolute shift of ranks over cities that are ranked in both, 0 without any.

    Parameters
    ----------
    ranks
        (…, units, replicates) ranks, compared with those of the index as it is.
    """
    base = plan.base.rank(plan.node)[:, None]
    is_ranked = (ranks > 0) & (base > 0)
    with np.errstate(all="ignore"):
        shifts = np.where(is_ranked, np.abs(ranks - base), 0).sum(axis=-2) / is_ranked.sum(axis=-2)
    return np.asarray(np.nan_to_num(shifts))


def leave_one_out(plan: Plan) -> tuple[LeftOut, ...]:
    """Return how ranks move where each node below the assessed one is left out, level by level."""
    tree = plan.framework
    nodes_below = [
        node
        for node in (*tree.composites, *tree.indicators)
        if plan.node in {ancestor.code for ancestor in tree.path(node.code)[:-1]}
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
    ranks = rank_batch(omission_plan, Sample(np.arange(len(variations))[:, None], None, None))
    base = plan.base.rank(plan.node)
    left_out = []
    for position, variation in enumerate(variations):
        # A node that stands alone above what is assessed takes it with it.
        if plan.node not in remove_node(tree, variation.omit):
            continue
        left_out.append(LeftOut(variation.omit, *_rank_shifts(ranks[:, position], base)))
    return tuple(left_out)


def decisive_data(plan: Plan, most: int = 10, chunk: int = CHUNK) -> tuple[Datum, ...]:
    """Return the values that move the ranking most from one end of their error to the other.

    Ends are the 5th and 95th percentile of the error that the plan gives to data; without errors
    there are none.

    Parameters
    ----------
    most
        Values that are returned.
    chunk
        Replicates in memory at once.
    """
    variation = next((v for c in plan.choices for v in c.variations if v.errors), None)
    if variation is None:
        return ()
    data = replace(plan, choices=(Choice("data", (variation,)),))
    cells = _cells_with_errors(data, dict(variation.errors))
    shape = (len(plan.framework.indicators), len(plan.dataset.units))
    base = plan.base.rank(plan.node)[:, None]
    # Each cell has two replicates: one at the low end of its error, then one at the high end.
    shifts, largest = np.empty(2 * len(cells)), np.empty(2 * len(cells), dtype=np.int64)
    for _, start, end in spans_of(0, 0, 2 * len(cells), chunk):
        errors = np.zeros((*shape, end - start))
        for column, number in enumerate(range(start, end)):
            position, row, reach = cells[number // 2]
            errors[position, row, column] = reach if number % 2 else -reach
        options = np.zeros((end - start, 1), dtype=np.int64)
        ranks = rank_batch(data, Sample(options, None, errors))
        shifts[start:end] = mean_shift(plan, ranks)
        shift_of_units = np.where((ranks > 0) & (base > 0), np.abs(ranks - base), 0)
        largest[start:end] = shift_of_units.max(axis=0)
    order = np.argsort(-np.maximum(shifts[::2], shifts[1::2]), kind="stable")[:most]
    return tuple(
        _describe_datum(data, cells[position], dict(variation.errors), position, shifts, largest)
        for position in order
    )


def _cells_with_errors(plan: Plan, errors: dict[str, Spread]) -> list[tuple[int, int, float]]:
    """Return positions of indicator and unit, and the reach of its error, of every scored value.

    Parameters
    ----------
    errors
        Code -> error; "" is that of all others.
    """
    cells = []
    scored = [unit.is_scored for unit in plan.dataset.units]
    for position, node in enumerate(plan.framework.indicators):
        if (spread := plan.spread_of(node.code, errors)) is not None:
            rows = np.flatnonzero((plan.base.raw_states[:, position] == State.VALUE) & scored)
            cells += [(position, int(row), spread.reach) for row in rows]
    return cells


def _describe_datum(
    plan: Plan,
    cell: tuple[int, int, float],
    errors: dict[str, Spread],
    number: int,
    shifts: Matrix,
    largest: np.ndarray,
) -> Datum:
    """Return how ranks move at the two ends of the error of one value.

    Parameters
    ----------
    cell, errors
        One of `_cells_with_errors`, and its errors.
    number
        Position of the cell among all; its two replicates are 2 * number and the next.
    shifts, largest
        (replicates,) mean and largest shifts of ranks.
    """
    position, row, reach = cell
    code = plan.framework.indicators[position].code
    spread = plan.spread_of(code, errors)
    assert spread is not None
    value = plan.base.raw[[row]][:, [position]]
    ends = np.array([[-reach, reach]])
    disturbed = spread.disturb(value, ends, error_factors(plan, code, spread)[[row]])[0]
    replicates = slice(2 * number, 2 * number + 2)
    return Datum(
        plan.dataset.units[row].id,
        code,
        float(disturbed.min()),
        float(disturbed.max()),
        float(shifts[replicates].max()),
        int(largest[replicates].max()),
    )


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


def compare_variants(plan: Plan, variants: tuple[Choice, ...]) -> tuple[RankComparison, ...]:
    """Return the ranks by each option of some choices, one at a time, all else as it is."""
    comparisons = []
    for choice in variants:
        for variation in choice.variations:
            variant_plan = replace(plan, choices=(Choice(choice.name, (variation,)),))
            ranks = rank_batch(variant_plan, Sample(np.zeros((1, 1), dtype=np.int64), None, None))[
                :, 0
            ]
            shifts = _rank_shifts(ranks, plan.base.rank(plan.node))
            comparisons.append(RankComparison(f"{choice.name}={variation.label}", ranks, *shifts))
    return tuple(comparisons)


def _rank_shifts(ranks: np.ndarray, base: np.ndarray) -> tuple[float, int, float]:
    """Return mean and largest shift and Kendall's tau-b over cities that are ranked in both."""
    from scipy.stats import kendalltau

    is_ranked = (ranks > 0) & (base > 0)
    shifts = np.abs(ranks - base)[is_ranked]
    tau = (
        float(kendalltau(ranks[is_ranked], base[is_ranked]).statistic)
        if is_ranked.sum() > 1
        else np.nan
    )
    return float(shifts.mean()) if shifts.size else np.nan, int(shifts.max(initial=0)), tau


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
    """Return the weights at which each city draws level with the one before it, node by node.

    Empty where the assessed node is not an arithmetic mean with weights of the framework.
    """
    scores, weights = _linear_parts(plan)
    if weights is None:
        return ()
    children = plan.framework.children(plan.node)
    units, crossings = plan.dataset.units, []
    for population in plan.dataset.populations:
        rows = [plan.dataset.row(unit) for unit in plan.base.order(plan.node, population)]
        for leader, follower in pairwise(rows):
            lead = scores[leader] - scores[follower]
            if np.isnan(lead).any():
                continue
            for position, child in enumerate(children):
                # The lead is 0 at this weight, all others as they are.
                with np.errstate(all="ignore"):
                    weight = weights[position] - (weights @ lead) / lead[position]
                if not np.isfinite(weight) or weight < 0:
                    continue
                share = weight / (weights.sum() - weights[position] + weight)
                ends = units[follower].id, units[leader].id
                crossings.append(Overtaking(*ends, child.code, float(weight), float(share)))
    return tuple(crossings)


def top_margins(plan: Plan, sizes: tuple[int, ...]) -> dict[int, float]:
    """Return how far all weights of the group may move before the first k cities change.

    Each weight may be larger or smaller by this share of itself, in any combination: below it no
    city enters the first k. Infinite where no weights do; empty as for `overtakings`.
    """
    scores, weights = _linear_parts(plan)
    margins: dict[int, float] = {}
    if weights is None:
        return margins
    ranks = plan.base.rank(plan.node)
    for k in sizes:
        margin = np.inf
        for rows in plan.dataset.populations.values():
            in_top = rows[(ranks[rows] > 0) & (ranks[rows] <= k)]
            below_top = rows[ranks[rows] > k]
            lead = scores[in_top][:, None, :] - scores[below_top][None, :, :]
            # A lead is lost first where all weights for it shrink and all against it grow.
            with np.errstate(all="ignore"):
                shares = (lead @ weights) / (np.abs(lead) @ weights)
            margin = min(margin, float(np.nanmin(shares, initial=np.inf)))
        margins[k] = margin if margin < 1 else np.inf
    return margins


def _linear_parts(plan: Plan) -> tuple[Matrix, Matrix | None]:
    """Return (units, children) of what is averaged to the assessed node, and (children,) weights.

    Before or after rescaling, as the recipe reads them. The weights are None, and the scores empty,
    where the node is not an arithmetic mean with weights of the framework.
    """
    base, code = plan.base, plan.node
    step, rescale = plan.recipe.step_for("aggregate", code), plan.recipe.step_for("rescale", code)
    if step is None or step.method != "arithmetic" or step.get("weights") == "leaves":
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
