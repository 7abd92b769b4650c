"""Makes ten workbooks in styles of their own: `python -m tests.unit.proof.make_books FOLDER`.

They were made once, before the reader was held against them; values are those of LibreOffice.
"""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils import get_column_letter as letter
from openpyxl.workbook.defined_name import DefinedName

ZH = [
    "杭州",
    "宁波",
    "温州",
    "嘉兴",
    "湖州",
    "绍兴",
    "金华",
    "衢州",
    "舟山",
    "台州",
    "丽水",
    "南京",
    "无锡",
    "徐州",
    "常州",
    "苏州",
    "南通",
]
EN = [
    "Aarhus",
    "Bergen",
    "Cadiz",
    "Dresden",
    "Exeter",
    "Faro",
    "Genoa",
    "Haarlem",
    "Izmir",
    "Jena",
    "Kaunas",
    "Leeds",
    "Malaga",
    "Nantes",
    "Odense",
    "Pecs",
    "Rouen",
    "Split",
    "Tartu",
    "Uppsala",
    "Varna",
    "Wroclaw",
]
RU = [
    "Казань",
    "Пермь",
    "Уфа",
    "Самара",
    "Омск",
    "Тула",
    "Курск",
    "Орел",
    "Псков",
    "Тверь",
    "Рязань",
    "Пенза",
    "Киров",
    "Чита",
]


class Dice(random.Random):
    """Invented numbers."""

    def column(self, low, high, count, digits=1):
        """Return different numbers between two bounds."""
        return [round(self.uniform(low, high), digits) for _ in range(count)]


def _typed(sheet, headings, names, columns, row=1, column=1):
    """Write names and columns below headings."""
    for number, text in enumerate(headings):
        sheet.cell(row, column + number, text)
    for down, name in enumerate(names, row + 1):
        sheet.cell(down, column, name)
        for across, values in enumerate(columns, column + 1):
            sheet.cell(down, across, values[down - row - 1])


def names_and_lookups(dice):
    """Data in another order, found by INDEX and MATCH; ranges by name; geometric total."""
    book = Workbook()
    data = book.active
    data.title = "数据"
    shuffled = dice.sample(ZH, len(ZH))
    columns = [dice.column(*b, len(ZH)) for b in ((50, 900), (3, 40), (10, 60))]
    _typed(
        data, ["城市", "产值（亿元）", "绿地率（%）", "投诉（件）"], shuffled, columns
    )
    last = len(ZH) + 1
    for name, column in (("产值", "B"), ("绿地", "C"), ("投诉", "D")):
        text = f"数据!${column}$2:${column}${last}"
        book.defined_names[name] = DefinedName(name, attr_text=text)
    index = book.create_sheet("指数")
    index.append(["城市", "产值分", "绿地分", "投诉分", "总分", "排名"])
    for row, name in enumerate(ZH, 2):
        cells = [name]
        for area, sign in (("产值", 1), ("绿地", 1), ("投诉", -1)):
            own = f"INDEX({area},MATCH($A{row},数据!$A$2:$A${last},0))"
            span = f"(MAX({area})-MIN({area}))"
            top = f"{own}-MIN({area})" if sign > 0 else f"MAX({area})-{own}"
            cells.append(f"=1+99*({top})/{span}")
        cells.append(f"=GEOMEAN(B{row}:D{row})")
        cells.append(f"=RANK(E{row},$E$2:$E${last},0)")
        index.append(cells)
    return book


