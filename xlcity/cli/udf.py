"""Make the functions available in a spreadsheet program."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from xlcity.cli.output import emit
from xlcity.errors import UsageError
from xlcity.hosts.state import HostState, State

HOSTS = ("xlwings", "libreoffice")
EXPORTS = ("lambda", "lite", "xlwings", "libreoffice")
_ALIASES = {"excel": "xlwings", "calc": "libreoffice"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("action", choices=("status", "install", "remove", "export"))
    parser.add_argument(
        "--host",
        metavar="H",
        help=f"{', '.join(HOSTS)} (none = all of them); to export: {', '.join(EXPORTS)}",
    )
    parser.add_argument("-o", "--out", metavar="F", help="the file that export writes")
    parser.add_argument(
        "--lang", choices=("en", "zh"), default="en", help="language of the help inside Excel"
    )


def run(args: argparse.Namespace) -> int:
    """Do it and tell what each program has now."""
    host = _ALIASES.get(args.host, args.host)
    states = _export(host, args) if args.action == "export" else _each(host, args)
    if args.json:
        emit({"hosts": [state.as_dict() for state in states]})
    else:
        sys.stdout.write("\n".join(map(_line, states)) + "\n")
    if args.action != "install":
        return 0
    # Asked for one program, that one counts; asked for none, one that has it is enough.
    good = [state.state is State.INSTALLED for state in states]
    return 0 if (any(good) if host is None else all(good)) else 4


def _each(host: str | None, args: argparse.Namespace) -> list[HostState]:
    if host is not None and host not in HOSTS:
        raise UsageError(f"there is no host {host!r} to {args.action}.", _choose(HOSTS))
    if args.out:
        raise UsageError("-o belongs to export.", f"xlcity udf {args.action} writes no file.")
    states: list[HostState] = []
    if host in (None, "xlwings"):
        from xlcity.hosts.excel import addin

        excel: dict[str, Callable[[], HostState]] = {
            "status": addin.status,
            "install": lambda: addin.install(language=args.lang),
            "remove": addin.remove,
        }
        states.append(excel[args.action]())
    if host in (None, "libreoffice"):
        from xlcity.hosts.calc import manage
        from xlcity.recalc.soffice import find_soffice, make_profile

        program = find_soffice()
        if args.action == "install":
            states += manage.install(program, make_profile)
        else:
            states += {"status": manage.status, "remove": manage.remove}[args.action](program)
    return states


def _export(host: str | None, args: argparse.Namespace) -> list[HostState]:
    from xlcity.hosts.export import export

    if host not in EXPORTS:
        raise UsageError("say which host the file is for.", _choose(EXPORTS))
    if not args.out:
        raise UsageError("say where the file goes.", "-o FILE")
    return [export(host, Path(args.out), args.lang)]


def _choose(hosts: Sequence[str]) -> str:
    return f"--host is one of {', '.join(hosts)}."


def _line(state: HostState) -> str:
    text = f"{state.host:<12}{state.state.value:<12} {state.detail}"
    return f"{text}\n{'':<25}{state.remedy}" if state.remedy else text
