import io
import threading
import tomllib
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import xlsxwriter

from xlcity.errors import CellError, EngineError, UsageError
from xlcity.hosts import formualizer as formualizer_host
from xlcity.hosts import formulas as formulas_host
from xlcity.recalc import engine_selection
from xlcity.recalc.engines import formualizer as module
from xlcity.recalc.engines import registry as engines
from xlcity.recalc.engines.formualizer import (
    PINNED,
    Calculation,
    Formualizer,
    evaluate_all,
)
from xlcity.recalc.engines.formulas import Formulas, compute_file
from xlcity.recalc.engines.libreoffice import LibreOffice
from xlcity.recalc.engines.protocol import CannotComputeError, Task, TimeLimitError
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.workbook import recalculate
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

NA = CellError.NA


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


def test_engines_after_the_first_get_less_time(monkeypatch, make_bytes):
    class Recorder(Formualizer):
        def evaluate(self, task):
            times.append(task.timeout)
            return {"S": {(1, 1): 1.0}}

    times: list[float] = []
    monkeypatch.setattr(
        engine_selection, "engines_by_speed", lambda: ([Recorder(), Recorder()], [])
    )
    write = lambda book: book.add_worksheet("S").write_formula("A1", "=ROMAN(1)")  # noqa: E731
    recalculate(Package.from_bytes(make_bytes(write)), timeout=600.0)
    assert times == [600.0, 20.0]


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
    assert Formualizer().evaluate(task)["S"][1, 2] == pytest.approx(
        (1 - 7 / 3) / deviation
    )

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
        "'[book.xlsx]IT''S'!B1:B3": [
            [9.0],
            [8.0],
            [None],
        ],  # what another formula gathers
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
        loads=lambda _: SimpleNamespace(
            finish=lambda: SimpleNamespace(calculate=lambda: solved)
        )
    )
    stand_in = SimpleNamespace(ExcelModel=lambda: model)
    monkeypatch.setattr(formulas_host, "load_formulas", lambda: stand_in)
    path = tmp_path / "book.xlsx"
    path.write_bytes(make_bytes(write))
    assert compute_file(str(path)) == {
        "It's": {
            (1, 2): 1.0,
            (2, 2): 8.0,
            (3, 2): 0.0,
            (1, 3): CellError.NA,
            (1, 4): 2.0,
            (1, 5): 3.0,
            (2, 4): 4.0,
            (2, 5): 5.0,
        }
    }


def test_the_engines_are_found_by_name():
    assert list(engines.engines()) == [
        "compiled",
        "formualizer",
        "formulas",
        "libreoffice",
    ]


class EngineBook:
    """A workbook of formualizer's, played: what it calculates, and the values that it has."""

    def __init__(self, calculate=lambda: None, values=None):
        self.calculate = calculate
        self.values = values or {}
        self.evaluated = []
        self.name_import_diagnostics: list[dict] = []

    def evaluate_cell(self, sheet, row, column):
        self.evaluated.append((sheet, row, column))

    def evaluate_all(self):
        self.evaluated.append("all")
        self.calculate()

    def cancel(self):
        self.evaluated.append("cancel")

    def get_value(self, sheet, row, column):
        return self.values[row, column]


class Panic(BaseException):
    """What a failure of the Rust library is."""


def raises(error):
    def calculate():
        raise error

    return calculate


def test_calls_are_calculated_first_and_failures_are_said():
    calls = [("S", (3, 1)), ("S", (1, 1))]
    played = EngineBook()
    assert evaluate_all(played, 60.0, calls) == (None, False)
    assert played.evaluated == [("S", 3, 1), ("S", 1, 1), "all"]
    assert evaluate_all(EngineBook(raises(ValueError("bad"))), 60.0) == ("bad", False)
    assert evaluate_all(EngineBook(raises(Panic("index"))), 60.0) == (
        "it failed (index)",
        False,
    )


