"""The sheets that this report has beside those of any index: its supplementary indices.

What draws them is read where it is needed: most readers of a workbook want no sheet drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from xlcity.reports.report import Report
from xlcity.workbook.spec import Page, TemplateSpec

if TYPE_CHECKING:
    from xlcity.workbook.drawing.canvas import Book
    from xlcity.workbook.layout import Layout


def extend(report: Report, spec: TemplateSpec) -> TemplateSpec:
    """Return the specification with these sheets; those of fields where there are any."""
    pages = (
        Page(
            "Fields",
            _drawn_by("draw_inputs"),
            _has_fields,
            "input",
            before="Matrix17",
            step="fields.note",
            invented=_count_invented,
        ),
        Page("Satellites", _drawn_by("draw"), _has_any, before="Profile"),
        Page(
            "Disciplines",
            _drawn_by("draw_fields"),
            _has_fields,
            prints=False,
            on_demand="disciplines",
            before="Profile",
        ),
    )
    return replace(spec, pages=(*spec.pages, *pages))


def _drawn_by(function: str) -> Callable[[Book], None]:
    def draw(book: Book) -> None:
        from xlcity.reports.gihi2023 import supplementary_sheets

        getattr(supplementary_sheets, function)(book)

    return draw


def _has_any(layout: Layout) -> bool:
    return bool(layout.spec.framework.supplementary) and layout.spec.apart


def _has_fields(layout: Layout) -> bool:
    return _has_any(layout) and bool(layout.spec.framework.supplementary_inputs)


def _count_invented(layout: Layout) -> str:
    from xlcity.reports.gihi2023.supplementary_layout import SupplementaryLayout

    indices = SupplementaryLayout(layout)
    return "" if indices.invented_values is None else indices.invented
