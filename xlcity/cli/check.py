"""Run all checks on template workbooks, recalculated afresh; nothing is written."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from xlcity.cli.output import emit, talk
from xlcity.cli.table import render
from xlcity.errors import UsageError, XlcityError
from xlcity.recalc.engines import NAMES
from xlcity.recalc.workbook import DEFAULT_TIMEOUT
from xlcity.workbook.check import Checked, check_workbook
from xlcity.xlsx.limit import time_limit


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("files", metavar="F", nargs="+", help="template workbooks")
    parser.add_argument(
        "--engines",
        metavar="E[,E…]",
        default="",
        help=f"compute with the first, compare the others ({', '.join(NAMES)})",
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=DEFAULT_TIMEOUT,
        metavar="S",
        help="seconds for one file (default: %(default)g)",
    )
    parser.add_argument(
        "--seal",
        metavar="SEAL",
        help="the manifest of `seal` to hold one file to (default: F.seal.json, if it is there)",
    )


def run(args: argparse.Namespace) -> int:
    """Check the files; one that cannot be read does not stop the others."""
    engines = [name for name in args.engines.replace(",", " ").split() if name]
    unknown = [name for name in engines if name not in NAMES]
    if unknown:
        raise UsageError(
            f"there is no engine {', '.join(unknown)}.", f"Engines: {', '.join(NAMES)}."
        )
    if args.timeout <= 0:
        raise UsageError("--timeout must be above 0.", "It counts seconds.")
    if args.seal and len(args.files) > 1:
        raise UsageError("--seal is of one file.", "Keep each F.seal.json beside its workbook.")
    entries: list[dict[str, Any]] = []
    problems = []
    codes = []
    for file in args.files:
        try:
            with time_limit(args.timeout, file):
                checked = check_workbook(file, engines, args.timeout, args.seal)
        except XlcityError as error:
            if len(args.files) == 1:
                raise
            problems += [problem.as_dict() for problem in error.problems]
            for problem in error.problems:
                talk(f"xlcity check: [{problem.code}] {problem}")
            codes.append(4)
            continue
        entries.append(checked.as_dict())
        codes.append(1 if checked.verdict == "fail" else 0)
        if not args.json:
            sys.stdout.write(_shown(checked))
    if args.json:
        emit({"workbooks": entries, **({"errors": problems} if problems else {})})
    return max(codes)


def _shown(checked: Checked) -> str:
    rows = [[check.status, check.name, check.detail] for check in checked.checks]
    text = f"{checked.path}: {checked.verdict} (calculated by {checked.engine})\n"
    text += render(["status", "check", "detail"], rows, indent="  ")
    for check in checked.checks:
        if check.status != "fail":
            continue
        for problem in check.problems:
            text += f"  [{problem.code}] {problem}\n"
        if check.cells and not check.problems:
            text += f"  {check.name}: {', '.join(check.cells)}\n"
    return text
