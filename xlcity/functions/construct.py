"""Construct: indicators that are made from measurements before anything is normalised."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.aggregate import weighted_index
from xlcity.functions.block import (
    DIV0,
    NO_ERROR,
    NUM,
    Block,
    PerColumn,
    State,
    States,
    as_matrix,
    as_states,
    block,
    own_errors,
    per_column,
)
from xlcity.functions.normalise import zscore_winsor

#: Upper bounds of the grades of fine dust, as multiples of the guideline; each bound is included.
PM25_MULTIPLES = (1.0, 2.0, 3.0, 5.0, 7.0, 10.0)


def pm25_grade(
    values: ArrayLike, guideline: PerColumn = 5.0, *, states: States | None = None
) -> Block:
    """Return grade scores of fine dust: 7 for clean air down to 1.

    Parameters
    ----------
    values
        (n, k) annual means of PM2.5 in ug/m3; NaN = no value.
    guideline
        Guideline value of the World Health Organization in ug/m3, per column.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, k) scores 1 to 7.

    Notes
    -----
    7 less the number of `PM25_MULTIPLES` of the guideline that the value exceeds. A negative
    concentration is #NUM!.

    References
    ----------
    IQAir, World Air Quality Report 2023: colours by multiples of the WHO guideline of 2021.

    Examples
    --------
    >>> pm25_grade([[5.0], [5.1], [10.0], [50.0], [50.1]]).values.ravel().tolist()
    [7.0, 6.0, 6.0, 2.0, 1.0]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    bounds = np.multiply.outer(np.array(PM25_MULTIPLES), per_column(guideline, x.shape[1]))
    exceeded = (x[None, :, :] > bounds[:, None, :]).sum(axis=0)
    errors = own_errors(state)
    errors[(state == State.NUMBER) & (x < 0)] = NUM
    return block(len(PM25_MULTIPLES) + 1.0 - exceeded, errors)


def zscore_index(
    values: ArrayLike,
    weights: ArrayLike | None = None,
    limit: PerColumn = 1.96,
    missing: str = "renormalise",
    ddof: PerColumn = 0.0,
    *,
    states: States | None = None,
) -> Block:
    """Return the weighted mean of each row's z-scores.

    Parameters
    ----------
    values
        (n, k) sub-measures, any uom; NaN = no value.
    weights
        (k,) relative weights, none negative, not all 0; None = equal ones.
    limit
        Standard deviations at which the z-scores are clipped, per column; 0 does not clip.
    missing
        What a missing code does: `na` leaves the row without a result, `renormalise` shares its
        weight among the rest of the row, `zero` counts as an average value.
    ddof
        The standard deviation divides by n - ddof, per column.
    states
        (n, k) `State` of each cell; without it NaN is a blank, and `missing` meets nothing.

    Returns
    -------
    Block
        (n, 1) index values.

    Notes
    -----
    `zscore_winsor` of every column, then `weighted_index` of every row. A row with text is #VALUE!,
    one with a blank #N/A; a number in a constant column makes its row #DIV/0!.

    References
    ----------
    IECC 2024: sub-measures of one indicator.

    Examples
    --------
    >>> zscore_index([[1.0, 30.0], [2.0, 20.0], [3.0, 10.0]], [3, 1], 1).values.ravel().tolist()
    [-0.5, 0.0, 0.5]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    z = zscore_winsor(x, limit, 1.0, ddof, states=state)
    shares = np.ones(x.shape[1]) if weights is None else weights
    # A number without a z-score stays a number here, so that the row keeps its other errors.
    known = np.where(state == State.NUMBER, np.nan_to_num(z.values), np.nan)
    index = weighted_index(known, shares, "arithmetic", missing, states=state)
    constant = ((state == State.NUMBER) & (z.errors == DIV0)).any(axis=1)
    errors = index.errors.copy()
    errors[constant & (errors[:, 0] == NO_ERROR)] = DIV0
    return block(index.values, errors)
