"""Rules about an index, on the small template with one thing wrong at a time."""

import re

import pytest
from templates import (
    MEDIA,
    SEARCH,
    UNITS,
    data_cell,
    edited,
    framework_cell,
    small_read,
    small_template,
)

from xlcity.audit.lint.rules.cell_values import numbers_as_text
from xlcity.audit.lint.rules.index_rules import index_rules
from xlcity.audit.lint.subject import Subject
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.patch import patch_values

EMPTY = {code: dict.fromkeys(UNITS) for code in (SEARCH, MEDIA)}


@pytest.fixture
def told(small_reports):
    """Return what judges the small template with cells typed or stored values changed."""

    def judge(edits=None, values=None):
        package = small_template()
        if edits:
            package = edited(package, edits)
        if values:
            package = patch_values(package, values, read_book(package))
        subject = Subject(package, "book.xlsx")
        findings = (*numbers_as_text(subject), *index_rules(subject))
        return {(f.rule, f.sheet, f.cell) for f in findings}

    return judge


def block(name):
    template = small_read()
    area = template.area(name)
    return area, template.book.block(area)


def test_e06_the_weight_that_is_not_the_reports(told):
    cell = framework_cell(SEARCH, "weight")
    assert told({"Framework": {cell: 0.9}}) == {("E06", "Framework", cell)}


def test_blocks_of_other_columns_are_left_to_the_rule_of_names():
    package = small_template()
    part = "xl/workbook.xml"
    xml = package.parts[part].decode()
    for name in ("out_ranks", "out_scores", "out_normalised"):
        changed = re.sub(rf'(name="{name}">\w+!\$[A-Z]+\$\d+:\$)[A-Z]+', r"\1AZ", xml)
        assert changed != xml
        subject = Subject(package.replace({part: changed.encode()}), "book.xlsx")
        assert not [f for f in index_rules(subject) if f.rule == "E12"]


def test_e08_scores_against_their_direction(told):
    area, rows = block("out_normalised")
    turned = {
        (area.r1 + down, area.c1): -row[0]
        for down, row in enumerate(rows)
        if isinstance(row[0], float)
    }
    cell = cell_name(area.r1, area.c1)
    assert ("E08", area.sheet, cell) in told(values={area.sheet: turned})


def test_e10_the_twin_that_fails(told):
    template = small_read()
    area = template.area("chk_table")
    cells = template.book.sheets["UDF"].cells
    places = [p for p, c in cells.items() if c.formula and c.value in ("pass", "skipped")]
    assert places
    rows = template.book.block(area)
    assert "udf-native" in {row[0] for row in rows}
    found = told(values={"UDF": {places[0]: "fail"}})
    assert ("E10", "UDF", cell_name(*places[0])) in found


def test_e12_a_rank_that_is_not_the_scores(told):
    area, rows = block("out_ranks")
    row = next(down for down, values in enumerate(rows) if isinstance(values[0], float))
    wrong = {(area.r1 + row, area.c1): rows[row][0] + 1}
    assert told(values={area.sheet: wrong}) == {
        ("E12", area.sheet, cell_name(area.r1 + row, area.c1))
    }


def test_w08_values_off_by_a_unit(told):
    template = small_read()
    factors = dict(zip(UNITS, (10.0, 1e-4, 1e8, -1.0, 1.3, 0.7), strict=False))
    cells = {}
    for unit, factor in factors.items():
        value = template.book.value("Data", template.rows[unit], template.columns[SEARCH])
        cells[data_cell(unit, SEARCH)] = value * factor
    expected = {("W08", "Data", data_cell(unit, SEARCH)) for unit in UNITS[:4]}
    assert {found for found in told({"Data": cells}) if found[0] == "W08"} == expected


def test_w02_w06_and_what_a_template_declares(told):
    template = small_read()
    row = template.rows["chengdu"]
    ids = template.area("in_units")
    cell = cell_name(row, ids.c1)
    typed, gap = data_cell("chengdu", SEARCH), data_cell("chengdu", MEDIA)
    found = told({"Data": {cell: "chengdoo", typed: "１２", gap: "缺"}})
    assert {("W06", "Data", cell), ("W02", "Data", typed)} <= found
    assert not {place for _, sheet, place in found if sheet == "Data"} - {cell, typed}
