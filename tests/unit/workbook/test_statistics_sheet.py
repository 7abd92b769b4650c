"""`Statistics`: cells against scipy and `xlcity.assess`, gaps and all."""

from functools import cache

import numpy as np
import pytest
from scipy import stats

from xlcity.assess.statistics import indicator_statistics
from xlcity.index import compute
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node
from xlcity.model.recipe import Recipe, Step
from xlcity.recalc.workbook import recalculate
from xlcity.workbook.build import draw
from xlcity.workbook.sheets.analyses.statistics import EXPLAINED, HEADER
from xlcity.workbook.spec.from_report import own_spec
from xlcity.workbook.tabs import with_pages

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
        package, _ = draw(with_pages(spec, ["statistics"]))
        self.computed = recalculate(package)
        cells = self.computed.as_book().sheets["Statistics"].cells
        self.cells = {position: cell.value for position, cell in cells.items()}

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
            numbers["Zeros"] = want.zeros / want.n
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
    assert [rows[7][name] for name in ("Mean", "Standard deviation (n − 1)", "Outliers")] == [
        ""
    ] * 3
    assert not sheet("main").computed.errors.get("Statistics")


def test_availability_of_cities():
    found = sheet("main")
    states = found.dataset.states == State.VALUE
    top = found.row_of("Availability by city") + 1
    cities = list(found.table(top, top + 1, 1))
    assert [row["n"] for row in cities] == states.sum(axis=1).tolist()
    assert [row["Availability"] for row in cities] == states.mean(axis=1).tolist()
    assert [row["Pillar A"] for row in cities] == states[:, :4].mean(axis=1).tolist()
