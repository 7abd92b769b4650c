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
    RadarChart,
    ScatterChart,
    SlopeChart,
)
from xlcity.figures.figure import Figure
from xlcity.figures.panels import numbers_alike
from xlcity.report.contents import Section
from xlcity.report.docx_file import DocxFile
from xlcity.report.native import native_charts, round_scale

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
NOTHING = Axis(Label("分", "points"))
NAMES = [Label("北京", "Beijing"), Label("上海", "Shanghai"), Label("纽约", "New York")]
FIRST = BarSeries(Label("一", "one"), np.array([3.25, np.nan, 1.0]))
SECOND = BarSeries(Label("二", "two"), np.array([2.0, 4.0, -1.5]))
#: Kind -> a figure of it, and how many charts it has in each line.
FIGURES = {
    "bars": (BarChart(NAMES, [FIRST, SECOND], NOTHING), [1]),
    "stacked": (BarChart(NAMES, [FIRST, SECOND], NOTHING, stacked=True), [1]),
    "long": (BarChart(NAMES * 40, [BarSeries(NAMES[0], np.arange(120.0))], NOTHING), [2]),
    "ends": (BarChart(NAMES, [FIRST], NOTHING, ends=["3.25 ▲2", "", "1.00 ★"]), [1]),
    "panels": (BarPanels(NAMES, [FIRST, SECOND], [NOTHING] * 2), [2]),
    "lines": (
        LineChart([Curve(NAMES[0], np.array([2020.0, 2021]), np.array([2e9, 3e9]))], NOTHING,
                  NOTHING), [1],
    ),
}  # fmt: skip


def cells(chart):
    """Return the cells of a chart's workbook, by sheet and address, as they are calculated."""
    book = openpyxl.load_workbook(io.BytesIO(chart.workbook), data_only=True)
    return book["data"]


def shown(chart):
    """Yield each reference of a chart with the points that the chart has stored of it."""
    for reference in ET.fromstring(chart.part).iter():
        if reference.tag in (f"{C}numRef", f"{C}strRef"):
            address = reference.findtext(f"{C}f").replace("$", "")
            points = {int(p.get("idx")): p.findtext(f"{C}v") for p in reference.iter(f"{C}pt")}
            count = int(next(reference.iter(f"{C}ptCount")).get("val"))
            yield address, [points.get(at) for at in range(count)]


@pytest.mark.parametrize("kind", FIGURES)
def test_a_chart_stores_what_is_in_the_cells_of_its_workbook(kind):
    figure, lines = FIGURES[kind]
    found = native_charts(figure, "en", 0)
    assert [len(line) for line in found] == lines
    for chart in (one for line in found for one in line):
        sheet, references = cells(chart), 0
        for address, points in shown(chart):
            area = sheet[address.removeprefix("data!")]
            known = [row[0].value for row in area] if isinstance(area, tuple) else [area.value]
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
    (line,) = native_charts(FIGURES["ends"][0], "en", 0)
    assert [row[0].value for row in cells(line[0])["A2:A4"]] == [
        "Beijing ▲2",
        "Shanghai",
        "New York ★",
    ]
    assert b'<c:numFmt formatCode="#,##0.00"' in line[0].part


def test_long_lists_share_a_scale_and_charts_are_the_same_each_time():
    (both,) = native_charts(FIGURES["long"][0], "zh", 0)
    ends = [re.findall(rb'<c:(?:max|min) val="([^"]+)"', chart.part) for chart in both]
    assert [*map(float, ends[0])] == [*map(float, ends[1])] == [120.0, 0.0]
    assert native_charts(FIGURES["long"][0], "zh", 0) == [both]


def test_large_numbers_are_in_units_that_need_no_decimals_on_the_axis():
    values = BarSeries(Label("产值", "Output"), np.array([1.092e10, 3.8e10, np.nan]))
    chart = BarPanels(NAMES, [values], [NOTHING])
    for lang, word, head in (("zh", "亿", "产值（亿）"), ("en", "bn", "Output (bn)")):
        ((made,),) = native_charts(chart, lang, 0)
        assert [row[0].value for row in cells(made)["B1:B3"]] == [
            head,
            *(pytest.approx(v / {"zh": 1e8, "en": 1e9}[lang]) for v in (1.092e10, 3.8e10)),
        ]
        formats = re.findall(r'<c:numFmt formatCode="([^"]+)"', made.part.decode())
        assert {f"#,##0.0&quot;{word}&quot;", f"General&quot;{word}&quot;"} <= set(formats)


