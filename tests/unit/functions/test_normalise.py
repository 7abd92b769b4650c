import math
import statistics

import numpy as np
import pytest

from xlcity.functions.block import CellState, ErrorCode
from xlcity.functions.normalise import minmax_scale, rating_scale, zscore_winsor
from xlcity.functions.scale import efficacy_scale, goalpost_scale

DIV0 = ErrorCode.DIV0
NA = ErrorCode.NA
NUM = ErrorCode.NUM
VALUE = ErrorCode.VALUE

STATES = np.array(
    [
        [CellState.NUMBER],
        [CellState.NUMBER],
        [CellState.MISSING],
        [CellState.BLANK],
        [CellState.TEXT],
    ]
)
GAPPY = np.array([[2.0], [6.0], [np.nan], [np.nan], [np.nan]])
GAP_ERRORS = [0, 0, NA, NA, VALUE]


def column(block):
    return block.values.ravel().tolist()


def errors(block):
    return block.errors.ravel().tolist()


def test_zscores_are_distances_from_the_mean_in_standard_deviations():
    data = [3.0, 5.0, 7.0, 21.0]
    sd = statistics.pstdev(data)
    expected = [(x - 9.0) / sd for x in data]
    assert column(zscore_winsor(data, limit=0)) == pytest.approx(expected, rel=1e-14)


def test_zscores_are_clipped_on_both_sides_and_turned_after_clipping():
    data = [-50.0, 1.0, 2.0, 3.0, 50.0]
    sd = statistics.pstdev(data)
    inner = [(x - 1.2) / sd for x in (1.0, 2.0, 3.0)]
    assert column(zscore_winsor(data, limit=0.5)) == pytest.approx([-0.5, *inner, 0.5])
    turned = [0.5, *(-z for z in inner), -0.5]
    assert column(zscore_winsor(data, limit=0.5, direction=-1)) == pytest.approx(turned)


def test_zscores_use_the_sample_deviation_on_request():
    data = [1.0, 2.0, 6.0]
    expected = [(x - 3.0) / statistics.stdev(data) for x in data]
    assert column(zscore_winsor(data, ddof=1)) == pytest.approx(expected)


@pytest.mark.parametrize("data", [[0.1, 0.1, 0.1], [7.0], [1e17, 1e17]])
def test_a_constant_column_has_no_zscores_though_its_deviation_is_not_quite_zero(data):
    assert errors(zscore_winsor(data)) == [DIV0] * len(data)


def test_too_few_numbers_for_ddof_have_no_zscores():
    assert errors(zscore_winsor([1.0, 2.0], ddof=2)) == [DIV0, DIV0]


def test_cells_without_a_number_show_their_own_error_and_change_no_other():
    for scale in (zscore_winsor, minmax_scale, efficacy_scale, rating_scale):
        block = scale(GAPPY, states=STATES)
        assert errors(block) == GAP_ERRORS
        assert column(block)[:2] == column(scale(GAPPY[:2]))
        assert np.isnan(block.values[2:]).all()


def test_gaps_beside_a_constant_column_stay_gaps():
    constant = np.where(np.isnan(GAPPY), np.nan, 4.0)
    for scale in (zscore_winsor, minmax_scale, efficacy_scale):
        assert errors(scale(constant, states=STATES)) == [DIV0, DIV0, NA, NA, VALUE]


def test_an_empty_column_is_missing():
    for scale in (zscore_winsor, minmax_scale, efficacy_scale, rating_scale):
        assert errors(scale([[np.nan], [np.nan]])) == [NA, NA]


def test_options_may_differ_by_column():
    data = [[1.0, 1.0], [3.0, 5.0]]
    block = minmax_scale(
        data, low=[np.nan, 0.0], scale=[100.0, 10.0], direction=[-1.0, 1.0]
    )
    assert block.values.tolist() == [[100.0, (1 - 0) / (5 - 0) * 10], [0.0, 10.0]]


def test_minmax_runs_from_the_minimum_to_the_maximum():
    assert column(minmax_scale([1.0, 4.0, 6.0])) == [
        0.0,
        (4 - 1) / (6 - 1) * 100,
        100.0,
    ]


def test_minmax_with_fixed_bounds_does_not_clip():
    assert column(minmax_scale([5.0, 30.0], low=10, high=20)) == [-50.0, 200.0]


def test_the_floor_lifts_results_in_units_of_the_result():
    assert column(minmax_scale([0.0, 1.0, 200.0], scale=100, floor=1)) == [
        1.0,
        1.0,
        100.0,
    ]


def test_the_floor_resolves_no_gap():
    assert errors(minmax_scale(GAPPY, floor=1, states=STATES)) == GAP_ERRORS


