"""In which order formulas are computed: level by level, each after all that it reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: An array of whole numbers, one per formula, cell or area.
IntArray = NDArray[np.integer[Any]]

#: Most formulas of a batch: after each the time limit is checked, and unused areas are dropped.
_BATCH_SIZE = 1000

#: One formula of a shape: the index of its cell, then its other parameters.
Cell = tuple[int, ...]
Cells = Iterable[Cell]
#: A shape, the first of its formulas and the one after the last, and the areas that nothing reads
#: afterwards.
Batch = tuple[int, int, int, list[int]]


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


def make_batches(
    shapes: IntArray, level: IntArray, areas: int, read_areas: IntArray, area_readers: IntArray
) -> tuple[list[Batch], list[int], IntArray]:
    """Return which function computes which cells: level by level, shape by shape.

    Parameters
    ----------
    shapes, level
        Number of the shape, and level, of each formula; -1 for formulas that are left out.
    areas
        How many areas there are.
    read_areas, area_readers
        What area is read and by which formula, a pair for each reading.

    Returns
    -------
    tuple
        The batches, each with the areas that nothing reads afterwards; how many of them come before
        the end of each level; and the formulas, shape by shape, as batches count them.
    """
    order = np.lexsort((shapes, level))
    order = order[level[order] >= 0]
    if not len(order):
        return [], [0], order
    levels_of, shapes_of = level[order], shapes[order]
    runs = np.flatnonzero(_starts_run(levels_of) | _starts_run(shapes_of))
    within = np.arange(len(order)) - np.repeat(runs, np.diff([*runs, len(order)]))
    starts_batch = within % _BATCH_SIZE == 0
    firsts = np.flatnonzero(starts_batch)
    by_shape = np.argsort(shapes_of, kind="stable")
    rank_in_shape = np.empty(len(order), dtype=np.int64)
    rank_in_shape[by_shape] = np.arange(len(order))
    rank_in_shape -= np.searchsorted(shapes_of[by_shape], shapes_of)
    sizes = np.diff([*firsts, len(order)])
    columns = (shapes_of[firsts], rank_in_shape[firsts], rank_in_shape[firsts] + sizes)
    batches: list[Batch] = [
        (*batch, []) for batch in zip(*(column.tolist() for column in columns), strict=True)
    ]
    batch_of = np.zeros(len(shapes), dtype=np.int64)
    batch_of[order] = np.cumsum(starts_batch) - 1
    last_batch = np.zeros(areas, dtype=np.int64)
    np.maximum.at(last_batch, read_areas, batch_of[area_readers])
    for area, batch in enumerate(last_batch.tolist()):
        batches[batch][3].append(area)
    ends = np.flatnonzero(_starts_run(levels_of[firsts]))[1:].tolist()
    return batches, [*ends, len(batches)], order[by_shape]


def _starts_run(values: IntArray) -> NDArray[np.bool_]:
    """Return for each value whether it differs from the one before it; true for the first."""
    return np.concatenate(([True], values[1:] != values[:-1]))
