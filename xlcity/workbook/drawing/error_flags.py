"""Green triangles of the background check that are switched off, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from xlcity.grouping import grouped
from xlcity.workbook.drawing.grid import Area
from xlcity.xlsx.address import find_runs

#: What the background check would say of our formulas, of results of functions, and of ids, years
#: and codes. Elsewhere it stays useful: a number typed as text, a formula typed over.
FORMULA = ("formula_differs", "formula_range", "formula_unlocked", "empty_cell_reference")
RESULT = ("eval_error",)
TEXT = ("number_stored_as_text", "two_digit_text_year")


#: Cells, as column and row, whose flags are switched off: by sheet and kinds of flags.
Flags = dict[tuple[str, tuple[str, ...]], set[tuple[int, int]]]


def write_flags(workbook: Any, flags: Flags) -> None:
    """Write them to the sheets of an XlsxWriter workbook."""
    ranges: dict[str, dict[str, str]] = {}
    for (sheet, kinds), cells in flags.items():
        ranges.setdefault(sheet, {}).update(dict.fromkeys(kinds, column_runs(cells)))
    for sheet, ranges_by_kind in ranges.items():
        workbook.get_worksheet_by_name(sheet).ignore_errors(ranges_by_kind)


def column_runs(cells: Iterable[tuple[int, int]]) -> str:
    """Return the addresses of cells, given as column and row, joined along columns."""
    columns = grouped(sorted(cells))
    return " ".join(
        Area("", top, column, end, column).ref("", "")
        for column, rows in columns.items()
        for top, end in find_runs(rows)
    )
