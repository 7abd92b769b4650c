"""Where engines are to be believed: rules by function and class of argument."""

import math

import openpyxl
import pytest

from tests.helpers.sheets import sheet_of
from tools.formula_search.judge import Report
from tools.formula_search.make import Argument, Made, formulas
from tools.formula_search.run import computed
from xlcity.errors import CellError
from xlcity.recalc.files.jobs import Job, run_job
from xlcity.recalc.selection.compare import agree
from xlcity.recalc.support.argument_rules import rules
from xlcity.recalc.support.catalogue import catalogue
from xlcity.recalc.support.support_check import SupportCheck
from xlcity.recalc.support.value_classes import CLASSES, RANGES
from xlcity.xlsx.address import parse_cell
from xlcity.xlsx.cells import Cell, ReadBook

THREE = {"A1": 3.0, "A2": 1.0, "A3": 4.0, "B1": 2.0, "B2": 7.0, "B3": 1.0}


def book_of(formula: str, cells: dict[str, object]) -> ReadBook:
    held = {parse_cell(name): Cell(value) for name, value in cells.items()}
    return ReadBook({"S": sheet_of("S", {(9, 9): Cell(None, formula), **held})})


def doubts(
    formula: str, cells: dict[str, object], result: object = None, engine: str = "formualizer"
) -> list[str]:
    book = book_of(formula, cells)
    values = {"S": {(9, 9): result}}
    return SupportCheck(book, ()).doubts(engine, values).names()


#: What was called ok and was wrong.
BORDERS = [
    ('(0.1+0.2)&""', {}),
    ('"x"&A1', {"A1": 0.1 + 0.2}),
    ("LEN(A1)", {"A1": 1 / 3}),
    ("LEFT(A1,3)", {"A1": 2 / 3}),
    ("_xlfn.CONCAT(A1:A3)", {**THREE, "A2": 0.1 + 0.2}),
    ('SUBSTITUTE(A1,"3","x")', {"A1": 1 / 3}),
    ('EXACT(A1,"0.3")', {"A1": 0.1 + 0.2}),
    ('A1&""', {"A1": 1e20}),
    ("SUMXMY2(A1:A3,B1:B3)", {**THREE, "A2": None}),
    ("SUMX2MY2(A1:A3,B1:B3)", {**THREE, "B2": "x"}),
    ("SUMX2PY2(A1:A3,B1:B3)", {**THREE, "B2": True}),
    ('_xlfn.MAXIFS(A1:A3,B1:B2,">1")', THREE),
    ('_xlfn.MINIFS(A1:A2,B1:B3,">1")', THREE),
    ("LOOKUP(3,A1:A3)", THREE),
    ("LOOKUP(3,A1:A3,B1:B3)", THREE),
    ("MATCH(3,A1:A3,1)", THREE),
    ("VLOOKUP(3,A1:B3,2,TRUE)", THREE),
    ('_xlfn.STDEV.P(A1:A3,"abc")', THREE),
    ('DEVSQ(A1:A3,"2020-01-31")', THREE),
    ("_xlfn.T.DIST(1,2.5,TRUE)", {}),
    ("TDIST(A1,400,2)", {"A1": 1.3e-6}),
    ("TDIST(1,A1,2)", {"A1": 10001.0}),
    ("_xlfn.CHISQ.DIST(1,A1,TRUE)", {"A1": 3.5}),
    ("_xlfn.BINOM.DIST(0,A1,1,TRUE)", {"A1": 3.0}),
    ("_xlfn.CHISQ.INV(0,3)", {}),
    ("_xlfn.CHISQ.INV(1,3)", {}),
    ("A1*2", {"A1": "1,234"}),
    ("SQRT(A1)", {"A1": "12%"}),
    ("VALUE(A1)", {"A1": "1/2/2020"}),
    ("YEAR(A1)", {"A1": 45.0}),
    ("A1=A2", {"A1": 0.1 + 0.2, "A2": 0.3}),
    ("MATCH(A1,A2:A3,0)", {"A1": 0.1 + 0.2, "A2": 0.3, "A3": 1.0}),
    ("ROUND(A1,2)", {"A1": 1.005}),
    ("CEILING(A1,0.1)", {"A1": 0.3}),
    ("SUMPRODUCT(A1:A3,B1:B3)", {**THREE, "A2": True}),
    ("0^A1", {"A1": 0.0}),
    ("MATCH(A1,A2:A3,0)", {"A1": 1.0 - 1e-16, "A2": True, "A3": 4.0}),
    ("SUMIF(A1:A3,1,B1:B3)", {**THREE, "A2": True}),
    ("A1=FALSE", {"A1": 0.0}),
    ("A1<TRUE", {"A1": 5.0}),
    ("COT(A1)", {"A1": 1e-13}),
    ("_xlfn.CSCH(A1)", {"A1": 1e-13}),
    ("_xlfn.MODE.SNGL(A1:A3)", {"A1": 1.0000000000001, "A2": 3.0, "A3": 1.0}),
    ("DELTA(A1,5)", {"A1": 5.0000000000001}),
    ("LINEST(A1:A3,B1:B3)", {**THREE, "A2": 1e15}),
    (
        "SLOPE(A1:A3,B1:B3)",
        {"A1": 1.0, "A2": 3.0, "A3": 2.0, "B1": 1e9, "B2": 1e9 + 1, "B3": 1e9 + 2},
    ),
    ("DAYS(40575,40617.5)", {}),
    ('_xlfn.RANK.AVG(A1,A1:A3,"1_000")', THREE),
    ('SUMIF(A1:A3,"<=100",B1:B3)', {**THREE, "A2": False}),
]


