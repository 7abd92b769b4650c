import math

import numpy as np
import pytest
from scipy import stats

from xlcity.functions.block import CellState, ErrorCode
from xlcity.functions.treat import (
    clip_percentile,
    clip_sd,
    is_skewed,
    kurtosis,
    skewness,
    treat_boxcox,
    treat_log,
    winsor_skew,
)

DIV0 = ErrorCode.DIV0
NA = ErrorCode.NA
NUM = ErrorCode.NUM

WILD = np.array([3.0, 1.0, 2.0, 5.0, 4.0, 6.0, 250.0, 90.0])


def column(block):
    return block.values.ravel().tolist()


def test_skewness_and_kurtosis_are_those_of_the_sample_as_in_a_sheet():
    assert skewness(WILD) == pytest.approx(stats.skew(WILD, bias=False), rel=1e-12)
    assert kurtosis(WILD) == pytest.approx(stats.kurtosis(WILD, bias=False), rel=1e-12)


@pytest.mark.parametrize("data", [[1.0, 2.0], [4.0] * 9])
def test_what_is_too_short_or_constant_passes_the_test(data):
    assert math.isnan(skewness(np.array(data)))
    assert not is_skewed(np.array(data))


def test_outliers_are_drawn_in_until_the_column_passes_and_no_further():
    assert is_skewed(WILD)
    once = np.where(WILD == 250, 90, WILD)
    assert not is_skewed(once)
    assert column(winsor_skew(WILD)) == once.tolist()


def test_low_outliers_are_drawn_in_from_below_and_points_limit_it():
    low = -np.concatenate([np.arange(1.0, 30.0), [5000.0, 4000.0, 3000.0]])
    assert column(winsor_skew(low, points=1))[-3:] == [-4000, -4000, -3000]
    assert column(winsor_skew(low, points=2))[-3:] == [-3000, -3000, -3000]
    assert column(winsor_skew(low, points=0)) == low.tolist()


def test_tied_outliers_go_together():
    tied = np.concatenate([np.arange(1.0, 40.0), [9000.0, 9000.0]])
    assert is_skewed(tied)
    assert column(winsor_skew(tied, points=1))[-2:] == [39.0, 39.0]


def test_gaps_keep_their_error_and_take_no_part():
    x = np.append(WILD, np.nan)[:, None]
    states = np.array(
        [[CellState.NUMBER]] * len(WILD) + [[CellState.MISSING]], dtype=np.uint8
    )
    for treat in (winsor_skew, treat_log, treat_boxcox, clip_percentile, clip_sd):
        block = treat(x, states=states)
        assert block.values[:-1].tolist() == treat(WILD).values.tolist()
        assert block.errors[-1, 0] == NA


def test_logarithms_by_their_definitions():
    x = np.array([1.0, 3.0, 11.0])
    assert column(treat_log(x, "ct")) == pytest.approx(
        [math.log(v - 1 + 0.1) for v in x]
    )
    assert column(treat_log(x, "ct_orig")) == pytest.approx(
        [math.log(v - 1 + 1) for v in x]
    )
    assert column(treat_log(x, "gii")) == pytest.approx(
        [math.log(10 * (v - 1) / 10 + 1) for v in x]
    )
    assert column(treat_log(x, "ln")) == pytest.approx([math.log(v) for v in x])
    assert column(treat_log(x, "ln1p")) == pytest.approx([math.log(v + 1) for v in x])
    turned = [-math.log(-v + 11 + 0.1) for v in 12 - x]
    assert column(treat_log(12 - x, "ct_plus")) == pytest.approx(turned)


def test_only_skewed_columns_take_the_logarithm_if_asked():
    even = np.arange(1.0, len(WILD) + 1)
    block = treat_log(np.column_stack([WILD, even]), "ct", "skewed")
    assert block.values[:, 1].tolist() == even.tolist()
    assert block.values[:, [0]].tolist() == treat_log(WILD).values.tolist()


def test_where_there_is_no_logarithm():
    assert treat_log([[0.0], [1.0]], "ln").errors.ravel().tolist() == [NUM, 0]
    assert treat_log([[2.0], [2.0]], "ct").errors.ravel().tolist() == [DIV0, DIV0]


@pytest.mark.parametrize("power", [-1.0, 0.0, 0.001, 0.5, 2.0])
def test_box_cox_is_that_of_scipy(power):
    shifted = WILD - WILD.min() + 1
    assert column(treat_boxcox(WILD, power)) == pytest.approx(
        stats.boxcox(shifted, power), rel=1e-9
    )
    assert column(treat_boxcox(WILD, power, "no")) == pytest.approx(
        stats.boxcox(WILD, power), rel=1e-9
    )


