"""Laws that every method of the chain keeps: order, direction, scale of weights, bounds, gaps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcity.index import compute
from xlcity.methods.registry import METHODS
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step

HEAD = "code,parent,weight,direction,goalpost_low,goalpost_high,target\n"
TREE = "T,,1,,,,\nP,T,3,,,,\nQ,T,2,,,,\n"
CODES = ("a", "b", "c", "d")
FRAMEWORK = Framework.read(
    HEAD + TREE + "a,P,1,1,5,60,90\nb,P,4,-1,5,60,2\nc,Q,1,1,5,60,90\nd,Q,1,1,5,60,90\n"
)
HEAVIER = Framework.read(
    HEAD
    + TREE.replace(",3,", ",30,").replace(",2,", ",20,")
    + "a,P,7,1,5,60,90\nb,P,28,-1,5,60,2\nc,Q,3,1,5,60,90\nd,Q,3,1,5,60,90\n"
)

#: Parameters that a method cannot do without.
NEEDED = {
    ("normalise", "bands"): {"cuts": (20.0, 50.0)},
    ("normalise", "dist2ref"): {"unit": "u0"},
    ("normalise", "zscore"): {"ddof": 0},
    ("aggregate", "power"): {"power": 2.0},
    ("weight", "ahp"): {"judgements": (3.0,)},
}
#: Bounds of scores, where a method has any.
BOUNDS = {
    "minmax": (0, 100),
    "rank": (0, 100),
    "goalposts": (0, 100),
    "percentile": (0, 1),
    "dist2max": (0, 1),
    "fracmax": (0, 1),
    "fracsum": (-1, 1),
    "bands": (0, 100),
    "above_mean": (-1, 1),
    "efficacy": (60, 100),
}
NORMALISING = sorted(set(METHODS["normalise"]))
AGGREGATING = sorted(METHODS["aggregate"])
#: Named sets of weights are tried in tests/unit/model/test_weight_sets.py.
#: `ucm` needs three children; the nodes here have two (tests/unit/index/test_compute.py).
WEIGHING = sorted(set(METHODS["weight"]) - {"named", "ucm"})
TREATING = sorted(METHODS["treat"])
FILLING = ("mean", "median")


def step(do, method, **params):
    return Step(do, method, {**NEEDED.get((do, method), {}), **params})


def recipe(normalise="minmax", aggregate="arithmetic", extra=(), **params):
    steps = [
        *(s for s in extra if s.do != "weight"),
        step("normalise", normalise, **params),
        *(s for s in extra if s.do == "weight"),
        step("aggregate", aggregate, missing="renormalise"),
        Step("rank", "competition", {"digits": 9}),
    ]
    return Recipe("r", tuple(steps), weights="relative", blank="missing")


def dataset(rows, order=None):
    order = range(len(rows)) if order is None else order
    values = np.array([rows[i] for i in order], dtype=float)
    states = np.where(np.isnan(values), State.MISSING, State.VALUE).astype(np.uint8)
    units = tuple(Unit(f"u{i}", attributes={"g": "ab"[i % 2]}) for i in order)
    return Dataset(
        units, CODES, values, states, np.full(values.shape, "", dtype="<U12")
    )


def result(rows, made, framework=FRAMEWORK, order=None):
    return compute(framework, made, dataset(rows, order))


number = st.floats(1.0, 100.0).map(lambda x: round(x, 3))
#: The first row is complete, so that it can be a reference.
full = st.lists(st.lists(number, min_size=4, max_size=4), min_size=4, max_size=9)
gappy = full.flatmap(
    lambda rows: st.lists(
        st.tuples(st.integers(1, len(rows) - 1), st.integers(0, 3)), max_size=4
    ).map(lambda holes: punched(rows, holes))
)


def punched(rows, holes):
    out = [list(row) for row in rows]
    for row, column in holes:
        out[row][column] = np.nan
    return out


def close(one, other):
    return np.allclose(one, other, rtol=1e-7, atol=1e-7, equal_nan=True)


RECIPES = {
    **{f"normalise {m}": recipe(m) for m in NORMALISING},
    **{f"aggregate {m}": recipe("minmax", m, base=1.0) for m in AGGREGATING},
    **{f"weight {m}": recipe(extra=[step("weight", m)]) for m in WEIGHING},
    **{f"treat {m}": recipe(extra=[step("treat", m)]) for m in TREATING},
    **{f"fill {m}": recipe(extra=[step("impute_raw", m)]) for m in FILLING},
    "fill group": recipe(extra=[step("impute_raw", "mean", group="g")]),
    "screen": recipe(extra=[step("screen", "availability", data=0.75)]),
}
SLOW = settings(max_examples=8)


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
@given(rows=gappy, random=st.randoms(use_true_random=False))
@SLOW
def test_the_order_of_units_is_irrelevant(name, rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    one = result(rows, RECIPES[name])
    other = result(rows, RECIPES[name], order=order)
    assert close(one.scores[order], other.scores)
    assert np.array_equal(one.score_states[order], other.score_states)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(RECIPES) - {"aggregate sum"}))
@given(rows=gappy)
@SLOW
def test_the_scale_of_weights_is_irrelevant(name, rows):
    made = RECIPES[name]
    assert close(result(rows, made).scores, result(rows, made, HEAVIER).scores)


@pytest.mark.parametrize("method", NORMALISING)
@given(rows=gappy)
@SLOW
def test_scores_follow_the_order_of_the_values_and_the_direction(method, rows):
    found = result(rows, recipe(method))
    for at, code in enumerate(CODES):
        turn = float(FRAMEWORK[code].direction)
        x = np.array(rows)[:, at] * turn
        score = found.normalised[:, found.leaf_codes.index(code)]
        known = ~np.isnan(score)
        order = np.argsort(x[known], kind="stable")
        assert (np.diff(score[known][order]) >= -1e-9).all(), code


@pytest.mark.parametrize("method", BOUNDS)
@given(rows=gappy)
@SLOW
def test_scores_stay_in_their_bounds(method, rows):
    low, high = BOUNDS[method]
    score = result(rows, recipe(method)).normalised
    known = score[~np.isnan(score)]
    assert ((known >= low - 1e-9) & (known <= high + 1e-9)).all()


@pytest.mark.parametrize("method", sorted(set(NORMALISING) - {"dist2ref"}))
@given(rows=gappy)
@SLOW
def test_a_missing_value_has_no_score_and_changes_no_other(method, rows):
    found = result(rows, recipe(method))
    gaps = np.isnan(np.array(rows))
    score = found.normalised
    assert np.isnan(score[gaps]).all()
    column = [row[0] for row in rows if row[0] == row[0]]
    alone = [[x, 1.0 + i, 2.0, 3.0] for i, x in enumerate(column)]
    fewer = result(alone, recipe(method)).normalised[:, 0]
    assert close(fewer, score[~gaps[:, 0], 0])


@pytest.mark.parametrize("method", NORMALISING)
@given(value=number, n=st.integers(2, 6))
@SLOW
def test_a_constant_column_gives_all_units_one_score_or_none_and_is_told(
    method, value, n
):
    rows = [[value, 1.0 + i, 5.0 + i * i, 90.0 - i] for i in range(n)]
    found = result(rows, recipe(method))
    score = found.normalised[:, 0]
    told = {p.where.indicator for p in (*found.failures, *found.notes)}
    assert "a" in told
    assert np.isnan(score).all() or np.ptp(score) == 0
    if np.isnan(score).all() and "constant" in METHODS["normalise"][method].names:
        stand_in = result(rows, recipe(method, constant=42.0)).normalised[:, 0]
        assert (stand_in == 42).all()


# The Mazziotta-Pareto index punishes unevenness, and so a strength beside weaknesses.
@pytest.mark.parametrize("method", sorted(set(AGGREGATING) - {"mpi", "none"}))
@given(rows=full)
@SLOW
def test_a_better_value_never_lowers_its_node(method, rows):
    made = recipe("none", method)
    turned = [
        [row[0], -row[1], row[2], row[3]] for row in rows
    ]  # so that all scores are positive
    before = result(turned, made)
    better = [list(row) for row in turned]
    better[0][2] += 5.0
    after = result(better, made)
    was = before.column("Q")[0]
    # Among cities that were all alike TOPSIS has no score.
    assert after.column("Q")[0] >= was - 1e-9 or (method == "topsis" and np.isnan(was))


@pytest.mark.parametrize(
    "method",
    sorted(
        set(AGGREGATING)
        - {"bod", "copeland", "mpi", "promethee", "sum", "topsis", "none"}
    ),
)
@given(rows=full)
@SLOW
def test_means_lie_between_their_parts(method, rows):
    turned = [[row[0], -row[1], row[2], row[3]] for row in rows]
    found = result(turned, recipe("none", method))
    parts = found.normalised[:, 2:]
    q = found.column("Q")
    assert ((q >= parts.min(axis=1) - 1e-9) & (q <= parts.max(axis=1) + 1e-9)).all()


@pytest.mark.parametrize("method", WEIGHING)
@given(rows=full)
@SLOW
def test_weights_that_are_found_are_those_of_the_result(method, rows):
    made = recipe(extra=[step("weight", method)])
    found = result(rows, made)
    if found.failures:
        return
    for node in ("P", "Q", "T"):
        children = found.framework.children(node)
        weights = np.array([child.weight for child in children])
        assert (weights >= 0).all()
        if method != "given":
            assert weights.sum() == pytest.approx(1)
        scores = np.column_stack([found.column(child.code) for child in children])
        assert close(found.column(node), scores @ weights / weights.sum())


@pytest.mark.parametrize("method", TREATING)
@given(rows=gappy)
@SLOW
def test_treating_keeps_the_order_and_marks_what_it_changed(method, rows):
    found = result(rows, recipe(extra=[step("treat", method)]))
    treated = [s for s in found.steps if s.step.do == "treat"]
    marked = {(mark.unit, mark.code) for mark in found.marks if mark.kind == "treated"}
    before = np.array(rows)
    changed = set()
    for at, code in enumerate(CODES):
        after = treated[0].values[:, at] if treated else before[:, at]
        known = ~np.isnan(before[:, at]) & ~np.isnan(after)
        order = np.argsort(before[known, at], kind="stable")
        assert (np.diff(after[known][order]) >= -1e-9).all()
        changed |= {
            (f"u{row}", code)
            for row in np.flatnonzero(known & (after != before[:, at]))
        }
    assert marked == changed


@pytest.mark.parametrize("method", FILLING)
@given(rows=gappy)
@SLOW
def test_filled_gaps_are_marked_and_given_values_stay(method, rows):
    found = result(rows, recipe(extra=[step("impute_raw", method)]))
    values = next(s for s in found.steps if s.step.do == "impute_raw").values
    given_values = np.array(rows)
    gaps = np.isnan(given_values)
    assert np.array_equal(values[~gaps], given_values[~gaps])
    assert sum(mark.kind == "imputed" for mark in found.marks) == gaps.sum()
    middle = {"mean": np.nanmean, "median": np.nanmedian}[method](given_values, axis=0)
    assert close(values, np.where(gaps, middle, given_values))


@given(rows=gappy, factor=st.floats(0.1, 50.0))
@SLOW
def test_the_measure_of_a_denominator_is_irrelevant_and_a_gap_in_it_is_one(
    rows, factor
):
    by = Step("denominate", "by", {"denominator": "d"}, ("a", "b"))
    made = recipe(extra=[by])
    changed = [[*row[:3], row[3] * factor] for row in rows]
    one = result(rows, made)
    other = result(changed, made)
    assert close(one.scores, other.scores)
    quotient = next(s for s in one.steps if s.step.do == "denominate")
    values = np.array(rows)
    assert close(quotient.values[:, 0], values[:, 0] / values[:, 3])


@given(rows=gappy)
@SLOW
def test_screened_units_have_no_score_and_change_no_bounds(rows):
    made = recipe(extra=[step("screen", "availability", data=1.0)])
    found = result(rows, made)
    complete = ~np.isnan(np.array(rows)).any(axis=1)
    assert {m.unit for m in found.marks if m.kind == "screened"} == {
        f"u{row}" for row in np.flatnonzero(~complete)
    }
    assert np.isnan(found.scores[~complete]).all()
    left = [row for row, whole in zip(rows, complete, strict=True) if whole]
    assert close(found.scores[complete], result(left, recipe()).scores)
