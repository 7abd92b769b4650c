"""Pipes and devices as inputs, and numbers that Python does not read: refused, never waited for."""

import os
import time

import pytest

from tests.helpers.cli import run
from tests.helpers.own import own_bytes

TREE = "code,parent,weight,direction\nX,,,\nA,X,1,1\nB,X,1,1\n"
OWN = "--framework tree.csv --data data.csv"
#: Verb and options; the file that is a pipe begins with `pipe`.
CASES = [
    "recalc pipe.xlsx -o o.xlsx",
    "recalc book.xlsx -o o.xlsx --report pipe.json",
    "check pipe.xlsx",
    "fill book.xlsx --data pipe.csv -o o.xlsx",
    "fill book.xlsx --data pipe.xlsx -o o.xlsx",
    "check pipe.xlsx --findings",
    "check book.xlsx --findings --template pipe.xlsx",
    "audit text pipe.md --against image2025",
    "audit text pipe.docx --against image2025",
    "audit tables --table pipe.csv --spec spec.toml",
    "audit tables --table data.csv --spec pipe.toml",
    "trace pipe.xlsx S!A1",
    "diff book.xlsx pipe.xlsx",
    "export pipe.xlsx -o t",
    "adopt data.csv --map pipe.toml -o t",
    "adopt pipe.csv --propose m.toml",
    "index --framework pipe.csv --data data.csv",
    "index --framework pipe --data data.csv",
    "index --framework tree.csv --data pipe.csv",
    f"index {OWN} --recipe pipe.toml",
    f"index {OWN} --judgements pipe.csv",
    f"report {OWN} -o r --only ranking-X --series pipe.csv",
    f"report {OWN} -o r --only ranking-X --style pipe.toml",
    f"report {OWN} -o r --only chapter --template pipe.docx",
    "merge book.xlsx pipe.xlsx -o o.xlsx",
    "rebuild pipe.xlsx -o o.xlsx",
    "roll book.xlsx -o o.xlsx --edition 2026 --map pipe.csv",
    "release pipe.xlsx -o o.xlsx",
    "results pipe.xlsx",
    "seal pipe.xlsx",
    "scenarios book.xlsx --table pipe.csv",
    "assess pipe.xlsx",
    "trust pipe.py",
]
#: TOML files of every kind.
NUMBERS = [
    f"index {OWN} --recipe big.toml",
    "adopt data.csv --map big.toml -o t",
    "audit tables --table data.csv --spec big.toml",
    f"report {OWN} -o r --only ranking-X --style big.toml",
    "trust big.toml",
]

#: TOML that takes the reader's whole stack, or time that grows with the square of its length.
BOMBS = {
    "nested": "x = " + "[" * 50_000 + "]" * 50_000,
    "tables": "x = " + "{a = " * 20_000 + "1" + "}" * 20_000,
    "dotted": ".".join(["a"] * 50_000) + " = 1",
    "quoted": " . ".join(['"a b"'] * 50_000) + " = 1",
    "inline": "x = {" + ".".join(["a"] * 50_000) + " = 1}",
}


@pytest.fixture(scope="module")
def book():
    return own_bytes(udf=False)


@pytest.fixture
def folder(tmp_path, monkeypatch, book):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "book.xlsx").write_bytes(book)
    (tmp_path / "tree.csv").write_text(TREE, encoding="utf-8")
    (tmp_path / "data.csv").write_text("unit,A,B\nlyon,1,2\nporto,2,5\nturin,5,1\n")
    (tmp_path / "spec.toml").write_text(
        '[[table]]\nname = "pipe"\nscores = { A = "A" }\n', encoding="utf-8"
    )
    (tmp_path / "big.toml").write_text("x = " + "9" * 5000 + "\n", encoding="utf-8")
    return tmp_path


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
@pytest.mark.parametrize("words", CASES)
def test_a_pipe_is_refused_at_once(folder, capsys, words):
    for word in words.split():
        if word.startswith("pipe"):
            os.mkfifo(folder / word)
    if words.startswith("index --framework pipe "):
        (folder / "pipe").unlink()
        (folder / "pipe").mkdir()
        os.mkfifo(folder / "pipe" / "framework.csv")
    since = time.monotonic()
    code, _, said = run(capsys, *words.split())
    assert (code, "this is a pipe, not a file" in said) == (3, True), said
    assert "[XC400]" in said
    assert time.monotonic() - since < 30


@pytest.mark.parametrize("words", NUMBERS)
def test_a_number_of_5000_digits_is_an_error_of_its_file(folder, capsys, words):
    code, _, said = run(capsys, *words.split())
    assert code in (2, 3)
    assert "big.toml" in said
    assert "5000 digits" in said
    assert "XC999" not in said


@pytest.mark.parametrize("words", NUMBERS)
@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_toml_bomb_is_an_error_of_its_file_at_once(folder, capsys, words, text):
    (folder / "big.toml").write_text(text, encoding="utf-8")
    since = time.monotonic()
    code, _, said = run(capsys, *words.split())
    assert (code in (2, 3), "big.toml" in said, "XC999" in said) == (True, True, False)
    assert "nested too deeply" in said or "more than 500 parts" in said
    assert time.monotonic() - since < 10
    (folder / "big.toml").rename(folder / "xlcity.toml")
    assert (
        run(capsys, "index", *OWN.split())[0] == 0
    )  # settings of a folder stop nobody


def test_such_a_number_in_the_settings_of_a_folder_stops_nobody(folder, capsys):
    (folder / "big.toml").rename(folder / "xlcity.toml")
    code, out, said = run(capsys, "index", *OWN.split())
    assert (code, "porto" in out, "XC999" in said) == (0, True, False)


def test_a_broken_file_of_a_report_is_named(folder, capsys, monkeypatch):
    (folder / "reports" / "own").mkdir(parents=True)
    (folder / "big.toml").rename(folder / "reports" / "own" / "report.toml")
    monkeypatch.setenv("XLCITY_REPORTS", "reports")
    code, _, said = run(capsys, "reproduce", "own")
    assert code == 3
    assert "report.toml: this is not TOML" in said
