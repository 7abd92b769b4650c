"""Find errors in formulas, ranges, weights and inputs of a workbook. The file is not changed.

Examples
--------
xlcity audit workbook image.xlsx
xlcity audit workbook returned.xlsx --template sent.xlsx
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator

from xlcity.api.text_table import TextTable
from xlcity.api.texts import translated
from xlcity.audit.lint.finding import LintFinding
from xlcity.audit.lint.registry import rules
from xlcity.audit.lint.run import LintResult, lint
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.errors import counted
from xlcity.xlsx.address import quote_sheet
from xlcity.xlsx.process import time_limit

#: Findings of one rule shown at a terminal.
SHOWN = 20


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="any workbook")
    parser.add_value("--template", "T", "compare its formulas with this workbook")
    parser.add_timeout("seconds this may take (default: %(default)g)")


def run(args: argparse.Namespace) -> Result:
    """Lint; 1 if there are findings."""
    with time_limit(args.timeout, args.file):
        linted = lint(args.file, template=args.template, timeout=args.timeout)
    return Result(linted, _blocks(linted), code=1 if linted.findings else 0)


def _blocks(linted: LintResult) -> Iterator[str | TextTable]:
    counts = Counter(finding.severity for finding in linted.findings)
    numbers = f"{counted(counts['error'], 'error')}, {counted(counts['warning'], 'warning')}"
    names = {"": "by regularity alone", "own": "compared with its own template"}
    compared = names.get(linted.held_to, f"compared with {linted.held_to}")
    yield (
        f"{linted.path}: {numbers}; {compared}; {linted.formulas} formulas, "
        f"{linted.forms} different ones"
    )
    rows = []
    per_rule: Counter[str] = Counter()
    for finding in linted.findings:
        per_rule[finding.rule] += 1
        if per_rule[finding.rule] <= SHOWN:
            text = translated(finding.message, "lint")
            rows.append([finding.severity, finding.rule, _place(finding), text])
    if rows:
        yield TextTable(["severity", "rule", "cell", "finding"], rows, "  ")
    for rule, number in per_rule.items():
        if number > SHOWN:
            yield f"  … {rule}: {number - SHOWN} more; --json lists all."
    for rule in per_rule:
        title, fix = f"{rules()[rule].title}.", rules()[rule].fix
        text = translated(title, "lint")
        yield f"  {rule}: {text}{'' if text.endswith('。') else ' '}{translated(fix, 'lint')}"
    for finding, reason in linted.allowed:
        yield f"  allowed: {finding.rule} {_place(finding)} ({reason})"
    for rule, reason in linted.skipped:
        yield f"  not applied: {rule} ({reason})"


def _place(finding: LintFinding) -> str:
    if not finding.sheet:
        return ""
    name = quote_sheet(finding.sheet)
    return f"{name}!{finding.cell}" if finding.cell else name
