"""Reads the settings of a workbook, the files it is linked to, and hidden rows and columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from xlcity.xlsx.address import column_letters, find_runs
from xlcity.xlsx.features import Features, read_line
from xlcity.xlsx.package import Package
from xlcity.xlsx.page_settings import read_attributes
from xlcity.xlsx.parts import is_on, local, refusing_damage, relation_id
from xlcity.xlsx.styles import StyleReader

#: Rows and columns up to this size, in points and in characters, show nothing.
_NO_HEIGHT = 1.0
_NO_WIDTH = 0.2


def describe_hidden_lines(features: Features) -> Iterator[tuple[str, str]]:
    """Yield "hidden rows" and "hidden columns", each with those of a sheet: "3-5, 9" or "".

    Those too small to show anything count as hidden.
    """
    defaults = read_attributes(features.root, "sheetFormatPr")
    columns = (
        number
        for column in features.root.iterfind("{*}cols/{*}col")
        if read_line(column.attrib, "width").shows_nothing(_NO_WIDTH)
        for number in range(int(column.attrib["min"]), int(column.attrib["max"]) + 1)
    )
    has_no_width = float(defaults.get("defaultColWidth", _NO_WIDTH + 1)) <= _NO_WIDTH
    rows = (n for n, line in features.rows.items() if line.shows_nothing(_NO_HEIGHT))
    lines: tuple[tuple[str, Iterator[int], Callable[[int], str], bool], ...] = (
        ("hidden rows", rows, str, is_on(defaults.get("zeroHeight"))),
        ("hidden columns", columns, column_letters, has_no_width),
    )
    for what, numbers, spell_number, hides_others in lines:
        runs = (
            "-".join(map(spell_number, dict.fromkeys(run)))
            for run in find_runs(numbers)
        )
        yield what, ", ".join([*runs, *["all that are not listed"] * hides_others])


class ExternalLink(NamedTuple):
    """What a number in the formulas of a workbook stands for: `[1]` is the first.

    Attributes
    ----------
    target
        The path of the other workbook; of a program that is asked its name and topic.
    is_program
        Whether values come from a running program (DDE, OLE), not from a file.
    """

    target: str
    is_program: bool = False


@refusing_damage("reads.links")
def read_external_links(package: Package) -> list[ExternalLink]:
    """Return the links of a workbook in the order in which formulas number them."""
    main = package.workbook_part
    parts = {link.id: link.target for link in package.relations(main)}
    listed = package.workbook.iterfind("{*}externalReferences/{*}externalReference")
    return [_read_link(package, parts.get(relation_id(entry), "")) for entry in listed]


def _read_link(package: Package, part: str) -> ExternalLink:
    """Return the link of a part; one without a target if there is no such part."""
    if part not in package.parts:
        return ExternalLink("")
    root = package.root(part)
    if (asked := root.find("{*}ddeLink")) is not None:
        words = asked.get("ddeService", ""), asked.get("ddeTopic", "")
        return ExternalLink("|".join(words), is_program=True)
    if (asked := root.find("{*}oleLink")) is not None:
        return ExternalLink(asked.get("progId", ""), is_program=True)
    return ExternalLink(next((link.target for link in package.relations(part)), ""))


ORDER = "order of sheets"
THEME = "theme colours"
PROPERTY = "property"
_CORE = "docProps/core.xml"
#: Properties that people set; programs write the others, and an author where none is.
_PROPERTIES = ("title", "subject", "description", "keywords", "category")


@refusing_damage("reads.settings")
def read_book_settings(
    package: Package, styles: StyleReader
) -> dict[tuple[str, str], str]:
    """Return the settings of a workbook: kind ("setting" or `PROPERTY`) and name -> text.

    The text is "" for a default.
    """
    calculation, book, view, structure = (
        read_attributes(package.workbook, path)
        for path in (
            "calcPr",
            "workbookPr",
            "bookViews/workbookView",
            "workbookProtection",
        )
    )
    sheets = package.workbook.iterfind("{*}sheets/{*}sheet")
    mode = calculation.get("calcMode", "auto")
    settings = {
        "calculation mode": "" if mode == "auto" else mode,
        "precision": "as displayed"
        if calculation.get("fullPrecision") in ("0", "false")
        else "",
        "iterative calculation": "on" if is_on(calculation.get("iterate")) else "",
        "first day": "1904-01-01" if is_on(book.get("date1904")) else "",
        ORDER: ", ".join(e.get("name", "") for e in sheets),
        "window": "" if view.get("visibility", "visible") == "visible" else "hidden",
        "sheet tabs": "" if is_on(view.get("showSheetTabs", "1")) else "hidden",
        "structure": "locked" if is_on(structure.get("lockStructure")) else "",
        THEME: ", ".join(" ".join(pair) for pair in styles.theme.items()),
    }
    kinds = {
        link.kind
        for link in package.relations(package.workbook_part)
        if not link.external
    }
    settings["macros"] = "there" if "vbaProject" in kinds else ""
    for part in package.related(package.workbook_part, "connections"):
        links = package.root(part)
        settings["data connections"] = ", ".join(
            e.get("name", "connection") for e in links
        )
    texts = {("setting", name): text for name, text in settings.items()}
    for element in package.root(_CORE) if _CORE in package.parts else ():
        if local(element.tag) in _PROPERTIES:
            texts[PROPERTY, local(element.tag)] = " ".join((element.text or "").split())
    return texts
