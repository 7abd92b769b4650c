"""The quick worksheet writes what XlsxWriter's own does."""

import datetime as dt
import io

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from xlcity.workbook.drawing.grid import Area
from xlcity.workbook.drawing.worksheet import worksheet_class
from xlcity.xlsx.package import Package

FORMULAS = ('SUM(A1:A9)&"<>"', 'IF(A1="{}","=",_xlfn.STDEV.P(A1:A9))', "A1\n+2", "1")


class Plain(Worksheet):
    """XlsxWriter's own."""

    def put_formula(self, row, column, formula, form):
        self.write_formula(row, column, f"={formula}", form)

    def put_array(self, area, formula):
        top, left, down, right = area.from_zero
        form = self.table[top][left].format
        self.write_array_formula(top, left, down, right, f"{{={formula}}}", form)


def written(kind, out):
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": dt.datetime(2000, 1, 1)})
    # Two formats that are the same have one number.
    forms = [book.add_format({"bold": True}), book.add_format({"bold": True}), None]
    sheet = book.add_worksheet("S", kind)
    for row, formula in enumerate(FORMULAS):
        for column, form in zip((0, 2, 30), forms, strict=True):
            sheet.put_formula(row, column, formula, form)
            sheet.write_blank(row, column + 1, None, form)
    sheet.write_array_formula(7, 0, 8, 1, "{=A1:B2}", forms[0])
    sheet.write_row(9, 0, ["a", 2.5, True])
    for row in (11, 12, 13):
        sheet.write_row(row, 0, [1.5, "x"], forms[0])
    sheet.put_array(Area("S", 12, 1, 14, 2), "TRANSPOSE(A1:C2)")
    book.close()
    return sheet


def test_the_parts_are_those_of_the_worksheet_it_stands_for():
    plain = io.BytesIO()
    written(Plain, plain)
    drawn = io.BytesIO()
    sheet = written(worksheet_class(), drawn)
    package = Package.from_bytes(drawn.getvalue())
    assert package.parts == Package.from_bytes(plain.getvalue()).parts
    assert package.to_bytes() == plain.getvalue()
    assert sheet.table[1][30].formula == FORMULAS[1]
    assert sheet.table[7][0].formula == "A1:B2"
    assert not hasattr(sheet.table.get(9, {}).get(0), "formula")


@pytest.mark.parametrize("packed", [True, False])
def test_new_parts_are_read_back(packed):
    drawn = io.BytesIO()
    written(worksheet_class(), drawn)
    package = Package.from_bytes(drawn.getvalue()).replace(
        {"xl/styles.xml": b"<x/>", "more.xml": b"<y/>"}
    )
    back = Package.from_bytes(package.to_bytes(packed=packed)).parts
    assert list(back.items()) == list(package.parts.items())
