"""A slip in a code or a parameter is named at its cell, not at the values that it makes wrong."""

import random

import pytest
from random_slips import (
    _code_changed,
    _codes_exchanged,
    _goalposts_exchanged,
    _in_thousands_from_the_beginning,
    _tie_of_two_values,
    sound_book,
)
from slip_books import GEOMETRIC, ZSCORE

from xlcity.audit.check.template_checks import check_inputs
from xlcity.audit.lint.rules.former_inputs import former_inputs
from xlcity.audit.lint.rules.inputs import wrong_inputs
from xlcity.audit.lint.rules.totals import cities_without_total
from xlcity.audit.lint.run import lint
from xlcity.audit.lint.subject import Subject
from xlcity.workbook.reading.results import index_or_error
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


def test_exchanged_goalposts_leave_an_index_in_their_order():
    _, subject = planted(_goalposts_exchanged, GEOMETRIC)
    sound = sound_book(GEOMETRIC).template.index
    assert subject.template.index.scores.tolist() == sound.scores.tolist()
    assert [problem.code for problem in subject.template.problems] == ["XC215"]