def test_a_calculation_is_abandoned_when_time_is_up():
    waiting = threading.Event()
    played = EngineBook(waiting.wait)
    assert evaluate_all(played, 0.05) == (None, True)
    assert played.evaluated[-1] == "cancel"
    assert module.is_late_calculation_running()
    waiting.set()
    module._LATE_THREADS[-1].join(10)
    assert not module.is_late_calculation_running()


@pytest.mark.parametrize(
    ("free", "used", "stops"), [(5e6, 5.1e6, True), (None, 9e9, False)]
)
def test_a_calculation_stops_where_memory_ends(monkeypatch, free, used, stops):
    waiting = threading.Event()
    in_use = iter([7e6])  # before; then what it takes is added
    monkeypatch.setattr(module, "memory_free", lambda: free)
    monkeypatch.setattr(module, "memory_used", lambda: next(in_use, 7e6 + used))
    played = EngineBook(lambda: waiting.wait(60.0 if stops else 0.1))
    try:
        if stops:
            with pytest.raises(
                EngineError, match="more than the 5 MB of memory"
            ) as caught:
                evaluate_all(played, 60.0)
            assert caught.value.problems[0].code == "XC408"
            assert played.evaluated[-1] == "cancel"
        else:
            assert evaluate_all(played, 60.0) == (None, False)
    finally:
        waiting.set()


def read_values(make_bytes, monkeypatch, values, *, partial=False, **calculation):
    """Return what Formualizer reads of an engine's workbook in which A1, A2 … have these values."""

    def write(made):
        sheet = made.add_worksheet("S")
        for row in range(len(values)):
            sheet.write_formula(row, 0, f"=B{row + 1}")

    package = Package.from_bytes(make_bytes(write))
    played = EngineBook(values={(row, 1): value for row, value in enumerate(values, 1)})
    state = {"faults": [], "failure": None, "is_late": False, **calculation}
    stand_in = SimpleNamespace(workbook=played, run=lambda: None, **state)
    monkeypatch.setattr(module, "Calculation", lambda *_: stand_in)
    found = Formualizer().evaluate(
        Task(package, read_book(package), {}, 2.5, partial=partial)
    )
    return [found["S"][row, 1] for row in range(1, len(values) + 1)]


def test_values_of_the_engine_become_ours(make_bytes, monkeypatch):
    kinds = {
        "Na": "NA",
        "Div": "DIV0",
        "Value": "VALUE",
        "Ref": "REF",
        "Name": "NAME",
        "Num": "NUM",
        "Null": "NULL",
        "Calc": "VALUE",
        "Error": "VALUE",
    }
    raw = [1.5, "x", "", True, 3, *({"kind": kind} for kind in kinds)]
    wanted = [1.5, "x", "", True, 3.0, *(CellError[name] for name in kinds.values())]
    found = read_values(make_bytes, monkeypatch, raw)
    assert found == wanted
    assert [type(value) for value in found] == [type(value) for value in wanted]


def test_cells_without_a_value_are_an_error_unless_a_part_is_wanted(
    make_bytes, monkeypatch
):
    raw = [1.0, {"kind": "Pending"}, {"kind": "Circ"}]
    assert read_values(make_bytes, monkeypatch, raw, partial=True) == [1.0, None, None]
    with pytest.raises(
        CannotComputeError, match="names its own cell for a circle: S!A3"
    ):
        read_values(make_bytes, monkeypatch, raw)
    with pytest.raises(
        CannotComputeError, match=r"compute 1 cell: S!A2\. It says: why"
    ) as caught:
        read_values(make_bytes, monkeypatch, raw[:2], failure="why")
    assert "S!A1" not in caught.value.problems[0].message
    for partial in (False, True):
        with pytest.raises(TimeLimitError, match=r"more than 2\.5 seconds"):
            read_values(
                make_bytes, monkeypatch, [1.0, {"kind": "Cancelled"}], partial=partial
            )
    with pytest.raises(TimeLimitError):
        read_values(make_bytes, monkeypatch, [1.0], is_late=True)
    with pytest.raises(CannotComputeError, match=r"a function failed \(ZSCORE: x\)"):
        read_values(make_bytes, monkeypatch, [1.0], faults=["ZSCORE: x", "other"])


