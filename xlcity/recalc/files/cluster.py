"""Sends the tasks of a run to a Dask cluster.

Workers get the bytes of a workbook and return those of the result, so they need no folder in
common with this machine; reading and writing happen here, exactly as without a cluster.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
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
        submitted: dict[Any, _Submitted] = {}
        for index, job in enumerate(jobs):
            begun = _Submitted(index, job, time.perf_counter())
            try:
                require_output(job.target)
                content = Package.read(job.source).to_bytes()
            except XlcityError as error:
                yield begun.fail(error)
                continue
            work = replace(job, parallel=False)
            future = client.submit(_compute_on_worker, work, content, pure=False)
            submitted[future] = begun
        while submitted:
            lost: EngineError | None = None
            try:
                yield from _results_so_far(submitted)
            except TimeoutError:
                lost = _find_worker_error(client, address)
            if lost is not None:
                yield from [begun.fail(lost) for begun in submitted.values()]
                return


def _find_worker_error(client: Any, address: str) -> EngineError | None:
    """Return the error of a cluster that has no worker any more; None if it has one.

    Tasks and results of workers that are gone wait for others, if need be for ever.
    """
    try:
        _require_worker(client, address)
    except EngineError as error:
        return error
    return None


class _Submitted(NamedTuple):
    """A job that the cluster has, its number, and when it began, of `time.perf_counter`."""

    number: int
    job: Job
    start: float

    def fail(self, error: Exception) -> Computed:
        """Return the job as one that failed by an error."""
        seconds = time.perf_counter() - self.start
        outcome = make_failed_outcome(self.job, error, seconds)
        return Computed(self.number, self.start, None, outcome)


def _results_so_far(submitted: dict[Any, _Submitted]) -> Iterator[Computed]:
    """Yield results as they come, and remove the futures from `submitted`.

    Raises
    ------
    TimeoutError
        If none comes for a while.
    """
    import distributed

    completed: Any = distributed.as_completed
    for future in completed(list(submitted), timeout=CONNECT_SECONDS):
        begun = submitted[future]
        try:
            data, outcome = future.result(CONNECT_SECONDS)
        except Exception as error:
            # The result is not there yet; a task may fail by such an error, too.
            if isinstance(error, TimeoutError) and future.status != "error":
                raise
            problem = make_lost_error(begun.job) if _is_lost(error) else error
            data = None
            outcome = make_failed_outcome(begun.job, problem)
        del submitted[future]
        outcome.entry["seconds"] = time.perf_counter() - begun.start
        yield Computed(begun.number, begun.start, data, outcome)


def _compute_on_worker(job: Job, content: bytes) -> tuple[bytes | None, Outcome]:
    """Return a job's new file, None if it failed, and its outcome; runs on a worker.

    `content` is the file to recalculate. The worker keeps its LibreOffice for the next one.
    """
    soffice.open_shared_office()
    return compute_file(job, content)
