"""How the time grows with the rows, and what it is spent on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from benchmarks.timing import seconds
from xlcity.recalc.batch import Job, run_job
from xlcity.recalc.formualizer import Formualizer


def measure(source: Path, target: Path, turns: int) -> dict[str, Any]:
    """Time a file, the engine's share apart."""
    spent = {"engine": 0.0}
    evaluate = Formualizer.evaluate

    def timed(self: Formualizer, task: Any) -> Any:
        start = time.process_time()
        try:
            return evaluate(self, task)
        finally:
            spent["engine"] = time.process_time() - start

    Formualizer.evaluate = timed  # type: ignore[method-assign]
    try:
        runs = []
        for _ in range(turns):
            took = seconds(lambda: _run(source, target))
            runs.append((took.cpu, took.wall, spent["engine"]))
    finally:
        Formualizer.evaluate = evaluate  # type: ignore[method-assign]
    cpu, wall, engine = min(runs)
    return {"wall": wall, "cpu": cpu, "engine cpu": engine}


def _run(source: Path, target: Path) -> None:
    outcome = run_job(Job(source, target, "formualizer", timeout=3600.0))
    if outcome.entry["error"]:
        raise RuntimeError(outcome.entry["error"])
