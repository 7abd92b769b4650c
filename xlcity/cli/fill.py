"""Put values from a file into a workbook's input cells and recalculate it.

Cells that are absent or blank in the file are not changed. The rest of the workbook (comments,
formats, your own sheets) is kept byte for byte.

A team's own table, with several rows of headings, totals or notes, is read as `adopt` would propose
it, its columns by their names; --map names the map that it was adopted with.

Examples
--------
xlcity fill image.xlsx --data late.csv --in-place
xlcity fill image.xlsx --data survey.xlsx -o filled.xlsx --clear
xlcity fill own.xlsx --data team2026.xlsx --map team.map.toml -o own2026.xlsx
"""

from __future__ import annotations

import argparse
from pathlib import Path

from xlcity.api.remake import IN_PLACE
from xlcity.api.workbook import Workbook
from xlcity.cli.notes import doubt_notes, kept_notes, reading_document, reading_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.progress import step
from xlcity.cli.result import Result
from xlcity.cli.target import require_files
from xlcity.errors import counted
from xlcity.xlsx.save import require_output


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="the template workbook")
    parser.add_argument("--data", metavar="D", required=True, help="CSV, folder or xlsx")
    parser.add_value("--map", "M", "the map that the team's table was adopted with (TOML)")
    parser.add_output_or_in_place()
    parser.add_flag("--clear", "empty the cells that the file has blank")
    parser.add_flag("--no-recalc", "leave the results as they were")


def run(args: argparse.Namespace) -> Result:
    """Fill the workbook."""
    target = Path(args.file if args.in_place else args.out)
    read = [path for path in (args.data, args.map) if path]
    read += [] if args.in_place else [args.file]
    require_output(target, read, IN_PLACE)
    require_files(args.file, args.data)
    book = Workbook.open(args.file)
    step("filling in and computing the workbook")
    filled = book.fill(args.data, map=args.map, clear=args.clear, recalculate=not args.no_recalc)
    book.save(target, backup=not args.no_backup)
    document = {
        "path": target,
        "written": filled.written,
        "cleared": filled.cleared,
        "skipped": list(filled.skipped),
        "unlisted": list(filled.unlisted),
        "recalculated": not args.no_recalc,
        "unverified": list(filled.unverified),
        "kept": book.kept,
        **reading_document(filled.notes),
    }
    state = "left as they were" if args.no_recalc else "recalculated"
    number = counted(filled.written, "cell")
    text = f"{target}: {number} written, {filled.cleared} emptied, results {state}"
    skipped = [f"Skipped: {line}." for line in filled.skipped]
    unlisted = [
        f"{code} is made from a list: give a folder with data.csv and items.csv "
        "(unit, item, ranks)."
        for code in filled.unlisted
    ]
    doubts = reading_notes(filled.notes, unused=False)
    notes = [*kept_notes(book.kept), *unlisted, *skipped, *doubts]
    notes += doubt_notes(filled.unverified, target)
    return Result(document, [text], notes=notes)
