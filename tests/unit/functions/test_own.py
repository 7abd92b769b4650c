"""Functions of one's own: declared in one file, called like all others, refused with reasons."""

import json
import os

import numpy as np
import pytest

from xlcity.cli import main
from xlcity.errors import CellError, RegistryError
from xlcity.functions.declare import Returns
from xlcity.functions.registry import BUILT_IN, FUNCTIONS
from xlcity.functions.settings import own_files
from xlcity.hosts.calc.basic import basic_text
from xlcity.hosts.cells import call
from xlcity.hosts.dispatch import run_call
from xlcity.hosts.excel.module import module_text
from xlcity.hosts.pages import pages

GOOD = '''
from typing import Literal

import numpy as np

from xlcity import function


@function(
    zh={"": "与中位数之差。", "values": "数据。", "times": "倍数。"}, formula="(x - m) * times"
)
def middle_gap(values, times: float = 1.0, of: Literal["median", "mean"] = "median"):
    """Distance from the middle of each column.

    Parameters
    ----------
    values : array
        Values, a column per indicator.
    times : float
        Factor.
    of : str
        What the middle is.

    Returns
    -------
    array
        Distances.
    """
    middle = np.nanmedian(values, axis=0) if of == "median" else np.nanmean(values, axis=0)
    return (values - middle) * times


@function(returns="column", kinds={"weights": "weights"})
def plain_sum(values, other, weights):
    """Weighted sum of the columns, plus another column.

    Parameters
    ----------
    values
        Values.
    other
        Another column.
    weights
        Weights.
    """
    return values @ weights + other[:, 0]


@function(returns="single")
def always_fails(values, how: int = 0):
    """Fail in one of several ways.

    Parameters
    ----------
    values
        Values.
    how
        Way to fail.
    """
    if how == 0:
        return 1 / 0
    if how == 1:
        raise KeyError("no")
    if how == 2:
        return [1, 2, 3]
    return float("inf")
'''
COLUMN = [[1.0], [4.0], ["NA"], [3.0], ["x"]]


@pytest.fixture
def own(tmp_path, monkeypatch):
    def make(text, name="mine.py"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        monkeypatch.setenv("XLCITY_FUNCTIONS", str(path))
        return path

    return make


def test_it_joins_the_library_and_leaves_again(own, monkeypatch):
    own(GOOD)
    assert list(FUNCTIONS)[len(BUILT_IN) :] == ["MIDDLE_GAP", "PLAIN_SUM", "ALWAYS_FAILS"]
    monkeypatch.setenv("XLCITY_FUNCTIONS", "")
    assert list(FUNCTIONS) == list(BUILT_IN)


def test_what_the_declaration_says(own):
    own(GOOD)
    gap = FUNCTIONS["MIDDLE_GAP"]
    assert gap.syntax == "MIDDLE_GAP(values, [times], [of])"
    assert gap.summary["zh"] == "与中位数之差。"
    assert [a.help.en for a in gap.arguments] == [
        "Values, a column per indicator.",
        "Factor.",
        "What the middle is.",
    ]
    assert gap.arguments[2].choices == ("median", "mean")
    assert FUNCTIONS["PLAIN_SUM"].returns is Returns.COLUMN


@pytest.mark.parametrize("host", ["python", "formulas", "formualizer"])
def test_every_host_calls_it(own, host):
    own(GOOD)
    gap = [[-2.0 * 2], [1.0 * 2], [CellError.NA], [0.0], [CellError.VALUE]]
    assert run_call("MIDDLE_GAP", [COLUMN, [[2.0]]], host) == gap
    sums = [[1 * 2 + 10 * 3 + 5], [2 * 2 + 20 * 3 + 6]]
    given = [[[1.0, 10.0], [2.0, 20.0]], [[5.0], [6.0]], [[2.0, 3.0]]]
    assert run_call("PLAIN_SUM", given, host) == sums


@pytest.mark.parametrize(
    ("how", "error"),
    [(0, CellError.DIV0), (1, CellError.VALUE), (2, CellError.VALUE), (3, CellError.DIV0)],
)
def test_its_failures_are_errors_of_cells(own, how, error):
    own(GOOD)
    assert call("ALWAYS_FAILS", [COLUMN, how]) == [[error]]


def test_options_are_checked_as_those_of_all_functions(own):
    own(GOOD)
    assert call("MIDDLE_GAP", [COLUMN, None, "sideways"]) == [[CellError.VALUE]]
    assert call("ALWAYS_FAILS", [COLUMN, 0.5]) == [[CellError.NUM]]


def test_it_stands_on_every_generated_surface(own, capsys):
    path = own(GOOD)
    assert main(["functions", "--json"]) == 0
    names = [f["name"] for f in json.loads(capsys.readouterr().out)["functions"]]
    assert names[-3:] == ["MIDDLE_GAP", "PLAIN_SUM", "ALWAYS_FAILS"]
    assert "def MIDDLE_GAP(" in module_text()
    assert repr(str(path)) in module_text()
    assert "MIDDLE_GAP" in basic_text()
    made = pages()
    assert "(x - m) * times" in made["MIDDLE_GAP.md"]
    assert "与中位数之差。" in made["MIDDLE_GAP.zh.md"]
    assert "| **4** | 0 |" in made["MIDDLE_GAP.md"]  # 21 is the median of 12, 30 and 21


def test_settings_of_the_folder_and_of_the_user(tmp_path, monkeypatch):
    project, config = tmp_path / "project", tmp_path / "config" / "xlcity"
    for folder, name in ((project, "one.py"), (config, "two.py")):
        folder.mkdir(parents=True)
        (folder / "xlcity.toml").write_text(f'functions = ["{name}"]', encoding="utf-8")
    monkeypatch.delenv("XLCITY_FUNCTIONS", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "config"))
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.chdir(project)
    assert own_files() == (project / "one.py", config / "two.py")
    monkeypatch.setenv("XLCITY_FUNCTIONS", os.pathsep.join(["a.py", "b.py"]))
    assert own_files() == (project / "a.py", project / "b.py")


