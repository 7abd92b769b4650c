"""Verbs that calculate workbooks without a spreadsheet program."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from itertools import chain
from typing import TYPE_CHECKING

from xlcity.api.texts import say, told
from xlcity.api.verb import verb
from xlcity.cli.progress import step
from xlcity.cli.result import Result, TextTable, listing
from xlcity.messages import Message

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from xlcity.api import arguments as take
    from xlcity.cli.result import Blocks
    from xlcity.recalc.files.jobs import Outcome

#: Columns of scenarios shown at a terminal; all of them go to --out.
_SHOWN = 8
#: Cells shown that a second engine computes otherwise.
_MOST_DIFFERING = 20


@verb("fill", one_of="out in_place outdir", at_most_one="jobs scheduler")
def recalc(
    files: take.Texts,
    *,
    target: take.Destination,
    outdir: take.Folder | None = None,
    engine: take.EngineOrAuto = "auto",
    verify: take.Engine | None = None,
    jobs: int = 1,
    scheduler: take.Text | None = None,
    shard: take.Text | None = None,
    timeout: take.Seconds | None = None,
    report: take.File | None = None,
    metrics: take.File | None = None,
    events: take.File | None = None,
    changed_only: bool = False,
    full_calc_on_load: bool = False,
    keep: bool = True,
) -> Result:
    """Recalculate workbooks without a spreadsheet program.

    Every formula cell is computed. The results are written into a copy of the file, or with
    --in-place into the file itself. Nothing else in it changes.

    Parameters
    ----------
    files : F
        workbooks (.xlsx, .xlsm), folders or patterns
    outdir : D
        write results under the same names here
    engine
        what computes (default: auto)
    verify
        compute again with this engine and compare
    jobs : N
        files at a time; 0 = one per processor
    scheduler : ADDR
        compute on a Dask cluster (tcp://host:8786)
    shard : I/N
        only this share of the files, from 0/N to N-1/N, for N machines on one folder
    report : JSON
        write what was done to this file
    metrics : F
        write counts and seconds to this file, as Prometheus reads them
    events : F
        add a line of JSON for each file to this file
    changed_only
        skip what the last run with this --report has done
    full_calc_on_load
        have spreadsheet programs calculate everything when they open the result
    keep
        fail where no engine can compute a cell (links, LAMBDA, GETPIVOTDATA, add-ins); by default
        such cells keep the value stored and are listed

    Examples
    --------
    xlcity recalc image.xlsx -o fresh.xlsx
    xlcity recalc books --outdir fresh --jobs 0 --report log.json --changed-only
    xlcity recalc image.xlsx --in-place --verify libreoffice
    """
    import os
    from pathlib import Path

    from xlcity.cli import how_ended
    from xlcity.errors import UsageError
    from xlcity.recalc.files.jobs import Job, total_exit_code
    from xlcity.recalc.files.monitor import RunMonitor
    from xlcity.recalc.files.run_report import (
        RunOptions,
        make_json_document,
        run_recorded,
    )
    from xlcity.recalc.files.targets import find_workbooks, in_shard, plan_outputs
    from xlcity.xlsx.process import DEFAULT_TIMEOUT

    if jobs < 0:
        raise UsageError.of("XC100.jobs")
    if changed_only and not report:
        raise UsageError.of("XC100.changed_only_without_report")
    found = find_workbooks(files, outdir)
    workbooks = found if shard is None else in_shard(found, shard)
    pairs = plan_outputs(workbooks, target.out, outdir, in_place=target.in_place)
    workers = min(jobs or os.cpu_count() or 1, max(len(pairs), 1))
    monitor = RunMonitor(
        Path(metrics) if metrics else None,
        Path(events) if events else None,
        len(pairs),
    )
    planned = [
        Job(
            pair.source,
            pair.target,
            engine=engine,
            verify=verify,
            timeout=timeout or DEFAULT_TIMEOUT,
            backup=target.backup,
            parallel=workers == 1,
            full_calc_on_load=full_calc_on_load,
            keep=keep,
        )
        for pair in pairs
    ]
    options = RunOptions(
        workers=workers,
        scheduler=scheduler,
        report_path=Path(report) if report else None,
        changed_only=changed_only,
    )
    folders: set[Path] = set()
    if outdir is not None:
        folders = {Path(outdir), *(job.target.parent for job in planned)}
    finished: list[Outcome] = []
    ended = None
    with _folders_made(folders):
        try:
            outcomes = run_recorded(
                planned, options, finished, progress=_tell_left, monitor=monitor
            )
        except KeyboardInterrupt as error:
            outcomes = finished
            ended = error
    document = make_json_document(outcomes)
    notes: list[str] = []
    if found and not workbooks:
        notes.append(say("recalc.empty_share", files=len(found)))
    notes += chain.from_iterable(map(_notes_on, outcomes))
    problems = chain.from_iterable(outcome.problems for outcome in outcomes)
    code = total_exit_code(outcomes)
    if ended is not None:
        document["interrupted"] = True
        how, code = how_ended(ended)
        number = len(outcomes)
        notes.append(say("recalc.ended", how=how, finished=number, files=len(planned)))
    return Result(
        document, _blocks(outcomes), problems=list(problems), notes=notes, code=code
    )


@contextmanager
def _folders_made(folders: Collection[Path]) -> Iterator[None]:
    """Make folders; new ones that are empty at the end of the block are removed."""
    new_folders: set[Path] = set()
    for folder in folders:
        paths = (folder, *folder.parents)
        new_folders |= {path for path in paths if not path.exists()}
        folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        for folder in sorted(new_folders, reverse=True):  # those inside first
            with suppress(OSError):  # it has results
                folder.rmdir()


def _tell_left(number: int, files: int, seconds: float) -> None:
    left = _duration(seconds)
    step(Message("step.files_left", number=number, total=files, left=left))


def _notes_on(outcome: Outcome) -> list[str]:
    """Return the notes on one file: the copy kept of it, and what the run noted."""
    from xlcity.cli.notes import kept_notes

    notes = list(kept_notes(outcome.entry.get("backup")))
    for note in outcome.notes:
        notes.append(say("about", name=outcome.entry["in"], text=told(note)))
    return notes


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _blocks(outcomes: Sequence[Outcome]) -> Blocks:
    """Yield a line per file, what each needs to be said of it, and a line on all of them."""
    from collections import Counter

    entries = [outcome.entry for outcome in outcomes]
    rows = []
    for entry in entries:
        errors = sum(entry["errors"].values())
        workbook = entry["out"] or entry["in"]
        rows.append({**entry, "errors": errors, "workbook": workbook})
    columns = (
        "formulas=formula_cells:,",
        "functions=udf_cells:,",
        "errors",
        "seconds:.2f",
    )
    yield listing(rows, "status", *columns, "engine", "workbook")
    for entry in entries:
        yield from _details(entry)
    if len(entries) > 1:
        statuses = Counter(entry["status"] for entry in entries)
        named = ("ok", "unverified", "failed")
        counts = [
            f"{statuses[status]} {status}" for status in named if statuses[status]
        ]
        if unchanged := sum(bool(entry.get("unchanged")) for entry in entries):
            counts.append(say("recalc.unchanged", unchanged=unchanged))
        yield say("recalc.done", files=len(entries), counts=counts)


def _details(entry: Mapping[str, Any]) -> Iterator[str]:
    from pathlib import Path

    name = Path(entry["in"]).name
    if entry["errors"]:
        listed = [f"{count} x {error}" for error, count in entry["errors"].items()]
        yield say("recalc.errors", name=name, listed=listed)
    if entry["unverified"]:
        yield from _doubt_details(entry, name)
    if entry["verified"] is not None:
        yield from _verified_details(entry["verified"], name)


def _doubt_details(entry: Mapping[str, Any], name: str) -> Iterator[str]:
    """Yield what is in doubt about a file, and for each doubt the engines without it."""
    from xlcity.errors import doubt_text

    doubt = told(doubt_text(entry["unverified"], entry["engine"]))
    yield say("about", name=name, text=doubt)
    for what, engines in entry["able"].items():
        others = [engine for engine in engines if engine not in entry["engine"]]
        if others:
            yield say("recalc.able", name=name, what=what, engines=others)


def _verified_details(verified: Mapping[str, Any], name: str) -> Iterator[str]:
    """Yield how far a second engine agrees on a file, and the cells where it does not."""
    differing = verified["differing"]
    same = verified["cells"] - len(differing)
    yield say("recalc.verified", name=name, same=same, **verified)
    if differing:
        cells = list(differing[:_MOST_DIFFERING])
        if len(differing) > _MOST_DIFFERING:
            cells.append("…")
        yield say("recalc.differing", name=name, cells=cells)


@verb("fill")
def scenarios(
    file: take.Book,
    *,
    table: take.Table,
    out: take.SaveOrPrint | None = None,
    outputs: take.Texts = (),
    timeout: take.Seconds | None = None,
) -> Result:
    """Calculate thousands of variations of one workbook, loaded once.

    Each row of the table is a scenario, each column an input: unit|CODE (a value), CODE (a weight),
    a named parameter such as par_limit, or Sheet!B5. A column "scenario" names the rows. A blank
    cell keeps the input. The result has a row per scenario. The workbook is not changed.

    Parameters
    ----------
    file
        the workbook
    table : CSV
        the scenarios
    out : CSV
        write the results here (- for stdout)
    outputs : X
        CODE, score|CODE, rank|CODE, unit|CODE, a name, Sheet!B5 (default: the root)
    timeout
        seconds for one calculation (default: {limit:g})

    Examples
    --------
    xlcity scenarios image.xlsx --table weights.csv -o results.csv
    xlcity scenarios image.xlsx --table weights.csv --outputs IMG 'rank|IMG'
    """
    import time
    from pathlib import Path

    from xlcity.cli.notes import kept_notes
    from xlcity.errors import Problem, UsageError, Where, collecting
    from xlcity.model.reading.tables import read_csv
    from xlcity.recalc.scenarios import run_scenarios
    from xlcity.workbook.reading.addressing import SCENARIO, Addresses, read_scenarios
    from xlcity.workbook.reading.template import template_or_none
    from xlcity.xlsx.cells import read_book
    from xlcity.xlsx.package import Package
    from xlcity.xlsx.process import DEFAULT_TIMEOUT
    from xlcity.xlsx.save import write_output

    start = time.perf_counter()
    package = Package.read(file)
    book = read_book(package)
    rows = read_csv(table)
    addresses = Addresses(book, template_or_none(package, book, file))
    columns = [column for column in rows.header if column not in ("", SCENARIO)]
    problems: list[Problem] = []
    places = {}
    wanted = []
    with collecting(problems):
        places = addresses.inputs(columns, Where(file=table))
    with collecting(problems):
        wanted = addresses.outputs(outputs)
    UsageError.raise_for(problems)
    names, variations = read_scenarios(rows, book, places)
    cells = [output.place for output in wanted]
    done = run_scenarios(package, variations, cells, timeout or DEFAULT_TIMEOUT)
    recalculated = done.recalculated
    labels = [output.label for output in wanted]
    rows_by_name = zip(names, done.rows, strict=True)
    lines = [[name, *row] for name, row in rows_by_name]
    to_file = None if out == "-" else out
    document = {
        "path": file,
        "out": to_file,
        "outputs": labels,
        "base": done.base,
        "scenarios": [{"scenario": name, "values": row} for name, *row in lines],
        "engine": recalculated.engine,
        "unverified": recalculated.unverified,
        "formula_cells": recalculated.formula_cells,
        "recalculated_cells": done.formula_cells,
        "seconds": time.perf_counter() - start,
    }
    results = TextTable([SCENARIO, *labels], lines)
    blocks: Blocks = []
    notes: list[str] = []
    if to_file:
        notes = kept_notes(write_output(Path(to_file), results.csv_file()))
    elif out == "-":
        blocks = [results.csv()]
    else:
        blocks = _first_columns(results)
    notes.append(say("scenarios.done", **{**document, "scenarios": len(names)}))
    if recalculated.doubt:
        notes.append(say("about", name=file, text=told(recalculated.doubt)))
    return Result(document, blocks, notes=notes, code=0 if recalculated.ok else 1)


def _first_columns(results: TextTable) -> Blocks:
    """Yield the first columns of the results, and how many more there are."""
    shown = _SHOWN + 1  # the name of the scenario is one more
    rows = [list(map(_short, row[:shown])) for row in results.rows]
    yield TextTable(results.header[:shown], rows)
    rest = len(results.header) - shown
    if rest > 0:
        yield say("scenarios.more", columns=rest)


def _short(cell: object) -> object:
    """Return a number in four digits, another value as it is."""
    return f"{cell:.4g}" if isinstance(cell, float) else cell
