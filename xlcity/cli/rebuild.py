"""Remake a template workbook from its own framework, recipe and data.

For a framework that has grown: type a new indicator directly below the tree on `Framework` (or
insert its row) and its code beside the last one on `Data`, or give a changed framework, recipe,
list of cities or more data here. All that you typed is copied, each thing to the city and indicator
that it belonged to: values and formulas, columns and notes beside the tables, comments, formats,
rules, hidden rows, sources, sheets of your own. What has no place any more is listed on the sheet
`Leftovers` with its old address.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from xlcity.cli.carried import tell_leftovers, told
from xlcity.cli.inputs import read_next_framework, tell_notes
from xlcity.cli.output import emit
from xlcity.cli.target import require_xlsx, tell_kept
from xlcity.errors import counted
from xlcity.index.compute import compute
from xlcity.model.cities_csv import read_units_csv
from xlcity.model.data_reader import Notes, overlay, read_dataset
from xlcity.model.recipe_toml import read_recipe
from xlcity.workbook.carry.content import read_content
from xlcity.workbook.carry.rebuild import rebuild, with_framework, with_units
from xlcity.workbook.read import open_template
from xlcity.xlsx.save import require_output, save


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="the template workbook")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("-o", "--out", metavar="F2", help="write to this file")
    where.add_argument("--in-place", action="store_true", help="overwrite; the old file stays .bak")
    parser.add_argument("--framework", metavar="T", help="take this framework (CSV, folder, xlsx)")
    parser.add_argument("--recipe", metavar="R", help="take this method (TOML)")
    parser.add_argument("--cities", metavar="C", help="add or change these cities (CSV)")
    parser.add_argument("--data", metavar="D", help="fill in these values (CSV, folder or xlsx)")
    parser.add_argument("--no-backup", action="store_true", help="keep no .bak of what is replaced")


def run(args: argparse.Namespace) -> int:
    """Rebuild the workbook."""
    source = Path(args.file)
    target = source if args.in_place else Path(args.out)
    require_xlsx(target)
    given = (args.framework, args.recipe, args.cities, args.data)
    read = [*(path for path in given if path), *([] if args.in_place else [source])]
    require_output(target, read, "Name another file, or say --in-place.")
    template = open_template(source, grown=not args.framework)
    content = read_content(template)
    if args.framework:
        content = with_framework(content, read_next_framework(args.framework, content.framework))
    if args.recipe:
        content = replace(content, recipe=read_recipe(args.recipe))
    if args.cities:
        units = {unit.id: unit for unit in content.dataset.units}
        units |= {unit.id: unit for unit in read_units_csv(args.cities)}
        content = with_units(content, tuple(units.values()))
    notes = Notes()
    if args.data:
        _, notes = read_dataset(args.data, content.framework, content.dataset.units, content.recipe)
        content = replace(content, dataset=overlay(content.dataset, notes.cells))
    # What the index refuses, such as shares that do not sum to 1, is refused before building.
    compute(content.framework, content.recipe, content.dataset)
    built = rebuild(content)
    backup = not args.no_backup
    _, kept = save(built.package, template.package, source, target, backup=backup)
    tell_kept(kept)
    before = set(template.drawn_codes)
    after = [node.code for node in content.framework.nodes]
    document = {
        "path": str(target),
        "sheets": list(built.sheets),
        "units": len(content.dataset.units),
        "added": [code for code in after if code not in before],
        "dropped": sorted(before - set(after)),
        "carried": dict(built.carried),
        "lost": list(built.lost),
        "leftovers": [line.as_dict() for line in built.leftovers],
        "converted": [conversion.as_dict() for conversion in notes.converted],
        "kept": None if kept is None else str(kept),
    }
    if args.json:
        emit(document)
        return 1 if built.lost else 0
    sys.stdout.write(
        f"{target}: {counted(len(built.sheets), 'sheet')}, "
        f"{counted(len(content.dataset.units), 'city', 'cities')}, "
        f"{len(content.framework.indicators)} indicators; carried over: {told(built.carried)}\n"
    )
    tell_leftovers(built.leftovers)
    tell_notes(notes)
    return 1 if built.lost else 0
