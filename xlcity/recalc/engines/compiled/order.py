"""In which order formulas are computed: level by level, each after all that it reads."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

#: An array of whole numbers, one per formula, cell or area.
IntArray = NDArray[np.integer[Any]]

#: Most formulas of a batch: after each the time limit is checked, and unused areas are dropped.
_BATCH_SIZE = 1000


def join_ranges(starts: IntArray, counts: IntArray) -> IntArray:
    """Return ``start, start + 1, …``, as many as each count says, of all starts in a row."""
    total = int(counts.sum())
    if not total:
        return np.zeros(0, dtype=np.int64)
    before = np.cumsum(counts) - counts
    joined: IntArray = np.arange(total) + np.repeat(starts - before, counts)
    return joined


def find_levels(nodes: int, read: IntArray, reader: IntArray, before: IntArray) -> IntArray:
    """Return the level of each node; -1 for those in or behind a circle.

    Nodes read only nodes of lower levels, or their `before` of the same one.

    Parameters
    ----------
    nodes
        How many there are.
    read, reader
        What is read and by which node, a pair for each edge.
    before
        For each node the one whose readings it has, too; -1 for none.
    """
    order = np.argsort(read, kind="stable")
    readers = reader[order]
    first = np.searchsorted(read[order], np.arange(nodes + 1))
    starts, counts = first[:-1], np.diff(first)
    followers = np.nonzero(before >= 0)[0]
    after = np.full(nodes, -1)
    after[before[followers]] = followers
    waiting = np.bincount(reader, minlength=nodes)
    waiting[followers] += 1
    level = np.full(nodes, -1)
    ready, number = np.nonzero(waiting == 0)[0], 0
    while len(ready):
        ready = np.concatenate((ready, _release_followers(after[ready], after, waiting)))
        level[ready] = number
        number += 1
        freed = readers[join_ranges(starts[ready], counts[ready])]
        if not len(freed):
            break
        unlocked, times = np.unique(freed, return_counts=True)
        waiting[unlocked] -= times
        ready = unlocked[waiting[unlocked] == 0]
    return level


def _release_followers(nodes: IntArray, after: IntArray, waiting: IntArray) -> IntArray:
    """Return the nodes that become ready in the same level because those before them are.

    Parameters
    ----------
    nodes
        Those that follow a ready node; -1 is skipped.
    after
        For each node the one that follows it, or -1.
    waiting
        For how many others each node still waits; changed.
    """
    ready_nodes: list[int] = []
    for node in nodes[nodes >= 0].tolist():
        while node >= 0:
            waiting[node] -= 1
            if waiting[node]:
                break
            ready_nodes.append(node)
            node = int(after[node])
    return np.array(ready_nodes, dtype=np.int64)


def make_batches(shapes: IntArray, level: IntArray) -> list[IntArray]:
    """Return the numbers of the formulas of each batch: level by level, shape by shape.

    Parameters
    ----------
    shapes, level
        Number of the shape, and level, of each formula; -1 for formulas that are left out.
    """
    order = np.lexsort((shapes, level))
    order = order[level[order] >= 0]
    is_same = (np.diff(level[order]) == 0) & (np.diff(shapes[order]) == 0)
    runs = np.split(order, np.flatnonzero(~is_same) + 1) if len(order) else []
    return [run[n : n + _BATCH_SIZE] for run in runs for n in range(0, len(run), _BATCH_SIZE)]


def find_last_readers(
    batches: list[IntArray], areas: int, read_areas: IntArray, area_readers: IntArray
) -> list[list[int]]:
    """Return for each batch the areas, of so many, that nothing reads after it.

    `read_areas` and `area_readers` have a pair for each reading: the area, and the formula.
    """
    batch_of = np.zeros(area_readers.max(initial=-1) + 1, dtype=np.int64)
    for number, formulas in enumerate(batches):
        batch_of[formulas[formulas < len(batch_of)]] = number
    last_batch = np.zeros(areas, dtype=np.int64)
    np.maximum.at(last_batch, read_areas, batch_of[area_readers])
    areas_by_batch: list[list[int]] = [[] for _ in batches]
    for area, batch in enumerate(last_batch.tolist()):
        areas_by_batch[batch].append(area)
    return areas_by_batch
