"""Tiers: first, second and further echelons of a table."""

from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.arguments import NumberList, one_of
from xlcity.functions.block import (
    CellArray,
    CellState,
    States,
    as_numbers,
    block,
    own_errors,
)
from xlcity.functions.decorator import function
from xlcity.functions.rank import ascending_ranks

#: What the cut points of tiers are: lowest scores, last ranks, or shares of the cities in percent.
TIERS_BY = ("score", "rank", "percent")


@function(category="assess")
def tier_labels(
    values: ArrayLike,
    cuts: NumberList,
    by: Annotated[str, one_of(*TIERS_BY)] = "score",
    *,
    states: States | None = None,
) -> CellArray:
    """Return the tier of each score, 1 for the best: by lowest scores, last ranks or shares.

    Parameters
    ----------
    values : (n, k)
        Scores, more is better; NaN = no value.
    cuts : (b,)
        Ends of all tiers but the last, in a row or a column, in any order.
    by
        score: lowest scores of the tiers; rank: their last ranks; percent: down to which share of
        the cities they reach.

    Returns
    -------
    Block
        (n, k) numbers of tiers, 1 to b + 1.

    See Also
    --------
    rank_competition, category_scale, cluster_labels

    Notes
    -----
    ``1 + COUNTIF(cuts, ">" & x)``

    - More is better. Equal scores share the best of their ranks, and so their tier.

    References
    ----------
    Image index of 2025: tiers by last ranks.

    Examples
    --------
    >>> tier_labels([[90.0], [75.0], [60.0], [75.0]], [80, 70]).values.ravel().tolist()
    [1.0, 2.0, 3.0, 2.0]
    >>> tier_labels([[90.0], [75.0], [60.0], [75.0]], [2], "rank").values.ravel().tolist()
    [1.0, 1.0, 2.0, 1.0]
    """
    x, state = as_numbers(values, states)
    bounds = np.asarray(cuts, dtype=np.float64).ravel()
    made = np.full(x.shape, np.nan)
    for at in range(x.shape[1]):
        rows = state[:, at] == CellState.NUMBER
        column = x[rows, at]
        if by == "score":
            passed = column[:, None] < bounds[None, :]
        else:
            ends = bounds if by == "rank" else bounds / 100 * column.size
            passed = ascending_ranks(-column)[:, None] > ends[None, :]
        made[rows, at] = 1 + passed.sum(axis=1)
    return block(made, own_errors(state))
