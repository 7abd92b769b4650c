"""Checks a template save after save: what a changed input leaves as it is, is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xlcity.errors import CellValue
from xlcity.recalc.support.support_check import find_ignored_features
from xlcity.recalc.workbook import recalculate
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
    weight has changed: these stand in cells that the formulas read. A chart or a setting that a
    save changes beside values is compared with the template at the next save without a value.
    """

    def __init__(self) -> None:
        self._drawn: tuple[CheckResult, ...] | None = None
        self._frame: tuple[object, ...] = ()
        self._entered: dict[Place, CellValue] = {}

    def check(self, template: Template, sealed: str | Path | None = None) -> Checked:
        """Run every check; see `check_template`."""
        fresh = recalculate(template.package, book=template.book, keep=True)
        frame, entered = _split_content(template)
        only_values_differ = frame == self._frame and entered != self._entered
        template_results, self._drawn = self._drawn, None
        self._frame, self._entered = frame, entered
        if template_results is None or not only_values_differ:
            template_results = template_checks(template)
        # Weights that are found from the values are drawn with them, which may fail.
        if WEIGHTS not in template.book.sheets:
            self._drawn = template_results
        return checked_with(template, fresh, template_results, sealed=sealed)


def _split_content(template: Template) -> tuple[tuple[object, ...], dict[Place, CellValue]]:
    """Return cells, names and formats but entered values and weights; and these."""
    book, package = template.book, template.package
    rows, columns = {*template.rows.values()}, {*template.columns.values()}
    data, areas = template.area("in_data").sheet, [*_value_areas(template)]
    entered: dict[Place, CellValue] = {}
    others: dict[Place, object] = {}
    for name, sheet in book.sheets.items():
        for position, value in sheet.cells.constants():
            row, column = position
            if (name == data and row in rows and column in columns) or any(
                area.holds(name, position) for area in areas
            ):
                entered[name, position] = value
            else:
                others[name, position] = type(value), value
    formulas = [(s.name, s.cells.digest(), s.arrays()) for s in book.sheets.values()]
    features = find_ignored_features(package)
    names = book.names, book.local_names
    return (others, formulas, names, package.parts.get(_STYLES), features), entered


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
