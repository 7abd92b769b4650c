"""The first sentence of a check: whether the scores can be used, and why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from xlcity.audit.lint.finding import Finding
from xlcity.audit.lint.registry import rules
from xlcity.errors import counted

#: Kinds of findings that the sentence names.
_NAMED = 3
#: What is said of a workbook whose formulas have no stored values, and what to do.
NO_VALUES, RECALCULATE = "no stored values", "recalculate"
#: Verdict -> how the sentence begins: of a template, of a workbook without scores.
_STARTS = {
    "fail": ("Do not use the scores", "Do not rely on this workbook"),
    "warned": ("Check before using the scores", "Check before relying on this workbook"),
    "draft": ("Draft", "Draft"),
    "pass": ("The scores can be used", "No error found in {} formulas"),
}


def summarise(
    verdict: str, findings: Sequence[Finding], *, blank: int = 0, formulas: int | None = None
) -> str:
    """Return one sentence: "Do not use the scores: 3 weights were changed, 719 values are stale.".

    Parameters
    ----------
    verdict, findings
        What the check found.
    blank
        Inputs that are not filled yet.
    formulas
        Of a workbook without scores, how many formulas it has.
    """
    counts: Counter[str] = Counter()
    for finding in findings:
        errors = any(f.severity == "error" for f in (finding, *finding.follows))
        if verdict != "fail" or errors or finding.hanging:
            unstored = finding.fault == NO_VALUES
            counts[NO_VALUES if unstored else rules()[finding.rule].count] += finding.count
    if [*counts] == [NO_VALUES] and verdict == "pass":
        return f"{NO_VALUES.capitalize()}: {RECALCULATE}."
    forms = ((count.partition(" / "), number) for count, number in counts.items())
    phrases = [(singular if number == 1 else plural).format(number)
               for (singular, _, plural), number in forms]  # fmt: skip
    named = ", ".join(phrases[:_NAMED])
    if len(phrases) > _NAMED:
        named += ", and more"
    warned = any(finding.severity == "warning" for finding in findings)
    if verdict == "draft" and blank:
        unfilled = counted(blank, "value is not filled", "values are not filled")
        named = ", ".join(filter(None, (unfilled, named)))
    starts = _STARTS["warned" if verdict == "pass" and warned else verdict]
    start = starts[formulas is not None].format(formulas)
    if verdict == "pass" and formulas == 0:
        start = "There are no formulas to check"
    return f"{start}: {named}." if named else f"{start}."
