"""Audit: can printed numbers be right? Possible means of ranks, rescaled sums, implied weights."""

from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlcity.functions.arguments import (
    Count,
    Decimals,
    Direction,
    Positive,
    accept_one_number,
    one_of,
)
from xlcity.functions.block import (
    CellArray,
    CellState,
    ErrorCode,
    Matrix,
    States,
    as_matrix,
    as_numbers,
    as_states,
    make_block,
    per_column,
    state_errors,
)
from xlcity.functions.decorator import function
from xlcity.functions.implied import (
    SOLVER_TOLERANCE,
    weights_from_ranks,
    weights_from_scores,
)
from xlcity.functions.rounding import round_excel

#: What the check of means of ranks gives; all possible means, multiples of a step, are a lattice.
LATTICE_SHOWS = ("gap", "nearest")
#: What the check of rescaled sums gives.
AFFINE_SHOWS = ("gap", "fit")
#: What weights are recovered from.
SOURCES = ("scores", "ranks")
#: Differences of doubles below this are none.
_NOISE = 1e-9


@function(category="audit")
def lattice_check(  # noqa: PLR0913, PLR0917
    values: ArrayLike,
    parts: Count = 1.0,
    units: Count | None = None,
    top: Positive = 100.0,
    decimals: Decimals = 2.0,
    what: Annotated[str, one_of(*LATTICE_SHOWS)] = "gap",
    *,
    states: States | None = None,
) -> CellArray:
    """Return how far printed scores are from possible means of ranks: 0 where they can be one.

    Parameters
    ----------
    values : (n, k)
        Printed scores; NaN = no value.
    parts
        How many ranks or whole numbers were averaged.
    units : default the numbers in the column
        Cities that were ranked; 1 for plain means of whole numbers.
    top
        Score of the best rank; equal to units for plain means.
    decimals
        Printed decimals.
    what
        gap (0 = possible) or nearest (the nearest possible value, rounded).

    See Also
    --------
    rank_uniform, affine_check, weights_implied

    Notes
    -----
    ``step = top / (units * parts), nearest = ROUND(values / step, 0) * step``

    - For percentages of n answers give units = n, parts = 1; for means of n whole numbers units =
      1, parts = n, top = 1.
    - It is informative only while the step is larger than a unit of the last digit.
    - What cannot be is a misprint or another method; the numbers alone cannot distinguish them.

    References
    ----------
    Brown and Heathers (2017), The GRIM test, Social Psychological and Personality Science 8(4).

    Examples
    --------
    >>> lattice_check([[66.69], [66.96]], 5, 46, what="nearest").values.ravel().tolist()
    [66.52, 66.96]
    """
    x, state = as_numbers(values, states)
    k = x.shape[1]
    numbers = (state == CellState.NUMBER).sum(axis=0)
    ranked_units = per_column(units, k)
    ranked_units = np.where(
        np.isnan(ranked_units), np.maximum(numbers, 1), ranked_units
    )
    digits = per_column(decimals, k).astype(np.int64)
    step = per_column(top, k) / (ranked_units * per_column(parts, k))
    with np.errstate(all="ignore"):
        multiples = np.floor(x / step + 0.5) * step
    if what == "nearest":
        shown = round_excel(multiples, np.broadcast_to(digits, x.shape))
    else:
        # 0 where rounding explains what is between a value and the nearest possible one.
        beyond = np.abs(x - multiples) - 0.5 * 10.0**-digits
        is_possible = beyond <= _NOISE * np.maximum(1.0, np.abs(x))
        shown = np.where(is_possible, 0.0, np.sign(x - multiples) * beyond)
    errors = state_errors(state)
    return make_block(np.where(errors == ErrorCode.NONE, shown, np.nan), errors)


@function(category="audit", returns="column")
def affine_check(  # noqa: PLR0913, PLR0917
    values: ArrayLike,
    whole: ArrayLike,
    direction: Direction = 1.0,
    decimals: Decimals = 2.0,
    whole_decimals: Annotated[float, accept_one_number(0.0, 12.0, integer=True)] = 2.0,
    what: Annotated[str, one_of(*AFFINE_SHOWS)] = "gap",
    *,
    states: States | None = None,
    whole_states: States | None = None,
) -> CellArray:
    """Return how far scores are from a constant plus multiples of the parts: 0 where they fit.

    Parameters
    ----------
    values : (n, k)
        Printed parts: scores below, or raw values.
    whole : (n, 1)
        Printed scores made of them: one column.
    direction
        1 where more is better, -1 where less is better.
    decimals
        Printed decimals.
    whole_decimals
        Printed decimals of the whole.
    what
        gap (0 = the row fits) or fit (the score that the other rows imply).

    See Also
    --------
    weights_implied, efficacy_scale, minmax_scale

    Notes
    -----
    ``whole = a + SUM(b * values), b >= 0 times direction``

    - Min-max, z-scores and the efficacy scale all keep this form, whatever the weights.
    - Rows that keep the others from fitting are set aside, as few as possible.
    - What cannot be is a misprint or another method; the numbers alone cannot distinguish them.

    Examples
    --------
    >>> affine_check([1.0, 2.0, 3.0, 5.0], [62.0, 64.0, 66.5, 70.0]).values.ravel().tolist()
    [0.0, 0.0, 0.485, 0.0]
    """
    x = as_matrix(values)
    y = as_matrix(whole)
    rows, state = _complete_rows(x, y, states, whole_states)
    k = x.shape[1]
    errors = np.full((len(x), 1), ErrorCode.NA, dtype=np.uint8)
    errors[(state == CellState.TEXT).any(axis=1)] = ErrorCode.VALUE
    result = np.full((len(x), 1), np.nan)
    half = 0.5 * 10.0 ** -per_column(decimals, k)
    half_whole = 0.5 * 10.0 ** -float(whole_decimals)
    parts = x[rows] * per_column(direction, k)
    implied = weights_from_scores(
        parts, y[rows, 0], half, half_whole, relative=False, constant=True
    )
    if len(rows) < k + 2 or not implied.has_region:
        errors[rows] = ErrorCode.NUM
        return make_block(result, errors)
    # The scores of the rows under each possible fit, the middle one first.
    with_constant = np.hstack([np.ones((len(rows), 1)), parts])
    scores = with_constant @ implied.points.T
    if what == "fit":
        result[rows, 0] = scores[:, 0]
    else:
        explained = half_whole + implied.points[:, 1:] @ half
        gap = _gap_to_nearest(y[rows] - scores, explained)
        result[rows, 0] = round_excel(gap, int(whole_decimals) + 1)
    errors[rows] = ErrorCode.NONE
    return make_block(result, errors)


