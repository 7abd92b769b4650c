"""What the engine's functions give: Excel's documentation of each, edges, and kinds of values.

The examples of Microsoft's pages are taken over with their data and results.
"""

import math

import numpy as np
import pytest
from scipy import stats

from tests.unit.recalc.test_compiled import made, task_of
from xlcity.errors import CellError
from xlcity.recalc.engines.compiled.engine import Compiled
from xlcity.recalc.engines.protocol import CannotComputeError
from xlcity.xlsx.editing.patch import write_inputs

NA = CellError.NA
NUM = CellError.NUM
VALUE = CellError.VALUE
DIV0 = CellError.DIV0
REF = CellError.REF
#: One value of each kind in A1 to A9, A9 being blank.
KINDS = {
    "A1": 4.5,
    "A2": -2,
    "A3": "Ab",
    "A4": "",
    "A5": True,
    "A6": False,
    "A7": "=NA()",
    "A8": "=1/0",
}


def values_of(cells: dict[str, object], formulas: list[str]) -> list[object]:
    """Return what the engine gives for formulas in column Z."""
    column = {f"Z{row}": f"={formula}" for row, formula in enumerate(formulas, 1)}
    # XlsxWriter writes no empty text: a formula gives it.
    typed = {cell: '=""' if value == "" else value for cell, value in cells.items()}
    found = Compiled().evaluate(made(typed | column))["S"]
    return [found[row, 26] for row in range(1, len(formulas) + 1)]


def column(values, letter: str = "A") -> dict[str, object]:
    return {
        f"{letter}{row}": value
        for row, value in enumerate(values, 1)
        if value is not None
    }


def assert_values(cells: dict[str, object], wanted: dict[str, object]) -> None:
    found = dict(zip(wanted, values_of(cells, [*wanted]), strict=True))
    assert found == {
        formula: pytest.approx(value, rel=1e-8, abs=1e-15)
        if type(value) is float
        else value
        for formula, value in wanted.items()
    }
    assert {f: type(v) for f, v in found.items()} == {
        f: type(v) for f, v in wanted.items()
    }


def test_rounding():
    assert_values(
        column([2.15, -1.475, 1234567.891, 0.1234567890123456]),
        {
            "ROUND(A1,1)": 2.2,
            "ROUND(2.149,1)": 2.1,
            "ROUND(A2,2)": -1.48,
            "ROUND(21.5,-1)": 20.0,
            "ROUND(626.3,-3)": 1000.0,
            "ROUND(1.98,-1)": 0.0,
            "ROUND(-50.55,-2)": -100.0,
            "ROUND(A3,0)": 1234568.0,
            "ROUND(A3,1.9)": 1234567.9,
            "ROUND(A3,-1.9)": 1234570.0,
            "ROUND(2.5,0)": 3.0,
            "ROUND(-2.5,0)": -3.0,
            "ROUND(25,-1)": 30.0,
            "ROUND(0,2)": 0.0,
            "ROUND(1E+15,0)": 1e15,
            "ROUND(-1E+15,0)": -1e15,
            "ROUND(1E+14+0.5,0)": 1e14 + 1,
            "ROUND(5,NA())": NA,
            'ROUND("x",1)': VALUE,
            "INT(8.9)": 8.0,
            "INT(-8.9)": -9.0,
            "INT(A1)": 2.0,
            "INT(-3)": -3.0,
        },
    )
    digits = values_of(
        column([0.1234567890123456]), [f"ROUND(A1,{n})" for n in (15, 16, 20)]
    )
    assert digits == [0.123456789012346, 0.1234567890123456, 0.1234567890123456]
    large = values_of(
        {}, ["ROUND(1E+14+0.5,0)", "ROUND(1E+14+0.25,0)", "ROUND(1E+15+1,0)"]
    )
    assert large == [1e14 + 1, 1e14, 1e15 + 1]
    assert math.copysign(1, values_of({}, ["ROUND(-0.4,0)"])[0]) == 1
    for formula in ("ROUND(1,21)", "ROUND(1,-21)"):
        with pytest.raises(CannotComputeError, match="20 digits"):
            values_of({}, [formula])


def test_mathematics():
    assert_values(
        KINDS,
        {
            "ABS(A2)": 2.0,
            "ABS(A5)": 1.0,
            "ABS(A9)": 0.0,
            "ABS(A8)": DIV0,
            "ABS(-3)": 3.0,
            "SIGN(10)": 1.0,
            "SIGN(4-4)": 0.0,
            "SIGN(-0.00001)": -1.0,
            "SIGN(A1)": 1.0,
            "SQRT(16)": 4.0,
            "SQRT(A2)": NUM,
            "SQRT(0)": 0.0,
            "SQRT(A9)": 0.0,
            "LN(86)": 4.4543473,
            "LN(2.7182818284590451)": 1.0,
            "LN(0)": NUM,
            "LN(A2)": NUM,
            "LN(0.5)": math.log(0.5),
            "LOG10(86)": 1.934498451,
            "LOG10(10)": 1.0,
            "LOG10(0)": NUM,
            "LOG10(A2)": NUM,
            "LOG10(0.5)": math.log10(0.5),
            "EXP(1)": 2.71828183,
            "EXP(0)": 1.0,
            "EXP(300)": math.exp(300),
            "EXP(-800)": 0.0,
            "TDIST(1.959999998,60,2)": 0.054644930,
            "TDIST(1.959999998,60,1)": 0.054644930 / 2,
            "TDIST(0,5,2)": 1.0,
            "TDIST(0,5,1)": 0.5,
            "TDIST(1,1,1)": 0.25,
            "TDIST(-1,5,2)": NUM,
            "TDIST(1,0,2)": NUM,
            "TDIST(1,5,3)": NUM,
            "TDIST(1,5,0)": NUM,
            "TDIST(1,5.9,2.9)": 2 * float(stats.t.sf(1, 5)),
            "TDIST(2,10000,1)": float(stats.t.sf(2, 10_000)),
        },
    )
    for formula in ("EXP(301)", "TDIST(2,10001,1)"):
        with pytest.raises(CannotComputeError):
            values_of({}, [formula])


