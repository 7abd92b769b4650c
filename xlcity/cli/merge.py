"""Combine copies of one workbook that several people filled.

BASE is the workbook from which all copies were made. Values, sources, exceptions, comments,
remarks, weights and your own sheets are compared by city and indicator. Sorted sheets and added
cities are not a problem.

A change in one copy, or the same change in several, is accepted. Conflicts are listed and marked in
the workbook with the value of each copy; the old value stays, or that of --prefer. Other entries
are copied as by `rebuild`; what cannot be copied is listed on the sheet `Leftovers`.

Two tables that were keyed in from an empty workbook are compared in the same way.

Examples
--------
xlcity merge base.xlsx li.xlsx wang.xlsx -o merged.xlsx
xlcity merge base.xlsx li.xlsx wang.xlsx --prefer wang.xlsx -o merged.xlsx
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from xlcity.api.remake import merge_workbooks
from xlcity.api.texts import translated
from xlcity.cli.notes import copied_document, copied_notes, copied_text, kept_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.progress import step
from xlcity.cli.result import Result
from xlcity.errors import counted
from xlcity.workbook.migrate.merge import Conflict, Merged


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("base", metavar="BASE", help="the workbook the copies were made from")
    parser.add_argument("copies", metavar="A", nargs="+", help="the copies")
    parser.add_output()
    parser.add_value("--prefer", "A", "the copy that wins in a conflict")


def run(args: argparse.Namespace) -> Result:
    """Merge the workbooks."""
    step("combining the copies")
    done = merge_workbooks(args.base, args.copies, args.out, args.prefer)
    merged = done.merged
    built = merged.built
    copies = [
        {"path": path, "changes": merged.taken[name], "rowless": [*merged.rowless.get(name, ())]}
        for path, name in zip(args.copies, done.names, strict=True)
    ]
    document = {
        "path": str(done.path),
        "copies": copies,
        "agreed": merged.agreed,
        "conflicts": [asdict(conflict) for conflict in merged.conflicts],
        **copied_document(built, done.kept),
    }
    notes = [*kept_notes(done.kept), *copied_notes(built, done.path)]
    code = 1 if merged.conflicts or built.lost else 0
    lines = [*_lines(merged, done.names, done.path), f"copied: {copied_text(built)}"]
    return Result(document, lines, notes=notes, code=code)


def _lines(merged: Merged, names: Sequence[str], path: object) -> Iterator[str]:
    for name in names:
        yield f"{name}: {counted(merged.taken[name], 'change')}"
    for name, units in merged.rowless.items():
        yield f"{name} has no row on Data for {', '.join(units)}: their values stay"
    yield f"entered alike by two or more: {counted(merged.agreed, 'value')}"
    yield f"{path}: {counted(len(merged.conflicts), 'conflict')}"
    for conflict in merged.conflicts:
        values = " | ".join(f"{name}: {_shown(value)}" for name, value in conflict.said.items())
        about = " · ".join(_about(conflict))
        yield f"  {about}: was {_shown(conflict.base)}; {values}; kept {_shown(conflict.kept)}"


def _about(conflict: Conflict) -> list[str]:
    cells = "" if conflict.unit or conflict.indicator else conflict.cells
    parts = (conflict.sheet, conflict.unit, conflict.indicator, conflict.field, cells)
    return [translated(conflict.kind, "conflict"), *(part for part in parts if part)]


def _shown(value: str | float | None) -> str:
    return "—" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)
