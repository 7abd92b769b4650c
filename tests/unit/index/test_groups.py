import numpy as np
import pytest

from xlcity.index import compute
from xlcity.index.compute import rank_among
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe import Recipe, Step

FRAMEWORK = Framework.read("code,parent\nT,\na,T\n")
RECIPE = Recipe("r", (Step("normalise", "none"), Step("aggregate", "arithmetic")))
REGIONS = ("east", "west", "east", "east", "west", "east")


@pytest.fixture(scope="module")
def result():
    units = tuple(
        Unit(
            f"u{i}", attributes={"region": region}, population="" if i == 5 else "main"
        )
        for i, region in enumerate(REGIONS)
    )
    blank = empty_dataset(units, ("a",))
    values = blank.values.copy()
    states = blank.states.copy()
    for row, value in enumerate([7, 9, 8, 7, None, 100]):
        if value is not None:
            values[row, 0], states[row, 0] = value, State.VALUE
    return compute(
        FRAMEWORK, RECIPE, Dataset(units, ("a",), values, states, blank.basis)
    )


@pytest.mark.parametrize(
    ("ties", "ranks"),
    [("max", [3, 1, 3]), ("dense", [2, 1, 2]), ("ordinal", [2, 1, 3])],
)
def test_a_group_is_ranked_afresh_by_the_recipes_rule_for_ties(result, ties, ranks):
    steps = (*RECIPE.steps, Step("rank", "competition", {"ties": ties}))
    found = compute(FRAMEWORK, Recipe("r", steps), result.dataset)
    assert rank_among(found, "T", [0, 2, 3]) == ranks


def test_equal_scores_share_the_better_rank_where_the_recipe_has_no_rule(result):
    assert rank_among(result, "T", [0, 2, 3]) == [2, 1, 2]
    assert rank_among(result, "T", [3, 0]) == [1, 1]
    assert rank_among(result, "T", [1, 2], np.array([[3.0], [1.0], [2.0]])[:, 0]) == [
        2,
        1,
    ]
