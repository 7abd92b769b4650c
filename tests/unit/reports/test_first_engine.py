"""Each template is computed by our own engine, whole.

A single formula that it does not have lets `auto` ask formualizer or LibreOffice for the rest.
"""

from pathlib import Path

import pytest

from tests.helpers.own import own_bytes
from tests.helpers.templates import small_template
from xlcity.recalc.engines.compiled.engine import Compiled
from xlcity.recalc.engines.protocol import Task
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.reports import load_report, report_ids
from xlcity.workbook.build import build
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

#: Their formulas are those that are built: tests/golden/test_template_parts.py.
WORKBOOKS = Path(__file__).resolve().parents[3] / "workbooks"


def computed_cells(package: Package) -> int:
    """Return how many cells our own engine computes; it refuses a workbook that it cannot."""
    book = read_book(package)
    task = Task(package, book, find_udf_cells(book, library_names()), 600.0)
    return sum(map(len, Compiled().evaluate(task).values()))


def built(name: str) -> Package:
    return Package.read(WORKBOOKS / f"{name}.xlsx")


@pytest.mark.parametrize(
    "made",
    [
        small_template,
        lambda: Package.from_bytes(own_bytes(udf=False)),
        lambda: built("image2025"),
    ],
    ids=["small", "own", "image2025"],
)
def test_our_own_engine_computes_each_formula(made):
    assert computed_cells(made()) > 1000


@pytest.mark.long
@pytest.mark.parametrize("name", sorted({*report_ids()} - {"image2025"}))
def test_our_own_engine_computes_each_formula_of_all_reports(name):
    empty = build(
        with_pages(template_spec(load_report(name), empty=True), ["all"])
    ).package
    assert computed_cells(built(name)) > 1000
    assert computed_cells(empty) > 1000
