"""Networks typed as a matrix: cells, functions, numpy and networkx agree; faults are told."""

from dataclasses import replace

import networkx
import numpy as np
import pytest

from xlcity.audit.check.check import check_workbook
from xlcity.functions.network import eigen_centrality
from xlcity.model.dataset import Dataset, Link, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.recipe_toml import read_recipe
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.workbook.build import build
from xlcity.workbook.filling.tables import put_links, written_cells
from xlcity.workbook.layout.networks import NATIVE
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.spec.from_report import own_spec
from xlcity.xlsx.cells import resolve
from xlcity.xlsx.editing.patch import write_inputs

FRAMEWORK = Framework.read("code,parent,weight\nX,,1\n1,X,1/2\n2,X,1/2\n")
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
    data = Dataset(
        UNITS, ("1", "2"), empty, states, basis, links={"1": ties(), "2": ties(6)}
    )
    spec = replace(
        own_spec(FRAMEWORK, RECIPE, data), matrices=("1", "2"), spare_units=2
    )
    file = tmp_path_factory.mktemp("net") / "net.xlsx"
    build(spec).package.write(file)
    return file


def status(file):
    return {check.name: check.status for check in check_workbook(file).checks}


def changed(path, tmp_path, cells, sheet):
    template = open_template(path)
    package = write_inputs(template.package, {sheet: cells}, template.book)
    file = tmp_path / "changed.xlsx"
    patch_results(package, recalculate(package)).write(file)
    return file


def native_of(template):
    """Return the vector in cells."""
    area = resolve(template.book, "in_matrix_1")
    rows = range(area.r1 + 1, area.r1 + 10)
    return [template.book.value(area.sheet, row, area.c1 + NATIVE - 1) for row in rows]


def by_networkx(weight):
    graph = networkx.Graph()
    graph.add_nodes_from(unit.id for unit in UNITS)
    graph.add_weighted_edges_from((tie.start, tie.end, tie.value) for tie in ties())
    vector = networkx.eigenvector_centrality_numpy(graph, weight=weight)
    return [abs(vector[unit.id]) for unit in UNITS]


def test_the_vector_of_the_cells_is_that_of_networkx(path):
    template = open_template(path)
    book = template.book
    assert native_of(template) == pytest.approx(by_networkx("weight"), abs=1e-12)
    partners = resolve(book, "in_matrix_2")
    counted = [
        book.value(partners.sheet, partners.r1 + 1 + i, NATIVE) for i in range(9)
    ]
    degrees = {unit.id: 0 for unit in UNITS}
    for tie in ties(6):
        degrees[tie.start] += 1
        degrees[tie.end] += 1
    assert counted == list(degrees.values())


@pytest.mark.slow
def test_cells_functions_and_index_agree_weighted_or_not(path, tmp_path):
    template = open_template(path)
    area = resolve(template.book, "par_weighted_1")
    other = changed(path, tmp_path, {(area.r1, area.c1): "no"}, area.sheet)
    for file in (path, other):
        found = status(file)
        assert found["udf-native"] == found["python-native"] == "pass"
        assert found["sheet:matrix-1"] == found["sheet:centrality-1"] == "pass"
    template = open_template(other)
    assert native_of(template) == pytest.approx(by_networkx(None), abs=1e-12)
    checks = [check.name for check in check_workbook(path).checks]
    assert len(set(checks)) == len(checks)


def square(*edges):
    """Return the matrix of some ties between nine cities."""
    matrix = np.zeros((9, 9))
    for one, other, value in edges:
        matrix[one, other] = matrix[other, one] = value
    return matrix


# A star swings to and fro without a term on the diagonal; two parts with one eigenvalue share the
# vector; a weaker part, and a city without ties, have nothing of it.
STAR = square(*((0, other, 3.0) for other in range(1, 9)))
PARTS = square((0, 1, 2.0), (2, 3, 1.0), (3, 4, 1.0), (2, 4, 1.0), (5, 6, 0.5))
SPECIAL = [
    (STAR, [1 / np.sqrt(2), *[0.25] * 8]),
    (PARTS, [*[1 / np.sqrt(5)] * 5, 0, 0, 0, 0]),
]


@pytest.mark.parametrize(("matrix", "expected"), SPECIAL, ids=["star", "parts"])
def test_where_the_vector_is_not_plain_one_rule_holds(path, tmp_path, matrix, expected):
    area = resolve(open_template(path).book, "in_matrix_1")
    left = area.c2 - 10  # nine cities and two spare ones
    cells = {
        (area.r1 + 1 + i, left + j): float(matrix[i, j])
        for i in range(9)
        for j in range(9)
    }
    file = changed(path, tmp_path, cells, area.sheet)
    template = open_template(file)
    assert native_of(template) == pytest.approx(expected, abs=1e-12)
    assert eigen_centrality(matrix).values.ravel() == pytest.approx(expected, abs=1e-12)
    found = status(file)
    assert found["udf-native"] == found["python-native"] == "pass"
    assert found["sheet:centrality-1"] == "pass"


def test_a_vector_that_is_not_exact_yet_is_a_fault(path, tmp_path):
    area = resolve(open_template(path).book, "in_matrix_1")
    left = area.c2 - 10
    # Two halves with almost the same eigenvalue: the iteration takes thousands of rounds.
    halves = square((0, 1, 100.0), (2, 3, 100.1), (1, 2, 0.001))
    cells = {
        (area.r1 + 1 + i, left + j): float(halves[i, j])
        for i in range(9)
        for j in range(9)
    }
    found = status(changed(path, tmp_path, cells, area.sheet))
    assert found["sheet:centrality-1"] == "fail"
    assert found["sheet:matrix-1"] == "pass"


def test_an_uneven_matrix_is_a_fault(path, tmp_path):
    area = resolve(open_template(path).book, "in_matrix_1")
    file = changed(path, tmp_path, {(area.r1 + 1, area.c2 - 3): 77.0}, area.sheet)
    checked = check_workbook(file)
    faults = [check for check in checked.checks if check.name == "sheet:matrix-1"]
    assert "fail" in {check.status for check in faults}


def test_links_of_a_file_are_written_both_ways_and_a_new_city_gets_a_row(path):
    template = open_template(path)
    new = (Link("u0", "u1", 50.0, "entered"), Link("u0", "late", 3.0, "entered"))
    tables, written = put_links(template, {"1": new})
    cells = written_cells(tables)
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
