"""The structure of formulas and where their uses have a rule, read once for all copies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.formula_cache import FormulaCache
from xlcity.xlsx.formulas.syntax import Expr, parse

#: Different formulas whose structure is kept.
_MOST = 4_000
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class RuledUse(Generic[R]):
    """An expression that has a rule, or holds some that have.

    Attributes
    ----------
    expr, rule
        The expression, and its rule if it has one.
    inner
        Its arguments, those without any rule left out as None.
    """

    expr: Expr
    rule: R | None
    inner: tuple[RuledUse[R] | None, ...]


class ParsedFormulas(Generic[R]):
    """Reads formulas and keeps what it read.

    Parameters
    ----------
    rule_of
        The rule of an expression, or None.
    """

    def __init__(self, rule_of: Callable[[Expr], R | None]) -> None:
        self._rule_of = rule_of
        self._forms = FormulaCache()
        self._known: dict[str, tuple[Expr, RuledUse[R] | None] | None] = {}

    def of(self, formula: str, position: Position) -> tuple[Expr, RuledUse[R] | None] | None:
        """Return the structure of a formula and the uses with a rule; None where it has none.

        Copies share it. In the uses, expressions that are equal are one object.
        """
        made = self._forms.of(formula, *position)
        if made.key in self._known:
            return self._known[made.key]
        if len(self._known) >= _MOST:
            # Formulas that differ all need none of the others'; they take 20 KB and more each.
            self._known, self._forms = {}, FormulaCache()
        expr = parse(made.tokens)
        found = self._known[made.key] = None if expr is None else self._parsed(expr)
        return found

    def _parsed(self, expr: Expr) -> tuple[Expr, RuledUse[R] | None]:
        shared: dict[object, tuple[Expr, RuledUse[R] | None]] = {}

        def one(expr: Expr) -> tuple[Expr, RuledUse[R] | None]:
            args = tuple(map(one, expr.args))
            key = expr.kind, expr.text, tuple(id(arg) for arg, _ in args)
            if key not in shared:
                made = Expr(expr.kind, expr.text, tuple(arg for arg, _ in args), expr.ref)
                rule, inner = self._rule_of(made), tuple(use for _, use in args)
                ruled = rule is not None or any(inner)
                shared[key] = made, RuledUse(made, rule, inner) if ruled else None
            return shared[key]

        return one(expr)
