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
from typing import Any

from xlcity.api.remake import remake_workbook
from xlcity.api.texts import translated
from xlcity.cli.notes import copied_document, copied_notes, copied_text, kept_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.progress import step
from xlcity.cli.result import Result
from xlcity.errors import counted
from xlcity.workbook.migrate.cell_keys import Anchor, value_anchor
from xlcity.workbook.migrate.content import Content
from xlcity.workbook.migrate.describe import with_title
from xlcity.workbook.migrate.merge import Conflict, Merged
from xlcity.workbook.migrate.user_edits import ABSENT, UserRule, leftover_of, shown
from xlcity.xlsx.address import cell_name


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("base", metavar="BASE", help="the workbook the copies were made from")
    parser.add_argument("copies", metavar="A", nargs="+", help="the copies")
    parser.add_output()
    parser.add_value("--prefer", "A", "the copy that wins in a conflict")


def run(args: argparse.Namespace) -> Result:
    """Merge the workbooks."""
    step("combining the copies")
    done = remake_workbook(args.base, args.out, copies=args.copies, prefer=args.prefer)
    merged, built = done.merged, done.built
    assert merged is not None  # there are copies
    copies = [
        {"path": path, "changes": merged.taken[name], "rowless": [*merged.rowless.get(name, ())]}
        for path, name in zip(args.copies, done.names, strict=True)
    ]
    document = {
        "path": str(done.path),
        "copies": copies,
        "agreed": merged.agreed,
        "conflicts": [_document(conflict, merged.content) for conflict in merged.conflicts],
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
        values = " | ".join(f"{name}: {shown(value)}" for name, value in conflict.by_copy.items())
        about = " · ".join(_about(conflict))
        yield f"  {about}: was {shown(conflict.base)}; {values}; kept {shown(conflict.chosen)}"


def _about(conflict: Conflict) -> list[str]:
    kind, *rest = conflict.key
    if kind in ("rule", "merged"):
        values = (conflict.base, *conflict.by_copy.values())
        own = next(value for value in values if isinstance(value, UserRule))
        return [own.rule.kind, own.sheet, own.cells]
    parts: list[str] = [translated(kind, "conflict")]
    for part in rest:
        if hasattr(part, "sheet"):
            parts += [p for p in (part.sheet, part.row, part.column) if p]
        elif part != 0:
            parts.append(str(part))
    return parts


def _document(conflict: Conflict, content: Content) -> dict[str, Any]:
    kind, *rest = conflict.key
    values = (conflict.base, *conflict.by_copy.values())
    line = leftover_of(conflict.key, next(v for v in values if v is not ABSENT), "conflict")
    unit, indicator, field = line.unit or None, line.code or None, None
    if kind in ("item", "link"):
        unit = "|".join(rest[1:])
    elif kind in ("node", "ingredient", "review", "change", "setting"):
        field = rest[-1]
    elif kind == "unit":
        indicator, field = None, rest[1]
    elif kind == "line":
        field = " ".join(map(str, rest[1:3]))
    anchor = rest[0] if rest else None
    if kind == "value":
        anchor = value_anchor(rest[0], rest[1], content.tab_language)
    home = content.edits.home
    position = home.find(anchor) if home is not None and isinstance(anchor, Anchor) else None
    return {
        "kind": kind,
        "sheet": with_title(line, content).sheet or None,
        "cells": line.cell or (cell_name(*position) if position else None),
        "unit": unit,
        "indicator": indicator,
        "field": field,
        "base": _plain(conflict.base),
        "said": {name: _plain(value) for name, value in conflict.by_copy.items()},
        "kept": _plain(conflict.chosen),
    }


def _plain(value: Any) -> Any:
    if value is ABSENT:
        return None
    return value if isinstance(value, (str, float, int)) else shown(value)
