"""Correlate: how two columns move together, the line through them, and how sure that is."""

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from xlcity.functions.arguments import one_of
from xlcity.functions.block import (
    CellArray,
    CellState,
    ErrorCode,
    Matrix,
    States,
    as_matrix,
    as_states,
    make_block,
)
from xlcity.functions.decorator import function
from xlcity.functions.rounding import centre_columns, is_constant

#: Up to here the gamma function stays within the range of doubles.
_MOST_DEGREES = 340
#: Steps of the fraction: far fewer are needed, at most about the root of the degrees of freedom.
_FRACTION_STEPS = 500


def two_sided_p(squared: float, degrees: int) -> float:
    """Return the probability of a t further from 0, to either side.

    Parameters
    ----------
    squared
        t squared divided by the degrees of freedom; for a correlation r it is
        ``r**2 / (1 - r**2)``, infinite for r = 1.
    degrees
        Degrees of freedom, at least 1.

    Notes
    -----
    ``p = I(1 / (1 + squared); degrees / 2, 1 / 2)``, the regularised incomplete beta function, by
    its continued fraction. That takes microseconds, and loading scipy a tenth of a second.

    References
    ----------
    DLMF 8.17.22, https://dlmf.nist.gov/8.17.

    Examples
    --------
    >>> round(two_sided_p(1.0, 1), 12)
    0.5
    """
    if math.isnan(squared) or math.isinf(squared):
        return squared if math.isnan(squared) else 0.0
    # Arguments of the beta function: p = I(x; a, 1/2).
    a = degrees / 2.0
    x = 1.0 / (1.0 + squared)
    complement = squared / (1.0 + squared)
    # It is an incomplete beta function, whose fraction converges fast in the tail only: nearer to
    # 0 what is left of 1 is computed.
    in_tail = x < (a + 1.0) / (a + 2.5)
    beta_arguments = (a, 0.5, x) if in_tail else (0.5, a, complement)
    if degrees > _MOST_DEGREES:
        from scipy.special import betainc

        probability = float(betainc(*beta_arguments))
    else:
        gamma_of_both = math.gamma(a) * math.sqrt(math.pi)
        gamma_ratio = math.gamma(a + 0.5) / gamma_of_both
        prefactor = (
            gamma_ratio * math.exp(-a * math.log1p(squared)) * math.sqrt(complement)
        )
        probability = prefactor / (beta_arguments[0] * _beta_fraction(*beta_arguments))
    return probability if in_tail else 1.0 - probability


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction ``1 + d1 / (1 + d2 / (1 + ...))`` of the function I(x; a, b).

    I, the incomplete beta function, is ``x**a * (1 - x)**b / (a * B(a, b))`` divided by the
    fraction. It is computed by Lentz's method: numerators and denominators of ever longer pieces,
    by turns.
    """
    value = upper = 1.0
    lower = 0.0
    for step in range(1, _FRACTION_STEPS):
        m = step // 2
        end = a + 2 * m
        if step % 2:
            numerator = -(a + m) * (a + b + m) * x
            term = numerator / (end * (end + 1))
        else:
            numerator = m * (b - m) * x
            term = numerator / ((end - 1) * end)
        lower = 1.0 / (1.0 + term * lower)
        upper = 1.0 + term / upper
        factor = upper * lower
        value *= factor
        if abs(factor - 1.0) < 3e-16:
            break
    return value


#: What `pearson_matrix` gives: the coefficient, its two-sided p, or the number of pairs.
PEARSON_MEASURES = ("r", "p", "n")
#: What `regression_simple` gives, in order.
COEFFICIENTS = ("slope", "intercept", "r", "r2", "p", "n")


@dataclass(frozen=True, slots=True)
class Fit:
    """The straight line ``y = intercept + slope * x``, and how well it fits.

    Parameters
    ----------
    slope, intercept, r
        NaN where there is none: `slope` and `intercept` need two different values of x, `r` of y
        too.
    n
        Pairs of numbers.
    """

    slope: float
    intercept: float
    r: float
    n: int

    @property
    def p(self) -> float:
        """Two-sided significance of r; NaN where there is no r and for fewer than three pairs."""
        if self.n < 3:
            return math.nan
        unexplained = (1.0 - self.r) * (1.0 + self.r)  # exact for r near 0 and near 1
        return two_sided_p(
            self.r2 / unexplained if unexplained else math.inf, self.n - 2
        )

    @property
    def r2(self) -> float:
        """Share of the variance of y that the line explains: r squared."""
        return self.r * self.r


def fit_line(y: Matrix, x: Matrix) -> Fit:
    """Return the least squares line through the rows where both are numbers.

    Parameters
    ----------
    y, x
        (n,) numbers; NaN = no value.

    Notes
    -----
    ``slope = sum(dx * dy) / sum(dx**2)``, d the deviation from the mean; ``r`` is Pearson's
    coefficient. Two-sided p from ``t = r * sqrt((n - 2) / (1 - r**2))`` with n - 2 degrees of
    freedom, 0 for r = 1 and -1. A column counts as constant when its numbers are equal
    but for rounding.

    Examples
    --------
    >>> fit = fit_line(np.array([1.0, 3.0, 5.0]), np.array([0.0, 1.0, 2.0]))
    >>> fit.slope, fit.intercept, fit.r, fit.n
    (2.0, 1.0, 1.0, 3)
    """
    is_complete = ~(np.isnan(x) | np.isnan(y))
    x = x[is_complete]
    y = y[is_complete]
    n = int(x.size)
    if n < 2 or is_constant(x):
        return Fit(math.nan, math.nan, math.nan, n)
    with np.errstate(all="ignore"):
        dx, mean_x = centre_columns(x)
        dy, mean_y = centre_columns(y)
        # Squares of very large or small deviations would leave the range of doubles.
        scale_x = np.abs(dx).max()
        scale_y = np.abs(dy).max()
        dx = dx / scale_x
        if is_constant(y):
            return Fit(0.0, float(mean_y), math.nan, n)
        dy = dy / scale_y
        products = dx @ dy
        squares_x = dx @ dx
        slope = float(products / squares_x * (scale_y / scale_x))
        r = float(products / math.sqrt(squares_x * (dy @ dy)))
        r = min(max(r, -1.0), 1.0)
        intercept = float(mean_y - slope * mean_x)
    return Fit(slope, intercept, r, n)


@function(category="assess", returns="square")
def pearson_matrix(
    values: ArrayLike,
    what: Annotated[str, one_of(*PEARSON_MEASURES)] = "r",
    *,
    states: States | None = None,
) -> CellArray:
    """Return Pearson correlations of all pairs of columns, their significance or number of cities.

    Parameters
    ----------
    values : (n, k)
        Values, any uom; NaN = no value.
    what
        r (coefficients), p (two-sided significance) or n (rows that count).

    See Also
    --------
    regression_simple, cluster_labels

    Notes
    -----
    ::

        r = SUM(dx * dy) / SQRT(SUM(dx ^ 2) * SUM(dy ^ 2))
        t = r * SQRT((n - 2) / (1 - r ^ 2)), p = T.DIST.2T(ABS(t), n - 2)

    - Each pair of columns is taken over the rows where both have a number.
    - A column with itself has r = 1 and no p: #N/A on the diagonal.

    References
    ----------
    Student (1908), Probable error of a correlation coefficient, Biometrika 6(2-3).

    Examples
    --------
    >>> pearson_matrix([[1.0, 6.0], [2.0, 4.0], [3.0, 2.0]]).values.tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    x = _numbers_or_nan(values, states)
    k = x.shape[1]
    table = np.full((k, k), np.nan)
    errors = np.full((k, k), ErrorCode.NONE, dtype=np.uint8)
    for row in range(k):
        for column in range(row, k):
            fit = fit_line(x[:, row], x[:, column])
            value = float(getattr(fit, what))
            error = ErrorCode.NONE
            if what != "n" and (fit.n == 0 or (what == "p" and row == column)):
                value = math.nan
                error = ErrorCode.NA
            elif math.isnan(value):
                error = ErrorCode.DIV0
            table[row, column] = table[column, row] = value
            errors[row, column] = errors[column, row] = error
    return make_block(table, errors)


