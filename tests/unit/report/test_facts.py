"""Sentences that ties, rounding and negative correlations would make false."""

import dataclasses

import pandas as pd
import pytest

from tests.helpers.report_parts import makers_of
from xlcity import Framework, audit_text
from xlcity.api.index import Index
from xlcity.api.workbook import Workbook
from xlcity.figures.contents import Label
from xlcity.recalc.workbook import recalculate
from xlcity.report.change_facts import ChangeFacts
from xlcity.report.city_facts import CityFacts
from xlcity.report.contents import INDENT, shown_rows
from xlcity.report.facts import node_sentences
from xlcity.report.group_facts import group_sentences
from xlcity.report.items import report_items
from xlcity.report.make import ReportMaker, ReportOptions
from xlcity.report.strips import strip_codes, strip_of
from xlcity.report.tables import correlation_table, framework_table, ranking_table
from xlcity.report.wording import cities_of, extremes
from xlcity.reports import load_report
from xlcity.workbook.reading.stored_assessment import StoredAssessment


def index_of(columns, **methods):
    nodes = "".join(f"{code},T,{code.upper()}\n" for code in columns)
    framework = Framework.read(f"code,parent,name_en\nT,,Total\n{nodes}")
    units = [f"u{at}" for at in range(len(next(iter(columns.values()))))]
    return Index(framework, pd.DataFrame(columns, index=units), **methods)


def source(columns, **methods):
    return index_of(columns, **methods).source()


def said(columns, fact, **methods):
    found = node_sentences(source(columns, **methods), "T")
    return next((one.text.en for one in found if one.fact == fact), "")


@pytest.mark.parametrize("scale", [1.0, -1e6])
def test_audit_text_finds_own_sentences_true_though_a_city_has_no_score(
    tmp_path, scale
):
    """Scores of 0 to 1 have few printed digits, and those of millions many."""
    column = [*(x * scale for x in (0.35, 0.3545, 0.3548, 0.354, 0.1, 0.6067)), None]
    made = index_of({"a": column, "b": column}, normalise="none")
    sentences = node_sentences(made.source(), "T")
    text = tmp_path / "text.md"
    for said in (
        [one.text.zh for one in sentences],
        [one.text.en for one in sentences],
    ):
        text.write_text("\n\n".join(said), encoding="utf-8")
        assert audit_text(text, made).of("false") == []
    leader = next(one for one in sentences if one.fact in ("clear", "followed"))
    first = leader.text.en.partition(" ")[0]
    text.write_text(leader.text.en.replace(first, "u1"), encoding="utf-8")
    assert audit_text(text, made).of("false")


def test_a_lead_is_the_difference_that_the_table_prints(tmp_path):
    """62.85 and 62.73 are 0.1 apart, not 0.2 as 62.9 and 62.7 are."""
    columns = {"a": [62.850, 62.733, 58.6, 55.2, 51.3, 47.4, 30.1, 21.9]}
    text = said(columns, "close", normalise="none")
    assert text == "u0 ranks first in the Index with 62.9 points, only 0.1 ahead of u1."
    (tmp_path / "text.md").write_text(text, encoding="utf-8")
    assert (
        audit_text(tmp_path / "text.md", index_of(columns, normalise="none")).of(
            "false"
        )
        == []
    )


@pytest.mark.parametrize(
    ("second", "fact", "text"),
    [
        # The table prints 80.34 and 75.00, the text 80.3 and 75.0.
        (
            70.0,
            "rests",
            "Of its lead of 5.3 points over v, 5.0 come from the A dimension.",
        ),
        # The table prints 80.34 and 75.05, 5.3 apart; the text 80.3 and 75.1, 5.2 apart.
        (70.1, "rests_alone", "u owes its lead over v mainly to the A dimension."),
    ],
)
def test_a_lead_is_the_difference_of_the_scores_beside_it(second, fact, text):
    framework = Framework.read(
        "code,parent,name_en\nT,,Total\nP,T,A\nQ,T,B\na,P,C\nb,Q,D\n"
    )
    columns = {"a": [90.0, 80, 60, 40, 20, 1], "b": [70.68, second, 60, 40, 20, 1]}
    frame = pd.DataFrame(columns, index=[*"uvwxyz"])
    sentences = node_sentences(Index(framework, frame, normalise="none").source(), "T")
    assert [one.text.en for one in sentences if one.fact == fact] == [text]


