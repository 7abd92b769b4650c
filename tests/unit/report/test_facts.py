"""Sentences that ties, rounding and negative correlations would make false."""

import pandas as pd
import pytest

from tests.helpers.report_parts import makers_of
from xlcity import Framework
from xlcity.api.index import Index
from xlcity.api.workbook import Workbook
from xlcity.figures.contents import Label
from xlcity.recalc.workbook import recalculate
from xlcity.report.contents import INDENT, shown_rows
from xlcity.report.items import report_items
from xlcity.report.make import ReportMaker, ReportOptions
from xlcity.report.strips import strip_codes, strip_of
from xlcity.report.tables import framework_table, ranking_table
from xlcity.report.wording import cities_of
from xlcity.reports import load_report


def index_of(columns, **methods):
    nodes = "".join(f"{code},T,{code.upper()}\n" for code in columns)
    framework = Framework.read(f"code,parent,name_en\nT,,Total\n{nodes}")
    units = [f"u{at}" for at in range(len(next(iter(columns.values()))))]
    return Index(framework, pd.DataFrame(columns, index=units), **methods)


def source(columns, **methods):
    return index_of(columns, **methods).source()


def test_two_cities_are_both_not_all_2():
    framework = Framework.read(
        "code,parent,name_en\nT,,Total\nP,T,Culture\na,P,A\nb,P,B\n"
    )
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [4.0, 3.0]}, index=["u", "v"])
    made = Index(framework, frame).source()
    figure = makers_of(made)["children-P"]()
    assert figure.title.en == "Detailed scores of both cities in the Culture dimension"
    assert figure.title.zh.endswith("两座城市的分项得分")


def test_a_workbook_that_was_assessed_says_how_certain_its_ranks_are(tmp_path):
    column = [100.0 - 4 * at for at in range(12)]
    index_of({"a": column, "b": column[::-1]}).to_workbook(
        tmp_path / "book.xlsx", pages=["none", "assessment"]
    )
    book = Workbook.open(tmp_path / "book.xlsx")
    assert book.source().rank_ranges == {}
    book.store(book.index.assess(n=50, seed=1))
    ranges = book.source().rank_ranges
    assert len(ranges) == 12
    assert all(1 <= low <= high <= 12 for low, high in ranges.values())


def test_cities_without_a_score_in_some_replicates_are_named_beside_their_ranks(
    tmp_path,
):
    """On the sheet, under the figure of an assessment and under that of a report."""
    values = {
        code: [float((at + 1) * step % 13) for at in range(12)]
        for code, step in {"a": 1, "b": 3, "c": 5}.items()
    }
    # With the indicator a left out the city has no value.
    values["b"][3] = values["c"][3] = None
    index = index_of(values)
    path = tmp_path / "book.xlsx"
    index.to_workbook(path, pages=["none", "assessment"])
    book = Workbook.open(path)
    book.store(book.index.assess(n=50, seed=1, vary=["weights=noise:10%"]))
    source = book.source()
    assert source.unranked_shares == {}
    assert source.rank_ranges
    assessed = book.index.assess(n=60, seed=1, vary=["omit=indicators"])
    book.store(assessed)
    shares = assessed.unranked_shares
    assert list(shares) == ["u3"]
    assert 0 < shares["u3"] < 1
    shown = f"{100 * shares['u3']:.3g}%"
    source = book.source()
    assert source.unranked_shares["u3"] == pytest.approx(shares["u3"], abs=5e-3)
    notes = [
        assessed.figure("rank-intervals").note,
        report_items(source)["rank-intervals"].make().note,
    ]
    for note in notes:
        assert f"u3 ({shown})" in note.en
        assert f"u3（{shown}）" in note.zh
    recalculated = recalculate(book.template.package).as_book()
    assert f"u3: {shown}" in recalculated.value("Assessment", 7, 1)


