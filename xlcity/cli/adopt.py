"""Read a team's own workbook into tables that `new --framework` takes.

--map is a TOML file. It names the sheet and row of the column names, the column of the city, and
the indicator of each heading. The framework may come from a sheet as well. Both tables are checked
before anything is written.

Examples
--------
xlcity adopt team.xlsx --map map.toml -o tables
"""

from __future__ import annotations

import argparse
from pathlib import Path

from xlcity.cli.notes import kept_notes, reading_document, reading_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.cli.target import require_folder, write_tables
from xlcity.errors import Problem, counted
from xlcity.index.defaults import default_recipe
from xlcity.model.reading.adopt import adopt
from xlcity.model.reading.data import read_table
from xlcity.model.reading.framework import framework_from_table
from xlcity.model.reading.tables import csv_text


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="TEAM", help="the team's workbook")
    parser.add_argument("--map", metavar="M", required=True, help="where everything is (TOML)")
    parser.add_output("the folder to write to", "FOLDER")


def run(args: argparse.Namespace) -> Result:
    """Adopt the workbook."""
    folder = Path(args.out)
    require_folder(folder)
    found = adopt(args.file, args.map)
    tables = {"framework.csv": csv_text(found.framework), "data.csv": csv_text(found.data)}
    framework = framework_from_table(found.framework_table)
    dataset, reading = read_table(found.table, framework, None, default_recipe())
    kept = write_tables(folder, tables)
    cities, indicators = len(dataset.units), len(framework.indicators)
    document = {
        **reading_document(reading),
        "path": str(folder),
        "tables": sorted(tables),
        "units": cities,
        "indicators": indicators,
        "kept": kept,
        "unused": list(found.unused),
        "bare": list(found.bare),
    }
    blocks = [
        f"{folder}: {counted(cities, 'city', 'cities')}, {counted(indicators, 'indicator')}",
        f"Next: xlcity new --framework {folder} --data {folder} -o book.xlsx",
    ]
    notes: list[str | Problem] = [*kept_notes(kept)]
    if found.unused:
        notes.append(f"Not used: {', '.join(found.unused)}.")
    if found.bare:
        notes.append(
            f"Rows with nothing but a name: {', '.join(found.bare)}. If it is not a city, name it "
            "in skip, or give the table's last row in last."
        )
    return Result(document, blocks, notes=[*notes, *reading_notes(reading, unused=False)])
