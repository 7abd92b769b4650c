from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from tests.helpers.cli import run_json
from tests.helpers.robust import EVERYTHING, inputs_of, invented
from xlcity.api.index import Index
from xlcity.assess.batch import rank_batch, score_batch
from xlcity.assess.draws import Draws, Spread, standardised_errors
from xlcity.assess.plan import Plan, inputs_of_replicate, make_plan
from xlcity.assess.uncertainty import (
    Uncertainty,
    chunk_of,
    count_ranks,
    draw_replicates,
    uncertainty,
)
from xlcity.errors import RecipeError, UsageError
from xlcity.index.compute import compute
from xlcity.model.recipe import Step
from xlcity.reports import load_report


def scores_one_by_one(plan, sample, at):
    result = compute(*inputs_of_replicate(plan, sample, at))
    return result.column(plan.node), result.rank(plan.node)


def assert_replayed(plan, count, checked):
    """Compare replicates computed together with the same ones computed one by one."""
    sample = draw_replicates(plan, range(count))
    scores = score_batch(plan, sample)[0]
    ranks = rank_batch(plan, sample)
    for at in np.linspace(0, count - 1, checked).astype(int):
        alone, rank = scores_one_by_one(plan, sample, at)
        np.testing.assert_allclose(scores[:, at], alone, rtol=1e-10, atol=1e-10)
        assert ranks[:, at].tolist() == rank.tolist(), at
    return sample, scores


@pytest.mark.slow
def test_replicates_computed_together_are_those_computed_one_by_one():
    plan = make_plan(*invented(), EVERYTHING, seed=3)
    sample, scores = assert_replayed(plan, 120, 60)
    assert not np.isnan(scores).all(axis=0).all()
    # Every choice took each of its options.
    for at, choice in enumerate(plan.choices):
        assert set(sample.options[:, at]) == set(range(len(choice.variations)))


def test_named_sets_of_weights_vary_beside_drawn_ones():
    framework, recipe, dataset = invented(gaps=0)
    rng = np.random.default_rng(4)
    sets = {
        "experts": {node.code: float(rng.integers(1, 9)) for node in framework.nodes}
    }
    framework = replace(framework, weight_sets=sets)
    vary = [
        "weights=own,experts,P0=experts,noise:30%",
        "aggregate=own,sum",
        "omit=indicators,S1",
    ]
    assert_replayed(make_plan(framework, recipe, dataset, vary), 60, 40)


def test_units_are_screened_in_each_replicate():
    framework, recipe, dataset = invented(gaps=0.25)
    limits = {"data": 0.7, "keep": ("u03",)}
    screens = (
        Step("screen", "availability", limits),
        Step("screen", "availability", {"data": 0.5}, ("S0", "S1")),
    )
    recipe = replace(recipe, steps=(*screens, *recipe.steps))
    vary = ["normalise=own,rank", "omit=indicators,S1,P0"]
    _, scores = assert_replayed(make_plan(framework, recipe, dataset, vary), 60, 40)
    assert len(set(np.isnan(scores).sum(axis=0).tolist())) > 2


def test_groups_of_cities_are_scored_apart():
    framework, recipe, dataset = invented(n=16, mini=6, gaps=0)
    vary = ["normalise=winsor,efficacy", "omega=20,60", "clip=1,2", "data=normal:10%"]
    assert_replayed(make_plan(framework, recipe, dataset, vary), 60, 30)


@pytest.mark.parametrize(
    ("report", "vary"),
    [
        ("image2025", ["data=normal:5%", "weights=noise:30%", "omit=pillars"]),
        (
            "iecc2024",
            ["clip=0,1.5,3", "omega=30,50", "weights=noise:20%", "omit=indicators"],
        ),
        ("vitality2014", ["normalise=own,minmax", "data=uniform:10%"]),
    ],
)
def test_reports_are_assessed_with_all_that_their_method_has(report, vary):
    found = load_report(report)
    assert_replayed(
        make_plan(found.framework, found.recipe, found.dataset, vary), 24, 8
    )


