"""Write a workbook for the public: scores, ranks, framework and method, and no raw data.

The file is written anew from the results stored in the template, so that no raw value, no chart
with cached raw values, no comment and no name of an author can be in it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from xlcity.cli.output import emit, talk
from xlcity.errors import Problem, UsageError, Where, counted
from xlcity.workbook.carry.content import read_content
from xlcity.workbook.carry.public import public_book
from xlcity.workbook.read import open_template
from xlcity.workbook.results import stored_results
from xlcity.xlsx.package import Package
from xlcity.xlsx.save import keep_older, require_unlocked


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="the template workbook, recalculated")
    parser.add_argument("-o", "--out", metavar="G", required=True, help="the workbook to write")


def run(args: argparse.Namespace) -> int:
    """Write the public workbook."""
    target = Path(args.out)
    if target.suffix.lower() != ".xlsx":
        raise UsageError(f"{target.name} does not end with .xlsx.", "Workbooks are .xlsx files.")
    if target.resolve() == Path(args.file).resolve():
        where = Where(file=str(target))
        raise UsageError(Problem("XC102", "the output is the input.", "Name another.", where))
    require_unlocked(target)
    template = open_template(args.file)
    content, counts = public_book(template, read_content(template).framework)
    package = Package.from_bytes(content, str(target))
    keep_older(target, package)
    package.write(target)
    results = stored_results(template)
    if args.json:
        emit(
            {
                "path": str(target),
                "sheets": ["About", "Ranking", "Framework", "Method"],
                "units": counts["units"],
                "nodes": counts["nodes"],
                "draft": results["draft"],
                "synthetic": results["synthetic"],
            }
        )
        return 0
    sys.stdout.write(
        f"{target}: scores and ranks of {counted(counts['units'], 'city', 'cities')}, "
        f"{counted(counts['nodes'], 'node')}; no raw data\n"
    )
    if results["draft"]:
        talk("The workbook is a draft: some inputs are not filled in yet. The file says so.")
    if results["synthetic"]:
        talk(f"{results['synthetic']} inputs are synthetic. The file says so.")
    return 0
