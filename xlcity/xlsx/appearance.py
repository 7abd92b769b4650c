"""Reads and compares what workbooks show beside the content of cells, as texts.

Formats of filled cells, charts, conditional formats, validations, names, settings, hidden and
printed parts. `xlcity seal`, `check`, `diff` and `audit workbook` use it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from sys import intern
from typing import NamedTuple
from xml.etree import ElementTree as ET

from xlcity.xlsx.address import (
    cell_name,
    column_letters,
    find_runs,
    parse_area,
    parse_cell,
    ranges_text,
)
from xlcity.xlsx.cells import Position, ReadBook, Sheet
from xlcity.xlsx.chart_content import COVERS, read_drawings
from xlcity.xlsx.editing.comments import read_comments
from xlcity.xlsx.features import (
    FORMAT,
    KINDS,
    VALIDATION,
    CellRule,
    Features,
    Rectangle,
    areas_text,
    cut_rows_out,
    read_around,
)
from xlcity.xlsx.format_words import describe_look
from xlcity.xlsx.formulas.tokens import lex
from xlcity.xlsx.package import Package
from xlcity.xlsx.page_settings import CHOSEN, TEXTS, seen_settings
from xlcity.xlsx.parts import local, parse_index, refusing_damage
from xlcity.xlsx.properties import (
    THEME,
    WorkbookProperties,
    have_no_size,
    read_book_settings,
    read_properties,
)
from xlcity.xlsx.scan import split_around_rows
from xlcity.xlsx.styles import StyleReader, plain_xml
from xlcity.xlsx.text import escape_cell_text

_CELL = re.compile(
    r'<(?:\w+:)?c\b(?=[^>]*\sr="([A-Z]+\d+)")[^>]*(?<!/)>(.*?)</(?:\w+:)?c>', re.DOTALL
)
_SHARED = re.compile(r'\st="s"[^>]*>\s*<(?:\w+:)?v>(\d+)<')
#: Fonts of runs differ where a program has no font with all signs of a text.
_FONTS = ("font", "size")


@dataclass(frozen=True)
class RichText:
    """A text of which parts look otherwise; two are equal that look the same.

    Attributes
    ----------
    runs
        Each part with how it looks.
    xml
        The same as it is written.
    """

    runs: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    xml: str = field(compare=False)

    def described(self) -> str:
        """Return the parts in words: how each looks, and its text."""
        parts = ((" ".join(f"{k} {v}" for k, v in look), text) for text, look in self.runs)
        return "; ".join(f'{look or "as usual"}: "{text}"' for look, text in parts)


class RichTexts:
    """The shared texts of a workbook of which parts look otherwise."""

    def __init__(self, package: Package, looks: StyleReader) -> None:
        self.package, self.looks = package, looks
        items: Iterable[ET.Element] = ()
        for part in package.related(package.workbook_part, "sharedStrings"):
            if b"rPr" in package.parts[part]:
                items = (item for item in package.root(part) if local(item.tag) == "si")
        rich_texts = ((str(number), self._rich(item)) for number, item in enumerate(items))
        self._shared = {number: rich for number, rich in rich_texts if rich is not None}

    def of_sheet(self, part: str) -> Mapping[Position, RichText]:
        """Return those of a sheet by position."""
        xml = self.package.text(part)
        if not self._shared and "rPr" not in xml:
            return {}
        rich_texts: dict[Position, RichText] = {}
        for match in _CELL.finditer(xml):
            shared = _SHARED.search(match[0])
            rich = self._shared.get(shared[1]) if shared else None
            if shared is None and "rPr" in match[2]:
                inline = re.sub(r"(</?)\w+:", r"\1", match[2])
                rich = self._rich(ET.fromstring(f"<si>{inline}</si>"))
            if rich is not None:
                rich_texts[parse_cell(match[1])] = rich
        return rich_texts

    def _rich(self, item: ET.Element) -> RichText | None:
        runs: list[tuple[str, tuple[tuple[str, str], ...]]] = []
        xml = ""
        for run in item.iter():
            if local(run.tag) != "r":
                continue
            parts = {local(part.tag): part for part in run}
            font = parts.get("rPr", ET.Element("rPr"))
            text = parts["t"].text or "" if "t" in parts else ""
            font_look = {k: v for k, v in self.looks.font(font) if v and k not in _FONTS}
            font_look |= {
                local(e.tag): e.get("val", "") for e in font if local(e.tag) == "vertAlign"
            }
            look = tuple(sorted(font_look.items()))
            if runs and runs[-1][1] == look:
                runs[-1] = (f"{runs[-1][0]}{text}", look)
            else:
                runs.append((text, look))
            head = plain_xml(font) if len(font) else ""
            xml += f'<r>{head}<t xml:space="preserve">{escape_cell_text(text)}</t></r>'
        return RichText(tuple(runs), xml) if len(runs) > 1 else None


#: Names with a meaning of their own in spreadsheet programs -> that meaning.
_BUILT_IN_NAMES = {
    "_xlnm.Print_Area": "print area",
    "_xlnm.Print_Titles": "rows printed on each page",
}
UNPROTECTED, HIDDEN = "formulas not protected", "formulas not shown"
#: Aspect: parts of a cell's text that have a format of their own.
PARTS = "parts of its text"
#: Aspects: a hyperlink, frozen panes (which LibreOffice loses without a window), and rows and
#: columns before these that no scrolling shows.
LINK, PANES, _BEHIND = "link", "frozen panes", "out of reach behind the frozen panes"
_PROPERTIES, _LIBREOFFICE = "docProps/app.xml", "LibreOffice"
_FOOTERS = [tag for tags in TEXTS.values() for tag in tags]
_OTHERS = "all that are not listed"
#: The words for a format without anything of its own.
PLAIN = "plain"


class Aspect(NamedTuple):
    """One thing that a workbook shows: its kind, its sheet and cell ("" for none), the aspect."""

    kind: str
    sheet: str = ""
    cell: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True)
class Appearance:
    """What a workbook shows.

    Attributes
    ----------
    aspects
        Aspect -> its text.
    formats
        Sheet -> position of a filled cell -> its format in words; the plain format is left out.
    filled
        Sheet -> positions of filled cells.
    program
        The program that saved the file, as the file says.
    """

    aspects: Mapping[Aspect, str] = field(default_factory=dict)
    formats: Mapping[str, Mapping[Position, str]] = field(default_factory=dict)
    filled: Mapping[str, frozenset[Position]] = field(default_factory=dict)
    program: str = ""


@dataclass(frozen=True, slots=True)
class AppearanceChange:
    """One thing that two workbooks show differently; "" for one that does not have it."""

    aspect: Aspect
    before: str
    after: str


class Styling:
    """The styles of a workbook, and a cache of what is around the rows of its sheets.

    Copies of one template share it.
    """

    def __init__(self, package: Package) -> None:
        self.reader = package.styles
        self._source = _read_style_parts(package)
        self._around: dict[tuple[object, ...], Features] = {}

    @classmethod
    def of(cls, package: Package, before: Styling | None = None) -> Styling:
        """Return the styling of a workbook; that of an earlier one if their parts are equal."""
        if before is not None and before._source == _read_style_parts(package):
            return before
        return cls(package)

    def features_around_rows(self, package: Package, sheet: Sheet) -> Features:
        """Return the features of a sheet but rows and objects; raises `WorkbookError`."""
        around = cut_rows_out(package.text(sheet.part))
        key = (around, *package.relations(sheet.part))
        if key not in self._around:
            self._around[key] = read_around(package, sheet.part, around, self.reader)
        return self._around[key]


def _read_style_parts(package: Package) -> list[bytes | None]:
    """Return the content of the parts with styles and theme, None for one that is not there."""
    part_lists = (package.related(package.workbook_part, kind) for kind in ("styles", "theme"))
    return [package.parts[targets[-1]] if targets else None for targets in part_lists]


def read_appearance(
    package: Package,
    book: ReadBook,
    facts: WorkbookProperties | None = None,
    styling: Styling | None = None,
) -> Appearance:
    """Return what a workbook shows.

    Parameters
    ----------
    package, book
        The workbook and its cells.
    facts, styling
        Its properties and styles, if they were read already.

    Raises
    ------
    WorkbookError
        If a part cannot be read.
    """
    facts, styling = facts or read_properties(package), styling or Styling(package)
    settings = read_book_settings(package, styling.reader)
    aspects = {Aspect(kind, what=what): text for kind, what, text in settings}
    rich = RichTexts(package, styling.reader)
    aspects |= _read_names(book)
    for sheet in book.sheets.values():
        aspects |= _read_sheet_settings(package, sheet, facts)
        aspects |= _find_open_formulas(sheet, facts)
        around = styling.features_around_rows(package, sheet)
        aspects |= _read_rules(around, sheet)
        aspects |= _read_page(around, sheet)
        aspects |= _name_drawings(package, sheet, book)
        for position, parts in rich.of_sheet(sheet.part).items():
            aspects[Aspect("format", sheet.name, cell_name(*position), PARTS)] = parts.described()
    for (name, position), comment in read_comments(package, book).items():
        aspects[Aspect("note", name, cell_name(*position))] = " ".join(comment.text.split())
    words: dict[str, str] = {}
    formats, filled = {}, {}
    for sheet in book.sheets.values():
        cell_styles = sheet.cells.formats()
        for style in {style for _, style in cell_styles}.difference(words):
            # One object for equal texts, so that sheets are compared quickly.
            words[style] = intern(describe_look(styling.reader.look(parse_index(style))))
        formats[sheet.name] = {p: text for p, style in cell_styles if (text := words[style])}
        filled[sheet.name] = frozenset([position for position, _ in cell_styles])
    filled_aspects = {k: text for k, text in aspects.items() if text}
    return Appearance(filled_aspects, formats, filled, _read_program(package))


def compare_appearance(
    before: Appearance, after: Appearance, sheets: frozenset[str] | None = None
) -> Iterator[AppearanceChange]:
    """Yield what two workbooks show differently.

    Sheets that only one of them has are left out. A format is compared where both cells are filled.

    Parameters
    ----------
    before, after
        What each shows.
    sheets
        The sheets whose formats are compared; None = all.
    """
    both = before.filled.keys() & after.filled.keys() | {""}
    for aspect in dict.fromkeys((*before.aspects, *after.aspects)):
        old, new = before.aspects.get(aspect, ""), after.aspects.get(aspect, "")
        if old == new or aspect.sheet not in both or _is_same_source(old, new):
            continue
        if not _is_left_out(aspect, (old, before.program), (new, after.program)):
            yield AppearanceChange(aspect, old, new)
    inferred = _LIBREOFFICE in after.program and _LIBREOFFICE not in before.program
    for sheet, filled in before.filled.items():
        if sheet not in both or (sheets is not None and sheet not in sheets):
            continue
        old_formats, new_formats = before.formats[sheet], after.formats[sheet]
        if old_formats == new_formats:
            continue
        changed: dict[tuple[str, str], list[Position]] = {}
        for position in filled & after.filled[sheet]:
            old, new = old_formats.get(position, ""), new_formats.get(position, "")
            if old != new and not (inferred and _is_inferred(old, new)):
                changed.setdefault((old, new), []).append(position)
        for (old, new), positions in changed.items():
            aspect = Aspect("format", sheet, ranges_text(positions))
            yield AppearanceChange(aspect, old or PLAIN, new or PLAIN)


def _is_same_source(old: str, new: str) -> bool:
    """Return whether two titles, as `chart_content` has them, are the same.

    They refer to the same cells, or one is the text of the other typed in.
    """
    (old_source, _, old_text), (new_source, _, new_text) = (t.partition(' "') for t in (old, new))
    if not old_source.startswith('"') and not new_source.startswith('"'):
        return bool(old_text or new_text) and old_source == new_source
    return (old_text or old_source.removeprefix('"')) == (new_text or new_source.removeprefix('"'))


def _is_left_out(aspect: Aspect, *sides: tuple[str, str]) -> bool:
    """Return whether a difference is not reported: one program leaves the aspect out or adapts it.

    `sides` are the text before and after, each with the program that saved the file.
    """
    if aspect.what == COVERS:
        return all(text for text, _ in sides)
    if aspect.what == THEME:
        return any(_LIBREOFFICE in program for _, program in sides)
    is_lost = aspect.what == PANES or aspect.kind in KINDS
    if not is_lost and (aspect.kind != "setting" or aspect.what not in CHOSEN):
        return False
    return any(not text and (not is_lost or _LIBREOFFICE in program) for text, program in sides)


def _is_inferred(old: str, new: str) -> bool:
    """Return whether a format has changed only by the number format that LibreOffice infers."""
    number, _, rest = new.partition(", ")
    return number.startswith("number ") and rest == old


def saved_by_libreoffice(package: Package) -> bool:
    """Return whether LibreOffice saved the file."""
    return _LIBREOFFICE in _read_program(package)


def _read_program(package: Package) -> str:
    """Return the program that saved a file, as the file says; "" if it does not."""
    if _PROPERTIES not in package.parts:
        return ""
    root = package.root(_PROPERTIES)
    return next((e.text or "" for e in root.iter() if local(e.tag) == "Application"), "")


def _read_names(book: ReadBook) -> Iterator[tuple[Aspect, str]]:
    """Yield the defined names as aspects, print areas and titles as settings, with their ranges."""
    for (sheet, name), text in {**{("", n): t for n, t in book.names.items()},
                                **book.local_names}.items():  # fmt: skip
        parts = [str(parse_area(part) or part) for part in text.split(",")]
        if name in _BUILT_IN_NAMES:
            shown = ",".join(sorted(part.replace("'", "") for part in parts))
            yield Aspect("setting", sheet, "", _BUILT_IN_NAMES[name]), shown
        elif not name.startswith("_xlnm"):
            yield Aspect("name", sheet, "", name), ",".join(parts)


def _read_sheet_settings(
    package: Package, sheet: Sheet, facts: WorkbookProperties
) -> Iterator[tuple[Aspect, str]]:
    """Yield whether a sheet is hidden or protected, and its hidden rows and columns."""

    def setting(what: str, text: str) -> tuple[Aspect, str]:
        return Aspect("setting", sheet.name, "", what), text

    state = facts.states.get(sheet.name, "visible")
    yield setting("sheet", {"hidden": "hidden", "veryHidden": "very hidden"}.get(state, ""))
    yield setting("protection", "on" if sheet.name in facts.protected else "")
    xml = package.text(sheet.part)
    hides_other_rows, hides_other_columns = have_no_size(split_around_rows(xml)[0])
    rows = _runs_text(facts.hidden_rows.get(sheet.name, frozenset()), str)
    columns = _runs_text(facts.hidden_columns.get(sheet.name, frozenset()), column_letters)
    yield setting("hidden rows", ", ".join(filter(None, (rows, _OTHERS * hides_other_rows))))
    hidden_columns = filter(None, (columns, _OTHERS * hides_other_columns))
    yield setting("hidden columns", ", ".join(hidden_columns))


def _find_open_formulas(sheet: Sheet, facts: WorkbookProperties) -> Iterator[tuple[Aspect, str]]:
    """Yield the formulas of a protected sheet that are not locked, and those not shown."""
    if sheet.name in facts.protected:
        styles = {position: parse_index(style) for position, style in sheet.cells.formats()}
        forms = {p: facts.format(styles.get(p, 0)) for p in sheet.cells.computed()}
        for what, positions in (
            (UNPROTECTED, [p for p, form in forms.items() if not form.locked]),
            (HIDDEN, [p for p, form in forms.items() if form.hidden]),
        ):
            yield Aspect("setting", sheet.name, "", what), ranges_text(positions)


def _runs_text(numbers: frozenset[int], name: Callable[[int], str]) -> str:
    """Return rows or columns as a text such as "2-5, 9", each by its name."""
    return ", ".join(
        "-".join(dict.fromkeys((name(first), name(last)))) for first, last in find_runs(numbers)
    )


def _read_page(around: Features, sheet: Sheet) -> Iterator[tuple[Aspect, str]]:
    """Yield a sheet's page settings, objects, frozen panes and hyperlinks."""
    settings = around.settings
    footers = (text for kind in TEXTS for tag, text in settings.get(kind, ()) if tag in _FOOTERS)
    text_by_setting = {
        **dict(seen_settings(settings)),
        "zeros": "hidden" if "zeros" in settings else "",
        "formulas": "shown" if "formulas" in settings else "",
        "header and footer": " ".join(footers),
    }
    for what, text in {**text_by_setting, **around.page}.items():
        yield Aspect("setting", sheet.name, "", what), text
    for kind, cell, text in around.placed:
        yield Aspect(kind, sheet.name, cell), text
    for what, (rows, columns) in ((PANES, around.frozen), (_BEHIND, around.behind)):
        text = ", ".join([f"{rows} rows"] * bool(rows) + [f"{columns} columns"] * bool(columns))
        yield Aspect("setting", sheet.name, "", what), text
    for position, target in around.links.items():
        to = parse_area(target.removeprefix("#"))
        yield Aspect(LINK, sheet.name, cell_name(*position)), f"#{to}" if to else target.rstrip("/")


