"""Record a fingerprint of a finished workbook. `check` uses it to find later changes.

Examples
--------
xlcity seal image.xlsx
xlcity check image.xlsx
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from xlcity.cli.notes import kept_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.hosts.state import ADDIN
from xlcity.recalc.workbook import linked
from xlcity.workbook.checking.seal import SUFFIX, file_code, seal
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.addin_links import addin_links
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
    package = Package.read(args.file)
    made = replace(seal(package, read_book(package)), file_code=file_code(args.file))
    text, counts = made.text(Path(args.file).name), made.counts
    links = addin_links(package, ADDIN)
    code = text.rsplit(maxsplit=1)[-1]
    kept = write_output(target, text.encode("utf-8"))
    lines = [
        f"{target}: {counts['inputs']} inputs, {counts['formulas']} formulas, "
        f"{counts['results']} results, {counts['aspects']} charts, names, settings and rules, "
        f"formats of {counts['formats']} cells",
        f"seal {code}",
    ]
    document = {"path": args.file, "manifest": str(target), "code": code, **counts}
    return Result(document, lines, notes=[*kept_notes(kept), *map(linked, links.values())])
