"""Trend: which way an indicator moved since an earlier value, and how fast."""

from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.arguments import AtLeastZero, Direction, NumberList, one_of
from xlcity.functions.block import (
    CellArray,
    CellState,
    Codes,
    ErrorCode,
    States,
    as_matrix,
    as_numbers,
    as_states,
    block,
    own_errors,
    per_column,
)
from xlcity.functions.decorator import function
from xlcity.functions.impute import check_ascending
from xlcity.functions.rounding import FLAT

#: Growth per unit of time, or over the whole span.
GROWTH = ("compound", "change")


@function(category="assess")
def trend_state(
    values: ArrayLike,
    before: ArrayLike,
    threshold: AtLeastZero = 0.0,
    direction: Direction = 1.0,
    *,
    states: States | None = None,
    before_states: States | None = None,
) -> CellArray:
    """Return which way each value moved since an earlier one: 1 better, -1 worse, 0 no clear trend.

    Parameters
    ----------
    values : (n, k)
        Values now, any uom; NaN = no value.
    before : (n, k)
        Values before: one column for all, or a block as wide as values.
    threshold
        Share of the value before within which a change is not a clear trend: 0.02 is 2 %.
    direction
        1 where more is better, -1 where less is better.

    Returns
    -------
    Block
        (n, k) of -1, 0 and 1; what is not known now or before is #N/A.

    See Also
    --------
    above_mean, impute_series

    Notes
    -----
    ``SIGN(now - before), 0 where ABS(now - before) <= threshold * ABS(before)``

    - A gap now or before is unknown: #N/A.

    References
    ----------
    Sustainable Seattle: indicators in the states more sustainable, less sustainable, no clear trend
    and unknown.

    Examples
    --------
    >>> trend_state([[110.0], [101.0], [80.0]], [[100.0]] * 3, 0.02).values.ravel().tolist()
    [1.0, 0.0, -1.0]
    """
    x, earlier = as_matrix(values), as_matrix(before)
    own = own_errors(as_states(x, states))
    other = np.broadcast_to(own_errors(as_states(earlier, before_states)), x.shape)
    errors = _first_errors(own, other)
    with np.errstate(all="ignore"):
        # Halves: the difference of two doubles may itself be too large for one.
        change = x / 2 - earlier / 2
        least = per_column(threshold, x.shape[1]) * np.abs(earlier / 2)
        # A change that meets the threshold but for rounding is none.
        least = least + FLAT * np.maximum(np.abs(x), np.abs(earlier)) / 2
        moved = np.sign(change) * (np.abs(change) > least)
    return block(per_column(direction, x.shape[1]) * moved, errors)


@function(category="assess", returns="column", check=check_ascending)
def growth_rate(
    values: ArrayLike,
    times: NumberList | None = None,
    kind: Annotated[str, one_of(*GROWTH)] = "compound",
    *,
    states: States | None = None,
) -> CellArray:
    """Return how fast each city's series grew, from its first value to its last.

    Parameters
    ----------
    values : (n, k)
        Values of one indicator: a row per city, a column per edition, the oldest first.
    times : (k,), default evenly spaced
        Ascending times of the editions, such as years, in a row.
    kind
        compound: growth per unit of time, compounded (CAGR); change: growth over the whole span.

    See Also
    --------
    trend_state, impute_series

    Notes
    -----
    ``(last / first) ^ (1 / (time of last - time of first)) - 1; change: last / first - 1``

    - 0.02 is 2 %. Gaps between first and last do not matter.
    - Growth from a first value below 0 is taken of its size. Compound growth needs two values
      above 0.

    References
    ----------
    COINr, `CAGR` and `get_trends`.

    Examples
    --------
    >>> growth_rate([[100.0, 105.0, 121.0]], [2020, 2021, 2022]).values.round(6).tolist()
    [[0.1]]
    """
    x, state = as_numbers(values, states)
    k = x.shape[1]
    when = np.asarray(np.arange(k) if times is None else times, dtype=np.float64).ravel()
    there = state == CellState.NUMBER
    first, last = there.argmax(axis=1), k - 1 - there[:, ::-1].argmax(axis=1)
    errors = np.where(there.sum(axis=1) > 1, ErrorCode.NONE, ErrorCode.NA).astype(np.uint8)
    errors[(state == CellState.TEXT).any(axis=1)] = ErrorCode.VALUE
    rows = np.arange(len(x))
    start, end, span = x[rows, first], x[rows, last], when[last] - when[first]
    errors[(errors == ErrorCode.NONE) & (start == 0)] = ErrorCode.DIV0
    with np.errstate(all="ignore"):
        rates = (end / 2 - start / 2) / (np.abs(start) / 2)
        if kind == "compound":
            rates = np.expm1((np.log(end) - np.log(start)) / span)
            errors[(errors == ErrorCode.NONE) & ~((start > 0) & (end > 0))] = ErrorCode.NUM
    return block(rates[:, None], errors[:, None])


def _first_errors(first: Codes, second: Codes) -> Codes:
    """Return (n, k) errors of two cells, #VALUE! before #N/A: text is what a person has to mend."""
    both = np.where(second == ErrorCode.NONE, first, np.minimum(first, second))
    return np.where(first == ErrorCode.NONE, second, both).astype(np.uint8)
