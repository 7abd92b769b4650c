"""The five classes of cities, under every linkage and metric."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.assess import Agreement, Clustering, agreement, cluster
from xlcity.functions.cluster import LINKAGES, METRICS, STANDARDISATIONS
from xlcity.index import IndexResult
from xlcity.reports.report import Report
from xlcity.reports.reproduction.comparison import ComparedCell, Comparison, compare, line_of
from xlcity.reports.reproduction.vitality2014.reproduce import by_indicators

TABLE = "clusters"


def compare_clusters(report: Report) -> Iterator[Comparison]:
    """Compare the lists with themselves, then with the clusters that each linkage gives."""
    result = by_indicators(report)
    rows = report.published[TABLE].rows
    named = [row["city_id"] for row in rows]
    root = report.framework.root.code
    once = [ComparedCell(u.id, root, named.count(u.id), 1) for u in report.dataset.units]
    yield compare(TABLE, "listed-once", once, how="each city is in exactly one class")
    printed = {row["city_id"]: int(row["cluster"]) for row in rows}
    for linkage in LINKAGES:
        best, found, how = _best(result, printed, linkage)
        cells = []
        for row in rows:
            unit, label = row["city_id"], int(row["cluster"])
            same = found.classes.get(best.labels[unit])
            cells.append(ComparedCell(unit, f"class {label}", label, same, line_of(row)))
        yield compare(TABLE, f"classes-{linkage}", cells, how=how)


def _best(
    result: IndexResult, printed: dict[str, int], linkage: str
) -> tuple[Clustering, Agreement, str]:
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


def _name(made: Clustering) -> str:
    return made.metric if made.standardise == "none" else f"{made.standardise} {made.metric}"
