"""The sheets that this report has of its own."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from xlcity.model.framework import Framework
from xlcity.reports.gihi2023 import (
    template_choices,
    template_hubs,
    template_modes,
    template_printed,
)
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
    *template_choices.LABELS,
    *template_hubs.LABELS,
    *template_modes.LABELS,
)


def extend(report: Report, spec: TemplateSpec) -> TemplateSpec:
    """Add the networks and the pages of the report."""
    pages = _computed(report, spec.framework)
    codes = {node.code for node in spec.framework.nodes}
    if {node.code for node in report.framework.nodes} <= codes:
        pages += (
            Page(template_printed.HISTORY, partial(template_printed.draw_history, report=report)),
            Page(template_printed.FIGURES, partial(template_printed.draw_figures, report=report)),
            Page(
                template_printed.PATENTS,
                partial(template_printed.draw_patents, report=report, total=AI_PATENTS),
            ),
            Page(template_printed.METROS, partial(template_printed.draw_metros, report=report)),
        )
    return _with_pages(spec, pages, (*LABELS, *template_printed.labels(report)))


def later(report: Report, spec: TemplateSpec) -> TemplateSpec:
    """Add to a later edition the networks and the pages that show nothing printed."""
    return _with_pages(spec, _computed(report, spec.framework), LABELS)


def _computed(report: Report, framework: Framework) -> tuple[Page, ...]:
    """Return the pages that show results, as far as what they are made from is there."""
    pages: tuple[Page, ...] = ()
    known = {satellite.code for satellite in framework.satellites}
    if {satellite.code for satellite in report.framework.satellites} <= known:
        pages += (
            Page(template_modes.SHEET, template_modes.draw),
            Page(template_hubs.SHEET, template_hubs.draw),
        )
    same_nodes = _composites(report.framework) <= _composites(framework)
    if same_nodes and all(code in framework for code in MATRICES):
        pages += (Page(template_choices.SHEET, template_choices.draw),)
    return pages


def _composites(framework: Framework) -> set[str]:
    return {node.code for node in framework.composites}


def _with_pages(
    spec: TemplateSpec, pages: tuple[Page, ...], labels: tuple[tuple[str, str, str], ...]
) -> TemplateSpec:
    return replace(
        spec,
        matrices=tuple(code for code in MATRICES if code in spec.framework),
        # The report has no tables by region.
        subtables=(),
        pages=(*spec.pages, *pages),
        labels=(*spec.labels, *labels),
    )
