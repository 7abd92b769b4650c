"""Normalise: put indicators of any measure on one scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlcity.functions.block import (
    DIV0,
    NA,
    NO_ERROR,
    NUM,
    Block,
    Codes,
    Matrix,
    PerColumn,
    State,
    States,
    WordPerColumn,
    as_matrix,
    as_states,
    block,
    column_bounds,
    narrow,
    own_errors,
    per_column,
    words_per_column,
)
from xlcity.functions.groups import Groups, group_names, out_of_pool, pools_of
from xlcity.functions.noise import ZERO, is_flat, without_noise

#: Where a column's own bounds lie.
BOUNDS = ("minmax", "max", "mean")


def zscore_winsor(
    values: ArrayLike,
    limit: PerColumn = 1.96,
    direction: PerColumn = 1.0,
    ddof: PerColumn = 0.0,
    groups: Groups = None,
    pools: Groups = None,
    constant: PerColumn | None = None,
    *,
    states: States | None = None,
) -> Block:
    """Return z-scores, clipped at a number of standard deviations and oriented.

    Parameters
    ----------
    values
        (n, k) values, any uom; NaN = no value.
    limit
        Standard deviations at which to clip, per column; 0 does not clip.
    direction
        1 where more is better, -1 where less is better, per column.
    ddof
        The standard deviation divides by n - ddof, per column.
    groups
        (n,) group of each row; each has a mean and a deviation of its own. "" leaves a row out.
    pools
        (n,) group whose mean and deviation a row is measured by, "all" for every row of a group;
        None or "" = its own.
    constant
        Result where all numbers of a group are equal, per column; None or NaN = #DIV/0!.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, k) z-scores.

    Notes
    -----
    ``direction * min(max((x - mean) / sd, -limit), limit)``; mean and sd over the numbers of the
    column, before clipping. A constant column, or one with at most `ddof` numbers, is #DIV/0!; a
    column counts as constant when its numbers are equal but for rounding: their range is at most
    4e-15 of the largest. A value within 1e-10 standard deviations of the mean has z-score 0.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5.

    Examples
    --------
    >>> zscore_winsor([[1.0], [2.0], [3.0]], limit=1).values.ravel().tolist()
    [-1.0, 0.0, 1.0]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    columns = x.shape[1]
    if groups is None and pools is None:
        # The plain case holds no second array as large as the values.
        z, undefined = _deviations(x, state, per_column(ddof, columns))
        errors = own_errors(state)
        _mark(errors, state == State.NUMBER, undefined, DIV0)
    else:
        z, errors = _in_pools(x, state, per_column(ddof, columns), groups, pools)
    bound = per_column(limit, columns)
    bound[bound == 0] = np.inf
    reach, turn = narrow(bound), narrow(per_column(direction, columns))
    np.clip(z, -reach, reach, out=z)
    if not (isinstance(turn, float) and turn == 1):
        z *= turn
    if constant is not None:
        stand_in = np.broadcast_to(per_column(constant, columns), z.shape)
        equal = (errors == DIV0) & ~np.isnan(stand_in)
        z = np.where(equal, stand_in, z)
        errors = np.where(equal, NO_ERROR, errors).astype(np.uint8)
    return block(z, errors, fresh=True)


def _in_pools(
    x: Matrix, state: States, ddof: Matrix, groups: Groups, pools: Groups
) -> tuple[Matrix, Codes]:
    """Return z-scores by the mean and deviation of each row's pool, and the errors."""
    names = group_names(groups, x.shape[0])
    z, errors = np.full(x.shape, np.nan), own_errors(state)
    errors[names == ""] = NA
    for rows, inside in pools_of(names, pools):
        found, undefined = _deviations(x, out_of_pool(state, inside), ddof)
        z[rows] = found[rows]
        _mark(errors, (state == State.NUMBER) & rows[:, None], undefined, DIV0)
    return z, errors


