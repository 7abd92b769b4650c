"""Ranks: places in a table, ranks as scores, and tiers of a table."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlcity.functions.arguments import (
    Direction,
    Groups,
    NumberList,
    Ties,
    accept_numbers,
    check_groups,
    compute_by_group,
    each_of,
    one_of,
)
from xlcity.functions.block import (
    CellArray,
    CellState,
    Matrix,
    PerColumn,
    States,
    WordPerColumn,
    as_matrix,
    as_numbers,
    as_states,
    column_bounds,
    make_block,
    per_column,
    state_errors,
    words_per_column,
)
from xlcity.functions.decorator import function
from xlcity.functions.rounding import (
    TIED_WITHIN,
    find_key_decimals,
    merge_tied,
    round_excel,
)

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
        keys = merge_tied(keys)
    if ties == "ordinal":
        places = np.empty(len(keys), dtype=np.float64)
        order = np.argsort(keys, kind="stable")
        places[order] = np.arange(1, len(keys) + 1)
        return places
    if ties == "dense":
        return np.asarray(
            np.unique(keys, return_inverse=True)[1] + 1, dtype=np.float64
        ).ravel()
    # Ordering once and passing the place of each group on is several times faster than a search.
    order = np.argsort(keys)
    ranks = np.empty(len(keys), dtype=np.float64)
    differs = np.diff(keys[order]) != 0
    # The slice is for no key at all, which would get a place, too.
    ranks[order] = _group_places(differs[None, :], ties)[0, : len(keys)]
    return ranks


def _group_places(differs: NDArray[np.bool_], ties: str) -> NDArray[np.float64]:
    """Return (m, n) places from 1 of n ascending keys in each of m rows; equal keys share a place.

    Of its equals each key takes the first place (min), the last (max) or the mean of both.

    Parameters
    ----------
    differs
        (m, n - 1) whether a key differs from the one before it in its row.
    ties
        min, average or max.
    """
    edge = np.ones((len(differs), 1), dtype=np.bool_)
    places = np.arange(1.0, differs.shape[1] + 2)
    starts = np.where(np.hstack([edge, differs]), places, 0.0)
    first = np.maximum.accumulate(starts, axis=1)
    if ties == "min":
        return np.asarray(first)
    ends = np.where(np.hstack([differs, edge]), places, np.inf)
    from_behind = np.minimum.accumulate(ends[:, ::-1], axis=1)
    last = from_behind[:, ::-1]
    return np.asarray(last if ties == "max" else (first + last) / 2)


def column_ranks(
    keys: Matrix, numbers: NDArray[np.bool_], ties: Sequence[str]
) -> Matrix:
    """Return the ranks of the numbers of each column, smallest first; NaN for other cells.

    Parameters
    ----------
    keys, numbers
        (n, k) keys, and which of them count.
    ties
        Rank that equal keys share, by column: min, average or max.
    """
    filled = np.where(numbers, keys, np.inf)
    ranks = np.empty(keys.shape)
    rules = np.array(ties)
    for rule in (distinct := dict.fromkeys(ties)):
        columns = rules == rule if len(distinct) > 1 else np.s_[:]
        ranks[:, columns] = rank_columns_together(filled[:, columns], rule)
    return np.where(numbers, ranks, np.nan)


def rank_columns_together(
    keys: Matrix, ties: str, noise: float = TIED_WITHIN
) -> Matrix:
    """Return the (n, k) ranks of columns of numbers, the smallest first, all columns at once.

    They are as `ascending_ranks` gives them one by one.

    Parameters
    ----------
    keys
        (n, k) numbers; an infinite one is none, and its rank has no meaning.
    ties
        Rank that equal numbers share: min, average or max of their places.
    noise
        Numbers that differ by at most this share of the column's largest are equal.
    """
    if not keys.size:
        return keys
    lines = np.ascontiguousarray(keys.T)
    # Positions in the flat array: far faster than a row and a column for each.
    line_starts = lines.shape[1] * np.arange(len(lines))
    order = np.argsort(lines, axis=1) + line_starts[:, None]
    ordered = np.take(lines, order)
    numbers = ordered[:, 1:] < np.inf
    with np.errstate(all="ignore"):
        greatest = ordered[np.arange(len(lines)), numbers.sum(axis=1)]
        largest = np.maximum(np.abs(ordered[:, 0]), np.abs(greatest))
        is_tied = np.diff(ordered, axis=1) <= noise * largest[:, None]
    is_tied |= ordered[:, 1:] == ordered[:, :-1]
    is_tied &= numbers
    ranks = np.empty(lines.size)
    untied_ranks = np.arange(1.0, lines.shape[1] + 1)[None, :]
    ranks[order] = _group_places(~is_tied, ties) if is_tied.any() else untied_ranks
    return np.asarray(ranks.reshape(lines.shape).T)


@function(category="rank", series=True, check=check_groups)
def rank_competition(
    values: ArrayLike,
    direction: Direction = 1.0,
    ties: Annotated[WordPerColumn, each_of(*TIES)] = "min",
    digits: Annotated[PerColumn, accept_numbers(-15.0, 15.0, integer=True)]
    | None = None,
    groups: Groups = None,
    *,
    states: States | None = None,
) -> CellArray:
    """Return ranks of each column with 1 for the best; equal values share a rank.

    Parameters
    ----------
    values : (n, k)
        Values or scores; NaN = no value.
    direction
        1 where more is better, -1 where less is better.
    ties
        For equal values: min (1, 2, 2, 4), average (1, 2.5, 2.5, 4), max (1, 3, 3, 4), ordinal (1,
        2, 3, 4 in the order of the rows) or dense (1, 2, 2, 3).
    digits : default off
        Decimals to which values are rounded before they are compared, as ROUND does.
    groups : (n,), default one group
        Group of each row, one cell per row: every group has statistics and ranks of its own, and an
        empty cell leaves the row out. Omitted: all rows are one group.

    See Also
    --------
    rank_uniform

    Notes
    -----
    ``1 + (how many values are better)``

    - With digits, a rank follows the rounded value: two scores printed as 71.3 share a rank
      whatever their further decimals are.
    - Rounding takes 15 significant digits of the largest value, then halves away from zero, as
      ROUND does.

    Without `digits` numbers are compared as they are: 0.1 + 0.2 is more than 0.3.

    References
    ----------
    Excel, function RANK.EQ; ISO practice of standard competition ranking ("1224").

    Examples
    --------
    >>> rank_competition([[90.0], [80.0], [90.0], [70.0]]).values.ravel().tolist()
    [1.0, 3.0, 1.0, 4.0]
    """
    x = as_matrix(values)
    k = x.shape[1]
    decimals = find_key_decimals(x, per_column(digits, k))
    orientation = per_column(direction, k)
    rules = words_per_column(ties, k)

    def rank_group(x: Matrix, state: States) -> CellArray:
        """Return the ranks of one group's (m, k) values among themselves."""
        ranks = np.full(x.shape, np.nan)
        for column in range(x.shape[1]):
            rows = state[:, column] == CellState.NUMBER
            keys = x[rows, column]
            if not np.isnan(decimals[column]):
                keys = round_excel(keys, int(decimals[column]))
            keys = -orientation[column] * keys
            ranks[rows, column] = ascending_ranks(keys, rules[column], rounded=True)
        return make_block(ranks, state_errors(state))

    return compute_by_group(rank_group, x, as_states(x, states), groups)


