from dataclasses import asdict, fields

import numpy as np
import pytest
from scipy import stats

from tests.helpers.robust import invented
from xlcity.assess.statistical_audit import LIMITS, NodeAudit
from xlcity.assess.statistics import (
    HIGH,
    LOW,
    NEGATIVE,
    _flag_correlation,
    alphas,
    components,
    correlations,
    indicator_statistics,
    partial_correlations,
)
from xlcity.functions.model_weights import ucm_weights
from xlcity.functions.weigh import balance_weights, pca_weights
from xlcity.index.compute import compute
from xlcity.model.recipe import Recipe, Step


@pytest.fixture(scope="module")
def result():
    return compute(*invented(n=30, k=12, gaps=0.1))


def standardised(result, children):
    x = np.column_stack([result.column(code) for code in children])
    return stats.zscore(x[~np.isnan(x).any(axis=1)], ddof=1)


def test_statistics_are_those_of_scipy(result):
    found = {one.indicator: one for one in indicator_statistics(result)}
    for code, one in found.items():
        x = result.raw[:, result.leaf_codes.index(code)]
        x = x[~np.isnan(x)]
        assert (one.n, one.missing) == (len(x), 30 - len(x))
        expected = (x.mean(), np.median(x), x.min(), x.max(), x.std(ddof=1))
        assert (
            one.mean,
            one.median,
            one.minimum,
            one.maximum,
            one.sd,
        ) == pytest.approx(expected)
        # scipy's bias-corrected moments are SKEW and KURT.
        assert one.skew == pytest.approx(stats.skew(x, bias=False))
        assert one.kurt == pytest.approx(stats.kurtosis(x, bias=False))
        low, high = np.percentile(x, [25, 75])
        reach = 1.5 * (high - low)
        assert one.outliers == ((x < low - reach) | (x > high + reach)).sum()
        assert one.skewed == (abs(one.skew) >= 2 and one.kurt >= 3.5)
        assert (one.zeros, one.unique) == (0, len(x))
    assert any(one.outliers for one in found.values())
    assert any(one.missing for one in found.values())


def test_values_that_the_recipe_limits_are_counted():
    framework, recipe, dataset = invented(gaps=0)
    dataset.values[0, 0], dataset.values[1, 0] = 1e4, 0
    dataset.values[2, 0] = 0
    steps = (Step("normalise", "zscore", {"clip": 1.5}), *recipe.steps[1:])
    made = compute(framework, Recipe("r", steps, "relative"), dataset)
    one = next(one for one in indicator_statistics(made) if one.indicator == "I0")
    x = dataset.values[:, 0]
    assert one.treated == (np.abs((x - x.mean()) / x.std()) > 1.5).sum() == 1
    assert (one.zeros, one.unique, one.skewed) == (2, 13, True)


def test_correlations_are_those_of_scipy(result):
    found = correlations(result, "main")
    pairs = {(one.a, one.b): one for one in found}
    tree = result.framework
    inside = sum(
        len(tree.children(n.code)) * (len(tree.children(n.code)) - 1) // 2
        for n in tree.composites
    )
    across = sum(tree.depth(node.code) for node in tree.nodes)
    assert len(found) == len(pairs) == inside + across
    for (a, b), one in pairs.items():
        x = result.column(a)
        y = result.column(b)
        both = ~(np.isnan(x) | np.isnan(y))
        x, y = x[both], y[both]
        expected = (
            *stats.pearsonr(x, y),
            *stats.spearmanr(x, y),
            *stats.kendalltau(x, y),
        )
        numbers = (
            one.pearson,
            one.p,
            one.spearman,
            one.p_spearman,
            one.kendall,
            one.p_kendall,
        )
        assert numbers == pytest.approx(expected, rel=1e-9, abs=1e-14)
        assert one.n == both.sum()
        r = one.pearson
        flag = (
            "negative" if r < -0.4 else "low" if r < 0.3 else "high" if r > 0.92 else ""
        )
        assert one.flag == (flag if one.group else "")
    assert {"low", ""} <= {one.flag for one in found}


def test_partial_correlations_are_those_of_residuals():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(40, 4)) @ rng.normal(size=(4, 4))
    found = partial_correlations(x)
    for a in range(4):
        for b in range(a):
            others = [at for at in range(4) if at not in (a, b)]
            given = np.column_stack([np.ones(40), x[:, others]])
            left = [
                x[:, at] - given @ np.linalg.lstsq(given, x[:, at])[0] for at in (a, b)
            ]
            assert found[a, b] == pytest.approx(
                stats.pearsonr(*left).statistic, abs=1e-10
            )
    doubled = np.column_stack([x, x[:, 0] + x[:, 1]])
    assert np.isnan(partial_correlations(doubled)).all()
    assert np.isnan(partial_correlations(x[:4])).all()


