"""An untidy table of a team's, as a workbook: synthetic values of 30 cities, with slips in it."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import openpyxl

CITIES = (
    "北京",
    "天津",
    "石家庄",
    "太原",
    "呼和浩特",
    "沈阳",
    "长春",
    "哈尔滨",
    "上海",
    "南京",
    "杭州",
    "合肥",
    "福州",
    "南昌",
    "济南",
    "郑州",
    "武汉",
    "长沙",
    "广州",
    "南宁",
    "海口",
    "重庆",
    "成都",
    "贵阳",
    "昆明",
    "西安",
    "兰州",
    "西宁",
    "银川",
    "乌鲁木齐",
)
#: Group, heading, measure, low, high, direction, weight of its group.
COLUMNS = (
    ("经济", "地区生产总值", "亿元", 900, 45000, 1),
    ("经济", "人均可支配收入", "元", 25000, 80000, 1),
    ("经济", "失业率", "%", 2.5, 5.5, -1),
    ("开放", "进出口总额", "亿美元", 10, 5000, 1),
    ("开放", "国际航线", "条", 2, 120, 1),
    ("开放", "外国游客", "万人次", 1, 700, 1),
    ("环境", "PM2.5浓度", "微克/立方米", 18, 60, -1),
    ("环境", "绿化覆盖率", "%", 32, 49, 1),
    ("环境", "优良天数", "天", 200, 360, 1),
)
WEIGHTS = {"经济": 0.4, "开放": 0.3, "环境": 0.3}
#: First row of values, first column of values (B has the cities).
FIRST = 5
LEFT = 3


def values(year: int) -> list[list[float]]:
    """Return synthetic values of a year: a row per city, a column per indicator."""
    rng = random.Random(year)
    return [
        [round(rng.uniform(low, high), 1) for _, _, _, low, high, _ in COLUMNS]
        for _ in CITIES
    ]


def cell(city: str, heading: str) -> str:
    """Return the address of a city's value."""
    at = next(k for k, column in enumerate(COLUMNS) if column[1] == heading)
    return f"{chr(ord('A') + LEFT - 1 + at)}{FIRST + CITIES.index(city)}"


#: What is wrong: address -> what was typed there instead. A pair has a format as well.
SLIPS = {
    f"B{FIRST + CITIES.index('昆明')}": "昆名",
    f"B{FIRST + CITIES.index('西宁')}": "兰州",
    cell("太原", "地区生产总值"): "约5000",
    cell("沈阳", "人均可支配收入"): "5.2万",
    cell("上海", "失业率"): (0.035, "0.0%"),
    cell("福州", "绿化覆盖率"): 0.41,
    cell("成都", "国际航线"): dt.date(2025, 3, 7),
    cell("贵阳", "外国游客"): "#DIV/0!",
    cell("银川", "优良天数"): "31O",
    cell("海口", "进出口总额"): None,
}


def untidy_book(path: Path, year: int, slips: bool = True) -> Path:
    """Save the table of a year: two rows of headings, measures, numbers of rows, total, note."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = f"{year}年"
    sheet.append([f"{year}年城市主要指标（虚构数据，仅供测试）"])
    groups = [
        g if g != before else None
        for g, before in zip(
            [c[0] for c in COLUMNS], [None, *(c[0] for c in COLUMNS)], strict=False
        )
    ]
    sheet.append(["序号", "城市", *groups, "备注"])
    sheet.append([None, None, *(column[1] for column in COLUMNS), None])
    sheet.append([None, None, *(column[2] for column in COLUMNS), None])
    rows = values(year)
    for at, (city, row) in enumerate(zip(CITIES, rows, strict=True)):
        sheet.append([at + 1, city, *row, "初步数" if at == 3 else None])
    sheet.append(
        [None, "合计", *(round(sum(column), 1) for column in zip(*rows, strict=True))]
    )
    sheet.append(["注：数据为虚构，个别城市为估算。"])
    for address, typed in SLIPS.items() if slips else ():
        value, form = typed if isinstance(typed, tuple) else (typed, None)
        sheet[address].value = value
        if form:
            sheet[address].number_format = form
    book.save(path)
    return path


def three_slips(path: Path) -> Path:
    """Save the table of 2025 with a misspelt city, two rows of one, and a tenfold value.

    Shanghai's second row has another rate of unemployment; Shenyang's income is ten times its own.
    """
    book = openpyxl.load_workbook(untidy_book(path, 2025, slips=False))
    sheet = book.active
    sheet[f"B{FIRST + CITIES.index('昆明')}"].value = "昆名"
    income = sheet[cell("沈阳", "人均可支配收入")]
    income.value *= 10
    first = FIRST + CITIES.index("上海")
    sheet.insert_rows(first + 1)
    for column in range(1, sheet.max_column + 1):
        sheet.cell(first + 1, column).value = sheet.cell(first, column).value
    sheet.cell(first + 1, LEFT + 2).value = 3.3
    book.save(path)
    return path
