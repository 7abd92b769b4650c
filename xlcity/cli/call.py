"""Run one function of the library in one host."""

from __future__ import annotations

import argparse
import json
import sys

from xlcity.cli.output import emit
from xlcity.errors import CellValue, UsageError
from xlcity.hosts.cells import JSON, CellRows
from xlcity.hosts.dispatch import HOSTS, run_call
from xlcity.hosts.sheet_call import SheetCall


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("name", metavar="NAME", help="function, as `xlcity functions` lists them")
    parser.add_argument(
        "--args",
        required=True,
        metavar="JSON",
        help='list of arguments; a matrix is a list of rows, null is blank, "#N/A" is that error; '
        "- reads it from stdin",
    )
    parser.add_argument(
        "--host", default="python", metavar="HOST", help=f"one of {', '.join(HOSTS)}"
    )


def run(args: argparse.Namespace) -> int:
    """Call the function and print its block of results; errors are results like any other."""
    arguments = _arguments(sys.stdin.read() if args.args == "-" else args.args)
    rows = run_call(args.name, arguments, args.host, JSON, _in_office)
    if args.json:
        emit({"name": args.name.upper(), "host": args.host, "result": rows})
    else:
        sys.stdout.write(_table(rows) + "\n")
    return 0


def _in_office(sheet_call: SheetCall) -> CellRows:
    from xlcity.recalc.calls import run as run_in_office

    return run_in_office(sheet_call)


def _arguments(text: str) -> list[object]:
    try:
        arguments = json.loads(text, parse_constant=_refuse)
    except ValueError as error:
        raise UsageError(
            f"--args is no JSON: {error}.", "Example: '[[[1],[2],[null]], 1.96]'."
        ) from None
    if not isinstance(arguments, list):
        raise UsageError(
            "--args is no list.", "Put the arguments in brackets: '[[[1],[2]], 1.96]'."
        )
    if _holds_object(arguments):
        raise UsageError("--args holds an object.", "Arguments are values and lists of rows.")
    return arguments


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON number")


def _holds_object(value: object) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and any(_holds_object(item) for item in value)
    )


def _table(rows: CellRows) -> str:
    texts = [[_text(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return "\n".join(
        "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True))
        for row in texts
    )


def _text(cell: CellValue) -> str:
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)
