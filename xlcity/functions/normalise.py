"""Normalise: put indicators of any measure on one scale."""

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlcity.errors import CellError
from xlcity.functions.arguments import (
    AtLeastZero,
    Direction,
    Groups,
    Number,
    Positive,
    WholeNumber,
    blank_outside_pool,
    check_bounds,
    check_groups,
    each_of,
    group_names,
    pool_masks,
)
from xlcity.functions.block import (
    CellArray,
    CellState,
    Codes,
    ErrorCode,
    Matrix,
    PerColumn,
    States,
    WordPerColumn,
    as_numbers,
    column_bounds,
    make_block,
    per_column,
    state_errors,
    words_per_column,
)
from xlcity.functions.declare import Argument
from xlcity.functions.decorator import function
from xlcity.functions.rounding import ZERO_WITHIN, is_flat, without_noise

#: Where a column's own bounds lie.
BOUNDS = ("minmax", "max", "mean")


def _check_minmax(options: Mapping[str, Any]) -> CellError | None:
    """Return #NUM! for bounds in the wrong order or a floor above the full score, else None.

    `options` maps keywords of the call to what was given.
    """
    too_high = np.any(np.greater(options["floor"], options["scale"]))
    return check_bounds(options) or (CellError.NUM if too_high else None)


@function(category="normalise", series=True, check=check_groups)
def zscore_winsor(  # noqa: PLR0913, PLR0917
    values: ArrayLike,
    limit: AtLeastZero = 1.96,
    direction: Direction = 1.0,
    ddof: WholeNumber = 0.0,
    groups: Groups = None,
    pools: Groups = None,
    constant: Number | None = None,
    *,
    states: States | None = None,
) -> CellArray:
    """Return z-scores of each column, clipped and oriented so that more is better.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    limit
        Standard deviations at which z-scores are clipped; 0 does not clip.
    direction
        1 where more is better, -1 where less is better.
    ddof
        The standard deviation divides by n - ddof: 0 as STDEV.P, 1 as STDEV.S.
    groups : (n,), default one group
        Group of each row, one cell per row: every group has statistics and ranks of its own, and an
        empty cell leaves the row out. Omitted: all rows are one group.
    pools : (n,), default its own group
        Group whose mean and deviation a row is measured by, one cell per row: the name of a group,
        or all for every row of a group. Empty: its own.
    constant : default none: #DIV/0!
        Result where all numbers are equal; without it that is #DIV/0!.

    See Also
    --------
    minmax_scale, efficacy_scale

    Notes
    -----
    ``direction * MIN(MAX((x - mean) / sd, -limit), limit)``

    - Mean and standard deviation are those of the numbers of the column, before clipping.
    - The direction is applied after clipping, so the limits are the same either way.
    - A value within 1E-10 standard deviations of the mean has z-score 0.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5.

    Examples
    --------
    >>> zscore_winsor([[1.0], [2.0], [3.0]], limit=1).values.ravel().tolist()
    [-1.0, 0.0, 1.0]
    """
    x, state = as_numbers(values, states)
    ddofs = per_column(ddof, x.shape[1])
    z, errors = _pool_z_scores(x, state, ddofs, groups=groups, pools=pools)
    limits = per_column(limit, x.shape[1])
    signs = per_column(direction, x.shape[1])
    if limits.any():
        limits[limits == 0] = np.inf
        # One limit for all columns is far faster.
        bound = limits[0] if (limits == limits[0]).all() else limits
        np.clip(z, -bound, bound, out=z)
    if (signs < 0).any():
        z *= signs
    z = score_equal_numbers(z, errors, constant)
    return make_block(z, errors, overwrite=True)


