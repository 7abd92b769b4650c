"""Gaps filled from other editions, by city, and editions in one table or in several files."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.interpolate import interp1d

import xlcity as xc
from xlcity.api.data import read_data
from xlcity.cli import main
from xlcity.functions.block import CellState
from xlcity.functions.impute import SERIES_METHODS, impute_series
from xlcity.index.panel import (
    compute_panel,
    fill_series,
    growth_rates,
    has_fixed_bounds,
    with_edition_bounds,
)
from xlcity.model.dataset import State, Status, Unit
from xlcity.model.framework import Framework
from xlcity.model.panel import Panel
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe import Recipe, Step

TREE = "code,parent\nT,\na,T\nb,T\n"
YEARS = (2018, 2019, 2021, 2022, 2025)
A = {"u": (1, None, None, 4, None), "v": (None, 5, 3, None, 9), "w": (2, 2, 6, 2, 1)}
B = {"u": (7, 8, 9, 6, 5), "v": (1, None, 2, 2, 3), "w": (5, 4, 4, 6, 1)}


def rows(year):
    at = YEARS.index(year)
    for unit in A:
        cells = (
            "NA" if one[unit][at] is None else str(one[unit][at]) for one in (A, B)
        )
        yield ",".join((unit, *cells))


@pytest.fixture
def files(tmp_path):
    (tmp_path / "tree.csv").write_text(TREE)
    lines = [f"{row},{year}" for year in YEARS for row in rows(year)]
    (tmp_path / "long.csv").write_text("unit,a,b,year\n" + "\n".join(lines))
    (tmp_path / "years").mkdir()
    for year in YEARS:
        (tmp_path / "years" / f"{year}.csv").write_text(
            "unit,a,b\n" + "\n".join(rows(year))
        )
    return tmp_path


def test_a_folder_with_a_table_per_edition_is_the_long_table(files, capsys):
    found = []
    for data in ("long.csv", "years"):
        words = ["--framework", str(files / "tree.csv"), "--data", str(files / data)]
        assert (
            main(["index", *words, "--impute", "linear", "--together", "--json"]) == 0
        )
        found.append(json.loads(capsys.readouterr().out)["editions"])
    assert found[0] == found[1]
    assert [edition["edition"] for edition in found[0]] == [str(year) for year in YEARS]


def test_what_fills_a_gap_is_marked_in_its_edition(files):
    index = xc.Index(files / "tree.csv", files / "years", impute="interpolate:2")
    filled = {
        (found.edition, mark.unit, mark.code): float(mark.detail.split()[-1])
        for found in index.edition_results()
        for mark in found.marks
    }
    # u between 2018 and 2022; v between 2021 and 2025 and, in b, between 2018 and 2021.
    assert filled == {
        ("2019", "u", "a"): 1.75,
        ("2021", "u", "a"): 3.25,
        ("2022", "v", "a"): 4.5,
        ("2019", "v", "b"): pytest.approx(4 / 3),
    }


def block(most=None, method="linear"):
    values = np.array(
        [[np.nan if x is None else x for x in line] for line in A.values()], float
    )
    states = np.where(np.isnan(values), CellState.MISSING, CellState.NUMBER).astype(
        np.uint8
    )
    return values, impute_series(values, method, YEARS, most, states=states).values


def test_lines_are_those_of_scipy():
    values, linear = block()
    _, inside = block(method="interpolate")
    for row, kept, made in zip(values, inside, linear, strict=True):
        known = ~np.isnan(row)
        x = np.array(YEARS)[known]
        y = row[known]
        ends = y[0], y[-1]
        np.testing.assert_allclose(
            made, interp1d(x, y, bounds_error=False, fill_value=ends)(YEARS)
        )
        np.testing.assert_allclose(kept, interp1d(x, y, bounds_error=False)(YEARS))


@pytest.mark.parametrize("method", SERIES_METHODS)
def test_a_value_farther_away_than_most_fills_nothing(method):
    values = np.array([[1.0, np.nan, np.nan, np.nan, 5.0, np.nan]])
    states = np.where(np.isnan(values), CellState.MISSING, CellState.NUMBER).astype(
        np.uint8
    )
    found = {
        most: np.isnan(
            impute_series(values, method, None, most, states=states).values[0]
        ).tolist()
        for most in (1, 2, 3)
    }
    inner = {
        "latest": {1: [0, 1, 1], 2: [0, 0, 1], 3: [0, 0, 0]},
        "constant": {1: [0, 1, 1], 2: [0, 0, 1], 3: [0, 0, 0]},
        "linear": {1: [1, 1, 1], 2: [1, 0, 1], 3: [0, 0, 0]},
    }.get(method, {1: [1, 1, 1], 2: [1, 0, 1], 3: [0, 0, 0]})
    last = 1 if method == "interpolate" else 0
    for most, gaps in inner.items():
        assert found[most] == [False, *map(bool, gaps), False, bool(last)]


def test_growth_over_the_editions_of_values_and_of_scores_on_common_bounds(
    files, capsys
):
    index = xc.Index(files / "tree.csv", files / "years", impute="interpolate")
    found = index.growth()
    assert found.loc["u", "a"] == pytest.approx(4 ** (1 / 4) - 1)
    assert found.loc["v", "b"] == pytest.approx(3 ** (1 / 7) - 1)
    scores = [edition.scores[:, 0] for edition in index.edition_results(together=True)]
    change = index.growth("change")
    assert scores[0][1] == 0
    assert np.isnan(change.loc["v", "T"])
    assert change["T"][["u", "w"]].tolist() == pytest.approx(
        (scores[-1][[0, 2]] / scores[0][[0, 2]] - 1).tolist()
    )
    words = ["--framework", str(files / "tree.csv"), "--data", str(files / "years")]
    assert main(["index", *words, "--impute", "interpolate", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["growth"]
    assert told["u"]["a"] == found.loc["u", "a"]
    with pytest.raises(xc.XlcityError, match="unknown kind of growth 'total'"):
        index.growth("total")
    with pytest.raises(xc.XlcityError, match="no editions"):
        xc.Index(files / "tree.csv", files / "years" / "2018.csv").growth()


def test_a_break_takes_the_growth_of_cities_with_values_on_both_sides(files):
    framework = Framework.read(files / "tree.csv")
    data = read_data(files / "long.csv", framework, breaks={"a": 2021})
    growth = xc.Index(framework, data, impute="none").growth()
    # u has values of a in 2018 and 2022; v begins in 2019, w in 2018. b has no break.
    assert growth["a"].isna().tolist() == [True, True, True]
    assert growth.loc["w", "b"] == pytest.approx((1 / 5) ** (1 / 7) - 1)
    later = read_data(files / "long.csv", framework, breaks={"a": 2019})
    growth = xc.Index(framework, later, impute="none").growth()
    # v has no value before 2019: 5 to 9 in six years.
    assert growth["a"].isna().tolist() == [True, False, True]
    assert growth.loc["v", "a"] == pytest.approx((9 / 5) ** (1 / 6) - 1)


def test_years_in_words_are_in_order_and_as_far_apart_as_they_are(tmp_path, capsys):
    """The newest edition stood first in the table, and was taken for the oldest."""
    (tmp_path / "tree.csv").write_text("code,parent\nT,\na,T\n", encoding="utf-8")
    values = ((2024, 8), (2021, 1), (2023, 4))
    rows = "".join(f"u,{year}年,{a}\nv,{year}年,9\n" for year, a in values)
    (tmp_path / "data.csv").write_text(f"城市,年份,a\n{rows}", encoding="utf-8")
    words = [f"--framework={tmp_path / 'tree.csv'}", f"--data={tmp_path / 'data.csv'}"]
    assert main(["index", *words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [edition["edition"] for edition in found["editions"]] == [
        "2021年",
        "2023年",
        "2024年",
    ]
    assert found["growth"]["u"]["a"] == pytest.approx(8 ** (1 / 3) - 1)
    assert found["unused"] == []


def test_editions_together_are_ranked_by_the_rule_for_ties_inside_populations():
    units = tuple(
        Unit(name, population=p) for name, p in zip("uvwxy", "aaaba", strict=True)
    )
    framework = Framework.read("code,parent\nT,\na,T\n")
    steps = Step("normalise", "none"), Step("aggregate", "arithmetic")
    recipe = Recipe("r", (*steps, Step("rank", "competition", {"ties": "dense"})))
    datasets = []
    for last in (1.0, 3.0):
        blank = empty_dataset(units, ("a",))
        values = np.array([[3.0], [3.0], [2.0], [9.0], [last]])
        states = np.full_like(blank.states, State.VALUE)
        datasets.append(replace(blank, values=values, states=states))
    panel = Panel(("1", "2"), (1.0, 2.0), tuple(datasets))
    for together in (False, True):
        found = compute_panel(framework, recipe, panel, together=together)
        ranks = [edition.ranks[:, 0].tolist() for edition in found]
        assert ranks == [[1, 1, 2, 1, 3], [1, 1, 2, 1, 1]]


def test_bounds_of_an_edition_take_the_place_of_their_words_alone(files):
    framework = Framework.read(TREE)
    panel = read_data(files / "long.csv", framework).panel
    steps = (
        Step("normalise", "minmax", {"bound": "edition 2018"}),
        Step("aggregate", "geometric", {"missing": "na"}),
        Step("rank", "competition", {"digits": 9}),
    )
    fixed = with_edition_bounds(
        framework, Recipe("r", steps, weights="relative"), panel
    )
    assert fixed.steps[-2:] == steps[1:]
    limits = {
        step.codes: (step.params["lower"], step.params["upper"])
        for step in fixed.steps
        if step.codes
    }
    assert limits == {("a",): (1, 2), ("b",): (1, 7)}


def panel_of(*editions):
    """Return a panel of cities u0, u1, … with the indicators a and b."""
    names = [str(2020 + number) for number in range(len(editions))]
    datasets = []
    for rows in editions:
        values = np.array(rows, dtype=float)
        units = tuple(Unit(f"u{row}") for row in range(len(rows)))
        states = np.where(np.isnan(values), State.MISSING, State.VALUE).astype(np.uint8)
        blank = empty_dataset(units, ("a", "b"))
        datasets.append(replace(blank, values=values, states=states))
    return Panel(tuple(names), tuple(map(float, names)), tuple(datasets))


def method(normalise, *before):
    steps = (
        *before,
        *normalise,
        Step("aggregate", "arithmetic", {"missing": "renormalise"}),
    )
    return Recipe("r", steps, weights="relative")


def test_editions_are_scored_apart_unless_they_are_asked_for_together():
    framework = Framework.read(TREE)
    panel = panel_of([[0, 0], [10, 10]], [[10, 10], [30, 20]])
    minmax = method([Step("normalise", "minmax")])
    apart = [e.scores[:, 0].tolist() for e in compute_panel(framework, minmax, panel)]
    assert apart == [[0, 100], [0, 100]]
    joint = compute_panel(framework, minmax, panel, together=True)
    middle = (100 * 10 / 30 + 100 * 10 / 20) / 2
    assert [pytest.approx(e.scores[:, 0].tolist()) for e in joint] == [
        [0, middle],
        [middle, 100],
    ]
    assert [e.units for e in joint] == [("u0", "u1")] * 2
    assert joint[0].result.dataset.units[2].id == "u0@2021"


def test_one_edition_is_a_panel_too():
    framework = Framework.read(TREE)
    panel = panel_of([[1, 9], [3, np.nan]])
    filled = method([Step("normalise", "none")], Step("impute_raw", "latest"))
    (found,) = compute_panel(framework, filled, panel, together=True)
    assert found.scores[:, 0].tolist() == [5, 3]
    codes, rates = growth_rates(framework, filled, panel)
    assert codes == ("T", "a", "b")
    assert np.isnan(rates).all()


def test_only_methods_over_editions_look_at_other_editions():
    framework = Framework.read(TREE)
    panel = panel_of([[1, 9], [3, 5]], [[np.nan, np.nan], [4, 6]])
    steps = (
        Step("impute_raw", "latest", {}, ("a",)),
        Step("impute_raw", "mean", {}, ("b",)),
    )
    filled, marks = fill_series(
        framework, method([Step("normalise", "minmax")], *steps), panel
    )
    assert filled[1].values[:, 0].tolist() == [1, 4]
    assert filled[1].basis[0].tolist() == [Status.SUBSTITUTED, ""]
    assert np.isnan(filled[1].values[0, 1])
    assert [(m.kind, m.unit, m.code, m.detail) for m in marks[1]] == [
        ("imputed", "u0", "a", "latest -> 1")
    ]
    assert marks[0] == ()
    # An indicator that no step fills keeps its gaps.
    filled, _ = fill_series(
        framework, method([Step("normalise", "minmax")], steps[0]), panel
    )
    assert np.isnan(filled[1].values[0, 1])


@pytest.mark.parametrize(
    ("normalise", "params", "fixed"),
    [
        ("minmax", {"lower": 0.0, "upper": 9.0}, True),
        ("minmax", {"lower": 0.0}, False),
        ("minmax", {}, False),
        ("efficacy", {"low": 0.0, "high": 9.0}, True),
        ("efficacy", {"high": 9.0}, False),
        ("zscore", {}, False),
        ("none", {}, True),
        ("rating", {}, True),
        # The framework has goalposts of a, and the low one of b.
        ("goalposts", {"high": 8.0}, True),
        ("goalposts", {}, False),
        ("goalposts", {"high": "p95"}, False),
    ],
)
def test_scores_of_editions_compare_where_all_bounds_are_stated(
    normalise, params, fixed
):
    framework = Framework.read(
        "code,parent,goalpost_low,goalpost_high\nT,,,\na,T,1,5\nb,T,2,\n"
    )
    assert (
        has_fixed_bounds(framework, method([Step("normalise", normalise, params)]))
        == fixed
    )
    one_of_two = [
        Step("normalise", normalise, params),
        Step("normalise", "zscore", {}, ("b",)),
    ]
    assert not has_fixed_bounds(framework, method(one_of_two))
    a_alone = [
        Step("normalise", "goalposts"),
        Step("normalise", normalise, params, ("b",)),
    ]
    assert has_fixed_bounds(framework, method(a_alone)) == fixed


def test_bounds_of_an_edition_are_for_the_indicators_that_ask_for_them():
    framework = Framework.read(
        "code,parent,goalpost_low,goalpost_high\nT,,,\na,T,1,5\nb,T,2,8\n"
    )
    panel = panel_of([[1, 4], [3, 9]], [[2, 6], [9, 7]])
    steps = [
        Step("normalise", "goalposts", {"bound": "last edition"}, ("a",)),
        Step("normalise", "goalposts", {"base": 1.0}),
    ]
    fixed = with_edition_bounds(framework, method(steps), panel)
    assert fixed.step_for("normalise", "a").params == {"low": 2, "high": 9}
    assert fixed.step_for("normalise", "b") == steps[1]
    plain = method(steps[1:])
    assert with_edition_bounds(framework, plain, panel) is plain
