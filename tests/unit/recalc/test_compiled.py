"""The engine of compiled formulas: it says what the default engine says, or nothing at all."""

import io
import math
import random
from functools import cache
from pathlib import Path

import pytest
import xlsxwriter
from scipy import stats

from tests.helpers.own import own_bytes
from xlcity.errors import CellError
from xlcity.recalc.engines.compiled import engine as module
from xlcity.recalc.engines.compiled.engine import Compiled
from xlcity.recalc.engines.formualizer import Formualizer
from xlcity.recalc.engines.protocol import CannotComputeError, Task
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.support.support_check import SupportCheck
from xlcity.recalc.workbook import recalculate
from xlcity.reports import load_report, report_ids
from xlcity.workbook.build import build, draw
from xlcity.workbook.reading.records import is_number
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tab_titles import with_contract_names
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.package import Package

#: The committed workbooks are Chinese.
CHINESE_TABS = True

ROOT = Path(__file__).parents[3]
#: What people type, and what upsets formulas.
TYPED = [
    None,
    0.0,
    -1.0,
    5.0,
    7.0,
    7.0,
    1e6,
    1e9,
    1e-7,
    -0.004,
    0.1 + 0.2,
    "",
    "NA",
    "n/a",
    "-",
    "12",
    "１２",
    "约5",
    "abc",
    "x*",
    "北京市",
    " 上海 ",
    "市",
    "TRUE",
    "M",
    CellError.NA,
]


def task_of(package: Package, *, partial: bool = False) -> Task:
    book = read_book(package)
    return Task(
        package, book, find_udf_cells(book, library_names()), 60.0, partial=partial
    )


def made(cells: dict[str, object]) -> Task:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S")
        for cell, value in cells.items():
            if isinstance(value, str) and value.startswith("{"):
                sheet.write_array_formula(cell, value)
            else:
                sheet.write(cell.partition(":")[0], value)
    return task_of(Package.from_bytes(out.getvalue()))


def alike(a, b) -> bool:
    if type(a) is float and type(b) is float:
        # Sums that come to nothing differ in what rounding leaves of them.
        return abs(a - b) <= 1e-9 * max(1e-3, abs(a), abs(b))
    return type(a) is type(b) and a == b


def typed_over(package: Package, rng: random.Random, count: int) -> Package:
    """Return a workbook with other values in some of its input cells."""
    book = read_book(package)
    changes = {}
    for _ in range(count):
        sheets = with_contract_names(book).sheets
        sheet = rng.choice([sheets[name] for name in ("Data", "Framework")])
        position = rng.choice(list(sheet.cells))
        cell = sheet.cells[position]
        if not cell.computed and position[0] > 3:
            value = rng.choice(TYPED)
            if type(cell.value) is float and rng.random() < 0.5:
                value = rng.choice(
                    [cell.value * 1.0001, -cell.value, 0.0, round(cell.value, 1)]
                )
            changes.setdefault(sheet.name, {})[position] = value
    return write_inputs(package, changes, book)


def assert_equal_or_in_doubt(package: Package) -> bool:
    """Compare the engines on a workbook; return whether ours computed it.

    What differs is in doubt with the other engine.
    """
    task = task_of(package)
    try:
        ours = Compiled().evaluate(task)
    except CannotComputeError:
        return False
    theirs = Formualizer().evaluate(task)
    differing = {
        (sheet, position): (value, ours[sheet][position])
        for sheet, cells in theirs.items()
        for position, value in cells.items()
        if not alike(value, ours[sheet][position])
    }
    scan = SupportCheck(task.book, library_names())
    doubts = scan.doubts("formualizer", theirs) if differing else {}
    assert differing.keys() <= doubts.keys(), list(differing.items())[:5]
    return True


def test_a_template_and_what_is_typed_into_it():
    package = Package.from_bytes(own_bytes())
    computed = assert_equal_or_in_doubt(package)
    rng = random.Random(7)
    for count in (5, 60):
        computed += assert_equal_or_in_doubt(typed_over(package, rng, count))
    assert computed >= 2


