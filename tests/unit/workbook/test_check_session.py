"""Checks of save after save: the findings and values of a check from the beginning."""

import random
from pathlib import Path

import pytest

import xlcity
from tests.helpers.own import own_bytes
from xlcity.recalc.workbook import recalculate
from xlcity.reports import report_ids
from xlcity.workbook.checking.check import check_template, checked_with
from xlcity.workbook.checking.check_session import CheckSession
from xlcity.workbook.checking.template_checks import template_checks
from xlcity.workbook.reading.template import read_template
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.package import Package

HOME = Path(xlcity.__file__).parents[1]
ENTRIES = (0.0, 1e6, 12.34, None, None, "NA", "缺", "约12", "12,3")


def opened(package, file):
    return read_template(package, read_book(package), file)


def typed(template, rng):
    """Return some values typed into Data, and now and then a weight or another cell."""
    data, weights = template.area("in_data").sheet, template.area("in_weights")
    rows, columns = [*template.rows.values()], [*template.columns.values()]
    found = {}
    for _ in range(rng.choice((1, 1, 2, 20))):
        value = rng.choice((*ENTRIES, rng.uniform(1, 100), rng.uniform(1, 100)))
        found[data, (rng.choice(rows), rng.choice(columns))] = value
    if rng.random() < 0.3:
        row = rng.randint(weights.r1, weights.r2)
        found[weights.sheet, (row, weights.c1)] = rng.choice((0.5, 2.0, 0.0, -1.0))
    if rng.random() < 0.2:
        page = template.book.sheets["Cities"]
        places = [p for p, cell in page.cells.items() if not cell.computed and p[0] > 15]
        found["Cities", rng.choice(places)] = rng.choice(("zz", None, 3.0))
    inputs = {}
    for (sheet, position), value in found.items():
        cell = template.book.sheets[sheet].cells.get(position)
        if cell is None or not cell.computed:
            inputs.setdefault(sheet, {})[position] = value
    return inputs


def holds(start, saves, seed):
    """Check saves of a workbook in a row and from the beginning; return how many in a row."""
    rng, session, package, by_changes = random.Random(seed), CheckSession(), start, 0
    for _ in range(saves):
        template = opened(package, "book.xlsx")
        found = session.check(template)
        by_changes += session._values.changes is not None
        fresh = recalculate(package, keep=True)
        again = opened(package, "book.xlsx")
        assert found == checked_with(again, fresh, template_checks(again))
        assert session._values._known.result.values == fresh.values
        session.prepare()
        before = start if rng.random() < 0.3 else package
        package = write_inputs(before, typed(template, rng))
    return by_changes


def test_saves_of_an_own_index_are_checked_as_from_the_beginning():
    package = Package.from_bytes(own_bytes(udf=False), "own.xlsx")
    assert holds(package, 5, 5) == 4


def test_what_is_no_typed_value_is_computed_from_the_beginning():
    start = Package.from_bytes(own_bytes(udf=False), "own.xlsx")
    session = CheckSession()
    session.check(opened(start, "own.xlsx"))
    session.prepare()
    sheet = read_book(start).sheets["Scores"]
    part = start.parts[sheet.part]
    at = part.rindex(b"<f>")
    changed = start.replace({sheet.part: part[:at] + b"<f>1+" + part[at + 3 :]})
    found = session.check(opened(changed, "own.xlsx"))
    assert session._values.changes is None
    assert found == check_template(opened(changed, "own.xlsx"))
    assert next(c for c in found.checks if c.name == "contract").status == "fail"


@pytest.mark.long
@pytest.mark.parametrize("report", report_ids())
def test_saves_of_reports_are_checked_as_from_the_beginning(report):
    package = Package.read(HOME / "workbooks" / f"{report}.xlsx")
    assert holds(package, 10, 3) >= 8
