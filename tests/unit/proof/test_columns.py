"""Columns of formulas: their pattern, and the cells that break it."""

from __future__ import annotations

import pytest

from tests.helpers.team_books import CITIES, SCORES, team_book
from xlcity.audit.check.team_columns import check_columns
from xlcity.audit.lint.subject import Subject
from xlcity.proof.cells import TeamCells
from xlcity.proof.cities import CitySeries, find_cities
from xlcity.proof.columns import TeamColumns
from xlcity.proof.document import workbook_map_text
from xlcity.proof.meanings import Given
from xlcity.proof.reading import read_index
from xlcity.proof.understand import Understanding
from xlcity.proof.workbook_map import map_path
from xlcity.xlsx.cells import read_book
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


#: A formula that no program but Excel reads.
UNREAD = "=LAMBDA(x,x/900)(B{row})"


def test_a_formula_that_cannot_be_read_is_no_typed_value(tmp_path):
    cells = {"D5": UNREAD.format(row=5)}
    path = team_book(tmp_path / "team.xlsx", cells=cells, stored=False)
    (slip,) = TeamColumns(*cells_and_cities(path))[CitySeries(0, 4)].slips
    assert (slip.kind.value, slip.own) == ("other_formula", UNREAD.format(row=5))
    assert slip.expected == SCORES["D"].format(row=5)


def test_a_column_of_formulas_that_cannot_be_read_is_not_typed(tmp_path):
    path = team_book(tmp_path / "team.xlsx", {"D": UNREAD}, stored=False)
    columns = TeamColumns(*cells_and_cities(path))
    assert columns[CitySeries(0, 4)].formulas == len(CITIES)
    found = Understanding(columns).meaning(CitySeries(0, 4))
    assert found == Given(CitySeries(0, 4), "unread.not_understood")


def cells_and_cities(path):
    cells = TeamCells(read_book(Package.read(path)))
    return cells, find_cities(cells)


def test_all_that_a_slip_shows_of_formulas_has_its_sign(tmp_path):
    path = team_book(tmp_path / "team.xlsx", cells={"F4": "=0.6*D4+0.5*E4"})
    (slip,) = slips(path).values()
    assert (slip.own, slip.expected) == ("=0.6*D4+0.5*E4", "=0.6*D4+0.4*E4")


def with_map(path, edit=lambda text: text):
    """Write the map that `adopt` makes of a workbook, edited."""
    text = workbook_map_text(read_index(path))
    map_path(path).write_text(edit(text), encoding="utf-8")
    return path


def test_the_columns_behind_the_total_of_the_map_are_checked(tmp_path):
    second = {"H1": "Other", "H2": "=0.5*D2+0.5*E2"}
    second |= {f"H{row}": f"=0.5*D{row}+0.5*E{row}" for row in range(3, 12)}
    path = team_book(tmp_path / "team.xlsx", cells={**second, "H5": 0.4})
    text = workbook_map_text(read_index(path))
    assert 'total = "Index!F"' in text
    map_path(path).write_text(text, encoding="utf-8")
    assert columns_check(path).status == "pass"
    other = text.replace('total = "Index!F"', 'total = "Index!H"')
    map_path(path).write_text(other, encoding="utf-8")
    assert "Index!H: 9 of 10 cities" in str(columns_check(path).detail)


def test_a_total_of_the_map_that_is_gone_is_named(tmp_path):
    path = team_book(tmp_path / "team.xlsx")
    with_map(path, lambda text: text.replace("Index!F", "Index!Z"))
    check = columns_check(path)
    assert check.status == "note"
    assert "the total Index!Z of the map" in str(check.detail)


def test_cells_that_are_meant_are_not_counted(tmp_path):
    path = team_book(tmp_path / "team.xlsx", cells={"D4": 0.9})
    assert columns_check(path).cells == ("Index!D4",)
    text = workbook_map_text(read_index(path, keep=["Index!D4"]))
    map_path(path).write_text(text, encoding="utf-8")
    check = columns_check(path)
    assert (check.status, check.cells) == ("pass", ())