@cache
def template(report: str, empty: bool) -> Package:
    if empty:
        return build(
            with_pages(template_spec(load_report(report), empty=True), ["all"])
        ).package
    return Package.read(ROOT / "workbooks" / f"{report}.xlsx")


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize(
    "report", ["image2025", "vitality2014", "iecc2024", "bri2021", "gihi2023"]
)
def test_every_template(report, empty, seed):
    package = template(report, empty)
    rng = random.Random(seed)
    changes = (0, 2, 20, 200, 800, 2000)[seed]
    assert assert_equal_or_in_doubt(typed_over(package, rng, changes)) or changes


def test_auto_takes_it_for_templates_and_no_other_workbook():
    package = Package.from_bytes(own_bytes())
    assert recalculate(package).engine == "compiled"
    assert recalculate(made({"A1": 2, "B1": "=A1*21"}).package).engine == "formualizer"


#: The largest ones take seconds each.
REPORTS = [
    pytest.param(report, marks=pytest.mark.slow)
    if report in ("bri2021", "gihi2023")
    else report
    for report in report_ids()
]


@pytest.mark.slow
@pytest.mark.parametrize("report", REPORTS)
def test_it_has_every_formula_of_a_report(report):
    package = draw(template_spec(load_report(report)))[0]
    assert recalculate(package).engine == "compiled"


def test_programs_are_kept_for_the_next_process(monkeypatch, tmp_path):
    monkeypatch.setenv("XLCITY_CACHE", str(tmp_path))
    monkeypatch.setattr(module, "PROGRAMS", {})
    task = task_of(Package.from_bytes(own_bytes()))
    first = Compiled().evaluate(task)
    monkeypatch.setattr(module, "PROGRAMS", {})
    monkeypatch.setattr(module, "Compiler", None)
    assert Compiled().evaluate(task) == first


def test_why_there_is_no_program_is_kept_too(monkeypatch, tmp_path):
    monkeypatch.setenv("XLCITY_CACHE", str(tmp_path))
    for compiler in (module.Compiler, None):
        monkeypatch.setattr(module, "PROGRAMS", {})
        monkeypatch.setattr(module, "Compiler", compiler)
        for _ in range(2):
            with pytest.raises(CannotComputeError, match="the function LOWER"):
                Compiled().evaluate(made({"A1": "=LOWER(B1)"}))


@pytest.mark.parametrize(
    "formula",
    [
        "=OFFSET(A1,1,0)",
        "=SUM(A:A)",
        "=B1",
        "=LOWER(A2)",
        "=A1:A2",
        '=COUNTIF(A1:A2,">1,5")',
        "=SUM(IF(A1:A2>1,A1:A2))",
        "=SUMPRODUCT((ROW(A1:A2)<2)*1)",
        "=COLUMN(A1)",
        '=TEXT(A1,"yyyy")',
        "=MATCH(2,A1:A2,1)",
        "=A1*1E200*1E200",
    ],
)
def test_what_it_does_not_have_it_refuses(formula):
    with pytest.raises(CannotComputeError):
        Compiled().evaluate(made({"A1": 3, "A2": 1, "B1": formula}))


def test_a_sheet_that_was_copied_reads_its_own_names():
    """Programs copy the names of a sheet with it; on all others those of the workbook are meant."""

    def values(second: str) -> list[object]:
        out = io.BytesIO()
        with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
            for number, name in enumerate(("S", "S (2)")):
                sheet = book.add_worksheet(name)
                sheet.write_column("A1", [10**number, 2 * 10**number, 3 * 10**number])
                for row, formula in enumerate(
                    ("SUM(block)", "one+1", "'S (2)'!one", "other")
                ):
                    sheet.write_formula(row, 1, f"={formula}")
            for name, area in {"block": "$A$1:$A$3", "one": "$A$1"}.items():
                book.define_name(name, f"=S!{area}")
            book.define_name("other", "=S!$A$2")
            book.define_name("'S (2)'!block", "='S (2)'!$A$1:$A$2")
            book.define_name("'S (2)'!one", f"='S (2)'!{second}")
            book.define_name("'S (2)'!Print_Area", "='S (2)'!$A$1")
        computed = Compiled().evaluate(task_of(Package.from_bytes(out.getvalue())))
        return [
            computed[name][row, 2] for name in ("S", "S (2)") for row in range(1, 5)
        ]

    assert values("$A$3") == [6, 2, 30, 2, 30, 31, 30, 2]
    # The same cells with another name are another workbook.
    assert values("$A$2") == [6, 2, 20, 2, 30, 21, 20, 2]
    with pytest.raises(CannotComputeError):
        values("$A3")


