"""Write what people put into a template as plain tables, into a folder.

framework.csv, cities.csv, data.csv, recipe.toml and, where there are any, ingredients.csv,
items.csv, links.csv, exceptions.csv, review.csv, comments.csv and leftovers.csv (formulas, formats,
notes and columns beside the inputs, with their addresses). `new --framework FOLDER --data
FOLDER --recipe FOLDER/recipe.toml` makes the template again from them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from xlcity.cli.output import emit
from xlcity.cli.target import require_folder, tell_kept_names, write_tables
from xlcity.workbook.carry.content import read_content
from xlcity.workbook.carry.tables import tables_of
from xlcity.workbook.read import open_template


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="the template workbook")
    parser.add_argument("-o", "--out", metavar="FOLDER", required=True, help="where to write")


def run(args: argparse.Namespace) -> int:
    """Export the inputs."""
    folder = Path(args.out)
    require_folder(folder)
    tables = tables_of(read_content(open_template(args.file)))
    kept = write_tables(folder, tables)
    if args.json:
        emit({"path": str(folder), "tables": sorted(tables), "kept": kept})
        return 0
    sys.stdout.write(f"{folder}: {', '.join(sorted(tables))}\n")
    tell_kept_names(kept)
    return 0
