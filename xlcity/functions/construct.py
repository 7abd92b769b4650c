"""Construct: indicators that are made from measurements before anything is normalised."""

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.aggregate import weighted_index
from xlcity.functions.arguments import AtLeastZero, Missing, Positive, Weights, WholeNumber
from xlcity.functions.block import (
    DIV0,
    NO_ERROR,
    NUM,
    CellArray,
    CellState,
    States,
    as_numbers,
    block,
    own_errors,
    per_column,
)
from xlcity.functions.decorator import function
from xlcity.functions.normalise import zscore_winsor

#: Upper bounds of the grades of fine dust, as multiples of the guideline; each bound is included.
PM25_MULTIPLES = (1.0, 2.0, 3.0, 5.0, 7.0, 10.0)


@function(category="construct")
def pm25_grade(
    values: ArrayLike, guideline: Positive = 5.0, *, states: States | None = None
) -> CellArray:
    """Return grades of fine dust: 7 up to the guideline, one less beyond 1, 2, 3, 5, 7, 10 times.

    Parameters
    ----------
    values : (n, k)
        Annual means of PM2.5 in ug/m3: a row per city. Blank and missing codes stay out.
    guideline
        Guideline value in ug/m3; the World Health Organization's of 2021 is 5.

    Returns
    -------
    Block
        (n, k) scores 1 to 7.

    See Also
    --------
    zscore_index

    Notes
    -----
    ``7 - COUNTIF({1;2;3;5;7;10} * guideline, "<" & x)``

    - Each bound counts as the better grade: 10 is still 6 points, 10.1 is 5.
    - More is better: the score already turns the concentration round.

    References
    ----------
    IQAir, World Air Quality Report 2023: colours by multiples of the WHO guideline of 2021.

    Examples
    --------
    >>> pm25_grade([[5.0], [5.1], [10.0], [50.0], [50.1]]).values.ravel().tolist()
    [7.0, 6.0, 6.0, 2.0, 1.0]
    """
    x, state = as_numbers(values, states)
    bounds = np.multiply.outer(np.array(PM25_MULTIPLES), per_column(guideline, x.shape[1]))
    exceeded = (x[None, :, :] > bounds[:, None, :]).sum(axis=0)
    errors = own_errors(state)
    errors[(state == CellState.NUMBER) & (x < 0)] = NUM
    return block(len(PM25_MULTIPLES) + 1.0 - exceeded, errors)


@function(category="construct", returns="column")
def zscore_index(
    values: ArrayLike,
    weights: Weights | None = None,
    limit: AtLeastZero = 1.96,
    missing: Missing = "renormalise",
    ddof: WholeNumber = 0.0,
    *,
    states: States | None = None,
) -> CellArray:
    """Return the weighted mean of each row's clipped z-scores: an index of several sub-measures.

    Parameters
    ----------
    values : (n, k)
        Sub-measures, any uom; NaN = no value.
    weights : (k,), default equal weights
        One weight per column of values, in a row or a column. They are relative: only their
        proportions count.
    limit
        Standard deviations at which z-scores are clipped; 0 does not clip.
    missing
        What a missing code does: na (no result in its row), renormalise (its weight is shared among
        the rest), zero (counts as 0) or refuse (no result in its whole group, nor with a blank). A
        blank always gives #N/A.
    ddof
        The standard deviation divides by n - ddof: 0 as STDEV.P, 1 as STDEV.S.

    See Also
    --------
    zscore_winsor, weighted_index

    Notes
    -----
    ``SUM(w * MIN(MAX((x - mean) / sd, -limit), limit)) / SUM(w)``

    - Mean and standard deviation are those of the numbers of each column.
    - Under renormalise a city is judged by the sub-measures that it has; under zero a missing one
      counts as average.

    References
    ----------
    IECC 2024: sub-measures of one indicator.

    Examples
    --------
    >>> zscore_index([[1.0, 30.0], [2.0, 20.0], [3.0, 10.0]], [3, 1], 1).values.ravel().tolist()
    [-0.5, 0.0, 0.5]
    """
    x, state = as_numbers(values, states)
    z = zscore_winsor(x, limit, 1.0, ddof, states=state)
    shares = np.ones(x.shape[1]) if weights is None else weights
    # A number without a z-score stays a number here, so that the row keeps its other errors.
    known = np.where(state == CellState.NUMBER, np.nan_to_num(z.values), np.nan)
    index = weighted_index(known, shares, "arithmetic", missing, states=state)
    constant = ((state == CellState.NUMBER) & (z.errors == DIV0)).any(axis=1)
    errors = index.errors.copy()
    errors[constant & (errors[:, 0] == NO_ERROR)] = DIV0
    return block(index.values, errors)
