"""Scores in steps: the cut points of a column that knows only a few values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xlcity.methods.normalise.bands import BANDS
from xlcity.model.dataset import FloatArray
from xlcity.proof.cores import MethodFit
from xlcity.proof.numbers import plain

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

    def compute(x: FloatArray) -> FloatArray:
        """Return what the column gives for any number of values."""
        rows = -(-len(x) // len(like))
        columns = np.resize(x, (rows, len(like)))
        return np.concatenate([*map(run, columns)])[: len(x)]

    numbers = like[np.isfinite(like)]
    if not len(numbers):
        return None
    spread = float(np.ptp(numbers)) or 1.0
    least = float(numbers.min())
    # Where no value is negative, none is looked for.
    low = least - spread if least < 0 else max(0.0, least - spread)
    grid = np.linspace(low, numbers.max() + spread, _GRIDS * len(like))
    y = compute(grid)
    changes = np.flatnonzero(np.diff(y))
    if not np.isfinite(y).all() or not 0 < len(changes) < _MOST_STEPS:
        return None
    # The numbers at which steps change.
    before = grid[changes]
    after = grid[changes + 1]
    for _ in range(_HALVINGS):
        middle = (before + after) / 2
        is_before = compute(middle) == y[changes]
        before = np.where(is_before, middle, before)
        after = np.where(is_before, after, middle)
    cuts = tuple(map(plain, after.tolist()))
    scores = (*y[changes].tolist(), float(y[-1]))
    at_cut = tuple(compute(np.array(cuts)).tolist())
    # A cut point belongs to the band above it, or to the one below.
    if at_cut == scores[1:]:
        return MethodFit(BANDS.name, {"cuts": cuts, "scores": scores})
    if at_cut == scores[:-1]:
        scores = scores[::-1]
        return MethodFit(BANDS.name, {"cuts": cuts, "scores": scores}, -1)
    return None
