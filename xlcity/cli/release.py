"""Write a workbook for the public: scores, ranks, framework and method, and no raw data.

The file is written anew from the results stored in the template, so that no raw value, no chart
with cached raw values, no comment and no name of an author can be in it. What was typed beside the
inputs is left out, too, and listed.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from xlcity.cli.output import emit, talk
from xlcity.cli.target import require_xlsx, tell_kept
from xlcity.errors import Problem, Where, WorkbookError, counted
from xlcity.recalc.workbook import recalculate
from xlcity.workbook.carry.content import read_content, sourced_framework
from xlcity.workbook.carry.facts import private
from xlcity.workbook.carry.leftovers import kind_words
from xlcity.workbook.carry.public import public_book
from xlcity.workbook.check import is_same_result
from xlcity.workbook.read import Template, open_template
from xlcity.workbook.results import stored_results
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.package import Package
from xlcity.xlsx.save import require_output, write_output


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="the template workbook, recalculated")
    parser.add_argument("-o", "--out", metavar="G", required=True, help="the workbook to write")


def _require_results(results: dict[str, Any], file: str) -> None:
    """Refuse a workbook that holds no score: the public one would be empty."""
    kinds = ("scores", "ranks")
    units = [unit[kind].values() for unit in results["units"] for kind in kinds]
    if not any(value is not None for values in units for value in values):
        message = "the workbook holds no score and no rank."
        hint = "Fill it in if it is empty, run xlcity recalc --in-place on it, and release it then."
        raise WorkbookError(Problem("XC446", message, hint, Where(file=file)))


def _require_fresh(template: Template) -> None:
    """Refuse scores and ranks that do not follow from the inputs any more."""
    fresh = recalculate(template.package, book=template.book)
    cells = [
        f"{area.sheet}!{cell_name(row, column)}"
        for area in map(template.area, ("out_scores", "out_ranks"))
        for row in range(area.r1, area.r2 + 1)
        for column in range(area.c1, area.c2 + 1)
        if not is_same_result(
            template.book.value(area.sheet, row, column), fresh.value(area.sheet, row, column)
        )
    ]
    if cells:
        are = counted(len(cells), "score or rank is", "scores and ranks are")
        hint = "Run xlcity recalc --in-place on it and look at the results; release it then."
        sheet, cell = cells[0].split("!")
        where = Where(file=template.file, sheet=sheet, cell=cell)
        raise WorkbookError(Problem("XC447", f"{are} not up to date.", hint, where))


def run(args: argparse.Namespace) -> int:
    """Write the public workbook."""
    target = Path(args.out)
    require_xlsx(target, "Workbooks")
    require_output(target, [args.file])
    template = open_template(args.file)
    left = private(read_content(template))
    framework, results = sourced_framework(template), stored_results(template)
    _require_results(results, args.file)
    _require_fresh(template)
    package = Package.from_bytes(public_book(template, framework, results), str(target))
    kept = write_output(target, package)
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
                "kept": None if kept is None else str(kept),
                "left_out": [line.as_dict() for line in left],
            }
        )
        return 0
    sys.stdout.write(
        f"{target}: scores and ranks of {counted(cities, 'city', 'cities')}, "
        f"{counted(nodes, 'node')}; no raw data\n"
    )
    if left:
        kinds = Counter(line.what for line in left)
        said = ", ".join(counted(number, *kind_words(kind)) for kind, number in kinds.items())
        talk(f"Left out, as it is not for the public: {said}; --json lists all.")
    tell_kept(kept)
    if results["draft"]:
        talk("The workbook is a draft: some inputs are not filled in yet. The file says so.")
    if results["synthetic"]:
        talk(f"{results['synthetic']} inputs are synthetic. The file says so.")
    return 0
