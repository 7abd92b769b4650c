"""Every formula idiom the templates may use, in every engine, against arithmetic.

One workbook holds all idioms; each engine computes it once. A new idiom is a line here first.
"""

import io
import math
from dataclasses import dataclass
from functools import cache
from statistics import pstdev, stdev

import pytest
import xlsxwriter

from xlcity.errors import CellError
from xlcity.recalc.compare import compare_engines
from xlcity.recalc.workbook import Recalculated, recalculate
from xlcity.workbook.sheets.calculation.calculate import key_digits
from xlcity.xlsx.package import Package

pytestmark = pytest.mark.golden

#: Column A: numbers with a blank, a missing code and a tie. B: weights. C: "" beside numbers.
A = [4.0, 1.0, None, "NA", 9.0, 4.0]
NUMBERS = [4.0, 1.0, 9.0, 4.0]
B = [0.1, 0.2, 0.3, 0.15, 0.05, 0.2]
GROUP = ["x", "y", "x", "y", "x", "x"]
#: E: numbers with errors in one cell.
E = [10.0, 20.0, CellError.NA, 40.0, 50.0, 60.0]
#: K and W: a node's children and their weights.
K = [2.0, 3.0, 7.0]
W = [0.5, 0.25, 0.25]
CODES = ["NA", "n/a", "缺", "—", ".."]


@dataclass(frozen=True)
class Idiom:
    formula: str
    expected: object
    array: bool = False


def node(values: list, weights: list) -> float:
    return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)


A1 = "Data!$A$2:$A$7"
CLEAN = "Clean!$A$2:$A$7"
STATE = (
    'IF(Data!$G{r}="","",IF(Data!$H{r}="","blank",IFERROR(IF({v}="","blank",IF(TYPE({v})=1,"ok",'
    'IF(SUMPRODUCT((par_missing=TRIM({v}))*1)>0,"NA","bad"))),"bad")))'
)


def digits_of(value: str) -> str:
    return key_digits(f"ABS({value})").replace("par_rank_digits", "par_digits")


def state(row: int, value: str) -> str:
    return STATE.format(r=row, v=value)


def indexed(row: int) -> str:
    return f"INDEX(Data!$A$1:$A$8,Data!$H{row})"


