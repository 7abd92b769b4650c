"""What a workbook shows otherwise than its template: names, charts, formats, settings, labels."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.registry import declare
from xlcity.audit.lint.subject import Subject
from xlcity.workbook.checking.contract import MOVABLE
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.appearance import (
    Appearance,
    AppearanceChange,
    Aspect,
    compare_appearance,
    hides_numbers,
)
from xlcity.xlsx.cells import Position, ReadBook

declare(
    "E13 a name stands for other cells than in the template | Let it point there again.",
    "W18 a chart is not the template's | Restore it from a fresh template.",
    "W19 values are shown otherwise than in the template | Restore the format.",
    "W20 a setting hides or changes what is shown or printed | Set it as in a fresh template.",
    "W21 a heading or label of the template was changed | Restore it, or note why.",
)
#: The sheet that grows with each change, and its table.
_LOG, _RECIPE = "Log", "xl_recipe"
_DRAWN = ("chart", "text box", "drawing")
#: Settings of a sheet whose rows its user moves, and those that other rules report.
_MOVING = ("print area", "hidden rows", "protection")
_ELSEWHERE = ("protection", "iterative calculation", "order of sheets")


def differs_from_template(subject: Subject, template: Appearance) -> Iterator[AppearanceChange]:
    """Yield what a workbook shows otherwise than its template, apart from what people may change.

    A log grows, rows of movable sheets are sorted, notes and merged cells are a user's own.
    """
    fixed = frozenset(subject.book.sheets.keys() - {*MOVABLE, _LOG})
    for change in compare_appearance(template, subject.appearance, fixed):
        kind, sheet, _, what = change.aspect
        if kind in ("note", "merged cells") or what == _RECIPE or sheet == _LOG:
            continue
        if sheet not in MOVABLE or (kind == "setting" and what not in _MOVING):
            yield change


def shown_otherwise(subject: Subject, template: Subject) -> Iterator[LintFinding]:
    """Yield E13 and W18 to W21; what a user added to the template is not reported."""
    gone: set[Aspect] = set()
    for change in differs_from_template(subject, template.appearance):
        aspect = change.aspect
        region = aspect.cell if " " in aspect.cell or ":" in aspect.cell else ""
        cell = aspect.cell.partition(":")[0].partition(" ")[0].rstrip(",")
        rule, message = _judged(change, template.appearance, gone, subject.appearance)
        if rule:
            yield LintFinding(rule, aspect.sheet, cell, message, region=region)
    yield from _labels(subject, template.book)


def _judged(
    change: AppearanceChange, template: Appearance, gone: set[Aspect], now: Appearance
) -> tuple[str, str]:
    """Return the rule and the message; no rule for what a user may add."""
    aspect, old, new = change.aspect, change.before or "nothing", change.after or "nothing"
    text = f"{aspect.what or aspect.kind}: {new} instead of {old}."
    if aspect.kind == "name":
        message = f"the name {aspect.what} stands for {new} instead of {old}."
        return ("E13" if change.before else ""), message
    if aspect.kind in _DRAWN:
        whole = aspect._replace(what="kind" if aspect.kind == "chart" else aspect.what)
        if whole not in template.aspects or whole in gone:
            return "", ""
        if whole not in now.aspects:
            gone.add(whole)
            return "W18", f"the {aspect.kind} is gone from here."
        return "W18", f"{aspect.kind}: {text}"
    if aspect.kind == "setting":
        return ("" if aspect.what in _ELSEWHERE else "W20"), text
    if aspect.kind == "format":
        numbers = (_number(form) for form in (change.before, change.after))
        if hides_numbers(change.after):
            return "W19", f"numbers are not visible ({new})."
        return ("W19" if len(set(numbers)) > 1 else ""), text
    if aspect.kind == "conditional format":
        colours = new.split()[:2]
        hides = len(set(colours)) < len(colours) or colours == ["FFFFFF"]
        return ("W19" if change.before or hides else ""), f"conditional format {text}"
    return "", ""


def _number(form: str) -> str:
    first = form.partition(", ")[0]
    return first if first.startswith("number ") else ""


def _labels(subject: Subject, drawn: ReadBook) -> Iterator[LintFinding]:
    """Yield what the template has typed outside of inputs and the workbook has otherwise."""
    data = subject.area("in_data")
    for name, sheet in drawn.sheets.items():
        if name == _LOG or name not in subject.book.sheets:
            continue
        here = subject.cells(name)
        for position, cell in sorted(sheet.cells.items()):
            if cell.computed or cell.value in (None, ""):
                continue
            # The codes above the inputs are no inputs, and rows above them do not move.
            head = data is not None and (name, position[0]) == (data.sheet, data.r1)
            own = name in MOVABLE or subject.is_input(name, position)
            own |= any(area.holds(name, position) for area in subject.records)
            if own and not head:
                continue
            mine = here.get(position)
            value = None if mine is None else mine.value
            if value != cell.value and not (mine is not None and mine.computed):
                twice = _twice(subject, name, position) if head else ""
                message = f"{value!r} instead of {cell.value!r}{twice}."
                yield at("W21", name, position, message)


def _twice(subject: Subject, sheet: str, position: Position) -> str:
    """Return where else in its row a code stands."""
    row, column = position
    code = subject.value(sheet, position)
    others = (
        cell_name(*place)
        for place, cell in subject.cells(sheet).items()
        if place[0] == row and place[1] != column and cell.value == code and code is not None
    )
    other = next(others, "")
    return f", which stands in {other} already" if other else ""
