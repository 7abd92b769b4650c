"""`Statistics` and `Correlation`: cells against scipy and `xlcity.assess`, gaps and all."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import stats

from xlcity.assess.statistics import alphas, correlations, indicator_statistics
from xlcity.index import compute
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node
from xlcity.model.recipe import Recipe, Step
from xlcity.recalc.workbook import recalculate
from xlcity.workbook.build import draw
from xlcity.workbook.sheets.analyses import correlation_tables as correlation
from xlcity.workbook.sheets.analyses.statistics import EXPLAINED, HEADER
from xlcity.workbook.spec.from_report import own_spec
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.editing.patch import write_inputs

CODES = tuple(f"I{at}" for at in range(8))
FRAME = Framework(
    (
        Node("X", None, "", "Index"),
        *(Node(pillar, "X", "", f"Pillar {pillar}") for pillar in "AB"),
        *(Node(code, "AB"[at // 4], "", f"Indicator {at}") for at, code in enumerate(CODES)),
    )
)
GROUPS = ("east", "west", "south")


def data(populations):
    """Return values with gaps, zeros, ties, tails; one column constant, one short, one empty."""
    rng = np.random.default_rng(11)
    n = 24
    values = np.round(rng.normal(50, 9, (n, len(CODES))), 1)
    values[:, 1] = np.round(np.exp(rng.normal(0, 1.6, n)), 2)
    values[::5, 2] = 0.0
    values[7:12, 2] = values[6, 2]
    values[:, 4] = 0.1
    states = np.full(values.shape, State.VALUE, dtype=np.uint8)
    states[rng.random(values.shape) < 0.15] = State.MISSING
    states[4:, 5] = State.MISSING
    states[2:, 6] = State.MISSING
    states[:, 7] = State.MISSING
    values[states != State.VALUE] = np.nan
    units = tuple(
        Unit(f"u{k:02d}", population=populations[k % len(populations)],
             attributes={"note": str(k), "Group_region": GROUPS[k % 3] if k else ""})
        for k in range(n)
    )  # fmt: skip
    return Dataset(units, CODES, values, states, np.full(values.shape, "", dtype="<U12"))


def recipe(populations):
    # Several groups are neither treated nor without a scale in templates.
    several = len(populations) > 1
    treat = Step("treat", "percentile", {"low": 10, "high": 90}, ("I0",))
    scale = Step("rescale", "efficacy", {"constant": 60})
    steps = (
        *(() if several else (treat,)),
        Step("normalise", "zscore", {"clip": 1.2}),
        Step("aggregate", "arithmetic", {"missing": "renormalise"}),
        *((scale,) if several else ()),
        Step("rank", "competition", {"digits": 9}),
    )
    return Recipe("own", steps, "relative", populations=populations, blank="missing")


class Sheet:
    """The cells of the sheet, by their headings."""

    def __init__(self, populations):
        self.dataset = data(populations)
        self.result = compute(FRAME, recipe(populations), self.dataset)
        spec = own_spec(FRAME, recipe(populations), self.dataset, language="en", cells="native")
        package, _ = draw(with_pages(spec, ["statistics", "correlation"]))
        # The last group of cities, and the children of A.
        chosen = {(correlation.GROUP, 2): "A"}
        if len(populations) > 1:
            chosen[correlation.MEMBERS, 2] = populations[-1]
        package = write_inputs(package, {"Correlation": chosen})
        self.computed = recalculate(package)
        sheets = self.computed.as_book().sheets
        self.cells, self.pairs = (
            {position: cell.value for position, cell in sheets[name].cells.items()}
            for name in ("Statistics", "Correlation")
        )

    def table(self, header, first, key):
        """Yield a row of cells by heading for each row of a table."""
        heads = {c: value for (r, c), value in self.cells.items() if r == header and value}
        row = first
        while self.cells.get((row, key)) not in (None, ""):
            yield {name: self.cells.get((row, c)) for c, name in heads.items()}
            row += 1

    def row_of(self, text, column=1):
        return next(r for (r, c), value in self.cells.items() if c == column and value == text)


@cache
def sheet(*populations):
    return Sheet(populations)


@pytest.mark.parametrize("populations", [("main",), ("main", "mini")])
def test_cells_are_what_the_assessment_says(populations):
    found = sheet(*populations)
    expected = indicator_statistics(found.result)
    rows = list(found.table(HEADER, EXPLAINED + 1, 2))
    assert len(rows) == len(expected)
    for row, want in zip(rows, expected, strict=True):
        assert row["Name"] == f"Indicator {want.indicator[1:]}"
        numbers = {
            "n": want.n,
            "Availability": want.n / (want.n + want.missing),
            "Mean": want.mean,
            "Median": want.median,
            "Standard deviation (n − 1)": want.sd,
            "Minimum": want.minimum,
            "Maximum": want.maximum,
            "Skewness": want.skew,
            "Kurtosis": want.kurt,
        }
        if want.n:
            numbers |= {"Zeros": want.zeros / want.n, "Unique": want.unique / want.n}
            numbers["Outliers"] = want.outliers
        numbers["Treated"] = want.treated
        for name, number in numbers.items():
            if np.isnan(number):
                assert row[name] == "", (want.indicator, name)
            else:
                assert row[name] == pytest.approx(number, rel=1e-9, abs=1e-9), (want, name)
        assert ("skewed" in row["Remark"]) == want.skewed
        assert ("few data" in row["Remark"]) == (0 < want.n < 0.65 * (want.n + want.missing))


def test_cells_are_what_scipy_says_of_the_numbers():
    found = sheet("main")
    rows = list(found.table(HEADER, EXPLAINED + 1, 2))
    for at in range(4):
        x = found.dataset.values[:, at]
        x = x[~np.isnan(x)]
        want = {
            "Skewness": stats.skew(x, bias=False),
            "Kurtosis": stats.kurtosis(x, bias=False),
            "Standard deviation (n − 1)": x.std(ddof=1),
            "Lower quartile": np.quantile(x, 0.25),
            "Upper fence": np.quantile(x, 0.75) + 1.5 * np.subtract(*np.quantile(x, (0.75, 0.25))),
        }
        for name, number in want.items():
            assert rows[at][name] == pytest.approx(number, rel=1e-9, abs=1e-9), (at, name)


def test_what_cannot_be_said_is_empty_and_why_stands_beside_it():
    rows = list(sheet("main").table(HEADER, EXPLAINED + 1, 2))
    assert rows[4]["Remark"] == "all values equal"
    assert (rows[4]["Standard deviation (n − 1)"], rows[4]["Skewness"], rows[4]["Kurtosis"]) == (
        0,
        "",
        "",
    )
    assert rows[7]["Remark"] == "no data"
    assert [
        rows[7][name] for name in ("Mean", "Standard deviation (n − 1)", "Unique", "Outliers")
    ] == [""] * 4
    assert not sheet("main").computed.errors.get("Statistics")


def test_availability_of_cities_and_of_the_groups_of_the_chosen_attribute():
    found = sheet("main")
    states = found.dataset.states == State.VALUE
    top = found.row_of("Availability by city") + 1
    cities = list(found.table(top, top + 1, 1))
    assert [row["n"] for row in cities] == states.sum(axis=1).tolist()
    assert [row["Availability"] for row in cities] == states.mean(axis=1).tolist()
    assert [row["Pillar A"] for row in cities] == states[:, :4].mean(axis=1).tolist()
    top = found.row_of("Availability by group of cities") + 2
    groups = list(found.table(top, top + 1, 1))
    members = {g: [k for k in range(24) if k and GROUPS[k % 3] == g] for g in GROUPS}
    assert [row["Group"] for row in groups] == ["west", "south", "east"]
    for row in groups:
        rows = members[row["Group"]]
        assert row["Cities"] == len(rows)
        assert row["Availability"] == pytest.approx(states[rows].mean(), abs=1e-12)


def matrix(found, name):
    """Return the coefficients of the children of the chosen node."""
    top = correlation.MATRICES + (7 if name in ("spearman", "n") else 0) + 2
    left = 6 if name in ("p", "n") else 1
    cells = [[found.pairs.get((top + i, left + 1 + j)) for j in range(4)] for i in range(4)]
    return np.array([[np.nan if v in ("", None) else v for v in row] for row in cells], float)


@pytest.mark.parametrize("populations", [("main",), ("main", "mini")])
def test_every_pair_is_what_the_assessment_and_scipy_say(populations):
    found = sheet(*populations)
    expected = correlations(found.result, populations[-1])
    header = next(r for (r, c), v in found.pairs.items() if c == 6 and v == "p (two-sided)")
    rows = [
        [found.pairs.get((header + 1 + at, c)) for c in range(1, 8)] for at in range(len(expected))
    ]
    siblings = [pair for pair in expected if pair.group]
    assert len(siblings) == 1 + 6 + 6
    of = found.result.dataset.units
    members = [k for k, unit in enumerate(of) if unit.population == populations[-1]]
    checked = 0
    for row, pair in zip(rows, expected, strict=True):
        x, y = (found.result.column(code)[members] for code in (pair.a, pair.b))
        both = ~(np.isnan(x) | np.isnan(y))
        assert row[3] == both.sum() == pair.n
        if np.isnan(pair.pearson):
            assert row[4] == ""
            continue
        assert row[4] == pytest.approx(pair.pearson, abs=1e-9)
        words = {"low": "too low", "high": "too high", "negative": "negative"}
        assert (row[6] or "").startswith(words.get(pair.flag, ""))
        assert bool(row[6]) == bool(pair.flag)
        if both.sum() > 2:
            want = stats.pearsonr(x[both], y[both])
            assert row[4] == pytest.approx(want.statistic, abs=1e-9)
            assert row[5] == pytest.approx(want.pvalue, abs=1e-7)
            checked += 1
    assert checked >= 10


@pytest.mark.parametrize("populations", [("main",), ("main", "mini")])
def test_rank_correlations_of_the_chosen_node_leave_out_gaps_pair_by_pair(populations):
    found = sheet(*populations)
    of = found.result.dataset.units
    members = [k for k, unit in enumerate(of) if unit.population == populations[-1]]
    values = np.column_stack([found.result.column(code)[members] for code in CODES[:4]])
    ranks, r = matrix(found, "spearman"), matrix(found, "r")
    compared = 0
    for one in range(4):
        for other in range(4):
            both = ~np.isnan(values[:, [one, other]]).any(axis=1)
            x, y = values[both, one], values[both, other]
            if one == other:
                assert ranks[one, other] == r[one, other] == 1
            elif both.sum() > 2 and np.ptp(x) > 0 < np.ptp(y):
                want = stats.spearmanr(x, y).statistic
                assert ranks[one, other] == pytest.approx(want, abs=1e-9)
                compared += 1
    assert compared >= 6


def test_alpha_of_the_chosen_node_is_that_of_cities_with_all_children():
    found = sheet("main", "mini")
    want = alphas(found.result, "mini")["A"][0]
    got = found.pairs[correlation.GROUP, 6]
    assert (got == "") if np.isnan(want) else got == pytest.approx(want, abs=1e-9)


def test_columns_that_are_nearly_one_have_a_p_of_0_that_no_engine_is_asked_for():
    dataset = data(("main",))
    states = np.full(dataset.states.shape, State.VALUE, dtype=np.uint8)
    values = np.random.default_rng(2).normal(50, 9, states.shape)
    # Correlations of 1 - 1E-6 to 1 - 1E-12: t is 1,000 to 10 million.
    for other, noise in ((1, 1e-3), (2, 1e-4), (3, 1e-6)):
        values[:, other] = values[:, 0] + noise * values[:, 4]
    spec = own_spec(FRAME, recipe(("main",)), replace(dataset, values=values, states=states))
    computed = recalculate(draw(with_pages(spec, ["correlation"]))[0])
    assert (computed.engine, computed.unverified) == ("compiled", ())
