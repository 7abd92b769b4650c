"""Ranks: places in a table, and ranks as scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlcity.functions.block import (
    Block,
    Matrix,
    PerColumn,
    State,
    States,
    WordPerColumn,
    as_matrix,
    as_states,
    block,
    own_errors,
    per_column,
    words_per_column,
)
from xlcity.functions.groups import Groups, apart
from xlcity.functions.noise import tied
from xlcity.functions.rounding import round_excel

#: Ways to number equal values.
TIES = ("min", "average", "max", "ordinal", "dense")


def ascending_ranks(
    keys: NDArray[np.float64], ties: str = "min", *, rounded: bool = False
) -> NDArray[np.float64]:
    """Return the ranks of a vector, smallest first; equal but for rounding is equal.

    Parameters
    ----------
    keys
        (n,) numbers without NaN.
    ties
        Rank that equal keys share: the lowest (`min`), mean (`average`) or highest (`max`) of
        their places, or the number of smaller distinct keys + 1 (`dense`); `ordinal` gives each a
        place of its own, in the order of the rows.
    rounded
        The keys are rounded already: they are compared as they are.

    Returns
    -------
    ndarray
        (n,) ranks.

    Examples
    --------
    >>> ascending_ranks(np.array([3.0, 1.0, 3.0, 7.0])).tolist()
    [2.0, 1.0, 2.0, 4.0]
    >>> ascending_ranks(np.array([3.0, 1.0, 3.0, 7.0]), "average").tolist()
    [2.5, 1.0, 2.5, 4.0]
    """
    if not rounded:
        keys = tied(keys)
    if ties == "ordinal":
        places = np.empty(len(keys), dtype=np.float64)
        places[np.argsort(keys, kind="stable")] = np.arange(1, len(keys) + 1)
        return places
    if ties == "dense":
        return np.asarray(np.unique(keys, return_inverse=True)[1] + 1, dtype=np.float64).ravel()
    # Ordering once and passing the place of each group on is several times faster than a search.
    order = np.argsort(keys)
    found = np.empty(len(keys), dtype=np.float64)
    found[order] = _shared_places(keys[order], ties)
    return found


def _shared_places(ordered: NDArray[np.float64], ties: str) -> NDArray[np.float64]:
    """Return the place that each of some ascending keys shares with its equals."""
    n = len(ordered)
    differs = np.not_equal(ordered[1:], ordered[:-1])
    places = np.arange(1.0, n + 1)
    first = np.maximum.accumulate(np.where(np.concatenate([[True], differs])[:n], places, 0.0))
    if ties == "min":
        return np.asarray(first)
    ends = np.where(np.concatenate([differs, [True]])[-n:] if n else differs, places, np.inf)
    last = np.minimum.accumulate(ends[::-1])[::-1]
    return np.asarray(last if ties == "max" else (first + last) / 2)


def rank_competition(
    values: ArrayLike,
    direction: PerColumn = 1.0,
    ties: WordPerColumn = "min",
    digits: PerColumn | None = None,
    groups: Groups = None,
    *,
    states: States | None = None,
) -> Block:
    """Return ranks with 1 for the best.

    Parameters
    ----------
    values
        (n, k) values or scores; NaN = no value.
    direction
        1 where more is better, -1 where less is better, per column.
    ties
        How equal values are ranked, per column: see `TIES` and `ascending_ranks`.
    digits
        Decimals to which values are rounded before they are compared, per column; None or NaN =
        compared as they are.
    groups
        (n,) group of each row; each is ranked by itself. "" leaves a row out.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, k) ranks.

    Notes
    -----
    Only numbers are ranked, and only they are counted. Without `digits` they are compared as they
    are: 0.1 + 0.2 is more than 0.3. Rounding is `round_excel`, so that a rank follows the printed
    score, not its last binary digit.

    References
    ----------
    Excel, function RANK.EQ; ISO practice of standard competition ranking ("1224").

    Examples
    --------
    >>> rank_competition([[90.0], [80.0], [90.0], [70.0]]).values.ravel().tolist()
    [1.0, 3.0, 1.0, 4.0]
    """
    x = as_matrix(values)

    def one(x: Matrix, state: States) -> Block:
        return _competition(x, state, direction, ties, digits)

    return apart(one, x, as_states(x, states), groups)


def _competition(
    x: Matrix,
    state: States,
    direction: PerColumn,
    ties: WordPerColumn,
    digits: PerColumn | None,
) -> Block:
    columns = x.shape[1]
    places = per_column(digits, columns)
    orientation = per_column(direction, columns)
    rules = words_per_column(ties, columns)
    ranks = np.full(x.shape, np.nan)
    for column in range(columns):
        rows = state[:, column] == State.NUMBER
        keys = x[rows, column]
        if not np.isnan(places[column]):
            keys = round_excel(keys, int(places[column]))
        ranks[rows, column] = ascending_ranks(
            -orientation[column] * keys, rules[column], rounded=True
        )
    return block(ranks, own_errors(state))


def rank_uniform(
    values: ArrayLike,
    direction: PerColumn = 1.0,
    ties: WordPerColumn = "min",
    missing: WordPerColumn = "na",
    *,
    states: States | None = None,
) -> Block:
    """Return ranks as evenly spaced scores: 100 for the best, 100/N for the worst.

    Parameters
    ----------
    values
        (n, k) values, any uom; NaN = no value.
    direction
        1 where more is better, -1 where less is better, per column.
    ties
        Rank that equal values share, per column: `min`, `average` or `max` of their places.
    missing
        What a missing code counts as, per column: `na` nothing, `lowest` the worst value of the
        column.
    states
        (n, k) `State` of each cell; without it NaN is a blank, and `lowest` meets nothing.

    Returns
    -------
    Block
        (n, k) scores.

    Notes
    -----
    ``100 / N * r``, r the rank from the worst value up, N the numbers of the column. Numbers that
    differ by no more than 8e-16 of the column's largest are tied, as 0.1 + 0.2 and 0.3. Under
    `lowest` N counts the missing codes too, and they join the tie of the worst value. Blanks and
    text are never counted. In a constant column all are lowest. A column without any number is
    #N/A, since then there is no worst value to join.

    References
    ----------
    Vitality index of 2014: ascending rank times 100/N.

    Examples
    --------
    >>> rank_uniform([[0.0], [0.0], [5.0], [9.0]]).values.ravel().tolist()
    [25.0, 25.0, 75.0, 100.0]
    """
    x = as_matrix(values)
    state = as_states(x, states).copy()
    columns = x.shape[1]
    orientation = per_column(direction, columns)
    rules = words_per_column(ties, columns)
    stand_ins = words_per_column(missing, columns)
    scores = np.full(x.shape, np.nan)
    for column in range(columns):
        keys = orientation[column] * x[:, column]
        rows = state[:, column] == State.NUMBER
        if not rows.any():
            continue
        if stand_ins[column] == "lowest":
            codes = state[:, column] == State.MISSING
            keys = np.where(codes, keys[rows].min(), keys)
            state[codes, column] = State.NUMBER
            rows |= codes
        ranks = ascending_ranks(keys[rows], rules[column])
        scores[rows, column] = 100.0 * ranks / rows.sum()
    return block(scores, own_errors(state))
