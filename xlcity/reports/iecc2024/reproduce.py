"""Recompute what the report prints: ranks, values, changes, lists and constructed indicators.

The scores themselves cannot be recomputed: no indicator is printed for all 43 cities.
"""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.reports.iecc2024.constructed import compare_constructed
from xlcity.reports.iecc2024.prose import compare_prose
from xlcity.reports.iecc2024.tables import printed_ranks
from xlcity.reports.iecc2024.values import compare_values
from xlcity.reports.report import Report
from xlcity.reports.reproduction import Cell, Comparison, compare


def reproduce(report: Report) -> tuple[Comparison, ...]:
    """Compare every printed number that other printed numbers determine or bound."""
    return (
        _competition(report),
        _dominance(report),
        _profile_ranks(report),
        *compare_values(report),
        *compare_prose(report),
        *compare_constructed(report),
    )


def _competition(report: Report) -> Comparison:
    cells = [
        Cell(unit, node, rank, 1 + sum(other < rank for other in ranks.values()), "appendix")
        for node, ranks in printed_ranks(report).items()
        for unit, rank in ranks.items()
    ]
    how = "1 + number of cities with a smaller rank: each table is one competition ranking"
    return compare("ranks", "ranks", cells, how=how)


def _dominance(report: Report) -> Comparison:
    """Compare nodes with their children: at least as good in all is at least as good above.

    True under each reading of the overall score and of the first level, so that it tests the
    printed ranks, not a reading.
    """
    ranks = printed_ranks(report)
    cells: list[Cell] = []
    pairs = 0
    for node in report.framework.composites:
        children = [c.code for c in report.framework.children(node.code) if c.code in ranks]
        if not children:
            continue
        own = ranks[node.code]
        for unit, rank in own.items():
            beaten = [
                other
                for other in own
                if other != unit
                and all(ranks[code][unit] <= ranks[code][other] for code in children)
                and any(ranks[code][unit] < ranks[code][other] for code in children)
            ]
            pairs += len(beaten)
            worst = min((own[other] for other in beaten), default=len(own))
            cells.append(Cell(unit, node.code, rank, min(rank, worst), "appendix"))
    how = f"no city ranks behind one that is nowhere better in the nodes below: {pairs} pairs"
    return compare("ranks", "dominance", cells, how=how)


def _profile_ranks(report: Report) -> Comparison:
    ranks = printed_ranks(report)

    def cells() -> Iterator[Cell]:
        for row in report.published["profile_ranks"].rows:
            node, unit = row["node"], row["city_id"]
            where = f"report line {row['report_line']}"
            yield Cell(unit, node, int(row["rank"]), ranks[node][unit], where)

    how = "the same rank on the page of the city and in the appendix"
    return compare("profile_ranks", "ranks", cells(), how=how)
