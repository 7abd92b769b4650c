"""Formulas over cells that go wrong, kept as text: what our engine computes, and what is in doubt.

LibreOffice gave the same numbers and texts for all that is not in doubt when the files were
written; of errors it shows others, as it has more of them.
"""

import io

import pytest
import xlsxwriter

from tests.helpers.sheets import sheet_of
from xlcity.errors import CellError
from xlcity.recalc.engines.compiled.engine import Compiled
from xlcity.recalc.engines.protocol import CannotComputeError, Task
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.support.support_check import SupportCheck
from xlcity.xlsx.cells import Cell, ReadBook, read_book
from xlcity.xlsx.package import Package

NA = CellError.NA
DIV0 = CellError.DIV0
#: What stands in A1:C6.
FILLS: dict[str, list[list]] = {
    "numbers": [
        [4.0, 1.0, "a"],
        [2.0, 5.0, "b"],
        [9.0, 3.0, "a"],
        [4.0, 8.0, "ab"],
        [-7.0, 2.0, "B"],
        [0.0, 6.0, "c"],
    ],
    "gaps": [
        [4.0, None, "a*"],
        ["NA", 5.0, None],
        [None, 3.0, "~a"],
        ["", -0.5, "A"],
        ["7", 2.5, "a"],
        [1.5, 1.5, " a "],
    ],
    "errors": [
        [2.0, NA, NA],
        [DIV0, 5.0, "b"],
        [9.0, 3.0, True],
        [0.0, 0.0, "ab"],
        [1e-12, 2.0, "B"],
        [3.0, 3.0, ""],
    ],
    "alike": [[0.3, 0.1 + 0.2, "12%"], *[[0.3, 0.1 + 0.2, "a"]] * 4, [0.3, 2.0, "x"]],
}
FORMULAS = """
A1+B1 A1-B1 A1*B1 A1/B1 A1^B1 -A1 A1% A1&B1 A1=B1 A1<>B1 A1<B1 A1>=B1 C1="A" C1<C2 A1&"" +C1
SUM(A1:A6) SUM(A1:B6,3) SUM(A1,"2") AVERAGE(A1:A6) COUNT(A1:C6) COUNT(A1,"2") COUNTA(A1:C6)
COUNTBLANK(A1:C6) MAX(A1:A6) MIN(A1:A6) MAX(A1:A6,B1) MEDIAN(A1:A6) SUMSQ(A1:A6) STDEV(A1:A6)
STDEV.P(A1:A6) STDEV.S(B1:B6) DEVSQ(A1:A6) SKEW(A1:A6) KURT(A1:A6) LARGE(A1:A6,2) SMALL(A1:A6,1)
LARGE(A1:A6,9) PERCENTILE(A1:A6,0.3) QUARTILE(A1:A6,1) PERCENTILE(A1:A6,1.5) RANK(A1,A1:A6)
RANK(A1,A1:A6,1) CORREL(A1:A6,B1:B6) SLOPE(A1:A6,B1:B6) SUMPRODUCT(A1:A6,B1:B6)
SUMPRODUCT((A1:A6>2)*1) SUMPRODUCT((A1:A6>2)*B1:B6) SUMPRODUCT(A1:A6) SUMPRODUCT(A1:B6) SUM(C:C)
SUM(B:C) SUMIF(B:B,">2",A:A) COUNTIF(A1:A6,">2")
COUNTIF(A1:A6,"NA") COUNTIF(C1:C6,"a") COUNTIF(C1:C6,"a*") COUNTIF(C1:C6,"~a") COUNTIF(A1:A6,"")
COUNTIF(A1:A6,"<>") COUNTIF(A1:A6,A1) COUNTIF(A1:A6,">-1E300") COUNTIF(A1:A6,"=7")
COUNTIF(A1:A6,">"&B1) COUNTIF(A1:A6,"<>"&A1) COUNTIF(C1:C6,C2&"*") COUNTIF(A1:A6,B1&"")
SUMIF(A1:A6,"<"&B2,B1:B6)
COUNTIFS(A1:A6,">0",B1:B6,"<5") SUMIF(A1:A6,">0",B1:B6) SUMIF(C1:C6,"a",A1:A6) SUMIF(A1:A6,">0")
SUMIFS(B1:B6,A1:A6,">0",C1:C6,"a") AVERAGEIF(A1:A6,">0") AVERAGEIF(A1:A6,">99")
AVERAGEIFS(B1:B6,A1:A6,">0",B1:B6,"<6") MATCH(4,A1:A6,0) MATCH("b",C1:C6,0) MATCH("a*",C1:C6,0)
MATCH(99,A1:A6,0) MATCH(3,{1,2,4}) INDEX(A1:B6,2,1) INDEX(A1:A6,9) INDEX(A1:B1,2)
INDEX(A1:B6,0,2) SUM(INDEX(A1:B6,0,2)) VLOOKUP(4,A1:C6,3,FALSE) IF(A1>2,"y","n") IF(A2,1,2)
IF(A1>2,B1) IF(C1,1,2) IFERROR(A2/B1,"e") IFERROR(A1,"e") IFNA(A1,"e") AND(A1>0,B1>0) AND(A1:B6)
OR(A1>9,C1="a") NOT(A1) NOT(C1) ISNUMBER(A2) ISTEXT(A2) ISBLANK(A3) ISERROR(A2) ISNA(B1)
ISERR(A2) ISLOGICAL(C3) N(A2) N(C3) ABS(A5) SIGN(A5) INT(A5) SQRT(A1) SQRT(A5) EXP(A1) LN(A1)
LN(A5) LOG10(B2) ROUND(B4,0) ROUND(A1/3,2) ROUND(-2.5,0) ROUND(1234.5,-2) ROUNDUP(A1/3,1)
MOD(A5,3) MOD(A1,B4) POWER(A1,0.5) LEN(C4) LEN(A1) LEFT(C4,1) RIGHT(C4) MID(C4,2,1) LEFT(C4,-1)
TRIM(C6) FIND("b",C4) FIND("z",C4) FIND("B",C4) SEARCH("B",C4) SEARCH("?b",C4)
SUBSTITUTE(C4,"b","x") SUBSTITUTE(C4,"","x") EXACT(C1,"A") TEXT(A1,"0.00") TEXT(A1,"0%")
TEXT(C1,"0") VALUE(A5) VALUE(C1) VALUE("1,234") CHAR(65) TYPE(A2) ROW(A3) ROWS(A1:B6)
COLUMNS(A1:B6) COLUMN(B1) CHOOSE(2,A1,B1) CHOOSE(9,A1) ERROR.TYPE(A2) NA() TRUE TRUE+1 "a"&1/3
1E+15&"" 0.1+0.2=0.3 0.1+0.2-0.3 1/0 "7"+1 "x"+1 2^-1 -2^2 MINIFS(B1:B6,A1:A6,">0")
SUM(A1:A6)/COUNT(A1:A6)
""".split()  # noqa: SIM905