def test_a_name_that_is_relative_to_its_cell_is_left_to_others():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S")
        book.define_name("hours", "=S!$A1")
        book.define_name("rate", "=S!$C$1")
        sheet.write_formula("B2", "=hours*rate")
        sheet.write_formula("B3", "=rate*2")
        sheet.write("A2", 8)
        sheet.write("C1", 5)
    task = task_of(Package.from_bytes(out.getvalue()), partial=True)
    # It took A1, which is blank.
    assert Compiled().evaluate(task)["S"] == {(2, 2): None, (3, 2): 10.0}


def test_a_range_without_its_criterion_is_named():
    with pytest.raises(CannotComputeError, match="the arguments of SUMIFS"):
        Compiled().evaluate(made({"A1": 3, "B1": '=SUMIFS(A1:A2,A1:A2,">2",A1:A2)'}))


def test_sheets_whose_names_differ_in_a_digit_are_different_sheets():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        shown, *others = (
            book.add_worksheet(name) for name in ("S", "Matrix17", "Matrix18")
        )
        for row, sheet in enumerate(others):
            sheet.write(0, 0, float(row))
            shown.write_formula(row, 0, f"=Matrix1{7 + row}!A1")
    found = Compiled().evaluate(task_of(Package.from_bytes(out.getvalue())))
    assert found["S"] == {(1, 1): 0.0, (2, 1): 1.0}


def test_a_range_of_one_cell_and_a_longer_one_are_computed_each():
    cells = {f"A{row}": float(row) for row in range(1, 6)}
    found = Compiled().evaluate(
        made({**cells, "B1": "=COUNT(A1:A1)", "B2": "=COUNT(A1:A5)"})
    )["S"]
    assert found == {(1, 2): 1.0, (2, 2): 5.0}


def test_one_cell_where_a_range_is_wanted():
    cells = {
        "A1": 3,
        "A2": "x",
        "B1": "=MATCH(3,A1,0)",
        "B2": "=INDEX(A2,1)",
        "B3": "=IFERROR(MATCH(3,A2,0),9)",
        "B4": "=RANK.EQ(A1,A1)",
        "B5": "=IFERROR(INDEX(A2,2),0)",
        "B6": "=MATCH(0,A9,0)",
    }
    found = Compiled().evaluate(made(cells))["S"]
    values = [found[row, 2] for row in range(1, 7)]
    assert values == [1.0, "x", 9.0, 1.0, 0.0, CellError.NA]


def test_one_of_two_ranges_is_chosen():
    cells = {"A1": 3, "A2": 1, "B1": 5, "B2": 6}
    formulas = {
        "C1": "{=SUM(IF(A1>A2,A1:A2,B1:B2))}",
        "C2": "{=SUM(IF(A1<A2,A1:A2,B1:B2))}",
        "C3": "{=SUM(IF(A1>A2,A1:A2,7))}",
    }
    found = Compiled().evaluate(made(cells | formulas))["S"]
    assert [found[row, 3] for row in (1, 2, 3)] == [3 + 1, 5 + 6, 3 + 1]
    for branches in ("A1:A2,B1", "B1,A1:A2"):
        with pytest.raises(
            CannotComputeError, match="IF that gives a value or an array"
        ):
            Compiled().evaluate(made(cells | {"C1": f"{{=SUM(IF(A1>A2,{branches}))}}"}))


@pytest.mark.slow
def test_ranges_that_end_in_each_row_need_no_square_of_the_rows():
    rows = range(1, 7_801)  # 30 million cells, each range by itself
    task = made(
        {f"A{r}": f"={r % 7}" for r in rows} | {f"B{r}": above(r) for r in rows}
    )
    found = Compiled().evaluate(task)["S"]
    assert [found[r, 2] for r in rows] == [float(r % 7) for r in rows]


