from dataclasses import replace

import numpy as np
import pytest

from xlcity.errors import DataError, FrameworkError, RecipeError
from xlcity.index import compute
from xlcity.index.analysis import (
    ScoreGaps,
    contributions,
    remarks_document,
    results_document,
)
from xlcity.index.checks import add_unused_variables, note_methods
from xlcity.index.method_options import default_recipe
from xlcity.index.prepare import available_shares, denominator_of
from xlcity.index.steps import (
    consistency_ratios,
    effective_weights,
    resolve_named_weights,
)
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import Notes, empty_dataset
from xlcity.model.recipe import Recipe, Step

NAN = float("nan")
FRAMEWORK = Framework.read(
    "code,parent,weight,direction\nT,,1,\nP,T,0.6,\nQ,T,0.4,\na,P,0.5,1\nb,P,0.5,-1\nc,Q,1,1\n"
)


def dataset(rows, codes=("a", "b", "c"), populations=None):
    """Build a dataset from rows of numbers, None (blank) and "NA"."""
    populations = populations or ["main"] * len(rows)
    units = tuple(Unit(f"u{i}", population=p) for i, p in enumerate(populations))
    blank = empty_dataset(units, codes)
    values = blank.values.copy()
    states = blank.states.copy()
    for i, row in enumerate(rows):
        for j, content in enumerate(row):
            if content == "NA":
                states[i, j] = State.MISSING
            elif content is not None:
                values[i, j], states[i, j] = content, State.VALUE
    return Dataset(units, codes, values, states, blank.basis)


def recipe(*, missing="na", blank="draft", weights="shares", **normalise):
    method = normalise.pop("method", "minmax")
    return Recipe(
        "r",
        (
            Step("normalise", method, normalise),
            Step("aggregate", "arithmetic", {"missing": missing}),
            Step("rank", "competition", {"digits": 9}),
        ),
        weights=weights,
        blank=blank,
    )


TOTAL = recipe().steps[1:]


def test_scores_are_weighted_sums_of_oriented_leaves():
    result = compute(FRAMEWORK, recipe(), dataset([[0, 1, 5], [10, 3, 7], [5, 2, 10]]))
    assert result.leaf_codes == ("a", "b", "c")
    assert result.node_codes == ("T", "P", "Q")
    a = [0, 100, 100 * 5 / 10]
    b = [100, 0, 100 * (3 - 2) / (3 - 1)]
    c = [0, 100 * (7 - 5) / (10 - 5), 100]
    assert result.normalised.T.tolist() == [a, b, c]
    p = [(x + y) / 2 for x, y in zip(a, b, strict=True)]
    total = [0.6 * x + 0.4 * y for x, y in zip(p, c, strict=True)]
    assert result.column("T") == pytest.approx(total)
    assert result.rank("T").tolist() == [3, 2, 1]
    assert result.order("T") == ("u2", "u1", "u0")
    assert not result.draft
    assert [(b.code, b.count, b.low, b.high) for b in result.bounds] == [
        ("a", 3, 0, 10),
        ("b", 3, 1, 3),
        ("c", 3, 5, 10),
    ]
    assert [step.step.do for step in result.steps] == ["normalise", "aggregate", "rank"]
    assert result.steps[0].values.T.tolist() == [a, b, c]


def test_a_blank_leaves_the_nodes_above_it_uncomputed_and_the_index_a_draft():
    result = compute(
        FRAMEWORK, recipe(), dataset([[0, 1, None], [10, 3, 7], [5, 2, 10]])
    )
    assert result.states("Q").tolist() == [State.BLANK, State.VALUE, State.VALUE]
    assert result.states("T")[0] == State.BLANK
    assert result.states("P")[0] == State.VALUE
    assert result.unfilled == (("u0", "c"),)
    assert result.draft
    assert result.rank("T").tolist() == [0, 2, 1]


