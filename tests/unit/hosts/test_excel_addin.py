"""The add-in on Windows: what is looked at and what is written, on machines that are played."""

from __future__ import annotations

import re
import types
from pathlib import Path

import pytest
from windows_stubs import OFFICE, Played

from xlcity.errors import CellError, EngineError
from xlcity.hosts import xlwings as host
from xlcity.hosts.excel import addin, xlam
from xlcity.hosts.excel.machine import Machine, addin_settings, find_faults
from xlcity.hosts.excel.module import MODULE, module_text
from xlcity.hosts.excel.xlam import build_addin
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
    assert addin.install_addin(machine, "en").state is Availability.UNAVAILABLE
    assert not machine.startup.exists()


def test_an_environment_of_conda_is_activated_by_the_add_in(machine):
    assert addin_settings(machine, machine.home)["Conda Path"] == ""
    base = machine.folder / "miniforge3"
    machine.prefix = base / "envs" / "cities"
    machine.files.add(machine.prefix / "conda-meta")
    assert "conda activate works" in said(machine)
    machine.files.add(base / "condabin" / "conda.bat")
    assert list(find_faults(machine)) == []
    options = addin_settings(machine, machine.home)
    assert (options["Conda Path"], options["Conda Env"]) == (str(base), "cities")
    # Only an interpreter of this name is started after the environment was activated.
    assert options["Interpreter_Win"] == "python"
    # Elsewhere on the disk: conda is found by the variable that an active environment has.
    machine.prefix = machine.folder / "work" / "env"
    machine.files.add(machine.prefix / "conda-meta")
    machine.variables["CONDA_EXE"] = str(base / "Scripts" / "conda.exe")
    assert addin_settings(machine, machine.home)["Conda Env"] == str(machine.prefix)
    machine.prefix = base
    machine.files.add(base / "conda-meta")
    assert addin_settings(machine, machine.home)["Conda Env"] == "base"


def test_an_environment_in_onedrive_is_told_and_refuses_nothing(machine):
    machine.variables["OneDriveCommercial"] = str(machine.folder)
    assert addin.install_addin(machine, "en").state is Availability.INSTALLED
    state = addin.addin_state(machine)
    assert state.state is Availability.INSTALLED
    assert "is in OneDrive" in state.remedy


def test_install_status_remove(machine):
    assert addin.addin_state(machine).state is Availability.ABSENT
    done = addin.install_addin(machine, "zh")
    assert (done.state, done.detail) == (
        Availability.INSTALLED,
        str(machine.startup / "xlcity.xlam"),
    )
    assert (machine.home / f"{MODULE}.py").read_text("utf-8") == module_text(
        language="zh"
    )
    options = addin_settings(machine, machine.home)
    assert (machine.startup / "xlcity.xlam").read_bytes() == build_addin(options, "zh")
    assert addin.addin_state(machine).state is Availability.INSTALLED
    before = (machine.startup / "xlcity.xlam").read_bytes()
    addin.install_addin(machine, "zh")
    assert (machine.startup / "xlcity.xlam").read_bytes() == before
    (machine.startup / "xlcity.xlam").write_bytes(b"of somebody else")
    assert addin.addin_state(machine).state is Availability.OUTDATED
    addin.install_addin(machine, "zh")
    (machine.home / f"{MODULE}.py").write_text("other functions")
    assert addin.addin_state(machine).state is Availability.OUTDATED
    addin.remove_addin(machine)
    assert not (machine.startup / "xlcity.xlam").exists()
    assert list(machine.home.iterdir()) == []


def test_nothing_is_written_where_something_is_in_the_way(machine):
    machine.modules = set()
    assert addin.install_addin(machine, "en").state is Availability.UNAVAILABLE
    assert not machine.home.exists()


def test_an_unknown_xlwings_is_told_and_leaves_no_add_in(
    machine, monkeypatch, tmp_path
):
    import xlwings

    (tmp_path / "xlwings_custom_addin.bas").write_text(
        template_text().replace("-B -c", "-c")
    )
    monkeypatch.setattr(xlwings, "__file__", str(tmp_path / "__init__.py"))
    state = addin.install_addin(machine)
    assert state.state is Availability.UNAVAILABLE
    assert "VBA of this version of xlwings" in state.detail
    assert not (machine.startup / addin.ADDIN).exists()


