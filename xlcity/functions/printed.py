"""Audit: can printed numbers be right? Lattices, rescaled sums, implied weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.block import (
    NA,
    NO_ERROR,
    NUM,
    VALUE,
    Block,
    Matrix,
    PerColumn,
    State,
    States,
    as_matrix,
    as_states,
    block,
    own_errors,
    per_column,
)
from xlcity.functions.implied import TOLERANCE, Implied, weights_from_ranks, weights_from_scores
from xlcity.functions.rounding import round_excel

#: What the lattice check gives.
LATTICE_SHOWS = ("gap", "nearest")
#: What the check of rescaled sums gives.
AFFINE_SHOWS = ("gap", "fit")
#: What weights are recovered from.
SOURCES = ("scores", "ranks")
#: Differences of doubles below this are none.
_NOISE = 1e-9


def lattice_check(
    values: ArrayLike,
    parts: PerColumn = 1.0,
    units: PerColumn | None = None,
    top: PerColumn = 100.0,
    decimals: PerColumn = 2.0,
    what: str = "gap",
    *,
    states: States | None = None,
) -> Block:
    """Return how far printed scores lie from the values that a mean of ranks can have.

    Parameters
    ----------
    values
        (n, k) printed scores; NaN = no value.
    parts
        Numbers that were averaged, one value or one per column.
    units
        Units that were ranked; None = the numbers of the column. 1 for means of whole numbers.
    top
        Score of the first rank.
    decimals
        Printed decimals.
    what
        `gap` 0 where the value is possible, else how far beyond rounding it is from the nearest
        possible one; `nearest` that possible value, rounded.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, k).

    Notes
    -----
    A mean of k ranks over N units, times top / N, is a whole multiple of top / (N k). A printed
    value is possible when a multiple lies within half a unit of its last digit, ends included.

    References
    ----------
    Brown and Heathers (2017), The GRIM test, Social Psychological and Personality Science 8(4).

    Examples
    --------
    >>> lattice_check([[66.69], [66.96]], 5, 46, what="nearest").values.ravel().tolist()
    [66.52, 66.96]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    k = x.shape[1]
    numbers = (state == State.NUMBER).sum(axis=0)
    ranked = per_column(units, k)
    ranked = np.where(np.isnan(ranked), np.maximum(numbers, 1), ranked)
    digits = per_column(decimals, k).astype(np.int64)
    step = per_column(top, k) / (ranked * per_column(parts, k))
    with np.errstate(all="ignore"):
        multiple = np.floor(x / step + 0.5) * step
        gap = x - multiple
        beyond = np.abs(gap) - 0.5 * 10.0**-digits
        noise = _NOISE * np.maximum(1.0, np.abs(x))
        found = np.where(beyond <= noise, 0.0, np.sign(gap) * beyond)
    if what == "nearest":
        found = round_excel(multiple, np.broadcast_to(digits, multiple.shape))
    errors = own_errors(state)
    return block(np.where(errors == NO_ERROR, found, np.nan), errors)


