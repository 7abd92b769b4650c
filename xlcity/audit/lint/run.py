"""The lint of a workbook: all rules, exceptions taken out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from xlcity.audit.lint.digest import digest
from xlcity.audit.lint.finding import LEAST, Exemption, LintFinding, allowed_in_notes
from xlcity.audit.lint.registry import finders
from xlcity.audit.lint.rules.stale_values import stale
from xlcity.audit.lint.rules.template_match import (
    TemplateComparison,
    compared,
    held_to_own,
    lost_names,
)
from xlcity.audit.lint.subject import Subject
from xlcity.errors import XlcityError
from xlcity.xlsx.editing.comments import read_comments
from xlcity.xlsx.process import DEFAULT_TIMEOUT

#: Rules that say in which way a formula is wrong: one of them is enough for a cell.
_OF_FORMULA = ("W09", "E02", "E07", "E04", "W01", "E03", "E05")
#: Rules that have nothing to add to a formula or a typed number that was explained already.
_EXPLAINED = ("W24", "W25", "W26")
#: Slips in inputs that the book proves, and those that it makes suspicious.
_OF_INPUTS = ("W31", "W22")
_ORDER = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class LintResult:
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
    left_out
        Findings that a digest leaves out, or counts with another of the same cause.
    """

    path: str
    findings: tuple[LintFinding, ...]
    allowed: tuple[tuple[LintFinding, str], ...] = ()
    held_to: str = ""
    skipped: tuple[tuple[str, str], ...] = field(default=())
    formulas: int = 0
    forms: int = 0
    left_out: int = 0

    def digest(self) -> LintResult:
        """Return the handful of findings to read first."""
        found = tuple(digest(self.findings, certain=bool(self.held_to)))
        return replace(self, findings=found, left_out=len(self.findings) - len(found))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "path": self.path,
            "findings": self.findings,
            "summary": dict(sorted(Counter(f.rule for f in self.findings).items())),
            "held_to": self.held_to,
            "allowed": [{**f.as_dict(), "reason": reason} for f, reason in self.allowed],
            "skipped": [{"rule": rule, "reason": reason} for rule, reason in self.skipped],
            "formula_cells": self.formulas,
            "different_formulas": self.forms,
            "left_out": self.left_out,
        }


def lint(
    path: str | Path | Subject,
    *,
    template: str | Path | None = None,
    regular_only: bool = False,
    allowed: Iterable[Exemption] = (),
    calculate: bool = True,
    timeout: float = DEFAULT_TIMEOUT,
) -> LintResult:
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
        If a file is not a workbook.
    """
    subject = Subject.of(path)
    held, held_to = _compared(subject, template, regular_only)
    found = [*held.findings, *_by_rules(subject, held, held_to)]
    skipped = []
    if calculate:
        try:
            found += stale(subject, timeout)
        except XlcityError as error:
            skipped.append(("E09", error.problems[0].message))
    kept, taken = _sorted_out(subject, found, allowed)
    formulas, forms = len(subject.graph.formulas), subject.forms
    subject.known.keep()
    return LintResult(
        subject.path,
        tuple(kept),
        tuple(taken),
        held_to,
        tuple(skipped),
        formulas,
        forms,
    )


def _by_rules(subject: Subject, held: TemplateComparison, held_to: str) -> Iterator[LintFinding]:
    """Yield what the rules find, without what the comparison with the template explains."""
    for finder in finders():
        if held.alone and finder.of_formulas:
            continue
        left_out = finder.not_in_template if held_to else ()
        for finding in finder.find(subject):
            covered = finder.of_formulas and held.covers(finding)
            if finding.rule not in left_out and not covered and not held.explains(finding):
                yield finding


def _sorted_out(
    subject: Subject, found: Iterable[LintFinding], allowed: Iterable[Exemption]
) -> tuple[list[LintFinding], list[tuple[LintFinding, str]]]:
    """Return the findings in order, and apart from them those that a person has allowed."""
    notes = read_comments(subject.package, subject.book)
    exceptions = (*allowed, *allowed_in_notes(notes))
    kept: list[LintFinding] = []
    taken: list[tuple[LintFinding, str]] = []
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
    return kept, taken


def _compared(
    subject: Subject, template: str | Path | None, regular_only: bool
) -> tuple[TemplateComparison, str]:
    """Return what differs from the template, and which it is."""
    if regular_only:
        return TemplateComparison([]), ""
    if template is not None:
        return compared(subject, Subject.open(template)), str(template)
    own = held_to_own(subject)
    return (TemplateComparison(lost_names(subject)), "") if own is None else (own, "own")


def _once(found: Iterable[LintFinding]) -> Iterator[LintFinding]:
    """Yield each fault once: of the rules about one formula the first, which is the contract's."""
    reported: dict[tuple[str, str], str] = {}
    sure: set[tuple[str, str]] = set()
    slips: set[tuple[str, int]] = set()
    seen = set()
    for finding in found:
        key = (finding.rule, finding.sheet, finding.cell)
        if key in seen:
            continue
        seen.add(key)
        place = finding.sheet, finding.cell
        if finding.rule in _OF_FORMULA and finding.cell:
            if reported.setdefault(place, finding.rule) != finding.rule:
                continue
            if finding.surprise >= LEAST:
                sure.add(place)
        # What the book proves of a column is no suspicion any more.
        elif finding.rule in _OF_INPUTS and finding.position is not None:
            column = finding.sheet, finding.position[1]
            if finding.rule == _OF_INPUTS[0]:
                slips.add(column)
            elif column in slips and not finding.region:
                continue
        # Of two formulas that contradict each other, one may have been explained already.
        elif finding.rule in _EXPLAINED and sure & {place, (finding.sheet, finding.beside)}:
            continue
        yield finding
