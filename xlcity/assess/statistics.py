"""Statistics of the data before they are scored, and how indicators and nodes move together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xlcity.functions.block import Matrix
from xlcity.functions.combine import cronbach_alpha
from xlcity.functions.correlate import fit_line, pearson_matrix
from xlcity.functions.rounding import centre_columns, column_sds, is_constant
from xlcity.functions.treat import is_skewed, kurtosis, quantile, skewness
from xlcity.functions.weigh import sign_components, varimax
from xlcity.index import IndexResult
from xlcity.index.prepare import available_shares, denominator_of
from xlcity.model.dataset import FloatArray, State

#: Coefficients between members of one group: below, between and above these they are flagged.
NEGATIVE = -0.4
LOW = 0.3
HIGH = 0.92
#: An indicator whose raw values correlate so with a variable may measure size.
SIZE_LIMIT = 0.7
#: An outlier lies this many interquartile ranges beyond the quartiles.
FENCE_RANGES = 1.5
#: Numbers that differ by this share of them at most count as one.
SAME_NUMBER_SHARE = 1e-12


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
        Child -> its correlation with each component, the largest of which is positive; rotated by
        varimax, for components with an eigenvalue above 1.
    """

    variance: tuple[float, ...]
    loadings: dict[str, tuple[float, ...]]
    rotated: dict[str, tuple[float, ...]]


def indicator_statistics(result: IndexResult) -> tuple[IndicatorStatistics, ...]:
    """Return statistics of every indicator in every group of cities."""
    treated_cells = [
        (mark.unit, mark.code)
        for mark in result.marks
        if mark.kind in ("treated", "clipped")
    ]
    statistics = []
    for population in result.populations:
        rows = population_rows(result, population)
        units = {result.dataset.units[row].id for row in rows}
        for column, code in enumerate(result.leaf_codes):
            has_number = result.raw_states[rows, column] == State.VALUE
            treated = sum(
                unit in units for unit, cell_code in treated_cells if cell_code == code
            )
            numbers = result.raw[rows[has_number], column]
            line = _describe_numbers(
                code, population, numbers, cities=len(rows), treated=treated
            )
            statistics.append(line)
    return tuple(statistics)


def _describe_numbers(
    code: str, population: str, numbers: Matrix, cities: int, treated: int
) -> IndicatorStatistics:
    """Return statistics of the numbers of one indicator in one group of cities.

    Parameters
    ----------
    code, population
        The indicator and the group.
    numbers
        (n,) its numbers.
    cities, treated
        How many cities the group has, and how many values the recipe changed.
    """
    n = numbers.size
    nan = float("nan")
    low, high = outlier_limits(numbers) if n else (nan, nan)
    sd = float(column_sds(centre_columns(numbers)[0], 1.0)) if n > 1 else nan
    return IndicatorStatistics(
        indicator=code,
        population=population,
        n=n,
        missing=cities - n,
        mean=float(numbers.mean()) if n else nan,
        median=quantile(numbers, 0.5) if n else nan,
        minimum=float(numbers.min()) if n else nan,
        maximum=float(numbers.max()) if n else nan,
        sd=sd,
        skew=skewness(numbers),
        kurt=kurtosis(numbers),
        zeros=int((numbers == 0).sum()),
        unique=_count_distinct(numbers),
        outliers=int(((numbers < low) | (numbers > high)).sum()),
        treated=treated,
        skewed=is_skewed(numbers),
    )


def outlier_limits(numbers: Matrix) -> tuple[float, float]:
    """Return the least and the greatest number that is not an outlier."""
    low = quantile(numbers, 0.25)
    high = quantile(numbers, 0.75)
    reach = FENCE_RANGES * (high - low)
    return low - reach, high + reach


def _count_distinct(numbers: Matrix) -> int:
    """Return how many different numbers a vector has; those equal but for rounding are one."""
    ordered = np.sort(numbers)
    with np.errstate(over="ignore"):
        is_new = np.diff(ordered) > SAME_NUMBER_SHARE * np.abs(ordered[1:])
    return int(is_new.sum()) + bool(numbers.size)  # the first number is new, too


def correlations(result: IndexResult, population: str) -> tuple[PairCorrelation, ...]:
    """Return the correlations of the children of every node, and of each node with those above.

    Parameters
    ----------
    population
        The group of cities whose scores count.
    """
    rows = population_rows(result, population)
    tree = result.framework
    scores = {node.code: result.column(node.code)[rows] for node in tree.tree_order}
    correlated: list[PairCorrelation] = []
    for node in tree.composites:
        children = [child.code for child in tree.children(node.code)]
        partial = partial_correlations(
            np.column_stack([scores[code] for code in children])
        )
        for first in range(len(children)):
            for second in range(first + 1, len(children)):
                pair = children[first], children[second]
                group = population, node.code
                correlated.append(
                    _correlate_pair(pair, scores, group, float(partial[first, second]))
                )
    for node in tree.tree_order:
        for ancestor in tree.path(node.code)[-2::-1]:  # from the parent up to the root
            pair = (node.code, ancestor.code)
            group = (population, "")
            correlated.append(_correlate_pair(pair, scores, group, float("nan")))
    return tuple(correlated)


