"""Every rule of the lint on a workbook made for it, and what it must not tell."""

import re
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import xlsxwriter

from tests.helpers.mutations import cells_of
from tests.helpers.sheets import sheet_of
from xlcity.audit.check import check, foreign_values
from xlcity.audit.check.check import check_workbook
from xlcity.audit.lint import rules as rules_package
from xlcity.audit.lint.registry import rule_of, rules
from xlcity.audit.lint.run import lint
from xlcity.audit.lint.subject import Dependents
from xlcity.cli import main
from xlcity.errors import CellError
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Cell, ReadBook
from xlcity.xlsx.formulas.graph import Graph
from xlcity.xlsx.package import Package

CITIES = 12
REFERENCE = Path(__file__).parents[4] / "docs" / "reference"


def make(tmp_path, change=lambda sheet, book: None, name="book.xlsx", **sheet_options):
    """Write a sound little model: twelve cities, two indicators, z-scores, weights, scores."""
    path = tmp_path / name
    book = xlsxwriter.Workbook(str(path))
    style = book.add_format({"num_format": "0.00"})
    sheet = book.add_worksheet("Model")
    sheet.write_row(
        0, 0, ["city (source: yearbook)", "a", "b", "za", "zb", "score", "rank"]
    )
    sheet.write_row(15, 0, ["weight", 0.4, 0.6])
    for row in range(1, CITIES + 1):
        r = row + 1
        sheet.write(row, 0, f"city {row}")
        sheet.write(row, 1, row * 3.5)
        sheet.write(row, 2, (row * 7) % 13 + 0.5)
        for column, letter in ((3, "B"), (4, "C")):
            mean, sd = (f"{f}({letter}$2:{letter}$13)" for f in ("AVERAGE", "STDEV"))
            sheet.write_formula(row, column, f"=({letter}{r}-{mean})/{sd}", style)
        sheet.write_formula(row, 5, f"=SUMPRODUCT(D{r}:E{r},$B$16:$C$16)", style)
        sheet.write_formula(row, 6, f"=RANK(F{r},F$2:F$13)", style)
    change(sheet, book)
    book.close()
    if sheet_options.get("calculate", True):
        package = Package.read(path)
        patch_results(package, recalculate(package)).write(path)
    return path


def told(path, **options):
    return cells_of(lint(path, **options).findings)


def write(address, formula):
    return lambda sheet, book: sheet.write_formula(address, formula)


def count_larger(sheet, book):
    """Write the ranks as counts of larger texts, which two engines are not trusted with."""
    for row in range(2, 14):
        sheet.write_formula(f"G{row}", f'=COUNTIF(F$2:F$13,">"&F{row})+1')


@pytest.mark.parametrize("change", [lambda sheet, book: None, count_larger])
def test_a_sound_model_is_told_nothing(tmp_path, change):
    assert told(make(tmp_path, change)) == set()


@pytest.mark.parametrize(
    ("rule", "cell", "change"),
    [
        (
            "E02",
            "F7",
            lambda s, b: s.write("F7", 0.25, b.add_format({"num_format": "0.00"})),
        ),
        ("E04", "D7", write("D7", "=(B7-AVERAGE(B$2:B$12))/STDEV(B$2:B$13)")),
        ("W02", "B7", lambda s, b: s.write_string("B7", "17.5")),
        ("W02", "B7", lambda s, b: s.write_string("B7", "１７．５")),
        ("E01", "I3", write("I3", "=F2/0")),
    ],
)
def test_a_fault_is_told_by_its_rule_at_its_cell(tmp_path, rule, cell, change):
    assert (rule, cell) in told(make(tmp_path, change))


def test_other_files_and_stale_values(tmp_path):
    path = make(tmp_path, write("I2", "=[1]Sheet1!$A$1*2"), calculate=False)
    assert ("W09", "I2") in told(path)
    path = make(
        tmp_path, lambda s, b: s.write_formula("I5", "=1*B2", None, 99), calculate=False
    )
    assert ("E09", "I5") in cells_of(check_workbook(path).findings)
    assert ("E09", "I5") not in told(path)


