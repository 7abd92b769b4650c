"""Weigh: weights that follow from the data or from pairwise judgements."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.block import (
    DIV0,
    NO_ERROR,
    NUM,
    Block,
    Matrix,
    State,
    States,
    as_matrix,
    as_states,
    block,
)
from xlcity.functions.noise import (
    ZERO,
    centred,
    deviation_of,
    excess,
    is_flat,
    near_one,
    unlikeness,
)

#: Eigenvalues that differ by less are one: then only all their components together are certain.
TIED = 1e-6
#: Which components count for `pca_weights`.
PCA_METHODS = ("handbook", "first")


def _row(weights: Matrix, error: int = NO_ERROR) -> Block:
    """Return weights as one row, scaled to sum to 1, or one error all along it.

    A single column has all the weight, whatever its numbers are.
    """
    if weights.size == 1:
        weights, error = np.ones(1), NO_ERROR
    errors = np.full((1, weights.size), error, dtype=np.uint8)
    with np.errstate(all="ignore"):
        if error == NO_ERROR and not (np.isfinite(weights).all() and weights.sum() > 0):
            errors[:] = DIV0
        return block((weights / weights.sum())[None, :], errors)


def _complete(values: ArrayLike, states: States | None) -> Matrix:
    """Return the rows that have a number in every column."""
    x = as_matrix(values)
    return np.asarray(x[(as_states(x, states) == State.NUMBER).all(axis=1)])


def _unit_span(x: Matrix) -> tuple[Matrix, np.ndarray]:
    """Return columns from 0 to 1, and which are constant."""
    low, high = x.min(axis=0), x.max(axis=0)
    with np.errstate(all="ignore"):
        # Halved first: a range of doubles may itself be too large for one.
        return np.asarray((x / 2 - low / 2) / (high / 2 - low / 2)), is_flat(low, high)


def equal_weights(
    values: ArrayLike, groups: Sequence[str] | None = None, *, states: States | None = None
) -> Block:
    """Return equal weights for columns, or for groups of columns and inside each group.

    Parameters
    ----------
    values
        (n, k) values; only their columns count.
    groups
        (k,) label of the group of each column; None = no groups.
    states
        Not looked at.

    Returns
    -------
    Block
        (1, k) weights with the sum 1.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 6.

    Examples
    --------
    >>> equal_weights([[1.0, 2.0, 3.0]], ["A", "A", "B"]).values.tolist()
    [[0.25, 0.25, 0.5]]
    """
    k = as_matrix(values).shape[1]
    names = [""] * k if groups is None else [str(label) for label in groups]
    return _row(np.array([1.0 / names.count(name) for name in names]))


def entropy_weights(values: ArrayLike, *, states: States | None = None) -> Block:
    """Return weights by entropy: the more unevenly a column is spread, the more it weighs.

    Parameters
    ----------
    values
        (n, k) values, none negative; NaN = no value.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (1, k) weights with the sum 1.

    Notes
    -----
    ``p = x / sum(x)``, ``e = -sum(p * ln p) / ln n``, ``w = (1 - e) / sum(1 - e)``. Only complete
    ``p = x / sum(x)``, ``e = -sum(p * ln p) / ln n``, ``w = (1 - e) / sum(1 - e)``. Computed from
    deviations d of x from its mean, ``1 - e = sum((1 + d) ln(1 + d) - d) / (n ln n)``, which is
    exact for columns that hardly vary. Only complete rows count. A column weighs 0 where its
    numbers are equal but for rounding. A negative value, or a column of zeros, is #NUM!; nothing
    but constant columns, or fewer than two rows, is #DIV/0!. A single column weighs 1.

    References
    ----------
    Shannon (1948); Hwang and Yoon (1981), Multiple Attribute Decision Making, section 2.

    Examples
    --------
    >>> entropy_weights([[1.0, 5.0], [3.0, 5.0]]).values.tolist()
    [[1.0, 0.0]]
    """
    x = _complete(values, states)
    n, k = x.shape
    if n < 2:
        return _row(np.ones(k), DIV0)
    lowest, largest = x.min(axis=0), x.max(axis=0)
    # A score that is 0 but for rounding is not negative.
    if (lowest < -ZERO * largest).any() or (largest <= 0).any():
        return _row(np.ones(k), NUM)
    with np.errstate(all="ignore"):
        deviation, mean = centred(near_one(np.maximum(x, 0.0)))
        spread = excess(deviation / mean).sum(axis=0)
    return _row(np.where(is_flat(lowest, largest), 0.0, np.maximum(spread, 0.0)))


def critic_weights(values: ArrayLike, *, states: States | None = None) -> Block:
    """Return CRITIC weights: much spread, little correlation with the others.

    Parameters
    ----------
    values
        (n, k) values, all oriented alike; NaN = no value.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (1, k) weights with the sum 1.

    Notes
    -----
    ``c = sd * sum(1 - r)`` over columns scaled from 0 to 1, ``w = c / sum(c)``; only complete rows
    count. A constant column, or fewer than two rows, is #DIV/0!. A single column weighs 1. Two
    columns that are proportional but for rounding have r = 1; where all are, none adds anything to
    the others and no weights follow: #DIV/0!.

    References
    ----------
    Diakoulaki, Mavrotas and Papayannakis (1995), Computers and Operations Research 22(7).

    Examples
    --------
    >>> critic_weights([[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]]).values.tolist()
    [[0.5, 0.5]]
    """
    x = _complete(values, states)
    if len(x) < 2:
        return _row(np.ones(x.shape[1]), DIV0)
    scaled, constant = _unit_span(x)
    if constant.any():
        return _row(np.ones(x.shape[1]), DIV0)
    spread = deviation_of(centred(scaled)[0], 1.0)
    return _row(spread * unlikeness(scaled).sum(axis=1))


def cv_weights(values: ArrayLike, ddof: float = 1.0, *, states: States | None = None) -> Block:
    """Return weights by the coefficient of variation.

    Parameters
    ----------
    values
        (n, k) values with positive means; NaN = no value.
    ddof
        The standard deviation divides by n - ddof.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (1, k) weights with the sum 1.

    Notes
    -----
    ``v = sd / mean``, ``w = v / sum(v)``; only complete rows count. A mean of 0 or less is #NUM!,
    as is one that is 0 but for rounding: z-scores have no coefficient of variation. A column weighs
    0 where its numbers are equal but for rounding; nothing but constant columns, or too few rows,
    is #DIV/0!. A single column weighs 1.

    References
    ----------
    Pomerol and Barba-Romero (2000), Multicriterion Decision in Management, section 4.

    Examples
    --------
    >>> cv_weights([[1.0, 2.0], [3.0, 2.0]]).values.tolist()
    [[1.0, 0.0]]
    """
    x = _complete(values, states)
    n, k = x.shape
    if n <= max(ddof, 1):
        return _row(np.ones(k), DIV0)
    deviation, mean = centred(near_one(x))
    if (mean <= ZERO).any():
        return _row(np.ones(k), NUM)
    constant = is_flat(x.min(axis=0), x.max(axis=0))
    return _row(np.where(constant, 0.0, deviation_of(deviation, ddof) / mean))


def pca_weights(
    values: ArrayLike, method: str = "handbook", *, states: States | None = None
) -> Block:
    """Return weights by principal components: squared loadings.

    Parameters
    ----------
    values
        (n, k) values, all oriented alike; NaN = no value.
    method
        `handbook`: components with an eigenvalue above 1, rotated (varimax); each column counts
        with its largest squared loading. `first`: squared loadings on the first component.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (1, k) weights with the sum 1, none negative.

    Notes
    -----
    Components of the correlation matrix of the complete rows. Under `handbook` a squared loading is
    divided by the variance its component explains, each column is given to the component where that
    is largest, and components weigh by the variance they explain: which leaves the largest squared
    loading. Where eigenvalues are equal but for rounding, single components are arbitrary: under
    `first`, and where no eigenvalue is above 1, the squared loadings on all that share the largest
    are summed (columns without any correlation weigh equally). A constant column, or fewer than
    three rows, is #DIV/0!. A single column weighs 1.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, section 6.1 (after Nicoletti,
    Scarpetta and Boylaud 2000); Kaiser (1958), Psychometrika 23(3).

    Examples
    --------
    >>> pca_weights([[1.0, 2.0], [2.0, 4.5], [3.0, 5.0]]).values.round(12).tolist()
    [[0.5, 0.5]]
    """
    x = _complete(values, states)
    k = x.shape[1]
    if len(x) < 3 or _unit_span(x)[1].any():
        return _row(np.ones(k), DIV0)
    found, vectors = np.linalg.eigh(1.0 - unlikeness(_unit_span(x)[0]))
    # From the largest; eigenvalues of 1 by rounding do not count as above 1.
    found, vectors = found[::-1], vectors[:, ::-1]
    kept = 1 if method == "first" else max(1, int((found > 1 + 1e-9).sum()))
    if kept == 1:
        tied = found > found[0] - TIED
        return _row((vectors[:, tied] ** 2).sum(axis=1))
    loadings = vectors[:, :kept] * np.sqrt(found[:kept])
    if (np.diff(found[:kept]) < -TIED).all():
        return _row((varimax(loadings) ** 2).max(axis=1))
    return _row(_of_all_rotations(loadings))


def _of_all_rotations(loadings: Matrix) -> Matrix:
    """Return the largest squared loadings, averaged over rotations that are equally good.

    Components with one eigenvalue may have several: each column starts one.
    """
    k = len(loadings)
    found = []
    for first in range(k):
        order = np.roll(np.arange(k), -first)
        squares = np.empty_like(loadings)
        squares[order] = varimax(loadings[order]) ** 2
        found.append((float(squares.var(axis=0).sum()), squares.max(axis=1)))
    best = max(size for size, _ in found)
    return np.asarray(
        np.mean([largest for size, largest in found if size >= best * (1 - 1e-9)], axis=0)
    )


def varimax(loadings: Matrix, rounds: int = 500) -> Matrix:
    """Return loadings rotated so that their squares vary as much as they can (raw varimax).

    Notes
    -----
    Components are turned in pairs, each by the angle that is best for it, until no angle is left.
    The start does not depend on how eigenvectors were turned or signed: it is a triangular form of
    the loadings, so that rounding does not choose between two equally good rotations.
    """
    p, q = loadings.shape
    turned = _triangular(loadings)
    for _ in range(rounds):
        largest = 0.0
        for one, other in combinations(range(q), 2):
            x, y = turned[:, one].copy(), turned[:, other].copy()
            u, v = x * x - y * y, 2.0 * x * y
            up = 2.0 * (u @ v - u.sum() * v.sum() / p)
            across = u @ u - v @ v - (u.sum() ** 2 - v.sum() ** 2) / p
            if max(abs(up), abs(across)) <= 1e-13 * (x @ x + y @ y) ** 2:
                continue
            angle = math.atan2(up, across) / 4.0
            largest = max(largest, abs(angle))
            turned[:, one] = x * math.cos(angle) + y * math.sin(angle)
            turned[:, other] = y * math.cos(angle) - x * math.sin(angle)
        if largest < 1e-13:
            break
    return turned


def _triangular(loadings: Matrix) -> Matrix:
    """Return the loadings turned so that the strongest columns lie along the first components."""
    left, found = loadings.copy(), []
    for _ in range(loadings.shape[1]):
        lengths = (left**2).sum(axis=1)
        # The first of those that are equally strong but for rounding.
        pivot = int(np.flatnonzero(lengths >= lengths.max() * (1 - 1e-9))[0])
        axis = left[pivot] / math.sqrt(lengths[pivot])
        found.append(axis)
        left = left - np.outer(left @ axis, axis)
    return np.asarray(loadings @ np.array(found).T)


def balance_weights(
    values: ArrayLike, targets: ArrayLike | None = None, *, states: States | None = None
) -> Block:
    """Return weights under which all columns correlate equally with the weighted mean.

    Parameters
    ----------
    values
        (n, k) scores, all oriented alike; NaN = no value.
    targets
        (k,) wanted proportions of the correlations; None = all alike.
    states
        (n, k) `State` of each cell; without it NaN is a blank.

    Returns
    -------
    Block
        (1, k) weights with the sum 1, none negative.

    Notes
    -----
    With C the covariance and s the standard deviations, the correlations are proportional to the
    targets t where ``C w`` is proportional to ``t * s``. Solved by least squares without negative
    weights, so that a column which would need one gets 0. Where columns follow from each other the
    smallest weights that do it are taken: proportional columns share their weight. Only complete
    rows count. A constant column, fewer than three rows, or columns that cancel, so that nothing
    correlates with all of them, are #DIV/0!. A single column weighs 1.

    References
    ----------
    Becker, Saisana, Paruolo and Vandecasteele (2017), Ecological Indicators 80; Lawson and Hanson
    (1974), Solving Least Squares Problems.

    Examples
    --------
    >>> balance_weights([[1.0, 2.0], [2.0, 4.5], [3.0, 5.0]]).values.round(3).tolist()
    [[0.616, 0.384]]
    """
    x = _complete(values, states)
    k = x.shape[1]
    if len(x) < 3 or _unit_span(x)[1].any():
        return _row(np.ones(k), DIV0)
    from scipy.optimize import nnls

    scaled, _ = _unit_span(x)
    wanted = np.ones(k) if targets is None else np.asarray(targets, dtype=np.float64).ravel()
    alike = 1.0 - unlikeness(scaled)
    goal = wanted / wanted.max()
    # In units of standard deviations, v = s * w: R v = t. Columns that follow from each other leave
    # many answers: the smallest of them is taken, which rounding and order do not change. What of t
    # lies outside the range of R no answer reaches; it is left out, its noise would be blown up.
    sizes, directions = np.linalg.eigh(alike)
    reached = sizes >= ZERO * k
    within = directions[:, reached].T
    system, right = sizes[reached, None] * within, within @ goal
    if reached.all():
        steps, _ = nnls(alike, goal)
    else:
        ridge = np.vstack([system, 1e-3 * np.eye(k)])
        steps, _ = nnls(ridge, np.concatenate([right, np.zeros(k)]))
        if steps.max() <= 1e-9:  # no weights correlate with all columns at once
            return _row(np.ones(k), DIV0)
        # The same without the damping, over the columns that it leaves a weight.
        while (used := steps > 1e-9 * steps.max()).any():
            smallest = np.linalg.lstsq(system[:, used], right, rcond=ZERO)[0]
            steps[used] = np.maximum(smallest, 0.0)
            if (smallest > 0).all():
                break
    with np.errstate(all="ignore"):
        spread = deviation_of(centred(scaled)[0])
        weights = steps / spread / (x.max(axis=0) / 2 - x.min(axis=0) / 2)
        largest = weights.max()
        return _row(weights / largest if np.isfinite(largest) and largest > 0 else weights)
