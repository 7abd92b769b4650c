"""Show where a number comes from: every step down to the typed values and their sources.

Examples
--------
xlcity trace image.xlsx Index!AC20
xlcity trace image.xlsx Beijing IMG_COM
xlcity trace image.xlsx Index!AC20 --html why.html --verify
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from xlcity.audit.trace.steps import TraceInput, TraceStep
from xlcity.audit.trace.trace import Trace, shown_value, trace, unfolded_trace
from xlcity.cli.notes import kept_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.errors import CellError, CellValue, UsageError, doubt_text
from xlcity.xlsx.save import require_output, write_output

#: Steps shown at a terminal, and how deep, unless --depth says otherwise.
SHOWN, DEPTH = 400, 12
#: Members of a range shown at a terminal.
MEMBERS = 3


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="any workbook")
    parser.add_argument(
        "cell",
        metavar="SHEET!CELL|CITY",
        help="a cell, a name of one cell, or a city of a template: id, name or alias",
    )
    parser.add_argument(
        "node", metavar="NODE", nargs="?", default="", help="code of the city's score (the total)"
    )
    parser.add_argument("--depth", type=int, metavar="N", help="follow N steps (default: all)")
    parser.add_value("--html", "OUT", "write one page for a browser")
    parser.add_flag(
        "--verify", "compute the cell again from its inputs alone; exit 1 if it differs"
    )


def run(args: argparse.Namespace) -> Result:
    """Trace."""
    if args.depth is not None and args.depth < 0:
        raise UsageError("--depth must be 0 or more.", "It is a number of steps.")
    if args.html:
        require_output(Path(args.html), [args.file])
    as_json = "json" in args
    if as_json or args.html or args.verify or args.depth is not None:
        traced = trace(args.file, args.cell, args.depth, node=args.node)
    else:
        traced = unfolded_trace(args.file, args.cell, node=args.node)
    document = traced.as_dict() if as_json else {}
    notes: list[str] = []
    code, again = 0, None
    if args.verify:
        from xlcity.audit.trace.recompute import recompute
        from xlcity.recalc.compare import agree

        again, unverified = recompute(traced)
        same = agree(traced.steps[traced.root].value, again)
        document |= {"recomputed": again, "agrees": same, "unverified": unverified}
        word, code = ("agrees", 0) if same else ("DIFFERS", 1)
        notes = [f"computed again from {len(traced.leaves)} inputs: {_plain(again)} ({word})"]
        if unverified:
            notes.append(doubt_text(unverified))
    if args.html:
        from xlcity.audit.trace.html import LARGEST, trace_page

        page = trace_page(
            traced,
            None if again is None else _plain(again),
            largest=LARGEST if args.depth is None else None,
        )
        backup = write_output(Path(args.html), page.html.encode("utf-8"))
        notes = [*kept_notes(backup), f"{args.html}: {len(traced.steps)} steps", *notes]
        if page.depth is not None:
            document["depth"] = page.depth
            notes.append(
                f"{args.html} was cut at depth {page.depth} to stay under 1 MB; "
                f"--depth {page.whole} shows all."
            )
        return Result(document, notes=notes, code=code)
    depth = DEPTH if args.depth is None else args.depth
    return Result(document, _lines(traced, depth), notes=notes, code=code)


def _plain(value: CellValue) -> float | str:
    if isinstance(value, (bool, CellError)) or value is None:
        return "" if value is None else str(value)
    return value


def _lines(traced: Trace, depth: int) -> Iterator[str]:
    walk = _walk(traced, TraceInput(traced.root, "value"), depth, 0, set())
    lines = [*islice(walk, SHOWN + 1)]
    yield from lines[:SHOWN]
    if len(lines) > SHOWN:
        yield "… more; --json or --html shows all."
    step = traced.steps[traced.root]
    if step.formula:
        yield f"={step.formula}"


def _walk(traced: Trace, read: TraceInput, depth: int, level: int, seen: set[str]) -> Iterator[str]:
    """Yield a step and those below it; what was shown before is not repeated."""
    step = traced.steps[read.key]
    again = step.key in seen and bool(step.inputs)
    summary = traced.summaries.of(step)
    bracketed = f" ({summary.text(shown_value(step.value))})" if summary else ""
    yield "  " * level + _line(step) + bracketed + (" …" if again else "")
    if again or level >= depth or (summary and level):
        return
    seen.add(step.key)
    inputs = [item for item in step.inputs if item.role == "value"]
    members = inputs[:MEMBERS] if step.kind == "range" else inputs
    for item in members:
        yield from _walk(traced, item, depth, level + 1, seen)
    if len(members) < len(inputs):
        yield f"{'  ' * (level + 1)}… {len(inputs) - len(members)} more"


def _line(step: TraceStep) -> str:
    value = "" if step.kind == "range" else f" = {shown_value(step.value)}"
    if step.arithmetic:
        value += f" = {step.arithmetic}"
    marks = f" ({', '.join(step.description.marks)})" if step.description.marks else ""
    source = step.description.source or {}
    words = [source[k] for k in ("source", "source_zh", "period", "year") if k in source]
    origin = f" ← {', '.join(dict.fromkeys(words))}" if words else ""
    return f"{step.description.label}{value}  [{step.key}]{marks}{origin}"
