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
from xlcity.functions.combine import row_errors
from xlcity.functions.decorator import function
from xlcity.functions.rounding import ZERO_WITHIN, without_noise

#: The power of each mean; the geometric mean is the limit at 0.
POWERS = {"arithmetic": 1.0, "geometric": 0.0, "harmonic": -1.0}
#: Up to so many numbers numpy adds from the first to the last, however they lie in memory.
_FEW = 7
#: Rows whose means are taken together: what is made on the way takes little memory.
_ROWS_AT_A_TIME = 2048


@function(category="aggregate", returns="column", check=check_groups)
def weighted_index(  # noqa: PLR0913, PLR0917
    values: ArrayLike,
    weights: Weights,
    method: Annotated[
        str, one_of("arithmetic", "geometric", "harmonic", "power")
    ] = "arithmetic",
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
      its weight is 0. A missing code whose weight is 0 keeps no row from having a result, except
      under refuse.
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
    x, state = as_numbers(values, states)
    return row_means(
        x, state, weight, exponent=exponent, missing=missing, groups=groups
    )


def row_means(
    x: Matrix,
    state: States,
    weight: Matrix,
    exponent: float,
    missing: str,
    *,
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
    if missing == "zero":
        is_missing = state == CellState.MISSING
        x = np.where(is_missing, 0.0, x)
        state = np.where(is_missing, CellState.NUMBER, state)
    is_number = state == CellState.NUMBER
    gap_rows = np.flatnonzero(~is_number.all(axis=1))
    means, has_no_weight = _weighted_means(x, weight, exponent)
    if gap_rows.size:
        present = is_number[gap_rows]
        row_weights = np.where(present, np.broadcast_to(weight, x.shape)[gap_rows], 0.0)
        numbers = np.where(present, x[gap_rows], 1.0)
        means[gap_rows], has_no_weight[gap_rows] = _weighted_means(
            numbers, row_weights, exponent
        )
    errors = has_no_weight * ErrorCode.DIV0
    lowest = np.fmin.reduce(x, axis=None, initial=np.inf)
    if exponent != 1 and lowest <= 0:
        # No such mean of negative numbers; up to power 0 none of 0: no logarithm, no reciprocal.
        is_too_low = is_number & (x <= 0 if exponent <= 0 else x < 0)
        errors[is_too_low.any(axis=1)] = ErrorCode.NUM
    elif lowest < 0:
        largest = np.fmax(-lowest, np.fmax.reduce(x, axis=None))
        _clear_noise(means, x, is_number, largest)
    if gap_rows.size or groups is not None:
        _mark_gaps(errors, state, weight, missing=missing, groups=groups)
    return make_block(means[:, None], errors[:, None], overwrite=True)


def _clear_noise(
    means: Matrix, x: Matrix, is_number: np.ndarray, largest: float
) -> None:
    """Set the means to 0, in place, that are but the rounding of values that cancel.

    Parameters
    ----------
    means
        (n,) means of rows.
    x, is_number
        (n, k) values they come from, and which of these count.
    largest
        Largest absolute value of all.
    """
    # Few rows are near 0 beside the largest of all values: only these are looked at one by one.
    rows = np.flatnonzero(np.abs(means) <= ZERO_WITHIN * largest)
    sizes = np.where(is_number[rows], np.abs(x[rows]), 0.0)
    means[rows] = without_noise(means[rows], sizes.max(axis=1))


def _weighted_means(
    x: Matrix, weight: Matrix, exponent: float
) -> tuple[Matrix, np.ndarray]:
    """Return the (n,) power means of rows of numbers, and whether a row has no weight.

    `weight` is (k,) or (n, k).
    """
    weight = _by_rows(weight)
    means = np.empty(len(x))
    has_no_weight = np.empty(len(x), dtype=bool)
    for start in range(0, len(x), _ROWS_AT_A_TIME):
        rows = slice(start, start + _ROWS_AT_A_TIME)
        part = _by_rows(x[rows])
        row_weights = weight[rows] if weight.ndim > 1 else weight
        with np.errstate(all="ignore"):
            total = row_weights.sum(axis=-1, keepdims=True)
            shares = np.broadcast_to(row_weights / total, part.shape)
            means[rows] = _power_means(part, shares, exponent)
        has_none = np.broadcast_to(total == 0, (len(part), 1))
        has_no_weight[rows] = has_none[:, 0]
    return means, has_no_weight


def _by_rows(x: Matrix) -> Matrix:
    """Return rows that are summed in one order, whether they or columns lie together in memory."""
    return np.ascontiguousarray(x) if x.shape[-1] > _FEW else x


def _mark_gaps(
    errors: Codes, state: States, weight: Matrix, missing: str, groups: Groups
) -> None:
    """Write errors, in place, into rows that blanks, missing codes or text leave without a mean.

    Later lines overwrite earlier ones: the error that a person has to mend first is shown.

    Parameters
    ----------
    errors
        (n,) errors of the rows, changed in place.
    state
        (n, k) what each cell holds.
    weight
        (k,) weights, or (n, k) where rows have their own.
    missing, groups
        See `weighted_index`.
    """
    rule = "renormalise" if missing == "renormalise" else "na"
    # To refuse is to insist on all values, those that weigh nothing included.
    gap_errors = row_errors(state, rule, None if missing == "refuse" else weight)
    if groups is not None or missing == "refuse":
        names = group_names(groups, len(state))
        has_gap = gap_errors != ErrorCode.NONE
        for name in distinct_groups(names[has_gap]) if missing == "refuse" else ():
            gap_errors[(names == name) & ~has_gap] = ErrorCode.NA
        gap_errors[names == ""] = ErrorCode.NA
    np.copyto(errors, gap_errors, where=gap_errors != ErrorCode.NONE)


def _power_means(x: Matrix, shares: Matrix, exponent: float) -> Matrix:
    """Return the (n,) power means of rows: 1 arithmetic, 0 geometric, -1 harmonic.

    Parameters
    ----------
    x, shares
        (n, k) scores, and their weights, which sum to 1 in a row; 0 where a cell has no number.
    """
    if exponent == 1:
        return np.asarray((x * shares).sum(axis=1))
    if exponent == 0:
        logs = shares * np.log(x)
        return np.asarray(np.exp(logs.sum(axis=1)))
    # Powers are taken of ratios to the row's largest value (smallest under a negative power), which
    # are at most 1: large powers of large values would overflow.
    has_weight = shares > 0
    if exponent > 0:
        row_scale = np.where(has_weight, x, 0.0).max(axis=1)
    else:
        row_scale = np.where(has_weight, x, np.inf).min(axis=1)
    row_scale = np.where((row_scale > 0) & np.isfinite(row_scale), row_scale, 1.0)
    ratio = np.where(has_weight, x / row_scale[:, None], 1.0)
    means_of_powers = (shares * ratio**exponent).sum(axis=1)
    return np.asarray(means_of_powers ** (1.0 / exponent) * row_scale)
