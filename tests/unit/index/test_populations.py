"""Populations scored apart, pools, and nodes refused for a whole population."""

import numpy as np
import pytest

from xlcity.errors import RecipeError
from xlcity.index.compute import compute
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.recipe_toml import read_recipe, recipe_lines

FRAMEWORK = Framework.read(
    "code,parent,weight\nX,,1\nA,X,1/2\nB,X,1/2\n1,A,1/2\n2,A,1/2\n3,B,1\n"
)
RECIPE = """
id = "two"
populations = ["main", "mini"]
[[step]]
do = "normalise"
method = "zscore"
ddof = 0
constant = 0
POOL
[[step]]
do = "aggregate"
method = "arithmetic"
missing = "refuse"
[[step]]
do = "rescale"
method = "efficacy"
constant = 60
"""
UNITS = tuple(Unit(f"u{i}", population="main" if i < 5 else "mini") for i in range(8))


def recipe(pool=""):
    return read_recipe(RECIPE.replace("POOL", f'pool = "{pool}"' if pool else ""))


def dataset(gaps=(), units=UNITS):
    values = np.random.default_rng(7).normal(10, 4, (len(units), 3))
    states = np.zeros(values.shape, dtype=np.uint8)
    for row, column, state in gaps:
        values[row, column], states[row, column] = np.nan, state
    basis = np.where(states == State.VALUE, "entered", "").astype("<U12")
    return Dataset(units, ("1", "2", "3"), values, states, basis)


def z(values, pool):
    return (values - pool.mean()) / pool.std()


def test_each_population_is_scored_and_ranked_by_itself():
    data = dataset()
    result = compute(FRAMEWORK, recipe(), data)
    for rows in (slice(0, 5), slice(5, 8)):
        part = data.values[rows]
        by_z = np.column_stack([z(part[:, k], part[:, k]) for k in range(3)])
        total = 0.5 * (by_z[:, 0] + by_z[:, 1]) / 2 + 0.5 * by_z[:, 2]
        scaled = 60 + 40 * (total - total.min()) / (total.max() - total.min())
        np.testing.assert_allclose(result.column("X")[rows], scaled)
        np.testing.assert_array_equal(
            result.rank("X")[rows], (-total).argsort().argsort() + 1
        )


@pytest.mark.parametrize(
    ("pool", "rows"), [("main", slice(0, 5)), ("all", slice(0, 8))]
)
def test_later_populations_can_be_standardised_by_another_pool(pool, rows):
    data = dataset()
    own = compute(FRAMEWORK, recipe(), data)
    other = compute(FRAMEWORK, recipe(pool), data)
    expected = z(data.values[5:, 1], data.values[rows, 1])
    np.testing.assert_allclose(other.column("2")[5:], expected)
    # The first population never takes another's.
    np.testing.assert_array_equal(other.scores[:5], own.scores[:5])
    assert other.column("X")[5:].max() == 100


@pytest.mark.parametrize("state", [State.BLANK, State.MISSING])
def test_one_gap_stops_the_nodes_above_it_for_its_population_and_is_named(state):
    result = compute(FRAMEWORK, recipe(), dataset([(2, 0, state)]))
    for code in ("A", "X"):
        assert np.isnan(result.column(code)[:5]).all()
        assert (result.states(code)[:5] == state).all()
    assert not np.isnan(result.column("B")).any()
    assert not np.isnan(result.column("X")[5:]).any()
    said = {p.where.indicator: p.message for p in result.notes if p.code == "XC355"}
    assert set(said) == {"A", "X"}
    assert "1 (1 of 5: u2)" in said["A"]
    assert result.draft == (state == State.BLANK)


def test_populations_and_pools_survive_as_toml():
    one = recipe("all")
    assert read_recipe("\n".join(recipe_lines(one)) + "\n") == one


@pytest.mark.parametrize(
    "text", ['populations = ["a", "a"]', "populations = [1]", 'populations = [""]']
)
def test_populations_have_different_names(text):
    with pytest.raises(RecipeError, match="populations"):
        read_recipe(
            RECIPE.replace("POOL", "").replace('populations = ["main", "mini"]', text)
        )


def test_a_pool_is_a_population():
    with pytest.raises(RecipeError, match="pool"):
        compute(FRAMEWORK, recipe("maxi"), dataset())


@pytest.mark.parametrize(
    ("rows", "units"),
    [
        ([2], "1 of 5: u2"),
        (range(5), "5 of 5: u0, u1, u2, u3, u4"),
        ([4, 0], "2 of 5: u0, u4"),
    ],
)
def test_at_most_five_cities_that_lack_a_value_are_named(rows, units):
    result = compute(
        FRAMEWORK, recipe(), dataset([(row, 0, State.MISSING) for row in rows])
    )
    told = {p.where.indicator: p.message for p in result.notes if p.code == "XC355"}
    assert told["A"] == f"A is not computed for main: 1 ({units})."
    six = tuple(Unit(f"u{i}") for i in range(6))
    gaps = [(row, 2, State.MISSING) for row in range(6)]
    notes = compute(FRAMEWORK, recipe(), dataset(gaps, six)).notes
    messages = [p.message for p in notes if p.where.indicator == "B"]
    assert messages == [
        "B is not computed for main: 3 (6 of 6: u0, u1, u2, u3, u4, …)."
    ]
