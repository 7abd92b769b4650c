import pytest

from xlcity.errors import CellError
from xlcity.recalc.compare import agree, compare_engines, is_same_typed_value


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (1.0, 1.0 + 0.9e-9, True),
        (1.0, 1.0 + 1.1e-9, False),
        (1e6, 1e6 + 0.9e-3, True),
        (1e-12, 2e-12, True),
        ("a", "a", True),
        ("a", "A", False),
        ("", None, True),
        ("", 0.0, False),
        (True, 1.0, False),
        (True, True, True),
        (CellError.NA, CellError.NA, True),
        (CellError.NUM, CellError.VALUE, True),
        (CellError.NA, CellError.VALUE, False),
        (CellError.NA, "#N/A", False),
    ],
)
def test_agreement(a, b, same):
    assert agree(a, b) is same
    assert agree(b, a) is same


@pytest.mark.parametrize(
    ("typed", "saved", "same"),
    [
        (0.123456789012345, 0.123456789012346, True),  # the 15th digit
        (123456789012345.0, 123456789012346.0, True),
        (0.123456789012345, 0.123456789012347, False),
        (0.12345678901234, 0.12345678901235, False),
        (None, "", True),
        (0.0, "", False),
    ],
)
def test_a_typed_value_may_lose_what_is_behind_15_digits(typed, saved, same):
    assert is_same_typed_value(typed, saved) is same


def test_differing_cells_are_listed_with_quoted_sheets():
    a = {"A 1": {(1, 1): 2.0, (2, 3): 4.0}, "B": {(1, 1): "x"}}
    b = {"A 1": {(1, 1): 2.0, (2, 3): 5.0}, "B": {}}
    result = compare_engines(a, b, "other")
    assert result.cells == 3
    assert result.differing == ("'A 1'!C2", "B!A1")
    assert result.max_diff == (5 - 4) / 5