def test_a_replicate_follows_from_seed_and_number_alone():
    plan = make_plan(*invented(), EVERYTHING, seed=5)
    whole = score_batch(plan, draw_replicates(plan, range(150)))[0]
    for start, end in ((0, 1), (1, 8), (60, 70), (149, 150)):
        part = score_batch(plan, draw_replicates(plan, range(start, end)))[0]
        assert part.tobytes() == np.ascontiguousarray(whole[:, start:end]).tobytes()
    other = make_plan(*invented(), EVERYTHING, seed=6)
    assert (score_batch(other, draw_replicates(other, range(150)))[0] != whole).any()


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_neither_chunks_nor_workers_change_a_result(jobs):
    plan = make_plan(
        *invented(), ["normalise=own,rank", "weights=noise:30%", "data=normal:10%"]
    )
    first = uncertainty(plan, 300)
    for chunk in (7, 256, 10_000):
        other = uncertainty(plan, 300, jobs=jobs, chunk=chunk)
        for count, tallied in first.stages.items():
            assert tallied.ranks.tobytes() == other.stages[count].ranks.tobytes()
            assert tallied.above.tobytes() == other.stages[count].above.tobytes()
        assert first.convergence == other.convergence


def test_as_many_replicates_are_in_memory_as_an_index_of_its_size_has_room_for():
    plan = make_plan(*invented(), ["weights=noise:30%"])
    assert chunk_of(plan) == 1024
    assert chunk_of(plan, jobs=10**9) == 64
    dataset = plan.dataset
    cells = {
        name: np.tile(getattr(dataset, name), (100, 1))
        for name in ("values", "states", "basis")
    }
    larger = replace(plan, dataset=replace(dataset, units=dataset.units * 100, **cells))
    assert chunk_of(larger) == 2_600_000 // larger.dataset.values.size


def test_quantiles_and_probabilities_are_those_of_the_ranks():
    plan = make_plan(*invented(gaps=0), ["weights=noise:60%", "data=normal:30%"])
    ranks = rank_batch(plan, draw_replicates(plan, range(401)))
    found = Uncertainty(plan, 401, {401: count_ranks(plan, ranks)})
    for share in (0.05, 0.1, 0.5, 0.95):
        expected = np.quantile(ranks, share, axis=1)
        np.testing.assert_allclose(found.quantile(share), expected, atol=1e-9)
    for k in (1, 3, 5):
        np.testing.assert_allclose(found.top(k), (ranks <= k).mean(axis=1))
    above = (ranks[:, None, :] < ranks[None, :, :]).mean(axis=2)
    np.testing.assert_allclose(found.above, above)
    assert found.counts.ranks[:, 0].sum() == 0


def test_cities_that_swap_places_are_in_one_group():
    framework, recipe, dataset = invented(gaps=0)
    plan = Plan(framework, recipe, dataset, (), 0, "T")
    order = [dataset.row(unit) for unit in plan.base.order("T")]
    ranks = np.empty((len(order), 100), dtype=np.int32)
    ranks[order] = np.arange(1, len(order) + 1)[:, None]
    # The first two swap in 6 of 100 replicates, the third and fourth in 5.
    ranks[order[0], :6], ranks[order[1], :6] = 2, 1
    ranks[order[2], :5], ranks[order[3], :5] = 4, 3
    groups = Uncertainty(plan, 100, {100: count_ranks(plan, ranks)}).groups
    names = [dataset.units[row].id for row in order]
    assert groups[:3] == ((names[0], names[1]), (names[2],), (names[3],))
    assert sum(map(len, groups)) == len(names)


