"""What a workbook shows otherwise than its template: names, charts, formats, settings, labels."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from operator import itemgetter
from typing import NamedTuple

from xlcity.audit.lint.finding import Finding, finding_at, first_cell
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.rules.method import built_cells
from xlcity.audit.lint.subject import Subject
from xlcity.errors import CellValue
from xlcity.messages import Message
from xlcity.recalc.compare import is_same_typed_value
from xlcity.recalc.held_values import HELD
from xlcity.workbook.checking.contract import DATA, MOVABLE, Expected, drawn_columns
from xlcity.workbook.reading.records import is_number
from xlcity.workbook.steps.weigh import SHEET as WEIGHTS
from xlcity.workbook.steps.weigh import stored_rows
from xlcity.workbook.tab_titles import contract_name, titles_of
from xlcity.xlsx.address import Range, cell_name, parse_area, ranges_text
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
from xlcity.xlsx.formulas.graph import Place
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


class _Judgement(NamedTuple):
    """The rule that a change breaks, and the message; "" for what a user may add."""

    rule: str
    message: str


_ALLOWED = _Judgement("", "")


class _Record(NamedTuple):
    """Sheet and first row of the record of how a template was made, the foot of a sheet."""

    sheet: str
    row: int

    def holds(self, sheet: str, row: int) -> bool:
        """Tell whether a row is of the record."""
        return sheet == self.sheet and row >= self.row

    def has(self, aspect: Aspect) -> bool:
        """Tell whether what is in a cell or row is of the record."""
        row = re.search(r"\d+", aspect.cell)
        return row is not None and self.holds(aspect.sheet, int(row[0]))


class _Label(NamedTuple):
    """A cell with what a template has typed there, and what it has now."""

    position: Position
    old: CellValue
    new: CellValue


@finds(order=20)
def changed_looks(subject: Subject) -> Iterator[Finding]:
    """Yield E13, W16 and W18 to W21; what a user added to the template is not reported."""
    expected = subject.expected
    if expected is None:
        return
    template = expected.appearance
    gone = set[Aspect]()
    for change in looks_otherwise(subject.book, subject.appearance, template):
        judgement = _judge_change(change, template, gone, subject.appearance)
        if judgement.rule:
            yield _report_look(subject, change, judgement)
    yield from _find_hidden_numbers(subject)
    yield from _changed_labels(subject, expected)


def _report_look(
    subject: Subject, change: AppearanceChange, judgement: _Judgement
) -> Finding:
    """Return the finding of a change of looks."""
    rule, message = judgement
    aspect = change.aspect
    sheet = aspect.sheet
    cell = first_cell(aspect.cell)
    line = re.match(r"\d+|[A-Z]+", _first_other(change))
    if line:
        cell = _HIDDEN_LINES.get(aspect.what, "").format(line[0]) or cell
    area = parse_area(change.before) if rule == "E13" and not sheet else None
    if area is not None and area.sheet in subject.book.sheets:
        sheet = area.sheet
        cell = cell_name(area.r1, area.c1)
    return Finding(
        rule,
        sheet,
        cell,
        message,
        region=aspect.cell if re.search("[ :]", aspect.cell) else "",
        fault=_find_fault(change, judgement, f"{sheet} {cell}"),
        level="error" if aspect.what == "precision" else "",
    )


def _find_fault(change: AppearanceChange, judgement: _Judgement, place: str) -> str:
    """Return what several findings about looks have in common."""
    aspect = change.aspect
    # The values that charts store follow from the cells: one cause, in however many charts.
    if judgement.rule == "E13" or aspect.what.startswith(STORED_VALUES):
        return aspect.what.partition(" of ")[0]
    # A program that saves a workbook sets or drops all of a kind.
    if aspect.kind == "setting":
        return aspect.what
    if judgement.rule == "W18":
        return place
    if not change.after:
        return f"no {aspect.kind}"
    return f"{place} {aspect.what or judgement.message}"


def _find_hidden_numbers(subject: Subject) -> Iterator[Finding]:
    """Yield W19 for typed numbers that cannot be seen, on sheets whose rows a user moves.

    The formats of such sheets are not compared with the template's.
    """
    for sheet in sorted(MOVABLE & subject.book.sheets.keys()):
        cells = subject.book.sheets[sheet].cells
        formats = subject.appearance.formats[sheet]
        hiding = set(filter(hides_numbers, {*formats.values()}))
        hidden: dict[str, list[Position]] = {}
        for position, form in formats.items():
            if form not in hiding or cells.formula(position) is not None:
                continue
            if is_number(cells.value(position)):
                hidden.setdefault(form, []).append(position)
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
        kind = change.aspect.kind
        if kind == "note" or change.aspect.what == _RECIPE:
            continue
        if record.has(change.aspect):
            continue
        if _hides_few(change, template) or _is_typed_out(book, change):
            continue
        if kind == "name" and _has_other_rows(change, columns, template, mine):
            continue
        if _counts_on_its_sheet(change, template, mine):
            yield change


def _counts_on_its_sheet(
    change: AppearanceChange, template: Appearance, mine: Appearance
) -> bool:
    """Tell whether a change is one where rows of its sheet may be sorted, added and deleted."""
    aspect = change.aspect
    if aspect.kind == VALIDATION and aspect.sheet in _GROWING:
        # Rows are added and deleted: what the validation does stays, wherever it is.
        return bool(change.before) and not _alike(mine, aspect, change.before)
    return aspect.sheet not in MOVABLE or _is_kept(change, template, mine)


def _hides_few(change: AppearanceChange, template: Appearance) -> bool:
    """Tell whether merged cells hide but the one that they show, or a drawing covers none."""
    _, _, cell, what = change.aspect
    if (
        change.aspect.kind == _MERGED
        and _count_hidden_cells(template, change, cell) < 2
    ):
        return True
    return what == CELLS_UNDER_DRAWING and not _count_hidden_cells(template, change)


def _is_kept(change: AppearanceChange, template: Appearance, mine: Appearance) -> bool:
    """Tell whether a movable sheet should have this as its template does.

    Rows that the template hides have other numbers when rows are inserted, so that they are
    counted; a conditional format is split when rows are moved: one is gone where fewer are alike.
    """
    kind, _, _, what = change.aspect
    if kind == FORMAT and change.before:
        expected = _alike(template, change.aspect, change.before)
        return len(_alike(mine, change.aspect, change.before)) < len(expected)
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


def _record_start(book: ReadBook) -> _Record:
    """Return where the record of how a template was made begins."""
    record = find_area(book, "xl_report")
    return _Record("", 0) if record is None else _Record(record.sheet, record.r1)


def _count_hidden_cells(
    template: Appearance, change: AppearanceChange, cells: str = ""
) -> int:
    """Return how many of the cells that are hidden now, by default the new ones, were filled."""
    sheet = change.aspect.sheet
    area = parse_area(f"'{sheet}'!{cells or change.after}") if change.after else None
    if area is None:
        return 0
    return len(template.filled[sheet].intersection(area.positions))


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
    if old is None or new is None:
        return False
    if old.sheet != new.sheet or old.sheet not in _GROWING:
        return False
    for drawn, here in _named_areas(template, mine):
        if drawn.sheet == old.sheet and not _move_together(drawn, here, old, new):
            return False
    ends = [new.c1, new.c2]
    if new.sheet in DATA:
        ends = [columns.get(column, column) for column in ends]
    return [old.c1, old.c2] == ends


def _move_together(drawn: Range, here: Range, old: Range, new: Range) -> bool:
    """Tell whether areas that began or ended in one row of the template do so still."""
    if drawn.r1 == old.r1 and here.r1 != new.r1:
        return False
    return drawn.r2 != old.r2 or here.r2 == new.r2


def _named_areas(
    template: Appearance, mine: Appearance
) -> Iterator[tuple[Range, Range]]:
    """Yield the areas of the template's names, there and here."""
    names = [aspect for aspect in template.aspects if aspect.kind == "name"]
    for name in names:
        drawn = parse_area(template.aspects[name])
        here = parse_area(mine.aspects.get(name, ""))
        if drawn is not None and here is not None:
            yield drawn, here


