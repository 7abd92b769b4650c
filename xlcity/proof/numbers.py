"""Plain numbers: the fewest digits that a measured number may have."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

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


def size_of(numbers: Floats) -> float:
    """Return the largest absolute number, something above 0 for none."""
    return float(max(np.abs(numbers).max(initial=0.0), _SMALLEST))


def linear(x: Floats, y: Floats) -> tuple[float, Floats] | None:
    """Return constant and weights with which (n, k) columns give all values; None if none do."""
    if not np.isfinite(x).all() or not np.isfinite(y).all():
        return None
    centre = x.mean(axis=0)
    spread = x - centre
    sizes = np.maximum(np.abs(spread).max(axis=0), _SMALLEST)
    deviations = y - y.mean()
    solved = np.linalg.lstsq(spread / sizes, deviations, rcond=None)[0]
    slack = SAME * size_of(y)
    # Weights that move nothing are none.
    weights = np.where(np.abs(solved) <= slack, 0.0, solved / sizes)
    constant = float(y.mean() - centre @ weights)
    if abs(constant) <= slack:
        constant = 0.0
    fits = np.abs(constant + x @ weights - y).max() <= slack
    return (constant, weights) if fits else None


def count_digits(value: float) -> int:
    """Return how many digits a number has, up to ten.

    >>> count_digits(0.05), count_digits(1 / 3), count_digits(100.0), count_digits(1.96)
    (1, 10, 1, 3)
    """
    if not math.isfinite(value):
        return 20
    mantissa = f"{abs(value):.9e}".partition("e")[0].replace(".", "")
    return len(mantissa.rstrip("0")) or 0
