import pytest

from xlcity.recalc.dependency_slice import find_cells_between
from xlcity.xlsx.address import MAX_COLUMNS, MAX_ROWS
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.formulas.graph import areas_read


@pytest.fixture
def book(make):
    return read_book(
        make(
            {"S": "", "数 据": "", "it's": ""},
            names={"one": "S!$B$2", "sum": "one+'数 据'!$C$3:$C$5", "self": "self", "bad": "#REF!"},
        )
    )


@pytest.mark.parametrize(
    ("formula", "areas"),
    [
        ("1+2", []),
        ("A1+$B$2*A1", ["S 1 1 1 1", "S 2 2 2 2"]),
        ('SUM(A1:B3)&"C9"', ["S 1 1 3 2"]),
        ("'数 据'!B3:A1+'it''s'!C1", ["数 据 1 1 3 2", "it's 1 3 1 3"]),
        ("SUM(A:B)", [f"S 1 1 {MAX_ROWS} 2"]),
        ("SUM($2:3)", [f"S 2 1 3 {MAX_COLUMNS}"]),
        ("IF(TRUE,ONE,false)", ["S 2 2 2 2"]),
        ("sum", ["S 2 2 2 2", "数 据 3 3 5 3"]),
        ("LOG10(A1)+1E3", ["S 1 1 1 1"]),
        ("ZSCORE_WINSOR(A1:A3,,-1)", ["S 1 1 3 1"]),
    ],
)
def test_what_a_formula_reads(book, formula, areas):
    found = areas_read(formula, "S", book)
    assert sorted(f"{a.sheet} {a.r1} {a.c1} {a.r2} {a.c2}" for a in found) == sorted(areas)


@pytest.mark.parametrize(
    "formula",
    [
        "OFFSET(A1,1,0)", 'INDIRECT("A1")', "Table1[x]", "[1]Other!A1", "A1:INDEX(B:B,3)",
        "unknown+1", "self", "bad", "No!A1", "A1#", "SUM(A1:one)",
    ],
)  # fmt: skip
def test_what_cannot_be_told(book, formula):
    assert areas_read(formula, "S", book) is None


def test_what_lies_between(make):
    cells = {
        "B1": "A1*2", "B2": "A2*2", "C1": "SUM(B1:B2)", "C2": "B2+1", "D1": "C1+C2", "E1": "B1+1",
    }  # fmt: skip
    rows = {1: "", 2: ""}
    for name, formula in sorted(cells.items()):
        rows[int(name[1:])] += f'<c r="{name}"><f>{formula}</f><v>0</v></c>'
    book = read_book(make("".join(f'<row r="{n}">{c}</row>' for n, c in rows.items())))
    kept = find_cells_between(book, [("S", (1, 1))], [("S", (1, 4))])
    assert kept == {("S", (1, 2)), ("S", (1, 3)), ("S", (1, 4))}  # not B2, C2 (A2), not E1
