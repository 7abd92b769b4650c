"""What a sheet has beside its cells: conditional formats, styles, charts."""

import io
import re
from dataclasses import replace

import openpyxl
import pytest
import xlsxwriter

from xlcity.errors import WorkbookError
from xlcity.xlsx.chart_content import read_drawings
from xlcity.xlsx.features import (
    FORMAT,
    VALIDATION,
    CellRule,
    Features,
    LineFormat,
    read_features,
    subtract_rectangles,
)
from xlcity.xlsx.package import Package
from xlcity.xlsx.properties import describe_hidden_lines, read_book_settings
from xlcity.xlsx.relations import Relations

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"
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
        (
            {
                "min_type": "formula",
                "max_type": "num",
                "min_value": "$A$1",
                "max_value": 9,
            },
            True,
        ),
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
    [
        ([1.0, 2.0, 3.0], ""),
        ([1.0, 7.0, 3.0], "2 for A2"),
        ([5.0, 7.0, 3.0], "1 for A1 and 1 more"),
        ([5.0, 7.0, 9.0], "1 for A1 and 2 more"),
    ],
)
def test_values_that_a_chart_stores_are_compared_with_the_cells(cells, says):
    def draw(book, sheet):
        sheet.write_column("A1", [1, 2, 3])
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Data!$A$1:$A$3"})
        sheet.insert_chart("C1", chart)

    drawings = read_drawings(
        written(draw), SHEET, lambda _, row, column: cells[row - 1]
    )
    stored = {
        text for _, _, aspect, text in drawings if aspect.startswith("stored values")
    }
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
        ("num", "0.5", 0.3, "0.5 for A1"),
        ("num", "1e-13", 0.0, ""),
        ("num", "1e-11", 0.0, "1e-11 for A1"),
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

    package = written(draw)
    part = "xl/charts/chart1.xml"
    text = package.text(part).replace("<c:v>1</c:v>", f"<c:v>{stored}</c:v>")
    text = text.replace("c:numRef", f"c:{kind}Ref").replace(
        "c:numCache", f"c:{kind}Cache"
    )
    package = package.replace({part: text.encode()})
    drawings = read_drawings(package, SHEET, lambda *_: value)
    assert {text for _, _, aspect, text in drawings if aspect.startswith("stored")} == {
        says
    }


def test_titles_show_their_cells_however_they_are_spelled_and_their_text():
    def titles(formula):
        def draw(book, sheet):
            chart = book.add_chart({"type": "line"})
            chart.add_series({"values": "=Data!$A$1:$A$3"})
            chart.set_title({"name": "Scores"})
            sheet.insert_chart("C1", chart)

        package = written(draw)
        part = "xl/charts/chart1.xml"
        shown = f"<c:tx><c:strRef><c:f>{formula}</c:f></c:strRef></c:tx>"
        text = re.sub(
            "<c:tx><c:rich>.*?</c:rich></c:tx>",
            shown,
            package.text(part),
            flags=re.DOTALL,
        )
        drawings = read_drawings(
            package.replace({part: text.encode()}), SHEET, lambda *_: None
        )
        return [text for _, _, aspect, text in drawings if aspect == "title"]

    assert titles("Data!$B$1") == titles("'Data'!B1") != titles("Data!$B$2")
    assert titles("Book!TitleOfIt") == ["Book!TitleOfIt"]


def test_a_damaged_chart_shows_nothing():
    def draw(book, sheet):
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Data!$A$1:$A$3"})
        sheet.insert_chart("C1", chart)

    package = written(draw)
    part = "xl/charts/chart1.xml"
    whole = package.text(part)
    for lost in ("plotArea", "chart"):
        text = re.sub(f"<c:{lost}>.*</c:{lost}>", "", whole, flags=re.DOTALL)
        damaged = package.replace({part: text.encode()})
        assert not any(
            aspect == "title"
            for _, _, aspect, _ in read_drawings(damaged, SHEET, lambda *_: None)
        )


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
    text = package.text(SHEET).replace(
        "<sheetView ", f'<sheetView topLeftCell="{first_shown}" ', 1
    )
    features = read_features(
        package.replace({SHEET: text.encode()}), SHEET, package.styles
    )
    assert (features.frozen, features.behind) == expected


