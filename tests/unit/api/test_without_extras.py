"""A base installation: every public method works, or says which extra to install."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.helpers.without_extras import EXTRAS

ROOT = Path(__file__).resolve().parents[3]
#: Method, and which of its calls in `without_extras.ARGUMENTS` -> code and extra that it names.
REFUSED = {
    "Index.plot 0": ("XC281", "figures"),
    "Index.plot 2": ("XC281", "figures"),
    "Index.report 0": ("XC290", "report"),
    "Index.report 1": ("XC281", "figures"),
    "Index.report 2": ("XC281", "figures"),
    "Index.report 3": ("XC281", "figures"),
    "Index.report 4": ("XC281", "figures"),
    "Index.report 5": ("XC290", "report"),
    "Index.report 6": ("XC290", "report"),
    "Index.report 7": ("XC290", "report"),
    "Workbook.check 1": ("XC500", "formualizer"),
    "Workbook.recalculate 1": ("XC500", "formualizer"),
    "Workbook.report 0": ("XC290", "report"),
    "Assessment.figure 0": ("XC281", "figures"),
    "Assessment.figures 0": ("XC281", "figures"),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("base")
    done = subprocess.run(
        [sys.executable, "-m", "tests.helpers.without_extras", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_every_public_method_works_or_names_what_to_install(found):
    ends = {key: text for key, text in found["calls"].items() if text}
    assert ends.keys() == REFUSED.keys(), ends
    for key, (code, extra) in REFUSED.items():
        assert ends[key].startswith(code), ends[key]
        assert "is not installed" in ends[key]
        assert "pip install" in ends[key]
        assert extra in ends[key]
    owners = {key.partition(".")[0] for key in found["calls"]}
    assert owners == {"Framework", "Data", "Index", "Workbook", "Assessment"}


def test_examples_of_all_functions_run(found):
    attempted, failed = found["examples"]
    assert attempted > 100
    assert failed == 0


def test_all_extras_are_hidden():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"].keys() - {"dev"}
    assert {*EXTRAS.values()} == extras
