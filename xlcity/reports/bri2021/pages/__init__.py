"""The sheets that this report has of its own: lists of first cities and pairs, and comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from xlcity.reports.bri2021.pages import leave_one_out, link_options, other_index, toplists
from xlcity.reports.bri2021.pages.toplists import TopLists
from xlcity.reports.report import Report
from xlcity.workbook.spec import Page, TemplateSpec

INFORMATION = "BRI_INF"
#: Cities and pairs that the report lists of each dimension.
DEPTH = 5
OUTSIDE = "other_rank"


def extend(report: Report, spec: TemplateSpec) -> TemplateSpec:
    """Add the lists, the five-link index, the other index and the readings."""
    effects = {row["city_id"]: int(row["effect"]) for row in report.published["info_effect"].rows}
    return _with_pages(spec, effects)


def later(_report: Report, spec: TemplateSpec) -> TemplateSpec:
    """Add to a later edition the same sheets, without what was printed."""
    return _with_pages(spec, {})


def _with_pages(spec: TemplateSpec, effects: Mapping[str, int]) -> TemplateSpec:
    framework = spec.framework
    root = framework.root.code
    dimensions = tuple(child.code for child in framework.children(root))
    cities = TopLists(dimensions, DEPTH, "coast")
    pairs = TopLists((root, *dimensions), DEPTH, "region")
    pages = [
        Page(toplists.CITIES, partial(toplists.draw_cities, shown=cities), on_demand="toplists"),
        Page(toplists.PAIRS, partial(toplists.draw_pairs, shown=pairs), on_demand="toplists"),
        Page(other_index.SHEET, partial(other_index.draw, attribute=OUTSIDE), on_demand="beside"),
        Page(link_options.SHEET, link_options.draw, prints=False, on_demand="linkoptions"),
    ]
    if INFORMATION in dimensions:
        left_out = leave_one_out.LeaveOneOut(INFORMATION, "chinese", effects)
        draw = partial(leave_one_out.draw, shown=left_out)
        pages.insert(2, Page(leave_one_out.SHEET, draw, on_demand="without"))
    return replace(spec, pages=(*spec.pages, *pages))
