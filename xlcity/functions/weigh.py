"""Weigh: weights that follow from the data or from pairwise judgements."""

import math
from collections.abc import Mapping
from itertools import combinations
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike

from xlcity.errors import CellError
from xlcity.functions.arguments import (
    LabelPerColumn,
    NumberList,
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
    as_states,
    make_block,
    vector_or_ones,
)
from xlcity.functions.decorator import function
from xlcity.functions.rounding import (
    ZERO_WITHIN,
    centre_columns,
    column_sds,
    correlation_distances,
    is_flat,
    log_excess,
    scale_near_one,
)

#: Eigenvalues that differ by less are one: then only all their components together are certain.
EIGENVALUE_TIE = 1e-6
#: Loadings whose sizes differ by less than this share of the larger one are equally large.
LOADING_TIE = 1e-9
#: Which components count for `pca_weights`.
PCA_METHODS = ("handbook", "first")
#: Rounds over all pairs of components in a rotation, at most.
_MOST_ROTATIONS = 500


def weight_row(weights: Matrix, error: ErrorCode = ErrorCode.NONE) -> CellArray:
    """Return (k,) weights as one row, scaled to sum to 1, or one error all along it.

    A single column has all the weight, whatever its numbers are.

    Parameters
    ----------
    error
        An `ErrorCode`; with one the weights do not matter.
    """
    if weights.size == 1:
        weights = np.ones(1)
        error = ErrorCode.NONE
    errors = np.full((1, weights.size), error, dtype=np.uint8)
    with np.errstate(all="ignore"):
        if error == ErrorCode.NONE and not (
            np.isfinite(weights).all() and weights.sum() > 0
        ):
            errors[:] = ErrorCode.DIV0
        return make_block((weights / weights.sum())[None, :], errors)


def complete_rows(values: ArrayLike, states: States | None) -> Matrix:
    """Return the rows of (n, k) values that have a number in every column."""
    x = as_matrix(values)
    is_number = as_states(x, states) == CellState.NUMBER
    return np.asarray(x[is_number.all(axis=1)])


def span_zero_to_one(x: Matrix) -> tuple[Matrix, np.ndarray]:
    """Return (n, k) columns put on 0 to 1 by minimum and maximum, and (k,) which are constant."""
    low = x.min(axis=0)
    high = x.max(axis=0)
    with np.errstate(all="ignore"):
        # Halved first: a range of doubles may itself be too large for one.
        shares = (x / 2 - low / 2) / (high / 2 - low / 2)
    return np.asarray(shares), is_flat(low, high)


def _varying_columns(x: Matrix) -> Matrix | None:
    """Return columns put on 0 to 1; None for a constant one, or less than three rows."""
    if len(x) < 3:
        return None
    scaled, is_constant_column = span_zero_to_one(x)
    return None if is_constant_column.any() else scaled


def relative_sds(x: Matrix, scaled: Matrix) -> Matrix:
    """Return the (k,) standard deviations of columns x, as shares of the largest of them.

    `scaled` is x put on 0 to 1 by minimum and maximum: its deviation times the range of x is that
    of x. Halves of the range are taken, as a range of doubles may itself be too large for one.
    """
    spread = column_sds(centre_columns(scaled)[0]) * (
        x.max(axis=0) / 2 - x.min(axis=0) / 2
    )
    return np.asarray(spread / spread.max())


def _check_targets(options: Mapping[str, Any]) -> CellError | None:
    """Return #NUM! for targets of 0 or less, #VALUE! for another number than columns, else None.

    `options` maps keywords of the call to what was given.
    """
    if (targets := options["targets"]) is None:
        return None
    if len(targets) != options["values"].shape[1]:
        return CellError.VALUE
    return CellError.NUM if np.min(targets) <= 0 else None


