"""Sizes in a file that no machine holds, and work that takes too long: refused, in time."""

import contextlib
import json
import threading
import time
import zipfile

import openpyxl
import pytest

from xlcity.api.verb import all_verbs
from xlcity.cli import main
from xlcity.errors import TimeLimitError, WorkbookError
from xlcity.recalc.engines import formualizer
from xlcity.recalc.files.jobs import Job, run_jobs
from xlcity.xlsx.cells import read_book, resolve
from xlcity.xlsx.package import Package
from xlcity.xlsx.process import time_limit

FORMULA = "<f>SUM(S!A1:B2)</f>"


@pytest.fixture
def book(tmp_path):
    """Return what makes a small workbook with other words in its XML."""

    def make(old, new, name="book.xlsx", formula="=SUM(S!A1:B2)"):
        made = openpyxl.Workbook()
        made.active.title = "S"
        made["S"]["A1"], made["S"]["B2"] = 1, 2
        made.create_sheet("T")["C3"] = formula
        path = tmp_path / name
        made.save(path)
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name).decode() for name in archive.namelist()}
        assert any(old in part for part in parts.values())
        with zipfile.ZipFile(path, "w") as archive:
            for part, text in parts.items():
                archive.writestr(part, text.replace(old, new))
        return path

    return make


def huge_array(book, name="book.xlsx", ref="C3:XFD1048576"):
    return book(FORMULA, f'<f t="array" ref="{ref}">S!A1:B2</f>', name)


@pytest.mark.parametrize(
    "words",
    [
        "recalc {} -o out.xlsx",
        "check {} --findings",
        "trace {} T!C3",
        "diff {} {}",
        "seal {}",
        "check {}",
        "fill {} --data {data} -o out.xlsx",
        "rebuild {} -o out.xlsx",
    ],
)
def test_an_array_formula_over_a_whole_sheet_is_refused_by_its_cell(
    book, capsys, words, tmp_path
):
    path = huge_array(book)
    data = tmp_path / "d.csv"
    data.write_text("unit,a\n")
    assert main([word.format(path, data=data) for word in words.split()]) in (3, 4)
    said = capsys.readouterr().err
    assert "[XC406]" in said
    assert f"{path}, T!C3: the array formula over C3:XFD1048576 fills 17,1" in said


def test_one_such_file_stops_no_batch(book, tmp_path, capsys):
    bad = huge_array(book)
    good = book(FORMULA, FORMULA, "good.xlsx")
    assert (
        main(
            ["recalc", str(bad), str(good), "--outdir", str(tmp_path / "out"), "--json"]
        )
        == 3
    )
    made = json.loads(capsys.readouterr().out)
    assert [entry["status"] for entry in made["workbooks"]] == ["failed", "ok"]


def test_a_whole_column_may_be_filled_once(book):
    path = huge_array(book, ref="C3:C200000")
    assert len(read_book(Package.read(path)).sheets["T"].cells.members) == 199_997
    two = (
        '<f t="array" ref="C3:C700000">S!A1:B2</f></c><c '
        'r="D3"><f t="array" ref="D3:D700000">1</f>'
    )
    with pytest.raises(WorkbookError, match=r"T!C3: .* 699,998 cells"):
        read_book(Package.read(book(FORMULA, two)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "<pageMargins",
            '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells><pageMargins',
        ),
        (FORMULA, '<f t="shared" si="0" ref="A1:XFD1048576">SUM(S!A1:B2)</f>'),
        (FORMULA, '<f t="dataTable" ref="A1:XFD1048576" r1="B1"/>'),
        (FORMULA, "<f>SUM(S!A1:XFC1048575)</f>"),
        (FORMULA, "<f>COUNTIF(S!A1:XFC1048575,1)+SUM(S!A:XFD)</f>"),
        (FORMULA, "<f>SUM(every)</f>"),
        (
            "</sheets>",
            '</sheets><definedNames><definedName name="nn0">nn1</definedName></definedNames>',
        ),
    ],
)
def test_ranges_far_larger_than_the_file_cost_nothing(
    book, old, new, capsys, monkeypatch
):
    monkeypatch.setenv("XLCITY_SOFFICE", "none")  # its start is not what is measured
    if old == FORMULA and "every" in new:
        names = '<definedName name="every">S!$A$1:$XFC$1048575</definedName>'
        path = book(
            "</sheets>",
            f"</sheets><definedNames>{names}</definedNames>",
            formula="=SUM(every)",
        )
    elif "nn0" in new:
        path = book(old, new, formula="=LEN(nn0)")
    else:
        path = book(old, new)
    start = time.monotonic()
    assert main(["check", str(path), "--findings"]) in (0, 1)
    assert main(["trace", str(path), "T!C3"]) == 0
    assert time.monotonic() - start < 5


def test_a_name_over_a_whole_sheet_is_no_table(book):
    name = '<definedName name="in_data">S!$A$1:$XFD$1048576</definedName>'
    found = read_book(
        Package.read(book("</sheets>", f"</sheets><definedNames>{name}</definedNames>"))
    )
    with pytest.raises(WorkbookError, match=r"in_data.*17,179,869,184 cells"):
        resolve(found, "in_data")


