"""Networks typed as a matrix: cells, functions, numpy and networkx agree; faults are told."""

from dataclasses import replace

import networkx
import numpy as np
import pytest

from xlcity.model.dataset import Dataset, Link, State, Unit
from xlcity.model.framework_csv import read_framework_csv
from xlcity.model.recipe_toml import read_recipe
from xlcity.recalc.workbook import patched, recalculate
from xlcity.workbook.build import build
from xlcity.workbook.check import check_workbook
from xlcity.workbook.fill_links import matrix_cells
from xlcity.workbook.from_report import own_spec
from xlcity.workbook.network_layout import NATIVE
from xlcity.workbook.read import open_template
from xlcity.xlsx.cells import resolve
from xlcity.xlsx.patch import write_inputs

FRAMEWORK = read_framework_csv("code,parent,weight\nX,,1\n1,X,1/2\n2,X,1/2\n")
RECIPE = read_recipe("""
id = "net"
populations = ["main", "mini"]
[[step]]
do = "construct"
method = "eigen_centrality"
codes = ["1"]
weighted = "yes"
rounds = 60
[[step]]
do = "construct"
method = "degree_centrality"
codes = ["2"]
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
UNITS = tuple(Unit(f"u{i}", population="main" if i < 6 else "mini") for i in range(9))


def ties(seed=5):
    rng = np.random.default_rng(seed)
    found = []
    for one in range(len(UNITS)):
        for other in range(one + 1, len(UNITS)):
            value = float(rng.integers(0, 9))
            if value:
                found.append(Link(UNITS[one].id, UNITS[other].id, value, "entered"))
    return tuple(found)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    empty = np.full((len(UNITS), 2), np.nan)
    states = np.full(empty.shape, State.BLANK, dtype=np.uint8)
    basis = np.full(empty.shape, "", dtype="<U12")
    data = Dataset(UNITS, ("1", "2"), empty, states, basis, links={"1": ties(), "2": ties(6)})
    spec = replace(own_spec(FRAMEWORK, RECIPE, data), matrices=("1", "2"), spare_units=2)
    file = tmp_path_factory.mktemp("net") / "net.xlsx"
    build(spec).package.write(file)
    return file


def status(file):
    return {check.name: check.status for check in check_workbook(file).checks}


def changed(path, tmp_path, cells, sheet):
    template = open_template(path)
    package = write_inputs(template.package, {sheet: cells}, template.book)
    file = tmp_path / "changed.xlsx"
    patched(package, recalculate(package)).write(file)
    return file


def test_the_vector_of_the_cells_is_that_of_networkx(path):
    book = open_template(path).book
    area = resolve(book, "in_matrix_1")
    native = [book.value(area.sheet, area.r1 + 1 + i, area.c1 + NATIVE - 1) for i in range(9)]
    graph = networkx.Graph()
    graph.add_nodes_from(unit.id for unit in UNITS)
    graph.add_weighted_edges_from((tie.start, tie.end, tie.value) for tie in ties())
    vector = networkx.eigenvector_centrality_numpy(graph, weight="weight")
    assert native == pytest.approx([abs(vector[unit.id]) for unit in UNITS], abs=1e-12)
    partners = resolve(book, "in_matrix_2")
    counted = [book.value(partners.sheet, partners.r1 + 1 + i, NATIVE) for i in range(9)]
    degrees = {unit.id: 0 for unit in UNITS}
    for tie in ties(6):
        degrees[tie.start] += 1
        degrees[tie.end] += 1
    assert counted == list(degrees.values())


def test_cells_functions_and_index_agree_weighted_or_not(path, tmp_path):
    template = open_template(path)
    area = resolve(template.book, "par_weighted_1")
    other = changed(path, tmp_path, {(area.r1, area.c1): "no"}, area.sheet)
    for file in (path, other):
        found = status(file)
        assert found["udf-native"] == found["python-native"] == "pass"
        assert found["sheet:matrix"] == "pass"


def test_an_uneven_matrix_is_a_fault(path, tmp_path):
    area = resolve(open_template(path).book, "in_matrix_1")
    file = changed(path, tmp_path, {(area.r1 + 1, area.c2 - 3): 77.0}, area.sheet)
    checked = check_workbook(file)
    faults = [check for check in checked.checks if check.name == "sheet:matrix"]
    assert "fail" in {check.status for check in faults}


def test_links_of_a_file_are_written_both_ways_and_a_new_city_gets_a_row(path):
    template = open_template(path)
    new = (Link("u0", "u1", 50.0, "entered"), Link("u0", "late", 3.0, "entered"))
    cells, written = matrix_cells(template, {"1": new})
    area = resolve(template.book, "in_matrix_1")
    left = area.c2 - 10  # nine cities and two spare ones
    assert written == 2
    assert cells[area.sheet] == {
        (area.r1 + 1, left + 1): 50.0,
        (area.r1 + 2, left): 50.0,
        (area.r1 + 10, area.c1): "late",
        (area.r1 + 1, left + 9): 3.0,
        (area.r1 + 10, left): 3.0,
    }