def _correlate_pair(
    pair: tuple[str, str],
    scores: dict[str, Matrix],
    group: tuple[str, str],
    partial: float,
) -> PairCorrelation:
    """Return how the scores of two nodes move together, by three coefficients of correlation.

    Parameters
    ----------
    pair, scores
        Codes of the nodes, and node -> (cities,) its scores.
    group
        Name of the group of cities, and the node that both are children of, "" for none.
    partial
        Their partial correlation, which is passed on.
    """
    from scipy import stats

    x, y = (scores[code] for code in pair)
    fit = fit_line(y, x)
    nan = float("nan")
    is_complete = ~(np.isnan(x) | np.isnan(y))
    x = x[is_complete]
    y = y[is_complete]
    population, parent = group
    without_ranks = PairCorrelation(
        a=pair[0],
        b=pair[1],
        population=population,
        group=parent,
        n=fit.n,
        pearson=fit.r,
        p=fit.p,
        spearman=nan,
        p_spearman=nan,
        kendall=nan,
        p_kendall=nan,
        partial=partial,
        flag=_flag_correlation(fit.r) if parent else "",
    )
    if x.size < 3 or is_constant(x) or is_constant(y):
        return without_ranks
    by_ranks = stats.spearmanr(x, y)
    by_order = stats.kendalltau(x, y)
    return replace(
        without_ranks,
        spearman=float(by_ranks.statistic),
        p_spearman=float(by_ranks.pvalue),
        kendall=float(by_order.statistic),
        p_kendall=float(by_order.pvalue),
    )


def _flag_correlation(coefficient: float) -> str:
    """Return "negative", "low" or "high" for a coefficient beyond a limit, else ""."""
    if coefficient < NEGATIVE:
        return "negative"
    if coefficient < LOW:
        return "low"
    return "high" if coefficient > HIGH else ""


@dataclass(frozen=True, slots=True)
class SizeCorrelation:
    """How the raw values of an indicator move with a variable that it might be divided by.

    `divided` says whether the recipe divides it by that variable.
    """

    indicator: str
    variable: str
    population: str
    n: int
    pearson: float
    divided: bool


def size_correlations(
    result: IndexResult, population: str
) -> tuple[SizeCorrelation, ...]:
    """Return the indicators that follow a variable outside the tree: |r| from `SIZE_LIMIT` on."""
    dataset = result.dataset
    recipe = result.recipe
    rows = population_rows(result, population)
    variables = [
        node.code for node in result.framework.variables if node.code in dataset.codes
    ]
    correlated = []
    for node in result.framework.indicators:
        if node.code not in dataset.codes:
            continue
        divisor = denominator_of(recipe.step_for("denominate", node.code), node)
        for variable in variables:
            y, x = (
                dataset.values[rows, dataset.column(code)]
                for code in (node.code, variable)
            )
            fit = fit_line(y, x)
            if abs(fit.r) >= SIZE_LIMIT:
                names = node.code, variable, population
                correlated.append(
                    SizeCorrelation(*names, fit.n, fit.r, divisor == variable)
                )
    return tuple(correlated)


def partial_correlations(scores: Matrix) -> Matrix:
    """Return (k, k) correlations of k columns, all other columns held constant.

    Over rows with a number everywhere; NaN where other columns explain one completely.
    """
    scores = scores[~np.isnan(scores).any(axis=1)]
    k = scores.shape[1]
    are_few = k < 3 or len(scores) <= k
    if are_few or any(map(is_constant, scores.T)):
        return np.full((k, k), np.nan)
    coefficients = np.corrcoef(scores, rowvar=False)
    if np.linalg.cond(coefficients) > 1e12:
        return np.full((k, k), np.nan)
    inverse = np.linalg.inv(coefficients)
    spread = np.sqrt(np.diag(inverse))
    return np.asarray(-inverse / np.outer(spread, spread))


def _iterate_sibling_scores(
    result: IndexResult, population: str
) -> Iterator[tuple[str, list[str], Matrix]]:
    """Yield each node with several children, their codes, and their (n, children) scores.

    Scores are those of the n cities of a group that have all of them.
    """
    rows = population_rows(result, population)
    for node in result.framework.composites:
        children = [child.code for child in result.framework.children(node.code)]
        if len(children) > 1:
            scores = np.column_stack([result.column(code)[rows] for code in children])
            yield node.code, children, scores[~np.isnan(scores).any(axis=1)]


def alphas(
    result: IndexResult, population: str
) -> dict[str, tuple[float, dict[str, float]]]:
    """Return node -> Cronbach's alpha of its children, and child -> alpha without that child.

    Scores are standardised first, so that a wide scale does not weigh more.
    """
    alpha_by_node = {}
    for code, children, scores in _iterate_sibling_scores(result, population):
        alpha_without = {
            child: _compute_alpha(np.delete(scores, column, axis=1))
            for column, child in enumerate(children)
        }
        alpha_by_node[code] = _compute_alpha(scores), alpha_without
    return alpha_by_node


