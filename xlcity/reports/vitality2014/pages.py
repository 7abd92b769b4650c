"""The sheet that this report has beside those of any index: regression on GDP, and five classes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from xlcity.reports.report import Report
from xlcity.workbook.spec import Page, TemplateSpec

if TYPE_CHECKING:
    from xlcity.workbook.drawing.canvas import Book
    from xlcity.workbook.layout import Layout

#: The attribute of cities with the predictor, which the report does not print.
PREDICTOR = "gdp"


def extend(report: Report, spec: TemplateSpec) -> TemplateSpec:
    """Return the specification with the sheet, where cities have the predictor."""
    page = Page("Regression", partial(_draw, report), _has_predictor, family="analysis")
    return replace(spec, pages=(*spec.pages, page))


def _has_predictor(layout: Layout) -> bool:
    return PREDICTOR in layout.spec.attributes


def _draw(report: Report, book: Book) -> None:
    from xlcity.reports.vitality2014.regression_sheet import draw

    draw(report, book)
