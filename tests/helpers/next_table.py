"""Last year's workbook, and a table of this year that differs from it."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from tests.helpers.untidy_table import CITIES, COLUMNS, WEIGHTS, untidy_book, values
from xlcity.cli import main


def last_book(folder: Path) -> Path:
    """Make the workbook of 2025."""
    rows = [["code", "parent", "direction", "weight", "uom"], ["指数", "", 1, 1, ""]]
    rows += [[group, "指数", 1, weight, ""] for group, weight in WEIGHTS.items()]
    rows += [
        [heading.replace(".", "_"), group, way, 1, uom]
        for group, heading, uom, _, _, way in COLUMNS
    ]
    data = [["unit", *(column[1].replace(".", "_") for column in COLUMNS)]]
    data += [[city, *row] for city, row in zip(CITIES, values(2025), strict=True)]
    for name, table in (("framework.csv", rows), ("data.csv", data)):
        text = "\n".join(",".join(map(str, row)) for row in table)
        (folder / name).write_text(text, encoding="utf-8")
    out = folder / "城市2025.xlsx"
    words = ["new", "--framework", str(folder / "framework.csv")]
    assert main([*words, "--data", str(folder / "data.csv"), "-o", str(out)]) == 0
    return out


def next_table(path: Path) -> Path:
    """Save the table of 2026.

    A city is new, one is gone, an indicator is gone, one has another name, one another measure.
    """
    book = openpyxl.load_workbook(untidy_book(path, 2026, slips=False))
    sheet = book.active
    headings = [cell.value for cell in sheet[3]]
    sheet.cell(3, headings.index("外国游客") + 1).value = "入境外国游客"
    sheet.cell(4, headings.index("进出口总额") + 1).value = "亿元"
    last = next(row[0].row for row in sheet.rows if row[1].value == "乌鲁木齐")
    sheet.cell(last, 2).value = "珠海"
    sheet.delete_cols(headings.index("国际航线") + 1)
    book.save(path)
    return path


def counted_table(path: Path) -> Path:
    """Save the table of 2026 with another measure counted otherwise, and a new column.

    All else is as `next_table` has it.
    """
    book = openpyxl.load_workbook(next_table(path))
    sheet = book.active
    headings = [cell.value for cell in sheet[3]]
    column = headings.index("地区生产总值") + 1
    sheet.cell(4, column).value = "万元"
    sheet.cell(4, headings.index("进出口总额") + 1).value = "亿美元"
    added = sheet.max_column + 1
    sheet.cell(3, added).value = "专利授权量"
    for row in range(5, sheet.max_row + 1):
        typed = sheet.cell(row, column)
        if isinstance(typed.value, (int, float)):
            typed.value = typed.value * 10000
            sheet.cell(row, added).value = row * 3
    book.save(path)
    return path


def copies(book: Path) -> list[Path]:
    """Save three copies of a workbook in a folder beside it.

    They disagree on the first value of the first two cities; each has one change of its own.
    """
    made = []
    for number, name in enumerate(("王敏", "李航", "陈露"), 1):
        edited = openpyxl.load_workbook(book)
        (title,) = {"数据", "Data"} & {*edited.sheetnames}
        sheet = edited[title]
        for city, value in (("北京", 30000 + number), ("天津", 20000 + number)):
            if number < 3:
                _cell(sheet, city).value = value
        _cell(sheet, CITIES[number + 4]).value = 10000 + number
        path = book.parent / "副本" / f"{name}.xlsx"
        path.parent.mkdir(exist_ok=True)
        edited.save(path)
        made.append(path)
    return made


def _cell(sheet: Worksheet, city: str) -> Cell:
    """Return the cell of the first indicator of a city."""
    rows = (cells for cells in sheet.iter_rows() if cells[0].value == city)
    return next(cell for cell in next(rows) if isinstance(cell.value, float))
