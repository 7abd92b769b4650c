"""The five classes of cities, under every linkage and metric."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.assess import Agreement, Clusters, agreement, cluster
from xlcity.functions.cluster import LINKAGES, METRICS, STANDARDISATIONS
from xlcity.index import IndexResult
from xlcity.reports.report import Report
from xlcity.reports.reproduction import Cell, Comparison, compare

TABLE = "clusters"


def compare_clusters(report: Report, result: IndexResult) -> Iterator[Comparison]:
    """Compare the lists with themselves, then with the clusters that each linkage gives."""
    rows = report.published[TABLE].rows
    named = [row["city_id"] for row in rows]
    yield compare(
        TABLE,
        "listed-once",
        [
            Cell(unit.id, report.framework.root.code, named.count(unit.id), 1)
            for unit in report.dataset.units
        ],
        how="each city stands in one class, once",
    )
    printed = {row["city_id"]: int(row["cluster"]) for row in rows}
    for linkage in LINKAGES:
        best, found, told = _best(result, printed, linkage)
        cells = [
            Cell(
                row["city_id"],
                f"class {row['cluster']}",
                int(row["cluster"]),
                _class(best, found, row["city_id"]),
                f"report line {row['report_line']}",
            )
            for row in rows
        ]
        yield compare(TABLE, f"classes-{linkage}", cells, how=told)


def _best(
    result: IndexResult, printed: dict[str, int], linkage: str
) -> tuple[Clusters, Agreement, str]:
    """Return the metric and standardisation of a linkage that agree best; the first of equals."""
    classes = len(set(printed.values()))
    tried = []
    for standardise in STANDARDISATIONS:
        for metric in METRICS:
            made = cluster(result, classes, linkage, metric, standardise)
            tried.append((made, agreement(made.labels, printed)))
    best, found = max(tried, key=lambda pair: pair[1].agreeing)
    counts = ", ".join(f"{_name(made)} {agreed.agreeing}" for made, agreed in tried)
    return best, found, f"{linkage}, best: {_name(best)}; cities of {found.units}: {counts}"


def _name(made: Clusters) -> str:
    return made.metric if made.standardise == "none" else f"{made.standardise} {made.metric}"


def _class(made: Clusters, found: Agreement, unit: str) -> int | None:
    """Return the printed class that a city's cluster is matched with."""
    return found.classes.get(made.labels[unit])
