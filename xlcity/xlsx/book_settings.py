"""What a workbook says as a whole: how it computes, its window, macros, theme and properties."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from xlcity.xlsx.editing.style_copy import StyleReader
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import is_on, local, parse_part, reads, relationships, workbook_part

ORDER, THEME, PROPERTY = "order of sheets", "theme colours", "property"
_CORE = "docProps/core.xml"
#: Properties that people set; programs write the others, and an author where none is.
_PROPERTIES = ("title", "subject", "description", "keywords", "category")


@reads("settings")
def read_book_settings(package: Package, looks: StyleReader) -> Iterator[tuple[str, str, str]]:
    """Yield kind ("setting" or `PROPERTY`), name and text; what is usual has no text."""
    main = workbook_part(package.parts) or ""
    root = parse_part(package.parts, main, package.name)
    none = ET.Element("none")
    found = {local(e.tag): e for e in reversed(list(root.iter()))}
    calculation, book, view, structure, sheets = (
        found.get(tag, none)
        for tag in ("calcPr", "workbookPr", "workbookView", "workbookProtection", "sheets")
    )
    mode = calculation.get("calcMode", "auto")
    said = {
        "calculation mode": "" if mode == "auto" else mode,
        "precision": "as displayed" if calculation.get("fullPrecision") in ("0", "false") else "",
        "iterative calculation": "on" if is_on(calculation.get("iterate")) else "",
        "first day": "1904-01-01" if is_on(book.get("date1904")) else "",
        ORDER: ", ".join(e.get("name", "") for e in sheets),
        "window": "" if view.get("visibility", "visible") == "visible" else "hidden",
        "sheet tabs": "" if is_on(view.get("showSheetTabs", "1")) else "hidden",
        "structure": "locked" if is_on(structure.get("lockStructure")) else "",
        THEME: ", ".join(" ".join(pair) for pair in looks.theme().items()),
    }
    targets = dict(relationships(package.parts, main, package.name).values())
    said["macros"] = "there" if "vbaProject" in targets else ""
    if targets.get("connections") in package.parts:
        links = parse_part(package.parts, targets["connections"], package.name)
        said["data connections"] = ", ".join(e.get("name", "connection") for e in links)
    for what, text in said.items():
        yield "setting", what, text
    if _CORE in package.parts:
        for element in parse_part(package.parts, _CORE, package.name):
            if local(element.tag) in _PROPERTIES:
                yield PROPERTY, local(element.tag), " ".join((element.text or "").split())
