import numpy as np
import pytest

from tests.helpers.robust import inputs_of, invented
from xlcity.api.index import Index
from xlcity.assess.choices import remove_node
from xlcity.assess.plan import Plan, make_plan, with_values
from xlcity.assess.sensitivity import (
    all_margins,
    decisive_data,
    leave_one_out,
    overtakings,
    sobol_indices,
    sobol_of_ranks,
    top_margins,
)
from xlcity.index.compute import compute
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step


def indices_of(model, k, n=40_000):
    rng = np.random.default_rng(1)
    a = rng.random((n, k))
    b = rng.random((n, k))
    mixed = []
    for at in range(k):
        one = a.copy()
        one[:, at] = b[:, at]
        mixed.append(model(one))
    return sobol_indices(model(a), model(b), np.array(mixed))


def assert_estimated(estimates, exact, intervals, limit):
    """Hold estimates within three standard errors, and within a limit.

    Of a normal law 90 % lie within 3.29 standard errors in all.
    """
    errors = np.ptp(intervals, axis=1) / 3.29
    assert (np.abs(estimates - exact) <= np.minimum(3 * errors, limit)).all()


def ishigami(u, a=7.0, b=0.1):
    x = np.pi * (2 * u - 1)
    return (
        np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])
    )


def test_sobol_indices_of_ishigami_are_the_analytic_ones():
    a = 7.0
    b = 0.1
    variance = a**2 / 8 + b * np.pi**4 / 5 + b**2 * np.pi**8 / 18 + 0.5
    first = np.array([(1 + b * np.pi**4 / 5) ** 2 / 2, a**2 / 8, 0]) / variance
    joint = 8 * b**2 * np.pi**8 / 225 / variance
    total = np.add(first, [joint, 0, joint])
    found = indices_of(ishigami, 3)
    assert_estimated(found.first, first, found.first_interval, 0.015)
    assert_estimated(found.total, total, found.total_interval, 0.015)
    for ends, value in (
        (found.first_interval, found.first),
        (found.total_interval, found.total),
    ):
        assert (ends[:, 0] <= value).all()
        assert (value <= ends[:, 1]).all()
        assert (ends[:, 1] - ends[:, 0]).max() < 0.05


def test_sobol_indices_are_those_of_salib():
    """As SALib 1.6.0 finds them, `sobol.analyze(…, calc_second_order=False)`, of the same samples.

    Its total order has the same estimator, its first order that of Saltelli (2010).
    """
    found = indices_of(ishigami, 3, n=4096)
    total = [0.5834468124896524, 0.45446163119625677, 0.24669035449921156]
    np.testing.assert_allclose(found.total, total, rtol=1e-12)
    first = [0.31830888394994467, 0.45159980620164, -0.004023558588349643]
    # Another estimator of the same sample: they differ by their sampling errors.
    assert_estimated(found.first, first, found.first_interval, 0.05)


def test_sobol_indices_of_the_g_function_are_the_analytic_ones():
    a = np.array([0, 1, 4.5, 9, 99])

    def g(x):
        return np.prod((np.abs(4 * x - 2) + a) / (1 + a), axis=1)

    alone = 1 / (3 * (1 + a) ** 2)
    variance = np.prod(1 + alone) - 1
    found = indices_of(g, len(a))
    assert_estimated(found.first, alone / variance, found.first_interval, 0.015)
    total = alone * np.prod(1 + alone) / (1 + alone) / variance
    assert_estimated(found.total, total, found.total_interval, 0.015)


def test_a_choice_that_changes_nothing_explains_nothing():
    vary = ["weights=noise:40%", "normalise=own,minmax:0:10", "data=normal:20%"]
    plan = make_plan(*invented(gaps=0), vary)
    whole, cities = sobol_of_ranks(plan, 256)
    assert whole.total[1] == 0
    assert (whole.total[[0, 2]] > 0.05).all()
    assert set(cities) == {unit.id for unit in plan.dataset.units}
    again = sobol_of_ranks(plan, 256, chunk=50)[0]
    assert again.first.tobytes() == whole.first.tobytes()


def test_nodes_left_out_move_ranks_as_an_index_without_them():
    from scipy.stats import kendalltau

    framework, recipe, dataset = invented(gaps=0)
    plan = Plan(framework, recipe, dataset, (), 0, "T")
    found = {one.node: one for one in leave_one_out(plan)}
    assert set(found) == {node.code for node in framework.nodes} - {"T"}
    base = plan.base.rank("T")
    for code, one in found.items():
        tree = remove_node(framework, code)
        columns = [at for at, name in enumerate(dataset.codes) if name in tree]
        kept = Dataset(
            dataset.units,
            tuple(dataset.codes[at] for at in columns),
            dataset.values[:, columns],
            dataset.states[:, columns],
            dataset.basis[:, columns],
        )
        ranks = compute(tree, recipe, kept).rank("T")
        shifts = np.abs(ranks - base)
        assert (one.mean_shift, one.max_shift) == pytest.approx(
            (shifts.mean(), shifts.max())
        )
        assert one.kendall == pytest.approx(kendalltau(ranks, base).statistic)