def test_a_turned_minmax_gives_the_low_bound_the_full_score():
    assert column(minmax_scale([1.0, 2.0, 5.0], direction=-1)) == [
        100.0,
        (5 - 2) / (5 - 1) * 100,
        0,
    ]


@pytest.mark.parametrize("scale", [minmax_scale, efficacy_scale])
def test_bounds_that_leave_no_room_are_num_where_one_is_fixed(scale):
    assert errors(scale([3.0, 4.0], low=4)) == [NUM, NUM]
    assert errors(scale([3.0, 4.0], high=3)) == [NUM, NUM]
    assert errors(scale([0.0, 0.0], low=0)) == [NUM, NUM]
    assert errors(scale([3.0, 3.0], low=0)) == [0, 0]


def test_efficacy_scores_stand_on_a_base():
    assert column(efficacy_scale([-1.0, 0.0, 3.0])) == [
        60.0,
        (0 + 1) / (3 + 1) * 40 + 60,
        100.0,
    ]
    assert column(efficacy_scale([0.0, 1.0], omega=30)) == [70.0, 100.0]


def test_efficacy_scores_go_beyond_fixed_bounds():
    assert column(efficacy_scale([-2.0, 4.0], low=-1, high=3)) == [
        60 - 40 / 4,
        100 + 40 / 4,
    ]


def test_ratings_are_shares_of_the_best_rating():
    assert column(rating_scale([4.5, 0.0, 5.0])) == [4.5 / 5 * 100, 0.0, 100.0]
    assert column(rating_scale([4.5], maximum=10, scale=1)) == [4.5 / 10]


def test_an_unrated_city_counts_only_where_the_gap_is_confirmed():
    block = rating_scale(GAPPY, unrated=1, states=STATES)
    assert column(block)[2] == 1 / 5 * 100
    assert errors(block) == [0, 0, 0, NA, VALUE]


def test_no_result_is_minus_zero():
    assert (
        math.copysign(1, zscore_winsor([1.0, 2.0, 3.0], direction=-1).values[1, 0]) == 1
    )
    assert math.copysign(1, rating_scale([-0.0]).values[0, 0]) == 1


def test_overflow_is_num():
    assert errors(rating_scale([1e308], maximum=1e-3)) == [NUM]


def test_very_large_and_very_small_values_keep_their_zscores():
    expected = column(zscore_winsor([1.0, 2.0, 4.0]))
    assert column(zscore_winsor([1e200, 2e200, 4e200])) == pytest.approx(expected)
    assert column(zscore_winsor([1e-200, 2e-200, 4e-200])) == pytest.approx(expected)


def test_what_lies_at_the_mean_but_for_rounding_has_no_sign():
    # Deviations of 1e-11 and 1e-9 of the standard deviation, which is 1 but for them.
    assert zscore_winsor([-1.0, 1.0, 1e-11, -1e-11, -1.0, 1.0]).values[
        2:4, 0
    ].tolist() == [0, 0]
    assert zscore_winsor([-1.0, 1.0, 1e-9, -1e-9, -1.0, 1.0]).values[2, 0] > 1e-9


def test_limits_and_directions_may_differ_by_column_and_0_does_not_clip():
    data = np.array([[-3.0] * 4, [0.0] * 4, [0.0] * 4, [3.0] * 4])
    z = np.array([-1, 0, 0, 1]) * math.sqrt(2)
    made = zscore_winsor(data, [0, 1, 0, 1], [1, 1, -1, -1]).values
    expected = np.column_stack([z, np.clip(z, -1, 1), -z, -np.clip(z, -1, 1)])
    assert made == pytest.approx(expected, rel=1e-12)


def test_only_a_constant_column_takes_the_constant():
    data = np.array([[0.0, 5.0, 5.0, -3.0], [-4.0, 5.0, 5.0, 3.0]])
    constant = [50.0, 50.0, np.nan, 50.0]
    made = minmax_scale(
        data, bounds=["max", "minmax", "minmax", "mean"], constant=constant
    )
    # Between 0 and a maximum or mean of 0 there is no room, though the numbers differ.
    assert made.errors.tolist() == [[DIV0, 0, DIV0, DIV0]] * 2
    assert made.values[:, 1].tolist() == [50.0, 50.0]
    for scale in (zscore_winsor, efficacy_scale):
        made = scale(data, constant=constant)
        assert made.errors.tolist() == [[0, 0, DIV0, 0]] * 2
        assert made.values[:, 1].tolist() == [50.0, 50.0]


@pytest.mark.parametrize("scale", [minmax_scale, goalpost_scale])
def test_bounds_in_the_wrong_order_are_no_reverse_indicator(scale):
    assert errors(scale([3.0, 4.0], low=5, high=2)) == [NUM, NUM]
    assert column(efficacy_scale([3.0, 4.0], low=5, high=2)) == pytest.approx(
        [60 + 40 * 2 / 3, 60 + 40 / 3]
    )
