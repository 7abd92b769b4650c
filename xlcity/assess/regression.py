"""Regression of scores and outside variables on each other, and scores with size taken out.

These are analyses beside the index. They change no score.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise
from typing import Any, NamedTuple

import numpy as np

from xlcity.assess.statistics import population_rows
from xlcity.errors import DataError, Problem, Where
from xlcity.functions.correlate import Fit, fit_line
from xlcity.functions.rank import rank_competition
from xlcity.functions.rounding import (
    centre_columns,
    column_sds,
    is_constant,
    round_excel,
)
from xlcity.index import IndexResult
from xlcity.model.dataset import FloatArray, State, Unit
from xlcity.model.reading.values import Refusal, read_value

#: Digits that residuals are rounded to before they are ranked, as scores are.
DIGITS = 9


#: Columns whose correlations have a larger condition number follow from each other.
_MOST_CONDITION = 1e12


@dataclass(frozen=True, slots=True)
class Coefficient:
    """What one node adds to the explanation of an outside measure, all others held constant.

    Attributes
    ----------
    standardised
        In standard deviations of both.
    vif
        Variance inflation factor: above 10 the node says almost what the others say together.
    """

    node: str
    coefficient: float
    error: float
    t: float
    p: float
    standardised: float
    vif: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """How far scores explain an outside measure: least squares with an intercept.

    Attributes
    ----------
    f, p
        Test that no node explains anything.
    collinear
        Whether some nodes follow from the others, so that coefficients are undefined.
    alone
        Pearson's coefficient of the measure with each node, the assessed one included.
    """

    measure: str
    population: str
    n: int
    r2: float = math.nan
    adjusted_r2: float = math.nan
    f: float = math.nan
    p: float = math.nan
    intercept: float = math.nan
    collinear: bool = False
    coefficients: tuple[Coefficient, ...] = ()
    alone: Mapping[str, float] = field(default_factory=dict)


def explain_measure(
    result: IndexResult, measure: str, population: str, root: str | None = None
) -> Explanation:
    """Return how far the scores right under a node explain an outside measure.

    Parameters
    ----------
    measure
        An attribute of the units, a column of the data, or a node.
    root
        The node; None: the root of the framework.

    Raises
    ------
    DataError
        If the measure holds something that is not a number.
    """
    rows = population_rows(result, population)
    tree = result.framework
    top = root or tree.root.code
    codes = [child.code for child in tree.children(top)]
    y = read_measure(result, measure)[rows]
    scores = {code: result.column(code)[rows] for code in (top, *codes)}
    alone = {code: fit_line(y, node_scores).r for code, node_scores in scores.items()}
    x = np.column_stack([scores[code] for code in codes])
    is_complete = ~(np.isnan(x).any(axis=1) | np.isnan(y))
    x = x[is_complete]
    y = y[is_complete]
    n = len(y)
    collinear = _has_no_regression(x, y)
    undefined = Explanation(measure, population, n, collinear=collinear, alone=alone)
    if n <= len(codes) + 1 or collinear:
        return undefined
    return replace(undefined, **_fit_least_squares(codes, x, y))


def _has_no_regression(x: FloatArray, y: FloatArray) -> bool:
    """Tell whether y or a column of (n, k) predictors is constant, or one follows from others."""
    n, k = x.shape
    if not n:
        return False
    if is_constant(y) or any(map(is_constant, x.T)):
        return True
    if k < 2 or n <= k:
        return False
    return bool(np.linalg.cond(np.corrcoef(x, rowvar=False)) > _MOST_CONDITION)


def _fit_least_squares(
    codes: Sequence[str], x: FloatArray, y: FloatArray
) -> dict[str, Any]:
    """Return the fields of an `Explanation` by a least squares regression with an intercept.

    Parameters
    ----------
    codes
        The k nodes.
    x, y
        (n, k) scores of the nodes, and (n,) the measure; n > k + 1, no column is constant or
        follows from the others.
    """
    from scipy import stats

    n, k = x.shape
    dx, means = centre_columns(x)
    dy, mean_y = centre_columns(y[:, None])
    sd_x = column_sds(dx)
    sd_y = column_sds(dy)[0]
    fit = _fit_standardised(dx / sd_x, dy[:, 0] / sd_y)
    freedom = n - k - 1
    r2 = 1.0 - fit.unexplained
    with np.errstate(all="ignore"):
        f = (r2 / k) / np.float64(fit.unexplained / freedom)
    slopes = fit.beta * sd_y / sd_x
    coefficients = _coefficients(codes, fit, slopes, scale=sd_y / sd_x, freedom=freedom)
    return {
        "r2": r2,
        "adjusted_r2": 1.0 - fit.unexplained * (n - 1) / freedom,
        "f": float(f),
        "p": float(stats.f.sf(f, k, freedom)),
        "intercept": float(mean_y[0] - means @ slopes),
        "coefficients": coefficients,
    }


class _StandardisedFit(NamedTuple):
    """A least squares regression of standardised columns."""

    #: (k,) coefficients.
    beta: FloatArray
    #: (k,) variance inflation factors.
    vif: FloatArray
    #: Share of the variance that is left.
    unexplained: float


def _fit_standardised(x: FloatArray, y: FloatArray) -> _StandardisedFit:
    """Return the regression of (n,) on (n, k) standardised columns."""
    n = len(y)
    # Their inverse correlations hold the variance inflation factors. Of an array with itself the
    # product is summed in another order: hence the copy.
    inverse = np.linalg.inv(x.copy("K").T @ x / n)
    beta = inverse @ (x.T @ y / n)
    residuals = y - x @ beta
    unexplained = float(residuals @ residuals) / n
    return _StandardisedFit(beta, np.diag(inverse), unexplained)


def _coefficients(
    codes: Sequence[str],
    fit: _StandardisedFit,
    slopes: FloatArray,
    *,
    scale: FloatArray,
    freedom: int,
) -> tuple[Coefficient, ...]:
    """Return the coefficient of each node.

    Parameters
    ----------
    slopes
        (k,) coefficients in units of the scores.
    scale
        (k,) units of the scores for a standardised one.
    freedom
        Degrees of freedom that are left.
    """
    from scipy import stats

    errors = np.sqrt(fit.vif * fit.unexplained / freedom)
    with np.errstate(all="ignore"):
        t = fit.beta / errors
    p = 2 * stats.t.sf(np.abs(t), freedom)
    columns = (slopes, errors * scale, t, p, fit.beta, fit.vif)
    rows = zip(codes, np.column_stack(columns).tolist(), strict=True)
    # In the order of its fields.
    return tuple(Coefficient(code, *numbers) for code, numbers in rows)


def read_measure(
    result: IndexResult, measure: str, *, typed: bool = False
) -> FloatArray:
    """Return (units,) numbers of an outside measure: a node, a data column or an attribute.

    Of an indicator they are its scores, or with `typed` the values of its column.
    """
    dataset = result.dataset
    if measure in result.framework and not (typed and measure in dataset.codes):
        return result.column(measure)
    if measure in dataset.codes:
        values: FloatArray = dataset.values[:, dataset.column(measure)]
        return values
    return outside_variable(dataset.units, measure)


def measures_of(result: IndexResult) -> list[str]:
    """Return the names of what scores may explain: units' attributes, data columns and nodes."""
    attributes = chain.from_iterable(unit.attributes for unit in result.dataset.units)
    nodes = [node.code for node in result.framework.nodes]
    return list(dict.fromkeys([*attributes, *result.dataset.codes, *nodes]))