def above(row: int) -> str:
    return f"=INDEX(A$1:A{row},{row})"


def test_for_a_second_opinion_the_rest_is_computed():
    cells = {
        "A1": 3,
        "B1": "=LOWER(A1)",
        "C1": "=B1&1",
        "D1": "=A1+1",
        "E1": "=COUNTIF(A1:A2,D2)",
    }
    task = made({**cells, "D2": '=">1,5"'})
    found = Compiled().evaluate(task_of(task.package, partial=True))["S"]
    assert found == {
        (1, 2): None,
        (1, 3): None,
        (1, 4): 4.0,
        (1, 5): None,
        (2, 4): ">1,5",
    }


def test_results_of_array_formulas_lie_in_their_ranges():
    cells = {
        "A1": 3,
        "A2": 1,
        "A3": 4,
        "B1:B3": "{=A1:A3*2}",
        "C1:C2": "{=A1:A3*2}",
        "D1:D4": "{=A1:A3*2}",
        "E1:F2": "{=SUM(A1:A3)}",
    }
    found = Compiled().evaluate(made(cells))["S"]
    assert [found[row, 2] for row in (1, 2, 3)] == [6.0, 2.0, 8.0]
    assert [found[row, 3] for row in (1, 2)] == [6.0, 2.0]
    assert found[4, 4] is CellError.NA
    assert {found[row, column] for row in (1, 2) for column in (5, 6)} == {8.0}


def test_other_values_are_computed_as_if_they_were_typed():
    task = made(
        {"A1": 1.2, "A2": 5.0, "B1": "=SUM(A1:A3)", "C1:C2": "{=A1:A2*B1}", "D1": "=A3"}
    )
    values = Compiled().evaluate_with(task, {("S", (1, 1)): 1.0, ("S", (3, 1)): 4.0})[
        "S"
    ]
    assert values == {(1, 2): 10.0, (1, 3): 10.0, (2, 3): 50.0, (1, 4): 4.0}
    for typed, wanted in (
        (True, True),
        (None, 0.0),
        ("x", "x"),
        (CellError.NA, CellError.NA),
    ):
        assert (
            Compiled().evaluate_with(task, {("S", (3, 1)): typed})["S"][1, 4] == wanted
        )
    assert Compiled().evaluate_with(
        task, {("S", (900, 40)): 1.0}
    ) == Compiled().evaluate(task)
    with pytest.raises(CannotComputeError, match="beyond the limits"):
        Compiled().evaluate_with(task, {("S", (2, 1)): 1e308})


def test_every_python_adds_alike():
    # From Python 3.12 on, `sum` keeps what each step rounds off.
    tenths = {f"A{row}": 0.1 for row in range(1, 11)}
    formulas = {
        "B1": "=SUM(A1:A10)",
        "B2": "=AVERAGE(A1:A10)",
        "B3": '=SUMIF(A1:A10,">0")',
        "B4": '=AVERAGEIF(A1:A10,">0")',
        "B5": "=SUMSQ(A1:A10)",
    }
    values = Compiled().evaluate(made(tenths | formulas))["S"]
    assert [values[row, 2] for row in range(1, 5)] == [1.0, 0.1, 1.0, 0.1]
    assert values[5, 2] == math.fsum([0.1 * 0.1] * 10)


@pytest.mark.parametrize("huge", [1e200, -1e200])
def test_a_typed_number_beyond_the_limits_is_doubted_whatever_reads_it(huge):
    task = made({"A1": 1.2, "A2": 5.0, "B1": "=COUNT(A1:A2)"})
    assert Compiled().evaluate_with(task, {})["S"] == {(1, 2): 2.0}
    with pytest.raises(CannotComputeError, match="beyond the limits"):
        Compiled().evaluate_with(task, {("S", (1, 1)): huge})


