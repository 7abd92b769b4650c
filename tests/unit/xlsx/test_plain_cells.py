import datetime as dt
import doctest

import pytest
import xlsxwriter

from xlcity.errors import CellError, WorkbookError
from xlcity.xlsx import plain_cells
from xlcity.xlsx.plain_cells import PercentNumber, read_plain_cells


def written(path, *, date_1904=False):
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy/m/d"})
    if date_1904:
        book = xlsxwriter.Workbook(str(path), {"date_1904": True})
    sheet = book.add_worksheet("数据")
    sheet.write_row(1, 0, ["城市", "A"])
    sheet.write(2, 0, "北京")
    sheet.write_number(2, 1, 0.25, book.add_format({"num_format": "0.0%"}))
    sheet.write_datetime(2, 3, dt.datetime(2024, 5, 6), book.add_format({"num_format": 14}))
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


def test_examples():
    assert doctest.testmod(plain_cells).failed == 0
