"""What ranks depend on: shares of their variance by choice, nodes left out, single data."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xlcity.assess.batch import rank_batch
from xlcity.assess.choices import Choice, Variation, without
from xlcity.assess.data_errors import Spread
from xlcity.assess.draws import SECOND, Draws
from xlcity.assess.plan import Plan, Sample, draw, factors
from xlcity.assess.workers import CHUNK, Progress, Span, each_span, spans_of
from xlcity.errors import FrameworkError
from xlcity.functions.block import Matrix
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


def sobol(first: Matrix, second: Matrix, mixed: Matrix, seed: int = 0) -> SobolIndices:
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
    alone, together = (second - mixed) ** 2 / 2, (first - mixed) ** 2 / 2
    rows = np.random.default_rng(seed).integers(0, n, (_BOOTSTRAPS, n))

    def shares(at: np.ndarray | slice) -> tuple[Matrix, Matrix]:
        # What does not vary has no shares.
        variance = np.var(np.concatenate([first[at], second[at]])) or np.nan
        main = 1 - alone[:, at].mean(axis=1) / variance
        return np.asarray(main), np.asarray(together[:, at].mean(axis=1) / variance)

    main, whole = shares(slice(None))
    again = [shares(row) for row in rows]
    ends = [np.quantile([made[which] for made in again], [0.05, 0.95], axis=0) for which in (0, 1)]
    return SobolIndices(main, whole, ends[0].T, ends[1].T)


def sobol_of_ranks(
    plan: Plan,
    n: int,
    *,
    chunk: int = CHUNK,
    client: Any = None,
    jobs: int = 1,
    progress: Progress = lambda done: None,
) -> tuple[SobolIndices, dict[str, SobolIndices]]:
    """Return the indices of the mean shift of ranks, and of the rank of each city.

    Parameters
    ----------
    n
        Replicates of each of the two samples; computed are n times the choices + 2.
    progress
        Called with the number of replicates that were computed since.
    """
    count = len(plan.choices)
    spans = [span for part in range(count + 2) for span in spans_of(part, 0, n, chunk)]
    made: dict[int, list[np.ndarray]] = {}
    with closing(each_span(plan, _mixed_ranks, spans, jobs, client)) as found:
        for span, ranks in zip(spans, found, strict=True):
            made.setdefault(span[0], []).append(ranks)
            progress(span[2] - span[1])
    ranks = np.stack([np.concatenate(made[part], axis=1) for part in range(count + 2)])
    shifts = mean_shift(plan, ranks)
    units = plan.dataset.units
    of_units = {
        units[row].id: sobol(*_samples(ranks[:, row].astype(np.float64)), plan.seed)
        for rows in plan.dataset.populations.values()
        for row in rows.tolist()
        if plan.base.rank(plan.node)[row]
    }
    return sobol(*_samples(shifts), plan.seed), of_units


def _samples(made: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    return made[0], made[1], made[2:]


def _mixed_ranks(plan: Plan, draws: Draws, span: Span) -> np.ndarray:
    """Return ranks of the first sample (0), the second (1), or with one choice exchanged."""
    own = np.arange(span[1], span[2])
    numbers = np.tile(own, (len(plan.choices), 1))
    if span[0] == 1:
        numbers += SECOND
    elif span[0]:
        numbers[span[0] - 2] += SECOND
    return rank_batch(plan, draw(plan, draws, numbers))


def mean_shift(plan: Plan, ranks: np.ndarray) -> Matrix:
    """Return the mean absolute shift of ranks (…, units, replicates) over cities ranked in both."""
    base = plan.base.rank(plan.node)[:, None]
    known = (ranks > 0) & (base > 0)
    with np.errstate(all="ignore"):
        shifts = np.where(known, np.abs(ranks - base), 0).sum(axis=-2) / known.sum(axis=-2)
    return np.asarray(np.nan_to_num(shifts))


def leave_one_out(plan: Plan) -> tuple[LeftOut, ...]:
    """Return how ranks move where each node below the assessed one is left out, level by level."""
    tree = plan.framework
    below = [
        node
        for node in (*tree.composites, *tree.indicators)
        if plan.node in {above.code for above in tree.path(node.code)[:-1]}
    ]
    variations = []
    for node in sorted(below, key=lambda node: tree.depth(node.code)):
        try:
            without(tree, node.code)
        except FrameworkError:
            continue
        variations.append(Variation(node.code, omit=node.code))
    if not variations:
        return ()
    each = replace(plan, choices=(Choice("omit", tuple(variations)),))
    ranks = rank_batch(each, Sample(np.arange(len(variations))[:, None], None, None))
    base = plan.base.rank(plan.node)
    found = []
    for at, one in enumerate(variations):
        # A node that stands alone above what is assessed takes it with it.
        if plan.node not in without(tree, one.omit):
            continue
        found.append(LeftOut(one.omit, *_shifts(ranks[:, at], base)))
    return tuple(found)


def decisive_data(plan: Plan, most: int = 10, chunk: int = CHUNK) -> tuple[Datum, ...]:
    """Return the values that move the ranking most from one end of their error to the other.

    Ends are the 5th and 95th percentile of the error that the plan gives to data; without errors
    there are none.
    """
    one = next((v for c in plan.choices for v in c.variations if v.errors), None)
    if one is None:
        return ()
    data = replace(plan, choices=(Choice("data", (one,)),))
    cells = _cells(data, dict(one.errors))
    shape = (len(plan.framework.indicators), len(plan.dataset.units))
    base = plan.base.rank(plan.node)[:, None]
    shifts, largest = np.empty(2 * len(cells)), np.empty(2 * len(cells), dtype=np.int64)
    for _, start, end in spans_of(0, 0, 2 * len(cells), chunk):
        errors = np.zeros((*shape, end - start))
        for place, number in enumerate(range(start, end)):
            at, row, reach = cells[number // 2]
            errors[at, row, place] = reach if number % 2 else -reach
        options = np.zeros((end - start, 1), dtype=np.int64)
        ranks = rank_batch(data, Sample(options, None, errors))
        shifts[start:end] = mean_shift(plan, ranks)
        moved = np.where((ranks > 0) & (base > 0), np.abs(ranks - base), 0)
        largest[start:end] = moved.max(axis=0)
    order = np.argsort(-np.maximum(shifts[::2], shifts[1::2]), kind="stable")[:most]
    return tuple(_datum(data, cells[at], dict(one.errors), at, shifts, largest) for at in order)


def _cells(plan: Plan, errors: dict[str, Spread]) -> list[tuple[int, int, float]]:
    """Return (indicator, unit, reach of its error) of every value."""
    found = []
    scored = [bool(unit.population) for unit in plan.dataset.units]
    for at, node in enumerate(plan.framework.indicators):
        if (spread := plan.spread_of(node.code, errors)) is not None:
            rows = np.flatnonzero((plan.base.raw_states[:, at] == State.VALUE) & scored)
            found += [(at, int(row), spread.reach) for row in rows]
    return found


def _datum(
    plan: Plan,
    cell: tuple[int, int, float],
    errors: dict[str, Spread],
    number: int,
    shifts: Matrix,
    largest: np.ndarray,
) -> Datum:
    at, row, reach = cell
    code = plan.framework.indicators[at].code
    spread = plan.spread_of(code, errors)
    assert spread is not None
    value = plan.base.raw[[row]][:, [at]]
    ends = np.array([[-reach, reach]])
    made = spread.disturbed(value, ends, factors(plan, code, spread)[[row]])[0]
    both = slice(2 * number, 2 * number + 2)
    return Datum(
        plan.dataset.units[row].id,
        code,
        float(made.min()),
        float(made.max()),
        float(shifts[both].max()),
        int(largest[both].max()),
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


def compare(plan: Plan, variants: tuple[Choice, ...]) -> tuple[RankComparison, ...]:
    """Return the ranks by each option of some choices, all others as they are."""
    found = []
    for choice in variants:
        for one in choice.variations:
            alone = replace(plan, choices=(Choice(choice.name, (one,)),))
            ranks = rank_batch(alone, Sample(np.zeros((1, 1), dtype=np.int64), None, None))[:, 0]
            shifts = _shifts(ranks, plan.base.rank(plan.node))
            found.append(RankComparison(f"{choice.name}={one.label}", ranks, *shifts))
    return tuple(found)


def _shifts(ranks: np.ndarray, base: np.ndarray) -> tuple[float, int, float]:
    """Return mean and largest shift and Kendall's tau-b over cities that are ranked in both."""
    from scipy.stats import kendalltau

    known = (ranks > 0) & (base > 0)
    moved = np.abs(ranks - base)[known]
    tau = float(kendalltau(ranks[known], base[known]).statistic) if known.sum() > 1 else np.nan
    return float(moved.mean()) if moved.size else np.nan, int(moved.max(initial=0)), tau
