"""Sets Excel up as xlwings' documentation describes: its add-in, its settings, *Import Functions*.

Every step is checked, said in a sentence and written into a log beside the workbook.
"""

from __future__ import annotations

import csv
import shutil
from functools import partial
from pathlib import Path

from xlcity.errors import EngineError
from xlcity.hosts.excel.machine import (
    Machine,
    advice_text,
    excel_version,
    fault_state,
    own_settings,
)
from xlcity.hosts.excel.module import MODULE, module_text
from xlcity.hosts.state import Availability, HostState, read_text_or_empty
from xlcity.messages import Message, sentences

HOST = "xlwings"
ADDIN = "xlwings.xlam"
#: The workbook that functions are imported into.
WORKBOOK = "xlcity-functions.xlsm"
_INSTALL_COMMAND = "xlcity udf install --host excel"
#: Settings in which other projects of the user have entries, too.
_LISTS = ("PYTHONPATH", "UDF MODULES")
_SECURITY = r"Microsoft\Office\{}\Excel\Security"

_host_state = partial(HostState, HOST)


def xlwings_state(machine: Machine) -> HostState:
    """Return whether Excel on a machine is set up for the functions."""
    if fault := fault_state(HOST, machine):
        return fault
    settings = read_settings(machine.xlwings_settings, machine.code_page)
    if not (machine.startup / ADDIN).exists() or MODULE not in settings.get(
        "UDF MODULES", ""
    ):
        absent = Message("excel.absent")
        return _host_state(Availability.ABSENT, absent, _INSTALL_COMMAND)
    module = _module_file(machine)
    texts = (module_text(language=language) for language in ("en", "zh"))
    if (
        settings != merged_settings(machine, settings)
        or read_text_or_empty(module) not in texts
    ):
        outdated = Message("excel.outdated")
        return _host_state(Availability.OUTDATED, outdated, _INSTALL_COMMAND)
    remedy = sentences(_trust_step(machine), advice_text(machine))
    return _host_state(Availability.INSTALLED, str(machine.startup / ADDIN), remedy)


def install_xlwings(
    machine: Machine, language: str = "en", workbook: Path | None = None
) -> HostState:
    """Install xlwings' add-in, set it up, and make the workbook that functions are imported into.

    Parameters
    ----------
    machine
        The machine.
    language
        Language of the help in the function wizard.
    workbook
        The macro-enabled workbook, kept if it is there already; None = one beside the functions.
    """
    if fault := fault_state(HOST, machine):
        return fault
    module = _module_file(machine)
    module.parent.mkdir(parents=True, exist_ok=True)
    module.write_text(module_text(language=language), encoding="utf-8", newline="\n")
    steps: list[str] = [Message("excel.fits")]
    workbook = workbook or functions_workbook(machine)
    log = workbook.with_suffix(".log")
    printed = machine.run_xlwings("addin", "install")
    try:
        steps += _set_up(machine, workbook, printed)
        steps += [
            _trust_step(machine),
            Message("XC500.functions_not_imported.hint", workbook=workbook.name),
            Message("excel.log", file=log.name),
        ]
        state = _host_state(Availability.INSTALLED, str(workbook), steps=tuple(steps))
    except EngineError as error:
        (problem,) = error.problems
        steps += [problem.message, problem.hint]
        state = _host_state(
            Availability.UNAVAILABLE, problem.message, problem.hint, tuple(steps)
        )
    command = f"> xlwings addin install\n{printed.strip()}\n"
    log.write_text(
        command + "".join(f"{step}\n" for step in state.steps), encoding="utf-8"
    )
    return state