def score_equal_numbers(
    scores: Matrix, errors: Codes, constant: PerColumn | None
) -> Matrix:
    """Return (n, k) scores in which columns of equal numbers score `constant`.

    Parameters
    ----------
    scores, errors
        Scores and error codes; numbers of such columns are #DIV/0!, which is taken off, in place.
    constant
        The score, for all columns or one each; None and NaN: the error stays.
    """
    stand_in = per_column(constant, scores.shape[1])
    if np.isnan(stand_in).all():
        return scores
    is_equal = (errors == ErrorCode.DIV0) & ~np.isnan(stand_in)
    errors[is_equal] = ErrorCode.NONE
    return np.where(is_equal, stand_in, scores)


def _pool_z_scores(
    x: Matrix, state: States, ddof: Matrix, *, groups: Groups, pools: Groups
) -> tuple[Matrix, Codes]:
    """Return (n, k) z-scores by the mean and deviation of each row's pool, and the errors.

    A pool is the group of rows that a row is measured by.

    Parameters
    ----------
    ddof
        (k,) what the standard deviation takes off n.
    groups, pools
        Group of each row, and the group that it is measured by; see `zscore_winsor`.
    """
    if groups is None and pools is None:
        # The plain case holds no second array as large as the values.
        z, has_no_score = _compute_z_scores(x, state, ddof)
        errors = state_errors(state)
        _mark_errors(errors, state == CellState.NUMBER, has_no_score, ErrorCode.DIV0)
        return z, errors
    names = group_names(groups, x.shape[0])
    z = np.full(x.shape, np.nan)
    errors = state_errors(state)
    errors[names == ""] = ErrorCode.NA
    for rows, in_pool in pool_masks(names, pools):
        pool_scores, has_no_score = _compute_z_scores(
            x, blank_outside_pool(state, in_pool), ddof
        )
        z[rows] = pool_scores[rows]
        _mark_errors(
            errors,
            (state == CellState.NUMBER) & rows[:, None],
            has_no_score,
            ErrorCode.DIV0,
        )
    return z, errors


def _compute_z_scores(
    x: Matrix, pool: States, ddof: Matrix
) -> tuple[Matrix, NDArray[np.bool_]]:
    """Return the (n, k) z-scores of all rows by the numbers of a pool, and which columns have none.

    A pool is the rows whose mean and deviation all rows are measured by.

    Parameters
    ----------
    x
        (n, k) values of all rows.
    pool
        (n, k) what each cell holds; rows outside the pool are blank.
    ddof
        (k,) what the standard deviation takes off n.
    """
    numbers = pool == CellState.NUMBER
    count = numbers.sum(axis=0)
    freedom = count - ddof
    low, high = column_bounds(x, pool)
    gaps = ~numbers if pool.any() else None
    has_no_score = is_flat(low, high) | (freedom <= 0) | (count == 0)
    with np.errstate(all="ignore"):
        # From the minimum on, numbers close together far from 0 lose no digit; the second pass
        # takes the rounding out of the mean.
        z = x - low
        span = high - low
        mean_above_low = np.zeros_like(span)
        for _ in range(2):
            mean = _sum_without_gaps(z, gaps) / count
            z -= mean
            mean_above_low += mean
        # Squares of very large or small deviations would leave the range of doubles.
        z /= np.maximum(span - mean_above_low, mean_above_low)
        z /= np.sqrt(_sum_without_gaps(np.square(z), gaps) / freedom)
        # What lies at the mean but for rounding has no sign.
        np.copyto(z, 0.0, where=np.abs(z) <= ZERO_WITHIN)
    return z, has_no_score


def _sum_without_gaps(x: Matrix, gaps: NDArray[np.bool_] | None) -> Matrix:
    """Return the (k,) sum of each column but for its gaps, an (n, k) mask; None for no gaps."""
    if gaps is not None:
        x = x.copy("K")
        np.copyto(x, 0.0, where=gaps)
    return np.asarray(x.sum(axis=0))


