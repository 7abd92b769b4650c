"""A run leaves a report, and the next one leaves out what has not changed."""

import json
from pathlib import Path

import pytest

from tests.helpers.cli import run, run_json


@pytest.fixture
def books(simple, tmp_path):
    for name in ("a.xlsx", "b.xlsx", "c.xlsx"):
        simple(f"in/{name}")
    return tmp_path


def go(capsys, books: Path, *words: object):
    return run_json(
        capsys,
        "recalc",
        books / "in",
        "--outdir",
        books / "out",
        "--report",
        books / "run.json",
        "--changed-only",
        *words,
    )


def done_again(document):
    return [Path(e["in"]).name for e in document["workbooks"] if not e.get("unchanged")]


def test_the_report_is_the_document_and_more(capsys, books):
    code, document = go(capsys, books)
    report = json.loads((books / "run.json").read_text("utf-8"))
    assert code == 0
    assert report["workbooks"] == document["workbooks"]
    assert (report["ok"], report["failed"], report["schema"]) == (3, 0, 1)
    assert report["started"] <= report["finished"]
    options = {
        "engine": "auto",
        "verify": None,
        "full_calc_on_load": False,
        "keep": True,
    }
    assert report["options"] == options


def test_what_has_not_changed_is_left_out(capsys, books, simple):
    assert done_again(go(capsys, books)[1]) == ["a.xlsx", "b.xlsx", "c.xlsx"]
    assert done_again(go(capsys, books)[1]) == []
    simple("in/b.xlsx", C1="=A1")  # the input changed
    (books / "out" / "c.xlsx").write_bytes(
        b"other"
    )  # the output is not the one of the run
    assert done_again(go(capsys, books)[1]) == ["b.xlsx", "c.xlsx"]
    (books / "out" / "a.xlsx").unlink()
    assert done_again(go(capsys, books)[1]) == ["a.xlsx"]
    code, document = go(capsys, books)
    assert (code, done_again(document), document["ok"]) == (0, [], 3)


def test_other_options_are_another_run(capsys, books):
    go(capsys, books)
    assert len(done_again(go(capsys, books, "--full-calc-on-load")[1])) == 3


def test_what_failed_is_done_again(capsys, books):
    (books / "in" / "bad.xlsx").write_text("no workbook")
    for _ in range(2):
        code, document = go(capsys, books)
        assert code == 3
        assert "bad.xlsx" in done_again(document)
    assert done_again(document) == ["bad.xlsx"]
    code, out, _ = run(
        capsys,
        "recalc",
        books / "in",
        "--outdir",
        books / "out",
        "--report",
        books / "run.json",
        "--changed-only",
    )
    assert out.splitlines()[-1] == (
        "4 workbooks: 3 ok, 1 failed, 3 of these unchanged since the last run"
    )


def test_in_place(capsys, books):
    words = (
        "recalc",
        books / "in",
        "--in-place",
        "--report",
        books / "r.json",
        "--changed-only",
    )
    assert len(done_again(run_json(capsys, *words)[1])) == 3
    assert done_again(run_json(capsys, *words)[1]) == []


def test_a_report_is_no_other_file(capsys, books):
    (books / "run.json").write_text("my notes")
    code, document = go(capsys, books)
    assert (code, document["errors"][0]["code"]) == (2, "XC106")
    assert (books / "run.json").read_text() == "my notes"
    code, document = run_json(
        capsys, "recalc", books / "in", "--in-place", "--changed-only"
    )
    assert (code, document["errors"][0]["code"]) == (2, "XC100")


def test_a_run_that_was_killed_goes_on(capsys, books, monkeypatch):
    from xlcity.recalc.files import jobs as batch

    real = batch.compute_file
    seen = []

    def killed(job):
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append(job)
        return real(job)

    monkeypatch.setattr("xlcity.recalc.files.run_report._WRITE_INTERVAL", 0)
    monkeypatch.setattr(batch, "compute_file", killed)
    code, _, _ = run(
        capsys,
        "recalc",
        books / "in",
        "--outdir",
        books / "out",
        "--report",
        books / "run.json",
    )
    assert code == 130
    monkeypatch.setattr(batch, "compute_file", real)
    assert done_again(go(capsys, books)[1]) == ["c.xlsx"]
