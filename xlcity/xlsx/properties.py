"""Reads the properties of a workbook: calculation, windows, protection, hidden rows, links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from xlcity.xlsx import scan
from xlcity.xlsx.address import column_letters
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import is_on, local, refusing_damage
from xlcity.xlsx.styles import StyleReader

#: Rows and columns up to this size, in points and in characters, show nothing.
_NO_HEIGHT, _NO_WIDTH = 1.0, 0.2
_ROW = re.compile(r"<(?:\w+:)?row\b([^>]*)>")
_COLUMN = re.compile(r"<(?:\w+:)?col\b([^>]*?)/?>")
_DEFAULTS = re.compile(r"<(?:\w+:)?sheetFormatPr\b([^>]*?)/?>")
_PROTECTION = re.compile(r"<(?:\w+:)?sheetProtection\b([^>]*)>")


@dataclass(frozen=True, slots=True)
class Format:
    """A cell format.

    Attributes
    ----------
    locked, hidden
        Whether protection of the sheet locks the cell, and hides its formula.
    style
        The named style.
    invisible
        Whether its text has the colour of its fill.
    """

    locked: bool = True
    style: str = "Normal"
    invisible: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class WorkbookProperties:
    """The properties of a workbook.

    Attributes
    ----------
    protected
        The protected sheets.
    states
        Sheet -> visible, hidden or veryHidden.
    hidden_rows, hidden_columns
        Sheet -> numbers from 1; those too small to show anything count as hidden.
    formats
        The cell formats by index.
    iterates
        Whether circular formulas are iterated.
    links, connections
        Files that are linked, and how many data connections there are.
    """

    protected: frozenset[str] = frozenset()
    states: Mapping[str, str] = field(default_factory=dict)
    hidden_rows: Mapping[str, frozenset[int]] = field(default_factory=dict)
    hidden_columns: Mapping[str, frozenset[int]] = field(default_factory=dict)
    formats: tuple[Format, ...] = (Format(),)
    iterates: bool = False
    links: tuple[str, ...] = ()
    connections: int = 0

    def format(self, index: int) -> Format:
        """Return a cell format by its number."""
        return self.formats[index] if index < len(self.formats) else Format()

    def hidden(self, sheet: str, row: int, column: int) -> str:
        """Return how a cell is hidden: "", "sheet", "row 5" or "column C"."""
        if self.states.get(sheet, "visible") != "visible":
            return "sheet"
        if row in self.hidden_rows.get(sheet, ()):
            return f"row {row}"
        if column in self.hidden_columns.get(sheet, ()):
            return f"column {column_letters(column)}"
        return ""


@refusing_damage("hidden rows or formats")
def read_properties(package: Package) -> WorkbookProperties:
    """Return the properties of a workbook.

    Raises
    ------
    WorkbookError
        If a part cannot be read.
    """
    calculation = next(
        (e for e in package.workbook.iter() if local(e.tag) == "calcPr"), ET.Element("none")
    )
    protected: set[str] = set()
    rows: dict[str, frozenset[int]] = {}
    columns: dict[str, frozenset[int]] = {}
    for tab in package.sheets:
        xml = package.text(tab.part)
        head, rest = scan.split_around_rows(xml)
        protection = _PROTECTION.search(rest or xml)
        if protection and is_on(scan.parse_attributes(protection[1]).get("sheet")):
            protected.add(tab.name)
        rows[tab.name] = frozenset(_find_hidden_rows(xml))
        columns[tab.name] = frozenset(_find_hidden_columns(head))
    return WorkbookProperties(
        protected=frozenset(protected),
        states={tab.name: tab.state for tab in package.sheets},
        hidden_rows=rows,
        hidden_columns=columns,
        formats=_read_formats(package),
        iterates=is_on(calculation.get("iterate")),
        links=tuple(_read_links(package)),
        connections=sum(part.endswith("connections.xml") for part in package.parts),
    )


def _find_hidden_rows(xml: str) -> Iterator[int]:
    """Yield the rows of a sheet's XML that are hidden or have no height."""
    if "hidden" not in xml and "customHeight" not in xml:
        return
    number = 0
    for match in _ROW.finditer(xml):
        head = scan.parse_attributes(match[1])
        number = int(head.get("r", number + 1))
        if is_on(head.get("hidden")) or float(head.get("ht", _NO_HEIGHT + 1)) <= _NO_HEIGHT:
            yield number


