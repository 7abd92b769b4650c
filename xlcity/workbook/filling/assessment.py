"""Puts an assessment on the sheets of a template that keep one."""

from __future__ import annotations

from dataclasses import replace

from xlcity.errors import CellValue, WorkbookError
from xlcity.recalc.engines.protocol import Values
from xlcity.recalc.workbook import Recalculated, patch_results, recalculate
from xlcity.workbook.reading.stored_assessment import (
    SETTINGS,
    StoredAssessment,
    input_cells,
    result_cells,
)
from xlcity.workbook.tab_titles import read_tab_language, tab_title, titles_of
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.package import Package
from xlcity.xlsx.text import same_value


def with_assessment(package: Package, stored: StoredAssessment) -> Package:
    """Return a template that keeps an assessment of what it holds.

    What the results rest on is copied from the cells that compute it, with the results in place.
    Of other sheets only cells change that depend on it, such as a row of `Checks`.

    Raises
    ------
    WorkbookError
        If the template has no sheet for it.
    EngineError
        If it cannot be computed.
    """
    before = recalculate(package, keep=True)
    require_robustness(before.book, package.name)
    written = write_inputs(package, result_cells(before.book, stored), before.book)
    computed = recalculate(written, keep=True)
    written = write_inputs(written, input_cells(computed.as_book()), computed.book)
    after = recalculate(written, keep=True)
    return patch_results(written, replace(after, values=_find_changed_values(before, after)))


def require_robustness(book: ReadBook, file: str | None) -> None:
    """Refuse a template without the sheet that keeps an assessment.

    Raises
    ------
    WorkbookError
        If it has none.
    """
    if SETTINGS not in book.names:
        title = tab_title("Robustness", read_tab_language(book.sheets))
        hint = f"Run xlcity pages {file or 'F'} --add robustness,peers --in-place."
        raise WorkbookError(f"the workbook has no sheet {title}.", hint, "XC449", file=file or "")


def _find_changed_values(before: Recalculated, after: Recalculated) -> Values:
    """Return the values that differ from those of before, or that a cell does not hold yet."""
    own = titles_of("Robustness", "Peers", "Correlation")

    def differs(sheet: str, position: Position, value: CellValue) -> bool:
        return sheet in own or not same_value(before.value(sheet, *position), value)

    return {
        sheet: {p: v for p, v in cells.items() if differs(sheet, p, v)}
        for sheet, cells in after.values.items()
    }
