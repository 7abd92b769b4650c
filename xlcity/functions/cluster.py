"""Cluster: units that resemble each other."""

from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.arguments import one_number, one_of
from xlcity.functions.block import (
    DIV0,
    NA,
    NO_ERROR,
    NUM,
    VALUE,
    CellArray,
    CellState,
    Matrix,
    States,
    as_numbers,
    block,
)
from xlcity.functions.decorator import function
from xlcity.functions.linkage import merge
from xlcity.functions.noise import centred, deviation_of, is_flat, near_one

#: How the distance between two clusters follows from those of their members.
LINKAGES = ("average", "ward", "complete", "single")
#: Distance between two units.
METRICS = ("euclidean", "sqeuclidean", "cityblock")
#: What is done to the columns first.
STANDARDISATIONS = ("none", "zscore")


@function(category="assess", returns="column")
def cluster_labels(
    values: ArrayLike,
    k: Annotated[float, one_number(1.0, whole=True)] = 5.0,
    linkage: Annotated[str, one_of(*LINKAGES)] = "average",
    metric: Annotated[str, one_of(*METRICS)] = "sqeuclidean",
    standardise: Annotated[str, one_of(*STANDARDISATIONS)] = "none",
    *,
    states: States | None = None,
) -> CellArray:
    """Return the cluster of each row: hierarchical clustering of the cities, cut into k clusters.

    Parameters
    ----------
    values : (n, m)
        Values, a row per unit; NaN = no value.
    k
        Number of clusters.
    linkage
        Distance between clusters: average (mean of all pairs), ward, complete (largest) or single
        (smallest).
    metric
        Distance between cities: euclidean, sqeuclidean (squared) or cityblock (sum of absolute
        differences).
    standardise
        none, or zscore: every column gets mean 0 and standard deviation 1 first.

    See Also
    --------
    pearson_matrix

    Notes
    -----
    ``start with every city alone; merge the two nearest clusters until k are left``

    - Clusters are numbered in the order in which the rows meet them: the first city is in 1.
    - ward updates the chosen distances as SPSS does; with sqeuclidean it is Ward's criterion of the
      least increase in the sum of squares.
    - Plain cell formulas cannot compute it.

    References
    ----------
    Ward (1963), Journal of the American Statistical Association 58; Lance and Williams (1967), The
    Computer Journal 9(4).

    Examples
    --------
    >>> cluster_labels([[9.0], [1.0], [8.0], [2.0]], 2).values.ravel().tolist()
    [1.0, 2.0, 1.0, 2.0]
    """
    x, state = as_numbers(values, states)
    rows = np.flatnonzero((state == CellState.NUMBER).all(axis=1))
    labels = np.full(x.shape[0], np.nan)
    errors = np.full(x.shape[0], NA, dtype=np.uint8)
    errors[(state == CellState.TEXT).any(axis=1)] = VALUE
    points, error = _prepared(x[rows], int(k), standardise)
    errors[rows] = error
    if error == NO_ERROR:
        labels[rows] = cut(merge_steps(_distances(points, metric), linkage), int(k))
    return block(labels[:, None], errors[:, None])


def _prepared(points: Matrix, k: int, standardise: str) -> tuple[Matrix, int]:
    """Return the rows as they are compared, and the error of all of them."""
    if standardise == "zscore" and len(points):
        if is_flat(points.min(axis=0), points.max(axis=0)).any():
            return points, DIV0
        points = points if len(points) < k else _standardised(points)
    return points, NUM if len(points) < k else NO_ERROR


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


def merge_steps(distances: Matrix, linkage: str) -> Matrix:
    """Return the merges of units whose distances are given, as scipy's `linkage` does.

    Parameters
    ----------
    distances
        Of all pairs of rows, in the order of scipy's `pdist`.
    linkage
        One of `LINKAGES`.
    """
    if not distances.size:
        return np.empty((0, 4))
    # Distances beyond the range of doubles would be no numbers: they are the largest there are.
    largest = np.finfo(np.float64).max / 1e9
    known = np.nan_to_num(np.minimum(distances, largest), nan=largest)
    # Ward squares what it is given.
    return merge(np.sqrt(known) if linkage == "ward" else known, linkage)


def merge_block(points: Matrix, linkage: str, metric: str, standardise: str) -> Matrix:
    """Return the merges of the rows of a block without gaps; none where it cannot be compared."""
    prepared, error = _prepared(points, 2, standardise)
    if error != NO_ERROR:
        return np.empty((0, 4))
    return merge_steps(_distances(prepared, metric), linkage)


def cut(merges: Matrix, k: int) -> Matrix:
    """Return the cluster of each row when the first n - k merges were made, from 1 on.

    The number of merges counts, not a height: a height may cut through a tie and give fewer.
    """
    n = len(merges) + 1
    member = np.arange(n)
    for step in range(n - k):
        member[np.isin(member, merges[step, :2].astype(int))] = n + step
    _, first, place = np.unique(member, return_index=True, return_inverse=True)
    order = np.empty(len(first), dtype=np.int64)
    order[np.argsort(first)] = np.arange(1, len(first) + 1)
    return order[place.reshape(-1)].astype(np.float64)
