"""Methods in words: what each stands for, exceptions, levels, and everything wrong at once."""

from dataclasses import replace
from pathlib import Path

import pytest

from xlcity.errors import RecipeError
from xlcity.index.method_options import (
    default_recipe,
    node_level,
    spell_words,
    with_method_words,
)
from xlcity.methods.registry import OPTIONS, STEPS, words_of_option
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step

FRAMEWORK = Framework.read("code,parent\nT,\nP,T\nQ,T\na,P\nb,P\nc,Q\n")


def steps(recipe, do):
    return [(s.method, dict(s.params), s.codes) for s in recipe.steps if s.do == do]


def made(**options):
    return with_method_words(default_recipe(), FRAMEWORK, options)


@pytest.mark.parametrize("option", OPTIONS)
def test_every_word_is_a_method_with_known_parameters(option):
    assert words_of_option(option)
    for word, method in words_of_option(option).values():
        assert set(word.parts) <= set(method.names)
        for name, value in word.fixed.items():
            assert method.problem(name, value) == ""


def test_a_word_takes_the_place_of_the_recipes_step_and_leaves_the_rest():
    recipe = made(normalise=["minmax:1:100"])
    assert steps(recipe, "normalise") == [("minmax", {"base": 1.0, "scale": 100.0}, ())]
    assert steps(recipe, "aggregate") == steps(default_recipe(), "aggregate")


def test_exceptions_stand_beside_the_open_step():
    recipe = made(normalise=["zscore:10:2,a=rank", "b=none"])
    assert recipe.step_for("normalise", "a").method == "rank"
    assert recipe.step_for("normalise", "b").method == "none"
    assert recipe.step_for("normalise", "c").params == {"mean": 10.0, "sd": 2.0}


def test_an_exception_replaces_one_code_of_a_step_that_names_several():
    own = Recipe(
        "own",
        (
            Step("normalise", "rank", {}, ("a", "b")),
            Step("normalise", "none", {}, ("c",)),
            Step("aggregate", "arithmetic", {"missing": "na"}),
        ),
    )
    recipe = with_method_words(own, FRAMEWORK, {"normalise": ["a=minmax", "c=minmax"]})
    assert [s.codes for s in recipe.steps if s.do == "normalise"] == [
        ("b",),
        ("a",),
        ("c",),
    ]


def test_a_method_for_all_takes_the_place_of_exceptions_too():
    own = Recipe(
        "own", (Step("normalise", "rank", {}, ("a",)), Step("normalise", "none", {}))
    )
    recipe = with_method_words(own, FRAMEWORK, {"normalise": ["minmax,b=rank"]})
    assert [(s.method, s.codes) for s in recipe.steps] == [
        ("minmax", ()),
        ("rank", ("b",)),
    ]


def test_levels_count_from_the_indicators():
    assert [node_level(FRAMEWORK, code) for code in ("a", "P", "T")] == [1, 2, 3]
    recipe = made(aggregate=["geometric,level3=arithmetic"])
    assert recipe.step_for("aggregate", "T").method == "arithmetic"
    assert recipe.step_for("aggregate", "Q").method == "geometric"


def test_what_a_mean_does_with_gaps_stays():
    recipe = made(aggregate=["geometric"])
    assert recipe.step_for("aggregate", "T").params == {"missing": "renormalise"}


def test_denominators():
    recipe = made(denominate=["given", "a=c:1000"])
    assert steps(recipe, "denominate") == [
        ("by", {}, ()),
        ("by", {"denominator": "c", "scale": 1000.0}, ("a",)),
    ]


def test_steps_stand_in_the_order_of_the_work():
    options = {
        "aggregate": ["copeland"],
        "weights": ["critic"],
        "impute": ["mean,a=dimension"],
        "treat": ["winsor"],
        "denominate": ["given"],
    }
    places = [STEPS.index(step.do) for step in made(**options).steps]
    assert places == sorted(places)


def test_everything_wrong_is_told_at_once():
    with pytest.raises(RecipeError) as caught:
        made(
            normalise=["nonsense", "z=rank", "minmax:a", "rank:1"],
            aggregate=["power"],
            treat=["level9=log"],
        )
    codes = [problem.code for problem in caught.value.problems]
    assert codes == ["XC255", "XC252", "XC255", "XC253", "XC253"]


@pytest.mark.parametrize("code", ["levels", "level", "2", "level9", "t"])
def test_what_is_neither_a_code_nor_a_level_is_no_node(code):
    with pytest.raises(RecipeError) as caught:
        made(aggregate=[f"{code}=geometric"])
    (problem,) = caught.value.problems
    assert (problem.code, f"{code!r} is not a node" in problem.message) == (
        "XC255",
        True,
    )
    assert "level2 for all nodes of that level" in problem.hint


def test_a_rule_is_offered_only_where_there_may_be_one():
    hints = {}
    for word in ("goalposts:few:5", "minmax:few"):
        with pytest.raises(RecipeError, match="'few', which is not a number") as caught:
            made(normalise=[word])
        hints[word.partition(":")[0]] = caught.value.problems[0].hint
    assert hints["minmax"] == "Write a number behind the colon."
    assert "p5" in hints["goalposts"]


