"""Ranges that do not cover what they should."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.lines import is_label
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.xlsx.address import MAX_ROWS, Range
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.syntax import Expr
from xlcity.xlsx.formulas.tokens import NormalisedFormula, Ref

#: An extent is right when it is used this many times as often as one that nearly is it.
_OFTEN = 6
#: Rows by which an extent may miss another and still be a slip of it.
_SLIP = 3
_STATISTICS = frozenset(
    ("AVERAGE", "STDEV", "STDEVP", "STDEV.P", "STDEV.S", "MIN", "MAX", "COUNT", "SUM", "MEDIAN",
     "VAR", "VARP", "VAR.P", "VAR.S", "LARGE", "SMALL", "PERCENTILE", "QUARTILE")
)  # fmt: skip
_SUMS = frozenset(("SUM", "SUBTOTAL"))
_DRIFT_RUN = 3

_Use = tuple[str, Position, Range]


@finds(
    "E04 a range is shorter or longer than its block | Let the range cover the whole block.",
    "E05 statistics are taken from another range than the scores | Use one range for both.",
    "W13 a subtotal is inside a summed range | Sum the parts or the subtotals, not both.",
    order=20,
    of_formulas=True,
)
def ranges(subject: Subject) -> Iterator[LintFinding]:
    """Yield E04, E05, E07 (drift) and W13."""
    found = list(_extents(subject))
    yield from found
    reported = {(f.sheet, f.cell) for f in found}
    for finding in (*_short_of_block(subject), *_two_ranges(subject), *_scored(subject)):
        if (finding.sheet, finding.cell) not in reported:
            reported.add((finding.sheet, finding.cell))
            yield finding
    yield from _drift(subject)
    yield from _double_count(subject)


def _fixed_ranges(subject: Subject) -> Iterator[tuple[str, Position, Ref, Range]]:
    """Yield the ranges of several rows whose rows are both fixed."""
    picked: dict[str, frozenset[Ref]] = {}
    for sheet, position, made in subject.formulas():
        if made.key not in picked:
            picked[made.key] = _picked(subject, made)
        for ref in made.refs:
            if ref.single or ref in picked[made.key] or not (ref.r1.fixed and ref.r2.fixed):
                continue
            if ref.r2.number == MAX_ROWS:  # whole columns end with the data
                continue
            area = subject.graph.area(ref, sheet, position)
            if area is not None and area.rows > _SLIP:
                yield sheet, position, ref, area


def _picked(subject: Subject, made: NormalisedFormula) -> frozenset[Ref]:
    """Return the ranges of which a formula takes one cell alone."""
    expr = subject.syntax(made) if made.functions & {"INDEX", "OFFSET"} else None
    taken = () if expr is None else (c.args[0].ref for c in expr.calls("INDEX", "OFFSET") if c.args)
    return frozenset(ref for ref in taken if ref is not None)


def _extents(subject: Subject) -> Iterator[LintFinding]:
    """Yield ranges whose rows are a slip of the rows that other ranges have.

    Those of the same column, or those of nearly all columns of the sheet where a last row is lost.
    """
    uses: dict[tuple[str, int, int], list[_Use]] = defaultdict(list)
    columns: Counter[tuple[str, int, int, int]] = Counter()
    for sheet, position, _, area in _fixed_ranges(subject):
        uses[area.sheet, area.r1, area.r2].append((sheet, position, area))
        columns[area.sheet, area.c1, area.r1, area.r2] += 1
    counts = {extent: len(found) for extent, found in uses.items()}
    # Of several stretches, each with its own sum, the next begins where one ends.
    firsts = {(a.sheet, a.c1, a.r1) for a in subject.graph.read_areas if a.rows > 1}
    for (name, r1, r2), found in uses.items():
        near_by = [
            (first, last)
            for other, first, last in counts
            if other == name
            and (first, last) != (r1, r2)
            and abs(first - r1) + abs(last - r2) <= _SLIP
            and (first == r1 or last == r2)
        ]
        for sheet, position, area in found if near_by else ():
            if _is_regular(subject, sheet, position) or (name, area.c1, r2 + 1) in firsts:
                continue
            own = columns[name, area.c1, r1, r2]
            for first, last in near_by:
                same_column = columns[name, area.c1, first, last]
                everywhere = counts[name, first, last]
                lost = first == r1 and last > r2 and everywhere >= _OFTEN * len(found)
                if same_column > 2 * own or lost:
                    message = (
                        f"the range {area} has the rows {r1} to {r2}; other ranges there "
                        f"({same_column or everywhere}) have {first} to {last}."
                    )
                    yield at("E04", sheet, position, message)
                    break


def _is_regular(subject: Subject, sheet: str, position: Position) -> bool:
    """Tell whether a formula is one of many copies: then its range is meant."""
    made = subject.form(sheet, position)
    return made is not None and len(subject.copies.get(made.key, ())) > _SLIP


def _short_of_block(subject: Subject) -> Iterator[LintFinding]:
    """Yield ranges of one column that stop one or two rows before their block does."""
    for sheet, position, _, area in _fixed_ranges(subject):
        if area.columns > 1 or area.rows <= 2 * _SLIP or _is_regular(subject, sheet, position):
            continue
        for edge, step in ((area.r2, 1), (area.r1, -1)):
            taken = 0
            while taken < _SLIP and _same_kind(subject, area, edge, edge + step * (taken + 1)):
                taken += 1
            own = position[0] == edge + step and sheet == area.sheet  # the rest of all others
            if 0 < taken < _SLIP and not own:
                end = "ends" if step > 0 else "begins"
                message = f"the range {area} misses {taken} row(s) where its block {end}."
                yield at("E04", sheet, position, message)
                break


def _same_kind(subject: Subject, area: Range, edge: int, row: int) -> bool:
    """Tell whether a cell beyond a range is one of the kind that the range's last cell is."""
    cells = subject.cells(area.sheet)
    last, cell = cells.get((edge, area.c1)), cells.get((row, area.c1))
    if last is None or cell is None or cell.style != last.style:
        return False
    if last.formula is not None:
        mine = subject.form(area.sheet, (edge, area.c1))
        theirs = subject.form(area.sheet, (row, area.c1))
        return mine is not None and mine is theirs
    return is_number(last.value) and is_number(cell.value) and cell.formula is None


