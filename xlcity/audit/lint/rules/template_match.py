"""The contract: every formula is the template's, and only inputs differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from xlcity.audit.lint.finding import LintFinding, finding_at
from xlcity.audit.lint.formula_difference import explain_difference
from xlcity.audit.lint.registry import declare
from xlcity.audit.lint.rules.template_look import appearance_changes, typed_labels
from xlcity.audit.lint.subject import Subject
from xlcity.errors import WorkbookError, XlcityError
from xlcity.model.nodes import Direction
from xlcity.workbook.checking.contract import (
    MOVABLE,
    Difference,
    Formulas,
    differences,
    fingerprint,
    formulas_of,
)
from xlcity.workbook.checking.method_changes import direction_cells
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import NAME_PROBLEMS, read_template
from xlcity.xlsx.address import column_letters
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.formula import changed_part

if TYPE_CHECKING:
    from xlcity.workbook.spec import TemplateSpec

declare("W16 a formula is not protected | Lock the cell and protect the sheet.")

#: Kinds of difference whose message quotes the part that was replaced.
_IN_WORDS = ("number", "sign", "part", "other")
#: Longer formulas are cut in messages.
_LONGEST = 200


def draw_own_template(subject: Subject) -> Subject | None:
    """Return the template of a workbook, drawn again from its own framework and recipe.

    ``None`` where the workbook is not a template, or cannot be drawn.
    """
    spec = _read_spec(subject)
    return None if spec is None else _draw_template(subject, spec)


def _read_spec(subject: Subject) -> TemplateSpec | None:
    from xlcity.workbook.spec.from_template import spec_of

    template = subject.template
    if template is None:
        return None
    try:
        return spec_of(template)
    except (XlcityError, ValueError):
        return None


def _draw_template(subject: Subject, spec: TemplateSpec) -> Subject | None:
    from xlcity.workbook.build import draw  # most comparisons draw nothing

    try:
        return Subject(draw(spec)[0], subject.path)
    except (XlcityError, ValueError):
        return None


class TemplateComparison(NamedTuple):
    """What differs from a template.

    Attributes
    ----------
    findings
        The differences.
    alone
        Whether the workbook has no formulas beside the template's.
    formulas
        The template's, where something differs.
    """

    findings: list[LintFinding]
    alone: bool = False
    formulas: Formulas = MappingProxyType({})

    def covers(self, finding: LintFinding) -> bool:
        """Tell whether the template has a formula in the cell of a finding."""
        cells = () if finding.sheet in MOVABLE else self.formulas.get(finding.sheet, ())
        return finding.position in cells

    def explains(self, finding: LintFinding) -> bool:
        """Tell whether another finding follows from an error among the differences."""
        errors = [difference for difference in self.findings if difference.severity == "error"]
        # All formulas but these are the template's, in which functions and cells agree.
        if finding.rule == "E10":
            return any(error.rule != "E13" for error in errors)
        cell, fault = (finding.sheet, finding.cell), finding.fault
        return any((e.sheet, e.cell) == cell or (fault and fault == e.fault) for e in errors)


def compare_with_own_template(subject: Subject) -> TemplateComparison | None:
    """Compare a workbook with its template drawn again; ``None`` where that is not possible.

    One in which nothing differed before is not drawn: see `PassedTemplates`.
    """
    spec = _read_spec(subject)
    if spec is None or subject.template is None:
        return None
    from xlcity.workbook.checking.passed_templates import PassedTemplates

    labels_and_protection = [*typed_labels(subject)], sorted(subject.facts.protected)
    passed = PassedTemplates(subject.template, spec, subject.appearance, labels_and_protection)
    if passed.known():
        return TemplateComparison([], True)
    model = _draw_template(subject, spec)
    if model is None:
        return None
    comparison = compare_with_template(subject, model, spec)
    if comparison.alone and not comparison.findings:
        passed.keep(model.appearance)
    return comparison


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


def compare_with_template(
    subject: Subject, model: Subject, spec: TemplateSpec | None = None
) -> TemplateComparison:
    """Compare a workbook with a template.

    With the specification of the workbook, formulas that score an indicator the other way are one
    finding, at its direction.
    """
    formulas = formulas_of(model.book)
    differing = list(differences(subject.book, formulas, subject.graph.forms))
    turned = [] if spec is None else list(_turned_directions(subject, spec, differing))
    explained = {cell for direction in turned for cell in direction.formulas}
    rest = (d for d in differing if (d.sheet, d.position) not in explained)
    findings = [
        *(direction.finding for direction in turned),
        *(_formula_finding(subject, difference) for difference in rest),
        *_protection_removed(subject, model),
        *appearance_changes(subject, model),
    ]
    return TemplateComparison(findings, not _has_other_formulas(subject, formulas), formulas)


class _TurnedDirection(NamedTuple):
    """A direction that was turned, and the formulas that still score by the former one."""

    finding: LintFinding
    formulas: frozenset[tuple[str, Position]]


def _turned_directions(
    subject: Subject, spec: TemplateSpec, differing: Sequence[Difference]
) -> Iterator[_TurnedDirection]:
    """Yield the directions that were turned.

    Formulas are drawn for the direction of their indicator. Where all scores of one have another
    formula, the template is drawn with the opposite direction: it explains what is the same there.
    """
    template, scores = subject.template, subject.area("out_normalised")
    if template is None or scores is None or not differing:
        return
    heads = template.book.block(template.area("out_leaves"))[0]
    columns = {plain_text(head): column for column, head in enumerate(heads, scores.c1)}
    differing_cells = {(d.sheet, d.position) for d in differing if d.position is not None}
    cells = direction_cells(template)
    for code, column in columns.items():
        scored = {(scores.sheet, (row, column)) for row in range(scores.r1, scores.r2 + 1)}
        if not scored <= differing_cells or code not in cells or code not in spec.framework:
            continue
        now = spec.framework[code].direction
        nodes = (
            replace(node, direction=Direction(-now)) if node.code == code else node
            for node in spec.framework.nodes
        )
        drawn = _draw_template(
            subject, replace(spec, framework=replace(spec.framework, nodes=tuple(nodes)))
        )
        texts = {} if drawn is None else formulas_of(drawn.book)
        left = differences(subject.book, texts, subject.graph.forms)
        same = frozenset(differing_cells - {(d.sheet, d.position) for d in left})
        if drawn is not None and scored <= same:
            area = f"{column_letters(column)}{scores.r1}:{column_letters(column)}{scores.r2}"
            message = f"the direction of {code} is {now:+d}, but {scores.sheet}!{area} score it "
            message += f"with {-now:+d}."
            fix = "Restore the direction, or rebuild the workbook for the new one."
            finding = LintFinding("E08", *cells[code], message, fix, fault=f"direction {code}")
            yield _TurnedDirection(finding, same)


def _has_other_formulas(subject: Subject, expected: Formulas) -> bool:
    """Return whether a workbook has formulas where its template has none."""
    for name, mine in formulas_of(subject.book).items():
        theirs = expected.get(name, {})
        if name in MOVABLE:  # rows may stand elsewhere, ranges have other rows
            forms = subject.graph.forms
            drawn = {fingerprint(forms.of(text, *position)) for position, text in theirs.items()}
            present = {fingerprint(forms.of(text, *position)) for position, text in mine.items()}
            if not present <= drawn:
                return True
        elif not mine.keys() <= theirs.keys():
            return True
    return False


def _formula_finding(subject: Subject, difference: Difference) -> LintFinding:
    sheet, position = difference.sheet, difference.position
    if position is None:
        return LintFinding("E02", sheet, "", "the sheet is gone.", "Take a fresh template.")
    fix = f"Restore {_cut(f'={difference.expected}')}"
    cell = difference.cell
    if cell is None or cell.formula is None:
        value = None if cell is None else cell.value
        shown = "nothing" if value in (None, "") else repr(value)
        return finding_at("E02", sheet, position, f"{shown} replaces a formula.", fix=fix)
    forms = subject.graph.forms
    expected, actual = (forms.of(f, *position) for f in (difference.expected, cell.formula))
    slip = explain_difference(expected, actual, sheet, position)
    in_words = slip.kind in _IN_WORDS
    message = _replaced_part(difference.expected, cell.formula) if in_words else slip.message
    fault = f"{sheet} {expected.key} {actual.key}"
    return finding_at(slip.rule, sheet, position, f"{message}.", fix=fix, fault=fault)


def _replaced_part(expected: str, actual: str) -> str:
    """Say what of a formula went and what came."""
    went, came = map(_cut, changed_part(expected, actual))
    if went and came:
        return f"{came} instead of {went}"
    return f"{came} was added" if came else f"{went} was left out"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _protection_removed(subject: Subject, template: Subject) -> Iterator[LintFinding]:
    before, now = template.facts, subject.facts
    for sheet in sorted(before.protected - now.protected):
        if sheet in subject.book.sheets and sheet not in MOVABLE:
            message = "the template protects this sheet, the workbook does not."
            yield LintFinding("W16", sheet, "", message)
