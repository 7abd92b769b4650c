"""The verb `recalc` as scripts use it: outputs, JSON, exit codes."""

import io
import json
import os
from pathlib import Path

import pytest
import xlsxwriter

from xlcity.cli import main
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

pytestmark = pytest.mark.golden


@pytest.fixture
def book(tmp_path):
    def make(name: str = "book.xlsx", second: str = "=RANK_UNIFORM(A1:A2)") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        out = io.BytesIO()
        with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
            sheet = book.add_worksheet("S")
            sheet.write_column("A1", [2, 1])
            sheet.write_formula("B1", "=SUM(A1:A2)", None, 0)
            sheet.write_array_formula("C1:C2", "{" + second + "}", None, 0)
        path.write_bytes(out.getvalue())
        return path

    return make


def run(capsys, *words: object) -> tuple[int, dict]:
    code = main(["recalc", *map(str, words), "--json"])
    out = capsys.readouterr().out
    document = json.loads(out)
    assert document["schema"] == 1
    assert out.count("\n") == 1
    return code, document


def make_old(path: Path) -> None:
    """Let a damaged file look as if nobody were writing it: `recalc` does not wait for it."""
    os.utime(path, (0, 0))


def values(path: Path) -> list[object]:
    sheet = read_book(Package.read(path)).sheets["S"]
    return [sheet.value(1, 2), sheet.value(1, 3), sheet.value(2, 3)]


AFTER = [2 + 1, 100 * 2 / 2, 100 * 1 / 2]


def test_one_file(book, tmp_path, capsys):
    source = book()
    target = tmp_path / "out.xlsx"
    before = source.read_bytes()
    code, document = run(capsys, source, "-o", target)
    assert code == 0
    assert (document["ok"], document["unverified"], document["failed"]) == (1, 0, 0)
    (entry,) = document["workbooks"]
    assert entry["in"] == str(source)
    assert entry["out"] == str(target)
    assert (entry["engine"], entry["udf_by"]) == ("formualizer", "formualizer")
    assert (entry["formula_cells"], entry["udf_cells"]) == (3, 2)
    assert entry["errors"] == {}
    assert entry["unverified"] == []
    assert entry["verified"] is None
    assert (entry["status"], entry["error"]) == ("ok", None)
    assert values(target) == AFTER
    assert source.read_bytes() == before


def test_the_table_for_people(book, tmp_path, capsys):
    assert main(["recalc", str(book()), "-o", str(tmp_path / "out.xlsx")]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].split() == [
        "status",
        "formulas",
        "functions",
        "errors",
        "seconds",
        "engine",
        "workbook",
    ]
    assert out.splitlines()[1].split()[:4] == ["ok", "3", "2", "0"]


def test_what_is_not_trusted_is_written_and_named(book, tmp_path, capsys):
    source = book(second="=NOSUCH(A1:A2)")
    asked = (
        source,
        "-o",
        tmp_path / "out.xlsx",
        "--engine",
        "formualizer",
        "--no-keep",
    )
    code, document = run(capsys, *asked)
    assert code == 1
    entry = document["workbooks"][0]
    assert entry["unverified"] == ["NOSUCH"]
    # No engine is trusted with it.
    assert entry["able"] == {"NOSUCH": []}
    assert len(entry["doubtful"]) == 2
    assert (document["ok"], document["unverified"]) == (0, 1)
    assert (tmp_path / "out.xlsx").exists()


@pytest.mark.slow
def test_a_second_engine_verifies(book, tmp_path, capsys):
    code, document = run(
        capsys, book(), "-o", tmp_path / "out.xlsx", "--verify", "formulas"
    )
    assert code == 0
    verified = document["workbooks"][0]["verified"]
    assert verified == {
        "engine": "formulas",
        "cells": 3,
        "max_diff": 0.0,
        "differing": [],
    }


@pytest.mark.slow
@pytest.mark.libreoffice
def test_libreoffice_by_name(book, tmp_path, capsys):
    target = tmp_path / "out.xlsx"
    # A gap in a range stops LibreOffice: another engine computes this book's calls, not the next's.
    gap = book("gap.xlsx", second="=RANK_UNIFORM(IF({1;0},A1:A2,NA()))")
    code, document = run(
        capsys, gap, "-o", tmp_path / "gap-out.xlsx", "--engine", "libreoffice"
    )
    code, document = run(capsys, book(), "-o", target, "--engine", "libreoffice")
    assert code == 0
    assert document["workbooks"][0]["udf_by"] == "libreoffice"
    assert values(target) == pytest.approx(AFTER)
    _, again = run(
        capsys, target, "-o", tmp_path / "two.xlsx", "--engine", "libreoffice"
    )
    assert again["ok"] == 1
    assert (tmp_path / "two.xlsx").read_bytes() == target.read_bytes()


