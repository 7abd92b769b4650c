"""The add-in on Windows: what is looked at and what is written, on machines that are played."""

from __future__ import annotations

import re
import sys
import types
import zipfile
from pathlib import Path

import pytest
import windows_stubs
from vba_text import module_in

from xlcity.errors import CellError, EngineError
from xlcity.hosts import xlwings as host
from xlcity.hosts.excel import addin, vba
from xlcity.hosts.excel.machine import Machine, faults
from xlcity.hosts.excel.module import MODULE, module_text
from xlcity.hosts.sheet_call import lay_out
from xlcity.hosts.state import Availability

OFFICE = r"SOFTWARE\Microsoft\Office"
GOOD = {
    ("HKCR", r"Excel.Application\CurVer", ""): "Excel.Application.16",
    ("HKLM", rf"{OFFICE}\ClickToRun\Configuration", "Platform"): "x64",
    ("HKCU", rf"{OFFICE}\16.0\Excel\Security", "AccessVBOM"): 1,
}


class Played(Machine):
    """A Windows machine with everything in place, until a test takes something away."""

    windows = True
    bits = 64

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.values = dict(GOOD)
        self.modules = {"win32com", "xlwings"}
        self.python = folder / "env" / "Scripts" / "python.exe"
        self.prefix, self.base = folder / "env", folder / "Python313"
        self.variables = {}
        self.files = {self.python, folder / "env" / "xlwings64-1.2.dll"}

    def registry(self, root, key, name):
        return self.values.get((root, key, name))

    def can_import(self, module):
        return module in self.modules

    def xlwings_version(self):
        return "1.2"

    def exists(self, path):
        return path in self.files

    def variable(self, name):
        return self.variables.get(name, "")

    @property
    def startup(self):
        return self.folder / "XLSTART"

    @property
    def home(self):
        return self.folder / "home"


@pytest.fixture
def machine(tmp_path):
    return Played(tmp_path)


def build(target: Path, options: dict[str, str]) -> None:
    target.write_text(repr(options))


def said(machine: Machine) -> str:
    return " ".join(f"{fault.message} {fault.remedy}" for fault in faults(machine))


def test_a_good_machine_has_no_fault(machine):
    assert list(faults(machine)) == []


def test_each_fault_names_its_remedy(machine):
    machine.values.pop(("HKCU", rf"{OFFICE}\16.0\Excel\Security", "AccessVBOM"))
    assert "Trust Center" in said(machine)
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
    assert len(list(faults(machine))) == 1


def test_a_policy_decides_before_the_users_own_setting(machine):
    key = (r"SOFTWARE\Policies\Microsoft\Office\16.0\Excel\Security", "AccessVBOM")
    machine.values["HKCU", *key] = 0
    assert [fault.at_install for fault in faults(machine)] == [True]


def test_a_path_that_xlwings_cannot_pass_on_is_told(machine):
    machine.python = machine.folder / "R&D" / "python.exe"
    machine.files |= {machine.python, machine.folder / "R&D" / "xlwings64-1.2.dll"}
    assert "&" in said(machine)


def test_a_python_of_the_store_is_told(machine):
    store = "PythonSoftwareFoundation.Python.3.12_qbz5n2kfra8p0"
    machine.base = machine.folder / "WindowsApps" / store
    assert "Microsoft Store" in said(machine)
    assert addin.install(machine, "en", build).state is Availability.UNAVAILABLE
    assert not machine.startup.exists()


def test_an_environment_of_conda_is_activated_by_the_add_in(machine):
    assert addin.settings(machine)["Conda Path"] == ""
    base = machine.folder / "miniforge3"
    machine.prefix = base / "envs" / "cities"
    machine.files.add(machine.prefix / "conda-meta")
    assert "conda activate works" in said(machine)
    machine.files.add(base / "condabin" / "conda.bat")
    assert list(faults(machine)) == []
    options = addin.settings(machine)
    assert (options["Conda Path"], options["Conda Env"]) == (str(base), "cities")
    # Elsewhere on the disk: conda is found by the variable that an active environment has.
    machine.prefix = machine.folder / "work" / "env"
    machine.files.add(machine.prefix / "conda-meta")
    machine.variables["CONDA_EXE"] = str(base / "Scripts" / "conda.exe")
    assert addin.settings(machine)["Conda Env"] == str(machine.prefix)
    machine.prefix = base
    machine.files.add(base / "conda-meta")
    assert addin.settings(machine)["Conda Env"] == "base"