@pytest.mark.parametrize(
    ("missing", "p"),
    [("na", NAN), ("renormalise", 100 * 5 / 10), ("zero", 0.5 * 100 * 5 / 10)],
)
def test_a_missing_code_meets_the_rule_and_is_marked(missing, p):
    rows = [[5, "NA", 5], [10, 3, 7], [0, 2, 10]]
    result = compute(FRAMEWORK, recipe(missing=missing), dataset(rows))
    assert result.column("P")[0] == pytest.approx(p, nan_ok=True)
    assert not result.draft
    if missing == "na":
        assert result.states("T")[0] == State.MISSING
        assert not result.marks
    else:
        kind = "renormalised" if missing == "renormalise" else "zero"
        assert [(m.kind, m.unit, m.code) for m in result.marks] == [(kind, "u0", "P")]


@pytest.mark.parametrize("missing", ["na", "renormalise", "zero"])
def test_no_rule_acts_on_a_blank(missing):
    rows = [[5, None, 5], [10, 3, 7], [0, 2, 10]]
    result = compute(FRAMEWORK, recipe(missing=missing), dataset(rows))
    assert result.states("P")[0] == State.BLANK


def test_a_recipe_may_take_blanks_as_missing():
    rows = [[5, None, 5], [10, 3, 7], [0, 2, 10]]
    result = compute(
        FRAMEWORK, recipe(missing="renormalise", blank="missing"), dataset(rows)
    )
    assert result.column("P")[0] == 50
    assert not result.draft


def test_unrated_acts_on_codes_only_and_says_where():
    steps = recipe(method="rating", max=5, unrated=0, scale=100)
    result = compute(FRAMEWORK, steps, dataset([[4, "NA", None]]))
    assert result.normalised[0, :2].tolist() == [80, 0]
    assert result.normalised_states[0].tolist() == [
        State.VALUE,
        State.VALUE,
        State.BLANK,
    ]
    assert [(m.kind, m.unit, m.code) for m in result.marks] == [("unrated", "u0", "b")]


def test_a_constant_column_fails_by_name_under_plain_minmax():
    result = compute(FRAMEWORK, recipe(), dataset([[5, 1, 1], [5, 2, 2]]))
    assert [(p.code, p.where.indicator) for p in result.failures] == [("XC350", "a")]
    assert np.isnan(result.column("a")).all()
    assert result.states("T").tolist() == [State.BLANK] * 2
    assert result.states("Q").tolist() == [State.VALUE] * 2
    assert not result.draft


def test_a_constant_column_is_a_note_with_a_fixed_bound_or_a_stand_in():
    rows = [[5, 1, 1], [5, 2, 2]]
    fixed = compute(FRAMEWORK, recipe(lower=0), dataset(rows))
    assert fixed.column("a").tolist() == [100, 100]
    assert ([p.code for p in fixed.notes], fixed.failures) == (["XC351"], ())
    stand_in = compute(FRAMEWORK, recipe(constant=50), dataset(rows))
    assert stand_in.column("a").tolist() == [50, 50]
    assert ([p.code for p in stand_in.notes], stand_in.failures) == (["XC351"], ())


def test_bounds_that_leave_no_room_fail_by_name_even_with_a_stand_in():
    result = compute(
        FRAMEWORK, recipe(lower=9, constant=50), dataset([[5, 10, 10], [6, 20, 20]])
    )
    assert [(p.code, p.where.indicator) for p in result.failures] == [("XC353", "a")]
    assert np.isnan(result.column("a")).all()


def test_a_left_out_unit_reaches_no_statistic_and_no_rank():
    rows = [[0, 1, 5], [10, 3, 7], [1000, -1000, 1000]]
    result = compute(
        FRAMEWORK, recipe(), dataset(rows, populations=["main", "main", ""])
    )
    alone = compute(FRAMEWORK, recipe(), dataset(rows[:2]))
    assert np.array_equal(result.scores[:2], alone.scores)
    assert np.isnan(result.scores[2]).all()
    assert result.ranks[2].tolist() == [0, 0, 0]
    assert not result.draft