def test_texts():
    assert_values(
        {
            "A1": "Sale Price",
            "A2": "Sweden",
            "A3": "Quarter 1, 2011",
            "A4": 7,
            "A6": "=NA()",
        },
        {
            "LEFT(A1,4)": "Sale",
            "LEFT(A2)": "S",
            "LEFT(A1,0)": "",
            "LEFT(A1,99)": "Sale Price",
            "LEFT(A1,-1)": VALUE,
            "LEFT(A4,1)": "7",
            "LEFT(A1,4.9)": "Sale",
            "LEFT(A1,NA())": NA,
            "RIGHT(A1,5)": "Price",
            "RIGHT(A2)": "n",
            "RIGHT(A1,0)": "",
            "RIGHT(A1,99)": "Sale Price",
            "RIGHT(A1,-1)": VALUE,
            "RIGHT(A6,1)": NA,
            'LEN("Phoenix, AZ")': 11.0,
            "LEN(A5)": 0.0,
            'LEN("     One   ")': 9.0 + 2,
            'LEN("北京")': 2.0,
            'TRIM(" First  Quarter   Earnings ")': "First Quarter Earnings",
            'FIND("M","Miriam McGovern")': 1.0,
            'FIND("m","Miriam McGovern")': 6.0,
            'FIND("M","Miriam McGovern",3)': 8.0,
            'FIND("x",A1)': VALUE,
            'FIND("",A2)': 1.0,
            'FIND("",A2,7)': 7.0,
            'FIND("",A2,8)': VALUE,
            'FIND("n",A2,6)': 6.0,
            'FIND("n",A2,7)': VALUE,
            'FIND("S",A2,0)': VALUE,
            'FIND("S",A2,1)': 1.0,
            'FIND("7",A4)': 1.0,
            'FIND(".",A3)': VALUE,
            'FIND("S",A6)': NA,
            'SEARCH("e","Statements",6)': 7.0,
            'SEARCH("margin","Profit Margin")': 8.0,
            'SEARCH("p*e",A1)': 6.0,
            'SEARCH("S?e",A1)': VALUE,
            'SEARCH("l?",A1)': 3.0,
            'SEARCH("~?","a?b")': 2.0,
            'SEARCH(".",A1)': VALUE,
            'SUBSTITUTE("Sales Data","Sales","Cost")': "Cost Data",
            'SUBSTITUTE("Quarter 1, 2008","1","2",1)': "Quarter 2, 2008",
            'SUBSTITUTE(A3,"1","2",3)': "Quarter 1, 2012",
            'SUBSTITUTE(A3,"1","2",4)': "Quarter 1, 2011",
            'SUBSTITUTE(A3,"1","2")': "Quarter 2, 2022",
            "SUBSTITUTE(A3,1,2,2)": "Quarter 1, 2021",
            'SUBSTITUTE(A3,"1","2",0)': VALUE,
            'SUBSTITUTE(A3,"1","2",0.9)': VALUE,
            'SUBSTITUTE(A3,A6,"2")': NA,
            'SUBSTITUTE(A3,"","2",1)': "Quarter 1, 2011",
            'EXACT("word","word")': True,
            'EXACT("Word","word")': False,
            'EXACT(A4,"7")': True,
            "EXACT(A2,A6)": NA,
            'VALUE("1000")': 1000.0,
            "VALUE(A5)": 0.0,
            "VALUE(TRUE)": VALUE,
            "VALUE(A4)": 7.0,
            "VALUE(A2)": VALUE,
            "VALUE(A6)": NA,
            "CHAR(65)": "A",
            "CHAR(33)": "!",
            "CHAR(126)": "~",
            "CHAR(0)": VALUE,
            "CHAR(256)": VALUE,
            "CHAR(1.9)": "\x01",
            "CHAR(A6)": NA,
        },
    )
    for formula in (
        "CHAR(127)",
        "CHAR(255)",
        'LEN("🏙")',
        'LEFT("🏙a",1)',
        'FIND("a","🏙a")',
    ):
        with pytest.raises(CannotComputeError):
            values_of({}, [formula])


def test_formats_of_text():
    numbers = column([2.5, -1.23456, 0.00004, 1234.5678, True])
    assert_values(
        numbers,
        {
            'TEXT(A1,"0")': "3",
            'TEXT(A1,"0.0")': "2.5",
            'TEXT(A2,"0.00")': "-1.23",
            'TEXT(A2,"0.000")': "-1.235",
            'TEXT(A2,"0.0000")': "-1.2346",
            'TEXT(A2,"0")': "-1",
            'TEXT(A3,"0.0000")': "0.0000",
            'TEXT(-A3,"0.0000")': "0.0000",
            'TEXT(-A3,"0.0%")': "0.0%",
            'TEXT(A4,"0.0%")': "123456.8%",
            'TEXT(A4,"0.00%")': "123456.78%",
            'TEXT(A9,"0.0")': "0.0",
            'TEXT(1/0,"0")': DIV0,
            'TEXT(0.0005,"0.0%")': "0.1%",
            'TEXT(0.285,"0.00%")': "28.50%",
            'TEXT(1.005,"0.00")': "1.01",
            'TEXT(0.9996,"0.0%")': "100.0%",
        },
    )
    for formula in (
        'TEXT(A5,"0")',
        'TEXT("5","0")',
        'TEXT(A1,"0.00000")',
        'TEXT(A1,"0%")',
    ):
        with pytest.raises(CannotComputeError):
            values_of(numbers, [formula])


#: Function -> its values for A1:A9 of `KINDS`.
OF_EACH_KIND = {
    "ISNUMBER": [True, True, *[False] * 7],
    "ISTEXT": [False, False, True, True, *[False] * 5],
    "ISLOGICAL": [*[False] * 4, True, True, *[False] * 3],
    "ISERROR": [*[False] * 6, True, True, False],
    "ISNA": [*[False] * 6, True, False, False],
    "ISBLANK": [*[False] * 8, True],
    "N": [4.5, -2.0, 0.0, 0.0, 1.0, 0.0, NA, DIV0, 0.0],
    "TYPE": [1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 16.0, 16.0, 1.0],
    "ERROR.TYPE": [*[NA] * 6, 7.0, 2.0, NA],
    "NOT": [False, False, VALUE, VALUE, False, True, NA, DIV0, True],
    "-": [-4.5, 2.0, VALUE, VALUE, -1.0, 0.0, NA, DIV0, 0.0],
    "+": [4.5, -2.0, "Ab", "", True, False, NA, DIV0, 0.0],
    "LEN": [3.0, 2.0, 2.0, 0.0, 4.0, 5.0, NA, DIV0, 0.0],
    "SUM": [4.5, -2.0, 0.0, 0.0, 0.0, 0.0, NA, DIV0, 0.0],
    "COUNT": [1.0, 1.0, *[0.0] * 7],
    "COUNTA": [*[1.0] * 8, 0.0],
    "AVERAGE": [4.5, -2.0, DIV0, DIV0, DIV0, DIV0, NA, DIV0, DIV0],
    "MAX": [4.5, -2.0, 0.0, 0.0, 0.0, 0.0, NA, DIV0, 0.0],
    "MEDIAN": [4.5, -2.0, NUM, NUM, NUM, NUM, NA, DIV0, NUM],
    "DEVSQ": [0.0, 0.0, NUM, NUM, NUM, NUM, NA, DIV0, NUM],
    "STDEV.P": [0.0, 0.0, DIV0, DIV0, DIV0, DIV0, NA, DIV0, DIV0],
    "SKEW": [DIV0, DIV0, DIV0, DIV0, DIV0, DIV0, NA, DIV0, DIV0],
    "AND": [True, True, VALUE, VALUE, True, False, NA, DIV0, VALUE],
    "OR": [True, True, VALUE, VALUE, True, False, NA, DIV0, VALUE],
    "SUMPRODUCT": [4.5, -2.0, 0.0, 0.0, 0.0, 0.0, NA, DIV0, 0.0],
}


