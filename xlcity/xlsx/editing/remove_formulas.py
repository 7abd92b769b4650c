"""Takes the formulas out of cells, so that something else can be written there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from xlcity.errors import Where, WorkbookError
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.editing import scan
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import decode


def remove_formulas(
    package: Package, book: ReadBook, cells: Mapping[str, Set[Position]]
) -> Package:
    """Return the package with cells whose formula is gone; their values stay.

    Parameters
    ----------
    package
        The workbook.
    book
        Its cells.
    cells
        Sheet -> positions.

    Raises
    ------
    WorkbookError
        If a cell's formula is shared with others, which would lose theirs.
    """
    parts = {}
    for name, positions in cells.items():
        part = book.sheets[name].part
        xml = decode(package.parts, part, package.name)
        patterns = scan.grammar(xml)
        data = patterns and patterns.data.search(xml)
        if patterns is None or not data or data[2] is None:
            continue
        edits = []
        for row in scan.rows(xml, patterns, data.start(2), data.end(2)):
            for cell in scan.cells(xml, patterns, row):
                if (row.number, cell.number) in positions and cell.inner:
                    found = patterns.formula.search(xml, cell.inner_start, cell.end)
                    if found is not None:
                        _require_own(found, package.name, name, (row.number, cell.number))
                        edits.append(found.span())
        for start, end in reversed(edits):
            xml = xml[:start] + xml[end:]
        parts[part] = xml.encode("utf-8")
    return package.replace(parts)


def _require_own(found: re.Match[str], file: str | None, sheet: str, at: Position) -> None:
    if scan.attributes(found[1] or "").get("t") == "shared":
        message = "the formula of this cell is shared with others."
        where = Where(file, sheet, cell_name(*at))
        raise WorkbookError(message, "Save the workbook, then try again.", "XC426", where)