@function(category="weight", returns="row")
def equal_weights(
    values: ArrayLike,
    groups: LabelPerColumn | None = None,
    *,
    states: States | None = None,
) -> CellArray:
    """Return equal weights of all columns, or of groups of columns and inside each group.

    Parameters
    ----------
    values : (n, k)
        Block whose columns are weighted; what it holds does not matter.
    groups : (k,), default no groups
        Label of the group of each column, in a row.

    See Also
    --------
    weighted_index, ahp_weights

    Notes
    -----
    ``1 / groups / columns of the group``

    - The weights sum to 1; WEIGHTED_INDEX takes them as they are. A single column weighs 1.

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
    return weight_row(np.array([1.0 / names.count(name) for name in names]))


@function(category="weight", returns="row")
def entropy_weights(values: ArrayLike, *, states: States | None = None) -> CellArray:
    """Return entropy weights: the more unevenly a column is spread, the more it weighs.

    Parameters
    ----------
    values : (n, k)
        Values, none negative; NaN = no value.

    See Also
    --------
    critic_weights, cv_weights, weighted_index

    Notes
    -----
    ``p = x / SUM(x), e = -SUM(p * LN(p)) / LN(n), w = (1 - e) / SUM(1 - e)``

    - Only rows with a number in every column count.
    - The weights sum to 1; WEIGHTED_INDEX takes them as they are. A single column weighs 1.
    - Take oriented scores, none negative; a 0 adds nothing to the entropy.

    Computed from deviations d of x from its mean, ``1 - e = sum((1 + d) ln(1 + d) - d) / (n ln
    n)``, which is exact for columns that hardly vary.

    References
    ----------
    Shannon (1948); Hwang and Yoon (1981), Multiple Attribute Decision Making, section 2.

    Examples
    --------
    >>> entropy_weights([[1.0, 5.0], [3.0, 5.0]]).values.tolist()
    [[1.0, 0.0]]
    """
    x = complete_rows(values, states)
    n, k = x.shape
    if n < 2:
        return weight_row(np.ones(k), ErrorCode.DIV0)
    lowest = x.min(axis=0)
    largest = x.max(axis=0)
    # A score that is 0 but for rounding is not negative.
    if (lowest < -ZERO_WITHIN * largest).any() or (largest <= 0).any():
        return weight_row(np.ones(k), ErrorCode.NUM)
    with np.errstate(all="ignore"):
        deviation, mean = centre_columns(scale_near_one(np.maximum(x, 0.0)))
        spread = log_excess(deviation / mean).sum(axis=0)
    is_even = is_flat(lowest, largest)
    return weight_row(np.where(is_even, 0.0, np.maximum(spread, 0.0)))


@function(category="weight", returns="row")
def critic_weights(values: ArrayLike, *, states: States | None = None) -> CellArray:
    """Return CRITIC weights: columns weigh by spread and by how little they repeat the others.

    Parameters
    ----------
    values : (n, k)
        Values, all oriented alike; NaN = no value.

    See Also
    --------
    entropy_weights, pca_weights, weighted_index

    Notes
    -----
    ``c = sd * SUM(1 - r), w = c / SUM(c)``

    - Only rows with a number in every column count.
    - The weights sum to 1; WEIGHTED_INDEX takes them as they are. A single column weighs 1.
    - Columns are scaled from 0 to 1 first; all should be oriented alike.

    References
    ----------
    Diakoulaki, Mavrotas and Papayannakis (1995), Computers and Operations Research 22(7).

    Examples
    --------
    >>> critic_weights([[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]]).values.tolist()
    [[0.5, 0.5]]
    """
    x = complete_rows(values, states)
    if len(x) < 2:
        return weight_row(np.ones(x.shape[1]), ErrorCode.DIV0)
    scaled, constant = span_zero_to_one(x)
    if constant.any():
        return weight_row(np.ones(x.shape[1]), ErrorCode.DIV0)
    spread = column_sds(centre_columns(scaled)[0], 1.0)
    return weight_row(spread * correlation_distances(scaled).sum(axis=1))


@function(category="weight", returns="row")
def cv_weights(
    values: ArrayLike,
    ddof: Annotated[float, accept_one_number(0.0, integer=True)] = 1.0,
    *,
    states: States | None = None,
) -> CellArray:
    """Return weights by the coefficient of variation: standard deviation over mean.

    Parameters
    ----------
    values : (n, k)
        Values with positive means; NaN = no value.
    ddof
        The standard deviation divides by n - ddof.

    See Also
    --------
    entropy_weights, weighted_index

    Notes
    -----
    ``v = sd / mean, w = v / SUM(v)``

    - Only rows with a number in every column count.
    - The weights sum to 1; WEIGHTED_INDEX takes them as they are. A single column weighs 1.

    References
    ----------
    Pomerol and Barba-Romero (2000), Multicriterion Decision in Management, section 4.

    Examples
    --------
    >>> cv_weights([[1.0, 2.0], [3.0, 2.0]]).values.tolist()
    [[1.0, 0.0]]
    """
    x = complete_rows(values, states)
    n, k = x.shape
    if n <= max(ddof, 1):
        return weight_row(np.ones(k), ErrorCode.DIV0)
    deviation, mean = centre_columns(scale_near_one(x))
    if (mean <= ZERO_WITHIN).any():
        return weight_row(np.ones(k), ErrorCode.NUM)
    constant = is_flat(x.min(axis=0), x.max(axis=0))
    return weight_row(np.where(constant, 0.0, column_sds(deviation, ddof) / mean))


@function(category="weight", returns="row")
def pca_weights(
    values: ArrayLike,
    method: Annotated[str, one_of(*PCA_METHODS)] = "handbook",
    *,
    states: States | None = None,
) -> CellArray:
    """Return weights by principal components: squared loadings, never negative.

    Parameters
    ----------
    values : (n, k)
        Values, all oriented alike; NaN = no value.
    method
        handbook: components with an eigenvalue above 1, rotated, each column by its largest squared
        loading; first: squared loadings on the first component.

    See Also
    --------
    critic_weights, balance_weights, cronbach_alpha

    Notes
    -----
    ``w = MAX(loading ^ 2) / SUM(MAX(loading ^ 2))``

    - Only rows with a number in every column count.
    - The weights sum to 1; WEIGHTED_INDEX takes them as they are. A single column weighs 1.
    - Components of the correlation matrix, rotated by varimax. A column that correlates negatively
      with the others still has a positive weight: orient the columns first.
    - Components with equal eigenvalues count together under first: columns without any correlation
      weigh equally.

    Under `handbook` a squared loading is divided by the variance its component explains, and
    components weigh by that variance: the largest squared loading is left.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, section 6.1 (after Nicoletti,
    Scarpetta and Boylaud 2000); Kaiser (1958), Psychometrika 23(3).

    Examples
    --------
    >>> pca_weights([[1.0, 2.0], [2.0, 4.5], [3.0, 5.0]]).values.round(12).tolist()
    [[0.5, 0.5]]
    """
    x = complete_rows(values, states)
    k = x.shape[1]
    scaled = _varying_columns(x)
    if scaled is None:
        return weight_row(np.ones(k), ErrorCode.DIV0)
    eigenvalues, vectors = np.linalg.eigh(1.0 - correlation_distances(scaled))
    eigenvalues = eigenvalues[::-1]
    vectors = vectors[:, ::-1]
    # Eigenvalues of 1 by rounding do not count as above 1.
    above_one = int((eigenvalues > 1 + 1e-9).sum())
    count = 1 if method == "first" else max(1, above_one)
    if count == 1:
        tied = eigenvalues > eigenvalues[0] - EIGENVALUE_TIE
        return weight_row((vectors[:, tied] ** 2).sum(axis=1))
    loadings = vectors[:, :count] * np.sqrt(eigenvalues[:count])
    if (np.diff(eigenvalues[:count]) < -EIGENVALUE_TIE).all():
        return weight_row((varimax(loadings) ** 2).max(axis=1))
    return weight_row(average_rotations(loadings))


@function(category="weight", returns="row", check=_check_targets)
def balance_weights(
    values: ArrayLike,
    targets: NumberList | None = None,
    *,
    states: States | None = None,
) -> CellArray:
    """Return weights under which all columns correlate equally with the index they make.

    Parameters
    ----------
    values : (n, k)
        Scores, all oriented alike; NaN = no value.
    targets : (k,), default all equal
        Wanted proportions of the correlations, one per column, in a row or a column.

    See Also
    --------
    pca_weights, pearson_matrix

    Notes
    -----
    ``C w = t * s (least squares, w >= 0), w / SUM(w)``

    - Only rows with a number in every column count.
    - The weights sum to 1; WEIGHTED_INDEX takes them as they are. A single column weighs 1.
    - A column that would need a negative weight has 0; then balance is not reached.
    - Proportional columns share their weight.

    With C the covariance and s the standard deviations, ``C w`` is proportional to ``t * s``;
    solved by least squares without negative weights. Columns that cancel, so that nothing
    correlates with all of them, are #DIV/0!.

    References
    ----------
    Becker, Saisana, Paruolo and Vandecasteele (2017), Ecological Indicators 80; Lawson and Hanson
    (1974), Solving Least Squares Problems.

    Examples
    --------
    >>> balance_weights([[1.0, 2.0], [2.0, 4.5], [3.0, 5.0]]).values.round(3).tolist()
    [[0.616, 0.384]]
    """
    x = complete_rows(values, states)
    k = x.shape[1]
    scaled = _varying_columns(x)
    if scaled is None:
        return weight_row(np.ones(k), ErrorCode.DIV0)
    goal = vector_or_ones(targets, k)
    z_weights = _solve_balance(1.0 - correlation_distances(scaled), goal / goal.max())
    if z_weights is None:
        return weight_row(np.ones(k), ErrorCode.DIV0)
    return weight_row(z_weights / relative_sds(x, scaled))


def _solve_balance(correlations: Matrix, goal: Matrix) -> Matrix | None:
    """Return (k,) weights, none negative, whose index correlates with the columns as the goal says.

    None if no such index exists: then the least-squares weights under the bound of 0 are all zero.
    That happens only where columns follow from each other (a singular matrix).

    Parameters
    ----------
    correlations
        (k, k) correlations of the columns; the weights are those of standardised columns.
    goal
        (k,) wanted correlations with the index, of which only the proportions count.
    """
    from scipy.optimize import nnls

    k = len(goal)
    # In units of standard deviations, v = s * w: R v = t. Columns that follow from each other leave
    # many answers: the smallest of them is taken, which rounding and order do not change. What of t
    # lies outside the range of R no answer reaches; it is left out, its noise would be blown up.
    eigenvalues, directions = np.linalg.eigh(correlations)
    in_range = eigenvalues >= ZERO_WITHIN * k
    range_directions = directions[:, in_range].T
    system = eigenvalues[in_range, None] * range_directions
    reached_goal = range_directions @ goal
    if in_range.all():
        return np.asarray(nnls(correlations, goal)[0])
    # A little damping (1e-3) chooses the smallest answer; weights of 1e-9 are its rounding.
    ridge = np.vstack([system, 1e-3 * np.eye(k)])
    z_weights, _ = nnls(ridge, np.concatenate([reached_goal, np.zeros(k)]))
    if z_weights.max() <= 1e-9:
        return None
    # The same without the damping, over the columns that it leaves a weight.
    while (has_weight := z_weights > 1e-9 * z_weights.max()).any():
        undamped = np.linalg.lstsq(
            system[:, has_weight], reached_goal, rcond=ZERO_WITHIN
        )[0]
        z_weights[has_weight] = np.maximum(undamped, 0.0)
        if (undamped > 0).all():
            break
    return np.asarray(z_weights)


# -- signs and rotations of loadings -------------------------------------------------------------
def sign_components(loadings: Matrix) -> Matrix:
    """Return loadings with the sign of each component fixed: its largest loading is positive.

    Which of its two signs an eigenvector has is left to the library that computes it. Of loadings
    that are equally large but for rounding, the first decides.

    Parameters
    ----------
    loadings
        (p, q) loadings: a row for each column of the values, a column for each component.
    """
    sizes = np.abs(loadings)
    is_largest = sizes >= sizes.max(axis=0) * (1 - LOADING_TIE)
    deciding = is_largest.argmax(axis=0)
    is_negative = np.take_along_axis(loadings, deciding[None, :], axis=0)[0] < 0
    return np.asarray(np.where(is_negative, -loadings, loadings))


def average_rotations(loadings: Matrix) -> Matrix:
    """Return the (p,) largest squared loading of each row, averaged over equally good rotations.

    Components with equal eigenvalues may have several best rotations, and varimax reaches one that
    depends on the order of the rows: it is run once with each row as the first.

    Parameters
    ----------
    loadings
        (p, q) loadings: a row for each column of the values, a column for each component.
    """
    k = len(loadings)
    rotated_squares = []
    for first in range(k):
        order = np.roll(np.arange(k), -first)
        squares = np.empty_like(loadings)
        squares[order] = varimax(loadings[order]) ** 2
        rotated_squares.append(squares)
    spreads = [float(squares.var(axis=0).sum()) for squares in rotated_squares]
    as_good_as_best = max(spreads) * (1 - 1e-9)
    largest = [
        squares.max(axis=1)
        for squares, spread in zip(rotated_squares, spreads, strict=True)
        if spread >= as_good_as_best
    ]
    return np.asarray(np.mean(largest, axis=0))


def varimax(loadings: Matrix) -> Matrix:
    """Return loadings rotated so that their squares vary as much as they can (raw varimax).

    Parameters
    ----------
    loadings
        (p, q) loadings: a row for each column of the values, a column for each component.

    Notes
    -----
    Components are turned in pairs, each by the angle that is best for it, until no
    angle is left. The start does not depend on how eigenvectors were turned or signed: it is a
    triangular form of the loadings, so that rounding does not choose between two equally good
    rotations.
    """
    p, q = loadings.shape
    turned = _turn_triangular(loadings)
    for _ in range(_MOST_ROTATIONS):
        largest = 0.0
        for first, second in combinations(range(q), 2):
            x = turned[:, first].copy()
            y = turned[:, second].copy()
            # Kaiser's formula: the tangent of four times the best angle is up / across.
            u = x * x - y * y
            v = 2.0 * x * y
            up = 2.0 * (u @ v - u.sum() * v.sum() / p)
            difference_of_sums = u.sum() ** 2 - v.sum() ** 2
            across = u @ u - v @ v - difference_of_sums / p
            length = x @ x + y @ y
            if max(abs(up), abs(across)) <= 1e-13 * length**2:
                continue
            angle = math.atan2(up, across) / 4.0
            largest = max(largest, abs(angle))
            turned[:, first] = x * math.cos(angle) + y * math.sin(angle)
            turned[:, second] = y * math.cos(angle) - x * math.sin(angle)
        if largest < 1e-13:
            break
    return turned


def _turn_triangular(loadings: Matrix) -> Matrix:
    """Return (p, q) loadings turned so that the strongest columns lie along the first components.

    The strongest lies along the first axis, the one with the largest rest in the plane of the first
    two, and so on.
    """
    remaining = loadings.copy()
    axes = []
    for _ in range(loadings.shape[1]):
        lengths = (remaining**2).sum(axis=1)
        # The first of those that are equally strong but for rounding.
        is_strongest = lengths >= lengths.max() * (1 - 1e-9)
        pivot = int(is_strongest.argmax())
        axis = remaining[pivot] / math.sqrt(lengths[pivot])
        axes.append(axis)
        remaining = remaining - np.outer(remaining @ axis, axis)
    return np.asarray(loadings @ np.array(axes).T)
