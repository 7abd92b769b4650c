import io
import random
import time
from types import SimpleNamespace

import pytest
import xlsxwriter

from tests.helpers.sheets import sheet_of
from xlcity.errors import CellError, WorkbookError
from xlcity.messages import Message
from xlcity.recalc.support.contents import Contents, differ_in_last_digits_only
from xlcity.recalc.support.formula_rules import (
    DOUBTED_LETTERS,
    ENGINES,
    _has_near_pair,
    function_table,
)
from xlcity.recalc.support.support_check import (
    CONTRACT_NAMES,
    SupportCheck,
    find_ignored_features,
    find_spilling_cells,
    formulas_digest,
    is_template,
    refuse_broken_names,
)
from xlcity.xlsx.cells import Cell, ReadBook, Sheet, read_book
from xlcity.xlsx.package import Package
from xlcity.xlsx.table import CellTable

NAMES = {"in_x": "S!$A$1:$A$9", "par_x": "S!$A$1", "rate": "0.05", "list": "{1,2}"}


def judge(
    formula: str,
    engine: str = "formualizer",
    result: object = 1.0,
    array: str | None = None,
    spills: bool = False,
    **cells: object,
) -> list[str]:
    """Return what is in doubt about a formula in E7, beside whole numbers in A1:D9."""
    sheet = sheet_of(
        "S",
        {
            (7, 5): Cell(None, formula, array=array),
            **{(r, c): Cell(float(r * c)) for r in range(1, 10) for c in range(1, 5)},
            **{
                (int(name[1]), ord(name[0]) - 64): Cell(value)
                for name, value in cells.items()
            },
        },
    )
    book = ReadBook({"S": sheet}, NAMES)
    spilling = {"S": frozenset({(7, 5)})} if spills else None
    check = SupportCheck(book, {"ZSCORE_WINSOR"}, (), spilling)
    doubts = check.doubts(engine, {"S": {(7, 5): result}})
    return [*doubts.get(("S", (7, 5)), ())]


@pytest.mark.parametrize(
    "formula", ["WEEKNUM(45657)", "WEEKNUM(45657,2)", "MODE({3,3,1,1})"]
)
def test_libreoffice_is_not_believed_where_it_differs_from_excel(formula):
    # LibreOffice: 1, the first week of the next year, for Excel's 53; 1, the least, for 3.
    assert judge(formula, "libreoffice")
    assert not judge("WEEKNUM(45657,2)", "formualizer", result=53.0)


def test_the_shown_text_of_a_link_is_its_result():
    link = 'HYPERLINK("#S!A1","Back")'
    assert judge(link, "libreoffice", result="Back") == []
    # formualizer gives the text "3" for the number 3, LibreOffice 1 for TRUE.
    assert judge('HYPERLINK("#S!A1",A3)', result="3") == ["HYPERLINK"]
    assert judge('HYPERLINK("#S!A1",A3)', "libreoffice", result=1.0, A3=True)


def test_the_table_has_known_kinds_and_engines():
    for name, line in function_table().items():
        assert set(line.arguments + line.further) <= {*DOUBTED_LETTERS, *"vR"}, name
        assert line.result in "nslgAR", name
        assert line.engines <= {*ENGINES}, name


@pytest.mark.parametrize(
    "formula",
    [
        "A1+B2*2",
        "SUM(A1:A9)/COUNT(B1:B9)",
        "SUMPRODUCT(A1:A9,B1:B9)",
        "IF(A1>2,B1,C1)",
        "(A1-MIN(A$1:A$9))/(MAX(A$1:A$9)-MIN(A$1:A$9))*100",
        "INDEX(A1:C9,MATCH(B1,A1:A9,0),2)",
        'COUNTIF(A1:A9,">2")',
        "SUMIF(A1:A9,3,B1:B9)",
        "ROUND(A1/B1,2)",
        "RANK(A1,A1:A9)",
        "VLOOKUP(A1,A1:C9,2,FALSE)",
        "MATCH(3,A1:A9)",
        "ZSCORE_WINSOR(A1:A9)",
        "ROUND(par_x,2)",
        "A1*rate",
        "SUM(in_x)",
        '"MMULT(a)"&A1',
        'LEFT("abc",2)',
        "STDEV.P(A1:A9)",
        "IF(A1>2,B1,#N/A)",
        "IF(A1>2,,B1)",
        "RANK(A1)",
    ],
)
def test_everyday_formulas_are_beyond_doubt(formula):
    assert judge(formula) == []


@pytest.mark.parametrize(
    ("formula", "why"),
    [
        ("SUM(MMULT(A1:B2,C1:D2))", "MMULT"),
        ("NOSUCH(1)+OFFSET(A1,1,0)", "NOSUCH"),
        ("SUMPRODUCT(ABS(A1:A9))", "ABS of several cells"),
        ("SUMPRODUCT((A1:A9>2)*1)", "> of several cells"),
        ("ABS(A1:A9)", "ABS of several cells"),
        ('SUM(COUNTIF(A1:A9,{"a","b"}))', "a list of constants in a formula"),
        ("[1]Other!A1+1", "a reference to another workbook"),
        ("Other!A1+1", "a reference that leads nowhere"),
        ("nowhere+1", "the name NOWHERE"),
        ("list+1", "the name LIST"),
        ("A1:A9", "several cells where one value is shown"),
        ("SUM(B1:INDEX(B1:B9,2))", "a range between two references"),
        ("SUM((A1:A2,B1:B2))", "UNION"),
        ("SUM(A1:A9 B1:B9)", "a formula that is not read"),
        ("ROUND(A1,)", "ROUND with an argument left out"),
        ("ABS(INDEX(A1:C9,0,2))", "ABS of several cells"),
        ("ABS(INDEX(A1:C9,2,))", "ABS of several cells"),
    ],
)
def test_the_structure_of_a_formula_is_doubted(formula, why):
    assert why in judge(formula)


