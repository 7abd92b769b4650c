"""Checks of the arithmetic that a sentence writes out: 100/46 = 2.17."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from xlcity.audit.text.claims import TextClaim
from xlcity.audit.text.evidence import SourcedNumber
from xlcity.audit.text.outcome import UNKNOWN, ClaimOutcome, verdict
from xlcity.functions.rounding import round_excel

#: Terms of an equation that are computed with both limits of each.
_MOST_TERMS = 8
#: An operator, a number and a per cent sign.
_TERM = re.compile(r"([-+−–×*/÷]?)\s*([\d.,]+)(%?)")
#: Signs that stand for an operator.
_OPERATORS = {"−": "-", "–": "-", "×": "*", "÷": "/"}


class _EquationTerm(NamedTuple):
    """A number of an equation, with the operator before it."""

    operator: str
    number: SourcedNumber
    share: float

    @classmethod
    def read(cls, match: re.Match[str]) -> _EquationTerm:
        """Return a term as it is written."""
        operator = _OPERATORS.get(match[1], match[1])
        share = 0.01 if match[3] else 1.0
        return cls(operator, SourcedNumber.written(match[2]), share)

    @property
    def limits(self) -> set[float]:
        """The least and the greatest number that may have been rounded to it."""
        number = self.number
        return {number.value - number.reach, number.value + number.reach}


def check_equation(claim: TextClaim) -> ClaimOutcome:
    """Check a sum, difference, product or quotient that is written out.

    What was printed may be rounded, so the result lies between those of the limits.
    """
    terms = [*map(_EquationTerm.read, _TERM.finditer(claim.parts["terms"]))]
    if len(terms) > _MOST_TERMS:
        return UNKNOWN
    scale = 100 if claim.has("share") else 1
    wanted = claim.value("to")
    limits = product(*(term.limits for term in terms))
    try:
        results = [scale * _result_of(terms, numbers) for numbers in limits]
        exact = scale * _result_of(terms, [term.number.value for term in terms])
    except ZeroDivisionError:
        return UNKNOWN
    slack = wanted.half + 1e-9
    right = min(results) - slack <= wanted.value <= max(results) + slack
    shown = float(round_excel(exact, max(wanted.decimals, 1)))
    return verdict(right, "result", x=f"{shown:g}")


def _result_of(terms: Sequence[_EquationTerm], numbers: Sequence[float]) -> float:
    """Return the result of terms whose numbers are those given: products before sums."""
    total = 0.0
    product_of_term = numbers[0] * terms[0].share
    for term, number in zip(terms[1:], numbers[1:], strict=True):
        value = number * term.share
        if term.operator == "*":
            product_of_term *= value
        elif term.operator == "/":
            product_of_term /= value
        else:
            total += product_of_term
            product_of_term = value if term.operator == "+" else -value
    return total + product_of_term
