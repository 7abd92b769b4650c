"""What is on the screen, laid over the file: what was typed, what Calc spells otherwise."""

import functools
import io
import re

import pytest
from openpyxl import Workbook

from tests.helpers.calc_spelling import shown
from tests.helpers.contract_cells import block_position, score_sheet
from tests.helpers.own import own_bytes
from xlcity.desk.commands import OpenBook
from xlcity.errors import CellError, XlcityError
from xlcity.extension.screen import Screen, excel_formula, screen_package
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package


@pytest.fixture(scope="module")
def content():
    return own_bytes(udf=False)


@pytest.fixture(scope="module")
def book(content):
    return read_book(Package.from_bytes(content, "own.xlsx"))


#: The screen of the book, spelled once.
spelled = functools.cache(
    lambda: shown(read_book(Package.from_bytes(own_bytes(udf=False))))
)


def sheets_of(book):
    return {
        name: {key: [[*line] for line in lines] for key, lines in sheet.items()}
        for name, sheet in spelled().items()
    }


def laid(content, sheets):
    package = Package.from_bytes(content, "own.xlsx")
    return read_book(screen_package(package, read_book(package), "own.xlsx", sheets))


def first(book, sheet, wanted):
    return next(
        at for at, cell in sorted(book.sheets[sheet].cells.items()) if wanted(cell)
    )


@pytest.mark.parametrize(
    ("calc", "excel"),
    [
        ("=$Data.B$5*SUM(A1;2)", "Data!B$5*SUM(A1,2)"),
        ("=$'My.data'.A1:B2", "'My.data'!A1:B2"),
        ("='It''s'.A1", "'It''s'!A1"),
        ('="a;b$Data.A1"&IF(TRUE();1|2)', '"a;b$Data.A1"&IF(TRUE,1;2)'),
        ("=COM.MICROSOFT.STDEV.P(A1:A3)", "STDEV.P(A1:A3)"),
        ("=$数据.A1+1.5", "数据!A1+1.5"),
        ("=$2025年数据.A1+2.5", "2025年数据!A1+2.5"),
    ],
)
def test_a_formula_of_calc_is_spelled_as_in_files(calc, excel):
    assert excel_formula(calc) == excel


def test_an_unchanged_screen_is_the_file(content, book):
    package = Package.from_bytes(content, "own.xlsx")
    laid_over = screen_package(package, book, "own.xlsx", sheets_of(book))
    assert laid_over.parts == package.parts


def test_what_was_typed_and_what_follows_from_it_is_read(content, book):
    sheets = sheets_of(book)
    at = first(
        book, "Data", lambda cell: isinstance(cell.value, float) and not cell.computed
    )
    blank = (at[0], 40)
    sheet = score_sheet(book)
    score = block_position(book, "out_scores")
    set_cell(sheets, "Data", at, "１２")
    set_cell(sheets, "Data", (at[0] + 1, at[1]), 7.5)
    set_cell(sheets, "Data", (at[0] + 2, at[1]), None)
    sheets["Data"]["formulas"][blank[0] - 1] += [""] * 40
    sheets["Data"]["values"][blank[0] - 1] += [""] * 40
    set_cell(sheets, "Data", blank, 3.0)
    set_cell(
        sheets,
        sheet,
        score,
        99.25,
        sheets[sheet]["formulas"][score[0] - 1][score[1] - 1],
    )
    after = laid(content, sheets)
    assert after.value("Data", *at) == "１２"
    assert after.value("Data", at[0] + 1, at[1]) == 7.5
    assert after.value("Data", at[0] + 2, at[1]) is None
    assert after.value("Data", *blank) == 3.0
    assert after.value(sheet, *score) == 99.25
    assert after.sheets[sheet].cells.texts() == book.sheets[sheet].cells.texts()


def test_a_formula_that_was_overwritten_or_changed_is_seen(content, book):
    sheets = sheets_of(book)
    sheet = score_sheet(book)
    typed = block_position(book, "out_scores", "city03", "A")
    changed = block_position(book, "out_scores", "city03", "B")
    set_cell(sheets, sheet, typed, 50.0)
    set_cell(
        sheets, sheet, changed, 1.0, "=$Data.D10*2;SUM(1;2)".replace(";SUM", "+SUM")
    )
    after = laid(content, sheets).sheets[sheet]
    assert (after.cells[typed].formula, after.value(*typed)) == (None, 50.0)
    assert after.cells[changed].formula == "Data!D10*2+SUM(1,2)"


def test_errors_come_with_their_number(content, book):
    sheets = sheets_of(book)
    sheet = score_sheet(book)
    at = block_position(book, "out_scores")
    text = sheets[sheet]["formulas"][at[0] - 1][at[1] - 1]
    set_cell(sheets, sheet, at, None, text)
    sheets[sheet]["errors"].append([*at, 532])
    assert laid(content, sheets).value(sheet, *at) == CellError.DIV0


def test_what_cannot_be_compared_asks_for_a_save(content, book, tmp_path):
    sheets = sheets_of(book)
    sheets["New"] = sheets.pop("Data")
    with pytest.raises(XlcityError, match="sheets were added"):
        laid(content, sheets)
    sheets = sheets_of(book)
    at = first(book, "Data", lambda cell: isinstance(cell.value, float))
    set_cell(sheets, "Data", at, 1.0, "{=SUM($Data.A1:A2)}")
    with pytest.raises(XlcityError, match="array formula was typed"):
        laid(content, sheets)
    for file in ("book.ods", "absent.xlsx"):
        with pytest.raises(XlcityError, match=re.escape("press the button again")):
            Screen().book({"file": str(tmp_path / file)})


def test_the_same_screen_is_read_once(content, book, tmp_path):
    file = tmp_path / "own.xlsx"
    file.write_bytes(content)
    screen = Screen()
    given = {"file": str(file), "state": 3}
    first = screen.book({**given, "sheets": sheets_of(book)})
    assert isinstance(first, OpenBook)
    assert screen.book({**given, "same": True}) is first
    with pytest.raises(XlcityError, match="started again"):
        screen.book({"file": str(file), "state": 4, "same": True})


def set_cell(sheets, sheet, at, value, text=None):
    row = at[0] - 1
    column = at[1] - 1
    blank = "" if value is None and text is None else value
    sheets[sheet]["values"][row][column] = blank
    sheets[sheet]["formulas"][row][column] = (
        ("" if blank == "" else str(blank)) if text is None else text
    )


def test_a_formula_keeps_the_spelling_of_the_file():
    workbook = Workbook()
    workbook.active["A1"], workbook.active["B1"] = 2, "=SUM( A1 ,2)"
    workbook.save(stream := io.BytesIO())
    laid_on = read_book(Package.from_bytes(stream.getvalue()))
    sheets = {
        name: {key: [[*line] for line in lines] for key, lines in sheet.items()}
        for name, sheet in shown(laid_on).items()
    }
    set_cell(sheets, "Sheet", (1, 2), 4.0, "=SUM($Sheet.A1;2)".replace("$Sheet.", ""))
    after = laid(stream.getvalue(), sheets)
    assert after.value("Sheet", 1, 2) == 4.0
    assert after.sheets["Sheet"].cells[1, 2].formula == "SUM( A1 ,2)"