@pytest.mark.parametrize("function", OF_EACH_KIND)
def test_a_value_of_each_kind(function):
    formulas = [f"{function}(A{row})" for row in range(1, 10)]
    assert values_of(KINDS, formulas) == OF_EACH_KIND[function]


def test_errors_have_numbers():
    names = ("NULL", "DIV0", "VALUE", "REF", "NAME", "NUM", "NA")
    formulas = [f"ERROR.TYPE({CellError[name].value})" for name in names]
    assert values_of({}, formulas) == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]


#: The examples of the pages on SKEW and KURT, and STDEV.P.
SAMPLE = (3, 4, 5, 2, 3, 4, 5, 6, 4, 7)
STRENGTHS = (1345, 1301, 1368, 1322, 1310, 1370, 1318, 1350, 1303, 1299)


def test_statistics_of_the_documentation():
    assert_values(
        column(SAMPLE), {"SKEW(A1:A10)": 0.359543071, "KURT(A1:A10)": -0.151799637}
    )
    assert_values(
        column(STRENGTHS),
        {
            "STDEV.P(A1:A10)": 26.05455814,
            "_xlfn.STDEV.S(A1:A10)": 27.46391572,
            "_xlfn.STDEV.S(A1:A1)": DIV0,
        },
    )
    assert_values(column((4, 5, 8, 7, 11, 4, 3)), {"DEVSQ(A1:A7)": 48.0})
    assert_values(
        column((1, 2, 3, 4, 5, 6)),
        {
            "MEDIAN(A1:A5)": 3.0,
            "MEDIAN(A1:A6)": 3.5,
            "MEDIAN(A6:A6)": 6.0,
            "MEDIAN(A1:A2)": 1.5,
            "SUMSQ(A3:A4)": 25.0,
            "SUMSQ(3,4)": 25.0,
            "MIN(A1:A6)": 1.0,
            "MAX(A1:A6,30)": 30.0,
            "MIN(A9:A10)": 0.0,
            "MIN(A2,A3)": 2.0,
            "MAX(A2,A3)": 3.0,
            'MAX("7",A1)': 7.0,
        },
    )
    assert_values(
        column((1, 2, 4, 7, 8, 9, 10, 12)),
        {
            "QUARTILE(A1:A8,1)": 3.5,
            "QUARTILE(A1:A8,0)": 1.0,
            "QUARTILE(A1:A8,4)": 12.0,
            "QUARTILE(A1:A8,2)": 7.5,
            "QUARTILE(A1:A8,5)": NUM,
            "QUARTILE(A1:A8,-1)": NUM,
            "QUARTILE(A1:A8,1.9)": 3.5,
            "QUARTILE(A9,1)": NUM,
            "QUARTILE(A1:A8,NA())": NA,
        },
    )
    assert_values(
        column((1, 3, 2, 4)),
        {
            "PERCENTILE(A1:A4,0.3)": 1.9,
            "PERCENTILE(A1:A4,0)": 1.0,
            "PERCENTILE(A1:A4,1)": 4.0,
            "PERCENTILE(A1:A4,0.5)": 2.5,
            "PERCENTILE(A1:A4,-0.01)": NUM,
            "PERCENTILE(A9,0.5)": NUM,
            "PERCENTILE(A1:A4,1/3)": 2.0,
        },
    )
    table = column((3, 4, 5, 2, 3, 4, 6, 4, 7)) | column(
        (1, 4, 8, 3, 7, 12, 54, 8, 23), "B"
    )
    assert_values(
        table,
        {
            "SMALL(A1:A9,4)": 4.0,
            "SMALL(B1:B9,2)": 3.0,
            "SMALL(A1:A9,1)": 2.0,
            "SMALL(A1:A9,9)": 7.0,
            "SMALL(A1:A9,10)": NUM,
            "SMALL(A1:A9,0)": NUM,
            "LARGE(A1:A9,1)": 7.0,
            "LARGE(A1:A9,9)": 2.0,
            "LARGE(A1:A9,10)": NUM,
            "LARGE(B1:B9,2)": 23.0,
            "LARGE(A1:A9,NA())": NA,
            "LARGE(A10,1)": NUM,
        },
    )
    with pytest.raises(CannotComputeError, match="a part of a number"):
        values_of(table, ["LARGE(A1:A9,1.5)"])
    assert_values(
        column((7, 3.5, 3.5, 1, 2)) | {"B1": "x", "B2": "=NA()"},
        {
            "RANK.EQ(A2,A1:A5,1)": 3.0,
            "RANK.EQ(A1,A1:A5,1)": 5.0,
            "RANK.EQ(A2,A1:A5)": 2.0,
            "RANK.EQ(A4,A1:A5,0)": 5.0,
            "RANK.EQ(A1,A1:A5)": 1.0,
            "RANK.EQ(6,A1:A5)": NA,
            "RANK.EQ(8,A1:A5,1)": NA,
            "RANK.EQ(0,A1:A5)": NA,
            "RANK.EQ(B1,A1:A5)": VALUE,
            "RANK.EQ(A1,A1:A5,B1)": VALUE,
            "RANK.EQ(A1,A1:B5)": NA,
            "_xlfn.RANK.AVG(A2,A1:A5,1)": 3.5,
            "_xlfn.RANK.AVG(A2,A1:A5)": 2.5,
            "_xlfn.RANK.AVG(A1,A1:A5,1)": 5.0,
            "_xlfn.RANK.AVG(6,A1:A5)": NA,
            "_xlfn.RANK.AVG(B1,A1:A5)": VALUE,
        },
    )


