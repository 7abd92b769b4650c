"""Add pages on demand to a template workbook, or remove some.

Pages are intake, whatif, statistics, correlation, robustness, peers, groups and
review, as far as the index has what they show; `usual` means intake, whatif and groups. README
lists those that the workbook lacks.

The workbook is remade as by `rebuild`: everything that you typed is copied. What you typed on a
page that is removed is listed on the sheet `Leftovers`.

Examples
--------
xlcity pages image.xlsx --add whatif,statistics --in-place
xlcity pages image.xlsx --remove review -o slim.xlsx
"""

from __future__ import annotations

import argparse

from xlcity.api.remake import remake_workbook
from xlcity.cli.notes import copied_document, copied_notes, copied_text, kept_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.errors import UsageError, counted


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="the template workbook")
    parser.add_output_or_in_place()
    parser.add_pages("--add", "add these pages: usual, all, or names with commas")
    parser.add_pages("--remove", "remove these pages: all, or names with commas")


def run(args: argparse.Namespace) -> Result:
    """Change the pages of the workbook."""
    if not (args.add or args.remove):
        raise UsageError("no page is named.", "Give --add or --remove.")
    rebuilt = remake_workbook(
        args.file,
        None if args.in_place else args.out,
        add=args.add,
        remove=args.remove,
        backup=not args.no_backup,
    )
    built, pages = rebuilt.built, rebuilt.content.spec.chosen_pages
    document = {
        "path": str(rebuilt.path),
        "sheets": list(built.sheets),
        "pages": list(pages),
        **copied_document(built, rebuilt.kept),
    }
    text = (
        f"{rebuilt.path}: {counted(len(built.sheets), 'sheet')}; "
        f"pages on demand: {', '.join(pages) or 'none'}; copied: {copied_text(built)}"
    )
    notes = [*kept_notes(rebuilt.kept), *copied_notes(built, rebuilt.path)]
    return Result(document, [text], notes=notes, code=1 if built.lost else 0)
