"""Formulas read as lines: across gaps, with what contradicts them, each cause once."""

import pytest
import xlsxwriter

from xlcity.audit.lint.run import lint
from xlcity.xlsx.address import ranges_text


@pytest.fixture
def linted(tmp_path):
    """Return what writes a workbook of one sheet and lints it."""

    def write(change):
        path = tmp_path / "book.xlsx"
        book = xlsxwriter.Workbook(str(path))
        sheet = book.add_worksheet("S")
        sheet.write("A1", "source: yearbook")
        change(sheet)
        book.close()
        return lint(path, calculate=False)

    return write


def told(result):
    return {(f.rule, f.cell) for f in result.findings if f.severity != "info"}


def totals(sheet, odd=None, columns="BDFHJ", last=9):
    """Write columns of numbers with a blank column between, and their totals."""
    for column in columns:
        for row in range(4, last + 1):
            sheet.write(f"{column}{row}", row * 1.5)
        area = odd if column == "F" and odd else f"{column}4:{column}{last}"
        sheet.write_formula(f"{column}{last + 1}", f"=SUM({area})", None, 1)


def test_totals_of_every_second_column_are_one_line(linted):
    assert told(linted(totals)) == set()
    result = linted(lambda sheet: totals(sheet, "F5:F9"))
    (finding,) = (f for f in result.findings if f.rule == "E04")
    assert (finding.cell, finding.beside) == ("F10", "B10, D10, H10, J10")
    assert finding.severity == "error"


def test_a_text_parts_two_tables(linted):
    def change(sheet):
        totals(sheet, columns="BC")
        sheet.write("D10", "second table")
        totals(sheet, "F6:F9", columns="F")

    assert told(linted(change)) == set()


def test_two_formulas_alone_contradict_each_other_only_where_numbers_differ(linted):
    def change(sheet, first):
        totals(sheet, columns="B")
        for row in range(5, 10):
            sheet.write(f"C{row}", row)
        sheet.write("C4", first)
        sheet.write_formula("C10", "=SUM(C5:C9)", None, 35)

    assert told(linted(lambda s: change(s, ""))) == set()
    assert ("E04", "C10") in told(linted(lambda s: change(s, 3)))


def test_a_number_between_a_range_and_its_total_is_left_out(linted):
    def change(sheet, formula):
        totals(sheet, columns="BC")
        for column in "BC":
            sheet.write(f"{column}10", 7)
            sheet.write_formula(f"{column}11", formula.replace("X", column), None, 1)

    found = linted(lambda s: change(s, "=SUM(X4:X9)"))
    assert ("E04", "B11") in told(found)
    assert ("E04", "B11") not in told(linted(lambda s: change(s, "=SUM(X4:X9)-X10")))
    # Both totals leave out their last row: one cause, told once.
    (finding,) = (f for f in found.digest().findings if f.rule == "E04")
    assert finding.region == "B11:C11"
    assert found.digest().left_out == 1


@pytest.mark.parametrize("border", [3, 7])
def test_a_sum_that_begins_or_ends_in_a_row_without_numbers(linted, border):
    def change(sheet, number):
        for column in "BC":
            for row in range(3, 8):
                typed = row if row != border else number if column == "C" else ""
                sheet.write(f"{column}{row}", typed)
            sheet.write_formula(f"{column}8", f"=SUM({column}3:{column}7)", None, 22)

    assert told(linted(lambda s: change(s, ""))) == {("W17", "B8"), ("W17", "C8")}
    # A row in which another column has a number is a row of data with a gap.
    assert told(linted(lambda s: change(s, 5))) == set()


def test_a_sum_with_fewer_terms_than_those_beside_it(linted):
    def change(sheet, formula):
        for row in range(2, 12):
            sheet.write_row(f"B{row}", [row, row * 2, None, None])
            own = formula if row == 6 else f"=B{row}+C{row}"
            sheet.write_formula(f"D{row}", own, None, row * 3)

    assert told(linted(lambda s: change(s, "=B6"))) == {("E03", "D6")}
    assert told(linted(lambda s: change(s, "=C6+B6"))) == set()


def test_a_whole_row_of_typed_numbers_is_less_telling_than_one(linted):
    def change(sheet, typed):
        for row in range(2, 14):
            sheet.write(f"A{row}", row)
            for column in "CDE":
                if row == 7 and column in typed:
                    sheet.write(f"{column}{row}", 3.5)
                else:
                    sheet.write_formula(f"{column}{row}", f"=$A{row}*2", None, row * 2)

    def e02(columns):
        return [f.cell for f in linted(lambda s: change(s, columns)).digest().findings]

    assert "D7" in e02("D")
    assert not {"C7", "D7", "E7"} & set(e02("CDE"))


def test_the_digest_is_a_handful(linted):
    def change(sheet):
        sheet.write("B2", 4)
        for number in range(1, 40):
            sheet.write_formula(f"D{number * 2}", f"=$B$2*{number}.5", None, number)
            sheet.write_formula(f"F{number * 2}", f"={number}*3", None, number)

    result = linted(change)
    alarms = [f for f in result.digest().findings if f.severity != "info"]
    assert sorted(f.rule for f in alarms) == ["W01", "W14"]
    assert len(result.findings) - len(result.digest().findings) == result.digest().left_out > 70


def test_ranges_are_listed_as_few_rectangles():
    places = [(2, 2), (2, 3), (3, 2), (3, 3), (5, 5), (6, 5)]
    assert ranges_text(places) == "B2:C3, E5:E6"
