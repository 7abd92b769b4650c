"""How certain ranks are: one Monte Carlo over all that varies, tallied chunk by chunk."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from xlcity.assess.batch import rank_batch
from xlcity.assess.draws import Draws
from xlcity.assess.plan import Plan, Sample, draw_sample
from xlcity.assess.workers import CHUNK, Progress, Span, each_span, spans_of
from xlcity.functions.block import Matrix

#: Numbers of places whose probability is reported.
TOP = (1, 3, 5, 10, 20, 50)
#: A city counts as above another one where it is in this share of the replicates.
SURE = 0.95
#: Shares of the replicates at which results are compared with those of all.
_STAGES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Counts over replicates: sums of whole numbers, so that their order does not matter.

    Attributes
    ----------
    ranks
        (units, 1 + units) how often a unit has each rank; 0 is none.
    above
        (units, units) how often the one is above the other, both in the same group.
    """

    ranks: Counts
    above: Counts

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.ranks + other.ranks, self.above + other.above)


def tally(plan: Plan, ranks: np.ndarray) -> Tally:
    """Return the counts of one chunk of replicates.

    Parameters
    ----------
    ranks
        (units, replicates) ranks; 0 is none.
    """
    n = len(ranks)
    places = np.arange(n)[:, None] * (n + 1) + ranks
    counts = np.bincount(places.ravel(), minlength=n * (n + 1)).reshape(n, n + 1)
    above = np.zeros((n, n), dtype=np.int64)
    for rows in plan.dataset.populations.values():
        # Without a rank a city is neither above another one nor below.
        low = ranks[rows].astype(np.int16 if n < 2**15 - 1 else np.int32)
        mine = np.where(low > 0, low, low.dtype.type(n + 1))
        for position, row in enumerate(rows):
            above[row, rows] = (mine[position] < low).sum(axis=1)
    return Tally(counts.astype(np.int64), above)


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """What a Monte Carlo says of ranks.

    Attributes
    ----------
    plan
        What was varied.
    replicates
        How many there are.
    stages
        Replicates counted so far -> their tally; the last one is all of them.
    """

    plan: Plan
    replicates: int
    stages: dict[int, Tally]

    @cached_property
    def counts(self) -> Tally:
        """The tally of all replicates."""
        return self.stages[self.replicates]

    def quantile(self, share: float, tally: Tally | None = None) -> Matrix:
        """Return (units,) a quantile of each unit's ranks, as PERCENTILE.INC; NaN without ranks.

        Parameters
        ----------
        share
            Which quantile, 0 to 1.
        tally
            Counts to read; None = those of all replicates.
        """
        ranks = (tally or self.counts).ranks[:, 1:]
        reached = ranks.cumsum(axis=1)
        total = reached[:, -1]
        exact_position = np.maximum(total - 1, 0) * share
        below = np.floor(exact_position + 1e-9).astype(np.int64)
        above = np.minimum(below + 1, np.maximum(total - 1, 0))
        low, high = (
            (reached <= position[:, None]).sum(axis=1) + 1.0 for position in (below, above)
        )
        quantiles = low + np.maximum(exact_position - below, 0.0) * (high - low)
        return np.where(total > 0, quantiles, np.nan)

    def top(self, k: int) -> Matrix:
        """Return (units,) the probability of each unit to be among the first k."""
        with np.errstate(all="ignore"):
            shares = self.counts.ranks[:, 1 : k + 1].sum(axis=1)
            return np.asarray(shares / self.counts.ranks[:, 1:].sum(axis=1))

    @cached_property
    def unranked(self) -> Counts:
        """In how many replicates a unit has no rank."""
        return np.asarray(self.counts.ranks[:, 0])

    @cached_property
    def above(self) -> Matrix:
        """(units, units) probability that the one is above the other; ties are neither."""
        return self.counts.above / self.replicates

    @cached_property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Cities that cannot be distinguished, from the first rank of the index down.

        A group ends before the first city that the group's first one is surely above.
        """
        units = self.plan.dataset.units
        groups: list[tuple[str, ...]] = []
        for population in self.plan.dataset.populations:
            order = self.plan.base.order(self.plan.node, population)
            group: list[str] = []
            first = -1
            for unit in order:
                row = self.plan.dataset.row(unit)
                if group and self.above[first, row] >= SURE:
                    groups.append(tuple(group))
                    group = []
                if not group:
                    first = row
                group.append(units[row].id)
            if group:
                groups.append(tuple(group))
        return tuple(groups)

    @cached_property
    def convergence(self) -> tuple[tuple[int, float, float], ...]:
        """Replicates so far -> how far their medians and interval ends are from the final ones."""
        shares = (0.05, 0.5, 0.95)
        last = {share: self.quantile(share) for share in shares}
        changes = []
        for count, tallied in self.stages.items():
            moved = {s: np.abs(self.quantile(s, tallied) - last[s]) for s in shares}
            ends = np.fmax(moved[0.05], moved[0.95])
            changes.append((count, _largest_number(moved[0.5]), _largest_number(ends)))
        return tuple(changes)


def _largest_number(values: Matrix) -> float:
    """Return the largest number of an array; 0 if all are NaN."""
    return float(np.nanmax(values)) if np.isfinite(values).any() else 0.0


def sample_of(plan: Plan, numbers: Sequence[int] | np.ndarray) -> Sample:
    """Return what the replicates of these numbers, from 0 and ascending, drew."""
    every = np.tile(np.asarray(numbers, dtype=np.int64), (len(plan.choices), 1))
    return draw_sample(plan, Draws(plan.seed), every)


def uncertainty(
    plan: Plan,
    n: int,
    *,
    jobs: int = 1,
    chunk: int = CHUNK,
    progress: Progress = lambda done: None,
) -> Uncertainty:
    """Return what n replicates say of the ranks.

    Parameters
    ----------
    n
        How many replicates.
    jobs
        Processes that compute at the same time.
    chunk
        Replicates in memory at once, in each process.
    progress
        Called with the number of replicates that were computed since.

    Notes
    -----
    A replicate follows from the seed and its number alone, and counts are whole numbers: any number
    of processes and any chunk give the same result.
    """
    ends = sorted({max(1, round(n * share)) for share in _STAGES})
    starts = [0, *ends[:-1]]
    spans = [
        span
        for stage, (start, end) in enumerate(zip(starts, ends, strict=True))
        for span in spans_of(stage, start, end, chunk)
    ]
    parts: dict[int, Tally] = {}
    with closing(each_span(plan, _tally_span, spans, jobs)) as tallies:
        for (stage, start, end), part in zip(spans, tallies, strict=True):
            parts[stage] = parts[stage] + part if stage in parts else part
            progress(end - start)
    stages: dict[int, Tally] = {}
    total: Tally | None = None
    for stage, end in enumerate(ends):
        total = parts[stage] if total is None else total + parts[stage]
        stages[end] = total
    return Uncertainty(plan, n, stages)


def _tally_span(plan: Plan, draws: Draws, span: Span) -> Tally:
    """Return the counts of ranks of one span of replicates."""
    numbers = np.tile(np.arange(span[1], span[2]), (len(plan.choices), 1))
    return tally(plan, rank_batch(plan, draw_sample(plan, draws, numbers)))
