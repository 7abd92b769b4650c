"""Remake a template workbook from its own framework, recipe and data.

For a framework that has grown: type a new indicator directly below the tree on `Framework` (or
insert its row) and its code beside the last one on `Data`, or give a changed framework, recipe,
list of cities or more data here. Values, comments, colours, sources and sheets of your own come
along, each to the city and indicator that it belonged to.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from xlcity.cli.inputs import read_next_framework, tell_notes
from xlcity.cli.output import emit, talk
from xlcity.cli.target import require_other, require_xlsx, write_workbook
from xlcity.errors import counted
from xlcity.index.compute import compute
from xlcity.model.cities_csv import read_units_csv
from xlcity.model.data_reader import Notes, overlay, read_dataset
from xlcity.model.recipe_toml import read_recipe
from xlcity.workbook.carry.content import read_content
from xlcity.workbook.carry.rebuild import rebuild, with_framework, with_units
from xlcity.workbook.read import open_template
from xlcity.xlsx.save import require_unlocked, save


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
    parser.add_argument("--no-backup", action="store_true", help="with --in-place, keep no .bak")


def run(args: argparse.Namespace) -> int:
    """Rebuild the workbook."""
    source = Path(args.file)
    target = source if args.in_place else Path(args.out)
    if not args.in_place:
        require_other(target, [source], "Name another file, or say --in-place.")
    require_xlsx(target)
    require_unlocked(target)
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
    if args.in_place:
        save(built.package, template.package, source, target, backup=not args.no_backup)
    else:
        write_workbook(target, built.package)
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
        "converted": [conversion.as_dict() for conversion in notes.converted],
    }
    if args.json:
        emit(document)
        return 1 if built.lost else 0
    came = built.carried
    sys.stdout.write(
        f"{target}: {counted(len(built.sheets), 'sheet')}, "
        f"{counted(len(content.dataset.units), 'city', 'cities')}, "
        f"{len(content.framework.indicators)} indicators; carried over: "
        f"{counted(came['comments'], 'comment')}, {counted(came['fills'], 'coloured cell')}, "
        f"{counted(came['pages'], 'sheet')} of your own, "
        f"{counted(came['exceptions'], 'line')} on sources\n"
    )
    for line in built.lost:
        talk(f"Had nowhere to go: {line}.")
    tell_notes(notes)
    return 1 if built.lost else 0
