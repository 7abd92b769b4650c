"""Templates of several populations: cells, functions and the index agree, and say what lacks."""

from dataclasses import replace

import numpy as np
import pytest

from xlcity.audit.check.check import check_workbook
from xlcity.errors import RecipeError
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.recipe import Step
from xlcity.model.recipe_toml import read_recipe
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.workbook.build import build
from xlcity.workbook.reading.results import stored_results
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.spec.from_report import own_spec
from xlcity.xlsx.cells import resolve
from xlcity.xlsx.editing.patch import write_inputs

pytestmark = pytest.mark.slow

FRAMEWORK = Framework.read(
    "code,parent,weight\nX,,1\nA,X,1/2\nB,X,1/2\n1,A,1/2\n2,A,1/2\n3,B,1\n"
)
RECIPE = read_recipe("""
id = "two"
populations = ["main", "mini"]
[[step]]
do = "normalise"
method = "zscore"
ddof = 0
constant = 0
[[step]]
do = "aggregate"
method = "arithmetic"
missing = "refuse"
[[step]]
do = "rescale"
method = "efficacy"
constant = 60
""")


def dataset(gap=None):
    units = tuple(
        Unit(f"u{i}", population="main" if i < 5 else "mini") for i in range(8)
    )
    values = np.random.default_rng(7).normal(10, 4, (8, 3))
    states = np.zeros(values.shape, dtype=np.uint8)
    if gap is not None:
        values[2, 0], states[2, 0] = np.nan, gap
    basis = np.where(states == State.VALUE, "entered", "").astype("<U12")
    return Dataset(units, ("1", "2", "3"), values, states, basis)


def checks(path):
    return {check.name: check for check in check_workbook(path).checks}


def book(tmp_path, gap=None):
    path = tmp_path / "two.xlsx"
    build(own_spec(FRAMEWORK, RECIPE, dataset(gap))).package.write(path)
    return path


def scores(path, code):
    units = stored_results(open_template(path))["units"]
    return {unit["unit"]: (unit["scores"][code], unit["ranks"][code]) for unit in units}


def test_cells_functions_and_index_agree(tmp_path):
    found = checks(book(tmp_path))
    for name in ("contract", "udf-native", "python-native"):
        assert found[name].status == "pass", found[name]


@pytest.mark.parametrize(
    ("gap", "state"), [(State.BLANK, "draft"), (State.MISSING, "pass")]
)
def test_one_gap_leaves_its_population_without_the_nodes_above_and_says_so(
    tmp_path, gap, state
):
    path = book(tmp_path, gap)
    checked = check_workbook(path)
    assert checked.verdict == state
    whole = next(check for check in checked.checks if check.name == "sheet:whole")
    assert whole.status == "note"
    assert "u2" in whole.detail
    for code in ("A", "X"):
        assert {
            unit for unit, (score, _) in scores(path, code).items() if score is None
        } == {f"u{i}" for i in range(5)}
    assert all(score is not None for score, _ in scores(path, "B").values())


def test_a_city_that_moves_takes_its_statistics_along_and_no_formula_changes(tmp_path):
    path = book(tmp_path)
    template = open_template(path)
    area = resolve(template.book, "xl_population")
    cells = {(area.r1 + 1, area.c1): "mini", (area.r1 + 6, area.c1): None}
    package = write_inputs(template.package, {area.sheet: cells}, template.book)
    moved = tmp_path / "moved.xlsx"
    patch_results(package, recalculate(package)).write(moved)
    found = checks(moved)
    for name in ("contract", "udf-native", "python-native"):
        assert found[name].status == "pass", found[name]
    ranks = {unit: rank for unit, (_, rank) in scores(moved, "X").items()}
    assert ranks["u6"] is None
    assert sorted(ranks[f"u{i}"] for i in (0, 2, 3, 4)) == [1, 2, 3, 4][: 4 - 0]
    assert sorted(ranks[unit] for unit in ("u1", "u5", "u7")) == [1, 2, 3]


