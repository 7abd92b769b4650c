"""Recalculate workbooks with no spreadsheet program open.

Every formula cell is computed; results are patched into a copy of the file (or, with --in-place,
into the file itself) and nothing else in it changes.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from xlcity.cli.folder import make_folder
from xlcity.cli.output import emit, talk
from xlcity.errors import UsageError
from xlcity.recalc.batch import Job, Outcome, plan, run_jobs
from xlcity.recalc.engines import NAMES
from xlcity.recalc.workbook import DEFAULT_TIMEOUT

_HEADER = ("status", "formulas", "functions", "errors", "seconds", "engine", "workbook")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("files", nargs="+", metavar="F", help="workbooks (.xlsx, .xlsm)")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("-o", "--out", metavar="F", help="write the result to this file")
    where.add_argument("--outdir", metavar="D", help="write results under the same names here")
    where.add_argument("--in-place", action="store_true", help="overwrite; the old file stays .bak")
    parser.add_argument(
        "--engine", choices=("auto", *NAMES), default="auto", help="what computes (default: auto)"
    )
    parser.add_argument(
        "--verify", choices=NAMES, metavar="E", help="compute again with this engine and compare"
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="files at a time; 0 = all")
    parser.add_argument(
        "--timeout",
        type=float,
        default=DEFAULT_TIMEOUT,
        metavar="S",
        help="seconds an engine may take for one file (default: %(default)g)",
    )
    parser.add_argument("--no-backup", action="store_true", help="with --in-place, keep no .bak")


def run(args: argparse.Namespace) -> int:
    """Recalculate the files and return the exit code."""
    if args.timeout <= 0 or args.jobs < 0:
        raise UsageError(
            "--timeout must be above 0 and --jobs 0 or more.", "--jobs 0 takes all processors."
        )
    files = _without_lock_files(args.files)
    pairs = plan(files, args.out, args.outdir, in_place=args.in_place)
    if args.outdir is not None:
        make_folder(Path(args.outdir))
    workers = args.jobs or os.cpu_count() or 1
    jobs = [
        Job(
            source,
            target,
            args.engine,
            args.verify,
            args.timeout,
            not args.no_backup,
            parallel=min(workers, len(pairs)) == 1,
        )
        for source, target in pairs
    ]
    outcomes = run_jobs(jobs, workers, _progress(len(jobs), quiet=args.json))
    if args.json:
        _emit(outcomes)
    else:
        sys.stdout.write(_table(outcomes))
    for outcome in outcomes:
        for problem in outcome.problems:
            talk(f"xlcity recalc: [{problem.code}] {problem}")
        for note in outcome.notes:
            talk(f"{outcome.entry['in']}: {note}")
    return _exit_code(outcomes)


def _without_lock_files(files: list[str]) -> list[str]:
    """Leave out what a pattern such as ``*.xlsx`` catches beside an open workbook."""
    real = [file for file in files if not Path(file).name.startswith("~$")]
    for file in files:
        if real and file not in real:
            talk(f"{file}: left out, it only marks a workbook as open.")
    return real or files


def _progress(total: int, *, quiet: bool) -> Callable[[Outcome], None] | None:
    if quiet or total == 1 or not sys.stderr.isatty():
        return None
    count = 0

    def tell(outcome: Outcome) -> None:
        nonlocal count
        count += 1
        talk(f"{count}/{total} {outcome.entry['status']} {outcome.entry['in']}")

    return tell


def _exit_code(outcomes: list[Outcome]) -> int:
    codes = [outcome.exit_code for outcome in outcomes]
    if len(codes) == 1:
        return codes[0]
    if any(code > 1 for code in codes):
        return 4
    return max(codes, default=0)


def _emit(outcomes: list[Outcome]) -> None:
    entries = [outcome.entry for outcome in outcomes]
    counts = {
        status: sum(entry["status"] == status for entry in entries)
        for status in ("ok", "unverified", "failed")
    }
    document = {"workbooks": entries, **counts}
    problems = [problem.as_dict() for outcome in outcomes for problem in outcome.problems]
    if problems:
        document["errors"] = problems
    emit(document)


def _table(outcomes: list[Outcome]) -> str:
    rows = [_HEADER, *(_row(outcome) for outcome in outcomes)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADER) - 1)]
    lines = [
        "  ".join([*(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=False)), row[-1]])
        for row in rows
    ]
    for outcome in outcomes:
        lines += _details(outcome)
    return "\n".join(lines) + "\n"


def _row(outcome: Outcome) -> tuple[str, ...]:
    entry = outcome.entry
    place = entry["in"] if entry["status"] == "failed" else entry["out"]
    return (
        entry["status"],
        "-" if entry["formula_cells"] is None else f"{entry['formula_cells']:,}",
        "-" if entry["udf_cells"] is None else f"{entry['udf_cells']:,}",
        "-" if entry["status"] == "failed" else str(sum(entry["errors"].values())),
        f"{entry['seconds']:.2f}",
        entry["engine"] or "-",
        place,
    )


def _details(outcome: Outcome) -> list[str]:
    entry = outcome.entry
    name = Path(entry["in"]).name
    lines = []
    if entry["errors"]:
        listed = ", ".join(f"{count} x {error}" for error, count in entry["errors"].items())
        lines.append(f"{name}: errors in native cells: {listed}")
    if entry["unverified"]:
        listed = ", ".join(entry["unverified"])
        lines.append(f"{name}: not known to be right in {entry['engine']}: {listed}")
        lines.append(f"{name}: compare with another engine (--verify libreoffice)")
    verified = entry["verified"]
    if verified is not None:
        lines.append(
            f"{name}: {verified['engine']} agrees in "
            f"{verified['cells'] - len(verified['differing']):,} of {verified['cells']:,} cells, "
            f"largest difference {verified['max_diff']:.1e}"
        )
        if verified["differing"]:
            lines.append(f"{name}: differing: {', '.join(verified['differing'][:20])}")
    return lines
