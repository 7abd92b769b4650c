"""Further scales: goalposts, z-scores with a mean of one's own, percentiles, efficacy scores."""

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.arguments import (
    Direction,
    Groups,
    Number,
    Percent,
    Positive,
    Ties,
    WholeNumber,
    check_bounds,
    check_bounds_and_groups,
    compute_by_group,
)
from xlcity.functions.block import (
    CellArray,
    CellState,
    ErrorCode,
    Matrix,
    States,
    as_matrix,
    as_numbers,
    as_states,
    make_block,
    per_column,
    state_errors,
    words_per_column,
)
from xlcity.functions.decorator import function
from xlcity.functions.normalise import bounded_share, score_equal_numbers, zscore_winsor
from xlcity.functions.rank import column_ranks


@function(category="normalise", series=True)
def zscore_scale(
    values: ArrayLike,
    mean: Number = 0.0,
    sd: Positive = 1.0,
    direction: Direction = 1.0,
    ddof: WholeNumber = 0.0,
    *,
    states: States | None = None,
) -> CellArray:
    """Return z-scores of each column with a mean and a standard deviation of your choice.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    mean
        Mean of the result.
    sd
        Standard deviation of the result.
    direction
        1 where more is better, -1 where less is better.
    ddof
        The standard deviation divides by n - ddof: 0 as STDEV.P, 1 as STDEV.S.

    See Also
    --------
    zscore_winsor, mpi_index

    Notes
    -----
    ``mean + sd * direction * (x - m) / s``

    - Nothing is clipped; ZSCORE_WINSOR clips.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5; COINr, `n_zscore`.

    Examples
    --------
    >>> zscore_scale([[1.0], [2.0], [3.0]], 100, 10).values.ravel().tolist()
    [87.75255128608411, 100.0, 112.24744871391589]
    """
    z = zscore_winsor(values, 0.0, direction, ddof, states=states)
    k = z.shape[1]
    with np.errstate(all="ignore"):
        return make_block(per_column(mean, k) + per_column(sd, k) * z.values, z.errors)


@function(category="normalise", series=True, check=check_bounds)
def goalpost_scale(
    values: ArrayLike,
    low: Number | None = None,
    high: Number | None = None,
    scale: Positive = 100.0,
    direction: Direction = 1.0,
    *,
    states: States | None = None,
) -> CellArray:
    """Return values from 0 at a low goalpost to the full score at a high one, clipped at both.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    low : default the column's minimum
        Low goalpost instead of the column's minimum.
    high : default the column's maximum
        High goalpost instead of the column's maximum.
    scale
        Full score.
    direction
        1 where more is better; -1 gives the low goalpost the full score.

    See Also
    --------
    minmax_scale, dist_reference

    Notes
    -----
    ``MIN(MAX((x - low) / (high - low), 0), 1) * scale``

    - MINMAX_SCALE is the same without holding scores inside the goalposts.

    References
    ----------
    UNDP, Human Development Report, technical notes; COINr, `n_goalposts`.

    Examples
    --------
    >>> goalpost_scale([[5.0], [40.0], [90.0]], 20, 80).values.ravel().tolist()
    [0.0, 33.33333333333333, 100.0]
    """
    x = as_matrix(values)
    k = x.shape[1]
    share, errors = bounded_share(x, as_states(x, states), low, high)
    limited = np.clip(share, 0.0, 1.0)
    less_is_better = per_column(direction, k) < 0
    return make_block(
        np.where(less_is_better, 1.0 - limited, limited) * per_column(scale, k), errors
    )


@function(category="normalise", series=True)
def percentile_scale(
    values: ArrayLike,
    direction: Direction = 1.0,
    scale: Positive = 1.0,
    ties: Ties = "min",
    base: Number = 0.0,
    *,
    states: States | None = None,
) -> CellArray:
    """Return percentile ranks of each column: base for the worst value, scale for a sole best.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    direction
        1 where more is better, -1 where less is better.
    scale
        Full score.
    ties
        Rank that equal values share, counted from the worst: min, average or max.
    base
        Score of the worst value, if it is not tied.

    See Also
    --------
    rank_uniform, rank_borda

    Notes
    -----
    ``base + (rank from the worst up - 1) / (N - 1) * (scale - base)``

    - N is the number of cities with a number. With ties = min this is PERCENTRANK.INC.

    References
    ----------
    COINr, `n_prank`.

    Examples
    --------
    >>> percentile_scale([[3.0], [9.0], [9.0], [20.0], [1.0]]).values.ravel().tolist()
    [0.25, 0.5, 0.5, 1.0, 0.0]
    """
    x, state = as_numbers(values, states)
    k = x.shape[1]
    numbers = state == CellState.NUMBER
    errors = state_errors(state)
    ranks = column_ranks(
        per_column(direction, k) * x, numbers, words_per_column(ties, k)
    )
    others = numbers.sum(axis=0) - 1
    errors[numbers & (others < 1)] = ErrorCode.DIV0
    low = per_column(base, k)
    width = per_column(scale, k) - low
    with np.errstate(all="ignore"):
        scores = low + (ranks - 1) / others * width
    return make_block(scores, errors, overwrite=True)


