"""`Statistics` of a report that prints scores of nodes alone is true however it is filled in."""

from functools import cache

import numpy as np
import pytest

from xlcity.index import compute
from xlcity.recalc.workbook import recalculate
from xlcity.reports import load_report
from xlcity.workbook.build import draw
from xlcity.workbook.layout.analysis import AnalysisLayout
from xlcity.workbook.layout.layout import Layout
from xlcity.workbook.reading.template import read_template
from xlcity.workbook.sheets.analyses.statistics import HEADER
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.cells import read_book, resolve
from xlcity.xlsx.editing.patch import write_inputs

COLUMNS = {"n": 2, "missing": 3, "open": 4, "mean": 8, "minimum": 11, "maximum": 13}
CITIES = 46


@cache
def spec():
    report = load_report("vitality2014")
    drawn = template_spec(report, empty=True, language="en")
    return with_pages(drawn, ["none", "statistics"])


@cache
def drawn():
    package, _ = draw(spec())
    return package


def filled(values):
    """Return the computed book with some values, given by row of `Data` and code."""
    package = drawn()
    book = read_book(package)
    data, codes = (resolve(book, name) for name in ("in_units", "xl_codes"))
    columns = book.block(codes)[0]
    cells = {
        (data.r1 + 1 + row, codes.c1 + columns.index(code)): value
        for (row, code), value in values.items()
    }
    computed = recalculate(write_inputs(package, {"Data": cells}))
    return package, computed.as_book()


def row_of(book, code):
    line = HEADER + 1 + AnalysisLayout(Layout(spec())).told.index(code)
    sheet = next(name for name in book.sheets if name == "Statistics")
    return {name: book.value(sheet, line, at) for name, at in COLUMNS.items()}


def test_empty_all_is_open():
    _, book = filled({})
    for code in spec().direct_nodes:
        assert row_of(book, code) == {
            "n": 0,
            "missing": 0,
            "open": CITIES,
            "mean": "",
            "minimum": "",
            "maximum": "",
        }


@pytest.mark.parametrize("cities", [1, 20, CITIES])
def test_of_typed_indicators_the_scores_count(cities):
    """Below one node indicators are typed for some cities, another one is given to the rest."""
    leaves = [node.code for node in spec().framework.children("S")]
    rng = np.random.default_rng(cities)
    values = {
        (row, code): float(rng.integers(5, 500))
        for row in range(cities)
        for code in leaves
    }
    values |= {(row, "C"): float(row + 1) for row in range(cities, CITIES)}
    package, book = filled(values)
    template = read_template(package, book, "book.xlsx")
    result = compute(template.framework, template.recipe, template.dataset)
    for code in ("S", "C", "E"):
        scores = result.scores[:, result.node_codes.index(code)]
        numbers = scores[np.isfinite(scores)]
        told = row_of(book, code)
        assert told["n"] == len(numbers)
        assert told["n"] + told["missing"] + told["open"] == CITIES
        if len(numbers):
            assert told["mean"] == pytest.approx(numbers.mean(), rel=1e-9)
            assert told["minimum"] == pytest.approx(numbers.min(), rel=1e-9)
            assert told["maximum"] == pytest.approx(numbers.max(), rel=1e-9)
    if cities == CITIES:
        assert row_of(book, "S")["n"] == CITIES
    assert row_of(book, "E")["open"] == CITIES
