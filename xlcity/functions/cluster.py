"""Cluster: units that resemble each other, merged step after step."""

from collections.abc import Callable
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.arguments import accept_one_number, one_of
from xlcity.functions.block import (
    CellArray,
    CellState,
    ErrorCode,
    Matrix,
    States,
    as_numbers,
    block,
)
from xlcity.functions.decorator import function
from xlcity.functions.rounding import centred, deviation_of, is_flat, scale_near_one

#: The distances of more rows are left to scipy, which keeps half of the square.
_MOST_ROWS = 1000


def merge_units(distances: Matrix, linkage: str) -> Matrix:
    """Return the merges: the two clusters, their distance, and how many rows they have together.

    Parameters
    ----------
    distances
        Of all pairs of rows, in the order of scipy's `pdist`; finite, for ward their squares too.
    linkage
        average, ward, complete or single.
    """
    n = int(np.sqrt(2 * distances.size)) + 1
    if n > _MOST_ROWS:
        from scipy.cluster import hierarchy

        return np.asarray(hierarchy.linkage(distances, linkage))
    square = np.full((n, n), np.inf)
    square[np.triu_indices(n, 1)] = distances
    square = np.minimum(square, square.T)
    steps = _tree_steps(square) if linkage == "single" else _chain_steps(square, _UPDATES[linkage])
    return _number_clusters(steps[np.argsort(steps[:, 2], kind="stable")])


def _tree_steps(square: Matrix) -> Matrix:
    """Return the merges of single linkage: the edges of the smallest tree through (n, n) distances.

    Each goes from the rows that are reached so far to the nearest of the others: (n - 1, 4), the
    two rows and their distance; the last column is not filled.
    """
    n = len(square)
    steps, near, outside = np.empty((n - 1, 4)), np.full(n, np.inf), np.ones(n, dtype=bool)
    row = 0
    for step in range(n - 1):
        outside[row] = False
        near = np.where(outside, np.minimum(near, square[row]), np.inf)
        nearest = int(near.argmin())
        steps[step, :3] = row, nearest, near[nearest]
        row = nearest
    return steps


#: The arguments of each are those of `_ward_distance`.
_Join = Callable[[Matrix, Matrix, float, float, float, Matrix], Matrix]


def _average_distance(
    first: Matrix, second: Matrix, _apart: float, n: float, m: float, _sizes: Matrix
) -> Matrix:
    """Return mean distances to a merged cluster, by the n and m rows of its parts."""
    return np.asarray((n * first + m * second) / (n + m))


def _complete_distance(first: Matrix, second: Matrix, *_: object) -> Matrix:
    """Return distances to a merged cluster: those of the farther part."""
    return np.maximum(first, second)


def _ward_distance(
    first: Matrix, second: Matrix, apart: float, n: float, m: float, sizes: Matrix
) -> Matrix:
    """Return Ward's distances of all clusters to one that two are merged to.

    Parameters
    ----------
    first, second
        (n,) distances to the two parts.
    apart
        Distance between the parts.
    n, m
        How many rows each part has.
    sizes
        (n,) how many rows each of the clusters has.
    """
    share = 1.0 / (n + m + sizes)
    far = (sizes + n) * share * first * first + (sizes + m) * share * second * second
    return np.asarray(np.sqrt(far - sizes * share * apart * apart))


#: Linkage -> the distances of a merged cluster, from the distances of both parts.
_UPDATES: dict[str, _Join] = {
    "average": _average_distance,
    "complete": _complete_distance,
    "ward": _ward_distance,
}


def _chain_steps(square: Matrix, merged_distance: _Join) -> Matrix:
    """Return merges of mutual nearest neighbours, found along a chain; they are not in order.

    Parameters
    ----------
    square
        (n, n) distances, infinite on the diagonal; changed in place.
    merged_distance
        One of `_UPDATES`.
    """
    n = len(square)
    steps, sizes, chain = np.empty((n - 1, 4)), np.ones(n), list[int]()
    for step in range(n - 1):
        if not chain:
            chain.append(int((sizes > 0).argmax()))
        while True:
            row = square[chain[-1]]
            nearest = int(row.argmin())
            # Of equals the one before goes first: else the chain could go in circles.
            if len(chain) > 1 and row[chain[-2]] == row[nearest]:
                break
            chain.append(nearest)
        x, y = sorted((chain.pop(), chain.pop()))
        apart, (size, other) = float(square[x, y]), (sizes[x], sizes[y])
        steps[step, :3] = x, y, apart
        sizes[x] = 0.0
        with np.errstate(invalid="ignore"):
            row = merged_distance(square[x], square[y], apart, size, other, sizes)
        row[(sizes == 0) | (np.arange(n) == y)] = np.inf
        sizes[y] = size + other
        square[x], square[:, x] = np.inf, np.inf
        square[y], square[:, y] = row, row
    return steps


