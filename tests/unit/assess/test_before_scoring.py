import itertools

import numpy as np
import pytest
from scipy import stats
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import pdist, squareform

from tests.helpers.robust import inputs_of, invented
from xlcity.api.index import Index
from xlcity.assess.clusters import dendrogram, peer_groups
from xlcity.assess.regression import explain_measure
from xlcity.assess.statistics import LEAST_AVAILABLE, measure_availability
from xlcity.errors import UsageError
from xlcity.index.compute import compute
from xlcity.reports import load_report


@pytest.fixture(scope="module")
def image():
    report = load_report("image2025")
    return compute(report.framework, report.recipe, report.dataset)


def standardised(result):
    codes = [
        node.code for node in result.framework.children(result.framework.root.code)
    ]
    x = np.column_stack([result.column(code) for code in codes])
    return codes, x, (x - x.mean(axis=0)) / x.std(axis=0)


@pytest.mark.parametrize("method", ["ward", "average"])
def test_a_dendrogram_has_the_merges_of_scipy(image, method):
    _, _, z = standardised(image)
    found = dendrogram(image, "main", method)
    squares = pdist(z, "sqeuclidean")
    expected = linkage(z, "ward") if method == "ward" else linkage(squares, "average")
    heights = cophenet(np.array(found.merges))
    np.testing.assert_allclose(heights, cophenet(expected), rtol=1e-9)
    assert sorted(found.order) == sorted(found.units)
    # Below a dendrogram without crossings every cluster is a run of neighbours.
    place = {unit: at for at, unit in enumerate(found.order)}
    members = [{unit} for unit in found.units]
    for one, other, _, size in found.merges:
        members.append(members[one] | members[other])
        places = [place[unit] for unit in members[-1]]
        assert max(places) - min(places) + 1 == size == len(places)


def test_every_city_is_nearest_to_the_mean_of_its_peers(image):
    codes, x, z = standardised(image)
    found = peer_groups(image, "main", 4)
    units = [unit.id for unit in image.dataset.units]
    labels = np.array([found.groups[unit] for unit in units])
    means = np.array([z[labels == at].mean(axis=0) for at in range(1, 5)])
    nearest = (
        squareform(pdist(np.vstack([z, means])))[: len(z), len(z) :].argmin(axis=1) + 1
    )
    assert nearest.tolist() == labels.tolist()
    for at, centre in enumerate(found.centres, start=1):
        assert list(centre) == codes
        np.testing.assert_allclose(list(centre.values()), x[labels == at].mean(axis=0))
    highest = [sum(centre.values()) for centre in found.centres]
    assert highest == sorted(highest, reverse=True)
    assert peer_groups(image, "main", 4) == found


def test_the_number_of_peer_groups_has_the_largest_silhouette(image):
    _, _, z = standardised(image)
    found = peer_groups(image, "main")
    assert found.chosen
    assert found.silhouettes[found.k] == max(found.silhouettes.values())
    distances = squareform(pdist(z))
    for k, silhouette in found.silhouettes.items():
        groups = peer_groups(image, "main", k).groups
        labels = np.array([groups[unit.id] for unit in image.dataset.units])
        widths = []
        for row, own in enumerate(labels):
            near = {at: distances[row][labels == at] for at in range(1, k + 1)}
            a = near.pop(own).sum() / max((labels == own).sum() - 1, 1)
            b = min(of.mean() for of in near.values())
            widths.append((b - a) / max(a, b) if (labels == own).sum() > 1 else 0.0)
        assert np.mean(widths) == pytest.approx(silhouette)


