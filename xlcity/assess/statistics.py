"""Statistics of the data before they are scored, and how indicators and nodes move together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xlcity.assess.scores import rows_of
from xlcity.functions.block import Matrix
from xlcity.functions.combine import cronbach_alpha
from xlcity.functions.correlate import fit_line
from xlcity.functions.rotation import varimax
from xlcity.functions.rounding import centred, deviation_of, is_constant
from xlcity.functions.treat import is_skewed, kurtosis, quantile, skewness
from xlcity.index.result import IndexResult
from xlcity.model.dataset import State

#: Coefficients between members of one group: below, between and above these they are flagged.
NEGATIVE, LOW, HIGH = -0.4, 0.3, 0.92
#: An outlier lies this many interquartile ranges beyond the quartiles.
FENCE = 1.5
#: Numbers that differ by this share of them at most count as one.
SAME = 1e-12


@dataclass(frozen=True, slots=True)
class IndicatorStatistics:
    """Statistics of the numbers of one indicator in one group of cities.

    Attributes
    ----------
    n, missing
        Cities with a number, and those without.
    sd
        Standard deviation (n - 1).
    skew, kurt
        As SKEW and KURT.
    zeros, unique
        Numbers that are 0; different numbers.
    outliers
        Numbers more than 1.5 interquartile ranges beyond the quartiles.
    treated
        Numbers that the recipe clips or treats.
    skewed
        Whether skewness and kurtosis are both beyond the limits 2 and 3.5.
    """

    indicator: str
    population: str
    n: int
    missing: int
    mean: float
    median: float
    minimum: float
    maximum: float
    sd: float
    skew: float
    kurt: float
    zeros: int
    unique: int
    outliers: int
    treated: int
    skewed: bool


@dataclass(frozen=True, slots=True)
class PairCorrelation:
    """How the scores of two nodes move together.

    Attributes
    ----------
    group
        The node that both are children of; "" for a node and one above it.
    p, p_spearman, p_kendall
        Two-sided significance of each coefficient.
    partial
        Pearson's coefficient with all other children of the group held constant.
    flag
        "negative", "low" or "high" for children of one group, else "".
    """

    a: str
    b: str
    population: str
    group: str
    n: int
    pearson: float
    p: float
    spearman: float
    p_spearman: float
    kendall: float
    p_kendall: float
    partial: float
    flag: str


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Principal components of the children of a node.

    Attributes
    ----------
    variance
        Share of the variance of each component, the largest first.
    loadings, rotated
        Child -> its correlation with each component; rotated by varimax, for components with an
        eigenvalue above 1.
    """

    variance: tuple[float, ...]
    loadings: dict[str, tuple[float, ...]]
    rotated: dict[str, tuple[float, ...]]


def indicator_statistics(result: IndexResult) -> tuple[IndicatorStatistics, ...]:
    """Return statistics of every indicator in every group of cities."""
    changed = [
        (mark.unit, mark.code) for mark in result.marks if mark.kind in ("treated", "clipped")
    ]
    found = []
    for population in result.populations:
        rows = rows_of(result, population)
        units = {result.dataset.units[row].id for row in rows}
        for at, code in enumerate(result.leaf_codes):
            known = result.raw_states[rows, at] == State.VALUE
            treated = sum(1 for unit, of in changed if of == code and unit in units)
            numbers = result.raw[rows[known], at]
            found.append(_statistics(code, population, numbers, len(rows), treated))
    return tuple(found)


def _statistics(
    code: str, population: str, x: Matrix, cities: int, treated: int
) -> IndicatorStatistics:
    n, nan = x.size, float("nan")
    outliers = 0
    if n:
        low, high = quantile(x, 0.25), quantile(x, 0.75)
        reach = FENCE * (high - low)
        outliers = int(((x < low - reach) | (x > high + reach)).sum())
    sd = float(deviation_of(centred(x)[0], 1.0)) if n > 1 else nan
    return IndicatorStatistics(
        indicator=code,
        population=population,
        n=n,
        missing=cities - n,
        mean=float(x.mean()) if n else nan,
        median=quantile(x, 0.5) if n else nan,
        minimum=float(x.min()) if n else nan,
        maximum=float(x.max()) if n else nan,
        sd=sd,
        skew=skewness(x),
        kurt=kurtosis(x),
        zeros=int((x == 0).sum()),
        unique=_different(x),
        outliers=outliers,
        treated=treated,
        skewed=is_skewed(x),
    )


def _different(x: Matrix) -> int:
    """Return how many numbers there are but for rounding."""
    ordered = np.sort(x)
    with np.errstate(over="ignore"):
        steps = np.diff(ordered) > SAME * np.abs(ordered[1:])
    return int(steps.sum()) + bool(x.size)


