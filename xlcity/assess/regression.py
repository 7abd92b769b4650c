"""Regression of scores and outside variables on each other, and what coefficients imply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xlcity.assess.statistics import codes_under_root, population_rows
from xlcity.errors import DataError, Problem, Where
from xlcity.functions.block import Matrix
from xlcity.functions.cluster import cut_tree, merge_rows
from xlcity.functions.correlate import fit_line
from xlcity.functions.rounding import centre_columns, column_sds, is_constant
from xlcity.index import IndexResult
from xlcity.model.dataset import FloatArray, State, Unit
from xlcity.model.reading.values import Refusal, read_value


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
    r2: float
    adjusted_r2: float
    f: float
    p: float
    intercept: float
    collinear: bool
    coefficients: tuple[Coefficient, ...]
    alone: Mapping[str, float]


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
    rows, tree = population_rows(result, population), result.framework
    top = root or tree.root.code
    codes = [child.code for child in tree.children(top)]
    y = _read_measure(result, measure)[rows]
    scores = {code: result.column(code)[rows] for code in (top, *codes)}
    alone = {code: fit_line(y, node_scores).r for code, node_scores in scores.items()}
    x = np.column_stack([scores[code] for code in codes])
    is_complete = ~(np.isnan(x).any(axis=1) | np.isnan(y))
    x, y = x[is_complete], y[is_complete]
    n, k, nan = len(y), len(codes), float("nan")
    constant = n > 0 and (is_constant(y) or any(is_constant(column) for column in x.T))
    collinear = constant or bool(
        n > k and k > 1 and np.linalg.cond(np.corrcoef(x, rowvar=False)) > 1e12
    )
    if n <= k + 1 or collinear:
        return Explanation(measure, population, n, nan, nan, nan, nan, nan, collinear, (), alone)
    return _fit_least_squares(measure, population, codes, x, y, alone)


def _fit_least_squares(
    measure: str,
    population: str,
    codes: Sequence[str],
    x: FloatArray,
    y: FloatArray,
    alone: Mapping[str, float],
) -> Explanation:
    """Return the regression of a measure on scores, its columns neither constant nor collinear.

    Parameters
    ----------
    x, y
        (n, k) scores of the nodes `codes`, and (n,) the measure; n > k + 1.
    alone
        Pearson's coefficient with each node, for the answer.
    """
    from scipy import stats

    n, k = x.shape
    (dx, means), (dy, mean_y) = centre_columns(x), centre_columns(y[:, None])
    sd_x, sd_y = column_sds(dx), column_sds(dy)[0]
    # Standardised columns: their inverse correlations hold the variance inflation factors.
    inverse = np.linalg.inv((dx / sd_x).T @ (dx / sd_x) / n)
    beta = inverse @ ((dx / sd_x).T @ (dy[:, 0] / sd_y) / n)
    residuals = dy[:, 0] / sd_y - (dx / sd_x) @ beta
    unexplained, freedom = float(residuals @ residuals) / n, n - k - 1
    r2 = 1.0 - unexplained
    errors = np.sqrt(np.diag(inverse) * unexplained / freedom)
    with np.errstate(all="ignore"):
        t, f = beta / errors, (r2 / k) / np.float64(unexplained / freedom)
    slopes, scale = beta * sd_y / sd_x, sd_y / sd_x
    rows = zip(
        *(codes, slopes, errors * scale, t, 2 * stats.t.sf(np.abs(t), freedom), beta),
        np.diag(inverse),
        strict=True,
    )
    return Explanation(
        measure,
        population,
        n,
        r2,
        1.0 - unexplained * (n - 1) / freedom,
        float(f),
        float(stats.f.sf(f, k, freedom)),
        float(mean_y[0] - means @ slopes),
        False,
        tuple(Coefficient(code, *map(float, numbers)) for code, *numbers in rows),
        alone,
    )


def _read_measure(result: IndexResult, measure: str) -> FloatArray:
    """Return (units,) numbers of an outside measure: a node, a data column or an attribute."""
    dataset = result.dataset
    if measure in result.framework:
        return result.column(measure)
    if measure in dataset.codes:
        column = dataset.column(measure)
        has_value = dataset.states[:, column] == State.VALUE
        return np.where(has_value, dataset.values[:, column], np.nan)
    return outside_variable(dataset.units, measure)


def measures_of(result: IndexResult) -> list[str]:
    """Return the names of what may be an outside measure: attributes, columns and nodes."""
    attributes = [name for unit in result.dataset.units for name in unit.attributes]
    return [
        *dict.fromkeys(
            [*attributes, *result.dataset.codes, *(node.code for node in result.framework.nodes)]
        )
    ]


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
            problems.append(Problem(converted.code, converted.message, converted.hint, where))
            continue
        values.append(converted.value if converted.state is State.VALUE else np.nan)
    if problems:
        raise DataError(problems)
    return np.array(values, dtype=np.float64)


#: Most peer groups that are tried where their number is not given, and rounds of k-means.
MOST_GROUPS, _ROUNDS = 8, 100


@dataclass(frozen=True, slots=True)
class MergeTree:
    """Hierarchical clusters, merge by merge.

    Attributes
    ----------
    units
        The units that are merged: those with all scores.
    merges
        Both clusters, their distance, and units in the new one. A number below that of the units is
        a unit, others are what an earlier merge made, in their order.
    order
        The units as they stand below a dendrogram without crossings.
    """

    linkage: str
    units: tuple[str, ...]
    merges: tuple[tuple[int, int, float, int], ...]
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeerGroups:
    """Units that are alike, by k-means.

    Attributes
    ----------
    k
        How many groups there are; `chosen` says whether their silhouette decided it.
    silhouettes
        Mean silhouette by number of groups, from -1 to 1: the larger, the clearer the groups.
    groups
        Unit -> its group; 1 has the highest mean score.
    centres
        The mean scores of each group, by node.
    """

    k: int
    chosen: bool
    silhouettes: Mapping[int, float]
    groups: Mapping[str, int]
    centres: tuple[Mapping[str, float], ...]


def dendrogram(result: IndexResult, population: str, linkage: str = "ward") -> MergeTree | None:
    """Return the clusters of the cities of a group by their scores under the root; None below 3."""
    units, _, z = _standardised_scores(result, population)
    if len(units) < 3:
        return None
    from scipy.cluster.hierarchy import leaves_list

    block = merge_rows(z, linkage, "sqeuclidean", "none")
    merges = tuple(
        (int(first), int(second), float(distance), int(size))
        for first, second, distance, size in block.tolist()
    )
    order = tuple(units[row] for row in leaves_list(block).tolist())
    return MergeTree(linkage, units, merges, order)


def peer_groups(result: IndexResult, population: str, k: int | None = None) -> PeerGroups | None:
    """Return groups of alike units by the standardised scores right under the root.

    Parameters
    ----------
    k
        How many; None: the number from 2 to 8 with the largest mean silhouette.

    Notes
    -----
    k-means starts from the clusters of Ward's method, so that nothing is random.
    """
    units, x, z = _standardised_scores(result, population)
    most_groups = min(MOST_GROUPS, len(units) - 1)
    numbers_of_groups = range(2, most_groups + 1) if k is None else (k,)
    if len(units) < 3 or not numbers_of_groups or numbers_of_groups[-1] >= len(units):
        return None
    merges = merge_rows(z, "ward", "sqeuclidean", "none")
    labels_by_number = {
        number: _k_means(z, cut_tree(merges, number).astype(np.int64) - 1)
        for number in numbers_of_groups
    }
    silhouettes = {
        number: _mean_silhouette(z, labels) for number, labels in labels_by_number.items()
    }
    best = max(numbers_of_groups, key=lambda number: (silhouettes[number], -number))
    labels = labels_by_number[best]
    means = np.array([x[labels == group].mean(axis=0) for group in range(best)])
    order = np.argsort(-means.mean(axis=1), kind="stable")
    rank_by_label = np.argsort(order)
    codes = codes_under_root(result)
    return PeerGroups(
        best,
        k is None,
        silhouettes,
        {unit: int(rank_by_label[label]) + 1 for unit, label in zip(units, labels, strict=True)},
        tuple(dict(zip(codes, row, strict=True)) for row in means[order].tolist()),
    )


def nearest_units(result: IndexResult, population: str, count: int) -> dict[str, tuple[str, ...]]:
    """Return, for each unit, the `count` units nearest to it, the nearest first.

    Near by the standardised scores right under the root, in the same group.
    """
    units, _, z = _standardised_scores(result, population)
    distances = np.sqrt(((z[:, None, :] - z[None, :, :]) ** 2).sum(axis=2))
    orders = np.argsort(distances, axis=1, kind="stable").tolist()
    return {
        unit: tuple([units[neighbour] for neighbour in order if neighbour != row][:count])
        for row, (unit, order) in enumerate(zip(units, orders, strict=True))
    }


def _standardised_scores(
    result: IndexResult, population: str
) -> tuple[tuple[str, ...], Matrix, Matrix]:
    """Return the units that have all scores right under the root, (n, k) scores and their z-scores.

    Nothing where all are constant; columns without any spread have no z-scores.
    """
    rows = population_rows(result, population)
    x = np.column_stack([result.column(code)[rows] for code in codes_under_root(result)])
    is_complete = ~np.isnan(x).any(axis=1)
    x = x[is_complete]
    units = tuple(result.dataset.units[row].id for row in rows[is_complete].tolist())
    varies = [
        column for column in range(x.shape[1]) if len(x) > 1 and not is_constant(x[:, column])
    ]
    if not varies:
        return (), x[:0], x[:0]
    deviations = centre_columns(x[:, varies])[0]
    return units, x, np.asarray(deviations / column_sds(deviations))


def _k_means(z: Matrix, labels: np.ndarray) -> np.ndarray:
    """Return (n,) groups in which every row is nearest to the mean of its own.

    Parameters
    ----------
    z
        (n, k) standardised scores.
    labels
        (n,) groups to start from, numbered from 0.
    """
    k = int(labels.max()) + 1
    for _ in range(_ROUNDS):
        means = np.array([z[labels == group].mean(axis=0) for group in range(k)])
        distances = ((z[:, None, :] - means[None, :, :]) ** 2).sum(axis=2)
        # A row moves only where another mean is nearer: ties keep what they are.
        own_distance = distances[np.arange(len(z)), labels]
        has_nearer = distances.min(axis=1) < own_distance
        new_labels = np.where(has_nearer, distances.argmin(axis=1), labels)
        if not has_nearer.any() or len(np.unique(new_labels)) < k:
            break
        labels = new_labels
    return labels


def _mean_silhouette(z: Matrix, labels: np.ndarray) -> float:
    """Return the mean silhouette: how much nearer rows are to their group than to the next one."""
    distances = np.sqrt(((z[:, None, :] - z[None, :, :]) ** 2).sum(axis=2))
    is_member = np.array([labels == group for group in range(int(labels.max()) + 1)])
    sizes = is_member.sum(axis=1)
    with np.errstate(all="ignore"):
        to_groups = distances @ is_member.T / sizes
        rows = np.arange(len(z))
        to_own_group = to_groups[rows, labels] * sizes[labels] / (sizes[labels] - 1)
        to_groups[rows, labels] = np.inf
        to_next_group = to_groups.min(axis=1)
        widths = (to_next_group - to_own_group) / np.maximum(to_own_group, to_next_group)
    # A unit alone in its group has none.
    return float(np.where(sizes[labels] > 1, np.nan_to_num(widths), 0.0).mean())
