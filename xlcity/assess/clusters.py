"""Clusters of units by their scores, and how far two classifications agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xlcity.assess.scores import default_codes, rows_of, score_block
from xlcity.functions.block import Matrix
from xlcity.functions.cluster import cluster_labels, merge_block
from xlcity.index import IndexResult


@dataclass(frozen=True, slots=True)
class Clustering:
    """Hierarchical clusters of units; `labels` holds the number of each unit that has one."""

    linkage: str
    metric: str
    standardise: str
    labels: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two classifications compare.

    Parameters
    ----------
    classes
        Class of the one -> class of the other that it is matched with.
    agreeing
        Units that are in matched classes.
    units
        Units that are in both classifications.
    """

    classes: Mapping[int, int]
    agreeing: int
    units: int


def cluster(
    result: IndexResult,
    k: int,
    linkage: str = "average",
    metric: str = "sqeuclidean",
    standardise: str = "none",
    codes: Sequence[str] | None = None,
    population: str = "main",
) -> Clustering:
    """Return the clusters of the units of one population.

    Parameters
    ----------
    k, linkage, metric, standardise
        See `xlcity.functions.cluster.cluster_labels`.
    codes
        The nodes whose scores are compared; None = those right under the root.
    """
    chosen = tuple(codes) if codes is not None else default_codes(result)
    values, states = score_block(result, chosen, population)
    found = cluster_labels(values, k, linkage, metric, standardise, states=states).values[:, 0]
    units = [result.dataset.units[row].id for row in rows_of(result, population)]
    labels = {
        unit: int(label)
        for unit, label in zip(units, found.tolist(), strict=True)
        if not np.isnan(label)
    }
    return Clustering(linkage, metric, standardise, labels)


def merge_tree(
    result: IndexResult,
    linkage: str,
    metric: str,
    standardise: str,
    codes: Sequence[str],
    population: str,
) -> tuple[list[int], Matrix]:
    """Return rows of the dataset, those with all scores, and how their units merge.

    The merges are as scipy's `linkage` returns them; there are none for fewer than two units.
    """
    values, _ = score_block(result, codes, population)
    known = np.isfinite(values).all(axis=1)
    merges = merge_block(values[known], linkage, metric, standardise)
    rows = rows_of(result, population)[known].tolist()
    return (rows, merges) if len(merges) else ([], merges)


def agreement(one: Mapping[str, int], other: Mapping[str, int]) -> Agreement:
    """Match the classes of two classifications so that as many units as possible agree.

    Examples
    --------
    >>> agreement({"a": 1, "b": 1, "c": 2}, {"a": 7, "b": 7, "c": 7}).agreeing
    2
    """
    from scipy.optimize import linear_sum_assignment

    units = [unit for unit in one if unit in other]
    rows, columns = sorted({one[unit] for unit in units}), sorted({other[unit] for unit in units})
    shared = np.zeros((len(rows), len(columns)), dtype=np.int64)
    for unit in units:
        shared[rows.index(one[unit]), columns.index(other[unit])] += 1
    chosen = list(zip(*linear_sum_assignment(shared, maximize=True), strict=True))
    return Agreement(
        {rows[at]: columns[to] for at, to in chosen},
        int(sum(shared[at, to] for at, to in chosen)),
        len(units),
    )
