"""What rows, columns and cells are known by, on sheets of a few cells."""

import pytest

from tests.helpers.sheets import sheet_of
from xlcity.workbook.migrate.cell_keys import END, OWN, SPARE, Anchors, Grid, Lines
from xlcity.xlsx.cells import Cell, ReadBook


def lines(end: int, own: dict[int, str] | None = None, **named: int) -> Lines:
    """Return lines of which some have a name, and others were added by a person."""
    made = Lines({number: name for name, number in named.items()}, end, {"old": "a"})
    made.own = own or {}
    return made


def test_every_line_is_found_by_what_it_is_known_by():
    made = lines(9, {4: f"{OWN}mine", 11: f"{OWN}far"}, a=2, b=3, c=7)
    known = [made.of(number) for number in range(1, 13)]
    assert known == [
        ("", 1), ("a", 0), ("b", 0), ("+mine", 0), ("b", 2), ("b", 3), ("c", 0), ("c", 1),
        ("c", 2), (END, 1), ("+far", 0), (END, 3),
    ]  # fmt: skip
    assert [made.find(*key) for key in known] == list(range(1, 13))
    assert made.find("old", 0) == 2
    # What stands for something else now, or is gone.
    for gone in (("a", 1), ("b", 4), ("", 2), ("d", 0), ("+other", 0)):
        assert made.find(*gone) is None


def anchors(**columns: Lines) -> Anchors:
    """Return anchors of a book with sheets of some columns."""
    made = Anchors(ReadBook({name: sheet_of(name, {}) for name in columns}))
    rows, none = lines(9), range(0)
    made._grids = {name: Grid(rows, own, 1, none, none) for name, own in columns.items()}
    return made


@pytest.mark.parametrize(
    ("used", "placed"),
    [
        # Behind the last column as far as before; one that stood between goes behind what is there.
        ({}, {6: "+between", 7: "+next", 8: "+third"}),
        ({"S": 2}, {6: "+next", 7: "+third", 8: "+between"}),
        ({"S": 4}, {6: "+next", 7: "+third", 10: "+between"}),
        (None, {6: "+between", 7: "+next", 8: "+third"}),
    ],
)
def test_columns_of_people_get_room_behind_the_last_one(used, placed):
    source = anchors(S=lines(9, {3: "+between", 10: "+next", 11: "+third"}), T=lines(2, {3: "+t"}))
    target = anchors(S=lines(5, a=1))
    target.give_columns(source, ["S", "T", "absent"], used)
    assert target.grid("S").columns.own == placed
    # Given again they keep their places.
    target.give_columns(source, ["S"], used)
    assert target.grid("S").columns.own == placed


SHOWN = {
    "shows a city": ("Cities!$A$10", "oslo"),
    "shows its name": ('IF(Cities!$B10="","",Cities!$B10)', "oslo"),
    "shows a city in quotes": ("'Cities'!A10", "oslo"),
    "shows a row without a city": ("Cities!$A$11", SPARE),
    "shows a name without a city": ("Cities!$B$11", ""),
    "shows a code": ("Framework!$C$5", "gdp"),
    "shows a node without a code": ("Framework!$A$6", ""),
    "shows what shows a city": ("Other!$A$1", "oslo"),
    "computes": ("Cities!A10+1", ""),
    "shows an absent sheet": ("Gone!A10", ""),
    "shows itself": ("S!A1", ""),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_cell_that_shows_another_stands_for_what_that_does(name):
    formula, key = SHOWN[name]
    sheets = {
        "Cities": {(10, 1): Cell("oslo"), (10, 2): Cell("Oslo"), (11, 2): Cell("x")},
        "Framework": {(5, 1): Cell("gdp"), (5, 3): Cell("GDP"), (6, 3): Cell("y")},
        "Other": {(1, 1): Cell(None, "Cities!$B$10")},
        "S": {(1, 1): Cell(None, formula), (2, 1): Cell("typed"), (3, 1): Cell(None)},
    }
    made = Anchors(ReadBook({title: sheet_of(title, cells) for title, cells in sheets.items()}))
    assert made._cell_key("S", (1, 1)) == key
    assert [made._cell_key("S", (row, 1)) for row in (2, 3, 4)] == ["typed", "", ""]
    assert made._cell_key("Gone", (1, 1)) == ""