def _read_rules(around: Features, sheet: Sheet) -> Iterator[tuple[Aspect, str]]:
    """Yield a sheet's conditional formats, validations and merged cells."""
    for rule in around.rules:
        if rule.kind != FORMAT:
            continue
        rule = replace(rule, formulas=tuple(map(_normalise_rule_formula, rule.formulas)))
        area_text = areas_text(rule.areas)
        look = "" if rule.body else " ".join(filter(None, rule.shown))
        yield Aspect(rule.kind, sheet.name, area_text, rule.described()), look or "set"
    yield from _read_validations([rule for rule in around.rules if rule.kind == VALIDATION], sheet)
    for area in around.merged:
        yield Aspect("merged cells", sheet.name, areas_text([area])), "merged"


def _read_validations(rules: Iterable[CellRule], sheet: Sheet) -> Iterator[tuple[Aspect, str]]:
    """Yield the validations of a sheet; equal ones as one, since programs join and split areas."""
    areas: dict[tuple[str, str], list[Rectangle]] = {}
    for rule in rules:
        if dict(rule.attributes).get("type") or rule.messages:
            rule = replace(rule, formulas=tuple(map(_normalise_rule_formula, rule.formulas)))
            areas.setdefault((rule.described(), rule.effect), []).extend(rule.areas)
    for (what, effect), rectangles in areas.items():
        area_text = areas_text(sorted(set(rectangles)))
        yield Aspect(VALIDATION, sheet.name, area_text, what), effect


