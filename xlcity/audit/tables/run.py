"""The audit itself: read, constrain, diagnose, settle, tell."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from xlcity.audit.tables.checks.clusters import check_clusters
from xlcity.audit.tables.checks.statements import check_counts, check_list
from xlcity.audit.tables.checks.statistics import check_correlations, check_words
from xlcity.audit.tables.checks.weighting import WeightQuestion
from xlcity.audit.tables.constraints.build import constraints_of
from xlcity.audit.tables.constraints.relations import Severity
from xlcity.audit.tables.diagnosis.diagnose import CauseGroup, Diagnosis
from xlcity.audit.tables.diagnosis.findings import Audit, findings_of, numbered
from xlcity.audit.tables.finding import CheckCount, TableCheck, TableFinding
from xlcity.audit.tables.methods import followed_methods
from xlcity.audit.tables.spec.load import PrintedTables, load
from xlcity.audit.tables.spec.read import Spec, read_spec
from xlcity.audit.tables.spec.validate import refuse_what_is_absent
from xlcity.data_files import template_beside
from xlcity.errors import UsageError
from xlcity.grouping import grouped
from xlcity.messages import Message
from xlcity.reports import known_ids, load_report

#: The spec of a report, in its folder.
SPEC_FILE = "audit.toml"
#: Section, what checks it, and the names and severities of its checks, in the order of telling.
CHECKS: Sequence[tuple[str, Callable[..., None], Mapping[str, Severity]]] = (
    (
        "correlations",
        check_correlations,
        {"correlation": Severity.WARNING, "significance": Severity.ERROR},
    ),
    ("words", check_words, {"words": Severity.WARNING}),
    (
        "clusters",
        check_clusters,
        {"clustering": Severity.NOTE, "membership": Severity.WARNING},
    ),
    ("list", check_list, {"list": Severity.WARNING}),
    ("count", check_counts, {"count": Severity.WARNING}),
)


def audit_report(
    report_id: str, progress: Callable[[str], None] = lambda _: None
) -> Audit:
    """Audit the printed tables of a report.

    Raises
    ------
    UsageError
        If there is no such report, or it has no spec.
    DataError
        If its spec or tables cannot be used.
    """
    if report_id not in known_ids() and os.path.isfile(report_id):  # noqa: PTH113 - may be too long
        hint = Message("hint.write_table", report=report_id)
        if Path(report_id).suffix.lower().startswith(".xl"):
            hint = Message("hint.save_as_csv", report=report_id)
        raise UsageError.of("XC100.report_is_file", hint=hint, report=report_id)
    report = load_report(report_id)
    if not (report.folder / SPEC_FILE).is_file():
        hint = Message("hint.write_spec")
        raise UsageError.of(
            "XC100.report_without_file",
            hint=hint,
            report=report_id,
            file=SPEC_FILE,
        )
    spec = read_spec(report.folder / SPEC_FILE)
    paths = {
        path.stem: path for path in sorted((report.folder / "published").glob("*.csv"))
    }
    return audit(spec, paths, report_id, progress)


def audit(
    spec: Spec,
    paths: Mapping[str, Path],
    report: str = "",
    progress: Callable[[str], None] = lambda _: None,
    notes: Sequence[TableFinding] = (),
) -> Audit:
    """Audit printed tables.

    Parameters
    ----------
    paths
        Table -> its CSV file.
    notes
        Findings that are reported with those of the audit.
    progress
        Gets a line of text before each longer step.

    Raises
    ------
    DataError
        If the tables do not hold what the spec says.
    """
    progress(Message("step.reading_tables"))
    printed = load(spec, paths)
    refuse_what_is_absent(spec, printed)
    book = printed.book
    values = [cell.value for cell in book.cells]
    progress(Message("step.comparing_methods"))
    followed, methods, rescaled = followed_methods(spec, printed)
    constraints = [*constraints_of(spec, printed), *followed]
    questions = [WeightQuestion.of(rule, book) for rule in spec.rules["weights"]]
    # Sums with stated weights are constraints already.
    stated = {rule.parent for rule in spec.rules["aggregate"]}
    for question in questions:
        if question.rule.source == "ranks" or question.rule.parent not in stated:
            constraints += question.constraints(values)
    progress(Message("step.looking_for_causes"))
    groups = tuple(Diagnosis(book, constraints).causes())
    findings = list(findings_of(book, groups, constraints))
    repaired = _repaired(printed, groups)
    progress(Message("step.checking_statistics"))
    weights = (
        note for question in questions for note in question.note(values, repaired)
    )
    further = [*notes, *weights, *rescaled]
    compared = {
        (c.check, cell.table, cell.index) for c in constraints for cell in c.cells
    }
    checked = Counter((check, table) for check, table, _ in sorted(compared))
    for question in questions:
        cells = len(question.rows) * (1 + len(question.rule.children))
        checked["implied-weights", question.table] += cells
    for check in _published_checks(spec, printed):
        if cells := check.cells or len(check.compared):
            checked[check.name, check.table] += cells
        further += check.findings
    counts = tuple(CheckCount(*key, cells) for key, cells in checked.items())
    ordered = sorted(
        # What is wrong with the method comes first: group 0.
        [
            *numbered(methods, -len(methods) + 1),
            *findings,
            *numbered(further, len(groups) + 1),
        ],
        key=lambda finding: (finding.severity.weight, finding.group),
    )
    return Audit(
        report, spec.head.title or report, counts, tuple(ordered), printed, groups
    )


def _published_checks(spec: Spec, printed: PrintedTables) -> Iterator[TableCheck]:
    """Yield the checks of what is published beside scores: statistics, classes, lists, counts."""
    for section, run, names in CHECKS:
        for rule in spec.rules[section]:
            checks = [
                TableCheck(name, rule, spec, printed, names[name]) for name in names
            ]
            run(*checks)
            yield from checks


def audit_page(audited: Audit, in_words: Callable[[str], str]) -> str:
    """Return the page of an audit: its findings, and the printed tables with marked cells.

    `in_words` says evidence in the reader's language.
    """
    tables = grouped(
        (finding.table, finding) for finding in audited.findings if finding.row
    )
    marks = {
        table: grouped(
            ((finding.row or 0, finding.column), finding) for finding in findings
        )
        for table, findings in tables.items()
    }
    page = template_beside(__file__, "page.html")
    return page.render(
        audit=audited, severities=Severity, marks=marks, in_words=in_words
    )


def _repaired(printed: PrintedTables, groups: Sequence[CauseGroup]) -> list[Decimal]:
    """Return the values with the likeliest complete repair of each group."""
    values = [cell.value for cell in printed.book.cells]
    for group in groups:
        for change in (
            group.repairs[0].changes if group.repairs and not group.left else ()
        ):
            values[change.cell.index] = change.value
    return values
