"""The map of a workbook: what is kept, beside that of a table, and what people wrote into it."""

from __future__ import annotations

import pytest

from tests.helpers.cli import codes, run, run_json
from tests.helpers.team_books import team_book
from xlcity.audit.lint.subject import Subject
from xlcity.audit.trace.team import TeamDescriber
from xlcity.errors import DataError
from xlcity.proof.reading import NoIndexError, read_index
from xlcity.proof.workbook_map import map_path, read_workbook_map
from xlcity.xlsx.package import Package

SLIPS = {"D4": 0.9, "F7": 0.01}


@pytest.fixture
def team(tmp_path):
    return team_book(tmp_path / "team.xlsx", cells=SLIPS)


def kept(document):
    return [slip["cell"] for slip in document["slips"] if slip["kept"]]


def test_both_kinds_of_map_stand_in_one_file(team, capsys):
    run_json(capsys, "adopt", team, "--propose", map_path(team))
    proposed = map_path(team).read_text(encoding="utf-8")
    run_json(capsys, "adopt", team)
    both = map_path(team).read_text(encoding="utf-8")
    assert both.startswith(proposed)
    assert read_workbook_map(team).total == "Index!F"
    run_json(capsys, "adopt", team, "--propose", map_path(team))
    assert map_path(team).read_text(encoding="utf-8") == both
    run_json(capsys, "adopt", team)
    assert map_path(team).read_text(encoding="utf-8") == both


def test_the_section_of_formulas_is_nothing_to_the_map_of_a_table(
    team, tmp_path, capsys
):
    run_json(capsys, "adopt", team, "--propose", map_path(team))
    run_json(capsys, "adopt", team)
    text = map_path(team).read_text(encoding="utf-8").replace('"?"', "1")
    map_path(team).write_text(text, encoding="utf-8")
    words = ["adopt", team, "--map", map_path(team), "-o", tmp_path / "ours"]
    code, document = run_json(capsys, *words)
    assert (code, document["units"]) == (0, 10)


def test_a_second_cell_that_is_kept_adds_to_the_first(team, capsys):
    run_json(capsys, "adopt", team, "--keep", "index!d4")
    _, document = run_json(capsys, "adopt", team, "--keep", "Index!$F$7")
    assert sorted(kept(document)) == ["Index!D4", "Index!F7"]
    assert document["slip_effect"] == {"totals": 0, "ranks": 0}
    code, out, err = run(capsys, "adopt", team)
    assert code == 0
    assert "Kept as they are: Index!F7, Index!D4" in out + err
    assert "break" not in out + err


def test_a_cell_that_is_no_slip_cannot_be_kept(team):
    with pytest.raises(NoIndexError, match="Index!D5 breaks no pattern") as caught:
        read_index(team, keep=["Index!D5"])
    assert "Index!D4" in str(caught.value)


@pytest.mark.parametrize(
    "section",
    [
        "formulas = 3",
        "[formulas]\ntotal = 5\nkeep = []\n[formulas.columns]",
        '[formulas]\nkeep = "Index!D4"',
        "[formulas]\nkeep = [1]",
        "[formulas]\ncolumns = 5",
        '[formulas.columns]\n"Index!D" = "minmax"',
        '[formulas.columns]\n"Index!D" = { means = 1 }',
        '[formulas]\ntotals = "Index!F"',
        "[formulas",
    ],
)
def test_what_is_wrong_in_a_map_is_said(team, section, capsys):
    map_path(team).write_text(section, encoding="utf-8")
    with pytest.raises(DataError, match=r"\[formulas\]|section|TOML"):
        read_workbook_map(team)
    code, document = run_json(capsys, "adopt", team)
    assert (code, codes(document)) == (3, {"XC337"})


def test_a_map_in_another_encoding_is_read(team, capsys):
    text = '[formulas]\ntotal = "Index!F" # 总分\n'
    map_path(team).write_text(text, encoding="gbk")
    assert read_workbook_map(team).total == "Index!F"


def test_a_trace_speaks_of_methods_in_both_languages(team, capsys):
    run_json(capsys, "adopt", team)
    describer = TeamDescriber(Subject(Package.read(team), str(team)))
    words = describer.of("Index", (2, 4)).words[0]
    assert (words.zh, words.en) == ("GDP 的极差法无量纲化", "min-max of GDP")
    words = describer.of("Index", (2, 6)).words[0]
    assert words.zh == "GDP score、Park score 的加权平均"
    assert words.en == "weighted mean of GDP score, Park score"


def test_a_table_without_formulas_is_told_to_be_proposed(tmp_path, capsys):
    path = tmp_path / "table.csv"
    path.write_text("city,a\nx,1\ny,2\n", encoding="utf-8")
    code, document = run_json(capsys, "adopt", path)
    assert (code, codes(document)) == (2, {"XC100"})
    assert "--propose" in document["errors"][0]["hint"]


def test_a_report_and_printed_tables_exclude_each_other(tmp_path, capsys):
    words = ["new", "image2025", "--from-tables", tmp_path, "-o", tmp_path / "b.xlsx"]
    code, document = run_json(capsys, *words)
    assert (code, codes(document)) == (2, {"XC100"})
    assert "--from-tables" in document["errors"][0]["message"]
