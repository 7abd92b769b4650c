"""Tables of a workbook read as rows of cells, each with its address."""

import numpy as np
import pytest

from tests.helpers.kept import as_text
from tests.helpers.sheets import sheet_of
from xlcity.errors import CellError, Where, WorkbookError
from xlcity.model.dataset import State, Unit
from xlcity.model.nodes import Ingredient
from xlcity.workbook.reading.records import (
    CellReader,
    day_text,
    lines_below,
    match_key,
    number_of,
    plain_text,
    table_lines,
)
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Cell, ReadBook

#: B2:D4 is a table; rows 5 and 6 go on below it, row 8 does not.
ROWS = {
    2: ("code", "year", 7.0),
    3: ("a", 2020.0, None),
    4: ("b", None, "x"),
    5: (None, "more", None),
    6: ("c", 1.0, 2.0),
    8: ("far", 1.0, 2.0),
}
NAMES = {"table": "S!$B$2:$D$4", "one": "S!$C$3"}


@pytest.fixture
def reader() -> CellReader:
    cells = {
        (row, column): Cell(value)
        for row, line in ROWS.items()
        for column, value in enumerate(line, 2)
        if value is not None
    }
    return CellReader(ReadBook({"S": sheet_of("S", cells)}, NAMES), "b.xlsx")


def test_every_cell_of_a_table_has_its_address(reader):
    read = reader.records("table")
    lines = [
        [(title, value, where.cell) for title, (value, where) in line.items()]
        for line in read
    ]
    assert lines == [
        [("code", "a", "B3"), ("year", 2020.0, "C3"), ("7", None, "D3")],
        [("code", "b", "B4"), ("year", None, "C4"), ("7", "x", "D4")],
    ]
    assert {(where.file, where.sheet) for _, where in read[0].values()} == {
        ("b.xlsx", "S")
    }
    assert [line["code"][0] for line in reader.records("table", 2)] == [
        "a",
        "b",
        None,
        "c",
    ]
    assert reader.records("absent") == []
    with pytest.raises(WorkbookError, match="the column gone is gone") as caught:
        read[0]["gone"]
    assert caught.value.problems[0].where == Where("b.xlsx", "S", "B2")
    assert reader.cell("one") == (2020.0, Where("b.xlsx", "S", "C3"))
    assert (reader.cell("absent"), reader.one("one")) == (None, "2020")
    area = Range("S", 2, 2, 4, 4)
    assert [
        reader.at(area),
        reader.at(area, 1),
        reader.at(area, 0, 2),
        reader.at(area, 2, 1),
    ] == [Where("b.xlsx", "S", cell) for cell in ("B2", "B3", "D2", "C4")]
    assert [*lines_below(reader.book, area)] == [5, 6]
    assert [*lines_below(reader.book, Range("S", 2, 2, 6, 4))] == []
    assert table_lines(reader.book, area) == [
        {"code": "a", "year": 2020.0, "7": None},
        {"code": "b", "year": None, "7": "x"},
    ]


def test_values_are_read_as_the_sheet_s_formulas_read_them(require_kept, reader):
    plain = Ingredient("n", "a", uom="", uom_zh="")
    typed = (
        1.5,
        0.0,
        -99.0,
        None,
        "",
        "NA",
        "n/a",
        "many",
        "1,5",
        True,
        CellError.DIV0,
    )
    where = Where("b.xlsx", "S", "B3")
    lines = []
    for no_data in (None, -99.0):
        node = Ingredient("n", "a", uom="", uom_zh="", no_data=no_data)
        for value in typed:
            state, number = reader.value(value, node, {"na"}, where)
            lines.append(f"{value!r} ({no_data}): {state.name} {number:g}")
    reader.ids = {match_key("Oslo"): "oslo", match_key(5.0): "five"}
    cities = ("Oslo", "OSLO", 5.0, "5", "Rome")
    lines += [f"{name!r}: {reader.city(name, where, 'n')}" for name in cities]
    units = tuple(Unit(name) for name in ("u", "v", "w"))
    values, states, basis = reader.values(
        units,
        {"u": 3, "w": 4},
        {"n": 3, "m": 4, "k": 0},
        {"n": plain, "m": plain, "k": plain},
        {"x"},
        "S",
    )
    lines += [str(values.tolist()), str(states.tolist()), str(basis.tolist())]
    assert np.array_equal(states == State.VALUE, ~np.isnan(values))
    every = (
        None,
        1.0,
        -2.0,
        1.5,
        "a",
        "",
        True,
        CellError.NA,
        45000.0,
        29999.0,
        30000.5,
        80000.0,
        79999.9,
    )
    lines += [
        f"{value!r}: {plain_text(value)!r} {day_text(value)!r} {match_key(value)}"
        f" {number_of(value)}"
        for value in every
    ]
    require_kept("records", "\n".join([*lines, as_text(reader.problems)]))
