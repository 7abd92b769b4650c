"""Types that a user's checker sees: of the gallery, and of what goes in and comes out."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import function_stubs

ROOT = Path(__file__).resolve().parents[3]
GALLERY = sorted((ROOT / "docs" / "tutorials" / "gallery").glob("*.py"))
USE = """
from typing import Any, assert_type

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import xlcity as xc

frame = pd.DataFrame({"A": [1.0, 2.0], "B": [2.0, 1.0]}, index=[3, 4])
assert_type(xc.functions.zscore_winsor(frame), pd.DataFrame)
assert_type(xc.functions.zscore_winsor(frame["A"]), "pd.Series[Any]")
assert_type(xc.functions.zscore_winsor([1.0, 2.0]), NDArray[Any])
assert_type(xc.functions.weighted_index(frame, {"A": 1, "B": 3}), "pd.Series[Any]")
tree = pd.DataFrame({"code": ["X", "A", "B"], "parent": ["", "X", "X"]})
groups: dict[int, str] = {3: "n", 4: "s"}
weights: dict[str, int] = {"A": 1, "B": 2}


def scaled(values: "pd.Series[float]", top: float = 1.0) -> "pd.Series[float]":
    return values / values.max() * top


index = xc.Index(tree, frame, groups=groups, weights=weights, normalise=(scaled, {"top": 2}))
index = xc.Index(tree, frame, groups=pd.Series(groups), weights=pd.Series(weights))
index = xc.Index(tree, frame, normalise={"A": scaled, "B": "rank"}, missing=-9)
assert_type(index.scores, pd.DataFrame)
assert_type(index.contributions(), pd.DataFrame)
assert_type(index.contributions(3), "pd.Series[float]")
assert_type(index.trace(3).score, float)
assert_type(index["X"], "pd.Series[float]")
assert_type(index.editions(), pd.DataFrame)
assert_type(len(index), int)
assert_type(index.assess(n=4, vary="weights=noise:25%").units, pd.DataFrame)
print(np.asarray(index.scores))
"""


def test_the_stubs_are_up_to_date():
    assert function_stubs.TARGET.read_text(encoding="utf-8") == function_stubs.stubs()


@pytest.fixture
def scripts(tmp_path):
    """Return a folder with the gallery and what is to hold of types, away from our settings."""
    for script in GALLERY:
        (tmp_path / script.name).write_bytes(script.read_bytes())
    (tmp_path / "typed_use.py").write_text(USE, encoding="utf-8")
    return tmp_path


def check(command, folder):
    environment = {**os.environ, "MYPYPATH": str(ROOT)}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_mypy_is_content(scripts):
    names = [script.name for script in sorted(scripts.glob("*.py"))]
    options = ["--strict", "--config-file", "", "--follow-imports=silent"]
    check([sys.executable, "-m", "mypy", *options, *names], scripts)


@pytest.mark.slow
def test_pyright_is_content(scripts):
    if importlib.util.find_spec("pyright") is None:
        pytest.skip("pyright is not installed")
    settings = {"extraPaths": [str(ROOT)], "pythonVersion": "3.11"}
    (scripts / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    run = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable]
    check(run, scripts)
