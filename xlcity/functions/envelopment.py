"""Benefit of the doubt: every city by the weights that suit it best."""

from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.arguments import one_number, one_of
from xlcity.functions.block import DIV0, NO_ERROR, NUM, CellArray, Matrix, States, as_numbers, block
from xlcity.functions.combine import row_errors
from xlcity.functions.decorator import function

#: What the least and the greatest share are of: the sum of the weights, or the city's score.
SHARES = ("weights", "score")
#: A score that is nearer to 1 than this is 1: programmes are solved to about as much.
_NEAR = 1e-9

_Share = Annotated[float, one_number(0.0, 1.0)]


@function(category="aggregate", returns="column")
def bod_index(
    values: ArrayLike,
    low: _Share = 0.0,
    high: _Share = 1.0,
    shares: Annotated[str, one_of(*SHARES)] = "weights",
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
    errors, scores = row_errors(state, "na"), np.full(len(x), np.nan)
    complete = np.flatnonzero(errors == NO_ERROR)
    peers = x[complete]
    if (peers < 0).any() or not _sum_to_one(low, high, x.shape[1]):
        errors[complete] = NUM
    elif not peers.max(initial=0.0) > 0:
        errors[complete] = DIV0
    else:
        peers = peers / peers.max()
        scores[complete] = [_best_score(peers, row, low, high, shares) for row in peers]
    return block(scores[:, None], errors[:, None])


def _sum_to_one(low: float, high: float, count: int) -> bool:
    """Tell whether that many shares within limits can sum to 1."""
    return low <= high and low * count <= 1 + 1e-12 and high * count >= 1 - 1e-12


def _best_score(peers: Matrix, row: Matrix, low: float, high: float, shares: str) -> float:
    """Return the greatest weighted sum of a row that weights within the limits give it."""
    from scipy.optimize import linprog

    k = len(row)
    # What a column has of the whole, less its share of it: w_j - low * sum(w), likewise for scores.
    part = np.diag(row) if shares == "score" else np.eye(k)
    total = np.tile(row if shares == "score" else np.ones(k), (k, 1))
    rows, most = [peers], [np.ones(len(peers))]
    if low > 0:
        rows.append(low * total - part)
    if high < 1:
        rows.append(part - high * total)
    most += [np.zeros(k)] * (len(rows) - 1)
    solution = linprog(-row, A_ub=np.vstack(rows), b_ub=np.concatenate(most), method="highs")
    score = -float(solution.fun) if solution.success else np.nan
    return 1.0 if abs(score - 1.0) < _NEAR else score
