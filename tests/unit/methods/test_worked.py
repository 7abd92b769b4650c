"""Every method on three or four numbers, worked by hand; NA stands for a confirmed gap."""

from dataclasses import replace
from math import exp, log, nan, sqrt

import numpy as np
import pytest

from xlcity.errors import CellError, XlcityError
from xlcity.index import compute
from xlcity.index.steps import span_of
from xlcity.methods.normalise.record import Extent, Indicator, Normalisation
from xlcity.methods.registry import STEPS, find_method
from xlcity.model.dataset import Dataset, Item, Link, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
from xlcity.model.reading.tables import parse_csv
from xlcity.model.recipe import Recipe, Step

NA = None


def dataset(rows, codes):
    units = tuple(Unit(f"u{number}") for number in range(len(rows)))
    values = np.array(
        [[nan if x is NA else x for x in row] for row in rows], dtype=float
    )
    states = np.where(np.isnan(values), State.MISSING, State.VALUE).astype(np.uint8)
    return Dataset(units, codes, values, states, empty_dataset(units, codes).basis)


def normalised(values, method, direction=1, **params):
    framework = Framework.read(f"code,parent,direction\nT,,\na,T,{direction}\n")
    steps = (
        Step("normalise", method, params),
        Step("aggregate", "arithmetic", {"missing": "na"}),
    )
    result = compute(
        framework, Recipe("r", steps), dataset([[x] for x in values], ("a",))
    )
    return result.normalised[:, 0].tolist()


def scores(rows, *steps, weights=(1, 1)):
    """Return the total of a tree of two indicators that are taken as they are."""
    lines = [f"{code},T,{weight}" for code, weight in zip("abc", weights, strict=False)]
    framework = Framework.read("\n".join(["code,parent,weight", "T,,", *lines]))
    names = {step.do for step in steps}
    usual = (
        Step("normalise", "none"),
        Step("aggregate", "arithmetic", {"missing": "na"}),
    )
    every = [*(step for step in usual if step.do not in names), *steps]
    in_order = tuple(sorted(every, key=lambda step: STEPS.index(step.do)))
    recipe = Recipe("r", in_order, weights="relative")
    codes = tuple("abc"[: len(weights)])
    return compute(framework, recipe, dataset(rows, codes)).scores[:, 0].tolist()


def same(values, expected):
    return np.allclose(
        values, [nan if x is NA else x for x in expected], 1e-12, equal_nan=True
    )


SD = sqrt(14 / 9)  # of 1, 2, 4 with n; their mean is 7/3


@pytest.mark.parametrize(
    ("method", "direction", "params", "expected"),
    [
        ("none", 1, {}, [1, 2, 4, NA]),
        ("none", -1, {}, [-1, -2, -4, NA]),
        ("minmax", 1, {}, [0, 100 / 3, 100, NA]),
        ("minmax", -1, {}, [100, 200 / 3, 0, NA]),
        ("minmax", 1, {"base": 1.0, "scale": 10.0}, [1, 4, 10, NA]),
        ("zscore", 1, {}, [(1 - 7 / 3) / SD, (2 - 7 / 3) / SD, (4 - 7 / 3) / SD, NA]),
        ("zscore", -1, {}, [(7 / 3 - 1) / SD, (7 / 3 - 2) / SD, (7 / 3 - 4) / SD, NA]),
        (
            "zscore",
            1,
            {"ddof": 1, "mean": 10.0, "sd": 2.0},
            [10 + 2 * (x - 7 / 3) / (SD * sqrt(3 / 2)) for x in (1, 2, 4)] + [NA],
        ),
        ("zscore", 1, {"clip": 1.0}, [-1, (2 - 7 / 3) / SD, 1, NA]),
        ("efficacy", 1, {}, [60, 60 + 40 / 3, 100, NA]),
        ("efficacy", -1, {}, [100, 60 + 80 / 3, 60, NA]),
        ("efficacy", 1, {"omega": 30.0, "low": 0.0, "high": 4.0}, [77.5, 85, 100, NA]),
        ("efficacy", -1, {"low": 0.0}, [90, 80, 60, NA]),
        ("efficacy", -1, {"high": 5.0}, [100, 90, 70, NA]),
        ("efficacy", -1, {"low": 4.0, "high": 1.0}, [100, 60 + 80 / 3, 60, NA]),
        ("goalposts", 1, {"low": 0.0, "high": 5.0}, [20, 40, 80, NA]),
        ("goalposts", -1, {"low": 0.0, "high": 5.0}, [80, 60, 20, NA]),
        ("goalposts", 1, {"low": 2.0, "high": 3.0}, [0, 0, 100, NA]),
        ("rank", 1, {}, [100 / 3, 200 / 3, 100, NA]),
        ("rank", -1, {}, [100, 200 / 3, 100 / 3, NA]),
        ("percentile", 1, {}, [0, 0.5, 1, NA]),
        ("borda", 1, {}, [0, 1, 2, NA]),
        ("borda", -1, {}, [2, 1, 0, NA]),
        ("above_mean", 1, {"threshold": 0.2}, [-1, 0, 1, NA]),
        ("above_mean", -1, {"threshold": 0.2}, [1, 0, -1, NA]),
        ("bands", 1, {"cuts": (1.5, 3.0)}, [0, 50, 100, NA]),
        ("dist2max", 1, {}, [1 - 3 / 3, 1 - 2 / 3, 1, NA]),
        ("dist2target", 1, {"target": 3.0}, [1 - 2 / 2, 1 - 1 / 2, 1.5, NA]),
        ("dist2target", 1, {"target": 3.0, "cap": "yes"}, [0, 0.5, 1, NA]),
        ("fracmax", 1, {}, [0.25, 0.5, 1, NA]),
        ("percentile", 1, {"base": 10.0, "scale": 100.0}, [10, 55, 100, NA]),
        ("percentile", -1, {"base": 1.0, "scale": 5.0}, [5, 3, 1, NA]),
        ("fracsum", 1, {}, [1 / 7, 2 / 7, 4 / 7, NA]),
        ("fracsum", -1, {"scale": 100.0}, [-100 / 7, -200 / 7, -400 / 7, NA]),
        ("rating", 1, {"max": 4.0}, [25, 50, 100, NA]),
    ],
)
def test_normalisations(method, direction, params, expected):
    assert same(normalised([1, 2, 4, NA], method, direction, **params), expected)