def _set_up(machine: Machine, workbook: Path, printed: str) -> list[str]:
    """Check the add-in, write the settings and the workbook; return a sentence for each."""
    # xlwings ends with 0 whatever happens: the file shows whether it was installed.
    source = _xlwings_folder() / "addin" / ADDIN
    addin = machine.startup / ADDIN
    is_installed = addin.exists() and addin.read_bytes() == source.read_bytes()
    if not is_installed:
        lines = printed.strip().splitlines()
        said = lines[-1].rstrip(".") if lines else Message("excel.printed_nothing")
        message = Message("excel.addin_not_installed", said=said)
        hint = Message("excel.addin_not_installed.hint", command=_INSTALL_COMMAND)
        raise EngineError(message, hint)
    before = read_settings(machine.xlwings_settings, machine.code_page)
    try:
        _write_settings(machine, merged_settings(machine, before))
    except UnicodeEncodeError as error:
        letters = error.object[error.start : error.end]
        message = Message("excel.letters", letters=letters)
        raise EngineError(message, Message("excel.letters.hint")) from error
    steps: list[str] = [Message("excel.addin_installed")]
    steps.append(Message("excel.settings_written"))
    old = before.get("INTERPRETER_WIN", "")
    if old not in ("", str(machine.python)):
        steps.append(Message("excel.settings_kept", before=old))
    if workbook.exists():
        return [*steps, Message("excel.workbook_kept", file=workbook.name)]
    # As `xlwings quickstart` does: it refers to the add-in already.
    shutil.copyfile(_xlwings_folder() / "quickstart.xlsm", workbook)
    return [*steps, Message("excel.workbook_made", file=workbook.name)]


def _trust_step(machine: Machine) -> str:
    """Return what has to be done so that xlwings may import functions, or that it may."""
    security = _SECURITY.format(excel_version(machine))
    policy = machine.registry_value(
        "HKCU", rf"SOFTWARE\Policies\{security}", "AccessVBOM"
    )
    if policy == 0:
        return Message("excel.forbidden")
    chosen = machine.registry_value("HKCU", rf"SOFTWARE\{security}", "AccessVBOM")
    if 1 in (policy, chosen):
        return Message("excel.allows_import")
    return Message("excel.trust")


def remove_xlwings(machine: Machine) -> HostState:
    """Take the functions out of xlwings' settings; its add-in may serve other projects and stays.

    Return the state of the machine afterwards.
    """
    settings = read_settings(machine.xlwings_settings, machine.code_page)
    if machine.windows and MODULE in settings.get("UDF MODULES", ""):
        own = own_settings(machine, _module_file(machine).parent)
        for name in _LISTS:
            ours = own[name].split(";")
            others = [part for part in settings[name].split(";") if part not in ours]
            settings[name] = ";".join(others)
        _write_settings(machine, settings)
        _module_file(machine).unlink(missing_ok=True)
    return xlwings_state(machine)


def merged_settings(machine: Machine, before: dict[str, str]) -> dict[str, str]:
    """Return the user's settings of xlwings with this Python and these functions among them."""
    ours = own_settings(machine, _module_file(machine).parent)
    for name in _LISTS:
        theirs = before.get(name, "").split(";")
        parts = filter(None, [*theirs, *ours[name].split(";")])
        ours[name] = ";".join(dict.fromkeys(parts))
    return {**before, **ours}


def read_settings(file: Path, code_page: str) -> dict[str, str]:
    """Return the settings of a file of xlwings, in capitals: name -> value."""
    text = ""
    if file.exists():
        text = file.read_text(encoding=code_page, errors="replace")
    settings = {}
    for row in csv.reader(text.splitlines()):
        if len(row) > 1:
            name, value, *_ = row
            settings[name.upper()] = value
    return settings


def _write_settings(machine: Machine, settings: dict[str, str]) -> None:
    """Write settings as xlwings and its VBA read them: in the code page of the machine."""
    file = machine.xlwings_settings
    text = "".join(f'"{name}","{value}"\r\n' for name, value in settings.items())
    content = text.encode(machine.code_page)
    file.parent.mkdir(exist_ok=True)
    if file.exists():
        shutil.copyfile(file, file.with_suffix(".conf.bak"))
    file.write_bytes(content)


def functions_workbook(machine: Machine) -> Path:
    """Return the workbook that functions are imported into, unless another one is named."""
    return _module_file(machine).with_name(WORKBOOK)


def _module_file(machine: Machine) -> Path:
    """Return where the module with the functions is."""
    return machine.home / "xlwings" / f"{MODULE}.py"


def _xlwings_folder() -> Path:
    import xlwings

    return Path(xlwings.__file__).parent
