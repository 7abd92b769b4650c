"""Read a team's own workbook into tables that `new --framework` takes.

--map is a TOML file that says in which sheet and row the column names stand, which column holds
the city, and which headings are which indicators; a framework may be read from a sheet as well.
Both tables are checked before anything is written.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from xlcity.cli.inputs import tell_notes
from xlcity.cli.output import emit, talk
from xlcity.cli.target import require_folder, tell_kept_names, write_tables
from xlcity.errors import counted
from xlcity.index.defaults import default_recipe
from xlcity.model.adopt import adopt
from xlcity.model.data_reader import read_table
from xlcity.model.framework_csv import framework_from_table
from xlcity.model.tables import csv_text


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="TEAM", help="the team's workbook")
    parser.add_argument("--map", metavar="M", required=True, help="where everything stands (TOML)")
    parser.add_argument("-o", "--out", metavar="FOLDER", required=True, help="where to write")


def run(args: argparse.Namespace) -> int:
    """Adopt the workbook."""
    folder = Path(args.out)
    require_folder(folder)
    found = adopt(args.file, args.map)
    tables = {"framework.csv": csv_text(found.framework), "data.csv": csv_text(found.data)}
    framework = framework_from_table(found.framework_table)
    dataset, notes = read_table(found.table, framework, None, default_recipe())
    kept = write_tables(folder, tables)
    if args.json:
        emit(
            {
                "path": str(folder),
                "tables": sorted(tables),
                "units": len(dataset.units),
                "indicators": len(framework.indicators),
                "kept": kept,
                "unused": list(found.unused),
                "bare": list(found.bare),
                "converted": [conversion.as_dict() for conversion in notes.converted],
            }
        )
        return 0
    sys.stdout.write(
        f"{folder}: {counted(len(dataset.units), 'city', 'cities')}, "
        f"{counted(len(framework.indicators), 'indicator')}\n"
        f"Next: xlcity new --framework {folder} --data {folder} -o book.xlsx\n"
    )
    tell_kept_names(kept)
    if found.unused:
        talk(f"Not used: {', '.join(found.unused)}.")
    if found.bare:
        talk(
            f"Nothing but a name: {', '.join(found.bare)}. "
            "If it is no city, name it in skip, or say with last where the table ends."
        )
    tell_notes(notes, left_out=False)
    return 0
