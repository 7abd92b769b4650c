import pytest

from tests.helpers.sheets import sheet_of
from xlcity.errors import CellError
from xlcity.recalc.compare import (
    TOLERANCE,
    StaleValue,
    agree,
    compare_engines,
    find_stale_values,
    is_same_typed_value,
    relative_difference,
)
from xlcity.xlsx.cells import Cell, ReadBook


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (1.0, 1.0 + 0.9e-9, True),
        (1.0, 1.0 + 1.1e-9, False),
        (1e6, 1e6 + 0.9e-3, True),
        (0.0, TOLERANCE, True),
        (-1.0, 1.0, False),
        (0.0, False, False),
        (CellError.NUM, CellError.NUM, True),
        (CellError.NUM, CellError.NA, False),
        (CellError.NUM, 1.0, False),
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
        (1.23456789012345e-7, 1.23456789012346e-7, True),
        (1.23456789012345e-7, 1.23456789012347e-7, False),
        (9.99999999999999, 10.0, True),
        (0.0, 0.0, True),
        (0.0, 1e-300, False),
        (float("inf"), float("inf"), True),
        (float("inf"), 1.0, False),
        (None, "", True),
        ("", "", True),
        (0.0, "", False),
        (None, 0.0, False),
        ("a", "a", True),
        ("a", "b", False),
        ("a", "", False),
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
    assert result.engine == "other"


@pytest.mark.parametrize(
    ("a", "b", "difference"),
    [
        (2.0, 5.0, 3 / 5),
        (-5.0, 2.0, 7 / 5),
        (0.25, 0.5, 0.25),
        (3.0, 3.0, 0.0),
        (1.0, "x", None),
        ("x", 1.0, None),
        (None, 1.0, None),
    ],
)
def test_differences_are_relative_beyond_1(a, b, difference):
    assert relative_difference(a, b) == difference


def stale_of(cells: dict, fresh: dict, *, other: dict | None = None):
    """Return what is stale on the sheet S, or on T too; a cell is its formula and stored value."""
    content = {
        place: Cell(stored, formula) for place, (formula, stored) in cells.items()
    }
    sheets = {"S": sheet_of("S", content)} | (
        {"T": sheet_of("T", {p: Cell(v, f) for p, (f, v) in other.items()})}
        if other
        else {}
    )
    values = {"S": {p: v for p, v in fresh.items() if len(p) == 2}}
    values |= {"T": {p[1:]: v for p, v in fresh.items() if len(p) == 3}}
    return find_stale_values(
        ReadBook(sheets, {}), values if other else {"S": values["S"]}
    )


def test_stored_results_that_are_not_the_fresh_ones_are_stale():
    stored_and_fresh = [
        (2.0, 2.0),
        (2.0, 2.0 + 1e-12),
        (2.0, 3.0),
        ("share rank", "share rank "),
        ("a b", "ab"),
        ("#N/A", CellError.NA),
        ("#N/A", CellError.DIV0),
        (CellError.NA, CellError.NA),
        (None, ""),
        (None, 1.0),
        # A program may store a truth value as a number; another value it is not.
        (True, 1.0),
        (True, 0.0),
        ("", 0.0),
    ]
    cells = {
        (row, 1): ("A9+1", stored)
        for row, (stored, _) in enumerate(stored_and_fresh, 1)
    }
    fresh = {(row, 1): value for row, (_, value) in enumerate(stored_and_fresh, 1)}
    found = stale_of(cells, fresh)
    assert found.cells == [
        StaleValue("S", (3, 1), 2.0, 3.0),
        StaleValue("S", (5, 1), "a b", "ab"),
        StaleValue("S", (7, 1), "#N/A", CellError.DIV0),
        StaleValue("S", (10, 1), None, 1.0),
        StaleValue("S", (12, 1), True, 0.0),
        StaleValue("S", (13, 1), "", 0.0),
    ]
    assert not found.lacks_functions


NAME = CellError.NAME


def test_what_a_program_without_the_functions_could_not_compute_is_not_stale():
    """Its calls are left out with all that reads them; what else is stale remains."""
    cells = {
        (1, 1): ("ZSCORE_WINSOR(H1:H9)", NAME),
        (2, 1): ("ZSCORE_WINSOR(H1:H9)", None),
        (3, 1): ("ZSCORE_WINSOR(H1:H9)", 5.0),  # stored by another program before
        (1, 2): ("A1+1", NAME),
        (2, 2): ("SUM(B1:B1)*2", NAME),  # two steps away
        (3, 2): ("H1*2", 7.0),
        (4, 2): ("A3+1", 8.0),  # reads a call that is stale itself
        (5, 2): ("SUM(A1:C40)", 9.0),  # a large area
        (6, 2): ("A2", 0.0),
        (7, 2): ("H1+A1", 1.0),  # not stale
    }
    fresh = dict.fromkeys(cells, 1.0)
    other = {(1, 1): ("S!B2", 0.0), (2, 1): ("T!A9", 0.0), (3, 1): ("A1*2", 0.0)}
    fresh |= {("T", *place): 1.0 for place in other}
    found = stale_of(cells, fresh, other=other)
    assert found.lacks_functions
    assert [(cell.sheet, cell.position) for cell in found.cells] == [
        ("S", (3, 1)),
        ("S", (3, 2)),
        ("S", (4, 2)),
        ("T", (2, 1)),
    ]


@pytest.mark.parametrize(
    ("stored", "lacks"), [(NAME, True), (CellError.REF, True), (3.0, False)]
)
def test_an_error_of_a_call_tells_that_the_functions_were_missing(stored, lacks):
    found = stale_of({(1, 1): ("ZSCORE_WINSOR(H1:H9)", stored)}, {(1, 1): 1.0})
    assert (found.lacks_functions, len(found.cells)) == (lacks, 0 if lacks else 1)
    plain = stale_of({(1, 1): ("NOSUCH(H1:H9)", stored)}, {(1, 1): 1.0})
    assert (plain.lacks_functions, len(plain.cells)) == (False, 1)
