"""Cells that a formula takes twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject
from xlcity.audit.lint.surprise import SEVERAL
from xlcity.xlsx.formulas.syntax import Expr

_SUMS = frozenset(("SUM", "AVERAGE", "PRODUCT"))
_COMPARED = frozenset(("=", "<>", "<", ">", "<=", ">="))


@finds(
    "E15 a formula takes the same cell twice | Let it read the cell that was meant.",
    order=16,
    of_formulas=True,
)
def cell_use(subject: Subject) -> Iterator[LintFinding]:
    """Yield E15."""
    for places, made in subject.distinct():
        expr = subject.syntax(made)
        text = None if expr is None or not made.refs else next(_twice(expr), None)
        if text is not None:
            for sheet, place in places:
                message = text.format(subject.cells(sheet)[place].formula)
                surprise = 4.0 - 2.0 * (len(places) >= SEVERAL)
                yield at("E15", sheet, place, message, surprise=surprise, fault=made.key)


def _twice(expr: Expr) -> Iterator[str]:
    """Yield what is wrong with an expression that takes one cell twice in one place."""
    if expr.kind == "binary" and expr.text in "+-":
        terms = list(_terms(expr, 1))
        signs: dict[str, int] = {}
        for sign, term in terms:
            if term.ref is not None and signs.setdefault(term.text, sign) == -sign:
                yield "={} subtracts a cell from itself."
        cells = Counter((sign, term.text) for sign, term in terms if term.ref is not None)
        if any(number > 1 for number in cells.values()):
            yield "={} takes a cell twice."
        for _, term in terms:
            yield from _twice(term)
        return
    refs = [arg.text for arg in expr.args if arg.ref is not None]
    if len(refs) > len(set(refs)):
        if expr.kind == "call" and expr.text in _SUMS:
            yield "={} takes a cell twice."
        elif expr.kind == "binary" and expr.text in _COMPARED:
            yield "={} compares a cell with itself."
        elif expr.kind == "call" and expr.text == "IF" and refs == [a.text for a in expr.args[1:]]:
            yield "={} gives the same cell in both cases."
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
