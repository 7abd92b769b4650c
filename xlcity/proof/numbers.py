"""Plain numbers: the fewest digits that a measured number may have."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

#: Relative difference of numbers that are the same.
SAME = 1e-9
#: Relative difference within which a measured number is taken for a plainer one.
_SMALLEST = 1e-300
_PLAIN = 1e-11
#: Digits of a number that people type, at most.
_MOST_DIGITS = 9


def plain(value: float, size: float = 1.0) -> float:
    """Return the number with the fewest digits that a measured one may be.

    `size` is that of the numbers that it was measured with: less than a billionth of it is 0.

    >>> plain(0.30000000000000004), plain(1e-14), plain(1 / 3)
    (0.3, 0.0, 0.3333333333333333)
    """
    if abs(value) < 1e-11 * max(size, 1e-300):
        return 0.0
    for digits in range(1, _MOST_DIGITS + 1):
        rounded = float(f"{value:.{digits}g}")
        if abs(rounded - value) <= _PLAIN * abs(value):
            return rounded
    return value


def size_of(numbers: NDArray[np.float64]) -> float:
    """Return the largest absolute number, something above 0 for none."""
    return float(max(np.abs(numbers).max(initial=0.0), _SMALLEST))


def count_digits(value: float) -> int:
    """Return how many digits a number has, up to ten.

    >>> count_digits(0.05), count_digits(1 / 3), count_digits(100.0), count_digits(1.96)
    (1, 10, 1, 3)
    """
    if not math.isfinite(value):
        return 20
    mantissa = f"{abs(value):.9e}".partition("e")[0].replace(".", "")
    return len(mantissa.rstrip("0")) or 0
