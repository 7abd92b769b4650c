"""The add-in workbook of Excel on Windows: built once per user, looked for, taken out.

Functions that xlwings imports into an .xlsx are lost when it is saved; in an add-in of the user
they stay, and every workbook can call them.
"""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import xlcity
from xlcity.hosts.excel.machine import Fault, Machine, conda_settings, faults
from xlcity.hosts.excel.module import MODULE, module_text
from xlcity.hosts.excel.vba import GUARD, PROJECT, guard_project
from xlcity.hosts.state import ADDIN as ADDIN
from xlcity.hosts.state import Availability, HostState

HOST = "xlwings"
#: What the add-in was built with, beside the module.
_RECORD = "addin.json"
_REPEAT = "xlcity udf install --host xlwings"

#: The state of a machine that lacks something.
_unavailable = partial(HostState, HOST, Availability.UNAVAILABLE)
#: (file to build in, settings) -> None.
Builder = Callable[[Path, dict[str, str]], None]


def status(machine: Machine | None = None) -> HostState:
    """Return how far Excel has the library."""
    machine = machine or Machine()
    found = list(faults(machine))
    installed = machine.windows and (machine.startup / ADDIN).exists()
    # What only the installation needs is no fault of an add-in that is there.
    pressing = [f for f in found if not f.advice and not (installed and f.at_install)]
    if pressing:
        return _faulty(pressing)
    if not installed:
        return HostState(HOST, Availability.ABSENT, f"no {ADDIN} in {machine.startup}.", _REPEAT)
    if _text(machine.home / _RECORD) != _record(machine) or not _current(machine):
        return HostState(
            HOST,
            Availability.OUTDATED,
            f"{machine.startup / ADDIN} was built for other functions or another Python.",
            _REPEAT,
        )
    advice = " ".join(f"{f.message} {f.remedy}" for f in found if f.advice)
    return HostState(HOST, Availability.INSTALLED, str(machine.startup / ADDIN), advice)


def install(
    machine: Machine | None = None, language: str = "en", build: Builder | None = None
) -> HostState:
    """Build the add-in and put it where Excel opens it at every start.

    Parameters
    ----------
    machine
        The machine; None = this one.
    language
        Language of the help in the function wizard.
    build
        Builds the workbook; None = Excel does.
    """
    machine = machine or Machine()
    found = [fault for fault in faults(machine) if not fault.advice]
    if found:
        return _faulty(found)
    machine.home.mkdir(parents=True, exist_ok=True)
    machine.startup.mkdir(parents=True, exist_ok=True)
    module = machine.home / f"{MODULE}.py"
    module.write_text(module_text(language=language), encoding="utf-8", newline="\n")
    workbook = machine.home / ADDIN
    try:
        (build or build_in_excel)(workbook, settings(machine))
    except Exception as error:
        # What Excel refuses comes as an exception of COM's own, which only Windows has.
        return _unavailable(
            f"Excel could not build the add-in: {error}.",
            f"Close all windows of Excel, look at xlcity udf status, then {_REPEAT}",
        )
    try:
        shutil.copyfile(workbook, machine.startup / ADDIN)
    except PermissionError:
        return _unavailable(
            f"{machine.startup / ADDIN} is open in Excel.",
            f"Close Excel, then {_REPEAT}",
        )
    record = machine.home / _RECORD
    record.write_text(_record(machine), encoding="utf-8", newline="\n")
    return HostState(
        HOST,
        Availability.INSTALLED,
        str(machine.startup / ADDIN),
        "Start Excel again if it is open.",
    )


def remove(machine: Machine | None = None) -> HostState:
    """Take the add-in out."""
    machine = machine or Machine()
    if machine.windows:
        try:
            (machine.startup / ADDIN).unlink(missing_ok=True)
        except PermissionError:
            return HostState(
                HOST,
                Availability.INSTALLED,
                f"{machine.startup / ADDIN} is open in Excel.",
                "Close Excel, then xlcity udf remove --host xlwings",
            )
        for name in (f"{MODULE}.py", ADDIN, _RECORD):
            (machine.home / name).unlink(missing_ok=True)
    return status(machine)


def _faulty(found: Sequence[Fault]) -> HostState:
    return _unavailable(
        *(" ".join(getattr(f, name) for f in found) for name in ("message", "remedy"))
    )


def settings(machine: Machine) -> dict[str, str]:
    """Return the add-in's settings as xlwings names them."""
    root = Path(xlcity.__file__).resolve().parent.parent
    return {
        "Interpreter_Win": str(machine.python),
        "PYTHONPATH": f"{machine.home};{root}",
        "UDF Modules": MODULE,
        # Otherwise a module beside the open workbook could take the place of ours.
        "ADD_WORKBOOK_TO_PYTHONPATH": "false",
        **conda_settings(machine),
    }


def build_in_excel(target: Path, options: dict[str, str]) -> None:
    """Let Excel build the add-in from the template that comes with xlwings."""
    import xlwings

    # Imported by name: on other systems there is no such module to look into.
    udfs: Any = importlib.import_module("xlwings.udfs")
    shutil.copyfile(Path(xlwings.__file__).with_name("quickstart_addin.xlam"), target)
    sys.path.insert(0, str(target.parent))
    app = xlwings.App(visible=False, add_book=False)
    try:
        app.display_alerts = False
        book = app.books.open(str(target))
        sheet = book.sheets[0]
        sheet.clear()
        sheet.name = f"{PROJECT}.conf"
        sheet["A1"].value = [[name, value] for name, value in options.items()]
        guard_project(book.api.VBProject)
        # Excel refuses help texts for functions of a hidden workbook, and an add-in is one.
        book.api.IsAddin = False
        udfs.import_udfs(MODULE, book.api)
        book.api.IsAddin = True
        book.save()
        book.close()
    finally:
        app.quit()
        sys.path.remove(str(target.parent))


def _record(machine: Machine) -> str:
    made = {"xlwings": machine.xlwings_version(), "guard": GUARD, **settings(machine)}
    return json.dumps(made, indent=1)


def _current(machine: Machine) -> bool:
    text = _text(machine.home / f"{MODULE}.py")
    return text in (module_text(language=language) for language in ("en", "zh"))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
