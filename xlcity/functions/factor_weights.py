"""Weigh: by what the columns have in common, as optimisers and models of one factor find it."""

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.block import DIV0, CellArray, Matrix, States
from xlcity.functions.decorator import function
from xlcity.functions.noise import centred, deviation_of, unlikeness
from xlcity.functions.weigh import complete_rows, unit_span, weight_row

#: Least share of a column's variance that is its own: less would make it the factor itself.
LEAST_OWN = 0.005
_ROUNDS = 10_000


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
    if len(x) < 2 or unit_span(x)[1].any():
        return weight_row(np.ones(x.shape[1]), DIV0)
    return weight_row(1.0 / _spread(x, unit_span(x)[0]))


def _spread(x: Matrix, scaled: Matrix) -> Matrix:
    """Return standard deviations, in units of the widest column."""
    spread = deviation_of(centred(scaled)[0]) * (x.max(axis=0) / 2 - x.min(axis=0) / 2)
    return np.asarray(spread / spread.max())


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
    if len(x) < 3 or k < 3 or unit_span(x)[1].any():
        return weight_row(np.ones(k), DIV0)
    scaled = unit_span(x)[0]
    alike = 1.0 - unlikeness(scaled)
    loadings, own = _one_factor(alike)
    if loadings.sum() < 0:
        loadings = -loadings
    return weight_row(np.maximum(loadings, 0.0) / own / _spread(x, scaled))


def _one_factor(alike: Matrix) -> tuple[Matrix, Matrix]:
    """Return loadings and own variances of one factor, with the greatest likelihood."""
    from scipy.optimize import minimize

    k = len(alike)

    def profile(own: Matrix) -> tuple[float, Matrix]:
        # Lawley and Maxwell: for given own variances the factor is the first component of the
        # matrix in their units; the rest of its spectrum is what is not explained.
        root = np.sqrt(own)
        sizes, vectors = np.linalg.eigh(alike / np.outer(root, root))
        rest = np.maximum(sizes[:-1], 1e-12)
        loading = root * vectors[:, -1] * np.sqrt(max(sizes[-1] - 1.0, 0.0))
        slope = (loading**2 + own - np.diag(alike)) / own**2
        return float((rest - np.log(rest) - 1.0).sum()), slope

    start = np.clip(1.0 / np.diag(np.linalg.pinv(alike)) * (1 - 0.5 / k), 2 * LEAST_OWN, 1.0)
    found = minimize(
        profile,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(LEAST_OWN, 1.0)] * k,
        options={"maxiter": _ROUNDS, "maxfun": _ROUNDS, "ftol": 1e-15, "gtol": 1e-10},
    )
    own = np.asarray(found.x)
    root = np.sqrt(own)
    sizes, vectors = np.linalg.eigh(alike / np.outer(root, root))
    return root * vectors[:, -1] * np.sqrt(max(sizes[-1] - 1.0, 0.0)), own
