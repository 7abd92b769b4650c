"""Show where a number comes from: every step down to the typed values and their sources.

Examples
--------
xlcity trace image.xlsx Index!AC20
xlcity trace image.xlsx Beijing IMG_COM
xlcity trace image.xlsx Index!AC20 --html why.html
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from xlcity.api.texts import language, translated
from xlcity.audit.trace.steps import TraceInput, TraceStep
from xlcity.audit.trace.trace import Trace, shown_value, trace
from xlcity.cli.notes import kept_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.errors import UsageError
from xlcity.xlsx.save import require_output, write_output

#: Steps shown at a terminal, and how many are followed unless --depth says otherwise.
SHOWN, DEPTH = 400, 3
#: Members of a longer range shown at a terminal; shorter ones are shown in place of the range.
MEMBERS, SHORT = 3, 12


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
    parser.add_argument(
        "--depth", type=int, metavar="N", help="follow N steps (default: 3; in files: all)"
    )
    parser.add_value("--html", "OUT", "write one page for a browser")


def run(args: argparse.Namespace) -> Result:
    """Trace."""
    if args.depth is not None and args.depth < 0:
        raise UsageError("--depth must be 0 or more.", "It is a number of steps.")
    if args.html:
        require_output(Path(args.html), [args.file])
    as_json = "json" in args
    depth = DEPTH if args.depth is None and not (as_json or args.html) else args.depth
    traced = trace(args.file, args.cell, depth, node=args.node)
    document = traced.as_dict() if as_json else {}
    notes: list[str] = []
    if args.html:
        from xlcity.audit.trace.html import trace_page

        backup = write_output(Path(args.html), trace_page(traced).encode("utf-8"))
        notes = [f"{args.html}: {len(traced.steps)} steps", *kept_notes(backup)]
    return Result(document, _lines(traced), notes=notes)


def _lines(traced: Trace) -> Iterator[str]:
    walk = _walk(traced, TraceInput(traced.root, "value"), 0, set())
    lines = [*islice(walk, SHOWN + 1)]
    yield from lines[:SHOWN]
    if len(lines) > SHOWN:
        yield "… more; --json or --html shows all."
    step = traced.steps[traced.root]
    if step.formula:
        yield f"={step.formula}"


def _walk(traced: Trace, read: TraceInput, level: int, seen: set[str]) -> Iterator[str]:
    """Yield a step and those below it; what was shown before is not repeated."""
    step = traced.steps[read.key]
    again = step.key in seen and bool(step.inputs)
    summary = traced.summaries.of(step)
    inputs = [item for item in step.inputs if item.role == "value"]
    if step.kind == "range" and level and len(inputs) <= SHORT and not again:
        seen.add(step.key)
        for item in inputs:
            yield from _walk(traced, item, level, seen)
        return
    shown = shown_value(step.value)
    bracketed = f" ({summary.text(shown, language() != 'zh')})" if summary else ""
    ellipsis = " …" if again or step.key in traced.cut else ""
    yield "  " * level + _line(step) + bracketed + ellipsis
    if again or (summary and level):
        return
    seen.add(step.key)
    members = inputs[:MEMBERS] if step.kind == "range" else inputs
    for item in members:
        yield from _walk(traced, item, level + 1, seen)
    if len(members) < len(inputs):
        yield f"{'  ' * (level + 1)}… {len(inputs) - len(members)} more"


def _line(step: TraceStep) -> str:
    about, index = step.description, int(language() != "zh")
    value = "" if step.kind == "range" else f" = {shown_value(step.value)}"
    if step.arithmetic:
        value += f" = {step.arithmetic}"
    words = ", ".join(translated(mark, "mark") for mark in about.marks)
    marks = f" ({words})" if words else ""
    source = about.source or {}
    names = ("source", "source_zh") if index else ("source_zh", "source")
    origins = [next((source[name] for name in names if name in source), "")]
    origins += [source[key] for key in ("period", "year") if key in source]
    origin = ", ".join(dict.fromkeys(filter(None, origins)))
    return f"{about.labels[index]}{value}  [{step.key}]{marks}{f' ← {origin}' if origin else ''}"
