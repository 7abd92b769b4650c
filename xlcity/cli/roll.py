"""Make next year's workbook from this year's.

Framework, method, cities with names and aliases, and what is known of sources are carried over;
`Data` is blank; values, scores and ranks of this edition stand on `LastEdition`, and `Change`
compares them with what is filled in. --cities adds and changes cities, --framework gives the next
framework; what became of each indicator is worked out from codes, definitions and units of
measure, or told by --map (columns old, code, status, note).
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from xlcity.cli.inputs import read_next_framework
from xlcity.cli.output import emit, talk
from xlcity.cli.target import require_other, require_xlsx, write_workbook
from xlcity.errors import counted
from xlcity.index.compute import compute
from xlcity.model.cities_csv import read_units_csv
from xlcity.workbook.carry.content import read_content
from xlcity.workbook.carry.rebuild import rebuild
from xlcity.workbook.carry.roll import read_mapping, roll
from xlcity.workbook.last_edition import STATUSES
from xlcity.workbook.read import open_template
from xlcity.workbook.results import index_of
from xlcity.xlsx.save import require_unlocked


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("last", metavar="LAST", help="this year's workbook")
    parser.add_argument("--edition", metavar="N", required=True, help="what the next one is called")
    parser.add_argument("-o", "--out", metavar="F", required=True, help="the workbook to write")
    parser.add_argument("--cities", metavar="C", help="add or change these cities (CSV)")
    parser.add_argument("--framework", metavar="T", help="the next framework (CSV, folder, xlsx)")
    parser.add_argument("--map", metavar="M", help="what became of indicators (CSV)")


def run(args: argparse.Namespace) -> int:
    """Roll the workbook on."""
    target = Path(args.out)
    require_xlsx(target)
    require_other(target, [args.last])
    require_unlocked(target)
    template = open_template(args.last)
    content = read_content(template)
    units = {unit.id: unit for unit in content.dataset.units}
    before = set(units)
    if args.cities:
        units |= {unit.id: unit for unit in read_units_csv(args.cities)}
    framework = read_next_framework(args.framework, content.framework) if args.framework else None
    mapping = read_mapping(args.map) if args.map else ()
    rolled = roll(
        content, index_of(template), args.edition, framework, tuple(units.values()), mapping
    )
    compute(rolled.framework, rolled.recipe, rolled.dataset)
    built = rebuild(rolled)
    write_workbook(target, built.package)
    assert rolled.last is not None
    became = Counter(mapped.status for mapped in rolled.last.mapping)
    document = {
        "path": str(target),
        "edition": args.edition,
        "last": rolled.last.edition,
        "units": len(units),
        "new_units": sorted(set(units) - before),
        "indicators": {status: became[status] for status in STATUSES},
        "mapping": [
            {"status": m.status, "code": m.code, "old": m.old, "note": m.note}
            for m in rolled.last.mapping
        ],
        "last_values": len(rolled.last.values),
        "left_behind": {
            "comments": len(content.comments),
            "exceptions": len(content.departures),
            "closed_remarks": len(content.remarks) - len(rolled.remarks),
        },
        "lost": list(built.lost),
    }
    if args.json:
        emit(document)
        return 1 if built.lost else 0
    said = ", ".join(f"{became[status]} {status}" for status in STATUSES if became[status])
    sys.stdout.write(
        f"{target}: edition {args.edition}, {counted(len(units), 'city', 'cities')} "
        f"({len(set(units) - before)} new), indicators: {said}; "
        f"{len(rolled.last.values)} values of the last edition at hand\n"
    )
    if content.comments or content.departures:
        talk(
            f"{counted(len(content.comments), 'comment')} and "
            f"{counted(len(content.departures), 'exception')} belong to the old values and stay in "
            f"{args.last}."
        )
    for line in built.lost:
        talk(f"Had nowhere to go: {line}.")
    return 1 if built.lost else 0
