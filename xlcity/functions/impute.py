"""Impute: stand-ins for confirmed gaps."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlcity.functions.arguments import LabelPerColumn
from xlcity.functions.block import (
    NO_ERROR,
    CellArray,
    CellState,
    Matrix,
    States,
    as_numbers,
    block,
    own_errors,
)
from xlcity.functions.decorator import function


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
    # A line of memory for each column: the lines of a dimension are added one to the other.
    lines, there = np.ascontiguousarray(x.T), np.ascontiguousarray(state.T) == CellState.NUMBER
    gaps, filled = np.ascontiguousarray(state.T) == CellState.MISSING, lines.copy()
    for labels in (groups, parents):
        names = np.array([str(label) for label in labels or ()], dtype=object)
        for label in dict.fromkeys(names.tolist()):
            if label:
                _fill(lines, there, gaps, filled, np.flatnonzero(names == label))
    errors = own_errors(state)
    np.copyto(errors, NO_ERROR, where=(state == CellState.MISSING) & ~gaps.T)
    return block(filled.T, errors, fresh=True)


def _fill(
    lines: Matrix,
    there: np.ndarray,
    gaps: np.ndarray,
    filled: Matrix,
    columns: NDArray[np.intp],
) -> None:
    """Put means of the numbers of some columns into their gaps, in place."""
    rows = np.flatnonzero(gaps[columns].any(axis=0))
    known = np.take(there[columns], rows, axis=1)
    counts = known.sum(axis=0)
    with np.errstate(all="ignore"):
        means = np.where(known, np.take(lines[columns], rows, axis=1), 0.0).sum(axis=0) / counts
    for column in columns:
        own = gaps[column][rows] & (counts > 0)
        filled[column, rows[own]] = means[own]
        gaps[column, rows[own]] = False
