"""The lint of a workbook: all rules, exceptions taken out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlcity.audit.lint.digest import group_by_cause
from xlcity.audit.lint.finding import LintFinding, allowed_in_notes
from xlcity.audit.lint.registry import finders
from xlcity.audit.lint.rules.cell_values import stale_findings
from xlcity.audit.lint.rules.template_match import (
    TemplateComparison,
    compare_with_own_template,
    compare_with_template,
    lost_names,
)
from xlcity.audit.lint.subject import Subject
from xlcity.errors import XlcityError
from xlcity.xlsx.editing.comments import read_comments
from xlcity.xlsx.process import DEFAULT_TIMEOUT

#: Rules that say in which way a formula is wrong: the first of them is enough for a cell.
_OF_FORMULA = ("W09", "E02", "E04", "E03")
#: Slips in inputs that the book proves, and those that it makes suspicious.
_PROVED, _SUSPECTED = "W31", "W22"


@dataclass(frozen=True, slots=True)
class LintResult:
    """What the lint found.

    Attributes
    ----------
    findings
        One for each cause, in the order of severity, then of the sheets.
    allowed
        Findings that a person has allowed, with the reason.
    held_to
        What formulas were compared with: a template's path, "own" (drawn again from the workbook
        itself) or "" (their neighbours alone).
    skipped
        Rules that could not be applied, and why.
    formulas, forms
        Formula cells, and different formulas among them: what a reviewer has to read.
    """

    path: str
    findings: tuple[LintFinding, ...]
    allowed: tuple[tuple[LintFinding, str], ...] = ()
    held_to: str = ""
    skipped: tuple[tuple[str, str], ...] = field(default=())
    formulas: int = 0
    forms: int = 0

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
        }


def lint(
    path: str | Path | Subject,
    *,
    template: str | Path | None = None,
    calculate: bool = True,
    timeout: float = DEFAULT_TIMEOUT,
) -> LintResult:
    """Apply all rules to a workbook.

    Parameters
    ----------
    path
        The workbook; it is not written.
    template
        Compare formulas with this workbook's. Without it a template of ours is compared with
        itself, drawn again from its own framework and recipe.
    calculate
        Whether stored values of a template are compared with a fresh calculation.
    timeout
        Seconds that may take.

    Raises
    ------
    WorkbookError
        If a file is not a workbook.
    """
    subject = Subject.of(path)
    comparison, held_to = _compare(subject, template)
    findings = [*comparison.findings, *_findings_of_rules(subject, comparison, held_to)]
    skipped = []
    if calculate and held_to:
        try:
            findings += stale_findings(subject, timeout)
        except XlcityError as error:
            skipped.append(("E09", error.problems[0].message))
    reported, allowed_findings = _without_allowed(subject, findings)
    return LintResult(
        subject.path,
        tuple(group_by_cause(reported)),
        tuple(allowed_findings),
        held_to,
        tuple(skipped),
        len(subject.graph.formulas),
        len(subject.copies),
    )


def _findings_of_rules(
    subject: Subject, comparison: TemplateComparison, held_to: str
) -> Iterator[LintFinding]:
    """Yield what the rules find, without what the comparison with the template explains."""
    not_asked = "foreign" if held_to else "template"
    for finder in finders():
        if finder.where == not_asked or (comparison.alone and finder.of_formulas):
            continue
        for finding in finder.find(subject):
            covered = finder.of_formulas and comparison.covers(finding)
            if not covered and not comparison.explains(finding):
                yield finding


def _without_allowed(
    subject: Subject, findings: Iterable[LintFinding]
) -> tuple[list[LintFinding], list[tuple[LintFinding, str]]]:
    """Return the findings in order, and apart from them those that a person has allowed."""
    reasons = dict(allowed_in_notes(read_comments(subject.package, subject.book)))
    reported: list[LintFinding] = []
    with_reason: list[tuple[LintFinding, str]] = []
    for finding in _without_repeats(findings):
        reason = reasons.get((finding.rule, finding.sheet, finding.cell))
        if reason is None:
            reported.append(finding)
        else:
            with_reason.append((finding, reason))
    sheets = {name: number for number, name in enumerate(subject.book.sheets)}
    reported.sort(
        # "error" comes before "warning".
        key=lambda f: (f.severity, sheets.get(f.sheet, -1), f.position or (0, 0), f.rule)
    )
    return reported, with_reason


def _compare(subject: Subject, template: str | Path | None) -> tuple[TemplateComparison, str]:
    """Return what differs from the template, and which it is."""
    if template is not None:
        return compare_with_template(subject, Subject.open(template)), str(template)
    comparison = compare_with_own_template(subject)
    if comparison is None:
        return TemplateComparison(lost_names(subject)), ""
    return comparison, "own"


def _without_repeats(findings: Iterable[LintFinding]) -> Iterator[LintFinding]:
    """Yield each fault once: of the rules about one formula the first, which is the contract's."""
    rule_of_cell: dict[tuple[str, str], str] = {}
    proved_columns: set[tuple[str, int]] = set()
    seen = set()
    for finding in findings:
        key = (finding.rule, finding.sheet, finding.cell)
        if key in seen:
            continue
        seen.add(key)
        if finding.rule in _OF_FORMULA and finding.cell:
            if rule_of_cell.setdefault(key[1:], finding.rule) != finding.rule:
                continue
        elif finding.position is not None:
            # What the book proves of a column is no suspicion any more.
            column = finding.sheet, finding.position[1]
            if finding.rule == _PROVED:
                proved_columns.add(column)
            elif finding.rule == _SUSPECTED and column in proved_columns and not finding.region:
                continue
        yield finding
