import math

import numpy as np
import pytest

from xlcity.functions.aggregate import row_means, weighted_index
from xlcity.functions.block import CellState, ErrorCode

DIV0 = ErrorCode.DIV0
NA = ErrorCode.NA
NUM = ErrorCode.NUM
VALUE = ErrorCode.VALUE

N = CellState.NUMBER
M = CellState.MISSING
B = CellState.BLANK
T = CellState.TEXT


def one(block):
    assert block.shape == (1, 1)
    return block.values[0, 0]


def row(cells):
    """Return values and states of one row: numbers, or a state."""
    states = np.array(
        [[c if isinstance(c, CellState) else N for c in cells]], dtype=np.uint8
    )
    values = np.array(
        [[np.nan if isinstance(c, CellState) else c for c in cells]], dtype=np.float64
    )
    return values, states


def test_the_four_means():
    data = [[2.0, 8.0]]
    weights = [1.0, 3.0]
    assert one(weighted_index(data, weights)) == (2 * 1 + 8 * 3) / 4
    assert one(weighted_index(data, weights, "geometric")) == pytest.approx(
        (2 * 8**3) ** (1 / 4)
    )
    assert one(weighted_index(data, weights, "harmonic")) == pytest.approx(
        4 / (1 / 2 + 3 / 8)
    )
    quadratic = math.sqrt((2**2 * 1 + 8**2 * 3) / 4)
    assert one(weighted_index(data, weights, "power", power=2)) == pytest.approx(
        quadratic
    )


@pytest.mark.parametrize(
    ("power", "method"), [(1, "arithmetic"), (0, "geometric"), (-1, "harmonic")]
)
def test_named_means_are_powers(power, method):
    data = [[3.0, 5.0, 9.0]]
    named = one(weighted_index(data, [1, 2, 3], method))
    assert one(weighted_index(data, [1, 2, 3], "power", power=power)) == pytest.approx(
        named
    )


def test_extreme_powers_do_not_overflow():
    data = [[1e5, 2e5]]
    assert one(weighted_index(data, [1, 1], "power", power=400)) == pytest.approx(
        2e5, rel=0.01
    )
    assert one(weighted_index(data, [1, 1], "power", power=-400)) == pytest.approx(
        1e5, rel=0.01
    )


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
    assert (
        one(weighted_index(values, weights, missing="zero", states=states))
        == (1 + 3) / 4
    )


def test_a_zero_put_in_for_a_code_has_no_geometric_mean():
    values, states = row([1.0, M])
    block = weighted_index(values, [1, 1], "geometric", "zero", states=states)
    assert block.errors[0, 0] == NUM


def test_only_weights_of_zero_left_is_a_division_by_zero():
    values, states = row([1.0, M])
    assert (
        weighted_index(values, [0, 1], missing="renormalise", states=states).errors[
            0, 0
        ]
        == DIV0
    )


@pytest.mark.parametrize("method", ["arithmetic", "geometric", "harmonic", "power"])
def test_a_code_that_weighs_nothing_keeps_no_row_from_its_mean(method):
    values, states = row([2.0, M])
    assert one(weighted_index(values, [1, 0], method, states=states)) == 2
    assert weighted_index(values, [1, 2], method, states=states).errors[0, 0] == NA
    refused = weighted_index(values, [1, 0], method, "refuse", states=states)
    assert refused.errors[0, 0] == NA


def test_a_blank_counts_even_where_its_weight_is_zero():
    values, states = row([1.0, B])
    assert weighted_index(values, [1, 0], states=states).errors[0, 0] == NA


def test_a_row_whose_weights_are_all_zero_has_no_mean_and_the_others_have():
    weights = np.array([[0.0, 0.0], [1.0, 3.0]])
    data = np.array([[2.0, 8.0], [2.0, 8.0]])
    found = row_means(data, np.zeros((2, 2), dtype=np.uint8), weights, 1, "na")
    assert found.errors.ravel().tolist() == [DIV0, 0]
    assert found.values[1, 0] == (2 * 1 + 8 * 3) / 4


def mean_of(cells, weights, power):
    """Return the mean of a row by its definition, or its error; the cells are numbers or states."""
    numbers = [
        (x, w)
        for x, w in zip(cells, weights, strict=True)
        if not isinstance(x, CellState)
    ]
    total = sum(w for _, w in numbers)
    if any(x is T for x in cells):
        return VALUE
    if len(numbers) < max(1, len(cells)):
        return NA
    if power != 1 and any(x < 0 or (power <= 0 and x == 0) for x, _ in numbers):
        return NUM
    if total == 0:
        return DIV0
    if power == 0:
        return math.exp(sum(w * math.log(x) for x, w in numbers) / total)
    return (sum(w * x**power for x, w in numbers) / total) ** (1 / power)


