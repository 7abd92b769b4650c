import pytest

from xlcity.errors import RecipeError
from xlcity.functions.construct import BAND_WEIGHTS
from xlcity.methods.construct.links import LINK_STRENGTH
from xlcity.model.framework import Framework
from xlcity.model.recipe import Option, Recipe, Step, link_group
from xlcity.model.recipe_toml import code_problems, read_recipe, recipe_lines
from xlcity.reports import load_report, report_ids


@pytest.mark.parametrize("report", report_ids())
def test_a_report_recipe_survives_being_written(report):
    recipe = load_report(report).recipe
    assert read_recipe("\n".join(recipe_lines(recipe)) + "\n") == recipe


def test_awkward_texts_and_numbers_survive_being_written():
    recipe = Recipe(
        'quote " and \\ and \n',
        (
            Step(
                "normalise",
                "minmax",
                {"lower": -0.1, "scale": 1e-12, "floor": 3.0},
                ("a.b", "甲"),
            ),
            Step("aggregate", "power", {"missing": "renormalise", "power": 1 / 3}),
        ),
        weights="relative",
        blank="missing",
        missing_codes=("k.A.", '"'),
        options=(Option("o", "选", "opt", {(0, "lower"): None, (1, "power"): 2}),),
    )
    assert read_recipe("\n".join(recipe_lines(recipe))) == recipe


def test_an_option_changes_and_removes_parameters():
    recipe = load_report("image2025").recipe
    changed = recipe.with_options(["minmax-search-floor"])
    assert changed.steps[0].params == {"scale": 100, "floor": 1}
    assert "lower" not in changed.steps[1].params
    assert recipe.steps[0].get("lower") == 0
    with pytest.raises(RecipeError, match="minmax"):
        recipe.with_options(["none such"])


def test_several_options_are_taken_together():
    recipe = load_report("iecc2024").recipe
    both = recipe.with_options(("sample-deviation", "ranks-unrounded"))
    one_by_one = recipe.with_options(["ranks-unrounded"]).with_options(
        ["sample-deviation"]
    )
    assert both.steps == one_by_one.steps
    # What the second option would set is set already.
    image = load_report("image2025").recipe
    floor = image.with_options(("minmax", "minmax-search-floor"))
    assert floor.steps == image.with_options(["minmax-search-floor"]).steps


@pytest.mark.parametrize(
    ("report", "options"),
    [
        ("gihi2023", ("mini-by-main", "mini-by-all")),
        ("bri2021", ("by-maximum", "by-mean")),
    ],
)
def test_options_that_exclude_each_other_are_both_named(report, options):
    recipe = load_report(report).recipe
    with pytest.raises(RecipeError) as caught:
        recipe.with_options(options)
    assert all(option in str(caught.value) for option in options)
    assert recipe.with_options((options[0], options[0])).steps == (
        recipe.with_options([options[0]]).steps
    )


def test_collects_every_problem():
    text = """
id = "x"
weights = "percent"
colour = "red"
[[step]]
do = "normalise"
method = "magic"
[[step]]
do = "cook"
method = "slowly"
[[step]]
do = "normalise"
method = "minmax"
lower = "zero"
width = 3
[[step]]
do = "aggregate"
method = "arithmetic"
missing = "ignore"
codes = "A"
[[option]]
id = "o"
changes = [{ step = 9, param = "lower" }, { step = 3, param = "tint", value = 1 }]
"""
    with pytest.raises(RecipeError) as caught:
        read_recipe(text)
    shown = "\n".join(problem.message for problem in caught.value.problems)
    for word in (
        "percent",
        "colour",
        "magic",
        "cook",
        "'zero'",
        "'width'",
        "'ignore'",
        "codes",
        "step 9",
        "'tint'",
    ):
        assert word in shown
    assert len(caught.value.problems) == 10


def test_what_is_no_toml_is_refused_with_the_line():
    with pytest.raises(RecipeError, match="line 2"):
        read_recipe("id = 'x'\nsteps = = 3\n")


def test_an_empty_recipe_is_refused():
    with pytest.raises(RecipeError, match="no step"):
        read_recipe("id = 'x'\n")


def test_codes_that_are_no_nodes_are_named():
    framework = Framework.read("code,parent\nX,\na,X\n")
    recipe = Recipe("r", (Step("normalise", "minmax", {}, ("a", "b")),))
    assert [
        problem.where.indicator for problem in code_problems(recipe, framework)
    ] == ["b"]


LISTS = """
id = "x"
[[step]]
do = "construct"
method = "bands"
codes = ["u"]
lists = ["the", "arwu"]
uppers = [10, 20.5]
[[step]]
do = "impute_scores"
method = "dimension_mean"
level = "pillar"
[[option]]
id = "o"
changes = [
    { step = 1, param = "uppers", value = [5, 6] },
    { step = 2, param = "method", value = "none" },
]
"""


def test_lists_are_parameters_and_survive_being_written():
    recipe = read_recipe(LISTS)
    assert recipe.steps[0].numbers("uppers") == (10, 20.5)
    assert recipe.steps[0].get("lists") == ("the", "arwu")
    assert recipe.steps[0].get("weights") is None
    assert recipe.steps[0].numbers("weights") == tuple(BAND_WEIGHTS)
    assert read_recipe("\n".join(recipe_lines(recipe))) == recipe


def test_an_option_may_change_the_method_and_drops_what_the_new_one_lacks():
    changed = read_recipe(LISTS).with_options(["o"])
    assert changed.steps[0].numbers("uppers") == (5, 6)
    assert (changed.steps[1].method, changed.steps[1].params) == ("none", {})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("uppers = [10, 20.5]", 'uppers = [10, "x"]'),
        ("uppers = [10, 20.5]", "uppers = []"),
        ("uppers = [10, 20.5]", "uppers = 10"),
        ('lists = ["the", "arwu"]', "lists = [1]"),
        ('value = "none"', 'value = "magic"'),
        ("value = [5, 6]", "value = 5"),
    ],
)
def test_lists_and_methods_that_cannot_be_are_refused(old, new):
    with pytest.raises(RecipeError) as caught:
        read_recipe(LISTS.replace(old, new))
    assert [problem.code for problem in caught.value.problems] == ["XC253"]


@pytest.mark.parametrize(
    ("params", "group"),
    [
        ({"domestic": "exclude", "group": "Country"}, "Country"),
        ({"domestic": "include", "group": "Country"}, None),
        ({"domestic": "exclude"}, None),
    ],
)
def test_links_inside_a_group_of_cities_are_left_out_where_the_step_says_so(
    params, group
):
    step = Step("construct", LINK_STRENGTH.name, params)
    assert link_group(step) == group
