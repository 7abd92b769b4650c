"""The printed tables of image2025, recomputed.

From printed leaves the tolerance is 0.01: scores and leaves are printed to two decimals. The inputs
are chosen inside this rounding, and give every score to half a unit of its last digit but those of
rows where no leaves inside the rounding do.
"""

from decimal import ROUND_HALF_UP, Decimal

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

#: Tables that the inputs are derived from -> what a pillar is made of, with weights as table 1
#: prints them, in tenths.
PILLARS = {
    "communication": {"search_volume": 3, "media_volume": 7},
    "influence": {"mainstream_media": 3, "social_media": 7},
    "recognition": {"favourability": 6, "attraction": 4},
}
DERIVED_FROM = (*PILLARS, "total")
#: Half a unit of the last printed digit.
HALF = Decimal("0.005")
#: Input -> column of the printed leaf, and the score of one unit of it: searches are in 19 steps,
#: ratings of 5, the others in per cent of the maximum.
LEAVES = {
    "IMG_COM_SEARCH_GT": ("communication", "search_volume", Decimal(100) / 19),
    "IMG_COM_MEDIA_VOL": ("communication", "media_volume", Decimal(1)),
    "IMG_INF_MAIN_RATE": ("influence", "mainstream_media", Decimal(20)),
    "IMG_INF_SOC_RATE": ("influence", "social_media", Decimal(20)),
    "IMG_REC_FAV_AI": ("recognition", "favourability", Decimal(20)),
    "IMG_REC_ATT_NET": ("recognition", "attraction", Decimal(1)),
}


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


def printed_rows(table):
    """Return the numbers of a printed table by city."""
    rows = load_report("image2025").published[table].rows
    return {row["city_id"]: row for row in rows}


def rows_without_solution():
    """Return the cities and pillars that no leaves inside the rounding of print give."""
    return {
        (city, table)
        for table, weights in PILLARS.items()
        for city, row in printed_rows(table).items()
        # With all leaves at one end the pillar moves by half a unit; print by another.
        if abs(
            sum(weight * Decimal(row[leaf]) for leaf, weight in weights.items()) / 10
            - Decimal(row[table])
        )
        > 2 * HALF
    }


def test_only_the_rows_without_a_solution_differ_from_print():
    report = load_report("image2025")
    result = compute(report.framework, report.recipe, report.dataset)
    scores = {}
    ranks = {}
    for table in DERIVED_FROM:
        node = report.published[table].nodes[table]
        for city, row in printed_rows(table).items():
            at = report.dataset.row(city)
            exact = Decimal(float(result.column(node)[at]))
            score = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
            if score != Decimal(row[table]):
                scores[city, table] = (row[table], str(score))
            rank = int(result.rank(node)[at])
            if rank != int(row["rank"]):
                ranks[city, table] = (int(row["rank"]), rank)
    misprinted = rows_without_solution()
    assert misprinted == {("zhuhai", "communication"), ("changzhi", "recognition")}
    # A wrong pillar is in the total as well: pillar and total of these rows agree in print.
    totals = {(city, "total") for city, _ in misprinted}
    assert {*scores} == misprinted | totals
    assert {key: computed for key, (_, computed) in scores.items()} == {
        ("zhuhai", "communication"): "1.25",
        ("zhuhai", "total"): "48.62",
        ("changzhi", "recognition"): "37.70",
        ("changzhi", "total"): "47.90",
    }
    # Zhuhai's other total puts it before Nanjing, its neighbour in table 2.
    assert ranks == {("nanjing", "total"): (57, 58), ("zhuhai", "total"): (58, 57)}


def test_inputs_lie_in_their_ranges_and_these_inside_the_rounding_of_print():
    report = load_report("image2025")
    data = report.dataset
    assert len(report.ranges) == 6 * 106
    for known in report.ranges:
        value = data.values[data.row(known.unit), data.column(known.code)]
        assert known.low <= value <= known.high, known
        table, leaf, unit = LEAVES[known.code]
        printed = Decimal(printed_rows(table)[known.unit][leaf])
        for bound in (known.low, known.high):
            score = Decimal(str(bound)) * unit
            assert abs(score - printed) <= HALF + Decimal("0.0001"), known


def test_tables_that_the_inputs_are_derived_from_are_counted_apart(entries):
    report = load_report("image2025")
    assert {*report.derived_from} == {*DERIVED_FROM}
    for (table, what), entry in entries.items():
        assert entry.by_construction == (table in DERIVED_FROM), (table, what)
    scores = [entries[table, "scores-from-inputs"] for table in DERIVED_FROM]
    assert {entry.tolerance for entry in scores} == {float(HALF)}
    assert sum(entry.cells for entry in scores) == 4 * 106
    assert sum(entry.within for entry in scores) == 4 * 106 - 4
    ranks = [entries[table, "ranks-from-inputs"] for table in DERIVED_FROM]
    assert sum(entry.cells for entry in ranks) == 4 * 106
    assert sum(entry.within for entry in ranks) == 4 * 106 - 2
    done = reproduce_report("image2025").as_dict()
    apart = [entry for entry in entries.values() if entry.table in DERIVED_FROM]
    assert done["by_construction"]["cells"] == sum(entry.cells for entry in apart)
    total = sum(entry.cells for entry in entries.values())
    assert done["counted"]["cells"] == total - done["by_construction"]["cells"]


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
    for table in PILLARS:
        entry = entries[table, "leaves"]
        assert entry.by_construction
        assert (entry.cells, entry.within) == (2 * 106, 2 * 106)


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
