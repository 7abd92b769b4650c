"""Chapters beside print: status of numbers, printed ranks, comparisons with earlier editions."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.helpers.report_parts import makers_of, tables_of
from xlcity import Framework
from xlcity.api.index import Index
from xlcity.figures.contents import Label
from xlcity.model.dataset import Status
from xlcity.report.chapter import chapter
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
    rows = [row for panel in figures.bars().content.panels for row in panel.rows]
    assert rows
    assert not any({*"▲▼"} & {*row.end.zh} for row in rows)


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
                "Recomputed; 6 ranks differ from the published table (see",
            ),
        ),
        # Of Zhuhai and Changzhi two scores each; Zhuhai and Nanjing exchange their ranks.
        (
            "image2025",
            "IMG",
            6,
            (
                "一致不作证据；4个得分、2个名次与公布值不同",
                "agreement is no evidence; 4 scores and 2 ranks differ from the published"
                " table (see",
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
        ((xml, _),) = tables_xml(made_table, "en", 16.4)
        assert xml.count(">Recomputed<") == blocks
    shown = {name: made[name] for name in chosen_ids(source, items) if name in made}
    sections = {
        section.title.en: section for section in chapter(source, items, shown, ())
    }
    appendix = sections["Data and limitations"]
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
    # The dots on a line are cities, or groups of them.
    assert "each dot the mean of a group;" in figures["f2"]().note.en
    assert exchange_figures["f8"]().note.en.endswith("each dot a city.")
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
