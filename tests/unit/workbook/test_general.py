"""Templates in which each indicator and each node has a method of its own: three routes agree."""

import itertools
import json

import numpy as np
import pytest

from tests.helpers.threefold import assert_three_agree, built, dataset
from xlcity.cli import main
from xlcity.errors import RecipeError
from xlcity.index import compute
from xlcity.model.dataset import Dataset, State
from xlcity.model.framework import Framework
from xlcity.model.nodes import Direction, Node
from xlcity.model.recipe import Recipe, Step
from xlcity.recalc.workbook import recalculate
from xlcity.workbook.build import build, draw
from xlcity.workbook.layout.rows import FRAMEWORK_FIRST, FRAMEWORK_HEADER
from xlcity.workbook.spec.from_report import own_spec
from xlcity.xlsx.cells import read_book, resolve

pytestmark = pytest.mark.slow

METHODS = {
    "minmax": [{"scale": 100}, {"base": 1, "scale": 10}, {"lower": 20, "upper": 90}],
    "goalposts": [
        {"low": 45, "high": 60},
        {"low": 40, "high": 58, "base": 1, "scale": 10},
    ],
    "efficacy": [{"omega": 50}],
    "zscore": [
        {"mean": 100, "sd": 10},
        {"clip": 1, "ddof": 0},
        {"clip": 0},
        {},
        {"mean": 50, "clip": 1},
    ],
    "percentile": [
        {"scale": 100},
        {"ties": "average"},
        {"ties": "max"},
        {"base": 1, "scale": 100},
    ],
    "borda": [{"base": 1, "ties": "average"}, {}],
    "dist2max": [{"scale": 100}],
    "dist2target": [{"target": 70, "cap": "yes"}],
    "fracmax": [{"scale": 100}],
    "fracsum": [{"scale": 100}],
    "above_mean": [{"threshold": 0.05}],
    "rating": [{"max": 80}],
    "rank": [{"ties": "max"}],
    "none": [{}],
}


def framework(codes, turned=()):
    nodes = [Node("X", None, "", "Index")]
    nodes += [
        Node(c, "X", "", c, 1.0 + at % 3, Direction(-1 if c in turned else 1))
        for at, c in enumerate(codes)
    ]
    return Framework(tuple(nodes))


@pytest.mark.libreoffice
@pytest.mark.parametrize("turned", [False, pytest.param(True, marks=pytest.mark.long)])
def test_every_method_of_normalising(tmp_path, turned):
    cases = [(m, p) for m, several in METHODS.items() for p in several]
    if turned:
        cases = [(m, p) for m, p in cases if m not in ("rating", "dist2target")]
        cases.append(("dist2target", {"target": 30}))
    codes = [f"C{at:02d}" for at in range(len(cases))]
    steps = [
        Step("normalise", m, p, (code,))
        for code, (m, p) in zip(codes, cases, strict=True)
    ]
    steps += [
        Step("aggregate", "arithmetic", {"missing": "renormalise"}),
        Step("rank", "competition", {"digits": 9}),
    ]
    recipe = Recipe("all", tuple(steps), weights="relative", blank="missing")
    frame = framework(codes, codes if turned else ())
    data = dataset(codes)
    package = assert_three_agree(frame, recipe, data, tmp_path)
    result = compute(frame, recipe, data)
    assert np.isfinite(result.normalised[data.states == State.VALUE]).all()
    verified = recalculate(package, "formualizer", verify="libreoffice").verified
    assert verified is not None
    assert verified.differing == ()


@pytest.mark.parametrize(
    ("method", "more"),
    [("geometric", {}), ("harmonic", {}), ("power", {"power": 2}), ("minimum", {})],
)
@pytest.mark.parametrize("missing", ["na", "renormalise"])
def test_every_mean(tmp_path, method, more, missing):
    codes = ["A1", "A2", "A3", "B1", "B2", "C"]
    nodes = (
        Node("X", None, "", "Index"),
        *(Node(p, "X", "", p, w) for p, w in (("A", 1.0), ("B", 2.0))),
        *(Node(c, c[0], "", c, 1.0 + at % 2) for at, c in enumerate(codes[:-1])),
        Node("C", "X", "", "C", 0.5),
    )
    steps = (
        Step("normalise", "minmax", {"base": 1, "scale": 100}),
        Step("aggregate", method, {"missing": missing, **more}),
        Step("aggregate", "arithmetic", {"missing": missing}, ("B",)),
        Step("rank", "competition", {"digits": 9}),
    )
    recipe = Recipe("means", steps, weights="relative", blank="missing")
    assert_three_agree(Framework(nodes), recipe, dataset(codes, seed=5), tmp_path)


def test_scores_without_a_logarithm_leave_the_node_blank():
    codes = ["A1", "A2"]
    steps = (
        Step("normalise", "minmax", {"scale": 100}),  # the lowest value scores 0
        Step("aggregate", "geometric", {"missing": "na"}),
        Step("rank", "competition", {"digits": 9}),
    )
    data = dataset(codes, gaps=False)
    recipe = Recipe("g", steps, weights="relative", blank="missing")
    _, package = built(framework(codes), recipe, data)
    book = read_book(package)
    shown = [row[0] for row in book.block(resolve(book, "out_scores"))][
        : len(data.units)
    ]
    lowest = {int(np.argmin(data.values[:, at])) for at in range(2)}
    lowest |= {2, 3} & {row for row in (2, 3) if row in lowest}
    ties = {
        row
        for row, at in itertools.product(range(len(data.units)), range(2))
        if data.values[row, at] == data.values[:, at].min()
    }
    assert {row for row, value in enumerate(shown) if value == ""} == ties
    assert lowest <= ties


