"""Results are frames, objects are shown briefly, and errors of one cause are one line."""

import pandas as pd
import pytest

import xlcity as xc

FRAMEWORK = "code,parent,weight,direction\nX,,,\nA,X,1,1\nrent,X,1,-1\n"
FRAME = pd.DataFrame(
    {"A": [1.0, 2.0, 3.0, 4.0], "rent": [3.0, 1.0, 2.0, 5.0]}, index=[10, 20, 30, 40]
)


@pytest.fixture
def framework():
    return xc.Framework.read(FRAMEWORK)


@pytest.fixture
def panel(framework):
    frames = {2020: FRAME, 2021: FRAME * 2, 2022: FRAME[:3]}
    return xc.Index(framework, pd.concat(frames, names=["year", "fips"]))


def test_editions_are_a_frame(framework, panel):
    editions = panel.editions()
    assert editions.index.names == ["fips", "year"]
    assert editions.index[:4].tolist() == [
        (10, 2020),
        (20, 2020),
        (30, 2020),
        (40, 2020),
    ]
    alone = xc.Index(framework, FRAME)
    for year in (2020, 2021):
        of_year = editions.xs(year, level="year")
        assert of_year["score", "X"].tolist() == alone.scores["X"].tolist()
        assert of_year["rank", "X"].tolist() == alone.ranks["X"].tolist()
    assert editions["rank", "X"].dtype == "Int64"
    assert pd.isna(editions["rank", "X"][40, 2022])
    by_year = editions["score"]["X"].unstack("year")  # noqa: PD010
    assert by_year.columns.tolist() == [2020, 2021, 2022]
    together = panel.editions(together=True)["score", "X"]
    assert together[10, 2020] != together[10, 2021]
    assert alone.editions().empty
    assert alone.editions().columns.equals(editions.columns)


def test_editions_of_cities_that_two_levels_name(framework):
    pairs = pd.MultiIndex.from_product(
        [["n", "s"], ["p", "q"]], names=["region", "city"]
    )
    single = FRAME.set_axis(pairs)
    index = xc.Index(framework, pd.concat({2020: single, 2021: single}, names=["year"]))
    assert index.editions().index.names == ["region", "city", "year"]
    assert index.trajectories().to_frame().index.names == ["region", "city"]


def test_trajectories_have_the_labels(panel):
    traced = panel.trajectories()
    pd.testing.assert_index_equal(
        traced.to_frame().index, pd.Index([10, 20, 30, 40], name="fips")
    )
    assert repr(traced) == "<Trajectories of X: 4 cities, 2020 to 2022>"
    assert traced._repr_html_().startswith("<div>")


def test_an_index_is_as_a_frame_of_its_nodes(framework):
    index = xc.Index(framework, FRAME)
    assert len(index) == 4
    assert [*index] == ["X", "A", "rent"]
    for code in index:
        pd.testing.assert_series_equal(index[code], index.column(code))
    assert index["X"].loc[30] == index.scores.loc[30, "X"]
    with pytest.raises(xc.XlcityError, match="unknown node 'T'"):
        index["T"]


def test_sizes_have_the_labels(framework):
    index = xc.Index(framework, FRAME)
    pd.testing.assert_index_equal(index.by_size("A").index, FRAME.index)


def test_problems_are_shown_as_a_table(framework):
    frame = FRAME.assign(remark="x")
    problems = xc.Index(framework, frame).problems
    assert isinstance(problems, tuple)
    assert repr(problems) == str(problems[0])
    assert problems.to_frame()["code"].tolist() == ["XC346"]
    assert problems._repr_html_().startswith("<div>")
    assert repr(xc.Index(framework, FRAME).problems) == "()"


def test_errors_of_one_cause_are_one_line(framework):
    frame = pd.DataFrame(True, index=range(2000), columns=["A", "rent"])
    with pytest.raises(xc.XlcityError) as error:
        xc.Index(framework, frame)
    assert len(error.value.problems) == 4000
    lines = str(error.value).splitlines()
    assert len(lines) == 2
    assert "(1999 more like it)" in lines[0]
    few = FRAME.astype(object)
    few.loc[10:30, "A"] = True
    with pytest.raises(xc.XlcityError) as error:
        xc.Index(framework, few)
    assert len(str(error.value).splitlines()) == 3


def test_editions_are_shown_briefly(panel):
    assert repr(panel.edition_results()[0]) == "<EditionScores 2020: 4 cities>"
    assert len(repr(panel.edition_results())) < 200
