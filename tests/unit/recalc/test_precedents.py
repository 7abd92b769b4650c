"""Which cells a formula read for its stored value."""

import io

import pytest
import xlsxwriter

from xlcity.recalc.precedents import Follower
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.formulas.graph import Graph
from xlcity.xlsx.package import Package


def book_of(cells, names=None):
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = workbook.add_worksheet("S")
    for address, value in cells.items():
        if isinstance(value, tuple):
            sheet.write_formula(address, value[0], None, value[1])
        else:
            sheet.write(address, value)
    for name, text in (names or {}).items():
        workbook.define_name(name, f"={text}")
    workbook.close()
    return Graph(read_book(Package.from_bytes(buffer.getvalue())))


def read_by(book, address, row, column):
    return {
        str(read.area).removeprefix("S!"): read.role
        for read in Follower(book).reads("S", (row, column))
    }


def test_lookups_are_followed_to_the_cell_they_found():
    cells = {"A1": "x", "A2": "y", "A3": "z", "B1": 1, "B2": 5, "B3": 9, "D1": "y"}
    book = book_of({**cells, "E1": ("=INDEX(B1:B3,MATCH(D1,A1:A3,0))", 5)})
    assert read_by(book, "E1", 1, 5) == {"B2": "value", "A2": "lookup", "D1": "lookup"}


def test_branches_not_taken_are_left_out():
    cells = {"A1": 3, "B1": 1, "C1": 2}
    book = book_of(
        {
            **cells,
            "D1": ("=IF(A1>2,B1,C1)", 1),
            "D2": ("=IFERROR(B1/0,C1)", 2),
            "D3": ('=IF(COUNTIF(A1:C1,">1")=2,par_x,C1)', 7),
            "F1": 7,
        },
        {"par_x": "S!$F$1"},
    )
    assert read_by(book, "D1", 1, 4) == {"A1": "condition", "B1": "value"}
    assert read_by(book, "D2", 2, 4) == {"B1": "condition", "C1": "value"}
    assert read_by(book, "D3", 3, 4) == {"A1:C1": "condition", "F1": "value"}


@pytest.mark.parametrize(
    ("criterion", "count"), [("TRUE", 2), ('"TRUE"', 2), ('"<>"&FALSE', 3), ("1", 1), ('">0"', 1)]
)
def test_a_logical_criterion_counts_logicals_and_not_ones(criterion, count):
    cells = {"A1": True, "B1": True, "C1": 1, "E1": 5, "F1": 6}
    book = book_of({**cells, "D1": (f"=IF(COUNTIF(A1:C1,{criterion})={count},E1,F1)", 5)})
    assert read_by(book, "D1", 1, 4) == {"A1:C1": "condition", "E1": "value"}


def test_what_cannot_be_told_is_read_whole():
    cells = {"A1": 1, "B1": 2, "C1": 3}
    book = book_of({**cells, "D1": ('=IF(INFO("a")=1,A1,B1)+INDEX(A1:C1,INFO("b"))', 3)})
    assert read_by(book, "D1", 1, 4) == {"A1": "value", "B1": "value", "A1:C1": "value"}
