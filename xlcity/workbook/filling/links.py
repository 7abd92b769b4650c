"""Puts links from a file into the matrices of a template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xlcity.errors import CellValue, Problem, Where, WorkbookError
from xlcity.model.dataset import Link
from xlcity.workbook.layout.networks import ID, LEFT
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import resolve

Cells = dict[tuple[int, int], CellValue]


def matrix_cells(
    template: Template, links: Mapping[str, Sequence[Link]]
) -> tuple[dict[str, Cells], int]:
    """Return the cells of matrices that links of a file change, by sheet, and how many were ties.

    Every tie is written both ways. A city without a row yet gets a spare one; ties that the file
    does not name stay as they are.

    Raises
    ------
    WorkbookError
        If a city has no row and none is spare.
    """
    found: dict[str, Cells] = {}
    written = 0
    problems: list[Problem] = []
    for code, lines in links.items():
        name = f"in_matrix_{code}"
        if name not in template.book.names or not lines:
            continue
        area = resolve(template.book, name)
        cells: Cells = {}
        places = _places(template, area)
        for link in lines:
            ends = [
                _place(template, area, places, u, cells, problems) for u in (link.start, link.end)
            ]
            if link.value != link.value or None in ends:
                continue
            one, other = (end or 0 for end in ends)
            pair = ((one, other), (other, one))
            changed = False
            for row, column in pair:
                at = (area.r1 + 1 + row, area.c1 + LEFT - ID + column)
                if template.book.value(area.sheet, *at) != link.value:
                    cells[at] = link.value
                    changed = True
            written += changed
        if cells:
            found[area.sheet] = cells
    if problems:
        raise WorkbookError(list(dict.fromkeys(problems)))
    return found, written


def _places(template: Template, area: Range) -> dict[str, int]:
    """Return the slot of every city that has a row."""
    column = [
        plain_text(template.book.value(area.sheet, row, area.c1))
        for row in range(area.r1 + 1, area.r2 + 1)
    ]
    return {unit: slot for slot, unit in reversed(list(enumerate(column))) if unit}


def _place(
    template: Template,
    area: Range,
    places: dict[str, int],
    unit: str,
    cells: Cells,
    problems: list[Problem],
) -> int | None:
    if unit in places:
        return places[unit]
    taken = set(places.values())
    spare = next((s for s in range(area.r2 - area.r1) if s not in taken), None)
    if spare is None:
        message = f"no spare row left on {area.sheet} for {unit}."
        hint = "Empty the row of a city that is not scored."
        problems.append(
            Problem("XC433", message, hint, Where(template.file, area.sheet, unit=unit))
        )
        return None
    places[unit] = spare
    cells[area.r1 + 1 + spare, area.c1] = unit
    return spare
