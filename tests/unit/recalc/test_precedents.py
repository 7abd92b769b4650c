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


def test_of_a_named_row_the_cell_beside_the_formula_is_read():
    cells = {"A1": 3, "B1": 1, "C1": 2, "B3": ("=price*2", 2), "C3": ("=SUM(price)", 6)}
    book = book_of(cells, {"price": "S!$1:$1"})
    assert read_by(book, "B3", 3, 2) == {"B1": "value"}
    assert read_by(book, "C3", 3, 3) == {"A1:C1": "value"}


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
    ("criterion", "count"),
    [("TRUE", 2), ('"TRUE"', 2), ('"<>"&FALSE', 3), ("1", 1), ('">0"', 1)],
)
def test_a_logical_criterion_counts_logicals_and_not_ones(criterion, count):
    cells = {"A1": True, "B1": True, "C1": 1, "E1": 5, "F1": 6}
    book = book_of(
        {**cells, "D1": (f"=IF(COUNTIF(A1:C1,{criterion})={count},E1,F1)", 5)}
    )
    assert read_by(book, "D1", 1, 4) == {"A1:C1": "condition", "E1": "value"}


def test_what_cannot_be_told_is_read_whole():
    cells = {"A1": 1, "B1": 2, "C1": 3}
    book = book_of(
        {**cells, "D1": ('=IF(INFO("a")=1,A1,B1)+INDEX(A1:C1,INFO("b"))', 3)}
    )
    assert read_by(book, "D1", 1, 4) == {"A1": "value", "B1": "value", "A1:C1": "value"}