@pytest.mark.parametrize(
    "report",
    [
        "image2025",
        "vitality2014",
        *(
            pytest.param(r, marks=pytest.mark.long)
            for r in ("iecc2024", "bri2021", "gihi2023")
        ),
    ],
)
def test_what_reads_nothing_that_changed_keeps_its_value(report):
    """A run after another one gives, bit by bit, what a run of its own gives."""
    task = task_of(Package.read(ROOT / "workbooks" / f"{report}.xlsx"))
    rng = random.Random(report)
    typed = [
        (name, position)
        for name, sheet in task.book.sheets.items()
        for position, value in sheet.cells.constants()
        if position not in sheet.cells.members
    ]
    numbers = [cell for cell in typed if is_number(task.book.value(cell[0], *cell[1]))]
    inputs = {}
    for _ in range(8):
        for cell in rng.sample(
            numbers if rng.random() < 0.8 else typed, rng.choice((1, 2, 20))
        ):
            inputs[cell] = rng.choice([*TYPED, -0.0, 1.001, True])
        runs = []
        for former in (module._LAST_RUN[:], []):
            module._LAST_RUN[:] = former
            try:
                runs.append(Compiled().evaluate_with(task, inputs))
            except CannotComputeError:
                assert not runs
                inputs = {}
                break
        assert repr(runs[:1]) == repr(runs[1:])


def test_a_run_after_another_one_computes_what_is_behind_a_change_alone(monkeypatch):
    task = made(
        {
            "A1": 1.0,
            "A2": 5.0,
            "B1": "=A1*2",
            "B2": "=A2*2",
            "C1": "=SUM(A1:B1)",
            "C2": "=SUM(A2:B2)",
            "D1:D2": "{=C1:C2*2}",
            "E1": "=A2>1",
            "F1": "=SUM(G1:G19)",
            **{f"G{row}": 1.0 for row in range(1, 20)},
        }
    )
    Compiled().evaluate(task)
    computed = []
    affected = module.Changes.find_affected

    def noted(self, function, formulas):
        computed.extend(affected(self, function, formulas).tolist())
        return affected(self, function, formulas)

    monkeypatch.setattr(module.Changes, "find_affected", noted)
    values = Compiled().evaluate_with(task, {("S", (1, 1)): 4.0})["S"]
    assert values == {
        (1, 2): 8.0,
        (2, 2): 10.0,
        (1, 3): 12.0,
        (2, 3): 15.0,
        (1, 4): 24.0,
        (2, 4): 30.0,
        (1, 5): True,
        (1, 6): 19.0,
    }
    assert len(computed) == 3  # B1, C1 and the array
    # With a tenth of the typed cells anew, as in another copy of a template, nobody asks.
    computed.clear()
    others = {("S", (row, 7)): 2.0 for row in (1, 2, 3)} | {("S", (1, 1)): 4.0}
    assert Compiled().evaluate_with(task, others)["S"] == values | {(1, 6): 22.0}
    assert computed == []


