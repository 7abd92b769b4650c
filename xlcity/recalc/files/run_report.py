"""A run over files, and its record: a JSON that the next run can read."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from xlcity import __version__
from xlcity.errors import UsageError, Where
from xlcity.recalc.files.jobs import (
    Job,
    Outcome,
    ReportOutcome,
    run_jobs,
    sha256,
)
from xlcity.recalc.files.monitor import RunMonitor
from xlcity.xlsx.atomic import write_atomic
from xlcity.xlsx.limits import read_file

SCHEMA = 1
#: Seconds between two writings of a report: often enough that a killed run loses little.
_WRITE_INTERVAL = 2.0
#: What a result depends on besides the input.
_OPTIONS_OF_RESULT = ("engine", "verify", "full_calc_on_load", "keep")


def make_json_document(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return outcomes as JSON: an entry of each workbook, how many have each status, errors."""
    workbooks = [outcome.entry for outcome in outcomes]
    statuses = Counter(workbook["status"] for workbook in workbooks)
    document = {
        "workbooks": workbooks,
        "ok": statuses["ok"],
        "unverified": statuses["unverified"],
        "failed": statuses["failed"],
    }
    problems = chain.from_iterable(outcome.problems for outcome in outcomes)
    errors = [problem.as_dict() for problem in problems]
    if errors:
        document["errors"] = errors
    return document


class RunReport:
    """Writes the report of a run as the outcomes come.

    Parameters
    ----------
    path
        Its file; an earlier report is replaced. Without one nothing is written.
    jobs
        The jobs of the run.
    outcomes
        Grows with every outcome; those of files that are not computed again come first.
    """

    def __init__(
        self, path: Path | None, jobs: Sequence[Job], outcomes: list[Outcome]
    ) -> None:
        self._path = path
        self._outcomes = outcomes
        self._started = _now()
        self._options = options_of_result(jobs[0]) if jobs else {}
        self._written = 0.0

    def write_if_due(self) -> None:
        """Write the report unless it was written a moment ago."""
        if time.monotonic() - self._written >= _WRITE_INTERVAL:
            self.write(finished=False)

    def write(self, *, finished: bool) -> None:
        """Write the report; raises `WorkbookError` if that cannot be done."""
        if self._path is None:
            return
        report = {
            "schema": SCHEMA,
            "version": __version__,
            "started": self._started,
            "finished": _now() if finished else None,
            "options": self._options,
            **make_json_document(self._outcomes),
        }
        text = json.dumps(report, ensure_ascii=False, indent=1)
        # Backslashes for bytes in names of files that no text has.
        write_atomic(self._path, text.encode("utf-8", "backslashreplace"))
        self._written = time.monotonic()


def _now() -> str:
    """Return the time in UTC as ISO 8601, in whole seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def options_of_result(job: Job) -> dict[str, Any]:
    """Return the options of a job that decide its result."""
    return {name: getattr(job, name) for name in _OPTIONS_OF_RESULT}


def read_report(path: Path) -> dict[str, Any] | None:
    """Return an earlier report; ``None`` if there is none.

    Raises
    ------
    UsageError
        If the file is not a report: it would be overwritten.
    """
    try:
        report = json.loads(read_file(path).decode("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        report = None
    if not isinstance(report, dict) or not isinstance(report.get("workbooks"), list):
        raise UsageError.of("XC106.no_report", Where(file=str(path)))
    return report


def find_unchanged(
    jobs: Sequence[Job], report: dict[str, Any] | None
) -> dict[int, Outcome]:
    """Return the jobs, by number, that an earlier run has done, with their outcomes.

    A job is done if its input and its output are the very files of that run, by their hashes, and
    version and options were the same. What failed is done again.
    """
    if report is None or report.get("version") != __version__:
        return {}
    earlier_entries = {workbook.get("in"): workbook for workbook in report["workbooks"]}
    options = report.get("options")
    outcomes = {}
    for index, job in enumerate(jobs):
        earlier = earlier_entries.get(str(job.source))
        if earlier is None or options != options_of_result(job):
            continue
        if _is_done(job, earlier):
            exit_code = 0 if earlier["status"] == "ok" else 1
            outcomes[index] = Outcome({**earlier, "unchanged": True}, (), exit_code)
    return outcomes


def _is_done(job: Job, earlier: dict[str, Any]) -> bool:
    """Return whether a job's files are those of an entry of an earlier report."""
    was_computed = earlier.get("status") in ("ok", "unverified")
    if not was_computed or earlier.get("out") != str(job.target):
        return False
    if not _has_hash(job.target, earlier.get("out_sha256")):
        return False
    return job.source == job.target or _has_hash(job.source, earlier.get("in_sha256"))


def _has_hash(path: Path, digest: object) -> bool:
    """Return whether a file can be read and has this SHA-256."""
    try:
        return sha256(read_file(path)) == digest
    except OSError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How jobs are run.

    Attributes
    ----------
    workers, scheduler
        Processes at a time, or the address of a Dask cluster.
    report_path
        The report: of the last run, and then of this one; None writes none.
    changed_only
        Leave out what the last run has done.
    """

    workers: int = 1
    scheduler: str | None = None
    report_path: Path | None = None
    changed_only: bool = False


def run_recorded(
    jobs: Sequence[Job],
    options: RunOptions,
    finished: list[Outcome],
    progress: Callable[[int, int, float], None],
    monitor: RunMonitor,
) -> list[Outcome]:
    """Run the jobs, or only those not done yet; record and return outcomes in the jobs' order.

    Parameters
    ----------
    jobs, options
        The jobs, and how they are run.
    finished
        Grows with every outcome, so that an interrupted run can say what it has done.
    progress
        Is called with the files that are done, how many there are, and the seconds left.
    monitor
        Takes every outcome.
    """
    path = options.report_path
    earlier_report = read_report(path) if path is not None else None
    unchanged = find_unchanged(jobs, earlier_report) if options.changed_only else {}
    remaining = [job for index, job in enumerate(jobs) if index not in unchanged]
    start = time.monotonic()
    finished += unchanged.values()
    report = RunReport(path, jobs, finished)

    def record_outcome(outcome: Outcome) -> None:
        """Add an outcome to the list and the report, and call `progress`."""
        finished.append(outcome)
        report.write_if_due()
        monitor.add(outcome)
        count = len(finished) - len(unchanged)
        total = len(remaining)
        progress(count, total, (total - count) * (time.monotonic() - start) / count)

    report.write(finished=False)  # fails before the work, not after it
    monitor.start()
    is_finished = False
    try:
        new_outcomes = iter(_run(remaining, options, record_outcome))
        is_finished = True
    finally:
        # An interrupted run reports what it has done as well.
        report.write(finished=is_finished)
        monitor.finish(finished=is_finished)
    return [
        unchanged[index] if index in unchanged else next(new_outcomes)
        for index in range(len(jobs))
    ]


def _run(
    jobs: Sequence[Job], options: RunOptions, report_outcome: ReportOutcome
) -> list[Outcome]:
    """Run jobs in processes or on a cluster; outcomes come in the order of the jobs."""
    if options.scheduler and jobs:
        from xlcity.recalc.files.cluster import run_on_cluster

        return run_on_cluster(jobs, options.scheduler, report_outcome)
    return run_jobs(jobs, options.workers, report_outcome)