#: Spaces, and numbers that are not years.
_COUNTS = re.compile(r"\s+|\b(?!(?:19|20)\d\d\b)\d+")


def _is_typed_out(book: ReadBook, change: AppearanceChange) -> bool:
    """Tell whether a chart's title is the text of the cell that the template's title is linked to.

    LibreOffice writes it so, with the counts of before where it has drawn the chart too early;
    a template that was just drawn does not know the text yet.
    """
    if change.aspect.kind != "chart":
        return False
    area = parse_area(change.before.partition(' "')[0])
    if area is None or area.sheet not in book.sheets:
        return False
    shown = _COUNTS.sub("", change.after.strip('"'))
    value = book.value(area.sheet, area.r1, area.c1) or ""
    linked = _COUNTS.sub("", str(value))
    return bool(linked) and shown == linked


def _judge_change(
    change: AppearanceChange,
    template: Appearance,
    gone: set[Aspect],
    now: Appearance,
) -> _Judgement:
    """Return the rule that a change breaks, and the message."""
    kind = change.aspect.kind
    if kind == "name":
        return _judge_name(change, template)
    if change.aspect.what == CELLS_UNDER_DRAWING:
        area = change.after or "nothing"
        return _Judgement("W19", Message("look.covers", kind=Shown(kind), area=area))
    if kind in _DRAWN:
        return _judge_drawing(change, template, gone, now)
    if kind == "setting":
        return _judge_setting(change)
    if kind == "format":
        return _judge_format(change)
    return _judge_object(change)


