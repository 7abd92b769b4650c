"""Aggregate: one score out of several."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.block import (
    DIV0,
    NA,
    NUM,
    VALUE,
    Block,
    Matrix,
    State,
    States,
    as_matrix,
    as_states,
    block,
)
from xlcity.functions.groups import Groups, distinct, group_names
from xlcity.functions.noise import without_noise

#: The power of each mean; the geometric mean is the limit at 0.
POWERS = {"arithmetic": 1.0, "geometric": 0.0, "harmonic": -1.0}


def weighted_index(
    values: ArrayLike,
    weights: ArrayLike,
    method: str = "arithmetic",
    missing: str = "na",
    power: float = 1.0,
    groups: Groups = None,
    *,
    states: States | None = None,
) -> Block:
    """Return the weighted mean of each row.

    Parameters
    ----------
    values
        (n, k) scores on one scale; NaN = no value.
    weights
        (k,) relative weights, none negative, not all 0.
    method
        `arithmetic`, `geometric`, `harmonic` or `power`.
    missing
        What a missing code does: `na` leaves the row without a result, `renormalise` shares its
        weight among the rest of the row, `zero` counts as 0, `refuse` leaves every row of its group
        without one, as does a blank then.
    power
        Power p of the power mean; 1 is the arithmetic, 0 the geometric, -1 the harmonic mean.
    groups
        (n,) group of each row, for `refuse`; "" leaves a row out. None = one group.
    states
        (n, k) `State` of each cell; without it NaN is a blank, and `missing` meets nothing.

    Returns
    -------
    Block
        (n, 1) means.

    Notes
    -----
    ``(sum(w * x**p) / sum(w)) ** (1/p)``. An arithmetic mean of at most 1e-10 of the largest value
    of its row is 0: nothing but the rounding of values that cancel, as z-scores do.

    A row with text is #VALUE!; a row with a blank is #N/A whatever `missing` says, also where the
    weight is 0. Values <= 0 have no geometric or harmonic
    mean (#NUM! in their row), nor has a power mean of a negative value, but for power 1. Under
    `renormalise` a row of which nothing is left is #N/A, and one of which only weights of 0 are
    left is #DIV/0!.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 6.

    Examples
    --------
    >>> weighted_index([[60.0, 90.0]], [1, 2]).values.tolist()
    [[80.0]]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    exponent = POWERS.get(method, power)
    codes = state == State.MISSING
    if missing == "zero":
        x, state = np.where(codes, 0.0, x), np.where(codes, State.NUMBER, state)
    weight = np.asarray(weights, dtype=np.float64).ravel()
    if exponent == 1 and groups is None and not state.any() and weight.sum() > 0:
        # The same products and sums as below, without arrays as large as the values.
        means = (weight / weight.sum() * x).sum(axis=1)
        if x.min(initial=0.0) < 0:
            means = without_noise(means, np.abs(x).max(axis=1))
        return block(means[:, None], np.zeros((len(x), 1), dtype=np.uint8))
    numbers = state == State.NUMBER
    shares = np.where(numbers, weight, 0.0)
    total = shares.sum(axis=1)
    with np.errstate(all="ignore"):
        means = _power_mean(np.where(numbers, x, 1.0), shares / total[:, None], exponent)
        if exponent == 1:
            means = without_noise(means, np.where(numbers, np.abs(x), 0.0).max(axis=1))

    # Later lines win: what a person has to mend first is shown first.
    errors = np.zeros(x.shape[0], dtype=np.uint8)
    errors[total == 0] = DIV0
    errors[(numbers & _outside_domain(x, exponent)).any(axis=1)] = NUM
    lacking = state == State.BLANK
    if missing != "renormalise":
        lacking |= state == State.MISSING
    errors[lacking.any(axis=1) | ~numbers.any(axis=1)] = NA
    names = group_names(groups, x.shape[0])
    if missing == "refuse":
        gaps = (state != State.NUMBER).any(axis=1)
        for name in distinct(names):
            if gaps[names == name].any():
                errors[names == name] = NA
    errors[(state == State.TEXT).any(axis=1)] = VALUE
    errors[names == ""] = NA
    return block(means[:, None], errors[:, None])


def _outside_domain(x: Matrix, exponent: float) -> np.ndarray:
    """Tell which values have no mean of that power."""
    if exponent == 1:
        return np.zeros(x.shape, dtype=np.bool_)
    return x <= 0 if exponent <= 0 else x < 0


def _power_mean(x: Matrix, shares: Matrix, exponent: float) -> Matrix:
    """Return the power mean of each row; shares sum to 1 and are 0 where nothing counts."""
    if exponent == 1:
        return np.asarray((shares * x).sum(axis=1))
    if exponent == 0:
        return np.asarray(np.exp((shares * np.log(x)).sum(axis=1)))
    # Powers are taken of ratios to the row's largest value (smallest under a negative power), which
    # are at most 1: large powers of large values would overflow.
    counted = shares > 0
    if exponent > 0:
        unit = np.where(counted, x, 0.0).max(axis=1)
    else:
        unit = np.where(counted, x, np.inf).min(axis=1)
    unit = np.where((unit > 0) & np.isfinite(unit), unit, 1.0)
    ratio = np.where(counted, x / unit[:, None], 1.0)
    return np.asarray((shares * ratio**exponent).sum(axis=1) ** (1.0 / exponent) * unit)
