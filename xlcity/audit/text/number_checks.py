"""Checks of claims that need no ranks: scores, and plain arithmetic."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import product

from xlcity.audit.text.claims import TextClaim
from xlcity.audit.text.evidence import SourcedNumber, TextEvidence
from xlcity.audit.text.outcome import TRUE, UNKNOWN, ClaimOutcome, verdict
from xlcity.audit.text.patterns import declarations
from xlcity.functions.rounding import round_excel

#: Terms of an equation that are computed with both limits of each.
_MOST_TERMS = 8


def check_score(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check the score of a city against all that it has; a near miss is a slip."""
    if len(claim.who) != 1:
        return UNKNOWN
    unit = claim.who[0]
    wanted = claim.value("value")
    own = {code: cell for (code, u), cell in evidence.scores.items() if u == unit}
    values = [
        cell for (_, u), cells in evidence.values.items() if u == unit for cell in cells
    ]
    if any(wanted.stands_for(cell.value) for cell in values):
        return TRUE
    named = reversed(claim.sentence.nodes(claim.span))
    codes = [code for several in named for code in several if code in own]
    if any(wanted.stands_for(own[code].value) for code in codes or own):
        return TRUE
    near = [code for code in codes or own if _is_slip(own[code].text, wanted.text)]
    code = next(iter((*near, *codes)), evidence.root)
    unclear = not codes or len(claim.words) > 60
    if not near and (unclear or code not in own):
        return UNKNOWN
    x = own[code].text
    table = own[code].table
    return verdict(False, "score", table=table, city=unit, node=code, x=x)


def check_arithmetic(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check the arithmetic of a sentence: a change and its two ends, or a total and its parts."""
    if claim.has("parts"):
        n = sum(map(int, re.findall(r"\d+", claim.parts["parts"])))
        total = claim.value("to").value
        return UNKNOWN if n < total else verdict(n == total, "total", n=n)
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


def check_equation(claim: TextClaim, evidence: TextEvidence) -> ClaimOutcome:
    """Check a sum, difference, product or quotient that is written out: 100/46 = 2.17.

    `sign`: in words, of two numbers; a distance has no sign.
    """
    sign = claim.options.get("sign", "")
    written = claim.first("terms") or sign.join(
        (claim.first("to"), claim.first("from"))
    )
    terms = re.findall(r"([-+−–×*/÷]?)\s*([\d.,]+)(%?)", written)
    cells = [SourcedNumber.written(number) for _, number, _ in terms]
    signs = [
        {"−": "-", "–": "-", "×": "*", "÷": "/"}.get(sign, sign) for sign, _, _ in terms
    ]
    parts = [0.01 if percent else 1.0 for _, _, percent in terms]

    def result(numbers: Sequence[float]) -> float:
        total = 0.0
        factors = numbers[0] * parts[0]
        for sign, number, part in zip(signs[1:], numbers[1:], parts[1:], strict=True):
            if sign in ("+", "-"):
                total, factors = (
                    total + factors,
                    number * part * (1 if sign == "+" else -1),
                )
            else:
                factors = (
                    factors * number * part
                    if sign == "*"
                    else factors / (number * part)
                )
        exact = (total + factors) * (100 if claim.has("share") else 1)
        return abs(exact) if sign else exact

    return _computed(cells, result, claim.value("by" if sign else "to"))


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
NUMBER_CHECKS: Mapping[str, Callable[[TextClaim, TextEvidence], ClaimOutcome]] = {
    check.__name__.removeprefix("check_"): check
    for check in (check_score, check_arithmetic, check_equation)
}


def _is_slip(right: str, written: str) -> bool:
    """Tell whether two digits were exchanged, or one is another.

    >>> _is_slip("88.65", "88.56"), _is_slip("88.65", "88.95"), _is_slip("88.65", "71.2")
    (True, True, False)
    """
    if len(right) != len(written):
        return False
    wrong = sum(a != b for a, b in zip(right, written, strict=True))
    return (wrong == 1 and len(right) > 3) or (
        wrong == 2 and sorted(right) == sorted(written)
    )
