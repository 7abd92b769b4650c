"""Broken workbooks: a short run of the fuzzer, and the files that once did harm."""

import multiprocessing
import re
from concurrent.futures import ProcessPoolExecutor

import pytest

from tools.fuzz_files.__main__ import summary
from tools.fuzz_files.mutate import broken, packed, parts_of
from tools.fuzz_files.office import compared
from tools.fuzz_files.run import VERBS, FuzzRun, drawn, runs, verbs_of
from tools.fuzz_files.seeds import everything, plain
from xlcity.cli import main
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

pytestmark = pytest.mark.slow

#: (number, verb) -> what it did before it was mended.
KEPT = {
    (1017, "release"): "KeyError where a heading of the table of cities was gone",
    (1072, "rebuild"): "ParseError in the relations of a sheet",
    (1120, "index"): "StopIteration in a workbook without a sheet",
    (1122, "merge"): "ParseError in a drawing",
    (3036, "check"): "ValueError by a NUL character in a formula",
    (2005, "release"): "LookupError by a part in the encoding TRUE",
    (
        300123,
        "findings",
    ): "1.5 GB and more than 20 seconds for an array formula of 900,000 cells",
    (4270316, "roll"): "KeyError where a defined name had lost its name",
    (101542, "recalc"): "AssertionError in a sheet whose first element was gone",
}


def test_a_file_is_its_number_at_any_time(monkeypatch):
    sound = [plain(), everything()]
    now = [broken(n, sound) for n in range(5)]
    monkeypatch.setattr("time.time", lambda: 2_000_000_000)
    assert [broken(n, sound) for n in range(5)] == now
    assert len({broken(n, sound) for n in range(20)}) > 15
    assert {verb for n in range(200) for verb in verbs_of(n)} == set(VERBS)


def _all_runs():
    return list(runs([*drawn(range(10)), *KEPT]))


@pytest.mark.slow
def test_no_verb_breaks_down_on_a_broken_file(monkeypatch):
    monkeypatch.setenv("XLCITY_SOFFICE", "/absent")
    # In a process of its own: what is forked from this one counts its memory as theirs.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        done = process.submit(_all_runs).result()
    assert [run for run in done if run.fault] == []
    assert {run.code for run in done} >= {0, 3}


@pytest.mark.parametrize("verb", ["seal", "diff"])
@pytest.mark.parametrize("other", ["A1048577", "-1", "1e400"])
def test_formats_with_odd_numbers_are_read_as_the_first_of_their_list(
    tmp_path, capsys, verb, other
):
    parts = parts_of(everything())
    odd = re.sub(
        rb'(numFmtId|fontId|borderId|fillId|theme)="\d+"',
        rb'\1="%s"' % other.encode(),
        parts["xl/styles.xml"],
    )
    files = [tmp_path / "sound.xlsx", tmp_path / "odd.xlsx"]
    files[0].write_bytes(everything())
    files[1].write_bytes(packed({**parts, "xl/styles.xml": odd}))
    given = files[1:] if verb == "seal" else files
    assert main([verb, *map(str, given)]) == (verb == "diff")
    assert "[XC999]" not in capsys.readouterr().err


def test_a_report_is_told():
    lines = [
        FuzzRun(1, "seal", 0, (), 0.5, 90),
        FuzzRun(2, "seal", 4, (), 2.5, 80, "late"),
    ]
    assert summary([line.as_dict() for line in lines]).splitlines() == [
        "2 runs of 2 files",
        "seal 2",
        "exit codes {0: 1, 4: 1}",
        "slowest 2.5 s (2 seal), most memory 90 MB (1 seal)",
        "2 seal: late",
        "1 faults",
    ]


def test_a_number_that_another_program_contradicts_is_named():
    parts = parts_of(plain())
    sheet = parts["xl/worksheets/sheet1.xml"]
    other = {
        **parts,
        "xl/worksheets/sheet1.xml": sheet.replace(b"</f><v>0</v>", b"</f><v>7</v>", 1),
    }
    ours, theirs = (
        read_book(Package.from_bytes(packed(made))) for made in (parts, other)
    )
    assert compared(ours, ours) == {"cells": 12, "largest": 0.0, "differing": []}
    cell, *said = compared(ours, theirs)["differing"][0]
    assert (cell, said) == ("S!D2", ["0.0", "7.0", "B2*2+SUM(C$2:C2)"])
