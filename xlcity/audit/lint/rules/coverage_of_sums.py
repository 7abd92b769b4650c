"""Totals that leave out a number of the block beside them, or take in a row around it."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.lines import ACROSS, DOWN, is_label, runs_along, sides
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.xlsx.address import Range, cell_name
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.tokens import NormalisedFormula

_TOTALS = frozenset(("SUM", "AVERAGE", "MIN", "MAX", "COUNT", "MEDIAN", "PRODUCT", "STDEV"))
#: Cells between a range and its total at most, for both to be of one block.
_BETWEEN = 3
_YEARS = range(1900, 2101)
#: Lines of a sum, less one, in which a blank one is not a border; lines of a table looked at.
_FEW, _WIDTH = 2, 12


@finds(
    "E04 a range is shorter or longer than its block | Let the range cover the whole block.",
    "W17 a sum takes in a blank row or column | Let it cover the numbers alone.",
    "W27 a total leaves out the first number of its block | Let the range begin there, or say why "
    "the number is no part of it.",
    order=9,
    of_formulas=True,
)
def coverage_of_sums(subject: Subject) -> Iterator[LintFinding]:
    """Yield totals whose range is not the block of numbers beside them."""
    for sheet, total, made in subject.formulas():
        if not made.functions & _TOTALS or subject.cells(sheet)[total].array:
            continue
        yield from _short_of_run(subject, made, sheet, total)
        for area, step in _in_line(subject, made, sheet, total):
            missing = _left_out(subject, total, area, step)
            if missing is not None:
                text = f"the range {area} leaves out {cell_name(*missing)}, a number beside it."
                fault = f"{sheet} {total[step == ACROSS]} {step}"
                yield at("E04", sheet, total, text, surprise=5.0, fault=fault)
            elif blank := _blank_lines(subject, total, area, step):
                yield at("W17", sheet, total, f"the range {area} {blank} without numbers.")
            elif first := _left_out(subject, total, area, step, far=True):
                text = f"the range {area} leaves out {cell_name(*first)}, the number before it."
                yield at("W27", sheet, total, text)


def _short_of_run(
    subject: Subject, made: NormalisedFormula, sheet: str, total: Position
) -> Iterator[LintFinding]:
    """Yield a total, the only one of its kind, of equal formulas that go on beyond its range."""
    if len(subject.copies[made.key]) > 1:
        return
    for ref in made.refs:
        area = subject.graph.area(ref, sheet, total)
        if area is None or min(area.rows, area.columns) > 1 or area.rows * area.columns <= _FEW:
            continue
        step = DOWN if area.columns == 1 else ACROSS
        first, last = (area.r1, area.c1), (area.r2, area.c2)
        form = subject.form(area.sheet, first)
        if form is None or form is not subject.form(area.sheet, last):
            continue
        before = [*_going_on(subject, area.sheet, first, step, -1)]
        left = [*before, *_going_on(subject, area.sheet, last, step, 1)]
        if not left or len(left) > _FEW or (sheet == area.sheet and total in left):
            continue
        if any(_reads(subject, sheet, side, area.sheet, left[0]) for side in sides(total)):
            continue  # the next of several stretches
        reads = subject.graph.reads(sheet, total)
        if not any(read.holds(area.sheet, place) for read in reads for place in left):
            missing = ", ".join(cell_name(*place) for place in left)
            text = f"the range {area} leaves out {missing}, which has the formula of its cells."
            base = step == ACROSS and left == before  # the first may be a base year
            yield at("W27" if base else "E04", sheet, total, text, surprise=5.0)


def _going_on(
    subject: Subject, sheet: str, edge: Position, step: Position, way: int
) -> Iterator[Position]:
    """Yield the cells beyond a range's edge that have the edge's formula, three at most."""
    form = subject.form(sheet, edge)
    for far in range(1, _FEW + 2):
        place = edge[0] + way * far * step[0], edge[1] + way * far * step[1]
        if min(place) < 1 or subject.form(sheet, place) is not form:
            return
        yield place


def _in_line(
    subject: Subject, made: NormalisedFormula, sheet: str, total: Position
) -> Iterator[tuple[Range, Position]]:
    """Yield the ranges of the total's own column (row) that move with it, and their direction."""
    for ref in made.refs:
        area = subject.graph.area(ref, sheet, total)
        if area is None or area.sheet != sheet:
            continue
        if area.c1 == area.c2 == total[1] and runs_along(ref, DOWN):
            yield area, DOWN
        elif area.r1 == area.r2 == total[0] and runs_along(ref, ACROSS):
            yield area, ACROSS


