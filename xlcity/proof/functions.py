"""Functions that our engine lacks, in terms of those that it has.

`functions.tsv` has a formula for each; the last argument may be `all` that are left. Of several
formulas for one function the first is taken whose arguments are those of the call.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from xlcity.data_files import text_beside
from xlcity.xlsx.formulas.syntax import Expr, parse
from xlcity.xlsx.formulas.tokens import normalise_formula

#: The argument that stands for all that are left, one at least.
_ALL = "ALL"


class _Definition(NamedTuple):
    """A function: names of arguments, or "=" and what they must be, and what it does with them."""

    arguments: list[str]
    formula: Expr

    def fill(self, args: Sequence[Expr]) -> Expr | None:
        """Return the formula with the arguments of a call; None for another number of them."""
        *first, last = self.arguments
        rest = (*args[len(first) :],)
        if not rest or (last != _ALL and len(rest) > 1):
            return None
        given = {name: (arg,) for name, arg in zip(first, args, strict=False)}
        for name, expr in zip(self.arguments, args, strict=False):
            if name.startswith("=") and name[1:] != expr.text:
                return None
        return _filled(self.formula, {**given, last: rest})


def _filled(expr: Expr, given: dict[str, tuple[Expr, ...]]) -> Expr:
    """Return a formula with expressions in place of the names in it."""
    args: list[Expr] = []
    for arg in expr.args:
        named = given.get(arg.text) if arg.kind == "name" else None
        args += [_filled(arg, given)] if named is None else named
    return replace(expr, args=tuple(args))


@cache
def _definitions() -> dict[str, list[_Definition]]:
    """Return function -> its formulas."""
    found: defaultdict[str, list[_Definition]] = defaultdict(list)
    for line in text_beside(__file__, "functions.tsv").splitlines()[1:]:
        name, arguments, text = line.split("\t")
        formula = parse(normalise_formula(text, 1, 1).tokens)
        assert formula is not None, text
        found[name].append(_Definition(arguments.upper().split(), formula))
    return found


def rewritten(expr: Expr) -> Expr:
    """Return a formula with functions that our engine has."""
    args = tuple(map(rewritten, expr.args))
    if expr.kind == "call":
        for definition in _definitions().get(expr.text, ()):
            made = definition.fill(args)
            if made is not None:
                return rewritten(made)
    return replace(expr, args=args)