def test_slopes():
    slopes = column((2, 3, 9, 1, 8, 7, 5)) | column((6, 5, 11, 7, 5, 4, 4), "B")
    pairs = {
        "C1": "x",
        "C2": 2,
        "C3": True,
        "C4": 4,
        "C5": 7,
        "D1": 1,
        "D2": 2,
        "D4": 3,
        "D5": 5,
        "E1": 4,
        "E2": 4,
        "E3": 5,
        "E4": "=NA()",
    }
    assert_values(
        slopes | pairs,
        {
            "SLOPE(A1:A7,B1:B7)": 0.305555556,
            "SLOPE(E1:E2,E1:E2)": DIV0,
            "SLOPE(E2:E3,E2:E3)": 1.0,
            # Pairs of two numbers count alone: (2, 2), (3, 4), (5, 7).
            "SLOPE(C1:C5,D1:D5)": float(np.polyfit([2, 3, 5], [2, 4, 7], 1)[0]),
            "SLOPE(E1:E4,D1:D4)": NA,
            "SLOPE(D1:D4,E1:E4)": NA,
            "SLOPE(E1,E1)": DIV0,
        },
    )
    found = values_of(slopes | pairs, ["CORREL(C1:C5,D1:D5)", "CORREL(E1:E2,D1:D2)"])
    assert found[0] == pytest.approx(float(np.corrcoef([2, 3, 5], [2, 4, 7])[0, 1]))
    assert found[1] == DIV0
    assert values_of(slopes | pairs, ["CORREL(E1:E4,D1:D4)"]) == [NA]
    for formula in (
        "CORREL(A1:A7,B1:B6)",
        "SLOPE(A1:A7,B1:B6)",
        "SLOPE(A1:A7,3)",
        "SLOPE(A1:A7)",
        "SLOPE(A1:A3,B1:B3,4)",
    ):
        with pytest.raises(CannotComputeError):
            values_of(slopes, [formula])


def test_skewness_and_kurtosis_need_three_and_four_numbers():
    assert_values(
        column((1, 2, 4, 9)),
        {
            "SKEW(A1:A2)": DIV0,
            "SKEW(A1:A3)": float(stats.skew([1, 2, 4], bias=False)),
            "KURT(A1:A3)": DIV0,
            "KURT(A1:A4)": float(stats.kurtosis([1, 2, 4, 9], bias=False)),
            "SKEW(5,5,5)": DIV0,
            "KURT(5,5,5,5)": DIV0,
            "KURT(1,2)": DIV0,
        },
    )


def test_products():
    cells = (
        column((3, 8, 1))
        | column((2, 7, "x"), "B")
        | {"C1": True, "C2": "=NA()", "C3": 2}
    )
    assert_values(
        cells,
        {
            "SUMPRODUCT(A1:A3,B1:B3)": 3 * 2 + 8.0 * 7,
            "SUMPRODUCT(A1:A3)": 12.0,
            "SUMPRODUCT(A1:A3,A1:A3,A1:A3)": 27.0 + 512 + 1,
            "SUMPRODUCT(A1:A3,B1:B2)": VALUE,
            "SUMPRODUCT(A1:A3,C1:C3)": NA,
            "SUMPRODUCT(A1:B1,A1:A2)": VALUE,
            "SUMPRODUCT(4)": 4.0,
            "SUMPRODUCT(A1:A1,C1:C1)": 0.0,
            'SUMPRODUCT("4")': 0.0,
            "SUMPRODUCT(A1,2)": 6.0,
            "SUMPRODUCT((A1:A3>2)*(A1:A3<8))": 1.0,
            "SUMPRODUCT(A1:A3*2,A1:A3)": 2 * (9 + 64 + 1.0),
        },
    )


def test_logic():
    cells = {
        "A1": 50,
        "A2": 100,
        "A3": "x",
        "A5": True,
        "A6": False,
        "A7": "=NA()",
        "A8": "=1/0",
    }
    assert_values(
        cells,
        {
            "AND(A1>1,A2<100)": False,
            "AND(A1>1,A2<=100)": True,
            "OR(A1>1,A2>100)": True,
            "OR(A1>51,A2>100)": False,
            "AND(A1:A5)": True,
            "AND(A1:A6)": False,
            "OR(A6,A3)": False,
            "AND(A6,A7)": NA,
            "OR(A5,A8)": DIV0,
            'AND(A6,"x")': VALUE,
            "AND(0,A5)": False,
            "OR(0,0)": False,
            "OR(A3:A4)": VALUE,
            'OR("true",A6)': True,
            "IF(A1>A2,1,2)": 2.0,
            "IF(A1,1)": 1.0,
            "IF(A4,1)": False,
            "IF(A4,1,A4)": 0.0,
            "IF(A7,1,2)": NA,
            "IF(A3,1,2)": VALUE,
            "IF(TRUE,A3,A7)": "x",
            "IF(ISNUMBER(A1),A8,1)": DIV0,
            "IFERROR(A8,7)": 7.0,
            "IFERROR(A1,7)": 50.0,
            "IFERROR(A4,7)": 0.0,
            "IFERROR(A8,A4)": 0.0,
            "IFERROR(1+1,7)": 2.0,
            'IFERROR(IFERROR(A8,A7),"n")': "n",
            "CHOOSE(2,A1,A2,A3)": 100.0,
            "CHOOSE(3.9,A1,A2,A3)": "x",
            "CHOOSE(1,A4)": 0.0,
            "CHOOSE(4,A1,A2,A3)": VALUE,
            "CHOOSE(0.9,A1)": VALUE,
            "CHOOSE(A7,A1)": NA,
            "CHOOSE(A5,A2,A1)": 100.0,
            "CHOOSE(A5+1,A2,A1)": 50.0,
            "CHOOSE(A3,1)": VALUE,
            'CHOOSE("2",A2,A1)': 50.0,
            "CHOOSE(A4,1)": VALUE,
            "NA()": NA,
            "NOT(A1=50)": False,
        },
    )


