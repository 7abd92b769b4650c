"""Templates of several populations: cells, functions and the index agree, and say what lacks."""

import numpy as np
import pytest

from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.reading.framework import read_framework_csv
from xlcity.model.recipe_toml import read_recipe
from xlcity.recalc.workbook import patched, recalculate
from xlcity.workbook.build import build
from xlcity.workbook.check import check_workbook
from xlcity.workbook.reading.results import stored_results
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.spec.from_report import own_spec
from xlcity.xlsx.cells import resolve
from xlcity.xlsx.editing.patch import write_inputs

FRAMEWORK = read_framework_csv(
    "code,parent,weight\nX,,1\nA,X,1/2\nB,X,1/2\n1,A,1/2\n2,A,1/2\n3,B,1\n"
)
RECIPE = read_recipe("""
id = "two"
populations = ["main", "mini"]
[[step]]
do = "normalise"
method = "zscore"
limit = 0
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
    units = tuple(Unit(f"u{i}", population="main" if i < 5 else "mini") for i in range(8))
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


@pytest.mark.parametrize(("gap", "state"), [(State.BLANK, "draft"), (State.MISSING, "pass")])
def test_one_gap_leaves_its_population_without_the_nodes_above_and_says_so(tmp_path, gap, state):
    path = book(tmp_path, gap)
    checked = check_workbook(path)
    assert checked.verdict == state
    whole = next(check for check in checked.checks if check.name == "sheet:whole")
    assert whole.status == "note"
    assert "u2" in whole.detail
    for code in ("A", "X"):
        assert {unit for unit, (score, _) in scores(path, code).items() if score is None} == {
            f"u{i}" for i in range(5)
        }
    assert all(score is not None for score, _ in scores(path, "B").values())


def test_a_city_that_moves_takes_its_statistics_along_and_no_formula_changes(tmp_path):
    path = book(tmp_path)
    template = open_template(path)
    area = resolve(template.book, "xl_population")
    cells = {(area.r1 + 1, area.c1): "mini", (area.r1 + 6, area.c1): None}
    package = write_inputs(template.package, {area.sheet: cells}, template.book)
    moved = tmp_path / "moved.xlsx"
    patched(package, recalculate(package)).write(moved)
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
    patched(package, recalculate(package)).write(changed)
    found = checks(changed)
    for name in ("udf-native", "python-native"):
        assert found[name].status == "pass", found[name]
    before, after = scores(path, "X"), scores(changed, "X")
    assert all(before[f"u{i}"] == after[f"u{i}"] for i in range(5))
    template = open_template(changed)
    assert template.recipe.step_for("normalise", "1").get("pool") == "all"
