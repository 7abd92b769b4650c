"""The contract: every formula is the template's, and only inputs differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.formula_difference import explain
from xlcity.audit.lint.rules.template_look import shown_otherwise, typed_labels
from xlcity.audit.lint.subject import Subject
from xlcity.errors import WorkbookError, XlcityError
from xlcity.workbook.checking.contract import (
    MOVABLE,
    Difference,
    Formulas,
    differences,
    fingerprint,
    formulas_of,
)
from xlcity.workbook.reading.template import NAME_PROBLEMS, read_template

if TYPE_CHECKING:
    from xlcity.workbook.spec import TemplateSpec


def known_template(subject: Subject) -> Subject | None:
    """Return the template of a workbook, drawn again from its own framework and recipe.

    ``None`` where the workbook is not a template, was made by another version, or cannot be drawn.
    """
    spec = _spec(subject)
    return None if spec is None else _drawn(subject, spec)


def _spec(subject: Subject) -> TemplateSpec | None:
    from xlcity.workbook.spec.from_template import spec_of

    template = subject.template
    if template is None or not template.is_current:
        return None
    try:
        return spec_of(template)
    except (XlcityError, ValueError):
        return None


def _drawn(subject: Subject, spec: TemplateSpec) -> Subject | None:
    from xlcity.workbook.build import draw  # most comparisons draw nothing

    try:
        return Subject(draw(spec)[0], subject.path)
    except (XlcityError, ValueError):
        return None


def held_to_own(subject: Subject) -> tuple[list[LintFinding], bool] | None:
    """Compare a workbook with its template drawn again; ``None`` where that is not possible.

    One in which nothing differed before is not drawn: see `PassedTemplates`.
    """
    spec = _spec(subject)
    if spec is None or subject.template is None:
        return None
    from xlcity.workbook.checking.passed_templates import PassedTemplates

    more = [*typed_labels(subject)], sorted(subject.facts.protected)
    passed = PassedTemplates(subject.template, spec, subject.appearance, more)
    if passed.known():
        return [], True
    model = _drawn(subject, spec)
    if model is None:
        return None
    found, unchanged = compared(subject, model)
    if unchanged and not found:
        passed.keep(model.appearance)
    return found, unchanged


def lost_names(subject: Subject) -> list[LintFinding]:
    """Return why a template cannot be read: names of its areas that are gone or stand for none."""
    if subject.template is not None or "xl_framework" not in subject.book.names:
        return []
    try:
        read_template(subject.package, subject.book, subject.path)
    except WorkbookError as error:
        names = (p for p in error.problems if p.code in NAME_PROBLEMS)
        return [LintFinding("E13", "", "", problem.message) for problem in names]
    return []


def compared(subject: Subject, model: Subject) -> tuple[list[LintFinding], bool]:
    """Return what differs from a template, and whether all formulas are the template's."""
    formulas = formulas_of(model.book)
    differing = list(differences(subject.book, formulas, subject.graph.forms))
    found = list(contract(subject, model, differing))
    return found, not differing and not has_other_formulas(subject, formulas)


def has_other_formulas(subject: Subject, expected: Formulas) -> bool:
    """Return whether a workbook has formulas where its template has none."""
    for name, mine in formulas_of(subject.book).items():
        theirs = expected.get(name, {})
        if name in MOVABLE:  # rows may stand elsewhere, ranges have other rows
            forms = subject.graph.forms
            known = {fingerprint(forms.of(text, *position)) for position, text in theirs.items()}
            found = {fingerprint(forms.of(text, *position)) for position, text in mine.items()}
            if not found <= known:
                return True
        elif not mine.keys() <= theirs.keys():
            return True
    return False


def contract(
    subject: Subject, template: Subject, differing: Iterable[Difference]
) -> Iterator[LintFinding]:
    """Yield what differs from the template and is not an input; formulas that differ are given."""
    for found in differing:
        yield _finding(subject, found)
    yield from _protection(subject, template)
    yield from shown_otherwise(subject, template)


def _finding(subject: Subject, found: Difference) -> LintFinding:
    if found.position is None:
        return LintFinding("E02", found.sheet, "", "the sheet is gone.", "Take a fresh template.")
    belongs = f"={found.expected}"
    fix = f"Restore {belongs if len(belongs) <= 200 else belongs[:200] + '…'}"
    mine = found.found
    if mine is None or mine.formula is None:
        value = None if mine is None else mine.value
        shown = "nothing" if value in (None, "") else repr(value)
        return at("E02", found.sheet, found.position, f"{shown} replaces a formula.", fix=fix)
    forms = subject.graph.forms
    expected = forms.of(found.expected, *found.position)
    here = forms.of(mine.formula, *found.position)
    slip = explain(expected, here, found.sheet, found.position)
    return at(slip.rule, found.sheet, found.position, f"{slip.message}.", fix=fix)


def _protection(subject: Subject, template: Subject) -> Iterator[LintFinding]:
    before, now = template.facts, subject.facts
    for sheet in sorted(before.protected - now.protected):
        if sheet in subject.book.sheets and sheet not in MOVABLE:
            message = "the template protects this sheet, the workbook does not."
            yield LintFinding("W16", sheet, "", message)
