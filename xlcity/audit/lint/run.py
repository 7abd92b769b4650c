"""The lint of a workbook: what all rules find, one finding for each cause, exceptions taken out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from xlcity.audit.lint.causes import order_causes
from xlcity.audit.lint.finding import Finding, allowed_in_notes
from xlcity.audit.lint.registry import finders
from xlcity.audit.lint.subject import Subject
from xlcity.workbook.checking.contract import Expected
from xlcity.xlsx.editing.comments import read_comments


@dataclass(frozen=True, slots=True)
class LintResult:
    """What the lint found.

    Attributes
    ----------
    findings
        One for each cause, those first on which most ranks hang.
    allowed
        Findings that a person has allowed, with the reason.
    """

    findings: tuple[Finding, ...]
    allowed: tuple[tuple[Finding, str], ...]

    @property
    def every(self) -> list[Finding]:
        """The causes, each with what follows from it."""
        every: list[Finding] = []
        for cause in self.findings:
            every += (cause, *cause.follows)
        return every


def lint(
    given: str | Path | Subject,
    *,
    template: str | Path | None = None,
    others: Iterable[Finding] = (),
) -> LintResult:
    """Apply all rules to a workbook.

    Parameters
    ----------
    given
        The workbook; it is not written.
    template
        Compare formulas and looks with this workbook's. Without it a template of ours is compared
        with itself, drawn again from its own framework and recipe.
    others
        What else was found, to be put in order with it.

    Raises
    ------
    WorkbookError
        If a file is not a workbook.
    """
    subject = Subject.of(given)
    if template is not None:
        model = Subject.of(template)
        subject.expected = Expected.of(model.package, model.book)
    found: list[Finding] = []
    for find in finders():
        found += find(subject)
    reasons = dict(allowed_in_notes(read_comments(subject.package, subject.book)))
    allowed = []
    reported = []
    for finding in dict.fromkeys((*found, *others)):
        reason = reasons.get((finding.rule, finding.sheet, finding.cell))
        if reason is None:
            reported.append(finding)
        else:
            allowed.append((finding, reason))
    return LintResult(order_causes(subject, reported), tuple(allowed))
