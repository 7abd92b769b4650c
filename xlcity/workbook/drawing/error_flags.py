"""Green triangles of the background check that are switched off."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from xlcity.grouping import grouped
from xlcity.workbook.drawing.grid import Area
from xlcity.xlsx.address import find_runs

#: What the background check would say of our formulas, on all of a sheet; of results of functions;
#: and of ids, years and codes, in their cells alone: elsewhere a number typed as text is a slip.
FORMULA = ("formula_differs", "formula_range", "formula_unlocked", "empty_cell_reference")
RESULT = "eval_error"
TEXT = ("number_stored_as_text", "two_digit_text_year")
EVERYWHERE = "A1:XFD1048576"


@dataclass
class Flags:
    """Titles of sheets with calls of functions, and the cells of each sheet that are texts."""

    with_calls: set[str] = field(default_factory=set)
    texts: dict[str, set[tuple[int, int]]] = field(default_factory=dict)

    def add_text(self, sheet: str, row: int, column: int) -> None:
        """Switch the flags of numbers written as texts off for a cell."""
        self.texts.setdefault(sheet, set()).add((column, row))

    def write(self, workbook: Any) -> None:
        """Write them to the sheets of an XlsxWriter workbook."""
        for worksheet in workbook.worksheets():
            kinds = FORMULA if worksheet.name not in self.with_calls else (*FORMULA, RESULT)
            ranges = dict.fromkeys(kinds, EVERYWHERE)
            columns = grouped(sorted(self.texts.get(worksheet.name, ())))
            areas = [
                Area("", top, column, end, column)
                for column, rows in columns.items()
                for top, end in find_runs(rows)
            ]
            if areas:
                ranges |= dict.fromkeys(TEXT, " ".join(area.ref("", "") for area in areas))
            worksheet.ignore_errors(ranges)
