"""A team's own table as people make them."""

import openpyxl

#: Two rows of headings, merged ones, a row of measures, gaps, a total, notes, a second table.
YEARBOOK = [
    ("2024年主要指标",),
    (),
    ("城市", "经济", None, None, "环境", None, "位次", "备注"),
    (None, "生产总值", "人均（元）", "增速", "PM2.5", "绿地率（%）", None, None),
    (None, "亿元", None, None, "微克/立方米", None, None, None),
    ("北京市", 43760.7, 200278.0, 5.2, 32.0, 49.8, 1.0, None),
    ("上海市", 47218.7, 190321.0, 5.0, 28.0, "暂缺", 2.0, None),
    ("深圳市", 34606.4, -99.0, 6.0, "*", "约43", 3.0, "x"),
    ("合计", 125585.8, None, None, None, None, None, None),
    ("注：数据来自统计公报。",),
    (),
    ("城市", "人口", "面积", None, None, None, None, None),
    ("北京市", 2185.8, 16410.0, None, None, None, None, None),
]


def team_book(path, title="Sheet"):
    """Save the table as a workbook."""
    book = openpyxl.Workbook()
    for row in YEARBOOK:
        book.active.append(row)
    book.active.title = title
    book.save(path)


def foreign_book(file):
    """Write a workbook of formulas: a range that is too short, and a number among the sums."""
    book = openpyxl.Workbook()
    book.active.title = "Bob's scores"
    for row in range(2, 12):
        last = 9 if row == 4 else 11
        cells = [row * row, f"=A{row}-MIN(A$2:A${last})", f"=SUM(A{row}:B{row})"]
        for column, value in enumerate(cells, 1):
            book.active.cell(row, column, 7 if (row, column) == (6, 3) else value)
    book.save(file)