@pytest.mark.parametrize(("formula", "cells"), BORDERS)
def test_a_border_is_doubted(formula, cells):
    assert any("border" in name or "beyond" in name for name in doubts(formula, cells))


@pytest.mark.parametrize(
    ("formula", "cells"),
    [
        ('"x"&A1', {"A1": 0.3}),
        ('IF(A1>5,A1&"","low")', {"A1": 1 / 3}),
        ("LEFT(A1,3)", {"A1": "abcdef"}),
        ("SUMXMY2(A1:A3,B1:B3)", THREE),
        ('_xlfn.MAXIFS(A1:A3,B1:B3,">1")', THREE),
        ("_xlfn.STDEV.P(A1:A3,5)", THREE),
        ("_xlfn.T.DIST(1,COUNT(A1:A3),TRUE)", THREE),
        ("TDIST(A1,400,2)", {"A1": 1.4e-6}),
        ("TDIST(0.01,A1,2)", {"A1": 10000.0}),
        ("A1*2", {"A1": "1234"}),
        ("YEAR(A1)", {"A1": 45000.0}),
        ("A1-A2", {"A1": 0.3, "A2": 0.1}),
        ('VALUE(MID(A1,FIND("-",A1)+1,9))', {"A1": "100-200"}),
        ('IFERROR(VALUE(MID(A1,FIND("+",A1)+1,9)),A1&"")', {"A1": "200"}),
        ("_xlfn.RANK.EQ(A1,A1:A3)", {"A1": 1 / 3, "A2": "", "A3": 2 / 3}),
        ("ROUND(A1,2)", {"A1": 1.004}),
        ("A1&A2", {"A1": "a", "A2": CellError.NA}),
    ],
)
def test_plain_use_is_not_doubted(formula, cells):
    assert doubts(formula, cells) == []


@pytest.mark.parametrize("criterion", ['""', "A9", '"1.2.3"'])
def test_a_border_is_one_for_an_engine_that_is_never_believed_too(criterion):
    # Another engine, at home in plain criteria, must not settle what lies outside of them.
    (found,) = doubts(f"COUNTIF(A1:A3,{criterion})", THREE, 0.0, "ironcalc")
    assert "beyond plain criteria" in found