@pytest.mark.parametrize(
    ("formula", "cells", "why"),
    [
        (
            "A1+1",
            {"A1": "1,5"},
            "+ with text that a region may read as a number or a date",
        ),
        ("SUM(A1:A9)", {"A3": "12%"}, "SUM with text that a region may read"),
        ("SUM(A1:A9)", {"A3": True}, "SUM with a truth value"),
        ("SUM(A1:A9)", {"A3": 1e300}, "SUM with a number beyond the limits"),
        ("ABS(A1)", {"A1": None}, "ABS with a blank cell"),
        ('"x"&A1', {"A1": 1 / 3}, "& with a number of more than 15 digits"),
        ("LEN(A1)", {"A1": -0.0}, "LEN with a number beyond the limits or -0"),
        ("CORREL(A1:A9,B1:B9)", {"A3": "x"}, "CORREL with text"),
        ("CORREL(A1:A9,B1:B8)", {}, "CORREL with ranges of unequal sizes"),
        ("COUNTIFS(A1:A9,1,B1:B8,1)", {}, "COUNTIFS with ranges of unequal sizes"),
        ('COUNTIF(A1:A9,"<>x")', {}, "COUNTIF with a criterion such as <>"),
        ("COUNTIF(A1:A9,B1)", {"B1": "a*"}, "COUNTIF with a criterion"),
        ("SUMIF(A1:A9,3,B1:B9)", {"B3": CellError.NA}, "SUMIF with an error"),
        ("MATCH(3,A1:A9)", {"A2": 9.0}, "MATCH in values that are not in order"),
        ("VLOOKUP(3,A1:C9,2)", {"A2": "x"}, "VLOOKUP in values that are not in order"),
        ("MATCH(A1,B1:B9,0)", {"A1": "a*"}, "MATCH with a wildcard"),
        ("RANK(A1,A1:A9)", {"A1": 0.3, "A2": 0.1 + 0.2}, "RANK beside a number"),
        ("COUNTIF(A1:A9,0.3)", {"A2": 0.1 + 0.2}, "COUNTIF beside a number"),
        (
            'COUNTIF(A1:A9,">"&B1)',
            {"A2": 0.1 + 0.2, "B1": 0.3},
            "COUNTIF beside a number",
        ),
        ("A1=B1", {"A1": 0.3, "B1": 0.1 + 0.2}, "a comparison of numbers that differ"),
        ("A1/3>B1", {}, "a comparison of computed numbers"),
        ('A1<"b"', {"A1": "a"}, "the order of texts"),
        (
            "YEAR(A1)",
            {"A1": 60.0},
            "YEAR with a number that is not a day from March 1900",
        ),
        ("ROUND(A1,B1)", {"B1": 2.5}, "ROUND with a fraction"),
        ("LEFT(A1,B1)", {"A1": "abc", "B1": 2.7}, "LEFT with a fraction"),
        ("DEVSQ(A1:A2)", {"A1": None, "A2": "x"}, "DEVSQ of no numbers"),
        ('MAX(1,"~")', {}, "MAX with text"),
        ("SUBTOTAL(2,A1:A9)", {"A3": CellError.NUM}, "SUBTOTAL with an error"),
        ("QUOTIENT(A1,B1)", {"B1": 0.3}, "QUOTIENT with a fraction"),
        ("FV(0.01,9,-5,0,A1)", {"A1": 0.5}, "FV with a fraction"),
        ("RANK(A1,A1:A9,B1)", {"B1": CellError.NA}, "RANK with an error"),
        ("RANK(A1,A1:A9)", {"A1": CellError.DIV0}, "RANK with an error"),
    ],
)
def test_what_stands_in_cells_is_doubted(formula, cells, why):
    assert any(said.startswith(why) for said in judge(formula, **cells)), judge(
        formula, **cells
    )


@pytest.mark.parametrize(
    ("formula", "result", "cells", "why"),
    [
        ("A1-B1", 1e-17, {"A1": 0.3, "B1": 0.1}, "a difference that Excel takes for 0"),
        ("PV(A1,2,3)", CellError.NUM, {}, "the error #NUM!"),
        ("A1*B1", 1e300, {}, "a result beyond the limits or -0"),
    ],
)
def test_results_are_doubted(formula, result, cells, why):
    assert why in judge(formula, result=result, **cells)


@pytest.mark.parametrize(
    ("formula", "result", "cells"),
    [
        ("A1/B1", CellError.DIV0, {"B1": 0.0}),
        ("MATCH(77,A1:A9,0)", CellError.NA, {}),
        ("A1+1", CellError.VALUE, {"A1": "x"}),
        ("SUM(A1:A9)", CellError.NA, {"A1": CellError.NA}),
        ("A1-B1", 0.0, {}),
        ("IF(A1>2,B1,#N/A)", CellError.NA, {}),
        ("IF(A1>2,B1,#VALUE!)", CellError.VALUE, {}),
    ],
)
def test_errors_that_excel_gives_too_are_beyond_doubt(formula, result, cells):
    assert judge(formula, result=result, **cells) == []


#: Formula -> what formualizer, and LibreOffice, are not known to be right for, by its structure.
STRUCTURES: dict[str, tuple[list[str], list[str]]] = {
    "COUNTBLANK(A1:A9)": ([], []),
    "COUNTA(A1:A9)+COUNT(A1:A9)": ([], []),
    "AND(A1:A9)": ([], []),
    "OR(A1:A9,B1:B9)": ([], []),
    "XOR(A1:A9)": ([], []),
    "ISBLANK(A1:A9)": (["ISBLANK of several cells"], ["ISBLANK of several cells"]),
    "NOT(A1:A9)": (["NOT of several cells"], ["NOT of several cells"]),
    "IF(A1:A9>2,1,2)": (["> of several cells", "IF of several cells"],) * 2,
    "IF(A1>2,A1:A9,1)": (["several cells where one value is shown"],) * 2,
    "CHOOSE(1,A1:A9,B1)": (["CHOOSE of several cells"],) * 2,
    "ABS(CHOOSE(1,2,3))": ([], []),
    "ABS(IF(A1>2,A1:A9,1))": (["ABS of several cells"],) * 2,
    "SUM(IF(A1>2,A1:A9,1))": ([], []),
    "INDEX(A1:C9,2,2)": ([], []),
    "INDEX(A1:C9,0,2)": (["several cells where one value is shown"],) * 2,
    "INDEX(A1:C9,2,)": (["INDEX with an argument left out"],) * 2,
    "SUM(INDEX(A1:C9,0,2))": ([], []),
    "ABS(INDEX(A1:C9,2,2))": ([], []),
    "ROW(A1:A3)": (["several cells where one value is shown"],) * 2,
    "ROW(A1)": ([], []),
    "ROWS(A1:A3)": ([], []),
    "ABS(ROWS(A1:A3))": ([], []),
    "ABS(COLUMN(A1:C1))": (["ABS of several cells"],) * 2,
    "TRANSPOSE(A1:A9)": (["TRANSPOSE of several cells"],) * 2,
    "SUM(FILTER(A1:A9,B1))": (["FILTER"], ["FILTER"]),
    # In SUMPRODUCT LibreOffice computes arrays, and beyond its arguments it does not.
    "SUMPRODUCT(A1:A9*2)": (["* of several cells"], []),
    "SUMPRODUCT(ABS(-A1:A9))": (["u- of several cells", "ABS of several cells"], []),
    "SUMPRODUCT(IF(A1:A9>2,1,0))": (["> of several cells", "IF of several cells"], []),
    "SUM(A1:A9*2)": (["* of several cells"], ["* of several cells"]),
    "SUM(SUMPRODUCT(A1:A9*2),B1)": (["* of several cells"], []),
    "ZSCORE_WINSOR(A1:A9*2)": (["* of several cells"], []),
    "ZSCORE_WINSOR(A1:A9)+1": ([], []),
    "ZSCORE_WINSOR(NOSUCH(1))": (["NOSUCH"], ["NOSUCH"]),
    "SUM(TINV(A1:A9,1))": (["TINV"], ["TINV"]),
    "TINV(Other!A1,1)": (["TINV", "a reference that leads nowhere"],) * 2,
    "SUMPRODUCT(TINV(A1:A9*2,1))": (["TINV", "* of several cells"], ["TINV"]),
    "ROUND(A1,)": (["ROUND with an argument left out"],) * 2,
    "IF(A1>2,,)": ([], []),
    "AND(A1>2,)": ([], []),
    "RANK(A1,A1:A9,)": (["RANK with a blank cell"], ["RANK"]),
    "SUM(A1,)": (["SUM with an argument left out"],) * 2,
    "PERCENTILE(A1:A9,{0.5})": (
        ["a list of constants in a formula", "PERCENTILE of several cells"],
    )
    * 2,
    "ABS(TRUE)": (["ABS with a truth value"],) * 2,
    "-(+A1:A9)": (["u+ of several cells", "u- of several cells"],) * 2,
    "A1:A9%": (["% of several cells"],) * 2,
    "in_x+1": (["+ of several cells"],) * 2,
    "ISNUMBER(A1,B1)": ([], []),
    "ABS(A1,B1)": ([], []),
}


