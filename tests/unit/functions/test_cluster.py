import itertools

import numpy as np
import pytest
from scipy.cluster import hierarchy
from scipy.spatial.distance import pdist

from xlcity.functions.block import CellState, ErrorCode
from xlcity.functions.cluster import (
    LINKAGES,
    METRICS,
    cluster_labels,
    merge_by_distance,
    merge_rows,
)

DIV0 = ErrorCode.DIV0
NA = ErrorCode.NA
NUM = ErrorCode.NUM
VALUE = ErrorCode.VALUE


def labels(values, *options, **named):
    return [
        int(label) for label in cluster_labels(values, *options, **named).values[:, 0]
    ]


def by_definition(points, k, linkage, metric):
    """Merge the two nearest clusters again and again, distances taken afresh from the members."""

    def apart(a, b):
        gap = points[a] - points[b]
        squares = float((gap**2).sum())
        return {
            "euclidean": squares**0.5,
            "sqeuclidean": squares,
            "cityblock": float(np.abs(gap).sum()),
        }[metric]

    def distance(one, other):
        pairs = [apart(a, b) for a in one for b in other]
        if linkage == "ward":
            # Least increase of the sum of squares about the centres.
            gap = points[list(one)].mean(axis=0) - points[list(other)].mean(axis=0)
            return (
                len(one) * len(other) / (len(one) + len(other)) * float((gap**2).sum())
            )
        return {"average": np.mean, "complete": max, "single": min}[linkage](pairs)

    clusters = [(row,) for row in range(len(points))]
    while len(clusters) > k:
        one, other = min(
            itertools.combinations(clusters, 2), key=lambda pair: distance(*pair)
        )
        clusters = [c for c in clusters if c not in (one, other)] + [one + other]
    ordered = sorted(clusters, key=min)
    return [
        1 + next(i for i, c in enumerate(ordered) if row in c)
        for row in range(len(points))
    ]


#: Ward's criterion is one of squared distances.
DEFINED = [
    (linkage, metric)
    for linkage, metric in itertools.product(LINKAGES, METRICS)
    if linkage != "ward" or metric == "sqeuclidean"
]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("linkage", "metric"), DEFINED)
def test_as_the_definition_says(linkage, metric, seed):
    points = np.random.default_rng(seed).normal(size=(11, 3))
    for k in (1, 2, 4, 11):
        assert labels(points, k, linkage, metric) == by_definition(
            points, k, linkage, metric
        )


@pytest.mark.parametrize("linkage", LINKAGES)
def test_the_merges_are_those_of_scipy_ties_included(linkage):
    rng = np.random.default_rng(7)
    for trial in range(150):
        shape = int(rng.integers(2, 40)), int(rng.integers(1, 5))
        # Whole numbers give many equal distances.
        points = (
            rng.random(shape) if trial % 2 else rng.integers(0, 3, shape).astype(float)
        )
        points *= 10.0 ** rng.integers(-70, 70)
        for metric in ("euclidean", "sqeuclidean", "cityblock"):
            distances = pdist(points, metric)
            # Ward's is one of squares: distances are the roots of what it is given.
            given = distances**2 if linkage == "ward" else distances
            merges = merge_by_distance(given, linkage)
            assert (merges == hierarchy.linkage(distances, linkage)).all()


def test_distances_out_of_range_end_in_merges_all_the_same():
    points = np.array([[1e200], [-1e200], [3.0], [np.nan]])
    with np.errstate(all="ignore"):
        distances = pdist(points, "sqeuclidean")
    for linkage in LINKAGES:
        assert merge_by_distance(distances, linkage)[-1, 3] == 4


def test_ward_on_other_distances_updates_them_as_they_are():
    # Of 0, 2, 5 on a line: the pair (0, 2) merges at 2; by the formula of Lance and Williams the
    # third is then ((1 + 1) * 5 + (1 + 1) * 3 - 1 * 2) / 3 = 14/3 away, farther than 20 and 24.
    points = [[0.0], [2.0], [5.0], [20.0], [24.0]]
    assert ((1 + 1) * 5 + (1 + 1) * 3 - 1 * 2) / 3 > 24 - 20
    assert labels(points, 3, "ward", "cityblock") == [1, 1, 2, 3, 3]
    # With squared distances the third is (2 * 25 + 2 * 9 - 4) / 3 > 16 away: the same.
    assert labels(points, 3, "ward", "sqeuclidean") == [1, 1, 2, 3, 3]
    # Smallest distances: 3 is nearer than 4.
    assert labels(points, 3, "single", "cityblock") == [1, 1, 1, 2, 3]