def test_weights_are_drawn_around_the_framework_s_and_keep_their_sums():
    framework, recipe, dataset = invented()
    plan = make_plan(framework, recipe, dataset, ["weights=noise:50%"])
    drawn = draw_replicates(plan, range(2000)).weights
    for node in framework.composites:
        children = framework.children(node.code)
        whole = sum(child.weight for child in children)
        np.testing.assert_allclose(sum(drawn[child.code] for child in children), whole)
    plan = make_plan(framework, recipe, dataset, ["weights=dirichlet:10"])
    drawn = draw_replicates(plan, range(4000)).weights
    pillars = framework.children("T")
    whole = sum(pillar.weight for pillar in pillars)
    for pillar in pillars:
        mean = drawn[pillar.code].mean() / whole
        share = pillar.weight / whole
        variance = share * (1 - share) / (10 * len(pillars) + 1)
        assert mean == pytest.approx(share, abs=5 * (variance / 4000) ** 0.5)
        assert drawn[pillar.code].var() / whole**2 == pytest.approx(variance, rel=0.1)


def test_a_range_of_a_parameter_is_drawn_evenly():
    framework, recipe, dataset = invented(gaps=0)
    vary = ["normalise=zscore", "clip=1..2", "data=normal:5%"]
    plan = make_plan(framework, recipe, dataset, vary)
    assert_replayed(plan, 40, 10)
    clip = plan.choices[1]
    values = np.array([one.parameter[1] for one in clip.variations])
    np.testing.assert_allclose(values, np.linspace(1, 2, 21))
    drawn = values[draw_replicates(plan, range(4000)).options[:, 1]]
    assert (drawn.min(), drawn.max(), drawn.mean()) == pytest.approx(
        (1, 2, 1.5), abs=0.02
    )


def test_weights_are_drawn_around_judgements():
    framework, recipe, dataset = invented(gaps=0)
    saaty = {"T": (3.0,), "S0": (2.0, 5.0, 3.0)}
    steps = [
        Step("weight", "ahp", {"judgements": given}, (code,))
        for code, given in saaty.items()
    ]
    place = next(at for at, step in enumerate(recipe.steps) if step.do == "aggregate")
    judged = replace(
        recipe, steps=(*recipe.steps[:place], *steps, *recipe.steps[place:])
    )
    plan = make_plan(
        framework, judged, dataset, ["weights=own,judgements:30%", "omit=indicators"]
    )
    assert_replayed(plan, 60, 20)
    # Of two children with one judgement one is left, and counts alone.
    assert_replayed(make_plan(framework, judged, dataset, ["omit=P1"]), 20, 10)
    sample = draw_replicates(plan, range(3000))
    drawn = sample.options[:, 0] == 1
    first, second = (
        sample.weights[child.code][drawn] for child in framework.children("T")
    )
    # Of two children the weights are proportional to the one judgement.
    odds = np.log(first / second)
    assert (odds.mean(), odds.std()) == pytest.approx((np.log(3), 0.3), abs=0.02)
    three = np.array(
        [sample.weights[child.code][drawn] for child in framework.children("S0")]
    )
    np.testing.assert_allclose(
        three.sum(axis=0), sum(c.weight for c in framework.children("S0"))
    )
    base = plan.base.framework
    own = np.array([base[child.code].weight for child in framework.children("S0")])
    # A mean of some 1,500 draws: within three standard errors.
    logs = np.log(three / three[0])
    errors = logs.std(axis=1) / np.sqrt(drawn.sum())
    assert (
        np.abs(logs.mean(axis=1) - np.log(own / own[0])) <= np.minimum(3 * errors, 0.05)
    ).all()
    with pytest.raises(RecipeError, match="no weights follow from judgements"):
        make_plan(framework, recipe, dataset, ["weights=judgements"])
    with pytest.raises(RecipeError, match="the error of judgements is -1"):
        make_plan(framework, judged, dataset, ["weights=judgements:-1"])


