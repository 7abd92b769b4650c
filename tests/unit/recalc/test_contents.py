"""What cells and ranges hold: a letter for every sort of value, and areas against plain loops."""

import math
import random

import pytest

from tests.helpers.sheets import sheet_of
from xlcity.errors import CellError
from xlcity.recalc.support.contents import (
    Contents,
    differ_in_last_digits_only,
    letter_of,
)
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Cell, ReadBook

#: Letter -> values of that sort, those on its edges among them.
SORTS: dict[str, tuple] = {
    "b": (None,),
    "L": (True, False),
    "x": (CellError.NA, CellError.DIV0),
    "i": (0.0, 1.0, -5.0, 60.0, 2_958_466.0, -100.0, 1e15 - 1, 7),
    "d": (61.0, 45_000.0, 2_958_465.0, 100),
    "f": (0.5, -2.25, 1e-4, 60.5, 0.1, 123456.789),
    "l": (1 / 3, 0.1 + 0.2, 9.9e-5, 1e-50, 1e-100),
    "h": (-0.0, 1e15, -1e15, 1e300, 9e-101, -1e-200, math.inf),
    "e": ("",),
    "t": ("5", "12.5", "-3"),
    "r": ("1,234", "12%", "TRUE", " false ", "3 Jan 2020", "1_000", "３", "½"),
    "s": ("A1", "gdp", "NA", "a b"),
    "z": ("北京", "São Paulo", "€"),
    "y": ("𝔸", "city 🏙"),
}


@pytest.mark.parametrize(
    ("letter", "value"),
    [(letter, value) for letter, row in SORTS.items() for value in row],
)
def test_every_sort_of_value_has_a_letter(letter, value):
    assert letter_of(value) == letter


@pytest.mark.parametrize("seed", range(20))
def test_an_area_holds_what_its_cells_hold(seed):
    """A computed value takes the place of the stored one; a cell that is not there is blank."""
    rng = random.Random(seed)
    every = [
        value for row in SORTS.values() for value in row if not isinstance(value, int)
    ]
    cells = {
        (row, column): Cell(rng.choice(every))
        for row in range(1, 9)
        for column in range(1, 6)
        if rng.random() < 0.7
    }
    computed = {place: rng.choice(every) for place in cells if rng.random() < 0.3}
    contents = Contents(ReadBook({"S": sheet_of("S", cells)}), {"S": computed})
    for _ in range(30):
        (r1, r2), (c1, c2) = (
            sorted(rng.choices(range(1, most), k=2)) for most in (12, 8)
        )
        area = Range("S", r1, c1, r2, c2)
        places = [
            (row, column) for column in range(c1, c2 + 1) for row in range(r1, r2 + 1)
        ]
        values = [
            computed.get(place, cells[place].value if place in cells else None)
            for place in places
        ]
        assert [contents.value("S", *place) for place in places] == values
        assert contents.letters(area) == {letter_of(value) for value in values}
        numbers = sorted(value for value in values if isinstance(value, float))
        assert contents.numbers(area) == numbers
        filled = [value for value in values if value is not None]
        assert [value for value in contents.values(area) if value is not None] == filled
        for sought in (*numbers[:3], 0.3, 1 / 3, 5.0):
            near = [
                n
                for n in numbers
                if n != sought and abs(n - sought) <= 1e-11 * max(1, abs(sought))
            ]
            assert contents.has_near_number(area, sought) is bool(near)


@pytest.mark.parametrize(
    ("a", "b", "differ"),
    [
        (0.3, 0.1 + 0.2, True),
        (0.3, 0.3, False),
        (1.0, 1.0 + 2e-11, False),
        (1.0, 1.0 + 9e-12, True),
        (1e9, 1e9 + 1e-3, True),
        (0.0, 1e-300, False),
        (-0.3, 0.3, False),
        (0.3, "0.3", False),
        (True, 1.0, False),
        (CellError.NA, 0.3, False),
    ],
)
def test_numbers_that_differ_in_their_last_digits_only(a, b, differ):
    assert differ_in_last_digits_only(a, b) is differ
    assert differ_in_last_digits_only(b, a) is differ
