import io
import json
import sys

import pytest

from xlcity.cli import main
from xlcity.hosts.sheet_call import IN_PROCESS
from xlcity.recalc import office_calls


def run(capsys, *words):
    code = main(list(words))
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("host", IN_PROCESS)
@pytest.mark.parametrize(
    ("name", "args", "result"),
    [
        (
            "RATING_SCALE",
            [[[4], ["NA"], [None], ["x"]], 5, None, 0],
            [[80], [0], ["#N/A"], ["#VALUE!"]],
        ),
        ("RATING_SCALE", [4], [[80]]),
        ("RANK_COMPETITION", [[3, 1, 2]], [[1], [3], [2]]),
        ("RANK_COMPETITION", [[["#DIV/0!"], [1]]], [["#DIV/0!"]]),
        ("EFFICACY_SCALE", [[[1], [2]], 40, 2, 1], [[100], [60]]),
        ("EFFICACY_SCALE", [[[1], [2]], 40, 1, 1], [["#NUM!"]]),
        ("MINMAX_SCALE", [[[1], [2]], [[0, 0, 0]]], [["#VALUE!"]]),
        ("ZSCORE_WINSOR", [[[5], [5]]], [["#DIV/0!"], ["#DIV/0!"]]),
        ("WEIGHTED_INDEX", [[[1, 3]], [1, 1]], [[2]]),
        ("WEIGHTED_INDEX", [[[1, 3]]], [["#VALUE!"]]),
        ("weighted_index", [[[""]], 1], [["#N/A"]]),
    ],
)
def test_every_host_answers_alike_and_errors_are_results(
    capsys, host, name, args, result
):
    words = ("call", name, "--args", json.dumps(args), "--host", host, "--json")
    code, out, err = run(capsys, *words)
    assert (code, err) == (0, "")
    document = {"schema": 1, "name": name.upper(), "host": host, "result": result}
    assert json.loads(out) == document


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("ZSCORE_WINSER", "--args", "[]"), "ZSCORE_WINSOR"),
        (("ZSCORE_WINSOR", "--args", "[1,"), "Example"),
        (("ZSCORE_WINSOR", "--args", "1"), "brackets"),
        (("ZSCORE_WINSOR", "--args", "[NaN]"), "Example"),
        (("ZSCORE_WINSOR", "--args", '[[{"a":1}]]'), "Example"),
        (("ZSCORE_WINSOR", "--args", "[1]", "--host", "abacus"), "libreoffice"),
        (("ZSCORE_WINSOR",), "xlcity call --help"),
    ],
)
def test_a_wrong_command_says_what_to_do(capsys, words, hint):
    code, out, _ = run(capsys, "call", *words, "--json")
    (error,) = json.loads(out)["errors"]
    assert code == 2
    assert error["code"] == "XC100"
    assert hint in error["hint"]


def test_without_json_the_result_is_a_table(capsys):
    code, out, _ = run(
        capsys, "call", "MINMAX_SCALE", "--args", '[[[1,"NA"],[3,5],[2,6]]]'
    )
    assert code == 0
    assert [line.split() for line in out.splitlines()] == [
        ["0", "#N/A"],
        ["100", "0"],
        ["50", "100"],
    ]
    assert len({len(line) for line in out.splitlines()}) == 1


def test_arguments_may_come_from_standard_input(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("[[1, 2]]"))
    code, out, _ = run(capsys, "call", "RANK_UNIFORM", "--args", "-", "--json")
    assert (code, json.loads(out)["result"]) == (0, [[50], [100]])


@pytest.mark.libreoffice
def test_what_libreoffice_answers_is_the_result(capsys, monkeypatch):
    monkeypatch.setattr(
        office_calls, "run_calls", lambda calls: [[[c.name, 80.0]] for c in calls]
    )
    _, out, _ = run(
        capsys, "call", "RATING_SCALE", "--args", "[4]", "--host", "libreoffice"
    )
    assert out.split() == ["RATING_SCALE", "80"]


@pytest.mark.slow
@pytest.mark.libreoffice
def test_libreoffice_answers_like_any_host(capsys):
    args = json.dumps([[[4], ["NA"], [None], ["x"]], 5, None, 0])
    words = ("call", "rating_scale", "--args", args, "--host", "libreoffice", "--json")
    code, out, _ = run(capsys, *words)
    assert (code, json.loads(out)["result"]) == (0, [[80], [0], ["#N/A"], ["#VALUE!"]])


@pytest.mark.skipif(sys.platform == "win32", reason="there may be an Excel")
def test_where_there_is_no_excel_the_answer_says_so(capsys):
    words = ("call", "RATING_SCALE", "--args", "[4]", "--host", "xlwings", "--json")
    code, out, _ = run(capsys, *words)
    (error,) = json.loads(out)["errors"]
    assert code == 4
    assert "Excel on Windows" in error["message"]
    assert "libreoffice" in error["hint"]
