"""Clip: values held inside bounds that their column gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.block import (
    Block,
    PerColumn,
    State,
    States,
    as_matrix,
    as_states,
    block,
    own_errors,
    per_column,
)
from xlcity.functions.noise import centred, deviation_of, is_constant
from xlcity.functions.treat import quantile


def clip_percentile(
    values: ArrayLike,
    low: PerColumn = 5.0,
    high: PerColumn = 95.0,
    *,
    states: States | None = None,
) -> Block:
    """Return values held between two percentiles of their column.

    Parameters
    ----------
    values
        (n, k) values, any uom; NaN = no value.
    low, high
        Percentiles, 0 to 100, per column.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, k) values in the same uom.

    Notes
    -----
    Percentiles interpolate linearly between places, as PERCENTILE.INC does (type 7).

    References
    ----------
    Hyndman and Fan (1996), Sample quantiles in statistical packages, The American Statistician 50.

    Examples
    --------
    >>> clip_percentile([[0.0], [1.0], [2.0], [3.0], [100.0]], 25, 75).values.ravel().tolist()
    [1.0, 1.0, 2.0, 3.0, 3.0]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    k = x.shape[1]
    bottoms, tops = per_column(low, k), per_column(high, k)
    made = x.copy()
    for at in range(k):
        rows = state[:, at] == State.NUMBER
        if rows.any():
            column = x[rows, at]
            bounds = quantile(column, bottoms[at] / 100), quantile(column, tops[at] / 100)
            made[rows, at] = np.clip(column, *bounds)
    return block(made, own_errors(state))


def clip_sd(
    values: ArrayLike,
    limit: PerColumn = 3.0,
    ddof: PerColumn = 0.0,
    *,
    states: States | None = None,
) -> Block:
    """Return values held within a number of standard deviations of their column's mean.

    Parameters
    ----------
    values
        (n, k) values, any uom; NaN = no value.
    limit
        Standard deviations, per column.
    ddof
        The standard deviation divides by n - ddof, per column.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, k) values in the same uom.

    Notes
    -----
    ``min(max(x, mean - limit * sd), mean + limit * sd)``, mean and sd of the column before
    clipping. A constant column stays as it is.

    References
    ----------
    OECD/JRC (2008), Handbook, step 3: outliers.

    Examples
    --------
    >>> clip_sd([[0.0], [0.0], [0.0], [8.0]], 1).values.ravel().tolist()[-1] == 2 + 12 ** 0.5
    True
    """
    x = as_matrix(values)
    state = as_states(x, states)
    k = x.shape[1]
    limits, freedoms = per_column(limit, k), per_column(ddof, k)
    made = x.copy()
    for at in range(k):
        rows = state[:, at] == State.NUMBER
        column = x[rows, at]
        if column.size <= freedoms[at] or is_constant(column):
            continue
        with np.errstate(all="ignore"):
            deviation, mean = centred(column)
            reach = limits[at] * deviation_of(deviation, freedoms[at])
            if np.isfinite(mean) and np.isfinite(reach):
                made[rows, at] = np.clip(column, mean - reach, mean + reach)
    return block(made, own_errors(state))