@pytest.mark.parametrize(
    ("area", "given", "wanted"),
    [
        ("A1:B2", {(1, 1): 5.0}, [[5.0, 5.0], [5.0, 5.0]]),
        ("A1:B3", {(1, 1): 5.0, (2, 1): 6.0}, [[5.0, 5.0], [6.0, 6.0], [NA, NA]]),
        ("A1:C2", {(1, 1): 5.0, (1, 2): 6.0}, [[5.0, 6.0, NA], [5.0, 6.0, NA]]),
        (
            "A1:C3",
            {(1, 1): 1.0, (1, 2): 2.0, (2, 1): 3.0, (2, 2): 4.0},
            [[1.0, 2.0, NA], [3.0, 4.0, NA], [NA, NA, NA]],
        ),
        ("A1:A2", {(1, 1): 1.0, (2, 1): 2.0}, [[1.0], [2.0]]),
        ("A1", {(1, 1): 1.0}, [[1.0]]),
        ("A1:B1", {}, [[None, None]]),
    ],
)
def test_results_smaller_than_their_range_fill_it_as_in_excel(
    make_bytes, monkeypatch, area, given, wanted
):
    def write(made):
        made.add_worksheet("S").write_array_formula(area, "{=F1:G2}")

    package = Package.from_bytes(make_bytes(write))
    book = read_book(package)
    values = {
        place: {"kind": "Pending"} for place in book.sheets["S"].cells.computed()
    } | given
    stand_in = SimpleNamespace(
        workbook=EngineBook(values=values),
        run=lambda: None,
        faults=[],
        failure=None,
        is_late=False,
    )
    monkeypatch.setattr(module, "Calculation", lambda *_: stand_in)
    found = Formualizer().evaluate(Task(package, book, {}, 60.0, partial=True))["S"]
    rows = len(wanted)
    columns = len(wanted[0])
    assert [
        [found[r, c] for c in range(1, columns + 1)] for r in range(1, rows + 1)
    ] == wanted


def test_threads_are_one_beside_other_processes(make_bytes, monkeypatch):
    import formualizer

    package = Package.from_bytes(
        make_bytes(lambda made: made.add_worksheet("S").write("A1", 1))
    )
    seen = []
    settings = formualizer.EvaluationConfig
    monkeypatch.setattr(
        formualizer, "EvaluationConfig", lambda: seen.append(settings()) or seen[-1]
    )
    for parallel in (True, False):
        task = Task(package, read_book(package), {}, 2.5, parallel=parallel)
        Calculation(package.to_bytes(), task)
    assert [one.enable_parallel for one in seen] == [True, False]
    assert seen[1].max_threads == 1 != seen[0].max_threads
    assert [one.max_eval_time_ms for one in seen] == [2500, 2500]


@pytest.mark.parametrize(
    "engine",
    ["formualizer", pytest.param("libreoffice", marks=pytest.mark.libreoffice)],
)
@pytest.mark.parametrize("name", ["sheet1", "SHEET1", "Sheet1"])
def test_a_sheet_is_computed_however_its_name_is_spelled(engine, name):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(name)
        sheet.write("A1", 7)
        sheet.write_formula("A2", "=A1*2", None, 0)
        book.add_worksheet("Other").write_formula("A1", f"={name}!A2+1", None, 0)
    result = recalculate(Package.from_bytes(out.getvalue()), engine)
    assert result.value(name, 2, 1) == 7 * 2
    assert result.value("Other", 1, 1) == 7 * 2 + 1
