"""Impute: stand-ins for confirmed gaps."""

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.arguments import LabelPerColumn
from xlcity.functions.block import (
    CellArray,
    CellState,
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
    numbers = state == CellState.NUMBER
    gaps = state == CellState.MISSING
    known, filled = np.where(numbers, x, 0.0), x.copy("K")
    for labels in (groups, parents):
        names = np.array([str(label) for label in labels or ()], dtype=object)
        for label in dict.fromkeys(names.tolist()):
            columns = np.flatnonzero(names == label)
            if not label or not gaps[:, columns].any():
                continue
            counts = numbers[:, columns].sum(axis=1)
            with np.errstate(all="ignore"):
                means = known[:, columns].sum(axis=1) / counts
            found = gaps[:, columns] & (counts > 0)[:, None]
            filled[:, columns] = np.where(found, means[:, None], filled[:, columns])
            gaps[:, columns] &= ~found
    return block(
        filled, own_errors(np.where(gaps | (state != CellState.MISSING), state, CellState.NUMBER))
    )
