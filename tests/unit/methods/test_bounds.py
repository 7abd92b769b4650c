"""Bounds by rule: percentiles, means of the best, bounds and means of an edition."""

from math import log

import numpy as np
import openpyxl
import pytest

import xlcity as xc
from xlcity.cli import main
from xlcity.errors import RecipeError
from xlcity.methods.bounds import BoundRule

FRAMEWORK = "code,parent,weight,direction\nT,,,\na,T,1,1\nb,T,1,-1\n"
DATA = "unit,a,b\n" + "".join(
    f"u{row},{row * row},{10 + 3 * row}\n" for row in range(8)
)
PANEL = """unit,year,a,b
A,2019,10,50
B,2019,20,40
C,2019,30,30
A,2020,12,45
B,2020,26,35
C,2020,44,25
"""
SQUARES = np.array([0, 1, 4, 9, 16, 25, 36, 49.0])


@pytest.fixture
def tables(tmp_path):
    """Return a framework, data of one edition and a panel, as files."""
    paths = [tmp_path / name for name in ("framework.csv", "data.csv", "panel.csv")]
    for path, text in zip(paths, (FRAMEWORK, DATA, PANEL), strict=True):
        path.write_text(text)
    return paths


@pytest.mark.parametrize(
    ("text", "direction", "expected"),
    [
        ("p0", 1, 0),
        ("p5", 1, 0.35),  # 7 steps: 0.35 of the first, from 0 to 1
        ("p95", -1, 36 + 0.65 * 13),
        ("mean of best 3", 1, (25 + 36 + 49) / 3),
        ("mean of best 3", -1, (0 + 1 + 4) / 3),
        ("mean of worst 2", 1, 0.5),
        ("mean of worst 2", -1, 42.5),
        ("mean of best 20", 1, 140 / 8),  # fewer cities: all of them
    ],
)
def test_rules_by_hand(text, direction, expected):
    states = np.zeros(9, dtype=np.uint8)
    states[8] = 1
    values = np.append(SQUARES, 1e9)  # no number
    rule = BoundRule.parse(text)
    assert rule.compute(values, states, direction) == pytest.approx(expected)
    twice = rule.compute(np.column_stack([values, values]), states[:, None], direction)
    assert twice == pytest.approx([expected] * 2)


@pytest.mark.parametrize(
    "text", ["p101", "p", "best 5", "mean of best 0", "mean of best 21", "5"]
)
def test_texts_that_are_no_rule(text):
    assert BoundRule.parse(text) is None


def test_bounds_by_rule_stand_above_the_column_and_follow_the_data(
    tables, tmp_path, capsys
):
    words = {"a": "goalposts:p5:mean of best 3", "b": "goalposts:mean of best 2:p95"}
    index = xc.Index(*tables[:2], normalise=words)
    low = 0.35
    high = 110 / 3
    assert index.normalised["a"].to_numpy() == pytest.approx(
        np.clip((SQUARES - low) / (high - low), 0, 1) * 100
    )
    book = tmp_path / "book.xlsx"
    index.to_workbook(book, cells="both")
    assert xc.Workbook.open(book).check()
    formulas = [
        cell.value
        for row in openpyxl.load_workbook(book)["Index"].iter_rows(max_row=14)
        for cell in row
        if isinstance(cell.value, str)
    ]
    assert any("PERCENTILE(" in text for text in formulas)
    assert any("LARGE(" in text for text in formulas)
    assert any("SMALL(" in text for text in formulas)
    # Another value moves the bound of all cities, in cells as in Python.
    tables[1].write_text(DATA.replace("u7,49,", "u7,79,"))
    assert (
        main(["fill", str(book), "--data", str(tables[1]), "--in-place", "--no-backup"])
        == 0
    )
    filled = xc.Workbook.open(book)
    assert filled.check()
    again = xc.Index(*tables[:2], normalise=words).scores["T"]
    assert filled.results.scores["T"].to_numpy() == pytest.approx(again.to_numpy())
    assert main(["trace", str(book), "u3", "--depth", "9"]) == 0
    assert "LARGE" not in capsys.readouterr().err


