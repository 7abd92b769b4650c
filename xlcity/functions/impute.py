"""Impute: stand-ins for confirmed gaps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.block import (
    NO_ERROR,
    Block,
    State,
    States,
    as_matrix,
    as_states,
    block,
    own_errors,
)


def impute_dimension(
    values: ArrayLike,
    groups: Sequence[str],
    parents: Sequence[str] | None = None,
    *,
    states: States | None = None,
) -> Block:
    """Return values in which a missing one is the mean of the row's others in its dimension.

    Parameters
    ----------
    values
        (n, k) scores on one scale, all oriented alike; NaN = no value.
    groups
        (k,) label of the dimension of each column; "" belongs to none.
    parents
        (k,) label of the wider dimension, taken where the own one has no other number; None or ""
        = there is none.
    states
        (n, k) `State` of each cell; without it NaN is a blank, and nothing is imputed.

    Returns
    -------
    Block
        (n, k) values.

    Notes
    -----
    Means are taken over the numbers given, never over imputed ones; blanks and text are left out of
    them. Only a missing code is imputed: a blank is not filled yet. A missing code that finds no
    number in either dimension stays #N/A.

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
    x = as_matrix(values)
    state = as_states(x, states)
    numbers = state == State.NUMBER
    gaps = state == State.MISSING
    known = np.where(numbers, x, 0.0)
    filled = x.copy()
    for labels in (groups, parents):
        if labels is None:
            continue
        names = np.array([str(label) for label in labels], dtype=object)
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
    errors = own_errors(state)
    errors[(state == State.MISSING) & ~gaps] = NO_ERROR
    return block(filled, errors)
