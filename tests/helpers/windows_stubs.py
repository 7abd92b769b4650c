"""Stand-ins for the Windows modules that xlwings' functions need, so that Linux can import them."""

from __future__ import annotations

import importlib
import shutil
import sys
import types
from pathlib import Path

import pytest

from xlcity.hosts.excel.machine import Machine

OFFICE = r"SOFTWARE\Microsoft\Office"
GOOD = {
    ("HKCR", r"Excel.Application\CurVer", ""): "Excel.Application.16",
    ("HKLM", rf"{OFFICE}\ClickToRun\Configuration", "Platform"): "x64",
}


class Played(Machine):
    """A Windows machine with everything in place, until a test takes something away."""

    windows = True
    bits = 64
    # Of the machine that is played, whatever the locale of this one: paths of tests may be Chinese.
    code_page = "utf-8"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.values = dict(GOOD)
        self.modules = {"win32com", "xlwings"}
        self.python = folder / "env" / "Scripts" / "python.exe"
        self.prefix = folder / "env"
        self.base = folder / "Python313"
        self.variables = {}
        self.files = {self.python, folder / "env" / "xlwings64-1.2.dll"}
        #: Each call of xlwings' command line; what it prints when Excel has the add-in open.
        self.calls = []
        self.refusal = ""

    def registry_value(self, root, key, name):
        return self.values.get((root, key, name))

    def can_import(self, module):
        return module in self.modules

    def xlwings_version(self):
        return "1.2"

    def run_xlwings(self, *words):
        """As `xlwings addin install`: the add-in of the package goes into Excel's folder."""
        self.calls.append(words)
        if self.refusal:
            return self.refusal
        xlwings = importlib.import_module("xlwings")
        self.startup.mkdir(parents=True, exist_ok=True)
        shutil.copy(
            Path(xlwings.__file__).parent / "addin" / "xlwings.xlam", self.startup
        )
        return "Successfully installed the xlwings add-in! \n"

    def exists(self, path):
        return path in self.files

    def environment_variable(self, name):
        return self.variables.get(name, "")

    @property
    def startup(self):
        return self.folder / "XLSTART"

    @property
    def home(self):
        return self.folder / "home"

    @property
    def xlwings_settings(self):
        return self.folder / ".xlwings" / "xlwings.conf"


class Variant:
    """As `win32com.client.VARIANT`: a value with a type of COM's."""

    def __init__(self, varianttype, value):
        self.varianttype = varianttype
        self.value = value


def as_com(value):
    """Return a value as it comes back from a call through COM."""
    if isinstance(value, (list, tuple)):
        return tuple(as_com(item) for item in value)
    return value.value if isinstance(value, Variant) else value


class Dispatched:
    """As `win32com.client.Dispatch` of an object of this process."""

    def __init__(self, target):
        self._target = target

    def __getattr__(self, name):
        return lambda *args: as_com(getattr(self._target, name)(*args))


def install(monkeypatch: pytest.MonkeyPatch, dispatch=Dispatched) -> types.ModuleType:
    """Make `xlwings.udfs` importable, with its decorators in place; return it."""
    modules = {
        name: types.ModuleType(name)
        for name in (
            "pythoncom",
            "pywintypes",
            "win32com",
            "win32com.client",
            "win32com.server",
            "win32com.server.util",
        )
    }
    modules["pythoncom"].CoInitialize = lambda: None
    modules["pythoncom"].VT_ERROR = 10
    modules["pywintypes"].com_error = type("com_error", (Exception,), {})
    modules["win32com.client"].Dispatch = dispatch
    modules["win32com.client"].VARIANT = Variant
    modules["win32com.server.util"].wrap = lambda target: target
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.delitem(sys.modules, "xlwings.udfs", raising=False)
    xlwings = importlib.import_module("xlwings")
    udfs = importlib.import_module("xlwings.udfs")
    monkeypatch.delattr(xlwings, "udfs", raising=False)
    monkeypatch.setitem(sys.modules, "xlwings.udfs", udfs)
    for name, function in (
        ("func", udfs.xlfunc),
        ("arg", udfs.xlarg),
        ("ret", udfs.xlret),
    ):
        monkeypatch.setattr(xlwings, name, function)
    return udfs
