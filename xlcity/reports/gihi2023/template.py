"""The sheets that this report has of its own."""

from __future__ import annotations

from dataclasses import replace

from xlcity.reports.report import Report
from xlcity.workbook.spec import TemplateSpec

#: Indicators whose networks are typed as matrices.
MATRICES = ("17", "18")

LABELS = (
    ("rankingmini.title", "排行榜：小型城市", "Ranking: mini-hubs"),
    ("contents.RankingMini", "小型城市（人口不足 100 万）的排行榜", "Ranking of the mini-hubs"),
    ("attribute.country", "国家（英文）", "Nation"),
    ("attribute.country_zh", "国家", "Nation (Chinese)"),
)


def extend(report: Report, spec: TemplateSpec) -> TemplateSpec:
    """Add the networks and the pages of the report."""
    return replace(
        spec,
        matrices=MATRICES,
        # The report has no tables by region.
        subtables=(),
        labels=(*spec.labels, *LABELS),
    )
