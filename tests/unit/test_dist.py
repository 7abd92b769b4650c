"""What `make dist` lays beside the wheel: reproducible, and true of what is installed."""

from __future__ import annotations

import json
import re
import site
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("cyclonedx")
from tests.helpers.batch_double import Cmd
from tools.dist import __main__ as making
from tools.dist.__main__ import (
    PYTHON,
    PYTHON_DIGEST,
    RELEASE,
    needed_on_windows,
    packed,
    pins,
    pins_for_windows,
    sbom,
    starters,
)
from xlcity import __version__
from xlcity.desk.forms import forms
from xlcity.hosts.excel.module import MODULE

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = Path(site.getsitepackages()[0])


def test_files_are_packed_without_their_times(tmp_path):
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).write_text(name)
    paths = [tmp_path / "b.txt", tmp_path / "a.txt"]
    first = packed(paths, tmp_path, tmp_path / "1.zip").read_bytes()
    (tmp_path / "a.txt").touch()
    assert packed(paths[::-1], tmp_path, tmp_path / "2.zip").read_bytes() == first
    with zipfile.ZipFile(tmp_path / "1.zip") as archive:
        assert archive.namelist() == ["a.txt", "b.txt"]


def test_constraints_are_the_pins_of_the_lock():
    lines = pins((ROOT / "requirements.lock").read_text(encoding="utf-8")).splitlines()
    assert any(line.startswith("numpy==") for line in lines)
    assert not any(mark in line for line in lines for mark in ("--hash", "#", "\\"))


def test_the_sbom_names_what_is_installed_with_version_licence_and_needs():
    made = sbom(PACKAGES)
    assert sbom(PACKAGES) == made
    document = json.loads(made)
    assert document["bomFormat"] == "CycloneDX"
    assert document["metadata"]["component"]["name"] == "xlcity"
    parts = {part["name"]: part for part in document["components"]}
    assert parts["formualizer"]["licenses"] == [{"license": {"id": "MIT"}}]
    # Neither has an expression: classifiers alone, and the whole text with classifiers.
    for name in ("jinja2", "scipy"):
        assert parts[name]["licenses"] == [{"license": {"name": "BSD License"}}]
    # The font that the extras bring: its metadata have the whole licence.
    (licence,) = parts["pylopdf-fonts-zh-cn"]["licenses"]
    assert licence["license"]["name"] == "SIL Open Font License 1.1 (OFL-1.1)"
    assert "pip" not in parts
    needs = {one["ref"]: one.get("dependsOn", []) for one in document["dependencies"]}
    (own,) = (needs[ref] for ref in needs if ref.startswith("pkg:pypi/xlcity@"))
    assert any(ref.startswith("pkg:pypi/numpy@") for ref in own)
    # What only extras ask for is not needed.
    assert not any(ref.startswith("pkg:pypi/pytest@") for ref in own)


def test_the_sbom_is_of_what_the_starters_install(monkeypatch, tmp_path):
    ran = []
    monkeypatch.setattr(making, "_run", lambda *words: ran.append([*map(str, words)]))
    monkeypatch.setattr(
        making.venv,
        "create",
        lambda folder, **_: (folder / "site-packages").mkdir(parents=True),
    )
    making.install(tmp_path / "x.whl", tmp_path / "new", tmp_path / "constraints.txt")
    verbs = ["install", "new", "check", "install"]
    assert [next(v for v in verbs if v in words) for words in ran] == verbs
    assert ran[0][-1].startswith("xlcity[fast] @ ")
    assert ran[-1][-1].startswith(f"xlcity[{','.join(making.EXTRAS)}] @ ")


def test_starters_name_the_wheel_and_its_constraints(tmp_path):
    wheel = tmp_path / "xlcity-9-py3-none-any.whl"
    pinned = tmp_path / "xlcity-9-constraints.txt"
    wheel.write_bytes(b"wheel")
    for path in starters(tmp_path, wheel, pinned):
        content = path.read_bytes()
        assert not re.search(rb"@[A-Z]+@", content)
        assert (
            content.count(wheel.name.encode())
            == content.count(pinned.name.encode())
            == 1
        )
        assert (b"\r\n" in content) == (path.suffix == ".bat")
        assert (b"Not tried" in content) == (path.name != "start-on-linux.sh")


