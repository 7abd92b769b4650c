"""Recompute what the report prints: ranks, values, changes, lists and constructed indicators.

The scores themselves cannot be recomputed: no indicator is printed for all 43 cities.
"""

from __future__ import annotations

from xlcity.reports.report import Report
from xlcity.reports.reproduction.comparison import (
    ComparedCell,
    Comparison,
    compare,
    competition_rank,
    row_cells,
)
from xlcity.reports.reproduction.iecc2024.constructed import compare_constructed
from xlcity.reports.reproduction.iecc2024.prose import compare_prose
from xlcity.reports.reproduction.iecc2024.tables import printed_ranks
from xlcity.reports.reproduction.iecc2024.values import compare_values


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
        ComparedCell(unit, node, rank, competition_rank(rank, ranks.values()), "appendix")
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
    cells: list[ComparedCell] = []
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
            cells.append(ComparedCell(unit, node.code, rank, min(rank, worst), "appendix"))
    how = f"no city ranks behind one that is nowhere better in the nodes below: {pairs} pairs"
    return compare("ranks", "dominance", cells, how=how)


def _profile_ranks(report: Report) -> Comparison:
    ranks = printed_ranks(report)
    rows = report.published["profile_ranks"].rows
    cells = row_cells(rows, "rank", lambda row: ranks[row["node"]][row["city_id"]])
    how = "the same rank on the page of the city and in the appendix"
    return compare("profile_ranks", "ranks", cells, how=how)
