"""Seal a finished workbook: a manifest by which `check` finds and names later changes."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from xlcity.cli.output import emit
from xlcity.cli.target import tell_kept
from xlcity.workbook.seal import SUFFIX, seal
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package
from xlcity.xlsx.save import require_output, write_output


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="any workbook; it is not changed")
    parser.add_argument(
        "-o", "--out", metavar="SEAL", help=f"the manifest to write (default: F{SUFFIX})"
    )


def run(args: argparse.Namespace) -> int:
    """Write the manifest and tell its code."""
    target = Path(args.out or f"{args.file}{SUFFIX}")
    require_output(target, [args.file])
    made = seal(read_book(Package.read(args.file)))
    document = made.document()
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    tell_kept(write_output(target, text.encode("utf-8")))
    counts = made.counts
    if args.json:
        emit({"path": args.file, "manifest": str(target), "code": document["seal"], **counts})
    else:
        sys.stdout.write(
            f"{target}: {counts['inputs']} inputs, {counts['formulas']} formulas, "
            f"{counts['results']} results\nseal {document['seal']}\n"
        )
    return 0
