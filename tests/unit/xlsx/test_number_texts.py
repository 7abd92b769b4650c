"""Numbers as texts, and numbers that 15 digits may not tell apart."""

import pytest

from xlcity.xlsx.formulas.number_texts import (
    differ_by_rounding,
    in_15_digits,
    joined_number,
    reads_otherwise,
)


@pytest.mark.parametrize(
    ("a", "b", "is_near"),
    [
        (0.3, 0.1 + 0.2, True),
        (0.1 + 0.2, 0.3, True),
        (-0.3, -(0.1 + 0.2), True),
        (0.3, 0.3, False),  # equal
        (0.3, 0.3 + 1e-13, False),
        (1e9, 1e9 + 1, False),
        (0.0, 1e-300, False),
    ],
)
def test_unequal_numbers_may_differ_by_rounding_alone(a, b, is_near):
    assert differ_by_rounding(a, b) is is_near


def test_excel_compares_15_digits():
    assert in_15_digits(0.1 + 0.2) == 0.3
    assert in_15_digits(0.3 + 1e-14) != 0.3


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (123456789012345.0, "123456789012345"),
        (1e15, None),  # not known to have an exponent
        (-1.25e20, None),
        (1e21, "1E+21"),
        (1 / 3, "0.333333333333333"),
        (12.5, "12.5"),
        (-1234.5678, "-1234.5678"),
        (1e21 + 1.5e20, "1.15E+21"),
        (-2.5e-20, "-2.5E-20"),
        (1e-18, "0.000000000000000001"),
        (1e-19, None),  # of 21 signs
        (123456789012345.6, "123456789012346"),
        (99.99999999999999, "100"),
        (-1e14 - 0.5, "-100000000000000"),
    ],
)
def test_a_joined_number_of_16_to_21_digits_is_in_doubt(number, text):
    assert joined_number(number) == text


@pytest.mark.parametrize(
    ("text", "is_otherwise"),
    [
        ("1,234", True),
        ("12%", True),
        ("3 Jan 2020", True),
        ("2024年1月5日", True),
        ("１２", True),
        (" true", True),
        ("-12.5", False),
        ("A1", False),
        ("约5", False),
        ("+", False),
        ("E1", False),
        ("S1e1", False),
        ("e11", False),
        ("1E1", True),
        ("1.e5", True),
    ],
)
def test_a_text_that_some_program_reads_as_a_number_is_known(text, is_otherwise):
    assert reads_otherwise(text) is is_otherwise
