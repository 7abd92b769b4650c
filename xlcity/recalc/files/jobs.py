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
from xlcity.recalc.engines.formualizer import left_running
from xlcity.recalc.files.processes import ProcessPool, job_order, uninterrupted
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
    return _run(job).entry


def run_job(job: Job, permit: Callable[[], None] | None = None) -> Outcome:
    """Recalculate one file; a failure is an outcome. `permit` is called before it is written."""
    start = time.perf_counter()
    try:
        return _run(job, permit)
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

    def tell(index: int, outcome: Outcome) -> None:
        outcomes[index] = outcome
        if done is not None:
            done(outcome)

    waiting = job_order([job.source for job in jobs])
    if workers <= 1 or len(jobs) <= 1:
        _one_by_one(jobs, waiting, tell)
    if waiting:
        count = min(workers, len(waiting))
        pool = ProcessPool(count, run_job, begin_worker, attrgetter("timeout"), _lost)
        pool.run(jobs, tell, waiting)
    return [outcomes[index] for index in range(len(jobs))]


def _one_by_one(
    jobs: Sequence[Job], waiting: deque[int], tell: Callable[[int, Outcome], None]
) -> None:
    """Do jobs in this process, as long as it is fit for them; the others go on waiting."""
    if len(jobs) > 1:
        soffice.keep_process()
    try:
        # After a calculation that goes on, the next job would have to share the machine with it.
        while waiting and not left_running():
            index = waiting.popleft()
            with ExitStack() as stack:
                # From the writing on, an interrupt waits until the file is reported.
                outcome = run_job(jobs[index], lambda: stack.enter_context(uninterrupted()))
                tell(index, outcome)
    finally:
        soffice.end_process()
        LAST_BOOK.forget()


def _lost(job: Job, is_late: bool) -> Outcome:
    return make_failed_outcome(job, _too_long(job) if is_late else make_lost_error(job))


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


def _too_long(job: Job) -> EngineError:
    return TimeLimitError(
        f"this took more than {job.timeout:g} seconds.",
        "Give more time with --timeout.",
        file=str(job.source),
    )


@no_collection()  # 0.08 s of 0.87 for image2025
def _run(job: Job, permit: Callable[[], None] | None = None) -> Outcome:
    start = time.perf_counter()
    require_output(job.target)
    with time_limit(job.timeout, str(job.source)):
        package = LAST_BOOK.unpack(job.source)
        new, outcome = compute(job, package)
    if permit is not None:
        permit()
    return write_result(job, package, new, outcome, start)


def compute(job: Job, package: Package) -> tuple[Package, Outcome]:
    """Recalculate a workbook in memory; nothing is written.

    Returns
    -------
    tuple
        The new workbook, and an outcome that does not know of files yet.
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
        raise _located(error, job.source) from error
    new = patch_results(package, result, LAST_BOOK.cuts)
    if job.full_calc_on_load:
        new = calculate_on_load(new)
    return new, Outcome(_entry(job, result), (), 0 if result.ok else 1, result.notes)


def write_result(
    job: Job, package: Package, new: Package, outcome: Outcome, start: float
) -> Outcome:
    """Write a result where its job says, and complete its outcome."""
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
    """Return the hash by which a file of an earlier run is recognised."""
    return hashlib.sha256(data).hexdigest()


def _located(error: EngineError, source: Path) -> EngineError:
    """Return the error with the file in each problem that does not name one."""
    problems = [
        problem
        if problem.where.file
        else Problem(problem.code, problem.message, problem.hint, Where(file=str(source)))
        for problem in error.problems
    ]
    return type(error)(problems)


def _entry(job: Job, result: Recalculated) -> dict[str, Any]:
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
    """Return the outcome of a job that failed."""
    # Whatever one file sets off must not stop the others.
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
#: Bytes, unpacked, of a workbook that is kept at most.
_MOST_BYTES = 1 << 26


class LastBook:
    """Reads workbooks; from the second on, of each what differs from the one before.

    Attributes
    ----------
    cuts
        Sheets into which results were written, if it keeps them.
    """

    def __init__(self) -> None:
        self._reader: BookReader | None = None
        self.cuts: dict[str, CutSheet] | None = None

    def forget(self) -> None:
        """Let go of it."""
        self._reader = self.cuts = None

    def unpack(self, path: Path) -> Package:
        """Return the parts of a file; raises as `Package.read`."""
        return Package.read(path, None if self._reader is None else self._reader.package)

    def read(self, package: Package) -> ReadBook:
        """Return the cells of a workbook; raises as `read_book`."""
        reader = BookReader(package, self._reader)
        book = reader.book()
        parts = package.parts
        keeps = sum(map(len, parts.values())) <= _MOST_BYTES
        previous_cuts = self.cuts or {}
        cuts = {part: cut for part, cut in previous_cuts.items() if parts.get(part) == cut.data}
        self._reader, self.cuts = (reader, cuts) if keeps else (None, None)
        return book


#: That of this process.
LAST_BOOK = LastBook()
