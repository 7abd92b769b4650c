"""Impute: stand-ins for confirmed gaps, from the column, other editions or the same row."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlcity.errors import CellError
from xlcity.functions.arguments import (
    AtLeastZero,
    CellColumn,
    Direction,
    LabelPerColumn,
    NumberList,
    accept_one_number,
    as_label,
    check_groups,
    each_of,
    one_of,
)
from xlcity.functions.block import (
    CellArray,
    CellState,
    ErrorCode,
    Matrix,
    States,
    WordPerColumn,
    as_matrix,
    as_numbers,
    as_states,
    joint_errors,
    make_block,
    make_column,
    per_column,
    state_errors,
    words_per_column,
)
from xlcity.functions.decorator import function
from xlcity.functions.rounding import EQUAL_WITHIN

#: What stands in for a gap of a column.
CENTRES = ("mean", "median")
#: How a gap of a series is filled; see `impute_series`.
SERIES_METHODS = ("latest", "linear", "constant", "interpolate")


def check_ascending(options: Mapping[str, Any]) -> CellError | None:
    """Return #VALUE! for another number of times than columns, #NUM! where they do not ascend.

    None where they are right or not given. `options` maps keywords of the call to what was given.
    """
    if (times := options["times"]) is None:
        return None
    if len(times) != options["values"].shape[1]:
        return CellError.VALUE
    return CellError.NUM if np.any(np.diff(times) <= 0) else None


@function(category="impute", series=True, check=check_groups)
def impute_mean(
    values: ArrayLike,
    method: Annotated[WordPerColumn, each_of(*CENTRES)] = "mean",
    groups: CellColumn | None = None,
    *,
    states: States | None = None,
) -> CellArray:
    """Return values whose confirmed gaps take the mean or median of their column or group.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    method
        mean or median.
    groups : (n,), default all rows are one group
        Label of the group of each row, in one column: region, size class. A row without one is left
        alone.

    See Also
    --------
    impute_dimension, impute_series

    Notes
    -----
    ::

        AVERAGE(column)
        groups: AVERAGEIFS(column, groups, group)

    - Means are taken over given numbers. Blanks are not imputed.

    References
    ----------
    COINr, `i_mean`, `i_median`, `i_mean_grp`, `i_median_grp`.

    Examples
    --------
    >>> gap = np.array([[0], [2], [0]], dtype=np.uint8)
    >>> impute_mean([[1.0], [np.nan], [4.0]], states=gap).values.ravel().tolist()
    [1.0, 2.5, 4.0]
    """
    x = as_matrix(values).copy()
    state = as_states(x, states)
    rules = words_per_column(method, x.shape[1])
    labels = (
        ["all"] * len(x) if groups is None else [as_label(label) for label in groups]
    )
    group_of_row = np.array(labels, dtype=object)
    errors = state_errors(state)
    if x.shape[1] > 1 and len(set(rules)) == 1 and _are_columns_alike(state):
        # All columns have the same gaps and the same rule: they are filled together.
        for gaps, sources in _gaps_by_group(group_of_row, state[:, 0]):
            x[gaps] = column_centres(x[sources], rules[0])
            errors[gaps] = ErrorCode.NONE
        return make_block(x, errors, overwrite=True)
    for j in np.flatnonzero((state == CellState.MISSING).any(axis=0)):
        for gaps, sources in _gaps_by_group(group_of_row, state[:, j]):
            column = x[sources][:, [j]]
            x[gaps, j] = column_centres(column, rules[j])
            errors[gaps, j] = ErrorCode.NONE
    return make_block(x, errors)


def _are_columns_alike(state: States) -> bool:
    return bool((state == state[:, :1]).all())


def _gaps_by_group(
    group_of_row: NDArray[np.object_], state: States
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Yield two (n,) masks for each group that has both: its confirmed gaps, and its numbers.

    Parameters
    ----------
    group_of_row
        (n,) name of the group of each row, "" for none.
    state
        (n,) what each cell of the column holds.
    """
    for name in dict.fromkeys(group_of_row[state == CellState.MISSING].tolist()):
        in_group = group_of_row == name
        sources = in_group & (state == CellState.NUMBER)
        if name and sources.any():
            yield in_group & (state == CellState.MISSING), sources


