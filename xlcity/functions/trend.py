"""Trend: which way an indicator moved since an earlier value."""

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.arguments import AtLeastZero, Direction
from xlcity.functions.block import (
    NO_ERROR,
    CellArray,
    Codes,
    States,
    as_matrix,
    as_states,
    block,
    own_errors,
    per_column,
)
from xlcity.functions.decorator import function
from xlcity.functions.noise import FLAT


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


def _first_errors(one: Codes, other: Codes) -> Codes:
    """Return the error of two cells; #VALUE! before #N/A, as text is what a person has to mend."""
    both = np.where(other == NO_ERROR, one, np.minimum(one, other))
    return np.where(one == NO_ERROR, other, both).astype(np.uint8)