def aggregate(method, **params):
    return Step("aggregate", method, {"missing": "na", **params})


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (aggregate("arithmetic"), [(2 + 3 * 8) / 4, NA]),
        (aggregate("arithmetic", missing="renormalise"), [6.5, 3]),
        (aggregate("arithmetic", missing="zero"), [6.5, 3 / 4]),
        (aggregate("arithmetic", missing="renormalise", threshold=0.6), [6.5, NA]),
        (aggregate("sum"), [2 + 3 * 8, NA]),
        (aggregate("sum", missing="zero"), [26, 3]),
        (aggregate("geometric"), [exp((log(2) + 3 * log(8)) / 4), NA]),
        (aggregate("harmonic"), [4 / (1 / 2 + 3 / 8), NA]),
        (aggregate("power", power=2.0), [sqrt((4 + 3 * 64) / 4), NA]),
        (aggregate("minimum", missing="renormalise"), [2, 3]),
        (aggregate("none"), [NA, NA]),
    ],
)
def test_aggregations(step, expected):
    assert same(scores([[2, 8], [3, NA]], step, weights=(1, 3)), expected)


def test_a_sum_is_0_where_points_cancel_but_for_rounding_and_is_whole_else():
    rows = [[0.1 + 0.2, -0.1], [1, 1], [1e9, 1e-9], [0, 0]]
    assert scores(rows, aggregate("sum"), weights=(1, 3)) == [0, 4, 1e9 + 3e-9, 0]


def test_the_mean_less_its_unevenness():
    # Mazziotta and Pareto: mean less sd times coefficient of variation, sd with n.
    step = aggregate("mpi")
    mean = 5
    sd = 3
    assert same(scores([[2, 8]], step), [mean - sd * sd / mean])
    plus = aggregate("mpi", penalty="plus")
    assert same(scores([[2, 8]], plus), [mean + sd * sd / mean])


def test_every_city_against_every_other():
    # Copeland: weights of wins less those of losses, over all other cities.
    assert same(
        scores([[3, 1], [2, 2], [1, 3]], aggregate("copeland"), weights=(3, 1)),
        [2, 0, -2],
    )


def test_the_best_weights_for_each_city():
    assert same(scores([[4, 1], [2, 2], [1, 2]], aggregate("bod")), [1, 1, 1])


