"""What is proved: rounding, slips, ties, and workbooks without stored values."""

from __future__ import annotations

import pytest

from tests.helpers.team_books import CITIES, SCORES, team_book
from xlcity.proof.reading import read_index

ALL = len(CITIES)
ROUNDED = {
    "D": f"=ROUND({SCORES['D'][1:]},2)",
    "E": f"=ROUND({SCORES['E'][1:]},2)",
}


def test_rounding_is_no_effect_of_slips(tmp_path):
    path = team_book(tmp_path / "team.xlsx", ROUNDED, {"F4": "=0.6*D4+0.4*E4+0.001"})
    proof = read_index(path).proof
    assert proof.totals.is_complete
    assert proof.rounded_totals.is_complete
    assert proof.stored_totals.equal < ALL
    assert proof.slip_effect == (1, 0)


def test_a_slip_that_is_kept_has_no_effect(tmp_path):
    path = team_book(tmp_path / "team.xlsx", cells={"D4": 0.9, "F7": 0.01})
    assert read_index(path).proof.slip_effect.totals == 2
    assert read_index(path, keep=["Index!D4"]).proof.slip_effect.totals == 1
    kept = read_index(path, keep=["Index!D4", "Index!F7"])
    assert kept.proof.slip_effect == (0, 0)
    assert kept.proof.stored_totals.is_complete


LAST_PLACE = '=COUNTIF(F$2:F$11,">="&F{row})'
WITHOUT_GAPS = "=SUMPRODUCT((F$2:F$11>F{row})/COUNTIF(F$2:F$11,F$2:F$11))+1"


@pytest.mark.parametrize(
    ("formula", "ties"), [(LAST_PLACE, "max"), (WITHOUT_GAPS, "dense")]
)
def test_ties_rank_as_in_the_workbook(tmp_path, formula, ties):
    equal = {f"{column}{row}": 40 for column in "BC" for row in (4, 5)}
    path = team_book(tmp_path / "team.xlsx", {"G": formula}, equal)
    read = read_index(path)
    assert read.tables.recipe.steps[-1].params["ties"] == ties
    assert read.proof.ranks.is_complete
    assert read.proof.stored_ranks.is_complete