def test_the_pool_is_one_cell(tmp_path):
    path = book(tmp_path)
    template = open_template(path)
    area = resolve(template.book, "par_pool")
    package = write_inputs(
        template.package, {area.sheet: {(area.r1, area.c1): "all"}}, template.book
    )
    changed = tmp_path / "pool.xlsx"
    patch_results(package, recalculate(package)).write(changed)
    found = checks(changed)
    for name in ("udf-native", "python-native"):
        assert found[name].status == "pass", found[name]
    before = scores(path, "X")
    after = scores(changed, "X")
    assert all(before[f"u{i}"] == after[f"u{i}"] for i in range(5))
    template = open_template(changed)
    assert template.recipe.step_for("normalise", "1").get("pool") == "all"


#: Methods that cells show for several populations, each with its parameters.
METHODS = {
    "above_mean": "threshold = 0.1",
    "bands": "cuts = [8, 12]\nscores = [0, 5, 9]",
    "dist2max": "",
    "dist2ref": 'unit = "u1"',
    "dist2target": "target = 20",
    "efficacy": "",
    "fracmax": "",
    "goalposts": "low = 5\nhigh = 15\nbase = 1",
    "minmax": "base = 1\nfloor = 5\nconstant = 40",
    "none": "",
    "rating": "",
    "zscore": "clip = 0.8\nddof = 1\nconstant = 0",
}


def of_methods():
    """Return an index with an indicator for each method; one has equal values in main."""
    rows = ["code,parent,weight,direction", "X,,1,1", "A,X,1,1", "B,X,1,1"]
    rows += [
        f"{method},{'AB'[at % 2]},1,{-1 if at in (3, 8) else 1}"
        for at, method in enumerate(METHODS)
    ]
    steps = [
        f'[[step]]\ndo = "normalise"\nmethod = "{method}"\ncodes = ["{method}"]\n{parameters}\n'
        for method, parameters in METHODS.items()
    ]
    divided = (
        '[[step]]\ndo = "denominate"\nmethod = "by"\n'
        'codes = ["none"]\ndenominator = "bands"\n'
    )
    recipe = f"""id = "methods"
populations = ["main", "mini"]
weights = "relative"
blank = "missing"
{divided}{"".join(steps)}
[[step]]
do = "aggregate"
method = "arithmetic"
missing = "renormalise"
[[step]]
do = "rescale"
method = "efficacy"
constant = 60
"""
    framework = Framework.read("\n".join(rows) + "\n")
    codes = tuple(node.code for node in framework.indicators)
    units = tuple(
        Unit(f"u{i}", population="main" if i < 6 else "mini") for i in range(10)
    )
    values = np.random.default_rng(7).normal(10, 4, (10, len(codes)))
    values[:6, codes.index("minmax")] = 3.0
    states = np.zeros(values.shape, dtype=np.uint8)
    values[2, 4], states[2, 4] = np.nan, State.MISSING
    basis = np.where(states == State.VALUE, "entered", "").astype("<U12")
    return own_spec(
        framework, read_recipe(recipe), Dataset(units, codes, values, states, basis)
    )


def test_every_population_is_normalised_by_its_own_statistics(tmp_path):
    path = tmp_path / "methods.xlsx"
    build(of_methods()).package.write(path)
    checked = check_workbook(path)
    assert checked.verdict == "pass", [c for c in checked.checks if c.status == "fail"]
    template = open_template(path)
    heads, *rows = template.book.block(template.area("xl_methods"))
    area = template.area("xl_methods")
    row = [r[0] for r in rows].index("goalposts") + 1
    low = area.r1 + row, area.c1 + heads.index("a")
    scale = resolve(template.book, "par_scale")
    typed = {area.sheet: {low: 2.0, (scale.r1, scale.c1): 10.0}}
    write_inputs(template.package, typed).write(path)
    found = checks(path)
    assert found["python-native"].status == "pass", found["python-native"]
    assert found["contract"].status == "pass", found["contract"]


def test_ranks_of_several_populations_are_refused():
    recipe = replace(RECIPE, steps=(Step("normalise", "rank", {}), *RECIPE.steps[1:]))
    with pytest.raises(RecipeError, match="normalising by ranks is not supported"):
        build(own_spec(FRAMEWORK, recipe, dataset()))
