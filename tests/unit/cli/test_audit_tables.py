import json
from pathlib import Path

from tests.helpers.cli import codes, run, run_json

DATA = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "data"
OWN = (
    "audit",
    "tables",
    "--table",
    DATA / "harbour.csv",
    "--spec",
    DATA / "harbour.toml",
)
TWO = ("--table", "x.csv", "--table", "y.csv")
KEYS = {
    "check",
    "severity",
    "table",
    "unit",
    "node",
    "published",
    "expected",
    "suggestion",
    "kind",
    "evidence",
}


def test_the_contract_of_the_json(capsys):
    code, document = run_json(capsys, "audit", "tables", "vitality2014")
    assert code == 1
    assert document["report"] == "vitality2014"
    assert all(set(done) == {"check", "table", "cells"} for done in document["checked"])
    for finding in document["findings"]:
        assert set(finding) >= KEYS
        assert finding["severity"] in ("error", "warning", "note")
        assert len(finding["expected"]) == 2
        assert isinstance(finding["published"], str)
        assert isinstance(finding["suggestion"], str)
    keys = ("unit", "node", "published", "suggestion")
    swapped = {tuple(finding[key] for key in keys) for finding in document["findings"]}
    assert ("wuhan", "S", "66.69", "66.96") in swapped
    notes = {f["check"] for f in document["findings"] if f["severity"] == "note"}
    assert {"implied-weights", "clustering"} <= notes


def test_json_may_stand_before_the_kind(capsys):
    code, out, _ = run(capsys, "audit", "--json", *OWN[1:])
    assert code == 1
    assert json.loads(out)["schema"] == 1


def test_a_table_given_as_a_report_is_said_to_need_its_option(capsys, tmp_path):
    code, document = run_json(capsys, "audit", "tables", DATA / "harbour.csv")
    assert code == 2
    assert (
        document["errors"][0]["message"]
        == f"'{DATA / 'harbour.csv'}' is a file, not a report."
    )
    assert document["errors"][0]["hint"] == f"Write --table {DATA / 'harbour.csv'}."
    # A printed table is CSV: --table would refuse a workbook.
    (tmp_path / "harbour.xlsx").touch()
    code, document = run_json(capsys, "audit", "tables", tmp_path / "harbour.xlsx")
    assert code == 2
    assert document["errors"][0]["hint"].startswith(
        "Save its table as CSV for --table, or run "
    )


def test_text_for_people(capsys):
    code, out, _ = run(capsys, *OWN)
    assert code == 1
    rows = [" ".join(line.split()) for line in out.splitlines()]
    assert (
        "[1] aggregate harbour Ilmster TOTAL 66.7 67.5–67.6 67.6 swapped digits" in rows
    )


def test_a_table_that_can_be_right_exits_0(capsys, tmp_path):
    text = (DATA / "harbour.csv").read_text("utf-8")
    (tmp_path / "harbour.csv").write_text(
        text.replace("66.7\n", "67.6\n").replace("56.9", "65.9"), encoding="utf-8"
    )
    spec = DATA / "harbour.toml"
    code, out, _ = run(
        capsys, "audit", "tables", "--table", tmp_path / "harbour.csv", "--spec", spec
    )
    assert code == 0
    assert "No error and no warning: the printed numbers can be right." in out


def test_wrong_usage_and_bad_input(capsys, tmp_path):
    for words in ((), ("vitality2014", "--spec", "x.toml"), TWO, ("nowhere",)):
        code, document = run_json(capsys, "audit", "tables", *words)
        assert (code, codes(document)) == (2, {"XC100"})
    code, document = run_json(
        capsys, "audit", "tables", "--table", "x.csv", "--spec", "x.toml"
    )
    assert (code, codes(document)) == (3, {"XC340"})
    spec = tmp_path / "spec.toml"
    told = (DATA / "harbour.toml").read_text(encoding="utf-8")
    spec.write_text(told.replace('unit = "city"', 'unit = "nowhere"'), encoding="utf-8")
    words = ("--table", DATA / "harbour.csv", "--spec", spec)
    code, document = run_json(capsys, "audit", "tables", *words)
    assert (code, codes(document)) == (3, {"XC342"})
    assert "column 'nowhere' not found." in str(document["errors"])
    code, document = run_json(capsys, *OWN, "--table", tmp_path / "harbour.csv")
    assert (code, codes(document)) == (2, {"XC100"})
    code, document = run_json(capsys, "audit", "nothing")
    assert (code, codes(document)) == (2, {"XC100"})
    code, document = run_json(capsys, *OWN, "--html", tmp_path / "none" / "a.html")
    assert (code, codes(document)) == (3, {"XC420"})


def test_the_page_stands_alone(capsys, tmp_path):
    path = tmp_path / "page.html"
    run(capsys, *OWN, "--html", path)
    text = path.read_text("utf-8")
    assert "http" not in text
    assert "<script" not in text
    assert '<td class="m-error" title="[1] aggregate → 67.6">66.7</td>' in text
    assert text.count("<section") == 3


def test_a_table_of_which_nothing_is_checked_is_not_called_possible(
    capsys, tmp_path, monkeypatch
):
    monkeypatch.setenv("XLCITY_LANG", "en")
    lines = [
        "city,score",
        *(f"c{number},{number * number % 17}" for number in range(20)),
    ]
    (tmp_path / "one.csv").write_text("\n".join(lines), encoding="utf-8")
    code, out, _ = run(capsys, "audit", "tables", "--table", tmp_path / "one.csv")
    assert (code, "can be right" in out, "Nothing was checked" in out) == (
        0,
        False,
        True,
    )