IDIOMS = {
    # Statistics over columns with gaps
    "average": Idiom(f"AVERAGE({A1})", sum(NUMBERS) / 4),
    "average beside empty text": Idiom(f"AVERAGE({CLEAN})", sum(NUMBERS) / 4),
    "stdev.p": Idiom(f"_xlfn.STDEV.P({A1})", pstdev(NUMBERS)),
    "stdev.p beside empty text": Idiom(f"_xlfn.STDEV.P({CLEAN})", pstdev(NUMBERS)),
    "stdev.s": Idiom(f"_xlfn.STDEV.S({A1})", stdev(NUMBERS)),
    "min": Idiom(f"MIN({CLEAN})", min(NUMBERS)),
    "max": Idiom(f"MAX({CLEAN})", max(NUMBERS)),
    "count": Idiom(f"COUNT({CLEAN})", len(NUMBERS)),
    "line break by its number": Idiom('SUBSTITUTE("a b c"," ",CHAR(10),2)', "a b\nc"),
    "equal cells counted by type": Idiom(f"SUMPRODUCT(({CLEAN}=Data!$A$2)*1)", 2),
    "a text equals no number": Idiom(f'SUMPRODUCT(({CLEAN}="4")*1)', 0),
    "numbers above a limit: a text is above any": Idiom(
        f"SUMPRODUCT(({CLEAN}>3)*1)-SUMPRODUCT(({CLEAN}>1E+300)*1)", 3
    ),
    "numbers below a limit: no text is": Idiom(f"SUMPRODUCT(({CLEAN}<3)*1)", 1),
    "sum over rows with a number in another column": Idiom(
        f"SUMPRODUCT(Data!$B$2:$B$7,({CLEAN}<1E+300)*1)", 0.1 + 0.2 + 0.05 + 0.2
    ),
    "sum of products beside text": Idiom(
        f"SUMPRODUCT({CLEAN},{CLEAN})", 16 + 1 + 81 + 16
    ),
    "quartile beside text": Idiom(f"QUARTILE({CLEAN},1)", 1 + 3 * 0.75),
    "median": Idiom(f"MEDIAN({CLEAN})", (4 + 4) / 2),
    "rank.eq descending": Idiom(f"_xlfn.RANK.EQ(Data!$A$2,{CLEAN})", 1 + 1),
    "rank.eq ascending": Idiom(f"_xlfn.RANK.EQ(Data!$A$2,{CLEAN},1)", 1 + 1),
    "rank.avg": Idiom(f"_xlfn.RANK.AVG(Data!$A$2,{CLEAN})", (2 + 3) / 2),
    "rank key of a million: fifteen digits": Idiom(
        f"ROUND(1238095+Data!$A$2/16.8,{digits_of('1238095+Data!$A$2/16.8')})",
        1238095.23809524,
    ),
    "rank key of a score": Idiom(
        f"ROUND(71+Data!$A$2/16.8,{digits_of('71+Data!$A$2/16.8')})", 71.238095238
    ),
    "rank key of a power of ten": Idiom(
        f"ROUND(10^6+Data!$B$2/10^9,{digits_of('10^6')})", 1000000.0
    ),
    "rank by counting": Idiom(f'COUNTIF({CLEAN},">"&Data!$A$2)+1', 1 + 1),
    # Conditional sums over columns with errors
    "sumif by group": Idiom('SUMIF(Data!$C$2:$C$7,"y",Data!$B$2:$B$7)', 0.2 + 0.15),
    "countifs beside errors": Idiom(
        'COUNTIFS(Data!$C$2:$C$7,"x",Data!$E$2:$E$7,">15")', 2
    ),
    "averageif beside errors": Idiom(
        'AVERAGEIF(Data!$C$2:$C$7,"y",Data!$E$2:$E$7)', (20 + 40) / 2
    ),
    "count of a code": Idiom(f'COUNTIF({A1},"NA")', 1),
    # Weighted sums
    "sumproduct": Idiom("SUMPRODUCT(Node!$A$3:$C$3,Node!$A$2:$C$2)", node(K, W)),
    "weighted mean of a full node": Idiom(
        "IF(COUNT(Node!$A$3:$C$3)=COUNT(Node!$A$2:$C$2),SUMPRODUCT(Node!$A$3:$C$3,Node!$A$2:$C$2)"
        '/SUM(Node!$A$2:$C$2),IF(COUNT(Node!$A$3:$C$3)+COUNTIF(Node!$A$3:$C$3,"NA")'
        '=COUNT(Node!$A$2:$C$2),"NA",""))',
        node(K, W),
    ),
    "a node with a missing child": Idiom(
        "IF(COUNT(Node!$A$4:$C$4)=COUNT(Node!$A$2:$C$2),SUMPRODUCT(Node!$A$4:$C$4,Node!$A$2:$C$2)"
        '/SUM(Node!$A$2:$C$2),IF(COUNT(Node!$A$4:$C$4)+COUNTIF(Node!$A$4:$C$4,"NA")'
        '=COUNT(Node!$A$2:$C$2),"NA",""))',
        "NA",
    ),
    "a node with a child not filled": Idiom(
        "IF(COUNT(Node!$A$5:$C$5)=COUNT(Node!$A$2:$C$2),SUMPRODUCT(Node!$A$5:$C$5,Node!$A$2:$C$2)"
        '/SUM(Node!$A$2:$C$2),IF(COUNT(Node!$A$5:$C$5)+COUNTIF(Node!$A$5:$C$5,"NA")'
        '=COUNT(Node!$A$2:$C$2),"NA",""))',
        "",
    ),
    "effective weights": Idiom(
        "SUMIF(Data!$C$2:$C$7,Data!$C$2,Data!$B$2:$B$7)", 0.1 + 0.3 + 0.05 + 0.2
    ),
    # Looking up
    "index and match": Idiom('INDEX(Data!$B$2:$B$7,MATCH("y",Data!$C$2:$C$7,0))', 0.2),
    "match across sheets that look like cells": Idiom("'W1'!$A$1*2", 21 * 2),
    "position": Idiom(
        'IF(OR(Data!$D$2="",Data!$G$2=""),"",IFERROR(MATCH(Data!$D$2,in_ids,0),""))', 2
    ),
    "position of an unknown id": Idiom('IFERROR(MATCH("nowhere",in_ids,0),"")', ""),
    "a label by language": Idiom(
        "INDEX(Labels!$B$2:$C$3,1,MATCH(par_lang,Labels!$B$1:$C$1,0))", "城市"
    ),
    # States and clean values
    "state ok": Idiom(state(2, indexed(2)), "ok"),
    "state blank": Idiom(state(4, indexed(4)), "blank"),
    "state missing code": Idiom(state(5, indexed(5)), "NA"),
    "state bad text": Idiom(state(8, indexed(8)), "bad"),
    "state of no city": Idiom(state(9, indexed(2)), ""),
    # ISNUMBER says TRUE to a truth value (LibreOffice) or to text digits (formulas); TYPE does not.
    "a truth value is not a number": Idiom("(TYPE(Data!$F$2)=1)*1", 0),
    "text digits are no number": Idiom("(TYPE(Data!$F$3)=1)*1", 0),
    "type of an error": Idiom("IFERROR(ERROR.TYPE(Data!$E$4),0)", 7),
    "min-max": Idiom(
        f"(Data!$A$2-MIN({A1}))/(MAX({A1})-MIN({A1}))*par_scale",
        (4 - 1) / (9 - 1) * 100,
    ),
    "z-score clipped": Idiom(
        f"MAX(-par_limit,MIN(par_limit,(Data!$A$6-AVERAGE({A1}))/_xlfn.STDEV.P({A1})))",
        min(1.5, (9 - 18 / 4) / pstdev(NUMBERS)),
    ),
    "bounds fixed or found": Idiom(
        f'IF(Data!$I$2<>"",Data!$I$2,IF(COUNT({A1})=0,"",MIN({A1})))', 1.0
    ),
    "bounds fixed": Idiom(
        f'IF(Data!$I$3<>"",Data!$I$3,IF(COUNT({A1})=0,"",MIN({A1})))', 0.5
    ),
    "rank key": Idiom(
        'IF(ISNUMBER(Data!$B$2),ROUND(Data!$B$2/3,par_digits),"")', 0.033333333
    ),
    "order inside ties": Idiom(
        f'COUNTIF({A1},">"&Data!$A$7)+1+COUNTIF(Data!$A$2:$A$7,Data!$A$7)-1',
        (1 + 1) + 1,
    ),
    "growing range": Idiom("COUNTIF(Data!$C$2:$C4,Data!$C4)", 2),
    "helper text": Idiom(
        'Data!$C$2&"|"&COUNTIFS(Data!$C$2:$C$7,Data!$C$2,Data!$B$2:$B$7,"<="&0.2)',
        "x|3",
    ),
    "row of a ranking": Idiom('IFERROR(MATCH(7,Data!$B$2:$B$7,0),"")', ""),
    "a blank through a single reference": Idiom("Data!$A$4", 0),
    "an error stays": Idiom("Data!$E$4+1", CellError.NA),
    "division by zero": Idiom("Data!$A$2/0", CellError.DIV0),
    "choose": Idiom("CHOOSE(2,10,20,30)", 20),
    "nested if and text": Idiom(
        'IF(AND(Data!$A$2>1,NOT(Data!$A$3>1)),"是","否")', "是"
    ),
    "text of a number": Idiom('TEXT(Data!$B$2,"0.0%")', "10.0%"),
    "geometric mean": Idiom(
        "EXP(SUMPRODUCT(Node!$A$6:$C$6,Node!$A$2:$C$2))", 2**0.5 * 3**0.25 * 7**0.25
    ),
    "distance": Idiom("ABS(Data!$A$3-Data!$A$2)^2", (4 - 1) ** 2),
    "sum of squares": Idiom("SUMSQ(Node!$A$3:$C$3)", 4 + 9 + 49),
    "correlation": Idiom("CORREL(Node!$A$3:$C$3,Node!$A$2:$C$2)", None),
    # Array formulas, entered with Ctrl+Shift+Enter
    "array: larger than": Idiom("SUM((Data!$B$2:$B$7>0.15)*1)", 3, array=True),
    "array: sum without errors": Idiom(
        "SUM(IFERROR(Data!$E$2:$E$7,0))", 10 + 20 + 40 + 50 + 60, array=True
    ),
    "array: largest relative difference": Idiom(
        "MAX(IFERROR((Node!$A$3:$C$3-Node!$A$7:$C$7)^2/(1+Node!$A$3:$C$3^2),0))"
        "+(COUNT(Node!$A$3:$C$3)<>COUNT(Node!$A$7:$C$7))*1",
        (7 - 8) ** 2 / (1 + 7**2),
        array=True,
    ),
}
_MEAN_K = sum(K) / 3
_MEAN_W = sum(W) / 3
IDIOMS["correlation"] = Idiom(
    "CORREL(Node!$A$3:$C$3,Node!$A$2:$C$2)",
    sum((k - _MEAN_K) * (w - _MEAN_W) for k, w in zip(K, W, strict=True))
    / math.sqrt(
        sum((k - _MEAN_K) ** 2 for k in K) * sum((w - _MEAN_W) ** 2 for w in W)
    ),
)


