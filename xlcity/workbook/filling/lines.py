"""Puts links and lists from a file into the long tables of a template."""

from __future__ import annotations

import math
from collections.abc import Mapping

from xlcity.errors import CellValue, Problem, Where, WorkbookError
from xlcity.model.dataset import Item, Link
from xlcity.model.reading.units import Match, UnitMatcher
from xlcity.workbook.filling.tables import INSERT, Cells, lines_between
from xlcity.workbook.live_recipe import list_names
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import Template
from xlcity.workbook.sheets.inputs.input_rows import MISSING_TEXT

#: What a line is about, in its first three columns, and column -> value of what it says.
Line = tuple[tuple[str, str, str], dict[int, CellValue]]


def link_cells(
    template: Template, links: Mapping[str, tuple[Link, ...]]
) -> tuple[dict[str, Cells], int]:
    """Return what to write on `Links`, and how many values that is; see `_fill_table`."""
    lines: list[Line] = [
        ((code, link.start, link.end), {3: MISSING_TEXT if math.isnan(link.value) else link.value})
        for code, several in links.items()
        for link in several
    ]
    return _fill_table(template, "in_links", lines, "links", INSERT, closed=True)


def item_cells(
    template: Template, items: Mapping[str, tuple[Item, ...]], *, clear: bool = False
) -> tuple[dict[str, Cells], int]:
    """Return what to write on `Items`, and how many ranks that is; see `_fill_table`.

    Ranks that the file has blank stay as they are, unless `clear`.
    """
    lines: list[Line] = []
    for code, several in items.items():
        names = list_names(template.recipe, code)[:2]
        for item in several:
            given = ((offset, item.ranks.get(name, "")) for offset, name in enumerate(names, 3))
            ranks: dict[int, CellValue] = {
                offset: float(rank) if rank.isdigit() else rank or None
                for offset, rank in given
                if rank or clear
            }
            lines.append(((code, item.unit, item.name), ranks))
    return _fill_table(
        template, "in_items", lines, "institutions", "Delete lines that are no longer needed."
    )


def _fill_table(
    template: Template, name: str, lines: list[Line], what: str, remedy: str, closed: bool = False
) -> tuple[dict[str, Cells], int]:
    """Return what lines change on the sheet of a long table, and how many values that is.

    What has a line gets its values there, what has none the next empty line. Lines that the file
    does not name stay as they are. A table that is `closed` has a closing row.

    Raises
    ------
    WorkbookError
        If there are fewer empty lines than new ones.
    """
    if name not in template.book.names or not lines:
        return {}, 0
    area, book = template.area(name), template.book
    matcher = UnitMatcher(template.dataset.units)
    rows: dict[tuple[str, str, str], int] = {}
    empty: list[int] = []
    for row in lines_between(book, area) if closed else range(area.r1 + 1, area.r2 + 1):
        # What it is about, and one value or two; behind them, formulas.
        columns = range(area.c1, min(area.c1 + 4, area.c2) + 1)
        typed = [plain_text(book.value(area.sheet, row, column)) for column in columns]
        match = matcher.match(typed[1]) if typed[1] else None
        unit = match.unit.id if isinstance(match, Match) else typed[1]
        if any(typed):
            rows.setdefault((typed[0], unit, typed[2]), row)
        else:
            empty.append(row)
    cells: Cells = {}
    written = lacking = 0
    for key, values in lines:
        if key not in rows and not empty:
            lacking += 1
            continue
        if key not in rows:
            rows[key] = empty.pop(0)
            cells |= {(rows[key], area.c1 + offset): text for offset, text in enumerate(key)}
        for offset, value in values.items():
            position = rows[key], area.c1 + offset
            if plain_text(book.value(area.sheet, *position)) != plain_text(value):
                cells[position] = value
                written += 1
    if lacking:
        message = f"{area.sheet} has too few empty lines: {lacking} {what} more than fit."
        where = Where(template.file, area.sheet)
        raise WorkbookError(Problem("XC433", message, remedy, where))
    return ({area.sheet: cells} if cells else {}), written
