"""Recompute what the printed numbers of the report determine."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.reports.comparison import (
    Comparison,
    compare,
)
from xlcity.reports.gihi2023.reproduce.fit import HALF_DIGIT, compare_map, described, map_cells
from xlcity.reports.report import Record, Report

TOTALS = ("total_scores", "minihubs")
#: Table of each pillar, by the four sub-pillars under it.
PILLARS = {"A": "science", "B": "innovation", "C": "ecosystem"}


def maps(report: Report) -> Iterator[Comparison]:
    """Totals of three pillars, pillars of four sub-pillars: each one map for all its cities."""
    published, framework = report.published, report.framework
    root = framework.root.code
    for name in TOTALS:
        yield compare_map(published[name], root, [c.code for c in framework.children(root)])
    for code, name in PILLARS.items():
        yield compare_map(published[name], code, [c.code for c in framework.children(code)])


def figures(report: Report) -> Iterator[Comparison]:
    """Fit the scores in A1 of the twenty best cities to their indicators 01 and 02."""
    scores = {row["city_id"]: row["score_a1"] for row in report.published["science"].rows}
    rows: list[Record] = [
        {**row, "score_a1": scores[row["city_id"]]} for row in report.published["fig6_fig7"].rows
    ]
    columns = {"active_researchers_per_million": HALF_DIGIT, "top_prize_winners": 0.0}
    affine, cells = map_cells(rows, "A1", "score_a1", columns, "table 5, figures 6 and 7")
    how = described(affine, ("01", "02"))
    yield compare("fig6_fig7", "map A1", cells, tolerance=affine.bound, how=how)
