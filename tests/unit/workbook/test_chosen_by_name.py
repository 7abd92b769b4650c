"""`Profile` offers cities by their names, and finds them by name or id."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.helpers.own_books import own_book_spec
from xlcity.recalc.workbook import recalculate
from xlcity.workbook.build import draw
from xlcity.workbook.sheets.choosers import typed_name
from xlcity.workbook.sheets.results.profile import CITY_ROW, OTHER_ROW
from xlcity.workbook.spec import TemplateSpec
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.patch import write_inputs

#: Name of the first city by the language of a book; the second has none, nor has any an alias.
NAMES = {"zh": "甲城", "en": "Alpha", "both": "甲城 Alpha"}
CHOSEN, SHOWN = 2, 3


def spec_of_names(language: str) -> TemplateSpec:
    spec = own_book_spec("three cities")
    first, second, third = spec.dataset.units
    units = (
        replace(first, name_zh="甲城", name_en="Alpha"),
        replace(second, name_zh="", name_en=""),
        replace(third, name_zh="丙城", name_en="Gamma"),
    )
    dataset = replace(spec.dataset, units=units)
    return replace(spec, dataset=dataset, language=language, tab_language="en")


@pytest.mark.parametrize("language", NAMES)
def test_cities_are_offered_and_found_by_name(language):
    package, _ = draw(spec_of_names(language))
    book = read_book(package)
    assert book.value("Profile", CITY_ROW, CHOSEN) == NAMES[language]
    assert book.value("Profile", OTHER_ROW, CHOSEN) == "c01"
    for typed, shown in ((NAMES[language], NAMES[language]), ("c00", NAMES[language])):
        cells = {"Profile": {(OTHER_ROW, CHOSEN): typed}}
        computed = recalculate(write_inputs(package, cells)).as_book()
        assert computed.value("Profile", CITY_ROW, SHOWN) == NAMES[language]
        assert computed.value("Profile", OTHER_ROW, SHOWN) == shown


def test_cities_of_one_name_are_told_apart_by_their_ids():
    spec = spec_of_names("en")
    first, second, third = spec.dataset.units
    units = (first, second, replace(third, name_en="Alpha"))
    alike = replace(spec, dataset=replace(spec.dataset, units=units))
    assert [*map(typed_name(alike), units)] == ["c00", "c01", "c02"]
