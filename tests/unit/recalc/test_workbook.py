import pytest

from xlcity.errors import CellError, EngineError
from xlcity.recalc.engines.formualizer import PINNED, Formualizer
from xlcity.recalc.engines.formulas import Formulas
from xlcity.recalc.engines.ironcalc import IronCalc
from xlcity.recalc.engines.libreoffice import LibreOffice
from xlcity.recalc.engines.protocol import CannotComputeError, TimeLimitError, require_complete
from xlcity.recalc.workbook import patched, recalculate
from xlcity.xlsx.cells import read_book
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
    assert [result.value("S", 1, c) for c in range(1, 6)] == [2, 42, "42", True, CellError.DIV0]
    assert result.formula_cells == 4
    assert (result.udf_cells, result.udf_by) == (0, None)
    assert result.errors == {"#DIV/0!": 1}


def test_errors_of_functions_are_not_counted(make_bytes):
    package = load(make_bytes, A1="1", A2="3", B1="{=MIN_MAX(A1:A9)}")
    names = recalculate(load(make_bytes, A1="1", A2="3", B1="{=RANK_UNIFORM(A1:A9)}"))
    assert names.udf_cells == 9
    assert names.udf_by == "formualizer"
    assert [names.value("S", r, 2) for r in (1, 2, 3)] == [100 / 2, 200 / 2, CellError.NA]
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
    with pytest.raises(CannotComputeError, match="1 formula cells without a value: S!B2"):
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
    monkeypatch.setattr(IronCalc, "version", lambda _: None)
    monkeypatch.setattr(LibreOffice, "available", lambda _: True)
    monkeypatch.setattr(LibreOffice, "version", lambda _: "0")
    monkeypatch.setattr(LibreOffice, "evaluate", lambda *_: {"S": {(1, 1): 2.0}})
    result = recalculate(package)
    assert result.engine == "libreoffice"
    assert "formualizer cannot" in result.notes[0]
    assert "LibreOffice computes instead" in result.notes[0]
    with pytest.raises(CannotComputeError):
        recalculate(package, "formualizer")


def test_the_time_limit_of_the_default_engine(make_bytes):
    cells = {f"A{i}": f"=SUMPRODUCT((B1:B900>A{i - 1})*(C1:C900<2))" for i in range(2, 400)}
    with pytest.raises(TimeLimitError, match="--timeout"):
        recalculate(load(make_bytes, A1="1", **cells), "formualizer", timeout=0.001)


def test_names_formualizer_leaves_out_are_not_passed_off_as_unknown(make_bytes):
    def write(book):
        book.add_worksheet("S").write_formula("A1", "=SUMPRODUCT((codes=1)*1)", None, 0)
        book.define_name("codes", "={1,2}")

    with pytest.raises(CannotComputeError, match="codes used in S!A1"):
        recalculate(Package.from_bytes(make_bytes(write)), "formualizer")


def test_recalculating_twice_changes_nothing(make_bytes):
    package = load(make_bytes, A1="3", A2="1", B1="{=RANK_UNIFORM(A1:A9)}", C1="=SUM(A1:A2)/7")
    once = patched(package, recalculate(package))
    assert once is not package
    assert patched(once, recalculate(once)) is once
    assert read_book(once).value("S", 1, 3) == (3 + 1) / 7


