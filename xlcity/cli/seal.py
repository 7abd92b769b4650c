"""Record a fingerprint of a finished workbook. `check` uses it to find later changes.

Examples
--------
xlcity seal image.xlsx
xlcity check image.xlsx
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from xlcity.cli.notes import kept_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.workbook.checking.seal import SUFFIX, seal
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package
from xlcity.xlsx.save import require_output, write_output


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="any workbook; it is not changed")
    parser.add_argument(
        "-o", "--out", metavar="SEAL", help=f"the file to write (default: F{SUFFIX})"
    )


def run(args: argparse.Namespace) -> Result:
    """Write the fingerprint."""
    target = Path(args.out or f"{args.file}{SUFFIX}")
    require_output(target, [args.file])
    made = seal(read_book(Package.read(args.file)))
    manifest, counts = made.document(), made.counts
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    kept = write_output(target, text.encode("utf-8"))
    lines = [
        f"{target}: {counts['inputs']} inputs, {counts['formulas']} formulas, "
        f"{counts['results']} results",
        f"seal {manifest['seal']}",
    ]
    document = {"path": args.file, "manifest": str(target), "code": manifest["seal"], **counts}
    return Result(document, lines, notes=kept_notes(kept))
