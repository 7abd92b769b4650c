"""Networks and supplementary indices of gihi2023, on some of its cities, against the index."""

import functools
import re
from dataclasses import replace

import networkx
import numpy as np
import pytest

from tests.helpers.few_cities import of_cities
from tests.helpers.templates import fill_file
from xlcity.audit.check.check import check_workbook
from xlcity.audit.trace.trace import trace
from xlcity.functions.network import eigen_centrality
from xlcity.index import compute
from xlcity.index.analysis import results_document
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.reports import load_report
from xlcity.workbook.build import build
from xlcity.workbook.layout.networks import LEFT, NATIVE
from xlcity.workbook.reading.results import stored_results
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import resolve
from xlcity.xlsx.editing.patch import write_inputs

pytestmark = pytest.mark.slow

MAIN = ("boston", "london", "beijing", "paris", "tokyo", "zurich", "seoul", "denver")
MINI = ("cambridge", "geneva", "ithaca", "basel")
WEIGHTED = "yes"
UNWEIGHTED = "no"


@functools.cache
def report():
    return load_report("gihi2023")


def subset():
    return of_cities(report().dataset, (*MAIN, *MINI))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("gihi")


@pytest.fixture(scope="module")
def built(folder):
    spec = with_pages(template_spec(report(), subset()), ["all"])
    spec = replace(spec, spare_units=1, defaults=subset(), printed=())
    path = folder / "gihi.xlsx"
    path.write_bytes(build(spec).package.to_bytes())
    return open_template(path)


@pytest.fixture(scope="module")
def result():
    return compute(report().framework, report().recipe, subset())


def changed(template, path, cells, recalculated=True):
    """Return the workbook with some cells typed over."""
    package = write_inputs(template.package, cells, template.book)
    if recalculated:
        package = patch_results(package, recalculate(package))
    path.write_bytes(package.to_bytes())
    return open_template(path)


def checks(template):
    return {check.name: check for check in check_workbook(template.file).checks}


def failing(template):
    """Return the checks that fail, but for the template's: this book was drawn without defaults."""
    found = checks(template)
    return [n for n, c in found.items() if c.status == "fail" and n != "contract"]


def shown(document):
    return [
        [
            None if x is None else round(x, 9)
            for part in ("scores", "normalised", "ranks")
            for x in unit[part].values()
        ]
        for unit in document["units"]
    ]


def vectors(template, code, column):
    area = resolve(template.book, f"in_matrix_{code}")
    rows = range(area.r1 + 1, area.r1 + 1 + len(MAIN) + len(MINI))
    return [template.book.value(area.sheet, row, area.c1 + column - 1) for row in rows]


@pytest.mark.parametrize("weighted", [WEIGHTED, UNWEIGHTED])
def test_centralities_by_cells_call_numpy_and_networkx(built, folder, weighted):
    template = built
    if weighted == UNWEIGHTED:
        area = resolve(built.book, "par_weighted_17")
        cells = {area.sheet: {(area.r1, area.c1): UNWEIGHTED}}
        template = changed(built, folder / "unweighted.xlsx", cells)
    data = subset()
    ids = [unit.id for unit in data.units]
    matrix = np.zeros((len(ids), len(ids)))
    graph = networkx.Graph()
    graph.add_nodes_from(ids)
    for tie in data.links["17"]:
        at = ids.index(tie.start), ids.index(tie.end)
        worth = tie.value if weighted == WEIGHTED else 1.0
        matrix[at] = matrix[at[::-1]] = worth
        graph.add_edge(tie.start, tie.end, weight=worth)
    values, eigenvectors = np.linalg.eigh(matrix)
    by_numpy = np.abs(eigenvectors[:, values.argmax()])
    by_graph = networkx.eigenvector_centrality_numpy(graph, weight="weight")
    for found in (
        vectors(template, "17", NATIVE),
        eigen_centrality(matrix).values.ravel(),
        [abs(by_graph[unit]) for unit in ids],
    ):
        assert found == pytest.approx(by_numpy, abs=1e-9)
    if weighted == UNWEIGHTED:
        assert failing(template) == []


def test_results_tell_supplementary_indices_like_other_nodes(built, result):
    document = stored_results(built)
    found = result.supplementary
    assert shown(document) == shown(results_document(result))
    unit = document["units"][0]
    assert set(found.codes) <= set(unit["scores"])
    assert set(found.codes) <= set(unit["ranks"])
    assert failing(built) == []


def test_labels_of_statistics_are_texts_not_formulas(built):
    labels = [str(built.book.value("Satellites", row, 2)) for row in range(4, 14)]
    assert labels[0].endswith(" · main")
    assert not [label for label in labels if '"' in label]


def test_a_supplementary_index_is_walked_back_to_what_was_typed(built):
    joint, fields = (
        resolve(built.book, f"sat_{kind}_scores") for kind in ("joint", "field")
    )
    for area, wanted, typed in ((joint, "MA", "Data"), (fields, "D30", "Fields")):
        found = trace(built.file, f"{area.sheet}!{cell_name(area.r1, area.c1)}")
        said = found.steps[found.root].description
        assert (said.unit, said.node, said.step) == ("boston", wanted, "score")
        typed_steps = [step for step in found.steps.values() if step.kind == "input"]
        inputs = [
            s
            for s in typed_steps
            if s.key.startswith(f"{typed}!") and s.description.source
        ]
        assert {"boston", "london"} <= {step.description.unit for step in inputs}
        assert "synthetic" in {step.description.source["status"] for step in inputs}