@pytest.mark.parametrize("missing", ["na", "renormalise", "zero", "refuse"])
@pytest.mark.parametrize("with_groups", [False, True])
@pytest.mark.parametrize(
    ("method", "power"),
    [("arithmetic", 1), ("geometric", 0), ("harmonic", -1), ("power", 2)],
)
def test_every_row_is_the_mean_by_its_definition(missing, with_groups, method, power):
    rng = np.random.default_rng(power + 2 * with_groups + 8)
    for _ in range(40):
        n = int(rng.integers(1, 6))
        k = int(rng.integers(1, 5))
        every = [0.0, 1.0, 2.5, 4.0, 7.0, 9.0, -3.0, M, B, T]
        shares = [0.05, 0.18, 0.18, 0.18, 0.18, 0.1, 0.03, 0.06, 0.02, 0.02]
        rows = [[every[i] for i in rng.choice(10, k, p=shares)] for _ in range(n)]
        weights = rng.choice([0.0, 1.0, 2.0, 3.0], k, p=[0.1, 0.3, 0.3, 0.3]).tolist()
        if sum(weights) == 0:
            continue
        groups = (
            [str(rng.choice(["a", "b", ""])) for _ in rows] if with_groups else None
        )
        parts = [row(cells) for cells in rows]
        states = np.concatenate([state for _, state in parts])
        data = np.concatenate([values for values, _ in parts])
        block = weighted_index(
            data, weights, method, missing, float(power), groups, states=states
        )
        for number, cells in enumerate(rows):
            group = groups[number] if groups else "all"
            mates = [
                r
                for r, own in zip(rows, groups or ["all"] * n, strict=True)
                if own == group
            ]
            used = cells
            own_weights = weights
            if missing == "na":
                counted = [
                    (x, w)
                    for x, w in zip(cells, weights, strict=True)
                    if w or x is not M
                ]
                used = [x for x, _ in counted]
                own_weights = [w for _, w in counted]
            if missing == "zero":
                used = [0.0 if x is M else x for x in cells]
            if missing == "renormalise":
                kept = [
                    (x, w) for x, w in zip(cells, weights, strict=True) if x is not M
                ]
                used = [x for x, _ in kept]
                own_weights = [w for _, w in kept]
            expected = mean_of(used, own_weights, power)
            has_gap = any(isinstance(x, CellState) for mate in mates for x in mate)
            if missing == "refuse" and has_gap and expected is not VALUE:
                expected = NA
            if not group:
                expected = NA
            if isinstance(expected, ErrorCode):
                assert block.errors[number, 0] == expected, (cells, weights, groups)
            else:
                assert block.errors[number, 0] == 0, (cells, weights, groups)
                assert block.values[number, 0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("power", [-3.0, -1.0, 0.0, 0.5, 1.0, 2.0, 7.5])
@pytest.mark.parametrize("size", [1e-200, 0.5, 1.0, 1e200])
def test_means_of_any_power_by_their_definition(power, size):
    rng = np.random.default_rng(2)
    x = rng.uniform(0.2, 3, (12, 4))
    weights = np.array([2.0, 0.0, 1.0, 5.0])
    w = weights / weights.sum()
    expected = (
        np.exp((w * np.log(x)).sum(axis=1))
        if power == 0
        else (w * x**power).sum(axis=1) ** (1 / power)
    )
    # What has no weight has no say, however far away it is.
    for far in (1.0, 1e-9, 1e9):
        block = np.column_stack([x[:, 0], far * x[:, 1], x[:, 2:]]) * size
        found = weighted_index(block, weights, "power", power=power)
        assert found.values[:, 0] / size == pytest.approx(expected, rel=1e-12)
    gappy = np.where(np.arange(48).reshape(12, 4) % 5 == 0, np.nan, x) * size
    states = np.where(np.isnan(gappy), M, 0)
    found = weighted_index(gappy, weights, "power", "renormalise", power, states=states)
    for row in range(12):
        there = ~np.isnan(gappy[row])
        alone = weighted_index(
            gappy[[row]][:, there], weights[there], "power", power=power
        )
        assert found.values[row, 0] == pytest.approx(alone.values[0, 0], rel=1e-13)


def test_zeros_have_means_of_powers_above_0():
    zeros = [[0.0, 4.0], [0.0, 0.0]]
    assert weighted_index(zeros, [1, 1], "power", power=0.5).values.tolist() == [
        [1.0],
        [0.0],
    ]
    assert weighted_index(zeros, [1, 1], "power", power=2).values[1, 0] == 0.0
    assert (weighted_index(zeros, [1, 1], "power", power=0).errors == NUM).all()


def test_only_parts_that_cancel_leave_rounding_behind():
    parts = np.array([[0.1, 0.2, -0.3], [1.0, 1.0, 1.0]])
    for size in (1e-6, 1.0, 1e6):
        assert weighted_index(parts * size, [1, 1, 1]).values[0, 0] == 0.0
    # A small mean of numbers above 0 is no rounding.
    assert weighted_index([[0.0, 1.0]], [1, 1e-12]).values[0, 0] == pytest.approx(1e-12)
    values, states = row([1e-20, -3e-20, M])
    found = weighted_index(values, [1, 1, 1], missing="renormalise", states=states)
    assert found.values[0, 0] == pytest.approx(-1e-20)
