"""Compare what the report prints: ranks, lists and counts, against one another.

No score is printed, so nothing is computed end to end. What can be tested is whether the tables
agree: each rank list with itself, the lists of first cities with the ranks, effects and renumbered
ranks with the overall order, counts in the text with the tables, and whether equal weights can give
the printed order at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from xlcity.functions.rounding import round_excel
from xlcity.index import compute
from xlcity.index.construct import pairs_that_count
from xlcity.model.reading.data import read_dataset
from xlcity.reports.bri2021.reproduce.feasible import Programme, largest_lead, ranks_are_possible
from xlcity.reports.comparison import (
    ComparedCell,
    Comparison,
    compare,
    competition_rank,
    line_of,
    ranks_by_node,
    row_cells,
)
from xlcity.reports.report import Record, Report

TOTAL, INFORMATION = "BRI", "BRI_INF"
#: Dimensions of one indicator each: their best city scores 100 and their worst 0.
SINGLE = frozenset({"BRI_TRA", "BRI_FIN", "BRI_PEO", INFORMATION})
#: What the report compares its total with.
OTHER = "other index"
#: The attribute inside whose groups a pair is domestic.
GROUP = "country"

Ranks = dict[str, dict[str, int]]


def printed_ranks(report: Report) -> Ranks:
    """Return the printed ranks by node and city."""
    return ranks_by_node(report.published["ranks"].rows)


def _programme(report: Report, ranks: Ranks) -> Programme:
    units = [unit.id for unit in report.dataset.units]
    return Programme(units, {node: r for node, r in ranks.items() if node != TOTAL}, SINGLE)


def equal_weights(report: Report) -> Iterator[Comparison]:
    """Six equally weighted dimensions in the printed orders can give the printed overall order."""
    ranks = printed_ranks(report)
    lead = largest_lead(_programme(report, ranks), ranks[TOTAL])
    cells = [
        ComparedCell(unit, TOTAL, rank, rank if lead > 0 else None, "table 2", right=lead > 0)
        for unit, rank in ranks[TOTAL].items()
    ]
    how = (
        "a linear programme finds dimension scores in the printed orders whose mean gives this "
        f"order, each city {lead:.2f} points ahead of the next"
    )
    yield compare("ranks", "equal-weights", cells, how=how)


def first_cities(report: Report) -> Iterator[Comparison]:
    """Table 8 lists the first ten cities, wherever they lie."""
    ranks = printed_ranks(report)[TOTAL]
    listed = {row["city_id"] for row in report.published["top10_china_vs_intl"].rows}
    cells = [
        ComparedCell(city, TOTAL, city, city if city in listed else None, "table 8")
        for city in sorted(ranks, key=ranks.__getitem__)[:10]
    ]
    yield compare("top10_china_vs_intl", "cities", cells, how="the first ten of table 2")


def effects(report: Report) -> Iterator[Comparison]:
    """Table 10: the effect of the information dimension on the overall rank."""
    ranks = printed_ranks(report)
    programme = _programme(report, ranks)
    five = [node for node in programme.dimensions if node != INFORMATION]
    cells = []
    for row in report.published["info_effect"].rows:
        city, wanted = row["city_id"], int(row["overall_rank_table2"]) + int(row["effect"])
        possible = ranks_are_possible(programme, ranks[TOTAL], five, {city: wanted})
        shown = wanted if possible else None
        cells.append(ComparedCell(city, TOTAL, wanted, shown, line_of(row), right=possible))
    how = (
        "overall rank + effect is a rank among five equally weighted dimensions that scores in "
        "the printed orders can give"
    )
    yield compare("info_effect", "effects", cells, how=how)


def other_index(report: Report) -> Iterator[Comparison]:
    """Table 11: overall ranks renumbered among the cities that both lists have."""
    ranks = printed_ranks(report)
    table = report.published["region_vs_global"].rows
    absent = {
        row["city_id"]
        for row in report.published["region_vs_global_excluded"].rows
        if "not listed" in row["reason_printed"]
    }
    listed = {city: rank for city, rank in ranks[TOTAL].items() if city not in absent}
    renumbered = {city: competition_rank(rank, listed.values()) for city, rank in listed.items()}
    cells = row_cells(table, "bri_rank_printed", lambda r: renumbered[r["city_id"]], node=TOTAL)
    yield compare("region_vs_global", "ranks", cells, how="table 2, renumbered without Urumqi")
    relative = {row["city_id"]: int(row["gci_relative_rank"]) for row in table}
    given = list(relative.values())
    cells = row_cells(
        table, "gci_relative_rank", lambda r: relative[r["city_id"]], node="other index"
    )
    once = [
        replace(cell, right=1 <= rank <= len(listed) and given.count(rank) == 1)
        for cell, rank in zip(cells, given, strict=True)
    ]
    yield compare("region_vs_global", "rank-sequence", once, how=f"1 to {len(listed)}, each once")

    def side(row: Record) -> str:
        is_regional = relative[row["city_id"]] > renumbered[row["city_id"]]
        return "regional_stronger" if is_regional else "global_stronger"

    cells = row_cells(table, "group", side, str, node=TOTAL)
    yield compare("region_vs_global", "groups", cells, how="which of the two ranks is the better")


def pairs(report: Report) -> Iterator[Comparison]:
    """Tables 6 and 7: pairs exist, and stand once."""
    units = report.dataset.units
    allowed = {frozenset((units[a].id, units[b].id)) for a, b in pairs_that_count(units, GROUP)}
    rows = report.published["pair_ranks"].rows
    times = Counter((row["node"], frozenset((row["city_a"], row["city_b"]))) for row in rows)
    cells = []
    for row in rows:
        ends, pair = frozenset((row["city_a"], row["city_b"])), f"{row['city_a']}|{row['city_b']}"
        right = ends in allowed and times[row["node"], ends] == 1
        cells.append(ComparedCell(pair, row["node"], pair, pair if right else None, line_of(row)))
    yield compare("pair_ranks", "pairs", cells, how="an international pair, once in its list")


def regions(report: Report) -> Iterator[Comparison]:
    """Compare how the report names the regions of a pair with where its cities lie."""
    subregion = {unit.id: unit.attributes["region"] for unit in report.dataset.units}
    cells = [
        ComparedCell(
            f"{row['city_a']}|{row['city_b']}",
            row["node"],
            row["region_label_zh"],
            region_label(subregion[row["city_a"]], subregion[row["city_b"]]),
            line_of(row),
        )
        for row in report.published["pair_ranks"].rows
        if row["region_label_zh"]
    ]
    yield compare("pair_ranks", "regions", cells, how="the regions of both cities")


def region_label(region: str, other_region: str) -> str:
    """Return how the report names the regions of a pair.

    China counts as East Asia, and the Europe of the pairs that are named is the east of it.

    >>> region_label("southeast_asia", "china")
    '东亚和东南亚'
    """
    names = {"china": "东亚", "east_asia": "东亚", "southeast_asia": "东南亚", "europe": "东欧"}
    names |= {"west_asia": "西亚", "south_asia": "南亚", "central_asia": "中亚", "africa": "非洲"}
    order = list(dict.fromkeys(names.values()))
    parts = sorted({names[region], names[other_region]}, key=order.index)
    return f"{parts[0]}范围内" if len(parts) == 1 else "和".join(parts)


def weights(report: Report) -> Iterator[Comparison]:
    """Compare the printed weights with those of the framework."""

    def share(row: Record) -> float:
        digits = len(row["percent"].partition(".")[2])
        return float(round_excel(report.framework[row["node"]].weight * 100, digits))

    cells = row_cells(report.published["weights"].rows, "percent", share, float)
    yield compare("weights", "weights", cells, how="exact shares, rounded as they are printed")


def fixture(report: Report) -> Iterator[Comparison]:
    """Invented dimension scores go through the whole index and give the printed ranks."""
    ranks = printed_ranks(report)
    path = report.folder / "synthetic_dimension_scores.csv"
    dataset, _ = read_dataset(path, report.framework, report.dataset.units, report.recipe)
    result = compute(report.framework, report.recipe, dataset)
    cells = [
        ComparedCell(unit.id, node, ranks[node][unit.id], int(result.rank(node)[row]))
        for node in ranks
        for row, unit in enumerate(dataset.units)
    ]
    how = "invented scores made to have these ranks: a test of the computation alone"
    yield compare("ranks", "ranks", cells, by_construction=True, how=how)
