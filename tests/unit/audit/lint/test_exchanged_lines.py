"""Exchanged entries of `Links` and `Items`, and headings typed over, are named at their cells."""

import random
from pathlib import Path

import pytest

from tests.helpers.random_slips import (
    _column_of,
    _exchanged_in,
    _exchanged_ties,
    _rows_of,
    _with_values,
    sound_book,
)
from tests.helpers.slip_books import ZSCORE
from tests.helpers.slips import Sound
from xlcity.api.texts import told
from xlcity.audit.lint.rules.exchanged_lines import changed_lines
from xlcity.audit.lint.rules.template_look import changed_looks
from xlcity.audit.lint.subject import Subject
from xlcity.workbook.filling.template import record_inputs
from xlcity.workbook.reading.recorded_values import read_recorded
from xlcity.xlsx.address import Range, cell_name, parse_range
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

#: The committed workbooks are Chinese.
CHINESE_TABS = True

WORKBOOKS = Path(__file__).parents[4] / "workbooks"


@pytest.fixture(scope="module")
def own():
    return sound_book(ZSCORE)


@pytest.fixture(scope="module")
def shipped():
    return Sound(Package.read(WORKBOOKS / "bri2021.xlsx"))


def found(package):
    return [*changed_lines(Subject(package, "book.xlsx"))]


def cells_of(finding):
    areas = [Range(finding.sheet, *parse_range(area)) for area in finding.areas]
    return sorted(cell_name(*position) for area in areas for position in area.positions)


def rows_of(cells):
    return {parse_range(cell)[0] for cell in cells}


def exchanged_texts(sound, name, first, second):
    """Exchange two texts of a table, each given by row and heading."""
    sheet = sound.area(name).sheet
    places = [(row, _column_of(sound, name, head)) for row, head in (first, second)]
    texts = [sound.book.value(sheet, *place) for place in places]
    made = sound.text(sheet, places[0], texts[1])
    made = Sound(made.package, sound.name).text(sheet, places[1], texts[0])
    return made.package, sorted(cell_name(*place) for place in places)


def test_books_without_slips_have_none(own, shipped):
    assert found(own.package) == []
    assert found(shipped.package) == []


@pytest.mark.parametrize(
    "make",
    [_exchanged_ties, _exchanged_in("in_items", "rank_a")],
    ids=["Links", "Items"],
)
@pytest.mark.parametrize("seed", range(3))
def test_two_exchanged_values_are_named_at_both(own, make, seed):
    made = make(own, random.Random(seed))
    (finding,) = found(made.package)
    assert (finding.rule, finding.sheet) == ("W31", made.sheet)
    # Two lines of one city that differ in one more entry may have exchanged that instead.
    assert {*made.places} <= {*cells_of(finding)}
    assert rows_of(cells_of(finding)) == rows_of(made.places)
    assert "each other's entries" in finding.message


def test_two_exchanged_ends_are_named_at_both(own):
    rows = [*_rows_of(own, "in_links", "to")]
    package, cells = exchanged_texts(own, "in_links", (rows[1], "to"), (rows[40], "to"))
    (finding,) = found(package)
    assert cells_of(finding) == cells


def test_two_ranks_of_one_institution_are_named_at_both(own):
    row = next(iter(_rows_of(own, "in_items", "rank_a")))
    sheet = own.area("in_items").sheet
    places = [(row, _column_of(own, "in_items", head)) for head in ("rank_a", "rank_b")]
    first, second = (own.book.value(sheet, *place) for place in places)
    made = _with_values(own, sheet, {places[0]: second, places[1]: first})
    (finding,) = found(made.package)
    assert cells_of(finding) == sorted(made.places)


def test_institutions_at_each_others_cities_are_named_at_both(own):
    units = _rows_of(own, "in_items", "unit")
    first = next(iter(units))
    second = next(row for row in units if units[row] != units[first])
    package, cells = exchanged_texts(own, "in_items", (first, "unit"), (second, "unit"))
    (finding,) = found(package)
    assert cells_of(finding) == cells


def test_one_new_value_and_an_order_of_lines_are_no_exchange(own):
    row, value = next(iter(_rows_of(own, "in_links", "value").items()))
    place = row, _column_of(own, "in_links", "value")
    made = _with_values(own, "Links", {place: value + 1})
    assert found(made.package) == []


def test_a_symmetric_tie_counts_alike_both_ways(own):
    row = next(iter(_rows_of(own, "in_links", "from")))
    package, _ = exchanged_texts(own, "in_links", (row, "from"), (row, "to"))
    assert found(package) == []


def test_what_is_written_anew_is_right(own):
    made = _exchanged_ties(own, random.Random(1))
    package = record_inputs(made.package, own.name)
    assert found(package) == []
    lines = (read_recorded(read_book(p)).lines for p in (own.package, package))
    before, after = lines
    assert before.keys() == after.keys() == {"xl_record_links", "xl_record_items"}
    assert before["xl_record_links"] != after["xl_record_links"]
    assert before["xl_record_items"] == after["xl_record_items"]


def test_lines_that_a_report_ships_are_compared_with_it(shipped):
    made = _exchanged_in("in_links", "value")(shipped, random.Random(2))
    (finding,) = found(made.package)
    assert (finding.rule, finding.sheet) == ("W31", made.sheet)
    assert cells_of(finding) == sorted(made.places)
    assert "the shipped values" in finding.message


def test_a_shipped_line_that_was_typed_over_is_a_note(shipped):
    row, value = next(iter(_rows_of(shipped, "in_links", "value").items()))
    place = row, _column_of(shipped, "in_links", "value")
    sheet = shipped.area("in_links").sheet
    (finding,) = found(_with_values(shipped, sheet, {place: value + 3}).package)
    assert (finding.rule, finding.severity) == ("W32", "note")
    assert finding.cell == cell_name(*place)


@pytest.mark.parametrize("above", [2, 5])
def test_a_heading_of_links_that_was_typed_over_is_named(own, above):
    area = own.area("in_links")
    position = area.r1 - above, area.c1 + 1
    made = own.text("Links", position, "Towards")
    labels = [*changed_looks(Subject(made.package, own.name))]
    assert [(f.rule, f.sheet, f.cell) for f in labels] == [
        ("W21", "Links", cell_name(*position))
    ]


def test_it_is_said_in_chinese(own, monkeypatch):
    monkeypatch.setenv("XLCITY_LANG", "zh")
    made = _exchanged_ties(own, random.Random(1))
    (finding,) = found(made.package)
    said = told(finding.message)
    assert "互换" in said
    assert "上次写入的值" in said
