"""Columns of formulas: their pattern, and the cells that break it."""

from __future__ import annotations

import pytest

from tests.helpers.team_books import SCORES, team_book
from xlcity.audit.check.team_columns import check_columns
from xlcity.audit.lint.subject import Subject
from xlcity.proof.reading import read_index
from xlcity.proof.workbook_map import map_path, workbook_map_text
from xlcity.xlsx.package import Package

#: A range that leaves the last city out.
SHORT = SCORES["D"].replace("B$11", "B$10")


def slips(path):
    return {slip.cell: slip for slip in read_index(path).slips}


def test_a_range_that_all_cells_have_short_is_named_where_the_first_is_typed(tmp_path):
    path = team_book(tmp_path / "team.xlsx", {"D": SHORT}, {"D2": 0.5})
    found = slips(path)
    assert [*found] == ["Index!D2", "Index!D3"]
    assert [slip.kind.value for slip in found.values()] == ["typed", "short_range"]
    assert found["Index!D3"].cities == ("Jena",)


def columns_check(path):
    package = Package.read(path)
    (check,) = check_columns(Subject(package, str(path)))
    return check


def test_a_column_of_many_formulas_does_not_pass_for_one_of_one(tmp_path):
    odd = {f"D{row}": f"=B{row}/{row}00" for row in range(2, 7)}
    check = columns_check(team_book(tmp_path / "team.xlsx", cells=odd))
    assert check.status == "note"
    assert "Index!D: 5 of 10 cities" in str(check.detail)


ROUNDED = f"=ROUND({SCORES['D'][1:]},4)"


@pytest.mark.parametrize("formula", [ROUNDED, SHORT], ids=["rounded", "short"])
def test_a_column_whose_first_city_is_a_slip_is_as_it_was_adopted(tmp_path, formula):
    path = team_book(tmp_path / "team.xlsx", {"D": formula}, {"D2": 0.5})
    text = workbook_map_text(read_index(path))
    map_path(path).write_text(text, encoding="utf-8")
    assert f'formula = "{formula.format(row=2)}"' in text
    assert "another formula" not in str(columns_check(path).detail)


def test_a_column_that_does_something_else_now_is_named(tmp_path):
    path = team_book(tmp_path / "team.xlsx")
    map_path(path).write_text(workbook_map_text(read_index(path)), encoding="utf-8")
    now = {f"D{row}": f"=B{row}/900" for row in range(3, 12)}
    assert "Index!D is another formula" in str(
        columns_check(team_book(path, cells=now)).detail
    )
