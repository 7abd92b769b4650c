import pytest

from tests.helpers.sheets import sheet_of
from xlcity.recalc.library_calls import (
    find_udf_cells,
    make_call_rewriter,
    registry_name,
)
from xlcity.xlsx.address import parse_cell
from xlcity.xlsx.cells import Cell, ReadBook

NAMES = {"ZSCORE_WINSOR", "RANK_UNIFORM"}


def book(**cells: Cell) -> ReadBook:
    sheet = sheet_of("S", {parse_cell(k): c for k, c in cells.items()}, "xl/s.xml")
    return ReadBook({"S": sheet}, {}, {})


@pytest.mark.parametrize(
    "name",
    ["RANK_UNIFORM", "rank_uniform", "_xldudf_RANK_UNIFORM", "_xll.RANK_UNIFORM"],
)
def test_one_function_under_many_names(name):
    assert registry_name(name) == "RANK_UNIFORM"


def test_cells_that_call_the_library_and_the_members_of_their_arrays():
    found = find_udf_cells(
        book(
            A1=Cell(None, "_xldudf_ZSCORE_WINSOR(B1:B2)", "A1:A2"),
            A2=Cell(None, in_array=(1, 1)),
            A3=Cell(None, "[1]!rank_uniform(B1:B2)"),
            A4=Cell(None, '"RANK_UNIFORM(x)"'),
            A5=Cell(None, "SUM(B1:B2)", "A5:A6"),
            A6=Cell(None, in_array=(5, 1)),
            A7=Cell(1.0),
        ),
        NAMES,
    )
    assert found == {"S": {(1, 1), (2, 1), (3, 1)}}


ARRAY = Cell(None, "", "A1:A9")


@pytest.mark.parametrize(
    ("formula", "cell", "rewritten"),
    [
        ("[1]!RANK_UNIFORM(A1:A9)", ARRAY, "RANK_UNIFORM(A1:A9)"),
        ("'a b.xlam'!rank_uniform(A1:A9)", ARRAY, "RANK_UNIFORM(A1:A9)"),
        ("_xldudf_RANK_UNIFORM(A1:A9)*2", Cell(None), "RANK_UNIFORM(A1:A9)*2"),
        ("RANK_UNIFORM(A1:A9,,1)", ARRAY, 'RANK_UNIFORM(A1:A9,"",1)'),
        ("RANK_UNIFORM(A1:A9)", Cell(None), "INDEX(RANK_UNIFORM(A1:A9),1,1)"),
        ("RANK_UNIFORM(A1:A9)", Cell(None, "", "A1"), "INDEX(RANK_UNIFORM(A1:A9),1,1)"),
        ("+[1]!RANK_UNIFORM(A1:A9)", Cell(None), "INDEX(+RANK_UNIFORM(A1:A9),1,1)"),
        ("-RANK_UNIFORM(A1:A9)", Cell(None), "-RANK_UNIFORM(A1:A9)"),
        (
            "IFERROR(RANK_UNIFORM(A1:A9),0)",
            Cell(None),
            "IFERROR(RANK_UNIFORM(A1:A9),0)",
        ),
        ("SUM(A1:A9)", Cell(None), "SUM(A1:A9)"),
        ('"RANK_UNIFORM(x)"&A1', Cell(None), '"RANK_UNIFORM(x)"&A1'),
        (
            "RANK_UNIFORMS(A1)+[1]!RANK_UNIFORM(A1)",
            Cell(None),
            "RANK_UNIFORMS(A1)+RANK_UNIFORM(A1)",
        ),
        ("SUM(RANK_UNIFORM(A1,))", Cell(None), 'SUM(RANK_UNIFORM(A1,""))'),
    ],
)
def test_formulas_as_engines_know_them(formula, cell, rewritten):
    assert make_call_rewriter(NAMES)(formula, cell) == rewritten
