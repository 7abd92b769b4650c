"""What `make dist` lays beside the wheel: reproducible, and true of what is installed."""

from __future__ import annotations

import json
import site
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("cyclonedx")
from tools.dist import packed, pins, sbom

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


@pytest.mark.long
def test_a_release_is_made_twice_alike_and_its_wheel_works_alone(tmp_path):
    made = []
    for name in ("one", "two"):
        command = [sys.executable, "-m", "tools.dist", str(tmp_path / name)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        made.append((tmp_path / name / "SHA256SUMS").read_text(encoding="utf-8"))
    assert made[0] == made[1]
    assert len(made[0].splitlines()) == 3
