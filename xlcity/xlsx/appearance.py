"""Reads and compares what workbooks show beside the content of cells, as texts.

Formats of filled cells, charts, conditional formats, validations, names, settings, hidden and
printed parts. `xlcity seal`, `check` and `diff` use it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from sys import intern
from typing import NamedTuple

from xlcity.xlsx.address import cell_name, parse_area, ranges_text
from xlcity.xlsx.cells import Position, ReadBook, Sheet
from xlcity.xlsx.chart_content import CELLS_UNDER_DRAWING, read_drawings
from xlcity.xlsx.editing.comments import read_comments
from xlcity.xlsx.features import (
    FORMAT,
    KINDS_LIBREOFFICE_DROPS,
    VALIDATION,
    Features,
    Rectangle,
    areas_text,
    read_features,
)
from xlcity.xlsx.formulas.tokens import lex
from xlcity.xlsx.package import Package
from xlcity.xlsx.page_settings import (
    PROTECTION,
    SETTINGS_CHOSEN_BY_PROGRAMS,
    TEXTS,
    SettingValue,
    misleading_settings,
)
from xlcity.xlsx.parts import parse_index, refusing_damage
from xlcity.xlsx.properties import (
    THEME,
    describe_hidden_lines,
    read_book_settings,
)
from xlcity.xlsx.rich_text import RichTexts
from xlcity.xlsx.styles import FLAGS, Look, StyleReader

#: Names with a meaning of their own in spreadsheet programs -> that meaning.
_BUILT_IN_NAMES = {
    "_xlnm.Print_Area": "print area",
    "_xlnm.Print_Titles": "rows printed on each page",
}
#: State of a tab -> the word for it, where it is not visible.
_WORD_FOR_STATE = {"hidden": "hidden", "veryHidden": "very hidden"}
UNPROTECTED = "formulas not protected"
HIDDEN = "formulas not shown"
#: Aspect: parts of a cell's text that have a format of their own.
TEXT_PARTS = "parts of its text"
#: Aspects: a hyperlink, frozen panes (which LibreOffice loses without a window), and rows and
#: columns before these that no scrolling shows.
LINK = "hyperlink"
PANES = "frozen panes"
OUT_OF_REACH = "out of reach behind the frozen panes"
_PROPERTIES = "docProps/app.xml"
_LIBREOFFICE = "LibreOffice"
_FOOTERS = [*chain.from_iterable(TEXTS.values())]
#: Parts in which values stand, and those that are written anew whenever a program saves.
_WITH_VALUES = re.compile(
    r"xl/((worksheets|charts)/\w+\.xml|sharedStrings|calcChain)|docProps/"
)
#: The words for a format without anything of its own.
PLAIN = "plain"
#: A text in a number format that means the same without quotes.
_NEEDLESS_QUOTES = re.compile(r'"([^"%]*)"')
#: Parts of a number format without digits: texts, and colours and conditions.
_NO_DIGITS = re.compile(r'"[^"]*"|\\.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
#: Font sizes, in points, that are too small to read.
_TINY_SIZE = re.compile(r"[0-3](\.\d+)?")
#: Fonts that show other signs than those typed.
_SYMBOL_FONTS = re.compile(
    r"wingdings|webdings|symbol|marlett|zapf ?dingbats", re.IGNORECASE
)
#: Keys of a look that are described; fonts and borders differ between programs.
_DESCRIBED_KEYS = ("number", "colour", "fill", "bold", "italic", "strike")


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


class _AspectOfBook(NamedTuple):
    """An aspect as one of two workbooks has it: its text, and the program that saved the file."""

    text: str
    program: str

    @property
    def is_by_libreoffice(self) -> bool:
        """Whether LibreOffice saved the file."""
        return _LIBREOFFICE in self.program

    @property
    def is_dropped(self) -> bool:
        """Whether the aspect is absent from a file that LibreOffice saved."""
        return not self.text and self.is_by_libreoffice


def read_appearance(package: Package, book: ReadBook) -> Appearance:
    """Return what a workbook, with the cells of `book`, shows.

    Raises
    ------
    WorkbookError
        If a part cannot be read.
    """
    styles = package.styles
    settings = read_book_settings(package, styles)
    aspects: dict[Aspect, str] = {}
    for (kind, what), text in settings.items():
        aspects[Aspect(kind, what=what)] = text
    rich = RichTexts(package, styles)
    aspects |= _read_names(book)
    # What else a sheet looks like follows from its cells but for their values, and from these.
    others = [
        (part, content)
        for part, content in package.parts.items()
        if not _WITH_VALUES.match(part)
    ]
    formats = {}
    filled = {}
    for sheet in book.sheets.values():
        look = partial(_read_look, package, sheet)
        looks, formats[sheet.name], filled[sheet.name] = sheet.cells.keep(
            "look", others, look
        )
        aspects |= looks
        aspects |= _name_drawings(package, sheet, book)
        for position, parts in rich.of_sheet(sheet.part).items():
            aspect = Aspect("format", sheet.name, cell_name(*position), TEXT_PARTS)
            aspects[aspect] = parts.described()
    for (name, position), comment in read_comments(package, book).items():
        text = " ".join(comment.text.split())
        aspects[Aspect("note", name, cell_name(*position))] = text
    filled_aspects = {k: text for k, text in aspects.items() if text}
    return Appearance(filled_aspects, formats, filled, _read_program(package))


def _read_look(
    package: Package, sheet: Sheet
) -> tuple[dict[Aspect, str], dict[Position, str], frozenset[Position]]:
    """Return what a sheet shows but for drawings, the formats of its cells, which are filled."""
    styles = package.styles
    cell_styles = sheet.cells.formats()
    features = read_features(package, sheet.part, styles)
    aspects = dict(_read_settings(features, sheet))
    aspects |= _find_open_formulas(features, sheet, styles)
    aspects |= _read_rules(features, sheet)
    # One object for equal texts, so that sheets are compared quickly.
    words = {
        style: intern(describe_look(styles.look(parse_index(style))))
        for style in _distinct_styles(cell_styles)
    }
    formats = {
        position: words[style] for position, style in cell_styles if words[style]
    }
    return aspects, formats, frozenset([position for position, _ in cell_styles])


def _distinct_styles(cell_styles: Iterable[tuple[Position, str]]) -> set[str]:
    """Return the indices of the formats that cells have, as written."""
    return {style for _, style in cell_styles}


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
    common_sheets = before.filled.keys() & after.filled.keys()
    yield from _changed_aspects(before, after, common_sheets | {""})
    for sheet in before.filled:
        if sheet in common_sheets and (sheets is None or sheet in sheets):
            yield from _changed_formats(before, after, sheet)


def _changed_aspects(
    before: Appearance, after: Appearance, sheets: Collection[str]
) -> Iterator[AppearanceChange]:
    """Yield the aspects of some sheets, or of no sheet (""), that differ between two workbooks."""
    for aspect in dict.fromkeys((*before.aspects, *after.aspects)):
        old = before.aspects.get(aspect, "")
        new = after.aspects.get(aspect, "")
        if old == new or aspect.sheet not in sheets or _is_same_source(old, new):
            continue
        old_side = _AspectOfBook(old, before.program)
        new_side = _AspectOfBook(new, after.program)
        if not _is_expected_difference(aspect, old_side, new_side):
            yield AppearanceChange(aspect, old, new)


def _changed_formats(
    before: Appearance, after: Appearance, sheet: str
) -> Iterator[AppearanceChange]:
    """Yield the formats of a sheet that differ where both workbooks have a filled cell.

    Cells whose formats changed alike are one change.
    """
    old_formats = before.formats[sheet]
    new_formats = after.formats[sheet]
    if old_formats == new_formats:
        return
    # A save by LibreOffice gives formulas the number format that it infers from their arguments.
    infers_formats = (
        _LIBREOFFICE in after.program and _LIBREOFFICE not in before.program
    )
    changed: dict[tuple[str, str], list[Position]] = {}
    for position in before.filled[sheet] & after.filled[sheet]:
        old = old_formats.get(position, "")
        new = new_formats.get(position, "")
        if old != new and not (infers_formats and _is_inferred(old, new)):
            changed.setdefault((old, new), []).append(position)
    for (old, new), positions in changed.items():
        aspect = Aspect("format", sheet, ranges_text(positions))
        yield AppearanceChange(aspect, old or PLAIN, new or PLAIN)


def _is_same_source(old: str, new: str) -> bool:
    """Return whether two titles of charts, written ``CELLS "text"``, are the same.

    They refer to the same cells, or one is the text of the other typed in.
    """
    old_source, _, old_text = old.partition(' "')
    new_source, _, new_text = new.partition(' "')
    if not old_source.startswith('"') and not new_source.startswith('"'):
        return bool(old_text or new_text) and old_source == new_source
    old_words = old_text or old_source.removeprefix('"')
    new_words = new_text or new_source.removeprefix('"')
    return old_words == new_words


def _is_expected_difference(
    aspect: Aspect, before: _AspectOfBook, after: _AspectOfBook
) -> bool:
    """Return whether a difference is due to a program that leaves the aspect out or adapts it."""
    sides = (before, after)
    has_both = bool(before.text and after.text)
    if aspect.what == CELLS_UNDER_DRAWING:  # programs differ in where a drawing ends
        return has_both
    if aspect.what == THEME:  # LibreOffice writes a theme of its own
        return any(side.is_by_libreoffice for side in sides)
    # LibreOffice drops some things, and any program may choose a setting that is not there.
    if aspect.what == PANES or aspect.kind in KINDS_LIBREOFFICE_DROPS:
        return any(side.is_dropped for side in sides)
    is_chosen = aspect.kind == "setting" and aspect.what in SETTINGS_CHOSEN_BY_PROGRAMS
    return is_chosen and not has_both


def _is_inferred(old: str, new: str) -> bool:
    """Return whether a format has changed only by the number format that LibreOffice infers.

    `old` and `new` are formats in words, such as "number 0.00, bold"; "" for the plain one.
    """
    number, _, rest = new.partition(", ")
    return number.startswith("number ") and rest == old


def saved_by_libreoffice(package: Package) -> bool:
    """Return whether LibreOffice saved the file."""
    return _LIBREOFFICE in _read_program(package)


def _read_program(package: Package) -> str:
    """Return the program that saved a file, as the file says; "" if it does not."""
    if _PROPERTIES not in package.parts:
        return ""
    return package.root(_PROPERTIES).findtext("{*}Application") or ""


def _read_names(book: ReadBook) -> Iterator[tuple[Aspect, str]]:
    """Yield the defined names of a workbook, each with the ranges it means as a text.

    Print areas and repeated rows, which are names too, are settings of their sheet.
    """
    for (sheet, name), text in {
        **{("", n): t for n, t in book.names.items()},
        **book.local_names,
    }.items():
        parts = [str(parse_area(part) or part) for part in text.split(",")]
        if name in _BUILT_IN_NAMES:
            shown = ",".join(sorted(part.replace("'", "") for part in parts))
            yield Aspect("setting", sheet, "", _BUILT_IN_NAMES[name]), shown
        elif not name.startswith("_xlnm"):
            yield Aspect("name", sheet, "", name), ",".join(parts)


def _find_open_formulas(
    features: Features, sheet: Sheet, styles: StyleReader
) -> Iterator[tuple[Aspect, str]]:
    """Yield, for a protected sheet, which formulas are not locked, and which are not shown.

    Each is an aspect and the cells as a text such as "B2:C3, E5".
    """
    if PROTECTION not in features.settings:
        return
    cell_styles = sheet.cells.formats()
    computed = frozenset(sheet.cells.computed())
    looks = {
        style: styles.look(parse_index(style))
        for style in _distinct_styles(cell_styles)
    }
    for what, key in ((UNPROTECTED, "unlocked"), (HIDDEN, "hidden")):
        open_styles = {style for style, look in looks.items() if key in look}
        is_open = [position for position, style in cell_styles if style in open_styles]
        text = ranges_text(computed.intersection(is_open))
        yield Aspect("setting", sheet.name, "", what), text


def _read_settings(features: Features, sheet: Sheet) -> Iterator[tuple[Aspect, str]]:
    """Yield what is hidden of a sheet, its other settings, objects, frozen panes and hyperlinks."""
    settings = features.settings
    text_by_setting = {
        "sheet": _WORD_FOR_STATE.get(sheet.state, ""),
        PROTECTION: "on" if PROTECTION in settings else "",
        **dict(describe_hidden_lines(features)),
        **dict(misleading_settings(settings)),
        "zeros": "hidden" if "zeros" in settings else "",
        "formulas": "shown" if "formulas" in settings else "",
        "header and footer": _header_and_footer(settings),
        **features.page,
    }
    for what, text in text_by_setting.items():
        yield Aspect("setting", sheet.name, "", what), text
    for kind, cell, text in features.placed:
        yield Aspect(kind, sheet.name, cell), text
    for what, lines in ((PANES, features.frozen), (OUT_OF_REACH, features.behind)):
        yield Aspect("setting", sheet.name, "", what), _count_lines(*lines)
    for position, target in features.links.items():
        area = parse_area(target.removeprefix("#"))
        shown = target.rstrip("/") if area is None else f"#{area}"
        yield Aspect(LINK, sheet.name, cell_name(*position)), shown


def _header_and_footer(settings: Mapping[str, SettingValue]) -> str:
    """Return the texts of the headers and footers of a sheet, with blanks between them."""
    texts: list[str] = []
    for kind in TEXTS:
        texts += [text for tag, text in settings.get(kind, ()) if tag in _FOOTERS]
    return " ".join(texts)


def _count_lines(rows: int, columns: int) -> str:
    """Return numbers of rows and columns in words, "2 rows, 1 columns"; "" for none of both."""
    counts = []
    if rows:
        counts.append(f"{rows} rows")
    if columns:
        counts.append(f"{columns} columns")
    return ", ".join(counts)


def _read_rules(features: Features, sheet: Sheet) -> Iterator[tuple[Aspect, str]]:
    """Yield a sheet's conditional formats, validations and merged cells as aspects.

    The text of a conditional format is the look that it gives ("FF0000 bold"), or "set" for bars,
    scales and icons, which have a body that describes them; that of a validation is its effect.
    """
    # Equal validations are yielded as one with all their areas: programs join and split areas.
    validated: dict[tuple[str, str], list[Rectangle]] = {}
    for rule in features.rules:
        formulas = map(_normalise_rule_formula, rule.formulas)
        rule = replace(rule, formulas=tuple(formulas))
        if rule.kind == FORMAT:
            looks = "" if rule.body else " ".join(filter(None, rule.shown))
            area_text = areas_text(rule.areas)
            yield (
                Aspect(FORMAT, sheet.name, area_text, rule.described()),
                looks or "set",
            )
        elif dict(rule.attributes).get("type") or rule.messages:
            meaning = rule.described(), rule.effect
            validated.setdefault(meaning, []).extend(rule.areas)
    for (what, effect), rectangles in validated.items():
        area_text = areas_text(sorted(set(rectangles)))
        yield Aspect(VALIDATION, sheet.name, area_text, what), effect
    for area in features.merged:
        yield Aspect("merged cells", sheet.name, areas_text([area])), "merged"


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


@refusing_damage("reads.drawings")
def _name_drawings(package: Package, sheet: Sheet, book: ReadBook) -> dict[Aspect, str]:
    """Return what is drawn on a sheet: aspect -> text.

    Equal aspects at one cell, such as those of two charts, are numbered from the second.
    `book` gives the values of cells, with which those that a chart stores are compared.
    """
    texts: dict[Aspect, str] = {}
    seen: Counter[Aspect] = Counter()
    for position, kind, what, text in read_drawings(package, sheet.part, book.value):
        aspect = Aspect(kind, sheet.name, cell_name(*position), what)
        seen[aspect] += 1
        suffix = "" if seen[aspect] == 1 else f" ({seen[aspect]})"
        texts[aspect._replace(what=what + suffix)] = text
    return texts


def describe_look(look: Look) -> str:
    """Return a cell's look in words, such as "number 0.00, bold".

    Sizes, fonts and alignments are named only if they make a number unreadable.
    """
    words = [
        name if name in FLAGS else f"{name} {_unquote(look[name])}"
        for name in _DESCRIBED_KEYS
        if name in look
    ]
    if _TINY_SIZE.fullmatch(look.get("size", "")):
        words.append(f"size {look['size']}")
    if _SYMBOL_FONTS.match(look.get("font", "")):
        words.append(f"font {look['font']}")
    if "script" in look:
        words.append(look["script"])
    if look.get("horizontal") == "fill":
        words.append("alignment fill")
    if "textRotation" in look:
        words.append(f"rotation {look['textRotation']}")
    return ", ".join(words)


def _unquote(form: str) -> str:
    """Return a number format without quotes around texts, but for those with %: 0"%" is not 0%."""
    return _NEEDLESS_QUOTES.sub(r"\1", form)


def hides_numbers(form: str) -> bool:
    """Return whether a format in words (`describe_look`) makes numbers unreadable."""
    # "number 0.00, bold" -> {"number": "0.00", "bold": ""}.
    format_parts = dict(part.partition(" ")[::2] for part in form.split(", "))
    if not format_parts.keys().isdisjoint(("size", "font", "alignment")):
        return True
    if format_parts.get("colour", "000000") == format_parts.get("fill", "FFFFFF"):
        return True
    return hides_in(format_parts.get("number", "General"))


def hides_in(number: str) -> bool:
    """Return whether a number format shows no digit of the number: `;;;`, or a typed text."""
    positive, separator, rest = number.partition(";")
    if not re.search(r"[0#?@dmyhs]|general", _NO_DIGITS.sub("", number), re.IGNORECASE):
        return True
    negative = rest.partition(";")[0]
    has_empty_part = not (positive.strip() and negative.strip(" ;"))
    return bool(separator) and has_empty_part
