"""Recalculates files: what is written where, and many at a time."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from xlcity.errors import EngineError, Problem, UsageError, Where, XlcityError
from xlcity.recalc.workbook import DEFAULT_TIMEOUT, Recalculated, patched, recalculate
from xlcity.xlsx.package import Package
from xlcity.xlsx.save import require_unlocked, save

_SPREADSHEETS = frozenset(".xlsx .xlsm .xltx .xltm .xlsb .xls .et .ods .csv".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Job:
    """One file to recalculate."""

    source: Path
    target: Path
    engine: str = "auto"
    verify: str | None = None
    timeout: float = DEFAULT_TIMEOUT
    backup: bool = True
    parallel: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: an entry of the contract's JSON, and what to say about it.

    Attributes
    ----------
    entry
        The entry.
    problems
        Why it failed.
    exit_code
        0 fine, 1 something is unverified, 3 bad input, 4 the engine failed.
    notes
        What the person should know.
    """

    entry: dict[str, Any]
    problems: tuple[Problem, ...] = ()
    exit_code: int = 0
    notes: tuple[str, ...] = ()


def recalc_file(
    path: str | Path,
    out: str | Path,
    engine: str = "auto",
    verify: str | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    *,
    backup: bool = True,
    parallel: bool = True,
) -> dict[str, Any]:
    """Recalculate a file and return its entry of the contract's JSON.

    Parameters
    ----------
    path
        The workbook.
    out
        Where the result goes; the same path overwrites the input.
    engine, verify, timeout, parallel
        As `recalculate`.
    backup
        Whether an overwritten input is kept beside it (``.bak``).

    Raises
    ------
    XlcityError
        If the file cannot be read, computed or written; nothing is written then.
    """
    job = Job(Path(path), Path(out), engine, verify, timeout, backup, parallel)
    return _run(job)[0]


def plan(
    sources: Sequence[str | Path],
    out: str | Path | None,
    outdir: str | Path | None,
    *,
    in_place: bool,
) -> list[tuple[Path, Path]]:
    """Return (input, output) of each file, after checking that no file is lost.

    Raises
    ------
    UsageError
        If there is not exactly one way to name the outputs, two inputs would write one file, or
        an output is an input and `in_place` was not asked.
    """
    paths = [Path(source) for source in sources]
    if sum((out is not None, outdir is not None, in_place)) != 1:
        raise UsageError(
            "say where the results go.", "One of -o FILE, --outdir FOLDER or --in-place."
        )
    if out is not None and len(paths) > 1:
        raise UsageError("-o names one file, and there are several.", "Use --outdir FOLDER.")
    if in_place:
        targets = paths
    elif out is not None:
        targets = [Path(out)]
    else:
        assert outdir is not None
        targets = [Path(outdir) / path.name for path in paths]
    pairs = list(zip(paths, targets, strict=True))
    problems = [*_same_outputs(pairs), *([] if in_place else _overwritten_inputs(pairs))]
    if out is not None:
        problems += _other_format(*pairs[0])
    if problems:
        raise UsageError(problems)
    return pairs


def _key(path: Path) -> str:
    # Two names that differ in case are one file on Windows and macOS.
    return str(path.resolve()).casefold()


def _same_outputs(pairs: list[tuple[Path, Path]]) -> Iterator[Problem]:
    first: dict[str, Path] = {}
    for source, target in pairs:
        other = first.setdefault(_key(target), source)
        if other is source:
            continue
        if _key(other) == _key(source):
            yield Problem(
                "XC104",
                "the file is named twice.",
                "Name each file once.",
                Where(file=str(source)),
            )
        else:
            yield Problem(
                "XC101",
                f"{other} and {source} would both be written to {target}.",
                "Recalculate them into different folders.",
                Where(file=str(source)),
            )


def _overwritten_inputs(pairs: list[tuple[Path, Path]]) -> Iterator[Problem]:
    inputs = {_key(source) for source, _ in pairs}
    for _, target in pairs:
        if _key(target) in inputs:
            yield Problem(
                "XC102",
                f"the output {target} is an input.",
                "Name another file, or say --in-place.",
                Where(file=str(target)),
            )


def _other_format(source: Path, target: Path) -> Iterator[Problem]:
    old, new = source.suffix.lower(), target.suffix.lower()
    if new != old and new in _SPREADSHEETS and old in _SPREADSHEETS:
        yield Problem(
            "XC103",
            f"recalculating does not convert {old} to {new}.",
            f"Name the output with {old}.",
            Where(file=str(target)),
        )


