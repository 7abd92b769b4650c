import random
import time
from types import SimpleNamespace

import pytest

from tests.helpers.sheets import sheet_of
from xlcity.errors import CellError, WorkbookError
from xlcity.recalc.support.contents import differ_in_last_digits_only
from xlcity.recalc.support.formula_rules import (
    DOUBTED_LETTERS,
    ENGINES,
    _has_near_pair,
    function_table,
)
from xlcity.recalc.support.support_check import (
    SupportCheck,
    find_ignored_features,
    refuse_broken_names,
)
from xlcity.xlsx.cells import Cell, ReadBook, Sheet
from xlcity.xlsx.table import CellTable

NAMES = {"in_x": "S!$A$1:$A$9", "par_x": "S!$A$1", "rate": "0.05", "list": "{1,2}"}


def judge(
    formula: str,
    engine: str = "formualizer",
    result: object = 1.0,
    array: str | None = None,
    **cells: object,
) -> list[str]:
    """Return what is in doubt about a formula in E7, beside whole numbers in A1:D9."""
    sheet = sheet_of(
        "S",
        {
            (7, 5): Cell(None, formula, array=array),
            **{(r, c): Cell(float(r * c)) for r in range(1, 10) for c in range(1, 5)},
            **{(int(name[1]), ord(name[0]) - 64): Cell(value) for name, value in cells.items()},
        },
    )
    book = ReadBook({"S": sheet}, NAMES)
    doubts = SupportCheck(book, {"ZSCORE_WINSOR"}).doubts(engine, {"S": {(7, 5): result}})
    return [*doubts.get(("S", (7, 5)), ())]


def test_the_table_has_known_kinds_and_engines():
    for name, line in function_table().items():
        assert set(line.arguments + line.further) <= {*DOUBTED_LETTERS, *"vR"}, name
        assert line.result in "nslgAR", name
        assert line.engines <= {*ENGINES}, name


@pytest.mark.parametrize(
    "formula",
    ["A1+B2*2", "SUM(A1:A9)/COUNT(B1:B9)", "SUMPRODUCT(A1:A9,B1:B9)", "IF(A1>2,B1,C1)",
     "(A1-MIN(A$1:A$9))/(MAX(A$1:A$9)-MIN(A$1:A$9))*100", "INDEX(A1:C9,MATCH(B1,A1:A9,0),2)",
     'COUNTIF(A1:A9,">2")', 'SUMIF(A1:A9,3,B1:B9)', "ROUND(A1/B1,2)", "RANK(A1,A1:A9)",
     "VLOOKUP(A1,A1:C9,2,FALSE)", "MATCH(3,A1:A9)", "ZSCORE_WINSOR(A1:A9)", "ROUND(par_x,2)",
     "A1*rate", "SUM(in_x)", '"MMULT(a)"&A1', 'LEFT("abc",2)', "STDEV.P(A1:A9)",
     "IF(A1>2,B1,#N/A)", "IF(A1>2,,B1)"],
)  # fmt: skip
def test_everyday_formulas_are_beyond_doubt(formula):
    assert judge(formula) == []


@pytest.mark.parametrize(
    ("formula", "why"),
    [
        ("SUM(MMULT(A1:B2,C1:D2))", "MMULT"), ("NOSUCH(1)+OFFSET(A1,1,0)", "NOSUCH"),
        ("SUMPRODUCT(ABS(A1:A9))", "ABS of several cells"),
        ("SUMPRODUCT((A1:A9>2)*1)", "> of several cells"), ("ABS(A1:A9)", "ABS of several cells"),
        ('SUM(COUNTIF(A1:A9,{"a","b"}))', "a list of constants in a formula"),
        ("[1]Other!A1+1", "a reference to another workbook"),
        ("Other!A1+1", "a reference that leads nowhere"), ("nowhere+1", "the name NOWHERE"),
        ("list+1", "the name LIST"), ("A1:A9", "several cells where one value is shown"),
        ("SUM(B1:INDEX(B1:B9,2))", "a range between two references"),
        ("SUM((A1:A2,B1:B2))", "UNION"), ("SUM(A1:A9 B1:B9)", "a formula that is not read"),
        ("ROUND(A1,)", "ROUND with an argument left out"),
        ("ABS(INDEX(A1:C9,0,2))", "ABS of several cells"),
        ("ABS(INDEX(A1:C9,2,))", "ABS of several cells"),
    ],
)  # fmt: skip
def test_the_structure_of_a_formula_is_doubted(formula, why):
    assert why in judge(formula)


