import io
import tomllib
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import xlsxwriter

from xlcity.errors import CellError, EngineError, UsageError
from xlcity.hosts import formualizer as formualizer_host
from xlcity.hosts import formulas as formulas_host
from xlcity.recalc.engines import registry as engines
from xlcity.recalc.engines.formualizer import PINNED, Calculation, Formualizer
from xlcity.recalc.engines.formulas import Formulas, compute_file
from xlcity.recalc.engines.libreoffice import LibreOffice
from xlcity.recalc.engines.protocol import CannotComputeError, Task
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package


def test_the_pins_are_the_ones_that_are_installed():
    text = (Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    assert f"formualizer=={PINNED}" in project["optional-dependencies"]["fast"]


def test_the_fastest_comes_first():
    assert engines.engines_by_speed()[0][0].name == "formualizer"


def test_another_version_is_passed_over_and_named(monkeypatch):
    monkeypatch.setattr(Formualizer, "version", lambda _: "9.9")
    monkeypatch.setattr(LibreOffice, "available", lambda _: True)
    monkeypatch.setattr(LibreOffice, "version", lambda _: "7.4")
    found, notes = engines.engines_by_speed()
    assert found[0].name == "libreoffice"
    assert "formualizer is 9.9, not the measured" in notes[0]
    assert engines.engine_named("formualizer").name == "formualizer"


def test_auto_without_any_engine_names_two(monkeypatch):
    for engine in (Formualizer, Formulas):
        monkeypatch.setattr(engine, "version", lambda _: None)
    monkeypatch.setattr(LibreOffice, "available", lambda _: False)
    with pytest.raises(EngineError, match=r"pip install formualizer.*libreoffice-calc"):
        engines.engines_by_speed()


def test_unknown_and_absent_engines(monkeypatch):
    with pytest.raises(UsageError, match="libreoffice"):
        engines.engine_named("excel")
    monkeypatch.setattr(LibreOffice, "available", lambda _: False)
    with pytest.raises(EngineError, match="not installed"):
        engines.engine_named("libreoffice")
    assert "libreoffice" not in engines.available_engines()


def test_a_function_that_breaks_down_is_no_value(monkeypatch):
    """formualizer writes #VALUE! for it, which nobody could tell from an answer."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("S")
        sheet.write_column("A1", [1, 2, 4])
        sheet.write_array_formula("B1:B3", "{=ZSCORE_WINSOR(A1:A3)}")
    package = Package.from_bytes(stream.getvalue())
    book = read_book(package)
    task = Task(package, book, find_udf_cells(book, library_names()), 60.0)
    deviation = (14 / 9) ** 0.5
    assert Formualizer().evaluate(task)["S"][1, 2] == pytest.approx((1 - 7 / 3) / deviation)

    def broken(*_):
        raise ImportError("half a module")

    monkeypatch.setattr(formualizer_host, "call_filled", broken)
    with pytest.raises(CannotComputeError, match=r"ZSCORE_WINSOR.*half a module"):
        Formualizer().evaluate(task)


def test_a_copy_beyond_the_engines_own_limit_is_loaded(make_bytes):
    """It refuses 128 MB; books of 1,904 cities, which are not packed for it, have more."""
    data = make_bytes(lambda made: made.add_worksheet("S").write_formula("A1", "=1+2"))
    package = Package.from_bytes(data)
    task = Task(package, read_book(package), {}, 60.0)
    large = io.BytesIO(data)
    with zipfile.ZipFile(large, "a") as archive:
        archive.writestr("xl/padding.bin", bytes(130 << 20))
    calculation = Calculation(large.getvalue(), task)
    calculation.run()
    assert calculation.workbook.get_value("S", 1, 1) == 3


def test_solutions_of_formulas_are_read_cell_by_cell(make_bytes, monkeypatch, tmp_path):
    """Its keys are cells and ranges, names of sheets in capitals; other keys are no cells."""

    def write(made):
        sheet = made.add_worksheet("It's")
        sheet.write("A1", 1)
        for cell in ("B1", "B2", "B3", "C1"):
            sheet.write_formula(cell, "=A1")
        sheet.write_array_formula("D1:E2", "{=A1*2}")
        made.add_worksheet("Empty").write("A1", 5)

    solution = {
        "'[book.xlsx]IT''S'!B1:B3": [[9.0], [8.0], [None]],  # what another formula gathers
        "'[book.xlsx]IT''S'!B1": [[1.0]],
        "'[book.xlsx]IT''S'!$C$1": [[CellError.NA]],
        "'[book.xlsx]IT''S'!D1:E2": [[2.0, 3.0], [4.0, 5.0]],
        "'[book.xlsx]IT''S'!B2:B3": [[7.0], [6.0]],
        "'[book.xlsx]IT''S'!A1": [[1.0]],
        "'[book.xlsx]EMPTY'!A1": [[5.0]],
        "A NAME": [[99.0]],
    }
    solved = {key: SimpleNamespace(value=value) for key, value in solution.items()}
    solved["'[book.xlsx]IT''S'!B2"] = "no value"
    model = SimpleNamespace(
        loads=lambda _: SimpleNamespace(finish=lambda: SimpleNamespace(calculate=lambda: solved))
    )
    stand_in = SimpleNamespace(ExcelModel=lambda: model)
    monkeypatch.setattr(formulas_host, "load_formulas", lambda: stand_in)
    path = tmp_path / "book.xlsx"
    path.write_bytes(make_bytes(write))
    assert compute_file(str(path)) == {
        "It's": {
            (1, 2): 1.0, (2, 2): 8.0, (3, 2): 0.0, (1, 3): CellError.NA,
            (1, 4): 2.0, (1, 5): 3.0, (2, 4): 4.0, (2, 5): 5.0,
        }
    }  # fmt: skip


def test_the_engines_are_found_by_name():
    assert list(engines.engines()) == ["compiled", "formualizer", "formulas", "libreoffice"]