#: What A1:C3, E1:E3 and F1 hold; the names `par_x` and `in_x` mean F1 and E1:E3.
GRID = {
    "A1": 1,
    "B1": 2,
    "C1": 3,
    "A2": 4,
    "B2": 5,
    "C2": 6,
    "A3": 7,
    "B3": 8,
    "C3": 9,
    "E1": "a",
    "E2": "b",
    "E3": "c",
    "F1": 2,
    "F2": ("=NA()", "#N/A"),
}
#: The same cells as a value, as a condition and as a place.
V = "value"
C = "condition"
L = "lookup"


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("INDEX(A1:C1,2)", {"B1": V}),
        ("INDEX(A1:A3,2)", {"A2": V}),
        ("OFFSET(A1,1,2)", {"C2": V}),
        ("SUM(OFFSET(A1:A3,0,1))", {"B1:B3": V}),
        ("SUM(OFFSET(A1,F1-1,0,,2))", {"A2:B2": V, "F1": L}),
        ("SUM(OFFSET(A1,1,1,2,1))", {"B2:B3": V}),
        ("OFFSET(A1,-1,0)", {"A1": V}),
        ('INDIRECT("B2")', {"B2": V}),
        ('SUM(INDIRECT("S!A1:A"&F1))', {"A1:A2": V, "F1": L}),
        ('INDIRECT("nothing")', {}),
        ("SUM(A1:INDEX(A1:A3,F1))", {"A1:A2": V, "F1": L}),
        ("SUM(B2:S!C1)", {"B1:C2": V}),
        ("INDEX(A1:A3,F1)", {"A2": V, "F1": L}),
        ("SUM(INDEX(A1:C3,2))", {"A2:C2": V}),
        ("INDEX(A1:C3,2,3)", {"C2": V}),
        ("INDEX(A1:C3,3,1)", {"A3": V}),
        ("SUM(INDEX(A1:C3,0,2))", {"B1:B3": V}),
        ("SUM(INDEX(A1:C3,,3))", {"C1:C3": V}),
        ("SUM(INDEX(A1:C3,2,0))", {"A2:C2": V}),
        ("SUM(INDEX(A1:C3,0,0))", {"A1:C3": V}),
        ("INDEX(B2,1)", {"B2": V}),
        ("INDEX(A1:C1,1,3)", {"C1": V}),
        ("INDEX(INDEX(A1:C3,0,2),3)", {"B3": V}),
        ("INDEX(in_x,3)", {"E3": V}),
        # What is no place is not followed.
        ("INDEX(A1:C3,4,1)", {"A1:C3": V}),
        ("INDEX(A1:C3,1,4)", {"A1:C3": V}),
        ("INDEX(A1:C3,-1,1)", {"A1:C3": V}),
        ("INDEX(A1:C3,1.5,1)", {"A1:C3": V}),
        ("INDEX(A1:C1,4)", {"A1:C1": V}),
        ("INDEX(A1:C3,E1,1)", {"A1:C3": V, "E1": L}),
        ("MATCH(5,B1:B3,0)", {"B2": L}),
        ("MATCH(6,A2:C2,0)", {"C2": L}),
        ("MATCH(F1,A1:C1,0)", {"B1": L, "F1": L}),
        ("MATCH(99,A1:A3,0)", {"A1:A3": L}),
        ("MATCH(5,B1:B3,1)", {"B1:B3": L}),
        ("MATCH(5,B1:B3)", {"B1:B3": L}),
        ('IF(MATCH("b",E1:E3,0)=2,A1,B1)', {"E2": C, "A1": V}),
        ("IF(F1=2,A1,B1)", {"F1": C, "A1": V}),
        ("IF(F1=3,A1,B1)", {"F1": C, "B1": V}),
        ("IF(F1=3,A1)", {"F1": C}),
        ("IF(E1,A1,B1)", {"E1": C, "A1": V, "B1": V}),
        ("IF(F2,A1,B1)", {"F2": C, "A1": V, "B1": V}),
        ("IF(H9,A1,B1)", {"H9": C, "B1": V}),
        ("IF(F1>1,F1,A1)", {"F1": V}),
        ("F1+IF(F1>1,A1,B1)", {"F1": V, "A1": V}),
        ("IFERROR(A1,B1)", {"A1": V}),
        ("IFERROR(F2,B1)", {"F2": C, "B1": V}),
        ("IFNA(F2,B1)", {"F2": C, "B1": V}),
        ("IFNA(A1,B1)", {"A1": V}),
        ('IFERROR(INFO("a")+A1,B1)', {"A1": V, "B1": V}),
        ("CHOOSE(2,A1,B1,C1)", {"B1": V}),
        ("CHOOSE(F1,A1,B1,C1)", {"F1": C, "B1": V}),
        ("CHOOSE(1,A1,B1)", {"A1": V}),
        ("CHOOSE(0,A1,B1)", {"A1": V, "B1": V}),
        ("CHOOSE(9,A1,B1)", {"A1": V, "B1": V}),
        ("CHOOSE(E1,A1,B1)", {"E1": C, "A1": V, "B1": V}),
        ("ROW(A1)+COLUMNS(A1:C3)", {}),
        ("-A1%", {"A1": V}),
        ("SUM(A1:C1,par_x)", {"A1:C1": V, "F1": V}),
        ("IF(ROW()=1,A1,B1)", {"A1": V}),
        ("IF(COLUMN()=11,A1,B1)", {"A1": V}),
        ("IF(SUM(A1:A3)=12,B1,C1)", {"A1:A3": C, "B1": V}),
        ("IF(TRUE,B1,C1)", {"B1": V}),
        ("IF(AND(A1=1,FALSE),B1,C1)", {"A1": C, "C1": V}),
        ("par_x", {"F1": V}),
        ("A1:A3", {"A1": V}),
        ("IF(par_x=2,B1,C1)", {"F1": C, "B1": V}),
        ("IF(B1/0,B1,C1)", {"B1": V, "C1": V}),
        ("nowhere", {}),
        (
            "IF(AND(A1=1,B1=2,C1=3,F1=2),A2,A3)",
            {"A1": C, "B1": C, "C1": C, "F1": C, "A2": V},
        ),
        (
            "IF(SUM(A1:A3)+SUM(B1:B3)*SUM(C1:C3)=282,A1,E1)",
            {"A1:A3": C, "B1:B3": C, "C1:C3": C, "A1": V},
        ),
    ],
)
def test_what_a_formula_reads(formula, wanted):
    names = {"par_x": "S!$F$1", "in_x": "S!$E$1:$E$3"}
    graph = book_of({**GRID, "K1": (f"={formula}", 0)}, names)
    assert read_by(graph, "K1", 1, 11) == wanted


def test_of_an_array_formula_all_is_read():
    def write(sheet):
        sheet.write_array_formula("C1:C2", "{=IF(A1:A2>B1,B1:B2,B1:B2)}", None, 0)

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        write(workbook.add_worksheet("S"))
    graph = Graph(read_book(Package.from_bytes(buffer.getvalue())))
    for row in (1, 2):
        assert read_by(graph, "C", row, 3) == {"A1:A2": V, "B1": V, "B1:B2": V}
    assert read_by(graph, "Z9", 9, 26) == {}
