"""Treat: outliers drawn in to the next value or a limit, skewed indicators straightened."""

import math
from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlcity.functions.arguments import (
    AtLeastZero,
    Number,
    Percent,
    Positive,
    WholeNumber,
    accept_numbers,
    check_bounds,
    each_of,
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
    as_matrix,
    as_numbers,
    as_states,
    make_block,
    per_column,
    state_errors,
    words_per_column,
)
from xlcity.functions.decorator import function
from xlcity.functions.rounding import (
    ZERO_WITHIN,
    centre_columns,
    column_sds,
    is_constant,
    scale_near_one,
)


@function(category="treat", series=True, check=check_bounds)
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
    bottoms = per_column(low, k)
    tops = per_column(high, k)
    clipped = x.copy()
    for j in range(k):
        rows = state[:, j] == CellState.NUMBER
        if rows.any():
            column = x[rows, j]
            bounds = quantile(column, bottoms[j] / 100), quantile(column, tops[j] / 100)
            clipped[rows, j] = np.clip(column, *bounds)
    return make_block(clipped, state_errors(state))


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
    limits = per_column(limit, k)
    ddofs = per_column(ddof, k)
    clipped = x.copy()
    for j in range(k):
        rows = state[:, j] == CellState.NUMBER
        column = x[rows, j]
        if column.size <= ddofs[j] or is_constant(column):
            continue
        with np.errstate(all="ignore"):
            deviation, mean = centre_columns(column)
            reach = limits[j] * column_sds(deviation, ddofs[j])
            if np.isfinite(mean) and np.isfinite(reach):
                clipped[rows, j] = np.clip(column, mean - reach, mean + reach)
    return make_block(clipped, state_errors(state))


#: An indicator whose absolute skewness is below this passes.
SKEW_LIMIT = 2.0
#: An indicator whose kurtosis is below this passes, too.
KURT_LIMIT = 3.5
#: Most points that are drawn in before an indicator is given up.
MOST_POINTS = 5
#: Ways to take logarithms; see `treat_log`.
LOG_METHODS = ("ct", "ct_orig", "ct_plus", "gii", "ln", "ln1p")
#: When a column is treated: each one, or those that fail the test of skewness and kurtosis.
TREAT_WHEN = ("always", "skewed")


def skewness(x: Matrix) -> float:
    """Return the skewness of a vector of numbers as SKEW does; NaN for less than 3 or constant.

    Examples
    --------
    >>> skewness(np.array([1.0, 2.0, 3.0]))
    0.0
    """
    n = x.size
    z = _standardise_vector(x)
    if n < 3 or z is None:
        return math.nan
    factor = n / ((n - 1) * (n - 2))
    return float(factor * (z**3).sum())


def kurtosis(x: Matrix) -> float:
    """Return the excess kurtosis of a vector as KURT does; NaN for less than 4 or constant.

    Examples
    --------
    >>> round(kurtosis(np.array([1.0, 2.0, 3.0, 4.0])), 12)
    -1.2
    """
    z = _standardise_vector(x)
    if x.size < 4 or z is None:
        return math.nan
    return float(_sum_kurtosis(z, x.size))


def _sum_kurtosis(z: Matrix, n: Any) -> Any:
    """Return the excess kurtosis of columns of z-scores, 0 in gaps; n numbers are in each."""
    divisor = (n - 1) * (n - 2) * (n - 3)
    factor = n * (n + 1) / divisor
    fourth_powers = factor * (z**4).sum(axis=0)
    # Of a normal distribution this is what the powers come to.
    pairs_left = (n - 2) * (n - 3)
    of_normal = 3 * (n - 1) ** 2 / pairs_left
    return fourth_powers - of_normal


def _standardise_vector(x: Matrix) -> Matrix | None:
    """Return (x - mean) / sd of a vector, sd with n - 1; None where its numbers are all equal."""
    if x.size < 2 or is_constant(x):
        return None
    with np.errstate(all="ignore"):
        deviation = centre_columns(scale_near_one(x))[0]
        return np.asarray(deviation / column_sds(deviation, 1.0))


