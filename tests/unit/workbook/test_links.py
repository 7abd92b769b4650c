"""Templates with links: matrices, centralities and options, by cells, calls and Python."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from tests.helpers import kept_books
from tests.helpers.contract_cells import block_position
from tests.helpers.templates import fill_file, read
from xlcity.audit.check.check import check_workbook
from xlcity.model.dataset import Link, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe_toml import read_recipe
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.workbook.build import build
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.spec.from_report import own_spec
from xlcity.xlsx.cells import resolve
from xlcity.xlsx.editing.patch import write_inputs

RECIPE = """
id = "net"
[[step]]
do = "construct"
method = "link_strength"
codes = ["T"]
group = "country"
[[step]]
do = "construct"
method = "eigen_centrality"
codes = ["E"]
rounds = 60
[[step]]
do = "construct"
method = "degree_centrality"
codes = ["D"]
[[step]]
do = "normalise"
method = "minmax"
bounds = "minmax"
constant = 0
[[step]]
do = "aggregate"
method = "arithmetic"
[[step]]
do = "rank"
method = "competition"
"""
N = 7
UNITS = tuple(
    Unit(
        f"c{i}",
        name_en=f"City {i}",
        population="" if i == 3 else "main",
        attributes={"country": "X" if i < 3 else ""},
    )
    for i in range(N)
)


def links():
    rng = np.random.default_rng(5)
    ids = [unit.id for unit in UNITS]
    flows = [Link(a, b, float(rng.integers(1, 90))) for a in ids for b in ids if a != b]
    ties = [
        Link(ids[i], ids[j], float(rng.integers(1, 9)))
        for i in range(N)
        for j in range(i)
        if (i + 2 * j) % 3
    ]
    turned = replace(ties[0], start=ties[0].end, end=ties[0].start)
    return {
        "T": (*flows[:20], replace(flows[20], value=float("nan")), *flows[25:]),
        "E": tuple(ties),
        "D": (*ties[2:], ties[0], turned),
    }


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A template of a small framework of links; returns a function that opens a variant of it."""
    folder = tmp_path_factory.mktemp("links")
    (folder / "framework.csv").write_text(
        "code,parent,weight\nR,,1\nT,R,0.5\nE,R,0.3\nD,R,0.2\n", "utf-8"
    )
    framework = Framework.read(folder / "framework.csv")
    data = replace(empty_dataset(UNITS, ("T", "E", "D")), links=links())
    spec = replace(own_spec(framework, read_recipe(RECIPE), data), spare_units=2)
    package = build(spec).package
    (folder / "built.xlsx").write_bytes(package.to_bytes())
    book = open_template(folder / "built.xlsx").book

    def variant(cells):
        made = package
        if cells:
            placed = {}
            for place, value in cells.items():
                if isinstance(place, str):
                    area = resolve(book, place)
                    place = (area.sheet, area.r1, area.c1)
                placed.setdefault(place[0], {})[place[1:]] = value
            made = write_inputs(package, placed, book)
            made = patch_results(made, recalculate(made))
        path = folder / "variant.xlsx"
        path.write_bytes(made.to_bytes())
        return path

    return variant


def lines(template):
    """Return the first row of the long table, and where a city stands in a block."""
    area = resolve(template.book, "in_links")
    return area.r1 + 1


def column(template, name):
    area = template.area(name)
    return [row[0] for row in template.book.block(area)]


def status(path):
    checked = check_workbook(path)
    return checked.verdict, {check.name: check.status for check in checked.checks}


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"par_domestic": "include"},
        {"par_bounds": "max", "par_count_T": "presence"},
        {"par_bounds": "mean", "par_weighted_E": "no"},
    ],
)
def test_cells_calls_and_python_agree_under_every_option(template, cells):
    path = template(cells)
    verdict, checks = status(path)
    assert verdict == "pass"
    assert (
        checks["udf-native"]
        == checks["python-native"]
        == checks["sheet:centrality-E"]
        == "pass"
    )


def test_an_option_in_a_cell_is_an_option_of_the_recipe(template):
    plain = open_template(template({})).index
    steps = plain.recipe.steps
    for cells, position, name, value in (
        ({"par_domestic": "include"}, 0, "domestic", "include"),
        ({"par_bounds": "mean"}, 3, "bounds", "mean"),
        ({"par_weighted_E": "no"}, 1, "weighted", "no"),
    ):
        live = open_template(template(cells)).index
        assert live.recipe.steps[position].get(name) == value
        assert steps[position].get(name) != value
        assert not np.array_equal(live.scores, plain.scores, equal_nan=True)


