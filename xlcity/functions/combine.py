"""Combine: aggregates that are no weighted mean, and the parts of one that is."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.block import (
    DIV0,
    NA,
    NO_ERROR,
    NUM,
    VALUE,
    Block,
    Codes,
    Matrix,
    State,
    States,
    as_matrix,
    as_states,
    block,
)
from xlcity.functions.noise import (
    FLAT,
    ZERO,
    centred,
    deviation_of,
    is_constant,
    is_flat,
    without_noise,
)

#: Sums of weights that differ by no more than this share of all weights are a tie: 0.1 + 0.2 and
#: 0.3, or 49 times 1/49 added in another order.
TIE = 1e-12
#: Rows of a comparison that are held in memory at once.
_CHUNK = 256
#: What a missing code does where it cannot count as 0.
MISSING = ("na", "renormalise")


def _row_errors(state: States, missing: str) -> Codes:
    """Return the error of each row whose cells keep it from having a result."""
    errors = np.zeros(state.shape[0], dtype=np.uint8)
    lacking = state == State.BLANK
    if missing == "na":
        lacking |= state == State.MISSING
    errors[lacking.any(axis=1) | ~(state == State.NUMBER).any(axis=1)] = NA
    errors[(state == State.TEXT).any(axis=1)] = VALUE
    return errors


def copeland_score(
    values: ArrayLike,
    weights: ArrayLike | None = None,
    missing: str = "na",
    *,
    states: States | None = None,
) -> Block:
    """Return Copeland scores: pairwise duels won less duels lost.

    Parameters
    ----------
    values
        (n, k) values or scores, all oriented alike; NaN = no value.
    weights
        (k,) relative weights, none negative, not all 0; None = equal ones.
    missing
        What a missing code does: `na` leaves its row out, `renormalise` compares a row on what it
        has.
    states
        (n, k) `State` of each cell; without it NaN is a blank, and `missing` meets nothing.

    Returns
    -------
    Block
        (n, 1) scores, -(n - 1) to n - 1; they sum to 0.

    Notes
    -----
    A row wins a duel when the columns in which it is ahead weigh more than those in which it is
    behind; sums that differ only by rounding are a tie, so that no duel has two losers. Values of a
    column that are equal but for rounding (4e-15 of its largest) are equal. A row with a blank is
    #N/A and fights no duel.

    References
    ----------
    Munda and Nardo (2009), Applied Economics 41(12); Copeland (1951).

    Examples
    --------
    >>> copeland_score([[3.0, 1.0], [2.0, 3.0], [1.0, 2.0]], [2, 1]).values.ravel().tolist()
    [2.0, 0.0, -2.0]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    n, k = x.shape
    shares = np.ones(k) if weights is None else np.asarray(weights, dtype=np.float64).ravel()
    errors = _row_errors(state, missing)
    rows = np.flatnonzero(errors == NO_ERROR)
    scores = np.full(n, np.nan)
    known = np.where(state[rows] == State.NUMBER, x[rows], np.nan)
    noise = FLAT * np.nan_to_num(np.abs(known)).max(axis=0, initial=0.0)
    lead = np.empty((min(_CHUNK, rows.size), rows.size))
    duel = np.empty_like(lead)
    for start in range(0, rows.size, _CHUNK):
        one = known[start : start + _CHUNK]
        net = lead[: len(one)]
        net[:] = 0.0
        for at in range(k):
            # A gap is neither more nor less than anything, nor is what is equal but for rounding.
            ahead = duel[: len(one)]
            np.subtract(one[:, at, None], known[None, :, at], out=ahead)
            ahead[~(np.abs(ahead) > noise[at])] = 0.0
            np.sign(ahead, out=ahead)
            ahead *= shares[at]
            net += ahead
        decided = np.abs(net) > TIE * shares.sum()
        scores[rows[start : start + _CHUNK]] = (np.sign(net) * decided).sum(axis=1)
    return block(scores[:, None], errors[:, None])