@function(category="normalise", series=True, check=_check_minmax)
def minmax_scale(  # noqa: PLR0913, PLR0917
    values: ArrayLike,
    low: Number | None = None,
    high: Number | None = None,
    scale: Positive = 100.0,
    floor: Number | None = None,
    direction: Direction = 1.0,
    bounds: Annotated[WordPerColumn, each_of(*BOUNDS)] = "minmax",
    constant: Number | None = None,
    *,
    states: States | None = None,
) -> CellArray:
    """Return values from 0 at the low bound of their column to the full score at the high one.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    low : default the column's minimum
        Fixed lower bound instead of the column's minimum.
    high : default the column's maximum
        Fixed upper bound instead of the column's maximum.
    scale
        Full score.
    floor : default off
        Results below it are lifted to it, in units of the result; at most the scale.
    direction
        1 where more is better; -1 turns the scale round, so that low gets the full score.
    bounds
        The column's own bounds: minmax (minimum, maximum), max (0, maximum) or mean (0, mean).
    constant : default none: #DIV/0!
        Score where all numbers of a column are equal; without it that is #DIV/0!.

    See Also
    --------
    efficacy_scale, rating_scale, zscore_winsor

    Notes
    -----
    ::

        MAX(floor, (x - low) / (high - low) * scale)
        direction = -1: MAX(floor, (high - x) / (high - low) * scale)

    - Values outside fixed bounds are not clipped: results may lie outside the scale.
    - Fix the bounds where results must stay comparable between editions.
    - low = 0 or bounds = max gives shares of the best city: x / maximum * scale; bounds = mean
      gives multiples of the mean.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5.

    Examples
    --------
    >>> minmax_scale([[2.0], [4.0], [6.0]]).values.ravel().tolist()
    [0.0, 50.0, 100.0]
    """
    x, state = as_numbers(values, states)
    columns = x.shape[1]
    share, errors = bounded_share(x, state, low, high, bounds=bounds)
    less_is_better = per_column(direction, columns) < 0
    if less_is_better.any():
        share = np.where(less_is_better, 1.0 - share, share)
    score = np.multiply(share, per_column(scale, columns), out=share)
    if constant is not None:
        # A column between 0 and its maximum, 0, need not be constant.
        is_equal = is_flat(*column_bounds(x, state))
        constant = np.where(is_equal, per_column(constant, columns), np.nan)
        score = score_equal_numbers(score, errors, constant)
    least = per_column(floor, columns)
    if not np.isnan(least).all():
        # fmax: an absent floor is NaN and changes nothing; cells without a score keep their error.
        score = np.fmax(score, least)
    return make_block(score, errors, overwrite=True)


@function(category="normalise")
def rating_scale(
    values: ArrayLike,
    maximum: Annotated[
        PerColumn, Argument("max", minimum=0.0, open_minimum=True)
    ] = 5.0,
    scale: Positive = 100.0,
    unrated: Number | None = None,
    *,
    states: States | None = None,
) -> CellArray:
    """Return ratings as shares of the best possible rating, times the full score.

    Parameters
    ----------
    values : (n, k)
        Ratings; NaN = no value.
    maximum
        Best possible rating.
    scale
        Full score.
    unrated : default off
        Rating that a missing code counts as, for instance 0; a blank is not filled yet and stays
        #N/A.

    See Also
    --------
    minmax_scale

    Notes
    -----
    ``x / max * scale``

    - The scale starts at rating 0, whatever the lowest rating in the column is.
    - Ratings above max are not clipped.

    References
    ----------
    Image index of 2025: ratings of 0 to 5 as shares of the best rating.

    Examples
    --------
    >>> rating_scale([[4.0], [2.5]]).values.ravel().tolist()
    [80.0, 50.0]
    """
    x, state = as_numbers(values, states)
    columns = x.shape[1]
    stand_in = per_column(unrated, columns)
    replaced = (state == CellState.MISSING) & ~np.isnan(stand_in)
    x = np.where(replaced, stand_in, x)
    errors = state_errors(np.where(replaced, CellState.NUMBER, state))
    with np.errstate(all="ignore"):
        score = x / per_column(maximum, columns) * per_column(scale, columns)
    return make_block(score, errors)


