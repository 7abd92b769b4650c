"""Weigh: by what the columns have in common, or by pairwise judgements."""

from functools import partial
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.arguments import accept_one_number, one_of
from xlcity.functions.block import (
    CellArray,
    CellState,
    ErrorCode,
    Matrix,
    States,
    all_finite,
    as_matrix,
    as_numbers,
    as_states,
    make_cell,
    make_column,
)
from xlcity.functions.combine import row_errors
from xlcity.functions.decorator import function
from xlcity.functions.rounding import correlation_distances
from xlcity.functions.weigh import (
    LOADING_TIE,
    complete_rows,
    relative_sds,
    sign_components,
    span_zero_to_one,
    weight_row,
)

#: What the least and the greatest share are of: the sum of the weights, or the city's score.
SHARES_OF = ("weights", "score")
#: A score that is nearer to 1 than this is 1: programmes are solved to about as much.
_ONE_TOLERANCE = 1e-9

_Share = Annotated[float, accept_one_number(0.0, 1.0)]


@function(category="aggregate", returns="column")
def bod_index(
    values: ArrayLike,
    low: _Share = 0.0,
    high: _Share = 1.0,
    shares: Annotated[str, one_of(*SHARES_OF)] = "weights",
    *,
    states: States | None = None,
) -> CellArray:
    """Return each row's score by its own best weights: benefit of the doubt.

    Parameters
    ----------
    values : (n, k)
        Scores, none negative, all oriented alike; NaN = no value.
    low, high
        Least and greatest share of each column, 0 to 1.
    shares
        Of what low and high are shares: weights (of a row's sum) or score (of a row's score).

    Returns
    -------
    Block
        (n, 1) scores from 0 to 1; the best rows have 1.

    See Also
    --------
    weighted_index, min_index

    Notes
    -----
    ``MAX(SUM(w * x)) with SUM(w * x) <= 1 in every row, w >= 0``

    - Each row is scored by the weights that make it look best, on condition that no row gets more
      than 1 by them: a linear programme per row.
    - Without limits a row that leads in one column has 1. Limits keep every column in the score.
    - Scores depend on all rows. A row with a gap has none, and is no measure for others.

    References
    ----------
    Melyn and Moesen (1991); Cherchye, Moesen, Rogge and Van Puyenbroeck (2007), Social Indicators
    Research 82; OECD/JRC (2008), Handbook on Constructing Composite Indicators, section 6.3.

    Examples
    --------
    >>> bod_index([[2.0, 1.0], [1.0, 2.0], [1.0, 1.0]]).values.ravel().round(6).tolist()
    [1.0, 1.0, 0.666667]
    """
    x, state = as_numbers(values, states)
    errors = row_errors(state, "na")
    scores = np.full(len(x), np.nan)
    complete = np.flatnonzero(errors == ErrorCode.NONE)
    peers = x[complete]
    k = x.shape[1]
    sums_to_one = low * k <= 1 + 1e-12 and high * k >= 1 - 1e-12
    if (peers < 0).any() or low > high or not sums_to_one:
        errors[complete] = ErrorCode.NUM
    elif not peers.max(initial=0.0) > 0:
        errors[complete] = ErrorCode.DIV0
    else:
        peers = peers / peers.max()
        best_score = partial(_best_score, peers, low=low, high=high, shares=shares)
        scores[complete] = list(map(best_score, peers))
    return make_column(scores, errors)