def _compute_alpha(scores: Matrix) -> float:
    """Return Cronbach's alpha of (n, k) scores, standardised first; NaN with a constant column."""
    varies = len(scores) > 1 and not any(is_constant(column) for column in scores.T)
    return (
        float(cronbach_alpha(scores, "zscore").values[0, 0]) if varies else float("nan")
    )


def components(result: IndexResult, population: str) -> dict[str, Components]:
    """Return the principal components of the children of every node, by their correlations."""
    components_by_node = {}
    for code, children, scores in _iterate_sibling_scores(result, population):
        if len(scores) < 3 or any(is_constant(column) for column in scores.T):
            continue
        eigenvalues, vectors = np.linalg.eigh(np.corrcoef(scores, rowvar=False))
        # The largest comes first; rounding may leave the smallest below 0.
        eigenvalues = np.maximum(eigenvalues[::-1], 0.0)
        loadings = sign_components(vectors[:, ::-1] * np.sqrt(eigenvalues))
        rotated = loadings[:, : int((eigenvalues > 1 + 1e-9).sum())]
        if rotated.shape[1] > 1:
            rotated = sign_components(varimax(rotated))
        components_by_node[code] = Components(
            tuple((eigenvalues / eigenvalues.sum()).tolist()),
            {
                child: tuple(row)
                for child, row in zip(children, loadings.tolist(), strict=True)
            },
            {
                child: tuple(row)
                for child, row in zip(children, rotated.tolist(), strict=True)
            },
        )
    return components_by_node


def codes_under_root(result: IndexResult) -> tuple[str, ...]:
    """Return the codes of the nodes right under the root."""
    return tuple(
        node.code for node in result.framework.children(result.framework.root.code)
    )


def population_rows(result: IndexResult, population: str) -> np.ndarray:
    """Return the rows of the units of one group in the dataset; none for an unknown name."""
    return result.dataset.populations.get(population, np.array([], dtype=np.int64))


#: Least share of values that a city and an indicator should have.
LEAST_AVAILABLE = 0.65


@dataclass(frozen=True, slots=True)
class UnitAvailability:
    """The share of indicators with a value: of all, and of those below each node under the root."""

    unit: str
    population: str
    share: float
    groups: dict[str, float]
    few: bool


@dataclass(frozen=True, slots=True)
class NodeAvailability:
    """The share of values that the indicators below a node have, over the cities of a group."""

    node: str
    population: str
    share: float
    few: bool


def measure_availability(
    result: IndexResult,
) -> tuple[tuple[UnitAvailability, ...], tuple[NodeAvailability, ...]]:
    """Return the shares of values that are there, by unit and by node.

    A unit has few values also where it has few below one of the nodes under the root.
    """
    shares = available_shares(result)
    root = result.framework.root.code
    units = []
    nodes = []
    for population in result.populations:
        rows = population_rows(result, population)
        for row in rows.tolist():
            groups = {
                code: float(shares[code][row]) for code in codes_under_root(result)
            }
            share = float(shares[root][row])
            few = min(share, *groups.values()) < LEAST_AVAILABLE
            unit = result.dataset.units[row].id
            units.append(
                UnitAvailability(unit, population, share, groups=groups, few=few)
            )
        for node in result.framework.tree_order:
            code = node.code
            share = float(shares[node.code][rows].mean())
            nodes.append(
                NodeAvailability(code, population, share, share < LEAST_AVAILABLE)
            )
    return tuple(units), tuple(nodes)


@dataclass(frozen=True, slots=True, eq=False)
class Correlation:
    """Correlation of k nodes.

    Parameters
    ----------
    codes
        The k nodes.
    r, p
        (k, k) Pearson coefficients and their two-sided significance; NaN where there is none (the
        diagonal of `p` among them).
    n
        (k, k) units that count.
    """

    codes: tuple[str, ...]
    r: FloatArray
    p: FloatArray
    n: np.ndarray

    def of_pair(self, node: str, other: str) -> tuple[float, float, int]:
        """Return Pearson's r of two nodes, its significance p, and the n units that count."""
        cell = self.codes.index(node), self.codes.index(other)
        r = float(self.r[cell])
        p = float(self.p[cell])
        return r, p, int(self.n[cell])

    def flag(self, node: str, other: str) -> str:
        """Return the mark of significance of two nodes' correlation: ** for p < .01, * for .05."""
        _, p, _ = self.of_pair(node, other)
        if p < 0.01:
            return "**"
        return "*" if p < 0.05 else ""


def correlate(
    result: IndexResult, codes: Sequence[str] | None = None, population: str = "main"
) -> Correlation:
    """Return the correlation of nodes over the units of one population.

    Parameters
    ----------
    codes
        The nodes; None = those right under the root.
    """
    chosen = tuple(codes) if codes is not None else codes_under_root(result)
    rows = population_rows(result, population)
    values = np.column_stack([result.column(code)[rows] for code in chosen])
    states = np.column_stack([result.states(code)[rows] for code in chosen])
    r, p, n = (
        pearson_matrix(values, kind, states=states).values for kind in ("r", "p", "n")
    )
    return Correlation(chosen, r, p, n.astype(np.int64))
