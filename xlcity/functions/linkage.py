"""Hierarchical clustering: which two clusters are merged, one step after the other.

The steps are those of scipy's `linkage`, ties included, for as many cities as an index has. Loading
scipy takes longer than merging a few hundred.
"""

from collections.abc import Callable

import numpy as np

from xlcity.functions.block import Matrix

#: The distances of more rows are left to scipy, which keeps half of the square.
_MOST_ROWS = 1000


def merge(distances: Matrix, linkage: str) -> Matrix:
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
    steps = _tree_steps(square) if linkage == "single" else _chain_steps(square, _JOINED[linkage])
    return _numbered(steps[np.argsort(steps[:, 2], kind="stable")])


def _tree_steps(square: Matrix) -> Matrix:
    """Return the edges of the smallest tree: from what is reached so far to the nearest row."""
    n = len(square)
    steps, near, outside = np.empty((n - 1, 4)), np.full(n, np.inf), np.ones(n, dtype=bool)
    at = 0
    for step in range(n - 1):
        outside[at] = False
        near = np.where(outside, np.minimum(near, square[at]), np.inf)
        nearest = int(near.argmin())
        steps[step, :3] = at, nearest, near[nearest]
        at = nearest
    return steps


_Join = Callable[[Matrix, Matrix, float, float, float, Matrix], Matrix]


def _average(one: Matrix, other: Matrix, _: float, n: float, m: float, __: Matrix) -> Matrix:
    return np.asarray((n * one + m * other) / (n + m))


def _complete(one: Matrix, other: Matrix, *_: object) -> Matrix:
    return np.maximum(one, other)


def _ward(one: Matrix, other: Matrix, apart: float, n: float, m: float, sizes: Matrix) -> Matrix:
    share = 1.0 / (n + m + sizes)
    far = (sizes + n) * share * one * one + (sizes + m) * share * other * other
    return np.asarray(np.sqrt(far - sizes * share * apart * apart))


#: The distances of two clusters merged, from the distances of both and their sizes.
_JOINED: dict[str, _Join] = {"average": _average, "complete": _complete, "ward": _ward}


def _chain_steps(square: Matrix, joined: _Join) -> Matrix:
    """Return merges of mutual nearest neighbours, found along a chain; they are not in order."""
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
            row = joined(square[x], square[y], apart, size, other, sizes)
        row[(sizes == 0) | (np.arange(n) == y)] = np.inf
        sizes[y] = size + other
        square[x], square[:, x] = np.inf, np.inf
        square[y], square[:, y] = row, row
    return steps


def _numbered(steps: Matrix) -> Matrix:
    """Name each cluster: the row that it is, or n and the number of the step that made it."""
    n = len(steps) + 1
    above, sizes = list(range(2 * n - 1)), [1.0] * n + [0.0] * (n - 1)

    def top(node: int) -> int:
        while above[node] != node:
            above[node] = node = above[above[node]]
        return node

    for step, row in enumerate(steps):
        x, y = sorted((top(int(row[0])), top(int(row[1]))))
        above[x] = above[y] = n + step
        sizes[n + step] = sizes[x] + sizes[y]
        row[0], row[1], row[3] = x, y, sizes[n + step]
    return steps
