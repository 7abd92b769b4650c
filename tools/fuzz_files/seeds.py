"""Sound workbooks to begin with: of a team, with all that a sheet may have, and a template."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

import xlsxwriter

from xlcity.cli import main

CITIES = ("北京", "上海", "广州", "深圳", "武汉", "成都")
MAP = '[data]\nsheet = "S"\nheader = 1\nunit = "城市"\n[columns]\nGDP = "A"\n"绿化" = "B"\n'
FRAMEWORK = "code,parent,level,name_en\nT,,1,Total\nA,T,2,First\nB,T,2,Second\n"
DATA = "unit,A,B\n" + "".join(
    f"{name},{n},{n * n % 7}\n" for n, name in enumerate(CITIES, 1)
)


def _table(book: Any, sheet: Any) -> None:
    sheet.write_row(0, 0, ["城市", "GDP", "绿化", "sum"])
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    percent = book.add_format({"num_format": "0.0%", "bg_color": "#FFEEDD"})
    for row, name in enumerate(CITIES, 1):
        sheet.write_string(row, 0, name)
        sheet.write_number(row, 1, 100 + row)
        sheet.write_number(row, 2, row / 7, percent)
        sheet.write_formula(row, 3, f"=B{row + 1}*2+SUM(C$2:C{row + 1})", None, 0)
        sheet.write_formula(row, 4, f'=IF(B{row + 1}>103,"high",total)', date, 0)


@cache
def everything() -> bytes:
    """Return a workbook with formulas, arrays, names, a table, a chart, rules and comments."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S")
        other = book.add_worksheet("其他 表")
        _table(book, sheet)
        sheet.write_array_formula("G2:G7", "{=ZSCORE_WINSOR(B2:B7)}", None, 0)
        sheet.write_array_formula("H2:H7", "{=B2:B7*2}", None, 0)
        sheet.write_formula("I2", '=INDEX(B2:B7,MATCH("上海",A2:A7,0))', None, 0)
        sheet.write_formula("I3", "=IFERROR('其他 表'!B2/0,1)", None, 0)
        sheet.write_comment("B2", "a remark", {"author": "someone"})
        sheet.data_validation(
            "B2:B7", {"validate": "decimal", "criteria": ">", "value": 0}
        )
        sheet.conditional_format("C2:C7", {"type": "3_color_scale"})
        sheet.merge_range("K1:L2", "merged")
        sheet.write_url("M1", "https://example.org/")
        other.add_table("A1:B4", {"data": [[1, 2], [3, 4], [5, 6]], "name": "Tab"})
        other.write_formula("D1", "=SUM(Tab[Column2])", None, 0)
        book.define_name("total", "=S!$D$7")
        book.define_name("其他", "='其他 表'!$A$1:$B$4")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=S!$B$2:$B$7", "categories": "=S!$A$2:$A$7"})
        sheet.insert_chart("N3", chart)
    return out.getvalue()


@cache
def plain() -> bytes:
    """Return a team's workbook with a table and nothing else."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        _table(book, book.add_worksheet("S"))
        book.define_name("total", "=S!$D$7")
    return out.getvalue()


def write(folder: Path) -> list[bytes]:
    """Write what the verbs need beside a workbook; return the sound workbooks."""
    for name, text in (("map.toml", MAP), ("tree.csv", FRAMEWORK), ("data.csv", DATA)):
        (folder / name).write_text(text, encoding="utf-8")
    template = folder / "sound.xlsx"
    words = [
        "new",
        "--framework",
        str(folder / "tree.csv"),
        "--data",
        str(folder / "data.csv"),
    ]
    if not template.exists() and main([*words, "-o", str(template)]) != 0:
        raise SystemExit("the template cannot be made")
    return [plain(), everything(), template.read_bytes(), template.read_bytes()]