def is_skewed(x: Matrix, skew: float = SKEW_LIMIT, kurt: float = KURT_LIMIT) -> bool:
    """Tell whether a vector of numbers is too skewed: |skewness| and kurtosis both at their limits.

    Parameters
    ----------
    skew, kurt
        The limits; a vector that meets one but for rounding fails there.

    Notes
    -----
    A vector too short or too even to have a skewness and a kurtosis is not.
    """
    own_skew = skewness(x)
    own_kurt = kurtosis(x)
    if math.isnan(own_skew) or math.isnan(own_kurt):
        return False
    return abs(own_skew) >= skew - ZERO_WITHIN and own_kurt >= kurt - ZERO_WITHIN


def quantile(x: Matrix, share: float) -> float:
    """Return the quantile of a vector at a share from 0 (its least number) to 1 (its greatest).

    Places are interpolated linearly (type 7), as PERCENTILE.INC does.
    """
    ordered = np.sort(x)
    position = (x.size - 1) * share
    if abs(position - round(position)) < ZERO_WITHIN * x.size:
        # 0.55 of 20 steps is the 11th, not a little more.
        position = float(round(position))
    position_below = math.floor(position)
    position_above = min(position_below + 1, x.size - 1)
    low = float(ordered[position_below])
    high = float(ordered[position_above])
    return low if low == high else low + (position - position_below) * (high - low)


@function(category="treat", series=True)
def winsor_skew(
    values: ArrayLike,
    points: WholeNumber = float(MOST_POINTS),
    skew: AtLeastZero = SKEW_LIMIT,
    kurt: Number = KURT_LIMIT,
    *,
    states: States | None = None,
) -> CellArray:
    """Return values whose outliers are drawn in until skewness or kurtosis is acceptable.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    points
        Most points that are drawn in; tied points are drawn in together.
    skew
        A column passes where the absolute skewness (SKEW) is below it.
    kurt
        A column also passes where its kurtosis (KURT) is below it.

    See Also
    --------
    treat_log, clip_percentile, clip_sd, zscore_winsor

    Notes
    -----
    ::

        WHILE ABS(SKEW(x)) >= skew AND KURT(x) >= kurt AND treated < points:
            SKEW(x) >= 0: MAX(x) -> next largest; else MIN(x) -> next smallest

    - A column passes the test where its skewness or its kurtosis is within the limit; both are
      those of SKEW and KURT. Columns that are too short or too uniform for a test pass.
    - A column that still fails after all points keeps its drawn-in values: take TREAT_LOG for it.

    References
    ----------
    JRC, COIN Tool User's Guide (2019), outlier treatment; COINr, function `winsorise`.

    Examples
    --------
    >>> winsor_skew([1.0, 2.0, 3.0, 4.0, 5.0, 90.0]).values.ravel().tolist()
    [1.0, 2.0, 3.0, 4.0, 5.0, 5.0]
    """
    x = as_matrix(values).copy()
    state = as_states(x, states)
    k = x.shape[1]
    most = per_column(points, k)
    skews = per_column(skew, k)
    kurts = per_column(kurt, k)
    for j in np.flatnonzero(_may_be_skewed(x, state == CellState.NUMBER, kurts)):
        rows = np.flatnonzero(state[:, j] == CellState.NUMBER)
        limits = (most[j], skews[j], kurts[j])
        x[rows, j] = _draw_in_outliers(x[rows, j], *limits)
    return make_block(x, state_errors(state))


