"""Confirmed gaps and blanks under imputation, worked by hand.

T has the pillars P (dimensions P1 = a, b and P2 = c) and Q (Q1 = d). Scores enter as they are
(method `none`), so that every expected number is plain arithmetic on the row.
"""

from dataclasses import replace

import numpy as np
import pytest

from xlcity.index import compute
from xlcity.index.analysis import ScoreGaps
from xlcity.index.prepare import model_indicators
from xlcity.index.steps import imputation_dimensions
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe import Recipe, Step

FRAMEWORK = Framework.read(
    "code,parent,weight\nT,,1\nP,T,1/2\nQ,T,1/2\nP1,P,1/2\nP2,P,1/2\nQ1,Q,1\n"
    "a,P1,1/2\nb,P1,1/2\nc,P2,1\nd,Q1,1\n"
)
FULL = [[1, 2, 3, 4], [5, 7, 9, 11]]


def recipe(
    level="parent", missing="na", method="dimension_mean", normalise="none", **params
):
    return Recipe(
        "r",
        (
            Step("normalise", normalise, params),
            Step("impute_scores", method, {"level": level} if method != "none" else {}),
            Step("aggregate", "arithmetic", {"missing": missing}),
            Step("rank", "competition", {"digits": 9}),
        ),
    )


def dataset(rows):
    units = tuple(Unit(f"u{i}") for i in range(len(rows)))
    blank = empty_dataset(units, ("a", "b", "c", "d"))
    values = blank.values.copy()
    states = blank.states.copy()
    for i, row in enumerate(rows):
        for j, content in enumerate(row):
            if content == "NA":
                states[i, j] = State.MISSING
            elif content is not None:
                values[i, j], states[i, j] = content, State.VALUE
    return Dataset(units, blank.codes, values, states, blank.basis)


def result(row, **options):
    return compute(FRAMEWORK, recipe(**options), dataset([row, *FULL]))


def marks(found):
    return [(m.kind, m.unit, m.code) for m in found.marks]


def test_a_gap_takes_the_mean_of_its_dimension():
    found = result([6, "NA", 3, 4])
    assert found.normalised[0].tolist() == [6, 6, 3, 4]
    assert marks(found) == [("imputed", "u0", "b")]
    assert "P1" in found.marks[0].detail
    p = (6 + 3) / 2
    assert found.column("P")[0] == p
    assert found.column("T")[0] == (p + 4) / 2


def test_a_gap_in_a_dimension_of_one_indicator_goes_up_to_the_pillar():
    found = result([6, 2, "NA", 4])
    assert found.normalised[0, 2] == (6 + 2) / 2
    assert "in P " in found.marks[0].detail
    assert found.column("P2")[0] == 4


def test_gaps_in_a_whole_dimension_both_go_up_and_never_meet_imputed_ones():
    found = result(["NA", "NA", 3, 4])
    assert found.normalised[0].tolist() == [3, 3, 3, 4]
    assert marks(found) == [("imputed", "u0", "a"), ("imputed", "u0", "b")]


def test_two_gaps_of_a_pillar_each_look_at_given_scores_only():
    # b takes a = 6 inside P1; c takes the mean of what was given in P, 6, not of 6 and imputed b.
    found = result([6, "NA", "NA", 4])
    assert found.normalised[0].tolist() == [6, 6, 6, 4]


def test_a_gap_in_a_whole_pillar_stays_a_gap():
    found = result([6, 2, 3, "NA"])
    assert found.states("Q")[0] == found.states("T")[0] == State.MISSING
    assert found.column("P")[0] == ((6 + 2) / 2 + 3) / 2
    assert not found.draft
    assert found.rank("T").tolist() == [0, 2, 1]
    assert marks(found) == []


def test_gaps_in_a_whole_city_leave_it_unranked_and_the_others_as_they_are():
    found = result(["NA"] * 4)
    alone = compute(FRAMEWORK, recipe(), dataset(FULL))
    assert (found.score_states[0] == State.MISSING).all()
    assert found.ranks[0].tolist() == [0] * len(found.node_codes)
    assert np.array_equal(found.scores[1:], alone.scores)
    assert np.array_equal(found.ranks[1:], alone.ranks)


def test_renormalising_instead_of_imputing():
    found = result([6, "NA", 3, "NA"], method="none", missing="renormalise")
    assert found.column("P1")[0] == 6
    assert found.column("P")[0] == found.column("T")[0] == (6 + 3) / 2
    assert {mark.kind for mark in found.marks} == {"renormalised"}


def test_imputing_within_the_pillar_at_once():
    found = result([6, "NA", 3, 4], level="pillar")
    assert found.normalised[0, 1] == (6 + 3) / 2
    assert result([6, 2, 3, "NA"], level="pillar").states("Q")[0] == State.MISSING


@pytest.mark.parametrize("at", range(4))
def test_a_blank_is_never_imputed_and_stops_the_nodes_above_it(at):
    row = [6, 2, 3, 4]
    row[at] = None
    found = result(row)
    leaf = "abcd"[at]
    for node in FRAMEWORK.path(leaf):
        assert found.states(node.code)[0] == State.BLANK
    others = [n.code for n in FRAMEWORK.composites if n not in FRAMEWORK.path(leaf)]
    assert all(found.states(code)[0] == State.VALUE for code in others)
    assert found.unfilled == (("u0", leaf),)
    assert marks(found) == []


def test_a_blank_is_left_out_of_the_mean_of_a_gap_beside_it():
    found = result([None, "NA", 3, 4])
    assert found.normalised[0, 1] == 3
    assert found.states("P1")[0] == State.BLANK
    assert found.states("Q")[0] == State.VALUE


