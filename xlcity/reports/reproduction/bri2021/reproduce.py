"""Compare what the report prints: ranks, lists and counts, against one another.

No score is printed, so nothing is computed end to end. What can be tested is whether the tables
agree: each rank list with itself, the lists of first cities with the ranks, effects and renumbered
ranks with the overall order, counts in the text with the tables, and whether equal weights can give
the printed order at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xlcity.functions.rounding import round_excel
from xlcity.index import compute
from xlcity.index.links import pairs_that_count
from xlcity.model.reading.data import read_dataset
from xlcity.reports.report import Record, Report
from xlcity.reports.reproduction.bri2021.facts import compare_facts
from xlcity.reports.reproduction.bri2021.feasible import Programme, largest_lead, ranks_are_possible
from xlcity.reports.reproduction.comparison import (
    ComparedCell,
    Comparison,
    compare,
    competition_rank,
    line_of,
    ranks_by_node,
    row_cells,
)

TOTAL, INFORMATION = "BRI", "BRI_INF"
#: Dimensions of one indicator each: their best city scores 100 and their worst 0.
SINGLE = frozenset({"BRI_TRA", "BRI_FIN", "BRI_PEO", INFORMATION})
#: What the report compares its total with.
OTHER = "other index"
#: The attribute inside whose groups a pair is domestic.
GROUP = "country"

Ranks = dict[str, dict[str, int]]


def reproduce(report: Report) -> tuple[Comparison, ...]:
    """Return every comparison of the report."""
    ranks = printed_ranks(report)
    return (
        _sequence(report, ranks),
        *_equal_weights(report, ranks),
        *_lists(report, ranks),
        *_information(report, ranks),
        *_other_index(report, ranks),
        *_pairs(report),
        _weights(report),
        *compare_facts(report, ranks),
        _fixture(report, ranks),
    )


def printed_ranks(report: Report) -> Ranks:
    """Return the printed ranks by node and city."""
    return ranks_by_node(report.published["ranks"].rows)


def _sequence(report: Report, ranks: Ranks) -> Comparison:
    """Each list of ranks is one that competition ranking can give: 1, 2, 2, 4."""

    def place(row: Record) -> int:
        return competition_rank(int(row["rank"]), ranks[row["node"]].values())

    cells = row_cells(report.published["ranks"].rows, "rank", place)
    return compare("ranks", "rank-sequence", cells, how="1 + the number of cities ranked before")


def _programme(report: Report, ranks: Ranks) -> Programme:
    units = [unit.id for unit in report.dataset.units]
    return Programme(units, {node: r for node, r in ranks.items() if node != TOTAL}, SINGLE)


def _equal_weights(report: Report, ranks: Ranks) -> Iterator[Comparison]:
    """Six equally weighted dimensions in the printed orders can give the printed overall order."""
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


def _lists(report: Report, ranks: Ranks) -> Iterator[Comparison]:
    """Compare lists of first cities with the tables of ranks."""
    for name, what in (("top5", "top-five"), ("top10_china_vs_intl", "ranks")):
        rows = report.published[name].rows
        cells = row_cells(rows, "rank", lambda row: ranks[row["node"]][row["city_id"]])
        yield compare(name, what, cells, how="the rank in tables 2 to 4")
    first = sorted(ranks[TOTAL], key=ranks[TOTAL].__getitem__)[:10]
    listed = {row["city_id"] for row in report.published["top10_china_vs_intl"].rows}
    cells = [
        ComparedCell(city, TOTAL, city, city if city in listed else None, "table 8")
        for city in first
    ]
    yield compare("top10_china_vs_intl", "cities", cells, how="the first ten of table 2")


def _information(report: Report, ranks: Ranks) -> Iterator[Comparison]:
    """Tables 9 and 10: the information dimension and its effect on the overall rank."""
    country = {unit.id: unit.attributes["country_zh"] for unit in report.dataset.units}
    table = report.published["info_top10"].rows
    inside, overall = ranks[INFORMATION], ranks[TOTAL]
    cells = row_cells(table, "rank", lambda row: inside[row["city_id"]], node=INFORMATION)
    yield compare("info_top10", "ranks", cells, how="the rank in tables 3 and 4")
    cells = row_cells(table, "country_zh", lambda r: country[r["city_id"]], str, node=INFORMATION)
    yield compare("info_top10", "countries", cells, how="the country of the city list")
    rows = report.published["info_effect"].rows
    cells = row_cells(rows, "overall_rank_table2", lambda r: overall[r["city_id"]], node=TOTAL)
    yield compare("info_effect", "ranks", cells, how="the rank in table 2")
    programme = _programme(report, ranks)
    five = [node for node in programme.dimensions if node != INFORMATION]
    cells = []
    for row in rows:
        city, wanted = row["city_id"], int(row["overall_rank_table2"]) + int(row["effect"])
        possible = ranks_are_possible(programme, overall, five, {city: wanted})
        shown = wanted if possible else None
        cells.append(ComparedCell(city, TOTAL, wanted, shown, line_of(row), right=possible))
    how = (
        "overall rank + effect is a rank among five equally weighted dimensions that scores in "
        "the printed orders can give"
    )
    yield compare("info_effect", "effects", cells, how=how)


def _other_index(report: Report, ranks: Ranks) -> Iterator[Comparison]:
    """Table 11: overall ranks renumbered among the cities that both lists have."""
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


def _pairs(report: Report) -> Iterator[Comparison]:
    """Tables 6 and 7: pairs exist, stand once, and in an order that ties explain."""
    units = report.dataset.units
    allowed = {frozenset((units[a].id, units[b].id)) for a, b in pairs_that_count(units, GROUP)}
    table = report.published["pair_ranks"]
    existing, places, labels = [], [], []
    subregion = {unit.id: unit.attributes["region"] for unit in units}
    for row in table.rows:
        pair = f"{row['city_a']}|{row['city_b']}"
        of = [other for other in table.rows if other["node"] == row["node"]]
        once = sum({o["city_a"], o["city_b"]} == {row["city_a"], row["city_b"]} for o in of) == 1
        right = frozenset((row["city_a"], row["city_b"])) in allowed and once
        existing.append(
            ComparedCell(pair, row["node"], pair, pair if right else None, line_of(row))
        )
        before = competition_rank(int(row["rank"]), [int(other["rank"]) for other in of])
        places.append(ComparedCell(pair, row["node"], int(row["rank"]), before, line_of(row)))
        if row["region_label_zh"]:
            sides = [subregion[row["city_a"]], subregion[row["city_b"]]]
            label = region_label(*sides)
            labels.append(
                ComparedCell(pair, row["node"], row["region_label_zh"], label, line_of(row))
            )
    yield compare("pair_ranks", "pairs", existing, how="an international pair, once in its list")
    yield compare("pair_ranks", "rank-sequence", places, how="1 + the number of pairs before")
    yield compare("pair_ranks", "regions", labels, how="the regions of both cities")


def region_label(one: str, other: str) -> str:
    """Return how the report names the regions of a pair.

    China counts as East Asia, and the Europe of the pairs that are named is the east of it.

    >>> region_label("southeast_asia", "china")
    '东亚和东南亚'
    """
    names = {"china": "东亚", "east_asia": "东亚", "southeast_asia": "东南亚", "europe": "东欧"}
    names |= {"west_asia": "西亚", "south_asia": "南亚", "central_asia": "中亚", "africa": "非洲"}
    order = list(dict.fromkeys(names.values()))
    found = sorted({names[one], names[other]}, key=order.index)
    return f"{found[0]}范围内" if len(found) == 1 else "和".join(found)


def _weights(report: Report) -> Comparison:
    def share(row: Record) -> float:
        digits = len(row["percent"].partition(".")[2])
        return float(round_excel(report.framework[row["node"]].weight * 100, digits))

    cells = row_cells(report.published["weights"].rows, "percent", share, float)
    return compare("weights", "weights", cells, how="exact shares, rounded as they are printed")


def _fixture(report: Report, ranks: Ranks) -> Comparison:
    """Invented dimension scores go through the whole index and give the printed ranks."""
    path = report.folder / "synthetic_dimension_scores.csv"
    dataset, _ = read_dataset(path, report.framework, report.dataset.units, report.recipe)
    result = compute(report.framework, report.recipe, dataset)
    cells = [
        ComparedCell(unit.id, node, ranks[node][unit.id], int(result.rank(node)[row]))
        for node in ranks
        for row, unit in enumerate(dataset.units)
    ]
    how = "invented scores made to have these ranks: a test of the computation, no evidence"
    return compare("ranks", "ranks", cells, by_construction=True, how=how)
