"""Stored values compared with a fresh calculation."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.audit.lint.finding import LintFinding, finding_at
from xlcity.audit.lint.registry import declare
from xlcity.audit.lint.subject import Subject
from xlcity.errors import CellValue, EngineError
from xlcity.recalc.stale_values import stale_values
from xlcity.recalc.workbook import recalculate
from xlcity.xlsx.address import full_address

_VOLATILE = frozenset(("NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY"))

declare(
    "E09 a stored value is not what the formula gives | Recalculate and save the workbook.",
)


def stale_findings(subject: Subject, timeout: float) -> Iterator[LintFinding]:
    """Yield cells whose stored value is not what their formula gives.

    Raises
    ------
    EngineError
        If no engine can calculate the workbook.
    """
    if refusal := _refusal(subject):
        raise EngineError(refusal)
    fresh = recalculate(subject.package, "auto", timeout, book=subject.book)
    # What no engine is known to compute may as well be right as stored.
    doubtful = frozenset(fresh.doubtful if fresh.able else ())
    for sheet, position, stored, value in stale_values(subject.book, fresh.values).cells:
        if full_address(sheet, position) not in doubtful:
            message = f"{_shown(stored)} is stored, the formula gives {_shown(value)}."
            yield finding_at("E09", sheet, position, message)


def _refusal(subject: Subject) -> str:
    """Return why formulas cannot be computed to be compared, or nothing."""
    forms = [form for _, form in subject.distinct()]
    if any(ref.book for form in forms for ref in form.refs):
        return "the workbook reads other files, which no engine can calculate."
    if any(form.functions & _VOLATILE for form in forms):
        return "the workbook has functions whose value changes by itself."
    return ""


def _shown(value: CellValue) -> str:
    if isinstance(value, float):
        return f"{value:.15g}"
    return (
        "nothing" if value in (None, "") else repr(value) if isinstance(value, str) else str(value)
    )
