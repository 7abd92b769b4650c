"""Cities measured by one another: nearness to the ideal (TOPSIS), outranking flows (PROMETHEE)."""

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlcity.errors import CellError
from xlcity.functions.arguments import AtLeastZero, Weights, one_of
from xlcity.functions.block import (
    CellArray,
    Codes,
    ErrorCode,
    Matrix,
    States,
    as_numbers,
    make_column,
    vector_or_ones,
)
from xlcity.functions.combine import row_errors
from xlcity.functions.decorator import function
from xlcity.functions.rounding import EQUAL_WITHIN, is_flat


def _comparable_rows(
    values: ArrayLike, states: States | None, weights: ArrayLike | None
) -> tuple[Matrix, NDArray[np.intp], Codes, Matrix]:
    """Return the (r, k) complete rows, their positions, (n,) errors of all, and (k,) shares.

    Columns that weigh nothing are left out.
    """
    x, state = as_numbers(values, states)
    given = vector_or_ones(weights, x.shape[1])
    shares = given / given.sum()
    errors = row_errors(state, "na", shares)
    rows = np.flatnonzero(errors == ErrorCode.NONE)
    # A gap in a column that weighs nothing must not reach the distances.
    has_weight = shares != 0
    return x[np.ix_(rows, has_weight)], rows, errors, shares[has_weight]


@function(category="aggregate", returns="column")
def topsis_score(
    values: ArrayLike,
    weights: Weights | None = None,
    vector: Annotated[str, one_of("no", "yes")] = "no",
    *,
    states: States | None = None,
) -> CellArray:
    """Return TOPSIS scores: how much nearer each city is to the ideal than to its opposite, 0 to 1.

    Parameters
    ----------
    values : (n, k)
        Values or scores, all oriented alike; NaN = no value.
    weights : (k,), default equal weights
        One weight per column of values, in a row or a column. They are relative: only their
        proportions count.
    vector
        Whether each column is first divided by the root of its sum of squares: yes or no.

    Returns
    -------
    Block
        (n, 1) scores; 1 is the best in every column, 0 the worst in every one.

    See Also
    --------
    promethee_flow, weighted_index

    Notes
    -----
    ``d_worst / (d_best + d_worst)``, Euclidean distances of w * x

    - Best and worst of each column are those of the cities without gaps: a city that joins or
      leaves may change the order of the others.
    - Without the option the scores must be on one scale, such as 0 to 100.

    References
    ----------
    Hwang and Yoon (1981), Multiple Attribute Decision Making.

    Examples
    --------
    >>> topsis_score([[1.0, 1.0], [0.0, 0.0], [1.0, 0.0]]).values.ravel().tolist()
    [1.0, 0.0, 0.5]
    """
    x, rows, errors, shares = _comparable_rows(values, states, weights)
    scores = np.full(len(errors), np.nan)
    if not len(rows):
        return make_column(scores, errors)
    if vector == "yes":
        lengths = np.sqrt((x * x).sum(axis=0))
        x = x / np.where(lengths > 0, lengths, 1.0)
    best = x.max(axis=0)
    worst = x.min(axis=0)
    shares = np.where(is_flat(worst, best), 0.0, shares)
    to_best = _weighted_distances(x, best, shares)
    to_worst = _weighted_distances(x, worst, shares)
    total = to_best + to_worst
    nearness = to_worst / np.where(total > 0, total, 1.0)
    scores[rows] = np.where(total > 0, nearness, np.nan)
    errors[rows[total == 0]] = ErrorCode.DIV0
    return make_column(scores, errors)


def _weighted_distances(x: Matrix, point: Matrix, shares: Matrix) -> Matrix:
    """Return the (n,) distances of rows to a point, each column times its share."""
    deviations = (x - point) * shares
    return np.asarray(np.sqrt((deviations**2).sum(axis=1)))


def _check_thresholds(arguments: Mapping[str, Any]) -> CellError | None:
    """Return #NUM! where the threshold of preference is below that of indifference."""
    is_reversed = np.any(np.less(arguments["preference"], arguments["indifference"]))
    return CellError.NUM if is_reversed else None


@function(category="aggregate", returns="column", check=_check_thresholds)
def promethee_flow(
    values: ArrayLike,
    weights: Weights | None = None,
    indifference: AtLeastZero = 0.0,
    preference: AtLeastZero = 0.0,
    *,
    states: States | None = None,
) -> CellArray:
    """Return net flows of PROMETHEE II: how much each city outranks the others, less the reverse.

    Parameters
    ----------
    values : (n, k)
        Values or scores, all oriented alike; NaN = no value.
    weights : (k,), default equal weights
        One weight per column of values, in a row or a column. They are relative: only their
        proportions count.
    indifference
        A lead up to this many points does not count.
    preference
        A lead of this many points counts in full, one in between in proportion; equal to
        indifference, every lead above it counts in full.

    Returns
    -------
    Block
        (n, 1) flows, -1 to 1; they sum to 0.

    See Also
    --------
    topsis_score, copeland_score, outranking_matrix

    Notes
    -----
    ``SUM(w * P(x - other) - w * P(other - x)) / (n - 1)``

    - With both thresholds 0 only the order inside each column counts (the usual criterion).
    - A city that joins or leaves may change the order of the others.

    Values of a column that are equal but for rounding (4e-15 of its largest) are equal.

    References
    ----------
    Brans and Vincke (1985), Management Science 31(6).

    Examples
    --------
    >>> promethee_flow([[3.0], [2.0], [1.0]]).values.ravel().tolist()
    [1.0, 0.0, -1.0]
    """
    x, rows, errors, shares = _comparable_rows(values, states, weights)
    thresholds = (
        np.broadcast_to(limit, x.shape[1]) for limit in (indifference, preference)
    )
    flows = np.zeros(len(rows))
    for column, share, low, high in zip(x.T, shares, *thresholds, strict=True):
        noise = EQUAL_WITHIN * np.abs(column).max(initial=0.0)
        for row, value in enumerate(column):
            lead = np.abs(value - column)
            part = np.where(lead > low + noise, 1.0, 0.0)
            if high > low:
                part = np.clip((lead - low) / (high - low), 0.0, 1.0) * part
            flows[row] += share * (np.sign(value - column) * part).sum()
    result = np.full(len(errors), np.nan)
    result[rows] = flows / max(len(rows) - 1, 1)
    return make_column(result, errors)
