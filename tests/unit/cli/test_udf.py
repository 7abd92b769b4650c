"""The verb udf, on this machine and in profiles of its own."""

import contextlib
import hashlib
import platform
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.helpers.cli import run, run_json
from xlcity.extension import install as extension
from xlcity.hosts.calc import manage, profile
from xlcity.hosts.excel.lite import lite_text
from xlcity.hosts.state import Availability
from xlcity.recalc.engines import soffice

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the stand-in is a shell script"
)


#: Its first start makes a profile; a script there adds or removes an extension.
OFFICE = """
import pathlib, shutil, sys, zipfile
place = next(word for word in sys.argv if word.startswith("-env:UserInstallation=file://"))
user = pathlib.Path(place.partition("file://")[2]) / "user"
user.mkdir(parents=True, exist_ok=True)
(user / "registrymodifications.xcu").touch()
cache = user / "uno_packages" / "cache"
if "xlcity_setup.py$install" in sys.argv[-1]:
    zipfile.ZipFile(user / "xlcity.oxt").extractall(cache / "uno_packages/lu1.tmp_/xlcity.oxt")
    (cache / "uno_packages.pmap").write_text("Pmp1\\norg.xlcity.buttons\\nlu1.tmp\\n")
elif "xlcity_setup.py$remove" in sys.argv[-1]:
    (cache / "uno_packages.pmap").write_text("Pmp1\\n")
"""


@pytest.fixture
def office(monkeypatch, tmp_path):
    """A LibreOffice with Python scripting, and a profile of the test's own."""
    program = tmp_path / "program" / "soffice"
    program.parent.mkdir()
    # By a shell: no first line may name a Python in a folder with a space.
    start = f"#!/bin/sh\n'''exec' '{sys.executable}' \"$0\" \"$@\"\n' '''\n"
    program.write_text(start + OFFICE)
    program.chmod(0o755)
    (program.parent / "pythonscript.py").touch()
    monkeypatch.setenv("XLCITY_SOFFICE", str(program))
    monkeypatch.setenv("XLCITY_LIBREOFFICE_PROFILE", str(tmp_path / "profile"))
    return program


@contextlib.contextmanager
def opened(folder):
    """LibreOffice as its profile shows it while it is open: a lock, and a pipe that answers.

    After it the lock is left, as after a crash.
    """
    (folder / ".lock").write_text(
        f"[Lockdata]\nHost={platform.node()}\nIPCServer=true\n"
    )
    digest = hashlib.md5(folder.as_uri().encode("utf-16-le")).digest()
    number = "".join(f"{byte:x}" for byte in digest)
    pipe = Path("/tmp") / f"OSL_PIPE_0_SingleOfficeIPC_{number}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(pipe))
        server.listen()
        try:
            yield
        finally:
            pipe.unlink()


def states(document):
    for entry in document["hosts"]:
        assert set(entry) == {"host", "state", "detail", "remedy", "steps"}
        assert entry["detail"]
    return {entry["host"]: entry["state"] for entry in document["hosts"]}


def test_install_status_remove(capsys, office, tmp_path):
    words = ("--host", "libreoffice")
    code, document = run_json(capsys, "udf", "status", *words)
    assert (code, states(document)) == (
        0,
        {"libreoffice": "absent", "buttons": "absent"},
    )
    assert document["hosts"][0]["remedy"] == "xlcity udf install --host libreoffice"
    code, document = run_json(capsys, "udf", "install", *words)
    assert (code, states(document)) == (
        0,
        {"libreoffice": "installed", "buttons": "installed"},
    )
    assert document["hosts"][0]["detail"] == str(tmp_path / "profile" / "user")
    assert (tmp_path / "profile" / "user" / "registrymodifications.xcu").exists()
    code, out, _ = run(capsys, "udf", "status", "--host", "calc")
    assert (code, out.split()[:2]) == (0, ["libreoffice", "installed"])
    code, document = run_json(capsys, "udf", "remove", *words)
    assert (code, states(document)) == (
        0,
        {"libreoffice": "absent", "buttons": "absent"},
    )
    left = [path for path in (tmp_path / "profile").rglob("*") if "xlcity" in path.name]
    assert left == []


def test_the_functions_of_another_version_are_outdated(
    capsys, office, tmp_path, monkeypatch
):
    run_json(capsys, "udf", "install", "--host", "libreoffice")
    module = tmp_path / "profile" / "user" / "basic" / "Standard" / "xlcity.xba"
    module.write_text(module.read_text().replace("RATING_SCALE", "RATING_SCALE_OLD"))
    _, document = run_json(capsys, "udf", "status", "--host", "libreoffice")
    assert states(document) == {"libreoffice": "outdated", "buttons": "installed"}
    run_json(capsys, "udf", "install", "--host", "libreoffice")
    (found,) = (tmp_path / "profile").rglob("xlcity_panel.py")
    found.write_text("# older")
    _, document = run_json(capsys, "udf", "status", "--host", "libreoffice")
    assert states(document) == {"libreoffice": "installed", "buttons": "outdated"}


def test_what_is_in_the_way_is_told_with_its_remedy(capsys, office, monkeypatch):
    (office.parent / "pythonscript.py").unlink()
    code, document = run_json(capsys, "udf", "install", "--host", "libreoffice")
    assert (code, states(document)) == (4, {"libreoffice": "unavailable"})
    assert "libreoffice-script-provider-python" in document["hosts"][0]["remedy"]
    (office.parent / "pythonscript.py").touch()
    monkeypatch.setattr(
        profile,
        "HELPER_COMMAND",
        [sys.executable, "-c", "raise SystemExit('no numpy')"],
    )
    profile.install_bridge(profile.user_folders()[0])
    (state,) = manage.profile_states(str(office))
    assert "no numpy" in state.detail
    monkeypatch.setenv("XLCITY_SOFFICE", str(office) + "-none")
    _, document = run_json(capsys, "udf", "status", "--host", "libreoffice")
    assert "apt install libreoffice-calc" in document["hosts"][0]["remedy"]


