"""Cluster: units that resemble each other, merged step after step."""

from collections.abc import Callable
from typing import Annotated, NamedTuple

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
    make_block,
)
from xlcity.functions.decorator import function
from xlcity.functions.rounding import (
    centre_columns,
    column_sds,
    is_flat,
    scale_near_one,
)

#: The distances of more rows are left to scipy, which keeps half of the square.
_MOST_ROWS_OF_SQUARE = 1000


def _single_merges(square: Matrix) -> Matrix:
    """Return the (n - 1, 4) merges of single linkage, from the (n, n) distances of n rows.

    They are the edges of the smallest tree through all rows, which grows by the row that is nearest
    to it. A merge holds the row that was added last, the new row and its distance to the tree; its
    fourth number is not filled.
    """
    n = len(square)
    merges = np.empty((n - 1, 4))
    distance_to_tree = np.full(n, np.inf)
    is_outside = np.ones(n, dtype=bool)
    latest = 0
    for number in range(n - 1):
        is_outside[latest] = False
        nearer = np.minimum(distance_to_tree, square[latest])
        distance_to_tree = np.where(is_outside, nearer, np.inf)
        nearest = int(distance_to_tree.argmin())
        merges[number, :3] = latest, nearest, distance_to_tree[nearest]
        latest = nearest
    return merges


class _Merge(NamedTuple):
    """Two clusters that become one, and where they lie among all k clusters."""

    #: (k,) distances of all clusters to each of the two.
    to_first: Matrix
    to_second: Matrix
    #: Distance between the two.
    distance: float
    #: How many rows each of the two has.
    first_size: float
    second_size: float
    #: (k,) how many rows each of the clusters has.
    sizes: Matrix


_MergedDistance = Callable[[_Merge], Matrix]


def _average_distance(merge: _Merge) -> Matrix:
    """Return the mean distances of all clusters to the rows of the merged one."""
    total_first = merge.first_size * merge.to_first
    total_second = merge.second_size * merge.to_second
    total_size = merge.first_size + merge.second_size
    return np.asarray((total_first + total_second) / total_size)


def _complete_distance(merge: _Merge) -> Matrix:
    """Return the distances of all clusters to the farther part of the merged one."""
    return np.maximum(merge.to_first, merge.to_second)


def _ward_distance(merge: _Merge) -> Matrix:
    """Return Ward's distances of all clusters to the merged one."""
    sizes = merge.sizes
    share = 1.0 / (merge.first_size + merge.second_size + sizes)
    first_factor = (sizes + merge.first_size) * share
    second_factor = (sizes + merge.second_size) * share
    squares_first = first_factor * merge.to_first * merge.to_first
    squares_second = second_factor * merge.to_second * merge.to_second
    own_square = sizes * share * merge.distance * merge.distance
    return np.asarray(np.sqrt(squares_first + squares_second - own_square))


#: Linkage -> the distances of a merged cluster, from the distances of both parts.
_MERGED_DISTANCES: dict[str, _MergedDistance] = {
    "average": _average_distance,
    "complete": _complete_distance,
    "ward": _ward_distance,
}


def _chain_merges(square: Matrix, merged_distance: _MergedDistance) -> Matrix:
    """Return (n - 1, 4) merges of mutual nearest neighbours, not in the order of their distances.

    From any cluster a chain leads to its nearest neighbour, from there to that one's nearest, until
    two are each other's nearest: these are merged. A merge holds a row of each cluster and their
    distance; its fourth number is not filled.

    Parameters
    ----------
    square
        (n, n) distances, infinite on the diagonal; changed in place.
    merged_distance
        Gives the distances of all clusters to the merged one: one of `_MERGED_DISTANCES`.
    """
    n = len(square)
    merges = np.empty((n - 1, 4))
    sizes = np.ones(n)
    chain = list[int]()
    for number in range(n - 1):
        if not chain:
            chain.append(int((sizes > 0).argmax()))
        while True:
            distances = square[chain[-1]]
            nearest = int(distances.argmin())
            # Of equally near ones the previous in the chain is taken: else it could go in circles.
            if len(chain) > 1 and distances[chain[-2]] == distances[nearest]:
                break
            chain.append(nearest)
        first, second = sorted((chain.pop(), chain.pop()))
        distance = float(square[first, second])
        first_size = sizes[first]
        second_size = sizes[second]
        merges[number, :3] = first, second, distance
        # Merged into the second, and no cluster of its own any longer.
        sizes[first] = 0.0
        merge = _Merge(
            to_first=square[first],
            to_second=square[second],
            distance=distance,
            first_size=first_size,
            second_size=second_size,
            sizes=sizes,
        )
        with np.errstate(invalid="ignore"):
            distances = merged_distance(merge)
        distances[(sizes == 0) | (np.arange(n) == second)] = np.inf
        sizes[second] = first_size + second_size
        square[first] = np.inf
        square[:, first] = np.inf
        square[second] = distances
        square[:, second] = distances
    return merges


def _number_clusters(merges: Matrix) -> Matrix:
    """Write the numbers and sizes of clusters into (n - 1, 4) merges, in place, and return them.

    A merge comes with a row of each of its two clusters, and gets their numbers instead. A single
    row is the cluster of its own number; the cluster made by merge i, from 0, has number n + i.
    """
    n = len(merges) + 1
    cluster_of_row = np.arange(n)
    for number, merge in enumerate(merges):
        first, second = sorted(cluster_of_row[merge[:2].astype(int)])
        is_inside = (cluster_of_row == first) | (cluster_of_row == second)
        cluster_of_row[is_inside] = n + number
        merge[[0, 1, 3]] = first, second, is_inside.sum()
    return merges


