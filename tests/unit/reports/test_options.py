"""Every option of every report moves native cells, functions and the Python index alike."""

from dataclasses import replace

import numpy as np
import pytest

from tests.helpers.invented import invented
from tests.helpers.large_reports import LARGE
from xlcity.index import compute
from xlcity.index.analysis import results_document
from xlcity.model.dataset import State
from xlcity.reports import load_report, report_ids
from xlcity.workbook.build import build
from xlcity.workbook.checking.routes import check_routes
from xlcity.workbook.reading.results import stored_results
from xlcity.workbook.reading.template import read_template
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.cells import read_book

pytestmark = pytest.mark.slow

CASES = [
    pytest.param(report_id, option.id, marks=pytest.mark.long)
    if report_id in LARGE
    else (report_id, option.id)
    for report_id in report_ids()
    for option in load_report(report_id).recipe.options
]


def constant_nodes(dataset):
    """Return the same data with a node (C3) whose two indicators cancel in every city."""
    values = dataset.values.copy()
    states = dataset.states.copy()
    first = dataset.codes.index("C3.1")
    second = dataset.codes.index("C3.2")
    values[:, first] = np.arange(1.0, len(dataset.units) + 1)
    values[:, second] = -values[:, first]
    states[:, [first, second]] = State.VALUE
    basis = np.where(states == State.VALUE, "synthetic", "").astype("<U12")
    return replace(dataset, values=values, states=states, basis=basis)


def outcome(report, dataset, recipe, name):
    spec = with_pages(template_spec(report, dataset), ["all"])
    spec = replace(
        spec,
        recipe=recipe,
        spare_units=2,
        printed=(),
        defaults=None,
        subtables=(),
        tiers=(),
    )
    built = build(spec)
    checked = {check.name: check for check in check_routes(built, f"{name}.xlsx")}
    results = stored_results(
        read_template(built.package, read_book(built.package), name)
    )
    return checked, results["units"], compute(report.framework, recipe, dataset)


def shown(units):
    return [
        [
            None if x is None else round(x, 9)
            for part in ("scores", "normalised", "ranks")
            for x in unit[part].values()
        ]
        for unit in units
    ]


def numbers(result):
    return shown(results_document(result)["units"])


@pytest.fixture(scope="module")
def plain():
    """Return each report's results under its own recipe, computed once."""
    kept = {}

    def of(report, dataset, key):
        if key not in kept:
            kept[key] = outcome(report, dataset, report.recipe, "plain")
        return kept[key]

    return of


@pytest.mark.parametrize(("report_id", "option"), CASES)
def test_an_option_moves_all_three_alike(report_id, option, plain):
    report = load_report(report_id)
    dataset = invented(report)
    key = report_id
    if option == "constant-100":
        dataset, key = constant_nodes(dataset), f"{report_id}-constant"
    recipe = report.recipe.with_options([option])
    before_checks, before, before_index = plain(report, dataset, key)
    checks, after, index = outcome(report, dataset, recipe, option)
    for name in ("udf-native", "python-native"):
        assert before_checks[name].status == "pass", before_checks[name]
        assert checks[name].status == "pass", checks[name]
    assert shown(after) == numbers(index)
    assert shown(before) == numbers(before_index)
    assert shown(after) != shown(before), "the option moves nothing"
