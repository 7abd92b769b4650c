"""Recalculates files: what is written where, and many at a time."""

from __future__ import annotations

import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

from xlcity.errors import EngineError, Problem, TimeLimitError, Where, XlcityError, problem_of
from xlcity.recalc.engines import soffice
from xlcity.recalc.engines.formualizer import has_abandoned_calculation
from xlcity.recalc.files.processes import ProcessPool, sort_jobs, uninterrupted
from xlcity.recalc.workbook import Recalculated, patch_results, recalculate
from xlcity.xlsx.cells import BookReader, ReadBook
from xlcity.xlsx.editing.splice import CutSheet
from xlcity.xlsx.new_book import calculate_on_load
from xlcity.xlsx.package import Package
from xlcity.xlsx.process import DEFAULT_TIMEOUT, no_collection, time_limit
from xlcity.xlsx.save import require_output, save_workbook


@dataclass(frozen=True, slots=True)
class Job:
    """One file to recalculate.

    Attributes
    ----------
    source, target
        The input, and where the result goes.
    engine, verify, timeout, parallel
        As `recalculate`.
    backup
        Whether a file that is replaced is kept beside it (``.bak``).
    full_calc_on_load
        Whether a spreadsheet program is asked to calculate everything when it opens the result.
    keep
        Whether cells that no engine can compute keep the value stored.
    """

    source: Path
    target: Path
    engine: str = "auto"
    verify: str | None = None
    timeout: float = DEFAULT_TIMEOUT
    backup: bool = True
    parallel: bool = True
    full_calc_on_load: bool = False
    keep: bool = True


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


#: Called with each outcome as it comes.
Done = Callable[[Outcome], None]


def recalc_file(
    path: str | Path,
    out: str | Path,
    engine: str = "auto",
    verify: str | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    *,
    backup: bool = True,
    parallel: bool = True,
    keep: bool = True,
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
    keep
        Whether cells that no engine can compute keep the value stored.

    Raises
    ------
    XlcityError
        If the file cannot be read, computed or written; nothing is written then.
    """
    job = Job(Path(path), Path(out), engine, verify, timeout, backup, parallel, keep=keep)
    return _run_or_raise(job).entry


def run_job(job: Job, permit: Callable[[], None] | None = None) -> Outcome:
    """Recalculate one file; a failure is an outcome. `permit` is called before it is written."""
    start = time.perf_counter()
    try:
        return _run_or_raise(job, permit)
    except Exception as error:
        return make_failed_outcome(job, error, time.perf_counter() - start)


def run_jobs(jobs: Sequence[Job], workers: int = 1, done: Done | None = None) -> list[Outcome]:
    """Recalculate files, several at a time if asked; outcomes come in the order of the jobs.

    Parameters
    ----------
    jobs
        The files.
    workers
        Processes at a time; each engine then uses one thread.
    done
        Called with each outcome as it comes.

    Raises
    ------
    KeyboardInterrupt
        If the run is interrupted; `done` knows of every file that was written then.
    """
    outcomes: dict[int, Outcome] = {}

    def report_outcome(index: int, outcome: Outcome) -> None:
        outcomes[index] = outcome
        if done is not None:
            done(outcome)

    waiting = sort_jobs([job.source for job in jobs])
    if workers <= 1 or len(jobs) <= 1:
        _run_one_by_one(jobs, waiting, report_outcome)
    if waiting:
        count = min(workers, len(waiting))
        pool = ProcessPool(count, run_job, begin_worker, attrgetter("timeout"), _lost_outcome)
        pool.run(jobs, report_outcome, waiting)
    return [outcomes[index] for index in range(len(jobs))]


def _run_one_by_one(
    jobs: Sequence[Job], waiting: deque[int], report_outcome: Callable[[int, Outcome], None]
) -> None:
    """Run the waiting jobs, by their numbers, in this process.

    After a calculation that goes on beyond its time limit the rest stays in `waiting`: it would
    share the machine with that.
    """
    if len(jobs) > 1:
        soffice.keep_process()
    try:
        while waiting and not has_abandoned_calculation():
            index = waiting.popleft()
            with ExitStack() as stack:
                # From the writing on, an interrupt waits until the file is reported.
                outcome = run_job(jobs[index], lambda: stack.enter_context(uninterrupted()))
                report_outcome(index, outcome)
    finally:
        soffice.end_process()
        LAST_BOOK.forget()


def _lost_outcome(job: Job, is_late: bool) -> Outcome:
    """Return the outcome of a job whose process was ended, or died."""
    if not is_late:
        return make_failed_outcome(job, make_lost_error(job))
    message, hint = (
        f"this took more than {job.timeout:g} seconds.",
        "Give more time with --timeout.",
    )
    return make_failed_outcome(job, TimeLimitError(message, hint, file=str(job.source)))


def begin_worker() -> None:
    """Prepare a process for many files: one thread, one LibreOffice.

    The numerical libraries, not loaded yet, read the number of threads from the environment.
    """
    soffice.keep_process()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def make_lost_error(job: Job) -> EngineError:
    """Return the error for a process that was lost with a job."""
    return EngineError(
        "the process that computed it died.",
        "It may need more memory than there is, or another --engine.",
        "XC598",
        file=str(job.source),
    )


@no_collection()  # 0.08 s of 0.87 for image2025
def _run_or_raise(job: Job, permit: Callable[[], None] | None = None) -> Outcome:
    """Recalculate one file; `permit` is called before it is written."""
    start = time.perf_counter()
    require_output(job.target)
    with time_limit(job.timeout, str(job.source)):
        package = LAST_BOOK.unpack(job.source)
        new, outcome = compute_job(job, package)
    if permit is not None:
        permit()
    return write_result(job, package, new, outcome, start)


def compute_job(job: Job, package: Package) -> tuple[Package, Outcome]:
    """Recalculate a workbook in memory; nothing is written.

    Returns
    -------
    tuple
        The new workbook, and an outcome without hashes, backup and seconds.
    """
    try:
        result = recalculate(
            package,
            job.engine,
            job.timeout,
            verify=job.verify,
            parallel=job.parallel,
            book=LAST_BOOK.read(package),
            keep=job.keep,
        )
    except EngineError as error:
        raise _with_file(error, job.source) from error
    new = patch_results(package, result, LAST_BOOK.cuts)
    if job.full_calc_on_load:
        new = calculate_on_load(new)
    return new, Outcome(_entry(job, result), (), 0 if result.ok else 1, result.notes)


def write_result(
    job: Job, package: Package, new: Package, outcome: Outcome, start: float
) -> Outcome:
    """Write a result where its job says, and return its outcome with hashes, backup and seconds.

    Parameters
    ----------
    job
        The job.
    package, new
        The workbook before and after.
    outcome
        From `compute_job`.
    start
        When the job began, of `time.perf_counter`.
    """
    data, backup_path = save_workbook(new, package, job.source, job.target, backup=job.backup)
    entry = {
        **outcome.entry,
        "in_sha256": sha256(package.to_bytes()),
        "out_sha256": sha256(data),
        "backup": None if backup_path is None else str(backup_path),
        "seconds": time.perf_counter() - start,
    }
    return Outcome(entry, outcome.problems, outcome.exit_code, outcome.notes)


def sha256(data: bytes) -> str:
    """Return the SHA-256 of a file, in hexadecimal: earlier results are recognised by it."""
    return hashlib.sha256(data).hexdigest()


def _with_file(error: EngineError, source: Path) -> EngineError:
    """Return the error with the file in each problem that does not name one."""
    problems = [
        problem
        if problem.where.file
        else Problem(problem.code, problem.message, problem.hint, Where(file=str(source)))
        for problem in error.problems
    ]
    return type(error)(problems)


def _entry(job: Job, result: Recalculated) -> dict[str, Any]:
    """Return the contract's JSON of a job that succeeded, without hashes, backup and seconds."""
    return {
        **_blank_entry(job),
        "engine": result.engine,
        "engine_version": result.version,
        "udf_by": result.udf_by,
        "formula_cells": result.formula_cells,
        "udf_cells": result.udf_cells,
        "errors": result.errors,
        "unverified": list(result.unverified),
        "able": {name: list(engines) for name, engines in result.able.items()},
        "doubtful": list(result.doubtful),
        "kept": list(result.kept),
        "verified": None if result.verified is None else asdict(result.verified),
        "status": "ok" if result.ok else "unverified",
        "notes": list(result.notes),
    }


def _blank_entry(job: Job) -> dict[str, Any]:
    """Return the contract's JSON of a job that failed, without its error."""
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
        "able": {},
        "doubtful": [],
        "kept": [],
        "verified": None,
        "status": "failed",
        "error": None,
        "notes": [],
        "in_sha256": None,
        "out_sha256": None,
        "backup": None,
    }