def _two_ranges(subject: Subject) -> Iterator[LintFinding]:
    """Yield formulas whose statistics are of ranges with other rows than one another."""
    for places, made in subject.distinct():
        sheet, position = places[0]
        expr = subject.syntax(made) if len(made.functions & _STATISTICS) > 1 else None
        if expr is None:
            continue
        spans: dict[tuple[str, int], set[tuple[int, int]]] = defaultdict(set)
        for call in expr.calls(*_STATISTICS):
            for arg in call.args:
                if arg.ref is None or arg.ref.single or not (arg.ref.r1.fixed and arg.ref.r2.fixed):
                    continue
                area = subject.graph.area(arg.ref, sheet, position)
                if area is not None and area.rows > _SLIP:
                    spans[area.sheet, area.c1].add((area.r1, area.r2))
        for (_, _), extents in spans.items():
            if _overlap(extents):
                rows = " and ".join(f"{a}-{b}" for a, b in sorted(extents))
                yield at("E05", sheet, position, f"its statistics are of the rows {rows}.")
                break


def _scored(subject: Subject) -> Iterator[LintFinding]:
    """Yield scores of rows that the mean or deviation they are scored by leaves out."""
    for places, made in subject.distinct():
        anchors = [ref for ref in made.refs if ref.single and ref.r1.fixed]
        loose = [ref for ref in made.refs if ref.single and not ref.r1.fixed]
        if len(places) <= _SLIP or not anchors or not loose:
            continue
        for place in places:
            found = _left_out(subject, *place, anchors, loose)
            if found is not None:
                value, taken = found
                message = f"{value} is scored, the statistics are of {taken}."
                yield at("E05", *place, message)
                break


def _left_out(
    subject: Subject, sheet: str, position: Position, anchors: list[Ref], loose: list[Ref]
) -> tuple[Range, Range] | None:
    """Return a value that a formula scores, and the range of its statistics that is without it."""
    for anchor in anchors:
        at_cell = subject.graph.area(anchor, sheet, position)
        made = at_cell and subject.form(at_cell.sheet, (at_cell.r1, at_cell.c1))
        if not at_cell or not made or not made.functions & _STATISTICS:
            continue
        for taken in subject.graph.reads(at_cell.sheet, (at_cell.r1, at_cell.c1)):
            if taken.rows <= _SLIP or taken.columns > 1:
                continue
            for ref in loose:
                area = subject.graph.area(ref, sheet, position)
                # A total as a part of itself is 100 %.
                if area in (None, at_cell) or (area.sheet, area.c1) != (taken.sheet, taken.c1):
                    continue
                beside = taken.r1 - taken.rows < area.r1 < taken.r2 + taken.rows
                value = subject.value(area.sheet, (area.r1, area.c1))
                if beside and not taken.r1 <= area.r1 <= taken.r2 and is_number(value) and value:
                    return area, taken
    return None


def _overlap(extents: set[tuple[int, int]]) -> bool:
    ordered = sorted(extents)
    return any(b[0] <= a[1] for a, b in pairwise(ordered))