def test_errors_have_the_distribution_that_was_asked_for():
    framework, recipe, dataset = invented(gaps=0)
    plan = make_plan(framework, recipe, dataset, ["data=uniform:2,I0=normal:10%"])
    errors = draw_replicates(plan, range(4000)).errors
    places = {node.code: at for at, node in enumerate(framework.indicators)}
    normal = errors[places["I0"]]
    uniform = errors[places["I1"]]
    assert (normal.mean(), normal.std()) == pytest.approx((0, 1), abs=0.02)
    assert (uniform.mean(), uniform.std()) == pytest.approx((0, 1 / 3**0.5), abs=0.02)
    assert -1 <= uniform.min() < -0.99
    assert 0.99 < uniform.max() <= 1
    more = make_plan(framework, recipe, dataset, ["data=triangular:2,I0=lognormal:10%"])
    others = draw_replicates(more, range(4000)).errors
    triangular = others[places["I1"]]
    assert (triangular.mean(), triangular.std()) == pytest.approx(
        (0, 1 / 6**0.5), abs=0.02
    )
    assert stats.kstest(triangular.ravel(), stats.triang(0.5, -1, 2).cdf).pvalue > 0.01
    np.testing.assert_allclose(others[places["I0"]], normal)
    made = inputs_of_replicate(more, draw_replicates(more, [7]), 0)[2].values[
        :, dataset.column("I0")
    ]
    wider = np.where(dataset.basis[:, dataset.column("I0")] == "synthetic", 2.0, 1.0)
    growth = np.log(made / dataset.values[:, dataset.column("I0")])
    np.testing.assert_allclose(growth, 0.1 * wider * normal[:, 7])
    data = inputs_of_replicate(plan, draw_replicates(plan, [7]), 0)[2]
    change = data.values - dataset.values
    wide = dataset.basis == "synthetic"
    at = dataset.column("I1")
    own = draw_replicates(plan, [7]).errors[places["I1"], :, 0]
    np.testing.assert_allclose(
        change[:, at], own * np.where(wide[:, at], 4.0, 2.0), atol=1e-12
    )


def test_an_improbable_draw_is_no_infinite_error():
    uniforms = np.array([[0.0, 0.5, 0.975]])
    spread = Spread("normal", 0.1, relative=True, wider=1.0)
    (errors,) = standardised_errors(uniforms, ["I0"], lambda _: spread)
    assert errors == pytest.approx([stats.norm.ppf(2.0**-54), 0, stats.norm.ppf(0.975)])


def test_noise_on_weights_that_nothing_reads_is_refused():
    framework, recipe, dataset = invented(gaps=0)
    steps = [
        replace(step, params={**step.params, "weights": "leaves"})
        if step.do == "aggregate"
        else step
        for step in recipe.steps
    ]
    make_plan(framework, recipe, dataset, ["weights=noise:30%"])
    with pytest.raises(
        RecipeError, match="no node is aggregated with weights of the framework"
    ):
        make_plan(
            framework,
            replace(recipe, steps=tuple(steps)),
            dataset,
            ["weights=noise:30%"],
        )


def test_draws_do_not_depend_on_what_was_drawn_before():
    draws = Draws(9)
    numbers = np.arange(200)
    whole = draws.vectors(3, numbers, "standard_normal", (2, 3))
    assert Draws(9).vectors(
        3, numbers[130:133], "standard_normal", (2, 3)
    ).tolist() == (whole[130:133].tolist())
    mixed = np.array([70, 3, 71])
    assert (
        draws.uniforms(0, mixed).tolist() == draws.uniforms(0, numbers)[mixed].tolist()
    )
    first = draws.uniforms(0, numbers)
    second = draws.uniforms(1, numbers)
    assert (
        len({*first.tolist(), *second.tolist(), *Draws(8).uniforms(0, numbers)}) == 600
    )