def template_text() -> str:
    """Return the text that xlwings' template for add-ins was made from."""
    import xlwings

    source = Path(xlwings.__file__).with_name("xlwings_custom_addin.bas")
    return source.read_text(encoding="utf-8").replace("\r\n", "\n")


def test_the_open_workbook_and_its_folder_are_never_asked():
    new = xlam.runtime_module().text
    assert 'Public Const PROJECT_NAME As String = "xlcity"' in new
    bodies = dict(
        re.findall(
            r"(?ms)^(?:\w+ )*(?:Function|Sub) (\w+)\b(.*?)^End (?:Function|Sub)", new
        )
    )
    # All that a function in a cell sets off: finding the settings, loading, starting Python.
    reached = set()
    waiting = ["XLPy", "GetConfig"]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        words = set(re.findall(r"\w+", re.sub(r"(?m)'.*$", "", bodies[name])))
        waiting += (words & set(bodies)) - reached
    assert {"XLPyCommand", "XLPyLoadDLL", "GetConfigFromSheet"} <= reached
    assert not {"GetDirectoryConfigFilePath", "GetConfigFromFile"} & reached
    for name in reached:
        assert "ActiveWorkbook" not in bodies[name], name
        assert "ThisWorkbook.Path" not in bodies[name], name
    # Sheets of the open workbook that hold Python are not looked for either.
    assert "ActiveWorkbook.FullName" not in new
    assert "Set wb = ActiveWorkbook" not in new
    # Python does not import from its current folder.
    starts = re.findall(r'" (-\S+ )*-c ""', new)
    assert starts
    assert new.count('" -P -B -c ""') == len(starts)
    # What the settings are called, and where they are looked for.
    assert 'PROJECT_NAME & ".conf"' in new
    for name in addin_settings(Played(Path()), Path()):
        assert f'"{name.upper()}"' in new, name


def test_an_unknown_text_is_refused():
    with pytest.raises(EngineError, match="not known"):
        xlam.guard_template('Public Const PROJECT_NAME As String = "myaddin"')


class Cell:
    def __init__(self, sheet, place):
        self.sheet = sheet
        self.place = place
        self.api = types.SimpleNamespace(
            HasSpill=True,
            SpillingToRange=types.SimpleNamespace(
                Value=((1.5, -2146826246), ("", 2.0))
            ),
        )

    def __setattr__(self, name, value):
        if name in ("value", "formula", "formula2"):
            self.sheet[self.place] = (name, value)
        object.__setattr__(self, name, value)


def test_a_call_in_excel(monkeypatch, machine):
    written = {}
    opened = []
    quits = []
    sheet = types.SimpleNamespace(range=lambda place: Cell(written, place))
    books = types.SimpleNamespace(
        open=opened.append, add=lambda: types.SimpleNamespace(sheets=[sheet])
    )
    app = types.SimpleNamespace(books=books, quit=lambda: quits.append(1))
    monkeypatch.setattr("xlwings.App", lambda **options: app)
    call = lay_out_call(
        "RATING_SCALE", [[[4.0, "=x"], [None, CellError.NUM]], [[10.0]]]
    )
    with pytest.raises(EngineError, match="does not have the functions yet"):
        host.run_sheet_call(call, machine)
    machine.startup.mkdir()
    (machine.startup / addin.ADDIN).touch()
    assert host.run_sheet_call(call, machine) == [[1.5, CellError.NA], ["", 2.0]]
    assert opened == [str(machine.startup / addin.ADDIN)]
    assert quits == [1]
    assert written == {
        (1, 1): ("value", 4.0),
        (1, 2): ("formula", '="=x"'),
        (2, 2): ("formula", "=#NUM!"),
        (1, 3): ("value", 10.0),
        (1, 4): ("formula2", "=RATING_SCALE(A1:B2,C1)"),
    }
