"""Labels stay the caller's: what a frame calls its cities comes back in every table."""

import warnings

import pandas as pd
import pytest

import xlcity as xc

FRAMEWORK = "code,parent,weight,direction\nX,,,\nA,X,1,1\nrent,X,1,-1\n"
VALUES = {"A": [1.0, 2.0, 3.0, 4.0], "rent": [3.0, 1.0, 2.0, 5.0]}
PROVINCES = [("江苏", "南京"), ("江苏", "鼓楼"), ("福建", "鼓楼"), ("福建", "厦门")]
INDEXES = {
    "integers": pd.Index([30, 10, 20, 40], name="fips"),
    "counted": pd.RangeIndex(4),
    "floats": pd.Index([1.5, 2.5, 3.5, 4.0]),
    "dates": pd.date_range("2020-01-31", periods=4, freq="31D", name="month"),
    "periods": pd.PeriodIndex(["2020", "2021", "2022", "2023"], freq="Y"),
    "categories": pd.CategoricalIndex(["d", "a", "c", "b"], name="city"),
    "texts": pd.Index(["p", "q", "r", "s"]),
    "spaces": pd.Index([" p", "q ", "r", "北 京"]),
    "totals": pd.Index(["p", "Total", "合计", "Notes: q"], name="unit"),
    "levels": pd.MultiIndex.from_tuples(PROVINCES, names=["province", "city"]),
    "one level tells": pd.MultiIndex.from_tuples(
        [("n", "p"), ("n", "q"), ("s", "r"), ("s", "t")], names=["region", "unit"]
    ),
}


@pytest.fixture
def framework():
    return xc.Framework.read(FRAMEWORK)


@pytest.fixture(params=INDEXES, ids=str)
def labels(request):
    return INDEXES[request.param]


def test_every_table_has_the_labels_of_the_frame(framework, labels):
    frame = pd.DataFrame(VALUES, index=labels).rename_axis(columns="indicators")
    index = xc.Index(framework, frame)
    tables = [
        index.scores,
        index.ranks,
        index.normalised,
        index.contributions(),
        index.data.frame,
        index.data.states,
    ]
    for table in tables:
        pd.testing.assert_index_equal(table.index, labels)
        assert table.columns.name == "indicators"
    pd.testing.assert_index_equal(index.column("X").index, labels)
    pd.testing.assert_index_equal(index.assess(n=4).units.index, labels)
    ranking = index.to_frame()
    pd.testing.assert_index_equal(ranking.index, labels[[2, 1, 3, 0]])
    assert ranking.columns.name == "indicators"
    assert frame.join(index.scores)["X"].notna().all()
    assert index.problems == ()


def test_a_city_is_named_by_its_label(framework, labels):
    index = xc.Index(framework, pd.DataFrame(VALUES, index=labels))
    for row, label in enumerate(labels):
        assert index.trace(label).unit == label
        assert index.trace(label).parts[1].unit == label
        assert index.trace(label).score == index.scores["X"].iloc[row]
        assert index.contributions(label).sum() == pytest.approx(
            index.scores["X"].iloc[row]
        )
    groups = pd.Series(["n", "n", "s", "s"], index=labels)
    apart = xc.Index(framework, pd.DataFrame(VALUES, index=labels), groups=groups)
    assert apart.result.populations == ("n", "s")
    pd.testing.assert_index_equal(apart.scores.index, labels)


def test_unknown_labels_are_named(framework):
    index = xc.Index(framework, pd.DataFrame(VALUES, index=INDEXES["integers"]))
    assert index.trace("30").unit == 30
    with pytest.raises(xc.XlcityError, match="unknown city '3'"):
        index.trace(3)


def test_a_column_of_cities_gives_its_labels(framework):
    frame = pd.DataFrame({"city_id": [7, 8, 9, 10], **VALUES})
    index = xc.Index(framework, frame)
    expected = pd.Index([7, 8, 9, 10], name="city_id")
    pd.testing.assert_index_equal(index.scores.index, expected)
    assert frame.merge(index.scores, on="city_id")["X"].notna().all()


