"""The sheet `Links`: one table of the lines that are typed, one of those that came with it."""

from dataclasses import replace

from xlcity.model.dataset import Link, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe import Recipe, Step
from xlcity.workbook.build import draw
from xlcity.workbook.sheets.inputs import links as sheet
from xlcity.workbook.spec.from_report import own_spec
from xlcity.xlsx.cells import read_book, resolve


def test_labels_stand_above_the_codes_of_both_tables():
    links = Link("a", "b", 2.0), Link("b", "c", 3.0)
    data = replace(empty_dataset(tuple(map(Unit, "abc")), ("T",)), links={"T": links})
    steps = (
        Step("construct", "link_strength", {}, ("T",)),
        Step("normalise", "minmax"),
        Step("aggregate", "arithmetic", {"missing": "na"}),
        Step("rank", "competition"),
    )
    framework = Framework.read("code,parent\nR,\nT,R\n")
    spec = own_spec(framework, Recipe("net", steps), data)
    book = read_book(draw(replace(spec, defaults=data))[0])
    area = resolve(book, "in_links")
    cells = book.sheets[area.sheet].cells

    def row(number):
        return {
            c: cells[number, c].value
            for c in range(1, sheet.LINE + 2)
            if (number, c) in cells
        }

    codes = row(area.r1)
    labels = row(area.r1 - 2)
    assert [codes[column] for column in range(1, 5)] == ["code", "from", "to", "value"]
    assert (codes[sheet.LINE], codes[sheet.LINE + 1]) == ("line", "line_basis")
    assert labels.keys() == codes.keys()
    assert all(
        isinstance(label, str) and label != codes[c] for c, label in labels.items()
    )
    first = row(area.r1 + 1)
    assert [first[column] for column in range(1, 5)] == ["T", "a", "b", 2]
    assert (first[sheet.LINE], row(area.r1 + 2)[sheet.LINE]) == ("T|a|b|2", "T|b|c|3")
