"""Reads the settings of a workbook, the files it is linked to, and hidden rows and columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
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
    has_no_height = is_on(defaults.get("zeroHeight"))
    has_no_width = float(defaults.get("defaultColWidth", _NO_WIDTH + 1)) <= _NO_WIDTH
    rows = find_runs(_hidden_rows(features))
    columns = find_runs(_hidden_columns(features))
    yield "hidden rows", _spell_runs(rows, str, hides_others=has_no_height)
    yield (
        "hidden columns",
        _spell_runs(columns, column_letters, hides_others=has_no_width),
    )


def _hidden_rows(features: Features) -> Iterator[int]:
    """Yield the numbers of the rows of a sheet that show nothing."""
    for number, line in features.rows.items():
        if line.shows_nothing(_NO_HEIGHT):
            yield number


def _hidden_columns(features: Features) -> Iterator[int]:
    """Yield the numbers of the columns of a sheet that show nothing."""
    for column in features.root.iterfind("{*}cols/{*}col"):
        if read_line(column.attrib, "width").shows_nothing(_NO_WIDTH):
            first = int(column.attrib["min"])
            last = int(column.attrib["max"])
            yield from range(first, last + 1)


def _spell_runs(
    runs: Iterable[tuple[int, int]],
    spell: Callable[[int], str],
    *,
    hides_others: bool,
) -> str:
    """Return runs of hidden rows or columns as a text: "3-5, 9".

    `spell` gives the text of a number; `hides_others` says whether all that are not listed are
    hidden, too.
    """
    texts = ["-".join(map(spell, dict.fromkeys(run))) for run in runs]
    if hides_others:
        texts.append("all that are not listed")
    return ", ".join(texts)


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
    theme = ", ".join(map(" ".join, styles.theme.items()))
    settings = chain(
        _read_calculation(package),
        _read_tabs(package),
        [(THEME, theme)],
        _read_connected(package),
    )
    texts = {("setting", name): text for name, text in settings}
    for name, text in _read_properties(package):
        texts[PROPERTY, name] = text
    return texts


def _read_calculation(package: Package) -> Iterator[tuple[str, str]]:
    """Yield how a workbook is calculated: name and text of settings, "" for defaults."""
    calculation = read_attributes(package.workbook, "calcPr")
    book = read_attributes(package.workbook, "workbookPr")
    mode = calculation.get("calcMode", "auto")
    rounds_as_shown = calculation.get("fullPrecision") in ("0", "false")
    iterates = is_on(calculation.get("iterate"))
    counts_from_1904 = is_on(book.get("date1904"))
    yield "calculation mode", "" if mode == "auto" else mode
    yield "precision", "as displayed" if rounds_as_shown else ""
    yield "iterative calculation", "on" if iterates else ""
    yield "first day", "1904-01-01" if counts_from_1904 else ""


def _read_tabs(package: Package) -> Iterator[tuple[str, str]]:
    """Yield order and visibility of the tabs of a workbook: name and text of settings."""
    sheets = package.workbook.iterfind("{*}sheets/{*}sheet")
    view = read_attributes(package.workbook, "bookViews/workbookView")
    protection = read_attributes(package.workbook, "workbookProtection")
    is_visible = view.get("visibility", "visible") == "visible"
    shows_tabs = is_on(view.get("showSheetTabs", "1"))
    is_locked = is_on(protection.get("lockStructure"))
    yield ORDER, ", ".join(sheet.get("name", "") for sheet in sheets)
    yield "window", "" if is_visible else "hidden"
    yield "sheet tabs", "" if shows_tabs else "hidden"
    yield "structure", "locked" if is_locked else ""


def _read_connected(package: Package) -> Iterator[tuple[str, str]]:
    """Yield the macros and data connections of a workbook: name and text of settings."""
    links = package.relations(package.workbook_part)
    kinds = {link.kind for link in links if not link.external}
    yield "macros", "there" if "vbaProject" in kinds else ""
    for part in package.related(package.workbook_part, "connections"):
        names = (entry.get("name", "connection") for entry in package.root(part))
        yield "data connections", ", ".join(names)


def _read_properties(package: Package) -> Iterator[tuple[str, str]]:
    """Yield name and text of the properties of a workbook that people set."""
    if _CORE not in package.parts:
        return
    for element in package.root(_CORE):
        name = local(element.tag)
        if name in _PROPERTIES:
            yield name, " ".join((element.text or "").split())
