import numpy as np
import pytest
from scipy import stats

from xlcity.errors import CellError, FunctionError
from xlcity.functions.block import ErrorCode
from xlcity.functions.distance import (
    above_mean,
    category_scale,
    dist_reference,
    fraction_max,
    fraction_sum,
)
from xlcity.functions.entry import evaluate
from xlcity.functions.registry import FUNCTIONS
from xlcity.functions.scale import (
    goalpost_scale,
    percentile_scale,
    rank_borda,
    zscore_scale,
)

DIV0 = ErrorCode.DIV0
NA = ErrorCode.NA
NUM = ErrorCode.NUM

X = np.array([4.0, 9.0, 9.0, 1.0, 30.0])


def column(block):
    return block.values.ravel().tolist()


def errors(block):
    return block.errors.ravel().tolist()


def test_z_scores_divide_by_n_and_land_on_the_given_scale():
    expected = 10 + 2 * stats.zscore(X)
    assert column(zscore_scale(X, 10, 2)) == pytest.approx(expected, rel=1e-12)
    assert column(zscore_scale(X, 10, 2, -1)) == pytest.approx(20 - expected, rel=1e-12)
    assert errors(zscore_scale([7.0, 7.0])) == [DIV0, DIV0]
    by_n_minus_1 = 10 + 2 * stats.zscore(X, ddof=1)
    assert column(zscore_scale(X, 10, 2, 1, 1)) == pytest.approx(by_n_minus_1)


def test_goalposts_hold_scores_between_them():
    assert column(goalpost_scale(X, 4, 24, 10)) == pytest.approx([0, 2.5, 2.5, 0, 10])
    assert column(goalpost_scale(X, 4, 24, 10, -1)) == pytest.approx(
        [10, 7.5, 7.5, 10, 0]
    )


def test_one_goalpost_may_be_the_columns_own():
    assert column(goalpost_scale(X, 9)) == pytest.approx([0, 0, 0, 0, 100])
    assert errors(goalpost_scale(X, 30)) == [NUM] * 5


def test_percentile_ranks_and_borda_points_count_the_worse():
    worse = np.array([1, 2, 2, 0, 4])
    assert column(percentile_scale(X, scale=100)) == pytest.approx(worse / 4 * 100)
    assert column(rank_borda(X)) == worse.tolist()
    better = np.array([3, 1, 1, 4, 0])
    assert column(percentile_scale(X, -1)) == pytest.approx(better / 4)
    assert column(rank_borda(X, -1, base=1)) == (better + 1).tolist()
    assert column(rank_borda(X, ties="max"))[1:3] == [3, 3]
    assert errors(percentile_scale([5.0])) == [DIV0]


def test_points_of_tied_places_are_shared():
    # 20 cities; two share the third place, two the fifth.
    values = np.array([30, 29, 27, 27, 25, 25, *range(14)], dtype=float)
    points = column(rank_borda(values, ties="average", base=1))
    assert points[:6] == [20, 19, 17.5, 17.5, 15.5, 15.5]


def test_distances_to_the_best_and_to_a_target():
    assert column(dist_reference(X)) == pytest.approx(1 - (30 - X) / (30 - 1))
    assert column(dist_reference(X, 9)) == pytest.approx((X - 1) / (9 - 1))
    assert column(dist_reference(X, 9, cap="yes"))[-1] == 1
    # Where less is better the worst is 30.
    assert column(dist_reference(X, 4, -1)) == pytest.approx((30 - X) / (30 - 4))
    assert errors(dist_reference(X, 1)) == [NUM] * 5
    assert errors(dist_reference([3.0, 3.0])) == [DIV0, DIV0]


def test_fractions_of_the_best():
    assert column(fraction_max(X)) == pytest.approx(X / 30)
    assert column(fraction_max(X, -1)) == pytest.approx(1 / X)
    assert errors(fraction_max([-1.0, 0.0])) == [NUM, NUM]
    assert errors(fraction_max([0.0, 5.0], -1)) == [NUM, NUM]


def test_bands_give_the_better_score_on_their_bound():
    assert column(category_scale(X, [4, 9])) == [50, 100, 100, 0, 100]
    assert column(category_scale(X, [4, 9], direction=-1)) == [100, 50, 50, 100, 0]
    assert column(category_scale(X, [4, 10], [1, 2, 5])) == [2, 2, 2, 1, 5]


def test_bands_by_percentile_of_each_column():
    wide = np.column_stack([X, 10 * X])
    block = category_scale(wide, [50], by="percentile")
    assert (
        block.values[:, 0].tolist()
        == block.values[:, 1].tolist()
        == [0, 100, 100, 0, 100]
    )