def test_texts_of_formulas_never_become_code():
    shown = "'\"); raise SystemExit(1) #\\n{0}"
    quoted = shown.replace('"', '""')
    wanted = {
        f'="{quoted}"': shown,
        f'=LEN("{quoted}")': float(len(shown)),
        f'="{quoted}"=B1': False,
        '=B1&"A[p0] V[p0]"': "1A[p0] V[p0]",
        '=B1="A[P0]"': False,
    }
    for formula, value in wanted.items():
        assert Compiled().evaluate(made({"A1": formula, "B1": 1.0}))["S"] == {
            (1, 1): value
        }


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ('="x"&A1', "x0.333333333333333"),
        ("=LEN(A1)", 17.0),
        ("=LEFT(A1,20)", "0.333333333333333"),
        ("=TRIM(A1)", "0.333333333333333"),
        ('=SUBSTITUTE(A1,"0.","")', "333333333333333"),
        ('=SUBSTITUTE("x","","y",0)', CellError.VALUE),
        ('=SUBSTITUTE("x","","y")', "x"),
        ('=FIND("3",A1)', 3.0),
        ('=(0.1+0.2)&""', "0.3"),
        ('=EXACT(A2,"0.3")', True),
        ('=1E+21&""', "1E+21"),
        ('=ROUND(-0.3,0)&""', "0"),
        ('=1.5E-7&""', "0.00000015"),
        ('=1E-20&""', "1E-20"),
        ('=A1/1000000&""', "3.33333333333333E-07"),
        ('=-A1/10&""', "-0.0333333333333333"),
        ('=LEN(1E+21&"")', 5.0),
        ("=A2=0.3", True),
        ("=A2>0.3", False),
        ("=A2<=0.3", True),
        ("=IF(A2<>0.3,1,2)", 2.0),
        ("=SUMPRODUCT((A2:A3>0.3)*1)", 0.0),
        ("=SUMPRODUCT((A2:A3=0.3)*1)", 2.0),
        ("=SUMPRODUCT((A2:A3=A2)*1)", 2.0),
        ("=SUMPRODUCT((A2:A3=A3:A4)*1)", 1.0),
        ("=SUMPRODUCT((A2:A3<A2)+(A2:A3<=A2))", 2.0),
        ('=IF("TRUE",1,2)', 1.0),
        ('=IF("x",1,2)', CellError.VALUE),
        ('=AND("false",TRUE)', False),
        ("=NOT(A5)", False),
        ("=0.5-0.4-0.1", 0.0),
        ("=(0.5-0.4-0.1)", -2.7755575615628914e-17),
        ("=1*(0.5-0.4-0.1)", -2.7755575615628914e-17),
        ("=A2-0.3", 0.0),
        ("=-0.1-0.2+A2", 0.0),
        ("=1-0.9999", 9.999999999998899e-05),
        ('=" 5 "+1', 6.0),
        ('="12%"+1', 1.12),
        ("=DEVSQ(A4:A4)", CellError.NUM),
        ("=SLOPE(A1:A5,A1:A5)", 1.0),
        ("=SLOPE(A3:A4,A3:A4)", CellError.DIV0),
        ("=SLOPE(A4:A5,A1:A2)", CellError.DIV0),
        ('=SEARCH("b?D","abcd a")', 2.0),
        ('=SEARCH("A","bca",2)', 3.0),
        ('=SEARCH("x","abc")', CellError.VALUE),
        ('=FIND("A","abca")', CellError.VALUE),
        ("=PERCENTILE(A1:A3,1)", 1 / 3),
        ("=PERCENTILE(A3:A3,1/4)", 0.3),
        ("=PERCENTILE(A1:A3,1.1)", CellError.NUM),
        ('=COUNTIF(A3,">0.2")', 1.0),
        ("=SUMIF(A3,0.3)", 0.3),
        # 100.49999999999999 as a double, a half as 15 digits show it.
        ("=ROUND(1.005,2)", 1.01),
        ("=ROUND(-1.005,2)", -1.01),
        ("=ROUND(1.0049,2)", 1.0),
        ('=ABS("-5")', 5.0),
        ("=ABS(A5)", CellError.VALUE),
        ("=SQRT(TRUE)", 1.0),
        # A text in a cell does not count, nor does one that INDEX finds there.
        ("=SUM(INDEX(A1:A5,5),1)", 1.0),
        ("=COUNT(INDEX(A1:A5,5),INDEX(A1:A5,3))", 1.0),
        ("=INDEX(A1:A3,3,0)", 0.3),
        ("=INDEX(A3:C3,0,1)", 0.3),
        ("=INDEX(A3:A3,0,0)", 0.3),
        ("=INDEX(A1:A3,7,0)", CellError.REF),
        ("=INDEX(A3:C3,0,7)", CellError.REF),
        ("=INDEX(A1:A3,-1,0)", CellError.REF),
        ("=INDEX(A3:C3,4)", CellError.REF),
    ],
)
def test_numbers_and_texts_become_each_other_as_in_excel(formula, wanted):
    task = made({"A1": 0, "A2": 0, "A3": 0.3, "A5": "TRUE", "B1": formula})
    # XlsxWriter writes 16 digits.
    digits = {"S": {(1, 1): 1 / 3, (2, 1): 0.1 + 0.2}}
    value = Compiled().evaluate(task_of(write_inputs(task.package, digits)))["S"][1, 2]
    assert (value, type(value)) == (wanted, type(wanted))


