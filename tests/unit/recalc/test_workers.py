"""Processes that are asked: they die, take too long, or are interrupted."""

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest

from xlcity.errors import TimeLimitError
from xlcity.recalc.child_process import ChildProcess, LostError
from xlcity.recalc.files.jobs import Job, run_jobs

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals as on Unix")


def work(task):
    """Do what a task says; it is run in a process."""
    word, path = task
    if word == "die":
        os._exit(9)
    if word == "hang":
        time.sleep(60)
    while word == "compute":
        Path(path).touch()
    if word == "fail":
        raise ValueError(path)
    print("what a function prints is no answer")
    return f"{word} done", [
        signal.getsignal(n).name for n in (signal.SIGINT, signal.SIGTERM)
    ]


@pytest.fixture
def process():
    asked = ChildProcess.for_function(work, "the process")
    yield asked
    asked.close()
    assert not asked.is_running


def test_a_process_answers_task_after_task_and_feels_no_interrupt(process):
    answers = [process.ask((word, "")) for word in ("fine", "good")]
    assert answers == [(f"{word} done", ["SIG_IGN"] * 2) for word in ("fine", "good")]
    with pytest.raises(LostError, match="ValueError: some reason"):
        process.ask(("fail", "some reason"))
    assert process.ask(("again", ""))[0] == "again done"


def test_a_process_that_dies_or_hangs_is_lost(process):
    with pytest.raises(LostError, match="the process ended"):
        process.ask(("die", ""))
    late = ChildProcess.for_function(work, "the other")
    with pytest.raises(TimeLimitError, match="the other took longer"):
        late.ask(("hang", ""), time.monotonic() + 0.5)
    late.close()


def test_a_process_that_dies_or_is_late_costs_its_own_job_only(
    simple, tmp_path, monkeypatch
):
    ask = ChildProcess.ask
    asked = []

    def lose_some(self, job, deadline):
        assert self not in asked, "a process that was lost"
        if job.source.stem in ("die", "hang"):
            asked.append(self)
        if job.source.stem == "die":
            raise LostError("it ended")
        if job.source.stem == "hang":
            raise TimeLimitError("it took longer")
        return ask(self, job, deadline)

    monkeypatch.setattr(ChildProcess, "ask", lose_some)
    names = ("fine", "die", "hang", "good")
    jobs = [
        Job(simple(f"{name}.xlsx"), tmp_path / f"{name} new.xlsx") for name in names
    ]
    found = run_jobs(jobs, 2)
    codes = [[problem.code for problem in outcome.problems] for outcome in found]
    assert codes == [[], ["XC598"], ["XC520"], []]
    assert [job.target.exists() for job in jobs] == [True, False, False, True]


def test_a_process_ends_though_only_half_of_a_task_came(process):
    stdin = process._process.stdin
    stdin.write(pickle.dumps(("compute", "x" * 1000))[:500])
    stdin.close()
    assert process._process.wait(30) == 0


def test_no_process_outlives_the_one_that_asks_whatever_it_does(tmp_path):
    file = tmp_path / "one"
    program = f"""
from test_workers import work
from xlcity.recalc.child_process import ChildProcess
ChildProcess.for_function(work, "it").ask(("compute", {str(file)!r}))
"""
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    asking = subprocess.Popen(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": paths}
    )
    until = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < until
        time.sleep(0.01)
    asking.kill()
    asking.wait()
    while time.monotonic() < until:
        file.unlink(missing_ok=True)
        time.sleep(0.2)
        if not file.exists():
            return
    raise AssertionError("it goes on")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("jobs", "sent", "says"),
    [
        ("1", signal.SIGINT, b"interrupted"),
        ("2", signal.SIGINT, b"interrupted"),
        ("2", signal.SIGTERM, b"ended by SIGTERM"),
    ],
)
def test_an_interrupt_stops_the_run_and_every_file_written_is_named(
    tmp_path, jobs, sent, says
):
    folder = tmp_path / "in"
    out = tmp_path / "out"
    folder.mkdir()
    book = openpyxl.Workbook()
    for row in range(1, 800):
        book.active.cell(row, 1, row)
        book.active.cell(row, 2, f"=A{row}*2")
    book.save(folder / "b00.xlsx")
    for number in range(1, 60):
        shutil.copy(folder / "b00.xlsx", folder / f"b{number:02d}.xlsx")
    command = [
        sys.executable,
        "-m",
        "xlcity",
        "recalc",
        str(folder),
        "--outdir",
        str(out),
    ]
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


def test_an_interrupt_waits_until_the_written_file_is_reported(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    book.save(tmp_path / "in.xlsx")
    jobs = [
        Job(tmp_path / "in.xlsx", tmp_path / f"out{number}.xlsx") for number in range(3)
    ]
    reported = []

    def interrupt(outcome):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)  # where it would be cut off
        reported.append(outcome.entry["out"])

    with pytest.raises(KeyboardInterrupt):
        run_jobs(jobs, report_outcome=interrupt)
    assert reported == [str(tmp_path / "out0.xlsx")]
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out0.xlsx"]
