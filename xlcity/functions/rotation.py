"""Rotate loadings: varimax, and the mean of rotations that are equally good."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from xlcity.functions.block import Matrix


def average_rotations(loadings: Matrix) -> Matrix:
    """Return (p,) largest squared loadings of rows, averaged over rotations that are equally good.

    Components with one eigenvalue may have several: each of the (p, q) loadings' rows starts one.
    """
    k = len(loadings)
    rotations = []
    for first in range(k):
        order = np.roll(np.arange(k), -first)
        squares = np.empty_like(loadings)
        squares[order] = varimax(loadings[order]) ** 2
        rotations.append((float(squares.var(axis=0).sum()), squares.max(axis=1)))
    best = max(size for size, _ in rotations)
    return np.asarray(
        np.mean([largest for size, largest in rotations if size >= best * (1 - 1e-9)], axis=0)
    )


def varimax(loadings: Matrix, rounds: int = 500) -> Matrix:
    """Return loadings rotated so that their squares vary as much as they can (raw varimax).

    Notes
    -----
    Components are turned in pairs, each by the angle that is best for it, until no angle is left.
    The start does not depend on how eigenvectors were turned or signed: it is a triangular form of
    the loadings, so that rounding does not choose between two equally good rotations.
    """
    p, q = loadings.shape
    turned = _turn_triangular(loadings)
    for _ in range(rounds):
        largest = 0.0
        for first, second in combinations(range(q), 2):
            x, y = turned[:, first].copy(), turned[:, second].copy()
            u, v = x * x - y * y, 2.0 * x * y
            up = 2.0 * (u @ v - u.sum() * v.sum() / p)
            across = u @ u - v @ v - (u.sum() ** 2 - v.sum() ** 2) / p
            if max(abs(up), abs(across)) <= 1e-13 * (x @ x + y @ y) ** 2:
                continue
            angle = math.atan2(up, across) / 4.0
            largest = max(largest, abs(angle))
            turned[:, first] = x * math.cos(angle) + y * math.sin(angle)
            turned[:, second] = y * math.cos(angle) - x * math.sin(angle)
        if largest < 1e-13:
            break
    return turned


def _turn_triangular(loadings: Matrix) -> Matrix:
    """Return the loadings turned so that the strongest columns lie along the first components."""
    left, axes = loadings.copy(), []
    for _ in range(loadings.shape[1]):
        lengths = (left**2).sum(axis=1)
        # The first of those that are equally strong but for rounding.
        pivot = int(np.flatnonzero(lengths >= lengths.max() * (1 - 1e-9))[0])
        axis = left[pivot] / math.sqrt(lengths[pivot])
        axes.append(axis)
        left = left - np.outer(left @ axis, axis)
    return np.asarray(loadings @ np.array(axes).T)