def test_clusters_are_numbered_as_the_rows_meet_them():
    assert labels([[9.0], [1.0], [5.0], [1.1], [8.9]], 3) == [1, 2, 3, 2, 1]


@pytest.mark.parametrize("linkage", LINKAGES)
def test_ties_never_give_fewer_clusters(linkage):
    for k in range(1, 7):
        assert len(set(labels([[3.0]] * 6, k, linkage))) == k


def test_gaps_and_text_stay_out_in_their_own_rows():
    values = np.array(
        [[1.0, 1.0], [np.nan, 1.0], [9.0, 9.0], [1.0, 2.0], [9.0, 7.0], [0.0, 0.0]]
    )
    states = np.full(values.shape, CellState.NUMBER, dtype=np.uint8)
    states[1, 0], states[5, 1] = CellState.MISSING, CellState.TEXT
    found = cluster_labels(values, 2, states=states)
    assert found.errors[:, 0].tolist() == [0, NA, 0, 0, 0, VALUE]
    assert found.values[[0, 2, 3, 4], 0].tolist() == [1, 2, 1, 2]


def test_too_few_rows():
    found = cluster_labels([[1.0], [np.nan], [2.0]], 3)
    assert found.errors[:, 0].tolist() == [NUM, NA, NUM]
    assert labels([[4.0]], 1) == [1]
    assert cluster_labels([[np.nan]], 1).errors.tolist() == [[NA]]


def test_zscores_give_every_column_the_same_say():
    # Metres and kilometres: without z-scores only the first column counts.
    values = np.array([[0.0, 0.0], [900.0, 1.0], [1000.0, 0.0], [100.0, 1.0]])
    assert labels(values, 2, "average") == [1, 2, 2, 1]
    far = np.column_stack([values[:, 0], values[:, 1] * 10])
    z = labels(far, 2, "average", "euclidean", "zscore")
    assert z == labels(values * [1e-6, 1e6], 2, "average", "euclidean", "zscore")
    constant = cluster_labels([[1.0, 5.0], [2.0, 5.0]], 2, standardise="zscore")
    assert constant.errors[:, 0].tolist() == [DIV0, DIV0]


@pytest.mark.parametrize("linkage", LINKAGES)
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("standardise", ["none", "zscore"])
def test_distances_beyond_doubles_are_the_largest(linkage, metric, standardise):
    found = labels([[1e308], [-1e308], [3.0], [4.0]], 3, linkage, metric, standardise)
    assert sorted(set(found)) == [1, 2, 3]
    assert found[2] == found[3]


@pytest.mark.parametrize("standardise", ["none", "zscore"])
def test_rows_that_cannot_be_merged_give_a_tree_without_merges(standardise):
    for points in (np.empty((0, 2)), np.array([[1.0, 2.0]])):
        assert merge_rows(points, "ward", "euclidean", standardise).shape == (0, 4)
    assert merge_by_distance(np.empty(0), "ward").shape == (0, 4)
    constant = merge_rows(
        np.array([[1.0, 5.0], [2.0, 5.0]]), "ward", "euclidean", standardise
    )
    assert constant.shape == ((0, 4) if standardise == "zscore" else (1, 4))


@pytest.mark.parametrize("linkage", LINKAGES)
def test_many_rows_have_the_same_merges(linkage, monkeypatch):
    points = np.random.default_rng(2).normal(size=(30, 2))
    few = merge_rows(points, linkage, "euclidean", "none")
    monkeypatch.setattr("xlcity.functions.cluster._MOST_ROWS_OF_SQUARE", 29)
    assert merge_rows(points, linkage, "euclidean", "none") == pytest.approx(
        few, rel=1e-12
    )
