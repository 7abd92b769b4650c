"""Scales that measure distances from a reference, a band or the mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.block import (
    DIV0,
    NO_ERROR,
    NUM,
    Block,
    PerColumn,
    State,
    States,
    WordPerColumn,
    as_matrix,
    as_states,
    block,
    column_bounds,
    own_errors,
    per_column,
    words_per_column,
)
from xlcity.functions.noise import ZERO, is_flat
from xlcity.functions.treat import quantile

#: How cut points are meant: as values, or as percentiles of the column.
CUTS_BY = ("value", "percentile")


def dist_reference(
    values: ArrayLike,
    reference: PerColumn | None = None,
    direction: PerColumn = 1.0,
    cap: WordPerColumn = "no",
    scale: PerColumn = 1.0,
    *,
    states: States | None = None,
) -> Block:
    """Return how far values have come on the way from the worst value to a reference.

    Parameters
    ----------
    values
        (n, k) values, any uom; NaN = no value.
    reference
        Target or value of a reference city per column, in the uom of the values; None or NaN = the
        best value of the column.
    direction
        1 where more is better, -1 where less is better, per column.
    cap
        `yes` gives values beyond the reference no more than the reference.
    scale
        Result of the reference, per column.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, k) scores: 0 for the worst value, `scale` for the reference.

    Notes
    -----
    ``(1 - (reference - x) / (reference - worst)) * scale``. A constant column is #DIV/0! where the
    reference is its own best; a reference that is no better than the worst value is #NUM!.

    References
    ----------
    OECD/JRC (2008), Handbook, step 5; COINr, `n_dist2max`, `n_dist2ref`, `n_dist2targ`.

    Examples
    --------
    >>> dist_reference([[2.0], [6.0], [12.0]], 10).values.ravel().tolist()
    [0.0, 0.5, 1.25]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    k = x.shape[1]
    turned = per_column(direction, k) < 0
    low, high = column_bounds(x, state)
    worst, best = np.where(turned, high, low), np.where(turned, low, high)
    given = per_column(reference, k)
    goal = np.where(np.isnan(given), best, given)
    ahead = np.where(turned, worst - goal, goal - worst)
    with np.errstate(all="ignore"):
        way = 1.0 - (goal - x) / (goal - worst)
        capped = np.array([word == "yes" for word in words_per_column(cap, k)])
        way = np.where(capped & (way > 1), 1.0, way)
    errors = own_errors(state)
    numbers = state == State.NUMBER
    no_way = (ahead <= 0) | is_flat(np.minimum(goal, worst), np.maximum(goal, worst))
    errors[numbers & no_way] = NUM
    errors[numbers & np.isnan(given) & no_way] = DIV0
    return block(way * per_column(scale, k), errors)


def fraction_max(
    values: ArrayLike,
    direction: PerColumn = 1.0,
    scale: PerColumn = 1.0,
    *,
    states: States | None = None,
) -> Block:
    """Return values as fractions of the best value of their column.

    Parameters
    ----------
    values
        (n, k) values, any uom; NaN = no value.
    direction
        1: x / maximum; -1: minimum / x, per column.
    scale
        Result of the best value, per column.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, k) scores, `scale` for the best.

    Notes
    -----
    A column whose maximum is not above 0 is #NUM!; where less is better, every value must be above
    0 and a column with another is #NUM!.

    References
    ----------
    COINr, `n_fracmax`.

    Examples
    --------
    >>> fraction_max([[2.0, 2.0], [8.0, 8.0]], [1, -1]).values.tolist()
    [[0.25, 1.0], [1.0, 0.25]]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    k = x.shape[1]
    turned = per_column(direction, k) < 0
    low, high = column_bounds(x, state)
    with np.errstate(all="ignore"):
        made = np.where(turned, low / x, x / high) * per_column(scale, k)
    errors = own_errors(state)
    errors[(state == State.NUMBER) & ~np.where(turned, low > 0, high > 0)] = NUM
    return block(np.where(errors == NO_ERROR, made, np.nan), errors)


def category_scale(
    values: ArrayLike,
    cuts: ArrayLike,
    scores: ArrayLike | None = None,
    by: str = "value",
    direction: PerColumn = 1.0,
    *,
    states: States | None = None,
) -> Block:
    """Return scores by the band that a value falls into.

    Parameters
    ----------
    values
        (n, k) values, any uom; NaN = no value.
    cuts
        (b,) ascending cut points between the bands, the same for all columns.
    scores
        (b + 1,) score of each band, from the worst; None = evenly from 0 to 100.
    by
        `value`: cuts in the uom of the values; `percentile`: percentiles of each column (0 to 100).
    direction
        1 where more is better, -1 where less is better, per column.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, k) scores.

    Notes
    -----
    A value on a cut point falls into the better of the two bands.

    References
    ----------
    OECD/JRC (2008), Handbook, step 5: categorical scale.

    Examples
    --------
    >>> category_scale([[1.0], [5.0], [9.0]], [5, 8]).values.ravel().tolist()
    [0.0, 50.0, 100.0]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    k = x.shape[1]
    marks = np.asarray(cuts, dtype=np.float64).ravel()
    even = np.linspace(0.0, 100.0, marks.size + 1)
    points = even if scores is None else np.asarray(scores, dtype=np.float64).ravel()
    orientation = per_column(direction, k)
    made = np.full(x.shape, np.nan)
    for at in range(k):
        rows = state[:, at] == State.NUMBER
        column = x[rows, at]
        bounds = marks
        if by == "percentile" and column.size:
            bounds = np.array([quantile(column, mark / 100) for mark in marks])
        if orientation[at] < 0:
            reached = (column[:, None] <= bounds[None, :]).sum(axis=1)
        else:
            reached = (column[:, None] >= bounds[None, :]).sum(axis=1)
        made[rows, at] = points[reached]
    return block(made, own_errors(state))


def above_mean(
    values: ArrayLike,
    threshold: PerColumn = 0.0,
    direction: PerColumn = 1.0,
    *,
    states: States | None = None,
) -> Block:
    """Return 1 for values above the mean of their column, -1 below, 0 near it.

    Parameters
    ----------
    values
        (n, k) values, any uom; NaN = no value.
    threshold
        Share of the mean within which a value is near it, per column: 0.1 is 10 %.
    direction
        1 where more is better, -1 where less is better, per column.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, k) of -1, 0 and 1.

    Notes
    -----
    The band is ``mean -+ threshold * |mean|``, widened by 1e-10 of the column's range so that
    rounding decides nothing. In a constant column all are 0.

    References
    ----------
    OECD/JRC (2008), Handbook, step 5: indicators above or below the mean.

    Examples
    --------
    >>> above_mean([[8.0], [10.0], [12.0]], 0.1).values.ravel().tolist()
    [-1.0, 0.0, 1.0]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    k = x.shape[1]
    numbers = state == State.NUMBER
    low, high = column_bounds(x, state)
    with np.errstate(all="ignore"):
        # Halved sums cannot overflow; the mean of equal numbers is that number.
        half = np.where(numbers, x / 2, 0.0).sum(axis=0) / numbers.sum(axis=0)
        mean = np.where(is_flat(low, high), low, 2 * half)
        # A value that meets the band but for rounding is inside it.
        reach = per_column(threshold, k) * np.abs(mean) + ZERO * (high - low)
        side = np.where(x > mean + reach, 1.0, np.where(x < mean - reach, -1.0, 0.0))
    return block(per_column(direction, k) * side, own_errors(state))
