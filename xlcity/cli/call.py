"""Run one function of the library in one host.

Examples
--------
xlcity call ZSCORE_WINSOR --args '[[[1],[2],[9]]]'
xlcity call MINMAX_SCALE --args '[[[1],[2],[null]]]' --host formulas --json
"""

from __future__ import annotations

import argparse
import json
import sys

from xlcity.api.text_table import TextTable
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.errors import CellValue, UsageError
from xlcity.hosts.cells import JSON, CellRows
from xlcity.hosts.sheet_call import HOSTS, SheetCall, run_call


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("name", metavar="NAME", help="function, as `xlcity functions` lists them")
    parser.add_argument(
        "--args",
        required=True,
        metavar="JSON",
        help='list of arguments; a matrix is a list of rows, null is blank, "#N/A" is that error; '
        "- reads it from stdin",
    )
    parser.add_value("--host", "HOST", f"one of {', '.join(HOSTS)}", default="python")


def run(args: argparse.Namespace) -> Result:
    """Call the function; errors are results like any other."""
    arguments = _arguments(sys.stdin.read() if args.args == "-" else args.args)
    rows = run_call(args.name, arguments, args.host, JSON, _in_office)
    document = {"name": args.name.upper(), "host": args.host, "result": rows}
    return Result(document, [TextTable((), [[*map(_text, row)] for row in rows])])


def _in_office(sheet_call: SheetCall) -> CellRows:
    from xlcity.recalc.office_calls import run_call as run_in_office

    return run_in_office(sheet_call)


def _arguments(text: str) -> list[object]:
    try:
        arguments = json.loads(text, parse_constant=_refuse)
    except ValueError as error:
        raise UsageError(
            f"--args is not JSON: {error}.", "Example: '[[[1],[2],[null]], 1.96]'."
        ) from None
    if not isinstance(arguments, list):
        raise UsageError(
            "--args is not a list.", "Put the arguments in brackets: '[[[1],[2]], 1.96]'."
        )
    if _has_object(arguments):
        raise UsageError("--args contains an object.", "Arguments are values and lists of rows.")
    return arguments


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not a JSON number")


def _has_object(value: object) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and any(_has_object(item) for item in value)
    )


def _text(cell: CellValue) -> str:
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)
