"""Scores on a scale with a base, readings of the overall score, ranks of rounded scores."""

import numpy as np
import pytest

from xlcity.index import compute
from xlcity.index.analysis import contributions
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe import Recipe, Step

FRAMEWORK = Framework.read(
    "code,parent,weight\nT,,1\nP,T,1/2\nQ,T,1/2\nP1,P,1/2\nP2,P,1/2\n"
    "a,P1,1/2\nb,P1,1/2\nc,P2,1\nd,Q,1\n"
)
ROWS = [[0, 2, 8, 0], [4, 6, 0, 1], [8, 8, 2, 5]]
P1 = [1.0, 5.0, 8.0]
P = [(1 + 8) / 2, 5 / 2, (8 + 2) / 2]


def dataset(rows, codes=("a", "b", "c", "d")):
    units = tuple(Unit(f"u{i}") for i in range(len(rows)))
    blank = empty_dataset(units, codes)
    values = np.array(
        [[np.nan if x is None else x for x in row] for row in rows], dtype=float
    )
    states = np.where(np.isnan(values), State.BLANK, State.VALUE).astype(np.uint8)
    return Dataset(units, codes, values, states, blank.basis)


def recipe(rescale=None, aggregate=None, rank=None):
    return Recipe(
        "r",
        (
            Step("normalise", "none"),
            Step("aggregate", "arithmetic", {"missing": "na", **(aggregate or {})}),
            Step("rescale", "efficacy", {"omega": 40, **(rescale or {})}),
            Step("rank", "competition", {"digits": 9, **(rank or {})}),
        ),
    )


def scaled(column, omega=40):
    low = min(column)
    high = max(column)
    return [(x - low) / (high - low) * omega + 100 - omega for x in column]


def run(rows=ROWS, **options):
    return compute(FRAMEWORK, recipe(**options), dataset(rows))


def test_nodes_are_scaled_each_over_its_own_range():
    found = run()
    assert found.column("P1") == pytest.approx(scaled(P1))
    assert found.column("P") == pytest.approx(scaled(P))
    assert found.column("Q") == pytest.approx(scaled([0, 1, 5]))
    at = found.node_codes.index("P1")
    assert found.aggregates[:, at].tolist() == P1
    assert found.scores.min(axis=0).tolist() == [60] * 5
    assert found.scores.max(axis=0).tolist() == [100] * 5


@pytest.mark.parametrize("omega", [40, 25])
def test_readings_of_the_overall_score(omega):
    q = [0.0, 1.0, 5.0]
    z = [(x + y) / 2 for x, y in zip(P, q, strict=True)]
    mean = [
        (x + y) / 2 for x, y in zip(scaled(P, omega), scaled(q, omega), strict=True)
    ]
    expected = {"mean_of_scaled": mean, "scaled": scaled(z, omega), "unscaled": z}
    for reading, column in expected.items():
        found = run(rescale={"overall": reading, "omega": omega})
        assert found.column("T") == pytest.approx(column)
        assert found.aggregates[:, 0] == pytest.approx(z)
        assert found.column("P") == pytest.approx(scaled(P, omega))


def test_the_first_level_may_be_made_of_scaled_scores():
    found = run(aggregate={"children": "scores"})
    p2 = scaled([8, 0, 2])
    p = [(x + y) / 2 for x, y in zip(scaled(P1), p2, strict=True)]
    assert found.column("P") == pytest.approx(scaled(p))
    assert found.column("P1") == pytest.approx(scaled(P1))


def test_weights_may_count_indicators():
    found = run(aggregate={"weights": "leaves"})
    p = [(2 * x + y) / 3 for x, y in zip(P1, [8, 0, 2], strict=True)]
    t = [(3 * x + y) / 4 for x, y in zip(p, [0, 1, 5], strict=True)]
    assert found.aggregates[:, found.node_codes.index("P")] == pytest.approx(p)
    assert found.aggregates[:, 0] == pytest.approx(t)
    parts = contributions(found)
    assert parts.sum(axis=1) == pytest.approx(t)


def test_contributions_explain_the_aggregate_behind_a_scaled_score():
    found = run()
    assert contributions(found, "P").sum(axis=1) == pytest.approx(P)