def test_a_last_difference_that_excel_takes_for_0_is_doubted():
    cells = {"A1": 0.5, "A2": 0.4, "A3": 0.1}
    noise = 0.5 - 0.4 - 0.1
    assert doubts("A1-A2-A3", cells, noise) == ["a difference that Excel takes for 0"]
    assert doubts("A1-A2-A3", cells, 0.0) == []
    assert doubts("(A1-A2-A3)*1", cells, noise) == []


@pytest.mark.parametrize("engine", ["formualizer", "compiled"])
@pytest.mark.parametrize(
    "formula",
    ["SUMPRODUCT((ROW(A1:A3)<=2)*1)", "MAX(COLUMN(A1:B1))", "SUMPRODUCT(ROW(A1:A3)*A1:A3)"],
)
def test_row_numbers_of_several_cells_are_left_to_engines_that_give_all(formula, engine):
    assert [name for name in doubts(formula, THREE, 2.0, engine) if "(array)" in name]
    assert doubts(formula, THREE, 2.0, "ironcalc") == []
    assert doubts("ROW(A1)+ROWS(A1:A3)", THREE, 4.0, "formualizer") == []


def test_libreoffice_is_not_believed_where_a_truth_value_is_read_as_text():
    # It takes TRUE for 1 and gives x0.
    formula = 'SUBSTITUTE("10",A1,"x")'
    assert doubts(formula, {"A1": True}, "10", "libreoffice")
    assert doubts(formula, {"A1": True}, "10", "formualizer") == []
    assert doubts(formula, {"A1": "1"}, "x0", "libreoffice") == []


def test_every_function_measured_has_a_rule_of_known_classes():
    assert set(rules()) == set(catalogue())
    named = {name for rule in rules().values() for name in (*rule.classes, *rule.group)}
    assert named <= set(CLASSES) | set(RANGES)


def _search(count: int, seed: int, engines: tuple[str, ...]) -> list[str]:
    report = Report()
    made = list(formulas(count, seed))
    for start in range(0, count, 2000):
        report.add(computed(made[start : start + 2000], engines))
    assert report.by_rule > count / 10
    return report.wrong


def test_no_random_formula_is_called_ok_and_is_wrong():
    pytest.importorskip("scipy")
    assert _search(1500, 5, ("formualizer",)) == []


def test_operators_in_brackets_are_called_ok_only_where_engines_agree():
    signs = ["+", "-", "*", "/", "^", "&", "=", "<>", "<", ">", "<=", ">="]
    two = Argument("typed", shown="2")
    inner = [Argument("typed", shown=f"(3{sign}1)") for sign in signs]
    made = [
        Made(sign, pair) for sign in signs for one in inner for pair in ((one, two), (two, one))
    ]
    found = computed(made, ("formualizer", "ironcalc"))
    both = [one for one in found if len(one.trusted) == 2]
    assert len(both) > len(made) / 3
    assert [str(one.laid.made) for one in both if not agree(*one.given.values())] == []


@pytest.mark.long
def test_no_random_formula_is_called_ok_and_is_wrong_in_any_engine():
    assert _search(30_000, 1, ("formualizer", "ironcalc", "libreoffice")) == []


@pytest.mark.long
def test_a_logarithm_of_the_largest_numbers_is_right_in_every_engine(tmp_path):
    numbers = [base * 10.0**power for power in range(90, 308) for base in (1, 1.0000001, 9.999)]
    made = openpyxl.Workbook()
    for row, number in enumerate(numbers, 1):
        made.active.append([number, f"=LOG10(MAX(1,ABS(A{row})))"])
    made.save(tmp_path / "a.xlsx")
    for engine in ("formualizer", "libreoffice", "ironcalc", "formulas"):
        job = Job(tmp_path / "a.xlsx", tmp_path / "b.xlsx", engine)
        assert not run_job(job).entry["error"]
        sheet = openpyxl.load_workbook(tmp_path / "b.xlsx", data_only=True).active
        computed = [row[1] for row in sheet.iter_rows(values_only=True)]
        assert computed == pytest.approx([math.log10(number) for number in numbers], rel=1e-14)
