"""Read a team's own workbook into tables that `new --framework` takes.

--map is a TOML file that says in which sheet and row the column names stand, which column holds
the city, and which headings are which indicators; a framework may be read from a sheet as well.
Both tables are checked before anything is written.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from xlcity.cli.inputs import tell_notes
from xlcity.cli.output import emit, talk
from xlcity.cli.target import require_folder, write_tables
from xlcity.errors import Problem, Where, XlcityError, counted
from xlcity.index.defaults import default_recipe
from xlcity.model.adopt import adopt
from xlcity.model.data_reader import read_dataset
from xlcity.model.framework_csv import read_framework
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
    with tempfile.TemporaryDirectory() as name:
        trial = Path(name)
        write_tables(trial, tables)
        try:
            framework = read_framework(trial / "framework.csv")
            dataset, notes = read_dataset(trial / "data.csv", framework, None, default_recipe())
        except XlcityError as error:
            # The tables are ours; what is wrong stands in the team's workbook.
            raise type(error)([_at_home(p, args.file) for p in error.problems]) from error
    write_tables(folder, tables)
    if args.json:
        emit(
            {
                "path": str(folder),
                "tables": sorted(tables),
                "units": len(dataset.units),
                "indicators": len(framework.indicators),
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
    if found.unused:
        talk(f"Not used: {', '.join(found.unused)}.")
    if found.bare:
        talk(
            f"Nothing but a name: {', '.join(found.bare)}. "
            "If it is no city, name it in skip, or say with last where the table ends."
        )
    tell_notes(notes, left_out=False)
    return 0


def _at_home(problem: Problem, file: str) -> Problem:
    """Return a problem without the address in the table that was only on trial."""
    where = Where(file=file, indicator=problem.where.indicator, unit=problem.where.unit)
    return Problem(problem.code, problem.message, problem.hint, where)
