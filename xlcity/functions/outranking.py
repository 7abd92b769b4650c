"""Outranking: every city against every other, column by column."""

from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.arguments import Weights, one_of
from xlcity.functions.block import NO_ERROR, CellArray, CellState, States, as_numbers, block
from xlcity.functions.combine import MISSING, row_errors, yield_leads
from xlcity.functions.decorator import function


@function(category="assess", returns="pairs")
def outranking_matrix(
    values: ArrayLike,
    weights: Weights | None = None,
    missing: Annotated[str, one_of(*MISSING)] = "na",
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
    x, state = as_numbers(values, states)
    n, k = x.shape
    shares = np.ones(k) if weights is None else np.asarray(weights, dtype=np.float64).ravel()
    own = row_errors(state, missing)
    rows = np.flatnonzero(own == NO_ERROR)
    ranked = np.where(state[rows] == CellState.NUMBER, x[rows], np.nan)
    matrix = np.full((n, n), np.nan)
    parts = [0.5 + net / shares.sum() / 2 for net in yield_leads(ranked, shares)]
    if parts:
        matrix[np.ix_(rows, rows)] = np.concatenate(parts)
    errors = np.where(own[:, None] != NO_ERROR, own[:, None], own[None, :])
    return block(matrix, errors)
