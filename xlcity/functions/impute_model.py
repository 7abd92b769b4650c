"""Impute from the other indicators: by regression, by nearest neighbours, by the normal model (EM).

Each function fills the gaps of one column of a block; a city keeps a gap that nothing speaks for.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlcity.errors import CellError
from xlcity.functions.arguments import accept_one_number
from xlcity.functions.block import (
    CellArray,
    CellState,
    ErrorCode,
    Matrix,
    States,
    all_finite,
    as_numbers,
    as_states,
    column_bounds,
    make_block,
    state_errors,
)
from xlcity.functions.decorator import function
from xlcity.functions.rounding import ZERO_WITHIN, is_flat

#: Position of a column of the values, from 1.
ColumnNumber = Annotated[float, accept_one_number(1.0, integer=True)]
#: How many of the nearest cities a gap is filled from, unless stated otherwise.
NEAREST = 5
#: EM ends where no mean, variance or covariance of standardised columns moves by more than this.
EM_TOLERANCE = 1e-12
_EM_MOST_ROUNDS = 10_000
#: Rounds of data augmentation before a draw.
DRAW_ROUNDS = 50
#: Eigenvalues this small beside the largest count as 0.
_SINGULAR_WITHIN = 1e-12

#: Rows with the same gaps, the columns that they have, and those that they lack.
_Pattern = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]


def _check_columns(options: Mapping[str, Any]) -> CellError | None:
    """Return #NUM! for a position beyond the last column of the values, else None.

    `options` maps keywords of the call to what was given.
    """
    positions = (options["column"], options.get("predictor"))
    width = options["values"].shape[1]
    return (
        CellError.NUM if any(p is not None and p > width for p in positions) else None
    )


def _filled_column(
    x: Matrix, state: States, position: int, estimates: Matrix | None
) -> CellArray:
    """Return the (n, 1) column at a position with estimates in its confirmed gaps.

    Parameters
    ----------
    x, state
        (n, k) values and what each cell holds.
    estimates
        (n,) what a gap takes, NaN for nothing; None: there are too few values, and gaps are #NUM!.
    """
    column = x[:, [position]].copy()
    errors = state_errors(state[:, [position]])
    gaps = state[:, position] == CellState.MISSING
    if estimates is None:
        errors[gaps] = ErrorCode.NUM
    else:
        gaps &= ~np.isnan(estimates)
        column[gaps, 0], errors[gaps] = estimates[gaps], ErrorCode.NONE
    return make_block(column, errors)


@function(category="impute", returns="column", check=_check_columns)
def impute_regression(
    values: ArrayLike,
    column: ColumnNumber = 1.0,
    predictor: ColumnNumber | None = None,
    *,
    states: States | None = None,
) -> CellArray:
    """Return one column with its confirmed gaps predicted by linear regression on others.

    Parameters
    ----------
    values : (n, k)
        Values of several indicators, any uom; NaN = no value.
    column
        Which column of the values is filled.
    predictor : default all complete columns
        Which column predicts it; without it all that have a number wherever this one has a number
        or a gap.

    See Also
    --------
    impute_neighbours, impute_em

    Notes
    -----
    ``b0 + b1 * x1 + b2 * x2 + ...``, least squares with intercept

    - Fitted to the cities that have a number in all these columns: at least two more than there
      are predictors. With fewer, or where no predictor varies, gaps are #NUM!.
    - Where predictors depend on each other the smallest coefficients of standardised columns count.
    - A city without the named predictor keeps its gap. Blanks are not imputed.

    References
    ----------
    OECD/JRC (2008), Handbook, step 3; R package simputation, `impute_lm`.

    Examples
    --------
    >>> gap = np.array([[0, 0], [0, 0], [0, 0], [2, 0]], dtype=np.uint8)
    >>> block = [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [np.nan, 5.0]]
    >>> impute_regression(block, states=gap).values.ravel().round(9).tolist()
    [1.0, 2.0, 3.0, 5.0]
    """
    x, state = as_numbers(values, states)
    position = int(column) - 1
    has_number = state == CellState.NUMBER
    if predictor is not None and not np.isnan(predictor):
        predictors = [int(predictor) - 1]
    else:
        predictors = complete_columns(state, position)
    estimates = _predict(x, has_number, position, predictors)
    return _filled_column(x, state, position, estimates)


def complete_columns(state: States, position: int) -> list[int]:
    """Return the other columns with a number wherever the one at a position has one or a gap.

    `state` is (n, k): what each cell holds.
    """
    has_number = state == CellState.NUMBER
    in_use = has_number[:, position] | (state[:, position] == CellState.MISSING)
    is_complete = has_number[in_use].all(axis=0)
    return [j for j in np.flatnonzero(is_complete).tolist() if j != position]


def _predict(
    x: Matrix, has_number: NDArray[np.bool_], position: int, predictors: Sequence[int]
) -> Matrix | None:
    """Return (n,) predictions of a column, NaN where a predictor is missing; None for no fit.

    Parameters
    ----------
    x, has_number
        (n, k) values, and which cells hold one.
    position, predictors
        Which column is predicted, and by which.
    """
    fitted = has_number[:, [position, *predictors]].all(axis=1)
    if fitted.sum() < len(predictors) + 2:
        return None
    _, means, spreads = _standardise(x[fitted][:, predictors])
    varies = spreads > 0
    if not varies.any():
        return None
    numbers = np.where(has_number, x, np.nan)[:, predictors]
    with np.errstate(all="ignore"):
        z = (numbers[:, varies] - means[varies]) / spreads[varies]
        mean = x[fitted, position].mean()
        deviations = x[fitted, position] - mean
        if not (all_finite(z[fitted]) and all_finite(deviations)):
            return None  # numbers near the largest there are
        slopes = np.linalg.lstsq(z[fitted], deviations, rcond=_SINGULAR_WITHIN)[0]
        return np.asarray(mean + z @ slopes)


@function(category="impute", returns="column", check=_check_columns)
def impute_neighbours(
    values: ArrayLike,
    column: ColumnNumber = 1.0,
    nearest: Annotated[float, accept_one_number(1.0, integer=True)] = NEAREST,
    *,
    states: States | None = None,
) -> CellArray:
    """Return one column whose confirmed gaps take the mean of the cities most alike.

    Parameters
    ----------
    values : (n, k)
        Values of several indicators, any uom; NaN = no value.
    column
        Which column of the values is filled.
    nearest
        How many of the nearest cities with a number in the column count.

    See Also
    --------
    impute_regression, impute_em

    Notes
    -----
    ``AVERAGE(column of the nearest); distance: SQRT(AVERAGE((z - z of the other)^2))``

    - Distances are Euclidean between z-scores, over the columns that both cities have.
    - Cities as far away as the last one that counts count too: the order of the rows does not
      matter. A city that has no column in common with any other keeps its gap.
    - Blanks are not imputed.

    References
    ----------
    Troyanskaya et al. (2001), Bioinformatics 17(6).

    Examples
    --------
    >>> gap = np.array([[0, 0], [0, 0], [2, 0], [0, 0]], dtype=np.uint8)
    >>> block = [[10.0, 1.0], [20.0, 2.0], [np.nan, 3.0], [90.0, 9.0]]
    >>> impute_neighbours(block, nearest=2, states=gap).values.ravel().tolist()
    [10.0, 20.0, 15.0, 90.0]
    """
    x, state = as_numbers(values, states)
    position = int(column) - 1
    has_number = state == CellState.NUMBER
    z = _standardise(np.where(has_number, x, np.nan))[0]
    z[:, position] = np.nan
    donors = np.flatnonzero(has_number[:, position])
    estimates = np.full(len(x), np.nan)
    for row in np.flatnonzero(state[:, position] == CellState.MISSING):
        squares = (z[donors] - z[row]) ** 2
        shared = ~np.isnan(squares)
        alike = shared.any(axis=1)
        if not alike.any():
            continue
        distances = np.where(shared, squares, 0.0)[alike].sum(axis=1) / shared[
            alike
        ].sum(axis=1)
        last = np.sort(distances)[: int(nearest)][-1]
        neighbours = donors[alike][distances <= last + ZERO_WITHIN * max(1.0, last)]
        estimates[row] = np.sort(x[neighbours, position]).mean()
    return _filled_column(x, state, position, estimates)


@function(category="impute", returns="column", check=_check_columns)
def impute_em(
    values: ArrayLike, column: ColumnNumber = 1.0, *, states: States | None = None
) -> CellArray:
    """Return one column whose confirmed gaps take what a multivariate normal expects there (EM).

    Parameters
    ----------
    values : (n, k)
        Values of several indicators, any uom; NaN = no value.
    column
        Which column of the values is filled.

    See Also
    --------
    impute_regression, impute_neighbours

    Notes
    -----
    ``mean + S12 * S22^-1 * (numbers of the city - their means)``

    - Means and covariances S are the maximum likelihood estimates from all numbers, by the EM
      algorithm: from means and unit variances on, until none moves by more than 1e-12 (standardised
      columns).
    - There must be more cities with a number than columns that vary: else gaps are #NUM!.
    - A city without any number keeps its gaps. Blanks are not imputed.

    References
    ----------
    Dempster, Laird and Rubin (1977); Schafer (1997), Analysis of Incomplete Multivariate Data, 5.3;
    R package norm2, `emNorm`.

    Examples
    --------
    >>> gap = np.array([[0, 0], [0, 0], [0, 0], [2, 0]], dtype=np.uint8)
    >>> block = [[1.0, 1.0], [2.0, 3.0], [3.0, 2.0], [np.nan, 4.0]]
    >>> impute_em(block, states=gap).values.ravel().round(6).tolist()
    [1.0, 2.0, 3.0, 3.0]
    """
    return impute_normal(*as_numbers(values, states), int(column) - 1, None)


def impute_normal(
    values: Matrix, states: States, position: int, draw: tuple[int, int] | None
) -> CellArray:
    """Return the (n, 1) column at a position with gaps filled by a multivariate normal.

    Parameters
    ----------
    values, states
        (n, k) values and what each cell holds.
    draw
        None: gaps take expected values. Seed and number of a draw: means and covariances are drawn
        by data augmentation and gaps with them, so that draws vary as much as gaps are uncertain
        (Schafer 1997, 5.4; noninformative prior).
    """
    numbers = np.where(states == CellState.NUMBER, values, np.nan)
    filled = _fill_normal(numbers.tobytes(), numbers.shape[1], draw)
    return _filled_column(
        values, states, position, None if filled is None else filled[:, position]
    )


@lru_cache(maxsize=512)
def _fill_normal(
    table: bytes, columns: int, draw: tuple[int, int] | None
) -> Matrix | None:
    """Return (n, k) values with gaps filled by the normal model; None for too few rows.

    None also where EM does not converge. It is kept for calls that fill another column of the
    same block. `table` are the (n, columns) floats as bytes, NaN for a gap; `draw` is as in
    `impute_normal`.
    """
    x = np.frombuffer(table).reshape(-1, columns)
    z, mean, spread = _standardise(x)
    varies = spread > 0
    filled = np.where(varies, np.nan, mean) * np.ones_like(x)
    rows = ~np.isnan(z[:, varies]).all(axis=1)
    k = int(varies.sum())
    if rows.sum() <= k:
        return None if k else filled
    z = z[np.ix_(rows, varies)]
    patterns = list(_gap_patterns(z))
    fit = _fit_normal(z, patterns)
    if fit is None:
        return None
    complete = fit.complete
    if draw is not None:
        rng = np.random.default_rng(draw)
        complete = _draw_gaps(z, patterns, fit.normal, rng)
    filled[np.ix_(rows, varies)] = mean[varies] + spread[varies] * complete
    return filled


class _Normal(NamedTuple):
    """A normal distribution of k columns."""

    #: (k,) and (k, k).
    means: Matrix
    covariances: Matrix


class _NormalFit(NamedTuple):
    """The normal distribution that fits values best, and the values as it expects their gaps."""

    normal: _Normal
    complete: Matrix


def _fit_normal(z: Matrix, patterns: Sequence[_Pattern]) -> _NormalFit | None:
    """Return the fit of (n, k) values by expectation-maximisation; None if it does not settle.

    `z` has NaN for gaps; `patterns` are its `_gap_patterns`.
    """
    k = z.shape[1]
    normal = _Normal(np.zeros(k), np.eye(k))
    for _ in range(_EM_MOST_ROUNDS):
        complete, rest = _complete(z, patterns, normal)
        covariances = (_cross_products(complete) + rest) / len(z)
        better = _Normal(complete.mean(axis=0), covariances)
        change = np.vstack(better) - np.vstack(normal)
        normal = better
        if np.abs(change).max() <= EM_TOLERANCE:
            return _NormalFit(normal, complete)
    return None


def _draw_gaps(
    z: Matrix,
    patterns: Sequence[_Pattern],
    normal: _Normal,
    rng: "np.random.Generator",
) -> Matrix:
    """Return (n, k) values with gaps drawn from a distribution that is itself drawn.

    Gaps and distribution follow from each other by turns; the first one is `normal`.
    """
    for _ in range(DRAW_ROUNDS):
        complete, _rest = _complete(z, patterns, normal, rng)
        normal = _draw_parameters(complete, rng)
    complete, _rest = _complete(z, patterns, normal, rng)
    return complete


def _standardise(x: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """Return z-scores of the numbers of each column, and the (k,) means and deviations.

    A column whose numbers are all equal has the deviation 0, one without numbers NaN; both have no
    z-scores. `x` is (n, k), NaN for no number.
    """
    low, high = column_bounds(x, as_states(x, None))
    with np.errstate(all="ignore"):
        count = (~np.isnan(x)).sum(axis=0)
        is_constant_column = is_flat(low, high)
        mean = np.where(is_constant_column, low, np.nansum(x, axis=0) / count)
        variance = np.nansum((x - mean) ** 2, axis=0) / count
        spread = np.where(is_constant_column, 0.0, np.sqrt(variance))
        z = np.where(spread > 0, (x - mean) / spread, np.nan)
    return z, mean, np.where(count > 0, spread, np.nan)


def _gap_patterns(z: Matrix) -> Iterator[_Pattern]:
    """Yield the rows that have the same gaps, with the columns that they have and lack."""
    masks, pattern_of_row = np.unique(np.isnan(z), axis=0, return_inverse=True)
    for number, mask in enumerate(masks):
        rows = np.flatnonzero(pattern_of_row.ravel() == number)
        yield rows, np.flatnonzero(~mask), np.flatnonzero(mask)


def _complete(
    z: Matrix,
    patterns: Sequence[_Pattern],
    normal: _Normal,
    rng: "np.random.Generator | None" = None,
) -> tuple[Matrix, Matrix]:
    """Return (n, k) values with gaps as a normal distribution expects them, given what is there.

    The second result is the (k, k) sum of what they vary about it.

    Parameters
    ----------
    z, patterns
        (n, k) values, NaN for gaps; and their `_gap_patterns`.
    normal
        The distribution.
    rng
        What draws the gaps; None: they take the expected values.
    """
    means, covariances = normal
    complete = z.copy()
    rest = np.zeros_like(covariances)
    sizes = np.linalg.eigvalsh(covariances)
    is_regular = sizes[0] > _SINGULAR_WITHIN * sizes[-1]
    precision = np.linalg.inv(covariances) if is_regular else covariances
    for rows, given, lacking in patterns:
        if not lacking.size:
            continue
        if is_regular:
            # Few columns are lacking mostly: a small matrix is inverted instead of a large one.
            conditional = np.linalg.inv(precision[np.ix_(lacking, lacking)])
            slopes = -conditional @ precision[np.ix_(lacking, given)]
        else:
            joint = covariances[np.ix_(lacking, given)]
            slopes = joint @ _symmetric_power(covariances[np.ix_(given, given)], -1.0)
            conditional = covariances[np.ix_(lacking, lacking)] - slopes @ joint.T
        deviations = z[np.ix_(rows, given)] - means[given]
        expected = means[lacking] + deviations @ slopes.T
        rest[np.ix_(lacking, lacking)] += len(rows) * conditional
        if rng is not None:
            expected += rng.standard_normal(expected.shape) @ _symmetric_power(
                conditional, 0.5
            )
        complete[np.ix_(rows, lacking)] = expected
    return complete, rest


def _draw_parameters(complete: Matrix, rng: "np.random.Generator") -> _Normal:
    """Return means and covariances drawn from what (n, k) complete values tell of them.

    Covariances are inverse Wishart with n - 1 degrees of freedom, means normal given them.
    """
    n, k = complete.shape
    triangle = np.tril(rng.standard_normal((k, k)), -1)
    degrees = n - 1 - np.arange(k)
    np.fill_diagonal(triangle, np.sqrt(rng.chisquare(degrees)))
    root = _symmetric_power(_cross_products(complete), -0.5) @ triangle
    covariances = _symmetric_power(root @ root.T, -1.0)
    errors = _symmetric_power(covariances, 0.5) @ rng.standard_normal(k)
    means = complete.mean(axis=0) + errors / np.sqrt(n)
    return _Normal(means, covariances)


def _cross_products(complete: Matrix) -> Matrix:
    """Return the (k, k) sums of products of deviations from the means of (n, k) values."""
    deviations = complete - complete.mean(axis=0)
    return np.asarray(deviations.T @ deviations)


def _symmetric_power(matrix: Matrix, power: float) -> Matrix:
    """Return a power of a symmetric matrix that is not negative, inverse where it has one."""
    sizes, vectors = np.linalg.eigh(matrix)
    is_positive = sizes > _SINGULAR_WITHIN * np.abs(sizes).max(initial=0.0)
    powers = np.where(is_positive, np.where(is_positive, sizes, 1.0) ** power, 0.0)
    return np.asarray((vectors * powers) @ vectors.T)
