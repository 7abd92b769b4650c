"""Make the functions available in a spreadsheet program.

Examples
--------
xlcity udf status
xlcity udf install --host excel --lang zh
xlcity udf export --host self-test -o self-test.xlsx
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from xlcity.api.text_table import TextTable
from xlcity.api.texts import language
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.errors import UsageError, did_you_mean
from xlcity.hosts.state import Availability, HostState

HOSTS = ("xlwings", "libreoffice")
EXPORTS = ("lite", "lite-commands", "xlwings", "libreoffice", "self-test")
_ALIASES = {"excel": "xlwings", "calc": "libreoffice"}


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("action", choices=("status", "install", "remove", "export"))
    parser.add_value(
        "--host", "H", f"{', '.join(HOSTS)} (default: both); for export: {', '.join(EXPORTS)}"
    )
    parser.add_argument("-o", "--out", metavar="F", help="the file that export writes")
    parser.add_argument(
        "--lang", choices=("en", "zh"), default="en", help="language of the help inside Excel"
    )
    parser.add_value("--code", "C", "with status: explain a code of the self-test workbook")


def run(args: argparse.Namespace) -> Result:
    """Do it, and return what each program has now."""
    if args.code is not None:
        return _explain(args.action, args.code)
    host = _ALIASES.get(args.host, args.host)
    if args.action == "export":
        states = _export(host, args.out, args.lang)
    else:
        if args.out:
            raise UsageError("-o belongs to export.", f"xlcity udf {args.action} writes no file.")
        states = _each(host, args.action, args.lang)
    result = Result({"hosts": states}, map(_line, states))
    if args.action == "install":
        # Asked for one program, that one counts; asked for none, one that has it is enough.
        good = [state.state is Availability.INSTALLED for state in states]
        result.code = 0 if (any(good) if host is None else all(good)) else 4
    elif args.action == "remove":
        left = {Availability.INSTALLED, Availability.OUTDATED}
        result.code = 4 if any(state.state in left for state in states) else 0
    return result


def _explain(action: str, code: str) -> Result:
    """Say what a program showed in the self-test workbook."""
    from xlcity.hosts.self_test import decode_results

    if action != "status":
        raise UsageError("--code belongs to status.", "xlcity udf status --code CODE")
    seen = decode_results(code, "zh" if language() == "zh" else "en")
    sound = all(probe.as_expected for probe in seen if probe.needed)
    table = TextTable(
        (),
        [(_MARKS[probe.as_expected], probe.what, probe.digit, probe.says) for probe in seen],
    )
    return Result(
        {"code": code, "templates": sound, "probes": seen}, [table], code=0 if sound else 1
    )


_MARKS = {True: "ok", False: "!", None: ""}


def _each(host: str | None, action: str, language: str) -> list[HostState]:
    if host is not None:
        _require_host(host, HOSTS)
    states: list[HostState] = []
    if host in (None, "xlwings"):
        from xlcity.extension.excel.ribbon import ribbon
        from xlcity.hosts.excel import addin

        excel: dict[str, Callable[[], HostState]] = {
            "status": addin.addin_state,
            "install": lambda: addin.install_addin(None, language, ribbon(language)),
            "remove": addin.remove_addin,
        }
        states.append(excel[action]())
    if host in (None, "libreoffice"):
        from xlcity.extension import install as extension
        from xlcity.hosts.calc import manage
        from xlcity.recalc.engines.soffice import find_soffice, make_profile

        program = find_soffice()
        if action == "install":
            states += manage.install_in_profiles(program, make_profile)
        else:
            states += {"status": manage.profile_states, "remove": manage.remove_from_profiles}[
                action
            ](program)
        # Where the functions cannot be, the buttons cannot either, and one reason is enough.
        if states[-1].state is not Availability.UNAVAILABLE:
            states += {
                "status": extension.status,
                "install": extension.install,
                "remove": extension.remove,
            }[action]()
    return states


def _export(host: str | None, out: str | None, language: str) -> list[HostState]:
    from xlcity.hosts.export import export_library

    if host is None:
        raise UsageError("--host is missing.", f"Choose one of {', '.join(EXPORTS)}.")
    _require_host(host, EXPORTS)
    if not out:
        raise UsageError("the file to write is missing.", "Name it with -o FILE.")
    return [export_library(host, Path(out), language)]


def _require_host(host: str, hosts: Sequence[str]) -> None:
    if host not in hosts:
        raise UsageError(f"unknown host {host!r}.", did_you_mean(host, hosts))


def _line(state: HostState) -> str:
    text = f"{state.host:<12}{state.state.value:<12} {state.detail}"
    return f"{text}\n{'':<25}{state.remedy}" if state.remedy else text
