"""Green triangles of the background check that are switched off, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from xlcity.grouping import grouped
from xlcity.workbook.drawing.grid import Area
from xlcity.xlsx.address import find_runs

#: What the background check would say of our formulas, of results of functions, and of ids, years
#: and codes. Elsewhere it stays useful: a number typed as text, a formula typed over.
FORMULA = ("formula_differs", "formula_range", "formula_unlocked", "empty_cell_reference")
RESULT = ("eval_error", *FORMULA)
TEXT = ("number_stored_as_text", "two_digit_text_year")


@dataclass
class Flags:
    """Cells whose flags are switched off, by sheet and by the kinds that they are of."""

    cells: dict[str, dict[tuple[str, ...], set[tuple[int, int]]]] = field(default_factory=dict)

    def add(self, sheet: str, kinds: tuple[str, ...], row: int, column: int) -> None:
        """Switch kinds of flags off for a cell."""
        self.cells.setdefault(sheet, {}).setdefault(kinds, set()).add((row, column))

    def write(self, workbook: Any) -> None:
        """Write them to the sheets of an XlsxWriter workbook."""
        for sheet, cells_by_kinds in self.cells.items():
            kinds = grouped((kind, names) for names in cells_by_kinds for kind in names)
            # Kinds that are switched off for the same cells have the same rectangles.
            ranges_by_source: dict[tuple[tuple[str, ...], ...], str] = {}
            for sources in map(tuple, kinds.values()):
                if sources not in ranges_by_source:
                    cells = set().union(*(cells_by_kinds[names] for names in sources))
                    areas = rectangles(sheet, cells)
                    ranges_by_source[sources] = " ".join(area.ref("", sheet) for area in areas)
            ranges = {kind: ranges_by_source[tuple(sources)] for kind, sources in kinds.items()}
            workbook.get_worksheet_by_name(sheet).ignore_errors(ranges)


def rectangles(sheet: str, cells: Iterable[tuple[int, int]]) -> list[Area]:
    """Return few rectangles that cover exactly these cells: runs of rows, joined along columns."""
    columns = grouped((column, row) for row, column in cells)
    areas: list[Area] = []
    current: dict[tuple[int, int], int] = {}
    previous = 0
    for column in sorted(columns):
        runs = find_runs(columns[column])
        ended = {r: c for r, c in current.items() if r not in runs or column != previous + 1}
        areas += [Area(sheet, top, first, end, previous) for (top, end), first in ended.items()]
        current = {run: column if run in ended else current.get(run, column) for run in runs}
        previous = column
    areas += [Area(sheet, top, first, end, previous) for (top, end), first in current.items()]
    return areas
