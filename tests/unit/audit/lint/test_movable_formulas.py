"""Formulas of sheets whose rows move are the template's: headings by column, others by row."""

import functools
import io

import openpyxl
import pytest

from tests.helpers.mutations import with_cell, with_formula, with_text
from tests.helpers.own import own_bytes
from xlcity.audit.lint.run import lint
from xlcity.audit.lint.subject import Subject
from xlcity.xlsx.address import parse_cell
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package


@functools.cache
def sound():
    return Package.from_bytes(own_bytes(udf=False), "own.xlsx")


def formula_at(package, cell, sheet="Data"):
    return read_book(package).sheets[sheet].cells.texts()[parse_cell(cell)]


def with_formulas(package, formulas, sheet="Data"):
    for cell, text in formulas.items():
        book = read_book(package)
        package = with_formula(package, book, sheet, parse_cell(cell), text)
    return package


def found(package):
    """Return rule and cells of what is found on `Data` and `Links`."""
    findings = lint(Subject(package, "own.xlsx")).every
    return sorted(
        (f.rule, area)
        for f in findings
        if f.sheet in ("Data", "Links")
        for area in f.areas
    )


def edited(change):
    """Return the workbook after a change by openpyxl, which leads no formula along."""
    book = openpyxl.load_workbook(io.BytesIO(own_bytes(udf=False)))
    change(book["Data"])
    content = io.BytesIO()
    book.save(content)
    return Package.from_bytes(content.getvalue(), "own.xlsx")


def test_exchanged_headings_are_named_at_their_cells():
    exchanged = {"D3": formula_at(sound(), "F3"), "F3": formula_at(sound(), "D3")}
    package = with_formulas(sound(), exchanged)
    assert found(package) == [("E03", "D3"), ("E03", "F3")]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("D3", '"GDP"'),
        ("E4", '"%"'),
        ("F5", '"12 / 12 · 0 / 0"'),
        ("B12", '"Paris"'),
        ("C12", '"ok"'),
    ],
)
def test_another_formula_is_named_at_its_cell(cell, text):
    assert found(with_formulas(sound(), {cell: text})) == [("E03", cell)]


def test_a_message_that_reads_fewer_columns_or_another_row_is_named():
    text = formula_at(sound(), "C12")
    shorter = with_formulas(sound(), {"C12": text.replace("$I12", "$H12")})
    assert found(shorter) == [("E04", "C12")]
    other_row = with_formulas(sound(), {"C12": text.replace("$A12", "$A13")})
    assert found(other_row) == [("E03", "C12")]


def test_what_was_typed_over_a_formula_or_cleared_is_named():
    book = read_book(sound())
    typed = with_text(sound(), book, "Data", parse_cell("C12"), "ok")
    assert found(typed) == [("E02", "C12")]
    cleared = with_cell(sound(), book, "Data", parse_cell("C12"), "")
    assert found(cleared) == [("E02", "C12")]
    heading = with_text(sound(), book, "Data", parse_cell("E3"), "GDP")
    assert found(heading) == [("E02", "E3")]


def test_codes_that_were_exchanged_are_named_once():
    book = read_book(sound())
    codes = [book.value("Data", *parse_cell(cell)) for cell in ("D9", "E9")]
    package = sound()
    for cell, code in zip(("D9", "E9"), codes[::-1], strict=True):
        package = with_text(package, book, "Data", parse_cell(cell), code)
    assert {rule for rule, _ in found(package)} & {"W21", "E02", "E03"} == {"W21"}


def test_rows_without_formulas_are_the_users_own():
    def insert(sheet):
        # Rows in the middle, as a program inserts them: no formula stands in the new ones.
        for row in range(sheet.max_row, 14, -1):
            for column in (1, *range(4, 10)):
                sheet.cell(row + 2, column).value = sheet.cell(row, column).value
        for row in (15, 16):
            for column in range(1, 10):
                sheet.cell(row, column).value = None

    changed = [place for place in found(edited(insert)) if place[0].startswith("E0")]
    assert [place for place in changed if place[1][0] in "BC"] == []
