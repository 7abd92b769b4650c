"""Audit what was printed, or a workbook: `xlcity audit tables …`, `xlcity audit workbook …`."""

from __future__ import annotations

import argparse
import importlib

#: What can be audited -> one line of help. Each is the module `audit_<name>` beside this one, with
#: `configure` and `run` like any verb.
AUDITS = {
    "tables": "forensic audit of printed tables",
    "workbook": "lint of a workbook",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Give every kind of audit its own options."""
    kinds = parser.add_subparsers(dest="audit", metavar="WHAT", required=True)
    for name, text in AUDITS.items():
        module = importlib.import_module(f"xlcity.cli.audit_{name}")
        below = kinds.add_parser(name, help=text, description=module.__doc__)
        # `--json` may stand before or after the kind; suppressed, it does not undo the first.
        below.add_argument(
            "--json",
            action="store_true",
            default=argparse.SUPPRESS,
            help="one JSON document on stdout",
        )
        module.configure(below)


def run(args: argparse.Namespace) -> int:
    """Run the audit that was asked for."""
    code: int = importlib.import_module(f"xlcity.cli.audit_{args.audit}").run(args)
    return code
