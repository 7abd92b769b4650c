"""Read a team's own workbook into tables that `new --framework` takes.

--map is a TOML file. It names the sheet and row of the column names, the column of the city, and
the indicator of each heading. The framework may come from a sheet as well. Both tables are checked
before anything is written.

--propose writes such a file from what the table looks like: read it, correct it, and replace each
direction = "?" by 1 where larger is better, or -1 where smaller is better. Its section [cities]
lists names that are nearly those of known cities: replace each "?" by the right name. It also has
the title, the methods and the weights of the index. What an earlier file of that name says is kept.

Examples
--------
xlcity adopt team.xlsx --propose map.toml
xlcity adopt team.xlsx --map map.toml -o tables
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from xlcity.cli.notes import kept_notes, reading_document, reading_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.progress import step
from xlcity.cli.result import Result
from xlcity.cli.target import require_folder, write_tables
from xlcity.errors import Problem, UsageError, counted
from xlcity.index.method_options import default_recipe, with_words
from xlcity.model.framework import Framework
from xlcity.model.reading.adopt import adopt, table_rows
from xlcity.model.reading.data import read_table
from xlcity.model.reading.tables import csv_text
from xlcity.model.recipe_toml import recipe_lines

#: Most cells without a value that a note lists.
_LISTED = 12


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="TEAM", help="the team's workbook")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--map", metavar="M", help="where everything is (TOML)")
    what.add_argument("--propose", metavar="M", help="write a proposal of the map to this file")
    parser.add_value(
        "--sheet", "NAME", "the sheet that --propose looks at (default: the likeliest)"
    )
    parser.add_argument("-o", "--out", metavar="FOLDER", help="the folder to write to")


def run(args: argparse.Namespace) -> Result:
    """Adopt the workbook, or propose how."""
    if args.propose:
        return _propose(args)
    if not args.out:
        raise UsageError("--map needs the folder to write to.", "Name it: -o FOLDER.")
    folder = Path(args.out)
    require_folder(folder)
    step("1 of 2: reading the workbook")
    from xlcity.api.map_proposal import misspelt_note
    from xlcity.reports.known_cities import misspelt_cities

    adopted = adopt(args.file, args.map)
    named = {"framework.csv": adopted.framework, "data.csv": adopted.table}
    tables = {name: csv_text(table_rows(table)) for name, table in named.items()}
    step("2 of 2: checking framework and data")
    framework = Framework.from_table(adopted.framework)
    words = {option: [text] for option, text in adopted.methods.items()}
    recipe = with_words(default_recipe(), framework, words)
    if words:
        tables["recipe.toml"] = "\n".join([*recipe_lines(recipe), ""])
    dataset, reading = read_table(adopted.table, framework, None, recipe)
    backups = write_tables(folder, tables)
    cities, indicators = len(dataset.units), len(framework.indicators)
    document = {
        **reading_document(reading),
        "path": str(folder),
        "tables": sorted(tables),
        "units": cities,
        "indicators": indicators,
        "kept": backups,
        "unused": list(adopted.unused),
        "bare": list(adopted.bare),
        "below": list(adopted.below),
    }
    method = f"--recipe {folder / 'recipe.toml'} " if words else ""
    blocks = [
        f"{folder}: {counted(cities, 'city', 'cities')}, {counted(indicators, 'indicator')}",
        f"Next: xlcity new --framework {folder} --data {folder} {method}-o book.xlsx",
    ]
    notes: list[str | Problem] = [*kept_notes(backups)]
    if adopted.unused:
        notes.append(f"Not used: {', '.join(adopted.unused)}.")
    if adopted.bare:
        notes.append(
            f"Rows with nothing but a name: {', '.join(adopted.bare)}. If it is not a city, name "
            "it in skip, or give the table's last row in last."
        )
    names = [unit.name_zh or unit.name_en or unit.id for unit in dataset.units]
    misspelt = misspelt_cities(names)
    document["misspelt"] = {n: misspelt[n] for n in misspelt if n not in adopted.settled}
    notes += [misspelt_note(*pair) for pair in document["misspelt"].items()]
    document["blank"] = [f"{unit} · {framework[code].name_zh}" for unit, code in reading.blanks]
    if reading.blanks:
        notes.append(
            f"Cells without a value: {', '.join(document['blank'][:_LISTED])}. Fill them in, or "
            "write NA where a value is confirmed missing."
        )
    if adopted.below:
        notes.append(f"Rows with values below the last row of the map: {', '.join(adopted.below)}.")
    return Result(document, blocks, notes=[*notes, *reading_notes(reading, unused=False)])


def _choices(target: Path, sheet: str | None) -> dict[str, Any]:
    """Return what an earlier map of that name says of the sheet: it is proposed around."""
    from xlcity.api.map_file import choices_in_map
    from xlcity.model.reading.tables import decode, read_bytes

    chosen = choices_in_map(decode(read_bytes(target), str(target))) if target.is_file() else {}
    return chosen if sheet in (None, chosen.get("sheet")) else {"sheet": sheet}


def _propose(args: argparse.Namespace) -> Result:
    """Write a proposal of the map."""
    from xlcity.api.documents import plain
    from xlcity.api.map_file import map_text, preview
    from xlcity.api.map_proposal import propose_map
    from xlcity.model.reading.adopt import team_sheets
    from xlcity.xlsx.save import require_output, write_output

    target = Path(args.propose)
    require_output(target, [args.file])
    step("1 of 2: reading the workbook")
    sheets = team_sheets(args.file)
    step("2 of 2: looking for headings, cities and indicators")
    proposal = propose_map(sheets, _choices(target, args.sheet))
    read = preview(args.file, sheets, proposal)
    backup = write_output(target, map_text(proposal).encode("utf-8"))
    document = {
        "path": args.propose,
        "kept": backup,
        **plain(proposal),
        **{name: read[name] for name in ("cities", "undirected", "problems")},
    }
    blocks = [
        f"{args.propose}: {counted(read['cities'], 'city', 'cities')}, "
        f"{counted(len(proposal.indicators), 'indicator')}",
        f"Next: xlcity adopt {args.file} --map {args.propose} -o tables",
    ]
    notes = [*kept_notes(backup), *proposal.doubts]
    if read["undirected"]:
        notes.append(
            f"Directions missing: {len(read['undirected'])}. In {args.propose}, replace each "
            '"?" by 1 where larger is better, or -1 where smaller is better.'
        )
    return Result(
        document, blocks, notes=[*notes, *(problem["text"] for problem in read["problems"])]
    )
