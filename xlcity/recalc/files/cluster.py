"""Sends the tasks of a run to a Dask cluster.

Workers get the bytes of a workbook and return those of the result, so they need no folder in
common with this machine; reading and writing happen here, exactly as without a cluster.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple

from xlcity import __version__
from xlcity.errors import EngineError, XlcityError
from xlcity.recalc.engines import soffice
from xlcity.recalc.files.jobs import (
    Computed,
    Job,
    Outcome,
    ReportOutcome,
    compute_file,
    make_failed_outcome,
    make_lost_error,
    write_and_report,
)
from xlcity.xlsx.package import Package
from xlcity.xlsx.save import require_output

#: Seconds to find the scheduler, and a worker behind it.
CONNECT_SECONDS = 15.0
#: Files of a task at most, and the bytes from which on it takes no further one.
_BATCH_FILES = 32
_BATCH_BYTES = 4_000_000
#: Tasks for each thread of the workers that are there at a time: the others are not read yet.
_TASKS_AHEAD = 4
#: What Dask raises where a worker or the scheduler is gone.
_LOST_ERROR_NAMES = (
    "KilledWorker",
    "FutureCancelledError",
    "CancelledError",
    "CommClosedError",
)


def run_on_cluster(
    jobs: Sequence[Job], address: str, report_outcome: ReportOutcome | None = None
) -> list[Outcome]:
    """Recalculate files on a Dask cluster; outcomes come in the order of the jobs.

    Parameters
    ----------
    jobs
        The files; each engine uses one thread.
    address
        The scheduler's address, such as ``tcp://host:8786``.
    report_outcome
        Called with each outcome as it comes.

    Raises
    ------
    EngineError
        If Dask is not installed, the scheduler does not answer, it has no workers, or they have no
        xlcity of this version.
    """
    return write_and_report(jobs, _compute_on_cluster(jobs, address), report_outcome)


@contextmanager
def _cluster_client(address: str) -> Iterator[Any]:
    """Connect to a Dask cluster whose workers have this version.

    Raises
    ------
    EngineError
        If Dask is not installed, the scheduler does not answer or is lost, it has no workers, or
        they have no xlcity of this version.
    """
    try:
        import distributed
    except ImportError as error:
        raise EngineError.of("XC530.no_dask") from error
    connect: Any = distributed.Client
    try:
        client = connect(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise _scheduler_error(address, str(error) or type(error).__name__) from error
    with client, client.as_current():
        _require_same_version(client, address)
        try:
            yield client
        except Exception as error:
            if not _is_lost(error):
                raise
            raise _scheduler_error(
                address, "its workers or their connection were lost"
            ) from error


def _is_lost(error: Exception) -> bool:
    """Return whether a task has no result because its worker or the scheduler is gone."""
    return type(error).__name__ in _LOST_ERROR_NAMES


def _scheduler_error(address: str, why: str) -> EngineError:
    """Return the error for a scheduler that cannot be used, with the reason."""
    return EngineError.of("XC531.scheduler", address=address, why=why)


def _require_same_version(client: Any, address: str) -> None:
    """Refuse a cluster without workers, or with workers that have another version of xlcity."""
    _require_worker(client, address)
    for worker, version in client.run(_installed_version).items():
        if version != __version__:
            software = f"xlcity {version}" if version else "no xlcity"
            why = f"its worker {worker} has {software}, not {__version__}"
            raise _scheduler_error(address, why)


def _require_worker(client: Any, address: str) -> None:
    """Refuse a cluster that has no worker, and gets none for a while."""
    if not client.scheduler_info()["workers"]:
        try:
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except Exception as error:
            raise _scheduler_error(address, "it has no workers") from error


def _installed_version() -> str | None:
    """Return the version of xlcity on the machine that runs this, None without xlcity."""
    try:
        from xlcity import __version__ as version
    except ImportError:
        return None
    return version


def _compute_on_cluster(jobs: Sequence[Job], address: str) -> Generator[Computed]:
    """Yield the results of the jobs' files, which workers of a Dask cluster compute.

    A file that cannot be read, or whose output cannot be written, is yielded at once as failed.
    """
    with _cluster_client(address) as client:
        run = _ClusterRun(client, len(jobs))
        lost: EngineError | None = None
        for number, job in enumerate(jobs):
            begun = _Begun(number, job, time.perf_counter())
            if lost is not None:
                yield begun.fail(lost)
                continue
            try:
                require_output(job.target)
                content = Package.read(job.source).to_bytes()
            except XlcityError as error:
                yield begun.fail(error)
                continue
            run.add(_Loaded(begun, content))
            lost = yield from _take_results(run, address, run.most_tasks)
        run.submit_rest()
        if lost is None:
            yield from _take_results(run, address, 0)


def _take_results(
    run: _ClusterRun, address: str, most_left: int
) -> Generator[Computed, None, EngineError | None]:
    """Yield results until so many tasks are left; return the error of a cluster without workers."""
    while len(run.tasks) > most_left:
        try:
            yield from run.results_so_far(most_left)
        except TimeoutError:
            lost = _find_worker_error(run.client, address)
            if lost is not None:
                yield from [file.begun.fail(lost) for file in run.drop_all()]
                return lost
    return None


def _find_worker_error(client: Any, address: str) -> EngineError | None:
    """Return the error of a cluster that has no worker any more; None if it has one.

    Tasks and results of workers that are gone wait for others, if need be for ever.
    """
    try:
        _require_worker(client, address)
    except EngineError as error:
        return error
    return None


class _Begun(NamedTuple):
    """A job, its number, and when it began, of `time.perf_counter`."""

    number: int
    job: Job
    start: float

    @property
    def work(self) -> Job:
        """The job as a worker has it: one file at a time."""
        return replace(self.job, parallel=False)

    def finish(self, data: bytes | None, outcome: Outcome) -> Computed:
        """Return the job with its new file, and its outcome with the seconds that it took."""
        outcome.entry["seconds"] = time.perf_counter() - self.start
        return Computed(self.number, self.start, data, outcome)

    def fail(self, error: Exception) -> Computed:
        """Return the job as one that failed by an error."""
        seconds = time.perf_counter() - self.start
        outcome = make_failed_outcome(self.job, error, seconds)
        return Computed(self.number, self.start, None, outcome)


class _Loaded(NamedTuple):
    """A job with the bytes of its workbook."""

    begun: _Begun
    content: bytes


class _ClusterRun:
    """The tasks that a cluster has: each is a batch of small files, or one large file.

    Parameters
    ----------
    client
        The connection.
    files
        The number of files in all; no batch is so large that a worker would have none.
    """

    def __init__(self, client: Any, files: int) -> None:
        self.client = client
        workers = client.scheduler_info()["workers"].values()
        threads = max(1, sum(worker["nthreads"] for worker in workers))
        self.most_tasks = _TASKS_AHEAD * threads
        self._most_files = max(1, min(_BATCH_FILES, files // self.most_tasks))
        self._batch: list[_Loaded] = []
        self.tasks: dict[Any, list[_Loaded]] = {}

    def add(self, file: _Loaded) -> None:
        """Add a file to the batch, which is submitted once it is full."""
        self._batch.append(file)
        size = sum(len(loaded.content) for loaded in self._batch)
        if len(self._batch) == self._most_files or size >= _BATCH_BYTES:
            self.submit_rest()

    def submit_rest(self) -> None:
        """Submit the batch as it is."""
        if self._batch:
            self._submit(self._batch)
            self._batch = []

    def _submit(self, files: list[_Loaded]) -> None:
        work = [(file.begun.work, file.content) for file in files]
        future = self.client.submit(_compute_on_worker, work, pure=False)
        self.tasks[future] = files

    def drop_all(self) -> list[_Loaded]:
        """Return all files that have no result, and forget them."""
        files = [*chain.from_iterable(self.tasks.values()), *self._batch]
        self.tasks.clear()
        self._batch = []
        return files

    def results_so_far(self, most_left: int) -> Iterator[Computed]:
        """Yield results as they come, until so many tasks are left.

        Raises
        ------
        TimeoutError
            If none comes for a while.
        """
        import distributed

        completed: Any = distributed.as_completed
        for future in completed(list(self.tasks), timeout=CONNECT_SECONDS):
            yield from self._results_of(future)
            if len(self.tasks) <= most_left:
                return

    def _results_of(self, future: Any) -> Iterator[Computed]:
        """Yield the results of a task; the files of a batch that was lost are tried one by one."""
        try:
            results = future.result(CONNECT_SECONDS)
        except Exception as error:
            # The result is not there yet; a task may fail by such an error, too.
            if isinstance(error, TimeoutError) and future.status != "error":
                raise
            files = self.tasks.pop(future)
            if len(files) > 1:
                for file in files:
                    self._submit([file])
                return
            begun = files[0].begun
            yield begun.fail(make_lost_error(begun.job) if _is_lost(error) else error)
            return
        files = self.tasks.pop(future)
        for file, result in zip(files, results, strict=True):
            yield file.begun.finish(*result)


def _compute_on_worker(
    work: Sequence[tuple[Job, bytes]],
) -> list[tuple[bytes | None, Outcome]]:
    """Return for each job its new file, None if it failed, and its outcome; runs on a worker.

    The bytes are those of the file to recalculate. The worker keeps its LibreOffice for the next
    one.
    """
    soffice.open_shared_office()
    return [compute_file(job, content) for job, content in work]