def _best_score(
    peers: Matrix, row: Matrix, low: float, high: float, shares: str
) -> float:
    """Return the best score a row can have, by weights that suit it; NaN if no weights are allowed.

    Parameters
    ----------
    peers
        (n, k) scores of all rows; no row may score above 1.
    row
        (k,) scores of the row.
    low, high
        Limits of each share, from 0 to 1.
    shares
        One of `SHARES_OF`: what the limited shares are of.
    """
    from scipy.optimize import linprog

    k = len(row)
    # Each limit is a row of ``A w <= b`` per column: low * sum(w) - w_j <= 0, and so on. Where
    # shares are of the score, w_j stands for w_j * x_j.
    column_part = np.diag(row) if shares == "score" else np.eye(k)
    total = np.tile(row if shares == "score" else np.ones(k), (k, 1))
    constraints = [peers]
    upper_limits = [np.ones(len(peers))]
    if low > 0:
        constraints.append(low * total - column_part)
    if high < 1:
        constraints.append(column_part - high * total)
    upper_limits += [np.zeros(k)] * (len(constraints) - 1)
    solution = linprog(
        -row,
        A_ub=np.vstack(constraints),
        b_ub=np.concatenate(upper_limits),
        method="highs",
    )
    score = -float(solution.fun) if solution.success else np.nan
    return 1.0 if abs(score - 1.0) < _ONE_TOLERANCE else score


#: Least share of a column's variance that is its own: less would make it the factor itself.
LEAST_OWN_SHARE = 0.005
_MOST_ROUNDS = 10_000


@function(category="weight", returns="row")
def infomax_weights(values: ArrayLike, *, states: States | None = None) -> CellArray:
    """Return weights under which the columns correlate most with the index they make, on average.

    Parameters
    ----------
    values : (n, k)
        Scores, all oriented alike; NaN = no value.

    See Also
    --------
    balance_weights, pca_weights

    Notes
    -----
    ``w = 1 / sd / SUM(1 / sd)``

    - Only rows with a number in every column count.
    - The weights sum to 1; WEIGHTED_INDEX takes them as they are. A single column weighs 1.
    - The mean correlation of the columns with their index has its maximum where each column weighs
      by the inverse of its standard deviation; no search is needed.

    With R the correlations and v = w * sd, the sum of the correlations is ``1'Rv / sqrt(v'Rv)``,
    at most ``sqrt(1'R1)`` by the inequality of Cauchy and Schwarz, and that for equal v.

    References
    ----------
    Becker, Saisana, Paruolo and Vandecasteele (2017), Ecological Indicators 80; COINr,
    `get_opt_weights` with `optype = "infomax"`.

    Examples
    --------
    >>> infomax_weights([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]).values.round(6).tolist()
    [[0.666667, 0.333333]]
    """
    x = complete_rows(values, states)
    if len(x) < 2 or span_zero_to_one(x)[1].any():
        return weight_row(np.ones(x.shape[1]), ErrorCode.DIV0)
    return weight_row(1.0 / relative_sds(x, span_zero_to_one(x)[0]))


@function(category="weight", returns="row")
def ucm_weights(values: ArrayLike, *, states: States | None = None) -> CellArray:
    """Return weights by the unobserved components model: columns weigh by how little they err.

    Parameters
    ----------
    values : (n, k)
        Scores, all oriented alike, at least three columns; NaN = no value.

    See Also
    --------
    pca_weights, balance_weights

    Notes
    -----
    ``x = a + b * (f + e), var(e) = s ^ 2; w = 1 / (b * s ^ 2) / SUM(1 / (b * s ^ 2))``

    - Only rows with a number in every column count.
    - The weights sum to 1; WEIGHTED_INDEX takes them as they are.
    - Every column measures one unknown f with an error of its own; b and s have the greatest
      likelihood (normal distributions). The index orders rows by the expected f.
    - At least 0.5 % of a column's variance counts as error. A column that measures the opposite of
      the others weighs 0: turn it round.

    References
    ----------
    Kaufmann, Kraay and Zoido-Lobaton (1999), Aggregating Governance Indicators; OECD/JRC (2008),
    Handbook on Constructing Composite Indicators, section 6.4; Lawley and Maxwell (1971).

    Examples
    --------
    >>> x = [[1.0, 2.0, 1.5], [2.0, 1.0, 3.5], [3.0, 4.0, 2.0], [4.0, 3.0, 4.0]]
    >>> ucm_weights(x).values.round(2).tolist()
    [[0.43, 0.25, 0.31]]
    """
    x = complete_rows(values, states)
    k = x.shape[1]
    if k == 1:
        return weight_row(np.ones(1))
    if len(x) < 3 or k < 3 or span_zero_to_one(x)[1].any():
        return weight_row(np.ones(k), ErrorCode.DIV0)
    scaled = span_zero_to_one(x)[0]
    correlations = 1.0 - correlation_distances(scaled)
    loadings, own_variances = _fit_one_factor(correlations)
    total = loadings.sum()
    if abs(total) <= LOADING_TIE * np.abs(loadings).sum():
        # As many columns measure the opposite as do not: the strongest decides.
        loadings = sign_components(loadings[:, None])[:, 0]
    elif total < 0:
        loadings = -loadings
    return weight_row(
        np.maximum(loadings, 0.0) / own_variances / relative_sds(x, scaled)
    )