def _deviations(x: Matrix, pool: States, ddof: Matrix) -> tuple[Matrix, NDArray[np.bool_]]:
    """Return the z-scores of all rows by the numbers of a pool, and the columns without any."""
    numbers = pool == State.NUMBER
    count = numbers.sum(axis=0)
    freedom = count - ddof
    low, high = column_bounds(x, pool)
    gaps = pool.any()
    undefined = is_flat(low, high) | (freedom <= 0) | (count == 0)
    with np.errstate(all="ignore"):
        if np.isinf(high - low).any():
            x, low, high = x / 2, low / 2, high / 2
        # From the minimum on, numbers close together far from 0 lose no digit; the second pass
        # takes the rounding out of the mean.
        z = x - low
        reach = high - low
        below = np.zeros_like(reach)
        for _ in range(2):
            mean = (np.where(numbers, z, 0.0) if gaps else z).sum(axis=0) / count
            z -= mean
            below += mean
        # Squares of very large or small deviations would leave the range of doubles.
        z /= np.maximum(reach - below, below)
        squares = np.square(np.where(numbers, z, 0.0) if gaps else z)
        z /= np.sqrt(squares.sum(axis=0) / freedom)
        # What lies at the mean but for rounding has no sign.
        z *= np.abs(z) > ZERO
    return z, undefined


def minmax_scale(
    values: ArrayLike,
    low: PerColumn | None = None,
    high: PerColumn | None = None,
    scale: PerColumn = 100.0,
    floor: PerColumn | None = None,
    direction: PerColumn = 1.0,
    bounds: WordPerColumn = "minmax",
    constant: PerColumn | None = None,
    *,
    states: States | None = None,
) -> Block:
    """Return values as shares of the way from a low to a high bound, times a scale.

    Parameters
    ----------
    values
        (n, k) values, any uom; NaN = no value.
    low, high
        Fixed bounds per column, in the uom of the values; None or NaN = the column's own, as
        `bounds` says.
    scale
        Result of the high bound, per column.
    floor
        Results below it are lifted to it, in units of the result; None or NaN = off.
    direction
        1 where more is better; -1 turns the scale round, so that `low` gets the full score.
    bounds
        A column's own bounds, per column: `minmax` its minimum and maximum, `max` 0 and its
        maximum, `mean` 0 and its mean.
    constant
        Score of equal numbers between which the own bounds leave no room, per column; None or NaN
        = none.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, k) scores.

    Notes
    -----
    ``(x - low) / (high - low) * scale``, or ``(high - x) / (high - low) * scale`` when turned.
    Values outside fixed bounds are not clipped, but for the floor. Where both bounds are the
    column's own and leave no room (its numbers are equal but for rounding), the column is #DIV/0!
    unless `constant` is given; where one is fixed, low >= high is #NUM!: a reverse indicator has
    ascending bounds and direction -1.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5.

    Examples
    --------
    >>> minmax_scale([[2.0], [4.0], [6.0]]).values.ravel().tolist()
    [0.0, 50.0, 100.0]
    >>> minmax_scale([[2.0], [4.0]], low=0).values.ravel().tolist()
    [50.0, 100.0]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    columns = x.shape[1]
    share, errors = bounded_share(x, state, low, high, bounds)
    turned = per_column(direction, columns) < 0
    score = np.where(turned, 1.0 - share, share) * per_column(scale, columns)
    lowest, highest = column_bounds(x, state)
    same = (errors == DIV0) & is_flat(lowest, highest) & ~np.isnan(per_column(constant, columns))
    score = np.where(same, per_column(constant, columns), score)
    errors[same] = NO_ERROR
    # fmax: an absent floor is NaN and changes nothing; cells without a score keep their error.
    return block(np.fmax(score, per_column(floor, columns)), errors)


def rating_scale(
    values: ArrayLike,
    maximum: PerColumn = 5.0,
    scale: PerColumn = 100.0,
    unrated: PerColumn | None = None,
    *,
    states: States | None = None,
) -> Block:
    """Return ratings as shares of the best possible rating, times a scale.

    Parameters
    ----------
    values
        (n, k) ratings; NaN = no value.
    maximum
        Best possible rating, per column.
    scale
        Result of the best possible rating, per column.
    unrated
        Rating that a missing code counts as, per column; None or NaN = none.
    states
        (n, k) `State` of each cell; without it NaN is a blank, and `unrated` meets nothing.

    Returns
    -------
    Block
        (n, k) scores.

    Notes
    -----
    ``x / maximum * scale``. The scale starts at 0 whatever the lowest rating in the column is.
    Ratings are not clipped. `unrated` acts on missing codes only: a blank is not filled yet.

    References
    ----------
    Image index of 2025: ratings of 0 to 5 as shares of the best rating.

    Examples
    --------
    >>> rating_scale([[4.0], [2.5]]).values.ravel().tolist()
    [80.0, 50.0]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    columns = x.shape[1]
    stand_in = per_column(unrated, columns)
    replaced = (state == State.MISSING) & ~np.isnan(stand_in)
    x = np.where(replaced, stand_in, x)
    errors = own_errors(np.where(replaced, State.NUMBER, state).astype(np.uint8))
    with np.errstate(all="ignore"):
        score = x / per_column(maximum, columns) * per_column(scale, columns)
    return block(score, errors)


