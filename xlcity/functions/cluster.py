"""Cluster: units that resemble each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.block import (
    DIV0,
    NA,
    NO_ERROR,
    NUM,
    VALUE,
    Block,
    Matrix,
    State,
    States,
    as_matrix,
    as_states,
    block,
)
from xlcity.functions.noise import centred, deviation_of, is_flat, near_one

#: How the distance between two clusters follows from those of their members.
LINKAGES = ("average", "ward", "complete", "single")
#: Distance between two units.
METRICS = ("euclidean", "sqeuclidean", "cityblock")
#: What is done to the columns first.
STANDARDISATIONS = ("none", "zscore")


def cluster_labels(
    values: ArrayLike,
    k: float = 5.0,
    linkage: str = "average",
    metric: str = "sqeuclidean",
    standardise: str = "none",
    *,
    states: States | None = None,
) -> Block:
    """Return the cluster of each row, from hierarchical clustering cut into k clusters.

    Parameters
    ----------
    values
        (n, m) values, a row per unit; NaN = no value.
    k
        Number of clusters.
    linkage
        See `LINKAGES`: the mean, Ward's criterion, the largest or the smallest of the distances.
    metric
        See `METRICS`.
    standardise
        `zscore` gives every column mean 0 and standard deviation 1 first.
    states
        (n, m) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, 1) numbers of the clusters, counted in the order in which the rows meet them.

    Notes
    -----
    Starts with every row alone and merges the two nearest clusters until k are left. Only complete
    rows take part: one with a blank or a missing code is #N/A, one with text #VALUE!. Fewer
    complete rows than clusters is #NUM!, a constant column under `zscore` #DIV/0!.

    `ward` updates the chosen distances by the formula of Lance and Williams, as SPSS does: with
    `sqeuclidean` that is Ward's criterion, the least increase of the sum of squares.

    References
    ----------
    Ward (1963), Journal of the American Statistical Association 58; Lance and Williams (1967), The
    Computer Journal 9(4).

    Examples
    --------
    >>> cluster_labels([[9.0], [1.0], [8.0], [2.0]], 2).values.ravel().tolist()
    [1.0, 2.0, 1.0, 2.0]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    rows = np.flatnonzero((state == State.NUMBER).all(axis=1))
    labels = np.full(x.shape[0], np.nan)
    errors = np.full(x.shape[0], NA, dtype=np.uint8)
    errors[(state == State.TEXT).any(axis=1)] = VALUE
    points = x[rows]
    constant = rows.size and is_flat(points.min(axis=0), points.max(axis=0)).any()
    if standardise == "zscore" and constant:
        errors[rows] = DIV0
    elif rows.size < k:
        errors[rows] = NUM
    else:
        if standardise == "zscore":
            points = _standardised(points)
        labels[rows] = _cut(_distances(points, metric), int(k), linkage)
        errors[rows] = NO_ERROR
    return block(labels[:, None], errors[:, None])


def _standardised(points: Matrix) -> Matrix:
    """Return z-scores; n or n - 1 makes no difference to clusters, it is one factor for all."""
    deviation, _ = centred(near_one(points))
    with np.errstate(all="ignore"):
        return np.asarray(deviation / deviation_of(deviation))


def _distances(points: Matrix, metric: str) -> Matrix:
    """Return the distances of all pairs of rows, in the order of scipy's `pdist`."""
    one, other = np.triu_indices(len(points), 1)
    with np.errstate(all="ignore"):
        gap = points[one] - points[other]
        if metric == "cityblock":
            return np.asarray(np.abs(gap).sum(axis=1))
        squares = (gap**2).sum(axis=1)
        return np.asarray(np.sqrt(squares) if metric == "euclidean" else squares)


def _cut(distances: Matrix, k: int, linkage: str) -> Matrix:
    n = round((1 + np.sqrt(1 + 8 * distances.size)) / 2)
    member = np.arange(n)
    if k < n:
        from scipy.cluster.hierarchy import linkage as merge

        # Distances beyond the range of doubles are refused there: they are the largest there are.
        largest = np.finfo(np.float64).max / 1e9
        known = np.nan_to_num(np.minimum(distances, largest), nan=largest)
        # scipy's Ward squares what it is given.
        known = np.sqrt(known) if linkage == "ward" else known
        merges = merge(known, linkage)
        # The first n - k merges, not a height: a height may cut through a tie and give fewer.
        for step in range(n - k):
            pair = merges[step, :2].astype(int)
            member[np.isin(member, pair)] = n + step
    _, first, place = np.unique(member, return_index=True, return_inverse=True)
    order = np.empty(len(first), dtype=np.int64)
    order[np.argsort(first)] = np.arange(1, len(first) + 1)
    return order[place.reshape(-1)].astype(np.float64)
