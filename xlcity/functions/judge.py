"""Judge: weights from pairwise judgements (analytic hierarchy process)."""

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.block import (
    NA,
    NO_ERROR,
    NUM,
    VALUE,
    CellArray,
    CellState,
    Matrix,
    States,
    as_matrix,
    as_states,
    block,
)
from xlcity.functions.decorator import function

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
    judged, error = _judgements(comparisons, states)
    k = len(judged)
    if error:
        return block(np.full((k, 1), np.nan), np.full((k, 1), error, dtype=np.uint8))
    weights, _ = _principal(judged)
    return block(weights[:, None], np.zeros((k, 1), dtype=np.uint8))


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
    judged, error = _judgements(comparisons, states)
    k = len(judged)
    if not error and k >= len(RANDOM_INDEX):
        error = NUM
    ratio = 0.0
    if not error and k > 2:
        _, largest = _principal(judged)
        ratio = max(0.0, (largest - k) / (k - 1) / RANDOM_INDEX[k])
    return block(np.array([[ratio]]), np.array([[error]], dtype=np.uint8))


def _judgements(comparisons: ArrayLike, states: States | None) -> tuple[Matrix, int]:
    """Return a full matrix of judgements, and the error of the call."""
    given = as_matrix(comparisons)
    state = as_states(given, states)
    if given.shape[0] != given.shape[1] or (state == CellState.TEXT).any():
        return given, VALUE
    known = state == CellState.NUMBER
    diagonal = np.eye(len(given), dtype=bool)
    if (known & (given <= 0)).any() or (known & diagonal & (given != 1)).any():
        return given, NUM
    with np.errstate(all="ignore"):
        both = known & known.T & ~diagonal
        product = np.where(both, given * given.T, 1.0)
        if (np.abs(product - 1) > RECIPROCAL_TOLERANCE).any() or not np.isfinite(product).all():
            return given, NUM
        filled = np.where(known, given, np.where(known.T, 1.0 / given.T, np.nan))
    filled[diagonal] = 1.0
    if np.isnan(filled).any():
        return given, NA
    return filled, NO_ERROR if np.isfinite(filled).all() else NUM


def _principal(judged: Matrix) -> tuple[Matrix, float]:
    """Return the principal eigenvector of a positive matrix, sum 1, and its eigenvalue."""
    with np.errstate(all="ignore"):
        try:
            found, vectors = np.linalg.eig(judged)
        except np.linalg.LinAlgError:
            return np.full(len(judged), np.nan), np.nan
        at = int(np.argmax(found.real))
        weights = np.abs(vectors[:, at].real)
        return weights / weights.sum(), float(found[at].real)
