"""Combine: aggregates that are no weighted mean, and the parts of one that is."""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.arguments import Missing, Weights, accept_one_number, one_of
from xlcity.functions.block import (
    CellArray,
    CellState,
    Codes,
    ErrorCode,
    Matrix,
    States,
    as_matrix,
    as_numbers,
    as_states,
    make_block,
    make_cell,
    make_column,
    vector_or_ones,
)
from xlcity.functions.decorator import function
from xlcity.functions.rounding import (
    EQUAL_WITHIN,
    ZERO_WITHIN,
    centre_columns,
    column_sds,
    is_constant,
    is_flat,
    without_noise,
)

#: Sums of weights that differ by no more than this share of all weights are a tie: 0.1 + 0.2 and
#: 0.3, or 49 times 1/49 added in another order.
WEIGHT_TIE = 1e-12
#: Rows of a comparison that are in memory at once.
_ROWS_AT_ONCE = 256
#: What a missing code does where it cannot count as 0.
MISSING_RULES = ("na", "renormalise")


def row_errors(state: States, missing: str, weights: Matrix | None = None) -> Codes:
    """Return the (n,) errors of rows whose cells keep them from having a result.

    Parameters
    ----------
    state
        (n, k) what each cell holds.
    missing
        "na": a missing code is enough for #N/A; anything else: it is not, unless the row has no
        number. A blank always is; text is #VALUE!.
    weights
        (k,) weights, or (n, k) where rows have their own: a missing code that weighs nothing is not
        enough. None: all count.
    """
    errors = np.zeros(state.shape[0], dtype=np.uint8)
    is_lacking = state == CellState.BLANK
    if missing == "na":
        is_missing = state == CellState.MISSING
        if weights is not None:
            is_missing &= weights != 0
        is_lacking |= is_missing
    has_number = (state == CellState.NUMBER).any(axis=1)
    errors[is_lacking.any(axis=1) | ~has_number] = ErrorCode.NA
    errors[(state == CellState.TEXT).any(axis=1)] = ErrorCode.VALUE
    return errors


@function(category="aggregate", returns="column")
def owa_index(
    values: ArrayLike,
    weights: Weights | None = None,
    exponent: Annotated[float, accept_one_number(0.0, open_minimum=True)] = 2.0,
    missing: Annotated[str, one_of(*MISSING_RULES)] = "na",
    *,
    states: States | None = None,
) -> CellArray:
    """Return ordered weighted averages: a mean that leans to each city's lowest or highest scores.

    Parameters
    ----------
    values : (n, k)
        Scores on one scale; NaN = no value.
    weights : (k,), default equal weights
        One weight per column of values, in a row or a column. They are relative: only their
        proportions count.
    exponent
        1 is the weighted mean; above 1 the lowest scores count more, below 1 the highest.
    missing
        What a missing code does: na (no result in its row) or renormalise (the rest of the row
        counts). A blank always gives #N/A.

    See Also
    --------
    weighted_index, min_index

    Notes
    -----
    ``SUM((S ^ exponent - S_before ^ exponent) * x)``, scores of a row from the highest down

    - S is the share of the weights of all scores so far, S_before without this one.
    - How far it leans to the highest, its orness, is ``1 / (1 + exponent)``: 0.5 for the mean.

    References
    ----------
    Yager (1996), Quantifier guided aggregation using OWA operators, Int. J. Intelligent Systems 11.

    Examples
    --------
    >>> owa_index([[60.0, 90.0]]).values.tolist()
    [[67.5]]
    """
    x, state = as_numbers(values, states)
    shares = vector_or_ones(weights, x.shape[1])
    errors = row_errors(state, missing, shares)
    is_number = state == CellState.NUMBER
    present = np.where(is_number, shares, 0.0)
    total = present.sum(axis=1, keepdims=True)
    errors[(errors == ErrorCode.NONE) & (total[:, 0] == 0)] = ErrorCode.DIV0
    keys = np.where(is_number, x, -np.inf)
    order = np.argsort(-keys, axis=1, kind="stable")
    ordered = np.take_along_axis(np.where(is_number, x, 0.0), order, axis=1)
    with np.errstate(all="ignore"):
        so_far = np.take_along_axis(present, order, axis=1).cumsum(axis=1) / total
        steps = np.diff(np.minimum(so_far, 1.0) ** exponent, axis=1, prepend=0.0)
        largest = np.abs(ordered).max(axis=1)
        means = without_noise((steps * ordered).sum(axis=1), largest)
    means[errors != ErrorCode.NONE] = np.nan
    return make_column(means, errors)


