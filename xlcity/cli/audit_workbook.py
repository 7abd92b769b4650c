"""Find errors in formulas, ranges, weights and inputs of a workbook. The file is not changed.

What `check` finds, without its checks.

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
from xlcity.audit.check.check import Checked, check_workbook
from xlcity.cli.check import finding_blocks
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.errors import counted
from xlcity.xlsx.process import time_limit


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="any workbook")
    parser.add_value("--template", "T", "compare its formulas with this workbook")
    parser.add_timeout("seconds this may take (default: %(default)g)")


def run(args: argparse.Namespace) -> Result:
    """Check, and show the findings; 1 if there are any but notes."""
    with time_limit(args.timeout, args.file):
        checked = check_workbook(args.file, timeout=args.timeout, template=args.template)
    document = {
        "path": checked.path,
        "findings": checked.findings,
        "summary": dict(sorted(Counter(finding.rule for finding in checked.findings).items())),
    }
    code = any(finding.severity != "note" for finding in checked.findings)
    return Result(document, _blocks(checked), code=int(code))


def _blocks(checked: Checked) -> Iterator[str | TextTable]:
    counts = Counter(finding.severity for finding in checked.findings)
    numbers = f"{counted(counts['error'], 'error')}, {counted(counts['warning'], 'warning')}"
    yield f"{checked.path}: {numbers}; {checked.formulas} formulas, {checked.forms} different ones"
    yield from finding_blocks(checked)
