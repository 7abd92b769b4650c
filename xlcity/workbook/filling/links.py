"""Puts links from a file into the matrices of a template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from xlcity.model.dataset import Link
from xlcity.workbook.filling.tables import Cells, InputTable, give_rows
from xlcity.workbook.layout.networks import ID, LEFT
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import Template


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
    named = {code: f"in_matrix_{code}" for code, lines in links.items() if lines}
    tables = {
        code: _matrix_table(template, name)
        for code, name in named.items()
        if name in template.book.names
    }
    units = {
        table.sheet: [end for link in links[code] for end in (link.start, link.end)]
        for code, table in tables.items()
    }
    cells_by_sheet, written = give_rows(template, tables.values(), units), 0
    for code, table in tables.items():
        # The column of a city stands as far behind the first one as its row does.
        shift = table.area.c1 - table.ids.r1 - 1
        for link in links[code]:
            start_row, end_row = table.rows[link.start], table.rows[link.end]
            changed = {
                position: link.value
                for position in ((start_row, end_row + shift), (end_row, start_row + shift))
                if link.value == link.value
                and template.book.value(table.sheet, *position) != link.value
            }
            cells_by_sheet[table.sheet] |= changed
            written += bool(changed)
    return {sheet: cells for sheet, cells in cells_by_sheet.items() if cells}, written


def _matrix_table(template: Template, name: str) -> InputTable:
    """Return a matrix as a table of inputs: the row of every city that has one."""
    area = template.area(name)
    # No row closes it: its last one is a city's.
    ids = replace(area, c2=area.c1, r2=area.r2 + 1)
    rows = {
        unit: row
        for row in range(area.r2, area.r1, -1)
        if (unit := plain_text(template.book.value(area.sheet, row, area.c1)))
    }
    ties = replace(area, c1=area.c1 + LEFT - ID)
    return InputTable(ids, ties, rows, {}, "Empty the row of a city that is not scored.")
