"""Timing on machines that do other things too: the best of several, taken in turns.

Beside the wall clock stands processor time, of this process and of those it started and waited
for: it says the same on a busy machine and on an idle one, as far as one processor is meant.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Took(NamedTuple):
    """Seconds on the wall clock and of processor time."""

    wall: float
    cpu: float


def seconds(work: Callable[[], object]) -> Took:
    """Return the time of one run."""
    start = time.perf_counter()
    before = sum(os.times()[:4])
    work()
    return Took(time.perf_counter() - start, sum(os.times()[:4]) - before)


def best_in_turns(
    works: Mapping[str, Callable[[], object]], turns: int
) -> dict[str, Took]:
    """Return the shortest times of each; they take turns, so that a busy moment hits all."""
    best: dict[str, Took] = {}
    for _ in range(turns):
        for name, work in works.items():
            took = seconds(work)
            old = best.get(name)
            best[name] = took if old is None else Took(*map(min, took, old))
    return best
