"""Verbs that audit printed tables and texts, and recompute what was printed."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from xlcity.api.texts import language, say
from xlcity.api.verb import verb
from xlcity.cli.progress import step
from xlcity.cli.result import Result, headed_table, listing
from xlcity.messages import Message

if TYPE_CHECKING:
    from xlcity.api import arguments as take
    from xlcity.audit.tables.diagnosis.findings import Audit
    from xlcity.audit.tables.finding import TableFinding
    from xlcity.audit.tables.reproduction import Reproduction
    from xlcity.audit.text.audit import TextAudit
    from xlcity.cli.result import Blocks
    from xlcity.reports.comparison import Comparison


@verb(
    "check",
    "audit tables",
    one_of="report table",
    form={"table": "", "spec": "", "html": "audit.html"},
    seconds=(2, 60),
)
def audit_tables(
    report: take.Report | None = None,
    *,
    table: take.Tables = (),
    spec: take.File | None = None,
    html: take.Save | None = None,
) -> Result:
    """Forensic audit of printed tables: whether they can be right, and which method they follow.

    Specify a report's id, or tables copied from any report with a specification of their columns.
    For one table it is guessed and written beside it, to correct. Rounding never causes a finding.
    A finding shows what disagrees, not why. Exit code 1: there are errors or warnings.

    Parameters
    ----------
    report : ID
        a report that has an audit.toml
    table : CSV
        a printed table (repeatable)
    spec : TOML
        what the tables hold
    html : OUT
        write a page: the tables with suspect cells marked, and the findings

    Examples
    --------
    xlcity audit tables iecc2024 --html marked.html
    xlcity audit tables --table scores.csv
    xlcity audit tables --table scores.csv --table ranks.csv --spec spec.toml
    """
    from xlcity.api.audits import audit_tables as audit
    from xlcity.api.documents import evidence_text
    from xlcity.audit.tables.constraints.relations import Severity
    from xlcity.audit.tables.run import audit_page
    from xlcity.cli.notes import save_page

    audited = audit(report, tables=table, spec=spec, progress=step)
    notes = []
    if html:
        page = audit_page(audited, evidence_text)
        notes = [*save_page(html, page), say("audit.page", file=html)]
    code = 1 if audited.of(Severity.ERROR) or audited.of(Severity.WARNING) else 0
    return Result(audited, _findings_in_tables(audited), notes=notes, code=code)


def _findings_in_tables(audited: Audit) -> Blocks:
    """Yield how much was checked, then the findings of each severity and their evidence."""
    import textwrap

    from xlcity.api.documents import evidence_text
    from xlcity.audit.tables.constraints.relations import Severity

    checks: dict[str, int] = {}
    for done in audited.checked:
        checks[done.check] = checks.get(done.check, 0) + done.cells
    yield audited.title or say("audit.title")
    yield headed_table("check, cells", checks.items(), "  ")
    heads = "case, check, table, unit, node, printed, possible, suggested, likely slip"
    for severity in Severity:
        findings = audited.of(severity)
        if not findings:
            continue
        head = say(f"audit.{severity.value}", number=len(findings))
        yield f"\n{head}"
        yield headed_table(heads, list(map(_finding_row, findings)), "  ")
        texts = (
            f"[{f.group}] {evidence_text(f.evidence)}" for f in findings if f.evidence
        )
        for text in dict.fromkeys(texts):
            yield textwrap.indent(textwrap.fill(text, 92), "  ")
    if not audited.of(Severity.ERROR) and not audited.of(Severity.WARNING):
        outcome = say("audit.possible" if checks else "audit.unchecked")
        yield f"\n{outcome}"


def _finding_row(finding: TableFinding) -> list[object]:
    from xlcity.api.documents import evidence_text

    return [
        f"[{finding.group}]",
        finding.check,
        finding.table,
        finding.unit,
        finding.node,
        finding.published,
        finding.range_text,
        evidence_text(finding.suggestion),
        evidence_text(finding.kind),
    ]


@verb("check", "audit text")
def audit_text(
    manuscript: take.File,
    *,
    against: take.Text,
    unsure: bool = False,
    as_json: bool = False,
) -> Result:
    """Check the claims of a manuscript against the tables of a report or a workbook.

    Found are ranks, lists of the first cities, counts, shares, scores, growth, comparisons and the
    arithmetic inside a sentence, in Chinese and English. A claim that the tables cannot settle is
    listed apart as unsure. Exit code 1: a claim is false.

    Parameters
    ----------
    manuscript : MANUSCRIPT
        a .docx, .md or .txt file
    against : F
        a template workbook, or a report id
    unsure
        also show claims that the tables cannot settle

    Examples
    --------
    xlcity audit text chapter.docx --against image.xlsx
    xlcity audit text chapter.md --against image2025 --unsure
    """
    from xlcity.api.audits import audit_text as audit

    # JSON is the same in every language.
    lang = "zh" if language() == "zh" and not as_json else "en"
    audited = audit(manuscript, against, language=lang)
    return Result(
        audited, _claims(audited, unsure), code=1 if audited.of("false") else 0
    )


def _claims(audited: TextAudit, with_unsure: bool) -> Blocks:
    false = audited.of("false")
    unsure = audited.of("unsure")
    yield say(
        "audit.claims",
        path=audited.path,
        claims=audited.claims,
        checked=audited.checked,
        true=len(audited.true),
        false=len(false),
        unsure=len(unsure),
    )
    for key, listed in (
        ("audit.false", false),
        ("audit.unsure", unsure if with_unsure else []),
    ):
        if listed:
            yield say(key)
            yield listing(listed, "line", "claim=says", "tables=expected", indent="  ")
    if unsure and not with_unsure:
        yield say("audit.unsure_hidden", number=len(unsure))


@verb("check")
def reproduce(reports: take.Reports = ()) -> Result:
    """Recompute every printed table that the printed data allow, and list each cell that differs.

    Differences are compared with the tolerance shown, in printed units, plus 1e-9 for rounding
    errors of the computer. Agreement "by construction" is circular and not counted: the inputs were
    derived from the table compared. Exit code 1: some printed cells are outside the tolerance.

    Parameters
    ----------
    reports : ID
        report ids (default: all)

    Examples
    --------
    xlcity reproduce
    xlcity reproduce iecc2024 --json
    """
    from xlcity.audit.tables.reproduction import reproduce_report
    from xlcity.errors import Problem, UsageError, collecting
    from xlcity.reports import load_report, report_ids
    from xlcity.reports.comparison import FLOAT_GUARD

    chosen = tuple(dict.fromkeys(reports)) or report_ids()
    unknown: list[Problem] = []
    for report_id in chosen:
        with collecting(unknown, UsageError):  # refused before anything is computed
            load_report(report_id)
    UsageError.raise_for(unknown)
    reproductions = {}
    for number, report_id in enumerate(chosen, 1):
        total = len(chosen)
        step(Message("step.file_of", number=number, total=total, file=report_id))
        reproductions[report_id] = reproduce_report(report_id)
    blocks = chain.from_iterable(map(_compared_tables, reproductions.values()))
    code = 0 if all(done.confirmed for done in reproductions.values()) else 1
    return Result(
        {"reports": reproductions, "float_guard": FLOAT_GUARD}, blocks, code=code
    )


def _basis_of(comparison: Comparison) -> str:
    """Return what the numbers of a comparison were computed from, and whether it counts."""
    how = _translate_value(comparison.how)
    if not comparison.by_construction:
        return how
    return say("reproduce.circular", how=how)


def _compared_tables(done: Reproduction) -> Blocks:
    from dataclasses import replace

    from xlcity.audit.tables.reproduction import cell_counts
    from xlcity.reports import load_report

    report = load_report(done.report)
    rows = [replace(c, how=_basis_of(c)) for c in done.comparisons]
    yield f"{report.name_en} / {report.name_zh} ({done.report})"
    columns = (
        "table",
        "what",
        "cells",
        "within",
        "tolerance:g",
        "max diff=max_diff:.4f",
        "how",
    )
    yield listing(rows, *columns)
    counts = cell_counts(done.counted)
    rest = counts["cells"] - counts["within"]
    yield say("reproduce.counted", **counts, rest=rest)
    if done.apart:
        yield say("reproduce.apart", **cell_counts(done.apart))
    for entry in done.comparisons:
        if entry.outside:
            yield f"\n{entry.table}, {entry.what}"
            outside = [
                [*map(_translate_value, cell.as_dict().values())]
                for cell in entry.outside
            ]
            yield headed_table("unit, node, published, computed, where", outside)
    if done.not_reproducible:
        yield say("reproduce.not_reproducible")
        left = [[*map(_translate_value, entry)] for entry in done.not_reproducible]
        yield headed_table("table, reason", left)
    yield ""


def _translate_value(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.10g}"
    from xlcity.api.evidence_texts import translated

    return translated(str(value), "reproduce", "place")