def logs_and_percent_weights(dice):
    """Logarithms, weights in per cent above the headings, ranks by COUNTIF."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Calc"
    n = len(EN)
    sheet["A1"] = "City competitiveness, 2024"
    sheet["F2"] = 0.45
    sheet["G2"] = 0.35
    sheet["H2"] = 0.2
    columns = [dice.column(*b, n) for b in ((900, 90000), (1, 9), (100, 999))]
    heads = [
        "City",
        "GDP",
        "Museums",
        "Rent",
        "",
        "GDP s",
        "Mus s",
        "Rent s",
        "Score",
        "#",
    ]
    _typed(sheet, heads, EN, columns, row=4)
    first, last = 5, 4 + n
    for row in range(first, last + 1):
        sheet[f"F{row}"] = (
            f"=100*(LN(B{row})-LN(MIN(B${first}:B${last})))"
            f"/(LN(MAX(B${first}:B${last}))-LN(MIN(B${first}:B${last})))"
        )
        sheet[f"G{row}"] = (
            f"=100*(C{row}-MIN(C${first}:C${last}))/(MAX(C${first}:C${last})-MIN(C${first}:C${last}))"
        )
        sheet[f"H{row}"] = (
            f"=100*(1-(D{row}-MIN(D${first}:D${last}))/(MAX(D${first}:D${last})-MIN(D${first}:D${last})))"
        )
        sheet[f"I{row}"] = f"=F{row}*F$2+G{row}*G$2+H{row}*H$2"
        sheet[f"J{row}"] = f'=COUNTIF(I${first}:I${last},">"&I{row})+1'
    return book


def z_with_rows_above(dice):
    """Mean and deviation above the headings; T-scores 50 + 10 z; a total of three levels."""
    book = Workbook()
    sheet = book.active
    sheet.title = "T"
    n = len(RU)
    columns = [dice.column(*b, n) for b in ((5, 50), (100, 700), (1, 9), (30, 60))]
    _typed(sheet, ["Город", "a1", "a2", "b1", "b2"], RU, columns, row=3)
    first, last = 4, 3 + n
    sheet["A1"] = "среднее"
    sheet["A2"] = "откл"
    for column in "BCDE":
        sheet[f"{column}1"] = f"=AVERAGE({column}{first}:{column}{last})"
        sheet[f"{column}2"] = f"=STDEV({column}{first}:{column}{last})"
    titles = ["t a1", "t a2", "t b1", "t b2", "A", "B", "Итог", "Место"]
    for number, title in enumerate(titles):
        sheet.cell(3, 7 + number, title)
    for row in range(first, last + 1):
        for raw, column, sign in zip("BCDE", "GHIJ", "++-+", strict=True):
            sheet[f"{column}{row}"] = f"=50{sign}10*({raw}{row}-{raw}$1)/{raw}$2"
        sheet[f"K{row}"] = f"=AVERAGE(G{row}:H{row})"
        sheet[f"L{row}"] = f"=(2*I{row}+J{row})/3"
        sheet[f"M{row}"] = f"=0.5*K{row}+0.5*L{row}"
        sheet[f"N{row}"] = f"=RANK(M{row},M${first}:M${last})"
    return book


def goalposts_beside(dice):
    """Goalposts in a table of parameters on a sheet of its own, cut off at 0 and 1."""
    book = Workbook()
    sheet = book.active
    sheet.title = "HDI"
    params = book.create_sheet("Params")
    bounds = ((20, 85), (100, 75000), (0, 18))
    for row in (
        ("what", "low", "high"),
        ("life", *bounds[0]),
        ("income", *bounds[1]),
        ("school", *bounds[2]),
    ):
        params.append(row)
    n = len(EN)
    columns = [
        dice.column(60, 90, n),
        dice.column(4000, 90000, n),
        dice.column(5, 20, n),
    ]
    _typed(
        sheet, ["Town", "Life (years)", "Income (EUR)", "School (years)"], EN, columns
    )
    for number, title in enumerate(("L", "I", "S", "HDI", "Rank"), 5):
        sheet.cell(1, number, title)
    last = n + 1
    for row in range(2, last + 1):
        for column, raw, line in (("E", "B", 2), ("F", "C", 3), ("G", "D", 4)):
            share = f"({raw}{row}-Params!$B${line})/(Params!$C${line}-Params!$B${line})"
            sheet[f"{column}{row}"] = f"=MIN(1,MAX(0,{share}))"
        sheet[f"H{row}"] = f"=(E{row}*F{row}*G{row})^(1/3)"
        sheet[f"I{row}"] = f"=RANK(H{row},$H$2:$H${last})"
    return book


def bands_in_ifs(dice):
    """Points in bands by nested IF, summed with weights that do not add to 1."""
    book = Workbook()
    sheet = book.active
    sheet.title = "打分"
    n = len(ZH)
    columns = [dice.column(0, 100, n), dice.column(0, 50, n), dice.column(10, 40, n)]
    _typed(sheet, ["城市", "空气达标率", "事故数", "公交分担率"], ZH, columns)
    for number, title in enumerate(("空气", "事故", "公交", "综合得分", "名次"), 5):
        sheet.cell(1, number, title)
    last = n + 1
    for row in range(2, last + 1):
        sheet[f"E{row}"] = (
            f"=IF(B{row}>=80,5,IF(B{row}>=60,4,IF(B{row}>=40,3,IF(B{row}>=20,2,1))))"
        )
        sheet[f"F{row}"] = f"=IF(C{row}<=10,5,IF(C{row}<=25,3,1))"
        sheet[f"G{row}"] = (
            f"=10*(D{row}-MIN($D$2:$D${last}))/(MAX($D$2:$D${last})-MIN($D$2:$D${last}))"
        )
        sheet[f"H{row}"] = f"=2*E{row}+3*F{row}+1.5*G{row}"
        sheet[f"I{row}"] = f"=RANK(H{row},H$2:H${last})"
    return book


def borda_points(dice):
    """Points by rank, RANK with order 1; the mean of the points; ranks of it."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Borda"
    n = len(EN)
    columns = [dice.column(1, 99, n) for _ in range(4)]
    _typed(sheet, ["City", "jobs", "air", "noise", "parks"], EN, columns)
    for number, title in enumerate(
        ("p jobs", "p air", "p noise", "p parks", "points", "place"), 6
    ):
        sheet.cell(1, number, title)
    last = n + 1
    for row in range(2, last + 1):
        for raw, column, order in (
            ("B", "F", 1),
            ("C", "G", 1),
            ("D", "H", 0),
            ("E", "I", 1),
        ):
            sheet[f"{column}{row}"] = f"=RANK({raw}{row},{raw}$2:{raw}${last},{order})"
        sheet[f"J{row}"] = f"=SUM(F{row}:I{row})"
        sheet[f"K{row}"] = f"=RANK(J{row},J$2:J${last})"
    return book


