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
from xlcity.xlsx.relations import Relations

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


def test_all_that_is_set_of_a_chart_is_told_in_words():
    def draw(book, sheet):
        sheet.write_column("A1", ["x", "y", "z"])
        sheet.write_column("B1", [1, 2, 4])
        chart, line = (
            book.add_chart({"type": "column", "subtype": "stacked"}),
            book.add_chart({"type": "line"}),
        )
        labels = {"value": True, "category": True, "series_name": True, "num_format": "0.0",
                  "custom": [{"value": "Best"}, None, {"delete": True}]}  # fmt: skip
        none = {"none": True}
        chart.add_series({
            "name": "Score", "categories": "=Data!$A$1:$A$3", "values": "=Data!$B$1:$B$3",
            "data_labels": labels, "points": [None, {"fill": {"color": "#FF0000"}}],
            "trendline": {"type": "linear"}, "y_error_bars": {"type": "standard_error"},
            "fill": none, "border": none,
        })  # fmt: skip
        other = {"values": "=Data!$B$1:$B$3"}
        chart.add_series(other | {"fill": {"color": "white"}, "data_labels": {"percentage": True}})
        # A line of its own is a colour.
        chart.add_series(other | {"fill": none, "border": {"color": "#00FF00"}})
        line.add_series(other | {"y2_axis": True, "data_labels": {"value": True}})
        chart.combine(line)
        chart.set_legend({"delete_series": [0, 2]})
        chart.set_x_axis({"name": "Across", "reverse": True, "label_position": "none"})
        chart.set_y_axis({
            "min": 1, "max": 9.0, "log_base": 10, "crossing": 2, "display_units": "thousands",
            "num_format": "0.00", "visible": False,
        })  # fmt: skip
        line.set_y2_axis({"num_format": "General", "name": "=Data!$A$1"})
        chart.set_title({"name": "Scores", "name_font": {"color": "white"}})
        sheet.insert_chart("C2", chart)

    package, part = written(draw), "xl/charts/chart1.xml"
    text = package.text(part).replace("</c:plotArea>", '</c:plotArea><c:plotVisOnly val="0"/>')
    package = package.replace({part: text.encode()})
    drawings = [*read_drawings(package, SHEET, lambda *_: None)]
    assert {(place, kind) for place, kind, _, _ in drawings} == {((2, 3), "chart")}
    aspects = {aspect: text for _, _, aspect, text in drawings}
    assert {aspect: text for aspect, text in aspects.items() if text} == {
        "title": '"Scores"',
        "letters of the title": "white",
        "hidden cells": "drawn",
        "entries that the legend leaves out": "1, 3",
        "name of series 1": '"Score"',
        "categories of series 1": "Data!A1:A3",
        "values of series 1": "Data!B1:B3",
        "labels of series 1": 'value, category, series, 0.0, "Best" at 1',
        "missing labels of series 1": "3",
        "colour of series 1": "none",
        "points of their own of series 1": "2 FF0000",
        "lines added of series 1": "trend line, error bars",
        "values of series 2": "Data!B1:B3",
        "labels of series 2": "share",
        "fill of series 2": "white",
        "values of series 3": "Data!B1:B3",
        "values of series 4": "Data!B1:B3",
        "labels of series 4": "value",
        "category axis order": "maxMin",
        "category axis title": '"Across"',
        "category axis labels": "none",
        "category axis crosses at": "2",
        "value axis from": "1",
        "value axis to": "9",
        "value axis logarithmic": "10",
        "value axis numbers": "0.00",
        "value axis units": "thousands",
        "value axis shown": "no",
        "value axis 2 title": 'Data!A1 "x"',
        "category axis 2 labels": "none",
        "category axis 2 shown": "no",
        "kind": "bar col stacked and line",
        "series": "4",
    }
    # Of what has no text a chart has the default, which is told as "".
    assert all(isinstance(text, str) for text in aspects.values())


DRAWING_NS = (
    'xmlns:d="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    f'xmlns:r="{Relations.NAMESPACE}"'
)


def relations_of(owner, *links):
    """Return the part with the relationships of another one: kind and target of each, from rId1."""
    listed = Relations(owner)
    for kind, target in links:
        listed.add(kind, target)
    return {listed.part: listed.to_bytes().decode()}


def anchored(inner, first="", last=""):
    """Return a drawing between two corners, each column, its offset, row, its offset."""
    tags = ("col", "colOff", "row", "rowOff")
    corners = "".join(
        f"<d:{end}>{''.join(f'<d:{t}>{n}</d:{t}>' for t, n in zip(tags, at.split(), strict=True))}"
        f"</d:{end}>"
        for end, at in (("from", first), ("to", last))
        if at
    )
    return f"<d:anchor>{corners}{inner}</d:anchor>"


