"""Puts links and lists from a file into the long tables of a template."""

from __future__ import annotations

import math
from collections.abc import Mapping

from xlcity.errors import CellValue, Problem, Where, WorkbookError
from xlcity.model.dataset import Item, Link
from xlcity.model.reading.units import Match, UnitMatcher
from xlcity.workbook.filling.tables import INSERT, lines_between
from xlcity.workbook.live_recipe import list_names
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import Template
from xlcity.workbook.sheets.inputs.input_rows import MISSING_TEXT
from xlcity.xlsx.address import Range

Cells = dict[tuple[int, int], CellValue]


class _Lines:
    """Lines of a long table while a file is put into it: by what they are about, and empty ones.

    Parameters
    ----------
    template
        The workbook.
    area
        The table.
    """

    def __init__(self, template: Template, area: Range) -> None:
        self.template, self.area = template, area
        self.at: dict[tuple[str, str, str], int] = {}
        self.empty: list[int] = []
        self.cells: Cells = {}
        self.written = self.lacking = 0

    def row(self, key: tuple[str, str, str]) -> int | None:
        """Return the line of a key; a new one gets the next empty line, while there are any."""
        if key not in self.at:
            if not self.empty:
                self.lacking += 1
                return None
            self.at[key] = self.empty.pop(0)
            for offset, text in enumerate(key):
                self.cells[self.at[key], self.area.c1 + offset] = text
        return self.at[key]

    def value(self, row: int, offset: int) -> CellValue:
        """Return what stands in a column of a line."""
        return self.template.book.value(self.area.sheet, row, self.area.c1 + offset)

    def write(self, row: int, offset: int, value: CellValue) -> None:
        """Write a value into a column of a line."""
        self.cells[row, self.area.c1 + offset] = value
        self.written += 1

    def done(self, what: str, remedy: str) -> tuple[dict[str, Cells], int]:
        """Return what to write, and how many values that is.

        Raises
        ------
        WorkbookError
            If there were too few empty lines.
        """
        sheet = self.area.sheet
        if self.lacking:
            raise WorkbookError(
                Problem(
                    "XC433",
                    f"{sheet} has too few empty lines: {self.lacking} {what} more than fit.",
                    remedy,
                    Where(self.template.file, sheet),
                )
            )
        return ({sheet: self.cells} if self.cells else {}), self.written


def link_cells(
    template: Template, links: Mapping[str, tuple[Link, ...]]
) -> tuple[dict[str, Cells], int]:
    """Return what to write on `Links`, and how many values that is.

    A link that has a line gets its value there, one that has none the next empty line. Lines that
    the file does not name stay as they are.

    Raises
    ------
    WorkbookError
        If there are fewer empty lines than new links.
    """
    if "in_links" not in template.book.names or not links:
        return {}, 0
    area = template.area("in_links")
    lines = _Lines(template, area)
    for row in lines_between(template.book, area):
        line = [lines.value(row, offset) for offset in range(4)]
        if all(value in (None, "") for value in line):
            lines.empty.append(row)
        else:
            code, start, end = (plain_text(value) for value in line[:3])
            lines.at.setdefault((code, start, end), row)
    for code, of in links.items():
        for link in of:
            place = lines.row((code, link.start, link.end))
            value: CellValue = MISSING_TEXT if math.isnan(link.value) else link.value
            if place is not None and lines.value(place, 3) != value:
                lines.write(place, 3, value)
    return lines.done("links", INSERT)


def item_cells(
    template: Template, items: Mapping[str, tuple[Item, ...]], *, clear: bool = False
) -> tuple[dict[str, Cells], int]:
    """Return what to write on `Items`, and how many ranks that is.

    An institution that has a line gets its ranks there, one that has none the next empty line.
    Lines that the file does not name stay as they are, as do ranks that it has blank, unless
    `clear`.

    Raises
    ------
    WorkbookError
        If there are fewer empty lines than new institutions.
    """
    if "in_items" not in template.book.names or not items:
        return {}, 0
    area = template.area("in_items")
    matcher = UnitMatcher(template.dataset.units)
    lines = _Lines(template, area)
    for row in range(area.r1 + 1, area.r2 + 1):
        line = [plain_text(lines.value(row, offset)) for offset in range(5)]
        if not any(line):
            lines.empty.append(row)
            continue
        found = matcher.match(line[1])
        unit = found.unit.id if isinstance(found, Match) else line[1]
        lines.at.setdefault((line[0], unit, line[2]), row)
    for code, of in items.items():
        names = list_names(template.recipe, code)
        for item in of:
            place = lines.row((code, item.unit, item.name))
            if place is None:
                continue
            for offset, name in enumerate(names[:2], 3):
                rank = item.ranks.get(name, "")
                same = plain_text(lines.value(place, offset)) == rank
                if not same and (rank or clear):
                    value = float(rank) if rank.isdigit() else rank or None
                    lines.write(place, offset, value)
    return lines.done("institutions", "Delete lines that are no longer needed.")