def _may_be_skewed(
    x: Matrix, numbers: NDArray[np.bool_], kurts: Matrix
) -> NDArray[np.bool_]:
    """Return the (k,) mask of columns that `is_skewed` has to test; the others clearly pass.

    The kurtosis of all columns at once is computed fast, but less exactly than one by one.

    Parameters
    ----------
    x, numbers
        (n, k) values, and which of them are numbers.
    kurts
        (k,) limits of kurtosis.
    """
    n = numbers.sum(axis=0)
    with np.errstate(all="ignore"):
        filled = np.where(numbers, x, 0.0)
        z = np.where(numbers, x - filled.sum(axis=0) / n, 0.0)
        z /= np.sqrt((z**2).sum(axis=0) / (n - 1))
        kurt = _sum_kurtosis(z, n)
        passes = kurt < kurts - 1e-6 * (1 + np.abs(kurt))
    # What overflows or has no kurtosis, NaN here, is tested too.
    return np.asarray(~passes)


def _draw_in_outliers(
    x: Matrix, most_points: float, skew: float, kurt: float
) -> Matrix:
    """Return a vector whose most extreme values take the next value until it is no longer skewed.

    Parameters
    ----------
    x
        (n,) numbers.
    most_points
        Most values that are drawn in.
    skew, kurt
        Limits of |skewness| and kurtosis, see `is_skewed`.
    """
    x = x.copy()
    drawn_high = drawn_low = 0
    while drawn_high + drawn_low < most_points and is_skewed(x, skew, kurt):
        # Values drawn in before are among the extremes again: the counts are set, not added to.
        if skewness(x) >= -ZERO_WITHIN:
            extremes = x == x.max()
            x[extremes], drawn_high = x[~extremes].max(), int(extremes.sum())
        else:
            extremes = x == x.min()
            x[extremes], drawn_low = x[~extremes].min(), int(extremes.sum())
    return x


@function(category="treat", series=True)
def treat_log(
    values: ArrayLike,
    method: Annotated[WordPerColumn, each_of(*LOG_METHODS)] = "ct",
    when: Annotated[WordPerColumn, each_of(*TREAT_WHEN)] = "always",
    skew: AtLeastZero = SKEW_LIMIT,
    kurt: Number = KURT_LIMIT,
    *,
    states: States | None = None,
) -> CellArray:
    """Return logarithms of each column, shifted so that they exist, for all or for skewed columns.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    method
        ct: ln(x - min + 0.01 range); ct_orig: ln(x - min + 1); ct_plus: turned where the skewness
        is negative; gii: ln((max - 1)(x - min)/range + 1); ln; ln1p.
    when
        always, or skewed: only columns that fail the test.
    skew
        A column passes where the absolute skewness (SKEW) is below it.
    kurt
        A column also passes where its kurtosis (KURT) is below it.

    See Also
    --------
    winsor_skew, treat_boxcox

    Notes
    -----
    ``LN(x - MIN(x) + 0.01 * (MAX(x) - MIN(x)))``

    - A column passes the test where its skewness or its kurtosis is within the limit; both are
      those of SKEW and KURT. Columns that are too short or too uniform for a test pass.
    - The order of the cities is kept.

    A column without skewness, but for rounding, is turned under `ct_plus`, as COINr does.

    References
    ----------
    COINr, functions `log_CT`, `log_CT_orig`, `log_CT_plus`, `log_GII`.

    Examples
    --------
    >>> treat_log([[1.0], [2.0]], "ln").values.round(9).ravel().tolist()
    [0.0, 0.693147181]
    """
    x, state = as_numbers(values, states)
    k = x.shape[1]
    methods = words_per_column(method, k)
    whens = words_per_column(when, k)
    skews = per_column(skew, k)
    kurts = per_column(kurt, k)
    treated = x.copy()
    errors = state_errors(state)
    for j in range(k):
        rows = np.flatnonzero(state[:, j] == CellState.NUMBER)
        column = x[rows, j]
        if rows.size and (
            whens[j] == "always" or is_skewed(column, skews[j], kurts[j])
        ):
            treated[rows, j], errors[rows, j] = _log_column(column, methods[j])
    return make_block(treated, errors)


