"""Aggregate: one score out of several."""

from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.arguments import (
    Groups,
    Missing,
    Weights,
    check_groups,
    distinct_groups,
    group_names,
    one_of,
)
from xlcity.functions.block import (
    CellArray,
    CellState,
    Codes,
    ErrorCode,
    Matrix,
    States,
    as_numbers,
    make_block,
)
from xlcity.functions.decorator import function
from xlcity.functions.rounding import without_noise

#: The power of each mean; the geometric mean is the limit at 0.
POWERS = {"arithmetic": 1.0, "geometric": 0.0, "harmonic": -1.0}


@function(category="aggregate", returns="column", check=check_groups)
def weighted_index(
    values: ArrayLike,
    weights: Weights,
    method: Annotated[str, one_of("arithmetic", "geometric", "harmonic", "power")] = "arithmetic",
    missing: Missing = "na",
    power: float = 1.0,
    groups: Groups = None,
    *,
    states: States | None = None,
) -> CellArray:
    """Return the weighted mean of each row: arithmetic, geometric, harmonic or of any power.

    Parameters
    ----------
    values : (n, k)
        Scores on one scale; NaN = no value.
    weights : (k,)
        One weight per column of values, in a row or a column. They are relative: only their
        proportions count.
    method
        arithmetic, geometric, harmonic or power.
    missing
        What a missing code does: na (no result in its row), renormalise (its weight is shared among
        the rest), zero (counts as 0) or refuse (no result in its whole group, nor with a blank). A
        blank always gives #N/A.
    power
        Power of the mean where method is power: 1 arithmetic, 0 geometric, -1 harmonic, 2
        quadratic. Otherwise not looked at.
    groups : (n,), default one group
        Group of each row, one cell per row: every group has statistics and ranks of its own, and an
        empty cell leaves the row out. Omitted: all rows are one group.

    See Also
    --------
    minmax_scale, rank_competition

    Notes
    -----
    ::

        (SUM(w * x ^ p) / SUM(w)) ^ (1 / p)
        p = 0: EXP(SUM(w * LN(x)) / SUM(w))

    - A blank is not filled yet: its row has no result whatever the option missing says, also where
      its weight is 0.
    - Under renormalise, a row in which nothing is left is #N/A.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 6.

    Examples
    --------
    >>> weighted_index([[60.0, 90.0]], [1, 2]).values.tolist()
    [[80.0]]
    """
    weight = np.asarray(weights, dtype=np.float64).ravel()
    exponent = POWERS.get(method, power)
    return row_means(*as_numbers(values, states), weight, exponent, missing, groups)


def row_means(
    x: Matrix,
    state: States,
    weight: Matrix,
    exponent: float,
    missing: str,
    groups: Groups = None,
) -> CellArray:
    """Return the weighted mean of each row, the core of `weighted_index`.

    Parameters
    ----------
    x, state
        (n, k) scores, and what each cell holds.
    weight
        (k,) weights, or (n, k) where rows have their own.
    exponent
        The power of the mean, see `POWERS`.
    missing, groups
        What a missing code does, and the group of each row; see `weighted_index`.
    """
    is_missing = state == CellState.MISSING
    if missing == "zero":
        x, state = np.where(is_missing, 0.0, x), np.where(is_missing, CellState.NUMBER, state)
    if groups is None and missing != "refuse" and (weight.sum(axis=-1) > 0).all():
        has_gap = np.asarray(state.any(axis=1))
        if not has_gap.all():
            return _average_mostly_full(x, state, weight, exponent, missing, has_gap)
    return _average_rows_with_gaps(x, state, weight, exponent, missing, groups)


def _average_mostly_full(
    x: Matrix, state: States, weight: Matrix, exponent: float, missing: str, has_gap: np.ndarray
) -> CellArray:
    """Return the (n, 1) weighted means of rows of which some have no gap.

    All are computed as if they had none, which is fast; those with gaps are then computed again.

    Parameters
    ----------
    x, state
        (n, k) scores, and what each cell holds.
    weight
        (k,) weights, or (n, k) where rows have their own.
    exponent
        The power of the mean: 1 arithmetic, 0 geometric, -1 harmonic.
    missing
        What a missing code does: na, renormalise or zero; see `weighted_index`.
    has_gap
        (n,) which rows lack a number.
    """
    means, errors = _average_full_rows(x, weight, exponent)
    if has_gap.any():
        weights_of_gaps = weight[has_gap] if weight.ndim == 2 else weight
        means_of_gaps = _average_rows_with_gaps(
            x[has_gap], state[has_gap], weights_of_gaps, exponent, missing, None
        )
        means[has_gap], errors[has_gap] = means_of_gaps.values[:, 0], means_of_gaps.errors[:, 0]
    return make_block(means[:, None], errors[:, None], overwrite=True)


def _average_full_rows(x: Matrix, weight: Matrix, exponent: float) -> tuple[Matrix, Codes]:
    """Return (n,) means and error codes of rows without gaps; for rows with one they mean nothing.

    Parameters
    ----------
    x, weight
        (n, k) scores; (k,) weights, or (n, k) where rows have their own.
    exponent
        The power of the mean: 1 arithmetic, 0 geometric, -1 harmonic.
    """
    errors = np.zeros(len(x), dtype=np.uint8)
    shares = weight / weight.sum(axis=-1, keepdims=True)
    with np.errstate(all="ignore"):
        means = _compute_power_means(x, np.broadcast_to(shares, x.shape), exponent)
        if exponent != 1:
            is_undefined = _find_undefined(x, exponent)
            if is_undefined.any():
                errors[is_undefined.any(axis=1)] = ErrorCode.NUM
        elif (x < 0).any():
            means = without_noise(means, np.abs(x).max(axis=1))
    return means, errors