def test_the_eigenvector_in_cells_is_that_of_numpy_and_networkx(template):
    book = open_template(template({}))
    scored = [unit for unit in UNITS if unit.population]
    place = {unit.id: i for i, unit in enumerate(scored)}
    matrix = np.zeros((len(scored), len(scored)))
    for link in links()["E"]:
        if link.start in place and link.end in place:
            matrix[place[link.start], place[link.end]] = link.value
            matrix[place[link.end], place[link.start]] = link.value
    values, vectors = np.linalg.eigh(matrix)
    exact = np.abs(vectors[:, values.argmax()])
    graph = nx.eigenvector_centrality_numpy(
        nx.from_numpy_array(matrix), weight="weight"
    )
    scores = resolve(book.book, "out_normalised")
    heads = {
        place: book.book.value(scores.sheet, scores.r1 - 1, place)
        for place in range(1, scores.c1)
    }
    column = max(place for place, code in heads.items() if code == "E")
    for unit in scored:
        row, _ = block_position(book.book, "out_normalised", unit.id)
        cell = book.book.value(scores.sheet, row, column)
        assert cell == pytest.approx(exact[place[unit.id]], abs=1e-9)
        assert cell == pytest.approx(abs(graph[place[unit.id]]), abs=1e-9)


def test_faulty_lines_turn_the_check_red_and_leave_the_rest(template):
    first = lines(open_template(template({})))
    sheet = "Links"
    path = template(
        {
            (sheet, first, 2): "atlantis",
            (sheet, first + 1, 4): "much",
            (sheet, first + 3, 3): "c0",
            (sheet, first + 5, 1): "Q",
        }
    )
    verdict, checks = status(path)
    assert verdict == "fail"
    assert checks["sheet:links"] == "fail"
    assert checks["sheet:links-self"] == "note"
    assert checks["python-native"] == "pass"
    codes = [problem.code for problem in open_template(path).problems]
    assert codes == ["XC311", "XC301", "XC314"]


def test_a_city_in_a_spare_row_joins_the_network(template):
    book = open_template(template({}))
    first = lines(book)
    cities = book.area("xl_units")
    data = book.area("in_units")
    sheet = cities.sheet
    at = cities.r1 + N
    end = first + sum(len(of) for of in links().values())
    path = template(
        {
            (sheet, at, 1): "new",
            (sheet, at, 2): "main",
            (data.sheet, data.r1 + 1 + N, 1): "new",
            ("Links", end, 1): "E",
            ("Links", end, 2): "new",
            ("Links", end, 3): "c0",
            ("Links", end, 4): 9,
        }
    )
    assert status(path)[0] == "pass"
    made = open_template(path).index
    before = book.index
    assert made.raw[N, 1] > 0
    assert made.raw[0, 1] != before.raw[0, 1]


def test_without_a_single_link_the_indicator_is_not_filled(template):
    book = open_template(template({}))
    area = resolve(book.book, "in_links")
    gone = {
        ("Links", row, column): None
        for row in range(area.r1 + 1, area.r2)
        for column in range(1, 5)
        if book.book.value("Links", row, 1) == "E"
    }
    path = template(gone)
    verdict, checks = status(path)
    assert verdict == "draft"
    assert checks["python-native"] == checks["udf-native"] == "pass"
    assert open_template(path).index.draft


def test_fill_puts_links_into_their_lines_and_new_ones_into_empty_lines(
    template, tmp_path
):
    before = open_template(template({}))
    known = before.dataset.links["T"][0]
    data = tmp_path / "links.csv"
    data.write_text(
        f"code,from,to,value\nT,{known.start},{known.end},777\nT,City 6,c5,\nE,c6,c3,NA\n",
        "utf-8",
    )
    filled = fill_file(before, data, recalculated=False)
    path = tmp_path / "filled.xlsx"
    path.write_bytes(filled.package.to_bytes())
    after = open_template(path).dataset.links
    assert filled.written == 2
    assert after["T"][0] == replace(known, value=777.0)
    # NaN, a missing code, equals nothing.
    assert [tie.key for tie in after["T"][1:]] == [
        tie.key for tie in before.dataset.links["T"][1:]
    ]
    assert len(after["E"]) == len(before.dataset.links["E"]) + 1
    assert np.isnan(after["E"][-1].value)


@pytest.mark.slow
@pytest.mark.parametrize(
    "method", ["efficacy omega = 50; low = 1; high = 9", "rating max = 20"]
)
def test_pairs_are_scored_by_any_method_with_bounds(method, monkeypatch):
    write = kept_books._steps

    def steps(*words):
        normalised = f"normalise {method}"
        return write(*(normalised if w.startswith("normalise") else w for w in words))

    monkeypatch.setattr(kept_books, "_steps", steps)
    checked = check_workbook(read(build(kept_books.routes()).package))
    assert checked.verdict == "pass", [c for c in checked.checks if c.status == "fail"]
