"""Calculate thousands of variations of one workbook, loaded once.

Each row of the table is a scenario, each column an input: unit|CODE (a value), CODE (a weight), a
named parameter such as par_limit, or Sheet!B5; a column "scenario" names the rows. A blank leaves
the input as it is. The result has a row per scenario; nothing is written into the workbook.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
import time
from pathlib import Path
from typing import Any

from xlcity.cli.output import emit, talk
from xlcity.cli.table import render
from xlcity.cli.target import tell_kept
from xlcity.errors import CellError, CellValue, Problem, UsageError, Where, WorkbookError, counted
from xlcity.model.tables import read_csv
from xlcity.recalc.scenarios import Computed, run_scenarios
from xlcity.recalc.workbook import DEFAULT_TIMEOUT
from xlcity.workbook.addressing import SCENARIO, Addresses, Output, read_scenarios
from xlcity.workbook.read import Template, read_template
from xlcity.xlsx.cells import Book, read_book
from xlcity.xlsx.package import Package
from xlcity.xlsx.save import require_output, write_output

_SHOWN = 8


def configure(parser: argparse.ArgumentParser) -> None:
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
    parser.add_argument(
        "--timeout",
        type=float,
        default=DEFAULT_TIMEOUT,
        metavar="S",
        help="seconds for one calculation (default: %(default)g)",
    )


def run(args: argparse.Namespace) -> int:
    """Calculate and write, and return the exit code."""
    start = time.perf_counter()
    if args.out not in (None, "-"):
        require_output(Path(args.out), (args.file, args.table))
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
    seconds = time.perf_counter() - start
    if args.out == "-":
        sys.stdout.write(_csv(names, outputs, done))
    elif args.out is not None:
        # The mark makes Excel read the Chinese names as UTF-8.
        text = b"\xef\xbb\xbf" + _csv(names, outputs, done).encode("utf-8")
        tell_kept(write_output(Path(args.out), text))
    if args.json:
        emit(_document(args, names, outputs, done, seconds))
    elif args.out is None:
        sys.stdout.write(_shown(names, outputs, done))
    whole = done.recalculated
    talk(
        f"{counted(len(names), 'scenario')} in {seconds:.1f} s; {done.formula_cells:,} of "
        f"{whole.formula_cells:,} formulas depend on the inputs and matter for the outputs."
    )
    if not whole.ok:
        talk(f"{args.file}: not known to be right in {whole.engine}: {', '.join(whole.unverified)}")
    return 0 if whole.ok else 1


def _template(package: Package, book: Book, file: str) -> Template | None:
    """Return the template, or ``None`` for another workbook; a damaged template is told."""
    try:
        return read_template(package, book, file)
    except WorkbookError as error:
        if any(problem.code == "XC430" for problem in error.problems):
            return None
        raise


def _plain(value: CellValue) -> Any:
    return str(value) if isinstance(value, CellError) else value


def _csv(names: list[str], outputs: list[Output], done: Computed) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([SCENARIO, *(output.label for output in outputs)])
    for name, row in zip(names, done.rows, strict=True):
        writer.writerow([name, *map(_plain, row)])
    return out.getvalue()


def _document(
    args: argparse.Namespace,
    names: list[str],
    outputs: list[Output],
    done: Computed,
    seconds: float,
) -> dict[str, Any]:
    whole = done.recalculated
    return {
        "path": args.file,
        "out": None if args.out == "-" else args.out,
        "outputs": [output.label for output in outputs],
        "base": [_plain(value) for value in done.base],
        "scenarios": [
            {"scenario": name, "values": [_plain(value) for value in row]}
            for name, row in zip(names, done.rows, strict=True)
        ],
        "engine": whole.engine,
        "unverified": list(whole.unverified),
        "formula_cells": whole.formula_cells,
        "recalculated_cells": done.formula_cells,
        "seconds": seconds,
    }


def _shown(names: list[str], outputs: list[Output], done: Computed) -> str:
    """Return the first columns for people; all of them go to --out."""
    labels = [output.label for output in outputs[:_SHOWN]]
    rows = [
        [name, *(f"{v:.4g}" if isinstance(v, float) else _plain(v) for v in row[:_SHOWN])]
        for name, row in zip(names, done.rows, strict=True)
    ]
    rest = len(outputs) - len(labels)
    more = f"{counted(rest, 'more column')}: see -o FILE\n" if rest else ""
    return render([SCENARIO, *labels], rows) + more
