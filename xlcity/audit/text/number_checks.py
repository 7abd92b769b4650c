"""Checks of the arithmetic inside a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from xlcity.audit.text.claims import TextClaim
from xlcity.audit.text.evidence import SourcedNumber
from xlcity.audit.text.outcome import TRUE, UNKNOWN, ClaimOutcome, verdict
from xlcity.audit.text.patterns import declarations
from xlcity.functions.rounding import round_excel

#: Terms of an equation that are computed with both limits of each.
_MOST_TERMS = 8


def check_arithmetic(claim: TextClaim) -> ClaimOutcome:
    """Check a change against its two ends."""
    start = claim.value("from")
    end = claim.value("to")
    falling = declarations()["arithmetic"]["falling"]
    if claim.has("way") and (end.value < start.value) == (
        claim.parts["way"] not in falling
    ):
        return verdict(False, "wrong_way", x=start.text, y=end.text)
    if not claim.has("by"):
        return TRUE
    by = claim.value("by")
    share = claim.parts["what"] in ("%", "per cent")
    sign = -1 if claim.parts["by_way"].lower() in falling else 1

    def change(ends: Sequence[float]) -> float:
        return sign * (100 * (ends[1] / ends[0] - 1) if share else ends[1] - ends[0])

    outcome = _computed([start, end], change, by, by.half if share else by.reach)
    if outcome.holds is not False:
        return outcome
    if (
        share
        and claim.parts.get("u1") == "%"
        and by.stands_for(abs(end.value - start.value))
    ):
        return (
            UNKNOWN  # points of a percentage or per cent of it: the text leaves it open
        )
    shown = _shown(sign * change([start.value, end.value]), by)
    return verdict(False, "change", x=shown, share="%" if share else "")


def check_equation(claim: TextClaim) -> ClaimOutcome:
    """Check a sum, difference, product or quotient that is written out: 100/46 = 2.17."""
    terms = [
        _EquationTerm.read(match) for match in _TERM.finditer(claim.parts["terms"])
    ]
    scale = 100 if claim.has("share") else 1

    def result(numbers: Sequence[float]) -> float:
        return scale * _result_of(terms, numbers)

    return _computed([term.number for term in terms], result, claim.value("to"))


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


def _computed(
    cells: Sequence[SourcedNumber],
    result: Callable[[Sequence[float]], float],
    wanted: SourcedNumber,
    slack: float | None = None,
) -> ClaimOutcome:
    """Check a result; what was printed may be rounded, so it lies between those of the limits."""
    if len(cells) > _MOST_TERMS:
        return UNKNOWN
    limits = [{cell.value - cell.reach, cell.value + cell.reach} for cell in cells]
    try:
        results = [result(numbers) for numbers in product(*limits)]
        exact = result([cell.value for cell in cells])
    except ZeroDivisionError:
        return UNKNOWN
    slack = (wanted.half if slack is None else slack) + 1e-9
    right = min(results) - slack <= wanted.value <= max(results) + slack
    return verdict(right, "result", x=_shown(exact, wanted))


def _shown(exact: float, wanted: SourcedNumber) -> str:
    return f"{float(round_excel(exact, max(wanted.decimals, 1))):g}"


#: Kind -> its check.
NUMBER_CHECKS: Mapping[str, Callable[[TextClaim], ClaimOutcome]] = {
    check.__name__.removeprefix("check_"): check
    for check in (check_arithmetic, check_equation)
}
