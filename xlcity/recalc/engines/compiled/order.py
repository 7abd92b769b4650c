"""In which order formulas are computed: level by level, each after all that it reads."""

from __future__ import annotations

from typing import Any

import numpy as np


def ranges(starts: Any, counts: Any) -> Any:
    """Return the numbers ``start, start + 1, …`` of many stretches, one after the other."""
    total = int(counts.sum())
    if not total:
        return np.zeros(0, dtype=np.int64)
    before = np.cumsum(counts) - counts
    return np.arange(total) + np.repeat(starts - before, counts)


def levels(nodes: int, read: Any, reader: Any) -> Any:
    """Return the level of each node; -1 for those in or behind a circle.

    Parameters
    ----------
    nodes
        How many there are.
    read, reader
        What is read and by which node, a pair for each edge.
    """
    order = np.argsort(read, kind="stable")
    readers = reader[order]
    first = np.searchsorted(read[order], np.arange(nodes + 1))
    starts, counts = first[:-1], np.diff(first)
    waiting = np.bincount(reader, minlength=nodes)
    level = np.full(nodes, -1)
    ready, number = np.nonzero(waiting == 0)[0], 0
    while len(ready):
        level[ready] = number
        number += 1
        freed = readers[ranges(starts[ready], counts[ready])]
        if not len(freed):
            break
        found, times = np.unique(freed, return_counts=True)
        waiting[found] -= times
        ready = found[waiting[found] == 0]
    return level
