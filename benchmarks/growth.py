"""How the time grows with the rows, and what it is spent on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.timing import seconds
from xlcity.recalc.batch import Job, run_job
from xlcity.recalc.formualizer import Calculation, copy_for
from xlcity.recalc.protocol import Task
from xlcity.recalc.udf import find_udf_cells, library_names
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

_LIMIT = 3600.0


def measure(source: Path, target: Path, turns: int) -> dict[str, Any]:
    """Time a file, and apart the engine alone: it works while Python reads."""
    runs = [seconds(lambda: _run(source, target)) for _ in range(turns)]
    took = min(runs, key=lambda run: run.cpu)
    package = Package.read(source)
    book = read_book(package)
    task = Task(package, book, find_udf_cells(book, library_names()), _LIMIT)
    copy = copy_for(task).to_bytes(packed=False)
    alone = [seconds(lambda: Calculation(copy, task).run()) for _ in range(turns)]
    return {"wall": took.wall, "cpu": took.cpu, "engine wall": min(run.wall for run in alone)}


def _run(source: Path, target: Path) -> None:
    outcome = run_job(Job(source, target, "formualizer", timeout=_LIMIT))
    if outcome.entry["error"]:
        raise RuntimeError(outcome.entry["error"])