def test_all_that_is_set_of_a_chart_is_told_in_words():
    def draw(book, sheet):
        sheet.write_column("A1", ["x", "y", "z"])
        sheet.write_column("B1", [1, 2, 4])
        chart = book.add_chart({"type": "column", "subtype": "stacked"})
        line = book.add_chart({"type": "line"})
        labels = {
            "value": True,
            "category": True,
            "series_name": True,
            "num_format": "0.0",
            "custom": [{"value": "Best"}, None, {"delete": True}],
        }
        none = {"none": True}
        chart.add_series(
            {
                "name": "Score",
                "categories": "=Data!$A$1:$A$3",
                "values": "=Data!$B$1:$B$3",
                "data_labels": labels,
                "points": [None, {"fill": {"color": "#FF0000"}}],
                "trendline": {"type": "linear"},
                "y_error_bars": {"type": "standard_error"},
                "fill": none,
                "border": none,
            }
        )
        other = {"values": "=Data!$B$1:$B$3"}
        chart.add_series(
            other | {"fill": {"color": "white"}, "data_labels": {"percentage": True}}
        )
        # A line of its own is a colour.
        chart.add_series(other | {"fill": none, "border": {"color": "#00FF00"}})
        line.add_series(other | {"y2_axis": True, "data_labels": {"value": True}})
        chart.combine(line)
        chart.set_legend({"delete_series": [0, 2]})
        chart.set_x_axis({"name": "Across", "reverse": True, "label_position": "none"})
        chart.set_y_axis(
            {
                "min": 1,
                "max": 9.0,
                "log_base": 10,
                "crossing": 2,
                "display_units": "thousands",
                "num_format": "0.00",
                "visible": False,
            }
        )
        line.set_y2_axis({"num_format": "General", "name": "=Data!$A$1"})
        chart.set_title({"name": "Scores", "name_font": {"color": "white"}})
        sheet.insert_chart("C2", chart)

    package = written(draw)
    part = "xl/charts/chart1.xml"
    text = package.text(part).replace(
        "</c:plotArea>", '</c:plotArea><c:plotVisOnly val="0"/>'
    )
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
    chart = (
        f"<c:chartSpace {DRAWING_NS}><c:chart><c:plotArea/></c:chart></c:chartSpace>"
    )
    parts = {
        **relations_of(SHEET, ("drawing", "xl/drawings/d.xml")),
        "xl/drawings/d.xml": drawing,
        **relations_of(
            "xl/drawings/d.xml",
            ("chart", "xl/charts/c.xml"),
            ("chart", "xl/charts/lost.xml"),
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
        return {
            aspect: aspects[aspect]
            for aspect in ("shown", "size", "text inside")
            if aspects.get(aspect)
        }

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
            "xl/charts/c.xml",
            *(("chartUserShapes", f"xl/drawings/in{n}.xml") for n in (1, 2)),
        ),
        "xl/drawings/in1.xml": f"<c:userShapes {DRAWING_NS}>{shape('a', 'Read this')}"
        "</c:userShapes>",
        "xl/drawings/in2.xml": f"<c:userShapes {DRAWING_NS}>{shape('b')}</c:userShapes>",
    }
    inside = {"text inside": "Read this drawing"}
    assert told(anchored(frame, "5 0 5 0", "9 0 9 0"), extra=shapes) == inside


def features_of(make, inner, rows="", **options) -> Features:
    """Return what is read of a sheet with elements around its rows."""
    before, _, after = inner.partition("|")
    xml = (
        f'<worksheet xmlns="{MAIN}" xmlns:r="{Relations.NAMESPACE}" xmlns:x="{X14}" xmlns:m="{XM}">'
        f"{before}<sheetData>{rows}</sheetData>{after}</worksheet>"
    )
    package = make(xml, **options)
    return read_features(package, SHEET, package.styles)


def rule(kind, formulas=(), **attributes):
    return CellRule(kind, ((1, 1, 1, 1),), tuple(attributes.items()), tuple(formulas))