def test_populations_are_scored_and_ranked_apart():
    rows = [[0, 1, 5], [100, 3, 70], [10, 3, 7], [500, 2, 100]]
    result = compute(
        FRAMEWORK, recipe(), dataset(rows, populations=["main", "mini", "main", "mini"])
    )
    assert result.column("a").tolist() == [0, 0, 100, 100]
    assert sorted(result.rank("Q").tolist()) == [1, 1, 2, 2]
    assert result.populations == ("main", "mini")
    assert set(result.order("T", "mini")) == {"u1", "u3"}


def test_ties_share_a_rank_and_keep_the_order_of_the_units():
    rows = [[1, 1, 1], [2, 1, 2], [2, 1, 2], [0, 1, 0]]
    result = compute(FRAMEWORK, recipe(lower=0), dataset(rows))
    assert result.rank("T").tolist() == [3, 1, 1, 4]
    at = result.node_codes.index("T")
    assert result.positions[:, at].tolist() == [3, 1, 2, 4]


def test_ranks_do_not_follow_float_noise():
    framework = Framework.read("code,parent,weight\nT,,1\na,T,1\n")
    values = [[0.1 + 0.2], [0.3], [0.2]]
    result = compute(framework, recipe(method="none"), dataset(values, codes=("a",)))
    assert result.rank("T").tolist() == [1, 1, 3]
    assert result.keys[0, 0] == result.keys[1, 0] == 0.3


def test_a_node_with_a_value_of_its_own_uses_it_whatever_is_below():
    rows = [[None, None, None, 30, 80], [None, None, 1, 60, 20]]
    result = compute(
        FRAMEWORK, recipe(), dataset(rows, codes=("a", "b", "c", "P", "Q"))
    )
    assert result.column("T") == pytest.approx(
        [0.6 * 30 + 0.4 * 80, 0.6 * 60 + 0.4 * 20]
    )
    assert not result.draft
    assert {(m.kind, m.code) for m in result.marks} == {
        ("direct", "P"),
        ("direct", "Q"),
    }


def test_weights_that_are_no_shares_are_refused_or_rescaled():
    text = "code,parent,weight\nT,,1\na,T,0.5\nb,T,0.48\n"
    framework = Framework.read(text)
    rows = dataset([[1, 4], [2, 3]], codes=("a", "b"))
    with pytest.raises(FrameworkError, match=r"0\.98"):
        compute(framework, recipe(), rows)
    result = compute(framework, recipe(method="none", weights="relative"), rows)
    assert result.column("T")[0] == pytest.approx((0.5 * 1 + 0.48 * 4) / 0.98)


def test_weights_that_are_all_zero_are_refused():
    framework = Framework.read("code,parent,weight\nT,,1\na,T,0\nb,T,0\n")
    with pytest.raises(FrameworkError, match="are 0"):
        compute(
            framework, recipe(weights="relative"), dataset([[1, 2]], codes=("a", "b"))
        )


def test_a_recipe_that_forgets_an_indicator_is_refused():
    partial = Recipe("r", (Step("normalise", "minmax", {}, ("a",)),))
    with pytest.raises(RecipeError) as caught:
        compute(FRAMEWORK, partial, dataset([[1, 2, 3]]))
    assert [p.where.indicator for p in caught.value.problems] == [
        "b",
        "c",
        "T",
        "P",
        "Q",
    ]


@pytest.mark.parametrize(
    ("method", "params", "expected"),
    [
        ("zscore", {"clip": 1, "ddof": 0}, [-1, 0, 1]),
        ("efficacy", {"omega": 40}, [60, 80, 100]),
        ("rank", {}, [100 / 3, 200 / 3, 100]),
        ("minmax", {"scale": 10, "floor": 2}, [2, 5, 10]),
        ("minmax", {"lower": 0, "upper": 6}, [100 * 2 / 6, 100 * 4 / 6, 100]),
        ("none", {}, [2, 4, 6]),
    ],
)
@pytest.mark.parametrize("direction", [1, -1])
def test_methods_and_directions(method, params, expected, direction):
    framework = Framework.read(f"code,parent,direction\nT,,\na,T,{direction}\n")
    steps = recipe(method=method, weights="relative", **params)
    result = compute(framework, steps, dataset([[2], [4], [6]], codes=("a",)))
    got = result.column("a").tolist()
    if direction == -1:
        mirrored = {"none": [-2, -4, -6]}.get(method, expected[::-1])
        if "upper" in params:
            mirrored = [100 * 4 / 6, 100 * 2 / 6, 0]
        assert got == pytest.approx(mirrored)
    else:
        assert got == pytest.approx(expected)


