"""The sheets of two workbooks that are compared: whether cells moved, which formulas are new."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.audit.lint.subject import Subject
from xlcity.workbook.checking.contract import MOVABLE, Formulas, fingerprint, formulas_of
from xlcity.workbook.checking.seal_sheet import SHEET as SEAL
from xlcity.workbook.migrate.change_log import SHEET as CHANGE_LOG
from xlcity.xlsx.address import Range, parse_range
from xlcity.xlsx.appearance import UNPROTECTED, AppearanceChange
from xlcity.xlsx.cells import Position, Sheet


def have_one_layout(a: Subject, b: Subject) -> bool:
    """Tell whether each cell is where it was: a city or an indicator more moves every one."""

    def places(side: Subject, *, filled: bool) -> dict[str, set[Position]]:
        return {
            name: {position for position, _ in sheet.cells.formats()}
            if filled
            else set(sheet.cells)
            for name, sheet in compared(side)
        }

    # Programs differ in which empty cells they write.
    return any(places(a, filled=choice) == places(b, filled=choice) for choice in (False, True))


def compared(side: Subject) -> Iterator[tuple[str, Sheet]]:
    """Yield the sheets without change log and seal: they say what differs or differed."""
    told = (CHANGE_LOG, SEAL)
    return ((name, sheet) for name, sheet in side.book.sheets.items() if name not in told)


def added_formulas(side: Subject, expected: Formulas) -> dict[tuple[str, str], Position]:
    """Return the first of each formula that stands where another workbook has none."""
    forms = side.graph.forms
    added: dict[tuple[str, str], Position] = {}
    for name, texts in formulas_of(side.book).items():
        if name in (CHANGE_LOG, SEAL) or name not in expected:
            continue
        theirs = expected[name]
        extra = sorted(texts.keys() - theirs.keys())
        moved = theirs.items() if extra and name in MOVABLE else ()
        their_forms = {fingerprint(forms.of(text, *position)) for position, text in moved}
        for position in extra:
            form = fingerprint(forms.of(texts[position], *position))
            if form not in their_forms:
                added.setdefault((name, form), position)
    return added


def is_typed_formula(sides: tuple[Subject, Subject], change: AppearanceChange) -> bool:
    """Tell whether other formulas are unprotected only as some were typed into cells for input."""
    _, sheet, _, what = change.aspect
    if what != UNPROTECTED:
        return False
    old, new = (
        {
            position
            for part in text.split(", ")
            if part
            for position in Range(sheet, *parse_range(part)).positions
        }
        for text in (change.before, change.after)
    )
    formulas = (set(side.book.sheets[sheet].cells.computed()) for side in sides)
    return not set.intersection(old ^ new, *formulas)
