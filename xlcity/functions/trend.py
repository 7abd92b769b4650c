"""Trend: which way an indicator moved since an earlier value."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.block import (
    NO_ERROR,
    Block,
    PerColumn,
    States,
    as_matrix,
    as_states,
    block,
    own_errors,
    per_column,
)
from xlcity.functions.noise import FLAT


def trend_state(
    values: ArrayLike,
    before: ArrayLike,
    threshold: PerColumn = 0.0,
    direction: PerColumn = 1.0,
    *,
    states: States | None = None,
    before_states: States | None = None,
) -> Block:
    """Return 1 for values that became better, -1 for worse, 0 for no clear trend.

    Parameters
    ----------
    values
        (n, k) values now, any uom; NaN = no value.
    before
        (n, k) values before, or (n, 1) for one column of them; NaN = no value.
    threshold
        Share of the value before within which a change is no clear trend, per column.
    direction
        1 where more is better, -1 where less is better, per column.
    states, before_states
        `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, k) of -1, 0 and 1; what is not known now or before is #N/A.

    Notes
    -----
    The change counts where ``|now - before| > threshold * |before|``; one that is equal to that but
    for rounding does not.

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
    # #VALUE! before #N/A: text is what a person has to mend.
    errors = np.where(
        own == NO_ERROR, other, np.where(other == NO_ERROR, own, np.minimum(own, other))
    ).astype(np.uint8)
    with np.errstate(all="ignore"):
        # Halves: the difference of two doubles may itself be too large for one.
        change = x / 2 - earlier / 2
        least = per_column(threshold, x.shape[1]) * np.abs(earlier / 2)
        # A change that meets the threshold but for rounding is none.
        least = least + FLAT * np.maximum(np.abs(x), np.abs(earlier)) / 2
        moved = np.sign(change) * (np.abs(change) > least)
    return block(per_column(direction, x.shape[1]) * moved, errors)
