"""The structure of formulas: read once for all copies, kept as plain lists, and where rules are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.formula_cache import FormulaCache
from xlcity.xlsx.formulas.syntax import Expr, parse
from xlcity.xlsx.formulas.tokens import Corner, Ref

#: Different formulas whose structure is kept.
_MOST = 4_000
R = TypeVar("R")


class ParsedFormulas:
    """Reads formulas and keeps what it read; in it, expressions that are equal are one object."""

    def __init__(self) -> None:
        self._forms = FormulaCache()
        self._known: dict[str, Expr | None] = {}
        self._shared: dict[object, Expr] = {}

    def of(self, formula: str, position: Position) -> Expr | None:
        """Return the structure of a formula, which its copies share; None where it has none."""
        made = self._forms.of(formula, *position)
        if made.key in self._known:
            return self._known[made.key]
        if len(self._known) >= _MOST:
            # Formulas that differ all need none of the others'; they take 20 KB and more each.
            self._known, self._shared, self._forms = {}, {}, FormulaCache()
        expr = parse(made.tokens)
        found = self._known[made.key] = None if expr is None else self._one(expr)
        return found

    def _one(self, expr: Expr) -> Expr:
        args = tuple(map(self._one, expr.args))
        key = expr.kind, expr.text, tuple(map(id, args))
        if (found := self._shared.get(key)) is None:
            found = self._shared[key] = Expr(expr.kind, expr.text, args, expr.ref)
        return found


@dataclass(frozen=True, slots=True)
class RuledUse(Generic[R]):
    """An expression that has a rule, or holds some that have.

    Attributes
    ----------
    expr, rule
        The expression, and its rule if it has one.
    inner
        Its arguments; those without any rule are None.
    """

    expr: Expr
    rule: R | None
    inner: tuple[RuledUse[R] | None, ...]


@dataclass(frozen=True, slots=True)
class RuledUses(Generic[R]):
    """Finds the uses that have a rule, in each expression once.

    Attributes
    ----------
    rule_of
        Returns the rule of an expression, or None.
    """

    rule_of: Callable[[Expr], R | None]
    #: By identity; the expression stands there so that it lives as long.
    _known: dict[int, tuple[Expr, RuledUse[R] | None]] = field(default_factory=dict)

    def of(self, expr: Expr) -> RuledUse[R] | None:
        """Return an expression with its rules; None where it has none."""
        if (found := self._known.get(id(expr))) is None:
            rule, inner = self.rule_of(expr), tuple(map(self.of, expr.args))
            ruled = rule is not None or any(inner)
            found = expr, RuledUse(expr, rule, inner) if ruled else None
            self._known[id(expr)] = found
        return found[1]


def plain_exprs(exprs: Iterable[Expr]) -> tuple[list[list[Any]], list[int]]:
    """Return expressions as lists (kind, text, arguments, reference), and the numbers of theirs.

    Arguments are numbers of lists, too. Expressions that are one object are one list.
    """
    numbers: dict[int, int] = {}
    lists: list[list[Any]] = []

    def add(expr: Expr) -> int:
        if (number := numbers.get(id(expr))) is None:
            args = list(map(add, expr.args))
            number = numbers[id(expr)] = len(lists)
            lists.append(
                [expr.kind, expr.text, args, None if expr.ref is None else _plain(expr.ref)]
            )
        return number

    return lists, list(map(add, exprs))


def exprs_of(lists: Iterable[list[Any]]) -> list[Expr]:
    """Return the expressions that `plain_exprs` gave, each where its list stands."""
    found: list[Expr] = []
    for kind, text, args, ref in lists:
        made = None if ref is None else _ref(ref)
        found.append(Expr(kind, text, tuple([found[number] for number in args]), made))
    return found


def _plain(ref: Ref) -> list[Any]:
    corners = [(c.fixed, c.number) for c in (ref.r1, ref.c1, ref.r2, ref.c2)]
    return [*corners, ref.sheet, ref.book]


def _ref(content: list[Any]) -> Ref:
    r1, c1, r2, c2 = (Corner(fixed, number) for fixed, number in content[:4])
    return Ref(r1, c1, r2, c2, *content[4:])
