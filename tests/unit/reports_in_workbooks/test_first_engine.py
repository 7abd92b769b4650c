"""Each formula of our templates is one that the first engine is trusted with.

A single formula in doubt lets `auto` start LibreOffice for the whole workbook, five times slower.
"""

from pathlib import Path

import pytest
from own import own_bytes
from templates import small_template

from tests.helpers.sheets import sheet_of
from xlcity.recalc.library_calls import library_names
from xlcity.recalc.support.support_check import FASTEST, SupportCheck
from xlcity.reports import report_ids
from xlcity.xlsx.address import full_address
from xlcity.xlsx.cells import Cell, ReadBook, read_book
from xlcity.xlsx.package import Package

#: Their formulas are those that are built: tests/golden/test_template_parts.py.
WORKBOOKS = Path(__file__).resolve().parents[3] / "workbooks"


def in_doubt(book: ReadBook) -> list[str]:
    """Return each cell that the first engine is not trusted with, its formula, and why."""
    doubts = SupportCheck(book, library_names()).doubts(FASTEST)
    return [
        f"{full_address(sheet, at)} ={book.sheets[sheet].cells[at].formula}: "
        + "; ".join(map(str, found))
        for (sheet, at), found in doubts.cells.items()
    ]


def built(name: str) -> Package:
    return Package.read(WORKBOOKS / f"{name}.xlsx")


@pytest.mark.parametrize(
    "made",
    [
        small_template,
        lambda: Package.from_bytes(own_bytes(udf=False)),
        lambda: built("image2025"),
    ],
    ids=["small", "own", "image2025"],
)
def test_the_first_engine_is_trusted_with_each_formula(made):
    assert in_doubt(read_book(made())) == []


@pytest.mark.long
@pytest.mark.parametrize("name", sorted({*report_ids()} - {"image2025"}))
@pytest.mark.parametrize("folder", ["", "empty/"])
def test_the_first_engine_is_trusted_with_each_formula_of_all_reports(folder, name):
    assert in_doubt(read_book(built(folder + name))) == []


def test_a_formula_in_doubt_is_named_with_its_cell():
    cells = {(1, 1): Cell("x"), (2, 1): Cell("TEXT"), (2, 3): Cell("text", "LOWER(A2)")}
    assert in_doubt(ReadBook({"Text": sheet_of("Text", cells)})) == ["Text!C2 =LOWER(A2): LOWER"]
