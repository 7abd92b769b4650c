"""Which cells formulas read, by their references."""

import pytest

from tests.helpers.sheets import sheet_of
from xlcity.xlsx.cells import Cell, ReadBook
from xlcity.xlsx.formulas.graph import Graph

NAMES = {
    "total": "S!$A$1",
    "relative": "S!A3",
    "two": "S!$A$1,T!$B$2",
    "other": "[1]S!$A$1",
    "fourth": "S!$4:$4",
}
LOCAL_NAMES = {("S", "total"): "S!$A$9", ("T", "here"): "T!$C$3"}


def graph_of(formula):
    """Return the graph of a workbook with a formula in B2, and values down to C5."""
    cells = {(1, 1): Cell(1.0), (2, 2): Cell(None, formula), (5, 3): Cell(2.0)}
    sheets = {
        "S": sheet_of("S", cells),
        "T t": sheet_of("T t", {}),
        "T": sheet_of("T", {}),
    }
    return Graph(ReadBook(sheets, NAMES, LOCAL_NAMES))


@pytest.mark.parametrize(
    ("formula", "areas"),
    [
        ("SUM(A:A)", ["S!A1:A5"]),
        ("SUM($3:$4)", ["S!A3:C4"]),
        ("SUM(A:A,Z9)", ["S!A1:A5", "S!Z9"]),
        ("SUM(A7:A9)", ["S!A7:A9"]),
    ],
)
def test_whole_columns_and_rows_end_with_the_used_range(formula, areas):
    assert [str(area) for area in graph_of(formula).reads("S", (2, 2))] == areas


@pytest.mark.parametrize(
    ("formula", "areas"),
    [
        ("A:A", ["S!A2"]),
        ("2*fourth+A1:A3", ["S!B4", "S!A2"]),
        (
            "IF(A:A,fourth,C4:C9)",
            ["S!A2", "S!B4", "S!C4:C9"],
        ),  # beside no cell of the last one
        ("MAX(SINGLE(A:A),(fourth))", ["S!A2", "S!A4:C4"]),
        ("ROUND(A:A,0)+SUM(A:A)+SUM(A:A*2)", ["S!A2", "S!A1:A5", "S!A2"]),
        ("SUMPRODUCT(A:A*(fourth+1))", ["S!A1:A5", "S!A4:C4"]),  # computes with arrays
        ("SUMPRODUCT(IF(A:A,1))", ["S!A1:A5"]),
        ("A1:B3*2", ["S!A1:B3"]),
    ],
)
def test_a_row_or_column_read_as_one_value_is_the_cell_beside(formula, areas):
    assert [str(area) for area in graph_of(formula).reads("S", (2, 2))] == areas


@pytest.mark.parametrize(
    ("formula", "areas"),
    [
        ("INDEX(B:B,ROW()-1)", []),  # another cell of the column is taken
        ("INDEX(B1:B4,A1)", ["S!A1"]),
        ("SUM(INDEX(A:A,1),B1:B4)", ["S!A1:A5", "S!B1:B4"]),  # a circle
    ],
)
def test_a_cell_picked_from_its_own_column_needs_nothing_there(formula, areas):
    assert [str(area) for area in graph_of(formula).needs("S", (2, 2))] == areas


@pytest.mark.parametrize(
    ("formula", "areas"),
    [
        ("1", []),
        ("A1+B1:A3", ["S!A1", "S!A1:B3"]),
        ("s!A1+'t T'!B2:C3", ["S!A1", "'T t'!B2:C3"]),  # capitals are ignored
        ("SUM(S:T!A1)", ["S!A1", "'T t'!A1", "T!A1"]),
        ("SUM('T t:s'!B$1:B2)", ["S!B1:B2", "'T t'!B1:B2"]),
        ("SUM(gone:T!A1)", []),
        ("gone!A1+[1]S!A1+[1]S!$A$1", []),
        ("TOTAL+relative", ["S!A9", "S!B4"]),  # a sheet's own name comes first
        ("T!total+two", ["S!A1", "T!B2"]),
        ("t!here+here+other+unknown", ["T!C3"]),
        # What takes the place or the size of a range reads no value in it.
        ("ROWS(A1:A9)", []),
        ("ROWS(A1:A9)+A1", ["S!A1"]),
        ("ROW(A1)+(B1)", ["S!B1"]),
        ("(A1)+2*(B1+C1)", ["S!A1", "S!B1", "S!C1"]),
        ("ROWS((A1:A9))", []),
        ("COLUMN(INDEX(A1:B2,1))", ["S!A1:B2"]),
        ("SUM(A1,ROW())", ["S!A1"]),
        ('CELL("row",A1)', []),
        ('1+CELL("Col",A1:B2)+B1', ["S!B1"]),
        ('CELL("contents",A1)', ["S!A1"]),
        ('CELL("TYPE",A1)', ["S!A1"]),
        ("CELL(B1,A1)", ["S!A1"]),
        ('MID("row",A1)', ["S!A1"]),
    ],
)
def test_a_formula_reads_the_cells_whose_values_it_takes(formula, areas):
    assert sorted(map(str, graph_of(formula).reads("S", (2, 2)))) == sorted(areas)


