"""Two indices mixed: nothing of the second is the first, and everything is the second."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from xlcity.audit.diff.hybrid_index import (
    CAUSES,
    CauseSelection,
    HybridIndex,
    IndexInputs,
)
from xlcity.index.compute import compute
from xlcity.index.method_options import default_recipe, with_method_words
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework

EVERYTHING = CauseSelection(frozenset(CAUSES))
WORDS = {
    "normalise": ("minmax", "rank", "zscore"),
    "aggregate": ("arithmetic", "geometric"),
}


def random_inputs(rng: np.random.Generator) -> IndexInputs:
    """Return an index of some of ten cities and eight indicators, single ones by other methods."""
    lines = ["code,parent,weight,direction", "T,,1,1", "P,T,2,1", "Q,T,1,1"]
    leaves = []
    for number in range(8):
        if number in (0, 1) or rng.random() < 0.7:
            leaves.append(f"i{number}")
            lines.append(f"i{number},{'PQ'[number % 2]},{rng.integers(1, 4)},1")
    framework = Framework.read("\n".join(lines) + "\n")
    words = {
        "normalise": [str(rng.choice(WORDS["normalise"]))],
        "aggregate": ["arithmetic"],
    }
    for leaf in leaves:
        if rng.random() < 0.3:
            words["normalise"].append(f"{leaf}={rng.choice(WORDS['normalise'])}")
    words["aggregate"].append(f"P={rng.choice(WORDS['aggregate'])}")
    recipe = with_method_words(default_recipe(), framework, words)
    recipe = replace(recipe, weights="relative")
    cities = [f"u{n}" for n in range(10) if n < 4 or rng.random() < 0.8]
    values = rng.uniform(1, 9, (len(cities), len(leaves))).round(2)
    states = np.full(values.shape, State.VALUE, dtype=np.uint8)
    basis = np.full(values.shape, "entered", dtype="<U12")
    units = tuple(Unit(city, population="main") for city in cities)
    return IndexInputs(
        framework, recipe, Dataset(units, tuple(leaves), values, states, basis)
    )


@pytest.mark.parametrize("seed", range(20))
def test_the_ends_of_a_mixture_are_the_two_indices(seed):
    rng = np.random.default_rng(seed)
    a = random_inputs(rng)
    b = random_inputs(rng)
    mixed = HybridIndex(a, b, frozenset(CAUSES))
    assert mixed.nodes == ("T", "P", "Q")
    assert set(mixed.units) == {u.id for u in a.dataset.units} & {
        u.id for u in b.dataset.units
    }
    for taken, side in ((CauseSelection(), a), (EVERYTHING, b)):
        result = compute(side.framework, side.recipe, side.dataset)
        rows = [result.dataset.rows[unit] for unit in mixed.units]
        columns = [result.node_codes.index(node) for node in mixed.nodes]
        np.testing.assert_allclose(
            mixed.scores(taken), result.scores[np.ix_(rows, columns)]
        )
    # What did not change may be taken or not.
    same = HybridIndex(a, b, frozenset())
    np.testing.assert_array_equal(
        same.scores(EVERYTHING), same.scores(CauseSelection())
    )


@pytest.mark.parametrize("seed", range(6))
def test_every_mixture_has_scores_of_the_cities_and_nodes_of_both(seed):
    rng = np.random.default_rng(seed)
    mixed = HybridIndex(random_inputs(rng), random_inputs(rng), frozenset(CAUSES))
    for size in range(len(CAUSES)):
        for causes in combinations(CAUSES, size):
            scores = mixed.scores(CauseSelection(frozenset(causes)))
            assert scores.shape == (len(mixed.units), len(mixed.nodes))
            assert np.isfinite(scores).any(axis=1).all(), "a city without any score"


def test_a_cause_that_is_narrowed_is_taken_of_what_it_names():
    whole = CauseSelection(frozenset({"data", "weights"}))
    narrowed = replace(whole, narrowed="data", names=frozenset({"i0"}))
    assert [whole.has("data", code) for code in ("i0", "i1")] == [True, True]
    assert [narrowed.has("data", code) for code in ("i0", "i1")] == [True, False]
    assert [narrowed.has("weights", code) for code in ("P", "i1")] == [True, True]
    assert not narrowed.has("sample", "i0")
    rng = np.random.default_rng(1)
    a = random_inputs(rng)
    other = a.dataset.values + 1.0
    b = replace(a, dataset=replace(a.dataset, values=other))
    mixed = HybridIndex(a, b, frozenset({"data"}))
    expected = np.array(a.dataset.values)
    expected[:, a.dataset.column("i0")] += 1.0
    result = compute(a.framework, a.recipe, replace(a.dataset, values=expected))
    columns = [result.node_codes.index(node) for node in mixed.nodes]
    taken = CauseSelection(frozenset({"data"}), "data", frozenset({"i0"}))
    np.testing.assert_allclose(mixed.scores(taken), result.scores[:, columns])
