"""One LibreOffice computes many files and is started again when it fails."""

import os
import signal
import time

import pytest

from xlcity.errors import EngineError
from xlcity.recalc.engines import soffice
from xlcity.recalc.engines.protocol import TimeLimitError
from xlcity.recalc.files.jobs import Job, run_jobs
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.skipif(soffice.find_soffice() is None, reason="LibreOffice is not installed"),
]


@pytest.fixture
def warm():
    soffice.keep_process()
    office = soffice._OFFICE[0]
    if not office.available():
        pytest.skip("no Python with uno")
    yield office
    soffice.end_process()
    assert soffice._OFFICE == []


def b1(data):
    return read_book(Package.from_bytes(data)).value("S", 1, 2)


def test_one_process_serves_and_is_replaced(simple, warm):
    data = simple().read_bytes()
    assert b1(soffice.convert(data, 120)) == 42
    first = warm._worker
    start = time.perf_counter()
    assert b1(soffice.convert(data, 120)) == 42
    assert warm._worker is first
    assert time.perf_counter() - start < 10
    os.killpg(first._process.pid, signal.SIGKILL)
    assert b1(soffice.convert(data, 120)) == 42
    assert warm._worker is not first
    assert warm._worker._process.pid != first._process.pid
    with pytest.raises(EngineError):  # a file it cannot load harms no other
        soffice.convert(b"PK no workbook", 60)
    with pytest.raises(TimeLimitError):
        soffice.convert(data, 0.01)
    assert warm._worker is None
    assert b1(soffice.convert(data, 120)) == 42


def test_many_files_end_with_no_process_left(simple, tmp_path):
    jobs = [
        Job(simple(f"{n}.xlsx", C1=f"=A1*{n}"), tmp_path / f"out{n}.xlsx", "libreoffice")
        for n in range(4)
    ]
    outcomes = run_jobs(jobs)
    assert [outcome.entry["error"] for outcome in outcomes] == [None] * 4
    for n, job in enumerate(jobs):
        assert read_book(Package.read(job.target)).value("S", 1, 3) == 2 * n
    assert soffice._OFFICE == []
