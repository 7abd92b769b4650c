"""What Excel's functions need of a machine: what is asked of it, what is missing, the remedies."""

from __future__ import annotations

import importlib
import importlib.util
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from locale import getencoding
from pathlib import Path

import xlcity
from xlcity.hosts.excel.module import MODULE
from xlcity.hosts.state import Availability, HostState

_OFFICE = r"SOFTWARE\Microsoft\Office"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that prevents the functions, and what to do about it.

    Attributes
    ----------
    message, remedy
        Sentences for the person.
    is_advice_only
        Whether it is only a warning: the installation goes on.
    """

    message: str
    remedy: str
    is_advice_only: bool = False


class Machine:
    """What installing asks of a machine, answered by this one; tests put another in its place.

    Attributes
    ----------
    windows
        Whether it runs Windows.
    python, bits
        The interpreter, and its width in bits.
    prefix, base
        The environment that xlcity is installed in, and the Python that it was made from.
    code_page
        The encoding in which Excel and its add-ins read and write plain text.
    """

    windows = sys.platform == "win32"
    python = Path(sys.executable)
    prefix = Path(sys.prefix)
    base = Path(sys.base_prefix)
    bits = struct.calcsize("P") * 8
    code_page = getencoding()

    def registry_value(self, root: str, key: str, name: str) -> object:
        """Return a value of the Windows registry, None if there is none.

        `root` is HKCR, HKCU or HKLM, `key` the path of a key in it, `name` that of the value.
        """
        winreg = importlib.import_module("winreg")
        roots = {
            "HKCR": winreg.HKEY_CLASSES_ROOT,
            "HKCU": winreg.HKEY_CURRENT_USER,
            "HKLM": winreg.HKEY_LOCAL_MACHINE,
        }
        try:
            with winreg.OpenKey(roots[root], key) as opened:
                value: object = winreg.QueryValueEx(opened, name)[0]
        except OSError:
            return None
        return value

    def can_import(self, module: str) -> bool:
        """Return whether this Python can import a module of a name."""
        return importlib.util.find_spec(module) is not None

    def xlwings_version(self) -> str:
        """Return the version of xlwings, which is part of the name of its DLL."""
        from importlib.metadata import version

        return version("xlwings")

    def run_xlwings(self, *words: str) -> str:
        """Run xlwings' command line in this Python; return all that it prints."""
        program = "from xlwings.cli import main; main()"
        # xlwings writes its settings in the code page of the machine, which Excel reads.
        environment = {
            name: v for name, v in os.environ.items() if name != "PYTHONUTF8"
        }
        done = subprocess.run(
            [str(self.python), "-P", "-c", program, *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=180,
            check=False,
        )
        return done.stdout

    def exists(self, path: Path) -> bool:
        """Return whether there is a file or folder of this path."""
        return path.exists()

    def environment_variable(self, name: str) -> str:
        """Return an environment variable, "" if there is none."""
        return os.environ.get(name, "")

    @property
    def startup(self) -> Path:
        """The folder whose workbooks Excel opens at every start."""
        return _user_folder("APPDATA", "Roaming") / "Microsoft" / "Excel" / "XLSTART"

    @property
    def home(self) -> Path:
        """The folder for what is installed for Excel."""
        return _user_folder("LOCALAPPDATA", "Local") / "xlcity"

    @property
    def xlwings_settings(self) -> Path:
        """The file with the user's settings of xlwings."""
        return Path.home() / ".xlwings" / "xlwings.conf"


def _user_folder(variable: str, name: str) -> Path:
    """Return the folder that an environment variable names, else the folder `name` in AppData."""
    path = os.environ.get(variable)
    return Path(path) if path else Path.home() / "AppData" / name


def find_faults(machine: Machine) -> Iterator[Fault]:
    """Yield what prevents Excel's functions, or may, in the order in which to mend it."""
    if not machine.windows:
        yield Fault(
            "functions in desktop Excel need Windows: there xlwings can answer Excel's calls.",
            "On Mac and the web use xlwings Lite: xlcity udf export --host lite -o main.py.",
        )
        return
    version = excel_version(machine)
    if version is None:
        yield Fault(
            "Excel is not installed.", "Install desktop Excel, or use LibreOffice."
        )
        return
    for module, name in (("win32com", "pywin32"), ("xlwings", "xlwings")):
        if not machine.can_import(module):
            yield Fault(
                f"{name} is not installed in {machine.python}.",
                f'"{machine.python}" -m pip install {name}',
            )
    if not machine.exists(machine.python):
        yield Fault(
            f"the interpreter {machine.python} is gone.",
            "Install xlcity again and repeat this.",
        )
    yield from _dll_faults(machine, version)
    yield from _python_faults(machine)
    if "&" in f"{machine.python}{machine.home}":
        yield Fault(
            f"a path holds the character &: {machine.python}.",
            "Put the Python environment into a folder without it.",
        )


def _dll_faults(machine: Machine, version: str) -> Iterator[Fault]:
    """Yield a fault if Excel will not find xlwings' DLL for its own width (32 or 64 bits)."""
    if not machine.can_import("xlwings"):
        return
    bits = _excel_width(machine, version) or machine.bits
    name = f"xlwings{bits}-{machine.xlwings_version()}.dll"
    folders = (machine.python.parent, machine.python.parent.parent)
    if not any(machine.exists(folder / name) for folder in folders):
        yield Fault(
            f"Excel has {bits} bits and {name} is in none of {', '.join(map(str, folders))}.",
            f'"{machine.python}" -m pip install --force-reinstall xlwings; with a Python of '
            f"{machine.bits} bits that does not bring the file, use one of {bits} bits.",
        )


def _python_faults(machine: Machine) -> Iterator[Fault]:
    """Yield faults of a Python that Excel cannot start: from a store, conda or a synced folder."""
    if "WindowsApps" in machine.base.parts:
        yield Fault(
            "this Python comes from the Microsoft Store: Windows keeps what it writes to AppData "
            "in a folder of its own, where Excel does not look for add-ins.",
            "Install Python from python.org or with uv, install xlcity there, and repeat this.",
        )
    if is_conda_environment(machine) and find_conda(machine) is None:
        yield Fault(
            f"{machine.prefix} is an environment of conda, and the conda that activates it was "
            "not found. Without it numpy does not load when Excel starts Python.",
            "Open a terminal in which conda activate works, activate the environment, repeat this.",
        )
    for name in ("OneDrive", "OneDriveConsumer", "OneDriveCommercial"):
        folder = machine.environment_variable(name)
        if folder and machine.prefix.is_relative_to(folder):
            yield Fault(
                f"the environment {machine.prefix} is in OneDrive, which may take its files off "
                "this computer; Excel then waits for them or cannot start Python.",
                "Make the environment in a folder that is not synchronised.",
                is_advice_only=True,
            )
            return


def is_conda_environment(machine: Machine) -> bool:
    """Return whether the environment is conda's, which must be activated before Python starts."""
    return machine.exists(machine.prefix / "conda-meta")


def find_conda(machine: Machine) -> Path | None:
    """Return the folder of the conda that activates the environment; None if it is not found."""
    program = machine.environment_variable("CONDA_EXE")
    candidates = [machine.prefix, machine.prefix.parent.parent]
    candidates += [Path(program).parent.parent] if program else []
    return next(
        (p for p in candidates if machine.exists(p / "condabin" / "conda.bat")), None
    )


def conda_settings(machine: Machine) -> dict[str, str]:
    """Return the settings by which xlwings activates an environment of conda, else empty ones."""
    base = find_conda(machine) if is_conda_environment(machine) else None
    if base is None:
        return {"CONDA PATH": "", "CONDA ENV": ""}
    # conda knows environments in its own folder by name, others by their path.
    is_named = machine.prefix.parent == base / "envs"
    name = machine.prefix.name if is_named else str(machine.prefix)
    return {
        "CONDA PATH": str(base),
        "CONDA ENV": "base" if machine.prefix == base else name,
    }


def excel_version(machine: Machine) -> str | None:
    """Return Excel's version as the registry's keys spell it, such as 16.0; None without Excel."""
    # The class of the current version is named Excel.Application.16, for example.
    current = machine.registry_value("HKCR", r"Excel.Application\CurVer", "")
    return f"{current.rpartition('.')[2]}.0" if isinstance(current, str) else None


def _excel_width(machine: Machine, version: str) -> int | None:
    """Return 32 or 64, the bits of Excel; None if the registry does not say it.

    An Office that is not Click-to-Run records it under Outlook's key only.
    """
    key = rf"{_OFFICE}\ClickToRun\Configuration"
    for root, path, name in (
        ("HKLM", key, "Platform"),
        ("HKLM", rf"{_OFFICE}\{version}\Outlook", "Bitness"),
        (
            "HKLM",
            rf"SOFTWARE\WOW6432Node\Microsoft\Office\{version}\Outlook",
            "Bitness",
        ),
    ):
        value = machine.registry_value(root, path, name)
        if isinstance(value, str):
            return 64 if value == "x64" else 32
    return None


def own_settings(machine: Machine, folder: Path) -> dict[str, str]:
    """Return xlwings' settings for the functions: name -> value; `folder` has their module."""
    root = Path(xlcity.__file__).resolve().parent.parent
    return {
        # xlwings activates an environment of conda only if the interpreter is named so.
        "INTERPRETER_WIN": "python"
        if is_conda_environment(machine)
        else str(machine.python),
        "PYTHONPATH": f"{folder};{root}",
        "UDF MODULES": MODULE,
        **conda_settings(machine),
    }


def fault_state(host: str, machine: Machine) -> HostState | None:
    """Return that the functions are unavailable, with all that prevents them; None if nothing."""
    faults = [fault for fault in find_faults(machine) if not fault.is_advice_only]
    if not faults:
        return None
    detail = " ".join(fault.message for fault in faults)
    remedy = " ".join(fault.remedy for fault in faults)
    sentences = chain.from_iterable((fault.message, fault.remedy) for fault in faults)
    state = Availability.UNAVAILABLE
    return HostState(host, state, detail, remedy, steps=tuple(sentences))


def advice_text(machine: Machine) -> str:
    """Return what may trouble the functions and does not prevent them, "" for nothing."""
    return " ".join(
        f"{f.message} {f.remedy}" for f in find_faults(machine) if f.is_advice_only
    )
