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


@pytest.mark.parametrize(
    ("kind", "stored", "value", "says"),
    [
        ("num", "2", "two", ""),  # a text has no number to store
        ("num", "two", 2.0, "two for A1"),
        ("str", "2", 2.0, ""),
        ("str", "a  b", " a b", ""),
        ("str", "a", "b", "a for A1"),
        ("str", "", "b", ""),
        ("num", "2.0000000001", 2.0, ""),
    ],
)
def test_texts_and_numbers_that_a_chart_stores_are_compared_each_with_their_kind(
    kind, stored, value, says
):
    def draw(book, sheet):
        sheet.write("A1", 1)
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Data!$A$1"})
        sheet.insert_chart("C1", chart)

    package, part = written(draw), "xl/charts/chart1.xml"
    text = package.text(part).replace("<c:v>1</c:v>", f"<c:v>{stored}</c:v>")
    text = text.replace("c:numRef", f"c:{kind}Ref").replace("c:numCache", f"c:{kind}Cache")
    package = package.replace({part: text.encode()})
    drawings = read_drawings(package, SHEET, lambda *_: value)
    assert {text for _, _, aspect, text in drawings if aspect.startswith("stored")} == {says}


def test_titles_show_their_cells_however_they_are_spelled_and_their_text():
    def titles(formula):
        def draw(book, sheet):
            chart = book.add_chart({"type": "line"})
            chart.add_series({"values": "=Data!$A$1:$A$3"})
            chart.set_title({"name": "Scores"})
            sheet.insert_chart("C1", chart)

        package, part = written(draw), "xl/charts/chart1.xml"
        shown = f"<c:tx><c:strRef><c:f>{formula}</c:f></c:strRef></c:tx>"
        text = re.sub("<c:tx><c:rich>.*?</c:rich></c:tx>", shown, package.text(part), flags=re.S)
        drawings = read_drawings(package.replace({part: text.encode()}), SHEET, lambda *_: None)
        return [text for _, _, aspect, text in drawings if aspect == "title"]

    assert titles("Data!$B$1") == titles("'Data'!B1") != titles("Data!$B$2")
    assert titles("Book!TitleOfIt") == ["Book!TitleOfIt"]


def test_a_damaged_chart_shows_nothing():
    def draw(book, sheet):
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Data!$A$1:$A$3"})
        sheet.insert_chart("C1", chart)

    package, part = written(draw), "xl/charts/chart1.xml"
    whole = package.text(part)
    for lost in ("plotArea", "chart"):
        text = re.sub(f"<c:{lost}>.*</c:{lost}>", "", whole, flags=re.S)
        damaged = package.replace({part: text.encode()})
        assert not any(aspect == "title" for _, _, aspect, _ in
                       read_drawings(damaged, SHEET, lambda *_: None))  # fmt: skip


@pytest.mark.parametrize(
    ("frozen", "first_shown", "expected"),
    [
        ((2, 3), "A1", ((2, 3), (0, 0))),
        # The window was scrolled when the panes were frozen: what is above is out of reach.
        ((2, 3), "C5", ((4 + 2, 2 + 3), (4, 2))),
        ((2, 0), "C5", ((4 + 2, 0), (4, 0))),
        ((0, 3), "C5", ((0, 2 + 3), (0, 2))),
    ],
)
def test_frozen_panes_and_what_is_out_of_reach(frozen, first_shown, expected):
    package = written(lambda _, sheet: sheet.freeze_panes(*frozen))
    text = package.text(SHEET).replace("<sheetView ", f'<sheetView topLeftCell="{first_shown}" ', 1)
    features = read_features(package.replace({SHEET: text.encode()}), SHEET, package.styles)
    assert (features.frozen, features.behind) == expected