def _fit_one_factor(correlations: Matrix) -> tuple[Matrix, Matrix]:
    """Return (k,) loadings and own variances of one factor that explains correlations.

    A loading is a column's correlation with the factor, its own variance what the factor leaves of
    its variance of 1. Both have the greatest likelihood for normal distributions.
    """
    from scipy.optimize import minimize

    k = len(correlations)

    def best_loadings(own_variances: Matrix) -> tuple[Matrix, Matrix]:
        """Return the best (k,) loadings for given own variances, and what they do not explain."""
        # Lawley and Maxwell: for given own variances the factor is the first component of the
        # matrix in their units; the rest of its spectrum is what is not explained.
        own_deviations = np.sqrt(own_variances)
        eigenvalues, vectors = np.linalg.eigh(
            correlations / np.outer(own_deviations, own_deviations)
        )
        strength = np.sqrt(max(eigenvalues[-1] - 1.0, 0.0))
        return own_deviations * vectors[:, -1] * strength, np.maximum(
            eigenvalues[:-1], 1e-12
        )

    def misfit_and_slope(own_variances: Matrix) -> tuple[float, Matrix]:
        """Return the misfit of given own variances at their best loadings, and its gradient."""
        loading, unexplained = best_loadings(own_variances)
        slope = (loading**2 + own_variances - np.diag(correlations)) / own_variances**2
        return float((unexplained - np.log(unexplained) - 1.0).sum()), slope

    start = np.clip(
        1.0 / np.diag(np.linalg.pinv(correlations)) * (1 - 0.5 / k),
        2 * LEAST_OWN_SHARE,
        1.0,
    )
    fit = minimize(
        misfit_and_slope,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(LEAST_OWN_SHARE, 1.0)] * k,
        options={
            "maxiter": _MOST_ROUNDS,
            "maxfun": _MOST_ROUNDS,
            "ftol": 1e-15,
            "gtol": 1e-10,
        },
    )
    return best_loadings(fit.x)[0], np.asarray(fit.x)


#: Saaty's mean consistency index of random matrices, by the number of things compared.
RANDOM_INDEX = (
    *(0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49),
    *(1.51, 1.48, 1.56, 1.57, 1.59),
)
#: How far the product of two opposite judgements may be from 1: 0.33 and 3, 0.143 and 7.
RECIPROCAL_TOLERANCE = 0.02


@function(category="weight", returns="column")
def ahp_weights(comparisons: ArrayLike, *, states: States | None = None) -> CellArray:
    """Return weights from pairwise judgements: the principal eigenvector (AHP).

    Parameters
    ----------
    comparisons : (k, k)
        Square of judgements: how many times the row is as important as the column, 1 to 9 or a
        fraction. One of two opposite cells may be empty; so may the diagonal.

    See Also
    --------
    ahp_ratio, weighted_index

    Notes
    -----
    ``A w = lambda_max w, w / SUM(w)``

    - Look at AHP_RATIO too: above 0.1 the judgements contradict each other too much.
    - Opposite judgements may be rounded: 3 and 0.33 fit, 3 and 0.5 do not.

    References
    ----------
    Saaty (1980), The Analytic Hierarchy Process.

    Examples
    --------
    >>> ahp_weights([[1.0, 3.0], [np.nan, 1.0]]).values.ravel().tolist()
    [0.75, 0.25]
    """
    judged, error = _complete_judgements(comparisons, states)
    k = len(judged)
    if error:
        errors = np.full(k, error, dtype=np.uint8)
        return make_column(np.full(k, np.nan), errors)
    weights, _ = _principal_vector(judged)
    return make_column(weights, np.zeros(k, dtype=np.uint8))


