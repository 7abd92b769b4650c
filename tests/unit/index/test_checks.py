"""What is refused before an index is computed, and what is computed and noted."""

import numpy as np
import pytest

from xlcity.errors import RecipeError
from xlcity.index.checks import note_methods, refuse_unusable, step_problems
from xlcity.index.result import ingredient_codes, is_relative, referred_codes
from xlcity.model.dataset import Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
from xlcity.model.reading.tables import parse_csv
from xlcity.model.recipe import Recipe, Step

TREE = Framework.read(
    "code,parent,direction\nT,,\nP,T,\nQ,T,\na,P,1\nb,P,1\nc,Q,1\nd,Q,1\n"
).with_ingredients(parse_csv("code,of\na.n,a\na.m,a\nb.n,b\n", "ingredients"))
MEAN = Step("aggregate", "arithmetic")


def method(*steps):
    return Recipe("r", (*steps, MEAN), weights="relative")


def refusals(*steps):
    """Return what a recipe is refused for."""
    with pytest.raises(RecipeError) as caught:
        refuse_unusable(TREE, method(*steps))
    return [(problem.code, problem.message) for problem in caught.value.problems]


def notes(*steps, **scores):
    """Return the notes on a recipe, given scores of the indicators: node -> message."""
    none = np.array([np.nan, np.nan])
    by_code = {code: np.array(scores.get(code, none), dtype=float) for code in "abcd"}
    return {
        n.where.indicator: n.message
        for n in note_methods(TREE, method(*steps), (), by_code)
    }


def ratio(code, denominator):
    return Step(
        "construct", "ratio", {"numerator": "n", "denominator": denominator}, (code,)
    )


def test_a_step_is_named_by_its_number():
    treated = Step("treat", "none")
    assert refusals(treated, Step("normalise", "zscore", {"pool": "north"})) == [
        ("XC253", "step 2 (normalise) has an unknown pool 'north'.")
    ]
    assert refusals(Step("normalise", "none"), treated) == [
        ("XC260", "step 2 (treat) must come before the step normalise.")
    ]
    faults = refusals(
        Step("construct", "mean"), ratio("T", "m"), Step("normalise", "none")
    )
    assert faults == [
        ("XC261", "step 1 (construct) names no indicator."),
        ("XC261", "step 2 (ratio) cannot construct T: it is not an indicator."),
    ]


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([("a", "@a")], ["a: it is made from a, which is made from it"]),
        (
            [("a", "@b"), ("b", "@c"), ("c", "@a")],
            [
                "a: it is made from b, which is made from it",
                "b: it is made from c, which is made from it",
                "c: unknown ingredient c.n",
                "c: it is made from a, which is made from it",
            ],
        ),
        # d is outside of the circle that it is made from.
        (
            [("d", "@a"), ("a", "@b"), ("b", "@a")],
            [
                "d: unknown ingredient d.n",
                "a: it is made from b, which is made from it",
                "b: it is made from a, which is made from it",
            ],
        ),
        ([("a", "@P")], ["a: @P is not an indicator"]),
        ([("a", "@x")], ["a: @x is not an indicator"]),
        # An ingredient of another indicator is read as it is.
        ([("a", "@b.n"), ("b", "@c")], []),
    ],
)
def test_nothing_is_made_from_itself_however_long_the_way(steps, says):
    constructed = [ratio(*step) for step in steps]
    if not says:
        refuse_unusable(TREE, method(*constructed, Step("normalise", "none")))
        return
    told = [text for _, text in refusals(*constructed, Step("normalise", "none"))]
    assert [text.partition("construct ")[2].removesuffix(".") for text in told] == says


def test_what_a_construction_reads():
    step = ratio("a", "@b.n")
    assert ingredient_codes("a", TREE, step) == ("a.n", "b.n")
    assert referred_codes(step, TREE) == ()
    assert referred_codes(ratio("a", "@c"), TREE) == ("c",)
    assert ingredient_codes("a", TREE, Step("construct", "mean", {}, ("a",))) == (
        "a.n",
        "a.m",
    )