#: Where a person with a Chinese name has put the folder of the release, and lives.
RELEASED = r"D:\下载 (1) & more"
HOME = "C:" + r"\Users\张三"
ENVIRONMENT = rf"{HOME}\AppData\Local\xlcity\{__version__}"
INSTALLED = rf'"{ENVIRONMENT}\python.exe"'
OPENED = [
    rf'{INSTALLED} -P -m xlcity desk --shortcut "{HOME}\xlcity"',
    r'reg query "HKCR\Excel.Application\CurVer"',
    rf'findstr /c:xlcity_udfs "{HOME}\.xlwings\xlwings.conf"',
]
PAGE = rf'start "" "{ENVIRONMENT}\pythonw.exe" -P -m xlcity desk "{HOME}\xlcity" '


@pytest.fixture
def windows(tmp_path):
    """A machine with Windows, without Python and Excel, and the starter of a release."""
    wheel = tmp_path / "xlcity-9-py3-none-any.whl"
    pinned = tmp_path / "xlcity-9-constraints.txt"
    wheel.write_bytes(b"wheel")
    starter = starters(tmp_path, wheel, pinned)[-1]
    cmd = Cmd(starter.read_text(encoding="utf-8"), RELEASED, HOME)
    cmd.codes = {"reg": 1, "findstr /c:": 1}
    programs = dict.fromkeys(
        (rf"{ENVIRONMENT}\python.exe", rf"{ENVIRONMENT}\pythonw.exe")
    )
    cmd.effects["tar"] = lambda _: cmd.files.update(programs)
    cmd.effects["curl"] = lambda text: cmd.files.update(
        {re.search('put "(.*?)"', text)[1]: "zip"}
    )
    return cmd


def steps(windows):
    """Return the first words of what was started."""
    return [call.replace(INSTALLED, "python").split(" ")[0] for call in windows.calls]


def test_on_windows_no_python_is_looked_for_and_the_page_is_open_at_the_end(windows):
    assert windows.run() == 0
    archive = rf"{ENVIRONMENT}\{PYTHON}"
    address = f"https://www.python.org/ftp/python/{RELEASE}/{PYTHON}"
    assert windows.calls == [
        f'curl --fail --location --progress-bar --output "{archive}" "{address}"',
        f'certutil -hashfile "{archive}" SHA256 | findstr /i /x "{PYTHON_DIGEST}"',
        f'tar -xf "{archive}" -C "{ENVIRONMENT}"',
        f'{INSTALLED} -c "import site"',
        f'{INSTALLED} "pip-26.1-py3-none-any.whl/pip" install --disable-pip-version-check '
        "--no-warn-script-location --only-binary :all:  --constraint "
        r'"xlcity-9-constraints.txt" ".\xlcity-9-py3-none-any.whl[desk,fast,report]"',
        *OPENED,
        PAGE,
    ]
    # Each step is said, and what is read of installed packages written down; no archive is left.
    assert [line[:5] for line in windows.said[1:]] == ["[1/3]", "[2/3]", "[3/3]"]
    paths = windows.files[rf"{ENVIRONMENT}\python312._pth"]
    assert paths.split() == [
        "python312.zip",
        ".",
        r"Lib\site-packages",
        "import",
        "site",
    ]
    assert archive not in windows.files
    assert windows.files[rf"{HOME}\xlcity"] is None
    # By the second double-click the page is opened, and nothing else is done.
    assert windows.run() == 0
    assert (windows.calls, windows.said) == ([*OPENED, PAGE], [])


def test_on_windows_a_folder_with_python_and_wheels_needs_no_network(windows):
    windows.files |= dict.fromkeys((rf"{RELEASED}\{PYTHON}", rf"{RELEASED}\wheels"))
    windows.codes |= {"curl": 6, "powershell": 1}
    assert windows.run() == 0
    assert steps(windows)[:4] == ["certutil", "tar", "python", "python"]
    assert windows.calls[1] == f'tar -xf "{PYTHON}" -C "{ENVIRONMENT}"'
    assert " --no-index -f wheels " in windows.calls[3]
    assert rf"{RELEASED}\{PYTHON}" in windows.files