def test_clipped_and_floored_cells_are_marked():
    framework = Framework.read("code,parent\nT,\na,T\n")
    rows = dataset([[0], [0], [0], [0], [100]], codes=("a",))
    clipped = compute(framework, recipe(method="zscore", clip=1.5, ddof=0), rows)
    assert [(m.kind, m.unit) for m in clipped.marks] == [("clipped", "u4")]
    floored = compute(framework, recipe(floor=1), rows)
    assert [(m.kind, m.unit) for m in floored.marks] == [
        ("floor", f"u{i}") for i in range(4)
    ]
    at_floor = compute(
        framework, recipe(floor=25), dataset([[0], [25], [100]], codes=("a",))
    )
    assert [(m.kind, m.unit) for m in at_floor.marks] == [("floor", "u0")]


def test_a_geometric_mean_of_zero_fails_by_name_for_its_unit_only():
    framework = Framework.read("code,parent\nT,\na,T\nb,T\n")
    steps = Recipe(
        "r",
        (Step("normalise", "none"), Step("aggregate", "geometric", {"missing": "na"})),
        weights="relative",
    )
    result = compute(framework, steps, dataset([[4, 9], [0, 9]], codes=("a", "b")))
    assert result.column("T")[0] == pytest.approx(6)
    assert [(p.code, p.where.unit) for p in result.failures] == [("XC352", "u1")]
    assert result.rank("T").tolist() == [1, 0]


@pytest.mark.parametrize("method", ["critic", "ucm"])
def test_a_node_without_weights_is_one_fault_not_one_for_each_city(method):
    framework = Framework.read("code,parent\nT,\na,T\nb,T\nc,T\n")
    steps = (
        Step("normalise", "none"),
        Step("weight", method),
        Step("aggregate", "arithmetic"),
    )
    rows = dataset([[1, 7, 3], [2, 7, 5], [3, 7, 4]])
    result = compute(framework, Recipe("r", steps, weights="relative"), rows)
    assert [(p.code, p.where.indicator) for p in result.failures] == [("XC357", "T")]


def test_ucm_of_two_is_refused_with_its_remedy():
    framework = Framework.read("code,parent\nT,\nP,T\nQ,T\na,P\nb,P\nc,Q\n")
    ucm = Step("weight", "ucm")
    steps = (Step("normalise", "none"), ucm, Step("aggregate", "arithmetic"))
    with pytest.raises(RecipeError) as raised:
        compute(
            framework,
            Recipe("r", steps, weights="relative"),
            dataset([[1, 2, 3], [2, 1, 5]]),
        )
    told = [problem.message for problem in raised.value.problems]
    assert [text.partition(": ")[2][:30] for text in told] == [
        "T: ucm needs 3 children or mor",
        "P: ucm needs 3 children or mor",
    ]
    assert "CODE=equal" in told[0]


def test_a_framework_without_a_recipe_is_averaged_over_what_is_there():
    framework = Framework.read(
        "code,parent,weight,direction\nT,,1,\na,T,1,1\nb,T,3,-1\n"
    )
    rows = dataset([[0, 10], [5, None], [10, 20]], codes=("a", "b"))
    result = compute(framework, default_recipe(), rows)
    assert result.column("T") == pytest.approx(
        [(1 * 0 + 3 * 100) / 4, 50, (1 * 100 + 0) / 4]
    )
    assert not result.draft


