"""Make next year's workbook from this year's.

Framework, method, cities with names and aliases, and sources are copied. `Data` is blank.
`LastEdition` has the values, scores and ranks of this edition with their status; published numbers
are kept as published. `Change` compares them with the new values.

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
from collections import Counter
from collections.abc import Iterator

from xlcity.api.remake import RemadeWorkbook, remake_workbook
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
    rolled = remake_workbook(
        args.last,
        args.out,
        edition=args.edition,
        cities=args.cities,
        framework=args.framework,
        mapping=args.map,
    )
    before, spec, built = rolled.before.spec, rolled.content.spec, rolled.built
    last = spec.last
    assert last is not None  # a workbook that was rolled knows it
    cities = {unit.id for unit in spec.dataset.units}
    new_cities = sorted(cities - {unit.id for unit in before.dataset.units})
    statuses = Counter(mapped.status for mapped in last.mapping)
    notes_left = [line for line in built.leftovers if line.what == "comment"]
    document = {
        "path": str(rolled.path),
        "edition": args.edition,
        "last": last.edition,
        "units": len(cities),
        "new_units": new_cities,
        "indicators": {status: statuses[status] for status in STATUSES},
        "mapping": [
            {"status": m.status, "code": m.code, "old": m.old, "note": m.note} for m in last.mapping
        ],
        "last_values": len(last.values),
        "last_ranks": _rank_statuses(last),
        "left_behind": {
            "comments": sum(line.reason == "edition" for line in notes_left),
            "exceptions": len(before.exceptions),
            "closed_remarks": len(before.remarks) - len(spec.remarks),
        },
        **copied_document(built, rolled.kept),
    }
    became = ", ".join(f"{n} {word}" for word in STATUSES if (n := statuses[word]))
    text = (
        f"{rolled.path}: edition {args.edition}, "
        f"{counted(len(cities), 'city', 'cities')} ({len(new_cities)} new), "
        f"indicators: {became}; {_known(last)} of the last edition are known"
    )
    return Result(document, [text], notes=[*_notes(rolled, last)], code=1 if built.lost else 0)


def _rank_statuses(last: LastEdition) -> dict[str, int]:
    """Return how many ranks of the last edition have which status."""
    return dict(Counter(word for (kind, *_), word in last.status.items() if kind == "ranks"))


def _notes(rolled: RemadeWorkbook, last: LastEdition) -> Iterator[str]:
    yield from kept_notes(rolled.kept)
    for word, number in _rank_statuses(last).items():
        if word in ("synthetic", "derived"):
            yield f"{number} previous ranks rest on {word} values. LastEdition marks them."
    yield f"Copied: {copied_text(rolled.built)}."
    yield from copied_notes(rolled.built, rolled.path)


def _known(last: LastEdition) -> str:
    return f"{counted(len(last.values), 'value')}, {counted(len(last.ranks), 'rank')}"