def affine_check(
    values: ArrayLike,
    whole: ArrayLike,
    direction: PerColumn = 1.0,
    decimals: PerColumn = 2.0,
    whole_decimals: float = 2.0,
    what: str = "gap",
    *,
    states: States | None = None,
    whole_states: States | None = None,
) -> Block:
    """Return how far printed scores lie from one constant plus one multiple of each part.

    Parameters
    ----------
    values
        (n, k) printed parts: scores below, or raw values.
    whole
        (n, 1) printed scores that were made of them and rescaled.
    direction
        1 or -1 per column: the sign of its multiple.
    decimals, whole_decimals
        Printed decimals of the parts and of the whole.
    what
        `gap` 0 where the row fits, else how far beyond rounding; `fit` the fitted score.
    states, whole_states
        `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, 1). Rows without all numbers are #N/A.

    Notes
    -----
    Min-max and z-scores change scores by a constant and a factor, so that score = a + sum of b x
    must hold for all rows at once, within rounding. Rows that keep the others from it are set
    aside, as few as the sum of misfits finds; more than a third, or fewer than k + 2 rows: #NUM!.

    Examples
    --------
    >>> affine_check([1.0, 2.0, 3.0, 5.0], [62.0, 64.0, 66.5, 70.0]).values.ravel().tolist()
    [0.0, 0.0, 0.485, 0.0]
    """
    x, y = as_matrix(values), as_matrix(whole)
    state = np.hstack([as_states(x, states), as_states(y, whole_states)])
    k = x.shape[1]
    rows = np.flatnonzero((state == State.NUMBER).all(axis=1))
    errors = np.full((len(x), 1), NA, dtype=np.uint8)
    errors[(state == State.TEXT).any(axis=1)] = VALUE
    result = np.full((len(x), 1), np.nan)
    signs = per_column(direction, k)
    half = 0.5 * 10.0 ** -per_column(decimals, k)
    half_whole = 0.5 * 10.0 ** -float(whole_decimals)
    found: Implied | None = None
    if rows.size >= k + 2:
        found = weights_from_scores(
            x[rows] * signs, y[rows, 0], half, half_whole, relative=False, constant=True
        )
    if found is None or not found.found:
        errors[rows] = NUM
        return block(result, errors)
    ones = np.ones((rows.size, 1))
    fit = np.hstack([ones, x[rows] * signs]) @ found.points.T
    reach = half_whole + found.points[:, 1:] @ half
    if what == "fit":
        result[rows, 0] = fit[:, 0]
    else:
        gap = y[rows] - fit
        beyond = np.abs(gap) - reach
        beyond[beyond <= 1e3 * TOLERANCE] = 0.0
        least = np.argmin(beyond, axis=1)
        at = np.arange(rows.size)
        # The region has some width: what is left beyond it is told to the parts' last digit.
        told = np.sign(gap[at, least]) * beyond[at, least]
        result[rows, 0] = round_excel(told, int(whole_decimals) + 1)
    errors[rows] = NO_ERROR
    return block(result, errors)


def weights_implied(
    values: ArrayLike,
    whole: ArrayLike,
    source: str = "scores",
    decimals: PerColumn = 2.0,
    whole_decimals: float = 2.0,
    *,
    states: States | None = None,
    whole_states: States | None = None,
) -> Block:
    """Return the weights that printed scores, or ranks alone, follow.

    Parameters
    ----------
    values
        (n, k) printed scores of the parts.
    whole
        (n, 1) printed scores of the whole; its ranks (1 the best) under `ranks`.
    source
        `scores` or `ranks`.
    decimals, whole_decimals
        Printed decimals of the parts and of the whole.
    states, whole_states
        `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (k, 5): lowest, middle and highest possible weight, rows that no weights fit, rows used.

    Notes
    -----
    Two linear programmes per weight over all w >= 0 with sum 1 that meet every row (scores) or
    every pair of rows (ranks) within rounding. No such weights, even with a third of the rows set
    aside: #NUM! in the first three columns.

    Examples
    --------
    >>> rows = [[10.0, 20.0], [40.0, 10.0], [30.0, 30.0], [55.0, 5.0]]
    >>> weights_implied(rows, [17.0, 19.0, 30.0, 20.0]).values.round(2).tolist()
    [[0.3, 0.3, 0.3, 0.0, 4.0], [0.7, 0.7, 0.7, 0.0, 4.0]]
    """
    x, y = as_matrix(values), as_matrix(whole)
    state = np.hstack([as_states(x, states), as_states(y, whole_states)])
    k = x.shape[1]
    rows = np.flatnonzero((state == State.NUMBER).all(axis=1))
    result = np.full((k, 5), np.nan)
    errors = np.full((k, 5), NO_ERROR, dtype=np.uint8)
    half = 0.5 * 10.0 ** -per_column(decimals, k)
    result[:, 3:] = 0.0, rows.size
    if rows.size == 0:
        errors[:, :3] = NA
        return block(result, errors)
    if source == "ranks":
        found = weights_from_ranks(x[rows], y[rows, 0], half)
    else:
        half_whole = 0.5 * 10.0 ** -float(whole_decimals)
        found = weights_from_scores(x[rows], y[rows, 0], half, half_whole)
    result[:, 3:] = len(found.outside), rows.size - len(found.outside)
    if found.found:
        # The solver's tolerance shows from the ninth digit on.
        columns: list[Matrix] = [found.low, found.weight, found.high]
        result[:, :3] = np.clip(round_excel(np.column_stack(columns), 9), 0.0, 1.0)
    else:
        errors[:, :3] = NUM
    return block(result, errors)
