"""Who is scored: rows of `Cities` and `Data` that are wrong, new, left out or stand twice."""

import pytest

from tests.helpers.templates import (
    SEARCH,
    UNITS,
    city_cell,
    data_cell,
    data_row,
    edited,
    require_agreement,
    seen,
    small_template,
    spare_row,
)
from xlcity.errors import CellError

VALUES = (20.0, 200.0, 4.0, 4.0, 4.0, 50.0)


def data(row: int, unit: object, values=VALUES) -> dict:
    return {
        f"A{row}": unit,
        **{f"{c}{row}": v for c, v in zip("DEFGHI", values, strict=False)},
    }


def added(unit: object, population: object = "main", place: int = 1) -> dict:
    last = UNITS[-1]
    return {
        city_cell(last, "id", place): unit,
        city_cell(last, "population", place): population,
        city_cell(last, "name_zh", place): "新城",
    }


def looked_at(**edits):
    book = seen(edited(small_template(), edits))
    require_agreement(book)
    return book


@pytest.fixture(scope="module")
def plain():
    return seen(small_template())


def test_as_built(plain):
    require_agreement(plain)
    assert (plain.verdict, plain.red) == ("pass", set())
    assert plain.units == [*UNITS, "", "", "", ""]
    assert plain.template.problems == ()
    assert plain.fresh.errors == {}


def test_a_second_row_of_a_city_is_red_and_not_used(plain):
    book = looked_at(Data=data(spare_row(), "chengdu"))
    assert book.red == {"duplicate-city"}
    assert book.detail("duplicate-city") == "chengdu × 2"
    assert book.scores == plain.scores
    assert [p.where.cell for p in book.template.problems] == [f"A{spare_row()}"]


def test_a_city_in_the_row_of_another():
    book = looked_at(Data={f"A{data_row('haikou')}": "chengdu"})
    assert book.red == {"duplicate-city"}
    # Haikou has no row now: its inputs are not filled.
    assert book.checks["inputs-blank"] == "note"
    assert book.scores["haikou", "IMG"] is None


@pytest.mark.parametrize(
    "unit", ["atlantis", "*", "chengdu ", "成都市", "成都", 110000.0]
)
def test_an_unknown_city_is_red_and_changes_nothing(plain, unit):
    book = looked_at(Data=data(spare_row(), unit))
    assert book.red == {"unknown-city"}
    assert book.scores == plain.scores
    assert [p.code for p in book.template.problems] == ["XC311"]


@pytest.mark.parametrize("typed", ["厦门", "xiamenn"])
def test_a_name_or_a_misspelt_id_is_answered_with_the_id(typed):
    book = looked_at(Data={f"A{data_row('xiamen')}": typed})
    message = f"{typed!r} is not a city of the sheet Cities. Did you mean xiamen?"
    assert message in {problem.message for problem in book.template.problems}


def test_the_row_says_what_to_write():
    row = data_row("chengdu")
    book = looked_at(Data={f"A{row}": "成都"})
    assert str(book.at("Data", f"C{row}")).endswith("chengdu")


def test_an_error_as_an_id():
    book = looked_at(Data={f"A{data_row('chengdu')}": CellError.NA})
    assert book.red == {"unknown-city"}


def test_values_without_a_city():
    book = looked_at(Data={f"A{data_row('chengdu')}": None})
    assert book.red == {"values-without-city"}
    assert book.scores["chengdu", "IMG"] is None


def test_case_of_an_id_does_not_matter(plain):
    book = looked_at(Data={f"A{data_row('chengdu')}": "Chengdu"})
    assert book.verdict == "pass"
    assert book.scores == plain.scores


def test_a_new_city_in_the_spare_rows():
    book = looked_at(Cities=added("sanya"), Data=data(spare_row(3), "sanya"))
    assert (book.verdict, book.red) == ("pass", set())
    assert book.units == [*UNITS, "sanya", "", "", ""]
    assert book.normalised["sanya", SEARCH] == 20 / 20 * 100
    # Its 20 is the new maximum, so the others' scores move.
    assert book.normalised["beijing", SEARCH] == 2 / 20 * 100
    assert book.letter("sanya", SEARCH) == "E"


def test_a_new_city_without_data_is_a_draft():
    book = looked_at(Cities=added("sanya"))
    assert (book.verdict, book.red) == ("draft", set())


def test_ids_that_are_numbers():
    book = looked_at(Cities=added(110000.0), Data=data(spare_row(), 110000.0))
    assert (book.verdict, book.red) == ("pass", set())
    assert book.scores["110000", "IMG"] is not None


def test_a_number_is_not_the_same_id_as_its_text():
    book = looked_at(Cities=added("110000"), Data=data(spare_row(), 110000.0))
    assert book.red == {"unknown-city"}
    assert book.scores["110000", "IMG"] is None


def test_a_left_out_city_enters_no_statistic(plain):
    book = looked_at(Cities={city_cell("beijing", "population"): None})
    assert (book.verdict, book.red) == ("pass", set())
    assert book.ranks["beijing", "IMG"] is None
    assert book.ranks["shanghai", "IMG"] == 1
    # Beijing had the highest media volume; another city has it now.
    best = max(
        v
        for (_, code), v in book.normalised.items()
        if "MEDIA" in code and v is not None
    )
    assert best == 100
    assert book.normalised["shanghai", "IMG_COM_MEDIA_VOL"] == 100
    assert plain.normalised["shanghai", "IMG_COM_MEDIA_VOL"] < 100


def test_faults_of_a_left_out_city_are_no_faults():
    book = looked_at(
        Cities={city_cell("beijing", "population"): None},
        Data={data_cell("beijing", SEARCH): None},
    )
    assert (book.verdict, book.red) == ("pass", set())
    assert book.checks["inputs-blank"] == "pass"


def test_nobody_is_scored():
    book = looked_at(Cities={city_cell(unit, "population"): None for unit in UNITS})
    assert set(book.scores.values()) == {None}


@pytest.mark.parametrize("word", ["mini", " ", "是"])
def test_a_population_that_is_none(word):
    book = looked_at(Cities={city_cell("beijing", "population"): word})
    assert book.red == {"population"}
    assert book.scores["beijing", "IMG"] is None
    (problem,) = book.template.problems
    assert "is not a population; beijing is left out" in problem.message
    assert problem.where.cell == city_cell("beijing", "population")


def test_an_id_that_stands_twice_on_cities(plain):
    book = looked_at(Cities=added("beijing"))
    assert book.red == {"duplicate-id"}
    assert book.scores == plain.scores
    assert book.ranks == plain.ranks


def test_an_id_with_a_space_is_another_id():
    book = looked_at(Cities=added("sanya "), Data=data(spare_row(), "sanya"))
    assert book.red == {"unknown-city"}