def _log_column(column: Matrix, method: str) -> tuple[Matrix, Codes]:
    """Return the logarithms of a column's numbers by one of `LOG_METHODS`, and their errors."""
    if method in ("ct", "ct_plus", "gii") and is_constant(column):
        return column, np.full(column.shape, ErrorCode.DIV0, dtype=np.uint8)
    with np.errstate(all="ignore"):
        logs = _LOG_FUNCTIONS[method](column)
    return logs, np.where(np.isfinite(logs), ErrorCode.NONE, ErrorCode.NUM)


def _coin_tool_log(x: Matrix) -> Matrix:
    """Return logarithms as the COIN Tool takes them, with 1 % of the range at the minimum."""
    low = x.min()
    high = x.max()
    return np.asarray(np.log(x - low + 0.01 * (high - low)))


def _turned_coin_tool_log(x: Matrix) -> Matrix:
    """Return (n, 1) `_coin_tool_log`, turned round where the skewness is not positive."""
    return _coin_tool_log(x) if skewness(x) > ZERO_WITHIN else -_coin_tool_log(-x)


def _innovation_index_log(x: Matrix) -> Matrix:
    """Return logarithms as the Global Innovation Index takes them: from 0 to ln(maximum)."""
    low = x.min()
    high = x.max()
    stretched = (high - 1) * (x - low) / (high - low)
    return np.asarray(np.log(stretched + 1))


_LOG_FUNCTIONS: dict[str, Callable[[Matrix], Matrix]] = {
    "ct": _coin_tool_log,
    "ct_orig": lambda x: np.asarray(np.log(x - x.min() + 1)),
    "ct_plus": _turned_coin_tool_log,
    "gii": _innovation_index_log,
    "ln": lambda x: np.asarray(np.log(x)),
    "ln1p": lambda x: np.asarray(np.log1p(x)),
}


@function(category="treat", series=True)
def treat_boxcox(
    values: ArrayLike,
    power: Annotated[PerColumn, accept_numbers(-10.0, 10.0)] = 0.0,
    shift: Annotated[WordPerColumn, each_of("yes", "no")] = "yes",
    *,
    states: States | None = None,
) -> CellArray:
    """Return Box-Cox transforms of each column: a power, or the logarithm for power 0.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    power
        Power (lambda); 0 takes the logarithm, 1 keeps distances.
    shift
        yes moves the column first so that its smallest value is 1; no takes it as it is.

    See Also
    --------
    treat_log

    Notes
    -----
    ::

        (x ^ power - 1) / power
        power = 0: LN(x)

    - The order of the cities is kept.
    - Without a shift all values must be above 0.

    References
    ----------
    Box and Cox (1964), An analysis of transformations, Journal of the Royal Statistical Society B
    26(2).

    Examples
    --------
    >>> treat_boxcox([[3.0], [6.0]], 2).values.ravel().tolist()
    [0.0, 7.5]
    """
    x, state = as_numbers(values, states)
    k = x.shape[1]
    numbers = state == CellState.NUMBER
    candidates = np.where(numbers, x, np.inf)
    lowest = candidates.min(axis=0, initial=np.inf)
    is_shifted = np.array([word == "yes" for word in words_per_column(shift, k)])
    exponent = per_column(power, k)
    with np.errstate(all="ignore"):
        positive = np.where(is_shifted, x - lowest + 1.0, x)
        logs = np.log(positive)
        divisor = np.where(exponent == 0, 1.0, exponent)
        # A difference of powers loses its digits where lambda is close to 0; expm1 keeps them.
        is_near_zero = np.abs(exponent) < 0.01
        powers = (
            np.where(is_near_zero, np.expm1(divisor * logs), positive**divisor - 1.0)
            / divisor
        )
        transformed = np.where(exponent == 0, logs, powers)
    errors = state_errors(state)
    errors[numbers & ~(positive > 0)] = ErrorCode.NUM
    return make_block(np.where(errors == ErrorCode.NONE, transformed, np.nan), errors)