def test_contributions_add_up_to_the_score():
    rows = [[0, 1, 5], [10, "NA", 7], [5, 2, 10], [None, 2, 10]]
    result = compute(FRAMEWORK, recipe(missing="renormalise"), dataset(rows))
    parts = contributions(result)
    assert parts[:3].sum(axis=1) == pytest.approx(result.column("T")[:3])
    assert parts[1, 0] == pytest.approx(0.6 * result.column("a")[1])
    assert parts[1, 1] == 0
    assert np.isnan(parts[3]).all()
    only_q = contributions(result, "Q")
    assert only_q[0].tolist() == [0, 0, result.column("c")[0]]


def test_nothing_explains_a_value_of_its_own():
    rows = [[1, 1, 1, 30], [2, 2, 2, None]]
    result = compute(FRAMEWORK, recipe(), dataset(rows, codes=("a", "b", "c", "P")))
    parts = contributions(result)
    assert np.isnan(parts[0, :2]).all()
    assert parts[1].sum() == pytest.approx(result.column("T")[1])


def test_the_document_says_null_for_what_is_missing():
    result = compute(FRAMEWORK, recipe(), dataset([[0, 1, None], [10, 3, 7]]))
    document = results_document(result, "x")
    assert (document["report"], document["draft"], document["pairs"]) == ("x", True, [])
    first, second = document["units"]
    assert (first["scores"]["T"], first["ranks"]["T"], first["normalised"]["c"]) == (
        None,
    ) * 3
    assert second["scores"]["P"] == 50
    assert second["ranks"] == {"T": None, "P": 1, "Q": None}
    assert remarks_document(result)["unfilled"] == [{"unit": "u0", "indicator": "c"}]
    assert [p["code"] for p in remarks_document(result)["failures"]] == ["XC350"]


def test_a_screen_that_leaves_no_city_is_a_failure():
    plain = recipe(missing="renormalise")
    screened = replace(
        plain, steps=(Step("screen", "availability", {"data": 0.9}), *plain.steps)
    )
    result = compute(FRAMEWORK, screened, dataset([[0, "NA", 5], ["NA", 3, 7]]))
    assert [problem.code for problem in result.failures] == ["XC356"]
    assert "no city of main is left" in str(result.failures[0])
    one_left = compute(
        FRAMEWORK, screened, dataset([[0, "NA", 5], [1, 3, 7], [2, 1, 6]])
    )
    assert not one_left.failures


def test_missing_indicators_are_counted_below_each_node():
    rows = [[0, "NA", 5], [10, 3, "NA"], [5, 2, 10]]
    result = compute(
        FRAMEWORK, recipe(missing="renormalise", blank="missing"), dataset(rows)
    )
    assert repr(result).startswith("<IndexResult: ")
    gaps = ScoreGaps(result)
    assert [gaps.missing_count(row, "T") for row in range(3)] == [1, 1, 0]
    assert [gaps.missing_count(row, "Q") for row in range(3)] == [0, 1, 0]
    assert [gaps.signs(0, "P"), gaps.signs(0, "Q"), gaps.signs([0, 1, 2], "T")] == [
        "†",
        "",
        "†",
    ]


def test_a_share_beyond_1_is_named_with_what_to_write():
    step = Step(
        "aggregate", "arithmetic", {"missing": "renormalise", "threshold": 60.0}
    )
    method = Recipe("r", (Step("normalise", "minmax"), step))
    (note,) = note_methods(FRAMEWORK, method, (), {})
    assert note.code == "XC358"
    assert "for 60 % write 0.6" in note.hint


def test_values_that_are_there_are_counted_in_shares_below_each_node():
    rows = [[0, "NA", 5], [None, "NA", 7], [5, 2, 10]]
    shares = available_shares(
        compute(FRAMEWORK, recipe(missing="renormalise"), dataset(rows))
    )
    assert shares["T"] == pytest.approx([2 / 3, 1 / 3, 1])
    assert [shares[code].tolist() for code in "PQb"] == [
        [1 / 2, 0, 1],
        [1, 1, 1],
        [0, 0, 1],
    ]


