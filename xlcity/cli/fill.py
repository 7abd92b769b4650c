"""Put values from a file into a workbook's input cells and recalculate it.

Absent and blank cells of the file leave the workbook as it is. The rest of the workbook (comments,
formats, sheets of your own) stays byte for byte.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from xlcity.cli.inputs import tell_notes
from xlcity.cli.output import emit, talk
from xlcity.cli.target import tell_kept
from xlcity.errors import counted
from xlcity.workbook.fill import fill
from xlcity.workbook.read import open_template
from xlcity.xlsx.save import require_output, save


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="the template workbook")
    parser.add_argument("--data", metavar="D", required=True, help="CSV, folder or xlsx")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("-o", "--out", metavar="F2", help="write to this file")
    where.add_argument("--in-place", action="store_true", help="overwrite; the old file stays .bak")
    parser.add_argument(
        "--clear", action="store_true", help="empty the cells that the file has blank"
    )
    parser.add_argument("--no-recalc", action="store_true", help="leave the results as they were")
    parser.add_argument("--no-backup", action="store_true", help="keep no .bak of what is replaced")


def run(args: argparse.Namespace) -> int:
    """Fill the workbook."""
    source = Path(args.file)
    target = source if args.in_place else Path(args.out)
    read = [args.data] if args.in_place else [args.data, source]
    require_output(target, read, "Name another file, or say --in-place.")
    template = open_template(source)
    filled = fill(template, args.data, clear=args.clear, recalculated=not args.no_recalc)
    backup = not args.no_backup
    _, kept = save(filled.package, template.package, source, target, backup=backup)
    notes = filled.notes
    if args.json:
        emit(
            {
                "path": str(target),
                "written": filled.written,
                "cleared": filled.cleared,
                "skipped": list(filled.skipped),
                "converted": [conversion.as_dict() for conversion in notes.converted],
                "doubtful": [problem.as_dict() for problem in notes.doubtful],
                "recalculated": not args.no_recalc,
                "kept": None if kept is None else str(kept),
            }
        )
        return 0
    state = "left as they were" if args.no_recalc else "recalculated"
    sys.stdout.write(
        f"{target}: {counted(filled.written, 'cell')} written, {filled.cleared} emptied, "
        f"results {state}\n"
    )
    tell_kept(kept)
    for line in filled.skipped:
        talk(f"Skipped: {line}.")
    tell_notes(notes, left_out=False)
    return 0
