"""Values at other cities than before: sorted without their ids, pasted a row too low."""

from dataclasses import replace

import pytest

from tests.helpers.templates import (
    MAIN,
    SEARCH,
    UNITS,
    data_cell,
    edited,
    seen,
    small_read,
    small_template,
)
from xlcity.audit.check.check import check_workbook
from xlcity.cli import main
from xlcity.workbook.reading.recorded_values import (
    moved_values,
    read_recorded,
    record,
    record_cells,
    renew_record,
    sums_of,
)
from xlcity.xlsx.cells import read_book

TEMPLATE = small_read()
CODES = list(TEMPLATE.columns)
VALUES = {
    (unit, code): TEMPLATE.book.value(
        "Data", TEMPLATE.rows[unit], TEMPLATE.columns[code]
    )
    for unit in UNITS
    for code in CODES
}


def taken_from(order, codes=CODES):
    """Return the edits that give each city the values of another."""
    return {
        data_cell(unit, code): VALUES[other, code]
        for unit, other in zip(UNITS, order, strict=True)
        for code in codes
    }


def sorted_by(code):
    return sorted(UNITS, key=lambda unit: VALUES[unit, code])


def moved(path, edits):
    """Return the findings of a workbook with these edits, and the checks that fail."""
    edited(small_template(pages="none"), {"Data": edits}).write(path)
    checked = check_workbook(path)
    failed = {check.name for check in checked.checks if check.status == "fail"}
    assert checked.verdict == "fail"
    return checked.findings, failed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edits", "named"),
    [
        (taken_from(sorted_by(SEARCH)), f"{UNITS[0]} ← {sorted_by(SEARCH)[0]}"),
        (taken_from([UNITS[-1], *UNITS[:-1]]), f"{UNITS[0]} ← {UNITS[-1]}"),
        (taken_from(sorted_by(MAIN), [MAIN]), UNITS[0]),
    ],
    ids=["sorted without ids", "pasted a row too low", "one column sorted"],
)
def test_values_at_other_cities_fail(small_reports, tmp_path, edits, named):
    findings, failed = moved(tmp_path / "book.xlsx", edits)
    assert failed <= {"stale", "contract"}
    (finding,) = (f for f in findings if f.rule == "E05")
    assert (finding.severity, finding.code) == ("error", "XC442")
    assert finding.message.endswith(f": {named}.")


def test_values_typed_over_do_not():
    swapped = {
        data_cell("beijing", MAIN): VALUES["xiamen", MAIN],
        data_cell("xiamen", MAIN): VALUES["beijing", MAIN],
    }
    anew = {data_cell(*key): float(value) * 1.1 for key, value in VALUES.items()}
    for edits in (swapped, anew, dict.fromkeys(anew)):
        book = seen(edited(small_template(), {"Data": edits}))
        recorded = read_recorded(book.template.book)
        sums = sums_of(book.template.framework, recorded.weights, book.template.dataset)
        assert moved_values(recorded, sums) == {}


@pytest.mark.slow
def test_neither_fill_nor_rebuild_takes_moved_values_for_good(
    small_reports, tmp_path, capsys
):
    book = tmp_path / "book.xlsx"
    data = tmp_path / "d.csv"
    edited(small_template(pages="none"), {"Data": taken_from(sorted_by(SEARCH))}).write(
        book
    )
    data.write_text(f"city,{SEARCH}\nbeijing,{VALUES[sorted_by(SEARCH)[0], SEARCH]}\n")
    filled = tmp_path / "filled.xlsx"
    again = tmp_path / "again.xlsx"
    assert main(["fill", str(book), "--data", str(data), "-o", str(filled)]) in (0, 1)
    assert main(["rebuild", str(filled), "-o", str(again)]) in (0, 1)
    capsys.readouterr()
    for path in (filled, again):
        checked = check_workbook(path)
        assert not any(check.status == "fail" for check in checked.checks), path
        assert (checked.verdict, [f.rule for f in checked.findings]) == (
            "fail",
            ["E05"],
        ), path


def test_what_fill_writes_is_recorded(tmp_path, capsys):
    book = tmp_path / "book.xlsx"
    data = tmp_path / "d.csv"
    small_template().write(book)
    lines = [f"{unit},{100 + 7 * place}" for place, unit in enumerate(UNITS)]
    data.write_text("\n".join([f"city,{SEARCH}", *lines]) + "\n")
    assert main(["fill", str(book), "--data", str(data), "--in-place"]) in (0, 1)
    capsys.readouterr()
    from xlcity.workbook.reading.template import open_template

    template = open_template(book)
    dataset = template.dataset
    framework = template.framework
    known = read_recorded(read_book(template.package))
    assert known == record(framework, CODES, dataset)
    assert renew_record(known, framework, CODES, dataset, lines={}) == known


def test_an_indicator_that_a_record_does_not_have_counts_for_nothing():
    recorded = read_recorded(TEMPLATE.book)
    others = {code: recorded.weights[code] for code in CODES[1:]}
    ((_, cells),) = record_cells(
        TEMPLATE.book, replace(recorded, weights=others)
    ).items()
    written = sorted(value for value in cells.values() if isinstance(value, float))
    expected = [*others.values(), 0.0, *recorded.sums.values()]
    assert written == sorted(expected)