@function(category="weight", returns="single")
def ahp_ratio(comparisons: ArrayLike, *, states: States | None = None) -> CellArray:
    """Return the consistency ratio of pairwise judgements; up to 0.1 counts as consistent.

    Parameters
    ----------
    comparisons : (k, k)
        Square of judgements: how many times the row is as important as the column, 1 to 9 or a
        fraction. One of two opposite cells may be empty; so may the diagonal.

    See Also
    --------
    ahp_weights

    Notes
    -----
    ``(lambda_max - k) / (k - 1) / RI(k)``

    - RI is Saaty's random index for 3 to 15 things: 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49,
      1.51, 1.48, 1.56, 1.57, 1.59. For one or two things the ratio is 0.

    References
    ----------
    Saaty (1980), The Analytic Hierarchy Process.

    Examples
    --------
    >>> ahp_ratio([[1, 2, 4], [0.5, 1, 2], [0.25, 0.5, 1]]).values.round(12).tolist()
    [[0.0]]
    """
    judged, error = _complete_judgements(comparisons, states)
    k = len(judged)
    if not error and k >= len(RANDOM_INDEX):
        error = ErrorCode.NUM
    ratio = 0.0
    if not error and k > 2:
        _, largest = _principal_vector(judged)
        ratio = max(0.0, (largest - k) / (k - 1) / RANDOM_INDEX[k])
    return make_cell(ratio, error)


def _complete_judgements(
    comparisons: ArrayLike, states: States | None
) -> tuple[Matrix, ErrorCode]:
    """Return a full (k, k) matrix of judgements, gaps filled by reciprocals, and an `ErrorCode`.

    A cell says how many times its row is as important as its column. With an error the matrix has
    no meaning. Text is #VALUE!; judgements of 0 or less, or that contradict each other, #NUM!; gaps
    #N/A.
    """
    given = as_matrix(comparisons)
    state = as_states(given, states)
    height, width = given.shape
    if height != width or (state == CellState.TEXT).any():
        return given, ErrorCode.VALUE
    is_judged = state == CellState.NUMBER
    diagonal = np.eye(len(given), dtype=bool)
    # An alternative is as good as itself.
    is_impossible = (given <= 0) | (diagonal & (given != 1))
    if (is_judged & is_impossible).any():
        return given, ErrorCode.NUM
    with np.errstate(all="ignore"):
        is_judged_twice = is_judged & is_judged.T & ~diagonal
        product = np.where(is_judged_twice, given * given.T, 1.0)
        is_contradiction = np.abs(product - 1) > RECIPROCAL_TOLERANCE
        if is_contradiction.any() or not all_finite(product):
            return given, ErrorCode.NUM
        reciprocals = np.where(is_judged.T, 1.0 / given.T, np.nan)
        filled = np.where(is_judged, given, reciprocals)
    filled[diagonal] = 1.0
    if np.isnan(filled).any():
        return given, ErrorCode.NA
    return filled, ErrorCode.NONE if all_finite(filled) else ErrorCode.NUM


def _principal_vector(judged: Matrix) -> tuple[Matrix, float]:
    """Return the principal eigenvector of a positive matrix, sum 1, and its eigenvalue."""
    with np.errstate(all="ignore"):
        try:
            eigenvalues, vectors = np.linalg.eig(judged)
        except np.linalg.LinAlgError:
            return np.full(len(judged), np.nan), np.nan
        largest = int(np.argmax(eigenvalues.real))
        weights = np.abs(vectors[:, largest].real)
        return weights / weights.sum(), float(eigenvalues[largest].real)
