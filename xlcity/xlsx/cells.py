"""Reads the cells of a workbook: values, formulas, arrays and names.

Written for speed (tens of thousands of cells in a fraction of a second) and for what three
programs write: Excel, WPS and LibreOffice put attributes in any order, share formulas, and spell
function names in either case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from xlcity.errors import CellValue, Problem, Where, WorkbookError
from xlcity.xlsx import scan
from xlcity.xlsx.address import Area, parse_area, parse_cell, parse_range
from xlcity.xlsx.formula import SharedFormula
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import (
    damaged,
    decode,
    local,
    parse_part,
    relationships,
    sheet_parts,
    workbook_part,
)
from xlcity.xlsx.text import cell_text, date_serial, error_value, xml_text

#: (row, column), both from 1.
Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes
    ----------
    value
        The stored value.
    formula
        The formula without ``=``; shared formulas are expanded. ``None`` for a constant and for
        the cells of an array range beside its anchor.
    array
        On the anchor of an array formula: its range, ``B2:D9``.
    in_array
        On the other cells of an array range: where the anchor is.
    style
        Index of the cell format.
    """

    value: CellValue
    formula: str | None = None
    array: str | None = None
    in_array: Position | None = None
    style: int = 0

    @property
    def computed(self) -> bool:
        """Whether a formula gives the value: its own, or that of an array range."""
        return self.formula is not None or self.in_array is not None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: cells that hold something or are formatted, by position."""

    name: str
    part: str
    state: str = "visible"
    cells: dict[Position, Cell] = field(default_factory=dict)

    def value(self, row: int, column: int) -> CellValue:
        """Return a stored value; a cell that is not there is blank."""
        cell = self.cells.get((row, column))
        return None if cell is None else cell.value

    def formulas(self) -> Iterator[tuple[Position, Cell]]:
        """Yield the cells a formula gives the value of, array members included."""
        for position, cell in self.cells.items():
            if cell.computed:
                yield position, cell


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook's sheets and names.

    Attributes
    ----------
    sheets
        Name -> sheet, in the order of the tabs.
    names
        Workbook-level defined names -> their formula, without ``=``.
    local_names
        (sheet, name) -> formula of the names that belong to one sheet.
    """

    sheets: dict[str, Sheet]
    names: dict[str, str] = field(default_factory=dict)
    local_names: dict[tuple[str, str], str] = field(default_factory=dict)
    file: str | None = None

    def value(self, sheet: str, row: int, column: int) -> CellValue:
        """Return a stored value; a cell or sheet that is not there is blank."""
        found = self.sheets.get(sheet)
        return None if found is None else found.value(row, column)

    def block(self, area: Area) -> list[list[CellValue]]:
        """Return the stored values of an area, row by row."""
        sheet = self.sheets[area.sheet]
        columns = range(area.c1, area.c2 + 1)
        return [[sheet.value(r, c) for c in columns] for r in range(area.r1, area.r2 + 1)]


def read_book(package: Package) -> Book:
    """Read all cells and names of a workbook.

    Raises
    ------
    WorkbookError
        If a part the workbook points to is absent or cannot be read.
    """
    main = workbook_part(package.parts)
    if main is None:
        raise damaged("there is no workbook part", package.name)
    root = parse_part(package.parts, main, package.name)
    tabs = [e.get("name", "") for e in root.iter() if local(e.tag) == "sheet"]
    names: dict[str, str] = {}
    local_names: dict[tuple[str, str], str] = {}
    date1904 = False
    for element in root.iter():
        tag = local(element.tag)
        if tag == "definedName":
            text = (element.text or "").strip().removeprefix("=")
            owner = element.get("localSheetId")
            if owner is None:
                names[element.get("name", "")] = text
            elif owner.isdigit() and int(owner) < len(tabs):
                local_names[tabs[int(owner)], element.get("name", "")] = text
        elif tag == "workbookPr":
            date1904 = element.get("date1904") in ("1", "true")
    strings = _shared_strings(package, main)
    sheets = {
        tab.name: Sheet(
            tab.name,
            tab.part,
            tab.state,
            _SheetReader(package, tab.part, tab.name, strings, date1904).read(),
        )
        for tab in sheet_parts(package.parts, main, root, package.name)
    }
    return Book(sheets, names, local_names, package.name)


def resolve(book: Book, name: str, sheet: str | None = None) -> Area:
    """Return the range a defined name stands for.

    Parameters
    ----------
    book
        The workbook.
    name
        The name; upper and lower case are one.
    sheet
        Look at this sheet's own names first.

    Raises
    ------
    WorkbookError
        If there is no such name, or it is not one range on a sheet of the workbook.
    """
    text = None
    if sheet is not None:
        text = _find({n: t for (s, n), t in book.local_names.items() if s == sheet}, name)
    if text is None:
        text = _find(book.names, name)
    where = Where(file=book.file)
    if text is None:
        message = f"the workbook has no defined name {name!r}."
        hint = "Names are found in Formulas > Name Manager; restore it from the template."
        raise WorkbookError(Problem("XC410", message, hint, where))
    area = parse_area(text)
    if area is None or area.sheet not in book.sheets:
        message = f"the name {name!r} is not one range of cells: it says {text!r}."
        hint = "Let it point to the range again (Formulas > Name Manager)."
        raise WorkbookError(Problem("XC411", message, hint, where))
    return area


