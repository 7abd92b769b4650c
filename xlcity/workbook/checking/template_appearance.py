"""What a workbook shows otherwise than its template: names, charts, formats, settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from xlcity.workbook.checking.contract import MOVABLE
from xlcity.workbook.checking.inserted_columns import DATA, drawn_columns
from xlcity.workbook.tab_titles import titles_of
from xlcity.xlsx.address import Range, cell_name, parse_area, parse_range
from xlcity.xlsx.appearance import (
    LINK,
    UNPROTECTED,
    Appearance,
    AppearanceChange,
    Aspect,
    compare_appearance,
)
from xlcity.xlsx.cells import ReadBook, find_area
from xlcity.xlsx.chart_content import COVERS
from xlcity.xlsx.features import KINDS as OBJECTS
from xlcity.xlsx.features import VALIDATION
from xlcity.xlsx.format_words import hides_in, hides_numbers
from xlcity.xlsx.properties import ORDER, THEME

#: The lines of the recipe, of which there may be more or fewer.
_RECIPE = "xl_recipe"
_CELL = re.compile(r"\$?\b[A-Z]{1,3}\$?\d+\b")
_MERGED, _DRAWN_RULES = "merged cells", ("colorScale", "dataBar", "iconSet")
_DRAWN = ("chart", "text box", "drawing")
#: What of a format is more than decoration, and what lies on a sheet and may hide its cells.
_READ, _HIDING = (
    ("number ", "strike", "rotation ", "superscript", "subscript"),
    ("background", "sparkline", "table"),
)
#: Settings of a sheet whose rows its user moves, and those that are not a matter of the template.
_MOVING = ("print area", "hidden rows", "protection", "page breaks")
_ELSEWHERE = ("protection", ORDER, UNPROTECTED, THEME)
#: Sheets whose user adds and deletes rows: names of their columns may have any rows.
_GROWING = MOVABLE | titles_of("Items", "Sources", "Intake")


def record_start(book: ReadBook) -> tuple[str, int]:
    """Return sheet and first row of the record of how a template was made, the foot of a sheet."""
    record = find_area(book, "xl_report")
    return ("", 0) if record is None else (record.sheet, record.r1)


class Deviation(NamedTuple):
    """One thing that a workbook shows otherwise than its template.

    Attributes
    ----------
    kind
        "name", "chart", "format" or "setting".
    what
        The name, the setting, or what of a chart; else "".
    sheet, cell, region
        Where, of a name the template's cells; the region is what the cell belongs to, or "".
    message
        What stands there and what the template has, in words that follow a name of the place.
    """

    kind: str
    what: str
    sheet: str
    cell: str
    region: str
    message: str


def differs_from_template(
    book: ReadBook, mine: Appearance, template: Appearance
) -> Iterator[AppearanceChange]:
    """Yield what a workbook shows otherwise than its template, apart from what people may change.

    The record of how a book was made changes, rows of movable sheets are sorted, notes are a
    user's own, and so are merged cells that hide none.
    """
    fixed, columns = frozenset(book.sheets.keys() - MOVABLE), drawn_columns(book)
    record = record_start(book)
    for change in compare_appearance(template, mine, fixed):
        kind, sheet, _, what = change.aspect
        if kind == "note" or what == _RECIPE:
            continue
        row = re.search(r"\d+", change.aspect.cell)
        if sheet == record[0] and row and int(row[0]) >= record[1]:
            continue
        if (
            kind == _MERGED
            and not _count_hidden_cells(template, sheet, change.aspect.cell, change) > 1
        ):
            continue
        if what == COVERS and not _count_hidden_cells(template, sheet, change.after, change):
            continue
        if kind == "name" and _has_other_rows(change, columns):
            continue
        if kind == "chart" and _is_typed_out(book, change):
            continue
        if kind == VALIDATION and sheet in _GROWING:
            if change.before and not _is_validated(mine, change):
                yield change
        elif sheet not in MOVABLE or (kind == "setting" and what not in _MOVING):
            yield change


def _count_hidden_cells(
    template: Appearance, sheet: str, addresses: str, change: AppearanceChange
) -> int:
    """Return how many of the cells of an area, which now hide each other, the template fills."""
    area = parse_area(f"'{sheet}'!{addresses}")
    if area is None or not change.after:
        return 0
    return len(template.filled[sheet].intersection(area.positions))


def _has_other_rows(change: AppearanceChange, columns: Mapping[int, int]) -> bool:
    """Tell whether a name has the same columns of a sheet whose rows its user adds and deletes.

    `columns` are those of `Data`, as a template has them.
    """
    old, new = parse_area(change.before), parse_area(change.after)
    return (
        old is not None
        and new is not None
        and old.sheet == new.sheet
        and old.sheet in _GROWING
        and (old.c1, old.c2)
        == tuple(columns.get(c, c) if new.sheet in DATA else c for c in (new.c1, new.c2))
    )


def _is_validated(mine: Appearance, change: AppearanceChange) -> bool:
    """Tell whether a sheet whose rows its user moves has a validation alike, wherever it stands.

    Where rows are only added it may not have got smaller.
    """
    sheet, wanted = change.aspect.sheet, (_CELL.sub("", change.aspect.what), change.before)
    least = 0 if sheet in MOVABLE else _count_cells(change.aspect.cell)
    return any(
        (_CELL.sub("", aspect.what), effect) == wanted and _count_cells(aspect.cell) >= least
        for aspect, effect in mine.aspects.items()
        if (aspect.kind, aspect.sheet) == (VALIDATION, sheet)
    )


def _count_cells(addresses: str) -> int:
    """Return how many cells are in areas such as ``A1:B3 D5``."""
    corners = map(parse_range, addresses.split())
    return sum((r2 - r1 + 1) * (c2 - c1 + 1) for r1, c1, r2, c2 in corners)


def typed_titles(
    book: ReadBook, mine: Appearance, template: Appearance
) -> Iterator[tuple[str, int, int]]:
    """Yield the cells whose texts stand typed in titles of charts: sheet, row, column."""
    for change in compare_appearance(template, mine, frozenset()):
        area = _linked_cell(book, change) if change.aspect.kind == "chart" else None
        if area is not None and _is_typed_out(book, change):
            yield area.sheet, area.r1, area.c1


def _linked_cell(book: ReadBook, change: AppearanceChange) -> Range | None:
    """Return the cell that a title of the template is linked to."""
    area = parse_area(change.before.partition(' "')[0])
    return None if area is None or area.sheet not in book.sheets else area


def _is_typed_out(book: ReadBook, change: AppearanceChange) -> bool:
    """Tell whether a title is the text of the cell that the template's title is linked to.

    LibreOffice writes it so; a template that was just drawn does not know the text yet.
    """
    area = _linked_cell(book, change)
    if area is None:
        return False
    text = " ".join(str(book.value(area.sheet, area.r1, area.c1) or "").split())
    return bool(text) and " ".join(change.after.strip('"').split()) == text


def deviations(book: ReadBook, mine: Appearance, template: Appearance) -> Iterator[Deviation]:
    """Yield what has to be as in the template and is not; what a user added is left out."""
    gone: set[Aspect] = set()
    for change in differs_from_template(book, mine, template):
        aspect = change.aspect
        kind, message = _judge_change(change, template, gone, mine)
        if kind:
            sheet, region = aspect.sheet, aspect.cell if re.search("[ :]", aspect.cell) else ""
            cell = aspect.cell.partition(":")[0].partition(" ")[0].rstrip(",")
            if kind == "name" and (area := _named_area(book, change)) is not None:
                sheet, cell = area.sheet, cell_name(area.r1, area.c1)
            what = aspect.what if kind != "format" else ""
            yield Deviation(kind, what, sheet, cell, region, message)


def _named_area(book: ReadBook, change: AppearanceChange) -> Range | None:
    """Return the cells that a name of the workbook stands for in its template."""
    area = None if change.aspect.sheet else parse_area(change.before)
    return None if area is None or area.sheet not in book.sheets else area


def _judge_change(
    change: AppearanceChange, template: Appearance, gone: set[Aspect], now: Appearance
) -> tuple[str, str]:
    """Return the kind of deviation and the message; no kind for what a user may add."""
    aspect, old, new = change.aspect, change.before or "nothing", change.after or "nothing"
    text = f"{aspect.what or aspect.kind}: {new} instead of {old}."
    if aspect.kind == "name":
        message = f"the name {aspect.what} stands for {new} instead of {old}."
        # A sheet's own name is read there before the workbook's of that name.
        hidden = aspect.sheet and aspect._replace(sheet="") in template.aspects
        return ("name" if change.before or hidden else ""), message
    if aspect.what == COVERS:
        return "format", f"a {aspect.kind} covers {new}."
    if aspect.kind in _DRAWN:
        drawing = aspect._replace(what="kind" if aspect.kind == "chart" else aspect.what)
        if drawing not in template.aspects or drawing in gone:
            return "", ""
        if drawing not in now.aspects:
            gone.add(drawing)
            return "chart", f"the {aspect.kind} is gone from here."
        return "chart", f"{aspect.kind}: {text}"
    if aspect.kind == "setting":
        return ("" if aspect.what in _ELSEWHERE else "setting"), text
    if aspect.kind == "format" and aspect.what:
        return ("format" if "colour FFFFFF" in new else ""), text
    if aspect.kind == "format":
        readings = {_read_as(form) for form in (change.before, change.after)}
        if hides_numbers(change.after):
            return "format", f"numbers are not visible ({new})."
        return ("format" if len(readings) > 1 else ""), text
    if aspect.kind in OBJECTS:
        return ("setting" if change.before or aspect.kind in _HIDING else ""), text
    if aspect.kind == "conditional format":
        look, _, number = new.partition("number ")
        colours = look.split()[:2]
        hides = len(set(colours)) < len(colours) or colours == ["FFFFFF"]
        hides = hides or bool(number and hides_in(number))
        # What shows nothing itself only keeps the rules below it from being applied.
        hides = hides or (new == "set" and not aspect.what.startswith(_DRAWN_RULES))
        return ("format" if change.before or hides else ""), f"conditional format {text}"
    if aspect.kind == _MERGED:
        return "format", f"the cells {aspect.cell} are merged: only the first is visible."
    if aspect.kind in (VALIDATION, LINK):
        message = text if aspect.kind == LINK else f"validation {text}"
        return ("setting" if change.before else ""), message
    return "", ""


def _read_as(form: str) -> tuple[str, ...]:
    """Return what of a format changes how a number is read."""
    return tuple(part for part in form.split(", ") if part.startswith(_READ))