def _find_hidden_columns(xml: str) -> Iterator[int]:
    """Yield the columns of a sheet's XML that are hidden or have no width."""
    for match in _COLUMN.finditer(xml):
        head = scan.parse_attributes(match[1])
        if is_on(head.get("hidden")) or float(head.get("width", _NO_WIDTH + 1)) <= _NO_WIDTH:
            yield from range(int(head["min"]), int(head["max"]) + 1)


def have_no_size(head: str) -> tuple[bool, bool]:
    """Return whether rows, and columns, that a sheet does not list are hidden by its defaults.

    `head` is the XML before the rows.
    """
    match = _DEFAULTS.search(head)
    defaults = scan.parse_attributes(match[1]) if match else {}
    width = float(defaults.get("defaultColWidth", _NO_WIDTH + 1))
    return is_on(defaults.get("zeroHeight")), width <= _NO_WIDTH


def _read_formats(package: Package) -> tuple[Format, ...]:
    """Return the cell formats of a workbook by index."""
    styles = package.styles
    names = {e.get("xfId"): e.get("name", "") for e in styles.entries("cellStyles")}
    formats = []
    for number, xf in enumerate(styles.entries("cellXfs")):
        look = styles.look(number)
        invisible = look.get("colour", "000000") == look.get("fill", "FFFFFF")
        name = names.get(xf.get("xfId", "0"), "Normal")
        formats.append(Format("unlocked" not in look, name, invisible, "hidden" in look))
    return tuple(formats) or (Format(),)


def _read_links(package: Package) -> Iterator[str]:
    """Yield the files that external references point to."""
    for part in package.parts:
        if re.search(r"externalLinks/_rels/[^/]+\.rels\Z", part):
            for element in package.root(part):
                yield element.get("Target", "")


ORDER, THEME, PROPERTY = "order of sheets", "theme colours", "property"
_CORE = "docProps/core.xml"
#: Properties that people set; programs write the others, and an author where none is.
_PROPERTIES = ("title", "subject", "description", "keywords", "category")


@refusing_damage("settings")
def read_book_settings(package: Package, looks: StyleReader) -> Iterator[tuple[str, str, str]]:
    """Yield kind ("setting" or `PROPERTY`), name and text of settings, "" for defaults."""
    none = ET.Element("none")
    elements = {local(e.tag): e for e in reversed(list(package.workbook.iter()))}
    calculation, book, view, structure, sheets = (
        elements.get(tag, none)
        for tag in ("calcPr", "workbookPr", "workbookView", "workbookProtection", "sheets")
    )
    mode = calculation.get("calcMode", "auto")
    settings = {
        "calculation mode": "" if mode == "auto" else mode,
        "precision": "as displayed" if calculation.get("fullPrecision") in ("0", "false") else "",
        "iterative calculation": "on" if is_on(calculation.get("iterate")) else "",
        "first day": "1904-01-01" if is_on(book.get("date1904")) else "",
        ORDER: ", ".join(e.get("name", "") for e in sheets),
        "window": "" if view.get("visibility", "visible") == "visible" else "hidden",
        "sheet tabs": "" if is_on(view.get("showSheetTabs", "1")) else "hidden",
        "structure": "locked" if is_on(structure.get("lockStructure")) else "",
        THEME: ", ".join(" ".join(pair) for pair in looks.theme.items()),
    }
    kinds = {link.kind for link in package.relations(package.workbook_part) if not link.external}
    settings["macros"] = "there" if "vbaProject" in kinds else ""
    for part in package.related(package.workbook_part, "connections"):
        links = package.root(part)
        settings["data connections"] = ", ".join(e.get("name", "connection") for e in links)
    for what, text in settings.items():
        yield "setting", what, text
    if _CORE in package.parts:
        for element in package.root(_CORE):
            if local(element.tag) in _PROPERTIES:
                yield PROPERTY, local(element.tag), " ".join((element.text or "").split())
