"""Recalculate template workbooks and run all checks. No file is changed.

Of a workbook that is not a template the seal is verified, if it has one.

Examples
--------
xlcity check image.xlsx
xlcity check books/*.xlsx --engines formualizer,libreoffice --json
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from xlcity.api.text_table import TextTable
from xlcity.cli import progress
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.errors import Problem, UsageError, XlcityError, did_you_mean, problem_of
from xlcity.recalc.engines.registry import NAMES
from xlcity.workbook.checking.check import check_workbook
from xlcity.workbook.checking.check_result import Checked
from xlcity.xlsx.process import time_limit


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_value("files", "F", "template workbooks, or workbooks with a seal", nargs="+")
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
    entries: list[Checked] = []
    problems: list[Problem] = []
    result = Result({"workbooks": entries}, problems=problems)
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


def _shown(checked: Checked) -> Iterator[str | TextTable]:
    computed = f" (engine: {checked.engine})" if checked.engine else ""
    yield f"{checked.path}: {checked.verdict}{computed}"
    rows = [[check.status, check.name, check.detail] for check in checked.checks]
    yield TextTable(["status", "check", "detail"], rows, "  ")
    for check in checked.checks:
        yield from (f"  [{problem.code}] {problem}" for problem in check.problems)
        if check.status == "fail" and check.cells and not check.problems:
            yield f"  {check.name}: {', '.join(check.cells)}"