def test_many_files_with_a_bad_one(book, tmp_path, capsys):
    good = [book("a.xlsx"), book("b.xlsx")]
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(b"")
    make_old(bad)
    code, document = run(
        capsys, *good, bad, "--outdir", tmp_path / "out" / "new", "--jobs", 2
    )
    assert code == 3
    assert [entry["status"] for entry in document["workbooks"]] == [
        "ok",
        "ok",
        "failed",
    ]
    assert (document["ok"], document["failed"]) == (2, 1)
    assert "empty" in document["workbooks"][2]["error"]["message"]
    assert document["errors"][0]["where"]["file"] == str(bad)
    assert values(tmp_path / "out" / "new" / "b.xlsx") == AFTER


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "empty"), (b"a,b\n1,2\n", "plain text")]
)
def test_a_file_that_is_no_workbook(tmp_path, capsys, content, says):
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(content)
    make_old(bad)
    code, document = run(capsys, bad, "-o", tmp_path / "out.xlsx")
    assert code == 3
    assert says in document["errors"][0]["message"]
    assert document["errors"][0]["hint"]
    assert not (tmp_path / "out.xlsx").exists()
    assert run(capsys, tmp_path / "none.xlsx", "-o", tmp_path / "out.xlsx")[0] == 3


def test_two_inputs_with_one_output_are_refused_before_anything_is_done(
    book, tmp_path, capsys
):
    code, document = run(
        capsys, book("a/x.xlsx"), book("b/x.xlsx"), "--outdir", tmp_path / "out"
    )
    assert code == 2
    assert "both" in document["errors"][0]["message"]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["{a}"],
        ["{a}", "-o", "{a}"],
        ["{a}", "-o", "x.xlsx", "--in-place"],
        ["{a}", "{b}", "-o", "x.xlsx"],
        ["{a}", "-o", "x.xlsx", "--engine", "excel"],
        ["{a}", "-o", "x.xlsx", "--timeout", "0"],
        ["{a}", "--outdir", "{b}"],
        [],
    ],
)
def test_wrong_commands(book, tmp_path, capsys, words, monkeypatch):
    monkeypatch.chdir(tmp_path)
    places = {"a": book("a.xlsx"), "b": book("b.xlsx")}
    before = sorted(tmp_path.iterdir())
    code, document = run(capsys, *(word.format(**places) for word in words))
    assert code == 2
    assert document["errors"]
    assert sorted(tmp_path.iterdir()) == before


def test_in_place_with_and_without_a_backup(book, tmp_path, capsys):
    source = book("a.xlsx")
    before = source.read_bytes()
    assert run(capsys, source, "--in-place")[0] == 0
    assert values(source) == AFTER
    assert (tmp_path / "a.xlsx.bak").read_bytes() == before
    other = book("b.xlsx")
    assert run(capsys, other, "--in-place", "--no-backup")[0] == 0
    assert not (tmp_path / "b.xlsx.bak").exists()


def test_an_open_workbook(book, tmp_path, capsys):
    source = book("a.xlsx")
    lock = tmp_path / "~$a.xlsx"
    lock.write_bytes(b"\x04User")
    code, document = run(capsys, source, "--in-place")
    assert code == 4
    assert document["workbooks"][0]["error"]["kind"] == "permission"
    assert "open" in document["errors"][0]["message"]
    code, document = run(capsys, source, lock, "--outdir", tmp_path / "out")
    assert code == 0
    assert [entry["in"] for entry in document["workbooks"]] == [str(source)]


@pytest.mark.slow
def test_an_engine_that_gives_up(book, tmp_path, capsys):
    code, document = run(capsys, book(second="=C1:C2+1"), "-o", tmp_path / "out.xlsx")
    assert code == 4
    assert document["workbooks"][0]["status"] == "failed"
    assert "S!C1" in document["errors"][0]["message"]
    assert not (tmp_path / "out.xlsx").exists()