def test_a_sandbox_that_cannot_start_python_is_told(monkeypatch, tmp_path):
    monkeypatch.delenv("XLCITY_LIBREOFFICE_PROFILE", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(profile.Path, "home", lambda: tmp_path)
    user = tmp_path / ".var/app/org.libreoffice.LibreOffice/config/libreoffice/4/user"
    user.mkdir(parents=True)
    (state,) = manage.install_in_profiles("soffice")
    assert "Flatpak" in state.detail
    assert list(user.iterdir()) == []


def test_an_open_libreoffice_sees_it_after_a_restart(office, tmp_path):
    manage.install_in_profiles(str(office))
    with opened(tmp_path / "profile"):
        (state,) = manage.profile_states(str(office))
        assert "start it again" in state.remedy
        # It would be ended with what the person has open.
        (state,) = extension.profile_states("install")
    assert state.state is Availability.ABSENT
    assert "Close all windows" in state.remedy


def test_what_is_in_use_is_removed_wholly_or_not_at_all(capsys, office, tmp_path):
    """Also after a crash, which leaves the lock of the profile."""
    words = ("--host", "libreoffice")
    run_json(capsys, "udf", "install", *words)
    with opened(tmp_path / "profile"):
        code, document = run_json(capsys, "udf", "remove", *words)
    assert (code, states(document)) == (
        4,
        {"libreoffice": "installed", "buttons": "installed"},
    )
    assert all("Close all windows" in entry["remedy"] for entry in document["hosts"])
    # The profile of a home that several computers share.
    lock = tmp_path / "profile" / ".lock"
    crashed = lock.read_text()
    lock.write_text(crashed.replace(platform.node(), "another"))
    assert run_json(capsys, "udf", "remove", *words)[0] == 4
    lock.write_text(crashed)
    code, document = run_json(capsys, "udf", "remove", *words)
    assert (code, states(document)) == (
        0,
        {"libreoffice": "absent", "buttons": "absent"},
    )


def test_a_removal_that_fails_is_no_success(capsys, office):
    run_json(capsys, "udf", "install", "--host", "libreoffice")
    office.write_text("#!/bin/sh\nexit 3\n")
    code, document = run_json(capsys, "udf", "remove", "--host", "libreoffice")
    assert (code, states(document)["buttons"]) == (4, "installed")


@pytest.mark.libreoffice
def test_libreoffice_is_open_until_it_is_killed(tmp_path):
    user = tmp_path / "profile" / "user"
    words = ["--headless", "--norestore", "--accept=pipe,name=unused;urp"]
    words.append(f"-env:UserInstallation={user.parent.as_uri()}")
    program = Path(soffice.find_soffice()).resolve().with_name("soffice.bin")
    # While LibreOffice makes its profile it opens for a moment, then ends to be started again.
    for _ in range(5):
        if not subprocess.run(
            [program, *words, "--terminate_after_init"], timeout=60
        ).returncode:
            break
    assert not manage.is_office_open(user)
    office = subprocess.Popen([program, *words])
    for _ in range(300):
        if manage.is_office_open(user):
            break
        time.sleep(0.1)
    assert manage.is_office_open(user)
    office.kill()
    office.wait()
    assert (user.parent / ".lock").exists()
    assert not manage.is_office_open(user)


def test_all_hosts_are_told_and_excel_needs_windows(capsys, office):
    code, document = run_json(capsys, "udf", "status")
    expected = {"xlwings": "unavailable", "libreoffice": "absent", "buttons": "absent"}
    assert (code, states(document)) == (0, expected)
    code, document = run_json(capsys, "udf", "install", "--host", "excel")
    assert (code, states(document)) == (4, {"xlwings": "unavailable"})
    assert "Windows" in document["hosts"][0]["detail"]
    assert "lite" in document["hosts"][0]["remedy"]


def test_export_writes_the_file_and_says_where_it_belongs(capsys, tmp_path):
    target = tmp_path / "main.py"
    code, document = run_json(capsys, "udf", "export", "--host", "lite", "-o", target)
    assert (code, states(document)) == (0, {"lite": "written"})
    assert "xlwings Lite" in document["hosts"][0]["remedy"]
    assert target.read_text(encoding="utf-8") == lite_text()
    assert document["hosts"][0]["detail"] == str(target)
    # What a person has there is kept.
    target.write_text("mine")
    _, document = run_json(capsys, "udf", "export", "--host", "lite", "-o", target)
    assert "main.py.bak" in document["hosts"][0]["detail"]
    assert (tmp_path / "main.py.bak").read_text() == "mine"
    assert target.read_text(encoding="utf-8") == lite_text()


@pytest.mark.parametrize(
    "words",
    [
        ("install", "--host", "abacus"),
        ("status", "-o", "x"),
        ("export", "--host", "lite"),
        ("export", "-o", "x"),
        ("polish",),
    ],
)
def test_a_wrong_command_writes_nothing(capsys, office, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, document = run_json(capsys, "udf", *words)
    assert code == 2
    assert document["errors"][0]["hint"]
    assert not (tmp_path / "profile").exists()
    assert not (tmp_path / "x").exists()


def test_the_program_that_is_found_is_libreoffices(office):
    assert soffice.find_soffice() == str(office)
