"""The check `compare-print`: how many of the printed numbers are compared, and a note if fewer."""

import functools
from dataclasses import replace

import pytest

from tests.helpers.templates import (
    SEARCH,
    UNITS,
    data_cell,
    edited,
    find,
    framework_cell,
    method_cell,
    read,
    seen,
    small_report,
    small_spec,
)
from xlcity.reports import load_report
from xlcity.workbook.build import build
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tabs import with_pages
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


def valued(book, unit):
    """Return the first indicator that a city has a value of."""
    values = book.book.sheets["Data"].cells
    return next(
        c
        for c in book.columns
        if values[book.rows[unit], book.columns[c]].value is not None
    )


@pytest.mark.slow
@pytest.mark.parametrize("report", PRINTED)
def test_all_printed_numbers_are_compared_in_a_clean_book(report):
    _, detail = row(template(report))
    printed = PRINTED[report]
    assert detail.endswith(f" · {printed} / {printed} printed values compared")


@pytest.mark.slow
def test_tables_that_the_data_are_derived_from_are_counted_apart():
    """Of 424 scores four are misprinted: two pillars and with them two totals."""
    _, detail = row(template("image2025"))
    assert detail.startswith("420 / 424 within tolerance by construction, no evidence")
    _, detail = row(template("vitality2014"))
    assert "by construction" not in detail


@pytest.mark.parametrize(
    ("derived", "nodes"),
    [
        ((), 0),
        (("communication",), 1),
        (("influence", "recognition"), 2),
        (("total",), 4),
    ],
)
def test_each_printed_number_is_counted_as_evidence_or_apart(derived, nodes):
    """Table 2 prints all four nodes above indicators, the three others print one of them each."""
    report = replace(small_report(), derived_from=derived)
    spec = replace(
        with_pages(template_spec(report, language="en"), ["all"]), tab_language="en"
    )
    by_construction = len(UNITS) * nodes
    detail = row(build(spec).package)[1]
    agreeing = detail.removesuffix(" · 32 / 32 printed values compared").split(" · ")
    counts = [int(part.split()[2]) for part in agreeing]
    assert counts == [n for n in (by_construction, 32 - by_construction) if n]
    apart = ["no evidence" in part for part in agreeing]
    assert apart == [True] * bool(nodes) + [False] * (nodes < 4)


@pytest.mark.slow
@pytest.mark.parametrize("slip", ["blank", "city gone", "other id"])
@pytest.mark.parametrize("report", PRINTED)
def test_printed_numbers_that_are_compared_no_longer_are_a_note(report, slip):
    package = template(report)
    unit = CITIES[report]
    printed = PRINTED[report]
    book = read(package)
    city = cell_name(find(book, "Cities", unit, 1), 1)
    edits = {
        "blank": {"Data": {data_cell(unit, valued(book, unit), book): None}},
        "city gone": {"Cities": {city: None}},
        "other id": {"Cities": {city: "elsewhere"}},
    }[slip]
    status, detail = row(package, edits)
    assert status == "note"
    words = detail.partition(" · ")[2]
    assert words.endswith(f" / {printed} printed values compared")
    assert not words.startswith(f"{printed} ")


def test_a_value_typed_over_in_a_small_book_is_a_note():
    assert row(small())[1].endswith("32 / 32 printed values compared")
    status, detail = row(small(), {"Data": {data_cell("chengdu", SEARCH): 7.0}})
    assert (status, detail.partition(" · ")[2]) == (
        "note",
        "28 / 32 printed values compared",
    )


@pytest.mark.parametrize(
    "edits",
    [
        {"Framework": {framework_cell("IMG_COM", "weight"): 0.4}},
        {"Framework": {method_cell(SEARCH, "a"): 1.0}},
        {"Data": {data_cell(unit, SEARCH): None for unit in UNITS}},
    ],
    ids=["weight", "bound", "other values"],
)
def test_nothing_is_to_be_compared_with_another_method_or_other_values(edits):
    assert row(small(), edits) == ("skipped", "not comparable")
