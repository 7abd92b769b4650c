"""Installs the add-in workbook of Excel on Windows for a user, finds it, and removes it.

Functions that xlwings imports into an .xlsx are lost when it is saved; in an add-in of the user
they stay, and every workbook can call them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import xlcity
from xlcity.errors import EngineError
from xlcity.hosts.excel.machine import Fault, Machine, conda_settings, find_faults, is_conda
from xlcity.hosts.excel.module import MODULE, module_text
from xlcity.hosts.excel.xlam import GUARD, Ribbon, build_addin, common_settings
from xlcity.hosts.state import ADDIN as ADDIN
from xlcity.hosts.state import Availability, HostState

HOST = "xlwings"
#: A file beside the module with the settings and versions that the add-in was built with.
_RECORD = "addin.json"
_INSTALL_COMMAND = "xlcity udf install --host xlwings"

#: The state of a machine that cannot have the functions.
_unavailable = partial(HostState, HOST, Availability.UNAVAILABLE)


def addin_state(machine: Machine | None = None) -> HostState:
    """Return whether Excel on a machine, by default this one, has the library."""
    machine = machine or Machine()
    all_faults = list(find_faults(machine))
    faults = [fault for fault in all_faults if not fault.is_advice_only]
    if faults:
        return _state_with_faults(faults)
    if not (machine.startup / ADDIN).exists():
        return HostState(
            HOST, Availability.ABSENT, f"no {ADDIN} in {machine.startup}.", _INSTALL_COMMAND
        )
    if not _is_current(machine):
        return HostState(
            HOST,
            Availability.OUTDATED,
            f"{machine.startup / ADDIN} was built for other functions or another Python.",
            _INSTALL_COMMAND,
        )
    advice = " ".join(f"{f.message} {f.remedy}" for f in all_faults if f.is_advice_only)
    return HostState(HOST, Availability.INSTALLED, str(machine.startup / ADDIN), advice)


def install_addin(
    machine: Machine | None = None, language: str = "en", ribbon: Ribbon | None = None
) -> HostState:
    """Write the add-in into the folder whose workbooks Excel opens at every start.

    Parameters
    ----------
    machine
        The machine; None = this one.
    language
        Language of the help in the function wizard.
    ribbon
        The add-in's buttons; None = functions alone.
    """
    machine = machine or Machine()
    faults = [fault for fault in find_faults(machine) if not fault.is_advice_only]
    if faults:
        return _state_with_faults(faults)
    machine.home.mkdir(parents=True, exist_ok=True)
    machine.startup.mkdir(parents=True, exist_ok=True)
    module = machine.home / f"{MODULE}.py"
    module.write_text(module_text(language=language), encoding="utf-8", newline="\n")
    try:
        addin = build_addin(addin_settings(machine), language, ribbon)
        (machine.startup / ADDIN).write_bytes(addin)
    except EngineError as error:
        (problem,) = error.problems
        return _unavailable(problem.message, problem.hint)
    except PermissionError:
        return _unavailable(
            f"{machine.startup / ADDIN} is open in Excel.",
            f"Close Excel, then {_INSTALL_COMMAND}",
        )
    record = machine.home / _RECORD
    record.write_text(_build_record(machine, addin), encoding="utf-8", newline="\n")
    return HostState(
        HOST,
        Availability.INSTALLED,
        str(machine.startup / ADDIN),
        "Start Excel again if it is open.",
    )


def remove_addin(machine: Machine | None = None) -> HostState:
    """Remove the add-in and its files; return the state of the machine afterwards."""
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
    return addin_state(machine)


def _state_with_faults(faults: Sequence[Fault]) -> HostState:
    messages, remedies = (fault.message for fault in faults), (fault.remedy for fault in faults)
    return _unavailable(" ".join(messages), " ".join(remedies))


def addin_settings(machine: Machine) -> dict[str, str]:
    """Return the add-in's settings as xlwings names them."""
    root = Path(xlcity.__file__).resolve().parent.parent
    return {
        # xlwings activates an environment of conda only if the interpreter is named so.
        "Interpreter_Win": "python" if is_conda(machine) else str(machine.python),
        "PYTHONPATH": f"{machine.home};{root}",
        **common_settings(MODULE),
        **conda_settings(machine),
    }


def _build_record(machine: Machine, addin: bytes) -> str:
    """Return the settings and versions that an add-in depends on, and its hash, as JSON."""
    versions = {
        "xlwings": machine.xlwings_version(),
        "xlcity": xlcity.__version__,
        "guard": GUARD,
        "sha256": hashlib.sha256(addin).hexdigest(),
        **addin_settings(machine),
    }
    return json.dumps(versions, indent=1)


def _is_current(machine: Machine) -> bool:
    """Return whether the add-in was written by this version, for this Python and its functions."""
    addin = (machine.startup / ADDIN).read_bytes()
    if _read_text(machine.home / _RECORD) != _build_record(machine, addin):
        return False
    text = _read_text(machine.home / f"{MODULE}.py")
    return text in (module_text(language=language) for language in ("en", "zh"))


def _read_text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