def make_failed_outcome(job: Job, error: Exception, seconds: float = 0.0) -> Outcome:
    """Return the outcome of a job that failed with an error, of any class, after some seconds."""
    problems: tuple[Problem, ...] = (problem_of(error, "XC599", str(job.source)),)
    exit_code = 4
    if isinstance(error, XlcityError):
        problems, exit_code = error.problems, error.exit_code
    entry = _blank_entry(job)
    entry["out"] = None
    entry["seconds"] = seconds
    entry["error"] = " ".join(str(problem) for problem in problems)
    return Outcome(entry, tuple(problems), exit_code)


# -- the workbook that was read last: a copy has most of it in common ---------------------------
#: Bytes, unpacked, of the largest workbook that is kept in memory.
_MOST_BYTES = 1 << 26


class LastBook:
    """Reads workbooks; from the second on, only what differs from the one before.

    Attributes
    ----------
    cuts
        Part -> a sheet into which results were written, cut for writing others; None if the last
        workbook was too large to be kept.
    """

    def __init__(self) -> None:
        self._reader: BookReader | None = None
        self.cuts: dict[str, CutSheet] | None = None

    def forget(self) -> None:
        """Drop the workbook read last."""
        self._reader = self.cuts = None

    def unpack(self, path: Path) -> Package:
        """Return the parts of a file; raises as `Package.read`."""
        return Package.read(path)

    def read(self, package: Package) -> ReadBook:
        """Return the cells of a workbook; raises as `read_book`."""
        reader = BookReader(package, self._reader)
        book = reader.book()
        parts = package.parts
        is_small = sum(map(len, parts.values())) <= _MOST_BYTES
        previous_cuts = self.cuts or {}
        cuts = {part: cut for part, cut in previous_cuts.items() if parts.get(part) == cut.data}
        self._reader, self.cuts = (reader, cuts) if is_small else (None, None)
        return book


#: The last workbook of this process.
LAST_BOOK = LastBook()