def _judge_object(change: AppearanceChange) -> _Judgement:
    """Return the rule that a change of what lies on cells breaks, and the message."""
    kind = change.aspect.kind
    is_of_template = bool(change.before)
    if kind in OBJECTS:
        return _judge_if(is_of_template or kind in _HIDING, "W20", change)
    if kind == "conditional format":
        is_wrong = is_of_template or _hides_values(change)
        return _judge_if(is_wrong, "W19", change, prefix="conditional format ")
    if kind == _MERGED:
        return _Judgement("W19", Message("look.merged", cells=change.aspect.cell))
    if kind == LINK:
        return _judge_if(is_of_template, "W20", change)
    if kind == VALIDATION:
        return _judge_if(is_of_template, "W20", change, prefix="validation ")
    return _ALLOWED


def _judge_if(
    is_wrong: bool, rule: str, change: AppearanceChange, *, prefix: str = ""
) -> _Judgement:
    """Return the rule with what is now and was, if a change is wrong."""
    if not is_wrong:
        return _ALLOWED
    what = change.aspect.what or change.aspect.kind
    return _Judgement(rule, _describe_change(f"{prefix}{what}", change))


def _judge_name(change: AppearanceChange, template: Appearance) -> _Judgement:
    """Return E13 for a name that stands for something else, or hides the template's."""
    aspect = change.aspect
    # A sheet's own name is read there before the workbook's of that name.
    hidden = aspect.sheet and aspect._replace(sheet="") in template.aspects
    if not change.before and not hidden:
        return _ALLOWED
    new = Shown(change.after or "nothing")
    old = Shown(change.before or "nothing")
    return _Judgement("E13", Message("look.name", what=aspect.what, new=new, old=old))


def _judge_drawing(
    change: AppearanceChange,
    template: Appearance,
    gone: set[Aspect],
    now: Appearance,
) -> _Judgement:
    """Return W18 for a chart or a text that is gone, once, or shows something else."""
    aspect = change.aspect
    kind = aspect.kind
    drawing = aspect._replace(what="kind" if kind == "chart" else aspect.what)
    if drawing not in template.aspects or drawing in gone:
        return _ALLOWED
    if drawing not in now.aspects:
        gone.add(drawing)
        return _Judgement("W18", Message("look.gone", kind=Shown(kind)))
    return _Judgement("W18", _describe_change(aspect.what or kind, change, kind))


def _judge_setting(change: AppearanceChange) -> _Judgement:
    if change.aspect.what == "protection":
        rule = "W16" if change.before else ""
        return _Judgement(rule, Message("look.unprotected"))
    return _judge_if(change.aspect.what not in _ELSEWHERE, "W20", change)


