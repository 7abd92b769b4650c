"""What a workbook has beside its formulas that decides what they give."""

from __future__ import annotations

import re

from xlcity.xlsx.address import parse_cell
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import workbook_part

_DATA_TABLE = re.compile(rb"<(?:\w+:)?f\s[^>]*\bt=[\"']dataTable[\"']")
_DISPLAYED = re.compile(rb"<(?:\w+:)?calcPr\s[^>]*\bfullPrecision=[\"'](?:0|false)[\"']")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*\bhidden=[\"'](?:1|true)[\"']")
_SKIPS_HIDDEN = re.compile(rb"\b(?:SUBTOTAL|AGGREGATE)\(", re.I)
#: A kind of formula that no program writes, or an array formula that says no range.
_ODD = re.compile(
    rb"<(?:\w+:)?f\s(?:(?=[^>]*\bt=[\"'])(?![^>]*\bt=[\"'](?:normal|array|shared|dataTable)[\"'])"
    rb"|(?=[^>]*\bt=[\"']array[\"'])(?![^>]*\bref=))"
)
#: A cell whose formula Excel spills over as many cells as it gives values.
_DYNAMIC = re.compile(rb"<(?:\w+:)?c\s(?=[^>]*\bcm=[\"'][1-9])[^>]*\br=[\"']([A-Z]+[0-9]+)[\"']")


def spilling_cells(package: Package, book: ReadBook) -> dict[str, frozenset[Position]]:
    """Return the cells of each sheet whose formulas are dynamic arrays."""
    found = {}
    for sheet in book.sheets.values():
        data = package.parts.get(sheet.part, b"")
        if b"cm=" in data:
            cells = (parse_cell(name.decode()) for name in _DYNAMIC.findall(data))
            found[sheet.name] = frozenset(cell for cell in cells if cell is not None)
    return found


def features(package: Package) -> list[str]:
    """Return, in words, what no engine here takes into account."""
    found = set()
    for name, data in package.parts.items():
        if "/worksheets/" not in name or not name.endswith(".xml"):
            continue
        if b"dataTable" in data and _DATA_TABLE.search(data):
            found.add("a what-if data table")
        if _ODD.search(data):
            found.add("a formula of an unknown kind")
        if b"hidden=" in data and _SKIPS_HIDDEN.search(data) and _HIDDEN_ROW.search(data):
            found.add("SUBTOTAL over hidden rows")
    main = workbook_part(package.parts)
    if main is not None and _DISPLAYED.search(package.parts[main]):
        found.add("precision as displayed")
    return sorted(found)
