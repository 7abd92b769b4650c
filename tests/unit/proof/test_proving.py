"""What is proved: rounding, slips, ties, and workbooks without stored values."""

from __future__ import annotations

import pytest

from tests.helpers.team_books import CITIES, SCORES, team_book
from xlcity.proof.document import index_document
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


@pytest.mark.parametrize(
    ("formula", "ties"),
    [("=SUMPRODUCT(--(F$2:F$11>=F{row}))", "max"), (SCORES["G"], None)],
)
def test_ties_rank_as_in_the_workbook(tmp_path, formula, ties):
    equal = {f"{column}{row}": 40 for column in "BC" for row in (4, 5)}
    path = team_book(tmp_path / "team.xlsx", {"G": formula}, equal)
    read = read_index(path)
    assert read.tables.recipe.steps[-1].params.get("ties") == ties
    assert read.proof.ranks.is_complete
    assert read.proof.stored_ranks.is_complete


def test_a_workbook_without_results_is_proved_by_recalculated_ones(tmp_path):
    path = team_book(tmp_path / "team.xlsx", stored=False)
    read = read_index(path)
    assert read.recalculated
    assert read.status == "explained"
    assert read.proof.totals.is_complete
    assert read.proof.ranks.is_complete
    assert index_document(read)["recalculated"]
    assert [row["what"] for row in index_document(read)["proof"]].count("totals") == 1


def test_results_that_are_stored_are_not_computed_anew(tmp_path):
    path = team_book(tmp_path / "team.xlsx")
    assert not read_index(path).recalculated