def test_every_group_is_measured_by_the_one_city_that_is_named():
    by_city = replace(
        recipe(), steps=(Step("normalise", "dist2ref", {"unit": "u1"}), *TOTAL)
    )
    rows = [[2, 1, 5], [10, 3, 7], [6, 2, 10], [4, 5, 6]]
    result = compute(
        FRAMEWORK, by_city, dataset(rows, populations=["x", "main", "main", "x"])
    )
    # From the least value of a group to the value of u1.
    assert result.normalised[:, 0] == pytest.approx([0, 1, 0, (4 - 2) / (10 - 2)])


@pytest.mark.parametrize(("scale", "names"), [(9.0, ["P"]), (10.0, []), (100.0, [])])
def test_scores_on_a_tenth_of_the_scale_still_move_the_mean(scale, names):
    narrow = Step("normalise", "percentile", {"scale": scale}, ("b",))
    plain = recipe()
    method = replace(plain, steps=(narrow, *plain.steps))
    scores = {code: np.array([0.0, 1.0]) for code in "abc"}
    assert [
        note.where.indicator for note in note_methods(FRAMEWORK, method, (), scores)
    ] == names


@pytest.mark.parametrize(
    ("codes", "says"), [("a", "a is divided"), ("ab", "a, b are divided")]
)
def test_indicators_without_their_denominator_are_named(codes, says):
    rows = [f"{code},T,Indicator,{'Area' if code in codes else ''}" for code in "ab"]
    text = "\n".join(
        ["code,parent,type,denominator", "T,,Aggregate,", *rows, "Area,,Denominator,"]
    )
    framework = Framework.read(text + "\n")
    method = Recipe("r", (Step("denominate", "by"), Step("normalise", "minmax")))
    data = dataset([[1, 2]], ("a", "b"))
    with pytest.raises(DataError, match=f"{says} by Area, which has no values"):
        add_unused_variables(framework, method, [data], Notes())
    with_areas = dataset([[1, 2, 5]], ("a", "b", "Area"))
    assert (
        add_unused_variables(framework, method, [data, with_areas], Notes()).unused
        == ()
    )
    undivided = replace(method, steps=method.steps[1:])
    reason = "no step of the method divides by it; see denominate"
    unused = add_unused_variables(framework, undivided, [with_areas], Notes()).unused
    assert unused == (("Area", reason),)
    told = Notes(unused=(("Area", "twice in the table"),))
    assert add_unused_variables(framework, undivided, [with_areas], told) == told
    # What it is made from is enough.
    for made in (replace(data, items={"Area": {}}), replace(data, links={"Area": {}})):
        assert add_unused_variables(framework, method, [made], Notes()).unused == ()


def test_what_is_below_a_value_of_a_node_is_neither_missing_nor_lacks_a_value():
    rows = [["NA", "NA", 5, 30], [10, 3, "NA", None], [5, "NA", "NA", None]]
    steps = recipe(missing="renormalise", blank="missing")
    result = compute(FRAMEWORK, steps, dataset(rows, codes=("a", "b", "c", "P")))
    gaps = ScoreGaps(result)
    assert [
        [gaps.missing_count(row, code) for code in "TPQab"] for row in range(3)
    ] == [
        [0, 0, 0, 1, 1],
        [1, 0, 1, 0, 0],
        [2, 1, 1, 0, 1],
    ]
    shares = available_shares(result)
    assert [shares[code].tolist() for code in "PQ"] == [[1, 1, 0.5], [1, 0, 0]]
    assert shares["T"] == pytest.approx([1, 2 / 3, 1 / 3])
    assert remarks_document(result)["marks"][0] == {
        "kind": "direct",
        "unit": "u0",
        "node": "P",
        "detail": "a value of its own",
    }


def test_ranks_are_the_last_step_with_no_number_for_who_has_none():
    rows = [[0, 1, 5], [10, 3, 7], [5, "NA", 10], [10, 3, 7]]
    ranks = compute(FRAMEWORK, recipe(), dataset(rows)).steps[-1]
    assert (ranks.step.do, ranks.codes) == ("rank", ("T", "P", "Q"))
    assert ranks.values[:, 0].tolist()[:2] == [3, 1]
    assert np.isnan(ranks.values[2, :2]).all()
    assert ranks.states[:, 0].tolist() == [
        State.VALUE,
        State.VALUE,
        State.BLANK,
        State.VALUE,
    ]
    assert ranks.values[:, 2].tolist() == [4, 2, 1, 2]


