"""What is kept of a template's formulas: a copy of it has the same doubts as one read anew."""

import random
from unittest import mock

import pytest

from tests.helpers.sheets import sheet_of
from tests.unit.recalc.test_argument_rules import BORDERS
from tests.unit.recalc.test_incremental_support import CELLS, ENTRIES, RESULTS, book
from xlcity.errors import EngineError
from xlcity.recalc.engines.compiled import engine
from xlcity.recalc.engines.compiled.engine import Compiled
from xlcity.recalc.engines.protocol import Task
from xlcity.recalc.support import known_calls, support_check, trusted_formulas
from xlcity.recalc.support.argument_rules import ArgumentChecker
from xlcity.recalc.support.formula_groups import FormulaGroup, FormulaUsage
from xlcity.recalc.support.known_calls import known_udf_cells
from xlcity.recalc.support.parsed_formulas import ParsedFormulas, RuledUses
from xlcity.recalc.support.support_check import SupportCheck
from xlcity.recalc.support.template_book import read_known_book
from xlcity.recalc.support.trusted_formulas import TrustedFormulas
from xlcity.recalc.support.usage import Use
from xlcity.xlsx import known_cells
from xlcity.xlsx.address import joined_spans, parse_cell
from xlcity.xlsx.cells import Cell, ReadBook
from xlcity.xlsx.package import Package

ENGINE = "formualizer"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XLCITY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(trusted_formulas, "_KNOWN", {})
    return tmp_path / "cache"


def scan(formula, held):
    """Return the check of a template."""
    found = SupportCheck(book(formula, held), ())
    found.drawn = True
    return found


def anew(formula, held, monkeypatch):
    with monkeypatch.context() as off:
        off.setenv("XLCITY_CACHE", "")
        return scan(formula, held).doubts(ENGINE, RESULTS)


def test_borders_are_found_in_copies(monkeypatch):
    known = found = 0
    for formula, cells in BORDERS:
        held = {parse_cell(name): value for name, value in cells.items()}
        scan(formula, {}).doubts(ENGINE, RESULTS)
        again = scan(formula, held)
        known += again.trusted(ENGINE) is not None
        expected = anew(formula, held, monkeypatch)
        assert again.doubts(ENGINE, RESULTS) == expected, formula
        found += bool(expected)
    assert known > 15
    assert found > 10


@pytest.mark.parametrize("number", [0.0, 5.0, 1e200])
def test_a_logarithm_of_a_number_from_1_is_at_home_whatever_the_cell_holds(number):
    check = scan("INT(LOG10(MAX(1,ABS(A1)))+0.01)", {(1, 1): number})
    assert not check.doubts(ENGINE, RESULTS)
    assert check.trusted(ENGINE).bordered == ()
    assert scan("LOG10(A1)", {(1, 1): 5.0}).doubts(ENGINE, RESULTS).cells == {}
    assert scan("LOG10(A1)", {(1, 1): 1e-200}).doubts(ENGINE, RESULTS)


@pytest.mark.parametrize(
    "formula",
    ["ROUND(A1,2)+SUM(B1:B3)", "LEN(A1&B2)", "MATCH(A1,B1:B3,0)", "SQRT(A1)*C5", "RANK(A1,B1:B5)",
     "SUMPRODUCT(A1:A3,B1:B3)", "TDIST(A1,B1,2)", "INDEX(A1:C5,2,3)+VALUE(B2)"],
)  # fmt: skip
def test_copies_with_other_values_have_the_doubts_of_one_read_anew(formula, monkeypatch):
    rng = random.Random(formula)
    assert not scan(formula, dict.fromkeys(CELLS, 2.0)).doubts(ENGINE, RESULTS)
    assert scan(formula, {}).trusted(ENGINE) is not None
    for _ in range(60):
        held = {place: rng.choice((2.0, 3.0, rng.choice(ENTRIES))) for place in CELLS}
        expected = anew(formula, held, monkeypatch)
        again = scan(formula, held)
        assert again.functions() == set(again.trusted(ENGINE).functions)
        assert again.doubts(ENGINE, RESULTS) == expected, held


def test_other_formulas_and_formulas_in_doubt_are_not_known():
    assert not scan("SQRT(A1)", {(1, 1): 4.0}).doubts(ENGINE, RESULTS)
    assert scan("SQRT(A2)", {}).trusted(ENGINE) is None
    assert scan("NOSUCH(A1)", {}).doubts(ENGINE, RESULTS)
    assert scan("NOSUCH(A1)", {}).trusted(ENGINE) is None


@pytest.mark.parametrize("engine", [ENGINE, "compiled"])
def test_formulas_that_are_known_are_not_read(engine, monkeypatch):
    assert not scan("SQRT(A1)", {(1, 1): 4.0}).doubts(engine, RESULTS)
    monkeypatch.setattr(support_check, "FormulaGrouper", None)
    again = scan("SQRT(A1)", {(1, 1): 9.0})
    assert not again.doubts(engine, RESULTS)
    assert (again.functions(), again.refused(engine)) == ({"SQRT"}, False)