def means(scores, weights):
    k = len(weights)
    codes = [f"a{at}" for at in range(k)]
    rows = [f"{code},T,{weight}" for code, weight in zip(codes, weights, strict=True)]
    framework = Framework.read("\n".join(["code,parent,weight", "T,,1", *rows]) + "\n")
    recipe = Recipe(
        "r",
        (Step("normalise", "none"), Step("aggregate", "arithmetic")),
        weights="relative",
    )
    values = np.array(scores, dtype=float)
    units = tuple(Unit(f"u{at}") for at in range(len(values)))
    dataset = Dataset(
        units,
        tuple(codes),
        values,
        np.full(values.shape, State.VALUE, dtype=np.uint8),
        np.full(values.shape, "entered"),
    )
    return framework, recipe, dataset


def test_a_city_draws_level_at_the_weight_that_is_named():
    scores = [[9, 2, 5], [7, 6, 4], [3, 8, 5], [1, 1, 9]]
    weights = [2.0, 1.0, 1.0]
    framework, recipe, dataset = means(scores, weights)
    found = overtakings(Plan(framework, recipe, dataset, (), 0, "T"))
    # 9*2+2+5 = 25 before 7*2+6+4 = 24: level where 9w+7 = 7w+10, at w = 1.5 of 3.5.
    first = next(one for one in found if (one.unit, one.node) == ("u1", "a0"))
    assert (first.above, first.weight, first.share) == pytest.approx(
        ("u0", 1.5, 1.5 / 3.5)
    )
    for one in found:
        moved = list(weights)
        moved[int(one.node[1:])] = one.weight
        total = np.array(scores, dtype=float) @ moved
        assert total[int(one.unit[1:])] == pytest.approx(total[int(one.above[1:])])


def test_the_first_k_stay_within_the_margin_and_change_beyond_it():
    rng = np.random.default_rng(4)
    scores = rng.random((9, 4)) * 100
    weights = np.array([3.0, 1.0, 2.0, 1.0])
    plan = Plan(*means(scores, weights), (), 0, "T")
    for k, margin in top_margins(plan, (1, 3, 5)).items():
        first = set(np.argsort(-(scores @ weights))[:k])

        def kept(share, first=first, k=k):
            corners = (
                np.array(np.meshgrid(*[[1 - share, 1 + share]] * 4)).reshape(4, -1).T
            )
            orders = np.argsort(-(scores @ (corners * weights).T), axis=0)[:k]
            return all(set(order) == first for order in orders.T)

        assert kept(margin * 0.999)
        if np.isfinite(margin):
            assert not kept(margin * 1.001)


LEVELS = """code,parent,weight
T,,1
P,T,3
Q,T,1
R,T,2
A,P,1
B,P,2
C,Q,1
D,Q,1
E,R,2
F,R,1
"""


def three_levels(values, recipe=None):
    """Return the plan of an index whose nodes are weighted means of the values, as they are."""
    framework = Framework.read(LEVELS)
    codes = [leaf.code for leaf in framework.indicators]
    states = np.where(np.isnan(values), State.MISSING, State.VALUE).astype(np.uint8)
    units = tuple(Unit(f"u{at}") for at in range(len(values)))
    dataset = Dataset(
        units, tuple(codes), values, states, np.full(values.shape, "entered")
    )
    steps = recipe or (Step("normalise", "none"), Step("aggregate", "arithmetic"))
    return Plan(framework, Recipe("r", steps, "relative"), dataset, (), 0, "T")


def first_at_corners(plan, share, k):
    """Return the sets of the first k cities where all nine weights are large or small."""
    values = plan.dataset.values
    moved = np.array(np.meshgrid(*[[1 - share, 1 + share]] * 9)).reshape(9, -1).T
    top = moved[:, :3] * [3, 1, 2]
    below = moved[:, 3:] * [1, 2, 1, 1, 2, 1]
    sums = np.zeros((len(moved), len(values)))
    for part in range(3):
        columns = slice(2 * part, 2 * part + 2)
        own = below[:, columns] / below[:, columns].sum(axis=1)[:, None]
        sums += top[:, part][:, None] * (own @ values[:, columns].T)
    return {frozenset(order[:k].tolist()) for order in np.argsort(-sums, axis=1)}