def test_the_structure_of_a_formula_is_judged_for_each_engine():
    found = {f: tuple(judge(f, engine) for engine in ENGINES) for f in STRUCTURES}
    assert found == STRUCTURES


@pytest.mark.parametrize(
    ("formula", "array", "spills", "formualizer", "libreoffice", "formulas"),
    [
        ("A1:A3*2", None, True, *[["a dynamic array that is stored as one cell"]] * 3),
        ("A1:A3", "E7", True, *[["a dynamic array that is stored as one cell"]] * 3),
        ("SUM(A1:A3)", "E7", True, [], [], []),
        ("A1:A3", "E7:E9", True, *[["a dynamic array"]] * 3),
        ("SUM(A1:A3)", "E7:E9", True, *[["a dynamic array"]] * 3),
        ("MMULT(A1:A3)", "E7:E9", True, ["MMULT"], ["MMULT"], ["a dynamic array"]),
        ("A1:A3", "E7:E9", False, ["an array formula over several cells"], [], []),
        ("A1:A3", "E7", False, ["an array formula over several cells"], [], []),
        ("A1+2", "E7:E9", False, ["an array formula over several cells"], [], []),
        ("A1+2", "E7", False, [], [], []),
        ("SUM(ABS(A1:A3))", "E7", False, ["ABS of several cells"], [], []),
        ("ZSCORE_WINSOR(A1:A9)", "E7:E9", False, [], [], []),
        (
            "ZSCORE_WINSOR(A1:A9)+1",
            "E7:E9",
            False,
            ["an array formula over several cells"],
            [],
            [],
        ),
        ("A1:A3", None, False, *[["several cells where one value is shown"]] * 2, []),
        ("SUM((A1:A3", None, False, *[["a formula that is not read"]] * 3),
    ],
)
def test_array_formulas_and_dynamic_arrays(
    formula, array, spills, formualizer, libreoffice, formulas
):
    said = {
        "formualizer": formualizer,
        "libreoffice": libreoffice,
        "formulas": formulas,
    }
    for engine, wanted in said.items():
        assert judge(formula, engine, array=array, spills=spills) == wanted, engine


def test_all_cells_of_an_array_formula_are_in_doubt_with_it():
    cells = {
        (1, 1): Cell(1.0),
        (2, 2): Cell(None, "A1:A2*2", array="B2:C3"),
        **{p: Cell(None, in_array=(2, 2)) for p in ((2, 3), (3, 2), (3, 3))},
        (9, 2): Cell(None, "[1]Other!A1+1"),
    }
    check = SupportCheck(ReadBook({"S": sheet_of("S", cells)}, {}), ())
    values = {"S": {(row, column): 1.0 for row in (2, 3) for column in (2, 3)}}
    area = {("S", (row, column)) for row in (2, 3) for column in (2, 3)}
    doubts = check.doubts("formualizer", values | {"S": values["S"] | {(9, 2): 1.0}})
    assert doubts.keys() == area | {("S", (9, 2))}
    assert check.find_linked_cells() == {("S", (9, 2))}
    assert check.find_cells_with({"*"}) == area
    assert check.find_cells_with({"/"}) == set()
    assert check.find_functions() == {"*", "+"}
    assert check.structural_refusals("formualizer") == [
        "* of several cells",
        "a reference to another workbook",
    ]
    torn = SupportCheck(
        ReadBook({"S": sheet_of("S", {(1, 1): Cell(None, "SUM((A2")})}, {}), ()
    )
    assert torn.find_cells_with({"SUM"}) == set()
    assert torn.find_cells_with({"SUM"}, unread=True) == {("S", (1, 1))}


LONG = "a number of more than 15 digits"
EXTREME = "a number beyond the limits or -0"
BESIDE = "beside a number that differs in its last digits"
RESIDUE = "a difference that Excel takes for 0"
EXPONENT = "a number with an exponent in a text"
NA = CellError.NA
NUM = CellError.NUM
VALUE = CellError.VALUE
DIV0 = CellError.DIV0
UNUSUAL = "with a criterion such as <>, * or an empty text"
NEAR = 0.1 + 0.2