def test_assess_varies_rules(tables, capsys):
    words = [
        "--framework",
        str(tables[0]),
        "--data",
        str(tables[1]),
        "--n",
        "20",
        "--json",
    ]
    words += ["--normalise", "goalposts:p5:mean of best 3"]
    assert (
        main(["assess", *words, "--vary", "low=p0,p5,p10", "high=p90,mean of best 2"])
        == 0
    )
    assert main(["assess", *words, "--vary", "low=p0,p105"]) == 3
    assert "not a number nor a rule" in capsys.readouterr().err


def test_ampi_has_100_in_the_base_year(tables, tmp_path):
    framework, _, panel = tables
    index = xc.Index(framework, panel, normalise="ampi:edition 2019", aggregate="mpi")
    base, latest = index.edition_results()
    # Mazziotta and Pareto: Min = Ref - (Sup - Inf) / 2, Max = Ref + (Sup - Inf) / 2, and
    # r = (x - Min) / (Max - Min) * 60 + 70; for b, where less is better, r = 200 - r.
    for edition, a, b in (
        (base, (10, 20, 30), (50, 40, 30)),
        (latest, (12, 26, 44), (45, 35, 25)),
    ):
        r = np.column_stack(
            [
                (np.array(a) - (20 - 17)) / 34 * 60 + 70,
                200 - ((np.array(b) - (40 - 12.5)) / 25 * 60 + 70),
            ]
        )
        expected = r.mean(axis=1) - r.var(axis=1) / r.mean(axis=1)
        assert edition.scores[:, 0] == pytest.approx(expected)
        if edition is base:
            assert r.mean(axis=0) == pytest.approx([100, 100])
    book = tmp_path / "book.xlsx"
    index.to_workbook(book)
    workbook = xc.Workbook.open(book)
    assert workbook.check()
    assert workbook.results.scores["T"].to_numpy() == pytest.approx(latest.scores[:, 0])


def test_bounds_of_the_first_edition_hold_for_all(tables, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        'version = 2\nid = "r"\nweights = "relative"\n[[step]]\ndo = "normalise"\n'
        'method = "minmax"\nbound = "first edition"\n[[step]]\ndo = "aggregate"\n'
        'method = "arithmetic"\n[[step]]\ndo = "rank"\nmethod = "competition"\n'
    )
    base, latest = xc.Index(tables[0], tables[2], recipe=recipe).edition_results()
    assert base.scores[:, 0].tolist() == [0, 50, 100]
    # C in 2020: a is 170 on the scale of 2019, b 125.
    assert latest.scores[2, 0] == pytest.approx((170 + 125) / 2)
    with pytest.raises(RecipeError, match="needs data of several editions"):
        xc.Index(tables[0], tables[1], recipe=recipe)
    with pytest.raises(RecipeError, match="no such edition"):
        xc.Index(tables[0], tables[2], normalise="ampi:edition 1999")


def test_human_development_index_to_the_printed_digits(tmp_path):
    # UNDP, Human Development Report 2020, technical note 1: income index 0.5506 of $3,829, and
    # (0.6971 * 0.3447 * 0.5506)^(1/3) = 0.510.
    framework = tmp_path / "framework.csv"
    data = tmp_path / "data.csv"
    framework.write_text(
        "code,parent,goalpost_low,goalpost_high\nHDI,,,\nhealth,HDI,0,1\nknowledge,HDI,0,1\n"
        f"income,HDI,{log(100)},{log(75_000)}\n"
    )
    data.write_text(f"unit,health,knowledge,income\nX,0.6971,0.3447,{log(3829)}\n")
    index = xc.Index(framework, data, normalise="goalposts", aggregate="geometric")
    assert round(index.normalised.loc["X", "income"] / 100, 4) == 0.5506
    assert round(index.scores.loc["X", "HDI"] / 100, 3) == 0.510


@pytest.mark.parametrize(
    ("text", "expected"), [("p100", 49), ("mean of best 1", 49), ("mean of worst 1", 0)]
)
def test_rules_at_their_limits(text, expected):
    rule = BoundRule.parse(text)
    states = np.zeros(8, dtype=np.uint8)
    assert rule.compute(SQUARES, states, 1.0) == expected
    columns = np.column_stack([SQUARES, np.full(8, np.nan)])
    both = rule.compute(columns, np.column_stack([states, states + 2]), 1.0)
    assert both.tolist() == [expected, pytest.approx(np.nan, nan_ok=True)]
    assert np.isnan(rule.compute(columns[:, 1], states + 2, 1.0))
