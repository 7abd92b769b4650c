"""Functions of one's own: declared in one file, called like all others, refused with reasons."""

import json
import os
import py_compile
import subprocess
import sys

import numpy as np
import openpyxl
import pytest

from tests.helpers.own import UNITS, write_tables
from tools.site.function_pages import function_pages
from xlcity.cli import main
from xlcity.data_files import user_folder
from xlcity.errors import CellError, RegistryError
from xlcity.functions.declare import Returns
from xlcity.functions.registry import BUILT_IN, FUNCTIONS
from xlcity.functions.settings import (
    add_trusted,
    find_own_files,
    own_files,
    read_named_files,
)
from xlcity.hosts.calc.profile import basic_text
from xlcity.hosts.cells import call
from xlcity.hosts.excel.module import module_text
from xlcity.hosts.sheet_call import run_call

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
    assert list(FUNCTIONS)[len(BUILT_IN) :] == [
        "MIDDLE_GAP",
        "PLAIN_SUM",
        "ALWAYS_FAILS",
    ]
    monkeypatch.setenv("XLCITY_FUNCTIONS", "")
    assert list(FUNCTIONS) == list(BUILT_IN)


def test_what_the_declaration_says(own):
    own(GOOD)
    gap = FUNCTIONS["MIDDLE_GAP"]
    assert gap.syntax == "MIDDLE_GAP(values, [times], [of])"
    assert gap.summary["zh"] == "与中位数之差。"
    assert [a.help["en"] for a in gap.arguments] == [
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
    [
        (0, CellError.DIV0),
        (1, CellError.VALUE),
        (2, CellError.VALUE),
        (3, CellError.DIV0),
    ],
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
    made = function_pages()
    assert "(x - m) * times" in made["MIDDLE_GAP.md"]
    assert "与中位数之差。" in made["MIDDLE_GAP.zh.md"]
    assert "| **4** | 0 |" in made["MIDDLE_GAP.md"]  # 21 is the median of 12, 30 and 21


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Work in a folder whose settings name functions, and have settings of one's own."""
    project = tmp_path / "project"
    config = tmp_path / "config" / "xlcity"
    for folder, name in ((project, "one.py"), (config, "two.py")):
        folder.mkdir(parents=True)
        (folder / "xlcity.toml").write_text(f'functions = ["{name}"]', encoding="utf-8")
    (project / "one.py").write_text(RUNS + GOOD, encoding="utf-8")
    (config / "two.py").write_text(OTHER, encoding="utf-8")
    monkeypatch.delenv("XLCITY_FUNCTIONS", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "config"))
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.chdir(project)
    return project, config


OTHER = GOOD.replace("middle", "own").replace("plain", "own").replace("always", "own")
RUNS = "open('ran.txt', 'a').close()\n"


