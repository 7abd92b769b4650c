"""Recalculates files: what is written where, and many at a time.

Files are computed here, in other processes or on a cluster. They are written here alone, one after
the other: so a run that is interrupted knows every file that was written.
"""

from __future__ import annotations

import hashlib
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

from xlcity.errors import (
    EngineError,
    Problem,
    TimeLimitError,
    Where,
    WorkbookError,
    XlcityError,
    problem_of,
)
from xlcity.recalc.child_process import ChildProcess, LostError
from xlcity.recalc.engines.formualizer import is_late_calculation_running
from xlcity.recalc.engines.soffice import open_shared_office, shared_office
from xlcity.recalc.workbook import Recalculated, patch_results, recalculate
from xlcity.xlsx.new_book import calculate_on_load
from xlcity.xlsx.package import Package
from xlcity.xlsx.process import DEFAULT_TIMEOUT, no_collection, time_limit
from xlcity.xlsx.save import require_output, write_output

#: Seconds beyond its time limit after which a process is ended, whatever it does.
GRACE_SECONDS = 30.0
#: Seconds after its last change in which a damaged file may still be being written, and between
#: two attempts to read it.
_SETTLE_SECONDS = 5.0
_RETRY_SECONDS = 0.5
#: Codes of files that end before their end: nothing else is mended by waiting.
_CODES_OF_UNFINISHED = frozenset(("XC402", "XC403"))
#: Codes of files that may not be read or written.
_CODES_OF_PERMISSION = frozenset(("XC420", "XC424", "XC425"))
#: Numerical libraries take one thread in a process beside others.
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)


