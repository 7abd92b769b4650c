"""What is printed of reverse indicators, relative weights and scores that rest on gaps."""

import io
import re

import openpyxl
import pandas as pd
import pytest

from tests.helpers.report_parts import makers_of, tables_of
from xlcity import Framework, audit_text
from xlcity.api.index import Index
from xlcity.report.chapter import profile_table
from xlcity.report.city_facts import CityFacts
from xlcity.report.contents import shown
from xlcity.report.facts import node_sentences
from xlcity.report.group_facts import group_sentences
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
        "heat map": figures["heat-map"]().content.columns,
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


def sentences(source, code):
    return {one.fact: one.text for one in node_sentences(source, code)}


def test_a_first_place_on_gaps_says_on_how_many_indicators_and_who_is_first_without(
    source,
):
    first = sentences(source, "E")["on_gaps"]
    units = [unit.id for unit in source.units]
    scores = dict(zip(units, source.scores("E"), strict=True))
    best = max((score, unit) for unit, score in scores.items() if unit != "helsinki")
    assert scores["helsinki"] > best[0]
    assert first.en == (
        f"Helsinki† ranks first in the Environment dimension ({scores['helsinki']:.1f}), "
        f"but with data for only two of the three indicators; among the cities with complete "
        f"data, Oslo scores highest ({best[0]:.1f})."
    )
    assert f"缺1项指标）；数据齐全的城市中奥斯陆最高（{best[0]:.1f}分）。" in first.zh
    # Wherever else it is named with this score it is marked, and the mark is explained.
    for code in ("X", "E"):
        for text in sentences(source, code).values():
            assert (
                "Helsinki" not in text.en.replace("Helsinki†", "") or "PM2.5" in text.en
            )
            assert (
                "赫尔辛基" not in text.zh.replace("赫尔辛基†", "") or "PM2.5" in text.zh
            )
        assert (
            sentences(source, code)["missing"].en
            == "†: at least one indicator is missing."
        )
    assert "missing" not in sentences(source, "M")


def test_sentences_name_the_good_end_of_reverse_indicators(source):
    leaders = sentences(source, "E")["led"]
    assert leaders.en == (
        "By indicator, Helsinki is first for green space and has the lowest PM2.5 concentration, "
        "and Vienna for the recycling rate."
    )
    assert (
        leaders.zh
        == "分指标看，赫尔辛基绿地率最高，PM2.5年均浓度最低，维也纳垃圾回收率最高。"
    )
    said = CityFacts(source, source.result.dataset.rows["oslo"]).sentences()
    (strong,) = (one.text for one in said if one.fact in ("strengths", "both"))
    assert "PM2.5 concentration (2nd; lower is better)" in strong.en
    assert "PM2.5年均浓度（逆向，第2位）" in strong.zh


def test_a_correlation_is_with_the_score_of_a_reverse_indicator_and_never_with_the_whole():
    tree = "code,parent,weight,direction,name_zh,name_en\nT,,1,1,总,Total\n"
    tree += "a,T,3,-1,甲,Crime\nb,T,1,1,乙,Trust\n"
    columns = {"a": [9.0, 5, 7, 1, 3] * 4, "b": [2.0, 4, 3, 2, 2] * 4}
    units = [f"u{at}" for at in range(20)]
    index = Index(Framework.read(tree), pd.DataFrame(columns, index=units))
    said = sentences(index.source(), "T")
    assert (
        "in Crime (reversed) and Trust show no clear relation" in said["unrelated"].en
    )
    assert "甲（逆向）与乙得分无明显关联" in said["unrelated"].zh
    assert [text.en for text in said.values() if "r = " in text.en] == [
        said["unrelated"].en
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_audit_text_finds_all_sentences_true(source, index, tmp_path, lang):
    kind = source.group_types[0]
    said = [*node_sentences(source, "X"), *group_sentences(source, kind)]
    said += [*node_sentences(source, "E"), *node_sentences(source, "M")]
    written = "\n\n".join(one.text.text(lang) for one in said)
    text = tmp_path / "text.md"
    true = []
    for words in (written, written.replace("†", "")):
        text.write_text(words, encoding="utf-8")
        found = audit_text(text, index)
        assert found.of("false") == []
        true.append(len(found.true))
    # The marks hide no claim.
    assert true[0] == true[1] > 5
