"""What a workbook shows beside its cells' content, as texts: the one reader of all comparisons.

Formats of filled cells, charts, conditional formats, validations, names, settings, what is hidden,
what is printed. `xlcity seal`, `check`, `diff` and `audit workbook` compare two of these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from sys import intern
from typing import NamedTuple

from xlcity.errors import CellValue
from xlcity.xlsx.address import cell_name, column_letters, find_runs, parse_area, ranges_text
from xlcity.xlsx.cells import Position, ReadBook, Sheet
from xlcity.xlsx.chart_content import COVERS, read_drawings
from xlcity.xlsx.editing.comments import read_comments
from xlcity.xlsx.editing.rich_text import RichTexts
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
from xlcity.xlsx.parts import local, parse_index, reads
from xlcity.xlsx.properties import (
    THEME,
    WorkbookProperties,
    have_no_size,
    read_book_settings,
    read_properties,
)
from xlcity.xlsx.scan import split_around_rows

#: Names that spreadsheet programs keep for themselves -> what they say.
_OWN_NAMES = {"_xlnm.Print_Area": "print area", "_xlnm.Print_Titles": "rows printed on each page"}
UNPROTECTED, HIDDEN = "formulas not protected", "formulas not shown"
#: Texts of which parts look otherwise.
PARTS = "parts of its text"
#: Where a cell leads, and what stays in sight: settings that LibreOffice loses without a window.
LINK, PANES, _BEHIND = "link", "frozen panes", "out of reach behind the frozen panes"
_PROPERTIES, _LIBREOFFICE = "docProps/app.xml", "LibreOffice"
_FOOTERS = [tag for tags in TEXTS.values() for tag in tags]
_OTHERS = "all that are not listed"
#: What a format without anything of its own is called.
PLAIN = "plain"


class Aspect(NamedTuple):
    """One thing that a workbook shows: of which kind, where, and which aspect of it."""

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
        What saved the file, as it says.
    """

    aspects: Mapping[Aspect, str] = field(default_factory=dict)
    formats: Mapping[str, Mapping[Position, str]] = field(default_factory=dict)
    filled: Mapping[str, frozenset[Position]] = field(default_factory=dict)
    program: str = ""


@dataclass(frozen=True, slots=True)
class AppearanceChange:
    """One thing that two workbooks show differently; "" is what one of them has not."""

    aspect: Aspect
    before: str
    after: str


class Styling:
    """The styles of a workbook, and the rules of its sheets that were read.

    Copies of one template have the same, and share them.
    """

    def __init__(self, package: Package) -> None:
        self.reader = package.styles
        self._source = _read_style_parts(package)
        self._around: dict[tuple[object, ...], Features] = {}

    @classmethod
    def of(cls, package: Package, before: Styling | None = None) -> Styling:
        """Return the styles of a workbook; those read before, if their parts are the same."""
        if before is not None and before._source == _read_style_parts(package):
            return before
        return cls(package)

    def around(self, package: Package, sheet: Sheet) -> Features:
        """Return what stands around the rows of a sheet; raises `WorkbookError`."""
        around = cut_rows_out(package.text(sheet.part))
        key = (around, *package.relations(sheet.part))
        if key not in self._around:
            self._around[key] = read_around(package, sheet.part, around, self.reader)
        return self._around[key]


def _read_style_parts(package: Package) -> list[bytes | None]:
    part_lists = (package.related(package.workbook_part, kind) for kind in ("styles", "theme"))
    return [package.parts[targets[-1]] if targets else None for targets in part_lists]


def read_appearance(
    package: Package,
    book: ReadBook,
    facts: WorkbookProperties | None = None,
    styling: Styling | None = None,
) -> Appearance:
    """Read it.

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
        around = styling.around(package, sheet)
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
            # One object for equal texts: sheets are compared by looking which are the same.
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
        Compare formats on these sheets alone; without it on all.
    """
    both = before.filled.keys() & after.filled.keys() | {""}
    for aspect in dict.fromkeys((*before.aspects, *after.aspects)):
        old, new = before.aspects.get(aspect, ""), after.aspects.get(aspect, "")
        if old == new or aspect.sheet not in both or _is_same_source(old, new):
            continue
        if not _is_left_out(aspect, (old, before.program), (new, after.program)):
            yield AppearanceChange(aspect, old, new)
    inferred = _LIBREOFFICE in after.program and _LIBREOFFICE not in before.program
    for sheet, mine in before.filled.items():
        if sheet not in both or (sheets is not None and sheet not in sheets):
            continue
        first, second = before.formats[sheet], after.formats[sheet]
        if first == second:
            continue
        changed: dict[tuple[str, str], list[Position]] = {}
        for position in mine & after.filled[sheet]:
            old, new = first.get(position, ""), second.get(position, "")
            if old != new and not (inferred and _is_inferred(old, new)):
                changed.setdefault((old, new), []).append(position)
        for (old, new), positions in changed.items():
            aspect = Aspect("format", sheet, ranges_text(positions))
            yield AppearanceChange(aspect, old or PLAIN, new or PLAIN)


def _is_same_source(old: str, new: str) -> bool:
    """Tell whether two titles are one: from the same cells, or one is the other's text typed in."""
    (source, _, text), (other, _, typed) = old.partition(' "'), new.partition(' "')
    if not source.startswith('"') and not other.startswith('"'):
        return bool(text or typed) and source == other
    return (text or source.removeprefix('"')) == (typed or other.removeprefix('"'))


