import math

import numpy as np
import pytest

from xlcity.functions.aggregate import row_means, weighted_index
from xlcity.functions.block import CellState, ErrorCode

DIV0, NA, NUM, VALUE = ErrorCode.DIV0, ErrorCode.NA, ErrorCode.NUM, ErrorCode.VALUE

N, M, B, T = CellState.NUMBER, CellState.MISSING, CellState.BLANK, CellState.TEXT


def one(block):
    assert block.shape == (1, 1)
    return block.values[0, 0]


def row(cells):
    """Return values and states of one row: numbers, or a state."""
    states = np.array([[c if isinstance(c, CellState) else N for c in cells]], dtype=np.uint8)
    values = np.array(
        [[np.nan if isinstance(c, CellState) else c for c in cells]], dtype=np.float64
    )
    return values, states


def test_the_four_means():
    data, weights = [[2.0, 8.0]], [1.0, 3.0]
    assert one(weighted_index(data, weights)) == (2 * 1 + 8 * 3) / 4
    assert one(weighted_index(data, weights, "geometric")) == pytest.approx((2 * 8**3) ** (1 / 4))
    assert one(weighted_index(data, weights, "harmonic")) == pytest.approx(4 / (1 / 2 + 3 / 8))
    quadratic = math.sqrt((2**2 * 1 + 8**2 * 3) / 4)
    assert one(weighted_index(data, weights, "power", power=2)) == pytest.approx(quadratic)


@pytest.mark.parametrize(
    ("power", "method"), [(1, "arithmetic"), (0, "geometric"), (-1, "harmonic")]
)
def test_named_means_are_powers(power, method):
    data = [[3.0, 5.0, 9.0]]
    named = one(weighted_index(data, [1, 2, 3], method))
    assert one(weighted_index(data, [1, 2, 3], "power", power=power)) == pytest.approx(named)


def test_extreme_powers_do_not_overflow():
    data = [[1e5, 2e5]]
    assert one(weighted_index(data, [1, 1], "power", power=400)) == pytest.approx(2e5, rel=0.01)
    assert one(weighted_index(data, [1, 1], "power", power=-400)) == pytest.approx(1e5, rel=0.01)


@pytest.mark.parametrize("method", ["geometric", "harmonic"])
@pytest.mark.parametrize("value", [0.0, -1.0])
def test_values_without_such_a_mean_are_num_in_their_row_alone(method, value):
    block = weighted_index([[1.0, value], [1.0, 1.0]], [1, 1], method)
    assert block.errors.ravel().tolist() == [NUM, 0]


def test_power_means_take_zero_but_no_negative_value():
    assert one(weighted_index([[0.0, 2.0]], [1, 1], "power", power=2)) == math.sqrt(2)
    assert one(weighted_index([[0.0, 0.0]], [1, 1], "power", power=2)) == 0
    assert weighted_index([[-1.0, 2.0]], [1, 1], "power", power=2).errors[0, 0] == NUM
    assert one(weighted_index([[-1.0, 2.0]], [1, 1], "power", power=1)) == 0.5


@pytest.mark.parametrize(
    ("cells", "missing", "error"),
    [
        ([1.0, M, 3.0], "na", NA),
        ([1.0, B, 3.0], "na", NA),
        ([1.0, B, 3.0], "renormalise", NA),
        ([1.0, B, 3.0], "zero", NA),
        ([1.0, T, 3.0], "renormalise", VALUE),
        ([B, T, M], "zero", VALUE),
        ([M, M, M], "renormalise", NA),
        ([M, B, M], "renormalise", NA),
    ],
)
def test_rows_without_a_result(cells, missing, error):
    values, states = row(cells)
    block = weighted_index(values, [1, 2, 1], missing=missing, states=states)
    assert block.errors.tolist() == [[error]]
    assert np.isnan(one(block))


def test_missing_codes_are_shared_out_or_zero_on_request():
    values, states = row([1.0, M, 3.0])
    weights = [1, 2, 1]
    renormalised = weighted_index(values, weights, missing="renormalise", states=states)
    assert one(renormalised) == (1 * 1 + 3 * 1) / (1 + 1)
    assert one(weighted_index(values, weights, missing="zero", states=states)) == (1 + 3) / 4


def test_a_zero_put_in_for_a_code_has_no_geometric_mean():
    values, states = row([1.0, M])
    block = weighted_index(values, [1, 1], "geometric", "zero", states=states)
    assert block.errors[0, 0] == NUM


def test_only_weights_of_zero_left_is_a_division_by_zero():
    values, states = row([1.0, M])
    assert weighted_index(values, [0, 1], missing="renormalise", states=states).errors[0, 0] == DIV0


def test_a_blank_counts_even_where_its_weight_is_zero():
    values, states = row([1.0, B])
    assert weighted_index(values, [1, 0], states=states).errors[0, 0] == NA


def test_a_row_whose_weights_are_all_zero_has_no_mean_and_the_others_have():
    weights = np.array([[0.0, 0.0], [1.0, 3.0]])
    data = np.array([[2.0, 8.0], [2.0, 8.0]])
    found = row_means(data, np.zeros((2, 2), dtype=np.uint8), weights, 1, "na")
    assert found.errors.ravel().tolist() == [DIV0, 0]
    assert found.values[1, 0] == (2 * 1 + 8 * 3) / 4