def test_counting():
    cells = column(("apples", "oranges", "peaches", "apples")) | column(
        (32, 54, 75, 86), "B"
    )
    cells |= {
        "C1": "a*",
        "C2": "7",
        "C3": " 7 ",
        "C4": 7,
        "C5": True,
        "C8": "",
        "C9": "ab",
        "C10": "=NA()",
        "E1": True,
        "E2": "TRUE",
        "E3": 1,
        "D1": 1,
        "D2": "=NA()",
        "D3": 4,
        "D4": "x",
    }
    assert_values(
        cells,
        {
            'COUNTIF(A1:A4,"apples")': 2.0,
            "COUNTIF(A1:A4,A3)": 1.0,
            'COUNTIF(B1:B4,">55")': 2.0,
            'COUNTIF(B1:B4,"<>"&B3)': 3.0,
            'COUNTIF(B1:B4,">=32")-COUNTIF(B1:B4,">54")': 2.0,
            'COUNTIF(A1:A4,"*")': 4.0,
            'COUNTIF(A1:A4,"?????es")': 2.0,
            'COUNTIF(A1:A4,"APPLES")': 2.0,
            'COUNTIF(B1:B4,">=54")': 3.0,
            'COUNTIF(B1:B4,"<54")': 1.0,
            'COUNTIF(B1:B4,"<=54")': 2.0,
            'COUNTIF(C1:C9,"a~*")': 1.0,
            "COUNTIF(C1:C10,7)": 3.0,
            'COUNTIF(C1:C10,"7")': 3.0,
            'COUNTIF(C1:C10,"=7")': 3.0,
            'COUNTIF(C1:C10,"<>7")': 7.0,
            'COUNTIF(C1:C10,">6")': 1.0,
            "COUNTIF(E1:E3,TRUE)": 1.0,
            'COUNTIF(E1:E3,"TRUE")': 1.0,
            'COUNTIF(E1:E3,"=FALSE")': 0.0,
            'COUNTIF(C1:C10,"=")': 2.0,
            'COUNTIF(C1:C10,"")': 3.0,
            'COUNTIF(C1:C10,"<>")': 8.0,
            "COUNTIF(C7,C7)": 0.0,
            'COUNTIF(A1:A4,">b")': 2.0,
            'COUNTIF(A1:A4,"<=apples")': 2.0,
            'COUNTIF(B1:B4,">a")': 0.0,
            'COUNTIF(B1:B4,"=5.4E+1")': 1.0,
            'COUNTIF(B1:B4," 54 ")': 1.0,
            "COUNTIF(A1:A4,D2)": NA,
            'COUNTIF(B1:B4,"> 54")': 2.0,
            'COUNTIF(B1:B4,"+54")': 1.0,
            'COUNTIF(B1:B4,".54")': 0.0,
            'COUNTIFS(A1:A4,"apples",B1:B4,">32")': 1.0,
            'COUNTIFS(A1:A4,"a*",B1:B3,">32")': VALUE,
            'COUNTIFS(A1:A4,"apples",B1:B4,D2)': NA,
            'COUNTIF(A1,"apples")': 1.0,
            'SUMIF(A1:A4,"apples",B1:B4)': 118.0,
            'SUMIF(B1:B4,">54")': 161.0,
            "SUMIF(B1:B4,54)": 54.0,
            'SUMIF(A1:A4,"oranges",D1:D4)': NA,
            'SUMIF(A1:A4,"peaches",D1:D4)': 4.0,
            'SUMIF(A1:A4,"apples",D1:D4)': 1.0,
            'SUMIF(A1:A4,"kiwis",B1:B4)': 0.0,
            'SUMIFS(B1:B4,A1:A4,"apples",B1:B4,">40")': 86.0,
            'SUMIFS(B1:B4,A1:A3,"x")': VALUE,
            'AVERAGEIF(A1:A4,"apples",B1:B4)': 59.0,
            'AVERAGEIF(B1:B4,"<60")': 43.0,
            'AVERAGEIF(A1:A4,"kiwis",B1:B4)': DIV0,
            'AVERAGEIF(A1:A4,"oranges",D1:D4)': NA,
            'AVERAGEIFS(B1:B4,A1:A4,"<>apples",B1:B4,"<75")': 54.0,
        },
    )
    for formula in (
        'COUNTIF(A1:A4,">TRUE")',
        'COUNTIF(A1:A4,"<")',
        'COUNTIF(A1:A4,"#N/A")',
        'COUNTIF(C1:C4,">a")',
        'COUNTIF(A1:A4,">a-b")',
    ):
        with pytest.raises(CannotComputeError):
            values_of(cells, [formula])


def test_searching():
    cells = column((25, "38", "Ab", None, True, "a*b", "acb", 38, "=NA()"))
    cells |= {"B1": "Bananas", "B2": "ab", "C1": 3, "D1": 4, "E1": 3}
    assert_values(
        cells,
        {
            "MATCH(38,A1:A9,0)": 8.0,
            'MATCH("38",A1:A9,0)': 2.0,
            'MATCH("AB",A1:A9,0)': 3.0,
            "MATCH(TRUE,A1:A9,0)": 5.0,
            "MATCH(1,A1:A9,0)": NA,
            'MATCH("a?b",A1:A9,0)': 6.0,
            'MATCH("a~*b",A1:A9,0)': 6.0,
            'MATCH("*c*",A1:A9,0)': 7.0,
            'MATCH("z*",A1:A9,0)': NA,
            "MATCH(A9,A1:A9,0)": NA,
            "MATCH(A4,A1:A9,0)": NA,
            "MATCH(A4,A2:A5,0)": NA,
            "MATCH(3,A1:B9,0)": NA,
            "MATCH(4,C1:E1,0)": 2.0,
            "MATCH(3,C1:E1,0)": 1.0,
            "INDEX(A1:B2,2,2)": "ab",
            "INDEX(A1:B2,1,1)": 25.0,
            "INDEX(A1:A9,8)": 38.0,
            "INDEX(A1:A9,8.9)": 38.0,
            "INDEX(A1:A9,4)": 0.0,
            "INDEX(C1:E1,2)": 4.0,
            "INDEX(C1:E1,1,3)": 3.0,
            "INDEX(C1:E1,2,1)": REF,
            "INDEX(A1:B2,3,1)": REF,
            "INDEX(A1:B2,1,3)": REF,
            "INDEX(A1:A9,NA())": NA,
            "INDEX(A1:B2,1,NA())": NA,
            'INDEX(A1:A9,"8")': 38.0,
            'INDEX(A1:B2,"x",1)': VALUE,
            "INDEX(A1:A9,A9)": NA,
            "INDEX(A1:A9,TRUE)": 25.0,
            "INDEX(A1:B2,2.9,1.9)": "38",
            "INDEX(C1:E1,0,2)": 4.0,
            "ROWS(A1:B9)": 9.0,
            "COLUMNS(A1:B9)": 2.0,
            "ROWS(A1)": 1.0,
            "COLUMNS(A1)": 1.0,
        },
    )
    grid = {"A1": 0, "A2": 3, "B1": 3, "B2": 5, "A3": 7, "B3": 7, "C1": 9, "C2": 9}
    assert_values(
        grid,
        {
            "MATCH(D1,A1:A3,0)": 1.0,
            "MATCH(3,A1:B2,0)": NA,
            "MATCH(3,A1:B3,0)": NA,
            "MATCH(3,A1:C2,0)": NA,
            "COUNTIF(A1:A3,D1)": 1.0,
            "COUNTIF(B1:B3,D1)": 0.0,
            "SUMIF(A1:A3,D1,B1:B3)": 3.0,
        },
    )
    assert values_of({}, ["ROW()", "COLUMN()", "ROW()"]) == [1.0, 26.0, 3.0]