def test_a_pair_of_cities_has_both_names():
    index = Index(load_report("bri2021"))
    assert index.result.pairs is not None
    names = [
        unit.name_zh
        for unit in index.result.dataset.units
        if unit.id in index.result.pairs.pairs[0]
    ]
    assert sorted(name.zh for name in index.source().pair(0)) == sorted(names)


def test_a_score_is_followed_over_past_editions_where_there_are_any():
    framework = Framework.read("code,parent\nT,\na,T\n")
    frame = pd.DataFrame(
        {"unit": [*"uvuv"], "year": [2020, 2020, 2021, 2021], "a": [1.0, 2.0, 3.0, 1.0]}
    )
    found = Index(framework, frame, normalise="none").source().trajectories("T")
    assert found.editions == ("2020", "2021")
    assert [(one.unit, one.change) for one in found.units] == [("u", 2.0), ("v", -1.0)]
    last = frame[frame["year"] == 2021].drop(columns="year")
    assert Index(framework, last, normalise="none").source().trajectories("T") is None


@pytest.mark.parametrize(
    "scores",
    [
        [1.0, 2.0],
        [1.0, 1.2],
        [1.0, 1.3],
        [1.0, 1.21, 1.5],
        [1.0, 1.1, 1.4],
        [0.0, 0.5, 1.0],
        [50.0, 60.0, 90.0],
        [1.0, 1.0 + 2e-3],
        [1.0, 1.0 + 4e-9],
        [1.0, 1.02, 1.04, 1.06],
        [7.0],
    ],
)
def test_scores_have_as_few_decimals_as_tell_cities_apart(scores):
    """One unit of the last decimal is at most half the mean distance of two neighbours."""
    made = source({"a": scores}, normalise="none", recipe=None)
    if made.rank_decimals("T") not in (None, *range(10, 99)):
        pytest.skip("ranks have decimals of their own")
    gap = (max(scores) - min(scores)) / max(len(scores) - 1, 1)
    few = next((n for n in range(1, 9) if 10.0**-n <= gap / 2), None)
    assert made.text_decimals == (few or made.text_decimals)


def test_sentences_about_very_many_cities_have_no_more_decimals_than_the_tables():
    made = source(
        {"a": [float(n) / 20 for n in range(2000)]}, normalise="none", recipe=None
    )
    assert made.text_decimals == made.score_decimals("T") == 2


def test_of_one_level_a_weight_is_written_once():
    flat = framework_table(source({"a": [1.0, 2], "b": [1.0, 2], "c": [2.0, 1]}))
    assert [field.head.en for field in flat.fields] == ["Level 1", "Weight"]
    assert "effective weight" not in flat.note.en
    deep = framework_table(Index(load_report("iecc2024")).source())
    assert "Effective weight" in [field.head.en for field in deep.fields]
    assert "effective weight" in deep.note.en


def test_nodes_of_many_levels_stand_below_one_another():
    codes = "abcde"
    tree = "code,parent\nT,\nz,T\n" + "".join(
        f"{code},{parent}\n" for code, parent in zip(codes, "Tabcd", strict=True)
    )
    frame = pd.DataFrame({"e": [1.0, 2, 3], "z": [1.0, 2, 3]}, index=[*"uvw"])
    table = framework_table(Index(Framework.read(tree), frame).source())
    assert [field.head.en for field in table.fields] == [
        "Indicator",
        "Weight",
        "Effective weight",
    ]
    names = [row[0] for row in shown_rows(table, "en")]
    assert names == ["z", *(INDENT * depth + code for depth, code in enumerate(codes))]


def test_a_heat_map_has_no_more_rows_than_a_page():
    codes = "abcdefghijkl"
    tree = "code,parent\nT,\n" + "".join(f"{code},T\n" for code in codes)
    frame = pd.DataFrame(
        {code: range(100) for code in codes}, index=[f"u{n}" for n in range(100)]
    )
    made = ReportMaker(
        Index(Framework.read(tree), frame).source(), ReportOptions(("en",))
    )
    first = made.content("heat-map")
    assert len(first.content.rows) == 20
    made = made.content("heat-map-all")
    assert len(made.content.rows) == 60
    assert "the first 60 are shown" in made.subtitle.en


