import datetime as dt

import pytest
import xlsxwriter

from xlcity.errors import CellError, WorkbookError
from xlcity.xlsx import plain_cells
from xlcity.xlsx.plain_cells import PercentNumber, UncalculatedFormula, read_plain_cells


def written(path, *, date_1904=False):
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy/m/d"})
    if date_1904:
        book = xlsxwriter.Workbook(str(path), {"date_1904": True})
    sheet = book.add_worksheet("数据")
    sheet.write_row(1, 0, ["城市", "A"])
    sheet.write(2, 0, "北京")
    sheet.write_number(2, 1, 0.25, book.add_format({"num_format": "0.0%"}))
    sheet.write_datetime(
        2, 3, dt.datetime(2024, 5, 6), book.add_format({"num_format": 14})
    )
    sheet.write_formula(3, 1, "=NA()", None, "#N/A")
    sheet.write_number(3, 2, 12.5, book.add_format({"num_format": '0.0" days"'}))
    sheet.write_boolean(3, 3, True)
    book.add_worksheet("empty")
    book.close()
    return path


@pytest.mark.parametrize("date_1904", [False, True])
def test_cells_come_as_what_their_formats_show(tmp_path, date_1904):
    sheets = read_plain_cells(written(tmp_path / "表.xlsx", date_1904=date_1904))
    rows = sheets["数据"]
    assert rows[0] == ()
    assert rows[1] == ("城市", "A")
    assert isinstance(rows[2][1], PercentNumber)
    assert rows[2] == ("北京", 0.25, None, dt.datetime(2024, 5, 6))
    assert rows[3] == (None, CellError.NA, 12.5, True)
    assert sheets["empty"] == []


def test_a_stray_cell_far_down_makes_no_wide_rows(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "far.xlsx"))
    book.add_worksheet().write(50_000, 16_000, 1.0)
    book.close()
    rows = read_plain_cells(tmp_path / "far.xlsx")["Sheet1"]
    assert sum(map(len, rows)) == 16_001


def test_what_is_no_workbook_is_refused_in_the_words_of_the_one_reader(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"unit,A\nx,1\n")
    with pytest.raises(WorkbookError, match="plain text"):
        read_plain_cells(tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("0.0%", 0.25, PercentNumber(0.25)),
        ("yyyy-mm-dd", 45292.5, dt.datetime(2024, 1, 1, 12)),
        ("[h]:mm", 1.5, dt.datetime(1899, 12, 31, 12)),
        ("General", 1.5, 1.5),
        ('0" days"', 2.0, 2.0),
        ("[Red]0;[Blue]-0%", 2.0, 2.0),
        ("0_);(0)", 2.0, 2.0),
        ("@", 2.0, 2.0),
        ("#,##0.00", 2.0, 2.0),
        ("yyyy", 1e9, 1e9),  # no date that Python has
        ("yyyy", True, True),
        ("0%", "text", "text"),
    ],
)
def test_a_value_comes_as_its_format_shows_it(tmp_path, code, value, shown):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("S").write(
            1, 1, value, book.add_format({"num_format": code})
        )
    rows = read_plain_cells(path)["S"]
    assert rows == [(), (None, shown)]
    assert type(rows[1][1]) is type(shown)


@pytest.mark.parametrize(
    ("number", "is_date"),
    [
        (14, True),
        (27, True),
        (36, True),
        (37, False),
        (49, False),
        (50, True),
        (58, True),
        (59, False),
        (22, True),
        (26, False),
    ],
)
def test_built_in_numbers_of_formats_are_dates_as_in_east_asian_excel(
    make, number, is_date
):
    package = make("")
    styles = (
        f'<styleSheet><cellXfs><xf/><xf numFmtId="{number}"/></cellXfs></styleSheet>'
    )
    package = package.replace({"xl/styles.xml": styles.encode()})
    assert plain_cells.number_kinds(package) == ({1: "date"} if is_date else {})


def test_a_formula_without_a_value_is_not_a_blank(tmp_path, make_bytes):
    cells = (
        '<c r="A1"><f>1+1</f></c><c r="B1" t="str"><f>C1</f><v></v></c><c r="C1"><v>2</v></c>'
        '<c r="D1" t="str"><v></v></c>'
    )
    (tmp_path / "a.xlsx").write_bytes(make_bytes({"S": f'<row r="1">{cells}</row>'}))
    (row,) = read_plain_cells(tmp_path / "a.xlsx")["S"]
    assert row == ("=1+1", None, 2.0)
    assert [type(value) for value in row] == [UncalculatedFormula, type(None), float]


def test_a_workbook_without_a_sheet_of_cells_is_refused(tmp_path):
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=C!$A$1"})
        book.add_chartsheet("C").set_chart(chart)
    with pytest.raises(WorkbookError, match="it has no sheet of cells"):
        read_plain_cells(tmp_path / "a.xlsx")
