"""Tiers: first, second and further echelons of a table."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.block import Block, State, States, as_matrix, as_states, block, own_errors
from xlcity.functions.rank import ascending_ranks

#: What the cut points of tiers are: lowest scores, last ranks, or shares of the cities in percent.
TIERS_BY = ("score", "rank", "percent")


def tier_labels(
    values: ArrayLike, cuts: ArrayLike, by: str = "score", *, states: States | None = None
) -> Block:
    """Return the tier of each score, 1 for the best.

    Parameters
    ----------
    values
        (n, k) scores, more is better; NaN = no value.
    cuts
        (b,) ends of all tiers but the last, in any order.
    by
        `score`: cuts are the lowest scores of the tiers; `rank`: their last ranks; `percent`: the
        shares of the cities that they reach down to.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, k) numbers of tiers, 1 to b + 1.

    Notes
    -----
    Equal scores share a rank (the best of their places), and so a tier.

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
    x = as_matrix(values)
    state = as_states(x, states)
    bounds = np.asarray(cuts, dtype=np.float64).ravel()
    made = np.full(x.shape, np.nan)
    for at in range(x.shape[1]):
        rows = state[:, at] == State.NUMBER
        column = x[rows, at]
        if by == "score":
            passed = column[:, None] < bounds[None, :]
        else:
            ends = bounds if by == "rank" else bounds / 100 * column.size
            passed = ascending_ranks(-column)[:, None] > ends[None, :]
        made[rows, at] = 1 + passed.sum(axis=1)
    return block(made, own_errors(state))
