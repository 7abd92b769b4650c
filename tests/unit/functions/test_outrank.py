"""TOPSIS and PROMETHEE II: printed examples, hand computation, cells, and pymcdm as an oracle."""

import numpy as np
import pytest

import xlcity as xc
from xlcity.cli import main
from xlcity.errors import CellError, FunctionError, RecipeError
from xlcity.functions.block import CellState
from xlcity.functions.combine import owa_index
from xlcity.functions.entry import evaluate
from xlcity.functions.outrank import promethee_flow, topsis_score
from xlcity.functions.registry import FUNCTIONS

#: The example of pymcdm's README (1.4): min-max first, the second criterion a cost.
README = "unit,x,y,z\na1,4,4,0.2\na2,1,5,0.5\na3,3,2,0.3\na4,4,3,0.5\n"
README_SCORES = (0.469, 0.255, 0.765, 0.747)


def test_topsis_as_printed_by_pymcdm(tmp_path):
    framework, data, book = (tmp_path / name for name in ("f.csv", "d.csv", "b.xlsx"))
    framework.write_text(
        "code,parent,weight,direction\nT,,,\nx,T,0.3,1\ny,T,0.5,-1\nz,T,0.2,1\n"
    )
    data.write_text(README)
    index = xc.Index(framework, data, aggregate="topsis")
    assert index.scores["T"].round(3).tolist() == [*README_SCORES]
    index.to_workbook(book)
    workbook = xc.Workbook.open(book)
    assert workbook.check()
    assert workbook.results.scores["T"].round(3).tolist() == [*README_SCORES]


def test_promethee_as_printed_by_pymcdm():
    # The docstring of its PROMETHEE_II, usual criterion.
    flows = promethee_flow([[4, 3, 2], [3, 2, 4], [5, 1, 3]], [0.5, 0.3, 0.2])
    assert flows.values.ravel().round(2).tolist() == [0.1, -0.3, 0.2]


def test_thresholds_by_hand():
    values = [[10.0], [6.0], [0.0]]
    # Leads of 4, 10 and 6 count (4 - 2) / 6, 1 and (6 - 2) / 6.
    expected = [(2 / 6 + 1) / 2, (-2 / 6 + 4 / 6) / 2, (-1 - 4 / 6) / 2]
    assert promethee_flow(values, None, 2, 8).values.ravel() == pytest.approx(expected)
    # Thresholds may differ between columns.
    both = promethee_flow(
        np.hstack([values, values]), [1, 1], [2, 4], [8, 4]
    ).values.ravel()
    assert both == pytest.approx(np.add(expected, [0.5, 0.5, -1]) / 2)
    # Every lead above 4 counts in full.
    assert promethee_flow(values, None, 4, 4).values.ravel().tolist() == [
        0.5,
        0.5,
        -1.0,
    ]
    with pytest.raises(FunctionError) as error:
        evaluate(FUNCTIONS["PROMETHEE_FLOW"], [values, None, [[8.0]], [[2.0]]])
    assert error.value.value is CellError.NUM


def test_ordered_weighted_averages_by_hand_and_in_cells(tmp_path):
    # Yager (1996): importances 1, 0.6, 0.5, 0.9; from the highest score down, squares of shares.
    shares = np.array([0, 0.6, 1.6, 2.5, 3]) / 3
    expected = np.diff(shares**2) @ [1, 0.7, 0.6, 0.5]
    values = np.array([[0.7, 1, 0.5, 0.6]])
    assert owa_index(values, [1, 0.6, 0.5, 0.9]).values[0, 0] == pytest.approx(expected)
    assert owa_index(values, [1, 2, 3, 4], 1).values[0, 0] == pytest.approx(6.6 / 10)
    gap = np.array([[9, np.nan, 3], [5, 5, 5]])
    states = np.array([[0, 1, 0], [0, 0, 0]], dtype=np.uint8)
    states[states == 1] = CellState.MISSING
    assert owa_index(gap, None, 2, "renormalise", states=states).values[
        :, 0
    ].tolist() == [4.5, 5]
    assert owa_index(gap, states=states).error(0, 0) is CellError.NA
    framework, data, book = (tmp_path / name for name in ("f.csv", "d.csv", "b.xlsx"))
    framework.write_text("code,parent,weight\nT,,\na,T,2\nb,T,1\nc,T,1\n")
    rows = [f"u{row},{(row * 7) % 11},{(row * 5) % 13},{row}" for row in range(9)]
    data.write_text("\n".join(["unit,a,b,c", *rows, "u9,NA,4,6"]))
    index = xc.Index(framework, data, aggregate="owa:3")
    between = index.normalised.min(axis=1), index.normalised.mean(axis=1)
    scores = index.scores["T"].iloc[:9]
    assert (scores >= between[0].iloc[:9] - 1e-9).all()
    index.to_workbook(book)
    workbook = xc.Workbook.open(book)
    assert workbook.check()
    assert workbook.results.scores["T"].tolist()[:9] == pytest.approx(scores.tolist())
    index.assess(n=8, vary=["aggregate=own,owa,arithmetic"])
    with pytest.raises(RecipeError):
        xc.Index(framework, data, aggregate="owa:0")


