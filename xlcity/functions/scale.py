"""Further scales: goalposts, z-scores with a mean of one's own, distances, bands, percentiles."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.block import (
    DIV0,
    Block,
    PerColumn,
    State,
    States,
    WordPerColumn,
    as_matrix,
    as_states,
    block,
    own_errors,
    per_column,
    words_per_column,
)
from xlcity.functions.normalise import bounded_share, zscore_winsor
from xlcity.functions.rank import ascending_ranks


def zscore_scale(
    values: ArrayLike,
    mean: PerColumn = 0.0,
    sd: PerColumn = 1.0,
    direction: PerColumn = 1.0,
    ddof: PerColumn = 1.0,
    *,
    states: States | None = None,
) -> Block:
    """Return z-scores on a scale with a mean and standard deviation of one's choice.

    Parameters
    ----------
    values
        (n, k) values, any uom; NaN = no value.
    mean, sd
        Mean and standard deviation of the result, per column.
    direction
        1 where more is better, -1 where less is better, per column.
    ddof
        The standard deviation divides by n - ddof, per column.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, k) scores.

    Notes
    -----
    ``mean + sd * direction * (x - m) / s``, m and s the column's own. A constant column is #DIV/0!.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5; COINr, `n_zscore`.

    Examples
    --------
    >>> zscore_scale([[1.0], [2.0], [3.0]], 100, 10).values.ravel().tolist()
    [90.0, 100.0, 110.0]
    """
    plain = zscore_winsor(values, 0.0, direction, ddof, states=states)
    k = plain.shape[1]
    with np.errstate(all="ignore"):
        return block(per_column(mean, k) + per_column(sd, k) * plain.values, plain.errors)


def goalpost_scale(
    values: ArrayLike,
    low: PerColumn | None = None,
    high: PerColumn | None = None,
    scale: PerColumn = 100.0,
    direction: PerColumn = 1.0,
    *,
    states: States | None = None,
) -> Block:
    """Return values as shares of the way between two goalposts, never outside them.

    Parameters
    ----------
    values
        (n, k) values, any uom; NaN = no value.
    low, high
        Goalposts per column, in the uom of the values; None or NaN = the column's own minimum or
        maximum.
    scale
        Result of the better goalpost, per column.
    direction
        1 where more is better; -1 gives `low` the full score.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, k) scores, 0 to `scale`.

    Notes
    -----
    ``min(max((x - low) / (high - low), 0), 1) * scale``. Where both are the column's own, a
    constant column is #DIV/0!; where one is given, low >= high is #NUM!: a reverse indicator has
    ascending goalposts and direction -1.

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
    held = np.clip(share, 0.0, 1.0)
    turned = per_column(direction, k) < 0
    return block(np.where(turned, 1.0 - held, held) * per_column(scale, k), errors)


def percentile_scale(
    values: ArrayLike,
    direction: PerColumn = 1.0,
    scale: PerColumn = 1.0,
    ties: WordPerColumn = "min",
    *,
    states: States | None = None,
) -> Block:
    """Return percentile ranks: the share of the others that a value leaves behind.

    Parameters
    ----------
    values
        (n, k) values, any uom; NaN = no value.
    direction
        1 where more is better, -1 where less is better, per column.
    scale
        Result of the best value, per column.
    ties
        Rank that equal values share, per column: `min`, `average` or `max` of their places.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, k) scores, 0 to `scale`.

    Notes
    -----
    ``(r - 1) / (N - 1) * scale``, r the rank from the worst value up, N the numbers of the column,
    as PERCENTRANK.INC does. A single number is #DIV/0!.

    References
    ----------
    COINr, `n_prank`.

    Examples
    --------
    >>> percentile_scale([[3.0], [9.0], [9.0], [20.0], [1.0]]).values.ravel().tolist()
    [0.25, 0.5, 0.5, 1.0, 0.0]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    k = x.shape[1]
    orientation, rules, full = per_column(direction, k), words_per_column(ties, k), scale
    made, errors = np.full(x.shape, np.nan), own_errors(state)
    for at in range(k):
        rows = state[:, at] == State.NUMBER
        if rows.sum() > 1:
            ranks = ascending_ranks(orientation[at] * x[rows, at], rules[at])
            made[rows, at] = (ranks - 1) / (rows.sum() - 1)
        else:
            errors[rows, at] = DIV0
    return block(made * per_column(full, k), errors)


def rank_borda(
    values: ArrayLike,
    direction: PerColumn = 1.0,
    ties: WordPerColumn = "min",
    base: PerColumn = 0.0,
    *,
    states: States | None = None,
) -> Block:
    """Return Borda points: a point for every value that is worse.

    Parameters
    ----------
    values
        (n, k) values, any uom; NaN = no value.
    direction
        1 where more is better, -1 where less is better, per column.
    ties
        Places that equal values share, per column: `min`, `average` or `max`.
    base
        Points of the worst value, per column.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, k) points, `base` to N - 1 + `base`.

    Notes
    -----
    ``r - 1 + base``, r the rank from the worst value up. With base 1 and average ties, cities that
    share the places 3 and 4 of 20 have 17.5 points.

    References
    ----------
    COINr, `n_borda`.

    Examples
    --------
    >>> rank_borda([[3.0], [9.0], [9.0]], ties="average", base=1).values.ravel().tolist()
    [1.0, 2.5, 2.5]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    k = x.shape[1]
    orientation, rules = per_column(direction, k), words_per_column(ties, k)
    made = np.full(x.shape, np.nan)
    for at in range(k):
        rows = state[:, at] == State.NUMBER
        made[rows, at] = ascending_ranks(orientation[at] * x[rows, at], rules[at]) - 1
    return block(made + per_column(base, k), own_errors(state))
