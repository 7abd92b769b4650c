"""Methods in words: what each stands for, exceptions, levels, and everything wrong at once."""

from pathlib import Path

import pytest

from xlcity.errors import RecipeError
from xlcity.index.method_options import default_recipe, node_level, with_method_words
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
    assert [s.codes for s in recipe.steps if s.do == "normalise"] == [("b",), ("a",), ("c",)]


def test_a_method_for_all_takes_the_place_of_exceptions_too():
    own = Recipe("own", (Step("normalise", "rank", {}, ("a",)), Step("normalise", "none", {})))
    recipe = with_method_words(own, FRAMEWORK, {"normalise": ["minmax,b=rank"]})
    assert [(s.method, s.codes) for s in recipe.steps] == [("minmax", ()), ("rank", ("b",))]


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
    assert (problem.code, f"{code!r} is not a node" in problem.message) == ("XC255", True)
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
    own = {"normalise": "robust_z", "treat": "tukey_fence", "aggregate": "spread_penalty"}
    for option, name in own.items():
        recipe = with_method_words(default_recipe(), framework, {option: [name]})
        assert name in {step.method for step in recipe.steps}
