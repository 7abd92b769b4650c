"""Columns are matched with methods by measuring, and what was matched is proved."""

from __future__ import annotations

import pytest

from tests.helpers.team_books import team_book
from xlcity.proof.meanings import Scored
from xlcity.proof.reading import read_index

SHARE = "=C{row}/SUM(C$2:C$11)"
RANKED = "=(RANK(C{row},C$2:C$11,1)-1)/(COUNT(C$2:C$11)-1)"
RANKED_DOWN = "=(RANK(C{row},C$2:C$11,0)-1)/(COUNT(C$2:C$11)-1)"


@pytest.mark.parametrize(
    ("formula", "method", "direction", "params"),
    [
        (SHARE, "fracsum", 1, {"scale": 1.0}),
        ("=100*" + SHARE[1:], "fracsum", 1, {"scale": 100.0}),
        ("=1-" + SHARE[1:], "fracsum", -1, {"scale": 1.0}),
        (RANKED, "percentile", 1, {"base": 0.0, "scale": 1.0, "ties": "min"}),
        (RANKED_DOWN, "percentile", -1, {"base": 0.0, "scale": 1.0, "ties": "min"}),
        (
            "=10+90*" + RANKED[1:],
            "percentile",
            1,
            {"base": 10.0, "scale": 100.0, "ties": "min"},
        ),
        (
            "=RANK(C{row},C$2:C$11,1)",
            "borda",
            1,
            {"base": 1.0, "ties": "min"},
        ),
    ],
)
def test_a_column_is_matched_and_proved(tmp_path, formula, method, direction, params):
    read = read_index(team_book(tmp_path / "team.xlsx", {"E": formula}))
    fit = read.tables.placed[2].meaning.fit
    assert (fit.method, fit.direction, fit.params) == (method, direction, params)
    assert read.status == "explained"
    assert read.proof.stored_totals.is_complete


def test_a_percentile_that_counts_negatively_is_turned(tmp_path):
    formulas = {"E": RANKED, "F": "=0.6*D{row}-0.4*E{row}"}
    read = read_index(team_book(tmp_path / "team.xlsx", formulas))
    meaning = read.tables.placed[2].meaning
    assert isinstance(meaning, Scored)
    assert (meaning.fit.direction, meaning.fit.params["ties"]) == (-1, "max")
    assert read.status == "explained"


#: TOPSIS of two columns, of which the second counts the other way round.
NEARNESS = {
    "D": "=0.7*B{row}/SQRT(SUMSQ(B$2:B$11))",
    "E": "=0.3*C{row}/SQRT(SUMSQ(C$2:C$11))",
    "F": "=H{row}/(G{row}+H{row})",
    "G": "=SQRT((D{row}-MAX(D$2:D$11))^2+(E{row}-MIN(E$2:E$11))^2)",
    "H": "=SQRT((D{row}-MIN(D$2:D$11))^2+(E{row}-MAX(E$2:E$11))^2)",
    "I": "=RANK(F{row},F$2:F$11)",
}


def test_topsis_is_matched_and_proved(tmp_path):
    read = read_index(team_book(tmp_path / "team.xlsx", NEARNESS))
    root, first, second = read.tables.placed
    assert (root.meaning.method, root.meaning.params) == ("topsis", {"vector": "yes"})
    assert (first.weight, second.weight) == pytest.approx((0.7, 0.3))
    assert [p.meaning.fit.direction for p in (first, second)] == [1, -1]
    assert read.status == "explained"
    assert read.proof.stored_totals.is_complete
    assert read.proof.stored_ranks.is_complete


