"""Rounding as spreadsheets do it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlcity.functions.block import Matrix

#: Excel keeps and compares 15 significant digits.
SIGNIFICANT_DIGITS = 15
#: Decimals of rank keys: what differs beyond them is rounding.
RANK_DIGITS = 9
#: No power of ten outside this range meets a double: beyond it nothing is left to round or to keep.
_MAX_DIGITS = 400

_WIDE = Context(prec=800, rounding=ROUND_HALF_UP, Emax=5000, Emin=-5000)


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
    rounded, sure = _round_plainly(numbers, places)
    unsure = np.flatnonzero(~sure)
    flat, given = numbers.ravel(), places.ravel()
    for at in unsure.tolist():
        rounded.flat[at] = _round_one(float(flat[at]), int(given[at]))
    return rounded


def is_above(values: ArrayLike, limit: ArrayLike) -> NDArray[np.bool_]:
    """Return which values are above a limit, to the 9 decimals that ranks read.

    >>> is_above([100 / 3, 200 / 3, 100], np.mean([100 / 3, 200 / 3, 100])).tolist()
    [False, False, True]
    """
    return np.asarray(round_excel(values, RANK_DIGITS) > round_excel(limit, RANK_DIGITS))


def _round_plainly(numbers: Matrix, places: NDArray[np.int64]) -> tuple[Matrix, NDArray[np.bool_]]:
    """Round what lies far from a half, by whole numbers and one division; return which did.

    Whole numbers below 2**53 and powers of ten up to 22 are exact, so their quotient is the double
    nearest to the decimal number, as the slow way gives it.
    """
    with np.errstate(all="ignore"):
        power = 10.0 ** np.abs(places)
        scaled = np.abs(np.where(places >= 0, numbers * power, numbers / power))
        whole = np.floor(scaled + 0.5)
        far = np.abs(scaled - np.floor(scaled) - 0.5) > scaled * 1e-14 + 1e-9
        sure = far & (scaled < 1e14) & (np.abs(places) <= 22)
        made = np.copysign(np.where(places >= 0, whole / power, whole * power), numbers) + 0.0
    return np.asarray(np.where(sure, made, np.nan)), np.asarray(sure)


def _round_one(number: float, digits: int) -> float:
    if number != number or number in (float("inf"), float("-inf")) or digits > _MAX_DIGITS:
        return number
    if digits < -_MAX_DIGITS:
        return 0.0
    shown = Decimal(f"{number:.{SIGNIFICANT_DIGITS - 1}e}")
    return float(shown.quantize(Decimal((0, (1,), -digits)), context=_WIDE)) + 0.0