def test_above_and_below_the_mean():
    mean = X.mean()  # 10.6
    assert column(above_mean(X)) == np.sign(X - mean).tolist()
    assert column(above_mean(X, 0.2)) == [-1, 0, 0, -1, 1]
    assert column(above_mean([3.1, 3.1, 3.1])) == [0, 0, 0]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ([[[0.0, 100.0]], None, [["percentile"]]], None),
        ([[[-1.0, 50.0]], None, [["percentile"]]], CellError.NUM),
        ([[[50.0, 101.0]], None, [["percentile"]]], CellError.NUM),
        ([[[-1.0, 101.0]], None, [["value"]]], None),
        ([[[5.0, 5.0]]], CellError.NUM),
        ([[[8.0, 5.0]]], CellError.NUM),
        ([[[5.0, 8.0]], [[1.0, 2.0]]], CellError.VALUE),
        ([[[5.0, 8.0]], [[3.0, 2.0, 1.0]]], None),
    ],
)
def test_cuts_ascend_and_have_one_score_more(options, error):
    if error is None:
        made = evaluate(FUNCTIONS["CATEGORY_SCALE"], [X[:, None], *options])
        assert not made.errors.any()
        return
    with pytest.raises(FunctionError) as refused:
        evaluate(FUNCTIONS["CATEGORY_SCALE"], [X[:, None], *options])
    assert refused.value.value is error


def test_a_reference_no_better_than_the_worst_value_leaves_no_distance():
    assert errors(dist_reference([2.0, 6.0], 1)) == [NUM, NUM]
    assert errors(dist_reference([2.0, 6.0], 2)) == [NUM, NUM]
    assert errors(dist_reference([2.0, 6.0], 7, direction=-1)) == [NUM, NUM]
    assert errors(dist_reference([2.0, 6.0], 6, direction=-1)) == [NUM, NUM]
    assert column(dist_reference([2.0, 6.0], 4, direction=-1)) == [2.0, 0.0]
    assert errors(dist_reference([3.0, 3.0])) == [DIV0, DIV0]
    made = dist_reference([[3.0, 3.0], [np.nan, 3.0]], [np.nan, 3.0])
    assert made.errors.tolist() == [[DIV0, NUM], [NA, NUM]]


def test_a_value_at_the_mean_but_for_rounding_is_near_it():
    assert column(above_mean([-1.0, 1.0, 1e-12])) == [-1.0, 1.0, 0.0]
    assert column(above_mean([-1.0, 1.0, 1e-9])) == [-1.0, 1.0, 1.0]
    assert column(above_mean([0.1, 0.1, 0.1])) == [0.0, 0.0, 0.0]


def test_full_scores_of_distances_and_fractions():
    assert column(dist_reference([2.0, 6.0, 12.0], 10, cap="yes", scale=8)) == [
        0.0,
        4.0,
        8.0,
    ]
    assert column(dist_reference([0.2, 0.5, 0.6], 0.6, scale=8)) == pytest.approx(
        [0, 6, 8]
    )
    assert column(fraction_max([2.0, 8.0], scale=8)) == [2.0, 8.0]
    assert column(fraction_max([2.0, 8.0], -1, 8)) == [8.0, 2.0]
    assert errors(fraction_max([0.0, -1.0])) == [NUM, NUM]
    assert errors(fraction_max([0.0, 1.0], -1)) == [NUM, NUM]


def test_cuts_by_percentile_and_close_together():
    x = np.arange(1001.0)
    scores = column(category_scale(x, [50, 90], [1, 2, 3], "percentile"))
    assert [scores.count(score) for score in (1, 2, 3)] == [500, 400, 101]
    turned = column(category_scale(x, [50, 90], [1, 2, 3], "percentile", -1))
    assert [turned.count(score) for score in (1, 2, 3)] == [100, 400, 501]
    assert column(category_scale([0.5, 0.65, 0.7], [0.6, 0.7])) == [0.0, 50.0, 100.0]


def test_the_mean_is_that_of_the_numbers_whatever_their_size():
    assert column(above_mean([0.0, 1e-6, 2e-6])) == [-1.0, 0.0, 1.0]
    made = above_mean([[0.0], [np.nan], [2.0], [0.9]])
    assert made.values[[0, 2, 3], 0].tolist() == [-1.0, 1.0, -1.0]


def test_two_numbers_have_percentiles_and_one_has_none():
    assert column(percentile_scale([9.0, 3.0], scale=5)) == [5.0, 0.0]
    assert errors(percentile_scale([9.0])) == [DIV0]


def test_shares_of_the_sum_add_up_to_the_scale():
    assert column(fraction_sum([2.0, 8.0, 10.0], scale=100)) == [10.0, 40.0, 50.0]
    assert column(fraction_sum([2.0, 8.0], -1)) == [-0.2, -0.8]
    assert column(fraction_sum([5.0, 5.0])) == [0.5, 0.5]
    assert errors(fraction_sum([0.0, 0.0])) == [NUM, NUM]
    assert errors(fraction_sum([-3.0, 1.0], -1)) == [NUM, NUM]