def weights_of_two_levels(dice):
    """Group weights and weights in groups on a sheet; division by their sums; VLOOKUP."""
    book = Workbook()
    raw = book.active
    raw.title = "Raw"
    n = len(EN)
    columns = [dice.column(10, 500, n) for _ in range(5)]
    _typed(raw, ["Name", "v1", "v2", "v3", "v4", "v5"], EN, columns)
    weights = book.create_sheet("W")
    for row in (
        ("group", "var", "w"),
        ("A", "v1", 3),
        ("A", "v2", 2),
        ("A", "v3", 5),
        ("B", "v4", 1),
        ("B", "v5", 4),
    ):
        weights.append(row)
    weights["E1"] = "A"
    weights["F1"] = 60
    weights["E2"] = "B"
    weights["F2"] = 40
    scores = book.create_sheet("Scores")
    scores.append(["Name", "s1", "s2", "s3", "s4", "s5", "A", "B", "Overall", "Rank"])
    last = n + 1
    for row, name in enumerate(reversed(EN), 2):
        scores.cell(row, 1, name)
        for number in range(5):
            area = f"Raw!${letter(number + 2)}$2:${letter(number + 2)}${last}"
            own = f"VLOOKUP($A{row},Raw!$A$2:$F${last},{number + 2},FALSE)"
            scores.cell(
                row, number + 2, f"=({own}-MIN({area}))/(MAX({area})-MIN({area}))*100"
            )
        scores[f"G{row}"] = (
            f"=(B{row}*W!$C$2+C{row}*W!$C$3+D{row}*W!$C$4)/SUM(W!$C$2:$C$4)"
        )
        scores[f"H{row}"] = f"=(E{row}*W!$C$5+F{row}*W!$C$6)/SUM(W!$C$5:$C$6)"
        scores[f"I{row}"] = f"=(G{row}*W!$F$1+H{row}*W!$F$2)/(W!$F$1+W!$F$2)"
        scores[f"J{row}"] = f"=RANK(I{row},I$2:I${last})"
    return book