#: Formula, what stands in cells, and what is in doubt for formualizer and for LibreOffice.
MEETINGS: list[tuple[str, dict[str, object], list[str], list[str]]] = [
    # What an operation gives, by its operands.
    ('"x"&(A1+B1)', {}, [], []),
    ('"x"&(A1-B1*C1)', {}, [], []),
    ('"x"&-A1', {}, [], []),
    ('"x"&(A1+B1)', {"A1": 0.5}, [f"& with {LONG}"], []),
    ('"x"&A1/B1', {}, [f"& with {LONG}"], []),
    ('"x"&SUM(A1:A9)', {}, [], []),
    ('"x"&SUM(A1:A9)', {"A1": 0.5}, [f"& with {LONG}"], []),
    ('"x"&AVERAGE(A1:A9)', {}, [f"& with {LONG}"], []),
    ('"x"&COUNT(A1:A9)', {}, [], []),
    ('"x"&ROUND(A1/3,2)', {}, [], []),
    ('"x"&IF(A1>2,B1,C1)', {"B1": None}, [], []),
    ('"x"&IF(A1>2,B1,C1)', {"C1": 1 / 3}, [f"& with {LONG}"], []),
    ('"x"&IFERROR(A1,B1)', {"A1": 1 / 3}, [f"& with {LONG}"], []),
    ('"x"&(A1>2)', {}, ["& with a truth value"] * 1, ["& with a truth value"]),
    ('"x"&ISNUMBER(A1)', {}, ["& with a truth value"], ["& with a truth value"]),
    ("ABS(ISNUMBER(A1))", {}, ["ABS with a truth value"], ["ABS with a truth value"]),
    ('ABS(LEFT("5",1))', {}, ["ABS with an empty text"], ["ABS with an empty text"]),
    ("ABS(MAX(A1:A9))", {"A1": "x"}, ["ABS with text"], ["ABS with text"]),
    ("ABS(-A1)", {"A1": True}, [], ["u- with a truth value in a cell"]),
    # LibreOffice has TRUE for the number 1: 2>FALSE is true there, and ISNUMBER(TRUE).
    ("A1>FALSE", {}, [], ["> with a truth value"]),
    ("TRUE=A1", {}, [], ["= with a truth value"]),
    ("ISNUMBER(TRUE)", {}, [], ["ISNUMBER with a truth value"]),
    ("IF(A1>2,TRUE,FALSE)", {}, [], []),
    ("AND(TRUE,A1>2)", {}, [], []),
    # formualizer takes 2.0000000000001 for 2.
    (
        'SWITCH(A1,2.0000000000001,"x","y")',
        {"A1": 2.0},
        *[["SWITCH with a fraction"]] * 2,
    ),
    # Arguments.
    ("SUM(A1:A9)", {"A3": "5"}, *[["SUM with text that reads as a number"]] * 2),
    ("SUM(A1:A9)", {"A3": "x", "A4": "", "A5": None}, [], []),
    (
        "SUM(A1:A9)",
        {"A3": True, "A4": "12%"},
        ["SUM with a truth value"],
        ["SUM with a truth value", "SUM with a truth value in a cell"],
    ),
    ('SUM("x",A1)', {}, ["SUM with text"], ["SUM with text"]),
    ("SUM(TRUE,A1)", {}, ["SUM with a truth value"], ["SUM with a truth value"]),
    ("SUM(1/3,A1)", {}, [], []),
    ("ROUND(A1,15)", {}, [], []),
    ("ROUND(A1,-15)", {}, [], []),
    ("ROUND(A1,16)", {}, *[["ROUND to more than 15 digits"]] * 2),
    ("ROUND(A1,-16)", {}, *[["ROUND to more than 15 digits"]] * 2),
    ("ROUND(A1,0.5)", {}, *[["ROUND with a fraction"]] * 2),
    ("INT(A1)", {"A1": 3 - 2**-51}, ["INT of a number that is nearly whole"], ["INT"]),
    ("INT(A1)", {"A1": 2.5}, [], ["INT"]),
    ('"x"&A1', {"A1": 1e-4}, [], []),
    ('"x"&A1', {"A1": 0.0}, [], []),
    ('"x"&A1', {"A1": 9e-5}, *[[f"& with {LONG}"]] * 2),
    ('"x"&A1', {"A1": -1 / 30_000}, *[[f"& with {LONG}"]] * 2),
    ("SKEW(A1:A2)", {"A1": "x", "A2": None}, *[["SKEW of no numbers"]] * 2),
    ("SKEW(A1:A2)", {"A1": "x", "A2": 1e300}, *[[f"SKEW with {EXTREME}"]] * 2),
    ("SUM(A1:A2)", {"A1": "x", "A2": None}, [], []),
    ("SUMIF(A1:A9,3,B1:B9)", {"B2": CellError.NA}, *[["SUMIF with an error"]] * 2),
    ("SUM(A1:A9)", {"A2": CellError.NA}, [], []),
    ("-A1", {"A1": "5"}, [], []),
    ("-A1", {"A1": 1e300}, [f"u- with {EXTREME}"], [f"u- with {EXTREME}"]),
    # Powers.
    ("A1^B1", {"A1": 0.0, "B1": 0.0}, *[["^ of 0 and 0"]] * 2),
    ("(A1-1)^(B1-2)", {}, [], []),
    ("A1^0.5", {}, [], []),
    ("A1^0.5", {"A1": -4.0}, [], ["^ of a negative number and a fraction"]),
    ("(-A1)^B1", {"B1": 0.5}, [], ["^ of a negative number and a fraction"]),
    ("(A1-B1)^0.5", {}, [], ["^ of a negative number and a fraction"]),
    ("(A1+B1)^0.5", {}, [], []),
    ("A1^3", {"A1": -4.0}, [], []),
    ("A1^0.5", {"A1": 0.0}, [], []),
    ("YEAR(IF(A1>2,B1,C1))", {"B1": 45_000.0, "C1": 45_000.0}, [], []),
    (
        "YEAR(IF(A1>2,B1,C1))",
        {"B1": None, "C1": 45_000.0},
        *[["YEAR with a number that is not a day from March 1900"]] * 2,
    ),
    # Comparisons.
    ('A1="b"', {"A1": "a"}, [], []),
    ('A1<>"b"', {"A1": "a"}, [], []),
    ('A1>="b"', {"A1": "a"}, *[["the order of texts"]] * 2),
    ('A1>="b"', {"A1": ""}, [], []),
    ('A1>="b"', {"A1": 4.0}, [], []),
    ('A1>""', {"A1": "a"}, [], []),
    ("A1>B1", {"A1": 1e300}, ["a comparison of numbers beyond the limits"], []),
    ("A1=B1", {"A1": 0.3, "B1": 0.3}, [], []),
    ("A1=B1", {"A1": 0.3, "B1": "x"}, [], []),
    (
        "A1=B1",
        {"A1": 0.3, "B1": NEAR},
        ["a comparison of numbers that differ in their last digits"],
        [],
    ),
    ("ROUND(A1/3,2)>B1", {}, [], []),
    ("A1/3>B1", {}, ["a comparison of computed numbers"], []),
    ("B1<A1/3", {}, ["a comparison of computed numbers"], []),
    ('A1/3>"x"', {}, [], []),
    ("IF(A1>0,A1/3,2)>B1", {}, [], []),
    ("A1+B1>C1", {}, [], []),
    # Ranges of one size.
    ("SUMPRODUCT(A1:A9,B1:B8)", {}, *[["SUMPRODUCT with ranges of unequal sizes"]] * 2),
    ("SUMIF(A1:A9,3,B1:B8)", {}, *[["SUMIF with ranges of unequal sizes"]] * 2),
    (
        "SUMIFS(A1:A9,B1:B9,3,C1:C8,1)",
        {},
        *[["SUMIFS with ranges of unequal sizes"]] * 2,
    ),
    ("SUMIFS(A1:A9,B1:B9,3,C1:C9,1)", {}, [], []),
    ("CORREL(A1:A9,B1:B9)", {}, [], []),
    # Criteria.
    ('COUNTIF(A1:A9,">=3")', {}, [], []),
    ('COUNTIF(A1:A9,"=3")', {}, [], []),
    ('COUNTIF(A1:A9,"=x")', {}, [], []),
    ('COUNTIF(A1:A9,"x")', {}, [], []),
    ('COUNTIF(A1:A9,">x")', {}, *[[f"COUNTIF {UNUSUAL}"]] * 2),
    ('COUNTIF(A1:A9,"<x")', {}, *[[f"COUNTIF {UNUSUAL}"]] * 2),
    ('COUNTIF(A1:A9,"<=x")', {}, *[[f"COUNTIF {UNUSUAL}"]] * 2),
    ('COUNTIF(A1:A9,"x?")', {}, *[[f"COUNTIF {UNUSUAL}"]] * 2),
    ('COUNTIF(A1:A9,"<>3")', {}, *[[f"COUNTIF {UNUSUAL}"]] * 2),
    ('COUNTIF(A1:A9,">"&B1)', {}, [], []),
    ('COUNTIF(A1:A9,"="&B1)', {}, [], []),
    ('COUNTIF(A1:A9,"<>"&B1)', {}, *[[f"COUNTIF {UNUSUAL}"]] * 2),
    ('COUNTIF(A1:A9,">"&B1)', {"B1": "x"}, *[[f"COUNTIF {UNUSUAL}"]] * 2),
    ('COUNTIF(A1:A9,"n"&B1)', {}, *[[f"COUNTIF {UNUSUAL}"]] * 2),
    ("COUNTIF(A1:A9,B1+1)", {}, [], []),
    ("COUNTIF(A1:A9,ROUND(B1/3,2))", {}, [], []),
    ('COUNTIF(A1:A9,">0.3")', {"A2": NEAR}, *[[f"COUNTIF {BESIDE}"]] * 2),
    ("COUNTIFS(B1:B9,1,A1:A9,0.3)", {"A2": NEAR}, *[[f"COUNTIFS {BESIDE}"]] * 2),
    ('COUNTIF(A1:A9,"="&B1)', {"A2": NEAR, "B1": 0.3}, *[[f"COUNTIF {BESIDE}"]] * 2),
    ("SUMIF(A1:A9,3,B1:B9)", {"A3": "x", "A4": "", "A5": None}, [], []),
    # Searches.
    ("MATCH(3,A1:A9,0)", {"A2": NEAR}, [], []),
    ("MATCH(3,A1:A9,FALSE)", {"A2": 9.0}, [], []),
    ("MATCH(B1,A1:A9,0)", {"A2": NEAR, "B1": 0.3}, *[[f"MATCH {BESIDE}"]] * 2),
    ("MATCH(3,A1:A9,1)", {"A2": 9.0}, *[["MATCH in values that are not in order"]] * 2),
    ("MATCH(3,A1:A9,-1)", {}, *[["MATCH in values that are not in order"]] * 2),
    ("MATCH(3,A1:A9,B1)", {}, *[["MATCH in values that are not in order"]] * 2),
    ("MATCH(3,A1:A9,TRUE)", {}, [], []),
    ("MATCH(3,A1:A9)", {}, [], []),
    ("MATCH(3,A1:D1)", {}, [], []),
    ("MATCH(0.5,A1:A9)", {}, [], []),
    ("MATCH(3,A1:D1)", {"C1": 1.5}, *[["MATCH in values that are not in order"]] * 2),
    (
        "MATCH(A1/3,A1:A9)",
        {},
        *[
            [
                "MATCH with a number of more than 15 digits",
                "MATCH of what is not a plain number",
            ]
        ]
        * 2,
    ),
    ("MATCH(A1,B1:B9)", {"A1": "x"}, *[["MATCH of what is not a plain number"]] * 2),
    (
        "MATCH(3,INDEX(A1:C9,0,2),0)",
        {},
        *[["MATCH in something other than a range"]] * 2,
    ),
    ('MATCH("a?",A1:A9,0)', {}, *[["MATCH with a wildcard"]] * 2),
    (
        "MATCH(LEFT(B1,1),A1:A9,0)",
        {"B1": "ab"},
        *[["MATCH with an empty text", "MATCH with a wildcard"]] * 2,
    ),
    ("VLOOKUP(3,A1:C9,2)", {}, [], []),
    ("VLOOKUP(3,A1:C9,2)", {"C1": 99.0}, [], []),
    (
        "VLOOKUP(3,A1:C9,2)",
        {"A2": 99.0},
        *[["VLOOKUP in values that are not in order"]] * 2,
    ),
    ("HLOOKUP(3,A1:C9,2)", {"A2": -9.0}, [], []),
    (
        "HLOOKUP(3,A1:C9,2)",
        {"B1": -9.0},
        *[["HLOOKUP in values that are not in order"]] * 2,
    ),
    ("HLOOKUP(3,A1:C9,2,FALSE)", {"B1": -9.0}, [], []),
    ("VLOOKUP(0.3,A1:C9,2,FALSE)", {"A2": NEAR}, *[[f"VLOOKUP {BESIDE}"]] * 2),
    ("VLOOKUP(0.3,A1:C9,2,FALSE)", {"B2": NEAR}, [], []),
    ("LOOKUP(3,A1:A9,B1:B9)", {}, [], []),
    ("RANK(A1,A1:A9)", {}, [], ["RANK"]),
    (
        "LOOKUP(3,A1:A9,B1:B9)",
        {"A2": 99.0},
        *[["LOOKUP in values that are not in order"]] * 2,
    ),
    ("RANK(A1,A1:A9)", {"A1": 0.3, "A2": NEAR}, [f"RANK {BESIDE}"], ["RANK"]),
    ("RANK(0.3,A1:A9)", {"A2": NEAR}, [f"RANK {BESIDE}"], ["RANK"]),
]


