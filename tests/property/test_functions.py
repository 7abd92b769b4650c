"""What holds for every column and row, whatever its numbers are."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from xlcity.functions.aggregate import weighted_index
from xlcity.functions.block import CellState
from xlcity.functions.normalise import minmax_scale, rating_scale, zscore_winsor
from xlcity.functions.rank import TIES, ascending_ranks, rank_competition, rank_uniform
from xlcity.functions.rounding import round_excel
from xlcity.functions.scale import efficacy_scale

#: Values as reports print them: at most three decimals, so that scaling by 1000 is exact enough.
VALUES = st.integers(-(10**6), 10**6).map(lambda n: n / 1000)
COLUMNS = hnp.arrays(np.float64, st.integers(2, 12), elements=VALUES)
BLOCKS = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 8), st.integers(1, 4)), elements=VALUES
)
POSITIVE = hnp.arrays(
    np.float64, (4, 3), elements=st.integers(1, 10**6).map(lambda n: n / 1000)
)
WEIGHTS = hnp.arrays(np.float64, 3, elements=st.integers(1, 1000).map(float))
BOUNDED = [zscore_winsor, minmax_scale, efficacy_scale]
EVERY = [*BOUNDED, rating_scale, rank_uniform, rank_competition]
STATES = hnp.arrays(np.uint8, (6, 2), elements=st.integers(0, 3))


def column(block):
    return block.values[:, 0]


@pytest.mark.parametrize("function", BOUNDED)
@given(data=COLUMNS, factor=st.floats(0.01, 100), shift=st.floats(-1000, 1000))
def test_the_measure_of_an_indicator_does_not_matter(function, data, factor, shift):
    assume(np.ptp(data) >= 0.1)
    other = data * factor + shift
    # Of scores up to 100 as much is lost as of the numbers: they are rounded once multiplied, once
    # shifted, once subtracted, and a narrow range beside a large shift has fewer digits left.
    sizes = np.abs(data * factor).max() + abs(shift) + np.abs(other).max()
    lost = np.finfo(float).eps * (
        sizes / np.ptp(other) + np.abs(data).max() / np.ptp(data)
    )
    np.testing.assert_allclose(
        column(function(other)), column(function(data)), rtol=0, atol=100 * 4 * lost
    )


@pytest.mark.parametrize("function", [*BOUNDED, rating_scale, rank_uniform])
@given(data=COLUMNS)
def test_more_is_never_worse(function, data):
    assume(np.ptp(data) > 0)
    order = np.argsort(data, kind="stable")
    assert (np.diff(column(function(data))[order]) >= 0).all()


@pytest.mark.parametrize("function", EVERY)
@given(data=COLUMNS, seed=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(function, data, seed):
    order = list(range(len(data)))
    seed.shuffle(order)
    np.testing.assert_allclose(
        column(function(data[order])),
        column(function(data))[order],
        rtol=1e-9,
        atol=1e-9,
    )


@pytest.mark.parametrize("function", EVERY)
@given(data=BLOCKS)
def test_columns_are_computed_each_for_itself(function, data):
    together = function(data)
    for place in range(data.shape[1]):
        alone = function(data[:, [place]])
        np.testing.assert_allclose(
            alone.values[:, 0], together.values[:, place], rtol=1e-12
        )
        assert alone.errors[:, 0].tolist() == together.errors[:, place].tolist()


@pytest.mark.parametrize("function", EVERY)
@given(numbers=hnp.arrays(np.float64, (6, 2), elements=VALUES), states=STATES)
def test_a_cell_has_a_number_or_an_error_never_neither(function, numbers, states):
    numbers = np.where(states == CellState.NUMBER, numbers, np.nan)
    block = function(numbers, states=states)
    assert (np.isnan(block.values) == (block.errors != 0)).all()


@given(data=COLUMNS, limit=st.floats(0.1, 3), direction=st.sampled_from([1, -1]))
def test_zscores_stay_inside_the_limit_and_turn_with_the_direction(
    data, limit, direction
):
    assume(np.ptp(data) > 0)
    scores = column(zscore_winsor(data, limit, direction))
    assert np.abs(scores).max() <= limit
    np.testing.assert_array_equal(
        scores, -column(zscore_winsor(data, limit, -direction))
    )


@given(data=COLUMNS)
def test_unclipped_zscores_have_mean_0_and_deviation_1(data):
    assume(np.ptp(data) >= 0.1)
    scores = column(zscore_winsor(data, 0))
    assert scores.mean() == pytest.approx(0, abs=1e-7)
    assert scores.std() == pytest.approx(1)


@given(data=COLUMNS, omega=st.integers(1, 100))
def test_scales_reach_both_ends(data, omega):
    assume(np.ptp(data) > 0)
    efficacy = column(efficacy_scale(data, omega))
    minmax = column(minmax_scale(data))
    assert (efficacy.min(), efficacy.max()) == (100 - omega, 100)
    assert (minmax.min(), minmax.max()) == (0, 100)


@given(data=COLUMNS)
def test_ranks_agree_with_their_definitions(data):
    below = (data[None, :] < data[:, None]).sum(axis=1)
    equal = (data[None, :] == data[:, None]).sum(axis=1)
    assert ascending_ranks(data, "min").tolist() == (below + 1).tolist()
    assert ascending_ranks(data, "max").tolist() == (below + equal).tolist()
    assert (
        ascending_ranks(data, "average").tolist() == (below + (equal + 1) / 2).tolist()
    )
    assert sorted(ascending_ranks(data, "ordinal")) == list(range(1, len(data) + 1))
    assert set(ascending_ranks(data, "dense")) == set(range(1, len(set(data)) + 1))


@given(data=COLUMNS, ties=st.sampled_from([t for t in TIES if t != "ordinal"]))
def test_ranks_depend_on_the_order_of_the_values_only(data, ties):
    np.testing.assert_array_equal(
        column(rank_competition(data, ties=ties)),
        column(rank_competition(data**3, ties=ties)),
    )


@given(data=POSITIVE, weights=WEIGHTS, factor=st.floats(0.001, 1000))
def test_only_the_proportions_of_weights_count(data, weights, factor):
    for method in ("arithmetic", "geometric", "harmonic"):
        np.testing.assert_allclose(
            weighted_index(data, weights * factor, method).values,
            weighted_index(data, weights, method).values,
            rtol=1e-12,
        )


@given(data=POSITIVE, weights=WEIGHTS)
def test_a_mean_grows_with_its_power_between_the_smallest_and_the_largest_value(
    data, weights
):
    means = np.hstack(
        [
            weighted_index(data, weights, "power", power=power).values
            for power in (-30, -2, -1, 0, 0.5, 1, 2, 30)
        ]
    )
    slack = 1e-9 * data.max()
    assert (np.diff(means, axis=1) >= -slack).all()
    assert (means[:, 0] >= data.min(axis=1) - slack).all()
    assert (means[:, -1] <= data.max(axis=1) + slack).all()


@given(data=POSITIVE, weights=WEIGHTS, gap=st.integers(0, 2))
def test_renormalising_is_leaving_the_column_out(data, weights, gap):
    states = np.zeros(data.shape, dtype=np.uint8)
    states[:, gap] = CellState.MISSING
    others = [place for place in range(3) if place != gap]
    np.testing.assert_allclose(
        weighted_index(data, weights, missing="renormalise", states=states).values,
        weighted_index(data[:, others], weights[others]).values,
    )


@given(number=st.integers(-(10**9), 10**9), digits=st.integers(0, 5))
def test_rounding_moves_a_value_by_half_a_unit_at_most_and_only_once(number, digits):
    value = number / 10**4
    rounded = float(round_excel(value, digits))
    assert abs(rounded - value) <= 0.5 / 10**digits + 1e-9
    assert float(round_excel(rounded, digits)) == rounded
    assert float(round_excel(-value, digits)) == -rounded
