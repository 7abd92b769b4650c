"""A slip in a code or a parameter is named at its cell, not at the values that it makes wrong."""

import random

import pytest

from tests.helpers.cli import run
from tests.helpers.random_slips import (
    _code_changed,
    _codes_exchanged,
    _column_of,
    _deleted,
    _goalposts_exchanged,
    _in_thousands_from_the_beginning,
    _rows_of,
    _tie_of_two_values,
    _with_values,
    calculated,
    sound_book,
)
from tests.helpers.slip_books import GEOMETRIC, SHIPPED, ZSCORE
from tests.helpers.slips import _lost_name
from xlcity.audit.check.check import check_workbook
from xlcity.audit.check.template_checks import check_inputs
from xlcity.audit.lint.rules.former_inputs import former_inputs
from xlcity.audit.lint.rules.inputs import wrong_inputs
from xlcity.audit.lint.rules.totals import cities_without_total
from xlcity.audit.lint.run import lint
from xlcity.audit.lint.subject import Subject
from xlcity.model.framework import Framework
from xlcity.workbook.reading.results import index_or_error
from xlcity.workbook.reading.template import open_template
from xlcity.xlsx.address import Range, cell_name, parse_range


def planted(make, book):
    made = make(sound_book(book), random.Random(70))
    return made, Subject(made.package, f"{book}.xlsx")


@pytest.mark.parametrize("book", [GEOMETRIC, ZSCORE])
def test_exchanged_codes_are_one_finding_at_the_codes(book):
    made, subject = planted(_codes_exchanged, book)
    (finding,) = former_inputs(subject)
    assert finding.rule == "W31"
    assert sorted(cells_of(finding)) == sorted(made.places[2:])


def cells_of(finding):
    areas = [Range("Data", *parse_range(area)) for area in finding.areas]
    return [cell_name(*position) for area in areas for position in area.positions]


def test_cities_without_totals_follow_from_the_exchanged_codes():
    _, subject = planted(_codes_exchanged, GEOMETRIC)
    causes = {finding.rule for finding in lint(subject).findings}
    assert "W21" in causes
    assert "E18" not in causes


def test_a_changed_code_for_missing_is_named_at_the_parameter():
    made, subject = planted(_code_changed, ZSCORE)
    (finding,) = wrong_inputs(subject)
    assert (finding.sheet, finding.cell) == (made.sheet, made.places[0])
    assert "NA meant missing" in finding.message


def test_the_check_of_inputs_names_the_parameter_too():
    made, subject = planted(_code_changed, ZSCORE)
    check = check_inputs(subject, subject.template, index_or_error(subject.template))
    assert check.status == "fail"
    assert check.cells == (f"{made.sheet}!{made.places[0]}",)


def test_a_tie_with_two_values_names_both():
    made, subject = planted(_tie_of_two_values, ZSCORE)
    (finding,) = wrong_inputs(subject)
    assert finding.cell in made.places
    assert "in the other direction" in finding.message


def test_cities_without_totals_are_named_at_the_values_that_score_0():
    made, subject = planted(_in_thousands_from_the_beginning, GEOMETRIC)
    (finding,) = cities_without_total(subject)
    assert finding.sheet == "Data"
    assert f"Data!{finding.region}" in made.places


def test_cities_without_totals_are_named_at_the_gap_of_another_city():
    """Where a node refuses gaps, a gap of one city leaves all of them without a score."""
    _, gihi = SHIPPED
    made, subject = planted(_deleted, gihi)
    (finding,) = cities_without_total(subject)
    assert (finding.sheet, finding.cell) == (made.sheet, made.places[0])
    # It says more than that the value is gone, and stands beside that.
    assert {"E18", "W43"} <= {finding.rule for finding in lint(subject).findings}