def _gap_to_nearest(gaps: Matrix, explained: Matrix) -> Matrix:
    """Return what is left between scores and the nearest fit, beyond what rounding explains.

    The region of fits has some width: it holds to the parts' last digit.

    Parameters
    ----------
    gaps
        (n, m) of n scores to m possible fits.
    explained
        (m,) how much of it rounding explains.
    """
    beyond = np.abs(gaps) - explained
    beyond[beyond <= 1e3 * SOLVER_TOLERANCE] = 0.0
    nearest = np.arange(len(gaps)), np.argmin(beyond, axis=1)
    return np.asarray(np.sign(gaps[nearest]) * beyond[nearest])


def _complete_rows(
    x: Matrix, y: Matrix, states: States | None, whole_states: States | None
) -> tuple[NDArray[np.intp], States]:
    """Return the numbers of the rows with a number in every part and the whole, and all states.

    Parameters
    ----------
    x, y
        (n, k) parts and (n, 1) whole.
    states, whole_states
        What their cells hold; None: NaN is a gap.
    """
    state = np.hstack([as_states(x, states), as_states(y, whole_states)])
    return np.flatnonzero((state == CellState.NUMBER).all(axis=1)), state


@function(category="audit", returns="intervals")
def weights_implied(  # noqa: PLR0913
    values: ArrayLike,
    whole: ArrayLike,
    source: Annotated[str, one_of(*SOURCES)] = "scores",
    decimals: Decimals = 2.0,
    whole_decimals: Annotated[float, accept_one_number(0.0, 12.0, integer=True)] = 2.0,
    *,
    states: States | None = None,
    whole_states: States | None = None,
) -> CellArray:
    """Return the least, middle and greatest weights that printed scores or ranks allow.

    Parameters
    ----------
    values : (n, k)
        Printed scores of the parts.
    whole : (n, 1)
        Printed scores of the whole, or its ranks (1 = best): one column.
    source
        scores, or ranks if whole holds ranks.
    decimals
        Printed decimals.
    whole_decimals
        Printed decimals of the whole.

    See Also
    --------
    weighted_index, lattice_check, affine_check

    Notes
    -----
    ::

        all w >= 0 with SUM(w) = 1 that meet every row (scores)
        or every pair of rows (ranks) within rounding:
        minimum and maximum of each by linear programming

    - A row per column of values: low, middle, high, rows that no weights fit, rows used.
    - A stated weight outside low to high is refused by the printed numbers; one inside is not
      proved.
    - Rows without all numbers are left out.

    Examples
    --------
    >>> rows = [[10.0, 20.0], [40.0, 10.0], [30.0, 30.0], [55.0, 5.0]]
    >>> weights_implied(rows, [17.0, 19.0, 30.0, 20.0]).values.round(2).tolist()
    [[0.3, 0.3, 0.3, 0.0, 4.0], [0.7, 0.7, 0.7, 0.0, 4.0]]
    """
    x = as_matrix(values)
    y = as_matrix(whole)
    rows, _ = _complete_rows(x, y, states, whole_states)
    half = 0.5 * 10.0 ** -per_column(decimals, x.shape[1])
    half_whole = 0.5 * 10.0 ** -float(whole_decimals)
    n = len(rows)
    k = x.shape[1]
    result = np.full((k, 5), np.nan)
    errors = np.zeros((k, 5), dtype=np.uint8)
    result[:, 3:] = 0.0, n
    if n == 0:
        errors[:, :3] = ErrorCode.NA
        return make_block(result, errors)
    if source == "ranks":
        implied = weights_from_ranks(x[rows], y[rows, 0], half)
    else:
        implied = weights_from_scores(x[rows], y[rows, 0], half, half_whole)
    result[:, 3:] = len(implied.outside), n - len(implied.outside)
    if implied.has_region:
        # From the ninth digit on the solver's tolerance shows.
        interval = np.column_stack([implied.low, implied.weight, implied.high])
        result[:, :3] = np.clip(round_excel(interval, 9), 0.0, 1.0)
    else:
        errors[:, :3] = ErrorCode.NUM
    return make_block(result, errors)
