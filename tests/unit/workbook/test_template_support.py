"""What native cells cannot show is refused with a code of its own, all at once."""

from dataclasses import replace

import pytest

from tests.helpers.templates import small_spec
from xlcity.errors import RecipeError
from xlcity.model.dataset import Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe import Recipe, Step
from xlcity.workbook.spec.from_report import own_spec
from xlcity.workbook.steps.template_support import check_supported


def problems_of(spec):
    with pytest.raises(RecipeError) as caught:
        check_supported(spec)
    return caught.value.problems


def with_steps(spec, change):
    steps = tuple(changed for step in spec.recipe.steps for changed in change(step))
    return replace(spec, recipe=replace(spec.recipe, steps=steps))


def test_the_recipe_of_the_report_can_be_drawn():
    check_supported(small_spec())


def test_methods_without_native_cells_are_named_node_by_node():
    def change(step):
        if step.do == "normalise":
            return [replace(step, method="zscore", params={"pool": "all"})]
        rule = {"missing": "zero"}
        geometric = replace(step, method="geometric", params=rule)
        return [geometric] if step.do == "aggregate" else [step]

    spec = small_spec()
    problems = problems_of(with_steps(spec, change))
    assert {problem.code for problem in problems} == {"XC259"}
    named = [problem.where.indicator for problem in problems]
    framework = spec.framework
    assert named == [
        node.code for node in (*framework.indicators, *framework.composites)
    ]
    assert "pool" in problems[0].message
    assert "again, clip, constant, ddof, mean, sd" in problems[0].hint
    assert all(problem.message.endswith(".") for problem in problems)


def test_a_node_without_a_step_is_told_as_such():
    spec = small_spec()
    problems = problems_of(
        with_steps(spec, lambda s: [] if s.do == "aggregate" else [s])
    )
    assert {problem.code for problem in problems} == {"XC256"}
    assert [p.where.indicator for p in problems] == [
        n.code for n in spec.framework.composites
    ]


@pytest.mark.parametrize(
    "more",
    [
        Step("impute_scores", "dimension_mean"),
        Step("normalise", "zscore", {"again": "yes"}),
    ],
    ids=lambda step: step.do,
)
def test_groups_that_are_scored_apart_have_neither_imputed_scores_nor_a_second_standard(
    more,
):
    spec = small_spec()
    main = spec.dataset.units[0]
    mini = replace(spec.dataset.units[1], population="mini")
    units = (main, mini, *spec.dataset.units[2:])
    others = (
        step for step in spec.recipe.steps if step.do not in (more.do, "impute_scores")
    )
    recipe = replace(spec.recipe, steps=(more, *others), populations=("main", "mini"))
    apart = replace(spec, recipe=recipe, dataset=replace(spec.dataset, units=units))
    told = [
        one.message for one in problems_of(apart) if "several groups" in one.message
    ]
    assert any(
        "neither imputing scores nor a second standardisation" in one for one in told
    )


def test_groups_that_are_scored_apart_may_be_divided_by_a_variable():
    """Of the steps before normalising that one alone is drawn for several groups."""
    tree = "code,parent,weight,type,denominator\nX,,1,,\nA,X,1,Indicator,D\nB,X,1,Indicator,\n"
    framework = Framework.read(f"{tree}D,,,Denominator,\n")
    units = tuple(Unit(f"c{n}", population=("main", "mini")[n % 2]) for n in range(6))
    steps = (
        Step("denominate", "by"),
        Step("normalise", "zscore"),
        Step("aggregate", "arithmetic"),
        Step("rescale", "efficacy"),
        Step("rank", "competition"),
    )
    recipe = Recipe("r", steps, weights="relative", populations=("main", "mini"))
    spec = own_spec(framework, recipe, empty_dataset(units, ("A", "B", "D")))
    assert spec.preparing == ("denominate",)
    check_supported(spec)
    clipped = replace(recipe, steps=(Step("treat", "clip", {"limit": 1}), *steps))
    (told,) = problems_of(replace(spec, recipe=clipped))
    assert "of the preparing steps, only denominate is supported" in told.message


def test_nodes_that_are_ranked_by_different_rules_are_refused():
    spec = small_spec()
    node = spec.framework.composites[1].code
    own = {"ties": "ordinal", "round_to": 0}

    def change(step):
        return (
            [replace(step, codes=(node,), params=own), step]
            if step.do == "rank"
            else [step]
        )

    found = problems_of(with_steps(spec, change))
    names = ("round_to", "ties")
    assert [(one.code, one.message) for one in found] == [
        ("XC257", f"nodes are ranked by different values of {name}.") for name in names
    ]