def _normalise_rule_formula(formula: str) -> str:
    """Return a rule's formula in one spelling: TRUE as 1, numbers in 15 digits, no blanks."""
    pieces = []
    for match in lex(formula):
        text = match[0]
        if match.lastgroup == "number":
            text = f"{float(text):.15g}"
        elif match.lastgroup == "word":
            text = {"TRUE": "1", "FALSE": "0"}.get(text, text)
        elif match.lastgroup == "space":
            continue
        pieces.append(text)
    return "".join(pieces)


@refusing_damage("charts or drawings")
def _read_drawn(
    package: Package, sheet: Sheet, book: ReadBook
) -> list[tuple[Position, str, str, str]]:
    """Return what is drawn on a sheet; see `read_drawings`."""
    return list(read_drawings(package, sheet.part, book.value))


def _name_drawings(package: Package, sheet: Sheet, book: ReadBook) -> Iterator[tuple[Aspect, str]]:
    """Yield what is drawn on a sheet; equal aspects at one cell are numbered."""
    seen: Counter[Aspect] = Counter()
    for position, kind, what, text in _read_drawn(package, sheet, book):
        aspect = Aspect(kind, sheet.name, cell_name(*position), what)
        seen[aspect] += 1
        suffix = "" if seen[aspect] == 1 else f" ({seen[aspect]})"
        yield aspect._replace(what=what + suffix), text