def _number_clusters(steps: Matrix) -> Matrix:
    """Write the numbers and sizes of clusters into (n - 1, 4) merges, in place, and return them.

    A cluster has the number of the row that it is, or n and the number of the step that made it.
    """
    n = len(steps) + 1
    above, sizes = list(range(2 * n - 1)), [1.0] * n + [0.0] * (n - 1)

    def find_top(node: int) -> int:
        """Return the cluster that a row or cluster is now in."""
        while above[node] != node:
            above[node] = node = above[above[node]]
        return node

    for step, row in enumerate(steps):
        x, y = sorted((find_top(int(row[0])), find_top(int(row[1]))))
        above[x] = above[y] = n + step
        sizes[n + step] = sizes[x] + sizes[y]
        row[0], row[1], row[3] = x, y, sizes[n + step]
    return steps


#: How the distance between two clusters follows from those of their members.
LINKAGES = ("average", "ward", "complete", "single")
#: Distance between two units.
METRICS = ("euclidean", "sqeuclidean", "cityblock")
#: What is done to the columns first.
STANDARDISATIONS = ("none", "zscore")


@function(category="assess", returns="column")
def cluster_labels(
    values: ArrayLike,
    k: Annotated[float, accept_one_number(1.0, integer=True)] = 5.0,
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
    errors = np.full(x.shape[0], ErrorCode.NA, dtype=np.uint8)
    errors[(state == CellState.TEXT).any(axis=1)] = ErrorCode.VALUE
    points, error = _prepare_points(x[rows], int(k), standardise)
    errors[rows] = error
    if error == ErrorCode.NONE:
        labels[rows] = cut_tree(merge_steps(_pair_distances(points, metric), linkage), int(k))
    return block(labels[:, None], errors[:, None])


def _prepare_points(points: Matrix, k: int, standardise: str) -> tuple[Matrix, int]:
    """Return the rows as they are compared, and the error of all: too few, or a flat column."""
    if standardise == "zscore" and len(points):
        if is_flat(points.min(axis=0), points.max(axis=0)).any():
            return points, ErrorCode.DIV0
        points = points if len(points) < k else _standardise_points(points)
    return points, ErrorCode.NUM if len(points) < k else ErrorCode.NONE


def _standardise_points(points: Matrix) -> Matrix:
    """Return z-scores; n or n - 1 makes no difference to clusters, it is one factor for all."""
    deviation, _ = centred(scale_near_one(points))
    with np.errstate(all="ignore"):
        return np.asarray(deviation / deviation_of(deviation))


def _pair_distances(points: Matrix, metric: str) -> Matrix:
    """Return the distances of all pairs of rows, in the order of scipy's `pdist`."""
    first, second = np.triu_indices(len(points), 1)
    with np.errstate(all="ignore"):
        gap = points[first] - points[second]
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
    finite = np.nan_to_num(np.minimum(distances, largest), nan=largest)
    # Ward squares what it is given.
    return merge_units(np.sqrt(finite) if linkage == "ward" else finite, linkage)


def merge_block(points: Matrix, linkage: str, metric: str, standardise: str) -> Matrix:
    """Return the merges of the rows of a block without gaps; (0, 4) where it cannot be compared."""
    prepared, error = _prepare_points(points, 2, standardise)
    if error != ErrorCode.NONE:
        return np.empty((0, 4))
    return merge_steps(_pair_distances(prepared, metric), linkage)


def cut_tree(merges: Matrix, k: int) -> Matrix:
    """Return the cluster of each row when the first n - k merges were made, from 1 on.

    The number of merges counts, not a height: a height may cut through a tie and give fewer.
    """
    n = len(merges) + 1
    member = np.arange(n)
    for step in range(n - k):
        member[np.isin(member, merges[step, :2].astype(int))] = n + step
    _, first, group = np.unique(member, return_index=True, return_inverse=True)
    order = np.empty(len(first), dtype=np.int64)
    order[np.argsort(first)] = np.arange(1, len(first) + 1)
    return order[group.reshape(-1)].astype(np.float64)