#: How the distance between two clusters follows from those of their members.
LINKAGES = ("average", "ward", "complete", "single")
#: Distance between two units.
METRICS = ("euclidean", "sqeuclidean", "cityblock")
#: What is done to the columns first.
ZSCORES = "zscore"
STANDARDISATIONS = ("none", ZSCORES)


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
        labels[rows] = cut_tree(
            merge_by_distance(_pair_distances(points, metric), linkage), int(k)
        )
    return make_block(labels[:, None], errors[:, None])


def _prepare_points(
    points: Matrix, k: int, standardise: str
) -> tuple[Matrix, ErrorCode]:
    """Return the rows to be clustered, as z-scores if asked for, and the `ErrorCode` of the call.

    That is #NUM! for fewer rows than the k clusters, #DIV/0! for z-scores of a constant column,
    else none. `standardise` is "none" or "zscore".
    """
    if standardise == ZSCORES and len(points):
        is_constant_column = is_flat(points.min(axis=0), points.max(axis=0))
        if is_constant_column.any():
            return points, ErrorCode.DIV0
        # n or n - 1 makes no difference to clusters.
        deviation, _ = centre_columns(scale_near_one(points))
        with np.errstate(all="ignore"):
            points = np.asarray(deviation / column_sds(deviation))
    return points, ErrorCode.NUM if len(points) < k else ErrorCode.NONE


def _pair_distances(points: Matrix, metric: str) -> Matrix:
    """Return the distances of all pairs of rows, in the order of scipy's `pdist`.

    `metric` is one of `METRICS`.
    """
    first, second = np.triu_indices(len(points), 1)
    with np.errstate(all="ignore"):
        difference = points[first] - points[second]
        if metric == "cityblock":
            return np.asarray(np.abs(difference).sum(axis=1))
        squares = (difference**2).sum(axis=1)
        return np.asarray(np.sqrt(squares) if metric == "euclidean" else squares)


def merge_by_distance(distances: Matrix, linkage: str) -> Matrix:
    """Return the (n - 1, 4) merges of units by their distances, as scipy's `linkage` does.

    A row each: the numbers of the two clusters, their distance, and their size together. Too large
    or missing distances count as the largest there are.

    Parameters
    ----------
    distances
        Of all pairs of rows, in the order of scipy's `pdist`.
    linkage
        One of `LINKAGES`.
    """
    if not distances.size:
        return np.empty((0, 4))

    largest = np.finfo(np.float64).max / 1e9
    finite = np.nan_to_num(np.minimum(distances, largest), nan=largest)
    if linkage == "ward":
        finite = np.sqrt(finite)  # Ward squares what it is given
    n = int(np.sqrt(2 * distances.size)) + 1
    if n > _MOST_ROWS_OF_SQUARE:
        from scipy.cluster import hierarchy

        return np.asarray(hierarchy.linkage(finite, linkage))
    square = np.full((n, n), np.inf)
    square[np.triu_indices(n, 1)] = finite
    square = np.minimum(square, square.T)
    if linkage == "single":
        merges = _single_merges(square)
    else:
        merges = _chain_merges(square, _MERGED_DISTANCES[linkage])
    return _number_clusters(merges[np.argsort(merges[:, 2], kind="stable")])


def merge_rows(points: Matrix, linkage: str, metric: str, standardise: str) -> Matrix:
    """Return the (n - 1, 4) merges of n rows without gaps, as scipy's `linkage` does.

    There is no merge, a (0, 4) array, where rows are fewer than two or a column to be standardised
    is constant.

    Parameters
    ----------
    points
        (n, m) values.
    linkage, metric, standardise
        One of `LINKAGES`, of `METRICS` and of `STANDARDISATIONS`.
    """
    prepared, error = _prepare_points(points, 2, standardise)
    if error != ErrorCode.NONE:
        return np.empty((0, 4))
    return merge_by_distance(_pair_distances(prepared, metric), linkage)


def cut_tree(merges: Matrix, k: int) -> Matrix:
    """Return the (n,) cluster of each row, 1 to k, when the first n - k merges were made.

    Clusters are numbered in the order of their first rows. The number of merges decides, not a
    distance: of two merges at one distance only one may be needed.

    Parameters
    ----------
    merges
        (n - 1, 4) as scipy's `linkage` gives them: a line holds the numbers of two clusters first;
        a row is a cluster of its own number, and merge i makes the cluster n + i.
    """
    n = len(merges) + 1
    cluster_of_row = np.arange(n)
    for number in range(n - k):
        cluster_of_row[np.isin(cluster_of_row, merges[number, :2].astype(int))] = (
            n + number
        )
    _, first_row, label_of_row = np.unique(
        cluster_of_row, return_index=True, return_inverse=True
    )
    label_in_order = np.empty(len(first_row), dtype=np.int64)
    label_in_order[np.argsort(first_row)] = np.arange(1, len(first_row) + 1)
    return label_in_order[label_of_row.reshape(-1)].astype(np.float64)
