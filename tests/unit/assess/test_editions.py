import io

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from xlcity.api.data import read_data
from xlcity.api.index import Index
from xlcity.cli import main
from xlcity.errors import DataError
from xlcity.model.framework import Framework

TREE = "code,parent,weight\nT,,\nP,T,2\nQ,T,1\na,P,1\nb,P,1\nc,Q,1\n"
EDITIONS = ("2020", "2021", "2024")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("panel")
    rng = np.random.default_rng(5)
    start = rng.uniform(10, 60, (9, 3))
    lines = ["unit,year,a,b,c"]
    for unit, row in enumerate(start):
        for step, year in enumerate(EDITIONS):
            # Low values grow faster.
            values = row + step * (70 - row) * 0.2 + rng.normal(size=3)
            lines.append(",".join([f"u{unit}", year, *map(repr, values.tolist())]))
    (folder / "f.csv").write_text(TREE, encoding="utf-8")
    (folder / "d.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder / "f.csv", folder / "d.csv"


@pytest.fixture(scope="module")
def found(files):
    return Index(*files).assess(8, vary=["weights=noise:20%"])


def test_scores_of_editions_have_bounds_in_common(files, found):
    together = Index(*files).edition_results(together=True)
    growth = found.editions[0]
    for row, one in enumerate(growth):
        for edition in together:
            at = edition.nodes.index("T")
            assert one.scores[edition.edition] == edition.scores[row, at]
            assert one.ranks[edition.edition] == edition.ranks[row, at]


def test_a_change_is_split_among_the_children(found):
    growth = found.editions[0]
    changes = [one.scores["2024"] - one.scores["2020"] for one in growth]
    for one, change in zip(growth, changes, strict=True):
        assert one.change == pytest.approx(change)
        assert one.against_sample == pytest.approx(change - np.mean(changes))
        assert one.rate == pytest.approx(
            (one.scores["2024"] / one.scores["2020"]) ** 0.25 - 1
        )
        assert list(one.parts) == ["P", "Q"]
        assert sum(one.parts.values()) == pytest.approx(change)


def test_convergence_is_that_of_the_textbook(found):
    growth, (one,) = found.editions
    scores = np.array([[of.scores[edition] for edition in EDITIONS] for of in growth])
    np.testing.assert_allclose(list(one.sd.values()), scores.std(axis=0, ddof=1))
    np.testing.assert_allclose(list(one.cv.values()), stats.variation(scores, ddof=1))
    assert one.logarithms
    line = stats.linregress(
        np.log(scores[:, 0]), np.log(scores[:, 2] / scores[:, 0]) / 4
    )
    assert (one.beta, one.p, one.r2) == pytest.approx(
        (line.slope, line.pvalue, line.rvalue**2)
    )
    assert one.beta < 0
    speed = -np.log(1 + line.slope * 4) / 4
    assert one.half_life == pytest.approx(np.log(2) / speed)
    assert (one.speed, one.se) == pytest.approx((speed, line.stderr))
    np.testing.assert_allclose(
        list(one.sd_log.values()), np.log(scores).std(axis=0, ddof=1)
    )


def test_without_editions_there_is_no_development():
    frame = pd.DataFrame({"a": [1.0, 2, 3, 5], "b": [2.0, 1, 4, 3]}, index=list("wxyz"))
    index = Index(Framework.read("code,parent,weight\nT,,\na,T,1\nb,T,1\n"), frame)
    document = index.assess(4, vary=["weights=noise:20%"]).as_dict()
    assert document["editions"] == {"units": [], "convergence": [], "breaks": []}


def test_the_text_says_who_gained(files, capsys):
    words = ["--framework", str(files[0]), "--data", str(files[1]), "--n", "8"]
    assert main(["assess", *words]) == 0
    out = capsys.readouterr().out
    assert "cities with low scores catch up" in out
    assert "against the sample" in out


PANEL = """unit,year,a
u,2020,10
v,2020,20
w,2020,20
x,2020,0
y,2020,NA
z,2020,30
n,2020,5
u,2021,12
v,2021,20
w,2021,20
x,2021,10
y,2021,8
z,2021,NA
n,2021,NA
u,2022,14.4
v,2022,20
w,2022,20
x,2022,10
y,2022,9
z,2022,40
n,2022,NA
"""


def one_indicator(frame, breaks=None):
    framework = Framework.read("code,parent\nT,\na,T\n")
    return Index(
        framework, read_data(frame, framework, breaks=breaks), normalise="none"
    )


def test_a_rate_that_is_missing_has_a_reason_whatever_the_order_of_rows():
    frame = pd.read_csv(io.StringIO(PANEL), keep_default_na=False)
    traced = one_indicator(frame).trajectories().to_frame()
    assert traced["cagr"].to_dict() == pytest.approx(
        {
            "u": 0.2,
            "v": 0,
            "w": 0,
            "x": np.nan,
            "y": np.nan,
            "z": (4 / 3) ** 0.5 - 1,
            "n": np.nan,
        },
        nan_ok=True,
    )
    assert traced["remark"].to_dict() == {
        "u": "",
        "v": "",
        "w": "",
        "x": "not_positive",
        "y": "entered",
        "z": "gap",
        "n": "left",
    }
    assert traced["places_gained"].loc[["u", "v", "z"]].tolist() == [0, 0, 0]
    assert traced["rank"]["2020"].loc[["v", "w"]].tolist() == [2, 2]
    assert traced["score"].isna().sum().to_dict() == {"2020": 1, "2021": 2, "2022": 1}
    again = one_indicator(frame.sample(frac=1, random_state=3)).trajectories()
    pd.testing.assert_frame_equal(again.to_frame().loc[traced.index], traced)
    (group,) = again.convergence
    assert (group.n, group.logarithms, group.sd_log) == (4, False, {})


def test_breaks_mark_nodes_and_leave_out_growth_of_their_indicators():
    frame = pd.read_csv(io.StringIO(PANEL), keep_default_na=False)
    for breaks in (
        {"a": 2021},
        pd.DataFrame({"code": ["a"], "year": [2021], "note": ["new"]}),
    ):
        index = one_indicator(frame, breaks)
        traced = index.trajectories()
        assert [(line.code, line.edition) for line in traced.breaks] == [("a", "2021")]
        remarks = traced.to_frame()["remark"]
        assert remarks[["u", "z", "y"]].tolist() == ["break", "break, gap", "entered"]
        growth = index.growth()
        # y has no value before the break.
        assert growth["a"].dropna().to_dict() == pytest.approx({"y": 9 / 8 - 1})
        assert growth.loc["u", "T"] == pytest.approx(0.2)
    # A break in the first edition has nothing before it.
    assert one_indicator(frame, {"a": 2020}).trajectories().breaks == ()
    with pytest.raises(DataError) as caught:
        one_indicator(frame, {"b": 2021, "a": [2021, 1999]})
    assert [problem.code for problem in caught.value.problems] == ["XC345"] * 2
