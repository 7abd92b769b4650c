"""Many machines on one folder: shares, kinds of failures, metrics, events, unfinished files."""

import json
import os
import re
import threading
import time
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.helpers.cli import run, run_json
from xlcity.errors import (
    DataError,
    EngineError,
    Problem,
    TimeLimitError,
    UsageError,
    WorkbookError,
)
from xlcity.recalc.files import jobs
from xlcity.recalc.files.jobs import FailureKind, Job, failure_kind, run_job
from xlcity.recalc.files.targets import FoundFile, find_workbooks, in_shard


def write_book(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    book = Workbook()
    book.active["A1"] = 2
    book.active["A2"] = "=A1*3"
    book.save(path)
    return path


@pytest.fixture
def folder(tmp_path):
    for number in range(12):
        write_book(tmp_path / "in" / f"part {number % 3}" / f"book{number}.xlsx")
    for number in range(2):
        (tmp_path / "in" / f"broken{number}.xlsx").write_bytes(b"PK no zip")
    return tmp_path


def words_of_shard(folder, shard, *options):
    out = folder / "out"
    return ("recalc", folder / "in", "--outdir", out, "--shard", shard, *options)


def test_each_file_is_in_one_share():
    files = [FoundFile(Path(f"/a/{n}.xlsx"), Path(f"d/{n}.xlsx")) for n in range(400)]
    shares = [in_shard(files, f"{number}/4") for number in range(4)]
    assert sorted(file.name for share in shares for file in share) == sorted(
        file.name for file in files
    )
    assert all(60 < len(share) < 140 for share in shares)
    # Where the folder is does not matter, nor what else is there.
    elsewhere = [FoundFile(Path("/b") / file.name, file.name) for file in files[::2]]
    again = in_shard(elsewhere, "1/4")
    assert {file.name for file in again} == {
        file.name for file in shares[1] if file.name in {f.name for f in elsewhere}
    }


def test_a_share_without_files_says_how_many_there_are(tmp_path, capsys):
    write_book(tmp_path / "in" / "book.xlsx")
    said = [run(capsys, *words_of_shard(tmp_path, f"{n}/2")) for n in range(2)]
    assert [code for code, _, _ in said] == [0, 0]
    told = [out + err for _, out, err in said]
    assert sum("This share has none of the 1 file." in text for text in told) == 1


@pytest.mark.parametrize("shard", ["4/4", "-1/4", "1", "1/0", "a/b", "1/4/2", ""])
def test_what_is_no_share_is_refused(shard):
    with pytest.raises(UsageError, match="is not a share"):
        in_shard([], shard)


def test_shares_do_all_the_work_once(folder, monkeypatch, capsys):
    monkeypatch.setattr(jobs, "_SETTLE_SECONDS", 0.0)
    done = []
    for number in range(4):
        code, document = run_json(capsys, *words_of_shard(folder, f"{number}/4"))
        done += [entry["in"] for entry in document["workbooks"]]
        kinds = {
            entry["error"]["kind"] for entry in document["workbooks"] if entry["error"]
        }
        assert kinds <= {"input"}
        assert code == (3 if kinds else 0)
    assert len(done) == len(set(done)) == len(find_workbooks([folder / "in"]))
    first = {path: path.read_bytes() for path in (folder / "out").rglob("*.xlsx")}
    assert len(first) == 12
    # One that is run again gives the same files.
    run(capsys, *words_of_shard(folder, "2/4"))
    assert all(path.read_bytes() == content for path, content in first.items())


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (WorkbookError("not a workbook"), "input", 3),
        (DataError("not a number"), "input", 3),
        (FileNotFoundError(2, "No such file"), "input", 3),
        (EngineError("lost"), "engine", 4),
        (ValueError("a fault of ours"), "engine", 4),
        (MemoryError(), "memory", 4),
        (TimeLimitError("too long"), "time", 4),
        (PermissionError(13, "Permission denied"), "permission", 4),
        (WorkbookError(Problem("XC425", "refused")), "permission", 4),
    ],
)
def test_failures_have_a_kind(error, kind, code):
    found = failure_kind(error, getattr(error, "problems", ()))
    assert (found, found.exit_code) == (FailureKind(kind), code)


def test_metrics_and_events(folder, monkeypatch, capsys):
    monkeypatch.setattr(jobs, "_SETTLE_SECONDS", 0.0)
    metrics = folder / "run.prom"
    events = folder / "events.jsonl"
    options = ("--metrics", metrics, "--events", events)
    assert run(capsys, *words_of_shard(folder, "0/1", *options))[0] == 3
    text = metrics.read_text()
    for line in text.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) .+|\w+(\{\w+="\w+"\})? -?\d+(\.\d+)?', line)
    assert "xlcity_recalc_files 14\n" in text
    assert 'xlcity_recalc_done{status="ok"} 12\n' in text
    assert 'xlcity_recalc_failed{kind="input"} 2\n' in text
    assert 'xlcity_recalc_failed{kind="memory"} 0\n' in text
    assert "xlcity_recalc_running 0\n" in text
    lines = [json.loads(line) for line in events.read_text().splitlines()]
    assert [lines[0]["event"], lines[-1]["event"]] == ["started", "finished"]
    files = [line for line in lines if line["event"] == "file"]
    assert len(files) == 14
    assert {line["status"] for line in files} == {"ok", "failed"}
    assert lines[-1]["ok"] == 12
    # A further run adds to the events and replaces the metrics.
    run(capsys, *words_of_shard(folder, "0/1", *options))
    assert len(events.read_text().splitlines()) == 2 * len(lines)
    assert metrics.read_text().count("xlcity_recalc_files ") == 3


def test_a_file_that_is_being_written_is_read_when_it_is_complete(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(jobs, "_RETRY_SECONDS", 0.05)
    content = write_book(tmp_path / "whole.xlsx").read_bytes()
    partial = tmp_path / "partial.xlsx"
    partial.write_bytes(content[:1000])

    def complete():
        time.sleep(0.4)
        partial.write_bytes(content)

    writer = threading.Thread(target=complete)
    writer.start()
    outcome = run_job(Job(partial, tmp_path / "out.xlsx"))
    writer.join()
    assert outcome.entry["status"] == "ok"


def test_what_no_writing_would_make_a_workbook_fails_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(jobs.time, "sleep", lambda seconds: pytest.fail("waited"))
    path = tmp_path / "table.xlsx"
    path.write_text("a,b\n1,2\n")
    assert "XC401" in {p.code for p in run_job(Job(path, tmp_path / "o")).problems}


def test_an_old_damaged_file_fails_at_once(tmp_path):
    path = tmp_path / "broken.xlsx"
    path.write_bytes(b"PK no zip")
    os.utime(path, (time.time() - 60, time.time() - 60))
    start = time.monotonic()
    outcome = run_job(Job(path, tmp_path / "out.xlsx"))
    assert time.monotonic() - start < 2
    assert outcome.entry["error"]["kind"] == "input"
