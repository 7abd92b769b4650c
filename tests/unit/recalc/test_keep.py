"""Cells that no engine can compute keep the value stored, and are listed."""

import pytest

from xlcity.errors import CellError
from xlcity.recalc.engines.formualizer import Formualizer
from xlcity.recalc.engines.protocol import CannotComputeError
from xlcity.recalc.files.jobs import Job, run_job
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.formulas.tokens import normalise_formula
from xlcity.xlsx.package import Package


@pytest.fixture(autouse=True)
def _no_office(monkeypatch):
    # It would be started for each run.
    monkeypatch.setattr("xlcity.recalc.engines.libreoffice.find_soffice", lambda: None)


def book(make_bytes, formulas):
    def write(made):
        sheet = made.add_worksheet("S")
        sheet.write("A1", 2)
        for cell, (formula, value) in formulas.items():
            sheet.write_formula(cell, f"={formula}", None, value)

    return Package.from_bytes(make_bytes(write))


LINK = "SUM([1]Other!$A$1:$A$3)"
KEPT = (
    LINK,
    'GETPIVOTDATA("x",$A$1)',
    "MYADDIN(A1)",
    'CUBEVALUE("c","x")',
    "_xll.OTHER(A1)",
)


def test_what_no_engine_can_compute_keeps_its_value(make_bytes):
    formulas = {f"B{row}": (formula, 40 + row) for row, formula in enumerate(KEPT, 1)}
    formulas |= {"C1": ("SUM(B1:B5)*A1", 0), "D1": ("A1+1", 3)}
    package = book(make_bytes, formulas)
    result = recalculate(package, keep=True)
    assert result.kept == tuple(f"S!B{row}" for row in range(1, 6))
    assert [result.value("S", row, 2) for row in range(1, 6)] == [41, 42, 43, 44, 45]
    assert (result.value("S", 1, 3), result.value("S", 1, 4)) == (215 * 2, 3)
    assert not result.ok
    assert "a reference to another workbook" in result.unverified
    assert any("5 cells kept the value stored" in note for note in result.notes)
    after = read_book(patch_results(package, result))
    assert after.value("S", 1, 2) == 41
    assert after.sheets["S"].cells[1, 2].formula == LINK


def test_names_of_another_workbook_keep_their_value(make_bytes):
    formulas = {
        "B1": ("[1]Other!rate", 41),
        "B2": ("[1]!rate*2", 82),
        "C1": ("B1+B2", 0),
    }
    result = recalculate(book(make_bytes, formulas), keep=True)
    assert result.kept == ("S!B1", "S!B2")
    # [0] is the workbook itself.
    assert (result.value("S", 1, 3), normalise_formula("[0]!rate", 1, 1).books) == (
        123,
        (),
    )
    assert result.unverified == ("a reference to another workbook",)


def test_what_one_engine_lacks_is_kept_when_it_is_asked_alone(make_bytes, monkeypatch):
    """LibreOffice says #VALUE! or #NAME? of functions that it does not have."""
    formulas = {"B1": ("_xlfn.LAMBDA(_xlpm.x,_xlpm.x+1)(A1)", 3), "C1": ("A1*2", 4)}
    package = book(make_bytes, formulas)
    said = {"S": {(1, 2): CellError.VALUE, (1, 3): 4.0}}
    monkeypatch.setattr(Formualizer, "evaluate", lambda *_: said)
    result = recalculate(package, "formualizer", keep=True)
    assert (result.kept, result.value("S", 1, 2)) == (("S!B1",), 3)


def test_a_link_is_not_kept_if_asked(make_bytes, tmp_path):
    package = book(make_bytes, {"B1": (LINK, 42), "C1": ("B1*A1", 84)})
    path = tmp_path / "a.xlsx"
    path.write_bytes(package.to_bytes())
    kept = run_job(Job(path, tmp_path / "b.xlsx")).entry
    assert (kept["kept"], kept["status"]) == (["S!B1"], "unverified")
    loose = run_job(Job(path, tmp_path / "c.xlsx", keep=False)).entry
    assert loose["kept"] == []
    assert loose["status"] in ("unverified", "failed")


def test_nothing_is_kept_where_nothing_is_stored(make_bytes):
    package = book(make_bytes, {"B1": ("MYADDIN(A1)", ""), "C1": ("A1*2", 4)})
    result = recalculate(package, keep=True)
    assert result.value("S", 1, 3) == 4
    assert result.value("S", 1, 2) in (CellError.NAME, "")
    assert not result.ok


def test_a_formula_that_only_the_engine_reads_is_computed_and_not_kept(
    make_bytes, monkeypatch
):
    formulas = {"B1": ("SUM(A1:A3 A1:C1)", 99), "C1": ("A1*2", 4)}
    computed = {"S": {(1, 2): 2.0, (1, 3): 4.0}}
    monkeypatch.setattr(Formualizer, "evaluate", lambda *_: computed)
    result = recalculate(book(make_bytes, formulas), "formualizer", keep=True)
    assert (result.kept, result.value("S", 1, 2)) == ((), 2)


@pytest.mark.parametrize("engine", ["auto", "formualizer"])
def test_what_stops_an_engine_is_kept_and_the_rest_is_computed(
    make_bytes, monkeypatch, engine
):
    """The engine is asked for what it can compute; cells that it leaves become constants."""
    asked = []

    def evaluate(_, task):
        has_formula = (1, 2) in task.book.sheets["S"].cells.computed()
        asked.append((has_formula, task.partial))
        if has_formula and not task.partial:
            raise CannotComputeError("it stops here.")
        return {"S": {(1, 3): 4.0}}

    monkeypatch.setattr(Formualizer, "evaluate", evaluate)
    package = book(make_bytes, {"B1": ("SUM(A1:A3)", 42), "C1": ("A1*2", 5)})
    result = recalculate(package, engine, keep=True)
    assert asked == [(True, False), (True, True), (False, False)]
    assert result.kept == ("S!B1",)
    assert (result.value("S", 1, 2), result.value("S", 1, 3)) == (42, 4)
    assert "what no engine can compute" in result.unverified
    with pytest.raises(CannotComputeError, match="it stops here"):
        recalculate(package, engine)


def test_what_stops_an_engine_for_good_is_its_error(make_bytes, monkeypatch):
    def evaluate(_, task):
        if not task.partial:
            raise CannotComputeError("it stops here.")
        return {"S": {}}

    monkeypatch.setattr(Formualizer, "evaluate", evaluate)
    stored = book(make_bytes, {"B1": ("A1+1", 42), "C1": ("A1*2", "")})
    with pytest.raises(CannotComputeError, match="it stops here"):
        recalculate(stored, keep=True)  # C1 has no value to keep
