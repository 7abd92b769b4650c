"""Reads the properties of a workbook: calculation, protection, formats, links; hidden rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from xlcity.xlsx.address import column_letters, find_runs
from xlcity.xlsx.features import cut_rows_out, read_row_attributes
from xlcity.xlsx.package import Package
from xlcity.xlsx.page_settings import read_attributes
from xlcity.xlsx.parts import SheetPart, is_on, local, refusing_damage
from xlcity.xlsx.styles import StyleReader

#: Rows and columns up to this size, in points and in characters, show nothing.
_NO_HEIGHT, _NO_WIDTH = 1.0, 0.2


@dataclass(frozen=True, slots=True)
class Format:
    """A cell format.

    Attributes
    ----------
    locked, hidden
        Whether protection of the sheet locks the cell, and hides its formula.
    style
        The named style.
    """

    locked: bool = True
    style: str = "Normal"
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class WorkbookProperties:
    """The properties of a workbook.

    Attributes
    ----------
    protected
        The protected sheets.
    formats
        The cell formats by index.
    iterates
        Whether circular formulas are iterated.
    links, connections
        Files that are linked, and how many data connections there are.
    """

    protected: frozenset[str] = frozenset()
    formats: tuple[Format, ...] = (Format(),)
    iterates: bool = False
    links: tuple[str, ...] = ()
    connections: int = 0

    def format(self, index: int) -> Format:
        """Return a cell format by its number."""
        return self.formats[index] if index < len(self.formats) else Format()


@refusing_damage("hidden rows or formats")
def read_properties(package: Package) -> WorkbookProperties:
    """Return the properties of a workbook.

    Raises
    ------
    WorkbookError
        If a part cannot be read.
    """
    return WorkbookProperties(
        protected=frozenset(s.name for s in package.sheets if _is_protected(package, s)),
        formats=_read_formats(package),
        iterates=is_on(read_attributes(package.workbook, "calcPr").get("iterate")),
        links=tuple(_read_links(package)),
        connections=sum(part.endswith("connections.xml") for part in package.parts),
    )


def _is_protected(package: Package, sheet: SheetPart) -> bool:
    """Return whether a sheet is protected; its XML is parsed only if it may be."""
    xml = package.text(sheet.part)
    if "sheetProtection" not in xml:
        return False
    return is_on(read_attributes(ET.fromstring(cut_rows_out(xml)), "sheetProtection").get("sheet"))


def describe_hidden_lines(xml: str, root: ET.Element) -> Iterator[tuple[str, str]]:
    """Yield "hidden rows" and "hidden columns", each with those of a sheet: "3-5, 9" or "".

    Those too small to show anything count as hidden. `xml` is the sheet, `root` that around its
    rows.
    """
    defaults = read_attributes(root, "sheetFormatPr")
    columns = (
        number
        for column in root.iterfind("{*}cols/{*}col")
        if _is_hidden(column.attrib, "width", _NO_WIDTH)
        for number in range(int(column.attrib["min"]), int(column.attrib["max"]) + 1)
    )
    has_no_width = float(defaults.get("defaultColWidth", _NO_WIDTH + 1)) <= _NO_WIDTH
    lines: tuple[tuple[str, Iterator[int], Callable[[int], str], bool], ...] = (
        ("hidden rows", _find_hidden_rows(xml), str, is_on(defaults.get("zeroHeight"))),
        ("hidden columns", columns, column_letters, has_no_width),
    )
    for what, numbers, spell_number, hides_others in lines:
        runs = ("-".join(map(spell_number, dict.fromkeys(run))) for run in find_runs(numbers))
        yield what, ", ".join([*runs, *["all that are not listed"] * hides_others])


def _find_hidden_rows(xml: str) -> Iterator[int]:
    """Yield the numbers of a sheet's rows that are hidden or too low to show anything."""
    for number, attributes in read_row_attributes(xml):
        if _is_hidden(attributes, "ht", _NO_HEIGHT):
            yield number


def _is_hidden(attributes: Mapping[str, str], size: str, least: float) -> bool:
    """Return whether a row or column, by its attributes, is hidden or too small to show anything.

    `size` is the attribute with its height or width; a size up to `least` shows nothing.
    """
    return is_on(attributes.get("hidden")) or float(attributes.get(size, least + 1)) <= least


def _read_formats(package: Package) -> tuple[Format, ...]:
    """Return the cell formats of a workbook in the order in which cells number them."""
    styles = package.styles
    names = {e.get("xfId"): e.get("name", "") for e in styles.entries("cellStyles")}
    formats = []
    for number, xf in enumerate(styles.entries("cellXfs")):
        look = styles.look(number)
        name = names.get(xf.get("xfId", "0"), "Normal")
        formats.append(Format("unlocked" not in look, name, "hidden" in look))
    return tuple(formats) or (Format(),)


def _read_links(package: Package) -> Iterator[str]:
    """Yield the paths of the other workbooks to which external references of formulas point."""
    for part in package.parts:
        if re.search(r"externalLinks/_rels/[^/]+\.rels\Z", part):
            for element in package.root(part):
                yield element.get("Target", "")


ORDER, THEME, PROPERTY = "order of sheets", "theme colours", "property"
_CORE = "docProps/core.xml"
#: Properties that people set; programs write the others, and an author where none is.
_PROPERTIES = ("title", "subject", "description", "keywords", "category")


@refusing_damage("settings")
def read_book_settings(package: Package, styles: StyleReader) -> dict[tuple[str, str], str]:
    """Return the settings of a workbook: kind ("setting" or `PROPERTY`) and name -> text.

    The text is "" for a default.
    """
    calculation, book, view, structure = (
        read_attributes(package.workbook, path)
        for path in ("calcPr", "workbookPr", "bookViews/workbookView", "workbookProtection")
    )
    sheets = package.workbook.iterfind("{*}sheets/{*}sheet")
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
        THEME: ", ".join(" ".join(pair) for pair in styles.theme.items()),
    }
    kinds = {link.kind for link in package.relations(package.workbook_part) if not link.external}
    settings["macros"] = "there" if "vbaProject" in kinds else ""
    for part in package.related(package.workbook_part, "connections"):
        links = package.root(part)
        settings["data connections"] = ", ".join(e.get("name", "connection") for e in links)
    texts = {("setting", name): text for name, text in settings.items()}
    for element in package.root(_CORE) if _CORE in package.parts else ():
        if local(element.tag) in _PROPERTIES:
            texts[PROPERTY, local(element.tag)] = " ".join((element.text or "").split())
    return texts
