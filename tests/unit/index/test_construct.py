"""Indicators made from ingredients and lists."""

from dataclasses import replace

import numpy as np
import pytest

from xlcity.errors import RecipeError
from xlcity.index import compute
from xlcity.model.dataset import Dataset, Item, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
from xlcity.model.reading.tables import parse_csv
from xlcity.model.recipe import Recipe, Step

PARTS = "code,of\nair.raw,air\nmean.x,mean\nmean.y,mean\nper.n,per\nz.x,z\nz.y,z\n"
FRAMEWORK = Framework.read(
    "code,parent,weight\nT,,1\nair,T,1\nmean,T,1\nper,T,1\nz,T,1\nlist,T,1\n"
).with_ingredients(parse_csv(PARTS, "ingredients"))
STEPS = (
    Step("construct", "pm25_grade", {}, ("air",)),
    Step("construct", "mean", {"missing": "na"}, ("mean",)),
    Step("construct", "ratio", {"numerator": "n", "denominator": "@mean"}, ("per",)),
    Step("construct", "zscore_index", {"ddof": 0}, ("z",)),
    Step("construct", "bands", {}, ("list",)),
    Step("normalise", "none"),
    Step("aggregate", "arithmetic", {"missing": "na"}),
)
RECIPE = Recipe("r", STEPS, weights="relative")
FULL = {
    "air.raw": [4, 12, 60],
    "mean.x": [1, 2, 3],
    "mean.y": [3, 2, 5],
    "per.n": [10, 20, 30],
    "z.x": [1, 2, 3],
    "z.y": [5, 5, 8],
}
LINES = {
    "list": (
        Item("u0", "A", {"the": "9", "arwu": "11–20"}),
        Item("u2", "B", {"the": "180"}),
    )
}


def dataset(columns, items=LINES):
    units = tuple(Unit(f"u{i}") for i in range(3))
    blank = empty_dataset(units, tuple(columns))
    values = blank.values.copy()
    states = blank.states.copy()
    for j, column in enumerate(columns.values()):
        for i, content in enumerate(column):
            if content == "NA":
                states[i, j] = State.MISSING
            elif content is not None:
                values[i, j], states[i, j] = content, State.VALUE
    return Dataset(units, tuple(columns), values, states, blank.basis, items)


def run(recipe=RECIPE, items=LINES, **changes):
    columns = FULL | {
        code.replace("_", "."): column for code, column in changes.items()
    }
    return compute(FRAMEWORK, recipe, dataset(columns, items))


def with_params(position, **params):
    steps = list(STEPS)
    steps[position] = replace(
        steps[position], params={**steps[position].params, **params}
    )
    return replace(RECIPE, steps=tuple(steps))


def test_each_method():
    found = run()
    assert found.column("air").tolist() == [7, 5, 1]
    assert found.column("mean").tolist() == [2, 2, 4]
    assert found.column("per").tolist() == [10 / 2, 20 / 2, 30 / 4]
    zx = np.array([-1, 0, 1]) / np.sqrt(2 / 3)
    zy = np.array([-1, -1, 2]) / np.sqrt(2)
    assert found.column("z") == pytest.approx((zx + zy) / 2)
    assert found.column("list").tolist() == pytest.approx([1, 0, 1 / np.sqrt(14)])
    assert not found.draft
    assert not found.marks
    assert np.array_equal(found.raw, found.normalised)


def test_a_value_of_its_own_wins_and_is_marked():
    found = run(air=[3, None, None], list=[None, 2.5, None])
    assert found.column("air").tolist() == [3, 5, 1]
    assert found.column("list")[1] == 2.5
    assert [(m.kind, m.unit, m.code) for m in found.marks] == [
        ("direct", "u0", "air"),
        ("direct", "u1", "list"),
    ]


def test_a_missing_code_in_place_of_a_value_of_its_own_is_a_confirmed_gap():
    found = run(mean=["NA", None, None])
    assert found.states("mean")[0] == State.MISSING
    assert found.states("per")[0] == State.MISSING


def test_gaps_and_blanks_among_ingredients():
    found = run(**{"mean_x": ["NA", None, 3], "z_y": ["NA", None, 8]})
    assert found.states("mean").tolist() == [State.MISSING, State.BLANK, State.VALUE]
    assert found.states("per").tolist() == [State.MISSING, State.BLANK, State.VALUE]
    # z of u0 stands on its other sub-measure.
    assert found.states("z").tolist() == [State.VALUE, State.BLANK, State.BLANK]
    assert found.unfilled == (("u1", "mean.x"), ("u1", "z.y"))
    assert found.draft


