"""In which order formulas are computed: level by level, each after all that it reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

#: Formulas of a batch; after each the time is looked at, and what is known of ranges let go.
_TOGETHER = 1000

#: One cell of a shape: where its value goes, then what its references are.
Cell = tuple[int, ...]
Cells = Iterable[Cell]
#: A shape, the first and the end of its cells, and the areas that nothing reads afterwards.
Batch = tuple[int, int, int, list[int]]


def ranges(starts: Any, counts: Any) -> Any:
    """Return the numbers ``start, start + 1, …`` of many stretches, one after the other."""
    total = int(counts.sum())
    if not total:
        return np.zeros(0, dtype=np.int64)
    before = np.cumsum(counts) - counts
    return np.arange(total) + np.repeat(starts - before, counts)


def levels(nodes: int, read: Any, reader: Any, before: Any) -> Any:
    """Return the level of each node; -1 for those in or behind a circle.

    Parameters
    ----------
    nodes
        How many there are.
    read, reader
        What is read and by which node, a pair for each edge.
    before
        For each node the one whose readings it has, too; -1 for none. They may have the same level.
    """
    order = np.argsort(read, kind="stable")
    readers = reader[order]
    first = np.searchsorted(read[order], np.arange(nodes + 1))
    starts, counts = first[:-1], np.diff(first)
    longer = np.nonzero(before >= 0)[0]
    after = np.full(nodes, -1)
    after[before[longer]] = longer
    waiting = np.bincount(reader, minlength=nodes)
    waiting[longer] += 1
    level = np.full(nodes, -1)
    ready, number = np.nonzero(waiting == 0)[0], 0
    while len(ready):
        ready = np.concatenate((ready, _at_once(after[ready], after, waiting)))
        level[ready] = number
        number += 1
        freed = readers[ranges(starts[ready], counts[ready])]
        if not len(freed):
            break
        unlocked, times = np.unique(freed, return_counts=True)
        waiting[unlocked] -= times
        ready = unlocked[waiting[unlocked] == 0]
    return level


def _at_once(nodes: Any, after: Any, waiting: Any) -> Any:
    """Return which nodes are ready now because those before them are, one after the other."""
    ready_nodes: list[int] = []
    for node in nodes[nodes >= 0].tolist():
        while node >= 0:
            waiting[node] -= 1
            if waiting[node]:
                break
            ready_nodes.append(node)
            node = int(after[node])
    return np.array(ready_nodes, dtype=np.int64)


def batches_of(
    shapes: Any, level: Any, areas: int, read_areas: Any, area_readers: Any
) -> tuple[list[Batch], list[int], Any]:
    """Return which function computes which cells: level by level, shape by shape.

    Parameters
    ----------
    shapes, level
        Of each formula.
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
    begins = np.flatnonzero(_changes(levels_of) | _changes(shapes_of))
    within = np.arange(len(order)) - np.repeat(begins, np.diff([*begins, len(order)]))
    cut = within % _TOGETHER == 0
    firsts = np.flatnonzero(cut)
    by_shape = np.argsort(shapes_of, kind="stable")
    rank_in_shape = np.empty(len(order), dtype=np.int64)
    rank_in_shape[by_shape] = np.arange(len(order))
    rank_in_shape -= np.searchsorted(shapes_of[by_shape], shapes_of)
    sizes = np.diff([*firsts, len(order)])
    columns = (shapes_of[firsts], rank_in_shape[firsts], rank_in_shape[firsts] + sizes)
    batches: list[Batch] = [
        (*batch, []) for batch in zip(*(column.tolist() for column in columns), strict=True)
    ]
    of_formula = np.zeros(len(shapes), dtype=np.int64)
    of_formula[order] = np.cumsum(cut) - 1
    end = np.zeros(areas, dtype=np.int64)
    np.maximum.at(end, read_areas, of_formula[area_readers])
    for area, batch in enumerate(end.tolist()):
        batches[batch][3].append(area)
    ends = np.flatnonzero(_changes(levels_of[firsts]))[1:].tolist()
    return batches, [*ends, len(batches)], order[by_shape]


def _changes(values: Any) -> Any:
    """Return where a value is another one than that before it."""
    return np.concatenate(([True], values[1:] != values[:-1]))
