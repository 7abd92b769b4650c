"""One LibreOffice computes many files and is started again when it fails."""

import time

import pytest

from xlcity.errors import EngineError
from xlcity.recalc.child_process import ChildProcess
from xlcity.recalc.engines import soffice
from xlcity.recalc.engines.protocol import TimeLimitError
from xlcity.recalc.files.jobs import Job, run_jobs
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

pytestmark = pytest.mark.libreoffice


@pytest.fixture
def started(monkeypatch):
    """Return the processes that LibreOffice runs in, as they are started."""
    processes = []

    class Noted(ChildProcess):
        def __init__(self, *given):
            super().__init__(*given)
            processes.append(self)

    monkeypatch.setattr(soffice, "ChildProcess", Noted)
    with soffice.shared_office():
        yield processes
    assert not any(process.is_running for process in processes)


def b1(data):
    return read_book(Package.from_bytes(data)).value("S", 1, 2)


@pytest.mark.slow
@pytest.mark.uno
def test_one_process_serves_and_is_replaced(simple, started):
    data = simple().read_bytes()
    assert b1(soffice.recalculate_in_office(data, 120)) == 42
    start = time.perf_counter()
    assert b1(soffice.recalculate_in_office(data, 120)) == 42
    assert len(started) == 1
    assert time.perf_counter() - start < 10
    started[0].kill()
    assert b1(soffice.recalculate_in_office(data, 120)) == 42
    assert len(started) == 2
    with pytest.raises(EngineError):  # a file it cannot load harms no other
        soffice.recalculate_in_office(b"PK no workbook", 60)
    with pytest.raises(TimeLimitError):
        soffice.recalculate_in_office(data, 0.01)
    assert not started[-1].is_running
    assert b1(soffice.recalculate_in_office(data, 120)) == 42


@pytest.mark.slow
def test_many_files_end_with_no_process_left(simple, tmp_path):
    jobs = [
        Job(
            simple(f"{n}.xlsx", C1=f"=A1*{n}"), tmp_path / f"out{n}.xlsx", "libreoffice"
        )
        for n in range(4)
    ]
    outcomes = run_jobs(jobs)
    assert [outcome.entry["error"] for outcome in outcomes] == [None] * 4
    for n, job in enumerate(jobs):
        assert read_book(Package.read(job.target)).value("S", 1, 3) == 2 * n