@function(category="aggregate", returns="column")
def copeland_score(
    values: ArrayLike,
    weights: Weights | None = None,
    missing: Annotated[str, one_of(*MISSING_RULES)] = "na",
    *,
    states: States | None = None,
) -> CellArray:
    """Return Copeland scores: every city against every other, duels won less duels lost.

    Parameters
    ----------
    values : (n, k)
        Values or scores, all oriented alike; NaN = no value.
    weights : (k,), default equal weights
        One weight per column of values, in a row or a column. They are relative: only their
        proportions count.
    missing
        What a missing code does: na (no result in its row) or renormalise (the rest of the row
        counts). A blank always gives #N/A.

    Returns
    -------
    Block
        (n, 1) scores, -(n - 1) to n - 1; they sum to 0.

    See Also
    --------
    rank_borda, weighted_index, rank_competition

    Notes
    -----
    ``SUM(SIGN(SUM(w where ahead) - SUM(w where behind)))``

    - Only the order inside each column counts, not the distances: a strength cannot make up for a
      weakness. All columns must be oriented alike.
    - Sums of weights that differ only by rounding are a tie; the scores sum to 0.

    Values of a column that are equal but for rounding (4e-15 of its largest) are equal.

    References
    ----------
    Munda and Nardo (2009), Applied Economics 41(12); Copeland (1951).

    Examples
    --------
    >>> copeland_score([[3.0, 1.0], [2.0, 3.0], [1.0, 2.0]], [2, 1]).values.ravel().tolist()
    [2.0, 0.0, -2.0]
    """
    compared, shares, errors = _compared_rows(values, weights, missing, states)
    balances: list[float] = []
    for leads in weighted_leads(compared, shares):
        balances.extend(np.sign(leads).sum(axis=1))
    scores = np.full(len(errors), np.nan)
    scores[errors == ErrorCode.NONE] = balances
    return make_column(scores, errors)


def _compared_rows(
    values: ArrayLike, weights: Weights | None, missing: str, states: States | None
) -> tuple[Matrix, Matrix, Codes]:
    """Return the rows without an error, NaN in gaps, the weights, and the error of every row."""
    x, state = as_numbers(values, states)
    shares = vector_or_ones(weights, x.shape[1])
    errors = row_errors(state, missing, shares)
    rows = errors == ErrorCode.NONE
    compared = np.where(state[rows] == CellState.NUMBER, x[rows], np.nan)
    return compared, shares, errors


def weighted_leads(values: Matrix, shares: Matrix) -> Iterator[Matrix]:
    """Yield, for some rows at a time, by how much weight each of them leads each of all n rows.

    A cell is the weight of the columns where the row is better than the other, less that of those
    where it is worse; 0 is a tie. Each (rows, n) block that is yielded is overwritten by the next
    one.

    Parameters
    ----------
    values
        (n, k) scores; NaN = no value.
    shares
        (k,) weights of the columns.
    """
    n, k = values.shape
    sizes = np.nan_to_num(np.abs(values))
    noise = EQUAL_WITHIN * sizes.max(axis=0, initial=0.0)
    lead_buffer = np.empty((min(_ROWS_AT_ONCE, n), n))
    column_buffer = np.empty_like(lead_buffer)
    for start in range(0, n, _ROWS_AT_ONCE):
        some_rows = values[start : start + _ROWS_AT_ONCE]
        leads = lead_buffer[: len(some_rows)]
        leads[:] = 0.0
        for j in range(k):
            # A gap leads nothing, nor does what is equal but for rounding. A comparison with NaN
            # is false, so that its negation catches gaps, too.
            column_lead = column_buffer[: len(some_rows)]
            own = some_rows[:, j, None]
            np.subtract(own, values[None, :, j], out=column_lead)
            column_lead[~(np.abs(column_lead) > noise[j])] = 0.0
            np.sign(column_lead, out=column_lead)
            column_lead *= shares[j]
            leads += column_lead
        leads[np.abs(leads) <= WEIGHT_TIE * shares.sum()] = 0.0
        yield leads


