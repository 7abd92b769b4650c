"""Two workbooks of a team compared: causes in terms of what was read of their formulas."""

from __future__ import annotations

import openpyxl
import pytest

from tests.helpers.team_books import SCORES, team_book
from xlcity.audit.diff.compare import compare

Z_SCORE = "=(B{row}-AVERAGE(B$2:B$11))/STDEV(B$2:B$11)"


@pytest.fixture
def before(tmp_path):
    return team_book(tmp_path / "before.xlsx")


def causes(compared, unit):
    (move,) = [m for m in compared.ranks if (m.unit, m.node) == (unit, "Total")]
    return {(cause.cause, cause.what): cause.effect for cause in move.because}


def test_a_changed_value_is_named_by_city_and_indicator(before, tmp_path):
    after = team_book(tmp_path / "after.xlsx", cells={"B4": 880})
    compared = compare(before, after)
    change = compared.cells[0]
    assert (change.kind, change.cell, change.unit) == ("input", "B4", "Cadiz")
    assert (change.indicator, change.before, change.after) == ("GDP", 600.6, 880)
    (move,) = [move for move in compared.ranks if move.unit == "Cadiz"]
    assert (move.rank_before, move.rank_after) == (9, 5)
    assert causes(compared, "Cadiz") == {
        ("data", "GDP"): pytest.approx(move.change, abs=1e-12)
    }


def test_changed_weights_and_values_add_up(before, tmp_path):
    formulas = {"F": "=0.5*D{row}+0.5*E{row}"}
    after = team_book(tmp_path / "after.xlsx", formulas, {"B4": 880})
    compared = compare(before, after)
    found = causes(compared, "Cadiz")
    assert {*found} == {("data", "GDP"), ("weights", "Total")}
    (move,) = [move for move in compared.ranks if move.unit == "Cadiz"]
    assert sum(found.values()) == pytest.approx(move.change)
    column = [c for c in compared.cells if c.kind == "formula"]
    assert {change.indicator for change in column} == {"Total"}


def test_another_method_of_a_column_is_a_cause(before, tmp_path):
    after = team_book(tmp_path / "after.xlsx", {"D": Z_SCORE})
    because = compare(before, after).ranks[0].because
    assert {cause.cause for cause in because} == {"recipe"}
    assert "zscore: minmax → zscore" in because[0].what


def test_a_cell_typed_over_is_a_change_of_formulas(before, tmp_path):
    after = team_book(tmp_path / "after.xlsx", cells={"F4": 0.9})
    found = causes(compare(before, after), "Cadiz")
    assert [*found] == [("formulas", "Index!F4")]
    assert found["formulas", "Index!F4"] == pytest.approx(0.9 - 0.37412213740458017)


def test_last_years_workbook_and_this_years_have_one_tree(tmp_path):
    last = team_book(
        tmp_path / "last.xlsx", cells={"B1": "GDP 2024", "F1": "Total 2024"}
    )
    this = team_book(
        tmp_path / "this.xlsx",
        cells={"B1": "GDP 2025", "F1": "Total 2025", "B4": 880, "A11": "Kiel"},
    )
    compared = compare(last, this)
    assert {cause for cause, _ in causes(compared, "Cadiz")} == {"data"}
    assert {m.unit for m in compared.ranks} >= {"Jena", "Kiel"}


def test_a_rounded_column_is_no_change_of_formulas(tmp_path):
    rounded = {"D": f"=ROUND({SCORES['D'][1:]},2)"}
    before = team_book(tmp_path / "before.xlsx", rounded)
    after = team_book(tmp_path / "after.xlsx", rounded, {"B4": 880})
    assert {cause for cause, _ in causes(compare(before, after), "Cadiz")} == {"data"}


def test_a_workbook_without_an_index_has_no_ranks(before, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["a", 1])
    book.save(tmp_path / "after.xlsx")
    compared = compare(before, tmp_path / "after.xlsx")
    assert compared.ranks == ()
    assert "indices only" in compared.notes[-1]
