"""Excel on Windows: what is looked at and what is called, on machines that are played."""

from __future__ import annotations

import types

import pytest

from tests.helpers.windows_stubs import OFFICE, Played
from xlcity.errors import CellError, EngineError
from xlcity.hosts import xlwings as host
from xlcity.hosts.excel.machine import Machine, find_faults, own_settings
from xlcity.hosts.excel.xlwings_addin import (
    ADDIN,
    functions_workbook,
    install_xlwings,
    xlwings_state,
)
from xlcity.hosts.sheet_call import lay_out_call
from xlcity.hosts.state import Availability


@pytest.fixture
def machine(tmp_path):
    return Played(tmp_path)


def said(machine: Machine) -> str:
    return " ".join(f"{fault.message} {fault.remedy}" for fault in find_faults(machine))


def test_a_good_machine_has_no_fault(machine):
    assert list(find_faults(machine)) == []


def test_each_fault_names_its_remedy(machine):
    machine.modules = {"xlwings"}
    assert "-m pip install pywin32" in said(machine)
    machine.files = {machine.python}
    assert "Excel has 64 bits and xlwings64-1.2.dll is in none of" in said(machine)
    machine.values["HKLM", rf"{OFFICE}\ClickToRun\Configuration", "Platform"] = "x86"
    assert "Excel has 32 bits and xlwings32-1.2.dll" in said(machine)
    machine.files = set()
    assert f"the interpreter {machine.python} is gone" in said(machine)
    machine.values = {}
    assert said(machine).startswith("Excel is not installed.")
    machine.windows = False
    assert "--host lite" in said(machine)
    assert len(list(find_faults(machine))) == 1


def test_a_path_that_xlwings_cannot_pass_on_is_told(machine):
    machine.python = machine.folder / "R&D" / "python.exe"
    machine.files |= {machine.python, machine.folder / "R&D" / "xlwings64-1.2.dll"}
    assert "&" in said(machine)


def test_a_python_of_the_store_is_told(machine):
    store = "PythonSoftwareFoundation.Python.3.12_qbz5n2kfra8p0"
    machine.base = machine.folder / "WindowsApps" / store
    assert "Microsoft Store" in said(machine)
    assert install_xlwings(machine).state is Availability.UNAVAILABLE
    assert not machine.startup.exists()


def test_an_environment_of_conda_is_activated_by_xlwings(machine):
    assert own_settings(machine, machine.home)["CONDA PATH"] == ""
    base = machine.folder / "miniforge3"
    machine.prefix = base / "envs" / "cities"
    machine.files.add(machine.prefix / "conda-meta")
    assert "conda activate works" in said(machine)
    machine.files.add(base / "condabin" / "conda.bat")
    assert list(find_faults(machine)) == []
    options = own_settings(machine, machine.home)
    assert (options["CONDA PATH"], options["CONDA ENV"]) == (str(base), "cities")
    # Only an interpreter of this name is started after the environment was activated.
    assert options["INTERPRETER_WIN"] == "python"
    # Elsewhere on the disk: conda is found by the variable that an active environment has.
    machine.prefix = machine.folder / "work" / "env"
    machine.files.add(machine.prefix / "conda-meta")
    machine.variables["CONDA_EXE"] = str(base / "Scripts" / "conda.exe")
    assert own_settings(machine, machine.home)["CONDA ENV"] == str(machine.prefix)
    machine.prefix = base
    machine.files.add(base / "conda-meta")
    assert own_settings(machine, machine.home)["CONDA ENV"] == "base"


def test_an_environment_in_onedrive_is_told_and_refuses_nothing(machine):
    machine.variables["OneDriveCommercial"] = str(machine.folder)
    assert install_xlwings(machine).state is Availability.INSTALLED
    state = xlwings_state(machine)
    assert state.state is Availability.INSTALLED
    assert "is in OneDrive" in state.remedy


class Cell:
    api = types.SimpleNamespace(
        HasSpill=True,
        SpillingToRange=types.SimpleNamespace(Value=((1.5, -2146826246), ("", 2.0))),
    )

    def __init__(self, sheet, place):
        self.sheet = sheet
        self.place = place

    def __setattr__(self, name, value):
        if name in ("value", "formula", "formula2"):
            self.sheet[self.place] = (name, value)
        object.__setattr__(self, name, value)


class Excel:
    """An Excel that is played: what is opened and written, and how often it is ended."""

    def __init__(self):
        self.opened = []
        self.written = {}
        self.ended = 0
        self.books = self

    def open(self, path):
        self.opened.append(path)
        sheet = types.SimpleNamespace(range=lambda place: Cell(self.written, place))
        return types.SimpleNamespace(sheets=types.SimpleNamespace(add=lambda: sheet))

    def quit(self):
        self.ended += 1


@pytest.fixture
def excel(monkeypatch):
    played = Excel()
    monkeypatch.setattr("xlwings.App", lambda **options: played)
    return played


CALL = lay_out_call("RATING_SCALE", [[[4.0, "=x"], [None, CellError.NUM]], [[10.0]]])


def test_a_call_in_excel(machine, excel):
    with pytest.raises(EngineError, match="does not have the functions yet"):
        host.run_sheet_call(CALL, machine)
    assert excel.opened == []
    install_xlwings(machine)
    assert host.run_sheet_call(CALL, machine) == [[1.5, CellError.NA], ["", 2.0]]
    assert excel.opened == [
        str(machine.startup / ADDIN),
        str(functions_workbook(machine)),
    ]
    assert excel.ended == 1
    assert excel.written == {
        (1, 1): ("value", 4.0),
        (1, 2): ("formula", '="=x"'),
        (2, 2): ("formula", "=#NUM!"),
        (1, 3): ("value", 10.0),
        (1, 4): ("formula2", "=RATING_SCALE(A1:B2,C1)"),
    }


def test_functions_that_were_not_imported_are_told(machine, excel, monkeypatch):
    install_xlwings(machine)
    unknown = types.SimpleNamespace(HasSpill=False, Value=-2146826259)
    monkeypatch.setattr(Cell, "api", unknown)
    with pytest.raises(EngineError) as caught:
        host.run_sheet_call(CALL, machine)
    (problem,) = caught.value.problems
    assert problem.message == "Excel does not have the functions yet."
    assert "xlcity-functions.xlsm in Excel" in problem.hint
    assert "click Import Functions" in problem.hint
    assert excel.ended == 1
