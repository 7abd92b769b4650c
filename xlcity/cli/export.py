"""Write the inputs of a template as plain tables into a folder.

The tables are framework.csv, cities.csv, data.csv and recipe.toml. Where the workbook has such
entries, there are also ingredients.csv, items.csv, links.csv, exceptions.csv, review.csv,
comments.csv and leftovers.csv (formulas, formats, notes, additional columns, with their addresses).

`new --framework FOLDER --data FOLDER --recipe FOLDER/recipe.toml` makes the template again from
them.

Examples
--------
xlcity export image.xlsx -o tables
"""

from __future__ import annotations

import argparse
from pathlib import Path

from xlcity.cli.notes import kept_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.cli.target import require_folder, write_tables
from xlcity.workbook.migrate.content import read_content
from xlcity.workbook.migrate.tables import tables_of
from xlcity.workbook.reading.template import open_template


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="the template workbook")
    parser.add_output("the folder to write to", "FOLDER")


def run(args: argparse.Namespace) -> Result:
    """Export the inputs."""
    folder = Path(args.out)
    require_folder(folder)
    tables = tables_of(read_content(open_template(args.file)))
    backups = write_tables(folder, tables)
    document = {"path": str(folder), "tables": sorted(tables), "kept": backups}
    return Result(document, [f"{folder}: {', '.join(sorted(tables))}"], notes=kept_notes(backups))
