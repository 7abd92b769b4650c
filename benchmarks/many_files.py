"""Many filled copies of templates: throughput with two processes, memory, a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.books import stale_copy
from benchmarks.timing import seconds
from xlcity.recalc.files.cluster import run_on_cluster
from xlcity.recalc.files.jobs import Job, Outcome, run_jobs


def make_copies(sources: Sequence[Path], folder: Path, count: int) -> list[Path]:
    """Return filled copies, of one after the other; those that are there already are kept."""
    found = [(n, sources[n % len(sources)]) for n in range(count)]
    paths = [folder / f"copy{n:04d}-{source.name}" for n, source in found]
    for path, (n, source) in zip(paths, found, strict=True):
        if not path.exists():
            stale_copy(source, path, n)
    return paths


def jobs_for(paths: Sequence[Path], folder: Path) -> list[Job]:
    """Return jobs that use one engine thread each."""
    folder.mkdir(parents=True, exist_ok=True)
    return [Job(path, folder / path.name, parallel=False) for path in paths]


def throughput(paths: Sequence[Path], folder: Path, pairs: int) -> dict[str, Any]:
    """Time one worker process against two, in pairs; the best pair counts."""
    found: list[tuple[float, float]] = []
    for _ in range(pairs):
        one = seconds(lambda: _checked(_with(paths, folder / "one", 1))).wall
        two = seconds(lambda: _checked(_with(paths, folder / "two", 2))).wall
        found.append((one, two))
    one, two = max(found, key=lambda pair: pair[0] / pair[1])
    same = all(
        (folder / "one" / path.name).read_bytes()
        == (folder / "two" / path.name).read_bytes()
        for path in paths
    )
    return {
        "files": len(paths),
        "one": one,
        "two": two,
        "ratio": one / two,
        "same bytes": same,
    }


def _with(paths: Sequence[Path], folder: Path, workers: int) -> list[Outcome]:
    jobs = jobs_for(paths, folder)
    if workers > 1:
        return run_jobs(jobs, workers)
    # One worker is a process of its own too, so that both pay for its start.
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(run_jobs, (jobs, 1))


def _checked(outcomes: Sequence[Outcome]) -> None:
    failed = [outcome.entry["error"] for outcome in outcomes if outcome.entry["error"]]
    if failed:
        raise RuntimeError(failed[0])


def memory(paths: Sequence[Path], folder: Path) -> list[int]:
    """Return the resident memory of one process, in bytes, after each file."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_resident_after_each, (jobs_for(paths, folder / "memory"),))


def _resident_after_each(jobs: list[Job]) -> list[int]:
    found: list[int] = []
    run_jobs(jobs, 1, lambda _outcome: found.append(_resident()))
    return found


def _resident() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def on_a_cluster(paths: Sequence[Path], folder: Path) -> dict[str, Any]:
    """Send the same jobs to a Dask cluster of two processes here, and compare the files."""
    import distributed

    shutil.rmtree(folder / "dask", ignore_errors=True)
    run_jobs(jobs_for(paths, folder / "here"), 1)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        time = seconds(
            lambda: _checked(run_on_cluster(jobs_for(paths, folder / "dask"), address))
        ).wall
    same = all(
        (folder / "here" / path.name).read_bytes()
        == (folder / "dask" / path.name).read_bytes()
        for path in paths
    )
    return {"files": len(paths), "seconds": time, "same bytes": same}