def _is_left_out(aspect: Aspect, *sides: tuple[str, str]) -> bool:
    """Return whether one of two sheets does not set what the other sets of pages and panes."""
    if aspect.what == COVERS:
        return all(text for text, _ in sides)
    if aspect.what == THEME:
        return any(_LIBREOFFICE in program for _, program in sides)
    lost = aspect.what == PANES or aspect.kind in KINDS
    if not lost and (aspect.kind != "setting" or aspect.what not in CHOSEN):
        return False
    return any(not text and (not lost or _LIBREOFFICE in program) for text, program in sides)


def _is_inferred(old: str, new: str) -> bool:
    """Tell whether a plain number has got the number format of the cells that it is made from."""
    number, _, rest = new.partition(", ")
    return number.startswith("number ") and rest == old


def saved_by_libreoffice(package: Package) -> bool:
    """Tell whether LibreOffice wrote the file."""
    return _LIBREOFFICE in _read_program(package)


def _read_program(package: Package) -> str:
    if _PROPERTIES not in package.parts:
        return ""
    root = package.root(_PROPERTIES)
    return next((e.text or "" for e in root.iter() if local(e.tag) == "Application"), "")


def _read_names(book: ReadBook) -> Iterator[tuple[Aspect, str]]:
    for (sheet, name), text in {**{("", n): t for n, t in book.names.items()},
                                **book.local_names}.items():  # fmt: skip
        parts = [str(parse_area(part) or part) for part in text.split(",")]
        if name in _OWN_NAMES:
            shown = ",".join(sorted(part.replace("'", "") for part in parts))
            yield Aspect("setting", sheet, "", _OWN_NAMES[name]), shown
        elif not name.startswith("_xlnm"):
            yield Aspect("name", sheet, "", name), ",".join(parts)


def _read_sheet_settings(
    package: Package, sheet: Sheet, facts: WorkbookProperties
) -> Iterator[tuple[Aspect, str]]:
    def setting(what: str, text: str) -> tuple[Aspect, str]:
        return Aspect("setting", sheet.name, "", what), text

    state = facts.states.get(sheet.name, "visible")
    yield setting("sheet", {"hidden": "hidden", "veryHidden": "very hidden"}.get(state, ""))
    yield setting("protection", "on" if sheet.name in facts.protected else "")
    xml = package.text(sheet.part)
    others = have_no_size(split_around_rows(xml)[0])
    rows = _join_runs(facts.hidden_rows.get(sheet.name, frozenset()), str)
    yield setting("hidden rows", ", ".join([rows] * bool(rows) + [_OTHERS] * others[0]))
    columns = _join_runs(facts.hidden_columns.get(sheet.name, frozenset()), column_letters)
    yield setting("hidden columns", ", ".join([columns] * bool(columns) + [_OTHERS] * others[1]))


def _find_open_formulas(sheet: Sheet, facts: WorkbookProperties) -> Iterator[tuple[Aspect, str]]:
    """Yield the formulas that the protection of a sheet leaves open, and those it hides."""
    if sheet.name in facts.protected:
        styles = {position: parse_index(style) for position, style in sheet.cells.formats()}
        forms = {p: facts.format(styles.get(p, 0)) for p in sheet.cells.computed()}
        for what, positions in (
            (UNPROTECTED, [p for p, form in forms.items() if not form.locked]),
            (HIDDEN, [p for p, form in forms.items() if form.hidden]),
        ):
            yield Aspect("setting", sheet.name, "", what), ranges_text(positions)


def _join_runs(numbers: frozenset[int], name: Callable[[int], str]) -> str:
    return ", ".join(
        "-".join(dict.fromkeys((name(first), name(last)))) for first, last in find_runs(numbers)
    )


def _read_page(around: Features, sheet: Sheet) -> Iterator[tuple[Aspect, str]]:
    """Yield how a sheet is printed, what stays in sight of it, and where its links lead."""
    settings = around.settings
    footers = (text for kind in TEXTS for tag, text in settings.get(kind, ()) if tag in _FOOTERS)
    shown = {
        **dict(seen_settings(settings)),
        "zeros": "hidden" if "zeros" in settings else "",
        "formulas": "shown" if "formulas" in settings else "",
        "header and footer": " ".join(footers),
    }
    for what, text in {**shown, **around.page}.items():
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
    """Yield what may be typed where; programs join and divide the areas of equal rules."""
    areas: dict[tuple[str, str], list[Rectangle]] = {}
    for rule in rules:
        # One without a type only shows a message.
        if dict(rule.attributes).get("type") or rule.messages:
            rule = replace(rule, formulas=tuple(map(_normalise_rule_formula, rule.formulas)))
            areas.setdefault((rule.described(), rule.effect), []).extend(rule.areas)
    for (what, effect), rectangles in areas.items():
        area_text = areas_text(sorted(set(rectangles)))
        yield Aspect(VALIDATION, sheet.name, area_text, what), effect


def _normalise_rule_formula(formula: str) -> str:
    """Return a formula as all programs write it: logical values as numbers, numbers as floats."""
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


@reads("charts or drawings")
def _read_drawn(
    package: Package, sheet: Sheet, book: ReadBook
) -> list[tuple[Position, str, str, str]]:
    def value(name: str, row: int, column: int) -> CellValue:
        return book.value(name, row, column) if name in book.sheets else None

    return list(read_drawings(package, sheet.part, value))


def _name_drawings(package: Package, sheet: Sheet, book: ReadBook) -> Iterator[tuple[Aspect, str]]:
    seen: Counter[Aspect] = Counter()
    for position, kind, what, text in _read_drawn(package, sheet, book):
        aspect = Aspect(kind, sheet.name, cell_name(*position), what)
        seen[aspect] += 1
        suffix = "" if seen[aspect] == 1 else f" ({seen[aspect]})"
        yield aspect._replace(what=what + suffix), text
