"""Forensic audit of printed tables: whether they can be right, and which method they follow.

Give a report's id, or tables copied out of any report with a spec that says what they hold.
Rounding never raises an alarm; a finding says what disagrees, not why it was printed so.
Exit code 1: there are errors or warnings.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from xlcity.cli.output import emit, talk
from xlcity.cli.table import render
from xlcity.cli.target import tell_kept
from xlcity.errors import UsageError, counted
from xlcity.xlsx.save import require_output

if TYPE_CHECKING:
    from xlcity.audit.tables.findings import Audit


def configure(parser: argparse.ArgumentParser) -> None:
    """Take a report, or tables with their spec, and where to write."""
    parser.add_argument("report", metavar="ID", nargs="?", help="a report that has an audit.toml")
    parser.add_argument(
        "--table", metavar="CSV", action="append", default=[], help="a printed table (repeatable)"
    )
    parser.add_argument("--spec", metavar="TOML", help="what the tables hold")
    parser.add_argument("--xlsx", metavar="OUT", help="write a workbook with the cells marked")
    parser.add_argument("--html", metavar="OUT", help="write a page")


def run(args: argparse.Namespace) -> int:
    """Audit and tell."""
    from xlcity.audit.tables.constraints import Severity
    from xlcity.audit.tables.run import audit, audit_report
    from xlcity.audit.tables.spec import read_spec

    for out in filter(None, (args.xlsx, args.html)):
        require_output(Path(out), [*args.table, *([args.spec] if args.spec else [])])
    if args.report and not (args.table or args.spec):
        result = audit_report(args.report)
    elif args.table and args.spec and not args.report:
        result = audit(read_spec(Path(args.spec)), _by_name(args.table))
    else:
        raise UsageError(
            "give a report's id, or --table and --spec.", "`xlcity list` tells the reports."
        )
    if args.xlsx:
        from xlcity.audit.tables.book import write_book

        tell_kept(write_book(result, Path(args.xlsx)))
        talk(f"{args.xlsx}: workbook with the cells marked")
    if args.html:
        from xlcity.audit.tables.page import write_page

        tell_kept(write_page(result, Path(args.html)))
        talk(f"{args.html}: page")
    if args.json:
        emit(result.as_dict())
    else:
        sys.stdout.write(text(result))
    return 1 if result.of(Severity.ERROR) or result.of(Severity.WARNING) else 0


def _by_name(files: list[str]) -> dict[str, Path]:
    """Return the tables by the names of their files, which must differ."""
    paths: dict[str, Path] = {}
    for file in map(Path, files):
        if file.stem in paths:
            raise UsageError(f"two tables are called {file.stem}.", "Rename one of the files.")
        paths[file.stem] = file
    return paths


def text(result: Audit) -> str:
    """Return an audit for people at a terminal."""
    from xlcity.audit.tables.constraints import Severity

    checks: dict[str, int] = {}
    for done in result.checked:
        checks[done.check] = checks.get(done.check, 0) + done.cells
    parts = [f"{result.title or 'Audit'}\n", render(("check", "cells"), checks.items(), "  ")]
    for severity in Severity:
        found = result.of(severity)
        if not found:
            continue
        groups = dict.fromkeys(finding.group for finding in found)
        causes = "" if severity is Severity.NOTE else f" in {counted(len(groups), 'group')}"
        parts.append(f"\n{counted(len(found), severity.value).capitalize()}{causes}\n")
        for group in groups:
            members = [finding for finding in found if finding.group == group]
            told = ""
            for one in members:
                place = " ".join(word for word in (one.table, one.unit, one.node) if word)
                parts.append(f"\n  [{one.group}] {one.check}: {place}\n")
                if one.published or one.suggestion:
                    line = _line(one.published, one.expected, one.suggestion, one.kind)
                    parts.append(f"      {line}\n")
                if one.evidence != told:
                    told = one.evidence
                    parts.append(textwrap.indent(textwrap.fill(told, 92), "      ") + "\n")
    if not result.of(Severity.ERROR) and not result.of(Severity.WARNING):
        parts.append("\nNo error and no warning: the printed numbers can be right.\n")
    return "".join(parts)


def _line(
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