def test_the_values_that_a_formula_meets_are_judged_for_each_engine():
    found = [
        (formula, cells, *(judge(formula, engine, **cells) for engine in ENGINES))
        for formula, cells, *_ in MEETINGS
    ]
    assert found == MEETINGS


#: Formula, its result, what stands in cells, and what is in doubt about the result.
RESULTS: list[tuple[str, object, dict[str, object], list[str]]] = [
    # A sum or difference as the last step, beside the largest number that the formula reads.
    ("A1-B1", 9e-14, {"B1": 1.0}, [RESIDUE]),
    ("A1-B1", 1.1e-13, {"B1": -1.0}, []),
    ("A1-B1", 1.9e-13, {"B1": 2.0}, [RESIDUE]),
    ("A1-B1", -1.9e-13, {"A1": -2.0}, [RESIDUE]),
    ("A1-B1", 2.1e-13, {"B1": 2.0}, []),
    ("A1-B1", 0.0, {"B1": 2.0}, []),
    ("A1-100", 9e-12, {}, [RESIDUE]),
    ("A1+A2-SUM(B1:B9)", 9e-13, {"B5": -10.0}, [RESIDUE]),
    ("A1*B1", 1e-16, {"A1": 1.0}, []),
    ("(A1-B1)*C1", 1e-16, {"A1": 1.0}, []),
    ("A1-B1", "x", {}, []),
    ("SUM(A1:A9)", 1e-16, {}, []),
    # A number beyond the limits, and one written with an exponent.
    ("A1*B1", -0.0, {}, ["a result beyond the limits or -0"]),
    ("ZSCORE_WINSOR(A1:A9)", -0.0, {}, []),
    ('"x"&A1', "x1.5E-07", {}, [EXPONENT]),
    ('"x"&A1', "x1.5E+21", {}, [EXPONENT]),
    ('"x"&A1', "xE-07", {}, []),
    ("CONCATENATE(A1,B1)", "1E-07", {}, [EXPONENT]),
    ('"x"&A1', 1.5, {}, []),
    ('LEFT("1E-07",5)', "1E-07", {}, []),
    # Errors that the values read, or the functions called, explain.
    ("A1+B1", NA, {"B1": NA}, []),
    ("A1+B1", NA, {}, ["the error #N/A"]),
    ("A1+B1", NUM, {"B1": NA}, []),
    ("A1+B1", VALUE, {"B1": "x"}, []),
    ("A1+B1", VALUE, {}, ["the error #VALUE!"]),
    ("SQRT(A1)", NUM, {}, ["the error #NUM!"]),
    ("A1/B1", DIV0, {"B1": 0.0}, []),
    ("A1*B1", DIV0, {}, ["the error #DIV/0!"]),
    ("AVERAGE(A1:A9)", DIV0, {}, []),
    ("MATCH(77,A1:A9,0)", NA, {}, []),
    ("VLOOKUP(77,A1:B9,2,FALSE)", NA, {}, []),
    ("IF(A1>0,#NUM!,1)", NUM, {}, []),
    ("IF(A1>0,#NUM!,1)", DIV0, {}, ["the error #DIV/0!"]),
]


