"""Numbers among the attributes of cities, as they stand on `Cities`."""

from dataclasses import replace

import pytest

from tests.helpers.few_cities import of_cities
from tests.helpers.templates import seen
from xlcity.reports import load_report
from xlcity.workbook.build import build
from xlcity.workbook.sheets.inputs.cities import number_or_text
from xlcity.workbook.spec.from_report import template_spec


@pytest.mark.slow
def test_numbers_on_cities_stay_numbers():
    """A value that is given with the data is written as a number and read as one."""
    report = load_report("vitality2014")
    few = of_cities(report.dataset, ("beijing", "shanghai", "wuhan", "xian"))
    units = tuple(
        replace(unit, attributes={**unit.attributes, "gdp": str(900.5 + 3 * place)})
        for place, unit in enumerate(few.units)
    )
    book = seen(
        build(template_spec(replace(report, dataset=replace(few, units=units)))).package
    )
    cities = book.template.area("xl_cities")
    header = [
        book.template.book.value("Cities", cities.r1, c)
        for c in range(1, cities.c2 + 1)
    ]
    assert (
        book.template.book.value("Cities", cities.r1 + 1, header.index("gdp") + 1)
        == 900.5
    )
    assert book.template.dataset.units[0].attributes["gdp"] == "900.5"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12.0),
        ("-3.50", -3.5),
        ("0.25", 0.25),
        ("012", "012"),
        ("1,234", "1,234"),
        ("", ""),
        ("12%", "12%"),
        ("1e5", "1e5"),
        ("1234567890123456", "1234567890123456"),
        ("east", "east"),
    ],
)
def test_attributes_that_are_numbers(text, value):
    assert number_or_text(text) == value