def test_a_constant_column_under_zscores_is_told_by_name_and_stops_its_nodes():
    rows = [[1, 5, 3, 4], [2, 5, 1, 1], [3, 5, 2, 9]]
    found = compute(
        FRAMEWORK, recipe(normalise="zscore", clip=1.96, ddof=0), dataset(rows)
    )
    assert [(p.code, p.where.indicator) for p in found.failures] == [("XC350", "b")]
    assert (found.states("P1") == State.BLANK).all()
    assert (found.states("Q") == State.VALUE).all()
    stand_in = recipe(normalise="zscore", clip=1.96, ddof=0, constant=0)
    found = compute(FRAMEWORK, stand_in, dataset(rows))
    assert found.column("b").tolist() == [0, 0, 0]
    assert (found.states("T") == State.VALUE).all()


def test_a_gap_in_a_constant_column_is_not_imputed():
    """The city that lacks the value would else be the only one with a score."""
    rows = [[1, "NA", 3, 4], [2, 5, 1, 1], [3, 5, 2, 9]]
    found = compute(
        FRAMEWORK, recipe(normalise="zscore", clip=1.96, ddof=0), dataset(rows)
    )
    assert np.isnan(found.column("b")).all()
    assert found.rank("T").tolist() == [0, 0, 0]


def test_ties_everywhere():
    rows = [[1, 1, 1, 1], [3, 3, 3, 3], [1, 1, 1, 1], [3, 3, 3, 3]]
    found = compute(
        FRAMEWORK, recipe(normalise="zscore", clip=1.96, ddof=0), dataset(rows)
    )
    assert found.normalised.tolist() == [[-1] * 4, [1] * 4] * 2
    for code in found.node_codes:
        assert found.rank(code).tolist() == [3, 1, 3, 1]
    assert found.order("T") == ("u1", "u3", "u0", "u2")


def test_the_step_normalise_keeps_the_gap_that_the_step_impute_closes():
    found = result([6, "NA", 3, 4])
    before = found.steps[0]
    after = found.steps[1]
    assert before.states[0].tolist() == [
        State.VALUE,
        State.MISSING,
        State.VALUE,
        State.VALUE,
    ]
    assert np.isnan(before.values[0, 1])
    assert after.values[0].tolist() == [6, 6, 3, 4]


def test_a_step_that_names_codes_imputes_those_only():
    steps = recipe().steps
    only = replace(
        recipe(), steps=(steps[0], replace(steps[1], codes=("b",)), *steps[2:])
    )
    found = compute(FRAMEWORK, only, dataset([[6, "NA", "NA", 4], *FULL]))
    assert found.column("b")[0] == 6
    assert found.states("c")[0] == State.MISSING


def test_estimated_indicators_are_marked_in_each_node_above():
    gaps = ScoreGaps(result([6, "NA", 3, 4]))
    assert [gaps.signs(0, code) for code in ("T", "P1", "P2")] == ["‡", "‡", ""]
    assert gaps.signs(1, "T") == ""


@pytest.mark.parametrize(
    ("level", "codes"), [("all", "abcd"), ("pillar", "abc"), ("parent", "ab")]
)
def test_a_model_reads_the_indicators_below_the_level(level, codes):
    step = Step("impute_raw", "regression", {"level": level})
    assert model_indicators(FRAMEWORK, "a", step.settings()) == tuple(codes)


@pytest.mark.parametrize("level", ["all", "pillar", "parent"])
def test_a_model_for_an_indicator_in_no_pillar_reads_all(level):
    flat = Framework.read("code,parent\nT,\na,T\nb,T\nP,T\nc,P\n")
    step = Step("impute_raw", "regression", {"level": level})
    assert model_indicators(flat, "a", step.settings()) == ("a", "b", "c")


def test_a_model_on_one_predictor_reads_that_alone():
    step = Step("impute_raw", "regression", {"predictor": "d"})
    assert model_indicators(FRAMEWORK, "b", step.settings()) == ("b", "d")


ALONE = Framework.read("code,parent\na,\n")


@pytest.mark.parametrize("level", ["all", "pillar", "parent"])
def test_a_tree_of_one_indicator_has_no_other_to_fill_its_gaps_from(level):
    step = Step("impute_raw", "regression", {"level": level})
    assert model_indicators(ALONE, "a", step.settings()) == ("a",)
    scores = Step(
        "impute_scores", "dimension_mean", {"level": level.replace("all", "parent")}
    )
    alone = Recipe("r", (Step("normalise", "none"), scores))
    found = compute(
        ALONE,
        alone,
        dataset([[6], ["NA"]]).reindexed(dataset([[6], ["NA"]]).units, ("a",)),
    )
    assert found.states("a").tolist() == [State.VALUE, State.MISSING]


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("parent", (["T", "T", "P", "R"], ["", "", "P", "Q"])),
        ("pillar", (["T", "T", "P", "Q"], [])),
    ],
)
def test_gaps_are_filled_inside_the_parent_or_the_node_below_the_root(level, expected):
    tree = Framework.read("code,parent\nT,\na,T\nb,T\nP,T\nc,P\nQ,T\nR,Q\nd,R\n")
    assert imputation_dimensions(tree, level) == expected


def test_an_indicator_that_hangs_on_the_root_takes_the_mean_of_the_others_there():
    tree = Framework.read("code,parent\nT,\na,T\nb,T\nc,T\nP,T\nd,P\n")
    steps = replace(recipe(level="pillar", missing="renormalise"), weights="relative")
    found = compute(tree, steps, dataset([[6, "NA", 3, 12], *FULL]))
    assert found.column("b")[0] == (6 + 3) / 2
