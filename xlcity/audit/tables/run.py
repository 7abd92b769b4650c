"""The audit itself: read, constrain, diagnose, settle, tell."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from xlcity.audit.tables.checks.clusters import check_clusters
from xlcity.audit.tables.checks.statements import check_counts, check_list
from xlcity.audit.tables.checks.statistics import check_correlations, check_words
from xlcity.audit.tables.checks.weighting import WeightQuestion
from xlcity.audit.tables.constraints.build import constraints_of
from xlcity.audit.tables.constraints.relations import Constraint, Severity
from xlcity.audit.tables.diagnosis.diagnose import CauseGroup, Diagnosis
from xlcity.audit.tables.diagnosis.findings import Audit, findings_of, numbered
from xlcity.audit.tables.finding import CheckCount, TableCheck, TableFinding
from xlcity.audit.tables.methods import followed_methods
from xlcity.audit.tables.spec.load import PrintedTables, load
from xlcity.audit.tables.spec.read import Spec, read_spec
from xlcity.audit.tables.spec.validate import refuse_what_is_absent
from xlcity.data_files import template_beside
from xlcity.errors import UsageError
from xlcity.messages import Message
from xlcity.reports import known_ids, load_report


class _Check(NamedTuple):
    """A section of a specification, what checks it, and the severities of its checks by name."""

    section: str
    run: Callable[..., None]
    severities: Mapping[str, Severity]


#: The specification of a report, in its folder.
SPEC_FILE = "audit.toml"
#: Section, what checks it, and the names and severities of its checks, in the order of telling.
CHECKS = (
    _Check(
        "correlations",
        check_correlations,
        {"correlation": Severity.WARNING, "significance": Severity.ERROR},
    ),
    _Check("words", check_words, {"words": Severity.WARNING}),
    _Check(
        "clusters",
        check_clusters,
        {"clustering": Severity.NOTE, "membership": Severity.WARNING},
    ),
    _Check("list", check_list, {"list": Severity.WARNING}),
    _Check("count", check_counts, {"count": Severity.WARNING}),
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
    files = sorted((report.folder / "published").glob("*.csv"))
    paths = {path.stem: path for path in files}
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
    values = [cell.value for cell in printed.book.cells]
    progress(Message("step.comparing_methods"))
    methods = followed_methods(spec, printed)
    constraints = [*constraints_of(spec, printed), *methods.constraints]
    questions = [WeightQuestion.of(r, printed.book) for r in spec.rules["weights"]]
    # Sums with stated weights are constraints already.
    stated = {rule.parent for rule in spec.rules["aggregate"]}
    for question in questions:
        if question.rule.source == "ranks" or question.rule.parent not in stated:
            constraints += question.constraints(values)
    progress(Message("step.looking_for_causes"))
    groups = tuple(Diagnosis(printed.book, constraints).causes())
    causes = list(findings_of(printed.book, groups, constraints))
    repaired = _repaired(printed, groups)
    progress(Message("step.checking_statistics"))
    checks = list(_published_checks(spec, printed))
    further = [*notes]
    for question in questions:
        further += question.note(values, repaired)
    further += methods.notes
    for check in checks:
        further += check.findings
    # What is wrong with the method comes first: group 0.
    findings = [*numbered(methods.findings, 1 - len(methods.findings)), *causes]
    findings += numbered(further, len(groups) + 1)
    findings.sort(key=lambda finding: (finding.severity.weight, finding.group))
    return Audit(
        report,
        spec.head.title or report,
        checked=_count_cells(constraints, questions, checks),
        findings=tuple(findings),
        printed=printed,
        groups=groups,
    )


def _count_cells(
    constraints: Iterable[Constraint],
    questions: Iterable[WeightQuestion],
    checks: Iterable[TableCheck],
) -> tuple[CheckCount, ...]:
    """Return how many cells of each table took part in each check."""
    compared: set[tuple[str, str, int]] = set()
    for constraint in constraints:
        cells = constraint.cells
        compared |= {(constraint.check, cell.table, cell.index) for cell in cells}
    counts = Counter((check, table) for check, table, _ in sorted(compared))
    for question in questions:
        size = len(question.rows) * (1 + len(question.rule.children))
        counts["implied-weights", question.table] += size
    for check in checks:
        size = check.cells or len(check.compared)
        if size:
            counts[check.name, check.table] += size
    return tuple(CheckCount(*key, cells=cells) for key, cells in counts.items())


def _published_checks(spec: Spec, printed: PrintedTables) -> Iterator[TableCheck]:
    """Yield the checks of what is published beside scores: statistics, classes, lists, counts."""
    for section, run, severities in CHECKS:
        for rule in spec.rules[section]:
            checks = [
                TableCheck(name, rule, spec, printed, severity=severity)
                for name, severity in severities.items()
            ]
            run(*checks)
            yield from checks


def audit_page(audited: Audit, in_words: Callable[[str], str]) -> str:
    """Return the page of an audit: its findings, and the printed tables with marked cells.

    `in_words` says evidence in the reader's language.
    """
    marks: dict[str, dict[tuple[int, str], list[TableFinding]]] = {}
    for finding in audited.findings:
        if finding.row:
            of_table = marks.setdefault(finding.table, {})
            of_table.setdefault((finding.row, finding.column), []).append(finding)
    page = template_beside(__file__, "page.html")
    return page.render(
        audit=audited, severities=Severity, marks=marks, in_words=in_words
    )


def _repaired(printed: PrintedTables, groups: Sequence[CauseGroup]) -> list[Decimal]:
    """Return the values with the likeliest complete repair of each group."""
    values = [cell.value for cell in printed.book.cells]
    for group in groups:
        if group.repairs and not group.left:
            for change in group.repairs[0].changes:
                values[change.cell.index] = change.value
    return values