def test_a_constant_sub_measure_fails_by_name():
    # With one number left in z.y that column is constant.
    found = run(z_y=["NA", "NA", 8])
    assert [(p.code, p.where.indicator, p.where.unit) for p in found.failures] == [
        ("XC354", "z", "u2")
    ]
    assert found.states("z").tolist() == [State.VALUE, State.VALUE, State.BLANK]


def test_one_sub_measure_counts_for_the_other_and_is_marked():
    found = run(z_y=["NA", 5, 8])
    zx = -1 / np.sqrt(2 / 3)
    assert found.column("z")[0] == pytest.approx(zx)
    assert [(m.kind, m.unit, m.code) for m in found.marks] == [
        ("renormalised", "u0", "z")
    ]
    strict = run(with_params(3, missing="na"), z_y=["NA", 5, 8])
    assert strict.states("z")[0] == State.MISSING


def test_clipped_sub_measures_are_marked():
    found = run(with_params(3, clip=1))
    clipped = [(m.unit, m.code) for m in found.marks if m.kind == "clipped"]
    assert clipped == [("u0", "z.x"), ("u2", "z.x"), ("u2", "z.y")]
    zy = -1 / np.sqrt(2)
    assert found.column("z") == pytest.approx([(-1 + zy) / 2, zy / 2, (1 + 1) / 2])


def test_a_list_without_lines_is_not_filled():
    found = run(items={})
    assert (found.states("list") == State.BLANK).all()
    assert found.unfilled == (("u0", "list"), ("u1", "list"), ("u2", "list"))
    direct = run(items={}, list=[1, 2, 3])
    assert direct.column("list").tolist() == [1, 2, 3]
    assert not direct.draft


def test_the_recipe_names_the_lists_that_count():
    found = run(with_params(4, lists=("arwu",)))
    assert found.column("list").tolist() == pytest.approx([1 / np.sqrt(2), 0, 0])


def test_nothing_per_nothing_is_a_gap_and_is_told():
    found = run(mean=[0, None, None])
    assert found.states("per")[0] == State.MISSING
    assert [(p.code, p.where.indicator) for p in found.failures] == [("XC354", "per")]


def test_blanks_may_count_as_missing():
    found = run(
        replace(RECIPE, blank="missing"),
        **{"z_y": [None, 5, 8], "mean_x": [None, 2, 3]},
    )
    assert found.states("z")[0] == State.VALUE
    assert found.states("mean")[0] == State.MISSING


def test_ingredients_are_not_needed_below_a_node_with_a_value():
    columns = {"T": [1, 2, 3]}
    found = compute(FRAMEWORK, RECIPE, dataset(columns, {}))
    assert found.column("T").tolist() == [1, 2, 3]
    assert not found.draft


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (Step("construct", "mean", {}, ("list",)), "no ingredients"),
        (Step("construct", "pm25_grade", {}, ("mean",)), "one ingredient"),
        (Step("construct", "ratio", {"numerator": "n"}, ("per",)), "lacks denominator"),
        (
            Step(
                "construct", "ratio", {"numerator": "n", "denominator": "q"}, ("per",)
            ),
            "per.q",
        ),
        (
            Step(
                "construct",
                "ratio",
                {"numerator": "n", "denominator": "@nowhere"},
                ("per",),
            ),
            "@nowhere",
        ),
        (
            Step(
                "construct",
                "ratio",
                {"numerator": "n", "denominator": "@per"},
                ("per",),
            ),
            "made from it",
        ),
        (
            Step("construct", "zscore_index", {"weights": (1.0,)}, ("z",)),
            "1 weights for 2",
        ),
        (Step("construct", "zscore_index", {"weights": (0, 0)}, ("z",)), "not all 0"),
        (
            Step("construct", "bands", {"uppers": (10.0,)}, ("list",)),
            "1 bands and 8 weights",
        ),
        (
            Step(
                "construct", "bands", {"uppers": (9, 5), "weights": (2, 1)}, ("list",)
            ),
            "do not ascend",
        ),
        (Step("construct", "mean", {}, ("T",)), "not an indicator"),
        (Step("construct", "mean"), "names no indicator"),
    ],
)
def test_what_cannot_be_constructed_is_refused(step, message):
    recipe = replace(RECIPE, steps=(step, *STEPS[5:]))
    with pytest.raises(RecipeError, match=message):
        compute(FRAMEWORK, recipe, dataset(FULL))


def test_steps_out_of_order_are_refused():
    recipe = replace(RECIPE, steps=(*STEPS[5:], STEPS[0]))
    with pytest.raises(RecipeError, match="must come before"):
        compute(FRAMEWORK, recipe, dataset(FULL))