@function(category="normalise", series=True)
def rank_borda(
    values: ArrayLike,
    direction: Direction = 1.0,
    ties: Ties = "min",
    base: Number = 0.0,
    *,
    states: States | None = None,
) -> CellArray:
    """Return Borda points of each column: one for every city that is worse.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    direction : 1 or -1
        1 where more is better, -1 where less is better.
    ties
        Rank that equal values share, counted from the worst: min, average or max.
    base
        Points of the worst city.

    Returns
    -------
    Block
        (n, k) points, `base` to N - 1 + `base`.

    See Also
    --------
    rank_uniform, copeland_score

    Notes
    -----
    ``rank from the worst up - 1 + base``

    - With base = 1 and average ties, cities that share the places 3 and 4 of 20 have 17.5 points
      each.

    References
    ----------
    COINr, `n_borda`.

    Examples
    --------
    >>> rank_borda([[3.0], [9.0], [9.0]], ties="average", base=1).values.ravel().tolist()
    [1.0, 2.5, 2.5]
    """
    x, state = as_numbers(values, states)
    k = x.shape[1]
    numbers = state == CellState.NUMBER
    ranks = column_ranks(
        per_column(direction, k) * x, numbers, words_per_column(ties, k)
    )
    return make_block(ranks - 1 + per_column(base, k), state_errors(state))


@function(category="rescale", series=True, check=check_bounds_and_groups)
def efficacy_scale(  # noqa: PLR0913, PLR0917
    values: ArrayLike,
    omega: Percent = 40.0,
    low: Number | None = None,
    high: Number | None = None,
    constant: Number | None = None,
    groups: Groups = None,
    *,
    states: States | None = None,
) -> CellArray:
    """Return efficacy scores: from 100 - omega at the low bound of a column to 100 at the high one.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    omega
        Points given by performance, out of 100: 40 gives scores from 60 to 100.
    low : default the column's minimum
        Value that scores 100 - omega, instead of the column's minimum. Above high: a reverse
        indicator. Equal to high: #NUM!.
    high : default the column's maximum
        Value that scores 100, instead of the column's maximum. Below low: a reverse indicator.
    constant : default none: #DIV/0!
        Score where all numbers of a column are equal; without it that is #DIV/0!.
    groups : (n,), default one group
        Group of each row, one cell per row: every group has statistics and ranks of its own, and an
        empty cell leaves the row out. Omitted: all rows are one group.

    See Also
    --------
    minmax_scale, zscore_winsor

    Notes
    -----
    ``(x - low) / (high - low) * omega + (100 - omega)``

    - low > high scores a reverse indicator: less is better. MINMAX_SCALE and GOALPOST_SCALE have
      the argument direction for that, and take low < high only.
    - Values outside fixed bounds are not clipped: results may lie outside the scale.
    - Fix the bounds where results must stay comparable between editions.

    References
    ----------
    IECC 2024: efficacy coefficients with 60 points as base; Chinese statistics know them as
    功效系数法.

    Examples
    --------
    >>> efficacy_scale([[1.0], [2.0], [3.0]]).values.ravel().tolist()
    [60.0, 80.0, 100.0]
    >>> efficacy_scale([[8.0], [5.0], [2.0]], 40, low=8, high=2).values.ravel().tolist()
    [60.0, 80.0, 100.0]
    """
    x = as_matrix(values)

    def scale_group(x: Matrix, state: States) -> CellArray:
        """Return the efficacy scores of one group's (m, k) values."""
        points = per_column(omega, x.shape[1])
        scores, errors = bounded_share(x, state, low, high, reverse=True)
        scores *= points
        scores += 100.0 - points
        return make_block(
            score_equal_numbers(scores, errors, constant), errors, overwrite=True
        )

    return compute_by_group(scale_group, x, as_states(x, states), groups)
