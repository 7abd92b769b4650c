"""Which cells formulas read, by their references."""

import pytest

from tests.helpers.sheets import sheet_of
from xlcity.xlsx.cells import Cell, ReadBook
from xlcity.xlsx.formulas.graph import Graph


def graph_of(formula):
    """Return the graph of a workbook with a formula in B2, and values down to C5."""
    cells = {(1, 1): Cell(1.0), (2, 2): Cell(None, formula), (5, 3): Cell(2.0)}
    return Graph(ReadBook({"S": sheet_of("S", cells)}, {}))


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
        ("INDEX(B:B,ROW()-1)", []),  # another cell of the column is taken
        ("INDEX(B1:B4,A1)", ["S!A1"]),
        ("SUM(INDEX(A:A,1),B1:B4)", ["S!A1:A5", "S!B1:B4"]),  # a circle
    ],
)
def test_a_cell_picked_from_its_own_column_needs_nothing_there(formula, areas):
    assert [str(area) for area in graph_of(formula).needs("S", (2, 2))] == areas