@function(category="aggregate", returns="column")
def mpi_index(
    values: ArrayLike,
    penalty: Annotated[str, one_of("minus", "plus")] = "minus",
    missing: Annotated[str, one_of(*MISSING_RULES)] = "na",
    *,
    states: States | None = None,
) -> CellArray:
    """Return the Mazziotta-Pareto index: the mean of each row, corrected for uneven scores.

    Parameters
    ----------
    values : (n, k)
        Scores with a mean of about 100 and a standard deviation of about 10.
    penalty
        minus where more is better; plus where the index measures something bad.
    missing
        What a missing code does: na (no result in its row) or renormalise (the rest of the row
        counts). A blank always gives #N/A.

    See Also
    --------
    zscore_scale, weighted_index, min_index

    Notes
    -----
    ``M - S * S / M``

    - M and S are mean and standard deviation (n) of the row. Values are meant to have a mean of 100
      and a standard deviation of 10: ZSCORE_SCALE(x, 100, 10, direction, 0).

    References
    ----------
    Mazziotta and Pareto (2016), Social Indicators Research 127(3).

    Examples
    --------
    >>> mpi_index([[100.0, 100.0], [90.0, 110.0]]).values.ravel().tolist()
    [100.0, 99.0]
    """
    x, state = as_numbers(values, states)
    numbers = state == CellState.NUMBER
    errors = row_errors(state, missing)
    with np.errstate(all="ignore"):
        count = numbers.sum(axis=1)
        mean = np.where(numbers, x, 0.0).sum(axis=1) / count
        # S * S / M, by deviations as shares of the mean: squares of large scores may overflow.
        relative_deviation = np.where(numbers, x / mean[:, None] - 1.0, 0.0)
        penalty_points = mean * (relative_deviation**2).sum(axis=1) / count
        largest = np.where(numbers, np.abs(x), 0.0).max(axis=1)
    errors[(errors == ErrorCode.NONE) & ~(without_noise(mean, largest) > 0)] = (
        ErrorCode.NUM
    )
    correction = penalty_points if penalty == "plus" else -penalty_points
    return make_block((mean + correction)[:, None], errors[:, None])


@function(category="aggregate", returns="column")
def min_index(
    values: ArrayLike,
    missing: Annotated[str, one_of(*MISSING_RULES)] = "na",
    *,
    states: States | None = None,
) -> CellArray:
    """Return the smallest score of each row: no strength makes up for the worst weakness.

    Parameters
    ----------
    values : (n, k)
        Scores on one scale; NaN = no value.
    missing
        What a missing code does: na (no result in its row) or renormalise (the rest of the row
        counts). A blank always gives #N/A.

    See Also
    --------
    weighted_index, mpi_index

    Notes
    -----
    ``MIN(row)``

    - Weights play no part.
    - Scores must be on one scale.

    References
    ----------
    OECD/JRC (2008), Handbook, step 6: non-compensatory aggregation.

    Examples
    --------
    >>> min_index([[60.0, 90.0], [70.0, 75.0]]).values.ravel().tolist()
    [60.0, 70.0]
    """
    x, state = as_numbers(values, states)
    lowest = np.where(state == CellState.NUMBER, x, np.inf).min(axis=1)
    return make_block(lowest[:, None], row_errors(state, missing)[:, None])


@function(category="assess")
def contributions(
    values: ArrayLike,
    weights: Weights,
    missing: Missing = "na",
    *,
    states: States | None = None,
) -> CellArray:
    """Return points that each column adds to the weighted mean of its row.

    Parameters
    ----------
    values : (n, k)
        Scores on one scale; NaN = no value.
    weights : (k,), relative
        One weight per column of values, in a row or a column. They are relative: only their
        proportions count.
    missing
        What a missing code does: na (no result in its row), renormalise (its weight is shared among
        the rest), zero (counts as 0) or refuse (no result in its whole group, nor with a blank). A
        blank always gives #N/A.

    See Also
    --------
    weighted_index

    Notes
    -----
    ``w * x / SUM(w)``

    - A row sums to WEIGHTED_INDEX with the same weights (arithmetic).
    - A missing code that the option resolves adds 0.

    References
    ----------
    OECD/JRC (2008), Handbook, step 8: back to the data.

    Examples
    --------
    >>> contributions([[60.0, 90.0]], [1, 2]).values.tolist()
    [[20.0, 60.0]]
    """
    weight = np.asarray(weights, dtype=np.float64).ravel()
    return weighted_parts(*as_numbers(values, states), weight, missing)


def weighted_parts(x: Matrix, state: States, weight: Matrix, missing: str) -> CellArray:
    """Return the points of `contributions`: what each column adds to the weighted mean of its row.

    Parameters
    ----------
    x, state
        (n, k) scores, and what each cell holds.
    weight
        (k,) weights, or (n, k) where rows have their own.
    missing
        What a missing code does, see `contributions`.
    """
    numbers = state == CellState.NUMBER
    has_weight = (
        numbers | (state == CellState.MISSING) if missing == "zero" else numbers
    )
    total = np.where(has_weight, weight, 0.0).sum(axis=1)
    with np.errstate(all="ignore"):
        points = np.where(numbers, weight / total[:, None] * x, 0.0)
    errors = np.zeros(len(x), dtype=np.uint8)
    errors[total == 0] = ErrorCode.DIV0
    rule = "na" if missing == "na" else "renormalise"
    gap_errors = row_errors(state, rule, weight)
    if missing == "zero":
        # A row of nothing but missing codes is a row of zeros.
        gap_errors[(state == CellState.MISSING).all(axis=1)] = ErrorCode.NONE
    errors[gap_errors != ErrorCode.NONE] = gap_errors[gap_errors != ErrorCode.NONE]
    return make_block(points, np.broadcast_to(errors[:, None], x.shape).copy())


