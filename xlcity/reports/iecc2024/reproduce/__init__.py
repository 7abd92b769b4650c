"""Recompute what the report prints: ranks, values, changes, lists and constructed indicators.

The scores themselves cannot be recomputed: no indicator is printed for all 43 cities.
"""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.reports.comparison import (
    ComparedCell,
    Comparison,
    compare,
)
from xlcity.reports.iecc2024.reproduce.tables import printed_ranks
from xlcity.reports.report import Report


def dominance(report: Report) -> Iterator[Comparison]:
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
    yield compare("ranks", "dominance", cells, how=how)
