"""Write a workbook for the public: scores, ranks, framework and method, and no raw data.

The file is written anew from the results stored in the template, so that no raw value, no chart
with cached raw values, no comment and no name of an author can be in it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from xlcity.cli.output import emit, talk
from xlcity.cli.target import require_other, require_xlsx, write_workbook
from xlcity.errors import counted
from xlcity.workbook.carry.content import sourced_framework
from xlcity.workbook.carry.public import public_book
from xlcity.workbook.read import open_template
from xlcity.workbook.results import stored_results
from xlcity.xlsx.package import Package
from xlcity.xlsx.save import require_unlocked


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="the template workbook, recalculated")
    parser.add_argument("-o", "--out", metavar="G", required=True, help="the workbook to write")


def run(args: argparse.Namespace) -> int:
    """Write the public workbook."""
    target = Path(args.out)
    require_xlsx(target, "Workbooks")
    require_other(target, [args.file])
    require_unlocked(target)
    template = open_template(args.file)
    framework, results = sourced_framework(template), stored_results(template)
    package = Package.from_bytes(public_book(template, framework, results), str(target))
    write_workbook(target, package)
    cities, nodes = len(results["units"]), len(framework.composites)
    if args.json:
        emit(
            {
                "path": str(target),
                "sheets": ["About", "Ranking", "Framework", "Method"],
                "units": cities,
                "nodes": nodes,
                "draft": results["draft"],
                "synthetic": results["synthetic"],
            }
        )
        return 0
    sys.stdout.write(
        f"{target}: scores and ranks of {counted(cities, 'city', 'cities')}, "
        f"{counted(nodes, 'node')}; no raw data\n"
    )
    if results["draft"]:
        talk("The workbook is a draft: some inputs are not filled in yet. The file says so.")
    if results["synthetic"]:
        talk(f"{results['synthetic']} inputs are synthetic. The file says so.")
    return 0