def made(make_bytes, typed=4.0, formula="=SQRT(A1)+SQRT(limit)", limit="S!$A$2"):
    """Return a workbook that counts as a template."""

    def write(book):
        sheet = book.add_worksheet("S")
        sheet.write_column("A1", [typed, 9, -1, 2, 1e200])
        sheet.write_formula("B1", formula)
        sheet.write_formula("B2", "=B1*2")
        names = dict.fromkeys(("xl_report", "xl_version", "xl_framework", "chk_verdict"), "S!$A$4")
        for name, cells in {**names, "limit": limit}.items():
            book.define_name(name, f"={cells}")

    return Package.from_bytes(make_bytes(write))


@pytest.mark.parametrize(
    ("changed", "sound"),
    [
        ({"typed": 16.0}, True),
        ({"typed": 1e200}, False),
        ({"typed": "1,5"}, False),
        ({"formula": "=SQRT(A1)+SQRT(A4)"}, True),
        ({"formula": "=SQRT(A1)+INT(0.1*3*10)"}, False),
        ({"formula": "=SQRT(A1)+EVEN(limit)"}, False),
        ({"limit": "S!$A$4"}, True),
        ({"limit": "S!$A$5"}, False),
    ],
)
def test_what_changes_the_verdict_is_seen_in_copies_of_what_is_known(
    changed, sound, make_bytes, monkeypatch
):
    monkeypatch.setattr(known_cells, "_LEAST_BYTES", 0)

    def verdict(package):
        # As the next process has it.
        monkeypatch.setattr(trusted_formulas, "_KNOWN", {})
        monkeypatch.setattr(engine, "_PROGRAMS", {})
        known_cells.forget()
        book = read_known_book(package)
        try:
            values = Compiled().evaluate(Task(package, book, {}, 60.0))
        except EngineError as error:
            return str(error)
        return SupportCheck(book, ()).doubts("compiled", values), values

    for _ in range(2):
        assert not verdict(made(make_bytes))[0]
    found = verdict(made(make_bytes, **changed))
    assert (not found[0]) == sound
    for changes in (changed, {}, changed):
        again = verdict(made(make_bytes, **changes))
        assert (again == found) == (changes == changed)
    monkeypatch.setenv("XLCITY_CACHE", "")
    assert verdict(made(make_bytes, **changed)) == found


def test_what_is_kept_reads_back():
    held = TrustedFormulas(
        frozenset(("SUM", "+")),
        {("S", 1, 2, "xe"): ((1, 4), (7, 7))},
        (("S", ((1, 2), (3, 4)), ParsedFormulas().of("SUM(A1:B$2)*-{1,2}", (1, 2))),),
    )
    assert TrustedFormulas.read(held.content()) == held
    assert joined_spans([(5, 6), (1, 2), (3, 3), (6, 9), (20, 20)]) == ((1, 3), (5, 9), (20, 20))


def test_only_expressions_with_a_rule_are_walked_and_equal_ones_once():
    formula = "IF(A1>0,INT(A1)&INT(A1),LEN(A2))"
    expr = ParsedFormulas().of(formula, (1, 2))
    use = RuledUses(lambda expr: expr.text if expr.text == "INT" else None).of(expr)
    assert (use.rule, [one is None for one in use.inner]) == (None, [True, False, True])
    first, second = use.inner[1].inner
    assert first is second
    assert first.rule == "INT"


def test_formulas_are_kept_with_cells_that_share_them():
    cells = ((1, 3), (2, 3), (3, 3))
    texts = "INT(A1)+A$1", "INT(A2)+A$1", "INT(A3)+S!A$2"
    group = FormulaGroup("S", FormulaUsage((Use("INT", ()),), ((),)), cells, texts)
    parsed = ArgumentChecker(book("A1", {}), [group], ENGINE, drawn=True).parsed()
    assert [found[:2] for found in parsed] == [("S", cells[:2]), ("S", cells[2:])]
    held = TrustedFormulas(frozenset(), {}, parsed)
    assert TrustedFormulas.read(held.content()) == held


def test_cells_that_call_the_library_are_found_once_for_all_copies(monkeypatch):
    names, cells = ("ZSCORE",), {(1, 1): Cell(2.0), (2, 1): Cell(2.0, "ZSCORE(A1:A3)")}
    contract = dict.fromkeys(("xl_report", "xl_version", "xl_framework", "chk_verdict"), "S!$A$1")

    def template(**more):
        return ReadBook({"S": sheet_of("S", cells | more.get("more", {}))}, contract)

    found = known_udf_cells(template(), names)
    assert found == {"S": frozenset([(2, 1)])}
    monkeypatch.setattr(known_calls, "find_udf_cells", mock.Mock(return_value={}))
    assert known_udf_cells(template(more={(1, 1): Cell(3.0)}), names) == found
    assert known_udf_cells(template(more={(1, 2): Cell(2.0, "ZSCORE(A1)")}), names) == {}
    assert known_udf_cells(template(), ()) == {}