WORDS = {
    "fill": "x --data d -o y",
    "results": "x",
    "new": "x -o y",
    "rebuild": "x -o y",
    "pages": "x --add audit -o y",
    "merge": "x y -o z",
    "roll": "x --edition 1 -o y",
    "export": "x -o y",
    "adopt": "x --map m -o y",
    "release": "x -o y",
    "diff": "x y",
    "trace": "x A1",
    "index": "x",
    "assess": "x",
    "reproduce": "",
    "functions": "",
    "call": "F --args [1]",
    "seal": "x",
    "report": "x -o y",
    "audit tables": "x",
    "audit text": "x --against y",
}


@pytest.mark.parametrize("seconds", ["inf", "1e10"])
def test_a_limit_above_what_timers_have_is_none(book, tmp_path, seconds):
    path = book("S", "S")
    out = tmp_path / "out.xlsx"
    assert main(["recalc", str(path), "-o", str(out), "--timeout", seconds]) == 0
    assert openpyxl.load_workbook(out, data_only=True)["T"]["C3"].value == 3


def test_an_audit_of_tables_ends_in_time(monkeypatch, capsys):
    monkeypatch.setattr(
        "xlcity.api.audits.audit_tables", lambda *_, **__: time.sleep(5)
    )
    start = time.monotonic()
    assert main(["audit", "tables", "image2025", "--timeout", "0.05", "--json"]) == 4
    assert time.monotonic() - start < 3
    (error,) = json.loads(capsys.readouterr().out)["errors"]
    assert error["code"] == "XC520"


@pytest.mark.parametrize("verb", WORDS)
def test_every_verb_ends_in_time(monkeypatch, capsys, verb):
    monkeypatch.setattr("xlcity.cli.target.require_files", lambda *_: time.sleep(5))
    start = time.monotonic()
    assert (
        main([*verb.split(), *WORDS[verb].split(), "--timeout", "0.05", "--json"]) == 4
    )
    assert time.monotonic() - start < 3
    (error,) = json.loads(capsys.readouterr().out)["errors"]
    assert (error["code"], error["message"]) == (
        "XC520",
        "this took more than 0.05 seconds.",
    )


def test_every_other_verb_has_a_limit_of_its_own_or_none():
    own = {"check", "recalc", "scenarios"}
    timed = {name for name, verb in all_verbs().items() if verb.timed}
    assert timed - own == {*WORDS}


def test_limits_inside_limits():
    def inner():
        with pytest.raises(TimeLimitError, match=r"0\.05 seconds"), time_limit(0.05):
            time.sleep(2)
        time.sleep(2)

    with pytest.raises(TimeLimitError, match=r"0\.2 seconds"), time_limit(0.2):
        inner()


def test_nobody_who_tries_something_else_after_a_failure_catches_the_limit():
    def stubborn():
        for _ in range(3):
            with contextlib.suppress(Exception):
                time.sleep(1)

    with pytest.raises(TimeLimitError), time_limit(0.05):
        stubborn()


class Endless:
    """A workbook of an engine that does not look at its time limit."""

    cancelled = False

    def __init__(self):
        self.may_end = threading.Event()

    def evaluate_all(self):
        self.may_end.wait(60)

    def cancel(self):
        self.cancelled = True


def test_an_engine_that_does_not_stop_is_left_to_itself():
    workbook = Endless()
    start = time.monotonic()
    assert formualizer.evaluate_all(workbook, 0.05) == (None, True)
    assert workbook.cancelled
    assert time.monotonic() - start < 30
    workbook.may_end.set()
    # While one is left to itself, batches compute in processes of their own: let it end.
    while formualizer.is_late_calculation_running():
        time.sleep(0.05)


@pytest.mark.slow
def test_a_slow_file_stops_no_batch(book, tmp_path, monkeypatch):
    slow = book(FORMULA, FORMULA, "slow.xlsx")
    good = book(FORMULA, FORMULA, "good.xlsx")
    read = Package.read

    def slowly(path, *others):
        if path == slow:
            time.sleep(5)
        return read(path, *others)

    monkeypatch.setattr(Package, "read", slowly)
    jobs = [Job(path, tmp_path / f"o-{path.name}", timeout=3) for path in (slow, good)]
    first, second = run_jobs(jobs)
    assert first.problems, first.entry
    assert first.problems[0].code == "XC520"
    assert first.problems[0].where.file == str(slow)
    assert second.entry["status"] == "ok"


#: The namespace of relationships.
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def many_sheets(book, same_part):
    """Return a workbook of 500 sheets of one name, or of one part."""
    number = "{n}" if same_part else ""
    link = "rId1" if same_part else "rId2"
    one = f'<sheet xmlns:r="{OFFICE}" name="S{number}" sheetId="{{n}}" r:id="{link}"/>'
    more = "".join(one.replace("{n}", str(n)) for n in range(3, 503))
    return book("</sheets>", f"{more}</sheets>")


@pytest.mark.parametrize("same_part", [True, False])
@pytest.mark.parametrize(
    "words", ["check {}", "recalc {} -o out.xlsx", "check {} --findings", "diff {} {}"]
)
def test_sheets_that_share_a_name_or_a_part_are_refused_early(
    book, capsys, monkeypatch, tmp_path, words, same_part
):
    path = many_sheets(book, same_part)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "xlcity.xlsx.read_sheet.read_cells",
        lambda *_, **__: pytest.fail("a sheet is read"),
    )
    assert main([word.format(path) for word in words.split()]) in (3, 4)
    said = capsys.readouterr().err
    assert "[XC403]" in said
    assert "several sheets have" in said
