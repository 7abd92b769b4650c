"""Checks of save after save, read from the save before: the findings of a check of each alone."""

import random
from pathlib import Path

import pytest

import xlcity
from tests.helpers.own import own_bytes
from xlcity.audit.check.check import check_workbook
from xlcity.desk.commands import Books, OpenBook
from xlcity.errors import CellError
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.reports import report_ids
from xlcity.workbook.reading.template import read_template
from xlcity.xlsx.cells import READ_LATELY, read_book
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.package import Package

#: The committed workbooks are Chinese.
CHINESE_TABS = True

HOME = Path(xlcity.__file__).parents[1]
ENTRIES = (0.0, 1e6, 12.34, None, None, "NA", "缺", "约12", "12,3", CellError.NA, True)


def opened(package, file):
    """Return a template that is read as if nothing had been read before."""
    lately = READ_LATELY.copy()
    READ_LATELY.clear()
    try:
        return read_template(package, read_book(package), file)
    finally:
        READ_LATELY.clear()
        READ_LATELY.update(lately)


def value_edit(template, rng):
    """Return some values typed into Data, or errors."""
    rows = [*template.rows.values()]
    columns = [*template.columns.values()]
    data = template.area("in_data").sheet
    return {
        (data, (rng.choice(rows), rng.choice(columns))): rng.choice(
            (*ENTRIES, *(rng.uniform(1, 100) for _ in ENTRIES))
        )
        for _ in range(rng.choice((1, 1, 2, 20)))
    }


def weight_edit(template, rng):
    """Return a weight typed."""
    weights = template.area("in_weights")
    place = rng.randint(weights.r1, weights.r2), weights.c1
    return {(weights.sheet, place): rng.choice((0.5, 2.0, 0.0, -1.0, None))}


def cell_edit(template, rng):
    """Return a method, a parameter or an entry of Cities typed over, as is done to choose one."""
    area = template.area(rng.choice(("xl_methods", "xl_cities")))
    name = area.sheet
    sheet = template.book.sheets[area.sheet]
    head = [sheet.value(area.r1, column) for column in range(area.c1, area.c2 + 1)]
    # On Framework what stands before the methods is the tree itself: a code given twice is refused.
    left = area.c1 + (head.index("method") if "method" in head else 0)
    places = [
        p
        for p in area.positions
        if p[0] > area.r1
        and p[1] >= left
        and p in sheet.cells
        and not sheet.cells[p].computed
    ]
    place = rng.choice(places)
    others = [sheet.value(*p) for p in places if p[1] == place[1]]
    return {(name, place): rng.choice((*others, "zz", None, 3.0))}


def row_edit(template, rng):
    """Return a city more, typed below the table of Data."""
    units = template.area("in_units")
    area = template.area("in_data")
    row = rng.choice((units.r2, units.r2 + 1))
    values = {
        (area.sheet, (row, column)): rng.uniform(1, 100)
        for column in range(area.c1, area.c2)
    }
    return {
        (units.sheet, (row, units.c1)): rng.choice((*template.rows, "new")),
        **values,
    }


EDITS = (*[value_edit] * 6, weight_edit, weight_edit, cell_edit, cell_edit, row_edit)


def typed(template, rng):
    """Return cells to be typed into, by sheet."""
    inputs = {}
    for (sheet, position), value in rng.choice(EDITS)(template, rng).items():
        cell = template.book.sheets[sheet].cells.get(position)
        if cell is None or not cell.computed:
            inputs.setdefault(sheet, {})[position] = value
    return inputs


def holds(start, saves, seed):
    """Check saves of a workbook, each read from the one before, as if it were the first."""
    rng = random.Random(seed)
    books = Books()
    package = start
    for number in range(saves):
        books.add(OpenBook(package, str(number), "book.xlsx"))
        template = books.current.template
        found = check_workbook(template)
        fresh = recalculate(package, keep=True)
        again = opened(package, "book.xlsx")
        assert found == check_workbook(again)
        if rng.random() < 0.2:
            package = start  # undone
        elif rng.random() < 0.5:
            package = patch_results(
                package, fresh
            )  # a program saves its results as well
        package = write_inputs(package, typed(template, rng))


@pytest.mark.slow
def test_saves_of_an_own_index_are_checked_as_from_the_beginning():
    package = Package.from_bytes(own_bytes(udf=False), "own.xlsx")
    holds(package, 5, 5)


@pytest.mark.long
@pytest.mark.parametrize("udf", [False, True])
def test_many_saves_are_checked_as_from_the_beginning(udf):
    holds(Package.from_bytes(own_bytes(udf=udf), "own.xlsx"), 200, 7)


@pytest.mark.long
@pytest.mark.parametrize("report", report_ids())
def test_saves_of_reports_are_checked_as_from_the_beginning(report):
    package = Package.read(HOME / "workbooks" / f"{report}.xlsx")
    holds(package, 30 if report == "gihi2023" else 10, 3)
