import math
import statistics

import numpy as np
import pytest

from xlcity.functions.block import CellState, ErrorCode
from xlcity.functions.construct import (
    denominate,
    joint_states,
    pm25_grade,
    zscore_index,
)
from xlcity.functions.impute import impute_dimension

DIV0 = ErrorCode.DIV0
NA = ErrorCode.NA
NO_ERROR = ErrorCode.NONE
NUM = ErrorCode.NUM
VALUE = ErrorCode.VALUE

N = CellState.NUMBER
B = CellState.BLANK
M = CellState.MISSING
T = CellState.TEXT
NAN = float("nan")


def states(rows):
    return np.array(rows, dtype=np.uint8)


def column(block):
    return block.values.ravel().tolist()


def errors(block):
    return block.errors.ravel().tolist()


@pytest.mark.parametrize(
    ("mean", "points"),
    [
        (0, 7),
        (5, 7),
        (5.1, 6),
        (10, 6),
        (10.1, 5),
        (15, 5),
        (15.1, 4),
        (25, 4),
        (25.1, 3),
        (35, 3),
        (35.1, 2),
        (50, 2),
        (50.1, 1),
        (900, 1),
    ],
)
def test_every_bound_belongs_to_the_better_grade(mean, points):
    assert column(pm25_grade([mean])) == [points]


def test_grades_follow_another_guideline_by_column():
    assert pm25_grade([[10.0, 10.0]], [5, 10]).values.tolist() == [[6, 7]]


def test_grades_of_gaps_and_of_a_negative_concentration():
    block = pm25_grade(
        [[NAN], [NAN], [NAN], [-1.0]], states=states([[M], [B], [T], [N]])
    )
    assert errors(block) == [NA, NA, VALUE, NUM]


def test_an_index_of_zscores_is_their_weighted_mean():
    a = [1.0, 2.0, 6.0]
    b = [30.0, 10.0, 20.0]
    za = [(x - 3) / statistics.pstdev(a) for x in a]
    zb = [(x - 20) / statistics.pstdev(b) for x in b]
    expected = [(3 * x + y) / 4 for x, y in zip(za, zb, strict=True)]
    block = zscore_index(np.column_stack([a, b]), [3, 1], 0)
    assert column(block) == pytest.approx(expected, rel=1e-14)
    halves = [(x + y) / 2 for x, y in zip(za, zb, strict=True)]
    assert column(zscore_index(np.column_stack([a, b]), limit=0)) == pytest.approx(
        halves
    )


def test_sub_measures_are_clipped_before_they_are_combined():
    values = [[0.0], [0.0], [0.0], [0.0], [9.0]]
    z = 9 * 4 / 5 / statistics.pstdev([0, 0, 0, 0, 9])
    assert z == pytest.approx(2)
    assert column(zscore_index(values, limit=0))[-1] == pytest.approx(z)
    assert column(zscore_index(values))[-1] == 1.96


@pytest.mark.parametrize(
    ("missing", "expected"), [("renormalise", 1.0), ("zero", 0.5), ("na", NAN)]
)
def test_one_sub_measure_may_stand_for_the_other(missing, expected):
    values = [[-1.0, -1.0], [1.0, NAN], [-1.0, 1.0], [1.0, 0.0]]
    found = zscore_index(
        values, limit=0, missing=missing, states=states([[N, N], [N, M]] + [[N, N]] * 2)
    )
    assert column(found)[1] == pytest.approx(expected, nan_ok=True)


def test_no_rule_of_an_index_acts_on_a_blank_and_a_constant_column_stops_its_rows():
    values = [[1.0, 4.0], [2.0, NAN], [3.0, 4.0], [4.0, NAN], [5.0, NAN]]
    found = zscore_index(
        values, states=states([[N, N], [N, B], [N, N], [N, M], [N, T]])
    )
    assert errors(found) == [DIV0, NA, DIV0, NO_ERROR, VALUE]


def test_quotients():
    found = denominate([[6.0, 8.0], [1.0, 2.0]], [[2.0], [0.0]], [1, 10])
    assert found.values[0].tolist() == [3, 40]
    assert found.errors[1].tolist() == [DIV0, DIV0]


def test_gaps_on_either_side_of_a_quotient():
    above = states([[N], [M], [N], [B], [T], [M]])
    below = states([[M], [N], [B], [M], [N], [T]])
    found = denominate([1.0] * 6, [1.0] * 6, states=above, denominators_states=below)
    assert errors(found) == [NA, NA, NA, NA, VALUE, VALUE]
    assert joint_states(above, below).ravel().tolist()[:4] == [M, M, B, B]


def test_imputing_takes_given_numbers_only():
    x = [[1.0, NAN, NAN, 5.0]]
    found = impute_dimension(x, ["P"] * 3 + ["Q"], states=states([[N, M, M, N]]))
    assert found.values.tolist() == [[1.0, 1.0, 1.0, 5.0]]
    # The mean of P stays 1 however many of P are imputed; with the wider dimension it is not asked.
    wider = impute_dimension(
        x, ["P"] * 3 + ["Q"], ["T"] * 4, states=states([[N, M, M, N]])
    )
    assert wider.values.tolist() == found.values.tolist()


def test_imputing_goes_one_dimension_up_and_no_further():
    x = [[NAN, 2.0, 5.0, NAN]]
    groups = ["P", "Q", "Q", "R"]
    parents = ["T", "T", "T", "U"]
    found = impute_dimension(x, groups, parents, states=states([[M, N, N, M]]))
    assert found.values[0, :3].tolist() == [(2 + 5) / 2, 2, 5]
    assert found.errors.tolist() == [[0, 0, 0, NA]]


def test_blanks_are_neither_imputed_nor_counted():
    x = [[NAN, NAN, 4.0]]
    found = impute_dimension(x, ["P"] * 3, states=states([[B, M, N]]))
    assert found.errors.tolist() == [[NA, 0, 0]]
    assert found.values[0, 1] == 4
    assert math.isnan(found.values[0, 0])


def test_a_column_without_a_dimension_is_left_alone():
    found = impute_dimension([[NAN, 1.0]], ["", ""], states=states([[M, N]]))
    assert found.errors.tolist() == [[NA, 0]]
