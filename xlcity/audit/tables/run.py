"""The audit itself: read, constrain, diagnose, settle, tell."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from importlib import import_module
from pathlib import Path

from xlcity.audit.tables import checks
from xlcity.audit.tables.checks.affine_fit import fitted
from xlcity.audit.tables.checks.conventions import conventions
from xlcity.audit.tables.checks.stated_method import followed_methods
from xlcity.audit.tables.checks.weighting import WeightAnswer, answer_weights, note
from xlcity.audit.tables.constraints.build import constraints_of, counted
from xlcity.audit.tables.diagnosis.diagnose import CauseGroup, diagnose
from xlcity.audit.tables.diagnosis.findings import Audit, findings_of, numbered
from xlcity.audit.tables.finding import CheckCount, TableCheck, TableFinding, merged
from xlcity.audit.tables.spec.load import PrintedTables, load
from xlcity.audit.tables.spec.read import Spec, read_spec
from xlcity.audit.tables.spec.validate import refuse_what_is_absent
from xlcity.errors import UsageError
from xlcity.reports import load_report

#: The spec of a report, in its folder.
SPEC = "audit.toml"


def audit_report(report_id: str, progress: Callable[[str], None] = lambda _: None) -> Audit:
    """Audit the printed tables of a report.

    Raises
    ------
    UsageError
        If there is no such report, or it has no spec.
    DataError
        If its spec or tables cannot be used.
    """
    folder = load_report(report_id).folder
    if not (folder / SPEC).is_file():
        raise UsageError(
            f"the report {report_id} has no {SPEC}.", "Write one, or give --table and --spec."
        )
    spec = read_spec(folder / SPEC)
    paths = {path.stem: path for path in sorted((folder / "published").glob("*.csv"))}
    return audit(spec, paths, report_id, progress)


def audit(
    spec: Spec,
    paths: Mapping[str, Path],
    report: str = "",
    progress: Callable[[str], None] = lambda _: None,
) -> Audit:
    """Audit printed tables.

    Parameters
    ----------
    paths
        Table -> its CSV file.
    progress
        Gets a line of text before each longer step.

    Raises
    ------
    DataError
        If the tables do not hold what the spec says.
    """
    progress("1 of 4: reading the tables")
    printed = load(spec, paths)
    refuse_what_is_absent(spec, printed)
    book = printed.book
    settled = [answer_weights(rule, book) for rule in spec.rules["weights"]]
    values = [cell.value for cell in book.cells]
    progress("2 of 4: comparing printed and stated methods")
    constraints, methods = followed_methods(constraints_of(spec, printed), values, book)
    # Sums with stated weights are constraints already.
    stated = {rule.parent for rule in spec.rules["aggregate"]}
    stated |= set(printed.tree) if "" in stated else set()
    for question in settled:
        if question.rule.source == "ranks" or question.rule.parent not in stated:
            constraints += question.constraints()
    lines = [*fitted(spec, book)]
    for line in lines:
        constraints += line.constraints
    progress("3 of 4: looking for the causes of contradictions")
    groups = diagnose(book, constraints)
    findings = list(findings_of(book, groups, constraints))
    repaired = _repaired(printed, groups)
    further: list[TableFinding] = []
    checked: list[CheckCount] = counted(constraints)
    for question in settled:
        further += note(question, book, repaired)
        checked.append(_weight_count(question))
    further += [fit_note for line in lines for fit_note in line.notes]
    progress("4 of 4: checking statistics and claims")
    further += conventions(spec, printed)
    for check in _published_checks(spec, printed):
        checked.append(check.count)
        further += check.found
    ordered = sorted(
        # What is wrong with the method comes first: group 0.
        [*numbered(methods, -len(methods) + 1), *findings, *numbered(further, len(groups) + 1)],
        key=lambda finding: (finding.severity.weight, finding.group),
    )
    return Audit(
        report, spec.head.title or report, merged(checked), tuple(ordered), printed, groups
    )


def _weight_count(question: WeightAnswer) -> CheckCount:
    """Return how many cells a question about weights has looked at."""
    table = question.wholes[0].table if question.wholes else ""
    cells = len(question.wholes) * (1 + len(question.rule.children))
    return CheckCount("implied-weights", table, cells)


def _published_checks(spec: Spec, printed: PrintedTables) -> Iterator[TableCheck]:
    """Yield the checks of what is published beside scores: statistics, ranges, groups, claims.

    They are the functions `published_checks` of the modules in `checks`, in the order of `PLACE`.
    """
    infos = pkgutil.iter_modules(checks.__path__, f"{checks.__name__}.")
    modules = [import_module(info.name) for info in infos]
    checking = [module for module in modules if hasattr(module, "published_checks")]
    for module in sorted(checking, key=lambda module: module.PLACE):
        yield from module.published_checks(spec, printed)


def _repaired(printed: PrintedTables, groups: tuple[CauseGroup, ...]) -> list[Decimal]:
    """Return the values with the likeliest complete repair of each group."""
    values = [cell.value for cell in printed.book.cells]
    for group in groups:
        if group.repairs and group.repairs[0].left == 0:
            for slip in group.repairs[0].slips:
                for change in slip.changes:
                    values[change.cell.index] = change.value
    return values
