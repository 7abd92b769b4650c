"""How certain ranks are: one Monte Carlo over all that varies, tallied chunk by chunk."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from xlcity.assess.batch import rank_batch
from xlcity.assess.draws import Draws
from xlcity.assess.plan import Plan, Sample, draw_sample
from xlcity.functions.block import Matrix

#: Values of all replicates in memory at once, 20 MB; and the fewest and the most replicates.
_VALUES_AT_ONCE = 2_600_000
_FEWEST = 64
_MOST = 1024
#: Numbers of places whose probability is reported.
TOP_PLACES = (1, 3, 5, 10, 20, 50)
#: A city counts as above another one where it is in this share of the replicates.
SURE_SHARE = 0.95
#: Shares of the replicates, each called a stage, at which results are compared with those of all.
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


def count_ranks(plan: Plan, ranks: np.ndarray) -> Tally:
    """Return how often units have each rank and are above each other in some replicates.

    Parameters
    ----------
    plan
        With the groups of units.
    ranks
        (units, replicates) ranks inside the group; 0 is none.
    """
    n = len(ranks)
    # Every (unit, rank) has a number of its own, so that one count serves all.
    unit_ranks = np.arange(n)[:, None] * (n + 1) + ranks
    counts = np.bincount(unit_ranks.ravel(), minlength=n * (n + 1))
    above = np.zeros((n, n), dtype=np.int64)
    for rows in plan.dataset.populations.values():
        # Without a rank a city is neither above another one nor below.
        group_ranks = ranks[rows].astype(np.int16 if n < 2**15 - 1 else np.int32)
        ranks_or_last = np.where(
            group_ranks > 0, group_ranks, group_ranks.dtype.type(n + 1)
        )
        for position, row in enumerate(rows):
            above[row, rows] = (ranks_or_last[position] < group_ranks).sum(axis=1)
    return Tally(counts.reshape(n, n + 1).astype(np.int64), above)


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
        cumulated = ranks.cumsum(axis=1)
        total = cumulated[:, -1]
        exact_position = np.maximum(total - 1, 0) * share
        lower_position = np.floor(exact_position + 1e-9).astype(np.int64)
        upper_position = np.minimum(lower_position + 1, np.maximum(total - 1, 0))
        low, high = (
            (cumulated <= position[:, None]).sum(axis=1) + 1.0
            for position in (lower_position, upper_position)
        )
        quantiles = low + np.maximum(exact_position - lower_position, 0.0) * (
            high - low
        )
        return np.where(total > 0, quantiles, np.nan)

    def top(self, k: int) -> Matrix:
        """Return (units,) the share of the replicates with a rank in which it is k or better."""
        with np.errstate(all="ignore"):
            shares = self.counts.ranks[:, 1 : k + 1].sum(axis=1)
            all_ranks = self.counts.ranks[:, 1:].sum(axis=1)
            return np.asarray(shares / all_ranks)

    @cached_property
    def above(self) -> Matrix:
        """(units, units) probability that the one is above the other; ties are neither."""
        return self.counts.above / self.replicates

    @cached_property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Ids of cities that cannot be distinguished, from the first rank of the index down.

        A group ends before the first city that its leading city is above in `SURE_SHARE` of the
        replicates.
        """
        groups: list[list[str]] = []
        for population in self.plan.dataset.populations:
            leading_row = -1
            for unit in self.plan.base.order(self.plan.node, population):
                row = self.plan.dataset.row(unit)
                if leading_row < 0 or self.above[leading_row, row] >= SURE_SHARE:
                    groups.append([])
                    leading_row = row
                groups[-1].append(unit)
        return tuple(map(tuple, groups))

    @cached_property
    def convergence(self) -> tuple[tuple[int, float, float], ...]:
        """How far results differ from the final ones after each part of the replicates.

        For each: replicates so far; the largest difference of any unit's median rank; and that of
        an end of its interval, the 5th or 95th percentile of its ranks. In ranks.
        """
        shares = (0.05, 0.5, 0.95)
        final = {share: self.quantile(share) for share in shares}
        stages = []
        for count, tallied in self.stages.items():
            changes_of_share = {
                s: np.abs(self.quantile(s, tallied) - final[s]) for s in shares
            }
            ends = np.fmax(changes_of_share[0.05], changes_of_share[0.95])
            stages.append(
                (count, _largest_number(changes_of_share[0.5]), _largest_number(ends))
            )
        return tuple(stages)


def _largest_number(values: Matrix) -> float:
    """Return the largest number of an array; 0 if all are NaN."""
    return float(np.nanmax(values)) if np.isfinite(values).any() else 0.0


