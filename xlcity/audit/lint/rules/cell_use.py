"""Cells that a formula takes twice, and cells beside them that no formula takes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.lines import ACROSS, DOWN
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.syntax import Expr

_SUMS = frozenset(("SUM", "AVERAGE", "PRODUCT"))
_COMPARED = frozenset(("=", "<>", "<", ">", "<=", ">="))
#: Copies of a formula from which what it does is meant.
_SEVERAL = 3
#: Cells of a line that formulas read, beside one that none does, at least; formulas that read a
#: cell at most, if it is not a parameter.
_READ, _READERS = 2, 3
#: Formulas of one operator beside which another one is odd.
_ALIKE = 8


@finds(
    "E15 a formula takes the same cell twice | Let it read the cell that was meant.",
    "W31 a cell is read by no formula, and the one beside it twice | Let one of the formulas "
    "read it, or say why none does.",
    "W32 one formula has another operator than all like it on its sheet | Correct the operator, "
    "or say why it differs.",
    order=16,
    of_formulas=True,
)
def cell_use(subject: Subject) -> Iterator[LintFinding]:
    """Yield E15, W31 and W32."""
    for places, made in subject.distinct():
        expr = subject.syntax(made)
        text = None if expr is None or not made.refs else next(_twice(expr), None)
        if text is not None:
            for sheet, place in places:
                message = f"={subject.cells(sheet)[place].formula} {text}."
                surprise = 4.0 - 2.0 * (len(places) >= _SEVERAL)
                yield at("E15", sheet, place, message, surprise=surprise, fault=made.key)
    for sheet in subject.book.sheets:
        yield from _unread(subject, sheet)
        yield from _odd_operators(subject, sheet)


def _twice(expr: Expr) -> Iterator[str]:
    """Yield what is wrong with an expression that takes one cell twice in one place."""
    if expr.kind == "binary" and expr.text in "+-":
        terms = list(_terms(expr, 1))
        signs: dict[str, int] = {}
        for sign, term in terms:
            if term.ref is not None and signs.setdefault(term.text, sign) == -sign:
                yield "subtracts a cell from itself"
        cells = Counter((sign, term.text) for sign, term in terms if term.ref is not None)
        if any(number > 1 for number in cells.values()):
            yield "takes a cell twice"
        for _, term in terms:
            yield from _twice(term)
        return
    refs = [arg.text for arg in expr.args if arg.ref is not None]
    if len(refs) > len(set(refs)):
        if expr.kind == "call" and expr.text in _SUMS:
            yield "takes a cell twice"
        elif expr.kind == "binary" and expr.text in _COMPARED:
            yield "compares a cell with itself"
        elif expr.kind == "call" and expr.text == "IF" and len(expr.args) == 3:
            yield "gives the same cell in both cases"
    for arg in expr.args:
        yield from _twice(arg)


def _terms(expr: Expr, sign: int) -> Iterator[tuple[int, Expr]]:
    """Yield the terms of a sum with their signs."""
    if expr.kind == "binary" and expr.text in "+-":
        yield from _terms(expr.args[0], sign)
        yield from _terms(expr.args[1], sign if expr.text == "+" else -sign)
    elif expr.kind == "unary" and expr.text in "+-":
        yield from _terms(expr.args[0], sign if expr.text == "+" else -sign)
    else:
        yield sign, expr


def _unread(subject: Subject, sheet: str) -> Iterator[LintFinding]:
    """Yield formulas that read a cell that others read, or a blank one, and not the one beside."""
    readers: dict[Position, list[Position]] = defaultdict(list)
    for place, key in subject.keys(sheet).items():
        made = None if key.startswith("{") else subject.form(sheet, place)
        for ref in () if made is None else made.refs:
            area = subject.graph.area(ref, sheet, place)
            if area is not None and ref.single and area.sheet == sheet:
                readers[area.r1, area.c1].append(place)
    found: dict[Position, list[tuple[bool, bool, Position, Position]]] = defaultdict(list)
    for cell, by in readers.items():
        empty = not is_number(subject.value(sheet, cell))
        if not empty and not 2 <= len(by) <= _READERS:
            continue
        for step in (DOWN, ACROSS):
            for way in (-1, 1):
                other = cell[0] + way * step[0], cell[1] + way * step[1]
                # What is made of the cell beside it is a total, which nothing need read.
                total = any(a.holds(sheet, cell) for a in subject.graph.reads(sheet, other))
                if total or not _is_left(subject, sheet, other, empty):
                    continue
                for reader in by:
                    own = subject.form(sheet, reader)
                    if own is None or reader == other or len(subject.copies[own.key]) > 1:
                        continue
                    if own.functions and not empty:  # which cell it takes is chosen
                        continue
                    aligned = reader[0] == other[0] or reader[1] == other[1]
                    found[other].append((empty, aligned, reader, cell))
    for other, choices in sorted(found.items()):
        empty, _, reader, cell = max(choices, key=lambda c: (c[0], c[1], (-c[2][0], -c[2][1])))
        what = "is not a number" if empty else "is read elsewhere, too"
        text = f"it reads {cell_name(*cell)}, which {what}; no formula reads {cell_name(*other)}."
        yield at("W31", sheet, reader, text, surprise=2.0)


def _is_left(subject: Subject, sheet: str, place: Position, empty: bool) -> bool:
    """Tell whether formulas read all numbers of a line of a cell, and not its own."""
    cells = subject.cells(sheet)
    cell = cells.get(place)
    if cell is None or not is_number(cell.value) or subject.read.holds(sheet, place):
        return False
    for step in (DOWN, ACROSS):
        read = unread = 0
        for way in (-1, 1):
            at_place = place
            while True:
                at_place = at_place[0] + way * step[0], at_place[1] + way * step[1]
                other = cells.get(at_place)
                if (
                    other is None
                    or not is_number(other.value)
                    or bool(other.computed) is not bool(cell.computed)
                ):
                    break
                is_read = subject.read.holds(sheet, at_place)
                read, unread = read + is_read, unread + (not is_read)
        if not unread and read >= _READ - empty:
            return True
    return False


def _odd_operators(subject: Subject, sheet: str) -> Iterator[LintFinding]:
    """Yield the only formula that combines cells by another operator than all others."""
    chains: dict[str, list[Position]] = defaultdict(list)
    for place, key in subject.keys(sheet).items():
        made = None if key.startswith("{") else subject.form(sheet, place)
        if made is None or not made.refs:
            continue
        kinds = {token.kind for token in made.tokens}
        signs = {token.text for token in made.tokens if token.kind == "operator"}
        if kinds == {"ref", "operator"} and len(signs) == 1:
            chains[signs.pop()].append(place)
    if not chains:
        return
    main = max(chains, key=lambda sign: len(chains[sign]))
    for sign, places in chains.items():
        if sign != main and len(places) == 1 and len(chains[main]) >= _ALIKE:
            text = f"the only formula here with {sign}; {len(chains[main])} like it have {main}."
            yield at("W32", sheet, places[0], text, surprise=1.0)
