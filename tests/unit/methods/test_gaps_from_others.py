"""Gaps filled from other indicators: index, marks, cells, engines, check, trace, assess."""

import itertools

import numpy as np
import openpyxl
import pytest

import xlcity as xc
from tests.helpers.robust import invented
from tests.unit.assess.test_uncertainty import assert_replayed
from xlcity.assess.plan import make_plan
from xlcity.cli import main
from xlcity.errors import RecipeError
from xlcity.functions.impute_model import (
    impute_em,
    impute_neighbours,
    impute_regression,
)
from xlcity.index.compute import compute
from xlcity.index.method_options import with_method_words

FRAMEWORK = "code,parent\nT,\nP,T\nQ,T\na,P\nb,P\nc,Q\nd,Q\ne,Q\n"
GAPS = {("u2", "b"), ("u5", "a"), ("u5", "d"), ("u7", "d")}
#: A different rule for each indicator with gaps.
MIXED = "a=em,b=neighbours:4:all,d=regression_on:c"


@pytest.fixture
def tables(tmp_path):
    """Return framework and data as files, and the values with gaps as (n, 5)."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(20, 2)) @ rng.normal(size=(2, 5)) + 0.4 * rng.normal(
        size=(20, 5)
    )
    x = np.round(100 + 10 * x, 3)
    for unit, code in GAPS:
        x[int(unit[1:]), "abcde".index(code)] = np.nan
    rows = [
        f"u{i}," + ",".join("NA" if np.isnan(v) else str(v) for v in row)
        for i, row in enumerate(x)
    ]
    framework = tmp_path / "framework.csv"
    data = tmp_path / "data.csv"
    framework.write_text(FRAMEWORK)
    data.write_text("\n".join(["unit,a,b,c,d,e", *rows]))
    return framework, data, x


def filled(index, unit, code):
    """Return the number that the mark of an imputed value names."""
    (mark,) = [
        m for m in index.as_dict()["marks"] if (m["unit"], m["node"]) == (unit, code)
    ]
    assert mark["kind"] == "imputed"
    return float(mark["detail"].rpartition("-> ")[2])


@pytest.mark.parametrize("word", ["regression", "neighbours", "em", "draw:2:9"])
def test_every_filled_value_is_marked_and_no_other(tables, word):
    marks = xc.Index(*tables[:2], normalise="minmax", impute=word).as_dict()["marks"]
    assert {(m["unit"], m["node"]) for m in marks if m["kind"] == "imputed"} == GAPS


def test_the_parameters_say_which_indicators_and_cities_count(tables):
    framework, data, x = tables
    states = np.where(np.isnan(x), 2, 0)

    def value(word, unit, code):
        index = xc.Index(framework, data, normalise="minmax", impute=word)
        return pytest.approx(filled(index, unit, code), rel=1e-9)

    whole = (x, states)
    pillar = (x[:, :2], states[:, :2])
    assert impute_em(whole[0], 1, states=whole[1]).values[5, 0] == value(
        "em", "u5", "a"
    )
    assert impute_em(pillar[0], 1, states=pillar[1]).values[5, 0] == value(
        "em:pillar", "u5", "a"
    )
    near = impute_neighbours(x, 4, 3, states=states).values
    assert near[7, 0] == value("neighbours:3", "u7", "d")
    assert near[7, 0] != value("neighbours:6", "u7", "d")
    regressed = impute_regression(x, 2, states=states).values[
        2, 0
    ]  # on c and e, without gaps
    assert regressed == value("regression", "u2", "b")
    on_c = impute_regression(x, 4, 3, states=states).values[7, 0]
    assert on_c == value("regression_on:c", "u7", "d")


def test_filled_values_are_never_taken_as_given(tables):
    framework, data, _ = tables
    alone = xc.Index(framework, data, normalise="minmax", impute="d=em")
    beside = xc.Index(framework, data, normalise="minmax", impute="em")
    assert filled(alone, "u7", "d") == filled(beside, "u7", "d")


def test_what_cannot_be_done_is_said_by_name(tables, tmp_path):
    framework, data, _ = tables
    few = tmp_path / "few.csv"
    few.write_text("\n".join(data.read_text().splitlines()[:7]) + "\n")
    with pytest.raises(RecipeError, match="the predictor 'zz' is not an indicator"):
        xc.Index(framework, data, impute="regression_on:zz")
    with pytest.raises(
        RecipeError, match="level is 'town', not one of all, pillar, parent"
    ):
        xc.Index(framework, data, impute="em:town")
    with pytest.raises(RecipeError, match="nearest is 0"):
        xc.Index(framework, data, impute="neighbours:0")
    with pytest.raises(RecipeError, match=r"nearest is 2\.5, not a whole number"):
        xc.Index(framework, data, impute="neighbours:2.5")
    lines = few.read_text().splitlines()
    few.write_text("\n".join(lines[:6]) + "\n")  # five cities, five indicators
    index = xc.Index(framework, few, normalise="minmax", impute="em")
    failures = index.as_dict()["failures"]
    assert any("fill b by em" in failure["message"] for failure in failures)
    with pytest.raises(RecipeError, match="templates cannot impute_raw by 'draw'"):
        xc.Index(framework, data, impute="draw").to_workbook(tmp_path / "draw.xlsx")


@pytest.mark.parametrize("engine", ["compiled", "formualizer"])
def test_cells_fill_as_python_does_in_every_engine(tables, tmp_path, engine, capsys):
    framework, data, _ = tables
    index = xc.Index(framework, data, normalise="minmax", impute=MIXED)
    index.to_workbook(book := tmp_path / "book.xlsx")
    assert (
        main(["recalc", str(book), "--in-place", "--no-backup", "--engine", engine])
        == 0
    )
    workbook = xc.Workbook.open(book)
    stored = workbook.results.scores["T"].to_numpy()
    np.testing.assert_allclose(stored, index.scores["T"].to_numpy(), rtol=1e-9)
    assert workbook.check()
    capsys.readouterr()
    assert main(["trace", str(book), "u5", "a", "--depth", "9"]) == 0
    told = capsys.readouterr().out
    assert "(imputed)" in told.splitlines()[0]
    assert "u0 · e" in told or "a … e · raw value" in told  # what the function reads


def cells_with(book, text):
    """Return the workbook as openpyxl reads it, and its formulas that contain a text."""
    workbook = openpyxl.load_workbook(book)
    cells = itertools.chain.from_iterable(row for sheet in workbook for row in sheet)
    return workbook, [
        c for c in cells if text in str(getattr(c.value, "text", c.value))
    ]


def test_a_call_that_was_changed_is_found(tables, tmp_path):
    framework, data, _ = tables
    book = tmp_path / "book.xlsx"
    xc.Index(framework, data, normalise="minmax", impute=MIXED).to_workbook(book)
    workbook, calls = cells_with(book, "IMPUTE_EM(")
    calls[0].value.text = calls[0].value.text.replace(
        "IMPUTE_EM(", "IMPUTE_NEIGHBOURS("
    )
    workbook.save(book)
    assert not xc.Workbook.open(book).check()


def test_a_new_value_and_a_new_count_of_neighbours_move_the_filled_value(
    tables, tmp_path
):
    framework, data, _ = tables
    index = xc.Index(framework, data, normalise="minmax", impute="neighbours:4")
    index.to_workbook(book := tmp_path / "book.xlsx")
    workbook, found = cells_with(book, "nearest")
    head = next(
        cell for cell in found if cell.parent.title in ("Framework", "指标体系")
    )
    sheet = head.parent
    for row in range(head.row + 1, sheet.max_row + 1):
        if sheet.cell(row, head.column).value == 4:
            sheet.cell(row, head.column).value = 2
    workbook.save(book)
    assert main(["recalc", str(book), "--in-place", "--no-backup"]) == 0
    stored = xc.Workbook.open(book)
    other = xc.Index(framework, data, normalise="minmax", impute="neighbours:2")
    assert not np.allclose(other.scores["T"], index.scores["T"])
    np.testing.assert_allclose(stored.results.scores["T"], other.scores["T"], rtol=1e-9)


@pytest.mark.slow
def test_the_draws_of_a_multiple_imputation_widen_the_ranks_of_gaps(tables):
    framework, data, _ = tables
    index = xc.Index(framework, data, normalise="minmax", impute="em")
    fixed = index.assess(n=60, vary=["impute=own"], seed=1).as_dict()["units"]
    drawn = index.assess(n=300, vary=["impute=draws:40"], seed=1).as_dict()["units"]
    again = index.assess(n=300, vary=["impute=draws:40"], seed=1).as_dict()["units"]
    other = index.assess(n=300, vary=["impute=draws:40"], seed=2).as_dict()["units"]
    width = [unit["high"] - unit["low"] for unit in drawn]
    assert drawn == again != other
    assert all(unit["high"] == unit["low"] for unit in fixed)
    with_gaps = {unit for unit, _ in GAPS}
    assert (
        sum(w for u, w in zip(drawn, width, strict=True) if u["unit"] in with_gaps) > 0
    )


def test_draws_that_cannot_be_made_are_refused(tables, tmp_path):
    framework, data, _ = tables
    few = tmp_path / "few.csv"
    few.write_text("\n".join(data.read_text().splitlines()[:6]) + "\n")
    index = xc.Index(framework, few, normalise="minmax", impute="mean")
    with pytest.raises(RecipeError, match="too few to fill"):
        index.assess(n=20, vary=["impute=draws:5"])
    assert (
        index.assess(n=20, vary=["impute=own,draws:5:pillar"]).as_dict()["replicates"]
        == 20
    )
    for count in ("1", "2.5", "x", "99999"):
        with pytest.raises(RecipeError, match="the number of draws is"):
            index.assess(n=20, vary=[f"impute=draws:{count}"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "vary",
    [
        [
            "impute=em:pillar,neighbours:3,regression:pillar,draws:4:pillar",
            "normalise=own,rank",
        ],
        ["impute=own,em:pillar,neighbours:2", "omit=indicators,S1", "nearest=2,4"],
        ["impute=em:pillar,neighbours", "data=normal:8%", "weights=noise:25%"],
        ["impute=em:pillar,regression:pillar", "data=normal:8%", "omit=indicators,S1"],
        ["impute=em:pillar,neighbours", "data=I2=normal:8%"],
    ],
)
def test_replicates_computed_together_are_those_computed_one_by_one(vary):
    framework, recipe, dataset = invented(n=18, gaps=0.1)
    recipe = with_method_words(recipe, framework, {"impute": ["neighbours:4"]})
    assert not compute(framework, recipe, dataset).failures
    assert_replayed(make_plan(framework, recipe, dataset, vary, seed=5), 40, 20)
