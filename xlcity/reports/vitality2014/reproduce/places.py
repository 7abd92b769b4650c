"""Lists of cities by region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from xlcity.grouping import grouped
from xlcity.reports.comparison import ComparedCell, Comparison, compare, line_of
from xlcity.reports.report import Record, Report

TABLE = "regions"
#: Schemes that are meant to place every city.
WHOLE = ("region7", "east_west")
#: Scheme -> the region of the seven that it divides.
SPLIT = {"east_china_split": "east"}


def listed_once(report: Report) -> Iterator[Comparison]:
    """Compare how often each city is in a class with once."""
    named = Counter(row["city_id"] for row in report.published["clusters"].rows)
    root = report.framework.root.code
    cells = [ComparedCell(unit.id, root, named[unit.id], 1) for unit in report.dataset.units]
    yield compare("clusters", "listed-once", cells, how="each city is in exactly one class")


def compare_regions(report: Report) -> tuple[Comparison, ...]:
    """Compare the lists with one another and with the charts that show them."""
    schemes = grouped((row["scheme"], row) for row in report.published[TABLE].rows)
    parts = (
        ("members", _members(schemes), "named once within its scheme"),
        ("complement", _complement(report, schemes),
         "the lists of the scheme together hold each of the 46 cities once"),
        ("split", _split(schemes), "the two lists hold each city of the region once"),
        ("charts", _charts(report, schemes),
         "cities of one list, and no others, share the chart of their scores"),
    )  # fmt: skip
    return tuple(compare(TABLE, what, cells, how=how) for what, cells, how in parts)


def _where(row: Mapping[str, str]) -> str:
    return f"{row['scheme']} {row['region']}, {line_of(row)}"


def _members(schemes: Mapping[str, list[Record]]) -> Iterator[ComparedCell]:
    for rows in schemes.values():
        before: set[str] = set()
        for row in rows:
            unit = row["city_id"]
            yield ComparedCell(
                unit, "", unit, "named before" if unit in before else unit, _where(row)
            )
            before.add(unit)


def _complement(report: Report, schemes: Mapping[str, list[Record]]) -> Iterator[ComparedCell]:
    for scheme in WHOLE:
        named = [row["city_id"] for row in schemes[scheme]]
        for unit in report.dataset.units:
            yield ComparedCell(unit.id, "", named.count(unit.id), 1, scheme)


def _split(schemes: Mapping[str, list[Record]]) -> Iterator[ComparedCell]:
    for scheme, region in SPLIT.items():
        parts = [row["city_id"] for row in schemes[scheme]]
        members = [row["city_id"] for row in schemes["region7"] if row["region"] == region]
        for unit in dict.fromkeys((*members, *parts)):
            yield ComparedCell(unit, "", parts.count(unit), members.count(unit), scheme)


def _charts(report: Report, schemes: Mapping[str, list[Record]]) -> Iterator[ComparedCell]:
    """Charts show the scores of one list each; a region that is split has a chart per part."""
    charts = {row["city_id"]: row["chart"] for row in report.published["domain_scores"].rows}
    lists = grouped(
        (f"{scheme} {row['region']}", row["city_id"])
        for scheme, rows in schemes.items()
        for row in rows
        if scheme in SPLIT or (scheme == "region7" and row["region"] not in SPLIT.values())
    )
    for name, units in lists.items():
        first = charts[units[0]]
        for unit in units:
            yield ComparedCell(unit, "", f"chart {charts[unit]}", f"chart {first}", name)
        strangers = [unit for unit, chart in charts.items() if chart == first and unit not in units]
        for unit in strangers:
            yield ComparedCell(unit, "", f"chart {first}", None, name)
