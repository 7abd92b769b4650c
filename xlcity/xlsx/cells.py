"""Reads the cells of a workbook: values, formulas, arrays and names.

Written for speed and for what three programs write: Excel, WPS and LibreOffice put attributes in
any order, share formulas, and spell function names in either case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from xml.etree import ElementTree as ET

from xlcity.errors import CellValue, Where, WorkbookError
from xlcity.messages import Message
from xlcity.xlsx.address import Range, parse_area
from xlcity.xlsx.formulas.structured import TableArea, read_tables
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import SheetPart, damage_error, is_on, local
from xlcity.xlsx.read_sheet import (
    MOST_FILLED,
    ReadSheet,
    ValueDecoder,
    read_cells,
    read_values,
)
from xlcity.xlsx.scan import find_prefix
from xlcity.xlsx.table import Cell, CellTable, Position
from xlcity.xlsx.text import require_well_formed, unescaped

#: Most cells of a range that a name of a template may mean; all of them are read.
MOST_NAMED = 1 << 22


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, part and state, and the cells that are filled or formatted."""

    name: str
    part: str
    state: str
    cells: CellTable

    def value(self, row: int, column: int) -> CellValue:
        """Return the stored value of a cell; None for one that is not in the file."""
        return self.cells.value((row, column))

    def values(self, positions: Iterable[Position]) -> list[CellValue]:
        """Return the stored values of cells by (row, column), None for those not in the file."""
        return self.cells.values_at(positions)

    def within(self, area: Range) -> list[Position]:
        """Return the positions of an area, row by row; in a large area only those in the file."""
        if area.rows * area.columns <= len(self.cells):
            return list(area.positions)
        rows = area.row_numbers
        columns = area.column_numbers
        return sorted((r, c) for r, c in self.cells if r in rows and c in columns)

    def arrays(self) -> dict[Position, str]:
        """Return anchor -> range of the array formulas."""
        return {anchor: ref for anchor, ref in self.cells.arrays.items() if ref}


@dataclass(frozen=True, slots=True)
class ReadBook:
    """A workbook's sheets and names.

    Attributes
    ----------
    sheets
        Name -> sheet, in the order of the tabs.
    names
        Workbook-level defined names -> their formula, without ``=``.
    local_names
        (sheet, name) -> formula of the names that belong to one sheet.
    file
        Its path, for messages.
    tables
        Its tables by their name in upper case.
    """

    sheets: dict[str, Sheet]
    names: dict[str, str] = field(default_factory=dict)
    local_names: dict[tuple[str, str], str] = field(default_factory=dict)
    file: str | None = None
    tables: dict[str, TableArea] = field(default_factory=dict)

    def value(self, sheet: str, row: int, column: int) -> CellValue:
        """Return the stored value of a cell; None for one, or a sheet, that is not there."""
        read_sheet = self.sheets.get(sheet)
        return None if read_sheet is None else read_sheet.value(row, column)

    def block(self, area: Range) -> list[list[CellValue]]:
        """Return the stored values of an area, row by row."""
        values = self.sheets[area.sheet].values(area.positions)
        width = area.columns
        return [values[start : start + width] for start in range(0, len(values), width)]


#: Sheets by part and extent, as they were read last; all their XML takes so many bytes.
READ_LATELY: dict[tuple[str, bytes], ReadSheet] = {}
#: The extent of a sheet, which programs write first.
_DIMENSION = re.compile(rb'<dimension ref="([^"]*)"')
_HEAD_BYTES = 1 << 12
_MOST_KEPT_BYTES = 1 << 25
_KEEPING = Lock()


def read_book(package: Package) -> ReadBook:
    """Read all cells and names of a workbook.

    Of a sheet that is the same but for values as one read lately, in an earlier save or another
    copy of a template, no more is read.

    Raises
    ------
    WorkbookError
        If a part the workbook points to is absent or cannot be read.
    """
    names = read_names(package)
    decoder = ValueDecoder(_read_shared_strings(package), counts_from_1904(package))
    sheets: dict[str, Sheet] = {}
    cells_by_part: dict[str, CellTable] = {}
    fillable_cells_left = MOST_FILLED  # by array formulas of the sheets not read yet
    for tab in package.sheets:
        if (cells := cells_by_part.get(tab.part)) is None:
            cells = cells_by_part[tab.part] = _read_table(
                package, tab, decoder, fillable_cells_left
            )
        fillable_cells_left -= len(cells.members)
        sheets[tab.name] = Sheet(tab.name, tab.part, tab.state, cells)
    return ReadBook(sheets, *names, package.name, read_tables(package))


def counts_from_1904(package: Package) -> bool:
    """Return whether day 0 of a workbook's dates is 1904-01-01."""
    properties = package.workbook.find("{*}workbookPr")
    return properties is not None and is_on(properties.get("date1904"))