def computed(formula: str, cells: list[list]) -> str:
    """Return what our engine gives for a formula in E7, or why it does not compute it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S")
        for row, values in enumerate(cells):
            for column, value in enumerate(values):
                if isinstance(value, CellError):
                    sheet.write_formula(
                        row, column, f"={value.value}", None, value.value
                    )
                elif value is not None:
                    sheet.write(row, column, value)
        sheet.write_formula("E7", f"={formula}")
    book = read_book(package := Package.from_bytes(out.getvalue()))
    try:
        values = Compiled().evaluate(
            Task(package, book, find_udf_cells(book, library_names()), 60.0)
        )
    except CannotComputeError as error:
        said = (
            str(error)
            .partition("does not have ")[2]
            .removesuffix(". Use --engine libreoffice.")
        )
        return f"not computed: {said or error}"
    value = values["S"][7, 5]
    return (
        f"{value:.12g}"
        if isinstance(value, float)
        else repr(getattr(value, "value", value))
    )


def doubts(formula: str, cells: list[list]) -> str:
    """Return what is in doubt in two engines about it."""
    content = {(7, 5): Cell(None, formula)} | {
        (row, column): Cell(value)
        for row, values in enumerate(cells, 1)
        for column, value in enumerate(values, 1)
        if value is not None
    }
    check = SupportCheck(ReadBook({"S": sheet_of("S", content)}, {}), set())
    said = {}
    for engine in ("formualizer", "libreoffice"):
        for why in check.doubts(engine, {"S": {(7, 5): 1.0}}).get(("S", (7, 5)), ()):
            said.setdefault(why, []).append(engine[0])
    return "; ".join(f"{why} [{''.join(engines)}]" for why, engines in said.items())


@pytest.mark.parametrize("fill", FILLS)
def test_formulas_over_cells(require_kept, fill):
    lines = []
    for formula in FORMULAS:
        doubt = doubts(formula, FILLS[fill])
        lines.append(
            f"{formula} = {computed(formula, FILLS[fill])}{' ? ' if doubt else ''}{doubt}"
        )
    require_kept(f"formulas_{fill}", "\n".join(lines))
