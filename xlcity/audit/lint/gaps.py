"""Ranges that are shorter or longer because a line has no number there."""

from __future__ import annotations

from xlcity.audit.lint.subject import Subject, is_number
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.tokens import NormalisedFormula

#: Functions that count a zero, so that it may be left out on purpose.
_OF_VALUES = frozenset(("AVERAGE", "MIN", "MEDIAN", "GEOMEAN", "STDEV", "STDEV.S", "STDEV.P"))


def follows_gaps(subject: Subject, sheet: str, place: Position, beside: Position) -> bool:
    """Tell whether two ranges differ in words alone, such as "-", that stand for no number.

    A mean (minimum, ...) leaves out zeros, too.
    """
    own, model = subject.form(sheet, place), subject.form(sheet, beside)
    if own is None or model is None:
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
