"""Counts in the text: cities by continent and nation, members of the first places of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xlcity.model.dataset import Unit
from xlcity.reports.report import Record, Report
from xlcity.reports.reproduction.comparison import (
    ComparedCell,
    Comparison,
    compare,
    line_of,
    row_cells,
)

#: Table that lists each node in order.
TABLES = {"GIHI": "total_scores", "A": "science", "B": "innovation", "C": "ecosystem"}


def compare_counts(report: Report) -> Iterator[Comparison]:
    """Compare the counts of the text, and the list of administrative cities."""
    rows = report.published["facts"].rows
    cells = [
        ComparedCell(
            _statement(row), row["node"], float(row["value"]), _count(report, row), line_of(row)
        )
        for row in rows
    ]
    yield compare("facts", "counts", cells, how="counted in the lists and tables of the report")
    yield from _metros(report)


def _statement(row: Record) -> str:
    parts = (row["what"], row["region"], row["country"], row["top"] and f"top {row['top']}")
    return " ".join(part for part in parts if part)


def _count(report: Report, row: Record) -> float:
    """Return what the lists and tables of the report give for one statement."""
    units = {unit.id: unit for unit in report.dataset.units}
    admin = report.published["metro_admin_cities"].rows
    counted: dict[str, Callable[[], int]] = {
        "cities": lambda: sum(_inside(unit, row) for unit in units.values()),
        "main": lambda: sum(unit.population == "main" for unit in units.values()),
        "mini": lambda: sum(unit.population == "mini" for unit in units.values()),
        "countries": lambda: len({unit.attributes["country"] for unit in units.values()}),
        "continents": lambda: len({unit.attributes["region"] for unit in units.values()}),
        "admin_cities": lambda: len({(r["city_id"], r["admin_city_zh"]) for r in admin}),
    }
    if row["what"] in counted:
        return counted[row["what"]]()
    first = [units[unit] for unit in _first(report, row["node"], int(row["top"]))]
    if row["what"] == "members":
        return sum(_inside(unit, row) for unit in first)
    winners = report.published["fig6_fig7"].values("top_prize_winners")
    return sum(winners[unit.id] for unit in first if _inside(unit, row))


def _first(report: Report, node: str, count: int) -> list[str]:
    """Return the first cities by a node's printed scores."""
    if node == "02":
        return [row["city_id"] for row in report.published["fig6_fig7"].rows]
    table = report.published[TABLES[node if node in TABLES else node[0]]]
    column = table.column_of(node)
    assert column is not None
    scores = table.values(column)
    return sorted(scores, key=lambda unit: -scores[unit])[:count]


def _inside(unit: Unit, row: Record) -> bool:
    regions = row["region"].split("|") if row["region"] else []
    country = row["country"]
    return (not regions or unit.attributes["region"] in regions) and (
        not country or unit.attributes["country"] == country
    )


def _metros(report: Report) -> Iterator[Comparison]:
    """Every metro has its administrative cities, numbered as listed, in its own nation."""
    units = {unit.id: unit for unit in report.dataset.units}
    rows = report.published["metro_admin_cities"].rows

    def nation(row: Record) -> str:
        return units[row["city_id"]].attributes["country_zh"]

    cells = row_cells(rows, "country_zh", nation, str, node="")
    yield compare("metro_admin_cities", "nations", cells, how="the nation of the metro")
    numbers = {row["city_id"]: int(row["metro_no"]) for row in rows}
    order = [
        ComparedCell(unit, "", number, place, "appendix five")
        for place, (unit, number) in enumerate(numbers.items(), start=1)
    ]
    yield compare("metro_admin_cities", "numbers", order, how="1 to 119, each metro once")
