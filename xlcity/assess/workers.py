"""Chunks of replicates, computed by one process or by several."""

from __future__ import annotations

import contextlib
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, TypeVar

from xlcity.assess.draws import Draws
from xlcity.assess.plan import Plan

#: Replicates that are in memory at once, unless stated otherwise.
CHUNK = 512
#: Tasks that are under way, for each process.
_AHEAD = 4

#: Parameters of mallopt (malloc.h), and bytes; glibc takes no more.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _KEPT = -1, -3, 32 << 20

#: Which part of the work, and its first and last replicate + 1.
Span = tuple[int, int, int]
#: Told how many replicates were computed since it was called last.
Progress = Callable[[int], None]
_Made = TypeVar("_Made")
#: What is computed of one span.
Task = Callable[[Plan, Draws, Span], _Made]


def spans_of(part: int, start: int, end: int, chunk: int) -> list[Span]:
    """Return the chunks of the replicates from start to end, as spans of one part of the work."""
    return [
        (part, chunk_start, min(chunk_start + chunk, end))
        for chunk_start in range(start, end, chunk)
    ]


def each_span(
    plan: Plan, task: Task[_Made], spans: Sequence[Span], jobs: int
) -> Generator[_Made, None, None]:
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
    else:
        from concurrent.futures import ProcessPoolExecutor

        jobs = min(jobs, len(spans))
        with ProcessPoolExecutor(jobs, None, _begin_work, (plan,)) as pool:
            yield from _in_order(lambda span: pool.submit(_run, task, span), spans, _AHEAD * jobs)


def _in_order(submit: Callable[[Span], Any], spans: Sequence[Span], ahead: int) -> Iterator[Any]:
    """Yield results in the order of the spans.

    Parameters
    ----------
    submit
        Starts the task of one span, and returns its future.
    ahead
        Tasks that may be under way, so that memory is bounded.
    """
    under_way: deque[Any] = deque()
    try:
        for span in spans:
            under_way.append(submit(span))
            if len(under_way) == ahead:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        for future in under_way:
            future.cancel()


#: The plan of this process, and its draws, which keep what was drawn last.
_work: list[tuple[Plan, Draws]] = []


def _begin_work(plan: Plan) -> None:
    """Prepare a process of the pool; Ctrl+C ends the process that asked, which ends these."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _keep_freed_memory()
    _work[:] = [(plan, Draws(plan.seed))]


def _keep_freed_memory() -> None:
    """Let the C library keep the memory of arrays that are made and dropped for each chunk.

    It gives each back to the system otherwise, and gets it zeroed again.
    """
    import ctypes

    # Windows and macOS have no mallopt; their allocators have other rules.
    with contextlib.suppress(AttributeError, OSError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_TRIM_THRESHOLD, _KEPT)
        mallopt(_MMAP_THRESHOLD, _KEPT)


def _run(task: Task[_Made], span: Span) -> _Made:
    """Return what a task makes of a span, in a process of the pool."""
    plan, draws = _work[0]
    return task(plan, draws, span)