def test_results_are_judged_by_what_a_formula_reads():
    found = [
        (f, result, cells, judge(f, ENGINES[0], result, **cells))
        for f, result, cells, _ in RESULTS
    ]
    assert found == RESULTS
    for formula, result, cells, doubts in RESULTS:
        said = judge(formula, "libreoffice", result, **cells)
        assert said == [why for why in doubts if why != RESIDUE], formula


def test_of_copies_those_with_an_unexpected_error_are_in_doubt():
    cells = {(row, 1): Cell(CellError.NA if row == 2 else 1.0) for row in range(1, 6)}
    cells |= {(row, 2): Cell(None, f"A{row}+1") for row in range(1, 6)}
    values = {"S": {(1, 2): NA, (2, 2): NA, (3, 2): 2.0, (4, 2): NUM, (5, 2): 2.0}}
    found = SupportCheck(ReadBook({"S": sheet_of("S", cells)}, {}), ()).doubts(
        "formualizer", values
    )
    assert found == {
        ("S", (1, 2)): ("the error #N/A",),
        ("S", (4, 2)): ("the error #NUM!",),
    }


def test_a_word_in_a_cell_is_a_plain_criterion():
    assert judge("COUNTIF(A1:A9,B1)", B1="north") == []
    assert judge("COUNTIF(A1:A9,B1)", B1=">2") == []


def test_functions_are_named_by_the_cells_that_use_them():
    cells = {
        (1, 1): Cell(1.0),
        (1, 2): Cell(None, "SUM(A1:A2)+1"),
        (2, 2): Cell(None, "ABS(A1)"),
    }
    check = SupportCheck(ReadBook({"S": sheet_of("S", cells)}, {}), set())
    assert check.find_functions_of([("S", (1, 1)), ("S", (1, 2))]) == {"SUM", "+"}


def test_libreoffice_has_a_column_of_its_own():
    assert judge("SUMPRODUCT(ABS(A1:A9))", "libreoffice") == []
    assert judge("DAYS(A1,B1)", "libreoffice") == []
    assert judge('"x"&A1', "libreoffice", A1=1 / 3) == []
    assert judge("COUNT(A1:A9)", "libreoffice", A1=True) != []
    assert judge("INT(A1)", "libreoffice") == ["INT"]


def test_array_formulas():
    assert judge("A1:A3*2", array="E7:E9") == ["* of several cells"]
    assert judge("SUM(A1:A3)", array="E7:E9") == ["an array formula over several cells"]
    assert judge("A1:A3*2", "libreoffice", array="E7:E9") == []
    assert judge("ZSCORE_WINSOR(A1:A9)", array="E7:E9") == []


def test_a_power_of_0_and_0():
    for engine in ("formualizer", "libreoffice"):
        assert judge("A1^B1", engine, A1=0.0, B1=0.0) == ["^ of 0 and 0"]
        assert judge("A1^2", engine, A1=0.0) == judge("A1^0", engine, A1=3.0) == []