@pytest.mark.parametrize(
    ("step", "first"),
    [
        (Step("weight", "given"), 1 / 4),
        (Step("weight", "equal"), 1 / 2),
        # Sample deviations over means: of 1, 2, 3 it is 1/2, of 1, 3, 8 sqrt(13)/4.
        (Step("weight", "cv"), (1 / 2) / (1 / 2 + sqrt(13) / 4)),
        (Step("weight", "ahp", {"judgements": (3.0,)}), 3 / 4),
    ],
)
def test_weights(step, first):
    rows = [[1, 1], [2, 3], [3, 8]]
    expected = [first * a + (1 - first) * b for a, b in rows]
    assert same(scores(rows, step, weights=(1, 3)), expected)


def test_judgements_must_be_one_for_each_pair():
    three = Step("weight", "ahp", {"judgements": (3.0, 5.0, 2.0)})
    assert len(scores([[1, 2, 3], [3, 2, 1]], three, weights=(1, 1, 1))) == 2
    for judgements in ((3.0,), (3.0, 5.0), (3.0, 5.0, 2.0, 1.0)):
        short = Step("weight", "ahp", {"judgements": judgements})
        with pytest.raises(
            XlcityError, match=f"{len(judgements)} judgements for 3 pairs"
        ):
            scores([[1, 2, 3], [3, 2, 1]], short, weights=(1, 1, 1))


@pytest.mark.parametrize(
    ("step", "last"),
    [
        (Step("impute_raw", "none"), NA),
        (Step("impute_raw", "mean"), 7 / 3),
        (Step("impute_raw", "median"), 2),
    ],
)
def test_gaps_of_an_indicator(step, last):
    assert same(scores([[1], [2], [4], [NA]], step, weights=(1,)), [1, 2, 4, last])


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Step("treat", "none"), [1, 2, 3, 100]),
        (Step("treat", "log", {"log": "ln"}), [0, log(2), log(3), log(100)]),
        (Step("treat", "percentile", {"low": 0.0, "high": 50.0}), [1, 2, 2.5, 2.5]),
        (
            Step("treat", "clip", {"limit": 1.0}),
            [1, 2, 3, 26.5 + sqrt((25.5**2 + 24.5**2 + 23.5**2 + 73.5**2) / 4)],
        ),
    ],
)
def test_treatments(step, expected):
    assert same(scores([[1], [2], [3], [100]], step, weights=(1,)), expected)


@pytest.mark.parametrize(
    ("method", "params", "expected"),
    [
        ("linear", {"factor": 2.0, "shift": 1.0}, [3, 5, 9]),
        ("minmax", {}, [0, 100 / 3, 100]),
        ("minmax", {"base": 1.0, "scale": 10.0}, [1, 4, 10]),
        ("efficacy", {}, [60, 60 + 40 / 3, 100]),
        ("zscore", {}, [(x - 7 / 3) / SD for x in (1, 2, 4)]),
    ],
)
def test_scales_of_scores(method, params, expected):
    rows = [[1, 1], [2, 2], [4, 4]]
    assert same(scores(rows, Step("rescale", method, params)), expected)


@pytest.mark.parametrize("method", ["linear", "minmax", "efficacy", "zscore"])
def test_a_node_without_a_score_keeps_its_error(method):
    step = Step("rescale", method)
    states = np.array([[State.VALUE], [State.VALUE], [State.MISSING]])
    scored = step.record.kernel(
        np.array([[1.0], [4.0], [nan]]), states, step.settings()
    )
    assert [scored.error(row, 0) for row in range(3)] == [None, None, CellError.NA]


def constructed(method, params, rows, items=()):
    """Return what a method makes of x and y, or of a list."""
    parts = parse_csv("code,of\na.x,a\na.y,a\n" if rows else "code,of\n", "ingredients")
    framework = Framework.read("code,parent\nT,\na,T\n").with_ingredients(parts)
    steps = (
        Step("construct", method, params, ("a",)),
        Step("normalise", "none"),
        Step("aggregate", "arithmetic", {"missing": "na"}),
    )
    read = dataset(rows or [[], []], ("a.x", "a.y") if rows else ())
    data = replace(read, items={"a": items} if items else {})
    return compute(framework, Recipe("r", steps), data).column("a").tolist()


@pytest.mark.parametrize(
    ("method", "params", "rows", "expected"),
    [
        ("mean", {"missing": "na"}, [[1, 3], [2, NA], [4, 8]], [2, NA, 6]),
        ("mean", {"missing": "renormalise"}, [[1, 3], [2, NA], [4, 8]], [2, 2, 6]),
        (
            "ratio",
            {"numerator": "x", "denominator": "y"},
            [[1, 4], [2, NA], [3, 2]],
            [1 / 4, NA, 3 / 2],
        ),
        # With n: 1, 3 and 8, 2 are one deviation from their means.
        ("zscore_index", {}, [[1, 8], [3, 2]], [0, 0]),
    ],
)
def test_constructions(method, params, rows, expected):
    assert same(constructed(method, params, rows), expected)


