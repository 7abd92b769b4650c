"""Stored values held against a fresh calculation."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.registry import declare
from xlcity.audit.lint.subject import Subject
from xlcity.errors import CellError, CellValue, EngineError
from xlcity.recalc.library_calls import library_names
from xlcity.recalc.selection.compare import agree
from xlcity.recalc.support.known_calls import known_udf_cells
from xlcity.recalc.workbook import recalculate
from xlcity.xlsx.address import cell_name, full_address

_VOLATILE = frozenset(("NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY"))
#: Stale cells told one by one; what a changed input moves may be thousands.
_LISTED = 50


declare(
    "E09 a stored value is not what the formula gives | Recalculate and save the workbook.",
)


def stale(subject: Subject, timeout: float) -> Iterator[LintFinding]:
    """Yield cells whose stored value is not what their formula gives.

    Raises
    ------
    EngineError
        If no engine can calculate the workbook.
    """
    if refusal := subject.known.of("not computed", lambda: _refusal(subject)):
        raise EngineError(refusal)
    fresh = recalculate(subject.package, "auto", timeout, book=subject.book)
    calls = known_udf_cells(subject.book, library_names())
    # What no engine is known to compute may as well be right as stored.
    doubtful = frozenset(fresh.doubtful if fresh.able else ())
    found = [
        (sheet, position, stored, value)
        for sheet, values in fresh.values.items()
        for stored, (position, value) in zip(
            subject.book.sheets[sheet].values(values), values.items(), strict=True
        )
        # Most are the same; the comparison with all its rules is for the others.
        if stored != value
        and not agree(stored, value)
        # Without the add-in a program stores #NAME?: that says nothing about the formula.
        and not (position in calls.get(sheet, ()) and _no_name(subject, sheet, position))
        and full_address(sheet, position) not in doubtful
    ]
    for sheet, position, stored, value in found[:_LISTED]:
        message = f"{_shown(stored)} is stored, the formula gives {_shown(value)}."
        yield at("E09", sheet, position, message)
    if len(found) > _LISTED:
        sheet, position, *_ = found[_LISTED]
        message = (
            f"{len(found) - _LISTED} more stored values are stale, from {cell_name(*position)} on."
        )
        yield at("E09", sheet, position, message)


def _refusal(subject: Subject) -> str:
    """Return why formulas cannot be computed to be compared, or nothing."""
    forms = [made for _, made in subject.distinct()]
    if any(ref.book for made in forms for ref in made.refs):
        return "the workbook reads other files, which no engine can calculate."
    if any(made.functions & _VOLATILE for made in forms):
        return "the workbook has functions whose value changes by itself."
    return ""


def _no_name(subject: Subject, sheet: str, position: tuple[int, int]) -> bool:
    return subject.book.value(sheet, *position) in (CellError.NAME, None)


def _shown(value: CellValue) -> str:
    if isinstance(value, float):
        return f"{value:.15g}"
    return (
        "nothing" if value in (None, "") else repr(value) if isinstance(value, str) else str(value)
    )
