"""Record a fingerprint of a finished workbook. `check` uses it to find later changes.

The fingerprint is a text beside the workbook; with --into also on the sheet `Seal` of a copy.

Examples
--------
xlcity seal image.xlsx
xlcity seal image.xlsx --into sealed.xlsx
xlcity check image.xlsx
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from xlcity.audit.check.seal import SUFFIX, file_code, seal
from xlcity.cli.notes import kept_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.progress import step
from xlcity.cli.result import Result
from xlcity.hosts.state import ADDIN
from xlcity.recalc.workbook import describe_addin_link
from xlcity.workbook.checking.seal_sheet import with_seal
from xlcity.workbook.reading.template import require_format
from xlcity.xlsx.cells import read_book, resolve
from xlcity.xlsx.editing.addin_links import find_addin_links
from xlcity.xlsx.package import Package
from xlcity.xlsx.save import require_output, write_output


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="any workbook; it is not changed")
    parser.add_value("--into", "F2", "write the workbook with its seal on the sheet Seal to F2")
    parser.add_argument(
        "-o", "--out", metavar="SEAL", help=f"the file to write (default: F{SUFFIX})"
    )


def run(args: argparse.Namespace) -> Result:
    """Write the fingerprint."""
    source = args.into or args.file
    target = Path(args.out or f"{source}{SUFFIX}")
    require_output(target, [args.file, source])
    step("1 of 2: reading the workbook")
    package = Package.read(args.file)
    book = read_book(package)
    require_format(book, args.file)
    step("2 of 2: fingerprinting inputs, formulas and results")
    fingerprint = seal(package, book)
    if args.into:
        require_output(Path(args.into), [args.file])
        language = (
            str(book.block(resolve(book, "xl_lang"))[0][0]) if "xl_lang" in book.names else ""
        )
        carried = with_seal(package, fingerprint.text(Path(args.into).name), language)
        write_output(Path(args.into), carried)
    fingerprint = replace(fingerprint, file_code=file_code(source))
    text, counts = fingerprint.text(Path(source).name), fingerprint.counts
    links = find_addin_links(package, ADDIN)
    code = text.rsplit(maxsplit=1)[-1]
    backup = write_output(target, text.encode("utf-8"))
    lines = [
        f"{target}: {counts['inputs']} inputs, {counts['formulas']} formulas, "
        f"{counts['results']} results, {counts['aspects']} charts, names, settings and rules, "
        f"formats of {counts['formats']} cells",
        f"seal {code}",
    ]
    document = {"path": args.file, "manifest": str(target), "code": code, **counts}
    if args.into:
        document["into"] = args.into
        lines.append(f"{args.into}: sheet Seal")
    return Result(
        document, lines, notes=[*kept_notes(backup), *map(describe_addin_link, links.values())]
    )