def _drift(subject: Subject) -> Iterator[LintFinding]:
    """Yield runs whose single reference walks off a parameter as it is filled down."""
    for places, made in subject.distinct():
        columns: dict[tuple[str, int], list[int]] = defaultdict(list)
        for sheet, (row, column) in places:
            columns[sheet, column].append(row)
        for (sheet, column), rows in columns.items():
            if len(rows) < _DRIFT_RUN or rows[-1] - rows[0] != len(rows) - 1:
                continue
            for ref in made.refs:
                if (
                    ref.single
                    and not ref.r1.fixed
                    and _walks_off(subject, sheet, column, rows, ref)
                ):
                    in_line = not (ref.r1.number or ref.sheet)
                    if in_line and not _line_filled(subject, sheet, column, rows, ref):
                        continue
                    second = rows[1], column
                    area = subject.graph.area(ref, sheet, second)
                    first = subject.graph.area(ref, sheet, (rows[0], column))
                    message = f"it reads {area} where the first of the run reads {first}."
                    # One $ is missing in all columns that such a formula was filled into.
                    yield at("E07", sheet, second, message, fault=f"{made.key} {rows[0]}")
                    break


def _walks_off(subject: Subject, sheet: str, column: int, rows: list[int], ref: Ref) -> bool:
    values = []
    for row in rows:
        area = subject.graph.area(ref, sheet, (row, column))
        if area is None:
            return False
        cell = subject.cells(area.sheet).get((area.r1, area.c1))
        place = area.r1, area.c1
        if (cell is not None and cell.computed) or subject.is_input(area.sheet, place):
            return False
        values.append(None if cell is None else cell.value)
        if row == rows[0] and (cell is None or not is_number(cell.value)):
            return False
    if values[1] not in (None, "") and not isinstance(values[1], str):
        return False
    first = subject.graph.area(ref, sheet, (rows[0], column))
    if first is not None and _is_listed(subject, first, len(rows)):
        return False
    if first is not None and all(_has_name(subject, first, n) for n in range(1, len(rows))):
        return False
    empty = sum(value in (None, "") or isinstance(value, str) for value in values[1:])
    return empty >= 0.8 * (len(values) - 1)


def _has_name(subject: Subject, first: Range, down: int) -> bool:
    """Tell whether a line below a cell has a word right before it: an entry."""
    cells, row = subject.cells(first.sheet), first.r1 + down
    before = (cells.get((row, column)) for column in range(first.c1 - 1, 0, -1))
    return is_label(next((c for c in before if c is not None and c.value not in (None, "")), None))


def _is_listed(subject: Subject, first: Range, rows: int) -> bool:
    """Tell whether a formula reads a cell and those below as one range: a list, partly blank."""
    column, last = (first.sheet, first.c1, first.c1), first.r1 + rows - 1
    areas = (
        subject.graph.area(ref, *place)
        for places, made in subject.distinct()
        for ref in made.refs
        if not ref.single
        for place in places
    )
    return any(
        area is not None
        and (area.sheet, area.c1, area.c2) == column
        and area.r1 <= first.r1
        and last <= area.r2
        for area in areas
    )


def _line_filled(subject: Subject, sheet: str, column: int, rows: list[int], ref: Ref) -> bool:
    """Tell whether a run has other numbers in its lines: else they are lines not filled yet."""
    made = subject.form(sheet, (rows[0], column))
    assert made is not None
    others = (
        other
        for other in made.refs
        if other.single and other != ref and not (other.r1.fixed or other.sheet)
    )
    for other in others:
        read = (subject.graph.area(other, sheet, (row, column)) for row in rows)
        filled = sum(a is not None and is_number(subject.value(sheet, (a.r1, a.c1))) for a in read)
        if filled >= 0.8 * len(rows):
            return True
    return False


def _double_count(subject: Subject) -> Iterator[LintFinding]:
    """Yield sums over a range that holds both parts and their own sum."""
    for sheet, position, made in subject.formulas():
        if not made.functions & _SUMS:
            continue
        for area in _summed(subject, sheet, position):
            inner = _subtotal(subject, area)
            if inner is not None:
                message = f"the summed range {area} holds the sum in {inner} and its parts."
                yield at("W13", sheet, position, message)
                break


def _summed(subject: Subject, sheet: str, position: Position) -> Iterator[Range]:
    made = subject.form(sheet, position)
    expr: Expr | None = None if made is None else subject.syntax(made)
    if expr is None:
        return
    for call in expr.calls("SUM"):
        for arg in call.args:
            if arg.ref is not None and not arg.ref.single:
                area = subject.graph.area(arg.ref, sheet, position)
                if area is not None:
                    yield area


def _subtotal(subject: Subject, area: Range) -> str | None:
    counts: Counter[str] = Counter()
    for place in subject.book.sheets[area.sheet].within(area):
        for part in _summed(subject, area.sheet, place):
            inside = (
                part.sheet == area.sheet
                and area.r1 <= part.r1 <= part.r2 <= area.r2
                and area.c1 <= part.c1 <= part.c2 <= area.c2
            )
            if inside and part.rows * part.columns > 1:
                counts[str(Range(area.sheet, *place, *place))] += 1
    return next(iter(counts), None)
