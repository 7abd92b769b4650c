"""What is typed for a value is read alike in every program: a number, a gap, a blank, or none."""

import pytest

from tests.helpers.typed_cases import (
    CASES,
    ENGINES,
    UNITS,
    engines,
    raw_of,
    typed_book,
    with_total,
)
from xlcity.xlsx.cells import read_book


@pytest.fixture(scope="module")
def book():
    return typed_book()


@pytest.mark.slow
@pytest.mark.parametrize(
    "engine",
    [
        pytest.param(name, marks=pytest.mark.libreoffice)
        if name == "libreoffice"
        else name
        for name in ENGINES
    ],
)
def test_raw_cells_say_what_was_typed(book, engine):
    if engine not in (found := engines()):
        pytest.skip(f"{engine} is not here")
    computed = found[engine](book)
    raw = raw_of(computed)
    said = {case.shown: raw[unit] for unit, case in zip(UNITS, CASES, strict=False)}
    assert said == {case.shown: case.raw for case in CASES}
    # An entry that cannot be used costs its own city the total, and no other.
    faulty = {u for u, case in zip(UNITS, CASES, strict=False) if case.raw == "?"}
    assert with_total(computed) == {*UNITS} - faulty


def test_what_is_no_number_stays_in_the_raw_cell():
    """Later steps have a number, NA or nothing."""
    computed = engines()["auto"](typed_book())
    book = read_book(computed)
    cells = book.sheets["Index"].cells.values()
    assert sum(cell.value == "?" for cell in cells) == sum(
        case.raw == "?" for case in CASES
    ) + sum(case.shown == '"?"' for case in CASES)
