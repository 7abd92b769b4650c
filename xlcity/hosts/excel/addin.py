"""Installs our own add-in of Excel on Windows for a user, finds it, and removes it.

It is the second way: with a tab of buttons, for every workbook, and without a trust setting. The
first one, that of xlwings' documentation, is in `xlwings_addin`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from xlcity.errors import EngineError
from xlcity.hosts.excel.machine import Machine, addin_settings, advice_text, fault_state
from xlcity.hosts.excel.module import MODULE, module_text
from xlcity.hosts.excel.xlam import Ribbon, build_addin
from xlcity.hosts.state import ADDIN, Availability, HostState

HOST = "ribbon"
_INSTALL_COMMAND = f"xlcity udf install --host {HOST}"

_host_state = partial(HostState, HOST)
#: Takes the language of the labels ("en" or "zh") and gives the tab of buttons.
RibbonMaker = Callable[[str], Ribbon]


def addin_state(machine: Machine, ribbon: RibbonMaker | None = None) -> HostState:
    """Return whether Excel on a machine has the add-in with this ribbon."""
    if fault := fault_state(HOST, machine):
        return fault
    addin = machine.startup / ADDIN
    if not addin.exists():
        absent = f"no {ADDIN} in {machine.startup}."
        return _host_state(Availability.ABSENT, absent, _INSTALL_COMMAND)
    if not any(
        _is_installed(addin_files(machine, lang, ribbon)) for lang in ("en", "zh")
    ):
        outdated = f"{addin} was built for other functions or another Python."
        return _host_state(Availability.OUTDATED, outdated, _INSTALL_COMMAND)
    return _host_state(Availability.INSTALLED, str(addin), advice_text(machine))


def install_addin(
    machine: Machine, language: str = "en", ribbon: RibbonMaker | None = None
) -> HostState:
    """Write the add-in into the folder whose workbooks Excel opens at every start.

    Parameters
    ----------
    machine
        The machine.
    language
        Language of labels and of the help in the function wizard.
    ribbon
        The add-in's buttons; None = functions alone.
    """
    if fault := fault_state(HOST, machine):
        return fault
    try:
        for path, content in addin_files(machine, language, ribbon).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except EngineError as error:
        (problem,) = error.problems
        return _host_state(Availability.UNAVAILABLE, problem.message, problem.hint)
    except PermissionError:
        remedy = f"Close Excel, then {_INSTALL_COMMAND}"
        return _host_state(Availability.UNAVAILABLE, _say_open(machine), remedy)
    return _host_state(
        Availability.INSTALLED,
        str(machine.startup / ADDIN),
        "Start Excel again if it is open.",
    )


def remove_addin(machine: Machine) -> HostState:
    """Remove the add-in; return the state of the machine afterwards."""
    if machine.windows:
        try:
            (machine.startup / ADDIN).unlink(missing_ok=True)
        except PermissionError:
            remedy = f"Close Excel, then xlcity udf remove --host {HOST}"
            return _host_state(Availability.INSTALLED, _say_open(machine), remedy)
        (machine.home / f"{MODULE}.py").unlink(missing_ok=True)
    return addin_state(machine)


def addin_files(
    machine: Machine, language: str, ribbon: RibbonMaker | None
) -> dict[Path, bytes]:
    """Return what is installed: file -> content, the same bytes at every time."""
    tab = None if ribbon is None else ribbon(language)
    return {
        machine.home / f"{MODULE}.py": module_text(language=language).encode(),
        machine.startup / ADDIN: build_addin(
            addin_settings(machine, machine.home), language, tab
        ),
    }


def _is_installed(files: dict[Path, bytes]) -> bool:
    return all(path.exists() and path.read_bytes() == files[path] for path in files)


def _say_open(machine: Machine) -> str:
    """Return the sentence that the add-in cannot be written because Excel has it open."""
    return f"{machine.startup / ADDIN} is open in Excel."