def test_an_index_beside_names_of_cities_is_kept(framework):
    frame = pd.DataFrame(VALUES, index=INDEXES["integers"])
    names = frame.assign(city=["p", "q", "r", "s"])
    pd.testing.assert_index_equal(xc.Index(framework, names).scores.index, frame.index)
    ids = frame.assign(unit=["p", "q", "r", "s"])
    pd.testing.assert_index_equal(xc.Index(framework, ids).scores.index, frame.index)
    counted = ids.reset_index(drop=True)
    assert xc.Index(framework, counted).scores.index.tolist() == ["p", "q", "r", "s"]
    filtered = counted[counted["A"] > 1]
    assert xc.Index(framework, filtered).scores.index.tolist() == ["q", "r", "s"]


def test_editions_keep_the_labels(framework):
    single = pd.DataFrame(VALUES, index=INDEXES["levels"])
    panel = pd.concat({2020: single, 2021: single * 2}, names=["year"])
    for frame in (panel, panel.swaplevel(0, 1), panel.reorder_levels([1, 2, 0])):
        index = xc.Index(framework, frame)
        assert index.scores.index.names == ["province", "city"]
        assert index.scores.index.tolist() == PROVINCES
        assert index.growth().index.tolist() == PROVINCES
    years = pd.concat({2020: single, 2021: single}, names=["year"])
    years = years.droplevel("province").iloc[[0, 3, 4, 7]]
    assert xc.Index(framework, years).scores.index.names == ["city"]


def test_a_level_may_not_be_a_column_too(framework):
    frame = pd.DataFrame(VALUES, index=INDEXES["levels"]).assign(province="x")
    with pytest.raises(xc.XlcityError, match="both a level and a column 'province'"):
        xc.Index(framework, frame)


def test_rows_are_totals_where_they_are_asked_for_alone(framework):
    labels = INDEXES["totals"]
    frame = pd.DataFrame(VALUES, index=labels)
    index = xc.Index(framework, frame, skip_totals=True)
    assert index.scores.index.tolist() == ["p"]
    assert [problem.code for problem in index.problems][-3:] == ["XC349"] * 3
    assert "'Total' is not read as a city" in str(index.problems)
    read = xc.read_data(frame, framework, skip_totals=True)
    assert read.frame.index.tolist() == ["p"]
    # A column of cities is read as that of a file.
    of_column = xc.Index(framework, frame.reset_index())
    assert of_column.scores.index.tolist() == ["p"]
    assert "'合计' is not read as a city" in str(of_column.problems)


def test_problems_are_all_that_the_command_line_remarks(framework):
    frame = pd.DataFrame({"A": [1.0, 2.0, 3.0, None]}, index=["p", "q", "r", "s"])
    with pytest.warns(xc.DataWarning, match="no column for rent") as caught:
        index = xc.Index(framework, frame)
    assert caught[0].filename == __file__
    texts = [str(problem) for problem in index.problems]
    assert texts[0].startswith("the data have no column for rent")
    assert "draft: 5 inputs are not filled yet: p rent, q rent" in texts[1]
    complete = pd.DataFrame(VALUES, index=["p", "q", "r", "s"])
    complete.loc["q", "rent"] = None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        index = xc.Index(framework, complete)
    assert [str(problem) for problem in index.problems] == [
        "weights shared among the others: q X."
    ]


def test_a_group_is_a_column_or_a_level(framework):
    labels = INDEXES["levels"]
    frame = pd.DataFrame({**VALUES, "coast": [1, 1, 2, 2]}, index=labels)
    of_column = xc.Index(framework, frame, groups="coast")
    assert of_column.result.populations == ("1", "2")
    assert of_column.problems == ()
    of_level = xc.Index(framework, frame.drop(columns="coast"), groups="province")
    assert of_level.result.populations == ("江苏", "福建")
    with pytest.raises(xc.XlcityError, match="groups: the data are not a frame"):
        xc.Index(framework, frame, groups="cost")
