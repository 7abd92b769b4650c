"""Lines of like formulas: rows and columns as people read them, across gaps.

A line holds the formulas of one row, or of one column, that do the same: totals of every second
column, sums of rows with a heading between them. Blank cells and cells of another kind may stand
between two members; a text parts two tables that stand side by side.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from xlcity.xlsx.cells import Cell, Position
from xlcity.xlsx.formulas.tokens import NormalisedFormula, Ref

#: Cells from one member of a line to the next, at most.
_REACH = 4

#: Step of a line: to the next row, or to the next column.
DOWN, ACROSS = (1, 0), (0, 1)

Forms = Mapping[Position, NormalisedFormula]


@dataclass(frozen=True, slots=True)
class FormulaLine:
    """Formulas of one shape in a row or a column, in order."""

    step: Position
    places: tuple[Position, ...]


def runs_along(ref: Ref, step: Position) -> bool:
    """Tell whether a range has cells of several rows (of several columns) that move with it."""
    first, last = (ref.r1, ref.r2) if step == DOWN else (ref.c1, ref.c2)
    return first != last and not (first.fixed and last.fixed)


def runs_on(ref: Ref, step: Position) -> bool:
    """Tell whether a reference reads another place of its own line: a series that goes on."""
    ends = (ref.r1, ref.r2) if step[0] else (ref.c1, ref.c2)
    return not ref.sheet and any(end.number and not end.fixed for end in ends)


def shape(made: NormalisedFormula) -> str:
    """Return a formula without its places and numbers: members of a line have it in common."""
    parts = []
    for number, token in enumerate(made.tokens):
        if token.ref is not None:
            along = "".join("d" if runs_along(token.ref, s) else "." for s in (DOWN, ACROSS))
            parts.append(f"{token.ref.book}{token.ref.sheet}#{'s' if token.ref.single else along}")
        elif token.kind == "number":
            parts.append("0")
        elif number or token.text != "+":
            parts.append(token.text)
    return "".join(parts)


def lines(cells: Mapping[Position, Cell], forms: Forms, step: Position) -> Iterator[FormulaLine]:
    """Yield the lines of a sheet in one direction that have two members or more."""
    shapes: dict[str, str] = {}
    across = step == ACROSS
    rows: dict[tuple[int, str], list[Position]] = defaultdict(list)
    for position, made in sorted(forms.items(), key=lambda item: item[0]):
        if made.key not in shapes:
            shapes[made.key] = shape(made)
        rows[position[0 if across else 1], shapes[made.key]].append(position)
    for members in rows.values():
        # What runs along the line is not repeated along it: totals of several tables in a column.
        if any(runs_along(ref, step) for ref in forms[members[0]].refs):
            continue
        held = [members[0]]
        for before, after in pairwise(members):
            if not joined(cells, before, after, step):
                if len(held) > 1:
                    yield FormulaLine(step, tuple(held))
                held = []
            held.append(after)
        if len(held) > 1:
            yield FormulaLine(step, tuple(held))


def joined(
    cells: Mapping[Position, Cell], before: Position, after: Position, step: Position
) -> bool:
    """Tell whether the next member of a line belongs to it: near, and no words between."""
    apart = after[0] - before[0] + after[1] - before[1]
    between = ((before[0] + n * step[0], before[1] + n * step[1]) for n in range(1, apart))
    return apart <= _REACH and not any(is_label(cells.get(place)) for place in between)


def is_label(cell: Cell | None) -> bool:
    """Tell whether a cell holds words; "-" and "*" are numbers left out."""
    if cell is None or cell.computed or not isinstance(cell.value, str):
        return False
    return any(letter.isalpha() for letter in cell.value)


def sides(place: Position) -> Iterator[Position]:
    """Yield the four cells beside a cell."""
    yield from ((place[0] + d, place[1] + r) for d, r in ((0, 1), (1, 0), (0, -1), (-1, 0)))


def run_length(forms: Mapping[Position, object], start: Position, down: int, right: int) -> int:
    """Return how many cells from a start on, in one direction, hold the same formula."""
    form, (row, column), length = forms.get(start), start, 0
    while form is not None and forms.get((row, column)) == form:
        length, row, column = length + 1, row + down, column + right
    return length