def test_libreoffice_takes_roots_of_negative_numbers():
    why = ["POWER of a negative number and a fraction"]
    assert judge("POWER(A1,B1)", "libreoffice", A1=-9.0, B1=0.5) == why
    assert judge("POWER(A1-3,B1)", "libreoffice", A1=1.0, B1=0.5) == why
    assert judge("POWER(A1,B1)", "libreoffice", A1=9.0, B1=0.5) == []
    assert judge("POWER(A1,B1)", "libreoffice", A1=0.25, B1=0.5) == []
    assert judge("POWER(A1,B1)", "libreoffice", A1=-9.0, B1=3.0) == []


def test_our_own_engine_refuses_by_itself():
    assert judge("NOSUCH(1)", "compiled") == []


def test_of_the_reference_engine_only_what_nobody_knows_is_in_doubt():
    assert judge("A1+1", "formulas") == judge("A1+1", "formulas", A1="1,5") == []
    assert judge("SUM({1,2})&TEXT(A1,0)", "formulas", A1=1 / 3) == []
    assert judge("NOSUCH(1)+SUM(nowhere)", "formulas") == ["NOSUCH", "the name NOWHERE"]
    assert judge("[1]S!A1+1", "formulas") == ["a reference to another workbook"]


def test_of_a_block_only_the_cells_that_meet_something_are_in_doubt():
    cells = {(row, 1): Cell(float(row)) for row in range(1, 1001)}
    cells |= {(row, 2): Cell(None, f"ABS(A{row})") for row in range(1, 1001)}
    cells[500, 1] = Cell("x")
    book = ReadBook({"S": sheet_of("S", cells)})
    values = {"S": {(row, 2): float(row) for row in range(1, 1001)}}
    assert SupportCheck(book, ()).doubts("formualizer", values) == {
        ("S", (500, 2)): ("ABS with text",)
    }


def test_a_row_of_cells_is_several_cells_too():
    for area in ("A1:A3", "A1:C1"):
        assert judge(f"{area}*2", array="E7:E9") == ["* of several cells"]


def test_a_formula_without_numbers_has_no_measure_for_a_small_difference():
    assert judge("SIN(PI())+SIN(PI())", result=2.4e-16) == judge(
        "SIN(PI())+SIN(PI())", result=1.0
    )


def test_every_broken_name_in_use_is_refused_with_the_first_cell_that_uses_it():
    names = {"torn": "S!(", "Lost": "Gone!$A$1", "unused": '"abc', "rate": "0.05"}
    texts = "rate+1", 'SUM(TORN)&"lost"', "torn", "my.lost+lost"
    cells = {(row, 1): Cell(None, text) for row, text in enumerate(texts, 1)}
    with pytest.raises(WorkbookError) as caught:
        refuse_broken_names(ReadBook({"S": sheet_of("S", cells)}, names))
    assert [(p.code, p.message, p.where.cell) for p in caught.value.problems] == [
        ("XC411", "the name torn cannot be computed: it says 'S!('.", "A2"),
        ("XC411", "the name Lost cannot be computed: it says 'Gone!$A$1'.", "A4"),
    ]
    refuse_broken_names(
        ReadBook({"S": sheet_of("S", {(1, 1): Cell(None, "rate+1")})}, names)
    )


@pytest.mark.parametrize(
    ("text", "is_broken"),
    [
        ("S!$A$1", False),
        ("$A$1+1", False),
        ("s!$A$1", False),
        ("[1]Gone!$A$1", False),
        ("'S:T'!$A$1", False),
        ("Gone!$A$1", True),
        ("1+Gone!$A$1", True),
        ("SUM(S!$A$1", True),
        ('"a', True),
        ('"a("', False),
        ("'S!$A$1", True),
        ("'S'!$A$1", False),
        ("0.05", False),
    ],
)
def test_a_name_is_broken_that_is_no_formula_or_leads_to_a_lost_sheet(text, is_broken):
    book = ReadBook(
        {"S": sheet_of("S", {(1, 1): Cell(None, "NAMED+1")})}, {"named": text}
    )
    if is_broken:
        with pytest.raises(WorkbookError, match="the name named cannot be computed"):
            refuse_broken_names(book)
    else:
        refuse_broken_names(book)


def test_a_template_whose_names_lead_nowhere_is_refused():
    book = ReadBook({"S": sheet_of("S", {})}, dict.fromkeys(CONTRACT_NAMES, "#REF!"))
    assert is_template(book.names)
    with pytest.raises(
        WorkbookError, match="the names of this template lead nowhere: xl_report"
    ):
        refuse_broken_names(book)
    refuse_broken_names(
        ReadBook(book.sheets, {**book.names, "xl_framework": "S!$A$1:$B$9"})
    )


def test_a_template_has_four_names_in_any_capitals():
    assert is_template([*map(str.upper, CONTRACT_NAMES), "other"])
    assert not is_template(CONTRACT_NAMES[1:])


def test_the_digest_of_formulas_tells_apart_whatever_decides_their_values():
    cells = {(1, 1): Cell(1.0), (1, 2): Cell(None, "A1+1")}

    def digest(changed=None, names=NAMES, library=("F",), use="u"):
        sheet = sheet_of("S", {**cells, **(changed or {})})
        return formulas_digest(ReadBook({"S": sheet}, names), library, use)

    assert digest() == digest({(1, 1): Cell(1.0)}) is not None
    others = [
        digest({(1, 2): Cell(None, "A1+2")}),
        digest(names={}),
        digest(library=("G",)),
        digest(use="v"),
        digest({(1, 2): Cell(None, "A1+1", array="B1:B2")}),
    ]
    assert len({digest(), *others}) == 6


def test_cells_of_dynamic_arrays_are_found():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        for name in ("S", "T"):
            sheet = workbook.add_worksheet(name)
            sheet.write_array_formula("B2", "{=SUM(A1:A3)}")
            sheet.write_formula("C2", "=A1")
            if name == "T":
                sheet.write_dynamic_array_formula("B9", "=A1:A3*2")
    package = Package.from_bytes(out.getvalue())
    assert find_spilling_cells(package, read_book(package)) == {
        "T": frozenset({(9, 2)})
    }


