"""One slide: what its title says, its table, its chart, where they come from."""

import io
import zipfile

import pandas as pd
import pptx
import pytest

from xlcity.api.index import Index
from xlcity.model.framework import Framework
from xlcity.report.headline import headline
from xlcity.report.make import ReportMaker, ReportOptions
from xlcity.reports import load_report

NAMES = [*"abcdefghijklmnop"]


def index_of(scores):
    framework = Framework.read("code,parent,name_en,name_zh\nT,,Total,总分\na,T,A,甲\n")
    return Index(framework, pd.DataFrame({"a": scores}, index=NAMES[: len(scores)]))


def slide_of(source, lang="en"):
    options = ReportOptions(languages=(lang,), only=("slide",))
    (file,) = ReportMaker(source, options).make().files
    assert (file.file, file.kind) == (f"slide.{lang}.pptx", "pptx")
    return file.content


def shapes_of(content):
    (slide,) = pptx.Presentation(io.BytesIO(content)).slides
    texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    (table,) = [shape.table for shape in slide.shapes if shape.has_table]
    (chart,) = [shape.chart for shape in slide.shapes if shape.has_chart]
    cells = [[cell.text for cell in row.cells] for row in table.rows]
    return texts, cells, chart


def test_table_and_chart_have_the_first_cities_of_the_index():
    source = index_of([50.0, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 0]).source()
    content = slide_of(source)
    texts, cells, chart = shapes_of(content)
    assert texts[0] == headline(source).en == "a leads, 20.0 points ahead of b"
    assert texts[1].endswith("the first 10 of 13 cities")
    assert "Source: " in texts[-1]
    assert cells[:3] == [
        ["Rank", "City", "Score"],
        ["1", "a", "100.00"],
        ["2", "b", "80.00"],
    ]
    assert len(cells) == 11
    (series,) = chart.plots[0].series
    assert [*chart.plots[0].categories] == [name for _, name, _ in cells[1:]]
    order = source.order(source.root)[:10]
    shown = list(series.values)
    assert shown == source.scores(source.root)[order].tolist()
    axes = chart.element.xpath(".//c:axId | .//c:crossAx")
    assert {node.get("val") for node in axes} == {"1", "2"}
    # What PowerPoint opens for editing has the same numbers.
    book = pd.read_excel(
        io.BytesIO(chart.part.chart_workbook.xlsx_part.blob), engine="openpyxl"
    )
    assert book.iloc[:, 1].tolist() == shown
    assert content == slide_of(source)
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert len([name for name in names if "slideLayouts/slideLayout" in name]) == 1


@pytest.mark.parametrize(
    ("scores", "english", "chinese"),
    [
        ([9.0, 9, 5, 0], "a and b share first place", "a、b并列首位"),
        ([9.0, 9, 9, 9, 0], "4 cities share first place", "4座城市并列首位"),
        ([9.0, 8, 0, 0], "a and b lead, 88.9 points ahead of c", ""),
        (
            [9.0, 8, 7, 6, 5, 4, 0.5, 0],
            "a leads b by 11.1 points",
            "a居首，高出第2位b 11.1分",
        ),
        ([9.0, 8.9999, 8, 7, 6, 0], "a leads, with b close behind", ""),
        ([9.0, 9], "", ""),
    ],
)
def test_the_headline_says_who_leads(scores, english, chinese):
    said = headline(index_of(scores).source())
    assert said.en == english
    if chinese:
        assert said.zh == chinese


def test_invented_values_are_marked_on_the_slide():
    source = Index(load_report("bri2021")).source()
    for lang, mark in (("zh", "［虚构数据］"), ("en", "[Synthetic data]")):
        texts, *_ = shapes_of(slide_of(source, lang))
        assert texts[0].startswith(mark)
        assert any("2,434" in text for text in texts[1:])
