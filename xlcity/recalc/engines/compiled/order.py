"""In which order formulas are computed: level by level, each after all that it reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

#: Formulas of a batch; after each the time is looked at, and what is known of ranges let go.
_TOGETHER = 1000

#: One cell of a shape: where its value goes, then what its references are.
Cell = tuple[Any, ...]
Cells = list[Cell]
Batch = tuple[int, Cells, list[int]]


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
        found, times = np.unique(freed, return_counts=True)
        waiting[found] -= times
        ready = found[waiting[found] == 0]
    return level


def _at_once(nodes: Any, after: Any, waiting: Any) -> Any:
    """Return which nodes are ready now because those before them are, one after the other."""
    found: list[int] = []
    for node in nodes[nodes >= 0].tolist():
        while node >= 0:
            waiting[node] -= 1
            if waiting[node]:
                break
            found.append(node)
            node = int(after[node])
    return np.array(found, dtype=np.int64)


def batches_of(
    cells: Sequence[tuple[int, Cell]],
    level: Any,
    areas: int,
    read_areas: Any,
    area_readers: Any,
) -> tuple[list[Batch], list[int]]:
    """Return which function computes which cells: level by level, shape by shape.

    Parameters
    ----------
    cells
        The shape of each formula and its cell.
    level
        The level of each.
    areas
        How many areas there are.
    read_areas, area_readers
        What area is read and by which formula, a pair for each reading.

    Returns
    -------
    tuple
        The batches, each with the areas that nothing reads afterwards; and how many of them come
        before the end of each level.
    """
    shapes = np.array([shape for shape, _ in cells], dtype=np.int64)
    order = np.lexsort((shapes, level))
    keys = zip(level[order].tolist(), shapes[order].tolist(), strict=True)
    batches: list[Batch] = []
    ends: list[int] = []
    of_formula = np.zeros(len(cells), dtype=np.int64)
    last = None
    for number, key in zip(order.tolist(), keys, strict=True):
        if key[0] < 0:
            continue
        if key != last or len(batches[-1][1]) == _TOGETHER:
            if last is not None and key[0] != last[0]:
                ends.append(len(batches))
            batches.append((key[1], [], []))
            last = key
        of_formula[number] = len(batches) - 1
        batches[-1][1].append(cells[number][1])
    end = np.zeros(areas, dtype=np.int64)
    np.maximum.at(end, read_areas, of_formula[area_readers])
    for area, batch in enumerate(end.tolist() if batches else ()):
        batches[batch][2].append(area)
    return batches, [*ends, len(batches)]
