"""Tell whether workbooks are right: recalculate them and run all checks. No file is changed.

A template is compared with its report's method, with itself drawn afresh and with its seal; any
other workbook is recalculated and searched for errors.

Examples
--------
xlcity check image.xlsx
xlcity check books/*.xlsx --engines formualizer,libreoffice --json
xlcity check image.xlsx --html image.html
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from xlcity.api.documents import detail_text, finding_words, summary_text
from xlcity.api.text_table import TextTable
from xlcity.api.texts import translated
from xlcity.audit.check.check import Checked, check_workbook
from xlcity.audit.check.page import check_page
from xlcity.audit.lint.finding import Finding
from xlcity.audit.lint.registry import rules
from xlcity.cli import progress
from xlcity.cli.notes import kept_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.errors import Problem, UsageError, XlcityError, counted, did_you_mean, problem_of
from xlcity.recalc.engines.registry import NAMES
from xlcity.xlsx.process import time_limit
from xlcity.xlsx.save import require_output, write_output

#: Findings shown at a terminal.
SHOWN = 40


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_value("files", "F", "any workbooks", nargs="+")
    parser.add_argument(
        "--engines",
        metavar="E[,E…]",
        default="",
        help=f"compute with the first, compare the others ({', '.join(NAMES)})",
    )
    parser.add_timeout()
    parser.add_value(
        "--seal",
        "SEAL",
        "the fingerprint that one file must match (default: F.seal.txt, if it exists)",
    )
    parser.add_value("--html", "OUT", "write one page for a browser, with links to cells")


def run(args: argparse.Namespace) -> Result:
    """Check the files; one that cannot be read does not stop the others."""
    engines = [name for name in args.engines.replace(",", " ").split() if name]
    for name in engines:
        if name not in NAMES:
            raise UsageError(f"unknown engine {name!r}.", did_you_mean(name, NAMES))
    if args.seal and len(args.files) > 1:
        raise UsageError(
            "--seal needs exactly one workbook.",
            "Keep each F.seal.txt in the folder of its workbook.",
        )
    if args.html:
        require_output(Path(args.html), args.files)
    entries: list[Checked] = []
    result = Result({"workbooks": entries})
    result.blocks = _checked(args, engines, entries, result)
    return result


def _checked(
    args: argparse.Namespace, engines: list[str], entries: list[Checked], result: Result
) -> Iterator[str | TextTable]:
    """Yield the checks of each file as they are done, and complete the result."""
    problems: list[Problem] = []
    for number, file in enumerate(args.files, 1):
        progress.step(f"{number} of {len(args.files)}, {file}")
        try:
            with time_limit(args.timeout, file):
                checked = check_workbook(file, engines, args.timeout, args.seal)
        except Exception as error:
            if len(args.files) == 1:
                raise
            if isinstance(error, XlcityError):
                problems += error.problems
            else:
                problems.append(problem_of(error, "XC599", file))
            result.code = 4
            continue
        entries.append(checked)
        result.code = max(result.code, 1 if checked.verdict == "fail" else 0)
        yield from _shown(checked)
    if problems:
        result.problems = problems
        result.document["errors"] = problems
    if args.html:
        page = check_page(entries, _word, detail_text, finding_words, summary_text)
        backup = write_output(Path(args.html), page.encode("utf-8"))
        result.notes = [args.html, *kept_notes(backup)]


def _word(word: str) -> str:
    """Return a word of checks in the user's language."""
    return translated(word, "check")


def _shown(checked: Checked) -> Iterator[str | TextTable]:
    computed = f" (engine: {checked.engine})" if checked.engine else ""
    yield f"{checked.path}: {_word(checked.verdict)}{computed}"
    yield f"  {summary_text(checked.summary)}"
    yield from finding_blocks(checked)
    rows = [
        [_word(check.status), check.name, detail_text(check.detail)] for check in checked.checks
    ]
    yield TextTable(["status", "check", "detail"], rows, "  ")


def finding_blocks(checked: Checked) -> Iterator[str | TextTable]:
    """Yield the findings, what follows from them, and what to do."""
    rows = [_row(finding) for finding in checked.findings[:SHOWN]]
    if rows:
        yield TextTable(["severity", "rule", "cell", "finding"], rows, "  ")
    if len(checked.findings) > SHOWN:
        yield f"  … {len(checked.findings) - SHOWN} more; --json lists all."
    for rule in dict.fromkeys(finding.rule for finding in checked.findings):
        title, fix = finding_words(Finding(rule, "", "", rules()[rule].title))
        yield f"  {rule}: {title}{'。' if fix.endswith('。') else '. '}{fix}"
    for finding, reason in checked.allowed:
        yield f"  allowed: {finding.rule} {finding.place} ({reason})"


def _row(finding: Finding) -> list[str]:
    message, _ = finding_words(finding)
    if finding.follows:
        followers = counted(len(finding.follows), "more finding follows", "more findings follow")
        message += f" {translated(f'({followers})', 'audit')}"
    return [_word(finding.severity), finding.rule, finding.place, message]
