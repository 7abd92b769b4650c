import numpy as np
import pytest
from scipy import stats

from xlcity.assess import Correlation, correlate, outside_variable
from xlcity.errors import DataError
from xlcity.index import compute
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe import Recipe, Step
from xlcity.reports.vitality2014.reproduce import coefficient_of_sum

FRAMEWORK = Framework.read(
    "code,parent,weight\nT,,1\nP,T,0.75\nQ,T,0.25\na,P,1\nb,Q,1\n"
)
RECIPE = Recipe(
    "r", (Step("normalise", "none"), Step("aggregate", "arithmetic", {"missing": "na"}))
)
#: P, Q, place, size, income, population.
UNITS = {
    "paris": (90.0, 80.0, "inland", "large", "30", "main"),
    "rome": (70.0, 90.0, "inland", "large", "21", "main"),
    "oslo": (60.0, 30.0, "coast", "small", "28", "main"),
    "bonn": (20.0, 40.0, "inland", "small", "", "main"),
    "riga": (40.0, 10.0, "coast", "small", "9", "main"),
    "bern": (50.0, None, "", "small", "25", "main"),
    "nice": (99.0, 99.0, "coast", "small", "99", "mini"),
}


def result(units=UNITS):
    made = tuple(
        Unit(
            name,
            population=row[5],
            attributes=dict(zip(("place", "size", "income"), row[2:5], strict=True)),
        )
        for name, row in units.items()
    )
    blank = empty_dataset(made, ("a", "b"))
    values = np.array(
        [[np.nan if x is None else x for x in row[:2]] for row in units.values()]
    )
    states = np.where(np.isnan(values), State.MISSING, State.VALUE).astype(np.uint8)
    return compute(
        FRAMEWORK, RECIPE, Dataset(made, ("a", "b"), values, states, blank.basis)
    )


P = [90, 70, 60, 20, 40]
Q = [80, 90, 30, 40, 10]


def test_domains_are_correlated_over_the_cities_that_have_both():
    found = correlate(result())
    assert found.codes == ("P", "Q")
    expected = stats.pearsonr(P, Q)
    r, p, n = found.of_pair("P", "Q")
    assert (r, p, n) == pytest.approx((expected.statistic, expected.pvalue, 5))
    # A city without Q still counts for P alone.
    assert found.of_pair("P", "P")[2] == 6
    assert np.isnan(found.p[0, 0])


@pytest.mark.parametrize(
    ("p", "flag"),
    [(0.05, ""), (0.0499, "*"), (0.01, "*"), (0.0099, "**"), (np.nan, "")],
)
def test_flags_follow_the_significance(p, flag):
    square = np.full((2, 2), p)
    found = Correlation(("P", "Q"), square, square, np.full((2, 2), 9))
    assert found.flag("P", "Q") == found.flag("Q", "P") == flag


def test_other_nodes_and_populations_may_be_asked_for():
    assert correlate(result(), ("T", "P", "b")).codes == ("T", "P", "b")
    assert correlate(result(), population="mini").of_pair("P", "Q")[2] == 1


def test_a_variable_is_read_as_data_are():
    units = [
        Unit("a", attributes={"gdp": "1,234.5"}),
        Unit("b", attributes={"gdp": "NA"}),
        Unit("c"),
    ]
    values = outside_variable(units, "gdp")
    assert values[0] == 1234.5
    assert np.isnan(values[1:]).all()
    wrong = [
        *units,
        Unit("d", attributes={"gdp": "12,3"}),
        Unit("e", attributes={"gdp": "big"}),
    ]
    with pytest.raises(DataError) as caught:
        outside_variable(wrong, "gdp")
    assert [problem.where.unit for problem in caught.value.problems] == ["d", "e"]


def test_coefficients_of_parts_imply_that_of_their_sum():
    rng = np.random.default_rng(3)
    x = rng.normal(size=30)
    parts = {"a": x + rng.normal(size=30), "b": 5 * rng.normal(size=30), "c": -x}
    weights = {"a": 0.5, "b": 0.2, "c": 0.3}
    alone = {
        code: stats.pearsonr(scores, x).statistic for code, scores in parts.items()
    }
    total = sum(weights[code] * parts[code] for code in parts)
    assert coefficient_of_sum(alone, parts, weights) == pytest.approx(
        stats.pearsonr(total, x).statistic
    )