def only(monkeypatch, **engines) -> None:
    """Let only these engines be there, each saying what is given (``None``: what it says)."""
    classes = {
        "formualizer": Formualizer,
        "formulas": Formulas,
        "ironcalc": IronCalc,
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
    package = load(make_bytes, A1="=1+1", B1="=_xlfn.BESSELJ(1.9,2)")
    only(monkeypatch, formualizer=None, formulas={(1, 1): 3.0, (1, 2): 10.0})
    result = recalculate(package, "formualizer", verify="formulas")
    assert result.verified.differing[0] == "S!A1"
    assert "S!A1" in result.doubtful
    assert not result.ok


def test_a_wrong_function_in_one_engine_is_found_with_its_cells(make_bytes, monkeypatch):
    from xlcity.hosts import formualizer as host

    pytest.importorskip("ironcalc")
    package = load(make_bytes, A1="3", A2="1", B1="{=RANK_UNIFORM(A1:A9)}", C1="=A1*2")
    good = recalculate(package, "formualizer", verify="ironcalc")
    assert good.verified.differing == ()

    def register(workbook, **_):
        workbook.register_function("RANK_UNIFORM", lambda *_: [[7.0]] * 9)

    monkeypatch.setattr(host, "register", register)
    bad = recalculate(package, "formualizer", verify="ironcalc")
    assert bad.verified.differing[:2] == ("S!B1", "S!B2")
    assert "S!C1" not in bad.verified.differing
    assert not bad.ok


def test_a_value_other_than_the_stored_one_needs_a_second_engine(make_bytes, monkeypatch):
    package = load(make_bytes, A1="1", B1="=A1+1")  # the file says 0
    only(monkeypatch, formualizer=None)
    alone = recalculate(package)
    assert alone.value("S", 1, 2) == 1 + 1
    assert alone.unverified == ("values other than those stored: S!B1",)
    assert alone.doubtful == ("S!B1",)
    only(monkeypatch, formualizer=None, libreoffice={(1, 2): 2.0})
    assert recalculate(package, "formualizer").ok
    only(monkeypatch, formualizer=None, libreoffice={(1, 2): 0.0})
    assert not recalculate(package, "formualizer").ok
    assert recalculate(patched(package, alone)).ok


def test_auto_leaves_an_engine_that_two_others_contradict(make_bytes, monkeypatch):
    package = load(make_bytes, A1="1", B1="=A1+1")
    only(monkeypatch, formualizer={(1, 2): 5.0}, ironcalc={(1, 2): 2.0}, libreoffice={(1, 2): 2.0})
    monkeypatch.setattr(Formualizer, "version", lambda _: PINNED)
    monkeypatch.setattr(IronCalc, "version", lambda _: "0.9.1")
    result = recalculate(package)
    assert (result.engine, result.value("S", 1, 2), result.ok) == ("ironcalc", 2.0, True)


def test_auto_takes_the_fastest_engine_that_is_verified_for_all(make_bytes):
    pytest.importorskip("ironcalc")
    package = load(make_bytes, A1="1", B1="=ABS(A1)", C1="=GCD(A1:A2)")
    result = recalculate(patched(package, recalculate(package)))
    assert result.engine == "ironcalc"
    assert result.ok
    assert "formualizer is not known to be right for GCD, GCD(range): ironcalc" in result.notes[0]


def test_what_changes_by_itself_is_not_held_against_the_stored_value(make_bytes):
    package = load(make_bytes, A1="=RAND()", B1="=A1*2", C1="=1+1")
    result = recalculate(package, "formualizer")
    assert "2 cells not compared with the value stored" in result.notes[0]


def test_templates_are_not_held_against_what_they_stored(make_bytes, monkeypatch):
    def write(book):
        sheet = book.add_worksheet("S")
        sheet.write_formula("A1", "=1+1", None, 0)
        for name in ("xl_report", "xl_version", "xl_framework", "chk_verdict"):
            book.define_name(name, "=S!$A$1")

    only(monkeypatch, formualizer=None)
    assert recalculate(Package.from_bytes(make_bytes(write))).ok


def test_a_data_table_is_named(make_bytes):
    package = load(make_bytes, A1="1", B1="=A1+1")
    part = "xl/worksheets/sheet1.xml"
    xml = package.parts[part].decode()
    changed = xml.replace("<f>A1+1</f>", '<f t="dataTable" ref="B1" dt2D="0" r1="A1"/>')
    result = recalculate(package.replace({part: changed.encode()}))
    assert result.unverified == ("a what-if data table",)
