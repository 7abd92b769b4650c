"""A template in LibreOffice as a person has it: with the functions installed, and without."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.helpers.calc_session import edit_in_calc
from tests.helpers.functions_book import differences
from tests.helpers.templates import (
    SEARCH,
    UNITS,
    data_cell,
    edited,
    read,
    small_spec,
    small_template,
)
from xlcity.errors import CellError, CellValue
from xlcity.recalc.compare import compare_engines
from xlcity.recalc.engines.protocol import Values
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.workbook import recalculate
from xlcity.workbook.build import build
from xlcity.workbook.reading.template import Template
from xlcity.workbook.spec import FUNCTIONS
from xlcity.xlsx.package import Package

pytestmark = [
    pytest.mark.golden,
    pytest.mark.libreoffice,
    pytest.mark.uno,
]

#: A new best search value, so that every normalised value of its column and the ranking change.
VALUE = 987.5


def beijing() -> str:
    """Return the cell that takes it."""
    return data_cell(UNITS[0], SEARCH)


def other() -> str:
    """Return a cell of the same column that is emptied."""
    return data_cell(UNITS[3], SEARCH)


@pytest.fixture(scope="module")
def typed(tmp_path_factory) -> dict[bool, Package]:
    """The small template after two values were typed in Calc, with and without the functions."""
    folder = tmp_path_factory.mktemp("calc")
    source = folder / "book.xlsx"
    source.write_bytes(small_template().to_bytes())
    steps = [["set", "Data", beijing(), VALUE], ["set", "Data", other(), "NA"]]
    out = {}
    for functions in (True, False):
        target = folder / f"{functions}.xlsx"
        edit_in_calc([(source, target, steps)], functions=functions)
        out[functions] = Package.read(target)
    return out


def stored(template: Template, sheets: set[str] | None = None) -> Values:
    """Return the values that LibreOffice saved in formula cells, of some sheets or all."""
    return {
        sheet.name: {p: sheet.cells.value(p) for p in sheet.cells.computed()}
        for sheet in template.book.sheets.values()
        if sheets is None or sheet.name in sheets
    }


def afresh() -> Values:
    """Return the values of the same workbook, typed into and computed without LibreOffice."""
    package = edited(small_template(), {"Data": {beijing(): VALUE, other(): "NA"}})
    return recalculate(package, "formualizer").values


def check(template: Template, name: str) -> dict[str, CellValue]:
    """Return a row of the sheet Checks by the names of its columns."""
    area = template.area("chk_table")
    rows = [
        [
            template.book.value(area.sheet, row, column)
            for column in range(area.c1, area.c2 + 1)
        ]
        for row in range(area.r1, area.r2 + 1)
    ]
    (found,) = (row for row in rows if row[0] == name)
    return dict(zip(map(str, rows[0]), found, strict=True))


def verdict(template: Template) -> CellValue:
    area = template.area("chk_verdict")
    return template.book.value(area.sheet, area.r1, area.c1)


@pytest.mark.slow
def test_with_the_functions_every_sheet_is_live_and_reconciles(typed):
    template = read(typed[True])
    functions = find_udf_cells(template.book, library_names())
    before = read(small_template()).book
    there = stored(template)
    refused = {
        there[sheet][position]
        for sheet, cells in functions.items()
        for position in cells
    }
    assert CellError.NAME not in refused, "the functions are loaded"
    changed = [
        position
        for sheet, cells in functions.items()
        for position in cells
        if there[sheet][position] != before.value(sheet, *position)
    ]
    assert len(changed) >= len(UNITS), "cells that call functions follow what was typed"
    assert compare_engines(there, afresh(), "formualizer").differing == ()
    assert check(template, "udf-native")["status"] == "pass"
    assert verdict(template) == "pass"


def test_without_them_the_check_is_grey_and_every_native_sheet_calculates(typed):
    template = read(typed[False])
    functions = find_udf_cells(template.book, library_names())
    there = stored(template)
    for sheet, cells in functions.items():
        assert {there[sheet][position] for position in cells} == {CellError.NAME}
    row = check(template, "udf-native")
    assert row["status"] == "skipped"
    assert row["detail"] == "函数未加载"
    assert verdict(template) == "pass"
    natives = set(there) - set(functions) - {"Checks"}
    assert len(natives) > 10
    expected = {sheet: cells for sheet, cells in afresh().items() if sheet in natives}
    assert (
        compare_engines(stored(template, natives), expected, "formualizer").differing
        == ()
    )


@pytest.mark.slow
@pytest.mark.parametrize("functions", [True, False])
def test_a_book_of_functions_is_live_with_them_and_says_name_without(
    functions, tmp_path
):
    """Calls read the blocks of others: what is typed goes through all of them."""
    source = tmp_path / "book.xlsx"
    target = tmp_path / "out.xlsx"
    drawn = build(replace(small_spec(), cells=FUNCTIONS)).package
    source.write_bytes(drawn.to_bytes())
    steps = [["set", "Data", beijing(), VALUE], ["set", "Data", other(), "NA"]]
    edit_in_calc([(source, target, steps)], functions=functions)
    live = read(Package.read(target))
    if functions:
        expected = recalculate(
            edited(drawn, {"Data": {beijing(): VALUE, other(): "NA"}})
        ).as_book()
        assert list(differences(expected, live.book)) == []
        return
    scores = live.area("out_scores")
    assert live.book.value(scores.sheet, scores.r1, scores.c2) is CellError.NAME
    assert verdict(live) == "fail"
