import pytest

from tests.helpers.sheets import sheet_of
from xlcity.errors import CellError
from xlcity.recalc.library_calls import PureCall, find_udf_cells, plain_calls, plain_name, pure_call
from xlcity.xlsx.address import Range, parse_cell
from xlcity.xlsx.cells import Cell, ReadBook

NAMES = {"ZSCORE_WINSOR", "RANK_UNIFORM"}


def book(**cells: Cell) -> ReadBook:
    sheet = sheet_of("S", {parse_cell(k): c for k, c in cells.items()}, "xl/s.xml")
    data = sheet_of("数据 1", {}, "xl/d.xml")
    return ReadBook(
        {"S": sheet, "数据 1": data},
        {"in_x": "'数据 1'!$A$1:$B$9", "par": "0.5"},
        {("S", "here"): "S!$C$1"},
    )


@pytest.mark.parametrize(
    "name", ["RANK_UNIFORM", "rank_uniform", "_xldudf_RANK_UNIFORM", "_xll.RANK_UNIFORM"]
)
def test_one_function_under_many_names(name):
    assert plain_name(name) == "RANK_UNIFORM"


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
        ("SUM(A1:A9)", Cell(None), "SUM(A1:A9)"),
    ],
)
def test_formulas_as_engines_know_them(formula, cell, rewritten):
    assert plain_calls(NAMES)(formula, cell) == rewritten


@pytest.mark.parametrize(
    ("formula", "arguments"),
    [
        ("RANK_UNIFORM(A1:B9)", (Range("S", 1, 1, 9, 2),)),
        ("+[1]!RANK_UNIFORM( S!A1 )", (Range("S", 1, 1, 1, 1),)),
        (
            '_xldudf_RANK_UNIFORM(\'数据 1\'!$A$1:$A$9, -1,,"a,""b",TRUE,#N/A)',
            (Range("数据 1", 1, 1, 9, 1), -1.0, None, 'a,"b', True, CellError.NA),
        ),
        ("RANK_UNIFORM(IN_X,here)", (Range("数据 1", 1, 1, 9, 2), Range("S", 1, 3, 1, 3))),
        ("RANK_UNIFORM(in_x)*2", None),
        ("RANK_UNIFORM(in_x)+(1)", None),
        ("-RANK_UNIFORM(in_x)", None),
        ("RANK_UNIFORM(in_x*2)", None),
        ("RANK_UNIFORM(par)", None),
        ("RANK_UNIFORM(Gone!A1)", None),
        ("IFERROR(RANK_UNIFORM(in_x),0)", None),
    ],
)
def test_calls_with_plain_arguments(formula, arguments):
    call = pure_call(formula, "S", NAMES, book())
    assert call == (None if arguments is None else PureCall("RANK_UNIFORM", arguments))
