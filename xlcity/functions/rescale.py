"""Rescale: scores on a scale with a base, as printed in tables."""

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.arguments import Groups, Number, Percent
from xlcity.functions.block import (
    DIV0,
    NO_ERROR,
    CellArray,
    Matrix,
    PerColumn,
    States,
    as_matrix,
    as_states,
    block,
    narrow,
    per_column,
)
from xlcity.functions.checks import bounds_differ_and_groups
from xlcity.functions.decorator import function
from xlcity.functions.groups import apart
from xlcity.functions.normalise import bounded_share


@function(category="rescale", series=True, check=bounds_differ_and_groups)
def efficacy_scale(
    values: ArrayLike,
    omega: Percent = 40.0,
    low: Number | None = None,
    high: Number | None = None,
    constant: Number | None = None,
    groups: Groups = None,
    *,
    states: States | None = None,
) -> CellArray:
    """Return efficacy scores: from 100 - omega at the low bound of a column to 100 at the high one.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    omega
        Points given by performance, out of 100: 40 gives scores from 60 to 100.
    low : default the column's minimum
        Value that scores 100 - omega, instead of the column's minimum. Above high: a reverse
        indicator. Equal to high: #NUM!.
    high : default the column's maximum
        Value that scores 100, instead of the column's maximum. Below low: a reverse indicator.
    constant : default none: #DIV/0!
        Score where all numbers of a column are equal; without it that is #DIV/0!.
    groups : (n,), default one group
        Group of each row, one cell per row: every group has statistics and ranks of its own, and an
        empty cell leaves the row out. Omitted: all rows are one group.

    See Also
    --------
    minmax_scale, zscore_winsor

    Notes
    -----
    ``(x - low) / (high - low) * omega + (100 - omega)``

    - low > high scores a reverse indicator: less is better. MINMAX_SCALE and GOALPOST_SCALE have
      the argument direction for that, and take low < high only.
    - Values outside fixed bounds are not clipped: results may lie outside the scale.
    - Fix the bounds where results must stay comparable between editions.

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

    def one(x: Matrix, state: States) -> CellArray:
        return _efficacy(x, state, omega, low, high, constant)

    return apart(one, x, as_states(x, states), groups)


def _efficacy(
    x: Matrix,
    state: States,
    omega: PerColumn,
    low: PerColumn | None,
    high: PerColumn | None,
    constant: PerColumn | None,
) -> CellArray:
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
