"""What a sheet has beside its cells: conditional formats, styles, charts."""

import io
import re

import openpyxl
import pytest
import xlsxwriter

from xlcity.errors import WorkbookError
from xlcity.xlsx.chart_content import read_drawings
from xlcity.xlsx.features import read_features
from xlcity.xlsx.package import Package

SHEET = "xl/worksheets/sheet1.xml"


def written(draw):
    """Return a workbook of one sheet as XlsxWriter writes it."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        draw(book, book.add_worksheet("Data"))
    return Package.from_bytes(content.getvalue())


@pytest.mark.parametrize(
    ("bounds", "is_fixed"),
    [
        ({"min_type": "num", "max_type": "num", "min_value": 0, "max_value": 9}, False),
        ({"min_type": "formula", "max_type": "num", "min_value": "$A$1", "max_value": 9}, True),
    ],
)
def test_a_scale_whose_ends_are_formulas_stays_where_it_is(bounds, is_fixed):
    scale = {"type": "2_color_scale", **bounds}
    package = written(lambda _, sheet: sheet.conditional_format("A1:A9", scale))
    (rule,) = read_features(package, SHEET, package.styles).rules
    assert rule.areas == ((1, 1, 9, 1),)
    assert rule.is_fixed == is_fixed


def test_a_filter_on_no_cells_is_damage():
    package = written(lambda _, sheet: sheet.autofilter("A1:B9"))
    part = package.parts[SHEET].replace(b'ref="A1:B9"', b'ref="&lt;"')
    broken = package.replace({SHEET: part})
    assert read_features(package, SHEET, package.styles).buttons == "A1:B9"
    with pytest.raises(WorkbookError, match="damaged"):
        read_features(broken, SHEET, broken.styles)


def test_a_cell_knows_its_named_style():
    book = openpyxl.Workbook()
    book.active["A1"] = book.active["A2"] = 1
    book.active["A2"].style = "Input"
    content = io.BytesIO()
    book.save(content)
    package = Package.from_bytes(content.getvalue())
    styles = re.findall(r'<c r="A\d"(?: s="(\d)")?', package.text(SHEET))
    names = [package.styles.named_style(int(style or 0)) for style in styles]
    assert names == ["Normal", "Input"]


@pytest.mark.parametrize(
    ("cells", "says"),
    [([1.0, 2.0, 3.0], ""), ([1.0, 7.0, 3.0], "2 for A2"), ([5.0, 7.0, 3.0], "1 for A1 and 1 more"),
     ([5.0, 7.0, 9.0], "1 for A1 and 2 more")],
)  # fmt: skip
def test_values_that_a_chart_stores_are_compared_with_the_cells(cells, says):
    def draw(book, sheet):
        sheet.write_column("A1", [1, 2, 3])
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Data!$A$1:$A$3"})
        sheet.insert_chart("C1", chart)

    drawings = read_drawings(written(draw), SHEET, lambda _, row, column: cells[row - 1])
    stored = {text for _, _, aspect, text in drawings if aspect.startswith("stored values")}
    assert stored == {says}