def draw_replicates(plan: Plan, numbers: Sequence[int] | np.ndarray) -> Sample:
    """Return what some replicates draw, given by their numbers: from 0, ascending."""
    return draw_sample(plan, Draws(plan.seed), np.asarray(numbers, dtype=np.int64))


def uncertainty(
    plan: Plan,
    n: int,
    *,
    jobs: int = 1,
    chunk: int = 0,
    progress: Progress = lambda done: None,
) -> Uncertainty:
    """Return how often n replicates of an index give each rank: a Monte Carlo of its ranks.

    Parameters
    ----------
    n
        How many replicates.
    jobs
        Processes that compute at the same time.
    chunk
        Replicates in memory at once, in each process; 0 = as `chunk_of` says.
    progress
        Called with the number of replicates that were computed since the last call.

    Notes
    -----
    A replicate follows from the seed and its number alone, and counts are whole numbers: any number
    of processes and any chunk give the same result.
    """
    chunk = chunk or chunk_of(plan, jobs)
    ends = sorted({max(1, round(n * share)) for share in _STAGES})
    parts = zip([0, *ends[:-1]], ends, strict=True)
    spans: list[Span] = []
    for start, end in parts:
        spans += spans_of(0, start, end, chunk)
    stages: dict[int, Tally] = {}
    total: Tally | None = None
    with closing(run_spans(plan, _tally_span, spans, jobs)) as tallies:
        for (_, start, end), span_tally in zip(spans, tallies, strict=True):
            total = span_tally if total is None else total + span_tally
            if end in ends:
                stages[end] = total
            progress(end - start)
    return Uncertainty(plan, n, stages)


def _tally_span(plan: Plan, draws: Draws, span: Span) -> Tally:
    """Return the counts of ranks of one span of replicates, from its start up to its end.

    `draws` gives the random numbers of the plan's choices.
    """
    _, start, end = span
    return count_ranks(
        plan, rank_batch(plan, draw_sample(plan, draws, np.arange(start, end)))
    )


# -- chunks of replicates, computed by one process or by several -----------------------------------
#: Which part of the work, and its first and last replicate + 1.
Span = tuple[int, int, int]
#: Called with the number of replicates that were computed since the last call.
Progress = Callable[[int], None]
_Result = TypeVar("_Result")
#: What is computed of one span.
Task = Callable[[Plan, Draws, Span], _Result]


def chunk_of(plan: Plan, jobs: int = 1) -> int:
    """Return how many replicates are in memory at once in each of some processes."""
    return min(
        max(_VALUES_AT_ONCE // (plan.dataset.values.size * jobs), _FEWEST), _MOST
    )


def spans_of(part: int, start: int, end: int, chunk: int) -> list[Span]:
    """Return the replicates from start up to end in chunks: (part, first, last + 1) of each.

    `part` is the number of a part of the work, which each span carries; `chunk` the most
    replicates of a span.
    """
    return [
        (part, chunk_start, min(chunk_start + chunk, end))
        for chunk_start in range(start, end, chunk)
    ]


def run_spans(
    plan: Plan, task: Task[_Result], spans: Sequence[Span], jobs: int
) -> Generator[_Result, None, None]:
    """Yield the result of a task for each span of replicates, in order.

    Parameters
    ----------
    task
        Takes the plan, its random draws and a span. A function of a module, so that other processes
        can import it.
    jobs
        How many processes.
    """
    if jobs <= 1 or len(spans) <= 1:
        draws = Draws(plan.seed)
        for span in spans:
            yield task(plan, draws, span)
    else:
        from concurrent.futures import ProcessPoolExecutor

        pool = ProcessPoolExecutor(min(jobs, len(spans)), None, _begin_work, (plan,))
        try:
            yield from pool.map(partial(_run_task, task), spans)
        finally:
            pool.shutdown(cancel_futures=True)


#: The plan of this process, and its draws, which keep what was drawn last.
_process_work: list[tuple[Plan, Draws]] = []


def _begin_work(plan: Plan) -> None:
    """Keep the plan in a process of the pool, for `_run_task`, and let it ignore Ctrl+C.

    Ctrl+C ends the process that asked, which ends these; they end with it if it is killed, too.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _process_work[:] = [(plan, Draws(plan.seed))]


def _end_with_parent() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _run_task(task: Task[_Result], span: Span) -> _Result:
    """Return the result of a task for a span, in a process of the pool that keeps the plan."""
    plan, draws = _process_work[0]
    return task(plan, draws, span)