def test_a_node_in_which_all_are_equal_has_no_score_unless_the_recipe_says_one():
    rows = [[1, 3, 8, 0], [2, 2, 0, 1], [3, 1, 2, 5]]
    found = run(rows)
    assert [(p.code, p.where.indicator) for p in found.failures] == [("XC350", "P1")]
    assert (found.states("P1") == State.BLANK).all()
    # The node above is made of aggregates, which are there.
    assert (found.states("P") == State.VALUE).all()
    full = run(rows, rescale={"constant": 100})
    assert full.column("P1").tolist() == [100] * 3
    assert [p.code for p in full.notes if p.code != "XC216"] == ["XC351"]


@pytest.mark.parametrize("method", ["efficacy", "minmax", "zscore"])
def test_equal_aggregates_take_the_constant_whatever_scales_them(method):
    rows = [[1, 3, 8, 0], [2, 2, 0, 1], [3, 1, 2, 5]]
    scale = Step("rescale", method, {"constant": 55.0}, ("P1",))
    only = Recipe("r", (*recipe().steps[:2], scale))
    found = compute(FRAMEWORK, only, dataset(rows))
    assert found.column("P1").tolist() == [55] * 3
    assert found.column("P2").tolist() == [8, 0, 2]


def test_the_only_city_with_values_has_nothing_to_be_scaled_over():
    found = run([[None] * 4, [1, 3, 8, 0]])
    assert {problem.code for problem in found.failures} == {"XC350"}
    assert any(
        "has the same aggregate 2 in P1" in problem.message
        for problem in found.failures
    )
    assert (found.states("T") == State.BLANK).all()


def test_a_blank_keeps_its_nodes_without_a_score_and_out_of_the_range():
    rows = [*ROWS, [None, 1000, 5, 3]]
    found = run(rows, rescale={"overall": "mean_of_scaled"})
    assert [found.states(c)[3] for c in ("P1", "P", "T")] == [State.BLANK] * 3
    assert found.column("P1")[:3] == pytest.approx(scaled(P1))
    assert found.states("Q")[3] == State.VALUE


def test_a_value_of_a_node_stands_for_its_aggregate():
    codes = ("a", "b", "c", "d", "P1")
    rows = [[None, None, 8, 0, 11], [4, 6, 0, 1, None], [8, 8, 2, 5, None]]
    found = compute(FRAMEWORK, recipe(), dataset(rows, codes))
    p1 = [11.0, 5.0, 8.0]
    assert found.column("P1") == pytest.approx(scaled(p1))
    p = [(11 + 8) / 2, 5 / 2, 5]
    assert found.column("P") == pytest.approx(scaled(p))
    assert not found.draft


def test_an_overall_score_of_its_own_is_taken_as_it_is():
    codes = ("a", "b", "c", "d", "T")
    rows = [[None] * 4 + [88.8], [4, 6, 0, 1, None], [8, 8, 2, 5, None]]
    options = recipe(rescale={"overall": "mean_of_scaled"})
    found = compute(FRAMEWORK, options, dataset(rows, codes))
    assert found.column("T").tolist() == [88.8, 60, 100]


def test_ranks_of_rounded_scores_share_what_rounds_alike():
    # d runs from 0 to 1000: 40 points, so that 1 is 0.04 points.
    rows = [[i, i, i, x] for i, x in enumerate([0, 1, 2, 999, 1000])]
    fine = run(rows)
    coarse = run(rows, rank={"round_to": 1})
    assert fine.rank("Q").tolist() == [5, 4, 3, 2, 1]
    # 60.00, 60.04, 60.08, 99.96, 100.00 -> 60.0, 60.0, 60.1, 100.0, 100.0
    assert coarse.rank("Q").tolist() == [4, 4, 3, 1, 1]
    assert coarse.keys[:, coarse.node_codes.index("Q")].tolist() == [
        60,
        60,
        60.1,
        100,
        100,
    ]
    assert np.array_equal(fine.scores, coarse.scores)


def test_halves_are_rounded_up_before_they_are_ranked():
    # 60.05 as a double lies below the half; a sheet and a printed table give 60.1.
    rows = [[i, i, i, x] for i, x in enumerate([0, 5, 10, 4000])]
    found = run(rows, rank={"round_to": 1})
    assert found.column("Q")[1] == pytest.approx(60.05)
    assert found.keys[:, found.node_codes.index("Q")].tolist() == [60, 60.1, 60.1, 100]
    assert found.rank("Q").tolist() == [4, 2, 2, 1]
