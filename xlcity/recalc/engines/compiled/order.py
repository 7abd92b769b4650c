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
    """Return for each start the numbers ``start, start + 1, …``, one range after the other.

    `counts` says how many numbers each range has: of starts 5, 9 and counts 2, 3 it is 5, 6, 9, 10,
    11.
    """
    total = int(counts.sum())
    if not total:
        return np.zeros(0, dtype=np.int64)
    offsets = np.cumsum(counts) - counts  # of each range in the result
    joined: IntArray = np.arange(total) + np.repeat(starts - offsets, counts)
    return joined


def find_levels(
    nodes: int, read: IntArray, reader: IntArray, shorter: IntArray
) -> IntArray:
    """Return the level of each node of a graph; -1 for those in or behind a circle.

    A node reads only nodes of lower levels, or its `shorter` one of the same level.

    Parameters
    ----------
    nodes
        How many there are; they are numbered from 0.
    read, reader
        For each edge of the graph the node that is read, and the node that reads it.
    shorter
        For each node the one whose readings it has, too (an area that begins at the same cell and
        ends above it); -1 for none.
    """
    # The readers of each node, one node after the other: `counts` of them from `starts` on.
    order = np.argsort(read, kind="stable")
    readers = reader[order]
    bounds = np.searchsorted(read[order], np.arange(nodes + 1))
    starts = bounds[:-1]
    counts = np.diff(bounds)
    with_shorter = np.nonzero(shorter >= 0)[0]
    longer = np.full(nodes, -1)
    longer[shorter[with_shorter]] = with_shorter
    unmet = np.bincount(
        reader, minlength=nodes
    )  # what each node reads and has no level yet
    unmet[with_shorter] += 1
    level = np.full(nodes, -1)
    ready = np.nonzero(unmet == 0)[0]
    number = 0
    while len(ready):
        ready = np.concatenate((ready, _release_longer(longer[ready], longer, unmet)))
        level[ready] = number
        number += 1
        their_readers = readers[join_ranges(starts[ready], counts[ready])]
        if not len(their_readers):
            break
        distinct_readers, readings = np.unique(their_readers, return_counts=True)
        unmet[distinct_readers] -= readings
        ready = distinct_readers[unmet[distinct_readers] == 0]
    return level


def _release_longer(nodes: IntArray, longer: IntArray, unmet: IntArray) -> IntArray:
    """Return the nodes that become ready in the same level because their `shorter` ones are.

    Of `nodes` the `shorter` node is ready (-1 is skipped); `longer` has for each node the one whose
    `shorter` it is, or -1; `unmet` is how many others each still waits for, and is changed.
    """
    ready_nodes: list[int] = []
    for node in nodes[nodes >= 0].tolist():
        while node >= 0:
            unmet[node] -= 1
            if unmet[node]:
                break
            ready_nodes.append(node)
            node = int(longer[node])
    return np.array(ready_nodes, dtype=np.int64)


def make_batches(shapes: IntArray, level: IntArray) -> list[IntArray]:
    """Return the numbers of the formulas of each batch: level by level, shape by shape.

    Formulas of one shape have the same code; those of a level read only lower levels.

    Parameters
    ----------
    shapes, level
        Number of the shape, and level, of each formula; -1 for formulas that are left out.
    """
    order = np.lexsort((shapes, level))
    order = order[level[order] >= 0]
    is_other_level = np.diff(level[order]) != 0
    begins_run = is_other_level | (np.diff(shapes[order]) != 0)
    starts_of_runs = np.flatnonzero(begins_run) + 1
    runs = np.split(order, starts_of_runs) if len(order) else []
    batches: list[IntArray] = []
    for run in runs:
        starts = range(0, len(run), _BATCH_SIZE)
        batches += [run[start : start + _BATCH_SIZE] for start in starts]
    return batches


def find_areas_last_read(
    batches: list[IntArray], areas: int, read_areas: IntArray, area_readers: IntArray
) -> list[list[int]]:
    """Return for each batch the areas that nothing reads after it, so that they can be dropped.

    Parameters
    ----------
    batches
        Numbers of the formulas of each batch, in the order in which they are computed.
    areas
        How many areas there are.
    read_areas, area_readers
        For each reading the number of the area, and that of the formula that reads it.
    """
    batch_of = np.zeros(area_readers.max(initial=-1) + 1, dtype=np.int64)
    for number, formulas in enumerate(batches):
        # Formulas behind the last one that reads an area have no place in the array.
        batch_of[formulas[formulas < len(batch_of)]] = number
    last_batch = np.zeros(areas, dtype=np.int64)
    np.maximum.at(last_batch, read_areas, batch_of[area_readers])
    areas_by_batch: list[list[int]] = [[] for _ in batches]
    for area, batch in enumerate(last_batch.tolist()):
        areas_by_batch[batch].append(area)
    return areas_by_batch