@pytest.mark.parametrize(
    ("name", "relative"), [("zscore_index", True), ("mean", False)]
)
def test_only_places_among_the_cities_of_an_edition_are_relative(name, relative):
    recipe = method(Step("construct", name, {}, ("a",)))
    assert is_relative("a", recipe) == relative
    assert not is_relative("b", recipe)


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (Step("normalise", "zscore", {"sd": 0.0}), "sd is 0"),
        (Step("normalise", "zscore", {"sd": -1.0}), "sd is -1"),
        (Step("normalise", "zscore", {"sd": 1e-9}), None),
        (Step("impute_raw", "regression", {"predictor": "b"}), None),
        (
            Step("impute_raw", "regression", {"predictor": "P"}),
            "the predictor 'P' is not an indicator",
        ),
        (
            Step("impute_raw", "regression", {"predictor": "x"}),
            "the predictor 'x' is not an indicator",
        ),
        (
            Step("weight", "equal", {}, ("a", "P")),
            "a is an indicator and weighs nothing",
        ),
    ],
)
def test_parameters_that_a_step_cannot_use(step, says):
    data = empty_dataset((Unit("u"),), tuple("abcd"))
    recipe = method(Step("normalise", "minmax", {}, ("d",)), step)
    found = [problem.message for problem in step_problems(TREE, recipe, data)]
    assert found == ([f"step 2 ({step.do} {step.method}): {says}."] if says else [])


# -- notes -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("step", "noted"),
    [
        # Per cent that were given as a share, up to 1 itself; 0 is a limit like others.
        (Step("treat", "percentile", {"low": 0.0, "high": 95.0}), None),
        (
            Step("treat", "percentile", {"low": 0.05, "high": 95.0}),
            "low is 0.05 out of 100, not 5.",
        ),
        (
            Step("treat", "percentile", {"low": 1.0, "high": 95.0}),
            "low is 1 out of 100, not 100.",
        ),
        (Step("treat", "percentile", {"low": 1.5, "high": 95.0}), None),
        # Shares that were given as per cent.
        (Step("aggregate", "arithmetic", {"threshold": 1.0}), None),
        (
            Step("aggregate", "arithmetic", {"threshold": 1.5}),
            "threshold is 1.5, a share that nothing reaches.",
        ),
    ],
)
def test_shares_and_per_cent_are_told_apart(step, noted):
    recipe = method(Step("normalise", "minmax"), step)
    found = [note.message for note in note_methods(TREE, recipe, (), {})]
    assert found == ([f"{step.do} {step.method}: {noted}"] if noted else [])


def of(codes, name, **params):
    return Step("normalise", name, params, tuple(codes))


@pytest.mark.parametrize(
    ("steps", "scores", "says"),
    [
        # From 70 to 130 are 60 points: ten times as wide as 6.
        (
            [
                of("a", "minmax", base=70.0, scale=130.0),
                of("b", "percentile", scale=6.0),
            ],
            {},
            "",
        ),
        (
            [
                of("a", "minmax", base=70.0, scale=130.0),
                of("b", "percentile", scale=5.9),
            ],
            {},
            "b of P: percentile gives scores over 5.9, while those of a (minmax) run over 60.",
        ),
        (
            [of("a", "minmax"), of("b", "zscore")],
            {"b": [-1, 2]},
            "b of P: zscore gives scores over 3, while those of a (minmax) run over 100.",
        ),
        # What has no scores has no scale, nor has what is taken as it is.
        ([of("a", "minmax"), of("b", "zscore")], {}, ""),
        ([of("a", "minmax"), of("b", "zscore")], {"b": [1, np.inf]}, ""),
        ([of("a", "minmax"), of("b", "none")], {"b": [1, 2]}, ""),
    ],
)
def test_siblings_on_scales_more_than_ten_times_as_wide(steps, scores, says):
    found = notes(*steps, of("cd", "none"), **scores)
    assert found == (
        {"P": f"{says} The mean is hardly moved by the smaller ones."} if says else {}
    )
    geometric = Step("aggregate", "geometric", {}, ("P",))
    assert notes(*steps, of("cd", "none"), geometric, **scores) == {}


@pytest.mark.parametrize(
    ("count", "listed"),
    [(6, "a1, a2, a3, a4, a5, a6 more"), (7, "a1, a2, a3, a4, a5, a6, … more")],
)
def test_six_indicators_are_named_and_an_ellipsis_stands_for_more(count, listed):
    rows = "".join(f"a{number},T\n" for number in range(1, count + 1))
    framework = Framework.read(f"code,parent\nT,\n{rows}")
    (note,) = note_methods(framework, method(Step("normalise", "none")), (), {})
    assert f"for {count} of {count} indicators: of {listed}" in note.message
