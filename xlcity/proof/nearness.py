"""Weights of TOPSIS, measured: from the distances that a column of nearness is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from xlcity.functions.outrank import topsis_score
from xlcity.model.dataset import FloatArray
from xlcity.proof.numbers import SAME

#: Whether each column is divided by its length first, the likelier first.
_VECTORS = ("yes", "no")
#: Digits of weights that people type, at most.
_DIGITS = 6


class NearnessDraw(NamedTuple):
    """Invented values of several columns, more is better, and the nearness made of them."""

    x: FloatArray
    y: FloatArray


class Nearness(NamedTuple):
    """How nearness is computed: relative weights, and the option `vector` of *topsis*."""

    weights: tuple[float, ...]
    vector: str


def find_nearness(draws: Sequence[NearnessDraw]) -> Nearness | None:
    """Return the weights and the option with which TOPSIS gives all draws; None if none do."""
    for vector in _VECTORS:
        weights = _weights(draws, vector)
        if weights is None:
            continue
        typed = np.array([float(f"{weight:.{_DIGITS}g}") for weight in weights])
        for tried in (typed, weights):
            if _gives(draws, tried, vector):
                return Nearness(tuple(tried.tolist()), vector)
    return None


def _weights(draws: Sequence[NearnessDraw], vector: str) -> FloatArray | None:
    """Return the weights of which distances have the ratio that nearness tells.

    Nearness y is d_worst / (d_best + d_worst), so that the squares of the weights times
    (y / (1 - y))^2 * (best - x)^2 - (x - worst)^2 add up to 0.
    """
    equations = []
    for x, y in draws:
        lengths = np.sqrt((x * x).sum(axis=0))
        scores = x / lengths if vector == "yes" else x
        to_best = (scores.max(axis=0) - scores) ** 2
        to_worst = (scores - scores.min(axis=0)) ** 2
        known = (y > 0) & (y < 1)
        nearness = y[known, None]
        before = (1 - nearness) ** 2 * to_worst[known]
        equations.append(before - nearness**2 * to_best[known])
    rows = np.vstack(equations)
    if len(rows) < rows.shape[1] or not np.isfinite(rows).all():
        return None
    sizes = np.abs(rows).max(axis=0)
    if not sizes.all():
        return None
    squares = np.linalg.svd(rows / sizes)[2][-1] / sizes
    squares = squares * np.sign(squares.sum())
    if (squares <= 0).any():
        return None
    lengths = np.sqrt(squares)
    weights: FloatArray = lengths / lengths.sum()
    return weights


def _gives(draws: Sequence[NearnessDraw], weights: FloatArray, vector: str) -> bool:
    """Tell whether TOPSIS gives all draws."""
    for x, y in draws:
        scores = topsis_score(x, weights, vector).values[:, 0]
        if not np.abs(scores - y).max() <= SAME:
            return False
    return True