@pytest.mark.parametrize(
    ("text", "codes", "said"),
    [
        ("def f(:\n", ["XC613"], "line 1"),
        ("x = 1\n\nraise ValueError('boom')\n", ["XC613"], "line 3"),
        ("x = 1\n", ["XC613"], "no function is decorated"),
        (GOOD.replace("middle_gap", "minmax_scale"), ["XC615"], "MINMAX_SCALE belongs to"),
        (GOOD.replace("middle_gap", "ab12"), ["XC614"], "no name"),
        (GOOD.replace("times: float = 1.0", "times: float = True"), ["XC614"], "times is True"),
        (GOOD.replace("    times : float\n        Factor.\n", ""), ["XC614"], "times has no help"),
        (GOOD.replace("Factor.", "F" * 256), ["XC614"], "256 characters"),
        (GOOD.replace('returns="single"', 'returns="cube"'), ["XC614"], "'cube'"),
        (GOOD.replace('"weights": "weights"', '"nope": "block"'), ["XC614"], "'nope'"),
    ],
)
def test_a_bad_file_is_refused_with_its_line_and_the_reason(own, text, codes, said):
    path = own(text)
    with pytest.raises(RegistryError) as caught:
        list(FUNCTIONS)
    assert [problem.code for problem in caught.value.problems] == codes
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_and_bad_settings_are_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XLCITY_FUNCTIONS", str(tmp_path / "gone.py"))
    assert main(["functions", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["errors"][0]["code"] == "XC612"
    monkeypatch.delenv("XLCITY_FUNCTIONS")
    monkeypatch.chdir(tmp_path)
    for text in ("functions = [", "functions = 3", "functions = [3]"):
        (tmp_path / "xlcity.toml").write_text(text, encoding="utf-8")
        with pytest.raises(RegistryError, match=r"xlcity\.toml"):
            own_files()


def test_all_faults_of_all_files_are_told_at_once(tmp_path, monkeypatch):
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("1 / 0\n", encoding="utf-8")
    two.write_text(GOOD.replace("middle_gap", "x"), encoding="utf-8")
    monkeypatch.setenv("XLCITY_FUNCTIONS", os.pathsep.join(map(str, (one, two))))
    with pytest.raises(RegistryError) as caught:
        list(FUNCTIONS)
    assert [problem.code for problem in caught.value.problems] == ["XC613", "XC614"]


def test_cells_still_compute_the_functions_of_the_library_beside_a_bad_file(own):
    own("1 / 0\n")
    assert call("RATING_SCALE", [[[4.0]]]) == [[80.0]]
    assert call("MIDDLE_GAP", [[[4.0]]]) == [[CellError.NAME]]


def test_the_decorated_function_stays_a_plain_function():
    from xlcity import function

    @function()
    def twice_it(values):
        """Double.

        Parameters
        ----------
        values
            Values.
        """
        return values * 2

    assert twice_it(np.array([2.0])).tolist() == [4.0]
