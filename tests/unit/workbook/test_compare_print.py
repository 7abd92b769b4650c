"""The check `compare-print`: how many of the printed numbers are compared, and agree."""

import functools

import pytest
from templates import (
    SEARCH,
    data_cell,
    edited,
    find,
    framework_cell,
    method_cell,
    read,
    seen,
    small_spec,
)

from xlcity.reports import load_report
from xlcity.workbook.build import build
from xlcity.workbook.spec.from_report import template_spec
from xlcity.xlsx.address import cell_name

#: Reports with values of print, a city of each, and how many printed numbers are comparable.
CITIES = {"image2025": "luoyang", "vitality2014": "wuhan"}
PRINTED = {"image2025": 424, "vitality2014": 230}


@functools.cache
def template(report):
    return build(template_spec(load_report(report), language="en")).package


@functools.cache
def small():
    return build(small_spec(language="en")).package


def row(package, edits=None):
    """Return the status of the row, and what it says."""
    book = seen(edited(package, edits or {}))
    place = find(book.template, "Checks", "compare-print", 1)
    status, detail = (book.fresh.value("Checks", place, column) for column in (3, 5))
    return status, detail


@pytest.mark.parametrize("report", PRINTED)
def test_all_printed_numbers_are_compared_in_a_clean_book(report):
    _, detail = row(template(report))
    assert detail.endswith(f" / {PRINTED[report]} within tolerance")


@pytest.mark.parametrize("report", PRINTED)
def test_a_city_that_is_gone_is_not_compared(report):
    package, unit = template(report), CITIES[report]
    city = cell_name(find(read(package), "Cities", unit, 1), 1)
    _, detail = row(package, {"Cities": {city: None}})
    assert int(detail.split()[2]) < PRINTED[report]


@pytest.mark.parametrize(
    "edits",
    [
        {"Framework": {framework_cell("IMG_COM", "weight"): 0.4}},
        {"Framework": {method_cell(SEARCH, "a"): 1.0}},
        {"Data": {data_cell("chengdu", SEARCH): 7.0}},
    ],
    ids=["weight", "bound", "another value"],
)
def test_nothing_is_to_be_compared_with_another_method_or_other_values(edits):
    assert row(small(), edits) == ("skipped", "not comparable")