@pytest.mark.parametrize(
    ("read", "limits", "words"),
    [
        (
            rule(VALIDATION, "12", type="whole"),
            ("between", ("1", "2")),
            "whole between 1 2",
        ),
        (
            rule(VALIDATION, "12", type="whole", operator="notBetween"),
            ("notBetween", ("1", "2")),
            "whole notBetween 1 2",
        ),
        # What programs leave of a condition that was chosen before.
        (
            rule(VALIDATION, "12", type="whole", operator="equal"),
            ("equal", ("1",)),
            "whole equal 1",
        ),
        (rule(VALIDATION, "12", type="list", operator="equal"), ("", ("1",)), "list 1"),
        (rule(VALIDATION, "12", type="custom"), ("", ("1",)), "custom 1"),
        (rule(VALIDATION), ("between", ()), "between"),
        (
            rule(FORMAT, "12", type="cellIs", operator="between"),
            ("between", ("1", "2")),
            "cellIs between 1 2",
        ),
        (
            replace(
                rule(FORMAT, "5", type="cellIs", operator="equal"),
                shown=("FF0000", "00FF00", "bold", ""),
            ),
            ("equal", ("5",)),
            "cellIs equal 5 FF0000",
        ),
        (
            rule(FORMAT, type="top10", rank="3", bottom="1", stopIfTrue="1"),
            ("", ()),
            "top10 rank 3 bottom 1",
        ),
    ],
)
def test_a_rule_in_words_has_what_has_an_effect(read, limits, words):
    assert (read.limits, read.described()) == (limits, words)


@pytest.mark.parametrize(
    ("attributes", "effect"),
    [
        ({}, "lets wrong entries pass"),
        ({"showErrorMessage": "1"}, "stops wrong entries"),
        ({"showErrorMessage": "1", "errorStyle": "warning"}, "warns of wrong entries"),
        (
            {
                "showErrorMessage": "1",
                "errorStyle": "information",
                "error": "no\n no",
                "errorTitle": "T",
            },
            "notes wrong entries; says T no no",
        ),
        ({"error": "no", "prompt": "type"}, "lets wrong entries pass"),
        (
            {
                "showInputMessage": "1",
                "prompt": "type",
                "promptTitle": "P",
                "error": "no",
            },
            "lets wrong entries pass; says P type",
        ),
        (
            {
                "showInputMessage": "1",
                "prompt": "a",
                "showErrorMessage": "1",
                "error": "b",
            },
            "stops wrong entries; says a; says b",
        ),
    ],
)
def test_the_effect_of_a_validation_in_words(attributes, effect):
    assert rule(VALIDATION, **attributes).effect == effect


@pytest.mark.parametrize(
    ("line", "text", "shows_nothing"),
    [
        (LineFormat(), "", False),
        (LineFormat(hidden=True), "hidden", True),
        (LineFormat(size=12.5), "size 12.5", False),
        (LineFormat(size=1.0), "size 1", True),
        (LineFormat(size=0.0), "size 0", True),
        (LineFormat(True, 30.0, 2), "hidden size 30 group level 2", True),
        (LineFormat(level=1), "group level 1", False),
    ],
)
def test_what_is_set_of_a_line_in_words(line, text, shows_nothing):
    assert line.text == text
    assert line.shows_nothing(1.0) is shows_nothing


def test_rows_and_columns_are_read_however_they_are_written(make):
    # A row without a number follows the one before; a height that nobody set is none.
    rows = (
        '<row r="2" ht="20"/><row ht="20" customHeight="1"/><row hidden="true"/><row/>'
        '<row r="9" outlineLevel="2" ht="5"/><row outlineLevel=""/>'
    )
    columns = (
        '<cols><col min="2" max="3" width="4"/><col min="5" max="16384" hidden="1"/>'
        "</cols>|"
    )
    for prefixed in (False, True):
        read = features_of(
            make, columns, rows.replace("<row", "<x:row") if prefixed else rows
        )
        assert read.rows == {
            3: LineFormat(size=20.0),
            4: LineFormat(hidden=True),
            9: LineFormat(level=2),
        }
        assert [*read.columns] == [2, 3, *range(5, 506)]
        assert {read.columns[2], read.columns[3]} == {LineFormat(size=4.0)}
    assert features_of(make, "", '<row r="1"><c r="A1"/></row>').rows == {}
    assert features_of(make, "", '<row hidden="1"/>').rows == {
        1: LineFormat(hidden=True)
    }