OWN = Path(__file__).parents[3] / "docs" / "how-to" / "data" / "own_methods.py"


def test_a_method_of_one_s_own_is_a_word_of_its_option(monkeypatch):
    monkeypatch.setenv("XLCITY_FUNCTIONS", str(OWN))
    framework = Framework.read("code,parent\nT,\na,T\nb,T\n")
    own = {
        "normalise": "robust_z",
        "treat": "tukey_fence",
        "aggregate": "spread_penalty",
    }
    for option, name in own.items():
        recipe = with_method_words(default_recipe(), framework, {option: [name]})
        assert name in {step.method for step in recipe.steps}


def test_words_are_spelled_with_their_parts():
    assert spell_words("screen") == "availability[:DATA:NONZERO], none"
    # "by" is not typed: CODE=DENOMINATOR.
    assert spell_words("denominate") == "given, none"


@pytest.mark.parametrize(
    ("aggregates", "missing"),
    [
        ([], "renormalise"),
        ([("arithmetic", {"missing": "na"})], "na"),
        ([("arithmetic", {}), ("geometric", {"missing": "refuse"})], "refuse"),
        # A sum and a method without the rule have rules of their own.
        ([("sum", {"missing": "zero"})], "renormalise"),
        ([("topsis", {"missing": "na"})], "renormalise"),
        ([("sum", {"missing": "zero"}), ("arithmetic", {"missing": "na"})], "na"),
    ],
)
def test_a_new_mean_does_with_gaps_what_another_mean_does(aggregates, missing):
    steps = [Step("aggregate", name, params, ("P",)) for name, params in aggregates]
    own = Recipe("own", (Step("normalise", "none"), *steps))
    for word in ("harmonic", "minimum"):
        recipe = with_method_words(own, FRAMEWORK, {"aggregate": [f"T={word}"]})
        rules = recipe.step_for("aggregate", "T").record.parameter("missing").kind
        expected = {"missing": missing} if missing in rules else {}
        assert recipe.step_for("aggregate", "T").params == expected
    summed = with_method_words(own, FRAMEWORK, {"aggregate": ["T=sum,Q=none"]})
    assert summed.step_for("aggregate", "T").params == {"missing": "na"}
    assert summed.step_for("aggregate", "Q").params == {}


WEIGHTED = Framework.read(
    "code,parent,weight,weight_even,weight_equal\nT,,,,\na,T,2,1,1\nb,T,1,1,2\n"
)


def test_a_set_of_weights_is_a_word_of_the_weights_unless_a_method_has_its_name():
    for typed in ("even", "named:even"):
        recipe = with_method_words(default_recipe(), WEIGHTED, {"weights": [typed]})
        assert steps(recipe, "weight") == [("named", {"set": "even"}, ())]
    recipe = with_method_words(default_recipe(), WEIGHTED, {"weights": ["equal"]})
    assert steps(recipe, "weight") == [("equal", {}, ())]
    with pytest.raises(RecipeError, match="normalise even: unknown method 'even'"):
        with_method_words(default_recipe(), WEIGHTED, {"normalise": ["even"]})


@pytest.mark.parametrize(
    ("option", "typed", "hint"),
    [
        ("weights", "evn", "Did you mean even?"),
        (
            "weights",
            "x",
            "Known: balance, critic, cv, entropy, equal, given, infomax, named, pca, "
            "ucm, even.",
        ),
        ("normalise", "minmx", "Did you mean minmax?"),
        (
            "normalise",
            "qq_zz",
            "If QQ_ZZ is your own function, name its file: --functions FILE.",
        ),
        ("screen", "qq_zz", "Known: availability, none."),
    ],
)
def test_an_unknown_method_has_the_nearest_one_or_all_as_a_remedy(option, typed, hint):
    tree = replace(WEIGHTED, weight_sets={"even": WEIGHTED.weight_sets["even"]})
    with pytest.raises(RecipeError) as caught:
        with_method_words(default_recipe(), tree, {option: [typed]})
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("XC252", hint)


def test_a_bound_is_a_number_or_a_rule_but_other_numbers_are_numbers():
    recipe = made(normalise=["goalposts:p5:mean of best 3"])
    assert steps(recipe, "normalise") == [
        ("goalposts", {"low": "p5", "high": "mean of best 3"}, ())
    ]
    recipe = made(normalise=["goalposts:5:90.5"])
    assert steps(recipe, "normalise") == [("goalposts", {"low": 5.0, "high": 90.5}, ())]
    with pytest.raises(RecipeError, match="base is 'p5', which is not a number"):
        made(normalise=["minmax:p5"])


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("minmax:1:2:all editions:4", "Write minmax:BASE:SCALE:BOUND."),
        ("rank:1", "Write rank."),
    ],
)
def test_parts_that_a_method_does_not_have(typed, hint):
    with pytest.raises(RecipeError, match="too many parts") as caught:
        made(normalise=[typed])
    assert caught.value.problems[0].hint == hint
