"""How the time grows with the rows, and what it is spent on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.engine import LIMIT, engine_alone
from benchmarks.timing import seconds
from xlcity.recalc.files.jobs import Job, run_job


def measure(source: Path, target: Path, turns: int) -> dict[str, Any]:
    """Time a file, and apart the engine alone: it works while Python reads."""
    runs = [seconds(lambda: _run(source, target)) for _ in range(turns)]
    took = min(runs, key=lambda run: run.cpu)
    work = engine_alone(source)
    alone = [seconds(work) for _ in range(turns)]
    return {"wall": took.wall, "cpu": took.cpu, "engine wall": min(run.wall for run in alone)}


def _run(source: Path, target: Path) -> None:
    outcome = run_job(Job(source, target, "formualizer", timeout=LIMIT))
    if outcome.entry["error"]:
        raise RuntimeError(outcome.entry["error"])
