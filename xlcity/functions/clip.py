"""Clip: limit values to bounds that their column gives."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xlcity.errors import CellError
from xlcity.functions.arguments import Percent, Positive, WholeNumber
from xlcity.functions.block import (
    CellArray,
    CellState,
    States,
    as_numbers,
    block,
    own_errors,
    per_column,
)
from xlcity.functions.decorator import function
from xlcity.functions.rounding import centred, deviation_of, is_constant
from xlcity.functions.treat import quantile


def _percentiles_in_order(options: Mapping[str, Any]) -> CellError | None:
    """Return #NUM! where the lower percentile is not below the upper one."""
    return CellError.NUM if np.any(np.greater_equal(options["low"], options["high"])) else None


@function(category="treat", series=True, check=_percentiles_in_order)
def clip_percentile(
    values: ArrayLike,
    low: Percent = 5.0,
    high: Percent = 95.0,
    *,
    states: States | None = None,
) -> CellArray:
    """Return values clipped at two percentiles of their column.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    low
        Lower percentile, 0 to 100.
    high
        Upper percentile, 0 to 100.

    See Also
    --------
    clip_sd, winsor_skew

    Notes
    -----
    ``MIN(MAX(x, PERCENTILE.INC(x, low / 100)), PERCENTILE.INC(x, high / 100))``

    - Percentiles interpolate between places, as PERCENTILE.INC does.

    References
    ----------
    Hyndman and Fan (1996), Sample quantiles in statistical packages, The American Statistician 50.

    Examples
    --------
    >>> clip_percentile([[0.0], [1.0], [2.0], [3.0], [100.0]], 25, 75).values.ravel().tolist()
    [1.0, 1.0, 2.0, 3.0, 3.0]
    """
    x, state = as_numbers(values, states)
    k = x.shape[1]
    bottoms, tops = per_column(low, k), per_column(high, k)
    clipped = x.copy()
    for j in range(k):
        rows = state[:, j] == CellState.NUMBER
        if rows.any():
            column = x[rows, j]
            bounds = quantile(column, bottoms[j] / 100), quantile(column, tops[j] / 100)
            clipped[rows, j] = np.clip(column, *bounds)
    return block(clipped, own_errors(state))


@function(category="treat", series=True)
def clip_sd(
    values: ArrayLike,
    limit: Positive = 3.0,
    ddof: WholeNumber = 0.0,
    *,
    states: States | None = None,
) -> CellArray:
    """Return values clipped at a number of standard deviations from the mean of their column.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    limit
        Standard deviations from the mean.
    ddof
        The standard deviation divides by n - ddof.

    See Also
    --------
    clip_percentile, zscore_winsor

    Notes
    -----
    ``MIN(MAX(x, mean - limit * sd), mean + limit * sd)``

    - Mean and standard deviation are those of the column before clipping.
    - A constant column stays as it is.

    References
    ----------
    OECD/JRC (2008), Handbook, step 3: outliers.

    Examples
    --------
    >>> clip_sd([[0.0], [0.0], [0.0], [8.0]], 1).values.ravel().tolist()[-1] == 2 + 12 ** 0.5
    True
    """
    x, state = as_numbers(values, states)
    k = x.shape[1]
    limits, freedoms = per_column(limit, k), per_column(ddof, k)
    clipped = x.copy()
    for j in range(k):
        rows = state[:, j] == CellState.NUMBER
        column = x[rows, j]
        if column.size <= freedoms[j] or is_constant(column):
            continue
        with np.errstate(all="ignore"):
            deviation, mean = centred(column)
            reach = limits[j] * deviation_of(deviation, freedoms[j])
            if np.isfinite(mean) and np.isfinite(reach):
                clipped[rows, j] = np.clip(column, mean - reach, mean + reach)
    return block(clipped, own_errors(state))
