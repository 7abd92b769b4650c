"""Puts links and lists from a file into the long tables of a template."""

from __future__ import annotations

import math
from collections.abc import Mapping

from xlcity.errors import CellValue, Problem, Where, WorkbookError
from xlcity.model.dataset import Item, Link
from xlcity.model.units import Match, UnitMatcher
from xlcity.workbook.live_recipe import list_names
from xlcity.workbook.read import Template
from xlcity.workbook.records import plain_text
from xlcity.workbook.sheets.data import MISSING_TEXT

Cells = dict[tuple[int, int], CellValue]


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
    at: dict[tuple[str, str, str], int] = {}
    empty: list[int] = []
    for row in range(area.r1 + 1, area.r2):
        line = [template.book.value(area.sheet, row, area.c1 + offset) for offset in range(4)]
        if all(value in (None, "") for value in line):
            empty.append(row)
        else:
            code, start, end = (plain_text(value) for value in line[:3])
            at.setdefault((code, start, end), row)
    cells: Cells = {}
    written = lacking = 0
    for code, of in links.items():
        for link in of:
            key = (code, link.start, link.end)
            value: CellValue = MISSING_TEXT if math.isnan(link.value) else link.value
            if key not in at:
                if not empty:
                    lacking += 1
                    continue
                at[key] = empty.pop(0)
                for offset, text in enumerate(key):
                    cells[at[key], area.c1 + offset] = text
            position = (at[key], area.c1 + 3)
            if template.book.value(area.sheet, *position) != value:
                cells[position] = value
                written += 1
    if lacking:
        raise WorkbookError(
            Problem(
                "XC433",
                f"{area.sheet} has too few empty lines: {lacking} links more than fit.",
                "Insert rows above its closing line.",
                Where(template.file, area.sheet),
            )
        )
    return ({area.sheet: cells} if cells else {}), written


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
    at: dict[tuple[str, str, str], int] = {}
    empty: list[int] = []
    for row in range(area.r1 + 1, area.r2 + 1):
        line = [plain_text(template.book.value(area.sheet, row, area.c1 + n)) for n in range(5)]
        if not any(line):
            empty.append(row)
            continue
        found = matcher.match(line[1])
        unit = found.unit.id if isinstance(found, Match) else line[1]
        at.setdefault((line[0], unit, line[2]), row)
    cells: Cells = {}
    written = lacking = 0
    for code, of in items.items():
        names = list_names(template.recipe, code)
        for item in of:
            key = (code, item.unit, item.name)
            if key not in at:
                if not empty:
                    lacking += 1
                    continue
                at[key] = empty.pop(0)
                for offset, text in enumerate(key):
                    cells[at[key], area.c1 + offset] = text
            for offset, name in enumerate(names[:2], 3):
                rank = item.ranks.get(name, "")
                position = (at[key], area.c1 + offset)
                same = plain_text(template.book.value(area.sheet, *position)) == rank
                if not same and (rank or clear):
                    cells[position] = float(rank) if rank.isdigit() else rank or None
                    written += 1
    if lacking:
        raise WorkbookError(
            Problem(
                "XC433",
                f"{area.sheet} has too few empty lines: {lacking} institutions more than fit.",
                "Delete lines that are no longer needed.",
                Where(template.file, area.sheet),
            )
        )
    return ({area.sheet: cells} if cells else {}), written
