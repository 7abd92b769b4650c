"""Make next year's workbook from this year's.

Framework, method, cities with names and aliases, and what is known of sources are carried over;
`Data` is blank; values, scores and ranks of this edition stand on `LastEdition` with the status of
each (as printed where the report printed them), links and lists on `LastLinks` and `LastItems`, and
`Change` compares them with what is filled in. What you typed beside the values is copied as
`rebuild` does; comments, colours and exceptions that belong to old values are listed on the sheet
`Leftovers`.
--cities adds and changes cities, --framework gives the next framework; what became of each
indicator is worked out from codes, definitions and units of measure, or told by --map (columns old,
code, status, note).
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from xlcity.cli.carried import tell_leftovers, told
from xlcity.cli.inputs import read_next_framework
from xlcity.cli.output import emit, talk
from xlcity.cli.target import require_xlsx, tell_kept
from xlcity.errors import counted
from xlcity.index.compute import compute
from xlcity.model.cities_csv import read_units_csv
from xlcity.workbook.carry.content import read_content
from xlcity.workbook.carry.rebuild import rebuild
from xlcity.workbook.carry.roll import read_mapping, roll
from xlcity.workbook.last_edition import STATUSES, LastEdition
from xlcity.workbook.read import open_template
from xlcity.workbook.results import index_of
from xlcity.xlsx.save import require_output, write_output


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
    given = (args.last, args.cities, args.framework, args.map)
    require_output(target, [path for path in given if path])
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
    kept = write_output(target, built.package)
    tell_kept(kept)
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
        "last_ranks": _by_status(rolled.last, "ranks"),
        "last_links": sum(map(len, rolled.last.links.values())),
        "last_items": sum(map(len, rolled.last.items.values())),
        "left_behind": {
            "comments": sum(
                line.what == "comment" and line.reason == "edition" for line in built.leftovers
            ),
            "exceptions": len(content.departures),
            "closed_remarks": len(content.remarks) - len(rolled.remarks),
        },
        "carried": dict(built.carried),
        "lost": list(built.lost),
        "kept": None if kept is None else str(kept),
        "leftovers": [line.as_dict() for line in built.leftovers],
    }
    if args.json:
        emit(document)
        return 1 if built.lost else 0
    said = ", ".join(f"{became[status]} {status}" for status in STATUSES if became[status])
    sys.stdout.write(
        f"{target}: edition {args.edition}, {counted(len(units), 'city', 'cities')} "
        f"({len(set(units) - before)} new), indicators: {said}; "
        f"{_at_hand(rolled.last)} of the last edition at hand\n"
    )
    for word, number in _by_status(rolled.last, "ranks").items():
        if word in ("synthetic", "derived"):
            talk(f"{number} ranks of the last edition rest on {word} values. LastEdition says so.")
    talk(f"Carried over: {told(built.carried)}.")
    tell_leftovers(built.leftovers)
    return 1 if built.lost else 0


def _by_status(last: LastEdition, kind: str) -> dict[str, int]:
    """Return how many numbers of a kind have which status."""
    return dict(Counter(word for (of, *_), word in last.status.items() if of == kind))


def _at_hand(last: LastEdition) -> str:
    found = [counted(len(last.values), "value"), counted(len(last.ranks), "rank")]
    for name in ("links", "items"):
        lines = sum(map(len, getattr(last, name).values()))
        if lines:
            found.append(counted(lines, name.removesuffix("s")))
    return ", ".join(found)
