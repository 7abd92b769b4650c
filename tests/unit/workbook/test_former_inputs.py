"""Slips in inputs, told by what the book holds of before; a book without slips has none."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from own import own_bytes
from slips import Sound

from xlcity.audit.lint.causes import group_by_cause
from xlcity.audit.lint.rules.input_slips import input_slips
from xlcity.audit.lint.subject import Subject
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.package import Package

#: The committed workbooks are Chinese.
CHINESE_TABS = True

WORKBOOKS = Path(__file__).parents[3] / "workbooks"


@pytest.fixture(scope="module", params=["own", "image2025"])
def sound(request):
    if request.param == "own":
        return Sound(Package.from_bytes(own_bytes(udf=False), "own.xlsx"))
    return Sound(Package.read(WORKBOOKS / "image2025.xlsx"))


@pytest.fixture(scope="module")
def image():
    return Sound(Package.read(WORKBOOKS / "image2025.xlsx"))


def slips(package):
    return [f for f in input_slips(Subject(package, "book.xlsx")) if f.rule != "W22"]


def numbers(sound, code):
    units = sorted(sound.units, key=lambda unit: sound.template.rows[unit])
    return {unit: v for unit in units if isinstance(v := sound.value(unit, code), float)}


def test_a_book_without_slips_has_none(sound):
    assert slips(sound.package) == []


def test_values_pasted_one_row_low(sound):
    code = sound.codes[0]
    values = [*numbers(sound, code).items()][:51]
    made = sound.typed({(below, code): value for (_, value), (below, _) in pairwise(values)})
    (slip,) = slips(made.package)
    first, _, last = slip.region.partition(":")
    assert {first, last} <= set(made.places)
    assert slip.message.endswith("in the row above: they were pasted one row off.")


def test_values_pasted_one_row_low_past_blanks():
    sound = Sound(Package.read(WORKBOOKS / "iecc2024.xlsx"))
    code = next(code for code in sound.codes if 20 < len(numbers(sound, code)) < 40)
    values = [*numbers(sound, code).items()]
    moved = {(low, code): value for (_, value), (low, _) in pairwise(values)}
    made = sound.typed({place: new for place, new in moved.items() if new != sound.value(*place)})
    (slip,) = slips(made.package)
    assert slip.message.endswith("in the row above: they were pasted one row off.")


def test_a_column_rounded(sound):
    code = next(c for c in sound.codes if any(v % 1 for v in numbers(sound, c).values()))
    values = numbers(sound, code)
    digits = 1 if any(round(v, 1) != v for v in values.values()) else 0
    made = sound.typed({(u, code): round(v, digits) for u, v in values.items()})
    (slip,) = slips(made.package)
    assert slip.message.startswith(f"{code} is rounded to {digits} decimal")


def test_two_cities_exchanged(sound):
    code = sound.codes[0]
    (a, first), *_, (b, last) = numbers(sound, code).items()
    assert first != last
    (slip,) = slips(sound.typed({(a, code): last, (b, code): first}).package)
    assert slip.message.startswith(f"{code} of {a} and {b} ({last:g} and {first:g}) look exchanged")


def test_a_city_taken_out(sound):
    area = sound.area("xl_cities")
    heads = sound.book.block(area)[0]
    position = area.r1 + 2, area.c1 + heads.index("population")
    made = sound.text(area.sheet, position, "")
    (slip,) = slips(made.package)
    assert re.match("1 city of the (shipped values|values written last) taken out: ", slip.message)
    assert (slip.sheet, slip.cell) == (area.sheet, cell_name(*position))


def test_several_indicators_changed_by_hand_prove_nothing(image):
    sound = Sound(Package.from_bytes(own_bytes(udf=False), "own.xlsx"))
    a, b = sound.codes[:2]
    values = {(unit, code): sound.value(unit, code) + 1.5 for unit in sound.units[:6]
              for code in (a, b)}  # fmt: skip
    assert slips(sound.typed(values).package) == []


def test_zeros_for_missing_values():
    sound = Sound(Package.read(WORKBOOKS / "iecc2024.xlsx"))
    code = "A1.4"
    gaps = [unit for unit in sound.units if not isinstance(sound.value(unit, code), float)]
    (slip,) = slips(sound.typed({(unit, code): 0.0 for unit in gaps[:2]}).package)
    assert slip.message == f"0 for 2 cities without a value in {code}: a missing value is not 0."


def test_names_and_sources(image):
    area = image.area("xl_cities")
    heads, first, second, *_ = image.book.block(area)
    column = area.c1 + heads.index("name_zh")
    package = image.package
    for row, name in ((1, second[2]), (2, first[2])):
        package = Sound(package).text(area.sheet, (area.r1 + row, column), name).package
    sources = image.area("xl_sources")
    period = sources.c1 + image.book.block(sources)[0].index("period")
    package = Sound(package).text(sources.sheet, (sources.r1 + 1, period), "1999").package
    *names, source = slips(package)
    cells = {(area.sheet, f"C{area.r1 + 1}"), (area.sheet, f"C{area.r1 + 2}")}
    assert {(name.sheet, name.cell) for name in names} == cells
    assert names[0].message.startswith("the name of beijing is that of chengdu, ")
    assert len(group_by_cause(names)) == 1
    assert (source.sheet, source.cell) == (sources.sheet, f"E{sources.r1 + 1}")
    assert source.message.startswith("period of IMG_COM_SEARCH_GT: 1999 instead of ")


def test_what_was_typed_over_is_noted_with_its_former_value(sound):
    code, unit = sound.codes[0], sound.units[4]
    before = sound.value(unit, code)
    (over,) = slips(sound.typed({(unit, code): before + 0.5}).package)
    assert (over.rule, over.severity) == ("W32", "note")
    assert over.message.startswith(f"{code} of {unit} is {before + 0.5:g}, and {before:g} in the ")
    (ten,) = slips(sound.typed({(unit, code): before * 10}).package)
    assert (ten.rule, ten.cell) == ("W31", over.cell)
    assert ten.message.endswith("ten times too large?")