def _find(names: dict[str, str], name: str) -> str | None:
    if name in names:
        return names[name]
    folded = name.casefold()
    return next((text for key, text in names.items() if key.casefold() == folded), None)


def _shared_strings(package: Package, main: str) -> list[str]:
    for kind, part in relationships(package.parts, main, package.name).values():
        if kind == "sharedStrings" and part in package.parts:
            root = parse_part(package.parts, part, package.name)
            return [cell_text(_item_text(item)) for item in root if local(item.tag) == "si"]
    return []


def _item_text(item: ET.Element) -> str:
    """Return plain or rich text; phonetic guides (furigana, pinyin) are no part of it."""
    pieces = []
    for child in item:
        tag = local(child.tag)
        if tag == "t":
            pieces.append(child.text or "")
        elif tag == "r":
            pieces += [run.text or "" for run in child if local(run.tag) == "t"]
    return "".join(pieces)


class _SheetReader:
    def __init__(
        self, package: Package, part: str, sheet: str, strings: list[str], date1904: bool
    ) -> None:
        self.xml = decode(package.parts, part, package.name)
        patterns = scan.grammar(self.xml)
        if patterns is None:
            raise damaged(f"the part {part} is no worksheet", package.name, sheet)
        self.patterns = patterns
        self.file, self.sheet = package.name, sheet
        self.strings, self.date1904 = strings, date1904
        self.shared: dict[str, SharedFormula] = {}
        self.arrays: list[tuple[Position, str]] = []
        self.cells: dict[Position, Cell] = {}

    def read(self) -> dict[Position, Cell]:
        data = self.patterns.data.search(self.xml)
        if data is None or data[2] is None:
            return self.cells
        try:
            for row in scan.rows(self.xml, self.patterns, data.start(2), data.end(2)):
                for cell in scan.cells(self.xml, self.patterns, row):
                    self._cell(row.number, cell)
            self._fill_arrays()
        except (ValueError, IndexError, KeyError) as error:
            raise damaged(f"a cell cannot be read ({error})", self.file, self.sheet) from error
        return self.cells

    def _cell(self, row: int, span: scan.Span) -> None:
        head = scan.attributes(span.head)
        style = int(head.get("s", "0"))
        position = row, span.number
        inner = span.inner
        if not inner:
            kind = head.get("t")
            self.cells[position] = Cell("" if kind == "str" else None, style=style)
            return
        formula = array = None
        if "f" in inner:
            match = self.patterns.formula.search(inner)
            if match is not None:
                formula, array = self._formula(position, match[1], match[2])
                inner = inner[match.end() :]
        value = self._value(head.get("t", "n"), inner)
        self.cells[position] = Cell(value, formula, array, None, style)

    def _formula(
        self, position: Position, head: str | None, body: str | None
    ) -> tuple[str | None, str | None]:
        text = xml_text(body).strip() if body else ""
        if not head:
            return text.removeprefix("="), None
        attributes = scan.attributes(head)
        kind = attributes.get("t")
        if kind == "shared":
            index = attributes.get("si", "")
            if text:
                self.shared[index] = SharedFormula(text.removeprefix("="), *position)
            return self.shared[index].at(*position), None
        if kind == "dataTable":
            # A what-if table is no formula: no engine but Excel fills it, its values are kept.
            return None, None
        if kind == "array":
            ref = attributes.get("ref", "").replace("$", "")
            self.arrays.append((position, ref))
            return text.removeprefix("="), ref
        return text.removeprefix("="), None

    def _value(self, kind: str, inner: str) -> CellValue:
        if kind == "inlineStr":
            match = self.patterns.inline.search(inner)
            if match is None:
                return ""
            body = self.patterns.phonetic.sub("", match[2] or "")
            return cell_text("".join(t[2] or "" for t in self.patterns.text.finditer(body)))
        match = self.patterns.value.search(inner)
        raw = (match[2] or "") if match is not None else ""
        if kind == "str":
            return cell_text(raw)
        raw = raw.strip()
        if not raw:
            return None
        if kind == "n":
            return float(raw)
        if kind == "s":
            return self.strings[int(raw)]
        if kind == "b":
            return raw in ("1", "true")
        if kind == "e":
            return error_value(xml_text(raw))
        if kind == "d":
            return date_serial(raw, date1904=self.date1904)
        raise ValueError(f"type {kind!r}")

    def _fill_arrays(self) -> None:
        """Mark the cells of array ranges; those that have no element of their own are added."""
        for anchor, ref in self.arrays:
            r1, c1, r2, c2 = parse_range(ref) if ref else (*anchor, *anchor)
            for row in range(r1, r2 + 1):
                for column in range(c1, c2 + 1):
                    position = row, column
                    if position == anchor:
                        continue
                    old = self.cells.get(position)
                    if old is None:
                        self.cells[position] = Cell(None, in_array=anchor)
                    elif old.formula is None:
                        self.cells[position] = Cell(old.value, None, None, anchor, old.style)


__all__ = ["Book", "Cell", "Position", "Sheet", "parse_cell", "read_book", "resolve"]
