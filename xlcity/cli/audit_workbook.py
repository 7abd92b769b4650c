"""Lint of a workbook: errors in formulas, ranges, weights, inputs; nothing is written to it."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from xlcity.audit.workbook.finding import Finding, read_allowed
from xlcity.audit.workbook.lint import Linted, lint
from xlcity.audit.workbook.rules import RULES
from xlcity.cli.output import emit, talk
from xlcity.cli.table import render
from xlcity.cli.target import tell_kept
from xlcity.errors import UsageError, counted
from xlcity.recalc.workbook import DEFAULT_TIMEOUT
from xlcity.xlsx.address import quote_sheet
from xlcity.xlsx.limit import time_limit
from xlcity.xlsx.save import require_output

#: Findings of one rule shown at a terminal.
SHOWN = 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="any workbook")
    held = parser.add_mutually_exclusive_group()
    held.add_argument("--template", metavar="T", help="hold its formulas to this workbook's")
    held.add_argument(
        "--no-template",
        action="store_true",
        help="by regularity alone, even if it is a template of ours",
    )
    parser.add_argument(
        "--allow", metavar="TOML", help="exceptions: [[allow]] rule, reason, sheet, cells"
    )
    parser.add_argument("--map", metavar="OUT", help="draw the regions of equal formulas (.xlsx)")
    parser.add_argument(
        "--no-recalc", action="store_true", help="do not hold stored values to fresh ones (E09)"
    )
    parser.add_argument("--info", action="store_true", help="show what is only for information")
    parser.add_argument(
        "--timeout",
        type=float,
        default=DEFAULT_TIMEOUT,
        metavar="S",
        help="seconds this may take (default: %(default)g)",
    )


def run(args: argparse.Namespace) -> int:
    """Lint, tell, and draw the map if asked; 1 if there are errors or warnings."""
    if args.timeout <= 0:
        raise UsageError("--timeout must be above 0.", "It counts seconds.")
    if args.map:
        require_output(Path(args.map), [args.file])
    allowed = read_allowed(args.allow) if args.allow else ()
    with time_limit(args.timeout, args.file):
        linted = lint(
            args.file,
            template=args.template,
            regular_only=args.no_template,
            allowed=allowed,
            calculate=not args.no_recalc,
            timeout=args.timeout,
        )
    if args.map:
        from xlcity.audit.workbook.map import draw_map

        tell_kept(draw_map(args.file, linted.findings, args.map))
        talk(f"{args.map}: map of the formulas")
    if args.json:
        emit(linted.as_dict())
    else:
        sys.stdout.write(_shown(linted, args.info))
    return 1 if any(f.severity != "info" for f in linted.findings) else 0


def _shown(linted: Linted, with_info: bool) -> str:
    counts = Counter(f.severity for f in linted.findings)
    said = [
        counted(counts["error"], "error"),
        counted(counts["warning"], "warning"),
        f"{counts['info']} for information",
    ]
    held = {"": "by regularity alone", "own": "held to its own template"}.get(
        linted.held_to, f"held to {linted.held_to}"
    )
    text = f"{linted.path}: {', '.join(said)}; {held}; "
    text += f"{linted.formulas} formulas, {linted.forms} different ones\n"
    rows = []
    per_rule: Counter[str] = Counter()
    for finding in linted.findings:
        if finding.severity == "info" and not with_info:
            continue
        per_rule[finding.rule] += 1
        if per_rule[finding.rule] <= SHOWN:
            rows.append([finding.severity, finding.rule, _place(finding), finding.message])
    if rows:
        text += render(["severity", "rule", "cell", "finding"], rows, indent="  ")
    for rule, number in per_rule.items():
        if number > SHOWN:
            text += f"  … {rule}: {number - SHOWN} more; --json lists all.\n"
    for rule in per_rule:
        text += f"  {rule}: {RULES[rule].title}. {RULES[rule].fix}\n"
    for finding, reason in linted.allowed:
        text += f"  allowed: {finding.rule} {_place(finding)} ({reason})\n"
    for rule, reason in linted.skipped:
        text += f"  not applied: {rule} ({reason})\n"
    return text


def _place(finding: Finding) -> str:
    if not finding.sheet:
        return ""
    name = quote_sheet(finding.sheet)
    return f"{name}!{finding.cell}" if finding.cell else name