@dataclass(frozen=True, slots=True)
class Job:
    """One file to recalculate.

    Attributes
    ----------
    source, target
        The input, and where the result goes; the same path overwrites the input.
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


class FailureKind(StrEnum):
    """Why a file was not computed: its content, or what it was computed with."""

    INPUT = "input"
    ENGINE = "engine"
    MEMORY = "memory"
    TIME = "time"
    PERMISSION = "permission"

    @property
    def exit_code(self) -> int:
        """3 for a bad input, 4 for what another run may compute."""
        return 3 if self is FailureKind.INPUT else 4


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


class Computed(NamedTuple):
    """A file that was computed and is not written yet.

    Attributes
    ----------
    number
        The number of its job.
    start
        When the job began, of `time.perf_counter`.
    data
        The new file; None if the job has failed.
    outcome
        The outcome, without backup and seconds.
    """

    number: int
    start: float
    data: bytes | None
    outcome: Outcome


#: Called with each outcome as it comes.
ReportOutcome = Callable[[Outcome], None]


def run_job(job: Job) -> Outcome:
    """Recalculate one file and return what became of it; a failure is an outcome, not raised."""
    return run_jobs([job])[0]


def run_jobs(
    jobs: Sequence[Job], workers: int = 1, report_outcome: ReportOutcome | None = None
) -> list[Outcome]:
    """Recalculate files, several at a time if asked; outcomes come in the order of the jobs.

    Parameters
    ----------
    jobs
        The files.
    workers
        Processes at a time; each engine then uses one thread.
    report_outcome
        Called with each outcome as it comes.

    Raises
    ------
    KeyboardInterrupt
        If the run is interrupted; `report_outcome` knows of every file that was written then.
    """
    return write_and_report(jobs, _compute_all(jobs, workers), report_outcome)


def write_and_report(
    jobs: Sequence[Job],
    computed_files: Generator[Computed],
    report_outcome: ReportOutcome | None,
) -> list[Outcome]:
    """Write files as they come and report each; return the outcomes in the order of the jobs.

    `computed_files` yields them in any order, one for each job, and is closed at the end. An
    interrupt during the writing of a file waits until the file is reported.
    """
    outcomes: dict[int, Outcome] = {}
    tell = report_outcome if report_outcome is not None else _tell_nobody
    with closing(computed_files):
        for index, start, data, outcome in computed_files:
            with _interrupts_delayed():
                outcomes[index] = _write_result(jobs[index], data, outcome, start)
                tell(outcomes[index])
    return [outcomes[index] for index in range(len(jobs))]


def _tell_nobody(outcome: Outcome) -> None:
    """Take an outcome that nobody wants to know."""


@contextmanager
def _interrupts_delayed() -> Iterator[None]:
    """Delay an interrupt until the end of the block; only the main thread gets any."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []
    # Signals without a handler in Python end the process, or are ignored.
    handlers = {
        number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)
    }
    handlers = {
        number: handler for number, handler in handlers.items() if callable(handler)
    }
    for number in handlers:
        signal.signal(number, lambda number, _: received.append(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if received:
        signal.raise_signal(received[0])


# -- computing -----------------------------------------------------------------------------------
def _compute_all(jobs: Sequence[Job], workers: int) -> Generator[Computed]:
    """Yield the jobs' files as they are computed, here or in so many processes (`workers`).

    A calculation here that goes on beyond its time limit leaves the rest to processes.
    """
    waiting = deque(range(len(jobs)))
    if workers <= 1 or len(jobs) == 1:
        yield from _compute_here(jobs, waiting)
    if waiting:
        yield from _compute_in_processes(jobs, waiting, workers)


def _compute_here(jobs: Sequence[Job], waiting: deque[int]) -> Generator[Computed]:
    """Yield the files of `waiting`, numbers of jobs, as they are computed in this process.

    After a calculation that goes on beyond its time limit the rest stays in `waiting`: it would
    share the machine with that.
    """
    with shared_office() if len(jobs) > 1 else nullcontext():
        while waiting and not is_late_calculation_running():
            index = waiting.popleft()
            yield Computed(index, time.perf_counter(), *compute_file(jobs[index]))


def _compute_in_processes(
    jobs: Sequence[Job], waiting: deque[int], count: int
) -> Generator[Computed]:
    """Yield the files of `waiting`, numbers of jobs, as `count` processes compute them.

    The processes end with the generator. One that dies or is late costs its own job only.
    """
    computed_files: SimpleQueue[Computed] = SimpleQueue()
    workers = [_Worker() for _ in range(min(count, len(waiting)))]

    def compute_waiting(worker: _Worker) -> None:
        """Compute files in one process until none waits."""
        while waiting:
            try:
                index = waiting.popleft()
            except IndexError:  # another thread was faster
                return
            start = time.perf_counter()
            answer = worker.compute(jobs[index])
            computed_files.put(Computed(index, start, answer.data, answer.outcome))
        worker.close()

    job_count = len(waiting)
    for worker in workers:
        threading.Thread(target=compute_waiting, args=[worker], daemon=True).start()
    try:
        for _ in range(job_count):
            yield computed_files.get()
    finally:
        waiting.clear()
        for worker in workers:
            worker.close()


class _Answer(NamedTuple):
    """What a process gives for a job.

    Attributes
    ----------
    data
        The new file; None if the job failed.
    outcome
        The outcome.
    is_fit
        Whether the process is fit for another job.
    """

    data: bytes | None
    outcome: Outcome
    is_fit: bool


class _Worker:
    """A process that computes one job after the other, and is replaced when it is lost."""

    def __init__(self) -> None:
        self._process: ChildProcess | None = None

    def compute(self, job: Job) -> _Answer:
        """Compute a job; a failure is an answer, too."""
        start = time.perf_counter()
        try:
            if self._process is None:
                self._process = ChildProcess.for_function(
                    _compute_for_parent, "it", _ONE_THREAD
                )
            answer = _ask_process(self._process, job)
        except Exception as error:
            seconds = time.perf_counter() - start
            outcome = make_failed_outcome(job, error, seconds)
            answer = _Answer(None, outcome, is_fit=False)
        if not answer.is_fit:
            self.close()
            self._process = None
        return answer

    def close(self) -> None:
        """End the process, if there is one."""
        process = self._process  # another thread may replace it
        if process is not None:
            process.close()


def _ask_process(process: ChildProcess, job: Job) -> _Answer:
    """Return a job's new file, its outcome, and whether the process is fit for another job.

    Raises
    ------
    EngineError
        If the process is lost or takes too long.
    """
    try:
        deadline = time.monotonic() + job.timeout + GRACE_SECONDS
        answer = _Answer(*process.ask(job, deadline))
    except LostError as error:
        raise make_lost_error(job) from error
    except TimeLimitError as error:
        raise TimeLimitError.of(
            "XC520.file_too_long", Where(file=str(job.source)), timeout=job.timeout
        ) from error
    return answer


def _compute_for_parent(job: Job) -> tuple[bytes | None, Outcome, bool]:
    """Compute one of many jobs in this child process; see `_ask_process` for what is returned.

    The process is not fit for another job while a calculation that took too long goes on.
    """
    open_shared_office()
    return *compute_file(job), not is_late_calculation_running()


def make_lost_error(job: Job) -> EngineError:
    """Return the error for a process that was lost with a job."""
    return EngineError.of("XC598.died", Where(file=str(job.source)))


@no_collection()  # 0.08 s of 0.87 for image2025
def _compute_new_file(job: Job, content: bytes | None = None) -> tuple[bytes, Outcome]:
    """Return the recalculated file of a job, and its outcome, which lacks backup and seconds.

    `content` is the file to recalculate, sent from another machine; None: it is read here.
    """
    if content is None:
        require_output(job.target)
    with time_limit(job.timeout, str(job.source)):
        name = str(job.source)
        package = (
            _read_settled(job.source)
            if content is None
            else Package.from_bytes(content, name)
        )
        try:
            result = recalculate(
                package,
                job.engine,
                job.timeout,
                verify=job.verify,
                parallel=job.parallel,
                keep=job.keep,
            )
        except EngineError as error:
            raise _with_file(error, name) from error
        new = patch_results(package, result)
        if job.full_calc_on_load:
            new = calculate_on_load(new)
        data = new.to_bytes()
    hashes = {"in_sha256": sha256(package.to_bytes()), "out_sha256": sha256(data)}
    outcome_json = {**_json_of_result(job, result), **hashes}
    return data, Outcome(outcome_json, (), 0 if result.ok else 1, result.notes)


def compute_file(
    job: Job, content: bytes | None = None
) -> tuple[bytes | None, Outcome]:
    """Return the recalculated file of a job, None if the job failed, and its outcome.

    `content` is the file to recalculate, sent from another machine; None: it is read here.
    """
    start = time.perf_counter()
    try:
        return _compute_new_file(job, content)
    except Exception as error:
        return None, make_failed_outcome(job, error, time.perf_counter() - start)


def _with_file(error: EngineError, file: str) -> EngineError:
    """Return the error with the file in each problem that does not name one."""
    problems = [
        problem if problem.where.file else replace(problem, where=Where(file=file))
        for problem in error.problems
    ]
    return type(error)(problems)


# -- writing and reporting -----------------------------------------------------------------------
def _write_result(
    job: Job, data: bytes | None, outcome: Outcome, start: float
) -> Outcome:
    """Write a file where its job says; return its outcome with backup and seconds.

    `data` is None for a job that failed before, whose outcome is returned; one that cannot be
    written fails now. `start` is when the job began, of `time.perf_counter`.
    """
    if data is None:
        return outcome
    try:
        backup_path = write_output(job.target, data, backup=job.backup)
    except Exception as error:
        return make_failed_outcome(job, error, time.perf_counter() - start)
    outcome_json: dict[str, Any] = {
        **outcome.entry,
        "backup": None if backup_path is None else str(backup_path),
        "seconds": time.perf_counter() - start,
    }
    return replace(outcome, entry=outcome_json)


def sha256(data: bytes) -> str:
    """Return the SHA-256 of a file, in hexadecimal: earlier results are recognised by it."""
    return hashlib.sha256(data).hexdigest()


def _json_of_result(job: Job, result: Recalculated | None) -> dict[str, Any]:
    """Return the contract's JSON of a job, without hashes, backup and seconds.

    Without a result it is that of a job that failed, without its error.
    """
    failed: dict[str, Any] = {
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
    if result is None:
        return {**failed, "out": None}
    return failed | {
        "engine": result.engine,
        "engine_version": result.version,
        "udf_by": result.udf_by,
        "formula_cells": result.formula_cells,
        "udf_cells": result.udf_cells,
        "errors": result.errors,
        "unverified": list(result.unverified),
        "able": {
            name: list(engines) for name, engines in result.find_able_engines().items()
        },
        "doubtful": list(result.doubtful),
        "kept": list(result.kept),
        "verified": None if result.verified is None else asdict(result.verified),
        "status": "ok" if result.ok else "unverified",
        "notes": list(result.notes),
    }


def make_failed_outcome(job: Job, error: Exception, seconds: float = 0.0) -> Outcome:
    """Return the outcome of a job that failed with an error, of any class, after some seconds."""
    problems: tuple[Problem, ...] = (problem_of(error, "XC599", str(job.source)),)
    if isinstance(error, XlcityError):
        problems = error.problems
    kind = failure_kind(error, problems)
    text = " ".join(str(problem) for problem in problems)
    described = {"kind": str(kind), "message": text}
    failed = _json_of_result(job, None)
    outcome_json = {**failed, "seconds": seconds, "error": described}
    return Outcome(outcome_json, problems, kind.exit_code)


def failure_kind(error: Exception, problems: Sequence[Problem]) -> FailureKind:
    """Return why a file was not computed."""
    codes = {problem.code for problem in problems}
    if isinstance(error, MemoryError) or "XC408" in codes:
        return FailureKind.MEMORY
    if isinstance(error, TimeLimitError):
        return FailureKind.TIME
    if isinstance(error, FileNotFoundError):
        return FailureKind.INPUT
    if isinstance(error, OSError) or codes & _CODES_OF_PERMISSION:
        return FailureKind.PERMISSION
    if isinstance(error, XlcityError) and error.exit_code < 4:
        return FailureKind.INPUT
    return FailureKind.ENGINE


def total_exit_code(outcomes: Sequence[Outcome]) -> int:
    """Return the exit code of a run: 3 where all that failed had bad inputs, 4 for others."""
    return max((outcome.exit_code for outcome in outcomes), default=0)


def _read_settled(path: Path) -> Package:
    """Return a workbook; one that is being written is tried again before it counts as damaged.

    Raises
    ------
    WorkbookError
        If it is no workbook, and has not changed for a while.
    """
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        try:
            return Package.read(path)
        except WorkbookError as error:
            is_cut = any(p.code in _CODES_OF_UNFINISHED for p in error.problems)
            is_late = time.monotonic() > deadline
            if not is_cut or is_late or not _was_just_written(path):
                raise
        time.sleep(_RETRY_SECONDS)


def _was_just_written(path: Path) -> bool:
    """Tell whether a file has changed in the last seconds.

    Times of files are those of the day's clock; how long is waited does not follow it.
    """
    try:
        age = datetime.now(UTC).timestamp() - path.stat().st_mtime
    except OSError:
        return False
    return 0 <= age < _SETTLE_SECONDS
