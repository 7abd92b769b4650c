"""Counts in the text that no group and no list of first cities gives, and the list of metros."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xlcity.reports.comparison import ComparedCell, Comparison, compare, line_of
from xlcity.reports.report import Record, Report


def other_count(report: Report, row: Record) -> Iterator[ComparedCell]:
    """Yield a count beside what the lists and tables of the report give."""
    units = report.dataset.units
    admin = report.published["metro_admin_cities"].rows
    counts: dict[str, Callable[[], int]] = {
        "main": lambda: sum(unit.population == "main" for unit in units),
        "mini": lambda: sum(unit.population == "mini" for unit in units),
        "countries": lambda: len({unit.attributes["country"] for unit in units}),
        "continents": lambda: len({unit.attributes["region"] for unit in units}),
        "admin_cities": lambda: len({(r["city_id"], r["admin_city_zh"]) for r in admin}),
        "winners": lambda: _winners(report, row["region"]),
    }
    what = row["what"]
    yield ComparedCell(what, row["node"], int(row["value"]), counts[what](), line_of(row))


def _winners(report: Report, regions: str) -> int:
    """Return the winners of top prizes in the cities of a region that figure 7 shows."""
    region_of = {unit.id: unit.attributes["region"] for unit in report.dataset.units}
    winners = report.published["fig6_fig7"].values("top_prize_winners")
    return int(
        sum(count for unit, count in winners.items() if region_of[unit] in regions.split("|"))
    )


def metros(report: Report) -> Iterator[Comparison]:
    """Every metro is numbered as listed."""
    rows = report.published["metro_admin_cities"].rows
    numbers = {row["city_id"]: int(row["metro_no"]) for row in rows}
    order = [
        ComparedCell(unit, "", number, position, "appendix five")
        for position, (unit, number) in enumerate(numbers.items(), start=1)
    ]
    yield compare("metro_admin_cities", "numbers", order, how="1 to 119, each metro once")