def test_on_windows_each_way_out_is_tried_and_what_fails_is_said_in_both_languages(
    windows,
):
    windows.codes |= {"curl": 6, "powershell": 1}
    assert windows.run() == 1
    assert (
        steps(windows) == ["curl", "powershell"] * 2
    )  # with the proxy of Windows, then a mirror
    assert [f"/{RELEASE}/{PYTHON}" in call for call in windows.calls] == [True] * 4
    assert PYTHON in windows.said[-2]
    assert PYTHON in windows.said[-1]
    assert re.search("[一-鿿]", windows.said[-1])
    # The proxy of Windows leads out: the next try goes on, and unpacks as older Windows does.
    windows.codes |= {"powershell": 0, "tar": 9009}
    windows.effects["powershell"] = windows.effects["tar"]
    assert windows.run() == 0
    assert steps(windows)[:5] == ["curl", "powershell", "certutil", "tar", "powershell"]


@pytest.mark.parametrize(
    ("start", "called", "said"),
    [
        ("findstr /i /x", "certutil", "python.org"),
        (f"{INSTALLED} -c", "python", "Windows"),
        (f'{INSTALLED} "pip', "python", "failed"),
        (f'mkdir "{ENVIRONMENT}"', None, "AppData"),
    ],
)
def test_on_windows_a_step_that_fails_ends_with_a_sentence_and_is_done_again(
    windows, start, called, said
):
    windows.codes[start] = 1
    assert windows.run() == 1
    assert [*steps(windows), None][-2 if called else -1] == called
    assert said in windows.said[-2]
    assert re.search("[一-鿿]", windows.said[-1])
    del windows.codes[start]
    assert windows.run() == 0
    assert windows.calls[-1] == PAGE


def test_on_windows_an_older_version_that_is_running_is_not_torn(windows):
    assert windows.run() == 0
    windows.files[rf"{ENVIRONMENT}\made-from"] = "of another wheel"
    windows.codes["rmdir"] = 5
    assert windows.run() == 1
    assert windows.calls == []
    assert "xlcity is running" in windows.said[-2]


def test_on_windows_the_functions_are_offered_where_excel_is_and_has_none(windows):
    del windows.codes["reg"]
    assert windows.run() == 0
    assert windows.calls[-1] == f"{PAGE}--form=udf"
    assert "udf" in forms()
    # Where the settings of xlwings name the functions, they are there.
    del windows.codes["findstr /c:"]
    assert windows.run() == 0
    assert windows.calls[-1] == PAGE
    assert MODULE == "xlcity_udfs"


def test_what_windows_installs_is_all_that_xlcity_needs_there():
    pinned = pins_for_windows((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    names = {block.partition("==")[0] for block in pinned}
    assert names == needed_on_windows()
    assert {
        "pywin32",
        "numpy",
        "xlwings",
        "colorama",
        "matplotlib",
        "starlette",
    } <= names
    assert not names & {"pytest", "appscript", "dask"}
    assert all("--hash=sha256:" in block and " ;" not in block for block in pinned)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of Unix")
def test_the_starter_installs_once_and_opens_the_page(tmp_path):
    wheel = tmp_path / "xlcity-9-py3-none-any.whl"
    pinned = tmp_path / "xlcity-9-constraints.txt"
    wheel.write_bytes(b"wheel")
    starter, *_ = starters(tmp_path, wheel, pinned)
    home = tmp_path / "个人 home"
    log = tmp_path / "log"
    programs = tmp_path / "bin"
    home.mkdir()
    programs.mkdir()
    # Makes an environment that holds itself, and notes what it is asked for.
    python = programs / "python3"
    python.write_text(
        f'#!/bin/sh\necho "$*" >> "{log}"\n'
        'if [ "$2" = venv ]; then mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; fi\n'
    )
    python.chmod(0o755)
    environment = {"HOME": str(home), "PATH": f"{programs}:/usr/bin:/bin"}
    for _ in range(2):
        subprocess.run(
            ["/bin/sh", starter], env=environment, check=True, capture_output=True
        )
    asked = log.read_text().splitlines()
    assert [line.split()[1] for line in asked[1:3]] == ["venv", "pip"]
    assert asked[2].endswith(f"{pinned} {wheel}[desk,fast,report]")
    assert (
        asked[3:]
        == [
            f"-P -m xlcity desk --shortcut {home}/xlcity",
            f"-P -m xlcity desk {home}/xlcity",
        ]
        * 2
    )


@pytest.mark.long
def test_a_release_is_made_twice_alike_and_its_wheel_works_alone(tmp_path):
    made = []
    for name in ("one", "two"):
        command = [sys.executable, "-m", "tools.dist", str(tmp_path / name)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        made.append((tmp_path / name / "SHA256SUMS").read_text(encoding="utf-8"))
    assert made[0] == made[1]
    assert len(made[0].splitlines()) == 10
