"""The lint of a workbook: all rules, exceptions taken out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlcity.audit.workbook.entered import entered
from xlcity.audit.workbook.file import file_rules
from xlcity.audit.workbook.finding import Allowed, Finding, allowed_in_notes
from xlcity.audit.workbook.fresh import stale
from xlcity.audit.workbook.held import contract, known_template
from xlcity.audit.workbook.indexed import indexed
from xlcity.audit.workbook.ranges import ranges
from xlcity.audit.workbook.regularity import regularity
from xlcity.audit.workbook.subject import Subject
from xlcity.audit.workbook.values import values
from xlcity.audit.workbook.written import written
from xlcity.errors import XlcityError
from xlcity.recalc.workbook import DEFAULT_TIMEOUT
from xlcity.xlsx.comments import read_comments
from xlcity.xlsx.package import Package

#: Rules that say in which way a formula is wrong: one of them is enough for a cell.
_OF_FORMULA = ("W09", "E02", "E07", "E04", "W01", "E03", "E05")
#: What a template writes into its formulas is its own affair; the contract tells of any other.
_OF_TEMPLATE = ("W01", "W07", "W12")
_ORDER = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class Linted:
    """What the lint found.

    Attributes
    ----------
    findings
        In the order of severity, then of the sheets.
    allowed
        Findings that a person has allowed, with the reason.
    held_to
        What formulas were compared with: a template's path, "own" (drawn again from the workbook
        itself) or "" (regularity alone).
    skipped
        Rules that could not be applied, and why.
    formulas, forms
        Formula cells, and different formulas among them: what a reviewer has to read.
    """

    path: str
    findings: tuple[Finding, ...]
    allowed: tuple[tuple[Finding, str], ...] = ()
    held_to: str = ""
    skipped: tuple[tuple[str, str], ...] = field(default=())
    formulas: int = 0
    forms: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "path": self.path,
            "findings": [finding.as_dict() for finding in self.findings],
            "summary": dict(sorted(Counter(f.rule for f in self.findings).items())),
            "held_to": self.held_to,
            "allowed": [{**f.as_dict(), "reason": reason} for f, reason in self.allowed],
            "skipped": [{"rule": rule, "reason": reason} for rule, reason in self.skipped],
            "formula_cells": self.formulas,
            "different_formulas": self.forms,
        }


def lint(
    path: str | Path | Subject,
    *,
    template: str | Path | None = None,
    regular_only: bool = False,
    allowed: Iterable[Allowed] = (),
    calculate: bool = True,
    timeout: float = DEFAULT_TIMEOUT,
) -> Linted:
    """Apply all rules to a workbook.

    Parameters
    ----------
    path
        The workbook; it is not written.
    template
        Hold formulas to this workbook's. Without it a template of ours is held to itself, drawn
        again from its own framework and recipe.
    regular_only
        Hold formulas to no template: by regularity alone, as in a workbook of someone else's.
    allowed
        Exceptions, besides those in cell notes.
    calculate
        Whether stored values are held against a fresh calculation.
    timeout
        Seconds that may take.

    Raises
    ------
    WorkbookError
        If a file is no workbook.
    """
    subject = Subject.of(path)
    model, held_to = _model(subject, template, regular_only)
    found = [
        *(contract(subject, model) if model is not None else ()),
        *regularity(subject),
        *ranges(subject),
        *(f for f in written(subject) if model is None or f.rule not in _OF_TEMPLATE),
        *values(subject),
        *file_rules(subject),
        *entered(subject),
        *indexed(subject),
    ]
    skipped = []
    if calculate:
        try:
            found += stale(subject, timeout)
        except XlcityError as error:
            skipped.append(("E09", error.problems[0].message))
    notes = read_comments(subject.package, subject.book)
    exceptions = (*allowed, *allowed_in_notes(notes))
    kept, taken = [], []
    for finding in _once(found):
        reason = next((a.reason for a in exceptions if a.covers(finding)), None)
        if reason is None:
            kept.append(finding)
        else:
            taken.append((finding, reason))
    sheets = {name: number for number, name in enumerate(subject.book.sheets)}
    kept.sort(
        key=lambda f: (_ORDER[f.severity], sheets.get(f.sheet, -1), f.position or (0, 0), f.rule)
    )
    return Linted(
        subject.path,
        tuple(kept),
        tuple(taken),
        held_to,
        tuple(skipped),
        len(subject.graph.formulas),
        len(subject.copies),
    )


def _model(
    subject: Subject, template: str | Path | None, regular_only: bool
) -> tuple[Package | None, str]:
    if regular_only:
        return None, ""
    if template is not None:
        return Package.read(template), str(template)
    model = known_template(subject)
    return model, "" if model is None else "own"


def _once(found: Iterable[Finding]) -> Iterator[Finding]:
    """Yield each fault once: of the rules about one formula the first, which is the contract's."""
    told: dict[tuple[str, str], str] = {}
    seen = set()
    for finding in found:
        key = (finding.rule, finding.sheet, finding.cell)
        if key in seen:
            continue
        seen.add(key)
        if finding.rule in _OF_FORMULA and finding.cell:
            place = finding.sheet, finding.cell
            if told.setdefault(place, finding.rule) != finding.rule:
                continue
        yield finding
