"""The simplest whole-number weights that printed results allow."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

#: Sum of the weights, at most; trials, at most.
MOST_TOTAL, MOST_TRIALS = 100, 400


def simplest(
    low: Sequence[float], high: Sequence[float], fits: Callable[[tuple[int, ...]], bool]
) -> tuple[int, ...] | None:
    """Return the whole-number weights of the least sum inside a region; None if none are found.

    Parameters
    ----------
    low, high
        Least and greatest share of each weight.
    fits
        Tells whether given weights meet every row or pair.

    Examples
    --------
    >>> simplest([0.29, 0.49, 0.19], [0.31, 0.51, 0.21], lambda weights: True)
    (3, 5, 2)
    """
    trials = 0
    for total in range(1, MOST_TOTAL + 1):
        ends = [
            (math.ceil(total * a - 1e-9), math.floor(total * b + 1e-9))
            for a, b in zip(low, high, strict=True)
        ]
        for weights in _compositions(total, ends):
            if math.gcd(*weights) > 1:
                continue
            trials += 1
            if fits(weights):
                return weights
            if trials >= MOST_TRIALS:
                return None
    return None


def _compositions(total: int, ends: Sequence[tuple[int, int]]) -> Iterator[tuple[int, ...]]:
    """Yield whole numbers within bounds that sum to a total."""
    (low, high), *rest = ends
    least, most = sum(a for a, _ in rest), sum(b for _, b in rest)
    for first in range(max(low, total - most), min(high, total - least) + 1):
        if rest:
            for others in _compositions(total - first, rest):
                yield (first, *others)
        elif first == total:
            yield (first,)