@pytest.mark.parametrize(
    "formula",
    [
        '="2024-01-05"-1',
        '="2024-01-05"*1',
        '="(5)"+1',
        '="1_000"+1',
        '=IF(" TRUE",1,2)',
        '=1E+16/3&""',
        '=1E-19&""',
        "=0.3-0.2999999999999993",
        "=RANK.EQ(A2,A1:A3)",
        '=COUNTIF(A1:A3,">"&A3)',
        "=COUNTIF(A1:A3,A2)",
        "=SUMIF(A1:A3,0.3)",
        '="é">"z"',
        "=SUMIF(A1:A3,1,B2:B3)",
        "=MATCH(0.3,A1:A3,0)",
        "=LEFT(A1,1E+15)",
        "=INDEX(A1:A3,0,1)",
        "=INDEX(A1:A3,0)",
        "=INDEX(A3:C3,1,0)",
        "=INDEX(A1:C3,2)",
        "=INT(0.9999999999999999)",
        "=TDIST(2,1E+15,1)",
        '=COUNTIF(C1:C3,"2024-01-05")',
        "=COUNTIF(C1:C3,45296)",
    ],
)
def test_what_nobody_knows_it_refuses(formula):
    task = made({"A1": 0, "A2": 0, "A3": 0.3, "B1": formula, "C1": "2024-01-05"})
    digits = {"S": {(2, 1): 0.1 + 0.2}}
    with pytest.raises(CannotComputeError):
        Compiled().evaluate(task_of(write_inputs(task.package, digits)))


def test_values_of_statistics_choices_and_criteria():
    numbers = dict(zip(("A1", "A2", "A3", "A4", "A5"), (1, 2, 4, 8, 20), strict=True))
    formulas = {
        "C1": "=KURT(A1:A5)",
        "C2": "=SKEW(A1:A5)",
        "C3": "=CHOOSE(1,A3)",
        "C4": '=COUNTIF(A1:A5,">"&A2)',
        "C5": '=COUNTIF(A1:A5,"<>"&A2)',
    }
    found = Compiled().evaluate(made(numbers | formulas))["S"]
    values = [float(value) for value in numbers.values()]
    assert found[1, 3] == pytest.approx(stats.kurtosis(values, bias=False))
    assert found[2, 3] == pytest.approx(stats.skew(values, bias=False))
    assert [found[row, 3] for row in (3, 4, 5)] == [4, 3, 4]


def test_a_comparison_as_a_criterion_is_a_logical():
    task = made({"A1": 5, "A2": "TRUE", "A3": 7, "B1": '=COUNTIF(A1:A3,">"<A1)'})
    assert Compiled().evaluate(task)["S"][1, 2] == 0.0


def test_only_what_reads_a_changed_cell_is_computed_again(monkeypatch):
    task = made(
        {
            "A1": 1.0,
            "A2": 2.0,
            "A3": 3.0,
            "B1": 4.0,
            "B2": 5.0,
            "B3": 6.0,
            "C1": 7.0,
            "D1": "=SUM(A1:B1)",
            "D2": "=SUM(A2:B2)",
            "D3": "=SUM(A2:B3)",
            **{f"E{row}": 0.0 for row in range(1, 20)},
            "F1": "=SUM(E1:E19)",
        }
    )
    computed = []
    affected = module.Changes.find_affected

    def noted(self, function, formulas):
        reading_changed = affected(self, function, formulas)
        computed.append(len(reading_changed))
        return reading_changed

    monkeypatch.setattr(module.Changes, "find_affected", noted)
    counts = {}
    for cell, position in {
        "C1": (1, 3),
        "B1": (1, 2),
        "A1": (1, 1),
        "B2": (2, 2),
        "B3": (3, 2),
    }.items():
        Compiled().evaluate(task)
        computed.clear()
        Compiled().evaluate_with(task, {("S", position): 9.0})
        counts[cell] = sum(computed)
    assert counts == {"C1": 0, "B1": 1, "A1": 1, "B2": 2, "B3": 1}
