"""The verb that makes the functions available in spreadsheet programs."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from xlcity.api.texts import ON_PAGE, own_language, told
from xlcity.api.verb import verb
from xlcity.cli.result import Result, TextTable
from xlcity.messages import find_message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Literal

    from xlcity.api import arguments as take
    from xlcity.hosts.state import HostState


@verb(
    "connect",
    form={
        "action": "=install",
        "host": "=excel",
        "lang": "{lang}",
        "out": "xlcity-functions.xlsm",
    },
    seconds=(10, 60),
    timed=False,
)
def udf(
    action: Literal["status", "install", "remove", "export", "embed"],
    book: take.Book | None = None,
    *,
    host: take.Text | None = None,
    out: take.Save | None = None,
    lang: Literal["en", "zh"] = "en",
    code: take.Text | None = None,
    remove: bool = False,
) -> Result:
    """Make the functions available in a spreadsheet program.

    `embed` puts them into a workbook, where xlwings Lite computes them: Excel then needs no Python
    on the machine. A main.py of your own stays.

    Parameters
    ----------
    book
        with embed: the workbook, changed in place unless --out names another file
    host : H
        excel (with xlwings' add-in; also called xlwings), libreoffice (default: both); for
        export: lite, xlwings, libreoffice, self-test
    out : F
        the file that export or embed writes, or the workbook that excel imports functions into
    lang
        language of the help inside Excel
    code : C
        with status: explain a code of the self-test workbook
    remove
        with embed: take the functions out of the workbook

    Examples
    --------
    xlcity udf status
    xlcity udf install --host excel --lang zh
    xlcity udf export --host self-test -o self-test.xlsx
    xlcity udf embed image.xlsx
    """
    from pathlib import Path

    from xlcity.errors import UsageError, require_known
    from xlcity.hosts.export import EXPORTS, export_library

    if code is not None:
        return _explain_code(action, code)
    if action == "embed" or book or remove:
        return _embed(action, book, out, remove=remove)
    host = {"excel": "xlwings", "calc": "libreoffice"}.get(host or "", host)
    workbook = Path(out) if out else None
    if action == "export":
        if host is None:
            raise UsageError.of("XC100.no_program", exports=[*EXPORTS])
        require_known("kind.host", host, EXPORTS)
        if workbook is None:
            raise UsageError.of("XC100.no_file_to_write")
        states = [export_library(host, workbook, lang)]
    elif workbook and (action != "install" or host != "xlwings"):
        raise UsageError.of("XC100.writes_no_file", action=action)
    else:
        states = _state_of_hosts(host, action, lang, workbook)
    exit_code = _exit_code(action, states, is_for_one=host is not None)
    return Result({"hosts": states}, map(_line, states), code=exit_code)


def _exit_code(action: str, states: Sequence[HostState], *, is_for_one: bool) -> int:
    """Return 4 where the programs have not got what was asked for.

    Asked for one program, that one counts; asked for none, one that has the functions is enough.
    """
    from xlcity.hosts.state import Availability

    reached = {state.state for state in states}
    is_there = Availability.INSTALLED in reached
    is_old_there = Availability.OUTDATED in reached
    if action == "install":
        is_nowhere_else = reached <= {Availability.INSTALLED}
        is_done = is_nowhere_else if is_for_one else is_there
        return 0 if is_done else 4
    if action == "remove":
        return 4 if is_there or is_old_there else 0
    return 0


def _embed(
    action: str,
    book: str | None,
    out: str | None,
    *,
    remove: bool,
) -> Result:
    """Put the functions into a workbook, or take them out."""
    from pathlib import Path

    from xlcity.api.functions_inside import embed_in_workbook
    from xlcity.api.templates import require_template_name
    from xlcity.errors import UsageError
    from xlcity.xlsx.save import require_output

    if action != "embed" or book is None:
        raise UsageError.of("XC100.embed_book")
    target = Path(out or book)
    if out:
        require_template_name(target)
    require_output(target)
    state = embed_in_workbook(book, target, remove=remove)
    return Result({"hosts": [state]}, [_line(state)])


def _explain_code(action: str, code: str) -> Result:
    """Say what a program showed in the self-test workbook."""
    from xlcity.errors import UsageError
    from xlcity.hosts.self_test import decode_results

    if action != "status":
        raise UsageError.of("XC100.no_code_explained", action=action)
    probes = decode_results(code, own_language())
    sound = all(probe.as_expected for probe in probes if probe.needed)
    marks = {True: "ok", False: "!", None: ""}
    rows = [
        (marks[probe.as_expected], probe.what, probe.digit, probe.says)
        for probe in probes
    ]
    document = {"code": code, "templates": sound, "probes": probes}
    return Result(document, [TextTable((), rows)], code=0 if sound else 1)


def _state_of_hosts(
    host: str | None, action: str, lang: str, book: Path | None
) -> list[HostState]:
    """Do something in a program, or in all, and return what each has now."""
    from xlcity.errors import require_known
    from xlcity.extension.install import profile_states
    from xlcity.hosts.calc import manage
    from xlcity.hosts.excel import xlwings_addin
    from xlcity.hosts.excel.machine import Machine
    from xlcity.recalc.engines.soffice import find_soffice, make_profile

    if host is not None:
        require_known("kind.host", host, ("xlwings", "libreoffice"))
    states: list[HostState] = []
    if host in (None, "xlwings"):
        ways: dict[str, Callable[[Machine], HostState]] = {
            "status": xlwings_addin.xlwings_state,
            "install": partial(
                xlwings_addin.install_xlwings, language=lang, workbook=book
            ),
            "remove": xlwings_addin.remove_xlwings,
        }
        states.append(ways[action](Machine()))
    if host in (None, "libreoffice"):
        if action == "install":
            states += manage.install_in_profiles(find_soffice(), make_profile)
        else:
            change = (
                manage.remove_from_profiles
                if action == "remove"
                else manage.profile_states
            )
            states += change(find_soffice())
        # Where the functions cannot be, the buttons cannot either, and one reason is enough.
        if _is_possible(states):
            states += profile_states(action)
    return states


def _is_possible(states: Sequence[HostState]) -> bool:
    from xlcity.hosts.state import Availability

    return states[-1].state is not Availability.UNAVAILABLE


def _line(state: HostState) -> str:
    """Return sentence by sentence what was done or is missing; at a terminal, what there is."""
    if state.steps and (ON_PAGE in os.environ or state.state.value == "installed"):
        return "\n".join(map(told, state.steps))
    name = state.state.value
    word = told(find_message(f"state.{name}", {}) or name)
    detail = told(state.detail)
    remedy = told(state.remedy)
    text = f"{state.host:<12}{word:<12} {detail}"
    return f"{text}\n{'':<25}{remedy}" if remedy else text