def gaps_and_text(dice):
    """Missing values as n/a, IF(ISNUMBER()); weights rescaled over what is there."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    n = len(EN)
    columns = [dice.column(10, 500, n) for _ in range(3)]
    columns[1][4] = None
    columns[2][9] = None
    _typed(sheet, ["City", "x", "y", "z"], EN, columns)
    last = n + 1
    for number, title in enumerate(("nx", "ny", "nz", "Mean", "Final", "Rank"), 5):
        sheet.cell(1, number, title)
    for row in range(2, last + 1):
        for raw, column in (("B", "E"), ("C", "F"), ("D", "G")):
            area = f"{raw}$2:{raw}${last}"
            score = f"({raw}{row}-AVERAGE({area}))/STDEV.P({area})"
            sheet[f"{column}{row}"] = f'=IF(ISNUMBER({raw}{row}),{score},"")'.replace(
                "STDEV.P", "_xlfn.STDEV.P"
            )
        sheet[f"H{row}"] = f"=AVERAGE(E{row}:G{row})"
        sheet[f"I{row}"] = (
            f"=100*(H{row}-MIN(H$2:H${last}))/(MAX(H$2:H${last})-MIN(H$2:H${last}))"
        )
        sheet[f"J{row}"] = f"=RANK(I{row},I$2:I${last})"
    return book


def across_three_sheets(dice):
    """Cities across; shares of the best; three sheets; harmonic mean of two levels."""
    book = Workbook()
    data = book.active
    data.title = "d"
    n = len(RU)
    columns = [dice.column(*b, n) for b in ((5, 50), (100, 700), (1, 9), (30, 60))]
    norm = book.create_sheet("n")
    total = book.create_sheet("t")
    for sheet in (data, norm, total):
        for number, name in enumerate(RU, 2):
            sheet.cell(1, number, name)
    last = letter(n + 1)
    for line, (title, values) in enumerate(
        zip(("p", "q", "r", "s"), columns, strict=True), 2
    ):
        data.cell(line, 1, title)
        norm.cell(line, 1, f"{title}*")
        for number, value in enumerate(values, 2):
            data.cell(line, number, value)
            own = f"d!{letter(number)}{line}"
            area = f"d!$B{line}:${last}{line}"
            text = f"=MIN({area})/{own}" if title == "r" else f"={own}/MAX({area})"
            norm.cell(line, number, text)
    for line, title in enumerate(("E", "S", "Index", "Rank"), 2):
        total.cell(line, 1, title)
    for number in range(2, n + 2):
        c = letter(number)
        total[f"{c}2"] = f"=0.7*n!{c}2+0.3*n!{c}3"
        total[f"{c}3"] = f"=0.4*n!{c}4+0.6*n!{c}5"
        total[f"{c}4"] = f"=2/(1/{c}2+1/{c}3)"
        total[f"{c}5"] = f"=RANK({c}4,$B4:${last}4)"
    return book


def percentiles_and_caps(dice):
    """Winsorised at the 5th and 95th percentile; a cap typed in; growth over an earlier year."""
    book = Workbook()
    sheet = book.active
    sheet.title = "2025"
    n = len(EN)
    columns = [dice.column(*b, n) for b in ((10, 500), (200, 900), (210, 950), (1, 60))]
    _typed(sheet, ["City", "Firms", "Flats 2024", "Flats 2025", "Trees"], EN, columns)
    last = n + 1
    for number, title in enumerate(("Growth %", "f", "g", "t", "INDEX", "Rank"), 6):
        sheet.cell(1, number, title)
    for row in range(2, last + 1):
        low = f"PERCENTILE(B$2:B${last},0.05)"
        high = f"PERCENTILE(B$2:B${last},0.95)"
        sheet[f"F{row}"] = f"=(D{row}/C{row}-1)*100"
        sheet[f"G{row}"] = f"=MAX(0,MIN(1,(B{row}-{low})/({high}-{low})))*100"
        sheet[f"H{row}"] = (
            f"=(F{row}-MIN(F$2:F${last}))/(MAX(F$2:F${last})-MIN(F$2:F${last}))*100"
        )
        sheet[f"I{row}"] = f"=MIN(100,E{row}/40*100)"
        sheet[f"J{row}"] = f"=SUMPRODUCT(G{row}:I{row},{{0.5,0.3,0.2}})"
        sheet[f"K{row}"] = f"=RANK(J{row},J$2:J${last})"
    return book


BOOKS = (
    names_and_lookups,
    logs_and_percent_weights,
    z_with_rows_above,
    goalposts_beside,
    bands_in_ifs,
    borda_points,
    weights_of_two_levels,
    gaps_and_text,
    across_three_sheets,
    percentiles_and_caps,
)


def main(folder):
    """Write all workbooks, with the values that LibreOffice computes."""
    target = Path(folder)
    bare = target / "bare"
    bare.mkdir(parents=True, exist_ok=True)
    for number, make in enumerate(BOOKS):
        make(Dice(number)).save(bare / f"{make.__name__}.xlsx")
    files = [str(path) for path in sorted(bare.glob("*.xlsx"))]
    command = ["soffice", "--headless", "--convert-to", "xlsx", "--outdir", str(target)]
    subprocess.run([*command, *files], check=True)


if __name__ == "__main__":
    main(sys.argv[1])
