"""A run over files, and its record: a JSON that the next run can read."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xlcity import __version__
from xlcity.errors import UsageError, Where
from xlcity.recalc.files.jobs import Job, Outcome, run_jobs, sha256
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
    counts = {
        status: sum(workbook["status"] == status for workbook in workbooks)
        for status in ("ok", "unverified", "failed")
    }
    problems = [
        problem.as_dict() for outcome in outcomes for problem in outcome.problems
    ]
    return {
        "workbooks": workbooks,
        **counts,
        **({"errors": problems} if problems else {}),
    }


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
    outcomes = {}
    for index, job in enumerate(jobs):
        earlier = earlier_entries.get(str(job.source))
        if (
            earlier is not None
            and report.get("options") == options_of_result(job)
            and earlier.get("status") in ("ok", "unverified")
            and earlier.get("out") == str(job.target)
            and _has_hash(job.target, earlier.get("out_sha256"))
            and (
                job.source == job.target
                or _has_hash(job.source, earlier.get("in_sha256"))
            )
        ):
            exit_code = 0 if earlier["status"] == "ok" else 1
            outcomes[index] = Outcome({**earlier, "unchanged": True}, (), exit_code)
    return outcomes


def _has_hash(path: Path, digest: object) -> bool:
    """Return whether a file can be read and has this SHA-256."""
    try:
        return sha256(read_file(path)) == digest
    except OSError:
        return False


def run_recorded(
    jobs: Sequence[Job],
    workers: int,
    scheduler: str | None,
    path: Path | None,
    changed_only: bool,
    finished: list[Outcome],
    progress: Callable[[int, int, float], None],
    monitor: RunMonitor,
) -> list[Outcome]:
    """Run the jobs, or only those not done yet; record and return outcomes in the jobs' order.

    Parameters
    ----------
    workers, scheduler
        Processes at a time, or the address of a Dask cluster.
    path
        The report: of the last run, and then of this one; None writes none.
    changed_only
        Leave out what the last run has done.
    finished
        Grows with every outcome, so that an interrupted run can say what it has done.
    progress
        Is called with the files that are done, how many there are, and the seconds left.
    monitor
        Takes every outcome.
    """
    earlier_report = read_report(path) if path is not None else None
    unchanged = find_unchanged(jobs, earlier_report) if changed_only else {}
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
        if scheduler and remaining:
            from xlcity.recalc.files.cluster import run_on_cluster

            new_outcomes = iter(run_on_cluster(remaining, scheduler, record_outcome))
        else:
            new_outcomes = iter(run_jobs(remaining, workers, record_outcome))
        is_finished = True
    finally:
        # An interrupted run reports what it has done as well.
        report.write(finished=is_finished)
        monitor.finish(finished=is_finished)
    return [
        unchanged[index] if index in unchanged else next(new_outcomes)
        for index in range(len(jobs))
    ]