@function(category="assess", returns="coefficients")
def regression_simple(
    y: ArrayLike,
    x: ArrayLike,
    *,
    states: States | None = None,
    x_states: States | None = None,
) -> CellArray:
    """Return the line of scores on an outside variable: slope, intercept, r, r squared, p and n.

    Parameters
    ----------
    y : (n, k)
        Dependent values: a row per city, one column, or several for a regression each.
    x : (n, 1)
        Predictor: one column with as many rows, or one column per column of y.

    Returns
    -------
    Block
        (k, 6): a row of `COEFFICIENTS` per column.

    See Also
    --------
    pearson_matrix

    Notes
    -----
    ::

        slope = SUM(dx * dy) / SUM(dx ^ 2), intercept = mean(y) - slope * mean(x)
        t = r * SQRT((n - 2) / (1 - r ^ 2)), p = T.DIST.2T(ABS(t), n - 2)

    - Columns of the result: slope, intercept, r, r squared, p, n.
    - With one predictor r is the standardised coefficient, and p that of the slope.
    - Rows without a number in both are left out.

    References
    ----------
    Legendre (1805), Nouvelles méthodes pour la détermination des orbites des comètes.

    Examples
    --------
    >>> regression_simple([1.0, 3.0, 5.0], [0.0, 1.0, 2.0]).values.tolist()
    [[2.0, 1.0, 1.0, 1.0, 0.0, 3.0]]
    """
    scores = _numbers_or_nan(y, states)
    predictor = _numbers_or_nan(x, x_states)
    predictors = np.broadcast_to(predictor, scores.shape)
    fits = list(map(fit_line, scores.T, predictors.T))
    table = np.array([_coefficients(fit) for fit in fits])
    missing_error = np.array(
        [[ErrorCode.NA if fit.n == 0 else ErrorCode.DIV0] for fit in fits]
    )
    return make_block(table, np.where(np.isnan(table), missing_error, ErrorCode.NONE))


def _coefficients(fit: Fit) -> list[float]:
    """Return what a sheet shows of a line, in the order of `COEFFICIENTS`."""
    return [float(getattr(fit, name)) for name in COEFFICIENTS]


def _numbers_or_nan(values: ArrayLike, states: States | None) -> Matrix:
    """Return values as (n, k) floats, NaN wherever a cell holds no number.

    `states` say what each cell holds; None: every NaN is a gap.
    """
    x = as_matrix(values)
    return np.where(as_states(x, states) == CellState.NUMBER, x, np.nan)