def test_values_out_of_date_follow_from_the_name_that_they_depend_on():
    image, _ = SHIPPED
    made = _lost_name(sound_book(image))
    checked = check_workbook(Subject(made.package, f"{image}.xlsx"))
    (cause,) = (finding for finding in checked.findings if finding.rule == "E13")
    assert "par_udf_tolerance" in cause.message
    assert "E09" not in {finding.rule for finding in checked.findings}
    assert "E09" in {finding.rule for finding in cause.follows}


def test_exchanged_goalposts_leave_an_index_in_their_order():
    _, subject = planted(_goalposts_exchanged, GEOMETRIC)
    sound = sound_book(GEOMETRIC).template.index
    assert subject.template.index.scores.tolist() == sound.scores.tolist()
    assert [problem.code for problem in subject.template.problems] == ["XC215"]


@pytest.mark.parametrize(
    "words",
    [
        ("export",),
        ("pages", "--add", "intake"),
        ("rebuild",),
        ("roll", "--edition", "2027"),
    ],
    ids=lambda words: words[0],
)
def test_verbs_go_on_with_exchanged_goalposts_and_say_so(words, tmp_path, capsys):
    made, _ = planted(_goalposts_exchanged, GEOMETRIC)
    book = tmp_path / "book.xlsx"
    book.write_bytes(calculated(made.package).to_bytes())
    verb, *options = words
    out = tmp_path / ("tables" if verb == "export" else "new.xlsx")
    code, _, said = run(capsys, verb, book, *options, "-o", out)
    assert code == 0
    places = ",".join(made.places)
    assert f"[XC215] {book}, Framework!{places}" in said
    is_table = verb == "export"
    written = Framework.read(out) if is_table else open_template(out).framework
    sound = sound_book(GEOMETRIC).template.framework
    for code in sound.inputs:
        bounds = [
            (tree[code].goalpost_low, tree[code].goalpost_high)
            for tree in (sound, written)
        ]
        assert bounds[0] == bounds[1]


def changed_cells(book, name, column):
    """Return the typed cells of a column of a table, by their code."""
    sound = sound_book(book)
    codes = _rows_of(sound, name, "code")
    place = _column_of(sound, name, column)
    return {codes[row]: (row, place) for row in _rows_of(sound, name, column)}


def found_in(made, book):
    """Return what is found in a planted book and not in the sound one."""
    sound, planted_book = (
        [(f.rule, f.sheet, f.cell) for f in lint(Subject(package, book)).findings]
        for package in (sound_book(book).package, calculated(made.package))
    )
    return [finding for finding in planted_book if finding not in sound]


def test_a_blanked_number_for_no_data_is_named_at_its_cell():
    cells = changed_cells(ZSCORE, "xl_framework", "no_data")
    made = _with_values(sound_book(ZSCORE), "Framework", {cells["HOT"]: None})
    assert found_in(made, ZSCORE) == [("W23", "Framework", made.places[0])]


def test_a_number_for_no_data_where_there_was_none_is_named_at_its_cell():
    sound = sound_book(ZSCORE)
    (row,) = (
        r
        for r, code in _rows_of(sound, "xl_framework", "code").items()
        if code == "AIR"
    )
    place = row, _column_of(sound, "xl_framework", "no_data")
    made = sound.number("Framework", place, 5.0)
    assert found_in(made, ZSCORE) == [("W23", "Framework", made.places[0])]


def test_a_blanked_score_of_what_is_unrated_is_named_at_its_cell():
    """The template was drawn without the column of this parameter: 60 findings elsewhere."""
    image = SHIPPED[0]
    sound = sound_book(image)
    area = sound.area("par_unrated")
    made = _with_values(sound, area.sheet, {(area.r1, area.c1): None})
    assert found_in(made, image) == [("E06", "Framework", made.places[0])]


def test_a_blanked_code_for_missing_is_named_at_its_own_cell():
    sound = sound_book(ZSCORE)
    area = sound.area("par_missing")
    for position in ((area.r1 + 2, area.c1), (area.r1, area.c1 + 1)):
        made = _with_values(sound, area.sheet, {position: None})
        assert found_in(made, ZSCORE) == [("W23", "Framework", made.places[0])]