@pytest.mark.parametrize(
    ("inner", "rows", "hidden"),
    [
        ("", "", ("", "")),
        (
            "",
            '<row r="3" hidden="1"/><row r="4" ht="0.5" customHeight="1"/><row hidden="1" r="9"/>',
            ("3-4, 9", ""),
        ),
        (
            '<cols><col min="2" max="3" hidden="1"/><col min="5" max="5" width="0.2"/>'
            '<col min="7" max="7" width="0.3"/></cols>|',
            "",
            ("", "B-C, E"),
        ),
        (
            '<sheetFormatPr zeroHeight="1" defaultColWidth="0.2"/>|',
            '<row r="1" hidden="1"/>',
            ("1, all that are not listed", "all that are not listed"),
        ),
        ('<sheetFormatPr zeroHeight="0" defaultColWidth="0.3"/>|', "", ("", "")),
    ],
)
def test_hidden_lines_are_told_as_runs(make, inner, rows, hidden):
    features = features_of(make, inner, rows)
    assert [*describe_hidden_lines(features)] == [
        ("hidden rows", hidden[0]),
        ("hidden columns", hidden[1]),
    ]


def test_links_lead_into_the_workbook_or_out_of_it(make):
    links = Relations(SHEET)
    rid = links.add("hyperlink", "https://x.org", external=True)
    inner = (
        f'|<hyperlinks><hyperlink ref="B2:C3" r:id="{rid}"/><hyperlink ref="A9" r:id="{rid}" '
        'location="top"/><hyperlink ref="A2" location="S!A1"/><hyperlink r:id="none"/></hyperlinks>'
    )
    found = features_of(make, inner, extra={links.part: links.to_bytes().decode()})
    # A link without a cell is one of A1, and one without a target leads nowhere.
    assert found.links == {
        (2, 2): "https://x.org",
        (9, 1): "https://x.org#top",
        (2, 1): "#S!A1",
        (1, 1): "",
    }


@pytest.mark.parametrize(
    ("inner", "filtered", "buttons"),
    [
        ('|<autoFilter ref="A1:B9"/>', "", "A1:B9"),
        (
            (
                '|<autoFilter ref="A1:B9"><filterColumn '
                'colId="0"><filters/></filterColumn></autoFilter>'
            ),
            "A1:B9",
            "",
        ),
        # A column without its button hides no row.
        (
            '|<autoFilter ref="A1:A1"><filterColumn colId="0" hiddenButton="1"/></autoFilter>',
            "",
            "A1",
        ),
        ("|<autoFilter/>", "", ""),
        ("", "", ""),
    ],
)
def test_a_filter_hides_rows_or_only_has_buttons(make, inner, filtered, buttons):
    found = features_of(make, inner)
    assert (found.filtered, found.buttons) == (filtered, buttons)


def test_panes_that_are_split_are_not_frozen(make):
    views = "<sheetViews><sheetView{}>{}</sheetView></sheetViews>|"
    for view, pane, expected in (
        ("", '<pane xSplit="2" ySplit="1.0" state="frozenSplit"/>', ((1, 2), (0, 0))),
        ("", '<pane xSplit="2000" ySplit="900" state="split"/>', ((0, 0), (0, 0))),
        ("", '<pane xSplit="2000"/>', ((0, 0), (0, 0))),
        (' topLeftCell="C5"', "", ((0, 0), (0, 0))),
    ):
        found = features_of(make, views.format(view, pane))
        assert (found.frozen, found.behind) == expected