def bounded_share(
    x: Matrix,
    state: States,
    low: PerColumn | None,
    high: PerColumn | None,
    bounds: WordPerColumn = "minmax",
    *,
    reverse: bool = False,
) -> tuple[Matrix, Codes]:
    """Return ``(x - low) / (high - low)`` and the errors; the core of every bounded scale.

    Notes
    -----
    Bounds that are not given are the column's own: see `minmax_scale`. low >= high is #NUM! where a
    bound is given, else #DIV/0! (the column is constant). Bounds count as equal when they are so
    but for rounding. With `reverse`, low may lie above high where both are given.
    """
    columns = x.shape[1]
    given_low, given_high = per_column(low, columns), per_column(high, columns)
    own_low, own_high = own_bounds(x, state, bounds)
    bottom = np.where(np.isnan(given_low), own_low, given_low)
    top = np.where(np.isnan(given_high), own_high, given_high)
    fixed = ~(np.isnan(given_low) & np.isnan(given_high))
    turned = reverse & (given_low > given_high)
    lower, upper = np.where(turned, top, bottom), np.where(turned, bottom, top)
    no_room = (lower >= upper) | is_flat(lower, upper)
    numbers = state == State.NUMBER
    errors = own_errors(state)
    _mark(errors, numbers, ~fixed & no_room, DIV0)
    _mark(errors, numbers, fixed & no_room, NUM)
    with np.errstate(all="ignore"):
        share = x - bottom
        share /= top - bottom
        return share, errors


def own_bounds(x: Matrix, state: States, bounds: WordPerColumn) -> tuple[Matrix, Matrix]:
    """Return the bounds that columns have by themselves; NaN for a column without any number."""
    low, high = column_bounds(x, state)
    if bounds == "minmax":
        return low, high
    words = np.array(words_per_column(bounds, x.shape[1]))
    numbers = state == State.NUMBER
    with np.errstate(all="ignore"):
        mean = np.where(numbers, x, 0.0).sum(axis=0) / numbers.sum(axis=0)
    least, low = low, np.where((words == "minmax") | np.isnan(low), low, 0.0)
    mean = without_noise(mean, np.maximum(np.abs(least), np.abs(high)))
    return low, np.where(words == "mean", mean, high)


def _mark(errors: Codes, numbers: np.ndarray, columns: np.ndarray, error: int) -> None:
    """Give every number of the marked columns an error."""
    if columns.any():
        errors[numbers & columns] = error