def _judge_format(change: AppearanceChange) -> _Judgement:
    """Return W19 for a format that hides a number, or in which it is read otherwise."""
    if change.aspect.what:
        return _judge_if("colour FFFFFF" in change.after, "W19", change)
    if hides_numbers(change.after):
        return _Judgement("W19", _describe_invisible(change.after or "nothing"))
    is_other = _read_as(change.before) != _read_as(change.after)
    return _judge_if(is_other, "W19", change)


def _hides_values(change: AppearanceChange) -> bool:
    """Tell whether a conditional format may hide what its cells show."""
    new = change.after or "nothing"
    # What shows nothing itself only keeps the rules below it from being applied.
    if new == "set" and not change.aspect.what.startswith(_DRAWN_RULES):
        return True
    look, _, number = new.partition("number ")
    colours = look.split()[:2]
    if len({*colours}) < len(colours) or colours == ["FFFFFF"]:
        return True
    return bool(number and hides_in(number))


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
    kept = _kept_by_program(subject.book)
    record = _record_start(subject.book)
    weights = stored_rows(subject.book)
    for name, typed in expected.typed.items():
        if name not in subject.book.sheets:
            continue
        if name in MOVABLE:
            typed = _typed_above(subject, expected, name, typed)
        found_weights = weights if contract_name(name) == WEIGHTS else ()
        for label in _differing_labels(subject.book, name, typed):
            place = (name, label.position)
            # What differs from the cells that keep the method is the method.
            if record.holds(name, label.position[0]) or place in kept:
                continue
            if not _may_differ(subject, name, label, found_weights):
                yield _report_label(subject, name, label)


def _kept_by_program(book: ReadBook) -> frozenset[Place]:
    """Return the cells that keep what a book was built with, and what calls gave last."""
    held = find_area(book, HELD)
    places = [(held.sheet, position) for position in held.positions] if held else ()
    return built_cells(book).union(places)


def _differing_labels(
    book: ReadBook, sheet: str, typed: Mapping[Position, CellValue]
) -> Iterator[_Label]:
    """Yield the cells of a sheet that have something else typed than the template."""
    cells = book.sheets[sheet].cells
    columns: dict[int, int] = {}
    if sheet in DATA:
        columns = {drawn: here for here, drawn in drawn_columns(book).items()}
    find_labels = partial(_find_labels, cells, typed, columns)
    places, indices = cells.keep("labels", (typed, columns), find_labels)
    values = zip(places, typed.values(), cells.values_in(indices), strict=True)
    differing = [cell for cell in values if cell[1] != cell[2]]  # most are the same
    computed = frozenset(cells.computed() if differing else ())
    for cell in sorted(differing, key=itemgetter(0)):
        label = _Label(*cell)
        is_same = is_same_typed_value(label.old, label.new)
        if not is_same and label.position not in computed:
            yield label


def _may_differ(
    subject: Subject,
    sheet: str,
    label: _Label,
    found_weights: Collection[int],
) -> bool:
    """Tell whether a cell is its user's, or has a weight that followed from data."""
    row = label.position[0]
    if is_number(label.old) and is_number(label.new) and row in found_weights:
        return True  # fillings change it
    codes = subject.area("xl_codes")
    is_head = codes is not None and (sheet, row) == (codes.sheet, codes.r1)
    return not is_head and _is_own(subject, sheet, label.position)


def _report_label(subject: Subject, sheet: str, label: _Label) -> Finding:
    """Return W21 for a cell that has something else typed than the template."""
    phrase = Message(
        "phrase.replaced", came=_shown_label(label.new), went=_shown_label(label.old)
    )
    message = Message("lint.formula", phrase=phrase)
    fault = ""
    version = subject.former_version
    if version and isinstance(label.old, str) and isinstance(label.new, str):
        message = Message("lint.formula_reworded", phrase=phrase, version=version)
        fault = "words"
    # Values below another code are of no indicator.
    codes = subject.area("xl_codes")
    row, column = label.position
    is_code = False
    if codes is not None:
        is_code = (sheet, row) == (codes.sheet, codes.r1) and column >= codes.c1
    level = "error" if is_code else ""
    return finding_at("W21", sheet, label.position, message, fault=fault, level=level)


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