def test_equal_cities_gaps_and_weights():
    assert topsis_score([[1, 2], [1, 2]]).error(0, 0) is CellError.DIV0
    assert promethee_flow([[1, 2], [1, 2]]).values.ravel().tolist() == [0, 0]
    assert promethee_flow([[0.1 + 0.2], [0.3]]).values.ravel().tolist() == [0, 0]
    block = topsis_score([[1, 1], [0, 0], [np.nan, 5]])
    assert block.values[:2, 0].tolist() == [1, 0]
    assert block.error(2, 0) is CellError.NA
    # A column without weight, or with equal values, changes nothing.
    for more, weights in (([9, 7, 8], [1, 0]), ([5, 5, 5], [1, 1])):
        values = np.column_stack([[3, 1, 2], more])
        assert topsis_score(values, weights).values.ravel().tolist() == [1, 0, 0.5]


def test_a_city_that_leaves_may_reverse_others(tmp_path):
    values = np.array([[4, 3], [2, 4], [3, 0], [4, 6.0]])
    every = topsis_score(values).values.ravel()
    fewer = topsis_score(values[:3]).values.ravel()
    assert every[0] < every[1]
    assert fewer[0] > fewer[1]
    data = tmp_path / "d.csv"
    rows = [f"{unit},{x},{y}" for unit, (x, y) in zip("pqrs", values, strict=True)]
    data.write_text("\n".join(["unit,x,y", *rows]))
    tree = xc.Framework.read("code,parent\nT,\nx,T\ny,T\n")
    index = xc.Index(tree, data, normalise="none", aggregate="topsis")
    assessment = index.assess(n=4)
    expected = {}
    for leaving in range(4):
        rest = np.delete(np.arange(4), leaving)
        gone = topsis_score(values[rest]).values.ravel()
        expected["pqrs"[leaving]] = sum(
            (every[rest[a]] - every[rest[b]]) * (gone[a] - gone[b]) < 0
            for a, b in ((0, 1), (0, 2), (1, 2))
        )
    found = {reversal.unit: reversal.pairs for reversal in assessment.reversals}
    assert found == {unit: pairs for unit, pairs in expected.items() if pairs}
    assert found["s"] == 1
    assert {"unit": "s", "pairs": 1} in assessment.as_dict()["reversals"]
    fixed = xc.Index(tree, data, normalise="minmax:0:10")
    assert fixed.assess(n=4).reversals == ()


@pytest.mark.slow
def test_index_by_promethee_in_cells_check_assess_and_report(tmp_path, capsys):
    framework, data, book = (tmp_path / name for name in ("f.csv", "d.csv", "b.xlsx"))
    framework.write_text("code,parent,weight,direction\nT,,,\na,T,2,1\nb,T,1,-1\n")
    rows = [f"u{row},{(row * 7) % 11},{(row * 5) % 13}" for row in range(9)]
    data.write_text("\n".join(["unit,a,b", *rows, "u9,NA,4"]))
    index = xc.Index(framework, data, aggregate="promethee:5:40")
    assert index.scores["T"].sum() == pytest.approx(0, abs=1e-12)
    assert np.isnan(index.scores["T"]["u9"])
    index.to_workbook(book)
    assert xc.Workbook.open(book).check()
    words = ["--framework", str(framework), "--data", str(data), "--n", "20", "--json"]
    varied = ["aggregate=arithmetic,topsis,promethee", "weights=noise:25%"]
    assert main(["assess", *words, "--vary", *varied]) == 0
    assert main(["report", str(book), "-o", str(tmp_path / "r"), "--lang", "en"]) == 0
    with pytest.raises(RecipeError, match="the lower one first"):
        xc.Index(framework, data, aggregate="promethee:9:4")


@pytest.mark.parametrize("seed", range(20))
def test_pymcdm_gives_the_same(seed):
    methods = pytest.importorskip("pymcdm.methods")
    vector = pytest.importorskip("pymcdm.normalizations").vector_normalization
    rng = np.random.default_rng(seed)
    n = rng.integers(3, 15)
    k = rng.integers(2, 6)
    x = rng.uniform(0, 100, (n, k))
    weights = rng.uniform(0.1, 1, k)
    types = np.ones(k)
    weights /= weights.sum()
    limits = {"q": [5.0] * k, "p": [30.0] * k}
    pairs = {
        "topsis": (topsis_score(x, weights, "yes"), methods.TOPSIS(vector)),
        "usual": (promethee_flow(x, weights), methods.PROMETHEE_II("usual")),
        "linear": (
            promethee_flow(x, weights, 5, 30),
            methods.PROMETHEE_II("vshape_2", **limits),
        ),
    }
    for block, method in pairs.values():
        assert block.values.ravel() == pytest.approx(
            method(x, weights, types), abs=1e-12
        )
