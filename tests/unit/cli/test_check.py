"""The verb `check`: names, verdicts, exit codes; nothing is written."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.helpers.cli import codes, run, run_json
from tests.helpers.templates import (
    SEARCH,
    UNITS,
    data_cell,
    framework_cell,
    named_cell,
    small_read,
)
from xlcity.errors import TimeLimitError
from xlcity.xlsx.address import parse_cell, split_sheet
from xlcity.xlsx.cells import resolve

#: The names that scripts rely on.
NAMES = ["inputs", "weights", "contract", "stale", "udf-native", "python-native"]


def statuses(document):
    (entry,) = document["workbooks"]
    return {check["name"]: check["status"] for check in entry["checks"]}


def test_a_template_as_built_passes(capsys, small_file):
    path = small_file("城市 形象.xlsx")
    before = path.read_bytes()
    code, document = run_json(capsys, "check", path)
    assert code == 0
    (entry,) = document["workbooks"]
    assert (entry["path"], entry["verdict"], entry["engine"]) == (
        str(path),
        "pass",
        "compiled",
    )
    for check in entry["checks"]:
        assert {"name", "status", "detail", "cells"} <= set(check)
        assert check["status"] in ("pass", "fail", "note", "skipped")
    names = [check["name"] for check in entry["checks"]]
    assert names[: len(NAMES)] == NAMES, entry["findings"]
    assert all(name.startswith("sheet:") for name in names[len(NAMES) :])
    assert len(set(names)) == len(names)
    found = statuses(document)
    assert {found[name] for name in NAMES} == {"pass"}
    assert path.read_bytes() == before


def test_a_blank_is_a_draft_and_no_failure(capsys, small_file):
    path = small_file(Data={data_cell("chengdu", SEARCH): None})
    assert run(capsys, "recalc", path, "--in-place")[0] == 0
    code, document = run_json(capsys, "check", path)
    assert (code, document["workbooks"][0]["verdict"]) == (0, "draft")
    found = statuses(document)
    assert (found["inputs"], found["sheet:inputs-blank"]) == ("note", "note")
    assert found["stale"] == "pass"


def test_stale_scores_and_ranks_fail_and_other_stale_values_are_noted(
    capsys, small_file
):
    path = small_file(Data={data_cell("chengdu", SEARCH): 1.0})
    code, document = run_json(capsys, "check", path)
    (entry,) = document["workbooks"]
    stale = next(check for check in entry["checks"] if check["name"] == "stale")
    assert (code, entry["verdict"], stale["status"]) == (1, "fail", "fail")
    assert stale["detail"].endswith("scores and ranks among them")
    # What fails is listed before what is only noted.
    sheet, cell = split_sheet(stale["cells"][0])
    book = small_read().book
    places = [resolve(book, name) for name in ("out_scores", "out_ranks")]
    assert any(place.holds(sheet, parse_cell(cell)) for place in places)
    heading = small_file(
        "b.xlsx", Framework={framework_cell("IMG", "name_zh"): "另一个名称"}
    )
    code, document = run_json(capsys, "check", heading)
    assert (code, document["workbooks"][0]["verdict"]) == (0, "pass")
    assert statuses(document)["stale"] == "note"


def test_a_fault_is_exit_1_with_its_cell(capsys, small_file):
    path = small_file(Data={data_cell("chengdu", SEARCH): "12,3"})
    code, document = run_json(capsys, "check", path)
    assert (code, document["workbooks"][0]["verdict"]) == (1, "fail")
    found = {check["name"]: check for check in document["workbooks"][0]["checks"]}
    assert found["inputs"]["cells"] == [f"Data!{data_cell('chengdu', SEARCH)}"]
    assert found["inputs"]["problems"][0]["where"]["unit"] == "chengdu"
    assert found["sheet:values-not-numbers"]["status"] == "fail"
    code, out, _ = run(capsys, "check", path)
    assert code == 1
    assert "fail" in out
    assert f"Data!{data_cell('chengdu', SEARCH)}" in out
    assert "has a comma" in out


def test_a_constant_column(capsys, small_file):
    constant = {data_cell(unit, SEARCH): 5.0 for unit in UNITS}
    path = small_file("a.xlsx", Data=constant)
    assert run(capsys, "recalc", path, "--in-place")[0] == 0
    code, document = run_json(capsys, "check", path)
    assert code == 0
    assert statuses(document)["sheet:constant-note"] == "note"
    code, document = run_json(
        capsys, "check", small_file("b.xlsx", option="minmax", Data=constant)
    )
    assert code == 1
    assert statuses(document)["sheet:constant-column"] == "fail"
    assert statuses(document)["python-native"] == "pass"


def test_several_files(capsys, small_file, tmp_path):
    good = small_file("good.xlsx")
    wrong = small_file(
        "wrong.xlsx", Framework={framework_cell("IMG_COM", "weight"): 0.28}
    )
    bad = tmp_path / "bad.xlsx"
    bad.write_text("no workbook")
    code, document = run_json(capsys, "check", good, wrong)
    assert code == 1
    assert [entry["verdict"] for entry in document["workbooks"]] == ["pass", "fail"]
    code, document = run_json(capsys, "check", bad, good)
    assert (code, codes(document)) == (4, {"XC401"})
    assert [entry["verdict"] for entry in document["workbooks"]] == ["pass"]


OLE = bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 504
FILES = {
    "text.xlsx": (b"city,score\nbeijing,1\n", "plain text"),
    "empty.xlsx": (b"", "empty"),
    "old.xlsx": (OLE + "Workbook".encode("utf-16-le"), "old binary workbook (.xls"),
    "wps.et": (OLE + "Workbook".encode("utf-16-le"), "WPS spreadsheet (.et)"),
    "locked.xlsx": (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    "cut.xlsx": (b"PK\x03\x04" + b"\0" * 100, "damaged"),
    "page.xlsx": (b"<html><table></table></html>", "web page"),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("verb", ["check", "results", "fill"])
def test_files_that_are_no_workbooks(capsys, tmp_path, verb, name):
    content, reason = FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    data = tmp_path / "d.csv"
    data.write_text(f"city,{SEARCH}\nchengdu,1\n", encoding="utf-8")
    more = ("--data", data, "-o", tmp_path / "out.xlsx") if verb == "fill" else ()
    code, document = run_json(capsys, verb, path, *more)
    assert code == 3
    (error,) = document["errors"]
    assert reason in error["message"]
    assert error["hint"]
    assert error["where"]["file"] == str(path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([name, "d.csv"])


def test_a_file_that_is_not_there_and_a_folder_without_workbooks(capsys, tmp_path):
    code, document = run_json(capsys, "check", tmp_path / "absent.xlsx")
    assert (code, codes(document)) == (3, {"XC400"})
    code, document = run_json(capsys, "check", tmp_path)
    assert (code, codes(document)) == (2, {"XC105"})


@pytest.mark.parametrize("verb", ["check", "results"])
def test_the_workbooks_of_a_folder_are_looked_at(capsys, tmp_path, small_file, verb):
    (tmp_path / "books" / "2024 年").mkdir(parents=True)
    paths = [small_file(f"books/{name}") for name in ("2024 年/a.xlsx", "b.xlsx")]
    (tmp_path / "books" / "old.xls").write_bytes(FILES["old.xlsx"][0])
    code, document = run_json(capsys, verb, tmp_path / "books")
    assert code == 4
    assert [Path(e["where"]["file"]).name for e in document["errors"]] == ["old.xls"]
    entries = document.get("workbooks") or document["files"]
    assert [entry.get("path") or entry["file"] for entry in entries] == [
        *map(str, paths)
    ]


def test_all_files_that_are_not_there_are_named(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for words in (
        "diff a.xlsx b.xlsx",
        "fill a.xlsx --data b.csv -o o.xlsx",
        "index --framework a.csv --data b.csv",
        "new --framework a.csv --data b.csv --recipe r.toml -o o.xlsx",
        "new image2025 --data b.csv --recipe r.toml -o o.xlsx",
        "scenarios a.xlsx --table b.csv",
    ):
        code, document = run_json(capsys, *words.split())
        named = [word for word in words.split() if word[0] in "abr" and "." in word]
        assert (code, [e["where"]["file"] for e in document["errors"]]) == (3, named)


def test_a_file_of_another_kind_is_refused_for_that(capsys, tmp_path):
    # `recalc` asked for an output named .xls, `assess` called the file an unknown report.
    old = tmp_path / "old.xls"
    old.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    text = tmp_path / "text.md"
    text.write_text("1", encoding="utf-8")
    for words in (
        ("recalc", old, "-o", tmp_path / "o.xlsx"),
        ("assess", old),
        ("report", old, "-o", tmp_path / "o"),
        ("audit", "text", text, "--against", old),
    ):
        code, document = run_json(capsys, *words)
        assert (code, codes(document)) == (3, {"XC401"})
    assert sorted(tmp_path.iterdir()) == [old, text]


def test_an_open_file_is_checked(capsys, small_file, tmp_path):
    path = small_file()
    (tmp_path / f"~${path.name}").write_bytes(b"")
    assert run(capsys, "check", path)[0] == 0


@pytest.mark.parametrize("count", [12, 13])
def test_of_a_comparison_twelve_changes_of_a_kind_are_listed(capsys, tmp_path, count):
    for name in ("a", "b"):
        book = Workbook()
        for row in range(1, count + 1):
            book.active.cell(row, 1).value = f"{name}{row}"
        book.save(tmp_path / f"{name}.xlsx")
    _, out, _ = run(capsys, "diff", tmp_path / "a.xlsx", tmp_path / "b.xlsx")
    assert ("a12" in out, "a13" in out, "more" in out) == (True, False, count > 12)


@pytest.mark.slow
@pytest.mark.libreoffice
def test_a_second_engine(capsys, small_file):
    code, document = run_json(
        capsys, "check", small_file(), "--engines", "formualizer,libreoffice"
    )
    assert code == 0
    assert statuses(document)["engine:libreoffice"] == "pass"


def test_a_strangers_workbook_that_takes_too_long_is_searched_only(
    capsys, monkeypatch, tmp_path
):
    limits = []

    def compute_late(package, engine, timeout, **_options):
        limits.append(timeout)
        raise TimeLimitError(f"it took more than {timeout:g} seconds.")

    monkeypatch.setattr("xlcity.audit.check.check.recalculate", compute_late)
    book = Workbook()
    book.active["A1"], book.active["A2"] = 2, "=A1*2"
    book.save(tmp_path / "theirs.xlsx")
    code, document = run_json(
        capsys, "check", tmp_path / "theirs.xlsx", "--timeout", "50"
    )
    # What was not computed is in doubt, and doubt does not pass.
    assert (code, limits) == (1, [5.0])
    assert statuses(document) == {
        "stale": "skipped",
        "verified": "fail",
        "rules": "pass",
    }


def test_usage(capsys, small_file):
    for words in (("check",), ("check", small_file(), "--engines", "abacus")):
        code, document = run_json(capsys, *words)
        assert (code, codes(document)) == (2, {"XC100"})


def test_a_column_without_its_code_is_held_against_nothing(capsys, small_file):
    path = small_file("book.xlsx", Index={named_cell("out_nodes"): None})
    code, document = run_json(capsys, "check", path)
    assert code == 1
    assert statuses(document)["python-native"] == "fail"


def test_findings_alone_are_those_of_the_check(capsys, small_file):
    path = small_file(Data={data_cell("chengdu", SEARCH): "about 12"})
    (whole,) = run_json(capsys, "check", path)[1]["workbooks"]
    code, document = run_json(capsys, "check", path, "--findings")
    assert code == 1
    assert {*document} == {"schema", "path", "findings", "summary"}
    assert document["findings"] == whole["findings"] != []
    rules = [finding["rule"] for finding in whole["findings"]]
    assert document["summary"] == {
        rule: rules.count(rule) for rule in sorted(set(rules))
    }


@pytest.mark.parametrize("options", [["--findings"], ["--template", "{0}"]])
def test_findings_and_a_template_need_one_workbook(capsys, small_file, options):
    path = str(small_file())
    words = [option.format(path) for option in options]
    code, document = run_json(capsys, "check", path, path, *words)
    assert (code, codes(document)) == (2, {"XC100"})