def run_job(job: Job) -> Outcome:
    """Recalculate one file; a failure is an outcome."""
    start = time.perf_counter()
    try:
        entry, result = _run(job)
    except XlcityError as error:
        return _failure(job, error.problems, error.exit_code, time.perf_counter() - start)
    except Exception as error:
        # Whatever one file sets off must not stop the others.
        problem = Problem(
            "XC599",
            f"it broke down: {type(error).__name__}: {error}.",
            "Please report this with the workbook.",
            Where(file=str(job.source)),
        )
        return _failure(job, (problem,), 4, time.perf_counter() - start)
    return Outcome(entry, (), 0 if result.ok else 1, result.notes)


def run_jobs(
    jobs: Sequence[Job], workers: int = 1, done: Callable[[Outcome], None] | None = None
) -> list[Outcome]:
    """Recalculate files, several at a time if asked; outcomes come in the order of the jobs.

    Parameters
    ----------
    jobs
        The files.
    workers
        Processes at a time; each engine then uses one thread.
    done
        Called with each outcome as it comes.
    """
    if workers <= 1 or len(jobs) <= 1:
        outcomes = []
        for job in jobs:
            outcomes.append(run_job(job))
            if done is not None:
                done(outcomes[-1])
        return outcomes
    found: dict[int, Outcome] = {}
    # spawn: a fork of a process with engine threads can hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context) as pool:
        futures: dict[Future[Outcome], int] = {
            pool.submit(run_job, job): index for index, job in enumerate(jobs)
        }
        for future in as_completed(futures):
            index = futures[future]
            try:
                found[index] = future.result()
            except BrokenProcessPool:
                continue  # a worker died and took the queue with it: see below
            if done is not None:
                done(found[index])
    for index, job in enumerate(jobs):
        if index not in found:
            found[index] = _run_alone(job)
            if done is not None:
                done(found[index])
    return [found[index] for index in range(len(jobs))]


def _run_alone(job: Job) -> Outcome:
    """Run a job in a process of its own, so that the file that kills a process harms no other."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            return pool.submit(run_job, job).result()
        except BrokenProcessPool:
            problem = Problem(
                "XC598",
                "the process that computed it died.",
                "It may need more memory than there is, or another --engine.",
                Where(file=str(job.source)),
            )
            return _failure(job, (problem,), 4, 0.0)


def _run(job: Job) -> tuple[dict[str, Any], Recalculated]:
    start = time.perf_counter()
    require_unlocked(job.target)
    package = Package.read(job.source)
    try:
        result = recalculate(
            package, job.engine, job.timeout, verify=job.verify, parallel=job.parallel
        )
    except EngineError as error:
        raise _located(error, job.source) from error
    new = patched(package, result)
    save(new, package, job.source, job.target, backup=job.backup)
    return _entry(job, result, time.perf_counter() - start), result


def _located(error: EngineError, source: Path) -> EngineError:
    """Return the error with the file in each problem that does not name one."""
    problems = [
        problem
        if problem.where.file
        else Problem(problem.code, problem.message, problem.hint, Where(file=str(source)))
        for problem in error.problems
    ]
    return type(error)(problems)


def _entry(job: Job, result: Recalculated, seconds: float) -> dict[str, Any]:
    return {
        **_blank_entry(job),
        "engine": result.engine,
        "engine_version": result.version,
        "udf_by": result.udf_by,
        "formula_cells": result.formula_cells,
        "udf_cells": result.udf_cells,
        "seconds": seconds,
        "errors": result.errors,
        "unverified": list(result.unverified),
        "verified": None if result.verified is None else asdict(result.verified),
        "status": "ok" if result.ok else "unverified",
        "notes": list(result.notes),
    }


def _blank_entry(job: Job) -> dict[str, Any]:
    return {
        "in": str(job.source),
        "out": str(job.target),
        "engine": None,
        "engine_version": None,
        "udf_by": None,
        "formula_cells": None,
        "udf_cells": None,
        "seconds": None,
        "errors": {},
        "unverified": [],
        "verified": None,
        "status": "failed",
        "error": None,
        "notes": [],
    }


def _failure(job: Job, problems: tuple[Problem, ...], exit_code: int, seconds: float) -> Outcome:
    entry = _blank_entry(job)
    entry["out"] = None
    entry["seconds"] = seconds
    entry["error"] = " ".join(str(problem) for problem in problems)
    return Outcome(entry, problems, exit_code)