def put(sheet, row: int, column: int, value: object) -> None:
    if isinstance(value, CellError):
        sheet.write_formula(row, column, "=NA()", None, str(value))
    elif value is not None:
        sheet.write(row, column, value)


@cache
def package() -> Package:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        idioms = book.add_worksheet("Idioms")
        data = book.add_worksheet("Data")
        clean = book.add_worksheet("Clean")
        nodes = book.add_worksheet("Node")
        book.add_worksheet("W1").write("A1", 21)
        labels = book.add_worksheet("Labels")
        codes = book.add_worksheet("代码 表")
        for column, values in enumerate((A, B, GROUP, ["b", "a"], E)):
            for row, value in enumerate(values, 1):
                put(data, row, column, value)
        data.write("A8", "<5")
        data.write_column("F2", [True, "12.5"])
        # G: the city has an id; H: the position of its value in column A.
        data.write_column("G2", ["m"] * 7)
        data.write_column("H2", range(2, 9))
        data.write("I3", 0.5)
        for row in range(2, 8):
            clean.write_formula(
                f"A{row}",
                f'=IF(TYPE(Data!A{row})=1,IF(Data!A{row}="","",Data!A{row}),"NA")',
                None,
                0,
            )
        nodes.write_row("A2", W)
        nodes.write_row("A3", K)
        nodes.write_row("A4", [2, "NA", 7])
        for cell, text in zip("ABC", ('="NA"', '=""', "=7"), strict=True):
            nodes.write_formula(f"{cell}5", text, None, "")
        for cell in "ABC":
            nodes.write_formula(f"{cell}6", f"=LN({cell}3)", None, 0)
        nodes.write_row("A7", [2, 3, 8])
        labels.write_row("A1", ["key", "zh", "en"])
        labels.write_row("A2", ["city", "城市", "City"])
        codes.write_column("A1", CODES)
        codes.write_column("B1", ["a", "b"])
        codes.write_column("C1", [100, 1.5, 9])
        codes.write("D1", "zh")
        book.define_name("par_missing", "='代码 表'!$A$1:$A$5")
        book.define_name("in_ids", "='代码 表'!$B$1:$B$2")
        for name, place in (
            ("par_scale", "C$1"),
            ("par_limit", "C$2"),
            ("par_digits", "C$3"),
        ):
            book.define_name(name, f"='代码 表'!${place}")
        book.define_name("par_lang", "='代码 表'!$D$1")
        for row, idiom in enumerate(IDIOMS.values()):
            if idiom.array:
                idioms.write_array_formula(
                    row, 0, row, 0, "{=" + idiom.formula + "}", None, 0
                )
            else:
                idioms.write_formula(row, 0, "=" + idiom.formula, None, 0)
    return Package.from_bytes(out.getvalue())


@cache
def computed(engine: str) -> Recalculated:
    return recalculate(package(), engine)


ENGINES = [
    "formualizer",
    pytest.param("formulas", marks=pytest.mark.slow),
    pytest.param("libreoffice", marks=pytest.mark.libreoffice),
]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", IDIOMS)
def test_an_idiom(engine, name):
    row = list(IDIOMS).index(name) + 1
    value = computed(engine).value("Idioms", row, 1)
    expected = IDIOMS[name].expected
    if isinstance(expected, (int, float)):
        assert isinstance(value, float)
        assert value == pytest.approx(float(expected), rel=1e-12, abs=1e-12)
    else:
        assert value == expected


@pytest.mark.libreoffice
def test_libreoffice_agrees_in_every_cell():
    result = compare_engines(
        computed("formualizer").values, computed("libreoffice").values, "libreoffice"
    )
    assert result.differing == ()
    assert result.max_diff < 1e-12