def test_what_hangs_on_cells_is_told_by_kind_cell_and_text(make):
    links = Relations(SHEET)
    for part in ("xl/tables/t1.xml", "xl/tables/t2.xml", "xl/tables/lost.xml"):
        links.add("table", part)
    links.add("image", "xl/media/i.png")
    links.add("drawing", "xl/drawings/d.xml")
    links.add("drawing", "xl/drawings/lost.xml")
    links.add("comments", "xl/tables/t1.xml")
    links.add("image", "https://x.org/i.png", external=True)
    inner = (
        '|<scenarios><scenario name="best"><inputCells r="B2"/></scenario><scenario name="none"/>'
        '</scenarios><picture r:id="rId9"/><extLst><ext><x:sparklineGroups><x:sparklineGroup>'
        "<x:sparklines><x:sparkline><m:f> S!A1:C1 </m:f><m:sqref>D1</m:sqref></x:sparkline>"
        "</x:sparklines></x:sparklineGroup></x:sparklineGroups></ext></extLst>"
    )
    extra = {
        links.part: links.to_bytes().decode(),
        "xl/tables/t1.xml": f'<table xmlns="{MAIN}" ref="A3:B9" displayName="Sums"/>',
        "xl/tables/t2.xml": f'<table xmlns="{MAIN}"/>',
        "xl/drawings/d.xml": f"<d:wsDr {DRAWING_NS}>{shape('One')}{shape('Two')}</d:wsDr>",
    }
    found = features_of(make, inner, extra=extra)
    assert found.placed == (
        ("table", "A3", "Sums"),
        ("table", "A1", "table"),
        ("sparkline", "D1", "S!A1:C1"),
        ("scenario", "B2", "best"),
        ("scenario", "", "none"),
        ("background", "", "picture"),
    )
    assert found.objects == (
        ("table", "t1.xml"),
        ("table", "t2.xml"),
        ("table", "lost.xml"),
        ("image", "i.png"),
        ("drawing", "One"),
        ("drawing", "Two"),
    )


STYLES = f"""<styleSheet xmlns="{MAIN}"><dxfs><dxf><font><b/></font></dxf>
<dxf><fill><patternFill patternType="lightUp"><bgColor rgb="FF00FF00"/></patternFill></fill></dxf>
<dxf><fill><gradientFill/></fill></dxf>
<dxf><fill><patternFill patternType="none"><bgColor rgb="FF0000FF"/></patternFill></fill></dxf>
</dxfs></styleSheet>"""


@pytest.mark.parametrize(
    ("inner", "shown", "is_fixed"),
    [
        ('dxfId="0"/>', ("", "", "bold", ""), False),
        ('dxfId="1"/>', ("00FF00", "", "", ""), True),  # patterns and gradients stay
        ('dxfId="2"/>', ("", "", "", ""), True),
        ('dxfId="3"/>', ("0000FF", "", "", ""), False),
        ('dxfId="4"/>', (), False),
        ('dxfId="x"/>', (), False),
        ("/>", (), False),
        ("><colorScale><cfvo/></colorScale></cfRule>", (), False),
        ('><colorScale><cfvo type="formula"/></colorScale></cfRule>', (), True),
        ("><dataBar/><extLst><ext><x:id>{1}</x:id></ext></extLst></cfRule>", (), True),
        ("><dataBar/><extLst><ext><x:id/></ext></extLst></cfRule>", (), False),
    ],
)
def test_a_conditional_format_that_cannot_be_moved_is_known(
    make, inner, shown, is_fixed
):
    written = f'<cfRule type="t" priority="3" {inner}'
    if inner.endswith("cfRule>"):
        written = written.replace(" >", ">")
    found = features_of(
        make,
        f'|<conditionalFormatting sqref="A1:B2 D4">{written}</conditionalFormatting>',
        extra={"xl/styles.xml": STYLES},
    )
    (read,) = found.rules
    assert (read.shown, read.is_fixed, read.priority) == (shown, is_fixed, 3)
    assert read.areas == ((1, 1, 2, 2), (4, 4, 4, 4))
    assert read.attributes == (("type", "t"),)
    assert bool(read.dxf) == bool(shown)


