"""Forensic audit of printed tables: whether they can be right, and which method they follow.

Specify a report's id, or tables copied from any report with a specification of their columns. For
one table it is guessed and written beside it, to correct. Rounding never causes a finding. A
finding shows what disagrees, not why. Exit code 1: there are errors or warnings.

Examples
--------
xlcity audit tables iecc2024 --xlsx marked.xlsx
xlcity audit tables --table scores.csv
xlcity audit tables --table scores.csv --table ranks.csv --spec spec.toml
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from xlcity.api.table_audit import audit_tables
from xlcity.api.text_table import TextTable
from xlcity.cli.notes import kept_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.progress import step
from xlcity.cli.result import Result
from xlcity.errors import counted
from xlcity.xlsx.process import time_limit
from xlcity.xlsx.save import require_output

if TYPE_CHECKING:
    from xlcity.audit.tables.diagnosis.findings import Audit


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("report", metavar="ID", nargs="?", help="a report that has an audit.toml")
    parser.add_list("--table", "CSV", "a printed table (repeatable)")
    parser.add_value("--spec", "TOML", "what the tables hold")
    parser.add_value("--xlsx", "OUT", "write a workbook with the cells marked")
    parser.add_value("--html", "OUT", "write a page")
    parser.add_timeout("seconds this may take (default: %(default)g)")


def run(args: argparse.Namespace) -> Result:
    """Audit."""
    from xlcity.audit.tables.constraints.relations import Severity
    from xlcity.audit.tables.output import write_book, write_page

    read = [*args.table, *([args.spec] if args.spec else [])]
    for out in filter(None, (args.xlsx, args.html)):
        require_output(Path(out), read)
    with time_limit(args.timeout, args.report or ", ".join(args.table)):
        audit = audit_tables(args.report, tables=args.table, spec=args.spec, progress=step)
    notes = []
    if args.xlsx:
        notes += kept_notes(write_book(audit, Path(args.xlsx)))
        notes.append(f"{args.xlsx}: workbook with the cells marked")
    if args.html:
        notes += kept_notes(write_page(audit, Path(args.html)))
        notes.append(f"{args.html}: page")
    code = 1 if audit.of(Severity.ERROR) or audit.of(Severity.WARNING) else 0
    return Result(audit, _blocks(audit), notes=notes, code=code)


def _blocks(audit: Audit) -> Iterator[str | TextTable]:
    from xlcity.audit.tables.constraints.relations import Severity

    checks: dict[str, int] = {}
    for done in audit.checked:
        checks[done.check] = checks.get(done.check, 0) + done.cells
    yield audit.title or "Audit"
    yield TextTable(("check", "cells"), checks.items(), "  ")
    for severity in Severity:
        findings = audit.of(severity)
        if not findings:
            continue
        groups = dict.fromkeys(finding.group for finding in findings)
        causes = "" if severity is Severity.NOTE else f" in {counted(len(groups), 'group')}"
        yield f"\n{counted(len(findings), severity.value).capitalize()}{causes}"
        for group in groups:
            evidence = ""
            for finding in (finding for finding in findings if finding.group == group):
                address = " ".join(
                    word for word in (finding.table, finding.unit, finding.node) if word
                )
                yield f"\n  [{finding.group}] {finding.check}: {address}"
                if finding.published or finding.suggestion:
                    values = _values(
                        finding.published, finding.expected, finding.suggestion, finding.kind
                    )
                    yield f"      {values}"
                if finding.evidence != evidence:
                    evidence = finding.evidence
                    yield textwrap.indent(textwrap.fill(evidence, 92), "      ")
    if not audit.of(Severity.ERROR) and not audit.of(Severity.WARNING):
        yield "\nNo error and no warning: the printed numbers can be right."


def _values(
    published: str, expected: tuple[float | None, float | None], suggestion: str, kind: str
) -> str:
    """Return what is printed, what could be, and what would explain it."""
    words = [f"printed {published}"] if published else []
    low, high = expected
    if low is not None and high is not None:
        words.append(f"possible {low:g}" if low == high else f"possible {low:g} to {high:g}")
    elif low is not None:
        words.append(f"possible from {low:g}")
    elif high is not None:
        words.append(f"possible up to {high:g}")
    if suggestion:
        words.append(f"suggested {suggestion}" + (f" ({kind})" if kind else ""))
    elif kind:
        words.append(kind)
    return "; ".join(words)
