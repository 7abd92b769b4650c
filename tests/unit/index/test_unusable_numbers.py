"""Numbers that nothing can be computed with, and gaps that a model cannot close: both are said."""

import numpy as np
import pandas as pd
import pytest

import xlcity as xc
from xlcity.functions.block import column_bounds
from xlcity.functions.impute_model import (
    impute_em,
    impute_neighbours,
    impute_regression,
)
from xlcity.model.reading.values import LARGEST_VALUE

FRAMEWORK = xc.Framework.read("code,parent\nT,\nA,T\nB,T\nC,T\n")


def table(n):
    """Return values with a gap in every indicator."""
    rng = np.random.default_rng(1)
    values = rng.uniform(1, 9, (n, 3)).round(3)
    frame = pd.DataFrame(values, [f"c{row:03}" for row in range(n)], ["A", "B", "C"])
    frame = frame.astype(object)
    for row, code in enumerate(frame.columns):
        frame.loc[frame.index[row], code] = "NA"
    return frame


# Of 64 and more cities the extremes of columns are found in bundles of rows.
@pytest.mark.parametrize("n", [8, 63, 64, 80, 128])
def test_regression_without_a_complete_indicator_says_so(n):
    index = xc.Index(FRAMEWORK, table(n), impute="regression")
    (first, *_) = [p for p in index.problems if p.code == "XC354"]
    assert (
        first.message == "regression cannot fill A: every other indicator has gaps too."
    )
    assert "regression_on" in first.hint
    assert "cities are too few" not in " ".join(p.message for p in index.problems)


def test_regression_on_few_cities_still_blames_their_number():
    frame = table(8).iloc[:3]
    frame["B"] = [1.0, 2.0, 4.0]
    frame["C"] = [2.0, 1.0, 3.0]
    index = xc.Index(FRAMEWORK, frame, impute="regression")
    (problem,) = [p for p in index.problems if p.code == "XC354"]
    assert problem.message.startswith("3 cities are too few to fill A")


@pytest.mark.parametrize("n", [1, 63, 64, 65, 130])
def test_no_columns_have_no_bounds(n):
    none = np.empty((n, 0))
    for bounds in column_bounds(none, np.zeros((n, 0), dtype=np.uint8)):
        assert bounds.shape == (0,)
    gap = np.zeros((n, 1), dtype=np.uint8)
    gap[0] = 2
    alone = np.arange(float(n))[:, None]
    for impute in (impute_regression, impute_neighbours, impute_em):
        filled = impute(alone, states=gap)
        assert filled.errors.shape == (n, 1)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1E308", "is too large to compute with"),
        (-1e151, "is too large to compute with"),
        ("1e-310", "is too close to 0"),
        (-5e-324, "is too close to 0"),
        ("1e999", "is not a finite number"),
    ],
)
@pytest.mark.parametrize("normalise", ["minmax", "zscore", "rank"])
def test_a_number_that_is_unusable_is_refused_at_its_cell(typed, said, normalise):
    frame = table(8).replace("NA", 5.0).astype(object)
    frame.loc["c003", "B"] = typed
    with pytest.raises(xc.XlcityError) as raised:
        xc.Index(FRAMEWORK, frame, normalise=normalise)
    (problem,) = raised.value.problems
    assert problem.code == "XC303"
    assert said in problem.message
    assert (problem.where.unit, problem.where.indicator) == ("c003", "B")


def test_the_largest_and_the_smallest_number_are_computed_with():
    frame = table(8).replace("NA", 5.0).astype(float)
    frame.loc["c003", "B"] = LARGEST_VALUE
    frame["C"] = frame["C"] * 1e-307
    for normalise in ("minmax", "zscore", "rank"):
        index = xc.Index(FRAMEWORK, frame, normalise=normalise)
        assert index.scores["T"].notna().all(), normalise


@pytest.mark.parametrize("typed", ["1e300", "-1e151", "1e-310"])
@pytest.mark.parametrize(
    "text",
    [
        "unit,A,B,C\n2020,{},63.9,1\n2021,,47.4,2\n",
        "unit,code,value\nx,A,{}\ny,B,67.7\nx,C,23.9\nz,A,\nz,B,50.7\n",
    ],
    ids=["wide", "long"],
)
def test_an_unusable_number_of_a_file_is_all_that_is_named(text, typed, tmp_path):
    """It does not make its column one of texts, nor its row that of the headings."""
    path = tmp_path / "data.csv"
    path.write_text(text.format(typed), encoding="utf-8")
    with pytest.raises(xc.XlcityError) as raised:
        xc.read_data(path, FRAMEWORK)
    assert [problem.code for problem in raised.value.problems] == ["XC303"]