#: Operator -> its values for A1:A6 of `KINDS` on the left; "ab", 4.5, TRUE, a blank on the right.
COMPARED = {
    "=": (
        [0, 0, 1, 0, 0, 0],
        [1, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 0],
        [0, 0, 0, 1, 0, 1],
    ),
    "<": (
        [1, 1, 0, 1, 0, 0],
        [0, 1, 0, 0, 0, 0],
        [1, 1, 1, 1, 0, 1],
        [0, 1, 0, 0, 0, 0],
    ),
    ">=": (
        [0, 0, 1, 0, 1, 1],
        [1, 0, 1, 1, 1, 1],
        [0, 0, 0, 0, 1, 0],
        [1, 0, 1, 1, 1, 1],
    ),
}
OPPOSITE = {"=": "<>", "<": ">=", ">=": "<"}


@pytest.mark.parametrize("operator", COMPARED)
def test_comparisons_of_kinds(operator):
    """Numbers come before texts, texts before logicals; a blank is 0, "" or FALSE."""
    for right, wanted in zip(("B1", "B2", "B3", "A9"), COMPARED[operator], strict=True):
        cells = KINDS | {"B1": "ab", "B2": 4.5, "B3": True}
        formulas = [f"A{row}{operator}{right}" for row in range(1, 10)]
        assert values_of(cells, formulas)[:8] == [*map(bool, wanted), NA, DIV0]
        formulas = [f"A{row}{OPPOSITE[operator]}{right}" for row in range(1, 7)]
        assert values_of(cells, formulas) == [not holds for holds in wanted]
        swapped = {"=": "=", "<": ">", ">=": "<="}[operator]
        formulas = [f"{right}{swapped}A{row}" for row in range(1, 9)]
        assert values_of(cells, formulas) == [*map(bool, wanted), NA, DIV0]
        assert values_of(cells, [f"A9{operator}A9"]) == [operator != "<"]


def test_arithmetic():
    assert_values(
        KINDS | {"B1": "3", "B2": " -1.5e1 ", "B3": "50%", "B4": ".5"},
        {
            "A1+A2": 2.5,
            "A1-A2": 6.5,
            "A1*A2": -9.0,
            "A1/A2": -2.25,
            "A2^3": -8.0,
            "A1^-1": 1 / 4.5,
            "A1+A9": 4.5,
            "A1*A5": 4.5,
            "A5+A5": 2.0,
            "A1/A9": DIV0,
            "A1+A3": VALUE,
            "A3+A7": VALUE,
            "A7+A3": NA,
            "A8*A7": DIV0,
            "A1+B1": 7.5,
            "B1*B1": 9.0,
            "B2+1": -14.0,
            "B3*2": 1.0,
            "B4+1": 1.5,
            "A2^0.5": NUM,
            "A9^0": NUM,
            "A9^-1": DIV0,
            "A9^2": 0.0,
            "A9^0.5": 0.0,
            "10^200^2": NUM,
            "A1%": 0.045,
            "A3%": VALUE,
            "A7%": NA,
            "A1&A3": "4.5Ab",
            "A5&A9": "TRUE",
            "A6&1": "FALSE1",
            "A1&A8": DIV0,
            "A7&A8": NA,
            "2^-1": 0.5,
            "-2^2": 4.0,
            "-A2^2": 4.0,
            "50%": 0.5,
            "1/3-1/3": 0.0,
            "(A1+A2)*2": 5.0,
            "-(A1-A2)": -6.5,
            "A4+1": VALUE,
            "A1=4.5": True,
        },
    )


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("A2-A1", 0.0),
        ("A1-A2", 0.0),
        ("A2+A3", 0.0),
        ("(A2-A1)", 2**-50),
        ("1*(A2-A1)", 2**-50),
        ("A4-A1", None),
        ("A5-A1", None),
        ("A6-A1", 2**-47),
        ("A1-A6", -(2**-47)),
        ("A7-A1", NA),
    ],
)
def test_a_final_difference_that_is_only_rounding_is_0(formula, wanted):
    """Up to four units in the last place it is 0, up to sixteen in doubt."""
    exact = (1.0, 1 + 2**-50, -1.0, 1 + 2**-49, 1 + 2**-48, 1 + 2**-47)
    task = made(column(exact) | {"A7": "=NA()", "Z1": f"={formula}"})
    digits = {"S": {(row, 1): value for row, value in enumerate(exact, 1)}}
    task = task_of(write_inputs(task.package, digits))  # XlsxWriter writes 16 digits
    if wanted is None:
        with pytest.raises(CannotComputeError, match="may take for 0"):
            Compiled().evaluate(task)
    else:
        assert Compiled().evaluate(task)["S"][1, 26] == wanted