@function(category="assess", returns="single")
def cronbach_alpha(
    values: ArrayLike,
    standardise: Annotated[str, one_of("none", "zscore")] = "none",
    *,
    states: States | None = None,
) -> CellArray:
    """Return Cronbach's alpha: how far the columns measure one thing; above 0.7 counts as good.

    Parameters
    ----------
    values : (n, k)
        Values, all oriented alike; NaN = no value.
    standardise
        zscore gives every column the same spread first.

    See Also
    --------
    pearson_matrix, pca_weights

    Notes
    -----
    ``k / (k - 1) * (1 - SUM(VAR(column)) / VAR(row sums))``

    - Only rows with a number in every column count. All columns must be oriented alike.

    References
    ----------
    Cronbach (1951), Psychometrika 16(3).

    Examples
    --------
    >>> cronbach_alpha([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]).values.tolist()
    [[1.0]]
    """
    numbers = as_matrix(values)
    x = numbers[(as_states(numbers, states) == CellState.NUMBER).all(axis=1)]
    n, k = x.shape
    if n < 2 or k < 2:
        return make_cell(np.nan, ErrorCode.DIV0)
    with np.errstate(all="ignore"):
        x = x / (np.abs(x).max() or 1.0)
        if standardise == "zscore":
            x = centre_columns(x)[0] / np.sqrt(_column_variances(x))
        totals = x.sum(axis=1)
        # Columns that cancel leave nothing but rounding.
        noise = ZERO_WITHIN * np.abs(x).max()
        if is_constant(totals) or np.ptp(totals) <= noise:
            return make_cell(np.nan, ErrorCode.DIV0)
        total_variance = _column_variances(totals[:, None])[0]
        shared = 1.0 - _column_variances(x).sum() / total_variance
        alpha = k / (k - 1) * shared
    error = ErrorCode.NONE if np.isfinite(alpha) else ErrorCode.DIV0
    return make_cell(alpha, error)


def _column_variances(x: Matrix) -> Matrix:
    """Return (k,) variances of columns with n - 1; 0 for columns equal but for rounding."""
    constant = is_flat(x.min(axis=0), x.max(axis=0))
    return np.asarray(
        np.where(constant, 0.0, column_sds(centre_columns(x)[0], 1.0) ** 2)
    )


@function(category="assess", returns="pairs")
def outranking_matrix(
    values: ArrayLike,
    weights: Weights | None = None,
    missing: Annotated[str, one_of(*MISSING_RULES)] = "na",
    *,
    states: States | None = None,
) -> CellArray:
    """Return the share of the weights by which each city is ahead of each other; ties count half.

    Parameters
    ----------
    values : (n, k)
        Scores of which more is better in every column; NaN = no value.
    weights : (k,), default equal weights
        How much each column counts, relative to the others; in a row or a column.
    missing
        What a missing code does: na (no result in its row and column) or renormalise (it ties
        with everything). A blank always gives #N/A.

    See Also
    --------
    copeland_score, rank_borda

    Notes
    -----
    ``(SUM(w where ahead) + SUM(w where tied) / 2) / SUM(w)``

    - The row is the city that is ahead. Opposite cells sum to 1; the diagonal is 0.5.
    - A duel that is tied but for rounding is exactly 0.5. COPELAND_SCORE counts the cells above
      0.5 in a row less those below.

    References
    ----------
    Munda and Nardo (2009), Applied Economics 41(12); OECD/JRC (2008), Handbook on Constructing
    Composite Indicators, section 6.13; COINr, `outrankMatrix`.

    Examples
    --------
    >>> outranking_matrix([[3.0, 1.0], [2.0, 1.0]], [2, 1]).values.round(6).tolist()
    [[0.5, 0.833333], [0.166667, 0.5]]
    """
    compared, shares, row_error = _compared_rows(values, weights, missing, states)
    rows = np.flatnonzero(row_error == ErrorCode.NONE)
    matrix = np.full((len(row_error), len(row_error)), np.nan)
    shares_ahead = [
        0.5 + leads / shares.sum() / 2 for leads in weighted_leads(compared, shares)
    ]
    if shares_ahead:
        matrix[np.ix_(rows, rows)] = np.concatenate(shares_ahead)
    errors = np.where(
        row_error[:, None] != ErrorCode.NONE, row_error[:, None], row_error[None, :]
    )
    return make_block(matrix, errors)
