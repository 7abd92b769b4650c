"""ironcalc as an engine: native cells its own, functions of the library by xlcity."""

import os
import signal
import subprocess
import sys

import pytest

from xlcity.errors import CellError, EngineError
from xlcity.recalc.engines import ironcalc
from xlcity.recalc.engines.ironcalc import IronCalc
from xlcity.recalc.engines.protocol import CannotComputeError, TimeLimitError
from xlcity.recalc.workbook import patched, recalculate
from xlcity.xlsx.package import Package

pytest.importorskip("ironcalc")


def load(make_bytes, write) -> Package:
    return Package.from_bytes(make_bytes(write))


def test_natives_arrays_names_and_tables(make_bytes, capfd):
    def write(book):
        sheet = book.add_worksheet("数据 表")
        sheet.write_column("A1", [1, 2, "x", -4])
        sheet.write_formula("B1", "='数据 表'!A4&\"\"", None, 7)
        sheet.write_array_formula("C1:C4", "{=A1:A4*2}", None, 0)
        sheet.write_array_formula("D1:D1", "{=SUM(ABS(A1:A2))}", None, 0)
        sheet.write_formula("E1", "=SUM(Tab[b])+two", None, 0)
        sheet.write_formula("E2", '="#N/A"', None, 0)
        sheet.write_formula("E3", "=NA()", None, 0)
        sheet.add_table("H1:I3", {"name": "Tab", "columns": [{"header": "a"}, {"header": "b"}]})
        sheet.write_column("I2", [2, 4])
        book.define_name("two", "='数据 表'!$A$2")

    values = recalculate(load(make_bytes, write), "ironcalc").values["数据 表"]
    assert values[1, 2] == "-4"
    assert [values[r, 3] for r in range(1, 5)] == [2, 4, CellError.VALUE, -8]
    assert values[1, 4] == 1 + 2
    assert values[1, 5] == (2 + 4) + 2
    assert (values[2, 5], values[3, 5]) == ("#N/A", CellError.NA)
    # What it prints would stand in the middle of a JSON document.
    assert capfd.readouterr().out == ""


def test_functions_are_computed_from_its_values(make_bytes):
    def write(book):
        sheet = book.add_worksheet("S")
        sheet.write_column("A1", [3, 1, 2])
        for row in (1, 2, 3):
            sheet.write_formula(f"B{row}", f"=A{row}*2", None, 0)
        sheet.write_array_formula("C1:C3", "{=RANK_UNIFORM(B1:B3)}", None, 0)
        sheet.write_formula("D1", "=SUM(C1:C3)", None, 0)

    package = load(make_bytes, write)
    result = recalculate(package, "ironcalc")
    assert [result.value("S", r, 3) for r in (1, 2, 3)] == [300 / 3, 100 / 3, 200 / 3]
    assert result.value("S", 1, 4) == pytest.approx(100 + 100 / 3 + 200 / 3, rel=1e-15)
    assert (result.udf_by, result.udf_cells) == ("xlcity", 3)
    once = patched(package, result)
    assert patched(once, recalculate(once, "ironcalc")) is once


def test_a_circle_and_what_it_cannot_do_are_named(make_bytes):
    def circle(book):
        sheet = book.add_worksheet("S")
        sheet.write_formula("A1", "=B1+1", None, 0)
        sheet.write_formula("B1", "=A1*2", None, 0)

    with pytest.raises(EngineError, match=r"circle: S!"):
        recalculate(load(make_bytes, circle), "ironcalc")

    def broken(book):
        book.add_worksheet("S").write_formula("B2", "=1+", None, 0)

    with pytest.raises(CannotComputeError, match=r"S!B2|cannot"):
        recalculate(load(make_bytes, broken), "ironcalc")


def test_absent_it_says_how_to_get_it(make_bytes, monkeypatch):
    monkeypatch.setattr(IronCalc, "version", lambda _: None)
    package = load(make_bytes, lambda book: book.add_worksheet("S").write_formula("A1", "=1"))
    with pytest.raises(EngineError, match="ironcalc"):
        recalculate(package, "ironcalc")


def test_it_is_not_waited_for_long_where_nobody_asked_for_it(make_bytes, monkeypatch):
    def write(book):
        sheet = book.add_worksheet("S")
        sheet.write_formula("A1", "=1+1", None, 7)  # not the stored value: a second engine is asked

    given = []

    def evaluate(self, task):
        given.append(task.timeout)
        raise TimeLimitError("ironcalc hangs.")

    monkeypatch.setattr(IronCalc, "evaluate", evaluate)
    monkeypatch.setenv("XLCITY_SOFFICE", "/absent")
    package = load(make_bytes, write)
    assert recalculate(package, "auto", 1200).value("S", 1, 1) == 2
    assert given == [60.0]  # once, although it might compute and might confirm
    with pytest.raises(TimeLimitError):
        recalculate(package, "ironcalc", 1200)
    assert given[-1] == 1200


@pytest.mark.skipif(sys.platform == "win32", reason="a limit as on Unix")
def test_one_that_nobody_waits_for_any_more_ends_all_the_same(tmp_path):
    endless = "def load_from_xlsx(*_):\n    while True: pass\n"
    (tmp_path / "ironcalc.py").write_text(endless, encoding="utf-8")
    (tmp_path / "places.json").write_text("{}", encoding="utf-8")
    names = (str(tmp_path / name) for name in ("book.xlsx", "places.json", "values.json"))
    done = subprocess.run(
        [sys.executable, "-P", ironcalc._CHILD, *names, "0", "0"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=False,
    )
    assert done.returncode == -signal.SIGXCPU