def test_regression_on_an_outside_measure_is_that_of_the_normal_equations():
    result = compute(*invented(n=40, gaps=0))
    found = explain_measure(result, "I0", "main")
    y = result.column("I0")
    codes = [node.code for node in result.framework.children("T")]
    x = np.column_stack([np.ones(40), *(result.column(code) for code in codes)])
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    rest = y - x @ beta
    freedom = 40 - x.shape[1]
    errors = np.sqrt(np.diag(inverse) * (rest @ rest) / freedom)
    r2 = 1 - (rest @ rest) / ((y - y.mean()) ** 2).sum()
    assert (found.n, found.r2, found.intercept) == (
        40,
        pytest.approx(r2),
        pytest.approx(beta[0]),
    )
    assert found.adjusted_r2 == pytest.approx(1 - (1 - r2) * 39 / freedom)
    f = r2 / 2 / ((1 - r2) / freedom)
    assert (found.f, found.p) == (
        pytest.approx(f),
        pytest.approx(stats.f.sf(f, 2, freedom)),
    )
    for at, one in enumerate(found.coefficients, start=1):
        t = beta[at] / errors[at]
        shown = (one.coefficient, one.error, one.t, one.p)
        p = 2 * stats.t.sf(abs(t), freedom)
        assert shown == pytest.approx((beta[at], errors[at], t, p), rel=1e-9)
        assert one.standardised == pytest.approx(beta[at] * x[:, at].std() / y.std())
        other = stats.pearsonr(x[:, 1], x[:, 2]).statistic
        assert one.vif == pytest.approx(1 / (1 - other**2))
    assert found.alone["T"] == pytest.approx(
        stats.pearsonr(y, result.column("T")).statistic
    )


def test_what_follows_from_the_others_has_no_coefficients():
    framework, recipe, dataset = invented(n=12, gaps=0)
    for at, code in itertools.product(range(12), range(9)):
        dataset.values[at, code] = float(at * (-1 if code % 5 == 3 else 1))
    found = explain_measure(compute(framework, recipe, dataset), "I0", "main")
    assert (found.collinear, found.coefficients) == (True, ())
    assert np.isnan(found.r2)


def test_values_that_are_there_are_counted_by_city_and_by_node():
    framework, recipe, dataset = invented(gaps=0.3)
    result = compute(framework, recipe, dataset)
    units, nodes = measure_availability(result)
    there = dataset.states == 0
    for row, one in enumerate(units):
        shares = []
        for pillar, share in one.groups.items():
            codes = [leaf.code for leaf in framework.leaves_below(pillar)]
            shares.append(there[row][[dataset.column(code) for code in codes]].mean())
            assert share == pytest.approx(shares[-1])
        assert one.share == pytest.approx(there[row].mean())
        assert one.few == (min(one.share, *shares) < LEAST_AVAILABLE)
    by_code = {one.node: one for one in nodes}
    assert by_code["T"].share == pytest.approx(there.mean())
    assert by_code["I3"].few == (
        there[:, dataset.column("I3")].mean() < LEAST_AVAILABLE
    )
    assert set(by_code) == {node.code for node in framework.nodes}


def test_nothing_is_missing_below_a_node_with_values_of_its_own():
    report = load_report("vitality2014")
    units, nodes = measure_availability(
        compute(report.framework, report.recipe, report.dataset)
    )
    assert not any(one.few for one in (*units, *nodes))


def test_every_group_of_cities_has_statistics_of_its_own():
    inputs = inputs_of(*invented(n=30, mini=12, gaps=0))
    found = Index.of(inputs).assess(
        n=4, vary=["weights=noise:10%"], peers=3, outside=["I1"]
    )
    document = found.as_dict()
    populations = found.plan.base.populations
    first, second = populations
    assert {one["population"] for one in document["correlations"]} == set(populations)
    assert set(document["populations"]) == {second}
    alone = document["populations"][second]
    assert alone["peers"]["k"] == document["peers"]["k"] == 3
    count = {"main": 18, "mini": 12}
    assert len(document["clusters"]["merges"]) == count[first] - 1
    assert len(alone["clusters"]["merges"]) == count[second] - 1
    assert alone["alpha"] != document["alpha"]
    assert [one["population"] for one in document["outside"]] == list(populations)


def test_peers_and_measures_that_the_data_do_not_have_are_named_at_once():
    with pytest.raises(UsageError) as caught:
        Index.of(inputs_of(*invented())).assess(n=4, peers=14, outside=["gdp", "regio"])
    messages = [problem.message for problem in caught.value.problems]
    assert messages == [
        "14 peer groups of 14 cities.",
        "unknown measure 'gdp'.",
        "unknown measure 'regio'.",
    ]
