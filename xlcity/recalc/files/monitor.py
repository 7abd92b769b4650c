"""What a run tells machines: metrics for Prometheus, and a line of JSON for each event."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xlcity.recalc.files.jobs import FailureKind, Outcome
from xlcity.xlsx.atomic import write_atomic

#: Seconds between two writings of the metrics.
_WRITE_INTERVAL = 2.0
_STATUSES = ("ok", "unverified", "failed")
#: Keys of an outcome that an event has.
_EVENT_KEYS = ("in", "out", "engine", "status", "seconds", "formula_cells", "error")


class RunMonitor:
    """Writes metrics and events of a run as its outcomes come.

    Parameters
    ----------
    metrics
        A file in the text format of Prometheus, which is replaced; None: none.
    events
        A file of JSON lines, to which is added; None: none.
    files
        How many files the run has.
    """

    def __init__(self, metrics: Path | None, events: Path | None, files: int) -> None:
        self._metrics = metrics
        self._events = events
        self._files = files
        self._statuses: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        self._seconds = 0.0
        self._written_at = 0.0

    def start(self) -> None:
        """Tell that the run begins."""
        self._add_event("started", files=self._files)
        self._write_metrics(running=True)

    def add(self, outcome: Outcome) -> None:
        """Tell what became of a file."""
        entry = outcome.entry
        self._statuses[entry["status"]] += 1
        self._seconds += entry["seconds"] or 0.0
        if entry["error"]:
            self._kinds[entry["error"]["kind"]] += 1
        self._add_event("file", **{key: entry[key] for key in _EVENT_KEYS})
        if time.monotonic() - self._written_at > _WRITE_INTERVAL:
            self._write_metrics(running=True)

    def finish(self, *, finished: bool) -> None:
        """Tell that the run has ended, or was interrupted."""
        counts = {status: self._statuses[status] for status in _STATUSES}
        self._add_event("finished" if finished else "interrupted", **counts)
        self._write_metrics(running=False)

    def _add_event(self, event: str, **values: Any) -> None:
        if self._events is None:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "event": event, **values}, ensure_ascii=False)
        with self._events.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _write_metrics(self, *, running: bool) -> None:
        if self._metrics is None:
            return
        self._written_at = time.monotonic()
        write_atomic(self._metrics, self._metrics_text(running=running).encode())

    def _metrics_text(self, *, running: bool) -> str:
        lines = [
            *_head("xlcity_recalc_files", "gauge", "Files of the run."),
            f"xlcity_recalc_files {self._files}",
            *_head("xlcity_recalc_done", "gauge", "Files done, by status."),
        ]
        for status in _STATUSES:
            lines.append(
                f'xlcity_recalc_done{{status="{status}"}} {self._statuses[status]}'
            )
        lines += _head("xlcity_recalc_failed", "gauge", "Files failed, by kind.")
        for kind in FailureKind:
            lines.append(
                f'xlcity_recalc_failed{{kind="{kind}"}} {self._kinds[str(kind)]}'
            )
        lines += _head("xlcity_recalc_seconds", "gauge", "Seconds spent on files.")
        lines.append(f"xlcity_recalc_seconds {self._seconds:.3f}")
        lines += _head("xlcity_recalc_running", "gauge", "1 while the run goes on.")
        lines.append(f"xlcity_recalc_running {int(running)}")
        lines += _head("xlcity_recalc_timestamp_seconds", "gauge", "Time of writing.")
        lines.append(
            f"xlcity_recalc_timestamp_seconds {datetime.now(UTC).timestamp():.3f}"
        )
        return "\n".join(lines) + "\n"


def _head(name: str, kind: str, text: str) -> list[str]:
    return [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