def test_given_bounds_leave_no_room_for_a_stand_in():
    bounded = compute(
        FRAMEWORK, recipe(lower=5, constant=50), dataset([[5, 6, 6], [5, 7, 7]])
    )
    assert np.isnan(bounded.column("a")).all()
    assert [(p.code, p.where.indicator) for p in bounded.failures] == [("XC350", "a")]
    # A method without a stand-in has none to ask for.
    none_best = recipe(method="rating", max=0, unrated=1)
    assert np.isnan(
        compute(FRAMEWORK, none_best, dataset([[5, 6, 6]])).normalised
    ).all()


def test_a_treatment_may_leave_values_as_they_are():
    plain = recipe()
    untreated = replace(plain, steps=(Step("treat", "none"), *plain.steps))
    rows = dataset([[0, 1, 5], [10, 3, 7], [5, 2, 10]])
    found = compute(FRAMEWORK, untreated, rows)
    assert np.array_equal(found.scores, compute(FRAMEWORK, plain, rows).scores)
    assert found.marks == ()


@pytest.mark.parametrize(
    ("denominate", "denominators"),
    [
        ({}, {"a": "pop", "b": ""}),
        ({"denominator": "gdp"}, {"a": "gdp", "b": "gdp"}),
        (None, {"a": "", "b": ""}),
    ],
)
def test_an_indicator_is_divided_by_what_its_step_or_the_framework_names(
    denominate, denominators
):
    framework = Framework.read(
        "code,parent,type,denominator\nT,,Aggregate,\na,T,Indicator,pop\nb,T,Indicator,\n"
        "pop,,Denominator,\ngdp,,Denominator,\n"
    )
    step = None if denominate is None else Step("denominate", "by", denominate)
    found = {node.code: denominator_of(step, node) for node in framework.indicators}
    assert found == denominators
    assert denominator_of(Step("denominate", "none"), framework["a"]) == ""


def weighed(
    method, framework=FRAMEWORK, weights="relative", aggregation="arithmetic", **params
):
    """Return the index of three cities with a step that weighs the root's children."""
    steps = (
        Step("normalise", "none"),
        Step("weight", method, params, ("T",)),
        Step("aggregate", aggregation),
    )
    rows = dataset([[2, 1, 5], [10, 3, 7], [6, 2, 10]])
    return compute(framework, Recipe("r", steps, weights=weights), rows)


def test_weights_are_looked_for_only_where_a_mean_reads_them():
    assert [weighed("equal").framework[code].weight for code in "PQ"] == [0.5, 0.5]
    minimum = weighed("equal", aggregation="minimum")
    assert [minimum.framework[code].weight for code in "PQ"] == [0.6, 0.4]


def test_effective_weights_are_shares_on_the_way_down_but_of_a_sum_the_weights():
    steps = recipe(weights="relative").steps
    leaves = replace(
        steps[1], params={"missing": "na", "weights": "leaves"}, codes=("T",)
    )
    counted = Recipe("r", (*steps[:2], leaves, steps[2]), weights="relative")
    assert effective_weights(FRAMEWORK, counted) == pytest.approx(
        {"T": 1, "P": 2 / 3, "Q": 1 / 3, "a": 1 / 3, "b": 1 / 3, "c": 1 / 3}
    )
    doubled = Framework.read(
        "code,parent,weight\nT,,7\nP,T,3\nQ,T,2\na,P,4\nb,P,1\nc,Q,5\n"
    )
    summed = Recipe(
        "r", (*steps[:2], Step("aggregate", "sum", {}, ("T", "Q")), steps[2])
    )
    assert effective_weights(doubled, summed) == pytest.approx(
        {"T": 1, "P": 3, "Q": 2, "a": 3 * 4 / 5, "b": 3 * 1 / 5, "c": 2 * 5}
    )