def test_an_environment_in_onedrive_is_told_and_refuses_nothing(machine):
    machine.variables["OneDriveCommercial"] = str(machine.folder)
    assert addin.install(machine, "en", build).state is Availability.INSTALLED
    state = addin.status(machine)
    assert state.state is Availability.INSTALLED
    assert "is in OneDrive" in state.remedy


def test_install_status_remove(machine):
    assert addin.status(machine).state is Availability.ABSENT
    done = addin.install(machine, "zh", build)
    assert (done.state, done.detail) == (
        Availability.INSTALLED,
        str(machine.startup / "xlcity.xlam"),
    )
    assert (machine.home / f"{MODULE}.py").read_text("utf-8") == module_text(language="zh")
    options = addin.settings(machine)
    assert (machine.startup / "xlcity.xlam").read_text() == repr(options)
    assert options["Interpreter_Win"] == str(machine.python)
    assert options["PYTHONPATH"].split(";")[0] == str(machine.home)
    assert addin.status(machine).state is Availability.INSTALLED
    # Trust is needed to build it, not to use it.
    machine.values["HKCU", rf"{OFFICE}\16.0\Excel\Security", "AccessVBOM"] = 0
    assert addin.status(machine).state is Availability.INSTALLED
    assert addin.install(machine, "zh", build).state is Availability.UNAVAILABLE
    (machine.home / f"{MODULE}.py").write_text("other functions")
    assert addin.status(machine).state is Availability.OUTDATED
    addin.remove(machine)
    assert not (machine.startup / "xlcity.xlam").exists()
    assert list(machine.home.iterdir()) == []


def test_nothing_is_written_where_something_is_in_the_way(machine):
    machine.modules = set()
    assert addin.install(machine, "en", build).state is Availability.UNAVAILABLE
    assert not machine.home.exists()


def test_what_excel_refuses_is_told_and_leaves_no_add_in(machine):
    def refuse(target, options):
        raise OSError("programmatic access is not trusted")

    state = addin.install(machine, "en", refuse)
    assert state.state is Availability.UNAVAILABLE
    assert "not trusted" in state.detail
    assert "udf install" in state.remedy
    assert not (machine.startup / addin.ADDIN).exists()


class Code:
    def __init__(self, lines):
        self.lines = lines

    CountOfLines = property(lambda self: len(self.lines))

    def Lines(self, number, count):
        return "\r\n".join(self.lines[number - 1 : number - 1 + count])

    def DeleteLines(self, number, count):
        del self.lines[number - 1 : number - 1 + count]

    def InsertLines(self, number, text):
        self.lines[number - 1 : number - 1] = text.split("\r\n")


def template_text() -> str:
    """Return the text that xlwings' template for add-ins was made from."""
    import xlwings

    source = Path(xlwings.__file__).with_name("xlwings_custom_addin.bas")
    return source.read_text(encoding="utf-8").replace("\r\n", "\n")


def text_in_the_add_in() -> str:
    """Return the text as it stands in the add-in that Excel is given."""
    import xlwings

    with zipfile.ZipFile(Path(xlwings.__file__).with_name("quickstart_addin.xlam")) as archive:
        return module_in(archive.read("xl/vbaProject.bin"), "xlwings")


@pytest.mark.parametrize("text", [template_text, text_in_the_add_in])
def test_the_open_workbook_and_its_folder_are_never_asked(monkeypatch, text):
    windows_stubs.install(monkeypatch)
    code = Code(text().splitlines())
    component = types.SimpleNamespace(CodeModule=code)
    vba.guard_project(types.SimpleNamespace(VBComponents=[component]))
    new = "\n".join(code.lines)
    assert 'Public Const PROJECT_NAME As String = "xlcity"' in new
    bodies = dict(
        re.findall(r"(?ms)^(?:\w+ )*(?:Function|Sub) (\w+)\b(.*?)^End (?:Function|Sub)", new)
    )
    # All that a function in a cell sets off: finding the settings, loading, starting Python.
    reached, waiting = set(), ["XLPy", "GetConfig"]
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
    for name in addin.settings(Played(Path())):
        assert f'"{name.upper()}"' in new, name


def test_an_unknown_text_is_refused():
    component = types.SimpleNamespace(CodeModule=Code(["Sub Other()"]))
    project = types.SimpleNamespace(VBComponents=[component])
    with pytest.raises(EngineError, match="not known"):
        vba.guard_project(project)
    with pytest.raises(EngineError, match="not known"):
        vba.guarded('Public Const PROJECT_NAME As String = "myaddin"')