def correlations(result: IndexResult, population: str) -> tuple[PairCorrelation, ...]:
    """Return the correlations of the children of every node, and of each node with those above.

    Parameters
    ----------
    population
        The group of cities whose scores count.
    """
    rows, tree = rows_of(result, population), result.framework
    scores = {node.code: result.column(node.code)[rows] for node in tree.tree_order}
    found: list[PairCorrelation] = []
    for node in tree.composites:
        children = [child.code for child in tree.children(node.code)]
        partial = partial_correlations(np.column_stack([scores[code] for code in children]))
        for one in range(len(children)):
            for other in range(one + 1, len(children)):
                pair = children[one], children[other]
                group = population, node.code
                found.append(_pair(pair, scores, group, float(partial[one, other])))
    for node in tree.tree_order:
        for above in tree.path(node.code)[-2::-1]:
            pair, group = (node.code, above.code), (population, "")
            found.append(_pair(pair, scores, group, float("nan")))
    return tuple(found)


def _pair(
    pair: tuple[str, str], scores: dict[str, Matrix], group: tuple[str, str], partial: float
) -> PairCorrelation:
    from scipy import stats

    x, y = scores[pair[0]], scores[pair[1]]
    fit, nan = fit_line(y, x), float("nan")
    both = ~(np.isnan(x) | np.isnan(y))
    x, y = x[both], y[both]
    monotone = concordant = (nan, nan)
    if x.size > 2 and not (is_constant(x) or is_constant(y)):
        spearman, kendall = stats.spearmanr(x, y), stats.kendalltau(x, y)
        monotone = float(spearman.statistic), float(spearman.pvalue)
        concordant = float(kendall.statistic), float(kendall.pvalue)
    flag = _flag(fit.r) if group[1] else ""
    return PairCorrelation(
        *(*pair, *group, fit.n, fit.r, fit.p, *monotone, *concordant, partial, flag)
    )


def _flag(r: float) -> str:
    if r < NEGATIVE:
        return "negative"
    return "low" if r < LOW else "high" if r > HIGH else ""


def partial_correlations(x: Matrix) -> Matrix:
    """Return (k, k) correlations of columns with all other columns held constant.

    Over rows with a number everywhere; NaN where other columns explain one completely.
    """
    x = x[~np.isnan(x).any(axis=1)]
    k = x.shape[1]
    if k < 3 or len(x) <= k or any(is_constant(column) for column in x.T):
        return np.full((k, k), np.nan)
    r = np.corrcoef(x, rowvar=False)
    if np.linalg.cond(r) > 1e12:
        return np.full((k, k), np.nan)
    inverse = np.linalg.inv(r)
    spread = np.sqrt(np.diag(inverse))
    return np.asarray(-inverse / np.outer(spread, spread))


def _complete(result: IndexResult, population: str, children: list[str]) -> Matrix:
    """Return the scores of the children of a node, cities with all of them."""
    rows = rows_of(result, population)
    x = np.column_stack([result.column(code)[rows] for code in children])
    return np.asarray(x[~np.isnan(x).any(axis=1)])


def _groups(result: IndexResult, population: str) -> Iterator[tuple[str, list[str], Matrix]]:
    for node in result.framework.composites:
        children = [child.code for child in result.framework.children(node.code)]
        if len(children) > 1:
            yield node.code, children, _complete(result, population, children)


def alphas(result: IndexResult, population: str) -> dict[str, tuple[float, dict[str, float]]]:
    """Return Cronbach's alpha of the children of every node, and without each of them.

    Scores are standardised first, so that a wide scale does not weigh more.
    """
    found = {}
    for code, children, x in _groups(result, population):
        less = {
            child: _alpha(np.delete(x, at, axis=1)) if len(children) > 2 else float("nan")
            for at, child in enumerate(children)
        }
        found[code] = _alpha(x), less
    return found


def _alpha(x: Matrix) -> float:
    varies = len(x) > 1 and not any(is_constant(column) for column in x.T)
    return float(cronbach_alpha(x, "zscore").values[0, 0]) if varies else float("nan")


def components(result: IndexResult, population: str) -> dict[str, Components]:
    """Return the principal components of the children of every node, by their correlations."""
    found = {}
    for code, children, x in _groups(result, population):
        if len(x) < 3 or any(is_constant(column) for column in x.T):
            continue
        sizes, vectors = np.linalg.eigh(np.corrcoef(x, rowvar=False))
        sizes, vectors = np.maximum(sizes[::-1], 0.0), vectors[:, ::-1]
        # The sign of a component is arbitrary: most loadings shall be positive.
        vectors = vectors * np.where(vectors.sum(axis=0) < 0, -1.0, 1.0)
        loadings = vectors * np.sqrt(sizes)
        counted = int((sizes > 1 + 1e-9).sum())
        turned = varimax(loadings[:, :counted]) if counted > 1 else loadings[:, :counted]
        found[code] = Components(
            tuple((sizes / sizes.sum()).tolist()),
            {child: tuple(row) for child, row in zip(children, loadings.tolist(), strict=True)},
            {child: tuple(row) for child, row in zip(children, turned.tolist(), strict=True)},
        )
    return found
