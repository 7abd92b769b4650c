"""Several files at a time: processes that die, take too long, or are interrupted."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

import openpyxl
import pytest

from xlcity.recalc.files import processes as workers
from xlcity.recalc.files.processes import ProcessPool

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals as on Unix")


def begin() -> None:
    """Prepare nothing."""


def work(job, ask):
    """Do what a job says; it is run in a process."""
    word, path = job
    if word == "die":
        os._exit(9)
    if word == "hang":
        time.sleep(60)
    while word == "compute":
        Path(path).touch()
    ask()
    Path(path).write_text(word)
    return f"{word} done"


def masked(job, ask):
    """Say which signals the process does not feel."""
    return ",".join(sorted(one.name for one in signal.pthread_sigmask(signal.SIG_BLOCK, [])))


def lost(job, is_late):
    return f"{job[0]} {'late' if is_late else 'lost'}"


def test_a_process_that_dies_or_hangs_costs_its_own_job_only(tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "GRACE", 0.0)
    found = {}
    words = ("fine", "die", "hang", "good")
    jobs = [(word, str(tmp_path / word)) for word in words]
    pool = ProcessPool(2, work, begin, lambda job: 1.0 if job[0] == "hang" else 30.0, lost)
    pool.run(jobs, lambda index, outcome: found.update({index: outcome}), deque(range(4)))
    assert [found[k] for k in range(4)] == ["fine done", "die lost", "hang late", "good done"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fine", "good"]


def started(does, jobs):
    """Start a run of two jobs, whose outcomes it prints."""
    program = f"""
from collections import deque
from test_workers import begin, lost, masked, work
from xlcity.recalc.files.processes import ProcessPool
pool = ProcessPool(2, {does}, begin, lambda job: 30.0, lost)
pool.run({jobs}, lambda _, found: print(found), deque(range(2)))
"""
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_no_process_feels_an_interrupt():
    """Not even the first, before which another process of the library is started."""
    assert started("masked", [1, 2]).communicate()[0].split() == ["SIGINT,SIGTERM"] * 2


def test_no_process_outlives_the_run_whatever_it_does(tmp_path):
    files = [tmp_path / "one", tmp_path / "two"]
    run = started("work", [("compute", str(path)) for path in files])
    until = time.monotonic() + 60
    while not all(path.exists() for path in files):
        assert time.monotonic() < until
        time.sleep(0.01)
    run.kill()
    assert run.communicate(timeout=30)[0] == ""  # all who have its stdout are gone


@pytest.mark.parametrize(
    ("jobs", "sent", "says"),
    [
        ("1", signal.SIGINT, b"interrupted"),
        ("2", signal.SIGINT, b"interrupted"),
        ("2", signal.SIGTERM, b"ended by SIGTERM"),
    ],
)
def test_an_interrupt_stops_the_run_and_every_file_written_is_named(tmp_path, jobs, sent, says):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    book = openpyxl.Workbook()
    for row in range(1, 800):
        book.active.cell(row, 1, row)
        book.active.cell(row, 2, f"=A{row}*2")
    book.save(folder / "b00.xlsx")
    for number in range(1, 60):
        shutil.copy(folder / "b00.xlsx", folder / f"b{number:02d}.xlsx")
    command = [sys.executable, "-m", "xlcity", "recalc", str(folder), "--outdir", str(out)]
    command += ["--jobs", jobs, "--json", "--report", str(tmp_path / "report.json")]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    until = time.monotonic() + 60
    while len(list(out.glob("b*.xlsx"))) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    os.killpg(process.pid, sent)  # as a terminal does: all processes of the run
    start = time.monotonic()
    said, errors = process.communicate(timeout=60)
    assert time.monotonic() - start < 20
    assert process.returncode == 128 + sent, errors
    time.sleep(0.3)  # nobody is left who writes
    written = sorted(str(path) for path in out.glob("*"))
    assert 3 <= len(written) < 60, errors
    document = json.loads(said)
    assert document["interrupted"] is True
    assert [entry for entry in document["workbooks"] if not entry["out"]] == [], errors
    assert sorted(entry["out"] for entry in document["workbooks"]) == written
    report = json.loads((tmp_path / "report.json").read_text())
    assert sorted(entry["out"] for entry in report["workbooks"]) == written
    assert report["finished"] is None
    assert says in errors


def test_an_interrupt_waits_for_what_must_not_be_cut():
    seen = []

    def inner():
        with workers.uninterrupted():
            os.kill(os.getpid(), signal.SIGINT)
            seen.append("still here")

    with pytest.raises(KeyboardInterrupt):
        inner()
    assert seen == ["still here"]
