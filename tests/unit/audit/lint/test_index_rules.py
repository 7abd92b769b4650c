"""Rules about an index, on the small template with one thing wrong at a time."""

import pytest

from tests.helpers.templates import (
    MEDIA,
    SEARCH,
    UNITS,
    data_cell,
    edited,
    framework_cell,
    named_cell,
    small_read,
    small_template,
)
from xlcity.audit.lint.rules.cell_values import numbers_as_text
from xlcity.audit.lint.rules.former_inputs import former_inputs
from xlcity.audit.lint.rules.inputs import (
    cities_of_one_name,
    exceptions_without_effect,
    wrong_inputs,
)
from xlcity.audit.lint.rules.method import changed_method
from xlcity.audit.lint.subject import Subject
from xlcity.xlsx.address import cell_name

TOLERANCES = (
    "par_share_tolerance",
    "par_udf_tolerance",
    "par_print_tolerance",
)
EMPTY = {code: dict.fromkeys(UNITS) for code in (SEARCH, MEDIA)}


@pytest.fixture
def told(small_reports):
    """Return what judges the small template with cells typed or stored values changed."""

    def judge(edits):
        subject = Subject(edited(small_template(), edits), "book.xlsx")
        rules = (
            wrong_inputs,
            exceptions_without_effect,
            cities_of_one_name,
            numbers_as_text,
            changed_method,
            former_inputs,
        )
        return {(f.rule, f.sheet, f.cell) for rule in rules for f in rule(subject)}

    return judge


@pytest.mark.parametrize("name", TOLERANCES)
def test_w23_a_bound_of_a_check_that_was_changed(told, name):
    cell = named_cell(name)
    assert told({"Framework": {cell: 30}}) == {("W23", "Framework", cell)}


def test_e06_the_weight_that_is_not_the_reports(told):
    cell = framework_cell(SEARCH, "weight")
    assert told({"Framework": {cell: 0.9}}) == {
        ("E06", "Framework", cell),
        ("W23", "Framework", cell),
    }


def test_w32_values_that_were_typed_over(told):
    template = small_read()
    cells = {}
    for unit, factor in zip(UNITS, (10.0, 1e-4, 1e8, -1.0, 1.3, 0.7), strict=False):
        value = template.book.value(
            "Data", template.rows[unit], template.columns[SEARCH]
        )
        cells[data_cell(unit, SEARCH)] = value * factor
    first = ("W32", "Data", data_cell(UNITS[1], SEARCH))
    found = told({"Data": cells})
    assert {slip for slip in found if slip[0][:2] == "W3"} == {first}
    slips = {("W42", "Data", data_cell(UNITS[n], SEARCH)) for n in (0, 3)}
    assert {slip for slip in found if slip[0] == "W42"} == slips


def test_w02_w06_and_what_a_template_declares(told):
    template = small_read()
    row = template.rows["chengdu"]
    ids = template.area("in_units")
    cell = cell_name(row, ids.c1)
    typed = data_cell("chengdu", SEARCH)
    gap = data_cell("chengdu", MEDIA)
    found = told({"Data": {cell: "chengdoo", typed: "１２", gap: "缺"}})
    assert {("W06", "Data", cell), ("W02", "Data", typed)} <= found
    assert not {place for _, sheet, place in found if sheet == "Data"} - {cell, typed}


@pytest.mark.parametrize("column", ["city", "indicator", "basis"])
def test_w06_an_exception_of_nothing(told, column):
    area = small_read().area("xl_exceptions")
    heads = {
        head: area.c1 + n for n, head in enumerate(small_read().book.block(area)[0])
    }
    line = {"city": UNITS[0], "indicator": SEARCH, "basis": "substituted"}
    cells = {head: cell_name(area.r1 + 1, heads[head]) for head in line}
    assert (
        told({"Sources": {cells[head]: text for head, text in line.items()}}) == set()
    )
    wrong = line | {column: "nowhere"}
    found = told({"Sources": {cells[head]: text for head, text in wrong.items()}})
    assert found == {("W06", "Sources", cells[column])}


def test_w06_two_cities_of_one_name(told):
    area = small_read().area("xl_cities")
    column = area.c1 + [*small_read().book.block(area)[0]].index("name_en")
    first, second = (cell_name(area.r1 + n, column) for n in (1, 2))
    assert told({"Cities": {first: "Ur", second: "Ur"}}) == {("W06", "Cities", second)}


def test_w23_a_missing_code_that_was_changed(told):
    area = small_read().area("par_missing")
    last = cell_name(area.r2, area.c1)
    # One finding: the codes after an emptied one only move up when the workbook is drawn again.
    for cell, text in ((last, None), (last, "none")):
        assert told({"Framework": {cell: text}}) == {("W23", "Framework", last)}