def test_axes_of_all_kinds_have_large_numbers_without_needless_decimals():
    large = np.array([1e10, 3e10, 2e10])
    series, small = BarSeries(NAMES[0], large), BarSeries(NAMES[1], large / 1e10)
    charts = [
        LineChart([Curve(NAMES[0], np.array([2020.0, 2021, 2022]), large)], NOTHING, NOTHING),
        BarChart(NAMES, [series, small], NOTHING, stacked=True),
    ]
    for chart in charts:
        ((made,),) = native_charts(chart, "zh", 0)
        part = made.part.decode()
        assert 'formatCode="General&quot;亿&quot;"' in part
        assert not re.search(r'formatCode="[^"]*0\\?\.0', part)
        assert max(map(float, re.findall(r'<c:max val="([^"]+)"', part))) < 5000
        # The workbook says in which unit its numbers are.
        heads = [cell.value for cell in cells(made)[1] if cell.value]
        assert any(head.endswith("（亿）") for head in heads)


def test_small_bars_beside_very_long_ones_have_their_numbers():
    values = BarSeries(Label("产值", "Output"), np.array([3e12, 1.24e10, 1e8]))
    ((made,),) = native_charts(BarPanels(NAMES, [values], [NOTHING]), "zh", 0)
    assert [row[0].value for row in cells(made)["B2:B4"]] == [30000, 124, 1]
    assert numbers_alike(values.values, "zh") == ["30,000亿", "124亿", "1亿"]


def test_invented_values_are_said_in_each_chart():
    for kind, (figure, _) in FIGURES.items():
        for line in native_charts(figure, "zh", 7):
            for chart in line:
                assert "虚构数据" in chart.part.decode(), kind
        assert all("虚构" not in one.part.decode() for line in native_charts(figure, "zh", 0)
                   for one in line)  # fmt: skip


def test_what_office_programs_draw_only_with_further_series_has_no_chart():
    ones = np.ones(3)
    for figure in (
        DotChart(NAMES, [FIRST, SECOND], NOTHING),
        SlopeChart(NAMES, NAMES[:2], np.array([[1, 2], [2, 2], [np.nan, 1]])),
        RadarChart(NAMES, [FIRST, SECOND], NOTHING),
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
        ([np.nan], (0.0, 1.0, 0.2)),
        ([0.0, 3.1e10], (0.0, 4e10, 1e10)),
    ],
)
def test_axes_end_at_round_numbers(values, scale):
    found = round_scale(np.array(values), NOTHING)
    assert tuple(found.values()) == pytest.approx(scale)


def picture():
    buffer = io.BytesIO()
    Image.new("RGB", (400, 200)).save(buffer, "png")
    return buffer.getvalue()


def document(figures, pictures, charts):
    """Return a Word document of figures, those of which have pictures and those with charts."""
    section = Section(Label("节", "Section"), (), figures, "s")
    content = DocxFile(Label("题", "Title"), "en").to_bytes(
        [section],
        {figure.id: picture() for figure in pictures},
        {figure.id: native_charts(figure.content, "en", 0) for figure in charts},
    )
    return zipfile.ZipFile(io.BytesIO(content))


def test_no_picture_has_the_number_of_a_chart():
    figures = [Figure(f"f{at}", Label("题", "Bars"), FIGURES["long"][0]) for at in range(4)]
    text = document(figures, figures, figures[1:]).read("word/document.xml").decode()
    ids = re.findall(r'docPr id="(\d+)"', text)
    assert len(ids) == len(set(ids)) == 4 + 3 * 2


@pytest.mark.parametrize(("pictures", "charts"), [(1, 2), (1, 0), (0, 2)])
def test_word_has_charts_and_other_programs_the_picture(pictures, charts):
    figures = [Figure("long", Label("题", "Bars"), FIGURES["long"][0])]
    made = document(figures, figures * pictures, figures[: bool(charts)])
    found = [
        sum(name.startswith(f"word/{kind}/") and "_rels" not in name for name in made.namelist())
        for kind in ("charts", "embeddings", "media")
    ]
    assert found == [charts, charts, pictures]
    text = made.read("word/document.xml").decode()
    assert (text.count("<c:chart "), text.count("</pic:pic>")) == (charts, pictures)
    both = re.search(
        r'<mc:Choice Requires="wp14">(.*?)</mc:Choice><mc:Fallback>(.*?)</mc:Fallback>', text, re.S
    )
    assert bool(both) == bool(pictures and charts)
    if both:
        assert (both[1].count("<c:chart "), both[2].count("</pic:pic>")) == (charts, pictures)
    ids = re.findall(r'docPr id="(\d+)"', text)
    assert len(ids) == len(set(ids)) == charts + pictures