def outside_variable(units: Iterable[Unit], name: str) -> FloatArray:
    """Return an attribute of the units as numbers; NaN where it is blank or a missing code.

    Raises
    ------
    DataError
        With every unit whose attribute is not a number.
    """
    values: list[float] = []
    problems: list[Problem] = []
    for unit in units:
        converted = read_value(unit.attributes.get(name, ""))
        if isinstance(converted, Refusal):
            where = Where(unit=unit.id, indicator=name)
            problems.append(
                Problem(converted.code, converted.message, converted.hint, where)
            )
            continue
        values.append(converted.value if converted.state is State.VALUE else np.nan)
    DataError.raise_for(problems)
    return np.array(values, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class SizeComparison:
    """Scores of a group of cities against their size, in the order of the data.

    Attributes
    ----------
    fit
        The straight line of scores by the logarithm of size, or by size itself.
    size, score, expected, residual
        (n,) numbers; `expected` lies on the line, `residual` is the score less that.
    rank
        (n,) of the residual; NaN without one.
    smaller, larger
        (n,) ids of the cities next in size, "" for none: the peers of a city by its size.
    """

    units: tuple[str, ...]
    fit: Fit
    size: FloatArray
    score: FloatArray
    expected: FloatArray
    residual: FloatArray
    rank: FloatArray
    smaller: tuple[str, ...]
    larger: tuple[str, ...]


def compare_with_size(
    result: IndexResult, size: str, population: str, node: str, *, log: bool = True
) -> SizeComparison:
    """Return how scores of a node compare with what size lets expect.

    Parameters
    ----------
    size
        An attribute of the units, a column of the data, or a node.
    log
        Whether its natural logarithm counts; sizes of 0 and below then count as none.

    Raises
    ------
    DataError
        If the size of a unit is not a number.

    Notes
    -----
    Ordinary least squares. Residuals of large samples of cities by the logarithm of population are
    the scale-adjusted indicators of the literature on urban scaling, where scores are logarithms.

    References
    ----------
    Bettencourt, Lobo, Strumsky, West (2010), Urban scaling and its deviations, PLoS ONE 5(11).
    """
    rows = population_rows(result, population)
    sizes = read_measure(result, size, typed=True)[rows]
    scores = result.column(node)[rows]
    with np.errstate(all="ignore"):
        x = np.where(sizes > 0, np.log(sizes), np.nan) if log else sizes
    # Cities that lack one of the two have no place.
    x = np.where(np.isnan(scores), np.nan, x)
    fit = fit_line(scores, x)
    expected = fit.intercept + fit.slope * x
    residual = scores - expected
    shown = round_excel(residual, DIGITS)
    ranks = rank_competition(shown[:, None], ties="min").values
    units = tuple(result.dataset.units[row].id for row in rows.tolist())
    smaller = [""] * len(units)
    larger = [""] * len(units)
    order = np.argsort(x, kind="stable")
    has_place = ~np.isnan(x[order])
    for before, after in pairwise(order[has_place].tolist()):
        larger[before] = units[after]
        smaller[after] = units[before]
    return SizeComparison(
        units=units,
        fit=fit,
        size=sizes,
        score=scores,
        expected=expected,
        residual=residual,
        rank=ranks[:, 0],
        smaller=tuple(smaller),
        larger=tuple(larger),
    )
