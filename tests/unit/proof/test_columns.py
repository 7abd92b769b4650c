"""Columns of formulas: their pattern, and the cells that break it."""

from __future__ import annotations

from tests.helpers.team_books import SCORES, team_book
from xlcity.proof.reading import read_index

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