def test_array_formulas():
    cells = (
        column((3, -1, 4))
        | column((1, "x", True), "B")
        | {"D1": 2, "E1": 5, "D2": "=NA()"}
    )

    def array(formula, rows=3, columns=1):
        area = f"N1:{chr(ord('N') + columns - 1)}{rows}"
        found = Compiled().evaluate(made({**cells, area: f"{{={formula}}}"}))["S"]
        return [
            [found[r, c] for c in range(14, 14 + columns)] for r in range(1, rows + 1)
        ]

    assert array("-A1:A3") == [[-3.0], [1.0], [-4.0]]
    assert array("+A1:A3") == [[3.0], [-1.0], [4.0]]
    assert array("A1:A3%") == [[0.03], [-0.01], [0.04]]
    assert array("-B1:B3") == [[-1.0], [VALUE], [-1.0]]
    assert array("ABS(A1:A3)+1") == [[4.0], [2.0], [5.0]]
    assert array("SUM(-A1:A3)", 1) == [[-6.0]]
    assert array("A1:A3*D1:E1", 3, 2) == [[6.0, 15.0], [-2.0, -5.0], [8.0, 20.0]]
    assert array("A1:A3=3") == [[True], [False], [False]]
    # A row or a column is repeated; beyond a result there is #N/A.
    assert array("D1:E1*1", 2, 3) == [[2.0, 5.0, NA], [2.0, 5.0, NA]]
    assert array("A1:A2*1", 3, 2) == [[3.0, 3.0], [-1.0, -1.0], [NA, NA]]
    assert array('A1:B2&""', 3, 3) == [["3", "1", NA], ["-1", "x", NA], [NA, NA, NA]]
    assert array("D1*1", 2, 2) == [[2.0, 2.0], [2.0, 2.0]]
    assert array("A1:A2+A1:A3") == [[6.0], [-2.0], [NA]]
    assert array("IF(A1:A3>0,A1:A3)") == [[3.0], [False], [4.0]]
    assert array('IF(A1:A3>0,"p",A1:A3)') == [["p"], [-1.0], ["p"]]
    assert array("IF(B1:B3,1,2)") == [[1.0], [VALUE], [1.0]]
    assert array("IF(D1>1,A1:A3,B1:B3)") == [[3.0], [-1.0], [4.0]]
    assert array("IF(D1>2,A1:A3,B1:B3)") == [[1.0], ["x"], [True]]
    assert array("IF(D1>2,A1:A3)") == [[False], [False], [False]]
    assert array("IF(D2,A1:A3,7)") == [[NA], [NA], [NA]]
    assert array('IFERROR(1/(A1:A3-3),"e")') == [["e"], [-0.25], [1.0]]
    assert array("IFERROR(A1:A3,0)") == [[3.0], [-1.0], [4.0]]
    assert array('D8:D9&""', 2) == [[""], [""]]
    assert array("D8:D9", 2) == [[0.0], [0.0]]
    for formula in (
        "IF(A1:A3>0,1,2,3)",
        "IF(A1:A3>0)",
        "IFERROR(A1:A3,1,2)",
        "IFERROR(1,A1:A3)",
        "ROUND(A1:A3)",
        "ABS(A1:A3,1)",
        'TEXT(A1:A3,"0")',
        "IF(D1>2,A1:A3,B1)",
    ):
        with pytest.raises(CannotComputeError):
            array(formula)


def test_a_function_of_the_library_shows_its_first_value_in_one_cell():
    cells = column((1, 3)) | {
        "B1": "=RANK_UNIFORM(A1:A2)",
        "B2": "=RANK_UNIFORM(A1:A2)+1",
    }
    found = Compiled().evaluate(made(cells | {"C1:C2": "{=RANK_UNIFORM(A1:A2)}"}))["S"]
    assert found == {(1, 2): 50.0, (2, 2): 51.0, (1, 3): 50.0, (2, 3): 100.0}


def test_in_cells_a_text_or_a_logical_is_no_number_and_as_an_argument_it_is():
    cells = {"A1": "5", "A2": True, "A3": 2}
    assert_values(
        cells,
        {
            "SUM(A1:A3)": 2.0,
            "SUM(A1,A3)": 2.0,
            'SUM("5",A3)': 7.0,
            "SUM(TRUE,A3)": 3.0,
            'SUM(A1&"",A3)': 7.0,
            "SUM(IF(A3=2,A1,0),A3)": 7.0,
            "SUM(INDEX(A1:A3,1),A3)": 2.0,
            "SUM(LEFT(A1,1),A3)": 7.0,
            "COUNT(A1,A2,A3)": 1.0,
            'COUNT("5",TRUE,A3)': 3.0,
            "COUNT(1/0,A3)": 1.0,
            'COUNT("x",A3)': 1.0,
            'COUNTA(A1:A4,"",A3)': 5.0,
            "MAX(A1,A3)": 2.0,
            'MAX("5",A3)': 5.0,
            "MIN(TRUE,A3)": 1.0,
            "MAX(A3+1,-A3)": 3.0,
            "MIN(A3+1,1/0)": DIV0,
            'MAX("x",1)': VALUE,
            "MAX(A3*2,A3*3,1)": 6.0,
        },
    )


@pytest.mark.parametrize(
    "formula",
    [
        "ABS()",
        "ABS(1,2)",
        "ROUND(1)",
        "IF(1)",
        "IF(1,2,3,4)",
        "IF(1,,2)",
        "IFERROR(1)",
        "IFERROR(1,2,3)",
        "MATCH(1,A1:A2)",
        "MATCH(1,A1:A2,0,1)",
        "MATCH(1,A1:A2,1)",
        "INDEX(A1:A2)",
        "INDEX(A1:A2,1,1,1)",
        "CHOOSE(1)",
        "RANK.EQ(1)",
        "RANK.EQ(1,A1:A2,0,1)",
        "LARGE(A1:A2)",
        "LARGE(A1:A2,1,1)",
        "COUNTIF(A1:A2)",
        "COUNTIF(A1:A2,1,A1:A2)",
        "SUMIF(A1:A2,1,A1:A2,1)",
        "COUNTIFS(A1:A2,1,A1:A2)",
        "ROWS(A1:A2,1)",
        "ROWS(1)",
        "ROW(A1)",
        "SUM()",
        "NA(1)",
        "COUNTIF(1,1)",
        "SUM({1,2})",
        "LARGE(3,1)",
        "TEXT(1)",
        "IF(A1:A2,1,2)",
    ],
)
def test_calls_with_other_arguments_are_refused(formula):
    with pytest.raises(CannotComputeError):
        values_of({"A1": 1, "A2": 2}, [formula])


def test_criteria_of_a_sign_and_what_is_computed():
    cells = column((1, 2, 4)) | {
        "B1": 2,
        "B2": "x",
        "B3": "=NA()",
        "C1": "x",
        "C2": "y",
    }
    assert_values(
        cells,
        {
            'COUNTIF(A1:A3,"<"&B1)': 1.0,
            'COUNTIF(A1:A3,">="&B1)': 2.0,
            'COUNTIF(A1:A3,"="&B1)': 1.0,
            'COUNTIF(A1:A3,"<>"&B1+2)': 2.0,
            'COUNTIF(A1:A3,""&B1)': 1.0,
            'COUNTIF(A1:A3,B1&"")': 1.0,
            'COUNTIF(C1:C2,"="&B2)': 1.0,
            'COUNTIF(A1:A3,">"&B3)': NA,
            'COUNTIF(C1:C2,"y"&"")': 1.0,
            'COUNTIF(A1:A3,">"&LEFT(21,1))': 1.0,
            'SUMIF(A1:A3,"<="&B1,A1:A3)': 3.0,
        },
    )