def bounded_share(
    x: Matrix,
    state: States,
    low: PerColumn | None,
    high: PerColumn | None,
    bounds: WordPerColumn = "minmax",
    *,
    reverse: bool = False,
) -> tuple[Matrix, Codes]:
    """Return ``(x - low) / (high - low)`` and the errors, (n, k) each: the core of bounded scales.

    Parameters
    ----------
    x, state
        (n, k) values, and what each cell holds.
    low, high
        Bounds; where none is given it is the column's own.
    bounds
        One of `BOUNDS`: what the column's own bounds are.
    reverse
        Whether low may lie above high where both are given.

    Notes
    -----
    low >= high is #NUM! where a bound is given, else #DIV/0! (the column is constant).
    Bounds count as equal when they are so but for rounding.
    """
    columns = x.shape[1]
    given_low = per_column(low, columns)
    given_high = per_column(high, columns)
    own_low, own_high = own_bounds(x, state, bounds)
    bottom = np.where(np.isnan(given_low), own_low, given_low)
    top = np.where(np.isnan(given_high), own_high, given_high)
    fixed = ~(np.isnan(given_low) & np.isnan(given_high))
    is_reversed = reverse & (given_low > given_high)
    has_no_span = _has_no_span(bottom, top, is_reversed)
    is_number = state == CellState.NUMBER
    errors = state_errors(state)
    _mark_errors(errors, is_number, ~fixed & has_no_span, ErrorCode.DIV0)
    _mark_errors(errors, is_number, fixed & has_no_span, ErrorCode.NUM)
    with np.errstate(all="ignore"):
        share = x - bottom
        span = top - bottom
        # Beyond all numbers, as in the cells: what is divided by it would be 0.
        _mark_errors(errors, is_number, np.isinf(span), ErrorCode.NUM)
        share /= span
        return share, errors


def _has_no_span(bottom: Matrix, top: Matrix, is_reversed: np.ndarray) -> np.ndarray:
    """Tell for each column whether its bounds are equal but for rounding, or stand crosswise.

    Where (k,) `is_reversed` says so, the bottom is to be above the top.
    """
    lower = np.where(is_reversed, top, bottom)
    upper = np.where(is_reversed, bottom, top)
    return np.asarray((lower >= upper) | is_flat(lower, upper))


def own_bounds(
    x: Matrix, state: States, bounds: WordPerColumn
) -> tuple[Matrix, Matrix]:
    """Return the (k,) own low and high bounds of columns; NaN for a column without any number.

    Parameters
    ----------
    x, state
        (n, k) values, and what each cell holds.
    bounds
        Of `BOUNDS`, for all columns or one each: minmax (minimum, maximum), max (0, maximum) or
        mean (0, mean).
    """
    low, high = column_bounds(x, state)
    if bounds == "minmax":
        return low, high
    words = np.array(words_per_column(bounds, x.shape[1]))
    numbers = state == CellState.NUMBER
    with np.errstate(all="ignore"):
        sums = np.where(numbers, x, 0.0).sum(axis=0)
        mean = sums / numbers.sum(axis=0)
    mean = without_noise(mean, np.maximum(np.abs(low), np.abs(high)))
    # NaN stays: a column without numbers has no low bound of 0 either.
    keeps_least = (words == "minmax") | np.isnan(low)
    own_low = np.where(keeps_least, low, 0.0)
    return own_low, np.where(words == "mean", mean, high)


def _mark_errors(
    errors: Codes, numbers: np.ndarray, columns: np.ndarray, error: ErrorCode
) -> None:
    """Write an error code, in place, over every number of the marked columns.

    Parameters
    ----------
    errors, numbers
        (n, k) error codes, and which cells hold a number.
    columns
        (k,) the marked columns.
    """
    if columns.any():
        errors[numbers & columns] = error
