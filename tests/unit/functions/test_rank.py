import numpy as np
import pytest

from xlcity.functions.block import CellState, ErrorCode
from xlcity.functions.rank import rank_competition, rank_uniform

NA = ErrorCode.NA
VALUE = ErrorCode.VALUE

N = CellState.NUMBER
M = CellState.MISSING
B = CellState.BLANK
T = CellState.TEXT


def column(block):
    return block.values.ravel().tolist()


@pytest.mark.parametrize(
    ("ties", "expected"),
    [
        ("min", [1, 2, 2, 4]),
        ("average", [1, 2.5, 2.5, 4]),
        ("max", [1, 3, 3, 4]),
        ("ordinal", [1, 2, 3, 4]),
        ("dense", [1, 2, 2, 3]),
    ],
)
def test_ties_are_numbered_as_asked(ties, expected):
    assert column(rank_competition([9.0, 7.0, 7.0, 1.0], ties=ties)) == expected
    assert (
        column(rank_competition([-9.0, -7.0, -7.0, -1.0], direction=-1, ties=ties))
        == expected
    )


def test_ordinal_ranks_keep_the_order_of_the_rows():
    assert column(rank_competition([5.0, 8.0, 5.0, 5.0], ties="ordinal")) == [
        2,
        1,
        3,
        4,
    ]


def test_digits_compare_the_rounded_value():
    scores = [71.34, 71.25, 71.31, 71.24999]
    assert column(rank_competition(scores)) == [1, 3, 2, 4]
    # 71.3, 71.3 (half away from zero), 71.3, 71.2
    assert column(rank_competition(scores, digits=1)) == [1, 1, 1, 4]


def test_digits_hide_the_last_binary_digit():
    assert column(rank_competition([0.1 + 0.2, 0.3], digits=9)) == [1, 1]
    assert column(rank_competition([0.1 + 0.2, 0.3])) == [1, 2]


def test_only_numbers_are_ranked():
    states = np.array([[N], [M], [B], [T], [N]])
    block = rank_competition(
        [[1.0], [np.nan], [np.nan], [np.nan], [2.0]], states=states
    )
    assert block.errors.ravel().tolist() == [0, NA, NA, VALUE, 0]
    assert block.values[[0, 4], 0].tolist() == [2, 1]


def test_options_may_differ_by_column():
    data = [[1.0, 1.0], [1.0, 1.0], [2.0, 2.0]]
    block = rank_competition(data, direction=[1, -1], ties=("min", "max"))
    assert block.values.tolist() == [[2, 2], [2, 2], [1, 3]]


def test_the_pattern_of_the_report_three_share_the_lowest_rank_and_the_next_is_fourth():
    scores = column(rank_uniform([0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 9.0]))
    assert scores == [100 * rank / 7 for rank in (1, 1, 1, 4, 4, 4, 7)]


@pytest.mark.parametrize(("ties", "rank"), [("min", 1), ("average", 1.5), ("max", 2)])
def test_uniform_ties(ties, rank):
    assert column(rank_uniform([3.0, 3.0, 8.0], ties=ties))[0] == 100 * rank / 3


def test_a_constant_column_is_all_lowest():
    assert column(rank_uniform([4.0] * 5)) == [100 / 5] * 5


def test_the_direction_decides_who_is_worst():
    assert column(rank_uniform([1.0, 2.0], direction=-1)) == [100.0, 50.0]


def test_missing_codes_count_only_under_lowest_and_join_the_worst():
    data = [[5.0], [7.0], [np.nan], [np.nan], [np.nan]]
    states = np.array([[N], [N], [M], [B], [T]])
    plain = rank_uniform(data, states=states)
    assert column(plain)[:2] == [100 * 1 / 2, 100 * 2 / 2]
    assert plain.errors.ravel().tolist() == [0, 0, NA, NA, VALUE]
    lowest = rank_uniform(data, missing="lowest", states=states)
    assert column(lowest)[:3] == [100 * 1 / 3, 100 * 3 / 3, 100 * 1 / 3]
    assert lowest.errors.ravel().tolist() == [0, 0, 0, NA, VALUE]
    turned = rank_uniform(data, direction=-1, missing="lowest", states=states)
    assert column(turned)[:3] == [100 * 3 / 3, 100 * 1 / 3, 100 * 1 / 3]


def test_a_column_of_codes_alone_has_no_worst_value_to_join():
    states = np.array([[M], [M]])
    block = rank_uniform([[np.nan], [np.nan]], missing="lowest", states=states)
    assert block.errors.ravel().tolist() == [NA, NA]


def test_given_states_are_left_as_they_were():
    states = np.array([[N], [M]], dtype=np.uint8)
    rank_uniform([[1.0], [np.nan]], missing="lowest", states=states)
    assert states.ravel().tolist() == [N, M]


def test_ranks_of_three_columns_of_one_number_and_of_none():
    x = np.array([[3.0, 1.0, 2.0], [1.0, 2.0, 2.0], [2.0, 3.0, 1.0]])
    expected = np.array([[3, 1, 2], [1, 2, 2], [2, 3, 1]]) * 100 / 3
    np.testing.assert_allclose(rank_uniform(x).values, expected)
    assert rank_uniform([[7.0]]).values.tolist() == [[100.0]]
    assert rank_uniform(np.empty((0, 2))).shape == (0, 2)


def test_the_largest_number_of_either_sign_says_what_is_tied():
    near = 5e-16  # of 1
    for far in (-1.0, 1.0):
        ranks = rank_uniform([far, 0.0, near]).values.ravel() / (100 / 3)
        assert ranks[1] == pytest.approx(ranks[2])
    apart = rank_uniform([-0.5, 0.0, near]).values.ravel()
    assert apart[1] < apart[2]
