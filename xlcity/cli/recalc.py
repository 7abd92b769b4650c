"""Recalculate workbooks with no spreadsheet program open.

Every formula cell is computed; results are patched into a copy of the file (or, with --in-place,
into the file itself) and nothing else in it changes.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from xlcity.cli.folder import make_folder
from xlcity.cli.output import emit, talk
from xlcity.errors import UsageError, counted
from xlcity.recalc.batch import Job, Outcome, run_jobs
from xlcity.recalc.engines import NAMES
from xlcity.recalc.files import LOCK, find_workbooks, plan
from xlcity.recalc.report import Report, document, read_report, unchanged
from xlcity.recalc.workbook import DEFAULT_TIMEOUT

_HEADER = ("status", "formulas", "functions", "errors", "seconds", "engine", "workbook")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "files", nargs="+", metavar="F", help="workbooks (.xlsx, .xlsm), folders or patterns"
    )
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
    several = parser.add_mutually_exclusive_group()
    several.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="files at a time; 0 = one per processor"
    )
    several.add_argument(
        "--scheduler", metavar="ADDR", help="compute on a Dask cluster (tcp://host:8786)"
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=DEFAULT_TIMEOUT,
        metavar="S",
        help="seconds an engine may take for one file (default: %(default)g)",
    )
    parser.add_argument("--report", metavar="JSON", help="write what was done to this file")
    parser.add_argument(
        "--changed-only",
        action="store_true",
        help="leave out what the last run with this --report has done",
    )
    parser.add_argument(
        "--full-calc-on-load",
        action="store_true",
        help="have spreadsheet programs calculate everything when they open the result",
    )
    parser.add_argument(
        "--no-keep",
        action="store_true",
        help="fail where no engine can compute a cell (links, LAMBDA, GETPIVOTDATA, add-ins); "
        "by default such cells keep the value stored and are listed",
    )
    parser.add_argument("--no-backup", action="store_true", help="keep no .bak of what is replaced")


def run(args: argparse.Namespace) -> int:
    """Recalculate the files and return the exit code."""
    if args.timeout <= 0 or args.jobs < 0:
        raise UsageError(
            "--timeout must be above 0 and --jobs 0 or more.", "--jobs 0 takes all processors."
        )
    if args.changed_only and not args.report:
        raise UsageError(
            "--changed-only needs --report.", "The report of the last run says what was done."
        )
    found = find_workbooks(args.files, args.outdir)
    _tell_lock_files(args.files, {str(item.path) for item in found})
    pairs = plan(found, args.out, args.outdir, in_place=args.in_place)
    workers = min(args.jobs or os.cpu_count() or 1, len(pairs))
    jobs = [
        Job(
            source,
            target,
            args.engine,
            args.verify,
            args.timeout,
            not args.no_backup,
            parallel=workers == 1,
            full_calc_on_load=args.full_calc_on_load,
            keep=not args.no_keep,
        )
        for source, target in pairs
    ]
    told: list[Outcome] = []
    try:
        outcomes, interrupted = _run(args, jobs, workers, told), False
    except KeyboardInterrupt:
        outcomes, interrupted = told, True
    if args.json:
        emit({**document(outcomes), **({"interrupted": True} if interrupted else {})})
    else:
        sys.stdout.write(_table(outcomes))
    for outcome in outcomes:
        for problem in outcome.problems:
            talk(f"xlcity recalc: [{problem.code}] {problem}")
        if outcome.entry.get("backup"):
            talk(f"The file that was there is kept as {outcome.entry['backup']}.")
        for note in outcome.notes:
            talk(f"{outcome.entry['in']}: {note}")
    if interrupted:
        talk(f"xlcity recalc: interrupted; {len(outcomes)} of {len(jobs)} files done.")
        return 130
    return _exit_code(outcomes)


def _run(
    args: argparse.Namespace, jobs: list[Job], workers: int, told: list[Outcome]
) -> list[Outcome]:
    """Do what is left to do; the report and what was told grow with it."""
    path = Path(args.report) if args.report else None
    before = read_report(path) if path is not None else None
    known = unchanged(jobs, before) if args.changed_only else {}
    left = [job for index, job in enumerate(jobs) if index not in known]
    if args.outdir is not None:
        for folder in sorted({job.target.parent for job in left} | {Path(args.outdir)}):
            make_folder(folder)
    report = Report(path, jobs, [*known.values()]) if path is not None else None
    progress = _Progress(len(left), quiet=args.json)

    told += known.values()

    def done(outcome: Outcome) -> None:
        told.append(outcome)
        if report is not None:
            report.add(outcome)
        progress.tell(outcome)

    if report is not None:
        report.write(finished=False)  # a place that cannot be written is known before the work
    is_finished = False
    try:
        if args.scheduler and left:
            from xlcity.recalc.cluster import run_on_cluster

            fresh = iter(run_on_cluster(left, args.scheduler, done))
        else:
            fresh = iter(run_jobs(left, workers, done))
        is_finished = True
    finally:
        # An interrupted run tells what it has done as well.
        if report is not None:
            report.write(finished=is_finished)
    return [known[index] if index in known else next(fresh) for index in range(len(jobs))]


def _tell_lock_files(words: list[str], kept: set[str]) -> None:
    """Tell what was left out of what a pattern such as ``*.xlsx`` caught beside an open book."""
    for word in words:
        if Path(word).name.startswith(LOCK) and str(Path(word)) not in kept:
            talk(f"{word}: left out, it only marks a workbook as open.")


class _Progress:
    """Tells a terminal how far a run of several files is."""

    def __init__(self, total: int, *, quiet: bool) -> None:
        self._total, self._count = total, 0
        self._silent = quiet or total < 2 or not sys.stderr.isatty()
        self._start = time.monotonic()

    def tell(self, outcome: Outcome) -> None:
        """Tell of one more outcome, and how long the rest will take at this pace."""
        self._count += 1
        if self._silent:
            return
        pace = (time.monotonic() - self._start) / self._count
        left = (self._total - self._count) * pace
        rest = f", about {_duration(left)} left" if self._count < self._total else ""
        entry = outcome.entry
        talk(f"{self._count}/{self._total} {entry['status']} {entry['in']}{rest}")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _exit_code(outcomes: list[Outcome]) -> int:
    codes = [outcome.exit_code for outcome in outcomes]
    if len(codes) == 1:
        return codes[0]
    if any(code > 1 for code in codes):
        return 4
    return max(codes, default=0)


def _table(outcomes: list[Outcome]) -> str:
    rows = [_HEADER, *(_row(outcome) for outcome in outcomes)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADER) - 1)]
    lines = [
        "  ".join([*(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=False)), row[-1]])
        for row in rows
    ]
    for outcome in outcomes:
        lines += _details(outcome)
    if len(outcomes) > 1:
        lines.append(_summary(outcomes))
    return "\n".join(lines) + "\n"


def _summary(outcomes: list[Outcome]) -> str:
    """Return one line on all files: how many ended in which way."""
    entries = [outcome.entry for outcome in outcomes]
    fresh = [entry for entry in entries if not entry.get("unchanged")]
    counts = [
        f"{number} {status}"
        for status in ("ok", "unverified", "failed")
        if (number := sum(entry["status"] == status for entry in entries))
    ]
    if len(fresh) < len(entries):
        counts.append(f"{len(entries) - len(fresh)} of these unchanged since the last run")
    return f"{counted(len(entries), 'workbook')}: {', '.join(counts)}"


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
        lines += [
            f"{name}: {what}: {', '.join(engines)} can"
            for what, engines in entry["able"].items()
            if engines
        ]
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
