"""Kills the process at random moments: the input is intact, no half file has the final name."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

from xlcity.recalc.files.jobs import Job, run_job

_CODE = "import sys; from xlcity.cli import main; sys.exit(main(sys.argv[1:]))"


def measure(source: Path, folder: Path, times: int, seed: int = 0) -> dict[str, Any]:
    """Kill `xlcity recalc --in-place` many times.

    Half of the kills come within the last part of a run, where the file is written.
    """
    rng = random.Random(seed)
    before = source.read_bytes()
    target = folder / "killed.xlsx"
    whole = folder / "whole.xlsx"
    assert run_job(Job(source, whole)).entry["error"] is None
    after = whole.read_bytes()
    took = _run(before, target, None)[1]
    found: Counter[str] = Counter()
    for n in range(times):
        moment = rng.uniform(0.75, 1.05) if n % 2 else rng.uniform(0, 1)
        code, _ = _run(before, target, moment * took)
        data = target.read_bytes()
        state = "old" if data == before else "new" if data == after else "BROKEN"
        backup = target.with_name(target.name + ".bak")
        if backup.exists() and backup.read_bytes() != before:
            state = "BROKEN BACKUP"
        with zipfile.ZipFile(target) as archive:
            assert archive.testzip() is None
        if state == "old" and code == 0:
            state = "LIE"  # exit code 0 says that it is done
        found[f"{state}, {'ended' if code == 0 else 'killed'}"] += 1
        for rest in folder.glob(".xlcity-*"):
            rest.unlink()
    return {"kills": times, **found}


def _run(data: bytes, target: Path, moment: float | None) -> tuple[int, float]:
    target.write_bytes(data)
    target.with_name(target.name + ".bak").unlink(missing_ok=True)
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", _CODE, "recalc", str(target), "--in-place"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        code = process.wait(moment)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        code = process.wait()
    return code, time.perf_counter() - start