def test_settings_of_the_user_count_and_those_of_a_folder_need_trust(
    folders, monkeypatch, capsys
):
    project, config = folders
    assert own_files() == (config / "two.py",)
    assert [(r.file, r.why) for r in find_own_files().refused] == [
        (project / "one.py", "it is not trusted")
    ]
    assert main(["trust"]) == 0
    assert own_files() == (project / "one.py", config / "two.py")
    with (project / "one.py").open("a") as file:
        file.write("#\n")
    assert own_files() == (config / "two.py",)
    assert [r.why for r in find_own_files().refused] == [
        "it has changed since it was trusted"
    ]
    assert main(["trust", "one.py"]) == 0
    assert own_files() == (project / "one.py", config / "two.py")
    # The same file in another place is another file.
    (project / "other").mkdir()
    for name in ("one.py", "xlcity.toml"):
        (project / "other" / name).write_bytes((project / name).read_bytes())
    monkeypatch.chdir(project / "other")
    assert own_files() == (config / "two.py",)
    monkeypatch.chdir(project)
    capsys.readouterr()
    assert main(["trust", "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["trusted"]
    assert [entry["file"] for entry in listed] == [str(project / "one.py")]
    assert main(["trust", "--remove"]) == 0
    assert own_files() == (config / "two.py",)
    monkeypatch.setenv("XLCITY_FUNCTIONS", os.pathsep.join(["a.py", "b.py"]))
    assert own_files() == (project / "a.py", project / "b.py")


def test_no_verb_runs_a_strangers_functions_and_each_says_so(folders, capsys):
    project, config = folders
    write_tables(project, units=UNITS[:4])
    main(["new", "--framework", "fw.csv", "--data", "data.csv", "-o", "b.xlsx"])
    capsys.readouterr()
    for words in ("recalc b.xlsx -o c.xlsx", "check b.xlsx", "check b.xlsx --findings"):
        main(words.split())
        said = capsys.readouterr().err
        assert f"Not run: {project / 'one.py'}: it is not trusted." in said, words
        assert f"Functions of your own: {config / 'two.py'}." in said, words
        assert "xlcity trust" in said
    assert not (project / "ran.txt").exists()


def test_the_option_names_a_file_for_one_run(folders, monkeypatch, capsys):
    project, config = folders
    monkeypatch.setenv("XLCITY_FUNCTIONS", "")  # so that it is taken back
    monkeypatch.delenv("XLCITY_FUNCTIONS")
    call = ["call", "MIDDLE_GAP", "--args", "[[[4]]]"]
    assert main(call) == 2
    assert not (project / "ran.txt").exists()
    assert main([*call, "--functions", "one.py"]) == 0
    said = capsys.readouterr().err
    assert f"Functions of your own: {config / 'two.py'}, {project / 'one.py'}." in said


def test_the_option_refuses_what_is_no_file_though_no_function_of_it_is_used(
    folders, capsys
):
    for name in ("absent.py", "."):
        assert (
            main(["call", "MINMAX_SCALE", "--args", "[[[4]]]", "--functions", name])
            == 3
        )
        said = capsys.readouterr().err
        assert f"[XC612] {name}: there is no such file. Check the path." in said
        assert "Functions of your own" not in said


def test_compiled_files_beside_a_trusted_file_are_not_run(folders):
    project, _ = folders
    assert main(["trust"]) == 0
    source = project / "one.py"
    good = source.read_bytes()
    status = source.stat()
    evil = b"raise SystemExit('evil')#".ljust(len(good), b"#")
    source.write_bytes(evil)
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
    py_compile.compile(str(source))
    source.write_bytes(good)
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "MIDDLE_GAP" in FUNCTIONS


def test_a_strangers_settings_stop_nothing(folders, capsys):
    project, config = folders
    for text in (
        "functions = [",
        "functions = 3",
        'functions = ["~nobody/x.py", "/no/x.py"]',
    ):
        (project / "xlcity.toml").write_text(text, encoding="utf-8")
        assert own_files() == (config / "two.py",)
        assert find_own_files().refused
        assert main(["call", "RATING_SCALE", "--args", "[4]"]) == 0
        assert "Not run: " in capsys.readouterr().err


def test_no_process_imports_from_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("multiprocessing", "numpy", "formulas", "pickle", "json"):
        (tmp_path / f"{name}.py").write_text(RUNS, encoding="utf-8")
    books = []
    for name in ("a", "b"):
        book = openpyxl.Workbook()
        book.active["A1"] = "=1+1"
        book.save(tmp_path / f"{name}.xlsx")
        books.append(f"{name}.xlsx")
    with monkeypatch.context() as patch:
        patch.delenv("PYTHONSAFEPATH", raising=False)
        words = [sys.executable, "-P", "-m", "xlcity", "recalc"]
        done = subprocess.run(
            [*words, *books, "--outdir", "out", "--jobs", "2"],
            capture_output=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "ran.txt").exists()


@pytest.mark.parametrize(
    ("text", "codes", "said"),
    [
        ("def f(:\n", ["XC613"], "line 1"),
        ("x = 1\n\nraise ValueError('boom')\n", ["XC613"], "line 3"),
        ("x = 1\n", ["XC613"], "no function is decorated"),
        (
            GOOD.replace("middle_gap", "minmax_scale"),
            ["XC615"],
            "MINMAX_SCALE is used by",
        ),
        (GOOD.replace("middle_gap", "ab12"), ["XC614"], "not a name"),
        (
            GOOD.replace("times: float = 1.0", "times: float = True"),
            ["XC614"],
            "times is True",
        ),
        (
            GOOD.replace("    times : float\n        Factor.\n", ""),
            ["XC614"],
            "times has no help",
        ),
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


def test_a_missing_file_and_bad_settings_are_refused(
    folders, monkeypatch, tmp_path, capsys
):
    _, config = folders
    for text in ("functions = [", "functions = 3", "functions = [3]"):
        (config / "xlcity.toml").write_text(text, encoding="utf-8")
        with pytest.raises(RegistryError, match=r"xlcity\.toml"):
            own_files()
    (config / "trusted.json").write_text("[]", encoding="utf-8")
    with pytest.raises(RegistryError, match=r"trusted\.json"):
        own_files()
    monkeypatch.setenv("XLCITY_FUNCTIONS", str(tmp_path / "gone.py"))
    assert main(["functions", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["errors"][0]["code"] == "XC612"


def test_a_home_of_somebody_else_trusts_no_file_and_stops_nobody(folders, monkeypatch):
    _, config = folders

    def refused(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    for name in ("exists", "is_file", "read_text"):
        monkeypatch.setattr(type(config), name, refused)
    assert own_files() == find_own_files().files == ()


def test_all_faults_of_all_files_are_told_at_once(tmp_path, monkeypatch):
    one = tmp_path / "one.py"
    two = tmp_path / "two.py"
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


def test_files_that_cannot_be_read_are_not_trusted(tmp_path):
    (tmp_path / "good.py").write_text("x = 1\n")
    trusted = add_trusted({"old": "hash"}, [tmp_path / "good.py"])
    assert next(iter(trusted)) == "old"
    assert len(trusted) == 2
    with pytest.raises(RegistryError) as caught:
        add_trusted(trusted, [tmp_path / "gone.py", tmp_path / "good.py", tmp_path])
    told = [(p.code, p.message, p.where.file) for p in caught.value.problems]
    assert told == [
        ("XC612", f"the file cannot be read: {why}.", str(path))
        for path, why in (
            (tmp_path / "gone.py", "No such file or directory"),
            (tmp_path, "Is a directory"),
        )
    ]


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("win32", {"APPDATA": "/data"}, "/data/xlcity"),
        ("win32", {}, "/srv/me/AppData/Roaming/xlcity"),
        ("darwin", {}, "/srv/me/Library/Application Support/xlcity"),
        ("linux", {"XDG_CONFIG_HOME": "/conf"}, "/conf/xlcity"),
        ("linux", {}, "/srv/me/.config/xlcity"),
    ],
)
def test_each_system_has_its_folder_for_settings(
    platform, variables, folder, monkeypatch
):
    for name in ("APPDATA", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/srv/me")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.platform", platform)
    assert user_folder().as_posix() == folder


def test_settings_name_files_beside_them_in_the_home_folder_and_of_unknown_users(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    settings = tmp_path / "xlcity.toml"
    settings.write_text('functions = ["a.py", "~/b.py", "~nobody-of-this-name/c.py"]\n')
    expected = [
        tmp_path / "a.py",
        tmp_path / "home/b.py",
        tmp_path / "~nobody-of-this-name/c.py",
    ]
    assert [*read_named_files(settings)] == expected
