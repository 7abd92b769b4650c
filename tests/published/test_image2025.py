"""The printed tables of image2025, recomputed.

Tolerance 0.01: scores and the leaves they are recomputed from are printed to two decimals.
"""

import pytest

from xlcity.audit.tables.checks.statements import places_in
from xlcity.audit.tables.reproduction import (
    comparisons_of,
    printed_of,
    reproduce_report,
)
from xlcity.index import compute
from xlcity.reports import load_report

pytestmark = pytest.mark.published


@pytest.fixture(scope="module")
def entries():
    return {(c.table, c.what): c for c in reproduce_report("image2025").comparisons}


@pytest.mark.parametrize(
    ("table", "what", "outside"),
    [
        ("communication", "scores", {"zhuhai"}),
        ("influence", "scores", set()),
        ("recognition", "scores", {"changzhi"}),
        ("total", "scores", {"zhuhai"}),
        ("total", "scores-from-pillars", set()),
    ],
)
def test_pillars_and_totals(entries, table, what, outside):
    entry = entries[table, what]
    assert (entry.cells, entry.tolerance) == (106, 0.01)
    assert {cell.unit for cell in entry.outside} == outside
    assert entry.within == 106 - len(outside)
    assert not entry.by_construction


def test_the_cells_outside_show_printed_and_computed(entries):
    (communication,) = entries["communication", "scores"].outside
    # Table 3: Zhuhai, search 1.00, media 1.36, printed communication 0.98.
    assert communication.published == 0.98
    assert communication.computed == pytest.approx(0.3 * 1.00 + 0.7 * 1.36)
    (total,) = entries["total", "scores"].outside
    # Tables 14 and 24 give Zhuhai 58.98, 83.94 and 69.10, 21.64; table 2 prints 48.54.
    assert total.published == 48.54
    computed = (
        0.3 * (0.3 * 1.00 + 0.7 * 1.36)
        + 0.5 * (0.3 * 58.98 + 0.7 * 83.94)
        + 0.2 * (0.6 * 69.10 + 0.4 * 21.64)
    )
    assert total.computed == pytest.approx(computed)


@pytest.mark.parametrize(
    "table", ["communication", "influence", "recognition", "total"]
)
def test_printed_ranks_follow_the_printed_scores(entries, table):
    for what in ("ranks", "rank-sequence"):
        assert (entries[table, what].cells, entries[table, what].within) == (106, 106)


def test_subtables(entries):
    assert entries["subtables", "rows"].cells == 27
    rows = 2 * (10 + 13 + 12 + 6 * 10) + (10 + 13 + 10 + 6 * 10)
    assert rows == 283
    for what, cells in (
        ("rows", 27),
        ("members", rows),
        ("order", rows),
        ("ranks", rows),
        ("scores", 3 * rows),
        ("scores-from-leaves", rows),
    ):
        entry = entries["subtables", what]
        assert (entry.cells, entry.within) == (cells, cells), what


def test_tier_rules_fit_the_groups(entries):
    for what in ("sizes", "ends"):
        assert (
            entries["tier_rules", what].cells,
            entries["tier_rules", what].within,
        ) == (18, 18)


def test_a_list_that_repeats_a_city_is_listed(entries):
    repeated = [
        c for c in entries["tiers", "members"].outside if c.computed == "named before"
    ]
    assert [(c.unit, c.node) for c in repeated] == [("nanjing", "IMG_REC")]


def test_a_list_taken_from_another_ranking_is_listed(entries):
    """The non-capital tiers of the total name the cities of the recognition ranking."""
    outside = {
        cell.unit
        for cell in entries["tiers", "order"].outside
        if cell.node == "IMG" and cell.where.startswith("non_capital")
    }
    assert {"ningbo", "dalian", "yantai", "yiwu", "zibo"} <= outside


def test_statements_cover_every_named_city_and_count(entries):
    rows = load_report("image2025").published["tiers"].rows
    named = [row["named_cities_in_print_order"].split("|") for row in rows]
    assert entries["tiers", "members"].cells == sum(map(len, named))
    assert entries["tiers", "order"].cells == sum(len(set(names)) for names in named)
    counts = sum(bool(row["n_cities_printed"]) for row in rows)
    assert (entries["tiers", "counts"].cells, entries["tiers", "counts"].within) == (
        counts,
        counts,
    )


def test_counts_in_the_text(entries):
    entry = entries["facts", "counts"]
    assert (entry.cells, entry.within) == (12, 10)
    assert {(c.node, c.published, c.computed) for c in entry.outside} == {
        ("IMG_COM_MEDIA", 12, 13),
        ("IMG_INF_SOC", 14, 15),
    }


def test_leaves_agree_by_construction_only(entries):
    for table in ("communication", "influence", "recognition"):
        entry = entries[table, "leaves"]
        assert entry.by_construction
        assert (entry.cells, entry.within) == (2 * 106, 2 * 106)
    done = reproduce_report("image2025")
    assert all(c.what != "leaves" for c in done.counted)


def test_equal_search_scores_stand_by_size_class_then_pinyin():
    _, printed = printed_of(load_report("image2025"))
    places = places_in(printed, "IMG_COM_SEARCH")
    order = sorted(
        (unit for unit in printed.attributes if unit in places), key=places.__getitem__
    )
    assert order[:3] == ["luoyang", "putian", "zhongshan"]


def test_the_index_from_the_inputs_follows_the_printed_total():
    report = load_report("image2025")
    result = compute(report.framework, report.recipe, report.dataset)
    printed = tuple(row["city_id"] for row in report.published["total"].rows)
    assert result.order("IMG")[:10] == printed[:10]
    # 16 cities lie above the national mean of media volume (line 712).
    media = result.column("IMG_COM_MEDIA")
    assert (media > media.mean()).sum() == 16


def test_a_wrong_printed_number_would_be_found():
    """The comparison is no tautology: change one printed cell and it is listed."""
    from dataclasses import replace

    report = load_report("image2025")
    table = report.published["influence"]
    rows = ({**table.rows[0], "social_media": "95.27"}, *table.rows[1:])
    changed = replace(
        report, published={**report.published, "influence": replace(table, rows=rows)}
    )
    entries = {(c.table, c.what): c for c in comparisons_of(changed)}
    first = table.rows[0]["city_id"]
    assert [c.unit for c in entries["influence", "scores"].outside] == [first]
    assert first in {c.unit for c in entries["total", "scores"].outside}
    assert first in {c.unit for c in entries["subtables", "scores"].outside}
