"""Rescale: scores on a scale with a base, as printed in tables."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.block import (
    DIV0,
    NO_ERROR,
    Block,
    Matrix,
    PerColumn,
    States,
    as_matrix,
    as_states,
    block,
    narrow,
    per_column,
)
from xlcity.functions.groups import Groups, apart
from xlcity.functions.normalise import bounded_share


def efficacy_scale(
    values: ArrayLike,
    omega: PerColumn = 40.0,
    low: PerColumn | None = None,
    high: PerColumn | None = None,
    constant: PerColumn | None = None,
    groups: Groups = None,
    *,
    states: States | None = None,
) -> Block:
    """Return efficacy scores (功效系数): omega points by performance on a base of 100 - omega.

    Parameters
    ----------
    values
        (n, k) values, any uom; NaN = no value.
    omega
        Points given by performance, out of 100, per column.
    low, high
        Values that score 100 - omega and 100, per column, in the uom of the values; None or NaN =
        the column's own minimum or maximum. A low above the high scores a reverse indicator.
    constant
        Score of the cells of a constant column, per column; None or NaN = #DIV/0!.
    groups
        (n,) group of each row; each has bounds of its own. "" leaves a row out.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (n, k) scores, 100 - omega to 100 between the bounds.

    Notes
    -----
    ``(x - low) / (high - low) * omega + (100 - omega)``, without clipping outside the bounds.
    That holds for low > high as well, where less is better (不允许值 above 满意值). Where both
    bounds are the column's own, a constant column is #DIV/0! or `constant`: one whose numbers are
    equal but for rounding. Fixed bounds that are equal are #NUM!, as is a single fixed bound on the
    wrong side of the column's other one.

    References
    ----------
    IECC 2024: efficacy coefficients with 60 points as base; Chinese statistics know them as
    功效系数法.

    Examples
    --------
    >>> efficacy_scale([[1.0], [2.0], [3.0]]).values.ravel().tolist()
    [60.0, 80.0, 100.0]
    >>> efficacy_scale([[8.0], [5.0], [2.0]], 40, low=8, high=2).values.ravel().tolist()
    [60.0, 80.0, 100.0]
    """
    x = as_matrix(values)

    def one(x: Matrix, state: States) -> Block:
        return _efficacy(x, state, omega, low, high, constant)

    return apart(one, x, as_states(x, states), groups)


def _efficacy(
    x: Matrix,
    state: States,
    omega: PerColumn,
    low: PerColumn | None,
    high: PerColumn | None,
    constant: PerColumn | None,
) -> Block:
    points = narrow(per_column(omega, x.shape[1]))
    scores, errors = bounded_share(x, state, low, high, reverse=True)
    scores *= points
    scores += 100.0 - points
    if constant is not None:
        stand_in = np.broadcast_to(per_column(constant, x.shape[1]), scores.shape)
        equal = (errors == DIV0) & ~np.isnan(stand_in)
        scores = np.where(equal, stand_in, scores)
        errors = np.where(equal, NO_ERROR, errors).astype(errors.dtype)
    return block(scores, errors, fresh=True)
