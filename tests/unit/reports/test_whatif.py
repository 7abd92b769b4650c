"""Trial weights: official scores stay, trial scores are those of an index with these weights."""

from dataclasses import replace

import numpy as np
import pytest

from xlcity.index import compute
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node
from xlcity.model.recipe import Recipe, Step
from xlcity.recalc.workbook import recalculate
from xlcity.reports import load_report
from xlcity.workbook.build import build
from xlcity.workbook.layout.rows import FIRST, ROW_FIXED_HIGH
from xlcity.workbook.sheets.analyses.whatif import (
    RESULTS,
    RESULTS_LEFT,
    SHEET,
    TrialLayout,
)
from xlcity.workbook.spec.from_report import own_spec, template_spec
from xlcity.workbook.tab_titles import tab_title
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.package import Package

UNITS = 12


def small(report_id: str):
    """Return a report's specification with its first cities only, and no pages of its own."""
    report = load_report(report_id)
    whole = report.dataset
    known = {unit.id for unit in whole.units[:UNITS]}
    dataset = replace(
        whole,
        units=whole.units[:UNITS],
        values=whole.values[:UNITS],
        states=whole.states[:UNITS],
        basis=whole.basis[:UNITS],
        items={
            c: tuple(i for i in several if i.unit in known)
            for c, several in whole.items.items()
        },
    )
    spec = template_spec(replace(report, dataset=dataset))
    return replace(
        spec,
        pages=(),
        printed=(),
        defaults=None,
        subtables=(),
        tiers=(),
        cells="native",
    )


def other_means():
    """Return a framework of twelve invented units, each node by a mean of its own."""
    codes = ["A1", "A2", "B1", "B2", "C1", "C2", "D1", "D2"]
    means = {"A": "geometric", "B": "harmonic", "C": "power", "D": "minimum"}
    nodes = (
        Node("X", None, "", "Index"),
        *(Node(code, "X", "", code, 1.0) for code in means),
        *(Node(code, code[0], "", code, 1.0) for code in codes),
    )
    rest = {"C": {"power": 2}}
    steps = (
        Step("normalise", "minmax", {"base": 1, "scale": 100}),
        Step("aggregate", "geometric", {"missing": "na"}),
        *(
            Step("aggregate", method, {"missing": "na", **rest.get(code, {})}, (code,))
            for code, method in means.items()
        ),
        Step("rank", "competition", {"digits": 9}),
    )
    units = tuple(Unit(f"u{at}", "", f"Unit {at}") for at in range(UNITS))
    values = np.random.default_rng(7).uniform(1, 9, (UNITS, len(codes)))
    states = np.full(values.shape, State.VALUE, dtype=np.uint8)
    basis = np.full(values.shape, "", dtype="<U12")
    data = Dataset(units, tuple(codes), values, states, basis)
    recipe = Recipe("means", steps, weights="relative", blank="missing")
    return own_spec(Framework(nodes), recipe, data, cells="native")


@pytest.fixture(
    scope="module", params=["image2025", "iecc2024", "vitality2014", "other means"]
)
def book(request):
    spec = other_means() if request.param == "other means" else small(request.param)
    spec = with_pages(spec, ["none", "whatif"])
    return spec, build(spec).package


def results(values) -> dict[str, list[object]]:
    sheet = values[tab_title(SHEET, "zh")]
    rows = range(FIRST, FIRST + UNITS)
    return {
        name: [sheet.get((row, RESULTS_LEFT + at)) for row in rows]
        for at, name in enumerate(RESULTS)
    }


def test_each_city_has_eight_cells_at_most(book):
    spec, package = book
    trial = TrialLayout(spec)
    cells = read_book(package).sheets[tab_title(SHEET, "zh")].cells
    row = [cell for (at, _), cell in cells.items() if at == FIRST and cell.formula]
    turned = trial.blocks.get(f"turned {trial.root}")
    assert len(row) <= 8 + (0 if turned is None else len(turned.codes))


@pytest.mark.slow
def test_without_trial_weights_nothing_differs(book):
    _, package = book
    found = results(recalculate(package).values)
    assert found["trial"] == pytest.approx(found["score"], rel=1e-12)
    assert found["trial_rank"] == found["rank"]
    assert set(found["change"]) == {0}


def test_trial_weights_give_the_index_of_these_weights(book):
    spec, package = book
    trial = TrialLayout(spec)
    framework = spec.framework
    parts = framework.children(framework.root.code)
    tried = {part.code: 1.0 + 2.0 * (at % 3) for at, part in enumerate(parts)}
    block = trial.blocks["weights"]
    cells = {(ROW_FIXED_HIGH, block.column(code)): w for code, w in tried.items()}
    title = tab_title(SHEET, "zh")
    changed: Package = write_inputs(package, {title: cells})
    found = results(recalculate(changed).values)
    recipe = replace(
        spec.recipe,
        weights="relative",
        steps=tuple(
            replace(s, params={k: v for k, v in s.params.items() if k != "weights"})
            if s.do == "aggregate"
            else s
            for s in spec.recipe.steps
        ),
    )
    other = replace(
        framework,
        nodes=tuple(
            replace(n, weight=tried.get(n.code, n.weight)) for n in framework.nodes
        ),
    )
    result = compute(other, recipe, spec.dataset)
    root = result.node_codes.index(framework.root.code)
    assert found["trial"] == pytest.approx(result.scores[:, root].tolist(), rel=1e-9)
    assert found["trial_rank"] == result.ranks[:, root].tolist()
    assert found["score"] == results(recalculate(package).values)["score"]
    assert any(change != 0 for change in found["change"])
    assert np.isfinite(result.scores[:, root]).all()