def test_two_cities_are_both_not_all_2():
    framework = Framework.read(
        "code,parent,name_en\nT,,Total\nP,T,Culture\na,P,A\nb,P,B\n"
    )
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [4.0, 3.0]}, index=["u", "v"])
    made = Index(framework, frame).source()
    figure = makers_of(made)["children-P"]()
    assert figure.title.en == "Detailed scores of both cities in the Culture dimension"
    assert figure.title.zh.endswith("两座城市的分项得分")


def test_a_single_dimension_does_not_say_again_who_leads():
    framework = Framework.read(
        "code,parent,name_en\nT,,Total\nP,T,Culture\na,P,A\nb,P,B\n"
    )
    frame = pd.DataFrame(
        {"a": [1.0, 2.0, 6.0, 9.0], "b": [4.0, 3.0, 2.0, 8.0]}, index=[*"uvwx"]
    )
    made = Index(framework, frame).source()
    stated = {code: [one.fact for one in node_sentences(made, code)] for code in "TP"}
    assert "clear" in stated["T"]
    assert stated["P"] == ["led"]


def test_a_share_of_few_cities_is_whole_per_cent():
    column = [100.0] * 13 + [float(n) for n in range(17)]
    assert "13 of them (43%) are above" in said(
        {"a": column}, "above_mean", normalise="none"
    )


def test_of_three_cities_no_mean_is_stated():
    assert said({"a": [90.0, 50, 10]}, "few_above", normalise="none") == ""
    text = said({"a": [90.0, 30, 20, 10]}, "few_above", normalise="none")
    assert text == "Only one of the four cities exceeds the average of 37.5 points."


def test_a_lead_is_not_said_to_come_from_the_only_part():
    values = [62.0, 50.5, 38.6, 25.2, 11.3, 7.4]
    data = pd.DataFrame(
        {"a": values, "b": [5.0, 4, 4, 3, 3, 2]}, index=[f"u{n}" for n in range(6)]
    )
    one = "Q,T,1,One\na,Q,1,A\n"
    two = "Q,T,4,One\nR,T,1,Two\na,Q,1,A\nb,R,1,B\n"
    for parts, is_said in ((one, False), (two, True)):
        framework = Framework.read(f"code,parent,weight,name_en\nT,,1,Total\n{parts}")
        first, *_ = node_sentences(
            Index(framework, data, normalise="none").source(), "T"
        )
        assert first.fact == "clear"
        assert ("accounts for" in first.text.en, "来自" in first.text.zh) == (
            is_said,
            is_said,
        )


def test_who_is_on_the_mean_is_not_above_it():
    # Ranks 20 to 100 have a mean that is the middle one.
    columns = {"a": [1, 2, 3, 4, 5], "b": [1, 2, 3, 4, 5]}
    text = said(columns, "few_above", normalise="rank")
    assert text == "Only two of the five cities exceed the average of 60.0 points."


def test_no_score_follows_a_part_against_which_it_falls():
    columns = {
        "a": [0, 100, 40, 60, 5, 95] * 4,
        "b": [0, 10, 100, 90, 55, 40] * 4,
        "c": [2.0, -1.0, -2.0, -2.0, 1.0, -0.5] * 4,
    }
    assert said(columns, "closest", normalise="none") == ""


def test_none_of_two_equal_components_is_the_strongest():
    column = [1, 2, 4, 3] * 5
    assert said({"a": column, "b": [2 * value for value in column]}, "closest") == ""


def test_cities_that_moved_alike_are_all_named_or_none():
    moves = {0: 9, 1: 3, 2: 3, 3: -4, 4: -4, 5: -4, 6: -4, 7: 0}
    assert ChangeFacts.furthest(moves, 1) == [0]
    assert ChangeFacts.furthest(moves, -1) == []


def test_certainty_is_stated_of_an_index_that_was_assessed():
    column = [100.0 - 4 * at for at in range(12)]
    made = source({"a": column, "b": column}, normalise="none")
    ranges = {f"u{at}": (1, 1) if at == 0 else (at + 1, at + 1) for at in range(12)}
    ranges |= {f"u{at}": (4, 7) for at in range(4, 7)}
    cities = tuple(
        {"unit": unit, "rank": at + 1, "score": column[at], "low": low, "high": high}
        for at, (unit, (low, high)) in enumerate(ranges.items())
    )
    stored = StoredAssessment({"replicates": 500}, {"xl_robustness": cities}, {})
    assessed = dataclasses.replace(
        made, spec=dataclasses.replace(made.spec, assessed=stored)
    )
    found = {one.fact: one.text.en for one in node_sentences(assessed, "T")}
    assert (
        found["settled"]
        == "u0 comes first in at least 90% of 500 simulations of the Index."
    )
    assert found["unsettled"] == (
        "The order of u4, u5 and u6 is uncertain: in 500 simulations of the Index, each of them "
        "may rank anywhere from fifth to seventh."
    )
    (of_city,) = CityFacts(assessed, 4).certainty()
    assert of_city.text.en == (
        "In 90% of 500 simulations of the Index, it ranks between fourth and seventh."
    )
    # Of another index, with other scores, the assessment says nothing.
    other = tuple({**line, "score": 1.0} for line in cities)
    stale = dataclasses.replace(stored, tables={"xl_robustness": other})
    changed = dataclasses.replace(
        made, spec=dataclasses.replace(made.spec, assessed=stale)
    )
    assert not {"settled", "unsettled"} & {
        one.fact for one in node_sentences(changed, "T")
    }


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


