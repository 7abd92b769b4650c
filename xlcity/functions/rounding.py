"""Rounding as spreadsheets do it, and rounding noise: when numbers count as equal or a sum as 0."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlcity.functions.block import Matrix

#: Numbers are equal when their range is at most this share of the largest: 18 last places.
EQUAL_WITHIN = 4e-15
#: What is left of numbers that cancel is 0 when it is at most this share of the largest of them;
#: a z-score of a smaller size is 0. Ranks and checks see nothing below 1e-9.
ZERO_WITHIN = 1e-10
#: Neighbours in order are tied when they differ by at most this share of the largest: 3 last
#: places, as 0.1 + 0.2 and 0.3 do. Less than `EQUAL_WITHIN`: typed numbers may well lie so close.
TIED_WITHIN = 8e-16
#: Excel keeps and compares 15 significant digits.
SIGNIFICANT_DIGITS = 15
#: Decimals of rank keys: what differs beyond them is rounding.
RANK_DIGITS = 9
#: No power of ten outside this range meets a double: beyond it nothing is left to round or to keep.
_MAX_DIGITS = 400
_WIDE_CONTEXT = Context(prec=800, rounding=ROUND_HALF_UP, Emax=5000, Emin=-5000)


def is_flat(low: float | Matrix, high: float | Matrix) -> NDArray[np.bool_]:
    """Return whether numbers with this minimum and maximum are all equal but for rounding.

    `low` and `high` are two numbers, or arrays with a pair for each column.

    Examples
    --------
    >>> bool(is_flat(0.3, 0.1 + 0.2)), bool(is_flat(1e15, 1e15 + 5))
    (True, False)
    """
    with np.errstate(all="ignore"):
        # Halved first: a range of doubles may itself be too large for one.
        tolerance = EQUAL_WITHIN * np.maximum(np.abs(low), np.abs(high)) / 2
        return np.asarray(np.divide(high, 2) - np.divide(low, 2) <= tolerance)


def is_constant(x: Matrix) -> bool:
    """Return whether the numbers of a vector are equal but for rounding."""
    if not x.size:
        return False
    return bool(is_flat(float(x.min()), float(x.max())))


def merge_tied(keys: Matrix) -> Matrix:
    """Return numbers in which those that are tied but for rounding are the same number.

    Examples
    --------
    >>> merge_tied(np.array([0.3, 1.0, 0.1 + 0.2])).tolist()
    [0.3, 1.0, 0.3]
    """
    if keys.size < 2:
        return keys
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    with np.errstate(all="ignore"):
        largest = np.abs(ordered[[0, -1]]).max()
        is_tied = np.diff(ordered) <= TIED_WITHIN * largest
    if not (is_tied & (ordered[1:] != ordered[:-1])).any():
        return keys
    is_first = np.concatenate([[True], ~is_tied])
    starts = np.where(is_first, np.arange(keys.size), 0)
    first = np.maximum.accumulate(starts)
    merged = np.empty_like(keys)
    merged[order] = ordered[first]
    return merged


def without_noise(means: Matrix, largest: Matrix) -> Matrix:
    """Return means, 0 where they are nothing but the rounding of parts that cancel.

    Parameters
    ----------
    means
        (n,) means.
    largest
        (n,) largest absolute value of the parts of each.
    """
    with np.errstate(all="ignore"):
        return np.asarray(np.where(np.abs(means) <= ZERO_WITHIN * largest, 0.0, means))


def scale_near_one(x: Matrix) -> Matrix:
    """Return columns of numbers times a power of 2 each, so that their largest is about 1.

    A power of 2 loses no digit; squares of very large or small numbers then stay in range.
    """
    _, exponents = np.frexp(np.abs(x).max(axis=0))
    return np.asarray(np.ldexp(x, -exponents))


def centre_columns(x: Matrix) -> tuple[Matrix, Matrix]:
    """Return the deviations of columns from their means, and the means.

    Parameters
    ----------
    x
        (n, k) numbers, at least one row.

    Notes
    -----
    Deviations are taken from the minimum first, which loses no digit of numbers that lie close
    together far from 0, and a second pass takes the rounding out of the mean.

    Examples
    --------
    >>> centre_columns(np.array([[1e15], [1e15 + 1], [1e15 + 2]]))[0].ravel().tolist()
    [-1.0, 0.0, 1.0]
    """
    low = x.min(axis=0)
    with np.errstate(all="ignore"):
        deviation = x - low
        mean = deviation.mean(axis=0)
        deviation = deviation - mean
        residual = deviation.mean(axis=0)
        return deviation - residual, low + (mean + residual)


def column_sds(deviations: Matrix, ddof: float | Matrix = 0.0) -> Matrix:
    """Return the (k,) standard deviations of columns of deviations from their means.

    Squares of very large or small deviations would leave the range of doubles: they are taken of
    shares of the largest.

    Parameters
    ----------
    deviations
        (n, k) deviations from the mean.
    ddof
        What the divisor takes off n.
    """
    with np.errstate(all="ignore"):
        largest = np.abs(deviations).max(axis=0)
        largest = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
        squares = ((deviations / largest) ** 2).sum(axis=0)
        return np.asarray(largest * np.sqrt(squares / (len(deviations) - ddof)))


def correlation_distances(x: Matrix) -> Matrix:
    """Return (k, k) ``1 - r``, r the correlation, of all pairs of k columns; none is constant.

    Notes
    -----
    Half the squared distance of the columns as vectors of length 1: exact for columns
    that are almost proportional, where 1 - r loses all its digits. Proportional columns have 0.
    """
    z, _ = centre_columns(x)
    z = z / np.abs(z).max(axis=0)
    z = z / np.sqrt((z**2).sum(axis=0))
    distances = np.empty((z.shape[1], z.shape[1]))
    for j, row in enumerate(distances):
        differences = z - z[:, [j]]
        row[:] = 0.5 * (differences**2).sum(axis=0)
    return np.asarray(np.where(distances <= EQUAL_WITHIN, 0.0, distances))


def log_excess(ratios: Matrix) -> Matrix:
    """Return ``(1 + d) ln(1 + d) - d`` of ratios d, without cancellation for d close to 0.

    Examples
    --------
    >>> float(log_excess(np.array(1e-9)))
    4.999999998333333e-19
    """
    d = np.asarray(ratios, dtype=np.float64)
    with np.errstate(all="ignore"):
        logs = np.log1p(np.maximum(d, -1.0))
        direct = np.where(d > -1.0, (1.0 + d) * logs, 0.0) - d
        small = np.where(np.abs(d) < 0.1, d, 0.0)
        series = np.zeros_like(small)
        # sum of (-d)**k / (k (k - 1)) from k = 2 on, from the smallest term.
        for k in range(18, 1, -1):
            series = (-small) * series + 1.0 / (k * (k - 1))
        return np.where(np.abs(d) < 0.1, small**2 * series, direct)


def round_excel(x: ArrayLike, digits: ArrayLike = 0) -> Matrix:
    """Round as Excel's ROUND does.

    Parameters
    ----------
    x
        Numbers of any shape; NaN and infinities pass through.
    digits
        Decimal places, broadcast against `x`; negative digits round to tens, hundreds, ...

    Returns
    -------
    ndarray
        Rounded numbers, of the broadcast shape.

    Notes
    -----
    The value is taken to 15 significant digits, then rounded half away from zero. All in decimal
    arithmetic: the double nearest to 1.005 lies below 1.005, yet a sheet shows and means 1.005.
    `numpy.round` rounds exact halves to even and sees the binary value, so it may not be used.

    Examples
    --------
    >>> round_excel([1.005, 2.675, -2.345], 2).tolist()
    [1.01, 2.68, -2.35]
    >>> round_excel([-2.5, 1250], [0, -2]).tolist()
    [-3.0, 1300.0]
    """
    numbers, places = np.broadcast_arrays(
        np.asarray(x, dtype=np.float64), np.asarray(digits, dtype=np.int64)
    )
    rounded, is_rounded = _round_quickly(numbers, places)
    remaining = np.flatnonzero(~is_rounded)
    flat_numbers = numbers.ravel()
    flat_places = places.ravel()
    for position in remaining.tolist():
        rounded.flat[position] = _round_in_decimals(
            float(flat_numbers[position]), int(flat_places[position])
        )
    return rounded


def find_key_decimals(numbers: Matrix, digits: float | Matrix) -> Matrix:
    """Return the decimals that numbers are rounded to before they are ranked, by column.

    At most `digits`, and so many that the largest of a column keeps 15 significant digits: what
    differs beyond them is rounding.

    Examples
    --------
    >>> find_key_decimals(np.array([[71.5, 2e7], [np.nan, 3.25]]), 9).tolist()
    [9.0, 7.0]
    """
    sizes = np.where(np.isfinite(numbers), np.abs(numbers), 0.0)
    largest = sizes.max(axis=0, initial=1.0)
    # The logarithm of a power of ten may be a last bit short of the whole number.
    places = SIGNIFICANT_DIGITS - 1 - np.floor(np.log10(largest) + 1e-9)
    return np.asarray(np.minimum(digits, places))


def is_above(values: ArrayLike, limit: ArrayLike) -> NDArray[np.bool_]:
    """Return which values are above a limit; both are first rounded to 9 decimals, as for ranks.

    >>> is_above([100 / 3, 200 / 3, 100], np.mean([100 / 3, 200 / 3, 100])).tolist()
    [False, False, True]
    """
    return np.asarray(
        round_excel(values, RANK_DIGITS) > round_excel(limit, RANK_DIGITS)
    )


def _round_quickly(
    numbers: Matrix, places: NDArray[np.int64]
) -> tuple[Matrix, NDArray[np.bool_]]:
    """Return numbers rounded to decimal places, and which were; the others are NaN.

    Only numbers far from a half are rounded here, as they would be in decimal arithmetic. Whole
    numbers below 2**53 and powers of ten up to 22 are exact, so their quotient is the double
    nearest to the decimal number.
    """
    with np.errstate(all="ignore"):
        power = 10.0 ** np.abs(places)
        scaled = np.abs(np.where(places >= 0, numbers * power, numbers / power))
        integers = np.floor(scaled + 0.5)
        is_far_from_half = (
            np.abs(scaled - np.floor(scaled) - 0.5) > scaled * 1e-14 + 1e-9
        )
        is_rounded = is_far_from_half & (scaled < 1e14) & (np.abs(places) <= 22)
        rounded = (
            np.copysign(
                np.where(places >= 0, integers / power, integers * power), numbers
            )
            + 0.0
        )
    return np.asarray(np.where(is_rounded, rounded, np.nan)), np.asarray(is_rounded)


def _round_in_decimals(number: float, digits: int) -> float:
    """Return one number rounded in decimal arithmetic, half away from zero, as Excel's ROUND.

    Of the number 15 significant digits count. `digits` are decimal places; negative ones round to
    tens, hundreds and so on.
    """
    if (
        number != number
        or number in (float("inf"), float("-inf"))
        or digits > _MAX_DIGITS
    ):
        return number
    if digits < -_MAX_DIGITS:
        return 0.0
    shown = Decimal(f"{number:.{SIGNIFICANT_DIGITS - 1}e}")
    last_place = Decimal((0, (1,), -digits))
    return float(shown.quantize(last_place, context=_WIDE_CONTEXT)) + 0.0