@pytest.mark.parametrize(
    ("stored", "fresh", "found"),
    [
        ("#REF!", CellError.REF, False),
        ("7", 7.0, True),
        (99, CellError.NAME, False),
        ("#DIV/0!", CellError.NA, False),
        (99, CellError.NA, True),
    ],
)
def test_another_error_or_that_of_a_function_that_is_absent_is_not_stale(
    tmp_path, monkeypatch, stored, fresh, found
):
    path = make(
        tmp_path,
        lambda s, b: s.write_formula("I5", "=1*B2", None, stored),
        calculate=False,
    )
    result = SimpleNamespace(
        values={"Model": {(5, 9): fresh}},
        doubtful=(),
        kept=(),
        engine="any",
        doubt="",
        unverified=(),
        doubts={},
        shared_errors=(),
    )
    monkeypatch.setattr(check, "recalculate", lambda *args, **known: result)
    assert (("E09", "I5") in cells_of(check_workbook(path).findings)) is found


@pytest.mark.parametrize(
    ("doubtful", "found"), [((), True), (("Model!I5",), False), (("Model!I6",), True)]
)
def test_a_value_that_no_engine_is_known_to_compute_is_not_called_stale(
    tmp_path, monkeypatch, doubtful, found
):
    path = make(
        tmp_path, lambda s, b: s.write_formula("I5", "=1*B2", None, 99), calculate=False
    )
    fresh = SimpleNamespace(
        values={"Model": {(5, 9): 7.0}},
        doubtful=doubtful,
        kept=(),
        engine="any",
        doubt="",
        unverified=(),
        doubts={},
        shared_errors=(),
    )
    monkeypatch.setattr(check, "recalculate", lambda *args, **known: fresh)
    assert (("E09", "I5") in cells_of(check_workbook(path).findings)) is found


@pytest.mark.parametrize(("fresh_value", "found"), [(7.0, False), (99.0, True)])
def test_what_reads_a_doubtful_value_is_stale_only_if_that_is_the_stored_one(
    tmp_path, monkeypatch, fresh_value, found
):
    def change(sheet, book):
        sheet.write_formula("I5", "=1*B2", None, 99)
        sheet.write_formula("J5", "=I5*2", None, 1)

    path = make(tmp_path, change, calculate=False)
    values = {"Model": {(5, 9): fresh_value, (5, 10): fresh_value * 2}}
    fresh = SimpleNamespace(
        values=values,
        doubtful=("Model!I5",),
        kept=(),
        engine="any",
        doubt="",
        unverified=(),
        doubts={},
        shared_errors=(),
    )
    monkeypatch.setattr(check, "recalculate", lambda *args, **known: fresh)
    assert (("E09", "J5") in cells_of(check_workbook(path).findings)) is found


def test_another_engine_is_asked_only_where_a_value_may_be_stale(tmp_path, monkeypatch):
    path = make(
        tmp_path, lambda s, b: s.write_formula("I5", "=1*B2", None, 99), calculate=False
    )
    fresh = SimpleNamespace(
        values={"Model": {(5, 9): CellError.NAME}},
        doubtful=(),
        kept=(),
        engine="libreoffice",
        doubt="",
        unverified=(),
        doubts={},
        shared_errors=(),
    )
    monkeypatch.setattr(check, "recalculate", lambda *args, **known: fresh)
    asked = lambda *args, **known: pytest.fail("asked")  # noqa: E731
    monkeypatch.setattr(foreign_values, "recalculate", asked)
    assert ("E09", "I5") not in cells_of(check_workbook(path).findings)


def test_a_value_that_hangs_on_chance_or_time_is_not_called_stale(tmp_path):
    def change(sheet, book):
        for row, formula in enumerate(("=RAND()", "=I2*2", "=TODAY()-1", "=1*B2"), 2):
            sheet.write_formula(f"I{row}", formula, None, 99)

    path = make(tmp_path, change, calculate=False)
    (stale,) = (f for f in check_workbook(path).findings if f.rule == "E09")
    assert [area for area in stale.areas if area.startswith("I")] == ["I5"]


def test_a_workbook_without_formulas_is_not_called_free_of_errors(tmp_path):
    path = tmp_path / "values.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet().write_row(0, 0, ["city", "score"])
    book.close()
    assert check_workbook(path).summary == "There are no formulas to check."


