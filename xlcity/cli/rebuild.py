"""Remake a template workbook from its own framework, recipe and data.

Use it when a framework has grown. Type a new indicator directly below the tree on `Framework` (or
insert a row there) and its code after the last one on `Data`. Or give a changed framework, recipe,
list of cities or more data here.

Everything that you typed is copied with its city and indicator: values, formulas, additional
columns, notes, comments, formats, rules, hidden rows, sources and your own sheets. Entries that
have no place any more are listed on the sheet `Leftovers` with their old address.

Examples
--------
xlcity rebuild image.xlsx --in-place
xlcity rebuild image.xlsx --framework tree.csv --data more.csv -o next.xlsx
xlcity rebuild image.xlsx --lang en -o english.xlsx
"""

from __future__ import annotations

import argparse

from xlcity.api.remake import remake_workbook
from xlcity.cli.notes import (
    copied_document,
    copied_notes,
    copied_text,
    kept_notes,
    reading_document,
    reading_notes,
)
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.errors import counted
from xlcity.workbook.labels import LANGUAGES


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="the template workbook")
    parser.add_output_or_in_place()
    parser.add_value("--framework", "T", "take this framework (CSV, folder, xlsx)")
    parser.add_value("--recipe", "R", "take this method (TOML)")
    parser.add_value("--cities", "C", "add or change these cities (CSV)")
    parser.add_value("--data", "D", "fill in these values (CSV, folder or xlsx)")
    parser.add_argument(
        "--lang", choices=LANGUAGES, help="language of labels and tabs (default: the workbook's)"
    )


def run(args: argparse.Namespace) -> Result:
    """Rebuild the workbook."""
    rebuilt = remake_workbook(
        args.file,
        None if args.in_place else args.out,
        framework=args.framework,
        recipe=args.recipe,
        cities=args.cities,
        data=args.data,
        language=args.lang,
        backup=not args.no_backup,
    )
    built, framework = rebuilt.built, rebuilt.content.spec.framework
    before, after = set(rebuilt.drawn_codes), [node.code for node in framework.nodes]
    cities = len(rebuilt.content.spec.dataset.units)
    document = {
        "path": str(rebuilt.path),
        "sheets": list(built.sheets),
        "units": cities,
        "added": [code for code in after if code not in before],
        "dropped": sorted(before - set(after)),
        **copied_document(built, rebuilt.kept),
        **reading_document(rebuilt.notes),
    }
    text = (
        f"{rebuilt.path}: {counted(len(built.sheets), 'sheet')}, "
        f"{counted(cities, 'city', 'cities')}, {len(framework.indicators)} indicators; "
        f"copied: {copied_text(built)}"
    )
    notes = [
        *kept_notes(rebuilt.kept),
        *copied_notes(built, rebuilt.path),
        *reading_notes(rebuilt.notes),
    ]
    return Result(document, [text], notes=notes, code=1 if built.lost else 0)