def test_a_steep_drop_among_the_first_is_stated_and_equal_scores_have_none():
    column = [
        100.0,
        95,
        94,
        93,
        *(60 - k / 2 for k in range(5)),
        *(30.0 - k for k in range(20)),
    ]
    sentence = said({"a": column, "b": column}, "drop")
    assert "u3" in sentence
    assert "u4" in sentence
    assert not said({"a": [2.0, *[1.0] * 24], "b": [2.0, *[1.0] * 24]}, "drop")


def test_a_pair_of_cities_has_both_names():
    index = Index(load_report("bri2021"))
    assert index.result.pairs is not None
    names = [
        unit.name_zh
        for unit in index.result.dataset.units
        if unit.id in index.result.pairs.pairs[0]
    ]
    assert sorted(name.zh for name in index.source().pair(0)) == sorted(names)


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (4, ""),
        (5, "Five of the 10 northern cities are in the top ten."),
    ],
)
def test_a_group_is_over_represented_from_half_more_than_its_share_on(inside, text):
    """Of ten in thirty cities a third of the first ten would be three and a third."""
    northern = {*range(inside), *range(20 + inside, 30)}
    columns = {"a": [100.0 - n for n in range(30)]}
    columns["Group_region"] = ["north" if n in northern else "south" for n in range(30)]
    framework = Framework.read("code,parent,name_en\nT,,Total\na,T,A\n")
    made = Index(
        framework, pd.DataFrame(columns, index=[f"u{n}" for n in range(30)])
    ).source()
    sentences = group_sentences(made, made.group_types[0])
    assert "".join(one.text.en for one in sentences if one.fact == "over") == text


def test_groups_of_one_character_are_named_in_full():
    columns = {"a": [4.0, 3, 2, 1, 5, 6], "Group_size": [*"大大小小小大"]}
    framework = Framework.read("code,parent,name_en\nT,,Total\na,T,A\n")
    made = Index(framework, pd.DataFrame(columns, index=[*"uvwxyz"])).source()
    found = {
        one.fact: one.text.zh for one in group_sentences(made, made.group_types[0])
    }
    assert found["sizes"] == "6座城市中，大城市3座、小城市3座。"


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


@pytest.mark.parametrize(("last", "is_even"), [(4, True), (5, False)])
def test_ranks_within_a_tenth_of_the_cities_are_even(last, is_even):
    """Of twenty cities the first one is second, third, and fourth or fifth in three parts."""
    columns = {}
    for code, place in zip("abc", (2, 3, last), strict=True):
        others = [float(rank) for rank in range(1, 21) if rank != place]
        columns[code] = [-float(place), *(-rank for rank in others)]
    facts = CityFacts(source(columns, normalise="none"), 0)
    assert ("even" in {sentence.fact for sentence in facts.parts()}) is is_even


def test_of_one_level_a_weight_is_written_once():
    flat = framework_table(source({"a": [1.0, 2], "b": [1.0, 2], "c": [2.0, 1]}))
    assert [field.head.en for field in flat.fields] == ["Level 1", "Weight"]
    assert "effective weight" not in flat.note.en
    deep = framework_table(Index(load_report("iecc2024")).source())
    assert "Effective weight" in [field.head.en for field in deep.fields]
    assert "effective weight" in deep.note.en