def test_an_add_in_of_the_unguarded_kind_is_out_of_date(machine):
    addin.install(machine, "zh", build)
    record = machine.home / "addin.json"
    assert '"guard"' in record.read_text()
    record.write_text(record.read_text().replace(f' "guard": {vba.GUARD},\n', ""))
    assert addin.status(machine).state is Availability.OUTDATED


@pytest.fixture
def excel(monkeypatch):
    """Excel as far as the building of an add-in needs it; what was done to it."""
    udfs = windows_stubs.install(monkeypatch)
    done = types.SimpleNamespace(settings=None, name=None, imported=[], saved=[], quits=0)
    lines = template_text().splitlines()
    component = types.SimpleNamespace(CodeModule=Code(lines))
    api = types.SimpleNamespace(
        VBProject=types.SimpleNamespace(VBComponents=[component]), IsAddin=True
    )

    class Cells:
        def __setattr__(self, name, value):
            done.settings = dict(value)

    class Sheet:
        def __getitem__(self, address):
            assert address == "A1"
            return Cells()

        def clear(self):
            done.settings = {}

        def __setattr__(self, name, value):
            setattr(done, name, value)

    class Book:
        sheets = (Sheet(),)
        api = None

        def save(self):
            done.saved.append((self.api.IsAddin, list(lines)))

        def close(self):
            pass

    class Books:
        def open(self, path):
            assert Path(path).stat().st_size > 10_000, "xlwings' own template"
            book = Book()
            book.api = api
            return book

    class App:
        books = Books()

        def __init__(self, **options):
            assert options == {"visible": False, "add_book": False}

        def quit(self):
            done.quits += 1

    def import_udfs(module, book):
        done.imported.append((module, book.IsAddin, module in sys.modules))

    monkeypatch.setattr("xlwings.App", App)
    monkeypatch.setattr(udfs, "import_udfs", import_udfs)
    return done


def test_excel_builds_the_add_in(excel, machine):
    machine.home.mkdir()
    path = list(sys.path)
    addin.build_in_excel(machine.home / addin.ADDIN, addin.settings(machine))
    assert excel.settings == addin.settings(machine)
    assert excel.name == "xlcity.conf"
    # Visible while functions are imported, an add-in with its own name when it is saved.
    assert excel.imported == [(MODULE, False, False)]
    ((saved_as_addin, lines),) = excel.saved
    assert saved_as_addin
    assert 'Public Const PROJECT_NAME As String = "xlcity"' in lines
    assert (excel.quits, sys.path) == (1, path)


def test_excel_is_closed_when_the_import_fails(excel, machine, monkeypatch):
    def refuse(module, book):
        raise OSError("programmatic access is not trusted")

    monkeypatch.setattr(sys.modules["xlwings.udfs"], "import_udfs", refuse)
    machine.home.mkdir()
    with pytest.raises(OSError, match="not trusted"):
        addin.build_in_excel(machine.home / addin.ADDIN, addin.settings(machine))
    assert excel.quits == 1
    assert excel.saved == []


class Cell:
    def __init__(self, sheet, place):
        self.sheet, self.place = sheet, place
        self.api = types.SimpleNamespace(
            HasSpill=True,
            SpillingToRange=types.SimpleNamespace(Value=((1.5, -2146826246), ("", 2.0))),
        )

    def __setattr__(self, name, value):
        if name in ("value", "formula", "formula2"):
            self.sheet[self.place] = (name, value)
        object.__setattr__(self, name, value)


def test_a_call_in_excel(monkeypatch, machine):
    written, opened, quits = {}, [], []
    sheet = types.SimpleNamespace(range=lambda place: Cell(written, place))
    books = types.SimpleNamespace(
        open=opened.append, add=lambda: types.SimpleNamespace(sheets=[sheet])
    )
    app = types.SimpleNamespace(books=books, quit=lambda: quits.append(1))
    monkeypatch.setattr("xlwings.App", lambda **options: app)
    call = lay_out("RATING_SCALE", [[[4.0, "=x"], [None, CellError.NUM]], [[10.0]]])
    with pytest.raises(EngineError, match="does not have the functions yet"):
        host.run(call, machine)
    machine.startup.mkdir()
    (machine.startup / addin.ADDIN).touch()
    assert host.run(call, machine) == [[1.5, CellError.NA], ["", 2.0]]
    assert opened == [str(machine.startup / addin.ADDIN)]
    assert quits == [1]
    assert written == {
        (1, 1): ("value", 4.0),
        (1, 2): ("formula", '="=x"'),
        (2, 2): ("formula", "=#NUM!"),
        (1, 3): ("value", 10.0),
        (1, 4): ("formula2", "=RATING_SCALE(A1:B2,C1)"),
    }
