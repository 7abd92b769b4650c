"""What the formula of one cell would give in another."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xlcity.audit.lint.subject import Subject
from xlcity.errors import CellError
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.evaluate import UNKNOWN, Evaluator, Found, Stored
from xlcity.xlsx.formulas.syntax import Expr
from xlcity.xlsx.formulas.tokens import NormalisedFormula

#: Totals that the reader of references does not need to compute.
_TOTALS = frozenset(("SUM", "AVERAGE"))


class _Totals(Evaluator):
    def _call(self, call: Expr) -> Found:
        if call.text not in _TOTALS:
            return super()._call(call)
        values = self.numbers(call.args)
        if values is None:
            return UNKNOWN
        wrong = next((value for value in values if isinstance(value, CellError)), None)
        if wrong is not None:
            return wrong
        return _total(call.text, [value for value in values if isinstance(value, float)])


def _total(name: str, numbers: Sequence[float]) -> Found:
    whole = math.fsum(numbers)
    if name == "SUM":
        return whole
    return whole / len(numbers) if numbers else CellError.DIV0


def shifted_value(
    subject: Subject, made: NormalisedFormula, sheet: str, position: Position
) -> float | CellError | None:
    """Return what a formula gives if it is copied to a cell; ``None`` where that is unknown."""
    expr = subject.syntax(made)
    if expr is None:
        return None
    found = _Totals(subject.graph, Stored(subject.book), sheet, position).value(expr)
    if isinstance(found, CellError):
        return found
    return found if isinstance(found, float) and not isinstance(found, bool) else None