def test_of_equal_scores_nothing_is_above_the_mean_and_nothing_correlates():
    columns = {"a": [24.83] * 12, "b": [24.83] * 12}
    alike = said(columns, "alike", normalise="none")
    assert alike == "All 12 cities have the same score of 24.8 points."
    assert not said(columns, "few_above", normalise="none")
    tree = Framework.read("code,parent\nT,\nP,T\nQ,T\na,P\nb,Q\n")
    frame = pd.DataFrame(columns, index=[f"u{n}" for n in range(12)])
    table = correlation_table(Index(tree, frame, normalise="none").source())
    assert shown_rows(table, "en")[1][1:] == ["—", "1.000", ""]


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
    codes = "abcdefg"
    tree = "code,parent\nT,\n" + "".join(f"{code},T\n" for code in codes)
    frame = pd.DataFrame(
        {code: range(100) for code in codes}, index=[f"u{n}" for n in range(100)]
    )
    made = ReportMaker(
        Index(Framework.read(tree), frame).source(), ReportOptions(("en",))
    )
    made = made.content("heat-map")
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


def test_what_is_counted_by_the_time_or_the_head_is_most_or_fewest():
    for uom in ("次", "万人次", "人", "家"):
        assert extremes([Label("国际会议", "conferences")], [Label(uom)])[0] == "最多"
    assert extremes([Label("人口密度", "density")], [Label("人/平方公里")])[0] == "最高"


def test_half_of_an_odd_number_of_cities_is_no_top_nine():
    tree = Framework.read("code,parent,name_en\nT,,Total\na,T,A\nb,T,B\n")
    for n, text in (
        (19, "upper half of the ranking"),
        (12, "upper half"),
        (20, "top ten"),
    ):
        values = [float(n - place) for place in range(n)]
        seas = ["coast"] * 4 + ["inland"] * (n - 4)
        data = pd.DataFrame({"a": values, "b": values, "Group_sea": seas})
        source = Index(tree, data.set_axis([f"u{at}" for at in range(n)])).source()
        (kind,) = source.group_types
        said = [one.text.en for one in group_sentences(source, kind)]
        assert any(text in one for one in said)
        assert any(f"Four of the {n} are coastal cities." in one for one in said)


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


def test_who_is_first_in_a_part_may_have_no_overall_score(tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        'version = 2\nid = "own"\nweights = "relative"\n'
        '[[step]]\ndo = "normalise"\nmethod = "minmax"\n'
        '[[step]]\ndo = "aggregate"\nmethod = "arithmetic"\nmissing = "na"\n',
        encoding="utf-8",
    )
    tree = Framework.read(
        "code,parent,name_en,name_zh\nT,,Total,总\nA,T,Air,空气\nB,T,Buses,公交\n"
        "a1,A,Dust,粉尘\na2,A,Ozone,臭氧\nb1,B,Lines,线路\nb2,B,Stops,站点\n"
    )
    high = [9.0, 8.0, 7.0, 6.0]
    low = [4.0, 8.0, 3.0, 9.0]
    data = pd.DataFrame(
        {"a1": high, "a2": high, "b1": [None, *low[1:]], "b2": low},
        index=["u0", "u1", "u2", "u3"],
    )
    source = Index(tree, data, recipe=recipe, missing=["NA"]).source()
    assert len(source.order("T")) == 3
    (led,) = (one for one in node_sentences(source, "T") if one.fact == "led")
    assert led.text.en == "By dimension, u0 is first in Air and u3 in Buses."
    parts = CityFacts(source, 1).sentences()[1].text
    assert parts.zh == "分维度看，空气、公交均列第2位。"


@pytest.mark.parametrize(
    ("uom_zh", "name_zh", "most"),
    [
        ("", "博物馆", "居首"),
        ("座", "博物馆", "最多"),
        ("公顷", "绿地", "最高"),
        # The name says that it is high or low.
        ("", "绿化率", "最高"),
    ],
)
def test_what_is_measured_in_an_unknown_unit_is_only_first(
    tmp_path, uom_zh, name_zh, most
):
    framework = Framework.read(
        "code,parent,name_zh,name_en,uom_zh\nT,,总指数,Total,\n"
        f"x,T,{name_zh},X,{uom_zh}\ny,T,人口,Y,人\n"
    )
    columns = {"x": [2.0, 3, 9, 1, 4, 5, 6, 2], "y": [14.0, 8, 2, 1, 3, 5, 2, 1]}
    cities = ["Riga", "Oslo", "Bonn", "Lyon", "Graz", "Bern", "Rome", "Kyiv"]
    made = Index(framework, pd.DataFrame(columns, index=cities))
    texts = [one.text.zh for one in node_sentences(made.source(), "T")]
    assert any(f"Bonn{name_zh}{most}" in text for text in texts), texts
    file = tmp_path / "text.md"
    file.write_text("\n\n".join(texts), encoding="utf-8")
    assert audit_text(file, made).of("false") == []
