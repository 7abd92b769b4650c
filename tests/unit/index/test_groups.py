import pytest

from xlcity.index import compute
from xlcity.index.groups import in_group, members, subtable, tier
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.reading.data import empty_dataset
from xlcity.model.reading.framework import read_framework_csv
from xlcity.model.recipe import Recipe, Step

FRAMEWORK = read_framework_csv("code,parent\nT,\na,T\n")
RECIPE = Recipe("r", (Step("normalise", "none"), Step("aggregate", "arithmetic")))
REGIONS = ("east", "west", "east", "east", "west", "east")


@pytest.fixture(scope="module")
def result():
    units = tuple(
        Unit(f"u{i}", attributes={"region": region}, population="" if i == 5 else "main")
        for i, region in enumerate(REGIONS)
    )
    blank = empty_dataset(units, ("a",))
    values, states = blank.values.copy(), blank.states.copy()
    for row, value in enumerate([7, 9, 8, 7, None, 100]):
        if value is not None:
            values[row, 0], states[row, 0] = value, State.VALUE
    return compute(FRAMEWORK, RECIPE, Dataset(units, ("a",), values, states, blank.basis))


def test_a_subtable_is_ranked_afresh_and_shares_ties(result):
    rows = subtable(result, "T", "region", "east")
    assert [(row.unit, row.rank, row.place, row.score) for row in rows] == [
        ("u2", 1, 1, 8),
        ("u0", 2, 2, 7),
        ("u3", 2, 3, 7),
    ]
    assert [row.unit for row in subtable(result, "T", "region", "east", limit=2)] == ["u2", "u0"]


@pytest.mark.parametrize(
    ("ties", "ranks"), [("max", [1, 3, 3]), ("dense", [1, 2, 2]), ("ordinal", [1, 2, 3])]
)
def test_a_subtable_is_ranked_by_the_recipes_rule_for_ties(result, ties, ranks):
    steps = (*RECIPE.steps, Step("rank", "competition", {"ties": ties}))
    found = compute(FRAMEWORK, Recipe("r", steps), result.dataset)
    assert [row.rank for row in subtable(found, "T", "region", "east")] == ranks


def test_units_without_a_score_or_population_are_in_no_subtable(result):
    assert [row.unit for row in subtable(result, "T", "region", "west")] == ["u1"]
    assert [row.unit for row in subtable(result, "T", "all", "all")] == ["u1", "u2", "u0", "u3"]
    assert subtable(result, "T", "region", "moon") == ()


def test_tiers_are_cut_by_place():
    order = ("a", "b", "c", "d")
    assert [tier(order, 1, 2), tier(order, 3, 9)] == [("a", "b"), ("c", "d")]


def test_members_keep_the_order_they_are_given(result):
    units = result.dataset.units
    assert members(["u3", "u1", "u0"], units, "region", "east") == ("u3", "u0")
    assert in_group(units[4], "all", "all")
