"""What the page sends as JSON: anything but what it sends itself is refused with a sentence."""

import json

import pytest

from tests.helpers.own import own_bytes
from xlcity.desk.commands import Books, answer
from xlcity.desk.sent import LONGEST_TEXT, read_cells, read_choices
from xlcity.errors import XlcityError

TABLE = "City,Jobs,Noise\nPorto,1,2\nLyon,3,4\nTurin,5,6\n"
#: What no page sends: no JSON, JSON of another kind, and values of another kind for an entry.
MALFORMED = ["{", "[]", "5", "null", '"x"', "NaN", "1e999", "[" * 100_000]
ENTRIES = [
    *("sheet", "header", "units_row", "unit", "last", "skip", "missing", "marks"),
    *("cities", "groups", "index", "columns"),
]
VALUES = [
    *("null", "-5", "1e999", "99999999999", "true", '"x"', '"XFD1048576"', "[]", "{}"),
    *(
        "[5]",
        "[[5]]",
        "[null]",
        '{"a": []}',
        '{"a": {"b": []}}',
        '{"Jobs": {"uom": 5}}',
    ),
    *('{"Jobs": {"weight": "1e999"}}', f'"{"x" * 40_000}"', f"[{10**400}]"),
]
CELLS = [
    *("{", "{}", "5", "[5]", "[[]]", '[["", "B2"]]', '[["", 5, 1]]', '[[5, "B2", 1]]'),
    *('[["", "", 1]]', '[["", "XFE1", 1]]', '[["", "XFD1048576", 1]]'),
    *('[["", "B2", []]]', '[["", "B2", true]]', '[["", "B2", 1e999]]'),
    json.dumps([["", "B2", "x" * 40_000]]),
    json.dumps([["no sheet", "B2", 1]]),
]


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "team.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def refused(call):
    """Return whether a call is refused with a code; anything but an answer fails the test."""
    try:
        call()
    except XlcityError as error:
        codes = {problem.code for problem in error.problems}
        return codes != {"XC999"} and all(problem.hint for problem in error.problems)
    return False


@pytest.mark.parametrize("choices", MALFORMED)
@pytest.mark.parametrize("command", ["look", "map"])
def test_choices_that_are_no_object_are_refused(table, command, choices):
    given = {"table": str(table), "choices": choices, "lang": "en"}
    given["target"] = str(table.with_name("map.toml"))
    assert refused(lambda: answer(Books(), command, given))
    assert not table.with_name("map.toml").exists()


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_of_another_form_is_read_or_refused(table, entry):
    for value in VALUES:
        choices = f'{{"{entry}": {value}}}'
        given = {"table": str(table), "choices": choices, "lang": "en"}
        is_refused = refused(lambda given=given: answer(Books(), "look", given))
        if value in ("null", "1e999", "[[5]]", '{"a": {"b": []}}'):
            assert is_refused, choices


@pytest.mark.parametrize("cells", CELLS)
def test_cells_of_another_form_are_refused(table, tmp_path, cells):
    book = tmp_path / "book.xlsx"
    book.write_bytes(own_bytes(udf=False))
    for file in (table, book):
        if file == table and "no sheet" in cells:
            continue  # a table has no sheets
        before = file.read_bytes()
        given = {"table": str(file), "cells": cells}
        assert refused(lambda given=given: answer(Books(), "mend", given))
        assert file.read_bytes() == before


@pytest.mark.parametrize("name", ["absent.csv", "x" * 40_000, "a\0b", "\ud800"])
def test_a_file_that_is_not_there_is_said(name):
    for command, given in (
        ("look", {"choices": "{}", "lang": "en"}),
        ("map", {"choices": "{}", "target": "map.toml"}),
        ("mend", {"cells": "[]"}),
        ("compare", {"second": name}),
    ):
        books = Books()
        books.open(own_bytes(udf=False), "book.xlsx")
        assert refused(
            lambda books=books, command=command, given=given: answer(
                books, command, {"table": name, **given}
            )
        )


@pytest.mark.parametrize("cell", ["XFD1048576", "XFE1", "A0", "!", "x" * 40_000])
def test_cells_that_no_sheet_has_are_traced_or_refused(cell):
    books = Books()
    books.open(own_bytes(udf=False), "book.xlsx")
    for given in ({"cell": cell}, {"cell": cell, "node": "X"}):
        refused(lambda given=given: answer(books, "trace", given))


def test_what_the_page_sends_is_read():
    choices = {
        "header": [1, 2],
        "columns": {"Jobs": {"role": "indicator", "weight": "2"}},
        "groups": {"A": {"weight": "2"}, "B": "3"},
        "index": {"title": "x" * LONGEST_TEXT},
    }
    assert read_choices(json.dumps(choices)) == choices
    assert read_choices("") == {}
    (cell,) = read_cells('[["S", "B7", 5]]')
    assert (cell.sheet, cell.position, cell.value) == ("S", (7, 2), 5)
    assert read_cells('[["S", "B7", null]]')[0].value is None
