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
from tools.dist.__main__ import packed, pins, sbom, starters
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
    assert "pip" not in parts
    needs = {one["ref"]: one.get("dependsOn", []) for one in document["dependencies"]}
    (own,) = (needs[ref] for ref in needs if ref.startswith("pkg:pypi/xlcity@"))
    assert any(ref.startswith("pkg:pypi/numpy@") for ref in own)
    # What only extras ask for is not needed.
    assert not any(ref.startswith("pkg:pypi/pytest@") for ref in own)


def test_starters_name_the_wheel_and_its_constraints(tmp_path):
    wheel, pinned = tmp_path / "xlcity-9-py3-none-any.whl", tmp_path / "xlcity-9-constraints.txt"
    wheel.write_bytes(b"wheel")
    for path in starters(tmp_path, wheel, pinned):
        content = path.read_bytes()
        assert not re.search(rb"@[A-Z]+@", content)
        assert content.count(wheel.name.encode()) == content.count(pinned.name.encode()) == 1
        assert (b"\r\n" in content) == (path.suffix == ".bat")
        assert (b"Not tried" in content) == (path.name != "start-on-linux.sh")


def test_the_starter_of_windows_offers_the_functions_where_excel_is_and_has_none():
    lines = (ROOT / "tools" / "dist" / "start.bat").read_text(encoding="utf-8").splitlines()
    (none, excel, installed) = [line for line in lines if 'set "FORM=' in line]
    assert none == 'set "FORM="'
    assert excel == (
        r'reg query "HKCR\Excel.Application\CurVer" >nul 2>nul && set "FORM=--form=udf"'
    )
    # Where the settings of xlwings name the functions, they are there.
    assert installed.startswith(r'findstr /c:xlcity_udfs "%USERPROFILE%\.xlwings\xlwings.conf"')
    assert MODULE == "xlcity_udfs"
    assert "udf" in forms()
    assert lines.index(installed) < lines.index(
        next(line for line in lines if line.endswith('desk "%BOOKS%" %FORM%'))
    )


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of Unix")
def test_the_starter_installs_once_and_opens_the_page(tmp_path):
    wheel, pinned = tmp_path / "xlcity-9-py3-none-any.whl", tmp_path / "xlcity-9-constraints.txt"
    wheel.write_bytes(b"wheel")
    starter, *_ = starters(tmp_path, wheel, pinned)
    home, log, programs = tmp_path / "个人 home", tmp_path / "log", tmp_path / "bin"
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
        subprocess.run(["/bin/sh", starter], env=environment, check=True, capture_output=True)
    asked = log.read_text().splitlines()
    assert [line.split()[1] for line in asked[1:3]] == ["venv", "pip"]
    assert asked[2].endswith(f"{pinned} {wheel}[desk,fast,report]")
    assert asked[3:] == [f"-P -m xlcity desk --shortcut {home}/xlcity",
                         f"-P -m xlcity desk {home}/xlcity"] * 2  # fmt: skip


@pytest.mark.long
def test_a_release_is_made_twice_alike_and_its_wheel_works_alone(tmp_path):
    made = []
    for name in ("one", "two"):
        command = [sys.executable, "-m", "tools.dist", str(tmp_path / name)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        made.append((tmp_path / name / "SHA256SUMS").read_text(encoding="utf-8"))
    assert made[0] == made[1]
    assert len(made[0].splitlines()) == 9