def column_centres(numbers: Matrix, method: str) -> Matrix:
    """Return the (k,) mean or median of each column of (n, k) numbers without gaps.

    `method` is one of `CENTRES`.
    """
    # Lines of memory, so that a column has the same sum whichever columns stand beside it.
    lines = np.ascontiguousarray(numbers.T)
    n = lines.shape[1]
    with np.errstate(all="ignore"):
        if method == "median":
            lines.sort(axis=1)
            low = lines[:, (n - 1) // 2]
            high = lines[:, n // 2]
            return np.asarray(np.where(low == high, low, low / 2 + high / 2))
        low = lines.min(axis=1)
        high = lines.max(axis=1)
        # The mean of equal numbers is that number, whatever their sum rounds to.
        return np.asarray(np.where(low == high, low, lines.mean(axis=1)))


@function(category="impute", check=check_ascending)
def impute_series(
    values: ArrayLike,
    method: Annotated[str, one_of(*SERIES_METHODS)] = "latest",
    times: NumberList | None = None,
    most: Annotated[float, accept_one_number(1.0, integer=True)] | None = None,
    *,
    states: States | None = None,
) -> CellArray:
    """Return values of one indicator by edition, confirmed gaps filled from other editions.

    Parameters
    ----------
    values : (n, k)
        Values of one indicator: a row per city, a column per edition, the oldest first.
    method
        latest: the latest earlier value; linear: on the line between neighbours, beyond the ends
        the nearest; constant: the latest earlier value, before the first the first; interpolate:
        on the line between neighbours, nothing beyond the ends.
    times : (k,), default evenly spaced
        Ascending times of the editions, such as years, in a row.
    most : default all
        Most editions between a gap and a value that fills it: beyond that it stays.

    See Also
    --------
    impute_mean

    Notes
    -----
    ``y0 + (t - t0) / (t1 - t0) * (y1 - y0)``

    - Blanks are not imputed.
    - Each city is filled from its own values only.

    References
    ----------
    COINr, `impute_panel`.

    Examples
    --------
    >>> gap = np.array([[0, 2, 0, 2]], dtype=np.uint8)
    >>> impute_series([[1.0, np.nan, 3.0, np.nan]], "linear", states=gap).values.tolist()
    [[1.0, 2.0, 3.0, 3.0]]
    """
    x, state = as_numbers(values, states)
    k = x.shape[1]
    edition_times = np.asarray(
        np.arange(k) if times is None else times, dtype=np.float64
    ).ravel()
    reach = k if most is None or np.isnan(most) else int(most)
    imputed = x.copy()
    errors = state_errors(state)
    for row, gap in np.argwhere(state == CellState.MISSING):
        numbers = np.flatnonzero(state[row] == CellState.NUMBER)
        sources = _stand_in_sources(numbers, gap, method)
        if not sources or max(abs(source - gap) for source in sources) > reach:
            continue
        imputed[row, gap] = np.interp(
            edition_times[gap], edition_times[sources], x[row, sources]
        )
        errors[row, gap] = ErrorCode.NONE
    return make_block(imputed, errors)


def _stand_in_sources(
    numbers: NDArray[np.intp], gap: int, method: str
) -> list[np.intp]:
    """Return the editions that one gap of a series is filled from: two at most; or none.

    Parameters
    ----------
    numbers
        Positions of the editions with a number, ascending.
    gap
        Position of the gap.
    method
        One of `SERIES_METHODS`.
    """
    before = numbers[numbers < gap]
    after = numbers[numbers > gap]
    sources = list(before[-1:])
    takes_later = method in ("linear", "interpolate")
    if takes_later or (method == "constant" and not sources):
        sources.extend(after[:1])
    if method == "interpolate" and len(sources) < 2:
        return []
    return sources


@function(category="impute")
def impute_dimension(
    values: ArrayLike,
    groups: LabelPerColumn,
    parents: LabelPerColumn | None = None,
    *,
    states: States | None = None,
) -> CellArray:
    """Return values whose confirmed gaps take the mean of the city's other scores in the dimension.

    Parameters
    ----------
    values : (n, k)
        Scores on one scale, all oriented alike; NaN = no value.
    groups : (k,)
        Label of the dimension of each column, in a row; a column without one is left alone.
    parents : (k,), default none
        Label of the wider dimension of each column, taken where the own one has no other score.

    See Also
    --------
    zscore_winsor, weighted_index

    Notes
    -----
    ``AVERAGEIFS(row, groups, group)``

    - Scores must be on one scale and all oriented so that more is better.
    - Means are taken over given scores, never over imputed ones. Blanks are not imputed and stay
      out of the means.

    References
    ----------
    IECC 2024: missing scores take the mean of their dimension.

    Examples
    --------
    >>> import numpy as np
    >>> gap = np.array([[0, 0, 2]], dtype=np.uint8)
    >>> impute_dimension([[1.0, 2.0, np.nan]], ["P", "P", "P"], states=gap).values.tolist()
    [[1.0, 2.0, 1.5]]
    """
    x, state = as_numbers(values, states)
    # Turned, so that each column lies in one piece of memory and columns are added fast.
    lines = np.ascontiguousarray(x.T)
    present = np.ascontiguousarray(state.T) == CellState.NUMBER
    gaps = np.ascontiguousarray(state.T) == CellState.MISSING
    filled = lines.copy()
    for labels in (groups, parents):
        names = np.array([str(label) for label in labels or ()], dtype=object)
        for label in dict.fromkeys(names.tolist()):
            if label:
                columns = np.flatnonzero(names == label)
                _fill_gaps(lines, present, columns, gaps=gaps, filled=filled)
    errors = state_errors(state)
    np.copyto(errors, ErrorCode.NONE, where=(state == CellState.MISSING) & ~gaps.T)
    return make_block(filled.T, errors, overwrite=True)


def _fill_gaps(
    lines: Matrix,
    present: NDArray[np.bool_],
    columns: NDArray[np.intp],
    *,
    gaps: NDArray[np.bool_],
    filled: Matrix,
) -> None:
    """Put each row's mean over the columns of a dimension into its gaps there.

    Means are of given numbers only. Columns of the table are lines here: all arrays are (k, n).

    Parameters
    ----------
    lines, present
        Values, and which of them are given numbers.
    gaps, filled
        Which cells are still gaps, and the values with stand-ins; both are changed in place.
    columns
        Positions of the columns of the dimension.
    """
    rows = np.flatnonzero(gaps[columns].any(axis=0))
    numbers = np.take(present[columns], rows, axis=1)
    counts = numbers.sum(axis=0)
    with np.errstate(all="ignore"):
        values = np.take(lines[columns], rows, axis=1)
        means = np.where(numbers, values, 0.0).sum(axis=0) / counts
    for column in columns:
        fillable = gaps[column][rows] & (counts > 0)
        filled[column, rows[fillable]] = means[fillable]
        gaps[column, rows[fillable]] = False


# -- trends and growth of series -------------------------------------------------------------------
#: Growth per unit of time, or over the whole span.
GROWTH_KINDS = ("compound", "change")


@function(category="assess")
def trend_state(
    values: ArrayLike,
    before: ArrayLike,
    threshold: AtLeastZero = 0.0,
    direction: Direction = 1.0,
    *,
    states: States | None = None,
    before_states: States | None = None,
) -> CellArray:
    """Return which way each value moved since an earlier one: 1 better, -1 worse, 0 no clear trend.

    Parameters
    ----------
    values : (n, k)
        Values now, any uom; NaN = no value.
    before : (n, k)
        Values before: one column for all, or a block as wide as values.
    threshold
        Share of the value before within which a change is not a clear trend: 0.02 is 2 %.
    direction
        1 where more is better, -1 where less is better.

    Returns
    -------
    Block
        (n, k) of -1, 0 and 1; what is not known now or before is #N/A.

    See Also
    --------
    above_mean, impute_series

    Notes
    -----
    ``SIGN(now - before), 0 where ABS(now - before) <= threshold * ABS(before)``

    - A gap now or before is unknown: #N/A.

    References
    ----------
    Sustainable Seattle: indicators in the states more sustainable, less sustainable, no clear trend
    and unknown.

    Examples
    --------
    >>> trend_state([[110.0], [101.0], [80.0]], [[100.0]] * 3, 0.02).values.ravel().tolist()
    [1.0, 0.0, -1.0]
    """
    x = as_matrix(values)
    earlier = as_matrix(before)
    errors_now = state_errors(as_states(x, states))
    errors_before = np.broadcast_to(
        state_errors(as_states(earlier, before_states)), x.shape
    )
    errors = joint_errors(errors_now, errors_before)
    with np.errstate(all="ignore"):
        # Halves: the difference of two doubles may itself be too large for one.
        change = x / 2 - earlier / 2
        least = per_column(threshold, x.shape[1]) * np.abs(earlier / 2)
        # A change that meets the threshold but for rounding is none.
        larger = np.maximum(np.abs(x), np.abs(earlier))
        least = least + EQUAL_WITHIN * larger / 2
        trend = np.sign(change) * (np.abs(change) > least)
    return make_block(per_column(direction, x.shape[1]) * trend, errors)


@function(category="assess", returns="column", check=check_ascending)
def growth_rate(
    values: ArrayLike,
    times: NumberList | None = None,
    kind: Annotated[str, one_of(*GROWTH_KINDS)] = "compound",
    *,
    states: States | None = None,
) -> CellArray:
    """Return how fast each city's series grew, from its first value to its last.

    Parameters
    ----------
    values : (n, k)
        Values of one indicator: a row per city, a column per edition, the oldest first.
    times : (k,), default evenly spaced
        Ascending times of the editions, such as years, in a row.
    kind
        compound: growth per unit of time, compounded (CAGR); change: growth over the whole span.

    See Also
    --------
    trend_state, impute_series

    Notes
    -----
    ``(last / first) ^ (1 / (time of last - time of first)) - 1; change: last / first - 1``

    - 0.02 is 2 %. Gaps between first and last do not matter.
    - Growth from a first value below 0 is taken of its size. Compound growth needs two values
      above 0.

    References
    ----------
    COINr, `CAGR` and `get_trends`.

    Examples
    --------
    >>> growth_rate([[100.0, 105.0, 121.0]], [2020, 2021, 2022]).values.round(6).tolist()
    [[0.1]]
    """
    x, state = as_numbers(values, states)
    k = x.shape[1]
    edition_times = np.asarray(
        np.arange(k) if times is None else times, dtype=np.float64
    ).ravel()
    has_number = state == CellState.NUMBER
    first = has_number.argmax(axis=1)
    last = k - 1 - has_number[:, ::-1].argmax(axis=1)
    errors = np.where(has_number.sum(axis=1) > 1, ErrorCode.NONE, ErrorCode.NA)
    errors[(state == CellState.TEXT).any(axis=1)] = ErrorCode.VALUE
    rows = np.arange(len(x))
    start = x[rows, first]
    end = x[rows, last]
    span = edition_times[last] - edition_times[first]
    errors[(errors == ErrorCode.NONE) & (start == 0)] = ErrorCode.DIV0
    with np.errstate(all="ignore"):
        rates = (end / 2 - start / 2) / (np.abs(start) / 2)
        if kind == "compound":
            rates = np.expm1((np.log(end) - np.log(start)) / span)
            are_positive = (start > 0) & (end > 0)
            errors[(errors == ErrorCode.NONE) & ~are_positive] = ErrorCode.NUM
    return make_column(rates, errors)