def test_steps_without_cells_are_refused_together():
    codes = ["A1", "A2"]
    steps = (
        Step("normalise", "zscore", {"pool": "all"}, ("A1",)),
        Step("normalise", "minmax", {"scale": 100}, ("A2",)),
        Step("aggregate", "geometric", {"missing": "zero"}),
        Step("rank", "competition", {"digits": 9, "ties": "dense"}),
    )
    recipe = Recipe("no", steps, weights="relative", blank="missing")
    with pytest.raises(RecipeError) as caught:
        build(own_spec(framework(codes), recipe, dataset(codes)))
    assert {p.code for p in caught.value.problems} == {"XC259"}
    assert len(caught.value.problems) == 3


def test_no_formula_outgrows_the_limits_of_excel():
    """8,192 characters and 64 levels of nesting, also with a hundred indicators."""
    codes = [f"C{at:03d}" for at in range(100)]
    steps = (
        Step("normalise", "minmax", {"scale": 100}),
        Step("aggregate", "arithmetic", {"missing": "renormalise"}),
        Step("rank", "competition", {"digits": 9}),
    )
    recipe = Recipe("wide", steps, weights="relative", blank="missing")
    frame = framework(codes)
    data = dataset(codes)
    data = Dataset(
        data.units[:3], data.codes, data.values[:3], data.states[:3], data.basis[:3]
    )
    package, _ = draw(own_spec(frame, recipe, data))
    for sheet in read_book(package).sheets.values():
        for cell in sheet.cells.values():
            formula = cell.formula or ""
            assert len(formula) <= 8192, sheet.name
            depth = itertools.accumulate(
                {"(": 1, ")": -1}.get(letter, 0) for letter in formula
            )
            assert max(depth, default=0) <= 64, sheet.name


@pytest.mark.parametrize("leaves", [False, True])
def test_shares_in_the_total_and_names_in_one_language_only(leaves):
    nodes = (
        Node("X", None, "", "Index"),
        Node("A", "X", "", "First", 3.0),
        Node("B", "X", "第二", "", 1.0),
        Node("A1", "A", "", "", 2.0),
        Node("A2", "A", "", "Second of A", 6.0),
        Node("B1", "B", "", "Only of B", 5.0),
    )
    how = {"weights": "leaves"} if leaves else {}
    steps = (
        Step("normalise", "minmax", {"scale": 100}),
        Step("aggregate", "arithmetic", {"missing": "na", **how}),
        Step("rank", "competition", {"digits": 9}),
    )
    recipe = Recipe("r", steps, weights="relative", blank="missing")
    _, package = built(
        Framework(nodes), recipe, dataset(["A1", "A2", "B1"], gaps=False)
    )
    sheet = read_book(package).sheets["Framework"]

    def column(name):
        heads = [sheet.value(FRAMEWORK_HEADER, at) for at in range(1, 40)]
        at = heads.index(name) + 1
        rows = range(FRAMEWORK_FIRST, FRAMEWORK_FIRST + len(nodes))
        return {sheet.value(row, 1): sheet.value(row, at) for row in rows}

    expected = (
        {"X": 1, "A": 2 / 3, "B": 1 / 3, "A1": 1 / 3, "A2": 1 / 3, "B1": 1 / 3}
        if leaves
        else {"X": 1, "A": 3 / 4, "B": 1 / 4, "A1": 3 / 16, "A2": 9 / 16, "B1": 1 / 4}
    )
    assert column("effective") == pytest.approx(expected, rel=1e-12)
    assert column("display") == {
        "X": "Index",
        "A": "First",
        "B": "第二",
        "A1": "A1",
        "A2": "Second of A",
        "B1": "Only of B",
    }


@pytest.mark.parametrize("tree", ["X,\nA,X\nB,X\n", "X,\nP,X\nQ,X\nA,P\nB,Q\n"])
def test_flat_trees_and_single_children_leave_no_cell_in_doubt(tmp_path, capsys, tree):
    """One composite, or one child: no range of one cell is asked for a part of it."""
    (tmp_path / "f.csv").write_text("code,parent\n" + tree)
    (tmp_path / "d.csv").write_text("unit,A,B\nu,1,5\nv,2,NA\nw,4,9\nz,3,1\n")
    made = tmp_path / "book.xlsx"
    tables = ("--framework", str(tmp_path / "f.csv"), "--data", str(tmp_path / "d.csv"))
    assert (
        main(["new", *tables, "--aggregate", "arithmetic,X=geometric", "-o", str(made)])
        == 0
    )
    capsys.readouterr()
    assert main(["recalc", str(made), "-o", str(tmp_path / "out.xlsx"), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["workbooks"]
    assert (told["status"], told["unverified"], told["doubtful"]) == ("ok", [], [])