@pytest.mark.parametrize(
    ("method", "params", "expected"),
    [
        ("link_strength", {}, [2, 5, 3]),
        ("link_strength", {"count": "presence"}, [1, 2, 1]),
        ("eigen_centrality", {"weighted": "no"}, [1 / 2, sqrt(1 / 2), 1 / 2]),
        # The eigenvalue is sqrt(4 + 9), the vector 2, sqrt(13), 3.
        ("eigen_centrality", {}, [2 / sqrt(26), sqrt(13 / 26), 3 / sqrt(26)]),
        ("degree_centrality", {}, [1 / 2, 1, 1 / 2]),
        ("degree_centrality", {"share": "no"}, [1, 2, 1]),
    ],
)
def test_networks(method, params, expected):
    # u1 is tied with both others.
    framework = Framework.read("code,parent\nT,\na,T\n")
    steps = (
        Step("construct", method, params, ("a",)),
        Step("normalise", "none"),
        Step("aggregate", "arithmetic", {"missing": "na"}),
    )
    links = Link("u0", "u1", 2), Link("u1", "u2", 3)
    data = replace(dataset([[], [], []], ()), links={"a": links})
    assert same(
        compute(framework, Recipe("r", steps), data).column("a").tolist(), expected
    )


def test_the_first_two_ranking_lists_count_unless_others_are_named():
    ranks = {"the": "9", "arwu": "11", "qs": "500"}
    items = Item("u0", "A", ranks), Item("u1", "B", {"the": "180"})
    first_two = constructed("bands", {}, [], items)
    assert first_two == constructed("bands", {"lists": ("the", "arwu")}, [], items)
    assert first_two != constructed("bands", {"lists": ("arwu", "qs")}, [], items)


def test_goalposts_are_doubted_where_they_are_beyond_the_values_not_where_they_meet_them():
    def hints(values):
        framework = Framework.read("code,parent,direction\nT,,\na,T,1\n")
        step = Step("normalise", "goalposts", {"low": 0.0, "high": 10.0})
        recipe = Recipe("r", (step, Step("aggregate", "arithmetic", {"missing": "na"})))
        notes = compute(framework, recipe, dataset([[x] for x in values], ("a",))).notes
        return [note.message for note in notes if "goalposts" in note.message]

    assert not hints([0, 0, 10, 5])
    assert len(hints([-1, 0, 10, 5])) == len(hints([0, 0, 11, 5])) == 1
    assert not hints([-1, 4, 5, 6])  # one of four


def test_levels_have_one_colour_each_that_is_one():
    words = {"words_zh": ("低", "中", "高"), "words_en": ("low", "middle", "high")}

    def problems(**params):
        steps = (
            Step("normalise", "minmax"),
            Step("aggregate", "arithmetic", {"missing": "na"}),
            Step("rate", "cuts", {"cuts": (30.0, 60.0), **words, **params}),
        )
        recipe = Recipe("r", steps)
        framework = Framework.read("code,parent,direction\nT,,\na,T,1\n")
        try:
            compute(framework, recipe, dataset([[1], [2]], ("a",)))
        except XlcityError as error:
            return [problem.message for problem in error.problems]
        return []

    assert not problems(colours=("#AA0000", "#00aa00", "#0000AA"))
    assert "'red' is not a colour" in problems(colours=("#AA0000", "red", "#0000AA"))[0]

    assert problems(words_en=("low", "high")) == [
        "step 3 (rate cuts): 2 numbers of cuts need 3 words_en.",
        "step 3 (rate cuts): 2 numbers of cuts need 3 colours.",
    ]


def advice(method, params, extent, scored):
    """Return the notes on an indicator with these numbers and scores."""
    step = Step("normalise", method, params)
    noted = find_method(Normalisation, method).advice
    notes = noted(Extent("a", *extent), np.array(scored), step.settings())
    return [note.message for note in notes]