def test_box_cox_without_shift_needs_positive_values():
    assert treat_boxcox([[0.0], [2.0]], 1, "no").errors.ravel().tolist() == [NUM, 0]


def test_percentiles_are_type_7():
    low, high = np.percentile(WILD, [10, 85])
    assert column(clip_percentile(WILD, 10, 85)) == pytest.approx(
        np.clip(WILD, low, high)
    )


def test_clipping_at_standard_deviations_keeps_the_uom():
    mean = WILD.mean()
    sd = WILD.std(ddof=1)
    expected = np.clip(WILD, mean - 1.5 * sd, mean + 1.5 * sd)
    assert column(clip_sd(WILD, 1.5, 1)) == pytest.approx(expected)
    assert column(clip_sd([5.0, 5.0], 1)) == [5.0, 5.0]


def test_a_limit_that_is_met_is_not_passed_and_one_a_little_higher_is():
    own_skew = abs(skewness(-WILD))
    own_kurt = kurtosis(WILD)
    assert is_skewed(-WILD, own_skew, own_kurt)
    assert not is_skewed(-WILD, own_skew + 1e-9, own_kurt)
    assert not is_skewed(-WILD, own_skew, own_kurt + 1e-9)


def test_three_numbers_have_a_skewness_but_are_too_few_to_be_skewed():
    three = np.array([1.0, 1.0, 9.0])
    assert skewness(three) == pytest.approx(stats.skew(three, bias=False), rel=1e-12)
    assert math.isnan(kurtosis(three))
    assert is_skewed(three, 0.0, -100.0) is False
    assert math.isnan(skewness(three[:2]))
    assert skewness(three[[0, 2, 2]]) == pytest.approx(-math.sqrt(3), rel=1e-12)


def test_no_column_at_its_limits_escapes_being_drawn_in():
    # All columns are looked at together first; none that is skewed by a hair may pass there.
    rng = np.random.default_rng(4)
    x = np.exp(rng.normal(size=(30, 60))) * 10.0 ** rng.integers(-3, 4, 60)
    states = np.full(x.shape, CellState.NUMBER, dtype=np.uint8)
    for j in range(60):
        states[rng.permutation(30)[: j % 27], j] = (
            CellState.MISSING
        )  # 4 numbers at least
    x[states == CellState.MISSING] = np.nan
    columns = [x[states[:, j] == CellState.NUMBER, j] for j in range(60)]
    skews = [abs(skewness(numbers)) for numbers in columns]
    kurts = [kurtosis(numbers) for numbers in columns]
    drawn = winsor_skew(x, 1, skews, kurts, states=states).values
    assert (np.nansum(drawn != x, axis=0) - (states != 0).sum(axis=0) == 1).all()


def test_a_column_without_skewness_loses_its_highest_value_and_is_turned_by_ct_plus():
    even = np.array([-9.0, -1.0, 0.0, 1.0, 9.0])
    assert column(winsor_skew(even, 1, 0, 0)) == [-9.0, -1.0, 0.0, 1.0, 1.0]
    assert column(treat_log(even, "ct_plus")) == pytest.approx(
        [-math.log(9.18 - v) for v in even]
    )


def test_a_place_that_is_whole_but_for_rounding_is_no_mixture():
    # 0.55 of 20 steps is 11.000000000000002 in doubles.
    powers = 10.0 ** np.arange(21)
    assert column(clip_percentile(powers, 55, 100))[0] == 1e11
    assert column(clip_percentile([1.0, 2.0], 49.99, 100))[0] == pytest.approx(
        1.4999, rel=1e-12
    )


def test_a_column_whose_deviation_is_beyond_all_numbers_stays_as_it_is():
    huge = [1.5e308, -1.5e308, 0.0, 1.0]
    assert column(clip_sd(huge, 1)) == huge
    assert clip_sd([[1.0], [4.0]], 0.1, 2).values.ravel().tolist() == [1.0, 4.0]


def test_a_power_has_the_same_formula_on_either_side_of_the_one_that_is_near_0():
    x = np.array([1.0, 2.0, 4.0])
    for power in (0.0099, 0.01, -0.01, 1.0, -1.0):
        expected = [(v**power - 1) / power for v in x]
        assert column(treat_boxcox(x, power)) == pytest.approx(expected, rel=1e-12)
