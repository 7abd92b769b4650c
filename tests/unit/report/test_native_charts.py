"""Native charts of Word documents: each shows the numbers of the workbook inside it."""

import io
import re
import zipfile
from xml.etree import ElementTree as ET

import numpy as np
import openpyxl
import pytest
from PIL import Image

from xlcity.figures.contents import (
    Axis,
    BarChart,
    BarPanels,
    BarSeries,
    Curve,
    DotChart,
    Histogram,
    HistogramChart,
    Label,
    LineChart,
    ScatterChart,
    SlopeChart,
)
from xlcity.figures.figure import Figure
from xlcity.report.contents import Section
from xlcity.report.docx_file import DocxFile
from xlcity.report.native import native_charts, round_scale

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
NOTHING = Axis(Label("分", "points"))
NAMES = [Label("北京", "Beijing"), Label("上海", "Shanghai"), Label("纽约", "New York")]
FIRST = BarSeries(Label("一", "one"), np.array([3.25, np.nan, 1.0]))
SECOND = BarSeries(Label("二", "two"), np.array([2.0, 4.0, -1.5]))
#: Kind -> a figure of it, and how many charts it has.
FIGURES = {
    "bars": (BarChart(NAMES, [FIRST, SECOND], NOTHING), 1),
    "stacked": (BarChart(NAMES, [FIRST, SECOND], NOTHING, stacked=True), 1),
    "long": (BarChart(NAMES * 40, [BarSeries(NAMES[0], np.arange(120.0))], NOTHING), 2),
    "ends": (BarChart(NAMES, [FIRST], NOTHING, ends=["3.25 ▲2", "", "1.00 ★"]), 1),
}


def cells(chart):
    """Return the cells of a chart's workbook, by sheet and address, as they are calculated."""
    book = openpyxl.load_workbook(io.BytesIO(chart.workbook), data_only=True)
    return book["data"]


def shown(chart):
    """Yield each reference of a chart with the points that the chart has stored of it."""
    for reference in ET.fromstring(chart.part).iter():
        if reference.tag in (f"{C}numRef", f"{C}strRef"):
            address = reference.findtext(f"{C}f").replace("$", "")
            points = {
                int(p.get("idx")): p.findtext(f"{C}v") for p in reference.iter(f"{C}pt")
            }
            count = int(next(reference.iter(f"{C}ptCount")).get("val"))
            yield address, [points.get(at) for at in range(count)]


@pytest.mark.parametrize("kind", FIGURES)
def test_a_chart_stores_what_is_in_the_cells_of_its_workbook(kind):
    figure, count = FIGURES[kind]
    found = native_charts(figure, "en", 0)
    assert len(found) == count
    for chart in found:
        sheet = cells(chart)
        references = 0
        for address, points in shown(chart):
            area = sheet[address.removeprefix("data!")]
            known = (
                [row[0].value for row in area]
                if isinstance(area, tuple)
                else [area.value]
            )
            stored = [
                float(point) if isinstance(value, (int, float)) else point
                for point, value in zip(points, known, strict=True)
            ]
            assert stored == known, address
            references += 1
        assert references > 2
        assert chart.part.count(b"c:externalData r:id") == 1


def test_what_lines_and_names_say_follows_the_numbers():
    """The number behind a bar is that of the bar."""
    (chart,) = native_charts(FIGURES["ends"][0], "en", 0)
    assert [row[0].value for row in cells(chart)["A2:A4"]] == [
        "Beijing ▲2",
        "Shanghai",
        "New York ★",
    ]
    assert b'<c:numFmt formatCode="#,##0.00"' in chart.part


def test_long_lists_share_a_scale_and_charts_are_the_same_each_time():
    both = native_charts(FIGURES["long"][0], "zh", 0)
    ends = [re.findall(rb'<c:(?:max|min) val="([^"]+)"', chart.part) for chart in both]
    assert [*map(float, ends[0])] == [*map(float, ends[1])] == [120.0, 0.0]
    assert native_charts(FIGURES["long"][0], "zh", 0) == both


