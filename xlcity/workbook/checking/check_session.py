"""Checks a template save after save: what a changed input leaves as it is, is kept."""

from __future__ import annotations

from collections.abc import Mapping

from xlcity.errors import CellValue
from xlcity.recalc.session import RecalculationSession
from xlcity.recalc.support.support_check import Place
from xlcity.workbook.checking.check import checked_with, drawn_formulas
from xlcity.workbook.checking.check_result import Checked
from xlcity.workbook.checking.contract import Formulas
from xlcity.workbook.reading.template import RECORDS, Template


class CheckSession:
    """Checks one workbook again and again, with the findings of `check_template`.

    The template's formulas are drawn again only where something else than a value of `Data` or a
    weight has changed: these stand in cells that the formulas read.
    """

    def __init__(self) -> None:
        self._values = RecalculationSession()
        self._drawn: Formulas | None = None

    def check(self, template: Template) -> Checked:
        """Run every check; see `check_template`."""
        fresh = self._values.recalculate(template.package, template.book)
        changes = self._values.changes
        if changes is None or not _only_numbers(template, changes):
            self._drawn = None
        return checked_with(template, fresh, self._draw)

    def prepare(self) -> None:
        """Make ready for the next save, while nobody waits."""
        self._values.prepare()

    def _draw(self, template: Template) -> Formulas:
        if self._drawn is None:
            self._drawn = drawn_formulas(template)
        return self._drawn


def _only_numbers(template: Template, changes: Mapping[Place, CellValue]) -> bool:
    """Return whether only values of `Data` and weights have changed, and the records of them."""
    sheet, weights = template.area("in_data").sheet, template.area("in_weights")
    rows, columns = {*template.rows.values()}, {*template.columns.values()}
    records = [template.area(name) for name in RECORDS if name in template.book.names]
    return all(
        (name == sheet and row in rows and column in columns)
        or (name == weights.sheet and column == weights.c1 and weights.r1 <= row <= weights.r2)
        or any(area.holds(name, (row, column)) for area in records)
        for name, (row, column) in changes
    )