BAD = [
    ("foo=1", "XC270", "unknown choice 'foo'"),
    ("normalise=zscor", "XC271", "unknown method 'zscor'"),
    ("data=normal:-5%", "XC271", "the spread is -5%"),
    ("data=gauss:5%", "XC271", "unknown distribution 'gauss'"),
    ("data=lognormal:5", "XC271", "the spread of lognormal is 5, not a percentage"),
    ("data=triangular:0", "XC271", "the spread is 0"),
    ("data=normal:5%:0.5", "XC271", "the factor is 0.5"),
    ("data=Q=normal:5%", "XC271", "'Q' is not an indicator"),
    ("data=normal:x", "XC271", "'x' is not a number"),
    ("omit=ZZ", "XC271", "'ZZ' is not a node"),
    ("omit=T", "XC272", "without T no indicator is left"),
    ("weights=noise:0", "XC271", "the noise is 0"),
    ("weights=noise:150%", "XC271", "the noise is 150%"),
    ("weights=dirichlet:0", "XC271", "the concentration is 0"),
    ("limit=3", "XC270", "unknown choice 'limit'"),
    ("weights", "XC271", "it has no options"),
    ("scale=x", "XC271", "scale is 'x'"),
    ("scale=100..50", "XC271", "'100..50' is not a range"),
    ("scale=50..x", "XC271", "'50..x' is not a range"),
    ("threshold=0..7", "XC271", "threshold is 7"),
]


@pytest.mark.parametrize(("vary", "code", "message"), BAD)
def test_a_choice_that_cannot_be_used_is_named(vary, code, message):
    with pytest.raises(RecipeError, match=message) as caught:
        make_plan(*invented(), [vary])
    assert [problem.code for problem in caught.value.problems] == [code]


def test_everything_wrong_is_named_at_once():
    framework, recipe, dataset = invented(n=3, gaps=0)
    dataset.values[:, 4] = 7.0
    with pytest.raises(RecipeError) as caught:
        make_plan(framework, recipe, dataset, ["foo=1", "data=normal:-5%"])
    assert [problem.code for problem in caught.value.problems] == [
        *("XC272", "XC350", "XC270", "XC271")
    ]
    with pytest.raises(UsageError, match="unknown node 'I0'"):
        make_plan(*invented(), node="I0")
    with pytest.raises(UsageError, match="the seed is -1"):
        make_plan(*invented(), seed=-1)
    with pytest.raises(UsageError, match="n is 0"):
        Index.of(inputs_of(*invented())).assess(n=0)


def replay(capsys, folder, found, number):
    folder.mkdir()
    for name, text in found.replicate_tables(number).items():
        (folder / name).write_text(text, encoding="utf-8")
    words = (
        "--framework",
        folder,
        "--data",
        folder,
        "--recipe",
        folder / "recipe.toml",
    )
    return run_json(capsys, "index", *map(str, words))[1]


@pytest.mark.slow
@pytest.mark.parametrize("count", [8, pytest.param(200, marks=pytest.mark.long)])
def test_a_replicate_written_out_is_computed_again_by_the_verb_index(
    capsys, tmp_path, count
):
    framework, recipe, dataset = invented(seed=4)
    found = Index.of(inputs_of(framework, recipe, dataset)).assess(
        n=count, seed=11, vary=EVERYTHING
    )
    scores = score_batch(found.plan, draw_replicates(found.plan, range(count)))[0]
    for number in range(count):
        document = replay(capsys, tmp_path / str(number), found, number)
        printed = [unit["scores"]["T"] for unit in document["units"]]
        again = np.array([np.nan if score is None else score for score in printed])
        np.testing.assert_allclose(scores[:, number], again, rtol=1e-10, atol=1e-10)


def test_the_document_has_the_keys_of_the_contract():
    found = Index.of(inputs_of(*invented(gaps=0))).assess(n=64, seed=2)
    document = found.as_dict()
    assert (document["replicates"], document["seed"]) == (64, 2)
    assert [choice["choice"] for choice in document["choices"]] == [
        "normalise",
        "weights",
        "omit",
    ]
    unit = document["units"][0]
    assert {"unit", "rank", "median", "low", "high", "top"} <= unit.keys()
    assert list(unit["top"]) == [1, 3, 5, 10]
    assert found.units.loc["u00", "median"] == unit["median"]
    assert found.above.loc["u00", "u00"] == 0
    assert document["convergence"][-1] == {
        "replicates": 64,
        "median": 0.0,
        "interval": 0.0,
    }