def _left_out(
    subject: Subject, total: Position, area: Range, step: Position, far: bool = False
) -> Position | None:
    """Return the number next to a range that its total does not read.

    On the side of the total, or, if it looks like the others, on the far one.
    """
    first, last = (area.r1, area.c1), (area.r2, area.c2)
    edge, way = (last, 1) if (total > last) is not far else (first, -1)
    place = edge[0] + way * step[0], edge[1] + way * step[1]
    near = last if total > last else first
    apart = abs(total[0] - near[0]) + abs(total[1] - near[1])
    if apart > _BETWEEN + 1 or (apart == 1 and not far):
        return None
    if not far and _counted_between(subject, area.sheet, place, total, step):
        return None
    if far and not (_is_like(subject, area, place, edge) and _is_unread(subject, area, place)):
        return None
    cells = subject.cells(area.sheet)
    cell, inner = cells.get(place), cells.get(edge)
    if cell is None or inner is None or not is_number(cell.value):
        return None
    if any(read.holds(area.sheet, place) for read in subject.graph.reads(area.sheet, total)):
        return None
    if cell.computed or inner.computed:
        mine = subject.form(area.sheet, place)
        return place if mine is not None and mine is subject.form(area.sheet, edge) else None
    return place if is_number(inner.value) and cell.value not in _YEARS else None


def _is_like(subject: Subject, area: Range, place: Position, edge: Position) -> bool:
    """Tell whether a cell before a range looks like its first ones, and its line has a name."""
    if min(place) < 1 or min(area.rows, area.columns) > 1 or area.rows * area.columns <= _FEW:
        return False
    cells = subject.cells(area.sheet)
    styles = {cells[p].style if p in cells else 0 for p in (place, edge)}
    down = area.columns == 1
    named = (
        is_label(cells.get((place[0], c)) if down else cells.get((c, place[1])))
        for c in range(1, place[1] if down else place[0])
    )
    return len(styles) == 1 and any(named)


def _reads(subject: Subject, sheet: str, reader: Position, other: str, place: Position) -> bool:
    """Tell whether the formula of a cell reads another cell."""
    if reader not in subject.keys(sheet):
        return False
    return any(read.holds(other, place) for read in subject.graph.reads(sheet, reader))


def _counted_between(
    subject: Subject, sheet: str, place: Position, total: Position, step: Position
) -> bool:
    """Tell whether a like total of the whole block stands between: the other one is of a part."""
    mine = subject.form(sheet, total)
    own = mine.functions if mine is not None else frozenset()
    way = 1 if total > place else -1
    before = total[0] - way * step[0], total[1] - way * step[1]
    while (before > place) if way > 0 else (before < place):
        made = subject.form(sheet, before)
        if (
            made is not None
            and made.functions == own
            and _reads(subject, sheet, before, sheet, place)
        ):
            return True
        before = before[0] - way * step[0], before[1] - way * step[1]
    return False


def _is_unread(subject: Subject, area: Range, place: Position) -> bool:
    """Tell whether no formula of a range's own line reads a cell: a total of another stretch."""
    along = 1 if area.columns == 1 else 0
    return not any(
        read.holds(area.sheet, place)
        for other in subject.keys(area.sheet)
        if other[along] == place[along]
        for read in subject.graph.reads(area.sheet, other)
    )


def _blank_lines(subject: Subject, total: Position, area: Range, step: Position) -> str:
    """Say where a range takes in a row (or column) that no total beside its own has numbers in."""
    down = step == DOWN
    first, last = (area.r1, area.r2) if down else (area.c1, area.c2)
    own, word = (total[0], "row") if down else (total[1], "column")
    if last - first < _FEW or not (0 < own - last <= _BETWEEN or 0 < first - own <= _BETWEEN):
        return ""
    blank = [line for line in range(first, last + 1) if _is_free(subject, total, area, step, line)]
    # Mostly blank: a form that is not filled yet.
    if not blank or (2 * len(blank) > last - first + 1 and not _is_filled(subject, area)):
        return ""
    if blank[0] == first and blank[-1] == last:
        return f"begins and ends in a {word}"
    if first in blank:
        return f"begins in a {word}"
    return f"ends in a {word}" if last in blank else f"takes in a {word}"


def _is_filled(subject: Subject, area: Range) -> bool:
    """Tell whether a range has numbers, other than 0, to be summed."""
    within = subject.book.sheets[area.sheet].within(area)
    numbers = (subject.value(area.sheet, place) for place in within)
    return sum(is_number(value) and value != 0 for value in numbers) >= _FEW


def _is_free(subject: Subject, total: Position, area: Range, step: Position, line: int) -> bool:
    """Tell whether a line across a range has no number where a total beside its own would count it.

    A line in which another column has a number is one of data with a gap.
    """
    down = step == DOWN
    at_line = (line, area.c1) if down else (area.r1, line)
    if not _is_blank(subject, area.sheet, at_line):
        return False
    middle = area.c1 if down else area.r1
    for across in range(max(middle - _WIDTH, 1), middle + _WIDTH + 1):
        place, counted = ((line, across), (total[0], across)) if down else (
            (across, line), (across, total[1])
        )  # fmt: skip
        if is_number(subject.value(area.sheet, place)) and is_number(
            subject.value(area.sheet, counted)
        ):
            return False
    return True


def _is_blank(subject: Subject, sheet: str, position: Position) -> bool:
    cell = subject.cells(sheet).get(position)
    return cell is None or (cell.value in (None, "") and not cell.computed)
