"""What is printed of reverse indicators, relative weights and scores that rest on gaps."""

import io
import re

import openpyxl
import pytest

from tests.helpers.report_parts import makers_of, tables_of
from xlcity.api.index import Index
from xlcity.figures.figure import Figure
from xlcity.report.chapter import profile_table
from xlcity.report.contents import shown
from xlcity.report.figures import ReportFigures
from xlcity.report.items import report_items
from xlcity.report.table_files import table_csv, tables_xlsx
from xlcity.report.tables import framework_table

FRAMEWORK = """code,parent,weight,direction,name_zh,name_en
X,,1,1,宜居指数,Liveability Index
E,X,2,1,环境,Environment
M,X,1,1,出行,Mobility
pm,E,1,-1,PM2.5年均浓度,PM2.5 concentration
green,E,3,1,绿地率,Green space
waste,E,1,1,垃圾回收率,Recycling rate
bus,M,1,1,公共交通分担率,Public transport
toll,M,1,-1,通行费,Tolls
rent,M,1,-1,租金,Rent
"""
DATA = """unit,name_zh,name_en,Group_region,pm,green,waste,bus,toll,rent
helsinki,赫尔辛基,Helsinki,north,5,60,NA,40,9,14
london,伦敦,London,north,9,50,44,80,1,22
vienna,维也纳,Vienna,south,11,45,60,70,3,12
milan,米兰,Milan,south,20,12,50,55,6,19
porto,波尔图,Porto,south,8,30,30,30,4,10
oslo,奥斯陆,Oslo,north,6,52,41,45,8,16
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "tree.csv").write_text(FRAMEWORK, encoding="utf-8")
    (folder / "data.csv").write_text(DATA, encoding="utf-8")
    return Index(folder / "tree.csv", folder / "data.csv")


@pytest.fixture(scope="module")
def source(index):
    return index.source()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [2 / 15, 2 / 5, 2 / 15, *[1 / 9] * 3]),
        ({"weights": "equal"}, [1 / 6] * 6),
    ],
)
def test_effective_weights_are_shares_though_weights_are_relative(
    tmp_path, options, expected
):
    (tmp_path / "tree.csv").write_text(FRAMEWORK, encoding="utf-8")
    (tmp_path / "data.csv").write_text(DATA.replace("NA", "55"), encoding="utf-8")
    index = Index(tmp_path / "tree.csv", tmp_path / "data.csv", **options)
    table = framework_table(index.source())
    column = [one.head.en for one in table.fields].index("Effective weight")
    assert [row[column] for row in table.rows] == pytest.approx(expected)


@pytest.mark.parametrize("uom", ["", "km"])
def test_the_framework_has_a_column_of_units_of_measure_where_any_has_one(
    tmp_path, uom
):
    first, *lines = FRAMEWORK.splitlines()
    tree = "\n".join([f"{first},uom", *(f"{line},{uom}" for line in lines)])
    (tmp_path / "tree.csv").write_text(tree, encoding="utf-8")
    (tmp_path / "data.csv").write_text(DATA, encoding="utf-8")
    index = Index(tmp_path / "tree.csv", tmp_path / "data.csv")
    table = framework_table(index.source())
    heads = [one.head.en for one in table.fields]
    assert ("Unit of measure" in heads) is bool(uom)
    assert {len(row) for row in table.rows} == {len(heads)}


def test_scores_of_reverse_indicators_have_reversed_names(source):
    figures = makers_of(source)
    tables = tables_of(source)
    panels = figures["children-E"]().content.panels
    names = {
        "children": [one.label for one in panels],
        "heat map": ReportFigures(source, "E").heat_map().content.columns,
        "correlations": figures["correlations"]().content.rows,
        "ranking": [one.over for one in tables["ranking-E"].fields],
        "profile": [row[0] for row in profile_table(source, 0).rows],
    }
    for labels in names.values():
        english = [one.en.strip() for one in labels]
        chinese = [one.zh.strip() for one in labels]
        assert "PM2.5 concentration (reversed)" in english
        assert "PM2.5 concentration" not in english
        assert "PM2.5年均浓度（逆向）" in chinese
    # Values in their units are as they are.
    first, *_ = figures["distributions"]().content.panels
    assert first.label.en == "PM2.5 concentration"


def test_scores_and_ranks_on_fewer_indicators_are_marked_and_the_mark_explained(source):
    tables = tables_of(source)
    table = tables["ranking-E"]
    cells = dict(zip(table.units, table.rows, strict=True))["helsinki"]
    text = [
        shown(cell, one.kind, "en")
        for cell, one in zip(cells, table.fields, strict=True)
    ]
    assert text[0] == "1†"
    assert re.fullmatch(r"\d+\.\d\d†", text[2])
    assert "†: at least one indicator is missing." in table.note.en
    assert "†：至少一项指标缺失。" in table.note.zh
    assert "†" not in tables["ranking-M"].note.en
    assert table_csv(table, "en").decode("utf-8-sig").splitlines()[1].endswith(",†")
    page = openpyxl.load_workbook(io.BytesIO(tables_xlsx([table], "en"))).worksheets[1]
    formats = {row[1].value: row[2].number_format for row in page.iter_rows(min_row=3)}
    assert (formats["Helsinki"], formats["Oslo"]) == ('#,##0.00"†"', "#,##0.00")


def test_bars_on_fewer_indicators_are_marked(source):
    bars = makers_of(source)["bars-E"]()
    assert bars.content.rows[0].en == "1  Helsinki†"
    assert bars.content.ends[0].endswith("†")
    assert not bars.content.ends[1].endswith("†")
    assert "†: at least one indicator is missing." in bars.note.en


def test_no_figure_of_scores_is_upside_down(source):
    names = [
        source.node(node.code)
        for node in source.result.framework.indicators
        if node.direction < 0
    ]
    assert names
    # Values in their units, which strips turn so that the best is on the right, and the tree.
    others = ("tree", "distributions", "strips")
    for name, item in report_items(source).items():
        figure = None if name.partition("-")[0] in others else item.make()
        if isinstance(figure, Figure):
            assert not any(repr(label) in repr(figure.content) for label in names)