def test_comparisons_with_a_text_in_the_formula():
    cells = {"A1": "Ab", "A2": "", "A4": 5, "A5": "=NA()", "A6": "-"}
    assert_values(
        cells,
        {
            'A1="aB"': True,
            'A1<>"aB"': False,
            'A1="a"': False,
            'A2=""': True,
            'A3=""': True,
            'A4=""': False,
            'A4<>""': True,
            'A2<>""': False,
            'A3<>""': False,
            'A4="5"': False,
            'A4<>"5"': True,
            'A5="a"': NA,
            'A5<>""': NA,
            'A6="-"': True,
            'A6<>"-"': False,
            'A3="-"': False,
            'LEFT(A1,1)="a"': True,
            '(A4>1)=""': False,
            '"x"="X"': True,
            'IF(A6="-",1,2)': 1.0,
            '"aB"=A1': True,
        },
    )


def test_what_is_written_several_times_is_computed_once_where_it_is_wanted():
    text = 'LEN(A3&"x")'
    assert_values(
        KINDS,
        {
            f"IF(A1>9,{text},0)+{text}": 3.0,
            f"IF(A1>0,{text},0)*{text}": 9.0,
            f"IFERROR(A1,{text})+{text}": 7.5,
            f"IFERROR(A7,{text})+{text}": 6.0,
            f"CHOOSE(2,{text},{text}+1)+{text}": 7.0,
            f"IF({text}=3,{text},{text}+1)": 3.0,
            f"INDEX(A1:A3,{text}-1)*{text}": -6.0,
            f"RANK.EQ(INDEX(A1:A2,{text}-2),A1:A2,{text}-2)": 2.0,
            f"SUMPRODUCT(IF({text}>0,1,2)*(A1:A2>0))+{text}": 4.0,
        },
    )
    # Equal in one copy of a formula, not in another: A1 and B1 are read each.
    cells = {"A1": 1.0, "B1": 5.0, "Z1": "=A1+A1", "Z2": "=A1+B1"}
    values = Compiled().evaluate(made(cells))["S"]
    assert (values[1, 26], values[2, 26]) == (2.0, 6.0)


def test_numbers_in_cells_are_computed_as_what_the_functions_give():
    assert_values(
        KINDS,
        {
            "MAX(A1,A2)": 4.5,
            "MIN(A1,A2)": -2.0,
            "MAX(A2,A1)": 4.5,
            "MIN(A2,A1)": -2.0,
            "MAX(A2,A3)": -2.0,
            "MIN(A1,A5)": 4.5,
            "MAX(A1,7)": 7.0,
            "MIN(A1,TRUE)": 1.0,
            "MAX(A1,A7)": NA,
            "MIN(A8,A7)": DIV0,
            "MAX(A2,A9)": -2.0,
            "MAX(A9,A9)": 0.0,
            "MAX(INDEX(A1:A3,3),A2)": -2.0,
            "AVERAGE(INDEX(A1:A3,1))": 4.5,
            "AVERAGE(A3)": DIV0,
            "AVERAGE(A5)": DIV0,
            "AVERAGE(TRUE)": 1.0,
            "AVERAGE(A7)": NA,
            "AVERAGE(-A9)": 0.0,
            "A1/A2": -2.25,
            "A1/A9": DIV0,
            "A1/0": DIV0,
            "1/A7": NA,
            "A5/A1": 1 / 4.5,
            "A3/A1": VALUE,
            "COUNT(A1)/COUNT(A3)": DIV0,
            "-A1": -4.5,
            "-A3": VALUE,
            "-A5": -1.0,
            "A1%": 0.045,
            "(A7+1)+(A7+2)": NA,
            "(A3-1)*(A3-2)": VALUE,
            "A7%": NA,
            "-A9": 0.0,
            "-(1+2)": -3.0,
            "2/4": 0.5,
            "(A1>1)+(A2>1)": 1.0,
            "(A1>1)*A1": 4.5,
            "AND(A1>1,A2<1)": True,
            "AND(A1>1,A2>1)": False,
            "OR(A1<1,A2<1)": True,
            "OR(A1<1,A2>1)": False,
            "AND(A5,A6)": False,
            "AND(A5,A3)": True,
            "OR(A6,A7)": NA,
            "AND(A6,A8)": DIV0,
            "AND(A3,A9)": VALUE,
            "OR(A1,A6)": True,
            'AND("x",TRUE)': VALUE,
            "1=A1": False,
            "2<3": True,
        },
    )


def test_how_many_cells_equal_a_value():
    cells = column(["a", "A", "b*", "", None, 1, 2.0, True, "1", "*"])
    assert_values(
        cells | {"B1": "=NA()", "B2": "a"},
        {
            'SUMPRODUCT((A1:A10="a")*1)': 2.0,
            'SUMPRODUCT((A1:A10="B*")*1)': 1.0,
            'SUMPRODUCT((A1:A10="")*1)': 2.0,
            "SUMPRODUCT((A1:A10=A5)*1)": 2.0,
            "SUMPRODUCT((A1:A10=0)*1)": 1.0,
            "SUMPRODUCT((A1:A10=1)*1)": 1.0,
            "SUMPRODUCT((A1=B2)*1)": 1.0,
            "SUMPRODUCT((A1:A10=TRUE)*1)": 1.0,
            "SUMPRODUCT((A1:A10=B2)*1)": 2.0,
            'SUMPRODUCT((B1:B2="a")*1)': NA,
            "SUMPRODUCT((A1:A10=B1)*1)": NA,
            'SUMPRODUCT((A1:A10="a")*2)': 4.0,
            "SUMPRODUCT((B2:B2=3)*1)": 0.0,
            'COUNTIF(A1:A10,"a")': 2.0,
            'COUNTIF(A1:A10,"=a")': 2.0,
            'COUNTIF(A1:A10,"*")': 6.0,
            'COUNTIF(A1:A10,">=1")': 2.0,
            'COUNTIF(A1:A10,">1")': 1.0,
            'COUNTIF(A1:A10,"<2")': 1.0,
            'COUNTIF(A1:A10,"<=2")': 2.0,
            "COUNTIF(A1:A10,B1)": NA,
            'COUNTIF(B1:B2,"a")': 1.0,
        },
    )