@pytest.mark.parametrize(
    ("formula", "areas"),
    [
        ("INDEX(total,1)+B2", ["S!A9", "S!B2"]),
        ("OFFSET(B2,1,0)", []),
        ("OFFSET(B2,B2,0)", ["S!B2"]),
        ("INDEX(A1:A9,B1:B4)", ["S!A1:A9", "S!B1:B4"]),
        ("SUM(B1:B4)+INDEX(A1:A9,1)", ["S!B1:B4", "S!A1:A9"]),
        ("(B1:B4)", ["S!B2"]),
    ],
)
def test_only_a_first_argument_that_is_picked_from_may_hold_the_cell(formula, areas):
    assert [str(area) for area in graph_of(formula).needs("S", (2, 2))] == areas


def test_a_member_of_an_array_reads_what_its_anchor_reads():
    cells = {
        (1, 1): Cell(1.0, "C1:C2", "A1:A2"),
        (2, 1): Cell(2.0, in_array=(1, 1)),
        (3, 1): Cell(3.0),
    }
    graph = Graph(ReadBook({"S": sheet_of("S", cells)}, {}))
    assert [graph.anchor("S", (row, 1)) for row in (1, 2, 3)] == [
        (1, 1),
        (1, 1),
        (3, 1),
    ]
    read = [[str(area) for area in graph.reads("S", (row, 1))] for row in (1, 2, 3)]
    assert read == [["S!C1:C2"], ["S!C1:C2"], []]
    assert graph.formula_cells == 1
    assert [graph.needs("S", (row, 1)) for row in (2, 3)] == [
        graph.reads("S", (1, 1)),
        (),
    ]


def test_copies_below_one_another_are_one_block():
    formulas = {
        # In any order of the file; a gap, and another formula, end a block.
        (3, 2): "A3*$A$1",
        (1, 2): "A1*$A$1",
        (2, 2): "A2*$A$1",
        (5, 2): "A5*$A$1",
        (6, 2): "A6*$A$2",
        (7, 2): "SUM(A7:A8)",
        (8, 2): "SUM(A8:A9)",
        (8, 3): "SUM(B8:B9)",
        (9, 3): "S!A1",
        (10, 3): "total",
    }
    cells = {position: Cell(None, text) for position, text in formulas.items()}
    graph = Graph(ReadBook({"S": sheet_of("S", cells)}, NAMES))
    blocks = [*graph.blocks()]
    assert [block[:4] for block in blocks] == [
        ("S", 2, 1, 3),
        ("S", 2, 5, 5),
        ("S", 2, 6, 6),
        ("S", 2, 7, 8),
        ("S", 3, 8, 8),
        ("S", 3, 9, 9),
        ("S", 3, 10, 10),
    ]
    assert blocks[0][4] is blocks[1][4] is graph.normalised_formula("S", (2, 2))
    assert blocks[3][4] is blocks[4][4]
    assert graph.normalised_formula("S", (4, 2)) is None
    read = [[str(area) for area in graph.reads_of_block(*block)] for block in blocks]
    assert read == [
        ["S!A1:A3", "S!A1"],
        ["S!A5", "S!A1"],
        ["S!A6", "S!A2"],
        ["S!A7:A9"],
        ["S!B8:B9"],
        ["S!A1"],
        ["S!A1"],
    ]


def test_a_relative_name_means_other_cells_in_each_row():
    cells = {(row, 2): Cell(None, "relative*2") for row in (1, 2, 3)}
    book = ReadBook({"S": sheet_of("S", cells)}, {"relative": "S!$A1"})
    graph = Graph(book)
    reads = [[str(area) for area in graph.reads("S", (row, 2))] for row in (1, 2, 3)]
    assert reads == [["S!A1"], ["S!A2"], ["S!A3"]]
    assert [
        str(a) for block in graph.blocks() for a in graph.reads_of_block(*block)
    ] == ["S!A1:A3"]
