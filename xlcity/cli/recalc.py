"""Recalculate workbooks without a spreadsheet program.

Every formula cell is computed. The results are written into a copy of the file, or with --in-place
into the file itself. Nothing else in it changes.

Examples
--------
xlcity recalc image.xlsx -o fresh.xlsx
xlcity recalc books --outdir fresh --jobs 0 --report log.json --changed-only
xlcity recalc image.xlsx --in-place --verify libreoffice
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path

from xlcity.api.text_table import TextTable
from xlcity.cli import how_ended, progress
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.cli.target import make_folder
from xlcity.errors import UsageError, counted, doubt_text
from xlcity.recalc.engines.registry import NAMES
from xlcity.recalc.files.jobs import Job, Outcome, run_jobs
from xlcity.recalc.files.run_report import RunReport, find_unchanged, make_document, read_report
from xlcity.recalc.files.targets import LOCK, find_workbooks, plan_outputs

_HEADER = ("status", "formulas", "functions", "errors", "seconds", "engine", "workbook")


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_value("files", "F", "workbooks (.xlsx, .xlsm), folders or patterns", nargs="+")
    where = parser.add_output_or_in_place()
    where.add_argument("--outdir", metavar="D", help="write results under the same names here")
    parser.add_argument(
        "--engine", choices=("auto", *NAMES), default="auto", help="what computes (default: auto)"
    )
    parser.add_value("--verify", "E", "compute again with this engine and compare", choices=NAMES)
    cluster = "compute on a Dask cluster (tcp://host:8786)"
    where_computed = parser.add_jobs("files at a time")
    where_computed.add_argument("--scheduler", metavar="ADDR", help=cluster)
    parser.add_timeout()
    parser.add_value("--report", "JSON", "write what was done to this file")
    parser.add_flag("--changed-only", "skip what the last run with this --report has done")
    parser.add_flag(
        "--full-calc-on-load",
        "have spreadsheet programs calculate everything when they open the result",
    )
    parser.add_flag(
        "--no-keep",
        "fail where no engine can compute a cell (links, LAMBDA, GETPIVOTDATA, add-ins); "
        "by default such cells keep the value stored and are listed",
    )


def run(args: argparse.Namespace) -> Result:
    """Recalculate the files."""
    if args.jobs < 0:
        raise UsageError("--jobs must be 0 or more.", "--jobs 0 takes all processors.")
    if args.changed_only and not args.report:
        raise UsageError(
            "--changed-only needs --report.", "The report of the last run says what was done."
        )
    workbooks = find_workbooks(args.files, args.outdir)
    pairs = plan_outputs(workbooks, args.out, args.outdir, in_place=args.in_place)
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
    finished: list[Outcome] = []
    notes = [*_lock_files(args.files, {str(item.path) for item in workbooks})]
    try:
        outcomes, ended = _run(args, jobs, workers, finished), None
    except KeyboardInterrupt as error:
        outcomes, ended = finished, error
    result = Result(
        {**make_document(outcomes), **({"interrupted": True} if ended else {})},
        _blocks(outcomes),
        [problem for outcome in outcomes for problem in outcome.problems],
        [*notes, *_notes(outcomes)],
        _exit_code(outcomes),
    )
    if ended is not None:
        how, result.code = how_ended(ended)
        summary = f"xlcity recalc: {how}; {len(outcomes)} of {len(jobs)} files done."
        result.notes = [*result.notes, summary]
    return result


def _run(
    args: argparse.Namespace, jobs: list[Job], workers: int, finished: list[Outcome]
) -> list[Outcome]:
    """Do what is left to do; the report and `finished` grow with it."""
    path = Path(args.report) if args.report else None
    before = read_report(path) if path is not None else None
    unchanged_entries = find_unchanged(jobs, before) if args.changed_only else {}
    left = [job for index, job in enumerate(jobs) if index not in unchanged_entries]
    if args.outdir is not None:
        for folder in sorted({job.target.parent for job in left} | {Path(args.outdir)}):
            make_folder(folder)
    report = RunReport(path, jobs, [*unchanged_entries.values()]) if path is not None else None
    start = time.monotonic()
    finished += unchanged_entries.values()

    def done(outcome: Outcome) -> None:
        finished.append(outcome)
        if report is not None:
            report.add(outcome)
        number = len(finished) - len(unchanged_entries)
        pace = (time.monotonic() - start) / number
        rest = _duration((len(left) - number) * pace)
        progress.step(f"{number} of {len(left)} files, about {rest} left")

    if report is not None:
        report.write(finished=False)  # a place that cannot be written is known before the work
    is_finished = False
    try:
        if args.scheduler and left:
            from xlcity.recalc.files.cluster import run_on_cluster

            fresh = iter(run_on_cluster(left, args.scheduler, done))
        else:
            fresh = iter(run_jobs(left, workers, done))
        is_finished = True
    finally:
        # An interrupted run reports what it has done as well.
        if report is not None:
            report.write(finished=is_finished)
    return [
        unchanged_entries[index] if index in unchanged_entries else next(fresh)
        for index in range(len(jobs))
    ]


def _lock_files(words: list[str], named: set[str]) -> Iterator[str]:
    """Yield what was left out of what a pattern such as ``*.xlsx`` caught beside an open book."""
    for word in words:
        if Path(word).name.startswith(LOCK) and str(Path(word)) not in named:
            yield f"{word}: left out, it only marks a workbook as open."


def _notes(outcomes: list[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.entry.get("backup"):
            yield f"The replaced file is kept as {outcome.entry['backup']}."
        yield from (f"{outcome.entry['in']}: {note}" for note in outcome.notes)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _exit_code(outcomes: list[Outcome]) -> int:
    codes = [outcome.exit_code for outcome in outcomes]
    if len(codes) == 1:
        return codes[0]
    return 4 if any(code > 1 for code in codes) else max(codes, default=0)


def _blocks(outcomes: list[Outcome]) -> Iterator[str | TextTable]:
    yield TextTable(_HEADER, map(_row, outcomes))
    for outcome in outcomes:
        yield from _details(outcome)
    if len(outcomes) > 1:
        yield _summary(outcomes)


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
    failed = entry["status"] == "failed"
    return (
        entry["status"],
        "-" if entry["formula_cells"] is None else f"{entry['formula_cells']:,}",
        "-" if entry["udf_cells"] is None else f"{entry['udf_cells']:,}",
        "-" if failed else str(sum(entry["errors"].values())),
        f"{entry['seconds']:.2f}",
        entry["engine"] or "-",
        entry["in"] if failed else entry["out"],
    )


def _details(outcome: Outcome) -> Iterator[str]:
    entry = outcome.entry
    name = Path(entry["in"]).name
    if entry["errors"]:
        listed = ", ".join(f"{count} x {error}" for error, count in entry["errors"].items())
        yield f"{name}: errors in native cells: {listed}"
    if entry["unverified"]:
        yield f"{name}: {doubt_text(entry['unverified'], entry['engine'])}"
        for what, engines in entry["able"].items():
            others = [engine for engine in engines if engine not in entry["engine"]]
            if others:
                yield f"{name}: {what}: {', '.join(others)} can"
    if (verified := entry["verified"]) is not None:
        same = verified["cells"] - len(verified["differing"])
        yield (
            f"{name}: {verified['engine']} agrees in {same:,} of {verified['cells']:,} cells, "
            f"largest difference {verified['max_diff']:.1e}"
        )
        if verified["differing"]:
            yield f"{name}: differing: {', '.join(verified['differing'][:20])}"
