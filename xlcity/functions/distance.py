"""Scales that measure distances from a reference, a band or the mean."""

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike

from xlcity.errors import CellError
from xlcity.functions.arguments import (
    AtLeastZero,
    Direction,
    Number,
    NumberList,
    Positive,
    each_of,
    one_of,
)
from xlcity.functions.block import (
    CellArray,
    CellState,
    ErrorCode,
    Matrix,
    States,
    WordPerColumn,
    as_numbers,
    column_bounds,
    make_block,
    per_column,
    state_errors,
    words_per_column,
)
from xlcity.functions.decorator import function
from xlcity.functions.rounding import ZERO_WITHIN, is_flat
from xlcity.functions.treat import quantile

#: How cut points are meant: as values, or as percentiles of the column.
CUTS_BY = ("value", "percentile")


def _check_categories(options: Mapping[str, Any]) -> CellError | None:
    """Return #VALUE! for a wrong number of scores, #NUM! for cuts that cannot be used, else None.

    There is one score more than cuts; cuts ascend, and percentiles are from 0 to 100. `options`
    maps keywords of the call to what was given.
    """
    cuts = options["cuts"]
    scores = options["scores"]
    if scores is not None and len(scores) != len(cuts) + 1:
        return CellError.VALUE
    is_beyond_percent = np.min(cuts) < 0 or np.max(cuts) > 100
    outside = options["by"] == "percentile" and is_beyond_percent
    return CellError.NUM if outside or np.any(np.diff(cuts) <= 0) else None


@function(category="normalise", series=True)
def dist_reference(
    values: ArrayLike,
    reference: Number | None = None,
    direction: Direction = 1.0,
    cap: Annotated[WordPerColumn, each_of("no", "yes")] = "no",
    scale: Positive = 1.0,
    *,
    states: States | None = None,
) -> CellArray:
    """Return how far each value has come from the worst of its column to a reference.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    reference : default the column's best value
        Target, or the value of a reference city.
    direction
        1 where more is better, -1 where less is better.
    cap
        yes gives values beyond the reference the full score only; no gives them more.
    scale
        Full score.

    See Also
    --------
    goalpost_scale, fraction_max

    Notes
    -----
    ``(1 - (reference - x) / (reference - worst)) * scale``

    - The worst value is the column's minimum, or its maximum where less is better.

    References
    ----------
    OECD/JRC (2008), Handbook, step 5; COINr, `n_dist2max`, `n_dist2ref`, `n_dist2targ`.

    Examples
    --------
    >>> dist_reference([[2.0], [6.0], [12.0]], 10).values.ravel().tolist()
    [0.0, 0.5, 1.25]
    """
    x, state = as_numbers(values, states)
    k = x.shape[1]
    less_is_better = per_column(direction, k) < 0
    worst, best = _worst_and_best(x, state, less_is_better)
    given_goal = per_column(reference, k)  # NaN where none is given
    goal = np.where(np.isnan(given_goal), best, given_goal)
    with np.errstate(all="ignore"):
        share_reached = 1.0 - (goal - x) / (goal - worst)
        is_capped = np.array(words_per_column(cap, k)) == "yes"
        share_reached = np.where(is_capped & (share_reached > 1), 1.0, share_reached)
    distance = np.where(less_is_better, worst - goal, goal - worst)
    is_no_distance = is_flat(np.minimum(goal, worst), np.maximum(goal, worst))
    # Where the reference is the best value of its own column, that column is constant.
    column_errors = np.where(np.isnan(given_goal), ErrorCode.DIV0, ErrorCode.NUM)
    has_none = (state == CellState.NUMBER) & ((distance <= 0) | is_no_distance)
    errors = np.where(has_none, column_errors, state_errors(state)).astype(np.uint8)
    return make_block(share_reached * per_column(scale, k), errors)


def _worst_and_best(
    x: Matrix, state: States, less_is_better: np.ndarray
) -> tuple[Matrix, Matrix]:
    """Return the (k,) worst and best value of each column; `less_is_better` says which way."""
    low, high = column_bounds(x, state)
    worst = np.where(less_is_better, high, low)
    best = np.where(less_is_better, low, high)
    return worst, best


@function(category="normalise", series=True)
def fraction_max(
    values: ArrayLike,
    direction: Direction = 1.0,
    scale: Positive = 1.0,
    *,
    states: States | None = None,
) -> CellArray:
    """Return each value as a fraction of the best value of its column.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    direction : 1 or -1
        1 where more is better, -1 where less is better.
    scale
        Full score.

    See Also
    --------
    fraction_sum, dist_reference, minmax_scale

    Notes
    -----
    ::

        x / maximum * scale
        direction = -1: minimum / x * scale

    - Meant for quantities with a true zero; a twofold value is a twofold score.

    References
    ----------
    COINr, `n_fracmax`.

    Examples
    --------
    >>> fraction_max([[2.0, 2.0], [8.0, 8.0]], [1, -1]).values.tolist()
    [[0.25, 1.0], [1.0, 0.25]]
    """
    x, state = as_numbers(values, states)
    k = x.shape[1]
    less_is_better = per_column(direction, k) < 0
    low, high = column_bounds(x, state)
    with np.errstate(all="ignore"):
        fractions = np.where(less_is_better, low / x, x / high) * per_column(scale, k)
    errors = state_errors(state)
    errors[
        (state == CellState.NUMBER) & ~np.where(less_is_better, low > 0, high > 0)
    ] = ErrorCode.NUM
    return make_block(np.where(errors == ErrorCode.NONE, fractions, np.nan), errors)