def _average_rows_with_gaps(
    x: Matrix, state: States, weight: Matrix, exponent: float, missing: str, groups: Groups
) -> CellArray:
    """Return the (n, 1) weighted means of rows that may lack numbers; these get no weight.

    Parameters
    ----------
    x, state
        (n, k) scores, and what each cell holds.
    weight
        (k,) weights, or (n, k) where rows have their own.
    exponent
        The power of the mean: 1 arithmetic, 0 geometric, -1 harmonic.
    missing, groups
        What a missing code does, and the group of each row; see `weighted_index`.
    """
    numbers = state == CellState.NUMBER
    present_weights = np.where(numbers, weight, 0.0)
    total = present_weights.sum(axis=1)
    with np.errstate(all="ignore"):
        means = _compute_power_means(
            np.where(numbers, x, 1.0), present_weights / total[:, None], exponent
        )
        if exponent == 1:
            # What is left of values that cancel is rounding.
            means = without_noise(means, np.where(numbers, np.abs(x), 0.0).max(axis=1))

    errors = np.zeros(x.shape[0], dtype=np.uint8)
    errors[total == 0] = ErrorCode.DIV0
    errors[(numbers & _find_undefined(x, exponent)).any(axis=1)] = ErrorCode.NUM
    _mark_gaps(errors, state, missing, groups)
    return make_block(means[:, None], errors[:, None])


def _mark_gaps(errors: Codes, state: States, missing: str, groups: Groups) -> None:
    """Write errors, in place, into rows that blanks, missing codes or text leave without a mean.

    Later lines overwrite earlier ones: the error that a person has to mend first is shown.

    Parameters
    ----------
    errors
        (n,) errors of the rows, changed in place.
    state
        (n, k) what each cell holds.
    missing, groups
        See `weighted_index`.
    """
    is_number = state == CellState.NUMBER
    is_lacking = state == CellState.BLANK
    if missing != "renormalise":
        is_lacking |= state == CellState.MISSING
    errors[is_lacking.any(axis=1) | ~is_number.any(axis=1)] = ErrorCode.NA
    by_group = groups is not None or missing == "refuse"
    group_of_row = group_names(groups, len(state) if by_group else 0)
    if missing == "refuse":
        has_gap = ~is_number.all(axis=1)
        for name in distinct_groups(group_of_row):
            if has_gap[group_of_row == name].any():
                errors[group_of_row == name] = ErrorCode.NA
    is_text = state == CellState.TEXT
    if is_text.any():
        errors[is_text.any(axis=1)] = ErrorCode.VALUE
    if by_group:
        errors[group_of_row == ""] = ErrorCode.NA


def _find_undefined(x: Matrix, exponent: float) -> np.ndarray:
    """Return an (n, k) mask of the values of which a power mean is not defined.

    These are negative ones, but for the arithmetic mean (`exponent` 1); for powers up to 0 also 0,
    whose logarithm or reciprocal is missing.
    """
    if exponent == 1:
        return np.zeros(x.shape, dtype=np.bool_)
    return x <= 0 if exponent <= 0 else x < 0


#: Rows of which means are computed at once: few enough to stay in a processor's cache.
_ROWS_AT_ONCE = 1024


def _compute_power_means(x: Matrix, shares: Matrix, exponent: float) -> Matrix:
    """Return the (n,) power means of rows: 1 arithmetic, 0 geometric, -1 harmonic.

    Rows are summed in one order, whether rows or columns lie together in memory.

    Parameters
    ----------
    x, shares
        (n, k) scores, and their weights, which sum to 1 in a row; 0 where a cell has no number.
    """
    means = np.empty(len(x))
    for first in range(0, len(x), _ROWS_AT_ONCE):
        rows = slice(first, first + _ROWS_AT_ONCE)
        means[rows] = _power_means(np.ascontiguousarray(x[rows]), shares[rows], exponent)
    return means


def _power_means(x: Matrix, shares: Matrix, exponent: float) -> Matrix:
    """Return what `_compute_power_means` does, of rows that lie together in memory."""
    if exponent == 1:
        return np.asarray((x * shares).sum(axis=1))
    if exponent == 0:
        return np.asarray(np.exp((shares * np.log(x)).sum(axis=1)))
    # Powers are taken of ratios to the row's largest value (smallest under a negative power), which
    # are at most 1: large powers of large values would overflow.
    has_weight = shares > 0
    if exponent > 0:
        row_scale = np.where(has_weight, x, 0.0).max(axis=1)
    else:
        row_scale = np.where(has_weight, x, np.inf).min(axis=1)
    row_scale = np.where((row_scale > 0) & np.isfinite(row_scale), row_scale, 1.0)
    ratio = np.where(has_weight, x / row_scale[:, None], 1.0)
    return np.asarray((shares * ratio**exponent).sum(axis=1) ** (1.0 / exponent) * row_scale)
