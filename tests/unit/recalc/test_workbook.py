import io
from functools import partial

import openpyxl
import pytest

from tests.helpers.templates import small_template
from xlcity.errors import CellError, EngineError
from xlcity.hosts import formualizer as formualizer_host
from xlcity.recalc.engines.formualizer import Formualizer
from xlcity.recalc.engines.formulas import Formulas
from xlcity.recalc.engines.libreoffice import LibreOffice
from xlcity.recalc.engines.protocol import (
    CannotComputeError,
    TimeLimitError,
    require_complete,
)
from xlcity.recalc.support.support_check import SupportCheck
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.xlsx import limits
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.engine_copy import engine_copy
from xlcity.xlsx.package import Package


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Leave out the engines that take seconds to start."""
    monkeypatch.setattr(LibreOffice, "available", lambda _: False)
    monkeypatch.setattr(Formulas, "available", lambda _: False)


def load(make_bytes, **formulas: str) -> Package:
    def write(book):
        sheet = book.add_worksheet("S")
        for cell, text in formulas.items():
            if text.startswith("{"):
                sheet.write_array_formula(f"{cell}:{cell[0]}9", text, None, 0)
            elif text.startswith("="):
                sheet.write_formula(cell, text, None, 0)
            else:
                sheet.write(cell, float(text))

    return Package.from_bytes(make_bytes(write))


def test_stored_results_are_not_believed(make_bytes):
    package = load(make_bytes, A1="2", B1="=A1*21", C1='=B1&""', D1="=B1>41", E1="=1/0")
    result = recalculate(package)
    assert [result.value("S", 1, c) for c in range(1, 6)] == [
        2,
        42,
        "42",
        True,
        CellError.DIV0,
    ]
    assert result.formula_cells == 4
    assert (result.udf_cells, result.udf_by) == (0, None)
    assert result.errors == {"#DIV/0!": 1}


def test_errors_of_functions_are_not_counted(make_bytes):
    package = load(make_bytes, A1="1", A2="3", B1="{=MIN_MAX(A1:A9)}")
    names = recalculate(load(make_bytes, A1="1", A2="3", B1="{=RANK_UNIFORM(A1:A9)}"))
    assert names.udf_cells == 9
    assert names.udf_by == "formualizer"
    assert [names.value("S", r, 2) for r in (1, 2, 3)] == [
        100 / 2,
        200 / 2,
        CellError.NA,
    ]
    assert names.errors == {}
    unknown = recalculate(package)
    assert unknown.errors == {"#NAME?": 9}
    assert unknown.unverified == ("MIN_MAX",)
    assert unknown.doubtful[:2] == ("S!B1", "S!B2")
    assert not unknown.ok


def test_arrays_larger_than_their_result(make_bytes):
    def write(book):
        sheet = book.add_worksheet("S")
        sheet.write_column("A1", [1, 2, 3])
        sheet.write_array_formula("B1:C4", "{=A1:A3*2}", None, 0)
        sheet.write_array_formula("E1:F2", "{=SUM(A1:A3)}", None, 0)

    result = recalculate(Package.from_bytes(make_bytes(write)))
    assert [result.value("S", r, 2) for r in range(1, 5)] == [2, 4, 6, CellError.NA]
    assert [result.value("S", r, 3) for r in range(1, 5)] == [2, 4, 6, CellError.NA]
    assert {result.value("S", r, c) for r in (1, 2) for c in (5, 6)} == {1 + 2 + 3}


def test_a_circle_is_named(make_bytes):
    with pytest.raises(EngineError, match=r"circle: S!A1 → S!B1 → S!A1\."):
        recalculate(load(make_bytes, A1="=B1+1", B1="=A1*2"))


def test_a_cell_without_a_value_is_named(make_bytes):
    book = read_book(load(make_bytes, A1="=1+1", B2="=2+2"))
    require_complete(book, {"S": {(1, 1): 2.0, (2, 2): 4.0}}, "e")
    with pytest.raises(
        CannotComputeError, match="1 formula cells without a value: S!B2"
    ):
        require_complete(book, {"S": {(1, 1): 2.0}}, "e")


def test_what_the_engine_cannot_do_is_an_error_with_an_address(make_bytes):
    package = load(make_bytes, A1="=_xlfn.LAMBDA(_xlpm.x,_xlpm.x+1)(1)")
    with pytest.raises(CannotComputeError, match=r"S!A1|cannot load"):
        recalculate(package, "formualizer")


def test_auto_takes_libreoffice_where_formualizer_gives_up(make_bytes, monkeypatch):
    package = load(make_bytes, A1="=1+1")

    def give_up(self, task):
        raise CannotComputeError("formualizer cannot.")

    monkeypatch.setattr(Formualizer, "evaluate", give_up)
    monkeypatch.setattr(LibreOffice, "available", lambda _: True)
    monkeypatch.setattr(LibreOffice, "version", lambda _: "0")
    monkeypatch.setattr(LibreOffice, "evaluate", lambda *_: {"S": {(1, 1): 2.0}})
    result = recalculate(package)
    assert result.engine == "libreoffice"
    assert "formualizer cannot" in result.notes[0]
    assert "LibreOffice computes instead" in result.notes[0]
    with pytest.raises(CannotComputeError):
        recalculate(package, "formualizer")


def test_auto_takes_the_engine_that_has_the_functions(make_bytes, monkeypatch):
    """Also where it is not known to be right for more cells: the other one has no value at all."""
    package = load(
        make_bytes, A1="=NOSUCH(1)", B1="=A1+1", C1="=GEOMEAN(2,8)", D1="=GEOMEAN(1,4)"
    )
    values = {(1, 1): 1.0, (1, 2): 2.0, (1, 3): 4.0, (1, 4): 2.0}
    monkeypatch.setattr(LibreOffice, "available", lambda _: True)
    monkeypatch.setattr(LibreOffice, "version", lambda _: "0")
    monkeypatch.setattr(LibreOffice, "evaluate", lambda *_: {"S": values})
    result = recalculate(package)
    assert (result.engine, result.errors) == ("libreoffice", {})
    assert set(result.unverified) == {"GEOMEAN", "NOSUCH"}
    assert recalculate(package, "formualizer").errors == {"#NAME?": 2}


def test_the_time_limit_of_the_default_engine(make_bytes):
    cells = {
        f"A{i}": f"=SUMPRODUCT((B1:B900>A{i - 1})*(C1:C900<2))" for i in range(2, 400)
    }
    with pytest.raises(TimeLimitError, match="--timeout"):
        recalculate(load(make_bytes, A1="1", **cells), "formualizer", timeout=0.001)


def test_names_formualizer_leaves_out_are_not_passed_off_as_unknown(make_bytes):
    def write(book):
        book.add_worksheet("S").write_formula("A1", "=SUMPRODUCT((codes=1)*1)", None, 0)
        book.define_name("codes", "={1,2}")

    with pytest.raises(CannotComputeError, match="codes used in S!A1"):
        recalculate(Package.from_bytes(make_bytes(write)), "formualizer")


def test_recalculating_twice_changes_nothing(make_bytes):
    package = load(
        make_bytes, A1="3", A2="1", B1="{=RANK_UNIFORM(A1:A9)}", C1="=SUM(A1:A2)/7"
    )
    once = patch_results(package, recalculate(package))
    assert once is not package
    assert patch_results(once, recalculate(once)) is once
    assert read_book(once).value("S", 1, 3) == (3 + 1) / 7


def only(monkeypatch, **engines) -> None:
    """Let only these engines be there, each saying what is given (``None``: what it says)."""
    classes = {
        "formualizer": Formualizer,
        "formulas": Formulas,
        "libreoffice": LibreOffice,
    }
    for name, engine in classes.items():
        if name not in engines:
            monkeypatch.setattr(engine, "available", lambda _: False)
        elif engines[name] is not None:
            said = {"S": dict(engines[name])}
            monkeypatch.setattr(engine, "available", lambda _: True)
            monkeypatch.setattr(engine, "version", lambda _: "0")
            monkeypatch.setattr(engine, "evaluate", lambda *_, said=said: said)


def test_verification_names_what_differs(make_bytes, monkeypatch):
    package = load(make_bytes, A1="=1+1", B1="=2+2")
    only(monkeypatch, formualizer=None, formulas={(1, 1): 3.0, (1, 2): 4.0})
    result = recalculate(package, "formualizer", verify="formulas")
    assert result.verified.differing == ("S!A1",)
    assert not result.ok
    assert not any("random" in note for note in result.notes)


def test_random_numbers_that_differ_are_explained(make_bytes, monkeypatch):
    package = load(make_bytes, A1="=RAND()")
    only(monkeypatch, formualizer=None, formulas={(1, 1): 3.0})
    (note,) = recalculate(package, "formualizer", verify="formulas").notes
    assert (
        note
        == "each engine draws other random numbers: cells that depend on them differ."
    )


def test_a_wrong_function_in_one_engine_is_found_with_its_cells(
    make_bytes, monkeypatch
):
    package = load(make_bytes, A1="3", A2="1", B1="{=RANK_UNIFORM(A1:A9)}", C1="=A1*2")
    good = recalculate(package, "formualizer", verify="compiled")
    assert good.verified.differing == ()

    def register(workbook, **_):
        workbook.register_function("RANK_UNIFORM", lambda *_: [[7.0]] * 9)

    monkeypatch.setattr(formualizer_host, "register_functions", register)
    bad = recalculate(package, "formualizer", verify="compiled")
    assert bad.verified.differing[:2] == ("S!B1", "S!B2")
    assert "S!C1" not in bad.verified.differing
    assert not bad.ok


def test_values_that_the_file_stores_are_no_opinion(make_bytes, monkeypatch):
    package = load(make_bytes, A1="1", B1="=A1+1")  # the file says 0
    only(monkeypatch, formualizer=None)
    assert recalculate(package).ok


def test_a_doubted_formula_sends_the_book_to_libreoffice(make_bytes, monkeypatch):
    package = load(make_bytes, A1="1", B1="=ABS(A1)", C1="=_xlfn.DAYS(A1,A1)")
    only(monkeypatch, formualizer=None)
    alone = recalculate(package)
    assert (alone.engine, alone.unverified, alone.doubtful) == (
        "formualizer",
        ("DAYS",),
        ("S!C1",),
    )
    assert alone.find_able_engines() == {"DAYS": ("libreoffice",)}
    doubts = SupportCheck.doubts
    asked = []
    monkeypatch.setattr(
        SupportCheck, "doubts", lambda *args: asked.append(args[1]) or doubts(*args)
    )
    recalculate(package)
    assert asked == [
        "formualizer"
    ]  # others are judged where someone asks which are able
    only(monkeypatch, formualizer=None, libreoffice={(1, 2): 1.0, (1, 3): 0.0})
    result = recalculate(package)
    assert (result.engine, result.ok) == ("libreoffice", True)
    assert (
        "LibreOffice computes instead: formualizer is not known to be right for DAYS"
        in result.notes[0]
    )


def test_what_cells_hold_sends_the_book_to_libreoffice_too(make_bytes, monkeypatch):
    package = load(make_bytes, A1="=1/3", B1='="x"&A1')
    only(
        monkeypatch,
        formualizer=None,
        libreoffice={(1, 1): 1 / 3, (1, 2): "x0.333333333333333"},
    )
    result = recalculate(package)
    assert (result.engine, result.ok) == ("libreoffice", True)
    assert "& with a number of more than 15 digits" in result.notes[0]


def test_what_both_doubt_is_left_in_doubt_by_the_one_that_doubts_less(
    make_bytes, monkeypatch
):
    package = load(make_bytes, A1="3", B1="=ROMAN(A1)", C1="=_xlfn.DAYS(A1,A1)")
    said = {(1, 2): "III", (1, 3): 0.0}
    only(monkeypatch, formualizer=None, libreoffice=said)
    result = recalculate(package)
    assert (result.engine, result.unverified) == ("libreoffice", ("ROMAN",))


def with_four_names(make_bytes, **cells) -> Package:
    def write(book):
        sheet = book.add_worksheet("S")
        for cell, value in cells.items():
            if isinstance(value, str) and value.startswith("="):
                sheet.write_formula(cell, value, None, 0)
            else:
                sheet.write(cell, value)
        for name in ("xl_report", "xl_version", "xl_framework", "chk_verdict"):
            book.define_name(name, "=S!$A$9")

    return Package.from_bytes(make_bytes(write))


#: What stands beside a formula; our own engine computes none of the second and third workbook
#: whole, so that others are asked.
BESIDE = ({}, {"E1": '=LOWER("X")'}, {"E1": "=ROMAN(5)"})


@pytest.mark.parametrize(
    ("formula", "right"),
    [
        ("=SUMPRODUCT(A1:A3)", 5.12),
        ("=COUNTIFS(A1:A3,5,B1:B2,1)", CellError.VALUE),
        ('="x"&1/3', "x0.333333333333333"),
        ('=ROUND(-0.3,0)&""', "0"),
        ('=LEN(1E+21&"")', 5.0),
        ('="x"&A4', "x0.333333333333333"),
        ("=A4*3=1", True),
        ("=DEVSQ(C1:C3)", CellError.NUM),
        ("=0.5-0.4-0.1", 0.0),
        ("=0.1+0.2>0.3", False),
        ('="2024-01-05"-1', 45295.0),
    ],
)
@pytest.mark.parametrize("beside", BESIDE)
def test_four_names_excuse_no_formula(make_bytes, monkeypatch, beside, formula, right):
    only(monkeypatch, formualizer=None)
    cells = {"A1": 5, "A2": "12%", "A3": 0.12, "A4": "=1/3", "B1": 1, "B2": 1, "B3": 1}
    result = recalculate(with_four_names(make_bytes, **cells, D1=formula, **beside))
    value = result.value("S", 1, 4)
    assert "S!D1" in result.doubtful or (value == right and type(value) is type(right))


def test_a_frozen_empty_text_is_no_blank_cell(make_bytes):
    """LibreOffice reads an empty text that is typed as a blank cell, which COUNTA leaves out."""
    package = with_four_names(make_bytes, A1='=""', A2="=1+1")
    frozen = {"S": {(1, 1): "", (2, 1): 2.0}}
    cells = (
        read_book(engine_copy(package, read_book(package), constants=frozen))
        .sheets["S"]
        .cells
    )
    assert (cells[1, 1].formula, cells[2, 1].formula) == ('""', None)


def test_of_a_template_others_compute_what_our_engine_does_not_have(
    make_bytes, monkeypatch
):
    only(monkeypatch, formualizer=None)
    cells = {
        "A1": 2,
        "A2": "=A1*2",
        "A3": "=LOWER(A2)",
        "A4": '=A3&"x"',
        "A5": "=A2/3>1",
    }
    result = recalculate(with_four_names(make_bytes, **cells))
    assert [result.value("S", row, 1) for row in range(2, 6)] == [4.0, "4", "4x", True]
    assert (result.engine, result.ok, result.formula_cells) == ("formualizer", True, 4)


@pytest.mark.slow
@pytest.mark.parametrize("formula", ['="x"&1/3', "=SUMPRODUCT(A1:A3)", "=DEVSQ(C1:C3)"])
def test_a_formula_of_ones_own_in_a_template_is_right_or_unverified(
    monkeypatch, formula
):
    only(monkeypatch, formualizer=None)
    package = with_own_sheet(small_template(), formula)
    result = recalculate(package)
    value = result.value("Own", 1, 4)
    right = {'="x"&1/3': "x0.333333333333333", "=DEVSQ(C1:C3)": CellError.NUM}
    assert "Own!D1" in result.doubtful or value == right.get(formula, 5.12)
    # What the template itself draws is beyond doubt all the same.
    assert {cell.partition("!")[0] for cell in result.doubtful} <= {"Own"}


def with_own_sheet(package: Package, formula: str) -> Package:
    """Return a template with a sheet that a person has added, saved by another program."""
    workbook = openpyxl.load_workbook(io.BytesIO(package.to_bytes()))
    sheet = workbook.create_sheet("Own")
    for cell, value in {
        "A1": 5,
        "A2": "12%",
        "A3": 0.12,
        "D1": formula,
        "E1": "=LOWER(A2)",
    }.items():
        sheet[cell] = value
    out = io.BytesIO()
    workbook.save(out)
    return Package.from_bytes(out.getvalue())


def test_a_dynamic_array_stored_as_one_cell_is_named(make_bytes):
    def write(book, formula):
        sheet = book.add_worksheet("S")
        sheet.write_column("A1", [1, 2, 3])
        sheet.write_dynamic_array_formula("B1", formula, None, 2)

    said = ("a dynamic array that is stored as one cell",)
    for formula, unverified in (
        ("=A1:A3*2", said),
        ("=A1:A3", said),
        ("=ABS(A1:A3)", said),
        ("=IF(A1:A3>1,1,2)", said),
        ("=SUM(A1:A3*2)", ()),
        ("=MAX(A1:A3)+1", ()),
        ("=A1*2", ()),
    ):
        package = Package.from_bytes(make_bytes(partial(write, formula=formula)))
        result = recalculate(package)
        assert (said[0] in result.unverified) == bool(unverified), formula


def test_a_data_table_is_named(make_bytes):
    package = load(make_bytes, A1="1", B1="=A1+1")
    part = "xl/worksheets/sheet1.xml"
    xml = package.parts[part].decode()
    changed = xml.replace("<f>A1+1</f>", '<f t="dataTable" ref="B1" dt2D="0" r1="A1"/>')
    result = recalculate(package.replace({part: changed.encode()}))
    assert result.unverified == ("a what-if data table",)


@pytest.mark.parametrize(
    ("formula", "said", "doubted"),
    [
        ('=TEXT(A1,"0.00")', "2.00", False),
        ('=TEXT(A1,"0.00")', "2.01", True),
        ("=SUMPRODUCT((A1:A3>5)*1)", 0.0, False),
        ("=SUMPRODUCT((A1:A3>5)*1)", 1e-12, True),
        ("=SUMPRODUCT((A1:A3>1)*1)", 1.0 + 1e-12, False),
        ("=INFO(A1)", "x", True),
    ],
)
def test_in_a_template_our_own_engine_confirms_what_another_one_gives(
    make_bytes, monkeypatch, formula, said, doubted
):
    only(monkeypatch, formualizer={(1, 2): said})
    result = recalculate(with_four_names(make_bytes, A1=2, B1=formula), "formualizer")
    assert result.doubtful == (("S!B1",) if doubted else ())
    stranger = recalculate(load(make_bytes, A1="2", B1=formula), "formualizer")
    assert stranger.doubtful == ("S!B1",)


#: Functions that LibreOffice is trusted with, and formualizer is not.
ONLY_THERE = ("ARABIC", "CEILING", "DATE", "DDB", "EDATE", "FLOOR", "ISEVEN")


@pytest.mark.parametrize(
    ("count", "listed"),
    [
        (1, "ARABIC"),
        (5, "ARABIC, CEILING, DATE, DDB, EDATE"),
        (6, "ARABIC, CEILING, DATE, DDB, EDATE and 1 more"),
        (7, "ARABIC, CEILING, DATE, DDB, EDATE and 2 more"),
    ],
)
def test_five_of_the_functions_that_an_engine_is_not_trusted_with_are_named(
    make_bytes, monkeypatch, count, listed
):
    calls = {
        f"B{row}": f"={name}(A1)" for row, name in enumerate(ONLY_THERE[:count], 1)
    }
    said = {(row, 2): 1.0 for row in range(1, count + 1)}
    only(monkeypatch, formualizer=None, libreoffice=said)
    result = recalculate(load(make_bytes, A1="2", **calls))
    assert result.notes == (
        f"LibreOffice computes instead: formualizer is not known to be right for {listed}.",
    )


def test_a_large_workbook_and_a_comparison_with_itself_are_remarked_on(
    make_bytes, monkeypatch
):
    package = load(make_bytes, A1="2", B1="=A1*2")
    assert recalculate(package).notes == ()
    monkeypatch.setattr(limits, "memory_needed", lambda _: 2_340_000_000)
    monkeypatch.setattr(limits, "MUCH_MEMORY", 2_339_999_999)
    assert recalculate(package, "compiled", verify="compiled").notes == (
        "large workbook: reading it takes about 2.3 GB of memory.",
        "compiled was compared with itself, which verifies nothing.",
    )