def test_charts_keep_the_names_of_cities(built):
    """A program that does not calculate draws what a chart has stored."""
    for sheet, column in (("Ranking", 3), ("RankingMini", 3)):
        part = next(
            xml
            for name in built.package.parts
            if name.startswith("xl/charts/chart")
            if f"<c:f>{sheet}!$C$8"
            in (xml := built.package.parts[name].decode("utf-8"))
        )
        names = re.search(r"<c:cat><c:strRef>(.*?)</c:strRef></c:cat>", part, re.DOTALL)
        stored = re.findall(r"<c:v>(.*?)</c:v>", names[1])
        shown_names = [
            built.book.value(sheet, row, column) for row in range(8, 8 + len(stored))
        ]
        assert stored == [name or "" for name in shown_names]
        assert {"剑桥", "波士顿"} & set(stored)


def test_two_indicators_of_one_population_give_one_node_there(built, folder):
    """All is emptied; then a file in another order brings two indicators of the main cities."""
    area = resolve(built.book, "in_data")
    cells = {
        (row, column): None
        for row in range(area.r1 + 1, area.r2)
        for column in range(area.c1, area.c2 + 1)
    }
    empty = changed(
        built, folder / "empty.xlsx", {area.sheet: cells}, recalculated=False
    )
    data = subset()
    three, four = (data.values[:, data.column(code)] for code in ("03", "04"))
    lines = [
        f"{data.units[i].name_zh},{four[i]:g},{three[i]:g}"
        for i in (5, 2, 7, 0, 4, 1, 6, 3)
    ]
    (folder / "two.csv").write_text("unit,04,03\n" + "\n".join(lines) + "\n", "utf-8")
    filled = fill_file(empty, folder / "two.csv")
    assert filled.written == 2 * len(MAIN)
    path = folder / "two.xlsx"
    path.write_bytes(filled.package.to_bytes())
    template = open_template(path)
    z = [(x[:8] - x[:8].mean()) / x[:8].std() for x in (three, four)]
    mean = (z[0] + z[1]) / 2
    expected = 60 + 40 * (mean - mean.min()) / (mean.max() - mean.min())
    units = stored_results(template)["units"]
    main = units[: len(MAIN)]
    mini = units[len(MAIN) :]
    assert [unit["scores"]["A2"] for unit in main] == pytest.approx(expected, abs=1e-9)
    best = sorted(expected, reverse=True)
    assert [unit["ranks"]["A2"] for unit in main] == [
        1 + sum(other > one + 1e-9 for other in best) for one in expected
    ]
    tree = {node.code for node in report().framework.composites}
    assert all(unit["scores"][code] is None for unit in main for code in tree - {"A2"})
    assert all(unit["scores"][code] is None for unit in mini for code in tree)
    found = checks(template)
    assert "01" in found["sheet:whole"].detail
    assert failing(template) == []


def test_fill_writes_fields_too_also_of_a_new_city(built, folder):
    area = resolve(built.book, "xl_cities")
    spare = area.r1 + 1 + len(MAIN) + len(MINI)
    names = {
        built.book.value(area.sheet, area.r1, c): c for c in range(area.c1, area.c2 + 1)
    }
    cells = {(spare, names["id"]): "late", (spare, names["population"]): "main"}
    late = changed(built, folder / "late.xlsx", {area.sheet: cells}, recalculated=False)
    (folder / "fields.csv").write_text(
        "unit,D30.hcp,03\nBoston,77,4\nlate,12,1\n", "utf-8"
    )
    filled = fill_file(late, folder / "fields.csv", recalculated=False)
    path = folder / "fields.xlsx"
    path.write_bytes(filled.package.to_bytes())
    data = open_template(path).dataset
    assert [
        data.values[data.row(u), data.column("D30.hcp")] for u in ("boston", "late")
    ] == [
        77,
        12,
    ]
    assert [
        data.values[data.row(u), data.column("03")] for u in ("boston", "late")
    ] == [4, 1]


def test_one_count_has_all_kinds_of_invented_values(folder, built):
    """Values, inputs of fields and ties of networks: the status belongs to the value."""

    def counted(template):
        checks = {
            row[0]: row for row in template.book.block(template.area("chk_table"))
        }
        shown = template.book.block(template.area("xl_synthetic"))[0][0]
        derived = int((template.dataset.basis == "derived").sum())
        assert checks["derived-values"][3] == shown + derived
        return shown

    count = counted(built)
    shipped = report().dataset
    assert count == built.dataset.with_basis_of(shipped).synthetic
    assert count > sum(len(links) for links in built.dataset.links.values()) > 0
    tie = built.dataset.links["17"][0]
    fields = resolve(built.book, "in_fields")
    area = resolve(built.book, "in_matrix_17")
    ids = [row[0] for row in built.book.block(area)]
    one, other = (ids.index(unit) for unit in (tie.start, tie.end))
    cells = {
        "Matrix17": {
            (area.r1 + one, LEFT + other - 1): tie.value + 1,
            (area.r1 + other, LEFT + one - 1): tie.value + 1,
        },
        fields.sheet: {(fields.r1 + 1, fields.c1): 7.5},
    }
    after = changed(built, folder / "typed.xlsx", cells)
    assert counted(after) == count - 2