def test_alpha_is_that_of_the_standardised_formula(result):
    found = alphas(result, "main")
    for node, (whole, less) in found.items():
        children = [child.code for child in result.framework.children(node)]
        z = standardised(result, children)

        def alpha(z):
            k = z.shape[1]
            r = (np.corrcoef(z, rowvar=False).sum() - k) / (k * (k - 1))
            return k * r / (1 + (k - 1) * r)

        assert whole == pytest.approx(alpha(z))
        for at, code in enumerate(children):
            if len(children) > 2:
                assert less[code] == pytest.approx(alpha(np.delete(z, at, axis=1)))
            else:
                assert np.isnan(less[code])
    assert any(len(less) > 2 for _, less in found.values())


def test_components_explain_the_variance(result):
    for node, one in components(result, "main").items():
        children = [child.code for child in result.framework.children(node)]
        z = standardised(result, children)
        sizes = np.linalg.svd(z, compute_uv=False) ** 2 / (len(z) - 1)
        np.testing.assert_allclose(one.variance, sizes / sizes.sum())
        loadings = np.array([one.loadings[code] for code in children])
        np.testing.assert_allclose(
            loadings @ loadings.T, np.corrcoef(z, rowvar=False), atol=1e-12
        )
        turned = np.array([one.rotated[code] for code in children])
        for signed in (loadings, turned):
            # Of loadings that are equally large but for rounding, the first is positive.
            sizes_of = np.abs(signed)
            first = (sizes_of > sizes_of.max(axis=0) * (1 - 1e-9)).argmax(axis=0)
            assert (signed[first, range(len(first))] >= 0).all()
        kept = loadings[:, : turned.shape[1]]
        # Rotation leaves what each indicator has in common with the components.
        np.testing.assert_allclose(
            (turned**2).sum(axis=1), (kept**2).sum(axis=1), atol=1e-12
        )
        assert turned.shape[1] == (sizes > 1).sum()


@pytest.mark.parametrize("seed", range(4))
def test_signs_that_eigenvectors_happen_to_have_change_nothing(
    result, monkeypatch, seed
):
    a, b = np.random.default_rng(3).normal(size=(2, 20))
    # As many columns measure the opposite of the others as do not: their loadings sum to 0.
    opposites = np.column_stack([a, b, -a, -b])
    rows = np.column_stack([a, b, a + b, a - b, a * b])

    def all_results():
        found = {code: asdict(one) for code, one in components(result, "main").items()}
        weights = [
            method(values).values.ravel().tolist()
            for method in (pca_weights, ucm_weights, balance_weights)
            for values in (opposites, rows)
        ]
        return found, weights

    before = all_results()
    compute_vectors = np.linalg.eigh
    rng = np.random.default_rng(seed)

    def sign_by_chance(matrix):
        sizes, vectors = compute_vectors(matrix)
        return sizes, vectors * rng.choice([-1.0, 1.0], size=len(sizes))

    monkeypatch.setattr(np.linalg, "eigh", sign_by_chance)
    found, weights = all_results()
    for code, one in before[0].items():
        assert found[code]["variance"] == one["variance"]
        for kind in ("loadings", "rotated"):
            for child, row in one[kind].items():
                assert found[code][kind][child] == pytest.approx(row, abs=1e-12)
    for now, then in zip(weights, before[1], strict=True):
        assert now == pytest.approx(then, abs=1e-9, nan_ok=True)


def test_columns_that_do_not_vary_have_no_coefficients():
    framework, _, dataset = invented(gaps=0)
    dataset.values[:, 0] = 3.0
    recipe = Recipe(
        "r", (Step("normalise", "rank"), Step("aggregate", "arithmetic")), "relative"
    )
    made = compute(framework, recipe, dataset)
    one = next(one for one in correlations(made, "main") if one.a == "I0")
    assert np.isnan([one.pearson, one.spearman, one.kendall]).all()
    flat = next(one for one in indicator_statistics(made) if one.indicator == "I0")
    assert (flat.sd, flat.unique) == (0, 1)
    assert np.isnan([flat.skew, flat.kurt]).all()
    assert np.isnan(alphas(made, "main")["S0"][0])
    assert "S0" not in components(made, "main")


def test_skewed_is_what_reaches_both_limits():
    """Skewness and kurtosis at their limits are beyond them, as in COIN tools; treated ones not."""

    def findings(**numbers):
        nothing = {field.name: np.nan for field in fields(NodeAudit)}
        return NodeAudit(**nothing | {"treated": 0} | numbers).findings

    at = {"skew": -LIMITS["skew"], "kurt": LIMITS["kurt"]}
    assert findings() == ()
    assert findings(**at) == ("skewed",)
    assert findings(**at, treated=1) == ()
    assert findings(**at | {"kurt": at["kurt"] - 0.01}) == ()
    assert findings(**at | {"skew": at["skew"] + 0.01}) == ()


@pytest.mark.parametrize(
    ("coefficient", "flag"),
    [
        (-1.0, "negative"),
        (NEGATIVE - 1e-9, "negative"),
        (NEGATIVE, "low"),
        (LOW - 1e-9, "low"),
        (LOW, ""),
        (HIGH, ""),
        (HIGH + 1e-9, "high"),
        (1.0, "high"),
        (np.nan, ""),
    ],
)
def test_a_correlation_on_a_limit_is_not_beyond_it(coefficient, flag):
    assert _flag_correlation(coefficient) == flag
