import math
from datetime import date

import pytest

from xlcity.errors import CellError
from xlcity.functions.block import CellState
from xlcity.model.dataset import State
from xlcity.model.nodes import Node
from xlcity.model.reading.values import (
    Converted,
    Refusal,
    read_indicator_value,
    read_value,
)
from xlcity.xlsx.plain_cells import PercentNumber


@pytest.mark.parametrize(
    ("raw", "uom", "value", "noted"),
    [
        (12, "", 12.0, False),
        (12.5, "", 12.5, False),
        ("12.5", "", 12.5, False),
        ("-3", "", -3.0, False),
        ("1e3", "", 1000.0, False),
        (".5", "", 0.5, False),
        ("１２", "", 12.0, True),
        ("１２．５", "", 12.5, True),
        ("１，２３４", "", 1234.0, True),
        (" 12 ", "", 12.0, False),
        ("12\u3000", "", 12.0, True),
        ("\u00a012", "", 12.0, True),
        ("12\u200b", "", 12.0, True),
        ("−5", "", -5.0, True),
        ("1,234", "", 1234.0, True),
        ("12,345,678.9", "", 12345678.9, True),
        ("1 234", "", 1234.0, True),
        ("12万", "", 12 * 10**4, True),
        ("1.2 亿", "", 12 * 10**7, True),
        ("3万亿", "", 3 * 10**12, True),
        ("1,234.5万", "", 12345000.0, True),
        ("12.3%", "%", 12.3, True),
        ("12.3%", "% of GDP", 12.3, True),
        ("12.3％", "score", 0.123, True),
        ("7%", "index", 0.07, True),
        (PercentNumber(0.07), "%", 7.0, True),
        (PercentNumber(0.07), "share", 0.07, True),
    ],
)
def test_reads_numbers_and_notes_conversions(raw, uom, value, noted):
    read = read_value(raw, uom)
    assert isinstance(read, Converted)
    assert (read.state, read.value) == (State.VALUE, value)
    # Plain outer spaces are trimmed by everybody; everything else that changed is reported.
    assert (read.note is not None) is (
        noted or (isinstance(raw, str) and raw != raw.strip(" "))
    )


def test_plain_outer_spaces_are_noted_too():
    assert read_value(" 12 ").note == "odd spaces"


@pytest.mark.parametrize("raw", [None, "", " ", "\u3000", "\u00a0\t"])
def test_blank_is_not_filled_yet(raw):
    assert read_value(raw).state is State.BLANK


@pytest.mark.parametrize(
    "raw",
    [
        "NA",
        "na",
        " N/A ",
        "ＮＡ",
        "#N/A",
        CellError.NA,
        "缺",
        "无数据",
        "—",
        "-",
        "..",
        "…",
    ],
)
def test_missing_codes_are_confirmed_missing(raw):
    read = read_value(raw)
    assert read.state is State.MISSING
    assert math.isnan(read.value)


def test_missing_codes_come_from_the_recipe():
    assert read_value("k.A.", missing_codes=("k.a.",)).state is State.MISSING
    assert isinstance(read_value("NA", missing_codes=("k.a.",)), Refusal)


@pytest.mark.parametrize(
    "raw",
    [
        "12,3",
        "0,123",
        "1,23,456",
        "约12",
        "<5",
        ">100",
        "12²",
        "①",
        "½",
        "0x10",
        "1_000",
        "12 3",
        "1.2.3",
        "12%%",
        "%",
        "万",
        "1e3万",
        "12元",
        "nan",
        "TRUE",
        True,
        False,
        date(2025, 1, 1),
        CellError.DIV0,
        "#DIV/0!",
    ],
)
def test_refuses_what_is_no_number(raw):
    read = read_value(raw)
    assert isinstance(read, Refusal)
    assert read.hint


@pytest.mark.parametrize("raw", ["inf", "-Infinity", "∞", "1e400", math.inf, math.nan])
def test_refuses_what_is_not_finite(raw):
    assert read_value(raw).code == "XC303"


def test_a_decimal_comma_gets_a_remedy_that_names_the_number():
    assert "12.3" in read_value("12,3").hint


def test_a_suffix_on_a_measure_that_counts_in_it_is_ambiguous():
    assert read_value("12万", "万元").code == "XC304"
    assert read_value("12", "万元").value == 12.0


@pytest.mark.parametrize(
    ("uom", "zh", "read"),
    [
        ("persons", "人", 35_000.0),
        ("10,000 persons", "万人", None),
        ("papers", "篇/百万人", 35_000.0),
        ("10^8 yuan", "亿元", None),
    ],
)
def test_a_suffix_is_refused_where_the_measure_has_one_in_either_language(
    uom, zh, read
):
    found = read_indicator_value(
        "3.5万", Node("A", None, "", "", uom=uom, uom_zh=zh), ()
    )
    assert (found.value if isinstance(found, Converted) else None) == read


def test_states_are_numbered_as_functions_of_the_library_read_them():
    numbers = [State.VALUE.value, State.BLANK.value, State.MISSING.value]
    assert numbers == [
        CellState.NUMBER.value,
        CellState.BLANK.value,
        CellState.MISSING.value,
    ]
