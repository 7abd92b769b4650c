"""The sheets that this report has of its own: its analyses of the four domains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from xlcity.grouping import grouped
from xlcity.reports.report import Report
from xlcity.reports.vitality2014.pages import (
    analysis,
    clusters,
    correlation_printed,
    regional,
    regression,
)
from xlcity.reports.vitality2014.pages.analysis import Analysis, RegionalTable
from xlcity.workbook.layout import Layout
from xlcity.workbook.sheets.results.groups import ALL
from xlcity.workbook.spec import Page, TemplateSpec

PREDICTOR = "gdp"
GROUP_TYPES = ("region", "east_west", "east_west_assumed", "north_south")
CHARTED = ("region", "east_west", "north_south")
SPLIT = "capital"
#: Region with a chart for each part of it.
DIVIDED = "region"
#: The page on demand that the others read.
ANALYSIS = "analysis"


@dataclass(frozen=True, slots=True)
class _Printed:
    """What the report printed of its analyses; a later edition has none of it."""

    clusters: Mapping[str, int] = field(default_factory=dict)
    coefficients: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    correlations: Mapping[tuple[str, str], str] = field(default_factory=dict)
    claims: tuple[regional.Claim, ...] = ()


def extend(report: Report, spec: TemplateSpec) -> TemplateSpec:
    """Add the pages of correlation, regression, clusters and regions."""
    printed = report.published
    published = _Printed(
        {row["city_id"]: int(row["cluster"]) for row in printed["clusters"].rows},
        {row["node"]: (row["coefficient"], row["r_square"]) for row in printed["regression"].rows},
        {(row["row_node"], row["col_node"]): row["r"] for row in printed["correlations"].rows},
        _claims(report),
    )
    return _with_pages(report, spec, published)


def later(report: Report, spec: TemplateSpec) -> TemplateSpec:
    """Add to a later edition the same pages, without what was printed."""
    return _with_pages(report, spec, _Printed())


def _with_pages(report: Report, spec: TemplateSpec, published: _Printed) -> TemplateSpec:
    framework = spec.framework
    root = framework.root.code
    domains = tuple(child.code for child in framework.children(root))
    nodes = (root, *domains)
    tables = regional_tables(report)
    shown_clusters = clusters.Clusters(
        domains,
        k=len({row["cluster"] for row in report.published["clusters"].rows}),
        # The caption names average linkage; these two give the printed classes.
        linkage="ward",
        metric="sqeuclidean",
        printed=published.clusters,
    )
    regions = regional.Regions(GROUP_TYPES, SPLIT, CHARTED, nodes, published.claims)

    def analysed(spec: TemplateSpec) -> Analysis:
        return Analysis(Layout(spec), nodes, (PREDICTOR,), tables)

    def analysis_page(module: Any, shown: Callable[[Analysis], object]) -> Page:
        return Page(
            module.SHEET,
            lambda book: module.draw(book, shown(analysed(book.spec))),
            on_demand=module.SHEET.lower(),
            needs=(ANALYSIS,),
        )

    pages = [
        analysis_page(
            regression,
            lambda workings: regression.Regressions(
                workings, PREDICTOR, (*domains, root), published.coefficients
            ),
        ),
        Page(regional.REGIONS, partial(regional.draw, shown=regions), on_demand="regions"),
        Page(
            regional.TABLES,
            lambda book: regional.draw_tables(book, analysed(book.spec), domains),
            on_demand="regions",
            needs=(ANALYSIS,),
        ),
        replace(analysis_page(analysis, lambda workings: workings), family="calculation"),
    ]
    if published.correlations:
        printed = correlation_printed.Correlations
        pages.insert(
            0,
            analysis_page(
                correlation_printed,
                lambda workings: printed(workings, domains, published.correlations),
            ),
        )
    if spec.udf:
        # Clusters have no form in plain cells.
        draw = partial(clusters.draw, shown=shown_clusters)
        pages.insert(-3, Page(clusters.SHEET, draw, on_demand="clusters"))
    return replace(spec, pages=(*spec.pages, *pages))


def regional_tables(report: Report) -> tuple[RegionalTable, ...]:
    """Return the report's charts of regions, by the groups that their cities have in common."""
    units = {unit.id: unit.attributes for unit in report.dataset.units}
    charts = grouped(
        (row["chart"], units[row["city_id"]])
        for row in report.published["domain_scores"].rows
        if row["city_id"] in units
    )
    regions = {chart: members[0][DIVIDED] for chart, members in charts.items()}
    tables = []
    for chart in sorted(charts, key=int):
        conditions = [(DIVIDED, regions[chart])]
        if list(regions.values()).count(regions[chart]) > 1:
            conditions.append((SPLIT, charts[chart][0][SPLIT]))
        tables.append(RegionalTable(chart, tuple(conditions)))
    return tuple(tables)


def _claims(report: Report) -> tuple[regional.Claim, ...]:
    return tuple(
        regional.Claim(
            row["node"],
            row["group_type"],
            row["group"],
            row["than"],
            row["capital"] or ALL,
        )
        for row in report.published["facts"].rows
        if row["what"] == "greater_mean"
    )