def test_invented_values_are_said_in_each_chart():
    for kind, (figure, _) in FIGURES.items():
        charts = native_charts(figure, "zh", 7)
        assert all("虚构数据" in chart.part.decode() for chart in charts), kind
        assert all(
            "虚构" not in one.part.decode() for one in native_charts(figure, "zh", 0)
        )


def test_what_office_programs_draw_only_with_further_series_has_no_chart():
    ones = np.ones(3)
    for figure in (
        BarPanels(NAMES, [FIRST, SECOND], [NOTHING] * 2),
        LineChart([Curve(NAMES[0], ones, ones)], NOTHING, NOTHING),
        # No format writes 10,000,000,000 as 100亿.
        BarChart(NAMES, [BarSeries(NAMES[0], 1e10 * np.arange(3))], NOTHING),
        DotChart(NAMES, [FIRST, SECOND], NOTHING),
        SlopeChart(NAMES, NAMES[:2], np.array([[1, 2], [2, 2], [np.nan, 1]])),
        ScatterChart(NAMES, ones, ones, NOTHING, NOTHING),
        HistogramChart([Histogram(NAMES[0], ones, [0.5])], Label("限")),
        ScatterChart(NAMES, ones, ones, NOTHING, NOTHING, is_map=True),
        ScatterChart(NAMES, ones, ones, NOTHING, NOTHING, sizes=ones),
    ):
        assert native_charts(figure, "en", 0) == []


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([0.0, 83.2], (0.0, 100.0, 20.0)),
        ([-0.9, 0.8], (-1.0, 1.0, 0.5)),
        ([7.0, 7.0], (7.0, 8.0, 0.2)),
        ([0.0, 0.0], (0.0, 1.0, 0.2)),
        ([0.0, 3.1e10], (0.0, 4e10, 1e10)),
    ],
)
def test_axes_end_at_round_numbers(values, scale):
    found = round_scale(np.array(values))
    assert tuple(found.values()) == pytest.approx(scale)


def picture():
    buffer = io.BytesIO()
    Image.new("RGB", (400, 200)).save(buffer, "png")
    return buffer.getvalue()


def document(figures, pictures, charts):
    """Return a Word document of figures, those of which have pictures and those with charts."""
    section = Section(Label("节", "Section"), (), figures, "s")
    file = DocxFile(Label("题", "Title"), "en")
    file.fill(
        [section],
        {figure.id: picture() for figure in pictures},
        {figure.id: native_charts(figure.content, "en", 0) for figure in charts},
    )
    return zipfile.ZipFile(io.BytesIO(file.to_bytes()))


def test_no_picture_has_the_number_of_a_chart():
    figures = [
        Figure(f"f{at}", Label("题", "Bars"), FIGURES["long"][0]) for at in range(4)
    ]
    text = document(figures, figures, figures[1:]).read("word/document.xml").decode()
    ids = re.findall(r'docPr id="(\d+)"', text)
    assert len(ids) == len(set(ids)) == 4 + 3 * 2


@pytest.mark.parametrize(("pictures", "charts"), [(1, 2), (1, 0), (0, 2)])
def test_word_has_charts_and_other_programs_the_picture(pictures, charts):
    figures = [Figure("long", Label("题", "Bars"), FIGURES["long"][0])]
    made = document(figures, figures * pictures, figures[: bool(charts)])
    found = [
        sum(
            name.startswith(f"word/{kind}/") and "_rels" not in name
            for name in made.namelist()
        )
        for kind in ("charts", "embeddings", "media")
    ]
    assert found == [charts, charts, pictures]
    text = made.read("word/document.xml").decode()
    assert (text.count("<c:chart "), text.count("</pic:pic>")) == (charts, pictures)
    both = re.search(
        r'<mc:Choice Requires="wp14">(.*?)</mc:Choice><mc:Fallback>(.*?)</mc:Fallback>',
        text,
        re.DOTALL,
    )
    assert bool(both) == bool(pictures and charts)
    if both:
        assert (both[1].count("<c:chart "), both[2].count("</pic:pic>")) == (
            charts,
            pictures,
        )
    ids = re.findall(r'docPr id="(\d+)"', text)
    assert len(ids) == len(set(ids)) == charts + pictures
