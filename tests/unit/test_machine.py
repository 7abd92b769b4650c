"""Tests that need a program of the machine say so by a marker; without it they are skipped."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import machine

ROOT = Path(__file__).resolve().parents[2]
BARE = ROOT / ".ci" / "bare"
#: A skip that a test decides by itself, for a program that has a marker.
OWN_SKIP = re.compile(
    r"skip(?:if)?\((?:[^()]|\([^()]*\))*?"
    r"(?:LibreOffice|soffice|uno\b|Xvfb|Gnumeric|ssconvert|hromium|MISSING|available)"
)


class Item:
    """A test as pytest collects it: its markers."""

    def __init__(self, *markers: str) -> None:
        self.markers = [getattr(pytest.mark, name).mark for name in markers]

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        return next((mark for mark in self.markers if mark.name == name), None)

    def add_marker(self, marker: str | pytest.MarkDecorator) -> None:
        if isinstance(marker, str):
            marker = getattr(pytest.mark, marker)
        self.markers.append(marker.mark)

    def reasons(self) -> list[str]:
        return [mark.kwargs["reason"] for mark in self.markers if mark.name == "skip"]


@pytest.mark.parametrize("marker", machine.OBSTACLES)
def test_a_test_is_skipped_where_its_program_is_absent(marker, monkeypatch):
    monkeypatch.setattr(machine, "obstacle", lambda name: f"no {name}")
    item = Item(marker)
    machine.skip_without_programs(item)
    assert item.get_closest_marker("machine")
    assert item.reasons() == [f"no {marker}"]


def test_a_test_runs_where_its_program_is_there_and_without_a_marker(monkeypatch):
    monkeypatch.setattr(machine, "obstacle", lambda name: "")
    marked = Item("libreoffice", "screen")
    plain = Item("slow")
    for item in (marked, plain):
        machine.skip_without_programs(item)
        assert item.reasons() == []
    assert marked.get_closest_marker("machine")
    assert not plain.get_closest_marker("machine")


def test_no_test_looks_for_a_program_itself():
    """Else CI would not run it after the tests of the bare machine."""
    own = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if path != Path(__file__) and OWN_SKIP.search(path.read_text(encoding="utf-8"))
    ]
    assert own == []
    assert OWN_SKIP.search('skipif(find_soffice() is None, reason="absent")')


def test_an_engine_among_parameters_has_its_marker():
    """`["formualizer", "libreoffice"]` runs LibreOffice without saying so."""
    unmarked = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if any(map(_has_unmarked_engine, _parameters(node))):
                unmarked.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert unmarked == []


def _parameters(node: ast.AST) -> list[ast.List]:
    """Return the lists of values that a call of `parametrize`, or a list of engines, has."""
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "parametrize":
        return [given for given in node.args if isinstance(given, ast.List)]
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
        names = [getattr(target, "id", "") for target in node.targets]
        return [node.value] if "ENGINES" in names else []
    return []


def _has_unmarked_engine(values: ast.List) -> bool:
    """Return whether LibreOffice is among plain names of engines, without a marker."""
    plain = {value.value for value in values.elts if isinstance(value, ast.Constant)}
    return "libreoffice" in plain and bool({"formualizer", "formulas"} & plain)


def test_ci_hides_every_program_that_tests_have_a_marker_for():
    if shutil.which("unshare") is None or subprocess.call([BARE, "true"]):
        pytest.skip("no mount namespace is permitted here")
    there = (
        "from tests.helpers.machine import OBSTACLES, obstacle\n"
        "from matplotlib.font_manager import findSystemFonts\n"
        "print([name for name in OBSTACLES if not obstacle(name)], findSystemFonts())"
    )
    done = subprocess.run(
        [BARE, sys.executable, "-c", there],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[] []"
