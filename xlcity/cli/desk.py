"""Open the companion page: checks, changes and traces in the browser, fresh at every save.

The page is served on this machine alone. It watches the workbook while you work on it in Excel, WPS
or LibreOffice. Forms on the page make, fill, merge and report workbooks.

Examples
--------
xlcity desk image.xlsx
xlcity desk books/ --no-browser
xlcity desk books/ --shortcut
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from xlcity.cli.parser import VerbParser
from xlcity.cli.result import SCHEMA, Result
from xlcity.desk.actions import ACTIONS
from xlcity.desk.shortcut import require_server
from xlcity.errors import UsageError


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_value(
        "place", "F", "a template workbook, or a folder of them (default: this folder)", nargs="?"
    )
    parser.add_value(
        "--port", "N", "the port on 127.0.0.1 (default: a free one)", type=int, default=0
    )
    parser.add_flag("--no-browser", "print the address only; serve until interrupted")
    parser.add_argument(
        "--form",
        choices=tuple(ACTIONS),
        metavar="A",
        help=f"show the form of an action first: {', '.join(ACTIONS)}",
    )
    parser.add_flag("--shortcut", "put a starter on the desktop that opens the page on F")


def run(args: argparse.Namespace) -> Result:
    """Serve until it is ended."""
    require_server()
    if args.shortcut:
        return _shortcut(args.place)
    from xlcity.desk.server import serve

    def tell(url: str) -> None:
        line = json.dumps({"schema": SCHEMA, "url": url}) if "json" in args else url
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    serve(
        Path(args.place or "."),
        port=args.port,
        browser=not args.no_browser,
        form=args.form or "",
        announce=tell,
    )
    return Result(None)


def _shortcut(path: str | None) -> Result:
    """Put a starter on the desktop; without a place it opens a folder of its own at home."""
    from xlcity.desk.shortcut import write_shortcut

    folder = Path(path or Path.home() / "xlcity").resolve()
    if path is None:
        folder.mkdir(exist_ok=True)
    elif not folder.exists():
        raise UsageError("there is no such file or folder.", "Name one.")
    shortcut = write_shortcut(folder)
    return Result({"path": shortcut, "opens": folder}, [f"{shortcut}: opens {folder}"])