def _read_table(
    package: Package, tab: SheetPart, decoder: ValueDecoder, fill_limit: int
) -> CellTable:
    """Return the cells of a sheet; `WorkbookError` if one cannot be read.

    Those of a sheet read lately serve again, unless their array formulas fill more cells than
    `fill_limit`: reading them again raises the error.
    """
    data = package.parts.get(tab.part, b"")
    size = _DIMENSION.search(data, 0, _HEAD_BYTES)
    key = tab.part, b"" if size is None else size[1]
    sheet_alike = READ_LATELY.get(key)
    try:
        table = None if sheet_alike is None else read_values(sheet_alike, data, decoder)
        if table is not None and len(table.members) <= fill_limit:
            _keep_sheet(key, ReadSheet(data, table, decoder))
            return table
        xml = package.text(tab.part)
        if package.is_from_file:
            # Patterns overlook cells of broken XML, which would be lost without a word.
            require_well_formed(xml)
        if find_prefix(xml) is None:
            message = Message("damage.no_worksheet", part=tab.part)
            raise damage_error(message, package.name, tab.name)
        table = read_cells(xml, decoder, fill_limit, Where(package.name, tab.name))
    except (ValueError, IndexError, KeyError) as error:
        message = Message("damage.cell", error=error)
        raise damage_error(message, package.name, tab.name) from error
    if table.elements:
        _keep_sheet(key, ReadSheet(data, table, decoder))
    return table


def _keep_sheet(key: tuple[str, bytes], sheet: ReadSheet) -> None:
    """Keep a sheet for the next one like it; those not used for longest go."""
    with _KEEPING:
        READ_LATELY.pop(key, None)
        READ_LATELY[key] = sheet
        while sum(len(read.data) for read in READ_LATELY.values()) > _MOST_KEPT_BYTES:
            READ_LATELY.pop(next(iter(READ_LATELY)))


def read_names(
    package: Package,
) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Return the defined names of a workbook and their formulas, without "=".

    Those of the whole workbook by name, and those of one sheet by (sheet, name). A name that is
    defined twice for different areas, which no program writes, is both areas: not one range.
    """
    sheet_names = [
        sheet.get("name", "") for sheet in package.workbook.iterfind(".//{*}sheet")
    ]
    names: dict[str, str] = {}
    local_names: dict[tuple[str, str], str] = {}
    for element in package.workbook.iterfind(".//{*}definedName"):
        name = element.get("name", "")
        text = (element.text or "").strip().removeprefix("=")
        if (owner := element.get("localSheetId")) is None:
            is_other = name in names and names[name] != text
            names[name] = f"{names[name]},{text}" if is_other else text
        elif owner.isdigit() and int(owner) < len(sheet_names):
            local_names[sheet_names[int(owner)], name] = text
    return names, local_names


def resolve(book: ReadBook, name: str) -> Range:
    """Return the range that a defined name means.

    Parameters
    ----------
    book
        The workbook.
    name
        The name; capitals are ignored.

    Raises
    ------
    WorkbookError
        If there is no such name, or it is not one range on a sheet of the workbook.
    """
    if (text := book.names.get(name)) is None:
        texts = (
            text
            for key, text in book.names.items()
            if key.casefold() == name.casefold()
        )
        text = next(texts, None)
    where = Where(file=book.file)
    if text is None:
        hint = Message("hint.restore_name")
        raise WorkbookError.of("XC410.no_name", where, hint=hint, name=name)
    area = parse_area(text)
    if area is None or area.sheet not in book.sheets:
        message = Message("XC411.no_range", name=name, text=text)
        hint = Message("XC411.no_range.hint")
        raise WorkbookError(message, hint, "XC411", where)
    if area.rows * area.columns > MOST_NAMED:
        message = Message(
            "XC411.too_many_cells",
            name=name,
            cells=area.rows * area.columns,
            text=text,
        )
        hint = Message("XC411.too_many_cells.hint")
        raise WorkbookError(message, hint, "XC411", where)
    return area


def find_area(book: ReadBook, name: str) -> Range | None:
    """Return the range that a defined name means, None where `resolve` raises."""
    try:
        return resolve(book, name)
    except WorkbookError:
        return None


def _read_shared_strings(package: Package) -> list[str]:
    """Return the shared strings of a workbook in the order in which cells number them."""
    for part in package.related(package.workbook_part, "sharedStrings"):
        return [
            unescaped(_string_text(e))
            for e in package.root(part)
            if local(e.tag) == "si"
        ]
    return []


def _string_text(string: ET.Element) -> str:
    """Return the text of a shared string (<si>), plain or rich, without phonetic guides."""
    pieces = []
    for child in string:
        tag = local(child.tag)
        if tag == "t":
            pieces.append(child.text or "")
        elif tag == "r":
            pieces.append(child.findtext("{*}t", ""))
    return "".join(pieces)


__all__ = ["Cell", "Position", "ReadBook", "Sheet", "read_book"]
