import numpy as np
import pandas as pd
import pytest
from scipy import stats

from xlcity.api.index import Index
from xlcity.cli import main
from xlcity.model.framework import Framework

TREE = "code,parent,weight\nT,,\nP,T,2\nQ,T,1\na,P,1\nb,P,1\nc,Q,1\n"
EDITIONS = ("2020", "2021", "2024")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("panel")
    rng = np.random.default_rng(5)
    start, lines = rng.uniform(10, 60, (9, 3)), ["unit,year,a,b,c"]
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
    together = Index(*files).editions(together=True)
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
        assert one.rate == pytest.approx((one.scores["2024"] / one.scores["2020"]) ** 0.25 - 1)
        assert list(one.parts) == ["P", "Q"]
        assert sum(one.parts.values()) == pytest.approx(change)


def test_convergence_is_that_of_the_textbook(found):
    growth, (one,) = found.editions
    scores = np.array([[of.scores[edition] for edition in EDITIONS] for of in growth])
    np.testing.assert_allclose(list(one.sd.values()), scores.std(axis=0, ddof=1))
    np.testing.assert_allclose(list(one.cv.values()), stats.variation(scores, ddof=1))
    assert one.logarithms
    line = stats.linregress(np.log(scores[:, 0]), np.log(scores[:, 2] / scores[:, 0]) / 4)
    assert (one.beta, one.p, one.r2) == pytest.approx((line.slope, line.pvalue, line.rvalue**2))
    assert one.beta < 0
    speed = -np.log(1 + line.slope * 4) / 4
    assert one.half_life == pytest.approx(np.log(2) / speed)


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
