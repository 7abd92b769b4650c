"""Small templates of methods that few frameworks use: cells give the numbers of Python."""

from dataclasses import replace

import numpy as np
import pytest

from tests.helpers.few_cities import of_cities
from xlcity.index import compute
from xlcity.model.dataset import Dataset, Link, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe import Recipe, Step
from xlcity.recalc.workbook import recalculate
from xlcity.reports import load_report
from xlcity.workbook.build import build, draw
from xlcity.workbook.layout.layout import Layout
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.spec.from_report import own_spec, template_spec

TREE = Framework.read(
    "code,parent,weight\nX,,1\nA,X,1\nB,X,1\nA1,A,1\nA2,A,1\nB1,B,1\n"
)
UNITS = tuple(Unit(f"c{number}", population="main") for number in range(4))


def data_of(rows: list[list[float]]) -> Dataset:
    blank = empty_dataset(UNITS, ("A1", "A2", "B1"))
    values = np.array(rows, dtype=float)
    states = np.where(np.isnan(values), State.MISSING, State.VALUE).astype(np.uint8)
    return replace(blank, values=values, states=states)


def scores_in_cells(spec: TemplateSpec, code: str) -> list[object]:
    """Return the scores of a node as the formulas of a template give them."""
    values = recalculate(build(spec).package)
    block = Layout(spec).scores
    rows = range(block.first_row, block.first_row + len(UNITS))
    return [values.value(block.sheet, row, block.column(code)) for row in rows]


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("zscore", {"mean": 100, "sd": 15}),
        ("minmax", {"scale": 50}),
        ("linear", {"factor": 2}),
    ],
)
def test_nodes_are_rescaled_by_their_own_statistics(method, options):
    steps = (
        Step("normalise", "none"),
        Step("aggregate", "arithmetic", {"missing": "na"}),
        Step("rescale", method, options),
        Step("rank", "competition"),
    )
    data = data_of([[1, 9, 4], [2, 3, 5], [4, 7, 9], [8, 1, 2]])
    recipe = Recipe("r", steps, weights="relative")
    expected = compute(TREE, recipe, data).column("A")
    assert scores_in_cells(own_spec(TREE, recipe, data), "A") == pytest.approx(
        list(expected)
    )


@pytest.mark.parametrize(
    ("method", "share", "expected"),
    [
        ("degree_centrality", "yes", [2 / 3, 2 / 3, 2 / 3, 0]),
        ("degree_centrality", "no", [2, 2, 2, 0]),
        ("link_strength", "", [5 + 1, 5 + 4, 1 + 4, 0]),
    ],
)
def test_cities_are_scored_by_their_links(method, share, expected):
    tree = Framework.read("code,parent,weight\nX,,1\nD,X,1\n")
    steps = (
        Step("construct", method, {"share": share} if share else {}),
        Step("normalise", "none"),
        Step("aggregate", "arithmetic"),
        Step("rank", "competition"),
    )
    links = (Link("c0", "c1", 5.0), Link("c0", "c2", 1.0), Link("c1", "c2", 4.0))
    data = replace(empty_dataset(UNITS, ("D",)), links={"D": links})
    spec = own_spec(tree, Recipe("r", steps, weights="relative"), data)
    assert scores_in_cells(spec, "X") == pytest.approx(expected)


def test_every_cell_to_be_filled_is_counted():
    report = load_report("gihi2023")
    cities = [unit.id for unit in report.dataset.units if unit.population][:8]
    spec = template_spec(report)
    spec = replace(spec, dataset=of_cities(spec.dataset, cities))
    _, counts = draw(spec)
    layout = Layout(spec)
    # Values of cities, those of supplementary indices, and two networks of links.
    columns = len(layout.inputs) + len(spec.framework.supplementary_inputs)
    assert counts.input_cells == layout.slots * columns + 2 * layout.slots**2
