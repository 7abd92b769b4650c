"""Gaps filled from the column or from other editions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from xlcity.errors import CellValue
from xlcity.functions.block import (
    NO_ERROR,
    Block,
    Matrix,
    State,
    States,
    WordPerColumn,
    as_matrix,
    as_states,
    block,
    own_errors,
    words_per_column,
)
from xlcity.functions.options import as_label

#: What stands in for a gap of a column.
CENTRES = ("mean", "median")
#: How a gap of a series is filled; see `impute_series`.
SERIES = ("latest", "linear", "constant")


def impute_mean(
    values: ArrayLike,
    method: WordPerColumn = "mean",
    groups: Sequence[CellValue] | None = None,
    *,
    states: States | None = None,
) -> Block:
    """Return values in which a missing one is the mean or median of its column or group.

    Parameters
    ----------
    values
        (n, k) values, any uom; NaN = no value.
    method
        `mean` or `median`, per column.
    groups
        (n,) label of the group of each row; "" belongs to none; None = all rows are one group.
    states
        (n, k) `State` of each cell; without it NaN is a blank, and nothing is imputed.

    Returns
    -------
    Block
        (n, k) values.

    Notes
    -----
    Only a missing code is imputed: a blank is not filled yet. A gap whose group has no number stays
    #N/A, as does one in a row without a group.

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
    labels = ["all"] * len(x) if groups is None else [as_label(label) for label in groups]
    names = np.array(labels, dtype=object)
    errors = own_errors(state)
    for at in np.flatnonzero((state == State.MISSING).any(axis=0)):
        for name in dict.fromkeys(names[state[:, at] == State.MISSING].tolist()):
            known = x[(names == name) & (state[:, at] == State.NUMBER), at]
            if not name or known.size == 0:
                continue
            gaps = (names == name) & (state[:, at] == State.MISSING)
            x[gaps, at] = centre(known, rules[at])
            errors[gaps, at] = NO_ERROR
    return block(x, errors)


def centre(known: Matrix, method: str) -> float:
    """Return mean or median of some numbers."""
    with np.errstate(all="ignore"):
        if method == "median":
            ordered = np.sort(known)
            low, high = ordered[(known.size - 1) // 2], ordered[known.size // 2]
            return float(low if low == high else low / 2 + high / 2)
        low, high = known.min(), known.max()
        # The mean of equal numbers is that number, whatever their sum rounds to.
        return float(low if low == high else known.mean())


def impute_series(
    values: ArrayLike,
    method: str = "latest",
    times: ArrayLike | None = None,
    most: float | None = None,
    *,
    states: States | None = None,
) -> Block:
    """Return series of editions in which missing values follow from other editions.

    Parameters
    ----------
    values
        (n, k) values of one indicator, a row per city and a column per edition; NaN = no value.
    method
        `latest`: the latest earlier value; `linear`: on the line between the neighbours, beyond
        the ends the nearest value; `constant`: the latest earlier value, before the first the
        first.
    times
        (k,) ascending times of the editions; None = evenly spaced.
    most
        Most editions that `latest` looks back; None or NaN = all.
    states
        (n, k) `State` of each cell; without it NaN is a blank, and nothing is imputed.

    Returns
    -------
    Block
        (n, k) values.

    Notes
    -----
    Only a missing code is imputed: a blank is not filled yet.

    References
    ----------
    COINr, `impute_panel`.

    Examples
    --------
    >>> gap = np.array([[0, 2, 0, 2]], dtype=np.uint8)
    >>> impute_series([[1.0, np.nan, 3.0, np.nan]], "linear", states=gap).values.tolist()
    [[1.0, 2.0, 3.0, 3.0]]
    """
    x = as_matrix(values)
    state = as_states(x, states)
    k = x.shape[1]
    at = np.arange(k, dtype=np.float64)
    if times is not None:
        at = np.asarray(times, dtype=np.float64).ravel()
    reach = k if most is None or np.isnan(most) else int(most)
    made, errors = x.copy(), own_errors(state)
    for row in np.flatnonzero((state == State.MISSING).any(axis=1)):
        known = np.flatnonzero(state[row] == State.NUMBER)
        if known.size == 0:
            continue
        for gap in np.flatnonzero(state[row] == State.MISSING):
            before, after = known[known < gap], known[known > gap]
            if method == "latest":
                if not before.size or gap - before[-1] > reach:
                    continue
                found = x[row, before[-1]]
            elif method == "linear":
                with np.errstate(all="ignore"):
                    found = np.interp(at[gap], at[known], x[row, known])
            else:
                found = x[row, before[-1] if before.size else after[0]]
            made[row, gap], errors[row, gap] = found, NO_ERROR
    return block(made, errors)
