"""The sheets that this report has of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from xlcity.model.framework import Framework
from xlcity.reports.gihi2023.pages import choices, hubs, modes, printed
from xlcity.reports.report import Report
from xlcity.workbook.layout.supplementary import FIELD_PAGE
from xlcity.workbook.spec import Page, TemplateSpec

#: Indicators whose networks are typed as matrices.
MATRICES = ("17", "18")
#: High-quality AI patents that the shares of IPC groups are taken of.
AI_PATENTS = 118_764


def extend(report: Report, spec: TemplateSpec) -> TemplateSpec:
    """Add the networks and the pages of the report."""
    pages = _result_pages(report, spec.framework)
    codes = {node.code for node in spec.framework.nodes}
    if {node.code for node in report.framework.nodes} <= codes:
        draw_patents = partial(printed.draw_patents, total=AI_PATENTS)
        pages += tuple(
            Page(name, partial(draw, report=report), family="published", on_demand="printed")
            for name, draw in (
                (printed.HISTORY, printed.draw_history),
                (printed.FIGURES, printed.draw_figures),
                (printed.PATENTS, draw_patents),
                (printed.METROS, printed.draw_metros),
            )
        )
    return _with_pages(spec, pages, printed.nation_labels(report))


def later(report: Report, spec: TemplateSpec) -> TemplateSpec:
    """Add to a later edition the networks and the pages that show nothing printed."""
    return _with_pages(spec, _result_pages(report, spec.framework))


def _result_pages(report: Report, framework: Framework) -> tuple[Page, ...]:
    """Return the pages that show results, where the framework has the nodes they read."""
    pages: tuple[Page, ...] = ()
    satellites = {satellite.code for satellite in framework.satellites}
    if {satellite.code for satellite in report.framework.satellites} <= satellites:
        pages += (
            Page(modes.SHEET, modes.draw, on_demand="modes"),
            Page(hubs.SHEET, hubs.draw, on_demand="hubs", needs=(FIELD_PAGE,)),
        )
    same_nodes = _composite_codes(report.framework) <= _composite_codes(framework)
    if same_nodes and all(code in framework for code in MATRICES):
        pages += (Page(choices.SHEET, choices.draw, on_demand="choices"),)
    return pages


def _composite_codes(framework: Framework) -> set[str]:
    return {node.code for node in framework.composites}


def _with_pages(
    spec: TemplateSpec, pages: tuple[Page, ...], labels: Iterable[tuple[str, str, str]] = ()
) -> TemplateSpec:
    return replace(
        spec,
        matrices=tuple(code for code in MATRICES if code in spec.framework),
        # The report has no tables by region.
        subtables=(),
        pages=(*spec.pages, *pages),
        labels=(*labels, *spec.labels),
    )
