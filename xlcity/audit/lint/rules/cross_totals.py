"""Totals that run the wrong way, and minus signs that follow each other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.lines import ACROSS, DOWN
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.xlsx.address import Range, cell_name
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.tokens import NormalisedFormula, Token

#: Numbers in a column from which it has a total of its own.
_NUMBERS = 2
#: What stands before a minus that subtracts.
_OPERANDS = frozenset(("ref", "number", "name", "close"))


@finds(
    "E14 a total of a row stands where the totals beside it sum their columns | Sum the column.",
    "W29 two minus signs follow each other | Write one sign: two of them add.",
    order=16,
    of_formulas=True,
)
def cross_totals(subject: Subject) -> Iterator[LintFinding]:
    """Yield E14 and W29."""
    for sheet, place, made in subject.formulas():
        if _has_two_signs(made.tokens):
            text = f"={subject.cells(sheet)[place].formula} has two minus signs in a row."
            yield at("W29", sheet, place, text)
        for step in (DOWN, ACROSS):
            area = _whole(subject, made, sheet, place)
            left = area and _column_left_out(subject, sheet, place, area, step)
            if left:
                text = f"the range {area} is summed here, and the numbers in {left} are not."
                yield at("E14", sheet, place, text, surprise=5.0)


def _has_two_signs(tokens: tuple[Token, ...]) -> bool:
    """Tell whether a minus that subtracts is followed by one that turns the sign."""
    before = zip(tokens, pairwise(tokens[1:]), strict=False)
    return any(
        first.kind in _OPERANDS and second.text == third.text == "-"
        for first, (second, third) in before
    )


def _whole(subject: Subject, made: NormalisedFormula, sheet: str, place: Position) -> Range | None:
    """Return the range that a formula sums, if it does nothing else."""
    if made.functions != {"SUM"} or len(made.tokens) != 4 or len(made.refs) != 1:
        return None
    return subject.graph.area(made.refs[0], sheet, place)


def _column_left_out(
    subject: Subject, sheet: str, place: Position, area: Range, step: Position
) -> str:
    """Return the numbers of a total's own column that it leaves out, or "".

    It sums the totals before it in its row, and these, of one formula, sum their columns.
    """
    across = step[1], step[0]
    before = place[0] - across[0], place[1] - across[1]
    last = place[0] - 2 * across[0], place[1] - 2 * across[1]
    model = subject.form(sheet, before)
    ends = (area.r1, area.c1), (area.r2, area.c2)
    if model is None or model is not subject.form(sheet, last) or ends[1] != before:
        return ""
    if area.sheet != sheet or ends[0] > last or min(area.rows, area.columns) > 1:
        return ""
    theirs = _whole(subject, model, sheet, before)
    if theirs is None or theirs.sheet != sheet or theirs.rows * theirs.columns < _NUMBERS:
        return ""
    mine = [
        (row + across[0], column + across[1])
        for row in range(theirs.r1, theirs.r2 + 1)
        for column in range(theirs.c1, theirs.c2 + 1)
    ]
    cells = subject.cells(sheet)
    typed = [p for p in mine if p in cells and not cells[p].computed and is_number(cells[p].value)]
    if len(typed) < _NUMBERS or (theirs.columns if step == DOWN else theirs.rows) != 1:
        return ""
    return f"{cell_name(*typed[0])}:{cell_name(*typed[-1])}"