@pytest.mark.parametrize(
    ("sheet", "book", "said"),
    [
        ('<f t="dataTable" ref="A1:A2" dt2D="0">', "", ["a what-if data table"]),
        ("<v>dataTable</v>", "", []),
        ('<x:f ref="A1" t="dataTable"/>', "", ["a what-if data table"]),
        (
            '<row r="1" hidden="1"/><f>SUBTOTAL(9,A1:A9)</f>',
            "",
            ["SUBTOTAL over hidden rows"],
        ),
        ('<row r="1" hidden="0"/><f>SUBTOTAL(9,A1:A9)</f>', "", []),
        ('<row r="1"/><col hidden="1"/><f>SUBTOTAL(9,A1:A9)</f>', "", []),
        ('<row r="1" hidden="true"/><f>SUM(A1:A9)</f>', "", []),
        (
            "<row r='1' hidden='true'/><f>aggregate(9,5,A1:A9)</f>",
            "",
            ["SUBTOTAL over hidden rows"],
        ),
        ("", '<calcPr calcId="1" fullPrecision="0"/>', ["precision as displayed"]),
        ("", '<calcPr calcId="1" fullPrecision="1"/>', []),
        ("", "<v>fullPrecision</v>", []),
        ('<f t="array" ref="A1:A2">', "", []),
        ('<f t="table" ref="A1:A2">', "", ["a formula of an unknown kind"]),
        ('<f t="shared" si="0">', "", []),
        ('<f t="array">', "", ["a formula of an unknown kind"]),
        ('<x:f t="table" ref="A1">', "", ["a formula of an unknown kind"]),
        ('<x:f t="array" ref="A1">', "", []),
        (
            '<f t="dataTable" ref="A1"/><f t="new">',
            "",
            ["a formula of an unknown kind", "a what-if data table"],
        ),
    ],
)
def test_parts_that_no_engine_takes_into_account(sheet, book, said):
    parts = {
        "xl/worksheets/sheet1.xml": sheet.encode(),
        "xl/workbook.xml": book.encode(),
        "xl/comments1.xml": b'<f t="dataTable" ref="A1">',
    }
    package = SimpleNamespace(parts=parts, workbook_part="xl/workbook.xml")
    no_cells = CellTable([], [], [], [], {}, {}, 0)
    tab = Sheet("S", "xl/worksheets/sheet1.xml", "visible", no_cells)
    found = find_ignored_features(package, ReadBook({"S": tab}, {}, {}, "b.xlsx"))
    assert sorted(map(Message, found)) == said


def test_rows_may_be_hidden_on_another_sheet_than_subtotal_stands():
    sheets = {name: sheet_of(name, {(1, 1): Cell(1.0)}, part=name) for name in "AB"}
    xml = b'<row r="1" hidden="1"/>', b"<f>SUBTOTAL(9,A!A1:A9)</f>"
    parts = {s.part: x for s, x in zip(sheets.values(), xml, strict=True)} | {"w": b""}
    package = SimpleNamespace(parts=parts, workbook_part="w")
    assert find_ignored_features(package, ReadBook(sheets)) == ["doubt.hidden_rows"]


def test_other_cells_of_a_sheet_cost_nothing_for_each_formula():
    def seconds(rows_elsewhere: int) -> float:
        lookups = {
            (r, 1): Cell(1.0, f"MATCH(B{r},B$1:B$300,0)+{r}") for r in range(1, 301)
        }
        sought = {(r, 2): Cell(float(r)) for r in range(1, 301)}
        elsewhere = {(r, 9): Cell(0.5) for r in range(1, rows_elsewhere)}
        check = SupportCheck(
            ReadBook({"S": sheet_of("S", lookups | sought | elsewhere)}, {}), ()
        )
        start = time.process_time()
        assert check.doubts("libreoffice", {"S": dict.fromkeys(lookups, 1.0)}) == {}
        return time.process_time() - start

    # Passing all cells for each formula takes 100 times as long.
    assert seconds(60_000) < 10 * seconds(1) + 0.2


@pytest.mark.parametrize(
    "formula",
    ["COUNTIF(B$1:B{0},B{0})", "SUM(B$1:B{0})-B{0}", "VLOOKUP(B{0},I$1:I$2000,1)"],
)
def test_ranges_that_grow_or_are_searched_by_each_copy_are_read_once(
    formula, monkeypatch
):
    rows = range(1, 201)
    reads = []
    cells = {(r, 1): Cell(1.0, formula.format(r)) for r in rows}
    cells |= {(r, 2): Cell(float(r) + 0.5 if r % 3 else "n/a") for r in rows}
    cells |= {(r, 9): Cell(float(r)) for r in range(1, 2001)} | {
        (3, 2): Cell(1.5 + 2**-52)
    }
    value = Contents.value
    monkeypatch.setattr(
        Contents, "value", lambda *cell: reads.append(cell) or value(*cell)
    )
    check = SupportCheck(ReadBook({"S": sheet_of("S", cells)}, {}), ())
    results = dict.fromkeys([(r, 1) for r in rows], 1.0) | {(9, 1): 1e-16}
    assert check.doubts("formualizer", {"S": results})
    assert len(reads) < 10_000  # 20,000 or more if each copy reads its range


def test_numbers_near_others_are_found_wherever_they_stand():
    rng = random.Random(1)
    found = []
    for _ in range(300):
        numbers = [
            rng.choice((-1, 1)) * rng.randint(0, 6) / 10
            for _ in range(rng.randint(0, 3))
        ]
        others = [rng.randint(-6, 6) / 10 for _ in range(rng.randint(0, 6))]
        others = [x * (1 + rng.choice((0, 2**-52, -(2**-52)))) for x in others]
        is_near = any(differ_in_last_digits_only(a, b) for a in numbers for b in others)
        found.append(is_near)
        assert _has_near_pair(numbers, sorted(others)) is is_near, (numbers, others)
    assert 30 < sum(found) < 270


@pytest.mark.parametrize(
    ("owner", "text", "doubts"),
    [
        ("S", "0.05", {}),
        ("S", "S!$A$1", {}),
        ("T", "0.05", {("S", (7, 5)): ("the name RATE",)}),
        ("", "0.05", {}),
        ("", '"x"', {}),
        ("S", "1+Nowhere!A1", {("S", (7, 5)): ("the name RATE",)}),
    ],
)
def test_a_name_of_a_sheet_is_known_there_alone(owner, text, doubts):
    cells = {(7, 5): Cell(None, "SUM(A1,RATE)"), (1, 1): Cell(1.0)}
    sheets = {"S": sheet_of("S", cells), "T": sheet_of("T", {})}
    names = {} if owner else {"rate": text}
    book = ReadBook(sheets, names, {(owner, "Rate"): text} if owner else {})
    assert SupportCheck(book, ()).doubts("formualizer", {"S": {(7, 5): 1.0}}) == doubts
