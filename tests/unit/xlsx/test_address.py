import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xlcity.xlsx.address import (
    Range,
    cell_name,
    column_letters,
    column_number,
    parse_area,
    parse_cell,
    parse_range,
    quote_sheet,
)


@pytest.mark.parametrize(
    ("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (16384, "XFD")]
)
def test_column_letters(number, letters):
    assert column_letters(number) == letters
    assert column_number(letters.lower()) == number


@given(st.integers(1, 1_048_576), st.integers(1, 16_384))
@example(1_048_576, 16_384)
def test_names_of_cells_read_back(row, column):
    assert parse_cell(cell_name(row, column)) == (row, column)


@pytest.mark.parametrize(
    "text", ["A0", "A", "1", "AAAA1", "A1048577", "XFE1", "A1:B2", ""]
)
def test_what_is_no_cell(text):
    with pytest.raises(ValueError, match=r"not a cell|outside"):
        parse_cell(text)


def test_ranges_in_any_order():
    assert parse_range("$C$5:A2") == (2, 1, 5, 3)
    assert parse_range("b7") == (7, 2, 7, 2)


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("Data!$A$1:$B$9", Range("Data", 1, 1, 9, 2)),
        ("=Data!A1", Range("Data", 1, 1, 1, 1)),
        ("'it''s a sheet'!A1:A2", Range("it's a sheet", 1, 1, 2, 1)),
        ("'a!b'!A1", Range("a!b", 1, 1, 1, 1)),
        ("数据!$C$3:$C$8", Range("数据", 3, 3, 8, 3)),
        ("'数据 2024'!C3", Range("数据 2024", 3, 3, 3, 3)),
        ("'W1'!A1", Range("W1", 1, 1, 1, 1)),
        ("A1:B2", None),
        ("Data!#REF!", None),
        ("Data!$A$1,Data!$C$1", None),
        ("Data!$A:$A", None),
        ("(Data!$A$1:$A$2,Data!$C$1:$C$2)", None),
        ("[1]Data!$A$1", None),
        ("SUM(Data!$A$1:$A$2)", None),
        ("0.4", None),
    ],
)
def test_areas(text, area):
    assert parse_area(text) == area


@pytest.mark.parametrize(
    "name", ["Data", "W1", "R1C1", "2024", "it's", "a b", "数据", "A-B", "TRUE"]
)
def test_a_quoted_sheet_reads_back(name):
    assert parse_area(f"{quote_sheet(name)}!A1") == Range(name, 1, 1, 1, 1)
    assert str(Range(name, 1, 1, 2, 3)) == f"{quote_sheet(name)}!A1:C2"


@pytest.mark.parametrize(
    ("name", "quoted"), [("Data", "Data"), ("W1", "'W1'"), ("2x", "'2x'")]
)
def test_quotes_stand_where_a_name_could_be_misread(name, quoted):
    assert quote_sheet(name) == quoted