@pytest.mark.parametrize(
    ("formula", "cells", "why"),
    [
        ("A1+1", {"A1": "1,5"}, "+ with text that a region may read as a number or a date"),
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
        ('COUNTIF(A1:A9,">"&B1)', {"A2": 0.1 + 0.2, "B1": 0.3}, "COUNTIF beside a number"),
        ("A1=B1", {"A1": 0.3, "B1": 0.1 + 0.2}, "a comparison of numbers that differ"),
        ("A1/3>B1", {}, "a comparison of computed numbers"),
        ('A1<"b"', {"A1": "a"}, "the order of texts"),
        ("YEAR(A1)", {"A1": 60.0}, "YEAR with a number that is no day from March 1900"),
        ("ROUND(A1,B1)", {"B1": 2.5}, "ROUND with a fraction"),
        ("LEFT(A1,B1)", {"A1": "abc", "B1": 2.7}, "LEFT with a fraction"),
        ("DEVSQ(A1:A2)", {"A1": None, "A2": "x"}, "DEVSQ of no numbers"),
        ("MAX(1,\"~\")", {}, "MAX with text"),
        ("SUBTOTAL(2,A1:A9)", {"A3": CellError.NUM}, "SUBTOTAL with an error"),
        ("QUOTIENT(A1,B1)", {"B1": 0.3}, "QUOTIENT with a fraction"),
        ("FV(0.01,9,-5,0,A1)", {"A1": 0.5}, "FV with a fraction"),
        ("RANK(A1,A1:A9,B1)", {"B1": CellError.NA}, "RANK with an error"),
    ],
)  # fmt: skip
def test_what_stands_in_cells_is_doubted(formula, cells, why):
    assert any(said.startswith(why) for said in judge(formula, **cells)), judge(formula, **cells)


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
        ("A1/B1", CellError.DIV0, {"B1": 0.0}), ("MATCH(77,A1:A9,0)", CellError.NA, {}),
        ("A1+1", CellError.VALUE, {"A1": "x"}), ("SUM(A1:A9)", CellError.NA, {"A1": CellError.NA}),
        ("A1-B1", 0.0, {}), ("IF(A1>2,B1,#N/A)", CellError.NA, {}),
        ("IF(A1>2,B1,#VALUE!)", CellError.VALUE, {}),
    ],
)  # fmt: skip
def test_errors_that_excel_gives_too_are_beyond_doubt(formula, result, cells):
    assert judge(formula, result=result, **cells) == []


def test_a_word_in_a_cell_is_a_plain_criterion():
    assert judge("COUNTIF(A1:A9,B1)", B1="north") == []
    assert judge("COUNTIF(A1:A9,B1)", B1=">2") == []


def test_functions_are_named_by_the_cells_that_use_them():
    cells = {(1, 1): Cell(1.0), (1, 2): Cell(None, "SUM(A1:A2)+1"), (2, 2): Cell(None, "ABS(A1)")}
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
    assert judge("A1+1", "formulas") == []
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
    assert judge("SIN(PI())+SIN(PI())", result=2.4e-16) == judge("SIN(PI())+SIN(PI())", result=1.0)


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
    refuse_broken_names(ReadBook({"S": sheet_of("S", {(1, 1): Cell(None, "rate+1")})}, names))


@pytest.mark.parametrize(
    ("sheet", "book", "said"),
    [
        ('<f t="dataTable" ref="A1:A2" dt2D="0">', "", ["a what-if data table"]),
        ("<v>dataTable</v>", "", []),
        ('<x:f ref="A1" t="dataTable"/>', "", ["a what-if data table"]),
        ('<row r="1" hidden="1"/><f>SUBTOTAL(9,A1:A9)</f>', "", ["SUBTOTAL over hidden rows"]),
        ('<row r="1" hidden="0"/><f>SUBTOTAL(9,A1:A9)</f>', "", []),
        ('<row r="1"/><col hidden="1"/><f>SUBTOTAL(9,A1:A9)</f>', "", []),
        ('<row r="1" hidden="true"/><f>SUM(A1:A9)</f>', "", []),
        ("<row r='1' hidden='true'/><f>aggregate(9,5,A1:A9)</f>", "",
         ["SUBTOTAL over hidden rows"]),
        ("", '<calcPr calcId="1" fullPrecision="0"/>', ["precision as displayed"]),
        ("", '<calcPr calcId="1" fullPrecision="1"/>', []),
        ("", "<v>fullPrecision</v>", []),
        ('<f t="array" ref="A1:A2">', "", []),
        ('<f t="table" ref="A1:A2">', "", ["a formula of an unknown kind"]),
        ('<f t="shared" si="0">', "", []),
    ],
)  # fmt: skip
def test_parts_that_no_engine_takes_into_account(sheet, book, said):
    parts = {"xl/worksheets/sheet1.xml": sheet.encode(), "xl/workbook.xml": book.encode(),
             "xl/comments1.xml": b'<f t="dataTable" ref="A1">'}  # fmt: skip
    package = SimpleNamespace(parts=parts, workbook_part="xl/workbook.xml")
    no_cells = CellTable([], [], [], [], {}, {}, 0)
    tab = Sheet("S", "xl/worksheets/sheet1.xml", "visible", no_cells)
    assert find_ignored_features(package, ReadBook({"S": tab}, {}, {}, "b.xlsx")) == said


def test_other_cells_of_a_sheet_cost_nothing_for_each_formula():
    def seconds(rows_elsewhere: int) -> float:
        lookups = {(r, 1): Cell(1.0, f"MATCH(B{r},B$1:B$300,0)+{r}") for r in range(1, 301)}
        sought = {(r, 2): Cell(float(r)) for r in range(1, 301)}
        elsewhere = {(r, 9): Cell(0.5) for r in range(1, rows_elsewhere)}
        check = SupportCheck(ReadBook({"S": sheet_of("S", lookups | sought | elsewhere)}, {}), ())
        start = time.process_time()
        assert check.doubts("libreoffice", {"S": dict.fromkeys(lookups, 1.0)}) == {}
        return time.process_time() - start

    # Passing all cells for each formula takes 100 times as long.
    assert seconds(60_000) < 10 * seconds(1) + 0.2


def test_numbers_near_others_are_found_wherever_they_stand():
    rng = random.Random(1)
    found = []
    for _ in range(300):
        numbers = [rng.choice((-1, 1)) * rng.randint(0, 6) / 10 for _ in range(rng.randint(0, 3))]
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