def shape(name, text="", more=""):
    texts = "".join(f"<a:t>{piece}</a:t>" for piece in text.split("|"))
    return f'<d:sp><d:cNvPr id="1" name="{name}"{more}/><d:txBody>{texts}</d:txBody></d:sp>'


def chart_frame(rid, more=""):
    return f'<d:frame><d:cNvPr id="2" name="C"{more}/><c:chart r:id="{rid}"/></d:frame>'


def drawings_of(make, *anchors, extra=None):
    drawing = f"<d:wsDr {DRAWING_NS}>{''.join(anchors)}</d:wsDr>"
    chart = f"<c:chartSpace {DRAWING_NS}><c:chart><c:plotArea/></c:chart></c:chartSpace>"
    parts = {
        **relations_of(SHEET, ("drawing", "xl/drawings/d.xml")),
        "xl/drawings/d.xml": drawing,
        **relations_of(
            "xl/drawings/d.xml", ("chart", "xl/charts/c.xml"), ("chart", "xl/charts/lost.xml")
        ),
        "xl/charts/c.xml": chart,
    }
    package = make("", extra=parts | (extra or {}))
    return [*read_drawings(package, SHEET, lambda *_: None)]


def test_drawings_are_told_by_their_text_or_their_name_and_where_they_are(make):
    found = drawings_of(
        make,
        anchored(shape("S", "two |pieces"), "1 0 2 0", "3 0 4 0"),
        anchored(shape("Picture", more=' hidden="1"'), "0 5 0 5", "3 1 4 1"),
        anchored(shape("Alone"), "2 0 8 0"),
        anchored("<d:pic/>"),
        # LibreOffice leaves out offsets, other programs zeros.
        anchored(shape("Short"), "4 0 5 0", "5 0 6 0")
        .replace("<d:colOff>0</d:colOff>", "")
        .replace(">0<", "><"),
    )
    assert found == [
        ((3, 2), "text box", "text", "two pieces"),
        ((3, 2), "text box", "covers", "B3:C4"),
        ((1, 1), "drawing", "shown", "no"),
        ((1, 1), "drawing", "name", "Picture"),
        ((1, 1), "drawing", "covers", "A1:D5"),
        ((9, 3), "drawing", "name", "Alone"),
        ((1, 1), "drawing", "name", "drawing"),
        ((6, 5), "drawing", "name", "Short"),
        ((6, 5), "drawing", "covers", "E6:F6"),
    ]


def test_a_chart_that_is_hidden_or_too_small_to_see_is_told(make):
    frame = chart_frame("rId1")

    def told(*anchors, extra=None):
        found = drawings_of(make, *anchors, extra=extra)
        assert {kind for _, kind, _, _ in found} <= {"chart"}
        aspects = {aspect: text for _, _, aspect, text in found}
        return {aspect: aspects[aspect] for aspect in ("shown", "size", "text inside")
                if aspects.get(aspect)}  # fmt: skip

    assert told(anchored(frame, "5 0 5 0", "9 0 9 0")) == {}
    assert told(anchored(frame, "5 0 5 0")) == {}
    for last in ("5 9 5 9", "9 0 5 9", "9 0 6 0", "5 9 9 0", "6 0 9 0"):
        assert told(anchored(frame, "5 0 5 0", last)) == {"size": "within one cell"}
    assert told(anchored(frame, "5 0 5 0", "6 1 6 1")) == {}
    hidden = chart_frame("rId1", ' hidden="true"')
    assert told(anchored(hidden, "5 0 5 0", "9 0 9 0")) == {"shown": "no"}
    assert told(anchored(chart_frame("rId2"), "5 0 5 0", "9 0 9 0")) == {}
    shapes = {
        **relations_of(
            "xl/charts/c.xml", *(("chartUserShapes", f"xl/drawings/in{n}.xml") for n in (1, 2))
        ),
        "xl/drawings/in1.xml": f"<c:userShapes {DRAWING_NS}>{shape('a', 'Read this')}"
        "</c:userShapes>",
        "xl/drawings/in2.xml": f"<c:userShapes {DRAWING_NS}>{shape('b')}</c:userShapes>",
    }  # fmt: skip
    inside = {"text inside": "Read this drawing"}
    assert told(anchored(frame, "5 0 5 0", "9 0 9 0"), extra=shapes) == inside
