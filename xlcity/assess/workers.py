"""Chunks of replicates, computed by one process or by several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from xlcity.assess.draws import Draws
from xlcity.assess.plan import Plan

#: Replicates that are in memory at once, unless told otherwise.
CHUNK = 512

#: Which part of the work, and its first and last replicate + 1.
Span = tuple[int, int, int]
#: Told how many replicates were computed since it was called last.
Progress = Callable[[int], None]
_Made = TypeVar("_Made")
#: What is computed of one span.
Task = Callable[[Plan, Draws, Span], _Made]


def spans_of(part: int, start: int, end: int, chunk: int) -> list[Span]:
    """Return the chunks of the replicates from start to end."""
    return [(part, at, min(at + chunk, end)) for at in range(start, end, chunk)]


def each_span(plan: Plan, task: Task[_Made], spans: Sequence[Span], jobs: int) -> Iterator[_Made]:
    """Yield what a task makes of each span, in order.

    Parameters
    ----------
    task
        A function of a module, so that other processes find it.
    jobs
        How many processes.
    """
    if jobs <= 1 or len(spans) <= 1:
        draws = Draws(plan.seed)
        for span in spans:
            yield task(plan, draws, span)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(min(jobs, len(spans)), None, _start, (plan,)) as pool:
        yield from pool.map(_run, [task] * len(spans), spans)


#: The plan of this process, and its draws, which keep what was drawn last.
_work: list[tuple[Plan, Draws]] = []


def _start(plan: Plan) -> None:
    _work[:] = [(plan, Draws(plan.seed))]


def _run(task: Task[_Made], span: Span) -> _Made:
    plan, draws = _work[0]
    return task(plan, draws, span)
