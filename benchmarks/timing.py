"""Timing on machines that do other things too: the best of several, taken in turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping


def seconds(work: Callable[[], object]) -> float:
    """Return the wall time of one run."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def best_in_turns(works: Mapping[str, Callable[[], object]], turns: int) -> dict[str, float]:
    """Return the shortest time of each; they take turns, so that a busy moment hits all."""
    best: dict[str, float] = {}
    for _ in range(turns):
        for name, work in works.items():
            best[name] = min(best.get(name, float("inf")), seconds(work))
    return best
