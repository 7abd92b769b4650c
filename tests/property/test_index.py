import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcity.index import compute
from xlcity.index.analysis import contributions
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step

FRAMEWORK = Framework.read(
    "code,parent,weight,direction\nT,,1,\nP,T,3,\nQ,T,2,\na,P,1,1\nb,P,4,-1\nc,Q,1,1\n"
)
CODES = ("a", "b", "c")

cell = st.one_of(
    st.integers(-1000, 1000).map(float), st.just(State.MISSING), st.just(State.BLANK)
)
tables = st.lists(st.lists(cell, min_size=3, max_size=3), min_size=2, max_size=12)
rules = st.sampled_from(["na", "renormalise", "zero"])


def recipe(missing, method="minmax", blank="draft"):
    return Recipe(
        "r",
        (
            Step("normalise", method),
            Step("aggregate", "arithmetic", {"missing": missing}),
        ),
        weights="relative",
        blank=blank,
    )


def dataset(rows, order=None):
    order = range(len(rows)) if order is None else order
    units = tuple(Unit(f"u{i}") for i in order)
    values = np.array(
        [[np.nan if isinstance(x, State) else x for x in rows[i]] for i in order],
        dtype=float,
    )
    states = np.array(
        [[x if isinstance(x, State) else State.VALUE for x in rows[i]] for i in order],
        dtype=np.uint8,
    )
    return Dataset(
        units, CODES, values, states, np.full(values.shape, "", dtype="<U12")
    )


@given(tables, rules, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_the_units_changes_no_score_or_rank(rows, missing, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    one = compute(FRAMEWORK, recipe(missing), dataset(rows))
    other = compute(FRAMEWORK, recipe(missing), dataset(rows, order))
    assert np.allclose(
        one.scores[order], other.scores, equal_nan=True, rtol=0, atol=1e-9
    )
    assert np.array_equal(one.ranks[order], other.ranks)
    assert np.array_equal(one.score_states[order], other.score_states)


@given(tables, rules)
@settings(max_examples=60)
def test_scores_stay_inside_the_scale_and_states_tell_the_gaps(rows, missing):
    result = compute(FRAMEWORK, recipe(missing), dataset(rows))
    known = result.scores[~np.isnan(result.scores)]
    assert ((known >= -1e-9) & (known <= 100 + 1e-9)).all()
    assert np.array_equal(np.isnan(result.scores), result.score_states != State.VALUE)
    assert np.array_equal(result.ranks > 0, result.score_states == State.VALUE)


@given(tables, rules)
@settings(max_examples=60)
def test_ranks_and_places_follow_the_keys(rows, missing):
    result = compute(FRAMEWORK, recipe(missing), dataset(rows))
    for column in range(len(result.node_codes)):
        keys = result.keys[:, column]
        scored = ~np.isnan(keys)
        expected = [(keys > key).sum() + 1 for key in keys[scored]]
        assert result.ranks[scored, column].tolist() == expected
        places = sorted(result.positions[scored, column].tolist())
        assert places == list(range(1, scored.sum() + 1))


@given(tables, rules)
@settings(max_examples=60)
def test_a_blank_is_never_replaced(rows, missing):
    result = compute(FRAMEWORK, recipe(missing), dataset(rows))
    root = result.states("T")
    for row, cells in enumerate(rows):
        # By identity: the member of an IntEnum equals the number 1.
        if any(x is State.BLANK for x in cells):
            assert root[row] == State.BLANK


@given(tables)
@settings(max_examples=60)
def test_contributions_sum_to_the_score(rows):
    result = compute(FRAMEWORK, recipe("renormalise", blank="missing"), dataset(rows))
    scores = result.column("T")
    parts = contributions(result)
    scored = ~np.isnan(scores)
    assert np.allclose(parts[scored].sum(axis=1), scores[scored], rtol=0, atol=1e-9)
    assert np.isnan(parts[~scored]).all()


@given(tables, st.floats(0.01, 100), st.integers(-50, 50))
@settings(max_examples=60)
def test_the_measure_of_an_indicator_does_not_matter(rows, factor, shift):
    changed = [
        [x if isinstance(x, State) else x * factor + shift for x in row[:1]] + row[1:]
        for row in rows
    ]
    one = compute(FRAMEWORK, recipe("na"), dataset(rows))
    other = compute(FRAMEWORK, recipe("na"), dataset(changed))
    assert np.allclose(one.scores, other.scores, equal_nan=True, rtol=0, atol=1e-7)
