"""A range of movable rows that one formula alone reads shorter is found, also by the seal."""

import re

import pytest

from tests.helpers.mutations import with_formula
from tests.helpers.own import own_bytes
from xlcity.audit.check.seal import changes_since, seal
from xlcity.audit.lint.moved_rows import MovedRows
from xlcity.audit.lint.run import lint
from xlcity.audit.lint.subject import Subject
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

#: The end of a range of `Data`.
END = re.compile(r"(?<=Data!)(\$?[A-Z]+\$?\d+:\$?[A-Z]+\$?)(\d+)")


@pytest.fixture(scope="module")
def package():
    return Package.from_bytes(own_bytes(udf=False), "own.xlsx")


def test_one_range_a_row_short_is_named_at_its_cell(package):
    book = read_book(package)
    index = book.sheets["Index"].cells.texts().items()
    position, text = next(cell for cell in index if END.search(cell[1]))
    shorter = END.sub(lambda match: f"{match[1]}{int(match[2]) - 1}", text, count=1)
    changed = with_formula(package, book, "Index", position, shorter)
    cell = cell_name(*position)
    found = lint(Subject(changed, "own.xlsx")).findings
    assert [(f.rule, f.sheet, f.cell) for f in found] == [("E04", "Index", cell)]
    changes = list(changes_since(seal(package, book), changed, read_book(changed)))
    assert [(c.sheet, c.cell) for c in changes if c.kind == "formula"] == [
        ("Index", cell)
    ]


def test_a_dollar_less_before_a_row_is_named_at_its_cell(package):
    book = read_book(package)
    index = book.sheets["Index"].cells.texts().items()
    position, text = next(
        cell for cell in index if re.search(r"Data![A-Z]+\$\d+:", cell[1])
    )
    relative = re.sub(r"(Data![A-Z]+)\$(\d+:)", r"\1\2", text, count=1)
    changed = with_formula(package, book, "Index", position, relative)
    found = lint(Subject(changed, "own.xlsx")).findings
    assert [(f.rule, f.sheet, f.cell) for f in found] == [
        ("E03", "Index", cell_name(*position))
    ]


def test_rows_that_all_formulas_follow_have_moved():
    before = "SUM(DATA!C) of rows 5:9"
    now = "SUM(DATA!C) of rows 5:10"
    assert MovedRows([(before, now)] * 3).are_same(before, now)
    moved_rows = MovedRows([*[(before, before)] * 2, (before, now)])
    assert not moved_rows.are_same(before, now)
    assert moved_rows.is_alone(before, now)
    assert moved_rows.are_same(before, before)
    # Of two, either may be the slip.
    assert MovedRows([(before, before), (before, now)]).are_same(before, now)
