"""Audit printed tables, a workbook, or the text of a report.

Each has its own options: `xlcity audit tables --help`.

Examples
--------
xlcity audit tables iecc2024
xlcity audit tables --table scores.csv --spec spec.toml --html audit.html
xlcity audit workbook image.xlsx
xlcity audit text chapter.docx --against image.xlsx
"""

from __future__ import annotations

import argparse

from xlcity.cli.parser import LaterParser, VerbParser, module_of
from xlcity.cli.result import Result

#: What can be audited -> one line of help. Each is the module `audit_<name>` beside this one, with
#: `configure` and `run` like any verb.
AUDITS = {
    "tables": "forensic audit of printed tables",
    "workbook": "lint of a workbook",
    "text": "claims in prose against tables",
}


def configure(parser: VerbParser) -> None:
    """Give every kind of audit its own options."""
    kinds = parser.add_subparsers(  # type: ignore[type-var]
        dest="audit", metavar="WHAT", required=True, parser_class=LaterParser
    )
    for name, text in AUDITS.items():
        words = f"audit {name}"
        kinds.add_parser(name, help=text, verb=words)


def run(args: argparse.Namespace) -> Result:
    """Run the audit that was asked for."""
    result: Result = module_of(f"audit {args.audit}").run(args)
    return result
