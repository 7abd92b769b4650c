import math
from decimal import ROUND_HALF_UP, Decimal, localcontext

import numpy as np
import pytest

from xlcity.functions.rank import ascending_ranks
from xlcity.functions.rounding import (
    TIED_WITHIN,
    correlation_distances,
    find_key_decimals,
    log_excess,
    merge_tied,
    round_excel,
    without_noise,
)


@pytest.mark.parametrize(
    ("number", "digits", "expected"),
    [
        (1.005, 2, 1.01),
        (2.675, 2, 2.68),
        (-2.5, 0, -3.0),
        (0.5, 0, 1.0),
        (1.5, 0, 2.0),
        (2.5, 0, 3.0),
        (0.1 + 0.2, 1, 0.3),
        (1234.5, -2, 1200.0),
        (1250, -2, 1300.0),
        (-1250, -2, -1300.0),
        (49, -2, 0.0),
        (50, -2, 100.0),
        (0.285, 2, 0.29),
        (1e300, 2, 1e300),
        (5e-324, 3, 0.0),
        (123456789.123456789, 20, 123456789.123457),
        (7.0, 1000, 7.0),
        (7.0, -1000, 0.0),
    ],
)
def test_rounds_the_fifteen_digit_value_half_away_from_zero(number, digits, expected):
    assert round_excel(number, digits) == expected


def test_a_value_just_below_a_half_within_fifteen_digits_is_rounded_down():
    assert round_excel(0.49999999999999, 0) == 0.0
    assert round_excel(0.4999999999999999, 0) == 1.0  # 0.500000000000000 to 15 digits


def test_a_negative_value_rounded_to_zero_has_no_sign():
    assert math.copysign(1, float(round_excel(-0.001, 2))) == 1


def test_gaps_and_infinities_pass_and_shapes_are_broadcast():
    rounded = round_excel([[np.nan, np.inf], [-np.inf, 1.25]], [0, 1])
    np.testing.assert_array_equal(rounded, [[np.nan, np.inf], [-np.inf, 1.3]])


def test_agrees_with_an_engine_that_rounds_as_excel():
    formualizer = pytest.importorskip("formualizer")
    rng = np.random.default_rng(20240501)
    near_halves = rng.integers(-(10**6), 10**6, 1500) / 1000 + 0.0005 * rng.integers(
        -1, 2, 1500
    )
    workbook = formualizer.Workbook()
    workbook.add_sheet("S")
    for row, number in enumerate(near_halves.tolist(), start=1):
        workbook.set_value("S", row, 1, number)
        workbook.set_formula("S", row, 2, f"=ROUND(A{row},3)")
    workbook.evaluate_all()
    theirs = [workbook.get_value("S", row, 2) for row in range(1, len(near_halves) + 1)]
    assert round_excel(near_halves, 3).tolist() == theirs


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("ties", ["min", "average", "dense"])
def test_last_bits_decide_no_rank(n, ties):
    rng = np.random.default_rng(n)
    for _ in range(20):
        clean = rng.integers(1, 4, n) / 10
        noisy = clean * (1 + rng.choice([-1, 0, 1], n) * 2.0**-52)
        np.testing.assert_array_equal(
            ascending_ranks(noisy, ties), ascending_ranks(clean, ties, rounded=True)
        )


@pytest.mark.parametrize(
    ("keys", "merged"),
    [
        ([], []),
        ([0.3], [0.3]),
        ([0.1 + 0.2, 0.3], [0.3, 0.3]),
        ([0.3, 1.0, 0.1 + 0.2], [0.3, 1.0, 0.3]),
        # What is tied is measured by the largest number, on either side of 0.
        ([0.0, 0.5 * TIED_WITHIN, 1.0], [0.0, 0.0, 1.0]),
        ([0.0, 0.5 * TIED_WITHIN, -1.0], [0.0, 0.0, -1.0]),
        ([0.0, TIED_WITHIN, 1.0], [0.0, 0.0, 1.0]),
        ([0.0, 2 * TIED_WITHIN, 1.0], [0.0, 2 * TIED_WITHIN, 1.0]),
        # Neighbours pass on what is tied; the smallest stands for all.
        ([1.8 * TIED_WITHIN, 0.9 * TIED_WITHIN, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0]),
    ],
)
def test_numbers_that_are_tied_but_for_rounding_are_one(keys, merged):
    assert merge_tied(np.array(keys)).tolist() == merged


def test_what_is_left_of_parts_that_cancel_is_0_up_to_a_share_of_the_largest():
    assert without_noise(
        np.array([1e-10, -1e-10, 1.1e-10, 0.0]), np.ones(4)
    ).tolist() == [
        0.0,
        0.0,
        1.1e-10,
        0.0,
    ]


def test_distances_of_columns_by_their_correlation():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(20, 4))
    x = np.column_stack([x, 3 * x[:, 0], 5 - 2 * x[:, 0]])
    distances = correlation_distances(x)
    assert distances == pytest.approx(1 - np.corrcoef(x.T), abs=1e-12)
    assert distances[0, 4] == 0.0
    assert distances[0, 5] == pytest.approx(2.0, rel=1e-14)


@pytest.mark.parametrize(
    "ratio",
    [
        -1.0,
        -0.999,
        -0.5,
        -0.1,
        -0.0999,
        -1e-4,
        0.0,
        1e-9,
        0.05,
        0.0999,
        0.1,
        0.101,
        1,
        40,
    ],
)
def test_a_logarithm_without_cancellation(ratio):
    with localcontext() as context:
        context.prec = 50
        d = Decimal(ratio)
        exact = (1 + d) * (1 + d).ln() - d if d > -1 else Decimal(1)
    assert float(log_excess(np.array(ratio))) == pytest.approx(
        float(exact), rel=1e-13, abs=0
    )


def test_keys_keep_fifteen_digits_of_their_largest():
    largest = [0.5, 1.0, 9.99, 10.0, 1e6, 999999.0, 1e15]
    table = np.array([largest, [np.nan] * 7, [0.0] * 7])
    assert find_key_decimals(table, 20).tolist() == [14, 14, 14, 13, 8, 9, -1]
    assert find_key_decimals(-table, 9).tolist() == [9, 9, 9, 9, 8, 9, -1]


@pytest.mark.parametrize("digits", [-3, 0, 2, 9, 22, 23])
def test_numbers_are_rounded_alike_near_a_half_and_far_from_it(digits):
    rng = np.random.default_rng(abs(digits))
    sizes = 10.0 ** rng.integers(-4, 17, 400)
    numbers = np.round(rng.normal(size=400), 3) * sizes
    rounded = round_excel(numbers, digits)
    for number, found in zip(numbers.tolist(), rounded.tolist(), strict=True):
        shown = Decimal(f"{number:.14e}")
        with localcontext() as context:
            context.prec = 60
            exact = shown.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        assert found == float(exact)