@function(category="normalise", series=True)
def fraction_sum(
    values: ArrayLike,
    direction: Direction = 1.0,
    scale: Positive = 1.0,
    *,
    states: States | None = None,
) -> CellArray:
    """Return each value as a share of the sum of its column.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    direction : 1 or -1
        1 where more is better, -1 where less is better: the share with a minus.
    scale
        What all shares add up to.

    See Also
    --------
    fraction_max, minmax_scale

    Notes
    -----
    ::

        direction * x / sum * scale

    - Meant for quantities with a true zero; a twofold value is a twofold share.

    References
    ----------
    Jahan & Edwards (2015), Materials & Design 65: linear normalisation by the sum.

    Examples
    --------
    >>> fraction_sum([[2.0, 2.0], [8.0, 8.0]], [1, -1]).values.tolist()
    [[0.2, -0.2], [0.8, -0.8]]
    """
    x, state = as_numbers(values, states)
    k = x.shape[1]
    has_number = state == CellState.NUMBER
    with np.errstate(all="ignore"):
        total = np.where(has_number, x, 0.0).sum(axis=0)
        shares = per_column(direction, k) * x / total * per_column(scale, k)
    errors = state_errors(state)
    errors[has_number & ~(total > 0)] = ErrorCode.NUM
    return make_block(np.where(errors == ErrorCode.NONE, shares, np.nan), errors)


@function(category="normalise", series=True, check=_check_categories)
def category_scale(
    values: ArrayLike,
    cuts: NumberList,
    scores: NumberList | None = None,
    by: Annotated[str, one_of(*CUTS_BY)] = "value",
    direction: Direction = 1.0,
    *,
    states: States | None = None,
) -> CellArray:
    """Return scores by bands: each value takes the score of the band it falls into.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    cuts : (b,)
        Ascending cut points between the bands, in a row or a column; the same for all columns.
    scores : default evenly from 0 to 100
        Score of each band from the worst, one more than cuts.
    by
        value: cuts in the uom of the values; percentile: percentiles of each column.
    direction
        1 where more is better, -1 where less is better.

    See Also
    --------
    pm25_grade, tier_labels

    Notes
    -----
    ``INDEX(scores, 1 + COUNTIF(cuts, "<=" & x))``

    - A value on a cut point falls into the better band.

    References
    ----------
    OECD/JRC (2008), Handbook, step 5: categorical scale.

    Examples
    --------
    >>> category_scale([[1.0], [5.0], [9.0]], [5, 8]).values.ravel().tolist()
    [0.0, 50.0, 100.0]
    """
    x, state = as_numbers(values, states)
    k = x.shape[1]
    cut_points = np.asarray(cuts, dtype=np.float64).ravel()
    even_scores = np.linspace(0.0, 100.0, cut_points.size + 1)
    band_scores = (
        even_scores if scores is None else np.asarray(scores, dtype=np.float64).ravel()
    )
    orientation = per_column(direction, k)
    scored = np.full(x.shape, np.nan)
    for j in range(k):
        rows = state[:, j] == CellState.NUMBER
        column = x[rows, j]
        bounds = cut_points
        if by == "percentile" and column.size:
            bounds = np.array([quantile(column, cut / 100) for cut in cut_points])
        compare = np.less_equal if orientation[j] < 0 else np.greater_equal
        scored[rows, j] = band_scores[
            compare(column[:, None], bounds[None, :]).sum(axis=1)
        ]
    return make_block(scored, state_errors(state))


@function(category="normalise", series=True)
def above_mean(
    values: ArrayLike,
    threshold: AtLeastZero = 0.0,
    direction: Direction = 1.0,
    *,
    states: States | None = None,
) -> CellArray:
    """Return 1 for values above the mean of their column, -1 below it, 0 near it.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    threshold
        Share of the mean within which a value is near it: 0.1 is 10 %.
    direction
        1 where more is better, -1 where less is better.

    See Also
    --------
    category_scale, zscore_scale

    Notes
    -----
    ``SIGN(x - mean), 0 where ABS(x - mean) <= threshold * ABS(mean)``

    - In a constant column all are 0.
    - Outliers have no more effect than others.

    The band is widened by 1e-10 of the column's range, so that rounding decides nothing.

    References
    ----------
    OECD/JRC (2008), Handbook, step 5: indicators above or below the mean.

    Examples
    --------
    >>> above_mean([[8.0], [10.0], [12.0]], 0.1).values.ravel().tolist()
    [-1.0, 0.0, 1.0]
    """
    x, state = as_numbers(values, states)
    k = x.shape[1]
    numbers = state == CellState.NUMBER
    low, high = column_bounds(x, state)
    with np.errstate(all="ignore"):
        # Halved sums cannot overflow; the mean of equal numbers is that number.
        half_sum = np.where(numbers, x / 2, 0.0).sum(axis=0)
        half_mean = half_sum / numbers.sum(axis=0)
        mean = np.where(is_flat(low, high), low, 2 * half_mean)
        # A value that meets the band but for rounding is inside it.
        reach = per_column(threshold, k) * np.abs(mean) + ZERO_WITHIN * (high - low)
        below = np.where(x < mean - reach, -1.0, 0.0)
        side = np.where(x > mean + reach, 1.0, below)
    return make_block(per_column(direction, k) * side, state_errors(state))