def test_a_value_that_another_engine_confirms_is_not_called_stale(
    tmp_path, monkeypatch
):
    path = make(tmp_path)
    fresh = recalculate(Package.read(path))
    wrong = {**fresh.values, "Model": {**fresh.values["Model"], (2, 6): 7.0}}
    for engine, found in (("libreoffice", False), ("any", True)):
        slipped = replace(fresh, engine=engine, values=wrong)
        monkeypatch.setattr(
            check, "recalculate", lambda *args, slipped=slipped, **known: slipped
        )
        assert (("E09", "F2") in cells_of(check_workbook(path).findings)) is found


def test_codes_with_a_leading_zero_are_no_numbers(tmp_path):
    def change(sheet, book):
        for row in range(1, CITIES + 1):
            sheet.write_string(row, 8, f"{row:02d}")
            sheet.write_string(row, 9, f"{row:06d}")

    assert told(make(tmp_path, change)) == set()


def test_years_that_head_columns_of_numbers_are_no_numbers_typed_as_text(tmp_path):
    def change(sheet, book, first=False):
        sheet.write_row("I1", ["2023", "2022", "2021"])
        sheet.write_column("N1", ["54511", "Station", 1.5, 2.5, 3.5, 4.5, 5.5])
        for row in range(1, CITIES + 1):
            sheet.write_row(row, 8, [row * 1.5, row * 2.5, row * 0.5])
        if first:
            sheet.write_string("J2", "2.5", book.add_format({"num_format": "@"}))

    assert told(make(tmp_path, change)) == set()
    typed = make(tmp_path, lambda s, b: change(s, b, first=True))
    assert told(typed) == {("W02", "J2")}


def test_exceptions_need_a_reason_and_are_listed(tmp_path):
    def told_with(note):
        path = make(
            tmp_path,
            lambda s, b: (
                s.write_formula("I3", "=F2/0"),
                s.write_comment("I3", note),
            ),
        )
        linted = lint(path)
        return {f.rule for f in linted.findings}, [
            reason for _, reason in linted.allowed
        ]

    assert told_with("xlcity: allow E01 as in print") == (set(), ["as in print"])
    page = tmp_path / "page.html"
    main(["check", str(tmp_path / "book.xlsx"), "--html", str(page)])
    assert re.search(
        r"<p>\w+: E01 Model!I3 \(as in print\)</p>", page.read_text("utf-8")
    )
    assert told_with("xlcity: allow E01") == ({"E01"}, [])


def test_every_rule_says_what_to_do_and_stands_in_the_reference():
    for page in ("audit-rules.md", "audit-rules.zh.md"):
        text = (REFERENCE / page).read_text(encoding="utf-8")
        assert set(re.findall(r"^\| ([EW]\d\d) \|", text, re.MULTILINE)) == set(
            rules()
        ), page
    assert all(rule.title and rule.fix.endswith(".") for rule in rules().values())


def test_every_rule_that_is_found_has_a_line_in_the_table():
    folders = (Path(folder) for folder in rules_package.__path__)
    sources = [
        path.read_text(encoding="utf-8")
        for folder in folders
        for path in folder.glob("*.py")
    ]
    found = {code for text in sources for code in re.findall(r'"([EW]\d\d)"', text)}
    assert len(found) > 20
    assert found <= rules().keys()


def test_a_rule_without_a_line_is_its_code():
    assert rule_of("W90").title == "W90"
    assert rule_of("E01") is rules()["E01"]


def test_what_depends_on_a_cell_is_found_in_time_that_grows_with_it_alone():
    """A column of formulas that all differ, each of which reads the one above, and a sum of it."""

    def seconds(rows: int) -> float:
        cells = {(r, 1): Cell(1.0, f"A{r - 1}*{r}") for r in range(2, rows + 1)}
        cells |= {
            (1, 1): Cell(1.0),
            (rows, 3): Cell(1.0, "SUM(A:A)"),
            (1, 3): Cell(1.0, "A9+1"),
        }
        dependents = Dependents(Graph(ReadBook({"S": sheet_of("S", cells)}, {})))
        start = time.process_time()
        reached = dependents.below([Range("S", rows // 2, 1, rows // 2, 1)])
        held = [place for place in cells if dependents.hold(reached, ("S", place))]
        assert held == [*((r, 1) for r in range(rows // 2, rows + 1)), (rows, 3)]
        return time.process_time() - start

    assert (
        seconds(3000) < 10 * seconds(300) + 0.2
    )  # 100 times, if each looks at all others