def test_rules_of_extensions_are_read_once(make):
    inner = (
        '|<conditionalFormatting sqref="A1"><cfRule type="dataBar"><dataBar/><extLst><ext>'
        "<x:id>{1}</x:id></ext></extLst></cfRule></conditionalFormatting>"
        '<dataValidations><dataValidation sqref="A1" type="list" allowBlank="0" '
        'showErrorMessage="1"><formula1> B1 </formula1></dataValidation></dataValidations>'
        "<extLst><ext><x:conditionalFormattings>"
        '<x:conditionalFormatting><x:cfRule type="dataBar" id="{1}"/><m:sqref>A1</m:sqref>'
        "</x:conditionalFormatting><x:conditionalFormatting>"
        '<x:cfRule type="iconSet" id="{2}"><x:iconSet><x:cfvo type="num"><m:f>3</m:f></x:cfvo>'
        "</x:iconSet></x:cfRule>"
        '<x:cfRule type="cellIs" aboveAverage="0" percent="0"><m:f> T!A1 </m:f><x:dxf><font><b/>'
        "</font></x:dxf></x:cfRule><m:sqref>C1:C9</m:sqref>"
        "</x:conditionalFormatting></x:conditionalFormattings><x:dataValidations>"
        '<x:dataValidation type="whole"><x:formula1><m:f>T!A1</m:f></x:formula1>'
        "<x:formula2><m:f>9</m:f></x:formula2><m:sqref>B1</m:sqref></x:dataValidation>"
        "</x:dataValidations></ext></extLst>"
    )
    bar, icons, cell, listed, whole = features_of(make, inner).rules
    assert (bar.areas, bar.body, bar.is_fixed) == (((1, 1, 1, 1),), "<dataBar />", True)
    assert icons.body == '<iconSet><cfvo type="num"><f>3</f></cfvo></iconSet>'
    # Of a part in an extension bars and icons cannot be moved, looks can.
    assert (icons.areas, icons.is_fixed) == (((1, 3, 9, 3),), True)
    assert (cell.formulas, cell.shown[2], cell.is_fixed) == (("T!A1",), "bold", False)
    assert cell.attributes == (("aboveAverage", "0"), ("type", "cellIs"))
    assert listed.attributes == (("showErrorMessage", "1"), ("type", "list"))
    assert (listed.areas, listed.formulas) == (((1, 1, 1, 1),), ("B1",))
    assert (whole.areas, whole.formulas) == (((1, 2, 1, 2),), ("T!A1", "9"))


def test_rectangles_without_others_cover_the_cells_that_are_left():
    def cells(rectangle):
        r1, c1, r2, c2 = rectangle
        return {(r, c) for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)}

    area = (2, 2, 5, 6)
    others = [
        (r, c, r + h, c + w)
        for r in range(1, 7)
        for c in range(1, 8)
        for h in (0, 2)
        for w in (0, 3)
    ]
    for other in others:
        left = subtract_rectangles(area, [other, (3, 3, 3, 3)])
        assert set().union(*map(cells, left)) == cells(area) - cells(other) - {(3, 3)}
        assert all(map(cells, left))  # none is empty
        assert sum(len(cells(one)) for one in left) == len(
            set().union(*map(cells, left))
        )


@pytest.mark.parametrize(
    ("element", "name", "text"),
    [
        ("<calcPr/>", "calculation mode", ""),
        ('<calcPr calcMode="auto"/>', "calculation mode", ""),
        ('<calcPr calcMode="manual"/>', "calculation mode", "manual"),
        ('<calcPr iterate="true"/>', "iterative calculation", "on"),
        ('<calcPr iterate="0"/>', "iterative calculation", ""),
        ('<workbookPr date1904="1"/>', "first day", "1904-01-01"),
        ("", "first day", ""),
        (
            '<bookViews><workbookView visibility="hidden"/></bookViews>',
            "window",
            "hidden",
        ),
        (
            '<bookViews><workbookView showSheetTabs="0"/></bookViews>',
            "sheet tabs",
            "hidden",
        ),
        ("<bookViews><workbookView/></bookViews>", "sheet tabs", ""),
        ('<workbookProtection lockStructure="1"/>', "structure", "locked"),
        ("<workbookProtection/>", "structure", ""),
        ("", "order of sheets", "S"),
        ("", "macros", ""),
    ],
)
def test_settings_of_the_workbook(make, element, name, text):
    package = make("", workbook_pr=element)
    assert read_book_settings(package, package.styles)["setting", name] == text


def test_macros_connections_and_properties_of_the_workbook(make):
    package = make("")
    links = Relations.read_from(package, "xl/workbook.xml")
    links.add("vbaProject", "xl/vba.bin")
    links.add("connections", "xl/connections.xml")
    core = "<p><title> a\n b </title><creator>Li</creator><keywords/></p>"
    package = package.replace(
        {
            links.part: links.to_bytes(),
            "docProps/core.xml": core.encode(),
            "xl/connections.xml": b'<c><connection name="prices"/><connection/></c>',
        }
    )
    read = read_book_settings(package, package.styles)
    assert read["setting", "macros"] == "there"
    assert read["setting", "data connections"] == "prices, connection"
    assert {
        name: text for (kind, name), text in read.items() if kind == "property"
    } == {"title": "a b", "keywords": ""}
