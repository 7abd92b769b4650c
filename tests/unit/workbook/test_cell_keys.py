"""What rows, columns and cells are known by, on sheets of a few cells."""

import pytest

from tests.helpers.sheets import sheet_of
from xlcity.workbook.migrate.cell_keys import (
    END,
    OWN,
    SPARE,
    Anchors,
    Grid,
    Lines,
    _unique_keys,
)
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
        ("", 1),
        ("a", 0),
        ("b", 0),
        ("+mine", 0),
        ("b", 2),
        ("b", 3),
        ("c", 0),
        ("c", 1),
        ("c", 2),
        (END, 1),
        ("+far", 0),
        (END, 3),
    ]
    assert [made.find(*key) for key in known] == list(range(1, 13))
    assert made.find("old", 0) == 2
    # What stands for something else now, or is gone.
    for gone in (("a", 1), ("b", 4), ("", 2), ("d", 0), ("+other", 0)):
        assert made.find(*gone) is None


def anchors(**columns: Lines) -> Anchors:
    """Return anchors of a book with sheets of some columns."""
    made = Anchors(ReadBook({name: sheet_of(name, {}) for name in columns}))
    rows = lines(9)
    none = range(0)
    made._grids = {
        name: Grid(rows, own, 1, none, none) for name, own in columns.items()
    }
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
    source = anchors(
        S=lines(9, {3: "+between", 10: "+next", 11: "+third"}), T=lines(2, {3: "+t"})
    )
    target = anchors(S=lines(5, a=1))
    target.give_columns(source, ["S", "T", "absent"], used)
    assert target.grid("S").columns.own == placed
    # Given again they keep their places.
    target.give_columns(source, ["S"], used)
    assert target.grid("S").columns.own == placed


def test_lines_behind_the_last_one_get_rows_only_in_a_list_that_grows():
    target = anchors(Review=lines(2), Links=lines(2))
    for grid in target._grids.values():
        grid.lines = range(8, 10)
    assert [target.add_line("Review", key) for key in "abc"] == [10, 11, 12]
    assert target.add_line("Links", "a") is None


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
    made = Anchors(
        ReadBook({title: sheet_of(title, cells) for title, cells in sheets.items()})
    )
    assert made._cell_key("S", (1, 1)) == key
    assert [made._cell_key("S", (row, 1)) for row in (2, 3, 4)] == ["typed", "", ""]
    assert made._cell_key("Gone", (1, 1)) == ""


def typed(cells: dict[tuple[int, int], str]) -> ReadBook:
    """Return a book with one sheet of texts."""
    return ReadBook(
        {"S": sheet_of("S", {place: Cell(text) for place, text in cells.items()})}
    )


def test_lines_of_the_same_key_are_counted_and_rows_for_more_cities_from_the_last():
    keys = {
        2: "a",
        3: "b",
        4: "a",
        5: "",
        6: SPARE,
        7: "@c",
        8: "@c",
        9: "a",
        10: SPARE,
    }
    assert _unique_keys(keys, "#", None, ()) == {
        2: "a",
        3: "b",
        4: "@a#2",
        6: f"{SPARE}#2",
        7: "@c",
        8: "@c#2",
        9: "@a#3",
        10: f"{SPARE}#1",
    }
    assert _unique_keys({1: "a", 2: "a"}, "\0", None, ()) == {1: "a", 2: "a\x001"}
    # Of a key that is not allowed there is no first one; a line of a list is always one.
    assert _unique_keys({1: "x", 2: "a", 3: "a"}, "#", {"a"}, {1}) == {1: "x", 2: "a"}


def test_rows_are_known_by_their_first_column_and_columns_by_the_row_of_codes():
    cells = {
        (3, 1): "oslo",
        (3, 2): "12",
        (4, 2): "rome",
        (5, 1): "bern",
        (1, 3): "far",
    }
    grid = Anchors(typed(cells)).grid("S")
    assert (grid.rows.keys, grid.rows.end) == ({3: "oslo", 5: "bern"}, 5)
    assert (grid.columns.keys, grid.columns.end, grid.header) == ({}, 3, 0)


def test_columns_of_people_are_called_by_the_lowest_text_of_their_heading():
    """Texts below the row of codes name nothing, nor do columns that the template has."""
    drawn = Anchors(typed({(2, 1): "head", (5, 1): "oslo"}))
    drawn._grids["S"] = Grid(lines(5, oslo=5), lines(2, gdp=1), 3, range(0), range(0))
    cells = {
        (1, 4): "memo",
        (2, 4): "not this",
        (3, 4): "note",
        (3, 5): "note",
        (2, 6): "above",
        (1, 6): "title",
        (4, 7): "below",
        (3, 1): "gdp",
        (3, 2): "mine",
        (5, 1): "oslo",
    }
    grid = Anchors(typed(cells), drawn).grid("S")
    assert grid.header == 3
    own = {4: f"{OWN}note", 5: f"{OWN}note#2", 6: f"{OWN}title"}
    assert {n: key for n, key in grid.columns.own.items() if n > 2} == own
    assert 7 not in grid.columns.own
