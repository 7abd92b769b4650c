"""Which weights printed scores or ranks follow: linear programmes over the digits cut off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.block import Matrix

#: Slack of a row above which it is outside: far below half of any printed digit, above the
#: solver's own tolerance. Relative to the scale of the numbers.
SOLVER_TOLERANCE = 1e-6
#: Rows that may be set aside, as a share of all, before the answer is "no such weights".
MOST_OUTSIDE_SHARE = 1 / 3


@dataclass(frozen=True, slots=True, eq=False)
class WeightRegion:
    """All weights that fit printed numbers: a region of the space of k weights and a constant.

    Parameters
    ----------
    low, high
        (k,) least and greatest value of each weight in the region; infinite where no row limits it.
    weight
        (k,) weights well inside the region.
    constant
        (3,) least value of the constant, its value beside `weight`, and its greatest value.
    points
        (m, k + 1) the point inside, then corners of the region: constant first, then the weights.
        Empty where no weights fit.
    outside
        Numbers of the rows that no such weights fit, which were set aside.
    used
        How many rows took part.
    """

    low: Matrix
    weight: Matrix
    high: Matrix
    constant: Matrix
    points: Matrix
    outside: tuple[int, ...]
    used: int

    @property
    def has_region(self) -> bool:
        """Whether there is any such region."""
        return self.points.size > 0


#: `_minimise` for weights of one kind: from cost, matrix and bound to the solution.
_Minimise = Callable[[Matrix, Matrix, Matrix], Matrix | None]


@dataclass(frozen=True, slots=True, eq=False)
class _Inequalities:
    """Inequalities ``matrix @ (constant, w) <= bound`` over a constant and k weights w."""

    #: (m, k + 1) factors of the constant and of the weights.
    matrix: Matrix
    #: (m,) upper limits.
    bound: Matrix
    #: (m, 2) the two rows of the table that each compares; one of scores names its row twice.
    rows: np.ndarray[Any, Any]

    def among(self, fitting: np.ndarray[Any, Any]) -> _Inequalities:
        """Return the inequalities both of whose rows are marked in (n,) `fitting`."""
        active = fitting[self.rows].all(axis=1)
        return _Inequalities(self.matrix[active], self.bound[active], self.rows[active])


def weights_from_scores(
    parts: ArrayLike,
    totals: ArrayLike,
    half_parts: ArrayLike = 0.005,
    half_totals: ArrayLike = 0.005,
    *,
    relative: bool = True,
    constant: bool = False,
) -> WeightRegion:
    """Return the weights with which printed parts give printed totals, within rounding.

    Parameters
    ----------
    parts
        (n, k) printed scores of the parts.
    totals
        (n,) printed scores of the whole.
    half_parts, half_totals
        Half a unit of the last printed digit: of each part, of the whole.
    relative
        The weights sum to 1.
    constant
        Add a constant, as where both sides were rescaled.

    Returns
    -------
    WeightRegion
        The region of non-negative weights. Rows that none can fit are set aside, as few as the sum
        of misfits finds. If more than a third had to be, there is no region.

    Examples
    --------
    >>> found = weights_from_scores([[10.0, 20.0], [40.0, 10.0], [30.0, 30.0]], [17.0, 19.0, 30.0])
    >>> [bool(found.low[0] <= 0.3 <= found.high[0]), bool(found.high[0] - found.low[0] < 0.01)]
    [True, True]
    """
    x = np.atleast_2d(np.asarray(parts, dtype=float))
    y = np.asarray(totals, dtype=float).ravel()
    half_x = np.broadcast_to(np.asarray(half_parts, dtype=float), x.shape)
    given_half = np.asarray(half_totals, dtype=float).ravel()
    half_y = np.broadcast_to(given_half, y.shape)
    ones = np.ones((len(y), 1))
    # |y - c - x w| <= hy + hx w, as two inequalities; hx and hy are half_x and half_y.
    not_above = np.hstack([ones, x - half_x])
    not_below = np.hstack([-ones, -x - half_x])
    matrix = np.vstack([not_above, not_below])
    bound = np.concatenate([y + half_y, half_y - y])
    row_numbers = np.concatenate([np.arange(len(y))] * 2)
    system = _Inequalities(matrix, bound, np.column_stack([row_numbers, row_numbers]))
    return _solve_region(
        system, len(y), x.shape[1], relative=relative, constant=constant
    )


def weights_from_ranks(
    parts: ArrayLike, ranks: ArrayLike, half_parts: ArrayLike = 0.005
) -> WeightRegion:
    """Return the weights under which the weighted sums of printed parts stand in a printed order.

    Parameters
    ----------
    parts
        (n, k) printed scores of the parts.
    ranks
        (n,) printed ranks of the whole, 1 the greatest; equal ranks say nothing about each other.
    half_parts
        Half a unit of the last printed digit of each part.

    Returns
    -------
    WeightRegion
        The region of non-negative weights that sum to 1. All pairs take part; the weights that were
        used are always inside.
    """
    x = np.atleast_2d(np.asarray(parts, dtype=float))
    rank = np.asarray(ranks, dtype=float).ravel()
    half_x = np.broadcast_to(np.asarray(half_parts, dtype=float), x.shape)
    first, second = np.nonzero(rank[:, None] < rank[None, :])
    # The weighted sum of these is at least 0: the first is not below the second, within rounding.
    gap = x[first] - x[second] + half_x[first] + half_x[second]
    matrix = np.hstack([np.zeros((len(first), 1)), -gap])
    system = _Inequalities(
        matrix, np.zeros(len(first)), np.column_stack([first, second])
    )
    return _solve_region(system, len(rank), x.shape[1], relative=True, constant=False)


def _solve_region(
    system: _Inequalities, n: int, k: int, *, relative: bool, constant: bool
) -> WeightRegion:
    """Return the region of weights that meet inequalities.

    Rows of the table are set aside one by one, the worst first, until the others allow weights.

    Parameters
    ----------
    system
        The inequalities of all rows.
    n, k
        Rows of the table and weights.
    relative, constant
        Whether weights sum to 1, and whether a constant is added.
    """
    minimise = partial(_minimise, k=k, relative=relative, constant=constant)
    # At least 1, whatever the matrix holds.
    scale = float(np.abs(system.matrix).max(initial=1.0))
    fitting = np.ones(n, dtype=bool)
    outside: list[int] = []
    while True:
        active = system.among(fitting)
        misfit = _least_misfit(minimise, active, n, k)
        if misfit is None:
            return _empty_region(k, outside, n)
        if misfit.max(initial=0.0) <= SOLVER_TOLERANCE * scale:
            break
        # One row at a time: what it pulled with it is often right again afterwards.
        worst = int(np.argmax(misfit))
        fitting[worst] = False
        outside.append(worst)
        if len(outside) > MOST_OUTSIDE_SHARE * n or fitting.sum() <= k:
            return _empty_region(k, outside, n)
    points, low, high = _find_corners(minimise, active, k, constant=constant)
    if not points.size:
        return _empty_region(k, outside, n)
    inside = points.mean(axis=0)  # the constant first, as in `low` and `high`
    return WeightRegion(
        low=low[1:],
        weight=inside[1:],
        high=high[1:],
        constant=np.array([low[0], inside[0], high[0]]),
        points=np.vstack([inside, points]),
        outside=tuple(sorted(outside)),
        used=int(fitting.sum()),
    )


def _least_misfit(
    minimise: _Minimise, system: _Inequalities, n: int, k: int
) -> Matrix | None:
    """Return by how much each of n rows misses its inequalities, where the sum of misses is least.

    None where there is no solution. `k` is the number of weights.
    """
    from scipy.sparse import eye, hstack

    count = len(system.bound)
    cost = np.concatenate([np.zeros(k + 1), np.ones(count)])
    solution = minimise(cost, hstack([system.matrix, -eye(count)]), system.bound)
    if solution is None:
        return None
    misses = solution[k + 1 :]
    misfit = np.zeros(n)
    for rows in system.rows.T:
        np.add.at(misfit, rows, misses)
    return misfit


def _empty_region(k: int, outside: list[int], n: int) -> WeightRegion:
    """Return the answer that no k weights fit; of n rows those in `outside` were set aside."""
    no_weight = np.full(k, np.nan)
    return WeightRegion(
        low=no_weight,
        weight=no_weight,
        high=no_weight,
        constant=np.full(3, np.nan),
        points=np.empty((0, k + 1)),
        outside=tuple(outside),
        used=n,
    )


def _minimise(
    cost: Matrix, matrix: Any, bound: Matrix, k: int, *, relative: bool, constant: bool
) -> Matrix | None:
    """Return the constant, k weights and other numbers that cost least; None without a solution.

    Parameters
    ----------
    cost
        Cost of the constant, of each weight, and of what else is sought; none of these is negative
        but for the constant.
    matrix, bound
        Inequalities ``matrix @ (constant, weights, others) <= bound``; the matrix may be sparse.
    relative, constant
        Whether weights sum to 1, and whether a constant is added; it can only be 0 if not.
    """
    from scipy.optimize import linprog

    weights_sum = np.zeros((1, len(cost)))
    weights_sum[:, 1 : k + 1] = 1.0
    solution = linprog(
        cost,
        A_ub=matrix,
        b_ub=bound,
        A_eq=weights_sum if relative else None,
        b_eq=[1.0] if relative else None,
        bounds=[
            (None, None) if constant else (0.0, 0.0),
            *[(0.0, None)] * (len(cost) - 1),
        ],
        method="highs",
    )
    return None if solution.x is None else np.asarray(solution.x)


def _find_corners(
    minimise: _Minimise,
    system: _Inequalities,
    k: int,
    *,
    constant: bool,
) -> tuple[Matrix, Matrix, Matrix]:
    """Return corners of a region, (m, k + 1), and the least and greatest of constant and weights.

    Each weight in turn is made as small and as large as it can be: linear programmes. The solver's
    own tolerance is added to the limits, so that a region that is one point is found.

    Parameters
    ----------
    minimise
        `_minimise` for these weights.
    system
        The inequalities of the constant and the weights.
    k
        Number of weights.
    constant
        Whether a constant is added.
    """
    scale = max(float(np.abs(system.matrix).max(initial=1.0)), 1.0)
    bound = system.bound + SOLVER_TOLERANCE * scale
    points = []
    low = np.zeros(k + 1)
    high = np.zeros(k + 1)
    for variable in range(0 if constant else 1, k + 1):
        for sign, limits in ((1.0, low), (-1.0, high)):
            cost = np.zeros(k + 1)
            cost[variable] = sign
            corner = minimise(cost, system.matrix, bound)
            if corner is not None:
                points.append(corner)
                limits[variable] = corner[variable]
            else:  # without bound: too few rows to hold this weight
                limits[variable] = -sign * np.inf
    return np.array(points).reshape(-1, k + 1), low, high