@function(category="normalise", series=True)
def rank_uniform(
    values: ArrayLike,
    direction: Direction = 1.0,
    ties: Ties = "min",
    missing: Annotated[WordPerColumn, each_of("na", "lowest")] = "na",
    *,
    states: States | None = None,
) -> CellArray:
    """Return ranks of each column as evenly spaced scores: 100 for the best, 100/N for the worst.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    direction
        1 where more is better, -1 where less is better.
    ties
        Rank that equal values share, counted from the worst: min (lowest), average or max
        (highest).
    missing
        What a missing code counts as: na (nothing) or lowest (the worst value of the column). A
        blank never counts.

    See Also
    --------
    rank_competition

    Notes
    -----
    ``100 / N * (rank from the worst up)``

    - N is the number of cities with a number; under lowest, missing codes count too and join the
      tie of the worst value. Blanks and text never count.
    - In a constant column all cities are lowest: 100/N with ties = min.

    Numbers that differ by at most 8e-16 of the column's largest are tied, as 0.1 + 0.2 and 0.3.

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
    keys = orientation * x
    numbers = state == CellState.NUMBER
    takes_lowest = (np.array(stand_ins) == "lowest") & numbers.any(axis=0)
    is_filled = takes_lowest & (state == CellState.MISSING)
    keys = np.where(is_filled, column_bounds(keys, state)[0], keys)
    state[is_filled] = CellState.NUMBER
    numbers = numbers | is_filled
    count = np.maximum(numbers.sum(axis=0), 1)
    scores = 100.0 * column_ranks(keys, numbers, rules) / count
    return make_block(scores, state_errors(state))


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
    tiers = np.full(x.shape, np.nan)
    for j in range(x.shape[1]):
        rows = state[:, j] == CellState.NUMBER
        column = x[rows, j]
        if by == "score":
            is_beyond = column[:, None] < bounds[None, :]
        else:
            ends = bounds if by == "rank" else bounds / 100 * column.size
            is_beyond = ascending_ranks(-column)[:, None] > ends[None, :]
        tiers[rows, j] = 1 + is_beyond.sum(axis=1)
    return make_block(tiers, state_errors(state))
