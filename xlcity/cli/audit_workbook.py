"""Find errors in formulas, ranges, weights and inputs of a workbook. The file is not changed.

Examples
--------
xlcity audit workbook image.xlsx
xlcity audit workbook team.xlsx --no-template --map map.xlsx
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from xlcity.api.text_table import TextTable
from xlcity.api.texts import translated
from xlcity.audit.lint.finding import LintFinding, read_allowed
from xlcity.audit.lint.registry import rules
from xlcity.audit.lint.run import LintResult, lint
from xlcity.cli.notes import kept_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.errors import counted
from xlcity.xlsx.address import quote_sheet
from xlcity.xlsx.process import time_limit
from xlcity.xlsx.save import require_output

#: Findings of one rule shown at a terminal.
SHOWN = 20


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="any workbook")
    compared = parser.add_mutually_exclusive_group()
    compared.add_argument("--template", metavar="T", help="compare its formulas with this workbook")
    compared.add_argument(
        "--no-template",
        action="store_true",
        help="judge by regularity alone, even if it is a template of xlcity",
    )
    parser.add_value("--allow", "TOML", "exceptions: [[allow]] rule, reason, sheet, cells")
    parser.add_value("--map", "OUT", "draw the regions of equal formulas (.xlsx)")
    parser.add_flag(
        "--no-recalc", "do not compare a template's stored values with fresh ones (E09)"
    )
    parser.add_flag("--all", "show every finding, not one of each cause")
    parser.add_timeout("seconds this may take (default: %(default)g)")


def run(args: argparse.Namespace) -> Result:
    """Lint, and draw the map if asked; 1 if there are findings."""
    if args.map:
        require_output(Path(args.map), [args.file])
    allowed = read_allowed(args.allow) if args.allow else ()
    with time_limit(args.timeout, args.file):
        every = lint(
            args.file,
            template=args.template,
            regular_only=args.no_template,
            allowed=allowed,
            calculate=not args.no_recalc,
            timeout=args.timeout,
        )
    notes = []
    if args.map:
        from xlcity.audit.lint.formula_map import draw_map

        backup = draw_map(args.file, every.findings, args.map)
        notes = [*kept_notes(backup), f"{args.map}: map of the formulas"]
    linted = every if args.all else every.digest()
    return Result(linted, _blocks(linted), notes=notes, code=1 if every.findings else 0)


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
    if linted.left_out:
        unlisted = counted(linted.left_out, "more finding", "more findings")
        yield f"  {unlisted} of the same causes; --all shows them."
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