def test_strips_of_branches_of_unequal_length_have_all_branches():
    tree = "code,parent\nT,\nA,T\nB,T\nC,T\nD,A\nE,D\nF,D\nG,D\n"
    frame = pd.DataFrame({code: [1.0, 2, 3] for code in "BCEFG"}, index=[*"uvw"])
    own = Index(Framework.read(tree), frame).source()
    assert strip_codes(own, range(3)) == [*"ADEFGBC"]


def test_strips_go_from_the_worst_to_the_best():
    tree = "code,parent,direction,uom\nT,,,\na,T,,km\nb,T,-1,min\n"
    frame = pd.DataFrame({"a": [1.0, 2, 5], "b": [30.0, 10, 20]}, index=[*"uvw"])
    own = Index(Framework.read(tree), frame).source()
    more = strip_of(own, 2, range(3), "a")
    less = strip_of(own, 2, range(3), "b")
    assert (more.share(5.0), more.text.en, more.rank) == (1.0, "5 km", "1")
    assert (less.share(20.0), less.text.en, less.rank) == (0.5, "20 min", "2")
    assert (less.worst, less.best) == (30.0, 10.0)


def test_weights_of_a_level_are_all_rounded_or_none_is():
    """40, 35 and 30 of 105 are not 38.10 %, 1/3 and 2/7."""
    tree = (
        "code,parent,weight\nT,,\nP,T,40\nQ,T,35\nR,T,30\na,P,1\nb,P,2\nc,Q,1\nd,R,1\n"
    )
    frame = pd.DataFrame({code: [1.0, 2, 3] for code in "abcd"}, index=[*"uvw"])
    table = framework_table(
        Index(Framework.read(tree), frame, normalise="none").source()
    )
    shown = [(row[1], row[3]) for row in shown_rows(table, "en")]
    assert shown == [
        ("38.10%", "1/3"),
        ("", "2/3"),
        ("33.33%", "100%"),
        ("28.57%", "100%"),
    ]


def test_a_ranking_names_the_cities_without_a_score():
    made = source({"a": [1.0, 2.0, None, 4.0], "b": [1.0, 2.0, None, 4.0]})
    note = ranking_table(made, "T", "").note
    assert note.en.count("Cities without a score for lack of data: u2.") == 1
    assert "没有得分的城市：u2。" in note.zh
    assert (
        "without a score"
        not in ranking_table(source({"a": [1.0, 2.0]}), "T", "").note.en
    )
    many = [1.0, 2.0, *[None] * 13]
    note = ranking_table(source({"a": many, "b": many}), "T", "").note
    assert "13 cities have no score for lack of data." in note.en
    assert "没有得分的城市有13座。" in note.zh
    assert "u5" not in note.en


def test_groups_with_chinese_names_have_english_ones():
    frame = pd.DataFrame(
        {"a": [1.0, 2, 3, 4], "Group_地区": ["东部", "西部"] * 2}, index=[*"uvwx"]
    )
    made = Index(Framework.read("code,parent\nT,,\na,T\n"), frame).source()
    kind = made.group_types[0]
    assert (kind.name_zh, kind.name_en) == ("地区", "Region")
    assert [(g.value, g.name_zh, g.name_en) for g in kind.groups] == [
        ("东部", "东部", "East"),
        ("西部", "西部", "West"),
    ]
    assert cities_of(kind.groups[0]) == Label("东部城市", "eastern cities")


def test_a_chinese_id_is_the_chinese_name_beside_an_english_one():
    framework = Framework.read("code,parent\nT,,\na,T\n")
    frame = pd.DataFrame(
        {"name_en": ["Guiyang", "Xi'an"], "a": [1.0, 2.0]}, index=["贵阳", "西安"]
    )
    cities = [Index(framework, frame).source().city(row) for row in range(2)]
    assert cities == [Label("贵阳", "Guiyang"), Label("西安", "Xi'an")]
