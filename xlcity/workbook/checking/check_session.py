"""Checks a template save after save: what a changed input leaves as it is, is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from xlcity.errors import CellValue
from xlcity.recalc.session import RecalculationSession
from xlcity.workbook.checking.check import checked_with
from xlcity.workbook.checking.check_result import Checked, CheckResult
from xlcity.workbook.checking.template_checks import template_checks
from xlcity.workbook.layout.links import VALUE
from xlcity.workbook.layout.networks import ID, LEFT
from xlcity.workbook.reading.template import Template
from xlcity.workbook.steps.weigh import SHEET as WEIGHTS
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import resolve
from xlcity.xlsx.formulas.graph import Place

#: The part that holds the formats of all cells.
_STYLES = "xl/styles.xml"


class CheckSession:
    """Checks one workbook again and again, with the findings of `check_template`.

    The template's formulas are drawn again only where something else than an entered value or a
    weight has changed: these stand in cells that the formulas read. A save that changes values and
    a chart or setting as well is compared with the template at the next save without a value.
    """

    def __init__(self) -> None:
        self._values = RecalculationSession()
        self._drawn: tuple[CheckResult, ...] | None = None
        self._frame: tuple[object, ...] = ()

    def check(self, template: Template, sealed: str | Path | None = None) -> Checked:
        """Run every check; see `check_template`."""
        fresh = self._values.recalculate(template.package, template.book)
        changes = self._values.changes
        template_results, self._drawn = self._drawn, None
        former_frame, self._frame = (
            self._frame,
            (template.book.names, template.package.parts.get(_STYLES)),
        )
        alike = bool(changes) and former_frame == self._frame
        if template_results is None or not alike or not _are_only_values(template, changes or {}):
            template_results = template_checks(template)
        # Weights that are found from the values are drawn with them, which may fail.
        if WEIGHTS not in template.book.sheets:
            self._drawn = template_results
        return checked_with(template, fresh, template_results, sealed=sealed)

    def prepare(self) -> None:
        """Make ready for the next save, while nobody waits."""
        self._values.prepare()


def _are_only_values(template: Template, changes: Mapping[Place, CellValue]) -> bool:
    """Return whether only entered values and weights have changed."""
    rows, columns = {*template.rows.values()}, {*template.columns.values()}
    sheet, areas = template.area("in_data").sheet, [*_value_areas(template)]
    return all(
        (name == sheet and row in rows and column in columns)
        or any(area.holds(name, (row, column)) for area in areas)
        for name, (row, column) in changes
    )


def _value_areas(template: Template) -> Iterator[Range]:
    """Yield where nothing but weights and values is typed, headings and names beside them left out.

    Values of `Data` have no area: rows and columns may be typed behind it.
    """
    yield template.area("in_weights")
    for name in template.book.names:
        if name == "in_links" or name == "in_fields" or name.startswith("in_matrix_"):
            area = resolve(template.book, name)
            left = {"in_links": area.c1 + VALUE - 1, "in_fields": area.c1}
            first = left.get(name, area.c1 + LEFT - ID)
            yield Range(area.sheet, area.r1 + 1, first, area.r2 - 1, area.c2)