@pytest.mark.parametrize("seed", range(6))
def test_all_weights_at_all_levels_move_the_first_k_beyond_their_margin_alone(seed):
    plan = three_levels(np.random.default_rng(seed).random((9, 6)) * 100)
    of_children = top_margins(plan, (1, 3, 5))
    for k, margin in all_margins(plan, (1, 3, 5)).items():
        assert margin <= of_children[k]
        if np.isfinite(margin):
            assert len(first_at_corners(plan, margin * 0.999, k)) == 1
            assert len(first_at_corners(plan, margin * 1.001, k)) > 1
        else:
            assert len(first_at_corners(plan, 0.999, k)) == 1


def test_nothing_is_said_of_weights_below_nodes_that_are_no_mean_of_all_their_parts():
    values = np.random.default_rng(1).random((9, 6)) * 100
    gap = values.copy()
    gap[4, 2] = np.nan
    rescaled = (
        Step("normalise", "none"),
        Step("aggregate", "arithmetic", {"children": "scores"}),
        Step("rescale", "zscore"),
    )
    available = (
        Step("normalise", "none"),
        Step("aggregate", "arithmetic", {"missing": "renormalise"}),
    )
    for plan in (three_levels(gap, available), three_levels(values, rescaled)):
        assert set(top_margins(plan, (1, 3))) == {1, 3}
        assert all_margins(plan, (1, 3)) == {}


def test_no_margin_is_stated_where_a_city_lacks_a_part_of_the_mean():
    """Its lead over others hangs on other weights: it is in no pair of such cities."""
    values = np.random.default_rng(1).random((9, 6)) * 100
    values[4, 2:4] = np.nan
    steps = (
        Step("normalise", "none"),
        Step("aggregate", "arithmetic", {"missing": "renormalise"}),
    )
    plan = three_levels(values, steps)
    assert plan.base.rank("T")[4] > 0
    assert top_margins(plan, (1, 3)) == {}
    assert all_margins(plan, (1, 3)) == {}


def test_of_one_level_all_weights_are_those_of_the_children():
    plan = Plan(
        *means(np.random.default_rng(2).random((8, 4)), [1, 2, 3, 1]), (), 0, "T"
    )
    assert all_margins(plan, (1, 3)) == top_margins(plan, (1, 3))


def test_other_means_have_no_such_weights():
    framework, _, dataset = means([[1, 2], [2, 1], [3, 3], [4, 1]], [1, 1])
    recipe = Recipe("r", (Step("normalise", "none"), Step("aggregate", "geometric")))
    plan = Plan(framework, Recipe("r", recipe.steps, "relative"), dataset, (), 0, "T")
    assert overtakings(plan) == ()
    assert top_margins(plan, (1,)) == {}


@pytest.mark.slow
def test_the_decisive_value_moves_ranks_most():
    framework, recipe, dataset = invented(gaps=0)
    plan = make_plan(framework, recipe, dataset, ["data=uniform:30%"])
    base = plan.base.rank("T")
    found = decisive_data(plan, most=5, chunk=30)
    shifts = {}
    for row, unit in enumerate(dataset.units):
        for at, code in enumerate(dataset.codes):
            wide = 2.0 if dataset.basis[row, at] == "synthetic" else 1.0
            for sign in (-1, 1):
                values = dataset.values[:, at].copy()
                values[row] *= 1 + sign * 0.9 * 0.3 * wide
                changed = with_values(dataset, {code: (values, dataset.states[:, at])})
                moved = np.abs(
                    compute(framework, recipe, changed).rank("T") - base
                ).mean()
                shifts[unit.id, code] = max(moved, shifts.get((unit.id, code), 0))
    largest = sorted(shifts.values(), reverse=True)[:5]
    assert [one.mean_shift for one in found] == pytest.approx(largest)
    for one in found:
        assert shifts[one.unit, one.indicator] == pytest.approx(one.mean_shift)
        assert one.low < one.high


def test_variants_are_compared_with_the_index_as_it_is():
    framework, recipe, dataset = invented(gaps=0)
    found = Index.of(inputs_of(framework, recipe, dataset)).assess(
        n=4,
        compared=["normalise=rank,zscore", "weights=equal"],
    )
    names = [one.variant for one in found.comparisons]
    assert names == ["normalise=rank", "normalise=zscore", "weights=equal"]
    base = found.plan.base.rank("T")
    for one in found.comparisons:
        shifts = np.abs(one.ranks - base)
        assert (one.mean_shift, one.max_shift) == pytest.approx(
            (shifts.mean(), shifts.max())
        )


@pytest.mark.filterwarnings("error")
def test_what_does_not_vary_has_no_shares():
    found = sobol_indices(np.ones(20), np.ones(20), np.ones((2, 20)))
    assert np.isnan(found.first).all()
    assert np.isnan(found.total_interval).all()
