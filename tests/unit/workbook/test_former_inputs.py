"""Inputs that are not what they were, by what the book holds of before; a sound book has none."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from tests.helpers.own import own_bytes
from tests.helpers.slips import Sound
from xlcity.audit.lint.rules.former_inputs import former_inputs
from xlcity.audit.lint.subject import Subject
from xlcity.recalc.engines.soffice import recalculate_in_office
from xlcity.workbook.reading.recorded_values import read_recorded
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import read_book
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
    return list(former_inputs(Subject(package, "book.xlsx")))


def numbers(sound, code):
    units = sorted(sound.units, key=lambda unit: sound.template.rows[unit])
    return {
        unit: v for unit in units if isinstance(v := sound.value(unit, code), float)
    }


def test_a_book_without_slips_has_none(sound):
    assert slips(sound.package) == []


def test_values_pasted_one_row_low(sound):
    code = sound.codes[0]
    values = [*numbers(sound, code).items()][:51]
    made = sound.typed(
        {(below, code): value for (_, value), (below, _) in pairwise(values)}
    )
    (slip,) = slips(made.package)
    first, _, last = slip.region.partition(":")
    assert {first, last} <= set(made.places)
    assert slip.rule == "W31"
    assert f"values of {code} stood at other cities in the " in slip.message


def test_values_pasted_one_row_low_past_blanks():
    sound = Sound(Package.read(WORKBOOKS / "iecc2024.xlsx"))
    code = next(code for code in sound.codes if 20 < len(numbers(sound, code)) < 40)
    values = [*numbers(sound, code).items()]
    moved = {(low, code): value for (_, value), (low, _) in pairwise(values)}
    made = sound.typed(
        {place: new for place, new in moved.items() if new != sound.value(*place)}
    )
    (slip,) = slips(made.package)
    assert slip.rule == "W31"
    assert f"values of {code} stood at other cities in the " in slip.message


def test_a_column_rounded(sound):
    code = next(
        c for c in sound.codes if any(v % 1 for v in numbers(sound, c).values())
    )
    values = numbers(sound, code)
    digits = 1 if any(round(v, 1) != v for v in values.values()) else 0
    made = sound.typed({(u, code): round(v, digits) for u, v in values.items()})
    (slip,) = slips(made.package)
    assert (slip.rule, slip.severity, slip.sheet) == ("W32", "note", "Data")
    assert slip.count == len(made.places) - sum(
        round(v, digits) == v for v in values.values()
    )


def test_two_cities_exchanged(sound):
    code = sound.codes[0]
    (a, first), *_, (b, last) = numbers(sound, code).items()
    assert first != last
    (slip,) = slips(sound.typed({(a, code): last, (b, code): first}).package)
    assert slip.message.startswith(f"2 values of {code} stood at other cities in the ")


@pytest.mark.parametrize("report", ["image2025", ""])
def test_two_values_of_a_city_exchanged(image, report):
    own = Package.from_bytes(own_bytes(udf=False), "own.xlsx")
    sound = image if report else Sound(own)
    unit, (a, b) = sound.units[3], sorted(sound.codes)[1:3]
    made = sound.typed(
        {(unit, a): sound.value(unit, b), (unit, b): sound.value(unit, a)}
    )
    (slip,) = slips(made.package)
    former = "shipped values" if report else "values written last"
    expected = (
        f"2 values of {unit} ({a}, {b}) stood at other indicators in the {former}."
    )
    assert (slip.rule, slip.severity, slip.message) == ("W31", "warning", expected)


def test_a_city_taken_out(sound):
    area = sound.area("xl_cities")
    heads = sound.book.block(area)[0]
    position = area.r1 + 2, area.c1 + heads.index("population")
    made = sound.text(area.sheet, position, "")
    (slip,) = slips(made.package)
    assert re.match(
        "1 city of the (shipped values|values written last) taken out: ", slip.message
    )
    assert (slip.sheet, slip.cell) == (area.sheet, cell_name(*position))


def test_several_indicators_changed_by_hand_prove_nothing():
    sound = Sound(Package.from_bytes(own_bytes(udf=False), "own.xlsx"))
    a, b = sound.codes[:2]
    values = {
        (unit, code): sound.value(unit, code) + 1.5
        for unit in sound.units[:6]
        for code in (a, b)
    }
    assert slips(sound.typed(values).package) == []


@pytest.mark.parametrize("rows", [1, 2])
def test_rows_exchanged_are_one_finding_and_a_row_typed_over_another(image, rows):
    codes = [
        c
        for c in image.codes
        if image.value(image.units[0], c) != image.value(image.units[1], c)
    ]
    pairs = [(0, 1), (1, 0)][:rows]
    made = image.typed(
        {
            (image.units[a], code): image.value(image.units[b], code)
            for a, b in pairs
            for code in codes
        }
    )
    (slip,) = slips(made.package)
    assert slip.rule == ("W31" if rows == 2 else "W32")


def test_rows_exchanged_are_found_by_the_sums_recorded_last():
    """Of a framework of one's own no values are shipped."""
    sound = Sound(Package.from_bytes(own_bytes(udf=False), "own.xlsx"))
    a, b, c = (unit for unit in sound.units[:3])
    made = sound.typed(
        {
            (unit, code): sound.value(other, code)
            for unit, other in ((a, b), (b, c), (c, a))
            for code in sound.codes
            if sound.value(unit, code) != sound.value(other, code)
        }
    )
    (slip,) = slips(made.package)
    assert slip.rule == "W31"
    assert slip.message.endswith("stood at other cities in the values written last.")


def test_what_was_typed_over_is_noted_with_its_former_value(sound):
    code = sound.codes[0]
    unit = sound.units[4]
    before = sound.value(unit, code)
    (over,) = slips(sound.typed({(unit, code): before + 0.5}).package)
    assert (over.rule, over.severity, over.region) == ("W32", "note", "")
    assert over.message.startswith(
        f"{code} of {unit} is {before + 0.5:g}, and {before:g} in the "
    )


@pytest.mark.slow
@pytest.mark.libreoffice
def test_counts_are_kept_by_libreoffice():
    content = own_bytes(udf=False)
    saved = Package.from_bytes(recalculate_in_office(content, 120), "own.xlsx")
    before, after = (
        read_recorded(read_book(package))
        for package in (Package.from_bytes(content, "own.xlsx"), saved)
    )
    assert before.by_city["city00"] == (6, 0)
    assert (after.by_city, after.by_input) == (before.by_city, before.by_input)
    assert slips(saved) == []
