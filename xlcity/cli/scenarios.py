"""Calculate thousands of variations of one workbook, loaded once.

Each row of the table is a scenario, each column an input: unit|CODE (a value), CODE (a weight), a
named parameter such as par_limit, or Sheet!B5. A column "scenario" names the rows. A blank cell
keeps the input. The result has a row per scenario. The workbook is not changed.

Examples
--------
xlcity scenarios image.xlsx --table weights.csv -o results.csv
xlcity scenarios image.xlsx --table weights.csv --outputs IMG 'rank|IMG'
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from xlcity.api.text_table import TextTable
from xlcity.cli.notes import kept_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.cli.target import require_files
from xlcity.errors import CellError, CellValue, Problem, UsageError, Where, WorkbookError, counted
from xlcity.model.reading.tables import read_csv
from xlcity.recalc.scenarios import run_scenarios
from xlcity.workbook.reading.addressing import SCENARIO, Addresses, read_scenarios
from xlcity.workbook.reading.template import Template, read_template
from xlcity.xlsx.cells import ReadBook, read_book
from xlcity.xlsx.package import Package
from xlcity.xlsx.save import require_output, write_output

#: Columns shown at a terminal; all of them go to --out.
_SHOWN = 8


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="the workbook")
    parser.add_argument("--table", required=True, metavar="CSV", help="the scenarios")
    parser.add_argument("-o", "--out", metavar="CSV", help="write the results here (- for stdout)")
    parser.add_argument(
        "--outputs",
        nargs="+",
        default=[],
        metavar="X",
        help="CODE, score|CODE, rank|CODE, unit|CODE, a name, Sheet!B5 (default: the root)",
    )
    parser.add_timeout("seconds for one calculation (default: %(default)g)")


def run(args: argparse.Namespace) -> Result:
    """Calculate and write."""
    start = time.perf_counter()
    to_file = args.out not in (None, "-")
    if to_file:
        require_output(Path(args.out), (args.file, args.table))
    require_files(args.file, args.table)
    package = Package.read(args.file)
    book = read_book(package)
    table = read_csv(args.table)
    addresses = Addresses(book, _template(package, book, args.file))
    problems: list[Problem] = []
    places, outputs = {}, []
    try:
        columns = [column for column in table.header if column not in ("", SCENARIO)]
        places = addresses.inputs(columns, Where(file=args.table))
    except UsageError as error:
        problems += error.problems
    try:
        outputs = addresses.outputs(args.outputs)
    except UsageError as error:
        problems += error.problems
    if problems:
        raise UsageError(problems)
    names, scenarios = read_scenarios(table, book, places)
    done = run_scenarios(package, scenarios, [output.place for output in outputs], args.timeout)
    seconds, recalculated = time.perf_counter() - start, done.recalculated
    labels = [output.label for output in outputs]
    scenario_rows = [
        (name, [_plain(value) for value in row]) for name, row in zip(names, done.rows, strict=True)
    ]
    results = TextTable([SCENARIO, *labels], [[name, *values] for name, values in scenario_rows])
    notes = kept_notes(write_output(Path(args.out), results.csv_file())) if to_file else []
    document = {
        "path": args.file,
        "out": args.out if to_file else None,
        "outputs": labels,
        "base": [_plain(value) for value in done.base],
        "scenarios": [{"scenario": name, "values": values} for name, values in scenario_rows],
        "engine": recalculated.engine,
        "unverified": list(recalculated.unverified),
        "formula_cells": recalculated.formula_cells,
        "recalculated_cells": done.formula_cells,
        "seconds": seconds,
    }
    notes.append(
        f"{counted(len(names), 'scenario')} in {seconds:.1f} s; at most {done.formula_cells:,} of "
        f"{recalculated.formula_cells:,} formulas got another value."
    )
    if recalculated.doubt:
        notes.append(f"{args.file}: {recalculated.doubt}")
    if args.out == "-":
        blocks: list[str | TextTable] = [results.csv()]
    else:
        blocks = [] if to_file else _shown(results)
    return Result(document, blocks, notes=notes, code=0 if recalculated.ok else 1)


def _template(package: Package, book: ReadBook, file: str) -> Template | None:
    """Return the template, or None for another workbook; a damaged template is an error."""
    try:
        return read_template(package, book, file)
    except WorkbookError as error:
        if any(problem.code == "XC430" for problem in error.problems):
            return None
        raise


def _plain(value: CellValue) -> Any:
    return str(value) if isinstance(value, CellError) else value


def _shown(results: TextTable) -> list[str | TextTable]:
    """Return the first columns for a terminal."""
    rows = [
        [f"{v:.4g}" if isinstance(v, float) else v for v in row[: _SHOWN + 1]]
        for row in results.rows
    ]
    rest = len(results.header) - _SHOWN - 1
    hint = [f"{counted(rest, 'more column')}: see -o FILE"] if rest > 0 else []
    return [TextTable(results.header[: _SHOWN + 1], rows), *hint]
