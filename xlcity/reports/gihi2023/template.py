"""The sheets that this report has of its own."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from xlcity.reports.gihi2023 import choice_pages, hub_pages, mode_pages, printed_pages
from xlcity.reports.gihi2023.reproduce import AI_PATENTS
from xlcity.reports.report import Report
from xlcity.workbook.spec import Page, TemplateSpec

#: Indicators whose networks are typed as matrices.
MATRICES = ("17", "18")

LABELS = (
    ("rankingmini.title", "排行榜：小型城市", "Ranking: mini-hubs"),
    ("contents.RankingMini", "小型城市（人口不足 100 万）的排行榜", "Ranking of the mini-hubs"),
    ("attribute.country", "国家（英文）", "Nation"),
    ("attribute.country_zh", "国家", "Nation (Chinese)"),
    *choice_pages.LABELS,
    *hub_pages.LABELS,
    *mode_pages.LABELS,
    *printed_pages.LABELS,
)


def extend(report: Report, spec: TemplateSpec) -> TemplateSpec:
    """Add the networks and the pages of the report."""
    metros = report.published["metro_admin_cities"]
    pages = (
        Page(mode_pages.SHEET, mode_pages.draw),
        Page(hub_pages.SHEET, hub_pages.draw),
        Page(choice_pages.SHEET, choice_pages.draw),
        Page(printed_pages.HISTORY, partial(printed_pages.draw_history, report=report)),
        Page(printed_pages.FIGURES, partial(printed_pages.draw_figures, report=report)),
        Page(
            printed_pages.PATENTS,
            partial(printed_pages.draw_patents, report=report, total=AI_PATENTS),
        ),
        Page(printed_pages.METROS, partial(printed_pages.draw_metros, table=metros)),
    )
    return replace(
        spec,
        matrices=MATRICES,
        # The report has no tables by region.
        subtables=(),
        pages=(*spec.pages, *pages),
        labels=(*spec.labels, *LABELS),
    )
