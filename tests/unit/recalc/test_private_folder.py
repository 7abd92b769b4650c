"""What a killed run leaves is removed by the next; what a living one uses is not."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing

import pytest

from xlcity.recalc import child_process
from xlcity.recalc.child_process import PrivateFolder
from xlcity.recalc.engines import soffice

pytest.importorskip("fcntl", reason="no locks that end with a process")
HOLD = (
    "from xlcity.recalc.child_process import PrivateFolder; import time; "
    "f = PrivateFolder(); (f.path / 'x').write_text('x'); print(f.path, flush=True); time.sleep(60)"
)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    child_process.remove_abandoned_folders.cache_clear()
    yield tmp_path
    child_process.remove_abandoned_folders.cache_clear()


def folders(place):
    return {str(path) for path in place.glob("xlcity-*")}


def test_a_folder_is_private_and_goes(place):
    with closing(PrivateFolder()) as folder:
        assert folder.path.stat().st_mode & 0o077 == 0
    assert folders(place) == set()


def test_leftovers_of_the_dead_are_removed(place):
    started = [
        subprocess.Popen(
            [sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    try:
        dead, alive = (process.stdout.readline().strip() for process in started)
        started[0].kill()
        started[0].wait()
        with closing(PrivateFolder()) as folder:
            assert folders(place) == {alive, str(folder.path)}
        assert dead != alive
    finally:
        for process in started:
            process.kill()
            process.wait()
            process.stdout.close()


def test_a_program_left_behind_is_ended(place):
    gone = place / "xlcity-gone"
    gone.mkdir()
    (gone / ".lock").touch()
    word = f"-env:UserInstallation={(gone / 'profile').as_uri()}"
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)", word]
    )
    other = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)", word + "x"]
    )
    try:
        time.sleep(0.2)
        with closing(PrivateFolder()):
            assert process.wait(10) == -signal.SIGKILL
            assert other.poll() is None
        assert not gone.exists()
    finally:
        for one in (process, other):
            one.kill()
            one.wait()


@pytest.mark.slow
@pytest.mark.libreoffice
def test_libreoffice_leaves_no_pipe(place, simple):
    before = set(child_process._PIPE_FOLDER.glob("OSL_PIPE_*"))
    names = []
    made = PrivateFolder.__init__

    def noted(self):
        made(self)
        names.append((self.pipe, child_process.office_pipe_suffix(self.profile)))

    PrivateFolder.__init__ = noted
    try:
        with soffice.shared_office():
            soffice.recalculate_in_office(simple().read_bytes(), 120)
            mine = [
                p
                for p in child_process._PIPE_FOLDER.glob("OSL_PIPE_*")
                if _is_of(p, names)
            ]
            assert mine, (
                "the names of the pipes are no longer those that LibreOffice gives"
            )
    finally:
        PrivateFolder.__init__ = made
    left = set(child_process._PIPE_FOLDER.glob("OSL_PIPE_*")) - before
    assert not [path for path in left if _is_of(path, names)]
    assert not list(place.glob("lu*.tmp"))


def _is_of(path, names):
    return any(os.fspath(path).endswith(word) for pair in names for word in pair)
