"""Whatever goes wrong, the input is intact and no half-written file has the final name."""

import contextlib
import errno
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.helpers.cli import run_json, wait_until
from xlcity.xlsx.package import Package

#: Where Linux lists processes.
PROCESSES = Path("/proc")
CODE = "import sys; from xlcity.cli import main; sys.exit(main(sys.argv[1:]))"


def start(*words, **options):
    command = [sys.executable, "-c", CODE, *map(str, words)]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
    )


def small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


@pytest.fixture
def book(simple):
    return simple(**{f"C{row}": f"=A1*{row}" for row in range(1, 60)})


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("seed", range(3))
def test_a_process_that_is_killed(book, tmp_path, seed):
    before = book.read_bytes()
    out = tmp_path / "out.xlsx"
    process = start("recalc", book, "-o", out)
    time.sleep(random.Random(seed).uniform(0, 0.8))
    process.kill()
    code = process.wait(30)
    assert code in (0, -signal.SIGKILL)
    assert book.read_bytes() == before
    if code == 0 or out.exists():
        assert Package.read(out).parts  # whole


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
def test_a_disk_that_is_full(book, tmp_path):
    before = book.read_bytes()
    folder = tmp_path / "small"
    folder.mkdir()
    for words in (("-o", folder / "out.xlsx"), ("--in-place",)):
        process = start("recalc", book, *words, preexec_fn=small_files)
        assert process.wait(60) == 4
        assert book.read_bytes() == before
    assert list(folder.iterdir()) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["book.xlsx", "small"]


@pytest.mark.parametrize(
    "number", [errno.EROFS, errno.EACCES, errno.ENOSPC, errno.EDQUOT]
)
def test_a_place_that_cannot_be_written(book, tmp_path, capsys, monkeypatch, number):
    before = book.read_bytes()
    make = tempfile.mkdtemp

    def refuse_beside_book(*args, dir=None, **options):
        if dir == tmp_path:
            raise OSError(number, os.strerror(number))
        return make(*args, dir=dir, **options)

    monkeypatch.setattr("tempfile.mkdtemp", refuse_beside_book)
    code, document = run_json(capsys, "recalc", book, "--in-place")
    assert (code, document["errors"][0]["code"]) == (4, "XC420")
    assert book.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["book.xlsx"]


def test_two_runs_at_once(book, tmp_path):
    before = book.read_bytes()
    twins = [start("recalc", book, "--in-place") for _ in range(2)]
    assert [process.wait(60) for process in twins] == [0, 0]
    alone = tmp_path / "alone.xlsx"
    (tmp_path / "again.xlsx").write_bytes(before)
    assert start("recalc", tmp_path / "again.xlsx", "-o", alone).wait(60) == 0
    assert book.read_bytes() == alone.read_bytes()
    assert (tmp_path / "book.xlsx.bak").read_bytes() == before


def processes_with(word):
    """Return the processes whose command line has a word."""
    found = []
    for path in PROCESSES.glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended
            if os.fsencode(word) in path.read_bytes():
                found.append(path.parent.name)
    return found


@pytest.mark.skipif(not PROCESSES.is_dir(), reason="processes are found in /proc")
def test_a_program_ends_with_the_process_that_asked_for_it(tmp_path):
    word = tmp_path / "asked for"
    asking = (
        "import os, sys; from xlcity.recalc.child_process import run_program;"
        "sleep = 'import sys, time; time.sleep(60)';"
        "run_program([sys.executable, '-c', sleep, sys.stdin.read()], 60, os.environ)"
    )
    process = subprocess.Popen([sys.executable, "-c", asking], stdin=subprocess.PIPE)
    process.stdin.write(os.fsencode(word))
    process.stdin.close()
    assert wait_until(lambda: processes_with(word), 20)
    process.kill()
    process.wait()
    assert wait_until(lambda: not processes_with(word), 5)


@pytest.mark.slow
@pytest.mark.skipif(not PROCESSES.is_dir(), reason="processes are found in /proc")
def test_the_processes_of_assess_end_with_the_one_that_started_them(tmp_path):
    word = tmp_path / "figures"  # in the command line of each of them
    words = ("assess", "image2025", "--n", 1_000_000, "--jobs", 2, "--figures", word)
    process = start(*words)
    assert wait_until(lambda: len(processes_with(word)) == 3, 30)
    process.kill()
    process.wait()
    assert wait_until(lambda: not processes_with(word), 5)


@pytest.mark.slow
@pytest.mark.libreoffice
@pytest.mark.skipif(not PROCESSES.is_dir(), reason="processes are found in /proc")
@pytest.mark.parametrize("count", [1, 2])
def test_libreoffice_ends_with_the_process_that_started_it(book, tmp_path, count):
    books = [tmp_path / f"{number}.xlsx" for number in range(count)]
    for path in books:
        shutil.copy(book, path)
    place = tmp_path / "temporary"
    place.mkdir()
    words = ("recalc", *books, "--outdir", tmp_path / "out", "--engine", "libreoffice")
    process = start(*words, env={**os.environ, "TMPDIR": str(place)})

    assert wait_until(lambda: processes_with(place), 30)
    process.kill()
    process.wait()
    assert wait_until(lambda: not processes_with(place), 10)
