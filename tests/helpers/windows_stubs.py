"""Stand-ins for the Windows modules that xlwings' functions need, so that Linux can import them."""

from __future__ import annotations

import importlib
import sys
import types

import pytest


class Variant:
    """As `win32com.client.VARIANT`: a value with a type of COM's."""

    def __init__(self, varianttype, value):
        self.varianttype, self.value = varianttype, value


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
    modules = {name: types.ModuleType(name) for name in (
        "pythoncom", "pywintypes", "win32com", "win32com.client", "win32com.server",
        "win32com.server.util",
    )}  # fmt: skip
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
    for name, function in (("func", udfs.xlfunc), ("arg", udfs.xlarg), ("ret", udfs.xlret)):
        monkeypatch.setattr(xlwings, name, function)
    return udfs
