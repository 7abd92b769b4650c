"""Scores in steps: the cut points of a column that knows only a few values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xlcity.methods.normalise.bands import BANDS
from xlcity.model.dataset import FloatArray
from xlcity.proof.cores import MethodFit

#: Steps that are looked for, at most.
_MOST_STEPS = 12
#: Columns of invented values that the range is searched with.
_GRIDS = 12
#: Halvings of an interval: to the last digit of a number.
_HALVINGS = 60


def find_bands(
    run: Callable[[FloatArray], FloatArray], like: FloatArray
) -> MethodFit | None:
    """Return the bands that give a column; None if it is not made of steps.

    Parameters
    ----------
    run
        Gives the column for invented values.
    like
        Values of the workbook.
    """
    numbers = like[np.isfinite(like)]
    if not len(numbers):
        return None
    spread = float(np.ptp(numbers)) or 1.0
    low = float(numbers.min()) - spread
    high = float(numbers.max()) + spread
    grid = np.linspace(low, high, _GRIDS * len(like))
    parts = [run(part) for part in np.split(grid, _GRIDS)]
    y = np.concatenate(parts)
    if not np.isfinite(y).all() or len(np.unique(y)) > _MOST_STEPS:
        return None
    changes = np.flatnonzero(np.diff(y))
    if not len(changes) or len(changes) >= min(_MOST_STEPS, len(like)):
        return None
    steps = len(changes)

    def run_steps(x: FloatArray) -> FloatArray:
        return run(_padded(x, len(like)))[:steps]

    cuts = _bisect(run_steps, grid[changes], grid[changes + 1], y[changes])
    at_cut = run_steps(cuts)
    scores = [float(y[0]), *map(float, y[changes + 1])]
    if np.array_equal(at_cut, scores[1:]):
        return _bands(cuts.tolist(), scores, 1)
    if np.array_equal(at_cut, scores[:-1]):
        return _bands(cuts.tolist(), scores[::-1], -1)
    return None


def _bands(cuts: list[float], scores: list[float], direction: int) -> MethodFit:
    params = {"cuts": tuple(cuts), "scores": tuple(scores)}
    return MethodFit(BANDS.name, params, direction, constants=(*cuts, *scores))


def _padded(values: FloatArray, size: int) -> FloatArray:
    missing = np.full(size - len(values), values[0])
    return np.concatenate([values, missing])


def _bisect(
    run: Callable[[FloatArray], FloatArray],
    left: FloatArray,
    right: FloatArray,
    before: FloatArray,
) -> FloatArray:
    """Return the numbers at which steps change, as plain as they may be.

    `left` and `right` are around each step, `before` is what the column gives on its left.
    """
    low = left.copy()
    high = right.copy()
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        is_before = run(middle) == before
        low = np.where(is_before, middle, low)
        high = np.where(is_before, high, middle)
    return np.array([*map(_plainest, low.tolist(), high.tolist())])


def _plainest(low: float, high: float) -> float:
    """Return the number of fewest digits that two neighbouring numbers stand around."""
    for digits in range(1, 15):
        rounded = float(f"{high:.{digits}g}")
        if abs(rounded - high) <= 1e-11 * max(abs(high), abs(low)):
            return rounded
    return high
