"""Formulas that differ from their line because of what is there to be read."""

from __future__ import annotations

from xlcity.audit.lint.subject import Subject, is_number
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.tokens import NormalisedFormula

#: Functions that count a zero, so that it may be left out on purpose.
_OF_VALUES = frozenset(("AVERAGE", "MIN", "MEDIAN", "GEOMEAN", "STDEV", "STDEV.S", "STDEV.P"))


def follows_gaps(
    subject: Subject, sheet: str, place: Position, beside: Position, kind: str
) -> bool:
    """Tell whether a formula differs from another by what is there to be read.

    Ranges ("extent") differ in words alone, such as "-", that stand for no number; a mean (minimum,
    ...) leaves out zeros, too. Another cell is read where the one of the other formula is blank.
    """
    own, model = subject.form(sheet, place), subject.form(sheet, beside)
    if own is None or model is None:
        return False
    if kind in ("other cell", "one off"):
        mine, theirs = (read_cells(subject, sheet, place, made) for made in (own, model))
        blank = all(subject.value(*cell) in (None, "") for cell in theirs - mine)
        filled = any(is_number(subject.value(*cell)) for cell in mine - theirs)
        return (blank and filled) or _jumps(subject, sheet, place, own, model)
    if kind != "extent":
        return False
    for here, there, fewer, more in ((place, beside, own, model), (beside, place, model, own)):
        kept = read_cells(subject, sheet, here, fewer)
        left, others = (
            [
                subject.value(*cell)
                for cell in read_cells(subject, sheet, at, more)
                - read_cells(subject, sheet, at, fewer)
            ]
            for at in (here, there)
        )
        filled = any(is_number(value := subject.value(*cell)) and value for cell in kept)
        zero = filled and fewer.functions <= _OF_VALUES
        words = all((value == 0 and zero) or isinstance(value, str) for value in left)
        if left and others and words and all(map(is_number, others)):
            return True
    return False


def _jumps(
    subject: Subject, sheet: str, place: Position, own: NormalisedFormula, model: NormalisedFormula
) -> bool:
    """Tell whether another formula across the line reads from as far as the odd one does.

    So it is in the first year after quarters, which goes on from the last year.
    """
    for along in (0, 1):

        def steps(made: NormalisedFormula, along: int = along) -> set[int]:
            ends = (ref.c1 if along else ref.r1 for ref in made.refs if ref.single)
            return {end.number for end in ends if not end.fixed and abs(end.number) > 1}

        far = steps(own) - steps(model)
        others = (p for p in subject.keys(sheet) if p != place and p[along] == place[along])
        forms = (subject.form(sheet, p) for p in others) if far else ()
        if any(made is not None and made.key != own.key and far & steps(made) for made in forms):
            return True
    return False


def read_cells(
    subject: Subject, sheet: str, place: Position, made: NormalisedFormula
) -> set[tuple[str, Position]]:
    """Return the cells, of those that hold something, that a formula at a place would read."""
    areas = (subject.graph.area(ref, sheet, place) for ref in made.refs)
    return {
        (area.sheet, position)
        for area in areas
        if area is not None
        for position in subject.book.sheets[area.sheet].within(area)
    }
