"""What a workbook shows otherwise than its template: names, charts, formats, settings, labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from operator import itemgetter

from xlcity.audit.lint.finding import Finding, finding_at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.rules.method import built_cells
from xlcity.audit.lint.subject import Subject
from xlcity.errors import CellValue
from xlcity.grouping import grouped
from xlcity.messages import Message
from xlcity.recalc.compare import is_same_typed_value
from xlcity.workbook.checking.contract import DATA, MOVABLE, Expected, drawn_columns
from xlcity.workbook.reading.records import is_number
from xlcity.workbook.steps.weigh import SHEET as WEIGHTS
from xlcity.workbook.steps.weigh import stored_rows
from xlcity.workbook.tab_titles import contract_name, titles_of
from xlcity.xlsx.address import cell_name, parse_area, ranges_text
from xlcity.xlsx.appearance import (
    LINK,
    UNPROTECTED,
    Appearance,
    AppearanceChange,
    Aspect,
    compare_appearance,
    hides_in,
    hides_numbers,
)
from xlcity.xlsx.cells import Position, ReadBook, find_area
from xlcity.xlsx.chart_content import CELLS_UNDER_DRAWING, STORED_VALUES
from xlcity.xlsx.features import FORMAT, VALIDATION
from xlcity.xlsx.features import KINDS_LIBREOFFICE_DROPS as OBJECTS
from xlcity.xlsx.properties import ORDER, THEME
from xlcity.xlsx.shown import Shown
from xlcity.xlsx.table import CellTable

#: The lines of the recipe, of which there may be more or fewer.
_RECIPE = "xl_recipe"
_CELL = re.compile(r"\$?\b[A-Z]{1,3}\$?\d+\b")
_MERGED = "merged cells"
_DRAWN_RULES = ("colorScale", "dataBar", "iconSet")
_DRAWN = ("chart", "text box", "drawing")
#: What of a format is more than decoration, and what lies on a sheet and may hide its cells.
_READ = ("number ", "strike", "rotation ", "superscript", "subscript")
_HIDING = ("background", "sparkline", "table")
#: Settings of a sheet whose rows its user moves, and those that are not a matter of the template.
_HIDDEN_ROWS = "hidden rows"
_MOVING = ("print area", _HIDDEN_ROWS, "protection", "page breaks")
_ELSEWHERE = (ORDER, UNPROTECTED, THEME)
#: Settings that list rows or columns -> the first cell of one.
_HIDDEN_LINES = {_HIDDEN_ROWS: "A{}", "hidden columns": "{}1"}
#: Sheets whose user adds and deletes rows: names of their columns may have any rows.
_GROWING = MOVABLE | titles_of("Items", "Sources", "Intake")
#: How far above the codes of `Links` their headings stand.
_ROWS_OF_HEADINGS = 2


@finds(order=20)
def changed_looks(subject: Subject) -> Iterator[Finding]:
    """Yield E13, W16 and W18 to W21; what a user added to the template is not reported."""
    if (expected := subject.expected) is None:
        return
    template = expected.appearance
    gone = set[Aspect]()
    for change in looks_otherwise(subject.book, subject.appearance, template):
        aspect = change.aspect
        rule, message = _judge_change(change, template, gone, subject.appearance)
        if not rule:
            continue
        sheet = aspect.sheet
        region = aspect.cell if re.search("[ :]", aspect.cell) else ""
        cell = aspect.cell.partition(":")[0].partition(" ")[0].rstrip(",")
        if line := re.match(r"\d+|[A-Z]+", _first_other(change)):
            cell = _HIDDEN_LINES.get(aspect.what, "").format(line[0]) or cell
        area = parse_area(change.before) if rule == "E13" and not sheet else None
        if area is not None and area.sheet in subject.book.sheets:
            sheet = area.sheet
            cell = cell_name(area.r1, area.c1)
        # The values that charts store follow from the cells: one cause, in however many charts.
        fault = (
            f"{sheet} {cell}"
            if rule == "W18"
            else f"{sheet} {cell} {aspect.what or message}"
        )
        if rule == "E13" or aspect.what.startswith(STORED_VALUES):
            fault = aspect.what.partition(" of ")[0]
        # A program that saves a workbook sets or drops all of a kind.
        elif aspect.kind == "setting":
            fault = aspect.what
        elif rule != "W18" and not change.after:
            fault = f"no {aspect.kind}"
        level = "error" if aspect.what == "precision" else ""
        yield Finding(
            rule, sheet, cell, message, region=region, fault=fault, level=level
        )
    yield from _find_hidden_numbers(subject)
    yield from _changed_labels(subject, expected)


def _find_hidden_numbers(subject: Subject) -> Iterator[Finding]:
    """Yield W19 for typed numbers that cannot be seen, on sheets whose rows a user moves.

    The formats of such sheets are not compared with the template's.
    """
    for sheet in sorted(MOVABLE & subject.book.sheets.keys()):
        cells = subject.book.sheets[sheet].cells
        formats = subject.appearance.formats[sheet]
        hiding = set(filter(hides_numbers, {*formats.values()}))
        hidden = grouped(
            (form, position)
            for position, form in formats.items()
            if form in hiding
            and cells.formula(position) is None
            and is_number(cells.value(position))
        )
        for form, positions in hidden.items():
            message = _describe_invisible(form)
            region = ranges_text(positions)
            yield finding_at("W19", sheet, positions[0], message, region=region)


def _describe_invisible(form: str) -> str:
    return Message("look.invisible", form=Shown(form))


def looks_otherwise(
    book: ReadBook, mine: Appearance, template: Appearance
) -> Iterator[AppearanceChange]:
    """Yield what a workbook shows otherwise than its template, apart from what people may change.

    The record of how a book was made changes, rows of movable sheets are sorted, notes are a
    user's own, and so are merged cells that hide none.
    """
    fixed = frozenset(book.sheets.keys() - MOVABLE)
    columns = drawn_columns(book)
    record = _record_start(book)
    for change in compare_appearance(template, mine, fixed):
        kind, sheet, cell, what = change.aspect
        row = re.search(r"\d+", cell)
        if (
            kind == "note"
            or what == _RECIPE
            or (sheet == record[0] and row and int(row[0]) >= record[1])
            or (kind == _MERGED and _count_hidden_cells(template, change, cell) < 2)
            or (
                what == CELLS_UNDER_DRAWING
                and not _count_hidden_cells(template, change)
            )
            or (kind == "name" and _has_other_rows(change, columns, template, mine))
            or (kind == "chart" and _is_typed_out(book, change))
        ):
            continue
        if kind == VALIDATION and sheet in _GROWING:
            # Rows are added and deleted: what the validation does stays, wherever it is.
            if change.before and not _alike(mine, change.aspect, change.before):
                yield change
        elif sheet not in MOVABLE or _is_kept(change, template, mine):
            yield change


def _is_kept(change: AppearanceChange, template: Appearance, mine: Appearance) -> bool:
    """Tell whether a movable sheet should have this as its template does.

    Rows that the template hides have other numbers when rows are inserted, so that they are
    counted; a conditional format is split when rows are moved: one is gone where fewer are alike.
    """
    kind, _, _, what = change.aspect
    if kind == FORMAT and change.before:
        alike = (
            _alike(side, change.aspect, change.before) for side in (template, mine)
        )
        expected, found = map(len, alike)
        return found < expected
    if kind == "setting" and what == _HIDDEN_ROWS:
        return _count_rows(change.after) > _count_rows(change.before)
    return kind == "setting" and what not in _MOVING


def _first_other(change: AppearanceChange) -> str:
    """Return the first of the lines that a setting lists now and did not before, else all."""
    before = change.before.split(", ")
    others = (line for line in change.after.split(", ") if line not in before)
    return next(others, change.after)


def _count_rows(listed: str) -> int:
    """Count the rows of a list such as "3-5, 9"."""
    count = 0
    for part in listed.split(", "):
        if part[:1].isdigit():
            first, _, last = part.partition("-")
            count += int(last or first) - int(first) + 1
    return count


def _alike(side: Appearance, aspect: Aspect, effect: str) -> list[Aspect]:
    """Return the aspects of a kind of a sheet that are the same but for the cells they name."""
    wanted = aspect.kind, aspect.sheet, _CELL.sub("", aspect.what), effect
    return [
        own
        for own, shown in side.aspects.items()
        if (own.kind, own.sheet, _CELL.sub("", own.what), shown) == wanted
    ]


def _record_start(book: ReadBook) -> tuple[str, int]:
    """Return sheet and first row of the record of how a template was made, the foot of a sheet."""
    record = find_area(book, "xl_report")
    return ("", 0) if record is None else (record.sheet, record.r1)


def _count_hidden_cells(
    template: Appearance, change: AppearanceChange, cells: str = ""
) -> int:
    """Return how many of the cells that are hidden now, by default the new ones, were filled."""
    sheet = change.aspect.sheet
    area = parse_area(f"'{sheet}'!{cells or change.after}") if change.after else None
    return (
        0 if area is None else len(template.filled[sheet].intersection(area.positions))
    )


def _has_other_rows(
    change: AppearanceChange,
    columns: Mapping[int, int],
    template: Appearance,
    mine: Appearance,
) -> bool:
    """Tell whether a name has the same columns of a sheet whose rows its user adds and deletes.

    Names that begin or end in one row of the template have to do so here. `columns` are those of
    `Data`, as a template has them.
    """
    old = parse_area(change.before)
    new = parse_area(change.after)
    if (
        old is None
        or new is None
        or old.sheet != new.sheet
        or old.sheet not in _GROWING
    ):
        return False
    for aspect in (aspect for aspect in template.aspects if aspect.kind == "name"):
        drawn, here = (
            parse_area(side.aspects.get(aspect, "")) for side in (template, mine)
        )
        if drawn is None or here is None or drawn.sheet != old.sheet:
            continue
        if (drawn.r1 == old.r1 and here.r1 != new.r1) or (
            drawn.r2 == old.r2 and here.r2 != new.r2
        ):
            return False
    ends = (columns.get(c, c) if new.sheet in DATA else c for c in (new.c1, new.c2))
    return (old.c1, old.c2) == tuple(ends)


#: Spaces, and numbers that are not years.
_COUNTS = re.compile(r"\s+|\b(?!(?:19|20)\d\d\b)\d+")


def _is_typed_out(book: ReadBook, change: AppearanceChange) -> bool:
    """Tell whether a title is the text of the cell that the template's title is linked to.

    LibreOffice writes it so, with the counts of before where it has drawn the chart too early;
    a template that was just drawn does not know the text yet.
    """
    area = parse_area(change.before.partition(' "')[0])
    if area is None or area.sheet not in book.sheets:
        return False
    texts = change.after.strip('"'), str(book.value(area.sheet, area.r1, area.c1) or "")
    shown, linked = (_COUNTS.sub("", text) for text in texts)
    return bool(linked) and shown == linked


def _judge_change(
    change: AppearanceChange, template: Appearance, gone: set[Aspect], now: Appearance
) -> tuple[str, str]:
    """Return the rule that a change breaks, and the message; "" for what a user may add."""
    aspect = change.aspect
    old = change.before or "nothing"
    new = change.after or "nothing"
    kind = aspect.kind
    what = aspect.what
    text = _describe_change(what or kind, change)
    if kind == "name":
        # A sheet's own name is read there before the workbook's of that name.
        hidden = aspect.sheet and aspect._replace(sheet="") in template.aspects
        message = Message("look.name", what=what, new=Shown(new), old=Shown(old))
        return ("E13" if change.before or hidden else ""), message
    if what == CELLS_UNDER_DRAWING:
        return "W19", Message("look.covers", kind=Shown(kind), area=new)
    if kind in _DRAWN:
        drawing = aspect._replace(what="kind" if kind == "chart" else what)
        if drawing not in template.aspects or drawing in gone:
            return "", ""
        if drawing not in now.aspects:
            gone.add(drawing)
            return "W18", Message("look.gone", kind=Shown(kind))
        return "W18", _describe_change(what or kind, change, kind)
    if kind == "setting" and what == "protection":
        return ("W16" if change.before else ""), Message("look.unprotected")
    if kind == "setting":
        return ("" if what in _ELSEWHERE else "W20"), text
    if kind == "format" and what:
        return ("W19" if "colour FFFFFF" in new else ""), text
    if kind == "format":
        if hides_numbers(change.after):
            return "W19", _describe_invisible(new)
        return (
            "W19" if _read_as(change.before) != _read_as(change.after) else ""
        ), text
    if kind in OBJECTS:
        return ("W20" if change.before or kind in _HIDING else ""), text
    if kind == "conditional format":
        look, _, number = new.partition("number ")
        colours = look.split()[:2]
        # What shows nothing itself only keeps the rules below it from being applied.
        hides = new == "set" and not what.startswith(_DRAWN_RULES)
        hides |= len({*colours}) < len(colours) or colours == ["FFFFFF"]
        hides |= bool(number and hides_in(number))
        text = _describe_change(f"conditional format {what or kind}", change)
        return ("W19" if change.before or hides else ""), text
    if kind == _MERGED:
        return "W19", Message("look.merged", cells=aspect.cell)
    if kind == LINK and change.before:
        return "W20", text
    if kind == VALIDATION and change.before:
        return "W20", _describe_change(f"validation {what or kind}", change)
    return "", ""


def _describe_change(what: str, change: AppearanceChange, kind: str = "") -> str:
    """Return what something is now, and was; of one of several things, its `kind` comes first."""
    values = {
        "what": Shown(what),
        "new": Shown(change.after or "nothing"),
        "old": Shown(change.before or "nothing"),
    }
    if kind:
        return Message("look.changed_in", kind=Shown(kind), **values)
    return Message("look.changed", **values)


def _read_as(form: str) -> tuple[str, ...]:
    """Return what of a format changes how a number is read."""
    return tuple(part for part in form.split(", ") if part.startswith(_READ))


def _changed_labels(subject: Subject, expected: Expected) -> Iterator[Finding]:
    """Yield what the template has typed outside of inputs and the workbook has otherwise."""
    codes = subject.area("xl_codes")
    found_weights = stored_rows(subject.book)
    built = built_cells(subject.book)
    record = _record_start(subject.book)
    moved = {drawn: here for here, drawn in drawn_columns(subject.book).items()}
    head = None if codes is None else (codes.sheet, codes.r1)
    for name, typed in expected.typed.items():
        if name not in subject.book.sheets:
            continue
        if name in MOVABLE:
            typed = _typed_above(subject, expected, name, typed)
        cells = subject.book.sheets[name].cells
        columns = moved if name in DATA else {}
        find_labels = partial(_find_labels, cells, typed, columns)
        places, indices = cells.keep("labels", (typed, columns), find_labels)
        values = zip(places, typed.values(), cells.values_in(indices), strict=True)
        differing = [cell for cell in values if cell[1] != cell[2]]  # most are the same
        computed = frozenset(cells.computed() if differing else ())
        for position, old, new in sorted(differing, key=itemgetter(0)):
            if name == record[0] and position[0] >= record[1]:
                continue
            if is_same_typed_value(old, new) or position in computed:
                continue
            if (name, position) in built:  # what differs from it is the method
                continue
            # A weight that followed from data: fillings change it.
            is_found = contract_name(name) == WEIGHTS and position[0] in found_weights
            if is_found and is_number(old) and is_number(new):
                continue
            if (name, position[0]) != head and _is_own(subject, name, position):
                continue
            now, was = (_shown_label(value) for value in (new, old))
            phrase = Message("phrase.replaced", came=now, went=was)
            message = Message("lint.formula", phrase=phrase)
            fault = ""
            version = subject.former_version
            if version and isinstance(old, str) and isinstance(new, str):
                message = Message(
                    "lint.formula_reworded", phrase=phrase, version=version
                )
                fault = "words"
            # Values below another code are of no indicator.
            is_code = (
                codes is not None
                and head == (name, position[0])
                and position[1] >= codes.c1
            )
            level = "error" if is_code else ""
            yield finding_at("W21", name, position, message, fault=fault, level=level)


def _shown_label(value: CellValue) -> str:
    return Message("value.nothing") if value is None else repr(value)


def _typed_above(
    subject: Subject,
    expected: Expected,
    sheet: str,
    typed: Mapping[Position, CellValue],
) -> dict[Position, CellValue]:
    """Return what stays on a sheet whose rows move, where it stands now: codes and headings.

    Where rows were inserted above the codes, those right above these have moved with them.
    """
    is_data = sheet in DATA
    name = "xl_codes" if is_data else "in_links"
    here = subject.area(name)
    drawn = parse_area(expected.appearance.aspects.get(Aspect("name", what=name), ""))
    if here is None or drawn is None:
        return {}
    inserted = here.r1 - drawn.r1
    first = drawn.r1 if is_data else drawn.r1 - _ROWS_OF_HEADINGS
    if not is_data and not inserted:
        first = 1
    return {
        (row + inserted, column): value
        for (row, column), value in typed.items()
        if first <= row <= drawn.r1
    }


def _find_labels(
    cells: CellTable, typed: Iterable[Position], columns: Mapping[int, int]
) -> tuple[list[Position], list[int]]:
    """Return where the typed cells of a template stand in a sheet, with their indices in its table.

    `columns` maps a column of the template to that of the sheet where the two differ.
    """
    places = [(row, columns.get(column, column)) for row, column in typed]
    return places, cells.find_indices(places)


def _is_own(subject: Subject, sheet: str, position: Position) -> bool:
    """Tell whether a cell is its user's: an input, or a record written with the inputs."""
    records = any(area.holds(sheet, position) for area in subject.records)
    return records or subject.is_input(sheet, position)