def mpi_index(
    values: ArrayLike,
    penalty: str = "minus",
    missing: str = "na",
    *,
    states: States | None = None,
) -> Block:
    """Return the Mazziotta-Pareto index: the mean of each row, corrected for its unevenness.

    Parameters
    ----------
    values
        (n, k) scores with a mean of about 100 and a standard deviation of about 10.
    penalty
        `minus` where more is better, `plus` where the index measures something bad.
    missing
        What a missing code does: `na` leaves the row without a result, `renormalise` takes the
        rest.
    states
        (n, k) `State` of each cell; without it NaN is a blank, and `missing` meets nothing.

    Returns
    -------
    Block
        (n, 1) index values.

    Notes
    -----
    ``M -+ S * S / M``, M the mean of the row and S its standard deviation (n). A mean of 0 or less
    is #NUM!, as is one that is 0 but for rounding.

    References
    ----------
    Mazziotta and Pareto (2016), Social Indicators Research 127(3).

    Examples
    --------
    >>> mpi_index([[100.0, 100.0], [90.0, 110.0]]).values.ravel().tolist()
    [100.0, 99.0]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    numbers = state == State.NUMBER
    errors = _row_errors(state, missing)
    with np.errstate(all="ignore"):
        count = numbers.sum(axis=1)
        mean = np.where(numbers, x, 0.0).sum(axis=1) / count
        uneven = np.where(numbers, x / mean[:, None] - 1.0, 0.0)
        spread = mean * (uneven**2).sum(axis=1) / count
        largest = np.where(numbers, np.abs(x), 0.0).max(axis=1)
    errors[(errors == NO_ERROR) & ~(without_noise(mean, largest) > 0)] = NUM
    signed = spread if penalty == "plus" else -spread
    return block((mean + signed)[:, None], errors[:, None])


def min_index(values: ArrayLike, missing: str = "na", *, states: States | None = None) -> Block:
    """Return the smallest score of each row: no strength makes up for the worst weakness.

    Parameters
    ----------
    values
        (n, k) scores on one scale; NaN = no value.
    missing
        What a missing code does: `na` leaves the row without a result, `renormalise` takes the
        rest.
    states
        (n, k) `State` of each cell; without it NaN is a blank, and `missing` meets nothing.

    Returns
    -------
    Block
        (n, 1) minima.

    References
    ----------
    OECD/JRC (2008), Handbook, step 6: non-compensatory aggregation.

    Examples
    --------
    >>> min_index([[60.0, 90.0], [70.0, 75.0]]).values.ravel().tolist()
    [60.0, 70.0]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    lowest = np.where(state == State.NUMBER, x, np.inf).min(axis=1)
    return block(lowest[:, None], _row_errors(state, missing)[:, None])


def contributions(
    values: ArrayLike,
    weights: ArrayLike,
    missing: str = "na",
    *,
    states: States | None = None,
) -> Block:
    """Return the points that each column adds to the weighted mean of its row.

    Parameters
    ----------
    values
        (n, k) scores on one scale; NaN = no value.
    weights
        (k,) relative weights, none negative, not all 0.
    missing
        What a missing code does: `na` leaves its row without a result, `renormalise` shares its
        weight among the rest, `zero` counts as 0.
    states
        (n, k) `State` of each cell; without it NaN is a blank, and `missing` meets nothing.

    Returns
    -------
    Block
        (n, k) points; a row sums to its arithmetic `weighted_index`. A gap adds 0.

    References
    ----------
    OECD/JRC (2008), Handbook, step 8: back to the data.

    Examples
    --------
    >>> contributions([[60.0, 90.0]], [1, 2]).values.tolist()
    [[20.0, 60.0]]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    weight = np.asarray(weights, dtype=np.float64).ravel()
    numbers = state == State.NUMBER
    counted = numbers | (state == State.MISSING) if missing == "zero" else numbers
    total = np.where(counted, weight, 0.0).sum(axis=1)
    with np.errstate(all="ignore"):
        points = np.where(numbers, weight / total[:, None] * x, 0.0)
    errors = np.zeros(len(x), dtype=np.uint8)
    errors[total == 0] = DIV0
    blocked = _row_errors(state, "na" if missing == "na" else "renormalise")
    if missing == "zero":
        # A row of nothing but missing codes is a row of zeros.
        blocked[(state == State.MISSING).all(axis=1)] = NO_ERROR
    errors[blocked != NO_ERROR] = blocked[blocked != NO_ERROR]
    return block(points, np.broadcast_to(errors[:, None], x.shape).copy())


def cronbach_alpha(
    values: ArrayLike, standardise: str = "none", *, states: States | None = None
) -> Block:
    """Return Cronbach's alpha: how far the columns measure one thing.

    Parameters
    ----------
    values
        (n, k) values, all oriented alike; NaN = no value.
    standardise
        `zscore` gives every column the same spread first.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (1, 1) alpha.

    Notes
    -----
    ``k / (k - 1) * (1 - sum(var of columns) / var of row sums)``. Only complete rows count. Fewer
    than two columns or rows, a sum without variance, or a constant column under `zscore` is
    #DIV/0!.

    References
    ----------
    Cronbach (1951), Psychometrika 16(3).

    Examples
    --------
    >>> cronbach_alpha([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]).values.tolist()
    [[1.0]]
    """
    every = as_matrix(values)
    x = every[(as_states(every, states) == State.NUMBER).all(axis=1)]
    n, k = x.shape
    alpha, error = np.nan, DIV0
    if n >= 2 and k >= 2:
        with np.errstate(all="ignore"):
            largest = np.abs(x).max()
            x = x / (largest or 1.0)
            if standardise == "zscore":
                x = centred(x)[0] / np.sqrt(_variances(x))
            whole = x.sum(axis=1)
            parts = _variances(x).sum()
            # Columns that cancel leave nothing but rounding.
            all_same = is_constant(whole) or np.ptp(whole) <= ZERO * np.abs(x).max()
            alpha = k / (k - 1) * (1.0 - parts / _variances(whole[:, None])[0])
        error = DIV0 if all_same or not np.isfinite(alpha) else NO_ERROR
    return block(np.array([[alpha]]), np.array([[error]], dtype=np.uint8))


def _variances(x: Matrix) -> Matrix:
    constant = is_flat(x.min(axis=0), x.max(axis=0))
    return np.asarray(np.where(constant, 0.0, deviation_of(centred(x)[0], 1.0) ** 2))