def test_squared_distances_of_two_rows_are_computed(tmp_path):
    cells = {"J2": "=MAX(D2:D11)", "K2": "=MIN(E2:E11)"}
    cells |= {"J3": "=MIN(D2:D11)", "K3": "=MAX(E2:E11)"}
    formulas = {
        **NEARNESS,
        "G": "=SQRT(SUMXMY2($J$2:$K$2,D{row}:E{row}))",
        "H": "=SQRT(SUMXMY2($J$3:$K$3,D{row}:E{row}))",
    }
    path = team_book(tmp_path / "team.xlsx", formulas, cells, stored=False)
    read = read_index(path)
    assert (read.status, read.root.method) == ("explained", "topsis")


def test_topsis_in_many_steps_is_followed_to_the_typed_values(tmp_path):
    """Squares, lengths, shares and weights stand in columns of their own, as in textbooks."""
    cells = {"N2": "=SQRT(SUM(L2:L11))", "O2": "=SQRT(SUM(M2:M11))"}
    formulas = {
        **NEARNESS,
        "D": "=0.7*J{row}",
        "E": "=0.3*K{row}",
        "J": "=B{row}/N$2",
        "K": "=C{row}/O$2",
        "L": "=B{row}^2",
        "M": "=C{row}^2",
    }
    path = team_book(tmp_path / "team.xlsx", formulas, cells)
    read = read_index(path)
    assert (read.status, read.root.method) == ("explained", "topsis")
    weights = [placed.weight for placed in read.tables.placed[1:]]
    assert weights == pytest.approx([0.7, 0.3])


def test_a_last_column_that_divides_by_its_sum_is_left_out(tmp_path):
    formulas = {**NEARNESS, "I": "=F{row}/SUM(F$2:F$11)"}
    read = read_index(team_book(tmp_path / "team.xlsx", formulas))
    assert (read.status, read.root.method) == ("explained", "topsis")


@pytest.mark.parametrize(
    ("formula", "method", "direction", "params"),
    [
        (
            "=LOOKUP(C{row},{{-5,20,40}},{{3,2,1}})",
            "bands",
            1,
            {"cuts": (20.0, 40.0), "scores": (3.0, 2.0, 1.0)},
        ),
        (
            "=100*PERCENTRANK(C$2:C$11,C{row},6)",
            "percentile",
            1,
            {"base": 0.0, "scale": 100.0, "ties": "min"},
        ),
        (
            "=MAX(0.2,1-(C{row}-5)/40)",
            "goalposts",
            -1,
            {"low": 0.0, "high": 37.0, "base": 0.2, "scale": 1.125},
        ),
    ],
)
def test_a_column_of_steps_of_digits_or_with_a_limit_is_matched(
    tmp_path, formula, method, direction, params
):
    path = team_book(tmp_path / "team.xlsx", {"E": formula}, stored=False)
    read = read_index(path)
    fit = read.tables.placed[2].meaning.fit
    assert (fit.method, fit.direction, fit.params) == (method, direction, params)
    assert read.status == "explained"


def test_growth_in_each_year_is_data_that_may_fall_below_zero(tmp_path):
    formulas = {
        "D": "=MAX(0,H{row})/MAX(H$2:H$11)",
        "H": "=(B{row}/C{row})^(1/5)-1",
    }
    read = read_index(
        team_book(tmp_path / "team.xlsx", formulas, {"G1": "Rank", "H1": "Growth"})
    )
    score = read.tables.placed[1].meaning
    assert score.fit.params == {"base": 0.0, "scale": 1.0, "bounds": "max", "floor": 0}
    made = read.columns.made[score.base]
    assert (made.times, made.constant, made.years) == (1.0, -1.0, 5)
    assert read.status == "explained"


def test_a_minimum_over_what_is_there_is_not_stretched(tmp_path):
    formulas = {"F": "=MIN(D{row}:E{row})"}
    formulas["E"] = '=IF(C{row}="","",(C{row}-5)/60)'
    path = team_book(tmp_path / "team.xlsx", formulas, {"C4": None}, stored=False)
    read = read_index(path)
    assert (read.root.method, read.root.missing) == ("minimum", "renormalise")
    assert read.root.rescale is None
    assert read.status == "explained"