def test_judgements_have_a_ratio_and_are_noted_beyond_a_tenth():
    tree = Framework.read("code,parent\nT,\na,T\nb,T\nc,T\n")

    def judged(last):
        ahp = Step("weight", "ahp", {"judgements": (3.0, 9.0, last)}, ("T",))
        steps = (Step("normalise", "none"), ahp, Step("aggregate", "arithmetic"))
        return Recipe("r", steps, weights="relative")

    # a is three times b, b three times c, and a nine times c: nothing is contradicted.
    assert consistency_ratios(tree, judged(3.0)) == {"T": pytest.approx(0, abs=1e-12)}
    rows = dataset([[1, 2, 3], [2, 3, 4]])
    assert [p.code for p in compute(tree, judged(3.0), rows).notes] == ["XC216"]
    assert consistency_ratios(tree, judged(0.1))["T"] > 0.1
    assert [p.code for p in compute(tree, judged(0.1), rows).notes] == [
        "XC357",
        "XC216",
    ]
    assert consistency_ratios(tree, replace(recipe(), weights="relative")) == {}
    entropy = Step("weight", "entropy")
    assert (
        consistency_ratios(tree, replace(recipe(), steps=(entropy, *recipe().steps)))
        == {}
    )


SETS = (
    "code,parent,weight,weight_even,weight_zero,weight_off\nT,,1,,,\nP,T,0.6,0.5,0,0.5\n"
    "Q,T,0.4,0.5,0,0.500002\na,P,0.5,,,\nb,P,0.5,,,\nc,Q,1,,,\n"
)


def test_a_named_set_of_weights_takes_the_place_of_the_frameworks():
    tree = Framework.read(SETS)
    found = weighed("named", tree, set="even")
    assert found.column("T") == pytest.approx(
        (found.column("P") + found.column("Q")) / 2
    )
    assert [found.framework[code].weight for code in "PQ"] == [0.5, 0.5]
    assert [p.code for p in found.notes] == ["XC216"]
    named = found.recipe
    tree_of_set, given = resolve_named_weights(tree, named)
    assert [tree_of_set[code].weight for code in "PQab"] == [0.5] * 4
    assert [(step.do, step.method, step.codes) for step in given.steps] == [
        ("normalise", "none", ()),
        ("weight", "given", ("T",)),
        ("aggregate", "arithmetic", ()),
    ]
    unknown = replace(
        named, steps=(Step("weight", "named", {"set": "odd"}), *named.steps[2:])
    )
    assert resolve_named_weights(tree, unknown) == (tree, unknown)


@pytest.mark.parametrize(
    ("name", "weights", "says"),
    [
        ("even", "shares", None),
        ("odd", "relative", "unknown set of weights 'odd' (known: even, zero, off)"),
        ("zero", "relative", "T: all weights of the set zero are 0"),
        ("zero", "shares", "T: all weights of the set zero are 0"),
        ("off", "relative", None),
        ("off", "shares", "T: the weights of the set off sum to 1.000002, not 1"),
    ],
)
def test_a_set_of_weights_is_there_and_has_a_sum(name, weights, says):
    if says is None:
        assert weighed("named", Framework.read(SETS), weights, set=name).rank("T").any()
        return
    with pytest.raises(RecipeError) as caught:
        weighed("named", Framework.read(SETS), weights, set=name)
    assert [p.message for p in caught.value.problems] == [
        f"step 2 (weight named): {says}."
    ]


def test_the_default_ranks_scores_to_nine_digits():
    framework = Framework.read("code,parent,direction\nT,,\na,T,1\n")
    values = [[1.0], [1.000000002], [1.0000000023], [0.0], [10.0]]
    plain = replace(
        default_recipe(), steps=(Step("normalise", "none"), *default_recipe().steps[1:])
    )
    assert compute(framework, plain, dataset(values, ("a",))).rank("T").tolist() == [
        4,
        2,
        2,
        5,
        1,
    ]
