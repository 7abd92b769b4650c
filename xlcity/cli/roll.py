"""Make next year's workbook from this year's.

Framework, method, cities with names and aliases, and sources are copied. `Data` is blank.
`LastEdition` has the values, scores and ranks of this edition with their status; published numbers
are kept as published. `LastLinks` and `LastItems` have its links and lists. `Change` compares them
with the new values.

Other entries are copied as by `rebuild`. Comments, colours and exceptions of old values are listed
on the sheet `Leftovers`.

--cities adds and changes cities, --framework gives the next framework. Indicators are matched by
code, definition and unit of measure, or by --map (columns old, code, status, note).

Examples
--------
xlcity roll image2025.xlsx --edition 2026 -o image2026.xlsx
xlcity roll image2025.xlsx --edition 2026 --framework next.csv --map map.csv -o image2026.xlsx
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from xlcity.api.remake import RolledWorkbook, roll_workbook
from xlcity.cli.notes import copied_document, copied_notes, copied_text, kept_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.progress import step
from xlcity.cli.result import Result
from xlcity.errors import counted
from xlcity.workbook.spec.previous_edition import STATUSES, LastEdition


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("last", metavar="LAST", help="this year's workbook")
    parser.add_argument("--edition", metavar="N", required=True, help="name of the next edition")
    parser.add_output()
    parser.add_value("--cities", "C", "add or change these cities (CSV)")
    parser.add_value("--framework", "T", "the next framework (CSV, folder, xlsx)")
    parser.add_value("--map", "M", "what became of indicators (CSV)")


def run(args: argparse.Namespace) -> Result:
    """Roll the workbook to the next edition."""
    step("computing the new edition")
    rolled = roll_workbook(
        args.last,
        Path(args.out),
        args.edition,
        cities=args.cities,
        framework=args.framework,
        mapping=args.map,
    )
    last, built = rolled.last, rolled.built
    document = {
        "path": str(rolled.path),
        "edition": args.edition,
        "last": last.edition,
        "units": len(rolled.cities),
        "new_units": list(rolled.new_cities),
        "indicators": {status: rolled.statuses[status] for status in STATUSES},
        "mapping": [
            {"status": m.status, "code": m.code, "old": m.old, "note": m.note} for m in last.mapping
        ],
        "last_values": len(last.values),
        "last_ranks": rolled.rank_statuses,
        "last_links": sum(map(len, last.links.values())),
        "last_items": sum(map(len, last.items.values())),
        "left_behind": dict(rolled.left_behind),
        **copied_document(built, rolled.kept),
    }
    became = ", ".join(f"{n} {word}" for word in STATUSES if (n := rolled.statuses[word]))
    text = (
        f"{rolled.path}: edition {args.edition}, "
        f"{counted(len(rolled.cities), 'city', 'cities')} ({len(rolled.new_cities)} new), "
        f"indicators: {became}; {_known(last)} of the last edition are known"
    )
    return Result(document, [text], notes=[*_notes(rolled)], code=1 if built.lost else 0)


def _notes(rolled: RolledWorkbook) -> Iterator[str]:
    yield from kept_notes(rolled.kept)
    for word, number in rolled.rank_statuses.items():
        if word in ("synthetic", "derived"):
            yield f"{number} previous ranks rest on {word} values. LastEdition marks them."
    yield f"Copied: {copied_text(rolled.built)}."
    yield from copied_notes(rolled.built, rolled.path)


def _known(last: LastEdition) -> str:
    counts = [counted(len(last.values), "value"), counted(len(last.ranks), "rank")]
    for name in ("links", "items"):
        lines = sum(map(len, getattr(last, name).values()))
        if lines:
            counts.append(counted(lines, name.removesuffix("s")))
    return ", ".join(counts)
