"""Chapters beside print: status of numbers, printed ranks, comparisons with earlier editions."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.helpers.report_parts import makers_of, tables_of
from xlcity import Framework
from xlcity.api.index import Index
from xlcity.figures.contents import Label
from xlcity.model.dataset import State, Status
from xlcity.report.change_facts import change_sentences
from xlcity.report.chapter import chapter
from xlcity.report.city_facts import CityFacts
from xlcity.report.contents import shown
from xlcity.report.declared import declared
from xlcity.report.docx_table import tables_xml
from xlcity.report.earlier_editions import BEFORE, EarlierRanks
from xlcity.report.figures import ReportFigures
from xlcity.report.items import chosen_ids, report_items
from xlcity.report.quantities import LackingError, Quantities
from xlcity.report.tables import change_table, earlier_table, ranking_table
from xlcity.reports import load_report

LAST = Label("2025年", "2025")
CITIES = ("a", "b", "c", "d")


@pytest.fixture(scope="module")
def exchange():
    return Index(load_report("iecc2024")).source()


def own(invented=()):
    """Return a source of four cities ranked a to d; values of indicator x that are invented."""
    framework = Framework.read("code,parent,name_en\nT,,Total\nx,T,X\ny,T,Y\n")
    columns = {"x": [4.0, 3.0, 2.0, 1.0], "y": [4.0, 3.0, 2.0, 1.0]}
    made = Index(framework, pd.DataFrame(columns, index=CITIES)).source()
    basis = made.result.dataset.basis.copy()
    for unit in invented:
        basis[made.result.dataset.rows[unit], 0] = Status.SYNTHETIC
    return replace(
        made,
        result=replace(made.result, dataset=replace(made.result.dataset, basis=basis)),
    )


def test_moves_are_those_of_print_where_the_own_ranks_are_invented(exchange):
    printed = load_report("iecc2024").published["edition_comparison"]
    compared = 0
    # The text contradicts the report's own tables here: 17th, where they have 10th.
    other = {("hong_kong", "C1")}
    for row in printed.rows:
        known = row["rank_2022_edition"] and row["rank_2024_edition"]
        if (
            known
            and row["node"] in exchange.nodes
            and (row["city_id"], row["node"]) not in other
        ):
            at = exchange.result.dataset.rows[row["city_id"]]
            expected = int(row["rank_2022_edition"]) - int(row["rank_2024_edition"])
            assert exchange.editions.change(at, row["node"]) == expected, row
            compared += 1
    assert compared > 30
    dubai = exchange.result.dataset.rows["dubai"]
    assert exchange.rank(dubai, "IECC") != 15
    said = [*CityFacts(exchange, dubai).place()][-1].text
    printed = (
        "The published index ranks it 15th; in the previous edition it ranked 25th."
    )
    assert said.en == f"[As published] {printed}"
    assert said.zh.startswith("［公布名次］")
    assert all("nthetic" not in one.text.en for one in change_sentences(exchange))


def test_tables_and_figures_of_moves_show_printed_ranks_and_no_others_show_moves(
    exchange,
):
    table = change_table(exchange)
    cells = dict(zip(table.units, table.rows, strict=True))
    assert cells["dubai"][1:] == [15, 25, 10]
    assert table.fields[1].head.en == "Rank in 2024 (printed)"
    assert (table.synthetic, earlier_table(exchange, "IECC").synthetic) == (0, 0)
    words = [one.head.en for one in ranking_table(exchange, "IECC", "main").fields]
    assert "Change" not in words
    figures = ReportFigures(exchange, "IECC", "main")
    assert figures.earlier().synthetic == 0
    assert not any("▲" in end or "▼" in end for end in figures.bars().content.ends)


def test_printed_moves_are_those_of_all_cities_whatever_is_filled(exchange):
    # "[As published] Among the eight cities" left out Moscow, for which no value had been filled.
    data = exchange.result.dataset
    states = exchange.result.dataset.states.copy()
    states[data.rows["moscow"]] = State.BLANK
    empty = replace(
        data, states=states, values=np.where(states == State.VALUE, data.values, np.nan)
    )
    index = Index(replace(load_report("iecc2024"), dataset=empty)).source()
    assert not index.rank(data.rows["moscow"], "IECC")
    assert "moscow" in change_table(index).units
    (moved,) = [s for s in change_sentences(index) if "rose furthest" in s.text.en]
    assert moved.text.en.startswith(
        "[As published] Among the nine cities whose rank in the previous edition was published, "
    )
    assert "Moscow fell furthest" in moved.text.en


@pytest.mark.parametrize(
    ("invented", "status", "expected"),
    [
        ((), {}, 2),
        ((), {("c", "T"): "synthetic"}, None),
        (("d",), {("c", "T"): "synthetic"}, 2),
    ],
)
def test_no_move_between_an_invented_rank_and_another(invented, status, expected):
    ranks = {(unit, "T"): rank for unit, rank in zip("abcd", (1, 2, 5, 3), strict=True)}
    source = replace(own(invented), earlier=(EarlierRanks(LAST, ranks, status=status),))
    assert source.editions.change(2, "T") == expected
    # Not printed, and invented: compared with nothing that is not.
    if invented:
        assert source.editions.change(0, "T") is None


def test_no_growth_between_an_invented_value_and_another():
    source = own(invented=("d",))
    before = {(unit, "x"): 1.0 for unit in CITIES}
    status = {("a", "x"): "synthetic"}
    grown = replace(
        source, outside={BEFORE: before}, before_status=status
    ).editions.growth["x"]
    np.testing.assert_allclose(grown, [np.nan, 200, 100, np.nan])


def test_a_balance_that_may_be_negative_has_no_growth_in_per_cent():
    before = {("a", "x"): -1.0, ("b", "x"): 0.1}
    assert "x" not in replace(own(), outside={BEFORE: before}).editions.growth


def test_moves_are_those_among_continuing_cities():
    ranks = {("b", "T"): 1, ("c", "T"): 2, ("d", "T"): 3, ("gone", "T"): 4}
    edition = EarlierRanks(LAST, ranks, frozenset({"b", "c", "d", "gone"}))
    source = replace(own(), earlier=(edition,))
    said = [one.text.en for one in change_sentences(source)]
    assert (
        "None of the three cities in both editions, ranked among themselves, moved by more than "
        "one place."
    ) in said
    table = change_table(source)
    assert [row[-1] for row in table.rows] == [0] * 3
    assert "Changes are those among the 3 cities of both editions" in table.note.en
    same = replace(source, earlier=(replace(edition, units=frozenset(CITIES)),))
    assert "among" not in change_table(same).note.en


@pytest.mark.parametrize(
    ("ranks", "cities", "moves"),
    [
        # One is gone: ranks are those of the four that are left.
        (
            {"g": 1, "a": 2, "c": 3, "d": 4, "b": 5},
            "abcdg",
            (
                "Of the four cities in both editions, ranked "
                "among themselves, b rose furthest (two places)"
            ),
        ),
        # The rank of one that continues is not known: ranks are those of the tables.
        (
            {"c": 2, "d": 3, "b": 4},
            "abcd",
            "Among the three cities whose rank in 2025 was published, b rose furthest "
            "(from 4th to 2nd)",
        ),
    ],
)
def test_ranks_are_said_to_be_among_some_cities_only_where_they_are(
    ranks, cities, moves
):
    known = {(unit, "T"): rank for unit, rank in ranks.items()}
    edition = EarlierRanks(LAST, known, frozenset(cities))
    said = [one.text.en for one in change_sentences(replace(own(), earlier=(edition,)))]
    assert [text for text in said if text.startswith(moves)], said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("report", "code", "listed", "note"),
    [
        (
            "vitality2014",
            "VIT",
            58,
            (
                "本表为复算，6个名次与公布值不同",
                "Recomputed; 6 ranks differ from print (see",
            ),
        ),
        # Of Zhuhai and Changzhi two scores each; Zhuhai and Nanjing exchange their ranks.
        (
            "image2025",
            "IMG",
            6,
            (
                "一致不作证据；4个得分、2个名次与公布值不同",
                "agreement is no evidence; 4 scores and 2 ranks differ from print (see",
            ),
        ),
    ],
)
def test_recomputed_tables_count_and_list_what_print_has_otherwise(
    report, code, listed, note
):
    printed = load_report(report)
    source = Index(printed).source()
    items = report_items(source)
    made = tables_of(source)
    own = made[f"ranking-{code}"].note
    assert note[0] in own.zh
    assert note[1] in own.en
    differences = made["print-differences"]
    assert len(differences.rows) == listed
    # In English too there is room for two blocks, but not beside long names.
    city = Label("哈", "A city with a name as long as this one")
    long_rows = [[node, city, *others] for node, _, *others in differences.rows]
    for made_table, blocks in (
        (differences, 2),
        (replace(differences, rows=long_rows), 1),
    ):
        (xml,) = tables_xml(made_table, "en", 16.4)
        assert xml.count(">Recomputed<") == blocks
    shown = {name: made[name] for name in chosen_ids(source, items) if name in made}
    sections = {
        section.title.en: section for section in chapter(source, items, shown, ())
    }
    appendix = sections["Appendices"]
    assert differences in appendix.items


def test_wuhan_and_chongqing_are_named_as_printed():
    made = tables_of(Index(load_report("vitality2014")).source())
    lines = [
        [*map(str, (row[1].en, row[3].en, row[4].en))]
        for row in made["print-differences"].rows
    ]
    assert lines[:2] == [["Wuhan", "5", "4"], ["Chongqing", "4", "5"]]


def test_derived_values_are_called_so_in_tables_and_figures():
    source = Index(load_report("image2025")).source()
    said = "636 are derived inside the rounding of printed scores"
    assert said in ranking_table(source, "IMG", "main").note.en
    assert said in ReportFigures(source, "IMG", "main").bars().note.en
    assert "derived" not in ranking_table(own(), "T", "main").note.en


@pytest.fixture(scope="module")
def exchange_figures(exchange):
    return makers_of(exchange)


def test_printed_recoveries_stand_beside_no_invented_one(exchange_figures):
    figure = exchange_figures["f10"]()
    ((series,), names) = (
        figure.content.series,
        [name.en for name in figure.content.rows],
    )
    shares = dict(zip(names, series.values.tolist(), strict=True))  # noqa: PD011
    printed = {"Singapore": 51.7, "Madrid": 101.9, "Dubai": 102.8, "Hong Kong": 127.3}
    assert {name: round(shares[name], 1) for name in printed} == printed
    # Both numbers of Munich are invented, and all of Boston.
    assert not {"Munich", "Boston"} & {*names}
    assert figure.synthetic == 0
    assert (
        f"Shown are the {len(names)} cities whose values are published"
        in figure.note.en
    )


@pytest.mark.parametrize("name", ["f10", "f17", "f23", "f24"])
def test_no_invented_value_stands_beside_a_printed_one(
    exchange, exchange_figures, name
):
    figure = exchange_figures[name]()
    rule = declared("iecc2024", "figures")[name]
    quantities = Quantities(exchange)
    words = [*rule["values"], *([rule["over"]] if "over" in rule else [])]
    rows = {exchange.city(row): row for row in range(len(exchange.units))}
    shown = {rows[label] for label in figure.content.rows}
    for quantity in quantities.all(words):
        assert not shown & quantity.invented_rows
    assert 3 < len(shown) < len(exchange.units)


@pytest.mark.parametrize(("wrong", "is_listed"), [(0, True), (40, False)])
def test_a_chapter_lists_what_differs_from_print_unless_nearly_all_does(
    wrong, is_listed
):
    report = load_report("image2025")
    given = report.dataset.values.copy()  # noqa: PD011
    given[:wrong, 1] += 20.0 * np.arange(wrong)
    source = Index(
        replace(report, dataset=replace(report.dataset, values=given))
    ).source()
    assert (
        "print-differences" in chosen_ids(source, report_items(source))
    ) is is_listed
    note = ranking_table(source, "IMG", "").note.en
    assert ("see “Scores and ranks that differ" in note) is is_listed


def test_a_figure_of_values_that_nobody_has_is_not_made(exchange):
    quantities = Quantities(exchange)
    score = quantities.find("score:IECC")
    lost = replace(score, values=np.full(len(exchange.units), np.nan))
    assert quantities.rows({}, [score, lost])
    with pytest.raises(LackingError):
        quantities.rows({}, [lost])


def test_a_table_of_invented_numbers_gives_way_to_the_printed_one(exchange):
    table = tables_of(exchange)["t3"]
    assert [row[0].en for row in table.rows][:3] == ["Beijing", "Boston", "London"]
    assert table.rows[1][1:] == [99.4, 893.0, 1.9, 14.0]
    assert table.synthetic == 0
    assert "All numbers are as printed." in table.note.en


def test_figures_of_printed_values_are_in_the_printed_order(exchange_figures):
    source = Index(load_report("gihi2023")).source()
    printed = load_report("gihi2023").published["fig6_fig7"].rows
    figures = makers_of(source)
    # The lines of a radar chart are cities, or groups of them.
    assert "Each line is the mean of a group;" in figures["f2"]().note.en
    assert exchange_figures["f8"]().note.en.startswith("Each line is a city.")
    for name, column in (
        ("f6", "active_researchers_per_million"),
        ("f7", "top_prize_winners"),
    ):
        figure = figures[name]()
        (panel,) = figure.content.panels
        assert panel.values.tolist() == [  # noqa: PD011
            float(row[column]) for row in printed if row[column]
        ]
        assert figure.synthetic == 0
        assert "Shown are the 20 cities whose values are published" in figure.note.en


def test_scores_have_as_many_decimals_as_ranks_are_made_on(exchange, exchange_figures):
    assert exchange.rank_decimals(exchange.root) == 1
    tables = tables_of(exchange)
    kinds = {
        one.head.en: one.kind for one in tables["group-IECC-capital-capital"].fields
    }
    assert kinds["Score"] == "score 1"
    assert shown(72.56, kinds["Score"], "en") == "72.6"
    ends = {name.split()[0] for name in exchange_figures["bars-IECC"]().content.ends}
    assert all(re.fullmatch(r"\d+\.\d", end.rstrip("‡†")) for end in ends)
    ends = exchange_figures["f6"]().content.ends
    assert all(re.fullmatch(r"\d+\.\d", end.rstrip("‡†")) for end in ends if end)
    said = next(
        CityFacts(exchange, exchange.result.dataset.rows["dubai"]).place()
    ).text.en
    assert re.search(r"a score of \d+\.\d‡?, ", said)
    # Equal as shown are equal in rank, and the other way round.
    rows = exchange.order("IECC", "main")
    pairs = {
        (
            exchange.points(exchange.score(row, "IECC"), "IECC"),
            exchange.rank(row, "IECC"),
        )
        for row in rows
    }
    assert (
        len(pairs)
        == len({score for score, _ in pairs})
        == len({rank for _, rank in pairs})
    )
