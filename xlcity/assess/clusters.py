"""Clusters of cities by their standardised scores: merge trees, peer groups, nearest cities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from xlcity.assess.statistics import codes_under_root, population_rows
from xlcity.functions.block import Matrix
from xlcity.functions.cluster import cut_tree, merge_rows
from xlcity.functions.rounding import centre_columns, column_sds, is_constant
from xlcity.index import IndexResult

#: Most peer groups that are tried where their number is not given, and rounds of k-means.
MOST_GROUPS = 8
_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class MergeTree:
    """Hierarchical clusters, merge by merge.

    Attributes
    ----------
    units
        The units that are merged: those with all scores.
    merges
        Both clusters, their distance, and units in the new one. A number below that of the units is
        a unit, others are what an earlier merge made, in their order.
    order
        The units as they stand below a dendrogram without crossings.
    """

    linkage: str
    units: tuple[str, ...]
    merges: tuple[tuple[int, int, float, int], ...]
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeerGroups:
    """Units that are alike, by k-means.

    Attributes
    ----------
    k
        How many groups there are; `chosen` says whether their silhouette decided it.
    silhouettes
        Mean silhouette by number of groups, from -1 to 1: the larger, the clearer the groups.
    groups
        Unit -> its group; 1 has the highest mean score.
    centres
        The mean scores of each group, by node.
    """

    k: int
    chosen: bool
    silhouettes: Mapping[int, float]
    groups: Mapping[str, int]
    centres: tuple[Mapping[str, float], ...]


def dendrogram(
    result: IndexResult, population: str, linkage: str = "ward"
) -> MergeTree | None:
    """Return the clusters of a group's cities by their scores right under the root.

    None for fewer than three cities with all scores.
    """
    units, _, z = _standardised_scores(result, population)
    if len(units) < 3:
        return None
    from scipy.cluster.hierarchy import leaves_list

    block = merge_rows(z, linkage, "sqeuclidean", "none")
    merges = tuple(
        (int(first), int(second), float(distance), int(size))
        for first, second, distance, size in block.tolist()
    )
    order = tuple(units[row] for row in leaves_list(block).tolist())
    return MergeTree(linkage, units, merges, order)


def peer_groups(
    result: IndexResult, population: str, k: int | None = None
) -> PeerGroups | None:
    """Return groups of alike units by the standardised scores right under the root.

    Parameters
    ----------
    k
        How many; None: the number from 2 to 8 with the largest mean silhouette.

    Returns
    -------
    PeerGroups or None
        None for fewer than three cities with all scores, or not more than groups.

    Notes
    -----
    k-means starts from the clusters of Ward's method, so that nothing is random.
    """
    units, x, z = _standardised_scores(result, population)
    most_groups = min(MOST_GROUPS, len(units) - 1)
    numbers_of_groups = range(2, most_groups + 1) if k is None else (k,)
    if len(units) < 3 or not numbers_of_groups or numbers_of_groups[-1] >= len(units):
        return None
    merges = merge_rows(z, "ward", "sqeuclidean", "none")
    labels_by_number = {
        number: _k_means(z, cut_tree(merges, number).astype(np.int64) - 1)
        for number in numbers_of_groups
    }
    silhouettes = {
        number: _mean_silhouette(z, labels)
        for number, labels in labels_by_number.items()
    }
    best = max(numbers_of_groups, key=lambda number: (silhouettes[number], -number))
    labels = labels_by_number[best]
    means = _group_means(x, labels, best)
    order = np.argsort(-means.mean(axis=1), kind="stable")
    rank_by_label = np.argsort(order)
    codes = codes_under_root(result)
    return PeerGroups(
        k=best,
        chosen=k is None,
        silhouettes=silhouettes,
        groups={
            u: int(rank_by_label[label]) + 1
            for u, label in zip(units, labels, strict=True)
        },
        centres=tuple(
            dict(zip(codes, row, strict=True)) for row in means[order].tolist()
        ),
    )


def nearest_units(
    result: IndexResult, population: str, count: int
) -> dict[str, tuple[str, ...]]:
    """Return, for each unit, the `count` units nearest to it, the nearest first.

    Distance is Euclidean between standardised scores right under the root. `population` is the
    group whose units are compared.
    """
    units, _, z = _standardised_scores(result, population)
    distances = np.sqrt(_squared_distances(z, z))
    orders = np.argsort(distances, axis=1, kind="stable").tolist()
    nearest = {}
    for row, order in enumerate(orders):
        others = [units[neighbour] for neighbour in order if neighbour != row]
        nearest[units[row]] = tuple(others[:count])
    return nearest


def _squared_distances(x: Matrix, others: Matrix) -> Matrix:
    """Return (n, m) squared distances of n rows to m others."""
    differences = x[:, None] - others[None]
    return np.asarray((differences**2).sum(axis=2))


def _group_means(x: Matrix, labels: np.ndarray, k: int) -> Matrix:
    """Return (k, m) means of the rows of each group; (n,) labels from 0 name the groups."""
    means = [x[labels == group].mean(axis=0) for group in range(k)]
    return np.array(means)


def _standardised_scores(
    result: IndexResult, population: str
) -> tuple[tuple[str, ...], Matrix, Matrix]:
    """Return the n units of a group with all scores right under the root, and these scores.

    Returns
    -------
    tuple
        The units; (n, nodes) scores; and their z-scores, without columns in which all are equal. If
        all columns are such, there is no unit and both arrays have no rows.
    """
    rows = population_rows(result, population)
    x = np.column_stack(
        [result.column(code)[rows] for code in codes_under_root(result)]
    )
    is_complete = ~np.isnan(x).any(axis=1)
    x = x[is_complete]
    complete_rows = rows[is_complete].tolist()
    units = tuple(result.dataset.units[row].id for row in complete_rows)
    varies = [
        column
        for column in range(x.shape[1])
        if len(x) > 1 and not is_constant(x[:, column])
    ]
    if not varies:
        return (), x[:0], x[:0]
    deviations = centre_columns(x[:, varies])[0]
    return units, x, np.asarray(deviations / column_sds(deviations))


def _k_means(z: Matrix, labels: np.ndarray) -> np.ndarray:
    """Return (n,) groups of n units in which each unit is nearest to the mean of its own group.

    Parameters
    ----------
    z
        (n, nodes) standardised scores.
    labels
        (n,) groups to start from, numbered from 0.
    """
    k = int(labels.max()) + 1
    for _ in range(_ROUNDS):
        distances = _squared_distances(z, _group_means(z, labels, k))
        # A row moves only where another mean is nearer: ties keep what they are.
        own_distance = distances[np.arange(len(z)), labels]
        has_nearer = distances.min(axis=1) < own_distance
        new_labels = np.where(has_nearer, distances.argmin(axis=1), labels)
        if not has_nearer.any() or len(np.unique(new_labels)) < k:
            break
        labels = new_labels
    return labels


def _mean_silhouette(z: Matrix, labels: np.ndarray) -> float:
    """Return the mean silhouette: how much nearer units are to their group than to the next one.

    A unit's is (b - a) / max(a, b) with its mean distances a to its own group, b to the nearest
    other one. `z` are (n, nodes) standardised scores, `labels` (n,) groups numbered from 0.
    """
    distances = np.sqrt(_squared_distances(z, z))
    groups = np.arange(labels.max() + 1)
    is_member = labels == groups[:, None]
    sizes = is_member.sum(axis=1)
    with np.errstate(all="ignore"):
        to_groups = distances @ is_member.T / sizes
        rows = np.arange(len(z))
        to_own_group = to_groups[rows, labels] * sizes[labels] / (sizes[labels] - 1)
        to_groups[rows, labels] = np.inf
        to_next_group = to_groups.min(axis=1)
        widths = (to_next_group - to_own_group) / np.maximum(
            to_own_group, to_next_group
        )
    # A unit alone in its group has none.
    defined = np.where(sizes[labels] > 1, np.nan_to_num(widths), 0.0)
    return float(defined.mean())