@pytest.mark.parametrize(
    ("target", "scored", "noted"),
    [
        (
            2.0,
            [0, 1, 1.5],
            "1 city beyond the target 2 of a score more than those on it: up to 1.5,"
            " not 1.",
        ),
        (2.0, [0, 1, 1], None),
        # Where the target is an end of the values, those beyond it are of another group.
        (1.0, [0, 1, 1.5], None),
        (3.0, [0, 1, 1.5], None),
    ],
)
def test_a_target_inside_the_values_is_noted_where_cities_pass_it(
    target, scored, noted
):
    found = advice("dist2target", {"target": target}, (3, 1.0, 3.0), scored)
    assert found == ([noted] if noted else [])


@pytest.mark.parametrize(
    ("params", "extent", "scored", "is_noted"),
    [
        ({"low": 0.0, "high": 10.0}, (4, -1.0, 9.0), [0, 0, 100, 50], True),
        ({"low": 0.0, "high": 10.0}, (4, 1.0, 11.0), [0, 0, 100, 50], True),
        ({"low": 0.0, "high": 10.0}, (4, 0.0, 10.0), [0, 0, 100, 100], False),
        # Half of the cities are not more than half.
        ({"low": 0.0, "high": 10.0}, (4, -1.0, 9.0), [0, 100, 20, 50], False),
        (
            {"low": 0.0, "high": 10.0, "base": 1.0, "scale": 7.0},
            (2, -1.0, 9.0),
            [1, 7],
            True,
        ),
        # Rules follow the values; one goalpost alone says nothing of a unit of measure.
        ({"low": "p5", "high": 10.0}, (4, -1.0, 99.0), [0, 0, 100, 50], False),
        ({"low": 0.0, "high": "p95"}, (4, -1.0, 99.0), [0, 0, 100, 50], False),
        ({"low": 0.0}, (4, -1.0, 99.0), [0, 0, 100, 50], False),
        ({"high": 10.0}, (4, -1.0, 99.0), [0, 0, 100, 50], False),
    ],
)
def test_goalposts_that_most_cities_are_beyond(params, extent, scored, is_noted):
    assert bool(advice("goalposts", params, extent, scored)) == is_noted


@pytest.mark.parametrize(("greatest", "is_noted"), [(5.0, False), (5.5, True)])
def test_ratings_beyond_the_best_one(greatest, is_noted):
    assert bool(advice("rating", {}, (3, 1.0, greatest), [20, 100])) == is_noted


def by_pool(direction, **params):
    """Return z-scores of 1, 2, 9 and a gap, measured by the mean and deviation of 2, 4, 6."""
    values = np.array([1.0, 2.0, 9.0, nan])
    states = np.array([0, 0, 0, 2], dtype=np.uint8)
    pool = np.array([2.0, 4.0, 6.0]), np.zeros(3, dtype=np.uint8)
    column = Indicator(values, states, direction, span_of(values, states), pool)
    settings = Step("normalise", "zscore", {"ddof": 1} | params).settings()
    done = find_method(Normalisation, "zscore").kernel(column, settings)
    return done.block.values[:, 0].tolist(), done.marks


def test_z_scores_by_the_cities_of_another_group():
    # The mean is 4, the deviation 2 with n - 1.
    values, marks = by_pool(1.0)
    assert same(values, [-1.5, -1, 2.5, NA])
    assert marks == ()
    assert same(by_pool(-1.0)[0], [1.5, 1, -2.5, NA])
    values, marks = by_pool(1.0, clip=1.5)
    assert same(values, [-1.5, -1, 1.5, NA])
    assert marks == ((2, "clipped"),)
    assert same(by_pool(1.0, ddof=0, mean=50.0, sd=sqrt(8 / 3))[0], [47, 48, 55, NA])


def test_z_scores_that_are_clipped_and_standardised_again():
    clipped = np.array([-1, (2 - 7 / 3) / SD, 1])
    twice = (clipped - clipped.mean()) / clipped.std()
    assert same(
        normalised([1, 2, 4, NA], "zscore", clip=1.0, again="yes"), [*twice, NA]
    )


def test_gaps_filled_from_other_editions():
    values = np.array([[1.0, nan, 4.0, nan]])
    states = np.where(np.isnan(values), State.MISSING, State.VALUE).astype(np.uint8)
    for method, params, expected in (
        ("latest", {}, [1, 1, 4, 4]),
        ("linear", {}, [1, 3, 4, 4]),
        ("latest", {"most": 0.5}, [1, NA, 4, NA]),
        ("interpolate", {}, [1, 3, 4, NA]),
    ):
        step = Step("impute_raw", method, params)
        times = 2018.0, 2020.0, 2021.0, 2022.0
        filled = step.record.series(values, states, times, step.settings())
        assert same(filled.values[0], expected)
