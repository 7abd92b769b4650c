"""The script of docs/tutorials, which needs only the API page: it runs, and its types hold."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import xlcity as xc

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "docs" / "tutorials" / "notebook.py"


def test_the_script_does_what_the_page_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    found = runpy.run_path(str(SCRIPT))
    said = capsys.readouterr().out
    assert found["index"].to_frame()["rank"].tolist() == [1, 2, 3]
    assert "jobs = no score  <- no value" in said
    assert found["verdict"]
    assert "Turin CITY 1 -> " in said
    assert (
        xc.Workbook.open(tmp_path / "notebook" / "city-2.xlsx").inputs.loc[
            "Turin", "jobs"
        ]
        == 50
    )


def test_the_script_is_short_and_uses_only_what_the_page_names():
    text = SCRIPT.read_text(encoding="utf-8")
    lines = [
        line for line in text.splitlines()[1:] if line and not line.startswith("#")
    ]
    assert len(lines) <= 25
    page = (ROOT / "docs" / "reference" / "python.md").read_text(encoding="utf-8")
    known = set(re.findall(r"\w+", page))
    used = {
        node.attr
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute)
    }
    outside = {"mkdir", "write_text", "DataFrame", "ranks", "node"}
    outside |= {
        "rank_before",
        "rank_after",
    }  # of a move, which the page describes as such
    assert used - known - outside == set()


@pytest.mark.slow
def test_what_the_package_requires_it_imports():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    required = {
        re.split(r"[^\w-]", line)[0].lower() for line in project["dependencies"]
    }
    imported = set()
    for path in (ROOT / "xlcity").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
    assert required - imported == set()
    assert "python_calamine" not in imported


@pytest.mark.long
def test_the_script_is_typed_against_the_installed_wheel(tmp_path):
    run = [sys.executable, "-m"]
    build = [
        *run,
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(tmp_path),
        str(ROOT),
    ]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    install = [
        *run,
        "pip",
        "install",
        "--no-deps",
        "--no-index",
        "--target",
        str(site),
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    assert (site / "xlcity" / "py.typed").is_file()
    script = tmp_path / "notebook.py"
    script.write_text(SCRIPT.read_text(encoding="utf-8"), encoding="utf-8")
    # Everything below the API is typed by its own run; here it is what a user's mypy sees.
    check = [*run, "mypy", "--strict", "--verbose", "--config-file", "", str(script)]
    environment = {"MYPYPATH": "", "PYTHONPATH": str(site), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        check,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Success" in done.stdout
    assert str(site / "xlcity" / "api" / "index.py") in done.stderr, (
        "the wheel is what was read"
    )
