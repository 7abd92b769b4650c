"""Put copies of one workbook, filled by several people, together again.

BASE is the workbook that everybody started from. Values, sources, exceptions, comments, remarks,
weights and sheets of one's own are compared by city and indicator, so that sorted sheets and added
cities do no harm. What one hand changed, or several alike, is taken; what they disagree on is
listed, stays as it was (or as in --prefer) and is marked in the workbook with what each hand says.
What people typed beside the inputs is copied as `rebuild` does; what has no place any more, or was
not taken, is listed on the sheet `Leftovers`.
Two people who keyed in the same table from an empty book are compared the same way.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from xlcity.cli.carried import tell_leftovers, told
from xlcity.cli.output import emit
from xlcity.cli.target import require_xlsx, tell_kept
from xlcity.errors import UsageError, XlcityError, counted
from xlcity.workbook.carry.content import Content, read_content
from xlcity.workbook.carry.facts import ABSENT, shown
from xlcity.workbook.carry.merge import Conflict, merge
from xlcity.workbook.carry.rebuild import rebuild
from xlcity.workbook.read import open_template
from xlcity.xlsx.save import require_output, write_output


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("base", metavar="BASE", help="the workbook the copies were made from")
    parser.add_argument("copies", metavar="A", nargs="+", help="the copies")
    parser.add_argument("-o", "--out", metavar="F", required=True, help="the workbook to write")
    parser.add_argument("--prefer", metavar="A", help="the copy whose word counts in a conflict")


def run(args: argparse.Namespace) -> int:
    """Merge the workbooks."""
    names = _short_names(args.copies)
    prefer = None
    if args.prefer is not None:
        if args.prefer not in args.copies:
            raise UsageError(
                f"--prefer names {args.prefer}, which is no copy.", "Name one of the copies."
            )
        prefer = names[args.copies.index(args.prefer)]
    target = Path(args.out)
    require_xlsx(target)
    require_output(target, (args.base, *args.copies))
    base, *copies = _read((args.base, *args.copies))
    merged = merge(base, dict(zip(names, copies, strict=True)), prefer)
    built = rebuild(merged.content)
    kept = write_output(target, built.package)
    tell_kept(kept)
    found = bool(merged.conflicts or built.lost)
    if args.json:
        emit(
            {
                "path": str(target),
                "copies": [
                    {
                        "path": path,
                        "changes": merged.taken[name],
                        "rowless": list(merged.rowless.get(name, ())),
                    }
                    for path, name in zip(args.copies, names, strict=True)
                ],
                "agreed": merged.agreed,
                "conflicts": [_document(conflict) for conflict in merged.conflicts],
                "carried": dict(built.carried),
                "lost": list(built.lost),
                "kept": None if kept is None else str(kept),
                "leftovers": [line.as_dict() for line in built.leftovers],
            }
        )
        return 1 if found else 0
    write = sys.stdout.write
    for name in names:
        write(f"{name}: {counted(merged.taken[name], 'change')}\n")
    for name, units in merged.rowless.items():
        write(f"{name} has no row on Data for {', '.join(units)}: their values stay\n")
    write(f"entered alike by two or more: {counted(merged.agreed, 'value')}\n")
    write(f"{target}: {counted(len(merged.conflicts), 'conflict')}\n")
    for conflict in merged.conflicts:
        said = " | ".join(f"{name}: {shown(value)}" for name, value in conflict.said.items())
        about = " · ".join(str(part) for part in _about(conflict))
        write(f"  {about}: was {shown(conflict.base)}; {said}; kept {shown(conflict.kept)}\n")
    write(f"carried over: {told(built.carried)}\n")
    tell_leftovers(built.leftovers)
    return 1 if found else 0


def _read(paths: tuple[str, ...]) -> list[Content]:
    """Read all workbooks; what is wrong with any of them is told at once."""
    found, problems = [], []
    for path in paths:
        try:
            found.append(read_content(open_template(path)))
        except XlcityError as error:
            problems += list(error.problems)
            kind = type(error)
    if problems:
        raise kind(problems)
    reports = {content.report for content in found}
    if len(reports) > 1:
        raise UsageError(
            f"the workbooks are of different indices: {', '.join(sorted(reports))}.",
            "Merge copies of one workbook.",
        )
    return found


def _short_names(paths: list[str]) -> list[str]:
    """Return file names, with folders where two are alike."""
    stems = [Path(path).stem for path in paths]
    if len(set(stems)) == len(stems):
        return stems
    common = os.path.commonpath([str(Path(p).resolve().parent) for p in paths])
    return [str(Path(path).resolve().relative_to(common)) for path in paths]


def _about(conflict: Conflict) -> list[str]:
    kind, *rest = conflict.key
    parts: list[str] = [kind]
    for part in rest:
        if hasattr(part, "sheet"):
            parts += [p for p in (part.sheet, part.row, part.column) if p]
        elif part != 0:
            parts.append(str(part))
    return parts


def _document(conflict: Conflict) -> dict[str, Any]:
    kind, *rest = conflict.key
    unit, indicator, field = None, None, None
    if kind in ("value", "exception"):
        unit, indicator = rest[0], rest[1]
    elif kind == "unit":
        unit, field = rest
    elif kind in ("node", "ingredient"):
        indicator, field = rest
    elif kind in ("item", "link"):
        indicator, unit = rest[0], "|".join(rest[1:])
    elif kind in ("comment", "look", "cell", "hyperlink"):
        unit, indicator = rest[0].unit or None, rest[0].code or None
    elif kind == "review":
        unit, indicator, field = rest[0] or None, rest[1] or None, rest[-1]
    return {
        "kind": kind,
        "unit": unit,
        "indicator": indicator,
        "field": field,
        "base": _plain(conflict.base),
        "said": {name: _plain(value) for name, value in conflict.said.items()},
        "kept": _plain(conflict.kept),
    }


def _plain(value: Any) -> Any:
    if value is ABSENT:
        return None
    return value if isinstance(value, (str, float, int)) else shown(value)
